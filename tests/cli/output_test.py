# SPDX-License-Identifier: BSD-2-Clause
"""Where the command writes: -o beside and renamed (as sed -i and rsync do), a full device, help and version, the width."""

import fcntl
import gzip
import json
import os
import pty
import re
import resource
import shutil
import signal
import stat
import struct
import subprocess
import termios
import time

from command import MANRS, check, close, csv, folder, manrs, path, skip, write

VRPS = csv("AS64496,192.0.2.0/24,24,ta")
ROUTES = "192.0.2.0/24 64496\n203.0.113.0/24 64497\n"
ROWS = b"192.0.2.0/24 => AS64496: valid\n203.0.113.0/24 => AS64497: not-found\n"
VERBS = ["rov", "vrps", "diff", "aspa", "check", "explain", "urpf"]


def read(name):
    with open(path(name), "rb") as f:
        return f.read()


def left():
    """Files of a run that did not end."""
    return [name for name in os.listdir(folder.name) if name.startswith(".")]


write("vrps", VRPS)
LARGE = csv(*("AS64496,10.%d.%d.0/24,24,ta" % (i >> 8, i & 255) for i in range(20000)))

# The input is the output: by name, by a hard link, by a symbolic link, as VRPs.
write("routes", ROUTES)
check("-i F -o F", manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("routes")), (0, b"", ""))
check("-i F -o F: rows", read("routes"), ROWS)
write("routes", ROUTES)
os.link(path("routes"), path("hard"))
check("-o a hard link", manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("hard"))[0], 0)
check("-o a hard link: rows", (read("hard"), read("routes")), (ROWS, ROUTES.encode()))
os.makedirs(path("deep"))
shutil.copy(path("routes"), path("deep/real"))
os.symlink("deep/real", path("soft"))
check("-o a symbolic link", manrs("rov", "--vrps", path("vrps"), "-i", path("soft"), "-o", path("soft"))[0], 0)
check("-o a symbolic link: it stays one", (os.readlink(path("soft")), read("deep/real")), ("deep/real", ROWS))
os.symlink("deep/new", path("dangling"))
check("-o a link to nothing", manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("dangling"))[0], 0)
check("-o a link to nothing: its target is made", (os.readlink(path("dangling")), read("deep/new")), ("deep/new", ROWS))
os.symlink("ring", path("ring"))
# ELOOP, in the words of glibc and of musl.
status, out, err = manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("ring"))
check("-o a link to itself", (status, err.rsplit(": ", 1)[0], err.rsplit(": ", 1)[1].strip() in
      ("Too many levels of symbolic links", "Symbolic link loop")), (2, "manrs: " + path("ring"), True))
write("set", LARGE)
check("--vrps F -o F", manrs("vrps", "--vrps", path("set"), "-o", path("set")), (0, b"", ""))
check("--vrps F -o F: rows", read("set").count(b"\n"), 20001)

# The old file stays where the run fails: cut input, no room (a limit on file sizes), a signal.
write("old", "old\n")
for name, more in {"cut": ["-i", write("cut.gz", gzip.compress(ROUTES.encode() * 9)[:-4])],
                   "missing": ["-i", path("none")], "bad VRPs": ["-i", path("routes"), "--vrps", path("none")]}.items():
    status, out, err = manrs("rov", "--vrps", path("vrps"), *more, "-o", path("old"))
    check("old file: " + name, (status, out, err.count("\n"), read("old"), left()), (2, b"", 1, b"old\n", []))
    status = manrs("rov", "--vrps", path("vrps"), *more, "-o", path("fresh"))[0]
    check("no file: " + name, (status, os.path.exists(path("fresh"))), (2, False))
limit = subprocess.run([MANRS, "vrps", "--vrps", path("set"), "-o", path("old")], capture_output=True,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
check("old file: no room", (limit.returncode, limit.stderr.decode(), read("old"), left()),
      (2, "manrs: %s: File too large\n" % path("old"), b"old\n", []))
run = subprocess.Popen([MANRS, "rov", "--vrps", path("vrps"), "-o", path("old")], stdin=subprocess.PIPE)
run.stdin.write(b"192.0.2.0/24 64496\n")
run.stdin.flush()
until = time.time() + 20
while not left() and time.time() < until:
    time.sleep(0.01)
check("what is written lies beside", len(left()), 1)
run.send_signal(signal.SIGTERM)
check("old file: a signal", (run.wait(), read("old"), left()), (-signal.SIGTERM, b"old\n", []))
run.stdin.close()
# A line that cannot be read is told and the others are answered: that is a whole output.
status, out, err = manrs("rov", "--vrps", path("vrps"), "-i", write("some", ROUTES + "x\n"), "-o", path("old"))
check("a bad line", (status, read("old"), err.count("\n")), (2, ROWS, 1))

# Modes: those of the old file; a new one is made as the umask says.
os.chmod(path("old"), 0o604)
manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("old"))
check("the mode stays", (stat.S_IMODE(os.stat(path("old")).st_mode), read("old")), (0o604, ROWS))
subprocess.run("umask 027; '%s' vrps --vrps '%s' -o '%s'" % (MANRS, path("vrps"), path("masked")), shell=True)
check("the mode of a new file", stat.S_IMODE(os.stat(path("masked")).st_mode), 0o640)

# Devices, pipes and descriptors are written as they are.
check("/dev/stdout", manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", "/dev/stdout"), (0, ROWS, ""))
write("log", "before\n")
subprocess.run("'%s' rov --vrps '%s' -i '%s' -o /dev/stdout >>'%s'" % (MANRS, path("vrps"), path("routes"), path("log")),
               shell=True)
check("/dev/stdout that appends", read("log"), b"before\n" + ROWS)
check("/dev/null", (manrs("vrps", "--vrps", path("vrps"), "-o", "/dev/null"), stat.S_ISCHR(os.stat("/dev/null").st_mode)),
      ((0, b"", ""), True))
os.mkfifo(path("fifo"))
reader = subprocess.Popen(["cat", path("fifo")], stdout=subprocess.PIPE)
check("a pipe", manrs("rov", "--vrps", path("vrps"), "-i", path("routes"), "-o", path("fifo")), (0, b"", ""))
check("a pipe: rows", reader.communicate()[0], ROWS)
check("a folder", manrs("vrps", "--vrps", path("vrps"), "-o", path("deep"))[::2],
      (2, "manrs: %s: Is a directory\n" % path("deep")))
check("no such folder", manrs("vrps", "--vrps", path("vrps"), "-o", path("no/file"))[0], 2)

# A full device (full(4): every write fails with ENOSPC) is exit 2 with a message, whatever was asked for.
RIB = write("rib", "eth0\tcustomer\t20.0.0.0/24\t64496\tbest\n")
ANNOUNCE = write("announce", '{"prefix": "192.0.2.0/24", "as_path": "64500 64496", "neighbour": 64500}\n')
ASPAS = write("aspas", "64496\t64500\n")
asked = {
    "--help": [], "--version": [], "help": [], "rov": ["--vrps", path("vrps"), "192.0.2.0/24", "64496"],
    "vrps": ["--vrps", path("vrps")], "diff": ["--vrps", path("vrps"), "--vrps", path("set")],
    "aspa": ["--aspas", ASPAS, "--role", "peer", "64496"],
    "check": ["--vrps", path("vrps"), "--role", "peer", "-i", ANNOUNCE],
    "explain": ["--vrps", path("vrps"), "--role", "peer", "192.0.2.0/24", "64500", "64496"],
    "urpf": ["--rib", RIB, "list"],
}
check("every verb is asked", sorted(VERBS), sorted(v for v in asked if not v.startswith("-") and v != "help"))
with open("/dev/full", "wb") as full:
    def into_full(*args):
        done = subprocess.run([MANRS, *args], stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr.decode().splitlines()[-1:]

    want = (2, ["manrs: stdout: No space left on device"])
    for verb, args in asked.items():
        check("full: " + verb, into_full(verb, *args), want)
    for verb in VERBS:
        check("full: help " + verb, into_full("help", verb), want)
        check("full: --help of " + verb, into_full(verb, "--help"), want)
        check("full: -o of " + verb, manrs(verb, *asked[verb], "-o", "/dev/full")[::2],
              (2, "manrs: /dev/full: No space left on device\n"))
closed = subprocess.run("'%s' --version >&-" % MANRS, shell=True, capture_output=True)
check("stdout is closed", (closed.returncode, closed.stderr), (2, b"manrs: stdout: Bad file descriptor\n"))
closed = subprocess.run("'%s' rov --vrps '%s' -i '%s' >&-" % (MANRS, path("vrps"), path("routes")), shell=True,
                        capture_output=True)
check("stdout is closed: rov", (closed.returncode, closed.stderr, read("routes")),
      (2, b"manrs: stdout: Bad file descriptor\n", ROUTES.encode()))

# Help: the two ways say the same, within the 80 columns of a terminal.
check("the verbs of --help", [v for v in VERBS if "\n  %-10s " % v not in manrs("--help")[1].decode()], [])
for verb in VERBS:
    said = manrs("help", verb)
    check("help " + verb, said, manrs(verb, "--help"))
    check("help %s: exit" % verb, (said[0], said[2], said[1].startswith(b"usage: manrs " + verb.encode())), (0, "", True))
    check("width: " + verb, [line for line in said[1].decode().splitlines() if len(line) > 80 or "\t" in line], [])
    status, out, err = manrs(verb, "--no-such-option")
    check("a wrong option: " + verb, (status, out, err.splitlines()[0].startswith("manrs: "),
          "manrs %s --help" % verb in err), (2, b"", True, True))
check("width: --help", [line for line in manrs("--help")[1].decode().splitlines() if len(line) > 80], [])
check("help of nothing known", manrs("help", "rpki")[:2], (2, b""))
header = open("include/manrs/base.h").read()
parts = [re.search(r"#define MANRS_VERSION_%s (\d+)" % p, header).group(1) for p in ("MAJOR", "MINOR", "PATCH")]
number = int(parts[0]) * 10000 + int(parts[1]) * 100 + int(parts[2])
version = manrs("--version")[1].decode().splitlines()
check("version", version[0], "manrs %s (%d)" % (".".join(parts), number))
check("version: compression", re.match(r"compression:( gzip| bzip2| xz| zstd| none)+$", version[1]) is not None)
check("version: TLS", re.match(r"TLS: (none|OpenSSL [0-9.]+\w*|\w+SSL [0-9.]+)$", version[2]) is not None)
check("version: HTTP", re.match(r"HTTP: (none|libmicrohttpd [0-9.]+)$", version[3]) is not None)

# The formats of rows are the same everywhere, and JSON is one document.
rows = {verb: asked[verb] for verb in ("rov", "diff", "aspa", "check", "explain")}
for verb, args in rows.items():
    for form in ("plain", "csv", "json", "jsonl"):
        status, out, err = manrs(verb, *args, "--format", form)
        check("%s in %s" % (verb, form), (status, out != b""), (0, True))
        if form == "json":
            check("%s: one document" % verb, json.loads(out) is not None)
        if form == "jsonl":
            check("%s: an object a line" % verb, all(isinstance(json.loads(line), dict) for line in out.splitlines()))
for form in ("plain", "csv", "json", "jsonl"):
    for what in (["list"], ["check", "-i", write("sources", "eth0 20.0.0.1\neth0\t21.0.0.1\n")], ["explain", "eth0", "20.0.0.1"]):
        status, out, err = manrs("urpf", "--rib", RIB, "--mode", "strict", "-f", form, *what)
        check("urpf %s in %s" % (what[0], form), (status, out != b"", err), (0, True, ""))
        if form == "json":
            check("urpf %s: one document" % what[0], len(json.loads(out)["prefixes" if what[0] == "list" else "sources"]),
                  2 if what[0] == "check" else 1)
STRICT = ["urpf", "--rib", RIB, "--mode", "strict"]
check("urpf list in csv", manrs(*STRICT, "list", "-f", "csv")[1], b"interface,prefix\neth0,20.0.0.0/24\n")
check("urpf list in jsonl", json.loads(manrs(*STRICT, "list", "-f", "jsonl")[1]), {"interface": "eth0", "prefix": "20.0.0.0/24"})
check("urpf check in csv", [line.split(",")[:4] for line in manrs(*STRICT, "check", "-i", path("sources"), "-f", "csv")[1].decode()
      .splitlines()], [["interface", "source", "verdict", "mode"], ["eth0", "20.0.0.1", "allow", "strict"],
                       ["eth0", "21.0.0.1", "deny", "strict"]])
explained = json.loads(manrs(*STRICT, "explain", "eth0", "20.0.0.1", "-f", "json")[1])["sources"][0]
check("urpf explain in json", {k: explained[k] for k in ("interface", "source", "verdict", "mode", "prefix", "feasible_on")},
      {"interface": "eth0", "source": "20.0.0.1", "verdict": "allow", "mode": "strict", "prefix": "20.0.0.0/24",
       "feasible_on": ["eth0"]})
check("urpf: a format of exports", [manrs(*STRICT, what, "-f", "nft")[0] for what in ("list", "export")], [2, 0])
check("urpf: a format of rows", manrs(*STRICT, "export", "-f", "csv")[:2], (2, b""))
check("diff in json", json.loads(manrs("diff", "--vrps", path("vrps"), "--vrps", write("two", csv("AS1,10.0.0.0/8,9,t")),
      "--format", "json")[1]), {"changes": [
          {"change": "added", "prefix": "10.0.0.0/8", "maxlen": 9, "asn": 1},
          {"change": "removed", "prefix": "192.0.2.0/24", "maxlen": 24, "asn": 64496}]})
check("diff in json: nothing", json.loads(manrs("diff", "--vrps", path("vrps"), "--vrps", path("vrps"), "--format",
      "json")[1]), {"changes": []})
table = manrs("explain", "--vrps", path("vrps"), "--role", "peer", "--test", "rov", "192.0.2.0/24", "64500", "64496", "--format",
              "csv")[1].decode().splitlines()
check("explain in csv", (table[0], table[1].split(",")[:4]),
      ("prefix,path,test,state,code,text", ["192.0.2.0/24", "64500 64496", "rov", "pass"]))

# Routinator's own way to ask for one route: `routinator validate -a ASN -p PREFIX [-j]`.
ROUTE = ["rov", "--vrps", path("vrps")]
check("-a and -p", manrs(*ROUTE, "-a", "64496", "-p", "192.0.2.0/24"), (0, b"192.0.2.0/24 => AS64496: valid\n", ""))
check("--asn and --prefix", manrs(*ROUTE, "--prefix", "192.0.2.0/24", "--asn", "AS1"),
      (0, b"192.0.2.0/24 => AS1: invalid\n", ""))
check("-j", "validated_routes" in json.loads(manrs(*ROUTE, "-j", "-a", "64496", "-p", "192.0.2.0/24")[1]))
for args in (["-a", "64496"], ["-p", "192.0.2.0/24"], ["-a", "1", "-p", "192.0.2.0/24", "10.0.0.0/8", "1"],
             ["-a", "1", "-p", "192.0.2.0/24", "-i", path("routes")]):
    check("not a whole route: " + args[0], manrs(*ROUTE, *args)[:2], (2, b""))
check("-a elsewhere", manrs("vrps", "--vrps", path("vrps"), "--asn", "1")[:2], (2, b""))

# --asdot: RFC 5396 section 2: 65546 is 1.10, and what fits into 16 bits is as ever; for people, so in plain and csv.
DOT = write("dot.csv", csv("AS65546,192.0.2.0/24,24,ta", "AS65535,192.0.2.0/24,24,ta"))
dotted = ["--vrps", DOT, "--asdot"]
check("asdot: rov", manrs("rov", *dotted, "192.0.2.0/24", "65546")[1], b"192.0.2.0/24 => AS1.10: valid\n")
check("asdot: rov in csv", manrs("rov", *dotted, "192.0.2.0/24", "65546", "-f", "csv")[1].splitlines()[1], b"192.0.2.0/24,1.10,valid,")
check("asdot: vrps", manrs("vrps", *dotted)[1].splitlines()[1:], [b"AS65535,192.0.2.0/24,24,ta", b"AS1.10,192.0.2.0/24,24,ta"])
check("asdot: read back", manrs("rov", "--vrps", write("dotted.csv", manrs("vrps", *dotted)[1]), "192.0.2.0/24", "65546"),
      (0, b"192.0.2.0/24 => AS65546: valid\n", ""))
check("asdot: diff", manrs("diff", "--vrps", path("vrps"), *dotted)[1],
      b"- 192.0.2.0/24 max 24 AS64496\n+ 192.0.2.0/24 max 24 AS65535\n+ 192.0.2.0/24 max 24 AS1.10\n")
check("asdot: aspa", manrs("aspa", "--aspas", ASPAS, "--asdot", "--role", "customer", "4294967295 {65546,65536} 64496")[1],
      b"65535.65535 {1.10,1.0} 64496: invalid: AS_SET in the path\n")
check("asdot: aspa in csv", manrs("aspa", "--aspas", ASPAS, "--asdot", "--role", "customer", "-f", "csv",
      "4294967295 {65546,65536}")[1].splitlines()[1].split(b",invalid")[0], b'"65535.65535 {1.10,1.0}"')
write("far", '{"prefix": "192.0.2.0/24", "as_path": "65546 64496", "neighbour": 65546}\n')
for form, want in {"plain": b"192.0.2.0/24 1.10 64496: ", "csv": b"192.0.2.0/24,1.10,1.10 64496,"}.items():
    rows = manrs("check", *dotted, "--role", "peer", "-i", path("far"), "-f", form)[1].splitlines()
    check("asdot: check in " + form, any(row.startswith(want) for row in rows))
for verb, form in (("rov", "json"), ("rov", "jsonl"), ("vrps", "json"), ("vrps", "bird2"), ("diff", "json"), ("check", "summary")):
    check("asdot: not in %s of %s" % (form, verb), manrs(verb, *asked[verb], "--asdot", "-f", form)[:2], (2, b""))
check("asdot: not of explain", manrs("explain", *asked["explain"], "--asdot")[:2], (2, b""))


# The bar stays on one line of a terminal of 80 columns, of 40, of 20: what is drawn between two returns fits.
def drawn(width):
    terminal, stderr = pty.openpty()
    fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    name = write("a" * 90 + ".fifo-of-vrps", "")
    os.unlink(name)
    os.mkfifo(name)
    run = subprocess.Popen([MANRS, "rov", "--vrps", path("vrps"), "-i", name], stderr=stderr, stdout=subprocess.DEVNULL,
                           env={**os.environ, "TERM": "xterm"})
    os.close(stderr)
    with open(name, "wb") as feed:
        for _ in range(16):
            feed.write(b"192.0.2.0/24 64496\n" * 20000)
            feed.flush()
            time.sleep(0.1)
    run.wait()
    os.unlink(name)
    seen = b""
    try:
        while True:
            part = os.read(terminal, 65536)
            if not part:
                break
            seen += part
    except OSError:
        pass
    os.close(terminal)
    return [re.sub(rb"\x1b\[[0-9;]*[mK]", b"", line).decode() for line in seen.split(b"\r")]


for width in (80, 40, 20):
    lines = drawn(width)
    check("drawn at %d" % width, any("MB" in line for line in lines))
    check("width %d" % width, [line for line in lines if len(line) >= width or "\n" in line], [])
close()
