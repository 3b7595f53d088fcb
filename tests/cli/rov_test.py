# SPDX-License-Identifier: BSD-2-Clause
"""manrs rov: rows, formats, inputs, exit status. Expected states are RFC 6811 section 2 worked by hand."""

import json
import subprocess

from command import MANRS, check, close, csv, manrs, path, write

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta", "AS64497,198.51.100.0/22,24,ta", "AS0,203.0.113.0/24,32,ta",
                             "AS64496,2001:db8::/32,48,ta"))
ROUTES = "192.0.2.0/24 64496\n192.0.2.0/25 AS64496\n192.0.2.0/24 => AS64511\n10.0.0.0/8 as64496\n" \
         "203.0.113.0/24 0\n2001:DB8:0::/48\t64496\n198.51.102.0/24 64497\n"
CSV = "prefix,asn,state,reason\n192.0.2.0/24,64496,valid,\n192.0.2.0/25,64496,invalid,length\n" \
      "192.0.2.0/24,64511,invalid,as\n10.0.0.0/8,64496,not-found,\n203.0.113.0/24,0,invalid,as\n" \
      "2001:db8::/48,64496,valid,\n198.51.102.0/24,64497,valid,\n"

# Where routes come from and rows go to.
routes = write("routes", ROUTES)
check("csv from -i", manrs("rov", "--vrps", VRPS, "--format", "csv", "-i", routes), (0, CSV.encode(), ""))
check("csv from stdin", manrs("rov", "--vrps", VRPS, "--format", "csv", stdin=ROUTES), (0, CSV.encode(), ""))
check("csv from -i -", manrs("rov", "--vrps", VRPS, "--format=csv", "-i", "-", stdin=ROUTES), (0, CSV.encode(), ""))
check("to -o", manrs("rov", "--vrps", VRPS, "--format", "csv", "-i", routes, "-o", path("out")), (0, b"", ""))
check("what -o holds", open(path("out")).read(), CSV)
check("-o - is stdout", manrs("rov", "--vrps", VRPS, "--format", "csv", "-i", routes, "-o", "-")[1], CSV.encode())
check("no write", manrs("rov", "--vrps", VRPS, "-i", routes, "-o", "/dev/full")[::2],
      (2, "manrs: /dev/full: No space left on device\n"))
check("no such folder", manrs("rov", "--vrps", VRPS, "-i", routes, "-o", path("no/such"))[0], 2)
check("no such routes", manrs("rov", "--vrps", VRPS, "-i", path("none"))[::2],
      (2, "manrs: %s: No such file or directory\n" % path("none")))
check("VRPs from stdin", manrs("rov", "--vrps", "-", "--format", "csv", "-i", routes, stdin=open(VRPS).read())[1],
      CSV.encode())

# One route as arguments, in every spelling.
for args in (["192.0.2.0/24", "64496"], ["192.0.2.0/24", "AS64496"], ["192.0.2.0/24", "=>", "AS64496"],
             ["192.0.2.0/24 AS64496"], ["192.0.2.0/24 => 64496"]):
    check("arguments %s" % args, manrs("rov", "--vrps", VRPS, *args), (0, b"192.0.2.0/24 => AS64496: valid\n", ""))
check("a bad argument", manrs("rov", "--vrps", VRPS, "192.0.2.1/24", "64496")[:2], (2, b""))
check("a route and -i", manrs("rov", "--vrps", VRPS, "-i", routes, "192.0.2.0/24", "64496")[0], 2)

# Plain rows are Routinator's.
check("plain", manrs("rov", "--vrps", VRPS, stdin="192.0.2.0/25 64496\n10.0.0.0/8 1\n")[1],
      b"192.0.2.0/25 => AS64496: invalid\n10.0.0.0/8 => AS1: not-found\n")

# JSON as `routinator validate --json` writes it.
status, out, err = manrs("rov", "--vrps", VRPS, "--format", "json", stdin=ROUTES)
document = json.loads(out)
LENGTH = "At least one VRP Covers the Route Prefix, but the Route Prefix length is greater than the maximum length " \
         "allowed by VRP(s) matching this route origin ASN"
check("json members", sorted(document), ["generatedTime", "validated_routes"])
check("json rows", len(document["validated_routes"]), 7)
check("json valid", document["validated_routes"][0], {
    "route": {"origin_asn": "AS64496", "prefix": "192.0.2.0/24"},
    "validity": {"state": "valid", "description": "At least one VRP Matches the Route Prefix", "VRPs": {
        "matched": [{"asn": "AS64496", "prefix": "192.0.2.0/24", "max_length": "24"}],
        "unmatched_as": [], "unmatched_length": []}}})
check("json length", document["validated_routes"][1]["validity"], {
    "state": "invalid", "reason": "length", "description": LENGTH, "VRPs": {
        "matched": [], "unmatched_as": [],
        "unmatched_length": [{"asn": "AS64496", "prefix": "192.0.2.0/24", "max_length": "24"}]}, "manrs_reason": "length"})
check("json as", document["validated_routes"][2]["validity"], {
    "state": "invalid", "reason": "as",
    "description": "At least one VRP Covers the Route Prefix, but no VRP ASN matches the route origin ASN", "VRPs": {
        "matched": [], "unmatched_as": [{"asn": "AS64496", "prefix": "192.0.2.0/24", "max_length": "24"}],
        "unmatched_length": []}, "manrs_reason": "as"})
check("json not-found", document["validated_routes"][3]["validity"], {
    "state": "not-found", "description": "No VRP Covers the Route Prefix",
    "VRPs": {"matched": [], "unmatched_as": [], "unmatched_length": []}})
check("json order of members", [k for k, _ in json.loads(out, object_pairs_hook=list)[0][1][1][1][1][1:]][:2],
      ["reason", "description"])
status, out, err = manrs("rov", "--vrps", VRPS, "--format", "jsonl", stdin=ROUTES)
check("jsonl is json without its frame", [json.loads(line) for line in out.splitlines()], document["validated_routes"])
check("json of nothing", json.loads(manrs("rov", "--vrps", VRPS, "--format", "json")[1])["validated_routes"], [])
check("csv of nothing", manrs("rov", "--vrps", VRPS, "--format", "csv"), (0, b"prefix,asn,state,reason\n", "manrs: stdin: warning: nothing in it\n"))

# Routinator (src/validity.rs) looks at the length first: of a route that is too long for every VRP the reason is length,
# whoever its origin, and too short a VRP of another AS is in unmatched_length. Ours asks for the origin first.
for origin, theirs, ours, lists in (("64496", "length", "length", ([], ["AS64496"])), ("64511", "length", "as", ([], ["AS64496"])),
                                    ("64498", "as", "as", (["AS64497"], ["AS64496"])),
                                    ("64499", "as", "length", (["AS64497"], ["AS64499"]))):
    file = write("reasons.csv", csv("AS%s,192.0.2.0/24,24,t" % ("64499" if origin == "64499" else "64496"),
                                    *(["AS64497,192.0.2.0/24,25,t"] if lists[0] else [])))
    validity = json.loads(manrs("rov", "--vrps", file, "--format", "jsonl", "192.0.2.0/25", origin)[1])["validity"]
    check("json reasons of AS" + origin, (validity["reason"], validity["manrs_reason"], [
        [vrp["asn"] for vrp in validity["VRPs"][name]] for name in ("matched", "unmatched_as", "unmatched_length")],
        validity["description"] == LENGTH), (theirs, ours, [[], *lists], theirs == "length"))
zero = json.loads(manrs("rov", "--vrps", VRPS, "--format", "jsonl", "203.0.113.0/24", "0")[1])["validity"]
check("json: AS0 matches nothing (RFC 6483 section 4)", (zero["state"], zero["reason"], len(zero["VRPs"]["unmatched_as"])),
      ("invalid", "as", 1))

# All covering VRPs are listed, shortest first.
nested = write("nested.csv", csv("AS1,10.0.0.0/8,8,t", "AS2,10.0.0.0/16,24,t", "AS3,10.0.0.0/24,24,t", "AS3,10.0.0.0/16,24,t"))
vrps = json.loads(manrs("rov", "--vrps", nested, "--format", "json", "10.0.0.0/24", "3")[1])["validated_routes"][0]
lists = {k: [v["prefix"] for v in vs] for k, vs in vrps["validity"]["VRPs"].items()}
check("matched, all of them", lists["matched"], ["10.0.0.0/16", "10.0.0.0/24"])
check("all covering VRPs", sorted(sum(lists.values(), [])), ["10.0.0.0/16", "10.0.0.0/16", "10.0.0.0/24", "10.0.0.0/8"])

# Lines of bgpdump -m: RIB entries, updates, ADD-PATH; what announces nothing gives no row.
DUMP = """\
TABLE_DUMP2|1|B|10.9.0.1|65001|192.0.2.0/24|65001 64500 64496|IGP|10.9.0.1|0|0||NAG||
TABLE_DUMP2_AP|1|B|10.9.0.1|65001|192.0.2.0/25|36|65001 64496|IGP|10.9.0.1|0|0||NAG||
BGP4MP|1|A|10.9.0.1|65001|192.0.2.0/24|65001 {64496}|IGP|10.9.0.1|0|0||NAG||
BGP4MP|1|W|10.9.0.1|65001|192.0.2.0/24
BGP4MP|1|STATE|10.9.0.1|65001|3|1
TABLE_DUMP|1|B|10.9.0.1|64496|192.0.2.0/24||IGP|10.9.0.1|0|0||NAG||
TABLE_DUMP|1|B|10.9.0.1|64497|192.0.2.0/24|(65010 65011)|IGP|10.9.0.1|0|0||NAG||
TABLE_DUMP2|1|B|2001:db8::1|65001|2001:0db8:0:0::/48|65001 {64498,64499} 64496|IGP|::|0|0||NAG||
"""
check("bgpdump -m", manrs("rov", "--vrps", VRPS, "--format", "csv", stdin=DUMP), (0, (
    "prefix,asn,state,reason\n192.0.2.0/24,64496,valid,\n192.0.2.0/25,64496,invalid,length\n192.0.2.0/24,0,invalid,as\n"
    "192.0.2.0/24,0,invalid,as\n192.0.2.0/24,0,invalid,as\n2001:db8::/48,64496,valid,\n").encode(), ""))
# RFC 6811 section 2: an empty path and a confederation segment at the end have the speaker's own AS, which is not known.
# One reader: what `check` takes and refuses, `rov` does. An empty set is malformed; -M, _ET and JSON are read.
check("lines of bgpdump -M, of other types, and objects", manrs("rov", "--vrps", VRPS, "--format", "csv", stdin=
      "\ufeffBGP4MP_ET_AP|10/15/07 15:05:00|A|10.9.0.1|65001|192.0.2.0/24|7|65001 64496|IGP\r\n"
      "BGP4MP_LOCAL|1|A|10.9.0.1|65001|192.0.2.0/24|65001 64496|IGP|10.9.0.1|0|0||NAG||\n"
      '{"prefix": "192.0.2.0/24", "as_path": [65001, 64496]}\n'
      "BGP4MP|1|A|10.9.0.1|65001|192.0.2.0/24|65001 64496|IGP|10.9.0.1"),
      (0, b"prefix,asn,state,reason\n" + b"192.0.2.0/24,64496,valid,\n" * 4,
       "manrs: stdin:4: warning: the last line has no end: the file may have been cut\n"))
check("an empty set", manrs("rov", "--vrps", VRPS, stdin="BGP4MP|1|A|10.9.0.1|65001|192.0.2.0/24|65001 {}|IGP|10.9.0.1|\n"),
      (2, b"", "manrs: stdin:1: byte 46: an empty segment in an AS path: {}\n"))
for line in ("TABLE_DUMP2|1|B", "TABLE_DUMP2|1|X|a|1|10.0.0.0/8|1|", "TABLE_DUMP2|1|B|a|1|10.0.0.1/8|1|",
             "TABLE_DUMP2|1|B|a|1|10.0.0.0/8|1 x|", "TABLE_DUMP2|1|B|a|1|10.0.0.0/8", "|||||||"):
    status, out, err = manrs("rov", "--vrps", VRPS, stdin=line + "\n")
    check("bad bgpdump line " + line, (status, out, err.count("\n")), (2, b"", 1))

# A bad line: a line on stderr that says where, no row, the rest goes on, exit 2 at the end.
BAD = "192.0.2.0/24 64496\n999.1.1.1/24 1\n# a comment\n\n  192.0.2.0/24 64497 # why\n192.0.2.0/24\n1.2.3/24 5\n" \
      "192.0.2.0/33 1\n192.0.2.0/24 AS4294967296\n192.0.2.0/24 64496 x\n::/0 1\r\n0.0.0.0/0 1"
status, out, err = manrs("rov", "--vrps", VRPS, "--format", "csv", "-i", write("bad", BAD))
check("bad lines: exit", status, 2)
check("bad lines: rows", out, b"prefix,asn,state,reason\n192.0.2.0/24,64496,valid,\n192.0.2.0/24,64497,invalid,as\n"
      b"::/0,1,not-found,\n0.0.0.0/0,1,not-found,\n")
check("bad lines: where, and a last line without its end", [line.split(":")[2] for line in err.splitlines()],
      ["2", "6", "7", "8", "9", "10", "12"])
check("bad lines: whose", all(line.startswith("manrs: %s:" % path("bad")) for line in err.splitlines()))
check("a long line", manrs("rov", "--vrps", VRPS, "--format", "csv", stdin="x" * (3 << 20) + "\n192.0.2.0/24 64496\n"),
      (2, b"prefix,asn,state,reason\n192.0.2.0/24,64496,valid,\n", "manrs: stdin:1: byte 1: the line is too long\n"))
check("a NUL", manrs("rov", "--vrps", VRPS, stdin=b"192.0.2.0/24 64496\0\n192.0.2.0/24 64496\n")[:2],
      (2, b"192.0.2.0/24 => AS64496: valid\n"))
check("bad lines beat --fail-on", manrs("rov", "--vrps", VRPS, "--fail-on", "valid", "-i", path("bad"))[0], 2)

# --fail-on
for states, want in (("invalid", 1), ("not-found", 1), ("valid", 1), ("invalid,not-found", 1), ("malformed", 0)):
    check("--fail-on " + states, manrs("rov", "--vrps", VRPS, "--fail-on", states, stdin=ROUTES)[0], want)
check("--fail-on without a finding", manrs("rov", "--vrps", VRPS, "--fail-on", "invalid", "192.0.2.0/24", "64496")[0], 0)
check("--fail-on nonsense", manrs("rov", "--vrps", VRPS, "--fail-on", "bad", stdin=ROUTES)[:2], (2, b""))
check("--fail-on nothing", manrs("rov", "--vrps", VRPS, "--fail-on", "", stdin=ROUTES)[:2], (2, b""))

# Several files are one set; a VRP in two of them is one.
two = write("two.csv", csv("AS64511,192.0.2.0/24,24,ta", "AS64496,192.0.2.0/24,24,ta"))
check("two files", manrs("rov", "--vrps", VRPS, "--vrps", two, "192.0.2.0/24", "64511")[1],
      b"192.0.2.0/24 => AS64511: valid\n")
check("one VRP of two files", len(json.loads(manrs("rov", "--vrps", VRPS, "--vrps", two, "--format", "jsonl",
      "192.0.2.0/24", "64496")[1])["validity"]["VRPs"]["matched"]), 1)
check("64 files", manrs("rov", *["--vrps", VRPS] * 64, "192.0.2.0/24", "64496")[0], 0)
check("65 files", manrs("rov", *["--vrps", VRPS] * 65, "192.0.2.0/24", "64496")[::2], (2, "manrs: at most 64 VRP files\n"))

# Expiry is applied only when asked for.
old = write("old.json", json.dumps({"roas": [{"asn": 1, "prefix": "10.0.0.0/8", "maxLength": 8, "ta": "t", "expires": 100},
                                             {"asn": 2, "prefix": "10.0.0.0/8", "maxLength": 8, "ta": "t",
                                              "expires": 9999999999}]}))
check("expired and kept", manrs("rov", "--vrps", old, "10.0.0.0/8", "1")[1], b"10.0.0.0/8 => AS1: valid\n")
check("expired and dropped", manrs("rov", "--vrps", old, "--drop-expired", "10.0.0.0/8", "1")[1],
      b"10.0.0.0/8 => AS1: invalid\n")
check("not expired", manrs("rov", "--vrps", old, "--drop-expired", "10.0.0.0/8", "2")[1], b"10.0.0.0/8 => AS2: valid\n")

# Local exceptions (RFC 8416): a filter takes VRPs out, an assertion adds one.
slurm = write("slurm.json", json.dumps({
    "slurmVersion": 1,
    "validationOutputFilters": {"prefixFilters": [{"prefix": "192.0.2.0/24", "asn": 64496}], "bgpsecFilters": []},
    "locallyAddedAssertions": {"prefixAssertions": [{"asn": 64500, "prefix": "10.0.0.0/8", "maxPrefixLength": 16}],
                               "bgpsecAssertions": []}}))
check("--slurm", manrs("rov", "--vrps", VRPS, "--slurm", slurm, "--format", "csv",
      stdin="192.0.2.0/24 64496\n10.0.0.0/16 64500\n10.0.0.0/17 64500\n")[1],
      b"prefix,asn,state,reason\n192.0.2.0/24,64496,not-found,\n10.0.0.0/16,64500,valid,\n10.0.0.0/17,64500,invalid,length\n")
check("a bad --slurm", manrs("rov", "--vrps", VRPS, "--slurm", VRPS, "10.0.0.0/8", "1")[:2], (2, b""))
check("no --slurm file", manrs("rov", "--vrps", VRPS, "--slurm", path("none"), "10.0.0.0/8", "1")[::2],
      (2, "manrs: %s: No such file or directory\n" % path("none")))

# Stdin is one file.
for more in (["-i", "-"], [], ["--vrps", "-", "10.0.0.0/8", "1"], ["--slurm", "-", "10.0.0.0/8", "1"]):
    check("stdin twice %s" % more, manrs("rov", "--vrps", "-", *more, stdin=open(VRPS).read())[:2], (2, b""))

# Usage.
check("no VRPs", manrs("rov", "10.0.0.0/8", "1")[:2], (2, b""))
check("no such option", manrs("rov", "--what")[:2], (2, b""))
check("no such format", manrs("rov", "--vrps", VRPS, "--format", "bird2", "10.0.0.0/8", "1")[:2], (2, b""))
check("no such verb", manrs("what")[::2], (2, "manrs: what: no such verb; see `manrs --help`\n"))
check("no verb", manrs()[:2], (2, b""))
check("help", manrs("rov", "--help")[0], 0)
check("help lists the verbs", all(v in manrs("--help")[1] for v in (b"  rov ", b"  vrps ", b"  diff ")))
check("version", manrs("--version")[1].split()[0], b"manrs")

# The reader of our rows may go away.
pipe = subprocess.run("yes '192.0.2.0/24 64496' | '%s' rov --vrps '%s' | head -n 1" % (MANRS, VRPS), shell=True,
                      capture_output=True)
check("a closed pipe", pipe.stdout, b"192.0.2.0/24 => AS64496: valid\n")
close()
