/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of many sessions' policies. A section goes to the reader of a policy as it stands, its line `peers` blanked out;
 * where something is wrong in it is told as a place of the whole file.
 */

#include "watch_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_LIMIT ((64u << 20) - 1) /* bytes */

/* The file while it is read. */
struct reading {
	struct watch_policies *p;
	const struct session *s;
	const char *name;
	char *text;
	size_t n;
	bool peers; /* the section at hand has a line of them, or one as its heading */
};

static bool wrong(const struct reading *r, size_t at, uint64_t line, const char *what)
{
	manrs_fault fault = {.line = (uint32_t)line, .at = (uint32_t)at, .what = what};

	complain_file(r->name, &fault, r->text, r->n);
	return false;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

/* The next word of [*at, end). returns: its length; 0: none */
static size_t word_next(const char *text, size_t *at, size_t end)
{
	size_t n = 0;

	while (*at < end && blank(text[*at]))
		++*at;
	while (*at + n < end && !blank(text[*at + n]))
		n++;
	return n;
}

/* ---- peers ---- */

/* returns: false: the word is no peer */
static bool peer_parse(struct watch_peer *peer, const char *word, size_t n)
{
	*peer = (struct watch_peer){0};
	if (manrs_address_parse(&peer->prefix, word, n, NULL) == MANRS_OK ||
	    manrs_prefix_parse(&peer->prefix, word, n, NULL) == MANRS_OK)
		return true;
	peer->prefix = (manrs_prefix){0};
	return manrs_asn_parse(&peer->asn, word, n, NULL) == MANRS_OK && peer->asn;
}

static bool same_peer(const struct watch_peer *a, const struct watch_peer *b)
{
	return a->asn == b->asn && manrs_prefix_cmp(&a->prefix, &b->prefix) == 0;
}

static bool peer_add(struct reading *r, struct watch_policy *policy, const struct watch_peer *peer,
		     size_t at, uint64_t line)
{
	struct watch_policies *p = r->p;

	for (size_t i = 0; i < p->n; i++)
		if (same_peer(&p->peer[i], peer))
			return wrong(r, at, line, "a peer that is named before");
	p->peer = must_room(p->peer, p->n, &p->cap, sizeof *p->peer);
	p->peer[p->n] = *peer;
	p->peer[p->n++].policy = policy;
	return true;
}

static bool peers_line(struct reading *r, struct watch_policy *policy, size_t at, size_t end,
		       uint64_t line)
{
	struct watch_peer peer;
	size_t n;

	for (; (n = word_next(r->text, &at, end)) > 0; at += n) {
		if (!peer_parse(&peer, r->text + at, n))
			return wrong(r, at, line, "a peer is an address, a prefix or an AS number");
		if (!peer_add(r, policy, &peer, at, line))
			return false;
	}
	return true;
}

/* ---- sections ---- */

/* A line of the text, without its comment. returns: false: there is none */
static bool line_next(const struct reading *r, size_t *from, size_t *to, size_t *next)
{
	const char *end;

	*from = *next;
	if (*from >= r->n)
		return false;
	end = memchr(r->text + *from, '\n', r->n - *from);
	*to = end ? (size_t)(end - r->text) : r->n;
	*next = *to + 1;
	end = memchr(r->text + *from, '#', *to - *from);
	if (end)
		*to = (size_t)(end - r->text);
	return true;
}

/* `peers =` at the front of a line: where its value begins. returns: 0: it is another line */
static size_t is_peers(const char *text, size_t from, size_t to)
{
	static const char key[] = "peers";
	size_t n = word_next(text, &from, to), k = sizeof key - 1;

	if (n < k || memcmp(text + from, key, k) != 0)
		return 0;
	for (from += k; from < to && blank(text[from]); from++)
		continue;
	return from < to && text[from] == '=' ? from + 1 : 0;
}

/* Prefixes of --bogons beside those of the file; who has no own ones shares them. */
static bool add_bogons(struct reading *r, struct watch_policy *policy)
{
	manrs_policy none = {0};

	if (!r->s->bogons.n)
		return true;
	if (policy->policy.bogons)
		return session_bogons(r->s, &policy->policy, &policy->bogons);
	if (!r->p->bogons && !session_bogons(r->s, &none, &r->p->bogons))
		return false;
	policy->policy.bogons = r->p->bogons;
	return true;
}

/* The section's text lies in [from, to) of the file, and begins on this line. */
static bool section_policy(struct reading *r, struct watch_policy *policy, size_t from, size_t to,
			   uint64_t line)
{
	manrs_fault fault = {0};
	int rc = manrs_policy_file_read(&policy->file, r->text + from, to - from, NULL, &fault);

	if (rc < 0) {
		fault.line += (uint32_t)(line - 1);
		fault.at += (uint32_t)from;
		complain_file(r->name, &fault, r->text, r->n);
		return false;
	}
	policy->policy.size = sizeof policy->policy;
	manrs_policy_file_policy(policy->file, &policy->policy);
	policy->asked = policy->policy.tests;
	policy->named = manrs_policy_file_named(policy->file);
	policy->policy.rel = r->s->rel;
	return add_bogons(r, policy);
}

static struct watch_policy *section_new(struct watch_policies *p, const char *name, size_t n)
{
	struct watch_policy *policy = must_resize(NULL, 1, sizeof *policy);

	*policy = (struct watch_policy){.next = p->first};
	snprintf(policy->name, sizeof policy->name, "%.*s", (int)n, name);
	p->first = policy;
	return policy;
}

/* Lines up to the next heading, the peers among them taken out. *next: of the heading; counted in *line */
static bool section_lines(struct reading *r, struct watch_policy *policy, size_t *next,
			  uint64_t *line, bool *empty)
{
	size_t from, to, after = *next, value;

	for (*empty = true; line_next(r, &from, &to, &after); *next = after, ++*line) {
		size_t first = from, n = word_next(r->text, &first, to);

		if (n && r->text[first] == '[')
			break;
		*empty = *empty && !n;
		value = is_peers(r->text, from, to);
		if (!value)
			continue;
		r->peers = true;
		if (!peers_line(r, policy, value, to, *line))
			return false;
		memset(r->text + from, ' ', to - from);
	}
	return true;
}

static bool is_default(const char *name, size_t n)
{
	return (n == 7 && !memcmp(name, "default", n)) || (n == 6 && !memcmp(name, "policy", n));
}

/* A heading [NAME] in [from, to). returns: NULL: said why */
static struct watch_policy *section_head(struct reading *r, size_t from, size_t to, uint64_t line)
{
	struct watch_policy *policy;
	struct watch_peer peer;
	size_t n, start;

	while (from < to && blank(r->text[from]))
		from++;
	while (to > from && blank(r->text[to - 1]))
		to--;
	start = from + 1;
	n = to - from > 2 && r->text[to - 1] == ']' ? to - from - 2 : 0;
	if (!n) {
		wrong(r, from, line, "[PEER], [GROUP] or [default]");
		return NULL;
	}
	policy = section_new(r->p, r->text + start, n);
	r->peers = true;
	if (is_default(r->text + start, n)) {
		if (r->p->otherwise) {
			wrong(r, from, line, "a second default");
			return NULL;
		}
		r->p->otherwise = policy;
		return policy;
	}
	r->peers = peer_parse(&peer, r->text + start, n);
	return !r->peers || peer_add(r, policy, &peer, start, line) ? policy : NULL;
}

static bool read_sections(struct reading *r)
{
	size_t from = 0, to, next = 0, start = 0;
	uint64_t line = 1, first = 1, heading;
	struct watch_policy *policy = section_new(r->p, "default", 7), *before = policy;
	bool empty;

	if (!section_lines(r, policy, &next, &line, &empty))
		return false;
	if (!empty)
		r->p->otherwise = policy;
	for (;;) {
		if ((policy != before || !empty) &&
		    !section_policy(r, policy, start, next < r->n ? next : r->n, first))
			return false;
		if (!line_next(r, &from, &to, &next))
			return true;
		policy = section_head(r, from, to, line);
		heading = line;
		first = ++line;
		start = next < r->n ? next : r->n;
		if (!policy || !section_lines(r, policy, &next, &line, &empty))
			return false;
		if (!r->peers) /* maybe a peer with a slip in it: it would be for nobody */
			return wrong(r, from, heading, "no peer, and a group needs a line `peers`");
	}
}

/* ---- the search ---- */

/* Longer prefixes first, then ASes. */
static int by_search(const void *a, const void *b)
{
	const struct watch_peer *x = a, *y = b;

	if (!x->asn != !y->asn)
		return x->asn ? 1 : -1;
	return (int)y->prefix.len - (int)x->prefix.len;
}

struct watch_policy *policies_of(struct watch_policies *p, const manrs_prefix *address,
				 uint32_t asn)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct watch_peer *peer = &p->peer[i];

		if (peer->asn ? peer->asn == asn : manrs_prefix_covers(&peer->prefix, address) == 1)
			return peer->policy;
	}
	return p->otherwise;
}

bool policy_follow(struct watch_policy *policy, const manrs_db *db)
{
	manrs_policy all = policy->policy;
	uint64_t before = policy->policy.tests, now;

	all.tests = policy->asked;
	now = policy->asked & (manrs_tests_with_data(db, &all) | policy->named);
	policy->named |= now;
	policy->policy.tests = now;
	return now != before;
}

/* ---- the whole ---- */

static bool read_file(struct watch_policies *p, const struct session *s, const char *path)
{
	struct input *in = input_open(path);
	struct reading r = {.p = p, .s = s, .name = path};
	bool good;

	good = in && input_whole(in, SESSIONS_LIMIT, "too long for policies", &r.text, &r.n) &&
	       read_sections(&r);
	if (good && !p->n && !p->otherwise) {
		complain("%s: no policy in it for anybody", path);
		good = false;
	}
	input_close(in);
	free(r.text);
	return good;
}

bool policies_read(struct watch_policies *p, const struct session *s, const char *path)
{
	*p = (struct watch_policies){0};
	if (path && !read_file(p, s, path)) {
		policies_free(p);
		return false;
	}
	if (s->file) {
		p->options = (struct watch_policy){.policy = s->policy,
						   .asked = s->policy.tests,
						   .named = manrs_policy_file_named(s->file)};
		if (!p->otherwise)
			p->otherwise = &p->options;
	}
	if (p->n)
		qsort(p->peer, p->n, sizeof *p->peer, by_search);
	return true;
}

void policies_free(struct watch_policies *p)
{
	struct watch_policy *policy;

	while ((policy = p->first)) {
		p->first = policy->next;
		manrs_policy_file_free(policy->file);
		manrs_trie_free(policy->bogons);
		free(policy);
	}
	manrs_trie_free(p->bogons);
	free(p->peer);
	*p = (struct watch_policies){0};
}
