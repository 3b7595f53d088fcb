/* SPDX-License-Identifier: BSD-2-Clause */
/* The stupid twin of the database: written from RFC 6811 and RFC 8416 with nothing of the library but the records. */

#include "db_oracle.h"

#include <stdlib.h>
#include <string.h>

bool db_oracle_route_eq(const manrs_route *a, const manrs_route *b)
{
	return a->prefix.family == b->prefix.family && a->prefix.len == b->prefix.len &&
	       a->prefix.maxlen == b->prefix.maxlen && a->asn == b->asn &&
	       !memcmp(a->prefix.addr, b->prefix.addr, 16);
}

/* Whether the first len bits agree, one bit at a time. */
static bool bits_agree(const uint8_t *a, const uint8_t *b, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool covers(const manrs_prefix *a, const manrs_prefix *b)
{
	return a->family == b->family && a->len <= b->len && bits_agree(a->addr, b->addr, a->len);
}

static bool sound(const manrs_prefix *p, bool vrp)
{
	unsigned bits = p->family == 4 ? 32 : p->family == 6 ? 128 : 0;

	if (!bits || p->len > bits || p->zero || (vrp && (p->maxlen < p->len || p->maxlen > bits)))
		return false;
	for (unsigned i = p->len; i < 128; i++)
		if (p->addr[i / 8] >> (7 - i % 8) & 1)
			return false;
	return true;
}

static struct db_oracle_rec *find(struct db_oracle *o, int kind, const manrs_route *r)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->rec[i].kind == kind && db_oracle_route_eq(&o->rec[i].route, r))
			return &o->rec[i];
	return NULL;
}

void db_oracle_edit(struct db_oracle *o, int kind, uint32_t source, int op,
		    const manrs_route *routes, size_t n, manrs_counts *counts)
{
	uint64_t bit = UINT64_C(1) << source;

	*counts = (manrs_counts){0};
	for (size_t i = 0; i < n; i++) {
		manrs_route r = routes[i];
		struct db_oracle_rec *rec;

		if (kind == 1)
			r.prefix.maxlen = r.prefix.len;
		if (!sound(&r.prefix, true)) {
			counts->refused++;
			continue;
		}
		rec = find(o, kind, &r);
		if (op == MANRS_REMOVE && rec && (rec->sources & bit)) {
			rec->sources &= ~bit;
			counts->removed++;
		} else if (op == MANRS_REMOVE) {
			counts->unknown++;
		} else if (rec && (rec->sources & bit)) {
			counts->present++;
		} else {
			counts->added++;
			if (!rec && o->n == o->cap)
				o->rec = realloc(o->rec,
						 (o->cap = o->cap * 2 + 64) * sizeof *o->rec);
			if (!rec) {
				rec = &o->rec[o->n++];
				*rec = (struct db_oracle_rec){kind, r, 0};
			}
			rec->sources |= bit;
		}
	}
}

size_t db_oracle_drop(struct db_oracle *o, uint32_t source)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		n += o->rec[i].sources >> source & 1;
		o->rec[i].sources &= ~(UINT64_C(1) << source);
	}
	return n;
}

static bool filtered(const manrs_slurm *s, const manrs_route *r)
{
	for (size_t i = 0; s && i < s->n_prefix_filters; i++) {
		const manrs_slurm_filter *f = &s->prefix_filters[i];

		if ((!f->prefix.family || covers(&f->prefix, &r->prefix)) &&
		    (!f->has_asn || f->asn == r->asn))
			return true;
	}
	return false;
}

static int order(const void *va, const void *vb)
{
	const manrs_route *a = va, *b = vb;
	int d;

	if (a->prefix.family != b->prefix.family)
		return a->prefix.family < b->prefix.family ? -1 : 1;
	d = memcmp(a->prefix.addr, b->prefix.addr, 16);
	if (d)
		return d;
	if (a->prefix.len != b->prefix.len)
		return a->prefix.len < b->prefix.len ? -1 : 1;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

manrs_route *db_oracle_list(const struct db_oracle *o, int kind, size_t *n)
{
	size_t extra = o->slurm && kind == 0 ? o->slurm->n_vrps : 0, m = 0;
	manrs_route *out = calloc(o->n + extra + 1, sizeof *out);

	*n = 0;
	for (size_t i = 0; i < o->n; i++)
		if (o->rec[i].kind == kind && (o->rec[i].sources & ~o->unused) &&
		    (kind || !filtered(o->slurm, &o->rec[i].route)))
			out[m++] = o->rec[i].route;
	for (size_t i = 0; i < extra; i++)
		out[m++] = o->slurm->vrps[i];
	qsort(out, m, sizeof *out, order);
	for (size_t i = 0; i < m; i++)
		if (*n == 0 || !db_oracle_route_eq(&out[*n - 1], &out[i]))
			out[(*n)++] = out[i];
	return out;
}

int db_oracle_rov(const manrs_route *vrps, size_t n, const manrs_route *route)
{
	bool covered = false;

	if (!sound(&route->prefix, false))
		return MANRS_ROV_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		if (!covers(&vrps[i].prefix, &route->prefix))
			continue;
		covered = true;
		if (vrps[i].asn == route->asn && vrps[i].asn != 0 &&
		    route->prefix.len <= vrps[i].prefix.maxlen)
			return MANRS_ROV_VALID;
	}
	return covered ? MANRS_ROV_INVALID : MANRS_ROV_NOT_FOUND;
}

struct db_oracle db_oracle_copy(const struct db_oracle *o)
{
	struct db_oracle c = *o;

	c.cap = o->n + 1;
	c.rec = calloc(c.cap, sizeof *c.rec);
	if (o->n)
		memcpy(c.rec, o->rec, o->n * sizeof *c.rec);
	return c;
}
