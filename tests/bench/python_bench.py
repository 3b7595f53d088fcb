# SPDX-License-Identifier: BSD-2-Clause
"""Python: batch and single origin validation beside a loop over py-radix, a lookup in manrs.Trie beside py-radix and pyasn,
and a loop in Python alone. Real VRPs and routes when they are there, else made ones; both sides in one run."""

import ipaddress
import json
import lzma
import os
import random
import sys
import time

import manrs
from manrs import _lib

try:
    import numpy
except ImportError:
    numpy = None
try:
    import radix
except ImportError:
    radix = None
try:
    import pyasn
except ImportError:
    pyasn = None

DATA = os.environ.get("MANRS_DATA", "../shared/data")
VRPS = os.path.join(DATA, "vrp", "rpki-client-20250720T093135Z.json.bz2")
ROUTES = os.path.join(DATA, "routes", "routes-2024prefix-2026origin.txt.xz")
SAMPLE = 100000


def load():
    if os.path.exists(VRPS) and os.path.exists(ROUTES):
        with lzma.open(ROUTES, "rt") as file:
            rows = [line.split() for line in file if line.strip()]
        return manrs.Db.from_files(VRPS), [row[0] for row in rows], [int(row[1]) for row in rows]
    rng = random.Random(1)
    prefixes = ["%d.%d.%d.0/24" % (rng.randrange(1, 224), rng.randrange(256), rng.randrange(256)) for _ in range(300000)]
    origins = [rng.randrange(1, 70000) for _ in prefixes]
    with manrs.Db().edit() as edit:
        edit.add_vrps([(p, 24, o) for p, o in list(zip(prefixes, origins))[::2]], strict=False)
    return edit.db, prefixes, origins


def best(call, n, times=5):
    """Items a second, the best of some."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)
    return n / min(found)


def row(goal, ours, peer, target):
    ratio = ours / peer if peer else 0
    status = "" if not target or not peer else "met" if ratio >= target else "missed"
    line = {"goal": goal, "ours": round(ours), "peer": round(peer), "ratio": round(ratio, 2), "target": target, "status": status}
    print("%-46s %12.0f/s  peer %10.0f/s  %7.2fx" % (goal, ours, peer, ratio))
    if os.environ.get("BENCH_JSON"):
        with open(os.environ["BENCH_JSON"], "a") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def radix_tree(db):
    """What a program with py-radix does: a node a prefix, its (asn, maxlen) in the node's data."""
    tree = radix.Radix()
    for vrp in db.vrps():
        node = tree.add(vrp.prefix)
        node.data.setdefault("vrps", []).append((vrp.asn, vrp.maxlen))
    return tree


def radix_loop(tree, prefixes, origins):
    states = bytearray(len(prefixes))
    covering = tree.search_covering
    for i, prefix in enumerate(prefixes):
        length, state, origin = int(prefix.partition("/")[2]), 0, origins[i]
        for node in covering(prefix):
            state = 2
            if any(asn == origin and length <= maxlen for asn, maxlen in node.data["vrps"]):
                state = 1
                break
        states[i] = state
    return states


def python_table(db):
    table = {}
    for vrp in db.vrps():
        network = ipaddress.ip_network(vrp.prefix)
        key = (network.version, network.prefixlen, int(network.network_address) >> (network.max_prefixlen - network.prefixlen))
        table.setdefault(key, []).append((vrp.asn, vrp.maxlen))
    return table


def python_loop(table, prefixes, origins):
    states = bytearray(len(prefixes))
    for i, prefix in enumerate(prefixes):
        network, state = ipaddress.ip_network(prefix), 0
        number, bits, version = int(network.network_address), network.max_prefixlen, network.version
        for length in range(network.prefixlen + 1):
            for asn, maxlen in table.get((version, length, number >> (bits - length)), ()):
                state = 1 if state == 1 or (asn == origins[i] and network.prefixlen <= maxlen) else 2
        states[i] = state
    return states


def singles(call, *columns):
    def run():
        for arguments in zip(*columns):
            call(*arguments)

    return run


def batches(name, db, tree, records, order, prefixes, origins):
    columns = [prefixes[i] for i in order[:SAMPLE]], [origins[i] for i in order[:SAMPLE]]
    routes = records[order] if numpy else b"".join(records[24 * i : 24 * i + 24] for i in order)
    out = bytearray(len(order))
    ours = best(lambda: db.rov_many(routes, out=out), len(order), 9)
    peer = 0
    if tree is not None:
        peer = best(lambda: radix_loop(tree, *columns), len(columns[0]), 3)
        if bytes(radix_loop(tree, *columns)) != bytes(out[: len(columns[0])]):
            raise SystemExit("py-radix answers otherwise")
    row("P13 batch, %s, py-radix loop" % name, ours, peer, 50)
    if tree is not None:
        search = best(singles(tree.search_best, columns[0]), len(columns[0]), 3)
        row("P13 batch, %s, py-radix search_best alone" % name, ours, search, 0)
        single = best(singles(db.rov, *columns), len(columns[0]), 5)
        row("P13 single call, %s, search_best" % name, single, search, 2 if _lib.extension else 0)
    lists = best(lambda: db.rov_many(*columns), len(columns[0]), 3)
    row("P13 batch of lists of text, %s" % name, lists, peer, 0)
    return columns


def tries(db, columns):
    trie = manrs.Trie()
    for vrp in db.vrps():
        trie[vrp.prefix] = vrp
    addresses = [prefix.partition("/")[0] for prefix in columns[0]]
    ours = best(singles(trie.match, addresses), len(addresses), 3)
    if radix:
        tree = radix.Radix()
        for vrp in db.vrps():
            tree.add(vrp.prefix)
        row("manrs.Trie.match, py-radix search_best", ours, best(singles(tree.search_best, addresses), len(addresses), 3), 0)
    if pyasn:
        text = "".join("%s\t%d\n" % (v.prefix, v.asn or 1) for v in db.vrps() if not v.prefix.endswith("/0"))
        table = pyasn.pyasn(None, ipasn_string=text)
        row("manrs.Trie.match, pyasn lookup", ours, best(singles(table.lookup, addresses), len(addresses), 3), 0)


def main():
    db, prefixes, origins = load()
    records = manrs.routes(prefixes, origins)
    print("%d routes, %d VRPs, extension %s, numpy %s" % (len(prefixes), db.stats.vrps4 + db.stats.vrps6, bool(_lib.extension), bool(numpy)))
    tree = radix_tree(db) if radix else None
    if tree is None:
        print("no py-radix: ours alone")
    shuffled = list(range(len(prefixes)))
    random.Random(2).shuffle(shuffled)
    columns = batches("random order", db, tree, records, shuffled, prefixes, origins)
    batches("RIB order", db, tree, records, list(range(len(prefixes))), prefixes, origins)
    table = python_table(db)
    some = columns[0][:5000], columns[1][:5000]
    if bytes(python_loop(table, *some)) != bytes(db.rov_many(*some)):
        raise SystemExit("the Python loop answers otherwise")
    single = best(singles(db.rov, *columns), len(columns[0]), 3)
    row("single call, a loop in Python alone", single, best(lambda: python_loop(table, *some), 5000, 2), 0)
    tries(db, columns)
    return 0


if __name__ == "__main__":
    sys.exit(main())
