# SPDX-License-Identifier: BSD-2-Clause
"""RTR over ssh (RFC 8210 section 9.1), both ways: a real sshd with a subsystem rpki-rtr that is `manrs rtrd --stdio`, and `manrs rtr`
through `ssh -s`. The sshd has keys and a configuration of its own, listens on the loopback interface, and ends with the test."""

import getpass
import os
import shutil
import socket
import subprocess

from command import MANRS, check, close, csv, manrs, path, skip, write
from rtrd_around import Daemon, answer, dies_with_us, wait_for

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
if not SSHD or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
    skip("no sshd, ssh and ssh-keygen")
    close()

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta", "AS64496,2001:db8::/32,48,ta"))
UNIX = path("rtr.sock")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


for key in ("host", "user"):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path(key)], check=True)
PORT = free_port()
write("authorized", open(path("user.pub")).read())
write("known", "[127.0.0.1]:%d %s" % (PORT, open(path("host.pub")).read()))
write("sshd_config", """Port %d
ListenAddress 127.0.0.1
HostKey %s
PidFile none
AuthorizedKeysFile %s
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
LogLevel ERROR
Subsystem rpki-rtr %s rtrd --stdio --to unix:%s
""" % (PORT, path("host"), path("authorized"), os.path.abspath(MANRS), UNIX))
if os.getuid() == 0:
    os.makedirs("/run/sshd", exist_ok=True)
log = open(path("sshd.log"), "wb")
sshd = subprocess.Popen([SSHD, "-D", "-e", "-f", path("sshd_config")], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                        preexec_fn=dies_with_us())


def up():
    with socket.socket() as s:
        return sshd.poll() is not None or s.connect_ex(("127.0.0.1", PORT)) == 0


SSH = ["ssh", "-F", "none", "-s", "-p", str(PORT), "-i", path("user"), "-o", "UserKnownHostsFile=" + path("known"), "-o", "BatchMode=yes",
       "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR", getpass.getuser() + "@127.0.0.1", "rpki-rtr"]
wait_for(up)
if sshd.poll() is not None:
    skip("sshd does not start here: " + open(path("sshd.log")).read()[-200:].strip())
    close()
try:
    with Daemon("--vrps", VRPS, "--listen", "unix:" + UNIX) as d:
        check("it serves", d.serving())
        router = subprocess.Popen(SSH, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        got = answer(router.stdout.read, router.stdin.write)
        check("an answer through sshd", [p[1] for p in got or []] or router.stderr.read(), [3, 4, 6, 7])
        check("and another", len(answer(router.stdout.read, router.stdin.write) or []), 4)
        router.stdin.close()
        check("it ends with the router", router.wait(10), 0)
        status, out, err = manrs("rtr", "127.0.0.1", "--connect", " ".join(SSH), "--format", "csv", "--timeout", "10")
        check("manrs rtr through ssh", (status, out.count(b"192.0.2.0/24"), out.count(b"2001:db8::/32"), err), (0, 1, 1, ""))
        router = subprocess.Popen(SSH, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        answer(router.stdout.read, router.stdin.write)
        check("the cache ends", d.end(), 0)
        router.stdout.read()
        check("and so does the router's ssh", router.wait(10), 0)
    down = subprocess.run(SSH, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    check("no cache: the relay's status says so", (down.returncode, down.stdout), (2, b""))
finally:
    sshd.terminate()
    sshd.wait()
close()
