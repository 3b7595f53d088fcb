/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_UPDATE_LINE_H
#define MANRS_UPDATE_LINE_H

/*
 * PROVISIONAL. A line of text that tells of updates -> announcements and withdrawals of a peer. Its form is told by content:
 *
 *     bgpdump -m, -M   updates (A, W, STATE) and RIBs (B), with and without path identifiers; a route a line
 *     RIS Live         {"type": "ris_message", "data": {"timestamp": .., "peer": .., "type": "UPDATE", ..}}, or the data alone
 *     ExaBGP           {"exabgp": "4.0.1", "type": "update", "neighbor": {.., "message": {"update": {..}}}}, of ExaBGP 4 and 5
 *
 *     manrs_update_line_parse        looks at the whole line: what it tells, who says so, the path
 *       manrs_update_line_withdrawn   -> manrs_prefix, and
 *       manrs_update_line_announced   -> manrs_announcement: as many at a time as there is room for
 *
 * What a line withdraws goes before what it announces: a prefix that is in both is announced (RFC 4271 section 3.1).
 *
 * threads: any
 * source:  RIS Live's manual (https://ris-live.ripe.net/manual/); reactor/api/response/json.py of ExaBGP 4.2.21 and 5
 */

#include <manrs/announce.h>
#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a line tells. Nothing: keepalives, comments, what was sent and not received, what does not concern routes. */
enum manrs_update_what {
	MANRS_UPDATE_NOTHING = 0,    /* nothing of routes or of the session */
	MANRS_UPDATE_ROUTES = 1,     /* announcements and withdrawals, then perhaps end_of_rib */
	MANRS_UPDATE_UP = 2,         /* the session is up */
	MANRS_UPDATE_DOWN = 3,       /* the session is down, or not up yet */
	MANRS_UPDATE_END_OF_RIB = 4, /* RFC 4724 */
};

/* Who wrote it. */
enum manrs_update_form {
	MANRS_UPDATE_BGPDUMP = 1, /* bgpdump -m, -M */
	MANRS_UPDATE_RIS = 2,     /* RIS Live */
	MANRS_UPDATE_EXABGP = 3,  /* ExaBGP's JSON */
};

/* A line that was read: it borrows the text and the arrays of its path. A frozen record but for its pointers. */
typedef struct manrs_update_line {
	uint64_t time_us;     /* since 1970; 0: not said in seconds */
	uint32_t what;        /* enum manrs_update_what */
	uint32_t form;        /* enum manrs_update_form; 0: an empty line, a comment */
	uint32_t end_of_rib;  /* its family, 4 or 6; else 0 */
	uint32_t foreign;     /* 1: it has other families than IPv4 and IPv6 unicast, passed over */
	uint64_t n_announced; /* how many come out */
	uint64_t n_withdrawn; /* how many come out */
	/* All that its announcements share: peer, path, OTC, flags. Prefix and next hop are theirs. */
	manrs_announcement announcement;
	uint64_t at_announced; /* offsets in the text, 0: it has none */
	uint64_t at_withdrawn;
	const char *text;
	size_t n_text;
} manrs_update_line;

/*
 * Read one line, to its end: a fault anywhere, and nothing of it is taken.
 * in:      text[n]: the line, without its end; asn[cap], kind[cap]: where the hops go, of the caller; (n + 1) / 2 hops
 *          are always enough
 * out:     line: the peer is announcement.neighbour_asn (not said: 0, with MANRS_ANNOUNCE_ANY_NEIGHBOUR) and
 *          neighbour_address; MANRS_ANNOUNCE_INTERNAL where ExaBGP says that both sides are one AS; all 0 after an error
 * returns: 1: it tells something; 0: MANRS_UPDATE_NOTHING; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL (host bits),
 *          MANRS_ELIMIT (hops) with fault->at = offset
 * cost:    no allocation
 */
MANRS_API int manrs_update_line_parse(manrs_update_line *line, uint32_t *asn, uint8_t *kind,
				      size_t cap, const char *text, size_t n, manrs_fault *fault);

/*
 * List what a line announces. Of a next hop with a link-local address beside it (RFC 2545) only the global one comes out.
 * in:      cursor: all zero at the start
 * out:     out[cap]; path_ids[cap] (may be NULL): RFC 7911's, else 0
 * returns: how many were written; fewer than cap: the end
 * cost:    no allocation; in all one pass over the line, however small cap is
 */
MANRS_API size_t manrs_update_line_announced(const manrs_update_line *line, manrs_cursor *cursor,
					     manrs_announcement *out, uint32_t *path_ids,
					     size_t cap);
/* List what it withdraws. in, out, returns: as manrs_update_line_announced */
MANRS_API size_t manrs_update_line_withdrawn(const manrs_update_line *line, manrs_cursor *cursor,
					     manrs_prefix *out, uint32_t *path_ids, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
