#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our module in FRR's bgpd, where a route is more than a prefix of one neighbour: several paths of a prefix (RFC 7911), in and
out; views and VRFs, one of which is taken away while a difference is walked; labelled, multicast and VPN routes; IPv4 over IPv6
next hops (RFC 8950); neighbours that come by themselves and neighbours of an interface. Each path is judged by itself, and
after a change those that it names are judged again, counted. Expected is RFC 6811 by looking up every length above a route."""

import copy
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, equal, main

US, PEER, OTHER, MONITOR = 65540, 65541, 65542, 65543
STATES = {tag: state for state, tag in frr_module.TAGS.items()}
STRICT = ["route-map STRICT deny 1", " match rpki invalid", "exit", "route-map STRICT permit 2", "exit"]


class Router(hosts.Bgpd):
    """bgpd with a whole configuration, and data of a file that is read again at a word. zebra: with one, "namespaces":
    each other network namespace of the lab is a VRF to it."""

    def __init__(self, host, folder, name, vrps, aspas=(), zebra=""):
        super().__init__(host, folder, US, frr_module.OURS, name)
        self.data, self.vrps, self.aspas, self.kind = os.path.join(self.folder, "data.json"), set(vrps), set(aspas), zebra
        lab.write_json(self.data, self.vrps, self.aspas)

    def with_zebra(self):
        if not self.kind:
            return super().with_zebra()
        if self.ROOT and self.kind == "namespaces":  # where the other release's zebra looks for namespaces
            os.makedirs(self.ROOT + "/run/netns", exist_ok=True)
            lab.run("mount", "--rbind", "/run/netns", self.ROOT + "/run/netns")
        path = os.path.join(self.folder, "zserv.api")
        with open(os.path.join(self.folder, "zebra.conf"), "w") as file:
            file.write("hostname zebra\n")
        os.chmod(self.folder, 0o777)  # it changes its user
        self.zebra = self.host.start(self.folder, "zebra", *self.inside(), "/usr/lib/frr/zebra", *(["-n"] if self.kind == "namespaces" else []), "-P", "0", "-f", file.name, "-i",
                                     os.path.join(self.folder, "zebra.pid"), "--vty_socket", self.folder, "-z", path)
        if not lab.until(lambda: os.path.exists(path), 10, 0.02):
            raise RuntimeError("no zebra: " + self.zebra.said())
        return ["-n", "-z", path]

    def up(self, *lines):
        with open(self.conf, "w") as file:
            file.write("\n".join(["hostname frr", "log file %s/bgpd.log" % self.folder, "manrs", " file " + self.data, " refresh-interval 1", "exit",
                                  *frr_module.TAG, *STRICT, "bgp route-map delay-timer 0", *lines]) + "\n")
        self.start()
        comes("the data", lambda: self.numbers()["vrps"] == len(self.vrps), 10)
        return self

    def listens_on(self):
        return [] if self.kind else super().listens_on()

    def numbers(self):
        return self.json("show manrs json")

    def become(self, add=(), remove=(), aspas=None):
        """Other data. returns: how many routes were judged again, and advertised again, for it."""
        before = self.numbers()
        self.vrps = (self.vrps | set(add)) - set(remove)
        self.aspas = self.aspas if aspas is None else set(aspas)
        lab.write_json(self.data, self.vrps, self.aspas)
        self.ask("manrs reload")
        good = lab.until(lambda: self.numbers()["commits"] > before["commits"] and not self.numbers()["busy"], 30, 0.01)
        after = self.numbers()
        check("the data is taken", good, after)
        return after["reprocessed"] - before["reprocessed"], after["advertised"] - before["advertised"]

    def paths(self, prefix, where="", safi="unicast"):
        """Each path of a prefix: {(last AS, neighbour): its state as tagged}"""
        family = "ipv6" if ":" in prefix else "ipv4"
        found = self.json("show bgp %s %s %s %s json" % (where, family, safi, prefix)).get("paths", [])
        return {((path["aspath"]["string"].split() or [""])[-1], path["peer"].get("peerId", "")): tag(path.get("community", {}).get("string", "")) for path in found}


def tag(communities):
    return next((STATES[word] for word in communities.split() if word in STATES), "")


def session(host, asn, *families, add=()):
    """Lines of `router bgp` for a neighbour; families: (words, route map or "", more...)."""
    lines = [" neighbor %s remote-as %d" % (host, asn), " neighbor %s passive" % host, " neighbor %s disable-connected-check" % host,
             " no neighbor %s enforce-first-as" % host, " neighbor %s advertisement-interval 0" % host, *(" neighbor %s %s" % (host, more) for more in add)]
    for words, into, *more in families:
        lines += [" address-family " + words, "  neighbor %s activate" % host, "  neighbor %s send-community all" % host]
        lines += ["  neighbor %s route-map %s in" % (host, into)] if into else []
        lines += ["  neighbor %s %s" % (host, word) for word in more] + [" exit-address-family"]
    return lines


def bgp(words="", *lines):
    number = int.from_bytes(words.encode()[-3:], "big") or 1
    return ["router bgp %d%s" % (US, words and " " + words), " bgp router-id 10.99.0.%d" % (number % 200 + 20), " no bgp ebgp-requires-policy",
            " no bgp default ipv4-unicast", " no bgp reject-as-sets", *lines, "exit"]


BOTH = ("ipv4 unicast", "ipv6 unicast")
KEPT = "soft-reconfiguration inbound"


def state(vrps, prefix, asn):
    return script.judge(script.index(vrps), prefix, asn)


# ---- several paths of a prefix ----


def several_paths(folder):
    """Four paths of each of 60 prefixes from one neighbour: its AS and four origins, one of them right, or longer than it may be;
    the ASPA of one AS names the paths that it is in, and those alone."""
    net = hosts.Hosts("router", "peer", "strict", "monitor", "plain")
    prefixes = ["20.%d.0.0/16" % n for n in range(30)] + ["2a00:%x::/32" % n for n in range(1, 31)]
    # the prefix whose number is 1 in 5 is known to nobody; the neighbour behind, 64510 + k, is in a path in three of each four
    vrps = {(p, 16 if "." in p else 32, 64500 + n % 4) for n, p in enumerate(prefixes) if n % 5}
    routes = {}
    for prefix in prefixes:
        for k in range(4):
            routes[prefix, k + 1] = [64510 + k, 64500 + k]
    bgpd = Router(net["router"], folder, "paths", vrps)
    lines = []
    for name, asn, into in (("peer", PEER, "TAG"), ("strict", OTHER, "STRICT"), ("monitor", MONITOR, ""), ("plain", 65544, "")):
        more = [KEPT] + (["addpath-tx-all-paths"] if name == "monitor" else [])
        lines += session(net[name].address, asn, *((words, into, *more) for words in BOTH), add=["manrs role customer"] if name == "peer" else [])
    bgpd.up(*bgp("", *lines))
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, "--add-path", name="monitor")
    plain = hosts.Speaker(net["plain"], folder, bgpd.host.address, 65544, name="plain")
    peer = hosts.Speaker(net["peer"], folder, bgpd.host.address, PEER, "--add-path", name="peer")
    strict = hosts.Speaker(net["strict"], folder, bgpd.host.address, OTHER, "--add-path", name="strict")
    for speaker in (monitor, plain, peer, strict):
        check("a session", speaker.wait("up", 10), speaker.seen)
    for speaker, asn in ((peer, PEER), (strict, OTHER)):
        speaker.announce([("%s#%d" % where, " ".join(map(str, [asn, *path]))) for where, path in routes.items()])

    def wanted():
        """Of the monitor: (prefix, path) -> state; what STRICT lets in has none."""
        index = script.index(bgpd.vrps)
        found = {}
        for (prefix, _), path in routes.items():
            now = script.judge(index, prefix, path[-1])
            found[prefix, "%d %d %d %d" % (US, PEER, *path)] = now
            if now != "invalid":
                found[prefix, "%d %d %d %d" % (US, OTHER, *path)] = ""
        return found

    def held():
        return {(prefix.split("#")[0], route[0]): tag(route[1]) for prefix, route in monitor.heard().items()}

    comes("each path of a prefix is judged by itself", lambda: held() == wanted(), 20)
    equal("each path", held(), wanted())
    one, six = prefixes[1], prefixes[31]
    for what, add, remove, named in (("a VRP comes", {(one, 16, 64503)}, set(), [one]), ("and goes", set(), {(one, 16, 64503)}, [one]),
                                     ("one of IPv6 too", {(six, 32, 64502)}, {(six, 32, 64500 + 31 % 4)}, [six]),
                                     ("AS0 above ten", {("20.0.0.0/12", 12, 0)}, set(), prefixes[:16])):
        again, _ = bgpd.become(add, remove)
        equal("%s: as many paths are judged again as there are of what it names" % what, {again}, {8 * len(named)})
        comes(what + ": the states", lambda: held() == wanted(), 10)
        equal(what + ": each", held(), wanted())
    again, _ = bgpd.become(aspas={(64511, (1,)), (64502, (2, 3))})
    equal("ASPAs of two: the paths that they are in are judged again", {again}, {sum(8 // 4 for path in routes.values() if 64511 in path or 64502 in path)})
    seen = plain.heard()
    check("who hears one path hears the best", set(seen) == set(prefixes), len(seen))
    peer.withdraw("%s#%d" % (one, k) for k in (1, 3))
    del routes[one, 1], routes[one, 3]
    comes("paths that are withdrawn", lambda: len([1 for prefix, path in held() if prefix == one and path.split()[1] == str(PEER)]) == 2, 10)
    again, _ = bgpd.become({(one, 16, 64503)})
    equal("two paths less", {again}, {6})
    outward(bgpd, net, lambda index=None: wanted() if index else held(), prefixes)
    for speaker in (monitor, plain, peer, strict):
        speaker.stop()
    check("bgpd ends when it is told", bgpd.stop())


def outward(bgpd, net, held, prefixes):
    """On the way out to a neighbour of all paths each is judged by who sent it: what a provider sent is not for a peer (RFC 7908
    type 4), though the best path of the same prefix is a customer's."""
    configure = bgpd.vty.configure
    lines = ["route-map OUT deny 1", "match manrs leak", "exit", "route-map OUT deny 2", "match rpki invalid", "exit", "route-map OUT permit 3", "exit"]
    configure("router bgp %d" % US, "neighbor %s manrs role provider" % net["strict"].address, "neighbor %s manrs role peer" % net["monitor"].address)
    configure(*lines, "router bgp %d" % US, *(line for words in BOTH for line in (
        "address-family " + words, "neighbor %s route-map OUT out" % net["monitor"].address, "exit-address-family")))
    for what, change in (("", set()), ("", {(prefixes[2], 16, 64501)}), (" again", {(prefixes[2], 16, 64502)})):
        bgpd.become(change)
        index = script.index(bgpd.vrps)
        wanted = {where: now for where, now in held(index).items() if where[1].split()[1] == str(PEER) and now != "invalid"}
        comes("the customer's that are not Invalid go out" + what, lambda: held() == wanted, 10)
        equal("those of the customer alone" + what, held(), wanted)


# ---- several instances ----


class Instance:
    """One of bgpd's, the main one or of a VRF, with a neighbour that announces the routes and one that hears what passes."""

    def __init__(self, net, name, number, into):
        self.name, self.into, self.host = name, into, net[name]
        self.words = "" if name == "main" else "vrf " + self.host.name
        self.ends = [(net["peer"].alias(number), PEER + number), (net["monitor"].alias(20 + number), MONITOR + 20)]

    def lines(self):
        (peer, asn), (monitor, of_monitor) = self.ends
        return bgp(self.words, *session(peer.address, asn, *((words, self.into, KEPT) for words in BOTH)), *session(monitor.address, of_monitor, *((words, "") for words in BOTH)))

    def speak(self, folder, routes):
        (peer, asn), (monitor, of_monitor) = self.ends
        self.routes = routes
        self.monitor = hosts.Speaker(monitor, folder, self.host.address, of_monitor, name="monitor-" + self.name)
        self.peer = hosts.Speaker(peer, folder, self.host.address, asn, name="peer-" + self.name)
        for speaker in (self.monitor, self.peer):
            check("a session with " + self.name, speaker.wait("up", 10), speaker.seen)
        self.peer.announce([(prefix, "%d %d" % (asn, origin)) for prefix, origin in routes.items()])

    def held(self):
        return {prefix: tag(communities) for prefix, communities in self.monitor.communities().items()}

    def wanted(self, vrps):
        index = script.index(vrps)
        states = {prefix: script.judge(index, prefix, asn) for prefix, asn in self.routes.items()}
        return {prefix: "" for prefix, now in states.items() if now != "invalid"} if self.into == "STRICT" else states


def instances(folder):
    """bgpd with an instance of its own and four VRFs, the same routes in each, by policies of their own; a VRF is taken away, and
    the main one, while a difference that names all routes is walked. No other may miss a route for it."""
    names = ["main", "red", "green", "blue", "black"]
    net = hosts.Hosts(*names, "peer", "monitor")
    one, two = ({("0.0.0.0/0", 32, asn), ("::/0", 128, asn)} for asn in (64500, 64501))
    number = int(os.environ.get("ROUTES", 10000))
    routes = {prefix: 64500 + n % 2 for n, prefix in enumerate(script.many_routes(script.many_vrps(51, number // 5), 52, number))}
    bgpd, all_of_them = Router(net["main"], folder, "vrfs", one, zebra="namespaces"), []
    for number, name in enumerate(names):
        all_of_them.append(Instance(net, name, number, "STRICT" if name == "red" else "TAG"))
    bgpd.up(*(line for each in all_of_them for line in each.lines()))
    for each in all_of_them:
        each.host.listens(179)
        each.speak(folder, routes)

    def right(what):
        for each in all_of_them:
            wanted = each.wanted(bgpd.vrps)
            comes("%s: %s" % (each.name, what), lambda: each.held() == wanted, 20, 0.05)
            equal("%s: %s, each" % (each.name, what), each.held(), wanted)

    right("at first")
    again, _ = bgpd.become(two, one)
    equal("all routes of all five are judged again", {again}, {5 * len(routes)})
    right("after all of them were named")
    # while the next difference is walked: one before those that are yet to come, the one that is at work, the main one
    for gone, after, change in (("red", 2.3, (one, two)), ("blue", 1.9, (two, one)), ("main", 0.5, (one, two))):
        before = bgpd.numbers()
        bgpd.vrps = (bgpd.vrps | change[0]) - change[1]
        lab.write_json(bgpd.data, bgpd.vrps)
        leaving, other = next(each for each in all_of_them if each.name == gone), hosts.Vty(os.path.join(bgpd.folder, "bgpd.vty"))
        other.ask("configure terminal")
        bgpd.ask("manrs reload")
        lab.until(lambda: bgpd.numbers()["reprocessed"] > before["reprocessed"] + after * len(routes), 10, 0)
        other.ask("no router bgp %d %s" % (US, leaving.words))
        now = bgpd.numbers()
        all_of_them.remove(leaving)
        print("%s went when %d of %d routes had been judged again" % (gone, now["reprocessed"] - before["reprocessed"], len(routes) * (len(all_of_them) + 1)))
        check("it was at work when %s went" % gone, now["busy"], now)
        check("it comes to an end", lab.until(lambda: not bgpd.numbers()["busy"], 20, 0.02), bgpd.numbers())
        for speaker in (leaving.peer, leaving.monitor):
            speaker.stop()
        right("after %s went" % gone)
    for each in all_of_them:
        bgpd.vty.configure("no router bgp %d %s" % (US, each.words))
    bgpd.become({("192.0.2.0/24", 24, 1)})
    check("without an instance it stands", bgpd.alive() and not bgpd.numbers()["busy"])
    check("bgpd ends when it is told", bgpd.stop())


# ---- other families, next hops and neighbours ----


def labelled(folder):
    """Labelled, multicast and VPN routes have their own table or their own policy. They are judged as they come, and after a change
    asked for again where bgpd has nothing to judge again; none gets past its route map for that."""
    net = hosts.Hosts("router", "labelled", "multicast", "vpn", "unicast", "monitor")
    places = {"labelled": (4, "labeled-unicast"), "multicast": (2, "multicast"), "vpn": (128, "vpn"), "unicast": (1, "unicast")}
    routes = {"20.%d.0.0/16" % n: 64500 + n % 3 for n in range(30)}
    routes.update({"2a00:%x::/32" % n: 64500 + n % 3 for n in range(1, 31)})
    vrps = {(p, 16 if "." in p else 32, 64501) for n, p in enumerate(routes) if n % 4}
    for into in ("TAG", "STRICT"):
        bgpd, lines, speakers = Router(net["router"], folder, into, vrps), [], {}
        for number, (name, (_, word)) in enumerate(places.items()):
            lines += session(net[name].address, PEER + number, *(("%s %s" % (family, word), into, KEPT) for family in ("ipv4", "ipv6")))
            # the same neighbour's words for unicast, where it has none: a labelled route must not go by them
            lines += [" address-family ipv4 unicast", "  neighbor %s %s" % (net[name].address, KEPT), " exit-address-family"] if name == "labelled" else []
        bgpd.up(*bgp("", *lines))
        for number, (name, (safi, _)) in enumerate(places.items()):
            speakers[name] = hosts.Speaker(net[name], folder, bgpd.host.address, PEER + number, "--safi", str(safi), name=name + into)
            check("a session of " + name, speakers[name].wait("up", 10), (speakers[name].seen, bgpd.log()[-500:]))
            # two prefixes of each kind are the same, the rest its own: unicast and labelled stand in one table
            speakers[name].announce([(prefix, "%d %d" % (PEER + number, asn)) for prefix, asn in routes.items()])

        def held(name):
            found, (_, word) = {}, places[name]
            for prefix in routes:
                for (origin, peer), now in paths_of(bgpd, prefix, word).items():
                    if peer == net[name].address:
                        found[prefix] = now
            return found

        def wanted():
            index = script.index(bgpd.vrps)
            states = {prefix: script.judge(index, prefix, asn) for prefix, asn in routes.items()}
            return {prefix: "" for prefix, now in states.items() if now != "invalid"} if into == "STRICT" else states

        for name in places:
            comes("%s: %s at first" % (into, name), lambda: held(name) == wanted(), 10, 0.2)
            equal("%s: %s at first, each" % (into, name), held(name), wanted())
        for step in ({("20.4.0.0/16", 16, 64502), ("2a00:5::/32", 32, 64500)}, {("20.0.0.0/8", 24, 64500), ("2a00::/16", 48, 64502)}):
            bgpd.become(step)
            for name in places:
                comes("%s: %s after a change" % (into, name), lambda: held(name) == wanted(), 10, 0.2)
                equal("%s: %s after a change, each" % (into, name), held(name), wanted())
        asked = {name: speaker.counts()["refresh4"] + speaker.counts()["refresh6"] for name, speaker in speakers.items()}
        check("those whose routes are not kept were asked", [name for name in places if asked[name]] == ["labelled", "vpn"], asked)
        for speaker in speakers.values():
            speaker.stop()
        check("bgpd ends when it is told", bgpd.stop())


def paths_of(bgpd, prefix, word):
    """Those of a prefix: a VPN's lies under its route distinguisher."""
    if word != "vpn":
        return bgpd.paths(prefix, safi=word)
    found = {}
    for rows in bgpd.json("show bgp %s vpn %s json" % ("ipv6" if ":" in prefix else "ipv4", prefix)).values():
        for path in rows.get("paths", []) if isinstance(rows, dict) else ():
            found[path["aspath"]["string"].split()[-1], path["peer"]["peerId"]] = tag(path.get("community", {}).get("string", ""))
    return found


ROUTER_ADVERTISEMENT = """
import socket, struct, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("w1"))
s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, socket.if_nametoindex("w1")))
"""


def by_another_way(host, address, address6):
    other = copy.copy(host)
    other.address, other.address6 = address, address6
    return other


def links(net):
    """Two more between the router and the neighbour: u0, a /31, and u1 with a link-local address alone."""
    for name, other in (("u0", "w0"), ("u1", "w1")):
        hosts.ip("link", "add", name, "netns", net["router"].name, "type", "veth", "peer", "name", other, "netns", net["peer"].name)
    for host, name, words in ((net["router"], "u0", "10.98.0.0/31"), (net["peer"], "w0", "10.98.0.1/31"), (net["router"], "u1", "fe80::a/64"), (net["peer"], "w1", "fe80::b/64")):
        if ":" in words:  # that one alone
            hosts.ip("-n", host.name, "link", "set", name, "addrgenmode", "none")
        hosts.ip("-n", host.name, "addr", "add", words, "dev", name, *(["nodad"] if ":" in words else []))
        hosts.ip("-n", host.name, "link", "set", name, "up")


def neighbours(folder):
    """Neighbours that come by themselves, of an interface with and without an address (RFC 8950 and link-local next hops), of
    IPv6, and IPv4 routes with an IPv6 next hop: each with the role of its group or its own, each judged again after a change."""
    net = hosts.Hosts("router", "peer", "more")
    links(net)
    routes = {"20.%d.0.0/16" % n: 64500 + n % 3 for n in range(30)}
    routes.update({"2a00:%x::/32" % n: 64500 + n % 3 for n in range(1, 31)})
    vrps = {(p, 16 if "." in p else 32, 64501) for n, p in enumerate(routes) if n % 4}
    bgpd, router = Router(net["router"], folder, "neighbours", vrps, zebra="alone"), net["router"]
    dynamic = [net["more"].alias(number) for number in (40, 41)]
    enhanced = net["more"].alias(60)
    families = [(words, "TAG", KEPT) for words in BOTH]
    lines = [" neighbor DYNAMIC peer-group", " neighbor DYNAMIC remote-as external", " bgp listen range 10.99.100.0/24 peer-group DYNAMIC"]
    lines = [*lines, *session("DYNAMIC", 0, *families, add=["manrs role customer", "advertisement-interval 0"])[4:]]
    lines += session(net["more"].address6, PEER, *families, add=["manrs role peer"])
    lines += session(net["more"].address, PEER + 1, *families, add=["capability extended-nexthop", "manrs role provider"])
    for name, asn, words in (("u0", PEER + 2, ""), ("u1", PEER + 3, "v6only ")):
        lines += [" neighbor %s interface %sremote-as %d" % (name, words, asn), *session(name, asn, *families, add=["manrs role rs"])[3:]]
    bgpd.up("interface u1", "exit", *bgp("", *lines))
    speakers = []
    for number, (host, to, role, next_hop, options) in enumerate((
            (by_another_way(net["more"], net["more"].address6, net["more"].address6), router.address6, "peer", "", ()),
            (net["more"], router.address, "provider", net["more"].address6, ("--extended-next-hop",)),
            (by_another_way(net["peer"], "10.98.0.1", "2001:db8:98::1"), "10.98.0.0", "rs", None, ()),
            (by_another_way(net["peer"], "fe80::b%w1", "fe80::b"), "fe80::a%w1", "rs", "fe80::b", ("--extended-next-hop",)),
            # at last: FRR 10.7 ends by an assertion of its own where one comes by itself before zebra has told of addresses
            (dynamic[0], router.address, "customer", None, ()), (dynamic[1], router.address, "customer", None, ()))):
        speaker = hosts.Speaker(host, folder, to, PEER + number, *options, name="n%d" % number)
        good = False
        for _ in range(20):
            good = good or speaker.wait("up", 1)
            if not good and "%" in to:
                net["peer"].run(sys.executable, "-c", ROUTER_ADVERTISEMENT)
        check("a session of neighbour %d" % number, good, (speaker.seen, bgpd.log()[-600:], bgpd.ask("show bgp summary")))
        speaker.announce([(prefix, "%d %d" % (PEER + number, asn)) for prefix, asn in routes.items()])
        speakers.append((speaker, role, next_hop, host))

    def held():
        """(prefix, first AS) -> state"""
        found = {}
        for prefix in routes:
            for path in bgpd.json("show bgp %s unicast %s json" % ("ipv6" if ":" in prefix else "ipv4", prefix)).get("paths", []):
                found[prefix, int(path["aspath"]["string"].split()[0])] = tag(path.get("community", {}).get("string", ""))
        return found

    def wanted():
        index = script.index(bgpd.vrps)
        return {(prefix, PEER + number): script.judge(index, prefix, asn) for prefix, asn in routes.items() for number in range(len(speakers))}

    comes("all are judged", lambda: held() == wanted(), 20, 0.2)
    equal("each route of each", held(), wanted())
    for step, named in (({("20.4.0.0/16", 16, 64502)}, 1), ({("2a00:5::/32", 32, 64500)}, 1), ({("20.0.0.0/8", 24, 64500)}, 30)):
        again, _ = bgpd.become(step)
        equal("as many are judged again as are named", {again}, {named * len(speakers)})
        comes("all have their new state", lambda: held() == wanted(), 10, 0.2)
        equal("each one's", held(), wanted())
    for number, (_, role, next_hop, host) in enumerate(speakers):
        out = bgpd.ask("show manrs explain 20.4.0.0/16").split("20.4.0.0/16 from ")
        mine = next((text for text in out if ", path %d " % (PEER + number) in text), "")
        check("neighbour %d has the role that it was given" % number, "(%s)" % role in mine.split("\n")[0], out)
        if next_hop is not None:
            wanted_hop = next_hop or host.address.split("%")[0]
            check("and its next hop is seen", next_hop == "" or "next hop %s" % wanted_hop in mine, mine)
    out = bgpd.numbers()
    check("nobody is without a role", out["withoutRole"] == [], out["withoutRole"])
    dynamic_goes(bgpd, speakers, held, routes)
    for speaker, *_ in speakers:
        speaker.stop()
    check("bgpd ends when it is told", bgpd.stop())


def dynamic_goes(bgpd, speakers, held, routes):
    """A neighbour that came by itself goes while it is judged again: bgpd forgets it whole."""
    bgpd.vrps = bgpd.vrps | {("2a00::/16", 48, 64500)}
    lab.write_json(bgpd.data, bgpd.vrps)
    bgpd.ask("manrs reload")
    speakers[-1][0].stop()
    comes("its routes go", lambda: {asn for _, asn in held()} == {PEER + n for n in range(len(speakers) - 1)}, 20, 0.2, lambda: sorted({asn for _, asn in held()}))
    comes("and it comes to an end", lambda: not bgpd.numbers()["busy"], 10)
    again, _ = bgpd.become({("20.4.0.0/16", 16, 64499)})
    equal("it is judged no more", {again}, {len(speakers) - 1})


PARTS = (several_paths, instances, labelled, neighbours)
main(*(part for part in PARTS if part.__name__ in os.environ.get("PARTS", part.__name__)), missing=lambda: "" if frr_module.ours_is_here() else "no module: make frr")
