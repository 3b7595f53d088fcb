/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the extension share. Built for the limited API of Python 3.9. METH_FASTCALL and
 * PyUnicode_AsUTF8AndSize came into it with 3.10, but every 3.9 has both with the same meaning.
 */
#ifndef MANRS_PY_H
#define MANRS_PY_H

#define Py_LIMITED_API 0x03090000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <manrs/manrs.h>

#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif
PyAPI_FUNC(const char *) PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);

typedef PyObject *(*fast_call)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*named_call)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
#define NAMED(function) ((PyCFunction)(void (*)(void))(named_call)(function))
#define FAST(function)  ((PyCFunction)(void (*)(void))(fast_call)(function))

/* The library, as setup() found it. */
extern struct manrs_py_library {
	int (*prefix_parse)(manrs_prefix *, const char *, size_t, manrs_fault *);
	int (*address_parse)(manrs_prefix *, const char *, size_t, manrs_fault *);
	int (*prefix_format)(const manrs_prefix *, char *, size_t);
	int (*rov_check)(const manrs_db *, const manrs_route *);
	int (*trie_get)(const manrs_trie *, const manrs_prefix *, uint64_t *);
	int (*trie_match)(const manrs_trie *, const manrs_prefix *, manrs_prefix *, uint64_t *);
	int (*trie_set)(manrs_trie *, const manrs_prefix *, uint64_t);
} lib;

/* A route's prefix has a length; a key of a mapping may be an address alone. */
enum form { ROUTE, KEY };

/* The bytes of an exact str. returns: NULL, and nothing raised, if it has none */
const char *text_of(PyObject *value, Py_ssize_t *n);

/* 1: read; 0: not of an exact type that is read here, or no prefix. Raises nothing. */
int read_prefix(manrs_prefix *prefix, PyObject *value, enum form form);

/* A key as a record. returns: 0, or -1 with an exception set */
int to_key(manrs_prefix *key, PyObject *value);

/* self.name(*args, **names): what is rare is sorted out by the package's own method. */
PyObject *in_python(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t n,
		    PyObject *names);

/* Put the types of _manrs_trie.c into the module. returns: 0, or -1 with an exception set */
int add_trie_types(PyObject *module);
PyObject *origins_load(PyObject *module, PyObject *const *args, Py_ssize_t n);

#endif
