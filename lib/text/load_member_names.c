/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the members of VRP, ASPA and router key entries, and of CSV columns.
 *
 * Exact are those that rpki-client, Routinator, gortr and StayRTR write. Known are those and the names of other exports,
 * whatever their case, '_' and '-': max_length (RIPEstat, Routinator's validity output), origin (RIPEstat), tal
 * (Routinator's jsonext), "Trust Anchor", "Not After" (csvext), "Max prefix length" (FORT). A name that is neither is
 * skipped; one that is near to a known one may be a slip of a writer, where the member would take its default in silence.
 */

#include "text/load_state.h"

#include "base/name.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
	[FIELD_ASN] = "asn",
	[FIELD_PREFIX] = "prefix",
	[FIELD_MAXLEN] = "maxLength",
	[FIELD_TA] = "ta",
	[FIELD_EXPIRES] = "expires",
	[FIELD_CUSTOMER] = "customer",
	[FIELD_PROVIDERS] = "providers",
	[FIELD_SKI] = "ski",
	[FIELD_SPKI] = "pubkey",
	[FIELD_SOURCE] = "source",
	[FIELD_OTHER] = "",
};

const char *load_field_name(unsigned field)
{
	return names[field];
}

enum load_field load_field_exact(const char *name, size_t n)
{
	switch (n) {
	case 2:
		return name_is(name, n, "ta") ? FIELD_TA : FIELD_OTHER;
	case 3:
		return name_is(name, n, "asn")                              ? FIELD_ASN
		       : name_is(name, n, "ski") || name_is(name, n, "SKI") ? FIELD_SKI
									    : FIELD_OTHER;
	case 6:
		return name_is(name, n, "prefix")   ? FIELD_PREFIX
		       : name_is(name, n, "pubkey") ? FIELD_SPKI
		       : name_is(name, n, "source") ? FIELD_SOURCE
						    : FIELD_OTHER;
	case 7:
		return name_is(name, n, "expires") ? FIELD_EXPIRES : FIELD_OTHER;
	case 8:
		return name_is(name, n, "customer") ? FIELD_CUSTOMER : FIELD_OTHER;
	case 9:
		return name_is(name, n, "maxLength")   ? FIELD_MAXLEN
		       : name_is(name, n, "providers") ? FIELD_PROVIDERS
						       : FIELD_OTHER;
	case 13:
		return name_is(name, n, "customer_asid") ? FIELD_CUSTOMER : FIELD_OTHER;
	case 15:
		return name_is(name, n, "routerPublicKey") ? FIELD_SPKI : FIELD_OTHER;
	default:
		return FIELD_OTHER;
	}
}

enum load_field load_field_known(const char *name, size_t n)
{
	static const struct name_of known[] = {
		{"asn", FIELD_ASN},
		{"origin", FIELD_ASN},
		{"originas", FIELD_ASN},
		{"originasn", FIELD_ASN},
		{"asid", FIELD_ASN},
		{"prefix", FIELD_PREFIX},
		{"ipprefix", FIELD_PREFIX},
		{"maxlength", FIELD_MAXLEN},
		{"maxlen", FIELD_MAXLEN},
		{"maxprefixlength", FIELD_MAXLEN},
		{"ta", FIELD_TA},
		{"tal", FIELD_TA},
		{"trustanchor", FIELD_TA},
		{"expires", FIELD_EXPIRES},
		{"expiry", FIELD_EXPIRES},
		{"notafter", FIELD_EXPIRES},
		{"customer", FIELD_CUSTOMER},
		{"customerasid", FIELD_CUSTOMER},
		{"customerasn", FIELD_CUSTOMER},
		{"customeras", FIELD_CUSTOMER},
		{"providers", FIELD_PROVIDERS},
		{"providerasns", FIELD_PROVIDERS},
		{"providerasids", FIELD_PROVIDERS},
		{"providerset", FIELD_PROVIDERS},
		{"ski", FIELD_SKI},
		{"subjectkeyidentifier", FIELD_SKI},
		{"pubkey", FIELD_SPKI},
		{"publickey", FIELD_SPKI},
		{"routerpublickey", FIELD_SPKI},
		{"spki", FIELD_SPKI},
	};

	int field = name_find(name, n, known, sizeof known / sizeof *known);

	return field < 0 ? FIELD_OTHER : (enum load_field)field;
}

/* The members of a list's entries. */
static const uint8_t vrp_fields[] = {FIELD_MAXLEN, FIELD_EXPIRES, FIELD_ASN, FIELD_PREFIX},
		     aspa_fields[] = {FIELD_CUSTOMER, FIELD_PROVIDERS, FIELD_EXPIRES},
		     key_fields[] = {FIELD_ASN, FIELD_SKI, FIELD_SPKI, FIELD_EXPIRES};

void load_field_skip(manrs_load *l, enum load_list list, const char *name, size_t n)
{
	static const struct {
		const uint8_t *fields;
		size_t n;
	} lists[] = {
		[LIST_ROAS] = {vrp_fields, sizeof vrp_fields},
		[LIST_ASPAS] = {aspa_fields, sizeof aspa_fields},
		[LIST_KEYS] = {key_fields, sizeof key_fields},
		[LIST_PAIRS] = {aspa_fields, sizeof aspa_fields},
	};
	struct load_entry *e = &l->entry;
	const char *of[4];
	unsigned field;
	int near;

	assert(lists[list].n <= sizeof of / sizeof *of);
	if (n >= sizeof *e->near_name)
		return;
	for (size_t i = 0; i < lists[list].n; i++)
		of[i] = names[lists[list].fields[i]];
	near = name_near(name, n, of, lists[list].n);
	if (near < 0)
		return;
	field = lists[list].fields[near];
	if (e->near >> field & 1)
		return;
	e->near |= 1u << field;
	memcpy(e->near_name[field], name, n);
	e->near_name[field][n] = '\0';
}

void load_field_lacks(manrs_load *l)
{
	struct load_entry *e = &l->entry;

	for (unsigned field = 0; field < FIELD_OTHER; field++) {
		struct load_place p = {e->at, e->line, names[field], e->near_name[field], 0};

		if (!((e->near & ~e->seen) >> field & 1))
			continue;
		p.n = strlen(p.value);
		load_entry_remark(
			l, &p,
			"a name that is not read is near to that of a member which is absent");
	}
}
