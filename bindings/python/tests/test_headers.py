# SPDX-License-Identifier: BSD-2-Clause
"""The prototypes and structs of _lib.py against the C headers, read as text: name, result, arguments, fields in order."""

import ctypes
import glob
import os
import re
import unittest

from manrs import _lib

INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "include", "manrs")
KINDS = {"int": "i", "uint32_t": "u", "uint16_t": "h", "uint64_t": "q", "int64_t": "l", "size_t": "z", "void": "-"}
CTYPES = {"uint8_t": "B", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q", "int32_t": "i", "size_t": "N"}


def headers():
    text = "".join(open(path).read() for path in sorted(glob.glob(os.path.join(INCLUDE, "*.h"))))
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def letter(declaration):
    declaration = declaration.strip()
    if declaration.startswith("const char *") or declaration.startswith("const char*"):
        return "s"
    if "*" in declaration or "[" in declaration:
        return "p"
    return KINDS.get(declaration.replace("const ", "").split()[0], "?")


def prototypes():
    found = {}
    for result, name, arguments in re.findall(r"MANRS_API\s+([\w\s\*]*?)(manrs_\w+)\(([^)]*)\)", headers()):
        items = [] if arguments.strip() == "void" else arguments.split(",")
        found[name] = letter(result) + "".join(letter(item) for item in items)
    return found


def fields(name):
    body = re.search(r"typedef struct %s \{(.*?)\} %s;" % (name, name), headers(), re.S).group(1)
    found = []
    for declaration in body.split(";"):
        declaration = " ".join(declaration.split())
        if not declaration:
            continue
        kind, names = re.match(r"((?:const )?(?:struct )?\w+)\s+(.*)", declaration).groups()
        found += [(re.sub(r"[\*\s]|\[.*", "", one), kind, "*" in one, "[" in one) for one in names.split(",")]
    return found


@unittest.skipUnless(os.path.isdir(INCLUDE), "no headers beside the package")
class Headers(unittest.TestCase):
    def test_prototypes(self):
        declared = prototypes()
        self.assertGreater(len(declared), 60)
        for name, types in _lib.FUNCTIONS.items():
            self.assertIn(name, declared)
            # text is passed as bytes (s) or, where it may hold NULs, as a pointer
            self.assertEqual(types.replace("s", "p"), declared[name].replace("s", "p"), name)

    def test_fields(self):
        for name, struct in _lib.STRUCTS.items():
            declared = fields(name)
            self.assertEqual([f[0] for f in declared], [f[0] for f in struct._fields_], name)
            for (field, kind, is_pointer, is_array), (_, ours) in zip(declared, struct._fields_):
                if is_pointer:
                    self.assertEqual(ctypes.sizeof(ours), ctypes.sizeof(ctypes.c_void_p), (name, field))
                elif not is_array and kind in CTYPES:
                    size = {"B": 1, "H": 2, "I": 4, "i": 4, "Q": 8, "N": ctypes.sizeof(ctypes.c_size_t)}[CTYPES[kind]]
                    self.assertEqual(ctypes.sizeof(ours), size, (name, field))


if __name__ == "__main__":
    unittest.main()
