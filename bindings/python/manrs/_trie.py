# SPDX-License-Identifier: BSD-2-Clause
"""Trie: a mapping from prefixes to Python values.

The library's trie holds a number a key, under which a dict here has the value; a number is never used again, so a reader
that another thread overtakes finds nothing, not another key's value. Every call into the library keeps the interpreter
lock, and writers take turns: a trie may be shared by threads as a dict may.
"""

import collections.abc
import ctypes
import itertools
import threading
from ctypes import byref
from typing import Any, Dict, Iterator, List, Tuple

from ._lib import ENOENT, ESTATE, CCursor, CPrefix, Error, check, extension, lib
from ._prefix import PREFIX_SIZE, texts, to_key, to_text

SLICE = 1024
_NOTHING = object()


class _PureTable:
    """What the extension does faster: the lookups of single keys."""

    _trie: Any
    _values: Dict[int, Any]

    def __contains__(self, key: Any) -> bool:
        return self._place(key) >= 0

    def __getitem__(self, key: Any) -> Any:
        value = self._values.get(self._place(key), _NOTHING)
        if value is _NOTHING:
            raise KeyError(key)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        """The value at exactly this key."""
        return self._values.get(self._place(key), default)

    def match(self, key: Any, default: Any = None) -> Any:
        """The longest prefix that covers key (key itself included) and its value, as (prefix, value); else default."""
        place, found = ctypes.c_uint64(), CPrefix()
        result = lib.manrs_trie_match(self._open(), byref(to_key(key)), byref(found), byref(place))
        value = _NOTHING if result == ENOENT else (check(result), self._values.get(place.value, _NOTHING))[1]
        return default if value is _NOTHING else (to_text(found), value)

    _get, _match = get, match

    def _open(self) -> int:
        """The library's trie, for a call that keeps the interpreter lock: a finaliser frees it."""
        pointer: int = self._trie
        if not pointer:
            raise Error(ESTATE, "this trie has ended")
        return pointer

    def _place(self, key: Any) -> int:
        place = ctypes.c_uint64()
        result = lib.manrs_trie_get(self._open(), byref(to_key(key)), byref(place))
        return -1 if result == ENOENT else (check(result), place.value)[1]


if extension:

    class _Table(extension.Table):  # type: ignore[misc]
        _get, _match, _place, _open = _PureTable.get, _PureTable.match, _PureTable._place, _PureTable._open

else:
    _Table = _PureTable  # type: ignore[assignment,misc]


class Trie(_Table, collections.abc.MutableMapping):  # type: ignore[type-arg]
    """A mapping from prefixes to any values: keys are found exactly, and by what covers them or lies under them.

    t = Trie({"192.0.2.0/24": "documentation"})
    t["192.0.2.0/24"], "192.0.2.0/25" in t         # exact, as in any mapping
    t.match("192.0.2.77")                          # ("192.0.2.0/24", "documentation"): the longest that covers
    """

    def __init__(self, items: Any = (), **more: Any) -> None:
        if getattr(self, "_trie", 0):
            self.clear()
        else:
            pointer = ctypes.c_void_p()
            check(lib.manrs_trie_new(byref(pointer), None))
            self._values: Dict[int, Any] = {}
            self._next = itertools.count()
            self._lock = threading.Lock()
            self._changes = 0
            self._trie = pointer.value or 0
        self.update(items, **more)

    def __del__(self, lib: Any = lib) -> None:
        pointer = getattr(self, "_trie", 0)
        if pointer:
            self._trie = 0
            lib.manrs_trie_free(pointer)

    def __len__(self) -> int:
        return int(lib.manrs_trie_count(self._open()))

    def __setitem__(self, key: Any, value: Any) -> None:
        record, place = to_key(key), ctypes.c_uint64()
        with self._lock:
            if lib.manrs_trie_get(self._open(), byref(record), byref(place)) == 0:
                old = self._values.get(place.value)  # let go of outside the lock: its end may run any code
                self._values[place.value] = value
                return
            new = self._number(value)
            self._values[new] = value
            try:
                check(lib.manrs_trie_set(self._open(), byref(record), new))
            except BaseException:
                del self._values[new]
                raise
            self._changes += 1

    def _number(self, value: Any) -> int:
        return next(self._next)

    def __delitem__(self, key: Any) -> None:
        record, place, value = to_key(key), ctypes.c_uint64(), None
        with self._lock:
            if lib.manrs_trie_get(self._open(), byref(record), byref(place)):
                check(lib.manrs_prefix_check(byref(record)))
                raise KeyError(key)
            check(lib.manrs_trie_del(self._open(), byref(record)))
            value = self._values.pop(place.value, None)  # noqa: F841 as above
            self._changes += 1

    def clear(self) -> None:
        """Take all keys out. The library's trie stays: another thread, or a key's own code, may be about to use it."""
        found = (CPrefix * SLICE)()
        with self._lock:
            cursor, n = CCursor(), SLICE
            while n == SLICE:
                n = lib.manrs_trie_covered(self._open(), None, byref(cursor), found, None, SLICE)
                for i in range(n):
                    lib.manrs_trie_del(self._open(), byref(found, i * PREFIX_SIZE))
            values, self._values = self._values, {}
            self._changes += 1
        values.clear()

    def match_many(self, keys: Any, default: Any = None) -> List[Any]:
        """match for each key of an iterable."""
        return [self.match(key, default) for key in keys]

    def covering(self, key: Any) -> List[Tuple[str, Any]]:
        """All (prefix, value) that cover key, key itself included, shortest first."""
        found, places = (CPrefix * 129)(), (ctypes.c_uint64 * 129)()
        n = lib.manrs_trie_covering(self._open(), byref(to_key(key)), found, places, 129)
        return [(text, self._values[place]) for text, place in zip(texts(found, PREFIX_SIZE, n), places)]

    def covered(self, key: Any) -> Iterator[Tuple[str, Any]]:
        """All (prefix, value) under key, key itself included, in order."""
        return ((text, self._values[place]) for text, place in self._walk(byref(to_key(key))))

    def _walk(self, key: Any = None) -> Iterator[Tuple[str, int]]:
        changes, cursor, n = self._changes, CCursor(), SLICE
        while n == SLICE:
            found, places = (CPrefix * SLICE)(), (ctypes.c_uint64 * SLICE)()
            n = lib.manrs_trie_covered(self._open(), key, byref(cursor), found, places, SLICE)
            for text, place in zip(texts(found, PREFIX_SIZE, n), places):
                yield text, place
                if changes != self._changes:
                    raise RuntimeError("the trie changed while it was iterated")

    def __iter__(self) -> Iterator[str]:
        return (text for text, _ in self._walk())

    def items(self) -> Any:
        """A view of (prefix, value), in order: IPv4 first, a prefix right before what it covers."""
        return _Items(self)

    def values(self) -> Any:
        """A view of the values, in the order of their prefixes."""
        return _Values(self)

    def __repr__(self) -> str:
        return "<manrs.Trie of %d>" % len(self)

    def copy(self) -> "Trie":
        """Another trie with the same keys and values."""
        return type(self)(self)

    __copy__ = copy

    def __reduce__(self) -> Any:
        return (type(self), (), None, None, iter(self.items()))


class Entries(Trie):
    """A Trie for this package's own use, whose values are objects of their own, one a key.

    With the extension a key's number is where its value lies, so that a lookup needs no dict.
    """

    def __init__(self) -> None:
        super().__init__()
        if extension:
            self._direct = True

    def _number(self, value: Any) -> int:
        return id(value) if extension else next(self._next)

    def __setitem__(self, key: Any, value: Any) -> None:
        if key in self:
            del self[key]
        if extension and id(value) in self._values:
            raise ValueError("an entry stands under one key")
        super().__setitem__(key, value)


class _Items(collections.abc.ItemsView):  # type: ignore[type-arg]
    _mapping: Trie

    def __iter__(self) -> Iterator[Tuple[str, Any]]:
        trie = self._mapping
        return ((text, trie._values[place]) for text, place in trie._walk())


class _Values(collections.abc.ValuesView):  # type: ignore[type-arg]
    _mapping: Trie

    def __iter__(self) -> Iterator[Any]:
        trie = self._mapping
        return (trie._values[place] for _, place in trie._walk())
