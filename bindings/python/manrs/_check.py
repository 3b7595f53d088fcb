# SPDX-License-Identifier: BSD-2-Clause
"""Every test on an announcement, and why.

An announcement is a line of `bgpdump -m`, a JSON object as text, or a dict with the same members:
prefix, as_path ("64497 64496" or a list), neighbour, next_hop, neighbour_address, otc, direction ("egress"), learned_from,
own, internal (True: iBGP; under the role "internal" all are that whose neighbour is our own AS or not known).

What a policy does not ask for by name is asked where there is something to test against: no IRR test without a route
object, no test of a list that the policy has not.
"""

import ctypes
import json
from ctypes import byref
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Union

from ._lib import EINVAL, ENOENT, ESTATE, CAnnouncement, CAsRel, CFault, CPeerlock, CPolicy, CPrefix, CVerdict, Error, bulk, check, lib
from ._life import Handle, hold, let_go, made
from ._path import INTERNAL, Role, to_session
from ._prefix import to_asn, to_address, to_number, to_origin, to_prefix

EXPLAIN_MAX = 4096
FLAGS = {
    "irr_covering": 1,
    "irr_roa": 16,
    "next_hop_neighbour": 4,
    "next_hop_private": 8,
    "confed": 2,
    "private_asn": 32,
    "family4": 64,
    "family6": 128,
}
ANNOUNCE_ANY_NEIGHBOUR, ANNOUNCE_MALFORMED, ANNOUNCE_INTERNAL = 1, 16, 32
NUMBERS = ("min_len4", "max_len4", "min_len6", "max_len6", "max_path", "max_repeat")
KINDS = {"customer": 1, "peer": 2, "provider": 3}


def _tests() -> Dict[str, int]:
    names: Dict[str, int] = {}
    for number in range(64):
        name = lib.manrs_test_text(number).decode()
        if not name:
            break
        names[name] = number
    return names


_TESTS: Dict[str, int] = {}


def tests() -> Dict[str, int]:
    """The names of the tests, and their numbers."""
    if not _TESTS:
        _TESTS.update(_tests())
    return dict(_TESTS)


def _number(test: Any) -> int:
    known = tests()
    name = str(test).lower().replace("_", "-")
    if isinstance(test, int) and not isinstance(test, bool) and 0 <= test < len(known):
        return test
    if name not in known:
        raise Error(ENOENT, "no test %r" % (test,))
    return known[name]


def _mask(names: Iterable[Any]) -> int:
    if isinstance(names, int):
        return to_number(names, "a set of tests")
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    return sum({1 << _number(name) for name in names})


_SETS: Dict[int, FrozenSet[str]] = {}


def _names(mask: int) -> FrozenSet[str]:
    found = _SETS.get(mask)
    if found is None:
        found = frozenset(name for name, number in tests().items() if mask >> number & 1)
        if len(_SETS) < 4096:
            _SETS[mask] = found
    return found


class Verdict(NamedTuple):
    """The tests that an announcement passed, failed, and those that could not be told."""

    passed: FrozenSet[str]
    failed: FrozenSet[str]
    unknown: FrozenSet[str]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed


class _TrieHandle(Handle):
    FREE = "manrs_trie_free"


class _Trie:
    """A list of prefixes, or prefixes with lengths, as the library's trie."""

    def __init__(self, prefixes: Any) -> None:
        self.pointer = made(_TrieHandle, lib.manrs_trie_new, None)
        lengths = prefixes if hasattr(prefixes, "items") else dict.fromkeys(prefixes, 0)
        for prefix, length in lengths.items():
            if not 0 <= to_number(length, "a longest length") <= 128:
                raise Error(EINVAL, "the longest length under %s is not in 0..128" % (prefix,))
            check(lib.manrs_trie_set(self.pointer, byref(to_prefix(prefix)), length))


class _RelHandle(Handle):
    FREE = "manrs_rel_free"


class _Relations:
    """Who is whose customer, peer or provider."""

    def __init__(self, rows: Iterable[Any]) -> None:
        rels = [CAsRel(to_asn(a), to_asn(b), KINDS.get(kind, 0)) for a, b, kind in rows]
        array, fault = (CAsRel * len(rels))(*rels), CFault()
        call = (lib.manrs_rel_new, array, len(rels), None, byref(fault))
        self.pointer = made(_RelHandle, *call, fault=fault, message="relationships")


class Policy:
    """What a session's routes are held to. Policy("customer", local_as=64496, origins=[64497], strict="rov aspa")

    role: what the neighbour is to us; "internal" for iBGP. tests, strict: names of tests (iterable or one text): which to
    run, and for which of them unknown counts as failed. Lists: transit_free, never_via_rs, origins (AS numbers), peerlocks ((asn, neighbour)),
    addresses (our own), bogons and denied (prefixes), allowed (prefixes, or prefix -> longest length under it),
    relations ((a, b, "customer" | "peer" | "provider"): what b is to a). Flags: irr_covering, irr_roa,
    next_hop_neighbour, next_hop_private, confed, private_asn, family4, family6. Numbers: min_len4, max_len4, min_len6,
    max_len6, max_path, max_repeat.
    """

    def __init__(self, role: Union[Role, str, int], **fields: Any) -> None:
        self._c = CPolicy()
        self._keep: Dict[str, Any] = {}
        self._named = 0
        self._ended = False
        check(lib.manrs_policy_init(byref(self._c), ctypes.sizeof(self._c), to_session(role)))
        for name, value in fields.items():
            self._set(name, value)
        fault = CFault()
        check(lib.manrs_policy_check(byref(self._c), byref(fault)), fault, "policy")

    def _set(self, name: str, value: Any) -> None:
        if name in ("tests", "strict"):
            mask = _mask(value)
            setattr(self._c, name, mask)
            self._named |= mask
        elif name in FLAGS:
            self._c.flags = self._c.flags | FLAGS[name] if value else self._c.flags & ~FLAGS[name]
        elif name == "local_as":
            self._c.local_as = to_origin(value)
        elif name in NUMBERS:
            limit = 255 if "len" in name else 0xFFFFFFFF
            if not 0 <= to_number(value, name) <= limit:
                raise Error(EINVAL, "%s is not in 0..%d" % (name, limit))
            setattr(self._c, name, value)
        else:
            self._list(name, value)

    def _list(self, name: str, value: Any) -> None:
        made: Any
        if name in ("transit_free", "never_via_rs", "origins"):
            made = self._array(name, ctypes.c_uint32, sorted({to_asn(asn) for asn in value}))
        elif name == "peerlocks":
            pairs = sorted({(to_asn(asn), to_asn(neighbour)) for asn, neighbour in value})
            made = self._array(name, CPeerlock, [CPeerlock(*pair) for pair in pairs])
        elif name == "addresses":
            made = self._array(name, CPrefix, [to_address(address) for address in value])
        elif name in ("bogons", "allowed", "denied"):
            made = _Trie(value)
            setattr(self._c, name, made.pointer)
        elif name == "relations":
            made = _Relations(value)
            self._c.rel = made.pointer
        else:
            raise TypeError("a policy has no %r" % name)
        self._keep[name] = made
        hold(self, *self._keep.values())

    def __del__(self) -> None:
        let_go(self)
        self._ended = True

    def _array(self, name: str, kind: Any, items: List[Any]) -> Any:
        array = (kind * max(len(items), 1))(*items)
        setattr(self._c, name, ctypes.addressof(array))
        setattr(self._c, "n_" + name, len(items))
        return array

    def _on(self, held: Any) -> CPolicy:
        """As it is asked of a snapshot: what was not named and has no data there is left out."""
        if self._ended:
            raise Error(ESTATE, "this policy has ended")
        made = CPolicy.from_buffer_copy(self._c)
        made.tests &= self._named | lib.manrs_tests_with_data(held, byref(self._c))
        return made

    @property
    def role(self) -> Optional[Role]:
        """None: the session is internal."""
        return Role(self._c.role) if self._c.role != INTERNAL else None

    @property
    def tests(self) -> FrozenSet[str]:
        """The tests that it runs."""
        return _names(self._c.tests)

    def __reduce__(self) -> Any:
        raise TypeError("a manrs.Policy cannot be pickled: make it where it is used")


def _line(announcement: Any) -> bytes:
    if isinstance(announcement, dict):
        announcement = json.dumps({key: _plain(value) for key, value in announcement.items()})
    if isinstance(announcement, str):
        return announcement.rstrip("\r\n").encode("utf-8", "surrogateescape")
    if isinstance(announcement, (bytes, bytearray)):
        return bytes(announcement).rstrip(b"\r\n")
    raise TypeError("an announcement is a dict or a line of text, not %s" % type(announcement).__name__)


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, range)):
        return list(value)
    if isinstance(value, Role):
        return str(value)
    return value if isinstance(value, (str, int, float, list, dict, type(None))) else str(value)


class _Parsed:
    """Announcements as records, with the arrays of their paths."""

    def __init__(self, announcements: Iterable[Any], policy: Policy) -> None:
        lines = [_line(one) for one in announcements]
        self.rows = (CAnnouncement * max(len(lines), 1))()
        self.n = len(lines)
        self.keep: List[Any] = []
        for index, text in enumerate(lines):
            cap, fault = (len(text) + 1) // 2, CFault()
            asn, kind = (ctypes.c_uint32 * cap)(), (ctypes.c_uint8 * cap)()
            row = byref(self.rows, index * ctypes.sizeof(CAnnouncement))
            result = lib.manrs_announce_parse(row, asn, kind, cap, text, len(text), byref(fault))
            if result == 0:
                raise Error(EINVAL, "announcement %d announces nothing" % index)
            if result < 0:
                check(result, fault, "announcement %d" % index, text)
            self.keep.append((asn, kind))
            if policy._c.role == INTERNAL:
                _mark_internal(self.rows[index], policy._c.local_as)


def _mark_internal(row: Any, ours: int) -> None:
    """The command's rule: on an internal session the peer has our AS; another AS is a mistake, and fails everything."""
    if row.flags & ANNOUNCE_ANY_NEIGHBOUR or not ours or row.neighbour_asn == ours:
        row.flags |= ANNOUNCE_INTERNAL
    elif not row.flags & ANNOUNCE_INTERNAL:
        row.flags |= ANNOUNCE_MALFORMED


class Checks:
    """The half of Db that judges whole announcements."""

    def _held(self) -> Any:
        raise NotImplementedError

    def check(self, announcements: Any, policy: Union[Policy, Role, str]) -> Any:
        """Every test of the policy (or of a role's usual one) on each announcement: a list of Verdict.

        One dict or line gives one Verdict. An announcement that does not parse raises Error.
        """
        if isinstance(announcements, (dict, str, bytes)):
            return self.check([announcements], policy)[0]
        held, policy = self._held(), _policy(policy)
        parsed = _Parsed(announcements, policy)
        verdicts = (CVerdict * max(parsed.n, 1))()
        bulk.manrs_check(held, byref(policy._on(held)), parsed.rows, parsed.n, verdicts)
        made = verdicts[: parsed.n]
        return [Verdict(_names(getattr(v, "pass")), _names(v.fail), _names(v.unknown)) for v in made]

    def explain(self, announcement: Any, policy: Union[Policy, Role, str], test: Optional[Any] = None) -> Any:
        """Why: a sentence for one test (None if it does not apply), or a dict of test -> sentence for all."""
        return self._explain(lib.manrs_explain, announcement, policy, test)

    def findings(self, announcement: Any, policy: Union[Policy, Role, str], test: Optional[Any] = None) -> Any:
        """As explain, with a dict for each test in place of a sentence."""
        found = self._explain(lib.manrs_explain_json, announcement, policy, test)
        if isinstance(found, dict):
            return {name: json.loads(text) for name, text in found.items()}
        return None if found is None else json.loads(found)

    def _explain(self, call: Any, announcement: Any, policy: Any, test: Any) -> Any:
        held, policy = self._held(), _policy(policy)
        parsed, asked = _Parsed([announcement], policy), policy._on(held)
        text = ctypes.create_string_buffer(EXPLAIN_MAX)

        def one(number: int) -> Optional[str]:
            n = check(call(held, byref(asked), parsed.rows, number, text, EXPLAIN_MAX))
            return text.raw[:n].decode() if n else None

        if test is not None:
            return one(_number(test))
        sentences = {name: one(number) for name, number in tests().items()}
        return {name: sentence for name, sentence in sentences.items() if sentence}


def _policy(policy: Any) -> Policy:
    return policy if isinstance(policy, Policy) else Policy(policy)
