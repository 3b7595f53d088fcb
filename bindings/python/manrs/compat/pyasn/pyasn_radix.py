# SPDX-License-Identifier: BSD-2-Clause
"""pyasn.pyasn_radix, the C module that pyasn stands on: Radix and its nodes.

A tree that was loaded holds AS numbers alone; a node is made when it is asked for, and is the prefix's node from then on.
"""

import itertools
import re
import socket
from ctypes import byref, c_uint64
from typing import Any, Iterator, List, Optional, Tuple

from ..._lib import ENOENT, CCursor, CPrefix, check, extension, lib
from ..._prefix import PREFIX_SIZE, masked, texts, to_key
from ..._trie import SLICE, Trie

__all__ = ["Radix", "RadixNode"]

NODES = 1 << 32  # numbers from here on are of nodes, those below are AS numbers
_LINE = 510
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")


def _number(text: str) -> int:
    """What C's atol makes of a text."""
    found = _NUMBER.match(text)
    number = int(found.group(1)) if found else 0
    return max(-(1 << 63), min(number, (1 << 63) - 1))


def _key(network: Any, masklen: int = -1, packed: Any = None) -> CPrefix:
    if network is not None and packed is not None:
        raise TypeError("Two address types specified. Please pick one.")
    if packed is not None:
        address = bytes(packed)
        if len(address) not in (4, 16) or not -1 <= masklen <= len(address) * 8:
            raise ValueError("Invalid packed address format")
    elif network is None:
        raise TypeError("No address specified")
    elif not isinstance(network, str):
        raise TypeError("argument 1 must be str, not %s" % type(network).__name__)
    else:
        family = socket.AF_INET6 if ":" in network else socket.AF_INET
        try:
            address = socket.inet_pton(family, network)
        except (OSError, ValueError):
            raise ValueError("inet_pton(v%d) returned error" % (6 if ":" in network else 4)) from None
    bits = len(address) * 8
    if masklen != -1 and not 0 <= masklen <= bits:
        raise ValueError("invalid prefix length")
    return masked(address, bits if masklen == -1 else masklen)


def _text(prefix: CPrefix) -> str:
    """As inet_ntop writes it: ::1.2.3.0 where RFC 5952 has ::102:300."""
    family, size = (socket.AF_INET, 4) if prefix.family == 4 else (socket.AF_INET6, 16)
    return "%s/%d" % (socket.inet_ntop(family, bytes(prefix.addr)[:size]), prefix.len)


class RadixNode:
    """A prefix and its AS number."""

    __slots__ = ("_prefix", "_asn")

    def __init__(self, prefix: CPrefix, asn: int = 0) -> None:
        self._prefix = prefix
        self._asn = asn

    @property
    def prefix(self) -> str:
        return _text(self._prefix)

    @property
    def asn(self) -> int:
        return self._asn

    @asn.setter
    def asn(self, value: int) -> None:
        if not isinstance(value, int):
            raise TypeError("The ASN attribute value must be an integer")
        if not 0 <= value <= 0xFFFFFFFF:
            raise OverflowError("an AS number is in 0..4294967295")
        self._asn = value


_Base: Any = extension.Best if extension else object


class Radix(_Base):  # type: ignore[misc]
    """A radix tree of prefixes with AS numbers."""

    def __init__(self) -> None:
        self._trie = Trie()
        self._trie._next = itertools.count(NODES)
        self._changes = 0

    def _node(self, key: CPrefix, number: int) -> RadixNode:
        """The node of a key that is there, under that number."""
        node: Optional[RadixNode] = self._trie._values.get(number) if number >= NODES else None
        return self._set(RadixNode(key, number)) if node is None else node

    def _set(self, node: RadixNode) -> RadixNode:
        number = next(self._trie._next)
        self._trie._values[number] = node
        check(lib.manrs_trie_set(self._trie._open(), byref(node._prefix), number))
        return node

    def _put(self, prefix: str, asn: int) -> None:
        check(lib.manrs_trie_set(self._trie._open(), byref(to_key(prefix)), asn))

    def _asn(self, number: int) -> int:
        return self._trie._values[number]._asn if number >= NODES else number

    def _best(self, key: CPrefix) -> Any:
        found, number = CPrefix(), c_uint64()
        result = lib.manrs_trie_match(self._trie._open(), byref(key), byref(found), byref(number))
        return None if result == ENOENT else (check(result), (found, number.value))[1]

    def _origin(self, address: str) -> Tuple[Optional[int], Optional[str]]:
        found = self._best(_key(address))
        return (None, None) if found is None else (self._asn(found[1]), _text(found[0]))

    def _rows(self) -> Iterator[Tuple[CPrefix, str, int]]:
        """All prefixes as record and text, and their numbers, in order."""
        cursor, n = CCursor(), SLICE
        while n == SLICE:
            found, numbers = (CPrefix * SLICE)(), (c_uint64 * SLICE)()
            n = lib.manrs_trie_covered(self._trie._open(), None, byref(cursor), found, numbers, SLICE)
            for record, text, number in zip(found, texts(found, PREFIX_SIZE, n), numbers):
                yield record, _text(record) if text.startswith("::") else text, number

    def _origins(self) -> Iterator[Tuple[str, int]]:
        return ((text, self._asn(number)) for _, text, number in self._rows())

    def add(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> RadixNode:
        key = _key(network, masklen, packed)
        number = self._trie._place(key)
        self._changes += 1
        return self._set(RadixNode(key)) if number < 0 else self._node(key, number)

    def delete(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> None:
        key = _key(network, masklen, packed)
        number = self._trie._place(key)
        if number < 0:
            raise KeyError("no such address")
        check(lib.manrs_trie_del(self._trie._open(), byref(key)))
        self._trie._values.pop(number, None)
        self._changes += 1

    def search_exact(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        key = _key(network, masklen, packed)
        number = self._trie._place(key)
        return None if number < 0 else self._node(key, number)

    def search_best(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        found = self._best(_key(network, masklen, packed))
        return None if found is None else self._node(*found)

    def nodes(self) -> List[RadixNode]:
        return [self._node(CPrefix.from_buffer_copy(record), number) for record, _, number in list(self._rows())]

    def prefixes(self) -> List[str]:
        return [text for _, text, _ in self._rows()]

    def __iter__(self) -> Iterator[RadixNode]:
        changes = self._changes
        for node in self.nodes():
            if changes != self._changes:
                raise RuntimeWarning("Radix tree modified during iteration")
            yield node
        if changes != self._changes:
            raise RuntimeWarning("Radix tree modified during iteration")

    def load_ipasndb(self, from_file: str, from_string: str = "") -> int:
        """Read a database into the empty tree: how many lines counted."""
        if bool(from_file) == bool(from_string):
            raise RuntimeError("load_ipasndb() needs one of from_file/from_string.")
        if not from_file:
            return self._load(from_string.encode("utf-8", "surrogateescape"))
        try:
            with open(from_file, "rb") as file:
                data = file.read()
        except OSError:
            raise OSError("Could not open the file.") from None
        return self._load(data) if data else 0

    def _load(self, data: bytes) -> int:
        if not data:
            raise RuntimeError("load_ipasndb() needs one of from_file/from_string.")
        if len(self._trie):
            raise RuntimeError("load_ipasndb() called on non-empty radix-tree")
        n, at = 0, 0
        while at < len(data):
            if extension:
                more, at = extension.origins_load(self._trie._open(), data, at)
                n += more
            end = data.find(b"\n", at)
            line = data[at : end if end >= 0 else len(data)]
            at += len(line) + 1
            if line and line[0] not in b";#":
                n += 1
                if not self._load_line(line.decode("latin-1")):
                    raise RuntimeError("Error while parsing/adding IPASN database (record: %d)!" % n)
        return n

    def _load_line(self, line: str) -> bool:
        """A line with all that pyasn reads in it."""
        if len(line) > _LINE:
            return False
        prefix, tab, number = line.partition("\t")
        address, slash, length = prefix.partition("/")
        asn, masklen = _number(number) & 0xFFFFFFFF, _number(length) & 0xFF
        if not tab or not slash or asn == 0 or masklen == 0:
            return False
        try:
            key = _key(address, masklen)
        except ValueError:
            return False
        check(lib.manrs_trie_set(self._trie._open(), byref(key), asn))
        return True
