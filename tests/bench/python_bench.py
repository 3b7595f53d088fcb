# SPDX-License-Identifier: BSD-2-Clause
"""Python: batch and single origin validation beside a loop over py-radix and a loop in Python alone; manrs.Trie and the
drop-in modules beside py-radix, pytricia and pyasn. Real VRPs and routes when they are there, else made ones; both sides in
one run."""

import gzip
import ipaddress
import json
import lzma
import os
import random
import sys
import tempfile
import time

import manrs
from manrs import _lib
from manrs.compat import pyasn as our_pyasn
from manrs.compat import pytricia as our_pytricia
from manrs.compat import radix as our_radix

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
try:
    import pytricia
except ImportError:
    pytricia = None

DATA = os.environ.get("MANRS_DATA", "../shared/data")
VRPS = os.path.join(DATA, "vrp", "rpki-client-20250720T093135Z.json.bz2")
ROUTES = os.path.join(DATA, "routes", "routes-2024prefix-2026origin.txt.xz")
SAMPLE = 100000


def load():
    """A snapshot, prefixes, origins, and which data that is."""
    if os.path.exists(VRPS) and os.path.exists(ROUTES):
        with lzma.open(ROUTES, "rt") as file:
            rows = [line.split() for line in file if line.strip()]
        return manrs.Db.from_files(VRPS), [row[0] for row in rows], [int(row[1]) for row in rows], "real"
    rng = random.Random(1)
    prefixes = ["%d.%d.%d.0/24" % (rng.randrange(1, 224), rng.randrange(256), rng.randrange(256)) for _ in range(300000)]
    origins = [rng.randrange(1, 70000) for _ in prefixes]
    with manrs.Db().edit() as edit:
        edit.add_vrps([(p, 24, o) for p, o in list(zip(prefixes, origins))[::2]], strict=False)
    return edit.db, prefixes, origins, "generated"


def race(n, *calls, rounds=5):
    """Items a second of each call, in turns: medians, each call once untimed before its round; and the greatest spread."""
    took = [[] for _ in calls]
    for _ in range(rounds):
        for call, mine in zip(calls, took):
            call()
            began = time.perf_counter()
            call()
            mine.append(time.perf_counter() - began)
    took = [sorted(mine) for mine in took]
    spread = max(50 * (mine[rounds * 3 // 4] - mine[rounds // 4]) / mine[rounds // 2] for mine in took)
    return [n / mine[rounds // 2] for mine in took] + [spread]


def row(goal, what, ours, peer, target, spread, status=None):
    """A line of the table; rates are in millions a second."""
    ratio = ours / peer if peer else 0
    status = status or ("-" if not target else "skipped" if not peer else "met" if ratio >= target else "missed")
    ours, peer = ours / 1e6, peer / 1e6
    line = {"goal": goal, "what": what, "ours": float("%.6g" % ours), "peer": float("%.6g" % peer), "ratio": float("%.4g" % ratio)}
    line.update(target=target, status=status, spread=float("%.2g" % spread), data=row.data)
    print("%-4s %-48s ours %.6g peer %.6g ratio %.4g target %g spread %.1f %% %s" % (goal, what, ours, peer, ratio, target, spread, status))
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
    routes = records[order[:SAMPLE]] if numpy else b"".join(records[24 * i : 24 * i + 24] for i in order[:SAMPLE])
    n, out = len(columns[0]), bytearray(len(columns[0]))
    many = lambda: db.rov_many(routes, out=out)
    lists, single = lambda: db.rov_many(*columns), singles(db.rov, *columns)
    if tree is None:
        row("P13", "batch, %s, M/s" % name, race(n, many)[0], 0, 50, 0)
        return columns
    loop, search = lambda: radix_loop(tree, *columns), singles(tree.search_best, columns[0])
    many()
    status = None if bytes(loop()) == bytes(out) else "void"
    ours, peer, spread = race(n, many, loop)
    row("P13", "batch, %s, M/s (py-radix loop)" % name, ours, peer, 50, spread, status)
    ours, peer, spread = race(n, lists, loop)
    row("", "batch of lists of text, %s, M/s (py-radix loop)" % name, ours, peer, 0, spread, status)
    ours, peer, spread = race(n, single, search)
    row("P13" if _lib.extension else "", "single call, %s, M/s (py-radix search_best)" % name, ours, peer, 4 if _lib.extension else 0, spread)
    return columns


def filled(make, put, prefixes):
    tree = make()
    for prefix in prefixes:
        put(tree, prefix)
    return tree


def put_item(tree, prefix):
    tree[prefix] = prefix


def put_node(tree, prefix):
    tree.add(prefix)


def lookups(db, columns):
    """Single lookups of addresses, in Trie and in the drop-ins, beside the modules whose places they take."""
    prefixes = [vrp.prefix for vrp in db.vrps()]
    addresses = [prefix.partition("/")[0] for prefix in columns[0]]
    target = 1 if _lib.extension else 0
    trie, tree = filled(manrs.Trie, put_item, prefixes), filled(our_radix.Radix, put_node, prefixes)
    if radix:
        theirs = singles(filled(radix.Radix, put_node, prefixes).search_best, addresses)
        row("", "manrs.Trie.match, M/s (py-radix search_best)", *pair(len(addresses), singles(trie.match, addresses), theirs, 0))
        row("P13", "radix search_best, M/s (py-radix)", *pair(len(addresses), singles(tree.search_best, addresses), theirs, target))
    if pytricia:
        tricia = filled(lambda: our_pytricia.PyTricia(128), put_item, prefixes)
        theirs = filled(lambda: pytricia.PyTricia(128), put_item, prefixes)
        rates = pair(len(addresses), items(tricia, addresses), items(theirs, addresses), target)
        row("P13", "pytricia [], M/s (pytricia)", *rates)


def items(tree, addresses):
    def run():
        for address in addresses:
            if address in tree:
                tree[address]

    return run


def origins(prefixes, numbers, addresses):
    """pyasn: its database read from a file, plain and compressed, and its lookups."""
    lines = ["%s\t%d" % (p, n) for p, n in zip(prefixes, numbers) if n and not p.endswith("/0")]
    text, target = "\n".join(lines) + "\n", 1 if _lib.extension else 0
    with tempfile.TemporaryDirectory() as folder:
        for name, opener in (("ipasn.dat", open), ("ipasn.dat.gz", gzip.open)):
            path = os.path.join(folder, name)
            with opener(path, "wt") as file:
                file.write(text)
            if not pyasn:
                ours = race(len(lines), lambda: our_pyasn.pyasn(path), rounds=3)
                row("", "pyasn load of %s, M prefixes/s" % name, ours[0], 0, 0, ours[1])
                continue
            rates = pair(len(lines), lambda: our_pyasn.pyasn(path), lambda: pyasn.pyasn(path), target)
            row("P13", "pyasn load of %s, M prefixes/s (pyasn)" % name, *rates)
    if pyasn:
        ours, theirs = our_pyasn.pyasn(None, ipasn_string=text), pyasn.pyasn(None, ipasn_string=text)
        same = all(ours.lookup(a) == theirs.lookup(a) for a in addresses[:10000])
        rates = pair(len(addresses), singles(ours.lookup, addresses), singles(theirs.lookup, addresses), target)
        row("P13", "pyasn lookup, M/s (pyasn)", *rates, None if same else "void")


def pair(n, ours, peer, target):
    """ours, peer, target, spread: as row() takes them."""
    ours, peer, spread = race(n, ours, peer, rounds=3)
    return ours, peer, target, spread


def main():
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    db, prefixes, numbers, row.data = load()
    records = manrs.routes(prefixes, numbers)
    print("%s data: %d routes, %d VRPs, extension %s, numpy %s" % (row.data, len(prefixes), db.stats.vrps4 + db.stats.vrps6, bool(_lib.extension), bool(numpy)))
    tree = radix_tree(db) if radix else None
    if tree is None:
        print("no py-radix: ours alone")
    shuffled = list(range(len(prefixes)))
    random.Random(2).shuffle(shuffled)
    columns = batches("random order", db, tree, records, shuffled, prefixes, numbers)
    batches("RIB order", db, tree, records, list(range(len(prefixes))), prefixes, numbers)
    table = python_table(db)
    some = columns[0][:5000], columns[1][:5000]
    status = None if bytes(python_loop(table, *some)) == bytes(db.rov_many(*some)) else "void"
    ours, peer, spread = race(5000, singles(db.rov, *some), lambda: python_loop(table, *some), rounds=3)
    row("", "single call, M/s (a loop in Python alone)", ours, peer, 0, spread, status)
    lookups(db, columns)
    origins(prefixes, numbers, [prefix.partition("/")[0] for prefix in columns[0]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
