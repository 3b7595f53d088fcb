# SPDX-License-Identifier: BSD-2-Clause
"""pip install bindings/python, offline, in a fresh virtual environment of each interpreter; what is in the wheel; the
package's basic tests with the installed package alone. Also the source package, and the wheel without a library."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = os.path.abspath(".")
BUILD = os.path.abspath(os.environ.get("B", "build"))
CLEAN = {name: value for name, value in os.environ.items() if name not in ("LIBMANRS", "PYTHONPATH", "MANRS_PURE", "PIP_INDEX_URL")}
CLEAN.update(MANRS_BUILD=BUILD, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONDONTWRITEBYTECODE="1")
counts = [0, 0, 0]


def run(*command, **options):
    env = dict(CLEAN, **options.pop("env", {}))
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def case(name, done, holds=True):
    good = done.returncode == 0 and holds
    counts[0 if good else 1] += 1
    if not good:
        print("%s failed:\n%s" % (name, done.stdout))


def interpreter(python, folder):
    environment = os.path.join(folder, "venv")
    if run(python, "-m", "venv", environment).returncode:
        print("skipped: %s has no venv" % python)
        counts[2] += 1
        return
    inside = os.path.join(environment, "bin", "python")
    case("pip install", run(inside, "-m", "pip", "install", "-q", os.path.join(ROOT, "bindings", "python"), cwd=folder))
    where = "import manrs, os; print(os.path.dirname(manrs.__file__)); print(manrs._lib.path)"
    found = run(inside, "-c", where, cwd=folder)
    case("the library in the wheel is used", found, found.stdout.count(environment) == 2)
    extension = os.path.exists(os.path.join(BUILD, "python", "_manrs.abi3.so"))
    expect = {"MANRS_EXPECT": "extension"} if extension else {}
    tests = os.path.join(ROOT, "bindings", "python", "tests", "run.py")
    case("the basic tests", run(inside, tests, "basic", cwd=folder, env=expect))
    case("pip uninstall", run(inside, "-m", "pip", "uninstall", "-q", "-y", "manrs", cwd=folder))
    left = glob.glob(os.path.join(environment, "lib", "*", "site-packages", "*manrs*"))
    case("nothing is left", run("true"), not left)


def wheels(python, folder):
    command = "import sys; sys.path.insert(0, '.'); import manrs_build; print(manrs_build.%s(%r))"
    package = os.path.join(ROOT, "bindings", "python")
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    os.mkdir(one), os.mkdir(two)
    case("build_wheel", run(python, "-c", command % ("build_wheel", one), cwd=package))
    names = zipfile.ZipFile(glob.glob(one + "/*.whl")[0]).namelist()
    wanted = {"manrs/__init__.py", "manrs/__init__.pyi", "manrs/py.typed", "manrs/compat/radix/__init__.py", "manrs/compat/pyasn/pyasn_radix.py", "manrs/libmanrs.so.0"}
    case("what is in the wheel", run("true"), wanted <= set(names) and names[-1].endswith("RECORD"))
    case("build_wheel again", run(python, "-c", command % ("build_wheel", two), cwd=package))
    same = [open(glob.glob(place + "/*.whl")[0], "rb").read() for place in (one, two)]
    case("the same bytes twice", run("true"), same[0] == same[1])
    case("build_sdist", run(python, "-c", command % ("build_sdist", one), cwd=package))
    shutil.unpack_archive(glob.glob(one + "/*.tar.gz")[0], folder)
    alone = glob.glob(folder + "/manrs-*")[0]
    refused = run(python, "-c", command % ("build_wheel", two), cwd=alone, env={"MANRS_BUILD": "/nonexistent"})
    case("a source package without a library says so", run("true"), refused.returncode and "MANRS_LIB" in refused.stdout)
    done = run(python, "-c", command % ("build_wheel", folder), cwd=alone, env={"MANRS_LIB": "system", "MANRS_BUILD": "/nonexistent"})
    case("MANRS_LIB=system", done, glob.glob(folder + "/manrs-*-none-any.whl"))


def main():
    subprocess.run(["sh", "bindings/python/build.sh"], env=dict(os.environ, B=BUILD), stdout=subprocess.DEVNULL)
    pythons = [sys.executable]
    if os.path.exists("/usr/bin/python3") and os.path.realpath("/usr/bin/python3") != os.path.realpath(sys.executable):
        pythons.append("/usr/bin/python3")
    for python in pythons:
        with tempfile.TemporaryDirectory() as folder:
            interpreter(python, folder)
        with tempfile.TemporaryDirectory() as folder:
            wheels(python, folder)
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return 1 if counts[1] else 0


sys.exit(main())
