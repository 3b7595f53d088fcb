# SPDX-License-Identifier: BSD-2-Clause
"""The command on the whole real RPKI: all expected answers of rov/expected, on which RTRlib, OpenBGPD and BIRD agree."""

import bz2
import collections
import hashlib
import ipaddress
import json
import lzma
import os
import subprocess

from command import MANRS, check, close, path, shared, skip, write

LETTER = {"v": "valid", "i": "invalid", "n": "not-found"}
vrps = shared("vrp/rpki-client-20250720T093135Z.json.bz2")


def states(routes):
    """The third column of the rows, in order."""
    out = subprocess.run([MANRS, "rov", "--vrps", vrps, "--format", "csv", "-i", routes], capture_output=True)
    # The file is of 2025 and its records stood for a day or two: a word, and the answers.
    check(os.path.basename(routes) + ": exit", (out.returncode, out.stderr.count(b"\n"), b"warning: built 2025-07-20T09:31:33Z, "
          in out.stderr, b"; expired: 723521 VRPs of 723521\n" in out.stderr), (0, 1, True, True))
    return [line.split(b",")[2].decode() for line in out.stdout.splitlines()[1:]]


if not vrps:
    for _ in range(4):
        skip("no shared data: the real RPKI")
    close()
for name in ("routes-20151101-dualstack", "routes-2024prefix-2026origin"):
    if name.startswith("routes-2015"):
        expected = shared("rov/expected/routes-20151101.states.xz")
    else:
        expected = shared("rov/expected/%s.states.xz" % name)
    want = [LETTER[c] for c in lzma.open(expected, "rt").read() if c in LETTER]
    got = states(shared("routes/%s.txt.xz" % name))
    check(name + ": answers", (len(got), got == want), (len(want), True))

queries, want = [], []
for line in lzma.open(shared("rov/expected/stress-236876.prefix_origin_state.xz"), "rt"):
    prefix, origin, state = line.strip().split("|")
    queries.append("%s %s\n" % (prefix, origin))
    want.append(state.replace("notfound", "not-found"))
got = states(write("stress", "".join(queries)))
check("boundary queries: answers", (len(got), got == want), (236876, True))

# The JSON of all invalid routes of today's table, and of valid ones, against Routinator's rule (RouteValidity::new, reason and
# description of its src/validity.rs), written down again over the VRPs of the file.
held = collections.defaultdict(list)
for vrp in json.load(bz2.open(vrps))["roas"]:
    held[vrp["prefix"]].append((int(str(vrp["asn"]).replace("AS", "")), vrp["maxLength"]))


def routinator(prefix, asn):
    lists, net = {"matched": [], "unmatched_as": [], "unmatched_length": []}, ipaddress.ip_network(prefix)
    while True:
        for vrp_asn, max_length in held.get(str(net), ()):
            which = ("unmatched_length" if int(prefix.split("/")[1]) > max_length
                     else "unmatched_as" if vrp_asn != asn else "matched")
            lists[which].append({"asn": "AS%d" % vrp_asn, "prefix": str(net), "max_length": str(max_length)})
        if net.prefixlen == 0:
            break
        net = net.supernet()
    if lists["matched"]:
        return "valid", None, "At least one VRP Matches the Route Prefix", lists
    if lists["unmatched_as"]:
        return ("invalid", "as", "At least one VRP Covers the Route Prefix, but no VRP ASN matches the route origin ASN", lists)
    if lists["unmatched_length"]:
        return ("invalid", "length", "At least one VRP Covers the Route Prefix, but the Route Prefix length is greater than "
                "the maximum length allowed by VRP(s) matching this route origin ASN", lists)
    return "not-found", None, "No VRP Covers the Route Prefix", lists


def ordered(lists):
    return {name: sorted(map(str, {tuple(vrp.items()) for vrp in vrps})) for name, vrps in lists.items()}


name = "routes-2024prefix-2026origin"
letters = [c for c in lzma.open(shared("rov/expected/%s.states.xz" % name), "rt").read() if c in LETTER]
lines = lzma.open(shared("routes/%s.txt.xz" % name), "rt").read().splitlines()
some = [line for i, (line, letter) in enumerate(zip(lines, letters)) if letter == "i" or i % 200 == 0]
out = subprocess.run([MANRS, "rov", "--vrps", vrps, "--format", "jsonl", "-i", write("some", "\n".join(some) + "\n")],
                     capture_output=True).stdout
wrong, reasons = 0, collections.Counter()
for line, text in zip(some, out.splitlines()):
    prefix, asn = line.split()[:2]
    validity = json.loads(text)["validity"]
    state, reason, description, lists = routinator(prefix, int(asn))
    if validity["state"] == "invalid":
        reasons[validity["reason"], validity["manrs_reason"]] += 1
    wrong += (validity["state"], validity.get("reason"), validity["description"], ordered(validity["VRPs"])) != (
        state, reason, description, ordered(lists))
check("Routinator's JSON: rows", (out.count(b"\n"), wrong), (len(some), 0))
check("Routinator's JSON: its reason is not always ours", (sum(reasons.values()), reasons["length", "as"] + reasons["as", "length"]),
      (40300, 10138))

# Lines of bgpdump -m: every announcement gets a row, withdrawals and state changes none.
dump = shared("mrt/expected/ris-updates.20190101.0000.gz.bgpdump-m.xz")
if dump:
    kinds = collections.Counter(line.split("|")[2] for line in lzma.open(dump, "rt"))
    out = subprocess.run([MANRS, "rov", "--vrps", vrps, "--format", "csv", "-i", dump], capture_output=True)
    check("bgpdump: rows", (out.returncode, out.stdout.count(b"\n") - 1), (0, kinds["A"] + kinds["B"]))
else:
    skip("no shared data: bgpdump lines")
close()
