# SPDX-License-Identifier: BSD-2-Clause
"""manrs.compat.pytricia by pytricia's own documentation, and a random walk against a scan."""

import ipaddress
import pickle
import random
import socket
import unittest

from manrs.compat import pytricia

try:
    import pytricia as theirs
except ImportError:
    theirs = None


class Documented(unittest.TestCase):
    def example(self, module=pytricia):
        pyt = module.PyTricia()
        pyt["10.0.0.0/8"] = "a"
        pyt["10.1.0.0/16"] = "b"
        return pyt

    def test_lookup(self):
        pyt = self.example()
        self.assertEqual(len(pyt), 2)
        self.assertEqual([pyt[k] for k in ("10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/24")], ["a", "b", "b"])
        self.assertEqual([pyt.get(k) for k in ("10.1.0.0/32", "10.0.0.0/24", "9.0.0.0")], ["b", "a", None])
        self.assertEqual(pyt.get("9.0.0.0", "default"), "default")
        keys = [pyt.get_key(k) for k in ("10.1.0.0/16", "10.1.0.0/24", "10.1.0.0/32", "10.0.0.0/24", "9.0.0.0")]
        self.assertEqual(keys, ["10.1.0.0/16", "10.1.0.0/16", "10.1.0.0/16", "10.0.0.0/8", None])
        self.assertRaises(KeyError, pyt.__getitem__, "9.0.0.0")
        self.assertEqual(list(pyt), ["10.0.0.0/8", "10.1.0.0/16"])
        self.assertEqual(pyt.keys(), ["10.0.0.0/8", "10.1.0.0/16"])

    def test_in_and_has_key(self):
        pyt = self.example()
        for key, inside in (("10.0.0.0/8", 1), ("10.2.0.0/8", 1), ("192.168.0.0/16", 0), ("192.168.0.0", 0), ("10.1.2.3", 1)):
            self.assertEqual(key in pyt, bool(inside), key)
        for key, there in (("10.1.0.0/16", 1), ("10.1.0.0", 0), ("10.0.0.0/8", 1), ("10.0.0.0", 0), ("10.0.0.0/12", 0)):
            self.assertEqual(pyt.has_key(key), bool(there), key)  # noqa: W601

    def test_delete(self):
        pyt = self.example()
        del pyt["10.0.0.0/8"]
        self.assertEqual(pyt.get("10.1.0.0/16"), "b")
        with self.assertRaises(KeyError) as caught:
            del pyt["10.0.0.0/8"]
        self.assertEqual(caught.exception.args, ("Prefix doesn't exist.",))
        pyt.delete("10.1.0.0/16")
        self.assertEqual(len(pyt), 0)

    def test_insert(self):
        pyt = pytricia.PyTricia(128)
        self.assertIsNone(pyt.insert(ipaddress.IPv6Address("2001:218:200e:abc::1"), 56, "hello!"))
        pyt.insert(ipaddress.IPv6Network("2001:218:200e::/56"), "halo!")
        pyt.insert(bytes([10, 0, 1, 0]), 24, "ip?")
        self.assertEqual(pyt.keys(), ["10.0.1.0/24", "2001:218:200e::/56", "2001:218:200e:abc::1/56"])
        for args in ((), ("10.0.0.0/8",), ("x", 1), ("10.0.0.0/8", 33, 1), (1.5, 1)):
            self.assertRaises((ValueError, TypeError), pyt.insert, *args)

    def test_parent_and_children(self):
        pyt = self.example()
        self.assertEqual(pyt.parent("10.1.0.0/16"), "10.0.0.0/8")
        self.assertIsNone(pyt.parent("10.0.0.0/8"))
        pyt["10.1.1.0/24"] = "c"
        self.assertEqual(pyt.children("10.0.0.0/8"), ["10.1.0.0/16", "10.1.1.0/24"])
        self.assertEqual(pyt.children("10.1.0.0/16"), ["10.1.1.0/24"])
        self.assertEqual(pyt.children("10.1.1.0/24"), [])
        self.assertRaises(KeyError, pyt.parent, "10.1.42.0/24")
        self.assertRaises(KeyError, pyt.children, "10.1.42.0/24")

    def test_forms_of_keys(self):
        pyt = self.example()
        pyt[167838211] = "x"
        self.assertEqual(pyt["10.1.2.3"], "x")
        pyt["10.1.2.4/50"] = "banana"
        self.assertTrue(pyt.has_key("10.1.2.4/32"))  # noqa: W601
        pyt["10.1.2.5/17"] = "peanut"
        self.assertEqual(pyt.get_key("10.1.2.9"), "10.1.2.5/17")
        self.assertEqual(pyt[(b"\x0a\x01\x02\x09", 17)], "peanut")
        self.assertEqual(pyt[b"\x0a\x01\x02\x03"], "x")
        for key in ("", "astring", b"123", 1.5, None, (b"1234",), ("1", 2), "1.2.3.4.5", "1:2"):
            self.assertRaises(ValueError, pyt.__getitem__, key)
            self.assertRaises(ValueError, pyt.__contains__, key)
            self.assertRaises(ValueError, pyt.__setitem__, key, 1)

    def test_numbers_past_an_address(self):
        """pytricia's own suite: pyt[2 ** 65] is a KeyError."""
        pyt = self.example()
        for key in (1 << 32, 2**65, -1):
            self.assertRaises(KeyError, pyt.__getitem__, key)
            self.assertRaises(KeyError, pyt.delete, key)
            self.assertRaises(KeyError, pyt.parent, key)
            self.assertEqual((key in pyt, pyt.has_key(key), pyt.get(key, 5), pyt.get_key(key)), (False, False, 5, None))  # noqa: W601
            self.assertRaises(ValueError, pyt.__setitem__, key, 1)
            self.assertRaises(ValueError, pyt.insert, key, 1)
        pyt[0xFFFFFFFF] = "last"
        self.assertEqual((pyt["255.255.255.255"], pyt[0xFFFFFFFF]), ("last", "last"))

    def test_longer_than_its_bits(self):
        """pytricia's own suite: a /96 in PyTricia(64) is found and listed."""
        pyt = pytricia.PyTricia(64)
        pyt.insert("2001:db8:1::/96", "a")
        pyt.insert("2001:db8:2::", 96, "b")
        self.assertEqual((pyt.get("2001:db8:1::/96"), pyt["2001:db8:2::1"]), ("a", "b"))
        self.assertEqual(pyt.keys(), ["2001:db8:1::/96", "2001:db8:2::/96"])
        self.assertNotIn("2001:db8:1::1:0:1", pyt)

    def test_arguments(self):
        for args in (("a",), (-1,), (129,), (32, 99)):
            self.assertRaises(ValueError, pytricia.PyTricia, *args)
        raw = pytricia.PyTricia(128, socket.AF_INET6, True)
        raw["2001:db8::/32"] = 1
        self.assertEqual(raw.keys(), [(ipaddress.ip_address("2001:db8::").packed, 32)])

    def test_freeze_and_pickle(self):
        pyt = self.example()
        pyt.freeze()
        for change in (lambda: pyt.insert("1.0.0.0/8", 1), lambda: pyt.delete("10.0.0.0/8")):
            self.assertRaises(ValueError, change)
        again = pickle.loads(pickle.dumps(pyt))
        self.assertEqual(again.items(), pyt.items())
        self.assertRaises(ValueError, again.insert, "1.0.0.0/8", 1)
        pyt.thaw()
        pyt["1.0.0.0/8"] = 1
        self.assertEqual(len(pyt), 3)

    def walk(self, module):
        rng = random.Random(3)
        pyt, oracle = module.PyTricia(32), {}
        for step in range(2000):
            address = ipaddress.IPv4Address((10 << 24) | rng.getrandbits(3) << 21 | rng.getrandbits(2))
            key = str(ipaddress.ip_network((address, rng.choice((0, 8, 9, 10, 16, 30, 31, 32))), strict=False))
            network = ipaddress.ip_network(key)
            if rng.random() < 0.6:
                pyt[key] = oracle[network] = step
            elif network in oracle:
                del pyt[key], oracle[network]
            above = sorted((n for n in oracle if network.subnet_of(n)), key=lambda n: n.prefixlen)
            self.assertEqual(pyt.get(key), oracle[above[-1]] if above else None)
            self.assertEqual(pyt.get_key(key), str(above[-1]) if above else None)
            self.assertEqual(pyt.has_key(key), network in oracle)  # noqa: W601
            if network in oracle:
                self.assertEqual(pyt.parent(key), str(above[-2]) if len(above) > 1 else None)
                below = sorted(n for n in oracle if n.subnet_of(network) and n != network)
                self.assertEqual(pyt.children(key), [str(n) for n in below])
            self.assertEqual(len(pyt), len(oracle))
        self.assertEqual(pyt.keys(), [str(n) for n in sorted(oracle)])

    def test_random_walk(self):
        self.walk(pytricia)

    @unittest.skipUnless(theirs, "no pytricia")
    def test_the_same_walk_with_pytricia_itself(self):
        self.walk(theirs)


if __name__ == "__main__":
    unittest.main()
