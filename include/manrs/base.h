/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_BASE_H
#define MANRS_BASE_H

/*
 * What every other header stands on: version, errors, faults, the allocator.
 *
 * The library has no threads, no locks of its own, no clock, no sockets, no files, no environment and no
 * changing globals. Memory comes from the caller's manrs_alloc, time is an argument, bytes are slices.
 * Unless a comment says otherwise: results are >= 0 on success and an enum manrs_error below zero on
 * failure; a failed call changed nothing; a pointer argument must not be NULL; zero is never an approval.
 *
 * A header whose first comment has a line that begins with PROVISIONAL may change its calls, structs and numbers in any version before 1.0; all
 * others keep theirs from 0.2.0 on: what comes is added, structs that grow (`size_t size` first) at their end.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MANRS_API __attribute__((visibility("default")))
#else
#define MANRS_API
#endif

#define MANRS_VERSION_MAJOR 0
#define MANRS_VERSION_MINOR 2
#define MANRS_VERSION_PATCH 0

/* The same as one number that grows from version to version, for #if: 0.2.0 is 200, 1.2.3 is 10203. */
#define MANRS_VERSION_NUMBER \
	(MANRS_VERSION_MAJOR * 10000 + MANRS_VERSION_MINOR * 100 + MANRS_VERSION_PATCH)
/* And as text, "0.2.0". */
#define MANRS_VERSION \
	MANRS_VERSION_TEXT_(MANRS_VERSION_MAJOR, MANRS_VERSION_MINOR, MANRS_VERSION_PATCH)
#define MANRS_VERSION_TEXT_(major, minor, patch) MANRS_VERSION_JOIN_(major, minor, patch)
#define MANRS_VERSION_JOIN_(major, minor, patch) #major "." #minor "." #patch

/* Results below zero. The numbers are part of the ABI and never reused. */
enum manrs_error {
	MANRS_OK = 0,       /* done */
	MANRS_EINVAL = -1,  /* an argument or a record breaks its contract */
	MANRS_ENOMEM = -2,  /* the allocator refused */
	MANRS_ENOENT = -3,  /* no such entry */
	MANRS_ESYNTAX = -4, /* text or bytes do not follow their format */
	MANRS_ERANGE = -5,  /* a number is outside its range */
	MANRS_ELIMIT = -6,  /* a stated bound of the library or of the caller's buffer */
	MANRS_EBUSY = -7,   /* somebody still holds what would be freed */
	MANRS_ESTATE = -8,  /* the call does not fit the object's state */
	MANRS_EUNSUP = -9,  /* known, and not supported here */
};

/*
 * Where and why a call failed. `at` counts what the call counts: the byte of a text, the byte of a stream,
 * the index of a record. `what` is a constant English phrase without a full stop, never to be freed.
 */
typedef struct manrs_fault {
	uint64_t at;
	const char *what;
	int32_t code;  /* enum manrs_error */
	uint32_t line; /* of a text with lines, counted from 1; else 0 */
} manrs_fault;

#define MANRS_FAULT_TEXT 256 /* bytes that are always enough for manrs_fault_text */

/*
 * A fault as a sentence that shows what stood at its place: its phrase, then the value that holds byte `at`, with the
 * name of the JSON member or the key of the line whose value it is: `a length is out of range: "prefix": "10.0.0.0/33"`.
 * in:      text[n]: what the failed call read, where `at` counts its bytes; NULL: the phrase alone
 * out:     out[cap] in printable ASCII, other bytes as '?', with a closing NUL; what does not fit is cut
 * returns: its length
 * threads: any
 */
MANRS_API size_t manrs_fault_text(const manrs_fault *fault, const char *text, size_t n, char *out,
				  size_t cap);

/*
 * The host's memory. resize(arg, NULL, 0, n) allocates n bytes, resize(arg, p, old, 0) frees and returns
 * NULL, else it moves old bytes to n and returns the new place, or NULL and p stays as it was. Alignment: that
 * of malloc. The function is called only by the thread that is inside a library call on the object that holds it.
 * A NULL `const manrs_alloc *` means the C library's realloc and free. The struct is copied; arg is borrowed
 * for the life of the object.
 */
typedef struct manrs_alloc {
	void *(*resize)(void *arg, void *ptr, size_t old_size, size_t new_size);
	void *arg;
} manrs_alloc;

/* Code paths, for the `isa` member of a config struct: chosen when an object is built. */
enum manrs_isa {
	MANRS_ISA_AUTO = 0,     /* the best that this processor has */
	MANRS_ISA_PORTABLE = 1, /* plain C */
	MANRS_ISA_AVX2 = 2,     /* x86-64 with AVX2, BMI and BMI2 */
	MANRS_ISA_AVX512 = 3,   /* x86-64 with AVX-512 (F, BW, VL, DQ, CD, VPOPCNTDQ) */
};

/*
 * The version of the library that runs, "0.2.0", to compare with the MANRS_VERSION it was compiled with.
 * owns:    a constant
 * threads: any
 */
MANRS_API const char *manrs_version(void);

/*
 * The same as one number, to compare with MANRS_VERSION_NUMBER: a newer version has the larger one.
 * threads: any
 */
MANRS_API int manrs_version_number(void);

/*
 * An error's English phrase, for any int: "out of memory", "unknown error".
 * owns:    a constant
 * threads: any
 */
MANRS_API const char *manrs_strerror(int error);

/*
 * The size in bytes of a public struct by its name ("manrs_route"), for bindings to check their layout.
 * returns: the size; 0 if the library has no such struct
 * threads: any
 */
MANRS_API size_t manrs_sizeof(const char *name);

#ifdef __cplusplus
}
#endif

#endif
