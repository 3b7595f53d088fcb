# SPDX-License-Identifier: BSD-2-Clause
"""The command on the whole real RPKI: all expected answers of rov/expected, on which RTRlib, OpenBGPD and BIRD agree."""

import collections
import hashlib
import lzma
import os
import subprocess

from command import MANRS, check, close, path, shared, skip, write

LETTER = {"v": "valid", "i": "invalid", "n": "not-found"}
vrps = shared("vrp/rpki-client-20250720T093135Z.json.bz2")


def states(routes):
    """The third column of the rows, in order."""
    out = subprocess.run([MANRS, "rov", "--vrps", vrps, "--format", "csv", "-i", routes], capture_output=True)
    check(os.path.basename(routes) + ": exit", (out.returncode, out.stderr), (0, b""))
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

# Lines of bgpdump -m: every announcement gets a row, withdrawals and state changes none.
dump = shared("mrt/expected/ris-updates.20190101.0000.gz.bgpdump-m.xz")
if dump:
    kinds = collections.Counter(line.split("|")[2] for line in lzma.open(dump, "rt"))
    out = subprocess.run([MANRS, "rov", "--vrps", vrps, "--format", "csv", "-i", dump], capture_output=True)
    check("bgpdump: rows", (out.returncode, out.stdout.count(b"\n") - 1), (0, kinds["A"] + kinds["B"]))
else:
    skip("no shared data: bgpdump lines")
close()
