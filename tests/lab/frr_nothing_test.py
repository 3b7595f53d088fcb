#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our module where it has nothing to do: where it is refused the reason is in the log that bgpd was given, and on standard error;
loaded and not configured bgpd's tables, its configuration and what its neighbours hear are those of a bgpd without it, and so they
are after all of a configuration was taken away again."""

import collections
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
import rtr_script as script
from lab_case import check, comes, equal, main

US, SOURCE, OTHER, MONITOR = 65540, 65541, 65542, 65543


# ---- refused ----


def ends(folder, *words):
    """How a bgpd ends that is not to come up, what it says, and what is in its log."""
    log = os.path.join(folder, "refused.log")
    open(log, "w").close()
    os.chmod(log, 0o666)
    os.chmod(folder, 0o777)
    done = subprocess.run([*hosts.Bgpd.inside(), "/usr/lib/frr/bgpd", "-S", "-Z", "-P", "0", "-p", "0", "-f", os.path.join(folder, "empty.conf"), "-i",
                           os.path.join(folder, "pid"), "--vty_socket", folder, "--log", "file:" + log, *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    with open(log, errors="replace") as file:
        return done.returncode, done.stderr, file.read()


def refused(folder):
    with open(os.path.join(folder, "empty.conf"), "w") as file:
        file.write("hostname frr\n")
    version = lab.run(*hosts.Bgpd.inside(), "/usr/lib/frr/bgpd", "-v").split()[2]
    with open(frr_module.OURS, "rb") as file:
        text = file.read()
    check("the version that it was built for stands in it", version.encode() + b"\0" in text)
    other = os.path.join(folder, "other.so")
    with open(other, "wb") as file:
        file.write(text.replace(version.encode() + b"\0", version[:-1].encode() + b"z\0"))
    ours = os.path.join(folder, "module.so")
    with open(ours, "wb") as file:
        file.write(text)
    cases = [("built for another FRR", (other,), "built for FRR %sz, and this is %s" % (version[:-1], version))]
    for modules in ((("rpki", ours), (ours, "rpki")) if frr_module.stock_is_here() else ()):
        cases.append(("beside bgpd_rpki, %s" % ("after it" if modules[0] == "rpki" else "before it"), modules, "bgpd_rpki is loaded"))
    for name, modules, why in cases:
        code, said, log = ends(folder, *(word for module in modules for word in ("-M", module)))
        check(name + ": bgpd does not start", code == 1, code)
        check(name + ": the reason on standard error", why in said, said)
        check(name + ": and in the log", "manrs: not loaded: " in log and why in log, log)


# ---- not configured ----

WITHIN = [" no bgp network import-check", " bgp bestpath compare-routerid"]  # not the one that came first
AFTER = ["route-map LET permit 10", " set community 65000:7 additive", "exit", "router bgp %d" % US, " address-family ipv4 unicast", "  network 10.77.0.0/16",
         "  network 10.78.0.0/16 route-map LET", "  aggregate-address 10.20.0.0/16 as-set summary-only", " exit-address-family", " address-family ipv6 unicast",
         "  network 2001:db8:77::/48", " exit-address-family", "exit"]


def announcements():
    """asn -> routes of it: sets in paths, our own AS, OTC, communities, bogons, each by both."""
    rng, found = random.Random(51), {}
    prefixes = ["10.%d.%d.0/24" % (20 + i // 250, i % 250) for i in range(500)] + ["2001:db8:%x::/48" % i for i in range(200)] + ["198.18.0.0/15", "192.0.2.0/24"]
    for asn in (SOURCE, OTHER):
        found[asn] = []
        for prefix in prefixes:
            path = [str(asn)] + [str(64600 + rng.randrange(9)) for _ in range(rng.randrange(3))]
            path += [rng.choice(["", "", "", "{64700,64701}", str(US), "23456"])]
            communities = rng.choice(["", "64500:1", "65535:65281", "64500:1:2", "0x4300000000000002"])
            found[asn].append((prefix, " ".join(path).strip(), communities, rng.choice(["", "", str(asn)])))
    return found


def plain(value):
    """Without what is another each time: times and counters."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("tableVersion", "version", "uptime", "lastUpdate", "vrfId", "selectionReason")}
    return sorted((plain(item) for item in value), key=lambda one: json.dumps(one, sort_keys=True)) if isinstance(value, list) else value


class Lab:
    def __init__(self, folder):
        self.net, self.folder = hosts.Hosts("router", "source", "other", "monitor", "internal"), folder
        self.asns = {"source": SOURCE, "other": OTHER, "monitor": MONITOR, "internal": US}
        self.neighbors = [hosts.Neighbor(self.net[name], asn, soft=name != "other", role={"source": "customer", "other": "provider"}.get(name, ""), into="LET" if name == "other" else "")
                          for name, asn in self.asns.items()]
        self.announced = announcements()

    def found(self, module, between=None):
        """What bgpd and its neighbours have; between: what is done to it once all is there."""
        bgpd = hosts.Bgpd(self.net["router"], self.folder, US, module)
        bgpd.configure(self.neighbors, within=WITHIN, after=AFTER).start()
        speakers = {name: hosts.Speaker(self.net[name], self.folder, bgpd.host.address, asn, name=name) for name, asn in self.asns.items()}
        for name, asn in self.asns.items():
            if asn in self.announced:
                speakers[name].announce(self.announced[asn])
        seen = []
        lab.until(lambda: seen.append(tuple(len(speaker.heard()) for speaker in speakers.values())) or (len(seen) > 8 and len(set(seen[-8:])) == 1 and seen[-1][3] > 200), 20, 0.1)
        if between:
            between(bgpd, speakers)
        tables = {family: plain(bgpd.json("show bgp %s unicast json" % family)) for family in ("ipv4", "ipv6")}
        # the column of the state alone: the rest is in the tables, and bgpd writes a prefix with the path that came first
        letters = {family: dict(collections.Counter(line[0] for line in bgpd.ask("show bgp %s unicast" % family).splitlines() if "*" in line[:2]))
                   for family in ("ipv4", "ipv6")}
        heard = {name: speaker.heard() for name, speaker in speakers.items()}
        text = bgpd.ask("show running-config")
        for speaker in speakers.values():
            check("no session was lost", speaker.counts()["downs"] == 0)
            speaker.stop()
        check("bgpd ends when it is told", bgpd.stop())
        if bgpd.zebra:
            bgpd.zebra.stop()
            os.unlink(os.path.join(bgpd.folder, "zserv.api"))
        return {"tables": tables, "letters": letters, "heard": heard, "configuration": text}


def same(name, one, other):
    for what in one:
        if what == "configuration":
            check("%s: %s" % (name, what), one[what] == other[what], other[what])
            continue
        for which in one[what]:
            a, b = one[what][which], other[what][which]
            if a != b and isinstance(a, dict):
                a, b = ({key: json.dumps(item, sort_keys=True) for key, item in x.items()} for x in (a, b))
            equal("%s: %s of %s" % (name, what, which), b, a)


def used(one):
    """Everything is configured and taken away again."""
    vrps = {("10.20.0.0/16", 16, 1), ("10.0.0.0/8", 24, 64600), ("2001:db8::/32", 48, 64601)}
    path, policy = os.path.join(one.folder, "vrps.json"), os.path.join(one.folder, "policy")
    lab.write_json(path, vrps, {(64600, (SOURCE,))})
    with open(policy, "w") as file:
        file.write("max-path = 3\n")
    cache = script.ScriptedCache(one.net["other"], vrps)

    def between(bgpd, speakers):
        source, other = one.net["source"].address, one.net["other"].address
        out = ["route-map OUT deny 10", "match manrs any", "route-map OUT permit 20", "exit"]
        bgpd.vty.configure("manrs", "cache %s 8282 preference 1" % other, "file " + path, "policy " + policy, "local-as 64999", "when-stale keep", "guard 50", "exit", *out,
                           "router bgp %d" % US, "neighbor %s manrs role customer" % source, "address-family ipv4 unicast", "neighbor %s route-map OUT in" % source)
        comes("it is judged", lambda: bgpd.json("show manrs json")["vrps"] == 3 and len(speakers["monitor"].heard()) < 500, 20)
        bgpd.vty.configure("router bgp %d" % US, "no neighbor %s manrs role customer" % source, "address-family ipv4 unicast", "no neighbor %s route-map OUT in" % source)
        bgpd.vty.configure("no route-map OUT", "no manrs")
        comes("and nothing is left", lambda: bgpd.json("show manrs json")["vrps"] == 0, 10)

    return cache, between


def nothing(folder):
    one = Lab(folder)
    without = one.found("")
    check("there is something to compare", len(without["heard"]["internal"]) > 200 and len(without["tables"]["ipv4"]["routes"]) > 400 and sum(without["letters"]["ipv4"].values()) > 300 and not set("VIN") & set(without["letters"]["ipv4"]), ({name: len(held) for name, held in without["heard"].items()}, without["letters"]))
    same("not configured", without, one.found(frr_module.OURS))


def taken_away(folder):
    one = Lab(folder)
    cache, between = used(one)
    again = one.found("", lambda bgpd, speakers: None)
    same("after `no manrs`", again, one.found(frr_module.OURS, lambda bgpd, speakers: (between(bgpd, speakers), lab.until(lambda: speakers["monitor"].heard() == again["heard"]["monitor"] and
                                                                                                                     speakers["internal"].heard() == again["heard"]["internal"], 15))))
    cache.stop()


main(refused, nothing, taken_away, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
