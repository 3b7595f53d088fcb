# SPDX-License-Identifier: BSD-2-Clause
"""Hostile input from Python to a library under AddressSanitizer: that of `make asan` (B, or its folder asan). The sanitizer's
runtime is loaded before Python. Counted as skipped where there is no such library."""

import glob
import os
import re
import subprocess
import sys

BUILD = os.path.abspath(os.environ.get("B", "build"))
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


def watched():
    for path in (os.path.join(BUILD, "libmanrs.so"), os.path.join(BUILD, "asan", "libmanrs.so")):
        if os.path.exists(path):
            linked = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
            for line in linked.splitlines():
                if "asan" in line and "=>" in line:
                    yield path, line.split("=>")[1].split()[0]


def main():
    found = next(watched(), None)
    if found is None:
        print("skipped: no library under AddressSanitizer (make asan)")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    library, runtime = found
    subprocess.run(["sh", "bindings/python/build.sh"], env=dict(os.environ, B=BUILD, CFLAGS="-O1 -g"), stdout=subprocess.DEVNULL)
    total = [0, 0, 0]
    extensions = glob.glob(os.path.join(os.path.dirname(library), "python")) + glob.glob(os.path.join(BUILD, "python"))
    for pure in ("1", ""):
        env = dict(os.environ, LIBMANRS=library, LD_PRELOAD=runtime, MANRS_PURE=pure, PYTHONMALLOC="malloc", PYTHONDONTWRITEBYTECODE="1")
        env["PYTHONPATH"] = os.pathsep.join(["bindings/python"] + extensions)
        env["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1"
        if not pure:
            env["MANRS_EXPECT"] = "extension"
            if not extensions:
                continue
        command = [sys.executable, "bindings/python/tests/run.py", "test_hostile.py", "test_life.py", "test_db.py", "test_trie.py", "test_check.py"]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        closing = CLOSING.findall(done.stdout)
        counts = [int(n) for n in closing[-1]] if closing else [0, 1, 0]
        if done.returncode and not counts[1]:
            counts[1] = 1
        if counts[1]:
            print(done.stdout[-8000:])
        total = [one + two for one, two in zip(total, counts)]
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


sys.exit(main())
