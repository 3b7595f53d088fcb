/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of an archive into the RIB. */

#include "watch_mrt.h"

#include <manrs/mrt.h>

enum {
	ROUTES = 64,     /* pulled at a time */
	TOLD = 10,       /* UPDATEs whose routes are lost are said one by one */
	ESTABLISHED = 6, /* RFC 6396 section 4.4.1 */
};

static void mrt_rib(struct watch *w, manrs_mrt *mrt)
{
	manrs_announcement a[ROUTES];
	manrs_mrt_note notes[ROUTES];
	size_t n;

	do {
		n = manrs_mrt_announced(mrt, a, notes, ROUTES);
		for (size_t i = 0; i < n; i++)
			session_announce(
				w, session_of_peer(w, &a[i].neighbour_address, a[i].neighbour_asn),
				&a[i], &notes[i].path_id, 1);
	} while (n == ROUTES);
}

static void mrt_update(struct watch *w, manrs_mrt *mrt, struct watch_session *s,
		       const manrs_mrt_record *record)
{
	manrs_announcement a[ROUTES];
	manrs_mrt_note notes[ROUTES];
	manrs_prefix prefixes[ROUTES];
	uint32_t path_ids[ROUTES];
	size_t n;

	do {
		n = manrs_mrt_withdrawn(mrt, prefixes, path_ids, ROUTES);
		session_withdraw(w, s, prefixes, path_ids, n);
	} while (n == ROUTES);
	do {
		n = manrs_mrt_announced(mrt, a, notes, ROUTES);
		for (size_t i = 0; i < n; i++)
			path_ids[i] = notes[i].path_id;
		session_announce(w, s, a, path_ids, n);
	} while (n == ROUTES);
	if (record->update.end_of_rib)
		session_end_of_rib(w, s, (int)record->update.end_of_rib);
}

static void take_lost_update(struct watch_mrt *m, const struct watch_session *s,
			     const manrs_mrt_record *record)
{
	char peer[SESSION_TEXT], why[LOST_TEXT];

	if (m->lost++ < TOLD)
		complain_at(m->read.name, 0, "byte %llu: %s: an UPDATE whose routes are lost: %s",
			    (unsigned long long)record->at + 1, session_text(peer, s),
			    lost_text(why, &record->update));
}

static void take_record(void *arg, manrs_mrt *mrt, const manrs_mrt_record *record)
{
	struct watch_mrt *m = arg;
	struct watch *w = m->w;
	struct watch_session *s;

	if (record->local) /* what the collector sent */
		return;
	input_time(w, (uint64_t)record->time_s * 1000000 + record->time_us);
	w->lines++;
	if (record->kind == MANRS_MRT_RIB) {
		mrt_rib(w, mrt);
		return;
	}
	if (record->kind != MANRS_MRT_UPDATE && record->kind != MANRS_MRT_STATE)
		return;
	s = session_of_peer(w, &record->session.neighbour_address, record->session.neighbour_asn);
	if (record->kind == MANRS_MRT_UPDATE) {
		if (record->update.action > MANRS_BGP_WITHDRAW)
			take_lost_update(m, s, record);
		else
			mrt_update(w, mrt, s, record);
		return;
	}
	s->up = record->new_state == ESTABLISHED;
	if (record->old_state == ESTABLISHED && !s->up)
		session_down(w, s);
}

/* What was bad since the last time. */
static void count_bad(struct watch *w, struct watch_mrt *m)
{
	uint64_t bad = m->read.bad + m->read.lost + m->lost;

	w->bad += bad - m->counted;
	m->counted = bad;
}

void mrt_take(struct watch *w, struct watch_mrt *m, const char *file, const char *bytes, size_t n)
{
	if (!m->open && !m->broken) {
		m->read = (struct mrt_read){.record = take_record, .arg = m, .name = file};
		m->w = w;
		m->open = true;
		m->broken = !mrt_start(&m->read);
	}
	m->broken = m->broken || !mrt_feed(&m->read, bytes, n);
	count_bad(w, m);
}

void mrt_end(struct watch *w, struct watch_mrt *m)
{
	if (!m->open)
		return;
	m->broken = m->broken || !mrt_finish(&m->read);
	count_bad(w, m);
	w->bad += m->broken;
	if (m->lost > TOLD)
		complain_at(m->read.name, 0, "%llu UPDATEs whose routes are lost",
			    (unsigned long long)m->lost);
	mrt_free(&m->read);
	*m = (struct watch_mrt){0};
}
