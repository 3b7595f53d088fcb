# SPDX-License-Identifier: BSD-2-Clause
"""Whatever is passed in: an exception or an answer, never a crash. Seeded; run again under AddressSanitizer by
tests/python/hostile_test.py."""

import array
import ctypes
import gc
import ipaddress
import os
import random
import tempfile
import threading
import unittest
import weakref

import manrs
from manrs import _lib
from manrs.compat import pyasn, pytricia, radix

try:
    import numpy
except ImportError:
    numpy = None

STEPS = int(os.environ.get("MANRS_HOSTILE", "400"))


class Odd:
    """An object whose every protocol misbehaves."""

    def __index__(self):
        raise ZeroDivisionError("index")

    def __iter__(self):
        yield "1.1.1.0/24"
        raise ZeroDivisionError("iter")

    def __len__(self):
        return 1 << 40

    def __eq__(self, other):
        raise ZeroDivisionError("eq")

    __hash__ = None


class Text(str):
    pass


class Liar(ipaddress.IPv4Network):
    """A network that says other than it is."""

    prefixlen = 999
    max_prefixlen = -5


class Wide(ipaddress.IPv4Address):
    packed = bytes(1000)


class WideNetwork(ipaddress.IPv4Network):
    network_address = Wide("1.1.1.0")


def values():
    found = [
        None, True, 0, 1, -1, 63, 64, 1 << 32, 1 << 70, 1.5, float("nan"), "", " ", "x" * 5000, "1.1.1.0/24", "::/0", "\x00",
        "1.1.1.0/24\x00", "é", "\udc80", b"", b"1.1.1.0/24", b"\xff" * 100, bytearray(b"1.1.1.0/24"), bytes(24), bytes(23),
        bytes(20), bytearray(48), memoryview(bytes(48)), memoryview(bytes(96))[::2], array.array("I", range(6)),
        array.array("d", [1.0] * 3), [], [1], ["1.1.1.0/24"], [None] * 3, [[]], [("1.1.1.0/24", 24, 1)], [("1.1.1.0/24", 300, 1)],
        [("1.1.1.0/24", 1)], [(1, 2)], [(1, [2])], [(1, [])], [(1, [1])], {}, {1: [2]}, {1: None}, {"prefix": "1.1.1.0/24"},
        {"prefix": [[[[]]]]}, {"prefix": "1.1.1.0/24", "as_path": "1 " * 4000}, {1: 2}, set(), {1, 2}, (), ("1.1.1.0/24", 1),
        object(), Odd(), Text("1.1.1.0/24"), Liar("1.1.1.0/24"), Wide("1.1.1.1"), WideNetwork("1.1.1.0/24"), lambda: 1, range(3), range(1 << 40), iter([1]), type,
        ipaddress.ip_network("1.1.1.0/24"), ipaddress.ip_address("::1"), ipaddress.ip_interface("1.1.1.1/8"), manrs.State.VALID,
        "customer", "provider", manrs.Role.PEER, "rov", "64496 {1,2} 3", "{" * 1000, [{1, 2}, 3], [Odd()], "/etc/passwd", "/dev/null",
        (ctypes.c_char * 24)(), (_lib.CRoute * 2)(), (ctypes.c_char * 0)(), _lib.CPrefix(9, 200, 255, 7),
    ]  # fmt: skip
    if numpy:
        found += [
            numpy.zeros(3), numpy.zeros((2, 24), "u1"), numpy.zeros(2, manrs.route_dtype)[::-1], numpy.zeros(0, manrs.route_dtype),
            numpy.array(["1.1.1.0/24", None], object), numpy.array("1.1.1.0/24"), numpy.zeros(2, manrs.prefix_dtype), numpy.uint32(7),
            numpy.array([1 << 40]), numpy.zeros((0, 24), "u1"), numpy.zeros(3, "u4").reshape(3, 1),
        ]  # fmt: skip
    return found


def short(value):
    """Whether it may be iterated to its end."""
    return not isinstance(value, range) or len(value) < 1000


class Everything(unittest.TestCase):
    def setUp(self):
        with manrs.Db().edit() as edit:
            edit.add_vrps([("1.1.1.0/24", 24, 13335)])
            edit.add_aspas({1: [2]})
        self.db = edit.db

    def throw(self, calls, rng, steps=STEPS):
        pool = [value for value in values() if short(value)]
        answered = 0
        for _ in range(steps):
            call = rng.choice(calls)
            args = [rng.choice(pool) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4)))]
            try:
                call(*args)
                answered += 1
            except (Exception, RuntimeWarning):  # noqa: B014
                pass
        self.assertGreater(answered, 0)
        self.assertEqual(self.db.rov("1.1.1.0/24", 13335), manrs.State.VALID)

    def test_questions(self):
        db = self.db
        calls = [db.rov, db.rov_many, db.covering, db.aspa, db.aspa_many, db.aspa_explain, db.check, db.explain, db.findings, db.diff]
        self.throw(calls, random.Random(10), 4 * STEPS)

    def test_edits(self):
        edit = self.db.edit()
        calls = [
            edit.add_vrps, edit.remove_vrps, edit.add_irr, edit.remove_irr, edit.add_aspas, edit.remove_aspas, edit.add_keys,
            edit.remove_keys, edit.load, edit.slurm, manrs.Db.from_files, self.db.edit,
        ]  # fmt: skip
        self.throw(calls, random.Random(11), 2 * STEPS)
        edit.abort()

    def test_tries(self):
        trie = manrs.Trie()
        calls = [
            trie.__setitem__, trie.__getitem__, trie.__delitem__, trie.get, trie.match, trie.covering, lambda k: list(trie.covered(k)),
            trie.match_many, trie.__contains__, trie.pop, trie.setdefault, lambda: list(trie.items()), manrs.Trie,
        ]  # fmt: skip
        self.throw(calls, random.Random(12), 4 * STEPS)

    def test_the_rest(self):
        tree, pyt = radix.Radix(), pytricia.PyTricia(128)
        calls = [
            manrs.Policy, manrs.path_origin, manrs.routes, tree.add, tree.search_best, tree.search_covered, tree.delete, pyt.insert,
            pyt.get, pyt.__setitem__, pyt.parent, pytricia.PyTricia, lambda s: pyasn.pyasn(None, None, s), pyasn.Radix().add,
        ]  # fmt: skip
        self.throw(calls, random.Random(13), 2 * STEPS)

    def test_source_validation(self):
        with manrs.Urpf().edit() as edit:
            iface = edit.interface("strict", role="customer", asn=1)
            edit.add_routes([("1.1.1.0/24", iface, "1")])
        urpf, edit = edit.urpf, edit.urpf.edit(db=self.db)
        calls = [
            urpf.check, urpf.check_many, urpf.explain, lambda i: list(urpf.list(i)), lambda i: list(urpf.allowed(i)), urpf.export,
            edit.interface, edit.remove_interface, edit.add_routes, edit.remove_routes, edit.add_prefixes, edit.remove_prefixes,
            manrs.Urpf, urpf.edit, lambda p: edit.add_prefixes("deny", p), lambda p: edit.add_routes([(p, iface, None)]),
            lambda p: edit.add_routes([("1.1.1.0/24", iface, p)]), lambda s: urpf.check(s, iface), lambda s: urpf.check_many(s, [iface]),
        ]  # fmt: skip
        self.throw(calls, random.Random(17), 4 * STEPS)
        edit.commit()
        self.assertEqual(urpf.check("1.1.1.1", iface), manrs.Allow.ALLOWED)

    def test_policies(self):
        rng, pool = random.Random(14), [value for value in values() if short(value)]
        names = (
            "tests strict local_as transit_free never_via_rs origins peerlocks addresses bogons denied allowed relations irr_roa"
            " min_len4 max_path".split()
        )
        for _ in range(STEPS):
            try:
                policy = manrs.Policy("customer", **{name: rng.choice(pool) for name in rng.sample(names, 2)})
                self.db.check({"prefix": "1.1.1.0/24", "as_path": "1 2 3", "neighbour": 1}, policy)
            except Exception:
                pass

    def test_random_records(self):
        rng = random.Random(15)
        with manrs.Db().edit() as edit:
            for _ in range(STEPS // 4):
                records = bytes(rng.getrandbits(8) for _ in range(24 * 20))
                if rng.random() < 0.7:
                    records = b"".join(
                        bytes([rng.choice((4, 6)), rng.randrange(130), rng.randrange(130), 0]) + bytes(16) + records[i : i + 4] for i in range(20)
                    )
                self.db.rov_many(records)
                edit.add_vrps(records, strict=False)
                edit.add_irr(records, strict=False)
                edit.remove_vrps(records, strict=False)
        edit.db.rov_many(bytes(24 * 5))

    def test_random_files(self):
        rng = random.Random(16)
        seeds = (
            b'{"roas": [{"asn": "AS1", "prefix": "10.0.0.0/8", "maxLength": 9}], "aspas": [{"customer_asid": 5, "providers": [6]}]}',
            b"ASN,IP Prefix,Max Length,Trust Anchor\nAS1,10.0.0.0/8,9,x\n",
            b"route 10.0.0.0/8 max 9 as 1;\n", b"roa-set {\n\t10.0.0.0/8 maxlen 9 source-as 1\n}\n", b"5\t6 7\n", b"\x1f\x8b\x08\x00abc", b"BZh91AY",
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x")
            for _ in range(STEPS // 2):
                data = bytearray(rng.choice(seeds))
                for _ in range(rng.randrange(6)):
                    data[rng.randrange(len(data))] = rng.getrandbits(8)
                with open(path, "wb") as file:
                    file.write(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data)
                try:
                    manrs.Db.from_files(path)
                except (manrs.Error, OSError):
                    pass

    def test_threads_that_close_and_edit_at_once(self):
        wrong = []

        def work(seed):
            rng = random.Random(seed)
            for _ in range(STEPS // 4):
                try:
                    action = rng.randrange(5)
                    if action == 0:
                        with shared[0].edit() as edit:
                            edit.add_vrps([("10.%d.0.0/16" % rng.randrange(256), 16, 1)])
                        shared[0] = edit.db
                    elif action == 1:
                        shared[0].rov_many(["1.1.1.0/24"] * 50, [13335] * 50)
                    elif action == 2:
                        shared[0].close()
                        shared[0] = self.db
                    elif action == 3:
                        list(shared[0].vrps())
                    else:
                        both[0].add_vrps([("10.0.0.0/8", 8, seed)])
                except manrs.Error as error:
                    if error.code != manrs.ESTATE:
                        wrong.append(error)

        with manrs.Db().edit() as first:
            first.add_vrps([("1.1.1.0/24", 24, 13335)])
        shared, both = [first.db], [manrs.Db().edit()]
        self.db = manrs.Db()
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        both[0].abort()
        gc.collect()
        self.assertEqual(wrong, [])

    def test_half_made_objects(self):
        for kind in (manrs.Db, manrs.Edit, manrs.Trie, manrs.Policy):
            empty = kind.__new__(kind)
            for name in ("rov", "rov_many", "vrps", "commit", "match", "get", "tests", "close", "__enter__", "abort"):
                try:
                    found = getattr(empty, name)
                    found("1.1.1.0/24") if callable(found) else None
                except Exception:
                    pass
            del empty
        gc.collect()

    def test_arguments_that_change_underfoot(self):
        prefixes = ["1.1.1.0/24"] * 10
        origins = [13335] * 10

        class Shrinks(ipaddress.IPv4Network):
            @property
            def prefixlen(self):
                del prefixes[3:], origins[2:]
                return 24

        prefixes[1] = Shrinks("1.1.1.0/24")
        self.assertEqual(len(self.db.rov_many(prefixes, origins)), 10)


@unittest.skipUnless(_lib.extension, "no extension")
class ExtensionTypes(unittest.TestCase):
    """The C types that classes are made of, used as nobody should."""

    def test_without_what_they_stand_on(self):
        table = _lib.extension.Table()
        self.assertEqual((table.get("1.0.0.0/8"), table.match("1.0.0.0/8", 7), "1.0.0.0/8" in table), (None, 7, False))
        self.assertRaises(KeyError, lambda: table["1.0.0.0/8"])
        self.assertRaises(AttributeError, lambda: table._values)
        for name, value in (("_values", 5), ("_values", None), ("_trie", "x"), ("_trie", -1 << 70)):
            self.assertRaises((TypeError, ValueError, OverflowError), setattr, table, name, value)
        self.assertRaises(TypeError, delattr, table, "_values")
        for made, name in ((_lib.extension.Longest(), "_trie"), (_lib.extension.Best(), "_trie"), (_lib.extension.Origins(), "radix")):
            self.assertRaises(AttributeError, getattr, made, name)
            for value in (5, None, table, made):
                setattr(made, name, value)
                for call in (lambda: made["1.0.0.0"], lambda: "1.0.0.0" in made, lambda: made.get("1.0.0.0"), lambda: made.search_best("1.0.0.0"),
                             lambda: made.get_key("1.0.0.0"), lambda: made.has_key("1.0.0.0"), lambda: made.lookup("1.0.0.0")):  # fmt: skip
                    try:
                        call()
                    except (AttributeError, TypeError, KeyError):
                        pass
            delattr(made, name)

    def test_entries_that_were_changed(self):
        tree = pytricia.PyTricia()
        tree["10.0.0.0/8"] = 1
        for entry in ([], 5, None):
            tree._trie["10.0.0.0/8"] = entry
            for call in (lambda: tree["10.0.0.0"], lambda: tree.get("10.0.0.0"), lambda: tree.get_key("10.0.0.0"), lambda: "10.0.0.0" in tree):
                try:
                    call()
                except (IndexError, SystemError, TypeError):
                    pass

    def test_loads(self):
        load = _lib.extension.origins_load
        trie = manrs.Trie()
        for args in ((), (trie._trie, "x", 0), (0, b"x", 0), (trie._trie, b"x", 2), (trie._trie, b"x", -1), (None, b"", 0), (trie._trie, b"", None)):
            self.assertRaises((TypeError, ValueError), load, *args)
        line = b"10.0.0.0/8\t1\n"
        for cut in range(len(line) + 1):
            self.assertEqual(load(trie._trie, line[:cut], 0), (1, cut) if cut >= len(line) - 1 else (0, 0))
        for text in (b"\t", b"/\t", b"\r", b"\0", b"10.0.0.0/8\t", b"10.0.0.0/8\t\r", b"\t\r", b"x" * 5000, b"10.0.0.0/8\t" + b"9" * 600):
            self.assertEqual(load(trie._trie, text, 0), (0, 0), text)

    def test_cycles_are_collected(self):
        class Watched(manrs.Trie):
            pass

        gone = []
        for make in (Watched, type("R", (radix.Radix,), {}), type("P", (pytricia.PyTricia,), {})):
            tree = make()
            if isinstance(tree, radix.Radix):
                tree.add("10.0.0.0/8").data["me"] = tree
            else:
                tree["10.0.0.0/8"] = tree
            gone.append(weakref.ref(tree))
            del tree
        gc.collect()
        self.assertEqual([ref() for ref in gone], [None] * 3)


if __name__ == "__main__":
    unittest.main()
