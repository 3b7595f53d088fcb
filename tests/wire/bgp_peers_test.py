# SPDX-License-Identifier: BSD-2-Clause
"""BGP as other programs read it: ExaBGP's JSON of 147 UPDATEs, tcpdump's text of captures, sessions of five daemons whose
routes are known, and messages that crashed GoBGP. Needs the shared data."""

import ctypes as c
import ipaddress
import json
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cli"))
from command import B, check, close, shared, skip

lib = c.CDLL(os.path.join(B, "libmanrs.so"))
u8, u16, u32, u64 = c.c_uint8, c.c_uint16, c.c_uint32, c.c_uint64
AS4, PATHS4, PATHS6, EXTENDED, INTERNAL = 1, 4, 8, 16, 32
KEEP, DISCARD, WITHDRAW, DISABLE, RESET = 1, 2, 3, 4, 5


def struct_of(name, fields):
    """A ctypes struct, held to the library's size."""
    made = type(name, (c.Structure,), {"_fields_": fields})
    size = lib.manrs_sizeof(("manrs_" + name).encode())
    assert c.sizeof(made) == size, (name, c.sizeof(made), size)
    return made


lib.manrs_sizeof.restype = c.c_size_t
Fault = struct_of("fault", [("at", u64), ("what", c.c_char_p), ("code", c.c_int32), ("line", u32)])
Prefix = struct_of("prefix", [("family", u8), ("len", u8), ("maxlen", u8), ("zero", u8), ("addr", u8 * 16)])
Path = struct_of("path", [("asn", c.POINTER(u32)), ("kind", c.POINTER(u8)), ("n", u32), ("flags", u32)])
Session = struct_of(
    "bgp_session", [("flags", u32), ("neighbour_asn", u32), ("neighbour_address", Prefix), ("zero", u32)]
)
Cursor = struct_of("cursor", [("state", u64 * 8)])
Message = struct_of(
    "bgp_message",
    [("type", u32), ("n", u32)]
    + [(name, c.c_void_p) for name in ("body", "withdrawn", "attributes", "nlri", "reach", "unreach")]
    + [(name, u32) for name in ("n_body", "n_withdrawn", "n_attributes", "n_nlri", "n_reach", "n_unreach", "mp_twice")]
    + [("notify_code", u8), ("notify_subcode", u8), ("zero", u8 * 2)],
)
Open = struct_of(
    "bgp_open",
    [("asn", u32), ("bgp_id", u32), ("caps", u32), ("role", c.c_int32), ("hold_s", u16), ("paths4", u8)]
    + [("paths6", u8), ("version", u8), ("zero", u8 * 11)],
)
More = struct_of(
    "bgp_more",
    [("discarded", u64), ("fault", Fault), ("next_hop_local", Prefix)]
    + [(name, u32) for name in ("aggregator_asn", "aggregator_id", "originator_id")]
    + [(name, u32) for name in ("n_extended", "n_large", "n_clusters")]
    + [("notify_code", u8), ("notify_subcode", u8), ("zero", u8 * 2)]
    + [(name, c.POINTER(u8)) for name in ("extended", "large", "clusters")],
)
Attrs = struct_of(
    "bgp_attrs",
    [("has", u64), ("id", u32), ("path_id", u32), ("path", Path), ("next_hop", Prefix), ("next_hop4", Prefix)]
    + [(name, u8) for name in ("action", "notes", "origin", "reach_family")]
    + [(name, u32) for name in ("otc", "med", "local_pref", "n_communities", "zero32")]
    + [("communities", c.POINTER(u8)), ("more", c.POINTER(More))],
)
Update = struct_of(
    "bgp_update",
    [("message", Message), ("session", Session), ("attrs", c.POINTER(Attrs)), ("action", u32), ("end_of_rib", u32)]
    + [("notes", u32), ("notify_code", u8), ("notify_subcode", u8), ("zero", u8 * 2), ("fault", Fault)],
)
Announcement = struct_of(
    "announcement",
    [("prefix", Prefix), ("neighbour_asn", u32), ("next_hop", Prefix), ("otc", u32), ("neighbour_address", Prefix)]
    + [("flags", u32), ("path", Path), ("learned_from", u32), ("zero", u8 * (52 - c.sizeof(Path)))],
)

store = c.c_void_p()
assert lib.manrs_bgp_store_new(c.byref(store), None) == 0
lib.manrs_bgp_announced.restype = lib.manrs_bgp_withdrawn.restype = c.c_size_t


def address(p):
    return str(ipaddress.ip_address(bytes(p.addr[: 4 if p.family == 4 else 16]))) if p.family else None


def prefix(p):
    return "%s/%d" % (address(p), p.len)


def decode(data, session):
    """One message from the front of data: (bytes used or error, message, what it lies in)."""
    message, need, fault = Message(), c.c_size_t(), Fault()
    room = c.create_string_buffer(data, len(data))
    used = lib.manrs_bgp_decode(
        c.byref(message), c.byref(session), room, c.c_size_t(len(data)), c.byref(need), c.byref(fault)
    )
    return used, message, room


def update_of(message, session):
    update = Update()
    assert lib.manrs_bgp_update_decode(c.byref(update), store, c.byref(session), c.byref(message)) == 0
    return update


def listed(call, item, update, cap=3):
    """All that a listing gives, with path identifiers."""
    out, ids, cursor, all_of = (item * cap)(), (u32 * cap)(), Cursor(), []
    while True:
        n = call(c.byref(update), c.byref(cursor), out, ids, c.c_size_t(cap))
        all_of += [(item.from_buffer_copy(out[i]), ids[i]) for i in range(n)]
        if n < cap:
            return all_of


def path_of(path):
    """[("sequence", [AS...]), ...]"""
    segments = []
    for i in range(path.n):
        kind = path.kind[i] if path.kind else (0x82 if i == 0 else 2)
        if kind & 0x80:
            segments.append((["", "set", "sequence", "confed-sequence", "confed-set"][kind & 7], []))
        segments[-1][1].append(path.asn[i])
    return segments


def items(bytes_of, n, size):
    return [bytes(bytes_of[i * size : (i + 1) * size]) for i in range(n)]


def attributes_of(a):
    """What counts, by name."""
    out = {}
    named = {1: ("origin", lambda: ["igp", "egp", "incomplete"][a.origin]), 4: ("med", lambda: a.med)}
    named[2] = ("path", lambda: path_of(a.path))
    named[3] = ("next-hop", lambda: address(a.next_hop4))
    named[5] = ("local-preference", lambda: a.local_pref)
    named[6] = ("atomic-aggregate", lambda: True)
    aggregator = lambda: "%d:%s" % (a.more[0].aggregator_asn, ipaddress.ip_address(a.more[0].aggregator_id))
    named[7] = ("aggregator", aggregator)
    four = lambda what, n: [list(struct.unpack(">HH", x)) for x in items(what, n, 4)]
    named[8] = ("community", lambda: four(a.communities, a.n_communities))
    named[9] = ("originator-id", lambda: str(ipaddress.ip_address(a.more[0].originator_id)))
    clusters = lambda: [str(ipaddress.ip_address(x)) for x in items(a.more[0].clusters, a.more[0].n_clusters, 4)]
    named[10] = ("cluster-list", clusters)
    extended = lambda: [int.from_bytes(x, "big") for x in items(a.more[0].extended, a.more[0].n_extended, 8)]
    named[16] = ("extended-community", extended)
    large = lambda: [list(struct.unpack(">III", x)) for x in items(a.more[0].large, a.more[0].n_large, 12)]
    named[32] = ("large-community", large)
    named[35] = ("otc", lambda: a.otc)
    for bit, (name, value) in named.items():
        if a.has >> bit & 1:
            out[name] = value()
    return out


# ---- ExaBGP's JSON ----


def exabgp_wants(text):
    """Of ExaBGP's JSON: announced [(prefix, id, next hop)], withdrawn [(prefix, id)], attributes."""
    said = json.loads(text)["update"]
    number = lambda n: int(ipaddress.ip_address(n["path-information"])) if "path-information" in n else 0
    whole = lambda nlri: (str(ipaddress.ip_network(nlri["nlri"])), number(nlri))
    announced, withdrawn = [], []
    for family, hops in said.get("announce", {}).items():
        for hop, nlris in hops.items():
            announced += [whole(n) + (str(ipaddress.ip_address(hop)),) for n in nlris]
    for family, nlris in said.get("withdraw", {}).items():
        withdrawn += [whole(n) for n in nlris]
    attributes = dict(said.get("attribute", {}))
    path = attributes.pop("as-path", {})
    attributes["path"] = [
        (s["element"].replace("as-", ""), s["value"]) for _, s in sorted(path.items(), key=lambda kv: int(kv[0]))
    ]
    if "extended-community" in attributes:
        attributes["extended-community"] = [x["value"] for x in attributes["extended-community"]]
    return sorted(announced), sorted(withdrawn), attributes


def command_wants(command):
    """Of an ExaBGP command `announce|withdraw ... PREFIX next-hop ...`: the same, or None for an End-of-RIB."""
    if command.startswith("announce eor"):
        return None
    words = command.split()
    at = next(i for i, w in enumerate(words) if "/" in w)
    value = lambda name: words[words.index(name) + 1] if name in words else None
    listing = lambda name: re.search(name + r" \[([^\]]*)\]", command)
    number = value("path-information")
    who = (str(ipaddress.ip_network(words[at])), int(ipaddress.ip_address(number)) if number else 0)
    if words[0] == "withdraw":
        return [], [who], {}
    attributes = {"origin": value("origin"), "path": []}
    for name, key in (("med", "med"), ("local-preference", "local-preference")):
        if value(name):
            attributes[key] = int(value(name))
    if listing("as-path"):
        attributes["path"] = [("sequence", [int(x) for x in listing("as-path").group(1).split()])]
    if listing(" community"):
        attributes["community"] = [[int(y) for y in x.split(":")] for x in listing(" community").group(1).split()]
    if "atomic-aggregate" in words:
        attributes["atomic-aggregate"] = True
    if value("aggregator"):
        attributes["aggregator"] = value("aggregator")
    target = listing("extended-community")
    if target:
        octets = [x.split(":") for x in target.group(1).split()]
        attributes["extended-community"] = [0x0002 << 48 | int(a) << 32 | int(b) for _, a, b in octets]
    return [who + (value("next-hop"),)], [], attributes


def end_of_rib_wants(message):
    """What RFC 4724 section 2 says of these bytes: 4, 6, 0 for another family's; None: no End-of-RIB."""
    body = message[19:]
    if body == bytes(4):
        return 4
    if len(body) == 11 and body[4:7] == b"\x90\x0f\0":
        return {b"\0\1\1": 4, b"\0\2\1": 6}.get(body[8:11], 0)
    return None


def bytes_want(message):
    """Of the messages of which nobody says what is in them: a withdrawn /24, or ORIGIN igp, an empty path, a next hop,
    LOCAL_PREF 100, some with MED, and one prefix at the end."""
    body = message[19:]
    if body[0:2] == b"\0\4" and len(body) == 8:
        return [], [("%d.%d.%d.0/24" % tuple(body[3:6]), 0)], {}
    bits = body[-5] if body[-5] == 32 else body[-4] if body[-4] == 24 else body[-3]
    octets = (list(body[-((bits + 7) // 8) :]) + [0, 0, 0])[:4]
    hop_at = body.index(b"\x40\x03\x04") + 3
    attributes = {"origin": "igp", "path": [], "local-preference": 100}
    if b"\x80\x04\x04" in body:
        attributes["med"] = int.from_bytes(body[body.index(b"\x80\x04\x04") + 3 :][:4], "big")
    return (
        [("%d.%d.%d.%d/%d" % (*octets, bits), 0, "%d.%d.%d.%d" % tuple(body[hop_at : hop_at + 4]))],
        [],
        attributes,
    )


def got_of(update):
    announced = listed(lib.manrs_bgp_announced, Announcement, update)
    attributes = attributes_of(update.attrs.contents) if update.attrs else {}
    for a, _ in announced:
        assert path_of(a.path) == attributes["path"]
    return (
        sorted((prefix(a.prefix), number, address(a.next_hop)) for a, number in announced),
        sorted((prefix(p), number) for p, number in listed(lib.manrs_bgp_withdrawn, Prefix, update)),
        attributes,
    )


def one_of_exabgp(line):
    """None, or what is not as it should be."""
    _, as4, add_path, text, command, expected = line.rstrip("\n").split("\t")
    message = bytearray.fromhex(text)
    flags = INTERNAL | (AS4 if as4 == "1" else 0) | (PATHS4 | PATHS6 if add_path == "1" else 0)
    session = Session(flags=flags)
    used, m, room = decode(bytes(message), session)
    if used != len(message):
        return "decode gave %d" % used
    update = update_of(m, session)
    end = end_of_rib_wants(bytes(message))
    if end is not None:
        right = (update.action, update.end_of_rib, got_of(update)) == (KEEP, end, ([], [], {}))
        return None if right else "not an End-of-RIB of %d" % end
    if expected:
        announced, withdrawn, attributes = exabgp_wants(expected)
    else:
        announced, withdrawn, attributes = command_wants(command) if command else bytes_want(bytes(message))
    for name in [name for name in attributes if name.startswith("attribute-0x")]:
        # Unknown, and its flags say that it is well-known: RFC 4271 section 6.3. As an optional one it passes.
        del attributes[name]
        _, number, bits = name.split("-")
        if (update.action, update.notify_code, update.notify_subcode) != (RESET, 3, 2):
            return "an unknown well-known attribute: action %d" % update.action
        at = message.index(bytes([int(bits, 16), int(number, 16)]))
        message[at] |= 0x80
        used, m, room = decode(bytes(message), session)
        update = update_of(m, session)
    at = message.find(b"\x80\x0e\x1a\0\2\1\4")
    if at >= 0:
        # IPv6 with a next hop of 4 octets, which no RFC has: RFC 7606 section 7.11. Mapped to 16 it passes.
        if (update.action, update.notify_code, update.notify_subcode) != (DISABLE, 3, 9):
            return "a next hop of 4 octets: action %d" % update.action
        message[at + 2 : at + 7] = b"\x26\0\2\1\x10" + bytes(10) + b"\xff\xff"
        message[17] += 12
        message[22] += 12
        announced = [p[:2] + ("::ffff:" + p[2],) for p in announced]
        used, m, room = decode(bytes(message), session)
        update = update_of(m, session)
    if update.action != KEEP:
        return "action %d: %s" % (update.action, update.fault.what)
    got = got_of(update)
    announced = [p[:2] + (str(ipaddress.ip_address(p[2])),) for p in announced]
    for named in (attributes, got[2]):
        named.setdefault("path", [])  # ExaBGP's JSON does not tell an empty path from none
    hop = got[2].pop("next-hop", None)
    if m.n_nlri and hop != announced[0][2]:
        return "next hop %s" % hop
    want = (announced, withdrawn, attributes)
    return None if got == want else "want %r\n got %r" % (want, got)


def test_exabgp():
    name = shared("wire/exabgp-updates.tsv")
    if not name:
        return skip("no wire/exabgp-updates.tsv")
    lines = [line for line in open(name) if not line.startswith("#")]
    check("ExaBGP: 147 messages", len(lines), 147)
    for i, line in enumerate(lines):
        check("ExaBGP %d %s" % (i + 1, line[:200]), one_of_exabgp(line), None)


# ---- captures, against tcpdump's text ----


def packets(name):
    """The packets of a pcap or pcapng file, in order, from their link layer on."""
    data = open(name, "rb").read()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        e = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        link = []
        at = 0
        while at < len(data):
            kind, n = struct.unpack(e + "II", data[at : at + 8])
            if kind == 1:
                link.append(struct.unpack(e + "H", data[at + 8 : at + 10])[0])
            if kind == 6:
                interface, _, _, caught = struct.unpack(e + "IIII", data[at + 8 : at + 24])
                yield link[interface], data[at + 28 : at + 28 + caught]
            at += n
        return
    e = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<"}.get(data[:4], ">")
    link = struct.unpack(e + "I", data[20:24])[0]
    at = 24
    while at < len(data):
        caught = struct.unpack(e + "I", data[at + 8 : at + 12])[0]
        yield link, data[at + 16 : at + 16 + caught]
        at += 16 + caught


def segments(name):
    """TCP payloads: (from, to, bytes), sent twice only once."""
    seen = set()
    for link, frame in packets(name):
        at = {1: 14, 101: 0, 113: 16, 228: 0}[link]
        if link == 1 and frame[12:14] == b"\x81\0":
            at += 4
        ip = frame[at:]
        if ip[0] >> 4 != 4 or (link == 1 and frame[at - 2 : at] != b"\x08\0") or ip[9] != 6:
            continue
        head, total = (ip[0] & 15) * 4, struct.unpack(">H", ip[2:4])[0]
        tcp = ip[head:total]
        source, target, sequence = struct.unpack(">HHI", tcp[:8])
        ends = (ip[12:16], source), (ip[16:20], target)
        payload = tcp[(tcp[12] >> 4) * 4 :]
        if payload and (ends, sequence) not in seen:
            seen.add((ends, sequence))
            yield ends + (payload,)


def tcpdump_messages(name):
    """What tcpdump says of each message: lists of its indented lines."""
    said = []
    for line in open(name):
        head = re.match(r"\t(Open|Update|Notification|Keepalive) Message \(\d\), length: (\d+)", line)
        if head:
            said.append((head.group(1), int(head.group(2)), []))
        elif said and line.startswith("\t"):
            said[-1][2].append(line.rstrip("\n")[1:])
    return said


def tcpdump_prefixes(lines):
    """[(prefix, id)]"""
    out = []
    for line in lines:
        found = re.match(r"\s+([0-9a-f.:]+)/(\d+)(?:\s+Path Id: (\d+))?$", line)
        if not found:
            break
        out.append((str(ipaddress.ip_network(found.group(1) + "/" + found.group(2))), int(found.group(3) or 0)))
    return sorted(out)


def tcpdump_wants(lines):
    """Of an UPDATE: announced [(prefix, id, next hop)], withdrawn, attributes."""
    announced, withdrawn, attributes, as4, mp_hop = [], [], {}, None, None
    for i, line in enumerate(lines):
        head, _, rest = line.strip().partition(", length: ")
        value = rest.split("]: ", 1)[1].strip() if "]: " in rest else ""
        below = lines[i + 1].strip() if i + 1 < len(lines) else ""
        if head == "Origin (1)":
            attributes["origin"] = {"IGP": "igp", "EGP": "egp", "Incomplete": "incomplete"}[value]
        elif head in ("AS Path (2)", "AS4 Path (17)"):
            path = [("sequence", [int(x) for x in value.split()])] if value != "empty" else []
            if head.startswith("AS4"):
                as4 = path
            else:
                attributes["path"] = path
        elif head == "Next Hop (3)":
            attributes["next-hop"] = value
        elif head == "Multi Exit Discriminator (4)":
            attributes["med"] = int(value)
        elif head == "Local Preference (5)":
            attributes["local-preference"] = int(value)
        elif head == "Large Community (32)":
            attributes["large-community"] = [[int(y) for y in x.split(":")] for x in below.split(", ")]
        elif head == "Only to Customer (OTC) (35)":
            attributes["otc"] = int(below.split()[1])
        elif head == "Extended Community (16)":
            state = {"valid": 0, "not found": 1, "invalid": 2}[below.rsplit("ovs: ", 1)[1]]
            attributes["extended-community"] = [0x4300 << 48 | state]
        elif line.strip().startswith("nexthop: "):
            mp_hop = line.strip().split()[1].rstrip(",")
            announced += [p + (mp_hop,) for p in tcpdump_prefixes(lines[i + 1 :])]
        elif line.strip() == "Withdrawn routes:":
            withdrawn += tcpdump_prefixes(lines[i + 1 :])
        elif line.strip() == "Updated routes:":
            announced += [p + (attributes["next-hop"],) for p in tcpdump_prefixes(lines[i + 1 :])]
    if as4:  # RFC 6793 section 4.2.3, of sequences alone
        two, four = attributes["path"][0][1], as4[0][1]
        attributes["path"] = [("sequence", two[: len(two) - len(four)] + four)]
    return sorted(announced), sorted(withdrawn), attributes


def tcpdump_open(lines):
    """Of an OPEN: (AS, id, hold time, role, paths4, families, extended, 4-octet)."""
    text = "\n".join(lines)
    fixed = re.search(r"Version 4, my AS (\d+), Holdtime (\d+)s, ID ([\d.]+)", text)
    asn = re.search(r"4 Byte AS (\d+)", text)
    role = re.search(r"Role name \S+ \((\d)\)", text)
    paths = re.search(r"Send/Receive: (\w+)", text)
    return (
        int((asn or fixed).group(1)),
        fixed.group(3),
        int(fixed.group(2)),
        int(role.group(1)) if role else -1,
        {"Receive": 1, "Send": 2, "Both": 3}[paths.group(1)] if paths else 0,
        4 * ("AFI IPv4 (1), SAFI Unicast" in text) | 8 * ("AFI IPv6 (2), SAFI Unicast" in text),
        "BGP Extended Message" in text,
        asn is not None,
    )


def open_of(message):
    said = Open()
    rc = lib.manrs_bgp_open_decode(c.byref(said), c.byref(message), None)
    return rc, said


def got_open(said):
    hexed = str(ipaddress.ip_address(said.bgp_id))
    return (
        (said.asn, hexed, said.hold_s, said.role, said.paths4)
        + (said.caps & 12, bool(said.caps & 2), bool(said.caps & 1))
    )


def capture(name, flags):
    """Every message of a capture; flags are those of sessions whose OPENs are not in it."""
    pcap = shared("wire/%s.pcap" % name) or shared("wire/%s.pcapng" % name)
    said = tcpdump_messages(shared("wire/%s.out" % name))
    opens, streams, kinds = {}, {}, {1: "Open", 2: "Update", 3: "Notification", 4: "Keepalive"}
    for source, target, payload in segments(pcap):
        data = streams.get((source, target), b"") + payload
        while data:
            session = Session(flags=flags | EXTENDED)
            if source in opens and target in opens:
                lib.manrs_bgp_session_of(c.byref(session), c.byref(opens[target]), c.byref(opens[source]))
            used, m, room = decode(data, session)
            if used <= 0:
                check(name + ": torn", used, 0)
                break
            kind, n, lines = said.pop(0) if said else ("none", 0, [])
            check(name + ": message", (kinds[m.type], used), (kind, n))
            if m.type == 1:
                rc, opens[source] = open_of(m)
                check(name + ": OPEN", (rc, got_open(opens[source])), (0, tcpdump_open(lines)))
            if m.type == 2:
                one_update(name, update_of(m, session), lines)
            data = data[used:]
        streams[source, target] = data
    check(name + ": all of them", said, [])


def one_update(name, update, lines):
    if name == "bgp-addpath":  # MP_REACH and MP_UNREACH are there twice: RFC 7606 section 3 g
        check(name, (update.action, update.notify_code, update.notify_subcode), (RESET, 3, 1))
        check(name, update.message.mp_twice, 3)
        return
    want = tcpdump_wants(lines)
    end = 4 * (not want[1] and any("End-of-Rib" in line for line in lines))  # tcpdump says it of withdrawals too
    got = got_of(update)
    check(name + ": end of RIB", update.end_of_rib, end)
    check(name + ": action", (update.action, update.fault.what), (KEEP, None))
    check(name + ": routes", got, want)


def test_captures():
    sessions = {
        "bgp-4byte-asn": 0,
        "bgp-addpath": PATHS4 | PATHS6,
        "bgp-extended-msg": AS4,
        "bgp-large-community": AS4,
        "bgp-ovs": AS4 | INTERNAL,
        "bgp-role": AS4,
        "mpbgp-linklocal-nexthop": 0,
    }
    for name, flags in sessions.items():
        if shared("wire/%s.out" % name):
            capture(name, flags)
        else:
            skip("no wire/" + name)


# ---- whole sessions of the lab ----

# What ExaBGP was told to announce, and then to withdraw: (prefix, path, other attributes than ORIGIN igp and the next hop).
EXABGP = [
    ("10.1.0.0/24", [("sequence", [65004])], {}),
    ("10.2.0.0/24", [("sequence", [65004, 65666])], {}),
    ("10.3.0.0/25", [("sequence", [65004])], {}),
    ("192.0.2.0/24", [("sequence", [65004, 65777])])
    + ({"community": [[65004, 1], [65535, 666]], "large-community": [[65004, 1, 2]]},),
    ("198.51.100.0/24", [("sequence", [65004, 65777, 4200000001])], {"med": 50}),
    ("10.4.0.0/24", [("sequence", [65004]), ("set", [65777, 65778])], {}),
]


def told(hop):
    """The UPDATEs of ExaBGP."""
    out = [([], [], {})]  # End-of-RIB
    for nlri, path, more in EXABGP:
        out.append(([(nlri, 0, hop)], [], {"origin": "igp", "path": path, "next-hop": hop, **more}))
    return out + [([], [("198.51.100.0/24", 0)], {})]


def passed_on(asn, hop):
    """FRR's: what validation left of ExaBGP's, its own AS before it; then 198.51.100.0/24 by way of BIRD and OpenBGPD, with the
    next hop that ExaBGP has on the same network."""
    out = []
    for nlri, path, _ in (EXABGP[0], EXABGP[5], EXABGP[4]):
        head = ("sequence", [asn] + path[0][1])
        out.append(([(nlri, 0, hop)], [], {"origin": "igp", "path": [head] + path[1:], "next-hop": hop}))
    nlri, path, _ = EXABGP[4]
    for via in (65002, 65003):
        head = ("sequence", [asn, via] + path[0][1])
        other = "10.99.0.4"
        out.append(([(nlri, 0, other)], [], {"origin": "igp", "path": [head], "next-hop": other}))
    return out + [([], [(nlri, 0)], {})]


def only_withdrawn(*prefixes):
    return [([], [(p, 0)], {}) for p in prefixes]


# The neighbour: (AS, id, hold time, role, ADD-PATH, IPv4 or IPv6, extended messages, 4-octet ASes), and what it sent.
LAB = {
    "bird-2.0.12": (65002, "10.99.0.2", 240, 0, 0, 4, False, True)
    + ([([], [], {})] + only_withdrawn("10.4.0.0/24", "198.51.100.0/24", "198.51.100.0/24"),),
    "frr-8.4.4": (65001, "10.99.0.1", 180, -1, 1, 4, True, True) + (passed_on(65001, "10.99.0.1"),),
    "openbgpd-7.7": (65003, "10.99.0.3", 90, -1, 0, 4, False, True) + (only_withdrawn("10.1.0.0/24"),),
}
EXABGP_OPEN = (65004, "10.99.0.4", 180, -1, 0, 4, True, True)


def stream(name, data, session, want):
    """A direction of a session after its OPEN."""
    got = []
    while data:
        used, m, room = decode(data, session)
        if not check(name + ": a message", used > 0):
            return
        if m.type == 2:
            update = update_of(m, session)
            check(name + ": action", (update.action, update.fault.what), (KEEP, None))
            got.append(got_of(update))
            check(name + ": end of RIB", update.end_of_rib, 4 * (got[-1] == ([], [], {})))
        data = data[used:]
    check(name + ": updates", got, want)


def both_ways(name, his, ours):
    """his, ours: (stream, OPEN wanted, UPDATEs wanted)."""
    opens, rests = [], []
    for data, want, _ in (his, ours):
        used, m, room = decode(data, Session())
        rc, said = open_of(m)
        check(name + ": OPEN", (rc, got_open(said)), (0, want))
        opens.append(said)
        rests.append(data[used:])
    for i, (_, want, updates) in enumerate((his, ours)):
        session = Session()
        lib.manrs_bgp_session_of(c.byref(session), c.byref(opens[1 - i]), c.byref(opens[i]))
        extended = EXTENDED if (ours, his)[i][1][6] else 0
        check(name + ": session", (session.flags, session.neighbour_asn), (AS4 | extended, want[0]))
        stream(name, rests[i], session, updates)


def test_lab():
    read = lambda name: open(name, "rb").read()
    for neighbour, want in LAB.items():
        his = shared("wire/lab-2026-11/bgp-%s-from-%s.bin" % (neighbour, neighbour))
        ours = shared("wire/lab-2026-11/bgp-%s-from-exabgp-4.2.21.bin" % neighbour)
        if his and ours:
            both_ways(neighbour, (read(his), want[:8], want[8]), (read(ours), EXABGP_OPEN, told("10.99.0.4")))
        else:
            skip("no wire/lab-2026-11 with " + neighbour)


# ---- what crashed GoBGP ----


def test_gobgp():
    folder = shared("wire/gobgp-bad-len")
    if not folder:
        return skip("no wire/gobgp-bad-len")
    for name in sorted(os.listdir(folder)):
        data = open(os.path.join(folder, name), "rb").read()
        used, m, room = decode(data, Session(flags=AS4))
        check(name + ": the marker", (used, m.notify_code, m.notify_subcode), (-4, 1, 1))
        used, m, room = decode(b"\xff" * 16 + data[16:], Session(flags=AS4))
        if used > 0 and m.type == 2:
            got_of(update_of(m, Session(flags=AS4)))
        elif used > 0:
            check(name + ": no good OPEN", m.type == 1 and open_of(m)[0] < 0)
        else:
            check(name + ": refused, or cut off", used < 0 and m.notify_code > 0 or used == 0)


if __name__ == "__main__":
    for test in (test_exabgp, test_captures, test_lab, test_gobgp):
        test()
    close()
