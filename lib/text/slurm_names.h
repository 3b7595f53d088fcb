/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_SLURM_NAMES_H
#define LIB_TEXT_SLURM_NAMES_H

/*
 * The names in SLURM files, and what is said about each. RFC 8416's names are exact, so a near miss of one is a deviation
 * and told what it may mean. What a registry adds to its objects is known by name, and passed over.
 */

enum field { ASN, PREFIX, MAXLEN, SKI, SPKI, CUSTOMER, PROVIDER_ASNS, COMMENT, OTHER };
enum member {
	PREFIX_FILTERS,
	KEY_FILTERS,
	ASPA_FILTERS,
	VRPS,
	KEYS,
	ASPAS,
	LISTS,
	VERSION = LISTS,
	FILTERS,
	ASSERTIONS
};

/* Members of entries, and all that is said about them. */
#define NAMED(name, is)                                                                        \
	{                                                                                      \
		name, "not a member of RFC 8416 here: " name " is meant?", name " is missing", \
			name " is " is, name " is null: taken as absent"                       \
	}
static const struct field_text {
	const char *name, *meant, *missing, *wrong, *null;
} fields[] = {
	[ASN] = NAMED("asn", "a number from 0 to 4294967295, without quotes"),
	[PREFIX] = NAMED("prefix", "a string"),
	[MAXLEN] = NAMED("maxPrefixLength", "a number from 0 to 128, without quotes"),
	[SKI] = NAMED("SKI", "20 bytes in base64url"),
	[SPKI] = NAMED("routerPublicKey", "1 to 228 bytes in base64url"),
	[CUSTOMER] = NAMED("customerAsn", "a number from 1 to 4294967295, without quotes"),
	[PROVIDER_ASNS] =
		NAMED("providerAsns", "a list of numbers from 0 to 4294967295, without quotes"),
	[COMMENT] = NAMED("comment", "a string"),
};

/* What people write for them; case, '_' and '-' do not count. */
static const struct name_of synonyms[] = {
	{"maxLength", MAXLEN},
	{"maxLen", MAXLEN},
	{"maxPrefixLen", MAXLEN},
	{"as", ASN},
	{"origin", ASN},
	{"asid", ASN},
	{"asNumber", ASN},
	{"route", PREFIX},
	{"ipPrefix", PREFIX},
	{"network", PREFIX},
	{"publicKey", SPKI},
	{"pubkey", SPKI},
	{"spki", SPKI},
	{"customer", CUSTOMER},
	{"providers", PROVIDER_ASNS},
	{"providerSet", PROVIDER_ASNS},
};

/*
 * Attributes of route objects (RFC 2622 sections 3.1 and 4; RIPE's and DN42's own): remarks, which change nothing. A
 * max-length is none of them.
 */
#define PASSED(name)                                                   \
	{                                                              \
		name, name " is not a member of RFC 8416: passed over" \
	}
static const struct {
	const char *name, *passed;
} registry[] = {
	PASSED("source"),    PASSED("mnt-by"),    PASSED("remarks"),    PASSED("descr"),
	PASSED("notify"),    PASSED("changed"),   PASSED("created"),    PASSED("last-modified"),
	PASSED("member-of"), PASSED("mnt-lower"), PASSED("mnt-routes"), PASSED("mnt-ref"),
	PASSED("org"),       PASSED("admin-c"),   PASSED("tech-c"),     PASSED("holes"),
	PASSED("pingable"),  PASSED("country"),   PASSED("inject"),     PASSED("components"),
};
#define REGISTRY (sizeof registry / sizeof *registry)

/* The members of the document, those of `rules` first. */
#define OUTER(name)                                                       \
	{                                                                 \
		name, "not a member of RFC 8416 here: " name " is meant?" \
	}
static const struct {
	const char *name, *meant;
} outer[] = {
	[PREFIX_FILTERS] = OUTER("prefixFilters"),
	[KEY_FILTERS] = OUTER("bgpsecFilters"),
	[ASPA_FILTERS] = OUTER("aspaFilters"),
	[VRPS] = OUTER("prefixAssertions"),
	[KEYS] = OUTER("bgpsecAssertions"),
	[ASPAS] = OUTER("aspaAssertions"),
	[VERSION] = OUTER("slurmVersion"),
	[FILTERS] = OUTER("validationOutputFilters"),
	[ASSERTIONS] = OUTER("locallyAddedAssertions"),
};
static const char foreign[] = "not a member of RFC 8416 here";

#endif
