# SPDX-License-Identifier: BSD-2-Clause
"""Archives of more than a batch, which one thread decodes and another judges: plain, compressed, from a pipe, one behind the
other, damaged, on one processor, with nobody who reads to the end; and with more attributes than the store holds. Expected: the
rows of the same routes as lines of `bgpdump -m`, which no store and no second thread come near."""

import gzip
import os
import signal
import struct
import subprocess

from command import MANRS, check, close, csv, manrs, path, skip, write

VRPS = write("vrps", csv(*("AS%d,10.%d.0.0/16,24,t" % (64500 + i % 7, i) for i in range(0, 256, 2))))
CHECK = ["check", "--vrps", VRPS, "--role", "peer", "--local-as", "64499", "--tests", "none,rov,path-loop,leak", "-f", "csv"]
PER_BATCH = 8192  # MRT_BATCH of mrt_ring.h: below it there is no second thread
FILLER = 60000


def record(subtype, body):
    return struct.pack(">IHHI", 1, 13, subtype, len(body)) + body


PEERS = record(1, struct.pack(">4sHHB4s4sI", b"", 0, 1, 2, b"", bytes([192, 0, 2, 1]), 64496))


def hops(i):
    """A path of its own for each i; some of them with a loop, or a private number."""
    return (64496, 1000 + i, 64500 + i % 7) if i % 5 else (64496, 1000 + i, 64496, 64500 + i % 11)


def prefix(i):
    return (10, i >> 8 & 255, i & 255)


def route(i, filler=0):
    """The record of a RIB. filler: so many bytes more of an attribute that nobody knows, other ones for each i."""
    p = hops(i)
    attributes = (bytes([0x40, 1, 1, 0, 0x40, 2, 2 + 4 * len(p), 2, len(p)]) + struct.pack(">%dI" % len(p), *p)
                  + bytes([0x40, 3, 4, 192, 0, 2, 1]))
    if filler:
        attributes += struct.pack(">BBHI", 0xd0, 200, filler, i) + bytes(filler - 4)
    return record(2, struct.pack(">IB3BHHIH", i, 24, *prefix(i), 1, 0, 1, len(attributes)) + attributes)


def line(i):
    return ("TABLE_DUMP2|1|B|192.0.2.1|64496|%d.%d.%d.0/24|%s|IGP|192.0.2.1|0|0||NAG||\n"
            % (prefix(i) + (" ".join(map(str, hops(i))),))).encode()


def cut(name, text):
    """What was told of a file, without its name."""
    return text.decode().replace(name, "FILE").replace("stdin", "FILE")


N = 3 * PER_BATCH + 100
routes = [route(i) for i in range(N)]
archive = PEERS + b"".join(routes)
plain = write("archive", archive)
text = write("text", b"".join(map(line, range(N))))
status, rows, told = manrs(*CHECK, "-i", text)
want = (status, rows, told.replace(text, "FILE"))
check("rows of all kinds", [rows.count(b"\n")] + [x in rows for x in (b"rov-not-found", b"rov-invalid-as", b"path-loop-again")],
      [N + 1, True, True, True])

packed = write("packed", gzip.compress(archive, 1))
for name, args, stdin in (("a file", ["-i", plain], b""), ("a pipe", [], archive), ("a file, compressed", ["-i", packed], b""),
                          ("a pipe, compressed", [], open(packed, "rb").read())):
    status, got, told = manrs(*CHECK, *args, stdin=stdin)
    check(name, (status, got == rows, cut(args[-1] if args else "stdin", told.encode())), (want[0], True, want[2]))

# One processor: what it may run on is not how many there are, so a second thread takes turns with the first.
if hasattr(os, "sched_setaffinity"):
    one = {min(os.sched_getaffinity(0))}
    done = subprocess.run([MANRS, *CHECK, "-i", plain], capture_output=True, preexec_fn=lambda: os.sched_setaffinity(0, one))
    check("one processor", (done.returncode, done.stdout == rows), (want[0], True))
else:
    skip("no processor can be chosen")

# Damage in the second batch and a cut end: the other rows, two places, exit 2.
at = sum(map(len, [PEERS] + routes[:12000]))
damaged = write("damaged", archive[:at] + record(2, b"\0" * 6) + archive[at:-5])
status, got, told = manrs(*CHECK, "-i", damaged)
good = manrs(*CHECK, "-i", write("shorter", b"".join(map(line, range(N - 1)))))
check("damaged", (status, got == good[1], [x.split(": ")[2] for x in told.splitlines() if "byte " in x]),
      (2, True, ["byte %d" % (at + 12 + 5 + 1), "byte %d" % (len(archive) + 18 - len(routes[-1]) + 1)]))

# Nobody reads on: it ends as any program in a pipe does, without a word.
child = subprocess.Popen([MANRS, *CHECK, "-i", plain], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
first = child.stdout.readline()
child.stdout.close()
told = child.stderr.read()
check("nobody reads on", (child.wait(60), first, told), (-signal.SIGPIPE, rows.split(b"\n")[0] + b"\n", b""))

# Two archives, each with threads of its own: the filters of both, as of the same routes in lines.
half = N // 2
ribs = [write("rib1", PEERS + b"".join(routes[:half])), write("rib2", gzip.compress(PEERS + b"".join(routes[half:]), 1))]
ports = write("ports", b"".join(b"a\tcustomer\t%s\t%s\n" % tuple(line(i).split(b"|")[5:7]) for i in range(N)))
want = manrs("urpf", "--rib", ports, "--vrps", VRPS, "list")
got = manrs("urpf", "--rib", ribs[0], "--rib", ribs[1], "--sessions", write("sessions", "64496 a customer\n"), "--vrps", VRPS, "list")
check("two archives", (got[0], got[1] == want[1], b"10." in got[1]), (0, True, True))

# More attributes than the store holds (256 MiB), some routes with few and some with many: numbers of paths begin again with 0 while
# the other thread has rows of before.
filled = range(N, N + 2 * 4700)
big = path("big")
with gzip.open(big, "wb", 1) as f:
    f.write(archive + b"".join(route(i, FILLER if i % 2 else 0) for i in filled))
    f.write(b"".join(routes))
lines = b"".join(map(line, [*range(N), *filled, *range(N)]))
write("text", lines)
status, got, told = manrs(*CHECK, "-i", big)
want = manrs(*CHECK, "-i", text)
check("more than the store holds", (status, got == want[1], told), (want[0], True, want[2]))
rov = ["rov", "--vrps", VRPS, "-f", "csv", "-i"]
check("more than the store holds: rov", manrs(*rov, big)[1] == manrs(*rov, text)[1])
check("more than the store holds: mrt", manrs("mrt", big)[1] == lines)
close()
