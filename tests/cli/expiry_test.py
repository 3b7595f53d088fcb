# SPDX-License-Identifier: BSD-2-Clause
"""
Old files and records that have expired: --max-age, --drop-expired, the words without them, and what `manrs vrps` and `manrs
rov` hand on. The members are those of rpki-client's JSON (metadata.buildtime, expires in Unix seconds) and of Routinator's
(metadata.generated, generatedTime); a day is what StayRTR allows a file by itself; rpki-client's own merging of ASPAs keeps
the earliest time.
"""

import base64
import json
import time

from command import check, close, manrs, path, write

NOW = int(time.time())
PAST, FUTURE = NOW - 3600, NOW + 36000
KEY = {"asn": 64496, "ski": "00112233445566778899AABBCCDDEEFF00112233",
       "pubkey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPzT2JnmaMRZiCBWr7SABQcCsByBXZnZjVtYbMlwUvKyyvOvbzkU4ImfNYfGHP5F1Jh3nqpDQKlVrJpAz0sMQwg=="}


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def vrp(prefix, expires=None, asn=64496, ta="ripe"):
    member = {"asn": asn, "prefix": prefix, "maxLength": int(prefix.split("/")[1]), "ta": ta}
    return member if expires is None else dict(member, expires=expires)


def export(name, roas=(), aspas=(), keys=(), built=NOW):
    metadata = {} if built is None else {"buildtime": utc(built)}
    return write(name, json.dumps({"metadata": metadata, "roas": roas, "aspas": aspas, "bgpsec_keys": keys}))


def aspa(customer, providers, expires=None):
    member = {"customer_asid": customer, "providers": providers}
    return member if expires is None else dict(member, expires=expires)


def said(name, *text):
    return "".join("manrs: %s: %s\n" % (path(name), line) for line in text)


ROUTE = ["192.0.2.0/24", "64496"]
LINES = write("lines", "TABLE_DUMP2|1|B|198.51.100.1|64500|192.0.2.0/24|64500 64496|IGP|198.51.100.1|0|0||NAG||\n")
RIB = write("rib", "eth0\tcustomer\t192.0.2.0/24\t64496\n")
OTHER = export("other", [vrp("198.51.100.0/24", FUTURE)], [aspa(64511, [64510], FUTURE)])
# Every verb that takes the file, in each way that it takes it.
USES = {
    "rov": ["rov", "--vrps", None, *ROUTE], "vrps": ["vrps", "--vrps", None],
    "diff": ["diff", "--vrps", None, "--vrps", OTHER], "diff, the new one": ["diff", "--vrps", OTHER, "--vrps", None],
    "check": ["check", "--vrps", None, "--role", "peer", "-i", LINES], "check --aspas": ["check", "--vrps", OTHER, "--aspas", None, "--role", "peer", "-i", LINES],
    "explain": ["explain", "--vrps", None, "--role", "peer", "192.0.2.0/24", "64500", "64496"],
    "aspa": ["aspa", "--aspas", None, "--role", "peer", "64496"],
    "urpf": ["urpf", "--rib", RIB, "--vrps", None, "list"], "urpf --aspas": ["urpf", "--rib", RIB, "--aspas", None, "list"],
}


def use(what, name, *more):
    return manrs(*(path(name) if a is None else a for a in USES[what]), *more)


good = [vrp("192.0.2.0/24", FUTURE)], [aspa(64496, [64500], FUTURE)]
export("fresh", *good, built=NOW - 50)
export("old", *good, built=NOW - 7200)
export("silent", *good, built=None)
export("ahead", *good, built=NOW + 10 * 86400)
for what in USES:
    check(what + ": young enough", use(what, "fresh", "--max-age", "3600")[0], 0)
    for name in ("old", "silent", "ahead"):
        status, out, err = use(what, name, "--max-age", "3600", "-o", path("made"))
        check("%s: %s" % (what, name), (status, out, err.count("\n"), err.startswith("manrs: %s: " % path(name)), "max-age" in err),
              (3, b"", 1, True, True))
    check(what + ": no limit, no word", use(what, "old")[::2], (0, ""))
try:
    open(path("made"))
    check("nothing is written of a stale file", False)
except FileNotFoundError:
    check("nothing is written of a stale file", True)
check("stale: nothing on stdout", use("rov", "old", "--max-age", "3600")[:2], (3, b""))
check("--max-age 7300", use("rov", "old", "--max-age", "7300")[::2], (0, ""))
check("stale: the word", use("rov", "silent", "--max-age", "9")[2],
      said("silent", "it does not say when it was built: stale by --max-age"))
check("CSV says no time", manrs("rov", "--vrps", write("c.csv", "ASN,IP Prefix,Max Length\nAS1,10.0.0.0/8,8\n"), "--max-age", "9",
      *ROUTE)[:2], (3, b""))
check("one of two is stale", manrs("rov", "--vrps", path("fresh"), "--vrps", path("old"), "--max-age", "3600", *ROUTE)[:2], (3, b""))
for value in ("", "-1", "1h", "1e3", "99999999999"):
    check("--max-age " + value, use("rov", "fresh", "--max-age", value)[:2], (2, b""))

# Without options: a day is nothing, more draws a word; so does a file of which most has expired.
export("days", *good, built=NOW - 500 * 86400 - 60)
check("a file of last year", use("rov", "days"), (0, b"192.0.2.0/24 => AS64496: valid\n",
      said("days", "warning: built %s, 500 days ago" % utc(NOW - 500 * 86400 - 60))))
export("mostly", [vrp("192.0.2.0/24", PAST), vrp("10.0.0.0/8", PAST), vrp("11.0.0.0/8", FUTURE)])
check("mostly expired", use("rov", "mostly"), (0, b"192.0.2.0/24 => AS64496: valid\n",
      said("mostly", "warning: expired: 2 VRPs of 3")))
export("half", [vrp("192.0.2.0/24", PAST), vrp("11.0.0.0/8", FUTURE)])
check("half of it expired", use("rov", "half")[::2], (0, ""))
export("other-kind", [vrp("192.0.2.0/24", FUTURE)], [aspa(64496, [64500], PAST), aspa(64497, [64500], PAST)])
check("only what counts is counted", use("rov", "other-kind")[::2], (0, ""))
check("for ASPAs alone it is expired", use("aspa", "other-kind")[::2], (0, said("other-kind", "warning: expired: 2 ASPAs of 2")))

# Each option silences its own word alone.
export("both", [vrp("192.0.2.0/24", PAST), vrp("10.0.0.0/8", PAST), vrp("11.0.0.0/8", FUTURE)], built=NOW - 500 * 86400 - 60)
OLD = "warning: built %s, 500 days ago" % utc(NOW - 500 * 86400 - 60)
check("old and mostly expired", use("rov", "both")[::2], (0, said("both", OLD + "; expired: 2 VRPs of 3")))
check("old enough, mostly expired", use("rov", "both", "--max-age", "99999999")[::2], (0, said("both", "warning: expired: 2 VRPs of 3")))
check("old, and dropped", use("rov", "both", "--drop-expired")[::2], (0, said("both", "expired and left out: 2 VRPs", OLD)))
check("neither", use("rov", "both", "--drop-expired", "--max-age", "99999999")[::2], (0, said("both", "expired and left out: 2 VRPs")))

# --drop-expired: VRPs, ASPAs and keys, said; nothing left is stale.
export("mixed", [vrp("192.0.2.0/24", PAST), vrp("10.0.0.0/8", FUTURE), vrp("11.0.0.0/8")],
       [aspa(64496, [64500], PAST), aspa(64497, [64500], FUTURE)], [dict(KEY, expires=PAST), dict(KEY, asn=64497, expires=FUTURE)])
status, out, err = use("vrps", "mixed", "--drop-expired", "--format", "json")
left = json.loads(out)
check("--drop-expired", (status, err, [r["prefix"] for r in left["roas"]], [a["customer"] for a in left["aspas"]],
      [k["asn"] for k in left["routerKeys"]]),
      (0, said("mixed", "expired and left out: 1 VRP, 1 ASPA, 1 router key"), ["10.0.0.0/8", "11.0.0.0/8"], ["AS64497"], ["AS64497"]))
check("--drop-expired: rov", use("rov", "mixed", "--drop-expired"),
      (0, b"192.0.2.0/24 => AS64496: not-found\n", said("mixed", "expired and left out: 1 VRP")))
check("--drop-expired: aspa", manrs("aspa", "--aspas", path("mixed"), "--role", "customer", "--drop-expired", "64500 64496"),
      (0, b"64500 64496: unknown: AS64496 has no ASPA for AS64500\n", said("mixed", "expired and left out: 1 ASPA")))
check("--drop-expired: nothing to drop", use("rov", "fresh", "--drop-expired")[::2], (0, ""))
export("gone", [vrp("192.0.2.0/24", PAST)], [aspa(64496, [64500], PAST)], [dict(KEY, expires=PAST)])
for what in USES:
    status, out, err = use(what, "gone", "--drop-expired")
    check(what + ": all expired", (status, out, err.count("\n"), "nothing is left" in err), (3, b"", 1, True))
check("all expired beside a good file", manrs("rov", "--vrps", path("fresh"), "--vrps", path("gone"), "--drop-expired", *ROUTE)[:2],
      (3, b""))
export("one-aspa", [vrp("192.0.2.0/24", FUTURE)], [aspa(64496, [64500], PAST)])
check("one ASPA does not make VRPs stale", use("vrps", "one-aspa", "--drop-expired")[0], 0)
check("both options", use("rov", "mixed", "--drop-expired", "--max-age", "3600")[0], 0)
check("an expiry in this second still counts", use("rov", "fresh", "--drop-expired")[0], 0)

# `vrps --format json`: the oldest build time and every expiry are handed on; of one VRP the latest, none where one has none; of
# the ASPAs of one customer the earliest. Nothing is stamped with the time of the conversion.
A = export("a", [vrp("192.0.2.0/24", FUTURE), vrp("10.0.0.0/8", FUTURE), vrp("11.0.0.0/8", FUTURE), vrp("12.0.0.0/8")],
           [aspa(64496, [64500], FUTURE), aspa(64497, [64500], FUTURE), aspa(64498, [64500])], [dict(KEY, expires=FUTURE)],
           built=NOW - 40)
B = export("b", [vrp("10.0.0.0/8", FUTURE + 9), vrp("11.0.0.0/8")], [aspa(64496, [64501], FUTURE - 9)], built=NOW - 4000)
document = json.loads(manrs("vrps", "--vrps", A, "--vrps", B, "--format", "json")[1])
check("built", document["metadata"], {"generated": NOW - 4000, "generatedTime": utc(NOW - 4000)})
check("expires: VRPs", [(r["prefix"], r.get("expires")) for r in document["roas"]],
      [("10.0.0.0/8", FUTURE + 9), ("11.0.0.0/8", None), ("12.0.0.0/8", None), ("192.0.2.0/24", FUTURE)])
check("expires: ASPAs", [(a["customer"], a["providers"], a.get("expires")) for a in sorted(document["aspas"], key=lambda a: a["customer"])],
      [("AS64496", ["AS64500", "AS64501"], FUTURE - 9), ("AS64497", ["AS64500"], FUTURE), ("AS64498", ["AS64500"], None)])
check("expires: keys", [k.get("expires") for k in document["routerKeys"]], [FUTURE])
again = manrs("vrps", "--vrps", write("again", json.dumps(document)), "--format", "json")[1]
check("read again", json.loads(again), document)
check("built read again", use("rov", "again", "--max-age", "3000")[0], 3)
check("no file says it", json.loads(use("vrps", "silent", "--format", "json")[1])["metadata"],
      {"generated": None, "generatedTime": None})
check("one of two says it", json.loads(manrs("vrps", "--vrps", path("silent"), "--vrps", A, "--format", "json")[1])["metadata"]
      ["generated"], NOW - 40)
check("openbgpd has a place", b"    10.0.0.0/8 source-as 64496 expires %d\n    11.0.0.0/8 source-as 64496\n" % (FUTURE + 9) in
      manrs("vrps", "--vrps", A, "--vrps", B, "--format", "openbgpd")[1])
check("openbgpd read again", use("vrps", write("again.conf", manrs("vrps", "--vrps", A, "--format", "openbgpd")[1]).rsplit("/")[-1],
      "--format", "json")[1].count(b'"expires": %d' % FUTURE), 3)

# A local exception asserts without an end (RFC 8416 section 3.4 has no expiry), also what a file has until some time. A file's
# ASPA that is filtered has no say; one that is united with an assertion ends as the file says, for the union is another then.
SKI = base64.urlsafe_b64encode(bytes.fromhex(KEY["ski"])).decode().rstrip("=")
SPKI = KEY["pubkey"].replace("+", "-").replace("/", "_").rstrip("=")
local = write("local.slurm", json.dumps({
    "slurmVersion": 2,
    "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": [], "aspaFilters": [{"customerAsn": 64497}]},
    "locallyAddedAssertions": {
        "prefixAssertions": [{"asn": 64496, "prefix": "192.0.2.0/24"}],
        "bgpsecAssertions": [{"asn": KEY["asn"], "SKI": SKI, "routerPublicKey": SPKI}],
        "aspaAssertions": [{"customerAsn": 64496, "providerAsns": [64502]}, {"customerAsn": 64497, "providerAsns": [64503]}]}}))
asserted = json.loads(manrs("vrps", "--vrps", A, "--slurm", local, "--format", "json")[1])
check("an assertion does not expire", [(r["prefix"], r["ta"], r.get("expires")) for r in asserted["roas"]
      if r["prefix"] in ("10.0.0.0/8", "192.0.2.0/24")], [("10.0.0.0/8", "ripe", FUTURE), ("192.0.2.0/24", "ripe", None)])
check("an asserted key does not expire", [k.get("expires") for k in asserted["routerKeys"]], [None])
check("asserted ASPAs", [(a["customer"], a["providers"], a.get("expires")) for a in asserted["aspas"]],
      [("AS64496", ["AS64500", "AS64502"], FUTURE), ("AS64497", ["AS64503"], None), ("AS64498", ["AS64500"], None)])

# rov: the time is that of the VRPs.
check("generatedTime", json.loads(manrs("rov", "--vrps", A, "--vrps", B, "--format", "json", *ROUTE)[1])["generatedTime"],
      utc(NOW - 4000))
check("generatedTime: not known", json.loads(use("rov", "silent", "--format", "json")[1])["generatedTime"], None)

# diff against an old or empty side: said, or refused, before the world is withdrawn.
empty = export("empty", built=NOW)
check("diff with an empty list", manrs("diff", "--vrps", A, "--vrps", empty)[::2],
      (0, said("empty", "warning: no VRPs in it")))
check("diff with a stale side", manrs("diff", "--vrps", A, "--vrps", path("old"), "--max-age", "3600")[:2], (3, b""))
check("diff with an expired side", manrs("diff", "--vrps", A, "--vrps", path("gone"), "--drop-expired")[:2], (3, b""))
close()
