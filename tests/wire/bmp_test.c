/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BMP, message by message. What each must become was read in the RFC whose section names the case; the messages are typed from
 * the drawings there (bmp_made.h), not encoded by the code under test.
 */

#include "../test.h"
#include "bmp_made.h"

#include <inttypes.h>
#include <limits.h>

static struct made made; /* the router's bytes */

static const struct made_peer peer4 = {.address = {[12] = 10, [15] = 2},
				       .asn = 65002,
				       .bgp_id = 0x0a000002,
				       .time_s = 1700000000,
				       .time_us = 250000};
static const struct made_open open4 = {.asn = 65001, .as4 = 1, .families = 1};
static const struct made_open open4_peer = {.asn = 65002, .as4 = 1, .families = 1};

static manrs_bmp *new_bmp(void)
{
	manrs_bmp *bmp;

	made.n = 0;
	pass(manrs_bmp_new(&bmp, NULL));
	return bmp;
}

static size_t next_at; /* where the next message begins in made */

/* The next message of `made`, from a block of its own size so that reading past it is seen. */
static const manrs_bmp_event *next(manrs_bmp *bmp)
{
	static uint8_t *block;
	const manrs_bmp_event *e = NULL;
	manrs_fault fault;
	size_t n = made.n - next_at, need;
	int used;

	free(block);
	block = malloc(n ? n : 1);
	memcpy(block, made.at + next_at, n);
	used = manrs_bmp_decode(bmp, &e, block, n, &need, &fault);
	ck_assert_msg(used > 0, "%d %s", used, used < 0 ? fault.what : "");
	ck_assert_uint_eq(e->n, (uint32_t)used);
	ck_assert_uint_eq(e->at, next_at);
	next_at += (size_t)used;
	return e;
}

static manrs_bmp *begin(void)
{
	next_at = 0;
	return new_bmp();
}

static manrs_bmp_peer peer_of(const manrs_bmp *bmp, uint32_t peer)
{
	manrs_bmp_peer p = {.size = sizeof p};

	pass(manrs_bmp_peer_get(bmp, peer, &p));
	return p;
}

static manrs_announcement one_announced(manrs_bmp *bmp, uint32_t *path_id)
{
	manrs_announcement a[2];
	uint32_t ids[2];

	ck_assert_uint_eq(manrs_bmp_announced(bmp, a, ids, 2), 1);
	ck_assert_uint_eq(manrs_bmp_announced(bmp, a + 1, ids + 1, 1), 0);
	if (path_id)
		*path_id = ids[0];
	return a[0];
}

static void is_prefix(const manrs_prefix *p, const char *text)
{
	manrs_prefix want = test_prefix(text);

	ck_assert_mem_eq(p, &want, sizeof want);
}

static void is_address(const manrs_prefix *p, const char *text)
{
	manrs_prefix want = test_address(text);

	ck_assert_mem_eq(p, &want, sizeof want);
}

static void is_path(const manrs_path *path, size_t n, uint32_t first, uint32_t last)
{
	ck_assert_uint_eq(path->n, n);
	ck_assert_uint_eq(path->asn[0], first);
	ck_assert_uint_eq(path->asn[n - 1], last);
}

/* ---- the frame ---- */

START_TEST(rfc7854_s4_1_length_frames_a_message)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e = NULL;
	manrs_fault fault;
	size_t need = 0;

	made_begin(&made, 4);
	made_tlv(&made, 2, "r1", 2);
	made_end(&made);
	for (size_t n = 0; n < made.n; n++) {
		ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at, n, &need, &fault), 0);
		ck_assert_uint_eq(need, n < 6 ? 6 : made.n);
		ck_assert_ptr_null(e);
		/* no more will come: it is cut */
		fault = (manrs_fault){0};
		ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at, n, NULL, &fault),
				 n ? MANRS_ESYNTAX : 0);
		ck_assert_uint_eq(fault.at, n);
		ck_assert_ptr_null(e);
	}
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_INITIATION);
	ck_assert_uint_eq(e->type, 4);
	ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at, made.n, NULL, &fault), (int)made.n);
	ck_assert_uint_eq(e->kind, MANRS_BMP_INITIATION);
	ck_assert_uint_eq(e->peer, UINT32_MAX);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc7854_s4_1_what_is_no_frame_ends_the_stream)
{
	static const struct {
		uint8_t bytes[6];
		size_t n;
		int rc;
	} no[] = {
		{{1}, 1, MANRS_EUNSUP},
		{{4, 0, 0, 0, 6, 4}, 6, MANRS_EUNSUP},
		{{0}, 1, MANRS_EUNSUP},
		{{3, 0, 0, 0, 5, 4}, 6, MANRS_ESYNTAX},
		{{3, 0, 0, 0, 0, 4}, 6, MANRS_ESYNTAX},
		{{3, 0, 0x10, 0, 1, 4}, 6, MANRS_ELIMIT},
		{{3, 255, 255, 255, 255, 4}, 6, MANRS_ELIMIT},
	};

	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		manrs_bmp *bmp = begin();
		const manrs_bmp_event *e;
		manrs_fault fault = {0};
		size_t need;

		ck_assert_int_eq(manrs_bmp_decode(bmp, &e, no[i].bytes, no[i].n, &need, &fault),
				 no[i].rc);
		ck_assert_int_eq(fault.code, no[i].rc);
		ck_assert_ptr_nonnull(fault.what);
		manrs_bmp_free(bmp);
	}
}
END_TEST

START_TEST(rfc7854_s4_1_unknown_types_are_passed_over)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;

	made_begin(&made, 7);
	made_bytes(&made, "whatever", 8);
	made_end(&made);
	made_begin(&made, 255);
	made_end(&made);
	made_begin(&made, 5);
	made_end(&made);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_OTHER);
	ck_assert_uint_eq(e->type, 7);
	ck_assert_uint_eq(next(bmp)->type, 255);
	ck_assert_uint_eq(next(bmp)->kind, MANRS_BMP_TERMINATION);
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- the per-peer header ---- */

START_TEST(rfc7854_s4_2_type_distinguisher_and_address_make_a_peer)
{
	struct made_peer p[6];
	manrs_bmp *bmp = begin();
	manrs_bmp_peer got;

	for (size_t i = 0; i < 6; i++)
		p[i] = peer4;
	p[1].type = 1;
	p[2].type = 1;
	p[2].distinguisher = UINT64_C(0x0000fbf30000000b);
	p[3].address[15] = 3;
	p[4].flags = 0x80; /* the same 16 octets, but as an IPv6 address */
	p[5].flags = 0x40; /* a view of the first one */
	for (size_t i = 0; i < 6; i++) {
		made_up(&made, &p[i], &open4, &open4_peer, NULL);
		ck_assert_uint_eq(next(bmp)->peer, i < 5 ? i : 0);
	}
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 5);
	got = peer_of(bmp, 2);
	ck_assert_uint_eq(got.type, 1);
	ck_assert(got.distinguisher == UINT64_C(0x0000fbf30000000b));
	is_address(&got.address, "10.0.0.2");
	got = peer_of(bmp, 4);
	is_address(&got.address, "::a00:2");
	is_address(&got.local_address, "::a00:1");
	ck_assert_int_eq(manrs_bmp_peer_get(bmp, 5, &got), MANRS_ENOENT);
	ck_assert_int_eq(manrs_bmp_peer_get(bmp, UINT32_MAX, &got), MANRS_ENOENT);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc7854_s4_2_flags_are_the_view)
{
	static const struct {
		unsigned type, flags;
		uint32_t view;
	} rows[] = {
		{0, 0, 0},
		{0, 0x40, MANRS_BMP_POST_POLICY},
		{0, 0x10, MANRS_BMP_OUT},                         /* RFC 8671 section 4 */
		{0, 0x50, MANRS_BMP_OUT | MANRS_BMP_POST_POLICY}, /* RFC 8671 section 5 */
		{0, 0x2f, 0},
		{3, 0, MANRS_BMP_LOC_RIB},
		{3, 0x80, MANRS_BMP_LOC_RIB | MANRS_BMP_FILTERED}, /* RFC 9069 section 4.2 */
		{3, 0x70, MANRS_BMP_LOC_RIB}, /* and its other bits say nothing */
	};
	manrs_bmp *bmp = begin();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made_peer p = peer4;
		struct made_update u = {.announce = "\10\12", .n_announce = 2, .n_path = 1};
		const manrs_bmp_event *e;

		p.type = rows[i].type;
		p.flags = rows[i].flags & 0x80;
		u.as2 = p.type != 3 && (rows[i].flags & 0x20);
		u.path[0] = 65002;
		made_up(&made, &p, &open4, &open4_peer, NULL);
		ck_assert_uint_eq(next(bmp)->kind, MANRS_BMP_PEER_UP);
		p.flags = rows[i].flags;
		made_routes(&made, &p, &u);
		e = next(bmp);
		ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
		ck_assert_uint_eq(e->view, rows[i].view);
		ck_assert_uint_eq(e->time_s, 1700000000);
		ck_assert_uint_eq(e->time_us, 250000);
		ck_assert_uint_eq(e->update.notes, 0);
	}
	manrs_bmp_free(bmp);
}
END_TEST

/* A cut header says nothing of any peer. */
START_TEST(rfc7854_s4_2_cut_header_is_bad)
{
	static const unsigned types[] = {0, 1, 2, 3, 6};
	manrs_bmp *bmp = begin();

	for (size_t t = 0; t < 5; t++)
		for (size_t n = 0; n < 42; n++) {
			const manrs_bmp_event *e;

			made_begin(&made, types[t]);
			made_head(&made, &peer4);
			made.n = made.from + 6 + n;
			made_end(&made);
			e = next(bmp);
			ck_assert_uint_eq(e->kind, MANRS_BMP_BAD);
			ck_assert_int_eq(e->fault.code, MANRS_ESYNTAX);
			ck_assert(e->fault.at >= e->at && e->fault.at <= e->at + e->n);
			ck_assert_uint_eq(e->peer, UINT32_MAX);
		}
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Initiation, Termination ---- */

START_TEST(rfc7854_s4_3_names_of_the_router)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;

	ck_assert_str_eq(manrs_bmp_system(bmp, 2), "");
	made_begin(&made, 4);
	made_tlv(&made, 1, "IOS XR", 6);
	made_tlv(&made, 2, "r1.example", 10);
	made_tlv(&made, 0, "first", 5);
	made_tlv(&made, 0, "", 0);
	made_end(&made);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_INITIATION);
	ck_assert_int_eq(e->fault.code, 0);
	ck_assert_str_eq(manrs_bmp_system(bmp, 1), "IOS XR");
	ck_assert_str_eq(manrs_bmp_system(bmp, 2), "r1.example");
	ck_assert_str_eq(manrs_bmp_system(bmp, 0), "");
	pass(manrs_bmp_tlv_get(e, 2, &tlv));
	ck_assert_uint_eq(tlv.type, 0);
	ck_assert_uint_eq(tlv.n, 5);
	ck_assert_mem_eq(tlv.bytes, "first", 5);
	pass(manrs_bmp_tlv_get(e, 3, &tlv));
	ck_assert_uint_eq(tlv.n, 0);
	ck_assert_int_eq(manrs_bmp_tlv_get(e, 4, &tlv), MANRS_ENOENT);
	manrs_bmp_clear(bmp);
	ck_assert_str_eq(manrs_bmp_system(bmp, 2), "");
	manrs_bmp_free(bmp);
}
END_TEST

/* Section 4.4 has them free-form: a terminal must get nothing but characters (RFC 3629 says which bytes are some). */
START_TEST(rfc7854_s4_4_texts_are_made_printable)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"a\x1b[31mb", "a?[31mb"},
		{"line\r\ntwo", "line??two"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"\xc2\x9b!", "?!"}, /* CSI as a C1 */
		{"\xff\xfe", "??"},
		{"\xe2\x82", "??"},
		{"\xed\xa0\x80", "???"},
		{"\x7f", "?"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	};
	manrs_bmp *bmp = begin();
	char text[260], *name;
	size_t n;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		made_begin(&made, 4);
		made_tlv(&made, 2, rows[i].from, strlen(rows[i].from));
		made_end(&made);
		next(bmp);
		ck_assert_str_eq(manrs_bmp_system(bmp, 2), rows[i].to);
	}
	/* A text that is too long ends with a whole character. */
	memset(text, 'x', sizeof text);
	memcpy(text + 254, "\xc3\xa9", 2);
	made_begin(&made, 4);
	made_tlv(&made, 2, text, sizeof text);
	made_end(&made);
	next(bmp);
	name = strdup(manrs_bmp_system(bmp, 2));
	n = strlen(name);
	ck_assert_uint_eq(n, 254);
	free(name);
	made_begin(&made, 4);
	made_tlv(&made, 2, "a\0b", 3);
	made_end(&made);
	next(bmp);
	ck_assert_str_eq(manrs_bmp_system(bmp, 2), "a?b");
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc7854_s4_4_cut_tlv_is_told)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;

	made_begin(&made, 4);
	made_tlv(&made, 2, "r1", 2);
	made_tlv(&made, 1, "description", 11);
	made.n -= 4;
	made_end(&made);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_INITIATION);
	ck_assert_int_eq(e->fault.code, MANRS_ESYNTAX);
	ck_assert_uint_eq(e->fault.at, 6 + 6 + 4);
	ck_assert_str_eq(manrs_bmp_system(bmp, 2), "r1");
	ck_assert_str_eq(manrs_bmp_system(bmp, 1), "");
	pass(manrs_bmp_tlv_get(e, 0, &tlv));
	ck_assert_int_eq(manrs_bmp_tlv_get(e, 1, &tlv), MANRS_ENOENT);
	manrs_bmp_free(bmp);
}
END_TEST

/* Each call counts from the first: many of them must not cost their square. */
START_TEST(tlvs_are_bounded)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;

	made_begin(&made, 4);
	for (size_t i = 0; i < 1025; i++)
		made_tlv(&made, 0, NULL, 0);
	made_end(&made);
	e = next(bmp);
	pass(manrs_bmp_tlv_get(e, 1023, &tlv));
	ck_assert_int_eq(manrs_bmp_tlv_get(e, 1024, &tlv), MANRS_ENOENT);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc7854_s4_5_termination_has_a_reason)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;

	made_begin(&made, 5);
	made_tlv(&made, 0, "bye", 3);
	made_tlv(&made, 1, "\0\3", 2);
	made_end(&made);
	made_begin(&made, 5);
	made_tlv(&made, 1, "\3", 1);
	made_end(&made);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_TERMINATION);
	ck_assert_uint_eq(e->reason, 3);
	pass(manrs_bmp_tlv_get(e, 1, &tlv));
	ck_assert(tlv.number == 3);
	ck_assert_uint_eq(next(bmp)->reason, 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Route Monitoring ---- */

START_TEST(rfc7854_s4_6_an_update_gives_routes)
{
	struct made_update u = {.path = {65002, 64496, 4200000001},
				.n_path = 3,
				.announce = "\30\306\63\144\10\12",
				.n_announce = 6,
				.withdraw = "\30\313\0\161",
				.n_withdraw = 4};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a[3];
	manrs_prefix w[2];
	uint32_t ids[3];

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &u);
	next(bmp);
	ck_assert_uint_eq(manrs_bmp_announced(bmp, a, NULL, 3), 0);
	ck_assert_uint_eq(manrs_bmp_withdrawn(bmp, w, NULL, 2), 0);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
	ck_assert_uint_eq(e->view, 0);
	ck_assert_uint_eq(e->peer, 0);
	ck_assert_int_eq(e->fault.code, 0);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_KEEP);
	ck_assert_uint_eq(manrs_bmp_announced(bmp, a, ids, 3), 2);
	is_prefix(&a[0].prefix, "198.51.100.0/24");
	is_prefix(&a[1].prefix, "10.0.0.0/8");
	is_path(&a[1].path, 3, 65002, 4200000001);
	is_address(&a[0].next_hop, "10.0.0.2");
	is_address(&a[0].neighbour_address, "10.0.0.2");
	ck_assert_uint_eq(a[0].neighbour_asn, 65002);
	ck_assert_uint_eq(a[0].flags, 0);
	ck_assert_uint_eq(ids[0], 0);
	ck_assert_uint_eq(manrs_bmp_withdrawn(bmp, w, NULL, 2), 1);
	is_prefix(&w[0], "203.0.113.0/24");
	ck_assert_ptr_eq(manrs_bgp_store_at(manrs_bmp_store(bmp), e->update.attrs->id),
			 e->update.attrs);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc4724_s2_end_of_rib_has_a_kind)
{
	struct made_update eor = {0};
	struct made_peer post = peer4;
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;

	post.flags = 0x40;
	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &eor);
	made_begin(&made, 0);
	made_head(&made, &post);
	{ /* MP_UNREACH of IPv6 unicast without a prefix */
		size_t at = made_bgp(&made, 2);

		made_bytes(&made, "\0\0\0\6\x80\17\3\0\2\1", 10);
		made_length(&made, at + 16, at);
	}
	made_end(&made);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_END_OF_RIB);
	ck_assert_uint_eq(e->update.end_of_rib, 4);
	ck_assert_uint_eq(e->view, 0);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_END_OF_RIB);
	ck_assert_uint_eq(e->update.end_of_rib, 6);
	ck_assert_uint_eq(e->view, MANRS_BMP_POST_POLICY);
	manrs_bmp_free(bmp);
}
END_TEST

/* The A flag decides, whatever the session's OPENs are: the router may have written the paths again (section 4.2). */
START_TEST(rfc7854_s4_2_a_flag_has_the_width_of_paths)
{
	static const struct made_open old = {.asn = 65002, .families = 1};
	struct made_update two = {.path = {65002, 64496},
				  .n_path = 2,
				  .as2 = 1,
				  .announce = "\10\12",
				  .n_announce = 2};
	struct made_update four = {
		.path = {65002, 70000}, .n_path = 2, .announce = "\10\12", .n_announce = 2};
	struct made_peer legacy = peer4;
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;

	legacy.flags = 0x20;
	for (int as4 = 0; as4 < 2; as4++) {
		made_up(&made, &peer4, &open4, as4 ? &open4_peer : &old, NULL);
		made_routes(&made, &legacy, &two);
		made_routes(&made, &peer4, &four);
		next(bmp);
		ck_assert_uint_eq(peer_of(bmp, 0).session.flags & MANRS_BGP_AS4,
				  as4 ? MANRS_BGP_AS4 : 0);
		e = next(bmp);
		ck_assert_uint_eq(e->peer, 0);
		ck_assert_uint_eq(e->update.notes, 0);
		a = one_announced(bmp, NULL);
		is_path(&a.path, 2, 65002, 64496);
		e = next(bmp);
		ck_assert_uint_eq(e->update.notes, 0);
		a = one_announced(bmp, NULL);
		is_path(&a.path, 2, 65002, 70000);
	}
	manrs_bmp_free(bmp);
}
END_TEST

/* Against section 4.2: 2-octet paths and no A flag. */
START_TEST(two_octet_paths_under_a_four_octet_flag_are_noted)
{
	struct made_update two = {.path = {65002, 64496, 64497},
				  .n_path = 3,
				  .as2 = 1,
				  .announce = "\10\12",
				  .n_announce = 2};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &two);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
	ck_assert(e->update.notes & MANRS_BGP_NOTE_GUESSED);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_KEEP);
	a = one_announced(bmp, NULL);
	is_path(&a.path, 3, 65002, 64497);
	manrs_bmp_free(bmp);
}
END_TEST

/* Path identifiers whose capability no OPEN has (RFC 7911 section 4). */
START_TEST(path_ids_that_were_never_advertised_are_noted)
{
	struct made_update u = {.path = {65002},
				.n_path = 1,
				.announce = "\0\0\0\7\30\306\63\144",
				.n_announce = 8};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	uint32_t id;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &u);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
	ck_assert(e->update.notes & MANRS_BGP_NOTE_GUESSED);
	a = one_announced(bmp, &id);
	is_prefix(&a.prefix, "198.51.100.0/24");
	ck_assert_uint_eq(id, 7);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(rfc7854_s4_6_what_holds_no_update_is_bad)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;

	made_begin(&made, 0); /* nothing */
	made_head(&made, &peer4);
	made_end(&made);
	made_begin(&made, 0); /* an OPEN */
	made_head(&made, &peer4);
	made_open(&made, &open4);
	made_end(&made);
	made_begin(&made, 0); /* a marker that is none */
	made_head(&made, &peer4);
	made_bgp(&made, 2);
	made.at[made.n - 19] = 0;
	made_end(&made);
	made_begin(&made, 0); /* cut */
	made_head(&made, &peer4);
	made_update(&made, &(struct made_update){.announce = NULL});
	made.n--;
	made_end(&made);
	for (int i = 0; i < 4; i++) {
		e = next(bmp);
		ck_assert_uint_eq(e->kind, MANRS_BMP_BAD);
		ck_assert_int_ne(e->fault.code, 0);
		ck_assert(e->fault.at >= e->at && e->fault.at <= e->at + e->n);
		ck_assert_uint_eq(manrs_bmp_announced(bmp, NULL, NULL, 0), 0);
	}
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 0);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(trailing_bytes_are_told)
{
	struct made_update u = {
		.path = {65002}, .n_path = 1, .announce = "\10\12", .n_announce = 2};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;

	made_begin(&made, 0);
	made_head(&made, &peer4);
	made_update(&made, &u);
	made_tlv(&made, 9, "x", 1);
	made_end(&made);
	made_down(&made, &peer4, 4, "junk", 4);
	made_down(&made, &peer4, 2, "\0\2junk", 6);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
	ck_assert_int_eq(e->fault.code, MANRS_ESYNTAX);
	ck_assert_uint_eq(e->fault.at, e->n - 5);
	pass(manrs_bmp_tlv_get(e, 0, &tlv));
	ck_assert_uint_eq(tlv.type, 9);
	one_announced(bmp, NULL);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
	ck_assert_int_eq(e->fault.code, MANRS_ESYNTAX);
	ck_assert_uint_eq(e->fault.at, e->at + 6 + 42 + 1);
	e = next(bmp);
	ck_assert_uint_eq(e->fsm_event, 2);
	ck_assert_uint_eq(e->fault.at, e->at + 6 + 42 + 3);
	manrs_bmp_free(bmp);
}
END_TEST

/* A malformed UPDATE in a Route Monitoring message: RFC 7606's action, and the routes withdrawn. */
START_TEST(rfc7606_s3_missing_attributes_withdraw)
{
	struct made_update u = {.announce = "\30\306\63\144", .n_announce = 4, .no_attributes = 1};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	manrs_prefix w;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &u);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_WITHDRAW);
	ck_assert_uint_eq(manrs_bmp_announced(bmp, &a, NULL, 1), 0);
	ck_assert_uint_eq(manrs_bmp_withdrawn(bmp, &w, NULL, 1), 1);
	is_prefix(&w, "198.51.100.0/24");
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Route Mirroring ---- */

static void mirror_begin(void)
{
	made_begin(&made, 6);
	made_head(&made, &peer4);
}

/* A TLV 0 with what is made in between. */
static size_t mirror_open(void)
{
	made_tlv(&made, 0, NULL, 0);
	return made.n;
}

static void mirror_close(size_t from)
{
	made_length(&made, from - 2, from);
	made_end(&made);
}

START_TEST(rfc7854_s4_7_mirrored_messages)
{
	struct made_update u = {
		.path = {65002}, .n_path = 1, .announce = "\10\12", .n_announce = 2};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	size_t at;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	mirror_begin();
	made_tlv(&made, 1, "\0\1", 2); /* messages lost */
	at = mirror_open();
	made_update(&made, &u);
	mirror_close(at);
	mirror_begin();
	at = mirror_open();
	made_open(&made, &open4_peer);
	mirror_close(at);
	mirror_begin();
	made_tlv(&made, 1, "\0\0", 2); /* errored PDU, and none there */
	made_end(&made);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_MIRROR);
	ck_assert_uint_eq(e->lost, 1);
	ck_assert_uint_eq(e->message.type, MANRS_BGP_UPDATE);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_KEEP);
	a = one_announced(bmp, NULL);
	is_prefix(&a.prefix, "10.0.0.0/8");
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_MIRROR);
	ck_assert_uint_eq(e->lost, 0);
	ck_assert_uint_eq(e->message.type, MANRS_BGP_OPEN);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_NONE);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_MIRROR);
	ck_assert_uint_eq(e->message.n, 0);
	ck_assert_uint_eq(e->lost, 0);
	manrs_bmp_free(bmp);
}
END_TEST

/*
 * As on the wire: the session's OPENs say how it is read, nothing is guessed, and the malformed message itself comes (here
 * with a marker that is none: NOTIFICATION 1/1, RFC 4271 section 6.1).
 */
START_TEST(rfc7854_s4_7_the_malformed_message_itself)
{
	static const struct made_open old = {.asn = 65002, .families = 1};
	struct made_update two = {.path = {65002, 64496},
				  .n_path = 2,
				  .as2 = 1,
				  .announce = "\10\12",
				  .n_announce = 2};
	struct made_update four = two;
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	size_t at;

	four.as2 = 0;
	made_up(&made, &peer4, &open4, &old, NULL);
	mirror_begin();
	at = mirror_open();
	made_update(&made, &two);
	mirror_close(at);
	mirror_begin();
	at = mirror_open();
	made_update(&made, &four);
	mirror_close(at);
	mirror_begin();
	at = mirror_open();
	made_update(&made, &two);
	made.at[at] = 0;
	mirror_close(at);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_KEEP);
	a = one_announced(bmp, NULL);
	is_path(&a.path, 2, 65002, 64496);
	e = next(bmp);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_WITHDRAW);
	ck_assert_uint_eq(e->update.notes & MANRS_BGP_NOTE_GUESSED, 0);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_MIRROR);
	ck_assert_uint_eq(e->update.action, MANRS_BGP_RESET);
	ck_assert_uint_eq(e->update.notify_code, 1);
	ck_assert_uint_eq(e->update.notify_subcode, 1);
	ck_assert_uint_eq(e->message.type, MANRS_BGP_UPDATE);
	ck_assert_uint_gt(e->message.n, 19);
	ck_assert_uint_eq(manrs_bmp_announced(bmp, &a, NULL, 1), 0);
	manrs_bmp_free(bmp);
}
END_TEST

/*
 * AS_CONFED_SEQUENCE (RFC 5065 section 3): what the router shows, it has taken, for the neighbour is in its confederation;
 * on the wire from another AS it is malformed (section 5).
 */
START_TEST(rfc5065_s5_segments_of_a_confederation)
{
	struct made_update u = {
		.path = {65002, 64496}, .n_path = 2, .announce = "\10\12", .n_announce = 2};
	manrs_bmp *bmp = begin();
	manrs_announcement a;
	size_t at;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_routes(&made, &peer4, &u);
	ck_assert_uint_eq(made.at[made.n - 2 - 7 - 10], 2); /* NLRI, NEXT_HOP, the segment */
	made.at[made.n - 2 - 7 - 10] = 3;
	mirror_begin();
	at = mirror_open();
	made_update(&made, &u);
	made.at[made.n - 2 - 7 - 10] = 3;
	mirror_close(at);
	next(bmp);
	ck_assert_uint_eq(next(bmp)->update.action, MANRS_BGP_KEEP);
	a = one_announced(bmp, NULL);
	ck_assert_uint_eq(a.path.n, 2);
	ck_assert_uint_eq(a.path.kind[0] & 7, 3);
	ck_assert_uint_eq(next(bmp)->update.action, MANRS_BGP_WITHDRAW);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- statistics ---- */

START_TEST(rfc7854_s4_8_statistics_are_numbers)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_tlv tlv;
	uint8_t family[11] = {0, 2, 1, 0, 0, 0, 1, 0, 0, 0, 5};

	made_begin(&made, 1);
	made_head(&made, &peer4);
	made32(&made, 4);
	made_tlv(&made, 0, "\0\0\0\7", 4);
	made_tlv(&made, 7, "\0\0\0\1\0\0\0\2", 8);
	made_tlv(&made, 9, family, sizeof family);
	made_tlv(&made, 11, "\1\2\3", 3);
	made_end(&made);
	made_begin(&made, 1);
	made_head(&made, &peer4);
	made16(&made, 0);
	made_end(&made);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_STATS);
	pass(manrs_bmp_tlv_get(e, 0, &tlv));
	ck_assert_uint_eq(tlv.type, 0);
	ck_assert(tlv.number == 7 && tlv.afi == 0);
	pass(manrs_bmp_tlv_get(e, 1, &tlv));
	ck_assert(tlv.number == UINT64_C(0x100000002));
	pass(manrs_bmp_tlv_get(e, 2, &tlv));
	ck_assert_uint_eq(tlv.type, 9);
	ck_assert_uint_eq(tlv.afi, 2);
	ck_assert_uint_eq(tlv.safi, 1);
	ck_assert(tlv.number == UINT64_C(0x100000005));
	pass(manrs_bmp_tlv_get(e, 3, &tlv));
	ck_assert(tlv.number == 0 && tlv.n == 3);
	ck_assert_int_eq(manrs_bmp_tlv_get(e, 4, &tlv), MANRS_ENOENT);
	ck_assert_uint_eq(next(bmp)->kind, MANRS_BMP_BAD);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Peer Down ---- */

START_TEST(rfc7854_s4_9_reasons)
{
	static const uint8_t cease[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0,    21,   3,    6,    4};
	static const struct {
		unsigned reason;
		const void *data;
		size_t n;
		uint32_t event, n_message;
		size_t n_tlvs;
		bool faulty;
	} rows[] = {
		{1, cease, sizeof cease, 0, sizeof cease, 0, false},
		{2, "\0\22", 2, 18, 0, 0, false},
		{3, cease, sizeof cease, 0, sizeof cease, 0, false},
		{4, NULL, 0, 0, 0, 0, false},
		{5, NULL, 0, 0, 0, 0, false},
		{6, "\0\3\0\3red", 7, 0, 0, 7, false}, /* RFC 9069 section 5.3 */
		{77, NULL, 0, 0, 0, 0, false},
		{1, NULL, 0, 0, 0, 0, true},
		{3, cease, 18, 0, 0, 0, true},
		{2, "\1", 1, 0, 0, 0, true},
		{6, "\0\3\0\4red", 7, 0, 0, 7, true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		manrs_bmp *bmp = begin();
		const manrs_bmp_event *e;

		made_up(&made, &peer4, &open4, &open4_peer, NULL);
		made_down(&made, &peer4, rows[i].reason, rows[i].data, rows[i].n);
		next(bmp);
		ck_assert_uint_eq(peer_of(bmp, 0).up, 1);
		e = next(bmp);
		ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
		ck_assert_uint_eq(e->view, 0);
		ck_assert_uint_eq(e->peer, 0);
		ck_assert_uint_eq(e->reason, rows[i].reason);
		ck_assert_uint_eq(e->fsm_event, rows[i].event);
		ck_assert_uint_eq(e->message.n, rows[i].n_message);
		if (rows[i].n_message)
			ck_assert_uint_eq(e->message.type, MANRS_BGP_NOTIFICATION);
		ck_assert_uint_eq(e->n_tlvs, rows[i].n_tlvs);
		ck_assert_int_eq(e->fault.code, rows[i].faulty ? MANRS_ESYNTAX : 0);
		ck_assert_uint_eq(peer_of(bmp, 0).up, 0);
		ck_assert_int_eq(peer_of(bmp, 0).local_role, -1);
		manrs_bmp_free(bmp);
	}
}
END_TEST

/* Not even a reason: the routes are gone all the same. */
START_TEST(peer_down_without_a_reason)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;

	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_begin(&made, 2);
	made_head(&made, &peer4);
	made_end(&made);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
	ck_assert_uint_eq(e->reason, 0);
	ck_assert_int_eq(e->fault.code, MANRS_ESYNTAX);
	ck_assert_uint_eq(peer_of(bmp, 0).up, 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* FRR sends one where the session never came up. */
START_TEST(peer_down_of_a_peer_that_was_never_up)
{
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_peer p;

	made_down(&made, &peer4, 4, NULL, 0);
	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_down(&made, &peer4, 4, NULL, 0);
	made_down(&made, &peer4, 4, NULL, 0);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
	ck_assert_uint_eq(e->view, MANRS_BMP_UNKNOWN_PEER);
	ck_assert_uint_eq(e->peer, 0);
	p = peer_of(bmp, 0);
	ck_assert_uint_eq(p.up, 0);
	ck_assert_uint_eq(p.asn, 65002);
	is_address(&p.address, "10.0.0.2");
	ck_assert_uint_eq(next(bmp)->view, 0);
	ck_assert_uint_eq(next(bmp)->view, 0);
	ck_assert_uint_eq(next(bmp)->view, MANRS_BMP_UNKNOWN_PEER);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Peer Up ---- */

START_TEST(rfc7854_s4_10_the_opens_say_how_a_peer_is_read)
{
	/* We receive several paths of IPv4 and send those of IPv6; he does the opposite (RFC 7911 section 4). */
	static const struct made_open sent = {
		.asn = 4200000001, .as4 = 1, .families = 1, .paths4 = 1, .paths6 = 2, .role = 1};
	static const struct made_open received = {
		.asn = 65002, .as4 = 1, .families = 1, .paths4 = 2, .paths6 = 1, .role = 4};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_bmp_peer p;

	made_up(&made, &peer4, &sent, &received, "blue");
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_UP);
	ck_assert_uint_eq(e->sent.type, MANRS_BGP_OPEN);
	ck_assert_uint_eq(e->received.type, MANRS_BGP_OPEN);
	ck_assert_int_eq(e->fault.code, 0);
	p = peer_of(bmp, e->peer);
	ck_assert_uint_eq(p.up, 1);
	ck_assert(p.up_s == 1700000000);
	ck_assert_uint_eq(p.asn, 65002);
	ck_assert_uint_eq(p.bgp_id, 0x0a000002);
	ck_assert_uint_eq(p.local_asn, 4200000001);
	is_address(&p.local_address, "10.0.0.1");
	ck_assert_int_eq(p.local_role, 0);  /* provider */
	ck_assert_int_eq(p.remote_role, 3); /* customer */
	ck_assert_str_eq(p.name, "blue");
	ck_assert_uint_eq(p.session.flags, MANRS_BGP_AS4 | MANRS_BGP_PATHS4);
	ck_assert_uint_eq(p.session.neighbour_asn, 65002);
	is_address(&p.session.neighbour_address, "10.0.0.2");
	manrs_bmp_free(bmp);
}
END_TEST

/* The earlier session's names and roles are gone with it. */
START_TEST(rfc7854_s4_10_peer_up_of_a_peer_that_is_up)
{
	static const struct made_open sent = {.asn = 65001, .as4 = 1, .role = 5};
	struct made_peer later = peer4;
	manrs_bmp *bmp = begin();
	manrs_bmp_peer p;

	later.time_s++;
	later.asn = 65009;
	made_up(&made, &peer4, &sent, &open4_peer, "blue");
	made_up(&made, &later, &open4, &open4_peer, NULL);
	next(bmp);
	ck_assert_int_eq(peer_of(bmp, 0).local_role, 4);
	ck_assert_int_eq(peer_of(bmp, 0).remote_role, -1);
	ck_assert_uint_eq(next(bmp)->peer, 0);
	p = peer_of(bmp, 0);
	ck_assert(p.up_s == 1700000001);
	ck_assert_uint_eq(p.asn, 65009);
	ck_assert_int_eq(p.local_role, -1);
	ck_assert_str_eq(p.name, "");
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 1);
	manrs_bmp_free(bmp);
}
END_TEST

/* An OPEN that BGP would refuse: the router has the session all the same. One that is none: nothing is known. */
START_TEST(peer_up_with_odd_opens)
{
	static const struct made_open odd = {.asn = 65002, .as4 = 1, .families = 1, .no_end = 1};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	static const uint8_t nothing[20] = {0};

	made_up(&made, &peer4, &open4, &odd, NULL);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_UP);
	ck_assert_int_ne(e->fault.code, 0);
	ck_assert(e->fault.at > e->at && e->fault.at <= e->at + e->n);
	ck_assert_uint_eq(peer_of(bmp, 0).up, 1);
	made_begin(&made, 3);
	made_head(&made, &peer4);
	made_bytes(&made, nothing, 20);
	made_update(&made, &(struct made_update){.announce = NULL});
	made_open(&made, &open4);
	made_end(&made);
	ck_assert_uint_eq(next(bmp)->kind, MANRS_BMP_BAD);
	made_begin(&made, 3);
	made_head(&made, &peer4);
	made_bytes(&made, nothing, 20);
	made_open(&made, &open4);
	made_end(&made);
	ck_assert_uint_eq(next(bmp)->kind, MANRS_BMP_BAD);
	ck_assert_uint_eq(peer_of(bmp, 0).up, 1);
	manrs_bmp_free(bmp);
}
END_TEST

START_TEST(routes_before_peer_up)
{
	struct made_update u = {
		.path = {65002, 64496}, .n_path = 2, .announce = "\10\12", .n_announce = 2};
	struct made_update ids = {
		.path = {65002}, .n_path = 1, .announce = "\0\0\0\1\10\12", .n_announce = 6};
	struct made_peer legacy = peer4;
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	uint32_t id;

	legacy.flags = 0x20;
	made_routes(&made, &peer4, &u);
	u.as2 = 1;
	made_routes(&made, &legacy, &u);
	made_routes(&made, &peer4, &ids);
	for (int i = 0; i < 2; i++) {
		e = next(bmp);
		ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
		ck_assert_uint_eq(e->view, MANRS_BMP_UNKNOWN_PEER);
		ck_assert_uint_eq(e->peer, 0);
		ck_assert_uint_eq(e->update.notes, 0);
		a = one_announced(bmp, NULL);
		is_path(&a.path, 2, 65002, 64496);
		ck_assert_uint_eq(a.neighbour_asn, 65002);
		is_address(&a.neighbour_address, "10.0.0.2");
	}
	e = next(bmp);
	ck_assert(e->update.notes & MANRS_BGP_NOTE_GUESSED);
	one_announced(bmp, &id);
	ck_assert_uint_eq(id, 1);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- Adj-RIB-Out, Loc-RIB ---- */

/* What is sent to him has path identifiers if we send them, what he sends if we receive them. */
START_TEST(rfc8671_s4_the_other_direction)
{
	static const struct made_open sent = {.asn = 65001, .as4 = 1, .paths4 = 2};
	static const struct made_open received = {.asn = 65002, .as4 = 1, .paths4 = 3};
	struct made_update with = {.path = {65001, 64496},
				   .n_path = 2,
				   .announce = "\0\0\0\11\30\306\63\144",
				   .n_announce = 8};
	struct made_update without = {
		.path = {65002, 64496}, .n_path = 2, .announce = "\30\306\63\144", .n_announce = 4};
	struct made_peer out = peer4;
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	uint32_t id;

	out.flags = 0x50;
	made_up(&made, &peer4, &sent, &received, NULL);
	made_routes(&made, &out, &with);
	made_routes(&made, &peer4, &without);
	next(bmp);
	e = next(bmp);
	ck_assert_uint_eq(e->view, MANRS_BMP_OUT | MANRS_BMP_POST_POLICY);
	ck_assert_uint_eq(e->update.notes, 0);
	a = one_announced(bmp, &id);
	ck_assert_uint_eq(id, 9);
	is_prefix(&a.prefix, "198.51.100.0/24");
	ck_assert_uint_eq(a.flags, MANRS_ANNOUNCE_EGRESS);
	ck_assert_uint_eq(a.neighbour_asn, 65002);
	is_address(&a.neighbour_address, "10.0.0.2");
	e = next(bmp);
	ck_assert_uint_eq(e->view, 0);
	ck_assert_uint_eq(e->update.notes, 0);
	a = one_announced(bmp, &id);
	ck_assert_uint_eq(id, 0);
	ck_assert_uint_eq(a.flags, 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* Address zero-filled (section 4.1), 4-octet paths whatever the OPENs say (5.4.1), both OPENs the router's own (5.2). */
START_TEST(rfc9069_s4_a_table_as_a_peer)
{
	static const struct made_open own = {.asn = 65001, .families = 1, .paths4 = 1};
	struct made_peer table = {.type = 3, .flags = 0x80, .asn = 65001, .bgp_id = 1, .time_s = 5};
	struct made_update u = {.path = {64496, 70000},
				.n_path = 2,
				.announce = "\0\0\0\3\30\306\63\144",
				.n_announce = 8};
	manrs_bmp *bmp = begin();
	const manrs_bmp_event *e;
	manrs_announcement a;
	manrs_bmp_peer p;
	manrs_bmp_tlv tlv;
	uint32_t id;

	made_up(&made, &table, &own, &own, "global");
	made_routes(&made, &table, &u);
	made_down(&made, &table, 6, "\0\3\0\6global", 10);
	e = next(bmp);
	ck_assert_uint_eq(e->view, MANRS_BMP_LOC_RIB | MANRS_BMP_FILTERED);
	p = peer_of(bmp, e->peer);
	ck_assert_uint_eq(p.type, 3);
	ck_assert_uint_eq(p.address.family, 0);
	ck_assert_uint_eq(p.local_address.family, 0);
	ck_assert_uint_eq(p.local_asn, 65001);
	ck_assert_str_eq(p.name, "global");
	ck_assert_uint_eq(p.session.flags, MANRS_BGP_AS4 | MANRS_BGP_PATHS4 | MANRS_BGP_INTERNAL);
	e = next(bmp);
	ck_assert_uint_eq(e->update.notes, 0);
	a = one_announced(bmp, &id);
	is_path(&a.path, 2, 64496, 70000);
	ck_assert_uint_eq(id, 3);
	ck_assert_uint_eq(a.flags, MANRS_ANNOUNCE_INTERNAL);
	ck_assert_uint_eq(a.neighbour_address.family, 0);
	e = next(bmp);
	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
	pass(manrs_bmp_tlv_get(e, 0, &tlv));
	ck_assert_uint_eq(tlv.type, 3);
	ck_assert_mem_eq(tlv.bytes, "global", 6);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- bounds ---- */

START_TEST(configs_that_are_none)
{
	manrs_bmp_config config;
	manrs_bmp *bmp;

	ck_assert_int_eq(manrs_bmp_config_init(&config, 8), MANRS_EINVAL);
	for (int i = 0; i < 5; i++) {
		pass(manrs_bmp_config_init(&config, sizeof config));
		ck_assert_uint_eq(config.max_peers, 20000);
		ck_assert_uint_eq(config.max_message, 1 << 20);
		ck_assert(config.max_store == 64 << 20);
		if (i == 0)
			config.max_peers = 0;
		if (i == 1)
			config.max_message = 5;
		if (i == 2)
			config.max_message = UINT32_MAX;
		if (i == 3)
			config.size = 8;
		if (i == 4)
			config.max_store = (2 << 20) - 1;
		ck_assert_int_eq(manrs_bmp_new(&bmp, &config), MANRS_EINVAL);
	}
	manrs_bmp_free(NULL);
}
END_TEST

START_TEST(more_peers_than_allowed_end_the_stream)
{
	struct made_peer p = peer4;
	manrs_bmp_config config;
	const manrs_bmp_event *e;
	manrs_fault fault;
	manrs_bmp *bmp;
	size_t at, need;

	made.n = next_at = 0;
	pass(manrs_bmp_config_init(&config, sizeof config));
	config.max_peers = 3;
	pass(manrs_bmp_new(&bmp, &config));
	for (unsigned i = 0; i < 3; i++) {
		p.address[15] = (uint8_t)(i + 1);
		made_down(&made, &p, 4, NULL, 0);
		next(bmp);
	}
	made_down(&made, &p, 4, NULL, 0); /* of one that is there */
	next(bmp);
	p.address[15] = 9;
	at = made.n;
	made_down(&made, &p, 4, NULL, 0);
	ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at + at, made.n - at, &need, &fault),
			 MANRS_ELIMIT);
	ck_assert_int_eq(fault.code, MANRS_ELIMIT);
	ck_assert_uint_eq(fault.at, at);
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 3);
	/* The connection is closed, and the next one begins. */
	manrs_bmp_clear(bmp);
	ck_assert_uint_eq(manrs_bmp_peers(bmp), 0);
	made.n = next_at = 0;
	made_down(&made, &p, 4, NULL, 0);
	e = next(bmp);
	ck_assert_uint_eq(e->peer, 0);
	ck_assert_uint_eq(e->view, MANRS_BMP_UNKNOWN_PEER);
	manrs_bmp_free(bmp);
}
END_TEST

/* Hundreds of routers may be connected and silent. */
START_TEST(an_idle_reader_is_small)
{
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_bmp_config config;
	manrs_bmp *bmp;

	made.n = next_at = 0;
	pass(manrs_bmp_config_init(&config, sizeof config));
	config.alloc = &alloc;
	pass(manrs_bmp_new(&bmp, &config));
	made_begin(&made, 4);
	made_tlv(&made, 2, "r1", 2);
	made_end(&made);
	next(bmp);
	ck_assert_uint_le(counting.peak, 4096);
	manrs_bmp_free(bmp);
	ck_assert_uint_eq(counting.live, 0);
}
END_TEST

/* More sets than the store holds: it is cleared between two messages, and none is lost. */
START_TEST(a_full_store_is_cleared)
{
	manrs_bgp_store_stats stats = {.size = sizeof stats};
	manrs_bmp_config config;
	manrs_bmp *bmp;

	pass(manrs_bmp_config_init(&config, sizeof config));
	config.max_store = 2 << 20;
	pass(manrs_bmp_new(&bmp, &config));
	made.n = next_at = 0;
	for (uint32_t i = 0; i < 20000; i++) {
		struct made_update u = {
			.path = {65002, i + 1}, .n_path = 2, .announce = "\10\12", .n_announce = 2};
		manrs_announcement a;

		made.n = 0;
		made_routes(&made, &peer4, &u);
		{
			const manrs_bmp_event *e;
			manrs_fault fault;
			size_t need;

			ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at, made.n, &need, &fault),
					 (int)made.n);
			ck_assert_uint_eq(e->kind, MANRS_BMP_ROUTES);
		}
		a = one_announced(bmp, NULL);
		is_path(&a.path, 2, 65002, i + 1);
		pass(manrs_bgp_store_stats_get(manrs_bmp_store(bmp), &stats));
		ck_assert(stats.bytes <= config.max_store);
	}
	ck_assert(stats.clears > 0);
	manrs_bmp_free(bmp);
}
END_TEST

/* ---- all of it cut, split, and without memory ---- */

/* A stream with a message of each kind. */
static void everything(void)
{
	static const struct made_open both = {
		.asn = 65001, .as4 = 1, .families = 1, .paths4 = 3, .paths6 = 3, .role = 2};
	struct made_peer table = {.type = 3, .asn = 65001, .bgp_id = 1}, out = peer4, six = peer4;
	struct made_update u = {.path = {65002, 64496},
				.n_path = 2,
				.announce = "\30\306\63\144\10\12",
				.n_announce = 6,
				.withdraw = "\30\313\0\161",
				.n_withdraw = 4};
	struct made_update ids = {.path = {65002, 64496},
				  .n_path = 2,
				  .announce = "\0\0\0\5\30\306\63\144",
				  .n_announce = 8};
	size_t at;

	made.n = 0;
	out.flags = 0x10;
	six.flags = 0x80;
	made_begin(&made, 4);
	made_tlv(&made, 1, "description", 11);
	made_tlv(&made, 2, "router", 6);
	made_end(&made);
	made_up(&made, &peer4, &open4, &open4_peer, NULL);
	made_up(&made, &six, &both, &both, "red");
	made_up(&made, &table, &both, &both, "global");
	made_routes(&made, &peer4, &u);
	made_routes(&made, &out, &u);
	made_routes(&made, &six, &ids);
	made_routes(&made, &table, &ids);
	made_routes(&made, &peer4, &(struct made_update){.announce = NULL});
	mirror_begin();
	made_tlv(&made, 1, "\0\1", 2);
	at = mirror_open();
	made_update(&made, &u);
	mirror_close(at);
	made_begin(&made, 1);
	made_head(&made, &peer4);
	made32(&made, 1);
	made_tlv(&made, 0, "\0\0\0\7", 4);
	made_end(&made);
	made_down(&made, &six, 2, "\0\2", 2);
	made_down(&made, &table, 6, "\0\3\0\6global", 10);
	six.address[15] = 77;
	made_routes(&made, &six, &u);
	made_begin(&made, 9);
	made_end(&made);
	made_begin(&made, 5);
	made_tlv(&made, 1, "\0\1", 2);
	made_end(&made);
}

#define STORY (1 << 16)

/* All that an event and the reader say, as text. */
static void tell(char *out, manrs_bmp *bmp, const manrs_bmp_event *e)
{
	manrs_announcement a[3];
	manrs_prefix w[3];
	manrs_bmp_tlv tlv;
	uint32_t ids[3];
	size_t n, used = strlen(out);

#define SAY(...) used += (size_t)snprintf(out + used, STORY - used, __VA_ARGS__)
	SAY("%" PRIu64 " kind %u type %u n %u view %u peer %u t %u.%u reason %u %u lost %u m %u "
	    "%u %u act %u eor %u notes %u fault %d",
	    e->at, e->kind, e->type, e->n, e->view, e->peer, e->time_s, e->time_us, e->reason,
	    e->fsm_event, e->lost, e->message.n, e->sent.n, e->received.n, e->update.action,
	    e->update.end_of_rib, e->update.notes, e->fault.code);
	for (size_t i = 0; manrs_bmp_tlv_get(e, i, &tlv) == MANRS_OK; i++)
		SAY(" tlv %u %u %" PRIu64, tlv.type, tlv.n, tlv.number);
	while ((n = manrs_bmp_announced(bmp, a, ids, 3)))
		for (size_t i = 0; i < n; i++)
			SAY(" + %u.%u/%u %u #%u path %u of %u flags %u", a[i].prefix.addr[0],
			    a[i].prefix.addr[1], a[i].prefix.len, a[i].neighbour_asn, ids[i],
			    a[i].path.n, a[i].path.n ? a[i].path.asn[0] : 0, a[i].flags);
	while ((n = manrs_bmp_withdrawn(bmp, w, ids, 3)))
		for (size_t i = 0; i < n; i++)
			SAY(" - %u.%u/%u #%u", w[i].addr[0], w[i].addr[1], w[i].len, ids[i]);
	for (uint32_t i = 0; i < manrs_bmp_peers(bmp); i++) {
		manrs_bmp_peer p = peer_of(bmp, i);

		SAY(" [%u up %u %u %s %x]", p.type, p.up, p.asn, p.name, p.session.flags);
	}
	SAY(" %s %s\n", manrs_bmp_system(bmp, 1), manrs_bmp_system(bmp, 2));
#undef SAY
	ck_assert_uint_lt(used, STORY);
}

/* The whole stream, given `step` bytes more each time. */
static void play(char *story, manrs_bmp *bmp, size_t step)
{
	const manrs_bmp_event *e;
	manrs_fault fault;
	size_t at = 0, got = 0, need;

	*story = '\0';
	while (at < made.n) {
		int used = manrs_bmp_decode(bmp, &e, made.at + at, got - at, &need, &fault);

		ck_assert_int_ge(used, 0);
		if (used)
			tell(story, bmp, e);
		else
			ck_assert_uint_gt(need, got - at);
		at += (size_t)used;
		if (!used)
			got = got + step < made.n ? got + step : made.n;
	}
}

START_TEST(split_anywhere_it_is_the_same)
{
	static char whole[STORY], split[STORY];
	manrs_bmp *bmp;

	everything();
	pass(manrs_bmp_new(&bmp, NULL));
	play(whole, bmp, made.n);
	ck_assert_ptr_nonnull(strstr(whole, " + 198.51/24 65001 #5"));
	for (size_t step = 1; step < 300; step += 7) {
		manrs_bmp_clear(bmp);
		play(split, bmp, step);
		ck_assert_str_eq(whole, split);
	}
	manrs_bmp_free(bmp);
}
END_TEST

/*
 * Each message of the stream with its end at each byte, its length saying so: an event that stands in itself, the table as it
 * was if it cannot be read, and the next message sound.
 */
START_TEST(cut_at_every_byte)
{
	const manrs_bmp_event *e;
	manrs_fault fault;
	manrs_bmp *bmp;
	size_t from = 0, need;
	static char story[STORY];

	everything();
	pass(manrs_bmp_new(&bmp, NULL));
	while (from < made.n) {
		size_t n = (size_t)made.at[from + 3] << 8 | made.at[from + 4];

		for (size_t cut = 6; cut < n; cut++) {
			uint8_t *block = malloc(cut);
			uint32_t peers = manrs_bmp_peers(bmp);

			memcpy(block, made.at + from, cut);
			block[3] = (uint8_t)(cut >> 8);
			block[4] = (uint8_t)cut;
			ck_assert_int_eq(manrs_bmp_decode(bmp, &e, block, cut, &need, &fault),
					 (int)cut);
			if (e->kind == MANRS_BMP_BAD)
				ck_assert_uint_eq(manrs_bmp_peers(bmp), peers);
			if (e->kind == MANRS_BMP_BAD || e->fault.code)
				ck_assert(e->fault.at >= e->at && e->fault.at <= e->at + cut);
			*story = '\0';
			tell(story, bmp, e);
			free(block);
		}
		ck_assert_int_eq(manrs_bmp_decode(bmp, &e, made.at + from, n, &need, &fault),
				 (int)n);
		ck_assert_uint_ne(e->kind, MANRS_BMP_BAD);
		from += n;
	}
	manrs_bmp_free(bmp);
}
END_TEST

/* Refused memory changes nothing: the same message again is read as it would have been. */
START_TEST(allocation_fails)
{
	static char whole[STORY], again[STORY];
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_bmp_config config;
	manrs_bmp *bmp;
	size_t refused = 0;

	everything();
	pass(manrs_bmp_config_init(&config, sizeof config));
	config.alloc = &alloc;
	pass(manrs_bmp_new(&bmp, &config));
	play(whole, bmp, made.n);
	manrs_bmp_free(bmp);
	ck_assert_uint_eq(counting.live, 0);
	for (size_t k = 1; counting.fail_at != SIZE_MAX; k++) {
		size_t at = 0, need;
		bool failed = false;

		counting = (struct test_alloc){.fail_at = k};
		*again = '\0';
		if (manrs_bmp_new(&bmp, &config) != MANRS_OK) {
			ck_assert_uint_eq(counting.live, 0);
			continue;
		}
		while (at < made.n) {
			const manrs_bmp_event *e;
			manrs_fault fault;
			uint32_t peers = manrs_bmp_peers(bmp);
			int used =
				manrs_bmp_decode(bmp, &e, made.at + at, made.n - at, &need, &fault);

			if (used == MANRS_ENOMEM) {
				ck_assert(!failed);
				ck_assert_int_eq(fault.code, MANRS_ENOMEM);
				ck_assert_uint_eq(manrs_bmp_peers(bmp), peers);
				failed = true;
				refused++;
				counting.fail_at = 0;
				continue;
			}
			ck_assert_int_gt(used, 0);
			tell(again, bmp, e);
			at += (size_t)used;
		}
		ck_assert_str_eq(whole, again);
		manrs_bmp_free(bmp);
		ck_assert_uint_eq(counting.live, 0);
		if (!failed)
			counting.fail_at = SIZE_MAX;
	}
	ck_assert_uint_gt(refused, 2);
}
END_TEST

Suite *bmp_suite(void)
{
	Suite *s = suite_create("bmp");

	ADD_TEST(s, rfc7854_s4_1_length_frames_a_message, 1);
	ADD_TEST(s, rfc7854_s4_1_what_is_no_frame_ends_the_stream, 1);
	ADD_TEST(s, rfc7854_s4_1_unknown_types_are_passed_over, 1);
	ADD_TEST(s, rfc7854_s4_2_type_distinguisher_and_address_make_a_peer, 1);
	ADD_TEST(s, rfc7854_s4_2_flags_are_the_view, 1);
	ADD_TEST(s, rfc7854_s4_2_cut_header_is_bad, 1);
	ADD_TEST(s, rfc7854_s4_3_names_of_the_router, 1);
	ADD_TEST(s, rfc7854_s4_4_texts_are_made_printable, 1);
	ADD_TEST(s, rfc7854_s4_4_cut_tlv_is_told, 1);
	ADD_TEST(s, tlvs_are_bounded, 1);
	ADD_TEST(s, rfc7854_s4_5_termination_has_a_reason, 1);
	ADD_TEST(s, rfc7854_s4_6_an_update_gives_routes, 1);
	ADD_TEST(s, rfc4724_s2_end_of_rib_has_a_kind, 1);
	ADD_TEST(s, rfc7854_s4_2_a_flag_has_the_width_of_paths, 1);
	ADD_TEST(s, two_octet_paths_under_a_four_octet_flag_are_noted, 1);
	ADD_TEST(s, path_ids_that_were_never_advertised_are_noted, 1);
	ADD_TEST(s, rfc7854_s4_6_what_holds_no_update_is_bad, 1);
	ADD_TEST(s, trailing_bytes_are_told, 1);
	ADD_TEST(s, rfc7606_s3_missing_attributes_withdraw, 1);
	ADD_TEST(s, rfc7854_s4_7_mirrored_messages, 1);
	ADD_TEST(s, rfc7854_s4_7_the_malformed_message_itself, 1);
	ADD_TEST(s, rfc5065_s5_segments_of_a_confederation, 1);
	ADD_TEST(s, rfc7854_s4_8_statistics_are_numbers, 1);
	ADD_TEST(s, rfc7854_s4_9_reasons, 1);
	ADD_TEST(s, peer_down_without_a_reason, 1);
	ADD_TEST(s, peer_down_of_a_peer_that_was_never_up, 1);
	ADD_TEST(s, rfc7854_s4_10_the_opens_say_how_a_peer_is_read, 1);
	ADD_TEST(s, rfc7854_s4_10_peer_up_of_a_peer_that_is_up, 1);
	ADD_TEST(s, peer_up_with_odd_opens, 1);
	ADD_TEST(s, routes_before_peer_up, 1);
	ADD_TEST(s, rfc8671_s4_the_other_direction, 1);
	ADD_TEST(s, rfc9069_s4_a_table_as_a_peer, 1);
	ADD_TEST(s, configs_that_are_none, 1);
	ADD_TEST(s, more_peers_than_allowed_end_the_stream, 1);
	ADD_TEST(s, an_idle_reader_is_small, 1);
	ADD_TEST(s, a_full_store_is_cleared, 4);
	ADD_TEST(s, split_anywhere_it_is_the_same, 4);
	ADD_TEST(s, cut_at_every_byte, 4);
	ADD_TEST(s, allocation_fails, 4);
	return s;
}
