# SPDX-License-Identifier: BSD-2-Clause
import enum
import ipaddress
import os
import ssl as _ssl
from types import TracebackType
from typing import (
    Any,
    AsyncContextManager,
    Callable,
    Dict,
    FrozenSet,
    Generic,
    Iterable,
    Iterator,
    List,
    Mapping,
    MutableMapping,
    NamedTuple,
    Optional,

    Tuple,
    Type,
    TypeVar,
    Union,
    overload,
)

_V = TypeVar("_V")
_D = TypeVar("_D")

_Prefix = Union[
    str,
    bytes,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
]
_Asn = Union[int, str, bytes]
_Path = Union[str, bytes, Iterable[Any]]
_Role = Union["Role", str, int]
_File = Union[str, bytes, "os.PathLike[str]"]
_Announcement = Union[str, bytes, Dict[str, Any]]

__version__: str
version: str
version_number: int
route_dtype: Any
prefix_dtype: Any

EINVAL: int
ENOMEM: int
ENOENT: int
ESYNTAX: int
ERANGE: int
ELIMIT: int
EBUSY: int
ESTATE: int
EUNSUP: int

__all__: List[str]

class Fault(NamedTuple):
    at: int
    what: str
    code: int
    line: int

class Error(ValueError):
    code: int
    fault: Optional[Fault]
    def __init__(self, code: int, message: str = ..., fault: Optional[Fault] = ...) -> None: ...

class State(enum.IntEnum):
    NOT_FOUND = 0
    VALID = 1
    INVALID = 2
    MALFORMED = 3

class AspaState(enum.IntEnum):
    UNKNOWN = 0
    VALID = 1
    INVALID = 2
    MALFORMED = 3

class Role(enum.IntEnum):
    CUSTOMER = 1
    PEER = 2
    PROVIDER = 3
    RS = 4
    RS_CLIENT = 5

class Vrp(NamedTuple):
    prefix: str
    maxlen: int
    asn: int

class RouterKey(NamedTuple):
    asn: int
    ski: bytes
    spki: bytes

class Counts(NamedTuple):
    added: int
    present: int
    removed: int
    unknown: int
    refused: int

class Stats(NamedTuple):
    vrps4: int
    vrps6: int
    irr4: int
    irr6: int
    aspas: int
    aspa_providers: int
    keys: int
    serial: int
    bytes_read: int
    bytes_all: int

class Change(NamedTuple):
    kind: str
    prefix: Optional[str]
    asn: Optional[int]

class Loaded(NamedTuple):
    path: str
    vrps: int
    aspas: int
    keys: int
    bad: int
    issues: List[Fault]
    refused: int = ...
    remarks: int = ...
    warnings: Tuple[Fault, ...] = ...
    built: int = ...

class AspaHop(NamedTuple):
    customer: int
    provider: int
    auth: str
    down: bool
    would: AspaState

class AspaReport(NamedTuple):
    state: AspaState
    reason: str
    n: int
    max_up: int
    min_up: int
    max_down: int
    min_down: int
    hops: List[AspaHop]

class Verdict(NamedTuple):
    passed: FrozenSet[str]
    failed: FrozenSet[str]
    unknown: FrozenSet[str]
    @property
    def ok(self) -> bool: ...

class Policy:
    def __init__(
        self,
        role: _Role,
        *,
        tests: Union[str, int, Iterable[Union[str, int]]] = ...,
        strict: Union[str, int, Iterable[Union[str, int]]] = ...,
        local_as: _Asn = ...,
        transit_free: Iterable[_Asn] = ...,
        never_via_rs: Iterable[_Asn] = ...,
        origins: Iterable[_Asn] = ...,
        peerlocks: Iterable[Tuple[_Asn, _Asn]] = ...,
        addresses: Iterable[_Prefix] = ...,
        bogons: Iterable[_Prefix] = ...,
        denied: Iterable[_Prefix] = ...,
        allowed: Union[Mapping[Any, int], Iterable[_Prefix]] = ...,
        relations: Iterable[Tuple[_Asn, _Asn, str]] = ...,
        irr_covering: bool = ...,
        irr_roa: bool = ...,
        next_hop_neighbour: bool = ...,
        next_hop_private: bool = ...,
        confed: bool = ...,
        private_asn: bool = ...,
        family4: bool = ...,
        family6: bool = ...,
        min_len4: int = ...,
        max_len4: int = ...,
        min_len6: int = ...,
        max_len6: int = ...,
        max_path: int = ...,
        max_repeat: int = ...,
    ) -> None: ...
    @property
    def role(self) -> Optional[Role]: ...
    @property
    def tests(self) -> FrozenSet[str]: ...

class Db:
    def __init__(self) -> None: ...
    @classmethod
    def from_files(cls, *paths: _File) -> Db: ...
    @property
    def loaded(self) -> Tuple[Loaded, ...]: ...
    @property
    def closed(self) -> bool: ...
    @property
    def stats(self) -> Stats: ...
    def close(self) -> None: ...
    def __enter__(self) -> Db: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    def edit(self, source: int = ...) -> Edit: ...
    def rov(self, prefix: _Prefix, origin: Optional[_Asn] = ...) -> State: ...
    @overload
    def rov_many(self, prefixes: List[Any], origins: Any = ..., out: None = ...) -> List[State]: ...
    @overload
    def rov_many(self, prefixes: Any, origins: Any = ..., out: Any = ...) -> Any: ...
    def covering(self, prefix: _Prefix) -> List[Vrp]: ...
    def aspa(self, path: _Path, role: _Role = ..., neighbour: Optional[_Asn] = ..., confed: bool = ...) -> AspaState: ...
    def aspa_many(
        self,
        paths: Any,
        role: Union[_Role, Iterable[_Role]] = ...,
        neighbours: Union[None, _Asn, Iterable[_Asn]] = ...,
        confed: bool = ...,
        start: Any = ...,
    ) -> List[AspaState]: ...
    def aspa_explain(
        self, path: _Path, role: _Role = ..., neighbour: Optional[_Asn] = ..., confed: bool = ...
    ) -> AspaReport: ...
    @overload
    def check(self, announcements: _Announcement, policy: Union[Policy, Role, str]) -> Verdict: ...  # type: ignore[misc]
    @overload
    def check(self, announcements: Iterable[_Announcement], policy: Union[Policy, Role, str]) -> List[Verdict]: ...
    @overload
    def explain(self, announcement: _Announcement, policy: Union[Policy, Role, str], test: None = ...) -> Dict[str, str]: ...
    @overload
    def explain(self, announcement: _Announcement, policy: Union[Policy, Role, str], test: Union[str, int]) -> Optional[str]: ...
    @overload
    def findings(
        self, announcement: _Announcement, policy: Union[Policy, Role, str], test: None = ...
    ) -> Dict[str, Dict[str, Any]]: ...
    @overload
    def findings(
        self, announcement: _Announcement, policy: Union[Policy, Role, str], test: Union[str, int]
    ) -> Optional[Dict[str, Any]]: ...
    def vrps(self) -> Iterator[Vrp]: ...
    def vrp_records(self) -> bytes: ...
    def irr(self) -> Iterator[Tuple[str, int]]: ...
    def aspas(self) -> Dict[int, List[int]]: ...
    def keys(self) -> Iterator[RouterKey]: ...
    def diff(self, other: Db) -> List[Change]: ...

class Edit:
    def __init__(self, base: Db, source: int = ...) -> None: ...
    def __enter__(self) -> Edit: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    @property
    def db(self) -> Db: ...
    def commit(self) -> Db: ...
    def abort(self) -> None: ...
    def add_vrps(self, vrps: Any, source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def remove_vrps(self, vrps: Any, source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def add_irr(self, routes: Any, source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def remove_irr(self, routes: Any, source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def add_aspas(self, aspas: Any, source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def remove_aspas(self, customers: Iterable[_Asn], source: Optional[int] = ..., strict: bool = ...) -> Counts: ...
    def add_keys(
        self, keys: Iterable[Tuple[_Asn, bytes, bytes]], source: Optional[int] = ..., strict: bool = ...
    ) -> Counts: ...
    def remove_keys(
        self, keys: Iterable[Tuple[_Asn, bytes, bytes]], source: Optional[int] = ..., strict: bool = ...
    ) -> Counts: ...
    def drop(self, source: Optional[int] = ...) -> int: ...
    def load(self, path: _File, source: Optional[int] = ...) -> Loaded: ...
    def slurm(self, path: Optional[_File]) -> List[Fault]: ...

class Trie(MutableMapping[Any, _V], Generic[_V]):
    def __init__(self, items: Union[Mapping[Any, _V], Iterable[Tuple[Any, _V]]] = ..., **more: _V) -> None: ...
    def __getitem__(self, key: _Prefix) -> _V: ...
    def __setitem__(self, key: _Prefix, value: _V) -> None: ...
    def __delitem__(self, key: _Prefix) -> None: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @overload
    def match(self, key: _Prefix) -> Optional[Tuple[str, _V]]: ...
    @overload
    def match(self, key: _Prefix, default: _D) -> Union[Tuple[str, _V], _D]: ...
    def match_many(self, keys: Iterable[_Prefix], default: Any = ...) -> List[Any]: ...
    def covering(self, key: _Prefix) -> List[Tuple[str, _V]]: ...
    def covered(self, key: _Prefix) -> Iterator[Tuple[str, _V]]: ...
    def copy(self) -> Trie[_V]: ...

class Allow(enum.IntEnum):
    DENIED = 0
    ALLOWED = 1
    COUNTED = 2

class UrpfReason(NamedTuple):
    allow: Allow
    step: str
    mode: str
    effective: str
    prefix: Optional[str]
    asn: int
    until_ms: int
    ifaces: List[int]

class UrpfStats(NamedTuple):
    serial: int
    ifaces: int
    fallbacks: int
    prefixes: int
    compiled: int
    held: int
    deadline_ms: int
    rows: int
    bytes_all: int

class Urpf:
    def __init__(self, local_as: Optional[_Asn] = ..., hold_ms: int = ...) -> None: ...
    def __enter__(self) -> Urpf: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    @property
    def stats(self) -> UrpfStats: ...
    def close(self) -> None: ...
    def edit(self, db: Optional[Db] = ..., now_ms: Optional[int] = ...) -> UrpfEdit: ...
    def check(self, source: _Prefix, iface: int) -> Allow: ...
    def check_many(self, sources: Any, ifaces: Any) -> bytearray: ...
    def explain(self, source: _Prefix, iface: int) -> UrpfReason: ...
    def list(self, iface: int) -> Iterator[str]: ...
    def allowed(self, iface: int, whole: bool = ...) -> Iterator[str]: ...
    def export(self, iface: int, format: str, name: str) -> str: ...

class UrpfEdit:
    def __init__(self, base: Urpf, db: Optional[Db], now_ms: Optional[int]) -> None: ...
    def __enter__(self) -> UrpfEdit: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    @property
    def urpf(self) -> Urpf: ...
    def commit(self) -> Urpf: ...
    def abort(self) -> None: ...
    def interface(
        self,
        mode: Union[str, int],
        role: Optional[_Role] = ...,
        asn: Optional[_Asn] = ...,
        asn_acl: Iterable[_Asn] = ...,
        handle: Optional[int] = ...,
        **options: bool,
    ) -> int: ...
    def remove_interface(self, handle: int) -> None: ...
    def add_routes(
        self, routes: Iterable[Any], best: bool = ..., discard: bool = ..., leaked: bool = ..., strict: bool = ...
    ) -> Counts: ...
    def remove_routes(self, routes: Iterable[Any]) -> Counts: ...
    def add_prefixes(self, kind: str, prefixes: Iterable[_Prefix], iface: Optional[int] = ...) -> Counts: ...
    def remove_prefixes(self, kind: str, prefixes: Iterable[_Prefix], iface: Optional[int] = ...) -> Counts: ...

class MrtStats(NamedTuple):
    bytes: int
    records: int
    peers: int
    rib: int
    updates: int
    states: int
    messages: int
    other: int
    bad: int
    announced: int
    withdrawn: int
    malformed: int
    skipped: int

class MrtBatch:
    def __len__(self) -> int: ...
    @property
    def malformed(self) -> Any: ...
    @property
    def routes(self) -> Any: ...
    @property
    def neighbours(self) -> Any: ...
    @property
    def neighbour_asns(self) -> Any: ...
    @property
    def next_hops(self) -> Any: ...
    @property
    def times(self) -> Any: ...
    @property
    def path_ids(self) -> Any: ...
    @property
    def paths(self) -> Any: ...
    @property
    def withdrawn(self) -> Any: ...
    @property
    def withdrawn_asns(self) -> Any: ...
    @property
    def withdrawn_times(self) -> Any: ...
    def as_path(self, index: int) -> str: ...
    def check(self, db: Db, policy: Union[Policy, Role, str]) -> Tuple[Any, Any, Any]: ...

class Mrt:
    def __init__(self, source: Any, *, paths4: bool = ..., paths6: bool = ..., strict: bool = ...) -> None: ...
    def __enter__(self) -> Mrt: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    def __iter__(self) -> Iterator[MrtBatch]: ...
    def __next__(self) -> MrtBatch: ...
    def close(self) -> None: ...
    @property
    def faults(self) -> List[Fault]: ...
    @property
    def lost(self) -> int: ...
    @property
    def stats(self) -> MrtStats: ...
    def peers(self) -> List[Tuple[str, int]]: ...

class RibStats(NamedTuple):
    sessions: int
    routes: int
    prefixes: int
    paths: int
    bytes: int
    judged: int
    told: int
    waiting: int

class RibChange(NamedTuple):
    session: int
    prefix: str
    path_id: int
    kind: str
    before: Optional[Verdict]
    after: Optional[Verdict]
    origin: Optional[int]
    test: Optional[str]
    code: Optional[str]

class RibRoute(NamedTuple):
    session: int
    prefix: str
    path_id: int
    as_path: str
    verdict: Verdict
    stale: bool

class Rib:
    def __init__(self, db: Optional[Db] = ..., *, quiet: bool = ..., **limits: int) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Rib: ...
    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    def __len__(self) -> int: ...
    def session(self, neighbour: Optional[_Asn], policy: Union[Policy, Role, str], address: Any = ...) -> int: ...
    def set_policy(self, session: int, policy: Union[Policy, Role, str]) -> None: ...
    def refresh(self, session: int) -> None: ...
    def end_of_rib(self, session: int, family: int) -> None: ...
    def down(self, session: int) -> None: ...
    def remove(self, session: int) -> None: ...
    def announce(self, session: int, announcements: Any, path_ids: Optional[Iterable[int]] = ...) -> None: ...
    def withdraw(self, session: int, prefixes: Any, path_ids: Optional[Iterable[int]] = ...) -> None: ...
    def replay(self, archive: Any, session_of: Callable[[str, int], Any]) -> int: ...
    @property
    def db(self) -> Optional[Db]: ...
    def follow(self, db: Db) -> None: ...
    def changes(self) -> List[RibChange]: ...
    def routes(self, prefix: Any = ..., under: bool = ...) -> Iterator[RibRoute]: ...
    @property
    def stats(self) -> RibStats: ...

class RtrStatus(NamedTuple):
    host: str
    port: int
    source: int
    connected: bool
    usable: bool
    held: bool
    frozen: bool
    used: bool
    version: int
    session: int
    serial: int
    records: int
    refresh_s: int
    retry_s: int
    expire_s: int
    held_added: int
    held_removed: int
    responses: int
    errors: int
    connects: int
    code: int
    error: str

class RtrChange(NamedTuple):
    before: Db
    db: Db
    def diff(self) -> List[Change]: ...

class Rtr:
    def __init__(
        self,
        host: str,
        port: Optional[int] = ...,
        *,
        ssl: Union[None, bool, _ssl.SSLContext] = ...,
        server_hostname: Optional[str] = ...,
        db: Optional[Db] = ...,
        source: int = ...,
        mode: str = ...,
        **options: int,
    ) -> None: ...
    def add(
        self,
        host: str,
        port: Optional[int] = ...,
        *,
        ssl: Union[None, bool, _ssl.SSLContext] = ...,
        server_hostname: Optional[str] = ...,
        **options: int,
    ) -> None: ...
    @property
    def db(self) -> Db: ...
    @property
    def status(self) -> List[RtrStatus]: ...
    async def __aenter__(self) -> Rtr: ...
    async def __aexit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None: ...
    async def aclose(self) -> None: ...
    def __aiter__(self) -> Rtr: ...
    async def __anext__(self) -> RtrChange: ...
    def refresh(self, whole: bool = ...) -> None: ...
    def release(self, accept: bool, cache: int = ...) -> None: ...
    def edit(self, source: int) -> AsyncContextManager[Edit]: ...

def is_mrt(head: bytes) -> bool: ...
def path_origin(path: _Path, local_as: Optional[_Asn] = ...) -> Optional[int]: ...
def routes(prefixes: Any, origins: Any) -> Any: ...
def tests() -> Dict[str, int]: ...
