# SPDX-License-Identifier: BSD-2-Clause
"""Source address validation: Urpf, a snapshot of interfaces and routes, and its edits."""

import array
import ctypes
import enum
import time
from ctypes import byref
from typing import Any, Iterator, List, NamedTuple, Optional, Union

from ._db import ADD, REMOVE, Counts, Db
from ._lib import (
    EINVAL,
    ELIMIT,
    ESTATE,
    CCounts,
    CCursor,
    CFault,
    CPrefix,
    CUrpfConfig,
    CUrpfEntry,
    CUrpfExplanation,
    CUrpfIface,
    CUrpfStats,
    Error,
    bulk,
    check,
    lib,
)
from ._life import Handle, Owner, Snapshot, Writer, hold, let_go
from ._path import Role, to_role
from ._path import _joined as joined_paths
from ._prefix import _numpy_of, is_buffer, pointer, to_asn, to_address, to_number, to_origin, to_prefix, to_text

NO_IFACE = 0xFFFF
BEST, DISCARD, LEAKED = 1, 2, 4
ROWS = 1024
OPTIONS = {
    "default_route": 1,
    "discard_pass": 2,
    "count_only": 4,
    "augment_roa": 8,
    "augment_irr": 16,
    "unspecified": 32,
    "link_local": 64,
}
KINDS = {"deny": 1, "allow": 2, "list": 3, "local": 4, "link": 5}
FORMATS = {"text": 1, "nft": 2, "ebpf": 3, "bird": 4, "cisco": 5, "junos": 6}


class Allow(enum.IntEnum):
    """COUNTED: it would be denied, but the interface only counts."""

    DENIED = 0
    ALLOWED = 1
    COUNTED = 2

    def __str__(self) -> str:
        return self.name.lower()


ALLOWS = tuple(Allow)


class UrpfReason(NamedTuple):
    """Which step decided, in which mode, on which prefix; ifaces: those with a route for it."""

    allow: Allow
    step: str
    mode: str
    effective: str
    prefix: Optional[str]
    asn: int
    until_ms: int
    ifaces: List[int]


class UrpfStats(NamedTuple):
    """What a snapshot holds. deadline_ms: when a hold time ends, and an edit should be committed again."""

    serial: int
    ifaces: int
    fallbacks: int
    prefixes: int
    compiled: int
    held: int
    deadline_ms: int
    rows: int
    bytes_all: int


class _UrpfOwnerHandle(Handle):
    FREE = "manrs_urpf_owner_free"


class _UrpfOwner(Owner):
    HANDLE, CONFIG = _UrpfOwnerHandle, CUrpfConfig
    NEW, RECLAIM = "manrs_urpf_owner_new", "manrs_urpf_reclaim"


class _UrpfRef(Snapshot):
    FREE = "manrs_urpf_unref"


def _iface(value: Any) -> int:
    if value is None:
        return NO_IFACE
    value = to_number(value, "an interface")
    if not 0 <= value <= NO_IFACE:
        raise Error(EINVAL, "no interface %d" % value)
    return value


def _mode(value: Any) -> int:
    if isinstance(value, int):
        return to_number(value, "a mode")
    if not isinstance(value, str):
        raise TypeError("a mode is a name, not %s" % type(value).__name__)
    text = value.lower().replace("_", "-").encode("ascii", "replace")
    return check(lib.manrs_urpf_mode_parse(text, len(text)), None, "no mode %r" % value)


class Urpf:
    """May a packet with this source come in on this interface? An immutable snapshot; any thread may ask it.

    with manrs.Urpf(local_as=64496).edit() as e:
        a = e.interface("efp-b", role="customer", asn=64500)
        e.add_routes([("192.0.2.0/24", a, "64500 64501")])
    e.urpf.check("192.0.2.7", a)                     # Allow.ALLOWED
    """

    def __init__(self, local_as: Any = None, hold_ms: int = 0) -> None:
        config = _UrpfOwner.config()
        config.local_as = to_origin(local_as)
        if not 0 <= to_number(hold_ms, "hold_ms") < 1 << 63:
            raise Error(EINVAL, "hold_ms is a number of milliseconds")
        config.hold_ms = hold_ms
        self._owner: Any = _UrpfOwner(config)
        self._ref: Any = None
        with self.edit() as edit:
            pass
        self._ref = edit.urpf._held()
        hold(self, self._ref)

    @classmethod
    def _of(cls, ref: Snapshot) -> "Urpf":
        urpf = cls.__new__(cls)
        urpf._owner, urpf._ref = ref.owner, ref
        hold(urpf, ref)
        return urpf

    def _held(self) -> Any:
        if self._ref is None:
            raise Error(ESTATE, "this snapshot is closed")
        return self._ref

    def close(self) -> None:
        """Let go of the snapshot; what comes after raises Error(ESTATE)."""
        self._ref = None
        self._owner = None
        let_go(self)

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> "Urpf":
        self._held()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a manrs.Urpf cannot be pickled")

    def edit(self, db: Optional[Db] = None, now_ms: Optional[int] = None) -> "UrpfEdit":
        """Open an edit on this snapshot. db: the VRPs and ASPAs of BAR-SAV modes; now_ms: else the monotonic clock."""
        return UrpfEdit(self, db, now_ms)

    def check(self, source: Any, iface: int) -> Allow:
        """One packet."""
        return ALLOWS[self.check_many([source], [iface])[0]]

    def check_many(self, sources: Any, ifaces: Any) -> Any:
        """Many packets, without the interpreter lock: a bytearray of Allow numbers.

        sources: addresses (text, ipaddress objects) of either family; or a buffer or numpy array of packed IPv4 addresses
        (4 bytes each, uint32 in network order) or, 16 bytes each, IPv6. ifaces: a number for each.
        """
        held = self._held()
        handles = _handles(ifaces)
        packed = _packed(sources, len(handles))
        if packed is not None:
            return self._batch(held, packed, handles)
        records = [to_address(source) for source in sources]
        if len(records) != len(handles):
            raise Error(EINVAL, "%d sources and %d interfaces" % (len(records), len(handles)))
        allow = bytearray(len(records))
        for family, size in ((4, 4), (6, 16)):
            places = [i for i, record in enumerate(records) if record.family == family]
            if places:
                addresses = b"".join(bytes(records[i].addr)[:size] for i in places)
                found = self._batch(held, addresses, array.array("H", [handles[i] for i in places]))
                for place, answer in zip(places, found):
                    allow[place] = answer
        return allow

    def _batch(self, held: Any, packed: Any, handles: Any) -> bytearray:
        allow, n = bytearray(len(handles)), len(handles)
        if n:
            size = memoryview(packed).nbytes // n
            call = bulk.manrs_urpf_check4 if size == 4 else bulk.manrs_urpf_check6
            call(held, pointer(packed), pointer(handles), n, pointer(allow))
        return allow

    def explain(self, source: Any, iface: int) -> UrpfReason:
        """Why a packet passes or not."""
        why, found = CUrpfExplanation(size=ctypes.sizeof(CUrpfExplanation)), (ctypes.c_uint16 * 256)()
        check(lib.manrs_urpf_explain(self._held(), byref(to_address(source)), _iface(iface), byref(why), found, 256))
        return UrpfReason(
            ALLOWS[why.allow],
            lib.manrs_urpf_step_text(why.step).decode(),
            lib.manrs_urpf_mode_text(why.mode).decode(),
            lib.manrs_urpf_mode_text(why.effective).decode(),
            to_text(why.prefix) if why.prefix.family else None,
            why.asn,
            why.until_ms,
            list(found[: min(why.n_ifaces, 256)]),
        )

    def list(self, iface: int) -> Iterator[str]:
        """An interface's RPF list, not aggregated."""
        handle, rows, cursor, n = _iface(iface), (CPrefix * ROWS)(), CCursor(), ROWS
        while n == ROWS:
            n = bulk.manrs_urpf_list(self._held(), handle, byref(cursor), rows, ROWS)
            yield from [to_text(row) for row in rows[:n]]

    def allowed(self, iface: int, whole: bool = False) -> Iterator[str]:
        """The sources that an interface accepts, as the fewest prefixes; whole: overrides and martians count."""
        handle, rows, cursor, n = _iface(iface), (CPrefix * ROWS)(), CCursor(), ROWS
        while n == ROWS:
            n = bulk.manrs_urpf_allowed(self._held(), handle, 1 if whole else 0, byref(cursor), rows, ROWS)
            yield from [to_text(row) for row in rows[:n]]

    def export(self, iface: int, format: str, name: str) -> str:
        """What an interface accepts, whole, for other software: text, nft, ebpf, bird, cisco, junos."""
        if format not in FORMATS:
            raise Error(EINVAL, "no format %r" % (format,))
        held, handle, cursor, text, parts = self._held(), _iface(iface), CCursor(), ctypes.create_string_buffer(1 << 16), [b""]
        while True:
            n = check(bulk.manrs_urpf_export(held, handle, FORMATS[format], name.encode(), byref(cursor), text, 1 << 16))
            if not n:
                return b"".join(parts).decode()
            parts.append(text.raw[:n])

    @property
    def stats(self) -> UrpfStats:
        """Counts, and the memory they take."""
        stats = CUrpfStats(size=ctypes.sizeof(CUrpfStats))
        check(lib.manrs_urpf_stats_get(self._held(), byref(stats)))
        return UrpfStats(*(getattr(stats, name) for name in UrpfStats._fields))


def _handles(ifaces: Any) -> Any:
    numpy = _numpy_of(ifaces)
    if numpy is not None:
        column = numpy.asarray(ifaces)
        if column.ndim != 1 or column.dtype.kind not in "iu":
            raise TypeError("interfaces are one-dimensional integers, not %s" % column.dtype)
        if column.size and not (0 <= int(column.min()) and int(column.max()) <= NO_IFACE):
            raise Error(EINVAL, "an interface is not in 0..65535")
        return array.array("H", numpy.ascontiguousarray(column, "u2").tobytes())
    return array.array("H", [_iface(iface) for iface in ifaces])


def _packed(sources: Any, n: int) -> Any:
    """Packed addresses of a buffer or an array; None for lists and what else is looked at one by one."""
    numpy = _numpy_of(sources)
    if numpy is not None:
        column = numpy.asarray(sources)
        if column.dtype.kind in "OUS":
            return None
        if column.dtype.itemsize not in (1, 4, 16) or column.dtype.kind not in "uSV":
            raise TypeError("packed addresses are unsigned 32-bit numbers in network order or rows of bytes")
        data: Any = numpy.ascontiguousarray(column).tobytes()
    elif is_buffer(sources):
        data = memoryview(sources).tobytes()
    else:
        return None
    if len(data) not in (4 * n, 16 * n):
        raise Error(EINVAL, "%d bytes are not %d addresses of 4 or of 16" % (len(data), n))
    return data


class UrpfEdit(Writer):
    """Changes to an Urpf, seen by nobody until they are committed; leaving `with` commits, an exception aborts."""

    _BEGIN, _COMMIT, _ABORT = "manrs_urpf_edit_begin", "manrs_urpf_edit_commit", "manrs_urpf_edit_abort"
    _SNAPSHOT = _UrpfRef

    def __init__(self, base: Urpf, db: Optional[Db], now_ms: Optional[int]) -> None:
        self._urpf: Optional[Urpf] = None
        if db is not None and not isinstance(db, Db):
            raise TypeError("db is a manrs.Db, not %s" % type(db).__name__)
        self._db = db._held() if db is not None else None
        self._now = _clock(now_ms)
        owner, ref = base._owner, base._ref
        if owner is None:
            raise Error(ESTATE, "this snapshot is closed")
        super().__init__(owner, ref, self._db)

    def __enter__(self) -> "UrpfEdit":
        self._open()
        return self

    @property
    def urpf(self) -> Urpf:
        """The new snapshot, once committed."""
        if self._urpf is None:
            raise Error(ESTATE, "this edit is not committed")
        return self._urpf

    def commit(self) -> Urpf:
        """Publish: the new snapshot, also as .urpf. When memory fails the edit stays open."""
        with self._mutex:
            self._urpf = Urpf._of(self._publish(self._db, self._now, keep=self._db))
        return self._urpf

    def interface(
        self,
        mode: Union[str, int],
        role: Union[Role, str, int, None] = None,
        asn: Any = None,
        asn_acl: Any = (),
        handle: Optional[int] = None,
        **options: bool,
    ) -> int:
        """Add an interface, or change the one that `handle` names; its number.

        mode: off strict loose feasible efp-a efp-b bar-sav bar-sav-pi procedure-x list. options: default_route,
        discard_pass, count_only, augment_roa, augment_irr; unspecified and link_local, which are on: a link works by them.
        """
        iface, number = CUrpfIface(), ctypes.c_uint16(_iface(handle))
        check(lib.manrs_urpf_iface_init(byref(iface), ctypes.sizeof(iface)))
        iface.mode, iface.asn = _mode(mode), to_origin(asn)
        iface.role = 0 if role is None else to_role(role)
        for name, value in options.items():
            if name not in OPTIONS:
                raise TypeError("an interface has no option %r" % name)
            iface.options = iface.options | OPTIONS[name] if value else iface.options & ~OPTIONS[name]
        numbers = [to_asn(one) for one in asn_acl]
        keep = (ctypes.c_uint32 * max(len(numbers), 1))(*numbers)
        iface.asn_acl, iface.n_asn_acl = ctypes.addressof(keep) if numbers else None, len(numbers)
        with self._mutex:
            if handle is None:
                result = lib.manrs_urpf_edit_iface_add(self._open(), byref(number), byref(iface))
            else:
                result = lib.manrs_urpf_edit_iface_set(self._open(), number, byref(iface))
        check(result, None, "no room for an interface" if result == ELIMIT else "")
        return number.value

    def remove_interface(self, handle: int) -> None:
        """Remove an interface with its routes and prefixes: it is denied from the commit on."""
        number = _iface(handle)
        with self._mutex:
            check(lib.manrs_urpf_edit_iface_remove(self._open(), number))

    def add_routes(self, routes: Any, best: bool = True, discard: bool = False, leaked: bool = False, strict: bool = True) -> Counts:
        """Add (prefix, iface, path) rows, with further fields neighbour and path_id where they are needed.

        path: an AS path, or None or an AS number for an origin alone. iface None: no interface.
        """
        flags = (BEST if best else 0) | (DISCARD if discard else 0) | (LEAKED if leaked else 0)
        return self._rib(ADD, routes, flags, strict)

    def remove_routes(self, routes: Any) -> Counts:
        """Withdraw routes: (prefix, iface, path, neighbour, path_id); the path is not looked at."""
        return self._rib(REMOVE, routes, 0, False)

    def _rib(self, op: int, routes: Any, flags: int, strict: bool) -> Counts:
        made, paths, any_path = [], [], False
        for prefix, iface, path, *rest in routes:
            entry = CUrpfEntry(iface=_iface(iface), flags=flags)
            to_prefix(prefix, entry.route.prefix)
            if path is None or isinstance(path, int):
                entry.route.asn = to_origin(path)
                paths.append([entry.route.asn] if entry.route.asn else [])
            else:
                paths.append(path)
                any_path = True
            entry.neighbour = to_origin(rest[0]) if rest else 0
            entry.path_id = to_origin(rest[1]) if len(rest) > 1 else 0
            made.append(entry)
        c, keep, bad = joined_paths(paths)
        if bad:
            raise Error(EINVAL, "the path of route %d does not parse" % bad[0])
        rows, counts, fault = (CUrpfEntry * len(made))(*made), CCounts(), CFault()
        with self._mutex:
            args = (self._open(), op, rows, len(made), byref(c) if any_path else None, byref(counts), byref(fault))
            check(bulk.manrs_urpf_edit_rib(*args), fault)
        del keep
        if counts.refused and strict:
            raise Error(fault.code or EINVAL, "%d of %d routes refused" % (counts.refused, len(made)), fault.value())
        return Counts(*(getattr(counts, name) for name in Counts._fields))

    def add_prefixes(self, kind: str, prefixes: Any, iface: Optional[int] = None) -> Counts:
        """Prefixes by hand: deny, allow, list, local; for one interface or all. link: the link's own, for one."""
        return self._prefixes(ADD, kind, prefixes, iface)

    def remove_prefixes(self, kind: str, prefixes: Any, iface: Optional[int] = None) -> Counts:
        return self._prefixes(REMOVE, kind, prefixes, iface)

    def _prefixes(self, op: int, kind: str, prefixes: Any, iface: Optional[int]) -> Counts:
        if kind not in KINDS:
            raise Error(EINVAL, "no kind %r" % (kind,))
        made = [to_prefix(prefix) for prefix in prefixes]
        rows, counts, fault = (CPrefix * len(made))(*made), CCounts(), CFault()
        with self._mutex:
            args = (self._open(), op, KINDS[kind], _iface(iface), rows, len(made), byref(counts), byref(fault))
            check(bulk.manrs_urpf_edit_prefixes(*args), fault)
        if counts.refused:
            raise Error(fault.code or EINVAL, "%d of %d prefixes refused" % (counts.refused, len(made)), fault.value())
        return Counts(*(getattr(counts, name) for name in Counts._fields))


def _clock(now_ms: Optional[int]) -> int:
    if now_ms is None:
        return time.monotonic_ns() // 1000000
    if not 0 <= to_number(now_ms, "now_ms") < 1 << 63:
        raise Error(EINVAL, "now_ms is a number of milliseconds")
    return now_ms
