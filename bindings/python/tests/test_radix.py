# SPDX-License-Identifier: BSD-2-Clause
"""manrs.compat.radix beside py-radix itself: the same calls, the same answers."""

import ipaddress
import pickle
import random
import unittest

from manrs.compat import radix as ours

try:
    import radix as theirs
except ImportError:
    theirs = None

FORMS = (
    "10.0.0.1/8", "10.0.0.0/33", "", "10", "10.1", "10.1/16", "fe80::1%lo/64", "010.1.1.1", "::ffff:1.2.3.4/128",
    "::1.2.3.4/128", "2001:DB8::/3", " 1.2.3.0/24", "1.2.3.0/024", "1.2.3.0/", "1.2.3.0/+24", "1.2.3.0/ 24", "1.2.3.0/24 ",
    "1.2.3.0/24/3", "1.2.3.0/0x10", "0x1020304/8", "localhost", "1.2.3.4", "::", "::/0", "0.0.0.0/0", "1.2.3.4.5", ":::",
    "1.2.3.0/-1", "2001:db8::1/127", "1.2.3.0/1_6", "x" * 300, "1.2.3.0/99999999999",
)  # fmt: skip


def shown(node):
    if node is None:
        return None
    return (node.prefix, node.network, node.prefixlen, node.family, node.packed, node.data, node.parent and node.parent.prefix)


def result(call):
    """What a call gives, or the kind and text of its exception."""
    try:
        found = call()
    except Exception as error:
        return type(error).__name__, str(error)
    return [shown(node) for node in found] if isinstance(found, list) else shown(found)


def some(rng):
    if rng.random() < 0.7:
        address = ipaddress.IPv4Address((10 << 24) | rng.getrandbits(3) << 21 | rng.getrandbits(2) << 8 | rng.getrandbits(1))
        return str(address), rng.choice((0, 4, 8, 9, 10, 11, 12, 16, 22, 23, 24, 31, 32))
    address = ipaddress.IPv6Address((0x20010DB8 << 96) | rng.getrandbits(2) << 79 | rng.getrandbits(2) << 62 | rng.getrandbits(2))
    return str(address), rng.choice((0, 16, 32, 48, 49, 64, 65, 66, 126, 127, 128))


@unittest.skipUnless(theirs, "no py-radix")
class BesidePyRadix(unittest.TestCase):
    def test_forms(self):
        for form in FORMS:
            for masklen in (None, -1, 0, 8, 33, 129):
                args = (form,) if masklen is None else (form, masklen)
                for method in ("add", "search_exact", "search_best", "search_worst", "search_covered", "search_covering"):
                    a, b = ours.Radix(), theirs.Radix()
                    for tree in (a, b):
                        tree.add("10.0.0.0/8")
                    one, two = result(lambda: getattr(a, method)(*args)), result(lambda: getattr(b, method)(*args))
                    if two and two[0] == "SystemError":  # py-radix forgets to set the exception
                        one, two = one[0], "ValueError"
                    self.assertEqual(one, two, (method, args))

    def test_wrong_types(self):
        for args in ((), (None,), (5,), (b"1.2.3.0/24",), ("1.0.0.0", "8"), ("1.0.0.0", 8.0), ("1.0.0.0", None)):
            a, b = result(lambda: ours.Radix().add(*args)), result(lambda: theirs.Radix().add(*args))
            self.assertEqual(a[0], b[0], args)

    def test_random_walk(self):
        rng = random.Random(1)
        a, b = ours.Radix(), theirs.Radix()
        for step in range(3000):
            network, masklen = some(rng)
            args = rng.choice((("%s/%d" % (network, masklen),), (network, masklen)))
            action = rng.random()
            if action < 0.45:
                one, two = a.add(*args), b.add(*args)
                one.data["step"] = two.data["step"] = step
                self.assertEqual(shown(one), shown(two))
            elif action < 0.65:
                self.assertEqual(result(lambda: a.delete(*args)), result(lambda: b.delete(*args)))
            else:
                for method in ("search_exact", "search_best", "search_worst", "search_covering", "search_covered"):
                    one, two = result(lambda: getattr(a, method)(*args)), result(lambda: getattr(b, method)(*args))
                    self.assertEqual(one, two, (method, args, step))
            if step % 100 == 0:
                self.assertEqual(a.prefixes(), b.prefixes())
                self.assertEqual([shown(n) for n in a], [shown(n) for n in b])
                self.assertEqual([shown(n) for n in a.nodes()], [shown(n) for n in b.nodes()])
        one, two = pickle.loads(pickle.dumps(a)), pickle.loads(pickle.dumps(b))
        self.assertEqual([shown(n) for n in one], [shown(n) for n in two])

    def test_changed_while_iterated(self):
        def change(module):
            tree = module.Radix()
            tree.add("10.0.0.0/8")
            for _ in tree:
                tree.add("11.0.0.0/8")

        self.assertEqual(result(lambda: change(ours)), result(lambda: change(theirs)))

    def test_nodes_that_were_deleted(self):
        for module in (ours, theirs):
            tree = module.Radix()
            tree.add("10.0.0.0/8")
            node = tree.add("10.0.0.0/16")
            tree.delete("10.0.0.0/16")
            self.assertEqual((node.prefix, node.parent), ("10.0.0.0/16", None))
            self.assertIsNot(tree.add("10.0.0.0/16"), node)
            for name in ("data", "prefix", "foo"):
                self.assertRaises(AttributeError, setattr, node, name, 1)


class Packed(unittest.TestCase):
    """packed=, which the reference cannot do on new Pythons: as its documentation has it."""

    def test_packed(self):
        tree = ours.Radix()
        self.assertEqual(tree.add(packed=b"\xac\x12\x16\x00", masklen=23).prefix, "172.18.22.0/23")
        self.assertEqual(tree.search_exact(packed=b"\xac\x12\x16\x00", masklen=23).packed, b"\xac\x12\x16\x00")
        self.assertEqual(tree.search_best(packed=b"\xac\x12\x17\x07").prefix, "172.18.22.0/23")
        self.assertEqual(tree.add(packed=bytes(15) + b"\x01").prefix, "::1/128")
        for packed, masklen in ((b"123", 8), (b"1234", 33), (b"1234", -2)):
            self.assertRaises(ValueError, tree.add, packed=packed, masklen=masklen)
        self.assertRaises(TypeError, tree.add, packed="text")
        self.assertRaises(TypeError, tree.add, "1.2.3.4", packed=b"1234")


if __name__ == "__main__":
    unittest.main()
