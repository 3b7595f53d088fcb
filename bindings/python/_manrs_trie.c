/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings from prefixes, as C types that classes of the package are made of: a lookup is one C call.
 *
 *     Table    manrs.Trie: a trie that holds a number a key, and a dict from those numbers to values; where every value is
 *              an object of its own (_trie.Entries) the number is its address, and a lookup misses the cache twice less
 *     Best     radix.Radix, over a Table of nodes: search_best, search_exact
 *     Longest  pytricia.PyTricia, over a Table of lists [key, value]: [], in, get, get_key, has_key
 *     Origins  pyasn.pyasn, over such a Radix whose trie holds AS numbers, and numbers past them where a node was asked for
 *
 * What is not answered here goes to the method of the class with an underscore before its name.
 */

#include "_manrs.h"
#include <string.h>

typedef struct {
	PyObject_HEAD manrs_trie *trie; /* the subclass frees it */
	PyObject *values;               /* dict */
	/* a number is where its value lies, which the dict keeps alive */
	int direct;
} table;

/* Over another object: a Table, or (Origins) a Best. */
typedef struct {
	PyObject_HEAD PyObject *under;
} over;

static PyTypeObject *table_type, *best_type;

/* ---- Table ---- */

static int table_visit(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(((table *)self)->values);
	return 0;
}

static int table_clear(PyObject *self)
{
	Py_CLEAR(((table *)self)->values);
	return 0;
}

static void free_object(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
	release(self);
	Py_DECREF(type);
}

static void table_dealloc(PyObject *self)
{
	PyObject_GC_UnTrack(self);
	table_clear(self);
	free_object(self);
}

static PyObject *table_get_trie(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromVoidPtr(((table *)self)->trie);
}

static int table_set_trie(PyObject *self, PyObject *address, void *unused)
{
	(void)unused;
	void *at = address ? PyLong_AsVoidPtr(address) : NULL;
	if (PyErr_Occurred())
		return -1;
	((table *)self)->trie = at;
	return 0;
}

static PyObject *table_get_values(PyObject *self, void *unused)
{
	(void)unused;
	PyObject *values = ((table *)self)->values;
	if (!values) {
		PyErr_SetString(PyExc_AttributeError, "_values");
		return NULL;
	}
	Py_INCREF(values);
	return values;
}

static int table_set_values(PyObject *self, PyObject *values, void *unused)
{
	(void)unused;
	if (!values || !PyDict_Check(values)) {
		PyErr_SetString(PyExc_TypeError, "_values is a dict");
		return -1;
	}
	PyObject *old = ((table *)self)->values;
	Py_INCREF(values);
	((table *)self)->values = values;
	Py_XDECREF(old);
	return 0;
}

static PyObject *table_get_direct(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(((table *)self)->direct);
}

/* Only before the first value. */
static int table_set_direct(PyObject *self, PyObject *on, void *unused)
{
	(void)unused;
	table *t = (table *)self;
	int direct = on ? PyObject_IsTrue(on) : -1;
	if (direct < 0 || !t->values || PyDict_Size(t->values) > 0) {
		PyErr_SetString(PyExc_TypeError, "_direct is set while there is no value");
		return -1;
	}
	t->direct = direct;
	return 0;
}

/* The value of a number: borrowed; NULL where there is none, perhaps with an exception set. */
static PyObject *value_of(const table *t, uint64_t number)
{
	if (t->direct)
		return (PyObject *)(uintptr_t)number;
	PyObject *key = PyLong_FromUnsignedLongLong(number);
	PyObject *value = key && t->values ? PyDict_GetItemWithError(t->values, key) : NULL;
	Py_XDECREF(key);
	return value;
}

/* As value_of, at exactly this key or (found) at the longest that covers it. */
static PyObject *lookup(const table *t, const manrs_prefix *key, manrs_prefix *found, int exact)
{
	uint64_t number = 0;
	if (!t->trie)
		return NULL;
	int result = exact ? lib.trie_get(t->trie, key, &number)
			   : lib.trie_match(t->trie, key, found, &number);
	return result == MANRS_OK ? value_of(t, number) : NULL;
}

static PyObject *table_subscript(PyObject *self, PyObject *key)
{
	manrs_prefix prefix;
	if (to_key(&prefix, key))
		return NULL;
	PyObject *value = lookup((table *)self, &prefix, NULL, 1);
	if (!value && !PyErr_Occurred())
		PyErr_SetObject(PyExc_KeyError, key);
	Py_XINCREF(value);
	return value;
}

static int table_contains(PyObject *self, PyObject *key)
{
	manrs_prefix prefix;
	if (to_key(&prefix, key))
		return -1;
	return lookup((table *)self, &prefix, NULL, 1) ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *or_default(PyObject *value, PyObject *const *args, Py_ssize_t n)
{
	if (!value && !PyErr_Occurred())
		value = n > 1 ? args[1] : Py_None;
	Py_XINCREF(value);
	return value;
}

static PyObject *table_get(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	manrs_prefix key;
	if (names || n < 1 || n > 2)
		return in_python(self, "_get", args, n, names);
	if (to_key(&key, args[0]))
		return NULL;
	return or_default(lookup((table *)self, &key, NULL, 1), args, n);
}

static PyObject *table_match(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	manrs_prefix key, found;
	char text[MANRS_PREFIX_TEXT];
	if (names || n < 1 || n > 2)
		return in_python(self, "_match", args, n, names);
	if (to_key(&key, args[0]))
		return NULL;
	PyObject *value = lookup((table *)self, &key, &found, 0);
	if (!value)
		return or_default(NULL, args, n);
	Py_INCREF(value);
	int len = lib.prefix_format(&found, text, sizeof text);
	PyObject *prefix = PyUnicode_FromStringAndSize(text, len < 0 ? 0 : len);
	PyObject *pair = prefix ? PyTuple_Pack(2, prefix, value) : NULL;
	Py_XDECREF(prefix);
	Py_DECREF(value);
	return pair;
}

static PyMethodDef table_methods[] = {
	{"get", NAMED(table_get), METH_FASTCALL | METH_KEYWORDS,
	 "get($self, key, default=None)\n--\n\nThe value at exactly this key."},
	{"match", NAMED(table_match), METH_FASTCALL | METH_KEYWORDS,
	 "match($self, key, default=None)\n--\n\nThe longest prefix that covers key (key itself included) and its value, as "
	 "(prefix, value); else default."},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef table_members[] = {
	{"_trie", table_get_trie, table_set_trie, NULL, NULL},
	{"_values", table_get_values, table_set_values, NULL, NULL},
	{"_direct", table_get_direct, table_set_direct, NULL, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot table_slots[] = {
	{Py_tp_methods, table_methods},   {Py_tp_getset, table_members},
	{Py_tp_traverse, table_visit},    {Py_tp_clear, table_clear},
	{Py_tp_dealloc, table_dealloc},   {Py_mp_subscript, table_subscript},
	{Py_sq_contains, table_contains}, {0, NULL},
};

/* ---- what stands over a Table ---- */

static int over_visit(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(((over *)self)->under);
	return 0;
}

static int over_clear(PyObject *self)
{
	Py_CLEAR(((over *)self)->under);
	return 0;
}

static void over_dealloc(PyObject *self)
{
	PyObject_GC_UnTrack(self);
	over_clear(self);
	free_object(self);
}

static PyObject *over_get(PyObject *self, void *name)
{
	PyObject *under = ((over *)self)->under;
	if (!under)
		PyErr_SetString(PyExc_AttributeError, name);
	Py_XINCREF(under);
	return under;
}

static int over_set(PyObject *self, PyObject *under, void *name)
{
	(void)name;
	PyObject *old = ((over *)self)->under;
	Py_XINCREF(under);
	((over *)self)->under = under;
	Py_XDECREF(old);
	return 0;
}

/* Its Table; NULL where something else was put in its place. */
static table *table_of(PyObject *self)
{
	PyObject *under = ((over *)self)->under;
	return under && PyObject_TypeCheck(under, table_type) ? (table *)under : NULL;
}

static char trie_name[] = "_trie", radix_name[] = "radix";
static PyGetSetDef over_trie[] = {{trie_name, over_get, over_set, NULL, trie_name},
				  {NULL, NULL, NULL, NULL, NULL}};
static PyGetSetDef over_radix[] = {{radix_name, over_get, over_set, NULL, radix_name},
				   {NULL, NULL, NULL, NULL, NULL}};

#define OVER(members)                                                                     \
	{Py_tp_getset, members}, {Py_tp_traverse, over_visit}, {Py_tp_clear, over_clear}, \
	{                                                                                 \
		Py_tp_dealloc, over_dealloc                                               \
	}

/* ---- Best ---- */

/* A node by its prefix as text. 1: *node is it (NULL: none); 0: to be asked in Python. */
static int node_of(PyObject **node, PyObject *self, PyObject *const *args, Py_ssize_t n,
		   PyObject *names, int exact)
{
	manrs_prefix key;
	const table *t;
	if (names || n != 1 || !PyUnicode_CheckExact(args[0]) || !read_prefix(&key, args[0], KEY) ||
	    !(t = table_of(self)))
		return 0;
	*node = lookup(t, &key, NULL, exact);
	return 1;
}

static PyObject *best_search(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	PyObject *node;
	return node_of(&node, self, args, n, names, 0)
		       ? or_default(node, args, 1)
		       : in_python(self, "_search_best", args, n, names);
}

static PyObject *best_exact(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	PyObject *node;
	return node_of(&node, self, args, n, names, 1)
		       ? or_default(node, args, 1)
		       : in_python(self, "_search_exact", args, n, names);
}

static PyMethodDef best_methods[] = {
	{"search_best", NAMED(best_search), METH_FASTCALL | METH_KEYWORDS,
	 "search_best($self, network=None, masklen=-1, packed=None)\n--\n\nThe longest prefix that contains this one."},
	{"search_exact", NAMED(best_exact), METH_FASTCALL | METH_KEYWORDS,
	 "search_exact($self, network=None, masklen=-1, packed=None)\n--\n\nThe node of exactly this prefix."},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot best_slots[] = {{Py_tp_methods, best_methods}, OVER(over_trie), {0, NULL}};

/* ---- Longest ---- */

enum { KEY_AT, VALUE_AT }; /* in an entry */

/* Text, four or sixteen bytes, or a number as an IPv4 address. 1: read, 0: to be asked in Python. */
static int tricia_key(manrs_prefix *key, PyObject *value)
{
	if (PyUnicode_CheckExact(value))
		return read_prefix(key, value, KEY);
	memset(key, 0, sizeof *key);
	if (PyBytes_CheckExact(value) && (PyBytes_Size(value) == 4 || PyBytes_Size(value) == 16)) {
		size_t n = (size_t)PyBytes_Size(value);
		memcpy(key->addr, PyBytes_AsString(value), n);
		key->family = n == 4 ? 4 : 6;
		key->len = key->maxlen = (uint8_t)(n * 8);
		return 1;
	}
	if (!PyLong_CheckExact(value))
		return 0;
	unsigned long number = PyLong_AsUnsignedLong(value);
	if (PyErr_Occurred())
		PyErr_Clear();
	else if (number <= 0xffffffff) {
		for (int i = 0; i < 4; i++)
			key->addr[i] = (uint8_t)(number >> (24 - 8 * i));
		key->family = 4;
		key->len = key->maxlen = 32;
		return 1;
	}
	return 0;
}

/* What stands in the entry of the longest match; as node_of. */
static int entry_of(PyObject **item, PyObject *self, PyObject *key, int at, int exact)
{
	manrs_prefix prefix, found;
	const table *t;
	if (!tricia_key(&prefix, key) || !(t = table_of(self)))
		return 0;
	PyObject *entry = lookup(t, &prefix, &found, exact);
	*item = entry ? PyList_GetItem(entry, at) : NULL;
	return 1;
}

static PyObject *longest_subscript(PyObject *self, PyObject *key)
{
	PyObject *value;
	if (!entry_of(&value, self, key, VALUE_AT, 0))
		return in_python(self, "_subscript", &key, 1, NULL);
	if (!value && !PyErr_Occurred())
		PyErr_SetString(PyExc_KeyError, "Prefix not found.");
	Py_XINCREF(value);
	return value;
}

static int truth(PyObject *result)
{
	int found = result ? PyObject_IsTrue(result) : -1;
	Py_XDECREF(result);
	return found;
}

static int longest_contains(PyObject *self, PyObject *key)
{
	PyObject *value;
	if (!entry_of(&value, self, key, VALUE_AT, 0))
		return truth(in_python(self, "_contains", &key, 1, NULL));
	return value ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *longest_get(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	PyObject *value;
	if (names || n < 1 || n > 2 || !entry_of(&value, self, args[0], VALUE_AT, 0))
		return in_python(self, "_get", args, n, names);
	return or_default(value, args, n);
}

static PyObject *longest_get_key(PyObject *self, PyObject *key)
{
	PyObject *value;
	if (!entry_of(&value, self, key, KEY_AT, 0))
		return in_python(self, "_get_key", &key, 1, NULL);
	return or_default(value, &key, 1);
}

static PyObject *longest_has_key(PyObject *self, PyObject *key)
{
	PyObject *value;
	if (!entry_of(&value, self, key, KEY_AT, 1))
		return in_python(self, "_has_key", &key, 1, NULL);
	return PyErr_Occurred() ? NULL : PyBool_FromLong(value != NULL);
}

static PyMethodDef longest_methods[] = {
	{"get", NAMED(longest_get), METH_FASTCALL | METH_KEYWORDS,
	 "get($self, key, default=None)\n--\n\nThe value of the longest match."},
	{"get_key", longest_get_key, METH_O,
	 "get_key($self, key)\n--\n\nThe longest match itself, or None."},
	{"has_key", longest_has_key, METH_O,
	 "has_key($self, key)\n--\n\nWhether exactly this prefix is there."},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot longest_slots[] = {
	{Py_tp_methods, longest_methods},   OVER(over_trie), {Py_mp_subscript, longest_subscript},
	{Py_sq_contains, longest_contains}, {0, NULL},
};

/* ---- Origins ---- */

static PyObject *origins_lookup(PyObject *self, PyObject *address)
{
	manrs_prefix key, found;
	uint64_t asn = 0;
	Py_ssize_t n = 0;
	const char *text = text_of(address, &n);
	PyObject *radix = ((over *)self)->under;
	const table *t = radix && PyObject_TypeCheck(radix, best_type) ? table_of(radix) : NULL;
	if (!text || !t || !t->trie || lib.address_parse(&key, text, (size_t)n, NULL) != MANRS_OK)
		return in_python(self, "_lookup", &address, 1, NULL);
	if (lib.trie_match(t->trie, &key, &found, &asn) != MANRS_OK)
		return PyTuple_Pack(2, Py_None, Py_None);
	static const uint8_t none[12];
	if (asn > 0xffffffff || /* the node knows it */
	    (found.family == 6 &&
	     !memcmp(found.addr, none, sizeof none))) /* pyasn writes ::1.2.3.0 */
		return in_python(self, "_lookup", &address, 1, NULL);
	char prefix[MANRS_PREFIX_TEXT];
	int len = lib.prefix_format(&found, prefix, sizeof prefix);
	PyObject *pair = PyTuple_New(2), *first = PyLong_FromUnsignedLong((unsigned long)asn);
	PyObject *second = PyUnicode_FromStringAndSize(prefix, len < 0 ? 0 : len);
	if (!pair || !first || !second) {
		Py_XDECREF(pair);
		Py_XDECREF(first);
		Py_XDECREF(second);
		return NULL;
	}
	PyTuple_SetItem(pair, 0, first);
	PyTuple_SetItem(pair, 1, second);
	return pair;
}

static PyMethodDef origins_methods[] = {
	{"lookup", origins_lookup, METH_O,
	 "lookup($self, ip_address)\n--\n\n(asn, prefix) of an address; (None, None) where no prefix contains it."},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot origins_slots[] = {
	{Py_tp_methods, origins_methods}, OVER(over_radix), {0, NULL}};

static int number_of(uint64_t *number, const char *text, const char *end)
{
	uint64_t n = 0;
	const char *at = text;
	while (at < end && at - text < 12 && *at >= '0' && *at <= '9')
		n = n * 10 + (uint64_t)(*at++ - '0');
	*number = n;
	return at == end && at > text;
}

/* "PREFIX/LEN tab ASN" in its plain form; what else pyasn reads is left to the package's own reader of a line. */
static int plain_line(manrs_prefix *key, uint64_t *asn, const char *line, const char *end)
{
	const char *tab = memchr(line, '\t', (size_t)(end - line));
	if (tab && end[-1] == '\r')
		end--;
	if (!tab || !number_of(asn, tab + 1, end) || *asn == 0 || *asn > 0xffffffff)
		return 0;
	return lib.prefix_parse(key, line, (size_t)(tab - line), NULL) == MANRS_OK && key->len > 0;
}

/*
 * origins_load(trie, bytes, start): put the lines from byte `start` into a trie, until one that is not plain.
 * returns: (lines that counted, where it stopped); where == len(bytes) at the end
 */
PyObject *origins_load(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
	(void)module;
	if (n != 3 || !PyBytes_CheckExact(args[1])) {
		PyErr_SetString(PyExc_TypeError, "origins_load(trie, bytes, start)");
		return NULL;
	}
	manrs_trie *trie = PyLong_AsVoidPtr(args[0]);
	Py_ssize_t start = PyLong_AsSsize_t(args[2]), size = PyBytes_Size(args[1]), records = 0;
	if (PyErr_Occurred())
		return NULL;
	if (!trie || start < 0 || start > size) {
		PyErr_SetString(PyExc_ValueError, "no such trie or place");
		return NULL;
	}
	const char *text = PyBytes_AsString(args[1]), *line = text + start, *end = text + size;
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line)),
			   *stop = newline ? newline : end;
		manrs_prefix key;
		uint64_t asn;
		if (line < stop && *line != ';' && *line != '#') {
			if (stop - line > 510 || !plain_line(&key, &asn, line, stop))
				break;
			if (lib.trie_set(trie, &key, asn) < 0)
				return PyErr_NoMemory();
			records++;
		}
		line = newline ? newline + 1 : end;
	}
	return Py_BuildValue("(nn)", records, (Py_ssize_t)(line - text));
}

/* ---- all ---- */

#define SPEC(typename, struct, list)                                                    \
	{                                                                               \
		.name = "_manrs." typename, .basicsize = sizeof(struct),                \
		.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
		.slots = list                                                           \
	}

int add_trie_types(PyObject *module)
{
	static PyType_Spec specs[] = {
		SPEC("Table", table, table_slots),
		SPEC("Best", over, best_slots),
		SPEC("Longest", over, longest_slots),
		SPEC("Origins", over, origins_slots),
	};
	PyTypeObject **places[] = {&table_type, &best_type, NULL, NULL};
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		PyObject *type = PyType_FromSpec(&specs[i]);
		if (!type || PyModule_AddObject(module, specs[i].name + strlen("_manrs."), type)) {
			Py_XDECREF(type);
			return -1;
		}
		if (places[i])
			*places[i] = (PyTypeObject *)type;
	}
	return 0;
}
