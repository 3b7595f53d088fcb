#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Judge a folder of MRT archives on two workers: what share of each is Invalid, and which tests fail.

    PYTHONPATH=bindings/python LIBMANRS=build/libmanrs.so python3 examples/mrt_folder.py vrps.json /archive/2026-01-01

It needs dask.distributed (python3-distributed on Debian). The VRPs are read once a worker; an archive is a task. One that
cannot be read is told, and the others are judged. More machines are another address in place of the LocalCluster.
"""

import pathlib
import sys

from distributed import Client, LocalCluster

import manrs.dask

POLICY = {"role": "provider", "tests": ["rov", "bogon-prefix", "path-loop", "path-set"]}


def main(databases, folder):
    archives = sorted(path for path in pathlib.Path(folder).iterdir() if path.is_file())
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        report = manrs.dask.judge(client, databases, archives, POLICY)
    for shard in report.shards:
        invalid = shard.states.get("invalid", 0)
        print("%s: %d routes, %d invalid, %d bad records" % (pathlib.Path(shard.path).name, shard.routes, invalid, shard.bad))
    print("all: %s" % ", ".join("%s %d" % item for item in sorted(report.states.items())))
    print("failed: %s" % (", ".join("%s %d" % item for item in sorted(report.tests.items())) or "nothing"))
    for failure in report.failures:
        print("%s: %s" % (failure.path, failure.error), file=sys.stderr)
    return 1 if report.failures or not report.shards else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: mrt_folder.py VRPS... FOLDER")
    sys.exit(main(sys.argv[1:-1], sys.argv[-1]))
