#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What an operator does to a bgpd that validates, with FRR's own rpki module and with ours where that is built: loads it without
a line of configuration, restarts it, kills it, clears its sessions softly and hard, takes the cache out of its configuration
and puts another in, writes the configuration back and starts from it, takes neighbours away while their routes come. After
each the states of all routes are what RFC 6811 says of what the cache has."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, main, skip

US, PEER, MONITOR = 65540, 65541, 65543
VRPS, ROUTES = 400, 3000


class Lab:
    def __init__(self, folder, kind):
        self.kind, self.net = kind, hosts.Hosts("router", "peer", "monitor", "first", "second")
        folder = os.path.join(folder, kind.name)
        os.mkdir(folder)
        vrps = script.many_vrps(31, VRPS)
        self.caches = [script.ScriptedCache(self.net[name], vrps) for name in ("first", "second")]
        self.places = [(self.net[name].address, 8282) for name in ("first", "second")]
        self.routes = script.many_routes(vrps, 32, ROUTES)
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, kind.module)
        self.neighbors = [hosts.Neighbor(self.net["peer"], PEER, into="TAG"), hosts.Neighbor(self.net["monitor"], MONITOR)]
        to = self.bgpd.host.address
        self.monitor = hosts.Speaker(self.net["monitor"], folder, to, MONITOR, name="monitor")
        self.peer = hosts.Speaker(self.net["peer"], folder, to, PEER, name="peer")
        self.peer.announce([(prefix, "%d %d" % (PEER, asn)) for prefix, asn in self.routes.items()])
        self.nudged = 0

    def start(self, *lines):
        self.bgpd.configure(self.neighbors, before=[*lines, *frr_module.TAG]).start()

    def configured(self):
        return self.kind.lines(self.places[:1])

    def follows(self, name, cache=0, seconds=30):
        indexed = script.index(self.caches[cache].now if cache is not None else ())
        wanted = {prefix: frr_module.TAGS[script.judge(indexed, prefix, asn)] for prefix, asn in self.routes.items()}
        good = lab.until(lambda: self.monitor.communities() == wanted, 4 if self.kind is frr_module.Stock else seconds, 0.02)
        if not good and self.kind is frr_module.Stock:
            # 8.4 judges nothing before its cache's data is whole, and never looks again at what came until then.
            self.nudged += 1
            self.ask("clear bgp ipv4 unicast * soft in", "clear bgp ipv6 unicast * soft in")
            good = lab.until(lambda: self.monitor.communities() == wanted, seconds, 0.02)
        held = self.monitor.communities()
        wrong = [(p, held.get(p), wanted[p]) for p in wanted if held.get(p) != wanted[p]]
        return check("%s: %s" % (self.kind.name, name), good and self.bgpd.alive(), (len(wrong), wrong[:3], self.bgpd.alive(), self.bgpd.log()[-300:]))

    def ask(self, *commands):
        self.bgpd.ask(*commands)

    def forget(self):
        """What the monitor heard of a bgpd that has gone."""
        self.monitor.hear()
        self.monitor.held.clear()


def without_configuration(one):
    one.bgpd.configure(one.neighbors[1:] + [hosts.Neighbor(one.net["peer"], PEER)]).start()
    comes(one.kind.name + ": without a line of configuration all routes pass", lambda: set(one.monitor.heard()) == set(one.routes), 20)
    check(one.kind.name + ": and it ends when it is told", one.bgpd.stop())
    one.forget()


def restarts(one):
    one.start(*one.configured())
    one.follows("at first")
    check(one.kind.name + ": ends when it is told", one.bgpd.stop())
    one.forget()
    one.start(*one.configured())
    one.follows("after a restart")
    one.bgpd.process.process.send_signal(signal.SIGKILL)
    one.bgpd.process.process.wait()
    one.forget()
    one.start(*one.configured())
    one.follows("after it was killed")


def late_cache(one):
    """The routes are there before the cache is: what no VRP covers is NotFound too once it has come."""
    check(one.kind.name + ": ends when it is told", one.bgpd.stop())
    one.forget()
    one.caches[0].become("refuse")
    one.start(*one.configured())
    comes(one.kind.name + ": without a cache all routes pass", lambda: set(one.monitor.heard()) == set(one.routes), 20)
    one.caches[0].become("ok")
    one.follows("the cache comes after the routes")


def clears(one):
    for command in ("clear bgp ipv4 unicast * soft in", "clear bgp * soft out", "clear bgp ipv6 unicast * in", "clear bgp *"):
        if command == "clear bgp *":
            one.forget()
        one.ask(command)
        time.sleep(0.2)
        one.follows("after " + command)
    for _ in range(5):
        one.ask("clear bgp *")
        time.sleep(0.3)
    one.forget()
    one.ask("clear bgp *")
    time.sleep(0.3)
    one.follows("after it was cleared over and over")


def neighbours(one):
    address = one.net["peer"].address
    for _ in range(3):
        one.bgpd.vty.configure("router bgp %d" % US, "no neighbor " + address)
        comes(one.kind.name + ": a neighbour is taken away, and its routes go", lambda: not one.monitor.heard(), 20)
        one.bgpd.vty.configure("router bgp %d" % US, "neighbor %s remote-as %d" % (address, PEER), "neighbor %s passive" % address,
                               "neighbor %s advertisement-interval 0" % address,
                               *(line for family in ("ipv4", "ipv6") for line in ("address-family %s unicast" % family, "neighbor %s activate" % address,
                                 "neighbor %s soft-reconfiguration inbound" % address, "neighbor %s route-map TAG in" % address, "exit-address-family")))
        one.follows("and comes back")


def written(one):
    one.ask("write file")
    with open(one.bgpd.conf) as file:
        text = file.read()
    wanted = [line.strip() for line in one.configured() if " cache " in line] + ["match rpki invalid"]
    check(one.kind.name + ": what it writes has the cache and the route map", all(line in text for line in wanted), text)
    check(one.kind.name + ": ends when it is told", one.bgpd.stop())
    one.forget()
    one.bgpd.start()
    one.follows("from the file that it wrote")


def other_cache(one):
    add, remove = script.Deltas(os.path.join(os.path.dirname(one.bgpd.conf), "other-cache"), one.caches[0].now, seed=9, add=40, remove=40).step(write=False)
    one.caches[1].change(add, remove)
    one.bgpd.vty.configure(*one.kind.remove(one.places[0]))
    one.bgpd.vty.configure(*one.kind.add(one.places[1]))
    one.follows("by another cache that was put in its place", 1)
    for _ in range(10):
        one.bgpd.vty.configure(*one.kind.remove(one.places[1]))
        one.bgpd.vty.configure(*one.kind.add(one.places[1]))
    one.follows("after it was taken out and put back ten times", 1)


def operators(folder):
    for kind in frr_module.kinds():
        one = Lab(folder, kind)
        for step in (without_configuration, restarts, late_cache, clears, neighbours, written, other_cache):
            before = time.monotonic()
            step(one)
            print("%s: %s: %.1f s, %.0f MiB" % (kind.name, step.__name__, time.monotonic() - before, one.bgpd.memory()[0] if one.bgpd.alive() else 0))
        print("%s: %d times what came before the cache's data had to be cleared softly to be judged" % (kind.name, one.nudged))
        for speaker in (one.peer, one.monitor):
            speaker.stop()
        check(kind.name + ": ends when it is told", one.bgpd.stop())
        for cache in one.caches:
            cache.stop()
    if not frr_module.ours_is_here():
        skip("our module is not built: " + frr_module.OURS)


main(operators, missing=frr_module.missing)
