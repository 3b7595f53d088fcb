#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our module in FRR's bgpd under load: routes of two neighbours, one whose routes are kept and one that is asked for them,
judged by ROV and ASPA; changes of VRPs and ASPAs, clears, other roles, policies, exceptions and caches, and its end. After all of
that the states are what RFC 6811 says, memory is where it was, and no task of the module held bgpd for 10 ms.

    ROUTES, DELTAS, CLEARS, TIMES         20000, 10, 3, 3
    MANRS_FRR_MODULE=/abs/bgpd_manrs.so   one that was built with -fsanitize=address: no report, and no leak but FRR's own"""

import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, equal, main, timed

US, KEPT, ASKED, MONITOR = 65540, 65541, 65542, 65543
ROUTES, DELTAS, CLEARS, TIMES = (int(os.environ.get(name, value)) for name, value in (("ROUTES", 20000), ("DELTAS", 10), ("CLEARS", 3), ("TIMES", 3)))
OURS_10_MS = 10
MAPS = [*frr_module.TAG, "route-map LEAKS permit 1", " match manrs aspa invalid", " set community 65535:40010 additive", " on-match next", "exit",
        "route-map LEAKS permit 2", " match manrs any", " set community 65535:40011 additive", " on-match next", "exit",
        "route-map LEAKS permit 3", " call TAG", "exit"]
# FRR allocates by these alone, and libyang and json-c keep what FRR asked of them. No stack of the module's own allocations has
# one of them: they are libfrr's innermost frames, and all that the module runs in is called from libfrr's loop, not from these.
FRRS_OWN = "leak:qmalloc\nleak:qcalloc\nleak:qrealloc\nleak:qstrdup\nleak:libyang.so\nleak:libjson-c.so\n"


def sanitized():
    return "__asan_init" in lab.run("nm", "-D", frr_module.OURS)


class Lab:
    def __init__(self, folder):
        self.folder, self.net = folder, hosts.Hosts("router", "cache", "kept", "asked", "monitor")
        self.deltas = script.Deltas(os.path.join(folder, "vrps.json"), script.many_vrps(61, 20000), self.aspas(62))
        self.rtrd = hosts.rtrd(self.net["cache"], folder, "--vrps", self.deltas.path, "--notify-interval", "0", "--guard", "100")
        routes = sorted(self.some_routes().items(), key=lambda route: route[0][::-1])
        self.kept, self.asked = dict(routes[: len(routes) * 9 // 10]), dict(routes[len(routes) * 9 // 10 :])
        self.neighbors = [hosts.Neighbor(self.net["kept"], KEPT, into="LEAKS", more=["manrs role customer"]),
                          hosts.Neighbor(self.net["asked"], ASKED, into="LEAKS", soft=False, more=["manrs role customer"]),
                          hosts.Neighbor(self.net["monitor"], MONITOR)]
        self.files = {}
        for name, text in (("policy", "max-path = 40\nprefix-length-4 = 8-24\n"), ("slurm", SLURM)):
            self.files[name] = os.path.join(folder, name)
            with open(self.files[name], "w") as file:
                file.write(text)
        before = [*frr_module.Ours.lines([(self.net["cache"].address, 8282)], "refresh-interval 1"), *MAPS]
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, frr_module.OURS).configure(self.neighbors, before=before)
        if sanitized():
            self.bgpd.under = self.sanitizer()
        self.bgpd.start()

    def sanitizer(self):
        """Its library in a folder that another release's tree sees too."""
        place = self.bgpd.folder
        shutil.copy(lab.run("gcc", "-print-file-name=libasan.so").strip(), os.path.join(place, "libasan.so"))
        with open(os.path.join(place, "suppressions"), "w") as file:
            file.write(FRRS_OWN)
        return ["env", "LD_PRELOAD=%s/libasan.so" % place, "ASAN_OPTIONS=detect_leaks=1:malloc_context_size=40:log_path=%s/asan" % place,
                "LSAN_OPTIONS=suppressions=%s/suppressions:print_suppressions=0" % place]

    def some_routes(self):
        """Under its VRPs, and past what those have room for each /24 of a row of /8s."""
        found, rng = script.many_routes(self.deltas.now, 63, min(ROUTES, 100000)), random.Random(65)
        for number in range(16 << 16, 224 << 16):
            if len(found) >= ROUTES:
                return found
            found.setdefault("%d.%d.%d.0/24" % (number >> 16, number >> 8 & 255, number & 255), 64496 + rng.randrange(16))
        return found

    @staticmethod
    def aspas(seed):
        rng = random.Random(seed)
        return {(64600 + n, tuple(sorted(rng.sample(range(64600, 64900), 3)))) for n in range(200)}

    def speak(self):
        self.speakers = {}
        rng, span = random.Random(64), 300 if ROUTES <= 100000 else 10  # of many, some have the same path, as in a real table
        for name, asn, routes in (("monitor", MONITOR, {}), ("kept", KEPT, self.kept), ("asked", ASKED, self.asked)):
            self.speakers[name] = speaker = hosts.Speaker(self.net[name], self.folder, self.bgpd.host.address, asn, name=name)
            check("a session", speaker.wait("up", 20), speaker.seen)
            rows = [(prefix, "%d %d %d %d" % (asn, 64600 + rng.randrange(span), 64600 + rng.randrange(span), origin)) for prefix, origin in routes.items()]
            speaker.announce(sorted(rows, key=lambda row: row[1]))
        self.monitor = self.speakers["monitor"]

    def numbers(self):
        return self.bgpd.json("show manrs json")

    def idle(self):
        return lab.until(lambda: not self.numbers()["busy"], 60, 0.02)

    def right(self, name, seconds=60 + ROUTES // 3000):
        """All routes have the community of their state."""
        index = script.index(self.deltas.now)
        tags = set(frr_module.TAGS.values())
        wanted = {prefix: frr_module.TAGS[script.judge(index, prefix, asn)] for prefix, asn in {**self.kept, **self.asked}.items()}
        held = lambda: {prefix: next((word for word in route.split() if word in tags), "") for prefix, route in self.monitor.communities().items()}
        lab.until(lambda: held() == wanted, seconds, 0.3)
        return equal(name, held(), wanted)

    def change(self):
        serial = self.rtrd.said().count("; serial ")
        self.deltas.step()
        self.rtrd.process.send_signal(signal.SIGHUP)
        return lab.until(lambda: self.rtrd.said().count("; serial ") > serial, 30, 0.005)

    def configure(self, *lines):
        self.bgpd.vty.configure(*lines)


SLURM = json.dumps({"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [{"asn": 64500}], "bgpsecFilters": []},
                    "locallyAddedAssertions": {"prefixAssertions": [{"asn": 64501, "prefix": "20.0.0.0/8", "maxPrefixLength": 24}], "bgpsecAssertions": []}})


def changes(one, n):
    """As a file that is replaced has them, some faster than they are walked."""
    good = True
    for step in range(n):
        if step % 10 == 9:
            one.deltas.aspas = one.aspas(100 + step)
        good = one.change() and good
        if step % 3 == 0:
            time.sleep(0.05)
    check("%d changes were served" % n, good, one.rtrd.said()[-300:])
    serial = one.rtrd.said().count("; serial ")
    comes("the last is taken", lambda: one.numbers()["caches"][0]["serial"] == serial, 60, note=lambda: (one.numbers()["caches"], serial))
    one.idle()


def clears(one, n):
    for step in range(n):
        for command in ("clear bgp ipv4 unicast * soft in", "clear bgp * soft out", "clear bgp ipv6 unicast * in"):
            one.bgpd.ask(command)
            time.sleep(0.1)
        if step % 3 == 2:
            one.bgpd.ask("clear bgp %s" % one.net["kept"].address)
            one.monitor.hear()
            comes("its session is back", lambda: one.bgpd.received(one.neighbors[0].host) > 0, 30)
            one.change()
        settle(one)


def settle(one):
    """All routes are there and nobody works."""
    n4 = sum(":" not in prefix for prefix in one.kept)
    comes("all of its routes are there", lambda: one.bgpd.received(one.neighbors[0].host) == n4, 60 + ROUTES // 3000, 0.2)
    one.idle()


def reconfigures(one):
    cache = "cache %s 8282" % one.net["cache"].address
    role = lambda neighbor, word: ("router bgp %d" % US, "neighbor %s manrs role %s" % (neighbor.host.address, word), "exit")
    for word in ("provider", "peer", "rs", "rs-client", "customer"):
        one.configure(*role(one.neighbors[0], word))
        one.change()
    one.configure("manrs", "policy " + one.files["policy"], "slurm " + one.files["slurm"])
    one.idle()
    one.bgpd.ask("manrs reload")
    one.configure("manrs", "when-stale keep", "cache-mode union", "local-as 65550")
    one.configure("manrs", "no " + cache)
    one.configure("manrs", cache + " preference 2")
    one.change()
    one.configure("no manrs")
    comes("without a line of it there is no VRP", lambda: one.numbers()["vrps"] == 0, 30)
    for step in range(5):  # in the middle of a set
        one.configure(*frr_module.Ours.add((one.net["cache"].address, 8282)))
        time.sleep(0.02 * step)
        one.configure("no manrs")
    one.configure(*frr_module.Ours.lines([(one.net["cache"].address, 8282)], "refresh-interval 1"))
    one.bgpd.ask("show manrs", "show manrs changes", "show manrs prefix 20.0.0.0/8 origin 64500")
    for prefix in list(one.kept)[:300]:
        one.bgpd.ask("show manrs explain " + prefix)


def frrs_memory(one):
    """What FRR counts, by its names: those of routes."""
    found = {}
    for line in one.bgpd.ask("show memory").splitlines():
        row = re.match(r"(BGP (?:node|route|adj in|adj out|attribute|aspath).*?)\s*:\s+(\d+)", line)
        if row:
            found[row[1].strip()] = int(row[2])
    return found


def load(folder):
    one = Lab(folder)
    comes("the cache's VRPs", lambda: one.numbers()["vrps"] == len(one.deltas.now), 60, note=one.numbers)
    with timed("%d routes" % ROUTES):
        one.speak()
        comes("all routes pass", lambda: one.monitor.counts()["announced"] >= len(one.kept) + len(one.asked), 300, 0.3)
    one.right("at first")
    one.bgpd.forget_tasks()
    seen = []
    for part in range(TIMES):
        with timed("%d changes and %d clears" % (DELTAS, CLEARS)):
            changes(one, DELTAS)
            with timed("clears"):
                clears(one, CLEARS)
            one.right("after %d changes and %d clears" % ((part + 1) * DELTAS, (part + 1) * CLEARS))
        seen.append((one.bgpd.memory()[0], one.numbers()["memoryBytes"] >> 10, frrs_memory(one)))
        print("%.1f MiB, %d KiB of the database, %s" % seen[-1])
    last, before = seen[-1], seen[-2]
    if not sanitized():  # it keeps what is freed for a while
        check("memory is where it was", last[0] < before[0] * 1.03 + 2, seen)
        slow = {name: ms for name, ms in one.bgpd.longest_tasks().items() if name.startswith("manrs_") and ms[0] > OURS_10_MS}
        print("longest tasks: " + ", ".join("%s %.1f, %.1f ms" % (name, *ms) for name, ms in sorted(one.bgpd.longest_tasks().items(), key=lambda t: -t[1][0])[:8]))
        check("no task of the module takes more than %d ms" % OURS_10_MS, not slow, slow)
        check("tasks of it are among them", any(name.startswith("manrs_") for name in one.bgpd.longest_tasks()), one.bgpd.longest_tasks())
    check("and so is the database", last[1] < before[1] * 1.1 + 1024, seen)
    with timed("other configurations"):
        reconfigures(one)
        one.right("after all that")
    one.change()  # something is at work when it ends
    check("bgpd ends when it is told", one.bgpd.process.stop(120))
    code = one.bgpd.process.process.returncode
    reports = "".join(open(path, errors="replace").read() for path in glob.glob(one.bgpd.folder + "/asan.*"))
    check("with nothing to say", code == 0 and not reports, (code, one.bgpd.process.said()[-500:], reports[:1500]))
    for speaker in one.speakers.values():
        check("no session was lost but those that were cleared", speaker.name != "asked" or speaker.counts()["downs"] <= 1, speaker.counts())
        speaker.stop()
    one.rtrd.stop()


main(load, missing=lambda: "" if frr_module.ours_is_here() else "no module: make frr")
