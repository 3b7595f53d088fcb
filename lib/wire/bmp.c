/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BMP messages: their frame, and a function for each type.
 *
 *     type  per-peer  body
 *     0     yes       an UPDATE                                                   Route Monitoring      RFC 7854 section 4.6
 *     1     yes       count(4) TLVs                                               Statistics            4.8
 *     2     yes       reason(1), then a NOTIFICATION, an event(2), TLVs or none   Peer Down             4.9
 *     3     yes       address(16) ports(2, 2) sent OPEN, received OPEN, TLVs      Peer Up               4.10
 *     4     no        TLVs                                                        Initiation            4.3
 *     5     no        TLVs                                                        Termination           4.5
 *     6     yes       TLVs                                                        Route Mirroring       4.7
 *
 * What a message means to the routes of a peer stands even where a part of it cannot be read: a Peer Down whose NOTIFICATION
 * is garbage is a Peer Down, with a fault.
 *
 * source: RFC 7854 section 4; RFC 8671; RFC 9069
 */

#include "wire/bmp_reader.h"

#include "base/grow.h"
#include <assert.h>
#include <limits.h>

#define VERSION 3

/* TLVs: of Initiation and Termination, of Peer Up, of Route Mirroring. */
#define INFO_DESCRIPTION   1
#define INFO_NAME          2
#define TERMINATION_REASON 1
#define PEER_UP_TABLE      3
#define MIRROR_MESSAGE     0
#define MIRROR_INFORMATION 1
#define MIRROR_LOST        1

/* Peer Down. */
#define DOWN_LOCAL_NOTIFIED  1
#define DOWN_LOCAL           2
#define DOWN_REMOTE_NOTIFIED 3
#define DOWN_LOCAL_TLVS      6

/* A message as it is read. */
struct reading {
	manrs_bmp *bmp;
	manrs_bmp_event *event;
	struct bytes in;
	struct bmp_head head;
	uint32_t peer; /* BMP_NONE: not in the table */
};

static void set_fault(struct reading *r, int code, size_t at, const char *what)
{
	fault_set(&r->event->fault, code, r->event->at + at, what);
}

/* Something of the message is passed over; the first is told. */
static void passed_over(struct reading *r, size_t at, const char *what)
{
	if (!r->event->fault.code)
		set_fault(r, MANRS_ESYNTAX, at, what);
}

static int bad(struct reading *r, int code, size_t at, const char *what)
{
	manrs_bmp_event *e = r->event;

	*e = (manrs_bmp_event){.at = e->at,
			       .kind = MANRS_BMP_BAD,
			       .type = e->type,
			       .n = e->n,
			       .view = e->view,
			       .peer = e->peer,
			       .time_s = e->time_s,
			       .time_us = e->time_us};
	set_fault(r, code, at, what);
	return MANRS_OK;
}

/* ---- parts of a message ---- */

/* The rest are TLVs. */
static void rest_is_tlvs(struct reading *r)
{
	struct bytes in = r->in;
	manrs_bmp_tlv tlv;

	r->event->tlvs = in.from + in.at;
	r->event->n_tlvs = bytes_left(&in);
	while (bmp_tlv_next(&in, &tlv))
		;
	if (in.bad)
		passed_over(r, bytes_at(&in), "a TLV runs past the end of its message");
}

static void rest_is_none(struct reading *r)
{
	if (bytes_left(&r->in))
		passed_over(r, bytes_at(&r->in), "bytes behind the end of a message");
}

/* The first TLV of a type. */
static bool find_tlv(const struct reading *r, uint32_t type, manrs_bmp_tlv *tlv)
{
	struct bytes in = bytes_of(r->event->tlvs, r->event->n_tlvs);

	while (bmp_tlv_next(&in, tlv))
		if (tlv->type == type)
			return true;
	return false;
}

static void read_text(const struct reading *r, uint32_t type, char *out, size_t cap)
{
	manrs_bmp_tlv tlv;
	bool is_there = find_tlv(r, type, &tlv);

	bmp_name(out, cap, tlv.bytes, is_there ? tlv.n : 0);
}

/* The BGP message that stands next, taken from r->in. returns: false: none, with *fault */
static bool take_message(struct reading *r, manrs_bgp_message *message,
			 const manrs_bgp_session *session, manrs_fault *fault)
{
	size_t at = bytes_at(&r->in), need;
	int used = manrs_bgp_decode(message, session, r->in.from + at, bytes_left(&r->in), &need,
				    fault);

	if (used == 0)
		fault_set(fault, MANRS_ESYNTAX, bytes_left(&r->in),
			  "a BGP message runs past the end of the BMP message");
	fault->at += at;
	return used > 0 && bytes_skip(&r->in, (size_t)used);
}

/* The UPDATE in r->event->message, its attributes through the store. */
static int read_update(struct reading *r, const manrs_bgp_session *session)
{
	manrs_bmp_event *e = r->event;
	manrs_bgp_store *store = r->bmp->store;
	int rc = manrs_bgp_update_decode(&e->update, store, session, &e->message);

	if (rc == MANRS_ELIMIT) {
		manrs_bgp_store_clear(store);
		rc = manrs_bgp_update_decode(&e->update, store, session, &e->message);
	}
	if (rc == MANRS_ELIMIT)
		return bad(r, rc, bytes_at(&r->in), "attributes that are larger than their store");
	return rc;
}

/* ---- the types ---- */

static int read_routes(struct reading *r)
{
	manrs_bmp_event *e = r->event;
	manrs_bgp_session session =
		bmp_session(bmp_peer_at(&r->bmp->peers, r->peer), &r->head, false);
	size_t at = bytes_at(&r->in);
	manrs_fault fault;
	int rc;

	if (!take_message(r, &e->message, &session, &fault))
		return bad(r, fault.code, (size_t)fault.at, fault.what);
	if (e->message.type != MANRS_BGP_UPDATE)
		return bad(r, MANRS_ESYNTAX, at, "Route Monitoring without an UPDATE");
	rest_is_none(r);
	e->tlvs = r->in.from + r->in.at;
	e->n_tlvs = bytes_left(&r->in);
	rc = read_update(r, &session);
	if (rc == MANRS_OK && e->update.end_of_rib)
		e->kind = MANRS_BMP_END_OF_RIB;
	return rc;
}

static int read_stats(struct reading *r)
{
	bytes_get32(&r->in); /* how many: the TLVs tell */
	if (r->in.bad)
		return bad(r, MANRS_ESYNTAX, bytes_at(&r->in), "statistics without their count");
	rest_is_tlvs(r);
	return MANRS_OK;
}

static void read_notification(struct reading *r)
{
	manrs_bgp_session any = {.flags = MANRS_BGP_EXTENDED};
	manrs_fault fault;

	if (!take_message(r, &r->event->message, &any, &fault)) {
		r->event->message = (manrs_bgp_message){0};
		passed_over(r, (size_t)fault.at, fault.what);
		return;
	}
	if (r->event->message.type != MANRS_BGP_NOTIFICATION)
		passed_over(r, bytes_at(&r->in), "a BGP message that is no NOTIFICATION");
	rest_is_none(r);
}

static int read_down(struct reading *r)
{
	manrs_bmp_event *e = r->event;

	e->reason = bytes_get8(&r->in);
	switch (e->reason) {
	case DOWN_LOCAL_NOTIFIED:
	case DOWN_REMOTE_NOTIFIED:
		read_notification(r);
		break;
	case DOWN_LOCAL:
		e->fsm_event = bytes_get16(&r->in);
		if (r->in.bad)
			passed_over(r, bytes_at(&r->in), "Peer Down without its event");
		rest_is_none(r);
		break;
	case DOWN_LOCAL_TLVS:
		rest_is_tlvs(r);
		break;
	default:
		if (r->in.bad)
			passed_over(r, bytes_at(&r->in), "Peer Down without a reason");
		rest_is_none(r);
	}
	if (r->peer != BMP_NONE)
		bmp_peer_down(bmp_peer_at(&r->bmp->peers, r->peer));
	return MANRS_OK;
}

/* An OPEN that cannot be read to its end is told, and what it said before counts: the session is up whatever we think. */
static bool read_open(struct reading *r, manrs_bgp_message *message, manrs_bgp_open *open,
		      manrs_fault *fault)
{
	manrs_bgp_session any = {.flags = MANRS_BGP_EXTENDED};
	size_t at = bytes_at(&r->in);

	if (!take_message(r, message, &any, fault))
		return false;
	if (message->type != MANRS_BGP_OPEN) {
		fault_set(fault, MANRS_ESYNTAX, at, "Peer Up without its OPENs");
		return false;
	}
	if (manrs_bgp_open_decode(open, message, fault) != MANRS_OK)
		passed_over(r, at + (message->n - message->n_body) + (size_t)fault->at,
			    fault->what);
	return true;
}

static int read_up(struct reading *r)
{
	manrs_bmp_event *e = r->event;
	manrs_bgp_open sent, received;
	manrs_prefix local = {0};
	uint8_t address[16];
	manrs_fault fault;
	struct bmp_peer *peer;

	bytes_copy(&r->in, address, sizeof address);
	bytes_skip(&r->in, 4); /* ports */
	if (r->in.bad)
		return bad(r, MANRS_ESYNTAX, bytes_at(&r->in), "a Peer Up that is cut");
	if (!read_open(r, &e->sent, &sent, &fault) ||
	    !read_open(r, &e->received, &received, &fault))
		return bad(r, fault.code, (size_t)fault.at, fault.what);
	rest_is_tlvs(r);
	if (r->head.address.family)
		bmp_address(&local, r->head.address.family, address);
	if (r->peer == BMP_NONE)
		r->peer = bmp_peer_add(&r->bmp->peers, &r->head);
	peer = bmp_peer_at(&r->bmp->peers, r->peer);
	bmp_peer_up(peer, &r->head, &local, &sent, &received);
	read_text(r, PEER_UP_TABLE, peer->is.name, sizeof peer->is.name);
	return MANRS_OK;
}

static int read_initiation(struct reading *r)
{
	manrs_bmp *bmp = r->bmp;

	rest_is_tlvs(r);
	read_text(r, INFO_DESCRIPTION, bmp->description, sizeof bmp->description);
	read_text(r, INFO_NAME, bmp->name, sizeof bmp->name);
	return MANRS_OK;
}

static int read_termination(struct reading *r)
{
	manrs_bmp_tlv tlv;

	rest_is_tlvs(r);
	if (find_tlv(r, TERMINATION_REASON, &tlv) && tlv.n == 2)
		r->event->reason = get16(tlv.bytes);
	return MANRS_OK;
}

/* A message that BGP itself would answer with a NOTIFICATION. */
static void mirror_malformed(struct reading *r, const manrs_bmp_tlv *tlv, const manrs_fault *fault)
{
	manrs_bgp_message *m = &r->event->message;

	*m = (manrs_bgp_message){.type = tlv->n > 18 ? tlv->bytes[18] : 0,
				 .n = tlv->n,
				 .body = tlv->bytes,
				 .n_body = tlv->n,
				 .notify_code = m->notify_code,
				 .notify_subcode = m->notify_subcode};
	if (m->type == MANRS_BGP_UPDATE)
		r->event->update = (manrs_bgp_update){.message = *m,
						      .action = MANRS_BGP_RESET,
						      .notify_code = m->notify_code,
						      .notify_subcode = m->notify_subcode,
						      .fault = *fault};
}

static int read_mirrored(struct reading *r, const manrs_bmp_tlv *tlv)
{
	manrs_bmp_event *e = r->event;
	manrs_bgp_session session =
		bmp_session(bmp_peer_at(&r->bmp->peers, r->peer), &r->head, true);
	struct reading part = *r;
	manrs_fault fault = {0};

	part.in = bytes_of(tlv->bytes, tlv->n);
	if (!take_message(&part, &e->message, &session, &fault)) {
		mirror_malformed(r, tlv, &fault);
		return MANRS_OK;
	}
	if (e->message.type != MANRS_BGP_UPDATE)
		return MANRS_OK;
	return read_update(r, &session);
}

static int read_mirror(struct reading *r)
{
	struct bytes in;
	manrs_bmp_tlv tlv, message;
	bool is_there = false;

	rest_is_tlvs(r);
	in = bytes_of(r->event->tlvs, r->event->n_tlvs);
	while (bmp_tlv_next(&in, &tlv)) {
		if (tlv.type == MIRROR_MESSAGE && !is_there) {
			message = tlv;
			is_there = true;
		}
		if (tlv.type == MIRROR_INFORMATION && tlv.n == 2 && get16(tlv.bytes) == MIRROR_LOST)
			r->event->lost = 1;
	}
	return is_there ? read_mirrored(r, &message) : MANRS_OK;
}

static const struct {
	int (*read)(struct reading *r);
	uint8_t kind;
	bool has_head;
} types[] = {
	{read_routes, MANRS_BMP_ROUTES, true},
	{read_stats, MANRS_BMP_STATS, true},
	{read_down, MANRS_BMP_PEER_DOWN, true},
	{read_up, MANRS_BMP_PEER_UP, true},
	{read_initiation, MANRS_BMP_INITIATION, false},
	{read_termination, MANRS_BMP_TERMINATION, false},
	{read_mirror, MANRS_BMP_MIRROR, true},
};

/* ---- a message ---- */

/* A message of a peer: he gets his place in the table, if there is room, before anything changes. */
static int read_of_peer(struct reading *r)
{
	manrs_bmp *bmp = r->bmp;
	manrs_bmp_event *e = r->event;
	const struct bmp_peer *peer;
	int rc;

	if (!bmp_head_read(&r->head, &r->in))
		return bad(r, MANRS_ESYNTAX, bytes_at(&r->in), "a per-peer header that is cut");
	r->peer = e->peer = bmp_peer_find(&bmp->peers, &r->head);
	peer = bmp_peer_at(&bmp->peers, r->peer);
	e->view = r->head.view;
	e->time_s = r->head.time_s;
	e->time_us = r->head.time_us;
	if (!(peer && peer->is.up) && e->kind != MANRS_BMP_PEER_UP)
		e->view |= MANRS_BMP_UNKNOWN_PEER;
	rc = peer ? MANRS_OK : bmp_peer_reserve(&bmp->mem, &bmp->peers);
	if (rc == MANRS_OK)
		rc = types[e->type].read(r);
	if (rc != MANRS_OK || e->kind == MANRS_BMP_BAD)
		return rc;
	if (r->peer == BMP_NONE)
		r->peer = bmp_peer_add(&bmp->peers, &r->head);
	e->peer = r->peer;
	return MANRS_OK;
}

static int read_message(struct reading *r)
{
	size_t type = r->event->type;

	if (type >= sizeof types / sizeof *types) {
		r->event->kind = MANRS_BMP_OTHER;
		return MANRS_OK;
	}
	r->event->kind = types[type].kind;
	return types[type].has_head ? read_of_peer(r) : types[type].read(r);
}

/* returns: 0, and how many bytes are wanted; where no more come, the error */
static int cut(const manrs_bmp *bmp, size_t n, size_t want, size_t *need, manrs_fault *fault)
{
	if (!need)
		return n ? fault_set(fault, MANRS_ESYNTAX, bmp->at + n, "the message is cut short")
			 : 0;
	*need = want;
	return 0;
}

/* The length of the message at the front. returns: 1; 0: not all there; < 0: no message begins here */
static int frame(const manrs_bmp *bmp, uint32_t *length, const uint8_t *bytes, size_t n,
		 size_t *need, manrs_fault *fault)
{
	if (n > 0 && bytes[0] != VERSION)
		return fault_set(fault, MANRS_EUNSUP, bmp->at, "a version of BMP other than 3");
	if (n < BMP_HEADER)
		return cut(bmp, n, BMP_HEADER, need, fault);
	*length = get32(bytes + 1);
	if (*length < BMP_HEADER)
		return fault_set(fault, MANRS_ESYNTAX, bmp->at + 1,
				 "a length below that of BMP's header");
	if (*length > bmp->max_message)
		return fault_set(fault, MANRS_ELIMIT, bmp->at + 1,
				 "a message that is longer than allowed");
	return n < *length ? cut(bmp, n, *length, need, fault) : 1;
}

int manrs_bmp_decode(manrs_bmp *bmp, const manrs_bmp_event **event, const void *bytes, size_t n,
		     size_t *need, manrs_fault *fault)
{
	struct reading r = {.bmp = bmp, .event = &bmp->event, .peer = BMP_NONE};
	uint32_t length = 0;
	int rc;

	bmp->event = (manrs_bmp_event){.at = bmp->at, .peer = BMP_NONE};
	bmp->announced = bmp->withdrawn = (manrs_cursor){0};
	rc = frame(bmp, &length, bytes, n, need, fault);
	if (rc <= 0)
		return rc;
	r.in = bytes_of(bytes, length);
	bytes_skip(&r.in, BMP_HEADER);
	bmp->event.n = length;
	bmp->event.type = ((const uint8_t *)bytes)[BMP_HEADER - 1];
	rc = read_message(&r);
	if (rc != MANRS_OK) {
		bmp->event = (manrs_bmp_event){.at = bmp->at, .peer = BMP_NONE};
		return fault_set(fault, rc, bmp->at,
				 rc == MANRS_ELIMIT ? "more peers than allowed" : "out of memory");
	}
	bmp->at += length;
	*event = &bmp->event;
	return (int)length;
}

/* ---- routes ---- */

/* In Adj-RIB-Out the neighbour is who gets them. */
size_t manrs_bmp_announced(manrs_bmp *bmp, manrs_announcement *out, uint32_t *path_ids, size_t cap)
{
	const manrs_bmp_event *e = &bmp->event;
	size_t n = 0;

	if (e->update.action != MANRS_BGP_NONE)
		n = manrs_bgp_announced(&e->update, &bmp->announced, out, path_ids, cap);
	if (e->view & MANRS_BMP_OUT)
		for (size_t i = 0; i < n; i++)
			out[i].flags |= MANRS_ANNOUNCE_EGRESS;
	return n;
}

size_t manrs_bmp_withdrawn(manrs_bmp *bmp, manrs_prefix *out, uint32_t *path_ids, size_t cap)
{
	const manrs_bmp_event *e = &bmp->event;

	if (e->update.action == MANRS_BGP_NONE)
		return 0;
	return manrs_bgp_withdrawn(&e->update, &bmp->withdrawn, out, path_ids, cap);
}

/* ---- beginning and end ---- */

int manrs_bmp_config_init(manrs_bmp_config *config, size_t size)
{
	static const manrs_bmp_config defaults = {
		.max_peers = 20000,
		.max_message = 1u << 20,
		.max_store = 64u << 20,
	};

	return grow_init(config, size, GROW_LEAST(manrs_bmp_config, hash_seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static int store_new(manrs_bmp *bmp, const manrs_bmp_config *config)
{
	manrs_bgp_store_config c;

	if (manrs_bgp_store_config_init(&c, sizeof c) != MANRS_OK)
		return MANRS_EINVAL;
	c.alloc = config->alloc;
	c.max_bytes = config->max_store;
	c.hash_seed[0] = config->hash_seed[0];
	c.hash_seed[1] = config->hash_seed[1];
	return manrs_bgp_store_new(&bmp->store, &c);
}

int manrs_bmp_new(manrs_bmp **bmp, const manrs_bmp_config *config)
{
	manrs_bmp_config c;
	manrs_alloc mem;
	manrs_bmp *b;
	int rc;

	if (!config)
		manrs_bmp_config_init(&c, sizeof c);
	else if (!grow_take(&c, sizeof c, GROW_LEAST(manrs_bmp_config, hash_seed), config))
		return MANRS_EINVAL;
	if (!c.max_peers || c.max_peers > SLOTS_MOST || c.max_message < BMP_HEADER ||
	    c.max_message > INT_MAX)
		return MANRS_EINVAL;
	mem = mem_of(c.alloc);
	b = mem_zalloc(&mem, sizeof *b);
	if (!b)
		return MANRS_ENOMEM;
	b->mem = mem;
	b->max_message = c.max_message;
	b->peers.max = c.max_peers;
	slots_seed(&b->peers.index, c.hash_seed);
	rc = store_new(b, &c);
	if (rc != MANRS_OK) {
		mem_free(&mem, b, sizeof *b);
		return rc;
	}
	b->event.peer = BMP_NONE;
	*bmp = b;
	return MANRS_OK;
}

void manrs_bmp_free(manrs_bmp *bmp)
{
	manrs_alloc mem;

	if (!bmp)
		return;
	mem = bmp->mem;
	bmp_peers_free(&mem, &bmp->peers);
	manrs_bgp_store_free(bmp->store);
	mem_free(&mem, bmp, sizeof *bmp);
}

void manrs_bmp_clear(manrs_bmp *bmp)
{
	bmp_peers_clear(&bmp->peers);
	manrs_bgp_store_clear(bmp->store);
	bmp->at = 0;
	bmp->event = (manrs_bmp_event){.peer = BMP_NONE};
	bmp->announced = bmp->withdrawn = (manrs_cursor){0};
	bmp->description[0] = bmp->name[0] = '\0';
}

const manrs_bgp_store *manrs_bmp_store(const manrs_bmp *bmp)
{
	return bmp->store;
}

const char *manrs_bmp_system(const manrs_bmp *bmp, int type)
{
	return type == INFO_NAME ? bmp->name : type == INFO_DESCRIPTION ? bmp->description : "";
}
