# SPDX-License-Identifier: BSD-2-Clause
"""Answers on real data against those of three other implementations (../shared/data/README.md of the developer kit).

MANRS_STEP=10 asks every tenth line, as without the extension: ctypes reads a text in some microseconds.
"""

import ipaddress
import lzma
import os
import unittest

import manrs
from manrs import _lib

try:
    import numpy
except ImportError:
    numpy = None

DATA = os.environ.get("MANRS_DATA", "../shared/data")
VRPS = os.path.join(DATA, "vrp", "rpki-client-20250720T093135Z.json.bz2")
STEP = int(os.environ.get("MANRS_STEP", "1" if _lib.extension else "10"))
LETTERS = {"n": 0, "v": 1, "i": 2}
WORDS = {"notfound": 0, "valid": 1, "invalid": 2}


def lines(*path):
    with lzma.open(os.path.join(DATA, *path), "rt") as file:
        return file.read().split("\n")


@unittest.skipUnless(os.path.exists(VRPS), "no data under %s" % DATA)
class Rov(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = manrs.Db.from_files(VRPS)

    @classmethod
    def tearDownClass(cls):
        del cls.db

    def test_the_whole_file_was_read(self):
        self.assertEqual(self.db.loaded[0].vrps, 723521)
        self.assertEqual((self.db.stats.vrps4, self.db.stats.vrps6), (580366, 143155))
        self.assertEqual(self.db.stats.aspas, 100)
        self.assertEqual(self.db.loaded[0].bad, 0)

    def same(self, prefixes, origins, expected):
        records = bytes(manrs.routes(prefixes, origins))
        self.assertEqual(bytes(self.db.rov_many(records)), expected)
        self.assertEqual(bytes(self.db.rov_many(prefixes, origins)), expected)
        half = b"".join(records[i : i + 20] for i in range(0, len(records), 24))
        self.assertEqual(bytes(self.db.rov_many(half, origins)), expected)
        if numpy:
            states = self.db.rov_many(numpy.frombuffer(records, manrs.route_dtype))
            self.assertTrue((states == numpy.frombuffer(expected, numpy.uint8)).all())
        for i in range(0, len(prefixes), max(1, 101 // STEP)):
            self.assertEqual(self.db.rov(prefixes[i], origins[i]), expected[i], prefixes[i])

    def routes(self, name, states):
        rows = [line.split() for line in lines("routes", name) if line][::STEP]
        letters = "".join(lines("rov", "expected", states))[::STEP]
        self.assertEqual(len(rows), len(letters))
        self.same([r[0] for r in rows], [int(r[1]) for r in rows], bytes(LETTERS[letter] for letter in letters))

    def test_routes_of_2015(self):
        self.routes("routes-20151101-dualstack.txt.xz", "routes-20151101.states.xz")

    def test_routes_of_2024(self):
        self.routes("routes-2024prefix-2026origin.txt.xz", "routes-2024prefix-2026origin.states.xz")

    def test_boundaries(self):
        rows = [line.split("|") for line in lines("rov", "expected", "stress-236876.prefix_origin_state.xz") if line][::STEP]
        self.same([r[0] for r in rows], [int(r[1]) for r in rows], bytes(WORDS[r[2]] for r in rows))

    def test_covering_of_a_sample(self):
        """Against a scan of all VRPs."""
        vrps = list(self.db.vrps())
        for prefix in ("1.1.1.0/24", "8.8.8.0/24", "193.0.0.0/21"):
            net = ipaddress.ip_network(prefix)
            found = []
            for vrp in vrps:
                if ":" not in vrp.prefix and vrp.prefix.split(".")[0] == prefix.split(".")[0]:
                    if net.subnet_of(ipaddress.ip_network(vrp.prefix)):
                        found.append(vrp)
            self.assertEqual(self.db.covering(prefix), found)


if __name__ == "__main__":
    unittest.main()
