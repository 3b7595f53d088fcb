/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MRT's records: their framing, and who reads which body.
 *
 * A record is taken only when all of it is there. Its body may be wrong at a cost of that record alone, for its length leads to
 * the next; but a writer that was torn away in the midst of a record leaves a length that leads anywhere. So the head behind a
 * record that cannot be read is looked at before that record is given out: no head there means that the framing is lost.
 *
 * source: RFC 6396 sections 2, 3 and 4
 */

#include "wire/mrt_reader.h"

#include "base/grow.h"

#define LEAST_CONFIG GROW_LEAST(manrs_mrt_config, hash_seed)
#define LEAST_STATS  GROW_LEAST(manrs_mrt_stats, skipped)
#define FLAGS        (MANRS_BGP_GUESS | MANRS_BGP_PATHS4 | MANRS_BGP_PATHS6)

int manrs_mrt_config_init(manrs_mrt_config *config, size_t size)
{
	static const manrs_mrt_config init = {
		.size = sizeof init,
		.flags = MANRS_BGP_GUESS,
		.max_record = MRT_MAX_INIT,
		.max_store = UINT64_C(256) << 20,
	};

	return grow_init(config, size, LEAST_CONFIG, &init, sizeof init) ? MANRS_OK : MANRS_EINVAL;
}

static int open_store(manrs_mrt *mrt)
{
	manrs_bgp_store_config config;
	int rc = manrs_bgp_store_config_init(&config, sizeof config);

	if (rc != MANRS_OK)
		return rc;
	config.alloc = &mrt->mem;
	config.max_bytes = mrt->config.max_store;
	memcpy(config.hash_seed, mrt->config.hash_seed, sizeof config.hash_seed);
	return manrs_bgp_store_new(&mrt->store, &config);
}

int manrs_mrt_new(manrs_mrt **out, const manrs_mrt_config *given)
{
	manrs_mrt_config config;
	manrs_alloc mem;
	manrs_mrt *mrt;
	int rc;

	if (!given)
		manrs_mrt_config_init(&config, sizeof config);
	else if (!grow_take(&config, sizeof config, LEAST_CONFIG, given))
		return MANRS_EINVAL;
	if (config.flags & ~FLAGS || config.max_record < MRT_HEAD || config.max_record > INT32_MAX)
		return MANRS_EINVAL;
	mem = mem_of(config.alloc);
	mrt = mem_zalloc(&mem, sizeof *mrt);
	if (!mrt)
		return MANRS_ENOMEM;
	mrt->mem = mem;
	mrt->config = config;
	mrt->config.alloc = NULL; /* mem is the copy */
	mrt->stats.size = sizeof mrt->stats;
	rc = open_store(mrt);
	if (rc != MANRS_OK) {
		mem_free(&mem, mrt, sizeof *mrt);
		return rc;
	}
	*out = mrt;
	return MANRS_OK;
}

void manrs_mrt_free(manrs_mrt *mrt)
{
	manrs_alloc mem;

	if (!mrt)
		return;
	mem = mrt->mem;
	manrs_bgp_store_free(mrt->store);
	vec_free(&mem, &mrt->entries, sizeof(struct mrt_entry));
	vec_free(&mem, &mrt->rows, sizeof(struct mrt_row));
	vec_free(&mem, &mrt->peers, sizeof(manrs_mrt_peer));
	vec_free(&mem, &mrt->spare, sizeof(manrs_mrt_peer));
	vec_free(&mem, &mrt->view, 1);
	mem_free(&mem, mrt, sizeof *mrt);
}

/* ---- what the bodies share ---- */

int mrt_bad(manrs_mrt *mrt, int code, size_t at, const char *what)
{
	return fault_set(&mrt->record.fault, code, mrt->at + at, what);
}

int mrt_store_said(manrs_mrt *mrt, int rc, size_t at)
{
	if (rc == MANRS_ELIMIT && !mrt->fresh) {
		mrt->full = true;
		return MANRS_EBUSY;
	}
	if (rc == MANRS_ELIMIT)
		return mrt_bad(mrt, rc, at,
			       "the attributes of one record are more than the store holds");
	return rc;
}

manrs_prefix mrt_address(struct bytes *in, int family)
{
	uint8_t bits = family == 4 ? 32 : 128;
	manrs_prefix p = {.family = (uint8_t)family, .len = bits, .maxlen = bits};

	bytes_copy(in, p.addr, bits / 8);
	return p;
}

/* ---- records ---- */

int manrs_mrt_is(const void *bytes, size_t n)
{
	return mrt_head_begins(bytes, n);
}

/* returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ELIMIT: there is no record here */
static int read_head(const manrs_mrt *mrt, struct mrt_head *head, const uint8_t *bytes,
		     manrs_fault *fault)
{
	if (!mrt_head_read(head, bytes))
		return fault_set(fault, MANRS_ESYNTAX, mrt->at + 4, "no type of an MRT record");
	if (head->length > mrt->config.max_record - MRT_HEAD)
		return fault_set(fault, MANRS_ELIMIT, mrt->at + 8, "the record is too long");
	return MANRS_OK;
}

static int read_body(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;

	switch (r->type) {
	case MRT_BGP4MP_ET:
		r->time_us = bytes_get32(in);
		if (in->bad)
			return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in),
				       "no room for the microseconds");
		return mrt_bgp4mp(mrt, in);
	case MRT_BGP4MP:
		return mrt_bgp4mp(mrt, in);
	case MRT_TABLE_DUMP_V2:
		return mrt_table_dump_v2(mrt, in);
	case MRT_TABLE_DUMP:
		return mrt_table_dump(mrt, in);
	case MRT_BGP:
		return mrt_bgp(mrt, in);
	default:
		return MANRS_OK; /* OTHER */
	}
}

static void count(manrs_mrt *mrt)
{
	manrs_mrt_stats *s = &mrt->stats;
	uint64_t *of[] = {
		[MANRS_MRT_OTHER] = &s->other,  [MANRS_MRT_PEERS] = &s->peers,
		[MANRS_MRT_RIB] = &s->rib,      [MANRS_MRT_UPDATE] = &s->updates,
		[MANRS_MRT_STATE] = &s->states, [MANRS_MRT_MESSAGE] = &s->messages,
		[MANRS_MRT_BAD] = &s->bad,
	};

	s->records++;
	s->bytes += mrt->record.n;
	++*of[mrt->record.kind];
	if (mrt->record.kind == MANRS_MRT_UPDATE)
		s->malformed += mrt->record.update.action > MANRS_BGP_DISCARD;
}

/*
 * Whether the bytes behind a record are one of the same file: within a day of it, for a head that was read two bytes too late
 * may pass for one, but not at such a time. Who is turned away wrongly is found again by manrs_mrt_resync.
 */
static bool follows(const manrs_mrt *mrt, const uint8_t *bytes)
{
	const uint32_t day = 24 * 60 * 60;
	struct mrt_head next;

	return mrt_head_read(&next, bytes) && next.length <= mrt->config.max_record - MRT_HEAD &&
	       next.time - mrt->record.time_s + day <= 2 * day;
}

/* The entries behind a table that cannot be read are of its peers: an earlier one would give them others. */
static void forget_peers(manrs_mrt *mrt)
{
	mrt->has_peers = false;
	mrt->peers.n = mrt->view.n = 0;
	mrt->collector = 0;
}

/*
 * A record that cannot be read: whether another one stands behind it.
 * returns: its length; 0: more bytes are wanted to tell; MANRS_ESYNTAX: its length is wrong too
 */
static int give_bad(manrs_mrt *mrt, const uint8_t *bytes, size_t n, size_t *need,
		    manrs_fault *fault)
{
	manrs_mrt_record *r = &mrt->record;

	if (n - r->n < MRT_HEAD && need) {
		*need = (size_t)r->n + MRT_HEAD;
		return 0;
	}
	if (n - r->n >= MRT_HEAD && !follows(mrt, bytes + r->n))
		return fault_set(fault, MANRS_ESYNTAX, mrt->at,
				 "the record cannot be read, and none follows it");
	if (r->kind == MANRS_MRT_PEERS)
		forget_peers(mrt);
	r->kind = MANRS_MRT_BAD;
	r->entries = 0;
	return (int)r->n;
}

/*
 * Zero the record. What only messages fill is most of it, and a RIB has hundreds of thousands of records without one; there
 * zeros are copied, for GCC's way to make some dozens of them (rep stos) takes longer than all else here.
 */
static void empty(manrs_mrt *mrt)
{
	static const manrs_mrt_record none;
	manrs_mrt_record *r = &mrt->record;
	bool rib = r->type == MRT_TABLE_DUMP_V2 || r->type == MRT_TABLE_DUMP;

	mrt->entry = 0;
	if (rib && !r->fault.what) {
		memcpy(r, &none, offsetof(manrs_mrt_record, session));
		return;
	}
	*r = none;
	mrt->announced = mrt->withdrawn = (manrs_cursor){{0}};
}

static int read_record(manrs_mrt *mrt, const struct mrt_head *head, const uint8_t *bytes, size_t n,
		       size_t *need, manrs_fault *fault)
{
	manrs_mrt_record *r = &mrt->record;
	struct bytes in = {.from = bytes, .at = MRT_HEAD, .end = MRT_HEAD + (size_t)head->length};
	int rc;

	empty(mrt);
	mrt->given = n;
	r->at = mrt->at;
	r->time_s = head->time;
	r->type = head->type;
	r->subtype = head->subtype;
	r->n = MRT_HEAD + head->length;
	rc = read_body(mrt, &in);
	if (rc == MANRS_EBUSY)
		return fault_set(fault, rc, mrt->at, "the store of attributes is full");
	if (rc == MANRS_ENOMEM)
		return fault_set(fault, rc, mrt->at, "out of memory");
	rc = rc == MANRS_OK ? (int)r->n : give_bad(mrt, bytes, n, need, fault);
	if (rc > 0) {
		count(mrt);
		mrt->at += r->n;
	}
	return rc;
}

static void clear_store(manrs_mrt *mrt)
{
	manrs_bgp_store_clear(mrt->store);
	mrt_ahead_forget(mrt);
}

int manrs_mrt_decode(manrs_mrt *mrt, const manrs_mrt_record **record, const void *bytes, size_t n,
		     size_t *need, manrs_fault *fault)
{
	struct mrt_head head;
	size_t want = MRT_HEAD;
	int rc;

	mrt->record.kind = MANRS_MRT_OTHER; /* nothing more of the last one */
	mrt->fresh = mrt->full;
	if (mrt->full)
		clear_store(mrt);
	mrt->full = false;
	if (n >= MRT_HEAD) {
		rc = read_head(mrt, &head, bytes, fault);
		if (rc != MANRS_OK)
			return rc;
		want += head.length;
	}
	if (n < want) {
		if (!need && n)
			return fault_set(fault, MANRS_ESYNTAX, mrt->at, "the record is cut short");
		if (need)
			*need = want;
		return 0;
	}
	rc = read_record(mrt, &head, bytes, n, need, fault);
	if (rc > 0)
		*record = &mrt->record;
	else
		mrt->record.kind = MANRS_MRT_OTHER;
	return rc;
}

/* ---- what a record has ---- */

size_t manrs_mrt_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes,
			   size_t cap)
{
	size_t n = 0;

	if (mrt->record.kind == MANRS_MRT_RIB)
		n = mrt_rib_announced(mrt, out, notes, cap);
	else if (mrt->record.kind == MANRS_MRT_UPDATE)
		n = mrt_update_announced(mrt, out, notes, cap);
	mrt->stats.announced += n;
	return n;
}

size_t manrs_mrt_withdrawn(manrs_mrt *mrt, manrs_prefix *out, uint32_t *path_ids, size_t cap)
{
	size_t n = 0;

	if (mrt->record.kind == MANRS_MRT_UPDATE)
		n = manrs_bgp_withdrawn(&mrt->record.update, &mrt->withdrawn, out, path_ids, cap);
	mrt->stats.withdrawn += n;
	return n;
}

const manrs_bgp_store *manrs_mrt_store(const manrs_mrt *mrt)
{
	return mrt->store;
}

int manrs_mrt_peer_get(const manrs_mrt *mrt, uint32_t index, manrs_mrt_peer *peer)
{
	if (index >= mrt->peers.n)
		return MANRS_ENOENT;
	*peer = ((const manrs_mrt_peer *)mrt->peers.at)[index];
	return MANRS_OK;
}

uint32_t manrs_mrt_peers(const manrs_mrt *mrt, const char **view, size_t *n_view,
			 uint32_t *collector)
{
	if (view)
		*view = mrt->view.n ? mrt->view.at : "";
	if (n_view)
		*n_view = mrt->view.n;
	if (collector)
		*collector = mrt->collector;
	return (uint32_t)mrt->peers.n;
}

int manrs_mrt_stats_get(const manrs_mrt *mrt, manrs_mrt_stats *stats)
{
	return grow_give(stats, LEAST_STATS, &mrt->stats, sizeof mrt->stats) ? MANRS_OK
									     : MANRS_EINVAL;
}
