/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done about old data. A file says when it was built, and a record until when it stands; each may be missing.
 *
 *     --max-age SECONDS   a file that was built before that, or does not say when, is stale: nothing is judged by it
 *     --drop-expired      records whose time has passed are left out; a file of which nothing is left is stale
 *
 * Without the first a file that is a day old draws a warning, without the second one of which most has expired.
 *
 * A day is what StayRTR allows by itself.
 */

#include "expiry.h"

#include <stdio.h>
#include <time.h>

#define DAY UINT64_C(86400)

const char *time_text(char text[TIME_TEXT], uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds > INT64_C(253402300799) || !gmtime_r(&t, &tm)) /* 9999-12-31 */
		snprintf(text, TIME_TEXT, "%llu", (unsigned long long)seconds);
	else
		strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

void aging_start(struct aging *a, const struct expiry *rule)
{
	*a = (struct aging){.rule = rule, .now = (uint64_t)time(NULL)};
}

bool aging_drops(struct aging *a, int kind, uint64_t expires)
{
	bool expired = expires && expires < a->now;

	a->seen[kind]++;
	a->expired[kind] += expired;
	return expired && a->rule->drop;
}

/* "3 VRPs, 1 ASPA" */
static const char *records(char *text, size_t cap, const uint64_t n[AGING_KINDS])
{
	static const char *const names[] = {"VRP", "ASPA", "router key"};
	size_t at = 0;

	*text = '\0';
	for (size_t kind = 0; kind < AGING_KINDS; kind++)
		if (n[kind])
			at += (size_t)snprintf(text + at, cap - at, "%s%llu %s%s", at ? ", " : "",
					       (unsigned long long)n[kind], names[kind],
					       n[kind] == 1 ? "" : "s");
	return text;
}

static uint64_t sum(const uint64_t n[AGING_KINDS])
{
	return n[AGING_VRPS] + n[AGING_ASPAS] + n[AGING_KEYS];
}

/* "built 2025-07-20T09:31:35Z, 495 days ago" */
static const char *when(char *text, size_t cap, const struct aging *a, uint64_t built)
{
	char at[TIME_TEXT];
	uint64_t age = a->now > built ? a->now - built : 0;

	if (built > a->now + DAY)
		snprintf(text, cap, "built %s, which has not come yet", time_text(at, built));
	else
		snprintf(text, cap, "built %s, %llu %s ago", time_text(at, built),
			 (unsigned long long)(age < 2 * DAY ? age : age / DAY),
			 age < 2 * DAY ? "seconds" : "days");
	return text;
}

static int judge_age(const struct aging *a, const char *file, uint64_t built)
{
	char text[128];

	if (!built)
		complain_at(file, 0, "it does not say when it was built: stale by --max-age");
	else if (built > a->now + DAY)
		complain_at(file, 0, "%s: not believed by --max-age",
			    when(text, sizeof text, a, built));
	else if (built < a->now && a->now - built > a->rule->max_age)
		complain_at(file, 0, "%s: stale by --max-age", when(text, sizeof text, a, built));
	else
		return EXIT_DONE;
	return EXIT_STALE;
}

/* The records for which the file was named have all gone, or all there were. */
static bool nothing_left(const struct aging *a, int wanted)
{
	return (a->expired[wanted] && a->expired[wanted] == a->seen[wanted]) ||
	       (sum(a->expired) && sum(a->expired) == sum(a->seen));
}

static int judge_drops(const struct aging *a, const char *file, int wanted)
{
	char text[128];

	if (!sum(a->expired))
		return EXIT_DONE;
	records(text, sizeof text, a->expired);
	if (!nothing_left(a, wanted)) {
		complain_at(file, 0, "expired and left out: %s", text);
		return EXIT_DONE;
	}
	complain_at(file, 0, "expired and left out: %s; nothing is left: stale", text);
	return EXIT_STALE;
}

static void warn(const struct aging *a, const char *file, uint64_t built)
{
	bool mostly = !a->rule->drop && sum(a->expired) * 2 > sum(a->seen);
	char text[128], expired[128];

	if (!a->rule->limited && built && (built + DAY < a->now || built > a->now + DAY))
		when(text, sizeof text, a, built);
	else if (mostly)
		*text = '\0';
	else
		return;
	if (mostly)
		complain_at(file, 0, "warning: %s%sexpired: %s of %llu", text, *text ? "; " : "",
			    records(expired, sizeof expired, a->expired),
			    (unsigned long long)sum(a->seen));
	else
		complain_at(file, 0, "warning: %s", text);
}

int aging_judge(const struct aging *a, const char *file, uint64_t built, int wanted)
{
	int status = a->rule->limited ? judge_age(a, file, built) : EXIT_DONE;

	if (status == EXIT_DONE && a->rule->drop)
		status = judge_drops(a, file, wanted);
	if (status == EXIT_DONE)
		warn(a, file, built);
	return status;
}
