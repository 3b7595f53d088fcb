/* SPDX-License-Identifier: BSD-2-Clause */
/* attrs.h. Indices and lengths in ints, no view, no table: as one who does not know the library would write it. */

#include "attrs.h"

#include <string.h>

struct item {
	int at, flags, type, n;
	const uint8_t *v;
};

static uint32_t big(const uint8_t *p, int n)
{
	uint32_t x = 0;

	while (n-- > 0)
		x = x * 256 + *p++;
	return x;
}

static void fault(struct oracle_attrs *o, int action, int at, int type)
{
	if (action > o->action || (action == o->action && (uint64_t)at < o->fault_at)) {
		o->action = action;
		o->fault_at = (uint64_t)at;
		o->fault_type = type;
	}
}

static uint64_t bit(int type)
{
	return type >= 1 && type <= 63 ? (uint64_t)1 << type : 0;
}

static void leave_out(struct oracle_attrs *o, const struct item *a)
{
	o->discarded |= bit(a->type);
	fault(o, MANRS_BGP_DISCARD, a->at, a->type);
}

static void out_of(struct oracle_attrs *o, int type)
{
	o->has &= ~bit(type);
	o->discarded |= bit(type);
}

/* The hops of a path into place w; -1: malformed. *confed: it has such a segment. */
static int hops(struct oracle_attrs *o, int w, const struct item *a, int octets, bool *confed)
{
	int n = 0, i = 0, last = 0;

	*confed = false;
	while (i < a->n) {
		int type, count;

		if (i + 2 > a->n)
			return -1;
		type = a->v[i];
		count = a->v[i + 1];
		i += 2;
		if (type < 1 || type > 4 || count == 0 || i + count * octets > a->n)
			return -1;
		if (type > 2)
			*confed = true;
		for (int k = 0; k < count; k++, i += octets, n++) {
			if (n >= ORACLE_HOPS)
				continue;
			o->asn[w][n] = big(a->v + i, octets);
			o->kind[w][n] = (uint8_t)type;
			if (k == 0 && !(type == 2 && last == 2))
				o->kind[w][n] |= 0x80;
		}
		last = type;
	}
	if (n > ORACLE_HOPS / 4)
		o->long_path = true;
	return o->long_path ? 0 : n;
}

static manrs_path path_in(const struct oracle_attrs *o, int w, int n)
{
	manrs_path p = {o->asn[w], NULL, (uint32_t)n, 0};

	for (int i = 0; i < n; i++)
		if ((o->kind[w][i] & 7) != 2)
			p.kind = o->kind[w];
	return p;
}

static bool length_fits(const struct item *a)
{
	switch (a->type) {
	case 1:
		return a->n == 1;
	case 3:
	case 4:
	case 5:
	case 9:
	case 35:
		return a->n == 4;
	case 6:
		return a->n == 0;
	case 7:
		return a->n == 6 || a->n == 8;
	case 8:
	case 10:
		return a->n >= 4 && a->n % 4 == 0;
	case 16:
		return a->n >= 8 && a->n % 8 == 0;
	case 17:
		return a->n >= 6 && a->n % 2 == 0;
	case 18:
		return a->n == 8;
	case 25:
		return a->n >= 20 && a->n % 20 == 0;
	case 32:
		return a->n >= 12 && a->n % 12 == 0;
	}
	return true;
}

/* Type, and the bits it must have: 1 well-known, 2 optional, 3 optional transitive; 0: not known. */
static int kind_of(int type)
{
	switch (type) {
	case 1:
	case 2:
	case 3:
	case 5:
	case 6:
		return 1;
	case 4:
	case 9:
	case 10:
	case 14:
	case 15:
		return 2;
	case 7:
	case 8:
	case 16:
	case 17:
	case 18:
	case 25:
	case 32:
	case 35:
		return 3;
	}
	return 0;
}

static int on_error(int type)
{
	return type == 6 || type == 7 || type == 17 || type == 18 ? MANRS_BGP_DISCARD
								  : MANRS_BGP_WITHDRAW;
}

/* The action an MP_REACH makes; KEEP: it is good. */
static int mp_reach(struct oracle_attrs *o, uint32_t flags, const struct item *a)
{
	bool dump = flags & MANRS_BGP_DUMP;
	int n, family, bad = a->n < 3 ? MANRS_BGP_RESET : MANRS_BGP_DISABLE;

	if (dump && a->n > 0 && a->v[0] != 0) {
		n = a->v[0];
		if (a->n != 1 + n || (n != 4 && n != 16 && n != 32))
			return bad;
		o->notes |= MANRS_BGP_NOTE_SHORT_MP;
		o->reach_family = n == 4 ? 4 : 6;
		return MANRS_BGP_KEEP;
	}
	if (a->n < 4)
		return bad;
	n = a->v[3];
	if (a->n < 4 + n || (a->n == 4 + n && !dump))
		return bad;
	family = a->v[0] != 0 || a->v[2] != 1 ? 0 : a->v[1] == 1 ? 4 : a->v[1] == 2 ? 6 : 0;
	if (family && n != 16 && n != 32 && !(family == 4 && n == 4))
		return bad;
	if (!family)
		o->notes |= MANRS_BGP_NOTE_FAMILY;
	o->reach_family = (uint32_t)family;
	return MANRS_BGP_KEEP;
}

struct found {
	int octets;        /* of the speaker's numbers */
	int n_path, n_as4; /* -1: none */
	int as4_at, aggregator4_at;
	uint32_t aggregator4[2];
	int aggregator_octets;
};

static bool as_path(struct oracle_attrs *o, uint32_t flags, const struct item *a, struct found *f)
{
	bool confed;

	f->n_path = hops(o, 0, a, f->octets, &confed);
	if (f->n_path < 0 && flags & MANRS_BGP_GUESS) {
		f->n_path = hops(o, 0, a, 6 - f->octets, &confed);
		if (f->n_path >= 0) {
			f->octets = 6 - f->octets;
			o->notes |= MANRS_BGP_NOTE_GUESSED;
		}
	}
	if (f->n_path >= 0 && confed &&
	    !(flags & (MANRS_BGP_CONFED | MANRS_BGP_INTERNAL | MANRS_BGP_DUMP)))
		f->n_path = -1;
	return f->n_path >= 0;
}

/* The value of an attribute whose length fits; false: it is malformed. */
static bool value(struct oracle_attrs *o, uint32_t flags, const struct item *a, struct found *f)
{
	bool confed;
	int octets = a->n - 4;

	switch (a->type) {
	case 1:
		if (a->v[0] > 2)
			return false;
		o->numbers[0] = a->v[0];
		return true;
	case 2:
		return as_path(o, flags, a, f);
	case 4:
		o->numbers[1] = big(a->v, 4);
		return true;
	case 5:
		o->numbers[2] = big(a->v, 4);
		return true;
	case 7:
		if (octets != f->octets && !(flags & MANRS_BGP_GUESS))
			return false;
		if (octets != f->octets)
			o->notes |= MANRS_BGP_NOTE_GUESSED;
		o->numbers[5] = big(a->v, octets);
		o->numbers[6] = big(a->v + octets, 4);
		return true;
	case 9:
		o->numbers[4] = big(a->v, 4);
		return true;
	case 17:
		f->n_as4 = hops(o, 1, a, 4, &confed);
		f->as4_at = a->at;
		return f->n_as4 >= 0;
	case 18:
		f->aggregator4[0] = big(a->v, 4);
		f->aggregator4[1] = big(a->v + 4, 4);
		f->aggregator4_at = a->at;
		return true;
	case 35:
		o->numbers[3] = big(a->v, 4);
		return true;
	}
	return true;
}

static void one(struct oracle_attrs *o, uint32_t flags, const struct item *a, struct found *f)
{
	int kind = kind_of(a->type), action;

	if (!kind) {
		if (a->flags & 0x80 || flags & MANRS_BGP_DUMP)
			o->has |= bit(a->type);
		else
			fault(o, MANRS_BGP_RESET, a->at, a->type);
		return;
	}
	if (a->flags >> 6 != kind && !(flags & MANRS_BGP_DUMP))
		fault(o, MANRS_BGP_WITHDRAW, a->at, a->type);
	if ((a->type == 5 || a->type == 9 || a->type == 10) &&
	    !(flags & (MANRS_BGP_INTERNAL | MANRS_BGP_CONFED | MANRS_BGP_DUMP))) {
		leave_out(o, a);
		return;
	}
	if (a->type == 14)
		action = mp_reach(o, flags, a);
	else if (a->type == 15)
		action = a->n < 3 ? MANRS_BGP_RESET : MANRS_BGP_KEEP;
	else
		action = length_fits(a) && value(o, flags, a, f) ? MANRS_BGP_KEEP
								 : on_error(a->type);
	if (a->type == 15 && a->n >= 3 && (a->v[0] || a->v[1] < 1 || a->v[1] > 2 || a->v[2] != 1))
		o->notes |= MANRS_BGP_NOTE_FAMILY;
	if (action == MANRS_BGP_KEEP)
		o->has |= bit(a->type);
	else if (action == MANRS_BGP_DISCARD)
		leave_out(o, a);
	else
		fault(o, action, a->at, a->type);
}

/* ---- RFC 6793 section 4.2.3 ---- */

/* The end of the segment of path w that begins at i. */
static int segment_end(const struct oracle_attrs *o, int w, int n, int i)
{
	do
		i++;
	while (i < n && !(o->kind[w][i] & 0x80));
	return i;
}

/* As RFC 4271 section 9.1.2.2 counts a set, and RFC 5065 section 5.3 what is of a confederation. */
static int numbers_of(const struct oracle_attrs *o, int w, int n)
{
	int count = 0;

	for (int i = 0, end; i < n; i = end) {
		int type = o->kind[w][i] & 7;

		end = segment_end(o, w, n, i);
		count += type == 2 ? end - i : type == 1 ? 1 : 0;
	}
	return count;
}

/* Hops of path w behind the n that stand in the third place; sequences that meet are one. */
static int append(struct oracle_attrs *o, int n, int w, int from, int to)
{
	for (int i = from; i < to; i++, n++) {
		o->asn[2][n] = o->asn[w][i];
		o->kind[2][n] = o->kind[w][i];
		if (i == from && n > 0 && o->kind[w][i] == 0x82 && (o->kind[2][n - 1] & 7) == 2)
			o->kind[2][n] = 2;
	}
	return n;
}

/*
 * So many numbers of the AS_PATH's front that there are as many as in the AS_PATH, then the AS4_PATH. A confederation's segment
 * goes with what it is next to, or where it leads; in an AS4_PATH it does not belong (section 6), but a set of one is kept, for
 * such a route is to be withdrawn (RFC 9774).
 */
static void merge(struct oracle_attrs *o, int n_path, int n_as4)
{
	int need = numbers_of(o, 0, n_path) - numbers_of(o, 1, n_as4), n = 0;

	if (need < 0)
		return;
	for (int i = 0, end; i < n_path; i = end) {
		int type = o->kind[0][i] & 7, most;

		end = segment_end(o, 0, n_path, i);
		most = type == 2 ? need : type == 1 && need == 0 ? 0 : end - i;
		n = append(o, n, 0, i, i + most < end ? i + most : end);
		if (most < end - i)
			break; /* what is behind touches nothing that was taken */
		need -= type == 2 ? end - i : type == 1 ? 1 : 0;
	}
	for (int i = 0, end; i < n_as4; i = end) {
		end = segment_end(o, 1, n_as4, i);
		if ((o->kind[1][i] & 7) != 3)
			n = append(o, n, 1, i, end);
	}
	o->path = path_in(o, 2, n);
}

static void together(struct oracle_attrs *o, struct found *f)
{
	bool path4 = o->has & bit(17), aggregator4 = o->has & bit(18);

	o->path = path_in(o, 0, f->n_path < 0 ? 0 : f->n_path);
	if (f->octets == 4) {
		if (path4) {
			out_of(o, 17);
			fault(o, MANRS_BGP_DISCARD, f->as4_at, 17);
		}
		if (aggregator4) {
			out_of(o, 18);
			fault(o, MANRS_BGP_DISCARD, f->aggregator4_at, 18);
		}
		return;
	}
	if (o->has & bit(7) && aggregator4 && o->numbers[5] != 23456) {
		out_of(o, 18);
		if (path4)
			out_of(o, 17);
		return;
	}
	if (aggregator4) {
		o->numbers[5] = f->aggregator4[0];
		o->numbers[6] = f->aggregator4[1];
	}
	if (path4 && o->has & bit(2) && !o->long_path)
		merge(o, f->n_path, f->n_as4);
}

void oracle_attrs_read(struct oracle_attrs *o, uint32_t flags, const uint8_t *in, size_t n_in)
{
	struct found f = {.octets = flags & MANRS_BGP_AS4 ? 4 : 2, .n_path = -1, .n_as4 = -1};
	bool seen[256] = {false};
	int n = (int)n_in, i = 0;

	o->has = o->discarded = o->fault_at = 0;
	o->action = MANRS_BGP_KEEP;
	o->fault_type = -1;
	o->notes = o->reach_family = 0;
	memset(o->numbers, 0, sizeof o->numbers);
	o->long_path = false;
	while (i < n) {
		struct item a = {.at = i, .flags = in[i], .type = i + 1 < n ? in[i + 1] : 0};
		int head = a.flags & 0x10 ? 4 : 3;

		a.n = i + head > n ? 0 : (int)big(in + i + 2, head - 2);
		if (i + head + a.n > n) {
			fault(o,
			      a.type == 14 || a.type == 15 ? MANRS_BGP_RESET : MANRS_BGP_WITHDRAW,
			      i, a.type);
			break;
		}
		a.v = in + i + head;
		i += head + a.n;
		if (!seen[a.type])
			one(o, flags, &a, &f);
		else if (a.type == 14 || a.type == 15)
			fault(o, MANRS_BGP_RESET, a.at, a.type);
		else
			leave_out(o, &a);
		seen[a.type] = true;
	}
	together(o, &f);
}

static bool path_same(const manrs_path *a, const manrs_path *b)
{
	return a->n == b->n && !a->kind == !b->kind &&
	       (!a->n || !memcmp(a->asn, b->asn, a->n * sizeof *a->asn)) &&
	       (!a->n || !a->kind || !memcmp(a->kind, b->kind, a->n));
}

const char *oracle_attrs_differ(const struct oracle_attrs *o, const manrs_bgp_attrs *a)
{
	const uint32_t numbers[7] = {a->origin,
				     a->med,
				     a->local_pref,
				     a->otc,
				     a->more->originator_id,
				     a->more->aggregator_asn,
				     a->more->aggregator_id};

	if (o->has != a->has)
		return "has";
	if (o->discarded != a->more->discarded)
		return "discarded";
	if (o->action != (int)a->action)
		return "action";
	if ((o->fault_type >= 0) != (a->more->fault.what != NULL))
		return "a fault";
	if (o->fault_type >= 0 &&
	    (o->fault_at != a->more->fault.at || o->fault_type != a->more->fault.code))
		return "the fault's place";
	if (o->notes != a->notes)
		return "notes";
	if (o->reach_family != a->reach_family)
		return "reach_family";
	if (memcmp(numbers, o->numbers, sizeof numbers) != 0)
		return "numbers";
	return o->long_path || path_same(&o->path, &a->path) ? NULL : "path";
}
