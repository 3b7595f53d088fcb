# SPDX-License-Identifier: BSD-2-Clause
"""Db and Edit. Expected states are those of RFC 6811 section 2 and RFC 6483 section 4, worked out by hand."""

import array
import bz2
import copy
import ctypes
import gc
import gzip
import ipaddress
import lzma
import os
import pickle
import tempfile
import threading
import unittest
import warnings

import manrs
from manrs import State, _lib

try:
    import numpy
except ImportError:
    numpy = None

VRPS = [
    ("1.1.1.0/24", 24, 13335),
    ("10.0.0.0/8", 16, 64496),
    ("10.1.0.0/16", 24, 64497),
    ("192.0.2.0/24", 24, 0),
    ("2001:db8::/32", 48, 64496),
]

# route, origin, state: RFC 6811 section 2, and AS0 as RFC 6483 section 4 has it
CASES = [
    ("1.1.1.0/24", 13335, "valid"),
    ("1.1.1.0/24", 13336, "invalid"),
    ("1.1.1.0/25", 13335, "invalid"),
    ("1.1.0.0/16", 13335, "not-found"),
    ("10.5.0.0/16", 64496, "valid"),
    ("10.5.0.0/17", 64496, "invalid"),
    ("10.1.0.0/16", 64496, "valid"),
    ("10.1.1.0/24", 64497, "valid"),
    ("10.1.1.0/24", 64496, "invalid"),
    ("192.0.2.0/24", 0, "invalid"),
    ("192.0.2.0/24", 64496, "invalid"),
    ("0.0.0.0/0", 64496, "not-found"),
    ("2001:db8:1::/48", 64496, "valid"),
    ("2001:db8:1::/49", 64496, "invalid"),
    ("2001:db9::/32", 64496, "not-found"),
]


def example():
    with manrs.Db().edit() as edit:
        edit.add_vrps(VRPS)
    return edit.db


class Rov(unittest.TestCase):
    def test_states(self):
        db = example()
        for prefix, origin, state in CASES:
            self.assertEqual(str(db.rov(prefix, origin)), state, (prefix, origin))

    def test_forms_of_prefix_and_origin(self):
        db = example()
        self.assertEqual(db.rov(b"1.1.1.0/24", 13335), State.VALID)
        self.assertEqual(db.rov(ipaddress.ip_network("1.1.1.0/24"), 13335), State.VALID)
        self.assertEqual(db.rov(ipaddress.ip_network("2001:db8::/48"), 64496), State.VALID)
        self.assertEqual(db.rov("1.1.1.7/32", 13335), State.INVALID)
        self.assertEqual(db.rov("1.1.1.0/24", "AS13335"), State.VALID)
        self.assertEqual(db.rov("1.1.1.0/24", "13335"), State.VALID)
        self.assertEqual(db.rov("1.1.1.0/24"), State.INVALID)
        self.assertEqual(db.rov("1.1.1.0/24", None), State.INVALID)
        self.assertEqual(db.rov(prefix="1.1.1.0/24", origin=13335), State.VALID)
        self.assertEqual(db.rov("1.1.1.0/24", origin="AS13335"), State.VALID)

    def test_texts_of_states(self):
        self.assertEqual([str(s) for s in State], ["not-found", "valid", "invalid", "malformed"])
        self.assertEqual("%s {}".format(State.VALID) % State.INVALID, "invalid valid")
        self.assertEqual(int(State.NOT_FOUND), 0)

    def test_bad_text_raises_with_code_and_fault(self):
        db = example()
        for text, code in (("1.1.1.1/24", manrs.EINVAL), ("1.1.1/24", manrs.ESYNTAX), ("", manrs.ESYNTAX)):
            with self.assertRaises(manrs.Error) as caught:
                db.rov(text, 1)
            self.assertEqual(caught.exception.code, code)
            self.assertEqual(caught.exception.fault.code, code)
        with self.assertRaises(manrs.Error):
            db.rov("1.1.1.0/24", 1 << 32)
        with self.assertRaises(manrs.Error):
            db.rov("1.1.1.0/24", -1)

    def test_covering(self):
        db = example()
        self.assertEqual(db.covering("10.1.2.0/24"), [manrs.Vrp("10.0.0.0/8", 16, 64496), ("10.1.0.0/16", 24, 64497)])
        self.assertEqual(db.covering("11.0.0.0/8"), [])
        with manrs.Db().edit() as edit:
            edit.add_vrps([("10.0.0.0/8", 24, asn) for asn in range(1, 301)])
        self.assertEqual([v.asn for v in edit.db.covering("10.0.0.0/8")], list(range(1, 301)))


class RovMany(unittest.TestCase):
    prefixes = [prefix for prefix, _, _ in CASES]
    origins = [origin for _, origin, _ in CASES]
    expected = [state for _, _, state in CASES]

    def texts(self, states):
        return [str(State(int(state))) for state in states]

    def test_lists(self):
        db = example()
        states = db.rov_many(self.prefixes, self.origins)
        self.assertIsInstance(states[0], State)
        self.assertEqual([str(s) for s in states], self.expected)
        self.assertEqual(self.texts(db.rov_many(list(zip(self.prefixes, self.origins)))), self.expected)
        self.assertEqual(self.texts(db.rov_many(iter(self.prefixes), array.array("I", self.origins))), self.expected)
        self.assertEqual(self.texts(db.rov_many(tuple(map(ipaddress.ip_network, self.prefixes)), self.origins)), self.expected)
        self.assertEqual(db.rov_many([], []), [])

    def test_a_bad_row_is_malformed_and_stops_nothing(self):
        states = example().rov_many(["1.1.1.0/24", "1.1.1.1/24", "nonsense", "1.1.1.0/24"], [13335, 13335, 1, 1 << 40])
        self.assertEqual(self.texts(states), ["valid", "malformed", "malformed", "malformed"])

    def test_buffers(self):
        db = example()
        records = bytes(manrs.routes(self.prefixes, self.origins))
        self.assertEqual(len(records), 24 * len(CASES))
        for form in (bytes, bytearray, memoryview, lambda b: array.array("I", b), lambda b: memoryview(bytearray(b))):
            states = db.rov_many(form(records))
            self.assertIsInstance(states, bytearray)
            self.assertEqual(self.texts(states), self.expected)
        routes = (_lib.CRoute * len(CASES)).from_buffer_copy(records)
        self.assertEqual(self.texts(db.rov_many(routes)), self.expected)
        self.assertEqual(db.rov_many(b""), bytearray())

    def test_columns_without_numpy(self):
        db = example()
        records = bytes(manrs.routes(self.prefixes, self.origins))
        prefixes = b"".join(records[i : i + 20] for i in range(0, len(records), 24))
        self.assertEqual(self.texts(db.rov_many(prefixes, self.origins)), self.expected)
        self.assertEqual(self.texts(db.rov_many(prefixes, array.array("L", self.origins))), self.expected)

    def test_every_other_item_of_a_buffer(self):
        records = bytes(manrs.routes(self.prefixes, self.origins))
        wide = memoryview(b"".join(bytes([b, 255]) for b in records))[::2]
        self.assertEqual(self.texts(example().rov_many(wide)), self.expected)

    def test_out(self):
        out = bytearray(len(CASES))
        self.assertIs(example().rov_many(self.prefixes, self.origins, out=out), out)
        self.assertEqual(self.texts(out), self.expected)
        for wrong in (bytearray(3), bytes(len(CASES)), memoryview(bytearray(2 * len(CASES)))[::2]):
            with self.assertRaises(manrs.Error):
                example().rov_many(self.prefixes, self.origins, out=wrong)

    def test_wrong_shapes(self):
        db = example()
        for prefixes, origins in ((bytes(25), None), (bytes(40), [1]), (["1.1.1.0/24"], [1, 2]), (bytes(20), [1 << 32])):
            with self.assertRaises(manrs.Error):
                db.rov_many(prefixes, origins)
        for prefixes, origins in (("1.1.1.0/24", [1]), ([1], [1]), (["1.1.1.0/24"], [object()]), (5, None), (None, None)):
            with self.assertRaises(TypeError):
                db.rov_many(prefixes, origins)

    @unittest.skipUnless(numpy, "no numpy")
    def test_numpy(self):
        db = example()
        routes = manrs.routes(self.prefixes, self.origins)
        self.assertEqual(routes.dtype, manrs.route_dtype)
        self.assertEqual(manrs.route_dtype.itemsize, 24)
        states = db.rov_many(routes)
        self.assertIsInstance(states, numpy.ndarray)
        self.assertEqual(self.texts(states), self.expected)
        own = numpy.zeros(len(CASES), manrs.route_dtype)
        for name in manrs.route_dtype.names:
            own[name] = routes[name]
        own.setflags(write=False)
        self.assertEqual(self.texts(db.rov_many(own)), self.expected)
        self.assertEqual(self.texts(db.rov_many(own[::-1])), self.expected[::-1])
        columns = own[list(manrs.prefix_dtype.names)].astype(manrs.prefix_dtype)
        self.assertEqual(self.texts(db.rov_many(columns, own["asn"])), self.expected)
        self.assertEqual(self.texts(db.rov_many(columns, own["asn"].astype("i8"))), self.expected)
        self.assertEqual(self.texts(db.rov_many(columns, self.origins)), self.expected)
        self.assertEqual(self.texts(db.rov_many(numpy.array(self.prefixes), numpy.array(self.origins))), self.expected)
        rows = numpy.frombuffer(own.tobytes(), numpy.uint8).reshape(-1, 24)
        self.assertEqual(self.texts(db.rov_many(rows)), self.expected)
        out = numpy.zeros(len(CASES), numpy.uint8)
        self.assertIs(db.rov_many(own, out=out), out)
        self.assertEqual(self.texts(out), self.expected)
        self.assertEqual(len(db.rov_many(own[:0])), 0)
        for wrong in (numpy.zeros(3), numpy.zeros((3, 3)), numpy.zeros(2, "u4")):
            with self.assertRaises(TypeError):
                db.rov_many(wrong)
        with self.assertRaises(TypeError):
            db.rov_many(columns, own["asn"].astype("f8"))
        with self.assertRaises(manrs.Error):
            db.rov_many(columns, own["asn"].astype("i8") - 5)

    def test_dtype_needs_numpy(self):
        if numpy is None:
            self.assertFalse(hasattr(manrs, "route_dtype"))


class Edits(unittest.TestCase):
    def test_counts(self):
        with manrs.Db().edit(source=5) as edit:
            self.assertEqual(edit.add_vrps(VRPS), (5, 0, 0, 0, 0))
            self.assertEqual(edit.add_vrps(VRPS[:2]), (0, 2, 0, 0, 0))
            self.assertEqual(edit.remove_vrps([VRPS[0], ("9.0.0.0/8", 8, 1)]), (0, 0, 1, 1, 0))
            self.assertEqual(edit.remove_vrps(VRPS[1:2], source=6), (0, 0, 0, 1, 0))
        self.assertEqual([v for v in edit.db.vrps()], sorted(VRPS[1:], key=lambda v: (":" in v[0], v[0])))

    def test_older_snapshots_do_not_change_and_may_branch(self):
        empty = manrs.Db()
        with empty.edit() as one:
            one.add_vrps(VRPS[:1])
        with empty.edit() as two:
            two.add_vrps(VRPS[1:2])
        with one.db.edit() as three:
            three.add_vrps(VRPS[2:3])
        self.assertEqual(list(empty.vrps()), [])
        self.assertEqual(list(one.db.vrps()), VRPS[:1])
        self.assertEqual(list(two.db.vrps()), VRPS[1:2])
        self.assertEqual(list(three.db.vrps()), [VRPS[0], VRPS[2]])

    def test_an_exception_aborts(self):
        db = example()
        with self.assertRaises(ZeroDivisionError):
            with db.edit() as edit:
                edit.remove_vrps(VRPS)
                1 / 0
        with self.assertRaises(manrs.Error):
            edit.db
        self.assertEqual(len(list(db.vrps())), 5)
        with db.edit() as edit:
            edit.remove_vrps(VRPS)
        self.assertEqual(list(edit.db.vrps()), [])

    def test_refused_rows(self):
        bad = [VRPS[0], ("10.0.0.0/8", 7, 1), ("10.0.0.0/8", 33, 1), ("x", None, 1), ("10.0.0.0/8", 9, 1 << 32)]
        with manrs.Db().edit() as edit:
            with self.assertRaises(manrs.Error) as caught:
                edit.add_vrps(bad)
            self.assertEqual(caught.exception.fault.at, 1)
            self.assertEqual(edit.add_vrps(bad, strict=False), (1, 0, 0, 0, 4))
        self.assertEqual(list(edit.db.vrps()), VRPS[:1])

    def test_records_as_rows(self):
        records = bytearray(manrs.routes([v[0] for v in VRPS], [v[2] for v in VRPS]))
        for i, (_, maxlen, _) in enumerate(VRPS):
            records[24 * i + 2] = maxlen
        with manrs.Db().edit() as edit:
            self.assertEqual(edit.add_vrps(records).added, 5)
            self.assertEqual(edit.add_vrps(memoryview(bytes(records))).present, 5)
            self.assertEqual(edit.add_vrps(bytes(24), strict=False).refused, 1)
            with self.assertRaises(manrs.Error) as caught:
                edit.add_vrps(bytes(records) + bytes(24))
            self.assertEqual(caught.exception.fault.at, 5)
        self.assertEqual(list(edit.db.vrps()), sorted(VRPS, key=lambda v: (":" in v[0], v[0])))
        self.assertEqual(sorted(edit.db.vrp_records()), sorted(records))

    def test_irr_aspas_keys(self):
        key = (64496, bytes(range(20)), b"\x30\x59" + bytes(30))
        with manrs.Db().edit() as edit:
            edit.add_irr([("192.0.2.0/24", 64496), ("2001:db8::/32", "AS64497")])
            edit.add_aspas({64496: [64500, 64499, 64500], 64497: [0]})
            edit.add_keys([key])
        db = edit.db
        self.assertEqual(list(db.irr()), [("192.0.2.0/24", 64496), ("2001:db8::/32", 64497)])
        self.assertEqual(db.aspas(), {64496: [64499, 64500], 64497: [0]})
        self.assertEqual(list(db.keys()), [key])

    def test_one_edit_at_a_time(self):
        db = example()
        with db.edit() as edit:
            with self.assertRaises(manrs.Error) as caught:
                db.edit()
            self.assertEqual(caught.exception.code, manrs.ESTATE)
            edit.add_vrps(VRPS[:1])
        with db.edit():
            pass

    def test_an_edit_that_is_dropped_lets_the_next_begin(self):
        db = example()
        edit = db.edit()
        edit.add_vrps([("9.0.0.0/8", 8, 9)])
        del edit
        gc.collect()
        with db.edit() as edit:
            pass
        self.assertEqual(len(list(edit.db.vrps())), 5)

    def test_ended_edits_refuse(self):
        edit = example().edit()
        edit.commit()
        for call in (edit.commit, lambda: edit.add_vrps(VRPS), edit.drop, edit.__enter__, lambda: edit.load("x")):
            with self.assertRaises(manrs.Error) as caught:
                call()
            self.assertEqual(caught.exception.code, manrs.ESTATE)
        edit.abort()
        for source in (-1, 64, 1 << 40):
            with self.assertRaises(manrs.Error):
                example().edit(source=source)
        with self.assertRaises(TypeError):
            example().edit(source="0")


class Life(unittest.TestCase):
    def test_a_writer_has_a_seed_of_its_own(self):
        """Of 128 random bits, two are never alike, nor 0, 0: then an address would stand in."""
        for owner in manrs._db._Owner, manrs._urpf._UrpfOwner:
            seeds = {tuple(owner.config().hash_seed) for _ in range(8)}
            self.assertEqual(len(seeds), 8)
            self.assertNotIn((0, 0), seeds)

    def test_use_after_close(self):
        db = example()
        with db as same:
            self.assertIs(same, db)
        self.assertTrue(db.closed)
        self.assertIn("closed", repr(db))
        uses = (
            lambda: db.rov("1.1.1.0/24", 1), lambda: db.rov_many(["1.1.1.0/24"], [1]), lambda: db.covering("1.1.1.0/24"),
            lambda: list(db.vrps()), lambda: db.stats, db.edit, db.__enter__, lambda: db.diff(db), db.aspas,
        )  # fmt: skip
        for use in uses:
            with self.assertRaises(manrs.Error) as caught:
                use()
            self.assertEqual(caught.exception.code, manrs.ESTATE)
        db.close()

    def test_close_while_iterating(self):
        db = example()
        rows = db.vrps()
        self.assertEqual(next(rows), VRPS[0])
        db.close()
        self.assertEqual(len(list(rows)), 4)

    def test_a_prefix_that_closes_the_database_while_it_is_read(self):
        db = example()

        class Closing(ipaddress.IPv4Network):
            @property
            def prefixlen(self):
                db.close()
                return 24

        with self.assertRaises(manrs.Error):
            db.rov(Closing("1.1.1.0/24"), 13335)

    def test_descendants_outlive_their_ancestors(self):
        db = example()
        for serial in range(50):
            with db.edit() as edit:
                edit.add_vrps([("10.%d.0.0/16" % serial, 16, 1)])
            db = edit.db
        del edit
        gc.collect()
        self.assertEqual(db.rov("10.49.0.0/16", 1), State.VALID)

    def test_memory_of_old_snapshots_comes_back(self):
        with example().edit() as edit:
            edit.add_vrps([("20.%d.%d.0/24" % (i >> 8, i & 255), 24, i + 1) for i in range(5000)])
        db, sizes = edit.db, []
        del edit
        for turn in range(60):
            with db.edit() as edit:
                edit.add_vrps([("30.%d.0.0/16" % turn, 16, 1)])
                edit.remove_vrps([("30.%d.0.0/16" % (turn - 1), 16, 1)] if turn else [])
            db = edit.db
            del edit
            sizes.append(db.stats.bytes_all)
        self.assertLess(max(sizes[30:]), 1.2 * max(sizes[:10]))

    def test_threads_ask_while_one_writes(self):
        shared = [example()]
        stop, wrong = threading.Event(), []

        def reader():
            while not stop.is_set():
                db = shared[0]
                try:
                    if db.rov("1.1.1.0/24", 13335) is not State.VALID:
                        wrong.append("state")
                    if [str(s) for s in db.rov_many(RovMany.prefixes, RovMany.origins)] != RovMany.expected:
                        wrong.append("states")
                except manrs.Error as error:
                    if error.code != manrs.ESTATE:
                        wrong.append(error)

        threads = [threading.Thread(target=reader) for _ in range(3)]
        for thread in threads:
            thread.start()
        for serial in range(200):
            old = shared[0]
            with old.edit(source=1) as edit:
                edit.add_vrps([("100.%d.0.0/16" % serial, 16, 1)])
            shared[0] = edit.db
            old.close()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_writers_of_many_threads_take_turns(self):
        base = example()
        made = []

        def writer(number):
            for turn in range(10):
                with base.edit() as edit:
                    edit.add_vrps([("20.%d.%d.0/24" % (number, turn), 24, 1)])
                made.append(edit.db)

        threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([len(list(db.vrps())) for db in made], [6] * 40)

    def test_not_pickled(self):
        for action in (pickle.dumps, copy.copy, copy.deepcopy):
            with self.assertRaises(TypeError):
                action(example())
        error = manrs.Error(manrs.EINVAL, "x", manrs.Fault(1, "y", manrs.EINVAL, 0))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.code, again.fault), (str(error), error.code, error.fault))

    def test_layout_is_checked(self):
        self.assertEqual(ctypes.sizeof(_lib.CRoute), 24)
        size = _lib.STRUCTS["manrs_route"]
        _lib.STRUCTS["manrs_route"] = _lib.CPrefix
        try:
            with self.assertRaises(ImportError):
                _lib._check_layout()
        finally:
            _lib.STRUCTS["manrs_route"] = size

    def test_extension_is_what_the_run_says(self):
        self.assertEqual(_lib.extension is not None, os.environ.get("MANRS_EXPECT") == "extension")
        self.assertEqual(manrs.version, manrs.__version__)


class Files(unittest.TestCase):
    CSV = "ASN,IP Prefix,Max Length,Trust Anchor\nAS13335,1.1.1.0/24,24,apnic\nAS64496,2001:db8::/32,48,ripe\n"
    ROWS = [("1.1.1.0/24", 24, 13335), ("2001:db8::/32", 48, 64496)]

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_compressed_or_not(self):
        plain = self.CSV.encode()
        for name, pack in (("a.csv", bytes), ("b.gz", gzip.compress), ("c.bz2", bz2.compress), ("d.xz", lzma.compress)):
            db = manrs.Db.from_files(self.path(name, pack(plain)))
            self.assertEqual(list(db.vrps()), self.ROWS, name)
            self.assertEqual(db.loaded[0].vrps, 2)

    def test_each_file_is_a_source(self):
        one = self.path("one.csv", self.CSV.encode())
        two = self.path("two.csv", b"ASN,IP Prefix,Max Length,Trust Anchor\nAS1,9.0.0.0/8,8,x\n")
        db = manrs.Db.from_files(one, two)
        self.assertEqual(len(list(db.vrps())), 3)
        with db.edit() as edit:
            self.assertEqual(edit.remove_vrps([("9.0.0.0/8", 8, 1)], source=1).removed, 1)
        self.assertEqual(list(edit.db.vrps()), self.ROWS)

    def test_bad_entries_are_told_and_skipped(self):
        text = self.CSV + "AS1,10.0.0.1/8,8,x\nAS1,10.0.0.0/8,7,x\n"
        loaded = manrs.Db.from_files(self.path("bad.csv", text.encode())).loaded[0]
        self.assertEqual((loaded.vrps, loaded.bad), (2, 2))
        self.assertEqual([issue.line for issue in loaded.issues], [4, 5])

    def test_an_absent_list_is_not_an_empty_one(self):
        for text, members in (
            (b"{}", "none"),
            (b'{"roas": null}', "none"),
            (b'{"vrps": [], "metadata": {}}', "vrps, metadata"),
            (b'{"error": "Not Found"}', "error"),
        ):
            with self.assertRaises(manrs.Error) as caught:
                manrs.Db.from_files(self.path("none.json", text))
            self.assertIn("none.json: no list of VRPs, ASPAs or router keys in it; its members: " + members, str(caught.exception))
            with self.assertRaises(manrs.Error):
                with example().edit() as edit:
                    edit.load(self.path("none.json", text))
        for text, what in (
            (b'{"roas": []}', "VRPs"),
            (b"[]", "VRPs"),
            (b'{"roas": [], "aspas": null}', "VRPs"),
            (b'{"roas": [], "aspas": [{"customer_asid": 1, "providers": [2]}]}', "VRPs"),
            (b'{"aspas": []}', "ASPAs"),
        ):
            with self.assertWarnsRegex(UserWarning, "empty.json: no %s in it" % what):
                db = manrs.Db.from_files(self.path("empty.json", text))
            self.assertEqual(len(list(db.vrps())), 0)
        with self.assertWarns(UserWarning) as caught, example().edit() as edit:
            edit.load(self.path("empty.json", b"[]"))
        self.assertEqual(os.path.basename(caught.filename), os.path.basename(__file__))
        for text in (b'{"aspas": [{"customer_asid": 1, "providers": [2]}]}', b'{"roas": [{"asn": 1, "prefix": "10.0.0.0/8"}], "aspas": []}'):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                manrs.Db.from_files(self.path("meant.json", text))

    def test_a_file_of_which_too_much_is_bad(self):
        """include/manrs/load.h: more than 1 % and more than 10, from 100 entries on; below that only no good entry at all."""
        good, bad = '{"asn": 1, "prefix": "10.%d.%d.0/24"}', '{"asn": 1, "prefix": "10.%d.%d.0/99"}'
        for n, wrong, passes in ((5, 5, False), (99, 11, True), (200, 10, True), (200, 11, False), (1100, 11, True), (1099, 11, False)):
            entries = [(bad if i < wrong else good) % divmod(i, 256) for i in range(n)]
            name = self.path("some.json", ('{"roas": [%s]}' % ",\n".join(entries)).encode())
            if passes:
                self.assertEqual(manrs.Db.from_files(name).loaded[0][1:5:3], (n - wrong, wrong))
                continue
            with self.assertRaisesRegex(manrs.Error, '"%d of %d"' % (wrong, n)):
                manrs.Db.from_files(name)

    def test_errors_name_line_member_and_value(self):
        with self.assertRaises(manrs.Error) as caught:
            manrs.Db.from_files(self.path("bad.json", b'{"roas": [\n{"asn": 1, "prefix": "10.0.0.1/8"}]}'))
        self.assertIn("bad.json", str(caught.exception))
        self.assertIn('line 2: host bits set: prefix "10.0.0.1/8"', str(caught.exception))
        text = b'{"metadata": {"generated": 7}, "roas": [{"asn": 1, "prefix": "10.0.0.0/8", "expires": "soon"}]}'
        loaded = manrs.Db.from_files(self.path("odd.json", text)).loaded[0]
        self.assertEqual((loaded.vrps, loaded.bad, loaded.refused, loaded.remarks, loaded.built), (1, 0, 0, 1, 7))
        self.assertEqual([w.what for w in loaded.warnings], ['an expiry that is not a time is left out: expires "soon"'])

    def test_bad_files_raise_and_nothing_counts(self):
        db = example()
        bad = (b"", b"{", b'{"roas": [{"asn": 1, "prefix": "9.0.0.0/8", "maxLength": 8}', b"\x00\x01\x02", b"[" * 4000)
        for data in bad:
            with self.assertRaises(manrs.Error):
                with db.edit() as edit:
                    edit.load(self.path("bad", data))
            with self.assertRaises(manrs.Error):
                manrs.Db.from_files(self.path("bad", data))
        with self.assertRaises(OSError):
            manrs.Db.from_files(self.path("cut.gz", gzip.compress(self.CSV.encode())[:-9]))
        with self.assertRaises(OSError):
            manrs.Db.from_files("/nonexistent/file")
        with self.assertRaises(manrs.Error):
            manrs.Db.from_files(self.path("z.zst", b"\x28\xb5\x2f\xfd\x00\x00\x00\x00"))
        with self.assertRaises(manrs.Error):
            manrs.Db.from_files(*["x"] * 65)

    def test_json_with_aspas_and_keys(self):
        text = (
            b'{"roas": [{"asn": "AS1", "prefix": "10.0.0.0/8", "maxLength": 9}],'
            b' "aspas": [{"customer_asid": 5, "providers": [6, 7]}, {"customer_asid": 8, "providers": [0]}],'
            b' "bgpsec_keys": [{"asn": 9, "ski": "' + b"ab" * 20 + b'", "pubkey": "MFkw"}]}'
        )
        db = manrs.Db.from_files(self.path("a.json", text))
        self.assertEqual(list(db.vrps()), [("10.0.0.0/8", 9, 1)])
        self.assertEqual(db.aspas(), {5: [6, 7], 8: [0]})
        self.assertEqual([(k.asn, k.ski) for k in db.keys()], [(9, b"\xab" * 20)])

    def test_several_aspas_of_a_customer_in_a_file(self):
        # draft-ietf-sidrops-aspa-verification section 3: the providers are the union of the customer's ASPAs.
        one, two = (b'{"customer_asid": 5, "providers": [%d]}' % provider for provider in (6, 7))
        path = self.path("two.json", b'{"aspas": [%s, %s]}' % (one, two))
        db = manrs.Db.from_files(path)
        self.assertEqual(db.aspas(), {5: [6, 7]})
        self.assertEqual([str(db.aspa("%d 5" % asn, role="peer")) for asn in (6, 7, 8)], ["valid", "valid", "invalid"])
        other = self.path("other.json", b'{"aspas": [{"customer_asid": 5, "providers": [8]}]}')
        self.assertEqual(manrs.Db.from_files(path, other).aspas(), {5: [6, 7, 8]})


class Diff(unittest.TestCase):
    def test_changes(self):
        db = example()
        with db.edit() as edit:
            edit.remove_vrps(VRPS[:1])
            edit.add_vrps([("2001:db8:1::/48", 48, 1)])
            edit.add_vrps(VRPS[1:2], source=9)
            edit.add_aspas([(5, [6])])
            edit.add_irr([("192.0.2.0/24", 7)])
        changes = db.diff(edit.db)
        self.assertEqual(
            changes,
            [
                ("vrp4", "1.1.1.0/24", None),
                ("vrp6", "2001:db8:1::/48", None),
                ("irr", "192.0.2.0/24", None),
                ("aspa", None, 5),
            ],
        )
        self.assertEqual(db.diff(db), [])
        self.assertEqual(edit.db.diff(db), changes)
        with self.assertRaises(TypeError):
            db.diff(None)

    def test_refused_aspas_and_keys(self):
        with manrs.Db().edit() as edit:
            for refused in ([(0, [1])], [(1, [1, 2])], [(1, [0, 2])], [(1, [])]):
                with self.assertRaises(manrs.Error):
                    edit.add_aspas(refused)
            with self.assertRaises(manrs.Error):
                edit.add_keys([(1, b"short", b"x")])
            with self.assertRaises(manrs.Error):
                edit.add_keys([(1, bytes(20), b"")])

    def test_stats(self):
        with manrs.Db().edit() as edit:
            edit.add_irr([("192.0.2.0/24", 64496), ("2001:db8::/32", "AS64497")])
            edit.add_aspas({64496: [64500, 64499, 64500], 64497: [0]})
            edit.add_vrps(VRPS)
        stats = edit.db.stats
        self.assertEqual((stats.vrps4, stats.vrps6, stats.irr4, stats.irr6), (4, 1, 1, 1))
        self.assertEqual((stats.aspas, stats.aspa_providers, stats.keys), (2, 3, 0))

    def test_an_equal_aspa_is_present(self):
        with manrs.Db().edit() as edit:
            self.assertEqual(edit.add_aspas([(64496, [64500, 64499])]).added, 1)
            self.assertEqual(edit.add_aspas([(64496, [64499, 64500])]).present, 1)
            self.assertEqual(edit.add_aspas([(64496, [64498])]).present, 1)
        self.assertEqual(edit.db.aspas(), {64496: [64498, 64499, 64500]})
        with edit.db.edit() as edit:
            self.assertEqual(edit.add_aspas([(64496, [64499])]).added, 1)
        self.assertEqual(edit.db.aspas(), {64496: [64499]})

    def test_drop(self):
        db = example()
        with db.edit() as edit:
            self.assertEqual(edit.drop(), 5)
        self.assertEqual(list(edit.db.vrps()), [])
        self.assertEqual(len(db.diff(edit.db)), 5)


if __name__ == "__main__":
    unittest.main()
