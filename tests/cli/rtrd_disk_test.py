# SPDX-License-Identifier: BSD-2-Clause
"""The state of `manrs rtrd` on disks that fail and in folders where others have been. Expected: manrs(1): routers are served whatever
becomes of the state, sessions go on only where all of it is on disk, and no file is written or believed that is not the cache's."""

import os
import resource
import signal
import struct
import time
import urllib.request

from command import check, close, csv, manrs, path, skip, write
from rtr_cache import RESET, pdu
from rtrd_around import Daemon, connect, read_pdu, wait_for

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta", "AS64497,198.51.100.0/24,32,ta"))
STATE = path("state")
HTTP = () if b"HTTP: none" in manrs("--version")[1] else ("--http", "127.0.0.1:0")
FILE, FRESH = os.path.join(STATE, "rtrd.state"), os.path.join(STATE, "rtrd.state.new")


def session(d):
    """Session and number of records of a router's Reset Query; None: it is not served."""
    try:
        with connect(d.at()) as sock:
            sock.sendall(pdu(1, RESET, 0))
            got = [read_pdu(sock.recv)]
            while got[-1] and got[-1][1] not in (7, 10):
                got.append(read_pdu(sock.recv))
    except (OSError, IndexError, KeyError):
        return None
    return got[-1] and got[-1][1] == 7 and (struct.unpack(">H", got[-1][2:4])[0], len(got) - 2)


def cache(*args, state=STATE, **how):
    return Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0", "--state", state, "--notify-interval", "1", *args, **how)


def run(**how):
    """One run up to its end: what a router got, and its log."""
    with cache(**how) as d:
        d.serving()
        got = session(d)
        d.end()
        return got, "\n".join(d.lines)


def other(got, before):
    return got is not None and got[0] != before[0] and got[1] == before[1]


# ---- as it should be ----

first = run()[0]
check("two records", first[1], 2)
check("a restart has the session", run()[0], first)

# ---- what stands in its place ----

for what, make in (("a pipe", lambda: os.mkfifo(FILE)), ("a link to another's file", lambda: os.symlink(path("theirs"), FILE)),
                   ("a folder", lambda: os.mkdir(FILE))):
    good = open(FILE, "rb").read()
    write("theirs", good)
    os.unlink(FILE)
    make()
    got, log = run()
    check(what + " for the state: said, and new sessions", (other(got, first), "rtrd.state: " in log), (True, True))
    if os.path.isdir(FILE):
        os.rmdir(FILE)
    check(what + ": the file of another is as it was", open(path("theirs"), "rb").read() == good)
    first = run()[0]
    check(what + ": then it is kept", run()[0], first)

write("theirs", "precious")
os.symlink(path("theirs"), FRESH)
write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta"))
got, log = run()
check("a link where it is written: not followed", (got, open(path("theirs")).read()), ((first[0], 1), "precious"))
first = run()[0]
check("and the state is kept", (first, os.path.islink(FRESH)), (got, False))

if os.getuid() == 0:
    os.chown(FILE, 12345, 12345)
    got, log = run()
    check("a state that another user made: said, and new sessions", (other(got, first), "another user" in log), (True, True))
    first = got
else:
    skip("not root: no file of another user")

# ---- a full disk: no file above 60 bytes can be written ----


def full():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))


with cache("--slurm", write("none.slurm", '{"slurmVersion":1,"validationOutputFilters":{"prefixFilters":[],"bgpsecFilters":[]},'
                                          '"locallyAddedAssertions":{"prefixAssertions":[],"bgpsecAssertions":[]}}'),
           *HTTP, limit=full) as d:
    check("a full disk: it serves", (d.serving(), (session(d) or (0, 0))[1]), (True, 1))
    check("a full disk: said", d.said("rtrd.state.new: File too large"))
    if HTTP:
        host, port = d.at("HTTP")
        with urllib.request.urlopen("http://%s:%d/metrics" % (host, port), timeout=5) as answer:
            check("a full disk: the metrics say it", b"\nmanrs_rtrd_state_good 0\n" in answer.read())
    check("a full disk: nothing wrong is left", (os.path.exists(FILE), os.path.exists(FRESH)), (False, False))
got = run()[0]
check("after it: new sessions", other(got, first))

# ---- what a cache fed us: kept for the two hours after which routers would have expired it ----


def built(seconds):
    """The state as if its data had been built then: the number stands at 28, the sum of all before (FNV-1a) at the end."""
    data = bytearray(open(FILE, "rb").read()[:-8])
    data[28:36] = struct.pack(">Q", int(time.time()) - seconds)
    total = 0xcbf29ce484222325
    for byte in data:
        total = (total ^ byte) * 0x100000001b3 & (1 << 64) - 1
    with open(FILE, "wb") as f:
        f.write(data + struct.pack(">Q", total))


with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0") as feeder:
    feeder.serving()
    fed = ("--vrps", "rtr://127.0.0.1:%d" % feeder.at()[1], "--listen", "127.0.0.1:0", "--state", STATE, "--timeout", "1")
    with Daemon(*fed) as d:
        check("fed by a cache", (d.serving(), session(d) is not None), (True, True))
for ago, want in ((7100, True), (7300, False)):
    built(ago)
    with Daemon(*fed) as d:
        d.said("is served until all files are good" if want else "there is no data to serve")
        check("the cache is gone, its data is of %d seconds ago" % ago, bool(session(d)), want)
built(7196)
with Daemon(*fed) as d:
    check("it expires while it is served", wait_for(lambda: session(d) is False, 20))

# ---- a folder in which nothing can be written: sessions that are read there would go on with serials that routers have had ----

with cache(state="/proc/self") as d:
    check("a folder that takes no files: it serves", (d.serving(), (session(d) or (0, 0))[1]), (True, 1))
    check("a folder that takes no files: said", d.said("rtrd.state.new: "))
close()
