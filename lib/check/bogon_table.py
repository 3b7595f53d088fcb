#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make bogon_table.h of bogon_table.txt: rows by address, then length, each with how many lie under it."""
import ipaddress
import sys

KIND = {"special": "MANRS_BOGON_SPECIAL", "global": "MANRS_BOGON_NONE",
        "multicast": "MANRS_BOGON_MULTICAST", "former": "MANRS_BOGON_FORMER"}


def rows(text):
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, block, name, source = (field.strip() for field in line.split("|"))
            yield ipaddress.ip_network(block), KIND[kind], name, source


def table(family, entries):
    entries = sorted((e for e in entries if e[0].version == family),
                     key=lambda e: (int(e[0].network_address), e[0].prefixlen))
    yield "static const struct row rows%d[] = {" % family
    for i, (net, kind, name, source) in enumerate(entries):
        under = sum(1 for e in entries[i + 1:] if e[0].subnet_of(net))
        octets = list(net.network_address.packed) + [0] * (16 - len(net.network_address.packed))
        while octets and not octets[-1]:
            octets.pop()
        addr = ", ".join("0x%02x" % o for o in octets) or "0"
        yield "\t{{%d, %d, %d, 0, {%s}}," % (family, net.prefixlen, net.prefixlen, addr)
        yield '\t %s, %d, "%s", "%s"},' % (kind, under, name, source)
    yield "};"


def first_octets(family, entries):
    """A bit for each first octet of an address that lies in some block."""
    words = [0] * 4
    for net in (e[0] for e in entries if e[0].version == family):
        for octet in range(net.network_address.packed[0], net.broadcast_address.packed[0] + 1):
            words[octet // 64] |= 1 << octet % 64
    return "static const uint64_t octets%d[4] = {\n\t%s};" % (family, ",\n\t".join("UINT64_C(0x%016x)" % w for w in words))


def main():
    entries = list(rows(open(sys.argv[1]).read()))
    print("/* SPDX-License-Identifier: BSD-2-Clause */")
    print("/* Made by bogon_table.py of bogon_table.txt: change that one. */")
    for family in (4, 6):
        print()
        print("\n".join(table(family, entries)))
        print()
        print("/* First octets of what may lie in a block. */")
        print(first_octets(family, entries))


main()
