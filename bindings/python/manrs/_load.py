# SPDX-License-Identifier: BSD-2-Clause
"""VRP and ASPA files: bytes of a file, compressed or not, to the library's reader, and its records out."""

import bz2
import ctypes
import gzip
import lzma
import os
import sys
import warnings
from ctypes import byref
from typing import Any, BinaryIO, Iterator, List, NamedTuple, Tuple

from ._lib import ENOMEM, ESYNTAX, EUNSUP, CAspa, CFault, CLoadIssue, CLoadStats, CRoute, CRouterKey, Error, Fault, bulk, check, lib
from ._life import Handle, made

CHUNK = 1 << 20
ROWS = 8192
KINDS = {"bad": 1, "refused": 2, "remark": 3}
LIST_VRPS = 1  # MANRS_LOAD_VRPS
MAGIC: Any = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)


class Loaded(NamedTuple):
    """What a file held. Entries that cannot be read (`bad`) or that a rule refuses (`refused`) were skipped: `issues` has
    the first thousand. `warnings` has the first of each kind of what else is worth a look, `remarks` counts all. `built`
    is when the export was made, in Unix seconds, 0 when it does not say."""

    path: str
    vrps: int
    aspas: int
    keys: int
    bad: int
    issues: List[Fault]
    refused: int = 0
    remarks: int = 0
    warnings: Tuple[Fault, ...] = ()
    built: int = 0


def open_any(path: Any) -> BinaryIO:
    """A file for reading, uncompressed by what its first bytes say (gzip, bzip2, xz)."""
    path = os.fspath(path)  # a number would be a file descriptor
    file = open(path, "rb")
    head = file.read(6)
    for magic, opener in MAGIC:
        if head.startswith(magic):
            file.close()
            return opener(path, "rb")
    # The second is a skippable frame, as pzstd writes one first: RFC 8878 3.1.2.
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[:1] and head[0] & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18"):
        file.close()
        raise Error(EUNSUP, "%s: zstd is not in Python's library; uncompress it first" % path)
    file.seek(0)
    return file


class _LoadHandle(Handle):
    FREE = "manrs_load_free"


class _SlurmHandle(Handle):
    FREE = "manrs_slurm_file_free"


class Reader:
    """A manrs_load, and the records pulled from it; they count only after finish()."""

    def __init__(self) -> None:
        self.pointer = made(_LoadHandle, lib.manrs_load_new, None)
        self.routes: List[bytes] = []
        self.keys: List[bytes] = []
        self.aspas: List[Any] = []
        self.issues: List[Fault] = []
        self.warnings: List[Fault] = []

    def push(self, data: bytes, name: str) -> None:
        self._check(bulk.manrs_load_push(self.pointer, data, len(data), None), name)
        self._pull()

    def finish(self, name: str) -> CLoadStats:
        self._check(bulk.manrs_load_finish(self.pointer, None), name)
        self._pull()
        stats = CLoadStats(size=ctypes.sizeof(CLoadStats))
        lib.manrs_load_stats_get(self.pointer, byref(stats))
        return stats

    def _check(self, result: int, name: str) -> None:
        """Raise what a load failed for, with the first entry that was bad before it."""
        if result >= 0:
            return
        why = CLoadIssue()
        lib.manrs_load_failure(self.pointer, byref(why))
        self._pull()
        if result == ENOMEM:
            check(result)
        fault, more = why.value_of(), ""
        if self.issues:
            more = " (first: line %d: %s)" % (self.issues[0].line, self.issues[0].what)
        raise Error(fault.code, name, fault._replace(what=fault.what + more))

    def _slices(self, kind: Any, call: Any) -> Iterator[Any]:
        rows = (kind * ROWS)()
        n = ROWS
        while n == ROWS:
            n = call(rows)
            if n:
                yield rows, n

    def _pull(self) -> None:
        p = self.pointer
        for rows, n in self._slices(CRoute, lambda out: bulk.manrs_load_vrps(p, out, None, ROWS)):
            self.routes.append(ctypes.string_at(rows, n * ctypes.sizeof(CRoute)))
        for rows, n in self._slices(CAspa, lambda out: lib.manrs_load_aspas(p, out, None, ROWS)):
            self.aspas += [(a.customer, bytes((ctypes.c_uint32 * a.n).from_address(_at(a)))) for a in rows[:n]]
        for rows, n in self._slices(CRouterKey, lambda out: lib.manrs_load_keys(p, out, None, ROWS)):
            self.keys.append(ctypes.string_at(rows, n * ctypes.sizeof(CRouterKey)))
        for rows, n in self._slices(CLoadIssue, lambda out: lib.manrs_load_issues(p, out, ROWS)):
            for issue in rows[:n]:
                (self.warnings if issue.kind == KINDS["remark"] else self.issues).append(issue.value_of())


class Slurm:
    """A manrs_slurm_file."""

    def __init__(self, data: bytes, name: str) -> None:
        fault = CFault()
        call = (bulk.manrs_slurm_file_read, data, len(data), None, byref(fault))
        self.pointer = made(_SlurmHandle, *call, fault=fault, message=name, text=data)
        self.data = data

    def exceptions(self) -> int:
        return lib.manrs_slurm_file_slurm(self.pointer) or 0

    def issues(self) -> List[Fault]:
        found = ctypes.POINTER(CFault)()
        n = lib.manrs_slurm_file_issues(self.pointer, byref(found), None)
        return [found[i].value(self.data) for i in range(n)]


def _at(aspa: CAspa) -> int:
    return ctypes.cast(aspa.provider, ctypes.c_void_p).value or 0


def _warn(text: str) -> None:
    """A warning at the line that called this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__package__") == __package__:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


def read(path: Any) -> Any:
    """A whole file: its reader with all records, and the Loaded that tells about it."""
    name = os.fspath(path)
    reader = Reader()
    with open_any(name) as file:
        try:
            while True:
                data = file.read(CHUNK)
                if not data:
                    break
                reader.push(data, str(name))
        except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise OSError("%s: %s" % (name, error)) from error
    stats = reader.finish(str(name))
    if not stats.lists:  # a set without VRPs makes every route not-found, so it must be meant
        members = (lib.manrs_load_members(reader.pointer) or b"").decode()
        raise Error(ESYNTAX, "%s: no list of VRPs, ASPAs or router keys in it; its members: %s" % (name, members or "none"))
    if stats.lists & LIST_VRPS and not stats.vrps:
        _warn("%s: no VRPs in it" % name)
    elif not (stats.vrps or stats.aspas or stats.keys):
        _warn("%s: no ASPAs in it" % name)
    return reader, Loaded(
        str(name),
        stats.vrps,
        stats.aspas,
        stats.keys,
        stats.bad,
        reader.issues,
        stats.refused,
        stats.remarks,
        tuple(reader.warnings),
        stats.built,
    )
