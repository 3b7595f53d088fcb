# SPDX-License-Identifier: BSD-2-Clause
"""The public headers keep what a host can rely on without looking: where an argument stands, what a name promises, how a
struct may change. Each rule is tried on a header that breaks it."""

import glob
import os
import re
import subprocess
import sys
import tempfile

HEADERS = "include/manrs"
LINES = 200

# A number that an operator compares with others stands at the same place in every enum of states, and a flag is one bit.
STATE_ENUMS = re.compile(r"manrs_(rov|bogon|otc_action|\w+_state)$")
ONE_BIT = {"ANY_NEIGHBOUR": 1, "CONFED": 2}
# Numbers are not fields of these types: their width is the compiler's.
WIDTHS = re.compile(r"u?int(8|16|32|64)_t|size_t|char|(const )?manrs_\w+|const (manrs_\w+|char|void|uint(8|16|32)_t) \*|void \*")
# A host's own functions in a struct, by name.
FUNCTIONS_IN = {"manrs_alloc"}


def code(text):
    """A header without comments and line splices."""
    return re.sub(r"/\*.*?\*/", " ", text.replace("\\\n", " "), flags=re.S)


class Header:
    def __init__(self, name, text):
        self.name, self.text = name, text
        self.code = code(text)


class Call:
    def __init__(self, header, result, name, arguments):
        self.header, self.result, self.name = header, result.strip(), name
        self.arguments = [argument(one) for one in arguments.split(",")] if arguments.strip() != "void" else []

    def names(self):
        return [name for _, name in self.arguments]


def argument(text):
    """(type, name) of "const manrs_prefix *key"."""
    match = re.match(r"\s*(.*?)(\w+)\s*$", re.sub(r"\s+", " ", text))
    return (match.group(1).strip(), match.group(2)) if match else (text.strip(), "")


def calls(headers):
    found = []
    for h in headers:
        for declaration in re.findall(r"MANRS_API\s+([^;]*);", re.sub(r"^[ \t]*#.*$", "", h.code, flags=re.M)):
            match = re.match(r"(.*?[\s*])(manrs_\w+)\s*\((.*)\)\s*$", " ".join(declaration.split()), re.S)
            found.append(Call(h.name, match.group(1), match.group(2), match.group(3)))
    return found


def structs(headers):
    """name -> (header, [declaration of a field])."""
    found = {}
    for h in headers:
        for name, body in re.findall(r"typedef struct (manrs_\w+) \{(.*?)\}\s*\w+;", h.code, re.S):
            found[name] = (h.name, [" ".join(one.split()) for one in body.split(";") if one.strip()])
    return found


def handles(headers):
    return [name for h in headers for name in re.findall(r"typedef struct (manrs_\w+) \1;", h.code)]


def enums(headers):
    found = {}
    for h in headers:
        for name, body in re.findall(r"enum (manrs_\w+) \{(.*?)\}", h.code, re.S):
            found[name] = dict((n, int(v, 0)) for n, v in re.findall(r"(MANRS_\w+)\s*=\s*(-?\w+)", body))
    return found


def growing(all_structs):
    return [name for name, (_, fields) in all_structs.items() if any(re.match(r"\w+ size$", f) for f in fields)]


# ---- the rules: each yields what is wrong ----


def rule_length(headers, _):
    for h in headers:
        n = h.text.count("\n")
        if n >= LINES:
            yield "%s has %d lines" % (h.name, n)


def rule_real_symbols(headers, _):
    for h in headers:
        if re.search(r"\binline\b|\.\.\.\s*\)", h.code):
            yield "%s: a call that dlsym cannot see" % h.name


def rule_tail(headers, _):
    """Behind all else come the time, the allocator, the fault."""
    order = ["now_ms", "alloc", "fault"]
    for c in calls(headers):
        kinds = []
        for kind, name in c.arguments:
            if kind == "const manrs_alloc *" or name == "alloc":
                kinds.append("alloc")
            elif kind == "manrs_fault *":
                kinds.append("fault")
            elif re.match(r"now|time", name):
                kinds.append("now_ms")
                if (kind, name) != ("uint64_t", "now_ms"):
                    yield "%s: the time is uint64_t now_ms, not %s %s" % (c.name, kind, name)
            else:
                kinds.append("")
        tail = [kind for kind in kinds if kind]
        if tail != sorted(set(tail), key=order.index) or any(kinds[: len(kinds) - len(tail)]):
            yield "%s: now_ms, alloc and fault come last, in this order" % c.name


def rule_cursor(headers, _):
    """A listing: what it is of, what selects, the cursor, arrays, how many; it returns how many it wrote."""
    for c in calls(headers):
        if "after" in c.names():
            yield "%s: iteration has one form, the cursor" % c.name
        for at, (kind, name) in enumerate(c.arguments):
            if kind != "manrs_cursor *":
                continue
            before, behind = c.arguments[:at], c.arguments[at + 1 :]
            if any(k.endswith("*") and not k.startswith("const ") for k, _ in before):
                yield "%s: an output before the cursor" % c.name
            if not behind or behind[-1] != ("size_t", "cap") or any(k.startswith("const ") or not k.endswith("*") for k, _ in behind[:-1]):
                yield "%s: behind the cursor come arrays and cap" % c.name
            text = any(k == "char *" for k, _ in behind)
            if c.result != ("int" if text else "size_t"):
                yield "%s: a listing returns how many it wrote" % c.name


def rule_grows(headers, _):
    """size_t size first; given to a call: it has an init of (it, size_t size); else a call answers in it."""
    known, declared = structs(headers), calls(headers)
    for name in growing(known):
        header, fields = known[name]
        if fields[0] != "size_t size":
            yield "%s: size_t size comes first" % name
        given = [c for c in declared if any(k == "const %s *" % name for k, _ in c.arguments)]
        asked = [c for c in declared if any(k == "%s *" % name for k, _ in c.arguments) and not c.name.endswith("_init")]
        init = [c for c in declared if c.name == name + "_init"]
        if given and not init:
            yield "%s: given to %s, and has no %s_init" % (name, given[0].name, name)
        if not given and not asked:
            yield "%s: no call takes it or answers in it" % name
        for c in init:
            if c.result != "int" or c.arguments[:2] != [("%s *" % name, c.arguments[0][1]), ("size_t", "size")]:
                yield "%s: takes the struct and size_t size, and returns int" % c.name
    for c in declared:
        if c.name.endswith("_init") and c.name[:-5] not in growing(known):
            yield "%s: of a struct that does not grow" % c.name


def rule_counts(headers, _):
    for c in calls(headers):
        if c.name.endswith("_count"):
            text = [k for k, _ in c.arguments[-2:]] == ["char *", "size_t"]  # a number beyond 64 bits
            if c.result != ("int" if text else "size_t"):
                yield "%s: _count is a number" % c.name
        if c.name.endswith("_stats_get") and (c.result != "int" or c.arguments[-1][0] != "%s *" % c.name[:-4]):
            yield "%s: answers in its struct" % c.name
        if re.search(r"_(stats|count)s?$", c.name) and not c.name.endswith("_count"):
            yield "%s: a number is _count, a struct is _stats_get" % c.name
    known = structs(headers)
    for name in known:
        if name.endswith("_stats") and name not in growing(known):
            yield "%s: stats grow" % name


def rule_fields(headers, _):
    for name, (_, fields) in structs(headers).items():
        for field in fields:
            if "(" in field and name in FUNCTIONS_IN:
                continue
            if re.search(r"\benum\b", field):
                yield "%s: a field of an enum's type: %s" % (name, field)
            elif re.search(r"\w\s*:\s*\d", field):
                yield "%s: a bit-field: %s" % (name, field)
            elif "union" in field or "{" in field:
                yield "%s: a struct or union inside: %s" % (name, field)
            elif not WIDTHS.match(field):
                yield "%s: no fixed width: %s" % (name, field)


def lent(headers):
    """Structs that the library alone makes, and lends by a pointer: they may grow."""
    comment = r"/\*((?:[^*]|\*(?!/))*)\*/\s*typedef struct (manrs_\w+) \{"
    return {name for h in headers for text, name in re.findall(comment, h.text) if "may grow at its end" in text}


def rule_asserted(headers, sources):
    """Whoever changes the size of a record is told by the compiler."""
    known = structs(headers)
    asserted = set(re.findall(r"^FROZEN(?:_64)?\((manrs_\w+), ", sources, re.M))
    for name in sorted(set(known) - set(growing(known)) - asserted - lent(headers)):
        yield "%s: no FROZEN of its size" % name


def rule_handles(headers, _):
    """One noun a handle: who makes it, ends it or changes it begins with it."""
    declared, nouns = calls(headers), handles(headers)
    for handle in nouns:
        own = [c for c in declared if c.arguments and c.arguments[0][0] in ("%s *" % handle, "%s **" % handle)]
        noun = re.sub(r"_owner$", "", handle)
        for c in own:
            if not c.name.startswith(noun + "_"):
                yield "%s: the noun of %s is another" % (c.name, handle)
        ends = [c for c in declared if c.name in (handle + "_free", handle + "_abort", handle + "_unref")]
        if len(ends) != 1:
            yield "%s: one call ends it, of its name" % handle


def rule_twins(headers, _):
    """A call on one item has its batch of the same name and more, which answers MANRS_OK or that one was malformed."""
    declared = {c.name: c for c in calls(headers)}
    for name, c in declared.items():
        if name.endswith("_many"):
            if name[:-5] not in declared:
                yield "%s: of which call?" % name
            if c.result != "int":
                yield "%s: a batch returns MANRS_OK or an error" % name


def rule_numbers(headers, _):
    for name, values in enums(headers).items():
        if STATE_ENUMS.match(name):
            at = [v for n, v in values.items() if n.endswith("_MALFORMED")]
            if at and at != [3]:
                yield "enum %s: MALFORMED is 3 in every enum of states" % name
    for h in headers:
        for name, value in re.findall(r"#define (MANRS_\w+)\s+(\d+)u?\b", h.code):
            for end, bit in ONE_BIT.items():
                if name.endswith("_" + end) and int(value) != bit:
                    yield "%s: is %d everywhere" % (name, bit)


def rule_enum_arguments(headers, _):
    for c in calls(headers):
        if any(re.search(r"\b(enum|_?[Bb]ool|long|short)\b", k) for k, _ in c.arguments) or re.search(r"\b(enum|bool|long)\b", c.result):
            yield "%s: a type whose width is the compiler's" % c.name


RULES = [value for name, value in sorted(globals().items()) if name.startswith("rule_")]


def holes(headers_dir, names):
    """Padding has a name: what the compiler puts between fields or behind them, here."""
    headers = read(headers_dir)
    known = structs(headers)
    lines = ["#include <manrs/manrs.h>", "#include <stdio.h>", "int main(void) {", "size_t at;"]
    for name in names:
        lines.append("at = 0;")
        for field in known[name][1]:
            function = re.search(r"\(\*(\w+)\)", field)
            for member in [function.group(1)] if function else re.findall(r"(\w+)\s*(?:,|$)", re.sub(r"\[.*?\]", "", field)):
                offset = "offsetof(%s, %s)" % (name, member)
                lines.append('if (%s != at) printf("%s: a hole before %s\\n");' % (offset, name, member))
                lines.append("at = %s + sizeof(((%s *)0)->%s);" % (offset, name, member))
        lines.append('if (at != sizeof(%s)) printf("%s: a hole at its end\\n");' % (name, name))
    lines += ["return 0; }"]
    with tempfile.TemporaryDirectory() as out:
        source, program = os.path.join(out, "holes.c"), os.path.join(out, "holes")
        with open(source, "w") as file:
            file.write("\n".join(lines))
        command = os.environ.get("CC", "cc").split() + ["-std=c11", "-I", os.path.dirname(headers_dir), source, "-o", program]
        subprocess.run(command, check=True)
        return subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def read(directory):
    found = []
    for path in sorted(glob.glob(directory + "/*.h")):
        with open(path) as file:
            found.append(Header(os.path.basename(path), file.read()))
    return found


def sources_of():
    text = ""
    for path in glob.glob("lib/*/*.[ch]") + glob.glob(HEADERS + "/*.h"):
        with open(path) as file:
            text += code(file.read())
    return text


CHANGES = re.compile(r"\b(?:manrs_[a-z0-9_]+|MANRS_[A-Z0-9_]+)\b")


def table_of_changes(headers, text):
    """The table of CHANGES.md of this version: what stands under "now" is declared."""
    declared = set(CHANGES.findall("".join(h.code for h in headers)))
    rows = re.findall(r"^\|.*\|(.*)\|$", text, re.M)
    if len(rows) < 10:
        yield "CHANGES.md: no table"
    for row in rows:
        for name in CHANGES.findall(row):
            if name not in declared:
                yield "CHANGES.md: there is no %s now" % name


# ---- planted: rule, header, what is put at its end, what must be said ----

ASKED = "\nMANRS_API int manrs_y(manrs_x *x);"
PLANTED = [
    ("rule_length", "role.h", "\n" * LINES, "role.h has"),
    ("rule_real_symbols", "role.h", "static inline int manrs_quick(void) { return 1; }", "dlsym"),
    ("rule_real_symbols", "role.h", "MANRS_API int manrs_say(const char *format, ...);", "dlsym"),
    ("rule_tail", "trie.h", "MANRS_API int manrs_trie_make(const manrs_alloc *alloc, manrs_trie **trie);", "manrs_trie_make: now_ms"),
    ("rule_tail", "trie.h", "MANRS_API int manrs_trie_make(manrs_trie **trie, manrs_fault *fault, const manrs_alloc *alloc);", "come last"),
    ("rule_tail", "trie.h", "MANRS_API int manrs_trie_age(manrs_trie *trie, uint64_t now_ms, int deep);", "come last"),
    ("rule_tail", "trie.h", "MANRS_API int manrs_trie_age(manrs_trie *trie, uint64_t now);", "uint64_t now_ms"),
    ("rule_cursor", "db.h", "MANRS_API size_t manrs_db_x(const manrs_db *db, const manrs_prefix *after, manrs_route *out, size_t cap);", "one form"),
    ("rule_cursor", "db.h", "MANRS_API size_t manrs_db_x(const manrs_db *db, manrs_route *out, manrs_cursor *cursor, size_t cap);", "before the cursor"),
    ("rule_cursor", "db.h", "MANRS_API size_t manrs_db_x(const manrs_db *db, manrs_cursor *cursor, size_t cap, manrs_route *out);", "arrays and cap"),
    ("rule_cursor", "db.h", "MANRS_API size_t manrs_db_x(const manrs_db *db, manrs_cursor *cursor, int kind, manrs_route *out, size_t cap);", "arrays and cap"),
    ("rule_cursor", "db.h", "MANRS_API int manrs_db_x(const manrs_db *db, manrs_cursor *cursor, manrs_route *out, size_t cap);", "how many"),
    ("rule_grows", "db.h", "typedef struct manrs_x {\n\tuint32_t kind;\n\tsize_t size;\n} manrs_x;" + ASKED, "size_t size comes first"),
    ("rule_grows", "db.h", "typedef struct manrs_x {\n\tuint32_t size;\n} manrs_x;" + ASKED, "size_t size comes first"),
    ("rule_grows", "db.h", "typedef struct manrs_x {\n\tsize_t size;\n} manrs_x;", "no call"),
    ("rule_grows", "db.h", "typedef struct manrs_x {\n\tsize_t size;\n} manrs_x;\nMANRS_API int manrs_y(const manrs_x *x);", "no manrs_x_init"),
    ("rule_grows", "db.h", "typedef struct manrs_x {\n\tsize_t size;\n} manrs_x;\nMANRS_API void manrs_x_init(manrs_x *x);" + ASKED, "size_t size, and"),
    ("rule_grows", "db.h", "MANRS_API int manrs_route_init(manrs_route *route, size_t size);", "does not grow"),
    ("rule_counts", "db.h", "MANRS_API int manrs_db_count(const manrs_db *db);", "a number"),
    ("rule_counts", "db.h", "MANRS_API int manrs_db_stats(const manrs_db *db, manrs_db_stats *stats);", "_stats_get"),
    ("rule_counts", "db.h", "MANRS_API size_t manrs_db_counts(const manrs_db *db);", "_stats_get"),
    ("rule_counts", "db.h", "typedef struct manrs_x_stats {\n\tuint64_t n;\n} manrs_x_stats;", "stats grow"),
    ("rule_fields", "rov.h", "typedef struct manrs_x {\n\tenum manrs_rov state;\n} manrs_x;", "enum's type"),
    ("rule_fields", "rov.h", "typedef struct manrs_x {\n\tuint32_t state : 3;\n} manrs_x;", "bit-field"),
    ("rule_fields", "rov.h", "typedef struct manrs_x {\n\tint state;\n} manrs_x;", "no fixed width"),
    ("rule_fields", "rov.h", "typedef struct manrs_x {\n\tunion manrs_y both;\n} manrs_x;", "union"),
    ("rule_asserted", "rov.h", "typedef struct manrs_x {\n\tuint32_t state;\n} manrs_x;", "manrs_x: no FROZEN"),
    ("rule_handles", "rov.h", "typedef struct manrs_x manrs_x;\nMANRS_API int manrs_x_new(manrs_x **x);", "one call ends it"),
    ("rule_handles", "trie.h", "MANRS_API int manrs_tree_put(manrs_trie *trie, const manrs_prefix *key);", "noun of manrs_trie"),
    ("rule_twins", "rov.h", "MANRS_API int manrs_rov_guess_many(const manrs_db *db, size_t n, uint8_t *states);", "of which call"),
    ("rule_twins", "rov.h", "MANRS_API size_t manrs_rov_match_many(const manrs_db *db, size_t n, uint8_t *states);", "a batch"),
    ("rule_numbers", "rov.h", "enum manrs_x_state { MANRS_X_GOOD = 1, MANRS_X_MALFORMED = 2 };", "MALFORMED is 3"),
    ("rule_numbers", "rov.h", "#define MANRS_X_CONFED 4u", "is 2 everywhere"),
    ("rule_enum_arguments", "rov.h", "MANRS_API int manrs_rov_say(enum manrs_rov state);", "the compiler's"),
    ("rule_enum_arguments", "rov.h", "MANRS_API bool manrs_rov_say(int state);", "the compiler's"),
]


def main():
    passed = failed = 0
    headers, sources = read(HEADERS), sources_of()
    for rule in RULES:
        wrong = list(rule(headers, sources))
        print("".join("%s: %s\n" % (rule.__name__, one) for one in wrong), end="")
        passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
    wrong = holes(os.path.abspath(HEADERS), sorted(structs(headers)))
    print("".join("%s\n" % one for one in wrong), end="")
    passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
    with open("CHANGES.md") as file:
        table = file.read().split("\n## ")[1]
    planted_rows = "\n| `manrs_db_diff` | `manrs_nothing` |\n"
    for text, want in ((table, 0), (table + planted_rows, 1), ("", 1)):
        wrong = list(table_of_changes(headers, text))
        if len(wrong) == want:
            passed += 1
        else:
            failed += 1
            print("\n".join(wrong))
    for name, header, planted, said in PLANTED:
        changed = [Header(h.name, h.text + planted + "\n") if h.name == header else h for h in headers]
        before = set(globals()[name](headers, sources))
        told = [one for one in globals()[name](changed, sources) if one not in before]
        if len(told) == 1 and said in told[0]:
            passed += 1
        else:
            failed += 1
            print("%s, planted in %s: %r: said %r" % (name, header, planted.strip()[:80], told))
    if not {rule.__name__ for rule in RULES} == {name for name, *_ in PLANTED}:
        failed += 1
        print("a rule without a planted case")
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
