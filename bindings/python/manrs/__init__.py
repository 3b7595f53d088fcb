# SPDX-License-Identifier: BSD-2-Clause
"""libmanrs from Python: may I believe this route, and may this packet come in here?

    import manrs

    db = manrs.Db.from_files("vrps.json")
    db.rov("1.1.1.0/24", 13335)                      # State.VALID; str() of it is "valid"
    states = db.rov_many(prefixes, origins)          # lists, buffers or numpy arrays
    with db.edit() as e:                             # leaving commits, an exception aborts
        e.add_vrps([("192.0.2.0/24", 24, 64496)])
    for change in db.diff(e.db): ...                 # exactly what to look at again

Snapshots are immutable and may be asked by any thread. Errors of the library are manrs.Error.
"""

from typing import Any

from ._check import Policy, Verdict, tests
from ._db import Change, Counts, Db, Edit, RouterKey, Stats
from ._lib import (
    EBUSY,
    EINVAL,
    ELIMIT,
    ENOENT,
    ENOMEM,
    ERANGE,
    ESTATE,
    ESYNTAX,
    EUNSUP,
    Error,
    Fault,
    version,
    version_number,
)
from ._load import Loaded
from ._path import AspaHop, AspaReport, AspaState, Role, path_origin
from ._mrt import Mrt, MrtBatch, MrtStats, is_mrt
from ._prefix import ROUTE_FIELDS as _ROUTE_FIELDS
from ._prefix import State, Vrp
from ._rib import Rib, RibChange, RibRoute, RibStats
from ._trie import Trie
from ._urpf import Allow, Urpf, UrpfEdit, UrpfReason, UrpfStats

__version__ = "0.2.0"

__all__ = [
    "Allow",
    "AspaHop",
    "AspaReport",
    "AspaState",
    "Change",
    "Counts",
    "Db",
    "EBUSY",
    "EINVAL",
    "ELIMIT",
    "ENOENT",
    "ENOMEM",
    "ERANGE",
    "ESTATE",
    "ESYNTAX",
    "EUNSUP",
    "Edit",
    "Error",
    "Fault",
    "Loaded",
    "Mrt",
    "MrtBatch",
    "MrtStats",
    "Policy",
    "Rib",
    "RibChange",
    "RibRoute",
    "RibStats",
    "Role",
    "RouterKey",
    "Rtr",
    "RtrChange",
    "RtrStatus",
    "State",
    "Stats",
    "Trie",
    "Urpf",
    "UrpfEdit",
    "UrpfReason",
    "UrpfStats",
    "Verdict",
    "Vrp",
    "is_mrt",
    "path_origin",
    "routes",
    "tests",
    "version",
    "version_number",
]


def routes(prefixes: Any, origins: Any) -> Any:
    """Route records of prefixes and their origins, to be kept and judged again: numpy where it is there, else bytes.

    A row that does not parse becomes a malformed record.
    """
    from ._prefix import to_routes

    records, _ = to_routes(prefixes, origins)
    try:
        import numpy
    except ImportError:
        return bytes(records)
    return numpy.frombuffer(records, __getattr__("route_dtype"))


def __getattr__(name: str) -> Any:
    if name in ("route_dtype", "prefix_dtype"):
        try:
            import numpy
        except ImportError as error:
            raise AttributeError("manrs.%s needs numpy" % name) from error
        globals()["route_dtype"] = numpy.dtype(_ROUTE_FIELDS)
        globals()["prefix_dtype"] = numpy.dtype(_ROUTE_FIELDS[:-1])
        return globals()[name]
    if name in ("Rtr", "RtrChange", "RtrStatus"):  # asyncio is loaded for those who use it
        from . import _rtr

        return getattr(_rtr, name)
    raise AttributeError("module 'manrs' has no attribute %r" % name)
