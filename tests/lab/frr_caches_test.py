#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Caches that die under FRR's bgpd in every state of their answers (rtr_script.STATES), a cache that comes and goes ten times
a second, one whose cable is cut, a second that steps in; with FRR's own rpki module and with ours where that is built. In each
bgpd lives on and answers, and when the cache is well again the states of all routes are what RFC 6811 says of what it has then:
it changed while it was away. The script that the cache follows is tried first with `manrs rtr`."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import MANRS, check, comes, main, skip

US, PEER, MONITOR = 65540, 65541, 65543
VRPS, ROUTES = 400, 600
# What it takes a lost connection to leave in the time that a test has: a router waits a minute or more for the rest of an answer.
SILENT = {"deaf", "half-pdu", "stall", "no-end", "garbage", "long"}


# ---- the script itself ----


def fetched(cache, seconds=2):
    """The command as a router: its exit code and the VRPs that it got."""
    done = subprocess.run(["ip", "netns", "exec", "caller-" + cache.host.name.split("-")[1], MANRS, "vrps", "--vrps",
                           "rtr://%s:%d" % (cache.host.address, cache.port), "--format", "csv", "--timeout", str(seconds)], capture_output=True, text=True)
    rows = [line.split(",") for line in done.stdout.splitlines() if line[:2] == "AS" and line[2].isdigit()]
    return done.returncode, {lab.vrp(prefix, maxlen, asn[2:]) for asn, prefix, maxlen, *_ in rows}


def the_script(folder):
    """Whole answers come whole; of a state that gives none the command has nothing after its time, exit 3."""
    net, vrps = hosts.Hosts("cache", "caller"), script.many_vrps(21, VRPS)
    cache = script.ScriptedCache(net["cache"], vrps)
    whole = {"ok", "dies-after", "cache-reset", "other-session", "short-lived"}
    for state in script.STATES:
        cache.become(state)
        code, found = fetched(cache, 10 if state in whole else 1)
        check("a cache that is %s" % state, (code, found) == (0, vrps) if state in whole else code in (2, 3) and not found, (code, len(found)))
    cache.become("ok")
    check("and well again", fetched(cache, 10) == (0, vrps))
    check("its answers were all asked for", cache.seen["reset"] >= len(script.STATES) - 3, cache.seen)
    cache.stop()
    deltas = script.Deltas(os.path.join(folder, "file"), vrps)
    for _ in range(20):
        before = set(deltas.now)
        add, remove = deltas.step(write=False)
        check("a step is +9 -6", deltas.now == (before - remove) | add and (len(add), len(remove)) == (9, 6) and add.isdisjoint(before))
    for prefix in list(script.many_routes(vrps, 22, 50)):
        slow = {lab.state(vrps, prefix, asn) for asn in (64496,)}
        check("the quick judge is the linear scan's", {script.judge(script.index(vrps), prefix, 64496)} == slow, prefix)


# ---- under FRR ----


class Lab:
    def __init__(self, folder, kind, name, caches=1):
        names = ["cache%d" % number for number in range(caches)]
        self.kind, self.net = kind, hosts.Hosts("router", "peer", "monitor", *names)
        folder = os.path.join(folder, kind.name + name)
        os.mkdir(folder)
        vrps = script.many_vrps(21, VRPS)
        self.caches = [script.ScriptedCache(self.net[name], vrps) for name in names]
        self.cache, self.deltas = self.caches[0], script.Deltas(os.path.join(folder, "file"), vrps, seed=5)
        self.routes = script.many_routes(vrps, 22, ROUTES)
        neighbors = [hosts.Neighbor(self.net["peer"], PEER, into="TAG"), hosts.Neighbor(self.net["monitor"], MONITOR)]
        before = [*kind.lines([(self.net[name].address, 8282) for name in names]), *frr_module.TAG]
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, kind.module).configure(neighbors, before=before).start()
        comes(kind.name + ": the cache's VRPs", lambda: kind.ready(self.bgpd, VRPS), 30)
        self.monitor = hosts.Speaker(self.net["monitor"], folder, self.bgpd.host.address, MONITOR, name="monitor")
        self.peer = hosts.Speaker(self.net["peer"], folder, self.bgpd.host.address, PEER, name="peer")
        self.peer.announce([(prefix, "%d %d" % (PEER, asn)) for prefix, asn in self.routes.items()])

    def change(self, which=None, notify=True):
        add, remove = self.deltas.step(write=False)
        for cache in which or self.caches:
            cache.change(add, remove, notify)

    def follows(self, name, seconds=20, of=None):
        """The routes have the states that the cache's set gives them."""
        indexed = script.index((of or self.cache).now)
        wanted = {prefix: frr_module.TAGS[script.judge(indexed, prefix, asn)] for prefix, asn in self.routes.items()}
        began = time.monotonic()

        def there():
            self.kind.judge_again(self.bgpd)
            return self.monitor.communities() == wanted

        good = lab.until(there, seconds, 0.02)
        held = self.monitor.communities()
        wrong = [(p, held.get(p), wanted[p]) for p in wanted if held.get(p) != wanted[p]]
        check("%s: %s" % (self.kind.name, name), good, (len(wrong), wrong[:3], dict(self.cache.seen), self.bgpd.alive()))
        return time.monotonic() - began

    def lives(self, name):
        good = self.bgpd.alive() and "FRRouting" in self.bgpd.ask("show version") and self.monitor.counts()["downs"] == 0
        return check("%s: lives on, %s" % (self.kind.name, name), good, self.bgpd.log()[-500:] if not self.bgpd.alive() else self.monitor.counts())

    def stop(self):
        for speaker in (self.peer, self.monitor):
            speaker.stop()
        check(self.kind.name + ": bgpd ends when it is told", self.bgpd.stop())
        for cache in self.caches:
            cache.stop()


def dying(folder, kind):
    one = Lab(folder, kind, "-dying")
    one.follows("at first")
    slowest = (0, "")
    for state in script.STATES:
        if not one.lives("before a cache that is " + state):
            return
        one.cache.become(state)
        seen = one.cache.seen["connection"]
        one.change()  # the next answer is to a Serial Query on a connection that stands
        time.sleep(0.1)
        one.cache.cut()  # and then to one on another
        if state != "refuse":
            comes("%s: comes back to a cache that is %s" % (kind.name, state), lambda: one.cache.seen["connection"] > seen, 15)
        time.sleep(0.3)
        one.lives("with a cache that is " + state)
        one.change(notify=False)
        one.cache.become("ok")
        one.cache.notify()
        if state in SILENT:
            one.cache.cut()
        slowest = max(slowest, (one.follows("well after a cache that was " + state, 70), state))
    print("%s: the longest until all is right again %.1f s, after %s" % (kind.name, *slowest))
    one.stop()


def flapping(folder, kind):
    one = Lab(folder, kind, "-flapping", caches=2)
    one.follows("at first")
    times = one.cache.flap(10, 5)
    one.lives("after a cache that came and went %d times" % times)
    one.change()
    one.follows("well after it", 30)
    both = [cache.flap for cache in one.caches]
    threads = [script.threading.Thread(target=flap, args=(10, 3)) for flap in both]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        one.change(notify=True)
        time.sleep(0.1)
        one.bgpd.ask("show version")
    one.lives("after two that came and went and changed")
    one.follows("well after them", 30)
    print("%s: %d connections in 8 s of flapping; %.0f MiB, at most %.0f MiB" % (kind.name, sum(c.seen["connection"] for c in one.caches), *one.bgpd.memory()))
    # The first goes for good. What it said holds until it expires (RFC 8210 section 6), or another has data.
    one.cache.become("refuse")
    if kind is frr_module.Stock:
        one.follows("what a cache said holds when it has gone")
    else:
        one.change(one.caches[1:])
        one.follows("the second cache steps in", 60, of=one.caches[1])
    print("%s: the second cache was asked %d times" % (kind.name, one.caches[1].seen["reset"] + one.caches[1].seen["serial"]))
    one.stop()


def cable(folder, kind):
    """The cable is cut without a word: what is sent meanwhile comes later, on the same connection or on another."""
    one = Lab(folder, kind, "-cable")
    one.follows("at first")
    one.net["cache0"].cut()
    one.change()
    time.sleep(1)
    one.lives("without the cable")
    one.net["cache0"].join()
    one.change()
    one.follows("well with it again", 60)
    one.stop()


def under_frr(part):
    def each(folder):
        for kind in frr_module.kinds():
            part(folder, kind)
        if not frr_module.ours_is_here():
            skip("our module is not built: " + frr_module.OURS)

    each.__name__ = part.__name__
    return each


main(the_script, *(under_frr(part) for part in (dying, flapping, cable)), missing=frr_module.missing)
