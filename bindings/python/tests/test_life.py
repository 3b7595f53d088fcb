# SPDX-License-Identifier: BSD-2-Clause
"""Objects that end in a reference cycle, in any order, while finalisers in it still call them: an answer or an Error."""

import gc
import os
import subprocess
import sys
import unittest

import manrs
from manrs.compat import pytricia, radix

DB = (
    lambda db: db.rov("10.0.0.0/8", 1), lambda db: db.rov_many(["10.0.0.0/8"], [1]), lambda db: list(db.vrps()), lambda db: db.stats,
    lambda db: db.edit(), lambda db: db.covering("10.0.0.0/8"), lambda db: db.aspa([1, 2], "customer", 1), lambda db: db.diff(db),
)  # fmt: skip
EDIT = (lambda edit: edit.add_vrps([("10.0.0.0/8", 8, 1)]), lambda edit: edit.commit(), lambda edit: DB[0](edit.db), lambda edit: edit.abort())
URPF = (
    lambda urpf: urpf.check("10.0.0.1", 0), lambda urpf: urpf.explain("10.0.0.1", 0), lambda urpf: urpf.stats, lambda urpf: urpf.edit(),
    lambda urpf: list(urpf.list(0)), lambda urpf: list(urpf.allowed(0)), lambda urpf: urpf.export(0, "nft", "x"),
)  # fmt: skip
URPF_EDIT = (
    lambda edit: edit.interface("strict", role="customer", asn=1), lambda edit: edit.add_routes([("10.0.0.0/8", 0, "1")]),
    lambda edit: edit.commit(), lambda edit: URPF[0](edit.urpf), lambda edit: edit.abort(),
)  # fmt: skip
TRIE = (
    lambda trie: trie.get("10.0.0.0/8"), lambda trie: trie.match("10.0.0.1"), lambda trie: "10.0.0.0/8" in trie, lambda trie: trie["10.0.0.0/8"],
    lambda trie: trie.__setitem__("11.0.0.0/8", 1), lambda trie: trie.__delitem__("11.0.0.0/8"), lambda trie: list(trie.items()),
    lambda trie: len(trie), lambda trie: trie.covering("10.0.0.0/8"), lambda trie: trie.clear(), lambda trie: trie.__init__(),
)  # fmt: skip
RADIX = (
    lambda tree: tree.add("11.0.0.0/8"), lambda tree: tree.search_best("10.0.0.1"), lambda tree: tree.delete("10.0.0.0/8"),
    lambda tree: tree.nodes(), lambda tree: tree.search_covered("10.0.0.0/8"),
)  # fmt: skip
PYTRICIA = (
    lambda tree: tree.insert("11.0.0.0/8", 1), lambda tree: tree.get("10.0.0.1"), lambda tree: tree.delete("10.0.0.0/8"),
    lambda tree: tree.keys(), lambda tree: tree.parent("10.0.0.0/8"),
)  # fmt: skip
ASKED = manrs.Db()
POLICY = (lambda policy: ASKED.check({"prefix": "10.0.0.0/8", "as_path": "1 2", "neighbour": 1}, policy),)


def filled(empty):
    empty["10.0.0.0/8"] = 1
    return empty


def closed_base():
    db = manrs.Db()
    edit = db.edit()
    db.close()
    return edit


def closed_db():
    db, urpf = manrs.Db(), manrs.Urpf()
    edit = urpf.edit(db=db)
    db.close()
    urpf.close()
    return edit


def listing():
    with manrs.Db().edit() as edit:
        edit.add_vrps([("10.%d.%d.0/24" % (i >> 8, i & 255), 24, 1) for i in range(5000)])
    rows = edit.db.vrps()
    next(rows)
    return rows


def tree():
    made = radix.Radix()
    made.add("10.0.0.0/8")
    return made


KINDS = (
    (manrs.Db, DB),
    (lambda: manrs.Db().edit(), EDIT),
    (closed_base, EDIT),
    (listing, (list,)),
    (manrs.Urpf, URPF),
    (lambda: manrs.Urpf().edit(db=manrs.Db()), URPF_EDIT),
    (closed_db, URPF_EDIT),
    (lambda: filled(manrs.Trie()), TRIE),
    (tree, RADIX),
    (lambda: filled(pytricia.PyTricia()), PYTRICIA),
    (lambda: manrs.Policy("customer", local_as=1, bogons=["10.0.0.0/8"], relations=[(1, 2, "peer")]), POLICY),
)


class Late:
    """Calls what it knows when it ends, and notes what came of it."""

    def __init__(self, known, calls, came):
        self.known, self.calls, self.came, self.itself = known, calls, came, self

    def __del__(self):
        for call in self.calls:
            try:
                call(self.known)
                self.came.append(None)
            except Exception as error:
                self.came.append(type(error))


class Cycles(unittest.TestCase):
    def setUp(self):
        gc.collect()

    def test_finalisers_that_call(self):
        for make, calls in KINDS:
            came = []
            for turn in range(6):
                known = make()
                late = Late(known, calls, came)
                try:
                    known.late = late
                except AttributeError:  # a generator, or a type with slots
                    pass
                if turn % 2:
                    late, known = known, late
                del known, late
                gc.collect()
            self.assertEqual(len(came), 6 * len(calls))
            self.assertLessEqual(set(came), {None, manrs.Error, AttributeError, KeyError}, make)

    def test_an_open_edit_lets_its_database_go(self):
        for make in (manrs.Db, manrs.Urpf):
            for turn in range(6):
                db = make()
                edit = db.edit()
                edit.itself = edit
                if turn % 2:
                    db.edit_of_it = edit
                owner = edit._owner
                del edit, db
                gc.collect()
                self.assertTrue(owner.lock.acquire(False))

    def test_nothing_stays_held(self):
        before = len(manrs._life._roots)
        for make, _ in KINDS:
            kept = make()
            del kept
            gc.collect()
            self.assertEqual(len(manrs._life._roots), before, make)

    def test_a_trie_made_again_is_empty(self):
        trie = filled(manrs.Trie())
        trie.__init__({"11.0.0.0/8": 2})
        self.assertEqual(dict(trie), {"11.0.0.0/8": 2})

    def test_a_listing_of_a_closed_database_ends_with_an_error(self):
        with manrs.Db().edit() as edit:
            edit.add_vrps([("10.%d.%d.0/24" % (i >> 8, i & 255), 24, 1) for i in range(5000)])
        rows = edit.db.vrps()
        next(rows)
        edit.db.close()
        with self.assertRaises(manrs.Error) as raised:
            list(rows)
        self.assertEqual(raised.exception.code, manrs.ESTATE)

    def test_what_is_left_when_the_interpreter_ends(self):
        """It takes modules, cycles and threads' own values apart in its own order: in silence, wherever ours are."""
        for place in ("here", "sys.kept", "manrs._lib.kept", "threading.local().kept", "threading.main_thread().kept"):
            code = "import sys, threading, test_life, manrs\nhere = [make() for make, _ in test_life.KINDS]\nhere.append(here)\n"
            if place == "threading.local().kept":
                code += "own = threading.local()\n%s = here\ndel here\n" % place.replace("threading.local()", "own")
            elif place != "here":
                code += "%s = here\ndel here\n" % place
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=os.path.dirname(os.path.abspath(__file__)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, env=dict(os.environ, PYTHONPATH=os.pathsep.join(os.path.abspath(p) for p in sys.path if p)),
            )  # fmt: skip
            self.assertEqual((done.returncode, done.stdout), (0, ""), place)


if __name__ == "__main__":
    unittest.main()
