/* SPDX-License-Identifier: BSD-2-Clause */
/* What `manrs check` and `manrs explain` judge by, from the options: files into one snapshot, and a policy. */

#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool session_option(struct session *s, int option, const char *value)
{
	struct words *const lists[] = {
		[SESSION_VRPS - SESSION_VRPS] = &s->vrps,
		[SESSION_ASPAS - SESSION_VRPS] = &s->aspas,
		[SESSION_IRR - SESSION_VRPS] = &s->irr,
		[SESSION_BOGONS - SESSION_VRPS] = &s->bogons,
		[SESSION_RELATIONSHIPS - SESSION_VRPS] = &s->relationships,
	};

	if (option < SESSION_VRPS || option >= SESSION_END)
		return false;
	if (option == SESSION_POLICY)
		s->policy_path = value;
	else if (option == SESSION_ROLE)
		s->role = value;
	else if (option == SESSION_LOCAL_AS)
		s->local_as = value;
	else if (option == SESSION_TESTS)
		s->tests = value;
	else
		words_add(lists[option - SESSION_VRPS], value);
	return true;
}

/* ---- files of lines ---- */

/*
 * Feed every line of a file to `take`, which returns 1: something was in it, 0: nothing, -1: a fault. A file of nothing is
 * refused, as one of VRPs is: a failed download must not open a gate. false: said why.
 */
static bool each_line(const char *path,
		      int (*take)(void *arg, const char *text, size_t n, manrs_fault *fault),
		      void *arg)
{
	struct input *in = input_open(path);
	struct lines lines;
	const char *text;
	bool any = false;
	size_t n;
	int rc = 0, took = 0;

	if (!in)
		return false;
	lines_open(&lines, in);
	while (took >= 0 && (rc = lines_next(&lines, &text, &n)) > 0) {
		manrs_fault fault = {.what = "the line is too long",
				     .line = (uint32_t)lines.number};

		took = text ? take(arg, text, n, &fault) : -1;
		if (took < 0)
			complain_text(path, lines.number, &fault, text, n);
		any |= took > 0;
	}
	lines_close(&lines);
	if (took >= 0 && rc >= 0 && !any)
		complain_at(path, 0, "nothing in it");
	return took >= 0 && rc >= 0 && any;
}

struct rows {
	char *at;
	size_t n, cap;
};

static void *row_of(struct rows *rows, size_t size)
{
	if (rows->n == rows->cap) {
		rows->cap = rows->cap ? 2 * rows->cap : 1024;
		rows->at = must_resize(rows->at, rows->cap, size);
	}
	return rows->at + rows->n++ * size;
}

static int take_bogon(void *arg, const char *text, size_t n, manrs_fault *fault)
{
	manrs_prefix prefix;
	int rc = manrs_prefix_list_parse(&prefix, text, n, fault);

	return rc == 1 && manrs_trie_set(arg, &prefix, 0) < 0 ? -1 : rc;
}

/* Relationships, and the line of each: which of two contradict each other is seen when all are there. */
struct relationships {
	struct rows rows, lines;
};

static int take_relationship(void *arg, const char *text, size_t n, manrs_fault *fault)
{
	struct relationships *all = arg;
	uint32_t line = fault->line;
	manrs_as_rel row;
	int rc = manrs_rel_parse(&row, text, n, fault);

	if (rc == 1) {
		*(manrs_as_rel *)row_of(&all->rows, sizeof row) = row;
		*(uint32_t *)row_of(&all->lines, sizeof line) = line;
	}
	return rc;
}

static void complain_relationship(const struct session *s, const struct relationships *all,
				  const size_t *first, const manrs_fault *fault)
{
	const manrs_as_rel *row = (manrs_as_rel *)(void *)all->rows.at + fault->at;
	size_t file = s->relationships.n - 1;

	while (file && fault->at < first[file])
		file--;
	complain_at(s->relationships.at[file], ((uint32_t *)(void *)all->lines.at)[fault->at],
		    "relationship of AS%u and AS%u: %s", row->a, row->b, fault->what);
}

static int take_object(void *arg, const char *text, size_t n, manrs_fault *fault)
{
	manrs_route route;
	enum line_kind kind = route_of_line(&route, 0, text, n, fault);

	if (kind == LINE_ROUTE)
		*(manrs_route *)row_of(arg, sizeof route) = route;
	return kind == LINE_BAD ? -1 : kind == LINE_ROUTE;
}

/* ---- the parts ---- */

static bool load_irr(struct session *s)
{
	struct rows rows = {0};
	manrs_edit *edit;
	manrs_db *db;
	bool good = true;
	int rc;

	for (size_t i = 0; good && i < s->irr.n; i++)
		good = each_line(s->irr.at[i], take_object, &rows);
	if (good && rows.n) {
		rc = manrs_edit_begin(&edit, s->set.owner, s->set.db);
		if (rc == MANRS_OK) {
			rc = manrs_edit_irr(edit, 0, MANRS_ADD, (manrs_route *)(void *)rows.at,
					    rows.n, NULL, NULL);
			if (rc == MANRS_OK)
				rc = manrs_edit_commit(edit, &db);
			if (rc != MANRS_OK)
				manrs_edit_abort(edit);
		}
		good = rc == MANRS_OK;
		if (good) {
			manrs_db_unref(s->set.db);
			s->set.db = db;
		} else {
			complain("%s", manrs_strerror(rc));
		}
	}
	free(rows.at);
	return good;
}

static bool load_bogons(struct session *s)
{
	manrs_trie *list = NULL;

	if (!s->bogons.n)
		return true;
	if (s->policy.bogons && manrs_trie_clone(&list, s->policy.bogons, NULL) != MANRS_OK)
		return false;
	if (!list && manrs_trie_new(&list, NULL) != MANRS_OK)
		return false;
	s->own_bogons = list;
	s->policy.bogons = list;
	for (size_t i = 0; i < s->bogons.n; i++)
		if (!each_line(s->bogons.at[i], take_bogon, list))
			return false;
	return true;
}

static bool load_relationships(struct session *s)
{
	struct relationships all = {0};
	size_t *first = must_resize(NULL, s->relationships.n + 1, sizeof *first);
	manrs_fault fault = {0};
	bool good = true;

	for (size_t i = 0; good && i < s->relationships.n; i++) {
		first[i] = all.rows.n;
		good = each_line(s->relationships.at[i], take_relationship, &all);
	}
	if (good && s->relationships.n) {
		int rc = manrs_rel_new(&s->rel, (manrs_as_rel *)(void *)all.rows.at, all.rows.n,
				       NULL, &fault);

		good = rc == MANRS_OK;
		if (rc == MANRS_EINVAL)
			complain_relationship(s, &all, first, &fault);
		else if (!good)
			complain("%s", manrs_strerror(rc));
		s->policy.rel = s->rel;
	}
	free(all.rows.at);
	free(all.lines.at);
	free(first);
	return good;
}

static bool read_policy(struct session *s, const char *name, const char *text, size_t n)
{
	manrs_fault fault = {0};

	if (manrs_policy_file_read(&s->file, text, n, NULL, &fault) != MANRS_OK) {
		char what[MANRS_FAULT_TEXT];

		manrs_fault_text(&fault, text, n, what, sizeof what);
		complain_at(name, fault.line, "%s", what);
		return false;
	}
	s->policy.size = sizeof s->policy;
	return manrs_policy_file_policy(s->file, &s->policy) == MANRS_OK;
}

/* A whole file, up to a bound that no policy reaches. */
static bool load_policy(struct session *s, const char *path)
{
	struct input *in = input_open(path);
	struct rows text = {0};
	const char *bytes;
	ptrdiff_t n = -1;
	bool good;

	if (!in)
		return false;
	while (text.n < 64u << 20 && (n = input_read(in, &bytes)) > 0) {
		text.at = must_resize(text.at, text.n + (size_t)n, 1);
		memcpy(text.at + text.n, bytes, (size_t)n);
		text.n += (size_t)n;
	}
	input_close(in);
	if (n > 0)
		complain_at(path, 0, "too long for a policy");
	good = n == 0 && read_policy(s, path, text.at, text.n);
	free(text.at);
	return good;
}

/* --role, --local-as and --tests are the lines of a policy. */
static bool policy_of_options(struct session *s)
{
	char text[2048];
	int n = snprintf(text, sizeof text, "role = %s\n%s%s\n%s%s\n", s->role,
			 s->local_as ? "local-as = " : "", s->local_as ? s->local_as : "",
			 s->tests ? "tests = " : "", s->tests ? s->tests : "");

	if (n < 0 || (size_t)n >= sizeof text || strchr(s->role, '\n')) {
		complain("the options are too long");
		return false;
	}
	return read_policy(s, "--role, --local-as, --tests", text, (size_t)n);
}

static int load(struct session *s)
{
	struct vrpset_options options = {
		.files = s->vrps.n ? &s->vrps : NULL,
		.aspas = s->aspas.n ? &s->aspas : NULL,
		.all_records = !s->aspas.n,
		.expiry = s->expiry,
	};

	int status;

	if (!(s->policy_path ? load_policy(s, s->policy_path) : policy_of_options(s)))
		return EXIT_ERROR;
	status = vrpset_open(&s->set, NULL, &options);
	if (status != EXIT_DONE)
		return status;
	if (!load_irr(s) || !load_bogons(s) || !load_relationships(s))
		return EXIT_ERROR;
	/* What nobody asked for by name is asked for where there is something to test against. */
	s->policy.tests &=
		manrs_tests_with_data(s->set.db, &s->policy) | manrs_policy_file_named(s->file);
	return EXIT_DONE;
}

const char *session_mark(const struct session *s, manrs_announcement *a)
{
	bool any = a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	uint32_t ours = s->policy.local_as;

	if (s->policy.role != MANRS_ROLE_NONE || (a->flags & MANRS_ANNOUNCE_INTERNAL))
		return NULL;
	if (any || !ours || a->neighbour_asn == ours) {
		a->flags |= MANRS_ANNOUNCE_INTERNAL;
		return NULL;
	}
	a->flags |= MANRS_ANNOUNCE_MALFORMED;
	return "the peer's AS is not ours, and the session is internal";
}

int session_open(struct session *s, const struct verb *verb)
{
	int status;

	if (!s->vrps.n && !s->aspas.n)
		return usage_error(verb, "--vrps FILE is missing");
	if (!s->policy_path == !s->role)
		return usage_error(verb, "--policy FILE or --role ROLE, one of them");
	if (s->policy_path && (s->local_as || s->tests))
		return usage_error(verb, "--local-as and --tests belong into the policy");
	status = load(s);
	if (status != EXIT_DONE)
		session_close(s);
	return status;
}

void session_close(struct session *s)
{
	if (s->set.db)
		vrpset_free(&s->set);
	manrs_policy_file_free(s->file);
	manrs_trie_free(s->own_bogons);
	manrs_rel_free(s->rel);
	free(s->vrps.at);
	free(s->aspas.at);
	free(s->irr.at);
	free(s->bogons.at);
	free(s->relationships.at);
	memset(s, 0, sizeof *s);
}

/* ---- --fail-on ---- */

static bool wanted_word(struct wanted *w, const char *word, size_t n)
{
	int test = manrs_test_parse(word, n);

	if (n == 3 && !memcmp(word, "any", 3)) {
		w->tests = MANRS_TESTS_ALL;
		return true;
	}
	if (test >= 0) {
		w->tests |= MANRS_TEST_BIT(test);
		return true;
	}
	for (int code = 1; code < MANRS_CODES; code++)
		if (strlen(manrs_code_text(code)) == n && !memcmp(word, manrs_code_text(code), n)) {
			w->codes[code] = w->some_codes = true;
			return true;
		}
	return false;
}

bool wanted_parse(struct wanted *w, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (!wanted_word(w, list, n))
			return false;
		list += n + (list[n] == ',');
	}
	return true;
}
