# SPDX-License-Identifier: BSD-2-Clause
"""Urpf: strict, loose and feasible by RFC 3704 section 2, EFP by the lists of another implementation of RFC 8704."""

import array
import ipaddress
import os
import socket
import unittest

import manrs
from manrs import Allow

try:
    import numpy
except ImportError:
    numpy = None

DATA = os.environ.get("MANRS_DATA", "../shared/data")
RIBS = os.path.join(DATA, "urpf", "ribs_in.tsv")


def example():
    with manrs.Urpf(local_as=64496).edit() as edit:
        strict = edit.interface("strict", role="customer", asn=64500)
        loose = edit.interface("loose", role=manrs.Role.PROVIDER, asn=64501)
        feasible = edit.interface("feasible", role="customer", asn=64502)
        edit.add_routes([("192.0.3.0/24", strict, "64500"), ("2001:db9::/32", strict, "64500 64510", 64500, 1)])
        edit.add_routes([("192.0.3.0/24", feasible, [64502, 64500])], best=False)
        edit.add_routes([("8.0.0.0/8", loose, 64501)])
    return edit.urpf, strict, loose, feasible


class Modes(unittest.TestCase):
    def test_rfc3704(self):
        urpf, strict, loose, feasible = example()
        for source, iface, expected in (
            ("192.0.3.7", strict, 1), ("192.0.3.7", feasible, 1), ("192.0.3.7", loose, 1), ("8.8.8.8", strict, 0),
            ("8.8.8.8", feasible, 0), ("8.8.8.8", loose, 1), ("9.9.9.9", loose, 0), ("2001:db9::1", strict, 1),
            ("2001:db9::1", feasible, 0), ("127.0.0.1", loose, 0), ("192.0.3.7", 77, 0),
        ):  # fmt: skip
            self.assertEqual(urpf.check(source, iface), expected, (source, iface))

    def test_many(self):
        urpf, strict, loose, feasible = example()
        sources = ["192.0.3.7", "8.8.8.8", "2001:db9::1", ipaddress.ip_address("192.0.3.1")]
        self.assertEqual(bytes(urpf.check_many(sources, [strict] * 4)), bytes([1, 0, 1, 1]))
        packed = b"".join(socket.inet_aton(s) for s in ("192.0.3.7", "8.8.8.8", "9.9.9.9"))
        for form in (packed, bytearray(packed), array.array("I", packed)):
            self.assertEqual(bytes(urpf.check_many(form, [strict, loose, loose])), bytes([1, 1, 0]))
        six = b"".join(socket.inet_pton(socket.AF_INET6, s) for s in ("2001:db9::1", "::1"))
        self.assertEqual(bytes(urpf.check_many(six, [strict, strict])), bytes([1, 0]))
        self.assertEqual(bytes(urpf.check_many([], [])), b"")
        if numpy:
            column = numpy.frombuffer(packed, "u4")
            self.assertEqual(bytes(urpf.check_many(column, numpy.array([strict, loose, loose]))), bytes([1, 1, 0]))
            self.assertEqual(bytes(urpf.check_many(numpy.frombuffer(six, "u1").reshape(2, 16), [strict, strict])), bytes([1, 0]))
        for sources, ifaces in ((packed, [1]), (["1.1.1.1"], [1, 2]), (["1.1.1.0/24"], [1]), (["1.1.1.1"], [-1]), (["x"], [1])):
            self.assertRaises(manrs.Error, urpf.check_many, sources, ifaces)
        for sources, ifaces in ((["1.1.1.1"], ["1"]), ([1], [1]), (None, None)):
            self.assertRaises(TypeError, urpf.check_many, sources, ifaces)

    def test_explained_listed_exported(self):
        urpf, strict, loose, feasible = example()
        why = urpf.explain("192.0.3.7", strict)
        self.assertEqual((why.allow, why.step, why.mode, why.prefix), (Allow.ALLOWED, "best-route", "strict", "192.0.3.0/24"))
        self.assertEqual(why.ifaces, [strict, feasible])
        self.assertEqual(urpf.explain("127.0.0.1", strict).step, "martian")
        self.assertEqual(list(urpf.list(strict)), ["192.0.3.0/24", "2001:db9::/32"])
        self.assertEqual(list(urpf.allowed(feasible)), ["192.0.3.0/24"])
        self.assertIn("192.0.3.0/24", urpf.export(strict, "text", "x"))
        self.assertRaises(manrs.Error, urpf.export, strict, "yaml", "x")
        self.assertRaises(manrs.Error, urpf.export, strict, "nft", "a b")
        self.assertEqual((urpf.stats.ifaces, str(urpf.check("9.9.9.9", strict))), (3, "denied"))

    def test_a_link_works_by_default(self):
        """Link-local sources pass unless turned off (RFC 4861, RFC 4862 5.4); the link's own prefixes by "link" (RFC 8704 3.7)."""
        with manrs.Urpf().edit() as edit:
            plain = edit.interface("strict")
            off = edit.interface("strict", link_local=False, unspecified=False, default_route=True)
            edit.add_prefixes("link", ["192.0.2.0/30"], plain)
            with self.assertRaises(manrs.Error):
                edit.add_prefixes("link", ["192.0.2.0/30"])
        for source, on_plain in (("fe80::1", 1), ("::", 1), ("0.0.0.0", 1), ("192.0.2.2", 1), ("192.0.2.4", 0)):
            self.assertEqual((edit.urpf.check(source, plain), edit.urpf.check(source, off)), (on_plain, 0), source)
        self.assertEqual(edit.urpf.explain("192.0.2.2", plain).step, "link")
        for format in ("text", "nft", "bird", "cisco", "junos"):
            self.assertIn("fe80::/10", edit.urpf.export(plain, format, "eth0"))
            self.assertNotIn("fe80::/10", edit.urpf.export(off, format, "eth0"))

    def test_edits(self):
        urpf, strict, loose, feasible = example()
        with urpf.edit() as edit:
            self.assertEqual(edit.remove_routes([("192.0.3.0/24", strict, None)]).removed, 1)
            edit.add_prefixes("allow", ["9.9.9.0/24"], strict)
            edit.add_prefixes("deny", ["8.8.0.0/16"])
            edit.interface("strict", count_only=True, handle=feasible)
        self.assertEqual(edit.urpf.check("192.0.3.7", strict), Allow.DENIED)
        self.assertEqual(urpf.check("192.0.3.7", strict), Allow.ALLOWED)
        self.assertEqual(edit.urpf.check("9.9.9.9", strict), Allow.ALLOWED)
        self.assertEqual(edit.urpf.check("8.8.8.8", loose), Allow.DENIED)
        self.assertEqual(edit.urpf.check("5.5.5.5", feasible), Allow.COUNTED)
        with edit.urpf.edit() as again:
            again.remove_interface(loose)
        self.assertEqual(again.urpf.check("8.1.1.1", loose), Allow.DENIED)
        with self.assertRaises(ZeroDivisionError):
            with urpf.edit() as aborted:
                1 / 0
        self.assertRaises(manrs.Error, lambda: aborted.urpf)
        self.assertRaises(manrs.Error, aborted.commit)

    def test_refusals(self):
        urpf, strict, _, _ = example()
        with urpf.edit() as edit:
            self.assertRaises(manrs.Error, urpf.edit)
            for bad in (dict(mode="nonsense"), dict(mode=99), dict(mode="off", role="uncle"), dict(mode="off", handle=55)):
                self.assertRaises(manrs.Error, edit.interface, **bad)
            self.assertRaises(TypeError, edit.interface, "off", nonsense=True)
            for row in (("x", strict, None), ("192.0.2.0/24", 99, None), ("192.0.2.0/24", strict, "x"), ("192.0.2.0/24", 1 << 20, None)):
                self.assertRaises(manrs.Error, edit.add_routes, [row])
            for row in (("192.0.2.0/24",), ("192.0.2.0/24", "1", None), 5):
                self.assertRaises((TypeError, ValueError), edit.add_routes, [row])
            self.assertRaises(manrs.Error, edit.add_prefixes, "nonsense", [])
            self.assertRaises(manrs.Error, edit.add_prefixes, "deny", ["x"])
        urpf.close()
        for use in (lambda: urpf.check("1.1.1.1", 0), urpf.edit, lambda: list(urpf.list(0)), lambda: urpf.stats, urpf.__enter__):
            self.assertRaises(manrs.Error, use)
        self.assertRaises(TypeError, manrs.Urpf().edit, db=5)
        self.assertRaises(manrs.Error, manrs.Urpf().edit, now_ms=-1)
        self.assertRaises(TypeError, manrs.Urpf().__reduce__)

    def test_bar_sav_asks_the_database(self):
        with manrs.Db().edit() as edit:
            edit.add_vrps([("203.0.112.0/24", 24, 64500)])
            edit.add_aspas({64500: [64496]})
        with manrs.Urpf(local_as=64496).edit(db=edit.db, now_ms=1) as made:
            iface = made.interface("bar-sav", role="customer", asn=64500)
            made.add_routes([("192.0.3.0/24", iface, "64500")])
        self.assertEqual(list(made.urpf.list(iface)), ["192.0.3.0/24", "203.0.112.0/24"])
        self.assertEqual(made.urpf.explain("203.0.112.1", iface).step, "bar-roa")
        edit.db.close()
        self.assertEqual(made.urpf.check("203.0.112.1", iface), Allow.ALLOWED)


@unittest.skipUnless(os.path.exists(RIBS), "no data under %s" % DATA)
class Efp(unittest.TestCase):
    """Lists of the customer interfaces, by RFC 8704 algorithms A and B."""

    def lists(self, mode, name):
        with open(RIBS) as file:
            rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
        handles = {}
        with manrs.Urpf(local_as=64496).edit() as edit:
            for row in rows:
                if row[0] not in handles:
                    kind = mode if row[1] == "customer" else "loose"
                    handles[row[0]] = edit.interface(kind, role=row[1], asn=row[0])
            edit.add_routes([(row[2], handles[row[0]], row[3], row[0]) for row in rows if len(row) > 3])
        expected = {}
        with open(os.path.join(DATA, "urpf", name)) as file:
            for line in file:
                if not line.startswith("#"):
                    iface, prefix = line.split()
                    expected.setdefault(iface, set()).add(prefix)
        for iface, prefixes in expected.items():
            self.assertEqual(set(edit.urpf.list(handles[iface])), prefixes, iface)
        self.assertGreater(len(expected), 5)

    def test_algorithm_a(self):
        self.lists("efp-a", "expected_A.tsv")

    def test_algorithm_b(self):
        self.lists("efp-b", "expected_B.tsv")


if __name__ == "__main__":
    unittest.main()
