# SPDX-License-Identifier: BSD-2-Clause
"""Prefixes, AS numbers and route records: what Python has, as the library's records, and back.

One rule with the command and C. The prefix of a route, VRP or announcement is text (str or bytes) with a length, or an
ipaddress network; an interface object too, when it has no host bits. An address without a length, as text or as an
ipaddress object, is refused: nobody announces one, and a /32 that was meant as a /24 would be judged otherwise. Where an
address may be meant (the key of a Trie) it is read as its /32 or /128; the source of a packet is nothing else. An AS number is an int or
"13335", "AS13335"; None is "origin NONE", where a route has an origin, and nothing elsewhere. A bool is no number. Wrong
types raise TypeError, wrong values manrs.Error.
"""

import ctypes
import enum
import ipaddress
import operator
from ctypes import byref
from typing import Any, Iterable, List, NamedTuple, Optional, Tuple

from ._lib import EINVAL, ERANGE, ESYNTAX, CFault, CPrefix, CRoute, Error, Fault, check, extension, lib

ROUTE_SIZE = 24
PREFIX_SIZE = 20
ROUTE_FIELDS = [("family", "u1"), ("len", "u1"), ("maxlen", "u1"), ("zero", "u1"), ("addr", "u1", (16,)), ("asn", "=u4")]


class State(enum.IntEnum):
    """Route origin validation (RFC 6811): manrs.State.VALID, as text "valid"."""

    NOT_FOUND = 0
    VALID = 1
    INVALID = 2
    MALFORMED = 3

    def __str__(self) -> str:
        return STATE_TEXT[self]

    def __format__(self, spec: str) -> str:
        return format(STATE_TEXT[self], spec)


STATE_TEXT = ("not-found", "valid", "invalid", "malformed")
STATES = tuple(State)


class Vrp(NamedTuple):
    """A validated ROA payload."""

    prefix: str
    maxlen: int
    asn: int


_NETWORKS = (ipaddress.IPv4Network, ipaddress.IPv6Network)
_INTERFACES = (ipaddress.IPv4Interface, ipaddress.IPv6Interface)
_ADDRESSES = (ipaddress.IPv4Address, ipaddress.IPv6Address)


CLEAR = 1  # MANRS_PREFIX_CLEAR


def _from_packed(out: CPrefix, packed: bytes, length: int, flags: int = 0) -> int:
    """Of 4 or 16 bytes. The result is that of the library."""
    family = {4: 4, 16: 6}.get(len(packed), 0)
    return int(lib.manrs_prefix_set(byref(out), family, packed, length, flags))


def _from_text(out: CPrefix, text: bytes, bare: bool) -> None:
    fault = CFault()
    parse = lib.manrs_address_parse if bare and b"/" not in text else lib.manrs_prefix_parse
    result = parse(byref(out), text, len(text), byref(fault))
    if result < 0:
        shown = text if len(text) <= 60 else text[:57] + b"..."
        check(result, fault, "bad prefix %r" % shown.decode("ascii", "replace"))


def _from_object(out: CPrefix, value: Any, bare: bool) -> None:
    address = getattr(value, "network_address", value)
    if getattr(address, "scope_id", None) is not None:
        raise Error(ESYNTAX, "bad prefix %r" % str(value), Fault(0, "an address with a zone", ESYNTAX, 0))
    if isinstance(value, _NETWORKS):
        check(_from_packed(out, address.packed, value.prefixlen))
    elif isinstance(value, _INTERFACES):
        result = _from_packed(out, value.packed, value.network.prefixlen)
        check(result, None, "bad prefix %r: the address has bits after its length" % str(value))
    elif bare:
        check(_from_packed(out, value.packed, value.max_prefixlen))
    else:
        raise Error(ESYNTAX, "bad prefix %r" % str(value), Fault(len(str(value)), "an address without a length", ESYNTAX, 0))


def to_prefix(value: Any, out: Optional[CPrefix] = None, bare: bool = False) -> CPrefix:
    """The prefix of a route, of text or of an ipaddress object. bare: an address alone is its /32 or /128."""
    out = CPrefix() if out is None else out
    if isinstance(value, str):
        try:
            _from_text(out, value.encode("ascii"), bare)
        except UnicodeEncodeError as error:
            raise Error(ESYNTAX, "bad prefix %r" % value[:60], Fault(error.start, "not ASCII", ESYNTAX, 0)) from None
    elif isinstance(value, (bytes, bytearray)):
        _from_text(out, bytes(value), bare)
    elif isinstance(value, CPrefix):
        ctypes.memmove(byref(out), byref(value), PREFIX_SIZE)
    elif isinstance(value, _NETWORKS + _INTERFACES + _ADDRESSES):
        _from_object(out, value, bare)
    else:
        raise TypeError("a prefix is text or an ipaddress object, not %s" % type(value).__name__)
    return out


def to_key(value: Any) -> CPrefix:
    """A prefix, or an address, that is looked for."""
    return to_prefix(value, None, True)


def to_address(value: Any) -> CPrefix:
    """An address alone, as its /32 or /128."""
    out = to_key(value)
    long = b"/" in value if isinstance(value, (bytes, bytearray)) else "/" in str(value)
    if long:
        raise Error(ESYNTAX, "bad address %r" % str(value), Fault(0, "an address has no length", ESYNTAX, 0))
    return out


def masked(packed: bytes, length: int) -> CPrefix:
    """The prefix of that length around an address of 4 or 16 bytes."""
    out = CPrefix()
    check(_from_packed(out, packed, length, CLEAR))
    return out


def to_asn(value: Any) -> int:
    """An AS number."""
    if isinstance(value, (str, bytes, bytearray)):
        text = value.encode("ascii", "replace") if isinstance(value, str) else bytes(value)
        read, fault = ctypes.c_uint32(), CFault()
        check(lib.manrs_asn_parse(byref(read), text, len(text), byref(fault)), fault, "bad AS number %r" % value)
        return read.value
    number = to_number(value, "an AS number")
    if not 0 <= number <= 0xFFFFFFFF:
        raise Error(ERANGE, "AS number %d is not in 0..4294967295" % number)
    return number


def to_origin(value: Any) -> int:
    """An AS number, or None for none."""
    return 0 if value is None else to_asn(value)


def to_number(value: Any, what: str) -> int:
    """An integer of any type but bool: True is a slip, never 1."""
    if isinstance(value, bool):
        raise TypeError("%s is a number, not bool" % what)
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError("%s is a number, not %s" % (what, type(value).__name__)) from None


def to_text(prefix: CPrefix) -> str:
    """A prefix record as text."""
    text = ctypes.create_string_buffer(44)
    check(lib.manrs_prefix_format(byref(prefix), text, 44))
    return text.value.decode()


def _texts_slow(records: Any, stride: int, n: int) -> List[str]:
    view = memoryview(records).cast("B")
    return [to_text(CPrefix.from_buffer_copy(view[i * stride : i * stride + PREFIX_SIZE])) for i in range(n)]


def key_record(value: Any) -> bytes:
    """The 20 bytes of a prefix or an address."""
    return bytes(to_key(value))


def route_record(prefix: Any, origin: Any) -> bytes:
    """The 24 bytes of a route."""
    route = CRoute()
    to_prefix(prefix, route.prefix)
    route.asn = to_origin(origin)
    return bytes(route)


def _fill_slow(out: bytearray, prefixes: Any, origins: Any) -> int:
    """Route records of two sequences; a row that does not parse becomes a malformed record. Returns how many did not."""
    bad, at = 0, 0
    for prefix, origin in zip(prefixes, origins):
        try:
            out[at : at + ROUTE_SIZE] = route_record(prefix, origin)
        except Error:
            bad += 1
        at += ROUTE_SIZE
    return bad


texts = extension.texts if extension else _texts_slow
fill = extension.fill if extension else _fill_slow


def _numpy_of(value: Any) -> Any:
    """numpy, if this value is its array (or offers one, as a pandas column does); else None."""
    if hasattr(value, "__array_interface__") or hasattr(value, "to_numpy"):
        import numpy

        return numpy
    return None


def is_buffer(value: Any) -> bool:
    try:
        memoryview(value).release()
    except TypeError:
        return False
    return True


def _bytes_view(value: Any, size: int, what: str) -> memoryview:
    view = memoryview(value)
    try:
        view = view.cast("B")
    except (TypeError, ValueError):  # not contiguous, or items that are structs
        view = memoryview(view.tobytes())
    if len(view) % size:
        raise Error(EINVAL, "%d bytes are not a whole number of %s records of %d" % (len(view), what, size))
    return view


def _column(origins: Any, n: int) -> Any:
    """Origins as n native 32-bit numbers in a bytes-like object."""
    numpy = _numpy_of(origins)
    if numpy is not None:
        array = numpy.asarray(origins)
        if array.dtype.kind not in "iu" or array.ndim != 1:
            raise TypeError("origins are one-dimensional integers, not %s" % array.dtype)
        if array.size and not (0 <= int(array.min()) and int(array.max()) <= 0xFFFFFFFF):
            raise Error(ERANGE, "an AS number is not in 0..4294967295")
        column, count = memoryview(numpy.ascontiguousarray(array, "=u4").view(numpy.uint8)), array.size
    else:
        numbers = [to_origin(value) for value in origins]
        count = len(numbers)
        column = memoryview((ctypes.c_uint32 * count)(*numbers)).cast("B")
    if count != n:
        raise Error(EINVAL, "%d prefixes and %d origins" % (n, count))
    return column


def _join(prefixes: memoryview, stride: int, origins: memoryview, n: int) -> bytearray:
    """Prefix records and origins side by side: a strided copy for each byte of a record."""
    out = bytearray(n * ROUTE_SIZE)
    for byte in range(PREFIX_SIZE):
        out[byte::ROUTE_SIZE] = prefixes[byte::stride]
    for byte in range(4):
        out[PREFIX_SIZE + byte :: ROUTE_SIZE] = origins[byte::4]
    return out


def _from_numpy(numpy: Any, prefixes: Any, origins: Any) -> Optional[Tuple[Any, int]]:
    """Route records of an array; None if it holds text or objects."""
    array = numpy.asarray(prefixes.to_numpy() if hasattr(prefixes, "to_numpy") else prefixes)
    if array.dtype.kind in "OUS":
        return None
    size = array.dtype.itemsize
    if array.dtype == numpy.uint8 and array.ndim == 2:
        size = array.shape[1]
    elif array.ndim != 1 or array.dtype.names is None:
        raise TypeError("records are manrs.route_dtype, manrs.prefix_dtype or rows of bytes, not %s" % array.dtype)
    if size not in (ROUTE_SIZE, PREFIX_SIZE) or (size == PREFIX_SIZE and origins is None):
        raise TypeError("a record of %d bytes is neither a route of 24 nor a prefix of 20 with origins" % size)
    array, n = numpy.ascontiguousarray(array), len(array)
    if origins is None:
        return array, n
    if n == 0:
        _column(origins, 0)
        return bytearray(), 0
    return _join(memoryview(array.view(numpy.uint8).reshape(-1)), size, _column(origins, n), n), n


def to_routes(prefixes: Any, origins: Any = None) -> Tuple[Any, int]:
    """Route records in one bytes-like object, and how many; what is an array of them already is not copied."""
    numpy = _numpy_of(prefixes)
    if numpy is not None:
        found = _from_numpy(numpy, prefixes, origins)
        if found is not None:
            return found
        prefixes = prefixes.tolist()
    elif isinstance(prefixes, str):
        raise TypeError("a list of prefixes is expected, not one text")
    elif is_buffer(prefixes):
        if origins is None:
            view = _bytes_view(prefixes, ROUTE_SIZE, "route")
            return view, len(view) // ROUTE_SIZE
        view = _bytes_view(prefixes, PREFIX_SIZE, "prefix")
        n = len(view) // PREFIX_SIZE
        return _join(view, PREFIX_SIZE, _column(origins, n), n), n
    if origins is None:
        pairs = list(prefixes)
        prefixes, origins = [p for p, _ in pairs], [a for _, a in pairs]
    return _from_lists(prefixes, origins)


def _from_lists(prefixes: Iterable[Any], origins: Any) -> Tuple[bytearray, int]:
    prefixes = prefixes if isinstance(prefixes, list) else list(prefixes)
    if not isinstance(origins, list):
        origins = origins.tolist() if hasattr(origins, "tolist") else list(origins)
    if len(prefixes) != len(origins):
        raise Error(EINVAL, "%d prefixes and %d origins" % (len(prefixes), len(origins)))
    n = len(prefixes)  # the lists may change while they are read
    out = bytearray(n * ROUTE_SIZE)
    fill(out, prefixes, origins)
    return out, n


def pointer(buffer: Any) -> Any:
    """A bytes-like object as an argument for ctypes, without a copy where Python allows; it keeps the object alive."""
    interface = getattr(buffer, "__array_interface__", None)
    if interface is not None:
        held = ctypes.c_void_p(interface["data"][0])
        held.keep = buffer  # type: ignore[attr-defined]
        return held
    if isinstance(buffer, (bytes, ctypes.Array)):
        return buffer
    view = memoryview(buffer)
    if view.nbytes == 0:
        return None
    if view.readonly:
        return view.tobytes() if not isinstance(view.obj, bytes) or view.nbytes != len(view.obj) else view.obj
    return (ctypes.c_char * view.nbytes).from_buffer(view)
