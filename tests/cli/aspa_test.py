# SPDX-License-Identifier: BSD-2-Clause
"""manrs aspa: rows, formats, ASPA files, exit status. Expected: the draft's authors' tables of examples, and the states
and ramps that other implementations gave to published vectors and real paths."""

import json
import lzma

from command import check, close, manrs, path, shared, skip, write

# The topology of the tables: letters are ASes, E and F have no ASPA.
TOPOLOGY = {"A": "CD", "B": "E", "C": "F", "D": "FG", "G": "0"}
UP = {"FCA": "valid", "DCA": "invalid", "DFCA": "unknown", "DEB": "unknown", "ADEB": "invalid", "ADGEB": "invalid",
      "ACF": "invalid", "ACFG": "invalid", "EB": "valid"}
DOWN = {"EGFCA": "unknown", "EGDA": "valid", "EDCA": "unknown", "EGDCA": "invalid", "CFDG": "unknown", "DGEB": "valid",
        "CDGEB": "invalid", "FCA": "valid", "EA": "valid", "ECA": "valid"}


def number(letter):
    return "0" if letter == "0" else str(65000 + ord(letter) - ord("A") + 1)


def spelled(letters):
    return " ".join(map(number, letters))


text = write("aspas.tsv", "# customer\tproviders\n" + "".join(
    "%s\t%s\n" % (number(c), spelled(p)) for c, p in TOPOLOGY.items()))
rpki_client = write("rpki-client.json", json.dumps({"metadata": {}, "roas": [], "aspas": [
    {"customer_asid": int(number(c)), "expires": 2000000000, "providers": [int(number(x)) for x in p]}
    for c, p in TOPOLOGY.items()]}))
routinator = write("routinator.json", json.dumps({"roas": [], "routerKeys": [], "aspas": [
    {"customer": "AS" + number(c), "providers": ["AS" + number(x) for x in p]} for c, p in TOPOLOGY.items()]}))


def states(out):
    return [row.split(",")[1] for row in out.decode().splitlines()[1:]]


for file in (text, rpki_client, routinator):
    for role, table in (("customer", UP), ("peer", UP), ("rs", UP), ("rs-client", UP), ("provider", DOWN)):
        got = manrs("aspa", "--aspas", file, "--role", role, "--format", "csv",
                    stdin="".join(spelled(p) + "\n" for p in table))
        check("%s from a %s" % (file, role), (got[0], states(got[1]), got[2]), (0, list(table.values()), ""))

# Rows: the header, the ramps of the table, quotes only where a comma is, a blank line is the empty path, order kept.
check("csv", manrs("aspa", "--aspas", text, "--role", "provider", "--format", "csv",
                   stdin="65005 65007 65006 65003 65001\n65005 65007 65004 65001\n\n 1 {2,3} \nAS1\r\n"),
      (0, b"path,state,max_up,min_up,max_down,min_down\n"
          b"65005 65007 65006 65003 65001,unknown,4,3,2,1\n"
          b"65005 65007 65004 65001,valid,3,3,2,1\n"
          b",invalid,0,0,0,0\n"
          b"\"1 {2,3}\",invalid,0,0,0,0\n"
          b"1,valid,1,1,1,1\n", ""))
check("csv of nothing", manrs("aspa", "--aspas", text, "--role", "peer", "--format", "csv")[1],
      b"path,state,max_up,min_up,max_down,min_down\n")

# A bad line: said on stderr, no row, the rest goes on, exit 2.
check("a bad line", manrs("aspa", "--aspas", text, "--role", "peer", "--format", "csv", "-i",
                          write("bad", "65005 65002\n1 {2\n65006 65003 65001\n")),
      (2, b"path,state,max_up,min_up,max_down,min_down\n65005 65002,valid,2,2,2,1\n"
          b"65006 65003 65001,valid,3,3,2,1\n", "manrs: %s:2: byte 3: a bracket in an AS path is not closed: {2\n" % path("bad")))
check("a line too long", manrs("aspa", "--aspas", text, "--role", "peer", "--format", "csv",
                               stdin=b"1 " * 600000 + b"\n1\n")[:2],
      (2, b"path,state,max_up,min_up,max_down,min_down\n1,valid,1,1,1,1\n"))

# The neighbour.
PEER = ["aspa", "--aspas", text, "--role"]
check("no neighbour given", manrs(*PEER, "peer", "65005 65002"), (0, b"65005 65002: valid\n", ""))
check("the neighbour", manrs(*PEER, "peer", "--neighbour", "AS65005", "65005 65002")[1], b"65005 65002: valid\n")
check("not the neighbour", manrs(*PEER, "peer", "--neighbour", "65006", "65005 65002")[1],
      b"65005 65002: invalid: the first AS is not the neighbour\n")
check("neighbour 0 is no waiver", manrs(*PEER, "peer", "--neighbour", "0", "65005 65002")[:2], (2, b""))
check("a route server", manrs(*PEER, "rs", "--neighbour", "65099", "65005 65002")[1], b"65005 65002: valid\n")
check("its client", manrs(*PEER, "rs-client", "--neighbour", "65099", "65005 65002")[1],
      b"65005 65002: invalid: the first AS is not the neighbour\n")

# Plain rows say why.
check("a denied hop", manrs(*PEER, "peer", "65004 65003 65001")[1],
      b"65004 65003 65001: invalid: AS65003 does not list AS65004\n")
check("both ends", manrs(*PEER, "provider", "65005 65007 65004 65003 65001")[1],
      b"65005 65007 65004 65003 65001: invalid: AS65007 does not list AS65004, AS65003 does not list AS65004\n")
check("one would do", manrs(*PEER, "peer", "65004 65005 65002")[1],
      b"65004 65005 65002: unknown: AS65005 has no ASPA for AS65004\n")
check("a set", manrs(*PEER, "peer", "65005 {65002}")[1], b"65005 {65002}: invalid: AS_SET in the path\n")
check("the empty path", manrs(*PEER, "peer", "")[1], b": invalid: empty path\n")
check("several words", manrs(*PEER, "peer", "65005", "65002")[1], b"65005 65002: valid\n")
check("a confederation", manrs(*PEER, "peer", "(65100) 65005 65002")[1],
      b"(65100) 65005 65002: invalid: confederation segment in the path\n")
check("our own", manrs(*PEER, "peer", "--confederation", "(65100) 65005 65002")[1], b"(65100) 65005 65002: valid\n")

# JSON names the hops.
document = json.loads(manrs(*PEER, "peer", "--format", "json", stdin="65004 65005 65002\n65005 65002\n")[1])
check("json", document, {"paths": [
    {"path": "65004 65005 65002", "state": "unknown", "reason": "no-attestation", "ases": 3, "max_up": 3, "min_up": 2,
     "max_down": 1, "min_down": 1, "hops": [
         {"customer": 65005, "provider": 65004, "customer_at": 1, "provider_at": 0, "ramp": "up",
          "authorized": "no-attestation", "state_if_attested": "valid"}]},
    {"path": "65005 65002", "state": "valid", "reason": "none", "ases": 2, "max_up": 2, "min_up": 2, "max_down": 2,
     "min_down": 1, "hops": []}]})
lines = manrs(*PEER, "peer", "--format", "jsonl", stdin="65004 65005 65002\n65005 65002\n")[1].splitlines()
check("jsonl", [json.loads(line) for line in lines], document["paths"])
check("json of nothing", json.loads(manrs(*PEER, "peer", "--format", "json")[1]), {"paths": []})

# Several ASPAs of a customer are united, in one file or in two; AS0 beside others has no effect.
one = write("one.tsv", "1\t2 0\n1\t3\n4\t0\n")
two = write("two.tsv", "1\t5\n4\t6\n")
union = manrs("aspa", "--aspas", one, "--aspas", two, "--role", "peer", "--format", "csv",
              stdin="2 1\n3 1\n5 1\n7 1\n6 4\n5 4\n")
check("the union", states(union[1]), ["valid", "valid", "valid", "invalid", "valid", "invalid"])

# Usage and exit status.
check("fail on", [manrs(*PEER, "peer", "--fail-on", "invalid", p)[0] for p in ("65005 65002", "65004 65003 65001")], [0, 1])
check("fail on two", manrs(*PEER, "peer", "--fail-on", "invalid,unknown", "65004 65005 65002")[0], 1)
# Above the relying party's bound all ASPAs of the customer are invalid (draft-ietf-sidrops-aspa-profile), also the short ones.
many = write("many.json", json.dumps({"aspas": [
    {"customer": 1, "providers": [2]}, {"customer": 1, "providers": list(range(3, 10004))}, {"customer": 1, "providers": [2]}]}))
got = manrs("aspa", "--aspas", many, "--role", "customer", "--format", "csv", "9 1")
check("a customer over the bound", (got[0], b",unknown" in got[1], b",invalid" in got[1]), (0, True, False))
check("a customer over the bound is told", [line[len("manrs: " + many):] for line in got[2].splitlines()],
      [": ASPA of AS1: more providers than allowed", ":1: more than 10000 providers: customer \"1\"", ": 2 entries refused"])

for wrong in (["--aspas", text], ["--role", "peer"], [*PEER[1:], "friend"], [*PEER[1:], "none"],
              [*PEER[1:], "peer", "--neighbour", "x"], [*PEER[1:], "peer", "--format", "bird2"],
              [*PEER[1:], "peer", "--fail-on", "malformed"], [*PEER[1:], "peer", "-i", "-", "1 2"],
              [*PEER[1:], "peer", "1 x"], ["--aspas", path("none"), "--role", "peer", "1"],
              ["--aspas", write("junk", "{ not json"), "--role", "peer", "1"]):
    status, out, err = manrs("aspa", *wrong)
    check("refused: %s" % wrong[:4], (status, out, err.startswith("manrs: ")), (2, b"", True))
check("to a full disk", manrs(*PEER, "peer", "-o", "/dev/full", "1")[0], 2)
check("help", manrs("aspa", "--help")[0], 0)

# Real paths, streamed from a compressed file, against what three implementations agreed upon.
real = shared("aspa/paths-40000.txt.xz")
if real:
    for table in ("aspa-20250720-real100", "aspa-prepdev2023-6647"):
        want = lzma.open(shared("aspa/expected/%s.up_down.xz" % table), "rt").read().split()
        for role, at in (("customer", 0), ("provider", 1)):
            got = manrs("aspa", "--aspas", shared("aspa/%s.tsv" % table), "--role", role, "--format", "csv", "-i", real)
            check("%s, %s" % (table, role), "".join(s[0] for s in states(got[1])), "".join(w[at] for w in want))
else:
    skip("no aspa/paths-40000.txt.xz")
sets = shared("aspa/paths-with-as_set.txt")
if sets:
    got = manrs("aspa", "--aspas", text, "--role", "peer", "--format", "csv", "-i", sets)
    want = open(sets).read().splitlines()
    rows = got[1].decode().splitlines()[1:]
    check("every real path with a set is invalid", (got[0], len(want), {row.rsplit(",", 5)[1] for row in rows}), (0, len(rows), {"invalid"}))
    check("paths come back as they were, quoted where they have a comma",
          [row.rsplit(",", 5)[0] for row in rows],
          ['"%s"' % p if "," in p else p for p in want])
else:
    skip("no aspa/paths-with-as_set.txt")

close()
