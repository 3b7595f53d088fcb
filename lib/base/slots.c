/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-1-3 over words, and the table that grows by doubling (slots.h). */

#include "base/slots.h"

#include <string.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = left(s->v1, 13) ^ s->v0;
	s->v0 = left(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = left(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = left(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = left(s->v1, 17) ^ s->v2;
	s->v2 = left(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint64_t slots_hash(const uint64_t seed[2], const void *bytes, size_t n)
{
	const char *p = bytes;
	uint64_t word;
	struct sip s = {
		UINT64_C(0x736f6d6570736575) ^ seed[0], UINT64_C(0x646f72616e646f6d) ^ seed[1],
		UINT64_C(0x6c7967656e657261) ^ seed[0], UINT64_C(0x7465646279746573) ^ seed[1]};

	for (size_t left = n / 8; left > 0; left--, p += 8) {
		memcpy(&word, p, sizeof word);
		sip_word(&s, word);
	}
	if (n % 8) {
		word = 0;
		memcpy(&word, p, n % 8);
		sip_word(&s, word);
	}
	sip_word(&s, (uint64_t)n << 56);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The taken ones of `from` go to `to`. They are gathered first: which of them are taken, no processor predicts. */
static void put_all(struct slots *to, const struct slots *from)
{
	uint64_t taken[64];
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++) {
		taken[n] = from->slot[i];
		n += taken[n] != 0;
		if (n < 64 && i + 1 < from->n)
			continue;
		while (n > 0) {
			n--;
			slots_put(to, taken[n], (uint32_t)taken[n] - 1);
		}
	}
}

bool slots_reserve(const manrs_alloc *mem, struct slots *s, size_t items)
{
	struct slots new = {.n = s->n ? s->n : 16, .seed = {s->seed[0], s->seed[1]}};

	if (items > SLOTS_MOST)
		return false;
	while (new.n / 2 < items) {
		if (new.n > SIZE_MAX / 2 / sizeof *new.slot)
			return false;
		new.n *= 2;
	}
	if (new.n == s->n)
		return true;
	new.slot = mem_zalloc(mem, new.n * sizeof *new.slot);
	if (!new.slot)
		return false;
	if (!new.seed[0] && !new.seed[1])
		new.seed[0] = (uint64_t)(uintptr_t) new.slot;
	put_all(&new, s);
	mem_free(mem, s->slot, s->n * sizeof *s->slot);
	*s = new;
	return true;
}

void slots_free(const manrs_alloc *mem, struct slots *s)
{
	mem_free(mem, s->slot, s->n * sizeof *s->slot);
	*s = (struct slots){0};
}
