/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy for each role: the library's default for it, or a file's. A file that names a role is for that role; one that
 * does not is for every role. The text of each file that was read last is kept: one that cannot be read now stays as it was.
 */

#include "frr_manrs.h"

#define ROLES (MANRS_ROLE_RS_CLIENT + 1) /* NONE: internal */

struct judged_by {
	manrs_policy policy;
	manrs_policy_file *file; /* owns what policy points to */
	uint64_t named;
	bool set;
};

static struct judged_by policies[ROLES];

/* Sessions are often numbered from private space, and a router cannot know: what it may be, it may be. */
static void set_default(int role)
{
	manrs_policy_init(&policies[role].policy, sizeof policies[role].policy, role);
	policies[role].policy.flags |= MANRS_POLICY_NEXT_HOP_PRIVATE;
	policies[role].named = 0;
	policies[role].set = true;
}

const manrs_policy *policy_of(int role)
{
	if (!policies[role].set)
		set_default(role);
	return &policies[role].policy;
}

uint64_t policy_named(int role)
{
	return policies[role].named;
}

static void drop(struct judged_by *list)
{
	for (int role = 0; role < ROLES; role++)
		manrs_policy_file_free(list[role].file);
	memset(list, 0, ROLES * sizeof *list);
}

static int read_with(const char *first, const char *text, size_t n, manrs_policy_file **file,
		     manrs_fault *fault)
{
	size_t before = strlen(first);
	char *whole = malloc(before + n + 1);
	int rc = MANRS_ENOMEM;

	if (whole) {
		memcpy(whole, first, before);
		memcpy(whole + before, text, n);
		rc = manrs_policy_file_read(file, whole, before + n, NULL, fault);
	}
	free(whole);
	return rc;
}

static const char *role_line(int role, char *line, size_t cap)
{
	snprintf(line, cap, "role = %s\n",
		 role == MANRS_ROLE_NONE ? "internal" : manrs_role_text(role));
	return line;
}

/* Whether it names its role, so that it stands as it is, or stands under a role's line. Of two faults the later one is meant. */
static int is_policy(const char *text, size_t n, bool *for_all, manrs_fault *fault)
{
	char line[40];
	manrs_fault other = {0};
	manrs_policy_file *file = NULL;
	size_t before = strlen(role_line(MANRS_ROLE_NONE, line, sizeof line));
	int rc = read_with("", text, n, &file, fault);

	*for_all = rc < 0;
	if (rc < 0 && (rc = read_with(line, text, n, &file, &other)) < 0 &&
	    other.at > fault->at + before) {
		*fault = other;
		fault->line--;
	}
	if (rc == 0)
		manrs_policy_file_free(file);
	return rc;
}

static int take(struct judged_by *list, const char *first, const struct policy *from)
{
	manrs_policy policy = {.size = sizeof policy};
	manrs_policy_file *file;
	manrs_fault fault;
	struct judged_by *to;
	int rc = read_with(first, from->text, from->n, &file, &fault);

	if (rc < 0)
		return rc;
	manrs_policy_file_policy(file, &policy);
	to = &list[policy.role];
	manrs_policy_file_free(to->file);
	*to = (struct judged_by){policy, file, manrs_policy_file_named(file), true};
	if (from->for_all && !(to->named & MANRS_TEST_BIT(MANRS_TEST_NEXT_HOP)))
		to->policy.flags |= MANRS_POLICY_NEXT_HOP_PRIVATE;
	return 0;
}

static int take_all(struct judged_by *list)
{
	char line[40];
	int rc = 0;

	for (const struct policy *p = frr.policy_list; p && rc == 0; p = p->next) {
		if (p->text && !p->for_all)
			rc = take(list, "", p);
		for (int role = 0; p->text && p->for_all && role < ROLES && rc == 0; role++)
			rc = take(list, role_line(role, line, sizeof line), p);
	}
	return rc;
}

static void say(struct vty *vty, struct policy *p, const char *what)
{
	const char *then = p->text ? "; it stays as it was" : "; it is judged without";

	snprintf(p->why, sizeof p->why, "%s%s", what, then);
	zlog_warn("manrs: policy %s: %s", p->path, p->why);
	if (vty)
		vty_out(vty, "%% %s: %s\n", p->path, p->why);
}

static void read_again(struct policy *p, struct vty *vty)
{
	char what[240];
	manrs_fault fault = {0};
	const char *why;
	bool for_all;
	size_t n;
	char *text = file_whole(p->path, &n, NULL, &why);

	*p->why = 0;
	if (!text) {
		say(vty, p, why);
		return;
	}
	if (is_policy(text, n, &for_all, &fault) < 0) {
		snprintf(what, sizeof what, "line %u: %s", fault.line,
			 fault.what ? fault.what : "out of memory");
		say(vty, p, what);
		free(text);
		return;
	}
	free(p->text);
	p->text = text;
	p->n = n;
	p->for_all = for_all;
}

void policies_read(struct vty *vty)
{
	struct judged_by next[ROLES] = {{.set = false}};

	for (struct policy *p = frr.policy_list; p; p = p->next)
		read_again(p, vty);
	if (take_all(next) < 0) {
		zlog_warn("manrs: out of memory; policies stay as they were");
		drop(next);
		return;
	}
	drop(policies);
	memcpy(policies, next, sizeof next);
}

void policy_free(struct policy *policy)
{
	free(policy->path);
	free(policy->text);
	free(policy);
}

void policies_stop(void)
{
	drop(policies);
	while (frr.policy_list) {
		struct policy *policy = frr.policy_list;

		frr.policy_list = policy->next;
		policy_free(policy);
	}
}
