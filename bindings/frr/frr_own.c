/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bgpd originates under a route map that asks us: it is put through that map again, for what was let in may not be now,
 * and what was denied is in no table of routes.
 *
 *     network P route-map M             where the difference names P
 *     aggregate-address P route-map M   the same
 *     aggregate-address P suppress-map M, redistribute X route-map M
 *                                       after a difference of the family, all of them; redistributed routes at most once each
 *                                       refresh interval, for they are zebra's to tell again
 */

#include "frr_manrs.h"

static frr_task *t_redistribute;
static uint64_t last_ms;
static bool due[AFI_MAX];

void own_network(struct bgp *bgp, struct bgp_dest *dest, afi_t afi, safi_t safi)
{
	struct bgp_static *network = bgp_dest_get_bgp_static_info(dest);

	if (!network || network->backdoor || !match_is_in(network->rmap.map, 0))
		return;
	bgp_static_update(bgp, bgp_dest_get_prefix(dest), network, afi, safi);
	frr.count.originated++;
}

/*
 * 8.4 leaves an aggregate alone that is what it was before its route map, 10.x one that the map denies now. So the one that
 * there is goes first; nobody sees it, for a new one is there before bgpd looks at the place again.
 */
static void aggregate_again(struct bgp *bgp, struct bgp_dest *dest, struct bgp_aggregate *aggregate,
			    afi_t afi, safi_t safi)
{
	const struct prefix *prefix = bgp_dest_get_prefix(dest);
	struct bgp_dest *place = dest_at(bgp->rib[afi][safi], prefix);
	struct bgp_path_info *path = place ? bgp_dest_get_bgp_path_info(place) : NULL;

	while (path && (path->peer != bgp->peer_self || path->type != ZEBRA_ROUTE_BGP ||
			path->sub_type != BGP_ROUTE_AGGREGATE))
		path = path->next;
	if (path) {
		PATH_GOES(place, path);
		PROCESS(bgp, place, path, afi, safi);
	}
	if (place)
		bgp_dest_unlock_node(place);
	bgp_aggregate_route(bgp, prefix, afi, safi, aggregate);
	frr.count.originated++;
}

void own_aggregate(struct bgp *bgp, struct bgp_dest *dest, afi_t afi, safi_t safi)
{
	struct bgp_aggregate *aggregate = bgp_dest_get_bgp_aggregate_info(dest);

	if (aggregate && match_is_in(aggregate->rmap.map, 0))
		aggregate_again(bgp, dest, aggregate, afi, safi);
}

/* ---- after a difference ---- */

static void suppress_again(struct bgp *bgp, afi_t afi, safi_t safi)
{
	struct bgp_dest *dest;

	for (dest = bgp->aggregate[afi][safi] ? bgp_table_top(bgp->aggregate[afi][safi]) : NULL;
	     dest; dest = bgp_route_next(dest)) {
		struct bgp_aggregate *aggregate = bgp_dest_get_bgp_aggregate_info(dest);

		if (!aggregate || !match_is_in(aggregate->suppress_map, 0))
			continue;
		bgp_aggregate_toggle_suppressed(aggregate, bgp, bgp_dest_get_prefix(dest), afi,
						safi, false);
		bgp_aggregate_route(bgp, bgp_dest_get_prefix(dest), afi, safi, aggregate);
		frr.count.originated++;
	}
}

/* returns: whether something redistributed asks us */
static bool redistributed(struct bgp *bgp, afi_t afi, bool send)
{
	struct bgp_redist *red;
	struct listnode *n;
	bool any = false;

	for (int type = 0; type < ZEBRA_ROUTE_MAX; type++) {
		if (!bgp->redist[afi][type])
			continue;
		for (ALL_LIST_ELEMENTS_RO(bgp->redist[afi][type], n, red)) {
			if (!match_is_in(red->rmap.map, 0))
				continue;
			any = true;
			if (send) {
				bgp_redistribute_resend(bgp, afi, type, red->instance);
				frr.count.originated++;
			}
		}
	}
	return any;
}

static void manrs_redistribute(frr_task *task)
{
	struct listnode *n;
	struct bgp *bgp;

	(void)task;
	last_ms = now_ms();
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			if (due[afi])
				redistributed(bgp, afi, true);
	due[AFI_IP] = due[AFI_IP6] = false;
}

void own_again(bool v4, bool v6)
{
	uint64_t wait = (uint64_t)frr.refresh_s * 1000, since = now_ms() - last_ms;
	bool changed[AFI_MAX] = {[AFI_IP] = v4, [AFI_IP6] = v6};
	struct listnode *n;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			if (changed[afi]) {
				suppress_again(bgp, afi, SAFI_UNICAST);
				due[afi] |= redistributed(bgp, afi, false);
			}
	if ((due[AFI_IP] || due[AFI_IP6]) && !t_redistribute)
		TASK_LATER(frr.loop, manrs_redistribute, NULL,
			   (long)(last_ms && since < wait ? wait - since : 0), &t_redistribute);
}

void own_stop(void)
{
	TASK_OFF(t_redistribute);
}
