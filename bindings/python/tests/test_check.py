# SPDX-License-Identifier: BSD-2-Clause
"""ASPA, whole announcements, explanations and SLURM from Python. ASPA states by the published vectors; the tests of an
announcement by the RFC that each test names."""

import array
import ipaddress
import lzma
import os
import tempfile
import unittest

import manrs
from manrs import AspaState, Role, _lib

try:
    import numpy
except ImportError:
    numpy = None

DATA = os.environ.get("MANRS_DATA", "../shared/data")
VECTORS = os.path.join(DATA, "aspa", "aspa_vectors.tsv")


def rows(name):
    with open(os.path.join(DATA, "aspa", name)) as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def database(aspas):
    with manrs.Db().edit() as edit:
        edit.add_aspas(aspas)
    return edit.db


class Aspa(unittest.TestCase):
    # 3 is the provider of 2, 2 of 1; 5 has AS0: no providers (draft-ietf-sidrops-aspa-verification)
    db = database({1: [2], 2: [3], 3: [0], 5: [0]})

    def test_forms_of_paths(self):
        for path in ("3 2 1", b"3 2 1", [3, 2, 1], (3, 2, 1), "AS3 AS2 AS1", iter([3, 2, 1]), array.array("I", [3, 2, 1]), range(3, 0, -1)):
            self.assertEqual(self.db.aspa(path, role="customer"), AspaState.VALID)
        for path in ("3 2 {1}", [3, 2, {1}], [3, 2, frozenset([1, 9])], "{3} 2 1"):
            self.assertEqual(self.db.aspa(path, role=Role.PROVIDER), AspaState.INVALID)

    def test_roles_and_neighbours(self):
        self.assertEqual(str(self.db.aspa("3 2 1", Role.PROVIDER)), "valid")
        self.assertEqual(self.db.aspa("3 2 1", role="peer", neighbour=3), AspaState.VALID)
        self.assertEqual(self.db.aspa("3 2 1", role="peer", neighbour="AS4"), AspaState.INVALID)
        self.assertEqual(self.db.aspa("3 2 1", role="rs", neighbour=4), AspaState.VALID)
        self.assertEqual(self.db.aspa("9 2 1", role=Role.RS_CLIENT), AspaState.INVALID)
        self.assertEqual(self.db.aspa("9 8", role="customer"), AspaState.UNKNOWN)
        self.assertEqual(self.db.aspa("", role="customer"), AspaState.INVALID)
        self.assertEqual([str(role) for role in Role], ["customer", "peer", "provider", "rs", "rs-client"])
        self.assertEqual([str(state) for state in AspaState], ["unknown", "valid", "invalid", "malformed"])

    def test_refusals(self):
        for role in (0, 6, "none", "", "uncle"):
            self.assertRaises(manrs.Error, self.db.aspa, "3 2 1", role)
        for path in ("x", "1 2 {", "1,2", [1 << 32], [-1], "4294967296"):
            self.assertRaises(manrs.Error, self.db.aspa, path)
        for path in (None, 5, [None, object()], [1.5]):
            self.assertRaises(TypeError, self.db.aspa, path)
        self.assertRaises(TypeError, self.db.aspa, "1", 1.5)
        self.assertRaises(manrs.Error, self.db.aspa, "1", "peer", 1 << 32)

    def test_many(self):
        paths = ["3 2 1", [9, 2, 1], "x", "9 8", ""]
        expected = ["valid", "invalid", "malformed", "unknown", "invalid"]
        self.assertEqual([str(s) for s in self.db.aspa_many(paths, role="customer")], expected)
        self.assertEqual([str(s) for s in self.db.aspa_many(paths, role=["customer"] * 5)], expected)
        neighbours = [3, 1, 1, 9, 1]
        self.assertEqual([str(s) for s in self.db.aspa_many(paths, "customer", neighbours)], expected)
        self.assertEqual([str(s) for s in self.db.aspa_many(paths[:1], "customer", 4)], ["invalid"])
        self.assertEqual(self.db.aspa_many([]), [])
        for bad in (dict(role=["peer"]), dict(neighbours=[1, 2]), dict(role=["peer"] * 4, neighbours=1)):
            self.assertRaises(manrs.Error, self.db.aspa_many, paths, **bad)

    def test_columns(self):
        hops, start = array.array("I", [3, 2, 1, 9, 2, 1]), array.array("I", [0, 3, 3, 6])
        expected = ["valid", "invalid", "invalid"]
        self.assertEqual([str(s) for s in self.db.aspa_many(hops, "customer", start=start)], expected)
        self.assertEqual([str(s) for s in self.db.aspa_many(list(hops), "customer", start=list(start))], expected)
        if numpy:
            found = self.db.aspa_many(numpy.array(hops, "i8"), "customer", start=numpy.array(start))
            self.assertEqual([str(s) for s in found], expected)
        for wrong in ([0, 7], [3, 2], [], [0, 1 << 31], [1, 0]):
            self.assertRaises(manrs.Error, self.db.aspa_many, hops, "customer", start=wrong)

    def test_explained(self):
        report = self.db.aspa_explain("9 2 1", "customer")
        self.assertEqual((report.state, report.reason, report.n, report.max_up), (AspaState.INVALID, "hops", 3, 2))
        hop = report.hops[0]
        self.assertEqual((hop.customer, hop.provider, hop.auth, hop.down, hop.would), (2, 9, "not-provider", False, AspaState.VALID))
        self.assertEqual(self.db.aspa_explain("3 2 1", "customer").hops, [])
        self.assertEqual(self.db.aspa_explain("", "customer").reason, "empty")

    def test_path_origin(self):
        self.assertEqual(manrs.path_origin("3 2 1"), 1)
        self.assertIsNone(manrs.path_origin("3 2 {1}"))
        self.assertEqual(manrs.path_origin("", local_as=7), 7)


@unittest.skipUnless(os.path.exists(VECTORS), "no data under %s" % DATA)
class Vectors(unittest.TestCase):
    def test_published_vectors(self):
        tables = {}
        for name, customer, providers in rows("aspa_tables.tsv"):
            tables.setdefault(name, {}).setdefault(int(customer), []).extend([int(p) for p in providers.split()] or [0])
        databases = {name: database(table) for name, table in tables.items()}
        empty, counted = manrs.Db(), 0
        for row in rows("aspa_vectors.tsv"):
            name, number, procedure, neighbour, client, path, expected = row[:7]
            if len(row) > 7 and row[7].startswith("DISPUTED"):
                continue
            role = Role.PROVIDER if procedure == "down" else Role.RS if client == "1" else Role.PEER
            neighbour = None if neighbour == "-" else int(neighbour)
            state = databases.get(name, empty).aspa(path, role, neighbour)
            self.assertEqual(str(state), expected, row)
            counted += 1
        self.assertEqual(counted, 214)

    def test_real_paths(self):
        with lzma.open(os.path.join(DATA, "aspa", "paths-40000.txt.xz"), "rt") as file:
            paths = file.read().splitlines()[::7]
        for table in ("aspa-20250720-real100", "aspa-prepdev2023-6647"):
            db = database({int(c): [int(p) for p in ps.split()] for c, ps in rows(table + ".tsv")})
            with lzma.open(os.path.join(DATA, "aspa", "expected", table + ".up_down.xz"), "rt") as file:
                expected = file.read().split()[::7]
            for place, role in enumerate((Role.CUSTOMER, Role.PROVIDER)):
                states = "".join(str(state)[0] for state in db.aspa_many(paths, role))
                self.assertEqual(states, "".join(pair[place] for pair in expected))


@unittest.skipUnless(_lib.lib.address("manrs_announce_parse"), "this library reads no announcements")
class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with manrs.Db().edit() as edit:
            edit.add_vrps([("193.0.0.0/21", 21, 3333), ("8.8.8.0/24", 24, 15169)])
            edit.add_irr([("193.0.0.0/21", 3333)])
            edit.add_aspas({3333: [1103], 1103: [0]})
        cls.db = edit.db

    good = {"prefix": "193.0.0.0/21", "as_path": "1103 3333", "neighbour": 1103}

    def test_one_and_many(self):
        verdict = self.db.check(self.good, "customer")
        self.assertIsInstance(verdict, manrs.Verdict)
        self.assertIn("rov", verdict.passed)
        self.assertIn("aspa", verdict.passed)
        self.assertIn("bogon-prefix", verdict.passed)
        self.assertTrue(verdict.ok)
        bad = dict(self.good, as_path=[1103, 1103, 64512])
        verdicts = self.db.check([self.good, bad], Role.CUSTOMER)
        self.assertEqual(verdicts[0], verdict)
        self.assertLessEqual({"rov", "bogon-asn"}, set(verdicts[1].failed))
        self.assertFalse(verdicts[1].ok)
        self.assertEqual(self.db.check([], "peer"), [])

    def test_every_finding_at_once(self):
        verdict = self.db.check({"prefix": "10.0.0.0/25", "as_path": "1 2 1 23456 {5}", "neighbour": 9}, "customer")
        found = {"bogon-prefix", "prefix-len", "path-loop", "path-reserved", "path-set", "first-as"}
        self.assertLessEqual(found, set(verdict.failed))

    def test_forms_of_announcements(self):
        verdict = self.db.check(self.good, "customer")
        text = '{"prefix": "193.0.0.0/21", "as_path": "1103 3333", "neighbour": 1103}'
        self.assertEqual(self.db.check(text, "customer"), verdict)
        self.assertEqual(self.db.check(text.encode() + b"\n", "customer"), verdict)
        line = "TABLE_DUMP2|1400803200|B|198.51.100.1|1103|193.0.0.0/21|1103 3333|IGP|198.51.100.1|0|0||NAG||"
        self.assertEqual(self.db.check([line], "customer")[0].passed & {"rov", "aspa", "first-as"}, {"rov", "aspa", "first-as"})
        objects = {"prefix": ipaddress.ip_network("193.0.0.0/21"), "as_path": (1103, 3333), "neighbour": 1103}
        self.assertEqual(self.db.check(objects, "customer"), verdict)

    def test_an_error_shows_the_member_and_its_value(self):
        with self.assertRaisesRegex(manrs.Error, 'as_path is meant\\?: "as_pth"'):
            self.db.check({"prefix": "193.0.0.0/21", "as_pth": "1"}, "peer")
        with self.assertRaisesRegex(manrs.Error, '"prefix": "193.0.0.0/33"'):
            self.db.check({"prefix": "193.0.0.0/33"}, "peer")

    def test_bad_announcements_raise(self):
        for bad in ("", "# comment", "{", {}, {"prefix": "193.0.0.1/21"}, {"prefix": 5}, {"prefix": "193.0.0.0/21", "as_path": "x"}, "\x00", "é"):
            self.assertRaises(manrs.Error, self.db.check, bad, "customer")
        for bad in (5, None, [5], [None]):
            self.assertRaises(TypeError, self.db.check, bad, "customer")

    def test_policy(self):
        policy = manrs.Policy("customer", tests=["rov", "irr"], strict="rov,irr", irr_covering=True)
        self.assertEqual((policy.tests, policy.role), ({"rov", "irr"}, Role.CUSTOMER))
        unknown = {"prefix": "192.5.0.0/16", "as_path": "7"}
        self.assertEqual(self.db.check(unknown, policy).failed, {"rov", "irr"})
        self.assertEqual(self.db.check(unknown, manrs.Policy("customer", tests="rov irr")).unknown, {"rov", "irr"})

    def test_lists_of_a_policy(self):
        announcement = dict(self.good)
        cases = (
            (dict(tests="origin-set", origins=[3333]), "passed"), (dict(tests="origin-set", origins=[1]), "failed"),
            (dict(tests="origin-set", origins=[]), "failed"), (dict(tests="origin-set"), "unknown"),
            (dict(tests="prefix-list", allowed=["193.0.0.0/21"]), "passed"),
            (dict(tests="prefix-list", allowed={"193.0.0.0/16": 24}), "passed"),
            (dict(tests="prefix-list", allowed={"193.0.0.0/16": 20}), "failed"),
            (dict(tests="deny-list", denied=["193.0.0.0/16"]), "failed"),
            (dict(tests="bogon-prefix", bogons=["193.0.0.0/16"]), "failed"),
            (dict(tests="transit-free", transit_free=[3333]), "failed"),
            (dict(tests="peerlock", peerlocks=[(3333, 1)]), "failed"),
            (dict(tests="peerlock", peerlocks=[(3333, 1103), (3333, 1)]), "passed"),
            (dict(tests="prefix-len", max_len4=20), "failed"), (dict(tests="path-loop", local_as=3333), "failed"),
            (dict(tests="leak", relations=[(1103, 3333, "provider")]), "failed"),
        )  # fmt: skip
        for fields, expected in cases:
            with self.subTest(fields):
                role = "peer" if "leak" in fields["tests"] else "customer"
                verdict = self.db.check(announcement, manrs.Policy(role, **fields))
                self.assertEqual(getattr(verdict, expected), {fields["tests"]})

    def test_bad_policies(self):
        for fields in (
            dict(tests="nonsense"), dict(tests=1 << 63), dict(max_len4=300), dict(max_path=-1), dict(origins=[1 << 32]),
            dict(relations=[(1, 1, "peer")]), dict(relations=[(1, 2, "uncle")]), dict(denied=["x"]), dict(min_len4=25, max_len4=8),
        ):  # fmt: skip
            with self.subTest(fields):
                self.assertRaises(manrs.Error, manrs.Policy, "customer", **fields)
        self.assertRaises(TypeError, manrs.Policy, "customer", nonsense=1)
        self.assertRaises(TypeError, manrs.Policy, "customer", origins=5)
        self.assertRaises(manrs.Error, manrs.Policy, "nobody")

    def test_explain(self):
        bad = dict(self.good, as_path="1103 7")
        text = self.db.explain(bad, "customer", "rov")
        self.assertIn("AS7", text)
        self.assertIn("193.0.0.0/21", text)
        every = self.db.explain(bad, "customer")
        self.assertEqual(every["rov"], text)
        verdict = self.db.check(bad, "customer")
        self.assertEqual(set(every), set(verdict.passed | verdict.failed | verdict.unknown))
        finding = self.db.findings(bad, "customer", "rov")
        self.assertEqual((finding["test"], finding["code"]), ("rov", "rov-invalid-as"))
        self.assertEqual(self.db.findings(bad, "customer")["rov"], finding)
        self.assertIsNone(self.db.explain(bad, manrs.Policy("customer", tests="irr"), "rov"))
        for test in ("nonsense", 99, -1, None.__class__):
            self.assertRaises(manrs.Error, self.db.explain, bad, "customer", test)

    def test_closed(self):
        db = manrs.Db()
        db.close()
        for use in (lambda: db.check(self.good, "peer"), lambda: db.explain(self.good, "peer"), lambda: db.aspa("1"), lambda: db.aspa_many([])):
            self.assertRaises(manrs.Error, use)


class WhatIsAskedFor(unittest.TestCase):
    """policy.h: a test without its data is not asked for by default; iBGP is asked what is about the route."""

    def asked(self, verdict):
        return verdict.passed | verdict.failed | verdict.unknown

    def test_tests_without_data(self):
        line = {"prefix": "10.1.0.0/16", "as_path": "64497", "neighbour": 64497}
        empty = manrs.Db().check(line, "customer")
        self.assertEqual(self.asked(empty) & {"rov", "aspa", "irr", "origin-set", "prefix-list", "deny-list", "peerlock"}, set())
        with manrs.Db().edit() as edit:
            edit.add_vrps([("10.1.0.0/16", 16, 64497)])
        verdict = edit.db.check(line, "customer")
        self.assertIn("rov", verdict.passed)
        self.assertNotIn("irr", self.asked(verdict))  # a valid ROA is no route object where none was loaded
        with edit.db.edit() as more:
            more.add_irr([("10.1.0.0/16", 64497)])
            more.add_aspas({64497: [64498]})
        verdict = more.db.check(line, "customer")
        self.assertLessEqual({"rov", "irr", "aspa"}, verdict.passed)
        self.assertEqual(set(more.db.explain(line, "customer")), self.asked(verdict))

    def test_tests_asked_for_by_name(self):
        line = {"prefix": "10.1.0.0/16", "as_path": "64497", "neighbour": 64497}
        for policy in (manrs.Policy("customer", tests="rov irr"), manrs.Policy("customer", tests=["irr", "rov"])):
            verdict = manrs.Db().check(line, policy)
            self.assertEqual((self.asked(verdict), verdict.unknown), ({"rov", "irr"}, {"rov", "irr"}))  # not found, no data
        self.assertEqual(manrs.Db().check(line, manrs.Policy("customer", tests="rov irr", strict="irr")).failed, {"irr"})

    def example(self):
        with manrs.Db().edit() as edit:
            edit.add_vrps([("10.1.0.0/16", 16, 64498)])
            edit.add_aspas({64498: [64497]})
        return edit.db

    EXTERNAL = {"aspa", "first-as", "next-hop", "otc", "leak", "peerlock", "transit-free", "never-via-rs", "origin-set", "prefix-list"}

    def test_internal_sessions(self):
        db = self.example()
        policy = manrs.Policy("internal", local_as=64496)
        self.assertIsNone(policy.role)
        line = {"prefix": "10.1.0.0/16", "as_path": "64498", "neighbour": 64496}
        for one in (line, dict(line, internal=True), {"prefix": "10.1.0.0/16", "as_path": "64498"}):
            self.assertEqual(self.asked(db.check(one, policy)) & self.EXTERNAL, set())
            self.assertIn("path-loop", db.check(one, policy).passed)
        self.assertIn("rov", self.asked(db.check(line, policy)))
        empty_path = {"prefix": "10.1.0.0/16", "as_path": "", "neighbour": 64496}
        self.assertIn("path-len", db.check(empty_path, policy).passed)  # RFC 4271 section 5.1.2
        other = db.check(dict(line, neighbour=64497), policy)  # as the command: the peer's AS is not ours
        self.assertEqual((other.passed, other.unknown), (set(), set()))

    def test_internal_under_an_external_role(self):
        """A peer's session with one announcement that is said to be internal; and AS migration, RFC 7705."""
        db = self.example()
        line = {"prefix": "10.1.0.0/16", "as_path": "64496 64498", "neighbour": 64496}
        policy = manrs.Policy("peer", local_as=64496)
        self.assertEqual(self.asked(db.check(dict(line, internal=True), policy)) & self.EXTERNAL, set())
        self.assertIn("first-as", db.check(line, policy).unknown)


class Slurm(unittest.TestCase):
    def test_filters_and_assertions(self):
        text = b"""{"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [{"prefix": "10.0.0.0/8"}], "bgpsecFilters": []},
            "locallyAddedAssertions": {"prefixAssertions": [{"asn": 7, "prefix": "11.0.0.0/8", "maxPrefixLength": 9}],
            "bgpsecAssertions": []}}"""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "slurm.json")
            with open(path, "wb") as file:
                file.write(text)
            with manrs.Db().edit() as edit:
                edit.add_vrps([("10.1.0.0/16", 16, 1), ("12.0.0.0/8", 8, 1)])
                self.assertEqual(edit.slurm(path), [])
            self.assertEqual(list(edit.db.vrps()), [("11.0.0.0/8", 9, 7), ("12.0.0.0/8", 8, 1)])
            with edit.db.edit() as again:
                again.slurm(None)
            self.assertEqual(list(again.db.vrps()), [("10.1.0.0/16", 16, 1), ("12.0.0.0/8", 8, 1)])
            with open(path, "wb") as file:
                file.write(text.replace(b'"10.0.0.0/8"', b'"10.0.0.1/8"'))
            with manrs.Db().edit() as edit:
                with self.assertRaisesRegex(manrs.Error, '"prefix": "10.0.0.1/8".*line 1'):
                    edit.slurm(path)
            with open(path, "wb") as file:
                file.write(text.replace(b'"maxPrefixLength": 9', b'"maxPrefixLength": null, "source": "X"'))
            with manrs.Db().edit() as edit:
                self.assertEqual([(fault.line, fault.code) for fault in edit.slurm(path)], [(2, 0), (2, manrs.EUNSUP)])
            with open(path, "wb") as file:
                file.write(b"{}")
            with manrs.Db().edit() as edit:
                self.assertRaises(manrs.Error, edit.slurm, path)


if __name__ == "__main__":
    unittest.main()
