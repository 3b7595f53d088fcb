# SPDX-License-Identifier: BSD-2-Clause
"""Trie against a dict of (version, number, length) that is scanned from end to end."""

import copy
import ipaddress
import pickle
import random
import threading
import unittest

import manrs


def net(text):
    return ipaddress.ip_network(text)


def order(prefix):
    n = net(prefix)
    return n.version, int(n.network_address), n.prefixlen


def some_prefix(rng):
    """Crowded prefixes, so that they meet."""
    if rng.random() < 0.6:
        length = rng.choice((0, 1, 7, 8, 9, 16, 23, 24, 25, 31, 32))
        address = ipaddress.IPv4Address((10 << 24) | rng.getrandbits(3) << 21 | rng.getrandbits(2) << 7 | rng.getrandbits(1))
    else:
        length = rng.choice((0, 16, 31, 32, 48, 63, 64, 65, 127, 128))
        address = ipaddress.IPv6Address((0x20010DB8 << 96) | rng.getrandbits(2) << 79 | rng.getrandbits(2) << 62 | rng.getrandbits(2))
    return str(ipaddress.ip_network((address, length), strict=False))


class Oracle(dict):
    def covering(self, key):
        k = net(key)
        found = [p for p in self if net(p).version == k.version and k.subnet_of(net(p))]
        return [(p, self[p]) for p in sorted(found, key=order)]

    def covered(self, key):
        k = net(key)
        found = [p for p in self if net(p).version == k.version and net(p).subnet_of(k)]
        return [(p, self[p]) for p in sorted(found, key=order)]


class Mapping(unittest.TestCase):
    def test_random_walk(self):
        rng = random.Random(6811)
        trie, oracle = manrs.Trie(), Oracle()
        for step in range(1500):
            key = some_prefix(rng)
            if rng.random() < 0.65:
                trie[key] = oracle[key] = step
            elif key in oracle:
                del trie[key], oracle[key]
            else:
                self.assertRaises(KeyError, trie.__delitem__, key)
            self.assertEqual(len(trie), len(oracle))
            if step % 10 == 0:
                ask = some_prefix(rng)
                covering = oracle.covering(ask)
                self.assertEqual(trie.covering(ask), covering)
                self.assertEqual(trie.match(ask), covering[-1] if covering else None)
                self.assertEqual(list(trie.covered(ask)), oracle.covered(ask))
                self.assertEqual(trie.get(ask, "none"), oracle.get(ask, "none"))
                self.assertEqual(ask in trie, ask in oracle)
            if step % 150 == 0:
                self.assertEqual(list(trie.items()), sorted(oracle.items(), key=lambda item: order(item[0])))
        self.assertEqual(trie, oracle)
        keys = [some_prefix(rng) for _ in range(50)]
        self.assertEqual(trie.match_many(keys), [trie.match(key) for key in keys])

    def test_more_than_a_slice(self):
        trie = manrs.Trie(("10.%d.%d.0/24" % (i >> 8, i & 255), i) for i in range(5000))
        self.assertEqual(list(trie.values()), list(range(5000)))
        self.assertEqual([v for _, v in trie.covered("10.0.0.0/8")], list(range(5000)))
        self.assertEqual(len(list(trie.covered("10.1.0.0/16"))), 256)

    def test_any_value(self):
        values = [None, 0, "text", [1], {}, object(), lambda: 1]
        trie = manrs.Trie()
        for i, value in enumerate(values):
            trie["10.0.0.%d/32" % i] = value
        for i, value in enumerate(values):
            self.assertIs(trie["10.0.0.%d" % i], value)
            self.assertIs(trie[ipaddress.ip_address("10.0.0.%d" % i)], value)
        self.assertIsNone(trie.get("10.0.0.0"))
        self.assertIn("10.0.0.0", trie)

    def test_values_are_let_go(self):
        class Value:
            live = 0

            def __init__(self):
                Value.live += 1

            def __del__(self):
                Value.live -= 1

        trie = manrs.Trie({"10.0.0.0/8": Value(), "11.0.0.0/8": Value()})
        trie["10.0.0.0/8"] = Value()
        self.assertEqual(Value.live, 2)
        del trie["11.0.0.0/8"]
        self.assertEqual(Value.live, 1)
        trie.clear()
        self.assertEqual((Value.live, len(trie), list(trie)), (0, 0, []))

    def test_mapping_protocol(self):
        trie = manrs.Trie({"10.0.0.0/8": 1}, **{"2001:db8::/32": 2})
        self.assertEqual(trie.setdefault("10.0.0.0/8", 9), 1)
        self.assertEqual(trie.pop("10.0.0.0/8"), 1)
        self.assertEqual(trie.pop("10.0.0.0/8", "gone"), "gone")
        self.assertRaises(KeyError, trie.pop, "10.0.0.0/8")
        self.assertEqual(trie.popitem(), ("2001:db8::/32", 2))
        trie.update([("9.0.0.0/8", 3)])
        self.assertEqual((list(trie.keys()), list(trie.values()), list(trie.items())), (["9.0.0.0/8"], [3], [("9.0.0.0/8", 3)]))
        self.assertTrue(trie == {"9.0.0.0/8": 3} and trie != {})
        self.assertEqual(dict(trie), {"9.0.0.0/8": 3})
        self.assertFalse(manrs.Trie())

    def test_copies(self):
        trie = manrs.Trie({"10.0.0.0/8": [1], "2001:db8::/32": [2]})
        for made in (trie.copy(), copy.copy(trie), copy.deepcopy(trie), pickle.loads(pickle.dumps(trie))):
            self.assertEqual(made, trie)
            made["11.0.0.0/8"] = 1
            self.assertEqual(len(trie), 2)

    def test_changed_while_iterated(self):
        trie = manrs.Trie({"10.0.0.0/8": 1, "11.0.0.0/8": 2})
        with self.assertRaises(RuntimeError):
            for key in trie:
                del trie[key]
        for key in trie:
            trie[key] = 5
        self.assertEqual(set(trie.values()), {5})

    def test_threads(self):
        """Each thread writes keys of its own and reads those of all: a value is always that of its key."""
        trie, wrong = manrs.Trie(), []

        def work(number):
            rng = random.Random(number)
            for _ in range(2000):
                mine = "10.%d.%d.0/24" % (number, rng.randrange(50))
                if rng.random() < 0.6:
                    trie[mine] = mine
                else:
                    trie.pop(mine, None)
                other = "10.%d.%d.0/24" % (rng.randrange(4), rng.randrange(50))
                if trie.get(other, other) != other or (trie.match(other) or (0, other))[1] != other:
                    wrong.append(other)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual([key for key, value in trie.items() if key != value], [])
        self.assertEqual(len(trie._values), len(trie))

    def test_a_value_whose_end_uses_the_trie(self):
        trie = manrs.Trie()

        class Value:
            def __del__(self):
                trie["99.0.0.0/8"] = 1

        trie["10.0.0.0/8"] = Value()
        trie["10.0.0.0/8"] = Value()
        del trie["10.0.0.0/8"]
        trie["11.0.0.0/8"] = Value()
        trie.clear()
        self.assertEqual(dict(trie), {"99.0.0.0/8": 1})

    def test_a_key_that_clears_the_trie_while_it_is_read(self):
        trie = manrs.Trie({"10.%d.0.0/16" % i: i for i in range(200)})

        class Clears(ipaddress.IPv4Network):
            @property
            def prefixlen(self):
                trie.clear()
                return 16

        for use in (trie.get, trie.match, trie.covering, trie.__contains__, lambda key: list(trie.covered(key))):
            trie["10.1.0.0/16"] = 1
            self.assertFalse(use(Clears("10.1.0.0/16")))
        trie[Clears("10.1.0.0/16")] = 2
        self.assertEqual(dict(trie), {"10.1.0.0/16": 2})

    def test_bad_keys(self):
        trie = manrs.Trie()
        for key in ("10.0.0.1/8", "x", "", "10.0.0.0/33", "::/129"):
            for use in (trie.get, trie.match, trie.covering, trie.covered, trie.__getitem__, trie.__contains__, trie.__delitem__):
                self.assertRaises(manrs.Error, lambda: use(key) and None)
            self.assertRaises(manrs.Error, trie.__setitem__, key, 1)
        for key in (None, 1, 1.5, (), ("10.0.0.0", 8)):
            self.assertRaises(TypeError, trie.__setitem__, key, 1)
            self.assertRaises(TypeError, trie.get, key)


class OwnEntries(unittest.TestCase):
    """The Trie under the drop-ins, whose lookups follow an address: a value lives as long as its key."""

    def test_walk(self):
        from manrs._trie import Entries

        rng, trie, oracle = random.Random(4), Entries(), {}
        for step in range(3000):
            key = "10.%d.0.0/16" % rng.randrange(40)
            if rng.random() < 0.6:
                trie[key], oracle[key] = [step], step
            elif key in oracle:
                del trie[key], oracle[key]
            got = trie.get(key)
            self.assertEqual(got and got[0], oracle.get(key))
            self.assertEqual(len(trie), len(oracle))
            if step % 500 == 0:
                self.assertEqual({k: v[0] for k, v in trie.items()}, oracle)
                self.assertEqual([v[0] for _, v in trie.covered("10.0.0.0/8")], [v[0] for v in trie.values()])
                trie.clear(), oracle.clear()

    def test_one_key_a_value(self):
        from manrs._trie import Entries

        trie, value = Entries(), [1]
        trie["10.0.0.0/8"] = value
        if manrs._lib.extension:
            self.assertRaises(ValueError, trie.__setitem__, "11.0.0.0/8", value)
            self.assertRaises(TypeError, setattr, trie, "_direct", False)
        trie["10.0.0.0/8"] = value
        del value
        self.assertEqual(trie["10.0.0.0/8"], [1])


if __name__ == "__main__":
    unittest.main()
