#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lib/doc/rooms.md is true: each file that it names has the function named beside it, the words in backticks of that row stand
in that file, the files of the table of RFCs speak of theirs, the table of floors is that of tests/abi/floors.sh, and the
commands print what the page shows."""

import os
import re
import subprocess
import sys
import tempfile

PAGE = "lib/doc/rooms.md"
BUILD = os.path.abspath(os.environ.get("B", "build"))
ROW = re.compile(r"^\| `((?:lib|bindings)/[\w/]+\.[ch])` \| `(\w+)` \| (.*) \|$", re.M)
RFC = re.compile(r"^\| ((?:RFC|draft)[^|]*) \| [^|]* \| ([^|]*) \|$", re.M)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def defined(path, name):
    """A function's head stands at the start of a line, and no semicolon ends it."""
    return re.search(r"^(?:[A-Za-z_][\w \t\*]*[ \t\*])?" + name + r"\([^;{]*\)\s*\{", read(path), re.M)


def rows(page):
    for path, name, rest in ROW.findall(page):
        if not os.path.exists(path):
            yield f"{path} is not there"
        elif not defined(path, name):
            yield f"{path} has no {name}"
        else:
            for word in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", rest):
                if not re.search(r"\b" + word + r"\b", read(path)):
                    yield f"{path} has no {word}"


def rfcs(page):
    for names, paths in RFC.findall(page):
        told = [path for path in re.findall(r"`([^`]+)`", paths) if os.path.exists(path)]
        for name in re.findall(r"\b\d{4}\b|draft-[\w-]*\w", names):
            if not any(re.search(r"\b" + name, read(path)) for path in told):
                yield f"{paths} does not speak of {name}"


def floors(page):
    """The folders of lib and the table agree, and what may be included is what layers_test.sh lets."""
    told = {f: set(re.findall(r"\b(base|net|table|text|wire|data|check|urpf|audit)\b", may))
            for f, may in re.findall(r"^\| `lib/(\w+)` \| [^|]* \| ([^|]*) \|", page, re.M)}
    here = {d for d in os.listdir("lib") if os.path.isdir("lib/" + d) and d != "doc"}
    yield from ("lib/" + f for f in here ^ set(told))
    allowed = dict(re.findall(r'^\t(\w+)\) echo "([^"]*)" ;;', read("tests/abi/floors.sh"), re.M))
    for floor in here & set(told):
        may = set(allowed[floor].split()) - {floor, "verdicts"}
        if told[floor] != may and not (floor == "audit" and not told[floor]):
            yield f"lib/{floor} may include {sorted(may)}, the page says {sorted(told[floor])}"


def shown(page, folder):
    """Files of the page, then its commands: what each prints begins as the page has it."""
    for before, kind, body in re.findall(r"((?:^(?!```)[^\n]*\n)*)^```(\w*)\n(.*?)^```$", page, re.M | re.S):
        if kind == "console":
            for command, want in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.M):
                done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                                      env=dict(os.environ, PATH=folder + ":" + os.environ["PATH"]))
                if not done.stdout.startswith(want):
                    yield f"{command}: {done.stdout or done.stderr}"
        else:
            with open(os.path.join(folder, re.findall(r"`(\w+\.(?:json|txt|tsv))`", before)[-1]), "w", encoding="utf-8") as out:
                out.write(body)


def main():
    passed = failed = 0

    def verdict(what, wrong):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print("failed:", what, wrong)

    page = read(PAGE)
    verdict("files and functions", list(rows(page)))
    verdict("there are dozens", [] if len(ROW.findall(page)) >= 40 else [len(ROW.findall(page))])
    verdict("RFCs", list(rfcs(page)))
    verdict("there is a table of them", [] if len(RFC.findall(page)) >= 10 else [len(RFC.findall(page))])
    verdict("floors", list(floors(page)))
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(BUILD, "manrs"), os.path.join(folder, "manrs"))
        verdict("commands", list(shown(page, folder)))
        verdict("a wrong output is seen", not list(shown(page.replace("rov-invalid-as,", "rov-invalid-length,"), folder)))

    # The test itself, on a page that is wrong.
    first = ROW.search(page)
    verdict("a function that is not there is seen", not list(rows(page.replace("`manrs_check`", "`manrs_chek`"))))
    verdict("a file that is not there is seen", not list(rows(page.replace(first.group(1), "lib/text/lode.c"))))
    verdict("a function that is only called is seen",
            not list(rows("| `lib/check/check.c` | `manrs_path_origin` | a | b |\n")))
    verdict("an RFC that is told elsewhere is seen", not list(rfcs("| RFC 6811 | x | `lib/urpf/urpf.c` |\n")))
    verdict("a wrong floor is seen", not list(floors(page.replace("| base, net |", "| base, net, table |"))))
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main())
