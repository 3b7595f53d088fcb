/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adj-RIB-Ins as text, fed to an edit as the command does: whatever the bytes, lines are read or refused in place, the
 * commit holds, and checks agree with their explanations.
 */

#include "urpf/urpf_flat.h"
#include "urpf/urpf_state.h"

#include <manrs/packet_explain.h>
#include <manrs/rib_line.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

struct world {
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	uint16_t handle[11]; /* by mode */
};

/* returns: whether this machine has the code path. flat: small tables get the copies of big ones too, of this width */
static bool world_open(struct world *w, uint32_t isa, unsigned flat)
{
	manrs_urpf_config config;
	int made;

	manrs_urpf_config_init(&config, sizeof config);
	config.isa = isa;
	made = manrs_urpf_owner_new(&w->owner, &config);
	must(made == MANRS_OK || made == MANRS_EUNSUP);
	if (made != MANRS_OK)
		return false;
	if (flat) {
		w->owner->flat_min = 0;
		w->owner->flat_width = flat;
	}
	must(manrs_urpf_edit_begin(&w->edit, w->owner, NULL) == MANRS_OK);
	for (uint32_t mode = MANRS_URPF_OFF; mode <= MANRS_URPF_LIST; mode++) {
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = mode;
		f.role = MANRS_ROLE_CUSTOMER;
		f.asn = mode;
		w->handle[mode] = MANRS_URPF_NO_IFACE;
		must(manrs_urpf_edit_iface_add(w->edit, &w->handle[mode], &f) == MANRS_OK);
	}
	return true;
}

static void feed(struct world *w, const manrs_urpf_line *l)
{
	manrs_urpf_entry e = {.route = {.prefix = l->prefix}, .flags = (uint8_t)l->flags};
	uint32_t start[2] = {0, l->path.n};
	manrs_paths paths = {l->path.asn, l->path.kind, start, 1};
	manrs_counts counts;

	e.iface = w->handle[1 + (unsigned char)l->iface[0] % 10];
	must(manrs_urpf_edit_rib(w->edit, l->n_iface % 3 ? MANRS_ADD : MANRS_REMOVE, &e, 1, &paths,
				 &counts, NULL) == MANRS_OK);
	must(counts.refused == 0);
}

static void ask(const manrs_urpf *u, const manrs_prefix *p)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix a = *p;
	uint8_t allow;
	uint32_t src;

	a.len = a.maxlen = a.family == 4 ? 32 : 128;
	memcpy(&src, a.addr, 4);
	for (uint16_t i = 0; i < 12; i++) {
		if (a.family == 4)
			manrs_urpf_check4(u, &src, &i, 1, &allow);
		else
			manrs_urpf_check6(u, a.addr, &i, 1, &allow);
		must(manrs_urpf_explain(u, &a, i, &why, NULL, 0) == MANRS_OK && why.allow == allow);
	}
}

/* Packets of one family as a batch must fare as one by one. */
static void ask_batch(const manrs_urpf *u, const manrs_prefix *p, size_t n, unsigned family)
{
	uint8_t six[192][16], allow[192], one;
	uint16_t iface[192];
	uint32_t four[192];
	size_t m = 0;

	for (size_t i = 0; n && i < 192; i++) {
		const manrs_prefix *a = &p[(i / 12 + i % 5) % n];

		if (a->family != family)
			continue;
		memcpy(six[m], a->addr, 16);
		memcpy(&four[m], a->addr, 4);
		iface[m++] = (uint16_t)(i % 12);
	}
	if (family == 4)
		manrs_urpf_check4(u, four, iface, m, allow);
	else
		manrs_urpf_check6(u, six[0], iface, m, allow);
	for (size_t i = 0; i < m; i++) {
		if (family == 4)
			manrs_urpf_check4(u, &four[i], &iface[i], 1, &one);
		else
			manrs_urpf_check6(u, six[i], &iface[i], 1, &one);
		must(one == allow[i]);
	}
}

static void run_on(uint32_t isa, unsigned flat, const uint8_t *data, size_t size)
{
	manrs_prefix seen[16];
	uint32_t asn[64];
	uint8_t kind[64];
	size_t n = 0;
	struct world w;
	manrs_urpf *u;

	if (!world_open(&w, isa, flat))
		return;
	for (const char *at = (const char *)data, *end = at + size, *nl; at < end; at = nl + 1) {
		manrs_urpf_line line;
		manrs_fault fault = {0};
		int rc;

		nl = memchr(at, '\n', (size_t)(end - at));
		nl = nl ? nl : end;
		rc = manrs_urpf_line_parse(&line, asn, kind, 64, at, (size_t)(nl - at), &fault);
		must(rc >= 0 || rc == MANRS_ELIMIT ||
		     (fault.what && fault.at <= (size_t)(nl - at)));
		if (rc != 1)
			continue;
		must(line.n_iface > 0 && line.iface == at && line.role <= MANRS_ROLE_RS_CLIENT);
		if (!line.prefix.family)
			continue;
		feed(&w, &line);
		seen[n++ % 16] = line.prefix;
	}
	must(manrs_urpf_edit_commit(w.edit, &u, NULL, 0) == MANRS_OK);
	for (size_t i = 0; i < n && i < 16; i++)
		ask(u, &seen[i]);
	ask_batch(u, seen, n < 16 ? n : 16, 4);
	ask_batch(u, seen, n < 16 ? n : 16, 6);
	manrs_urpf_unref(u);
	must(manrs_urpf_owner_free(w.owner) == MANRS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned width[] = {1, 2, 3, FLAT_BITS};

	for (uint32_t isa = MANRS_ISA_PORTABLE; isa <= MANRS_ISA_AVX512; isa++)
		run_on(isa, size % 8 == 1 ? width[size / 8 % 4] : 0, data,
		       size); /* the copies are big */
	return 0;
}
