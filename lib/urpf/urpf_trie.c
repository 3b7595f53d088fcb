/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counted objects and the persistent trie of uRPF snapshots.
 *
 *     old root --> a --> b --> c          set(c') copies the path alone: the new root shares everything beside it
 *     new root --> a'--> b'--> c'
 *
 * The trie is path-compressed and binary: a node's key extends its parent's, a node without `has` has two children.
 * A node is changed in place when the path to it has no second owner (every count on the way is 1), so a long edit
 * copies each node at most once. Counts are the writer's; readers only walk.
 *
 * What dies is put on a list in O(1), through its own head; heap_drain takes one object at a time, lets its children
 * go and frees it: no recursion, no memory, any budget.
 */

#include "urpf/urpf_state.h"

/*
 * A block of so many cache lines: its head is the last quarter of a line, so that its bits begin on the next. Zeroed.
 * From the spare ones of that size, or the newest slab, or a new one.
 */
static void *slab_take(struct heap *h, size_t lines)
{
	size_t bytes = lines * 64;
	struct heap_obj *o = h->spare[lines];
	struct heap_slab *s;
	uintptr_t at;

	if (o) {
		h->spare[lines] = o->next;
		return memset(o, 0, bytes);
	}
	if (!h->slabs || h->used + bytes > SLAB_BYTES) {
		s = mem_alloc(&h->mem, SLAB_BYTES);
		if (!s)
			return NULL;
		s->next = h->slabs;
		h->slabs = s;
		h->bytes += SLAB_BYTES;
		at = (uintptr_t)s + sizeof *s + 16;
		h->used = (at + 63) / 64 * 64 - 16 - (uintptr_t)s;
		return slab_take(h, lines);
	}
	o = (void *)((char *)h->slabs + h->used);
	h->used += bytes;
	return memset(o, 0, bytes);
}

void heap_free_slabs(struct heap *h)
{
	while (h->slabs) {
		struct heap_slab *s = h->slabs;

		h->slabs = s->next;
		mem_free(&h->mem, s, SLAB_BYTES);
	}
}

void *heap_new(struct heap *h, size_t size, enum heap_type type)
{
	size_t units = size / 16 + (size % 16 != 0),
	       lines = type == HEAP_BLOCK ? (size + 63) / 64 : 0;
	struct heap_obj *o;

	if (lines > SLAB_LINES)
		lines = 0;
	o = lines		  ? slab_take(h, lines)
	    : units <= UINT32_MAX ? mem_zalloc(&h->mem, units * 16)
				  : NULL;
	if (!o)
		return NULL;
	o->refs = 1;
	o->units = (uint32_t)units;
	o->lines = (uint16_t)lines;
	o->type = (uint16_t)type;
	h->bytes += lines ? 0 : units * 16;
	return o;
}

static void obj_free(struct heap *h, struct heap_obj *o)
{
	if (o->lines) {
		o->next = h->spare[o->lines];
		h->spare[o->lines] = o;
		return;
	}
	h->bytes -= (uint64_t)o->units * 16;
	mem_free(&h->mem, o, (size_t)o->units * 16);
}

static void value_drop(struct heap *h, uint64_t v)
{
	if (value_is_block(v))
		heap_drop(h, value_block(v));
}

void heap_drop(struct heap *h, void *obj)
{
	struct heap_obj *o = obj;

	if (!o || --o->refs)
		return;
	o->next = h->dead;
	h->dead = o;
}

static void children_drop(struct heap *h, struct heap_obj *o)
{
	switch ((enum heap_type)o->type) {
	case HEAP_PLAIN:
		break;
	case HEAP_NODE: {
		struct ptrie_node *n = (void *)o;

		heap_drop(h, n->child[0]);
		heap_drop(h, n->child[1]);
		heap_drop(h, n->val);
		break;
	}
	case HEAP_REC:
		for (uint32_t i = 0; i < ((struct urpf_record *)(void *)o)->n; i++)
			heap_drop(h, ((struct urpf_record *)(void *)o)->entry[i].path);
		break;
	case HEAP_TOP:
		for (int i = 0; i < 256; i++)
			heap_drop(h, ((struct urpf_top *)(void *)o)->chunk[i]);
		break;
	case HEAP_CHUNK:
		for (int i = 0; i < 256; i++)
			value_drop(h, ((struct urpf_chunk *)(void *)o)->at[i]);
		break;
	case HEAP_BLOCK: {
		struct urpf_block *k = (void *)o;

		for (uint32_t i = 0; k->wide && i < k->runs; i++)
			value_drop(h, k->val[i]);
		break;
	}
	case HEAP_LPM:
		manrs_lpm_free(((struct urpf_lpm *)(void *)o)->lpm);
		break;
	case HEAP_FLAT:
		heap_drop(h, ((struct urpf_flat *)(void *)o)->store);
		for (int i = 0; i < 256; i++)
			heap_drop(h, ((struct urpf_flat *)(void *)o)->page[i]);
		break;
	case HEAP_MATCH: {
		struct urpf_match *m = (void *)o;

		heap_drop(h, m->lpm);
		for (uint64_t i = 0; i < m->n_pages; i++)
			heap_drop(h, m->page[i]);
		break;
	}
	case HEAP_IFACES: {
		struct urpf_ifaces *f = (void *)o;

		for (uint32_t i = 0; i < f->n; i++)
			mem_free(&h->mem, f->at[i].acl, f->at[i].n_acl * sizeof *f->at[i].acl);
		break;
	}
	case HEAP_VIEW: {
		struct urpf_view *v = (void *)o;

		manrs_db_unref(v->db);
		vec_free(&h->mem, &v->vrp, sizeof(manrs_route));
		vec_free(&h->mem, &v->irr, sizeof(manrs_route));
		vec_free(&h->mem, &v->vrp_asn, sizeof(uint32_t));
		vec_free(&h->mem, &v->irr_asn, sizeof(uint32_t));
		vec_free(&h->mem, &v->customers, sizeof(uint32_t));
		vec_free(&h->mem, &v->providers, sizeof(uint32_t));
		vec_free(&h->mem, &v->aspas, sizeof(manrs_aspa_pair));
		break;
	}
	}
}

bool heap_drain(struct heap *h, size_t budget)
{
	for (size_t n = 0; h->dead && (!budget || n < budget); n++) {
		struct heap_obj *o = h->dead;

		h->dead = o->next;
		children_drop(h, o);
		obj_free(h, o);
	}
	return h->dead != NULL;
}

struct ptrie_key ptrie_key_of(const manrs_prefix *p)
{
	struct ptrie_key k = {.bits = p->len};

	memcpy(k.at, p->addr, 16);
	return k;
}

manrs_prefix ptrie_key_prefix(const uint8_t *key, unsigned bits, unsigned family)
{
	manrs_prefix p = {.family = (uint8_t)family, .len = (uint8_t)bits, .maxlen = (uint8_t)bits};

	memcpy(p.addr, key, 16);
	return p;
}

/* How many leading bits two keys share, at most max. */
static unsigned common(const uint8_t *a, const uint8_t *b, unsigned max)
{
	for (unsigned at = 0; at < max; at += 64) {
		uint64_t x = get64(a + at / 8) ^ get64(b + at / 8);

		if (x) {
			unsigned n = at + cc_clz64(x);

			return n < max ? n : max;
		}
	}
	return max;
}

static bool covers(const struct ptrie_node *n, const struct ptrie_key *k)
{
	return n->bits <= k->bits && common(n->key, k->at, n->bits) == n->bits;
}

static struct ptrie_node *node_new(struct heap *h, const uint8_t *key, unsigned bits)
{
	struct ptrie_node *n = heap_new(h, sizeof *n, HEAP_NODE);

	if (!n)
		return NULL;
	memcpy(n->key, key, PTRIE_KEY_BYTES);
	for (unsigned i = bits / 8 + (bits % 8 != 0); i < PTRIE_KEY_BYTES; i++)
		n->key[i] = 0;
	if (bits % 8)
		n->key[bits / 8] &= (uint8_t)(0xff00u >> bits % 8);
	n->bits = (uint8_t)bits;
	return n;
}

/* Make the node in this slot ours alone; the slot is. */
static struct ptrie_node *node_own(struct heap *h, struct ptrie_node **slot)
{
	struct ptrie_node *old = *slot, *n;

	if (old->obj.refs == 1)
		return old;
	n = node_new(h, old->key, old->bits);
	if (!n)
		return NULL;
	n->has = old->has;
	n->val = heap_ref(old->val);
	n->child[0] = heap_ref(old->child[0]);
	n->child[1] = heap_ref(old->child[1]);
	heap_drop(h, old);
	return *slot = n;
}

int ptrie_set(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key, void *val)
{
	struct ptrie_node **slot = root, *n, *leaf, *fork;

	while (*slot && covers(*slot, key)) {
		n = node_own(h, slot);
		if (!n)
			return MANRS_ENOMEM;
		if (n->bits == key->bits) {
			int fresh = !n->has;

			heap_drop(h, n->val);
			n->val = val;
			n->has = 1;
			return fresh;
		}
		slot = &n->child[addr_bit(key->at, n->bits)];
	}
	leaf = node_new(h, key->at, key->bits);
	if (!leaf)
		return MANRS_ENOMEM;
	leaf->has = 1;
	n = *slot;
	if (n) {
		unsigned max = n->bits < key->bits ? n->bits : key->bits;
		unsigned at = common(n->key, key->at, max);

		if (at == key->bits) {
			leaf->child[addr_bit(n->key, at)] = n;
		} else {
			fork = node_new(h, key->at, at);
			if (!fork) {
				heap_drop(h, leaf);
				return MANRS_ENOMEM;
			}
			fork->child[addr_bit(n->key, at)] = n;
			fork->child[addr_bit(key->at, at)] = leaf;
			leaf->val = val;
			*slot = fork;
			return 1;
		}
	}
	leaf->val = val;
	*slot = leaf;
	return 1;
}

/* Take a node that holds nothing and has one child or none out of its slot. */
static void node_splice(struct heap *h, struct ptrie_node **slot)
{
	struct ptrie_node *n = *slot;

	if (n->has || (n->child[0] && n->child[1]))
		return;
	*slot = heap_ref(n->child[0] ? n->child[0] : n->child[1]);
	heap_drop(h, n);
}

int ptrie_del(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key)
{
	struct ptrie_node **slot = root, **above = NULL, *n;

	if (!ptrie_get(*root, key))
		return MANRS_ENOENT;
	for (;;) {
		n = node_own(h, slot);
		if (!n)
			return MANRS_ENOMEM;
		if (n->bits == key->bits)
			break;
		above = slot;
		slot = &n->child[addr_bit(key->at, n->bits)];
	}
	heap_drop(h, n->val);
	n->val = NULL;
	n->has = 0;
	node_splice(h, slot);
	if (above)
		node_splice(h, above);
	return MANRS_OK;
}

const struct ptrie_node *ptrie_get(const struct ptrie_node *n, const struct ptrie_key *key)
{
	while (n && n->bits < key->bits)
		n = n->child[addr_bit(key->at, n->bits)];
	return n && n->has && n->bits == key->bits && covers(n, key) ? n : NULL;
}

unsigned ptrie_covering(const struct ptrie_node *n, const struct ptrie_key *key, const struct ptrie_node **out)
{
	unsigned found = 0;

	while (n && covers(n, key)) {
		if (n->has)
			out[found++] = n;
		if (n->bits == key->bits)
			break;
		n = n->child[addr_bit(key->at, n->bits)];
	}
	return found;
}

const struct ptrie_node *ptrie_under(const struct ptrie_node *n, const struct ptrie_key *key)
{
	while (n && n->bits < key->bits)
		n = n->child[addr_bit(key->at, n->bits)];
	return n && common(n->key, key->at, key->bits) == key->bits ? n : NULL;
}

/* The first node with a key at n or below. */
static const struct ptrie_node *first(const struct ptrie_node *n)
{
	while (n && !n->has)
		n = n->child[0];
	return n;
}

const struct ptrie_node *ptrie_next(const struct ptrie_node *n, const struct ptrie_key *after)
{
	const struct ptrie_node *later = NULL; /* the nearest subtree that is wholly after */

	if (!after)
		return first(n);
	while (n) {
		unsigned max = n->bits < after->bits ? n->bits : after->bits;
		unsigned at = common(n->key, after->at, max);

		if (at < max) /* they part: all of n is before or after */
			return addr_bit(n->key, at) ? first(n) : first(later);
		if (n->bits > after->bits)
			return first(n);
		if (n->bits == after->bits)
			return n->child[0]   ? first(n->child[0])
			       : n->child[1] ? first(n->child[1])
					     : first(later);
		if (!addr_bit(after->at, n->bits) && n->child[1])
			later = n->child[1];
		n = n->child[addr_bit(after->at, n->bits)];
	}
	return first(later);
}
