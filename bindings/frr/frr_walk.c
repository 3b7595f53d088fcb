/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After a commit: the exact difference of two snapshots names prefixes and customers, and only their routes are processed
 * again, a slice at a time.
 *
 *     a VRP of P came or went     the routes of P and its more-specifics; of prefixes that lie in one another once
 *     an ASPA of C changed        the routes whose path holds C: one pass over the tables for all such C
 *     the very first data         all routes: until then they had no state
 *
 * Where bgpd kept what a neighbour sent (soft-reconfiguration inbound) that is put through its policy again; a neighbour whose
 * routes were not kept is asked for them again (frr_refresh.c). What bgpd originates, and all that goes out where a policy or
 * a community depends on us, is advertised again. Nothing is held between slices but a prefix: tables and neighbours may go.
 */

#include "frr_manrs.h"

#define CHANGES 64
#define LOOKS   4000 /* records of a difference that are looked at in a step */
#define RECENT  256
#define WAITING 64 /* differences; of more all routes are judged again once */

struct target {
	manrs_db *from, *to;
	bool all; /* every route, whatever the difference names */
};

static struct {
	struct target now;              /* what is walked */
	struct target waiting[WAITING]; /* what is to be after it, in order */
	size_t n_waiting;
	bool busy, v4, v6;
	manrs_cursor cursor;
	manrs_change change[CHANGES];
	size_t n, at;
	bool listed;          /* the whole difference was */
	manrs_prefix covered; /* the last prefix whose tree was walked */
	uint32_t *customers;
	size_t n_customers, room;
	/* the scan at work: of one family, under a root, in one table after the other */
	bool scanning, whole, started; /* whole: the pass over the tables */
	afi_t afi;
	struct prefix root, last;
	unsigned instance;
	safi_t safi;
	enum { ROUTES, NETWORKS, AGGREGATES } kind; /* of table: bgpd has one of each */
	bool outward;                               /* what goes out depends on us */
	bool ours;                                  /* an AS of ours is among the customers */
} walk;

static struct recent recent[RECENT];
static size_t recent_n;
static frr_task *t_walk;

bool walk_busy(void)
{
	return walk.busy || walk.n_waiting;
}

size_t walk_recent(const struct recent **list, size_t *first)
{
	*list = recent;
	*first = recent_n > RECENT ? recent_n % RECENT : 0;
	return recent_n < RECENT ? recent_n : RECENT;
}

static void drop(struct target *target)
{
	manrs_db_unref(target->from);
	manrs_db_unref(target->to);
	*target = (struct target){0};
}

/* ---- one place in a table ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool is_customer(uint32_t asn)
{
	return bsearch(&asn, walk.customers, walk.n_customers, sizeof asn, by_number) != NULL;
}

/* Whether a route is one of those that the scan is for. */
static bool is_named(const struct attr *attr)
{
	if (!walk.whole || walk.now.all)
		return true;
	for (const struct assegment *s = attr->aspath ? attr->aspath->segments : NULL; s;
	     s = s->next)
		for (unsigned i = 0; i < s->length; i++)
			if (is_customer(s->as[i]))
				return true;
	return false;
}

/* On the way out our own AS is in front, which one is the neighbour's matter. */
static bool are_we_named(void)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			if (is_customer(local_as_of(peer)))
				return true;
	return false;
}

static void in_again(struct bgp_dest *dest, struct bgp_adj_in *ain)
{
	struct bgp_path_info *path = bgp_dest_get_bgp_path_info(dest);

	while (path && (path->peer != ain->peer || path->addpath_rx_id != ain->addpath_rx_id))
		path = path->next;
	bgp_update(ain->peer, bgp_dest_get_prefix(dest), ain->addpath_rx_id, ain->attr, walk.afi,
		   walk.safi, ZEBRA_ROUTE_BGP, BGP_ROUTE_NORMAL, NULL,
		   path ? FIRST_BGP_LABEL(path) : NULL, path ? BGP_LABELS(path) : 0, 1, NULL);
	frr.count.reprocessed++;
}

/* Under a changed prefix only a route whose state is another now is news to those who hear it. */
static bool is_news(const struct bgp_dest *dest, const struct bgp_path_info *path)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	int state;

	if (walk.whole)
		return walk.ours || is_named(path->attr);
	state = judge_rov(frr.db, path->peer, path->attr, prefix);
	/* invalid for another reason may be a leak now */
	return state == MANRS_ROV_INVALID ||
	       state != judge_rov(walk.now.from, path->peer, path->attr, prefix);
}

/* The best path goes out, and where a neighbour is sent several (RFC 7911) any of them may be news. */
static void out_again(struct bgp *bgp, struct bgp_dest *dest)
{
	bool all = bgp_addpath_is_addpath_used(&bgp->tx_addpath, walk.afi, walk.safi), news = false;
	struct bgp_path_info *best = NULL;

	for (struct bgp_path_info *p = bgp_dest_get_bgp_path_info(dest); p; p = p->next) {
		bool selected = CHECK_FLAG(p->flags, BGP_PATH_SELECTED);

		if (selected)
			best = p;
		news = news || ((selected || all) && is_news(dest, p));
	}
	if (!best || !news || !(walk.outward || best->peer == bgp->peer_self))
		return;
	bgp_path_info_set_flag(dest, best, BGP_PATH_ATTR_CHANGED);
	PROCESS(bgp, dest, best, walk.afi, walk.safi);
	frr.count.advertised++;
}

static void place_again(struct bgp *bgp, struct bgp_dest *dest)
{
	struct bgp_adj_in *ain, *next;

	if (walk.kind == NETWORKS)
		own_network(bgp, dest, walk.afi, walk.safi);
	if (walk.kind == AGGREGATES)
		own_aggregate(bgp, dest, walk.afi, walk.safi);
	if (walk.kind != ROUTES)
		return;
	for (ain = dest->adj_in; ain; ain = next) {
		next = ain->next;
		/* labelled routes stand in the same table, by another policy: they are asked for (frr_refresh.c) */
		if (is_named(ain->attr) && ain->peer->afc_nego[walk.afi][walk.safi])
			in_again(dest, ain);
	}
	out_again(bgp, dest);
}

/* ---- a scan ---- */

static struct bgp *instance_of(unsigned number)
{
	struct listnode *n;
	struct bgp *bgp;
	unsigned i = 0;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		if (i++ == number)
			return bgp;
	return NULL;
}

/* One that is only a fork of the table is none to 10.x. Locked; NULL: there is none. */
struct bgp_dest *dest_at(struct bgp_table *table, const struct prefix *prefix)
{
	struct route_node *node = route_node_lookup_maynull(table->route_table, prefix);
	struct bgp_dest *dest = node ? bgp_dest_from_rnode(node) : NULL;

	if (node && !dest)
		route_unlock_node(node);
	return dest;
}

/* Where to go on in the table; locked. */
static struct bgp_dest *place_of(struct bgp_table *table)
{
	struct bgp_dest *dest = walk.started ? NULL : dest_at(table, &walk.root);

	return dest ? dest : bgp_table_get_next(table, walk.started ? &walk.last : &walk.root);
}

/* returns: whether the table has no more under the root */
static bool scan_table(struct bgp *bgp, struct bgp_table *table, uint64_t until_us)
{
	struct bgp_dest *dest = place_of(table);

	while (dest && prefix_match(&walk.root, bgp_dest_get_prefix(dest))) {
		prefix_copy(&walk.last, bgp_dest_get_prefix(dest));
		walk.started = true;
		place_again(bgp, dest);
		if (now_us() >= until_us) {
			bgp_dest_unlock_node(dest);
			return false;
		}
		dest = bgp_route_next(dest);
	}
	if (dest)
		bgp_dest_unlock_node(dest);
	return true;
}

static void next_table(void)
{
	walk.started = false;
	if (walk.kind != AGGREGATES) {
		walk.kind++;
		return;
	}
	walk.kind = ROUTES;
	if (walk.safi == SAFI_UNICAST) {
		walk.safi = SAFI_MULTICAST;
	} else {
		walk.safi = SAFI_UNICAST;
		walk.instance++;
	}
}

static struct bgp_table *table_of(struct bgp *bgp)
{
	struct bgp_table *(*tables)[SAFI_MAX] = walk.kind == ROUTES     ? bgp->rib
						: walk.kind == NETWORKS ? NETWORKS_OF(bgp)
									: bgp->aggregate;

	return tables[walk.afi][walk.safi];
}

/* returns: whether the scan is done */
static bool scan(uint64_t until_us)
{
	struct bgp *bgp;

	while ((bgp = instance_of(walk.instance))) {
		struct bgp_table *table = table_of(bgp);

		if (table && !scan_table(bgp, table, until_us))
			return false;
		next_table();
	}
	walk.scanning = false;
	return true;
}

static void scan_start(const manrs_prefix *root, bool whole)
{
	memset(&walk.root, 0, sizeof walk.root);
	walk.root.family = root->family == 4 ? AF_INET : AF_INET6;
	walk.root.prefixlen = root->len;
	memcpy(&walk.root.u.prefix, root->addr, root->family == 4 ? 4 : 16);
	walk.afi = root->family == 4 ? AFI_IP : AFI_IP6;
	walk.safi = SAFI_UNICAST;
	walk.kind = ROUTES;
	walk.instance = 0;
	walk.started = false;
	walk.whole = whole;
	walk.scanning = true;
}

/* ---- the difference ---- */

static void keep_customer(uint32_t customer)
{
	if (walk.n_customers == walk.room) {
		size_t more = walk.room ? walk.room * 2 : 64;
		uint32_t *next = realloc(walk.customers, more * sizeof *next);

		if (!next) {
			walk.now.all = true;
			return;
		}
		walk.customers = next;
		walk.room = more;
	}
	walk.customers[walk.n_customers++] = customer;
}

static void look_at(const manrs_change *change)
{
	recent[recent_n++ % RECENT] = (struct recent){*change, time(NULL)};
	if (recent_n == 2 * RECENT)
		recent_n = RECENT;
	frr.count.changes++;
	if (change->kind == MANRS_CHANGE_ASPA) {
		keep_customer(change->asn);
		walk.v4 = walk.v6 = true;
	} else if (change->kind == MANRS_CHANGE_VRP4 || change->kind == MANRS_CHANGE_VRP6) {
		*(change->kind == MANRS_CHANGE_VRP4 ? &walk.v4 : &walk.v6) = true;
		/* in order: what lies in another comes right behind it */
		if (walk.covered.family && manrs_prefix_covers(&walk.covered, &change->prefix))
			return;
		walk.covered = change->prefix;
		scan_start(&change->prefix, false);
	}
}

/* returns: whether there may be more */
static bool next_change(void)
{
	size_t budget = LOOKS;

	if (walk.at < walk.n) {
		look_at(&walk.change[walk.at++]);
		return true;
	}
	if (walk.listed)
		return false;
	walk.n = manrs_db_diff_some(walk.now.from, walk.now.to, &walk.cursor, walk.change, &budget,
				    CHANGES);
	walk.at = 0;
	walk.listed = walk.n < CHANGES && budget;
	return true;
}

/* After the prefixes: both families' tables once for all customers, or for all. returns: whether there was one to begin */
static bool next_pass(void)
{
	if ((!walk.n_customers && !walk.now.all) || (walk.whole && walk.afi == AFI_IP6))
		return false;
	if (!walk.whole) {
		qsort(walk.customers, walk.n_customers, sizeof *walk.customers, by_number);
		walk.ours = are_we_named();
	}
	scan_start(&(manrs_prefix){.family = walk.whole ? 6 : 4}, true);
	return true;
}

/* Whether what bgpd sends depends on us: a route map on the way out, or the community of RFC 8097 for an internal neighbour. */
static bool goes_outward(void)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;
	afi_t afi;
	safi_t safi;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer)) {
			if (!PEER_UP(peer))
				continue;
			if (peer->sort == BGP_PEER_IBGP)
				return true;
			FOREACH_AFI_SAFI(afi, safi)
			if (match_is_in(peer->filter[afi][safi].map[RMAP_OUT].map, 0))
				return true;
		}
	return false;
}

static void walk_begin(void)
{
	walk.now = walk.waiting[0];
	walk.n_waiting--;
	memmove(walk.waiting, walk.waiting + 1, walk.n_waiting * sizeof *walk.waiting);
	walk.cursor = (manrs_cursor){{0}};
	walk.n = walk.at = walk.n_customers = 0;
	walk.scanning = walk.whole = false;
	walk.listed = walk.v4 = walk.v6 = walk.now.all;
	walk.covered = (manrs_prefix){0};
	walk.outward = goes_outward();
	walk.busy = true;
	frr.count.walks++;
}

static void walk_end(void)
{
	DEBUG("the difference is walked: %llu changes, %llu routes so far",
	      (unsigned long long)frr.count.changes, (unsigned long long)frr.count.reprocessed);
	refresh_all(walk.v4, walk.v6);
	own_again(walk.v4, walk.v6);
	drop(&walk.now);
	walk.busy = false;
	data_kick(); /* memory to give back */
}

static void manrs_walk(frr_task *task)
{
	uint64_t began = now_us();

	(void)task;
	if (!walk.busy)
		walk_begin();
	do {
		if (walk.scanning)
			scan(began + SLICE_US);
		else if (!next_change() && !next_pass())
			walk_end();
	} while (walk.busy && now_us() - began < SLICE_US);
	task_took("walk", began);
	if (walk_busy())
		TASK_LATER(frr.loop, manrs_walk, NULL, 0, &t_walk);
}

/*
 * Each difference is walked by itself: a route that came between two commits was judged by what the first one made, and the
 * difference over both may not name it. Only a pass over all routes that has not begun takes the next one in.
 */
void walk_start(manrs_db *from, manrs_db *to, bool all)
{
	struct target *last;

	if (walk.n_waiting == WAITING) {
		while (walk.n_waiting > 1)
			drop(&walk.waiting[--walk.n_waiting]);
		walk.waiting[0].all = true;
	}
	last = walk.n_waiting ? &walk.waiting[walk.n_waiting - 1] : NULL;
	manrs_db_ref(to);
	if (last && last->all) {
		manrs_db_unref(last->to);
		last->to = to;
	} else {
		manrs_db_ref(from);
		walk.waiting[walk.n_waiting++] = (struct target){from, to, all};
	}
	if (!t_walk)
		TASK_LATER(frr.loop, manrs_walk, NULL, 0, &t_walk);
}

/* An instance goes: those behind it in bgpd's list are one nearer. */
static int instance_gone(struct bgp *bgp)
{
	unsigned i = 0;

	while (instance_of(i) && instance_of(i) != bgp)
		i++;
	if (i < walk.instance) {
		walk.instance--;
	} else if (i == walk.instance) {
		walk.safi = SAFI_UNICAST;
		walk.started = false;
	}
	return 0;
}

void walk_init(void)
{
	hook_register(bgp_inst_delete, instance_gone);
}

void walk_stop(void)
{
	TASK_OFF(t_walk);
	drop(&walk.now);
	while (walk.n_waiting)
		drop(&walk.waiting[--walk.n_waiting]);
	free(walk.customers);
	memset(&walk, 0, sizeof walk);
}
