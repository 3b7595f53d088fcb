# SPDX-License-Identifier: BSD-2-Clause
"""Caches in the place of files, and manrs rtr. The cache is rtr_cache.py, which is written from the RFCs; expected are the
sets that it was given, and what RFC 8210 and 8210bis say of codes and queries."""

import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import termios
import threading
import time

from command import MANRS, check, close, csv, manrs, path, skip, write
from rtr_cache import NOTIFY, RESET, RESPONSE, SERIAL, Cache, Set, aspa, end, error, pdu, polite, prefix, until

VRPS = [("192.0.2.0/24", 24, 64496), ("198.51.100.0/22", 24, 64497), ("203.0.113.0/24", 32, 0), ("2001:db8::/32", 48, 64496)]
ASPAS = {64496: [64500, 64501], 64497: [0]}
KEYS = [(64496, bytes(range(20)), bytes(range(91)))]
ALL = Set(VRPS, ASPAS, KEYS)
ROUTE = ["192.0.2.0/24", "64496"]
VALID = "192.0.2.0/24 => AS64496: valid\n"
WAIT = ["--timeout", "10"]
BY_PREFIX = "prefix,maxlen,asn\n" + "".join("%s,%d,%d\n" % v for v in VRPS)

cache = polite(ALL)

# ---- dumps: every format has the set ----

for name in (cache.host, cache.url):
    check("csv of " + name, manrs("rtr", name), (0, BY_PREFIX.encode(), ""))
check("csv is rows of prefixes", manrs("rtr", cache.host, "--format", "csv", "--timeout", "5"), (0, BY_PREFIX.encode(), ""))


def dump(form, *more):
    status, out, err = manrs("rtr", cache.host, "--format", form, *WAIT, *more)
    check(form + ": exit", (status, err), (0, ""))
    return out.decode()


document = json.loads(dump("rpki-client"))
check("rpki-client: VRPs", document["roas"], [{"asn": a, "prefix": p, "maxLength": m} for p, m, a in VRPS])
check("rpki-client: ASPAs", document["aspas"], [{"customer_asid": c, "providers": p} for c, p in ASPAS.items()])
check("rpki-client: keys", [(k["asn"], bytes.fromhex(k["ski"])) for k in document["bgpsec_keys"]], [k[:2] for k in KEYS])
age = time.time() - time.mktime(time.strptime(document["metadata"]["buildtime"], "%Y-%m-%dT%H:%M:%SZ")) + time.timezone
check("rpki-client: as old as its End of Data", -2 < age < 30)
document = json.loads(dump("json"))
check("json: VRPs, and what is not known", document["roas"][0],
      {"asn": "AS64496", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "N/A"})
check("json: all", [len(document[k]) for k in ("roas", "aspas", "routerKeys")], [4, 2, 1])
check("openbgpd", dump("openbgpd"), "roa-set {\n    192.0.2.0/24 source-as 64496\n    198.51.100.0/22 maxlen 24 source-as 64497\n"
      "    203.0.113.0/24 maxlen 32 source-as 0\n    2001:db8::/32 maxlen 48 source-as 64496\n}\n\naspa-set {\n"
      "    customer-as 64496 provider-as { 64500, 64501 }\n    customer-as 64497 provider-as { 0 }\n}\n")
check("bird2", dump("bird2"), "".join("route %s max %d as %d;\n" % v for v in VRPS) +
      "route aspa 64496 providers 64500, 64501;\nroute aspa 64497 transit;\n")
check("summary", "ASPAs                           2\n" in dump("summary"))
for form in ("rpki-client", "json", "openbgpd", "bird2", "csv"):  # what a format has, a file of it has too
    back = write("back", dump(form))
    check(form + ": read again", manrs("vrps", "--vrps", back)[1], manrs("vrps", "--vrps", cache.url)[1])
    if form != "csv":
        check(form + ": ASPAs read again", manrs("aspa", "--aspas", back, "--role", "customer", "64496 64500"),
              manrs("aspa", "--aspas", cache.url, "--role", "customer", "64496 64500"))
target = write("out", "old")
check("-o", manrs("rtr", cache.host, "-o", target), (0, b"", ""))
check("-o: the file", open(target).read(), BY_PREFIX)

# ---- negotiation: what is asked, version by version; ASPAs and keys are there where the version has them ----

for highest in (0, 1, 2):
    one = polite(ALL, highest)
    status, out, err = manrs("rtr", one.host, "--format", "json", *WAIT)
    has = json.loads(out)
    check("version %d" % highest, (status, err, sorted(k for k in has if k != "metadata")),
          (0, "", sorted(["roas"] + ["routerKeys"] * (highest > 0) + ["aspas"] * (highest > 1))))
    check("version %d: queries" % highest, [q[:2] for q in one.queries],
          [(2, RESET)] + ([(highest, RESET)] if highest < 2 else []))
    check("version %d: no Error Report" % highest, one.errors, [])
    one.close()
one = polite(ALL)
check("--max-version", (manrs("rtr", one.host, "--max-version", "1")[0], [q[:2] for q in one.queries]), (0, [(1, RESET)]))
one.close()
one = polite(ALL, 1)
check("--min-version", manrs("rtr", one.host, "--min-version", "2", "--timeout", "1")[:2] in ((2, b""), (3, b"")))
one.close()


def silent_close(peer, version, kind, field, body):
    """As StayRTR does to a version that it does not have."""
    peer.send(ALL.response(1)) if version == 1 else peer.close()


one = Cache(silent_close)
check("a silent close", (manrs("rtr", one.host, *WAIT)[:2], [q[0] for q in one.queries]), ((0, BY_PREFIX.encode()), [2, 1]))
one.close()

# ---- in the place of files ----

check("rov", manrs("rov", "--vrps", cache.url, *ROUTE), (0, VALID.encode(), ""))
more = write("more.csv", csv("AS64511,100.64.0.0/10,10,ta"))
got = manrs("vrps", "--vrps", more, "--vrps", cache.url, "--vrps", cache.url)
check("mixed with a file, and twice", (got[0], len(got[1].splitlines()), got[2]), (0, 6, ""))
check("aspa", manrs("aspa", "--aspas", cache.url, "--role", "customer", "64496 64499"),
      manrs("aspa", "--aspas", write("aspas", "64496\t64500 64501\n64497\t0\n"), "--role", "customer", "64496 64499"))
old = polite(ALL, 1)
check("ASPAs of version 1", manrs("aspa", "--aspas", old.url, "--role", "peer", "64496"),
      (2, b"", "manrs: %s: no ASPAs in version 1, which the cache speaks\n" % old.url))
slurm = write("slurm.json", json.dumps({
    "slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [{"asn": 64496}], "bgpsecFilters": []},
    "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []}}))
check("SLURM", manrs("rov", "--vrps", cache.url, "--slurm", slurm, *ROUTE)[1].decode(), VALID.replace("valid", "not-found"))
check("check", manrs("check", "--vrps", cache.url, "--role", "peer", stdin='{"prefix":"192.0.2.0/24","path":"64496 64499"}\n')[0], 0)
PEER = ["--role", "peer"]
said = "manrs: %s: warning: no ASPAs in the version that the cache speaks: they are not tested\n"
for args, words in ((["--vrps", cache.url], ""), (["--vrps", old.url], said % old.url), (["--vrps", old.url, "--vrps", cache.url], ""),
                    (["--vrps", old.url, "--aspas", cache.url], ""), (["--vrps", old.url, "--tests", "rov"], "")):
    check("check: ASPAs that are not there, %s" % args,
          manrs("check", *args, *PEER, stdin='{"prefix":"192.0.2.0/24","path":"64496 64499"}\n')[2], words)
check("explain", b"64496" in manrs("explain", "--vrps", cache.url, "--role", "peer", "192.0.2.0/24", "64500", "64496")[1])
rib = write("rib", "eth0\tcustomer\t192.0.2.0/24\t64496\tbest\n")
check("urpf", manrs("urpf", "--rib", rib, "--vrps", cache.url, "list")[0], 0)
less = polite(Set(VRPS[1:], ASPAS, KEYS))
check("diff", manrs("diff", "--vrps", cache.url, "--vrps", less.url), (0, b"- 192.0.2.0/24 max 24 AS64496\n", ""))
check("--max-age of a cache", manrs("rov", "--vrps", cache.url, "--max-age", "60", *ROUTE), (0, VALID.encode(), ""))
empty = polite(Set())
check("an empty cache", manrs("rov", "--vrps", empty.url, *ROUTE)[2], "manrs: %s: warning: no VRPs in it\n" % empty.url)

# ---- refused, late ----

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    nobody = "127.0.0.1:%d" % free.getsockname()[1]
check("refused", manrs("rtr", nobody), (2, b"", "manrs: rtr://%s: no connection: Connection refused\n" % nobody))
check("refused: no verdict", manrs("rov", "--vrps", cache.url, "--vrps", "rtr://" + nobody, *ROUTE)[:2], (2, b""))
for what, says in (("silence", lambda *a: None), ("no End of Data", lambda peer, v, *a: peer.send(ALL.response(v)[:-24])),
                   ("no data", lambda peer, v, *a: peer.send(error(v, 2, b"later")))):
    one = Cache(says)
    began = time.monotonic()
    status, out, err = manrs("rtr", one.host, "--timeout", "1")
    check(what, (status, out, err.splitlines()[-1]),
          (3, b"", "manrs: %s: no whole response within 1 second (--timeout)" % one.url))
    check(what + ": in time", 0.9 < time.monotonic() - began < 2.5)
    check(what + ": queries", len(one.queries) <= 10 and not one.errors)
    one.close()

# ---- wrong: nothing on stdout, one Error Report a fault with the code of the RFC and the PDU, at most 10 queries ----

BAD = {  # what a cache sends to a Reset Query of version 1, and the code
    "a maxLength below the length": (0, prefix(1, "192.0.2.0/24", 23, 1)),
    "a maxLength above 32": (0, prefix(1, "192.0.2.0/24", 33, 1)),
    "announced twice": (7, prefix(1, "192.0.2.0/24", 24, 1) * 2),
    "withdrawn in answer to a Reset Query": (6, prefix(1, "192.0.2.0/24", 24, 1, announce=0)),
    "a type that there is not": (5, pdu(1, 99, 0)),
    "a length that there is not": (0, pdu(1, 4, 0, b"\1\x18\x18\0\xc0\0\2\0")),
    "another version": (8, prefix(2, "192.0.2.0/24", 24, 1)),
    "another session at its end": (0, end(1, 8, 1)),
}
for what, (code, bad) in BAD.items():
    one = Cache(lambda peer, v, *a: peer.send(pdu(v, RESPONSE, 7) + prefix(1, "198.51.100.0/24", 24, 1) + bad + end(v, 7, 1)))
    status, out, err = manrs("rtr", one.host, "--max-version", "1", "--timeout", "1")
    check(what, (status in (2, 3), out, "error" in err), (True, b"", True))
    until(lambda: one.errors, 2)
    check(what + ": one Error Report", [e[0] for e in one.errors], [1])
    if code is not None:
        check(what + ": its code", [e[2] for e in one.errors], [code])
    check(what + ": queries", len(one.queries) <= 10)
    one.close()
one = Cache(lambda peer, v, *a: peer.send(pdu(2, RESPONSE, 7) + aspa(64496, [3, 2]) + end(2, 7, 1)))
check("providers out of order", (manrs("rtr", one.host, *WAIT)[:2], until(lambda: one.errors, 2), [e[2] for e in one.errors]),
      ((2, b""), True, [9]))
one.close()
one = Cache(lambda peer, v, *a: peer.send(error(v, 3, b"I do not like you")))
status, out, err = manrs("rtr", one.host, "--timeout", "1")
check("an Error Report is not answered", (out, one.errors, len(one.queries) <= 10, "I do not like you" in err), (b"", [], True, True))
one.close()

# 8210bis section 12: what a cache gave goes with a fatal error of it, also while another one is still waited for.
one = Cache(lambda peer, v, *a: peer.send(ALL.response(v) + pdu(v, 99, 0)))
late = Cache(lambda peer, v, *a: (time.sleep(0.5), peer.send(ALL.response(v))))
check("wrong behind its response", manrs("rov", "--vrps", one.url, "--vrps", late.url, *ROUTE),
      (2, b"", "manrs: %s: the cache is wrong, error 5: an unknown PDU\n" % one.url))
one.close()
late.close()

# ---- names of caches ----

for name, words in {"rtr://": "a host is missing", "rtr://a:0": "a port is a number from 1 to 65535", "rtr://a:65536": "a port is",
                    "rtr://a:b": "a port is", "rtr://[::1": "a bracket without its end", "rtr://[::g]": "not an IPv6 address",
                    "rtr://::1": "an IPv6 address stands in brackets", "rtr://-o": "not of a host",
                    "rtr://a b": "not of a host", "rtr://a/b": "not of a host", "rtr://" + "a" * 256: "too long"}.items():
    status, out, err = manrs("rov", "--vrps", name, *ROUTE)
    check("name " + name[:40], (status, out, words in err, err.count("\n")), (2, b"", True, 1))
check("a name that is looked up", manrs("rtr", "localhost:%d" % cache.port, *WAIT)[:2], (0, BY_PREFIX.encode()))
if socket.has_ipv6:
    try:
        six = polite(ALL, family=socket.AF_INET6)
        check("IPv6", manrs("rtr", six.host)[:2], (0, BY_PREFIX.encode()))
        six.close()
    except OSError:
        skip("no IPv6 on the loopback")
for wrong in (["compare"], ["compare", "a"], [], ["a", "b"], [cache.host, "--max-version", "3"], [cache.host, "--format", "plain"],
              [cache.host, "--min-version", "2", "--max-version", "1"], [cache.host, "--watch", "--format", "json"],
              [cache.host, "--watch", "-o", path("watched")], ["compare", "-", "-"], [cache.host, "--timeout", "0"]):
    status, out, err = manrs("rtr", *wrong)
    check("usage: %s" % wrong, (status, out, "manrs rtr --help" in err), (2, b"", True))

# ---- compare ----

check("compare: the same", manrs("rtr", "compare", cache.url, cache.url), (0, b"", ""))
changed = polite(Set(VRPS[1:] + [("192.0.2.0/24", 25, 64496)], {64496: [64500], 64498: [1]}, []))
status, out, err = manrs("rtr", "compare", cache.url, changed.url)
lines = out.decode().splitlines()
check("compare: exit", (status, err), (1, ""))
check("compare: VRPs in order", lines[:2], ["- 192.0.2.0/24 max 24 AS64496", "+ 192.0.2.0/24 max 25 AS64496"])
check("compare: ASPAs and keys", sorted(lines[2:]),
      ["+ aspa AS64496 providers AS64500", "+ aspa AS64498 providers AS1", "- aspa AS64497 providers AS0",
       "- key AS64496 000102030405060708090A0B0C0D0E0F10111213"])
status, out, err = manrs("rtr", "compare", cache.url, changed.url, "--format", "csv")
rows = [line.split(",") for line in out.decode().splitlines()]
check("compare: csv", (status, rows[0], {len(r) for r in rows}, len(rows)),
      (1, ["change", "prefix", "maxlen", "asn", "providers", "ski", "key"], {7}, 7))
document = json.loads(manrs("rtr", "compare", cache.url, changed.url, "--format", "json")[1])
check("compare: json", document["changes"][:1], [{"change": "removed", "prefix": "192.0.2.0/24", "maxlen": 24, "asn": 64496}])
check("compare: json, an ASPA", {"change": "added", "customer": 64498, "providers": [1]} in document["changes"])
as_file = write("as.json", dump("json"))
check("compare with a file", manrs("rtr", "compare", cache.url, as_file), (0, b"", ""))
check("compare: HOST:PORT", manrs("rtr", "compare", cache.host, as_file), (0, b"", ""))
check("compare: HOST:PORT twice", manrs("rtr", "compare", cache.host, changed.host)[0], 1)
for text in (path("none"), "none", "none:", "none:0", "[::1]", "::1", "::1:323", "no/ne:323"):
    check("compare: neither a file nor a cache, " + text, manrs("rtr", "compare", cache.url, text),
          (2, b"", "manrs: %s: no such file, and no HOST:PORT of a cache\n" % text))
odd = write("127.0.0.1:1", open(as_file).read())
done = subprocess.run([os.path.abspath(MANRS), "rtr", "compare", "127.0.0.1:1", cache.host], cwd=os.path.dirname(odd), capture_output=True)
check("compare: a file that is there is no cache", (done.returncode, done.stdout, done.stderr), (0, b"", b""))
status, out, err = manrs("rtr", "compare", cache.url, old.url)
check("compare with version 1: no ASPAs there is no difference", (status, out), (0, b""))
check("compare with version 1: said", err, "manrs: warning: ASPAs are not compared: %s has no list of them\n" % old.url)
check("compare: refused", manrs("rtr", "compare", cache.url, "rtr://" + nobody)[:2], (2, b""))

# ---- watch ----


class Watched:
    """A cache with a serial: changes are notified, and a Serial Query is answered with what came since."""

    def __init__(self):
        self.serial, self.log, self.now = 1, [], set(VRPS)
        self.cache = Cache(self.answer)

    def answer(self, peer, version, kind, field, body):
        if version > 1:
            peer.send(error(1, 4))
        elif kind == RESET:
            peer.send(Set(self.now).response(1, 7, self.serial))
        else:
            since = int.from_bytes(body, "big")
            peer.send(pdu(1, RESPONSE, 7) + b"".join(prefix(1, *v, announce=a) for s, v, a in self.log if s > since) +
                      end(1, 7, self.serial))

    def change(self, vrp, announce, tell=True):
        self.serial += 1
        self.log.append((self.serial, vrp, announce))
        (self.now.add if announce else self.now.discard)(vrp)
        if tell:
            self.cache.send_all(pdu(1, NOTIFY, 7, self.serial.to_bytes(4, "big")))


def waiting_bytes(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


class Lines:
    """Lines of a process as they come."""

    def __init__(self, *args):
        self.process = subprocess.Popen([MANRS, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.out, self.err = [], []
        self.threads = [threading.Thread(target=self.read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def read(pipe, lines):
        for line in pipe:
            lines.append(line)

    def end(self, number):
        self.process.send_signal(number)
        status = self.process.wait(10)
        for thread in self.threads:
            thread.join(5)
        return status


for form, number in (("plain", signal.SIGTERM), ("csv", signal.SIGINT), ("jsonl", signal.SIGTERM)):
    w = Watched()
    lines = Lines("rtr", w.cache.host, "--watch", "--format", form)
    check("watch: it starts", until(lambda: lines.err))
    check("watch: what there is", lines.err[0], "manrs: %s: version 1, session 7, serial 1: 4 VRPs, 0 ASPAs, 0 router keys\n" % w.cache.url)
    head = ["change,prefix,maxlen,asn,providers,ski,key\n"] if form == "csv" else []
    check("watch: no rows of it", lines.out, head)
    w.change(("100.64.0.0/10", 10, 1), 1)
    check("watch: a change at once", until(lambda: len(lines.out) == len(head) + 1))
    w.cache.drop_all()
    w.change(VRPS[0], 0, tell=False)
    check("watch: a change behind a lost connection", until(lambda: len(lines.out) == len(head) + 2))
    rows = {"plain": ["+ 100.64.0.0/10 max 10 AS1\n", "- 192.0.2.0/24 max 24 AS64496\n"],
            "csv": ["added,100.64.0.0/10,10,1,,,\n", "removed,192.0.2.0/24,24,64496,,,\n"],
            "jsonl": ['{"change":"added","prefix":"100.64.0.0/10","maxlen":10,"asn":1}\n',
                      '{"change":"removed","prefix":"192.0.2.0/24","maxlen":24,"asn":64496}\n']}
    check("watch: rows of " + form, lines.out, head + rows[form])
    check("watch: asked by serial", [q[1] for q in w.cache.queries[2:]], [SERIAL, SERIAL])
    check("watch: no Error Report", w.cache.errors, [])
    check("watch: a signal ends it", lines.end(number), 0)
    w.cache.close()
# Version 2: ASPAs, and a difference that is wrong. What v2 makes a router forget (8210bis section 12) is not told as gone; the
# set that comes after it is compared with the last good one.
DELTAS = {1: aspa(64496, [64500]) + aspa(64497, [], announce=0), 2: prefix(2, "192.0.2.0/25", 25, 1, announce=0)}
full = [ALL, 1]


def version2(peer, version, kind, field, body):
    since = int.from_bytes(body, "big")
    if kind == RESET:
        peer.send(full[0].response(2, 7, full[1]))
    elif since in DELTAS:
        peer.send(pdu(2, RESPONSE, 7) + DELTAS[since] + end(2, 7, since + 1))
    else:
        peer.send(pdu(2, RESPONSE, 7) + end(2, 7, since))


one = Cache(version2)
lines = Lines("rtr", one.host, "--watch")
check("watch of version 2: it starts", until(lambda: lines.err))
one.send_all(pdu(2, NOTIFY, 7, b"\0\0\0\2"))
check("watch of version 2: rows", (until(lambda: len(lines.out) == 2), lines.out),
      (True, ["+ aspa AS64496 providers AS64500\n", "- aspa AS64497 providers AS0\n"]))
full = [Set(VRPS + [("100.64.0.0/10", 10, 1)], {64496: [64500]}, KEYS), 4]
one.send_all(pdu(2, NOTIFY, 7, b"\0\0\0\3"))
check("watch of version 2: behind a wrong difference", (until(lambda: len(lines.out) == 3), lines.out[2:]),
      (True, ["+ 100.64.0.0/10 max 10 AS1\n"]))
check("watch of version 2: error 6 quotes the record", [(e[2], e[3][4:24]) for e in one.errors], [(6, DELTAS[2])])
check("watch of version 2: a signal ends it", lines.end(signal.SIGTERM), 0)
one.close()
check("watch: refused", manrs("rtr", nobody, "--watch")[:2], (2, b""))
# A reader that does not read is waited for, and that wait ends with a signal; one that has gone ends it without a row to write.
for what in ("slow", "gone"):
    w = Watched()
    process = subprocess.Popen([MANRS, "rtr", w.cache.host, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stderr.readline()
    if what == "slow":
        w.serial += 1
        w.log += [(w.serial, ("10.%d.%d.0/24" % (i >> 8, i & 255), 24, 1), 1) for i in range(20000)]
        w.cache.send_all(pdu(1, NOTIFY, 7, w.serial.to_bytes(4, "big")))
        capacity = fcntl.fcntl(process.stdout, fcntl.F_GETPIPE_SZ)
        check("watch: the pipe is full", until(lambda: waiting_bytes(process.stdout) > capacity - 8192))
        process.send_signal(signal.SIGTERM)
    else:
        process.stdout.close()
    try:
        status = process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        status = "never"
    check("watch: a reader that is " + what, status, 2 if what == "slow" else -signal.SIGPIPE)
    check("watch: what is said of it", process.stderr.read(), "manrs: stdout: Interrupted system call\n" if what == "slow" else "")
    w.cache.close()
one = Cache(lambda *a: None)
check("watch: late", manrs("rtr", one.host, "--watch", "--timeout", "1")[:2], (3, b""))
one.close()

# ---- a helper command ----

RELAY = """
import socket, sys, threading
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    while True:
        b = s.recv(65536)
        if not b: break
        sys.stdout.buffer.write(b); sys.stdout.buffer.flush()
threading.Thread(target=back, daemon=True).start()
while True:
    b = sys.stdin.buffer.raw.read(65536)
    if not b: break
    s.sendall(b)
"""
relay = "%s %s %%h %%p" % (sys.executable, write("relay.py", RELAY))
check("--connect", manrs("rtr", cache.host, "--connect", relay, *WAIT), (0, BY_PREFIX.encode(), ""))
check("--connect: a pipeline", manrs("rtr", cache.host, "--connect", "cat | %s" % relay, *WAIT)[:2], (0, BY_PREFIX.encode()))
check("--connect: %%", manrs("rtr", "no.such.host:1", "--connect", "echo %h %p %% >&2; exit 3", *WAIT),
      (2, b"", "no.such.host 1 %\nmanrs: rtr://no.such.host:1: the helper command ended with status 3\n"))
pid = path("pid")
began = time.monotonic()
status = manrs("rtr", cache.host, "--connect", "sh -c 'echo $$ >%s; trap \"\" TERM; while :; do sleep 1; done'" % pid, "--timeout", "1")
check("--connect: silent", (status[:2], time.monotonic() - began < 5), ((3, b""), True))


def gone(number):
    """Whether a process has ended, be it that nobody has asked for its status yet."""
    try:
        with open("/proc/%s/stat" % number) as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


check("--connect: the helper is gone", until(lambda: gone(open(pid).read().strip()), 2))

silent = Cache(lambda *a: None)
for number in (signal.SIGTERM, signal.SIGINT):
    pid = path("pid%d" % number)
    process = subprocess.Popen([MANRS, "rtr", silent.host, "--connect", "echo $$ >%s.new; mv %s.new %s; sleep 60" % (pid, pid, pid)])
    check("--connect: it runs", until(lambda: os.path.exists(pid)))
    process.send_signal(number)
    check("--connect: a signal ends us", process.wait(5), -number)
    check("--connect: and the helper, which does not read its stdin", until(lambda: gone(open(pid).read().strip()), 2))
silent.close()

# ---- TLS ----


def certificates():
    """A CA, a certificate of the cache for localhost and 127.0.0.1, one for another name, one of the router, and another CA."""

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)

    for ca in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + ca,
                "-keyout", path(ca + ".key"), "-out", path(ca + ".pem"))
    for name, cn, san in (("cache", "x", "DNS:localhost,IP:127.0.0.1"), ("wrong", "localhost", "DNS:elsewhere.example"),
                          ("router", "router", "IP:127.0.0.1")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + cn,
                "-keyout", path(name + ".key"), "-out", path(name + ".csr"))
        write(name + ".ext", "subjectAltName=" + san)
        openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
                "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem"))


def tls_cache(name, seen):
    """A cache that demands a certificate of the router, signed by our CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(name + ".pem"), path(name + ".key"))
    context.load_verify_locations(path("ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED

    def wrap(sock):
        sock = context.wrap_socket(sock, server_side=True)
        seen.append((sock.version(), sock.getpeercert()["subjectAltName"]))
        return sock

    return polite(ALL, wrap=wrap)


def tls():
    certificates()
    seen = []
    one, wrong = tls_cache("cache", seen), tls_cache("wrong", [])
    by_name, by_address = ("rtrs://%s:%d" % (host, one.port) for host in ("localhost", "127.0.0.1"))
    ca = ["--ca", path("ca.pem")]
    own = ["--cert", path("router.pem"), "--key", path("router.key")]
    for url in (by_name, by_address):
        check("TLS: " + url, manrs("rtr", url, *ca, *own, *WAIT), (0, BY_PREFIX.encode(), ""))
    check("TLS: the router showed its certificate", seen[0], (seen[0][0], (("IP Address", "127.0.0.1"),)))
    check("TLS: version", seen[0][0] in ("TLSv1.2", "TLSv1.3"))
    check("TLS: rov", manrs("rov", "--vrps", by_name, *ca, *own, *ROUTE), (0, VALID.encode(), ""))
    check("TLS: a helper command", manrs("rtr", by_name, *ca, *own, "--connect", relay.replace("%h", "127.0.0.1"), *WAIT)[:2],
          (0, BY_PREFIX.encode()))
    name = "rtrs://localhost:%d" % wrong.port
    # Its common name is localhost: RFC 8210 section 9.2 forbids to look at it.
    for what, args, words in (
            ("another name", ["rtr", name, *ca, *own], "certificate verify failed: hostname mismatch"),
            ("another address", ["rtr", name.replace("localhost", "127.0.0.1"), *ca, *own], "IP address mismatch"),
            ("another CA", ["rtr", by_name, "--ca", path("other.pem"), *own], "certificate verify failed"),
            ("the system's CAs", ["rtr", by_name, *own], "certificate verify failed"),
            ("no such CA file", ["rtr", by_name, "--ca", path("none")], path("none")),
            ("a certificate without its key", ["rtr", by_name, *ca, *own[:2]], "goes with its key"),
            ("a key of another certificate", ["rtr", by_name, *ca, *own[:3], path("cache.key")], path("cache.key"))):
        status, out, err = manrs(*args)
        check("TLS: " + what, (status, out, words.lower() in err.lower()), (2, b"", True)) or print(err)
    # TLS 1.3: the cache says it when the handshake stands for the router, RFC 8446 section 6.2.
    check("TLS: without a certificate of the router", manrs("rtr", by_name, *ca, *WAIT),
          (2, b"", "manrs: %s: TLS: tlsv13 alert certificate required\n" % by_name))
    check("TLS: its options without it are said", manrs("rtr", cache.url, *ca, "--format", "csv")[::2],
          (0, "manrs: %s: warning: not rtrs://, so --ca, --cert and --key do nothing for it\n" % cache.url))
    check("TLS: a cache without it", manrs("rtr", "rtrs://" + cache.host, *ca, *own, "--timeout", "1")[:2], (3, b""))
    before = len(one.queries)
    check("TLS: nothing was asked of those", before, 4)


if "OpenSSL" not in manrs("--version")[1].decode():
    check("TLS: not built in", manrs("rtr", "rtrs://" + cache.host),
          (2, b"", "manrs: rtrs://%s: TLS is not built into this command\n" % cache.host))
elif shutil.which("openssl"):
    tls()
else:
    skip("no openssl command")
close()
