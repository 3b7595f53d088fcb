#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""RTR with the software that networks run: StayRTR feeds the command, `manrs rtrd` feeds FRR,
BIRD, OpenBGPD, GoBGP and rtrlib's tools, through a reset, a difference, a restart of the cache and a lost connection; with
MANRS_LAB_ROOT=DIR[:DIR...] also those of a newer release in each DIR, with ASPAs over version 2, and its FORT feeds the command. What is asked for is always what stands in the file, or what a linear scan of RFC 6811
says with it. A peer that is not installed is skipped and counted; without root and namespaces all of it is."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rtr_fort
import rtr_lab as lab

MANRS = os.path.abspath(os.path.join(os.environ.get("B", "build"), "manrs"))
CACHE = 8282
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, good, note=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL %s: %s" % (name, note))


def skip(why):
    counts["skipped"] += 1
    print("skipped: " + why)


# ---- StayRTR feeds us ----


def stayrtr(folder, path, *options):
    words = ("stayrtr", "-bind", "127.0.0.1:%d" % CACHE, "-cache", path, "-checktime=false", "-metrics.addr", "127.0.0.1:9847")
    process = lab.Process(folder, "stayrtr", *words, *options)
    lab.until(lambda: listens(CACHE), 10)
    return process


def listens(port):
    return ":%d " % port in lab.run("ss", "-Hltn")


def fetched(port):
    """What the command lists: its exit code, its VRPs, what it says on stderr."""
    words = [MANRS, "vrps", "--vrps", "rtr://127.0.0.1:%d" % port, "--format", "csv", "--timeout", "15"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    found = {lab.vrp(p, m, a) for a, p, m in re.findall(r"^AS(\d+),([0-9a-f.:/]+),(\d+)", done.stdout, re.M)}
    return done.returncode, found, done.stderr


def stayrtr_feeds_us(folder):
    if not shutil.which("stayrtr"):
        return skip("no stayrtr")
    path, vrps = os.path.join(folder, "stayrtr.json"), lab.some_vrps(1, 300)
    old = '"provider_authorizations":{"ipv4":[{"customer_asid":64496,"expires":4102444800,"providers":[64500,64501]}],"ipv6":[]}'
    lab.write_json(path, vrps, more=old)
    for version in (0, 1, 2):
        process = stayrtr(folder, path, "-protocol", str(version), "-disable.aspa")
        tap = lab.Tap(CACHE)
        code, found, said = fetched(tap.port)
        check("StayRTR in version %d: the file's VRPs" % version, code == 0 and found == vrps, (code, len(found), said))
        check("... in that version, by few queries", version in tap.spoken and tap.seen["reset"] <= 4 and not tap.seen["error"], (tap.spoken, tap.seen))
        check("... which ends when it is told", process.stop())
    process = stayrtr(folder, path, "-protocol", "2")
    tap = lab.Tap(CACHE)
    code, found, said = fetched(tap.port)
    # It sends the form of a withdrawn draft, with an AFI byte and a count, in a PDU of today's type: Corrupt Data (8210bis 5.12).
    check("StayRTR's ASPAs of an old draft are refused", code in (2, 3) and not found, (code, len(found), said))
    check("... with Error 0, that quotes the PDU", any(key[:16] == "020a00" + "00" * 5 or key.startswith("020a0000") for key in tap.seen), tap.seen)
    check("... and told", "ASPA" in said, said)
    process.stop()


# ---- FORT feeds us ----

KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgFcjQ_g__LAQerAH2Mpp-GucoDAGBbhIqD33wNPsXxnAGb-mtZ7XQrVO9DQ6UlAShtig5-QfEKpTtFgiqfiAFQ"
KEYS = [(64496, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", KEY)]  # on P-256


def fort_feeds_us(root, folder):
    if not os.path.exists(root + "/usr/bin/fort") or not shutil.which("openssl"):
        return skip("no %s/usr/bin/fort, or no openssl" % root)
    vrps, aspas = lab.some_vrps(5, 300), {(64499, (64500, 64501)), (65550, (1, 2, 4200000001))}
    process = rtr_fort.start(folder, root, CACHE, vrps, KEYS, aspas)
    check("FORT serves", lab.until(lambda: "connect your router" in process.said(), 20), process.said())
    for version in (0, 1, 2):
        tap = lab.Tap(CACHE)
        words = [MANRS, "rtr", "127.0.0.1:%d" % tap.port, "--format", "slurm", "--timeout", "15", "--max-version", str(version)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        found = json.loads(done.stdout)["locallyAddedAssertions"] if done.returncode == 0 else {}
        rows = {lab.vrp(v["prefix"], v.get("maxPrefixLength", v["prefix"].split("/")[1]), v["asn"]) for v in found.get("prefixAssertions", ())}
        keys = [(k["asn"], k["SKI"], k["routerPublicKey"]) for k in found.get("bgpsecAssertions", ())]
        customers = {(a["customerAsn"], tuple(a["providerAsns"])) for a in found.get("aspaAssertions", ())}
        name = "FORT in version %d: " % version
        check(name + "its VRPs", rows == vrps, (len(rows), done.stderr))
        check(name + "its keys", keys == (KEYS if version else []), keys)
        check(name + "its ASPAs", customers == (aspas if version == 2 else set()), customers)
        check(name + "spoken, without an error", tap.spoken == {version} and not tap.seen["error"] and not tap.answers["error"], (tap.spoken, tap.seen, tap.answers))
    check("FORT ends", process.stop(15))


# ---- we feed routers ----

SECONDS = 20  # for each to follow: none takes half of it


class Lab:
    """The cache, and each router on a tap of its own. A router lists what it has, or judges routes, or both."""

    def __init__(self, folder, routers, vrps, aspas=()):
        self.folder, self.path, self.cache = folder, os.path.join(folder, "vrps.json"), None
        self.ever, self.lost = {"VRPs": set(), "ASPAs": set()}, False
        self.write(vrps, aspas)
        self.start_cache()
        self.routes = lab.some_routes(vrps, 2, 60)
        self.routers, self.taps = routers, {router.name: lab.Tap(CACHE) for router in routers}
        for router in routers:
            router.start(self.taps[router.name].port)
            if hasattr(router, "announce"):
                router.announce(self.routes)

    def start_cache(self):
        words = ("rtrd", "--vrps", self.path, "--listen", "127.0.0.1:%d" % CACHE, "--state", os.path.join(self.folder, "state"))
        # rtrlib waits for Retry before it connects again
        self.cache = lab.Process(self.folder, "rtrd", MANRS, *words, "--notify-interval", "1", "--retry", "1")
        if not lab.until(lambda: listens(CACHE), 10):
            raise RuntimeError("the cache does not listen: " + self.cache.said())

    def write(self, vrps, aspas=()):
        self.vrps, self.aspas = set(vrps), set(aspas)
        self.ever["VRPs"] |= self.vrps
        self.ever["ASPAs"] |= self.aspas
        lab.write_json(self.path, vrps, aspas)
        if self.cache:
            os.kill(self.cache.process.pid, signal.SIGHUP)

    def comes(self, name, found, wanted):
        good = lab.until(lambda: found() == wanted, SECONDS)
        missing = "" if good else "%d wanted, %s" % (len(wanted), str(sorted(set(found()) ^ set(wanted), key=str))[:300])
        check(name, good, missing)

    def all_come(self, name, router, what, found, wanted):
        if self.lost and what in router.keeps_withdrawn:
            good = lab.until(lambda: wanted <= found() <= self.ever[what], SECONDS)
            check("%sthe file's %s, and nothing but what it had" % (name, what), good)
        else:
            self.comes("%sthe file's %s" % (name, what), found, wanted)

    def follow(self, when):
        """Every router has what the file has."""
        states = {prefix: lab.state(self.vrps, prefix, asn) for prefix, asn in self.routes.items()}
        for router in self.routers:
            name = "%s, %s: " % (router.name, when)
            if hasattr(router, "vrps"):
                self.all_come(name, router, "VRPs", router.vrps, self.vrps)
            if hasattr(router, "states"):
                self.comes(name + "the states of %d routes" % len(states), lambda: set(router.states(self.routes).items()), set(states.items()))
            if router.aspas:
                self.all_come(name, router, "ASPAs", router.aspas, self.aspas)
            if hasattr(router, "count"):
                self.comes(name + "as many ASPAs", lambda: {router.count()}, {len(self.aspas)})
            tap = self.taps[router.name]
            check(name + "nobody complains", not tap.seen["error"] and not tap.answers["error"], (tap.seen, tap.answers))
            if router.keeps_its_session:
                check(name + "all of it was asked for once", tap.seen["reset"] == 1 and not tap.answers["cache reset"], (tap.seen, tap.answers))


def changed(vrps, seed):
    return set(sorted(vrps)[20:]) | lab.some_vrps(seed, 20)


def through_everything(network, aspas):
    """A reset, a difference, a restart of the cache, a lost connection; aspas: a set for each."""
    network.follow("after a reset")
    network.write(changed(network.vrps, 2), aspas[1])
    network.follow("after a difference")
    check("the cache ends within 5 s", network.cache.stop())
    network.lost = True
    network.start_cache()
    network.write(changed(network.vrps, 3), aspas[2])
    network.follow("after a restart of the cache")
    for tap in network.taps.values():
        tap.open = False
        tap.cut()
    network.write(changed(network.vrps, 4), aspas[3])
    time.sleep(1)
    for tap in network.taps.values():
        tap.open = True
    network.follow("after a lost connection")
    for router in network.routers:
        router.stop()
    network.cache.stop()


def there(kinds, folder, root=""):
    found = []
    for kind in kinds:
        if kind.missing(root):
            skip("%s: no %s%s" % (kind.name, kind.missing(root), root and " in " + root))
        else:
            found.append(kind(folder, root))
    return found


def we_feed_routers(folder):
    routers = there((lab.Frr, lab.Bird, lab.OpenBgpd, lab.GoBgp, lab.RtrClient, lab.RpkiRov), folder)
    through_everything(Lab(folder, routers, lab.some_vrps(1, 300)), [()] * 4)


# ---- and those of a newer release, with ASPAs over version 2 ----

ASPAS = [
    {(64496, (64500, 64501)), (64497, (0,)), (64498, (64600, 64601, 64602))},
    {(64496, (64500,)), (64498, (64600, 64601, 64602)), (64499, (64500, 4200000001))},
    {(64496, (64500,)), (64499, (64500, 4200000001)), (65550, (1, 2, 3))},
    {(64496, (64500, 64501)), (64497, (64499,)), (65550, (1, 2, 3))},
]


ROOTS = [root for root in os.environ.get("MANRS_LAB_ROOT", "").split(":") if root]


def we_feed_newer_routers(folder):
    if not ROOTS:
        skip("MANRS_LAB_ROOT names no tree of a newer release, as debootstrap makes one")
    for number, root in enumerate(ROOTS):
        lab.share(root, folder)
        mine = os.path.join(folder, str(number))
        os.mkdir(mine)
        we_feed_those_in(root, mine)
        fort_feeds_us(root, mine)


def we_feed_those_in(root, folder):
    routers = there((lab.Frr10, lab.Bird2, lab.OpenBgpd9, lab.GoBgp), folder, root)
    network = Lab(folder, routers, lab.some_vrps(1, 300), ASPAS[0])
    through_everything(network, ASPAS)
    for router in routers:
        spoken = network.taps[router.name].spoken
        print("%s speaks version %d" % (router.name, max(spoken, default=-1)))
        check("%s speaks version 2, if it has ASPAs" % router.name, spoken == {2} or not (router.aspas or hasattr(router, "count")), spoken)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the daemons go too
    why = lab.own_namespaces()
    if why:
        skip(why)
    else:
        for part in (stayrtr_feeds_us, we_feed_routers, we_feed_newer_routers):
            folder = lab.scratch()
            try:
                part(folder)
            finally:
                lab.stop_all()
                for root in ROOTS:
                    lab.run("umount", "-R", root + folder)
                shutil.rmtree(folder)
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    return 1 if counts["failed"] else 0


sys.exit(main())
