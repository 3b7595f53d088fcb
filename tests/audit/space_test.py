# SPDX-License-Identifier: BSD-2-Clause
"""Address space against Python's own big integers and its ipaddress module: random sets, sums and ratios."""

import ctypes
import ipaddress
import os
import random
import sys

lib = ctypes.CDLL(os.path.join(os.environ.get("B", "build"), "libmanrs.so"))


class Prefix(ctypes.Structure):
    _fields_ = [("family", ctypes.c_uint8), ("len", ctypes.c_uint8), ("maxlen", ctypes.c_uint8),
                ("zero", ctypes.c_uint8), ("addr", ctypes.c_uint8 * 16)]


def record(net):
    p = Prefix(net.version, net.prefixlen, net.prefixlen, 0)
    p.addr[:len(net.network_address.packed)] = net.network_address.packed
    return p


def space(nets):
    s = ctypes.c_void_p()
    assert lib.manrs_space_new(ctypes.byref(s), None) == 0
    nets = list(nets)
    for at in range(0, len(nets), 37):
        part = [record(n) for n in nets[at:at + 37]]
        assert lib.manrs_space_add(s, (Prefix * len(part))(*part), ctypes.c_size_t(len(part)), None) == 0
    return s


def text(call, *args):
    buf = ctypes.create_string_buffer(200)
    n = call(*args, buf, ctypes.c_size_t(len(buf)))
    assert n == len(buf.value), n
    return buf.value.decode()


def net_of(rng, version):
    bits = 32 if version == 4 else 128
    length = rng.choice([0, 1, bits - 1, bits] if rng.random() < 0.02 else range(4, bits + 1))
    top = rng.choice([0, (1 << bits) - 1, rng.getrandbits(bits), 0x20010DB8 << (bits - 32)])
    low = min(bits, length + rng.randrange(12))
    top ^= rng.getrandbits(min(bits, 14)) << (bits - low)
    return ipaddress.ip_network(((top & ((1 << bits) - 1)) >> (bits - length) << (bits - length), length))


def union(nets, version):
    return list(ipaddress.collapse_addresses(n for n in nets if n.version == version))


def size(nets):
    return sum(n.num_addresses for n in nets)


def common(a, b):
    return sum(min(x.num_addresses, y.num_addresses) for x in a for y in b if x.overlaps(y))


def one_round(rng):
    a, b = ([net_of(rng, rng.choice((4, 6))) for _ in range(rng.randrange(120))] for _ in range(2))
    x, y = space(a), space(b)
    for v in (4, 6):
        ua, ub = union(a, v), union(b, v)
        na, nb = text(lib.manrs_space_count, x, v), text(lib.manrs_space_count, y, v)
        assert int(na) == size(ua) and int(nb) == size(ub)
        assert int(text(lib.manrs_space_common, x, y, v)) == common(ua, ub)
        assert int(text(lib.manrs_number_sum, na.encode(), nb.encode())) == size(ua) + size(ub)
        digits = rng.randrange(61)
        if int(nb):
            got = text(lib.manrs_number_ratio, na.encode(), nb.encode(), digits)
            want = str(int(na) * 10 ** digits // int(nb)).rjust(digits + 1, "0")
            assert got == (want[:-digits] + "." + want[-digits:] if digits else want)
        order = ctypes.c_int()
        assert lib.manrs_number_cmp(na.encode(), nb.encode(), ctypes.byref(order)) == 0
        assert order.value == (int(na) > int(nb)) - (int(na) < int(nb))
    lib.manrs_space_free(x)
    lib.manrs_space_free(y)


def many_sets():
    """A sum of sets, not their union: a thousand times the whole of IPv6."""
    s = space([ipaddress.ip_network("::/0")])
    total = "0"
    for _ in range(1000):
        total = text(lib.manrs_number_sum, total.encode(), text(lib.manrs_space_count, s, 6).encode())
    lib.manrs_space_free(s)
    assert int(total) == 1000 * 2 ** 128


rng = random.Random(8)
for _ in range(400):
    one_round(rng)
many_sets()
print("2 passed, 0 failed, 0 skipped")
sys.exit(0)
