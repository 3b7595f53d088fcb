/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of manrs urpf list, check and explain in every format. */

#include "cmd_urpf.h"

#include <string.h>

/* ---- a row: members with names, in order ---- */

static void row_start(struct urpf *u)
{
	if (u->format == FORMAT_JSON && u->rows)
		out_text(&u->out, ",\n");
	u->rows = true;
	u->members = 0;
}

/* What stands before a member: of plain text only a gap. */
static void member(struct urpf *u, const char *name, const char *gap)
{
	bool first = !u->members++;

	switch (u->format) {
	case FORMAT_CSV:
		out_text(&u->out, first ? "" : ",");
		break;
	case FORMAT_JSON:
	case FORMAT_JSONL:
		out_text(&u->out, first ? "{\"" : ",\"");
		out_text(&u->out, name);
		out_text(&u->out, "\":");
		break;
	default:
		out_text(&u->out, first ? "" : gap);
	}
}

static void text_member(struct urpf *u, const char *name, const char *gap, const char *text,
			size_t n)
{
	member(u, name, gap);
	if (u->format == FORMAT_CSV)
		out_csv(&u->out, text, n);
	else if (u->format == FORMAT_PLAIN)
		out_bytes(&u->out, text, n);
	else
		out_json(&u->out, text, n);
}

/* NULL: there is none: "-" in plain text, nothing in CSV, null. */
static void word_member(struct urpf *u, const char *name, const char *gap, const char *word)
{
	if (word) {
		text_member(u, name, gap, word, strlen(word));
		return;
	}
	member(u, name, gap);
	out_text(&u->out, u->format == FORMAT_PLAIN ? "-" : u->format == FORMAT_CSV ? "" : "null");
}

static void prefix_member(struct urpf *u, const char *name, const char *gap,
			  const manrs_prefix *prefix)
{
	bool quote = u->format == FORMAT_JSON || u->format == FORMAT_JSONL;

	member(u, name, gap);
	out_text(&u->out, quote ? "\"" : "");
	out_prefix(&u->out, prefix);
	out_text(&u->out, quote ? "\"" : "");
}

static void row_end(struct urpf *u)
{
	bool object = u->format == FORMAT_JSON || u->format == FORMAT_JSONL;

	out_text(&u->out, object ? "}" : "");
	out_text(&u->out, u->format == FORMAT_JSON ? "" : "\n");
}

void urpf_head(struct urpf *u, const char *csv, const char *json)
{
	if (u->format == FORMAT_CSV)
		out_text(&u->out, csv);
	if (u->format != FORMAT_JSON)
		return;
	out_text(&u->out, "{\"");
	out_text(&u->out, json);
	out_text(&u->out, "\":[\n");
}

void urpf_foot(struct urpf *u)
{
	if (u->format == FORMAT_JSON)
		out_text(&u->out, u->rows ? "\n]}\n" : "]}\n");
}

/* ---- list ---- */

void urpf_list_row(struct urpf *u, const char *name, const manrs_prefix *prefix)
{
	row_start(u);
	text_member(u, "interface", "", name, strlen(name));
	prefix_member(u, "prefix", "\t", prefix);
	row_end(u);
}

/* ---- check ---- */

static const char *mode(int number)
{
	return number ? manrs_urpf_mode_text(number) : NULL;
}

void urpf_check_row(struct urpf *u, const char *name, size_t n_name, const char *source,
		    size_t n_source, const manrs_urpf_explanation *why)
{
	row_start(u);
	text_member(u, "interface", "", name, n_name);
	text_member(u, "source", " ", source, n_source);
	word_member(u, "verdict", " ", why->allow == MANRS_URPF_DENIED ? "deny" : "allow");
	word_member(u, "mode", " ", mode(why->effective));
	word_member(u, "step", " ", manrs_urpf_step_text(why->step));
	row_end(u);
}

/* ---- explain: in plain text a line a member ---- */

static const char *port_name(const struct urpf *u, uint16_t handle)
{
	for (size_t i = 0; i < u->n_ports; i++)
		if (u->port[i].handle == handle)
			return u->port[i].name;
	return "?";
}

static void feasible_member(struct urpf *u, const uint16_t *handle, size_t n)
{
	bool list = u->format != FORMAT_CSV;

	member(u, "feasible_on", "");
	out_text(&u->out, list ? "[" : "");
	for (size_t i = 0; i < n; i++) {
		const char *name = port_name(u, handle[i]);

		out_text(&u->out, i == 0 ? "" : list ? "," : " ");
		if (list)
			out_json(&u->out, name, strlen(name));
		else
			out_text(&u->out, name);
	}
	out_text(&u->out, list ? "]" : "");
}

static void explain_row(struct urpf *u, const char *name, const char *source,
			const manrs_urpf_explanation *why, const uint16_t *handle, size_t n)
{
	row_start(u);
	word_member(u, "interface", "", name);
	word_member(u, "source", "", source);
	word_member(u, "verdict", "", why->allow == MANRS_URPF_DENIED ? "deny" : "allow");
	word_member(u, "mode", "", mode(why->mode));
	word_member(u, "effective", "", mode(why->effective));
	word_member(u, "step", "", manrs_urpf_step_text(why->step));
	if (why->asn) {
		member(u, "asn", "");
		out_number(&u->out, why->asn);
	} else {
		word_member(u, "asn", "", NULL);
	}
	if (why->prefix.family)
		prefix_member(u, "prefix", "", &why->prefix);
	else
		word_member(u, "prefix", "", NULL);
	feasible_member(u, handle, n);
	row_end(u);
}

static void field(struct urpf *u, const char *name, const char *value)
{
	out_text(&u->out, name);
	out_text(&u->out, ": ");
	out_text(&u->out, value);
	out_text(&u->out, "\n");
}

static void explain_plain(struct urpf *u, const char *name, const char *source,
			  const manrs_urpf_explanation *why, const uint16_t *handle, size_t n)
{
	field(u, "interface", name);
	field(u, "source", source);
	field(u, "verdict", why->allow == MANRS_URPF_DENIED ? "deny" : "allow");
	field(u, "mode", why->mode ? manrs_urpf_mode_text(why->mode) : "-");
	if (why->effective != why->mode)
		field(u, "fallback", manrs_urpf_mode_text(why->effective));
	field(u, "step", manrs_urpf_step_text(why->step));
	if (why->asn) {
		out_text(&u->out, "of: ");
		out_asn(&u->out, why->asn);
		out_text(&u->out, "\n");
	}
	if (!why->prefix.family)
		return;
	out_text(&u->out, "prefix: ");
	out_prefix(&u->out, &why->prefix);
	out_text(&u->out, "\nfeasible on:");
	for (size_t i = 0; i < n; i++) {
		out_text(&u->out, " ");
		out_text(&u->out, port_name(u, handle[i]));
	}
	out_text(&u->out, !why->n_ifaces ? " no interface\n" : why->n_ifaces > n ? " ...\n" : "\n");
}

void urpf_explain_row(struct urpf *u, const char *name, const char *source,
		      const manrs_urpf_explanation *why, const uint16_t *handle, size_t n)
{
	if (u->format == FORMAT_PLAIN)
		explain_plain(u, name, source, why, handle, n);
	else
		explain_row(u, name, source, why, handle, n);
}
