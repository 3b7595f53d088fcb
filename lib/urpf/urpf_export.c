/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interface's list for other software: the accepted addresses as the fewest prefixes, and those as text.
 *
 * The candidates cut the address line into pieces with one answer each. Neighbouring accepted pieces are joined to the
 * longest intervals, and each interval is cut into the largest aligned blocks: exact, and no set of prefixes is smaller.
 * Everything that is left to do stands in the caller's cursor.
 */

#include "urpf/urpf_rule.h"
#include <manrs/rpf_list.h>

#include <string.h>

/* The words of the cursor. */
enum { C_FAMILY, C_AT_HI, C_AT_LO, C_END_HI, C_END_LO, C_OPEN, C_PHASE, C_SEQ };

/* An address as a number, the first bit of either family on top. */
struct num {
	uint64_t hi, lo;
};

static int num_cmp(struct num a, struct num b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return (a.lo > b.lo) - (a.lo < b.lo);
}

/* The last address of a block that begins at a. IPv4 uses the first 32 bits; the rest are ones at the end. */
static struct num num_last(struct num a, unsigned len)
{
	a.hi |= ~mask64(len);
	a.lo |= ~mask64(len > 64 ? len - 64 : 0);
	return a;
}

static struct num num_next(struct num a)
{
	a.lo++;
	a.hi += a.lo == 0;
	return a;
}

static struct num num_before(struct num a)
{
	a.hi -= a.lo == 0;
	a.lo--;
	return a;
}

static bool num_is_zero(struct num a)
{
	return !a.hi && !a.lo;
}

static manrs_prefix num_prefix(struct num a, unsigned len, unsigned v)
{
	manrs_prefix p = {.family = v ? 6 : 4, .len = (uint8_t)len, .maxlen = (uint8_t)len};

	put64(p.addr, a.hi);
	put64(p.addr + 8, a.lo);
	return p;
}

/* The answer at an address, and the last address for which nothing changes. */
static bool piece(const manrs_urpf *s, uint16_t iface, bool whole, unsigned v, struct num at,
		  struct num *last)
{
	manrs_prefix p = num_prefix(at, v ? 128 : 32, v);
	const struct ptrie_node *chain[130], *next;
	struct ptrie_key k = ptrie_key_of(&p);
	unsigned n = ptrie_covering(s->cand[v], &k, chain);

	*last = (struct num){UINT64_MAX, UINT64_MAX};
	if (n)
		*last = num_last(
			(struct num){get64(chain[n - 1]->key), get64(chain[n - 1]->key + 8)},
			chain[n - 1]->bits);
	next = ptrie_next(s->cand[v], &k);
	if (next) {
		struct num end = num_before((struct num){get64(next->key), get64(next->key + 8)});

		if (num_cmp(end, *last) < 0)
			*last = end;
	}
	return rule_ask(s, &p, iface, whole).allow;
}

/* Find the next interval of family v from the cursor's place on. returns false: none. */
static bool interval(const manrs_urpf *s, uint16_t iface, bool whole, unsigned v, manrs_cursor *c)
{
	struct num at = {c->state[C_AT_HI], c->state[C_AT_LO]}, last, start = at;
	bool found = false;

	do {
		bool ok = piece(s, iface, whole, v, at, &last);

		if (ok && !found)
			start = at;
		if (!ok && found) {
			last = num_before(at);
			break;
		}
		found |= ok;
		at = num_next(last);
	} while (!num_is_zero(at));
	c->state[C_AT_HI] = start.hi;
	c->state[C_AT_LO] = start.lo;
	c->state[C_END_HI] = last.hi;
	c->state[C_END_LO] = last.lo;
	return found;
}

/* The next prefix of family v. returns false at the family's end; the cursor stands at the next one's start then. */
static bool allowed_next(const manrs_urpf *s, uint16_t iface, bool whole, unsigned v,
			 manrs_cursor *c, manrs_prefix *p)
{
	struct num at, end;
	unsigned len = 0;

	if (c->state[C_FAMILY] != v)
		return false;
	if (c->state[C_OPEN] == 2 || (!c->state[C_OPEN] && !interval(s, iface, whole, v, c))) {
		memset(c->state, 0, 6 * sizeof c->state[0]);
		c->state[C_FAMILY] = v + 1;
		return false;
	}
	at = (struct num){c->state[C_AT_HI], c->state[C_AT_LO]};
	end = (struct num){c->state[C_END_HI], c->state[C_END_LO]};
	while (num_cmp(num_last(at, len), end) > 0 || at.hi & ~mask64(len) ||
	       at.lo & ~mask64(len > 64 ? len - 64 : 0))
		len++;
	*p = num_prefix(at, len, v);
	at = num_next(num_last(at, len));
	c->state[C_AT_HI] = at.hi;
	c->state[C_AT_LO] = at.lo;
	c->state[C_OPEN] = num_is_zero(at) ? 2 : num_cmp(at, end) <= 0;
	return true;
}

size_t manrs_urpf_allowed(const manrs_urpf *s, uint16_t iface, int whole, manrs_cursor *cursor,
			  manrs_prefix *out, size_t cap)
{
	size_t n = 0;

	for (unsigned v = (unsigned)cursor->state[C_FAMILY]; v < 2 && n < cap; v++)
		while (n < cap && allowed_next(s, iface, whole != 0, v, cursor, &out[n]))
			n++;
	return n;
}

/* ---- text ---- */

struct writer {
	char *at;
	size_t n, cap;
};

static void put(struct writer *w, const char *text)
{
	size_t n = strlen(text);

	memcpy(w->at + w->n, text, n);
	w->n += n;
}

static void put_number(struct writer *w, uint64_t x)
{
	char t[21];
	size_t i = sizeof t;

	t[--i] = 0;
	do
		t[--i] = (char)('0' + x % 10);
	while (x /= 10);
	put(w, t + i);
}

static void put_hex(struct writer *w, const uint8_t *b, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		char t[4] = {' ', digit[b[i] >> 4], digit[b[i] & 15], 0};

		put(w, t);
	}
}

static void put_prefix(struct writer *w, const manrs_prefix *p)
{
	int n = manrs_prefix_format(p, w->at + w->n, w->cap - w->n);

	w->n += n > 0 ? (size_t)n : 0;
}

/* A name as an identifier of BIRD. */
static void put_ident(struct writer *w, const char *name)
{
	size_t from = w->n;

	put(w, name);
	for (; from < w->n; from++)
		if (w->at[from] == '-' || w->at[from] == '.')
			w->at[from] = '_';
}

/* What stands before, between and after the prefixes of the two families. phase 0, 2, 4; none: the family had none. */
static void put_nft(struct writer *w, int phase, const char *name, bool none, bool drops)
{
	if (phase > 0)
		put(w, none ? "\t}\n" : "\n\t\t}\n\t}\n");
	if (phase == 0) {
		/* the name as it is, which nftables takes: eth0.1 and eth0-1 must not replace each other */
		put(w, "table inet manrs_urpf_");
		put(w, name);
		put(w, "\ndelete table inet manrs_urpf_");
		put(w, name);
		put(w, "\ntable inet manrs_urpf_");
		put(w, name);
		put(w, " {\n");
	}
	if (phase < 4) {
		put(w, phase == 0 ? "\tset allow4 {\n\t\ttype ipv4_addr\n"
				  : "\tset allow6 {\n\t\ttype ipv6_addr\n");
		put(w, "\t\tflags interval\n");
		return;
	}
	put(w, "\tchain check {\n\t\ttype filter hook prerouting priority raw; policy accept;\n");
	put(w, "\t\tiifname != \"");
	put(w, name);
	put(w, "\" return\n\t\tip saddr @allow4 return\n\t\tip6 saddr @allow6 return\n");
	put(w, drops ? "\t\tmeta nfproto { ipv4, ipv6 } counter drop\n\t}\n}\n"
		     : "\t\tmeta nfproto { ipv4, ipv6 } counter\n\t}\n}\n");
}

static void put_bird(struct writer *w, int phase, const char *name, bool none)
{
	if (phase > 0 && !none)
		put(w, "\n];\n");
	if (phase < 4) {
		put(w, "# urpf_");
		put_ident(w, name);
		put(w, phase == 0 ? "_4\n" : "_6\n");
	}
}

static void put_frame(struct writer *w, int format, int phase, const char *name, bool none,
		      bool drops)
{
	if (format == MANRS_URPF_NFT)
		put_nft(w, phase, name, none, drops);
	else if (format == MANRS_URPF_BIRD)
		put_bird(w, phase, name, none);
}

static void put_ebpf(struct writer *w, const char *name, const manrs_prefix *p)
{
	uint32_t len = p->len;
	uint8_t host[4];

	memcpy(host, &len, 4); /* the map's key has it in the machine's order */
	put(w, "map update name ");
	put(w, name);
	put(w, p->family == 4 ? "_4 key hex" : "_6 key hex");
	put_hex(w, host, 4);
	put_hex(w, p->addr, p->family == 4 ? 4 : 16);
	put(w, " value hex 01\n");
}

static void put_cisco(struct writer *w, const char *name, const manrs_prefix *p, uint64_t seq)
{
	put(w, p->family == 4 ? "ip prefix-list " : "ipv6 prefix-list ");
	put(w, name);
	put(w, " seq ");
	put_number(w, seq * 5);
	put(w, " permit ");
	put_prefix(w, p);
	if (p->len < family_bits(p->family))
		put(w, p->family == 4 ? " le 32" : " le 128");
	put(w, "\n");
}

/* A prefix; seq counts from 1 in its family. */
static void put_one(struct writer *w, int format, const char *name, const manrs_prefix *p,
		    uint64_t seq)
{
	switch (format) {
	case MANRS_URPF_EBPF:
		put_ebpf(w, name, p);
		return;
	case MANRS_URPF_CISCO:
		put_cisco(w, name, p, seq);
		return;
	case MANRS_URPF_JUNOS:
		put(w, "set policy-options prefix-list ");
		put(w, name);
		put(w, " ");
		break;
	case MANRS_URPF_NFT:
		put(w, seq == 1 ? "\t\telements = {\n\t\t\t" : ",\n\t\t\t");
		put_prefix(w, p);
		return;
	case MANRS_URPF_BIRD:
		if (seq == 1) {
			put(w, "define urpf_");
			put_ident(w, name);
			put(w, p->family == 4 ? "_4 = [\n\t" : "_6 = [\n\t");
		} else {
			put(w, ",\n\t");
		}
		put_prefix(w, p);
		put(w, p->len < family_bits(p->family) ? "+" : "");
		return;
	}
	put_prefix(w, p);
	put(w, "\n");
}

static bool name_ok(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '_' || c == '-' || c == '.'))
			return false;
	}
	return n > 0 && n <= 32;
}

#define ROOM 400 /* more than any frame or line takes */

int manrs_urpf_export(const manrs_urpf *s, uint16_t iface, int format, const char *name,
		      manrs_cursor *c, char *text, size_t cap)
{
	const struct urpf_iface *f = urpf_iface_of(s, iface);
	bool drops = !f || !(f->options & MANRS_URPF_COUNT_ONLY);
	struct writer w = {text, 0, cap < INT32_MAX ? cap : INT32_MAX};

	if (format < MANRS_URPF_TEXT || format > MANRS_URPF_JUNOS || !name_ok(name))
		return MANRS_EINVAL;
	if (cap < 512)
		return MANRS_ELIMIT;
	while (c->state[C_PHASE] < 5 && w.cap - w.n > ROOM + 64) {
		unsigned phase = (unsigned)c->state[C_PHASE];
		manrs_prefix p;

		if (phase % 2 == 0) {
			put_frame(&w, format, (int)phase, name, c->state[C_SEQ] == 0, drops);
			c->state[C_SEQ] = 0;
			c->state[C_PHASE]++;
		} else if (allowed_next(s, iface, true, phase / 2, c, &p)) {
			put_one(&w, format, name, &p, ++c->state[C_SEQ]);
		} else {
			c->state[C_PHASE]++;
		}
	}
	return (int)w.n;
}
