#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our module in FRR's bgpd reconfigured under load: while tables of routes come, caches change and flap, and files are written,
broken and taken away, terminals add, change and remove caches, files, exceptions, policies, roles and route maps, clear sessions,
say `no manrs`, ask, and type nonsense. bgpd lives; and in the end, configured as it is written, the states of all routes are
what RFC 6811 says of what the cache has. The commands are drawn by a seed (LOAD_SEED), the same each time but for their timing."""

import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, main

US, SECONDS, ROUTES = 65540, float(os.environ.get("LOAD_SECONDS", 12)), 3000
ASNS = {"one": 65541, "two": 65542, "monitor": 65543, "internal": US}
OUT = ["route-map OUT deny 10", " match manrs leak", "exit", "route-map OUT permit 20", " match manrs any", " set community 65535:1 additive", "exit",
       "route-map OUT permit 30", "exit", "route-map STRICT deny 10", " match manrs any", "exit", "route-map STRICT permit 20", "exit",
       "route-map OWN deny 10", " match rpki invalid", "exit", "route-map OWN permit 20", "exit"]
SLURM = ('{"slurmVersion":1,"validationOutputFilters":{"prefixFilters":[{"asn":64497}],"bgpsecFilters":[]},"locallyAddedAssertions":'
         '{"prefixAssertions":[{"asn":64500,"prefix":"16.0.0.0/8","maxPrefixLength":24}],"bgpsecAssertions":[]}}')
TESTS = "rov aspa otc leak bogon-prefix bogon-asn path-loop peerlock any".split()


class Lab:
    def __init__(self, folder):
        self.folder, self.net = folder, hosts.Hosts("router", *ASNS, "first", "second")
        self.address = {name: host.address for name, host in self.net.items()}
        vrps = script.many_vrps(71, 800)
        self.caches = [script.ScriptedCache(self.net[name], vrps) for name in ("first", "second")]
        self.deltas = [script.Deltas(os.path.join(folder, name), vrps, seed=number) for number, name in enumerate(("a", "b"))]
        self.routes = script.many_routes(vrps, 72, ROUTES)
        self.path = {name: os.path.join(folder, name) for name in ("vrps.json", "more.json", "slurm.json", "policy", "strict", "bad")}
        lab.write_json(self.path["vrps.json"], script.many_vrps(73, 300))
        lab.write_json(self.path["more.json"], script.many_vrps(74, 300), {(64496 + i, (65541, 65542)) for i in range(16)})
        for name, text in (("slurm.json", SLURM), ("policy", "max-path = 4\n"), ("strict", "role = customer\nmax-path = 3\n"), ("bad", "{{{ role == \n\0\xff")):
            self.write(name, text)
        neighbors = [hosts.Neighbor(self.net["one"], ASNS["one"], into="TAG"), hosts.Neighbor(self.net["two"], ASNS["two"], into="TAG", soft=False),
                     hosts.Neighbor(self.net["monitor"], ASNS["monitor"]), hosts.Neighbor(self.net["internal"], US)]
        self.neighbors, self.bgpd = neighbors, hosts.Bgpd(self.net["router"], folder, US, frr_module.OURS)
        self.bgpd.configure(neighbors, before=[*frr_module.TAG, *OUT], within=[" no bgp network import-check"],
                            after=["router bgp %d" % US, " address-family ipv4 unicast", *("  aggregate-address 16.%d.0.0/14 route-map OWN" % n for n in range(0, 16, 4)), "exit"]).start()
        os.chmod(self.bgpd.folder, 0o777)
        self.speakers = {name: hosts.Speaker(self.net[name], folder, self.bgpd.host.address, asn, name=name) for name, asn in ASNS.items()}
        for name in ("one", "two"):
            tail = "" if name == "one" else " 64999"
            self.speakers[name].announce([(prefix, "%d%s %d" % (ASNS[name], tail, asn)) for prefix, asn in self.routes.items()])
        self.end, self.done, self.broken = 0, {}, []

    def write(self, name, text):
        with open(self.path[name], "w") as file:
            file.write(text)

    # ---- what terminals say ----

    def configuration(self, rng):
        first, second, one, two = (self.address[name] for name in ("first", "second", "one", "two"))
        manrs = ["cache %s 8282 preference %d" % (rng.choice((first, second)), rng.randrange(4)), "no cache %s 8282" % rng.choice((first, second)),
                 "cache %s 8282 preference 1 source %s" % (first, self.address["router"]), "cache %s 8282 preference 1 password X" % second,
                 "cache nowhere.example 8282 preference 0", "no cache nowhere.example 8282", "cache localhost 1 preference 9", "no cache localhost 1",
                 "file " + self.path[rng.choice(("vrps.json", "more.json", "bad", "policy"))], "no file " + self.path[rng.choice(("vrps.json", "more.json", "bad", "policy"))],
                 "slurm " + self.path[rng.choice(("slurm.json", "bad"))], "no slurm", "policy " + self.path[rng.choice(("policy", "strict", "bad"))],
                 "no policy " + self.path[rng.choice(("policy", "strict", "bad"))], "local-as %d" % rng.choice((US, 64496)), "no local-as",
                 "when-stale " + rng.choice(("keep", "not-found")), "refresh-interval %d" % rng.choice((1, 5)), "cache-mode " + rng.choice(("union", "preference")),
                 "guard %d" % rng.randrange(1, 100), "no guard"]
        roles = ["neighbor %s manrs role %s" % (rng.choice((one, two)), rng.choice(("customer", "peer", "provider", "rs", "rs-client"))),
                 "no neighbor %s manrs role" % rng.choice((one, two))]
        family = ["neighbor %s route-map %s in" % (rng.choice((one, two)), rng.choice(("TAG", "STRICT"))), "neighbor %s route-map OUT out" % rng.choice((one, two)),
                  "no neighbor %s route-map OUT out" % rng.choice((one, two)), rng.choice(("", "no ")) + "neighbor %s soft-reconfiguration inbound" % rng.choice((one, two)),
                  "network 16.%d.0.0/16 route-map OWN" % rng.randrange(9), "no network 16.%d.0.0/16" % rng.randrange(9),
                  "aggregate-address 16.%d.0.0/14 route-map %s" % (4 * rng.randrange(4), rng.choice(("OWN", "STRICT")))]  # `no` of none stops 10.7
        what = rng.random()
        if what < 0.55:
            return ["configure terminal", "manrs", *rng.choices(manrs, k=3), "end"]
        if what < 0.8:
            return ["configure terminal", "router bgp %d" % US, *rng.choices(roles, k=2), "address-family ipv4 unicast", *rng.choices(family, k=2), "end"]
        if what < 0.9:
            return ["configure terminal", "route-map STRICT deny 10", "%smatch manrs %s" % (rng.choice(("", "no ")), rng.choice(TESTS)), "end"]
        if what < 0.95:
            return ["configure terminal", "no manrs", "end"]
        return ["configure terminal", "router bgp %d" % US, "no neighbor " + two, "neighbor %s remote-as %d" % (two, ASNS["two"]), "neighbor %s passive" % two, "end"]

    def clears(self, rng):
        return [rng.choice(["clear bgp *"] + ["clear bgp * soft in", "clear bgp * soft out", "clear bgp ipv4 unicast * soft in", "clear bgp ipv6 unicast * soft out",
                                              "clear bgp %s" % self.address["two"], "clear bgp %s in" % self.address["one"], "manrs reload"] * 3)]

    def questions(self, rng):
        prefix = rng.choice(list(self.routes))
        return [rng.choice(["show manrs", "show manrs json", "show manrs prefix %s origin %d" % (prefix, 64496 + rng.randrange(16)), "show manrs explain " + prefix,
                            "show manrs explain %s neighbor %s" % (prefix, self.address["one"]), "show manrs changes", "show running-config",
                            "show bgp ipv4 unicast " + prefix.replace(":", "1."), "write terminal", "manrs cache %s 8282 accept" % self.address["first"]])]

    def nonsense(self, rng):
        words = ("show manrs explain prefix cache file slurm policy no neighbor role match rpki any manrs configure terminal end exit json origin preference source password "
                 "0 -1 65536 99999999999999999999 ::1 300.1.1.1 1.2.3.4/99 2001:db8::/129 %s%n%s ' \" \\ | ? * é").split()
        text = " ".join(rng.choice(words) for _ in range(rng.randrange(1, 9)))
        return [rng.choice([text, text[: rng.randrange(len(text) + 1)], "A" * rng.choice((300, 3000)), "show manrs " + text, "manrs cache " + text, "".join(chr(rng.randrange(1, 255)) for _ in range(40)),
                            "show manrs explain 0.0.0.0/0 neighbor " + "x" * 500, "show manrs prefix ::/0 origin 0"])]

    def terminal(self, name, commands, wait):
        """Says them until it is time; a refused one is an answer too."""
        rng, path, vty, count = random.Random("%s%s" % (os.environ.get("LOAD_SEED", "1"), name)), os.path.join(self.bgpd.folder, "bgpd.vty"), None, 0
        while time.monotonic() < self.end and self.bgpd.alive():
            try:
                vty = vty or hosts.Vty(path, 5)
                for command in commands(rng):
                    vty.one(command)
                    count += 1
                time.sleep(wait)
            except (OSError, RuntimeError) as error:  # `exit`, and a line too long, end a terminal
                vty = None
                if name != "nonsense":
                    self.broken.append("%s: %r" % (name, error))
        self.done[name] = count

    # ---- what is under it meanwhile ----

    def world(self):
        rng = random.Random(75)
        while time.monotonic() < self.end:
            which = rng.randrange(2)
            cache = self.caches[which]
            cache.change(*self.deltas[which].step(write=False))
            what = rng.random()
            if what < 0.1:
                cache.become(rng.choice(sorted(script.STATES)))
                time.sleep(0.1)
                cache.cut()
                cache.become("ok")
            elif what < 0.2:
                lab.write_json(self.path["vrps.json"], script.many_vrps(rng.random(), 300))
            elif what < 0.25:
                self.write("vrps.json", "{broken")
            elif what < 0.3:
                self.speakers["two"].tell("drop")
            time.sleep(0.05)

    def run(self):
        self.end = time.monotonic() + SECONDS
        parts = [threading.Thread(target=self.terminal, args=row) for row in (("configuration", self.configuration, 0.01), ("clears", self.clears, 0.4), ("questions", self.questions, 0.01),
                                                                              ("nonsense", self.nonsense, 0.002), ("more configuration", self.configuration, 0.05))]
        parts.append(threading.Thread(target=self.world))
        for part in parts:
            part.start()
        for part in parts:
            part.join()

    def follows(self):
        """As configured in the end, the states of all routes of `one`."""
        lines = ["configure terminal", "no manrs", "manrs", "cache %s 8282 preference 1" % self.address["first"], "exit", "router bgp %d" % US, "no neighbor " + self.address["two"]]
        for family in ("ipv4", "ipv6"):
            lines += ["address-family %s unicast" % family, "neighbor %s soft-reconfiguration inbound" % self.address["one"], "neighbor %s route-map TAG in" % self.address["one"], "exit-address-family"]
        self.caches[0].become("ok")
        self.caches[0].cut()
        for line in [*lines, "end"]:
            self.bgpd.vty.one(line)
        for line in ("configure terminal", "router bgp %d" % US, "address-family ipv4 unicast", *("no network 16.%d.0.0/16" % n for n in range(9)),
                     *("no aggregate-address 16.%d.0.0/14" % n for n in range(0, 16, 4)), "end"):
            self.bgpd.vty.one(line)
        indexed = script.index(self.caches[0].now)
        wanted = {prefix: frr_module.TAGS[script.judge(indexed, prefix, asn)] for prefix, asn in self.routes.items()}

        def heard():
            found = self.speakers["monitor"].communities()
            return {prefix: found.get(prefix) for prefix in wanted}

        good = lab.until(lambda: heard() == wanted, 30, 0.2)
        wrong = [(p, heard()[p], wanted[p]) for p in wanted if heard()[p] != wanted[p]]
        return check("in the end all states are right", good, (len(wrong), wrong[:3], self.bgpd.json("show manrs json")))


def load(folder):
    one = Lab(folder)
    lab.until(lambda: len(one.speakers["monitor"].heard()) == ROUTES, 20)
    one.run()
    print("commands: %s; %.0f MiB, at most %.0f MiB" % (one.done, *(one.bgpd.memory() if one.bgpd.alive() else (0, 0))))
    check("no terminal was left alone", not one.broken, one.broken)
    if not check("bgpd lives", one.bgpd.alive(), one.bgpd.process.said()[-3000:]):
        return
    check("much was said", len(one.done) == 5 and sum(one.done.values()) > 300, one.done)
    one.follows()
    found = one.bgpd.json("show manrs json")
    print("%d snapshots, %d processed again, %d advertised again, %d originated, %d refreshes" % tuple(found[name] for name in ("commits", "reprocessed", "advertised", "originated", "refreshes")))
    tasks = {task: ms for task, (ms, _) in one.bgpd.longest_tasks().items() if task.startswith("manrs")}
    print("the longest of each task of the module, ms of CPU: %s" % tasks)
    check("none takes 10 ms", tasks and max(tasks.values()) < 10, tasks)
    with open("/proc/%d/task/%d/children" % (one.bgpd.pid(), one.bgpd.pid())) as file:
        check("no child of it is left", file.read() == "")
    said = one.bgpd.process.said()
    check("nothing of what sanitizers and asserts say", not any(word in said + one.bgpd.log() for word in ("ERROR: AddressSanitizer", "runtime error:", "Assertion", "Backtrace")), said[-2000:])
    for speaker in one.speakers.values():
        speaker.stop()
    check("bgpd ends when it is told", one.bgpd.stop())
    for cache in one.caches:
        cache.stop()


main(load, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
