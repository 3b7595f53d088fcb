/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host with every struct that grows, each between guards, to be run with a library whose structs are longer or shorter than
 * those it was compiled with (grow_test.sh). GROWN: its own are longer, by `trial`; LONGER: 1: so are the library's. Prints what is
 * wrong; exit 1 then.
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

/*
 * The struct at its size of the first release, `first` bytes on a 64-bit machine, in a block of its own: what is written or
 * read behind it is seen by the sanitizer. One byte less is no size.
 */
static void at_first(int (*call)(void *), size_t first, const char *what)
{
	unsigned char *x;

	if (sizeof(void *) != 8)
		return;
	for (size_t n = first - 1; n <= first; n++) {
		x = malloc(n);
		memset(x, 0xaa, n);
		memcpy(x, &n, sizeof n);
		must(call(x) == (n == first ? MANRS_OK : MANRS_EINVAL), what);
		must(size_of(x) == n, what);
		must((x[n - 1] != 0xaa) == (n == first), what);
		free(x);
	}
}

/* Every byte is set, whatever was there, and none beyond; no size that holds less than the first release is taken. */
#define INIT(name, first, ...)                                                                  \
	do {                                                                                    \
		unsigned char one[sizeof(manrs_##name) + 2 * GUARD], two[sizeof one];           \
		manrs_##name *a = guarded(one, sizeof *a, 0xaa),                                \
			     *b = guarded(two, sizeof *b, 0x55);                                \
		must(manrs_##name##_init(a, sizeof *a __VA_ARGS__) == MANRS_OK, #name "_init"); \
		must(manrs_##name##_init(b, sizeof *b __VA_ARGS__) == MANRS_OK, #name "_init"); \
		must(!memcmp(a, b, sizeof *a), #name "_init leaves bytes as they were");        \
		must(size_of(a) == sizeof *a, #name "_init changes the size");                  \
		must(guards_stand(one, sizeof *a, 0xaa), #name "_init writes beyond");          \
		guarded(one, sizeof *a, 0xaa);                                                  \
		must(manrs_##name##_init(a, 8 __VA_ARGS__) == MANRS_EINVAL,                     \
		     #name "_init of 8 bytes");                                                 \
		must(manrs_##name##_init(a, SIZE_MAX __VA_ARGS__) == MANRS_EINVAL,              \
		     #name "_init of all");                                                     \
		must(((unsigned char *)a)[0] == 0xaa, #name "_init of no size writes");         \
		at_first(first_##name, first, #name "_init of the first release");              \
	} while (0)

/* The init of a struct whose size stands in it. */
#define FIRST(name, ...)                                               \
	static int first_##name(void *x)                               \
	{                                                              \
		return manrs_##name##_init(x, size_of(x) __VA_ARGS__); \
	}
FIRST(db_config, )
FIRST(lpm_config, )
FIRST(slurm, )
FIRST(path_rules, )
FIRST(urpf_config, )
FIRST(urpf_iface, )
FIRST(policy, , MANRS_ROLE_PEER)
FIRST(rtr_config, )
FIRST(rtrd_config, )
FIRST(bmp_config, )
FIRST(mrt_config, )
FIRST(rib_config, )
FIRST(rib_session, )
FIRST(bgp_store_config, )

/* An answer in the caller's struct, of its size or of that of the first release. */
#define GIVE(name, first, call)                                                               \
	do {                                                                                  \
		unsigned char room[sizeof(manrs_##name) + 2 * GUARD], *small = malloc(first); \
		manrs_##name *out = guarded(room, sizeof *out, 0xaa);                         \
		size_t size = sizeof *out;                                                    \
		memcpy(out, &size, sizeof size);                                              \
		must((call) == MANRS_OK, #call);                                              \
		must(size_of(out) == sizeof *out, #call " changes the size");                 \
		must(guards_stand(room, sizeof *out, 0xaa), #call " writes beyond");          \
		must(((unsigned char *)out)[sizeof *out - 1] != 0xaa,                         \
		     #call " leaves bytes as they were");                                     \
		size = 8;                                                                     \
		memcpy(out, &size, sizeof size);                                              \
		must((call) == MANRS_EINVAL, #call " of 8 bytes");                            \
		out = (void *)small;                                                          \
		for (size = (first)-1; sizeof(void *) == 8 && size <= (first); size++) {      \
			memset(small, 0xaa, first);                                           \
			memcpy(small, &size, sizeof size);                                    \
			must((call) == (size == (first) ? MANRS_OK : MANRS_EINVAL),           \
			     #call " of the first release");                                  \
			must(size_of(small) == size, #call " changes the size");              \
		}                                                                             \
		free(small);                                                                  \
	} while (0)

/* Given to a call with bytes that the library does not know: each of them must be 0. */
#ifdef GROWN
#define REFUSED(name, x, call)                                                              \
	do {                                                                                \
		manrs_##name *same = &(x);                                                  \
		unsigned char *bytes = (unsigned char *)same->trial;                        \
		for (size_t i = 0; !LONGER && i < sizeof same->trial; i++) {                \
			bytes[i] = 1;                                                       \
			must((call) == MANRS_EINVAL, #call " takes what it does not know"); \
			bytes[i] = 0;                                                       \
		}                                                                           \
	} while (0)
#else
#define REFUSED(name, x, call) ((void)0)
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
	manrs_route vrp = {prefix("192.0.2.0/24"), 64496},
		    local = {prefix("198.51.100.0/24"), 64497};
	static const char doc[] =
		"{\"slurmVersion\":1,\"validationOutputFilters\":{\"prefixFilters\":[],\"bgpsecFilters\":[]},"
		"\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"bgpsecAssertions\":[]}}";
	manrs_slurm_file *file;
	manrs_slurm slurm;

	must(manrs_slurm_init(&slurm, sizeof slurm) == MANRS_OK, "slurm_init");
	slurm.vrps = &local;
	slurm.n_vrps = 1;
	manrs_db_config_init(&config, sizeof config);
	REFUSED(db_config, config, manrs_db_owner_new(&owner, &config));
	must(manrs_db_owner_new(&owner, &config) == MANRS_OK, "owner_new");
	must(manrs_edit_begin(&edit, owner, NULL) == MANRS_OK, "edit_begin");
	must(manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL) == MANRS_OK, "edit_vrps");
	REFUSED(slurm, slurm, manrs_edit_slurm(edit, &slurm, NULL));
	must(manrs_edit_slurm(edit, &slurm, NULL) == MANRS_OK, "edit_slurm");
	/* The library's own struct has the library's size, and goes back as it came; then the host's again. */
	must(manrs_slurm_file_read(&file, doc, sizeof doc - 1, NULL, NULL) == MANRS_OK,
	     "slurm_file_read");
	must(size_of(manrs_slurm_file_slurm(file)) == manrs_sizeof("manrs_slurm"),
	     "slurm_file_slurm's size");
	must(manrs_edit_slurm(edit, manrs_slurm_file_slurm(file), NULL) == MANRS_OK,
	     "edit_slurm of a file");
	manrs_slurm_file_free(file);
	must(manrs_edit_slurm(edit, &slurm, NULL) == MANRS_OK, "edit_slurm again");
	must(manrs_edit_commit(edit, &db) == MANRS_OK, "edit_commit");
	must(manrs_rov_check(db, &vrp) == MANRS_ROV_VALID &&
		     manrs_rov_check(db, &local) == MANRS_ROV_VALID,
	     "rov");
	GIVE(db_stats, 88, manrs_db_stats_get(db, out));
	GIVE(db_source_stats, 40, manrs_db_source_stats_get(db, 0, out));
	manrs_db_unref(db);
	must(manrs_db_owner_free(owner) == MANRS_OK, "owner_free");
}

static void policies(void)
{
	static const char text[] = "role = customer\nlocal-as = 64500\n";
	uint32_t hops[] = {64497, 64496};
	manrs_announcement a = {.prefix = prefix("192.0.2.0/24"),
				.neighbour_asn = 64497,
				.path = {hops, NULL, 2, 0}};
	manrs_policy_file *file;
	manrs_policy policy;
	manrs_verdict v;
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;

	must(manrs_db_owner_new(&owner, NULL) == MANRS_OK &&
		     manrs_edit_begin(&edit, owner, NULL) == MANRS_OK &&
		     manrs_edit_commit(edit, &db) == MANRS_OK,
	     "an empty db");
	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_CUSTOMER);
	REFUSED(policy, policy, manrs_check(db, &policy, &a, 1, &v));
	REFUSED(policy, policy, manrs_policy_check(&policy, NULL));
	must(manrs_check(db, &policy, &a, 1, &v) == MANRS_OK &&
		     v.fail & MANRS_TEST_BIT(MANRS_TEST_BOGON_PREFIX),
	     "check");
	policy.size = 8;
	must(manrs_check(db, &policy, &a, 1, &v) == MANRS_EINVAL && v.fail == MANRS_TESTS_ALL &&
		     !v.pass,
	     "a policy of 8 bytes");
	must(manrs_policy_file_read(&file, text, sizeof text - 1, NULL, NULL) == MANRS_OK,
	     "policy_file_read");
	GIVE(policy, 160, manrs_policy_file_policy(file, out));
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
	REFUSED(urpf_config, config, manrs_urpf_owner_new(&owner, &config));
	must(manrs_urpf_owner_new(&owner, &config) == MANRS_OK, "urpf_owner_new");
	must(manrs_urpf_edit_begin(&edit, owner, NULL) == MANRS_OK, "urpf_edit_begin");
	manrs_urpf_iface_init(&iface, sizeof iface);
	iface.mode = MANRS_URPF_STRICT;
	REFUSED(urpf_iface, iface, manrs_urpf_edit_iface_add(edit, &handle, &iface));
	must(manrs_urpf_edit_iface_add(edit, &handle, &iface) == MANRS_OK, "urpf_edit_iface");
	must(manrs_urpf_edit_commit(edit, &urpf, NULL, 0) == MANRS_OK, "urpf_edit_commit");
	GIVE(urpf_stats, 80, manrs_urpf_stats_get(urpf, out));
	GIVE(urpf_iface, 40, manrs_urpf_iface_get(urpf, handle, out));
	GIVE(urpf_explanation, 48, manrs_urpf_explain(urpf, &source, handle, out, NULL, 0));
	manrs_urpf_unref(urpf);
	must(manrs_urpf_owner_free(owner) == MANRS_OK, "urpf_owner_free");
}

static void both_sides_of_rtr(void)
{
	manrs_rtr_config config;
	manrs_rtrd_config served;
	manrs_rtrd_client *client;
	manrs_rtr *rtr;
	manrs_rtrd *rtrd;

	manrs_rtr_config_init(&config, sizeof config);
	REFUSED(rtr_config, config, manrs_rtr_new(&rtr, &config));
	must(manrs_rtr_new(&rtr, &config) == MANRS_OK, "rtr_new");
	GIVE(rtr_status, 240, manrs_rtr_status_get(rtr, out));
	manrs_rtr_free(rtr);
	manrs_rtrd_config_init(&served, sizeof served);
	for (uint16_t v = 0; v < 3; v++)
		served.session[v] = (uint16_t)(v + 1);
	REFUSED(rtrd_config, served, manrs_rtrd_new(&rtrd, &served));
	must(manrs_rtrd_new(&rtrd, &served) == MANRS_OK, "rtrd_new");
	must(manrs_rtrd_open(rtrd, &client, NULL, 1) == MANRS_OK, "rtrd_open");
	GIVE(rtrd_status, 232, manrs_rtrd_status_get(rtrd, out));
	GIVE(rtrd_client_status, 184, manrs_rtrd_client_get(client, out));
	manrs_rtrd_client_free(client);
	must(manrs_rtrd_free(rtrd) == MANRS_OK, "rtrd_free");
}

static void sets_of_attributes(void)
{
	manrs_bgp_store_config config;
	manrs_bgp_store *store;

	manrs_bgp_store_config_init(&config, sizeof config);
	REFUSED(bgp_store_config, config, manrs_bgp_store_new(&store, &config));
	must(manrs_bgp_store_new(&store, &config) == MANRS_OK, "bgp_store_new");
	GIVE(bgp_store_stats, 56, manrs_bgp_store_stats_get(store, out));
	manrs_bgp_store_free(store);
}

static void monitoring(void)
{
	/* Peer Down, reason 4, of a peer of whom nothing was heard before. */
	static const uint8_t down[49] = {3, 0, 0, 0, 49, 2, [48] = 4};
	manrs_bmp_config config;
	const manrs_bmp_event *event;
	manrs_fault fault;
	manrs_bmp *bmp;
	size_t need;

	manrs_bmp_config_init(&config, sizeof config);
	REFUSED(bmp_config, config, manrs_bmp_new(&bmp, &config));
	must(manrs_bmp_new(&bmp, &config) == MANRS_OK, "bmp_new");
	must(manrs_bmp_decode(bmp, &event, down, sizeof down, &need, &fault) == sizeof down,
	     "bmp_decode");
	GIVE(bmp_peer, 192, manrs_bmp_peer_get(bmp, 0, out));
	manrs_bmp_free(bmp);
}

static void archives(void)
{
	manrs_mrt_config config;
	manrs_mrt *mrt;

	manrs_mrt_config_init(&config, sizeof config);
	REFUSED(mrt_config, config, manrs_mrt_new(&mrt, &config));
	must(manrs_mrt_new(&mrt, &config) == MANRS_OK, "mrt_new");
	GIVE(mrt_stats, 112, manrs_mrt_stats_get(mrt, out));
	manrs_mrt_free(mrt);
}

static void ribs(void)
{
	manrs_rib_config config;
	manrs_rib_session session;
	manrs_policy policy;
	manrs_rib *rib;

	manrs_rib_config_init(&config, sizeof config);
	REFUSED(rib_config, config, manrs_rib_new(&rib, &config));
	must(manrs_rib_new(&rib, &config) == MANRS_OK, "rib_new");
	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PEER);
	manrs_rib_session_init(&session, sizeof session);
	session.policy = &policy;
	session.neighbour_asn = 64497;
	REFUSED(rib_session, session, manrs_rib_session_add(rib, &session));
	must(manrs_rib_session_add(rib, &session) == 0, "rib_session_add");
	GIVE(rib_stats, 72, manrs_rib_stats_get(rib, out));
	manrs_rib_free(rib);
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
	REFUSED(path_rules, rules, manrs_path_check(&path, &rules, &report));
	must(manrs_path_check(&path, &rules, &report) == MANRS_OK, "path_check");
	manrs_lpm_config_init(&config, sizeof config);
	must(manrs_trie_new(&trie, NULL) == MANRS_OK, "trie_new");
	REFUSED(lpm_config, config, manrs_lpm_new(&lpm, trie, &config));
	must(manrs_lpm_new(&lpm, trie, &config) == MANRS_OK, "lpm_new");
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
	must(manrs_load_new(&load, NULL) == MANRS_OK &&
		     manrs_load_push(load, csv, sizeof csv - 1, NULL) == MANRS_OK,
	     "load");
	GIVE(load_stats, 96, manrs_load_stats_get(load, out));
	manrs_load_free(load);
}

int main(void)
{
	INIT(db_config, 40, );
	INIT(lpm_config, 24, );
	INIT(slurm, 104, );
	INIT(path_rules, 32, );
	INIT(urpf_config, 48, );
	INIT(urpf_iface, 40, );
	INIT(policy, 160, , MANRS_ROLE_PEER);
	INIT(rtr_config, 88, );
	INIT(rtrd_config, 80, );
	INIT(bmp_config, 48, );
	INIT(mrt_config, 48, );
	INIT(rib_config, 64, );
	INIT(rib_session, 48, );
	INIT(bgp_store_config, 40, );
	databases();
	policies();
	validation_of_sources();
	both_sides_of_rtr();
	sets_of_attributes();
	monitoring();
	archives();
	ribs();
	the_rest();
	return wrong;
}
