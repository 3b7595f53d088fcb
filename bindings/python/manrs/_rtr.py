# SPDX-License-Identifier: BSD-2-Clause
"""RPKI-to-Router over asyncio streams: a database that caches keep true.

    bytes of a stream --> engine, one a cache --> whole response --> edit, committed --> Rtr.db, and its reader told
          task _Cache.run                           Rtr._take, in the loop's executor

An engine is called from the loop's thread alone; the executor gets the records of a response, which stay until the engine
is told that they are done with. A reader that is slow finds several responses as one change: nothing queues up.
"""

import asyncio
import contextlib
import ctypes
import os
import ssl as tls
from ctypes import byref
from typing import Any, AsyncIterator, List, NamedTuple, Optional, Tuple, Union

from ._db import ADD, SOURCES, Change, Db, Edit
from ._lib import (
    EINVAL,
    ELIMIT,
    ENOENT,
    ERANGE,
    ESTATE,
    CCounts,
    CDbSourceStats,
    CFault,
    CRtrConfig,
    CRtrDelta,
    CRtrRun,
    CRtrStatus,
    Error,
    bulk,
    check,
    lib,
)
from ._life import Handle, made

CHUNK = 1 << 18
CONNECT_S = 30
CLOSE_S = 5  # for what is still to be written
PLAN_S = 5
UNSENT = 1 << 16  # a cache that does not read
NEVER = (1 << 64) - 1
WANT = {"nothing": 0, "connect": 1, "close": 2}
CODES = {"duplicate": 7, "withdrawal of unknown": 6}
MODES = {"union": 1, "preference": 2}
WHOLE, DROP = 1, 2  # manrs_rtr_delta.flags
STANDING = {"connected": 1, "usable": 2, "held": 4, "frozen": 8}  # manrs_rtr_status.flags
FLAGS = {"host_bits_ok": 1, "check_order": 2}
OPTIONS = {name for name, _ in CRtrConfig._fields_} - {"size", "alloc", "source", "zero", "flags", "seed"}
PORT, PORT_TLS = 323, 324  # RFC 8210 section 9.1, 9.2


class RtrStatus(NamedTuple):
    """How it stands with one cache. `error` is the last Error Report or what the connection failed for, "" for none."""

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
    """The database as it is now, and as it was when the last change was taken."""

    before: Db
    db: Db

    def diff(self) -> List[Change]:
        """What to look at again."""
        return self.before.diff(self.db)


class _RtrHandle(Handle):
    FREE = "manrs_rtr_free"


def _config(source: int, options: Any) -> CRtrConfig:
    config = CRtrConfig()
    check(lib.manrs_rtr_config_init(byref(config), ctypes.sizeof(config)))
    config.source, config.seed = source, int.from_bytes(os.urandom(8), "little")
    for name, value in options.items():
        if name in FLAGS:
            config.flags |= FLAGS[name] if value else 0
        elif name not in OPTIONS:
            raise TypeError("an RTR cache has no option %r" % name)
        else:
            setattr(config, name, value)
            if getattr(config, name) != value:
                raise Error(ERANGE, "%s %r is out of its range" % (name, value))
    return config


def _context(ssl: Any) -> Optional[tls.SSLContext]:
    if ssl is not True:
        return ssl or None
    context = tls.create_default_context()
    context.hostname_checks_common_name = False  # RFC 8210 section 9.2: the name is a dNSName
    return context


def _quiet(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()  # looked at, or of no interest any more: else asyncio complains of it


class _Cache:
    """One cache: its engine, and the one thing that goes on with its connection: being opened, or being read."""

    def __init__(self, host: str, port: Optional[int], ssl: Any, server_hostname: Optional[str], source: int, options: Any) -> None:
        self.rtr = made(_RtrHandle, lib.manrs_rtr_new, byref(_config(source, options)), message="RTR cache %s" % host)
        self.ssl = _context(ssl)
        self.host, self.port = host, port if port is not None else PORT_TLS if self.ssl else PORT
        self.name = server_hostname if self.ssl else None
        self.source, self.records = source, 0
        self.trouble, self.until = "", NEVER
        self.streams: Optional[Tuple[asyncio.StreamReader, asyncio.StreamWriter]] = None
        self.going: Optional["asyncio.Future[Any]"] = None

    def begin(self) -> None:
        self.wake = asyncio.get_running_loop().create_future()

    def poke(self) -> None:
        if not self.wake.done():
            self.wake.set_result(None)

    async def run(self, owner: "Rtr") -> None:
        try:
            while True:
                await owner._settle(self)
                want = lib.manrs_rtr_want(self.rtr)
                allowed = owner._may_connect(self)
                if want == WANT["connect"] and allowed and self.going is None:
                    self._go(asyncio.open_connection(self.host, self.port, ssl=self.ssl, server_hostname=self.name, limit=CHUNK))
                    self.until = owner._now_ms() + 1000 * CONNECT_S
                elif self.going is not None and (want == WANT["close"] or not allowed):
                    self._close(owner)
                    continue
                self._write()
                await self._wait(owner)
        finally:
            self._end(0)

    def _go(self, what: Any) -> None:
        going = self.going = asyncio.ensure_future(what)
        going.add_done_callback(_quiet)

    def _write(self) -> None:
        """What the engine has to say. What is left over a cache that does not read ends with the connection."""
        if self.streams is None:
            return
        writer, found = self.streams[1], ctypes.c_void_p()
        n = lib.manrs_rtr_output(self.rtr, byref(found))
        if n:
            writer.write(ctypes.string_at(found.value or 0, n))
            lib.manrs_rtr_sent(self.rtr, n)
        if writer.transport.get_write_buffer_size() > UNSENT:
            writer.transport.abort()

    async def _wait(self, owner: "Rtr") -> None:
        """Until the connection has news, the engine's time has come, or somebody pokes."""
        until = lib.manrs_rtr_deadline(self.rtr)
        if self.streams is None and self.going is not None:
            until = min(until, self.until)
        now = owner._now_ms()
        pause = None if until == NEVER else max(0, until - now) / 1000
        if len(owner._caches) > 1:  # the plan has times of its own
            pause = PLAN_S if pause is None else min(pause, PLAN_S)
        if self.wake.done():
            self.begin()
        waited = {self.wake} if self.going is None else {self.wake, self.going}
        await asyncio.wait(waited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        now = owner._now_ms()
        if self.going is not None and self.going.done():
            self._news(owner, self.going, now)
        elif self.going is not None and self.streams is None and now >= self.until:
            self.trouble = "no connection within %d s" % CONNECT_S
            self._close(owner)
        lib.manrs_rtr_tick(self.rtr, now)

    def _news(self, owner: "Rtr", task: "asyncio.Future[Any]", now: int) -> None:
        try:
            found = task.result()
        except (OSError, UnicodeError, EOFError) as error:
            self.trouble = str(error) or type(error).__name__
            self._close(owner)
            return
        if self.streams is None:
            self.streams, self.trouble = found, ""
            lib.manrs_rtr_opened(self.rtr, now)
        elif not found:
            self._close(owner)
            return
        else:
            fault = CFault()
            if bulk.manrs_rtr_input(self.rtr, found, len(found), now, byref(fault)) < 0:
                self.trouble = (fault.what or b"").decode()
        self._go(self.streams[0].read(CHUNK))

    def _close(self, owner: "Rtr") -> None:
        self._write()
        self._end(CLOSE_S)
        lib.manrs_rtr_closed(self.rtr, owner._now_ms())

    def _end(self, seconds: int) -> None:
        """No more is read; what is written has some seconds to leave."""
        going, self.going = self.going, None
        streams, self.streams = self.streams, None
        if going is not None and streams is None and going.done() and not going.cancelled() and not going.exception():
            streams = going.result()  # opened just now
        elif going is not None:
            going.cancel()
        if streams is not None:
            transport = streams[1].transport
            transport.close()
            asyncio.get_running_loop().call_later(seconds, transport.abort) if seconds else transport.abort()

    def status(self, used: bool) -> RtrStatus:
        s = CRtrStatus(size=ctypes.sizeof(CRtrStatus))
        check(lib.manrs_rtr_status_get(self.rtr, byref(s)))
        flags = {name: bool(s.flags & bit) for name, bit in STANDING.items()}
        rest = {name: getattr(s, name) for name in RtrStatus._fields if hasattr(s, name)}
        return RtrStatus(host=self.host, port=self.port, source=self.source, used=used, error=self.trouble or s.text.decode(), **flags, **rest)


def _runs(rtr: Handle) -> List[CRtrRun]:
    found: List[CRtrRun] = []
    run = CRtrRun()
    while lib.manrs_rtr_delta_run(rtr, len(found), byref(run)):
        found.append(run)
        run = CRtrRun()
    return found


def _feed(edit: Edit, source: int, run: CRtrRun) -> Optional[Tuple[int, int]]:
    """One run into the edit: None, or the error code and the record at fault (RFC 8210 section 12, codes 6 and 7)."""
    counts, kind = CCounts(), "vrps" if run.vrps else "aspas" if run.aspas else "keys"
    rows = getattr(run, kind)
    check(getattr(bulk, "manrs_edit_" + kind)(edit._open(), source, run.op, rows, run.n, byref(counts), None))
    if not counts.present and not counts.unknown:
        return None
    first = ctypes.c_size_t()
    if lib.manrs_edit_first(edit._open(), byref(first)) == ENOENT:  # an ASPA as it was: it stands in its own place
        return None
    return CODES["duplicate" if run.op == ADD else "withdrawal of unknown"], first.value


def _take(
    base: Db, use: Optional[int], rtr: Handle, delta: CRtrDelta, runs: List[CRtrRun]
) -> Tuple[Optional[Db], Tuple[int, int, int, int]]:
    """A whole response as one edit: the new snapshot, and what the engine is told. rtr is held, as the runs are its."""
    with base.edit(delta.source) as edit:
        if use is not None:
            check(bulk.manrs_edit_use(edit._open(), use))
        if delta.flags & DROP:
            edit.drop()
        elif delta.flags & WHOLE:
            check(bulk.manrs_edit_replace(edit._open(), delta.source))
        for at, run in enumerate(runs):
            wrong = _feed(edit, delta.source, run)
            if wrong:
                edit.abort()
                return None, (wrong[0], at, wrong[1], 0)
    counts = CDbSourceStats(size=ctypes.sizeof(CDbSourceStats))
    check(bulk.manrs_db_source_stats_get(edit.db._held(), delta.source, byref(counts)))
    return edit.db, (0, 0, 0, counts.vrps + counts.aspas + counts.keys)


class Rtr:
    """A database kept true by RTR caches (RFC 6810, RFC 8210, draft-ietf-sidrops-8210bis).

    async with manrs.Rtr("cache.example", 323) as rtr:
        async for change in rtr:                        # after each whole response
            for what in change.diff(): ...              # exactly what to look at again
            change.db.rov("192.0.2.0/24", 64496)        # rtr.db is the newest at any time

    Nothing is seen before the whole response is there; what a lost cache gave stays until it expires. ssl: True or an
    ssl.SSLContext for RTR over TLS; the host's name is checked. db: the database to begin with; caches take its sources
    from `source` on. Several: add() before it is opened; mode "union", or "preference": the caches of the least
    preference that are usable. options: those of manrs_rtr_config by name, such as min_version, guard_percent,
    max_vrps, and host_bits_ok, check_order.
    """

    def __init__(
        self,
        host: str,
        port: Optional[int] = None,
        *,
        ssl: Union[None, bool, tls.SSLContext] = None,
        server_hostname: Optional[str] = None,
        db: Optional[Db] = None,
        source: int = 0,
        mode: str = "union",
        **options: Any,
    ) -> None:
        if mode not in MODES:
            raise Error(EINVAL, "mode %r is neither union nor preference" % (mode,))
        self._mode = MODES[mode]
        self._source = source
        self._caches: List[_Cache] = []
        self._tasks: List["asyncio.Task[None]"] = []
        self._open = self._ended = self._changed = False
        self._failure: Optional[BaseException] = None
        self.add(host, port, ssl=ssl, server_hostname=server_hostname, **options)
        self._db = self._taken = db if db is not None else Db()
        self._connect = self._use = self._used = NEVER  # bits of sources: to connect, to judge by, judged by in _db

    def add(
        self,
        host: str,
        port: Optional[int] = None,
        *,
        ssl: Union[None, bool, tls.SSLContext] = None,
        server_hostname: Optional[str] = None,
        **options: Any,
    ) -> None:
        """One more cache, under the next source; preference: less is better."""
        if self._open or self._ended:
            raise Error(ESTATE, "caches are added before it is opened")
        source = self._source + len(self._caches)
        if source >= SOURCES:
            raise Error(ELIMIT, "a database has %d sources" % SOURCES)
        self._caches.append(_Cache(host, port, ssl, server_hostname, source, options))

    @property
    def db(self) -> Db:
        """The newest snapshot."""
        return self._db

    @property
    def status(self) -> List[RtrStatus]:
        """How it stands with each cache."""
        return [cache.status(bool(self._use >> cache.source & 1)) for cache in self._caches]

    async def __aenter__(self) -> "Rtr":
        if self._open or self._ended:
            raise Error(ESTATE, "an Rtr is opened once")
        self._open = True
        self._lock = asyncio.Lock()
        self._told = asyncio.Event()
        for cache in self._caches:
            cache.begin()
        self._plan()
        for cache in self._caches:
            task = asyncio.ensure_future(cache.run(self))
            task.add_done_callback(self._done)
            self._tasks.append(task)
        return self

    async def __aexit__(self, kind: Any, value: Any, trace: Any) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the connections; the database stays, an iteration ends."""
        self._open, self._ended = False, True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            self._told.set()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and self._failure is None:
            self._failure = task.exception()
        self._told.set()

    def __aiter__(self) -> "Rtr":
        return self

    async def __anext__(self) -> RtrChange:
        while True:
            if self._changed:
                change = RtrChange(self._taken, self._db)
                self._taken, self._changed = self._db, False
                return change
            if self._failure is not None:
                raise self._failure
            if self._ended:
                raise StopAsyncIteration
            if not self._open:
                raise Error(ESTATE, "it is opened with `async with`")
            self._told.clear()
            await self._told.wait()

    def refresh(self, whole: bool = False) -> None:
        """Ask the caches at once for what is new, or for everything."""
        for cache in self._caches:
            lib.manrs_rtr_refresh(cache.rtr, whole, self._now_ms())
            self._poke(cache)

    def release(self, accept: bool, cache: int = 0) -> None:
        """Take the response that the guard holds, or throw it away; cache: its place among the caches."""
        check(lib.manrs_rtr_release(self._caches[cache].rtr, accept, self._now_ms()))
        self._poke(self._caches[cache])

    @contextlib.asynccontextmanager
    async def edit(self, source: int) -> AsyncIterator[Edit]:
        """An edit of the newest snapshot for what is not the caches': published as a change when the block is left."""
        async with self._lock:
            with self._db.edit(source) as edit:
                yield edit
            self._publish(edit.db, self._used)

    # ---- for the caches' tasks ----

    def _now_ms(self) -> int:
        return int(asyncio.get_running_loop().time() * 1000)

    def _poke(self, cache: _Cache) -> None:
        if self._open:
            cache.poke()

    def _may_connect(self, cache: _Cache) -> bool:
        return bool(self._connect >> cache.source & 1)

    def _bits(self, filled: bool = False) -> int:
        """The sources of the caches, or of those that have given something."""
        return sum(1 << cache.source for cache in self._caches if cache.records or not filled)

    def _publish(self, db: Db, use: int, news: bool = True) -> None:
        self._db, self._used, self._changed = db, use, self._changed or news
        self._told.set()

    def _plan(self) -> None:
        """Which caches are connected, and by which is judged; other sources always are."""
        n = len(self._caches)
        engines = (ctypes.c_void_p * n)(*(int(cache.rtr) for cache in self._caches))
        connect, use = ctypes.c_uint64(), ctypes.c_uint64()
        check(lib.manrs_rtr_plan(engines, n, self._mode, byref(connect), byref(use)))
        self._use = use.value | NEVER ^ self._bits()
        if connect.value != self._connect:
            self._connect = connect.value
            for cache in self._caches:
                cache.poke()

    async def _settle(self, cache: _Cache) -> None:
        """Take what a cache has brought. One that goes and one that takes its place are one commit: there is no gap."""
        delta = CRtrDelta()
        while True:
            waiting = lib.manrs_rtr_delta_get(cache.rtr, byref(delta))
            self._plan()
            if waiting:
                async with self._lock:
                    await self._apply(cache, delta, _runs(cache.rtr))
            elif (self._use ^ self._used) & self._bits(True):
                async with self._lock:
                    with self._db.edit() as edit:
                        check(bulk.manrs_edit_use(edit._open(), self._use))
                    self._publish(edit.db, self._use)
            else:
                return

    async def _apply(self, cache: _Cache, delta: CRtrDelta, runs: List[CRtrRun]) -> None:
        """The first data there is counts with this commit; that of a better cache with the next, when the plan says so."""
        loop, use, bit = asyncio.get_running_loop(), self._use, 1 << cache.source
        if not delta.flags & DROP and (self._mode == MODES["union"] or not use & self._bits()):
            use |= bit
        other = use if use != self._used else None
        db, told = await loop.run_in_executor(None, _take, self._db, other, cache.rtr, delta, runs)
        if db is not None:
            cache.records = told[3]
            self._publish(db, use, bool((use | self._used) & bit))
        check(lib.manrs_rtr_delta_done(cache.rtr, *told, self._now_ms()))
