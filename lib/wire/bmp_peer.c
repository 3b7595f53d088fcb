/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of a router's peers, and how what they send, or are sent, is to be read.
 *
 *     from               4-octet paths          path identifiers
 *     Adj-RIB-In         no A flag              we receive, he sends    the router may have made its paths 4-octet ones
 *     Adj-RIB-Out        no A flag              we send, he receives
 *     Loc-RIB            always                 either OPEN says so     both OPENs are the router's own inventions
 *     mirrored           both OPENs             we receive, he sends    as on the wire, so nothing is guessed
 *     no Peer Up         no A flag              tried
 *
 * source: RFC 7854 sections 4.2, 4.10; RFC 8671 section 4; RFC 9069 sections 4, 5.4
 */

#include "wire/bmp_reader.h"

#include "base/grow.h"
#include <assert.h>

#define TYPE_LOC_RIB 3

/* Per-peer flags. */
#define FLAG_V 0x80u /* IPv6; of a Loc-RIB: F, filtered */
#define FLAG_L 0x40u
#define FLAG_A 0x20u
#define FLAG_O 0x10u

static uint32_t view_of(unsigned type, unsigned flags)
{
	if (type == TYPE_LOC_RIB)
		return MANRS_BMP_LOC_RIB | (flags & FLAG_V ? MANRS_BMP_FILTERED : 0);
	return (flags & FLAG_L ? MANRS_BMP_POST_POLICY : 0) | (flags & FLAG_O ? MANRS_BMP_OUT : 0);
}

void bmp_address(manrs_prefix *address, int family, const uint8_t bytes[16])
{
	*address = (manrs_prefix){.family = (uint8_t)family,
				  .len = family == 4 ? 32 : 128,
				  .maxlen = family == 4 ? 32 : 128};
	if (family == 4)
		memcpy(address->addr, bytes + 12, 4);
	else
		memcpy(address->addr, bytes, 16);
}

bool bmp_head_read(struct bmp_head *head, struct bytes *in)
{
	uint8_t address[16];
	unsigned flags;

	*head = (struct bmp_head){.type = bytes_get8(in)};
	flags = bytes_get8(in);
	head->view = view_of(head->type, flags);
	head->as2 = head->type != TYPE_LOC_RIB && (flags & FLAG_A);
	head->distinguisher = bytes_get64(in);
	bytes_copy(in, address, sizeof address);
	if (head->type != TYPE_LOC_RIB)
		bmp_address(&head->address, flags & FLAG_V ? 6 : 4, address);
	head->asn = bytes_get32(in);
	head->bgp_id = bytes_get32(in);
	head->time_s = bytes_get32(in);
	head->time_us = bytes_get32(in);
	return !in->bad;
}

/* ---- the table ---- */

static uint64_t hash_of(const struct bmp_peers *peers, const struct bmp_head *head)
{
	uint64_t words[4] = {(uint64_t)head->type << 8 | head->address.family, head->distinguisher};

	memcpy(words + 2, head->address.addr, sizeof head->address.addr);
	return slots_hash(peers->index.seed, words, sizeof words);
}

static bool is_peer(const struct bmp_peer *peer, const struct bmp_head *head)
{
	return peer->is.type == head->type && peer->is.distinguisher == head->distinguisher &&
	       !memcmp(&peer->is.address, &head->address, sizeof head->address);
}

uint32_t bmp_peer_find(struct bmp_peers *peers, const struct bmp_head *head)
{
	uint64_t hash;
	size_t at, i;

	if (!peers->list.n)
		return BMP_NONE;
	if (is_peer(bmp_peer_at(peers, peers->last), head))
		return peers->last;
	hash = hash_of(peers, head);
	at = slots_home(&peers->index, hash);
	while (slots_next(&peers->index, hash, &at, &i))
		if (is_peer(bmp_peer_at(peers, (uint32_t)i), head))
			return peers->last = (uint32_t)i;
	return BMP_NONE;
}

int bmp_peer_reserve(const manrs_alloc *mem, struct bmp_peers *peers)
{
	if (peers->list.n >= peers->max)
		return MANRS_ELIMIT;
	if (!vec_reserve(mem, &peers->list, 1, sizeof(struct bmp_peer)) ||
	    !slots_reserve(mem, &peers->index, peers->list.n + 1))
		return MANRS_ENOMEM;
	return MANRS_OK;
}

uint32_t bmp_peer_add(struct bmp_peers *peers, const struct bmp_head *head)
{
	uint32_t peer = (uint32_t)peers->list.n++;
	struct bmp_peer *p = bmp_peer_at(peers, peer);

	assert(peers->list.n <= peers->list.cap);
	*p = (struct bmp_peer){.is = {.size = sizeof p->is,
				      .distinguisher = head->distinguisher,
				      .address = head->address,
				      .asn = head->asn,
				      .bgp_id = head->bgp_id,
				      .type = head->type}};
	bmp_peer_down(p);
	slots_put(&peers->index, hash_of(peers, head), peer);
	return peer;
}

void bmp_peers_clear(struct bmp_peers *peers)
{
	peers->list.n = 0;
	peers->last = 0;
	if (peers->index.slot)
		memset(peers->index.slot, 0, peers->index.n * sizeof *peers->index.slot);
}

void bmp_peers_free(const manrs_alloc *mem, struct bmp_peers *peers)
{
	vec_free(mem, &peers->list, sizeof(struct bmp_peer));
	slots_free(mem, &peers->index);
}

/* ---- sessions ---- */

static manrs_bgp_session with_neighbour(manrs_bgp_session session, const struct bmp_head *head)
{
	if (!session.neighbour_asn)
		session.neighbour_asn = head->asn;
	session.neighbour_address = head->address;
	return session;
}

/* What either of the two that a router made up for its table says, both are meant to say. */
static void made_up(manrs_bgp_open *sent, manrs_bgp_open *received)
{
	sent->caps |= received->caps | MANRS_BGP_CAP_AS4;
	received->caps = sent->caps;
	sent->paths4 = received->paths4 = sent->paths4 || received->paths4 ? 3 : 0;
	sent->paths6 = received->paths6 = sent->paths6 || received->paths6 ? 3 : 0;
}

void bmp_peer_up(struct bmp_peer *peer, const struct bmp_head *head, const manrs_prefix *local,
		 const manrs_bgp_open *sent, const manrs_bgp_open *received)
{
	manrs_bgp_open us = *sent, him = *received;
	manrs_bmp_peer *is = &peer->is;

	if (head->type == TYPE_LOC_RIB)
		made_up(&us, &him);
	is->up = 1;
	is->up_s = head->time_s;
	is->asn = head->asn;
	is->bgp_id = head->bgp_id;
	is->local_role = us.role;
	is->remote_role = him.role;
	is->local_address = *local;
	is->local_asn = us.asn;
	manrs_bgp_session_of(&is->session, &us, &him);
	is->session = with_neighbour(is->session, head);
	manrs_bgp_session_of(&peer->out, &him, &us);
	peer->out.neighbour_asn = is->session.neighbour_asn; /* who gets it, not who sends it */
	peer->out = with_neighbour(peer->out, head);
}

void bmp_peer_down(struct bmp_peer *peer)
{
	manrs_bmp_peer *is = &peer->is;

	is->up = 0;
	is->local_role = is->remote_role = -1;
	is->session = (manrs_bgp_session){.flags = MANRS_BGP_AS4 | MANRS_BGP_GUESS,
					  .neighbour_asn = is->asn,
					  .neighbour_address = is->address};
	peer->out = is->session;
}

/*
 * What a router shows of its tables, it has taken and may have written again: LOCAL_PREF from outside is its own, and members'
 * segments are of its confederation, which no OPEN tells. That they are judged is the check's.
 */
#define ROUTERS (MANRS_BGP_GUESS | MANRS_BGP_EXTENDED | MANRS_BGP_CONFED)

manrs_bgp_session bmp_session(const struct bmp_peer *peer, const struct bmp_head *head,
			      bool mirrored)
{
	bool up = peer && peer->is.up;
	manrs_bgp_session session = {0};

	if (up)
		session = head->view & MANRS_BMP_OUT ? peer->out : peer->is.session;
	if (up && mirrored)
		return session;
	session.flags &= ~MANRS_BGP_AS4;
	session.flags |= ROUTERS | (head->as2 ? 0 : MANRS_BGP_AS4);
	return with_neighbour(session, head);
}

/* ---- calls ---- */

int manrs_bmp_peer_get(const manrs_bmp *bmp, uint32_t peer, manrs_bmp_peer *out)
{
	const struct bmp_peer *p = bmp_peer_at(&bmp->peers, peer);

	if (!p)
		return MANRS_ENOENT;
	return grow_give(out, GROW_LEAST(manrs_bmp_peer, name), &p->is, sizeof p->is)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

uint32_t manrs_bmp_peers(const manrs_bmp *bmp)
{
	return (uint32_t)bmp->peers.list.n;
}
