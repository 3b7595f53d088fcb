/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The radix trie: a map from prefixes of both families to 64-bit values.
 *
 * A node stands for a prefix. It is a key with a value, or a branch: a point without a value where
 * two subtrees part. One body serves both families: an address is 128 bits in two words, an IPv4
 * address the first 32 of them, and each family has a root of its own. With 10/8, 10.1/16 and
 * 10.2/16 (10.0/14 is where the last two part):
 *
 *      root[0]            root[1]
 *         |                  |
 *      10.0.0.0/8 *        (none)          * has a value
 *         | bit 8 = 0
 *      10.0.0.0/14         a branch
 *       0 /    \ 1         bit 14
 *   10.1.0.0/16 *   10.2.0.0/16 *
 *
 * What always holds:
 * - a node's prefix covers those of its children, which are longer; child[b] has b in the bit after
 *   the node's length, so a path from a root has at most 129 nodes;
 * - bits of a node's address behind its length are zero;
 * - a branch has two children; so a trie of n keys has at most n - 1 branches, and which nodes
 *   there are depends on the keys alone, not on the order in which they came and went;
 * - in preorder, child[0] first, the keys come in the order of manrs_prefix_cmp.
 *
 * Nodes come from chunks and return to a list of free ones; the chunks are given back when the trie
 * is freed or has become empty.
 */

#include "base/mem.h"
#include "net/place.h"

#include <manrs/trie.h>

#include <assert.h>

#define DEPTH 129 /* nodes on a path: lengths 0..128 */

/* A prefix to look for: the address in host order, an IPv4 address in the upper half of hi. */
struct key {
	uint64_t hi, lo;
	unsigned len;
};

struct node {
	uint64_t hi, lo;
	uint64_t value;
	struct node *child[2];
	uint8_t len;
	bool full; /* has a value */
};

_Static_assert(sizeof(struct node) <= 48, "the contract states the memory of a node");

struct chunk {
	struct chunk *next;
	size_t n;
	struct node node[];
};

struct manrs_trie {
	manrs_alloc mem;
	struct node *root[2]; /* IPv4, IPv6 */
	size_t count;         /* keys */
	size_t nodes;         /* in all chunks */
	size_t idle;          /* nodes on the free list */
	struct node *free;    /* linked by child[0] */
	struct chunk *chunks;
};

/* ---- keys ---- */

static struct key key_of(const manrs_prefix *p)
{
	assert(prefix_ok(p));
	return (struct key){get64(p->addr), get64(p->addr + 8), p->len};
}

static unsigned root_of(const manrs_prefix *p)
{
	return p->family == 6;
}

/* The bit after the first `at` ones, at < 128. */
static unsigned key_bit(const struct key *key, unsigned at)
{
	assert(at < 128);
	return (unsigned)((at < 64 ? key->hi << at : key->lo << (at - 64)) >> 63);
}

/* How many leading bits key and node share, at most the lesser of their lengths. */
static unsigned common(const struct key *key, const struct node *node)
{
	unsigned max = key->len < node->len ? key->len : node->len;
	uint64_t hi = key->hi ^ node->hi, lo = key->lo ^ node->lo;
	unsigned n = hi ? cc_clz64(hi) : lo ? 64 + cc_clz64(lo) : 128;

	assert(key->len <= 128 && node->len <= 128);
	return n < max ? n : max;
}

static bool covers(const struct node *node, const struct key *key)
{
	return node->len <= key->len && common(key, node) == node->len;
}

/* ---- proofs ---- */

static cc_proof struct key key_of_node(const struct node *node)
{
	return (struct key){node->hi, node->lo, node->len};
}

/* What always holds of a node and its children. */
static cc_proof bool node_ok(const struct node *node, unsigned root)
{
	if (node->len > (root ? 128 : 32))
		return false;
	if (node->hi & ~mask64(node->len) ||
	    node->lo & ~mask64(node->len > 64 ? node->len - 64 : 0))
		return false;
	for (unsigned b = 0; b < 2; b++) {
		struct key below;

		if (!node->child[b])
			continue;
		below = key_of_node(node->child[b]);
		if (below.len <= node->len || !covers(node, &below) ||
		    key_bit(&below, node->len) != b)
			return false;
	}
	return node->full || (node->child[0] && node->child[1]);
}

/* Tell the caller about a node; each place may be NULL. */
static void tell(const struct node *node, unsigned root, manrs_prefix *found, uint64_t *value)
{
	assert(node->full);
	if (found) {
		*found = (manrs_prefix){root ? 6 : 4, node->len, node->len, 0, {0}};
		put64(found->addr, node->hi);
		put64(found->addr + 8, node->lo);
		assert(prefix_ok(found));
	}
	if (value)
		*value = node->value;
}

/* ---- nodes ---- */

static void node_free(manrs_trie *t, struct node *node)
{
	assert(t->idle < t->nodes);
	assert(!t->free == (t->idle == 0));
	node->child[0] = t->free;
	t->free = node;
	t->idle++;
}

static size_t chunk_size(size_t n)
{
	return sizeof(struct chunk) + n * sizeof(struct node);
}

/* A new chunk of n nodes, all free. */
static bool grow(manrs_trie *t, size_t n)
{
	struct chunk *chunk = mem_alloc(&t->mem, chunk_size(n));

	if (!chunk)
		return false;
	chunk->n = n;
	chunk->next = t->chunks;
	t->chunks = chunk;
	t->nodes += n;
	while (n-- > 0)
		node_free(t, &chunk->node[n]);
	assert(t->idle <= t->nodes);
	return true;
}

/* See that `want` nodes are free. A chunk is a quarter of what there is, 3 KB to 192 KB: no call
 * stalls on one. */
static bool reserve(manrs_trie *t, size_t want)
{
	size_t n = t->nodes / 4;

	assert(want <= 64); /* the least that a chunk gives */
	return t->idle >= want || grow(t, n < 64 ? 64 : n > 4096 ? 4096 : n);
}

/* A node from the free list, which has one. */
static struct node *node_new(manrs_trie *t, const struct key *key, unsigned len)
{
	struct node *node = t->free;

	assert(node && t->idle > 0);
	assert(len <= 128);
	t->free = node->child[0];
	t->idle--;
	node->hi = key->hi & mask64(len);
	node->lo = key->lo & mask64(len > 64 ? len - 64 : 0);
	node->value = 0;
	node->child[0] = node->child[1] = NULL;
	node->len = (uint8_t)len;
	node->full = false;
	assert(!t->free == (t->idle == 0));
	return node;
}

static void chunks_free(manrs_trie *t)
{
	while (t->chunks) {
		struct chunk *chunk = t->chunks;

		t->chunks = chunk->next;
		mem_free(&t->mem, chunk, chunk_size(chunk->n));
	}
	t->free = NULL;
	t->nodes = t->idle = 0;
}

/* ---- one key ---- */

static void fill(manrs_trie *t, struct node *node, uint64_t value)
{
	assert(node->full || t->count < t->nodes - t->idle);
	t->count += !node->full;
	node->full = true;
	node->value = value;
}

/*
 * Put a new leaf at *link. What is there shares `same` bits with the key and does not cover it: it
 * goes below the leaf, or leaf and old node go below a new branch. Two nodes are free.
 */
static struct node *insert(manrs_trie *t, struct node **link, const struct key *key, unsigned same)
{
	struct node *leaf = node_new(t, key, key->len), *old = *link, *branch;

	assert(t->idle > 0);
	assert(same <= key->len);
	assert(!old || (same < old->len && same == common(key, old)));
	if (!old) {
		*link = leaf;
	} else if (same == key->len) {
		struct key below = {old->hi, old->lo, old->len};

		leaf->child[key_bit(&below, same)] = old;
		*link = leaf;
	} else {
		branch = node_new(t, key, same);
		branch->child[key_bit(key, same)] = leaf;
		branch->child[!key_bit(key, same)] = old;
		*link = branch;
		assert(node_ok(branch, 1));
	}
	return leaf;
}

int manrs_trie_set(manrs_trie *t, const manrs_prefix *prefix, uint64_t value)
{
	struct node **link, *node;
	unsigned same = 0;
	struct key key;

	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	key = key_of(prefix);
	for (link = &t->root[root_of(prefix)]; (node = *link);
	     link = &node->child[key_bit(&key, same)]) {
		assert(node_ok(node, root_of(prefix)));
		same = common(&key, node);
		if (same < node->len)
			break;
		if (same == key.len) {
			int added = !node->full;

			fill(t, node, value);
			return added;
		}
	}
	if (!reserve(t, 2))
		return MANRS_ENOMEM;
	fill(t, insert(t, link, &key, same), value);
	assert(node_ok(*link, root_of(prefix)));
	return 1;
}

static const struct node *find(const manrs_trie *t, unsigned root, const struct key *key)
{
	const struct node *node = t->root[root];

	while (node && node->len < key->len && covers(node, key)) {
		assert(node_ok(node, root));
		node = node->child[key_bit(key, node->len)];
	}
	return node && node->len == key->len && covers(node, key) ? node : NULL;
}

int manrs_trie_get(const manrs_trie *t, const manrs_prefix *prefix, uint64_t *value)
{
	const struct node *node;
	struct key key;

	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	key = key_of(prefix);
	node = find(t, root_of(prefix), &key);
	if (!node || !node->full)
		return MANRS_ENOENT;
	tell(node, root_of(prefix), NULL, value);
	return MANRS_OK;
}

/* Take a node without a value out if it has fewer than two children; what is below moves up. */
static bool splice(manrs_trie *t, struct node **link)
{
	struct node *node = *link;

	if (node->full || (node->child[0] && node->child[1]))
		return false;
	*link = node->child[0] ? node->child[0] : node->child[1];
	assert(!*link || (*link)->len > node->len);
	node_free(t, node);
	return true;
}

int manrs_trie_del(manrs_trie *t, const manrs_prefix *prefix)
{
	struct node **link, **above = NULL, *node;
	struct key key;

	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	key = key_of(prefix);
	link = &t->root[root_of(prefix)];
	while ((node = *link) && node->len < key.len && covers(node, &key)) {
		assert(node_ok(node, root_of(prefix)));
		above = link;
		link = &node->child[key_bit(&key, node->len)];
	}
	if (!node || node->len != key.len || !node->full || !covers(node, &key))
		return MANRS_ENOENT;
	assert(t->count > 0);
	node->full = false;
	t->count--;
	if (splice(t, link) && above)
		splice(t, above); /* a branch that lost a child */
	assert(!above || !*above || node_ok(*above, root_of(prefix)));
	assert((t->count == 0) == (!t->root[0] && !t->root[1]));
	assert((t->count == 0) == (t->idle == t->nodes));
	if (t->count == 0)
		chunks_free(t);
	return MANRS_OK;
}

int manrs_trie_match(const manrs_trie *t, const manrs_prefix *prefix, manrs_prefix *found,
		     uint64_t *value)
{
	const struct node *node, *best = NULL;
	struct key key;

	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	key = key_of(prefix);
	node = t->root[root_of(prefix)];
	while (node && covers(node, &key)) {
		assert(node_ok(node, root_of(prefix)));
		assert(!best || node->len > best->len);
		if (node->full)
			best = node;
		node = node->len < key.len ? node->child[key_bit(&key, node->len)] : NULL;
	}
	if (!best)
		return MANRS_ENOENT;
	tell(best, root_of(prefix), found, value);
	return MANRS_OK;
}

size_t manrs_trie_count(const manrs_trie *t)
{
	return t->count;
}

size_t manrs_trie_covering(const manrs_trie *t, const manrs_prefix *prefix, manrs_prefix *found,
			   uint64_t *values, size_t cap)
{
	const struct node *node;
	struct key key;
	size_t n = 0;

	if (!prefix_ok(prefix))
		return 0;
	key = key_of(prefix);
	node = t->root[root_of(prefix)];
	while (node && covers(node, &key)) {
		assert(node_ok(node, root_of(prefix)));
		assert(n <= node->len);
		if (node->full && n++ < cap)
			tell(node, root_of(prefix), found ? found + n - 1 : NULL,
			     values ? values + n - 1 : NULL);
		node = node->len < key.len ? node->child[key_bit(&key, node->len)] : NULL;
	}
	assert(n <= prefix->len + 1u);
	return n;
}

/* ---- in order ---- */

/*
 * A walk in preorder: the subtrees still to visit, the next on top. Going down a path pushes at
 * most one node a level, and a step takes one node off and puts its children on, so DEPTH + 1
 * places suffice.
 */
struct walk {
	unsigned n;
	const struct node *todo[DEPTH + 1];
};

static void walk_push(struct walk *w, const struct node *node)
{
	if (!node)
		return;
	assert(w->n <= DEPTH);
	w->todo[w->n++] = node;
}

static void walk_children(struct walk *w, const struct node *node)
{
	walk_push(w, node->child[1]);
	walk_push(w, node->child[0]);
}

/* Start at the first node under `node` that comes after `after`. */
static void walk_after(struct walk *w, const struct node *node, const struct key *after)
{
	while (node) {
		unsigned same = common(after, node);

		assert(node_ok(node, 1));
		if (same < node->len) {
			/* Of two that part, the one with a 0 is first; a prefix is before those it covers. */
			if (same == after->len || !key_bit(after, same))
				walk_push(w, node);
			return;
		}
		if (same == after->len) {
			walk_children(w, node);
			return;
		}
		if (!key_bit(after, same))
			walk_push(w, node->child[1]);
		node = node->child[key_bit(after, same)];
	}
}

/* The next node with a value; NULL at the end. */
static const struct node *walk_next(struct walk *w)
{
	while (w->n > 0) {
		const struct node *node = w->todo[--w->n];

		assert(node_ok(node, 1));
		walk_children(w, node);
		if (node->full)
			return node;
	}
	return NULL;
}

/* The topmost node that key covers. */
static const struct node *top_under(const manrs_trie *t, unsigned root, const struct key *key)
{
	const struct node *node = t->root[root];

	while (node && node->len < key->len && covers(node, key))
		node = node->child[key_bit(key, node->len)];
	return node && node->len >= key->len && common(key, node) == key->len ? node : NULL;
}

/* Start at the first node of a family under key (NULL: of them all) that comes after `last`. */
static void walk_start(struct walk *w, const manrs_trie *t, unsigned root,
		       const manrs_prefix *under, const manrs_prefix *last)
{
	const struct node *top = t->root[root];
	struct key key;

	w->n = 0;
	if (under) {
		key = key_of(under);
		top = top_under(t, root, &key);
	}
	if (last->family == 0 || root_of(last) < root) {
		walk_push(w, top);
	} else if (root_of(last) == root) {
		key = key_of(last);
		walk_after(w, top, &key);
	}
}

size_t manrs_trie_covered(const manrs_trie *t, const manrs_prefix *key, manrs_cursor *cursor,
			  manrs_prefix *found, uint64_t *values, size_t cap)
{
	const struct node *node, *at = NULL;
	manrs_prefix last;
	unsigned at_root = 0;
	struct walk w;
	size_t n = 0;

	if ((key && !prefix_ok(key)) || !place_get(cursor, &last))
		return 0;
	for (unsigned root = key ? root_of(key) : 0; root < 2 && n < cap; root++) {
		walk_start(&w, t, root, key, &last);
		for (; n < cap && (node = walk_next(&w)); n++) {
			tell(node, root, found ? found + n : NULL, values ? values + n : NULL);
			assert(!found || !key || manrs_prefix_covers(key, &found[n]));
			assert(!found || !n || manrs_prefix_cmp(&found[n - 1], &found[n]) < 0);
			assert(!found || !last.family || manrs_prefix_cmp(&last, &found[n]) < 0);
			at = node;
			at_root = root;
		}
		if (key)
			break;
	}
	if (at) {
		tell(at, at_root, &last, NULL);
		place_set(cursor, &last);
	}
	return n;
}

/* ---- the whole ---- */

/* Every node is sound, or on the free list; count is the keys; in preorder no address comes before that of another. */
static cc_proof bool trie_ok(const manrs_trie *t)
{
	size_t used = 0, keys = 0;

	for (unsigned root = 0; root < 2; root++) {
		const struct node *last = NULL, *node;
		struct walk w;

		w.n = 0;
		walk_push(&w, t->root[root]);
		while (w.n > 0) {
			node = w.todo[--w.n];
			if (!node_ok(node, root))
				return false;
			if (last &&
			    (node->hi < last->hi || (node->hi == last->hi && node->lo < last->lo)))
				return false;
			used++;
			keys += node->full;
			last = node;
			walk_children(&w, node);
		}
	}
	return keys == t->count && used == t->nodes - t->idle && (keys ? used < 2 * keys : !used);
}

int manrs_trie_new(manrs_trie **trie, const manrs_alloc *alloc)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_trie *t = mem_zalloc(&mem, sizeof *t);

	if (!t)
		return MANRS_ENOMEM;
	t->mem = mem;
	*trie = t;
	return MANRS_OK;
}

void manrs_trie_free(manrs_trie *t)
{
	manrs_alloc mem;

	if (!t)
		return;
	assert(trie_ok(t));
	mem = t->mem;
	chunks_free(t);
	mem_free(&mem, t, sizeof *t);
}

/* Copy a family in preorder; as many nodes as it takes are free. */
static void copy_nodes(manrs_trie *to, unsigned root, const struct node *from)
{
	struct {
		const struct node *from;
		struct node **link;
	} todo[DEPTH + 1];
	unsigned n = 0;

	if (!from)
		return;
	todo[n].from = from;
	todo[n++].link = &to->root[root];
	assert(!to->root[root]);
	while (n > 0) {
		struct node **link = todo[--n].link, *node;
		struct key key = {todo[n].from->hi, todo[n].from->lo, todo[n].from->len};

		from = todo[n].from;
		node = *link = node_new(to, &key, key.len);
		node->full = from->full;
		node->value = from->value;
		for (int b = 1; b >= 0; b--) {
			if (!from->child[b])
				continue;
			assert(n <= DEPTH);
			todo[n].from = from->child[b];
			todo[n++].link = &node->child[b];
		}
	}
}

int manrs_trie_clone(manrs_trie **copy, const manrs_trie *trie, const manrs_alloc *alloc)
{
	size_t used = trie->nodes - trie->idle;
	manrs_trie *t;
	int rc = manrs_trie_new(&t, alloc);

	if (rc != MANRS_OK)
		return rc;
	for (size_t left = used; left > 0; left -= left < 4096 ? left : 4096) {
		if (!grow(t, left < 4096 ? left : 4096)) {
			manrs_trie_free(t);
			return MANRS_ENOMEM;
		}
	}
	copy_nodes(t, 0, trie->root[0]);
	copy_nodes(t, 1, trie->root[1]);
	t->count = trie->count;
	assert(t->idle == 0 && t->nodes == used);
	assert(trie_ok(t));
	*copy = t;
	return MANRS_OK;
}

int manrs_trie_get_many(const manrs_trie *t, const manrs_prefix *keys, size_t n, uint64_t *values,
			int32_t *results)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		values[i] = 0;
		results[i] = manrs_trie_get(t, &keys[i], &values[i]);
		if (results[i] == MANRS_EINVAL)
			rc = MANRS_EINVAL;
	}
	return rc;
}

int manrs_trie_match_many(const manrs_trie *t, const manrs_prefix *keys, size_t n,
			  manrs_prefix *found, uint64_t *values, int32_t *results)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		values[i] = 0;
		if (found)
			found[i] = (manrs_prefix){0};
		results[i] = manrs_trie_match(t, &keys[i], found ? found + i : NULL, &values[i]);
		if (results[i] == MANRS_EINVAL)
			rc = MANRS_EINVAL;
	}
	return rc;
}
