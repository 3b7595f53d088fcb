#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bindings/frr in the bgpd that is installed: what it refuses, what it writes back, what it says and counts of routes that bgpd
itself originates, and a cache that goes for good. It needs what `make frr` builds."""

import json
import os
import socket
import struct
import subprocess
import threading
import time

import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import check, main, skip

MODULE, BGPD = frr_module.OURS, hosts.Bgpd.BGPD


class Bgpd:
    """Its terminal is a socket: a command ends with a zero byte, an answer with three and its result."""

    def __init__(self, folder, conf, *modules):
        os.chmod(folder, 0o777)
        words = [BGPD, "-S", "-Z", "-P", "0", "-p", "0", "-f", conf, "-i", folder + "/pid", "--vty_socket", folder]
        for module in modules:
            words += ["-M", module]
        self.path = os.path.join(folder, "bgpd.vty")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.process = lab.Process(folder, "bgpd", *words)

    def up(self):
        """It takes connections: its socket is there a moment before that."""

        def takes():
            with socket.socket(socket.AF_UNIX) as end:
                return os.path.exists(self.path) and end.connect_ex(self.path) == 0

        return lab.until(takes, 10, 0.05)

    def ask(self, *commands):
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(self.path)
            end.settimeout(20)
            for command in ("enable", *commands):
                end.sendall(command.encode() + b"\0")
                found = b""
                while len(found) < 4 or found[-4:-1] != b"\0\0\0":
                    data = end.recv(1 << 20)
                    if not data:
                        raise RuntimeError("bgpd has gone at " + command)
                    found += data
                if found[-1] not in (0, 1):
                    raise RuntimeError("%s: %s" % (command, found[:-4].decode()))
        return found[:-4].decode()

    def numbers(self):
        return json.loads(self.ask("show manrs json"))

    def idle(self):
        """All that was to be done is."""
        return lab.until(lambda: not self.numbers()["busy"], 10, 0.05)


# ---- what it refuses ----


def ends(folder, conf, *modules):
    """How bgpd ends that is not to come up, and what it says."""
    bgpd = Bgpd(folder, conf, *modules)
    try:
        code = bgpd.process.process.wait(10)
    except subprocess.TimeoutExpired:
        code = None
    bgpd.process.stop()
    return code, bgpd.process.said()


def refuses(folder):
    out = lab.run("nm", "-D", "--defined-only", MODULE)
    check("it exports frr_module alone", [line.split()[-1] for line in out.splitlines()] == ["frr_module"], out)
    conf, version = os.path.join(folder, "empty.conf"), lab.run(BGPD, "-v").split()[2]
    with open(conf, "w") as file:
        file.write("hostname frr\n")
    with open(MODULE, "rb") as file:
        other = file.read().replace(version.encode() + b"\0", version[:-1].encode() + b"z\0")
    path = os.path.join(folder, "other.so")
    with open(path, "wb") as file:
        file.write(other)
    code, said = ends(folder, conf, path)
    check("one that was built for another FRR is refused", code == 1, code)
    check("... with the reason", "built for FRR %sz, and this is %s" % (version[:-1], version) in said, said)
    if lab.Frr.missing():
        return skip("no bgpd_rpki.so")
    for modules in (("rpki", MODULE), (MODULE, "rpki")):
        code, said = ends(folder, conf, *modules)
        check("it is refused beside bgpd_rpki", code == 1, (modules, code))
        check("... with the reason", "bgpd_rpki is loaded" in said, said)
    return None


# ---- what it writes back ----

MANRS = """manrs
 cache 127.0.0.9 8282 preference 1
 cache 127.0.0.9 8283 preference 2 source 127.0.0.1 password SECRET
 cache-mode union
 file %(folder)s/vrps.json
 slurm %(folder)s/slurm.json
 policy %(folder)s/policy
 local-as 64500
 when-stale keep
 refresh-interval 30
 guard 60
exit
"""
MAPS = """route-map IN deny 10
 match manrs any
exit
route-map IN deny 20
 match manrs leak invalid
 match manrs aspa unknown
exit
"""
ROLES = [" neighbor GROUP manrs role customer", " neighbor 127.0.0.2 manrs role provider"]
CONF = MANRS + MAPS + """debug manrs
route-map IN deny 30
 match rpki invalid
exit
router bgp 64500
 bgp router-id 10.0.0.1
 no bgp network import-check
 neighbor GROUP peer-group
 neighbor 127.0.0.2 remote-as 64501
 neighbor 127.0.0.3 remote-as 64502
 neighbor 127.0.0.3 peer-group GROUP
 neighbor 127.0.0.4 remote-as 64503
%s
exit
""" % "\n".join(ROLES)
SLURM = """{"slurmVersion":1,"validationOutputFilters":{"prefixFilters":[],"bgpsecFilters":[]},"locallyAddedAssertions":
{"prefixAssertions":[{"asn":64500,"prefix":"198.51.100.0/24"}],"bgpsecAssertions":[]}}"""


def writes_back(folder):
    lab.write_json(os.path.join(folder, "vrps.json"), {("192.0.2.0/24", 24, 64500)})
    for name, text in (("slurm.json", SLURM), ("policy", "max-path = 20\n"), ("bgpd.conf", CONF % {"folder": folder})):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    conf = os.path.join(folder, "bgpd.conf")
    os.chmod(conf, 0o666)
    bgpd, texts = Bgpd(folder, conf, MODULE), []
    for _ in range(2):  # as configured, and as written
        check("bgpd comes up", bgpd.up(), bgpd.process.said())
        texts.append(bgpd.ask("show running-config"))
        check("the file and the exceptions count", lab.until(lambda: bgpd.numbers()["vrps"] == 2, 10), bgpd.numbers())
        check("who has no role is told", bgpd.numbers()["withoutRole"] == ["127.0.0.4"], bgpd.numbers()["withoutRole"])
        bgpd.ask("write file")
        check("bgpd ends", bgpd.process.stop())
        bgpd = Bgpd(folder, conf, MODULE)
    check("the third time", bgpd.up())
    for what in (MANRS % {"folder": folder}, "\n".join(ROLES), "debug manrs", "match rpki invalid"):
        check("written back: " + what.split("\n")[0], what in texts[0], texts[0])
    for line in MAPS.splitlines():
        check("written back: " + line, line in texts[0].splitlines(), texts[0])
    check("and again the same", texts[0] == texts[1], texts[1])
    bgpd.ask("configure terminal", "no manrs", "end")
    check("all of it goes at a word", "\nmanrs\n" not in bgpd.ask("show running-config") and lab.until(lambda: bgpd.numbers()["vrps"] == 0, 10), bgpd.numbers())
    bgpd.process.stop()


# ---- routes of bgpd's own ----


def letters(bgpd):
    """prefix -> V, I, N or nothing, of `show bgp`."""
    lines = bgpd.ask("show bgp ipv4 unicast").splitlines()
    return {line.split()[1]: line[0].strip() for line in lines if "0.0.0.0" in line and "/" in line}


def own_routes(folder):
    path, conf = os.path.join(folder, "vrps.json"), os.path.join(folder, "bgpd.conf")
    names = ["192.0.2.0/24", "192.0.2.128/25", "198.51.100.0/24", "203.0.113.0/24"]
    with open(conf, "w") as file:
        file.write("manrs\n file %s\nexit\nrouter bgp 64500\n bgp router-id 10.0.0.1\n no bgp network import-check\n" % path)
        file.write(" address-family ipv4 unicast\n%s exit-address-family\nexit\n" % "".join("  network %s\n" % name for name in names))
    bgpd = Bgpd(folder, conf, MODULE)
    check("bgpd comes up", bgpd.up(), bgpd.process.said())
    check("its routes are the best", lab.until(lambda: bgpd.ask("show bgp ipv4 unicast").count("*>") == len(names), 10))
    check("a file that is not there is told", lab.until(lambda: bgpd.numbers()["files"][0]["failed"], 10), bgpd.numbers())
    check("and nothing is judged", not set(letters(bgpd).values()) & set("VIN"), letters(bgpd))
    vrps = {("192.0.2.0/24", 24, 64500), ("198.51.100.0/24", 24, 64501)}
    # What is added, and how many routes have another state then; with the first data all have one.
    for step, named in ((set(), 4), ({("203.0.113.0/24", 24, 0)}, 1), ({("192.0.2.0/24", 25, 64500)}, 1), ({("10.0.0.0/8", 8, 1)}, 0)):
        before = bgpd.numbers()["advertised"]
        vrps |= step
        lab.write_json(path, vrps)
        bgpd.ask("manrs reload")
        good = lab.until(lambda: bgpd.numbers()["vrps"] == len(vrps), 10) and bgpd.idle()
        check("%d VRPs" % len(vrps), good, bgpd.numbers())
        wanted = {name: {"valid": "V", "invalid": "I", "not-found": "N"}[lab.state(vrps, name, 64500)] for name in names}
        check("their states", letters(bgpd) == wanted, (letters(bgpd), wanted))
        count = bgpd.numbers()["advertised"] - before
        check("as many advertised again as have another state", count == named, (count, named))
    out = bgpd.ask("show manrs prefix 192.0.2.0/25 origin 64500")
    check("the VRPs of a prefix", out.split("\n")[:3] == ["192.0.2.0/24 max 24 AS64500", "192.0.2.0/24 max 25 AS64500", "valid"], out)
    out = bgpd.ask("show manrs explain 203.0.113.0/24")
    check("each finding in a sentence", "rov            invalid" in out and "AS0" in out, out)
    out = bgpd.ask("show manrs changes").splitlines()
    check("what changed, the last at the end", [line.split()[-1] for line in out] == ["203.0.113.0/24", "192.0.2.0/24", "10.0.0.0/8"], out)
    # One customer at both ends of a list that is longer than a part of a snapshot: its providers are united.
    aspas = [(1, 2), *((customer, 3) for customer in range(100000, 106000)), (1, 4)]
    roas = [{"asn": asn, "prefix": prefix, "maxLength": maxlen, "ta": "lab"} for prefix, maxlen, asn in vrps]
    with open(path, "w") as file:
        json.dump({"roas": roas, "aspas": [{"customer_asid": customer, "providers": [provider]} for customer, provider in aspas]}, file)
    bgpd.ask("manrs reload")
    good = lab.until(lambda: bgpd.numbers()["aspas"] == 6001, 10)
    check("a customer that comes twice has both lists", good and bgpd.numbers()["providers"] == 6002, bgpd.numbers())
    empties(bgpd, folder, path, len(vrps))
    os.unlink(path)
    bgpd.ask("manrs reload")
    time.sleep(0.5)
    check("a file that goes leaves what it said", bgpd.numbers()["vrps"] == len(vrps), bgpd.numbers())
    check("bgpd ends", bgpd.process.stop())


def empties(bgpd, folder, path, count):
    """Files that change by themselves are looked at: an empty set is not taken so, nor broken exceptions."""
    slurm = os.path.join(folder, "slurm.json")

    def slurm_is(text):
        with open(slurm, "w") as file:
            file.write(text)

    slurm_is(SLURM)
    bgpd.ask("configure terminal", "manrs", "slurm " + slurm, "end")
    check("exceptions", lab.until(lambda: bgpd.numbers()["vrps"] == count + 1, 10), bgpd.numbers())
    with open(path) as file:
        before = file.read()
    lab.write_json(path, set())
    slurm_is(SLURM[:-4])
    check("a file that is empty all at once is told", lab.until(lambda: "manrs reload" in bgpd.numbers()["files"][0]["failed"], 15), bgpd.numbers())
    check("and exceptions that are broken", lab.until(lambda: "line 2" in bgpd.numbers()["slurmFailed"], 15), bgpd.numbers())
    check("what both said stays", bgpd.idle() and bgpd.numbers()["vrps"] == count + 1, bgpd.numbers())
    bgpd.ask("manrs reload")
    check("the operator may empty it", lab.until(lambda: bgpd.numbers()["vrps"] == 1, 10), bgpd.numbers())
    with open(path, "w") as file:
        file.write(before)
    bgpd.ask("manrs reload", "configure terminal", "manrs", "no slurm", "end")
    check("and fill it again", lab.until(lambda: bgpd.numbers()["vrps"] == count, 10) and not bgpd.numbers()["slurmFailed"], bgpd.numbers())


# ---- policies that change, and cannot be read ----


def policies(folder):
    path, conf = os.path.join(folder, "policy"), os.path.join(folder, "bgpd.conf")

    def is_now(text):
        with open(path, "w") as file:
            file.write(text)

    def tested():
        """The names of what is tested of a route of bgpd's own."""
        return {line.split()[0] for line in bgpd.ask("show manrs explain 192.0.2.0/24").splitlines() if line.startswith("  ")}

    is_now("# for all\ntests = bogon-prefix path-len\n")
    with open(conf, "w") as file:
        file.write("manrs\n policy %s\nexit\nrouter bgp 64500\n bgp router-id 10.0.0.1\n no bgp network import-check\n" % path)
        file.write(" address-family ipv4 unicast\n  network 192.0.2.0/24\n exit-address-family\nexit\n")
    bgpd = Bgpd(folder, conf, MODULE)
    check("bgpd comes up", bgpd.up(), bgpd.process.said())
    check("the tests of the policy", lab.until(lambda: tested() == {"bogon-prefix", "path-len"}, 10), tested())
    for text, why in (
        ("tests = bogon-prefix\nmax-path = many\n", "line 2: "),
        ("role = internal\ntests = bogon-prefix\n\nmax-path = many\n", "line 4: "),
        ("role = internal\nrole = peer\n", "line 2: "),
        ("\0", "line 1: "),
        (None, "No such file"),
    ):
        os.unlink(path) if text is None else is_now(text)
        said = bgpd.ask("manrs reload")
        row = bgpd.numbers()["policies"][0]
        check("a policy that cannot be read is told: %r" % text, why in said and why in row["failed"] and row["judgedBy"], (said, row))
        check("... and the one before stays", tested() == {"bogon-prefix", "path-len"}, tested())
    os.mkfifo(path)
    check("nobody waits for a pipe", "not a file" in bgpd.ask("manrs reload"))
    bgpd.ask("configure terminal", "manrs", "file " + path, "end")
    check("for records neither", lab.until(lambda: "not a file" in bgpd.numbers()["files"][0]["failed"], 10), bgpd.numbers())
    os.unlink(path)
    is_now("role = internal\ntests = bogon-prefix\n")
    bgpd.ask("manrs reload")
    check("a good one counts", tested() == {"bogon-prefix"} and not bgpd.numbers()["policies"][0]["failed"], tested())
    is_now("role = provider\ntests = rov\n")
    bgpd.ask("manrs reload")
    check("one of another role leaves ours with the default", "path-loop" in tested(), tested())
    check("bgpd ends", bgpd.process.stop())


# ---- a cache that goes for good ----


class Cache(threading.Thread):
    """RPKI-to-Router, version 2, with one VRP, 192.0.2.0/24-24 AS64500: draft-ietf-sidrops-8210bis section 5."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener, self.ends, self.left = socket.create_server(("127.0.0.1", 0)), [], False
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            end = self.listener.accept()[0]
            if self.left:
                end.close()
                continue
            self.ends.append(end)
            end.recv(1000)
            vrp = struct.pack("!BBHIBBBB4sI", 2, 4, 0, 20, 1, 24, 24, 0, bytes((192, 0, 2, 0)), 64500)
            end.sendall(struct.pack("!BBHI", 2, 3, 77, 8) + vrp + struct.pack("!BBHIIIII", 2, 7, 77, 24, 1, 3600, 600, 7200))

    def leave(self):
        """Error 13: it does not come back, and its data is to be flushed."""
        self.left = True
        for end in self.ends:
            end.sendall(struct.pack("!BBHIII", 2, 10, 13, 16, 0, 0))


def gone(folder):
    conf = os.path.join(folder, "bgpd.conf")
    for keep in (True, False):
        cache = Cache()
        with open(conf, "w") as file:
            file.write("manrs\n cache 127.0.0.1 %d preference 1\n%sexit\n" % (cache.port, " when-stale keep\n" if keep else ""))
            file.write("router bgp 64500\n bgp router-id 10.0.0.1\n no bgp network import-check\n")
            file.write(" address-family ipv4 unicast\n  network 192.0.2.0/24\n exit-address-family\nexit\n")
        bgpd = Bgpd(folder, conf, MODULE)
        check("bgpd comes up", bgpd.up(), bgpd.process.said())
        check("the cache's VRP counts", lab.until(lambda: letters(bgpd) == {"192.0.2.0/24": "V"}, 10), letters(bgpd))
        row = bgpd.numbers()["caches"][0]
        check("it is up", (row["state"], row["version"], row["records"]) == ("up", 2, 1), row)
        cache.leave()
        if keep:
            check("a cache that goes is seen", lab.until(lambda: bgpd.numbers()["caches"][0]["state"] == "gone, kept", 10), bgpd.numbers())
            check("what it said stays", letters(bgpd) == {"192.0.2.0/24": "V"} and bgpd.numbers()["vrps"] == 1)
            bgpd.ask("configure terminal", "manrs", "when-stale not-found", "end")
        check("its routes are not found", lab.until(lambda: letters(bgpd) == {"192.0.2.0/24": "N"}, 10), letters(bgpd))
        row = bgpd.numbers()["caches"][0]
        check("and that is seen", not row["usable"] and not row["stale"] and bgpd.numbers()["vrps"] == 0, row)
        check("bgpd ends", bgpd.process.stop())


main(refuses, writes_back, own_routes, policies, gone, missing=lambda: "" if frr_module.ours_is_here() else "no %s and %s: make frr" % (BGPD, MODULE))
