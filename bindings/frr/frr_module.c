/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd_manrs.so: libmanrs in an unmodified bgpd. FRR checks nothing when it loads a module, so what does not fit is refused
 * here: another version, whose structs may lie differently, and bgpd_rpki, whose answers bgpd would add to ours. A bgpd that
 * cannot load a module that it was told to load ends; one that went on without would let pass what it was to stop.
 */

#include "frr_manrs.h"

struct manrs_frr frr = {.refresh_s = REFRESH_S, .mode = MANRS_RTR_PREFERENCE, .in_use = UINT64_MAX};

uint64_t now_us(void)
{
	struct timeval t;

	monotime(&t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

uint64_t now_ms(void)
{
	return now_us() / 1000;
}

void task_took(const char *name, uint64_t began_us)
{
	uint64_t took = now_us() - began_us;

	if (took <= frr.count.longest_us)
		return;
	frr.count.longest_us = took;
	frr.count.longest = name;
}

char *text_copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

bool texts_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool beside_rpki(void)
{
	for (const struct frrmod_runtime *m = frrmod_list; m; m = m->next)
		if (m->info && !strcmp(m->info->name, "bgpd_rpki"))
			return true;
	return false;
}

/* The log is not open while modules are loaded: standard error has it too. */
static int refuse(const char *why)
{
	zlog_err("manrs: not loaded: %s", why);
	fprintf(stderr, "manrs: not loaded: %s\n", why);
	return -1;
}

#define BESIDE "bgpd_rpki is loaded, and bgpd adds up the answers of both: load one of them"

static int late(frr_loop *loop)
{
	if (beside_rpki()) {
		refuse(BESIDE);
		exit(1);
	}
	frr.loop = loop;
	data_start();
	walk_init();
	neighbors_start();
	match_start();
	config_start();
	show_start();
	files_start();
	return 0;
}

/* bgpd takes its routes and neighbours down after this, and asks us of them meanwhile: what answers stays. */
static int stop(void)
{
	data_halt();
	walk_stop();
	refresh_stop();
	own_stop();
	caches_stop();
	lookups_stop();
	files_stop();
	return 0;
}

static int fini(void)
{
	data_stop();
	policies_stop();
	neighbors_stop();
	return 0;
}

static int init(void)
{
	static char why[200];
	const char *version = frrmod_list && frrmod_list->info ? frrmod_list->info->version : "?";

	if (strcmp(version, FRR_VERSION)) {
		snprintf(why, sizeof why, "built for FRR %s, and this is %s", FRR_VERSION, version);
		return refuse(why);
	}
	if (beside_rpki())
		return refuse(BESIDE);
	hook_register(frr_late_init, late);
	hook_register(frr_early_fini, stop);
	hook_register(frr_fini, fini);
	hook_register(bgp_rpki_prefix_status, judge_hook);
	return 0;
}

FRR_MODULE_SETUP(.name = "bgpd_manrs", .version = MANRS_VERSION,
		 .description = "MANRS: route origin validation, ASPA, leaks, bogons",
		 .init = init, );
