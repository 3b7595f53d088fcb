# SPDX-License-Identifier: BSD-2-Clause
"""pyasn 1.6: `from manrs.compat import pyasn`, then pyasn.pyasn("ipasn.dat") as there. pyasn.pyasn_radix is the tree.

The same file format (PREFIX/LEN tab ASN, comments with ; or #, .gz by name), with pyasn's own tolerance in numbers.

Differences from pyasn:
- get_as_size counts an IPv6 prefix as pyasn does (2 to the 32 - length), which is not an address count.
- setting a node's asn to a number outside 0..4294967295 is an OverflowError (there: a SystemError, and 0 or a remainder).
- pickle gives back a pyasn (there: its Radix).
- the converters of RIB files (pyasn.mrtx and its scripts) are not here: the library reads MRT itself.
"""

import gzip
import io
import ipaddress
import json
import os
import re
from collections import defaultdict
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from ..._lib import extension
from . import pyasn_radix
from .pyasn_radix import Radix, RadixNode

__version__ = "1.6.2"
__all__ = ["pyasn", "pyasn_radix", "Radix"]


class _PureOrigins:
    """What the extension does faster: an address by text. What it does not read goes to the method below."""

    radix: Radix

    def lookup(self, ip_address: str) -> Tuple[Optional[int], Optional[str]]:
        """(asn, prefix) of an address; (None, None) where no prefix contains it."""
        return self._lookup(ip_address)

    def _lookup(self, ip_address: str) -> Tuple[Optional[int], Optional[str]]:
        return self.radix._origin(ip_address)


if extension:

    class _Origins(extension.Origins):  # type: ignore[misc]
        _lookup = _PureOrigins._lookup

else:
    _Origins = _PureOrigins  # type: ignore[assignment,misc]


def _uncompressed(path: str) -> bytes:
    """A .gz file, with its ends of lines as a text file has them."""
    with open(path, "rb") as file:
        data = gzip.decompress(file.read())
    if b"\r" in data or not data.isascii():
        data = io.TextIOWrapper(io.BytesIO(data)).read().encode("utf-8", "surrogateescape")
    return data


class pyasn(_Origins):
    """AS numbers of addresses, from a file of prefixes and origins."""

    def __init__(
        self, ipasn_file: Optional[str], as_names_file: Optional[str] = None, ipasn_string: Optional[str] = None
    ) -> None:
        self.radix = Radix()
        self._ipasndb_file = ipasn_file
        self._asnames_file = as_names_file
        self._as_prefixes: Optional[Dict[int, Set[str]]] = None
        if ipasn_file is not None and ipasn_file.endswith(".gz"):
            self._records = self.radix._load(_uncompressed(ipasn_file))
        elif ipasn_file is not None:
            self._records = self.radix.load_ipasndb(ipasn_file, "")
        elif ipasn_string is not None:
            self._records = self.radix.load_ipasndb("", ipasn_string)
        else:
            raise ValueError("No data given, all parameters are empty.")
        self._asnames = self._read_asnames() if as_names_file else None

    def _read_asnames(self) -> Dict[int, str]:
        name = self._asnames_file or ""
        opener: Any = gzip.open if name.endswith(".gz") else open
        if not re.search(r"\.json(\.gz)?$", name):
            raise NotImplementedError("Autonomous system names parser does not support %s format." % os.path.splitext(name)[-1])
        with opener(name, "rt", encoding="utf-8") as file:
            names = json.load(file)
        try:
            return {int(number): text for number, text in names.items()}
        except ValueError:
            raise Exception("Autonomous system names file contains non-nummeric ASNs") from None

    def get_as_prefixes(self, asn: Any) -> Optional[Set[str]]:
        """The prefixes of an AS, or None."""
        if not self._as_prefixes:
            self._as_prefixes = defaultdict(set)
            for prefix, number in self.radix._origins():
                self._as_prefixes[number].add(prefix)
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
        return self._ipasndb_file, self._asnames_file, self._asnames, list(self.radix._origins())

    def __setstate__(self, state: Any) -> None:
        self._ipasndb_file, self._asnames_file, self._asnames, rows = state
        self.radix, self._as_prefixes, self._records = Radix(), None, len(rows)
        for prefix, asn in rows:
            self.radix._put(prefix, asn)

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
