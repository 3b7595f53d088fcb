# SPDX-License-Identifier: BSD-2-Clause
"""AS paths, roles and ASPA.

A path is given neighbour first: as text ("64497 64496", "64497 {64496,64498}" with an AS_SET), or as an iterable of AS
numbers, where a set stands for an AS_SET.
"""

import ctypes
import enum
from ctypes import byref
from typing import Any, Iterable, List, NamedTuple, Optional, Tuple, Union

from ._lib import EINVAL, ESYNTAX, CAspaHop, CAspaRamps, CFault, CPath, CPaths, Error, bulk, check, lib
from ._prefix import is_buffer, pointer, to_asn, to_origin

ANY_NEIGHBOUR, CONFED, COMMON = 1, 2, 4


class Role(enum.IntEnum):
    """What the neighbour is to us. RS: it is a route server, and we its client; RS_CLIENT: the other way round."""

    CUSTOMER = 1
    PEER = 2
    PROVIDER = 3
    RS = 4
    RS_CLIENT = 5

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class AspaState(enum.IntEnum):
    """AS path verification: as text "unknown", "valid", "invalid", "malformed"."""

    UNKNOWN = 0
    VALID = 1
    INVALID = 2
    MALFORMED = 3

    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


STATES = tuple(AspaState)
REASONS = ("", "malformed", "empty", "neighbour", "set", "confed", "hops", "no-attestation")
AUTHS = ("no-attestation", "provider", "not-provider")


class AspaHop(NamedTuple):
    """A hop that stands in the way of a better state: the ASPAs of `customer` say `auth` of `provider`.

    would: the state of the path, if `provider` stood in an ASPA of `customer`, all else equal.
    """

    customer: int
    provider: int
    auth: str
    down: bool
    would: AspaState


class AspaReport(NamedTuple):
    """A state, why, the ramps of the path counted in ASes, and the hops in the way."""

    state: AspaState
    reason: str
    n: int
    max_up: int
    min_up: int
    max_down: int
    min_down: int
    hops: List[AspaHop]


INTERNAL = 0  # no role of RFC 9234: our own AS on both ends


def to_session(value: Union[Role, str, int]) -> int:
    """A role, or "internal" for an iBGP session."""
    return INTERNAL if isinstance(value, str) and value.lower() == "internal" else to_role(value)


def to_role(value: Union[Role, str, int]) -> int:
    """A role by name, number or Role; 0 and unknown ones are refused."""
    if isinstance(value, str):
        text = value.lower().replace("_", "-").encode("ascii", "replace")
        return check(lib.manrs_role_parse(text, len(text)), None, "no role %r" % value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a role is a manrs.Role or its name, not %s" % type(value).__name__)
    if not 1 <= value <= 5:
        raise Error(EINVAL, "no role %d" % value)
    return int(value)


def _text_of(path: Iterable[Any]) -> str:
    words = []
    for hop in path:
        if isinstance(hop, (set, frozenset)):
            words.append("{%s}" % ",".join(str(to_asn(asn)) for asn in sorted(hop, key=to_asn)))
        else:
            words.append(str(to_asn(hop)))
    return " ".join(words)


class Path:
    """A path in the library's form; it keeps its arrays alive."""

    __slots__ = ("c", "asn", "kind")

    def __init__(self, value: Any) -> None:
        self.c = CPath()
        if not isinstance(value, (str, bytes)):
            hops = list(value)
            if not any(isinstance(hop, (set, frozenset)) for hop in hops):
                self.asn: Any = (ctypes.c_uint32 * len(hops))(*[to_asn(hop) for hop in hops])
                self.kind: Any = None
                self.c.asn, self.c.n = ctypes.addressof(self.asn), len(hops)
                self.c.keep = self.asn
                return
            value = _text_of(hops)
        text = value.encode("ascii", "replace") if isinstance(value, str) else value
        cap = (len(text) + 1) // 2
        self.asn, self.kind, fault = (ctypes.c_uint32 * cap)(), (ctypes.c_uint8 * cap)(), CFault()
        result = lib.manrs_path_parse(byref(self.c), self.asn, self.kind, cap, text, len(text), byref(fault))
        check(result, fault, "bad path %r" % text[:60].decode("ascii", "replace"))
        self.c.keep = self.asn, self.kind


def _column(values: Iterable[Any], kind: Any, convert: Any) -> Any:
    numbers = [convert(value) for value in values]
    return (kind * len(numbers))(*numbers)


def _joined(paths: Iterable[Any]) -> Tuple[CPaths, Any, List[int]]:
    """Paths one behind the other; which of them did not parse (they stand as empty ones)."""
    asn, kind, start, bad = [], bytearray(), [0], []
    for index, value in enumerate(paths):
        try:
            path = Path(value)
        except Error:
            bad.append(index)
        else:
            n = path.c.n
            asn += path.asn[:n]
            kind += bytes(path.kind[:n]) if path.c.kind else b"\x82" * min(n, 1) + b"\x02" * max(n - 1, 0)
        start.append(len(asn))
    held: Any = ((ctypes.c_uint32 * len(asn))(*asn), (ctypes.c_uint8 * len(kind))(*kind), (ctypes.c_uint32 * len(start))(*start))
    return CPaths(*(ctypes.addressof(array) for array in held), len(start) - 1), held, bad


def _checked_columns(asn: Any, start: Any) -> Tuple[CPaths, Any]:
    """Paths of two columns, looked over here: the library trusts its caller that they fit."""
    hops, starts = memoryview(_u32(asn)).cast("B").cast("I"), memoryview(_u32(start)).cast("B").cast("I")
    last = 0
    for offset in starts:
        if offset < last:
            raise Error(EINVAL, "start falls from %d to %d" % (last, offset))
        last = offset
    if not len(starts) or last > len(hops):
        raise Error(EINVAL, "start reaches %d and there are %d hops" % (last, len(hops)))
    held = ((ctypes.c_uint32 * len(hops)).from_buffer_copy(hops), (ctypes.c_uint32 * len(starts)).from_buffer_copy(starts))
    return CPaths(ctypes.addressof(held[0]), None, ctypes.addressof(held[1]), len(starts) - 1), held


def _u32(column: Any) -> Any:
    if hasattr(column, "__array_interface__"):
        import numpy

        if column.dtype.kind not in "iu" or column.ndim != 1 or (column.size and int(column.min()) < 0):
            raise TypeError("a column of numbers is expected, not %s" % column.dtype)
        return numpy.ascontiguousarray(column, "=u4").view(numpy.uint8)
    if is_buffer(column) and memoryview(column).itemsize == 4:
        return column
    return _column(column, ctypes.c_uint32, to_asn)


class Paths:
    """The ASPA half of Db."""

    def _held(self) -> Any:
        raise NotImplementedError

    def aspa(
        self, path: Any, role: Union[Role, str, int] = Role.PROVIDER, neighbour: Any = None, confed: bool = False
    ) -> AspaState:
        """Verify the path of a route as it came in.

        role: what the neighbour is to us. neighbour: its AS number, compared with the path; None: not compared.
        """
        flags = (ANY_NEIGHBOUR if neighbour is None else 0) | (CONFED if confed else 0)
        held, made, number = self._held(), Path(path), to_origin(neighbour)
        return STATES[lib.manrs_aspa_check(held, byref(made.c), number, to_role(role), flags)]

    def aspa_many(
        self, paths: Any, role: Any = Role.PROVIDER, neighbours: Any = None, confed: bool = False, start: Any = None
    ) -> List[AspaState]:
        """Verify many paths: a list of them, or a column of hops with `start`, n + 1 offsets into it.

        role and neighbours: one for all, or one a path. A path of a list that does not parse is MALFORMED.
        """
        held = self._held()
        if start is None:
            c, keep, bad = _joined(paths)
        else:
            (c, keep), bad = _checked_columns(paths, start), []
        common = isinstance(role, (str, int)) and (neighbours is None or isinstance(neighbours, (str, bytes, int)))
        each_role = [role] * (1 if common else c.n) if isinstance(role, (str, int)) else list(role)
        roles = _column(each_role, ctypes.c_uint8, to_role)
        asns = None
        if neighbours is not None:
            one = isinstance(neighbours, (str, bytes, int))
            asns = _column([neighbours] * (1 if common else c.n) if one else neighbours, ctypes.c_uint32, to_asn)
        if not common and (len(roles) != c.n or (asns is not None and len(asns) != c.n)):
            raise Error(EINVAL, "%d paths, %d roles and %s neighbours" % (c.n, len(roles), asns and len(asns)))
        flags = (COMMON if common else 0) | (ANY_NEIGHBOUR if asns is None else 0) | (CONFED if confed else 0)
        states = bytearray(c.n)
        if c.n:
            bulk.manrs_aspa_check_many(held, byref(c), asns, roles, flags, pointer(states))
        for index in bad:
            states[index] = AspaState.MALFORMED
        del keep
        return [STATES[state] for state in states]

    def aspa_explain(
        self, path: Any, role: Union[Role, str, int] = Role.PROVIDER, neighbour: Any = None, confed: bool = False
    ) -> AspaReport:
        """The state of a path with its ramps, and the hops that stand in the way of a better one."""
        flags = (ANY_NEIGHBOUR if neighbour is None else 0) | (CONFED if confed else 0)
        held, made, ramps = self._held(), Path(path), CAspaRamps()
        cap = made.c.n * 2 + 1
        rows = (CAspaHop * cap)()
        args = (held, byref(made.c), to_origin(neighbour), to_role(role), flags, byref(ramps), rows, cap)
        n = min(bulk.manrs_aspa_hops(*args), cap)
        hops = [AspaHop(h.customer, h.provider, AUTHS[h.auth], bool(h.down), STATES[h.would]) for h in rows[:n]]
        counts = (ramps.n, ramps.max_up, ramps.min_up, ramps.max_down, ramps.min_down)
        return AspaReport(STATES[ramps.state], REASONS[ramps.reason], *counts, hops)


def path_origin(path: Any, local_as: Any = None) -> Optional[int]:
    """The origin that route origin validation asks about (RFC 6811 section 2); None for an AS_SET."""
    origin = ctypes.c_uint32()
    result = lib.manrs_path_origin(byref(Path(path).c), to_origin(local_as), byref(origin))
    check(result, None, "malformed path" if result != ESYNTAX else "")
    return origin.value or None
