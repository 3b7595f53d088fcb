# SPDX-License-Identifier: BSD-2-Clause
"""The package's unittests under every Python here (3.9 and later), with and without the extension, and the tests of
what is around it: stub, wheel, hostile input under a watched library. Each run is a process of its own."""

import glob
import os
import re
import subprocess
import sys

BUILD = os.path.abspath(os.environ.get("B", "build"))
PACKAGE = "bindings/python"
DEBIAN = "/usr/bin/python3"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
total = [0, 0, 0]


def interpreters():
    """The one that runs this and Debian's with everything; the others, where present, with the base tests."""
    found = [sys.executable]
    if os.path.exists(DEBIAN) and os.path.realpath(DEBIAN) != os.path.realpath(sys.executable):
        found.append(DEBIAN)
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))), "3.*", "bin")
    for minor in range(9, 14):
        for name in ["/usr/bin/python3.%d" % minor] + glob.glob(os.path.join(beside, "python3.%d" % minor)):
            if os.path.exists(name) and os.path.realpath(name) not in [os.path.realpath(p) for p in found]:
                found.append(name)
    return found


def run(title, command, **environment):
    env = dict(os.environ, LIBMANRS=os.path.join(BUILD, "libmanrs.so"), PYTHONDONTWRITEBYTECODE="1", **environment)
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    closing = CLOSING.findall(done.stdout)
    counts = [int(n) for n in closing[-1]] if closing else [0, 1, 0]
    if done.returncode and not counts[1]:
        counts[1] = 1
    if not closing:
        print(done.stdout)
    print("%s: %d passed, %d failed, %d skipped" % (title, *counts))
    if counts[1]:
        print(done.stdout)
    else:
        print("".join(line + "\n" for line in done.stdout.splitlines() if line.startswith("skipped:")), end="")
    for i in range(3):
        total[i] += counts[i]


def main():
    subprocess.run(["sh", PACKAGE + "/build.sh"], env=dict(os.environ, B=BUILD), stdout=subprocess.DEVNULL)
    extension = os.path.join(BUILD, "python")
    for number, python in enumerate(interpreters()):
        command = [python, PACKAGE + "/tests/run.py"] + ([] if number < 2 else ["basic"])
        if number > 0:
            os.environ["MANRS_HOSTILE"] = "100"
        run(python + " pure", command, PYTHONPATH=PACKAGE, MANRS_PURE="1", MANRS_STEP="100", MANRS_MYPY="" if number else "1")
        if os.path.exists(os.path.join(extension, "_manrs.abi3.so")):
            path = PACKAGE + os.pathsep + extension
            run(python + " extension", command, PYTHONPATH=path, MANRS_EXPECT="extension", MANRS_STEP="20" if number else "1")
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


sys.exit(main())
