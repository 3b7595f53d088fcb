# SPDX-License-Identifier: BSD-2-Clause
"""manrs check and manrs explain: the contract, and every line of two real tables, counted a second time in Python: the
rules of RFC 6811, of the ASPA draft, of the path tests and the lists, over the text of bgpdump and the VRPs' JSON."""

import bz2
import collections
import hashlib
import json
import lzma
import os
import re
import shutil
import socket
import subprocess

from command import MANRS, check, close, csv, manrs, path, shared, skip, write

TRANSIT_FREE = {174, 701, 1299, 2914, 3257, 3320, 3356, 5511, 6453, 6461, 6762, 6830, 7018, 12956}
SPECIAL, FORMER, MULTICAST, GLOBAL = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::/127 ::ffff:0:0/96 64:ff9b:1::/48 "
    "100::/63 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10",
    "192.88.99.0/24 2001:10::/28 3ffe::/16 fec0::/10", "224.0.0.0/4 ff00::/8",
    "192.0.0.9/32 192.0.0.10/32 64:ff9b::/96 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:3::/32 2001:4:112::/48 "
    "2001:20::/28 2001:30::/28")


def numbers(text):
    """A prefix as family, number, length."""
    net, length = text.split("/")
    if ":" in net:
        return 6, int.from_bytes(socket.inet_pton(socket.AF_INET6, net), "big"), int(length)
    return 4, int.from_bytes(socket.inet_aton(net), "big"), int(length)


BLOCKS = [(numbers(block), code) for texts, code in (
    (SPECIAL, "bogon-prefix-special"), (FORMER, "bogon-prefix-former"), (MULTICAST, "bogon-prefix-multicast"),
    (GLOBAL, None)) for block in texts.split()]


def lines_of(vrps, role, text, *more):
    out = manrs("check", "--vrps", vrps, "--role", role, "--local-as", "4210000000", *more, stdin=text)
    return out[0], out[1].decode().split("\n\n")[0].splitlines(), out[2]


# ---- the contract ----

vrps = write("vrps.csv", csv("AS64500,192.0.2.0/24,24,t", "AS64500,203.0.0.0/16,20,t"))
aspas = write("aspas", "64500\t64501\n64502\t0\n")
status, rows, errors = lines_of(vrps, "customer", """\
TABLE_DUMP2|1|B|198.51.100.1|701|193.0.0.0/24|701 1103 3356|IGP|193.9.9.9|0|0||NAG||
BGP4MP|1|W|198.51.100.1|701|193.0.0.0/24
{"prefix":"203.0.0.0/24","as_path":"8000 64500","neighbour":8000,"next_hop":"193.9.9.9"}
""", "--aspas", aspas, "--tests", "default -irr")
check("rows", (status, rows), (0, [
    "193.0.0.0/24 701 1103 3356: fail leak-by-transit-free,transit-free-found; unknown rov-not-found,aspa-unknown",
    "203.0.0.0/24 8000 64500: fail rov-invalid-length,aspa-invalid-hops,bogon-asn-found,leak-by-aspa"]))
one = '{"prefix":"203.0.0.0/20","as_path":[64501,64500],"neighbour":64501,"otc":1}\n'
args = ["check", "--vrps", vrps, "--aspas", aspas, "--role", "provider", "--local-as", "4210000000"]
status, out, errors = manrs(*args, "--format", "csv", stdin=one)
check("csv", (status, out.decode()), (0, "prefix,neighbour,path,fail,unknown\n"
                                         "203.0.0.0/20,64501,64501 64500,bogon-asn-found,next-hop-unknown\n"))
check("csv: the summary is on stderr", "1 announcements, 0 malformed" in errors)
status, out, errors = manrs(*args, "--format", "json", stdin=one)
document = json.loads(out)
check("json", document["announcements"][0]["fail"], ["bogon-asn-found"])
check("json: summary", document["summary"]["tests"]["rov"], {"pass": 1, "fail": 0, "unknown": 0})
status, out, errors = manrs(*args, "--format", "jsonl", stdin=one)
check("jsonl", [sorted(json.loads(line)) for line in out.splitlines()],
      [["as_path", "fail", "neighbour", "pass", "prefix", "unknown"], ["summary"]])
check("json: no row", json.loads(manrs(*args, "--format", "json")[1])["announcements"], [])
for wanted, exit_status in (("rov", 0), ("bogon-asn", 1), ("any", 1), ("bogon-asn-found", 1), ("aspa,leak", 0),
                            ("rov,bogon-asn", 1), ("next-hop-unknown", 0)):
    check("--fail-on " + wanted, manrs(*args, "--fail-on", wanted, stdin=one)[0], exit_status)
check("--fail-on of no test", manrs(*args, "--fail-on", "colour", stdin=one)[0], 2)
status, out, errors = manrs(*args, stdin="hello\n" + one)
# A byte order mark (of an editor of Windows) at the start of any file, CR LF, and no end of the last line.
mark = "\ufeff"
check("files with a mark", [line for line in manrs(
    "check", "--vrps", write("mark.csv", "ASN,IP Prefix,Max Length\nAS64496,192.0.2.0/24,24\n"), "--policy",
    write("mark.policy", mark + "role = peer\r\ntests = irr bogon-prefix leak"), "--irr", write("mark.irr", mark + "192.0.2.0/24 64496\r\n"
    "198.51.100.0/24 64496"), "--bogons", write("mark.bogons", mark + "203.0.113.0/24"), "--relationships",
    write("mark.rel", mark + "64497|64496|-1"), "--format", "csv",
    stdin=mark + '{"prefix": "193.0.0.0/24", "as_path": "64497 64496", "neighbor": 64497}')[1].decode().splitlines()][1:],
    ["193.0.0.0/24,64497,64497 64496,,irr-not-found"])
check("a bad line is an error with its place", (status, errors.startswith("manrs: stdin:1: byte 1: ")), (2, True))
check("and a row that fails", out.decode().splitlines()[0], "- : fail malformed")

# One line that cannot be read is one finding in every report, whatever tests it fails; never a pass.
EGRESS = '{"direction":"egress","prefix":"192.0.2.1/24"}\n'
for more, line in ((["--tests", "all"], "hello\n"), (["--tests", "none aspa"], EGRESS), ([], "{}\n")):
    status, out, errors = manrs(*args, *more, "--format", "json", stdin=line)
    summary = json.loads(out)["summary"]
    check("one malformed line %s" % more, (status, json.loads(out)["announcements"][0]["fail"], summary["findings"],
                                          summary["malformed"], summary["tests"]),
          (2, ["malformed"], {"malformed": 1}, 1, {}))
    check("its csv %s" % more, manrs(*args, *more, "--format", "csv", stdin=line)[1].decode().splitlines()[1][-11:],
          ",malformed,")
    check("explained %s" % more, manrs("explain", *args[1:], *more, "--all", stdin=line)[1].count(b"FAIL"), 1)
    found = json.loads(manrs("explain", *args[1:], *more, "--format", "json", stdin=line)[1])[0]["findings"]
    check("explained as json %s" % more, [(f["test"], f["state"], f["code"]) for f in found], [("any", "fail", "malformed")])

# Internal sessions: iBGP puts nobody in front of the path (RFC 4271 section 5.1.2).
IBGP = """TABLE_DUMP2|1|B|198.51.100.1|64500|193.0.0.0/24|1103 3333|IGP|10.0.0.1|0|0||NAG||
TABLE_DUMP2|1|B|198.51.100.1|64500|192.0.2.0/25||IGP|10.0.0.1|0|0||NAG||
"""
rows = [manrs("check", "--vrps", vrps, "--aspas", aspas, "--role", role, "--local-as", "64500", stdin=IBGP) for role in
        ("internal", "peer")]
check("internal", (rows[0][0], rows[0][1].decode().split("\n\n")[0].splitlines()), (0, [
    "193.0.0.0/24 1103 3333: unknown rov-not-found",
    "192.0.2.0/25 : fail rov-invalid-length,bogon-prefix-special,prefix-len-long"]))
check("the same AS under an external role (RFC 7705)", [
    word in rows[1][1].decode().splitlines()[0] for word in ("aspa-same-as", "first-as-same-as", "first-as-other")],
    [True, True, False])
status, out, errors = manrs("check", "--vrps", vrps, "--role", "internal", "--local-as", "64500",
                            stdin=IBGP.replace("|64500|", "|64501|"))
check("an external peer on an internal session", (status, errors.splitlines()[0], out.count(b": fail malformed\n")),
      (2, "manrs: stdin:1: AS64501: the peer's AS is not ours, and the session is internal", 2))
for member, codes in (("", ["aspa-invalid-neighbour", "first-as-other"]), (',"internal":true', [])):
    line = '{"prefix":"193.0.0.0/24","as_path":"1103 3333","neighbour":64501%s}\n' % member
    out = manrs("check", "--vrps", vrps, "--aspas", aspas, "--role", "peer", "--format", "jsonl", stdin=line)[1]
    check("internal as a member " + member, json.loads(out.splitlines()[0])["fail"], codes)

# RFC 7908 section 3.3: a route of our provider to a peer; our own AS alone on the path changes nothing.
leak = '{"prefix":"193.0.0.0/24","as_path":"64500","neighbour":8000,"direction":"egress","learned_from":"provider"}\n'
out = manrs("check", "--vrps", vrps, "--role", "peer", "--local-as", "64500", "--tests", "leak", stdin=leak)[1]
check("learned_from holds for our own path", out.decode().splitlines()[0], "193.0.0.0/24 64500: fail leak-by-role")

# What nobody named is asked for where it has data: a ROA does not stand in for an IRR that was not loaded.
valid = '{"prefix":"192.0.2.0/24","as_path":"64500","neighbour":64500}\n'
for more, irr in (([], (0, 0, 0)), (["--tests", "default +irr"], (0, 0, 1)), (["--tests", "all"], (0, 0, 1)),
                  (["--irr", write("other-irr", "193.0.0.0/24 30\n")], (1, 0, 0))):
    out = manrs("check", "--vrps", vrps, "--role", "customer", *more, "--format", "json", stdin=valid)[1]
    got = json.loads(out)["summary"]["tests"].get("irr", {"pass": 0, "fail": 0, "unknown": 0})
    check("irr %s" % more[:1], tuple(got[k] for k in ("pass", "fail", "unknown")), irr)
tests = json.loads(manrs("check", "--vrps", vrps, "--role", "customer", "--format", "json", stdin=valid)[1])["summary"]["tests"]
check("no ASPA loaded, none asked", ("aspa" in tests, "rov" in tests), (False, True))
strict = write("strict", "role = customer\nstrict = irr\n")
check("a strict test is asked for", json.loads(manrs("check", "--vrps", vrps, "--policy", strict, "--format", "json",
                                                    stdin=valid)[1])["summary"]["tests"]["irr"]["fail"], 1)

# --list-tests: every name of the headers, in every format, without any file.
codes = [name.lower().replace("_", "-") for name in
         re.findall(r"^\tMANRS_CODE_(\w+) =", open("include/manrs/code.h").read(), re.M)]
names = [name.lower().replace("_", "-") for name in
         re.findall(r"^\tMANRS_TEST_(\w+) =", open("include/manrs/policy.h").read(), re.M)]
listed = json.loads(manrs("check", "--list-tests", "--format", "json")[1])
check("lists all tests", [row["name"] for row in listed if row["kind"] == "test"], names)
check("lists all findings", sorted(row["name"] for row in listed if row["kind"] == "finding"), sorted(codes))
check("each with a meaning", [row["name"] for row in listed if len(row["meaning"]) < 12], [])
check("and its test and state", {row["name"]: (row["test"], row["state"]) for row in listed}["path-len-empty"],
      ("path-len", "fail"))
check("jsonl", [json.loads(line) for line in manrs("check", "--list-tests", "--format", "jsonl")[1].splitlines()], listed)
check("csv", manrs("check", "--list-tests", "--format", "csv")[1].count(b"\n"), len(listed) + 1)
plain = manrs("check", "--list-tests")[1].decode()
check("plain", [name for name in names + codes if not re.search(r"^ *%s[: ]" % name, plain, re.M)], [])
check("help names the tests", [name for name in names if name not in manrs("check", "--help")[1].decode()], [])
check("to a full disk", manrs("check", "--list-tests", "-o", "/dev/full")[0], 2)
for wrong in (["--role", "peer"], ["--vrps", vrps], ["--vrps", vrps, "--role", "friend"],
              ["--vrps", vrps, "--role", "peer", "--policy", "x"], ["--vrps", vrps, "--role", "peer", "extra"],
              ["--vrps", vrps, "--role", "peer", "--tests", "colour"], ["--vrps", "absent", "--role", "peer"],
              ["--vrps", vrps, "--role", "peer", "--format", "bird2"]):
    for verb in ("check", "explain"):
        if wrong[-1] != "extra" or verb == "check":
            status, out, errors = manrs(verb, *wrong)
            check(verb + " " + " ".join(wrong), (status, out, errors[:7]), (2, b"", "manrs: "))

policy = write("policy", "[policy]\nrole = rs-client\nlocal-as = 4210000000\ntests = none rov origin-set peerlock bogon-prefix\n"
                         "origins = 64500\npeerlock = 64503: 64504\n")
status, out, errors = manrs("check", "--vrps", vrps, "--policy", policy,
                            "--bogons", write("bogons", "# list\n193.0.0.0/16\n"), stdin="""\
{"prefix":"193.0.0.0/24","as_path":"64501 64503","neighbour":64501}
{"prefix":"192.0.2.0/24","as_path":"64504 64503 64500","neighbour":64504}
""")
check("a policy file", out.decode().split("\n\n")[0].splitlines(), [
    "193.0.0.0/24 64501 64503: fail bogon-prefix-listed,peerlock-broken,origin-set-out; unknown rov-not-found",
    "192.0.2.0/24 64504 64503 64500: fail bogon-prefix-special"])
bad = write("bad-policy", "role = peer\n\ncolour = red\n")
check("a bad policy has its line", manrs("check", "--vrps", vrps, "--policy", bad)[2],
      "manrs: %s:3: not a key of a policy: colour\n" % bad)
status, out, errors = manrs("check", "--vrps", vrps, "--role", "customer", "--tests", "none leak irr",
                            "--relationships", write("rel", "# serial-1\n10|20|-1\n30|20|-1\n"),
                            "--irr", write("irr", "193.0.0.0/24 30\n"),
                            stdin='{"prefix":"193.0.0.0/24","as_path":"10 20 30","neighbour":10}')
check("relationships and route objects", out.decode().splitlines()[0],
      "193.0.0.0/24 10 20 30: fail leak-by-relationship")

good, contrary = write("rel-good", "# a\n10|20|-1\n"), write("rel-contrary", "# b\n30|40|0\n20|10|-1\n")
for files, place in (([good, contrary], (contrary, 3)), ([contrary, good], (good, 2)), ([contrary], None)):
    more = [word for file in files for word in ("--relationships", file)]
    status, out, errors = manrs("check", "--vrps", vrps, "--role", "peer", *more, stdin="# none\n")
    check("two relationships that contradict each other have a place", (status, errors.split(": ")[1] if errors else ""),
          (2, "%s:%d" % place) if place else (0, ""))

# A list that an option names and that holds nothing is a failed download: refused, as such a file of VRPs is, and nothing
# is judged as if there were no such test.
for option in ("--irr", "--bogons", "--relationships"):
    for name, content in (("nothing", ""), ("comments", "# list\n\n")):
        for verb in ("check", "explain"):
            check("%s %s of %s" % (verb, option, name), manrs(verb, "--vrps", vrps, "--role", "peer", option, write(name, content),
                  stdin='{"prefix":"193.0.0.0/24","as_path":"10","neighbour":10}'), (2, b"", "manrs: %s: nothing in it\n" % path(name)))

# The neighbour of arguments in every spelling of an AS number (RFC 5396); AS 0 is nobody's (RFC 7607).
for spelling in ("66000", "AS66000", "1.464", "as1.464"):
    check("explain --neighbour " + spelling, manrs("explain", "--vrps", vrps, "--role", "peer", "--neighbour", spelling, "--test",
          "first-as", "193.0.0.0/24", "66000", "10")[1].splitlines()[1].split()[:2], [b"pass", b"first-as"])
check("explain without --neighbour", manrs("explain", "--vrps", vrps, "--role", "peer", "--test", "first-as", "193.0.0.0/24",
      "66000")[1].splitlines()[1].split()[:2], [b"unknown", b"first-as"])
for verb in (["explain", "--vrps", vrps, "193.0.0.0/24"], ["aspa", "--aspas", aspas]):
    check(verb[0] + " --neighbour 0", manrs(*verb, "--role", "peer", "--neighbour", "0", "10")[:2], (2, b""))

session = ["--vrps", vrps, "--aspas", aspas, "--role", "peer", "--local-as", "4210000000"]
status, out, errors = manrs("explain", *session, "--neighbour", "AS701", "203.0.0.0/24", "701", "64500")
check("explain: a sentence a finding", "  FAIL    rov            203.0.0.0/24 with origin AS64500 is Invalid: it is longer "
      "than the VRPs of this origin allow; VRP 203.0.0.0/16-20 AS64500 (too short a maxLength) [RFC 6811 section 2].\n"
      in out.decode())
check("explain: ASPA names the hop", "AS64500 does not list AS701 (if it did, the path would be valid)" in out.decode())
status, out, errors = manrs("explain", *session, "--test", "rov,otc", "--format", "json", "192.0.2.0/24", "64500")
found = json.loads(out)[0]["findings"]
check("explain: json", [(f["test"], f["state"], f["code"]) for f in found],
      [("rov", "pass", "rov-valid"), ("otc", "pass", "otc-add")])
status, out, errors = manrs("explain", *session, "--all", "-i", write("one", one))
check("explain: all tests that have data", out.count(b"\n"), 16)
check("explain: nonsense", manrs("explain", *session, "nonsense")[0], 2)


# ---- real tables ----

class Twin:
    """Counts by code of a table, each rule in the plainest way."""

    vrps = collections.defaultdict(list)
    lengths = {4: (), 6: ()}

    @classmethod
    def load(cls, roas):
        for roa in roas:
            cls.vrps[numbers(roa["prefix"])].append((int(str(roa["asn"]).lstrip("AS")), roa["maxLength"]))
        cls.lengths = {family: sorted({length for f, _, length in cls.vrps if f == family}) for family in (4, 6)}

    def __init__(self):
        self.by_prefix, self.by_path, self.by_route = {}, {}, {}
        self.tally = collections.Counter()

    def prefix(self, text):
        family, number, length = numbers(text)
        bits = 32 if family == 4 else 128

        def cut(short):
            return number >> bits - short << bits - short

        covering = []
        for short in self.lengths[family]:
            if short <= length:
                covering += self.vrps.get((family, cut(short), short), ())
        inside = [(block[2], code) for block, code in BLOCKS
                  if block[0] == family and block[2] <= length and cut(block[2]) == block[1]]
        code = max(inside, key=lambda entry: entry[0])[1] if inside else None
        if family == 6 and not inside and length >= 3 and number >> 125 != 1:
            code = "bogon-prefix-outside"
        low, high = (8, 24) if family == 4 else (12, 48)
        codes = (code,) * bool(code) + ("prefix-len-long",) * (length > high) + ("prefix-len-short",) * (length < low)
        return length, covering, codes

    def rov(self, prefix, origin):
        length, covering, _ = self.by_prefix[prefix]
        if not covering:
            return "rov-not-found"
        if origin is None:
            return "rov-invalid-no-origin"
        if any(asn == origin and asn and length <= longest for asn, longest in covering):
            return "rov-valid"
        return "rov-invalid-length" if any(asn == origin and asn for asn, _ in covering) else "rov-invalid-as"

    def path(self, text, neighbour):
        hops, sets = [], False
        for word in text.replace("{", " {").split():
            sets |= word[0] == "{"
            hops.append(None if word[0] == "{" else int(word))
        every = [int(n) for n in text.replace("{", " ").replace("}", " ").replace(",", " ").split()]
        plain = [asn for asn in hops if asn is not None]
        codes = []
        if any(asn in (0, 23456, 65535, 4294967295) or 64496 <= asn <= 131071 or 4200000000 <= asn for asn in every):
            codes.append("bogon-asn-found")
        if 0 in every:
            codes.append("path-reserved-zero")
        elif 23456 in every:
            codes.append("path-reserved-trans")
        elif any(asn in (65535, 4294967295) or 65552 <= asn <= 131071 for asn in every):
            codes.append("path-reserved-found")
        last, seen, loop = None, set(), False
        for asn in hops:
            loop |= asn is not None and asn != last and asn in seen
            seen.add(asn)
            last = asn
        codes += ["path-loop-again"] * loop + ["path-set-as-set"] * sets
        codes += ["path-len-empty"] * (not hops) + ["path-len-long"] * (len(hops) > 32)
        codes += ["first-as-other"] * (not hops or every[0] != neighbour or hops[0] is None)
        behind = list(every)
        while behind and behind[0] == every[0]:
            behind.pop(0)
        transit = any(asn in TRANSIT_FREE for asn in behind)
        codes += ["transit-free-found"] * transit
        return tuple(codes), self.aspa(plain, sets, neighbour, every), transit, hops[-1] if hops else 4210000000

    def aspa(self, plain, sets, neighbour, every):
        if not every:
            return "aspa-invalid-empty"
        if every[0] != neighbour:
            return "aspa-invalid-neighbour"
        if sets:
            return "aspa-invalid-set"
        up = [plain[-1]]
        for asn in reversed(plain):
            if asn != up[-1]:
                up.append(asn)
        worst = "aspa-valid"
        for customer, provider in zip(up, up[1:]):
            if customer not in ASPAS:
                worst = "aspa-unknown" if worst == "aspa-valid" else worst
            elif provider not in ASPAS[customer]:
                return "aspa-invalid-hops"
        return worst

    def line(self, prefix, text, neighbour):
        if prefix not in self.by_prefix:
            self.by_prefix[prefix] = self.prefix(prefix)
        if (text, neighbour) not in self.by_path:
            self.by_path[text, neighbour] = self.path(text, neighbour)
        found = self.by_path[text, neighbour]
        route = prefix, found[3]
        if route not in self.by_route:
            self.by_route[route] = self.rov(*route)
        self.tally[self.by_prefix[prefix][2], found[:3], self.by_route[route]] += 1

    def count(self):
        count = collections.Counter()
        for (prefix, (path, aspa, transit), rov), times in self.tally.items():
            if aspa == "aspa-invalid-hops":
                leak = "leak-by-aspa"
            elif transit:
                leak = "leak-by-transit-free"
            else:
                leak = {"rov-invalid-as": "leak-maybe-reorigination",
                        "rov-invalid-length": "leak-maybe-internal"}.get(
                            rov, "leak-none" if aspa == "aspa-valid" else "leak-unknown")
            for code in prefix + path + (rov, aspa, leak):
                count[code] += times
        return count


def table(name, lines, source):
    """The findings of manrs check on a table, and those of the twin."""
    twin, total = Twin(), 0
    for line in lines:
        f = line.split("|", 7)
        twin.line(f[5], f[6], int(f[4]))
        total += 1
    count = twin.count()
    out = path(name + ".jsonl")
    done = subprocess.run([MANRS, "check", "--vrps", REAL, "--role", "peer", "--local-as", "4210000000", "--tests",
                           "default -irr -next-hop", "--format", "jsonl", "-i", source, "-o", out], capture_output=True)
    check(name + ": exit", (done.returncode, done.stderr.count(b"\n"), b"warning: built 2025-07-20" in done.stderr), (0, 1, True))
    rows = 0
    with open(out, "rb") as f:
        for line in f:
            rows += 1
            last = line
    summary = json.loads(last)["summary"]
    check(name + ": a verdict for every line", (rows - 1, summary["announcements"]), (total, total))
    passed = ("rov-valid", "aspa-valid", "leak-none")
    check(name + ": findings", summary["findings"], {k: v for k, v in sorted(count.items()) if k not in passed})
    check(name + ": passes", (summary["tests"]["rov"]["pass"], summary["tests"]["leak"]["pass"]),
          (count["rov-valid"], count["leak-none"]))
    for test in summary["tests"].values():
        check(name + ": sums", sum(test.values()), total)
    os.remove(out)


REAL = shared("vrp/rpki-client-20250720T093135Z.json.bz2")
if not REAL:
    skip("no shared data: real tables")
    close()
content = bz2.decompress(open(REAL, "rb").read())
REAL = write("vrps.json", content)
EXPORT = json.loads(content)
Twin.load(EXPORT["roas"])
ASPAS = {a["customer_asid"]: set(a["providers"]) for a in EXPORT["aspas"]}
source = shared("mrt/expected/rv-20140523-35peers-partial.mrt.gz.bgpdump-m.xz")
table("35 peers of 2014", lzma.open(source, "rt"), source)
source = shared("mrt/expected/rv6-20151101-27peers-partial.mrt.gz.bgpdump-m.xz")
table("27 IPv6 peers of 2015", lzma.open(source, "rt"), source)
full = shared("mrt/rrc06-20100701-reencoded.mrt.gz")
if shutil.which("bgpdump"):
    text = subprocess.run(["bgpdump", "-m", full], capture_output=True).stdout
    want = open(shared("mrt/expected/rrc06.bgpdump-m.sha256")).read().split()[0]
    if check("the full table of 2010 is what bgpdump makes of it", hashlib.sha256(text).hexdigest(), want):
        table("full table of 2010", (l for l in text.decode().splitlines()), write("full", text))
        small = write("small", b"".join(text.splitlines(True)[:20000]))
        peak = []
        for name in (small, path("full")):
            code = ("import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
                    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
            done = subprocess.run(["python3", "-c", code, MANRS, "check", "--vrps", vrps, "--role", "peer", "-i", name],
                                  capture_output=True)
            peak.append(int(done.stdout))
        check("memory is flat: %d and %d KB" % tuple(peak), peak[1] < peak[0] + 4096)
else:
    skip("no bgpdump: the full table of 2010")
close()
