# SPDX-License-Identifier: BSD-2-Clause
"""Snapshots and edits.

    Owner ---- memory of a family of snapshots, and the lock of its one writer (_life.py)
       Edit -- holds the lock from begin to commit or abort
         Db -- a snapshot, through a handle that lets go of it when the last Python reference dies

A call that another thread's close() overlaps keeps its own reference to the handle, so a snapshot never goes under it.
"""

import ctypes
from ctypes import byref
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from . import _check, _load, _path, _prefix
from ._lib import (
    EINVAL,
    ELIMIT,
    ESTATE,
    CAspa,
    CAspaPair,
    CChange,
    CCounts,
    CCursor,
    CDbConfig,
    CDbStats,
    CFault,
    CRoute,
    CRouterKey,
    Error,
    Fault,
    bulk,
    check,
    error_again,
    extension,
    lib,
)
from ._life import Handle, Owner, Snapshot, Writer, hold, let_go
from ._prefix import ROUTE_SIZE, STATES, State, Vrp, pointer, to_asn, to_number, to_origin, to_prefix, to_routes, to_text

ADD, REMOVE = 1, 2
SOURCES = 64
ROWS = 4096
KINDS = ("", "vrp4", "vrp6", "irr", "aspa", "key")


class Counts(NamedTuple):
    """What an edit did with its records, seen from their source alone."""

    added: int
    present: int
    removed: int
    unknown: int
    refused: int


class Stats(NamedTuple):
    """What a snapshot judges by, and the bytes it takes."""

    vrps4: int
    vrps6: int
    irr4: int
    irr6: int
    aspas: int
    aspa_providers: int
    keys: int
    serial: int
    bytes_read: int
    bytes_all: int


class Change(NamedTuple):
    """A difference: look again at the prefix and its more-specifics, or at paths that hold the ASN."""

    kind: str
    prefix: Optional[str]
    asn: Optional[int]


class RouterKey(NamedTuple):
    """A BGPsec router key."""

    asn: int
    ski: bytes
    spki: bytes


class _OwnerHandle(Handle):
    FREE = "manrs_db_owner_free"


class _Owner(Owner):
    HANDLE, CONFIG = _OwnerHandle, CDbConfig
    NEW, RECLAIM = "manrs_db_owner_new", "manrs_db_reclaim"


class _Ref(Snapshot):
    FREE = "manrs_db_unref"


class _PureSnapshot:
    """What the extension does faster: one route at a time."""

    _ref: Optional[Snapshot]

    def _attach(self, address: int) -> None:
        pass

    def rov(self, prefix: Any, origin: Any = None) -> State:
        """Validate one route (RFC 6811)."""
        return self._rov(prefix, origin)

    def _rov(self, prefix: Any, origin: Any = None) -> State:
        route = CRoute()
        to_prefix(prefix, route.prefix)
        route.asn = to_origin(origin)
        return STATES[lib.manrs_rov_check(self._held(), byref(route))]

    def _held(self) -> Snapshot:
        ref = self._ref
        if ref is None:
            raise Error(ESTATE, "this database is closed")
        return ref


if extension:

    class _Snapshot(extension.Snapshot):  # type: ignore[misc]
        _rov = _PureSnapshot._rov
        _held = _PureSnapshot._held

    extension.setup(
        {name: lib.address(name) for name in extension.FUNCTIONS},
        STATES,
        _prefix.route_record,
        _prefix.key_record,
        Error,
    )
else:
    _Snapshot = _PureSnapshot  # type: ignore[assignment,misc]


class Db(_Snapshot, _path.Paths, _check.Checks):  # type: ignore[misc]
    """An immutable snapshot of VRPs, ASPAs, IRR routes and router keys. Any thread may ask it.

    Db() is empty; Db.from_files(...) reads files; an edit gives the next one. close() or `with` lets go early.
    """

    def __init__(self) -> None:
        with Edit(None) as edit:
            pass
        self._adopt(edit.db._held())
        self._loaded: Tuple[_load.Loaded, ...] = ()

    def _adopt(self, ref: Snapshot) -> None:
        self._ref: Optional[Snapshot] = ref
        hold(self, ref)
        self._attach(int(ref))

    @classmethod
    def _of(cls, ref: Snapshot, loaded: Tuple[_load.Loaded, ...] = ()) -> "Db":
        db = cls.__new__(cls)
        db._adopt(ref)
        db._loaded = loaded
        return db

    @classmethod
    def from_files(cls, *paths: Any) -> "Db":
        """Read VRP and ASPA files (JSON, CSV, OpenBGPD, BIRD, text; gzip, bzip2, xz), each under a source of its own.

        A bad entry is skipped and told in db.loaded; a bad file raises Error, and so does JSON without a list of records:
        only an explicit empty list is an empty set, with a UserWarning. Without paths: an empty database.
        """
        if len(paths) > SOURCES:
            raise Error(ELIMIT, "%d files, and a database has %d sources" % (len(paths), SOURCES))
        if not paths:
            return cls()
        with cls().edit() as edit:
            for source, path in enumerate(paths):
                edit.load(path, source=source)
        return cls._of(edit.db._held(), edit.db._loaded)

    @property
    def loaded(self) -> Tuple[_load.Loaded, ...]:
        """What each file held, and its bad entries."""
        return self._loaded

    def close(self) -> None:
        """Let go of the snapshot; what comes after raises Error(ESTATE)."""
        self._attach(0)
        self._ref = None
        let_go(self)

    def __del__(self) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self._ref is None

    def __enter__(self) -> "Db":
        self._held()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._ref is None:
            return "<manrs.Db closed>"
        s = self.stats
        return "<manrs.Db serial %d: %d VRPs, %d ASPAs, %d IRR routes>" % (
            s.serial, s.vrps4 + s.vrps6, s.aspas, s.irr4 + s.irr6,
        )  # fmt: skip

    def __reduce__(self) -> Any:
        raise TypeError("a manrs.Db cannot be pickled: give its files to the other process")

    def edit(self, source: int = 0) -> "Edit":
        """Open an edit on this snapshot (also an older one: that branches). Use it with `with`; it is `edit.db` then."""
        return Edit(self, source)

    # ---- origin validation ----

    def rov_many(self, prefixes: Any, origins: Any = None, out: Any = None) -> Any:
        """Validate many routes at once, without the interpreter lock.

        prefixes: route records (manrs.route_dtype, or any buffer of 24-byte records) alone; or prefix records (20 bytes)
        or a list of prefixes, with origins; or a list of (prefix, origin). A row of a list that does not parse is
        MALFORMED, it does not stop the others. Returns a list of State for lists, numpy uint8 for numpy, else a
        bytearray; with `out`, a writable buffer of n bytes, it is filled and returned.
        """
        ref = self._held()
        routes, n = to_routes(prefixes, origins)
        states = out if out is not None else bytearray(n)
        if out is not None:
            with memoryview(out) as view:
                if view.readonly or not view.c_contiguous or view.nbytes != n:
                    raise Error(EINVAL, "out is not a writable buffer of %d bytes" % n)
        if n:
            bulk.manrs_rov_check_many(ref, pointer(routes), n, pointer(states))
        if out is not None:
            return out
        numpy = _prefix._numpy_of(prefixes)
        if numpy is not None:
            return numpy.frombuffer(states, numpy.uint8)
        return states if _prefix.is_buffer(prefixes) else [STATES[state] for state in states]

    def covering(self, prefix: Any) -> List[Vrp]:
        """All VRPs that cover a prefix, shortest first."""
        ref, key = self._held(), to_prefix(prefix)
        cap = 64
        while True:
            rows = (CRoute * cap)()
            n = lib.manrs_rov_covering(ref, byref(key), rows, cap)
            if n <= cap:
                return [Vrp(to_text(r.prefix), r.prefix.maxlen, r.asn) for r in rows[:n]]
            cap = n

    # ---- listings ----

    def _slices(self, call: Any, kind: Any) -> Iterator[Any]:
        cursor, rows = CCursor(), (kind * ROWS)()
        n = ROWS
        while n == ROWS:
            n = call(self._held(), byref(cursor), rows, ROWS)
            if n:
                yield rows, n

    def vrps(self) -> Iterator[Vrp]:
        """The VRPs that are judged by, in order."""
        for rows, n in self._slices(bulk.manrs_db_vrps, CRoute):
            for text, row in zip(_prefix.texts(rows, ROUTE_SIZE, n), rows):
                yield Vrp(text, row.prefix.maxlen, row.asn)

    def vrp_records(self) -> bytes:
        """The VRPs as one array of 24-byte route records."""
        size = ctypes.sizeof(CRoute)
        return b"".join(ctypes.string_at(r, n * size) for r, n in self._slices(bulk.manrs_db_vrps, CRoute))

    def irr(self) -> Iterator[Tuple[str, int]]:
        """The IRR route objects, in order, as (prefix, asn)."""
        for rows, n in self._slices(bulk.manrs_db_irr, CRoute):
            for text, row in zip(_prefix.texts(rows, ROUTE_SIZE, n), rows):
                yield text, row.asn

    def aspas(self) -> Dict[int, List[int]]:
        """Customer -> its providers over all sources; [0] says "none"."""
        found: Dict[int, List[int]] = {}
        for rows, n in self._slices(bulk.manrs_db_aspas, CAspaPair):
            for row in rows[:n]:
                found.setdefault(row.customer, []).append(row.provider)
        return found

    def keys(self) -> Iterator[RouterKey]:
        """The router keys, in order."""
        for rows, n in self._slices(bulk.manrs_db_keys, CRouterKey):
            for row in rows[:n]:
                yield RouterKey(row.asn, bytes(row.ski), bytes(row.spki[: row.spki_len]))

    @property
    def stats(self) -> Stats:
        """Counts, and the memory they take."""
        stats = CDbStats(size=ctypes.sizeof(CDbStats))
        check(lib.manrs_db_stats_get(self._held(), byref(stats)))
        return Stats(*(getattr(stats, name) for name in Stats._fields))

    def diff(self, other: "Db") -> List[Change]:
        """What is judged otherwise in `other` than here, each prefix, customer and key once."""
        if not isinstance(other, Db):
            raise TypeError("a Db is compared with a Db, not with %s" % type(other).__name__)
        here, there = self._held(), other._held()
        cursor, rows, found, n = CCursor(), (CChange * ROWS)(), [], ROWS
        while n == ROWS:
            n = bulk.manrs_db_diff(here, there, byref(cursor), rows, ROWS)
            for row in rows[:n]:
                prefix = to_text(row.prefix) if row.kind <= 3 else None
                found.append(Change(KINDS[row.kind], prefix, row.asn if row.kind > 3 else None))
        return found


class Edit(Writer):
    """Changes to a snapshot, seen by nobody until they are committed.

    with db.edit(source=3) as e:
        e.add_vrps([("192.0.2.0/24", 24, 64496)])
    new = e.db

    Leaving the block commits; an exception aborts and the database is as it was. One edit at a time is open on a
    database and its descendants: another thread's edit() waits for this one to end.
    """

    _BEGIN, _COMMIT, _ABORT = "manrs_edit_begin", "manrs_edit_commit", "manrs_edit_abort"
    _SNAPSHOT = _Ref

    def __init__(self, base: Optional[Db], source: int = 0) -> None:
        self._source = _source(source)
        self._db: Optional[Db] = None
        self._loaded: List[_load.Loaded] = list(base._loaded) if base is not None else []
        ref = base._held() if base is not None else None
        super().__init__(ref.owner if ref is not None else _Owner(), ref)

    def __enter__(self) -> "Edit":
        self._open()
        return self

    @property
    def db(self) -> Db:
        """The new snapshot, once committed."""
        if self._db is None:
            raise Error(ESTATE, "this edit is not committed")
        return self._db

    def commit(self) -> Db:
        """Publish: the new snapshot, also as .db. When memory fails the edit stays open."""
        with self._mutex:
            self._db = Db._of(self._publish(), tuple(self._loaded))
        return self._db

    def _feed(self, call: Any, op: int, rows: Any, n: int, source: Optional[int], strict: bool, what: str) -> Counts:
        counts, fault = CCounts(), CFault()
        source = self._source if source is None else _source(source)
        with self._mutex:
            check(call(self._open(), source, op, pointer(rows), n, byref(counts), byref(fault)), fault)
        if counts.refused and strict:
            raise Error(fault.code or EINVAL, "%d of %d %s refused" % (counts.refused, n, what), fault.value())
        return Counts(*(getattr(counts, name) for name in Counts._fields))

    def add_vrps(self, vrps: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        """Add (prefix, maxlen, asn) rows, or a buffer of route records. maxlen None is the prefix's own length.

        strict: a row that breaks the rules raises Error; else it is skipped and counted as refused.
        """
        rows, n, bad = _vrp_rows(vrps, strict)
        return _more_refused(self._feed(bulk.manrs_edit_vrps, ADD, rows, n, source, strict, "VRPs"), bad)

    def remove_vrps(self, vrps: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        """Withdraw VRPs of this source; what it does not have is counted as unknown."""
        rows, n, bad = _vrp_rows(vrps, strict)
        return _more_refused(self._feed(bulk.manrs_edit_vrps, REMOVE, rows, n, source, strict, "VRPs"), bad)

    def add_irr(self, routes: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        """Add (prefix, asn) rows of route objects, or a buffer of route records."""
        rows, n = _irr_rows(routes)
        return self._feed(bulk.manrs_edit_irr, ADD, rows, n, source, strict, "route objects")

    def remove_irr(self, routes: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        rows, n = _irr_rows(routes)
        return self._feed(bulk.manrs_edit_irr, REMOVE, rows, n, source, strict, "route objects")

    def add_aspas(self, aspas: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        """Add (customer, [provider, ...]) rows, or a dict; [0] says "no providers". Order and doubles do not matter.

        What one edit adds of a customer is united, counted as present but for the first, and replaces what earlier edits left.
        """
        rows, n = _aspa_rows(aspas)
        return self._feed(bulk.manrs_edit_aspas, ADD, rows, n, source, strict, "ASPAs")

    def remove_aspas(self, customers: Iterable[Any], source: Optional[int] = None, strict: bool = True) -> Counts:
        """Withdraw the ASPAs of these customers."""
        rows, n = _aspa_rows([(customer, [0]) for customer in customers])
        return self._feed(bulk.manrs_edit_aspas, REMOVE, rows, n, source, strict, "ASPAs")

    def add_keys(self, keys: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        """Add (asn, ski, spki) router keys."""
        rows, n = _key_rows(keys)
        return self._feed(bulk.manrs_edit_keys, ADD, rows, n, source, strict, "router keys")

    def remove_keys(self, keys: Any, source: Optional[int] = None, strict: bool = True) -> Counts:
        rows, n = _key_rows(keys)
        return self._feed(bulk.manrs_edit_keys, REMOVE, rows, n, source, strict, "router keys")

    def drop(self, source: Optional[int] = None) -> int:
        """Remove everything of a source; how many records that were."""
        counts = CCounts()
        source = self._source if source is None else _source(source)
        with self._mutex:
            check(bulk.manrs_edit_drop(self._open(), source, byref(counts)))
        return int(counts.removed)

    def load(self, path: Any, source: Optional[int] = None) -> _load.Loaded:
        """Add what a file holds. A bad file raises before anything of it is added."""
        self._open()
        reader, loaded = _load.read(path)
        for rows in reader.routes:
            self._feed(bulk.manrs_edit_vrps, ADD, rows, len(rows) // ROUTE_SIZE, source, False, "VRPs")
        for rows in reader.keys:
            n = len(rows) // ctypes.sizeof(CRouterKey)
            self._feed(bulk.manrs_edit_keys, ADD, rows, n, source, False, "router keys")
        if reader.aspas:
            aspas, n = _aspa_array([(c, (ctypes.c_uint32 * (len(p) // 4)).from_buffer_copy(p)) for c, p in reader.aspas])
            self._feed(bulk.manrs_edit_aspas, ADD, aspas, n, source, False, "ASPAs")
        self._loaded.append(loaded)
        return loaded

    def slurm(self, path: Any) -> List[Fault]:
        """Replace the local exceptions by those of a SLURM file (RFC 8416; None: by none).

        Any deviation from the RFC raises Error; a null in an optional member and a registry's own members are passed
        over, and returned: the first of each kind.
        """
        if path is None:
            with self._mutex:
                check(bulk.manrs_edit_slurm(self._open(), None, None))
            return []
        with _load.open_any(path) as file:
            document = _load.Slurm(file.read(), str(path))
        fault = CFault()
        with self._mutex:
            check(bulk.manrs_edit_slurm(self._open(), document.exceptions(), byref(fault)), fault, str(path))
        return document.issues()


def _source(source: Any) -> int:
    source = to_number(source, "a source")
    if not 0 <= source < SOURCES:
        raise Error(EINVAL, "source %d is not in 0..63" % source)
    return source


def _more_refused(counts: Counts, bad: int) -> Counts:
    return counts._replace(refused=counts.refused + bad) if bad else counts


def _is_records(rows: Any) -> bool:
    return _prefix._numpy_of(rows) is not None or _prefix.is_buffer(rows)


def _maxlen(value: Any, prefix: Any) -> int:
    if value is None:
        return int(prefix.len)
    value = to_number(value, "a maxlen")
    if not prefix.len <= value <= (32 if prefix.family == 4 else 128):
        raise Error(EINVAL, "maxlen %d does not fit a /%d" % (value, prefix.len))
    return value


def _vrp_rows(vrps: Any, strict: bool) -> Tuple[Any, int, int]:
    if _is_records(vrps):
        rows, n = to_routes(vrps)
        return rows, n, 0
    made: List[CRoute] = []
    bad = 0
    for index, (prefix, maxlen, asn) in enumerate(vrps):
        route = CRoute()
        try:
            to_prefix(prefix, route.prefix)
            route.prefix.maxlen = _maxlen(maxlen, route.prefix)
            route.asn = to_asn(asn)
        except Error as error:
            if strict:
                what = error.fault.what if error.fault else str(error)
                raise error_again("VRP %d refused: %s" % (index, error), error.code, Fault(index, what, error.code, 0)) from None
            bad += 1
            continue
        made.append(route)
    return (CRoute * len(made))(*made), len(made), bad


def _irr_rows(routes: Any) -> Tuple[Any, int]:
    if _is_records(routes):
        return to_routes(routes)
    made = []
    for prefix, asn in routes:
        route = CRoute()
        to_prefix(prefix, route.prefix)
        route.asn = to_asn(asn)
        made.append(route)
    return (CRoute * len(made))(*made), len(made)


def _aspa_array(pairs: List[Tuple[int, Any]]) -> Tuple[Any, int]:
    rows = (CAspa * len(pairs))()
    for row, (customer, providers) in zip(rows, pairs):
        row.provider = ctypes.cast(providers, ctypes.POINTER(ctypes.c_uint32))
        row.customer, row.n = customer, len(providers)
    rows.keep = pairs  # type: ignore[attr-defined]
    return rows, len(pairs)


def _aspa_rows(aspas: Any) -> Tuple[Any, int]:
    pairs = []
    for customer, providers in aspas.items() if hasattr(aspas, "items") else aspas:
        numbers = sorted({to_asn(provider) for provider in providers})
        pairs.append((to_asn(customer), (ctypes.c_uint32 * len(numbers))(*numbers)))
    return _aspa_array(pairs)


def _key_rows(keys: Any) -> Tuple[Any, int]:
    rows = []
    for asn, ski, spki in keys:
        if len(ski) != 20 or not 1 <= len(spki) <= 228:
            raise Error(EINVAL, "a router key has a ski of 20 bytes and an spki of 1..228")
        row = CRouterKey(asn=to_asn(asn), spki_len=len(spki))
        ctypes.memmove(row.ski, bytes(ski), 20)
        ctypes.memmove(row.spki, bytes(spki), len(spki))
        rows.append(row)
    return (CRouterKey * len(rows))(*rows), len(rows)
