#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`manrs watch` under the BMP of real routers, by the VRPs of `manrs rtrd`, while both change.

    two BGP speakers --> FRR, GoBGP --BMP--> manrs watch <--RTR-- tap <-- manrs rtrd <-- file

What is asked for is what a linear scan of RFC 6811 says of the routes that the speakers announced: no more, no less. Then a
router that is killed and comes back, half a message, and 200 routers at once. How fast a change is told and what the station
takes is printed. A router that is not installed is skipped and counted; without root and namespaces all of it is."""

import collections
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cli")]
import bmp_router
import rtr_lab as lab

MANRS = os.path.abspath(os.path.join(os.environ.get("B", "build"), "manrs"))
CAPTURE = os.path.join(HERE, "..", "..", "..", "shared", "data", "wire", "lab-2026-11", "bmp-frr-8.4.4")
CACHE, BMP, HTTP, STATION = 8282, 11019, 9847, "10.99.0.9"
SPEAKERS = {"10.99.0.4": 65004, "10.99.0.6": 65006}
BOUND = 5  # seconds from the cache's notify to the last row: a second is what is meant, machines of tests are slow
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, good, note=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL %s: %s" % (name, note))


def skip(why):
    counts["skipped"] += 1
    print("skipped: " + why)


def differ(got, wanted):
    """What is wrong, short."""
    got, wanted = collections.Counter(got), collections.Counter(wanted)
    return "missing %s, too much %s" % (str(list((wanted - got).items()))[:400], str(list((got - wanted).items()))[:400])


# ---- the station ----


class Station:
    """`manrs watch`, its rows with the time at which each came."""

    def __init__(self, folder, vrps, *options):
        words = [MANRS, "watch", "--vrps", vrps, "--role", "customer", "--bmp", "%s:%d" % (STATION, BMP), "--http", "%s:%d" % (STATION, HTTP)]
        self.log = os.path.join(folder, "watch.log")
        self.rows, self.at = [], []
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([*words, "--show", "all", "-f", "jsonl", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        lab.running.append(self)
        threading.Thread(target=self._read, daemon=True).start()
        if not lab.until(lambda: ":%d " % BMP in lab.run("ss", "-Hltn"), 10, 0.05):
            raise RuntimeError("the station does not listen: " + self.said())

    def _read(self):
        for line in self.process.stdout:
            self.at.append(time.monotonic())
            self.rows.append(json.loads(line))

    def said(self):
        with open(self.log) as file:
            return file.read()

    def get(self, page):
        http_ = http.client.HTTPConnection(STATION, HTTP, timeout=10)
        http_.request("GET", page)
        text = http_.getresponse().read().decode()
        http_.close()
        return text

    def state(self):
        return [json.loads(line) for line in self.get("/state").splitlines()]

    def took(self):
        """Memory at most, MiB; CPU, seconds."""
        with open("/proc/%d/status" % self.process.pid) as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return "%.1f MiB, %.2f s of CPU" % (peak, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))

    def stop(self):
        """Its exit code."""
        if self in lab.running:
            lab.running.remove(self)
        self.process.terminate()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def rov(verdict):
    """A verdict's part of route origin validation, as RFC 6811 calls it."""
    if verdict is None:
        return None
    found = [word for word, tests in (("invalid", "fail"), ("not-found", "unknown"), ("valid", "pass")) if "rov" in verdict[tests]]
    return found[0] if len(found) == 1 else found


# ---- routers ----


class Frr(lab.Router):
    name, programs, address = "frr", ("/usr/lib/frr/bgpd", "vtysh", "bgpd_bmp.so"), "10.99.0.1"
    SOFT = ("10.99.0.4",)  # neighbours whose Adj-RIB-In it keeps; of the other's routes it says before the policy that they go

    def start(self):
        lines = ["hostname frr", "router bgp 65001", " bgp router-id 10.99.0.1", " no bgp ebgp-requires-policy", " bmp targets T1",
                 "  bmp connect %s port %d min-retry 100 max-retry 500" % (STATION, BMP)]
        lines += ["  bmp monitor %s unicast %s-policy" % (family, view) for family in ("ipv4", "ipv6") for view in ("pre", "post")] + [" exit"]
        for peer, asn in SPEAKERS.items():
            lines += [" neighbor %s %s" % (peer, more) for more in ("remote-as %d" % asn, "passive", "disable-connected-check")]
        for family in ("ipv4", "ipv6"):
            lines += [" address-family %s unicast" % family]
            lines += ["  neighbor %s activate" % peer for peer in SPEAKERS]
            lines += ["  neighbor %s soft-reconfiguration inbound" % peer for peer in self.SOFT]
            lines += [" exit-address-family"]
        conf = self.file("bgpd.conf", "\n".join(lines) + "\n")
        self.process = lab.Process(self.folder, "bgpd", "/usr/lib/frr/bgpd", "-S", "-Z", "-P", "0", "-l", self.address, "-f", conf, "-i",
                                   self.file("pid"), "--vty_socket", self.folder, "-M", "bmp")


class GoBgp(lab.Router):
    name, programs, address = "gobgp", ("gobgpd",), "10.99.0.5"

    def start(self):
        conf = '[global.config]\n as = 65005\n router-id = "10.99.0.5"\n local-address-list = ["10.99.0.5"]\n'
        for peer, asn in SPEAKERS.items():
            conf += '[[neighbors]]\n [neighbors.config]\n  neighbor-address = "%s"\n  peer-as = %d\n' % (peer, asn)
            conf += " [neighbors.transport.config]\n  passive-mode = true\n"
            for family in ("ipv4", "ipv6"):
                conf += ' [[neighbors.afi-safis]]\n  [neighbors.afi-safis.config]\n   afi-safi-name = "%s-unicast"\n' % family
        conf += '[[bmp-servers]]\n [bmp-servers.config]\n  address = "%s"\n  port = %d\n  route-monitoring-policy = "pre-policy"\n' % (STATION, BMP)
        words = ("gobgpd", "-t", "toml", "-f", self.file("gobgpd.toml", conf), "--api-hosts", "127.0.0.1:50051", "--log-plain", "--pprof-disable")
        self.process = lab.Process(self.folder, "out", *words)


class Tap(lab.Tap):
    """Notes when the cache notifies."""

    notified = 0.0

    def _answer(self, pdus, at, length):
        if pdus[at + 1] == 0:  # RFC 8210 section 5.2
            self.notified = time.monotonic()
        super()._answer(pdus, at, length)


class Lab:
    def __init__(self, folder, routers):
        self.folder, self.path, self.routers = folder, os.path.join(folder, "vrps.json"), routers
        self.vrps = lab.some_vrps(1, 300)
        lab.write_json(self.path, self.vrps)
        words = (MANRS, "rtrd", "--vrps", self.path, "--listen", "127.0.0.1:%d" % CACHE, "--notify-interval", "1")
        self.cache = lab.Process(folder, "rtrd", *words)
        if not lab.until(lambda: ":%d " % CACHE in lab.run("ss", "-Hltn"), 10, 0.05):
            raise RuntimeError("the cache does not listen: " + self.cache.said())
        self.tap = Tap(CACHE)
        self.station = Station(folder, "rtr://127.0.0.1:%d" % self.tap.port)
        self.routes = {peer: lab.some_routes(self.vrps, 2 + i, 60) for i, peer in enumerate(SPEAKERS)}
        self.speakers = {}
        for router in routers:
            self.up(router)

    def up(self, router):
        router.start()
        for peer, asn in SPEAKERS.items():
            self.speakers[router, peer] = lab.Speaker(peer, router.address, asn, self.routes[peer])

    def rows(self, vrps, routers=None):
        """What shall stand: router, peer, AS, prefix, origin, state."""
        routes = [(peer, asn, *route, lab.state(vrps, *route)) for peer, asn in SPEAKERS.items() for route in self.routes[peer].items()]
        return {(router.name, *route) for router in routers or self.routers for route in routes}

    def stands(self, name, routers=None, seconds=15):
        """Waits until it does."""
        wanted, got = self.rows(self.vrps, routers), []

        def good():
            got[:] = [(*key(row), rov(row["verdict"])) for row in self.station.state()]
            return collections.Counter(got) == collections.Counter(wanted)

        check(name, lab.until(good, seconds), differ(got, wanted))

    def told(self, name, since, wanted, seconds=10):
        """Waits for rows after the first `since`, and for no more than these."""
        lab.until(lambda: len(self.station.rows) >= since + len(wanted), seconds, 0.02)
        time.sleep(0.3)
        got = [(row["event"], *key(row), rov(row["before"]), rov(row["after"])) for row in self.station.rows[since:]]
        check(name, collections.Counter(got) == collections.Counter(wanted), differ(got, wanted))


def key(row):
    return row["router"].lower(), row["peer"], row["asn"], row["prefix"], row["origin"]


def changes(before, after):
    """The rows that lead from one standing set to another."""
    old, new = ({row[:5]: row[5] for row in rows} for rows in (before, after))
    return [({True: "changed", False: "announced" if route in new else "withdrawn"}[route in old and route in new], *route, old.get(route), new.get(route))
            for route in old.keys() | new.keys() if old.get(route) != new.get(route)]


# ---- what is asked of them ----


def the_cache_changes(net, seed):
    """Some VRPs go, some come: a row for each route whose state is another, none for any other."""
    before, since = net.rows(net.vrps), len(net.station.rows)
    mine = sorted(net.vrps)
    vrps = set(mine[:40] + mine[60:]) | lab.some_vrps(seed, 20)
    wanted = changes(before, net.rows(vrps))
    net.tap.notified = 0.0
    lab.write_json(net.path, vrps)
    written = time.monotonic()
    os.kill(net.cache.process.pid, signal.SIGHUP)
    net.vrps = vrps
    net.told("VRPs change: these rows, and no other", since, wanted)
    check("... some", len(wanted) > 4 and net.tap.notified, (len(wanted), net.tap.notified))
    took = (net.station.at[-1] - net.tap.notified) * 1000
    print("%d verdicts changed: the last row %.1f ms after the cache's notify, which came %.1f ms after the file" % (len(wanted), took, (net.tap.notified - written) * 1000))
    check("... within %d s of the notify" % BOUND, took < BOUND * 1000, took)


def routes_change(net):
    """In each family a valid route is withdrawn, and one is announced again with an origin that no VRP has, to all routers."""
    peer, asn = next(iter(SPEAKERS.items()))
    routes, since = dict(net.routes[peer]), len(net.station.rows)
    valid = [prefix for prefix in sorted(routes) if lab.state(net.vrps, prefix, routes[prefix]) == "valid"]
    fours, sixes = ([prefix for prefix in valid if (":" in prefix) == six] for six in (False, True))
    gone, others = (fours[0], sixes[0]), dict.fromkeys((fours[1], sixes[1]), 64999)
    net.routes[peer] = {prefix: origin for prefix, origin in {**routes, **others}.items() if prefix not in gone}
    wanted = []
    for router in net.routers:
        net.speakers[router, peer].withdraw(gone)
        net.speakers[router, peer].announce(others)
        wanted += [("withdrawn", router.name, peer, asn, prefix, routes[prefix], "valid", None) for prefix in gone]
        wanted += [("changed", router.name, peer, asn, prefix, 64999, "valid", "invalid") for prefix in others]
    net.told("routes that are withdrawn, and have another origin: these rows, and no other", since, wanted)
    net.stands("... and so it stands")


def a_router_dies(net, router):
    others = [one for one in net.routers if one is not router]
    since, stood = len(net.station.rows), net.rows(net.vrps)
    os.kill(router.process.process.pid, signal.SIGKILL)
    router.process.stop()
    net.told(router.name + " is killed: its routes go, and no other", since, changes(stood, net.rows(net.vrps, others)))
    net.stands("... the others stay", others)
    for peer in SPEAKERS:
        net.speakers[router, peer].close()
    since = len(net.station.rows)
    net.up(router)
    net.stands("... and are there again when it comes back")
    rows = net.station.rows[since:]
    # FRR sends what it has after the policy first; where the better view comes the other is withdrawn.
    check("... told as new ones", {row["router"].lower() for row in rows} == {router.name} and "changed" not in {row["event"] for row in rows}, rows[:3])


def half_a_message(net):
    """A router that ends, or falls silent, within a message: what it said before goes, or stays; nobody else's routes change."""
    peer, since = bmp_router.Peer("192.0.2.1", 64500), len(net.station.rows)
    whole = [bmp_router.initiation("half"), peer.up(), peer.announce(["10.0.0.0/24"], [64500, 64999])]
    half = peer.announce(["10.0.1.0/24"], [64500, 64999])[:60]
    socks = [bmp_router.connect((STATION, BMP), *whole, half, source=source) for source in ("127.9.1.1", "127.9.1.2")]
    route = ("half", "192.0.2.1", 64500, "10.0.0.0/24", 64999)
    stands = lab.state(net.vrps, "10.0.0.0/24", 64999)
    check("half a message: what came before it is judged", lab.until(lambda: len(net.station.rows) == since + 2, 5, 0.02))
    socks[0].close()
    net.told("... one closes: its route goes", since, [("announced", *route, None, stands)] * 2 + [("withdrawn", *route, stands, None)])
    check("... which is said", "the router has gone within a message" in net.station.said())
    the_cache_changes_under_silence(net, route, stands)
    socks[1].close()


def the_cache_changes_under_silence(net, route, before):
    """The other is silent within its message: it holds nobody up, and its route is judged on."""
    since = len(net.station.rows)
    vrps = net.vrps | {("10.0.0.0/24", 24, 64999)}
    wanted = changes(net.rows(net.vrps), net.rows(vrps)) + [("changed", *route, before, "valid")]
    lab.write_json(net.path, vrps)
    os.kill(net.cache.process.pid, signal.SIGHUP)
    net.vrps = vrps
    net.told("... the other is silent: the next change is told all the same", since, wanted)


def as_check_says(net):
    """The standing verdicts of all tests are those of `manrs check`, told the same announcements."""
    lines, wanted = [], {}
    for router in net.routers:
        for peer, asn in SPEAKERS.items():
            for prefix, origin in net.routes[peer].items():
                path = "%d %d" % (asn, origin)
                hop = lab.Speaker.NEXT_HOP_6 if ":" in prefix else peer
                lines.append(json.dumps({"prefix": prefix, "as_path": path, "neighbour": asn, "neighbour_address": peer, "next_hop": hop}))
                wanted[router.name, peer, prefix] = None
    words = [MANRS, "check", "--vrps", net.path, "--role", "customer", "-f", "jsonl"]
    done = subprocess.run(words, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=20)
    codes = tests_of_codes()
    for name, line in zip(wanted, done.stdout.splitlines()):
        row = json.loads(line)
        wanted[name] = [sorted(codes.get(code, code) for code in row[part]) for part in ("fail", "unknown", "pass")]
    got = {(key(row)[0], row["peer"], row["prefix"]): [sorted(row["verdict"][part]) for part in ("fail", "unknown", "pass")]
           for row in net.station.state() if row["router"] != "half"}
    wrong = [(name, got.get(name), wanted[name]) for name in wanted if got.get(name) != wanted[name]]
    check("the standing verdicts are those of `manrs check`", got.keys() == wanted.keys() and not wrong, (len(got), len(wanted), wrong[:2]))


def tests_of_codes():
    """Which test finds what: `manrs check --list-tests`."""
    done = subprocess.run([MANRS, "check", "--list-tests", "-f", "json"], capture_output=True, text=True, timeout=20)
    return {row["name"]: row["test"] for row in json.loads(done.stdout)}


def live(folder):
    routers = []
    for kind in (Frr, GoBgp):
        if kind.missing():
            skip("%s: no %s" % (kind.name, kind.missing()))
        else:
            routers.append(kind(folder))
    if not routers:
        return
    net = Lab(folder, routers)
    net.stands("the routes of %s with their states" % ", ".join(router.name for router in routers))
    as_check_says(net)
    the_cache_changes(net, 11)
    net.stands("... and so it stands")
    routes_change(net)
    for router in routers:
        a_router_dies(net, router)
    half_a_message(net)
    the_cache_changes(net, 12)
    as_check_says(net)
    print("the station took " + net.station.took())
    check("it ends when it is told", net.station.stop() == 0)


# ---- 200 routers ----

ROUTERS = 200


UNTIL = 317  # messages of the capture: the announcer goes down with the next


def of_capture():
    """What FRR 8.4 sent in another lab, and the Adj-RIB-Ins before the policy, as tshark decodes them."""
    with open(CAPTURE + ".bin", "rb") as file:
        sent, end, stands = file.read(), 0, {}
    with open(CAPTURE + ".tshark.tsv") as file:
        lines = file.read().splitlines()[1 : UNTIL + 1]
    for line in lines:
        end += int.from_bytes(sent[end + 1 : end + 5], "big")
        _, kind, _, flags, peer, asn, _, _, _, _, nlri, lens, gone, _, path = line.split("\t")[:15]
        if kind in "23":
            stands = {route: path for route, path in stands.items() if route[0] != peer}
        elif (kind, flags) == ("0", "0x00") and lens:
            nets = ["%s/%s" % both for both in zip((gone or nlri).split(","), lens.split(","), strict=True)]
            for net in nets:
                stands[peer, int(asn), net] = path.replace(",", " ").removeprefix("65001 ")  # FRR's own AS, which is taken off
                if gone:
                    del stands[peer, int(asn), net]
    return sent[:end], {(*route, path) for route, path in stands.items()}


def typed():
    peer = bmp_router.Peer("192.0.2.1", 64500)
    nets = ["10.1.0.0/24", "10.2.0.0/24", "198.51.100.0/24"]
    sent = bmp_router.initiation() + peer.up() + b"".join(peer.announce([net], [64500, 64496 + i]) for i, net in enumerate(nets))
    return sent + peer.withdraw(nets[:1]), {("192.0.2.1", 64500, net, "64500 %d" % (64496 + i)) for i, net in enumerate(nets) if i}


def many(folder):
    if os.path.exists(CAPTURE + ".bin"):
        sent, stands = of_capture()
    else:
        skip("no capture of FRR's BMP: messages typed by hand")
        sent, stands = typed()
    path = os.path.join(folder, "vrps.json")
    vrps = {("10.0.0.0/8", 24, 65004), ("203.0.113.0/24", 24, 65005)}
    lab.write_json(path, vrps)
    station = Station(folder, path, "--view", "pre")
    # Of one address and name they would be one router that connects again and again.
    socks = [bmp_router.connect((STATION, BMP), source="127.9.0.%d" % (at + 1)) for at in range(ROUTERS)]
    wanted = collections.Counter()
    began = time.monotonic()
    for at in range(0, len(sent), 1000):  # all of them at a time, messages cut anywhere
        for sock in socks:
            sock.sendall(sent[at : at + 1000])
    for peer, asn, prefix, path in stands:
        # 10.4.0.0/24 alone came with an AS_SET in the end, and has no origin: RFC 6811 section 2
        wanted[peer, asn, prefix, path, lab.state(vrps, prefix, 0 if prefix == "10.4.0.0/24" else int(path.split()[-1]))] = ROUTERS
    got = collections.Counter()

    def good():
        got.clear()
        got.update((row["peer"], row["asn"], row["prefix"], " ".join(re.findall(r"\d+", row["as_path"])), rov(row["verdict"])) for row in station.state())
        return got == wanted

    check("%d routers at once: %d routes each, their states" % (ROUTERS, len(stands)), lab.until(good, 20) and stands, differ(got, wanted))
    print("%d routers, %d bytes each, %d routes: %.2f s, %s" % (ROUTERS, len(sent), sum(wanted.values()), time.monotonic() - began, station.took()))
    for sock in socks:
        sock.close()
    check("... all of them go", lab.until(lambda: not station.state(), 10), len(station.state()))
    check("it ends when it is told", station.stop() == 0)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the daemons go too
    why = lab.own_namespaces()
    if why:
        skip(why)
    else:
        for address in (STATION, Frr.address, GoBgp.address, *SPEAKERS):
            lab.run("ip", "address", "add", address + "/32", "dev", "lo")
        for part in (live, many):
            folder = lab.scratch()
            try:
                part(folder)
            finally:
                lab.stop_all()
                shutil.rmtree(folder)
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    return 1 if counts["failed"] else 0


sys.exit(main())
