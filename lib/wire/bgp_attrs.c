/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path attributes: one table says of each its flags, its lengths and what an error in it leads to; a small reader each takes its
 * value. Then what two of them say together.
 *
 *     flags   80 optional, 40 transitive, 20 partial, 10 length of two bytes    (RFC 4271 section 4.3)
 *
 * Sets and AS 0 in a path are no errors here: they are manrs_check's to judge (RFC 9774, 7607), with the path at hand.
 *
 * source: RFC 7606 sections 3, 4, 7, unless a line names another
 */

#include "wire/bgp_wire.h"

#include "base/mem.h"
#include "net/path_walk.h"

/* The bits of the flags that may not differ (section 3 c): "partial" may. */
enum {
	WELL_KNOWN = 0x40,
	OPTIONAL = 0x80,
	OPTIONAL_TRANSITIVE = 0xc0,
	KIND = 0xc0,
};

/* Subcodes of NOTIFICATION 3, RFC 4271 section 4.5. */
enum {
	UPDATE_ERROR = 3,
	MALFORMED_LIST = 1,
	UNKNOWN_WELL_KNOWN = 2,
	OPTIONAL_ERROR = 9,
};

/* One reading of a set. */
struct reading {
	manrs_bgp_attrs *out;
	manrs_bgp_more *more;
	const manrs_bgp_session *session;
	const struct bgp_room *room;
	uint32_t seen[8];        /* a bit a type */
	unsigned octets;         /* of an AS number in AS_PATH and AGGREGATOR */
	unsigned action;         /* what an error in the attribute at hand leads to */
	manrs_path as4_path;     /* AS4_PATH and AS4_AGGREGATOR (AS, id), where out->has them, */
	uint32_t aggregator4[2]; /* and where they began */
	uint64_t as4_path_at, aggregator4_at;
};

/* ---- errors ---- */

/* What a set is worth now, and the fault that made it so: of equally strong ones the first in the bytes. */
static void judge(struct reading *r, unsigned action, uint64_t at, unsigned type, const char *what)
{
	manrs_bgp_attrs *out = r->out;

	if (out->action > action || (out->action == action && r->more->fault.at <= at))
		return;
	out->action = (uint8_t)action;
	r->more->fault = (manrs_fault){.at = at, .what = what, .code = (int32_t)type};
}

/* The same with a NOTIFICATION; that of the strongest stays. */
static void notify(struct reading *r, unsigned action, unsigned subcode,
		   const struct bgp_attr *attr, const char *what)
{
	if (r->out->action < action) {
		r->more->notify_code = UPDATE_ERROR;
		r->more->notify_subcode = (uint8_t)subcode;
	}
	judge(r, action, attr->at, attr->type, what);
}

static uint64_t has_bit(unsigned type)
{
	return type > 0 && type < 64 ? MANRS_BGP_HAS(type) : 0;
}

/* An attribute that is left out. */
static void discard(struct reading *r, uint64_t at, unsigned type, const char *what)
{
	r->more->discarded |= has_bit(type);
	judge(r, MANRS_BGP_DISCARD, at, type, what);
}

/* ---- MP_REACH and MP_UNREACH ---- */

static int family_of(unsigned afi, unsigned safi)
{
	return safi != 1 ? 0 : afi == 1 ? 4 : afi == 2 ? 6 : 0;
}

/* RFC 6396 section 4.3.4: length and next hop, which tells the family. */
static bool short_reach_read(struct bgp_reach *reach, struct bytes *in)
{
	reach->is_short = true;
	reach->n_next_hop = bytes_get8(in);
	reach->next_hop = bytes_take(in, reach->n_next_hop);
	reach->family = reach->n_next_hop == 4 ? 4 : 6;
	reach->nlri = *in;
	return !in->bad && !bytes_left(in);
}

bool bgp_reach_read(struct bgp_reach *reach, const manrs_bgp_session *session, const uint8_t *value,
		    size_t n)
{
	struct bytes in = bytes_of(value, n);
	bool dump = session->flags & MANRS_BGP_DUMP;

	*reach = (struct bgp_reach){0};
	if (dump && n && value[0])
		return short_reach_read(reach, &in);
	reach->afi = bytes_get16(&in);
	reach->safi = bytes_get8(&in);
	reach->family = in.bad ? 0 : family_of(reach->afi, reach->safi);
	reach->n_next_hop = bytes_get8(&in);
	reach->next_hop = bytes_take(&in, reach->n_next_hop);
	if (!dump || bytes_left(&in))
		bytes_skip(&in, 1); /* reserved */
	reach->nlri = in;
	return !in.bad;
}

bool bgp_unreach_read(struct bgp_reach *unreach, const uint8_t *value, size_t n)
{
	struct bytes in = bytes_of(value, n);

	*unreach = (struct bgp_reach){0};
	unreach->afi = bytes_get16(&in);
	unreach->safi = bytes_get8(&in);
	unreach->family = in.bad ? 0 : family_of(unreach->afi, unreach->safi);
	unreach->nlri = in;
	return !in.bad;
}

/* ---- values: each reader returns NULL, or what is wrong; lengths fit the table ---- */

static uint32_t number(const struct bgp_attr *attr)
{
	assert(attr->n >= 4);
	return get32(attr->value);
}

static manrs_prefix address(int family, const uint8_t *bytes)
{
	uint8_t len = family == 4 ? 32 : 128;
	manrs_prefix p = {.family = (uint8_t)family, .len = len, .maxlen = len};

	memcpy(p.addr, bytes, len / 8);
	return p;
}

static const char *read_origin(struct reading *r, const struct bgp_attr *attr)
{
	if (attr->value[0] > 2)
		return "undefined value of ORIGIN";
	r->out->origin = attr->value[0];
	return NULL;
}

static bool has_confed(const manrs_path *path)
{
	for (uint32_t i = 0; path->kind && i < path->n; i++)
		if (kind_confed(path_kind(path, i)))
			return true;
	return false;
}

/* Hops go to part `part` of the room. */
static int decode(struct reading *r, manrs_path *path, unsigned part, const struct bgp_attr *attr,
		  unsigned octets, manrs_fault *fault)
{
	size_t at = part * r->room->most;

	return manrs_path_decode(path, r->room->asn + at, r->room->kind + at, r->room->most,
				 attr->value, attr->n, (int)octets, fault);
}

/*
 * Of an archive the numbers may have the other width. A path of 4-octet numbers hardly ever reads as one of 2-octet ones: the
 * upper halves, mostly 0, stand where a segment would begin; and the other way round it overruns.
 */
static const char *read_as_path(struct reading *r, const struct bgp_attr *attr)
{
	manrs_fault fault = {0};
	unsigned other = 6 - r->octets;
	bool inside = r->session->flags & (MANRS_BGP_CONFED | MANRS_BGP_INTERNAL | MANRS_BGP_DUMP);

	if (decode(r, &r->out->path, 0, attr, r->octets, &fault) != MANRS_OK) {
		if (!(r->session->flags & MANRS_BGP_GUESS) ||
		    decode(r, &r->out->path, 0, attr, other, NULL) != MANRS_OK)
			return fault.what;
		r->octets = other;
		r->out->notes |= MANRS_BGP_NOTE_GUESSED;
	}
	if (inside || !has_confed(&r->out->path))
		return NULL;
	r->out->path = (manrs_path){0};
	return "a confederation's segment from an external neighbour"; /* RFC 5065 section 5 */
}

static const char *read_next_hop(struct reading *r, const struct bgp_attr *attr)
{
	r->out->next_hop4 = address(4, attr->value);
	return NULL;
}

static const char *read_med(struct reading *r, const struct bgp_attr *attr)
{
	r->out->med = number(attr);
	return NULL;
}

static const char *read_local_pref(struct reading *r, const struct bgp_attr *attr)
{
	r->out->local_pref = number(attr);
	return NULL;
}

/* Its length tells the width by itself (section 7.7). */
static const char *read_aggregator(struct reading *r, const struct bgp_attr *attr)
{
	unsigned octets = (unsigned)attr->n - 4;

	if (octets != r->octets && !(r->session->flags & MANRS_BGP_GUESS))
		return "AGGREGATOR of another width than the session's AS numbers";
	if (octets != r->octets)
		r->out->notes |= MANRS_BGP_NOTE_GUESSED;
	r->more->aggregator_asn = octets == 4 ? get32(attr->value) : get16(attr->value);
	r->more->aggregator_id = get32(attr->value + octets);
	return NULL;
}

static const char *read_communities(struct reading *r, const struct bgp_attr *attr)
{
	r->out->communities = attr->value;
	r->out->n_communities = (uint32_t)(attr->n / 4);
	return NULL;
}

static const char *read_extended(struct reading *r, const struct bgp_attr *attr)
{
	r->more->extended = attr->value;
	r->more->n_extended = (uint32_t)(attr->n / 8);
	return NULL;
}

static const char *read_large(struct reading *r, const struct bgp_attr *attr)
{
	r->more->large = attr->value;
	r->more->n_large = (uint32_t)(attr->n / 12);
	return NULL;
}

static const char *read_originator(struct reading *r, const struct bgp_attr *attr)
{
	r->more->originator_id = number(attr);
	return NULL;
}

static const char *read_clusters(struct reading *r, const struct bgp_attr *attr)
{
	r->more->clusters = attr->value;
	r->more->n_clusters = (uint32_t)(attr->n / 4);
	return NULL;
}

static const char *read_otc(struct reading *r, const struct bgp_attr *attr)
{
	r->out->otc = number(attr);
	return NULL;
}

static const char *read_as4_path(struct reading *r, const struct bgp_attr *attr)
{
	manrs_fault fault = {0};

	if (decode(r, &r->as4_path, 1, attr, 4, &fault) != MANRS_OK)
		return fault.what;
	r->as4_path_at = attr->at;
	return NULL;
}

static const char *read_as4_aggregator(struct reading *r, const struct bgp_attr *attr)
{
	r->aggregator4[0] = get32(attr->value);
	r->aggregator4[1] = get32(attr->value + 4);
	r->aggregator4_at = attr->at;
	return NULL;
}

/*
 * Whether a family's next hop may be so long: 16 or 32 octets (RFC 2545), of IPv4 also 4 (RFC 8950 section 3). Those of other
 * families are not looked at.
 */
static bool next_hop_fits(int family, size_t n)
{
	return !family || n == 16 || n == 32 || (family == 4 && n == 4);
}

/* Its prefixes cannot be found then; of a family that is known, that one can be ended alone (sections 3 j, 7.11). */
static const char *read_reach(struct reading *r, const struct bgp_attr *attr)
{
	manrs_bgp_attrs *out = r->out;
	struct bgp_reach reach;
	bool whole = bgp_reach_read(&reach, r->session, attr->value, attr->n);

	if (attr->n >= 3)
		r->action = MANRS_BGP_DISABLE;
	if (!whole)
		return "MP_REACH is too short for its own lengths";
	if (!next_hop_fits(reach.family, reach.n_next_hop))
		return "a next hop of a length that its family does not have";
	if (reach.is_short)
		out->notes |= MANRS_BGP_NOTE_SHORT_MP;
	if (!reach.family)
		out->notes |= MANRS_BGP_NOTE_FAMILY;
	out->reach_family = (uint8_t)reach.family;
	if (!reach.family)
		return NULL;
	out->next_hop = address(reach.n_next_hop == 4 ? 4 : 6, reach.next_hop);
	if (reach.n_next_hop == 32)
		r->more->next_hop_local = address(6, reach.next_hop + 16);
	return NULL;
}

static const char *read_unreach(struct reading *r, const struct bgp_attr *attr)
{
	struct bgp_reach unreach;

	if (!bgp_unreach_read(&unreach, attr->value, attr->n))
		return "MP_UNREACH is too short for its family";
	if (!unreach.family)
		r->out->notes |= MANRS_BGP_NOTE_FAMILY;
	return NULL;
}

/* ---- the table ---- */

struct rule {
	uint8_t flags;
	bool inside; /* not from an external neighbour */
	uint16_t least, most, step;
	uint8_t action; /* what an error in it leads to */
	const char *(*read)(struct reading *r, const struct bgp_attr *attr);
};

#define MOST                      BGP_ATTRS_MOST
#define WITHDRAW                  MANRS_BGP_WITHDRAW
#define DISCARD                   MANRS_BGP_DISCARD
#define RESET                     MANRS_BGP_RESET
#define IPV6_EXTENDED_COMMUNITIES 25 /* RFC 5701: known by its length alone */

/* clang-format off */
static const struct rule rules[] = {
	/*                            flags       inside least most step action   reader              RFC 7606 */
	[MANRS_BGP_ORIGIN]           = {WELL_KNOWN,          0,  1,    1,  1, WITHDRAW, read_origin},     /* 7.1 */
	[MANRS_BGP_AS_PATH]          = {WELL_KNOWN,          0,  0, MOST,  1, WITHDRAW, read_as_path},    /* 7.2 */
	[MANRS_BGP_NEXT_HOP]         = {WELL_KNOWN,          0,  4,    4,  1, WITHDRAW, read_next_hop},   /* 7.3 */
	[MANRS_BGP_MED]              = {OPTIONAL,            0,  4,    4,  1, WITHDRAW, read_med},        /* 7.4 */
	[MANRS_BGP_LOCAL_PREF]       = {WELL_KNOWN,          1,  4,    4,  1, WITHDRAW, read_local_pref}, /* 7.5 */
	[MANRS_BGP_ATOMIC_AGGREGATE] = {WELL_KNOWN,          0,  0,    0,  1, DISCARD,  NULL},            /* 7.6 */
	[MANRS_BGP_AGGREGATOR]       = {OPTIONAL_TRANSITIVE, 0,  6,    8,  2, DISCARD,  read_aggregator}, /* 7.7 */
	[MANRS_BGP_COMMUNITIES]      = {OPTIONAL_TRANSITIVE, 0,  4, MOST,  4, WITHDRAW, read_communities}, /* 7.8 */
	[MANRS_BGP_ORIGINATOR_ID]    = {OPTIONAL,            1,  4,    4,  1, WITHDRAW, read_originator}, /* 7.9 */
	[MANRS_BGP_CLUSTER_LIST]     = {OPTIONAL,            1,  4, MOST,  4, WITHDRAW, read_clusters},   /* 7.10 */
	[MANRS_BGP_MP_REACH]         = {OPTIONAL,            0,  0, MOST,  1, RESET,    read_reach},      /* 7.11 */
	[MANRS_BGP_MP_UNREACH]       = {OPTIONAL,            0,  0, MOST,  1, RESET,    read_unreach},    /* 7.12 */
	[MANRS_BGP_EXTENDED_COMMUNITIES] = {OPTIONAL_TRANSITIVE, 0, 8, MOST, 8, WITHDRAW, read_extended}, /* 7.14 */
	[MANRS_BGP_AS4_PATH]         = {OPTIONAL_TRANSITIVE, 0,  6, MOST,  2, DISCARD,  read_as4_path},   /* RFC 6793 6 */
	[MANRS_BGP_AS4_AGGREGATOR]   = {OPTIONAL_TRANSITIVE, 0,  8,    8,  1, DISCARD,  read_as4_aggregator},
	[IPV6_EXTENDED_COMMUNITIES]  = {OPTIONAL_TRANSITIVE, 0, 20, MOST, 20, WITHDRAW, NULL},            /* 7.15 */
	[MANRS_BGP_LARGE_COMMUNITIES] = {OPTIONAL_TRANSITIVE, 0, 12, MOST, 12, WITHDRAW, read_large},     /* RFC 8092 6 */
	[MANRS_BGP_OTC]              = {OPTIONAL_TRANSITIVE, 0,  4,    4,  1, WITHDRAW, read_otc},        /* RFC 9234 5 */
};
/* clang-format on */

/* NULL: a type that is not known. */
static const struct rule *rule_of(unsigned type)
{
	return type < sizeof rules / sizeof *rules && rules[type].flags ? &rules[type] : NULL;
}

/* ---- one attribute ---- */

static bool first_of_type(struct reading *r, unsigned type)
{
	uint32_t bit = UINT32_C(1) << type % 32, *seen = &r->seen[type / 32];
	bool first = !(*seen & bit);

	*seen |= bit;
	return first;
}

/* Section 3 g: the first counts; but of two MP_REACH or MP_UNREACH none can. */
static void read_again(struct reading *r, const struct bgp_attr *attr)
{
	if (attr->type == MANRS_BGP_MP_REACH || attr->type == MANRS_BGP_MP_UNREACH)
		notify(r, RESET, MALFORMED_LIST, attr, "MP_REACH or MP_UNREACH comes twice");
	else
		discard(r, attr->at, attr->type, "the attribute was there before");
}

/* RFC 4271 section 6.3: what is well-known must be known; what is optional passes. */
static void read_unknown(struct reading *r, const struct bgp_attr *attr)
{
	if (attr->flags & OPTIONAL || r->session->flags & MANRS_BGP_DUMP)
		r->out->has |= has_bit(attr->type);
	else
		notify(r, RESET, UNKNOWN_WELL_KNOWN, attr, "a well-known attribute that is not");
}

/*
 * What is wrong with an attribute of a known type, or NULL. Length 0 is an error but where the table has it (section 4), and
 * then what any other wrong length is.
 */
static const char *read_known(struct reading *r, const struct rule *rule,
			      const struct bgp_attr *attr)
{
	r->action = rule->action;
	if (attr->n < rule->least || attr->n > rule->most ||
	    (rule->step > 1 && attr->n % rule->step))
		return "the attribute has a length that its type does not have";
	return rule->read ? rule->read(r, attr) : NULL;
}

/* A RIB's entry may have what its writer put there. */
static bool from_outside(const struct reading *r)
{
	return !(r->session->flags & (MANRS_BGP_INTERNAL | MANRS_BGP_CONFED | MANRS_BGP_DUMP));
}

static void read_attr(struct reading *r, const struct bgp_attr *attr)
{
	const struct rule *rule = rule_of(attr->type);
	const char *what;

	if (!first_of_type(r, attr->type)) {
		read_again(r, attr);
		return;
	}
	if (!rule) {
		read_unknown(r, attr);
		return;
	}
	/* Section 3 c; in a RIB's entry they are the writer's own, and BIRD 2 writes 0. */
	if ((attr->flags & KIND) != rule->flags && !(r->session->flags & MANRS_BGP_DUMP))
		judge(r, WITHDRAW, attr->at, attr->type, "flags that the attribute does not have");
	if (rule->inside && from_outside(r)) {
		discard(r, attr->at, attr->type, "not to be had from an external neighbour");
		return;
	}
	what = read_known(r, rule, attr);
	if (!what)
		r->out->has |= has_bit(attr->type);
	else if (r->action == DISCARD)
		discard(r, attr->at, attr->type, what);
	else if (r->action == WITHDRAW)
		judge(r, WITHDRAW, attr->at, attr->type, what);
	else
		notify(r, r->action, OPTIONAL_ERROR, attr, what);
}

/* Section 4; where it is the prefixes that are torn, nothing can be withdrawn (section 3 j). */
static void read_torn(struct reading *r, const struct bgp_attr *attr)
{
	const char *what = "an attribute overruns the attributes";

	if (attr->type == MANRS_BGP_MP_REACH || attr->type == MANRS_BGP_MP_UNREACH)
		notify(r, RESET, MALFORMED_LIST, attr, what);
	else
		judge(r, WITHDRAW, attr->at, attr->type, what);
}

/* ---- all of them ---- */

static bool has(const struct reading *r, unsigned type)
{
	return r->out->has & MANRS_BGP_HAS(type);
}

/* Without an error: what the other attributes make void. */
static void forget(struct reading *r, unsigned type)
{
	r->out->has &= ~MANRS_BGP_HAS(type);
	r->more->discarded |= MANRS_BGP_HAS(type);
}

/* RFC 6793 section 6: from a speaker that has 4-octet numbers neither may come. */
static void drop_as4(struct reading *r)
{
	static const char what[] = "from a speaker of 4-octet AS numbers";

	if (has(r, MANRS_BGP_AS4_PATH)) {
		forget(r, MANRS_BGP_AS4_PATH);
		judge(r, DISCARD, r->as4_path_at, MANRS_BGP_AS4_PATH, what);
	}
	if (has(r, MANRS_BGP_AS4_AGGREGATOR)) {
		forget(r, MANRS_BGP_AS4_AGGREGATOR);
		judge(r, DISCARD, r->aggregator4_at, MANRS_BGP_AS4_AGGREGATOR, what);
	}
}

/* RFC 6793 section 4.2.3: who aggregated with a number of 2 octets knew nothing of either, and left behind older ones. */
static void merge_as4(struct reading *r)
{
	manrs_bgp_attrs *out = r->out;
	size_t at = 2 * r->room->most;

	if (has(r, MANRS_BGP_AGGREGATOR) && has(r, MANRS_BGP_AS4_AGGREGATOR) &&
	    r->more->aggregator_asn != AS_TRANS) {
		forget(r, MANRS_BGP_AS4_AGGREGATOR);
		if (has(r, MANRS_BGP_AS4_PATH))
			forget(r, MANRS_BGP_AS4_PATH);
	}
	if (has(r, MANRS_BGP_AS4_AGGREGATOR)) {
		r->more->aggregator_asn = r->aggregator4[0];
		r->more->aggregator_id = r->aggregator4[1];
	}
	if (has(r, MANRS_BGP_AS4_PATH) && has(r, MANRS_BGP_AS_PATH))
		manrs_path_merge(&out->path, r->room->asn + at, r->room->kind + at, r->room->most,
				 &out->path, &r->as4_path, NULL);
}

void bgp_attrs_read(manrs_bgp_attrs *attrs, manrs_bgp_more *more, const manrs_bgp_session *session,
		    const uint8_t *bytes, size_t n, const struct bgp_room *room)
{
	static const struct nothing { /* copied: GCC takes long to make so many zeros */
		struct reading r;
		manrs_bgp_attrs attrs;
		manrs_bgp_more more;
	} nothing;
	struct reading r = nothing.r;
	struct bytes in = bytes_of(bytes, n);
	struct bgp_attr attr;

	assert(room->most >= bgp_hops_most(n));
	*attrs = nothing.attrs;
	memcpy(more, &nothing.more, sizeof *more); /* gaps and all */
	attrs->action = MANRS_BGP_KEEP;
	attrs->more = r.more = more;
	r.out = attrs;
	r.session = session;
	r.room = room;
	r.octets = session->flags & MANRS_BGP_AS4 ? 4 : 2;
	while (bgp_attr_next(&in, &attr))
		read_attr(&r, &attr);
	if (in.bad)
		read_torn(&r, &attr);
	if (r.octets == 4)
		drop_as4(&r);
	else
		merge_as4(&r);
	if (!attrs->next_hop.family)
		attrs->next_hop = attrs->next_hop4;
}

const char *manrs_bgp_action_text(int action)
{
	static const char *const text[] = {
		[MANRS_BGP_NONE] = "none",
		[MANRS_BGP_KEEP] = "keep",
		[MANRS_BGP_DISCARD] = "attribute-discard",
		[MANRS_BGP_WITHDRAW] = "treat-as-withdraw",
		[MANRS_BGP_DISABLE] = "afi-safi-disable",
		[MANRS_BGP_RESET] = "session-reset",
	};

	return action >= 0 && (size_t)action < sizeof text / sizeof *text ? text[action] : "";
}
