#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The README's lines for the shell run as they stand and print what stands behind them; every figure of time or memory in a
public header names its bench, every row of figures in tests/bench/README.md the command that makes it, and no figure is
anywhere else; examples/README.md lists every example with what it includes. (The README's program: tests/scenario/examples_test.sh.)"""

import bz2
import contextlib
import glob
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(os.environ.get("B", "build"))
ROAS = [("1.1.1.0/24", "AS13335", 24), ("192.0.2.0/24", "AS64496", 24)]
RIB = "TABLE_DUMP2|1400803200|B|198.51.100.1|64497|1.1.1.0/24|64497 13335|IGP|198.51.100.1|0|0||NAG||\n"
SLURM = """{"slurmVersion": 1, "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
"locallyAddedAssertions": {"prefixAssertions": [{"asn": 64511, "prefix": "198.51.100.0/24"}], "bgpsecAssertions": []}}"""
FIGURE = re.compile(r"\b[0-9][0-9.,]*\s?(?:ms|us|s|MB|KB|GB|microseconds?|milliseconds?|seconds?)\b"
                    r"|\ba second a\b|\bunder (?:a|half a) \w*second")


def shell_lines(text):
    """The indented lines under "In the shell": the command and the comment behind it."""
    part = text.split("## In the shell", 1)[1].split("\n## ", 1)[0]
    for line in re.findall(r"^    (.+)$", part, re.M):
        command, _, comment = line.partition("  #")
        yield command.strip(), comment.strip(" #")


@contextlib.contextmanager
def cache(readme, folder):
    """The README's cache by its own line, on a port that is free. Gives its line for the asking, and what puts that port into one."""
    part = readme.split("## A cache for routers", 1)[1].split("\n## ", 1)[0]
    serve, ask = (line.partition("  #")[0].strip() for line in re.findall(r"^    (.+)$", part, re.M))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with subprocess.Popen(["sh", "-c", "exec " + serve.replace("3323", port)], cwd=folder, stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, PATH=folder + ":" + os.environ["PATH"])) as process:
        for line in process.stderr:
            if "info: serving" in line:
                break
        try:
            yield ask, lambda text: text.replace("3323", port)
        finally:
            process.terminate()


def table_dump():
    """One entry of a TABLE_DUMP archive (RFC 6396 section 4.2): 1.1.1.0/24 from AS64496 at 192.0.2.1, path 64496 13335."""
    attributes = bytes([0x40, 1, 1, 0, 0x40, 2, 6, 2, 2, 251, 240, 52, 23, 0x40, 3, 4, 192, 0, 2, 1])
    body = struct.pack("!HH4sBBI4sHH", 0, 0, bytes([1, 1, 1, 0]), 24, 1, 1000, bytes([192, 0, 2, 1]), 64496, len(attributes)) + attributes
    return struct.pack("!IHHI", 1000, 12, 1, len(body)) + body


def write_files(folder):
    roas = ", ".join('{"asn": "%s", "prefix": "%s", "maxLength": %d}' % (a, p, m) for p, a, m in ROAS)
    aspas = '{"customer": "AS37282", "providers": ["AS174"]}'
    rib = [RIB]
    for name, content in (("vrps.json", '{"roas": [%s], "aspas": [%s]}\n' % (roas, aspas)), ("local.json", SLURM),
                          ("yesterday.json", '{"roas": [%s]}\n' % roas.rpartition("}, ")[2]), ("today.json", '{"roas": [%s]}\n' % roas),
                          ("rib.txt", "".join(rib)), ("bgpdump", "#!/bin/sh\ncat rib.txt\n")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(content)
    with open(os.path.join(folder, "rib.bz2"), "wb") as out:
        out.write(bz2.compress(table_dump()))
    os.chmod(os.path.join(folder, "bgpdump"), 0o755)
    os.symlink(os.path.join(BUILD, "manrs"), os.path.join(folder, "manrs"))


def run(command, folder):
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                          env=dict(os.environ, PATH=folder + ":" + os.environ["PATH"]))


def bare_figures(name, text):
    """Comments with a figure and no bench."""
    for comment in re.findall(r"/\*.*?\*/", text, re.S):
        if FIGURE.search(re.sub(r"\n \*", " ", comment)) and "bench" not in comment:
            yield f"{name}: {FIGURE.search(re.sub(chr(10) + ' .', ' ', comment)).group()}: no bench named"


def bare_rows(text):
    """Rows of figures without a command, or with that of a bench that is not there."""
    for row in re.findall(r"^\| .*\|$", text.split("## Figures", 1)[1], re.M)[1:]:
        bench = re.search(r"`make bench BENCH=(\w+)` \|$", row)
        if not bench or not glob.glob(f"tests/bench/{bench.group(1)}_bench.*"):
            yield "tests/bench/README.md: " + row


def examples(text):
    """Rows of examples/README.md that do not agree with the programs, and programs without a row."""
    rows = dict(re.findall(r"^\| \[(\w+\.c)\]\(\w+\.c\) \|.*\| ([^|]*) \|$", text, re.M))
    for path in sorted(glob.glob("examples/*.c")):
        with open(path, encoding="utf-8") as file:
            includes = re.findall(r"^#include <(manrs/\w+\.h)>", file.read(), re.M)
        if re.findall(r"`(.*?)`", rows.pop(os.path.basename(path), "")) != includes:
            yield f"{path} includes {includes}"
    yield from rows


def main():
    passed = failed = 0

    def verdict(what, wrong):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print("failed:", what, wrong)

    with open("README.md", encoding="utf-8") as file:
        readme = file.read()
    lines = list(shell_lines(readme))
    verdict("the README has lines for the shell", [] if len(lines) >= 6 else lines)
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder)
        with cache(readme, folder) as (ask, at):
            for command, comment in lines:
                done = run(at(command), folder)
                said = done.stdout or "here nothing" in comment
                wrong = [] if done.returncode == 0 and said else [done.returncode, done.stdout, done.stderr]
                if "=>" in comment and comment not in done.stdout:
                    wrong = [done.stdout, "is not", comment]
                verdict(command, wrong)
            done = run(at(ask), folder)
            verdict(ask, [prefix for prefix, _, _ in ROAS if prefix not in done.stdout] or done.stderr)
        verdict("a line that is wrong fails", run("manrs rov --vrp-file vrps.json 1.1.1.0/24 AS13335", folder).returncode == 0)

    for header in sorted(glob.glob("include/manrs/*.h")):
        with open(header, encoding="utf-8") as file:
            verdict(header, list(bare_figures(header, file.read())))
    verdict("a figure without its bench is seen", not list(bare_figures("x", "/*\n * cost: 3 ms a route\n */")))
    verdict("one with it passes", list(bare_figures("x", "/*\n * cost: 3 ms a route (bench: rov)\n */")))
    verdict("the README's figures are in tests/bench", FIGURE.findall(readme.split("## Requirements", 1)[0]))
    with open("tests/bench/README.md", encoding="utf-8") as file:
        bench = file.read()
    verdict("rows name their commands", list(bare_rows(bench)))
    verdict("a row without one is seen", not list(bare_rows(bench + "| x | 3 ms | `make bench BENCH=nothing` |\n")))
    with open("examples/README.md", encoding="utf-8") as file:
        told = file.read()
    verdict("the list of examples", list(examples(told)))
    verdict("an example that is not listed is seen", not list(examples(told.replace("[arena.c]", "[arenas.c]"))))
    named = {re.sub(r".*/|_bench\..*", "", f) for f in glob.glob("tests/bench/*_bench.*")}
    verdict("the list of benches", sorted(named ^ set(re.findall(r"^\| (\w+) \|", bench.split("## The table", 1)[0], re.M)) - {"bench"}))
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main())
