# SPDX-License-Identifier: BSD-2-Clause
"""A router that speaks BMP to a station, its messages typed by hand from RFC 7854 section 4 and RFC 4271 section 4."""

import ipaddress
import socket
import struct

ROUTES, STATISTICS, DOWN, UP, INITIATION, TERMINATION, MIRROR = range(7)
POST_POLICY, TWO_OCTETS, OUT = 0x40, 0x20, 0x10  # flags of a per-peer header: RFC 7854 section 4.2, RFC 8671 section 4


def message(kind, body):
    """The common header: version 3, length, type."""
    return struct.pack(">BIB", 3, 6 + len(body), kind) + body


def tlv(kind, text):
    return struct.pack(">HH", kind, len(text)) + text.encode()


def initiation(name="r1"):
    return message(INITIATION, tlv(1, "a router of the test") + tlv(2, name))


def termination():
    return message(TERMINATION, struct.pack(">HHH", 1, 2, 0))


class Peer:
    """A peer of the router: the per-peer header of 42 octets before each message."""

    def __init__(self, address="192.0.2.1", asn=64500, local="192.0.2.254", local_asn=64510):
        self.address, self.asn = ipaddress.ip_address(address), asn
        self.local, self.local_asn = ipaddress.ip_address(local), local_asn

    def header(self, flags=0, kind=0):
        v6 = self.address.version == 6
        packed = self.address.packed if v6 else bytes(12) + self.address.packed
        return struct.pack(">BBQ", kind, flags | (0x80 if v6 else 0), 0) + packed + struct.pack(
            ">IIII", self.asn, 0x0A000001, 1700000000, 0)

    def up(self, flags=0):
        local = self.local.packed if self.local.version == 6 else bytes(12) + self.local.packed
        return message(UP, self.header(flags) + local + struct.pack(">HH", 179, 40000) +
                       open_message(self.local_asn) + open_message(self.asn))

    def down(self, reason=4):
        return message(DOWN, self.header() + bytes([reason]))

    def routes(self, update, flags=0, kind=0):
        return message(ROUTES, self.header(flags, kind) + update)

    def mirror(self, update, errored=False):
        """Section 4.7: TLV 0 is the message, TLV 1 with 0 says that the router could not use it."""
        said = struct.pack(">HHH", 1, 2, 0) if errored else b""
        return message(MIRROR, self.header() + said + struct.pack(">HH", 0, len(update)) + update)

    def announce(self, prefixes, path=None, flags=0, kind=0):
        next_hop = self.address if self.address.version == 4 else "192.0.2.1"
        return self.routes(announce(prefixes, path or [self.asn], str(next_hop)), flags, kind)

    def withdraw(self, prefixes, flags=0):
        return self.routes(withdraw(prefixes), flags)

    def end_of_rib(self, flags=0):
        return self.routes(bgp(2, bytes(4)), flags)


def bgp(kind, body):
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body


def open_message(asn):
    """Version 4, My AS, hold time, identifier; one parameter: capability 65, the AS of four octets (RFC 6793)."""
    capability = struct.pack(">BBI", 65, 4, asn)
    parameter = struct.pack(">BB", 2, len(capability)) + capability
    return bgp(1, struct.pack(">BHHIB", 4, asn if asn < 65536 else 23456, 180, 0x0A000001, len(parameter)) + parameter)


def nlri(prefixes):
    out = b""
    for prefix in prefixes:
        net = ipaddress.ip_network(prefix)
        out += bytes([net.prefixlen]) + net.network_address.packed[:(net.prefixlen + 7) // 8]
    return out


def attribute(flags, kind, value):
    return struct.pack(">BBB", flags, kind, len(value)) + value


def announce(prefixes, path, next_hop):
    """ORIGIN, AS_PATH of one AS_SEQUENCE of four-octet ASes, NEXT_HOP."""
    segment = struct.pack(">BB", 2, len(path)) + b"".join(struct.pack(">I", asn) for asn in path)
    attributes = (attribute(0x40, 1, b"\0") + attribute(0x40, 2, segment) +
                  attribute(0x40, 3, ipaddress.ip_address(next_hop).packed))
    return bgp(2, struct.pack(">HH", 0, len(attributes)) + attributes + nlri(prefixes))


def withdraw(prefixes):
    gone = nlri(prefixes)
    return bgp(2, struct.pack(">H", len(gone)) + gone + struct.pack(">H", 0))


def connect(to, *messages, source=None):
    """A connection to the station, from this address, these messages sent."""
    sock = socket.create_connection(to, timeout=10, source_address=(source, 0) if source else None)
    sock.sendall(b"".join(messages))
    return sock
