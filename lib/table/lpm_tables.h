/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_LPM_TABLES_H
#define LIB_TABLE_LPM_TABLES_H

/*
 * The insides of the compiled longest-prefix match.
 *
 * A match is a number: an entry, 0 for none, or with LPM_MORE a way to go on.
 *
 * IPv4. The first 24 bits are cut into runs of equal matches. dir4 says for the first 18 bits where their chunk is, in
 * words of 8 bytes. A chunk stands for 64 addresses of 24 bits:
 *
 *      starts                 bit i: a run starts at i; bit 0 is set
 *      outer | first          two matches of 32 bits
 *      v1 v2 v3 ...           a byte for each run: 0 is `outer`, else it is entry first + v
 *
 * The entries longer than /18 within the 64 have indexes one behind the other, and there is one match around them, so a byte
 * is enough. A chunk of up to 48 runs lies in one cache line, so a lookup is two loads that depend on each other, in 4 MB
 * for the whole Internet, of which dir4 is 1 MB. (With half of that, a slot for 16 bits that says how much further its
 * second to fourth chunk is, random order was 17 % slower on a Zen 4.) A chunk of a single run has no start and no byte of
 * its own: it ends with first, which is 0, and the byte before v1 is the last of that. Such chunks are shared.
 *
 * Where a chunk has prefixes longer than /24, `outer` is LPM_MORE | w, what only those or, where the rest has no room in
 * bytes, more of its runs are; wide4[w] has `starts` again and whole matches. One that is LPM_MORE | b leads to
 * dir4[LPM_SLOTS4 + 4 b], the four chunks of the last 8 bits.
 *
 * IPv6. dir6 is indexed by the first 16 bits. Where prefixes are longer, the 32 bits from 16 on are
 * cut into runs, and a static tree finds the run; a step reads one cache line of 16 words:
 *
 *      inner line   child | key 1..15        the lines child + 0..15 are below
 *      leaf line      -   | key 1..7 | match 0..7
 *      gate line    way, bits, outside, - , address
 *
 * Key i is the last address before child (run) i, so the child to go to is the number of keys less
 * than the address; unused keys are the greatest number. Numbers are stored with the top bit
 * flipped, so that a signed comparison orders them. A match in a leaf may be LPM_MORE: a way to a
 * gate, for all that is longer than the 32 bits. A gate says which bits (up to where those prefixes
 * part) an address must have; if it has, a tree on the 32 bits behind them answers, if not,
 * `outside`.
 *
 * A way is LPM_MORE | height << 27 | line: height inner lines above the leaf, 15 for a gate. Line 0
 * is empty, for lookups that need none.
 */

#include "base/cc.h"
#include "base/mem.h"

#include <assert.h>
#include <manrs/lpm.h>

#define LPM_MORE   UINT32_C(0x80000000)
#define LPM_SLOTS4 (UINT32_C(1) << 18)
#define LPM_HEIGHT 27 /* shift */
#define LPM_LINES  ((UINT32_C(1) << LPM_HEIGHT) - 1)
#define LPM_GATE   15
#define LPM_MAX    LPM_LINES /* entries, lines */

struct lpm_chunk {
	uint64_t starts;
	uint32_t base[2]; /* outer, first */
	uint8_t v[];
};

struct lpm_wide {
	uint64_t starts;
	uint32_t match[];
};

struct lpm_line {
	uint32_t word[16];
};

enum { LINE_DOWN = 0, LINE_KEY = 1, LINE_MATCH = 8 };
enum { GATE_WAY = 0, GATE_BITS = 1, GATE_OUTSIDE = 2, GATE_ADDR = 4 };

struct manrs_lpm {
	manrs_alloc mem;
	void (*lookup4)(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index);
	void (*lookup6)(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index);

	/* lookups; NULL without prefixes of the family */
	const uint32_t *dir4;
	const uint64_t *chunk4; /* on a cache line's boundary in vchunk4, as line6 in vline6 */
	const uint64_t *wide4;
	const uint32_t *dir6;
	const struct lpm_line *line6;

	/* entries, from index 1; a family's addresses from 0 */
	uint32_t n, n4;
	uint64_t *value;
	uint32_t *parent; /* the longest entry that covers this one, 0: none */
	uint8_t *len;

	struct vec vdir4, vchunk4, vwide4, vdir6, vline6, addr4, addr6;
	size_t room; /* of value, parent, len */
};

/* An address in host order, IPv4 in the first 32 bits. */
struct lpm_addr {
	uint64_t hi, lo;
};

static inline struct lpm_addr lpm_addr_of(const manrs_lpm *lpm, uint32_t entry)
{
	assert(entry > 0 && entry <= lpm->addr4.n + lpm->addr6.n);
	if (entry <= lpm->n4)
		return (struct lpm_addr){(uint64_t)((uint32_t *)lpm->addr4.at)[entry - 1] << 32, 0};
	return ((struct lpm_addr *)lpm->addr6.at)[entry - lpm->n4 - 1];
}

/* `width` bits (1..32) of an address from bit `from` on, from + width <= 128. */
static inline uint32_t lpm_bits(struct lpm_addr a, unsigned from, unsigned width)
{
	uint64_t w = from >= 64  ? a.lo << (from - 64)
		     : from == 0 ? a.hi
				 : a.hi << from | a.lo >> (64 - from);

	return (uint32_t)(w >> (64 - width));
}

static inline uint32_t lpm_height(uint32_t way)
{
	return way >> LPM_HEIGHT & 15;
}

/* Fill the tables from the entries (lpm_build.c). returns: MANRS_OK, MANRS_ENOMEM, MANRS_ELIMIT. */
int lpm_build(manrs_lpm *lpm);

/* Set the lookups for what isa_choose gave (lpm_x86.c or lpm_noisa.c). */
void lpm_choose(manrs_lpm *lpm, int isa);

void lpm_portable4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index);
void lpm_portable6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index);
void lpm_avx2_4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index);
void lpm_avx2_6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index);
void lpm_avx512_4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index);
void lpm_avx512_6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index);

#endif
