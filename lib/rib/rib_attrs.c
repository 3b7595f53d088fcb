/* SPDX-License-Identifier: BSD-2-Clause */
/* Interned attributes (rib_attrs.h). */

#include "rib/rib_attrs.h"

#include "net/bits.h"
#include "net/path_walk.h"

void rib_attrs_init(struct rib_attrs_store *store, struct pool *pool, const manrs_alloc *mem,
		    const uint64_t seed[2])
{
	*store = (struct rib_attrs_store){.pool = pool, .mem = mem, .free = RIB_ATTRS_NONE};
	store->seed[0] = seed[0];
	store->seed[1] = seed[1];
	for (unsigned i = 0; i < RIB_SHARDS; i++)
		slots_seed(&store->shard[i], seed);
}

void rib_attrs_free(struct rib_attrs_store *store)
{
	struct rib_page **pages = store->pages.at;

	for (size_t i = 0; i < store->pages.n; i++)
		mem_free(store->mem, pages[i], sizeof *pages[i]);
	vec_free(store->mem, &store->pages, sizeof *pages);
	vec_free(store->mem, &store->words, sizeof(uint64_t));
	for (unsigned i = 0; i < RIB_SHARDS; i++)
		slots_free(store->mem, &store->shard[i]);
}

/* ---- the bytes of a set ---- */

static unsigned hop_words(unsigned family)
{
	return family_bits(family) / 32;
}

static size_t attrs_size(const struct rib_attrs *attrs)
{
	size_t n = sizeof *attrs + ((size_t)hop_words(attrs->hop_family) + attrs->n) * 4;

	return n + (attrs->kinds ? attrs->n : 0);
}

static bool address_as_is(const manrs_prefix *p)
{
	manrs_prefix whole = *p;

	if (p->family == 0) {
		memset(&whole, 0, sizeof whole);
		return !memcmp(p, &whole, sizeof whole);
	}
	return prefix_ok(p) && p->len == family_bits(p->family) && p->maxlen == p->len;
}

static bool rest_zero(const manrs_announcement *a)
{
	uint8_t seen = 0;

	for (size_t i = 0; i < sizeof a->zero; i++)
		seen |= a->zero[i];
	return !seen && a->flags <= UINT8_MAX && a->learned_from <= UINT8_MAX;
}

bool rib_attrs_mend(manrs_announcement *a)
{
	bool path = path_ok(&a->path) && a->path.n < RIB_ATTRS_HOPS, hop, rest = rest_zero(a);

	/* maxlen is nobody's business here: what differs in it alone is the same address */
	if (a->next_hop.family)
		a->next_hop.maxlen = a->next_hop.len;
	hop = address_as_is(&a->next_hop);
	if (path && hop && rest)
		return true;
	if (!path)
		a->path = (manrs_path){0};
	if (!hop)
		a->next_hop = (manrs_prefix){0};
	if (!rest) {
		a->learned_from = 0;
		a->flags &= UINT8_MAX;
		memset(a->zero, 0, sizeof a->zero);
	}
	a->flags |= MANRS_ANNOUNCE_MALFORMED;
	return false;
}

/* The flags that its session gives an announcement. */
#define OF_SESSION (MANRS_ANNOUNCE_EGRESS | MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL)

/* The set of an announcement in the store's words. returns: how many; 0: refused */
static size_t attrs_write(struct rib_attrs_store *store, const manrs_announcement *a)
{
	struct rib_attrs head = {.n = a->path.n,
				 .otc = a->otc,
				 .flags = (uint8_t)(a->flags & ~OF_SESSION),
				 .learned_from = (uint8_t)a->learned_from,
				 .hop_family = a->next_hop.family,
				 .kinds = a->path.kind != NULL};
	size_t words = (attrs_size(&head) + 7) / 8, hop = hop_words(head.hop_family) * 4;
	char *at;

	store->words.n = 0;
	if (!vec_reserve(store->mem, &store->words, words, sizeof(uint64_t)))
		return 0;
	at = store->words.at;
	memset(at + (words - 1) * 8, 0, 8);
	memcpy(at, &head, sizeof head);
	at += sizeof head;
	memcpy(at, a->next_hop.addr, hop);
	if (head.n)
		memcpy(at + hop, a->path.asn, (size_t)head.n * 4);
	if (head.n && head.kinds)
		memcpy(at + hop + (size_t)head.n * 4, a->path.kind, head.n);
	return words;
}

/* ---- ids ---- */

static bool id_reserve(struct rib_attrs_store *store)
{
	struct rib_page *page;

	if (store->free != RIB_ATTRS_NONE || store->n % RIB_PAGE)
		return true;
	if (store->n > RIB_ATTRS_NONE - RIB_PAGE ||
	    !vec_reserve(store->mem, &store->pages, 1, sizeof(struct rib_page *)))
		return false;
	page = mem_zalloc(store->mem, sizeof *page);
	if (!page)
		return false;
	((struct rib_page **)store->pages.at)[store->pages.n++] = page;
	/* the whole page is free: the first id is given out next */
	for (uint32_t i = RIB_PAGE; i-- > 0;) {
		page->at[i] = (uintptr_t)store->free << 1 | 1;
		store->free = store->n + i;
	}
	store->n += RIB_PAGE;
	return true;
}

static uint32_t id_take(struct rib_attrs_store *store, struct rib_attrs *attrs)
{
	uint32_t id = store->free;
	struct rib_page *page = rib_page_of(store, id);

	store->free = (uint32_t)(page->at[id % RIB_PAGE] >> 1);
	page->at[id % RIB_PAGE] = (uintptr_t)attrs;
	return id;
}

static void id_give(struct rib_attrs_store *store, uint32_t id)
{
	struct rib_page *page = rib_page_of(store, id);
	uint64_t bit = UINT64_C(1) << id % 64;

	page->at[id % RIB_PAGE] = (uintptr_t)store->free << 1 | 1;
	store->free = id;
	page->marks[0][id % RIB_PAGE / 64] &= ~bit;
	page->marks[1][id % RIB_PAGE / 64] &= ~bit;
}

/* ---- sets ---- */

static struct rib_attrs *attrs_of(const struct rib_attrs_store *store, uint32_t id)
{
	return (struct rib_attrs *)rib_page_of(store, id)->at[id % RIB_PAGE];
}

/* The set whose bytes behind the count are those of the store's words; RIB_ATTRS_NONE. */
static uint32_t attrs_find(const struct rib_attrs_store *store, const struct slots *s,
			   uint64_t hash, size_t size)
{
	size_t at, id;

	if (!s->n)
		return RIB_ATTRS_NONE;
	at = slots_home(s, hash);
	while (slots_next(s, hash, &at, &id)) {
		const struct rib_attrs *attrs = rib_attrs_at(store, (uint32_t)id);

		if (attrs_size(attrs) == size &&
		    !memcmp(&attrs->n, (const char *)store->words.at + sizeof attrs->refs,
			    size - sizeof attrs->refs))
			return (uint32_t)id;
	}
	return RIB_ATTRS_NONE;
}

uint32_t rib_attrs_take(struct rib_attrs_store *store, const manrs_announcement *a)
{
	size_t words = attrs_write(store, a), size;
	uint64_t hash;
	unsigned shard;
	struct rib_attrs *attrs;
	uint32_t id;

	if (!words)
		return RIB_ATTRS_NONE;
	hash = slots_hash(store->seed, store->words.at, words * 8);
	shard = hash % RIB_SHARDS; /* the table itself uses the upper half */
	size = attrs_size(store->words.at);
	id = attrs_find(store, &store->shard[shard], hash, size);
	if (id != RIB_ATTRS_NONE) {
		attrs_of(store, id)->refs++;
		return id;
	}
	if (!id_reserve(store) ||
	    !slots_reserve(store->mem, &store->shard[shard], store->count[shard] + (size_t)1))
		return RIB_ATTRS_NONE;
	attrs = pool_alloc(store->pool, size);
	if (!attrs)
		return RIB_ATTRS_NONE;
	memcpy(attrs, store->words.at, size);
	attrs->refs = 1;
	id = id_take(store, attrs);
	slots_put(&store->shard[shard], hash, id);
	store->count[shard]++;
	store->live++;
	return id;
}

/* The hash of a set that is held: over its bytes with a count of 0, in whole words. */
static uint64_t hash_of(struct rib_attrs_store *store, const struct rib_attrs *attrs)
{
	manrs_announcement a = {0};

	rib_attrs_give(attrs, &a);
	/* the store's words had room for it when it was taken, and never shrink */
	return slots_hash(store->seed, store->words.at, attrs_write(store, &a) * 8);
}

void rib_attrs_drop(struct rib_attrs_store *store, uint32_t id)
{
	struct rib_attrs *attrs = attrs_of(store, id);
	uint64_t hash;

	assert(attrs->refs > 0);
	if (--attrs->refs)
		return;
	hash = hash_of(store, attrs);
	slots_take(&store->shard[hash % RIB_SHARDS], hash, id);
	store->count[hash % RIB_SHARDS]--;
	store->live--;
	pool_free(store->pool, attrs, attrs_size(attrs));
	id_give(store, id);
}

void rib_attrs_give(const struct rib_attrs *attrs, manrs_announcement *a)
{
	const uint32_t *asn = attrs->word + hop_words(attrs->hop_family);

	a->otc = attrs->otc;
	a->flags |= attrs->flags;
	a->learned_from = attrs->learned_from;
	a->next_hop = (manrs_prefix){.family = attrs->hop_family};
	a->next_hop.len = a->next_hop.maxlen = (uint8_t)family_bits(attrs->hop_family);
	memcpy(a->next_hop.addr, attrs->word, hop_words(attrs->hop_family) * 4);
	a->path = (manrs_path){.asn = asn, .n = attrs->n};
	if (attrs->kinds)
		a->path.kind = (const uint8_t *)(asn + attrs->n);
}
