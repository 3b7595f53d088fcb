/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `match rpki valid|invalid|notfound`, as FRR's own module has it, kept in FRR's configuration tree; and
 * `match manrs TEST [valid|invalid|unknown|not-found]`, `match manrs any`, which that tree does not know: these are written
 * with our own configuration. The names of the tests, and what they ask, are the library's. A rule a test, so that an entry
 * of a route map may have several, which must all hold.
 */

#include "frr_manrs.h"

#define ANY MANRS_TESTS

struct rule {
	int test;
	int state; /* 1 pass, 2 fail, 3 unknown */
};

static enum route_map_cmd_result_t apply_rpki(void *rule, const struct prefix *prefix, void *object)
{
	struct bgp_path_info *path = object;

	return judge_hook(path->peer, path->attr, prefix) == *(int *)rule ? RMAP_MATCH
									  : RMAP_NOMATCH;
}

static void *compile_rpki(const char *arg)
{
	int *state = malloc(sizeof *state);

	if (state)
		*state = !strcmp(arg, "valid")     ? RPKI_VALID
			 : !strcmp(arg, "invalid") ? RPKI_INVALID
						   : RPKI_NOTFOUND;
	return state;
}

static const struct route_map_rule_cmd rpki = {"rpki", apply_rpki, compile_rpki, free, NULL};

static enum route_map_cmd_result_t apply_manrs(void *value, const struct prefix *prefix,
					       void *object)
{
	const struct rule *rule = value;
	bool good = rule->test == ANY ? judge_failed(object, prefix) != 0
				      : judge_test(object, prefix, rule->test) == rule->state;

	return good ? RMAP_MATCH : RMAP_NOMATCH;
}

static int state_parse(const char *text)
{
	return !strcmp(text, "valid") ? 1 : !strcmp(text, "invalid") ? 2 : 3;
}

/* arg: TEST STATE, or any */
static void *compile_manrs(const char *arg)
{
	const char *blank = strchr(arg, ' ');
	struct rule *rule = malloc(sizeof *rule);
	int test = blank ? manrs_test_parse(arg, (size_t)(blank - arg)) : ANY;

	if (!rule || test < 0) {
		free(rule);
		return NULL;
	}
	*rule = (struct rule){test, blank ? state_parse(blank + 1) : 2};
	return rule;
}

static char names[MANRS_TESTS + 1][40];
static struct route_map_rule_cmd rules[MANRS_TESTS + 1];
static struct route_map_rule_cmd_proxy proxies[MANRS_TESTS + 1];

static bool is_ours(const struct route_map_rule_cmd *cmd)
{
	return cmd == &rpki || (cmd >= rules && cmd <= &rules[ANY]);
}

static bool is_in(const struct route_map *map, int depth, bool rpki_too)
{
	if (!map || depth > RMAP_RECURSION_LIMIT)
		return false;
	for (const struct route_map_index *i = map->head; i; i = i->next) {
		for (const struct route_map_rule *r = i->match_list.head; r; r = r->next)
			if (is_ours(r->cmd) && (rpki_too || r->cmd != &rpki))
				return true;
		if (i->nextrm && is_in(route_map_lookup_by_name(i->nextrm), depth + 1, rpki_too))
			return true;
	}
	return false;
}

bool match_is_in(const struct route_map *map, int depth)
{
	return is_in(map, depth, true);
}

bool match_manrs_is_in(const struct route_map *map)
{
	return is_in(map, 0, false);
}

/* ---- the terminal ---- */

#define XPATH_RPKI "./match-condition[condition='frr-bgp-route-map:rpki']"

DEFUN_YANG(match_rpki, match_rpki_cmd, "match rpki <valid|invalid|notfound>",
	   "Match values from routing table\nThe state by RFC 6811\nValid\nInvalid\nNot found\n")
{
	nb_cli_enqueue_change(vty, XPATH_RPKI, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, XPATH_RPKI "/rmap-match-condition/frr-bgp-route-map:rpki",
			      NB_OP_MODIFY, argv[2]->arg);
	return nb_cli_apply_changes(vty, NULL);
}

DEFUN_YANG(no_match_rpki, no_match_rpki_cmd, "no match rpki [<valid|invalid|notfound>]",
	   NO_STR
	   "Match values from routing table\nThe state by RFC 6811\nValid\nInvalid\nNot found\n")
{
	nb_cli_enqueue_change(vty, XPATH_RPKI, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

/* The word after `manrs`, and the state after it; a test alone means that it failed. */
static int words_of(int argc, struct cmd_token *argv[], int at, char *arg, size_t cap)
{
	const char *name = argv[at]->arg;
	int test = manrs_test_parse(name, strlen(name));

	if (test < 0)
		test = ANY;
	snprintf(arg, cap, test == ANY ? "any" : "%s %s", name,
		 argc > at + 1 ? argv[at + 1]->arg : "invalid");
	return test;
}

static struct route_map_index *index_of(struct vty *vty)
{
	return nb_running_get_entry(NULL, VTY_CURR_XPATH, false);
}

DEFUN(match_manrs, match_manrs_cmd, "match manrs TEST", "\n\n\n")
{
	struct route_map_index *index = index_of(vty);
	char arg[80], why[200];
	int test = words_of(argc, argv, 2, arg, sizeof arg);

	if (!index)
		return CMD_WARNING_CONFIG_FAILED;
	if (generic_match_add(index, names[test], arg, RMAP_EVENT_MATCH_ADDED, why, sizeof why) !=
	    CMD_SUCCESS) {
		vty_out(vty, "%s\n", why);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return CMD_SUCCESS;
}

DEFUN(no_match_manrs, no_match_manrs_cmd, "no match manrs TEST", "\n\n\n\n")
{
	struct route_map_index *index = index_of(vty);
	char arg[80], why[200];
	int test = words_of(argc, argv, 3, arg, sizeof arg);

	if (!index)
		return CMD_WARNING_CONFIG_FAILED;
	if (generic_match_delete(index, names[test], argc > 4 || test == ANY ? arg : NULL,
				 RMAP_EVENT_MATCH_DELETED, why, sizeof why) != CMD_SUCCESS) {
		vty_out(vty, "%s\n", why);
		return CMD_WARNING_CONFIG_FAILED;
	}
	return CMD_SUCCESS;
}

static int write_matches(struct vty *vty)
{
	for (const struct route_map *m = route_map_master.head; m; m = m->next)
		for (const struct route_map_index *i = m->head; i; i = i->next) {
			bool open = false;

			for (const struct route_map_rule *r = i->match_list.head; r; r = r->next) {
				if (!is_ours(r->cmd) || r->cmd == &rpki)
					continue;
				if (!open)
					vty_out(vty, "route-map %s %s %d\n", m->name,
						i->type == RMAP_PERMIT ? "permit" : "deny",
						i->pref);
				open = true;
				vty_out(vty, " match manrs %s\n", r->rule_str);
			}
			if (open)
				vty_out(vty, "exit\n!\n");
		}
	return 0;
}

/* FRR writes a node's part by its function; this one has no prompt, nobody enters it. */
static struct cmd_node match_node = {
	.name = "manrs match",
	.node = PROTOCOL_NODE,
	.prompt = "",
	.config_write = write_matches,
};

/* A command's grammar and its help from the library's tables. */
static void grammar(struct cmd_element *to, const struct cmd_element *from, const char *no)
{
	static char text[2][1200], doc[2][4000];
	int which = *no != 0;
	size_t n, d;

	n = (size_t)snprintf(text[which], sizeof text[0], "%smatch manrs <any|<", no);
	d = (size_t)snprintf(doc[which], sizeof doc[0],
			     "%sMatch values from routing table\nWhat libmanrs finds\n"
			     "Any test of the policy has failed\n",
			     *no ? NO_STR : "");
	for (int test = 0; test < MANRS_TESTS; test++) {
		n += (size_t)snprintf(text[which] + n, sizeof text[0] - n, "%s%s", test ? "|" : "",
				      manrs_test_text(test));
		d += (size_t)snprintf(doc[which] + d, sizeof doc[0] - d, "%s\n",
				      manrs_test_about(test));
	}
	snprintf(text[which] + n, sizeof text[0] - n, "> [<valid|invalid|unknown|not-found>]>");
	snprintf(doc[which] + d, sizeof doc[0] - d,
		 "Passed\nFailed\nNot to be told\nThe same: no VRP or route object covers it\n");
	*to = *from;
	to->string = text[which];
	to->doc = doc[which];
}

void match_start(void)
{
	static struct cmd_element match, no_match;

	route_map_install_match(&rpki);
	for (int test = 0; test <= ANY; test++) {
		snprintf(names[test], sizeof names[0], "manrs %s",
			 test == ANY ? "any" : manrs_test_text(test));
		rules[test] = (struct route_map_rule_cmd){names[test], apply_manrs, compile_manrs,
							  free, NULL};
		proxies[test].cmd = &rules[test];
		_route_map_install_match(&proxies[test]);
	}
	grammar(&match, &match_manrs_cmd, "");
	grammar(&no_match, &no_match_manrs_cmd, "no ");
	install_element(RMAP_NODE, &match_rpki_cmd);
	install_element(RMAP_NODE, &no_match_rpki_cmd);
	install_element(RMAP_NODE, &match);
	install_element(RMAP_NODE, &no_match);
	install_node(&match_node);
}
