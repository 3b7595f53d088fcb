/* SPDX-License-Identifier: BSD-2-Clause */
/* What `manrs check` and `manrs explain` judge by, from the options: files into one snapshot, and a policy. */

#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_LIMIT ((64u << 20) - 1) /* bytes */

static bool read_policy(struct session *s, const char *name, const char *text, size_t n)
{
	manrs_fault fault = {0};

	if (manrs_policy_file_read(&s->file, text, n, NULL, &fault) != MANRS_OK) {
		complain_file(name, &fault, text, n);
		return false;
	}
	s->policy.size = sizeof s->policy;
	return manrs_policy_file_policy(s->file, &s->policy) == MANRS_OK;
}

/* A whole file, up to a bound that no policy reaches. */
static bool load_policy(struct session *s, const char *path)
{
	struct input *in = input_open(path);
	char *text = NULL;
	size_t n;
	bool good = in && input_whole(in, POLICY_LIMIT, "too long for a policy", &text, &n) &&
		    read_policy(s, path, text, n);

	input_close(in);
	free(text);
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
	int status;

	if (!(s->policy_path ? load_policy(s, s->policy_path) : policy_of_options(s)))
		return EXIT_ERROR;
	s->s.load.all_records = !s->s.load.aspas.n;
	status = vrpset_open(&s->set, NULL, &s->s.load);
	if (status != EXIT_DONE)
		return status;
	if (!session_files(s))
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

int session_open(struct session *s)
{
	const struct verb *verb = s->s.verb;

	if (!s->s.load.files.n && !s->s.load.aspas.n)
		return usage_error(verb, "--vrps FILE is missing");
	if (!s->policy_path == !s->role)
		return usage_error(verb, "--policy FILE or --role ROLE, one of them");
	if (s->policy_path && (s->local_as || s->tests))
		return usage_error(verb, "--local-as and --tests belong into the policy");
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
