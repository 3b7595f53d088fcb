/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRPs and ASPAs as routing daemons configure them.
 *
 *     BIRD 1    roa 1.0.0.0/24 max 24 as 13335;          (in `roa table NAME { ... }` or bare)
 *     BIRD 2    route 1.0.0.0/24 max 24 as 13335;        (in `protocol static { roa4 { table NAME; }; ... }` or bare)
 *               route aspa 970 providers 54874, 6939;    route aspa 970 transit;        (transit: no providers)
 *     OpenBGPD  roa-set { 1.0.0.0/24 [maxlen 24] source-as 13335 [expires 1753453058] ... }
 *               aspa-set { customer-as 970 [expires 1753453058] provider-as { 54874, 6939 } ... }
 *
 * One statement stands on one line; what is around them is skipped in BIRD's files. A word is a run of other characters
 * than blanks and ; , { } #, or one of ; , { }.
 */

#include "text/load_state.h"

#include "base/name.h"
#include "text/lines.h"

#include <string.h>

/* A line, and the word that was read last. */
struct words {
	const char *s;
	size_t n, from, to;
};

static bool in_word(char c)
{
	return !memchr(" \t;,{}#", c, 7);
}

/* The next word; false at the end of the line or at a comment. */
static bool next(struct words *w)
{
	size_t at = w->to;

	at = line_blanks(w->s, at, w->n);
	if (at < w->n && w->s[at] == '#')
		at = w->n;
	w->from = at;
	while (at < w->n && in_word(w->s[at]))
		at++;
	w->to = at + (at == w->from && at < w->n);
	return w->to > w->from;
}

static bool is(const struct words *w, const char *what)
{
	return name_is(w->s + w->from, w->to - w->from, what);
}

static void word_bad(manrs_load *l, const struct words *w, const char *what)
{
	load_text_bad(l, w->s, w->from, w->to, what);
}

/* The next word is `what`, or the entry is bad. */
static bool expect(manrs_load *l, struct words *w, const char *what, const char *fault)
{
	if (next(w) && is(w, what))
		return true;
	word_bad(l, w, fault);
	return false;
}

/* A line that is no entry: an issue. */
static bool line_issue(manrs_load *l, const struct words *w, const char *what)
{
	load_text_start(l, w->from);
	load_text_bad(l, w->s, w->from, w->n, what);
	return load_issue(l, LIST_ROAS);
}

/* ---- BIRD ---- */

/* Behind the prefix: max N as N ; */
static void bird_vrp(manrs_load *l, struct words *w)
{
	load_text_prefix(l, w->s, w->from, w->to);
	if (l->entry.bad.fault.code || !expect(l, w, "max", "\"max\" is missing"))
		return;
	next(w);
	load_text_maxlen(l, w->s, w->from, w->to);
	if (!expect(l, w, "as", "\"as\" is missing"))
		return;
	next(w);
	load_text_asn(l, w->s, w->from, w->to, FIELD_ASN);
	expect(l, w, ";", "a semicolon is missing");
}

/* Behind "aspa": customer, then transit; or providers N [,] N ... ; */
static bool bird_aspa(manrs_load *l, struct words *w)
{
	next(w);
	load_text_asn(l, w->s, w->from, w->to, FIELD_CUSTOMER);
	if (next(w) && is(w, "transit")) {
		expect(l, w, ";", "a semicolon is missing");
		return load_text_provider(l, "0", 0, 1);
	}
	if (!is(w, "providers") && !is(w, "provider"))
		word_bad(l, w, "\"providers\" is missing");
	while (next(w) && !is(w, ";"))
		if (!is(w, ",") && !load_text_provider(l, w->s, w->from, w->to))
			return false;
	if (!is(w, ";"))
		word_bad(l, w, "a semicolon is missing");
	return true;
}

bool load_bird_line(manrs_load *l, const char *s, size_t n)
{
	static const char *const around[] = {"define", "protocol", "roa4", "roa6", "aspa",
					     "table",  "{",        "}",    ";"};
	struct words w = {.s = s, .n = n};

	while (next(&w)) {
		enum load_list list = LIST_ROAS;

		for (size_t i = 0; i < sizeof around / sizeof *around; i++)
			if (is(&w, around[i]))
				return true;
		if (!is(&w, "roa") && !is(&w, "route"))
			return line_issue(l, &w, "not a statement of BIRD for a ROA");
		load_text_start(l, w.from);
		next(&w);
		if (is(&w, "table"))
			return true;
		if (is(&w, "aspa")) {
			list = LIST_ASPAS;
			if (!bird_aspa(l, &w))
				return false;
		} else {
			bird_vrp(l, &w);
		}
		if (l->entry.bad.fault.code)
			w.to = n;
		load_has(l, list);
		if (!load_entry_end(l, list))
			return false;
	}
	return true;
}

/* ---- OpenBGPD ---- */

enum block { OUTSIDE, ROA_HEAD, ROA_SET, ASPA_HEAD, ASPA_SET };

static void openbgpd_expires(manrs_load *l, struct words *w)
{
	next(w);
	load_text_expires(l, w->s, w->from, w->to);
	next(w);
}

/* w is the prefix; stops at the word behind the entry. */
static void openbgpd_vrp(manrs_load *l, struct words *w)
{
	load_text_prefix(l, w->s, w->from, w->to);
	if (next(w) && is(w, "maxlen")) {
		next(w);
		load_text_maxlen(l, w->s, w->from, w->to);
		next(w);
	}
	if (!is(w, "source-as")) {
		word_bad(l, w, "\"source-as\" is missing");
		return;
	}
	next(w);
	load_text_asn(l, w->s, w->from, w->to, FIELD_ASN);
	if (next(w) && is(w, "expires"))
		openbgpd_expires(l, w);
}

/* w is customer-as; stops at the word behind the entry. */
static bool openbgpd_aspa(manrs_load *l, struct words *w)
{
	if (!is(w, "customer-as"))
		word_bad(l, w, "\"customer-as\" is missing");
	next(w);
	load_text_asn(l, w->s, w->from, w->to, FIELD_CUSTOMER);
	if (next(w) && is(w, "expires"))
		openbgpd_expires(l, w);
	if (!is(w, "provider-as") || !expect(l, w, "{", "{ is missing"))
		word_bad(l, w, "\"provider-as\" is missing");
	while (next(w) && !is(w, "}"))
		if (!is(w, ",") && !load_text_provider(l, w->s, w->from, w->to))
			return false;
	if (!is(w, "}"))
		word_bad(l, w, "} is missing");
	next(w);
	return true;
}

/* Outside of the sets: their names and opening braces. Returns whether w was understood. */
static bool openbgpd_head(manrs_load *l, const struct words *w)
{
	uint8_t to = is(w, "roa-set") ? ROA_HEAD : is(w, "aspa-set") ? ASPA_HEAD : OUTSIDE;

	if (l->text.block == OUTSIDE && to != OUTSIDE) {
		l->text.block = to;
		load_has(l, to == ROA_HEAD ? LIST_ROAS : LIST_ASPAS);
	} else if (l->text.block == ROA_HEAD && is(w, "{")) {
		l->text.block = ROA_SET;
	} else if (l->text.block == ASPA_HEAD && is(w, "{")) {
		l->text.block = ASPA_SET;
	} else {
		return false;
	}
	return true;
}

bool load_openbgpd_line(manrs_load *l, const char *s, size_t n)
{
	struct words w = {.s = s, .n = n};

	for (bool more = next(&w); more;) {
		enum load_list list = l->text.block == ROA_SET ? LIST_ROAS : LIST_ASPAS;

		if (l->text.block != ROA_SET && l->text.block != ASPA_SET) {
			if (!openbgpd_head(l, &w))
				return line_issue(l, &w, "not in a roa-set or aspa-set");
			more = next(&w);
			continue;
		}
		if (is(&w, "}") || is(&w, ",")) {
			l->text.block = is(&w, "}") ? OUTSIDE : l->text.block;
			more = next(&w);
			continue;
		}
		load_text_start(l, w.from);
		if (list == LIST_ROAS)
			openbgpd_vrp(l, &w);
		else if (!openbgpd_aspa(l, &w))
			return false;
		more = !l->entry.bad.fault.code && w.to > w.from;
		if (!load_entry_end(l, list))
			return false;
	}
	return true;
}

bool load_openbgpd_finish(manrs_load *l)
{
	return l->text.block == OUTSIDE ||
	       load_fail(l, MANRS_ESYNTAX, l->stats.bytes, l->text.number, "a set is not closed");
}
