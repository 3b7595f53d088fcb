#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The connection of FRR's bgpd to its cache with our module: `password` (TCP-MD5, RFC 2385) against `manrs rtrd --tcp-md5`, the
right key, a wrong one, none where one is wanted and one where none is; `source` of both families. Who called is what the cache's
own kernel says (ss), that a segment was refused what it counts (TcpExtTCPMD5*)."""

import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import MANRS, check, comes, main

US = 65540


class Lab:
    def __init__(self, folder):
        self.net = hosts.Hosts("router", "cache")
        self.router, self.cache = self.net["router"], self.net["cache"]
        path, keys = os.path.join(folder, "vrps.json"), os.path.join(folder, "keys")
        lab.write_json(path, {("192.0.2.0/24", 24, 64500), ("2001:db8::/32", 32, 64500)})
        self.more, self.more6 = self.router.alias(0), self.router.alias(1)
        with open(keys, "w") as file:
            file.write("%s SECRET\n%s SECRET\n%s OTHER\n" % (self.router.address, self.router.address6, self.more.address))
        os.chmod(keys, 0o600)
        listen = [word for address in (self.cache.address, "[%s]" % self.cache.address6) for word in ("--listen", address + ":8282")]
        self.rtrd = self.cache.start(folder, "rtrd", MANRS, "rtrd", *listen, "--vrps", path, "--tcp-md5", keys)
        self.cache.listens(8282, 30)
        for number in (1, 2):
            hosts.ip("-n", self.router.name, "addr", "add", "2001:db8:99::aa:%d/64" % number, "dev", "e0", "nodad", "preferred_lft", "0")  # none that is taken unasked
        self.bgpd = hosts.Bgpd(self.router, folder, US, frr_module.OURS).configure([]).start()
        os.chmod(self.bgpd.folder, 0o777)
        os.chmod(self.bgpd.conf, 0o666)

    def row(self):
        return (self.bgpd.json("show manrs json")["caches"] or [{}])[0]

    def set(self, address, more=""):
        """The cache alone, so configured."""
        for row in self.bgpd.json("show manrs json")["caches"]:
            self.bgpd.vty.configure("manrs", "no cache %s 8282" % row["host"])
        comes("nothing is left of the one before", lambda: self.vrps() == 0, 5)
        comes("nor a connection", lambda: not self.callers(), 5, note=self.callers)
        self.bgpd.vty.configure("manrs", "cache %s 8282 preference 1%s" % (address, more))

    def vrps(self):
        return self.bgpd.json("show manrs json")["vrps"]

    def callers(self):
        """Who has a connection to the cache, as its kernel says."""
        found = [line.split() for line in self.cache.run("ss", "-Htn", "state", "established", "sport", "= :8282").splitlines()]
        return [row[3].rsplit(":", 1)[0].strip("[]") for row in found]

    def refused(self, name):
        """How often the cache's kernel counted that."""
        found = re.search(r"TcpExt%s\s+(\d+)" % name, self.cache.run("nstat", "-asz"))
        return int(found[1]) if found else 0


def keys(one):
    cache, router = one.cache, one.router
    for address, own in ((cache.address, router.address), (cache.address6, router.address6)):
        one.set(address, " password SECRET")
        comes("%s: with the right key its VRPs come" % address, lambda: one.vrps() == 2, 10, note=one.row)
        check("... on one connection, from " + own, one.callers() == [own], one.callers())
        for more, counter in ((" password WRONG", "TCPMD5Failure"), ("", "TCPMD5NotFound")):
            before = one.refused(counter)
            one.set(address, more)
            comes("%s:%s: the cache's kernel refuses it" % (address, more or " no key"), lambda: one.refused(counter) > before, 5, note=lambda: before)
            check("%s:%s: it has no data, and says so" % (address, more or " no key"), (one.vrps(), one.row()["state"]) == (0, "no data") and not one.callers(), one.row())
        one.bgpd.vty.configure("manrs", "cache %s 8282 preference 1 password SECRET" % address)
        comes("%s: and the right key again, without a restart" % address, lambda: one.vrps() == 2, 10, note=one.row)
        one.bgpd.vty.configure("manrs", "cache %s 8282 preference 1 password WRONG" % address)
        comes("%s: a key that becomes wrong" % address, lambda: not one.callers(), 5)
        check("... leaves what was said", one.vrps() == 2 and one.row()["state"] == "not connected, its data stands", one.row())


def sources(one):
    cache, router = one.cache, one.router
    for address, source, more in ((cache.address, one.more.address, " password OTHER"), (cache.address6, "2001:db8:99::aa:1", ""),
                                  (cache.address6, "2001:db8:99::aa:2", "")):
        one.set(address, " source %s%s" % (source, more))
        comes("from %s its VRPs come" % source, lambda: one.vrps() == 2, 10, note=one.row)
        check("and the cache sees " + source, one.callers() == [source], one.callers())
    one.bgpd.vty.configure("manrs", "cache %s 8282 preference 1 source 2001:db8:99::aa:1" % cache.address6)
    comes("another source is another connection", lambda: one.callers() == ["2001:db8:99::aa:1"], 10, note=one.callers)
    for source, why in ((router.address, "the source address is of another family"), ("2001:db8:77::1", "Cannot assign requested address")):
        one.set(cache.address6, " source " + source)
        comes("a source that cannot be is told: " + source, lambda: one.row()["trouble"] == why, 5, note=one.row)
    one.set(cache.address, " source %s password OTHER" % one.more.address)
    comes("with both", lambda: one.vrps() == 2, 10)


def written(one):
    line = " cache %s 8282 preference 1 source %s password OTHER" % (one.cache.address, one.more.address)
    one.bgpd.ask("write file")
    with open(one.bgpd.conf) as file:
        check("both are written", "\n%s\n" % line in file.read())
    check("bgpd ends", one.bgpd.stop())
    one.bgpd.start()
    comes("and read again", lambda: one.vrps() == 2 and one.callers() == [one.more.address], 10, note=one.row)


def connection(folder):
    one = Lab(folder)
    for part in (keys, sources, written):
        part(one)


def no_md5():
    """Whether the kernel can: TCP_MD5SIG is 14, struct tcp_md5sig has 216 bytes (linux/tcp.h)."""
    address = struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton("127.0.0.1")).ljust(128, b"\0")
    with socket.socket() as end:
        try:
            end.setsockopt(socket.IPPROTO_TCP, 14, address + struct.pack("=BBHi80s", 0, 0, 1, 0, b"k"))
        except OSError as error:
            return "no TCP-MD5 in this kernel: %s" % error
    return ""


main(connection, missing=lambda: frr_module.missing() or no_md5() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
