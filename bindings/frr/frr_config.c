/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `manrs` in configuration mode, and how it is written back:
 *
 *     manrs
 *      cache HOST PORT preference N [source ADDRESS] [password WORD]
 *      cache-mode preference|union
 *      file PATH                   VRPs and ASPAs
 *      slurm PATH
 *      policy PATH
 *      local-as N
 *      when-stale keep|not-found
 *      refresh-interval SECONDS
 *      guard PERCENT               of what a cache had, that one response may take away
 *     exit
 */

#include "frr_manrs.h"

static int write_config(struct vty *vty);

/*
 * FRR's numbers of nodes are fixed. This one belongs to its own RPKI module, which cannot be loaded beside us.
 */
#define MANRS_NODE RPKI_NODE

static struct cmd_node manrs_node = {
	.name = "manrs",
	.node = MANRS_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-manrs)# ",
	.config_write = write_config,
	.no_xpath = true,
};

DEFUN_NOSH(manrs, manrs_cmd, "manrs", "Routing security by libmanrs\n")
{
	vty->node = MANRS_NODE;
	return CMD_SUCCESS;
}

/* ---- caches ---- */

#define CACHE_HELP \
	"A cache that speaks RPKI-to-Router\nIts IPv4 address\nIts IPv6 address\nIts name\nIts port\n"

static const char *word_after(int argc, struct cmd_token *argv[], const char *word)
{
	for (int i = 0; i + 1 < argc; i++)
		if (!strcmp(argv[i]->text, word))
			return argv[i + 1]->arg;
	return NULL;
}

static void replace(char **text, const char *with, bool *changed)
{
	if (texts_equal(*text, with))
		return;
	free(*text);
	*text = text_copy(with);
	*changed = true;
}

static bool is_host(const char *text)
{
	union sockunion su;

	return str2sockunion(text, &su) == 0 || name_is_good(text);
}

DEFUN(manrs_cache, manrs_cache_cmd,
      "cache <A.B.C.D|X:X::X:X|WORD> (1-65535) preference (0-255) [{source <A.B.C.D|X:X::X:X>|password WORD}]",
      CACHE_HELP "Of several caches, less is better\nOf several caches, less is better\n"
		 "Connect from this address\nIPv4 address\nIPv6 address\n"
		 "TCP-MD5 (RFC 2385)\nThe key\n")
{
	uint16_t port = (uint16_t)atoi(argv[2]->arg);
	uint8_t preference = (uint8_t)atoi(argv[4]->arg);
	struct cache *cache = cache_find(argv[1]->arg, port);
	bool is_new = !cache, changed = false;
	const char *why;

	if (!is_host(argv[1]->arg)) {
		vty_out(vty, "%% neither an address nor a name\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	if (!cache)
		cache = cache_add(argv[1]->arg, port);
	if (!cache) {
		vty_out(vty, "%% there are %d caches already\n", FIRST_FILE);
		return CMD_WARNING_CONFIG_FAILED;
	}
	replace(&cache->source, word_after(argc, argv, "source"), &changed);
	replace(&cache->password, word_after(argc, argv, "password"), &changed);
	is_new = is_new || cache->preference != preference || !cache->rtr;
	cache->preference = preference;
	why = is_new ? cache_restart(cache) : NULL;
	if (!is_new && changed)
		cache_redial(cache);
	if (why)
		vty_out(vty, "%% %s\n", why);
	return why ? CMD_WARNING_CONFIG_FAILED : CMD_SUCCESS;
}

DEFUN(no_manrs_cache, no_manrs_cache_cmd,
      "no cache <A.B.C.D|X:X::X:X|WORD> (1-65535) [preference (0-255) [{source <A.B.C.D|X:X::X:X>|password WORD}]]",
      NO_STR CACHE_HELP "Of several caches, less is better\nOf several caches, less is better\n"
			"Connect from this address\nIPv4 address\nIPv6 address\n"
			"TCP-MD5 (RFC 2385)\nThe key\n")
{
	struct cache *cache = cache_find(argv[2]->arg, (uint16_t)atoi(argv[3]->arg));

	if (!cache) {
		vty_out(vty, "%% no such cache\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	cache_remove(cache);
	return CMD_SUCCESS;
}

DEFUN(manrs_mode, manrs_mode_cmd, "cache-mode <preference|union>",
      "How several caches are used\nThe best that has data (the default)\nAll that have data, united\n")
{
	frr.mode = !strcmp(argv[1]->arg, "union") ? MANRS_RTR_UNION : MANRS_RTR_PREFERENCE;
	caches_plan();
	return CMD_SUCCESS;
}

/* ---- files ---- */

static struct file *file_find(const char *path)
{
	for (struct file *f = frr.files; f; f = f->next)
		if (!strcmp(f->path, path))
			return f;
	return NULL;
}

DEFUN(manrs_file_path, manrs_file_cmd, "file PATH",
      "VRPs and ASPAs of a file, as rpki-client, Routinator, BIRD and OpenBGPD write them\nIts path\n")
{
	if (!file_find(argv[1]->arg) && !file_add(argv[1]->arg)) {
		vty_out(vty, "%% there are %d files already\n", MANRS_SOURCES - FIRST_FILE);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return CMD_SUCCESS;
}

DEFUN(no_manrs_file_path, no_manrs_file_cmd, "no file PATH",
      NO_STR "VRPs and ASPAs of a file\nIts path\n")
{
	struct file *file = file_find(argv[2]->arg);

	if (!file) {
		vty_out(vty, "%% no such file\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	file_remove(file);
	return CMD_SUCCESS;
}

static void slurm_is(const char *path)
{
	free(frr.slurm);
	frr.slurm = text_copy(path);
	frr.slurm_due = true;
	*frr.slurm_why = 0;
	data_kick();
}

DEFUN(manrs_slurm_path, manrs_slurm_cmd, "slurm PATH",
      "Local exceptions (RFC 8416)\nThe path of the file\n")
{
	slurm_is(argv[1]->arg);
	return CMD_SUCCESS;
}

DEFUN(no_manrs_slurm_path, no_manrs_slurm_cmd, "no slurm [PATH]",
      NO_STR "Local exceptions (RFC 8416)\nThe path of the file\n")
{
	slurm_is(NULL);
	return CMD_SUCCESS;
}

DEFUN(manrs_policy_path, manrs_policy_cmd, "policy PATH",
      "What routes are held to, for the role that it names, or for all\nThe path of the file\n")
{
	struct policy *policy, **at = &frr.policy_list;

	while (*at && strcmp((*at)->path, argv[1]->arg))
		at = &(*at)->next;
	if (!*at) {
		policy = calloc(1, sizeof *policy);
		if (!policy)
			return CMD_WARNING_CONFIG_FAILED;
		policy->path = text_copy(argv[1]->arg);
		*at = policy;
	}
	policies_read(vty);
	neighbors_again();
	return CMD_SUCCESS;
}

DEFUN(no_manrs_policy_path, no_manrs_policy_cmd, "no policy PATH",
      NO_STR "What routes are held to\nThe path of the file\n")
{
	struct policy *policy, **at = &frr.policy_list;

	while (*at && strcmp((*at)->path, argv[2]->arg))
		at = &(*at)->next;
	policy = *at;
	if (!policy) {
		vty_out(vty, "%% no such policy\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	*at = policy->next;
	policy_free(policy);
	policies_read(vty);
	neighbors_again();
	return CMD_SUCCESS;
}

DEFUN(manrs_reload, manrs_reload_cmd, "manrs reload",
      "Routing security by libmanrs\nRead all its files again\n")
{
	for (struct file *f = frr.files; f; f = f->next)
		f->due = f->asked = true;
	frr.slurm_due = frr.slurm != NULL;
	if (frr.policy_list) {
		policies_read(vty);
		neighbors_again();
	}
	data_kick();
	return CMD_SUCCESS;
}

/* ---- the rest ---- */

DEFUN(manrs_local_as, manrs_local_as_cmd, "local-as (1-4294967295)",
      "Our AS, where it is not that of the BGP instance\nAS number\n")
{
	frr.local_as = (uint32_t)strtoul(argv[1]->arg, NULL, 10);
	neighbors_again();
	return CMD_SUCCESS;
}

DEFUN(no_manrs_local_as, no_manrs_local_as_cmd, "no local-as [(1-4294967295)]",
      NO_STR "Our AS, where it is not that of the BGP instance\nAS number\n")
{
	frr.local_as = 0;
	neighbors_again();
	return CMD_SUCCESS;
}

DEFUN(manrs_stale, manrs_stale_cmd, "when-stale <keep|not-found>",
      "When a cache's data has expired, or it has gone for good\n"
      "Judge by what it said last\nLet go of it: its routes are not found (the default)\n")
{
	frr.keep = !strcmp(argv[1]->arg, "keep");
	/* what was kept of caches that are gone goes */
	for (struct cache *c = frr.caches; c && !frr.keep; c = c->next)
		if (c->stale) {
			c->stale = false;
			data_drop_source(c->number);
		}
	return CMD_SUCCESS;
}

DEFUN(manrs_refresh, manrs_refresh_cmd, "refresh-interval (1-86400)",
      "How often a neighbour is asked for its routes again, at most\nSeconds; 5 if not set\n")
{
	frr.refresh_s = (uint32_t)atoi(argv[1]->arg);
	return CMD_SUCCESS;
}

DEFUN(manrs_guard, manrs_guard_cmd, "guard (1-100)",
      "Hold a response that takes away more of what its cache had (of 1000 records or more)\nPercent\n")
{
	frr.guard = (uint32_t)atoi(argv[1]->arg);
	for (struct cache *c = frr.caches; c; c = c->next)
		cache_restart(c);
	return CMD_SUCCESS;
}

DEFUN(no_manrs_guard, no_manrs_guard_cmd, "no guard [(1-100)]",
      NO_STR "Hold a response that takes away too much\nPercent\n")
{
	frr.guard = 0;
	for (struct cache *c = frr.caches; c; c = c->next)
		cache_restart(c);
	return CMD_SUCCESS;
}

DEFUN(manrs_release, manrs_release_cmd,
      "manrs cache <A.B.C.D|X:X::X:X|WORD> (1-65535) <accept|refuse>",
      "Routing security by libmanrs\n" CACHE_HELP
      "Let the response through that the guard holds\nThrow it away, and ask again\n")
{
	struct cache *cache = cache_find(argv[2]->arg, (uint16_t)atoi(argv[3]->arg));

	if (!cache || manrs_rtr_release(cache->rtr, argv[4]->arg[0] == 'a', now_ms()) < 0) {
		vty_out(vty, "%% none is held\n");
		return CMD_WARNING;
	}
	cache_serve(cache);
	return CMD_SUCCESS;
}

DEFUN(no_manrs, no_manrs_cmd, "no manrs", NO_STR "Routing security by libmanrs\n")
{
	while (frr.caches)
		cache_remove(frr.caches);
	while (frr.files)
		file_remove(frr.files);
	policies_stop();
	slurm_is(NULL);
	frr.local_as = 0;
	frr.keep = false;
	frr.guard = 0;
	frr.refresh_s = REFRESH_S;
	frr.mode = MANRS_RTR_PREFERENCE;
	neighbors_again();
	return CMD_SUCCESS;
}

DEFUN(debug_manrs, debug_manrs_cmd, "debug manrs", DEBUG_STR "Routing security by libmanrs\n")
{
	frr.debug = true;
	return CMD_SUCCESS;
}

DEFUN(no_debug_manrs, no_debug_manrs_cmd, "no debug manrs",
      NO_STR DEBUG_STR "Routing security by libmanrs\n")
{
	frr.debug = false;
	return CMD_SUCCESS;
}

static int write_debug(struct vty *vty)
{
	if (frr.debug)
		vty_out(vty, "debug manrs\n");
	return 0;
}

static void write_cache(struct vty *vty, const struct cache *c)
{
	vty_out(vty, " cache %s %u preference %u", c->host, c->port, c->preference);
	if (c->source)
		vty_out(vty, " source %s", c->source);
	if (c->password)
		vty_out(vty, " password %s", c->password);
	vty_out(vty, "\n");
}

static bool is_default(void)
{
	return !frr.caches && !frr.files && !frr.slurm && !frr.policy_list && !frr.local_as &&
	       !frr.keep && !frr.guard && frr.refresh_s == REFRESH_S &&
	       frr.mode == MANRS_RTR_PREFERENCE;
}

static int write_config(struct vty *vty)
{
	write_debug(vty);
	if (is_default())
		return 0;
	vty_out(vty, "manrs\n");
	for (const struct cache *c = frr.caches; c; c = c->next)
		write_cache(vty, c);
	if (frr.mode == MANRS_RTR_UNION)
		vty_out(vty, " cache-mode union\n");
	for (const struct file *f = frr.files; f; f = f->next)
		vty_out(vty, " file %s\n", f->path);
	if (frr.slurm)
		vty_out(vty, " slurm %s\n", frr.slurm);
	for (const struct policy *p = frr.policy_list; p; p = p->next)
		vty_out(vty, " policy %s\n", p->path);
	if (frr.local_as)
		vty_out(vty, " local-as %u\n", frr.local_as);
	if (frr.keep)
		vty_out(vty, " when-stale keep\n");
	if (frr.refresh_s != REFRESH_S)
		vty_out(vty, " refresh-interval %u\n", frr.refresh_s);
	if (frr.guard)
		vty_out(vty, " guard %u\n", frr.guard);
	vty_out(vty, "exit\n!\n");
	return 1;
}

void config_start(void)
{
	install_node(&manrs_node);
	install_default(MANRS_NODE);
	install_element(CONFIG_NODE, &manrs_cmd);
	install_element(CONFIG_NODE, &no_manrs_cmd);
	install_element(MANRS_NODE, &manrs_cache_cmd);
	install_element(MANRS_NODE, &no_manrs_cache_cmd);
	install_element(MANRS_NODE, &manrs_mode_cmd);
	install_element(MANRS_NODE, &manrs_file_cmd);
	install_element(MANRS_NODE, &no_manrs_file_cmd);
	install_element(MANRS_NODE, &manrs_slurm_cmd);
	install_element(MANRS_NODE, &no_manrs_slurm_cmd);
	install_element(MANRS_NODE, &manrs_policy_cmd);
	install_element(MANRS_NODE, &no_manrs_policy_cmd);
	install_element(MANRS_NODE, &manrs_local_as_cmd);
	install_element(MANRS_NODE, &no_manrs_local_as_cmd);
	install_element(MANRS_NODE, &manrs_stale_cmd);
	install_element(MANRS_NODE, &manrs_refresh_cmd);
	install_element(MANRS_NODE, &manrs_guard_cmd);
	install_element(MANRS_NODE, &no_manrs_guard_cmd);
	install_element(ENABLE_NODE, &manrs_release_cmd);
	install_element(ENABLE_NODE, &manrs_reload_cmd);
	install_element(ENABLE_NODE, &debug_manrs_cmd);
	install_element(ENABLE_NODE, &no_debug_manrs_cmd);
	install_element(CONFIG_NODE, &debug_manrs_cmd);
	install_element(CONFIG_NODE, &no_debug_manrs_cmd);
}
