# SPDX-License-Identifier: BSD-2-Clause
"""pytricia: `from manrs.compat import pytricia`, then pytricia.PyTricia(128) as there.

As there: [], get, in and get_key look for the longest match; has_key, del, parent and children for exactly this prefix. A
key keeps the address bits that it was inserted with, and a length that does not fit a text is the whole address.

Differences from pytricia:
- IPv4 and IPv6 are apart: 32.0.0.1 does not match 2000::/8, and keys() lists IPv4 first.
- a key longer than the bits given to PyTricia() is kept whole (there: undefined).
- a bad key is a ValueError everywhere ("in" and [] = too), and ":", "::" and "::1" are read. A number past 32 bits is in no
  tree, as there (there it may also be taken by its last 32 bits), and cannot be inserted.
- items() and values() exist; the tree may be changed while it is iterated over its keys at that moment.
- a frozen tree refuses changes with ValueError; a thawed or frozen one can be pickled.
"""

import ipaddress
import socket
from typing import Any, Iterator, List, Optional, Tuple

from .._lib import CPrefix, extension
from .._prefix import masked
from .._trie import Entries

__all__ = ["PyTricia"]

_NETWORKS = (ipaddress.IPv4Network, ipaddress.IPv6Network)
_ADDRESSES = (ipaddress.IPv4Address, ipaddress.IPv6Address)
_MISSING = object()


class _NoAddress(ValueError):
    """A number that is no IPv4 address: never found."""


def _from_text(text: str) -> Tuple[bytes, int]:
    address, _, length = text.partition("/")
    if "." not in text and ":" not in text:
        raise ValueError("Invalid key type")
    try:
        packed = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except (OSError, ValueError):
        raise ValueError("Invalid prefix.") from None
    digits = length.strip()
    number = int(digits) if digits.isascii() and digits.isdigit() else -1
    return packed, number if 0 <= number <= len(packed) * 8 else len(packed) * 8


def _from_bytes(packed: bytes) -> Tuple[bytes, int]:
    if len(packed) not in (4, 16):
        raise ValueError("Address bytes must be of length 4 or 16")
    return packed, len(packed) * 8


def _split(key: Any) -> Tuple[bytes, int]:
    """A key as (address bytes as given, length)."""
    if isinstance(key, str):
        return _from_text(key)
    if isinstance(key, int):
        if not 0 <= key <= 0xFFFFFFFF:
            raise _NoAddress("Invalid prefix.")
        return key.to_bytes(4, "big"), 32
    if isinstance(key, bytes):
        return _from_bytes(key)
    if isinstance(key, tuple):
        if len(key) != 2 or not isinstance(key[0], bytes) or not isinstance(key[1], int):
            raise ValueError("Invalid key tuple value type")
        packed, bits = _from_bytes(key[0])
        return packed, key[1] if 0 <= key[1] < bits else bits
    if isinstance(key, _NETWORKS):
        return key.network_address.packed, key.prefixlen
    if isinstance(key, _ADDRESSES):
        return key.packed, key.max_prefixlen
    raise ValueError("Invalid key type")


def _record(key: Any) -> CPrefix:
    packed, length = _split(key)
    return masked(packed, length)


class _PureLongest:
    """What the extension does faster: the lookups of single keys. What it does not read goes to the methods below."""

    def __getitem__(self, key: Any) -> Any:
        return self._subscript(key)  # type: ignore[attr-defined]

    def __contains__(self, key: Any) -> bool:
        return self._contains(key)  # type: ignore[attr-defined]

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of the longest match."""
        return self._get(key, default)  # type: ignore[attr-defined]

    def get_key(self, key: Any) -> Any:
        """The longest match itself, or None."""
        return self._get_key(key)  # type: ignore[attr-defined]

    def has_key(self, key: Any) -> bool:
        """Whether exactly this prefix is there."""
        return self._has_key(key)  # type: ignore[attr-defined]


_Longest: Any = extension.Longest if extension else _PureLongest


class PyTricia(_Longest):  # type: ignore[misc]
    """A patricia trie that is used like a dict of prefixes."""

    def __init__(self, prefixlen: int = 32, family: int = socket.AF_INET, raw_output: Any = False) -> None:
        if not isinstance(prefixlen, int) or not isinstance(family, int):
            raise ValueError("Error parsing prefix length or address family")
        if not 0 <= prefixlen <= 128:
            raise ValueError("Invalid number of maximum bits; must be between 0 and 128, inclusive")
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise ValueError("Invalid address family; must be AF_INET (2) or AF_INET6 (30)")
        self._bits, self._family, self._raw = prefixlen, family, bool(raw_output)
        self._trie = Entries()  # record -> [key as inserted and given back, value]
        self._frozen = False

    def _out(self, packed: bytes, length: int) -> Any:
        if self._raw:
            return packed, length
        return "%s/%d" % (socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed), length)

    def _put(self, packed: bytes, length: int, value: Any) -> None:
        if self._frozen:
            raise ValueError("can't modify a frozen pytricia")
        if not 0 <= length <= len(packed) * 8:
            raise ValueError("Invalid key.")
        record = masked(packed, length)
        entry = self._trie.get(record)
        if entry is None:
            self._trie[record] = [self._out(packed, length), value]
        else:
            entry[1] = value

    def _longest(self, key: Any) -> Optional[List[Any]]:
        try:
            found = self._trie.match(_record(key))
        except _NoAddress:
            return None
        return None if found is None else found[1]

    def _exact(self, key: Any) -> Tuple[CPrefix, List[Any]]:
        try:
            record = _record(key)
        except _NoAddress:
            raise KeyError("Prefix doesn't exist.") from None
        entry = self._trie.get(record)
        if entry is None:
            raise KeyError("Prefix doesn't exist.")
        return record, entry

    def __len__(self) -> int:
        return len(self._trie)

    def _subscript(self, key: Any) -> Any:
        entry = self._longest(key)
        if entry is None:
            raise KeyError("Prefix not found.")
        return entry[1]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._put(*_split(key), value)

    def __delitem__(self, key: Any) -> None:
        if self._frozen:
            raise ValueError("can't modify a frozen pytricia")
        del self._trie[self._exact(key)[0]]

    def _contains(self, key: Any) -> bool:
        return self._longest(key) is not None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.keys())

    def _get(self, key: Any, default: Any = None) -> Any:
        entry = self._longest(key)
        return default if entry is None else entry[1]

    def _get_key(self, key: Any) -> Any:
        entry = self._longest(key)
        return None if entry is None else entry[0]

    def _has_key(self, key: Any) -> bool:
        try:
            return _record(key) in self._trie
        except _NoAddress:
            return False

    def keys(self) -> List[Any]:
        """All prefixes."""
        return [entry[0] for entry in self._trie.values()]

    def values(self) -> List[Any]:
        return [entry[1] for entry in self._trie.values()]

    def items(self) -> List[Tuple[Any, Any]]:
        return [(entry[0], entry[1]) for entry in self._trie.values()]

    def delete(self, key: Any) -> None:
        """As del."""
        del self[key]

    def insert(self, key: Any, value1: Any = _MISSING, value2: Any = _MISSING) -> None:
        """insert(prefix, value), or insert(address, length, value)."""
        if value1 is _MISSING:
            raise ValueError("Missing argument(s) to insert")
        try:
            packed, length = _split(key)
        except ValueError:
            raise ValueError("Invalid key.") from None
        if value2 is _MISSING:
            self._put(packed, length, value1)
        else:
            self._put(packed, value1 if isinstance(value1, int) and value1 != -1 else length, value2)

    def children(self, key: Any) -> List[Any]:
        """What lies under a prefix that is there, without itself."""
        record, entry = self._exact(key)
        return [other[0] for _, other in self._trie.covered(record) if other is not entry]

    def parent(self, key: Any) -> Optional[Any]:
        """The next shorter prefix around one that is there."""
        record, _ = self._exact(key)
        above = self._trie.covering(record)
        return above[-2][1][0] if len(above) > 1 else None

    def freeze(self) -> None:
        """Refuse changes until thaw()."""
        self._frozen = True

    def thaw(self) -> None:
        self._frozen = False

    def __getstate__(self) -> Any:
        entries = [(*_split(key), value) for key, value in self.items()]
        return self._bits, self._family, self._raw, self._frozen, entries

    def __setstate__(self, state: Any) -> None:
        bits, family, raw, frozen, entries = state
        PyTricia.__init__(self, bits, family, raw)
        for packed, length, value in entries:
            self._put(packed, length, value)
        self._frozen = frozen

    def __reduce__(self) -> Any:
        return (type(self), (self._bits, self._family, self._raw), self.__getstate__())
