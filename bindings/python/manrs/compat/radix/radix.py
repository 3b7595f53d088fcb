# SPDX-License-Identifier: BSD-2-Clause
"""Radix and its nodes; the package says what differs from py-radix."""

import re
import socket
import weakref
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..._lib import CPrefix, Error, extension
from ..._prefix import masked, to_key
from ..._trie import Entries

__all__ = ["Radix", "RadixNode"]

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_MASKLEN = re.compile(r"\s*[+-]?[0-9]+\Z")


def _address(text: str) -> bytes:
    """A numeric address in any form that the C library reads."""
    try:
        infos = socket.getaddrinfo(text, None, 0, socket.SOCK_RAW, 6, socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError) as error:
        raise ValueError(getattr(error, "strerror", None) or "Name or service not known") from None
    family, _, _, _, address = infos[0]
    if family not in (socket.AF_INET, socket.AF_INET6):
        raise ValueError("Invalid address format")
    return socket.inet_pton(family, str(address[0]).split("%")[0])


def _length(masklen: int, packed: bytes) -> int:
    bits = len(packed) * 8
    if masklen == -1:
        return bits
    if not 0 <= masklen <= bits:
        raise ValueError("invalid prefix length")
    return masklen


def _key(network: Optional[str], masklen: int, packed: Optional[bytes]) -> CPrefix:
    if network is not None and packed is not None:
        raise TypeError("Two address types specified. Please pick one.")
    if packed is not None:
        if not isinstance(packed, (bytes, bytearray)):
            raise TypeError("packed must be bytes, not %s" % type(packed).__name__)
        if len(packed) not in (4, 16) or not -1 <= masklen <= len(packed) * 8:
            raise ValueError("Invalid packed address format")
        return masked(bytes(packed), _length(masklen, packed))
    if network is None:
        raise TypeError("No address specified (use 'address' or 'packed')")
    if not isinstance(network, str):
        raise TypeError("argument 1 must be str or None, not %s" % type(network).__name__)
    if not isinstance(masklen, int):
        raise TypeError("%r object cannot be interpreted as an integer" % type(masklen).__name__)
    if len(network.encode()) > 255:
        raise ValueError("string too long")
    text, slash, length = network.partition("/")
    if slash:
        if masklen != -1:
            raise ValueError("masklen specified twice")
        if not _MASKLEN.match(length):
            raise ValueError("could not parse masklen")
        masklen = int(length)
        if masklen < 0:
            raise ValueError("could not parse masklen")
    address = _address(text)
    return masked(address, _length(masklen, address))


class RadixNode:
    """A prefix in the tree, with a dict of your own in `data`."""

    __slots__ = ("_prefix", "_data", "_tree", "__weakref__")

    def __init__(self, prefix: CPrefix, tree: "Radix") -> None:
        self._prefix = prefix
        self._data: Dict[Any, Any] = {}
        self._tree: Any = weakref.ref(tree)

    @property
    def data(self) -> Dict[Any, Any]:
        return self._data

    @property
    def family(self) -> int:
        return int(_FAMILIES[self._prefix.family])

    @property
    def packed(self) -> bytes:
        return bytes(self._prefix.addr)[: 4 if self._prefix.family == 4 else 16]

    @property
    def network(self) -> str:
        return socket.inet_ntop(_FAMILIES[self._prefix.family], self.packed)

    @property
    def prefixlen(self) -> int:
        return int(self._prefix.len)

    @property
    def prefix(self) -> str:
        return "%s/%d" % (self.network, self.prefixlen)

    @property
    def parent(self) -> Optional["RadixNode"]:
        tree = self._tree() if self._tree is not None else None
        if tree is None:
            return None
        above = tree._trie.covering(self._prefix)
        return above[-2][1] if len(above) > 1 else None


def _after_children(node: RadixNode) -> Tuple[int, int]:
    """The order in which search_covered lists: what a prefix holds comes before it."""
    bits = len(node.packed) * 8
    return int.from_bytes(node.packed, "big") | ((1 << (bits - node.prefixlen)) - 1), -node.prefixlen


class _PureBest:
    """What the extension does faster: a search by text. What it does not read goes to the methods below."""

    def search_best(self, *args: Any, **names: Any) -> Optional[RadixNode]:
        """The longest prefix that contains this one: search_best(network=None, masklen=-1, packed=None)."""
        return self._search_best(*args, **names)  # type: ignore[attr-defined]

    def search_exact(self, *args: Any, **names: Any) -> Optional[RadixNode]:
        """The node of exactly this prefix: search_exact(network=None, masklen=-1, packed=None)."""
        return self._search_exact(*args, **names)  # type: ignore[attr-defined]


_Best: Any = extension.Best if extension else _PureBest


class Radix(_Best):  # type: ignore[misc]
    """A radix tree of IPv4 and IPv6 prefixes."""

    def __init__(self) -> None:
        self._trie = Entries()
        self._changes = 0

    def _find(self, network: Optional[str], masklen: int, packed: Optional[bytes]) -> Any:
        """What the trie takes as a key: plain text as it is, else the record."""
        if packed is None and masklen == -1 and type(network) is str:
            try:
                return to_key(network)
            except Error:
                pass
        return _key(network, masklen, packed)

    def add(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> RadixNode:
        """Add a prefix, or find it: its node."""
        key = self._find(network, masklen, packed)
        node = self._trie.get(key)
        if node is None:
            node = self._trie[key] = RadixNode(key, self)
        self._changes += 1
        return node

    def delete(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> None:
        """Take a prefix out; KeyError if it is not there."""
        key = self._find(network, masklen, packed)
        node = self._trie.get(key)
        if node is None:
            raise KeyError("no such address")
        del self._trie[key]
        node._tree = None
        self._changes += 1

    def _search_exact(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        return self._trie.get(self._find(network, masklen, packed))

    def _search_best(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        found = self._trie.match(self._find(network, masklen, packed))
        return None if found is None else found[1]

    def search_worst(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        """The shortest prefix that contains this one."""
        found = self._trie.covering(self._find(network, masklen, packed))
        return found[0][1] if found else None

    def search_covered(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> List[RadixNode]:
        """All prefixes inside this one, itself included."""
        found = self._trie.covered(self._find(network, masklen, packed))
        return sorted((node for _, node in found), key=_after_children)

    def search_covering(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> List[RadixNode]:
        """All prefixes that contain this one, the longest first."""
        found = self._trie.covering(self._find(network, masklen, packed))
        return [node for _, node in reversed(found)]

    def nodes(self) -> List[RadixNode]:
        """All nodes, in order."""
        return list(self._trie.values())

    def prefixes(self) -> List[str]:
        """All prefixes as text, in order."""
        return [node.prefix for node in self._trie.values()]

    def __iter__(self) -> Iterator[RadixNode]:
        changes = self._changes
        for node in self.nodes():
            if changes != self._changes:
                raise RuntimeWarning("Radix tree modified during iteration")
            yield node
        if changes != self._changes:
            raise RuntimeWarning("Radix tree modified during iteration")

    def __getstate__(self) -> List[Tuple[str, Dict[Any, Any]]]:
        return [(node.prefix, node.data) for node in self]

    def __setstate__(self, state: List[Tuple[str, Dict[Any, Any]]]) -> None:
        for prefix, data in state:
            self.add(prefix).data.update(data)

    def __reduce__(self) -> Any:
        return (Radix, (), self.__getstate__())
