/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists that a session is judged by: route objects, bogons, relationships, a line each. */

#include "irr_file.h"
#include "session.h"

#include <stdlib.h>

/* ---- files of lines ---- */

static enum line_kind take_bogon(void *arg, const struct line *line, manrs_fault *fault)
{
	manrs_prefix prefix;
	int rc = manrs_prefix_list_parse(&prefix, line->text, line->n, fault);

	if (rc == 1 && (rc = manrs_trie_set(arg, &prefix, 0)) < 0)
		fault->what = manrs_strerror(rc);
	return rc < 0 ? LINE_BAD : rc ? LINE_TAKEN : LINE_NOTHING;
}

/* Relationships, and where each stands: which of two contradict each other is seen when all are there. */
struct relationships {
	manrs_as_rel *row;
	struct line *line; /* without its text */
	size_t n, cap_row, cap_line;
};

static enum line_kind take_relationship(void *arg, const struct line *line, manrs_fault *fault)
{
	struct relationships *all = arg;
	manrs_as_rel row;
	int rc = manrs_rel_parse(&row, line->text, line->n, fault);

	if (rc != 1)
		return rc < 0 ? LINE_BAD : LINE_NOTHING;
	all->row = must_room(all->row, all->n, &all->cap_row, sizeof row);
	all->line = must_room(all->line, all->n, &all->cap_line, sizeof *all->line);
	all->row[all->n] = row;
	all->line[all->n++] = (struct line){.file = line->file, .number = line->number};
	return LINE_TAKEN;
}

static void complain_relationship(const struct relationships *all, const manrs_fault *fault)
{
	const manrs_as_rel *row = &all->row[fault->at];
	const struct line *line = &all->line[fault->at];

	complain_at(line->file, line->number, "relationship of AS%u and AS%u: %s", row->a, row->b,
		    fault->what);
}

/* ---- the parts ---- */

/* The database with route objects beside the VRPs. returns: < 0: as it was. */
static int add_objects(struct session *s, const struct irr_file *all)
{
	manrs_edit *edit;
	manrs_db *db;
	int rc = manrs_edit_begin(&edit, s->set.owner, s->set.db);

	if (rc < 0)
		return rc;
	rc = manrs_edit_irr(edit, 0, MANRS_ADD, all->at, all->n, NULL, NULL);
	if (rc == MANRS_OK)
		rc = manrs_edit_commit(edit, &db);
	if (rc != MANRS_OK) {
		manrs_edit_abort(edit);
		return rc;
	}
	manrs_db_unref(s->set.db);
	s->set.db = db;
	return MANRS_OK;
}

static bool load_irr(struct session *s)
{
	struct irr_file file;
	bool good = true;
	int rc;

	for (size_t i = 0; good && i < s->irr.n; i++) {
		good = irr_file_read(&file, s->irr.at[i]);
		if (good && file.n && (rc = add_objects(s, &file)) < 0)
			good = complain_error(rc) == EXIT_DONE;
		irr_file_free(&file);
	}
	return good;
}

bool session_bogons(const struct session *s, manrs_policy *policy, manrs_trie **own)
{
	int rc;

	if (!s->bogons.n)
		return true;
	rc = policy->bogons ? manrs_trie_clone(own, policy->bogons, NULL)
			    : manrs_trie_new(own, NULL);
	if (rc != MANRS_OK) {
		complain_error(rc);
		return false;
	}
	policy->bogons = *own;
	for (size_t i = 0; i < s->bogons.n; i++)
		if (!lines_list(s->bogons.at[i], take_bogon, *own))
			return false;
	return true;
}

static bool use_relationships(struct session *s, const struct relationships *all)
{
	manrs_fault fault = {0};
	int rc = manrs_rel_new(&s->rel, all->row, all->n, NULL, &fault);

	if (rc == MANRS_EINVAL)
		complain_relationship(all, &fault);
	else if (rc != MANRS_OK)
		complain_error(rc);
	s->policy.rel = s->rel;
	return rc == MANRS_OK;
}

static bool load_relationships(struct session *s)
{
	struct relationships all = {0};
	bool good = true;

	for (size_t i = 0; good && i < s->relationships.n; i++)
		good = lines_list(s->relationships.at[i], take_relationship, &all);
	if (good && s->relationships.n)
		good = use_relationships(s, &all);
	free(all.row);
	free(all.line);
	return good;
}

bool session_lists(struct session *s)
{
	return session_bogons(s, &s->policy, &s->own_bogons) && load_relationships(s);
}

bool session_files(struct session *s)
{
	return load_irr(s) && session_lists(s);
}
