/* SPDX-License-Identifier: BSD-2-Clause */
/* What `manrs check` and `manrs explain` judge by, from the options: files into one snapshot, and a policy. */

#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_LIMIT ((64u << 20) - 1) /* bytes */

/* fault: of a text that is none. returns: an error of the library. */
static int read_policy(struct session *s, const char *text, size_t n, manrs_fault *fault)
{
	int rc = manrs_policy_file_read(&s->file, text, n, NULL, fault);

	s->policy.size = sizeof s->policy;
	return rc == MANRS_OK ? manrs_policy_file_policy(s->file, &s->policy) : rc;
}

/* A whole file, up to a bound that no policy reaches. */
static bool load_policy(struct session *s, const char *path)
{
	struct input *in = input_open(path);
	char *text = NULL;
	manrs_fault fault = {0};
	size_t n;
	bool whole = in && input_whole(in, POLICY_LIMIT, "too long for a policy", &text, &n),
	     good = whole && read_policy(s, text, n, &fault) == MANRS_OK;

	if (whole && !good)
		complain_file(input_name(in), &fault, text, n);
	input_close(in);
	free(text);
	return good;
}

/* --role, --local-as and --tests are the lines of a policy. */
static bool policy_of_options(struct session *s)
{
	char text[2048], what[MANRS_FAULT_TEXT], ours[32] = "";
	const char *tests = s->tests ? s->tests : "";
	manrs_fault fault = {0};
	int n;

	if (s->local_as)
		snprintf(ours, sizeof ours, "local-as = %u", s->local_as);
	n = snprintf(text, sizeof text, "role = %s\n%s\n%s%s\n", s->role, ours,
		     s->tests ? "tests = " : "", tests);
	if (n < 0 || (size_t)n >= sizeof text || strchr(s->role, '\n') || strchr(tests, '\n')) {
		usage_error(s->s.verb, "--role or --tests is too long, or not one line");
		return false;
	}
	if (read_policy(s, text, (size_t)n, &fault) == MANRS_OK)
		return true;
	manrs_fault_text(&fault, text, (size_t)n, what, sizeof what);
	usage_error(s->s.verb, "%s", what);
	return false;
}

/* A cache below version 2 has no ASPAs, and which version it speaks may change: what is not tested then is said. */
static void warn_no_aspas(const struct session *s)
{
	const struct words *files = &s->s.load.files;

	if (s->s.load.aspas.n || s->set.lists & MANRS_LOAD_ASPAS ||
	    !(s->policy.tests >> MANRS_TEST_ASPA & 1))
		return;
	for (size_t i = 0; i < files->n; i++)
		if (rtr_url_is(files->at[i])) {
			complain_at(files->at[i], 0,
				    "warning: no ASPAs in the version that the cache speaks: "
				    "they are not tested");
			return;
		}
}

bool session_policy(struct session *s)
{
	return s->policy_path ? load_policy(s, s->policy_path) : policy_of_options(s);
}

static int load(struct session *s)
{
	int status;

	if (!session_policy(s))
		return EXIT_ERROR;
	s->s.load.all_records = !s->s.load.aspas.n;
	status = vrpset_open(&s->set, NULL, &s->s.load);
	if (status != EXIT_DONE)
		return status;
	if (!session_files(s))
		return EXIT_ERROR;
	warn_no_aspas(s);
	/* What nobody asked for by name is asked for where there is something to test against. */
	s->policy.tests &=
		manrs_tests_with_data(s->set.db, &s->policy) | manrs_policy_file_named(s->file);
	return EXIT_DONE;
}

static bool is_ours(const struct session *s, const manrs_announcement *a)
{
	return (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR) || !s->policy.local_as ||
	       a->neighbour_asn == s->policy.local_as;
}

bool session_has(const struct session *s, manrs_announcement *a)
{
	if (s->policy.role != MANRS_ROLE_NONE || a->flags & MANRS_ANNOUNCE_INTERNAL)
		return true;
	a->flags |= is_ours(s, a) ? MANRS_ANNOUNCE_INTERNAL : MANRS_ANNOUNCE_MALFORMED;
	return is_ours(s, a);
}

int session_announcement(const struct session *s, manrs_announcement *a, uint32_t *asn,
			 uint8_t *kind, size_t cap, const struct line *line, manrs_fault *fault)
{
	int rc = manrs_announce_parse(a, asn, kind, cap, line->text, line->n, fault);

	if (rc > 0 && !session_has(s, a))
		complain_at(line->file, line->number, "AS%u: " NOT_INTERNAL, a->neighbour_asn);
	return rc;
}

int session_open(struct session *s)
{
	const struct verb *verb = s->s.verb;

	if (!s->s.load.files.n && !s->s.load.aspas.n)
		return usage_error(verb, "--vrps FILE is missing");
	if (!s->policy_path == !s->role)
		return usage_error(verb, "--policy FILE or --role ROLE, one of them");
	if (s->policy_path && (s->local_as || s->tests))
		return usage_error(verb, "--local-as and --tests belong into the policy");
	if (stdins(&s->s) > 1)
		return usage_error(verb, STDIN_ONCE);
	return load(s);
}

void session_close(struct session *s)
{
	if (s->set.db)
		vrpset_free(&s->set);
	manrs_policy_file_free(s->file);
	manrs_trie_free(s->own_bogons);
	manrs_rel_free(s->rel);
}
