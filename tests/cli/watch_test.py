# SPDX-License-Identifier: BSD-2-Clause
"""`manrs watch`: routes of lines, archives and routers, and each change of their verdicts. Expected verdicts are RFC 6811's of the
few VRPs that each case writes; messages of routers are typed by hand in bmp_router.py."""

import http.client
import json
import os
import signal
import subprocess
import threading
import time

import bmp_router
from bmp_router import Peer, connect, initiation, termination
from command import MANRS, check, close, csv, manrs, path, skip, write
from rtrd_around import Daemon, manager, told, wait_for

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,x", "AS64497,198.51.100.0/24,24,x"))
ROV = ("--role", "customer", "--tests", "rov")
LOCAL = "127.0.0.1:0"


def dump(kind, prefix, route="", peer="10.0.0.1", asn=64500, second=0):
    """A line of bgpdump -m."""
    tail = f"|{route}|IGP|{peer}|0|0||NAG||" if route else ""
    return f"BGP4MP|{1700000000 + second}|{kind}|{peer}|{asn}|{prefix}{tail}\n"


def rows(*args, stdin=b"", status=0):
    """The rows of a run to the end, as objects."""
    got, out, err = manrs("watch", "--vrps", VRPS, "-f", "jsonl", *args, stdin=stdin)
    check(f"status of {args}: {err}", got, status)
    return [json.loads(line) for line in out.decode().splitlines()]


def short(row):
    """event, prefix, tests that fail before and after; None: there is no route."""
    fails = [v and ",".join(v["fail"]) for v in (row.get("before"), row.get("after"))]
    return row["event"], row["prefix"], *fails


class Watch(Daemon):
    """`manrs watch -f jsonl`, its rows read as they come."""

    verb = "watch"

    def __init__(self, *args, vrps=VRPS, policy=ROV, **how):
        self.rows = []
        super().__init__("--vrps", vrps, "-f", "jsonl", *policy, *args, stdout=subprocess.PIPE, **how)
        self.out = threading.Thread(target=self.read_rows, daemon=True)
        self.out.start()

    def read_rows(self):
        for line in self.process.stdout:
            with self.news:
                self.rows.append(json.loads(line))
                self.news.notify_all()

    def has(self, *want, timeout=10):
        """Whether there is such a row, as `short` has it, at the latest in so long."""
        with self.news:
            return self.news.wait_for(lambda: want in [short(r) for r in self.rows], timeout)

    def bmp(self):
        if not wait_for(lambda: "BMP" in self.where, 10):
            raise SystemExit("it does not listen: " + "\n".join(self.lines))
        return self.at("BMP")

    def router(self, *messages):
        return connect(self.bmp(), *messages)

    def __exit__(self, *how):
        super().__exit__(*how)
        self.out.join(5)
        self.process.stdout.close()


# ---- lines ----

LINES = (dump("A", "192.0.2.0/24", "64500 64496") + dump("A", "198.51.100.0/24", "64500 64496", second=1) +
         dump("A", "203.0.113.0/24", "64500 64496", second=2) + dump("W", "198.51.100.0/24", second=3))
check("failing routes alone are told", [short(r) for r in rows(*ROV, stdin=LINES)],
      [("announced", "198.51.100.0/24", None, "rov"), ("withdrawn", "198.51.100.0/24", "rov", None)])
check("all are told where asked", [short(r) for r in rows(*ROV, "--show", "all", stdin=LINES)],
      [("announced", "192.0.2.0/24", None, ""), ("announced", "198.51.100.0/24", None, "rov"),
       ("announced", "203.0.113.0/24", None, ""), ("withdrawn", "198.51.100.0/24", "rov", None)])
check("changes alone", rows(*ROV, "--show", "changes", stdin=LINES), [])
got = rows(*ROV, stdin=LINES)[0]
check("the time is that of the line", got["time"], "2023-11-14T22:13:21.000Z")
check("who sends it, and why it fails", (got["peer"], got["asn"], got["origin"], got["test"], got["code"]),
      ("10.0.0.1", 64500, 64496, "rov", "rov-invalid-as"))
check("not found is unknown", rows(*ROV, "--show", "all", stdin=LINES)[2]["after"]["unknown"], ["rov"])
got = rows(*ROV, "--state", stdin=LINES)[2:]
check("the state at the end", [(r["event"], r["prefix"], r["as_path"], r["verdict"]["fail"]) for r in got],
      [("route", "192.0.2.0/24", "64500 64496", []), ("route", "203.0.113.0/24", "64500 64496", [])])
check("a route in another's place", [short(r) for r in rows(*ROV, stdin=dump("A", "192.0.2.0/24", "64500 64496") +
      dump("A", "192.0.2.0/24", "64500 64499"))], [("changed", "192.0.2.0/24", "", "rov")])
check("a session that is down takes its routes along", [short(r) for r in rows(*ROV, stdin=LINES.rsplit("\n", 2)[0] + "\n" +
      "BGP4MP|1700000009|STATE|10.0.0.1|64500|6|1\n")][1:], [("withdrawn", "198.51.100.0/24", "rov", None)])
check("a finding is status 1", manrs("watch", "--vrps", VRPS, *ROV, "--fail-on", "rov-invalid-as", stdin=LINES)[0], 1)
check("another is not", manrs("watch", "--vrps", VRPS, *ROV, "--fail-on", "rov-invalid-length", stdin=LINES)[0], 0)
status, out, err = manrs("watch", "--vrps", VRPS, *ROV, "--explain", stdin=LINES)
check("plain text, with why", out.decode().splitlines()[0].startswith(
    "2023-11-14T22:13:21.000Z 10.0.0.1 AS64500 198.51.100.0/24 AS64496: none -> fail rov: rov-invalid-as (198.51.100.0/24 "
    "with origin AS64496 is Invalid"))
check("AS numbers in two parts", manrs("watch", "--vrps", VRPS, *ROV, "--asdot", stdin=dump("A", "198.51.100.0/24", "4200000001 65551", asn=4200000001))[1],
      b"2023-11-14T22:13:20.000Z 10.0.0.1 AS64086.59905 198.51.100.0/24 AS1.15: none -> fail rov: rov-invalid-as\n")
RIS = json.dumps({"type": "ris_message", "data": {
    "timestamp": 1700000000.5, "peer": "10.0.0.1", "peer_asn": "64500", "id": "x", "host": "rrc00", "type": "UPDATE",
    "path": [64500, 64496], "origin": "igp",
    "announcements": [{"next_hop": "10.0.0.1", "prefixes": ["198.51.100.0/24"]}], "withdrawals": ["192.0.2.0/24"]}})
got = rows(*ROV, stdin=RIS + "\n")
check("RIS Live", ([short(r) for r in got], got[0]["time"]),
      ([("announced", "198.51.100.0/24", None, "rov")], "2023-11-14T22:13:20.500Z"))
EXA = json.dumps({"exabgp": "4.0.1", "time": 1700000000, "type": "update", "neighbor": {
    "address": {"local": "10.0.0.2", "peer": "10.0.0.1"}, "asn": {"local": 64510, "peer": 64500}, "direction": "receive",
    "message": {"update": {"attribute": {"origin": "igp", "as-path": [64500, 64496]},
                           "announce": {"ipv4 unicast": {"10.0.0.1": [{"nlri": "198.51.100.0/24"}]}}}}}})
check("ExaBGP", [short(r) for r in rows(*ROV, stdin=EXA + "\n")], [("announced", "198.51.100.0/24", None, "rov")])

status, out, err = manrs("watch", "--vrps", VRPS, *ROV, stdin=LINES + "BGP4MP|x|A|nonsense\n\xff\n")
check("a bad line is told with its place, and the others count", (status, "stdin:5" in err, out.count(b"\n")), (2, True, 2))
check("files, one after the other", [short(r) for r in rows(*ROV, "-i", write("a", LINES.splitlines(True)[1]), "-i",
      write("b", LINES.splitlines(True)[3]))], [("announced", "198.51.100.0/24", None, "rov"),
                                                 ("withdrawn", "198.51.100.0/24", "rov", None)])

# An archive: RFC 6396 section 4.4.3, BGP4MP_MESSAGE_AS4: both ASes, interface, AFI, both addresses, the message.
UPDATE = bmp_router.announce(["198.51.100.0/24"], [64500, 64496], "10.0.0.1")
BODY = (64500).to_bytes(4, "big") + (64510).to_bytes(4, "big") + b"\0\0\0\1" + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + UPDATE
MRT = (1700000000).to_bytes(4, "big") + b"\0\x10\0\4" + len(BODY).to_bytes(4, "big") + BODY
got = rows(*ROV, "-i", write("mrt", MRT))
check("MRT", ([short(r) for r in got], got[0]["peer"], got[0]["asn"], got[0]["time"]),
      ([("announced", "198.51.100.0/24", None, "rov")], "10.0.0.1", 64500, "2023-11-14T22:13:20.000Z"))
check("an archive that is cut", [short(r) for r in rows(*ROV, "-i", write("cut", MRT + MRT[:30]), status=2)],
      [("announced", "198.51.100.0/24", None, "rov")])

# NLRI of 33 bits: RFC 4271 section 6.3 has it end the session (3/10), so no route of it counts.
LOST = bmp_router.announce(["198.51.100.0/24"], [64500, 64496], "10.0.0.1")[:-4] + bytes([33, 198, 51, 100, 0, 0])
LOST = bmp_router.bgp(2, LOST[19:])
LOST_MRT = BODY[:20] + LOST
LOST_MRT = (1700000000).to_bytes(4, "big") + b"\0\x10\0\4" + len(LOST_MRT).to_bytes(4, "big") + LOST_MRT
status, out, err = manrs("watch", "--vrps", VRPS, *ROV, "-i", write("lost", LOST_MRT * 12 + MRT))
check("an UPDATE of an archive whose routes are lost is said, the first few times",
      (status, out.count(b"\n"), err.count("10.0.0.1 AS64500: an UPDATE whose routes are lost: session-reset: NLRI cannot be read"),
       "byte %d: " % (len(LOST_MRT) + 1) in err, "12 UPDATEs whose routes are lost" in err), (2, 1, 10, True, True))

# ---- policies ----

POLICIES = """# whom we know
[default]
role = provider
tests = rov

[customers]
peers = 10.0.0.1, AS64501   # by address, by AS
role = customer
tests = bogon-prefix

[10.0.0.0/8]
role = peer
tests = prefix-len
"""
PEERS = (dump("A", "198.51.100.0/25", "64500 64496") + dump("A", "198.51.100.0/25", "64501 64496", "172.16.0.1", 64501) +
         dump("A", "198.51.100.0/25", "64502 64496", "10.9.9.9", 64502) +
         dump("A", "198.51.100.0/25", "64503 64496", "172.16.0.3", 64503))
got = rows("--sessions", write("policies", POLICIES), stdin=PEERS)
check("each session by its own policy", [(r["peer"], r["after"]["fail"]) for r in got],
      [("10.0.0.1", ["bogon-prefix"]), ("172.16.0.1", ["bogon-prefix"]), ("10.9.9.9", ["prefix-len"]), ("172.16.0.3", ["rov"])])
check("a policy alone is the default", [r["after"]["fail"] for r in rows("--sessions", write(
    "one", "role = customer\ntests = rov\n"), stdin=PEERS)], [["rov"]] * 4)
NO_DEFAULT = write("no_default", POLICIES[POLICIES.index("[customers]"):])
status, out, err = manrs("watch", "--vrps", VRPS, "--sessions", NO_DEFAULT, stdin=PEERS)
check("a session without a policy is said, and an error", (status, out.count(b"\n"), "172.16.0.3 AS64503: no policy" in err), (2, 3, True))
check("--role is the default then", len(rows("--sessions", NO_DEFAULT, *ROV, stdin=PEERS)), 4)
for what, text, place in (
        ("an unknown key", POLICIES + "nonsense = 1\n", "policies:14: "), ("no role", POLICIES + "[x]\n", ":"),
        ("a peer twice", POLICIES + "[AS64501]\nrole = peer\n", "policies:14: "), ("no heading", "[]\n", "policies:1: "),
        ("no peer", "[x]\npeers = 10.0.0.1 nobody\nrole = peer\n", "policies:2: "),
        ("an empty file", "# later\n", "policies: "), ("a peer with a slip in it", POLICIES + "[192.0.2.l]\nrole = peer\n", "policies:14: "),
        ("two defaults", POLICIES + "[policy]\nrole = peer\n", "policies:14: ")):
    status, out, err = manrs("watch", "--vrps", VRPS, "--sessions", write("policies", text), stdin=PEERS)
    check(f"{what}: {err}", (status, out, place in err), (2, b"", True))

# ---- usage ----

for what, args in (("no VRPs", ROV), ("no policy", ("--vrps", VRPS)), ("stdin twice", ("--vrps", "-", *ROV)),
                   ("no such view", ("--vrps", VRPS, *ROV, "--view", "all")), ("no such test", ("--vrps", VRPS, *ROV, "--fail-on", "x")),
                   ("a host name", ("--vrps", VRPS, *ROV, "--bmp", "localhost:1")), ("no such file", ("--vrps", path("none"), *ROV)),
                   ("no input", ("--vrps", VRPS, *ROV, "-i", path("none")))):
    status, out, err = manrs("watch", *args, stdin=LINES)
    check(f"{what}: {err}", (status, out, err != ""), (2, b"", True))
# ---- what waits for a clock: all at once, beside the rest ----


def no_cache():
    check("a cache that does not answer is status 3", manrs("watch", "--vrps", "rtr://127.0.0.1:1", "--timeout", 1, *ROV)[0], 3)


def half_a_message():
    with Watch("--bmp", LOCAL, "--message-timeout", 1) as w:
        one = Peer()
        whole, sock = w.router(initiation(), one.up()), w.router(initiation("r2"), one.up()[:40])
        check("half a message that does not end", sock.recv(10) == b"" and w.said("a message that does not end"))
        whole.sendall(one.announce(["198.51.100.0/24"], [64500, 64496]))
        check("and one that says nothing has time", w.has("announced", "198.51.100.0/24", None, "rov"))


def a_hold():
    with Watch("--bmp", LOCAL, "--hold", 3, "--state") as w:
        one = Peer()
        sock = w.router(initiation(), one.up(), one.announce(["198.51.100.0/24", "198.51.100.0/25"], [64500, 64498]))
        check("two routes", wait_for(lambda: len(w.rows) == 2))
        sock.close()
        check("the router has gone", w.said("the router has gone"))
        sock = w.router(initiation(), one.up(), one.announce(["198.51.100.0/24"], [64500, 64498]), one.end_of_rib())
        check("what it sends again has stayed, and what it does not goes at End-of-RIB",
              wait_for(lambda: len(w.rows) >= 3) and [short(r) for r in w.rows[2:]], [("withdrawn", "198.51.100.0/25", "rov", None)])
        sock.close()
        check("and goes when the hold is over", w.has("withdrawn", "198.51.100.0/24", "rov", None))


def too_old():
    BUILT = write("built.json", json.dumps({"metadata": {"buildtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, "roas": [
        {"asn": 64497, "prefix": "198.51.100.0/24", "maxLength": 24}]}))
    with Watch("--bmp", LOCAL, "--max-age", 3, vrps=BUILT) as w:
        sock = w.router(initiation(), Peer().up(), Peer().announce(["198.51.100.0/24"], [64500, 64496]))
        check("by data that is new", w.has("announced", "198.51.100.0/24", None, "rov"))
        check("...which is too old now", w.has("changed", "198.51.100.0/24", "rov", "") and w.said("the data is too old"))
        check("what rests on it is unknown", w.rows[1]["after"]["unknown"], ["rov"])
        check("and that is status 3", w.end(), 3)


def a_slow_reader():
    """The router waits, no row is lost."""
    MANY = 40000
    with subprocess.Popen(
            [os.path.join(os.environ.get("B", "build"), "manrs"), "watch", "--vrps", VRPS, *ROV, "--explain", "--bmp", LOCAL],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as slow:
        port = int(slow.stderr.readline().decode().split(": listening")[0].rsplit(":", 1)[1])
        sock = connect(("127.0.0.1", port), initiation(), Peer().up())
        nets = [f"198.51.100.{i}/32" for i in range(256)]
        sock.settimeout(0.5)
        sent, data = 0, Peer().announce(nets, [64500, 64498]) + Peer().withdraw(nets)
        try:
            while sent < MANY:
                sock.sendall(data)
                sent += 1
        except TimeoutError:
            pass
        check("a router waits while rows wait", sent < MANY)
        sock.close()
        drained = threading.Thread(target=lambda: check("rows come as pairs", slow.stdout.read().count(b" -> none") > 256), daemon=True)
        drained.start()
        time.sleep(0.5)
        slow.terminate()
        slow.stderr.read()
        drained.join(20)
        check("it ends when they are taken", slow.wait(20), 0)


def run(case):
    try:
        case()
    except BaseException as error:  # also of a daemon that does not come up
        check(case.__name__, repr(error), None)


waits = [threading.Thread(target=run, args=(case,)) for case in (no_cache, half_a_message, a_hold, too_old, a_slow_reader)]
for one in waits:
    one.start()

# ---- routers ----

with Watch("--bmp", LOCAL, "--bmp", LOCAL) as w:
    one = Peer()
    sock = w.router(initiation(), one.up(), one.announce(["198.51.100.0/24", "192.0.2.0/24"], [64500, 64496]))
    check("a router's route that fails", w.has("announced", "198.51.100.0/24", None, "rov"))
    row = w.rows[0]
    check("its session", (row["router"], row["peer"], row["asn"], row["view"]), ("r1", "192.0.2.1", 64500, "pre"))
    check("what is said of it", w.said("r1 192.0.2.1 AS64500: up") and w.said("router r1"))
    half = one.withdraw(["198.51.100.0/24"])
    sock.sendall(half[:20])
    time.sleep(0.1)
    check("half a message is none", len(w.rows), 1)
    sock.sendall(half[20:])
    check("its other half", w.has("withdrawn", "198.51.100.0/24", "rov", None))
    sock.sendall(one.announce(["198.51.100.0/24"], [64500, 64498]) + one.down())
    check("a peer that is down", w.said("AS64500: down") and wait_for(lambda: len(w.rows) == 4))
    sock.sendall(one.up() + one.announce(["198.51.100.0/24"], [64500, 64498], bmp_router.POST_POLICY))
    check("after the policy, where there is no other view", wait_for(lambda: len(w.rows) == 5) and w.rows[4]["view"], "post")
    sock.sendall(one.announce(["198.51.100.0/25"], [64500, 64498]))
    check("the better view takes its place", wait_for(lambda: len(w.rows) == 7) and
          sorted((r["event"], r["view"]) for r in w.rows[5:]), [("announced", "pre"), ("withdrawn", "post")])
    # What FRR 8.4 does for a neighbour without soft-reconfiguration: every route is withdrawn before the policy.
    two = Peer("192.0.2.7", 64507)
    sock.sendall(two.up() + two.end_of_rib() + two.end_of_rib(bmp_router.POST_POLICY) + two.withdraw(["192.0.2.0/25"]) +
                 two.announce(["192.0.2.0/25"], [64507, 64498], bmp_router.POST_POLICY) + two.withdraw(["192.0.2.0/25"]) + two.end_of_rib())
    check("a view that only withdraws takes no place", wait_for(lambda: len(w.rows) == 8) and
          (w.rows[7]["event"], w.rows[7]["view"], w.rows[7]["peer"]), ("announced", "post", "192.0.2.7"))
    sock.sendall(two.down())
    check("its routes go with it", wait_for(lambda: len(w.rows) == 9) and w.rows[8]["event"], "withdrawn")
    other = connect(w.at("BMP", 1), initiation("r2"), Peer("192.0.2.2").up(), Peer("192.0.2.2").announce(["192.0.2.0/25"], [64500, 64496]))
    check("another router, at another socket", wait_for(lambda: len(w.rows) == 10) and w.rows[9]["router"], "r2")
    sock.close()
    check("a router that has gone", w.has("withdrawn", "198.51.100.0/25", "rov", None) and w.said("the router has gone"))
    other.sendall(Peer("192.0.2.2").announce(["10.0.0.0/24"])[:30])
    other.close()
    check("...within a message", w.said("gone within a message") and w.has("withdrawn", "192.0.2.0/25", "rov", None))
    bad = w.router(b"GET / HTTP/1.1\r\n\r\n")
    check("one that speaks something else is closed, with a word", bad.recv(10) == b"" and w.said("closed: "))
    last = w.router(initiation("r3"), termination())
    check("one that says goodbye", last.recv(10) == b"" and w.said("terminated by the router"))
    check("it ends by SIGTERM", w.end(), 0)

# FRR up to 10 puts its own AS before what it got. Its tests are asked of what the neighbour sent: 64510 is the router's.
def with_set(path, members):
    """AS_PATH, with an AS_SET at its end."""
    segments = bytes([2, len(path)]) + b"".join(asn.to_bytes(4, "big") for asn in path) + bytes([1, len(members)]) + b"".join(
        asn.to_bytes(4, "big") for asn in members)
    attributes = (bmp_router.attribute(0x40, 1, b"\0") + bmp_router.attribute(0x40, 2, segments) +
                  bmp_router.attribute(0x40, 3, bytes([192, 0, 2, 1])))
    return bmp_router.bgp(2, bytes(2) + len(attributes).to_bytes(2, "big") + attributes + bmp_router.nlri(["198.51.100.0/25"]))


LOOPS = ("--role", "customer", "--local-as", 64510, "--tests", "first-as,path-loop")
with Watch("--bmp", LOCAL, "--show", "all", "--state", policy=LOOPS) as w:
    one = Peer()
    sock = w.router(initiation("frr"), one.up(), one.announce(["192.0.2.0/24"], [64510, 64500, 64496]), one.announce(["198.51.100.0/24"], [64510, 64499]),
                    one.announce(["10.0.0.0/8"], [64510, 64500, 64510]), one.routes(with_set([64510, 64500, 64501], [64502, 64503])))
    check("four routes", wait_for(lambda: len(w.rows) == 4))
    check("it is told", w.said("its own AS64510 stands before what it got"))
    w.process.send_signal(signal.SIGUSR1)
    check("a router's own AS before the neighbour's is taken off, and no other", wait_for(lambda: len(w.rows) == 8) and
          [(r["prefix"], r["as_path"], r["verdict"]["fail"]) for r in w.rows[4:]],
          [("10.0.0.0/8", "64500 64510", ["path-loop"]), ("192.0.2.0/24", "64500 64496", []),
           ("198.51.100.0/24", "64510 64499", ["path-loop", "first-as"]), ("198.51.100.0/25", "64500 64501 {64502,64503}", [])])

ATTRIBUTES = bmp_router.attribute(0x40, 1, b"\0")
BROKEN = Peer().routes(bmp_router.bgp(2, b"\0\0\xff\xff" + ATTRIBUTES))
with Watch("--bmp", LOCAL, "--view", "pre,post", "--show", "all", "--allow", "127.0.0.0/8", "--max-routers", 2) as w:
    one = Peer("2001:db8::1", 4200000001)
    sock = w.router(initiation(), one.up(), BROKEN, one.announce(["192.0.2.0/24"]), one.announce(["192.0.2.0/24"], flags=bmp_router.POST_POLICY))
    check("both views, where asked; a message that cannot be read is passed over",
          wait_for(lambda: len(w.rows) == 2) and sorted(r["view"] for r in w.rows), ["post", "pre"])
    check("IPv6, a large AS", (w.rows[0]["peer"], w.rows[0]["asn"]), ("2001:db8::1", 4200000001))
    full = [w.router(), w.router()]
    check("no more than --max-routers", full[1].recv(1) == b"" and w.said("--max-routers are connected"))

# What cannot be used is said, by whom and why; LOST ends a session, and a mirrored one is told of the peer that sent it.
with Watch("--bmp", LOCAL, "--view", "post") as w:
    one = Peer()
    sock = w.router(initiation(), one.up(), *[one.routes(LOST)] * 7, one.mirror(LOST), one.mirror(LOST[:16] + b"\0\x13\x07"), one.mirror(UPDATE),
                    one.mirror(UPDATE, errored=True), one.announce(["198.51.100.0/24"], [64500, 64496], bmp_router.POST_POLICY))
    check("the next message counts", w.has("announced", "198.51.100.0/24", None, "rov"))
    check("what could not be used is said", w.said("the router could not use it"))
    said = "r1 192.0.2.1 AS64500: an UPDATE whose routes are lost: session-reset: NLRI cannot be read"
    check("an UPDATE whose routes are lost is said, the first few times", sum(said in line for line in w.lines), 5)
    check("a malformed message that is mirrored", [line.split("mirrored: ")[1] for line in w.lines if "mirrored: " in line],
          ["session-reset: NLRI cannot be read", "type 7, NOTIFICATION 1/3", "the router could not use it"])
    sock.close()
    check("and how many they were", w.said("7 messages were bad, 3 mirrored ones malformed"))

# A router that comes again before its dead connection is noticed: the older one goes. Another router's peers are its own.
with Watch("--bmp", LOCAL) as w:
    one = Peer()
    routes = one.announce(["198.51.100.0/24"], [64500, 64496])
    other = w.router(initiation("r2"), one.up(), routes)
    dead = w.router(initiation(), one.up(), routes)
    check("the same peer of two routers", wait_for(lambda: len(w.rows) == 2))
    again = w.router(initiation(), one.up(), routes)
    check("a router that has connected again", dead.recv(10) == b"" and w.said("the router has connected again"))
    check("has its routes once", wait_for(lambda: len(w.rows) == 4) and sorted((r["event"], r["router"]) for r in w.rows[2:]),
          [("announced", "r1"), ("withdrawn", "r1")])
    again.sendall(one.withdraw(["198.51.100.0/24"]))
    other.sendall(one.withdraw(["198.51.100.0/24"]))
    check("and the others theirs", wait_for(lambda: len(w.rows) == 6) and sorted(r["router"] for r in w.rows[4:]), ["r1", "r2"])

# ---- many ----

with Watch("--bmp", LOCAL) as w:
    where, socks = w.bmp(), []
    for i in range(200):
        peer = Peer(f"10.1.{i // 100}.{i % 100 + 1}", 64600 + i)
        socks.append(connect(where, initiation(f"m{i}"), peer.up(), peer.announce(["198.51.100.0/24"], [64600 + i, 64496])))
    check("200 routers at once", wait_for(lambda: len(w.rows) == 200, 20) and len({(r["router"], r["asn"]) for r in w.rows}), 200)
    for sock in socks[::2]:
        sock.close()
    check("half of them go", wait_for(lambda: len(w.rows) == 300, 20) and sum(r["event"] == "withdrawn" for r in w.rows), 100)
    w.process.send_signal(signal.SIGUSR1)
    check("SIGUSR1: the state", wait_for(lambda: len(w.rows) == 400) and sum(r["event"] == "route" for r in w.rows), 100)

# ---- data that changes ----

CHANGING = write("changing.csv", csv("AS64496,192.0.2.0/24,24,x", "AS64498,198.51.100.0/24,24,x"))


def other_vrps(*vrps):
    write("changing.new", csv(*vrps))
    os.rename(path("changing.new"), path("changing.csv"))


with Watch("--bmp", LOCAL, "--sessions", write("reread", "[default]\nrole = provider\ntests = rov\n"), vrps=CHANGING, policy=()) as w:
    one = Peer()
    sock = w.router(initiation(), one.up(), one.announce(["198.51.100.0/24", "192.0.2.0/24"], [64500, 64496]))
    check("it fails", w.has("announced", "198.51.100.0/24", None, "rov"))
    other_vrps("AS64496,192.0.2.0/24,24,x", "AS64496,198.51.100.0/24,24,x")
    w.process.send_signal(signal.SIGHUP)
    check("a file that changes makes it pass", w.has("changed", "198.51.100.0/24", "rov", ""))
    check("and nothing else", len(w.rows), 2)
    write("reread", "[default]\nrole = provider\ntests = rov\n[AS64500]\nrole = customer\ntests = prefix-len\nprefix-length-4 = 8-23\n")
    w.process.send_signal(signal.SIGHUP)
    check("policies are read again", w.has("changed", "198.51.100.0/24", "", "prefix-len") and w.has("changed", "192.0.2.0/24", "", "prefix-len"))
    write("reread", "[default]\nnonsense\n")
    w.process.send_signal(signal.SIGHUP)
    check("a bad file of them changes nothing", w.said("the policies stay as they were") and len(w.rows) == 4)
    write("reread", "[AS64501]\nrole = customer\n")
    w.process.send_signal(signal.SIGHUP)
    check("a session that no policy names any more is said", w.said("no policy names it any more") and wait_for(lambda: len(w.rows) == 6))
    write("reread", "[default]\nrole = provider\ntests = rov\n")
    w.process.send_signal(signal.SIGHUP)
    check("and its router is asked to send it again when one does", sock.recv(1), b"")

with Daemon("--vrps", CHANGING, "--listen", LOCAL, "--notify-interval", "0") as cache:
    check("a cache", cache.serving())
    host, port = cache.at()
    with Watch("--bmp", LOCAL, vrps=f"rtr://{host}:{port}") as w:
        sock = w.router(initiation(), Peer().up(), Peer().announce(["192.0.2.0/24"], [64500, 64499]))
        check("by a cache's data", w.has("announced", "192.0.2.0/24", None, "rov"))
        other_vrps("AS64499,192.0.2.0/24,24,x", "AS64496,198.51.100.0/24,24,x")
        cache.process.send_signal(signal.SIGHUP)
        check("what the cache notifies", w.has("changed", "192.0.2.0/24", "rov", ""))

# ---- a service manager ----

sock = manager(path("notify"))
with Watch("--bmp", LOCAL, env=dict(os.environ, NOTIFY_SOCKET=path("notify"), WATCHDOG_USEC="600000")) as w:
    check("ready is told", told(sock, "READY=1"), "READY=1")
    check("when it listens", bool(w.bmp()))
    check("and how it stands", told(sock, "STATUS="), "STATUS=watching: 0 routers, 0 sessions, 0 routes")
    router = w.router(initiation(), Peer().up(), Peer().announce(["192.0.2.0/24", "198.51.100.0/24"], [64500, 64496]))
    check("beats", told(sock, "WATCHDOG=1") and told(sock, "WATCHDOG=1"), "WATCHDOG=1")
    check("what has changed since", told(sock, "STATUS=watching: 1 routers, 1 sessions, 2"), "STATUS=watching: 1 routers, 1 sessions, 2 routes")
    w.process.send_signal(signal.SIGHUP)
    check("a reload", told(sock, "RELOADING=1") and told(sock, "READY=1"), "READY=1")
    w.process.terminate()
    check("the end is told", told(sock, "STOPPING=1"), "STOPPING=1")
    check("and comes", w.process.wait(5), 0)
with subprocess.Popen([MANRS, "watch", "--vrps", VRPS, *ROV, "-i", path("a")], stdout=subprocess.PIPE,
                      env=dict(os.environ, NOTIFY_SOCKET=path("notify"))) as w:
    check("so is that of its inputs", (told(sock, "STOPPING=1"), w.wait(5)), ("STOPPING=1", 0))
sock.close()

for one in waits:
    one.join()

# ---- HTTP ----

if b"HTTP: none" in manrs("--version")[1]:
    skip("libmicrohttpd is not built in")
    close()

def get(d, target):
    c = http.client.HTTPConnection(*d.at("HTTP"), timeout=5)
    c.request("GET", target)
    r = c.getresponse()
    got = r.status, r.read().decode()
    c.close()
    return got


with Watch("--bmp", LOCAL, "--http", LOCAL) as w:
    one = Peer()
    sock = w.router(initiation(), one.up(), one.routes(LOST), one.mirror(LOST), one.announce(["198.51.100.0/24", "192.0.2.0/24"], [64500, 64496]))
    check("a route", w.has("announced", "198.51.100.0/24", None, "rov"))
    check("/health", get(w, "/health"), (200, "watching\n"))
    status, text = get(w, "/metrics")
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    check("/metrics", (status, [samples.get("manrs_watch_" + name) for name in (
        "routes", "routers", "sessions_up", 'verdicts{test="rov",state="fail"}', 'verdicts{test="rov",state="pass"}',
        'changes_total{kind="announced"}', "healthy", "bmp_bad_messages_total", "bmp_mirrored_malformed_total", "input_bad_total")]),
          (200, ["2", "1", "1", "1", "1", "2", "1", "1", "1", "0"]))
    status, text = get(w, "/state")
    check("/state", (status, [(r["prefix"], r["verdict"]["fail"]) for r in map(json.loads, text.splitlines())]),
          (200, [("192.0.2.0/24", []), ("198.51.100.0/24", ["rov"])]))
    check("/state of a prefix", [json.loads(line)["prefix"] for line in get(w, "/state?prefix=192.0.0.0/16")[1].splitlines()], ["192.0.2.0/24"])
    check("of none", get(w, "/state?prefix=192.0.2.1/24")[0], 400)
    check("another page", get(w, "/json")[0], 404)

close()
