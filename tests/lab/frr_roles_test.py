#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`neighbor X manrs role` in FRR's bgpd: by neighbour, by peer group, for neighbours of a listen range, and the local-role of
RFC 9234; changed while the routes stand, taken away, written and read again. A path that goes down and up again tells the roles
apart, by draft-ietf-sidrops-aspa-verification section 6: what a provider sends is verified as a downstream path, what all others
send as an upstream path."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
import rtr_lab as lab
from lab_case import check, comes, main

US, ONE, TWO, DYN, MONITOR, TOP, ORIGIN = 65540, 65541, 65542, 65544, 65543, 64501, 64502
# ONE's and TWO's provider is TOP, ORIGIN's too, and TOP has none: ORIGIN -> TOP goes up, TOP -> ONE down.
ASPAS = {(ONE, (TOP,)), (TWO, (TOP,)), (DYN, (TOP,)), (ORIGIN, (TOP,)), (TOP, (0,))}
WANTED = {"provider": "valid", "customer": "invalid", "peer": "invalid", "rs": "invalid", "rs-client": "invalid", None: "unknown"}
ROUTES = {"192.0.%d.0/24" % i for i in range(1, 11)} | {"2001:db8:%d::/48" % i for i in range(1, 6)}
TAG, WORDS = frr_module.tagging("TAG", *(("aspa", state) for state in ("valid", "invalid", "unknown")))


class Lab:
    def __init__(self, folder):
        self.net = hosts.Hosts("router", "one", "two", "dyn", "monitor")
        path = os.path.join(folder, "data.json")
        lab.write_json(path, set(), ASPAS)
        self.neighbors = [hosts.Neighbor(self.net["one"], ONE, into="TAG", more=["peer-group ABOVE"]),
                          hosts.Neighbor(self.net["two"], TWO, into="TAG", more=["peer-group ABOVE"], soft=False),
                          hosts.Neighbor(self.net["monitor"], MONITOR)]
        within = [" neighbor ABOVE peer-group", " neighbor DYN peer-group", " neighbor DYN remote-as %d" % DYN, " neighbor DYN disable-connected-check",
                  " bgp listen range %s/32 peer-group DYN" % self.net["dyn"].address]
        after = ["router bgp %d" % US] + [line for family in ("ipv4", "ipv6") for line in
                 (" address-family %s unicast" % family, "  neighbor DYN activate", "  neighbor DYN route-map TAG in", " exit-address-family")] + ["exit"]
        self.bgpd = hosts.Bgpd(self.net["router"], folder, US, frr_module.OURS)
        self.bgpd.configure(self.neighbors, before=["manrs", " file " + path, "exit", *TAG], within=within, after=after).start()
        os.chmod(self.bgpd.folder, 0o777)
        os.chmod(self.bgpd.conf, 0o666)
        if self.bgpd.version() >= (10, 0):
            time.sleep(1)  # 10.7 stops in bgp_start() where sessions come before its zebra has told it of interfaces
        self.monitor = hosts.Speaker(self.net["monitor"], folder, self.bgpd.host.address, MONITOR, name="monitor")
        self.speakers = {}
        for name, asn in (("one", ONE), ("two", TWO), ("dyn", DYN)):
            self.speakers[name] = hosts.Speaker(self.net[name], folder, self.bgpd.host.address, asn, name=name)
            self.speakers[name].announce([(prefix, "%d %d %d" % (asn, TOP, ORIGIN)) for prefix in ROUTES])

    def findings(self, name):
        """What the map said of the neighbour's routes, "" of one that is not there."""
        address, found = self.net[name].address, set()
        for family in ("ipv4", "ipv6"):
            table = self.bgpd.json("show bgp %s unicast neighbors %s routes json" % (family, address)).get("routes", {})
            for prefix in ROUTES:
                if (":" in prefix) == (family == "ipv6"):
                    found.add("" if prefix not in table else self.finding(address, family, prefix))
        return found

    def finding(self, address, family, prefix):
        paths = self.bgpd.json("show bgp %s unicast %s json" % (family, prefix)).get("paths", ())
        for path in paths:
            if path.get("peer", {}).get("peerId") == address:
                tags = frr_module.tagged(path.get("community", {}).get("string", ""), WORDS)
                return ",".join(sorted(state for _, state in tags))
        return ""

    def judged(self, name, role, what):
        comes("%s, as %s: %s" % (name, role, what), lambda: self.findings(name) == {WANTED[role]}, 10, note=lambda: self.findings(name))

    def role(self, whom, role):
        whom = self.net[whom].address if whom in self.net else whom
        self.bgpd.vty.configure("router bgp %d" % US, ("neighbor %s manrs role %s" % (whom, role)) if role else "no neighbor %s manrs role" % whom)

    def bounce(self, *names):
        """Their sessions are lost, and come back."""
        before = {name: self.speakers[name].counts()["ups"] for name in names}
        for name in names:
            self.speakers[name].tell("drop")
        for name in names:
            comes(name + " is back", lambda name=name: self.speakers[name].counts()["ups"] > before[name], 20)

    def without(self):
        return set(self.bgpd.json("show manrs json")["withoutRole"])


def groups(one):
    for name in ("one", "two"):
        one.judged(name, None, "nobody said what it is")
    one.judged("dyn", None, "nor of its group")
    check("and they are named", one.without() == {one.net[name].address for name in ("one", "two", "dyn", "monitor")}, one.without())
    for role in ("provider", "customer", "peer", "rs", "rs-client", "provider"):
        one.role("ABOVE", role)
        for name in ("one", "two"):
            one.judged(name, role, "by its group")
    check("who has a role by its group is not named", one.without() == {one.net[name].address for name in ("dyn", "monitor")}, one.without())
    one.role("one", "customer")
    one.judged("one", "customer", "its own stands before its group's")
    one.judged("two", "provider", "the other of the group")
    one.role("one", None)
    one.judged("one", "provider", "its own is taken away")
    one.role("DYN", "customer")
    one.judged("dyn", "customer", "of a listen range, by its group")
    one.role("DYN", "provider")
    one.judged("dyn", "provider", "the same, another role")
    one.bounce("one", "two", "dyn")
    for name in ("one", "two", "dyn"):
        one.judged(name, "provider", "after its session was lost")
    check("one of a listen range has its group's alone, as all that FRR configures", refused(one, "neighbor %s manrs role customer" % one.net["dyn"].address))
    one.role("ABOVE", None)
    one.judged("one", None, "its group's role is taken away")
    check("a neighbour that is not there is refused", refused(one, "neighbor 10.99.9.9 manrs role peer"))
    check("and a role that is none", refused(one, "neighbor ABOVE manrs role friend"))


def refused(one, line):
    try:
        one.bgpd.vty.configure("router bgp %d" % US, line)
    except ValueError:
        return True
    return False


def rfc9234(one):
    """Its words are of us: local-role customer is a neighbour that is our provider."""
    for ours, role in (("customer", "provider"), ("provider", "customer"), ("peer", "peer"), ("rs-client", "rs"), ("rs-server", "rs-client")):
        one.bgpd.vty.configure("router bgp %d" % US, "neighbor %s local-role %s" % (one.net["one"].address, ours))
        if one.bgpd.version() >= (10, 0):
            one.bgpd.ask("clear bgp " + one.net["one"].address)  # as FRR's book has it: a role counts from the next session on
        one.judged("one", role, "local-role " + ours)
    one.role("one", "provider")
    one.judged("one", "provider", "ours stands before local-role rs-server")
    one.role("one", None)
    one.judged("one", "rs-client", "and without it local-role counts again")
    one.bgpd.vty.configure("router bgp %d" % US, "no neighbor %s local-role rs-server" % one.net["one"].address)
    one.bgpd.ask("clear bgp " + one.net["one"].address)
    one.judged("one", None, "without either")


def gone(one):
    """Who gets a neighbour's address next is another."""
    address = one.net["one"].address
    one.role("one", "provider")
    one.judged("one", "provider", "before it is taken away")
    one.bgpd.vty.configure("router bgp %d" % US, "no neighbor " + address)
    one.bgpd.vty.configure("router bgp %d" % US, "neighbor %s remote-as %d" % (address, ONE), "neighbor %s passive" % address,
                           "address-family ipv4 unicast", "neighbor %s activate" % address, "neighbor %s route-map TAG in" % address,
                           "neighbor %s soft-reconfiguration inbound" % address, "exit-address-family", "address-family ipv6 unicast",
                           "neighbor %s activate" % address, "neighbor %s route-map TAG in" % address, "exit-address-family")
    one.judged("one", None, "taken away and configured again")
    one.bgpd.vty.configure("router bgp %d" % US, "neighbor TEN peer-group", "neighbor TEN manrs role customer", "no neighbor TEN peer-group", "neighbor TEN peer-group")
    check("a group that was taken away has no role either", "neighbor TEN manrs" not in one.bgpd.ask("show running-config"))


def written(one):
    for whom, role in (("ABOVE", "provider"), ("one", "customer"), ("DYN", "rs-client")):
        one.role(whom, role)
    one.bgpd.vty.configure("router bgp %d" % US, "neighbor 2001:DB8:99:0::77 remote-as 65001", "neighbor 2001:db8:99:0:0::77 manrs role peer")
    text = one.bgpd.ask("show running-config")
    wanted = ["neighbor ABOVE manrs role provider", "neighbor %s manrs role customer" % one.net["one"].address, "neighbor DYN manrs role rs-client",
              "neighbor 2001:db8:99::77 manrs role peer"]
    check("all are written, an address as bgpd writes it", sorted(line.strip() for line in text.splitlines() if " manrs role " in line) == sorted(wanted), text)
    one.bgpd.ask("write file")
    check("bgpd ends", one.bgpd.stop())
    one.bgpd.start()
    check("read again, and the same", one.bgpd.ask("show running-config") == text, one.bgpd.ask("show running-config"))
    for name, role in (("one", "customer"), ("two", "provider"), ("dyn", "rs-client")):
        one.judged(name, role, "from the file that it wrote")


def roles(folder):
    one = Lab(folder)
    for part in (groups, rfc9234, gone, written):
        part(one)
    check("bgpd ends when it is told", one.bgpd.stop())


main(roles, missing=lambda: frr_module.missing() or ("" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS))
