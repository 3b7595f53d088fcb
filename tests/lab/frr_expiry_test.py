#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What our module in FRR's bgpd does when a cache's data expires: RFC 8210 section 6 has 600 seconds as the least Expire Interval,
so bgpd's clock is set ahead while it runs (later.c). `when-stale not-found` and `keep`, a cache that comes back with other data,
one whose preference is changed while it is away; two caches, the preferred one lost, expired and back, and both. What is expected
of each route is RFC 6811 with the set that counts then."""

import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, main

US, PEER, MONITOR = 65540, 65541, 65543
EXPIRE = 600  # RFC 8210 section 6


class Later(hosts.Bgpd):
    """A bgpd whose clock can be set ahead."""

    more = ()

    @classmethod
    def inside(cls):
        return [*super().inside(), *cls.more]


class Lab:
    def __init__(self, folder, caches, *more):
        names = ["cache%d" % number for number in range(1, caches + 1)]
        self.net = hosts.Hosts("router", "peer", "monitor", *names)
        self.clock, self.ahead = os.path.join(folder, "ahead"), 0
        self.later(0)
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", os.path.join(folder, "later.so"), os.path.join(here, "later.c")], check=True)
        os.chmod(folder, 0o755)
        Later.more = ("env", "LD_PRELOAD=" + os.path.join(folder, "later.so"), "LATER=" + self.clock)
        vrps = script.many_vrps(41, 300)
        self.routes = script.many_routes(vrps, 42, 400)
        self.caches = []
        for number, name in enumerate(names):
            cache = script.ScriptedCache(self.net[name], vrps)
            cache.intervals = (300, 1, EXPIRE)
            cache.change(*script.Deltas(os.path.join(folder, name), vrps, seed=number, add=60, remove=60).step(write=False))
            self.caches.append(cache)
        neighbors = [hosts.Neighbor(self.net["peer"], PEER, into="TAG", more=["timers 0 0"]), hosts.Neighbor(self.net["monitor"], MONITOR, more=["timers 0 0"])]
        self.places = [(self.net[name].address, 8282) for name in names]
        self.bgpd = Later(self.net["router"], folder, US, frr_module.OURS)
        self.bgpd.configure(neighbors, before=[*frr_module.Ours.lines(self.places, *more), *frr_module.TAG]).start()
        self.monitor = hosts.Speaker(self.net["monitor"], folder, self.bgpd.host.address, MONITOR, name="monitor")
        self.peer = hosts.Speaker(self.net["peer"], folder, self.bgpd.host.address, PEER, name="peer")
        self.peer.announce([(prefix, "%d %d" % (PEER, asn)) for prefix, asn in self.routes.items()])

    def later(self, seconds):
        self.ahead += seconds
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb") as file:
            file.write(struct.pack("=q", self.ahead))

    def follows(self, name, vrps, seconds=10):
        """All routes have the states that this set gives."""
        indexed = script.index(vrps)
        wanted = {prefix: frr_module.TAGS[script.judge(indexed, prefix, asn)] for prefix, asn in self.routes.items()}
        good = lab.until(lambda: self.tick() and self.monitor.communities() == wanted, seconds, 0.05)
        held = self.monitor.communities()
        wrong = [(p, held.get(p), wanted[p]) for p in wanted if held.get(p) != wanted[p]]
        return check(name, good, (len(wrong), wrong[:3], self.rows()))

    def tick(self):
        """bgpd looks at its clock."""
        return self.bgpd.ask("show version")

    def rows(self):
        return self.bgpd.json("show manrs json")["caches"]

    def state(self, name, *wanted):
        comes(name, lambda: tuple(row["state"] for row in self.rows()) == wanted, 10, note=lambda: [(row["state"], row["trouble"], row["inUse"]) for row in self.rows()])

    def stop(self):
        for speaker in (self.peer, self.monitor):
            check("no session was lost", speaker.counts()["downs"] == 0)
            speaker.stop()
        check("bgpd ends when it is told", self.bgpd.stop())
        for cache in self.caches:
            cache.stop()


def one_cache(folder):
    one = Lab(folder, 1)
    cache = one.caches[0]
    one.follows("at first", cache.now)
    cache.become("refuse")
    one.state("a cache that is lost", "not connected, its data stands")
    one.later(EXPIRE - 60)
    one.follows("nine minutes later its data stands", cache.now, 2)
    one.state("and that is told", "not connected, its data stands")
    one.later(61)
    one.follows("expired: its routes are not found", set())
    one.state("and that is told", "no data")
    check("and logged", "has gone or expired; what it said is dropped" in one.bgpd.log())
    cache.change(set(), set(sorted(cache.now)[:50]), notify=False)
    cache.become("ok")
    one.later(EXPIRE)  # the next time that it is called
    one.follows("it comes back with less", cache.now)
    one.bgpd.vty.configure("manrs", "when-stale keep")
    cache.become("refuse")
    one.later(EXPIRE + 1)
    one.state("expired, and kept", "gone, kept")
    one.follows("its routes are what they were", cache.now, 2)
    one.later(10 * EXPIRE)
    one.follows("and for an hour", cache.now, 2)
    cache.change(set(), set(sorted(cache.now)[:50]), notify=False)
    cache.become("ok")
    one.later(EXPIRE)
    one.follows("it comes back with still less", cache.now)
    one.state("and is up", "up")
    cache.become("refuse")
    one.later(EXPIRE + 1)
    one.state("expired, and kept once more", "gone, kept")
    one.bgpd.vty.configure("manrs", "when-stale not-found")
    one.follows("what is kept is let go of at a word", set())
    cache.become("ok")
    one.later(EXPIRE)
    one.follows("and comes back", cache.now)
    # A preference that is changed while the cache is away.
    cache.become("refuse")
    one.state("lost", "not connected, its data stands")
    one.bgpd.vty.configure("manrs", "cache %s %d preference 7" % one.places[0])
    one.state("another preference: its data stands", "not connected, its data stands")
    one.later(EXPIRE - 60)
    one.follows("until it expires", cache.now, 2)
    one.later(61)
    one.follows("and no longer", set())
    one.state("which is told", "no data")
    cache.become("ok")
    one.later(7200)
    one.follows("back at the last", cache.now)
    one.stop()


def two_caches(folder):
    one = Lab(folder, 2)
    first, second = one.caches
    check("they differ", len(first.now ^ second.now) > 100)
    one.follows("the first is preferred", first.now)
    one.state("and alone is called", "up", "no data")
    first.become("refuse")
    one.state("the first is lost", "not connected, its data stands", "up")
    one.later(4)
    one.follows("the second counts", second.now)
    one.later(EXPIRE)
    one.follows("the first expires meanwhile", second.now)
    one.state("which is told", "no data", "up")
    first.become("ok")
    one.later(EXPIRE)
    one.follows("the first is back", first.now)
    check("the second was not left", one.rows()[1]["connected"] and not one.rows()[1]["inUse"], one.rows())
    # Error Report 13 (draft-ietf-sidrops-8210bis): it does not come back, its data is to go at once.
    first.error_code = 13
    first.become("error")
    first.change(set(), set(), notify=True)
    one.follows("the first goes for good: the second counts at once", second.now)
    one.state("which is told", "no data", "up")
    first.error_code = 2
    first.become("ok")
    first.cut()
    one.later(2 * EXPIRE)
    one.follows("the first is back all the same", first.now)
    one.bgpd.vty.configure("manrs", "cache-mode union")
    one.follows("united", first.now | second.now)
    first.become("refuse")
    one.later(EXPIRE + 1)
    second.notify()
    one.follows("of two that are united one expires", second.now)
    one.bgpd.vty.configure("manrs", "cache-mode preference")
    one.follows("and as preferred", second.now)
    second.become("refuse")
    one.later(EXPIRE + 1)
    one.follows("both are gone", set())
    first.become("ok")
    second.become("ok")
    one.later(2 * EXPIRE)
    one.follows("and back", first.now)
    one.bgpd.vty.configure("manrs", "when-stale keep")
    for cache in (first, second):
        cache.become("refuse")
    one.state("both are lost", *["not connected, its data stands"] * 2)
    one.later(EXPIRE + 1)
    one.state("both are gone, and kept", "gone, kept", "gone, kept")
    # They expire in the same moment: the one that did last counts.
    used = [row["inUse"] for row in one.rows()]
    check("one of them counts", sorted(used) == [False, True], used)
    one.follows("and is what all are judged by", one.caches[used.index(True)].now)
    second.change(set(), set(sorted(second.now)[:50]), notify=False)
    second.become("ok")
    one.later(2 * EXPIRE)
    one.follows("the second is back: what is new counts before what is kept", second.now)
    first.become("ok")
    one.later(2 * EXPIRE)
    one.follows("and the first", first.now)
    one.stop()


main(one_cache, two_caches, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
