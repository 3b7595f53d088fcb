# SPDX-License-Identifier: BSD-2-Clause
"""Lines on a stdin that stays open: each is answered before the next is written, by every verb that answers lines."""

import os
import select
import subprocess
import time

from command import MANRS, check, close, csv, write

WAIT = 20  # seconds, for a machine that is busy; the answer is there at once
VRPS = write("vrps", csv("AS64496,192.0.2.0/24,24,t"))
OTHER = write("other", csv("AS64497,198.51.100.0/24,24,t"))
ASPAS = write("aspas", "64496\t64497\n")
RIB = write("rib", "eth0\tcustomer\t11.6.0.0/16\t64496\n")


class Live:
    """A command whose stdin is a pipe of ours."""

    def __init__(self, *args):
        self.run = subprocess.Popen([MANRS, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.got = b""

    def ask(self, text):
        self.run.stdin.write(text)
        self.run.stdin.flush()

    def lines(self, n):
        """The next n lines of its answers; fewer when they do not come."""
        until = time.monotonic() + WAIT
        while self.got.count(b"\n") < n and select.select([self.run.stdout], [], [], until - time.monotonic())[0]:
            some = os.read(self.run.stdout.fileno(), 65536)
            if not some:
                break
            self.got += some
        *lines, self.got = self.got.split(b"\n", n)
        return [line.decode() for line in lines]

    def end(self):
        out, err = self.run.communicate(timeout=WAIT)
        return self.run.returncode, self.got + out, err


# The rows are those of the verbs' own tests; here it counts that they are there while the pipe is open.
DUMP = b"TABLE_DUMP2|1|B|198.51.100.1|64497|%s|%s|IGP|198.51.100.1|0|0||NAG||\n"
ROUTES = [DUMP % (b"192.0.2.0/24", b"64497 64496"), DUMP % (b"192.0.2.0/24", b"64497")]
CHECK = ("check", "--vrps", VRPS, "--role", "peer", "--tests", "rov")
for name, args, asked, head, answers in (
        ("rov", ("rov", "--vrps", VRPS), [b"192.0.2.0/24 64496\n", b"192.0.2.0/24 64497\n"], 0,
         ["192.0.2.0/24 => AS64496: valid", "192.0.2.0/24 => AS64497: invalid"]),
        ("rov, the shortest route", ("rov", "--vrps", VRPS), [b"::/0 1\n"], 0, ["::/0 => AS1: not-found"]),
        ("rov, lines of bgpdump", ("rov", "--vrps", VRPS, "-f", "csv"), ROUTES, 1,
         ["192.0.2.0/24,64496,valid,", "192.0.2.0/24,64497,invalid,as"]),
        ("check", CHECK, ROUTES, 0, ["192.0.2.0/24 64497 64496: pass", "192.0.2.0/24 64497: fail rov-invalid-as"]),
        ("check, csv", (*CHECK, "-f", "csv"), ROUTES, 1,
         ["192.0.2.0/24,64497,64497 64496,,", "192.0.2.0/24,64497,64497,rov-invalid-as,"]),
        ("diff", ("diff", "--vrps", OTHER, "--vrps", VRPS, "-i", "-"), [b"192.0.2.0/24 64496\n", b"198.51.100.0/24 64497\n"], 0,
         ["192.0.2.0/24 => AS64496: not-found -> valid", "198.51.100.0/24 => AS64497: valid -> not-found"]),
        ("aspa", ("aspa", "--aspas", ASPAS, "--role", "customer"), [b"64497 64496\n", b"64498 64496\n"], 0,
         ["64497 64496: valid", "64498 64496: invalid: AS64496 does not list AS64498"]),
        ("aspa, the shortest path", ("aspa", "--aspas", ASPAS, "--role", "customer"), [b"1\n", b"\n"], 0,
         ["1: valid", ": invalid: empty path"]),
        ("urpf", ("urpf", "--rib", RIB, "check"), [b"eth0 11.6.0.1\n", b"eth0 11.7.0.1\n"], 0,
         ["eth0 11.6.0.1 allow efp-b efp-b-p", "eth0 11.7.0.1 deny efp-b not-listed"])):
    live = Live(*args)
    for line, answer in zip(asked, answers):
        live.ask(line[:5])  # a line may come in parts
        live.ask(line[5:])
        got = live.lines(1 + head)
        check("%s: %r while stdin is open" % (name, line), got[-1:], [answer])
        head = 0
    status, _, err = live.end()
    check(name + ": the end", (status, err if name != "check, csv" else b""), (0, b""))

close()
