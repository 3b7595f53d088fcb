/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy for each role: the library's default for it, or a file's. A file that names a role is for that role; one that
 * does not is for every role.
 */

#include "frr_manrs.h"

#define ROLES (MANRS_ROLE_RS_CLIENT + 1) /* NONE: internal */

static struct {
	manrs_policy policy;
	manrs_policy_file *file; /* owns what policy points to */
	uint64_t named;
	bool set;
} policies[ROLES];

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

static void drop_files(void)
{
	for (int role = 0; role < ROLES; role++) {
		manrs_policy_file_free(policies[role].file);
		policies[role].file = NULL;
		policies[role].set = false;
	}
}

static void say(struct vty *vty, const char *path, const manrs_fault *fault, const char *what)
{
	zlog_warn("manrs: policy %s: line %u: %s", path, fault->line, what);
	if (vty)
		vty_out(vty, "%% %s: line %u: %s\n", path, fault->line, what);
}

/* Whether a line of it gives a role. */
static bool names_role(const char *text)
{
	for (; text; text = strchr(text, '\n')) {
		text += strspn(text, " \t\r\n");
		if (!strncasecmp(text, "role", 4)) {
			const char *next = text + 4 + strspn(text + 4, " \t");

			if (*next == '=')
				return true;
		}
		if (!*text)
			return false;
	}
	return false;
}

/* returns: the role, < 0: it cannot be read */
static int take(const char *text, const char *path, struct vty *vty)
{
	manrs_policy_file *file;
	manrs_policy policy = {.size = sizeof policy};
	manrs_fault fault = {0};
	int rc = manrs_policy_file_read(&file, text, strlen(text), NULL, &fault);

	if (rc < 0) {
		say(vty, path, &fault, fault.what ? fault.what : manrs_strerror(rc));
		return rc;
	}
	manrs_policy_file_policy(file, &policy);
	manrs_policy_file_free(policies[policy.role].file);
	policies[policy.role].policy = policy;
	policies[policy.role].file = file;
	policies[policy.role].named = manrs_policy_file_named(file);
	policies[policy.role].set = true;
	return (int)policy.role;
}

static void take_for_all(const char *text, const char *path, struct vty *vty)
{
	size_t cap = strlen(text) + 40;
	char *with = malloc(cap);
	bool good = with != NULL;

	/* On one line with the first one, so that a fault names the line that the file has. */
	for (int role = 0; role < ROLES && good; role++) {
		snprintf(with, cap, "role = %s\n%s",
			 role == MANRS_ROLE_NONE ? "internal" : manrs_role_text(role), text);
		good = take(with, path, vty) >= 0;
		if (good && !(policies[role].named & MANRS_TEST_BIT(MANRS_TEST_NEXT_HOP)))
			policies[role].policy.flags |= MANRS_POLICY_NEXT_HOP_PRIVATE;
	}
	free(with);
}

void policies_read(struct vty *vty)
{
	drop_files();
	for (const struct policy *p = frr.policy_list; p; p = p->next) {
		manrs_fault fault = {0};
		const char *why;
		size_t n;
		char *text = file_whole(p->path, &n, &why);

		if (!text) {
			say(vty, p->path, &fault, why);
			continue;
		}
		text[n] = 0;
		if (names_role(text))
			take(text, p->path, vty);
		else
			take_for_all(text, p->path, vty);
		free(text);
	}
}

void policies_stop(void)
{
	drop_files();
	while (frr.policy_list) {
		struct policy *policy = frr.policy_list;

		frr.policy_list = policy->next;
		free(policy->path);
		free(policy);
	}
}
