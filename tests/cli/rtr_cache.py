# SPDX-License-Identifier: BSD-2-Clause
"""A cache for tests: PDUs as RFC 6810, RFC 8210 and draft-ietf-sidrops-8210bis draw them, written from there and sharing
nothing with the library, and a server whose way to answer is a function of the test's own."""

import ipaddress
import socket
import struct
import threading
import time

NOTIFY, SERIAL, RESET, RESPONSE, PREFIX4, PREFIX6, END, CACHE_RESET, KEY, ERROR, ASPA = 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11


def pdu(version, kind, field, body=b""):
    return struct.pack(">BBHI", version, kind, field, 8 + len(body)) + body


def prefix(version, text, maxlen, asn, announce=1):
    net = ipaddress.ip_network(text)
    return pdu(version, PREFIX4 if net.version == 4 else PREFIX6, 0,
               struct.pack(">BBBB", announce, net.prefixlen, maxlen, 0) + net.network_address.packed + struct.pack(">I", asn))


def key(version, asn, ski, spki, announce=1):
    return pdu(version, KEY, announce << 8, ski + struct.pack(">I", asn) + spki)


def aspa(customer, providers, announce=1):
    return pdu(2, ASPA, announce << 8, struct.pack(">I%dI" % len(providers), customer, *providers))


def end(version, session, serial, refresh=3600, retry=600, expire=7200):
    return pdu(version, END, session, struct.pack(">I", serial) +
               (struct.pack(">III", refresh, retry, expire) if version else b""))


def error(version, code, text=b"", quoted=b""):
    return pdu(version, ERROR, code, struct.pack(">I", len(quoted)) + quoted + struct.pack(">I", len(text)) + text)


class Set:
    """What a cache has: VRPs (prefix, maxlen, asn), ASPAs {customer: providers}, keys (asn, ski, spki)."""

    def __init__(self, vrps=(), aspas=None, keys=()):
        self.vrps, self.aspas, self.keys = list(vrps), dict(aspas or {}), list(keys)

    def pdus(self, version):
        out = [prefix(version, *v) for v in self.vrps]
        if version >= 1:
            out += [key(version, *k) for k in self.keys]
        if version >= 2:
            out += [aspa(c, p) for c, p in self.aspas.items()]
        return b"".join(out)

    def response(self, version, session=7, serial=1):
        return pdu(version, RESPONSE, session) + self.pdus(version) + end(version, session, serial)


class Cache:
    """answer(peer, version, kind, field, body) for every PDU of a router; peer.send(bytes), peer.close()."""

    def __init__(self, answer, family=socket.AF_INET, wrap=None):
        self.answer, self.wrap = answer, wrap
        self.queries, self.errors, self.connections, self.peers = [], [], 0, []
        self.lock = threading.Lock()
        self.listener = socket.socket(family)
        self.listener.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.listener.listen(20)
        self.port = self.listener.getsockname()[1]
        self.host = "127.0.0.1:%d" % self.port if family == socket.AF_INET else "[::1]:%d" % self.port
        self.url = "rtr://" + self.host
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            sock.settimeout(20)
            if self.wrap:
                sock = self.wrap(sock)
            peer = Peer(sock)
            with self.lock:
                self.peers.append(peer)
            self.speak(peer, sock)
        except OSError:
            pass
        finally:
            sock.close()

    def speak(self, peer, sock):
        while not peer.closed:
            head = whole(sock, 8)
            if head is None:
                return
            version, kind, field, length = struct.unpack(">BBHI", head)
            body = whole(sock, length - 8)
            if body is None:
                return
            with self.lock:
                (self.errors if kind == ERROR else self.queries).append((version, kind, field, body))
            if kind != ERROR:
                self.answer(peer, version, kind, field, body)

    def send_all(self, data):
        """To every router that is there."""
        with self.lock:
            for peer in self.peers:
                peer.send(data)

    def drop_all(self):
        with self.lock:
            peers, self.peers = self.peers, []
        for peer in peers:
            peer.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop_all()


class Peer:
    def __init__(self, sock):
        self.sock, self.closed = sock, False

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            pass

    def close(self):
        self.closed = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def whole(sock, n):
    out = b""
    while len(out) < n:
        part = sock.recv(n - len(out))
        if not part:
            return None
        out += part
    return out


def polite(what, highest=2, **more):
    """A cache that has a Set, and answers a lower version with Error 4, as 8210bis section 7 says."""

    def answer(peer, version, kind, field, body):
        if version > highest:
            peer.send(error(highest, 4, b"too high"))
        elif kind == RESET:
            peer.send(what.response(version))
        else:
            peer.send(pdu(version, CACHE_RESET, 0))

    return Cache(answer, **more)


def until(true, seconds=10):
    """Whether it came true in time."""
    end_at = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end_at:
            return False
        time.sleep(0.01)
    return True
