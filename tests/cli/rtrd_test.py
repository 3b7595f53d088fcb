# SPDX-License-Identifier: BSD-2-Clause
"""The cache, `manrs rtrd`, as routers see it. Expected: RFC 8210 and draft-ietf-sidrops-8210bis, read by a reader of their PDUs of
its own, which shares nothing with the library and refuses what a router must refuse; and what manrs(1) says of files."""

import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

from command import MANRS, check, close, csv, path, write
from rtrd_around import dies_with_us

NOTIFY, SERIAL, RESET, RESPONSE, IPV4, IPV6, END, CACHE_RESET, KEY, ERROR, ASPA = 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11


STANDS = "all is current", "not all files are good", "there is no data", "the data is too old", "the guard holds"


class Daemon:
    """A running cache; its log line by line."""

    def __init__(self, *args, limit=None):
        self.lines, self.news = [], threading.Condition()
        self.process = subprocess.Popen([MANRS, "rtrd", "--listen", "127.0.0.1:0", *map(str, args)],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=dies_with_us(limit))
        threading.Thread(target=self.read, daemon=True).start()
        self.said("listening")
        with self.news:  # the first look is over, and all its lines are here
            self.news.wait_for(lambda: any(m in line for line in self.lines for m in STANDS), 20)
        self.port = next((int(m[1]) for m in map(re.compile(r".*:(\d+): listening").match, self.lines) if m), 0)

    def read(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def said(self, text, after=0, timeout=20):
        """Waits for a line with it behind the first `after`. Gives how many lines there are then, 0: none came."""
        with self.news:
            came = self.news.wait_for(lambda: any(text in line for line in self.lines[after:]), timeout)
            return len(self.lines) if came else 0

    def tell(self, number, text):
        """Send it, and wait for a line that comes of it."""
        n = len(self.lines)
        self.process.send_signal(number)
        return self.said(text, n)

    def end(self, number=signal.SIGTERM):
        """Gives (exit status, seconds)."""
        began = time.monotonic()
        self.process.send_signal(number)
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        return status, time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Router:
    """A connection, and a set that is kept as a router keeps it: strictly."""

    def __init__(self, port, version=1):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.bytes = self.sock.makefile("rb")
        self.version, self.session, self.serial, self.set = version, None, None, set()

    def exactly(self, n):
        data = self.bytes.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def pdu(self):
        """(version, type, the two bytes behind, body)"""
        version, kind, field, length = struct.unpack(">BBHI", self.exactly(8))
        assert 8 <= length <= 65535, length
        return version, kind, field, self.exactly(length - 8)

    def ask(self, serial=None, session=None):
        """A Reset Query, or a Serial Query of what is known."""
        if serial is None:
            self.sock.sendall(struct.pack(">BBHI", self.version, RESET, 0, 8))
        else:
            self.sock.sendall(struct.pack(">BBHII", self.version, SERIAL, session, 12, serial))

    def record(self, kind, field, body):
        """A record as a tuple, and whether it is announced. Lengths as in RFC 8210 section 5 and 8210bis 5.12."""
        if kind in (IPV4, IPV6):
            size = 4 if kind == IPV4 else 16
            assert len(body) == 8 + size and field == 0
            flags, length, most, zero = body[:4]
            assert length <= most <= 8 * size and zero == 0
            address = int.from_bytes(body[4:4 + size], "big")
            assert address & (1 << (8 * size - length)) - 1 == 0
            return (kind, body[4:4 + size], length, most, struct.unpack(">I", body[4 + size:])[0]), flags & 1
        if kind == KEY:
            return (kind, body[:20], body[20:24], body[24:]), field >> 8 & 1
        assert kind == ASPA and self.version == 2 and len(body) % 4 == 0
        customer, *providers = struct.unpack(">%dI" % (len(body) // 4), body)
        announced = field >> 8 & 1
        assert announced == bool(providers) and sorted(set(providers)) == providers and customer not in providers
        return (kind, customer, *providers), announced

    def apply(self, record, announced, known):
        if record[0] == ASPA:
            old = {r for r in known if r[:2] == record[:2]}
            assert announced or old, "withdrawal of an unknown ASPA"
            known -= old
        elif announced:
            assert record not in known, "announced twice"
        else:
            assert record in known, "withdrawal of an unknown record"
            known.remove(record)
        if announced:
            known.add(record)

    def answer(self):
        """What comes on a query: "reset", ("error", code, version), or how many records came; then the set is as it says."""
        version, kind, field, body = self.pdu()
        while kind == NOTIFY:
            version, kind, field, body = self.pdu()
        if kind == ERROR:
            return "error", field, version
        assert version == self.version, version
        if kind == CACHE_RESET:
            return "reset"
        assert kind == RESPONSE and not body
        session, seen = field, set()
        known = set() if self.whole else set(self.set)
        while True:
            version, kind, field, body = self.pdu()
            assert version == self.version and kind != NOTIFY
            if kind == END:
                break
            record, announced = self.record(kind, field, body)
            assert record[:5] not in seen, "a record is named twice"
            seen.add(record[:5] if record[0] != ASPA else record[:2])
            self.apply(record, announced, known)
        assert field == session and len(body) == (4 if self.version == 0 else 16)
        self.session, self.serial, self.set = session, struct.unpack(">I", body[:4])[0], known
        return len(seen)

    def reset(self):
        self.whole = True
        self.ask()
        return self.answer()

    def refresh(self, session=None, serial=None):
        self.whole = False
        self.ask(self.serial if serial is None else serial, self.session if session is None else session)
        return self.answer()

    def prefixes(self):
        return sorted("%s/%d" % (socket.inet_ntop(socket.AF_INET if r[0] == IPV4 else socket.AF_INET6, r[1]), r[2])
                      for r in self.set if r[0] in (IPV4, IPV6))

    def ended(self):
        """Whether the cache closes, after whatever comes before that."""
        try:
            while self.bytes.read(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bytes.close()
        self.sock.close()


def at(daemon, version=1, **known):
    """A router with the whole set of a cache; or one that goes on from what it knew."""
    router = Router(daemon.port, version)
    for name, value in known.items():
        setattr(router, name, value)
    return router


def answer(daemon, version=1):
    """What a Reset Query gets: prefixes, or the error."""
    with at(daemon, version) as router:
        got = router.reset()
        return got if isinstance(got, tuple) else router.prefixes()


def replace(name, content):
    """By a rename, as validators do it."""
    os.replace(write(name + ".new", content), path(name))
    return path(name)


def rpki(*roas, built=None, aspas=(), keys=()):
    """rpki-client's JSON."""
    doc = {"metadata": {}, "roas": [{"asn": a, "prefix": p, "maxLength": m} for p, m, a in roas],
           "aspas": [{"customer_asid": c, "providers": list(p)} for c, p in aspas],
           "bgpsec_keys": [{"asn": a, "ski": s, "pubkey": k} for a, s, k in keys]}
    if built:
        doc["metadata"]["buildtime"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(built))
    return json.dumps(doc)


A, B, C = ("192.0.2.0/24", 24, 64496), ("198.51.100.0/24", 32, 64497), ("2001:db8::/32", 48, 64498)
OF_A, OF_B, OF_C = A[0], B[0], C[0]
FAST = ("--notify-interval", "1")
COUNT = "info: serving"


def test_versions():
    """One set, in each version what it has (RFC 6810, RFC 8210 5.10, 8210bis 5.12)."""
    spki = bytes(range(91))
    import base64
    file = write("versions.json", rpki(A, B, C, aspas=[(64500, (64501, 64502)), (64503, (0,))],
                                       keys=[(64504, "00" * 19 + "07", base64.b64encode(spki).decode())]))
    with Daemon("--vrps", file) as cache:
        for version, kinds in ((0, [IPV4, IPV4, IPV6]), (1, [IPV4, IPV4, IPV6, KEY]),
                               (2, [IPV4, IPV4, IPV6, KEY, ASPA, ASPA])):
            with at(cache, version) as router:
                router.reset()
                check("v%d: kinds" % version, sorted(r[0] for r in router.set), kinds)
                check("v%d: no change" % version, router.refresh(), 0)
                check("v%d: a serial that is not ours" % version, router.refresh(serial=router.serial + 7), "reset")
                check("v%d: a session that is not ours" % version, router.refresh(session=router.session ^ 1), "reset")
        with at(cache, 2) as router:
            router.reset()
            check("ASPAs", sorted(r[1:] for r in router.set if r[0] == ASPA), [(64500, 64501, 64502), (64503, 0)])
            check("router key", [r[1:] for r in router.set if r[0] == KEY],
                  [(bytes(19) + b"\7", struct.pack(">I", 64504), spki)])
        with at(cache, 3) as router:
            check("above v2: Error 4 in v2", router.reset(), ("error", 4, 2))
            router.version = 2
            check("and v2 on the same connection", isinstance(router.reset(), int))


def test_files():
    """A file that changes, and one that must not be served."""
    file = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,x", "AS64497,198.51.100.0/24,32,x"))
    with Daemon("--vrps", file, *FAST) as cache, at(cache) as router:
        check("the file", (router.reset(), router.prefixes()), (2, [OF_A, OF_B]))
        before = router.session, router.serial
        for name, content in (("broken", "{\"roas\": [{"), ("empty", b""), ("no VRPs", rpki()), ("another kind", "{}"),
                              ("compressed and cut", b"\x1f\x8b\x08\x00\x00")):
            replace("vrps.csv", content)
            check(name + ": said", cache.tell(signal.SIGHUP, "warning: not all files are good" if name == "broken"
                                                else "vrps.csv: ") > 0)
            check(name + ": data is kept", (router.refresh(), router.session, router.serial), (0, *before))
            check(name + ": whole too", answer(cache), [OF_A, OF_B])
        os.unlink(file)
        cache.tell(signal.SIGHUP, "No such file")
        check("gone: data is kept", (router.refresh(), answer(cache)), (0, [OF_A, OF_B]))
        write("vrps.csv", csv("AS64497,198.51.100.0/24,32,x", "AS64498,2001:db8::/32,48,x"))
        cache.tell(signal.SIGHUP, COUNT)
        check("a difference names what came and went", (router.refresh(), router.prefixes()), (2, [OF_B, OF_C]))
        check("serial", router.serial, before[1] + 1)
        check("session", router.session, before[0])


def test_noticed():
    """Without a signal, within 15 seconds: written in place, then renamed. The router is notified."""
    file = write("noticed.csv", csv("AS64496,192.0.2.0/24,24,x"))
    with Daemon("--vrps", file, *FAST) as cache, at(cache) as router:
        router.reset()
        router.sock.settimeout(15)
        with open(file, "a") as f:
            f.write("AS64497,198.51.100.0/24,32,x\n")
        version, kind, session, body = router.pdu()
        check("a write: Serial Notify", (version, kind, session, body), (1, NOTIFY, router.session, struct.pack(">I", router.serial + 1)))
        check("a write: the difference", (router.refresh(), router.prefixes()), (1, [OF_A, OF_B]))
        replace("noticed.csv", csv("AS64497,198.51.100.0/24,32,x"))
        check("a rename: Serial Notify", router.pdu()[1], NOTIFY)
        check("a rename: the difference", (router.refresh(), router.prefixes()), (1, [OF_B]))


def slurm(*assertions, filters=()):
    return json.dumps({"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": list(filters), "bgpsecFilters": []},
                       "locallyAddedAssertions": {"prefixAssertions": [{"asn": a, "prefix": p} for p, a in assertions],
                                                  "bgpsecAssertions": []}})


def test_slurm():
    """Never data without its local exceptions (RFC 8416)."""
    file = write("s.csv", csv("AS64496,192.0.2.0/24,24,x", "AS64497,198.51.100.0/24,32,x"))
    one = write("one.slurm", slurm(filters=[{"prefix": OF_A}]))
    two = write("two.slurm", "no")
    with Daemon("--vrps", file, "--slurm", one, "--slurm", two, *FAST) as cache:
        check("broken at the start: nothing is served", answer(cache), ("error", 2, 1))
        replace("two.slurm", slurm((OF_C, 64498)))
        cache.tell(signal.SIGHUP, COUNT)
        check("both files count", answer(cache), [OF_B, OF_C])
        replace("two.slurm", "no")
        with open(file, "a") as f:
            f.write("AS64499,203.0.113.0/24,24,x\n")
        cache.tell(signal.SIGHUP, COUNT)
        check("broken at a reload: the last good ones go with new data", answer(cache), [OF_B, OF_C, "203.0.113.0/24"])
        replace("one.slurm", slurm())
        replace("two.slurm", slurm())
        cache.tell(signal.SIGHUP, COUNT)
        check("none", answer(cache), [OF_A, OF_B, "203.0.113.0/24"])
        replace("one.slurm", slurm(filters=[{"prefix": OF_B}]))
        replace("two.slurm", slurm(("198.51.100.128/25", 1)))
        check("two that speak of the same addresses: neither (RFC 8416 4.2)",
              cache.tell(signal.SIGHUP, "two.slurm: 198.51.100.128/25: exceptions of it are in") > 0)
        check("and the last good ones stay", answer(cache), [OF_A, OF_B, "203.0.113.0/24"])
        replace("two.slurm", slurm())
        cache.tell(signal.SIGHUP, COUNT)
        check("until they agree", answer(cache), [OF_A, "203.0.113.0/24"])
        replace("one.slurm", slurm(filters=[{"prefix": "0.0.0.0/0"}, {"prefix": "::/0"}]))
        cache.tell(signal.SIGHUP, "nothing is left")
        check("never an empty set", answer(cache), [OF_A, "203.0.113.0/24"])


def test_several():
    """Several files: one that is broken keeps its last data, and at the start there is nothing until all are good."""
    one, two = write("1.csv", csv("AS64496,192.0.2.0/24,24,x")), path("2.csv")
    with Daemon("--vrps", one, "--vrps", two, *FAST) as cache:
        check("one is not there: nothing is served", answer(cache), ("error", 2, 1))
        write("2.csv", csv("AS64497,198.51.100.0/24,32,x", "AS64496,192.0.2.0/24,24,x"))
        cache.tell(signal.SIGHUP, COUNT)
        check("both; what both have is named once", answer(cache), [OF_A, OF_B])
        replace("1.csv", csv("AS64498,2001:db8::/32,48,x"))
        replace("2.csv", "")
        cache.tell(signal.SIGHUP, COUNT)
        check("the one that is good is taken", answer(cache), [OF_A, OF_B, OF_C])


def many(n, first=0):
    return ["AS64500,10.%d.%d.0/24,24,x" % divmod(i, 256) for i in range(first, first + n)]


def test_guard():
    """What is taken away counts, whatever comes in its place."""
    file = write("guard.csv", csv(*many(100)))
    with Daemon("--vrps", file, "--guard", 10, *FAST) as cache, at(cache) as router:
        router.reset()
        replace("guard.csv", csv(*many(100, 10)))
        cache.tell(signal.SIGHUP, COUNT)
        check("10 of 100 go", router.refresh(), 20)
        replace("guard.csv", csv(*many(100, 21)))
        check("11 of 100 go, and 11 come: held", cache.tell(signal.SIGHUP, "held back: 11 of 100 VRPs") > 0)
        check("held: nothing changed", router.refresh(), 0)
        cache.tell(signal.SIGHUP, "read again")
        time.sleep(.3)
        check("held: still", router.refresh(), 0)
        check("SIGUSR1", cache.tell(signal.SIGUSR1, COUNT) > 0)
        check("SIGUSR1 lets it through", router.refresh(), 22)
        replace("guard.csv", csv(*many(50, 21)))
        cache.tell(signal.SIGHUP, "held back: 50 of 100")
        replace("guard.csv", csv(*many(99, 21)))
        cache.tell(signal.SIGHUP, COUNT)
        check("a good set ends the hold", router.refresh(), 1)
    with Daemon("--vrps", file, "--guard", 10, "--guard-hold", 1, *FAST) as cache, at(cache) as router:
        router.reset()
        replace("guard.csv", csv(*many(10, 21)))
        held = cache.tell(signal.SIGHUP, "held back")
        check("the hold is over by itself", cache.said("let through", held) > 0 and cache.said(COUNT, held) > 0)
        check("and the set is served", router.refresh(), 89)


def test_guard_default():
    """Without --guard: 50 percent, where there are 1,000 records of the kind; 100 is none; what is given is of every size."""
    file = write("default.csv", csv(*many(999)))
    with Daemon("--vrps", file, *FAST) as cache, at(cache) as router:
        router.reset()
        replace("default.csv", csv(*many(99)))
        cache.tell(signal.SIGHUP, COUNT)
        check("999: nearly all may go", router.refresh(), 900)
        replace("default.csv", csv(*many(1000)))
        cache.tell(signal.SIGHUP, COUNT)
        router.refresh()
        replace("default.csv", csv(*many(1000, 501)))
        check("1000: 501 go", cache.tell(signal.SIGHUP, "held back: 501 of 1000 VRPs would go, more than --guard 50 percent") > 0)
        check("and are held", router.refresh(), 0)
        replace("default.csv", csv(*many(1000, 500)))
        cache.tell(signal.SIGHUP, COUNT)
        check("500 may go", router.refresh(), 1000)
    for percent, gone in ((100, 1000), (50, 499)):
        replace("default.csv", csv(*many(gone + 1)))
        with Daemon("--vrps", file, "--guard", percent, *FAST) as cache:
            replace("default.csv", csv(*many(1)))
            want = COUNT if percent == 100 else "held back: 499 of 500"
            check("--guard %d: %d go" % (percent, gone), cache.tell(signal.SIGHUP, want) > 0)


def test_age():
    """--max-age by the time of building; a file that does not say it is served."""
    now = int(time.time())
    old = rpki(A, B, built=now - 1000)
    file = write("age.json", old)
    with Daemon("--vrps", file, "--max-age", 100, *FAST) as cache:
        check("stale at the start: nothing is served", answer(cache), ("error", 2, 1))
        replace("age.json", rpki(A, built=int(time.time()) - 95))
        cache.tell(signal.SIGHUP, COUNT)
        check("good", answer(cache), [OF_A])
        replace("age.json", old)
        cache.tell(signal.SIGHUP, "not taken by --max-age")
        check("a stale one is not taken", answer(cache), [OF_A])
        check("it ages while it is served", cache.said("error: the data is too old") > 0)
        time.sleep(1.1)
        with at(cache) as router:
            check("too old: Error 2", router.reset(), ("error", 2, 1))
            check("too old: the connection stays", router.reset(), ("error", 2, 1))
            replace("age.json", rpki(A, B, built=int(time.time())))
            cache.tell(signal.SIGHUP, COUNT)
            check("fresh again", (router.reset(), router.prefixes()), (2, [OF_A, OF_B]))
        replace("age.json", rpki(C))
        cache.tell(signal.SIGHUP, COUNT)
        check("one that does not say when", answer(cache), [OF_C])


def test_state():
    """A restart on the same state, with the same data and with other."""
    file, state = write("state.json", rpki(A, B, aspas=[(64500, (64501,))])), path("state")
    args = "--vrps", file, "--state", state, *FAST
    with Daemon(*args) as cache, at(cache, 2) as router:
        router.reset()
        known = {"session": router.session, "serial": router.serial, "set": router.set}
        check("another cache on the same state", subprocess.run([MANRS, "rtrd", "--listen", "127.0.0.1:0", *args],
                                                                capture_output=True, timeout=10).returncode, 2)
        status, seconds = cache.end()
        check("SIGTERM: exit status", status, 0)
        check("SIGTERM: within 5 seconds", seconds < 5)
        check("SIGTERM: v2 is told of a restart", (router.pdu()[1:3], router.ended()), ((ERROR, 12), True))
    with Daemon(*args) as cache, at(cache, 2, **known) as router:
        check("same data: no change", (router.refresh(), router.session, router.serial), (0, known["session"], known["serial"]))
        cache.process.kill()
        cache.process.wait()
    replace("state.json", rpki(B, C, aspas=[(64500, (64501, 64502))]))
    with Daemon(*args, "--shutdown") as cache, at(cache, 2, **known) as router:
        check("other data: a difference", (router.refresh(), router.prefixes()), (3, [OF_B, OF_C]))
        check("other data: session and serial", (router.session, router.serial), (known["session"], known["serial"] + 1))
        known = {"session": router.session, "serial": router.serial, "set": router.set}
        cache.end(signal.SIGINT)
        check("--shutdown: v2 is told of a shutdown", router.pdu()[1:3], (ERROR, 13))
    replace("state.json", "broken")
    with Daemon(*args) as cache, at(cache, 2, **known) as router:
        check("a broken file after a restart: what was served", (router.refresh(), router.serial), (0, known["serial"]))
    other = write("other.json", "broken")
    with Daemon("--vrps", other, "--state", state) as cache:
        check("but not for other files", answer(cache), ("error", 2, 1))
    replace("state.json", rpki(A))
    with open(os.path.join(state, "rtrd.state"), "r+b") as f:
        f.truncate(os.path.getsize(f.name) - 1)
    with Daemon(*args) as cache, at(cache, 2, **known) as router:
        check("a torn state is said", cache.said("not the whole state") > 0)
        check("and gives new sessions", router.refresh(), "reset")
        router.reset()
        check("other ones", router.session != known["session"])


def resident(process):
    with open("/proc/%d/status" % process.pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def spent(process):
    """Seconds of CPU so far."""
    with open("/proc/%d/stat" % process.pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_clients():
    """What one does is nothing to another."""
    lines = ["AS%d,%d.%d.%d.0/24,24,x" % (64500 + i % 9, 11 + (i >> 16), i >> 8 & 255, i & 255) for i in range(100000)]
    file = write("many.csv", csv(*lines))
    with Daemon("--vrps", file, "--max-clients", 500, *FAST) as cache:
        slow = Router(cache.port)
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(2):
            slow.ask()
        silent = [socket.create_connection(("127.0.0.1", cache.port), 5) for _ in range(300)]
        with at(cache) as router:
            check("all of it beside slow and silent ones", router.reset(), 100000)
        for name, bytes_ in (("garbage", b"GET / HTTP/1.1\r\n\r\n"), ("a length of 4 GB", struct.pack(">BBHI", 1, RESET, 0, 0xffffffff)),
                             ("a PDU of caches", struct.pack(">BBHI", 1, RESPONSE, 1, 8))):
            with at(cache) as router:
                router.sock.sendall(bytes_)
                check(name + ": closed", router.ended())
        with at(cache) as router:
            for byte in struct.pack(">BBHI", 1, RESET, 0, 8):
                router.sock.send(bytes([byte]))
                time.sleep(.01)
            router.whole = True
            check("a byte at a time", router.answer(), 100000)
            before = resident(cache.process)
            for _ in range(20):
                router.ask()
            check("queries without end: closed", router.ended())
            check("and in bounded memory", resident(cache.process) - before < 20000)
        with at(cache) as router:
            router.ask()
            router.sock.shutdown(socket.SHUT_WR)
            router.whole = True
            check("one that sends no more gets its answer", (router.answer(), router.ended()), (100000, True))
        for _ in range(300):
            silent.append(socket.create_connection(("127.0.0.1", cache.port), 5))
        check("above --max-clients: said", cache.said("--max-clients are connected") > 0)
        for sock in silent:
            sock.close()
        time.sleep(.2)
        check("and others are served after", len(answer(cache)), 100000)
        slow.sock.close()


def test_descriptors():
    """More connections than descriptors: they wait, and the cache does not run hot for them."""
    file = write("few.csv", csv("AS64496,192.0.2.0/24,24,x"))
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
    with Daemon("--vrps", file, limit=limit) as cache:
        socks = [socket.create_connection(("127.0.0.1", cache.port), 5) for _ in range(60)]
        check("said", cache.said("new connections wait") > 0)
        replace("few.csv", csv("AS64497,198.51.100.0/24,32,x"))
        check("files can still be read", cache.tell(signal.SIGHUP, COUNT) > 0)
        before = spent(cache.process)
        time.sleep(1.2)
        check("seconds of CPU meanwhile", spent(cache.process) - before < .2)
        for sock in socks:
            sock.close()
        check("then they are served", answer(cache), [OF_B])


def test_upstream():
    """A cache that is fed by a cache."""
    file = write("up.json", rpki(A, B, aspas=[(64500, (64501,))]))
    one = write("up.slurm", slurm((OF_C, 64498), filters=[{"prefix": OF_A}]))
    with Daemon("--vrps", file, *FAST) as first:
        with Daemon("--vrps", "rtr://127.0.0.1:%d" % first.port, "--slurm", one, *FAST) as cache, at(cache, 2) as router:
            check("its data, our exceptions", (router.reset(), router.prefixes()), (3, [OF_B, OF_C]))
            replace("up.json", rpki(B, ("203.0.113.0/24", 24, 1), aspas=[(64500, (64501, 64502))]))
            n = len(cache.lines)
            first.tell(signal.SIGHUP, COUNT)
            check("a difference goes through", cache.said(COUNT, n) > 0)
            check("as a difference", (router.refresh(), router.prefixes()), (2, [OF_B, OF_C, "203.0.113.0/24"]))
            first.end()
            cache.said("reports error 12", n)
            check("an upstream that restarts: data is kept", (router.refresh(), len(answer(cache))), (0, 3))
    with Daemon("--vrps", file, "--shutdown", *FAST) as first:
        with Daemon("--vrps", "rtr://127.0.0.1:%d" % first.port, *FAST) as cache:
            check("served", answer(cache), [OF_B, "203.0.113.0/24"])
            first.end()
            check("an upstream that is shut down has taken its data back (8210bis 8.6)", cache.said("taken it back") > 0)
            cache.said("the data is too old")
            time.sleep(1.1)
            check("it is not served on", answer(cache), ("error", 2, 1))


def test_usage():
    def fails(*args):
        done = subprocess.run([MANRS, "rtrd", *args], capture_output=True, text=True, timeout=10)
        return done.returncode, done.stderr.split("\n")[0]

    file = write("usage.csv", csv("AS64496,192.0.2.0/24,24,x"))
    check("no files", fails("--listen", "127.0.0.1:0"), (2, "manrs: rtrd: --vrps FILE is missing"))
    check("stdin", fails("--vrps", "-", "--listen", "127.0.0.1:0")[0], 2)
    check("a file twice", fails("--vrps", file, "--vrps", file, "--listen", "127.0.0.1:0")[0], 2)
    check("timers", fails("--vrps", file, "--listen", "127.0.0.1:0", "--expire", "600")[0], 2)
    check("guard", fails("--vrps", file, "--guard", "101")[0], 2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        check("an address in use", fails("--vrps", file, "--listen", "127.0.0.1:%d" % taken.getsockname()[1])[0], 2)


for test in [value for name, value in list(globals().items()) if name.startswith("test_")]:
    try:
        test()
    except (AssertionError, EOFError, OSError, subprocess.TimeoutExpired) as why:
        check(test.__name__ + ": " + repr(why), False)
close()
