/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of manrs urpf list, check and explain in every format. */

#include "urpf_verb.h"

#include <string.h>

void urpf_list_row(struct rows *rows, const char *name, const manrs_prefix *prefix)
{
	row_start(rows);
	member_word(rows, "interface", "", name);
	member_prefix(rows, "prefix", "\t", prefix);
	row_end(rows);
}

static const char *mode(int number)
{
	return number ? manrs_urpf_mode_text(number) : NULL;
}

static const char *verdict(const manrs_urpf_explanation *why)
{
	return why->allow == MANRS_URPF_DENIED ? "deny" : "allow";
}

void urpf_check_row(struct rows *rows, const char *name, size_t n_name, const char *source,
		    size_t n_source, const manrs_urpf_explanation *why)
{
	row_start(rows);
	member_text(rows, "interface", "", name, n_name);
	member_text(rows, "source", " ", source, n_source);
	member_word(rows, "verdict", " ", verdict(why));
	member_word(rows, "mode", " ", mode(why->effective));
	member_word(rows, "step", " ", manrs_urpf_step_text(why->step));
	row_end(rows);
}

/* ---- explain: in plain text a line a member ---- */

static const char *port_name(const struct urpf *u, uint16_t handle)
{
	for (size_t i = 0; i < u->n_ports; i++)
		if (u->port[i]->handle == handle)
			return u->port[i]->name;
	return "?";
}

static void member_feasible(struct urpf *u, const uint16_t *handle, size_t n)
{
	struct out *out = &u->rows.out;
	bool list = in_json(&u->rows);

	member(&u->rows, "feasible_on", "");
	out_text(out, list ? "[" : "");
	for (size_t i = 0; i < n; i++) {
		const char *name = port_name(u, handle[i]);

		out_text(out, i == 0 ? "" : list ? "," : " ");
		if (list)
			out_json(out, name, strlen(name));
		else
			out_text(out, name);
	}
	out_text(out, list ? "]" : "");
}

static void explain_row(struct urpf *u, const manrs_urpf_explanation *why, const uint16_t *handle,
			size_t n)
{
	struct rows *rows = &u->rows;

	row_start(rows);
	member_word(rows, "interface", "", u->one);
	member_word(rows, "source", "", u->two);
	member_word(rows, "verdict", "", verdict(why));
	member_word(rows, "mode", "", mode(why->mode));
	member_word(rows, "effective", "", mode(why->effective));
	member_word(rows, "step", "", manrs_urpf_step_text(why->step));
	if (why->asn)
		member_number(rows, "asn", "", why->asn);
	else
		member_word(rows, "asn", "", NULL);
	if (why->prefix.family)
		member_prefix(rows, "prefix", "", &why->prefix);
	else
		member_word(rows, "prefix", "", NULL);
	member_feasible(u, handle, n);
	row_end(rows);
}

static void field(struct out *out, const char *name, const char *value)
{
	out_text(out, name);
	out_text(out, ": ");
	out_text(out, value);
	out_text(out, "\n");
}

static void explain_plain(struct urpf *u, const manrs_urpf_explanation *why, const uint16_t *handle,
			  size_t n)
{
	struct out *out = &u->rows.out;

	field(out, "interface", u->one);
	field(out, "source", u->two);
	field(out, "verdict", verdict(why));
	field(out, "mode", why->mode ? manrs_urpf_mode_text(why->mode) : "-");
	if (why->effective != why->mode)
		field(out, "fallback", manrs_urpf_mode_text(why->effective));
	field(out, "step", manrs_urpf_step_text(why->step));
	if (why->asn) {
		out_text(out, "of: ");
		out_asn(out, why->asn);
		out_text(out, "\n");
	}
	if (!why->prefix.family)
		return;
	out_text(out, "prefix: ");
	out_prefix(out, &why->prefix);
	out_text(out, "\nfeasible on:");
	for (size_t i = 0; i < n; i++) {
		out_text(out, " ");
		out_text(out, port_name(u, handle[i]));
	}
	out_text(out, !why->n_ifaces ? " no interface\n" : why->n_ifaces > n ? " ...\n" : "\n");
}

void urpf_explain_row(struct urpf *u, const manrs_urpf_explanation *why, const uint16_t *handle,
		      size_t n)
{
	if (u->rows.format == FORMAT_PLAIN)
		explain_plain(u, why, handle, n);
	else
		explain_row(u, why, handle, n);
}
