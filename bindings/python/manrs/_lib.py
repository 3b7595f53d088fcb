# SPDX-License-Identifier: BSD-2-Clause
"""The shared library: where it is found, its structs, its functions, its errors.

Two handles of the one library: `lib` keeps the interpreter lock (short calls: faster, and no other Python
thread comes between), `bulk` releases it (batches, commits, files). What a call is given stays alive for the call
because ctypes holds its arguments; nothing else keeps an object of the library alive but a Python reference.
"""

import ctypes
import ctypes.util
import os
import sys
from ctypes import (
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_int,
    c_int8,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, Dict, NamedTuple, Optional

OK, EINVAL, ENOMEM, ENOENT, ESYNTAX, ERANGE, ELIMIT, EBUSY, ESTATE, EUNSUP = range(0, -10, -1)
NAMES = "OK EINVAL ENOMEM ENOENT ESYNTAX ERANGE ELIMIT EBUSY ESTATE EUNSUP".split()


class Fault(NamedTuple):
    """Where and why: `at` is a byte, or the index of a record; `line` counts from 1, 0 when there are no lines."""

    at: int
    what: str
    code: int
    line: int


class Error(ValueError):
    """What the library refused. `code` is one of manrs.EINVAL ..., `fault` says where, or is None."""

    def __init__(self, code: int, message: str = "", fault: Optional[Fault] = None) -> None:
        text = message or lib.manrs_strerror(code).decode()
        if fault is not None and fault.what:
            place = "line %d" % fault.line if fault.line else "at %d" % fault.at
            text = "%s: %s (%s)" % (text, fault.what, place)
        super().__init__(text)
        self.code = code
        self.fault = fault

    def __reduce__(self) -> Any:
        return (error_again, (self.args[0], self.code, self.fault))


def error_again(text: str, code: int, fault: Optional[Fault]) -> "Error":
    error = Error(code, text)
    error.fault = fault
    return error


# ---- structs, in the order of the headers ----


class CFault(Structure):
    _fields_ = [("at", c_uint64), ("what", c_char_p), ("code", c_int32), ("line", c_uint32)]

    def value(self, text: Optional[bytes] = None) -> Fault:
        """With the text that was read, its phrase shows what stood there."""
        what = self.what or b""
        if text is not None:
            shown = ctypes.create_string_buffer(256)
            lib.manrs_fault_text(ctypes.byref(self), text, len(text), shown, len(shown))
            what = shown.value
        return Fault(self.at, what.decode(), self.code, self.line)


class CPrefix(Structure):
    _fields_ = [("family", c_uint8), ("len", c_uint8), ("maxlen", c_uint8), ("zero", c_uint8), ("addr", c_uint8 * 16)]


class CRoute(Structure):
    _fields_ = [("prefix", CPrefix), ("asn", c_uint32)]


class CPath(Structure):
    _fields_ = [("asn", c_void_p), ("kind", c_void_p), ("n", c_uint32), ("flags", c_uint32)]


class CAspa(Structure):
    _fields_ = [("provider", POINTER(c_uint32)), ("customer", c_uint32), ("n", c_uint32)]


class CAspaPair(Structure):
    _fields_ = [("customer", c_uint32), ("provider", c_uint32)]


class CRouterKey(Structure):
    _fields_ = [
        ("asn", c_uint32),
        ("ski", c_uint8 * 20),
        ("spki_len", c_uint16),
        ("zero", c_uint16),
        ("spki", c_uint8 * 228),
    ]


class CCounts(Structure):
    _fields_ = [(name, c_uint64) for name in ("added", "present", "removed", "unknown", "refused")]


class CCursor(Structure):
    _fields_ = [("state", c_uint64 * 8)]


class CDbStats(Structure):
    _fields_ = [("size", c_size_t)] + [
        (name, c_uint64)
        for name in "vrps4 vrps6 irr4 irr6 aspas aspa_providers keys serial bytes_read bytes_all".split()
    ]


class CChange(Structure):
    _fields_ = [("kind", c_uint32), ("asn", c_uint32), ("prefix", CPrefix), ("zero", c_uint32)]


class CLoadIssue(Structure):
    _fields_ = [("fault", CFault), ("member", c_char_p), ("kind", c_uint32), ("value", c_char * 60)]

    def value_of(self) -> Fault:
        fault = self.fault.value()
        member, value = (self.member or b"").decode(), self.value.decode()
        where = " ".join(part for part in (member, '"%s"' % value if value else "") if part)
        return fault._replace(what="%s: %s" % (fault.what, where) if where else fault.what)


class CLoadStats(Structure):
    _fields_ = (
        [("size", c_size_t)]
        + [(name, c_uint64) for name in "vrps aspas keys bad bytes lines".split()]
        + [("format", c_uint32), ("tas", c_uint32)]
        + [(name, c_uint64) for name in "built refused remarks".split()]
        + [("lists", c_uint32), ("zero", c_uint32)]
    )


class CPaths(Structure):
    _fields_ = [("asn", c_void_p), ("kind", c_void_p), ("start", c_void_p), ("n", c_size_t)]


class CAspaHop(Structure):
    _fields_ = [(name, c_uint32) for name in ("customer", "provider", "customer_at", "provider_at")] + [
        (name, c_uint8) for name in ("auth", "down", "would", "zero")
    ]


class CAspaRamps(Structure):
    _fields_ = [(name, c_uint32) for name in ("n", "max_up", "min_up", "max_down", "min_down")] + [
        ("state", c_uint8),
        ("reason", c_uint8),
        ("zero", c_uint8 * 2),
    ]


class CAnnouncement(Structure):
    _fields_ = [
        ("prefix", CPrefix),
        ("neighbour_asn", c_uint32),
        ("next_hop", CPrefix),
        ("otc", c_uint32),
        ("neighbour_address", CPrefix),
        ("flags", c_uint32),
        ("path", CPath),
        ("learned_from", c_uint32),
        ("zero", c_uint8 * (52 - ctypes.sizeof(CPath))),
    ]


class CAsRel(Structure):
    _fields_ = [("a", c_uint32), ("b", c_uint32), ("kind", c_uint32)]


class CPeerlock(Structure):
    _fields_ = [("asn", c_uint32), ("neighbour", c_uint32)]


class CPolicy(Structure):
    _fields_ = (
        [("size", c_size_t), ("tests", c_uint64), ("strict", c_uint64)]
        + [(name, c_uint32) for name in ("role", "local_as", "flags")]
        + [(name, c_uint8) for name in ("min_len4", "max_len4", "min_len6", "max_len6")]
        + [("max_path", c_uint32), ("max_repeat", c_uint32)]
        + [
            (prefix + name, kind)
            for name in ("transit_free", "never_via_rs", "origins", "peerlocks", "addresses")
            for prefix, kind in (("", c_void_p), ("n_", c_size_t))
        ]
        + [(name, c_void_p) for name in ("rel", "bogons", "allowed", "denied")]
    )


class CVerdict(Structure):
    _fields_ = [("pass", c_uint64), ("fail", c_uint64), ("unknown", c_uint64)]


class CUrpfIface(Structure):
    _fields_ = (
        [("size", c_size_t)]
        + [(name, c_uint32) for name in ("mode", "role", "asn", "options")]
        + [("asn_acl", c_void_p), ("n_asn_acl", c_size_t)]
    )


class CUrpfEntry(Structure):
    _fields_ = [
        ("route", CRoute),
        ("neighbour", c_uint32),
        ("path_id", c_uint32),
        ("iface", c_uint16),
        ("flags", c_uint8),
        ("zero", c_uint8),
    ]


class CDbConfig(Structure):
    _fields_ = [("size", c_size_t), ("alloc", c_void_p), ("isa", c_uint32), ("max_providers", c_uint32), ("hash_seed", c_uint64 * 2)]


class CUrpfConfig(Structure):
    _fields_ = [("size", c_size_t), ("alloc", c_void_p), ("isa", c_uint32), ("local_as", c_uint32), ("hold_ms", c_uint64), ("hash_seed", c_uint64 * 2)]


class CUrpfExplanation(Structure):
    _fields_ = (
        [("size", c_size_t)]
        + [(name, c_uint8) for name in ("allow", "mode", "effective", "step")]
        + [("asn", c_uint32), ("until_ms", c_uint64), ("prefix", CPrefix), ("n_ifaces", c_uint32)]
    )


class CUrpfStats(Structure):
    _fields_ = [("size", c_size_t)] + [
        (name, c_uint64)
        for name in "serial ifaces fallbacks prefixes compiled held deadline_ms rows bytes_all".split()
    ]


class CDbSourceStats(Structure):
    _fields_ = [("size", c_size_t)] + [(name, c_uint64) for name in ("vrps", "irr", "aspas", "keys")]


class CRtrConfig(Structure):
    _fields_ = (
        [("size", c_size_t), ("alloc", c_void_p), ("source", c_uint32), ("preference", c_uint32)]
        + [(name, c_uint8) for name in ("min_version", "max_version", "guard_percent", "zero")]
        + [(name, c_uint32) for name in "flags guard_floor refresh_s retry_s expire_s max_expire_s frozen_s response_s".split()]
        + [(name, c_uint32) for name in "max_vrps max_aspas max_keys".split()]
        + [("max_bytes", c_uint64), ("seed", c_uint64)]
    )


class CRtrDelta(Structure):
    _fields_ = [
        ("source", c_uint32),
        ("flags", c_uint32),
        ("serial", c_uint32),
        ("session", c_uint16),
        ("version", c_uint8),
        ("zero", c_uint8),
        ("added", c_uint64),
        ("removed", c_uint64),
    ]


class CRtrRun(Structure):
    _fields_ = [("op", c_uint32), ("zero", c_uint32), ("n", c_size_t), ("vrps", c_void_p), ("aspas", c_void_p), ("keys", c_void_p)]


class CRtrStatus(Structure):
    _fields_ = (
        [("size", c_size_t), ("flags", c_uint32), ("serial", c_uint32), ("session", c_uint16), ("version", c_uint8), ("code", c_int8)]
        + [(name, c_uint32) for name in ("refresh_s", "retry_s", "expire_s")]
        + [(name, c_uint64) for name in "records held_added held_removed last_ms expires_ms serial_ms".split()]
        + [(name, c_uint64) for name in "responses errors connects bytes_in".split()]
        + [("text", c_char * 128)]
    )


class CBgpSession(Structure):
    _fields_ = [("flags", c_uint32), ("neighbour_asn", c_uint32), ("neighbour_address", CPrefix), ("zero", c_uint32)]


class CBgpMessage(Structure):
    _fields_ = (
        [("type", c_uint32), ("n", c_uint32)]
        + [(name, c_void_p) for name in "body withdrawn attributes nlri reach unreach".split()]
        + [("n_" + name, c_uint32) for name in "body withdrawn attributes nlri reach unreach".split()]
        + [("mp_twice", c_uint32), ("notify_code", c_uint8), ("notify_subcode", c_uint8), ("zero", c_uint8 * 2)]
    )


class CBgpUpdate(Structure):
    _fields_ = (
        [("message", CBgpMessage), ("session", CBgpSession), ("attrs", c_void_p)]
        + [(name, c_uint32) for name in ("action", "end_of_rib", "notes")]
        + [("notify_code", c_uint8), ("notify_subcode", c_uint8), ("zero", c_uint8 * 2), ("fault", CFault)]
    )


class CMrtConfig(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("alloc", c_void_p),
        ("flags", c_uint32),
        ("max_record", c_uint32),
        ("max_store", c_uint64),
        ("hash_seed", c_uint64 * 2),
    ]


class CMrtRecord(Structure):
    _fields_ = (
        [("at", c_uint64)]
        + [(name, c_uint32) for name in "time_s time_us type subtype n kind entries sequence".split()]
        + [("old_state", c_uint16), ("new_state", c_uint16), ("local", c_uint32), ("local_asn", c_uint32)]
        + [("prefix", CPrefix), ("local_address", CPrefix), ("session", CBgpSession), ("zero", c_uint32)]
        + [("message", CBgpMessage), ("update", CBgpUpdate), ("fault", CFault)]
    )


class CMrtNote(Structure):
    _fields_ = [(name, c_uint32) for name in "peer attrs path time_s path_id action flags zero".split()]


class CMrtPeer(Structure):
    _fields_ = [("address", CPrefix), ("asn", c_uint32), ("bgp_id", c_uint32), ("zero", c_uint32)]


class CMrtStats(Structure):
    _fields_ = [("size", c_size_t)] + [
        (name, c_uint64)
        for name in "bytes records peers rib updates states messages other bad announced withdrawn malformed skipped".split()
    ]


class CRibConfig(Structure):
    _fields_ = (
        [("size", c_size_t), ("alloc", c_void_p), ("max_bytes", c_uint64), ("max_routes", c_uint64)]
        + [(name, c_uint32) for name in "max_sessions report max_changes zero".split()]
        + [("hash_seed", c_uint64 * 2)]
    )


class CRibSession(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("policy", c_void_p),
        ("neighbour_asn", c_uint32),
        ("neighbour_address", CPrefix),
        ("flags", c_uint32),
        ("zero", c_uint32),
    ]


class CRibChange(Structure):
    _fields_ = (
        [("before", CVerdict), ("after", CVerdict), ("prefix", CPrefix)]
        + [(name, c_uint32) for name in "session path_id kind origin test code".split()]
        + [("zero", c_uint32 * 5)]
    )


class CRibRoute(Structure):
    _fields_ = [("announcement", CAnnouncement), ("verdict", CVerdict)] + [
        (name, c_uint32) for name in "session path_id flags zero".split()
    ]


class CRibStats(Structure):
    _fields_ = [("size", c_size_t)] + [
        (name, c_uint64) for name in "sessions routes prefixes paths bytes judged told waiting".split()
    ]


STRUCTS: Dict[str, Any] = {
    "manrs_fault": CFault,
    "manrs_prefix": CPrefix,
    "manrs_route": CRoute,
    "manrs_path": CPath,
    "manrs_aspa": CAspa,
    "manrs_aspa_pair": CAspaPair,
    "manrs_router_key": CRouterKey,
    "manrs_counts": CCounts,
    "manrs_cursor": CCursor,
    "manrs_db_stats": CDbStats,
    "manrs_change": CChange,
    "manrs_load_issue": CLoadIssue,
    "manrs_load_stats": CLoadStats,
    "manrs_paths": CPaths,
    "manrs_aspa_hop": CAspaHop,
    "manrs_aspa_ramps": CAspaRamps,
    "manrs_announcement": CAnnouncement,
    "manrs_as_rel": CAsRel,
    "manrs_peerlock": CPeerlock,
    "manrs_policy": CPolicy,
    "manrs_verdict": CVerdict,
    "manrs_urpf_iface": CUrpfIface,
    "manrs_urpf_entry": CUrpfEntry,
    "manrs_db_config": CDbConfig,
    "manrs_urpf_config": CUrpfConfig,
    "manrs_urpf_explanation": CUrpfExplanation,
    "manrs_urpf_stats": CUrpfStats,
    "manrs_db_source_stats": CDbSourceStats,
    "manrs_rtr_config": CRtrConfig,
    "manrs_rtr_delta": CRtrDelta,
    "manrs_rtr_run": CRtrRun,
    "manrs_rtr_status": CRtrStatus,
    "manrs_bgp_session": CBgpSession,
    "manrs_bgp_message": CBgpMessage,
    "manrs_bgp_update": CBgpUpdate,
    "manrs_mrt_config": CMrtConfig,
    "manrs_mrt_record": CMrtRecord,
    "manrs_mrt_note": CMrtNote,
    "manrs_mrt_peer": CMrtPeer,
    "manrs_mrt_stats": CMrtStats,
    "manrs_rib_config": CRibConfig,
    "manrs_rib_session": CRibSession,
    "manrs_rib_change": CRibChange,
    "manrs_rib_route": CRibRoute,
    "manrs_rib_stats": CRibStats,
}
LENT = {"manrs_mrt_record"}  # the library alone makes it, and it may grow

# ---- functions: name -> (result, arguments); the letters stand for ctypes below ----

LETTERS = {"i": c_int, "u": c_uint32, "h": c_uint16, "q": c_uint64, "l": c_int64, "z": c_size_t, "p": c_void_p, "s": c_char_p, "-": None}

FUNCTIONS = {
    "manrs_version": "s",
    "manrs_version_number": "i",
    "manrs_strerror": "si",
    "manrs_fault_text": "zpszpz",
    "manrs_sizeof": "zs",
    "manrs_prefix_parse": "ipszp",
    "manrs_address_parse": "ipszp",
    "manrs_prefix_set": "ipisuu",
    "manrs_prefix_format": "ippz",
    "manrs_asn_parse": "ipszp",
    "manrs_prefix_check": "ip",
    "manrs_trie_new": "ipp",
    "manrs_trie_free": "-p",
    "manrs_trie_set": "ippq",
    "manrs_trie_get": "ippp",
    "manrs_trie_del": "ipp",
    "manrs_trie_match": "ipppp",
    "manrs_trie_count": "zp",
    "manrs_trie_covering": "zppppz",
    "manrs_trie_covered": "zpppppz",
    "manrs_db_config_init": "ipz",
    "manrs_db_owner_new": "ipp",
    "manrs_db_owner_free": "ip",
    "manrs_db_reclaim": "ipz",
    "manrs_edit_begin": "ippp",
    "manrs_edit_vrps": "ipuipzpp",
    "manrs_edit_irr": "ipuipzpp",
    "manrs_edit_aspas": "ipuipzpp",
    "manrs_edit_keys": "ipuipzpp",
    "manrs_edit_drop": "ipup",
    "manrs_edit_slurm": "ippp",
    "manrs_edit_commit": "ipp",
    "manrs_edit_abort": "-p",
    "manrs_db_unref": "-p",
    "manrs_db_vrps": "zpppz",
    "manrs_db_irr": "zpppz",
    "manrs_db_aspas": "zpppz",
    "manrs_db_keys": "zpppz",
    "manrs_db_stats_get": "ipp",
    "manrs_db_diff": "zppppz",
    "manrs_rov_check": "ipp",
    "manrs_rov_check_many": "ippzp",
    "manrs_rov_covering": "zpppz",
    "manrs_path_parse": "ipppzszp",
    "manrs_path_origin": "ipup",
    "manrs_aspa_check": "ippuiu",
    "manrs_aspa_check_many": "ippppup",
    "manrs_aspa_hops": "zppuiuppz",
    "manrs_role_parse": "isz",
    "manrs_announce_parse": "ipppzszp",
    "manrs_announce_route": "ipuszp",
    "manrs_policy_init": "ipzi",
    "manrs_policy_check": "ipp",
    "manrs_tests_with_data": "qpp",
    "manrs_check": "ipppzp",
    "manrs_explain": "ipppipz",
    "manrs_explain_json": "ipppipz",
    "manrs_test_text": "si",
    "manrs_rel_new": "ippzpp",
    "manrs_rel_free": "-p",
    "manrs_slurm_file_read": "ippzpp",
    "manrs_slurm_file_free": "-p",
    "manrs_slurm_file_slurm": "pp",
    "manrs_slurm_file_issues": "zppp",
    "manrs_urpf_config_init": "ipz",
    "manrs_urpf_iface_init": "ipz",
    "manrs_urpf_owner_new": "ipp",
    "manrs_urpf_owner_free": "ip",
    "manrs_urpf_reclaim": "ipz",
    "manrs_urpf_edit_begin": "ippp",
    "manrs_urpf_edit_iface_add": "ippp",
    "manrs_urpf_edit_iface_set": "iphp",
    "manrs_urpf_edit_iface_remove": "iph",
    "manrs_urpf_edit_rib": "ipipzppp",
    "manrs_urpf_edit_prefixes": "ipiuhpzpp",
    "manrs_urpf_edit_commit": "ipppq",
    "manrs_urpf_edit_abort": "-p",
    "manrs_urpf_unref": "-p",
    "manrs_urpf_check4": "ipppzp",
    "manrs_urpf_check6": "ipppzp",
    "manrs_urpf_explain": "ipphppz",
    "manrs_urpf_list": "zphppz",
    "manrs_urpf_allowed": "zphippz",
    "manrs_urpf_export": "iphisppz",
    "manrs_urpf_stats_get": "ipp",
    "manrs_urpf_mode_text": "si",
    "manrs_urpf_mode_parse": "isz",
    "manrs_urpf_step_text": "si",
    "manrs_edit_replace": "ipu",
    "manrs_edit_first": "ipp",
    "manrs_edit_use": "ipq",
    "manrs_db_source_stats_get": "ipup",
    "manrs_rtr_plan": "ipzipp",
    "manrs_rtr_config_init": "ipz",
    "manrs_rtr_new": "ipp",
    "manrs_rtr_free": "-p",
    "manrs_rtr_want": "ip",
    "manrs_rtr_deadline": "qp",
    "manrs_rtr_tick": "-pq",
    "manrs_rtr_opened": "-pq",
    "manrs_rtr_closed": "-pq",
    "manrs_rtr_input": "ippzqp",
    "manrs_rtr_output": "zpp",
    "manrs_rtr_sent": "-pz",
    "manrs_rtr_delta_get": "ipp",
    "manrs_rtr_delta_run": "ipzp",
    "manrs_rtr_delta_done": "ipizzqq",
    "manrs_rtr_release": "ipiq",
    "manrs_rtr_refresh": "-piq",
    "manrs_rtr_status_get": "ipp",
    "manrs_load_new": "ipp",
    "manrs_load_free": "-p",
    "manrs_load_push": "ippzp",
    "manrs_load_finish": "ipp",
    "manrs_load_vrps": "zpppz",
    "manrs_load_aspas": "zpppz",
    "manrs_load_keys": "zpppz",
    "manrs_load_issues": "zppz",
    "manrs_load_failure": "ipp",
    "manrs_load_members": "sp",
    "manrs_load_foreign": "spz",
    "manrs_load_stats_get": "ipp",
    "manrs_bgp_action_text": "si",
    "manrs_path_format": "ippz",
    "manrs_code_text": "si",
    "manrs_mrt_config_init": "ipz",
    "manrs_mrt_is": "ipz",
    "manrs_mrt_new": "ipp",
    "manrs_mrt_free": "-p",
    "manrs_mrt_decode": "ipppzpp",
    "manrs_mrt_announced": "zpppz",
    "manrs_mrt_withdrawn": "zpppz",
    "manrs_mrt_peer_get": "ipup",
    "manrs_mrt_resync": "ippzip",
    "manrs_mrt_stats_get": "ipp",
    "manrs_rib_config_init": "ipz",
    "manrs_rib_new": "ipp",
    "manrs_rib_free": "-p",
    "manrs_rib_session_init": "ipz",
    "manrs_rib_session_add": "ipp",
    "manrs_rib_session_set_policy": "ipup",
    "manrs_rib_session_refresh": "ipu",
    "manrs_rib_session_down": "ipu",
    "manrs_rib_session_remove": "ipu",
    "manrs_rib_end_of_rib": "ipui",
    "manrs_rib_announce": "ipuppzp",
    "manrs_rib_withdraw": "ipuppzp",
    "manrs_rib_follow": "ipp",
    "manrs_rib_work": "ipz",
    "manrs_rib_changes": "zppz",
    "manrs_rib_routes": "zppuppz",
    "manrs_rib_stats_get": "ipp",
}


def _candidates() -> Any:
    """LIBMANRS alone when it is set; else beside the package, then the system's."""
    override = os.environ.get("LIBMANRS")
    if override:
        yield override
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for name in ("libmanrs.so.0", "libmanrs.so", "libmanrs.dylib"):
        path = os.path.join(here, name)
        if os.path.exists(path):
            yield path
    found = ctypes.util.find_library("manrs")
    yield found or "libmanrs.so.0"


def _open() -> str:
    trouble = []
    for path in _candidates():
        try:
            ctypes.CDLL(path)
            return path
        except OSError as error:
            trouble.append(str(error))
    raise ImportError("libmanrs is not found (set LIBMANRS to its path): " + "; ".join(trouble))


class _Library:
    """Functions as attributes, given their types when first used; one that the library lacks raises EUNSUP."""

    def __init__(self, dll: Any) -> None:
        self._dll = dll

    def __getattr__(self, name: str) -> Any:
        types = FUNCTIONS.get(name)
        if types is None:
            raise AttributeError(name)
        try:
            function = getattr(self._dll, name)
        except AttributeError:
            raise Error(EUNSUP, "this libmanrs has no %s" % name) from None
        function.restype = LETTERS[types[0]]
        function.argtypes = [LETTERS[letter] for letter in types[1:]]
        setattr(self, name, function)
        return function

    def address(self, name: str) -> int:
        """Where a function lies, for the extension; 0 if the library lacks it."""
        try:
            return ctypes.cast(getattr(self._dll, name), c_void_p).value or 0
        except AttributeError:
            return 0


path = _open()
lib = _Library(ctypes.PyDLL(path))
bulk = _Library(ctypes.CDLL(path))


def _check_layout() -> None:
    """Records are as long as here; a struct that grows (`size` first) may be longer in a newer library."""
    for name, struct in STRUCTS.items():
        size = lib.manrs_sizeof(name.encode())
        grows = name in LENT or struct._fields_[0] == ("size", c_size_t)
        if size < ctypes.sizeof(struct) if grows else size != ctypes.sizeof(struct):
            raise ImportError(
                "%s does not fit this package: struct %s has %d bytes there and %d here"
                % (path, name, size, ctypes.sizeof(struct))
            )


_check_layout()
version: str = lib.manrs_version().decode()
version_number: int = lib.manrs_version_number()


def check(result: int, fault: Optional[CFault] = None, message: str = "", text: Optional[bytes] = None) -> int:
    """The result of a call, or its error raised; text: what the call read, to be shown."""
    if result < 0:
        if result == ENOMEM:
            raise MemoryError("libmanrs: out of memory")
        raise Error(result, message, fault.value(text) if fault is not None and fault.code else None)
    return result


def _extension() -> Any:
    """The compiled helper, from the package or the path; MANRS_PURE=1 does without."""
    if os.environ.get("MANRS_PURE"):
        return None
    try:
        from . import _manrs  # type: ignore[attr-defined]
    except ImportError:
        try:
            import _manrs  # type: ignore[import]
        except ImportError:
            return None
    return _manrs


extension = _extension()
little = sys.byteorder == "little"
