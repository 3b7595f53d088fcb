#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our module in FRR's bgpd where data changes faster than its routes are judged again: a VRP comes and goes while a difference
that names 40,000 routes is walked, and each time the route of its prefix comes again and is judged by what is there just then.
In the end each route has the state of the last data, by RFC 6811."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import check, comes, equal, main

US, PEER, TIMES = 65540, 65541, int(os.environ.get("TIMES", 12))
MANY = ["16.%d.%d.0/24" % (a, b) for a in range(160) for b in range(250)]
ONE, TWO = "192.0.2.0/24", "198.51.100.0/24"


def between(folder):
    net = hosts.Hosts("router", "peer")
    path = os.path.join(folder, "data.json")
    other = {("10.0.0.0/8", 8, 64496)}
    lab.write_json(path, other)
    bgpd = hosts.Bgpd(net["router"], folder, US, frr_module.OURS)
    bgpd.configure([hosts.Neighbor(net["peer"], PEER, into="TAG")], before=["manrs", " file " + path, "exit", *frr_module.TAG]).start()
    peer = hosts.Speaker(net["peer"], folder, bgpd.host.address, PEER, name="peer")
    route = lambda prefix: (prefix, "%d 64500" % PEER)
    peer.announce([route(prefix) for prefix in [*MANY, ONE, TWO]])
    numbers = lambda: bgpd.json("show manrs json")
    state = lambda prefix: ",".join(sorted(state for state, tag in frr_module.TAGS.items() if tag in bgpd.ask("show bgp ipv4 unicast " + prefix)))
    walked = []

    def become(vrps):
        before = numbers()["commits"]
        lab.write_json(path, other | vrps)
        bgpd.ask("manrs reload")
        comes("another set", lambda: numbers()["commits"] > before, 20, 0.005, note=numbers)

    def again(prefix):
        peer.withdraw([prefix])
        peer.announce([route(prefix)])
        peer.counts()

    comes("all is judged", lambda: all(state(prefix) == "not-found" for prefix in (MANY[-1], ONE, TWO)) and not numbers()["busy"], 60)
    many = {("16.0.0.0/8", 24, 64500)}
    for turn in range(TIMES):
        become(many if turn % 2 else set())  # a long walk
        walked.append(numbers()["busy"])
        for prefix in (ONE, TWO):
            become((many if turn % 2 else set()) | {(prefix, 24, 0)})
            again(prefix)
        become(many if turn % 2 else set())
    check("it was walking meanwhile", any(walked), walked)
    comes("it comes to rest", lambda: not numbers()["busy"], 60, note=numbers)
    wanted = {ONE: "not-found", TWO: "not-found", MANY[0]: "valid" if (TIMES - 1) % 2 else "not-found"}
    comes("the states of the last data", lambda: {prefix: state(prefix) for prefix in wanted} == wanted, 10)
    equal("each", {prefix: state(prefix) for prefix in wanted}, wanted)
    peer.stop()
    check("bgpd ends when it is told", bgpd.stop())


main(between, missing=lambda: "" if frr_module.ours_is_here() else "no module: make frr")
