#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lab's own speaker (speaker.c) against real routers, so that it can be believed of a router later: what one announces
to FRR, BIRD, OpenBGPD or GoBGP the other hears behind it, attributes and all, after a refresh, a change, a withdrawal, a
lost session. Expected is what was announced, with what RFC 4271, 7606 and 9234 say a router does to it."""

import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import check, comes, equal, main, skip

US, ONE, TWO = 65001, 64501, 4200000002


def some_routes(seed, n):
    """Routes of both families: paths with sets and long ones, communities of three kinds."""
    rng, found = random.Random(seed), {}
    while len(found) < n:
        if rng.random() < 0.7:
            prefix = "%d.%d.%d.0/24" % (rng.choice([20, 30, 40]), rng.randrange(256), rng.randrange(256))
        else:
            prefix = "2001:db8:%x::/48" % rng.randrange(0x100, 0xFFFF)
        path = " ".join(str(rng.choice([64500 + rng.randrange(1, 9), 4200000000 + rng.randrange(10, 99), 3356])) for _ in range(rng.choice([1, 2, 4, 9])))
        if rng.random() < 0.1:
            path += " {%s}" % ",".join(map(str, sorted(rng.sample(range(3000, 3100), 3))))
        words = sorted({"64500:%d" % rng.randrange(100) for _ in range(rng.choice([0, 1, 3]))}, key=lambda w: int(w.split(":")[1]))
        words += ["64500:1:%d" % rng.randrange(4294967296)] if rng.random() < 0.2 else []
        found[prefix] = ("%d %s" % (ONE, path), " ".join(words), "")
    return found


def behind(routes, asn=US):
    return {prefix: ("%d %s" % (asn, path), communities, otc) for prefix, (path, communities, otc) in routes.items()}


def rows(routes):
    return [(prefix, *route) for prefix, route in routes.items()]


class Bird:
    programs = ("bird", "birdc")
    name = "BIRD"

    def __init__(self, host, folder):
        self.host, self.folder = host, folder

    def start(self, neighbors):
        lines = ["router id %s;" % self.host.address, "protocol device {}"]
        for n in neighbors:
            family = "import all; export all; next hop self; import keep filtered on;"
            lines.append("protocol bgp { local as %d; neighbor %s as %d; passive on; enforce first as off; ipv4 { %s }; ipv6 { %s }; }" % (
                US, n.host.address, n.asn, family, family))
        path = os.path.join(self.folder, "bird.conf")
        with open(path, "w") as file:
            file.write("\n".join(lines).replace(" enforce first as off;", "").replace("import keep filtered on;", "") + "\n")
        self.process = self.host.start(self.folder, "bird", "bird", "-f", "-c", path, "-s", os.path.join(self.folder, "bird.ctl"))
        self.host.listens(179)


class OpenBgpd:
    programs = ("/usr/sbin/bgpd", "bgpctl")
    name = "OpenBGPD"
    answers_refresh = False  # 7.7: `route refresh: AID IPv4 unicast not negotiated`, over a session on which it is

    def __init__(self, host, folder):
        self.host, self.folder = host, folder

    def start(self, neighbors):
        lines = ["AS %d" % US, "router-id " + self.host.address, "listen on " + self.host.address, "fib-update no", 'socket "%s/sock"' % self.folder]
        for n in neighbors:
            lines += ["neighbor %s {" % n.host.address, " remote-as %d" % n.asn, " passive", " announce IPv4 unicast", " announce IPv6 unicast",
                      " enforce neighbor-as no", " set nexthop self", "}"]
        lines += ["allow from any", "allow to any"]
        path = os.path.join(self.folder, "bgpd.conf")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(path, 0o600)
        self.process = self.host.start(self.folder, "openbgpd", "/usr/sbin/bgpd", "-d", "-v", "-f", path)
        self.host.listens(179)


class GoBgp:
    programs = ("gobgpd",)
    name = "GoBGP"

    def __init__(self, host, folder):
        self.host, self.folder = host, folder

    def start(self, neighbors):
        lines = ['[global.config]\n as = %d\n router-id = "%s"\n' % (US, self.host.address)]
        for n in neighbors:
            lines.append('[[neighbors]]\n [neighbors.config]\n  neighbor-address = "%s"\n  peer-as = %d\n [neighbors.transport.config]\n'
                         "  passive-mode = true\n" % (n.host.address, n.asn))
            lines += ['  [[neighbors.afi-safis]]\n   [neighbors.afi-safis.config]\n    afi-safi-name = "%s-unicast"\n' % family for family in ("ipv4", "ipv6")]
        path = os.path.join(self.folder, "gobgpd.toml")
        with open(path, "w") as file:
            file.write("".join(lines))
        self.process = self.host.start(self.folder, "gobgp", "gobgpd", "-f", path, "--api-hosts", "127.0.0.1:50051", "--log-plain", "--pprof-disable")
        self.host.listens(179)


class Frr:
    programs = hosts.Bgpd.programs
    name = "FRR"

    def __init__(self, host, folder):
        self.bgpd = hosts.Bgpd(host, folder, US)

    def start(self, neighbors):
        self.bgpd.configure(neighbors).start()


def sets_as_they_are(route):
    """A set has no order; GoBGP and OpenBGPD send large communities sorted, as all do the plain ones."""
    path, communities, otc = route
    return re.sub(r"\{([\d,]*)\}", lambda m: "{%s}" % ",".join(sorted(m[1].split(","), key=int)), path), " ".join(sorted(communities.split())), otc


def heard(speaker):
    return {prefix: sets_as_they_are(route) for prefix, route in speaker.heard().items()}


def wanted(routes):
    return {prefix: sets_as_they_are(route) for prefix, route in behind(routes).items()}


def through(router, net, folder):
    name, routes = router.name, some_routes(1, 1500)
    router.start([hosts.Neighbor(net["one"], ONE, soft=False), hosts.Neighbor(net["two"], TWO)])
    to = net["router"].address
    one = hosts.Speaker(net["one"], folder, to, ONE, name="one")
    two = hosts.Speaker(net["two"], folder, to, TWO, name="two")
    check(name + ": both sessions come up", one.wait("up") and two.wait("up"), (one.seen, two.seen))
    one.announce(rows(routes))
    follows(name + ": what one announces the other hears", two, routes)
    if getattr(router, "answers_refresh", True):
        before, four = two.counts()["announced"], sum(":" not in prefix for prefix in routes)
        two.tell("refresh", "4")
        comes(name + ": after a refresh all of IPv4 again", lambda: two.counts()["announced"] == before + four, 20, 0.05, lambda: (two.counts(), before, four))
    if hasattr(router, "bgpd"):
        asked_again(router.bgpd, one, routes)
    changed = dict(list(some_routes(2, 200).items()) + [(prefix, ("%d 1 2 3" % ONE, "64500:77", "")) for prefix in list(routes)[:200]])
    one.announce(rows(changed))
    routes.update(changed)
    follows(name + ": changes and additions", two, routes)
    gone = list(routes)[100:400]
    one.withdraw(gone)
    for prefix in gone:
        del routes[prefix]
    follows(name + ": withdrawals", two, routes)
    check(name + ": it holds as many", one.counts()["held"] == len(routes), one.counts())
    one.tell("drop")
    comes(name + ": a lost session takes all away, and it comes back with all", lambda: two.counts()["withdrawn"] >= 300 + len(routes) or one.counts()["ups"] == 2, 30)
    check(name + ": up again", one.counts()["ups"] == 2 or one.wait("up", 30), one.seen)
    follows(name + ": all of it again", two, routes)
    one.tell("cease")
    check(name + ": up after a NOTIFICATION of its own", one.wait("up", 60), one.seen)
    follows(name + ": all of it, a third time", two, routes)
    for speaker in (one, two):
        speaker.stop()
    if hasattr(router, "process"):
        router.process.stop()


def asked_again(bgpd, one, routes):
    """RFC 2918, 7313: FRR asks, the speaker answers with all of that family, between two marks."""
    before = one.counts()
    bgpd.ask("clear bgp ipv6 unicast %s in" % one.host.address)
    check("FRR asks for a refresh", one.wait("refresh 6 0") and one.wait("sent"), one.seen)
    after, six = one.counts(), sum(":" in prefix for prefix in routes)
    check("and gets all of it", after["refresh6"] == before["refresh6"] + 1 and after["sent_routes"] - before["sent_routes"] == six, (before, after, six))
    check("and has as many as before", bgpd.received(one.host, "ipv6") == six, bgpd.received(one.host, "ipv6"))


def follows(name, speaker, routes):
    good = wanted(routes)
    if not lab.until(lambda: speaker.counts()["up"] and heard(speaker) == good, 20):
        return equal(name, heard(speaker), good)
    return check(name, True)


def each(kind):
    def part(folder):
        for program in kind.programs:
            if not os.path.exists(program) and not lab.shutil.which(program):
                return skip("%s: no %s" % (kind.name, program))
        net = hosts.Hosts("router", "one", "two")
        return through(kind(net["router"], folder), net, folder)

    part.__name__ = kind.name
    return part


main(*(each(kind) for kind in (Frr, Bird, OpenBgpd, GoBgp)))
