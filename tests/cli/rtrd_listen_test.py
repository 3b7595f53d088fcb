# SPDX-License-Identifier: BSD-2-Clause
"""Where `manrs rtrd` listens and who may connect: addresses, Unix sockets, sockets of a service manager (sd_listen_fds(3)),
--allow, TCP MD5 signatures (RFC 2385) by prefix, and the relay for sshd."""

import os
import socket
import struct
import subprocess
import sys

from command import MANRS, check, close, csv, path, skip, write
from rtr_cache import RESET, pdu
from rtrd_around import Daemon, answer, connect, kinds, wait_for

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta", "AS64496,2001:db8::/32,48,ta"))
ALL = [3, 4, 6, 7]  # Cache Response, the two prefixes, End of Data (RFC 8210 section 5)
V6 = socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and open("/proc/net/if_inet6").read() != ""



def refused(*args):
    """(exit status, stderr) of a cache that is not to start; None for one that does."""
    with Daemon(*args) as d:
        try:
            d.process.wait(5)
        except subprocess.TimeoutExpired:
            return None, "\n".join(d.lines)
        d.reader.join(5)
        return d.process.returncode, "\n".join(d.lines)


# ---- what is no place to listen on ----

for text in ("localhost:323", "127.0.0.1", "127.0.0.1:", ":323", "::1:323", "[::1]", "[127.0.0.1:323", "127.0.0.1:rtr",
             "127.0.0.1:65536", "unix:", "unix:" + "x" * 200, "192.0.2.300:323"):
    status, err = refused("--vrps", VRPS, "--listen", text)
    check("--listen " + text[:20], (status, err.count("\n"), text in err), (2, 0, True))
status, err = refused("--vrps", VRPS, "--listen", "192.0.2.1:0")
check("an address that is not ours", (status, "192.0.2.1:0: " in err), (2, True))
for text in ("192.0.2.0/33", "192.0.2.1/24", "x", "300.0.0.0/8", ""):
    status, err = refused("--vrps", VRPS, "--listen", "127.0.0.1:0", "--allow", text)
    check("--allow " + text, (status, "--allow" in err), (2, True))

# ---- several at once; a Unix socket and its relay ----

unix = path("rtr.sock")
dead = socket.socket(socket.AF_UNIX)
dead.bind(unix)
dead.close()
places = ["127.0.0.1:0", "unix:" + unix, "127.0.0.2:0"] + (["[::1]:0"] if V6 else [])
with Daemon("--vrps", VRPS, *[a for p in places for a in ("--listen", p)]) as d:
    check("it serves", d.serving())
    for i in range(len(places)):
        check("a router at " + places[i], kinds(d.at(i=i)), ALL)
    status, err = refused("--vrps", VRPS, "--listen", "unix:" + unix)
    check("a Unix socket that is in use is not taken", (status, "in use" in err), (2, True))
    check("and stays", kinds(unix), ALL)

    with Daemon("--vrps", "rtr://cache", "--connect", "%s rtrd --stdio --to unix:%s" % (MANRS, unix), "--listen", "127.0.0.1:0") as fed:
        check("a cache fed by a command", (fed.serving(), kinds(fed.at())), (True, ALL))

    relay = subprocess.Popen([MANRS, "rtrd", "--stdio", "--to", "unix:" + unix], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    got = answer(relay.stdout.read, relay.stdin.write)
    check("the relay brings an answer", [p[1] for p in got or []], ALL)
    check("and another", [p[1] for p in answer(relay.stdout.read, relay.stdin.write) or []], ALL)
    relay.stdin.close()
    check("it ends with the router", (relay.wait(5), relay.stderr.read()), (0, b""))
    half = subprocess.run([MANRS, "rtrd", "--stdio", "--to", "unix:" + unix], input=pdu(1, RESET, 0), capture_output=True,
                          timeout=10)
    check("what was asked before the end is answered", (half.returncode, half.stdout), (0, b"".join(got)))
    relay = subprocess.Popen([MANRS, "rtrd", "--stdio", "--to", "unix:" + unix], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    answer(relay.stdout.read, relay.stdin.write)
    relay.stdout.close()
    check("it ends when nobody reads it", relay.wait(5), 0)
    relay = subprocess.Popen([MANRS, "rtrd", "--stdio", "--to", "unix:" + unix], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    answer(relay.stdout.read, relay.stdin.write)
    check("it ends", d.end(), 0)
    relay.stdout.read()
    check("the relay ends with the cache", relay.wait(5), 0)
    check("the Unix socket is gone", os.path.exists(unix), False)
for to, why in (("unix:" + unix, "No such file"), ("127.0.0.1:323", "unix:PATH")):
    status, err = refused("--stdio", "--to", to)
    check("no cache at " + to, (status, why in err), (2, True))
for some in (("--stdio",), ("--to", "unix:" + unix), ("--vrps", VRPS)):
    status, err = refused(*some)
    check("what is missing: " + some[0], (status, "--" in err), (2, True))


# A relay to a cache that sends a lot to a router that reads slowly keeps no more than its buffer: what the cache could get
# rid of before the router reads is bounded by the kernel's buffers and that.
big = path("big.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind(big)
listener.listen(1)
relay = subprocess.Popen([MANRS, "rtrd", "--stdio", "--to", "unix:" + big], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         bufsize=0)
cache = listener.accept()[0]
cache.setblocking(False)
sent, blob = 0, os.urandom(1 << 16)


def push():
    global sent
    try:
        while sent < 64 << 20:
            at = sent % len(blob)
            sent += cache.send(blob[at:])
    except BlockingIOError:
        return True
    return False


check("a relay takes no more than it can hold", (wait_for(push) and wait_for(push), sent < 4 << 20), (True, True))
received = b""
while len(received) < sent:
    received += relay.stdout.read(1 << 16)
check("and loses nothing", received == (blob * (sent // len(blob) + 1))[:sent])
cache.close()
check("then it ends", (relay.stdout.read(), relay.wait(5)), (b"", 0))
relay.stdin.close()
relay.stdout.close()
listener.close()

# ---- who may connect ----

with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0", "--listen", "unix:" + unix, "--allow", "127.0.1.0/24", "--allow",
            "127.0.2.1", "--allow", "::1") as d:
    d.serving()
    for source, want in (("127.0.1.7", ALL), ("127.0.2.1", ALL), ("127.0.2.2", None), ("127.0.0.1", None)):
        check("--allow: " + source, kinds(d.at(), source=source), want)
    check("--allow is not of Unix sockets", kinds(unix), ALL)
    check("the refused one is in the log", d.said("refused: in no prefix of --allow"))

# ---- sockets that are handed over ----

HAND = """
import fcntl, os, sys
fds = [fcntl.fcntl(int(n), fcntl.F_DUPFD, 100) for n in sys.argv[1].split(",")]
for i, fd in enumerate(fds):
    os.dup2(fd, 3 + i)
    os.close(fd)
os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[3])), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[4], sys.argv[4:])
"""


def listening(family, to):
    sock = socket.socket(family)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # both, as systemd has it by default
    sock.bind(to)
    sock.listen(5)
    return sock


def handed(socks, names, *more, pid=0):
    fds = [s.fileno() for s in socks]
    return Daemon("--vrps", VRPS, *more, pass_fds=fds,
                  before=(sys.executable, "-c", HAND, ",".join(map(str, fds)), names, str(pid)))


if os.path.exists(unix):
    os.unlink(unix)
mine = [listening(socket.AF_INET, ("127.0.0.1", 0)), listening(socket.AF_UNIX, unix)]
if V6:
    mine.append(listening(socket.AF_INET6, ("::", 0)))
with handed(mine, "rtr:rtr:rtr", "--allow", "127.0.0.0/24") as d:
    check("handed sockets serve", (d.serving(), len(d.where["RTR"])), (True, len(mine)))
    check("a handed TCP socket", kinds(mine[0].getsockname()), ALL)
    check("a handed Unix socket", kinds(unix), ALL)
    if V6:
        port = mine[2].getsockname()[1]
        check("IPv4 over a socket for both is IPv4 to --allow", kinds(("127.0.0.1", port)), ALL)
        check("and refused by it", kinds(("127.0.0.1", port), source="127.0.9.1"), None)
    d.end()
    check("a socket that another made stays", os.path.exists(unix))
with handed(mine[:1], "rtr", pid=1) as d:
    d.process.wait(5)
    check("sockets for another process are not taken", (d.process.returncode, d.said("--listen")), (2, True))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
with handed([udp], "rtr") as d:
    d.process.wait(5)
    check("a socket that does not listen", (d.process.returncode, d.said("descriptor 3")), (2, True))
with handed(mine[:1], "tls") as d:
    d.process.wait(5)
    check("one for TLS without a certificate", (d.process.returncode, d.said("--tls-cert")), (2, True))
for sock in mine + [udp]:
    sock.close()

# ---- TCP MD5 signatures: TCP_MD5SIG of tcp(7), a struct tcp_md5sig with the peer's address and our key ----


def signing(to, key):
    def prepare(sock):
        family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
        address = struct.pack("=HH", family, 0) + (b"\0" * 4 if family == socket.AF_INET6 else b"") + socket.inet_pton(family, to[0])
        sock.setsockopt(socket.IPPROTO_TCP, 14, address.ljust(128, b"\0") + struct.pack("=BBHi", 0, 0, len(key), 0) + key.ljust(80, b"\0"))
    return prepare


def has_md5():
    try:
        with socket.socket() as sock:
            signing(("127.0.0.1", 1), b"key")(sock)
        return True
    except OSError:
        return False


def key_file(text, mode=0o600):
    os.chmod(write("keys", text), mode)
    return path("keys")


for text, why in (("", "no key"), ("# nothing\n", "no key"), ("127.0.0.1\n", "keys:1: "), ("secret\n", "keys:1: "),
                  ("127.0.0.1 ok\n127.0.0.1/8 x\n", "keys:2: "), ("127.0.0.1 " + "k" * 81 + "\n", "keys:1: "),
                  ("127.0.0.1 one\n127.0.0.1/32 two\n", "keys:2: ")):
    status, err = refused("--vrps", VRPS, "--listen", "127.0.0.1:0", "--tcp-md5", key_file(text))
    check("--tcp-md5 with %r" % text[:20], (status, why in err, "secret" in err), (2, True, False))
if not has_md5():
    skip("this kernel has no TCP MD5 signatures")
else:
    keys = key_file("# routers\n\n127.0.1.0/24\tone two \r\n127.0.1.9 nine\n::1 six\n", 0o644)
    with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0", *(["--listen", "[::1]:0"] if V6 else []), "--tcp-md5", keys) as d:
        d.serving()
        to = d.at()
        check("keys that all can read are a warning", d.said("everybody"))
        for what, source, key, want in (
                ("the right key", "127.0.1.1", b"one two", ALL), ("a wrong key", "127.0.1.1", b"one too", None),
                ("none", "127.0.1.1", None, None), ("the key of the longest prefix", "127.0.1.9", b"nine", ALL),
                ("that of a shorter one", "127.0.1.9", b"one two", None), ("of no prefix, without", "127.0.2.1", None, ALL)):
            got = kinds(to, source=source, prepare=signing(to, key) if key else None, timeout=1 if want is None else 5)
            check("TCP MD5: " + what, got, want)
        if V6:
            to = d.at(i=1)
            check("TCP MD5 over IPv6", kinds(to, prepare=signing(to, b"six")), ALL)
            check("TCP MD5 over IPv6, wrong", kinds(to, prepare=signing(to, b"sex"), timeout=1), None)
if not V6:
    skip("no IPv6 here")
close()
