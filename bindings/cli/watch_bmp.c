/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A station for routers that speak BMP (RFC 7854): one reader of manrs/bmp.h a connection, its peers and their views sessions.
 *
 * By default one view of a peer counts, the one that says most of what its neighbour sent: Adj-RIB-In before the policy, else
 * after it; and the router's own Loc-RIB or Adj-RIB-Out only where it sends no Adj-RIB-In. A better one that comes later takes
 * the place of the other.
 *
 * A router that has gone takes its routes along, or leaves them for --hold: if it comes again its sessions are the same ones,
 * and what it does not send again goes at the End-of-RIB, or when the hold is over.
 */

#include "watch_router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_BYTES = 8192, /* of a router a turn */
	ROUTES = 64,       /* pulled at a time */
};

static void router_close(struct router *r, const char *why);

/* ---- sessions of a router ---- */

static struct watch_session **slot(struct router *r, uint32_t peer, enum watch_view view)
{
	size_t at = (size_t)peer * VIEWS + view;

	while (r->n_sessions <= at) {
		size_t n = r->n_sessions ? 2 * r->n_sessions : (size_t)8 * VIEWS;

		r->session = must_resize(r->session, n, sizeof(struct watch_session *));
		for (size_t i = r->n_sessions; i < n; i++)
			r->session[i] = NULL;
		r->n_sessions = n;
	}
	return &r->session[at];
}

static void slot_clear(struct router *r, struct watch_session **at)
{
	if (*at)
		session_remove(r->w, *at);
	*at = NULL;
}

static enum watch_view view_of(uint32_t bits)
{
	if (bits & MANRS_BMP_LOC_RIB)
		return VIEW_LOC;
	if (bits & MANRS_BMP_OUT)
		return bits & MANRS_BMP_POST_POLICY ? VIEW_OUT_POST : VIEW_OUT;
	return bits & MANRS_BMP_POST_POLICY ? VIEW_POST : VIEW_PRE;
}

/* Views that say less than one of Adj-RIB-In. */
static void clear_others(struct router *r)
{
	for (size_t i = 0; i < r->n_sessions; i++)
		if (i % VIEWS >= VIEW_OUT)
			slot_clear(r, &r->session[i]);
}

static bool has_view(const struct router *r, enum watch_view from, enum watch_view to)
{
	for (size_t i = 0; i < r->n_sessions; i++)
		if (r->session[i] && i % VIEWS >= from && i % VIEWS <= to)
			return true;
	return false;
}

/* Whether this view of a peer counts; others that it is better than go. */
static bool wanted(struct router *r, uint32_t peer, enum watch_view view)
{
	uint32_t views = r->w->options->views;

	if (views)
		return views >> view & 1;
	if (view == VIEW_OUT_POST && *slot(r, peer, VIEW_OUT))
		return false;
	if (view >= VIEW_OUT && has_view(r, VIEW_PRE, VIEW_POST))
		return false;
	if (view == VIEW_OUT || view == VIEW_OUT_POST)
		return !has_view(r, VIEW_LOC, VIEW_LOC);
	if (view == VIEW_LOC) {
		clear_others(r);
		return true;
	}
	if (view == VIEW_POST && *slot(r, peer, VIEW_PRE))
		return false;
	clear_others(r);
	if (view == VIEW_PRE)
		slot_clear(r, slot(r, peer, VIEW_POST));
	return true;
}

static bool same_session(const struct watch_session *a, const struct watch_session *b)
{
	return a->view == b->view && a->type == b->type && a->asn == b->asn &&
	       a->distinguisher == b->distinguisher &&
	       manrs_prefix_cmp(&a->address, &b->address) == 0 &&
	       manrs_prefix_cmp(&a->station, &b->station) == 0;
}

/* A session that waits for its router, and is this one. */
static struct watch_session *held(struct watch *w, const struct watch_session *like)
{
	for (struct watch_session *s = w->options->hold_s ? w->sessions : NULL; s; s = s->next)
		if (s->until_ms && same_session(s, like))
			return s;
	return NULL;
}

static bool has_session(const struct router *r, const struct watch_session *like)
{
	for (size_t i = 0; i < r->n_sessions; i++)
		if (r->session[i] && same_session(r->session[i], like))
			return true;
	return false;
}

/* Another connection of this router has the session: that one is dead, and nobody has told us. */
static void end_older(struct router *r, const struct watch_session *like)
{
	for (struct router *o = r->w->routers, *next; o; o = next) {
		next = o->next;
		if (o != r && !strcmp(o->name, r->name) && has_session(o, like))
			router_close(o, "the router has connected again");
	}
}

/* returns: false: there is no such peer */
static bool describe(const struct router *r, uint32_t peer, enum watch_view view,
		     struct watch_session *like)
{
	manrs_bmp_peer p = {.size = sizeof p};

	*like = (struct watch_session){.view = view, .station = r->address, .up = true};
	if (manrs_bmp_peer_get(r->bmp, peer, &p) != MANRS_OK)
		return false;
	like->address = p.address;
	like->asn = p.asn;
	like->type = p.type;
	like->distinguisher = p.distinguisher;
	snprintf(like->router, sizeof like->router, "%s", r->name);
	return true;
}

static struct watch_session *make_session(struct router *r, const struct watch_session *like)
{
	struct watch_session *s;

	end_older(r, like);
	s = held(r->w, like);
	if (!s)
		return session_new(r->w, like);
	/* What it does not send again goes when the hold is over, or earlier at its End-of-RIB. */
	s->until_ms = 0;
	s->stale_ms = r->w->loop.now_ms + r->w->options->hold_s * 1000;
	s->up = true;
	session_refresh(r->w, s);
	return s;
}

/*
 * Only routes that come make a session, or one that waits for its router: FRR without soft-reconfiguration has no Adj-RIB-In
 * before the policy, and says of each route that it is withdrawn there. That must not take the place of the view that it has.
 * returns: NULL: this view does not count
 */
static struct watch_session *session_of(struct router *r, const manrs_bmp_event *event, bool come)
{
	enum watch_view view = view_of(event->view);
	struct watch_session **at, like;

	if (event->peer == UINT32_MAX)
		return NULL;
	at = slot(r, event->peer, view);
	if (*at || !describe(r, event->peer, view, &like) || (!come && !held(r->w, &like)))
		return *at;
	if (wanted(r, event->peer, view))
		*at = make_session(r, &like);
	return *at;
}

/* ---- events ---- */

static void take_initiation(struct router *r)
{
	const char *name = manrs_bmp_system(r->bmp, 2);

	if (*name)
		snprintf(r->name, sizeof r->name, "%s", name);
	complain("info: %s: router %s", r->peer, r->name);
}

/* Its routes of before are gone; when it comes up, in whatever view it sends then. */
static void all_views(struct router *r, uint32_t peer, bool up)
{
	for (enum watch_view view = 0; view < VIEWS; view++) {
		struct watch_session **s = slot(r, peer, view);

		if (!*s)
			continue;
		if (up) {
			slot_clear(r, s);
		} else {
			session_down(r->w, *s);
			(*s)->up = false;
		}
	}
}

static void take_peer(struct router *r, const manrs_bmp_event *event, bool up)
{
	char text[SESSION_TEXT];

	if (event->peer == UINT32_MAX)
		return;
	all_views(r, event->peer, up);
	complain("info: %s: %s", router_peer_name(r, event->peer, text), up ? "up" : "down");
}

/* A path without its first hop; both hops are of one AS_SEQUENCE. kind: where its kinds are to go, or NULL */
static void drop_first(manrs_path *path, uint8_t *kind)
{
	path->n--;
	path->asn++;
	if (!path->kind)
		return;
	memcpy(kind, path->kind + 1, path->n);
	kind[0] |= MANRS_SEGMENT_START;
	path->kind = kind;
}

/*
 * FRR, up to 10 at least, encodes what a neighbour sent as if it told it on: the router's own AS stands before the neighbour's.
 * No route of an Adj-RIB-In has that, as it would be a loop (RFC 4271 section 9.1.2): it is taken off. All announcements of a
 * message have one path.
 */
static void take_off_own_as(struct router *r, const manrs_bmp_event *event, manrs_announcement *a,
			    size_t n)
{
	const manrs_path path = n ? a->path : (manrs_path){0};
	manrs_bmp_peer p = {.size = sizeof p};
	char text[SESSION_TEXT];

	if (path.n < 2 || event->view & (MANRS_BMP_OUT | MANRS_BMP_LOC_RIB) ||
	    (path.kind && path.kind[1] != MANRS_SEGMENT_SEQUENCE) ||
	    manrs_bmp_peer_get(r->bmp, event->peer, &p) != MANRS_OK || p.local_asn == p.asn ||
	    path.asn[0] != p.local_asn || path.asn[1] != p.asn)
		return;
	if (path.kind)
		r->kind = must_resize(r->kind, path.n, 1);
	for (size_t i = 0; i < n; i++)
		drop_first(&a[i].path, r->kind);
	if (!r->own_as)
		complain("info: %s: its own AS%u stands before what it got: it is taken off",
			 router_peer_name(r, event->peer, text), p.local_asn);
	r->own_as = true;
}

static void take_routes(struct router *r, const manrs_bmp_event *event)
{
	struct watch_session *s = session_of(r, event, false);
	manrs_announcement announced[ROUTES];
	manrs_prefix withdrawn[ROUTES];
	uint32_t path_ids[ROUTES];
	size_t n;

	do {
		n = manrs_bmp_withdrawn(r->bmp, withdrawn, path_ids, ROUTES);
		if (s)
			session_withdraw(r->w, s, withdrawn, path_ids, n);
	} while (n == ROUTES);
	do {
		n = manrs_bmp_announced(r->bmp, announced, path_ids, ROUTES);
		s = n ? session_of(r, event, true) : s;
		take_off_own_as(r, event, announced, n);
		if (s)
			session_announce(r->w, s, announced, path_ids, n);
	} while (n == ROUTES);
}

static void take_end_of_rib(struct router *r, const manrs_bmp_event *event)
{
	struct watch_session *s = session_of(r, event, false);

	if (s)
		session_end_of_rib(r->w, s, (int)event->update.end_of_rib);
}

/* The routes of an UPDATE, or none where it would have ended the session. */
static void take_update(struct router *r, const manrs_bmp_event *event)
{
	if (event->update.action > MANRS_BGP_WITHDRAW)
		router_lost_update(r, event);
	else
		take_routes(r, event);
}

/* returns: false: the router ends it */
static bool take_event(struct router *r, const manrs_bmp_event *event)
{
	r->w->messages++;
	switch (event->kind) {
	case MANRS_BMP_INITIATION:
		take_initiation(r);
		break;
	case MANRS_BMP_TERMINATION:
		return false;
	case MANRS_BMP_PEER_UP:
	case MANRS_BMP_PEER_DOWN:
		take_peer(r, event, event->kind == MANRS_BMP_PEER_UP);
		break;
	case MANRS_BMP_ROUTES:
		take_update(r, event);
		break;
	case MANRS_BMP_MIRROR:
		router_mirrored(r, event);
		break;
	case MANRS_BMP_END_OF_RIB:
		take_end_of_rib(r, event);
		break;
	case MANRS_BMP_BAD:
		router_bad(r, event);
		break;
	default:
		break;
	}
	return true;
}

/* ---- connections ---- */

/* Its sessions go, or wait for it. */
static void leave_sessions(struct router *r)
{
	uint64_t hold_s = r->w->options->hold_s;

	for (size_t i = 0; i < r->n_sessions; i++) {
		if (!r->session[i])
			continue;
		r->session[i]->up = false;
		r->session[i]->until_ms = r->w->loop.now_ms + hold_s * 1000;
		if (!hold_s)
			session_remove(r->w, r->session[i]);
	}
}

static void router_close(struct router *r, const char *why)
{
	struct watch *w = r->w;

	complain("info: %s %s: closed: %s", r->peer, r->name, why);
	router_bad_all(r);
	loop_del(&w->loop, &r->watch);
	close(r->watch.fd);
	leave_sessions(r);
	manrs_bmp_free(r->bmp);
	*r->at = r->next;
	if (r->next)
		r->next->at = r->at;
	w->n_routers--;
	w->listening.closed++;
	free(r->session);
	free(r->bytes);
	free(r->kind);
	free(r);
}

/* All whole messages that are there. returns: NULL: go on; else why it is to be closed */
static const char *decode(struct router *r)
{
	const manrs_bmp_event *event;
	manrs_fault fault = {0};
	size_t at = 0;
	int n;

	while ((n = manrs_bmp_decode(r->bmp, &event, r->bytes + at, r->n - at, &r->need, &fault)) >
	       0) {
		at += (size_t)n;
		r->begun_ms = r->w->loop.now_ms;
		if (!take_event(r, event))
			return "terminated by the router";
	}
	memmove(r->bytes, r->bytes + at, r->n - at);
	r->n -= at;
	if (n < 0)
		return fault.what ? fault.what : manrs_strerror(n);
	return NULL;
}

static ssize_t receive(struct router *r)
{
	ssize_t n;

	if (r->cap - r->n < READ_BYTES) {
		r->cap = 2 * r->cap + READ_BYTES;
		r->bytes = must_resize(r->bytes, r->cap, 1);
	}
	do
		n = read(r->watch.fd, r->bytes + r->n, READ_BYTES);
	while (n < 0 && errno == EINTR);
	return n;
}

static void pause_reading(struct router *r, bool paused)
{
	if (r->paused == paused || !loop_mod(&r->w->loop, &r->watch, paused ? 0 : EPOLLIN))
		return;
	r->paused = paused;
	r->begun_ms = r->w->loop.now_ms; /* the rest of a message has waited for us */
}

static void router_ready(struct loop_watch *watch, uint32_t events)
{
	struct router *r = (struct router *)(void *)watch;
	const char *why;
	ssize_t n;

	if (rows_wait(r->w) && !(events & (EPOLLERR | EPOLLHUP))) {
		pause_reading(r, true);
		return;
	}
	n = receive(r);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n <= 0) {
		router_close(r, n < 0  ? strerror(errno)
				: r->n ? "the router has gone within a message"
				       : "the router has gone");
		return;
	}
	r->begun_ms = r->n ? r->begun_ms : r->w->loop.now_ms;
	r->n += (size_t)n;
	r->w->bytes += (uint64_t)n;
	why = decode(r);
	if (why)
		router_close(r, why);
}

static bool refuse(struct watch *w, int fd, const char *name, const char *why)
{
	complain("warning: %s: not taken: %s", name, why);
	w->listening.refused++;
	close(fd);
	return false;
}

static struct router *router_new(struct watch *w, int fd, const char *name)
{
	struct router *r = must_resize(NULL, 1, sizeof *r);
	struct sockaddr_storage from = {0};
	socklen_t n = sizeof from;
	manrs_bmp_config config;
	char address[MANRS_PREFIX_TEXT];

	*r = (struct router){.w = w, .watch = {.fd = fd, .ready = router_ready}};
	snprintf(r->peer, sizeof r->peer, "%s", name);
	if (getpeername(fd, (struct sockaddr *)&from, &n) == 0)
		peer_prefix(&r->address, (struct sockaddr *)&from);
	snprintf(r->name, sizeof r->name, "%s", watch_address(address, &r->address));
	manrs_bmp_config_init(&config, sizeof config);
	random_seed(config.hash_seed);
	if (manrs_bmp_new(&r->bmp, &config) == MANRS_OK)
		return r;
	free(r);
	return NULL;
}

bool bmp_take(struct listening *l, int fd, const char *name, const struct wire *wire)
{
	struct watch *w = (struct watch *)(void *)((char *)l - offsetof(struct watch, listening));
	struct router *r;

	(void)wire;
	if (w->n_routers >= w->options->max_routers)
		return refuse(w, fd, name, "--max-routers are connected");
	r = router_new(w, fd, name);
	if (!r)
		return refuse(w, fd, name, strerror(ENOMEM));
	if (!loop_add(&w->loop, &r->watch, EPOLLIN)) {
		manrs_bmp_free(r->bmp);
		free(r);
		return refuse(w, fd, name, strerror(errno));
	}
	r->next = w->routers;
	r->at = &w->routers;
	if (r->next)
		r->next->at = &r->next;
	w->routers = r;
	w->n_routers++;
	l->accepted++;
	complain("info: %s: connected", name);
	return true;
}

/* ---- in the loop ---- */

void bmp_go_on(struct watch *w)
{
	for (struct router *r = w->routers; r && !rows_wait(w); r = r->next)
		pause_reading(r, false);
}

/* Sessions whose router has not come again, or has not sent all again. */
static void holds_expire(struct watch *w, uint64_t now_ms)
{
	for (struct watch_session *s = w->sessions, *next; s; s = next) {
		next = s->next;
		if (s->until_ms && now_ms >= s->until_ms) {
			session_remove(w, s);
		} else if (s->stale && now_ms >= s->stale_ms) {
			session_end_of_rib(w, s, 4);
			session_end_of_rib(w, s, 6);
			s->stale = false;
		}
	}
}

void bmp_turn(struct watch *w, uint64_t now_ms)
{
	const uint64_t most_ms = w->options->message_s * 1000;

	holds_expire(w, now_ms);
	for (struct router *r = w->routers, *next; r; r = next) {
		next = r->next;
		if (r->n && !r->paused && now_ms >= r->begun_ms + most_ms)
			router_close(r, "a message that does not end");
	}
}

void bmp_again(struct watch *w, const struct watch_session *s)
{
	for (struct router *r = w->routers, *next; r; r = next) {
		next = r->next;
		for (size_t i = 0; i < r->n_sessions; i++)
			if (r->session[i] == s) {
				shutdown(r->watch.fd, SHUT_RDWR);
				break;
			}
	}
}

void bmp_close(struct watch *w)
{
	while (w->routers)
		router_close(w->routers, "the end");
}
