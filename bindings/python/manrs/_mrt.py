# SPDX-License-Identifier: BSD-2-Clause
"""MRT archives (RFC 6396, 8050): what route collectors and daemons write, in batches of announcements.

    with manrs.Mrt("rib.20260101.0000.gz") as archive:
        for batch in archive:
            states = db.rov_many(batch.routes)           # a number a route, in the order of the file
            failed = batch.check(db, policy)[1]          # a mask of tests a route
"""

import ctypes
import io
import os
import struct
import threading
from ctypes import byref
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import _check
from ._lib import (
    EBUSY,
    ENOENT,
    ESTATE,
    CAnnouncement,
    CFault,
    CMrtConfig,
    CMrtNote,
    CMrtPeer,
    CMrtRecord,
    CMrtStats,
    CPath,
    CPrefix,
    CVerdict,
    Error,
    Fault,
    bulk,
    check,
    lib,
)
from ._life import Handle, made
from ._load import open_any
from ._prefix import PREFIX_SIZE, to_number, to_origin, to_text

ANNOUNCE_MALFORMED = _check.ANNOUNCE_MALFORMED
CHUNK = 1 << 20
ROWS = 65536
PATHS4, PATHS6 = 4, 8
KINDS = ("other", "peers", "rib", "update", "state", "message", "bad")


class MrtStats(NamedTuple):
    """Totals of an archive so far."""

    bytes: int
    records: int
    peers: int
    rib: int
    updates: int
    states: int
    messages: int
    other: int
    bad: int
    announced: int
    withdrawn: int
    malformed: int
    skipped: int


class _MrtHandle(Handle):
    FREE = "manrs_mrt_free"


def numbers(data: Any, kind: str = "I") -> Any:
    """A column of numbers: a numpy array where numpy is there, else a memoryview."""
    try:
        import numpy
    except ImportError:
        return memoryview(bytes(data)).cast(kind)
    return numpy.frombuffer(bytes(data), numpy.uint32 if kind == "I" else numpy.uint64)


def records(data: bytes, name: str) -> Any:
    """Records as manrs.<name>: a numpy array where numpy is there, else their bytes."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        return data
    import manrs

    return numpy.frombuffer(data, getattr(manrs, name))


def _cut(rows: Any, size: int, n: int, at: int, width: int) -> bytes:
    """A field of n records, one behind the other."""
    view = memoryview(rows).cast("B")[: n * size]
    out = bytearray(n * width)
    for byte in range(width):
        out[byte::width] = view[at + byte :: size]
    return bytes(out)


def is_mrt(head: Any) -> bool:
    """Whether what begins with these bytes, uncompressed, is an MRT archive: 12 of them tell."""
    head = bytes(head)
    return lib.manrs_mrt_is(head, len(head)) == 1


class MrtBatch:
    """Announcements of an archive, in its order, and beside them what it withdraws.

    It is good until the next one is asked for; its columns are copies, and stay. Columns are numpy arrays where numpy is
    there, else bytes and memoryviews.
    """

    def __init__(self, pointer: Handle, lock: Any) -> None:
        self._pointer = pointer  # what the paths of its rows are lent by
        self._lock = lock
        self._rows = (CAnnouncement * ROWS)()
        self._notes = (CMrtNote * ROWS)()
        self._n = 0
        self._withdrawn: List[Tuple[bytes, int, int]] = []  # records, time, peer
        self._gone_n = 0
        self._open = True

    def __len__(self) -> int:
        return self._n

    def _held(self) -> Any:
        if not self._open:
            raise Error(ESTATE, "this batch has ended: the archive was read on")
        return self._rows

    def _field(self, at: int, width: int) -> bytes:
        return _cut(self._held(), ctypes.sizeof(CAnnouncement), self._n, at, width)

    def _note(self, name: str) -> Any:
        self._held()
        return numbers(_cut(self._notes, ctypes.sizeof(CMrtNote), self._n, getattr(CMrtNote, name).offset, 4))

    def _origins(self, local_as: Any = None) -> bytes:
        rows, origin = self._held(), ctypes.c_uint32()
        out, ours = bytearray(4 * self._n), to_origin(local_as)
        known: Dict[Tuple[int, int], bytes] = {}
        for index in range(self._n):
            path = rows[index].path
            key = (path.asn or 0, path.n)
            if key not in known:
                lib.manrs_path_origin(byref(path), ours, byref(origin))
                known[key] = bytes(origin)
            out[4 * index : 4 * index + 4] = known[key]
        return bytes(out)

    @property
    def routes(self) -> Any:
        """Route records, prefix and origin, as Db.rov_many takes them; origin 0: none (an AS_SET, an empty path).

        Those that `malformed` names are all zeros: State.MALFORMED to rov_many.
        """
        from ._prefix import ROUTE_SIZE, _join

        prefixes = memoryview(self._field(CAnnouncement.prefix.offset, PREFIX_SIZE))
        made = bytearray(_join(prefixes, PREFIX_SIZE, memoryview(self._origins()), self._n))
        for index, malformed in enumerate(self._malformed()):
            if malformed:  # no family is no route that can be judged
                made[index * ROUTE_SIZE : (index + 1) * ROUTE_SIZE] = bytes(ROUTE_SIZE)
        assert len(made) == self._n * ROUTE_SIZE
        return records(bytes(made), "route_dtype")

    def _malformed(self) -> bytes:
        flags = memoryview(self._field(CAnnouncement.flags.offset, 4)).cast("I")
        return bytes(1 if word & ANNOUNCE_MALFORMED else 0 for word in flags)

    @property
    def malformed(self) -> Any:
        """1 a route whose attributes cannot be read (RFC 7606: counts as withdrawn), else 0; numpy: bool."""
        try:
            import numpy
        except ImportError:
            return self._malformed()
        return numpy.frombuffer(self._malformed(), numpy.bool_)

    @property
    def neighbours(self) -> Any:
        """Addresses of the peers, as prefix records."""
        return records(self._field(CAnnouncement.neighbour_address.offset, PREFIX_SIZE), "prefix_dtype")

    @property
    def neighbour_asns(self) -> Any:
        """AS numbers of the peers; 0: not said."""
        return numbers(self._field(CAnnouncement.neighbour_asn.offset, 4))

    @property
    def next_hops(self) -> Any:
        """Next hops, as prefix records; family 0: none."""
        return records(self._field(CAnnouncement.next_hop.offset, PREFIX_SIZE), "prefix_dtype")

    @property
    def times(self) -> Any:
        """Unix seconds: of a RIB since when a route stands, else of the update."""
        return self._note("time_s")

    @property
    def path_ids(self) -> Any:
        """Path identifiers (RFC 7911), 0 without."""
        return self._note("path_id")

    @property
    def paths(self) -> Any:
        """A number a route: equal ones have the same AS path, for as long as the archive's store is not full."""
        return self._note("path")

    @property
    def withdrawn(self) -> Any:
        """Prefix records of what was withdrawn among these announcements."""
        return records(b"".join(data for data, _, _ in self._withdrawn), "prefix_dtype")

    @property
    def withdrawn_asns(self) -> Any:
        """AS numbers of the peers that withdrew."""
        return numbers(b"".join(struct.pack("=I", peer) * (len(data) // PREFIX_SIZE) for data, _, peer in self._withdrawn))

    @property
    def withdrawn_times(self) -> Any:
        """When they did, in Unix seconds."""
        return numbers(b"".join(struct.pack("=I", time) * (len(data) // PREFIX_SIZE) for data, time, _ in self._withdrawn))

    def as_path(self, index: int) -> str:
        """The AS path of one announcement as text."""
        rows, index = self._held(), range(self._n)[to_number(index, "an index")]
        return path_text(rows[index].path)

    def check(self, db: Any, policy: Any) -> Tuple[Any, Any, Any]:
        """Every test of the policy (or of a role's usual one) on each: three columns of masks: passed, failed, unknown.

        Bit n stands for the test of that number in manrs.tests(). Equal paths are judged once.
        """
        held, policy = db._held(), _check._policy(policy)
        verdicts = (CVerdict * max(self._n, 1))()
        with self._lock:  # no other thread reads on meanwhile
            bulk.manrs_check(held, byref(policy._on(held)), self._held(), self._n, verdicts)
        size = ctypes.sizeof(CVerdict)
        masks = (numbers(_cut(verdicts, size, self._n, 8 * i, 8), "Q") for i in range(3))
        return tuple(masks)  # type: ignore[return-value]


def path_text(path: CPath) -> str:
    text = ctypes.create_string_buffer(13 * path.n + 1)
    check(lib.manrs_path_format(byref(path), text, len(text)))
    return text.value.decode()


class Mrt:
    """An MRT archive: a path (plain, gzip, bzip2, xz), bytes, or a file that is open for reading bytes.

    Iterating gives MrtBatch. A record that cannot be read is passed over and counted in stats.bad; where the framing
    is lost the next record is looked for, which is counted in lost. The first of both are told in faults. paths4, paths6:
    routes have path identifiers where the archive does not say so. strict: what cannot be read raises Error.
    """

    def __init__(self, source: Any, *, paths4: bool = False, paths6: bool = False, strict: bool = False) -> None:
        config = CMrtConfig()
        check(lib.manrs_mrt_config_init(byref(config), ctypes.sizeof(config)))
        config.flags |= (PATHS4 if paths4 else 0) | (PATHS6 if paths6 else 0)
        config.hash_seed[:] = struct.unpack("=2Q", os.urandom(16))
        self._strict = bool(strict)
        self._faults: List[Fault] = []
        self._lost = 0
        self._lock = threading.Lock()
        self._pointer: Optional[Handle] = made(_MrtHandle, lib.manrs_mrt_new, byref(config))
        self._batch: Optional[MrtBatch] = None
        self._owned = isinstance(source, (str, os.PathLike))
        if isinstance(source, (bytes, bytearray, memoryview)):
            self._file: Any = io.BytesIO(bytes(source))
        elif hasattr(source, "read"):
            self._file = source
        else:
            self._file = open_any(source)
        self._batches = self._gather()

    def __enter__(self) -> "Mrt":
        self._held()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def __iter__(self) -> Iterator[MrtBatch]:
        return self

    def __next__(self) -> MrtBatch:
        with self._lock:
            return next(self._batches)

    def close(self) -> None:
        """Let go of it; a file that was given open stays so."""
        if self._batch is not None:
            self._batch._open = False
        self._batch = self._pointer = None
        if self._owned:
            self._file.close()

    def _held(self) -> Handle:
        if self._pointer is None:
            raise Error(ESTATE, "this archive is closed")
        return self._pointer

    @property
    def faults(self) -> List[Fault]:
        """Where the first records that cannot be read lie, by byte, and why; at most 100."""
        return list(self._faults)

    @property
    def lost(self) -> int:
        """How often it was no archive any more: what was torn or cut, and a file that is none."""
        return self._lost

    @property
    def stats(self) -> MrtStats:
        """Totals so far."""
        stats = CMrtStats(size=ctypes.sizeof(CMrtStats))
        check(lib.manrs_mrt_stats_get(self._held(), byref(stats)))
        return MrtStats(*(getattr(stats, name) for name in MrtStats._fields))

    def peers(self) -> List[Tuple[str, int]]:
        """(address, AS number) of the PEER_INDEX_TABLE that was read last."""
        peer = CMrtPeer()
        found: List[Tuple[str, int]] = []
        while lib.manrs_mrt_peer_get(self._held(), len(found), byref(peer)) != ENOENT:
            found.append((address_text(peer.address), peer.asn))
        return found

    # ---- reading ----

    def _bad(self, fault: CFault) -> None:
        if self._strict:
            raise Error(fault.code, "MRT", fault.value())
        if len(self._faults) < 100:
            self._faults.append(fault.value())

    def _records(self) -> Iterator[Optional[CMrtRecord]]:
        """Each record; None: the store is full, and what was lent goes when this is asked on."""
        pointer, found = self._held(), ctypes.POINTER(CMrtRecord)()
        need, fault, skip = ctypes.c_size_t(), CFault(), ctypes.c_size_t()
        data, at, last, lost = b"", 0, False, False
        while True:
            view = (ctypes.c_char * (len(data) - at)).from_buffer(bytearray(data[at:])) if len(data) > at else b""
            start, n, used = 0, len(data) - at, 1
            while used and n > start:
                here = byref(view, start)  # type: ignore[arg-type]
                if lost:
                    found_it = lib.manrs_mrt_resync(pointer, here, n - start, last, byref(skip))
                    start += skip.value
                    lost = found_it != 1
                    if lost:
                        break
                    continue
                used = lib.manrs_mrt_decode(pointer, byref(found), here, n - start, None if last else byref(need), byref(fault))
                if used == EBUSY:
                    yield None
                    used = 1
                elif used < 0:
                    if used == -2:
                        check(used)
                    self._bad(fault)
                    self._lost += 1
                    lost, used = True, 1
                elif used:
                    start += used
                    if found.contents.kind == KINDS.index("bad"):
                        self._bad(found.contents.fault)
                    yield found.contents
            at += start
            if last:
                return
            more = self._file.read(max(CHUNK, need.value - (len(data) - at) if need.value else 0))
            data, at, last = data[at:] + more, 0, not more

    def _gather(self) -> Iterator[MrtBatch]:
        for batch in self._filled():
            self._batch = batch
            yield batch
            batch._open = False
            self._batch = None

    def _filled(self) -> Iterator[MrtBatch]:
        batch = MrtBatch(self._held(), self._lock)
        row, note = ctypes.sizeof(CAnnouncement), ctypes.sizeof(CMrtNote)
        gone = (CPrefix * 4096)()
        for record in self._records():
            if record is None:
                if batch._n or batch._withdrawn:
                    yield batch
                    batch = MrtBatch(self._held(), self._lock)
                continue
            n = 4096
            while n == 4096 and record.kind == KINDS.index("update"):
                n = lib.manrs_mrt_withdrawn(self._held(), gone, None, 4096)
                if n:
                    data = ctypes.string_at(gone, n * PREFIX_SIZE)
                    batch._withdrawn.append((data, record.time_s, record.session.neighbour_asn))
                    batch._gone_n += n
            while record.kind in (2, 3):
                room = ROWS - batch._n
                rows = byref(batch._rows, batch._n * row)
                n = lib.manrs_mrt_announced(self._held(), rows, byref(batch._notes, batch._n * note), room)
                batch._n += n
                if n < room:
                    break
                yield batch
                batch = MrtBatch(self._held(), self._lock)
            if batch._gone_n >= ROWS:
                yield batch
                batch = MrtBatch(self._held(), self._lock)
        if batch._n or batch._withdrawn:
            yield batch


def address_text(address: CPrefix) -> str:
    return to_text(address).split("/")[0] if address.family else ""

