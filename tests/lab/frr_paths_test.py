#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""AS paths and findings in FRR's bgpd. 10,000 real paths, each from its own first AS once as of a customer's session and once
as of a provider's: bgpd shows and passes on exactly those, and what `manrs aspa` says of what it shows is what OpenBGPD, BIRD
and a transcription of the draft say of them (shared data; without it the part is skipped). Then a leak, bogons, violations of
Only-to-Customer and of a peerlock, announced: stock bgpd takes them all, but for OTC on sessions with a role (RFC 9234), and
`manrs check` finds what the standards say. Where our module is built it must tag the same routes and stop them by a route map."""

import collections
import json
import lzma
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import DATA, MANRS, check, comes, data, equal, main, skip, timed

US, MONITOR = 48582, 4200000001
ROLES = ("customer", "provider")  # what the neighbour is to us: RFC 9234 and ASPA verify upstream and downstream
SESSIONS = {"customer": "provider", "provider": "customer", "peer": "peer"}  # FRR's local-role: what we are to it
LETTERS = {"v": "valid", "i": "invalid", "u": "unknown"}
ASES = 5


def read_aspas(name):
    with open(data("aspa", name)) as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        return {(int(customer), tuple(map(int, providers.split()))) for customer, providers in rows}


def read_xz(*names):
    with lzma.open(data(*names), "rt") as file:
        return file.read().splitlines()


def aspa_of_the_library(aspas, role, neighbour, paths):
    done = subprocess.run([MANRS, "aspa", "--aspas", aspas, "--role", role, "--neighbour", str(neighbour), "-f", "jsonl"],
                          input="".join(path + "\n" for path in paths), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Paths:
    """prefix -> path, first AS, role, and the two letters of each table."""

    TABLES = ("aspa-prepdev2023-6647", "aspa-20250720-real100")

    def __init__(self):
        paths = read_xz("aspa", "paths-40000.txt.xz")
        letters = {table: read_xz("aspa", "expected", table + ".up_down.xz") for table in self.TABLES}
        firsts = collections.Counter(path.split()[0] for path in paths)
        self.neighbours = [int(asn) for asn, _ in firsts.most_common(ASES)]
        self.path, self.first, self.role, self.wanted = {}, {}, {}, {table: {} for table in self.TABLES}
        for number, path in enumerate(paths):
            first = int(path.split()[0])
            if first not in self.neighbours:
                continue
            for way, role in enumerate(ROLES):
                prefix = "%d.%d.%d.0/24" % (20 + 2 * way + (number >> 16), number >> 8 & 255, number & 255)
                self.path[prefix], self.first[prefix], self.role[prefix] = path, first, role
                for table in self.TABLES:
                    self.wanted[table][prefix] = LETTERS[letters[table][number][way]]

    def of(self, neighbour, role):
        return [prefix for prefix in self.path if self.first[prefix] == neighbour and self.role[prefix] == role]


class Lab:
    def __init__(self, folder, kind, paths, file):
        names = ["router", "cache", "monitor"] + ["%s%d" % (role, number) for role in ROLES for number in range(ASES)]
        self.net, self.kind, self.paths = hosts.Hosts(*names), kind, paths
        ours = kind is frr_module.Ours
        lines, self.words = frr_module.tagging("TAG", *(("aspa", state) for state in ("valid", "invalid", "unknown"))) if ours else ([], {})
        folder = os.path.join(folder, kind.name)
        os.mkdir(folder)
        self.cache = hosts.rtrd(self.net["cache"], folder, "--vrps", file, "--notify-interval", "1", "--guard", "100")
        sessions = [(role, number, self.net["%s%d" % (role, number)], asn) for role in ROLES for number, asn in enumerate(paths.neighbours)]
        neighbors = [hosts.Neighbor(self.net["monitor"], MONITOR)]
        neighbors += [hosts.Neighbor(host, asn, into="TAG" if ours else "", more=["manrs role " + role] if ours else []) for role, _, host, asn in sessions]
        before = [*kind.lines([(self.net["cache"].address, 8282)]), *lines]
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, kind.module).configure(neighbors, before=before).start()
        self.monitor = hosts.Speaker(self.net["monitor"], folder, self.bgpd.host.address, MONITOR, name="monitor")
        self.monitor.wait("up")
        comes(kind.name + " has the cache's data", lambda: kind.ready(self.bgpd, 1), 30)
        self.speakers = []
        for role, number, host, asn in sessions:
            speaker = hosts.Speaker(host, folder, self.bgpd.host.address, asn, name="%s%d" % (role, number))
            speaker.announce([(prefix, paths.path[prefix]) for prefix in sorted(paths.of(asn, role), key=paths.path.get)])
            self.speakers.append(speaker)

    def shown(self):
        return {prefix: rows[0]["path"] for prefix, rows in self.bgpd.routes().items()}

    def answers(self, table):
        """The library's answers for the paths as bgpd shows them."""
        shown, found = self.shown(), {}
        for neighbour in self.paths.neighbours:
            for role in ROLES:
                prefixes = [prefix for prefix in self.paths.of(neighbour, role) if prefix in shown]
                rows = aspa_of_the_library(table, role, neighbour, [shown[prefix] for prefix in prefixes])
                found.update(zip(prefixes, (row["state"] for row in rows)))
        return found

    def tags(self):
        return {prefix: {answer for _, answer in frr_module.tagged(route[1], self.words)} for prefix, route in self.monitor.heard().items()}

    def stop(self):
        for speaker in (*self.speakers, self.monitor):
            speaker.stop()
        check(self.kind.name + ": bgpd ends when it is told", self.bgpd.stop())
        self.cache.stop()


def real_paths(folder):
    if not data("aspa", "paths-40000.txt.xz"):
        return skip("no real paths in " + DATA)
    paths, file = Paths(), os.path.join(folder, "aspas.json")
    check("10,000 real paths", len(paths.path) >= 20000, len(paths.path))
    tables = {table: read_aspas(table + ".tsv") for table in paths.TABLES}
    for kind in frr_module.kinds():
        lab.write_json(file, {("192.0.2.0/24", 24, 64496)}, tables[paths.TABLES[0]])
        one = Lab(folder, kind, paths, file)
        with timed("%s takes and passes on %d paths" % (kind.name, len(paths.path))):
            comes(kind.name + ": all routes pass through", lambda: one.monitor.counts()["announced"] >= len(paths.path), 60, 0.1,
                  lambda: (one.monitor.counts(), [s.counts() for s in one.speakers]))
        equal(kind.name + ": bgpd shows the paths as they came", one.shown(), paths.path)
        equal(kind.name + ": and passes them on", {p: route[0] for p, route in one.monitor.heard().items()},
              {prefix: "%d %s" % (US, path) for prefix, path in paths.path.items()})
        for table in paths.TABLES:
            lab.write_json(file, {("192.0.2.0/24", 24, 64496)}, tables[table])
            wanted = paths.wanted[table]
            equal("%s: the library's answers by %s" % (kind.name, table), one.answers(file), wanted)
            if kind is frr_module.Ours:
                good = {prefix: {state} for prefix, state in wanted.items()}
                comes("%s: each path is tagged so by %s" % (kind.name, table), lambda: one.tags() == good, 30, 0.3)
                equal("%s: all by %s" % (kind.name, table), {p: min(t, default="") for p, t in one.tags().items()}, wanted)
        one.stop()
    if not frr_module.ours_is_here():
        skip("our module is not built: " + frr_module.OURS)


# ---- the published vectors ----


class Vectors:
    """Those of aspa_vectors.tsv that a session can bring: with a path, begun by the neighbour or sent by a route server. Every
    set has a table of its own, and AS numbers mean nothing to ASPA but being the same or not: each set gets numbers of its own,
    so that one router has them all."""

    def __init__(self):
        self.aspas, self.rows, self.left = collections.defaultdict(set), {}, 0
        with open(data("aspa", "aspa_tables.tsv")) as file:
            tables = [line.rstrip("\n").split("\t") for line in file if line[0] != "#"]
        names = sorted({row[0] for row in tables})
        self.base = {name: 1000000 * (number + 1) for number, name in enumerate(names)}
        for name, customer, providers in tables:
            self.aspas[self.number(name, customer)] |= {self.number(name, provider) for provider in providers.split() or ["0"]}  # none: AS0
        with open(data("aspa", "aspa_vectors.tsv")) as file:
            for line in file:
                if line[0] != "#":
                    self.vector(*line.rstrip("\n").split("\t"))

    def number(self, name, text):
        return int(text) and int(text) + self.base[name]

    def vector(self, name, _, procedure, neighbour, rs_client, path, expected, note):
        words = re.findall(r"[{}]|\d+", path)
        first = words[0] if words else "{"
        if note.startswith("DISPUTED") or first == "{" or "0" in words or (neighbour not in ("-", first) and rs_client == "0"):
            self.left += 1
            return
        path = re.sub(r"\d+", lambda word: str(self.number(name, word[0])), path)
        role = "rs" if rs_client == "1" else "customer" if procedure == "up" else "provider"
        asn = self.number(name, first if neighbour == "-" else neighbour)
        prefix = "30.%d.%d.0/24" % (len(self.rows) // 256, len(self.rows) % 256)
        self.rows[prefix] = (asn, role, path, expected)


def vectors(folder):
    if not data("aspa", "aspa_vectors.tsv"):
        return skip("no published vectors in " + DATA)
    all_of_them, file = Vectors(), os.path.join(folder, "aspas.json")
    rows = all_of_them.rows
    check("most of the 216 can be announced", len(rows) > 180 and len(rows) + all_of_them.left == 216, (len(rows), all_of_them.left))
    lab.write_json(file, {("192.0.2.0/24", 24, 64496)}, {(customer, tuple(providers)) for customer, providers in all_of_them.aspas.items()})
    sessions = sorted({(asn, role) for asn, role, _, _ in rows.values()})
    wanted, answers = {prefix: row[3] for prefix, row in rows.items()}, {}
    for asn, role in sessions:
        prefixes = [prefix for prefix, row in rows.items() if row[:2] == (asn, role)]
        found = aspa_of_the_library(file, role, asn, [rows[prefix][2] for prefix in prefixes])
        answers.update(zip(prefixes, (row["state"] for row in found)))
    equal("the library's answers for %d published vectors" % len(rows), answers, wanted)
    if not frr_module.ours_is_here():
        return skip("our module is not built: " + frr_module.OURS)
    return vectors_under(folder, all_of_them, sessions, file, wanted)


def vectors_under(folder, all_of_them, sessions, file, wanted):
    net, rows, kind = hosts.Hosts("router", "cache", "monitor", "world"), all_of_them.rows, frr_module.Ours
    rtrd = hosts.rtrd(net["cache"], folder, "--vrps", file)
    lines, words = frr_module.tagging("TAG", *(("aspa", state) for state in ("valid", "invalid", "unknown")))
    ends = [(net["world"].alias(number), asn, role) for number, (asn, role) in enumerate(sessions)]
    neighbors = [hosts.Neighbor(net["monitor"], MONITOR)] + [hosts.Neighbor(host, asn, into="TAG", more=["manrs role " + role]) for host, asn, role in ends]
    before = [*kind.lines([(net["cache"].address, 8282)]), *lines]
    bgpd = hosts.Bgpd(net["router"], folder, US, kind.module).configure(neighbors, before=before).start()
    comes("the cache's data", lambda: kind.ready(bgpd, 1), 30)
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, name="monitor")
    for number, (host, asn, role) in enumerate(ends):
        speaker = hosts.Speaker(host, folder, bgpd.host.address, asn, name="v%d" % number)
        speaker.announce([(prefix, row[2]) for prefix, row in rows.items() if row[:2] == (asn, role)])

    def tags():
        return {prefix: min((answer for _, answer in frr_module.tagged(route[1], words)), default="") for prefix, route in monitor.heard().items()}

    comes("the vectors are tagged", lambda: tags() == wanted, 30, 0.2)
    equal("each as published", tags(), wanted)
    bgpd.stop()
    rtrd.stop()


# ---- findings ----

POLICY = """role = %s
local-as = %d
peerlock = 2914: 2497
transit-free = 174 701 1299 2914
prefix-length-4 = 8-24
"""
CUSTOMER, PEER = 20912, 13030
# What is announced, by whom, and what must be found: the test, and where it is said.
ANNOUNCED = [
    ("193.0.0.0/21", "customer", "20912 3333", "", None, "nothing"),
    ("10.1.0.0/16", "customer", "20912 3333", "", "bogon-prefix", "RFC 6890: private use"),
    ("198.51.100.0/24", "customer", "20912 3333", "", "bogon-prefix", "RFC 5737: documentation"),
    ("193.1.0.0/16", "customer", "20912 64512 3333", "", "bogon-asn", "RFC 6996: private use"),
    ("193.2.0.0/16", "customer", "20912 23456 3333", "", "path-reserved", "RFC 6793 section 9"),
    ("193.3.0.0/16", "customer", "20912 1299 3333", "", "leak", "RFC 7908 type 1: a tier 1 behind a customer"),
    ("193.4.0.0/16", "customer", "20912 3333", "3333", "otc", "RFC 9234 section 5, ingress rule 1"),
    ("193.5.0.0/16", "peer", "13030 3333", "3333", "otc", "RFC 9234 section 5, ingress rule 2"),
    ("193.6.0.0/16", "peer", "13030 3333", "13030", None, "RFC 9234 section 5: the peer's own"),
    ("193.7.0.0/16", "peer", "13030 2914 3333", "", "peerlock", "AS2914 is heard from itself and AS2497 alone"),
    ("193.8.0.0/16", "customer", "20912 3333 1103 3333", "", "path-loop", "an AS again after another"),
    ("193.9.0.0/28", "customer", "20912 3333", "", "prefix-len", "longer than a /24"),
    ("193.10.0.0/16", "customer", "20912 {3333,3334}", "", "path-set", "RFC 9774"),
    ("193.11.0.0/16", "customer", "1103 3333", "", "first-as", "not begun with the neighbour"),
]
TESTS = sorted({row[4] for row in ANNOUNCED if row[4]})


def found_by_the_library(folder):
    """prefix -> which of TESTS fail."""
    found, vrps = {}, os.path.join(folder, "none.json")
    lab.write_json(vrps, {("192.0.2.0/24", 24, 64496)})
    for role, asn in (("customer", CUSTOMER), ("peer", PEER)):
        rows = []
        for prefix, by, path, otc, _, _ in ANNOUNCED:
            if by == role:
                rows.append(dict({"prefix": prefix, "as_path": path, "neighbour": asn}, **({"otc": int(otc)} if otc else {})))
        with open(os.path.join(folder, "policy"), "w") as file:
            file.write(POLICY % (role, US))
        done = subprocess.run([MANRS, "check", "--vrps", vrps, "--policy", file.name, "-f", "jsonl"], input="".join(json.dumps(r) + "\n" for r in rows),
                              capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            row = json.loads(line)
            if "prefix" in row:
                found[row["prefix"]] = {test for test in TESTS if any(word.startswith(test + "-") for word in row["fail"])}
    return found


def wanted_findings():
    """By the announcement's own test, and what else holds of it: a locked AS behind a peer is a tier 1 there too, a leak by
    OTC or peerlock is one, AS_TRANS is no public AS (NLNOG's filter guide)."""
    also = {"otc": {"leak"}, "peerlock": {"leak"}, "path-reserved": {"bogon-asn"}}
    return {row[0]: {row[4], *also.get(row[4], ())} - {None} for row in ANNOUNCED}


def findings(folder):
    wanted = wanted_findings()
    equal("the library finds what the standards say", {p: tuple(sorted(f)) for p, f in found_by_the_library(folder).items()},
          {p: tuple(sorted(f)) for p, f in wanted.items()})
    everything = {row[0] for row in ANNOUNCED}
    equal("stock bgpd takes all of it", announced_to(folder, frr_module.Stock, "plain"), everything)
    of_otc = {row[0] for row in ANNOUNCED if row[4] == "otc"}
    equal("with roles all but the violations of OTC", announced_to(folder, frr_module.Stock, "roles", roles=True), everything - of_otc)
    if not frr_module.ours_is_here():
        return skip("our module is not built: " + frr_module.OURS)
    for test in TESTS:
        lines = ["route-map STOP deny 1", " match manrs " + test, "exit", "route-map STOP permit 2", "exit"]
        stopped = {prefix for prefix in wanted if test in wanted[prefix]}
        equal("a route map stops " + test, announced_to(folder, frr_module.Ours, test, lines, "STOP"), everything - stopped)
    lines = ["route-map STOP deny 1", " match manrs any", "exit", "route-map STOP permit 2", "exit"]
    good = {prefix for prefix in wanted if not wanted[prefix]}
    return equal("and all that has a finding", announced_to(folder, frr_module.Ours, "any", lines, "STOP"), good)


def announced_to(folder, kind, name, before=(), into="", roles=False):
    """What bgpd passes on to a monitor of what is announced to it."""
    net = hosts.Hosts("router", "customer", "peer", "monitor")
    folder = os.path.join(folder, name)
    os.mkdir(folder)
    ours = kind is frr_module.Ours
    if ours:
        with open(os.path.join(folder, "policy"), "w") as file:
            file.write("\n".join(line for line in (POLICY % ("customer", US)).splitlines() if not line.startswith("role")) + "\n")
    neighbors = [hosts.Neighbor(net["monitor"], MONITOR)]
    for role, asn in (("customer", CUSTOMER), ("peer", PEER)):
        neighbors.append(hosts.Neighbor(net[role], asn, role=SESSIONS[role] if roles else "", into=into, more=["manrs role " + role] if ours else []))
    lines = [*kind.lines([], *(["local-as %d" % US, "policy " + file.name] if ours else [])), *before]
    bgpd = hosts.Bgpd(net["router"], folder, US, kind.module).configure(neighbors, before=lines).start()
    monitor = hosts.Speaker(net["monitor"], folder, bgpd.host.address, MONITOR, name="monitor")
    speakers = []
    for role, asn in (("customer", CUSTOMER), ("peer", PEER)):
        speaker = hosts.Speaker(net[role], folder, bgpd.host.address, asn, *(["--role", role] if roles else []), name=role)
        check("%s: the %s's session" % (name, role), speaker.wait("up"), speaker.seen)
        # The last of all is one that is in order: when the monitor has it, all before it are decided.
        mark = ("193.255.%d.0/24" % (role == "peer"), "%d 3333" % asn)
        speaker.announce([(p, path, "", otc) for p, by, path, otc, _, _ in ANNOUNCED if by == role] + [mark])
        speakers.append(speaker)
    marks = {"193.255.0.0/24", "193.255.1.0/24"}
    comes(name + ": the last of them pass", lambda: marks <= set(monitor.heard()), 20, 0.05, lambda: (monitor.heard(), bgpd.log()))
    found = set(monitor.heard()) - marks
    for speaker in (monitor, *speakers):
        speaker.stop()
    bgpd.stop()
    return found


main(real_paths, vectors, findings, missing=frr_module.missing)
