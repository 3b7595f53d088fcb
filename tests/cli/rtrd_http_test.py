# SPDX-License-Identifier: BSD-2-Clause
"""What `manrs rtrd` says over HTTP: metrics in Prometheus's text format, health, the set as JSON, and Routinator's validity, whose
form is that of its manual (routinator.docs.nlnetlabs.nl, "API endpoints"); and what it does not let strangers do."""

import http.client
import json
import os
import re
import signal
import socket
import time

from command import check, close, csv, manrs, path, skip, write
from rtr_cache import pdu
from rtrd_around import Daemon, connect, kinds, read_pdu, wait_for

if b"HTTP: none" in manrs("--version")[1]:
    skip("libmicrohttpd is not built in")
    close()

KEY = {"asn": 64497, "ski": "0123456789ABCDEF0123456789ABCDEF01234567", "ta": "x",
       "pubkey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"}
FULL = {"metadata": {"buildtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 100))},
        "roas": [{"asn": 64496, "prefix": "192.0.2.0/24", "maxLength": 25, "ta": "x"},
                 {"asn": 64496, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "x"}],
        "bgpsec_keys": [KEY], "aspas": [{"customer_asid": 64500, "providers": [64501, 64502]},
                                         {"customer_asid": 64510, "providers": [64511]}]}
VRPS = write("vrps.json", json.dumps(FULL))


def get(d, target, method="GET", headers=None, body=None):
    """(status, content type, body)"""
    c = http.client.HTTPConnection(*d.at("HTTP"), timeout=5)
    c.request(method, target, headers=headers or {}, body=body)
    r = c.getresponse()
    got = r.status, r.getheader("Content-Type"), r.read()
    c.close()
    return got


def metrics(d):
    """{name{labels}: value}; every line must be of the text format, and no sample come twice."""
    status, kind, body = get(d, "/metrics")
    check("the type of metrics", (status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
    found, typed = {}, set()
    for line in body.decode().splitlines():
        if line.startswith("# TYPE"):
            typed.add(line.split()[2])
        if line.startswith("#"):
            continue
        m = re.fullmatch(r'([a-z_0-9]+)((?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})?) ([0-9]+)', line)
        if not check("a sample: " + line[:60], bool(m) and m[1] in typed and m[1] + m[2] not in found):
            continue
        found[m[1] + m[2]] = int(m[3])
    return found


with Daemon("--vrps", VRPS, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--notify-interval", "1") as d:
    check("it serves", d.serving())
    wait_for(lambda: get(d, "/health")[0] == 200)
    check("health", get(d, "/health"), (200, "text/plain; charset=utf-8", b"serving\n"))

    # The set, as a file for any reader of rpki-client's JSON: the same records, and when they were built.
    status, kind, body = get(d, "/json")
    got = json.loads(body)
    check("the set as JSON", (status, kind), (200, "application/json"))
    for entry in got["roas"] + got["bgpsec_keys"] + got["aspas"]:
        entry.pop("ta", None)
    plain = {k: [{n: v for n, v in e.items() if n != "ta"} for e in FULL[k]] for k in ("roas", "bgpsec_keys", "aspas")}
    check("its records", {k: got[k] for k in plain}, plain)
    check("its time", got["metadata"]["buildtime"], FULL["metadata"]["buildtime"])
    check("read again", manrs("vrps", "--vrps", write("again.json", body), "--format", "csv")[1].count(b"\n"), 3)
    check("HEAD has no body", get(d, "/json", "HEAD"), (200, "application/json", b""))

    # Routinator's validity, both ways; the object is that of `manrs rov --format jsonl`.
    for asn, prefix, state, reason in (("AS64496", "192.0.2.0/24", "valid", None), ("64496", "192.0.2.0/26", "invalid", "length"),
                                       ("AS64497", "192.0.2.0/24", "invalid", "as"), ("64496", "198.51.100.0/24", "not-found", None),
                                       ("AS64496", "2001:db8::/48", "valid", None)):
        status, kind, body = get(d, "/api/v1/validity/%s/%s" % (asn, prefix))
        said = json.loads(body)
        check("validity of %s %s" % (asn, prefix), (status, kind, said["validated_route"]["validity"]["state"],
              said["validated_route"]["validity"].get("reason")), (200, "application/json", state, reason))
        check("as rov has it", said["validated_route"], json.loads(manrs("rov", "--vrps", VRPS, "--format", "jsonl", prefix, asn)[1]))
        check("its time", said["generatedTime"], FULL["metadata"]["buildtime"])
        check("by query", get(d, "/validity?asn=%s&prefix=%s" % (asn, prefix.replace("/", "%2F")))[2], body)
    for target in ("/api/v1/validity/", "/api/v1/validity/64496", "/api/v1/validity/64496/", "/api/v1/validity/x/192.0.2.0/24",
                   "/api/v1/validity/4294967296/192.0.2.0/24", "/api/v1/validity/1/192.0.2.1/24", "/api/v1/validity/1/192.0.2.0/33",
                   "/api/v1/validity/1/192.0.2.0", "/validity", "/validity?asn=1", "/validity?prefix=192.0.2.0/24",
                   "/validity?asn=1&prefix=", "/api/v1/validity/1/192.0.2.0/24/x", "/api/v1/validity/-1/192.0.2.0/24"):
        check("400: " + target, get(d, target)[0], 400)
    for target in ("/", "/jso", "/json/", "/../json", "/api/v1/validity", "/" + "x" * 3000):
        check("404: " + target[:20], get(d, target)[0], 404)
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "XYZZY"):
        check("405: " + method, get(d, "/metrics", method)[0], 405)

    m = metrics(d)
    for name, want in (('vrps{family="ipv4"}', 1), ('vrps{family="ipv6"}', 1), ("aspas", 2), ("router_keys", 1),
                       ('health{state="serving"}', 1), ('health{state="expired"}', 0), ("guard_held", 0), ("resets_total", 0),
                       ('clients{version="1"}', 0)):
        check("metric " + name, m.get("manrs_rtrd_" + name), want)
    check("the age of the data", 100 <= m["manrs_rtrd_data_age_seconds"] < 160)
    check("a count a source", m['manrs_rtrd_source_vrps{source="%s",kind="vrps"}' % VRPS], 2)
    kinds(d.at())
    check("a router was answered", wait_for(lambda: metrics(d)["manrs_rtrd_resets_total"] == 1))

    # A PDU of a kind that is not: error 5 (RFC 8210 section 12), which is counted when the connection has ended.
    with connect(d.at()) as sock:
        sock.sendall(pdu(1, 200, 0))
        said = read_pdu(sock.recv)
    check("an unknown kind", (said[1], said[3]), (10, 5))
    check("is counted by its code", wait_for(lambda: metrics(d)['manrs_rtrd_connection_errors_total{code="5"}'] == 1))

    # A file that is no longer good: its data is served on, and both say why.
    write("vrps.json", "{ broken")
    d.process.send_signal(signal.SIGHUP)
    check("then it is not well", wait_for(lambda: get(d, "/health")[0] == 503))
    check("and says why", re.match(rb"old\n.*vrps.json: .+\n$", get(d, "/health")[2], re.S) is not None)
    check("the metrics too", any(n.startswith("manrs_rtrd_source_good") and VRPS in n and 'why=""' not in n and v == 0
                                 for n, v in metrics(d).items()))
    check("the data is served on", (get(d, "/json")[0], get(d, "/validity?asn=1&prefix=192.0.2.0/24")[0]), (200, 200))
    write("vrps.json", json.dumps(FULL))
    d.process.send_signal(signal.SIGHUP)
    check("and it is well again", wait_for(lambda: get(d, "/health")[0] == 200))

    # ---- strangers ----

    def raw(data, timeout=5):
        """What comes for these bytes until the end, or for so long."""
        with socket.create_connection(d.at("HTTP"), timeout=timeout) as s:
            got = b""
            try:
                s.sendall(data)
                while True:
                    more = s.recv(65536)
                    if not more:
                        break
                    got += more
            except OSError:
                pass
            return got

    check("headers above the bound", b" 431 " in raw(b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"a: " + b"b" * 40000 + b"\r\n\r\n", 2)[:20])
    check("a target above the bound", raw(b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 2)[:12] in (b"HTTP/1.1 414", b"HTTP/1.1 431", b""))
    check("no HTTP at all", b" 200 " not in raw(b"\x01\x02\x00\x00\x00\x00\x00\x08" * 4 + b"\r\n\r\n", 2))
    check("without Host", raw(b"GET /health HTTP/1.1\r\n\r\n", 2)[:12], b"HTTP/1.1 400")
    check("a body is not read", raw(b"POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n" + b"x" * 1000, 2)[:12], b"HTTP/1.1 405")
    # 200 that say nothing: most are not taken, and the routers do not notice.
    silent = []
    for _ in range(200):
        try:
            s = socket.create_connection(d.at("HTTP"), timeout=1)
            silent.append(s)
        except OSError:
            break
    start = time.monotonic()
    check("a router is served beside silent strangers", (kinds(d.at()), time.monotonic() - start < 2), ([3, 4, 6, 9, 7], True))
    fds = len(os.listdir("/proc/%d/fd" % d.process.pid))
    check("they are bounded in number: %d" % fds, fds < 64)
    for s in silent:
        s.close()
    def answers():
        """While the last of the many go, a connection may still be turned away."""
        try:
            return get(d, "/health")[0] == 200
        except OSError:
            return False

    check("and it answers again", wait_for(answers))
    check("it ends", d.end(), 0)

# Nothing to serve yet, or no more: 503.
old = dict(FULL, metadata={"buildtime": "2020-01-01T00:00:00Z"})
with Daemon("--vrps", write("old.json", json.dumps(old)), "--max-age", "3600", "--listen", "127.0.0.1:0", "--http",
            "127.0.0.1:0") as d:
    check("it listens", wait_for(lambda: "HTTP" in d.where))
    wait_for(lambda: get(d, "/health")[2][:8] != b"starting")
    for target in ("/health", "/json", "/api/v1/validity/64496/192.0.2.0/24", "/validity?asn=64496&prefix=192.0.2.0/24"):
        check("503: " + target, get(d, target)[0], 503)
    check("a bad question stays one", get(d, "/validity?asn=64496")[0], 400)
    check("the metrics say it", metrics(d)['manrs_rtrd_health{state="serving"}'], 0)

# A name may have any bytes; a scrape that is not UTF-8 is refused whole (Prometheus's text format).
odd = os.fsencode(path("odd")) + b'\xff\x01"\\\n.csv'
os.symlink(write("plain.csv", csv("AS64496,192.0.2.0/24,24,ta")), odd)
with Daemon("--vrps", os.fsdecode(odd), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0") as d:
    check("an odd name is served", d.serving())
    check("an odd name in the metrics", [v for k, v in metrics(d).items() if k.startswith("manrs_rtrd_source_vrps") and "odd??" in k], [1])

# A large set comes in slices: the process does not grow by it, though the document has some 40 MB.
large = write("large.csv", csv(*("AS%d,10.%d.%d.%d/32,32,ta" % (1 + i % 65000, i >> 16, i >> 8 & 255, i & 255) for i in range(500000))))
with Daemon("--vrps", large, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0") as d:
    check("a large set is served", d.said("info: serving", 30))

    def peak():
        return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/%d/status" % d.process.pid).read())[1])

    before = peak()
    status, kind, body = get(d, "/json")
    check("a large set as JSON", (status, body.count(b'"prefix"'), len(body) > 30000000), (200, 500000, True))
    grown = peak() - before
    check("in slices: %d KB" % grown, grown < 4096)
    # One that asks and does not read holds nobody up.
    slow = socket.create_connection(d.at("HTTP"))
    slow.sendall(b"GET /json HTTP/1.1\r\nHost: x\r\n\r\n")
    check("another is answered", get(d, "/health")[0], 200)
    check("so is a router", len(kinds(d.at(), timeout=20) or []), 500002)
    slow.close()
    check("and it ends", d.end(), 0)
close()
