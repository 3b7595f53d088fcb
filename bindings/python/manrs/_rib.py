# SPDX-License-Identifier: BSD-2-Clause
"""Routes of many sessions, each with a verdict that stays true.

    rib = manrs.Rib(db)
    peer = rib.session(64497, manrs.Policy("peer", local_as=64496), address="192.0.2.1")
    rib.announce(peer, ['{"prefix": "198.51.100.0/24", "as_path": "64497 64498"}'])
    rib.follow(newer)                                # a snapshot of the same database
    for change in rib.changes(): ...                 # each once: what became of which route
"""

import ctypes
import os
import struct
from ctypes import byref
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from . import _check, _mrt
from ._check import ANNOUNCE_ANY_NEIGHBOUR, ANNOUNCE_INTERNAL, Verdict
from ._lib import (
    EBUSY,
    EINVAL,
    ENOENT,
    ESTATE,
    CAnnouncement,
    CCursor,
    CMrtNote,
    CPrefix,
    CRibChange,
    CRibConfig,
    CRibRoute,
    CRibSession,
    CRibStats,
    CVerdict,
    Error,
    bulk,
    check,
    lib,
)
from ._life import Handle, made
from ._path import INTERNAL
from ._prefix import to_address, to_asn, to_number, to_prefix, to_text

ROWS, MANY = 1024, 8192
CHANGED, ANNOUNCED, WITHDRAWN = 1, 2, 4
KINDS = {CHANGED: "changed", ANNOUNCED: "announced", WITHDRAWN: "withdrawn"}
EXACT, UNDER, STALE = 0, 1, 1
LIMITS = ("max_bytes", "max_routes", "max_sessions")


class RibStats(NamedTuple):
    """What a rib holds and has done. bytes: of all of it; judged, told: routes and changes since the start."""

    sessions: int
    routes: int
    prefixes: int
    paths: int
    bytes: int
    judged: int
    told: int
    waiting: int


class RibChange(NamedTuple):
    """What became of a route. kind: "changed", "announced", "withdrawn"; origin None: there is none.

    before, after: None: there was none, there is none. test, code: the first test that fails now and did not, else that
    passes now and did not, else that differs, and why; None after a withdrawal.
    """

    session: int
    prefix: str
    path_id: int
    kind: str
    before: Optional[Verdict]
    after: Optional[Verdict]
    origin: Optional[int]
    test: Optional[str]
    code: Optional[str]


class RibRoute(NamedTuple):
    """A route with its verdict. stale: its session has not sent it again yet."""

    session: int
    prefix: str
    path_id: int
    as_path: str
    verdict: Verdict
    stale: bool


class _RibHandle(Handle):
    FREE = "manrs_rib_free"


def _verdict(v: CVerdict) -> Optional[Verdict]:
    masks = (getattr(v, "pass"), v.fail, v.unknown)
    return Verdict(*(_check._names(mask) for mask in masks)) if any(masks) else None


class Rib:
    """Routes of many sessions. db: what they are judged by; None: an empty database.

    max_bytes, max_routes, max_sessions: bounds, past which Error(ELIMIT) is raised. quiet: only changes of verdicts of routes
    that stay are told, not what is announced and withdrawn. One thread at a time uses a rib.
    """

    def __init__(self, db: Any = None, *, quiet: bool = False, **limits: int) -> None:
        config = CRibConfig()
        check(lib.manrs_rib_config_init(byref(config), ctypes.sizeof(config)))
        for name, value in limits.items():
            if name not in LIMITS:
                raise TypeError("a rib has no %r" % name)
            setattr(config, name, to_number(value, name))
        if quiet:
            config.report = CHANGED
        config.hash_seed[:] = struct.unpack("=2Q", os.urandom(16))
        self._pointer: Optional[Handle] = made(_RibHandle, lib.manrs_rib_new, byref(config))
        self._policies: Dict[int, Any] = {}
        self._waiting: List[Any] = []  # arrays of CRibChange
        self._db: Any = None
        if db is not None:
            self.follow(db)

    def _held(self) -> Handle:
        if self._pointer is None:
            raise Error(ESTATE, "this rib is closed")
        return self._pointer

    def close(self) -> None:
        """Let go of it and of its snapshot."""
        self._pointer, self._db = None, None
        self._policies.clear()

    def __enter__(self) -> "Rib":
        self._held()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def __len__(self) -> int:
        return self.stats.routes

    # ---- sessions ----

    def session(self, neighbour: Any, policy: Any, address: Any = None) -> int:
        """A session with a neighbour (its AS number; None: not known) under a policy, or a role's usual one: its number."""
        policy, made_of = _check._policy(policy), CRibSession()
        check(lib.manrs_rib_session_init(byref(made_of), ctypes.sizeof(made_of)))
        made_of.policy = ctypes.addressof(policy._c)
        made_of.neighbour_asn = to_asn(neighbour) if neighbour is not None else 0
        made_of.flags = ANNOUNCE_ANY_NEIGHBOUR if neighbour is None else 0
        made_of.flags |= ANNOUNCE_INTERNAL if policy._c.role == INTERNAL else 0
        if address is not None:
            made_of.neighbour_address = to_address(address)
        number = check(lib.manrs_rib_session_add(self._held(), byref(made_of)), None, "session")
        self._policies[number] = policy
        return number

    def set_policy(self, session: int, policy: Any) -> None:
        """Judge a session's routes by another policy."""
        policy = _check._policy(policy)
        check(lib.manrs_rib_session_set_policy(self._held(), _number(session), byref(policy._c)), None, "session %d" % session)
        self._policies[session] = policy
        self._work()

    def refresh(self, session: int) -> None:
        """All of a session's routes are stale until they are announced again, or end_of_rib takes them out."""
        check(lib.manrs_rib_session_refresh(self._held(), _number(session)), None, "session %d" % session)

    def end_of_rib(self, session: int, family: int) -> None:
        """Routes of family 4 or 6 that are still stale go."""
        check(lib.manrs_rib_end_of_rib(self._held(), _number(session), to_number(family, "a family")), None, "session %d" % session)
        self._work()

    def down(self, session: int) -> None:
        """All routes of a session go; it may announce again."""
        check(lib.manrs_rib_session_down(self._held(), _number(session)), None, "session %d" % session)
        self._work()

    def remove(self, session: int) -> None:
        """A session goes with its routes."""
        check(lib.manrs_rib_session_remove(self._held(), _number(session)), None, "session %d" % session)
        self._work()
        self._policies.pop(session, None)

    # ---- routes ----

    def announce(self, session: int, announcements: Any, path_ids: Optional[Iterable[int]] = None) -> None:
        """Put routes in: dicts or lines as Db.check takes them."""
        if isinstance(announcements, (dict, str, bytes)):
            announcements = [announcements]
        session, parsed = _number(session), _check._Parsed(announcements, self._policy_of(session))
        self._put(bulk.manrs_rib_announce, session, parsed.rows, parsed.n, _ids(path_ids, parsed.n))

    def withdraw(self, session: int, prefixes: Any, path_ids: Optional[Iterable[int]] = None) -> None:
        """Take routes out; what is not there is passed over."""
        prefixes = [prefixes] if isinstance(prefixes, str) else list(prefixes)
        rows = (CPrefix * max(len(prefixes), 1))(*[to_prefix(prefix) for prefix in prefixes])
        self._put(bulk.manrs_rib_withdraw, _number(session), rows, len(prefixes), _ids(path_ids, len(prefixes)))

    def replay(self, archive: Any, session_of: Callable[[str, int], Any]) -> int:
        """Put in what an archive holds (a manrs.Mrt, or what it can be made of), in its order; how many routes that were.

        session_of(address, asn): the policy or role of a peer's session, asked once a peer; None: passed over.
        """
        archive = archive if isinstance(archive, _mrt.Mrt) else _mrt.Mrt(archive)
        return _Replay(self, archive, session_of).run()

    def _policy_of(self, session: int) -> Any:
        if session not in self._policies:
            raise Error(ENOENT, "no session %d" % session)
        return self._policies[session]

    def _put(self, call: Any, session: int, rows: Any, n: int, ids: Any, at: int = 0) -> None:
        """All of them: where too many changes wait, they are pulled in between."""
        done, size = ctypes.c_size_t(), ctypes.sizeof(rows._type_)
        while True:
            more = byref(ids, 4 * at) if ids is not None else None
            result = call(self._held(), session, byref(rows, size * at), more, n - at, byref(done))
            at += done.value
            if result != EBUSY:
                break
            self._pull()
        if result != EINVAL:  # malformed ones are in it, and fail everything
            check(result, None, "session %d" % session)

    # ---- staying true ----

    @property
    def db(self) -> Any:
        """The snapshot that was followed last; None: an empty one."""
        return self._db

    def follow(self, db: Any) -> None:
        """Judge by another snapshot of the same database from now on; what it touches is looked at again."""
        check(lib.manrs_rib_follow(self._held(), db._held() if db is not None else None))
        self._db = db
        self._work()

    def _work(self) -> None:
        while True:
            result = bulk.manrs_rib_work(self._held(), 0)
            if result == EBUSY:
                self._pull()
            elif not check(result):
                return

    def _pull(self) -> None:
        n = MANY
        while n == MANY:
            rows = (CRibChange * MANY)()
            n = lib.manrs_rib_changes(self._held(), rows, MANY)
            if n:
                self._waiting.append((CRibChange * n).from_buffer_copy(rows))

    def changes(self) -> List[RibChange]:
        """What has changed since this was asked last, in order."""
        self._pull()
        arrays, self._waiting = self._waiting, []
        return [_change(row) for rows in arrays for row in rows]

    # ---- reading ----

    def routes(self, prefix: Any = None, under: bool = False) -> Iterator[RibRoute]:
        """The routes of a prefix, of it and all under it, or all; in order of prefixes, then of sessions."""
        cursor, rows, n = CCursor(), (CRibRoute * ROWS)(), ROWS
        key = byref(to_prefix(prefix)) if prefix is not None else None
        while n == ROWS:
            n = lib.manrs_rib_routes(self._held(), key, UNDER if under else EXACT, byref(cursor), rows, ROWS)
            for found in [_route(row) for row in rows[:n]]:
                yield found

    @property
    def stats(self) -> RibStats:
        """How much there is."""
        stats = CRibStats(size=ctypes.sizeof(CRibStats))
        check(lib.manrs_rib_stats_get(self._held(), byref(stats)))
        return RibStats(*(getattr(stats, name) for name in RibStats._fields))


def _number(session: Any) -> int:
    number = to_number(session, "a session")
    if not 0 <= number < 1 << 32:
        raise Error(ENOENT, "no session %d" % number)
    return number


def _ids(path_ids: Optional[Iterable[int]], n: int) -> Any:
    if path_ids is None:
        return None
    numbers = [to_number(value, "a path identifier") for value in path_ids]
    if len(numbers) != n or any(not 0 <= number < 1 << 32 for number in numbers):
        raise Error(EINVAL, "%d path identifiers for %d routes, or one that is not in 0..4294967295" % (len(numbers), n))
    return (ctypes.c_uint32 * max(n, 1))(*numbers)


def _test_of(number: int) -> str:
    return str(lib.manrs_test_text(number).decode())


def _change(row: CRibChange) -> RibChange:
    gone = row.kind == WITHDRAWN
    return RibChange(
        row.session,
        to_text(row.prefix),
        row.path_id,
        KINDS[row.kind],
        _verdict(row.before),
        _verdict(row.after),
        row.origin or None,
        None if gone else _test_of(row.test),
        None if gone else lib.manrs_code_text(row.code).decode() or None,
    )


def _route(row: CRibRoute) -> RibRoute:
    path = _mrt.path_text(row.announcement.path)
    verdict = _verdict(row.verdict) or Verdict(frozenset(), frozenset(), frozenset())
    return RibRoute(row.session, to_text(row.announcement.prefix), row.path_id, path, verdict, bool(row.flags & STALE))


class _Replay:
    """The records of an archive into a rib, one after the other."""

    def __init__(self, rib: Rib, archive: Any, session_of: Callable[[str, int], Any]) -> None:
        self.rib, self.archive, self.session_of = rib, archive, session_of
        self.sessions: Dict[Tuple[bytes, int], Optional[int]] = {}
        self.rows = (CAnnouncement * ROWS)()
        self.notes = (CMrtNote * ROWS)()
        self.gone, self.ids = (CPrefix * ROWS)(), (ctypes.c_uint32 * ROWS)()

    def session(self, address: CPrefix, asn: int) -> Optional[int]:
        key = (bytes(address), asn)
        if key not in self.sessions:
            text = _mrt.address_text(address)
            policy = self.session_of(text, asn)
            self.sessions[key] = None if policy is None else self.rib.session(asn or None, policy, text or None)
        return self.sessions[key]

    def run(self) -> int:
        total, pointer = 0, self.archive._held()
        for record in self.archive._records():
            if record is None:
                continue
            if record.kind == _mrt.KINDS.index("state") and record.old_state == 6:  # it was Established
                session = self.session(record.session.neighbour_address, record.session.neighbour_asn)
                if session is not None:
                    self.rib.down(session)
            if record.kind == _mrt.KINDS.index("update") and not record.local:
                self.withdrawn(pointer, record)
            if record.kind in (2, 3) and not record.local:
                total += self.announced(pointer)
        return total

    def withdrawn(self, pointer: Any, record: Any) -> None:
        n = ROWS
        while n == ROWS:
            n = lib.manrs_mrt_withdrawn(pointer, self.gone, self.ids, ROWS)
            session = self.session(record.session.neighbour_address, record.session.neighbour_asn) if n else None
            if session is not None:
                self.rib._put(lib.manrs_rib_withdraw, session, self.gone, n, self.ids)

    def announced(self, pointer: Any) -> int:
        total, n = 0, ROWS
        while n == ROWS:
            n = lib.manrs_mrt_announced(pointer, self.rows, self.notes, ROWS)
            at = 0
            while at < n:
                row, end = self.rows[at], at + 1
                while end < n and self._same(row, self.rows[end]):
                    end += 1
                session = self.session(row.neighbour_address, row.neighbour_asn)
                if session is not None:
                    for index in range(at, end):
                        self.ids[index] = self.notes[index].path_id
                    self.rib._put(lib.manrs_rib_announce, session, self.rows, end, self.ids, at)
                    total += end - at
                at = end
        return total

    @staticmethod
    def _same(a: Any, b: Any) -> bool:
        return a.neighbour_asn == b.neighbour_asn and bytes(a.neighbour_address) == bytes(b.neighbour_address)

