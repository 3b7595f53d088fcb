# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of `manrs rtrd` and what it has around it share: start one, read its log, ask it as a router would."""

import ctypes
import re
import signal
import socket
import struct
import subprocess
import threading
import time

from command import MANRS
from rtr_cache import END, RESET, pdu


libc = ctypes.CDLL(None)


def dies_with_us(before=None):
    """For preexec_fn: a child that ends with the test, also when that is killed. before: what else is to be done in it."""
    def prepare():
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if before:
            before()
    return prepare


class Daemon:
    """`manrs rtrd` with these arguments. Its log is read as it comes: lines, and where it listens, by what for."""

    verb = "rtrd"

    def __init__(self, *args, env=None, before=(), pass_fds=(), limit=None, stdin=subprocess.DEVNULL, stdout=None):
        self.lines, self.where, self.news = [], {}, threading.Condition()
        self.process = subprocess.Popen([*before, MANRS, self.verb, *map(str, args)], stdin=stdin, stdout=stdout,
                                        stderr=subprocess.PIPE, text=True, errors="replace", env=env, pass_fds=pass_fds, preexec_fn=dies_with_us(limit))
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                found = re.match(r"manrs: info: (\S+): listening: (.*)", line)
                if found:
                    self.where.setdefault(found[2], []).append(found[1])
                self.news.notify_all()

    def said(self, text, timeout=10):
        """Whether a line has it, at the latest in so long."""
        with self.news:
            return self.news.wait_for(lambda: any(text in line for line in self.lines), timeout)

    def serving(self):
        return self.said("info: serving")

    def at(self, what="RTR", i=0):
        """(host, port) of the i-th socket for it; the path of a Unix socket."""
        name = self.where[what][i]
        if name.startswith("unix:"):
            return name[5:]
        host, port = name.rsplit(":", 1)
        return host.strip("[]"), int(port)

    def end(self):
        """SIGTERM. Gives the exit status, None: it did not end in 5 seconds."""
        self.process.terminate()
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        self.reader.join(5)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()
        self.reader.join(5)
        self.process.stderr.close()


def connect(to, source=None, prepare=None, timeout=3):
    """A connection, from an address of ours if given; prepare: what is done to the socket before."""
    family = socket.AF_UNIX if isinstance(to, str) else socket.AF_INET6 if ":" in to[0] else socket.AF_INET
    sock = socket.socket(family)
    sock.settimeout(timeout)
    try:
        if source:
            sock.bind((source, 0))
        if prepare:
            prepare(sock)
        sock.connect(to)
    except OSError:
        sock.close()
        raise
    return sock


def read_pdu(read):
    """One PDU by a read(n) that gives up to n bytes; None: it has ended before."""
    head = b""
    while len(head) < 8:
        more = read(8 - len(head))
        if not more:
            return None
        head += more
    body, length = b"", struct.unpack(">I", head[4:])[0]
    while len(body) < length - 8:
        more = read(length - 8 - len(body))
        if not more:
            return None
        body += more
    return head + body


def answer(read, write, version=1):
    """A Reset Query's answer: the PDUs up to End of Data or an error; None: the connection ended."""
    write(pdu(version, RESET, 0))
    got = []
    while True:
        one = read_pdu(read)
        if one is None:
            return None
        got.append(one)
        if one[1] in (END, 10):
            return got


def kinds(to, **how):
    """The kinds of PDUs that a router gets there; None: nothing, for a refusal, a time-out or an end."""
    try:
        with connect(to, **how) as sock:
            got = answer(sock.recv, sock.sendall)
    except OSError:
        return None
    return got and [p[1] for p in got]


def wait_for(what, timeout=5):
    """Until what() is true. Gives whether it came to be."""
    end = time.monotonic() + timeout
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


# ---- a service manager: sd_notify(3) ----


def manager(name):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(name.replace("@", "\0", 1))
    sock.settimeout(5)
    return sock


def told(sock, what, seconds=5):
    """Datagrams until one has a line that begins so; gives that line, None: none came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            text = sock.recv(4096).decode()
        except TimeoutError:
            return None
        for line in text.split("\n"):
            if line.startswith(what):
                return line
    return None
