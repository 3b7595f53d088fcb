/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_LEAK_H
#define MANRS_LEAK_H

/*
 * Route leaks by the shape of the path (RFC 7908): AS relationships and the valley-free rule, transit-free ASes,
 * peerlock rules. Leaks by OTC (otc.h) and by ASPA (aspa.h) have their own headers; manrs_check (check.h) puts all the
 * evidence together.
 *
 * threads: all calls: any thread; a set of relationships is only read
 * cost:    no call but manrs_rel_new allocates; none locks
 */

#include <manrs/path.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- AS relationships ---- */

/* What b is to a. */
enum manrs_rel_kind {
	MANRS_REL_UNKNOWN = 0,  /* no such pair */
	MANRS_REL_CUSTOMER = 1, /* b is a customer of a */
	MANRS_REL_PEER = 2,     /* they are peers */
	MANRS_REL_PROVIDER = 3, /* b is a provider of a */
};

typedef struct manrs_as_rel {
	uint32_t a;
	uint32_t b;
	uint32_t kind; /* enum manrs_rel_kind but UNKNOWN */
} manrs_as_rel;

/* A set of relationships: built at once, never changed, read by any thread. */
typedef struct manrs_rel manrs_rel;

/*
 * Build it. Each pair is kept once, for both directions.
 * out:     fault (may be NULL): at = the index refused
 * returns: MANRS_OK, MANRS_ENOMEM; MANRS_EINVAL: an AS number is 0, a and b are one, an unknown kind, or two rows
 *          that contradict each other
 * owns:    the caller frees it with manrs_rel_free
 */
MANRS_API int manrs_rel_new(manrs_rel **rel, const manrs_as_rel *rows, size_t n,
			    const manrs_alloc *alloc, manrs_fault *fault);
MANRS_API void manrs_rel_free(manrs_rel *rel);          /* NULL is allowed */
MANRS_API size_t manrs_rel_count(const manrs_rel *rel); /* of pairs */

/* What b is to a. returns: enum manrs_rel_kind, UNKNOWN where there is no such pair. cost: O(1) */
MANRS_API int manrs_rel_get(const manrs_rel *rel, uint32_t a, uint32_t b);
/* The same for n pairs: kinds[i] answers a[i], b[i]. returns: MANRS_OK. */
MANRS_API int manrs_rel_get_many(const manrs_rel *rel, const uint32_t *a, const uint32_t *b,
				 size_t n, uint8_t *kinds);

/*
 * Read one line of CAIDA's serial-1 or serial-2 text: `provider|customer|-1`, `peer|peer|0`, serial-2 with a fourth
 * field; `#` starts a comment.
 * in:      text[n]: the line, without its end
 * returns: 1: *row is set; 0: a comment or an empty line; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL with fault->at = offset
 */
MANRS_API int manrs_rel_parse(manrs_as_rel *row, const char *text, size_t n, manrs_fault *fault);

/* ---- the shape of a path ---- */

enum manrs_leak_state {
	MANRS_LEAK_UNKNOWN = 0, /* a relationship on the path is not known, and no leak was seen */
	MANRS_LEAK_NONE = 1,    /* valley-free, every hop a known AS and every relationship known */
	MANRS_LEAK_FOUND = 2,   /* a valley */
	MANRS_LEAK_MALFORMED = 3, /* the path or the role breaks its contract */
};

/* The types of RFC 7908 section 3. 5 and 6 cannot be told from a path. */
enum manrs_leak_type {
	MANRS_LEAK_TYPE_NONE = 0,        /* no leak */
	MANRS_LEAK_HAIRPIN = 1,          /* 3.1: a provider's route to another provider */
	MANRS_LEAK_PEER_TO_PEER = 2,     /* 3.2: a peer's route to another peer */
	MANRS_LEAK_PROVIDER_TO_PEER = 3, /* 3.3: a provider's route to a peer */
	MANRS_LEAK_PEER_TO_PROVIDER = 4, /* 3.4: a peer's route to a provider */
	MANRS_LEAK_REORIGINATION = 5,    /* 3.5: from ROV, possible only */
	MANRS_LEAK_INTERNAL = 6,         /* 3.6: from ROV, possible only */
};

/* The offending three: `leaker` took the route from `from` and gave it to `to`. */
typedef struct manrs_leak {
	uint32_t from;
	uint32_t leaker;
	uint32_t to;
	uint32_t at;     /* index of the leaker in path->asn, of prepends the first */
	uint8_t type;    /* enum manrs_leak_type */
	uint8_t from_is; /* enum manrs_rel_kind: what `from` is to the leaker */
	uint8_t to_is;
	uint8_t zero;
} manrs_leak;

/*
 * The valley-free test: an AS gives the routes of its providers and peers to customers alone.
 * in:      path: a set, or a confederation segment, stands for an AS of which nothing is known
 *          role: enum manrs_role, what path->asn[0] is to us: the last step of the route, from it to us at local_as.
 *          A route server's client is a peer to all others, and a route server is not on the path (RFC 7947)
 * out:     leak: the triple nearest to the origin; all zero when there is none; may be NULL
 * returns: enum manrs_leak_state, always >= 0; MALFORMED also for MANRS_ROLE_NONE and unknown roles
 * source:  RFC 7908 sections 3.1-3.4
 */
MANRS_API int manrs_leak_check(const manrs_rel *rel, const manrs_path *path, uint32_t local_as,
			       int role, manrs_leak *leak);

/* The same for n paths from one kind of neighbour. out: states[n]; leaks[n] may be NULL. returns: MANRS_OK; MANRS_EINVAL if any
 * path was malformed. */
MANRS_API int manrs_leak_check_many(const manrs_rel *rel, const manrs_paths *paths,
				    uint32_t local_as, int role, uint8_t *states,
				    manrs_leak *leaks);

/* ---- transit-free ASes and peerlock ---- */

/*
 * The usual transit-free ASes, ascending: 174 701 1299 2914 3257 3320 3356 5511 6453 6461 6762 6830 7018 12956.
 * out:     n
 * owns:    a constant
 * source:  the default of ARouteServer; NLNOG BGP filter guide, "no transit leaks"
 */
MANRS_API const uint32_t *manrs_transit_free(size_t *n);

/*
 * The first AS of a list on the path, behind hop `skip - 1`: "peerlock lite" with the transit-free list and skip 1,
 * never-via-route-server with skip 0.
 * in:      set[n], ascending
 * returns: the index of the hop; MANRS_ENOENT: none; MANRS_EINVAL: the path is malformed
 */
MANRS_API int64_t manrs_path_find(const manrs_path *path, uint32_t skip, const uint32_t *set,
				  size_t n);

/* AS `asn` is heard only from itself and from these neighbours, one a rule. */
typedef struct manrs_peerlock {
	uint32_t asn;
	uint32_t neighbour;
} manrs_peerlock;

/*
 * The first AS on the path that has rules, none of which names the neighbour.
 * in:      rules[n], ascending by asn, then by neighbour; neighbour_asn: who sent the path
 * returns: the index of the hop; MANRS_ENOENT: none; MANRS_EINVAL: the path is malformed
 * source:  NANOG 67, "Practical everyday BGP filtering with AS_PATH filters: Peer Locking"
 */
MANRS_API int64_t manrs_peerlock_check(const manrs_path *path, uint32_t neighbour_asn,
				       const manrs_peerlock *rules, size_t n);

/* "unknown", "none", "leak", "malformed"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_leak_text(int state);

#ifdef __cplusplus
}
#endif

#endif
