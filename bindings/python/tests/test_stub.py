# SPDX-License-Identifier: BSD-2-Clause
"""The stub names what there is: every public class, method and function, with the parameters of the code. mypy itself is
run over package, stub and a program where it is installed."""

import ast
import inspect
import os
import shutil
import subprocess
import unittest

import manrs

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.abspath(manrs.__file__))


def stub():
    with open(os.path.join(PACKAGE, "__init__.pyi")) as file:
        return ast.parse(file.read())


def parameters(function):
    args = function.args
    names = [a.arg for a in args.posonlyargs + args.args]
    names += ["*" + args.vararg.arg] if args.vararg else []
    return names + [a.arg for a in args.kwonlyargs] + (["**" + args.kwarg.arg] if args.kwarg else [])


def runtime(function):
    found = []
    for p in inspect.signature(function).parameters.values():
        found.append({p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "") + p.name)
    return found


class Stub(unittest.TestCase):
    def test_names(self):
        named = set()
        for node in stub().body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                named.add(node.name)
            elif isinstance(node, ast.AnnAssign):
                named.add(node.target.id)
        self.assertEqual(set(manrs.__all__) - named, set())
        public = {name for name in named if not name.startswith("_")} - {"route_dtype", "prefix_dtype"}
        self.assertEqual(public - set(manrs.__all__), set())

    def test_methods(self):
        for node in stub().body:
            if not isinstance(node, ast.ClassDef) or node.name in ("Fault", "Counts"):
                continue
            there = getattr(manrs, node.name)
            for item in node.body:
                if isinstance(item, ast.AnnAssign):
                    self.assertTrue(item.target.id in dir(there) or item.target.id in ("code", "fault"), item.target.id)
                if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) or item.name in ("__exit__", "__aexit__"):
                    continue
                self.assertTrue(hasattr(there, item.name), (node.name, item.name))
                method = inspect.getattr_static(there, item.name)
                if isinstance(method, property) or (node.name, item.name) == ("Policy", "__init__"):
                    continue
                expected = parameters(item)
                if isinstance(method, classmethod):
                    method = method.__func__
                if any(getattr(d, "id", "") == "overload" for d in item.decorator_list):
                    self.assertLessEqual(set(expected), set(runtime(method)), (node.name, item.name))
                else:
                    self.assertEqual(expected, runtime(method), (node.name, item.name))

    def test_nothing_public_is_missing(self):
        classes = {node.name: {item.name for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))} for node in stub().body if isinstance(node, ast.ClassDef)}
        for name in ("Db", "Edit", "Mrt", "MrtBatch", "Policy", "Rib", "Rtr", "Trie"):
            there = {method for method in dir(getattr(manrs, name)) if not method.startswith("_")}
            inherited = set(dir(dict)) if name == "Trie" else set()
            self.assertEqual(there - classes[name] - inherited, set(), name)

    def test_docstrings(self):
        for name in ("Db", "Edit", "Mrt", "MrtBatch", "Policy", "Rib", "RibChange", "RibRoute", "Rtr", "RtrChange", "RtrStatus", "Trie", "Error", "State", "AspaState", "Role", "Vrp", "Verdict", "Counts"):
            self.assertTrue(getattr(manrs, name).__doc__, name)
        for method in ("rov", "rov_many", "covering", "aspa", "check", "explain", "diff", "edit", "from_files"):
            self.assertTrue(getattr(manrs.Db, method).__doc__, method)

    @unittest.skipIf(os.environ.get("MANRS_MYPY", "1") == "", "mypy runs once")
    @unittest.skipUnless(shutil.which("mypy") and os.path.exists(os.path.join(HERE, "..", "pyproject.toml")), "no mypy")
    def test_mypy(self):
        command = ["mypy", "--config-file", "pyproject.toml", "--cache-dir", os.devnull, "manrs", "tests/typed.py", "manrs_build.py"]
        done = subprocess.run(command, cwd=os.path.join(HERE, ".."), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
