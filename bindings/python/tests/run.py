# SPDX-License-Identifier: BSD-2-Clause
"""Run the unittests beside this file: run.py [basic]. Last line: N passed, N failed, N skipped.

basic leaves out the modules that need an hour's data or a peer: for further interpreters.
"""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BASIC = ("test_db.py", "test_forms.py", "test_trie.py", "test_hostile.py", "test_life.py", "test_check.py", "test_urpf.py", "test_pytricia.py", "test_headers.py", "test_rtr.py")


def main() -> int:
    sys.path.insert(0, HERE)
    names = sorted(name for name in os.listdir(HERE) if name.startswith("test_") and name.endswith(".py"))
    if "basic" in sys.argv[1:]:
        names = [name for name in names if name in BASIC]
    wanted = [name for name in sys.argv[1:] if name != "basic"]
    names = [name for name in names if not wanted or name in wanted]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromName(name[:-3]) for name in names)
    ran = suite.countTestCases()
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, buffer=False).run(suite)
    for test, reason in result.skipped:
        print("skipped: %s: %s" % (test, reason))
    wrong = [test for test, _ in result.failures + result.errors] + list(result.unexpectedSuccesses)
    bad = len({getattr(test, "test_case", test) for test in wrong})
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (ran - bad - skipped, bad, skipped))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
