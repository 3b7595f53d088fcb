#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A whole table: a million routes (prefixes of 2024, origins of 2026) to FRR's bgpd, 723,521 real VRPs by `manrs rtrd`, with
FRR's own rpki module and with ours where that is built. The states must be those in which rtrlib, OpenBGPD's trie and BIRD
agree (shared data; without it the test is skipped). Then a real half hour, +9 -6 VRPs: a monitor behind FRR is told of routes
that the difference names, and of no other. With ours, exceptions for a large origin and a file as large as all come, change and go,
and in the end so does the cache. What it took, and bgpd's longest task, is printed."""

import collections
import itertools
import json
import lzma
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import DATA, MANRS, check, comes, data, equal, main, skip, timed

US, PEER, MONITOR = 4200000001, 4200000002, 4200000003  # in no real path
N = int(os.environ.get("ROUTES", 1000000))
VRPS, TABLE = "rpki-client-20250720T093135Z.json.bz2", "routes-2024prefix-2026origin"
TAGS = {letter: frr_module.TAGS[state] for letter, state in (("v", "valid"), ("i", "invalid"), ("n", "not-found"))}
OURS_10_MS = 10  # no task of a module may hold bgpd longer
bgpds = set()  # its tasks without a module of ours


def table():
    """prefix -> (origin, state), N of them, IPv6 among them as in the file."""
    found = {}
    with lzma.open(data("routes", TABLE + ".txt.xz"), "rt") as rows, lzma.open(data("rov", "expected", TABLE + ".states.xz"), "rt") as states:
        letters = states.read().replace("\n", "")
        for line, letter in zip(rows, letters):
            prefix, origin = line.split()
            if ":" in prefix or 0 < int(prefix.split(".", 1)[0]) < 224:
                found[prefix] = (int(origin), letter)
    return dict(itertools.islice(found.items(), max(0, len(found) - N), None))  # IPv6 stands at the end


def whole_table(folder, kind, routes, big):
    net = hosts.Hosts("router", "cache", "peer", "monitor")
    folder = os.path.join(folder, kind.name)
    os.mkdir(folder)
    small, base = os.path.join(folder, "half-hour.json"), os.path.join(folder, "base.csv")
    one, two = half_hour()
    with open(base, "w") as file:  # all of the table's VRPs but the six that go
        gone = {"AS%d,%s,%d" % (asn, prefix, maxlen) for prefix, maxlen, asn in one - two}
        file.writelines(line for line in big.splitlines(True) if line.rsplit(",", 1)[0] not in gone)
    lab.write_json(small, one - two)
    rtrd = hosts.rtrd(net["cache"], folder, "--vrps", base, "--vrps", small, "--notify-interval", "0")
    neighbors = [hosts.Neighbor(net["peer"], PEER, into="TAG"), hosts.Neighbor(net["monitor"], MONITOR)]
    before = [*kind.lines([(net["cache"].address, 8282)]), *frr_module.TAG]
    bgpd = hosts.Bgpd(net["router"], folder, US, kind.module).configure(neighbors, before=before).start()
    with timed(kind.name + ": all VRPs"):
        comes(kind.name + ": all VRPs", lambda: kind.ready(bgpd, 723521), 60, 0.2)
    print("%s: %.0f MiB with the VRPs" % (kind.name, bgpd.memory()[0]))
    if kind is frr_module.Ours:
        choices(bgpd, folder, big)
    first = told_tasks(kind, "until then", bgpd.longest_tasks())
    bgpd.forget_tasks()
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, name="monitor")
    monitor.wait("up")
    peer = hosts.Speaker(net["peer"], folder, bgpd.host.address, PEER, name="peer")
    path = os.path.join(folder, "routes")
    hosts.write_routes(path, sorted(((p, "%d %d" % (PEER, origin)) for p, (origin, _) in routes.items()), key=lambda row: row[1]))
    with timed("%s: %d routes through bgpd" % (kind.name, len(routes))):
        peer.announce(path)
        comes(kind.name + ": all routes pass", lambda: monitor.counts()["announced"] >= len(routes), 200, 0.2, lambda: (monitor.counts(), peer.counts()))
    equal(kind.name + ": their states are those of three other programs", monitor.communities(), {p: TAGS[letter] for p, (_, letter) in routes.items()})
    print("%s: %.0f MiB with the routes, at most %.0f MiB" % (kind.name, *bgpd.memory()))
    changed = one ^ two
    names, before, began = script.named(changed, routes), peer.counts()["sent_routes"], time.monotonic()
    lab.write_json(small, two - one)
    rtrd.process.send_signal(signal.SIGHUP)
    comes("rtrd serves the half hour", lambda: "serial 2" in rtrd.said(), 30)
    check("... of +9 -6", "9 came, 6 went; serial 2" in rtrd.said(), rtrd.said())
    wanted, told = judged(base, small, {prefix: routes[prefix][0] for prefix in names}), []

    def there():
        told.extend(monitor.hear())
        return all(monitor.held[prefix][1] == wanted[prefix] for prefix in names)

    comes(kind.name + ": the routes of the half hour have their new states", there, 20, 0.02, lambda: [(p, monitor.held[p], wanted[p]) for p in names][:5])
    seconds = time.monotonic() - began
    time.sleep(1)
    there()
    check(kind.name + ": the half hour is told of routes that it names alone", set(told) <= names, sorted(set(told) - names)[:5])
    check(kind.name + ": nobody is asked for routes", peer.counts()["sent_routes"] == before)
    print("%s: the half hour names %d routes, %d times one was told; all right after %.2f s" % (kind.name, len(names), len(told), seconds))
    if kind is frr_module.Ours:
        with timed("bgpd_manrs: no cache"):
            bgpd.vty.configure(*kind.remove((net["cache"].address, 8282)))
            comes("bgpd_manrs: without a cache nothing is valid or invalid", lambda: not set(monitor.communities().values()) & {TAGS["v"], TAGS["i"]}, 120, 0.5)
    mine = told_tasks(kind, "since", bgpd.longest_tasks())
    slow = [(name, cpu) for some in (first, mine) for name, (cpu, _) in some.items() if cpu > OURS_10_MS]
    check("%s: no task of a module of ours takes more than %d ms" % (kind.name, OURS_10_MS), not slow, slow)
    for speaker in (peer, monitor):
        speaker.stop()
    check(kind.name + ": bgpd ends when it is told", bgpd.process.stop(60))
    rtrd.stop()


def choices(bgpd, folder, big):
    """What a database is gone over for. The counts are those of the lines."""
    rows = [line.split(",")[:3] for line in big.splitlines()[1:]]
    origin, many = collections.Counter(row[0] for row in rows).most_common(1)[0]
    slurm, path = os.path.join(folder, "slurm.json"), os.path.join(folder, "other.csv")
    places = sorted({(prefix, maxlen) for _, prefix, maxlen in rows})
    n = len(rows)

    def step(name, wanted, *lines):
        bgpd.vty.configure("manrs", *lines)
        with timed("bgpd_manrs: " + name):
            comes("bgpd_manrs: " + name, lambda: (lambda now: now["vrps"] == wanted and not now["busy"])(bgpd.json("show manrs json")), 60, 0.2,
                  lambda: (bgpd.json("show manrs json")["vrps"], wanted))

    def write(rows):
        with open(path + ".new", "w") as file:
            file.writelines(["ASN,IP Prefix,Max Length,Trust Anchor\n", *("AS4200000009,%s,%s,lab\n" % row for row in rows)])
        os.rename(path + ".new", path)

    with open(slurm, "w") as file:
        json.dump({"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [{"asn": int(origin[2:])}], "bgpsecFilters": []},
                   "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []}}, file)
    step("exceptions", n - many, "slurm " + slurm)
    write(places)
    step("a file", n - many + len(places), "file " + path)
    write(places[::2])
    step("half of the file", n - many + len(places[::2]), "do manrs reload")
    step("without exceptions", n + len(places[::2]), "no slurm")
    step("without the file", n, "no file " + path)


def told_tasks(kind, when, tasks):
    """The longest are printed; those that only a bgpd with our module has are returned."""
    if kind is frr_module.Stock:
        bgpds.update(tasks)
    mine = {name: ms for name, ms in tasks.items() if name.startswith("manrs_") or (bgpds and name not in bgpds and "vtysh" not in name)}
    for whose, some in (("all", tasks), ("ours", mine)):
        longest = sorted(some.items(), key=lambda task: -task[1][0])[:5]
        if some:
            print("%s, %s: longest tasks (%s), CPU and time: %s" % (kind.name, when, whose, ", ".join("%s %.1f, %.1f ms" % (name, *ms) for name, ms in longest)))
    return mine


def half_hour():
    """A real cache's VRPs of 2,021 prefixes, before and after; those before are all in the table's."""
    found = []
    for name in ("state1.json", "state2.json"):
        with open(data("rtr", "stayrtr-0.5.1", name)) as file:
            found.append({lab.vrp(*row) for row in json.load(file)["roas"]})
    return found


def judged(base, small, routes):
    lines = "".join("%s %d\n" % route for route in routes.items())
    done = subprocess.run([MANRS, "rov", "--vrps", base, "--vrps", small], input=lines, capture_output=True, text=True, check=True)
    return {prefix: TAGS[line.rsplit(": ", 1)[1][0]] for prefix, line in zip(routes, done.stdout.splitlines())}


def million(folder):
    big = data("vrp", VRPS)
    if not big or not data("routes", TABLE + ".txt.xz") or not data("rtr", "stayrtr-0.5.1", "state2.json"):
        return skip("no real table in " + DATA)
    big = subprocess.run([MANRS, "vrps", "--vrps", big], capture_output=True, text=True, check=True).stdout
    routes = table()
    check("as many routes as wanted", len(routes) == N, len(routes))
    for kind in frr_module.kinds():
        whole_table(folder, kind, routes, big)
    return None if frr_module.ours_is_here() else skip("our module is not built: " + frr_module.OURS)


main(million, missing=frr_module.missing)
