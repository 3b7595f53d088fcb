# SPDX-License-Identifier: BSD-2-Clause
"""One line, one meaning: rov, check, explain, diff and Python judge the same announcements, and each must say what stands
here, worked by hand: the origin of RFC 6811 section 2, and no verdict on what RFC 7606 section 7.2 calls malformed."""

import ctypes
import json
import os
import subprocess
import sys

from command import B, check, close, csv, manrs, path, skip, write

OURS = "64500"
VRPS = write("vrps", csv("AS64500,192.0.2.0/24,24,t"))
OTHER = write("other", csv("AS64500,198.51.100.0/24,24,t"))
MALFORMED = None

# The path, and the state of ROV without and with our AS. No origin (0) is invalid where a VRP covers.
PATHS = [
    ("64511 64500", "valid", "valid"),
    ("64500 64511", "invalid", "invalid"),
    ("", "invalid", "valid"),  # the empty path has the speaker's AS
    ("(64512 64513)", "invalid", "valid"),  # so has one of our own confederation
    ("64511 (64500)", "invalid", "valid"),
    ("64511 {64500}", "invalid", "invalid"),  # a set has no origin, whoever is in it
    ("{64500}", "invalid", "invalid"),
    ("{64499} 64500", "valid", "valid"),
    ("64511 [64511]", "invalid", "valid"),
    ("64511 0", "invalid", "invalid"),
    ("{}", MALFORMED, MALFORMED),
    ("64511 {}", MALFORMED, MALFORMED),
    ("{} 64500", MALFORMED, MALFORMED),
    ("64511 ()", MALFORMED, MALFORMED),
    ("64511 x", MALFORMED, MALFORMED),
    ("64511 4294967296", MALFORMED, MALFORMED),
]
DUMP = "BGP4MP|1|A|198.51.100.1|64511|192.0.2.0/24|%s|IGP|198.51.100.1|0|0||NAG||"
BRIEF = "TABLE_DUMP2_AP|10/15/07 15:05:00|B|198.51.100.1|64511|192.0.2.0/24|7|%s|IGP"
FORMS = [("bgpdump -m", lambda path: DUMP % path), ("bgpdump -M", lambda path: BRIEF % path),
         ("object", lambda path: json.dumps({"prefix": "192.0.2.0/24", "as_path": path}))]
CASES = [(form + " `" + path + "`", line(path), *states) for form, line in FORMS for path, *states in PATHS]
OBJECT = '{"prefix": "192.0.2.0/24"%s}'
CASES += [("object: " + more, OBJECT % more, *states) for more, *states in (
    ("", "invalid", "valid"),
    (', "as_path": null', "invalid", "valid"),
    (', "as_path": []', "invalid", "valid"),
    (', "as_path": [64511, 64500]', "valid", "valid"),
    (', "as_path": [64511, [64500]]', "invalid", "invalid"),
    (', "as_path": [[]]', MALFORMED, MALFORMED),
    (', "as_path": [64511, []]', MALFORMED, MALFORMED),
    (', "as_pth": []', MALFORMED, MALFORMED))]
CASES += [("blanks before it", "  \t" + FORMS[2][1]("64500"), "valid", "valid"),
          ("CR behind it", FORMS[2][1]("64500") + "\r", "valid", "valid"),
          ("a byte order mark", "\ufeff" + FORMS[2][1]("64500"), "valid", "valid"),
          ("a byte order mark, bgpdump", "\ufeff" + DUMP % "64500", "valid", "valid"),
          ("blanks before bgpdump", "  " + DUMP % "64500", MALFORMED, MALFORMED)]
STATES = {"pass": "valid", "fail": "invalid"}


def of_rov(line, ours):
    status, out, _ = manrs("rov", "--vrps", VRPS, "-f", "jsonl", *ours, stdin=line)
    return json.loads(out)["validity"]["state"] if out else status


def of_diff(line, ours):
    status, out, _ = manrs("diff", "--vrps", OTHER, "--vrps", VRPS, "-f", "jsonl", "-i", "-", *ours, stdin=line)
    return json.loads(out)["after"] if out else status


def of_check(line, ours):
    status, out, _ = manrs("check", "--vrps", VRPS, "--role", "peer", "--tests", "rov", "-f", "jsonl", *ours, stdin=line)
    row = json.loads(out.splitlines()[0])
    if row["fail"] == ["malformed"]:
        return status
    return "valid" if row["pass"] == ["rov"] else "invalid" if row["fail"] else row["unknown"]


def of_explain(line, ours):
    status, out, _ = manrs("explain", "--vrps", VRPS, "--role", "peer", "--tests", "rov", "--all", "-f", "jsonl", *ours, stdin=line)
    [found] = json.loads(out)["findings"]
    return status if found["code"] == "malformed" else STATES[found["state"]]


for which, options in ((2, []), (3, ["--local-as", OURS])):
    for case in CASES:
        for verb in (of_rov, of_diff, of_check, of_explain):
            check("%s %s: %s" % (verb.__name__, options, case[0]), verb(case[1], options), case[which] or 2)

# Python, which has the C calls of the library beneath it.
SCRIPT = """
import json, sys, manrs
db = manrs.Db.from_files(sys.argv[1])
for lines in sys.stdin:
    line, ours = json.loads(lines)
    policy = manrs.Policy("peer", tests=["rov"], **({"local_as": ours} if ours else {}))
    try:
        verdict = db.check(line, policy)
        print("valid" if verdict.passed == {"rov"} else "invalid" if verdict.failed == {"rov"} else verdict)
    except ValueError:
        print(2)
"""
library = os.path.abspath(os.path.join(B, "libmanrs.so"))


def foreign():
    """Whether the library is of another machine or C library than this Python."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return "ELF" in str(error)
    return False


if b"libasan" in subprocess.run(["ldd", library], capture_output=True).stdout:
    skip("Python cannot load a library under a sanitizer by itself")
elif foreign():
    skip("this Python cannot load a library of another machine")
else:
    asked = [(case, which, ours) for which, ours in ((2, 0), (3, int(OURS))) for case in CASES]
    done = subprocess.run([sys.executable, "-c", SCRIPT, VRPS], input="".join(json.dumps([case[1], ours]) + "\n" for case, _, ours in asked),
                          env=dict(os.environ, LIBMANRS=library, MANRS_PURE="1", PYTHONPATH="bindings/python"),
                          capture_output=True, text=True)
    check("Python runs", (done.returncode, done.stderr), (0, ""))
    said = done.stdout.splitlines()
    check("Python answers all", len(said), len(asked))
    for (case, which, ours), state in zip(asked, said):
        check("Python %s: %s" % (ours, case[0]), state, case[which] or "2")

# What else a route may look like: a bar in a comment makes no announcement.
check("a bar in a comment", manrs("rov", "--vrps", VRPS, stdin="192.0.2.0/24 64500 # a|b\n# c|d\n"),
      (0, b"192.0.2.0/24 => AS64500: valid\n", ""))

# What is wrong with the lines of an input is told in the same words by everyone who reads lines, and stdin has one name.
# A line may have a megabyte; what a bad one is to its reader is that reader's own.
RIB = write("rib", "eth0\tcustomer\t192.0.2.0/24\t64500\n")
ONE = write("one", OBJECT % "" + "\n")
SESSION = ["--vrps", VRPS, "--role", "peer"]
READERS = {
    "rov": ["rov", "--vrps", VRPS], "diff": ["diff", "--vrps", VRPS, "--vrps", OTHER, "-i", "-"],
    "aspa": ["aspa", "--aspas", write("aspas", "64500\t64501\n"), "--role", "peer"], "check": ["check", *SESSION, "-f", "jsonl"],
    "explain": ["explain", *SESSION], "urpf check": ["urpf", "--rib", RIB, "check"]}
LISTS = {"--irr": ["check", *SESSION, "-i", ONE, "--irr", "-"], "--bogons": ["check", *SESSION, "-i", ONE, "--bogons", "-"],
         "--relationships": ["explain", *SESSION, "-i", ONE, "--relationships", "-"], "--rib": ["urpf", "--rib", "-", "list"],
         "--prefixes": ["urpf", "--rib", RIB, "--prefixes", "-", "list"]}
for what, args in {**READERS, **LISTS}.items():
    status, _, err = manrs(*args, stdin=b"1" * (1 << 20) + b"1\n")
    check("a line too long: " + what, (status, err.splitlines()[:1]), (2, ["manrs: stdin:1: byte 1: the line is too long"]))
    status, _, err = manrs(*args, stdin="?\n")
    check("a bad line of stdin: " + what, (status, err[:20]), (2, "manrs: stdin:1: byte"))
    check("a folder: " + what, manrs(*[path(".") if arg == "-" else arg for arg in args], *([] if "-" in args else ["-i", path(".")]))[::2],
          (2, "manrs: %s: Is a directory\n" % path(".")))
for what, args in LISTS.items():  # an empty one is a failed download, and must not open a gate
    check("a list of nothing: " + what, manrs(*args, stdin="# nothing\n"), (2, b"", "manrs: stdin: nothing in it\n"))
check("no policy on stdin", manrs("check", "--vrps", VRPS, "-i", ONE, "--policy", "-", stdin="?\n"),
      (2, b"", "manrs: stdin:1: not a key of a policy: ?\n"))
check("relationships that contradict each other, in two files", manrs(*LISTS["--relationships"], "--relationships",
      write("rel", "\n1|2|0\n"), stdin="1|2|-1\n"), (2, b"", "manrs: %s:2: relationship of AS1 and AS2: " % path("rel") +
      "contradicts an earlier relationship\n"))
for what, args in READERS.items():  # the input is opened first: where there is none, nothing is written, also no output opened
    for output in (path("new"), "/nowhere/new", "-"):
        check("no input: %s to %s" % (what, output), (manrs(*args, "-f", "json", "-i", path("none"), "-o", output),
              os.path.exists(path("new"))), ((2, b"", "manrs: %s: No such file or directory\n" % path("none")), False))

for verb, more in (("rov", ["--vrps", VRPS]), ("diff", ["--vrps", VRPS, "--vrps", OTHER, "-i", "-"])):
    check("--local-as takes an ASN: " + verb, manrs(verb, *more, "--local-as", "x")[:2], (2, b""))
check("vrps has no --local-as", manrs("vrps", "--vrps", VRPS, "--local-as", "1")[:2], (2, b""))
close()
