/* SPDX-License-Identifier: BSD-2-Clause */
#include "bgp.h"

#include <stdlib.h>
#include <string.h>

static size_t two(const uint8_t *p)
{
	return (size_t)(p[0] * 256 + p[1]);
}

/* Bit by bit. returns: whether all could be read; *n is what was added to */
static bool prefixes(struct oracle_prefix *list, size_t *n, const uint8_t *p, size_t left,
		     int family, bool ids, bool mp)
{
	while (left) {
		struct oracle_prefix x = {.family = (uint8_t)family, .mp = mp};
		size_t bytes;

		if (ids) {
			if (left < 4)
				return false;
			for (int i = 0; i < 4; i++)
				x.id = x.id * 256 + p[i];
			p += 4;
			left -= 4;
		}
		if (!left)
			return false;
		x.len = *p++;
		left--;
		bytes = x.len / 8u + (x.len % 8 != 0);
		if (x.len > (family == 4 ? 32 : 128) || bytes > left)
			return false;
		for (unsigned i = 0; i < x.len; i++)
			if (p[i / 8] & 128 >> i % 8)
				x.addr[i / 8] |= (uint8_t)(128 >> i % 8);
		p += bytes;
		left -= bytes;
		list[(*n)++] = x;
	}
	return true;
}

/* An attribute's value. */
struct value {
	const uint8_t *p;
	size_t n;
	int seen;
};

/* The first of a type, and how many attributes there are. */
static struct value find(const uint8_t *p, size_t left, int type, int *attributes)
{
	struct value v = {NULL, 0, 0};

	*attributes = 0;
	while (left) {
		bool wide = left > 0 && p[0] & 0x10;
		size_t head = wide ? 4 : 3, n;

		++*attributes;
		if (left < head)
			break;
		n = wide ? two(p + 2) : p[2];
		if (n > left - head)
			break;
		if (p[1] == type && !v.seen++) {
			v.p = p + head;
			v.n = n;
		}
		p += head + n;
		left -= head + n;
	}
	return v;
}

static int family(const uint8_t *p)
{
	return p[0] == 0 && p[2] == 1 ? (p[1] == 1 ? 4 : p[1] == 2 ? 6 : 0) : 0;
}

static void judge(struct oracle_bgp *o, int action, int subcode)
{
	if (action > o->action) {
		o->action = action;
		o->subcode = subcode;
	}
}

void oracle_bgp_read(struct oracle_bgp *o, uint32_t flags, const uint8_t *body, size_t n,
		     int action, uint64_t has)
{
	const uint8_t *attributes, *nlri;
	size_t n_withdrawn, n_attributes, n_nlri, n_mp = 0, reach_prefixes = 0;
	struct value reach, unreach;
	bool ids[7] = {[4] = flags & MANRS_BGP_PATHS4, [6] = flags & MANRS_BGP_PATHS6};
	int count, mp_family = 0;

	memset(o, 0, offsetof(struct oracle_bgp, announced));
	n_withdrawn = two(body);
	if (n_withdrawn + 4 > n)
		return;
	attributes = body + 4 + n_withdrawn;
	n_attributes = two(attributes - 2);
	if (n_withdrawn + 4 + n_attributes > n)
		return;
	nlri = attributes + n_attributes;
	n_nlri = n - 4 - n_withdrawn - n_attributes;
	o->framed = true;
	o->action = action;
	reach = find(attributes, n_attributes, 14, &count);
	unreach = find(attributes, n_attributes, 15, &count);

	/* sections 3 i, 3 j, 5.3 */
	if (!prefixes(o->withdrawn, &o->n_withdrawn, body + 2, n_withdrawn, 4, ids[4], false))
		judge(o, MANRS_BGP_RESET, 10);
	if (unreach.n > 3 && family(unreach.p)) {
		mp_family = family(unreach.p);
		n_mp = unreach.n - 3;
		if (!prefixes(o->withdrawn, &o->n_withdrawn, unreach.p + 3, n_mp, mp_family,
			      ids[mp_family], true))
			judge(o, MANRS_BGP_DISABLE, 9);
	}
	if (!prefixes(o->announced, &o->n_announced, nlri, n_nlri, 4, ids[4], false))
		judge(o, MANRS_BGP_RESET, 10);
	if (reach.n >= 5 && reach.n >= 5u + reach.p[3]) {
		reach_prefixes = reach.n - 5 - reach.p[3];
		mp_family = family(reach.p);
		if (mp_family && !prefixes(o->announced, &o->n_announced, reach.p + 5 + reach.p[3],
					   reach_prefixes, mp_family, ids[mp_family], true))
			judge(o, MANRS_BGP_DISABLE, 9);
	}
	if (n_nlri || reach_prefixes) { /* section 3 d */
		if (!(has & 1 << 1) || !(has & 1 << 2) || (n_nlri && !(has & 1 << 3)))
			judge(o, MANRS_BGP_WITHDRAW, 0);
	} else if (o->action > MANRS_BGP_DISCARD && !(count == 1 && unreach.seen)) {
		judge(o, MANRS_BGP_RESET, 1); /* section 5.2 */
	}
	if (o->action == MANRS_BGP_KEEP && n == 4) /* RFC 4724 section 2 */
		o->end_of_rib = 4;
	if (o->action == MANRS_BGP_KEEP && n_withdrawn + n_nlri == 0 && count == 1 &&
	    unreach.n == 3)
		o->end_of_rib = family(unreach.p);
	if (o->action > MANRS_BGP_DISCARD) {
		if (o->action == MANRS_BGP_WITHDRAW) {
			memcpy(o->withdrawn + o->n_withdrawn, o->announced,
			       o->n_announced * sizeof *o->announced);
			o->n_withdrawn += o->n_announced;
		} else {
			o->n_withdrawn = 0;
		}
		o->n_announced = 0;
	}
}

/* ---- the comparison ---- */

static bool same(const struct oracle_prefix *x, const manrs_prefix *p, uint32_t id)
{
	return x->id == id && x->family == p->family && x->len == p->len && p->maxlen == p->len &&
	       !p->zero && !memcmp(x->addr, p->addr, 16);
}

static bool announced_differ(const struct oracle_bgp *o, const manrs_bgp_update *u, size_t cap)
{
	manrs_announcement *out = malloc(cap * sizeof *out);
	uint32_t *ids = malloc(cap * sizeof *ids);
	manrs_cursor cursor = {{0}};
	size_t at = 0, got;
	bool differ = !out || !ids;

	do {
		got = differ ? 0 : manrs_bgp_announced(u, &cursor, out, ids, cap);
		for (size_t i = 0; i < got && !differ; i++, at++)
			differ = at >= o->n_announced ||
				 !same(&o->announced[at], &out[i].prefix, ids[i]) ||
				 memcmp(&out[i].next_hop,
					o->announced[at].mp ? &u->attrs->next_hop
							    : &u->attrs->next_hop4,
					sizeof out[i].next_hop) ||
				 out[i].path.asn != u->attrs->path.asn ||
				 out[i].path.n != u->attrs->path.n;
	} while (got == cap && !differ);
	free(out);
	free(ids);
	return differ || at != o->n_announced;
}

static bool withdrawn_differ(const struct oracle_bgp *o, const manrs_bgp_update *u, size_t cap)
{
	manrs_prefix *out = malloc(cap * sizeof *out);
	uint32_t *ids = malloc(cap * sizeof *ids);
	manrs_cursor cursor = {{0}};
	size_t at = 0, got;
	bool differ = !out || !ids;

	do {
		got = differ ? 0 : manrs_bgp_withdrawn(u, &cursor, out, ids, cap);
		for (size_t i = 0; i < got && !differ; i++, at++)
			differ = at >= o->n_withdrawn || !same(&o->withdrawn[at], &out[i], ids[i]);
	} while (got == cap && !differ);
	free(out);
	free(ids);
	return differ || at != o->n_withdrawn;
}

static const char *update_differs(struct oracle_bgp *o, manrs_bgp_store *store,
				  const manrs_bgp_session *session, const manrs_bgp_message *m,
				  size_t cap)
{
	const manrs_bgp_attrs *attrs = NULL;
	manrs_bgp_update u;
	int rc = manrs_bgp_update_decode(&u, store, session, m);

	if (rc == MANRS_ELIMIT) {
		manrs_bgp_store_clear(store);
		rc = manrs_bgp_update_decode(&u, store, session, m);
	}
	if (rc != MANRS_OK)
		return "it was not read";
	attrs = u.attrs;
	oracle_bgp_read(o, u.session.flags, m->body, m->n_body,
			attrs ? (int)attrs->action : MANRS_BGP_KEEP,
			attrs ? attrs->has | attrs->more->discarded : 0);
	if (!o->framed)
		return "lengths that overrun it were taken";
	if ((int)u.action != o->action)
		return "action";
	if (o->action > (attrs ? (int)attrs->action : MANRS_BGP_KEEP) &&
	    (u.notify_subcode != o->subcode || u.notify_code != (o->subcode ? 3 : 0)))
		return "code of the NOTIFICATION";
	if ((int)u.end_of_rib != o->end_of_rib)
		return "End-of-RIB";
	if ((u.action > MANRS_BGP_KEEP) != (u.fault.what != NULL) || u.fault.at > m->n_body)
		return "fault";
	if (announced_differ(o, &u, cap))
		return "announced";
	return withdrawn_differ(o, &u, cap) ? "withdrawn" : NULL;
}

static size_t least(unsigned type)
{
	return type == 1 ? 29 : type == 3 ? 21 : type == 4 ? 19 : 23;
}

/* Whether the header is one, by RFC 4271 section 6.1 and RFC 8654; *length is what it says. */
static bool headed(const uint8_t *in, uint32_t flags, size_t *length)
{
	size_t most = flags & MANRS_BGP_EXTENDED ? 65535 : 4096;
	unsigned type = in[18];

	*length = two(in + 16);
	for (int i = 0; i < 16; i++)
		if (in[i] != 255)
			return false;
	if (type == 1)
		most = 4096;
	if (type == 4)
		most = 19;
	return type >= 1 && type <= 5 && *length >= least(type) && *length <= most;
}

const char *oracle_bgp_differ(struct oracle_bgp *o, manrs_bgp_store *store,
			      const manrs_bgp_session *session, const uint8_t *in, size_t n,
			      size_t cap, int *used)
{
	manrs_fault fault = {0};
	manrs_bgp_message m;
	size_t need = 0, length = 0;
	bool good = n >= 19 && headed(in, session->flags, &length);

	*used = manrs_bgp_decode(&m, session, in, n, &need, &fault);
	if (n < 19)
		return *used == 0 && need == 19 ? NULL : "less than a header";
	if (good && n < length)
		return *used == 0 && need == length ? NULL : "less than the message";
	if (good && m.type == MANRS_BGP_UPDATE)
		oracle_bgp_read(o, session->flags, in + 19, length - 19, MANRS_BGP_KEEP, 0);
	if (!good || (m.type == MANRS_BGP_UPDATE && !o->framed))
		return *used < 0 && m.notify_code && m.notify_subcode && fault.what && fault.at <= n
			       ? NULL
			       : "a bad message was taken";
	if (*used != (int)length || m.n != length || m.n_body != length - 19 || m.notify_code)
		return "a good message was refused";
	return m.type == MANRS_BGP_UPDATE ? update_differs(o, store, session, &m, cap) : NULL;
}
