# SPDX-License-Identifier: BSD-2-Clause
"""pyasn 1.6: `from manrs.compat import pyasn`, then pyasn.pyasn("ipasn.dat") as there.

The same file format (PREFIX/LEN tab ASN, comments with ; or #, .gz by name), with pyasn's own tolerance in numbers.

Differences from pyasn:
- get_as_size counts an IPv6 prefix as pyasn does (2 to the 32 - length), which is not an address count.
- setting a node's asn to a number outside 0..4294967295 is an OverflowError (there: a SystemError, and 0 or a remainder).
- pickle gives back a pyasn (there: its Radix).
- the converters of RIB files (pyasn.mrtx and its scripts) are not here: the library reads MRT itself.
"""

import gzip
import ipaddress
import json
import re
import socket
from collections import defaultdict
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .._lib import CPrefix
from .._prefix import masked
from .._trie import Trie

__version__ = "1.6.1"
__all__ = ["pyasn", "Radix"]

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


class RadixNode:
    """A prefix and its AS number."""

    __slots__ = ("_prefix", "_asn")

    def __init__(self, prefix: CPrefix) -> None:
        self._prefix = prefix
        self._asn = 0

    @property
    def prefix(self) -> str:
        size, family = (4, socket.AF_INET) if self._prefix.family == 4 else (16, socket.AF_INET6)
        return "%s/%d" % (socket.inet_ntop(family, bytes(self._prefix.addr)[:size]), self._prefix.len)

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


class Radix:
    """The tree under a pyasn."""

    def __init__(self) -> None:
        self._trie = Trie()
        self._changes = 0

    def add(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> RadixNode:
        key = _key(network, masklen, packed)
        node = self._trie.get(key)
        if node is None:
            node = self._trie[key] = RadixNode(key)
        self._changes += 1
        return node

    def delete(self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None) -> None:
        key = _key(network, masklen, packed)
        if key not in self._trie:
            raise KeyError("no such address")
        del self._trie[key]
        self._changes += 1

    def search_exact(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        return self._trie.get(_key(network, masklen, packed))

    def search_best(
        self, network: Optional[str] = None, masklen: int = -1, packed: Optional[bytes] = None
    ) -> Optional[RadixNode]:
        found = self._trie.match(_key(network, masklen, packed))
        return None if found is None else found[1]

    def nodes(self) -> List[RadixNode]:
        return list(self._trie.values())

    def prefixes(self) -> List[str]:
        return [node.prefix for node in self._trie.values()]

    def __iter__(self) -> Iterator[RadixNode]:
        changes = self._changes
        for node in self.nodes():
            if changes != self._changes:
                raise RuntimeWarning("Radix tree modified during iteration")
            yield node
        if changes != self._changes:
            raise RuntimeWarning("Radix tree modified during iteration")

    def load_ipasndb(self, from_file: str = "", from_string: str = "") -> int:
        """Read a database into the empty tree: how many lines counted."""
        if len(self._trie):
            raise RuntimeError("load_ipasndb() called on non-empty radix-tree")
        if not from_file and not from_string:
            raise RuntimeError("load_ipasndb() needs one of from_file/from_string.")
        if from_file:
            try:
                with open(from_file, encoding="latin-1", newline="\n") as file:
                    from_string = file.read()
            except OSError:
                raise OSError("Could not open the file.") from None
        n = 0
        for line in from_string.split("\n"):
            if line and line[0] not in ";#":
                if not self._load_line(line):
                    raise RuntimeError("Error while parsing/adding IPASN database (record: %d)!" % (n + 1))
                n += 1
        return n

    def _load_line(self, line: str) -> bool:
        if len(line) > 510:
            return False
        prefix, tab, number = line.partition("\t")
        address, slash, length = prefix.partition("/")
        asn, masklen = _number(number) & 0xFFFFFFFF, _number(length) & 0xFF
        if not tab or not slash or asn == 0 or masklen == 0:
            return False
        try:
            self.add(address, masklen).asn = asn
        except ValueError:
            return False
        return True


class pyasn:
    """AS numbers of addresses, from a file of prefixes and origins."""

    def __init__(
        self, ipasn_file: Optional[str], as_names_file: Optional[str] = None, ipasn_string: Optional[str] = None
    ) -> None:
        self.radix = Radix()
        self._ipasndb_file = ipasn_file
        self._asnames_file = as_names_file
        self._as_prefixes: Optional[Dict[int, Set[str]]] = None
        if ipasn_file is not None and ipasn_file.endswith(".gz"):
            with gzip.open(ipasn_file, "rt") as file:
                self._records = self.radix.load_ipasndb("", file.read())
        elif ipasn_file is not None:
            self._records = self.radix.load_ipasndb(ipasn_file, "")
        elif ipasn_string is not None:
            self._records = self.radix.load_ipasndb("", ipasn_string)
        else:
            raise ValueError("No data given, all parameters are empty.")
        self._asnames = self._read_asnames() if as_names_file else None

    def _read_asnames(self) -> Dict[int, str]:
        name = self._asnames_file or ""
        if not name.endswith(".json"):
            raise Exception("Autonomous system names parser does not support %s format." % name.rpartition(".")[2])
        with open(name, encoding="utf-8") as file:
            names = json.load(file)
        try:
            return {int(number): text for number, text in names.items()}
        except ValueError:
            raise Exception("Autonomous system names file contains non-nummeric ASNs") from None

    def lookup(self, ip_address: str) -> Tuple[Optional[int], Optional[str]]:
        """(asn, prefix) of an address; (None, None) where no prefix contains it."""
        node = self.radix.search_best(ip_address)
        return (node.asn, node.prefix) if node else (None, None)

    def get_as_prefixes(self, asn: Any) -> Optional[Set[str]]:
        """The prefixes of an AS, or None."""
        if not self._as_prefixes:
            self._as_prefixes = defaultdict(set)
            for node in self.radix.nodes():
                self._as_prefixes[node.asn].add(node.prefix)
        return self._as_prefixes.get(int(asn))

    def get_as_prefixes_effective(self, asn: Any) -> Optional[List[str]]:
        """The same without those that lie in others, neighbours joined."""
        prefixes = self.get_as_prefixes(asn)
        if not prefixes:
            return None
        found: List[str] = []
        for colon in (False, True):
            networks: Any = [ipaddress.ip_network(text) for text in prefixes if (":" in text) == colon]
            found += [network.compressed for network in ipaddress.collapse_addresses(networks)]
        return found

    def get_as_size(self, asn: Any) -> Any:
        """How many IPv4 addresses an AS has."""
        prefixes = self.get_as_prefixes_effective(asn)
        return sum(2 ** (32 - int(prefix.split("/")[1])) for prefix in prefixes) if prefixes else 0

    def get_as_name(self, asn: int) -> Optional[str]:
        if not self._asnames:
            raise Exception("Autonomous system names not loaded during initialization")
        return self._asnames.get(asn)

    def __repr__(self) -> str:
        return "pyasn(ipasndb:'%s'; asnames:'%s') - %d prefixes" % (self._ipasndb_file, self._asnames_file, self._records)

    def __iter__(self) -> Iterator[RadixNode]:
        return iter(self.radix)

    def __getstate__(self) -> Any:
        return self._ipasndb_file, self._asnames_file, self._asnames, [(node.prefix, node.asn) for node in self]

    def __setstate__(self, state: Any) -> None:
        self._ipasndb_file, self._asnames_file, self._asnames, rows = state
        self.radix, self._as_prefixes, self._records = Radix(), None, len(rows)
        for prefix, asn in rows:
            address, _, length = prefix.partition("/")
            self.radix.add(address, int(length)).asn = asn

    def __reduce__(self) -> Any:
        return (pyasn.__new__, (pyasn,), self.__getstate__())

    @staticmethod
    def convert_32bit_to_asdot_asn_format(asn: int) -> str:
        """65536 * a + b as ASa.b, small numbers as ASn (RFC 5396)."""
        high, low = divmod(asn, 1 << 16)
        return "AS%d.%d" % (high, low) if high > 0 else "AS%d" % low

    @staticmethod
    def convert_asdot_to_32bit_asn(asdot: str) -> int:
        """The number of "ASa.b" or "ASn"."""
        if not re.match(r"[Aa][Ss]", asdot):
            raise ValueError("Invalid asdot format for input. input format must be something like AS<Number> or AS<Number>.<Number> ")
        high, dot, low = asdot[2:].partition(".")
        return (int(high) << 16) + int(low) if dot else int(high)
