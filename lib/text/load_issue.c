/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong in a VRP or ASPA file: unreadable and refused entries, remarks, and what fails the load.
 *
 * An entry is unreadable when its form is not understood; enough of them say that the file is damaged or not what the
 * host takes it for, and fail it. An entry that a rule or a limit refuses is well written: a CA can publish such a one,
 * so it never fails the file. A remark costs nothing.
 */

#include "text/load_state.h"

#include "base/emit.h"

#include <assert.h>
#include <string.h>

/* Text as it stands, in printable ASCII, cut with dots where it is longer than the room. */
static void show(char *out, size_t room, const char *text, size_t n)
{
	size_t fits = n < room ? n : room - 4;

	assert(room > 4);
	for (size_t i = 0; i < fits; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	if (fits < n)
		memcpy(out + fits, "...", 4);
	else
		out[fits] = '\0';
}

static void load_issue_set(manrs_load_issue *issue, const struct load_place *p, int code,
			   uint32_t kind, const char *what)
{
	issue->fault = (manrs_fault){.at = p->at, .what = what, .code = code, .line = p->line};
	issue->member = p->member ? p->member : "";
	issue->kind = kind;
	show(issue->value, sizeof issue->value, p->value, p->n);
}

bool load_fail_at(manrs_load *l, const struct load_place *p, int code, const char *what)
{
	if (!l->fault.code) {
		load_issue_set(&l->failure, p, code, 0, what);
		l->fault = l->failure.fault;
	}
	return false;
}

bool load_fail(manrs_load *l, int code, uint64_t at, uint32_t line, const char *what)
{
	return load_fail_at(l, &(struct load_place){.at = at, .line = line}, code, what);
}

bool load_no_memory(manrs_load *l)
{
	return load_fail(l, MANRS_ENOMEM, l->stats.bytes, 0, "out of memory");
}

void load_entry_bad(manrs_load *l, const struct load_place *p, int code, const char *what)
{
	struct load_entry *e = &l->entry;

	if (l->json.synonym) {
		if (!e->doubtful)
			load_issue_set(&e->doubt, p, code, MANRS_LOAD_BAD, what);
		e->doubtful |= 1u << l->json.field;
		e->odd = true;
	} else if (!e->bad.fault.code) {
		load_issue_set(&e->bad, p, code, MANRS_LOAD_BAD, what);
	}
}

void load_entry_refuse(manrs_load *l, const struct load_place *p, int code, const char *what)
{
	if (!l->entry.bad.fault.code)
		load_issue_set(&l->entry.bad, p, code, MANRS_LOAD_REFUSED, what);
}

static bool keep(manrs_load *l, const manrs_load_issue *issue)
{
	manrs_load_issue *kept = vec_push(&l->mem, &l->issues, sizeof *kept);

	if (!kept)
		return load_no_memory(l);
	*kept = *issue;
	return true;
}

bool load_issue(manrs_load *l, enum load_list list)
{
	struct load_tally *tally = &l->tally[list == LIST_PAIRS ? LIST_ASPAS : list];

	if (l->entry.bad.kind == MANRS_LOAD_REFUSED) {
		l->stats.refused++;
		tally->refused++;
	} else {
		if (tally->bad++ == 0) {
			tally->at = l->entry.bad.fault.at;
			tally->line = l->entry.bad.fault.line;
		}
		l->stats.bad++;
	}
	return l->issues_made++ >= LOAD_ISSUES || keep(l, &l->entry.bad);
}

static bool tell(manrs_load *l, const manrs_load_issue *remark)
{
	assert(l->remark_kinds <= LOAD_REMARKS);
	l->stats.remarks++;
	for (uint32_t i = 0; i < l->remark_kinds; i++)
		if (l->remarks[i].what == remark->fault.what &&
		    l->remarks[i].member == remark->member)
			return true;
	if (l->remark_kinds == LOAD_REMARKS)
		return true;
	l->remarks[l->remark_kinds++] = (struct load_remark){remark->fault.what, remark->member};
	return keep(l, remark);
}

bool load_remark(manrs_load *l, const struct load_place *p, const char *what)
{
	manrs_load_issue issue;

	load_issue_set(&issue, p, MANRS_EINVAL, MANRS_LOAD_REMARK, what);
	return tell(l, &issue);
}

void load_entry_remark(manrs_load *l, const struct load_place *p, const char *what)
{
	struct load_entry *e = &l->entry;

	e->odd = true;
	if (e->remarks < sizeof e->remark / sizeof *e->remark)
		load_issue_set(&e->remark[e->remarks++], p, MANRS_EINVAL, MANRS_LOAD_REMARK, what);
}

bool load_entry_tell(manrs_load *l)
{
	for (uint32_t i = 0; i < l->entry.remarks; i++)
		if (!tell(l, &l->entry.remark[i]))
			return false;
	return true;
}

/* ---- the end ---- */

/* Below as many entries a share says nothing. */
#define ENOUGH 100

/* "N of M", as far as 32 bits show them. */
static size_t put_share(char *out, uint64_t part, uint64_t whole)
{
	size_t n = emit_digits(out, part > UINT32_MAX ? UINT32_MAX : (uint32_t)part);

	memcpy(out + n, " of ", 4);
	return n + 4 + emit_digits(out + n + 4, whole > UINT32_MAX ? UINT32_MAX : (uint32_t)whole);
}

static bool judge(manrs_load *l, const char *member, const struct load_tally *t, uint64_t good,
		  const char *none)
{
	uint64_t all = good + t->bad + t->refused;
	char share[32];
	struct load_place p = {.at = t->at, .line = t->line, .member = member, .value = share};

	if (t->bad == 0)
		return true;
	p.n = put_share(share, t->bad, all);
	if (good == 0)
		return load_fail_at(l, &p, MANRS_ESYNTAX, none);
	if (all >= ENOUGH && t->bad > l->allow && t->bad * 1000 > all * l->allow_per_mille)
		return load_fail_at(l, &p, MANRS_ESYNTAX, "too many entries cannot be read");
	return true;
}

/* The lists of a text are not told apart: a line that is not understood belongs to none. */
static bool judge_text(manrs_load *l)
{
	static const char none[] = "a text without one good entry";
	struct load_tally all = l->tally[LIST_ROAS];
	uint64_t good = l->stats.vrps + l->stats.aspas;

	if (all.bad == 0 || (l->tally[LIST_ASPAS].bad && l->tally[LIST_ASPAS].at < all.at)) {
		all.at = l->tally[LIST_ASPAS].at;
		all.line = l->tally[LIST_ASPAS].line;
	}
	all.bad = l->stats.bad;
	all.refused = l->stats.refused;
	if (good + all.bad + all.refused == 0)
		return load_fail(l, MANRS_ESYNTAX, l->stats.bytes, 0, none);
	return judge(l, "", &all, good, none);
}

bool load_judge(manrs_load *l)
{
	static const char none[] = "a list without one good entry";
	uint64_t aspas = l->stats.aspas + l->pair_entries;

	if (l->stats.format != MANRS_FORMAT_JSON)
		return judge_text(l);
	return judge(l, "roas", &l->tally[LIST_ROAS], l->stats.vrps, none) &&
	       judge(l, "aspas", &l->tally[LIST_ASPAS], aspas, none) &&
	       judge(l, "router keys", &l->tally[LIST_KEYS], l->stats.keys, none);
}

void manrs_load_allow(manrs_load *l, uint64_t entries, uint32_t per_mille)
{
	l->allow = entries;
	l->allow_per_mille = per_mille;
}

int manrs_load_failure(const manrs_load *l, manrs_load_issue *out)
{
	if (l->fault.code) {
		*out = l->failure;
		out->fault = l->fault;
		if (!out->member)
			out->member = "";
	}
	return l->fault.code;
}

size_t manrs_load_issues(manrs_load *l, manrs_load_issue *out, size_t cap)
{
	size_t left = l->issues.n - l->issues_head, n = left < cap ? left : cap;

	if (n)
		memcpy(out, (manrs_load_issue *)l->issues.at + l->issues_head, n * sizeof *out);
	l->issues_head += n;
	return n;
}
