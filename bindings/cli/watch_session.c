/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions: each has its policy and a handle of the RIB. One that no policy names has none: it is said once, its routes are
 * counted and not judged, and they are an error in the end.
 *
 * Where the RIB wants its changes to be pulled first they become rows at once. What is read in one go is bounded, and so are
 * these; who waits for stdout does so before the next read.
 */

#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 1024 }; /* routes, of manrs_rib_work */

const char *const watch_view_names[VIEWS] = {"pre", "post", "out", "out-post", "loc"};

const char *watch_address(char text[MANRS_PREFIX_TEXT], const manrs_prefix *address)
{
	char *slash;

	if (!address->family || manrs_prefix_format(address, text, MANRS_PREFIX_TEXT) < 0)
		return "-";
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	return text;
}

const char *session_text(char text[SESSION_TEXT], const struct watch_session *s)
{
	char address[MANRS_PREFIX_TEXT];

	snprintf(text, SESSION_TEXT, "%s%s%s AS%u", s->router, *s->router ? " " : "",
		 watch_address(address, &s->address), s->asn);
	return text;
}

const char *lost_text(char text[LOST_TEXT], const manrs_bgp_update *update)
{
	const manrs_fault *fault = &update->fault;
	char attribute[32] = "";

	if (fault->code > 0)
		snprintf(attribute, sizeof attribute, ": attribute %d", (int)fault->code);
	snprintf(text, LOST_TEXT, "%s%s: %s", manrs_bgp_action_text((int)update->action), attribute,
		 fault->what ? fault->what : "malformed");
	return text;
}

/* Room for what the RIB has turned away. returns: whether it is to be tried again */
static bool again(struct watch *w, int rc)
{
	if (rc != MANRS_EBUSY)
		return false;
	rows_changes(w, true);
	w->working = manrs_rib_work(w->rib, STEP) != 0;
	rows_changes(w, true);
	return true;
}

/* ---- into the RIB and out of it ---- */

static bool is_ours(const struct watch_session *s)
{
	return !s->asn || !s->policy->policy.local_as || s->asn == s->policy->policy.local_as;
}

/* What the policy says of the session's announcements, as `manrs check` has it. */
static void session_flags(struct watch_session *s)
{
	bool internal = s->policy->policy.role == MANRS_ROLE_NONE;
	char text[SESSION_TEXT];

	s->flags = s->asn ? 0 : MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	s->malformed = 0;
	if (s->view == VIEW_OUT || s->view == VIEW_OUT_POST)
		s->flags |= MANRS_ANNOUNCE_EGRESS;
	if (s->view == VIEW_LOC)
		s->flags |= MANRS_ANNOUNCE_INTERNAL | MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	else if (internal && is_ours(s))
		s->flags |= MANRS_ANNOUNCE_INTERNAL;
	else if (internal)
		s->malformed = MANRS_ANNOUNCE_MALFORMED;
	if (s->malformed)
		complain("%s: the peer's AS is not ours, and the session is internal",
			 session_text(text, s));
}

static void let_go(struct watch_session *s)
{
	if (s && !--s->holders)
		free(s);
}

/* Changes name a session by its handle, also when it is gone: it stays until another has got the handle. */
static void keep_handle(struct watch *w, struct watch_session *s)
{
	size_t at = (size_t)s->rib;

	while (w->n_by_rib <= at) {
		w->by_rib = must_resize(w->by_rib, w->n_by_rib + 1, sizeof *w->by_rib);
		w->by_rib[w->n_by_rib++] = NULL;
	}
	let_go(w->by_rib[at]);
	w->by_rib[at] = s;
	s->holders++;
}

/* returns: false: said why */
static bool rib_add(struct watch *w, struct watch_session *s)
{
	manrs_rib_session config;
	char text[SESSION_TEXT];
	int rc;

	session_flags(s);
	manrs_rib_session_init(&config, sizeof config);
	config.policy = &s->policy->policy;
	config.neighbour_asn = s->asn;
	config.neighbour_address = s->address;
	config.flags = s->flags;
	rows_changes(w, true); /* those of a session that had the handle before */
	do
		rc = manrs_rib_session_add(w->rib, &config);
	while (again(w, rc));
	if (rc < 0) {
		complain("error: %s: not judged: %s", session_text(text, s), manrs_strerror(rc));
		s->policy = NULL;
		return false;
	}
	s->rib = rc;
	keep_handle(w, s);
	return true;
}

static void rib_remove(struct watch *w, struct watch_session *s)
{
	int rc;

	if (s->rib < 0)
		return;
	do
		rc = manrs_rib_session_remove(w->rib, (uint32_t)s->rib);
	while (again(w, rc));
	w->working = true;
	s->rib = -1;
}

struct watch_session *session_new(struct watch *w, const struct watch_session *like)
{
	struct watch_session *s = must_resize(NULL, 1, sizeof *s);
	char text[SESSION_TEXT];

	*s = *like;
	s->rib = -1;
	s->holders = 1;
	s->policy = policies_of(w->policies, &s->address, s->asn);
	s->next = w->sessions;
	s->at = &w->sessions;
	if (s->next)
		s->next->at = &s->next;
	w->sessions = s;
	if (!s->policy)
		complain("warning: %s: no policy names it: its routes are not judged",
			 session_text(text, s));
	else
		rib_add(w, s);
	return s;
}

void session_remove(struct watch *w, struct watch_session *s)
{
	rib_remove(w, s);
	*s->at = s->next;
	if (s->next)
		s->next->at = s->at;
	let_go(s);
}

static uint32_t peer_hash(const manrs_prefix *address, uint32_t asn)
{
	uint8_t bytes[16] = {0};
	uint32_t len = 0, hash = asn * 2654435761u;

	if (address->family)
		manrs_prefix_get(address, bytes, &len);
	for (size_t i = 0; i < sizeof bytes; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash >> (32 - PEERS_BITS);
}

struct watch_session *session_of_peer(struct watch *w, const manrs_prefix *address, uint32_t asn)
{
	struct watch_session **at = &w->peers[peer_hash(address, asn)],
			     like = {.address = *address, .asn = asn, .view = VIEWS, .up = true};

	for (struct watch_session *s = *at; s; s = s->chain)
		if (s->asn == asn && manrs_prefix_cmp(&s->address, address) == 0)
			return s;
	like.chain = *at;
	*at = session_new(w, &like);
	return *at;
}

/* ---- what becomes of its routes ---- */

void session_down(struct watch *w, struct watch_session *s)
{
	int rc;

	s->stale = false;
	if (s->rib < 0)
		return;
	do
		rc = manrs_rib_session_down(w->rib, (uint32_t)s->rib);
	while (again(w, rc));
	w->working = true;
}

void session_refresh(struct watch *w, struct watch_session *s)
{
	int rc;

	s->stale = true;
	if (s->rib < 0)
		return;
	do
		rc = manrs_rib_session_refresh(w->rib, (uint32_t)s->rib);
	while (again(w, rc));
}

void session_end_of_rib(struct watch *w, struct watch_session *s, int family)
{
	int rc;

	if (s->rib < 0)
		return;
	do
		rc = manrs_rib_end_of_rib(w->rib, (uint32_t)s->rib, family);
	while (again(w, rc));
	w->working = true;
}

/* Said for the first of them, and once a minute at most. */
static void say_full(struct watch *w, const struct watch_session *s, int rc, size_t n)
{
	static uint64_t said_ms;
	char text[SESSION_TEXT];

	w->full += n;
	if (said_ms && w->loop.now_ms < said_ms + 60000)
		return;
	said_ms = w->loop.now_ms;
	complain(
		"error: %s: %llu routes do not fit, and are not judged: %s (--max-routes, --max-mib)",
		session_text(text, s), (unsigned long long)w->full, manrs_strerror(rc));
}

void session_announce(struct watch *w, struct watch_session *s, manrs_announcement *a,
		      const uint32_t *path_ids, size_t n)
{
	size_t at = 0, done = 0;
	int rc;

	s->unjudged += s->rib < 0 ? n : 0;
	if (s->rib < 0)
		return;
	for (size_t i = 0; s->malformed && i < n; i++)
		a[i].flags |= s->malformed;
	while (at < n) {
		rc = manrs_rib_announce(w->rib, (uint32_t)s->rib, a + at,
					path_ids ? path_ids + at : NULL, n - at, &done);
		at += done;
		if (again(w, rc))
			continue;
		if (rc != MANRS_OK && rc != MANRS_EINVAL) {
			say_full(w, s, rc, n - at);
			return;
		}
	}
}

void session_withdraw(struct watch *w, struct watch_session *s, const manrs_prefix *prefixes,
		      const uint32_t *path_ids, size_t n)
{
	size_t at = 0, done = 0;
	int rc;

	while (s->rib >= 0 && at < n) {
		rc = manrs_rib_withdraw(w->rib, (uint32_t)s->rib, prefixes + at,
					path_ids ? path_ids + at : NULL, n - at, &done);
		at += done;
		if (!again(w, rc) && rc != MANRS_OK)
			return;
	}
}

/* ---- policies ---- */

static void set_policy(struct watch *w, struct watch_session *s)
{
	char text[SESSION_TEXT];
	int rc = manrs_rib_session_set_policy(w->rib, (uint32_t)s->rib, &s->policy->policy);

	if (rc < 0)
		complain("error: %s: its policy: %s", session_text(text, s), manrs_strerror(rc));
	w->working = true;
}

/* The session under another file of policies. */
static void session_move(struct watch *w, struct watch_session *s, struct watch_policies *to)
{
	struct watch_policy *policy = policies_of(to, &s->address, s->asn);
	uint32_t flags = s->flags;
	bool judged = s->rib >= 0;
	char text[SESSION_TEXT];

	if (!policy) {
		rib_remove(w, s);
		s->policy = NULL;
		if (judged)
			complain(
				"warning: %s: no policy names it any more: its routes are not judged",
				session_text(text, s));
		return;
	}
	s->policy = policy;
	if (!judged) {
		if (rib_add(w, s))
			bmp_again(w, s);
		return;
	}
	session_flags(s);
	if (s->flags != flags) { /* its announcements are others now, which have to come again */
		rib_remove(w, s);
		if (rib_add(w, s))
			bmp_again(w, s);
		return;
	}
	set_policy(w, s);
}

void sessions_reread(struct watch *w)
{
	struct watch_policies *now = must_resize(NULL, 1, sizeof *now), *before = w->policies;

	if (!policies_read(now, &w->options->session, w->options->sessions)) {
		complain("warning: the policies stay as they were");
		free(now);
		return;
	}
	w->policies = now;
	for (struct watch_policy *p = now->first; p && w->db; p = p->next)
		policy_follow(p, w->db);
	if (w->db)
		policy_follow(&now->options, w->db);
	for (struct watch_session *s = w->sessions; s; s = s->next)
		session_move(w, s, now);
	policies_free(before);
	free(before);
	complain("info: the policies were read again");
}

/* Where tests come to have their data, the sessions are asked them. */
static void follow_policy(struct watch *w, struct watch_policy *p)
{
	if (!policy_follow(p, w->db))
		return;
	for (struct watch_session *s = w->sessions; s; s = s->next)
		if (s->rib >= 0 && s->policy == p)
			set_policy(w, s);
}

void sessions_follow(struct watch *w, const manrs_db *db)
{
	int rc;

	while ((rc = manrs_rib_follow(w->rib, db)) < 0 && again(w, rc))
		continue;
	if (rc < 0) {
		complain("error: the newest data is not judged by: %s", manrs_strerror(rc));
		return;
	}
	if (w->db)
		manrs_db_unref(w->db);
	w->db = db;
	if (db)
		manrs_db_ref(db);
	w->working = true;
	w->followed_ms = loop_clock();
	if (!db)
		return;
	for (struct watch_policy *p = w->policies->first; p; p = p->next)
		follow_policy(w, p);
	follow_policy(w, &w->policies->options);
}

void sessions_close(struct watch *w)
{
	struct watch_session *s;

	while ((s = w->sessions)) {
		w->sessions = s->next;
		let_go(s);
	}
	for (size_t i = 0; i < w->n_by_rib; i++)
		let_go(w->by_rib[i]);
	free(w->by_rib);
	if (w->policies)
		policies_free(w->policies);
	free(w->policies);
}
