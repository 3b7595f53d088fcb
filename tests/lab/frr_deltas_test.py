#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""500 changes of +9 -6 VRPs, each the size of a real half hour, from a file that is replaced, through `manrs rtrd`, to FRR, by
its own rpki module and by ours where that is built. One neighbour's routes all pass with a community for their state, another's
do not if they are Invalid. After every tenth what a monitor holds behind FRR is what RFC 6811 says of the set as it is then,
and what the monitor was told on the way is about routes that the difference names, and no other. Expected is found by looking
up every length above a route. Known of FRR's module (8.4): a route that its route map held back stays away when it is no more
Invalid, as a prefix without a path is not looked at again; and without soft-reconfiguration nothing is."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, equal, main, skip

US, PEER, STRICT, OTHER, MONITOR = 65540, 65541, 65542, 65543, 65544
VRPS, ROUTES, STEPS, EACH = 5000, 10000, int(os.environ.get("STEPS", 500)), 10
MAPS = [*frr_module.TAG, "route-map ROV deny 1", " match rpki invalid", "exit", "route-map ROV permit 2", "exit"]


class Lab:
    def __init__(self, folder, kind):
        self.kind, self.net = kind, hosts.Hosts("router", "cache", "peer", "strict", "other", "monitor")
        self.ours = kind is frr_module.Ours
        folder = os.path.join(folder, kind.name)
        os.mkdir(folder)
        self.deltas = script.Deltas(os.path.join(folder, "vrps.json"), script.many_vrps(11, VRPS))
        self.rtrd = hosts.rtrd(self.net["cache"], folder, "--vrps", self.deltas.path, "--notify-interval", "0")
        routes = sorted(script.many_routes(self.deltas.now, 12, ROUTES).items(), key=lambda route: route[0][::-1])  # mixed
        # Those of the other neighbour are not kept as they came: who judges them again asks for them.
        self.routes, self.held_back, self.others = dict(routes[: ROUTES * 7 // 10]), dict(routes[ROUTES * 7 // 10 : -500]), dict(routes[-500:])
        into = (("peer", PEER, "TAG", True), ("strict", STRICT, "ROV", True), ("other", OTHER, "TAG", False), ("monitor", MONITOR, "", True))
        neighbors = [hosts.Neighbor(self.net[name], asn, into=what, soft=soft) for name, asn, what, soft in into]
        before = [*kind.lines([(self.net["cache"].address, 8282)], "refresh-interval 1"), *MAPS]
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, kind.module).configure(neighbors, before=before).start()
        comes(kind.name + ": the cache's VRPs", lambda: kind.ready(self.bgpd, VRPS), 30)
        self.speakers = {name: hosts.Speaker(self.net[name], folder, self.bgpd.host.address, asn, name=name) for name, asn, _, _ in into}
        for speaker in self.speakers.values():
            speaker.wait("up")
        self.monitor = self.speakers["monitor"]
        for name, asn, what in (("peer", PEER, self.routes), ("strict", STRICT, self.held_back), ("other", OTHER, self.others)):
            self.speakers[name].announce([(prefix, "%d %d" % (asn, origin)) for prefix, origin in what.items()])

    def wanted(self):
        """prefix -> the community that it has behind FRR."""
        indexed = script.index(self.deltas.now)
        found = {prefix: frr_module.TAGS[script.judge(indexed, prefix, asn)] for prefix, asn in {**self.routes, **self.others}.items()}
        for prefix, asn in self.held_back.items():
            if script.judge(indexed, prefix, asn) != "invalid":
                found[prefix] = ""
        return found

    def as_it_should(self, wanted):
        """What FRR's module is known not to do is left out."""
        held = {prefix: route[1] for prefix, route in self.monitor.held.items()}  # what it heard is counted by who asked
        if self.ours:
            return held == wanted
        return all(held.get(p) == wanted[p] for p in self.routes) and all(p in wanted for p in self.held_back if p in held)

    def missing(self, wanted):
        held = self.monitor.communities()
        return [p for p in self.held_back if p in wanted and p not in held], [p for p in self.others if held.get(p) != wanted[p]]

    def serial(self):
        return self.rtrd.said().count("; serial ")

    def counts(self, name):
        return self.speakers[name].counts()

    def stop(self):
        for speaker in self.speakers.values():
            speaker.stop()
        check(self.kind.name + ": bgpd ends when it is told", self.bgpd.stop())
        self.rtrd.stop()


def follow(one, name, told):
    wanted = one.wanted()

    def there():
        told.extend(one.monitor.hear())
        one.kind.judge_again(one.bgpd)
        return one.as_it_should(wanted)

    return lab.until(there, 20, 0.02) or equal(name, one.monitor.communities(), wanted)


def half_hours(folder, kind):
    one, changed_states, strangers, silent, good = Lab(folder, kind), 0, set(), set(), True
    if not comes(kind.name + ": all of it at first", lambda: one.monitor.communities() == one.wanted(), 20):
        return equal(kind.name + ": at first", one.monitor.communities(), one.wanted())
    before, began, was = one.counts("peer")["sent_routes"], time.monotonic(), one.wanted()
    every = [*one.routes, *one.held_back, *one.others]
    for batch in range(STEPS // EACH):
        told, changed = [], set()
        for _ in range(EACH):
            serial = one.serial()
            add, remove = one.deltas.step()
            changed |= add | remove
            one.rtrd.process.send_signal(signal.SIGHUP)  # it looks every second or two, and is not to be waited for 500 times
            good = good and lab.until(lambda: one.serial() > serial, 10, 0.002)
        good = good and follow(one, "%s: after %d changes" % (kind.name, (batch + 1) * EACH), told)
        if not good:
            break
        strangers |= set(told) - script.named(changed, every)
        now = one.wanted()
        different = {p for p in every if was.get(p) != now.get(p)}
        changed_states += len(different)
        silent |= (different & set(one.routes)) - set(told)
        was = now
    seconds, (away, stale) = time.monotonic() - began, one.missing(was)
    check("%s: %d changes, each of which rtrd served and the monitor's routes followed" % (kind.name, STEPS), good, one.rtrd.said()[-500:])
    if kind.by_itself():
        check(kind.name + ": no route was told of that no difference names", not strangers, sorted(strangers)[:5])
    check(kind.name + ": of each that has another state it was", not silent, sorted(silent)[:5])
    check(kind.name + ": some came and went", changed_states > 100, changed_states)
    check(kind.name + ": the neighbours whose routes are kept were not asked for them", one.counts("peer")["sent_routes"] == before, one.counts("peer"))
    check(kind.name + ": no session was lost", all(one.counts(name)["downs"] == 0 for name in one.speakers))
    print("%s: %d changes in %.1f s, after which %d routes had another state; %.0f MiB, at most %.0f MiB; the other neighbour was asked %d times" % (
        kind.name, STEPS, seconds, changed_states, *one.bgpd.memory(), one.counts("other")["refresh4"] + one.counts("other")["refresh6"]))
    if one.ours:
        asked = one.counts("other")["refresh4"] + one.counts("other")["refresh6"]
        check(kind.name + ": the other neighbour was asked each second at most, for each family", 0 < asked <= 2 * (seconds + 25), (asked, seconds))
        if good:
            counted(one)
    else:
        print("%s: %d routes that are no more Invalid stay away, %d of 500 that are not kept have an old state" % (kind.name, len(away), len(stale)))
    one.stop()


def counted(one):
    """Forty changes one by one: as many kept routes are processed again as the difference names, and what is asked of the
    neighbour whose routes are not kept is what it was asked."""
    kept, wrong = [*one.routes, *one.held_back], []

    def settled():
        busy, again, _, serial = one.kind.counts(one.bgpd)
        return (again,) if serial == one.serial() and not busy else None

    comes("ours has settled", settled, 20)
    for _ in range(40):
        before, serial = settled(), one.serial()
        add, remove = one.deltas.step()
        one.rtrd.process.send_signal(signal.SIGHUP)
        good = lab.until(lambda: one.serial() > serial, 10, 0.002) and lab.until(settled, 10, 0.005)
        if not check("a change is served and settles", good and before, (one.serial(), one.kind.counts(one.bgpd))):
            return
        names, done = len(script.named(add | remove, kept)), settled()[0] - before[0]
        if done != names:
            wrong.append((names, done))
    check("as many kept routes are processed again as the difference names", not wrong, wrong)
    asked = one.counts("other")
    told = one.kind.counts(one.bgpd)[2]
    check("the refreshes that it counts came", told == asked["refresh4"] + asked["refresh6"] > 0, (told, asked))


def all_kinds(folder):
    for kind in frr_module.kinds():
        half_hours(folder, kind)
    if not frr_module.ours_is_here():
        skip("our module is not built: " + frr_module.OURS)


main(all_kinds, missing=frr_module.missing)
