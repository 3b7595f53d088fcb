# SPDX-License-Identifier: BSD-2-Clause
"""Judge many files across a Dask cluster: archives of RIBs, one shard a task, one snapshot a worker.

    from dask.distributed import Client
    import manrs.dask

    report = manrs.dask.judge(Client("tcp://scheduler:8786"), ["vrps.json.gz"], sorted(glob("/archive/*.gz")))
    print(report.states["invalid"], [failure.path for failure in report.failures])

A shard is an MRT archive or text, compressed or not, told by content: lines of `bgpdump -m`, of "PREFIX ASN" or
"PREFIX => ASN", or CSV with the prefix and the origin first. The paths of databases and shards are those that the
workers see. A line that is neither is counted as bad; a shard that cannot be read is a failure, told in the report, and
the rest is kept.
"""

import io
import os
import threading
import time
from collections import Counter
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from . import Db, Error, Mrt, Policy, State, is_mrt, path_origin, tests
from ._load import open_any

BATCH = 65536

_lock = threading.Lock()
_snapshots: Dict[Any, Db] = {}
_reads = 0


class Shard(NamedTuple):
    """What one file held. states: count by state; tests: count of failures by test, when a policy was given."""

    path: str
    routes: int
    bad: int
    states: Dict[str, int]
    tests: Dict[str, int]
    seconds: float
    worker: int


class Failure(NamedTuple):
    """A file that could not be judged, and why."""

    path: str
    error: str


class Report(NamedTuple):
    """All shards together, in the order that they were given."""

    routes: int
    bad: int
    states: Dict[str, int]
    tests: Dict[str, int]
    shards: List[Shard]
    failures: List[Failure]
    workers: int


def snapshot(databases: Sequence[str]) -> Db:
    """This process's snapshot of these files, read when first asked for and again when a file changed."""
    global _reads
    key = tuple((path, os.stat(path).st_mtime_ns) for path in databases)
    with _lock:
        if key not in _snapshots:
            _snapshots.clear()
            _snapshots[key] = Db.from_files(*databases)
            _reads += 1
        return _snapshots[key]


def route_of(line: str) -> Optional[Tuple[str, Any]]:
    """(prefix, origin) of a line; None for a comment, a header or a line that announces nothing; Error for another."""
    if "|" in line:
        fields = line.split("|")
        if len(fields) > 6 and fields[2] in ("A", "B"):
            return fields[5], path_origin(fields[6])
        if len(fields) > 2 and fields[2] in ("W", "STATE"):
            return None
        raise Error(-4, "not a line of bgpdump -m")
    words = line.replace("=>", " ").replace(",", " ").split()
    if not words or words[0].startswith(("#", ";")) or words[0].strip('"').lower() in ("prefix", "asn", "network"):
        return None
    if len(words) < 2 or "/" not in words[0]:
        raise Error(-4, "no prefix and origin")
    return words[0].strip('"'), int(words[1].strip('"').upper().replace("AS", "", 1))


class _Batch:
    """Routes of a shard, judged some ten thousand at a time."""

    def __init__(self, db: Db, policy: Optional[Policy]) -> None:
        self.db, self.policy = db, policy
        self.prefixes: List[str] = []
        self.origins: List[Any] = []
        self.lines: List[str] = []
        self.states: "Counter[str]" = Counter()
        self.tests: "Counter[str]" = Counter()

    def add(self, line: str, route: Tuple[str, Any]) -> None:
        self.prefixes.append(route[0])
        self.origins.append(route[1])
        if self.policy is not None and "|" in line:
            self.lines.append(line)
        if len(self.prefixes) >= BATCH:
            self.judge()

    def judge(self) -> None:
        for state, count in Counter(self.db.rov_many(self.prefixes, self.origins)).items():
            self.states[str(state)] += count
        if self.lines and self.policy is not None:
            for verdict in self.db.check(self.lines, self.policy):
                self.tests.update(verdict.failed)
        self.prefixes, self.origins, self.lines = [], [], []


class _Archive:
    """The routes of an MRT archive, in batches as they come."""

    def __init__(self, db: Db, policy: Optional[Policy]) -> None:
        self.db, self.policy = db, policy
        self.routes = self.bad = 0
        self.states: "Counter[str]" = Counter()
        self.tests: "Counter[str]" = Counter()

    def judge(self, file: Any) -> None:
        archive = Mrt(file)
        for batch in archive:
            self.routes += len(batch)
            for state, count in Counter(bytes(self.db.rov_many(batch.routes))).items():
                self.states[str(State(state))] += count
            if self.policy is not None:
                self.count(Counter(batch.check(self.db, self.policy)[1].tolist()))
        self.bad += archive.stats.bad + archive.lost

    def count(self, failed: "Counter[int]") -> None:
        for mask, count in failed.items():
            for name, number in tests().items():
                if mask >> number & 1:
                    self.tests[name] += count


def judge_shard(databases: Sequence[str], path: str, policy: Optional[Dict[str, Any]] = None) -> Shard:
    """One file in this process. Raises what cannot be read."""
    began = time.monotonic()
    db, rules = snapshot(databases), Policy(**policy) if policy else None
    with open_any(path) as file:
        if is_mrt(file.read(12)):
            file.seek(0)
            archive = _Archive(db, rules)
            archive.judge(file)
            return _shard(path, archive.routes, archive.bad, archive, began)
    batch = _Batch(db, rules)
    routes = bad = 0
    with open_any(path) as file:
        for line in io.TextIOWrapper(file, encoding="ascii", errors="replace"):
            try:
                route = route_of(line.rstrip("\r\n"))
            except ValueError:
                bad += 1
                continue
            if route is not None:
                routes += 1
                batch.add(line, route)
    batch.judge()
    return _shard(path, routes, bad, batch, began)


def _shard(path: str, routes: int, bad: int, judged: Any, began: float) -> Shard:
    malformed = judged.states.pop(str(State.MALFORMED), 0)
    seconds = time.monotonic() - began
    return Shard(path, routes - malformed, bad + malformed, dict(judged.states), dict(judged.tests), seconds, os.getpid())


def merge(results: Iterable[Any]) -> Report:
    """Shards and failures as one report."""
    shards, failures = [], []
    states: "Counter[str]" = Counter({str(state): 0 for state in State if state is not State.MALFORMED})
    tests: "Counter[str]" = Counter()
    for result in results:
        if isinstance(result, Failure):
            failures.append(result)
        else:
            shards.append(result)
            states.update(result.states)
            tests.update(result.tests)
    routes, bad = sum(shard.routes for shard in shards), sum(shard.bad for shard in shards)
    workers = len({shard.worker for shard in shards})
    return Report(routes, bad, dict(states), dict(tests), shards, failures, workers)


def judge(client: Any, databases: Sequence[Any], shards: Iterable[Any], policy: Optional[Dict[str, Any]] = None) -> Report:
    """Judge shards with a dask.distributed.Client.

    policy: the arguments of manrs.Policy as a dict ({"role": "peer", ...}): every test on lines of `bgpdump -m`, too.
    """
    names, paths = [os.fspath(name) for name in databases], [os.fspath(path) for path in shards]
    futures = [client.submit(judge_shard, names, path, policy, pure=False, retries=0) for path in paths]
    results: List[Any] = []
    for path, future in zip(paths, futures):
        error = future.exception()  # waits; a lost worker is one, too
        results.append(future.result() if error is None else Failure(path, "%s: %s" % (type(error).__name__, error)))
    return merge(results)
