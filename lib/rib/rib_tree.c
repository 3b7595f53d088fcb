/* SPDX-License-Identifier: BSD-2-Clause */
/* The ordered routes of a family (rib_tree.h). */

#include "rib/rib_tree.h"

struct rib_node {
	unsigned n;
	void *child[RIB_NODE_MOST];
	struct rib_key low[RIB_NODE_MOST]; /* low[0] is not looked at: the node above knows it */
};

void rib_tree_init(struct rib_tree *tree, struct pool *pool, unsigned family)
{
	*tree = (struct rib_tree){
		.pool = pool,
		.stride = family == 4 ? sizeof(struct rib_rec) : sizeof(struct rib_rec6),
	};
}

/* ---- leaves ---- */

static size_t leaf_size(const struct rib_tree *tree, unsigned cap)
{
	return sizeof(struct rib_leaf) + (size_t)cap * tree->stride;
}

/* Room for n records and some more, as much as the block that it takes holds anyway. */
static unsigned leaf_cap(const struct rib_tree *tree, unsigned n)
{
	size_t block = pool_block(leaf_size(tree, (n + 7) / 8 * 8));
	size_t cap = (block - sizeof(struct rib_leaf)) / tree->stride;

	return cap < RIB_LEAF_MOST ? (unsigned)cap : RIB_LEAF_MOST;
}

static struct rib_leaf *leaf_new(const struct rib_tree *tree, unsigned n)
{
	unsigned cap = leaf_cap(tree, n);
	struct rib_leaf *leaf = pool_alloc(tree->pool, leaf_size(tree, cap));

	if (leaf)
		*leaf = (struct rib_leaf){.cap = (uint16_t)cap};
	return leaf;
}

static void leaf_free(struct rib_tree *tree, struct rib_leaf *leaf)
{
	pool_free(tree->pool, leaf, leaf_size(tree, leaf->cap));
}

/* Put a leaf into the row behind another, NULL: as the first. */
static void leaf_link(struct rib_tree *tree, struct rib_leaf *leaf, struct rib_leaf *prev)
{
	leaf->prev = prev;
	leaf->next = prev ? prev->next : tree->first;
	if (leaf->next)
		leaf->next->prev = leaf;
	if (prev)
		prev->next = leaf;
	else
		tree->first = leaf;
}

static void leaf_unlink(struct rib_tree *tree, struct rib_leaf *leaf)
{
	if (leaf->next)
		leaf->next->prev = leaf->prev;
	if (leaf->prev)
		leaf->prev->next = leaf->next;
	else
		tree->first = leaf->next;
}

static void **place_of(struct rib_tree *tree, const struct rib_pos *pos, unsigned depth)
{
	return depth ? &pos->up[depth - 1].node->child[pos->up[depth - 1].i] : &tree->root;
}

/* Give the leaf at a place in the tree the memory for n records. false: refused */
static bool leaf_resize(struct rib_tree *tree, void **at, unsigned n)
{
	struct rib_leaf *old = *at, *new = leaf_new(tree, n);

	if (!new)
		return false;
	assert(new->cap >= old->n);
	new->sessions = old->sessions;
	new->n = old->n;
	memcpy(new->at, old->at, (size_t)old->n * tree->stride);
	leaf_link(tree, new, old);
	leaf_unlink(tree, old);
	leaf_free(tree, old);
	*at = new;
	return true;
}

static void leaf_move(const struct rib_tree *tree, struct rib_leaf *to, unsigned at,
		      struct rib_leaf *from, unsigned from_at, unsigned n)
{
	assert(at + n <= to->cap && from_at + n <= from->cap);
	memmove(to->at + (size_t)at * tree->stride, from->at + (size_t)from_at * tree->stride,
		(size_t)n * tree->stride);
}

/* ---- finding ---- */

static unsigned node_step(const struct rib_node *node, const struct rib_key *key)
{
	unsigned low = 0, high = node->n;

	while (high - low > 1) {
		unsigned mid = (low + high) / 2;

		if (rib_key_cmp(&node->low[mid], key) <= 0)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static unsigned leaf_step(const struct rib_tree *tree, const struct rib_leaf *leaf,
			  const struct rib_key *key)
{
	unsigned low = 0, high = leaf->n;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		struct rib_key at = rib_rec_key(tree, rib_rec_at(tree, leaf, mid));

		if (rib_key_cmp(&at, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool rib_tree_find(const struct rib_tree *tree, const struct rib_key *key, struct rib_pos *pos)
{
	void *at = tree->root;
	struct rib_key found;

	pos->leaf = NULL;
	pos->i = 0;
	if (!at)
		return false;
	for (unsigned d = 0; d < tree->height; d++) {
		struct rib_node *node = at;

		pos->up[d].node = node;
		pos->up[d].i = node_step(node, key);
		at = node->child[pos->up[d].i];
	}
	pos->leaf = at;
	pos->i = leaf_step(tree, pos->leaf, key);
	if (pos->i == pos->leaf->n)
		return false;
	found = rib_rec_key(tree, rib_rec_at(tree, pos->leaf, pos->i));
	return rib_key_cmp(&found, key) == 0;
}

/* Whether no record beside a place, where one comes or goes, has its prefix. */
static bool prefix_alone(const struct rib_tree *tree, const struct rib_leaf *before,
			 unsigned before_n, const struct rib_leaf *after, unsigned after_i,
			 const struct rib_key *key)
{
	struct rib_key k;

	if (before) {
		k = rib_rec_key(tree, rib_rec_at(tree, before, before_n - 1));
		if (k.hi == key->hi && k.lo == key->lo &&
		    rib_len_of(k.rest) == rib_len_of(key->rest))
			return false;
	}
	if (after) {
		k = rib_rec_key(tree, rib_rec_at(tree, after, after_i));
		if (k.hi == key->hi && k.lo == key->lo &&
		    rib_len_of(k.rest) == rib_len_of(key->rest))
			return false;
	}
	return true;
}

/* The neighbours of a place: behind skips the record there. Leaves that erase has emptied are passed over. */
static bool alone_at(const struct rib_tree *tree, const struct rib_pos *pos, bool behind,
		     const struct rib_key *key)
{
	const struct rib_leaf *before = pos->leaf, *after = pos->leaf;
	unsigned i = pos->i + (behind ? 1 : 0), n = pos->i;

	if (!pos->leaf)
		return true;
	if (n == 0) {
		before = before->prev;
		n = before ? before->n : 0;
	}
	if (i == after->n) {
		after = after->next;
		i = 0;
	}
	return prefix_alone(tree, before, n, after, i, key);
}

/* ---- putting in ---- */

/* Put a child behind the one at pos->up[d]; there is room. */
static void node_put(struct rib_node *node, unsigned i, void *child, const struct rib_key *low)
{
	assert(node->n < RIB_NODE_MOST && i > 0 && i <= node->n);
	memmove(&node->child[i + 1], &node->child[i], (node->n - i) * sizeof node->child[0]);
	memmove(&node->low[i + 1], &node->low[i], (node->n - i) * sizeof node->low[0]);
	node->child[i] = child;
	node->low[i] = *low;
	node->n++;
}

/* Halve a full node; the place of a child moves with it. returns: the lowest key of the new one. */
static struct rib_key node_split(struct rib_node *node, struct rib_node *right)
{
	unsigned half = node->n / 2;

	right->n = node->n - half;
	memcpy(right->child, &node->child[half], right->n * sizeof node->child[0]);
	memcpy(right->low, &node->low[half], right->n * sizeof node->low[0]);
	node->n = half;
	return right->low[0];
}

/* The memory that a split of the leaf at pos needs above it: nodes[0..n). false: refused */
static bool spare_nodes(struct rib_tree *tree, const struct rib_pos *pos, struct rib_node **spare,
			unsigned *n)
{
	unsigned d = tree->height;

	*n = 0;
	while (d > 0 && pos->up[d - 1].node->n == RIB_NODE_MOST)
		d--;
	for (unsigned want = tree->height - d + (d == 0); *n < want; ++*n) {
		spare[*n] = pool_alloc(tree->pool, sizeof **spare);
		if (!spare[*n])
			break;
	}
	if (*n == tree->height - d + (d == 0) && tree->height + (d == 0) < RIB_DEPTH)
		return true;
	while (*n > 0)
		pool_free(tree->pool, spare[--*n], sizeof **spare);
	return false;
}

/* Put a new child, whose keys begin at low, behind the place pos in the nodes above depth d, splitting full ones. */
static void grow_up(struct rib_tree *tree, const struct rib_pos *pos, void *child,
		    struct rib_key low, struct rib_node **spare)
{
	unsigned d = tree->height;

	for (; d > 0; d--) {
		struct rib_node *node = pos->up[d - 1].node, *right;
		unsigned i = pos->up[d - 1].i + 1;
		struct rib_key right_low;

		if (node->n < RIB_NODE_MOST) {
			node_put(node, i, child, &low);
			return;
		}
		right = *spare++;
		right_low = node_split(node, right);
		if (i > node->n)
			node_put(right, i - node->n, child, &low);
		else
			node_put(node, i, child, &low);
		child = right;
		low = right_low;
	}
	**spare = (struct rib_node){.n = 2, .child = {tree->root, child}, .low = {{0}, low}};
	tree->root = *spare;
	tree->height++;
}

/*
 * Make room in a full leaf: the upper half goes to a new one, and pos to where the record belongs. At the end of the last
 * leaf nothing moves: so sorted input leaves full ones behind.
 */
static bool leaf_split(struct rib_tree *tree, struct rib_pos *pos, const struct rib_key *key)
{
	struct rib_leaf *left = pos->leaf, *right;
	struct rib_node *spare[RIB_DEPTH + 1];
	unsigned n_spare, keep = left->next || pos->i < left->n ? left->n / 2u : left->n;
	struct rib_key low = *key;

	if (!spare_nodes(tree, pos, spare, &n_spare))
		return false;
	right = leaf_new(tree, left->n - keep + 1);
	if (!right) {
		while (n_spare > 0)
			pool_free(tree->pool, spare[--n_spare], sizeof *spare[0]);
		return false;
	}
	leaf_move(tree, right, 0, left, keep, left->n - keep);
	right->n = (uint16_t)(left->n - keep);
	right->sessions = left->sessions;
	left->n = (uint16_t)keep;
	if (right->n) {
		void **at = place_of(tree, pos, tree->height);

		low = rib_rec_key(tree, rib_rec_at(tree, right, 0));
		leaf_resize(tree, at, keep + 1); /* refused: it keeps what it has */
		left = *at;
	}
	leaf_link(tree, right, left);
	grow_up(tree, pos, right, low, spare);
	pos->leaf = pos->i > keep || !right->n ? right : left;
	pos->i -= pos->leaf == right ? keep : 0;
	return true;
}

static bool leaf_room(struct rib_tree *tree, struct rib_pos *pos, const struct rib_key *key)
{
	void **at;

	if (!pos->leaf) {
		pos->leaf = leaf_new(tree, 1);
		if (!pos->leaf)
			return false;
		tree->root = pos->leaf;
		tree->height = 0;
		leaf_link(tree, pos->leaf, NULL);
		return true;
	}
	if (pos->leaf->n == RIB_LEAF_MOST)
		return leaf_split(tree, pos, key);
	if (pos->leaf->n < pos->leaf->cap)
		return true;
	at = place_of(tree, pos, tree->height);
	assert(*at == pos->leaf);
	if (!leaf_resize(tree, at, pos->leaf->n + 1u))
		return false;
	pos->leaf = *at;
	return true;
}

struct rib_rec *rib_tree_insert(struct rib_tree *tree, struct rib_pos *pos,
				const struct rib_key *key)
{
	bool alone = alone_at(tree, pos, false, key);
	struct rib_leaf *leaf;
	struct rib_rec *rec;

	if (!leaf_room(tree, pos, key))
		return NULL;
	leaf = pos->leaf;
	assert(leaf->n < leaf->cap && pos->i <= leaf->n);
	leaf_move(tree, leaf, pos->i + 1, leaf, pos->i, leaf->n - pos->i);
	rec = rib_rec_at(tree, leaf, pos->i);
	memset(rec, 0, tree->stride);
	rec->rest = key->rest;
	rec->addr = (uint32_t)(key->hi >> 32);
	if (tree->stride > sizeof *rec) {
		((struct rib_rec6 *)rec)->hi = key->hi;
		((struct rib_rec6 *)rec)->lo = key->lo;
	}
	leaf->n++;
	leaf->sessions |= UINT64_C(1) << rib_session_of(key->rest) % 64;
	tree->n++;
	tree->prefixes += alone;
	return rec;
}

/* ---- taking out ---- */

void rib_tree_erase(struct rib_tree *tree, struct rib_pos *pos)
{
	struct rib_leaf *leaf = pos->leaf;
	struct rib_key key = rib_rec_key(tree, rib_rec_at(tree, leaf, pos->i));

	assert(pos->i < leaf->n && tree->n > 0);
	tree->prefixes -= alone_at(tree, pos, true, &key);
	leaf_move(tree, leaf, pos->i, leaf, pos->i + 1, leaf->n - pos->i - 1u);
	leaf->n--;
	tree->n--;
}

static void node_take(struct rib_node *node, unsigned i)
{
	assert(i < node->n);
	node->n--;
	memmove(&node->child[i], &node->child[i + 1], (node->n - i) * sizeof node->child[0]);
	memmove(&node->low[i], &node->low[i + 1], (node->n - i) * sizeof node->low[0]);
}

/* Join leaf i + 1 of a node to leaf i if they are small. */
static void leaf_join(struct rib_tree *tree, struct rib_node *node, unsigned i)
{
	struct rib_leaf *left = node->child[i], *right = node->child[i + 1];
	unsigned sum = left->n + right->n;

	if (sum > RIB_LEAF_MOST / 2 ||
	    (sum > left->cap && !leaf_resize(tree, &node->child[i], sum)))
		return;
	left = node->child[i];
	leaf_move(tree, left, left->n, right, 0, right->n);
	left->n = (uint16_t)sum;
	left->sessions |= right->sessions;
	leaf_unlink(tree, right);
	leaf_free(tree, right);
	node_take(node, i + 1);
}

static void node_join(struct rib_tree *tree, struct rib_node *node, unsigned i)
{
	struct rib_node *left = node->child[i], *right = node->child[i + 1];

	if (left->n + right->n > RIB_NODE_MOST / 2)
		return;
	right->low[0] = node->low[i + 1];
	memcpy(&left->child[left->n], right->child, right->n * sizeof right->child[0]);
	memcpy(&left->low[left->n], right->low, right->n * sizeof right->low[0]);
	left->n += right->n;
	pool_free(tree->pool, right, sizeof *right);
	node_take(node, i + 1);
}

/* Join child i of a node with those beside it, as far as they are small. */
static void join(struct rib_tree *tree, struct rib_node *node, unsigned i, bool leaves)
{
	void (*two)(struct rib_tree *, struct rib_node *, unsigned) =
		leaves ? leaf_join : node_join;

	if (i + 1 < node->n)
		two(tree, node, i);
	if (i > 0)
		two(tree, node, i - 1);
}

static void settle_leaf(struct rib_tree *tree, struct rib_pos *pos)
{
	struct rib_leaf *leaf = pos->leaf;
	void **at = place_of(tree, pos, tree->height);

	if (leaf->n == 0) {
		leaf_unlink(tree, leaf);
		leaf_free(tree, leaf);
		*at = NULL;
	} else if (leaf->cap > leaf->n + 24u) {
		leaf_resize(tree, at, leaf->n + 1u); /* refused: it keeps what it has */
	}
}

void rib_tree_settle(struct rib_tree *tree, struct rib_pos *pos)
{
	settle_leaf(tree, pos);
	for (unsigned d = tree->height; d > 0; d--) {
		struct rib_node *node = pos->up[d - 1].node;
		unsigned i = pos->up[d - 1].i;

		if (!node->child[i]) {
			node_take(node, i);
			i -= i > 0;
		}
		if (node->n > 0) {
			join(tree, node, i, d == tree->height);
		} else {
			pool_free(tree->pool, node, sizeof *node);
			*place_of(tree, pos, d - 1) = NULL;
		}
	}
	if (!tree->root)
		tree->height = 0;
	while (tree->height > 0 && ((struct rib_node *)tree->root)->n == 1) {
		struct rib_node *node = tree->root;

		tree->root = node->child[0];
		pool_free(tree->pool, node, sizeof *node);
		tree->height--;
	}
	pos->leaf = NULL;
}
