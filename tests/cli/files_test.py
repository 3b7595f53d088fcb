# SPDX-License-Identifier: BSD-2-Clause
"""Files that the command reads: compressed, cut, empty, wrong. A bad file is one line on stderr that names it, exit 2."""

import bz2
import gzip
import json
import lzma
import os
import pty
import select
import shutil
import subprocess
import time
import zlib

from command import MANRS, check, close, csv, manrs, path, skip, write

VRPS = csv("AS64496,192.0.2.0/24,24,ta", "AS64496,2001:db8::/32,48,ta")
JSON = json.dumps({"metadata": {}, "roas": [{"asn": "AS64496", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "x"}]})
ROUTE = ["192.0.2.0/24", "64496"]
VALID = (0, b"192.0.2.0/24 => AS64496: valid\n", "")


def zstd(data):
    return subprocess.run(["zstd", "-c", "-q"], input=data, capture_output=True).stdout


# Each compression, whole and cut, as a file of VRPs and as a file of routes.
filler = "".join("AS%d,10.%d.%d.0/24,24,ta\n" % (i + 1, i >> 8, i & 255) for i in range(20000))
large = (VRPS + filler).encode()
codecs = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
if shutil.which("zstd"):
    codecs["zst"] = zstd
else:
    skip("no zstd command")
for suffix, pack in codecs.items():
    packed = pack(large)
    check("VRPs in " + suffix, manrs("rov", "--vrps", write("v." + suffix, packed), *ROUTE), VALID)
    check("the name does not matter: " + suffix, manrs("rov", "--vrps", write("plain", packed), *ROUTE), VALID)
    check("on stdin: " + suffix, manrs("rov", "--vrps", "-", *ROUTE, stdin=packed), VALID)
    check("two streams: " + suffix, manrs("rov", "--vrps", write("v2", pack(VRPS.encode()) + pack(filler.encode())), *ROUTE),
          VALID)
    check("routes in " + suffix, manrs("rov", "--vrps", path("v." + suffix), "-i",
          write("r", pack(b"192.0.2.0/24 64496\n" * 3))), (0, VALID[1] * 3, ""))
    for cut in (len(packed) - 1, len(packed) // 2, 7):
        status, out, err = manrs("rov", "--vrps", write("cut", packed[:cut]), *ROUTE)
        check("%s cut at %d" % (suffix, cut), (status, out, err.count("\n"), path("cut") in err), (2, b"", 1, True))
    broken = bytearray(packed)
    broken[len(broken) // 2] ^= 0x55
    status, out, err = manrs("rov", "--vrps", write("broken", bytes(broken)), *ROUTE)
    check(suffix + " damaged", (status, out), (2, b""))

# Cut at every byte, also in a second stream: an error. Only where one stream ends and the next begins nothing is missing.
for suffix, pack in codecs.items():
    first, second = pack(VRPS.encode()), pack(b"AS1,10.0.0.0/8,8,ta\n")
    for cut in range(1, len(first + second)):
        if cut != len(first):
            got = manrs("rov", "--vrps", "-", *ROUTE, stdin=(first + second)[:cut])
            if (got[0], got[1]) != (2, b""):
                check("%s cut at byte %d" % (suffix, cut), got, (2, b"", "..."))
    rows = pack(b"192.0.2.0/24 64496\n")
    wrong = [cut for cut in range(1, len(rows)) if manrs("rov", "--vrps", write("v", VRPS), stdin=rows[:cut])[0] != 2]
    check("routes cut: " + suffix, wrong, [])

# gzip(1) passes over zeros behind a member, as tapes have them; what is no member and no zero is damage.
padded = gzip.compress(VRPS.encode()) + bytes(1 << 20)
check("gzip: zeros", manrs("rov", "--vrps", write("padded.gz", padded), *ROUTE), VALID)
check("gzip: zeros, then a member", manrs("rov", "--vrps", write("padded.gz", gzip.compress(VRPS.encode()[:37]) + bytes(512) +
      gzip.compress(VRPS.encode()[37:])), *ROUTE), VALID)
check("gzip: zeros, then more", manrs("rov", "--vrps", write("padded.gz", padded + b"more"), *ROUTE),
      (2, b"", "manrs: %s: damaged compressed data\n" % path("padded.gz")))

# A dictionary as large as the file says would be taken at once: bounded, called so, and settable. The xz format, 5.3.1: the
# dictionary of property b is (2 | b & 1) << (b / 2 + 11); RFC 8878 3.1.1.1.2: the window of exponent e is 1 << (10 + e).


def xz_with(bits):
    packed = bytearray(lzma.compress(VRPS.encode()))
    size = (packed[12] + 1) * 4
    assert packed[14] == 0x21 and packed[15] == 1
    packed[16] = bits
    packed[12 + size - 4:12 + size] = zlib.crc32(packed[12:12 + size - 4]).to_bytes(4, "little")
    return bytes(packed)


def zstd_with(exponent):
    block = (len(VRPS) << 3 | 1).to_bytes(3, "little") + VRPS.encode()
    return b"\x28\xb5\x2f\xfd\x00" + bytes([exponent << 3]) + block


def refused(name, content, *more):
    status, out, err = manrs("rov", "--vrps", write(name, content), *more, *ROUTE)
    return status, out, err.startswith("manrs: %s: to uncompress it takes " % path(name)), err.count("\n"), "damage" in err


for bits in (32, 37, 40):  # 256 MiB, 1.5 GiB, 4 GiB
    check("xz: a dictionary of property %d" % bits, refused("large.xz", xz_with(bits)), (2, b"", True, 1, False))
check("xz: 192 MiB", manrs("rov", "--vrps", write("large.xz", xz_with(31)), *ROUTE), VALID)
check("xz: 192 MiB with --memory 100", refused("large.xz", xz_with(31), "--memory", "100"), (2, b"", True, 1, False))
if "zst" in codecs:
    for exponent in (18, 21):  # 256 MiB, 2 GiB
        check("zstd: a window of exponent %d" % exponent, refused("large.zst", zstd_with(exponent)), (2, b"", True, 1, False))
    check("zstd: 128 MiB", manrs("rov", "--vrps", write("large.zst", zstd_with(17)), *ROUTE), VALID)
    check("zstd: 128 MiB with --memory 100", refused("large.zst", zstd_with(17), "--memory", "100"), (2, b"", True, 1, False))
    # pzstd(1) and seekable files begin with a skippable frame, RFC 8878 3.1.2: 0x184D2A50 to 5F, a size, bytes of no meaning.
    for n in (0, 15):
        pushed = bytes([0x50 + n]) + b"\x2a\x4d\x18\x04\0\0\0user"
        check("zstd: a skippable frame %d" % n, manrs("rov", "--vrps", write("skip.zst", pushed + zstd(VRPS.encode()) + pushed), *ROUTE), VALID)
    check("zstd: cut in a skippable frame", manrs("rov", "--vrps", write("skip.zst", pushed[:-1]), *ROUTE),
          (2, b"", "manrs: %s: the compressed data is cut off\n" % path("skip.zst")))
    check("zstd: 256 MiB with --memory 600", manrs("rov", "--vrps", write("large.zst", zstd_with(18)), "--memory", "600",
          *ROUTE), VALID)
for value in ("0", "", "-1", "1048577", "1e3", "256M"):
    check("--memory " + value, manrs("rov", "--vrps", path("plain"), "--memory", value, *ROUTE)[:2], (2, b""))

# A file that is no good: one line that names it, exit 2, no row, and no output file made.
for name, content in {
    "empty": b"", "blank": b"\n\n\n", "header": b"ASN,IP Prefix,Max Length,Trust Anchor\n", "text": b"hello world\nfoo bar\n",
    "no-good-entry": b"ASN,IP Prefix,Max Length,Trust Anchor\nAS1,10.0.0.1/8,8,t\n",
    "binary": bytes(range(256)) * 4, "cut.json": JSON.encode()[:-10], "list.json": b"[1, 2, 3]", "word.json": b"{\"roas\": 5}",
    "more.json": (JSON + JSON).encode(), "html": b"<!doctype html><title>404</title>\n", "deep.json": b"[" * 100000,
    "long.json": b'{"roas": [{"prefix": "' + b"1" * (8 << 20) + b'"}]}',
    "zip": b"PK\x03\x04\x14\0\n", "mrt": b"\x5e\x0b\xe1\0\0\x0d\0\1\0\0\1\2\n", "tar": (b"a".ljust(257, b"\0") + b"ustar\0").ljust(2048, b"\0"),
    "rpsl": b"route: 192.0.2.0/24\norigin: AS64496\n",
}.items():
    status, out, err = manrs("rov", "--vrps", write(name, content), "-o", path("made"), *ROUTE)
    lines = {"no-good-entry": 2, "list.json": 4, "deep.json": 2}.get(name, 1)  # the reasons stand before
    check("wrong file: " + name, (status, out, err.count("\n"), err.count("manrs: " + path(name)),
          os.path.exists(path("made"))), (2, b"", lines, lines, False))
    check("named: " + name, {"zip": "a zip archive", "mrt": "an MRT file", "tar": "a tar archive", "rpsl": "objects of RPSL",
          "html": "a page of HTML", "no-good-entry": ":2: host bits set: prefix \"10.0.0.1/8\"\n"}.get(name, "") in err)
    good = write("good.csv", VRPS)
    check("after a good one: " + name, manrs("rov", "--vrps", good, "--vrps", path(name), *ROUTE)[:2], (2, b""))
check("missing", manrs("rov", "--vrps", path("none"), *ROUTE),
      (2, b"", "manrs: %s: No such file or directory\n" % path("none")))
check("a folder", manrs("rov", "--vrps", path("."), *ROUTE), (2, b"", "manrs: %s: Is a directory\n" % path(".")))

# Valid JSON without VRPs is a warning, not an error.
for content in ('{"roas": []}', '{"metadata": {}, "roas": [], "aspas": []}'):
    status, out, err = manrs("rov", "--vrps", write("none.json", content), *ROUTE)
    check("no VRPs: " + content, (status, out, err), (0, b"192.0.2.0/24 => AS64496: not-found\n",
          "manrs: %s: warning: no VRPs in it\n" % path("none.json")))

# What is no text at all is named by every reader but those of routes, which take MRT: local exceptions, relationships, policies.
mrt = write("mrt", gzip.compress(b"\x5e\x0b\xe1\0\0\x0d\0\1\0\0\0\2ab\n" * 9))
want = (2, b"", "manrs: %s: this is an MRT file: manrs mrt makes lines of it\n" % mrt)
good = write("good.csv", VRPS)
check("MRT as local exceptions", manrs("rov", "--vrps", good, "--slurm", mrt, *ROUTE), want)
check("RPSL as routes", manrs("rov", "--vrps", good, "-i", path("rpsl")), (2, b"", "manrs: %s: these are objects of RPSL\n" % path("rpsl")))

# A bad entry is reported with its place, counted and skipped.
roas = json.loads(JSON)
roas["roas"] += [{"asn": 1, "prefix": None, "maxLength": 8}, {"asn": 1, "prefix": "10.0.0.0/8", "maxLength": 255},
                 {"asn": 1, "prefix": "10.0.0.1/8", "maxLength": 8}, {"asn": 1, "prefix": "10.0.0.0", "maxLength": 8}]
status, out, err = manrs("rov", "--vrps", write("bad.json", json.dumps(roas, indent=1)), *ROUTE)
check("bad entries: the rest counts", (status, out), VALID[:2])
check("bad entries: lines", len(err.splitlines()), 5)
check("bad entries: places", all(line.split(":")[2].isdigit() for line in err.splitlines()[:4]))
check("bad entries: counted", err.splitlines()[-1], "manrs: %s: 4 bad entries skipped" % path("bad.json"))
many = write("many.csv", large.decode() + "AS1,10.0.0.1/8,8,t\n" * 200)
status, out, err = manrs("rov", "--vrps", many, *ROUTE)
check("many bad entries are not all shown", (status, len(err.splitlines()), "200 bad entries" in err), (0, 21, True))
many = write("many.csv", large.decode() + "AS1,10.0.0.1/8,8,t\n" * 203)
status, out, err = manrs("rov", "--vrps", many, *ROUTE)
check("more than 1 % of bad entries", (status, out, err.splitlines()[-1]),
      (2, b"", 'manrs: %s:20004: too many entries cannot be read: "203 of 20205"' % many))

# A file without the list that is asked for is refused, in every verb that takes it: nothing is not-found because of it.
vrps = write("vrps.csv", VRPS)
for content, members in {'{}': "none", '{"roas": null}': "none", '{"vrps": [], "metadata": {}}': "vrps, metadata",
                         '{"error": "Not Found"}': "error", '{"ROAS": [{"asn": 1, "prefix": "10.0.0.0/8"}]}': "ROAS",
                         '{"data": {"roas": []}}': "data"}.items():
    none = write("none.json", content)
    want = (2, b"", 'manrs: %s: no list of VRPs ("roas") in it; its members: %s\n' % (none, members))
    check("no list: rov: " + content, manrs("rov", "--vrps", none, *ROUTE), want)
    check("no list: vrps: " + content, manrs("vrps", "--vrps", none), want)
    check("no list: diff: " + content, manrs("diff", "--vrps", vrps, "--vrps", none), want)
    check("no list: diff from: " + content, manrs("diff", "--vrps", none, "--vrps", vrps), want)
    check("no list: check: " + content, manrs("check", "--vrps", none, stdin="192.0.2.0/24 64496\n")[:2], (2, b""))
    check("no list: aspa: " + content, manrs("aspa", "--aspas", none, "--role", "customer", "1 2"),
          (2, b"", want[2].replace('VRPs ("roas")', 'ASPAs ("aspas")')))
aspas = write("aspas.json", '{"aspas": [{"customer": 1, "providers": [2]}]}')
check("ASPAs where VRPs are asked for", manrs("rov", "--vrps", aspas, *ROUTE),
      (2, b"", 'manrs: %s: no list of VRPs ("roas") in it, but one of ASPAs\n' % aspas))
check("ASPAs alone", manrs("aspa", "--aspas", aspas, "--role", "customer", "1 2")[0], 0)
check("null ASPAs", manrs("aspa", "--aspas", write("null.json", '{"roas": [], "aspas": null}'), "--role", "customer", "1 2")[::2],
      (0, "manrs: %s: warning: no ASPAs in it\n" % path("null.json")))
check("an empty bare list", manrs("rov", "--vrps", write("bare.json", "[]"), *ROUTE),
      (0, b"192.0.2.0/24 => AS64496: not-found\n", "manrs: %s: warning: no VRPs in it\n" % path("bare.json")))
check("a warning has its place", manrs("rov", "--vrps", write("torn.csv", VRPS + "AS1,10.0.0.0/8,8,t"), *ROUTE),
      VALID[:2] + ('manrs: %s:4: warning: the last line has no end: the file may have been cut: "AS1,10.0.0.0/8,8,t"\n' % path("torn.csv"),))

# A compressed file that is cut at any byte is refused; a BOM and RIPE's empty Max Length are read.
for suffix, pack in codecs.items():
    packed = pack(JSON.encode())
    cuts = {n: manrs("rov", "--vrps", write("cut", packed[:n]), *ROUTE)[:2] for n in range(len(packed))}
    check("%s cut at every byte" % suffix, {n: got for n, got in cuts.items() if got != (2, b"")}, {})
check("RIPE's roas.csv", manrs("rov", "--vrps", write("roas.csv", b"\xef\xbb\xbfURI,ASN,IP Prefix,Max Length,Not Before,Not After\n"
      b"rsync://a/b.roa,AS64496,192.0.2.0/24,,2026-01-01 00:00:00,2027-01-01 00:00:00\n"), *ROUTE), VALID)

# Bytes that come one at a time.
slow = subprocess.run("dd if='%s' bs=1 2>/dev/null | '%s' rov --vrps - 192.0.2.0/24 64496" %
                      (write("slow.gz", gzip.compress(VRPS.encode())), MANRS), shell=True, capture_output=True)
check("byte by byte", slow.stdout, VALID[1])

# Nothing is drawn where stderr is no terminal.
check("no progress into a pipe", manrs("rov", "--vrps", path("v.gz"), *ROUTE)[2], "")

# On a terminal a bar is drawn when a run takes over a second; NO_COLOR takes its colour; a dumb terminal gets none.
def drawn(**env):
    """What stderr, a terminal, gets while routes come slowly."""
    terminal, stderr = pty.openpty()
    run = subprocess.Popen([MANRS, "rov", "--vrps", path("good.csv")], stdin=subprocess.PIPE, stderr=stderr,
                           stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm", **env})
    os.close(stderr)
    seen, left = b"", 200
    while left:  # at least two seconds, at most twenty, and a little longer once something is there
        run.stdin.write(b"192.0.2.0/24 64496\n" * 8000)
        run.stdin.flush()
        time.sleep(0.1)
        if select.select([terminal], [], [], 0)[0]:
            seen += os.read(terminal, 65536)
            left = min(left, 5)
        left -= 1
        if env.get("TERM") == "dumb" and left < 180:
            break
    run.stdin.close()
    run.wait()
    try:
        return seen + os.read(terminal, 65536)
    except OSError:
        return seen


bar = drawn()
check("progress on a terminal", b"stdin" in bar and b"M/s" in bar and bar.endswith(b"\r\x1b[K"))
check("no progress on a dumb terminal", drawn(TERM="dumb"), b"")
check("progress without colour", b"\x1b[3" not in drawn(NO_COLOR="1"))

# The memory does not depend on how many routes there are: 3 million of them.
symbols = subprocess.run(["nm", MANRS], capture_output=True).stdout
if b"__asan_init" in symbols or b"__tsan_init" in symbols:
    skip("memory is not measured under a sanitizer")
else:
    def peak(lines):
        feed = subprocess.Popen("yes '192.0.2.0/24 64496' | head -n %d" % lines, shell=True, stdout=subprocess.PIPE)
        run = subprocess.Popen([MANRS, "rov", "--vrps", path("good.csv"), "--format", "json"], stdin=feed.stdout,
                               stdout=subprocess.DEVNULL)
        feed.stdout.close()
        usage = os.wait4(run.pid, 0)[2]
        feed.wait()
        return usage.ru_maxrss

    few = peak(1000)
    check("flat memory", peak(3000000) - few < 1024)
close()
