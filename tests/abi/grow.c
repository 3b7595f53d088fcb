/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host with every struct that grows, each between guards, to be run with a library whose structs are longer or shorter than
 * those it was compiled with (grow_test.sh). GROWN: its own are longer, by `trial`. Prints what is wrong; exit 1 then.
 */

#include <manrs/manrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong;

static void must(int truth, const char *what)
{
	if (!truth) {
		printf("%s\n", what);
		wrong = 1;
	}
}

#define GUARD 256

/* A struct of n bytes with guards around it, all of one value. */
static void *guarded(unsigned char *room, size_t n, int value)
{
	memset(room, value, n + 2 * GUARD);
	return room + GUARD;
}

static int guards_stand(const unsigned char *room, size_t n, int value)
{
	for (size_t i = 0; i < GUARD; i++)
		if (room[i] != value || room[GUARD + n + i] != value)
			return 0;
	return 1;
}

static size_t size_of(const void *x)
{
	size_t size;

	memcpy(&size, x, sizeof size);
	return size;
}

/* Every byte is set, whatever was there, and none beyond; no size that holds less than the first release is taken. */
#define INIT(name, ...)                                                                               \
	do {                                                                                          \
		unsigned char one[sizeof(manrs_##name) + 2 * GUARD], two[sizeof one];                 \
		manrs_##name *a = guarded(one, sizeof *a, 0xaa), *b = guarded(two, sizeof *b, 0x55); \
		must(manrs_##name##_init(a, sizeof *a __VA_ARGS__) == MANRS_OK, #name "_init");       \
		must(manrs_##name##_init(b, sizeof *b __VA_ARGS__) == MANRS_OK, #name "_init");       \
		must(!memcmp(a, b, sizeof *a), #name "_init leaves bytes as they were");              \
		must(size_of(a) == sizeof *a, #name "_init changes the size");                        \
		must(guards_stand(one, sizeof *a, 0xaa), #name "_init writes beyond");                \
		guarded(one, sizeof *a, 0xaa);                                                        \
		must(manrs_##name##_init(a, 8 __VA_ARGS__) == MANRS_EINVAL, #name "_init of 8 bytes"); \
		must(manrs_##name##_init(a, SIZE_MAX __VA_ARGS__) == MANRS_EINVAL, #name "_init of all"); \
		must(((unsigned char *)a)[0] == 0xaa, #name "_init of no size writes");               \
	} while (0)

/* An answer in the caller's struct. */
#define GIVE(name, call)                                                                          \
	do {                                                                                      \
		unsigned char room[sizeof(manrs_##name) + 2 * GUARD];                             \
		manrs_##name *out = guarded(room, sizeof *out, 0xaa);                             \
		size_t size = sizeof *out;                                                        \
		memcpy(out, &size, sizeof size);                                                  \
		must((call) == MANRS_OK, #call);                                                  \
		must(size_of(out) == sizeof *out, #call " changes the size");                     \
		must(guards_stand(room, sizeof *out, 0xaa), #call " writes beyond");              \
		last_byte[0] = ((unsigned char *)out)[sizeof *out - 1];                           \
		must(last_byte[0] != 0xaa, #call " leaves bytes as they were");                   \
		size = 8;                                                                         \
		memcpy(out, &size, sizeof size);                                                  \
		must((call) == MANRS_EINVAL, #call " of 8 bytes");                                \
	} while (0)

static unsigned char last_byte[1];

#ifdef GROWN
#define UNKNOWN(x, call, what)                       \
	do {                                         \
		(x).trial[3] = 1;                    \
		must((call) == MANRS_EINVAL, what);  \
		(x).trial[3] = 0;                    \
	} while (0)
#else
#define UNKNOWN(x, call, what) ((void)0)
#endif

static manrs_prefix prefix(const char *text)
{
	manrs_prefix p;

	must(manrs_prefix_parse(&p, text, strlen(text), NULL) == MANRS_OK, text);
	return p;
}

static void databases(void)
{
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;
	manrs_route vrp = {prefix("192.0.2.0/24"), 64496}, local = {prefix("198.51.100.0/24"), 64497};
	manrs_slurm slurm = {.size = sizeof slurm, .vrps = &local, .n_vrps = 1};

	manrs_db_config_init(&config, sizeof config);
	UNKNOWN(config, manrs_db_owner_new(&owner, &config), "a db config that is not known is taken");
	must(manrs_db_owner_new(&owner, &config) == MANRS_OK, "owner_new");
	must(manrs_edit_begin(&edit, owner, NULL) == MANRS_OK, "edit_begin");
	must(manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL) == MANRS_OK, "edit_vrps");
	UNKNOWN(slurm, manrs_edit_slurm(edit, &slurm, NULL), "exceptions that are not known are taken");
	must(manrs_edit_slurm(edit, &slurm, NULL) == MANRS_OK, "edit_slurm");
	must(manrs_edit_commit(edit, &db) == MANRS_OK, "edit_commit");
	must(manrs_rov_check(db, &vrp) == MANRS_ROV_VALID && manrs_rov_check(db, &local) == MANRS_ROV_VALID, "rov");
	GIVE(db_stats, manrs_db_stats_get(db, out));
	manrs_db_unref(db);
	must(manrs_db_owner_free(owner) == MANRS_OK, "owner_free");
}

static void policies(void)
{
	static const char text[] = "role = customer\nlocal-as = 64500\n";
	uint32_t hops[] = {64497, 64496};
	manrs_announcement a = {.prefix = prefix("192.0.2.0/24"), .neighbour_asn = 64497, .path = {hops, NULL, 2, 0}};
	manrs_policy_file *file;
	manrs_policy policy;
	manrs_verdict v;
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;

	must(manrs_db_owner_new(&owner, NULL) == MANRS_OK && manrs_edit_begin(&edit, owner, NULL) == MANRS_OK &&
		     manrs_edit_commit(edit, &db) == MANRS_OK, "an empty db");
	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_CUSTOMER);
	UNKNOWN(policy, manrs_check(db, &policy, &a, 1, &v), "a policy that is not known is taken");
	UNKNOWN(policy, manrs_policy_check(&policy, NULL), "a policy that is not known is in order");
	must(manrs_check(db, &policy, &a, 1, &v) == MANRS_OK && v.fail & MANRS_TEST_BIT(MANRS_TEST_BOGON_PREFIX), "check");
	policy.size = 8;
	must(manrs_check(db, &policy, &a, 1, &v) == MANRS_EINVAL && v.fail == MANRS_TESTS_ALL && !v.pass, "a policy of 8 bytes");
	must(manrs_policy_file_read(&file, text, sizeof text - 1, NULL, NULL) == MANRS_OK, "policy_file_read");
	GIVE(policy, manrs_policy_file_policy(file, out));
	manrs_policy_file_free(file);
	manrs_db_unref(db);
	manrs_db_owner_free(owner);
}

static void validation_of_sources(void)
{
	manrs_urpf_config config;
	manrs_urpf_iface iface;
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	manrs_urpf *urpf;
	manrs_prefix source = prefix("192.0.2.1/32");
	uint16_t handle = MANRS_URPF_NO_IFACE;

	manrs_urpf_config_init(&config, sizeof config);
	UNKNOWN(config, manrs_urpf_owner_new(&owner, &config), "a urpf config that is not known is taken");
	must(manrs_urpf_owner_new(&owner, &config) == MANRS_OK, "urpf_owner_new");
	must(manrs_urpf_edit_begin(&edit, owner, NULL) == MANRS_OK, "urpf_edit_begin");
	manrs_urpf_iface_init(&iface, sizeof iface);
	iface.mode = MANRS_URPF_STRICT;
	UNKNOWN(iface, manrs_urpf_edit_iface_add(edit, &handle, &iface), "an interface that is not known is taken");
	must(manrs_urpf_edit_iface_add(edit, &handle, &iface) == MANRS_OK, "urpf_edit_iface");
	must(manrs_urpf_edit_commit(edit, &urpf, NULL, 0) == MANRS_OK, "urpf_edit_commit");
	GIVE(urpf_stats, manrs_urpf_stats_get(urpf, out));
	GIVE(urpf_iface, manrs_urpf_iface_get(urpf, handle, out));
	GIVE(urpf_explanation, manrs_urpf_explain(urpf, &source, handle, out, NULL, 0));
	manrs_urpf_unref(urpf);
	must(manrs_urpf_owner_free(owner) == MANRS_OK, "urpf_owner_free");
}

static void the_rest(void)
{
	static const char csv[] = "ASN,IP Prefix,Max Length,Trust Anchor\nAS1,192.0.2.0/24,24,x\n";
	uint32_t hop = 64496;
	manrs_path path = {&hop, NULL, 1, 0};
	manrs_path_rules rules;
	manrs_path_report report;
	manrs_lpm_config config;
	manrs_lpm *lpm;
	manrs_trie *trie;
	manrs_load *load;

	manrs_path_rules_init(&rules, sizeof rules);
	rules.neighbour_asn = hop;
	UNKNOWN(rules, manrs_path_check(&path, &rules, &report), "rules that are not known are taken");
	must(manrs_path_check(&path, &rules, &report) == MANRS_OK, "path_check");
	manrs_lpm_config_init(&config, sizeof config);
	must(manrs_trie_new(&trie, NULL) == MANRS_OK, "trie_new");
	UNKNOWN(config, manrs_lpm_new(&lpm, trie, &config), "an lpm config that is not known is taken");
	must(manrs_lpm_new(&lpm, trie, &config) == MANRS_OK, "lpm_new");
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
	must(manrs_load_new(&load, NULL) == MANRS_OK && manrs_load_push(load, csv, sizeof csv - 1, NULL) == MANRS_OK, "load");
	GIVE(load_stats, manrs_load_stats_get(load, out));
	manrs_load_free(load);
}

int main(void)
{
	INIT(db_config, );
	INIT(lpm_config, );
	INIT(slurm, );
	INIT(path_rules, );
	INIT(urpf_config, );
	INIT(urpf_iface, );
	INIT(policy, , MANRS_ROLE_PEER);
	databases();
	policies();
	validation_of_sources();
	the_rest();
	return wrong;
}
