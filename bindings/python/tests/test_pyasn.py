# SPDX-License-Identifier: BSD-2-Clause
"""manrs.compat.pyasn beside pyasn itself: the same calls, the same answers."""

import gzip
import ipaddress
import os
import pickle
import random
import tempfile
import unittest

from manrs.compat import pyasn as ours

try:
    import pyasn as theirs
except ImportError:
    theirs = None

DATABASES = (
    "; c\n# x\n\n1.0.0.0/8\t123\n1.2.0.0/16\t456\n2001:db8::/32\t789\n", "1.0.0.0/8 123\n", "1.0.0.0\t123\n", "1.0.0.0/0\t1\n",
    "1.0.0.0/8\t0\n", "x/8\t1\n", "1.0.0.0/8\tx\n", "1.0.0.0/8\t12x\n", "1.0.0.1/8\t12", "1.0.0.0/8\t12\n1.0.0.0/8\t13\n",
    "1.0.0.0/40\t12\n", "1.0.0.0/264\t12\n", " \n1.0.0.0/8\t1\n", "1.0.0.0/8\t4294967297\n", "1.0.0.0/8\t-1\n", "",
    "\r\n1.0.0.0/8\t7\r\n", "1.0.0.0/8\t7\r\n", "1.0.0.0/8\t 9\n", "1.0.0.0/8x\t9\n", " 1.0.0.0/8\t9\n", "x\n", "\t\n", "/\t\n",
    "2001:db8::/16\t1\n1.0.0.0/8\t8\n2.0.0.0/8\t8\tfoo\n", "1.0.0.0/8\t99999999999999999999\n", "1.0.0.0/8\t8\n\n;\n#\n",
    "::/1\t5\n", "1.0.0.0/8\t5\n2001:db8::/33\t5\n1.0.0.0/9\t5\n1.128.0.0/9\t5\n3.0.0.0/24\t5\n",
)  # fmt: skip
ADDRESSES = ("1.2.3.4", "9.9.9.9", "2001:db8::1", "1.2.3.0/24", "1.2.3", "::1/128", "fe80::1%lo", "01.2.3.4", "x", "", "::", 5, None)


def result(call):
    try:
        found = call()
    except Exception as error:
        return type(error).__name__, str(error)
    return (found.prefix, found.asn) if hasattr(found, "asn") else found


@unittest.skipUnless(theirs, "no pyasn")
class BesidePyasn(unittest.TestCase):
    def both(self, call):
        self.assertEqual(result(lambda: call(ours)), result(lambda: call(theirs)))

    def test_databases(self):
        for text in DATABASES:
            with self.subTest(text):
                self.both(lambda m: repr(m.pyasn(None, ipasn_string=text)))
                self.both(lambda m: m.pyasn(None, ipasn_string=text).radix.prefixes())
                for asn in (1, 5, 7, 8, 9, 12, 123, "456", "x", 4294967295):
                    self.both(lambda m: m.pyasn(None, ipasn_string=text).get_as_prefixes(asn))
                    self.both(lambda m: m.pyasn(None, ipasn_string=text).get_as_prefixes_effective(asn))
                    self.both(lambda m: m.pyasn(None, ipasn_string=text).get_as_size(asn))

    def test_lookups(self):
        for address in ADDRESSES:
            with self.subTest(address):
                one = result(lambda: ours.pyasn(None, ipasn_string=DATABASES[0]).lookup(address))
                two = result(lambda: theirs.pyasn(None, ipasn_string=DATABASES[0]).lookup(address))
                if one[0] == "TypeError":
                    one, two = one[0], two[0]
                self.assertEqual(one, two)

    def test_addresses_with_an_ipv4_tail(self):
        text = "::1.2.3.0/120\t5\n::ffff:1.2.3.0/120\t6\n::1/128\t7\n"
        for address in ("::1.2.3.4", "::ffff:1.2.3.4", "::1"):
            self.both(lambda m: m.pyasn(None, ipasn_string=text).lookup(address))
        for asn in (5, 6, 7):
            self.both(lambda m: m.pyasn(None, ipasn_string=text).get_as_prefixes(asn))

    def test_changes_after_a_load(self):
        """A tree that was loaded makes its nodes when they are asked for: nobody can tell."""
        def change(m):
            db = m.pyasn(None, ipasn_string=DATABASES[0])
            node = db.radix.search_best("1.2.3.4")
            seen = [db.lookup("1.2.3.4"), node is db.radix.search_exact("1.2.0.0", 16), node.prefix, node.asn]
            node.asn = 99
            db.radix.add("1.2.3.0", 24).asn = 98
            seen += [db.lookup("1.2.4.4"), db.lookup("1.2.3.4"), db.get_as_prefixes(99), db.get_as_prefixes(98)]
            db.radix.delete("1.2.0.0", 16)
            seen += [db.lookup("1.2.4.4"), db.radix.prefixes(), [(n.prefix, n.asn) for n in db]]
            return seen + [len(db.radix.nodes()), db.radix.nodes()[0] is db.radix.search_exact("1.0.0.0", 8)]

        self.both(change)

    def test_the_module_under_it(self):
        """Other code imports pyasn.pyasn_radix for its Radix."""
        import importlib

        self.assertIs(importlib.import_module("manrs.compat.pyasn.pyasn_radix").Radix, ours.pyasn_radix.Radix)
        self.both(lambda m: m.pyasn_radix.Radix().load_ipasndb("", DATABASES[0]))
        self.both(lambda m: m.pyasn_radix.Radix().load_ipasndb("x", DATABASES[0]))
        self.assertRaises(TypeError, ours.pyasn_radix.Radix().load_ipasndb)
        self.assertEqual(type(ours.pyasn(None, ipasn_string=DATABASES[0]).radix).__name__, "Radix")

    def test_lines_that_are_read_fast_and_slowly(self):
        """Plain lines among such as only pyasn's own tolerance reads, at every place."""
        rng = random.Random(5)
        odd = ("1.0.0.0/8\t 9", "2.0.0.0/8x\t9\tz", "3.0.0.1/8\t12", "; c", "", "4.0.0.0/264\t7", "5.0.0.0/8\t4294967298", "6.0.0.0/8\t+6\r")
        for _ in range(100):
            lines = ["%d.%d.0.0/16\t%d" % (rng.randrange(1, 9), rng.randrange(4), rng.randrange(1, 1 << 32)) for _ in range(rng.randrange(6))]
            for line in rng.choices(odd, k=rng.randrange(4)):
                lines.insert(rng.randrange(len(lines) + 1), line)
            text = "\n".join(lines) + rng.choice(("", "\n", "\r\n\n"))
            with self.subTest(text):
                self.both(lambda m: repr(m.pyasn(None, ipasn_string=text)))
                self.both(lambda m: [(n.prefix, n.asn) for n in m.pyasn(None, ipasn_string=text)])

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, opener in (("a.dat", open), ("a.dat.gz", gzip.open), ("b.dat.gz", lambda p, m: gzip.open(p, m, newline="\r\n"))):
                path = os.path.join(folder, name)
                with opener(path, "wt") as file:
                    file.write(DATABASES[0])
                self.both(lambda m: repr(m.pyasn(path)))
                self.both(lambda m: m.pyasn(path).lookup("1.2.3.4"))
            with gzip.open(os.path.join(folder, "names.json.gz"), "wt") as file:
                file.write('{"123": "one"}')
            self.assertEqual(ours.pyasn(path, os.path.join(folder, "names.json.gz")).get_as_name(123), "one")  # pyasn 1.6.2
            self.assertRaises(NotImplementedError, ours.pyasn, path, os.path.join(folder, "names.txt"))
            names = os.path.join(folder, "names.json")
            with open(names, "w") as file:
                file.write('{"123": "one"}')
            self.both(lambda m: m.pyasn(path, names).get_as_name(123))
            self.both(lambda m: m.pyasn(path, names).get_as_name(1))
            self.both(lambda m: m.pyasn(path).get_as_name(1))
        for path in ("/nonexistent", "/nonexistent.gz", None):
            self.both(lambda m: m.pyasn(path))

    def test_random_walk(self):
        rng = random.Random(2)
        a, b = ours.Radix(), theirs.Radix()
        for step in range(2000):
            address = str(ipaddress.IPv4Address((10 << 24) | rng.getrandbits(3) << 21 | rng.getrandbits(2)))
            length = rng.choice((1, 8, 9, 10, 16, 24, 30, 31, 32))
            if rng.random() < 0.3:
                address, length = "2001:db8::%x" % rng.getrandbits(2), rng.choice((1, 32, 64, 126, 127, 128))
            action = rng.random()
            if action < 0.5:
                one, two = a.add(address, length), b.add(address, length)
                one.asn = two.asn = step
            elif action < 0.7:
                self.assertEqual(result(lambda: a.delete(address, length)), result(lambda: b.delete(address, length)))
            for method, args in (("search_best", (address,)), ("search_exact", (address, length)), ("search_best", (address, length))):
                self.assertEqual(result(lambda: getattr(a, method)(*args)), result(lambda: getattr(b, method)(*args)))
            if step % 100 == 0:
                self.assertEqual(a.prefixes(), b.prefixes())
                self.assertEqual([(n.prefix, n.asn) for n in a], [(n.prefix, n.asn) for n in b])

    def test_refusals(self):
        for args in ((), (None,), ("1.0.0.0/8",), ("1.0.0.0", 33), ("1.0.0.0", -2), ("x", 8), ("::1", 129)):
            one, two = result(lambda: ours.Radix().add(*args)), result(lambda: theirs.Radix().add(*args))
            self.assertEqual(one[0], two[0], args)
        self.both(lambda m: m.pyasn(None, ipasn_string=DATABASES[0]).radix.load_ipasndb("", DATABASES[0]))
        node = ours.Radix().add("1.0.0.0", 8)
        self.assertRaises(TypeError, setattr, node, "asn", "x")
        self.assertRaises(OverflowError, setattr, node, "asn", -1)
        self.assertRaises(AttributeError, setattr, node, "foo", 1)

    def test_asdot(self):
        for asn in (0, 5, 65535, 65536, 4294967295):
            self.both(lambda m: m.pyasn.convert_32bit_to_asdot_asn_format(asn))
        for text in ("AS3.4", "AS5", "as1.10", "AS65536"):
            self.both(lambda m: m.pyasn.convert_asdot_to_32bit_asn(text))
        self.both(lambda m: m.pyasn.convert_asdot_to_32bit_asn("x"))


class Pickle(unittest.TestCase):
    def test_pickle(self):
        again = pickle.loads(pickle.dumps(ours.pyasn(None, ipasn_string=DATABASES[0])))
        self.assertEqual(again.lookup("1.2.3.4"), (456, "1.2.0.0/16"))


if __name__ == "__main__":
    unittest.main()
