/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_URPF_H
#define MANRS_URPF_H

/*
 * Source address validation: may a packet with this source come in on this interface, and why not?
 *
 *     owner --- the writer's side of one routing table (a VRF): memory, snapshots not yet given back
 *       edit -- interfaces, Adj-RIB-In or FIB entries and prefixes that change: begin, feed, commit or abort
 *         urpf - a snapshot: immutable, counted, read by any thread without a lock
 *
 * A check is one longest match and one bit, whatever the interface's mode: a commit folds modes, overrides and martian
 * sources into it. The order is: off, always-deny, always-allow and the link's own, martian sources, mode.
 *
 * threads: one writer at a time uses an owner and its edits. Snapshots are read, ref'd and unref'd by any thread.
 *          Memory goes back only on the writer's thread: in edits, manrs_urpf_reclaim and manrs_urpf_owner_free.
 * source:  RFC 3704; RFC 8704; draft-ietf-sidrops-bar-sav-09; RFC 5635
 */

#include <manrs/db.h>
#include <manrs/path.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_urpf_owner manrs_urpf_owner;
typedef struct manrs_urpf_edit manrs_urpf_edit;
typedef struct manrs_urpf manrs_urpf;

#define MANRS_URPF_NO_IFACE \
	0xffffu /* no interface (local, discard routes), or every one (prefixes); always denied */

enum manrs_urpf_mode {
	MANRS_URPF_OFF = 1, /* everything passes */
	MANRS_URPF_STRICT =
		2, /* a best route of the source's longest match leaves by the interface, RFC 3704 2.2 */
	MANRS_URPF_LOOSE = 3,	    /* any route covers the source, 2.4 */
	MANRS_URPF_FEASIBLE = 4,    /* any route kept for the longest match does, 2.3 */
	MANRS_URPF_EFP_A = 5,	    /* RFC 8704 section 3.1, customers */
	MANRS_URPF_EFP_B = 6,	    /* RFC 8704 section 3.4, customers */
	MANRS_URPF_BAR_SAV = 7,	    /* customers and lateral peers; loose without a db */
	MANRS_URPF_BAR_SAV_PI = 8,  /* providers; loose without a db */
	MANRS_URPF_PROCEDURE_X = 9, /* BAR-SAV by ASPAs and ROAs alone; loose without a db */
	MANRS_URPF_LIST = 10,	    /* the prefixes of MANRS_URPF_PREFIX_LIST */
};

/* Options of an interface. */
#define MANRS_URPF_DEFAULT_ROUTE \
	1u /* strict, loose, feasible, BAR-SAV-PI: 0.0.0.0/0 and ::/0 count as routes */
/*
 * Discard routes are routes like others. Without it sources whose longest match is a discard route fail, in every mode and
 * whatever a list says: source-based blackholing (RFC 5635 section 4) is nothing else, and an operator who null-routes an
 * attacker must not find that a ROA lets it in. The price: an aggregate that is null-routed to be announced denies the
 * customers' space in it for which there is a ROA and no route (BAR-SAV). Who has such aggregates sets this, or feeds them
 * without MANRS_URPF_DISCARD and keeps the blackholes.
 */
#define MANRS_URPF_DISCARD_PASS 2u
#define MANRS_URPF_COUNT_ONLY 4u /* what would be denied is MANRS_URPF_COUNTED */
#define MANRS_URPF_AUGMENT_ROA \
	8u /* EFP: and the VRPs of the ASes that the list was made from, RFC 8704 3.5 */
#define MANRS_URPF_AUGMENT_IRR 16u /* EFP: and their IRR route objects */
/*
 * What the link needs to work at all. No router forwards these sources (RFC 4291 2.5.2, 2.5.6; RFC 3927 7), so that a
 * spoofed one harms nobody beyond the link; without them neighbour discovery, duplicate address detection and BGP over
 * link-local addresses end where a filter is loaded. manrs_urpf_iface_init sets both: a host that wants them denied clears
 * them. The neighbour's other addresses on the link are MANRS_URPF_PREFIX_LINK.
 */
#define MANRS_URPF_UNSPECIFIED 32u /* no destinations: 0.0.0.0, :: and two dummies (RFC 7600, RFC 9780) */
#define MANRS_URPF_LINK_LOCAL  64u /* 169.254.0.0/16 and fe80::/10 */

/* An interface. Grows at its end; manrs_urpf_iface_init sets size and the two options above and zeroes the rest. */
typedef struct manrs_urpf_iface {
	size_t size;
	uint32_t mode;	  /* enum manrs_urpf_mode */
	uint32_t role;	  /* enum manrs_role of the neighbour; MANRS_ROLE_NONE: no BGP neighbour,
	                     whose routes are of the FIB alone: EFP and BAR-SAV lists are made of
	                     Adj-RIB-Ins (RFC 8704 3.1, 3.4), so they are on none */
	uint32_t asn;	  /* of the neighbour; 0: none */
	uint32_t options; /* MANRS_URPF_... above */
	const uint32_t *asn_acl; /* BAR-SAV: ASes that belong to the neighbour's cone; copied */
	size_t n_asn_acl;
} manrs_urpf_iface;

/* Flags of an entry. */
#define MANRS_URPF_BEST	   1u /* selected; several are ECMP */
#define MANRS_URPF_DISCARD 2u /* its packets are thrown away */
#define MANRS_URPF_LEAKED  4u /* a leak by its OTC attribute: BAR-SAV leaves it out */

/*
 * A route kept for an interface, of an Adj-RIB-In or a FIB. (prefix, iface, neighbour, path_id) is its key.
 * route.asn is the origin, used when the edit call comes without paths; 0: NONE or not known.
 */
typedef struct manrs_urpf_entry {
	manrs_route route;
	uint32_t neighbour; /* AS, or any number that tells neighbours of one interface apart */
	uint32_t path_id;   /* ADD-PATH; 0 without */
	uint16_t iface;	    /* a handle, or MANRS_URPF_NO_IFACE */
	uint8_t flags;
	uint8_t zero;
} manrs_urpf_entry;

/* Prefixes by hand, for one interface or (MANRS_URPF_NO_IFACE) for all. */
enum manrs_urpf_prefix_kind {
	MANRS_URPF_PREFIX_DENY = 1,  /* sources in it always fail */
	MANRS_URPF_PREFIX_ALLOW = 2, /* and these always pass */
	MANRS_URPF_PREFIX_LIST =
		3, /* the list of MANRS_URPF_LIST; the prefix ACL of EFP and BAR-SAV interfaces */
	MANRS_URPF_PREFIX_LOCAL =
		4, /* our own single-homed and internal-use, and known single-homed cone prefixes:
	                                BAR-SAV-PI interfaces refuse them (step 7) */
	MANRS_URPF_PREFIX_LINK =
		5, /* the link's own, RFC 8704 3.7: "ACLs for directly connected networks". They pass on
	              this interface, which must be named, after always-deny and before martian
	              sources: else the BGP neighbour itself is cut off, as no route covers it */
};

/* Grows at its end: size is set by manrs_urpf_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_urpf_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint32_t isa;		  /* enum manrs_isa */
	uint32_t local_as;	  /* ours; 0: not known (then BAR-SAV-PI is loose) */
	uint64_t hold_ms; /* how long a prefix stays that leaves an EFP or BAR-SAV list; init: 0 */
} manrs_urpf_config;

/* Set size, and every member to its default. */
MANRS_API int manrs_urpf_config_init(manrs_urpf_config *config, size_t size);
MANRS_API int manrs_urpf_iface_init(manrs_urpf_iface *iface, size_t size);

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
MANRS_API int manrs_urpf_edit_iface_add(manrs_urpf_edit *edit, uint16_t *handle, const manrs_urpf_iface *iface);

/* Change an interface. returns: as manrs_urpf_edit_iface_add; MANRS_ENOENT: no such interface. */
MANRS_API int manrs_urpf_edit_iface_set(manrs_urpf_edit *edit, uint16_t handle, const manrs_urpf_iface *iface);

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

/* Add or remove prefixes by hand, likewise. kind: enum manrs_urpf_prefix_kind. */
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
 *          which commits keep up to date; one in hundreds or thousands makes a form anew: 0.1 s for the full table
 */
MANRS_API int manrs_urpf_edit_commit(manrs_urpf_edit *edit, manrs_urpf **urpf, const manrs_db *db, uint64_t now_ms);

/* Throw the edit away; NULL is allowed. */
MANRS_API void manrs_urpf_edit_abort(manrs_urpf_edit *edit);

/* ---- snapshots: any thread ---- */

/* One more reference, for whoever keeps the snapshot. */
MANRS_API void manrs_urpf_ref(const manrs_urpf *urpf);
/* NULL is allowed. Frees nothing: the memory waits for manrs_urpf_reclaim. */
MANRS_API void manrs_urpf_unref(const manrs_urpf *urpf);

enum manrs_urpf_allow {
	MANRS_URPF_DENIED = 0,
	MANRS_URPF_ALLOWED = 1,
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

/* Which step decided. */
enum manrs_urpf_step {
	MANRS_URPF_STEP_UNKNOWN_IFACE = 0, /* denied */
	MANRS_URPF_STEP_OFF = 1,
	MANRS_URPF_STEP_ALWAYS_DENY = 2,
	MANRS_URPF_STEP_ALWAYS_ALLOW = 3,
	MANRS_URPF_STEP_MARTIAN = 4, /* never a source */
	MANRS_URPF_STEP_SPECIAL = 5, /* unspecified or link-local: the interface's option decides */
	MANRS_URPF_STEP_DISCARD = 6, /* a discard route */
	MANRS_URPF_STEP_NO_ROUTE =
		7, /* no route, or only the default one, which does not count here */
	MANRS_URPF_STEP_NOT_LISTED = 8,	  /* not in the interface's list */
	MANRS_URPF_STEP_BEST_ROUTE = 9,	  /* strict: passes */
	MANRS_URPF_STEP_OTHER_IFACE = 10, /* strict, feasible: the routes leave elsewhere */
	MANRS_URPF_STEP_FEASIBLE = 11,
	MANRS_URPF_STEP_LOOSE = 12,
	MANRS_URPF_STEP_LISTED = 13,  /* by hand: explicit list, prefix ACL */
	MANRS_URPF_STEP_EFP_A = 14,   /* RFC 8704 3.1 step 3: the set X of origin asn */
	MANRS_URPF_STEP_EFP_B_P = 15, /* RFC 8704 3.4: received on a customer interface */
	MANRS_URPF_STEP_EFP_B_Q =
		16, /* RFC 8704 3.4: from a peer or provider, origin asn in the cone */
	MANRS_URPF_STEP_ROA = 17, /* RFC 8704 3.5: a VRP of asn */
	MANRS_URPF_STEP_IRR = 18, /* RFC 8704 3.5: an IRR object of asn */
	MANRS_URPF_STEP_BAR_ROA =
		19, /* BAR-SAV, procedure X: a VRP of asn, which is in the cone D */
	MANRS_URPF_STEP_BAR_ROUTE = 20, /* BAR-SAV: announced by asn, which is in D */
	MANRS_URPF_STEP_PI_CONE = 21, /* BAR-SAV-PI step 6: provably the customers' alone, denied */
	MANRS_URPF_STEP_PI_LOCAL = 22, /* BAR-SAV-PI step 7: ours alone, denied */
	MANRS_URPF_STEP_LINK = 23,     /* the link's own prefix: passes */
};

/* Why a packet passes or not. Grows at its end; set size before the call. */
typedef struct manrs_urpf_explanation {
	size_t size;
	uint8_t allow;	   /* enum manrs_urpf_allow, as the check says */
	uint8_t mode;	   /* of the interface; 0: unknown interface */
	uint8_t effective; /* the mode that was used: loose where BAR-SAV had no db */
	uint8_t step;	   /* enum manrs_urpf_step */
	uint32_t asn;	   /* of the step; 0: none */
	uint64_t
		until_ms; /* not 0: no longer on the list, but held until then; for PI_CONE: denied only from then on */
	manrs_prefix prefix; /* the match that decided; family 0: none */
	uint32_t n_ifaces;   /* interfaces with a route for that prefix, even where cap is less */
} manrs_urpf_explanation;

/*
 * Explain one packet.
 * in:      source: a /32 or /128
 * out:     why; ifaces[cap]: interfaces with a route for the matching prefix, ascending; may be NULL when cap is 0
 * returns: MANRS_OK; MANRS_EINVAL: not an address
 */
MANRS_API int manrs_urpf_explain(const manrs_urpf *urpf, const manrs_prefix *source, uint16_t iface,
				 manrs_urpf_explanation *why, uint16_t *ifaces, size_t cap);

/*
 * An interface's RPF list in manrs_prefix_cmp order, not aggregated: for strict and feasible the prefixes with such a
 * route, for BAR-SAV-PI the set G, held prefixes included. Loose and off have none.
 * in:      after: NULL from the start, else the last one found
 * out:     out[cap]
 * returns: how many were written; fewer than cap means the end
 */
MANRS_API size_t manrs_urpf_list(const manrs_urpf *urpf, uint16_t iface, const manrs_prefix *after,
				 manrs_prefix *out, size_t cap);

/*
 * The sources that an interface's mode accepts, as the fewest prefixes, in order: what its list covers, with the
 * exactness of longest match where the mode has it. manrs_urpf_list, aggregated.
 * in:      whole: 0: the mode alone; 1: always-deny, always-allow and martian sources taken into account, as a check
 *          cursor: all zero at the start
 */
MANRS_API size_t manrs_urpf_allowed(const manrs_urpf *urpf, uint16_t iface, int whole,
				    manrs_cursor *cursor, manrs_prefix *out, size_t cap);

enum manrs_urpf_format {
	MANRS_URPF_TEXT = 1, /* a prefix a line */
	MANRS_URPF_NFT = 2,  /* a table with interval sets and a chain for the interface */
	MANRS_URPF_EBPF = 3, /* lines of a bpftool batch for LPM_TRIE maps NAME_4 and NAME_6 */
	MANRS_URPF_BIRD = 4,  /* prefix sets */
	MANRS_URPF_CISCO = 5, /* prefix lists */
	MANRS_URPF_JUNOS = 6, /* set commands of prefix lists */
};

/*
 * Write what an interface accepts for other software, aggregated, in slices. Every format is the whole decision, as
 * manrs_urpf_allowed has it with whole = 1: a packet filter made of the text passes the sources that manrs_urpf_check
 * passes and no others (a chain of nftables for an interface that only counts drops nothing; the other formats have what
 * such an interface would pass if it did not only count). The list of a mode alone is manrs_urpf_list.
 * The link's neighbour: its link-local addresses pass by the interface's options, the others by MANRS_URPF_PREFIX_LINK.
 * in:      name: of the list, and for nft the interface's name; letters, digits, `_`, `-` and `.`, at most 32
 *          cursor: all zero at the start
 * out:     text[cap], cap >= 512; no closing NUL
 * returns: bytes written, 0 at the end; MANRS_EINVAL: format, name; MANRS_ELIMIT: cap
 */
MANRS_API int manrs_urpf_export(const manrs_urpf *urpf, uint16_t iface, int format,
				const char *name, manrs_cursor *cursor, char *text, size_t cap);

/* What a snapshot holds. Grows at its end; set size before the call. */
typedef struct manrs_urpf_stats {
	size_t size;
	uint64_t serial; /* of this owner's commits, from 1 */
	uint64_t ifaces;
	uint64_t fallbacks;   /* interfaces whose BAR-SAV mode is loose for want of a db */
	uint64_t prefixes;    /* with entries, or by hand */
	uint64_t compiled;    /* prefixes that the check knows, martians included */
	uint64_t held;	      /* hold times that run */
	uint64_t deadline_ms; /* when the next one ends: commit again then; UINT64_MAX: none */
	uint64_t rows;	      /* distinct answers */
	uint64_t bytes_all;   /* everything that the owner holds now */
} manrs_urpf_stats;
/* returns: MANRS_OK; MANRS_EINVAL when stats->size is too small */
MANRS_API int manrs_urpf_stats_get(const manrs_urpf *urpf, manrs_urpf_stats *stats);

/* The interface of a handle as it was set; asn_acl is NULL. returns: MANRS_OK, MANRS_ENOENT. Set iface->size before. */
MANRS_API int manrs_urpf_iface_get(const manrs_urpf *urpf, uint16_t handle,
				   manrs_urpf_iface *iface);

/* "efp-a", "bar-sav-pi"... and the other way; "" and MANRS_ESYNTAX for anything else. owns: a constant. */
MANRS_API const char *manrs_urpf_mode_text(int mode);
MANRS_API int manrs_urpf_mode_parse(const char *text, size_t n);
/* A step in one word: "best-route", "martian". */
MANRS_API const char *manrs_urpf_step_text(int step);

/* ---- Adj-RIB-Ins as text ---- */

/* A line: an interface with what its neighbour is to us, and a route unless route.prefix.family is 0. */
typedef struct manrs_urpf_line {
	const char *iface; /* in the text, n_iface bytes */
	size_t n_iface;
	manrs_prefix prefix;
	uint32_t role;	/* enum manrs_role; NONE for "none" */
	uint32_t flags; /* of an entry */
	manrs_path path;
} manrs_urpf_line;

/*
 * Read `interface TAB role [TAB prefix [TAB AS path [TAB flags]]]`; flags are best, discard, leaked with commas between.
 * Blanks around a column are left out. A line without a TAB has its columns parted by blanks: the path is what stands
 * between the prefix and the flags, a last word of letters. A path or flags need a prefix.
 * A host that skips a line it cannot read has lists with holes, which deny or accept in silence: let it refuse the file.
 * in:      text[n]: the line without its end; asn[cap], kind[cap] as for manrs_path_parse
 * returns: 1; 0: empty, or a comment (#); MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL, MANRS_ELIMIT with fault->at
 */
MANRS_API int manrs_urpf_line_parse(manrs_urpf_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
				    const char *text, size_t n, manrs_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
