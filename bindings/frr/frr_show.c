/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show manrs`: how it stands; and what is said of a prefix, of a route that bgpd has, and of the last changes. */

#include "frr_manrs.h"

#define SHOW_MANRS SHOW_STR "Routing security by libmanrs\n"

/* ---- show manrs [json] ---- */

static const char *state_of(const struct cache *cache, const manrs_rtr_status *status)
{
	if (cache->stale)
		return "gone, kept";
	if (status->flags & MANRS_RTR_HELD)
		return "a response is held";
	if (!(status->flags & MANRS_RTR_USABLE) && !cache->left_ms)
		return status->flags & MANRS_RTR_CONNECTED ? "connected, no data" : "no data";
	if (!(status->flags & MANRS_RTR_CONNECTED))
		return "not connected, its data stands";
	return status->flags & MANRS_RTR_FROZEN ? "frozen" : "up";
}

static uint64_t age_s(const struct cache *cache)
{
	return cache->applied_ms ? (now_ms() - cache->applied_ms) / 1000 : 0;
}

static void show_cache(struct vty *vty, json_object *list, const struct cache *c)
{
	manrs_rtr_status s = {.size = sizeof s};
	bool used = frr.in_use >> c->number & 1;
	char address[SU_ADDRSTRLEN] = "";
	json_object *row;

	if (!c->rtr)
		return;
	manrs_rtr_status_get(c->rtr, &s);
	if (c->address.sa.sa_family)
		sockunion2str(&c->address, address, sizeof address);
	if (!list) {
		vty_out(vty,
			"  %s port %u preference %u: %s%s, version %u, session %u, serial %u, %llu records, %llu s old\n",
			c->host, c->port, c->preference, state_of(c, &s),
			c->applied_ms && used ? ", judged by" : "", s.version, s.session, s.serial,
			(unsigned long long)s.records, (unsigned long long)age_s(c));
		if (c->by_name)
			vty_out(vty, "    its address: %s\n", *address ? address : "none yet");
		if (*c->trouble)
			vty_out(vty, "    not connected: %s\n", c->trouble);
		if (s.text[0])
			vty_out(vty, "    last fault: %s\n", s.text);
		return;
	}
	row = json_object_new_object();
	json_object_string_add(row, "host", c->host);
	json_object_int_add(row, "port", c->port);
	json_object_int_add(row, "preference", c->preference);
	json_object_string_add(row, "address", address);
	json_object_string_add(row, "state", state_of(c, &s));
	json_object_string_add(row, "trouble", c->trouble);
	json_object_boolean_add(row, "connected", !!(s.flags & MANRS_RTR_CONNECTED));
	json_object_boolean_add(row, "usable", !!(s.flags & MANRS_RTR_USABLE));
	json_object_boolean_add(row, "stale", c->stale);
	json_object_boolean_add(row, "inUse", c->applied_ms && used);
	json_object_int_add(row, "version", s.version);
	json_object_int_add(row, "session", s.session);
	json_object_int_add(row, "serial", s.serial);
	json_object_int_add(row, "records", (int64_t)s.records);
	json_object_int_add(row, "ageSeconds", (int64_t)age_s(c));
	json_object_int_add(row, "connects", (int64_t)s.connects);
	json_object_int_add(row, "errors", (int64_t)s.errors);
	json_object_string_add(row, "lastFault", s.text);
	json_object_array_add(list, row);
}

static void show_file(struct vty *vty, json_object *list, const struct file *f)
{
	json_object *row;

	if (!list) {
		vty_out(vty, "  %s: %llu VRPs, %llu ASPAs, %llu bad%s%s\n", f->path,
			(unsigned long long)f->vrps, (unsigned long long)f->aspas,
			(unsigned long long)f->bad, f->failed ? "; failed: " : "",
			f->failed ? f->why : "");
		return;
	}
	row = json_object_new_object();
	json_object_string_add(row, "path", f->path);
	json_object_int_add(row, "vrps", (int64_t)f->vrps);
	json_object_int_add(row, "aspas", (int64_t)f->aspas);
	json_object_int_add(row, "bad", (int64_t)f->bad);
	json_object_string_add(row, "failed", f->failed ? f->why : "");
	json_object_array_add(list, row);
}

static void show_policy(struct vty *vty, json_object *list, const struct policy *p)
{
	json_object *row;

	if (!list) {
		vty_out(vty, "  %s: %s\n", p->path,
			*p->why      ? p->why
			: p->for_all ? "for neighbours of every role"
				     : "for those of its role");
		return;
	}
	row = json_object_new_object();
	json_object_string_add(row, "path", p->path);
	json_object_boolean_add(row, "judgedBy", p->text != NULL);
	json_object_string_add(row, "failed", p->why);
	json_object_array_add(list, row);
}

/* Each number once: its name in JSON, what it is called. */
static void each_number(void (*put)(void *, const char *, const char *, uint64_t), void *arg)
{
	manrs_db_stats s = {.size = sizeof s};

	manrs_db_stats_get(frr.db, &s);
	put(arg, "vrps", "VRPs", s.vrps4 + s.vrps6);
	put(arg, "vrps4", "of IPv4", s.vrps4);
	put(arg, "vrps6", "of IPv6", s.vrps6);
	put(arg, "aspas", "ASPAs", s.aspas);
	put(arg, "providers", "providers of them", s.aspa_providers);
	put(arg, "routerKeys", "router keys", s.keys);
	put(arg, "memoryBytes", "bytes of memory", s.bytes_all);
	put(arg, "commits", "snapshots so far", frr.count.commits);
	put(arg, "changes", "changed prefixes and customers", frr.count.changes);
	put(arg, "reprocessed", "kept routes processed again", frr.count.reprocessed);
	put(arg, "advertised", "routes advertised again", frr.count.advertised);
	put(arg, "originated", "own routes put through their route map again",
	    frr.count.originated);
	put(arg, "refreshes", "route refreshes sent", frr.count.refreshes);
	put(arg, "refreshesHeld", "route refreshes put off", frr.count.refreshes_held);
	put(arg, "judged", "routes judged by match manrs", frr.count.judged);
	put(arg, "longestTaskMicroseconds", "us was the longest task", frr.count.longest_us);
}

static void put_line(void *arg, const char *name, const char *called, uint64_t n)
{
	(void)name;
	vty_out(arg, "  %12llu %s\n", (unsigned long long)n, called);
}

static void put_member(void *arg, const char *name, const char *called, uint64_t n)
{
	(void)called;
	json_object_int_add(arg, name, (int64_t)n);
}

/* External neighbours of whom nobody said what they are: their ASPA, OTC and leaks are not judged. */
static unsigned without_role(struct vty *vty, json_object *list)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;
	unsigned found = 0;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer)) {
			if (peer->sort != BGP_PEER_EBGP || neighbor_role(peer) != MANRS_ROLE_NONE ||
			    !CHECK_FLAG(peer->flags, PEER_FLAG_CONFIG_NODE))
				continue;
			if (list)
				json_object_array_add(list, json_object_new_string(peer->host));
			else
				vty_out(vty, "%s%s",
					found ? " " : "  without a role: ", peer->host);
			found++;
		}
	return found;
}

static int show_json(struct vty *vty)
{
	json_object *all = json_object_new_object(), *list = json_object_new_array();

	json_object_string_add(all, "version", manrs_version());
	each_number(put_member, all);
	json_object_string_add(all, "longestTask", frr.count.longest ? frr.count.longest : "");
	json_object_boolean_add(all, "busy", data_busy() || walk_busy());
	json_object_string_add(all, "whenStale", frr.keep ? "keep" : "not-found");
	for (const struct cache *c = frr.caches; c; c = c->next)
		show_cache(vty, list, c);
	json_object_object_add(all, "caches", list);
	list = json_object_new_array();
	for (const struct file *f = frr.files; f; f = f->next)
		show_file(vty, list, f);
	json_object_object_add(all, "files", list);
	list = json_object_new_array();
	for (const struct policy *p = frr.policy_list; p; p = p->next)
		show_policy(vty, list, p);
	json_object_object_add(all, "policies", list);
	json_object_string_add(all, "slurm", frr.slurm ? frr.slurm : "");
	json_object_string_add(all, "slurmFailed", frr.slurm_why);
	list = json_object_new_array();
	refresh_show(vty, list);
	json_object_object_add(all, "neighborRefreshes", list);
	list = json_object_new_array();
	without_role(vty, list);
	json_object_object_add(all, "withoutRole", list);
	return vty_json(vty, all);
}

DEFUN(show_manrs, show_manrs_cmd, "show manrs [json]", SHOW_MANRS JSON_STR)
{
	if (argc > 2)
		return show_json(vty);
	vty_out(vty, "libmanrs %s\ncaches:\n", manrs_version());
	for (const struct cache *c = frr.caches; c; c = c->next)
		show_cache(vty, NULL, c);
	vty_out(vty, "files:\n");
	for (const struct file *f = frr.files; f; f = f->next)
		show_file(vty, NULL, f);
	if (frr.slurm)
		vty_out(vty, "exceptions:\n  %s%s%s\n", frr.slurm, *frr.slurm_why ? ": " : "",
			frr.slurm_why);
	vty_out(vty, "policies:\n");
	for (const struct policy *p = frr.policy_list; p; p = p->next)
		show_policy(vty, NULL, p);
	vty_out(vty, "numbers:\n");
	each_number(put_line, vty);
	vty_out(vty, "  when a cache's data has expired: %s\n", frr.keep ? "keep" : "not-found");
	vty_out(vty, "neighbours:\n");
	refresh_show(vty, NULL);
	if (without_role(vty, NULL))
		vty_out(vty, "\n");
	return CMD_SUCCESS;
}

/* ---- show manrs prefix P [origin A] ---- */

DEFUN(show_manrs_prefix, show_manrs_prefix_cmd,
      "show manrs prefix <A.B.C.D/M|X:X::X:X/M> [origin (1-4294967295)]",
      SHOW_MANRS "The VRPs that cover a prefix\nIPv4 prefix\nIPv6 prefix\n"
		 "The state of a route of this origin\nAS number\n")
{
	static manrs_route found[256];
	manrs_route route = {.asn = 0};
	char text[MANRS_ROUTE_TEXT];
	struct prefix prefix;
	size_t n;

	if (!str2prefix(argv[3]->arg, &prefix) || !prefix_of(&route.prefix, &prefix)) {
		vty_out(vty, "%% not a prefix\n");
		return CMD_WARNING;
	}
	apply_mask(&prefix);
	prefix_of(&route.prefix, &prefix);
	n = manrs_rov_covering(frr.db, &route.prefix, found, 256);
	for (size_t i = 0; i < n && i < 256; i++) {
		manrs_prefix_format(&found[i].prefix, text, sizeof text);
		vty_out(vty, "%s max %u AS%u\n", text, found[i].prefix.maxlen, found[i].asn);
	}
	if (n > 256)
		vty_out(vty, "... and %zu more\n", n - 256);
	if (argc > 5) {
		route.asn = (uint32_t)strtoul(argv[5]->arg, NULL, 10);
		vty_out(vty, "%s\n", manrs_rov_text(manrs_rov_check(frr.db, &route)));
	} else if (!n) {
		vty_out(vty, "no VRP covers it\n");
	}
	return CMD_SUCCESS;
}

/* ---- show manrs explain P [neighbor X] ---- */

static void explain(struct vty *vty, const struct bgp_path_info *path, const struct prefix *prefix)
{
	static const char *const words[] = {"", "valid", "invalid", "unknown"};
	char text[MANRS_EXPLAIN_MAX];
	struct question q;
	manrs_verdict verdict;

	judge_ask(&q, path, prefix);
	q.policy.tests &= q.tests;
	q.policy.strict &= q.policy.tests;
	manrs_check(frr.db, &q.policy, &q.announcement, 1, &verdict);
	for (int test = 0; test < MANRS_TESTS; test++) {
		uint64_t bit = MANRS_TEST_BIT(test);
		int state = verdict.fail & bit      ? 2
			    : verdict.pass & bit    ? 1
			    : verdict.unknown & bit ? 3
						    : 0;

		if (state &&
		    manrs_explain(frr.db, &q.policy, &q.announcement, test, text, sizeof text) > 0)
			vty_out(vty, "  %-14s %-8s %s\n", manrs_test_text(test), words[state],
				text);
	}
}

static bool is_named(const struct peer *peer, const char *name)
{
	return !name || !strcmp(peer->host, name) ||
	       (peer->conf_if && !strcmp(peer->conf_if, name));
}

static void explain_as(struct vty *vty, struct peer *peer, struct attr *attr, struct bgp_dest *dest,
		       const char *how)
{
	struct bgp_path_info path = {.peer = peer, .attr = attr, .net = dest};
	int role = peer->sort == BGP_PEER_EBGP ? neighbor_role(peer) : MANRS_ROLE_NONE;

	vty_out(vty, "%s from %s (%s)%s, path %s\n", bgp_dest_get_prefix_str(dest), peer->host,
		peer->sort != BGP_PEER_EBGP ? "internal"
		: role == MANRS_ROLE_NONE   ? "no role"
					    : manrs_role_text(role),
		how, attr->aspath && attr->aspath->str ? attr->aspath->str : "");
	explain(vty, &path, bgp_dest_get_prefix(dest));
}

static unsigned explain_place(struct vty *vty, struct bgp_dest *dest, const char *name)
{
	unsigned shown = 0;

	for (struct bgp_adj_in *ain = dest->adj_in; ain; ain = ain->next)
		if (is_named(ain->peer, name)) {
			explain_as(vty, ain->peer, ain->attr, dest, ", as received");
			shown++;
		}
	for (struct bgp_path_info *p = bgp_dest_get_bgp_path_info(dest); p; p = p->next) {
		bool kept = false;

		for (struct bgp_adj_in *ain = dest->adj_in; ain; ain = ain->next)
			kept = kept || ain->peer == p->peer;
		if (!kept && is_named(p->peer, name)) {
			explain_as(vty, p->peer, p->attr, dest, ", as accepted");
			shown++;
		}
	}
	return shown;
}

DEFUN(show_manrs_explain, show_manrs_explain_cmd,
      "show manrs explain <A.B.C.D/M|X:X::X:X/M> [neighbor <A.B.C.D|X:X::X:X|WORD>]",
      SHOW_MANRS
      "What every test finds on a route that bgpd has, and why\nIPv4 prefix\nIPv6 prefix\n"
      "Of one neighbour\nIPv4 address\nIPv6 address\nInterface\n")
{
	const char *name = argc > 5 ? argv[5]->arg : NULL;
	struct prefix prefix;
	struct listnode *n;
	struct bgp *bgp;
	unsigned shown = 0;

	if (!str2prefix(argv[3]->arg, &prefix))
		return CMD_WARNING;
	apply_mask(&prefix);
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp)) {
		afi_t afi = prefix.family == AF_INET ? AFI_IP : AFI_IP6;
		struct bgp_table *table = bgp->rib[afi][SAFI_UNICAST];
		struct bgp_dest *dest = table ? dest_at(table, &prefix) : NULL;

		if (!dest)
			continue;
		shown += explain_place(vty, dest, name);
		bgp_dest_unlock_node(dest);
	}
	if (!shown)
		vty_out(vty, "no such route is kept\n");
	return CMD_SUCCESS;
}

/* ---- show manrs changes ---- */

DEFUN(show_manrs_changes, show_manrs_changes_cmd, "show manrs changes",
      SHOW_MANRS "The last prefixes and customers whose data changed\n")
{
	const struct recent *list;
	size_t first, n = walk_recent(&list, &first);

	for (size_t i = 0; i < n; i++) {
		const struct recent *r = &list[(first + i) % n];
		char text[MANRS_PREFIX_TEXT], when[32];
		struct tm tm;

		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", localtime_r(&r->at, &tm));
		if (r->change.kind == MANRS_CHANGE_ASPA || r->change.kind == MANRS_CHANGE_KEY) {
			vty_out(vty, "%s %s of AS%u\n", when,
				r->change.kind == MANRS_CHANGE_ASPA ? "ASPA" : "router keys",
				r->change.asn);
			continue;
		}
		manrs_prefix_format(&r->change.prefix, text, sizeof text);
		vty_out(vty, "%s VRPs of %s\n", when, text);
	}
	return CMD_SUCCESS;
}

void show_start(void)
{
	install_element(VIEW_NODE, &show_manrs_cmd);
	install_element(VIEW_NODE, &show_manrs_prefix_cmd);
	install_element(VIEW_NODE, &show_manrs_explain_cmd);
	install_element(VIEW_NODE, &show_manrs_changes_cmd);
}
