/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other answers in place of the entries' numbers, so that whoever wants something of an entry needs no table beside the
 * lookup. Each dir slot, tree line and gate has one way to it, so the walk changes every match once.
 */

#include "table/lpm.h"

static uint32_t translate_match(manrs_lpm *lpm, uint32_t match, const uint32_t *answer);

/* Used keys are never the greatest number: a run's start, less one, is less than that. */
static unsigned children(const struct lpm_line *inner)
{
	unsigned n = 1;

	while (n < 16 && inner->word[LINE_KEY + n - 1] != INT32_MAX)
		n++;
	return n;
}

static void translate_tree(manrs_lpm *lpm, uint32_t at, uint32_t height, const uint32_t *answer)
{
	struct lpm_line *line = (struct lpm_line *)(uintptr_t)lpm->line6 + at;

	for (unsigned i = 0; height && i < children(line); i++)
		translate_tree(lpm, line->word[LINE_DOWN] + i, height - 1, answer);
	for (unsigned i = 0; !height && i < 8; i++)
		line->word[LINE_MATCH + i] =
			translate_match(lpm, line->word[LINE_MATCH + i], answer);
}

/* A way stays, and what is below it is translated; that is at most five gates and 6 lines deep. */
static uint32_t translate_match(manrs_lpm *lpm, uint32_t match, const uint32_t *answer)
{
	struct lpm_line *line = (struct lpm_line *)(uintptr_t)lpm->line6 + (match & LPM_LINES);

	if (!(match & LPM_MORE))
		return answer[match];
	if (lpm_height(match) != LPM_GATE) {
		translate_tree(lpm, match & LPM_LINES, lpm_height(match), answer);
		return match;
	}
	line->word[GATE_OUTSIDE] = translate_match(lpm, line->word[GATE_OUTSIDE], answer);
	line->word[GATE_WAY] = translate_match(lpm, line->word[GATE_WAY], answer);
	return match;
}

void lpm_translate6(manrs_lpm *lpm, const uint32_t *answer)
{
	uint32_t *dir = lpm->vdir6.at;

	for (size_t i = 0; dir && i < 65536; i++)
		dir[i] = translate_match(lpm, dir[i], answer);
}
