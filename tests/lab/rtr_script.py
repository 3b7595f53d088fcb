# SPDX-License-Identifier: BSD-2-Clause
"""A cache that behaves as it is told, for what a router must bear: it serves, it dies at any byte of its answer, it goes silent,
it comes and goes ten times a second. And Deltas: a file of VRPs that changes by +9 -6, as a real half hour does.

    cache = ScriptedCache(host, vrps); cache.become("stall"); cache.change(add, remove); cache.flap(10, 3)

The PDUs are those of tests/cli/rtr_cache.py. Its sockets are a host's; its threads are this process's."""

import collections
import ctypes
import functools
import os
import random
import socket
import struct
import sys
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import rtr_cache as wire
import rtr_lab as lab

CLONE_NEWNET = 0x40000000

# How it is while it is so. What is not here answers as "ok" does.
STATES = {
    "ok": "whole answers and differences",
    "refuse": "nobody listens",
    "closes": "takes the connection and closes it",
    "resets": "takes the connection and resets it",
    "deaf": "takes the connection and never answers",
    "half-pdu": "half of a PDU in the middle of the answer, then silence",
    "half-pdu-closes": "the same, then closed",
    "stall": "half of the answer in whole PDUs, then silence",
    "no-end": "the whole answer but End of Data, then silence",
    "no-end-resets": "the same, then a reset",
    "dies-after": "a whole answer, then a reset",
    "error": "Error Report 2, No Data Available",
    "error-fatal": "Error Report 1, Internal Error, and closed",
    "cache-reset": "Cache Reset to every Serial Query",
    "other-session": "another Session ID for each connection",
    "garbage": "bytes that are no PDU",
    "long": "a PDU of a length beyond all",
    "short-lived": "whole answers that expire at once, then silence",
}
CLOSE, RESET, SILENT, GO_ON = "close", "reset", "silent", "go on"


def sockets_of(host):
    """A listening socket in the host's namespace: only the thread that makes it goes there."""
    made = []

    def make():
        with open("/run/netns/" + host.name) as space:
            if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET):
                return
        made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise RuntimeError("no socket in " + host.name)
    made[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made[0]


def reset(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


class ScriptedCache:
    def __init__(self, host, vrps, aspas=None, port=8282, version=2):
        self.host, self.port, self.version = host, port, version
        self.now, self.aspas = set(vrps), dict(aspas or {})
        self.session, self.serial, self.differences = random.randrange(1, 65535), 1, {}
        self.intervals = (3600, 1, 7200)  # refresh, retry, expire
        self.state, self.error_code = "ok", 2
        self.seen, self.errors, self.peers, self.lock = collections.Counter(), [], [], threading.RLock()
        self.listener = None
        self.listen()

    # ---- connections ----

    def listen(self):
        with self.lock:
            if self.listener:
                return
            self.listener = sockets_of(self.host)
            self.listener.bind((self.host.address, self.port))
            self.listener.listen(20)
            threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def refuse(self):
        with self.lock:
            listener, self.listener = self.listener, None
        if listener:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()

    def cut(self):
        """Every connection is reset."""
        with self.lock:
            peers, self.peers = self.peers, []
        for peer in peers:
            reset(peer[0])

    def become(self, state):
        """From now on; connections that are there stay, and get the next answer so."""
        if state not in STATES:
            raise ValueError(state)
        self.state = state
        if state == "refuse":
            self.refuse()
            self.cut()
        else:
            self.listen()

    def flap(self, times_a_second, seconds):
        """There and gone so often; in the end it is there. How often it came."""
        half, end, times = 0.5 / times_a_second, time.monotonic() + seconds, 0
        while time.monotonic() < end:
            self.become("refuse")
            time.sleep(half)
            self.become("ok")
            times += 1
            time.sleep(half)
        return times

    def _accept(self, listener):
        while True:
            try:
                sock = listener.accept()[0]
            except OSError:
                return
            self.seen["connection"] += 1
            if self.state in ("closes", "resets"):
                (reset if self.state == "resets" else socket.socket.close)(sock)
                continue
            session = self.session if self.state != "other-session" else random.randrange(1, 65535)
            peer = [sock, None, session]  # and the version once it has spoken
            with self.lock:
                self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        sock = peer[0]
        try:
            while True:
                head = wire.whole(sock, 8)
                if head is None:
                    break
                version, kind, field, length = struct.unpack(">BBHI", head)
                body = wire.whole(sock, length - 8)
                if body is None or not self._heard(peer, version, kind, field, body):
                    break
        except OSError:
            pass
        with self.lock:
            if peer in self.peers:
                self.peers.remove(peer)
        sock.close()

    def _heard(self, peer, version, kind, field, body):
        """Whether to go on."""
        if kind == wire.ERROR:
            self.seen["error"] += 1
            self.errors.append((field, body))
            return False
        self.seen[{wire.SERIAL: "serial", wire.RESET: "reset"}.get(kind, "other")] += 1
        if version > self.version:
            peer[0].sendall(wire.error(self.version, 4, b"", struct.pack(">BBHI", version, kind, field, 8 + len(body)) + body))
            return False
        with self.lock:
            peer[1] = version
            data, then = self._answer(peer, version, kind, field, body)
            peer[0].sendall(data)
        if then == RESET:
            reset(peer[0])
        return then in (GO_ON, SILENT)

    # ---- answers ----

    def _pdus(self, version, vrps, announce=1):
        return [wire.prefix(version, *row, announce) for row in sorted(vrps)]

    def _whole(self, version, session):
        """The PDUs of the whole set, End of Data last."""
        rows = self._pdus(version, self.now)
        if version >= 2:
            rows += [wire.aspa(customer, providers) for customer, providers in sorted(self.aspas.items())]
        return [wire.pdu(version, wire.RESPONSE, session), *rows, wire.end(version, session, self.serial, *self.intervals)]

    def _difference(self, version, session, since):
        """Since that serial, None if it is not known any more."""
        if since != self.serial and since not in self.differences:
            return None
        rows = []
        for serial in range(since, self.serial):
            add, remove = self.differences[serial]
            rows += self._pdus(version, remove, 0) + self._pdus(version, add)
        return [wire.pdu(version, wire.RESPONSE, session), *rows, wire.end(version, session, self.serial, *self.intervals)]

    def _answer(self, peer, version, kind, field, body):
        state, session = self.state, peer[2]
        pdus = None
        if kind == wire.SERIAL and field == session and state != "cache-reset":
            pdus = self._difference(version, session, struct.unpack(">I", body)[0])
        if kind == wire.SERIAL and pdus is None:
            pdus = [wire.pdu(version, wire.CACHE_RESET, 0)]
        return self._as_it_is(state, version, session, pdus or self._whole(version, session))

    def _as_it_is(self, state, version, session, pdus):
        half = pdus[: max(1, len(pdus) // 2)]
        torn = b"".join(half) + pdus[min(len(half), len(pdus) - 1)][:5]
        short = [*pdus[:-1], wire.end(version, session, self.serial, 1, 1, 1)]
        answers = {
            "deaf": (b"", SILENT),
            "half-pdu": (torn, SILENT),
            "half-pdu-closes": (torn, CLOSE),
            "stall": (b"".join(half), SILENT),
            "no-end": (b"".join(pdus[:-1]), SILENT),
            "no-end-resets": (b"".join(pdus[:-1]), RESET),
            "dies-after": (b"".join(pdus), RESET),
            "error": (wire.error(version, self.error_code), GO_ON),
            "error-fatal": (wire.error(version, 1), CLOSE),
            "garbage": (b"\x01\xff" + bytes(range(64)), SILENT),
            "long": (wire.pdu(version, wire.RESPONSE, session) + struct.pack(">BBHI", version, wire.PREFIX4, 0, 0xFFFFFFF0) + b"\0" * 64, SILENT),
            "short-lived": (b"".join(short), GO_ON),
        }
        return answers.get(state, (b"".join(pdus), GO_ON))

    # ---- changes ----

    def change(self, add, remove, notify=True):
        with self.lock:
            add, remove = set(add) - self.now, set(remove) & self.now
            self.differences[self.serial] = (add, remove)
            self.serial += 1
            self.now = (self.now - remove) | add
            self.differences.pop(self.serial - 1000, None)
        if notify:
            self.notify()

    def notify(self):
        with self.lock:
            for sock, version, session in self.peers:
                if version is not None:
                    try:
                        sock.sendall(wire.pdu(version, wire.NOTIFY, session, struct.pack(">I", self.serial)))
                    except OSError:
                        pass

    def stop(self):
        self.refuse()
        self.cut()


class Deltas:
    """A set of VRPs in a file, replaced through a rename, and one step after the other of +9 -6: the size of the change that a
    real cache had in half an hour. A VRP may come back later; what a step takes and gives is told."""

    def __init__(self, path, vrps, aspas=(), seed=1, add=9, remove=6):
        self.path, self.now, self.aspas, self.rng = path, set(vrps), aspas, random.Random(seed)
        self.size, self.gone = (add, remove), []
        self.rows = sorted(self.now)
        self.write()

    def write(self):
        lab.write_json(self.path, self.now, self.aspas)

    def step(self, write=True):
        """(added, removed)"""
        add, remove = self.size
        removed = set(self.rng.sample(self.rows, remove))
        added = set()
        while len(added) < add:
            if self.gone and self.rng.random() < 0.3:
                row = self.gone.pop(self.rng.randrange(len(self.gone)))
            else:
                prefix, maxlen, asn = self.rng.choice(self.rows)
                row = (prefix, maxlen, 64496 + self.rng.randrange(16)) if self.rng.random() < 0.5 else (prefix, min(maxlen + 1, 128 if ":" in prefix else 32), asn)
            if row not in self.now and row not in removed:
                added.add(row)
        self.now = (self.now - removed) | added
        self.gone += sorted(removed)
        self.rows = sorted(self.now)
        if write:
            self.write()
        return added, removed


# ---- what RFC 6811 says, fast enough for many: every length above a route is looked up ----


def index(vrps):
    """Of VRPs, for `judge` and `named`."""
    found = collections.defaultdict(list)
    for text, maxlen, asn in vrps:
        net = lab.network(text)
        found[net.version, net.prefixlen, int(net.network_address) >> (net.max_prefixlen - net.prefixlen)].append((maxlen, asn))
    return found


@functools.lru_cache(maxsize=None)
def above(prefix):
    """Where a VRP that covers it would stand: one place a length."""
    net = lab.network(prefix)
    value = int(net.network_address)
    return [(net.version, length, value >> (net.max_prefixlen - length)) for length in range(net.prefixlen + 1)]


def covering(indexed, prefix):
    return [row for place in above(prefix) if place in indexed for row in indexed[place]]


def judge(indexed, prefix, asn):
    """asn None: a set."""
    rows, length = covering(indexed, prefix), len(above(prefix)) - 1
    if any(origin and origin == asn and length <= maxlen for maxlen, origin in rows):
        return "valid"
    return "invalid" if rows else "not-found"


def named(changed, routes):
    """The routes under a VRP that came or went: those that a difference names; no other can have another state."""
    indexed = index(changed)
    return {prefix for prefix in routes if covering(indexed, prefix)}


def many_vrps(seed, n):
    """n, of both families, in one another, over space that a router takes."""
    rng, found = random.Random(seed), set()
    while len(found) < n:
        if rng.random() < 0.8:
            length = rng.choice([12, 16, 16, 19, 20, 22, 22, 23, 24, 24, 24])
            value, width, word = rng.randrange(16 << 24, 100 << 24), 32, "%d.%d.%d.%d"
        else:
            length = rng.choice([29, 32, 32, 36, 40, 44, 48, 48])
            value, width, word = 0x2A00 << 112 | rng.getrandbits(20) << 84 | rng.getrandbits(40) << 44, 128, ""
        value = value >> (width - length) << (width - length)
        text = word % tuple(value.to_bytes(4, "big")) if word else socket.inet_ntop(socket.AF_INET6, value.to_bytes(16, "big"))
        found.add(("%s/%d" % (text, length), min(width, length + rng.choice([0, 0, 0, 1, 2, 8])), rng.choice([0] + [64496 + rng.randrange(16)] * 12)))
    return found


def many_routes(vrps, seed, n):
    """prefix -> origin, under and outside VRPs, each prefix once."""
    rng, found, rows = random.Random(seed), {}, sorted(vrps)
    while len(found) < n * 9 // 10:
        text, maxlen, origin = rng.choice(rows)
        net = lab.network(text)
        longest = 24 if net.version == 4 else 48
        length = min(max(net.prefixlen, longest), net.prefixlen + rng.choice([0, 0, 0, 1, 2, 4]))
        value = int(net.network_address) | (rng.getrandbits(length - net.prefixlen) << (net.max_prefixlen - length) if length > net.prefixlen else 0)
        route = type(net)((value, length))
        found[str(route)] = rng.choice([origin or 64500, origin or 64500, 64496 + rng.randrange(16)])
    while len(found) < n:
        found["%d.%d.%d.0/24" % (rng.randrange(130, 160), rng.randrange(256), rng.randrange(256))] = 64496 + rng.randrange(16)
    return found
