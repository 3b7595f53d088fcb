/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbours whose routes bgpd did not keep as they came: one route refresh when data changed that their policy asks about,
 * and not before the last one is `refresh interval` ago (RFC 9324 section 3: a refresh is a burden on the neighbour, and
 * keeping its routes is the better way). What was not asked for yet is asked for then, once.
 */

#include "frr_manrs.h"

#define PLACES \
	512 /* neighbours and families that are remembered; past so many in one interval nothing is held back */

struct place {
	char name[120];
	afi_t afi;
	safi_t safi;
	uint64_t last_ms;
	uint64_t sent, held;
	bool due;
};

static struct place places[PLACES];
static size_t n_places;
static frr_task *t_refresh;

static void name_of(char *name, size_t cap, const struct peer *peer)
{
	snprintf(name, cap, "%s %s", peer->bgp->name ? peer->bgp->name : "",
		 peer->conf_if ? peer->conf_if : peer->host);
}

static bool may(const struct place *place, uint64_t now)
{
	return !place || !place->last_ms || now - place->last_ms >= (uint64_t)frr.refresh_s * 1000;
}

/* One that holds nothing back any more: neighbours come and go. NULL: there is none. */
static struct place *old_place(void)
{
	uint64_t now = now_ms();

	for (size_t i = 0; i < n_places; i++)
		if (!places[i].due && may(&places[i], now))
			return &places[i];
	return NULL;
}

static struct place *place_of(const struct peer *peer, afi_t afi, safi_t safi)
{
	struct place *place;
	char name[120];

	name_of(name, sizeof name, peer);
	for (size_t i = 0; i < n_places; i++)
		if (places[i].afi == afi && places[i].safi == safi && !strcmp(places[i].name, name))
			return &places[i];
	place = n_places < PLACES ? &places[n_places++] : old_place();
	if (place) {
		*place = (struct place){.afi = afi, .safi = safi};
		memcpy(place->name, name, sizeof name);
	}
	return place;
}

/* Whether frr_walk.c finds what was received: FRR 8.4 keeps labelled routes without their label or not at all, and VPN routes
 * lie in a table for each route distinguisher. */
static bool is_kept(const struct peer *peer, afi_t afi, safi_t safi)
{
	return (safi == SAFI_UNICAST || safi == SAFI_MULTICAST) &&
	       CHECK_FLAG(peer->af_flags[afi][safi], PEER_FLAG_SOFT_RECONFIG);
}

static bool depends(struct peer *peer, afi_t afi, safi_t safi)
{
	return PEER_UP(peer) && peer->afc_nego[afi][safi] && PEER_REFRESHES(peer) &&
	       !is_kept(peer, afi, safi) &&
	       match_is_in(peer->filter[afi][safi].map[RMAP_IN].map, 0);
}

static void send_now(struct peer *peer, afi_t afi, safi_t safi, struct place *place)
{
	SEND_REFRESH(peer, afi, safi);
	frr.count.refreshes++;
	DEBUG("%s is asked for its routes again", peer->host);
	if (!place)
		return;
	place->last_ms = now_ms();
	place->sent++;
	place->due = false;
}

static void one(struct peer *peer, afi_t afi, safi_t safi)
{
	struct place *place;

	if (!depends(peer, afi, safi))
		return;
	place = place_of(peer, afi, safi);
	if (may(place, now_ms())) {
		send_now(peer, afi, safi, place);
		return;
	}
	place->due = true;
	place->held++;
	frr.count.refreshes_held++;
}

static void each(void (*run)(struct peer *, afi_t, safi_t), bool v4, bool v6)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;
	afi_t afi;
	safi_t safi;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			FOREACH_AFI_SAFI(afi, safi)
	if ((afi == AFI_IP && v4) || (afi == AFI_IP6 && v6))
		run(peer, afi, safi);
}

static bool any_due(void)
{
	for (size_t i = 0; i < n_places; i++)
		if (places[i].due)
			return true;
	return false;
}

static void if_due(struct peer *peer, afi_t afi, safi_t safi)
{
	struct place *place = depends(peer, afi, safi) ? place_of(peer, afi, safi) : NULL;

	if (place && place->due && may(place, now_ms()))
		send_now(peer, afi, safi, place);
}

/* What is due of neighbours that have gone, or whose policy no longer asks, goes with its time. */
static void forget_old(void)
{
	uint64_t now = now_ms();

	for (size_t i = 0; i < n_places; i++)
		if (places[i].due &&
		    now - places[i].last_ms > (uint64_t)frr.refresh_s * 1000 + 2000)
			places[i].due = false;
}

static void manrs_refresh_due(frr_task *task)
{
	uint64_t began = now_us();

	(void)task;
	each(if_due, true, true);
	forget_old();
	if (any_due())
		TASK_LATER(frr.loop, manrs_refresh_due, NULL, 500, &t_refresh);
	task_took("refresh", began);
}

void refresh_all(bool v4, bool v6)
{
	each(one, v4, v6);
	if (any_due() && !t_refresh)
		TASK_LATER(frr.loop, manrs_refresh_due, NULL, 500, &t_refresh);
}

void refresh_show(struct vty *vty, json_object *json)
{
	for (size_t i = 0; i < n_places; i++) {
		const struct place *p = &places[i];
		const char *name = p->name + strspn(p->name, " ");
		uint64_t age = (now_ms() - p->last_ms) / 1000;

		if (json) {
			json_object *row = json_object_new_object();

			json_object_string_add(row, "neighbor", name);
			json_object_string_add(row, "family", p->afi == AFI_IP ? "ipv4" : "ipv6");
			json_object_int_add(row, "sent", (int64_t)p->sent);
			json_object_int_add(row, "held", (int64_t)p->held);
			json_object_int_add(row, "lastSecondsAgo", (int64_t)age);
			json_object_boolean_add(row, "due", p->due);
			json_object_array_add(json, row);
		} else {
			vty_out(vty,
				"  %-24s %s  %llu sent, the last %llu s ago, %llu put together%s\n",
				name, p->afi == AFI_IP ? "ipv4" : "ipv6",
				(unsigned long long)p->sent, (unsigned long long)age,
				(unsigned long long)p->held, p->due ? ", one due" : "");
		}
	}
}

void refresh_stop(void)
{
	TASK_OFF(t_refresh);
}
