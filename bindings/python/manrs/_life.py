# SPDX-License-Identifier: BSD-2-Clause
"""How long the library's objects live: handles, owners of snapshots, snapshots, and edits.

The finalisers of a reference cycle run in no order that can be told, and each may still call into the others. So what can
be called has a finaliser that closes it: what comes after raises an Error. What it stands on is freed by handles, which end
with their last reference, after the calls that are under way; while their holder is open they are among _roots, where
the collector finds them alive. A subclass with a __del__ of its own calls the one above it.
"""

import ctypes
import os
import struct
import threading
from ctypes import byref
from typing import Any, Dict, Optional, Type, TypeVar

from ._lib import ESTATE, Error, bulk, check, lib

_roots: Dict[int, Any] = {}  # holder's id -> what it stands on
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_roots))  # also when the interpreter ends, and takes its modules apart


def hold(holder: Any, *things: Any) -> None:
    _roots[id(holder)] = things


def let_go(holder: Any, roots: Any = _roots) -> None:
    roots.pop(id(holder), None)


H = TypeVar("H", bound="Handle")


class Handle(int):
    """The address of an object of the library, which is freed with the last reference to the handle."""

    FREE = ""

    def __del__(self, lib: Any = lib) -> None:
        getattr(lib, self.FREE)(int(self))


def made(kind: Type[H], call: Any, *args: Any, **why: Any) -> H:
    """The handle of what call(&pointer, ...) makes; why: what `check` is to say if it fails."""
    pointer = ctypes.c_void_p()
    check(call(byref(pointer), *args), **why)
    return kind(pointer.value or 0)


class Owner:
    """The writer's side. The lock is held by whoever is inside an edit or a reclaim."""

    HANDLE: Type[Handle]
    CONFIG: Any
    NEW, RECLAIM = "", ""

    @classmethod
    def config(cls) -> Any:
        """The defaults, with a random seed: what is fed, others have published."""
        config = cls.CONFIG()
        check(getattr(lib, cls.NEW.replace("owner_new", "config_init"))(byref(config), ctypes.sizeof(config)))
        config.hash_seed[:] = struct.unpack("=2Q", os.urandom(16))
        return config

    def __init__(self, config: Any = None) -> None:
        self.lock = threading.Lock()
        self.holder: Optional[int] = None
        self.pointer = made(self.HANDLE, getattr(lib, self.NEW), byref(config or self.config()))

    def acquire(self) -> None:
        if self.holder == threading.get_ident():
            raise Error(ESTATE, "this thread has an edit open on this database already")
        self.lock.acquire()
        self.holder = threading.get_ident()

    def release(self) -> None:
        self.holder = None
        self.lock.release()

    def reclaim(self) -> None:
        """Give back what nobody holds, unless a writer is at work (who does it at its end)."""
        if self.lock.acquire(False):
            try:
                getattr(bulk, self.RECLAIM)(self.pointer, 0)
            finally:
                self.lock.release()


class Snapshot(Handle):
    """A counted reference to a snapshot; more: what must not end before it."""

    def __new__(cls, address: int, owner: Owner, more: Any = None) -> "Snapshot":
        return super().__new__(cls, address)

    def __init__(self, address: int, owner: Owner, more: Any = None) -> None:
        self.owner, self.more = owner, more

    def __del__(self, lib: Any = lib) -> None:
        super().__del__(lib)
        self.owner.reclaim()


class Writer:
    """The life of an edit: begun on a base, ended once by commit or abort. Other threads' calls wait for each other."""

    _BEGIN, _COMMIT, _ABORT = "", "", ""
    _SNAPSHOT: Type[Snapshot]

    def __init__(self, owner: Owner, base: Optional[Snapshot], *more: Any) -> None:
        self._pointer: Optional[int] = None
        self._mutex = threading.RLock()
        owner.acquire()
        try:
            found = ctypes.c_void_p()
            check(getattr(lib, self._BEGIN)(byref(found), owner.pointer, base))
        except BaseException:
            owner.release()
            raise
        self._pointer, self._owner = found.value, owner
        hold(self, owner, base, *more)

    def __del__(self) -> None:
        if getattr(self, "_pointer", None) is not None:
            self.abort()

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is not None:
            self.abort()
        elif self._pointer is not None:
            self.commit()

    def _open(self) -> int:
        pointer = self._pointer
        if pointer is None:
            raise Error(ESTATE, "this edit has ended")
        return pointer

    def commit(self) -> Any:
        raise NotImplementedError

    def abort(self) -> None:
        """Throw it away; allowed at any time."""
        with self._mutex:
            pointer, self._pointer = self._pointer, None
            if pointer is not None:
                getattr(lib, self._ABORT)(pointer)
                self._end()

    def _publish(self, *args: Any, keep: Any = None) -> Snapshot:
        """The new snapshot. When memory fails the edit stays open."""
        found = ctypes.c_void_p()
        check(getattr(bulk, self._COMMIT)(self._open(), byref(found), *args))
        self._pointer, snapshot = None, self._SNAPSHOT(found.value or 0, self._owner, keep)
        self._end()
        return snapshot

    def _end(self) -> None:
        let_go(self)
        getattr(bulk, self._owner.RECLAIM)(self._owner.pointer, 0)
        self._owner.release()
