#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comments and documents name is there: paths (lib/..., tests/..., bindings/cli/cmd_*.c), file names (look.h), public
headers (manrs/rov.h), and calls and types (manrs_rov_check) of the library. And no word that a reader of C does not expect."""

import glob
import os
import re
import subprocess
import sys

# Of other projects and of the build; a program that the README has the reader write.
FOREIGN = set("""Python.h bzlib.h jansson.h lzma.h string.h tommath.h zlib.h zstd.h file.c
    verbs.h suites.h demo.c""".split())
# Names with manrs_ that are no calls: of the Python package's parts, of what the tests plant and the command prints.
OTHER = re.compile(r"manrs_(_|build$|bare$|dbase$|nothing$|name$|reason$|py_|numbers$|urpf_v1$|urpf_$)")

ODD = re.compile(r"\b(anew|foretold|afresh|nought|whilst|hitherto|thereof|therein|wherein|whence|betwixt)\b", re.I)
TOP = r"(?:lib|tests|include|bindings|examples)"
FLOOR = r"(?:base|net|table|text|wire|data|check|urpf|rib|audit|oracle|bench)"
PATH = re.compile(r"(?<![\w/.$}%*-])(" + TOP + r"/[\w./*<>-]*[\w*>])")
SHORT = re.compile(r"(?<![\w/.$}%*-])((?:manrs|" + FLOOR + r")/\w+\.[ch])\b")
NAME = re.compile(r"(?<![\w/.$}%*<>-])(\w+\.(?:[ch]|py|sh|awk))\b(?![\w(])")
CALL = re.compile(r"(?<![\w-])(manrs_[a-z0-9_]+)\b")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if out.returncode == 0:
        return [f for f in out.stdout.split("\n") if f and os.path.exists(f)]
    return [os.path.join(d, f)[2:] for d, _, fs in os.walk(".") if not d.startswith(("./build", "./.git")) for f in fs]


def words(file, text):
    """The text of a document, else the comments alone, each line with its number."""
    if re.search(r"\.(md|in|[13])$", file):
        return list(enumerate(text.split("\n"), 1))
    if file.endswith((".c", ".h")):
        found = re.finditer(r"/\*.*?\*/|//[^\n]*", text, re.S)
    elif file.endswith((".py", ".pyi")):
        found = re.finditer(r'"""(?:.|\n)*?"""|(?<!["\'\w])#[^\n]*', text)
    else:
        found = re.finditer(r"(?:^|(?<=[ \t]))#[^\n]*", text, re.M)
    return [(text.count("\n", 0, m.start()) + 1 + i, line) for m in found for i, line in enumerate(m.group().split("\n"))]


def there(path):
    """Stars, <words> and words in capitals stand for anything."""
    return bool(glob.glob(re.sub(r"<\w+>|\b[A-Z]{2,}\b(?!\.md)", "*", path)))


def lost(file, text, names, public):
    for number, line in words(file, text):
        for path in PATH.findall(line):
            if not there(path.rstrip(".")):
                yield f"{file}:{number}: {path}"
        for path in SHORT.findall(line):
            if not any(there(os.path.join(top, path)) for top in ("lib", "tests", "include")):
                yield f"{file}:{number}: {path}"
        for name in NAME.findall(line):
            if name not in names and name not in FOREIGN:
                yield f"{file}:{number}: {name}"
        for word in ODD.findall(line):
            yield f"{file}:{number}: the word {word}"
        for call in CALL.findall(line):
            if call not in public and not any(p.startswith(call) for p in public if call.endswith("_")) and not OTHER.match(call):
                yield f"{file}:{number}: {call}"


def main():
    files = [f for f in tracked() if not f.startswith(("tests/fuzz/seeds/", "tests/data/", "tests/abi/libmanrs.abi"))]
    names = {os.path.basename(f) for f in files}
    public = {re.sub(r"\.h$", "", "manrs_" + os.path.basename(f)) for f in glob.glob("include/manrs/*.h")}
    for f in glob.glob("include/manrs/*.h"):
        code = re.sub(r"/\*.*?\*/", " ", open(f, encoding="utf-8").read(), flags=re.S)
        public |= set(CALL.findall(code))
    passed = failed = 0
    complaints = []
    for f in files:
        if not re.search(r"\.(c|h|py|pyi|sh|awk|md|in|[13]|map)$|(^|/)Makefile$|^\.ci/run$", f):
            continue
        # CHANGES.md tells of names that are gone.
        if f == "CHANGES.md":
            continue
        wrong = list(lost(f, open(f, encoding="utf-8").read(), names, public))
        complaints += wrong
        passed, failed = passed + (not wrong), failed + bool(wrong)
    for line in complaints:
        print("wrong:", line)

    # The test itself: what is wrong in a comment is seen, what is right and what is code is not.
    planted = "/* lib/wire/load.c, wire/code.h, urpf_line.c, manrs_rov_chek, manrs/rov.hh, Anew */ x = self.c;\n"
    want = ["x.c:1: lib/wire/load.c", "x.c:1: wire/code.h", "x.c:1: urpf_line.c", "x.c:1: the word Anew", "x.c:1: manrs_rov_chek"]
    sound = "/* lib/check/rov.c, manrs/rov.h, tests/<floor>/<file>_test.c, look.h, manrs_rov_check, manrs_rov_* */\n"
    for what, ok in (("wrong names are seen", list(lost("x.c", planted, names, public)) == want),
                     ("right ones pass", not list(lost("x.c", sound, names, public)))):
        if not ok:
            print("failed:", what, list(lost("x.c", planted + sound, names, public)))
        passed, failed = passed + ok, failed + (not ok)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main())
