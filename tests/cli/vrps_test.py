# SPDX-License-Identifier: BSD-2-Clause
"""manrs vrps and manrs diff. The shapes are those of Routinator's own outputs."""

import json

from command import check, close, csv, manrs, path, shared, skip, write

SOURCE = write("source.json", json.dumps({
    "roas": [{"asn": "AS64497", "prefix": "198.51.100.0/22", "maxLength": 24, "ta": "ripe"},
             {"asn": 64496, "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "a,\"b"},
             {"asn": 0, "prefix": "203.0.113.0/24", "maxLength": 32},
             {"asn": 64496, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "apnic"},
             {"asn": 64496, "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "ripe"}],
    "aspas": [{"customer_asid": 64496, "providers": [64500, 64501]}, {"customer_asid": 64497, "providers": [0]}]}))


def vrps(form, *more):
    status, out, err = manrs("vrps", "--vrps", SOURCE, "--format", form, *more)
    check(form + ": exit", (status, err), (0, ""))
    return out.decode()


check("csv", vrps("csv"), "ASN,IP Prefix,Max Length,Trust Anchor\nAS64496,192.0.2.0/24,24,\"a,\"\"b\"\n"
      "AS64497,198.51.100.0/22,24,ripe\nAS0,203.0.113.0/24,32,N/A\nAS64496,2001:db8::/32,48,apnic\n")
check("csv is the default", manrs("vrps", "--vrps", SOURCE)[1].decode(), vrps("csv"))
check("openbgpd", vrps("openbgpd"), "roa-set {\n    192.0.2.0/24 source-as 64496\n"
      "    198.51.100.0/22 maxlen 24 source-as 64497\n    203.0.113.0/24 maxlen 32 source-as 0\n"
      "    2001:db8::/32 maxlen 48 source-as 64496\n}\n")
check("bird2", vrps("bird2"), "route 192.0.2.0/24 max 24 as 64496;\nroute 198.51.100.0/22 max 24 as 64497;\n"
      "route 203.0.113.0/24 max 32 as 0;\nroute 2001:db8::/32 max 48 as 64496;\n")
document = json.loads(vrps("json"))
check("json: members", sorted(document), ["aspas", "metadata", "roas"])
check("json: metadata", sorted(document["metadata"]), ["generated", "generatedTime"])
check("json: roas", document["roas"][:2], [{"asn": "AS64496", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "a,\"b"},
                                          {"asn": "AS64497", "prefix": "198.51.100.0/22", "maxLength": 24, "ta": "ripe"}])
check("json: aspas", document["aspas"], [{"customer": "AS64496", "providers": ["AS64500", "AS64501"], "ta": "N/A"},
                                         {"customer": "AS64497", "providers": ["AS0"], "ta": "N/A"}])
many = write("many.json", json.dumps({"roas": [], "aspas": [{"customer_asid": 70000 - 97 * i, "providers": [1]} for i in range(300)]}))
for form, of in (("json", lambda d: [int(a["customer"][2:]) for a in d["aspas"]]),
                 ("slurm", lambda d: [a["customerAsn"] for a in d["locallyAddedAssertions"]["aspaAssertions"]])):
    check(form + ": ASPAs by customer", of(json.loads(manrs("vrps", "--vrps", many, "--format", form)[1])),
          sorted(70000 - 97 * i for i in range(300)))
document = json.loads(vrps("slurm"))
check("slurm: version", document["slurmVersion"], 2)
check("slurm: a VRP without maxPrefixLength", document["locallyAddedAssertions"]["prefixAssertions"][0],
      {"asn": 64496, "prefix": "192.0.2.0/24", "comment": "a,\"b"})
check("slurm: a VRP with maxPrefixLength", document["locallyAddedAssertions"]["prefixAssertions"][1],
      {"asn": 64497, "prefix": "198.51.100.0/22", "maxPrefixLength": 24, "comment": "ripe"})
check("slurm: an ASPA", document["locallyAddedAssertions"]["aspaAssertions"][0],
      {"customerAsn": 64496, "providerAsns": [64500, 64501]})
lines = dict(line.rsplit(None, 1) for line in vrps("summary").splitlines())
for name, n in {"VRPs": 4, "IPv4 VRPs": 3, "IPv6 VRPs": 1, "AS0 VRPs": 1, "maxLength > length": 3, "ASPAs": 2,
                "IPv4 addresses": 256 + 1024 + 256, "IPv4 share": "0.000000357627", "IPv6 addresses": 2 ** 96, "IPv6 share": "0.000000000232",
                "bad entries": 0, "TA ripe": 1, "TA apnic": 1, "no TA": 1, "IPv4 /24": 2, "IPv6 /32": 1}.items():
    check("summary: " + name, lines.get(name), str(n))

# What one format writes, the command reads again as the same set.
want = sorted(line.rsplit(",", 1)[0] for line in csv("AS64496,192.0.2.0/24,24,x", "AS64497,198.51.100.0/22,24,x",
              "AS0,203.0.113.0/24,32,x", "AS64496,2001:db8::/32,48,x").splitlines())
for form in ("csv", "json", "openbgpd", "bird2"):
    again = manrs("vrps", "--vrps", write("again", vrps(form)), "--format", "bird2")[1].decode()
    check(form + " read again", again, vrps("bird2"))
nothing = write("nothing.json", '{"roas": []}')
check("slurm read again", manrs("vrps", "--vrps", nothing, "--slurm", write("again.slurm", vrps("slurm")), "--format",
      "bird2")[1].decode(), vrps("bird2"))
check("json of nothing", json.loads(manrs("vrps", "--vrps", nothing, "--format", "json")[1])["roas"], [])
check("to -o", manrs("vrps", "--vrps", SOURCE, "-o", path("out")), (0, b"", ""))
check("what -o holds", open(path("out")).read(), vrps("csv"))
check("no such format", manrs("vrps", "--vrps", SOURCE, "--format", "jsonl")[:2], (2, b""))
check("no files", manrs("vrps")[:2], (2, b""))
check("an argument", manrs("vrps", "--vrps", SOURCE, "x")[:2], (2, b""))

# Of 211 entries 11 cannot be read: 5.2 %, and more than ten.
torn = write("torn.json", json.dumps({"roas": [{"asn": 64496, "prefix": "10.0.%d.0/24" % i} for i in range(200)] +
                                              [{"asn": "x", "prefix": "10.1.0.0/24"}] * 11}))
check("more than 1 % unreadable", manrs("vrps", "--vrps", torn)[:2], (2, b""))
check("--allow-bad below their share", manrs("vrps", "--vrps", torn, "--allow-bad", "5")[:2], (2, b""))
check("--allow-bad above it", [f(manrs("vrps", "--vrps", torn, "--allow-bad", "6")) for f in
                               (lambda r: r[0], lambda r: r[1].count(b"AS64496"))], [0, 200])
check("--allow-bad is a percentage", manrs("vrps", "--vrps", torn, "--allow-bad", "101")[:2], (2, b""))

# Diff: VRPs, then routes.
old = write("old.csv", csv("AS1,10.0.0.0/8,16,t", "AS2,10.1.0.0/16,24,t", "AS3,2001:db8::/32,32,t", "AS9,11.0.0.0/8,8,t"))
new = write("new.csv", csv("AS1,10.0.0.0/8,20,t", "AS2,10.1.0.0/16,24,t", "AS4,2001:db8::/32,32,t", "AS9,11.0.0.0/8,8,u"))


def diff(*more):
    return manrs("diff", "--vrps", old, "--vrps", new, *more)


check("diff plain", diff(), (0, b"- 10.0.0.0/8 max 16 AS1\n+ 10.0.0.0/8 max 20 AS1\n- 2001:db8::/32 max 32 AS3\n"
      b"+ 2001:db8::/32 max 32 AS4\n", ""))
check("diff csv", diff("--format", "csv")[1], b"change,prefix,maxlen,asn\nremoved,10.0.0.0/8,16,1\nadded,10.0.0.0/8,20,1\n"
      b"removed,2001:db8::/32,32,3\nadded,2001:db8::/32,32,4\n")
check("diff jsonl", [json.loads(line) for line in diff("--format", "jsonl")[1].splitlines()][0],
      {"change": "removed", "prefix": "10.0.0.0/8", "maxlen": 16, "asn": 1})
routes = write("routes", "10.0.0.0/8 1\n10.2.0.0/20 1\n10.2.0.0/21 1\n10.1.0.0/20 1\n10.1.0.0/24 2\n2001:db8::/32 3\n"
               "2001:db8::/32 => AS4\n11.0.0.0/8 9\n12.0.0.0/8 1\n")
check("routes plain", diff("-i", routes), (0, b"10.2.0.0/20 => AS1: invalid -> valid\n10.1.0.0/20 => AS1: invalid -> valid\n"
      b"2001:db8::/32 => AS3: valid -> invalid\n2001:db8::/32 => AS4: invalid -> valid\n", ""))
check("routes csv", diff("-i", routes, "--format", "csv")[1], b"prefix,asn,before,after\n10.2.0.0/20,1,invalid,valid\n"
      b"10.1.0.0/20,1,invalid,valid\n2001:db8::/32,3,valid,invalid\n2001:db8::/32,4,invalid,valid\n")
check("routes jsonl", json.loads(diff("-i", routes, "--format", "jsonl")[1].splitlines()[2]),
      {"prefix": "2001:db8::/32", "asn": 3, "before": "valid", "after": "invalid"})
check("no change", manrs("diff", "--vrps", old, "--vrps", old, "-i", routes), (0, b"", ""))
check("a bad route", diff("-i", write("bad", "10.0.0.0/8 1\nx\n"))[::2],
      (2, "manrs: %s:2: byte 1: a decimal number is missing: x\n" % path("bad")))
check("one file", manrs("diff", "--vrps", old)[:2], (2, b""))
check("three files", manrs("diff", "--vrps", old, "--vrps", old, "--vrps", new)[:2], (2, b""))
check("a bad second file", manrs("diff", "--vrps", old, "--vrps", path("none"))[:2], (2, b""))

# Real data: SLURM over 7,997 VRPs, the result by StayRTR.
given, expected = shared("slurm/in_vrps.txt"), shared("slurm/expected_stayrtr.txt")
if given:
    as_csv = csv(*("AS%s,%s,%s,t" % (asn, prefix, maxlen) for prefix, maxlen, asn in map(str.split, open(given))))
    out = manrs("vrps", "--vrps", write("given.csv", as_csv), "--slurm", shared("slurm/slurm.json"))[1].decode()
    rows = {(p, m, a[2:]) for a, p, m, _ in (line.split(",") for line in out.splitlines()[1:])}
    check("SLURM over real VRPs", (len(rows), rows == {tuple(line.split()) for line in open(expected)}), (6417, True))
else:
    skip("no shared data: SLURM")

# Every Routinator format that carries VRPs, read and written again.
folder = shared("vrp/routinator-output-formats/100.csv")
if folder:
    for form in ("json", "jsonext", "csv", "csvcompat", "csvext", "openbgpd", "bird1", "bird2"):
        for files in ("100", "111"):
            name = folder.replace("100.csv", files + "." + form)
            check("Routinator's " + files + "." + form, manrs("vrps", "--vrps", name, "--format", "bird2")[1],
                  b"route 12.34.56.0/24 max 24 as 1234;\n")
else:
    skip("no shared data: Routinator's formats")
close()
