# SPDX-License-Identifier: BSD-2-Clause
"""The README's programs run as they stand, with a small file of VRPs and a few routes."""

import contextlib
import gzip
import io
import os
import re
import tempfile
import unittest

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "README.md")
CSV = b"ASN,IP Prefix,Max Length,Trust Anchor\nAS13335,1.1.1.0/24,24,example\n"
NAMES = {
    "prefixes": ["1.1.1.0/24", "1.1.1.0/25"],
    "origins": [13335, 13335],
    "announcement": {"prefix": "1.1.1.0/25", "as_path": "64497 13335", "neighbour": 64497},
}


@unittest.skipUnless(os.path.exists(README), "no README")
class Readme(unittest.TestCase):
    def test_first_program(self):
        with open(README) as file:
            program = re.findall(r"```python\n(.*?)```", file.read(), re.S)[0]
        here, said = os.getcwd(), io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                with open("vrps.json.gz", "wb") as file:
                    file.write(gzip.compress(CSV))
                names = dict(NAMES)
                with contextlib.redirect_stdout(said):
                    exec(compile(program, "README", "exec"), names)
            finally:
                os.chdir(here)
        lines = said.getvalue().split("\n")
        self.assertEqual(lines[:2], ["valid", "[Vrp(prefix='1.1.1.0/24', maxlen=24, asn=13335)]"])
        self.assertEqual(lines[2], "vrp4 192.0.2.0/24")
        self.assertIn("1.1.1.0/25", lines[3])
        self.assertEqual(bytes(names["states"]), bytes([1, 2]))

    def test_the_others_compile(self):
        with open(README) as file:
            for program in re.findall(r"```python\n(.*?)```", file.read(), re.S):
                compile(program, "README", "exec")


if __name__ == "__main__":
    unittest.main()
