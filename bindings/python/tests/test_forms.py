# SPDX-License-Identifier: BSD-2-Clause
"""What is read as a prefix, an address and an AS number: the rules of the command, which is asked itself, for text; and for
what only Python has, the nearest of them."""

import ipaddress
import os
import subprocess
import tempfile
import unittest

import manrs
from manrs import State, _lib

COMMAND = os.path.join(os.path.dirname(os.path.abspath(_lib.path)), "manrs")
VRPS = [("1.1.1.0/24", 24, 13335), ("2001:db8::/32", 48, 64496)]
PREFIXES = (
    "1.1.1.0/24", "1.1.1.0", "1.1.1.1", "1.1.1.1/24", "1.1.1.1/32", "1.1.1/24", "1.1.1.0/", "1.1.1.0/33", "1.1.1.0/024",
    "1.1.1.0/+24", "01.1.1.0/24", " 1.1.1.0/24", "1.1.1.0/255.255.255.0", "1.1.1.256/24", "", "/24", "x/24",
    "2001:db8::/32", "2001:db8::", "2001:db8::1", "2001:db8::1/32", "2001:db8::1/128", "2001:DB8::/32", "fe80::1%lo/128",
    "::/0", "0.0.0.0/0", "::ffff:1.1.1.0/120", "2001:db8::/129", "1.1.1.0/-1", "1.1.1.0/24/24",
)  # fmt: skip
ORIGINS = (
    "13335", "AS13335", "as13335", "aS13335", "ASN13335", "", "AS", "+13335", "013335", "4294967295", "4294967296",
    "13335.0", "1e4", "0x3417", "NONE", "None", "13335x", "0", "AS0", "1.10", "AS1.10", "65536.0", "0.13335",
)  # fmt: skip
HOST = ipaddress.ip_address("1.1.1.0")


def example():
    with manrs.Db().edit() as edit:
        edit.add_vrps(VRPS)
    return edit.db


def python_says(db, prefix, origin):
    try:
        return str(db.rov(prefix, origin))
    except manrs.Error:
        return "refused"


@unittest.skipUnless(os.path.exists(COMMAND), "no command beside the library")
class LikeTheCommand(unittest.TestCase):
    def command_says(self, prefix, origin):
        done = subprocess.run(
            [COMMAND, "rov", "--vrps", self.vrps, "--format", "csv", prefix, origin], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return done.stdout.splitlines()[-1].split(",")[2] if done.returncode == 0 else "refused"

    def setUp(self):
        file = tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False)
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write("ASN,IP Prefix,Max Length\n" + "".join("AS%d,%s,%d\n" % (asn, prefix, n) for prefix, n, asn in VRPS))
        self.vrps = file.name

    def test_prefixes(self):
        db = example()
        for prefix in PREFIXES:
            with self.subTest(prefix):
                expected = self.command_says(prefix, "13335")
                self.assertEqual(python_says(db, prefix, 13335), expected)
                self.assertEqual(python_says(db, prefix.encode(), 13335), expected)
                expected = "malformed" if expected == "refused" else expected
                self.assertEqual([str(s) for s in db.rov_many([prefix], [13335])], [expected])
                self.assertEqual([str(State(s)) for s in db.rov_many(manrs.routes([prefix], [13335]))], [expected])

    def test_origins(self):
        db = example()
        for origin in ORIGINS:
            with self.subTest(origin):
                expected = self.command_says("1.1.1.0/24", origin)
                self.assertEqual(python_says(db, "1.1.1.0/24", origin), expected)
                self.assertEqual(python_says(db, "1.1.1.0/24", origin.encode()), expected)


class RoutesHaveALength(unittest.TestCase):
    """The command's `a prefix has a length: /N`: a /32 that was meant as a /24 would be judged otherwise."""

    def refused(self, code, call, *args, **names):
        with self.assertRaises(manrs.Error) as caught:
            call(*args, **names)
        self.assertEqual(caught.exception.code, code, args)

    def test_everywhere_a_route_is_given(self):
        db = example()
        for one in ("1.1.1.0", b"1.1.1.0", bytearray(b"1.1.1.0"), HOST, "2001:db8::1", ipaddress.ip_address("2001:db8::1")):
            self.refused(manrs.ESYNTAX, db.rov, one, 13335)
            self.refused(manrs.ESYNTAX, db.rov, prefix=one, origin=13335)
            self.refused(manrs.ESYNTAX, db.covering, one)
            self.assertEqual(db.rov_many([one, "1.1.1.0/24"], [13335, 13335]), [State.MALFORMED, State.VALID])
            self.assertEqual(db.rov_many([(one, 13335)]), [State.MALFORMED])
            with db.edit() as edit:
                self.refused(manrs.ESYNTAX, edit.add_vrps, [(one, None, 1)])
                self.assertEqual(edit.add_vrps([(one, None, 1)], strict=False).refused, 1)
                self.refused(manrs.ESYNTAX, edit.add_irr, [(one, 1)])
        for one in ("1.1.1.0", HOST):
            self.refused(manrs.ESYNTAX, db.check, {"prefix": one, "as_path": "1"}, "peer")
            self.refused(manrs.ESYNTAX, manrs.Policy, "peer", bogons=[one])
            with manrs.Urpf().edit() as edit:
                iface = edit.interface("loose")
                self.refused(manrs.ESYNTAX, edit.add_routes, [(one, iface, "1")])
                self.refused(manrs.ESYNTAX, edit.add_prefixes, "allow", [one])

    def test_the_error_says_what_is_missing(self):
        for one in ("1.1.1.0", HOST):
            with self.assertRaises(manrs.Error) as caught:
                example().rov(one, 1)
            self.assertIn("length", str(caught.exception))
            self.assertIn("'1.1.1.0'", str(caught.exception))
            self.assertEqual(caught.exception.fault.at, 7)

    def test_where_an_address_is_meant(self):
        trie = manrs.Trie({"1.1.1.0/24": "net"})
        for one in ("1.1.1.0", b"1.1.1.0", HOST):
            self.assertEqual(trie.match(one), ("1.1.1.0/24", "net"))
            self.assertNotIn(one, trie)
        trie[HOST] = "host"
        self.assertEqual(trie["1.1.1.0/32"], "host")

    def test_sources_are_addresses(self):
        with manrs.Urpf().edit() as edit:
            iface = edit.interface("loose")
            edit.add_routes([("8.8.8.0/24", iface, "1")])
        for one in ("8.8.8.1", b"8.8.8.1", ipaddress.ip_address("8.8.8.1")):
            self.assertEqual(edit.urpf.check(one, iface), manrs.Allow.ALLOWED)
        for one in ("8.8.8.1/32", b"8.8.8.1/32", "8.8.8.0/24", ipaddress.ip_network("8.8.8.1/32"), ipaddress.ip_interface("8.8.8.1/32")):
            self.refused(manrs.ESYNTAX, edit.urpf.check, one, iface)
            self.refused(manrs.ESYNTAX, edit.urpf.explain, one, iface)
        self.refused(manrs.ESYNTAX, manrs.Policy, "peer", addresses=["8.8.8.1/32"])


class Objects(unittest.TestCase):
    def test_networks(self):
        db = example()
        self.assertEqual(db.rov(ipaddress.ip_network("1.1.1.0/24"), 13335), State.VALID)
        self.assertEqual(db.rov(ipaddress.ip_network("1.1.1.0"), 13335), State.INVALID)  # a network of one: /32 is said

    def test_interfaces_are_networks_only_without_host_bits(self):
        """The command refuses 1.1.1.7/24: host bits."""
        db = example()
        self.assertEqual(db.rov(ipaddress.ip_interface("1.1.1.0/24"), 13335), State.VALID)
        with self.assertRaises(manrs.Error) as caught:
            db.rov(ipaddress.ip_interface("1.1.1.7/24"), 13335)
        self.assertEqual(caught.exception.code, manrs.EINVAL)
        self.assertEqual(db.rov_many([ipaddress.ip_interface("1.1.1.7/24")], [1]), [State.MALFORMED])

    def test_zones(self):
        """fe80::1%lo/128 is not read as text; its object would lose the zone."""
        for one in (ipaddress.ip_interface("fe80::1%lo/128"), ipaddress.ip_address("fe80::1%lo")):
            for call in (example().rov, manrs.Trie().match):
                with self.assertRaises(manrs.Error):
                    call(one)


class Numbers(unittest.TestCase):
    def test_no_bools(self):
        """True is an int in Python, and nobody's AS number, maxLength, source or interface."""
        db = example()
        for call in (lambda: db.rov("1.1.1.0/24", True), lambda: db.rov_many(["1.1.1.0/24"], [True]), lambda: db.aspa([True]),
                     lambda: db.aspa("1", neighbour=True), lambda: db.aspa("1", role=True), lambda: db.edit(source=True),
                     lambda: manrs.Policy("peer", local_as=True), lambda: manrs.Policy("peer", origins=[True]),
                     lambda: manrs.Policy("peer", tests=True), lambda: manrs.Policy("peer", max_path=True),
                     lambda: manrs.Policy(True), lambda: manrs.path_origin("1", True), lambda: manrs.Urpf(True),
                     lambda: manrs.Urpf(hold_ms=True), lambda: manrs.Urpf().check("1.1.1.1", True)):  # fmt: skip
            self.assertRaises(TypeError, call)
        with db.edit() as edit:
            for call in (lambda: edit.add_vrps([("1.0.0.0/8", True, 1)]), lambda: edit.add_vrps([("1.0.0.0/8", 8, True)]),
                         lambda: edit.add_irr([("1.0.0.0/8", True)]), lambda: edit.add_aspas({True: [1]}),
                         lambda: edit.add_aspas({1: [True]}), lambda: edit.add_keys([(True, bytes(20), b"1")])):  # fmt: skip
                self.assertRaises(TypeError, call)

    def test_no_floats(self):
        db = example()
        for one in (13335.0, "13335.0", float("nan")):
            self.assertRaises((TypeError, manrs.Error), db.rov, "1.1.1.0/24", one)
            self.assertRaises((TypeError, manrs.Error), manrs.Policy, "peer", local_as=one)

    def test_none_is_an_origin_and_nothing_else(self):
        """No AS in a VRP, a route object or an ASPA is not AS0, which denies a prefix to all (RFC 6483 section 4)."""
        db = example()
        self.assertEqual(db.rov("1.1.1.0/24", None), State.INVALID)
        self.assertRaises(TypeError, db.aspa, [None])
        self.assertRaises(TypeError, manrs.Policy, "peer", origins=[None])
        with db.edit() as edit:
            for call in (lambda: edit.add_vrps([("1.0.0.0/8", 8, None)]), lambda: edit.add_irr([("1.0.0.0/8", None)]),
                         lambda: edit.add_aspas({None: [1]}), lambda: edit.add_aspas({1: [None]}),
                         lambda: edit.add_vrps([("1.0.0.0/8", 8, None)], strict=False)):  # fmt: skip
                self.assertRaises(TypeError, call)

    def test_lengths_of_a_policy(self):
        for length in (-1, 129):
            self.assertRaises(manrs.Error, manrs.Policy, "peer", allowed={"1.0.0.0/8": length})
        self.assertRaises(TypeError, manrs.Policy, "peer", allowed={"1.0.0.0/8": "24"})


if __name__ == "__main__":
    unittest.main()
