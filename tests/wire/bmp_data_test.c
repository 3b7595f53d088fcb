/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BMP that real routers sent: FRR's and GoBGP's against every column of tshark's decode; a Huawei's and a Cisco's against
 * NetGauze's, read with jansson; captures of the draft that is called version 4 are refused.
 */

#include "../capture.h"
#include "../test.h"

#include <inttypes.h>
#include <jansson.h>

static uint8_t *file_of(const char *name, size_t *n)
{
	const char *path = test_data(name);
	FILE *f = path ? fopen(path, "rb") : NULL;
	uint8_t *bytes;

	if (!f) {
		test_skip("no shared data");
		return NULL;
	}
	bytes = malloc(1 << 20);
	*n = fread(bytes, 1, (1 << 20) - 1, f);
	bytes[*n] = '\0';
	fclose(f);
	return bytes;
}

static manrs_bmp_peer peer_of(const manrs_bmp *bmp, uint32_t peer)
{
	manrs_bmp_peer p = {.size = sizeof p};

	pass(manrs_bmp_peer_get(bmp, peer, &p));
	return p;
}

/* The routes of an event, all of them. */
struct routes {
	manrs_announcement announced[64];
	manrs_prefix withdrawn[64];
	size_t n_announced, n_withdrawn;
};

static void routes_of(struct routes *r, manrs_bmp *bmp)
{
	r->n_announced = manrs_bmp_announced(bmp, r->announced, NULL, 64);
	r->n_withdrawn = manrs_bmp_withdrawn(bmp, r->withdrawn, NULL, 64);
	ck_assert(r->n_announced < 64 && r->n_withdrawn < 64);
}

/* ---- tshark's columns ---- */

struct row {
	char text[1024];
	size_t n;
};

static void put(struct row *row, const char *text)
{
	row->n += (size_t)snprintf(row->text + row->n, sizeof row->text - row->n, "%s", text);
}

static void put_number(struct row *row, uint64_t number)
{
	row->n +=
		(size_t)snprintf(row->text + row->n, sizeof row->text - row->n, "%" PRIu64, number);
}

static void put_address(struct row *row, const manrs_prefix *p)
{
	char text[MANRS_PREFIX_TEXT];

	ck_assert_int_gt(manrs_prefix_format(p, text, sizeof text), 0);
	*strchr(text, '/') = '\0';
	put(row, text);
}

static void put_stats(struct row *row, const manrs_bmp_event *e)
{
	manrs_bmp_tlv tlv;

	for (size_t i = 0; manrs_bmp_tlv_get(e, i, &tlv) == MANRS_OK; i++) {
		put(row, i ? "," : "");
		put_number(row, tlv.type);
	}
	put(row, "\t");
	for (size_t i = 0; manrs_bmp_tlv_get(e, i, &tlv) == MANRS_OK; i++)
		if (tlv.type == 7)
			put_number(row, tlv.number);
}

/* bgp_type nlri nlri_len withdrawn next_hop as_path */
static void put_bgp(struct row *row, const manrs_bmp_event *e, const struct routes *r)
{
	const manrs_path *path = r->n_announced ? &r->announced[0].path : NULL;

	if (e->kind == MANRS_BMP_PEER_UP) {
		put_number(row, e->sent.type);
		put(row, ",");
		put_number(row, e->received.type);
	} else if (e->message.n) {
		put_number(row, e->message.type);
	}
	put(row, "\t");
	for (size_t i = 0; i < r->n_announced; i++) {
		put(row, i ? "," : "");
		put_address(row, &r->announced[i].prefix);
	}
	put(row, "\t");
	for (size_t i = 0; i < r->n_withdrawn + r->n_announced; i++) {
		put(row, i ? "," : "");
		put_number(row, i < r->n_withdrawn ? r->withdrawn[i].len
						   : r->announced[i - r->n_withdrawn].prefix.len);
	}
	put(row, "\t");
	for (size_t i = 0; i < r->n_withdrawn; i++) {
		put(row, i ? "," : "");
		put_address(row, &r->withdrawn[i]);
	}
	put(row, "\t");
	if (r->n_announced)
		put_address(row, &r->announced[0].next_hop);
	put(row, "\t");
	for (size_t i = 0; path && i < path->n; i++) {
		put(row, i ? "," : "");
		put_number(row, path->asn[i]);
	}
}

static void row_of(struct row *row, size_t message, manrs_bmp *bmp, const manrs_bmp_event *e)
{
	struct routes r;

	row->n = 0;
	routes_of(&r, bmp);
	put_number(row, message);
	put(row, "\t");
	put_number(row, e->type);
	put(row, "\t");
	if (e->peer != UINT32_MAX) {
		manrs_bmp_peer p = peer_of(bmp, e->peer);

		put_number(row, p.type);
		put(row, e->view & MANRS_BMP_POST_POLICY ? "\t0x40\t" : "\t0x00\t");
		put_address(row, &p.address);
		put(row, "\t");
		put_number(row, p.asn);
	} else {
		put(row, "\t\t\t");
	}
	put(row, "\t");
	if (e->kind == MANRS_BMP_PEER_DOWN)
		put_number(row, e->reason);
	put(row, "\t");
	if (e->kind == MANRS_BMP_STATS)
		put_stats(row, e);
	else
		put(row, "\t");
	put(row, "\t");
	put_bgp(row, e, &r);
}

/* The second column. */
static int line_type(const char *line)
{
	return atoi(strchr(line, '\t') + 1);
}

static void against_tshark(const char *name, size_t messages)
{
	char path[128], *line, *rest;
	size_t n, n_rows, at = 0, message = 0, unknown = 0;
	uint8_t *bytes, *rows, up[256] = {0}; /* by the last octet of the lab's addresses */
	manrs_bmp *bmp;

	snprintf(path, sizeof path, "wire/lab-2026-11/%s.bin", name);
	bytes = file_of(path, &n);
	if (!bytes)
		return;
	snprintf(path, sizeof path, "wire/lab-2026-11/%s.tshark.tsv", name);
	rows = file_of(path, &n_rows);
	ck_assert_ptr_nonnull(rows);
	pass(manrs_bmp_new(&bmp, NULL));
	for (line = strtok_r((char *)rows, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const manrs_bmp_event *e;
		manrs_fault fault;
		struct row row;
		size_t need;
		int used;

		if (line[0] == '#')
			continue;
		used = manrs_bmp_decode(bmp, &e, bytes + at, n - at, &need, &fault);
		ck_assert_int_gt(used, 0);
		ck_assert_uint_ne(e->kind, MANRS_BMP_BAD);
		ck_assert_msg(!e->fault.code, "%s", e->fault.what);
		ck_assert_uint_eq(e->update.notes, 0);
		if (e->peer != UINT32_MAX) {
			manrs_bmp_peer p = peer_of(bmp, e->peer);
			uint8_t *is_up = &up[p.address.addr[3]];

			ck_assert_uint_eq(!(e->view & MANRS_BMP_UNKNOWN_PEER),
					  *is_up || line_type(line) == 3);
			if (line_type(line) == 2 || line_type(line) == 3)
				*is_up = line_type(line) == 3;
			/* FRR's fourth message is the Peer Down of a session that never was. */
			unknown += message == 3 && e->kind == MANRS_BMP_PEER_DOWN;
		}
		row_of(&row, ++message, bmp, e);
		ck_assert_str_eq(row.text, line);
		at += (size_t)used;
	}
	ck_assert_uint_eq(at, n);
	ck_assert_uint_eq(message, messages);
	ck_assert_uint_eq(unknown, messages == 341);
	manrs_bmp_free(bmp);
	free(bytes);
	free(rows);
}

START_TEST(frr_8_4_4_as_tshark_has_it)
{
	against_tshark("bmp-frr-8.4.4", 341);
}
END_TEST

START_TEST(gobgp_3_10_as_tshark_has_it)
{
	against_tshark("bmp-gobgp-3.10", 10);
}
END_TEST

/* ---- NetGauze's JSON, a message a line ---- */

static const char *text_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static uint64_t number_of(json_t *o, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(o, key)), "%s", key);
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* The one member of an object, whose name says what it is. */
static json_t *only(json_t *o, const char **name)
{
	void *i = json_object_iter(o);

	ck_assert_uint_eq(json_object_size(o), 1);
	*name = json_object_iter_key(i);
	return json_object_iter_value(i);
}

static void same_address(const manrs_prefix *p, const char *text)
{
	manrs_prefix want = {0};

	if (text)
		want = test_address(text);
	ck_assert_mem_eq(p, &want, sizeof want);
}

static void same_prefix(const manrs_prefix *p, const char *text)
{
	manrs_prefix want = test_prefix(text);

	ck_assert_mem_eq(p, &want, sizeof want);
}

static uint32_t id_of(const char *text)
{
	manrs_prefix p = test_address(text);

	return (uint32_t)p.addr[0] << 24 | (uint32_t)p.addr[1] << 16 | (uint32_t)p.addr[2] << 8 |
	       p.addr[3];
}

/* "2023-04-01T23:54:47.451Z", or with six digits behind the point, or none. */
static void same_time(const manrs_bmp_event *e, const char *text)
{
	unsigned y, m, d, hour, minute, second, us = 0, digits = 0;
	uint64_t days;
	const char *point = strchr(text, '.');

	ck_assert_int_eq(
		sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u", &y, &m, &d, &hour, &minute, &second), 6);
	for (; point && point[1] >= '0' && point[1] <= '9'; point++, digits++)
		us = us * 10 + (unsigned)(point[1] - '0');
	for (; digits < 6; digits++)
		us *= 10;
	y -= m <= 2; /* days since 1970 of a date, the year begun in March */
	days = (uint64_t)y * 365 + y / 4 - y / 100 + y / 400 +
	       (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1 - 719468;
	ck_assert_uint_eq(e->time_s, days * 86400 + hour * 3600 + minute * 60 + second);
	ck_assert_uint_eq(e->time_us, us);
}

/* Types of peers with their flags. */
static void same_view(const manrs_bmp_event *e, const manrs_bmp_peer *p, json_t *type)
{
	const char *name;
	json_t *flags = only(type, &name);
	uint32_t view = 0;

	ck_assert_uint_eq(p->type, !strcmp(name, "GlobalInstancePeer")  ? 0u
				   : !strcmp(name, "RdInstancePeer")    ? 1u
				   : !strcmp(name, "LocalInstancePeer") ? 2u
									: 3u);
	if (p->type == 3) {
		view = MANRS_BMP_LOC_RIB;
		if (json_is_true(json_object_get(flags, "filtered")))
			view |= MANRS_BMP_FILTERED;
	} else {
		if (json_is_true(json_object_get(flags, "post_policy")))
			view |= MANRS_BMP_POST_POLICY;
		if (json_is_true(json_object_get(flags, "adj_rib_out")))
			view |= MANRS_BMP_OUT;
		ck_assert_int_eq(p->address.family,
				 json_is_true(json_object_get(flags, "ipv6")) ? 6 : 4);
	}
	ck_assert_uint_eq(e->view & ~MANRS_BMP_UNKNOWN_PEER, view);
}

/* RFC 4364 section 4.2. */
static uint64_t distinguisher_of(json_t *rd)
{
	const char *name;
	json_t *o;

	if (json_is_null(rd))
		return 0;
	o = only(rd, &name);
	if (!strcmp(name, "As2Administrator"))
		return number_of(o, "asn2") << 32 | number_of(o, "number");
	ck_assert_str_eq(name, "As4Administrator");
	return UINT64_C(2) << 48 | number_of(o, "asn4") << 16 | number_of(o, "number");
}

static void same_header(const manrs_bmp *bmp, const manrs_bmp_event *e, json_t *header)
{
	manrs_bmp_peer p = peer_of(bmp, e->peer);

	same_view(e, &p, json_object_get(header, "peer_type"));
	same_address(&p.address, text_of(header, "address"));
	same_time(e, text_of(header, "timestamp"));
	ck_assert_uint_eq(p.asn, number_of(header, "peer_as"));
	ck_assert_uint_eq(p.bgp_id, id_of(text_of(header, "bgp_id")));
	ck_assert_uint_eq(p.distinguisher, distinguisher_of(json_object_get(header, "rd")));
}

static void same_open(const manrs_bgp_message *message, json_t *message_json)
{
	json_t *open = json_object_get(message_json, "Open"), *parameter, *capability;
	manrs_bgp_open got;
	size_t i, k;
	uint64_t asn = number_of(open, "my_as");

	pass(manrs_bgp_open_decode(&got, message, NULL));
	json_array_foreach(json_object_get(open, "params"), i, parameter)
		json_array_foreach(json_object_get(parameter, "Capabilities"), k,
				   capability) if (json_object_get(capability, "FourOctetAs")) asn =
			number_of(json_object_get(capability, "FourOctetAs"), "asn4");
	ck_assert_uint_eq(got.asn, asn);
	ck_assert_uint_eq(got.hold_s, number_of(open, "hold_time"));
	ck_assert_uint_eq(got.bgp_id, id_of(text_of(open, "bgp_id")));
}

static void same_up(const manrs_bmp *bmp, const manrs_bmp_event *e, json_t *up)
{
	manrs_bmp_peer p = peer_of(bmp, e->peer);
	json_t *information;
	manrs_bmp_tlv tlv;
	size_t i;

	ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_UP);
	if (p.type != 3)
		same_address(&p.local_address, text_of(up, "local_address"));
	same_open(&e->sent, json_object_get(up, "sent_message"));
	same_open(&e->received, json_object_get(up, "received_message"));
	json_array_foreach(json_object_get(up, "information"), i, information)
	{
		const char *table = text_of(information, "VrfTableName");

		pass(manrs_bmp_tlv_get(e, i, &tlv));
		ck_assert_ptr_nonnull(table);
		ck_assert_uint_eq(tlv.type, 3);
		ck_assert_uint_eq(tlv.n, strlen(table));
		ck_assert_mem_eq(tlv.bytes, table, tlv.n);
		ck_assert_str_eq(p.name, table);
	}
	ck_assert_int_eq(manrs_bmp_tlv_get(e, i, &tlv), MANRS_ENOENT);
}

/* Those of IPv4 and IPv6 unicast, in their order: of a list, and of the families of an MP attribute. */
static size_t same_nlri(const struct routes *r, bool announced, size_t at, json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		ck_assert_uint_lt(at, announced ? r->n_announced : r->n_withdrawn);
		same_prefix(announced ? &r->announced[at].prefix : &r->withdrawn[at],
			    text_of(item, "network"));
		at++;
	}
	return at;
}

static bool comes_out(const char *family)
{
	return !strcmp(family, "Ipv4Unicast") || !strcmp(family, "Ipv6Unicast");
}

static void same_path(const manrs_path *path, json_t *value)
{
	json_t *segment, *asn;
	size_t i, k, hop = 0;

	json_array_foreach(json_object_get(value, "As4PathSegments"), i, segment)
		json_array_foreach(json_object_get(segment, "as_numbers"), k, asn)
	{
		ck_assert_uint_lt(hop, path->n);
		ck_assert_uint_eq(path->asn[hop++], (uint64_t)json_integer_value(asn));
	}
	ck_assert_uint_eq(hop, path->n);
}

static void same_numbers(const uint8_t *got, size_t n, json_t *list)
{
	json_t *item;
	size_t i;

	ck_assert_uint_eq(n, json_array_size(list));
	json_array_foreach(list, i, item)
	{
		const uint8_t *p = got + 4 * i;

		ck_assert_uint_eq((uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 |
					  (uint64_t)p[2] << 8 | p[3],
				  (uint64_t)json_integer_value(item));
	}
}

/* One attribute; those of NLRI move `announced` and `withdrawn` on. */
static void same_attribute(const manrs_bmp_event *e, const struct routes *r, const char *name,
			   json_t *value, size_t *announced, size_t *withdrawn)
{
	const manrs_bgp_attrs *a = e->update.attrs;
	const char *family;

	ck_assert_ptr_nonnull(a);
	if (!strcmp(name, "Origin")) {
		const char *origin = json_string_value(value);

		ck_assert_uint_eq(a->origin, !strcmp(origin, "IGP")   ? 0u
					     : !strcmp(origin, "EGP") ? 1u
								      : 2u);
	} else if (!strcmp(name, "AsPath")) {
		same_path(&a->path, value);
	} else if (!strcmp(name, "NextHop")) {
		same_address(&a->next_hop4, text_of(value, "next_hop"));
	} else if (!strcmp(name, "MultiExitDiscriminator")) {
		ck_assert_uint_eq(a->med, number_of(value, "metric"));
	} else if (!strcmp(name, "LocalPreference")) {
		ck_assert_uint_eq(a->local_pref, number_of(value, "metric"));
	} else if (!strcmp(name, "Communities")) {
		same_numbers(a->communities, a->n_communities,
			     json_object_get(value, "communities"));
	} else if (!strcmp(name, "ExtendedCommunities")) {
		ck_assert_uint_eq(a->more->n_extended,
				  json_array_size(json_object_get(value, "communities")));
	} else if (!strcmp(name, "MpReach")) {
		value = only(value, &family);
		if (!comes_out(family)) {
			ck_assert(e->update.notes & MANRS_BGP_NOTE_FAMILY);
			return;
		}
		same_address(&a->next_hop,
			     text_of(value, !strcmp(family, "Ipv4Unicast") ? "next_hop"
									   : "next_hop_global"));
		*announced = same_nlri(r, true, *announced, json_object_get(value, "nlri"));
	} else if (!strcmp(name, "MpUnreach")) {
		value = only(value, &family);
		if (comes_out(family))
			*withdrawn =
				same_nlri(r, false, *withdrawn, json_object_get(value, "nlri"));
	}
}

static void same_update(manrs_bmp *bmp, const manrs_bmp_event *e, json_t *update)
{
	json_t *attribute, *value;
	size_t i, announced = 0, withdrawn = 0;
	struct routes r;
	const char *name;

	ck_assert(e->kind == MANRS_BMP_ROUTES || e->kind == MANRS_BMP_END_OF_RIB);
	routes_of(&r, bmp);
	announced = same_nlri(&r, true, announced, json_object_get(update, "nlri"));
	withdrawn = same_nlri(&r, false, withdrawn, json_object_get(update, "withdrawn_routes"));
	json_array_foreach(json_object_get(update, "path_attributes"), i, attribute)
	{
		value = only(json_object_get(attribute, "value"), &name);
		same_attribute(e, &r, name, value, &announced, &withdrawn);
	}
	ck_assert_uint_eq(announced, r.n_announced);
	ck_assert_uint_eq(withdrawn, r.n_withdrawn);
}

/* Types by their names in RFC 7854 section 4.8 and RFC 8671 section 6.2. */
static void same_stats(const manrs_bmp_event *e, json_t *counters)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {
		{"NumberOfPrefixesRejectedByInboundPolicy", 0},
		{"NumberOfDuplicatePrefixAdvertisements", 1},
		{"NumberOfDuplicateWithdraws", 2},
		{"NumberOfUpdatesInvalidatedDueToClusterListLoop", 3},
		{"NumberOfUpdatesInvalidatedDueToAsPathLoop", 4},
		{"NumberOfUpdatesInvalidatedDueToOriginatorId", 5},
		{"NumberOfRoutesInAdjRibIn", 7},
		{"NumberOfRoutesInLocRib", 8},
		{"NumberOfRoutesInPerAfiSafiAdjRibIn", 9},
		{"NumberOfRoutesInPerAfiSafiLocRib", 10},
	};
	json_t *counter;
	manrs_bmp_tlv tlv;
	size_t i;

	ck_assert_uint_eq(e->kind, MANRS_BMP_STATS);
	json_array_foreach(counters, i, counter)
	{
		const char *name;
		json_t *value = only(counter, &name);
		size_t t = 0;

		while (t < sizeof types / sizeof *types && strcmp(types[t].name, name))
			t++;
		ck_assert_msg(t < sizeof types / sizeof *types, "%s", name);
		pass(manrs_bmp_tlv_get(e, i, &tlv));
		ck_assert_uint_eq(tlv.type, types[t].type);
		if (json_is_array(value)) {
			const char *family = json_string_value(json_array_get(value, 0));

			ck_assert_uint_eq(tlv.afi, !strncmp(family, "Ipv4", 4) ? 1u : 2u);
			ck_assert_uint_eq(tlv.safi, strstr(family, "Unicast")    ? 1u
						    : strstr(family, "NlriMpls") ? 4u
										 : 128u);
			value = json_array_get(value, 1);
		}
		ck_assert_uint_eq(tlv.number, (uint64_t)json_integer_value(value));
	}
	ck_assert_int_eq(manrs_bmp_tlv_get(e, i, &tlv), MANRS_ENOENT);
}

static void same_initiation(const manrs_bmp *bmp, json_t *information)
{
	json_t *item;
	size_t i;

	json_array_foreach(information, i, item)
	{
		const char *name, *text = json_string_value(only(item, &name));
		const char *got = manrs_bmp_system(bmp, !strcmp(name, "SystemName") ? 2 : 1);

		ck_assert_uint_eq(strlen(got), strlen(text));
		for (size_t k = 0; text[k]; k++)
			ck_assert_int_eq(got[k], (unsigned char)text[k] < ' ' ? '?' : text[k]);
	}
}

static void same_message(manrs_bmp *bmp, const manrs_bmp_event *e, const char *type, json_t *m)
{
	ck_assert_int_eq(e->fault.code, 0);
	if (!strcmp(type, "Initiation")) {
		ck_assert_uint_eq(e->kind, MANRS_BMP_INITIATION);
		same_initiation(bmp, json_object_get(m, "information"));
		return;
	}
	same_header(bmp, e, json_object_get(m, "peer_header"));
	if (!strcmp(type, "PeerUpNotification")) {
		same_up(bmp, e, m);
	} else if (!strcmp(type, "RouteMonitoring")) {
		same_update(bmp, e,
			    json_object_get(json_object_get(m, "update_message"), "Update"));
	} else if (!strcmp(type, "StatisticsReport")) {
		same_stats(e, json_object_get(m, "counters"));
	} else {
		ck_assert_str_eq(type, "PeerDownNotification");
		ck_assert_uint_eq(e->kind, MANRS_BMP_PEER_DOWN);
		ck_assert_str_eq(text_of(m, "reason"), "RemoteSystemClosedNoData");
		ck_assert_uint_eq(e->reason, 4);
	}
}

static size_t against_netgauze(manrs_bmp *bmp, const struct capture_stream *stream, FILE *json)
{
	static char line[1 << 17];
	size_t at = 0, messages = 0;

	while (fgets(line, sizeof line, json)) {
		json_t *root = json_loads(line, 0, NULL), *message;
		const manrs_bmp_event *e;
		const char *type;
		manrs_fault fault;
		size_t need;
		int used;

		ck_assert_ptr_nonnull(root);
		message = only(json_object_get(root, "V3"), &type);
		used = manrs_bmp_decode(bmp, &e, stream->bytes + at, stream->n - at, &need, &fault);
		ck_assert_msg(used > 0, "message %zu: %d", messages, used);
		ck_assert_uint_ne(e->kind, MANRS_BMP_BAD);
		same_message(bmp, e, type, message);
		at += (size_t)used;
		messages++;
		json_decref(root);
	}
	ck_assert_uint_eq(at, stream->n);
	return messages;
}

static void capture_against_netgauze(const char *name, size_t messages)
{
	char path[256];
	struct capture capture;
	manrs_bmp *bmp;
	FILE *json;

	snprintf(path, sizeof path, "wire/bmp/%s.pcap", name);
	if (!test_data(path)) {
		test_skip("no shared data");
		return;
	}
	ck_assert(capture_read(&capture, test_data(path)));
	ck_assert_uint_eq(capture.n, 1);
	snprintf(path, sizeof path, "wire/bmp/%s.netgauze.json", name);
	json = fopen(test_data(path), "r");
	ck_assert_ptr_nonnull(json);
	pass(manrs_bmp_new(&bmp, NULL));
	ck_assert_uint_eq(against_netgauze(bmp, &capture.stream[0], json), messages);
	manrs_bmp_free(bmp);
	fclose(json);
	capture_free(&capture);
}

START_TEST(huawei_as_netgauze_has_it)
{
	capture_against_netgauze("200-BMP-HUAWEI-locrib_instance__traffic-00", 103);
}
END_TEST

START_TEST(cisco_as_netgauze_has_it)
{
	capture_against_netgauze("204-BMP-CISCO-peer_down__traffic-00", 343);
}
END_TEST

/* draft-ietf-grow-bmp-tlv: its Route Monitoring messages are built otherwise. */
START_TEST(version_4_is_refused)
{
	static const char *const names[] = {
		"wire/bmp/path-status__ipv4_unicast_path_marking.pcap",
		"wire/bmp/stateless-with-add-path__ipv4_unicast_all.pcap",
		"wire/bmp/vpnv4-stateless-with-withdraw__vpnv4-stateless-with-withdraw.pcap",
	};

	if (!test_data(names[0])) {
		test_skip("no shared data");
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		struct capture capture;
		const manrs_bmp_event *e;
		manrs_fault fault;
		manrs_bmp *bmp;
		size_t need;

		ck_assert(capture_read(&capture, test_data(names[i])));
		ck_assert_uint_ge(capture.n, 1);
		pass(manrs_bmp_new(&bmp, NULL));
		ck_assert_int_eq(manrs_bmp_decode(bmp, &e, capture.stream[0].bytes,
						  capture.stream[0].n, &need, &fault),
				 MANRS_EUNSUP);
		manrs_bmp_free(bmp);
		capture_free(&capture);
	}
}
END_TEST

Suite *bmp_data_suite(void)
{
	Suite *s = suite_create("bmp_data");

	ADD_TEST(s, frr_8_4_4_as_tshark_has_it, 2);
	ADD_TEST(s, gobgp_3_10_as_tshark_has_it, 2);
	ADD_TEST(s, huawei_as_netgauze_has_it, 2);
	ADD_TEST(s, cisco_as_netgauze_has_it, 2);
	ADD_TEST(s, version_4_is_refused, 2);
	return s;
}
