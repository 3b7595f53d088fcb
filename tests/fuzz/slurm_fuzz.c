/* SPDX-License-Identifier: BSD-2-Clause */
/* SLURM files: whatever is read keeps the contract of manrs_slurm. */

#include <manrs/manrs.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static void filters(const manrs_slurm_filter *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		must(f[i].prefix.family || f[i].has_asn || f[i].has_ski);
		must(!f[i].prefix.family || manrs_prefix_check(&f[i].prefix) == MANRS_OK);
	}
}

static void assertions(const manrs_slurm *s)
{
	for (size_t i = 0; i < s->n_vrps; i++) {
		const manrs_prefix *p = &s->vrps[i].prefix;

		must(manrs_prefix_check(p) == MANRS_OK && p->maxlen >= p->len &&
		     p->maxlen <= (p->family == 4 ? 32 : 128));
	}
	for (size_t i = 0; i < s->n_keys; i++)
		must(s->keys[i].spki_len >= 1 && s->keys[i].spki_len <= MANRS_SPKI_MAX);
	for (size_t i = 0; i < s->n_aspas; i++) {
		const manrs_aspa *a = &s->aspas[i];

		must(a->customer && a->n && (a->n == 1 || a->provider[0]));
		for (uint32_t k = 0; k < a->n; k++)
			must(a->provider[k] != a->customer &&
			     (k == 0 || a->provider[k - 1] < a->provider[k]));
	}
}

static void shown(const manrs_fault *fault, const uint8_t *data, size_t n)
{
	char out[MANRS_FAULT_TEXT];

	must(manrs_fault_text(fault, (const char *)data, n, out, sizeof out) >=
	     strlen(fault->what));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	manrs_slurm_file *doc = NULL;
	manrs_fault fault = {0};
	const manrs_fault *list;
	uint64_t all;
	size_t issues;
	int rc = manrs_slurm_file_read(&doc, data, n, NULL, &fault);

	if (rc != MANRS_OK) {
		must(!doc && fault.code == rc && fault.what && fault.at <= n);
		shown(&fault, data, n);
		return 0;
	}
	issues = manrs_slurm_file_issues(doc, &list, &all);
	must(issues <= all);
	for (size_t i = 0; i < issues; i++)
		shown(&list[i], data, n);
	filters(manrs_slurm_file_slurm(doc)->prefix_filters,
		manrs_slurm_file_slurm(doc)->n_prefix_filters);
	filters(manrs_slurm_file_slurm(doc)->key_filters,
		manrs_slurm_file_slurm(doc)->n_key_filters);
	filters(manrs_slurm_file_slurm(doc)->aspa_filters,
		manrs_slurm_file_slurm(doc)->n_aspa_filters);
	assertions(manrs_slurm_file_slurm(doc));
	manrs_slurm_file_free(doc);
	return 0;
}
