/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _manrs: what Python asks one at a time, without ctypes between. It is not linked with libmanrs: setup() is given the
 * addresses of its functions, so that it works on the very library that the package has loaded.
 *
 *     exact str, bytes and int  -> answered here
 *     anything else, any error  -> the package's Python function of the same meaning, which answers or raises
 *
 * So there is one set of rules, and these files have none of their own. Python's lock is held throughout; a snapshot's or
 * a trie's pointer is read after the arguments are, because looking at an argument may run Python code that closes it.
 * Here: the module, snapshots, arrays of records. _manrs_trie.c: mappings.
 */

#include "_manrs.h"
#include <string.h>

struct manrs_py_library lib;

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	{"manrs_prefix_parse", offsetof(struct manrs_py_library, prefix_parse)},
	{"manrs_address_parse", offsetof(struct manrs_py_library, address_parse)},
	{"manrs_prefix_format", offsetof(struct manrs_py_library, prefix_format)},
	{"manrs_rov_check", offsetof(struct manrs_py_library, rov_check)},
	{"manrs_trie_get", offsetof(struct manrs_py_library, trie_get)},
	{"manrs_trie_match", offsetof(struct manrs_py_library, trie_match)},
	{"manrs_trie_set", offsetof(struct manrs_py_library, trie_set)},
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

static PyObject *states[4];
static PyObject *route_record, *key_record, *error_type;

const char *text_of(PyObject *value, Py_ssize_t *n)
{
	const char *text = PyUnicode_CheckExact(value) ? PyUnicode_AsUTF8AndSize(value, n) : NULL;
	if (!text)
		PyErr_Clear();
	return text;
}

int read_prefix(manrs_prefix *prefix, PyObject *value, enum form form)
{
	Py_ssize_t n = 0;
	const char *text = text_of(value, &n);
	if (!text && PyBytes_CheckExact(value)) {
		text = PyBytes_AsString(value);
		n = PyBytes_Size(value);
	}
	if (!text)
		return 0;
	int length = form == ROUTE || (n > 0 && memchr(text, '/', (size_t)n));
	return (length ? lib.prefix_parse : lib.address_parse)(prefix, text, (size_t)n, NULL) ==
	       MANRS_OK;
}

static int read_asn(uint32_t *asn, PyObject *value)
{
	if (!PyLong_CheckExact(value))
		return 0;
	unsigned long number = PyLong_AsUnsignedLong(value);
	if (number == (unsigned long)-1 && PyErr_Occurred()) {
		PyErr_Clear();
		return 0;
	}
	*asn = (uint32_t)number;
	return number <= 0xffffffffu;
}

/* A record from the package's own function. returns: 0, or -1 with an exception set */
static int copy_record(void *record, Py_ssize_t size, PyObject *bytes)
{
	if (!bytes)
		return -1;
	int ok = PyBytes_Check(bytes) && PyBytes_Size(bytes) == size;
	if (ok)
		memcpy(record, PyBytes_AsString(bytes), (size_t)size);
	else
		PyErr_SetString(PyExc_SystemError, "a record of the wrong size");
	Py_DECREF(bytes);
	return ok ? 0 : -1;
}

int to_key(manrs_prefix *key, PyObject *value)
{
	if (read_prefix(key, value, KEY))
		return 0;
	return copy_record(key, sizeof *key, PyObject_CallFunctionObjArgs(key_record, value, NULL));
}

static int to_route(manrs_route *route, PyObject *prefix, PyObject *origin)
{
	if (read_prefix(&route->prefix, prefix, ROUTE) && read_asn(&route->asn, origin))
		return 0;
	return copy_record(route, sizeof *route,
			   PyObject_CallFunctionObjArgs(route_record, prefix, origin, NULL));
}

/* ---- a snapshot's fast half: manrs.Db is its subclass ---- */

typedef struct {
	PyObject_HEAD const manrs_db *db; /* the subclass keeps it alive while it is attached */
} snapshot;

static PyObject *snapshot_attach(PyObject *self, PyObject *address)
{
	unsigned long long at = PyLong_AsUnsignedLongLong(address);
	if (PyErr_Occurred())
		return NULL;
	((snapshot *)self)->db = (const manrs_db *)(uintptr_t)at;
	Py_RETURN_NONE;
}

static PyObject *closed(PyObject *self)
{
	PyObject *held = PyObject_CallMethod(self, "_held", NULL);
	Py_XDECREF(held);
	if (held)
		PyErr_SetString(PyExc_SystemError, "a snapshot that is not attached");
	return NULL;
}

PyObject *in_python(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t n,
		    PyObject *names)
{
	PyObject *method = PyObject_GetAttrString(self, name);
	PyObject *given = PyTuple_New(n), *named = PyDict_New(), *result = NULL;
	int ok = method && given && named;
	for (Py_ssize_t i = 0; ok && i < n; i++) {
		Py_INCREF(args[i]);
		ok = !PyTuple_SetItem(given, i, args[i]);
	}
	for (Py_ssize_t i = 0; ok && names && i < PyTuple_Size(names); i++)
		ok = !PyDict_SetItem(named, PyTuple_GetItem(names, i), args[n + i]);
	if (ok)
		result = PyObject_Call(method, given, named);
	Py_XDECREF(method);
	Py_XDECREF(given);
	Py_XDECREF(named);
	return result;
}

static PyObject *snapshot_rov(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	if (names)
		return in_python(self, "_rov", args, n, names);
	if (n < 1 || n > 2) {
		PyErr_SetString(PyExc_TypeError, "rov(prefix, origin=None)");
		return NULL;
	}
	manrs_route route;
	if (to_route(&route, args[0], n == 2 ? args[1] : Py_None))
		return NULL;
	const manrs_db *db = ((snapshot *)self)->db;
	if (!db)
		return closed(self);
	PyObject *state = states[lib.rov_check(db, &route) & 3];
	Py_INCREF(state);
	return state;
}

static PyMethodDef snapshot_methods[] = {
	{"_attach", snapshot_attach, METH_O, NULL},
	{"rov", NAMED(snapshot_rov), METH_FASTCALL | METH_KEYWORDS,
	 "rov($self, prefix, origin=None)\n--\n\nValidate one route (RFC 6811)."},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot snapshot_slots[] = {{Py_tp_methods, snapshot_methods}, {0, NULL}};

static PyType_Spec snapshot_spec = {
	.name = "_manrs.Snapshot",
	.basicsize = sizeof(snapshot),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = snapshot_slots,
};

/* ---- arrays of records ---- */

/* The items of two lists as route records in a bytearray; a row that does not parse becomes a malformed record. */
static PyObject *fill(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
	(void)module;
	if (n != 3 || !PyByteArray_CheckExact(args[0]) || !PyList_CheckExact(args[1]) ||
	    !PyList_CheckExact(args[2])) {
		PyErr_SetString(PyExc_TypeError, "fill(bytearray, prefixes, origins)");
		return NULL;
	}
	long bad = 0;
	for (Py_ssize_t i = 0; i < PyList_Size(args[1]) && i < PyList_Size(args[2]); i++) {
		PyObject *prefix = PyList_GetItem(args[1], i), *origin = PyList_GetItem(args[2], i);
		manrs_route route = {0};
		Py_INCREF(prefix);
		Py_INCREF(origin);
		int failed = to_route(&route, prefix, origin);
		Py_DECREF(prefix);
		Py_DECREF(origin);
		if (failed) {
			if (!PyErr_ExceptionMatches(error_type))
				return NULL;
			PyErr_Clear();
			memset(&route, 0, sizeof route);
			bad++;
		}
		if (PyByteArray_Size(args[0]) < (i + 1) * (Py_ssize_t)sizeof route)
			break;
		memcpy(PyByteArray_AsString(args[0]) + i * (Py_ssize_t)sizeof route, &route,
		       sizeof route);
	}
	return PyLong_FromLong(bad);
}

/* texts(records, stride, n): the prefixes at the start of each record as a list of str; records is a ctypes array. */
static PyObject *texts(PyObject *module, PyObject *const *args, Py_ssize_t argc)
{
	(void)module;
	if (argc != 3) {
		PyErr_SetString(PyExc_TypeError, "texts(records, stride, n)");
		return NULL;
	}
	Py_ssize_t stride = PyLong_AsSsize_t(args[1]), n = PyLong_AsSsize_t(args[2]);
	PyObject *bytes = PyErr_Occurred() ? NULL : PyBytes_FromObject(args[0]);
	if (!bytes)
		return NULL;
	PyObject *list = NULL;
	if (stride < (Py_ssize_t)sizeof(manrs_prefix) || n < 0 || n > PyBytes_Size(bytes) / stride)
		PyErr_SetString(PyExc_ValueError, "records are too short");
	else
		list = PyList_New(n);
	for (Py_ssize_t i = 0; list && i < n; i++) {
		manrs_prefix prefix;
		char text[MANRS_PREFIX_TEXT];
		memcpy(&prefix, PyBytes_AsString(bytes) + i * stride, sizeof prefix);
		int len = lib.prefix_format(&prefix, text, sizeof text);
		PyObject *item = PyUnicode_FromStringAndSize(text, len < 0 ? 0 : len);
		if (!item || PyList_SetItem(list, i, item))
			Py_CLEAR(list);
	}
	Py_DECREF(bytes);
	return list;
}

/* ---- the module ---- */

static void keep(PyObject **place, PyObject *value)
{
	PyObject *old = *place;
	Py_INCREF(value);
	*place = value;
	Py_XDECREF(old);
}

/* setup(addresses by name, the four states, route_record, key_record, Error) */
static PyObject *setup(PyObject *module, PyObject *args)
{
	(void)module;
	PyObject *addresses, *members, *route, *key, *error;
	if (!PyArg_ParseTuple(args, "OOOOO", &addresses, &members, &route, &key, &error))
		return NULL;
	for (size_t i = 0; i < FUNCTIONS; i++) {
		PyObject *number = PyDict_GetItemString(addresses, functions[i].name);
		void *address = number ? PyLong_AsVoidPtr(number) : NULL;
		if (!address)
			return PyErr_Occurred() ? NULL
						: PyErr_Format(PyExc_ImportError, "no %s",
							       functions[i].name);
		memcpy((char *)&lib + functions[i].at, &address, sizeof address);
	}
	for (Py_ssize_t i = 0; i < 4; i++) {
		PyObject *state = PyTuple_GetItem(members, i);
		if (!state)
			return NULL;
		keep(&states[i], state);
	}
	keep(&route_record, route);
	keep(&key_record, key);
	keep(&error_type, error);
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{"setup", setup, METH_VARARGS, NULL},
	{"fill", FAST(fill), METH_FASTCALL, NULL},
	{"texts", FAST(texts), METH_FASTCALL, NULL},
	{"origins_load", FAST(origins_load), METH_FASTCALL, NULL},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
	.m_base = PyModuleDef_HEAD_INIT,
	.m_name = "_manrs",
	.m_doc = "The fast half of the manrs package.",
	.m_size = -1,
	.m_methods = methods,
};

PyMODINIT_FUNC PyInit__manrs(void)
{
	PyObject *module = PyModule_Create(&definition);
	PyObject *type = module ? PyType_FromSpec(&snapshot_spec) : NULL;
	PyObject *names = type ? PyTuple_New(FUNCTIONS) : NULL;
	for (size_t i = 0; names && i < FUNCTIONS; i++)
		if (PyTuple_SetItem(names, (Py_ssize_t)i, PyUnicode_FromString(functions[i].name)))
			Py_CLEAR(names);
	if (!names || PyModule_AddObject(module, "Snapshot", type) ||
	    PyModule_AddObject(module, "FUNCTIONS", names) || add_trie_types(module)) {
		Py_XDECREF(module);
		return NULL;
	}
	return module;
}
