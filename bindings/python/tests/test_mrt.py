# SPDX-License-Identifier: BSD-2-Clause
"""Archives typed here byte by byte (RFC 6396 section 4): what comes out of them, and what a rib makes of them."""

import gzip
import io
import os
import struct
import tempfile
import unittest
from unittest import mock

import manrs

try:
    import numpy
except ImportError:
    numpy = None

VRPS = [("10.0.0.0/8", 16, 1), ("2001:db8::/32", 48, 2)]
PEERS = [("192.0.2.1", 5), ("192.0.2.2", 6)]


def record(kind, subtype, body, time=1000):
    return struct.pack("!IHHI", time, kind, subtype, len(body)) + body


def attribute(kind, value, flags=0x40):
    return struct.pack("!BBB", flags, kind, len(value)) + value


def path(*hops, width="I"):
    return attribute(2, struct.pack("!BB%d%s" % (len(hops), width), 2, len(hops), *hops))


def attributes(*hops):
    return attribute(1, b"\0") + path(*hops) + attribute(3, bytes((192, 0, 2, 9)))


def index_table():
    peers = b"".join(struct.pack("!B4s4sI", 2, bytes(4), bytes(map(int, a.split("."))), asn) for a, asn in PEERS)
    return record(13, 1, struct.pack("!4sH0sH", bytes(4), 0, b"", len(PEERS)) + peers)


def rib4(prefix, length, *entries):
    """entries: (peer, originated, attributes)."""
    rows = b"".join(struct.pack("!HIH", peer, since, len(attrs)) + attrs for peer, since, attrs in entries)
    packed = bytes(map(int, prefix.split(".")))[: (length + 7) // 8]
    return record(13, 2, struct.pack("!IB", 0, length) + packed + struct.pack("!H", len(entries)) + rows)


def update(peer, withdrawn=b"", attrs=b"", nlri=b"", time=2000):
    body = struct.pack("!H", len(withdrawn)) + withdrawn + struct.pack("!H", len(attrs)) + attrs + nlri
    message = b"\xff" * 16 + struct.pack("!HB", 19 + len(body), 2) + body
    address, asn = PEERS[peer]
    head = struct.pack("!IIHH", asn, 64496, 0, 1) + bytes(map(int, address.split("."))) + bytes((192, 0, 2, 99))
    return record(16, 4, head + message, time)


RIB = (
    index_table()
    + rib4("10.1.0.0", 16, (0, 900, attributes(5, 1)), (1, 901, attributes(6, 7)))  # valid, invalid
    + rib4("11.0.0.0", 8, (0, 902, attributes(5, 1)))  # not-found
)
UPDATES = (
    update(0, attrs=attributes(5, 8), nlri=bytes((16, 10, 1)))  # invalid now
    + update(1, withdrawn=bytes((16, 10, 1)))
    + update(0, attrs=attributes(5, 1), nlri=bytes((24, 10, 2, 3)))  # too long for the VRP
)


def rows_of(batch):
    return [str(manrs.State(state)) for state in bytes(db().rov_many(batch.routes))]


def db():
    with manrs.Db().edit() as edit:
        edit.add_vrps(VRPS)
    return edit.db


def numbers(column):
    return [int(number) for number in column]


class Archive(unittest.TestCase):
    def test_what_an_archive_is_known_by(self):
        for data, is_it in ((RIB, True), (UPDATES[:12], True), (RIB[:11], False), (b"", False), (b"10.0.0.0/8 => 1\n", False)):
            self.assertIs(manrs.is_mrt(data), is_it)

    def test_a_rib(self):
        with manrs.Mrt(RIB) as archive:
            batches = list(archive_rows(archive))
            self.assertEqual(archive.peers(), PEERS)
            self.assertEqual((archive.stats.records, archive.stats.announced, archive.stats.bad), (3, 3, 0))
        self.assertEqual(batches, [(["valid", "invalid", "not-found"], [5, 6, 5], [900, 901, 902], ["5 1", "6 7", "5 1"])])

    def test_malformed_entries_are_no_ordinary_routes(self):
        # RFC 7606 section 7.1: an ORIGIN of 7 is treat-as-withdraw
        origin7 = attributes(5, 1).replace(attribute(1, b"\0"), attribute(1, b"\7"))
        for batch in manrs.Mrt(index_table() + rib4("10.1.0.0", 16, (0, 900, origin7), (1, 901, attributes(5, 1)))):
            self.assertEqual(rows_of(batch), ["malformed", "valid"])
            self.assertEqual(numbers(batch.malformed), [1, 0])
        with tempfile.NamedTemporaryFile(suffix=".mrt") as file, tempfile.NamedTemporaryFile(suffix=".csv", mode="w") as vrps:
            from manrs import dask as cluster

            file.write(index_table() + rib4("10.1.0.0", 16, (0, 900, origin7), (1, 901, attributes(5, 1))))
            file.flush()
            vrps.write("ASN,IP Prefix,Max Length,Trust Anchor\nAS1,10.0.0.0/8,16,x\n")
            vrps.flush()
            shard = cluster.judge_shard([vrps.name], file.name)
        self.assertEqual((shard.routes, shard.bad, shard.states), (1, 1, {"valid": 1}))

    def test_equal_paths_have_one_number(self):
        (batch,) = [numbers(batch.paths) for batch in manrs.Mrt(RIB)]
        self.assertEqual((batch[0] == batch[2], batch[0] == batch[1]), (True, False))

    def test_updates(self):
        for batch in manrs.Mrt(UPDATES):
            self.assertEqual(rows_of(batch), ["invalid", "invalid"])
            self.assertEqual((numbers(batch.withdrawn_asns), numbers(batch.withdrawn_times)), ([6], [2000]))
            self.assertEqual(bytes(batch.withdrawn)[:6], bytes((4, 16, 16, 0, 10, 1)))

    def test_every_test_of_a_policy(self):
        policy = manrs.Policy("peer", local_as=64496, tests="rov first-as")
        for batch in manrs.Mrt(RIB):
            passed, failed, unknown = (numbers(column) for column in batch.check(db(), policy))
        bit = {name: 1 << number for name, number in manrs.tests().items()}
        both = bit["rov"] | bit["first-as"]
        self.assertEqual(passed, [both, bit["first-as"], bit["first-as"]])
        self.assertEqual((failed, unknown), ([0, bit["rov"], 0], [0, 0, bit["rov"]]))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "rib.gz")
            with gzip.open(name, "wb") as file:
                file.write(RIB)
            self.assertEqual(sum(len(batch) for batch in manrs.Mrt(name)), 3)
        self.assertEqual(sum(len(batch) for batch in manrs.Mrt(io.BytesIO(RIB))), 3)

    def test_small_reads(self):
        class Slow(io.BytesIO):
            def read(self, n=-1):
                return super().read(min(n, 7))

        self.assertEqual(sum(len(batch) for batch in manrs.Mrt(Slow(RIB + UPDATES))), 5)

    def test_a_bad_record_costs_itself(self):
        torn = rib4("12.0.0.0", 8, (0, 1, attributes(5, 1)))
        bad = torn[:-1].replace(struct.pack("!I", len(torn) - 12), struct.pack("!I", len(torn) - 13), 1)
        archive = manrs.Mrt(RIB + bad + UPDATES)
        self.assertEqual(sum(len(batch) for batch in archive), 5)
        self.assertEqual((archive.stats.bad, [fault.at >= len(RIB) for fault in archive.faults]), (1, [True]))
        with self.assertRaises(manrs.Error):
            list(manrs.Mrt(RIB + bad, strict=True))

    def test_what_is_no_archive(self):
        archive = manrs.Mrt(b"prefix,asn\n10.0.0.0/8,1\n" * 100)
        self.assertEqual((list(archive), archive.stats.records), ([], 0))
        self.assertEqual((len(archive.faults), archive.lost), (1, 1))
        archive = manrs.Mrt(RIB[:-1])
        self.assertEqual((sum(len(batch) for batch in archive), archive.stats.bad, archive.lost), (2, 0, 1))

    def test_a_batch_ends_with_the_next(self):
        archive = manrs.Mrt(RIB)
        batch = next(archive)
        times = batch.times
        self.assertRaises(StopIteration, next, archive)
        self.assertEqual(numbers(times), [900, 901, 902])
        with self.assertRaises(manrs.Error) as caught:
            batch.routes
        self.assertEqual(caught.exception.code, manrs.ESTATE)
        archive.close()
        with self.assertRaises(manrs.Error):
            archive.stats

    def test_a_batch_outlives_its_archive(self):
        batch = next(manrs.Mrt(RIB))
        for _ in range(8):
            manrs.Mrt(RIB * 9).close()  # somebody takes memory that was let go
        self.assertEqual((len(batch), batch.as_path(0), batch.as_path(1)), (3, "5 1", "6 7"))

    def test_a_full_store(self):
        """More sets than it holds: batches end where it is full, and their rows are those of a store that holds them all."""
        n = 30000
        data = index_table() + b"".join(
            rib4("10.%d.%d.0" % (i >> 8, i & 255), 24, (0, 900, attributes(5, i + 1)), (1, 901, attributes(6, 1)))
            for i in range(n))

        def rows(batches):
            for batch in batches:
                texts, paths = [batch.as_path(i) for i in range(len(batch))], numbers(batch.paths)
                self.assertEqual([len(set(texts)), len(set(paths))], [len(set(zip(texts, paths)))] * 2)
                yield from texts

        with manrs.Mrt(data) as whole:
            want = list(rows(whole))
        self.assertTrue(want == [text for i in range(n) for text in ("5 %d" % (i + 1), "6 1")])  # a list too long for a diff
        init = manrs._mrt.lib.manrs_mrt_config_init

        def small(config, size):
            code = init(config, size)
            config._obj.max_store = 2 << 20
            return code

        with mock.patch.object(manrs._mrt.lib, "manrs_mrt_config_init", small):
            archive = manrs.Mrt(data)
        sizes = []
        with archive:
            got = list(rows(sizes.append(len(batch)) or batch for batch in archive))
        self.assertTrue(got == want)
        self.assertGreater(len(sizes), 3)
        self.assertLess(max(sizes), n)

    @unittest.skipUnless(numpy, "no numpy")
    def test_numpy(self):
        for batch in manrs.Mrt(RIB):
            self.assertEqual(batch.routes.dtype, manrs.route_dtype)
            self.assertEqual(batch.routes["asn"].tolist(), [1, 7, 1])
            self.assertEqual(batch.neighbours["addr"][1].tolist()[:4], [192, 0, 2, 2])
            self.assertEqual(batch.next_hops["len"].tolist(), [32, 32, 32])


def archive_rows(archive):
    for batch in archive:
        paths = [batch.as_path(index) for index in range(len(batch))]
        yield rows_of(batch), numbers(batch.neighbour_asns), numbers(batch.times), paths


class Rib(unittest.TestCase):
    def setUp(self):
        self.db = db()
        self.rib = manrs.Rib(self.db)
        self.policy = manrs.Policy("peer", local_as=64496, tests="rov")

    def changes(self):
        name = {frozenset(["rov"]): "rov"}
        found = []
        for change in self.rib.changes():
            before, after = ([name.get(part, "") for part in verdict] if verdict else None for verdict in (change.before, change.after))
            found.append((change.kind, change.prefix, before, after, change.code))
        return found

    def test_a_replay(self):
        asked = []

        def session_of(address, asn):
            asked.append((address, asn))
            return self.policy

        self.assertEqual(self.rib.replay(RIB, session_of), 3)
        self.assertEqual(asked, PEERS)
        self.assertEqual(len(self.rib), 3)
        self.changes()
        self.assertEqual(self.rib.replay(UPDATES, lambda address, asn: None), 0)
        routes = [(route.prefix, route.as_path, sorted(route.verdict.failed)) for route in self.rib.routes()]
        self.assertEqual(routes, [("10.1.0.0/16", "5 1", []), ("10.1.0.0/16", "6 7", ["rov"]), ("11.0.0.0/8", "5 1", [])])
        self.assertEqual(len(list(self.rib.routes("10.0.0.0/8", under=True))), 2)
        self.assertEqual(list(self.rib.routes("10.0.0.0/8")), [])

    def test_verdicts_stay_true(self):
        session = self.rib.session(5, self.policy, "192.0.2.1")
        self.rib.announce(session, '{"prefix": "10.1.0.0/16", "as_path": "5 1"}')
        self.rib.announce(session, [{"prefix": "11.0.0.0/8", "as_path": [5, 1]}])
        self.assertEqual(
            self.changes(),
            [
                ("announced", "10.1.0.0/16", None, ["rov", "", ""], "rov-valid"),
                ("announced", "11.0.0.0/8", None, ["", "", "rov"], "rov-not-found"),
            ],
        )
        with self.db.edit() as edit:
            edit.remove_vrps(VRPS[:1])
            edit.add_vrps([("10.0.0.0/8", 8, 1)])
        self.rib.follow(edit.db)
        self.assertEqual(self.changes(), [("changed", "10.1.0.0/16", ["rov", "", ""], ["", "rov", ""], "rov-invalid-length")])
        self.rib.set_policy(session, manrs.Policy("peer", local_as=64496, tests="rov", strict="rov"))
        self.assertEqual([change[:4] for change in self.changes()], [("changed", "11.0.0.0/8", ["", "", "rov"], ["", "rov", ""])])
        self.rib.withdraw(session, "11.0.0.0/8")
        self.rib.down(session)
        self.assertEqual([change[:2] for change in self.changes()], [("withdrawn", "11.0.0.0/8"), ("withdrawn", "10.1.0.0/16")])
        self.assertEqual(len(self.rib), 0)

    def test_a_session_that_sends_all_again(self):
        session = self.rib.session(5, self.policy)
        self.rib.announce(session, ['{"prefix": "10.1.0.0/16", "as_path": "5 1"}'] * 2, path_ids=[1, 2])
        self.rib.changes()
        self.rib.refresh(session)
        self.assertEqual([route.stale for route in self.rib.routes()], [True, True])
        self.rib.announce(session, '{"prefix": "10.1.0.0/16", "as_path": "5 1"}', path_ids=[2])
        self.rib.end_of_rib(session, 4)
        self.assertEqual([(c.kind, c.path_id) for c in self.rib.changes()], [("withdrawn", 1)])

    def test_more_changes_than_wait(self):
        session = self.rib.session(5, self.policy)
        lines = ['{"prefix": "10.%d.%d.0/24", "as_path": "5 1"}' % (i >> 8, i & 255) for i in range(3000)]
        for _ in range(12):
            self.rib.announce(session, lines)
            self.rib.withdraw(session, [line.split('"')[3] for line in lines])
        self.assertEqual(len(self.rib.changes()), 2 * 12 * 3000)

    def test_what_is_not_there(self):
        for call in (lambda: self.rib.down(7), lambda: self.rib.announce(7, []), lambda: self.rib.set_policy(7, "peer")):
            with self.assertRaises(manrs.Error):
                call()
        self.rib.close()
        with self.assertRaises(manrs.Error):
            self.rib.stats

    def test_bounds(self):
        rib = manrs.Rib(self.db, max_routes=1)
        session = rib.session(5, self.policy)
        with self.assertRaises(manrs.Error) as caught:
            rib.announce(session, ['{"prefix": "10.1.0.0/16", "as_path": "5 1"}', '{"prefix": "10.2.0.0/16", "as_path": "5 1"}'])
        self.assertEqual(caught.exception.code, manrs.ELIMIT)
        self.assertRaises(TypeError, manrs.Rib, self.db, max_peers=1)


if __name__ == "__main__":
    unittest.main()
