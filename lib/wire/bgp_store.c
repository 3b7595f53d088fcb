/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store of attribute sets: equal bytes are read once, equal paths stand once.
 *
 *     sets  (slots)  -> unit ->  set    the record that is lent | its key | the bytes that count
 *     paths (slots)  -> unit ->  path   hops | kinds
 *     chunk[]        pieces of 256 KiB in units of 8 bytes, filled one behind the other; what was lent stays where it is
 *
 * bgp_key.c says which bytes of a set count. One that is looked for among many may first be guessed: by the hash of its bytes as
 * they are, so that the memory of many comes at once.
 */

#include "wire/bgp_wire.h"

#include "base/grow.h"
#include "base/mem.h"
#include "base/nh.h"
#include "base/slots.h"

#define CHUNK_BITS 15 /* units */
#define UNIT       8u
#define CHUNK_SIZE ((size_t)UNIT << CHUNK_BITS)
#define AHEAD      ((size_t)64) /* items that room is made for at once */

#define FLAGS_ALL (BGP_READ_BY | MANRS_BGP_PATHS4 | MANRS_BGP_PATHS6 | MANRS_BGP_EXTENDED)

_Static_assert(BGP_READ_BY <= UINT16_MAX, "flags fit");

struct path {
	uint32_t id, n;
	uint32_t mixed; /* it has kinds */
	uint32_t asn[]; /* n hops, then n kinds */
};

_Static_assert(offsetof(struct bgp_set, attrs) == 0, "what is lent is its set");
_Static_assert(sizeof(struct bgp_set) + BGP_CUTS * sizeof(struct bgp_cut) + BGP_ATTRS_MOST +
			       sizeof(manrs_bgp_more) + UNIT <=
		       CHUNK_SIZE / 3,
	       "a set fits");
_Static_assert(sizeof(struct path) + BGP_ATTRS_MOST / 2 * 5 + 2 * UNIT <= CHUNK_SIZE * 2 / 3,
	       "and its path with it");

struct manrs_bgp_store {
	manrs_alloc host, mem; /* mem: of the host, counted and bounded */
	uint64_t max_bytes, bytes;
	bool full; /* the bound refused, not the host */
	struct slots sets, paths;
	struct nh nh;      /* with the seed of sets */
	struct vec set_at; /* uint32_t: the unit of set id */
	uint32_t n_paths;
	struct vec chunks;    /* char * */
	size_t unit;          /* the next free one */
	struct vec asn, kind; /* room for a reading, for */
	size_t most;          /* so many hops a path */
	size_t room;          /* sets and paths for which all but the chunks has room */
	uint64_t asked, hits, clears;
};

/* ---- memory ---- */

/* The host's, as long as it stays below the bound. */
static void *bounded(void *arg, void *ptr, size_t old, size_t n)
{
	manrs_bgp_store *store = arg;
	void *new;

	if (n > old && n - old > store->max_bytes - store->bytes) {
		store->full = true;
		return NULL;
	}
	new = store->host.resize(store->host.arg, ptr, old, n);
	if (new || !n)
		store->bytes = store->bytes - old + n;
	return new;
}

static int refused(const manrs_bgp_store *store)
{
	return store->full ? MANRS_ELIMIT : MANRS_ENOMEM;
}

static void *at_unit(const manrs_bgp_store *store, size_t unit)
{
	return ((char **)store->chunks.at)[unit >> CHUNK_BITS] +
	       (unit & (((size_t)1 << CHUNK_BITS) - 1)) * UNIT;
}

static void free_chunks(manrs_bgp_store *store)
{
	for (size_t i = 0; i < store->chunks.n; i++)
		mem_free(&store->mem, ((char **)store->chunks.at)[i], CHUNK_SIZE);
	store->chunks.n = 0;
}

/* The end of what is used; *unit: where it begins. NULL: refused. */
static void *take(manrs_bgp_store *store, size_t size, size_t *unit)
{
	size_t units = (size + UNIT - 1) / UNIT, chunk = store->unit >> CHUNK_BITS;
	char **at;

	assert(units <= (size_t)1 << CHUNK_BITS);
	if (units && (store->unit + units - 1) >> CHUNK_BITS != chunk)
		store->unit = ++chunk << CHUNK_BITS;
	if (store->unit + units >= SLOTS_MOST) {
		store->full = true;
		return NULL;
	}
	if (chunk == store->chunks.n) {
		if (!vec_reserve(&store->mem, &store->chunks, 1, sizeof *at))
			return NULL;
		at = (char **)store->chunks.at + chunk;
		*at = mem_alloc(&store->mem, CHUNK_SIZE);
		if (!*at)
			return NULL;
		store->chunks.n++;
	}
	*unit = store->unit;
	store->unit += units;
	return at_unit(store, *unit);
}

/* ---- paths ---- */

static const uint8_t *path_kinds(const struct path *p)
{
	return (const uint8_t *)(p->asn + p->n);
}

static bool path_is(const struct path *p, const manrs_path *path)
{
	return p->n == path->n && p->mixed == (path->kind != NULL) &&
	       (!p->n || !memcmp(p->asn, path->asn, p->n * sizeof *p->asn)) &&
	       (!path->kind || !memcmp(path_kinds(p), path->kind, p->n));
}

static uint64_t path_hash(const manrs_bgp_store *store, const manrs_path *path)
{
	uint64_t hash = nh_hash(&store->nh, 0, path->asn, path->n * sizeof *path->asn);

	return path->kind ? nh_hash(&store->nh, hash, path->kind, path->n) : hash;
}

static void path_lend(manrs_bgp_attrs *attrs, const struct path *p)
{
	attrs->path_id = p->id;
	attrs->path = (manrs_path){p->n ? p->asn : NULL, p->mixed ? path_kinds(p) : NULL, p->n, 0};
}

/* Let attrs->path be the one that stands for all equal ones. *put: it is new, and goes to *unit when all else is done. */
static bool path_intern(manrs_bgp_store *store, manrs_bgp_attrs *attrs, uint64_t hash, bool *put,
			size_t *unit)
{
	const manrs_path *path = &attrs->path;
	size_t at = slots_home(&store->paths, hash);
	struct path *p;

	*put = false;
	while (slots_next(&store->paths, hash, &at, unit)) {
		p = at_unit(store, *unit);
		if (path_is(p, path)) {
			path_lend(attrs, p);
			return true;
		}
	}
	p = take(store, sizeof *p + path->n * (sizeof *p->asn + (path->kind ? 1 : 0)), unit);
	if (!p)
		return false;
	*p = (struct path){.id = store->n_paths, .n = path->n, .mixed = path->kind != NULL};
	if (path->n)
		memcpy(p->asn, path->asn, path->n * sizeof *p->asn);
	if (path->kind)
		memcpy(p->asn + p->n, path->kind, path->n);
	path_lend(attrs, p);
	*put = true;
	return true;
}

/* ---- keys ---- */

/* The pieces between the cuts. */
static uint64_t key_hash(const manrs_bgp_store *store, const struct bgp_key *key)
{
	uint64_t hash = key->session->flags & BGP_READ_BY;
	size_t at = 0;

	for (uint32_t i = 0; i < key->n_cuts; i++) {
		hash = nh_hash(&store->nh, hash, key->bytes + at, key->cut[i].at - at);
		at = (size_t)key->cut[i].at + key->cut[i].n;
	}
	return nh_hash(&store->nh, hash, key->bytes + at, key->n - at);
}

/* ---- sets ---- */

/* A set whose attributes were read out of the key's bytes: what it keeps of these, and what it lends. */
static void set_fill(struct bgp_set *set, const struct bgp_key *key)
{
	manrs_bgp_attrs *attrs = &set->attrs;
	size_t before = 0;

	set->flags = (uint16_t)(key->session->flags & BGP_READ_BY);
	set->kept = (uint16_t)key->kept;
	set->n_cuts = (uint16_t)key->n_cuts;
	for (uint32_t i = 0; i < key->n_cuts; i++) {
		set->cut[i] = key->cut[i];
		set->cut[i].at = (uint16_t)(key->cut[i].at - before);
		before += key->cut[i].n;
	}
	bgp_key_copy((uint8_t *)(set->cut + set->n_cuts), key);
	attrs->communities = bgp_set_kept(set, key, attrs->communities);
}

/* What few sets have goes behind the set that has it; the others share what is empty. */
static bool more_keep(manrs_bgp_store *store, struct bgp_set *set, const struct bgp_key *key,
		      const manrs_bgp_more *more)
{
	static const manrs_bgp_more none;
	manrs_bgp_more *kept;
	size_t unit;

	set->attrs.more = &none;
	if (!memcmp(more, &none, sizeof none))
		return true;
	kept = take(store, sizeof *kept, &unit);
	if (!kept)
		return false;
	*kept = *more;
	kept->extended = bgp_set_kept(set, key, more->extended);
	kept->large = bgp_set_kept(set, key, more->large);
	kept->clusters = bgp_set_kept(set, key, more->clusters);
	set->attrs.more = kept;
	return true;
}

/* Room for three paths out of n bytes of attributes. */
static bool room_for(manrs_bgp_store *store, struct bgp_room *room, size_t n)
{
	size_t most = bgp_hops_most(n);

	if (most > store->most) {
		if (!vec_reserve(&store->mem, &store->asn, 3 * most, sizeof *room->asn) ||
		    !vec_reserve(&store->mem, &store->kind, 3 * most, 1))
			return false;
		store->most = most;
	}
	*room = (struct bgp_room){store->asn.at, store->kind.at, most};
	return true;
}

/* Room for one item more everywhere, so that what follows can only fail for the chunks; in a store that is used, for many. */
static bool room_for_one(manrs_bgp_store *store)
{
	size_t ahead = store->set_at.n < AHEAD ? 1 : AHEAD;

	if (!store->room) {
		if (!slots_reserve(&store->mem, &store->sets, store->set_at.n + ahead) ||
		    !slots_reserve(&store->mem, &store->paths, store->n_paths + ahead) ||
		    !vec_reserve(&store->mem, &store->set_at, ahead, sizeof(uint32_t)))
			return false;
		store->room = ahead;
	}
	store->room--;
	return true;
}

static int add_refused(manrs_bgp_store *store, size_t unit)
{
	store->unit = unit;
	return refused(store);
}

static int add(manrs_bgp_store *store, const manrs_bgp_attrs **out, const struct bgp_key *key)
{
	size_t before = store->unit, path_unit, unit;
	manrs_bgp_more more;
	struct bgp_room room;
	struct bgp_set *set;
	uint64_t hash;
	bool put;

	store->full = false;
	if (!room_for(store, &room, key->n) || !room_for_one(store))
		return refused(store);
	set = take(store, sizeof *set + key->n_cuts * sizeof *set->cut + key->kept, &unit);
	if (!set)
		return add_refused(store, before);
	bgp_attrs_read(&set->attrs, &more, key->session, key->bytes, key->n, &room);
	hash = path_hash(store, &set->attrs.path);
	if (!path_intern(store, &set->attrs, hash, &put, &path_unit))
		return add_refused(store, before);
	set_fill(set, key);
	if (!more_keep(store, set, key, &more))
		return add_refused(store, before);
	set->attrs.id = (uint32_t)store->set_at.n;
	((uint32_t *)store->set_at.at)[store->set_at.n++] = (uint32_t)unit;
	slots_put(&store->sets, key->hash, unit);
	if (put) {
		slots_put(&store->paths, hash, path_unit);
		store->n_paths++;
	}
	*out = &set->attrs;
	return MANRS_OK;
}

/* ---- lookups ---- */

static const struct bgp_set *look(const manrs_bgp_store *store, const struct bgp_key *key)
{
	size_t at = slots_home(&store->sets, key->hash), unit;

	while (slots_next(&store->sets, key->hash, &at, &unit)) {
		const struct bgp_set *set = at_unit(store, unit);

		if (bgp_set_is(set, key))
			return set;
	}
	return NULL;
}

void bgp_store_guess(const manrs_bgp_store *store, const manrs_bgp_session *session,
		     struct bgp_guess *guesses, size_t n)
{
	for (struct bgp_guess *g = guesses; g < guesses + n; g++) {
		g->hash = nh_hash(&store->nh, session->flags & BGP_READ_BY, g->bytes, g->n);
		g->attrs = NULL;
		cc_prefetch(&store->sets.slot[slots_home(&store->sets, g->hash)]);
	}
}

/* The place of the path that a new set will have; where it is not an easy one, that waits for its turn. */
static void fetch_path(const manrs_bgp_store *store, const manrs_bgp_session *session,
		       const uint8_t *bytes, size_t n)
{
	struct bytes in = bytes_of(bytes, n);
	uint32_t asn[16];
	manrs_path path = {.asn = asn};
	struct bgp_attr attr;

	while (bgp_attr_next(&in, &attr))
		if (attr.type == MANRS_BGP_AS_PATH)
			break;
	if (attr.type != MANRS_BGP_AS_PATH || !(session->flags & MANRS_BGP_AS4) || attr.n < 6 ||
	    attr.value[0] != MANRS_SEGMENT_SEQUENCE || attr.n != 2 + 4u * attr.value[1] ||
	    attr.n > 2 + sizeof asn)
		return;
	for (; path.n < attr.value[1]; path.n++)
		asn[path.n] = get32(attr.value + 2 + 4 * path.n);
	cc_prefetch(&store->paths.slot[slots_home(&store->paths, path_hash(store, &path))]);
}

void bgp_store_fetch(const manrs_bgp_store *store, const manrs_bgp_session *session,
		     struct bgp_guess *guesses, size_t n)
{
	for (struct bgp_guess *g = guesses; g < guesses + n; g++) {
		size_t at = slots_home(&store->sets, g->hash), unit;
		const char *set;

		if (!slots_next(&store->sets, g->hash, &at, &unit)) {
			fetch_path(store, session, g->bytes, g->bytes ? g->n : 0);
			continue;
		}
		set = at_unit(store, unit);
		g->attrs = (const manrs_bgp_attrs *)(const void *)set;
		/* the record, and the first of the bytes that are compared */
		cc_prefetch(set);
		cc_prefetch(set + 64);
		cc_prefetch(set + 128);
	}
}

/* What is not there where it was guessed, as it is kept: it may be there, or it is new. */
static cc_noinline int look_or_add(manrs_bgp_store *store, const manrs_bgp_attrs **attrs,
				   const manrs_bgp_session *session, const uint8_t *bytes, size_t n,
				   const struct bgp_guess *guess)
{
	const struct bgp_set *set = NULL;
	struct bgp_key key;
	int rc;

	key.bytes = n ? bytes : (const uint8_t *)"";
	key.n = n;
	key.session = session;
	key.n_cuts = 0;
	key.kept = (uint32_t)n;
	if (guess) {
		key.hash = guess->hash;
		set = look(store, &key);
	}
	if (!set) {
		bgp_key_cut(&key);
		key.hash = key_hash(store, &key);
		if (!guess || key.n_cuts || key.hash != guess->hash)
			set = look(store, &key);
	}
	if (set) {
		*attrs = &set->attrs;
		store->hits++;
		return MANRS_OK;
	}
	rc = add(store, attrs, &key);
	if (rc != MANRS_ELIMIT || store->set_at.n)
		return rc;
	/* Cleared, and what it kept for others leaves no room for this one. */
	free_chunks(store);
	return add(store, attrs, &key);
}

void bgp_store_hit(manrs_bgp_store *store, size_t n)
{
	store->asked += n;
	store->hits += n;
}

int bgp_store_find(manrs_bgp_store *store, const manrs_bgp_attrs **attrs,
		   const manrs_bgp_session *session, const uint8_t *bytes, size_t n,
		   const struct bgp_guess *guess)
{
	int rc;

	if (n > BGP_ATTRS_MOST || session->flags & ~FLAGS_ALL || session->zero)
		return MANRS_EINVAL;
	rc = look_or_add(store, attrs, session, bytes, n, guess);
	store->asked += rc == MANRS_OK;
	return rc;
}

/* ---- the public calls ---- */

int manrs_bgp_store_get(manrs_bgp_store *store, const manrs_bgp_attrs **attrs,
			const manrs_bgp_session *session, const void *bytes, size_t n)
{
	return bgp_store_find(store, attrs, session, bytes, n, NULL);
}

const manrs_bgp_attrs *manrs_bgp_store_at(const manrs_bgp_store *store, uint32_t id)
{
	const struct bgp_set *set;

	if (id >= store->set_at.n)
		return NULL;
	set = at_unit(store, ((const uint32_t *)store->set_at.at)[id]);
	return &set->attrs;
}

#define LEAST_CONFIG GROW_LEAST(manrs_bgp_store_config, hash_seed)
#define LEAST_STATS  GROW_LEAST(manrs_bgp_store_stats, clears)
#define LEAST_BYTES  (UINT64_C(2) << 20) /* a set of any size fits into an empty store */

int manrs_bgp_store_config_init(manrs_bgp_store_config *config, size_t size)
{
	const manrs_bgp_store_config defaults = {.max_bytes = UINT64_C(256) << 20};

	return grow_init(config, size, LEAST_CONFIG, &defaults, sizeof defaults) ? MANRS_OK
										 : MANRS_EINVAL;
}

int manrs_bgp_store_new(manrs_bgp_store **out, const manrs_bgp_store_config *config)
{
	manrs_bgp_store_config c;
	manrs_bgp_store *store;
	manrs_alloc host;

	manrs_bgp_store_config_init(&c, sizeof c);
	if (config && !grow_take(&c, sizeof c, LEAST_CONFIG, config))
		return MANRS_EINVAL;
	if (c.max_bytes < LEAST_BYTES)
		return MANRS_EINVAL;
	host = mem_of(c.alloc);
	store = mem_zalloc(&host, sizeof *store);
	if (!store)
		return MANRS_ENOMEM;
	store->host = host;
	store->mem = (manrs_alloc){bounded, store};
	store->max_bytes = c.max_bytes;
	store->bytes = sizeof *store;
	slots_seed(&store->sets, c.hash_seed);
	if (!room_for_one(store)) {
		manrs_bgp_store_free(store);
		return MANRS_ENOMEM;
	}
	nh_seed(&store->nh, store->sets.seed);
	*out = store;
	return MANRS_OK;
}

void manrs_bgp_store_free(manrs_bgp_store *store)
{
	manrs_alloc host;

	if (!store)
		return;
	free_chunks(store);
	vec_free(&store->mem, &store->chunks, sizeof(char *));
	vec_free(&store->mem, &store->set_at, sizeof(uint32_t));
	vec_free(&store->mem, &store->asn, sizeof(uint32_t));
	vec_free(&store->mem, &store->kind, 1);
	slots_free(&store->mem, &store->sets);
	slots_free(&store->mem, &store->paths);
	assert(store->bytes == sizeof *store);
	host = store->host;
	mem_free(&host, store, sizeof *store);
}

void manrs_bgp_store_clear(manrs_bgp_store *store)
{
	memset(store->sets.slot, 0, store->sets.n * sizeof *store->sets.slot);
	memset(store->paths.slot, 0, store->paths.n * sizeof *store->paths.slot);
	store->set_at.n = 0;
	store->n_paths = 0;
	store->unit = 0;
	store->clears++;
}

int manrs_bgp_store_stats_get(const manrs_bgp_store *store, manrs_bgp_store_stats *stats)
{
	const manrs_bgp_store_stats s = {.sets = store->set_at.n,
					 .paths = store->n_paths,
					 .bytes = store->bytes,
					 .asked = store->asked,
					 .hits = store->hits,
					 .clears = store->clears};

	return grow_give(stats, LEAST_STATS, &s, sizeof s) ? MANRS_OK : MANRS_EINVAL;
}
