# SPDX-License-Identifier: BSD-2-Clause
"""`manrs rtrd --tls-listen`: RTR over TLS as RFC 8210 section 9.2 wants it. The router shows a certificate of the client CA with its
own address as an iPAddress; who does not is not served. And what a service manager is told (sd_notify(3))."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import warnings

from command import check, close, csv, folder, manrs, path, skip, write
from rtrd_around import Daemon, answer, connect, kinds, manager, told, wait_for

VRPS = write("vrps.csv", csv("AS64496,192.0.2.0/24,24,ta", "AS64496,2001:db8::/32,48,ta"))
ALL = [3, 4, 6, 7]

# ---- sd_notify ----


for name in (path("notify"), "@manrs-rtrd-test-%d" % os.getpid()):
    sock = manager(name)
    with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0",
                env=dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC="600000")) as d:
        check("ready is told", told(sock, "READY=1"), "READY=1")
        check("when it serves", d.serving() and kinds(d.at()), ALL)
        check("and how it stands", told(sock, "STATUS="), "STATUS=serving: 2 VRPs, 0 ASPAs, 0 router keys, serial 1; 0 routers")
        beats = [time.monotonic() for _ in range(4) if told(sock, "WATCHDOG=1")]
        check("four beats, two in the time that the watchdog gives", (len(beats), min(b - a for a, b in zip(beats, beats[1:])) < .5),
              (4, True))
        before = time.monotonic_ns() // 1000
        d.process.send_signal(signal.SIGHUP)
        stamps = []
        while len(stamps) < 1:
            text = sock.recv(4096).decode()
            stamps += re.findall(r"^RELOADING=1\nMONOTONIC_USEC=([0-9]+)$", text, re.M)
        check("SIGHUP is a reload, with its time", before <= int(stamps[0]) <= time.monotonic_ns() // 1000)
        check("until it has read again", told(sock, "READY=1"), "READY=1")
        d.process.terminate()
        check("the end is told", told(sock, "STOPPING=1"), "STOPPING=1")
        check("and comes", d.process.wait(5), 0)
    sock.close()
with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0", env=dict(os.environ, NOTIFY_SOCKET="/nowhere/at/all", WATCHDOG_USEC="1")) as d:
    check("a manager that is not there is no matter", (d.serving(), d.end()), (True, 0))

# ---- TLS ----

if b"TLS: none" in manrs("--version")[1]:
    skip("TLS is not built in")
    close()
if not shutil.which("openssl"):
    skip("no openssl command")
    close()


def openssl(*args):
    subprocess.run(["openssl", *args], cwd=folder.name, check=True, capture_output=True)


def certify(name, san, ca="ca", usage="clientAuth"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
            "-subj", "/CN=" + name)
    write(name + ".ext", "basicConstraints=CA:FALSE\nextendedKeyUsage=%s\n%s" % (usage, "subjectAltName=%s\n" % san if san else ""))
    openssl("x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial", "-days", "2",
            "-extfile", name + ".ext", "-out", name + ".pem")


for ca in ("ca", "stranger"):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", ca + ".key", "-out",
            ca + ".pem", "-days", "2", "-subj", "/CN=" + ca)
certify("cache", "DNS:cache.example,IP:127.0.0.1", usage="serverAuth")
certify("router", "IP:127.0.0.1,IP:127.0.1.1,IP:::1")
certify("nameless", None)
certify("named", "DNS:router.example")
certify("false", "IP:127.0.0.1", ca="stranger")


def tls(to, cert="router", source=None, version=None):
    """The kinds of PDUs that a router with this certificate gets; None: nothing."""
    context = ssl.create_default_context(cafile=path("ca.pem"))
    if cert:
        context.load_cert_chain(path(cert + ".pem"), path(cert + ".key"))
    if version:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    try:
        with connect(to, source=source, timeout=10) as plain, context.wrap_socket(plain, server_hostname="cache.example") as sock:
            got = answer(sock.recv, sock.sendall)
            return got and [p[1] for p in got]
    except OSError:
        return None


FILES = ("--tls-cert", path("cache.pem"), "--tls-key", path("cache.key"), "--tls-client-ca", path("ca.pem"))
many = write("many.csv", csv(*("AS%d,10.%d.%d.0/24,24,ta" % (1 + i, i >> 8, i & 255) for i in range(40000))))
v6 = os.path.exists("/proc/net/if_inet6") and open("/proc/net/if_inet6").read() != ""
with Daemon("--vrps", VRPS, "--vrps", many, "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0",
            *(("--tls-listen", "[::1]:0") if v6 else ()), *FILES) as d:
    check("it serves", d.serving())
    to = d.at("RTR over TLS")
    silent = connect(to)
    check("a router with its address in its certificate", len(tls(to) or []), 40004)
    check("TLS 1.2", len(tls(to, version=ssl.TLSVersion.TLSv1_2) or []), 40004)
    check("another of its addresses", len(tls(to, source="127.0.1.1") or []), 40004)
    if v6:
        check("over IPv6", len(tls(d.at("RTR over TLS", 1)) or []), 40004)
    check("from an address that is not in it", tls(to, source="127.0.1.2"), None)
    check("a certificate without an address", tls(to, cert="nameless"), None)
    check("one with a name only", tls(to, cert="named"), None)
    check("one of another CA", tls(to, cert="false"), None)
    check("no certificate", tls(to, cert=None), None)
    check("TLS 1.1", tls(to, version=ssl.TLSVersion.TLSv1_1), None)
    check("no TLS at all", kinds(to), None)
    check("why is in the log", d.said(": TLS: "))
    check("a line each", wait_for(lambda: sum(": TLS: " in line for line in d.lines) == 7))
    check("TCP beside it", len(kinds(d.at()) or []), 40004)
    # A cache that is fed over TLS. It is a router to the other, and has the address that its certificate says.
    mine = ("--ca", path("ca.pem"), "--cert", path("router.pem"), "--key", path("router.key"))
    with Daemon("--vrps", "rtrs://127.0.0.1:%d" % to[1], "--listen", "127.0.0.1:0", *mine) as second:
        check("a cache fed over TLS", (second.serving(), len(kinds(second.at()) or [])), (True, 40004))
    with Daemon("--vrps", "rtrs://127.0.0.1:%d" % to[1], "--listen", "127.0.0.1:0", "--timeout", "1", *mine[:2]) as second:
        check("without its certificate it serves nothing", (second.said("there is no data to serve"), kinds(second.at())), (True, [10]))
    # One that reads nothing of an answer of two megabytes, and one that says nothing, hold up nobody.
    context = ssl.create_default_context(cafile=path("ca.pem"))
    context.load_cert_chain(path("router.pem"), path("router.key"))
    lazy = context.wrap_socket(connect(to), server_hostname="cache.example")
    lazy.sendall(b"\x01\x02\x00\x00\x00\x00\x00\x08" )
    check("a router beside a lazy one", len(tls(to) or []), 40004)
    lazy.close()
    silent.close()
    check("it ends", d.end(), 0)

for given, why in ((FILES[:2], "--tls-key"), (FILES[:4], "--tls-client-ca"), (("--tls-cert", path("none.pem")) + FILES[2:], "none.pem"),
                   (FILES[:2] + ("--tls-key", path("router.key")) + FILES[4:], "router.key"),
                   (FILES[:4] + ("--tls-client-ca", VRPS), VRPS)):
    with Daemon("--vrps", VRPS, "--tls-listen", "127.0.0.1:0", *given) as d:
        ended = wait_for(lambda: d.process.poll() is not None)
        check("TLS without what it takes: " + why, (ended, d.process.poll(), d.said(why, 1)), (True, 2, True))
close()
