/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WIRE_BMP_MADE_H
#define TESTS_WIRE_BMP_MADE_H

/* BMP messages as a router makes them, written beside RFC 7854 section 4 and RFC 4271 section 4. */

#include <stdint.h>
#include <string.h>

struct made {
	uint8_t at[1 << 17];
	size_t n, from; /* from: of the BMP message that is being made */
};

static inline void made_bytes(struct made *m, const void *bytes, size_t n)
{
	if (n)
		memcpy(m->at + m->n, bytes, n);
	m->n += n;
}

static inline void made8(struct made *m, unsigned v)
{
	m->at[m->n++] = (uint8_t)v;
}

static inline void made16(struct made *m, unsigned v)
{
	made8(m, v >> 8);
	made8(m, v);
}

static inline void made32(struct made *m, uint32_t v)
{
	made16(m, v >> 16);
	made16(m, v & 0xffff);
}

static inline void made64(struct made *m, uint64_t v)
{
	made32(m, (uint32_t)(v >> 32));
	made32(m, (uint32_t)v);
}

/* ---- BMP ---- */

struct made_peer {
	unsigned type, flags;
	uint64_t distinguisher;
	uint8_t address[16];
	uint32_t asn, bgp_id, time_s, time_us;
};

static inline void made_begin(struct made *m, unsigned type)
{
	m->from = m->n;
	made8(m, 3);
	made32(m, 0);
	made8(m, type);
}

static inline void made_head(struct made *m, const struct made_peer *p)
{
	made8(m, p->type);
	made8(m, p->flags);
	made64(m, p->distinguisher);
	made_bytes(m, p->address, 16);
	made32(m, p->asn);
	made32(m, p->bgp_id);
	made32(m, p->time_s);
	made32(m, p->time_us);
}

static inline void made_end(struct made *m)
{
	size_t end = m->n;

	m->n = m->from + 1;
	made32(m, (uint32_t)(end - m->from));
	m->n = end;
}

static inline void made_tlv(struct made *m, unsigned type, const void *bytes, size_t n)
{
	made16(m, type);
	made16(m, (unsigned)n);
	made_bytes(m, bytes, n);
}

/* ---- BGP ---- */

static inline size_t made_bgp(struct made *m, unsigned type)
{
	size_t at = m->n;

	for (int i = 0; i < 16; i++)
		made8(m, 0xff);
	made16(m, 0);
	made8(m, type);
	return at;
}

/* At `place`, the length of what stands from `from` on. */
static inline void made_length(struct made *m, size_t place, size_t from)
{
	m->at[place] = (uint8_t)((m->n - from) >> 8);
	m->at[place + 1] = (uint8_t)(m->n - from);
}

struct made_open {
	uint32_t asn;
	int as4;              /* with the capability of RFC 6793 */
	int paths4, paths6;   /* RFC 7911's Send/Receive; 0: not there */
	int role;             /* RFC 9234's + 1; 0: none */
	int families, no_end; /* no_end: a capability runs past the end */
};

static inline void made_open(struct made *m, const struct made_open *o)
{
	size_t at = made_bgp(m, 1), parameters;

	made8(m, 4);
	made16(m, o->asn > 65535 ? 23456 : o->asn);
	made16(m, 180);
	made32(m, 0x0a000001);
	parameters = m->n;
	made8(m, 0);
	made8(m, 2);
	made8(m, 0);
	if (o->families)
		made_bytes(m, "\1\4\0\1\0\1\1\4\0\2\0\1", 12);
	if (o->as4) {
		made8(m, 65);
		made8(m, 4);
		made32(m, o->asn);
	}
	for (int family = 4; family <= 6; family += 2) {
		int how = family == 4 ? o->paths4 : o->paths6;

		if (how) {
			made_bytes(m, "\105\4\0", 3);
			made8(m, family == 4 ? 1 : 2);
			made8(m, 1);
			made8(m, (unsigned)how);
		}
	}
	if (o->role) {
		made8(m, 9);
		made8(m, 1);
		made8(m, (unsigned)o->role - 1);
	}
	if (o->no_end)
		made_bytes(m, "\101\4\0", 3);
	m->at[parameters] = (uint8_t)(m->n - parameters - 1);
	m->at[parameters + 2] = (uint8_t)(m->n - parameters - 3);
	made_length(m, at + 16, at);
}

struct made_update {
	uint32_t path[8];
	size_t n_path;
	int as2, path_ids, no_attributes;
	const char *announce, *withdraw; /* NLRI, with their path ids */
	size_t n_announce, n_withdraw;
};

static inline void made_update(struct made *m, const struct made_update *u)
{
	size_t at = made_bgp(m, 2), attributes;

	made16(m, (unsigned)u->n_withdraw);
	made_bytes(m, u->withdraw, u->n_withdraw);
	attributes = m->n;
	made16(m, 0);
	if (u->n_announce && !u->no_attributes) {
		made_bytes(m, "\x40\1\1\0", 4);
		made8(m, 0x40);
		made8(m, 2);
		made8(m, u->n_path ? (unsigned)(2 + u->n_path * (u->as2 ? 2 : 4)) : 0);
		if (u->n_path) {
			made8(m, 2);
			made8(m, (unsigned)u->n_path);
		}
		for (size_t i = 0; i < u->n_path; i++) {
			if (u->as2)
				made16(m, u->path[i]);
			else
				made32(m, u->path[i]);
		}
		made_bytes(m, "\x40\3\4\12\0\0\2", 7);
	}
	made_length(m, attributes, attributes + 2);
	made_bytes(m, u->announce, u->n_announce);
	made_length(m, at + 16, at);
}

/* A whole message of each kind. */

static inline void made_up(struct made *m, const struct made_peer *p, const struct made_open *sent,
			   const struct made_open *received, const char *table)
{
	static const uint8_t local[16] = {[12] = 10, [15] = 1};

	made_begin(m, 3);
	made_head(m, p);
	made_bytes(m, local, 16);
	made16(m, 179);
	made16(m, 40000);
	made_open(m, sent);
	made_open(m, received);
	if (table)
		made_tlv(m, 3, table, strlen(table));
	made_end(m);
}

static inline void made_routes(struct made *m, const struct made_peer *p,
			       const struct made_update *u)
{
	made_begin(m, 0);
	made_head(m, p);
	made_update(m, u);
	made_end(m);
}

static inline void made_down(struct made *m, const struct made_peer *p, unsigned reason,
			     const void *data, size_t n)
{
	made_begin(m, 2);
	made_head(m, p);
	made8(m, reason);
	made_bytes(m, data, n);
	made_end(m);
}

#endif
