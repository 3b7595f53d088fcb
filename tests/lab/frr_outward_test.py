#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What FRR's bgpd sends under our module: a route map on the way out towards each kind of neighbour, where RFC 7908 and RFC 9234
section 5 say what is a leak; the same one route map for neighbours of one configuration, roles that change; the RFC 8097 community
that an iBGP neighbour hears, and what bgpd itself originates (network, redistribute, aggregate), before and after a difference. All
is what the neighbour hears."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import check, comes, equal, main

US, KINDS = 65540, ("provider", "customer", "peer", "rs", "rs-client")
AS = {kind: 64510 + number for number, kind in enumerate(KINDS)}
ABOVE = {"provider", "peer", "rs"}  # from one of them to one of them is a leak, RFC 7908 3.1-3.4
OUT, WORDS = frr_module.tagging("OUT", ("leak", "invalid"), ("otc", "invalid"), ("rov", "valid"), ("rov", "invalid"), ("rov", "not-found"), ("bogon-prefix", "invalid"))
STATES = {"0x4300000000000000": "valid", "0x4300000000000001": "not-found", "0x4300000000000002": "invalid"}


class Router(hosts.Bgpd):
    """With a zebra, for redistribution."""

    def with_zebra(self):
        self.version = lambda: (10, 0)
        try:
            return super().with_zebra()
        finally:
            del self.version


class Lab:
    def __init__(self, folder, names, neighbors, before=(), after=(), within=(), kind=hosts.Bgpd):
        self.net = hosts.Hosts("router", *names)
        self.path, self.vrps = os.path.join(folder, "vrps.json"), {("100.64.0.0/24", 24, 64999)}
        lab.write_json(self.path, self.vrps)
        os.mkdir(os.path.join(folder, "frr"))
        self.bgpd = kind(self.net["router"], folder, US, frr_module.OURS)
        manrs = ["manrs", " file " + self.path, " refresh-interval 1", "exit"]
        self.bgpd.configure([neighbors(self.net, name) for name in names], before=[*manrs, *before], within=within, after=after).start()
        comes("the file counts", lambda: self.bgpd.json("show manrs json")["vrps"] == 1, 10)
        self.folder, self.speakers = folder, {}

    def speak(self, name, asn, *options):
        self.speakers[name] = hosts.Speaker(self.net[name], self.folder, self.bgpd.host.address, asn, *options, name=name)
        return self.speakers[name]

    def change(self, add=(), remove=()):
        self.vrps = (self.vrps | set(add)) - set(remove)
        lab.write_json(self.path, self.vrps)
        self.bgpd.ask("manrs reload")

    def numbers(self):
        return self.bgpd.json("show manrs json")


# ---- towards each kind ----


def route_of(kind):
    return "192.0.%d.0/24" % (AS[kind] - 64500)


def kinds(folder):
    def neighbor(net, name):
        return hosts.Neighbor(net[name], US if name == "internal" else AS.get(name, 64530))

    names = (*KINDS, "plain", "internal")
    after = ["router bgp %d" % US, " address-family ipv4 unicast", *("  neighbor 10.99.0.%d route-map OUT out" % n for n in range(2, 9)),
             "  network 203.0.113.0/24", " exit-address-family", " no bgp network import-check", "exit"]
    one = Lab(folder, names, neighbor, before=OUT, after=after)
    vty, address = one.bgpd.vty, {name: one.net[name].address for name in names}
    vty.configure("router bgp %d" % US, *("neighbor %s manrs role %s" % (address[kind], kind) for kind in KINDS))
    routes = {}
    for name in names:
        speaker = one.speak(name, US if name == "internal" else AS.get(name, 64530))
        if name in AS:
            # each a route with OTC as RFC 9234 has it of such a neighbour, and one without
            routes[route_of(name)] = (name, None)
            routes[route_of(name).replace("192.0.", "192.1.")] = (name, AS[name])
        own = [(prefix, str(AS[name]), "", otc or "") for prefix, (who, otc) in routes.items() if who == name]
        speaker.announce(own)

    def wanted(to, roles=None):
        """prefix -> findings, as RFC 7908 and RFC 9234 section 5 (egress 2) have it."""
        found = {}
        for prefix, (who, otc) in routes.items():
            if who == to:
                continue
            role = (roles or {}).get(to, to if to in AS else None)
            marks = {("rov", "not-found")}
            if role in ABOVE and (who in ABOVE or otc):
                marks.add(("leak", "invalid"))
            if role in ABOVE and otc:
                marks.add(("otc", "invalid"))
            found[prefix] = frozenset(marks)
        found["203.0.113.0/24"] = frozenset({("rov", "not-found"), ("bogon-prefix", "invalid")})
        return found

    def heard(to):
        return {prefix: frozenset(frr_module.tagged(text, WORDS)) for prefix, text in one.speakers[to].communities().items()}

    def all_heard(name, roles=None):
        for to in names:
            lab.until(lambda to=to: heard(to) == wanted(to, roles), 10)
            equal("%s: what %s hears" % (name, to), heard(to), wanted(to, roles))

    all_heard("towards each kind")
    # Roles that change while all stands, of who hears and of whom it came from.
    vty.configure("router bgp %d" % US, "neighbor %s manrs role provider" % address["plain"])
    all_heard("one becomes a provider", {"plain": "provider"})
    vty.configure("router bgp %d" % US, "neighbor %s manrs role customer" % address["plain"])
    all_heard("and a customer", {"plain": "customer"})
    vty.configure("router bgp %d" % US, "no neighbor %s manrs role" % address["plain"])
    all_heard("and nothing again")
    one.change(add={(route_of("customer"), 24, AS["customer"]), (route_of("peer"), 24, 64999)})
    for to in names:
        for kind, state in (("customer", "valid"), ("peer", "invalid")):
            if to != kind:
                comes("after a difference %s hears %s's route as %s" % (to, kind, state), lambda to=to, kind=kind, state=state: ("rov", state) in heard(to).get(route_of(kind), ()), 10)
    rows = one.bgpd.ask("show running-config")
    check("who is sent to on his own is so in the configuration", rows.count(" solo\n") == 6 and " neighbor %s solo" % address["internal"] not in rows, rows.count(" solo\n"))
    one.bgpd.stop()


def denied(folder):
    """Two of one configuration, no RFC 9234: a leak that is denied to the provider, and goes to the customer beside him."""
    def neighbor(net, name):
        return hosts.Neighbor(net[name], {"source": 64520, "above": 64521, "below": 64522}[name])

    names, out = ("source", "above", "below"), ["route-map OUT deny 10", " match manrs leak", "exit", "route-map OUT permit 20", "exit"]
    one = Lab(folder, names, neighbor, before=out)
    address = {name: one.net[name].address for name in names}
    vty = one.bgpd.vty
    vty.configure("router bgp %d" % US, "neighbor %s manrs role peer" % address["source"], "neighbor %s manrs role provider" % address["above"], "neighbor %s manrs role customer" % address["below"])
    for name, asn in (("below", 64522), ("above", 64521), ("source", 64520)):
        one.speak(name, asn)
    one.speakers["source"].announce([("192.0.2.0/24", "64520"), ("198.18.7.0/24", "64520")])
    for name in ("above", "below"):
        comes("without a route map %s has the leak" % name, lambda name=name: len(one.speakers[name].heard()) == 2, 10)
    vty.configure("router bgp %d" % US, "address-family ipv4 unicast", *("neighbor %s route-map OUT out" % address[name] for name in ("below", "above")))
    comes("with it the provider has not", lambda: one.speakers["above"].heard() == {}, 10, note=one.speakers["above"].heard)
    comes("and the customer has", lambda: len(one.speakers["below"].heard()) == 2, 5, note=one.speakers["below"].heard)
    for above, below in (("customer", "provider"), ("peer", "rs-client"), ("rs", "peer"), ("provider", "customer")):
        vty.configure("router bgp %d" % US, "neighbor %s manrs role %s" % (address["above"], above), "neighbor %s manrs role %s" % (address["below"], below))
        for name, role in (("above", above), ("below", below)):
            comes("%s, now %s" % (name, role), lambda name=name, role=role: len(one.speakers[name].heard()) == (0 if role in ABOVE else 2), 10, note=one.speakers[name].heard)
    vty.configure("router bgp %d" % US, "neighbor %s manrs role customer" % address["source"])
    comes("and where it comes from a customer it is none", lambda: len(one.speakers["above"].heard()) == 2, 10, note=one.speakers["above"].heard)
    vty.configure("router bgp %d" % US, "neighbor %s manrs role peer" % address["source"])
    comes("and is one again", lambda: one.speakers["above"].heard() == {}, 10, note=one.speakers["above"].heard)
    for name in ("above", "below"):
        one.speakers[name].hear()
        one.speakers[name].held.clear()
    one.bgpd.ask("clear bgp *")
    comes("after a clear the customer has it", lambda: len(one.speakers["below"].heard()) == 2, 20)
    told = one.speakers["above"].hear()
    check("and the provider never heard of it", told == [] and one.speakers["above"].counts()["ups"] == 2, told)
    one.bgpd.stop()


def several_paths(folder):
    """Of all paths that go out (RFC 7911) each is judged by whom it came from, not by whom the best one did."""
    def neighbor(net, name):
        return hosts.Neighbor(net[name], {"below": 64520, "beside": 64521, "above": 64522}[name])

    names = ("below", "beside", "above")
    one = Lab(folder, names, neighbor, before=OUT)
    address, vty = {name: one.net[name].address for name in names}, one.bgpd.vty
    vty.configure("router bgp %d" % US, "neighbor %s manrs role customer" % address["below"], "neighbor %s manrs role peer" % address["beside"], "neighbor %s manrs role provider" % address["above"],
                  "address-family ipv4 unicast", "neighbor %s route-map OUT out" % address["above"], "neighbor %s addpath-tx-all-paths" % address["above"])
    above = hosts.Bgpd(one.net["above"], folder, 64522, name="above")
    with open(above.conf, "w") as file:
        file.write("hostname above\nrouter bgp 64522\n bgp router-id %s\n no bgp ebgp-requires-policy\n neighbor %s remote-as %d\n neighbor %s timers connect 1\nexit\n"
                   % (address["above"], one.bgpd.host.address, US, one.bgpd.host.address))
    above.start()
    # Which of the two is the best differs: a longer path is none.
    for name, asn, paths in (("below", 64520, ("64520", "64520 64520")), ("beside", 64521, ("64521 64521", "64521"))):
        one.speak(name, asn).announce(list(zip(("192.0.2.0/24", "198.51.100.0/24"), paths)))

    def heard():
        found = {}
        for prefix in ("192.0.2.0/24", "198.51.100.0/24"):
            for path in above.json("show bgp ipv4 unicast %s json" % prefix).get("paths", ()):
                marks = frr_module.tagged(path.get("community", {}).get("string", ""), WORDS)
                found[prefix, path["aspath"]["string"].split()[1]] = ("leak", "invalid") in marks
        return found

    wanted = {(prefix, asn): asn == "64521" for prefix in ("192.0.2.0/24", "198.51.100.0/24") for asn in ("64520", "64521")}
    comes("the peer's path is a leak, the customer's is none", lambda: heard() == wanted, 20, note=heard)
    vty.configure("router bgp %d" % US, "neighbor %s manrs role provider" % address["below"], "neighbor %s manrs role customer" % address["beside"])
    wanted = {key: not leak for key, leak in wanted.items()}
    comes("and the other way round", lambda: heard() == wanted, 20, note=heard)
    check("both end when they are told", above.stop() and one.bgpd.stop())


# ---- an iBGP neighbour's community ----


def internal(folder):
    def neighbor(net, name):
        return hosts.Neighbor(net[name], US if name == "internal" else 64520)

    one = Lab(folder, ("source", "internal"), neighbor)
    peer = one.speak("internal", US)
    one.speak("source", 64520).announce([("192.0.%d.0/24" % i, "64520 %d" % (64600 + i)) for i in range(100)])

    def wanted():
        return {"192.0.%d.0/24" % i: lab.state(one.vrps, "192.0.%d.0/24" % i, 64600 + i) for i in range(100)}

    def heard():
        return {prefix: next((STATES[word] for word in text.split() if word in STATES), "") for prefix, text in peer.communities().items()}

    comes("an iBGP neighbour hears the states (RFC 8097)", lambda: heard() == wanted(), 10, note=lambda: list(heard().items())[:5])
    for step in range(4):
        named = {"192.0.%d.0/24" % i for i in range(step * 10, step * 10 + 20)}
        before = one.numbers()["advertised"]
        add = {(prefix, 24, 64600 + int(prefix.split(".")[2]) + (step & 1)) for prefix in named} - one.vrps
        gone = {row for row in one.vrps if row[0] in named and row[0] != "100.64.0.0/24"} if step == 3 else set()
        states, (add, gone) = wanted(), (add - gone, gone)
        one.change(add=add, remove=gone)
        comes("and after a difference those that are then", lambda: heard() == wanted(), 10, note=lambda: [row for row in wanted().items() if row not in heard().items()][:5])
        count, other = one.numbers()["advertised"] - before, len(set(wanted().items()) - set(states.items()))
        check("as many are sent again as have another state, and no more than it names", other <= count <= len(add | gone), (other, count, len(add | gone)))
    one.bgpd.stop()


# ---- what bgpd originates ----

OWN = {"network": "10.10.0.0/16", "manrs": "10.11.0.0/16", "aggregate": "10.20.0.0/16", "kernel": "10.40.0.0/16", "network6": "2001:db8:10::/48"}
TAGGED = {"65535:50001": "valid", "65535:50003": "not-found"}
MAP = ["route-map OWN deny 10", " match rpki invalid", "exit", "route-map OWN permit 20", " match rpki valid", " set community 65535:50001", "exit",
       "route-map OWN permit 30", " set community 65535:50003", "exit",
       "route-map TESTS deny 10", " match manrs rov invalid", "exit", "route-map TESTS permit 20", " match manrs rov valid", " set community 65535:50001", "exit",
       "route-map TESTS permit 30", " set community 65535:50003", "exit",
       "route-map BAD permit 10", " match rpki invalid", "exit"]


def originated(folder):
    def neighbor(net, name):
        return hosts.Neighbor(net[name], {"source": 64520, "monitor": 64521}[name])

    within = [" no bgp network import-check"]
    after = ["router bgp %d" % US, " address-family ipv4 unicast", "  network 10.10.0.0/16 route-map OWN", "  network 10.11.0.0/16 route-map TESTS",
             "  network 10.12.0.0/16", "  aggregate-address 10.20.0.0/16 route-map OWN", "  aggregate-address 10.30.0.0/16 suppress-map BAD",
             "  redistribute kernel route-map OWN", " exit-address-family", " address-family ipv6 unicast", "  network 2001:db8:10::/48 route-map OWN",
             " exit-address-family", "exit"]
    one = Lab(folder, ("source", "monitor"), neighbor, before=MAP, after=after, within=within, kind=Router)
    hosts.ip("-n", one.net["router"].name, "route", "add", OWN["kernel"], "via", one.net["source"].address)
    monitor = one.speak("monitor", 64521)
    one.speak("source", 64520).announce([(prefix, "64520") for prefix in ("10.20.1.0/24", "10.30.1.0/24", "10.30.2.0/24")])
    others = {"10.12.0.0/16", "10.20.1.0/24", "10.30.0.0/16"}  # these nobody denies

    def heard():
        return {prefix: next((TAGGED[word] for word in text.split() if word in TAGGED), "") for prefix, text in monitor.communities().items()}

    def wanted():
        found = {prefix: lab.state(one.vrps, prefix, US) for prefix in OWN.values()}
        found = {prefix: state for prefix, state in found.items() if state != "invalid"}
        found.update({prefix: "" for prefix in others})
        found.update({prefix: "" for prefix in ("10.30.1.0/24", "10.30.2.0/24") if lab.state(one.vrps, prefix, 64520) != "invalid"})
        return found

    def follows(name):
        lab.until(lambda: heard() == wanted(), 10)
        equal(name, heard(), wanted())

    follows("at first nothing is covered")
    good = {(prefix, int(prefix.split("/")[1]), US) for prefix in OWN.values()}
    bad = {(prefix, maxlen, 64999) for prefix, maxlen, _ in good} | {("10.30.1.0/24", 24, 64999)}
    one.change(add=good)
    follows("valid, all that is ours")
    one.change(add=bad, remove=good)
    follows("invalid: denied, and one of two suppressed below its aggregate")
    one.change(add=good)
    follows("valid again: what was denied comes back")
    one.change(remove=good)
    follows("invalid once more")
    one.change(remove=bad)
    follows("and not found")
    one.change(add={("10.0.0.0/8", 8, US)})
    follows("under a VRP of a shorter prefix: invalid")
    one.change(add={("10.0.0.0/8", 16, US)})
    follows("that allows them")
    before = one.numbers()["originated"]
    one.change(add={("172.16.0.0/12", 12, US)})
    lab.until(lambda: one.numbers()["vrps"] == len(one.vrps) and not one.numbers()["busy"], 5)
    time.sleep(1.3)
    follows("another prefix changes nothing")
    # the suppress map and what is redistributed are asked after each difference; networks and aggregates where it names them
    count = one.numbers()["originated"] - before
    check("and asks for no network and no aggregate", count == 2, count)
    check("bgpd ends when it is told", one.bgpd.stop())


main(kinds, denied, several_paths, internal, originated, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
