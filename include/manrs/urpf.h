/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_URPF_H
#define MANRS_URPF_H

/*
 * Source address validation: may a packet with this source come in on this interface? Why: packet_explain.h; the lists, and
 * filters of other software: rpf_list.h; Adj-RIB-Ins as text: rib_line.h.
 *
 *     owner --- the writer's side of one routing table (a VRF): memory, snapshots not yet given back
 *       edit -- interfaces, Adj-RIB-In or FIB entries and prefixes that change: begin, feed, commit or abort
 *         urpf - a snapshot: immutable, counted, read by any thread without a lock
 *
 * A check is one longest match and one bit, whatever the interface's mode: a commit folds modes, overrides and martian
 * sources into it. The order is: off, always-deny, always-allow and the link's own, martian sources, mode. A snapshot is full
 * of pointers: memory of this process, which no other can map.
 *
 * threads: one writer at a time uses an owner and its edits. Snapshots are read, ref'd and unref'd by any thread.
 *          Memory goes back only on the writer's thread: in edits, manrs_urpf_reclaim and manrs_urpf_owner_free.
 * source:  RFC 3704; RFC 8704; draft-ietf-sidrops-bar-sav-09; RFC 5635
 */

#include <manrs/db.h>
#include <manrs/iface.h>
#include <manrs/path.h>
#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_urpf_owner manrs_urpf_owner;
typedef struct manrs_urpf_edit manrs_urpf_edit;
typedef struct manrs_urpf manrs_urpf;

/* Grows at its end: size is set by manrs_urpf_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_urpf_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint32_t isa;             /* enum manrs_isa */
	uint32_t local_as;        /* ours; 0: not known (then BAR-SAV-PI is loose) */
	uint64_t hold_ms; /* how long a prefix stays that leaves an EFP or BAR-SAV list; init: 0 */
	uint64_t hash_seed[2]; /* as that of manrs_db_config: random bytes, or 0, 0 */
} manrs_urpf_config;

/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_urpf_config_init(manrs_urpf_config *config, size_t size);

/* Make the writer's side. config may be NULL. returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL, MANRS_EUNSUP (isa). */
MANRS_API int manrs_urpf_owner_new(manrs_urpf_owner **owner, const manrs_urpf_config *config);

/* Free it with all its memory; NULL is allowed. returns: MANRS_OK; MANRS_EBUSY if a snapshot is held (nothing is freed). */
MANRS_API int manrs_urpf_owner_free(manrs_urpf_owner *owner);

/*
 * Give back the memory of snapshots that nobody holds.
 * in:      budget: blocks of memory to visit, 0 = all there are
 * returns: 1 if there is more to do now, 0 if not
 */
MANRS_API int manrs_urpf_reclaim(manrs_urpf_owner *owner, size_t budget);

/* ---- edits: a failed call changes nothing ---- */

/*
 * Open an edit on a snapshot of this owner, old or new; NULL: on nothing. An owner has at most one open edit.
 * returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL (a snapshot of another owner), MANRS_ESTATE (an edit is open)
 */
MANRS_API int manrs_urpf_edit_begin(manrs_urpf_edit **edit, manrs_urpf_owner *owner,
				    const manrs_urpf *base);

/*
 * Add an interface.
 * out:     *handle: the smallest number that is free: dense, from 0. A table holds 65,535: a broadband network gateway whose
 *          subscribers are more makes one of each class of them, not of each
 * returns: MANRS_OK; MANRS_ENOMEM; MANRS_EINVAL: no such mode, role or option; MANRS_ELIMIT: 65,535 interfaces
 * cost:    O(1) and the interface's own size; the first of an edit copies the base's. The commit compiles the whole table
 *          again; there a distinct answer takes a bit an interface: 65,535 interfaces with a route each, seconds and 1.1 GB
 *          (tests/bench/growth_bench.c)
 */
MANRS_API int manrs_urpf_edit_iface_add(manrs_urpf_edit *edit, uint16_t *handle,
					const manrs_urpf_iface *iface);

/* Change an interface. returns: as manrs_urpf_edit_iface_add; MANRS_ENOENT: no such interface. */
MANRS_API int manrs_urpf_edit_iface_set(manrs_urpf_edit *edit, uint16_t handle,
					const manrs_urpf_iface *iface);

/*
 * Remove an interface with its entries and prefixes: it is denied from the commit on, and its handle is given out again after
 * it, or when no other is left.
 * returns: MANRS_OK; MANRS_ENOMEM; MANRS_ENOENT: no such interface
 * cost:    those of an edit take one walk through the table, together
 */
MANRS_API int manrs_urpf_edit_iface_remove(manrs_urpf_edit *edit, uint16_t handle);

/*
 * Add or remove entries. MANRS_ADD of a key that is there replaces it, and counts as added when the entry differs, else
 * as present. MANRS_REMOVE looks at the key alone.
 * in:      paths: NULL, or the path of entries[i] is path i: its origin (RFC 6811 section 2) replaces route.asn
 * out:     counts (may be NULL) is set, fault (may be NULL): the first entry refused, at = its index. Refused:
 *          malformed prefixes and paths, unknown interfaces (MANRS_ADD)
 * returns: MANRS_OK, also when entries were refused; MANRS_ENOMEM; MANRS_EINVAL for op
 * cost:    O(len) an entry
 */
MANRS_API int manrs_urpf_edit_rib(manrs_urpf_edit *edit, int op, const manrs_urpf_entry *entries,
				  size_t n, const manrs_paths *paths, manrs_counts *counts,
				  manrs_fault *fault);

/*
 * Add or remove prefixes by hand, likewise.
 * in:      kind: enum manrs_urpf_prefix_kind; iface: a handle; MANRS_URPF_NO_IFACE: every interface, not for a LINK
 * returns: as manrs_urpf_edit_rib; MANRS_EINVAL also for kind; MANRS_ENOENT: no such interface (MANRS_ADD)
 */
MANRS_API int manrs_urpf_edit_prefixes(manrs_urpf_edit *edit, int op, uint32_t kind, uint16_t iface,
				       const manrs_prefix *prefixes, size_t n, manrs_counts *counts,
				       manrs_fault *fault);

/*
 * Publish the edit as a new snapshot, with one reference that the caller owns. The edit is gone afterwards.
 * in:      db: VRPs, ASPAs, IRR objects; it stays ref'd while snapshots use it. NULL, or one without VRPs and ASPAs:
 *          BAR-SAV modes fall back to loose, as manrs_urpf_explain and manrs_urpf_stats_get say
 *          now_ms: of any clock that does not run backwards; starts and ends hold times
 * returns: MANRS_OK; MANRS_ENOMEM: nothing happened, the edit stays open
 * cost:    in proportion to the changed prefixes, the prefixes of their origins (EFP), and the cones where a new AS
 *          adjacency appears or the last one goes (BAR-SAV); 0.1-0.2 ms for one route of the full table
 *          (tests/bench/urpf_bench.c). Everything is compiled again when an interface changes, and when the db does while
 *          something uses it: seconds for the full table. From 65,536 prefixes on there are also forms that answer faster,
 *          which commits keep up to date; one in hundreds or thousands builds a new form: 0.1 s for the full table
 */
MANRS_API int manrs_urpf_edit_commit(manrs_urpf_edit *edit, manrs_urpf **urpf, const manrs_db *db,
				     uint64_t now_ms);

/* Throw the edit away; NULL is allowed. */
MANRS_API void manrs_urpf_edit_abort(manrs_urpf_edit *edit);

/* ---- snapshots: any thread ---- */

/* One more reference, for whoever keeps the snapshot. */
MANRS_API void manrs_urpf_ref(const manrs_urpf *urpf);
/* NULL is allowed. Frees nothing: the memory waits for manrs_urpf_reclaim. */
MANRS_API void manrs_urpf_unref(const manrs_urpf *urpf);

enum manrs_urpf_allow {
	MANRS_URPF_DENIED = 0,  /* drop it */
	MANRS_URPF_ALLOWED = 1, /* let it in */
	MANRS_URPF_COUNTED = 2, /* would be denied, but the interface only counts */
};

/*
 * Check n packets: allow[i] answers source src[i] on interface iface[i].
 * in:      src[n]: IPv4 addresses in network order, as in the packet; iface[n]: handles, an unknown one is denied
 * out:     allow[n], enum manrs_urpf_allow
 * returns: MANRS_OK: every address is one
 * cost:    no allocation, no lock, bounded: at most 3 steps (IPv4), 15 (IPv6)
 */
MANRS_API int manrs_urpf_check4(const manrs_urpf *urpf, const uint32_t *src, const uint16_t *iface,
				size_t n, uint8_t *allow);
/* The same for IPv6: src[16 * n], addresses one behind the other, network order. */
MANRS_API int manrs_urpf_check6(const manrs_urpf *urpf, const uint8_t *src, const uint16_t *iface,
				size_t n, uint8_t *allow);

/* What a snapshot holds. Grows at its end; set size before the call. */
typedef struct manrs_urpf_stats {
	size_t size;
	uint64_t serial; /* of this owner's commits, from 1 */
	uint64_t ifaces;
	uint64_t fallbacks;   /* interfaces whose BAR-SAV mode is loose for want of a db */
	uint64_t prefixes;    /* with entries, or by hand */
	uint64_t compiled;    /* prefixes that the check knows, martians included */
	uint64_t held;        /* hold times that run */
	uint64_t deadline_ms; /* when the next one ends: commit again then; UINT64_MAX: none */
	uint64_t rows;        /* distinct answers */
	uint64_t bytes_all;   /* everything that the owner holds now */
} manrs_urpf_stats;
/* returns: MANRS_OK; MANRS_EINVAL when stats->size is too small */
MANRS_API int manrs_urpf_stats_get(const manrs_urpf *urpf, manrs_urpf_stats *stats);

/* The interface of a handle as it was set; asn_acl is NULL. returns: MANRS_OK, MANRS_ENOENT. Set iface->size before. */
MANRS_API int manrs_urpf_iface_get(const manrs_urpf *urpf, uint16_t handle,
				   manrs_urpf_iface *iface);

#ifdef __cplusplus
}
#endif

#endif
