#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""AS paths that are seldom seen, through real sessions of each kind to FRR's bgpd with our module: AS_SETs as origins and between,
prepends, 4-octet and reserved numbers, AS 0, empty paths, route servers that leave themselves out, confederations, paths that a
route map has changed. For each route every test of `match manrs` answers what `manrs check` says of the same announcement, and
`show manrs explain` has the sentences of `manrs explain`. What bgpd itself refuses (AS 0 and confederation segments of an external
neighbour) never comes to the module."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import MANRS, check, comes, equal, main

US, MEMBER, OTHER_MEMBER, MONITOR = 48582, 64600, 64601, 4200000001
ANSWERS = {"fail": "invalid", "pass": "valid", "unknown": "unknown"}
FIRST = {"customer": 20912, "peer": 13030, "provider": 1299, "rs": 6777, "rs-client": 3856}
EXTERNAL = ["F", "F 3333", "F F F F 3333", "F 3333 3333 3333 3333 3333 3333 3333", "F 3333 {1103,1104}", "F {1103}", "F {1103,1104} 3333", "F 3333 {F}",
            "F 3333 {1103} {1104}", "F 400000 401308", "F 4200000002 3333", "F 4294967295", "F 65535 3333", "F 23456", "F 64496 3333", "F 3333 1103 3333",
            "F 701 3333", "F 1299 2914 3333", "F 3333 174", "3333 1103", "1103", "F " + " ".join(str(2000 + n) for n in range(70)),
            "F " + " ".join(["3333"] * 300)]
OTCS = [("F 3333", "F"), ("F 3333", "3333"), ("F 3333 1103", "1103")]
INTERNAL = ["", "3333", "3333 1103", "{1103}", "3333 {1103,1104}", "0", "3333 0 1103", "3333 1103 3333", "64496", "(64512)", "(64512 64513) 3333", "3333 [64512]"]
MEMBERS = ["(M)", "(M) 3333", "(M 64602) 3333", "(M 64602)", "(M) [64602,64603] 3333", "(M) 3333 {1103}", "(M) 3333 1103 3333", "(M) 400000 64496"]


def tests_of_the_library():
    done = subprocess.run([MANRS, "check", "--list-tests", "-f", "json"], capture_output=True, text=True, check=True)
    return [row["name"] for row in json.loads(done.stdout) if row["kind"] == "test"]


class Announced:
    """What one neighbour announces; each path has prefixes whose VRPs authorise its last AS, another, our own, or none."""

    number = 0

    def __init__(self, host, asn, role, routes, options=()):
        self.host, self.asn, self.role, self.options, self.rows, self.vrps = host, asn, role, options, {}, set()
        for path, otc in routes:
            path, otc = path.replace("F", str(asn)).replace("M", str(asn)), otc.replace("F", str(asn))
            words = path.replace("{", " ").replace("}", " ").replace(",", " ").split()
            last = words[-1].strip("()[]") if words else "0"
            for origin in (int(last), 15169, US, None):
                Announced.number += 1
                prefix = "%d.%d.0.0/16" % (20 + Announced.number // 256, Announced.number % 256)
                self.rows[prefix] = (path, otc)
                if origin is not None:
                    self.vrps.add((prefix, 16, origin))

    def announce(self, folder, to, *options):
        self.speaker = hosts.Speaker(self.host, folder, to, self.asn, *options, name=self.role)
        check("a session: " + self.role, self.speaker.wait("up", 10), self.speaker.seen)
        self.speaker.announce([(prefix, path, "", otc) for prefix, (path, otc) in self.rows.items()])

    def ask(self, folder, command, changed=lambda path: path):
        """prefix -> what a verb of the command says of the announcements."""
        with open(os.path.join(folder, "policy"), "w") as file:
            file.write("role = %s\nlocal-as = %d\noptions = next-hop-private %s\n" % (self.role, US, " ".join(self.options)))
        rows = []
        for prefix, (path, otc) in self.rows.items():
            row = {"prefix": prefix, "as_path": changed(path), "neighbour": self.asn, "neighbour_address": self.host.address, "next_hop": self.host.address}
            rows.append(json.dumps(dict(row, **({"otc": int(otc)} if otc else {}), **({"internal": True} if self.role == "internal" else {}))))
        words = [MANRS, command, "--vrps", os.path.join(folder, "data.json"), "--policy", file.name, "-f", "jsonl", *(["--all"] if command == "explain" else [])]
        done = subprocess.run(words, input="".join(row + "\n" for row in rows), capture_output=True, text=True, check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return {row["prefix"]: row for row in found if "prefix" in row}


ALL = tests_of_the_library()


def state_of(row):
    """test -> valid, invalid or unknown, of a row of `manrs check`."""
    found = dict.fromkeys(ALL, "unknown")
    for key, answer in ANSWERS.items():
        for word in row[key]:
            found[max((test for test in ALL if word == test or word.startswith(test + "-")), key=len)] = answer
    return {(test, answer) for test, answer in found.items()}


def explained(bgpd, prefix):
    """test -> (answer, sentence)"""
    found = {}
    for line in bgpd.ask("show manrs explain " + prefix).splitlines():
        if line.startswith("  "):
            test, answer, text = line.split(None, 2)
            found[test] = (answer, text)
    return found


def compared(bgpd, folder, monitor, words, announced, name, changed=lambda path: path, sentences=True):
    for one in announced:
        rows = one.ask(folder, "check", changed)
        # bgpd keeps AS 0 of an internal neighbour, and sends it to nobody
        wanted = {prefix: tuple(sorted(state_of(row))) for prefix, row in rows.items() if "0" not in row["as_path"].split()}
        check("%s, %s: the library answers all" % (name, one.role), set(rows) == set(one.rows), len(rows))
        held = lambda: {prefix: tuple(sorted(frr_module.tagged(route[1], words))) for prefix, route in monitor.heard().items() if prefix in wanted}
        comes("%s, %s: each test of each route" % (name, one.role), lambda: held() == wanted, 20, 0.2)
        found = held()
        wrong = [(p, one.rows[p], sorted(set(found.get(p, ())) ^ set(wanted[p]))) for p in wanted if found.get(p) != wanted[p]]
        check("%s, %s: none else" % (name, one.role), not wrong, (len(wrong), wrong[:4]))
        if not sentences:
            continue
        told = {prefix: {row["test"]: (ANSWERS[row["state"]], row["text"]) for row in line["findings"]} for prefix, line in one.ask(folder, "explain").items()}
        here = {prefix: explained(bgpd, prefix) for prefix in told}
        wrong = [(p, one.rows[p], set(here[p].items()) ^ set(told[p].items())) for p in told if here[p] != told[p]]
        check("%s, %s: the sentences" % (name, one.role), told and not wrong, (len(wrong), wrong[:2]))


def configured(folder, host, asn, neighbors, announced, maps, *within):
    """bgpd with the data, and a monitor that hears all; that is an external neighbour without a role."""
    lab.write_json(os.path.join(folder, "data.json"), set().union(*(one.vrps for one in announced)), ASPAS)
    bgpd = hosts.Bgpd(host, folder, asn, frr_module.OURS)
    bgpd.configure(neighbors, before=["manrs", " file %s/data.json" % folder, "exit", *maps], within=within).start()
    comes("the data", lambda: frr_module.Ours.ready(bgpd, 1), 10)
    return bgpd


# by these some paths are valid, some not
ASPAS = {(3333, (20912, 13030, 1103)), (1103, (3333, 6777)), (401308, (400000,)), (400000, (20912, 1299)), (20912, (1299, 174)), (2005, (1,))}


def sessions(folder):
    """Of every role, and an internal one."""
    net = hosts.Hosts("router", "monitor", "internal", *FIRST)
    routes = [(path, "") for path in EXTERNAL] + OTCS
    announced = [Announced(net[role], asn, role, routes) for role, asn in FIRST.items()] + [Announced(net["internal"], US, "internal", [(p, "") for p in INTERNAL])]
    lines, words = frr_module.tagging("TAG", *((test, answer) for test in ALL for answer in ANSWERS.values()))
    longer = ["route-map LONGER permit 1", " set as-path prepend 64999 64998", " on-match next", "exit", "route-map LONGER permit 2", " call TAG", "exit"]
    less = ["route-map LESS permit 1", " set as-path exclude 3333", " on-match next", "exit", "route-map LESS permit 2", " call TAG", "exit"]
    neighbors = [hosts.Neighbor(net["monitor"], MONITOR)] + [
        hosts.Neighbor(one.host, one.asn, into="TAG", more=[] if one.role == "internal" else ["manrs role " + one.role]) for one in announced]
    bgpd = configured(folder, net["router"], US, neighbors, announced, [*lines, *longer, *less])
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, name="monitor")
    check("a monitor", monitor.wait("up", 10), monitor.seen)
    for one in announced:
        one.announce(folder, bgpd.host.address, *(["--local-pref", "100"] if one.role == "internal" else []))
    compared(bgpd, folder, monitor, words, announced, "as they come")
    letters = {prefix: letter for letter, prefix in re.findall(r"(?m)^([VIN ])\*[ >=][ i]\s*(\S+/\d+)", bgpd.ask("show bgp ipv4 unicast"))}
    rov = {"valid": "V", "invalid": "I", "unknown": "N"}
    wanted = {p: rov[dict(state_of(row))["rov"]] for one in announced for p, row in one.ask(folder, "check").items()}
    equal("`show bgp` has the same state", {p: letters.get(p) for p in wanted}, wanted)
    external = announced[:-1]
    for name, changed in (("LONGER", lambda path: "64999 64998 " + path), ("LESS", lambda path: " ".join(word for word in path.split() if word != "3333"))):
        bgpd.vty.configure("router bgp %d" % US, "address-family ipv4 unicast", *("neighbor %s route-map %s in" % (one.host.address, name) for one in external))
        # FRR knows no way to tell a member of a set from one of a sequence there: those with one are left
        some = [Announced.__new__(Announced) for _ in external]
        for other, one in zip(some, external):
            other.__dict__.update(one.__dict__, rows={p: row for p, row in one.rows.items() if "{" not in row[0] and len(row[0]) < 1000})
        compared(bgpd, folder, monitor, words, some, name, changed, sentences=False)
    for speaker in (monitor, *(one.speaker for one in announced)):
        speaker.stop()
    check("bgpd ends when it is told", bgpd.stop())


def confederation(folder):
    """A member of one: what its sub-AS begins is of the confederation's AS, for that is what the world sees (RFC 5065 section 4.1,
    RFC 6811 section 2), and segments of it say nothing."""
    net = hosts.Hosts("router", "monitor", "internal", "member", "customer")
    announced = [Announced(net["internal"], MEMBER, "internal", [(p, "") for p in INTERNAL if p not in ("(64512)", "(64512 64513) 3333", "3333 [64512]")], ["confederation"])]
    member = Announced(net["member"], OTHER_MEMBER, "internal", [(p, "") for p in MEMBERS], ["confederation"])
    customer = Announced(net["customer"], FIRST["customer"], "customer", [(p, "") for p in EXTERNAL[:12]])
    announced += [member, customer]
    lines, words = frr_module.tagging("TAG", *((test, answer) for test in ALL for answer in ANSWERS.values()))
    neighbors = [hosts.Neighbor(net["monitor"], MONITOR)] + [
        hosts.Neighbor(one.host, one.asn, into="TAG", more=["manrs role customer"] if one is customer else []) for one in announced]
    bgpd = configured(folder, net["router"], MEMBER, neighbors, announced, lines, " bgp confederation identifier %d" % US, " bgp confederation peers %d" % OTHER_MEMBER)
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, name="monitor")
    check("a monitor", monitor.wait("up", 10), monitor.seen)
    for number, one in enumerate(announced):
        one.speaker = hosts.Speaker(one.host, folder, bgpd.host.address, one.asn, *([] if one is customer else ["--local-pref", "100"]), name="c%d" % number)
        check("a session", one.speaker.wait("up", 10), one.speaker.seen)
        one.speaker.announce([(prefix, path) for prefix, (path, _) in one.rows.items()])
    compared(bgpd, folder, monitor, words, announced, "in a confederation")
    out = ["route-map OUT deny 1", "match manrs path-set", "exit", "route-map OUT permit 2", "exit", "router bgp %d" % MEMBER, "address-family ipv4 unicast"]
    bgpd.vty.configure(*out, "neighbor %s route-map OUT out" % net["monitor"].address)
    wanted = {prefix for one in announced for prefix, (path, _) in one.rows.items() if "{" not in path and "0" not in path.split()}
    comes("on the way out its segments are none", lambda: set(monitor.heard()) == wanted, 10)
    equal("all but what holds a set goes out", set(monitor.heard()), wanted)
    for speaker in (monitor, *(one.speaker for one in announced)):
        speaker.stop()
    check("bgpd ends when it is told", bgpd.stop())


main(sessions, confederation, missing=lambda: "" if frr_module.ours_is_here() else "no module: make frr")
