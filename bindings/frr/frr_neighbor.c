/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `neighbor X manrs role ROLE`, X a neighbour or a peer group: kept by the name of the BGP instance and X, for peers come and
 * go. A neighbour's own stands before its group's, and both before the role of an RFC 9234 session.
 *
 * bgpd sends what is alike to neighbours of one configuration together, and asks its route map for the first of them alone. It
 * knows nothing of our roles, and what `match manrs` says is the neighbour's: such a neighbour is made one of its own, as by
 * `neighbor X solo`.
 */

#include "frr_manrs.h"

struct kept {
	char name[160]; /* INSTANCE X */
	int role;
};

static struct hash *kept_roles;
static frr_task *t_alone;

static void name_of(char *name, size_t cap, const struct bgp *bgp, const char *neighbor)
{
	snprintf(name, cap, "%s %s", bgp->name ? bgp->name : "", neighbor);
}

static unsigned int kept_key(const void *arg)
{
	return string_hash_make(((const struct kept *)arg)->name);
}

static bool kept_same(const void *a, const void *b)
{
	return !strcmp(((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

static void *kept_new(void *arg)
{
	struct kept *kept = malloc(sizeof *kept);

	if (kept)
		*kept = *(struct kept *)arg;
	return kept;
}

static int kept_role(const struct bgp *bgp, const char *neighbor)
{
	struct kept key, *found;

	if (!neighbor)
		return MANRS_ROLE_NONE;
	name_of(key.name, sizeof key.name, bgp, neighbor);
	found = hash_lookup(kept_roles, &key);
	return found ? found->role : MANRS_ROLE_NONE;
}

static struct kept *release(const struct bgp *bgp, const char *neighbor)
{
	struct kept key;

	name_of(key.name, sizeof key.name, bgp, neighbor);
	return hash_release(kept_roles, &key);
}

int neighbor_role(const struct peer *peer)
{
	const char *name = peer->conf_if ? peer->conf_if : peer->host;
	int role = kept_roles->count ? kept_role(peer->bgp, name) : MANRS_ROLE_NONE;

	if (role == MANRS_ROLE_NONE && peer->group && kept_roles->count)
		role = kept_role(peer->bgp, peer->group->name);
	if (role == MANRS_ROLE_NONE && peer->local_role != ROLE_UNDEFINED)
		role = manrs_role_from_rfc9234(peer->local_role);
	return role;
}

/* ---- one of its own ---- */

static bool is_judged_out(struct peer *peer)
{
	afi_t afi;
	safi_t safi;

	FOREACH_AFI_SAFI(afi, safi)
	if (match_manrs_is_in(peer->filter[afi][safi].map[RMAP_OUT].map))
		return true;
	return false;
}

static bool is_to_be_alone(struct peer *peer)
{
	return peer->sort != BGP_PEER_IBGP && !CHECK_FLAG(peer->flags, PEER_FLAG_LONESOUL) &&
	       is_judged_out(peer);
}

static void manrs_alone(frr_task *task)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;

	(void)task;
	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			if (is_to_be_alone(peer))
				update_group_adjust_soloness(peer, 1);
}

void neighbor_alone(const struct peer *peer)
{
	if (peer->sort == BGP_PEER_IBGP || CHECK_FLAG(peer->flags, PEER_FLAG_LONESOUL) || t_alone)
		return;
	TASK_NOW(frr.loop, manrs_alone, NULL, &t_alone);
}

/* ---- again ---- */

static void in_again(struct peer *peer)
{
	afi_t afi;
	safi_t safi;

	if (!PEER_UP(peer))
		return;
	FOREACH_AFI_SAFI(afi, safi)
	if (peer->afc_nego[afi][safi] && (afi == AFI_IP || afi == AFI_IP6))
		peer_clear_soft(peer, afi, safi, BGP_CLEAR_SOFT_IN);
}

static void out_again(struct peer *peer)
{
	afi_t afi;
	safi_t safi;

	FOREACH_AFI_SAFI(afi, safi)
	if (PEER_UP(peer) && peer->afc_nego[afi][safi] &&
	    match_is_in(peer->filter[afi][safi].map[RMAP_OUT].map, 0))
		peer_clear_soft(peer, afi, safi, BGP_CLEAR_SOFT_OUT);
}

/* What goes out is judged by the role of whom it came from as well as of whom it goes to. */
static void all_out_again(void)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			out_again(peer);
}

void neighbors_again(void)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			in_again(peer);
	all_out_again();
}

static void group_again(struct bgp *bgp, const char *name)
{
	struct listnode *n;
	struct peer *peer;

	for (ALL_LIST_ELEMENTS_RO(bgp->peer, n, peer))
		if (!strcmp(peer->conf_if ? peer->conf_if : peer->host, name) ||
		    (peer->group && !strcmp(peer->group->name, name)))
			in_again(peer);
	all_out_again();
}

/* As bgpd writes it: 2001:DB8::1 is 2001:db8::1. */
static const char *as_written(const char *text, char *to, size_t cap)
{
	union sockunion su;

	return str2sockunion(text, &su) == 0 ? sockunion2str(&su, to, cap) : text;
}

DEFUN(neighbor_manrs, neighbor_manrs_cmd,
      "neighbor <A.B.C.D|X:X::X:X|WORD> manrs role <customer|peer|provider|rs|rs-client>",
      NEIGHBOR_STR NEIGHBOR_ADDR_STR2
      "What libmanrs is told\nWhat the neighbour is to us\nOur customer\nA lateral peer\n"
      "Our provider\nA route server, whose client we are\nA client of the route server that we are\n")
{
	VTY_DECLVAR_CONTEXT(bgp, bgp);
	char text[SU_ADDRSTRLEN];
	const char *name = as_written(argv[1]->arg, text, sizeof text);
	int role = manrs_role_parse(argv[4]->arg, strlen(argv[4]->arg));
	struct kept key, *kept;

	if (!peer_and_group_lookup_vty(vty, name))
		return CMD_WARNING_CONFIG_FAILED;
	name_of(key.name, sizeof key.name, bgp, name);
	key.role = MANRS_ROLE_NONE;
	kept = hash_get(kept_roles, &key, kept_new);
	if (!kept)
		return CMD_WARNING_CONFIG_FAILED;
	if (kept->role == role)
		return CMD_SUCCESS;
	kept->role = role;
	group_again(bgp, name);
	return CMD_SUCCESS;
}

DEFUN(no_neighbor_manrs, no_neighbor_manrs_cmd,
      "no neighbor <A.B.C.D|X:X::X:X|WORD> manrs role [<customer|peer|provider|rs|rs-client>]",
      NO_STR NEIGHBOR_STR NEIGHBOR_ADDR_STR2
      "What libmanrs is told\nWhat the neighbour is to us\nOur customer\nA lateral peer\n"
      "Our provider\nA route server, whose client we are\nA client of the route server that we are\n")
{
	VTY_DECLVAR_CONTEXT(bgp, bgp);
	char text[SU_ADDRSTRLEN];
	const char *name = as_written(argv[2]->arg, text, sizeof text);
	struct kept *had = release(bgp, name);

	free(had);
	if (had)
		group_again(bgp, name);
	return CMD_SUCCESS;
}

static void write_one(struct bgp *bgp, struct vty *vty, const char *name)
{
	int role = kept_role(bgp, name);

	if (role != MANRS_ROLE_NONE)
		vty_out(vty, " neighbor %s manrs role %s\n", name, manrs_role_text(role));
}

static int write_roles(struct bgp *bgp, struct vty *vty)
{
	struct listnode *n;
	struct peer_group *group;
	struct peer *peer;

	for (ALL_LIST_ELEMENTS_RO(bgp->group, n, group))
		write_one(bgp, vty, group->name);
	for (ALL_LIST_ELEMENTS_RO(bgp->peer, n, peer))
		if (CHECK_FLAG(peer->flags, PEER_FLAG_CONFIG_NODE))
			write_one(bgp, vty, peer->conf_if ? peer->conf_if : peer->host);
	return 0;
}

/* An instance that goes takes its roles with it: one of the same name must not find them. */
struct gone {
	char prefix[160];
	size_t n;
	struct kept *found;
};

static int find_gone(struct hash_bucket *bucket, void *arg)
{
	struct gone *gone = arg;
	struct kept *kept = bucket->data;

	if (strncmp(kept->name, gone->prefix, gone->n))
		return HASHWALK_CONTINUE;
	gone->found = kept;
	return HASHWALK_ABORT;
}

static int forget(struct bgp *bgp)
{
	struct gone gone;

	name_of(gone.prefix, sizeof gone.prefix, bgp, "");
	gone.n = strlen(gone.prefix);
	do {
		gone.found = NULL;
		hash_walk(kept_roles, find_gone, &gone);
		if (gone.found)
			free(hash_release(kept_roles, gone.found));
	} while (gone.found);
	return 0;
}

/*
 * Before what goes out to a neighbour that came up is put together it is known whether it is to be alone. And a neighbour or
 * group that is taken away takes its role with it: who gets its address next is another.
 */
static int changed(struct peer *peer)
{
	if (!kept_roles)
		return 0;
	if (PEER_UP(peer) && is_to_be_alone(peer))
		SET_FLAG(peer->flags, PEER_FLAG_LONESOUL);
	if (PEER_STATUS(peer) == Deleted && (CHECK_FLAG(peer->flags, PEER_FLAG_CONFIG_NODE) ||
					     CHECK_FLAG(peer->sflags, PEER_STATUS_GROUP)))
		free(release(peer->bgp, peer->conf_if ? peer->conf_if : peer->host));
	return 0;
}

void neighbors_start(void)
{
	kept_roles = hash_create(kept_key, kept_same, "MANRS roles");
	hook_register(bgp_inst_config_write, write_roles);
	hook_register(bgp_inst_delete, forget);
	hook_register(peer_status_changed, changed);
	install_element(BGP_NODE, &neighbor_manrs_cmd);
	install_element(BGP_NODE, &no_neighbor_manrs_cmd);
}

void neighbors_stop(void)
{
	TASK_OFF(t_alone);
	if (!kept_roles)
		return;
	HASH_DROP(kept_roles, free);
	kept_roles = NULL;
}
