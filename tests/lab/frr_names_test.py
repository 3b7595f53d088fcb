#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A cache by its name under FRR's bgpd: the name server is silent, knows no such name, answers with addresses of both families,
with another one when the cache has moved. bgpd answers its terminal all the while, has no thread more than without, and none of
the children that ask stays. What is expected is what the name server of the test was told (RFC 1035), and the order of RFC 6724."""

import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import ROOT, check, comes, main

NAME, US = "cache.lab.example", 65540
A, AAAA = 1, 28


class Names(threading.Thread):
    """A name server: silent where .records is None, else NXDOMAIN for what is not in it."""

    def __init__(self, host):
        super().__init__(daemon=True)
        self.records, self.asked, self.socket = None, [], []
        maker = threading.Thread(target=self._bind, args=(host,))
        maker.start()
        maker.join()
        self.start()

    def _bind(self, host):
        with open("/run/netns/" + host.name) as space:
            script.ctypes.CDLL(None).setns(space.fileno(), script.CLONE_NEWNET)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host.address, 53))

    def run(self):
        while True:
            query, whom = self.socket.recvfrom(2000)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            kind, name = struct.unpack_from(">H", query, at + 1)[0], ".".join(labels)
            self.asked.append((time.monotonic(), name, kind))
            if self.records is None:
                continue
            known = name in self.records
            found = [a for a in self.records.get(name, ()) if (":" in a) == (kind == AAAA)]
            rows = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(packed)) + packed
                            for packed in (socket.inet_pton(socket.AF_INET6 if kind == AAAA else socket.AF_INET, a) for a in found))
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", 0x8580 if known else 0x8583, 1, len(found), 0, 0) + query[12 : at + 5] + rows, whom)


def resolver(folder, server):
    """What getent reads, in our mounts alone."""
    for name, text in (("resolv.conf", "nameserver %s\n" % server), ("nsswitch.conf", "hosts: files dns\n"), ("hosts", "127.0.0.1 localhost\n")):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", path, ROOT + "/etc/" + name], check=True)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return file.read().split()


def threads(pid):
    return len(os.listdir("/proc/%d/task" % pid))


class Lab:
    def __init__(self, folder):
        self.net = hosts.Hosts("router", "cache", "other", "names")
        self.names = Names(self.net["names"])
        resolver(folder, self.net["names"].address)
        self.files = {}
        for number, name in enumerate(("cache", "other"), 1):
            self.files[name] = os.path.join(folder, name + ".json")
            lab.write_json(self.files[name], {("192.0.%d.0/24" % i, 24, 64500) for i in range(number)})
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, frr_module.OURS).configure([], before=["debug manrs"]).start()
        os.chmod(self.bgpd.folder, 0o777)  # where it writes its file
        os.chmod(self.bgpd.conf, 0o666)
        self.threads = threads(self.bgpd.pid())

    def cache(self, more=""):
        self.bgpd.vty.configure("manrs", "cache %s 8282 preference 1%s" % (NAME, more))

    def forget(self):
        self.bgpd.vty.configure("manrs", "no cache %s 8282" % NAME)

    def row(self):
        return (self.bgpd.json("show manrs json")["caches"] or [{}])[0]

    def vrps(self):
        return self.bgpd.json("show manrs json")["vrps"]

    def nobody_left(self, name):
        comes(name + ": no child is left", lambda: not children(self.bgpd.pid()), 5, note=lambda: children(self.bgpd.pid()))
        check(name + ": no thread more", threads(self.bgpd.pid()) == self.threads, (threads(self.bgpd.pid()), self.threads))


def silent(one):
    one.cache()
    comes("the name server is asked", lambda: len(one.names.asked) > 0, 5)
    check("by a child", len(children(one.bgpd.pid())) == 1, children(one.bgpd.pid()))
    slowest, end = 0, time.monotonic() + 2
    while time.monotonic() < end:
        began = time.monotonic()
        one.bgpd.ask("show version")
        slowest = max(slowest, time.monotonic() - began)
    check("bgpd answers while its name server does not", slowest < 0.5, slowest)
    check("and has no thread for it", threads(one.bgpd.pid()) == one.threads)
    row = one.row()
    check("there is no data yet", (row["host"], row["address"], row["state"]) == (NAME, "", "no data"), row)
    one.forget()
    one.nobody_left("a cache taken away that is being looked up")
    for _ in range(30):
        one.cache()
        one.forget()
    one.nobody_left("and that thirty times")


def unknown(one):
    one.names.records = {}
    one.names.asked.clear()
    one.cache()
    comes("a name without an address is told", lambda: one.row()["trouble"] == "its name has no address", 5, note=one.row)
    check("to who reads too", "its name has no address" in one.bgpd.ask("show manrs"))
    comes("it is asked again", lambda: len({int(at * 20) for at, _, kind in one.names.asked if kind == A}) >= 3, 10)
    times = [at for at, _, kind in one.names.asked if kind == A]
    check("and not over and over", len(times) <= 5, times)
    one.names.records = {NAME: [one.net["cache"].address]}
    comes("when it is known its VRPs come", lambda: one.vrps() == 1, 20, note=one.row)
    row = one.row()
    check("its address is told, and no trouble", (row["address"], row["trouble"]) == (one.net["cache"].address, ""), row)
    one.nobody_left("after a name that came late")
    check("the trouble is logged once", one.bgpd.log().count("its name has no address") == 1)


def both_families(one):
    cache, other = one.net["cache"], one.net["other"]
    one.names.records = {NAME: [cache.address, other.address6]}
    one.forget()
    comes("its VRPs go with it", lambda: one.vrps() == 0, 5)
    one.cache()
    comes("IPv6 first (RFC 6724)", lambda: one.vrps() == 2, 10, note=one.row)
    check("... and it says so", one.row()["address"] == other.address6, one.row())
    one.rtrd["other6"].stop()
    comes("where nobody listens on it IPv4, at once", lambda: one.row()["address"] == cache.address and one.row()["connected"], 10, note=one.row)
    comes("with what that one has", lambda: one.vrps() == 1, 10, note=one.vrps)
    one.forget()
    one.names.records = {NAME: [cache.address, other.address6]}
    one.cache(" source " + one.net["router"].address)
    comes("an IPv4 source takes IPv4 alone", lambda: one.row()["address"] == cache.address and one.vrps() == 1, 10, note=one.row)
    one.names.records = {NAME: [other.address6]}
    one.forget()
    one.cache(" source " + one.net["router"].address)
    comes("and where there is none that is told", lambda: one.row()["trouble"] == "its name has no address of the source's family", 10, note=one.row)
    one.forget()


def moves(one):
    cache, other = one.net["cache"], one.net["other"]
    one.names.records = {NAME: [cache.address]}
    one.cache()
    comes("the cache at its old place", lambda: one.vrps() == 1, 10, note=one.row)
    one.names.records = {NAME: [other.address]}
    one.rtrd["cache"].stop()
    comes("is found where it has moved", lambda: one.vrps() == 2, 20, note=one.row)
    check("... there", one.row()["address"] == other.address, one.row())
    one.names.records = {NAME: ["10.99.%d.%d" % (i // 200 + 1, i % 200 + 1) for i in range(200)]}
    one.forget()
    one.cache()
    comes("of a name with 200 addresses the first are tried", lambda: "10.99.1." in one.row()["address"], 10, note=one.row)
    one.forget()
    one.names.records = {NAME: [other.address]}


def written(one):
    one.cache()
    for words in ("cache -v 8282 preference 1", "cache a;b 8282 preference 1", "cache .x 8282 preference 1"):
        answer, result = ("", 0)
        try:
            one.bgpd.vty.configure("manrs", words)
        except ValueError as error:
            answer, result = str(error), 1
        check("refused: " + words, result == 1 and "neither an address nor a name" in answer, answer)
    one.bgpd.ask("write file")
    one.bgpd.stop()
    with open(one.bgpd.conf) as file:
        check("the name is written", "\n cache %s 8282 preference 1\n" % NAME in file.read())
    one.names.records = None
    check("bgpd ends", True)
    one.bgpd.start()
    comes("it comes up while the name server is silent", lambda: "FRRouting" in one.bgpd.ask("show version"), 2)
    one.names.records = {NAME: [one.net["other"].address]}
    comes("and has its VRPs when it is not", lambda: one.vrps() == 2, 15, note=one.row)
    names = one.names
    names.records = None
    one.bgpd.vty.configure("manrs", "no cache %s 8282" % NAME)
    one.cache()
    pid = one.bgpd.pid()
    comes("one is being looked up", lambda: len(children(pid)) == 1, 5)
    child = int(children(pid)[0])
    began = time.monotonic()
    check("bgpd ends at once meanwhile", one.bgpd.stop() and time.monotonic() - began < 5, time.monotonic() - began)
    comes("and its child with it", lambda: not os.path.exists("/proc/%d" % child) or re.search(r"State:\s+Z", open("/proc/%d/status" % child).read()), 3)


def by_name(folder):
    one = Lab(folder)
    silent(one)
    one.rtrd = {}
    for name in ("cache", "other"):
        one.rtrd[name] = hosts.rtrd(one.net[name], folder, "--vrps", one.files[name], name=name)
    one.rtrd["other6"] = one.net["other"].start(folder, "other6", hosts.MANRS, "rtrd", "--listen", "[%s]:8282" % one.net["other"].address6, "--vrps", one.files["other"])
    comes("the IPv6 cache listens", lambda: "2001:db8:99" in one.net["other"].run("ss", "-Hltn"), 20)
    for part in (unknown, both_families, moves, written):
        part(one)


main(by_name, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
