/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the nodes in which many prefixes end (cover.h has the picture). A tree does not fit into a cache, so a lookup alone
 * waits for memory at each step; of many lookups side by side each takes a step while the others' memory is on its way:
 *
 *     ENTER   the node that the entry leads to: where in it the way goes on
 *     FOLLOW  the entry there, to the next node
 *     TAIL    of the last node: its records
 *     DONE    own is what there is
 */

#include "table/cover.h"

enum { ENTER, FOLLOW, TAIL, DONE };

static bool done(struct cover_seek *s)
{
	s->step = DONE;
	return false;
}

static bool wait_for(struct cover_seek *s, const void *next, unsigned step)
{
	s->next = next;
	s->step = (uint8_t)step;
	cc_prefetch(next);
	return true;
}

/* Go on with a child, or find that there is none. A FLAT's entries are read by index, before its header. */
static bool go_to(struct cover_seek *s, uint64_t entry)
{
	if (!cover_is_child(entry))
		return done(s);
	s->entry = entry;
	if (cover_tag(entry) == COVER_FLAT && s->depth != cover_depth(s->len))
		return wait_for(s, &cover_node_of(entry)->entry[s->addr[s->depth]], FOLLOW);
	return wait_for(s, cover_at(entry), ENTER);
}

static bool enter(struct cover_seek *s)
{
	unsigned want = cover_depth(s->len);
	const struct cover_skip *skip;

	if (cover_tag(s->entry) == COVER_SKIP) {
		skip = cover_at(s->entry);
		if (skip->to > want ||
		    cover_skip_step(skip, get64(s->addr), get64(s->addr + 8)) != skip->child)
			return done(s);
		s->depth = (uint8_t)skip->to;
		return go_to(s, skip->child);
	}
	if (s->depth == want)
		return wait_for(s, cover_tail_of(cover_node_of(s->entry)), TAIL);
	return wait_for(s, cover_step(cover_node_of(s->entry), s->addr[s->depth]), FOLLOW);
}

/* One step. returns: whether there is another */
static bool take(struct cover_seek *s)
{
	switch (s->step) {
	case ENTER:
		return enter(s);
	case FOLLOW:
		s->depth++;
		return go_to(s, *(const uint64_t *)s->next);
	case TAIL:
		s->own = ((const struct cover_tail *)s->next)->own;
		if (s->own)
			wait_for(s, s->own, DONE);
		return done(s);
	}
	return false;
}

void cover_seek_many(struct cover_seek *s, size_t n)
{
	bool more = false;

	for (size_t i = 0; i < n; i++) {
		s[i].own = NULL;
		s[i].depth = 0;
		more |= go_to(&s[i], s[i].entry);
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++)
			more |= take(&s[i]);
	}
}
