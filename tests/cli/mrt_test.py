# SPDX-License-Identifier: BSD-2-Clause
"""manrs mrt, and MRT archives where routes are read. Expected: what bgpdump 1.6.2 prints of real archives, line for line by
values (it writes IPv6 in an old form), the rows that the verbs give of its text, and bytes made here by RFC 6396."""

import bz2
import functools
import gzip
import glob
import hashlib
import ipaddress
import json
import lzma
import os
import signal
import struct
import subprocess

from command import MANRS, DATA, check, close, csv, manrs, path, shared, skip, write

ARCHIVES = os.path.join(DATA, "mrt")
NO_NEXT_HOP = "255.255.255.255"


@functools.lru_cache(None)
def address(text):
    """An address or a prefix by its value, host bits cleared."""
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text)
    except ValueError:
        return text


def values(line):
    """The fields of a line of `bgpdump -m`; what has a meaning by it."""
    f = line.split("|")
    if f[2] == "STATE":
        return f[:3] + [address(f[3])] + f[4:]
    f[3], f[5] = address(f[3]), address(f[5])
    if f[2] == "W":
        return f
    if f[0] == "BGP" and len(f) == 14:
        f.insert(11, "")  # it forgets the field of communities there
    at = 9 if "_AP" in f[0] else 8
    f[at] = address(f[at])
    return f


def same(got, want):
    if got == want:
        return True
    got, want = values(got), values(want)
    if got == want:
        return True
    # It does not look for MP_REACH in RIBs of IPv6 with path identifiers, where it is the next hop.
    if got[0] == "TABLE_DUMP2_AP" and want[9:10] == [address(NO_NEXT_HOP)] and len(got) == len(want):
        return got[:9] + got[10:] == want[:9] + want[10:]
    return False


def differences(got, want):
    """The first few lines that are not the same."""
    if got == want:
        return []
    got, want = got.decode().splitlines(), want.decode().splitlines()
    found = [(g, w) for g, w in zip(got, want) if g != w and not same(g, w)][:3]
    return found if len(got) == len(want) else found + [(len(got), len(want))]


# ---- archives as bgpdump reads them ----


def twin_of(name):
    """What both dumps of BIRD have is in ADD-PATH, of which the type of these records says nothing: bgpdump takes the
    path identifiers for prefixes. BIRD's own dump of the same minute, which says so, has its lines."""
    twin = lzma.open(os.path.join(ARCHIVES, "expected", name.replace("_bgp", "-mrtdump_bgp") + ".bgpdump-m.xz")).read().decode()
    return [line.split("|")[2:] for line in twin.splitlines() if "|A|" in line]


def of_bird(name, out, want):
    states = [line for line in out.splitlines() if b"|STATE|" in line]
    found = differences(b"\n".join(states), b"\n".join(line for line in want.splitlines() if b"|STATE|" in line))
    got = [line.split("|")[2:] for line in out.decode().splitlines() if "|A|" in line]
    missing = [line for line in twin_of(name) if [address(x) for x in line] not in [[address(x) for x in y] for y in got]]
    return found + missing + [line for line in got if address(line[3]).prefixlen == 0]


def of_old(name, out, want):
    """Of type 5: bgpdump prints the peer's address twice, the second time in the place of a withdrawn prefix's."""
    def blot(text):
        return b"\n".join(b"|".join(f[:5] + [f[5].split(b"/")[1]]) if f[2] == b"W" else b"|".join(f)
                          for f in (line.split(b"|") for line in text.splitlines()))
    return differences(blot(out), blot(want))


def of_torn(name, out, want):
    """Two torn writes, of which bgpdump loses the rest; bgpkit's own tests count announcements, withdrawals and states."""
    kinds = [line.split(b"|")[2] for line in out.splitlines()]
    return [] if (kinds.count(b"A") + kinds.count(b"W"), kinds.count(b"STATE")) == (5378, 307) else [len(kinds)]


def of_openbgpd(name, out, want):
    """An aggregator of 8 octets, which bgpdump takes for one of 6: its field is not compared."""
    return differences(*(b"\n".join(b"|".join(line.split(b"|")[:-2]) for line in text.splitlines()) for text in (out, want)))


def of_cut(name, out, want):
    """Its NLRI end in the middle of a prefix: no route (RFC 7606 section 5.3)."""
    return [] if not out and want.count(b"\n") == 1 else [out]


TWISTED = {"sample-bird_bgp.mrt": of_bird, "sample-bird6_bgp.mrt": of_bird, "updates.20000102.2014.gz": of_old,
           "updates.20000325.0345.gz": of_torn, "sample-openbgpd_rib_table.mrt": of_openbgpd,
           "updates.nlri_mask_trailing_bits.gz": of_cut}
archives = {os.path.basename(f): f for f in glob.glob(os.path.join(ARCHIVES, "**", "*"), recursive=True)
            if os.path.exists(os.path.join(ARCHIVES, "expected", os.path.basename(f) + ".bgpdump-m.xz"))}
expected = {name: os.path.join(ARCHIVES, "expected", name + ".bgpdump-m.xz") for name in archives}
for name in sorted(archives):
    status, out, err = manrs("mrt", archives[name])
    want = lzma.open(expected[name]).read()
    found = TWISTED[name](name, out, want) if name in TWISTED else differences(out, want)
    check(name, (found, status, bool(err)), ([], 2, True) if TWISTED.get(name) is of_torn else ([], 0, False))
rrc06 = os.path.join(ARCHIVES, "rrc06-20100701-reencoded.mrt.gz")
if archives:
    out = manrs("mrt", rrc06)[1]  # IPv4 alone: text for text
    check("rrc06", hashlib.sha256(out).hexdigest(), open(os.path.join(ARCHIVES, "expected", "rrc06.bgpdump-m.sha256")).read().split()[0])
else:
    skip("no archives")

# Told by content: packed in any way, on stdin, a byte at a time; and what a table of peers says.
small = shared("mrt/sample-quagga_rib.mrt")
if small:
    raw = open(small, "rb").read()
    want = manrs("mrt", small)
    check("a line each", want[1].count(b"\n"), 9)
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        check("packed", manrs("mrt", "-", stdin=pack(raw)), want)
    check("on stdin", manrs("mrt", stdin=raw), want)
    slow = subprocess.Popen([MANRS, "mrt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    for i in range(len(raw)):
        slow.stdin.write(raw[i:i + 1])
    check("a byte at a time", slow.communicate()[0], want[1])
    summary = manrs("mrt", "-f", "summary", small)[1].decode().splitlines()
    check("summary", [x for x in summary if x.startswith(("records", "RIB", "announced", "peer:"))],
          ["records: 7", "RIB records: 6", "announced: 9", "peer: 192.168.0.10 AS65000", "peer: fd02::10 AS65000"])
    for more in (("-f", "summary", "--json"), ("--json", "-f", "summary"), ("-j", "-fsummary")):
        status, out, err = manrs("mrt", *more, small)
        whole = json.loads(out)
        check("summary as an object: %s" % (more,), (status, out.count(b"\n"), err), (0, 1, ""))
        check("its peers", whole.pop("peers"), [{"neighbour_address": a, "neighbour": 65000} for a in ("192.168.0.10", "fd02::10")])
        check("the same figures, in the same order", [(k.replace("_", " "), str(n)) for k, n in whole.items()],
              [tuple(x.lower().split(": ")) for x in summary if not x.startswith("peer:")])
    check("--json alone", manrs("mrt", "--json", small), manrs("mrt", "-f", "json", small))
    check("--json of jsonl", manrs("mrt", "-f", "jsonl", "--json", small), manrs("mrt", "-f", "jsonl", small))

# A reader that has gone ends it without a word, whichever thread writes.
big = shared("mrt/bview.20020722.2337.gz")
for verb in (("mrt",), ("rov", "--vrps", write("v", csv("AS64496,192.0.2.0/24,24,t")))) if big else ():
    with subprocess.Popen([MANRS, *verb, "-i", big], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        check("%s: a reader that has gone" % verb[0], (process.stderr.read(), process.wait()), (b"", -signal.SIGPIPE))

# ---- the other verbs: the rows of its text, byte for byte ----

vrps = shared("vrp/rpki-client-20250720T093135Z.json.bz2")
if vrps and archives:
    lines = manrs("vrps", "--vrps", vrps)[1].splitlines(True)
    few, old = write("few.csv", b"".join(lines[::7])), write("old.csv", b"".join(lines[::14]))
    CHECK, ROV = ("check", ("--vrps", few, "--role", "peer", "--tests", "all")), ("rov", ("--vrps", few))
    ALL = (CHECK, ROV, ("diff", ("--vrps", old, "--vrps", few)))
    for name, verbs in (("bview.20020722.2337.gz", [CHECK]), ("ris-updates.20190101.0000.gz", [ROV]),
                        ("rv6-20151101-27peers-partial.mrt.gz", [CHECK]), ("updates.20071015.1505.gz", ALL),
                        ("sample-bird-mrtdump_bgp.mrt", ALL), ("sample-bird-mrtdump_rib.mrt", ALL),
                        ("bview.ipv4_unicast_add_path.gz", ALL), ("openbgpd-7.7-updates.mrt", ALL), ("bird-2.0.12-rib.mrt", ALL)):
        for verb, args in verbs:
            got, want = [manrs(verb, *args, "-f", "csv", "-i", f) for f in (archives[name], expected[name])]
            check("%s of %s" % (verb, name), (got[0], hashlib.sha256(got[1]).digest(), got[2] if verb == "check" else ""),
                  (want[0], hashlib.sha256(want[1]).digest(), want[2] if verb == "check" else ""))
    name = "updates.20071015.1505.gz"
    paths = [f[6] for f in (line.split("|") for line in lzma.open(expected[name], "rt")) if f[2] == "A"]
    args = ("aspa", "--aspas", vrps, "--role", "provider")
    check("aspa", manrs(*args, "-i", archives[name]), manrs(*args, stdin="".join(x + "\n" for x in paths)))

    # urpf: the sessions of an archive on interfaces, as the lines that say the same.
    name = "bview.20020722.2337.gz"
    peers = sorted({tuple(line.split("|")[3:5]) for line in lzma.open(expected[name], "rt")})
    ports = {peer: ("eth%d" % i, ("customer", "peer", "provider")[i % 3]) for i, peer in enumerate(peers)}
    left = peers[-1]
    sessions = write("sessions", "# peer interface role\n" + "".join("%s\t%s\t%s\n" % (p[0], *ports[p]) for p in peers[1:-1])
                     + "AS%s %s %s\n" % (peers[0][1], *ports[peers[0]]) + "%s -\n" % left[0])
    rib = write("rib.tsv", "".join("%s\t%s\t%s\t%s\n" % (*ports[tuple(f[3:5])], f[5], f[6]) for f in (
        line.split("|") for line in lzma.open(expected[name], "rt")) if tuple(f[3:5]) != left))
    got, want = (manrs("urpf", *args, "list") for args in (("--rib", archives[name], "--sessions", sessions), ("--rib", rib)))
    check("urpf", (got[0], sorted(got[1].splitlines()), got[2]), (want[0], sorted(want[1].splitlines()), want[2]))
    check("urpf has lists", (got[0], got[1].count(b"\n") > 1000), (0, True))
    status, out, err = manrs("urpf", "--rib", archives[name], "list")
    check("urpf without sessions", (status, out, "--sessions" in err), (2, b"", True))
    status, out, err = manrs("urpf", "--rib", archives[name], "--sessions", write("one", "%s eth0 peer\n" % peers[0][0]), "list")
    check("urpf: a session that is not there", (status, out, err.count("no such session"), "%d bad entries" % (len(peers) - 1) in err),
          (2, b"", 10, True))
    status, out, err = manrs("urpf", "--rib", archives["updates.20071015.1505.gz"], "--sessions", sessions, "list")
    check("urpf: updates", (status, out, "this is no RIB" in err), (2, b"", True))
    for line, what in (("198.51.100.1 eth0\n", "customer, peer"), ("x eth0 peer\n", "a peer expected"),
                       ("1 eth0 peer\nAS1 eth1 peer\n", "before"), ("1 eth0 peer x\n", "columns"), ("1\n", "an interface"),
                       ("1 eth0 peer\n2 eth0 customer\n", "another role"), ("1 eth0 none\n", "customer, peer")):
        status, out, err = manrs("urpf", "--rib", archives[name], "--sessions", write("wrong", line), "list")
        check("sessions: %r" % line, (status, out, what in err), (2, b"", True))

# ---- bytes made by RFC 6396: attributes in objects, damage ----


def record(kind, subtype, body, time=1):
    return struct.pack(">IHHI", time, kind, subtype, len(body)) + body


def attribute(kind, value, flags=0x40):
    return bytes([flags | 0x10, kind]) + struct.pack(">H", len(value)) + value


def update(attributes, nlri, withdrawn=b"", subtype=4):
    """A BGP4MP message (RFC 6396 section 4.4.3) of 198.51.100.1 AS64497 with 4-octet AS numbers (subtype 4)."""
    body = struct.pack(">H", len(withdrawn)) + withdrawn + struct.pack(">H", len(attributes)) + attributes + nlri
    head = struct.pack(">IIHH", 64497, 64500, 0, 1) + bytes([198, 51, 100, 1, 198, 51, 100, 2])
    return record(16, subtype, head + b"\xff" * 16 + struct.pack(">HB", len(body) + 19, 2) + body)


PATH = attribute(2, b"\2\2" + struct.pack(">II", 64497, 64496))
BASE = attribute(1, b"\0") + PATH + attribute(3, bytes([198, 51, 100, 1]))
NLRI = b"\x18\xc0\x00\x02"
LINE = "BGP4MP|1|A|198.51.100.1|64497|192.0.2.0/24|64497 64496|IGP|198.51.100.1|0|0||NAG||\n"
good = update(BASE, NLRI)
check("one update", manrs("mrt", stdin=good), (0, LINE.encode(), ""))
check("what it sent is told of who got it", manrs("mrt", stdin=update(BASE, NLRI, subtype=7))[1].decode(),
      LINE.replace("BGP4MP", "BGP4MP_LOCAL"))
full = (BASE + attribute(4, struct.pack(">I", 10), 0x80) + attribute(5, struct.pack(">I", 100)) + attribute(6, b"")
        + attribute(7, struct.pack(">I", 64496) + bytes([192, 0, 2, 1]), 0xc0)
        + attribute(8, struct.pack(">HHI", 64497, 1, 0xffffff01), 0xc0)
        + attribute(16, bytes.fromhex("0002fbf100000001"), 0xc0) + attribute(32, struct.pack(">III", 64497, 2, 3), 0xc0)
        + attribute(35, struct.pack(">I", 64497), 0xc0))
status, out, err = manrs("mrt", "-f", "jsonl", stdin=update(full, NLRI, b"\x08\x0a"))
rows = [json.loads(x) for x in out.splitlines()]
head = {"type": "BGP4MP", "time": 1, "neighbour_address": "198.51.100.1", "neighbour": 64497}
check("an object with all attributes", (status, rows, err), (0, [
    {**head, "kind": "withdraw", "prefix": "10.0.0.0/8"},
    {**head, "kind": "announce", "prefix": "192.0.2.0/24", "as_path": "64497 64496", "origin": "IGP",
     "next_hop": "198.51.100.1", "med": 10, "otc": 64497, "local_pref": 100, "atomic_aggregate": True, "aggregator": 64496,
     "aggregator_id": "192.0.2.1", "communities": ["64497:1", "no-export"], "extended_communities": ["0002FBF100000001"],
     "large_communities": ["64497:2:3"]}], ""))
check("json is one document", json.loads(manrs("mrt", "-f", "json", stdin=good)[1])["routes"][0]["prefix"], "192.0.2.0/24")

# RFC 7606: attribute discard (7.7) keeps the route, and says so; treat-as-withdraw (7.1) leaves none of it.
row = json.loads(manrs("mrt", "-f", "jsonl", stdin=update(BASE + attribute(7, b"xxx", 0xc0), NLRI))[1])
check("attribute discard", (row["kind"], row["action"], row["error_attribute"], "malformed" in row), ("announce", "attribute-discard", 7, False))
check("treat as withdraw", manrs("mrt", stdin=update(BASE.replace(attribute(1, b"\0"), attribute(1, b"\7")), NLRI))[1].decode(),
      "BGP4MP|1|W|198.51.100.1|64497|192.0.2.0/24\n")

# Damage costs itself: the good records, a word on stderr with the place, exit 2.
bad = record(16, 4, b"\0" * 7)
for name, content, lines, place in (
        ("a bad record", good + bad + good, 2, len(good)), ("bad ones only", bad * 12, 0, 0),
        ("a torn write", good + good[:40] + good * 3, 4, len(good)), ("the end is cut", good + good[:-5], 1, len(good)),
        ("garbage", good * 2 + b"\xff" * 1000 + good * 4, 6, 2 * len(good))):
    for verb in (("mrt",), ("rov", "--vrps", write("v", csv("AS64496,192.0.2.0/24,24,t")))):
        status, out, err = manrs(*verb, stdin=content) if verb == ("mrt",) else manrs(*verb, "-i", write("damaged", content))
        check("%s: %s" % (name, verb[0]), (status, out.count(b"\n"), 0 < err.count("\n") < 13), (2, lines, True))
        told = [int(x.split("byte ")[1].split(":")[0]) for x in err.splitlines() if "byte " in x]
        check("%s: %s, its place" % (name, verb[0]), bool(told) and len(good) * (place // len(good)) < told[0] <= place + len(bad), True)
check("no MRT at all", manrs("mrt", stdin="192.0.2.0/24 64496\n")[:2], (2, b""))
NOTHING = "manrs: stdin: warning: nothing in it\n"
for verb, args in (("mrt", ()), ("rov", ("--vrps", path("v"))), ("check", ("--vrps", path("v"), "--role", "peer", "-f", "csv")),
                   ("diff", ("--vrps", path("v"), "--vrps", path("v"))), ("aspa", ("--aspas", write("a", "1\t2\n"), "--role", "peer")),
                   ("watch", ("--vrps", path("v"), "--role", "peer"))):
    for packed in (b"", gzip.compress(b"")):
        status, out, err = manrs(verb, *args, "-i", "-", stdin=packed)
        check("%s: nothing on stdin is told" % verb, (status, out.count(b"\n") < 2, err.startswith(NOTHING)), (0, True, True))
    check("%s: nor in /dev/null" % verb, manrs(verb, *args, "-i", "/dev/null")[2].startswith(NOTHING.replace("stdin", "/dev/null")))
status, out, err = manrs("urpf", "--rib", "-", "list")
check("urpf: a RIB of nothing is an error, told once", (status, err), (2, "manrs: stdin: nothing in it\n"))
check("a file with nothing in it", manrs("mrt", write("empty", b"")), (0, b"", "manrs: %s: warning: nothing in it\n" % path("empty")))
status, out, err = manrs("check", "--vrps", path("v"), "--role", "internal", "--local-as", "64500", "-f", "csv", "-i", write("other", good * 3))
check("not of an internal session", (status, out.count(b"malformed"), "3 announcements: the peer's AS is not ours" in err), (2, 3, True))
check("cut packed", manrs("mrt", stdin=gzip.compress(good * 99)[:-9])[::2], (2, "manrs: stdin: the compressed data is cut off\n"))
close()
