#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Route origin validation in FRR's bgpd, by its own rpki module and by ours where that is built: the states of `show bgp` for
generated routes are what a linear scan of RFC 6811 says, for 200,000 real ones what `manrs rov` says of the same lines. The
known difference: an origin that is an AS_SET has no AS, so a covered route of it is Invalid (RFC 6811 section 2); FRR's module
says NotFound. Real routes and VRPs come from shared data; without it that part is skipped."""

import ipaddress
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import DATA, MANRS, check, comes, data, equal, main, skip, timed

US, PEER = 65540, 65541  # in no real path
LETTERS = {"V": "valid", "I": "invalid", "N": "not-found"}
ROW = re.compile(r"^([VIN ])[sdh* ][>=* ][iS ]? *([0-9a-f.:]+/\d+)(?:\s|$)", re.M)


def states(bgpd):
    """prefix -> state, of both families: 8.4 has it in the text alone."""
    return {prefix: LETTERS.get(letter) for family in ("ipv4", "ipv6") for letter, prefix in ROW.findall(bgpd.ask("show bgp %s unicast" % family))}


# RFC 8097 section 2: type 0x43, sub-type 0x00, the state in the last octet.
COMMUNITIES = {"valid": "0x4300000000000000", "not-found": "0x4300000000000001", "invalid": "0x4300000000000002"}


class Lab:
    """A cache with a file's VRPs, a router with a module, a speaker with routes."""

    def __init__(self, folder, kind, vrps, count, feed=hosts.rtrd):
        self.net = hosts.Hosts("router", "cache", "peer", "inside")
        folder = os.path.join(folder, kind.name + feed.__name__)
        os.mkdir(folder)
        self.cache = feed(self.net["cache"], folder, *(["--vrps"] if feed is hosts.rtrd else []), vrps)
        bgpd = hosts.Bgpd(self.net["router"], folder, US, kind.module)
        lines = kind.lines([(self.net["cache"].address, 8282)])
        self.bgpd = bgpd.configure([hosts.Neighbor(self.net["peer"], PEER), hosts.Neighbor(self.net["inside"], US)], before=lines).start()
        with timed("%s has %d VRPs" % (kind.name, count)):
            comes("%s: the cache's VRPs" % kind.name, lambda: kind.ready(bgpd, count), 60, 0.2, lambda: bgpd.log())
        self.speaker = hosts.Speaker(self.net["peer"], folder, bgpd.host.address, PEER)
        self.inside = hosts.Speaker(self.net["inside"], folder, bgpd.host.address, US, name="inside")
        self.inside.wait("up")

    def announce(self, routes):
        self.speaker.announce(routes)
        n = sum(1 for _ in open(routes)) if isinstance(routes, str) else len(routes)
        return comes("all %d routes arrive" % n, lambda: sum(self.bgpd.received(self.net["peer"], f) for f in ("ipv4", "ipv6")) == n, 90, 0.1,
                     lambda: (self.speaker.counts(), self.bgpd.received(self.net["peer"])))

    def stop(self):
        self.speaker.stop()
        self.inside.stop()
        check("bgpd ends when it is told", self.bgpd.stop())
        self.cache.stop()


def generated(folder):
    """Both families, AS0, longer and shorter than what is signed, sets as the origin."""
    vrps = lab.some_vrps(7, 400)
    routes = lab.some_routes(vrps, 8, 380)
    routes.update({"198.18.%d.0/24" % n: 64496 + n for n in range(20)}, **{"2001:db9:%x::/48" % n: 64496 + n for n in range(1, 20)})
    sets = [prefix for number, prefix in enumerate(sorted(routes)) if number % 19 == 0]
    wanted = {prefix: lab.state(vrps, prefix, None if prefix in sets else asn) for prefix, asn in routes.items()}
    check("of each state some", all(list(wanted.values()).count(state) > 9 for state in ("valid", "invalid", "not-found")), wanted)
    path = os.path.join(folder, "vrps.json")
    lab.write_json(path, vrps)
    for kind in frr_module.kinds():
        for feed in (hosts.rtrd, hosts.stayrtr):
            if feed is hosts.stayrtr and not shutil.which("stayrtr"):
                skip("no stayrtr")
                continue
            good = {prefix: "not-found" if kind is frr_module.Stock and prefix in sets else state for prefix, state in wanted.items()}
            name = "%s, fed by %s" % (kind.name, feed.__name__)
            generated_to(Lab(folder, kind, path, len(vrps), feed), name, routes, sets, good)
    if not frr_module.ours_is_here():
        skip("our module is not built: " + frr_module.OURS)


def generated_to(one, name, routes, sets, good):
    one.announce([(prefix, "%d %s" % (PEER, "64999 {%d,64998}" % asn if prefix in sets else asn)) for prefix, asn in routes.items()])
    comes(name + ": the states of generated routes", lambda: states(one.bgpd) == good, 20)
    equal(name + ": each", states(one.bgpd), good)
    good = {prefix: COMMUNITIES[state] for prefix, state in good.items()}
    comes(name + ": iBGP hears them as communities", lambda: one.inside.communities() == good, 10)
    equal(name + ": each as a community", one.inside.communities(), good)
    one.stop()


MRT = ("rrc06-20100701-reencoded.mrt.gz", "rv6-20151101-27peers-partial.mrt.gz")
VRPS = "rpki-client-20250720T093135Z.json.bz2"
MANY = 200000


def real_routes(count):
    """prefix -> path, the first of each prefix; IPv6 first, as there are fewer."""
    found = {}
    for name in reversed(MRT):
        out = subprocess.run([MANRS, "mrt", data("mrt", name)], capture_output=True, text=True, check=True).stdout
        for line in out.splitlines():
            fields = line.split("|")
            if fields[5] not in found and taken(fields[5]):
                found[fields[5]] = fields[6]
            if len(found) == count:
                return found
    return found


def taken(prefix):
    """FRR does not take multicast and class E, and a default route stands for itself."""
    return ":" in prefix or 0 < int(prefix.split(".", 1)[0]) < 224


def as_the_library(routes, vrps):
    """What `manrs rov` says of them, in the lines of bgpdump -m."""
    lines = "".join("TABLE_DUMP2|0|B|10.99.0.3|%d|%s|%s|IGP|10.99.0.3|0|0||NAG||\n" % (PEER, prefix, path) for prefix, path in routes.items())
    done = subprocess.run([MANRS, "rov", "--vrps", vrps], input=lines, capture_output=True, text=True, check=True)
    found = [line.rsplit(": ", 1) for line in done.stdout.splitlines()]
    check("an answer for each", len(found) == len(routes), (len(found), done.stderr))
    return {prefix: answer[1] for prefix, answer in zip(routes, found)}


def real(folder):
    vrps = data("vrp", VRPS)
    if not vrps or not all(data("mrt", name) for name in MRT):
        return skip("no real routes and VRPs in " + DATA)
    routes = real_routes(MANY)
    check("%d real routes" % MANY, len(routes) == MANY, len(routes))
    with timed("manrs rov, %d routes" % len(routes)):
        wanted = as_the_library(routes, vrps)
    routes = {str(ipaddress.ip_network(prefix)): path for prefix, path in routes.items()}
    wanted = {str(ipaddress.ip_network(prefix)): state for prefix, state in wanted.items()}
    sets = {prefix for prefix, path in routes.items() if path.endswith("}")}
    csv = subprocess.run([MANRS, "vrps", "--vrps", vrps], capture_output=True, text=True, check=True).stdout
    rows = csv.count("\n") - 1
    path = os.path.join(folder, "routes")
    hosts.write_routes(path, sorted(routes.items(), key=lambda route: (":" in route[0], route[1])))
    print("routes: %s, %d with a set as the origin" % ({s: list(wanted.values()).count(s) for s in ("valid", "invalid", "not-found")}, len(sets)))
    found = {}
    for kind in frr_module.kinds():
        one = Lab(folder, kind, vrps, rows)
        with timed("%s takes %d routes" % (kind.name, len(routes))):
            one.announce(path)
        found[kind.name] = states(one.bgpd)
        equal(kind.name + " has them all", set(found[kind.name]), set(wanted))
        different = {prefix for prefix in wanted if found[kind.name].get(prefix) != wanted[prefix]}
        stock = kind is frr_module.Stock
        check("%s answers as the library, but for sets where it is FRR's" % kind.name, different <= (sets if stock else set()),
              [(p, routes[p], wanted[p], found[kind.name].get(p)) for p in sorted(different - sets)[:5]])
        if stock:
            check("... which are Invalid to RFC 6811 and NotFound to FRR's", all((wanted[p], found[kind.name].get(p)) == ("invalid", "not-found") for p in different),
                  [(p, routes[p], wanted[p], found[kind.name].get(p)) for p in sorted(different)])
            print("%s: %d of %d states are not the library's, each of a set" % (kind.name, len(different), len(wanted)))
        print("%s: %.0f MiB, at most %.0f MiB" % (kind.name, *one.bgpd.memory()))
        one.stop()


main(generated, real, missing=frr_module.missing)
