# SPDX-License-Identifier: BSD-2-Clause
"""Every public enum and numeric macro of the C headers is held by the package with the same value, or is on the list of
those that no call of the package takes or gives. A new one fails here until it is on one side."""

import os
import re
import unittest

import manrs
from manrs import _check, _db, _lib, _load, _mrt, _path, _prefix, _rib, _rtr, _urpf
from test_headers import INCLUDE, headers

ENUM = re.compile(r"\benum (manrs_\w+) \{(.*?)\}", re.S)
MACRO = re.compile(r"^#define (MANRS_\w+)[ \t]*(?:\\\n\s*)?\(?(0x[0-9a-f]+|\d+)[uU]?\)?[ \t]*$", re.M)


def by_parse(call, names):
    return {name: call(name.encode(), len(name)) for name in names}


def members(kind):
    return {str(member): int(member) for member in kind}


def numbered(names):
    return {name: number for number, name in enumerate(names) if name}


MODES = "off strict loose feasible efp-a efp-b bar-sav bar-sav-pi procedure-x list".split()
ENUMS = {
    "manrs_error": {name: getattr(_lib, name) for name in _lib.NAMES},
    "manrs_rov": members(manrs.State),
    "manrs_aspa_state": members(manrs.AspaState),
    "manrs_aspa_reason": dict(numbered(_path.REASONS), none=0),
    "manrs_aspa_auth": numbered(_path.AUTHS),
    "manrs_role": dict(members(manrs.Role), none=_path.INTERNAL),
    "manrs_test": manrs.tests(),
    "manrs_rel_kind": dict(_check.KINDS, unknown=0),
    "manrs_op": {"add": _db.ADD, "remove": _db.REMOVE},
    "manrs_change_kind": numbered(_db.KINDS),
    "manrs_load_kind": _load.KINDS,
    "manrs_urpf_mode": by_parse(_lib.lib.manrs_urpf_mode_parse, MODES),
    "manrs_urpf_prefix_kind": _urpf.KINDS,
    "manrs_urpf_allow": members(manrs.Allow),
    "manrs_urpf_format": _urpf.FORMATS,
    "manrs_rtr_want": _rtr.WANT,
    "manrs_rtr_mode": _rtr.MODES,
    "manrs_mrt_kind": {name: number for number, name in enumerate(_mrt.KINDS)},
}
MACROS = {
    "MANRS_PREFIX_CLEAR": _prefix.CLEAR,
    "MANRS_SOURCES": _db.SOURCES,
    "MANRS_TESTS": len(manrs.tests()),
    "MANRS_EXPLAIN_MAX": _check.EXPLAIN_MAX,
    "MANRS_URPF_NO_IFACE": _urpf.NO_IFACE,
    "MANRS_ASPA_ANY_NEIGHBOUR": _path.ANY_NEIGHBOUR,
    "MANRS_ASPA_CONFED": _path.CONFED,
    "MANRS_ASPA_COMMON": _path.COMMON,
    "MANRS_ANNOUNCE_ANY_NEIGHBOUR": _check.ANNOUNCE_ANY_NEIGHBOUR,
    "MANRS_ANNOUNCE_MALFORMED": _check.ANNOUNCE_MALFORMED,
    "MANRS_ANNOUNCE_INTERNAL": _check.ANNOUNCE_INTERNAL,
    "MANRS_URPF_BEST": _urpf.BEST,
    "MANRS_URPF_DISCARD": _urpf.DISCARD,
    "MANRS_URPF_LEAKED": _urpf.LEAKED,
    "MANRS_RTR_WHOLE": _rtr.WHOLE,
    "MANRS_RTR_DROP": _rtr.DROP,
    "MANRS_RIB_CHANGED": _rib.CHANGED,
    "MANRS_RIB_ANNOUNCED": _rib.ANNOUNCED,
    "MANRS_RIB_WITHDRAWN": _rib.WITHDRAWN,
    "MANRS_RIB_EXACT": _rib.EXACT,
    "MANRS_RIB_UNDER": _rib.UNDER,
    "MANRS_RIB_STALE": _rib.STALE,
    "MANRS_BGP_PATHS4": _mrt.PATHS4,
    "MANRS_BGP_PATHS6": _mrt.PATHS6,
}
MACROS.update({"MANRS_POLICY_" + name.upper(): value for name, value in _check.FLAGS.items()})
MACROS.update({"MANRS_RTR_" + name.upper(): value for name, value in {**_rtr.FLAGS, **_rtr.STANDING}.items()})
MACROS.update({"MANRS_URPF_" + name.upper(): value for name, value in _urpf.OPTIONS.items()})

# Of calls that the package has no use for, or whose answers come to Python as text.
ENUMS_ELSEWHERE = set(
    "manrs_isa manrs_bogon manrs_code manrs_irr_state manrs_leak_state manrs_leak_type manrs_load_format manrs_load_list "
    "manrs_otc_action manrs_segment manrs_asn_class manrs_path_finding manrs_rov_reason manrs_rov_match manrs_urpf_step manrs_rtr_code "
    "manrs_bgp_action manrs_bgp_attr manrs_bgp_type manrs_bmp_kind manrs_update_form manrs_update_what".split()
)
MACROS_ELSEWHERE = set(
    "MANRS_VERSION_MAJOR MANRS_VERSION_MINOR MANRS_VERSION_PATCH MANRS_CELL_READERS MANRS_SPKI_MAX MANRS_CODES MANRS_PROVIDERS_MAX "
    "MANRS_OTC_ATTRIBUTE MANRS_ROLE_CAPABILITY MANRS_SEGMENT_START MANRS_PATH_FINDINGS MANRS_PATH_ANY_NEIGHBOUR MANRS_PREFIX_TEXT MANRS_ASN_TEXT "
    "MANRS_ROUTE_TEXT MANRS_NUMBER_TEXT MANRS_NUMBER_DIGITS MANRS_FAULT_TEXT MANRS_IRR_COVERING MANRS_IRR_ROA "
    "MANRS_ANNOUNCE_OTC MANRS_ANNOUNCE_EGRESS MANRS_ANNOUNCE_OWN".split()  # members of an announcement, read by the library
) | set(  # of BGP and BMP, whose messages the package does not read by themselves
    "MANRS_BGP_AS4 MANRS_BGP_CONFED MANRS_BGP_EXTENDED MANRS_BGP_INTERNAL MANRS_BGP_GUESS MANRS_BGP_DUMP MANRS_BGP_NOTE_GUESSED "
    "MANRS_BGP_NOTE_FAMILY MANRS_BGP_NOTE_SHORT_MP MANRS_BGP_MESSAGE_MAX MANRS_BGP_EXTENDED_MAX MANRS_MRT_NOTE_PATH_ID "
    "MANRS_BGP_CAP_AS4 MANRS_BGP_CAP_EXTENDED MANRS_BGP_CAP_IPV4 MANRS_BGP_CAP_IPV6 MANRS_BGP_CAP_REFRESH MANRS_BGP_CAP_NH6 "
    "MANRS_BGP_CAP_GRACEFUL MANRS_BGP_CAP_ROLES MANRS_BMP_POST_POLICY MANRS_BMP_OUT MANRS_BMP_LOC_RIB MANRS_BMP_FILTERED "
    "MANRS_BMP_UNKNOWN_PEER".split()
)


def enumerators(body):
    found, value = {}, -1
    for item in body.split(","):
        match = re.match(r"\s*(MANRS_\w+)\s*(?:=\s*(-?\w+))?\s*$", item)
        if match:
            value = int(match.group(2), 0) if match.group(2) else value + 1
            found[match.group(1)] = value
    return found


def plain(name):
    return name.lower().replace("_", "-")


@unittest.skipUnless(os.path.isdir(INCLUDE), "no headers beside the package")
class Constants(unittest.TestCase):
    def test_enums(self):
        declared = {name: enumerators(body) for name, body in ENUM.findall(headers())}
        self.assertGreater(len(declared), 25)
        self.assertEqual(set(declared), set(ENUMS) | ENUMS_ELSEWHERE)
        self.assertEqual(set(ENUMS) & ENUMS_ELSEWHERE, set())
        for name, ours in ENUMS.items():
            with self.subTest(name):
                self.assertEqual(sorted(ours.values()), sorted(declared[name].values()))
                for text, value in ours.items():
                    name_in_c = [one for one, number in declared[name].items() if number == value][0]
                    self.assertTrue(plain(name_in_c).endswith(plain(text)), (text, name_in_c))

    def test_macros(self):
        declared = {name: int(value, 0) for name, value in MACRO.findall(headers())}
        self.assertGreater(len(declared), 40)
        self.assertEqual(set(declared), set(MACROS) | MACROS_ELSEWHERE)
        for name, value in MACROS.items():
            self.assertEqual(value, declared[name], name)


if __name__ == "__main__":
    unittest.main()
