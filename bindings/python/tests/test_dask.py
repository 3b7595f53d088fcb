# SPDX-License-Identifier: BSD-2-Clause
"""Shards across two worker processes against the same routes judged here."""

import gzip
import os
import subprocess
import sys
import tempfile
import unittest

import manrs
import manrs.dask as cluster
from manrs import _lib
from test_mrt import RIB, UPDATES

try:
    from distributed import Client, LocalCluster
except ImportError:
    Client = None

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, "examples", "mrt_folder.py")
CSV = "ASN,IP Prefix,Max Length,Trust Anchor\nAS1,10.0.0.0/8,16,x\nAS2,2001:db8::/32,48,x\n"
LINES = ["10.1.0.0/16 1", "10.1.0.0/16 => AS2", "11.0.0.0/8,3", '"2001:db8::/48","AS2"']  # valid invalid not-found valid
EXPECTED = {"valid": 2, "invalid": 1, "not-found": 1}


class Shards(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.vrps = self.write("vrps.csv", CSV)

    def write(self, name, text, opener=open):
        path = os.path.join(self.folder, name)
        with opener(path, "wt") as file:
            file.write(text)
        return path

    def shards(self, n):
        text = "prefix,origin\n# comment\n\n" + "\n".join(LINES) + "\nnonsense\n10.0.0.1/8 1\n"
        opener = (open, gzip.open)
        return [self.write("shard%d.txt" % i, text, opener[i % 2]) for i in range(n)]

    def test_one_shard_here(self):
        shard = cluster.judge_shard([self.vrps], self.shards(1)[0])
        self.assertEqual((shard.routes, shard.bad, shard.states), (4, 2, EXPECTED))
        self.assertEqual(shard.worker, os.getpid())

    def test_bgpdump_lines(self):
        lines = (
            "TABLE_DUMP2|1|B|198.51.100.1|5|10.1.0.0/16|5 1|IGP|198.51.100.1|0|0||NAG||\n"
            "BGP4MP|1|A|198.51.100.1|5|10.1.0.0/16|5 {1,2}|IGP|198.51.100.1|0|0||NAG||\n"
            "BGP4MP|1|W|198.51.100.1|5|10.1.0.0/16\n"
            "BGP4MP|1|STATE|198.51.100.1|5|1|2\n"
            "x|y\n"
        )
        shard = cluster.judge_shard([self.vrps], self.write("rib.txt", lines))
        self.assertEqual((shard.routes, shard.bad, shard.states), (2, 1, {"valid": 1, "invalid": 1}))

    def test_every_other_test_with_a_policy(self):
        lines = (
            "TABLE_DUMP2|1|B|198.51.100.1|5|10.1.0.0/16|5 1|IGP|198.51.100.1|0|0||NAG||\n"
            "TABLE_DUMP2|1|B|198.51.100.1|5|10.1.0.0/16|6 1|IGP|198.51.100.1|0|0||NAG||\n"
            "10.1.0.0/16 1\n"
        )
        policy = {"role": "peer", "tests": ["rov", "first-as", "bogon-prefix"]}
        shard = cluster.judge_shard([self.vrps], self.write("rib.txt", lines), policy)
        self.assertEqual((shard.routes, shard.states), (3, {"valid": 3}))
        self.assertEqual(shard.tests, {"first-as": 1, "bogon-prefix": 2})

    def test_the_snapshot_is_read_once_and_again_when_the_file_changed(self):
        path = self.shards(1)[0]
        before = cluster._reads
        for _ in range(3):
            cluster.judge_shard([self.vrps], path)
        self.assertEqual(cluster._reads, before + 1)
        self.write("vrps.csv", CSV + "AS3,11.0.0.0/8,8,x\n")
        os.utime(self.vrps, ns=(1, 1))
        self.assertEqual(cluster.judge_shard([self.vrps], path).states, {"valid": 3, "invalid": 1})

    def test_an_archive(self):
        archive = os.path.join(self.folder, "rib.gz")
        with gzip.open(archive, "wb") as file:
            file.write(RIB + UPDATES)
        policy = {"role": "peer", "tests": ["rov", "first-as"]}
        shard = cluster.judge_shard([self.vrps], archive, policy)
        self.assertEqual((shard.routes, shard.bad, shard.states), (5, 0, {"valid": 1, "invalid": 3, "not-found": 1}))
        self.assertEqual(shard.tests, {"rov": 3})

    @unittest.skipUnless(Client and os.path.exists(EXAMPLE), "no dask.distributed, or no examples")
    def test_the_example(self):
        folder = os.path.join(self.folder, "archives")
        os.mkdir(folder)
        for name, data in (("a", RIB), ("b", UPDATES), ("c", RIB[:-1])):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(map(os.path.abspath, sys.path)), LIBMANRS=os.path.abspath(_lib.path))
        done = subprocess.run(
            [sys.executable, EXAMPLE, self.vrps, folder], stdout=subprocess.PIPE, universal_newlines=True, cwd=self.folder, env=environment
        )
        self.assertEqual(
            done.stdout.splitlines(),
            [
                "a: 3 routes, 1 invalid, 0 bad records",
                "b: 2 routes, 2 invalid, 0 bad records",
                "c: 2 routes, 1 invalid, 1 bad records",
                "all: invalid 4, not-found 1, valid 2",
                "failed: bogon-prefix 6, rov 4",
            ],
        )
        self.assertEqual(done.returncode, 0)

    @unittest.skipUnless(Client, "no dask.distributed")
    def test_two_workers_and_a_bad_shard(self):
        good = self.shards(12)
        cut = os.path.join(self.folder, "cut.gz")
        with open(cut, "wb") as file:
            file.write(gzip.compress(b"10.0.0.0/8 1\n" * 1000)[:-20])
        shards = good[:5] + [os.path.join(self.folder, "absent"), cut] + good[5:]
        options = dict(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=self.folder)
        with LocalCluster(**options) as workers, Client(workers) as client:
            client.wait_for_workers(2)
            report = cluster.judge(client, [self.vrps], shards)
            reads = client.run(lambda: __import__("manrs.dask").dask._reads)
            self.assertEqual(len(reads), 2)
            self.assertEqual(set(reads.values()) - {0, 1}, set())
            broken = cluster.judge(client, [os.path.join(self.folder, "no-vrps")], good[:1])
        self.assertEqual(report.states, {state: 12 * count for state, count in EXPECTED.items()})
        self.assertEqual((report.routes, report.bad), (48, 24))
        self.assertEqual([shard.path for shard in report.shards], good)
        self.assertEqual([failure.path for failure in report.failures], [shards[5], cut])
        self.assertIn("FileNotFoundError", report.failures[0].error)
        self.assertEqual(report.workers, 2)
        self.assertEqual((len(broken.failures), broken.routes), (1, 0))


if __name__ == "__main__":
    unittest.main()
