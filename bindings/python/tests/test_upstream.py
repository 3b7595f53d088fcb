# SPDX-License-Identifier: BSD-2-Clause
"""The suites of py-radix, pytricia and pyasn themselves, unchanged, with our modules under their names. Their files are not
here: MANRS_UPSTREAM is a folder that holds their sources unpacked (apt-get source, a checkout), or they lie where the packages
were installed from. Each suite runs in a process of its own; what is not there is counted as skipped.
"""

import glob
import os
import re
import subprocess
import sys
import unittest

import manrs
from manrs import _lib

# A suite in the sources of a package: its file, and how many cases of it there are at least.
SUITES = {
    "py-radix": ("*radix*/tests/test_regression.py", 36),
    "py-radix pickles": ("*radix*/tests/test_compat.py", 2),
    "pytricia": ("pytricia*/test.py", 26),
    "pyasn": ("pyasn*/tests/test_simple.py", 13),
}
PLACES = [place for place in os.environ.get("MANRS_UPSTREAM", "").split(os.pathsep) if place] + ["/usr/src", "/usr/share/doc"]
UNDER_THEIR_NAMES = """
import importlib, sys, unittest
sys.path.insert(0, sys.argv[2])
for name in ("radix", "pytricia", "pyasn"):
    sys.modules[name] = importlib.import_module("manrs.compat." + name)
for name in ("radix.radix", "radix._radix", "pyasn.pyasn_radix"):
    sys.modules[name] = importlib.import_module("manrs.compat." + name)
for alias, name in (("assertEquals", "assertEqual"), ("assertItemsEqual", "assertCountEqual")):
    if not hasattr(unittest.TestCase, alias):  # gone with Python 3.12; the suites are older
        setattr(unittest.TestCase, alias, getattr(unittest.TestCase, name))
program = unittest.main(module=importlib.import_module(sys.argv[1]), argv=["upstream", *sys.argv[3:]], exit=False)
result = program.result
for case, reason in result.failures + result.errors:
    print(reason)
print("ran %d, failed %d" % (result.testsRun, len(result.failures) + len(result.errors)))
"""


def found(pattern):
    for place in PLACES:
        for path in sorted(glob.glob(os.path.join(place, pattern))):
            return path
    return None


class Upstream(unittest.TestCase):
    def suite(self, name, *cases):
        pattern, least = SUITES[name]
        path = found(pattern)
        if path is None:
            self.skipTest("no sources of %s (MANRS_UPSTREAM)" % name)
        folder, module = os.path.split(path)
        command = [sys.executable, "-c", UNDER_THEIR_NAMES, module[: -len(".py")], folder, *cases]
        places = [os.path.dirname(os.path.dirname(os.path.abspath(manrs.__file__)))]
        if _lib.extension:
            places.append(os.path.dirname(os.path.abspath(_lib.extension.__file__)))
        env = dict(os.environ, LIBMANRS=os.path.abspath(_lib.path), PYTHONPATH=os.pathsep.join(places))
        done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        count = re.search(r"^ran (\d+), failed (\d+)$", done.stdout, re.M)
        self.assertTrue(count, done.stdout)
        ran, failed = int(count.group(1)), int(count.group(2))
        print("upstream: %s: %d of %d" % (name, ran - failed, ran))
        self.assertEqual(failed, 0, done.stdout)
        self.assertGreaterEqual(ran, least, done.stdout)

    def test_py_radix(self):
        self.suite("py-radix")

    def test_py_radix_pickles(self):
        """The trees that older versions pickled, as many of them as the sources have."""
        path = found(SUITES["py-radix pickles"][0])
        kept = glob.glob(os.path.join(os.path.dirname(path), "data", "*.pkl")) if path else []
        names = [re.sub(r"[-.]", "_", os.path.basename(one)[: -len(".pkl")]) for one in kept]
        self.suite("py-radix pickles", *["LoadRadixPickle.test_" + name for name in names])

    def test_pytricia(self):
        self.suite("pytricia")

    def test_pyasn(self):
        self.suite("pyasn")


if __name__ == "__main__":
    unittest.main()
