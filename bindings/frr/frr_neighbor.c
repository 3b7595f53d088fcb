/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `neighbor X manrs role ROLE`, X a neighbour or a peer group: kept by the name of the BGP instance and X, for peers come and
 * go. A neighbour's own stands before its group's, and both before the role of an RFC 9234 session.
 */

#include "frr_manrs.h"

struct kept {
	char name[160]; /* INSTANCE X */
	int role;
};

static struct hash *kept_roles;

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

static void again(struct peer *peer)
{
	afi_t afi;
	safi_t safi;

	if (!PEER_UP(peer))
		return;
	FOREACH_AFI_SAFI(afi, safi)
	if (peer->afc_nego[afi][safi] && (afi == AFI_IP || afi == AFI_IP6))
		peer_clear_soft(peer, afi, safi, BGP_CLEAR_SOFT_IN);
}

void neighbors_again(void)
{
	struct listnode *n, *m;
	struct peer *peer;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, n, bgp))
		for (ALL_LIST_ELEMENTS_RO(bgp->peer, m, peer))
			again(peer);
}

static void group_again(struct bgp *bgp, const char *name)
{
	struct listnode *n;
	struct peer *peer;

	for (ALL_LIST_ELEMENTS_RO(bgp->peer, n, peer))
		if (!strcmp(peer->conf_if ? peer->conf_if : peer->host, name) ||
		    (peer->group && !strcmp(peer->group->name, name)))
			again(peer);
}

DEFUN(neighbor_manrs, neighbor_manrs_cmd,
      "neighbor <A.B.C.D|X:X::X:X|WORD> manrs role <customer|peer|provider|rs|rs-client>",
      NEIGHBOR_STR NEIGHBOR_ADDR_STR2
      "What libmanrs is told\nWhat the neighbour is to us\nOur customer\nA lateral peer\n"
      "Our provider\nA route server, whose client we are\nA client of the route server that we are\n")
{
	VTY_DECLVAR_CONTEXT(bgp, bgp);
	struct kept key, *kept;

	if (!peer_and_group_lookup_vty(vty, argv[1]->arg))
		return CMD_WARNING_CONFIG_FAILED;
	name_of(key.name, sizeof key.name, bgp, argv[1]->arg);
	key.role = manrs_role_parse(argv[4]->arg, strlen(argv[4]->arg));
	kept = hash_get(kept_roles, &key, kept_new);
	if (!kept)
		return CMD_WARNING_CONFIG_FAILED;
	kept->role = key.role;
	group_again(bgp, argv[1]->arg);
	return CMD_SUCCESS;
}

DEFUN(no_neighbor_manrs, no_neighbor_manrs_cmd,
      "no neighbor <A.B.C.D|X:X::X:X|WORD> manrs role [<customer|peer|provider|rs|rs-client>]",
      NO_STR NEIGHBOR_STR NEIGHBOR_ADDR_STR2
      "What libmanrs is told\nWhat the neighbour is to us\nOur customer\nA lateral peer\n"
      "Our provider\nA route server, whose client we are\nA client of the route server that we are\n")
{
	VTY_DECLVAR_CONTEXT(bgp, bgp);
	struct kept key;

	name_of(key.name, sizeof key.name, bgp, argv[2]->arg);
	free(hash_release(kept_roles, &key));
	group_again(bgp, argv[2]->arg);
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

void neighbors_start(void)
{
	kept_roles = hash_create(kept_key, kept_same, "MANRS roles");
	hook_register(bgp_inst_config_write, write_roles);
	hook_register(bgp_inst_delete, forget);
	install_element(BGP_NODE, &neighbor_manrs_cmd);
	install_element(BGP_NODE, &no_neighbor_manrs_cmd);
}

void neighbors_stop(void)
{
	if (!kept_roles)
		return;
	HASH_DROP(kept_roles, free);
	kept_roles = NULL;
}
