/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON tokens: RFC 8259 rule by rule, jansson as the oracle on random texts, and every cut of every text. */

#include "base/json.h"

#include "test.h"

#include <jansson.h>

/* What a scan gave: a line a token, then END or the fault. */
struct dump {
	char *at;
	size_t n, cap;
};

static void put(struct dump *d, const void *bytes, size_t n)
{
	if (d->cap - d->n < n) {
		d->cap = 2 * (d->n + n);
		d->at = realloc(d->at, d->cap);
	}
	memcpy(d->at + d->n, bytes, n);
	d->n += n;
}

static void put_token(struct dump *d, int kind, const struct js_token *t, uint32_t line)
{
	char head[128];
	bool integer = kind == JS_NUMBER && t->integer;

	put(d, head,
	    (size_t)snprintf(head, sizeof head, "%d@%llu:%u %d=%llu ", kind,
			     (unsigned long long)t->at, line, integer,
			     integer ? (unsigned long long)t->number : 0));
	if (kind == JS_KEY || kind == JS_STRING || kind == JS_NUMBER)
		put(d, t->text, t->n);
	put(d, "\n", 1);
}

/* All tokens that there are now; the kind that ended them. */
static int drain(struct js *j, struct dump *d)
{
	struct js_token t;
	int kind;

	while ((kind = js_next(j, &t)) > JS_END)
		put_token(d, kind, &t, j->line);
	return kind;
}

static void feed(struct js *j, struct dump *d, const char *text, size_t n)
{
	char *copy = malloc(n ? n : 1); /* its own block: reading past the slice shows */

	memcpy(copy, text, n);
	js_feed(j, copy, n);
	drain(j, d);
	free(copy);
}

/* Scan text in two slices, cut at `cut`; cut > n: byte by byte. */
static int scan(struct dump *d, const char *text, size_t n, size_t cut, const manrs_alloc *alloc)
{
	manrs_alloc mem = mem_of(alloc);
	char end[256];
	struct js j;
	int kind;

	d->n = 0;
	js_init(&j, &mem);
	for (size_t i = 0; cut > n && i < n; i++)
		feed(&j, d, text + i, 1);
	if (cut <= n) {
		feed(&j, d, text, cut);
		feed(&j, d, text + cut, n - cut);
	}
	js_eof(&j);
	kind = drain(&j, d);
	put(d, end,
	    (size_t)snprintf(end, sizeof end, "%d %d at %llu line %u %s", kind, j.fault.code,
			     (unsigned long long)j.fault.at, j.fault.line,
			     j.fault.what ? j.fault.what : ""));
	ck_assert_int_eq(kind == JS_BAD, j.fault.code != 0);
	ck_assert_int_eq(drain(&j, d), kind); /* sticky */
	js_free(&j);
	return kind == JS_END ? MANRS_OK : j.fault.code;
}

static void same_at_cut(struct dump *cut_one, const struct dump *whole, const char *text, size_t n,
			size_t cut)
{
	scan(cut_one, text, n, cut, NULL);
	ck_assert_msg(cut_one->n == whole->n && !memcmp(cut_one->at, whole->at, whole->n),
		      "cut at %zu of %.*s:\n%.*s\nwhole:\n%.*s", cut, (int)n, text, (int)cut_one->n,
		      cut_one->at, (int)whole->n, whole->at);
}

/* The outcome of a text, after seeing that no cut changes it. */
static int outcome(const char *text, size_t n)
{
	static struct dump whole, cut_one;
	int rc = scan(&whole, text, n, n, NULL);

	for (size_t cut = 0; cut < n; cut++)
		same_at_cut(&cut_one, &whole, text, n, cut);
	same_at_cut(&cut_one, &whole, text, n, n + 1);
	return rc;
}

/* ---- RFC 8259, by hand ---- */

static void accept_all(const char *const *texts)
{
	for (; *texts; texts++)
		ck_assert_msg(outcome(*texts, strlen(*texts)) == MANRS_OK, "refused: %s", *texts);
}

static void refuse_all(const char *const *texts)
{
	for (; *texts; texts++)
		ck_assert_msg(outcome(*texts, strlen(*texts)) == MANRS_ESYNTAX, "accepted: %s",
			      *texts);
}

START_TEST(rfc8259_s2_structure)
{
	static const char *const good[] = {"{}",
					   "[]",
					   " [ ] ",
					   "\t{\r\n}",
					   "[1]",
					   "[1,2]",
					   "{\"a\":1}",
					   "{\"a\" : [ ] , \"b\":{}}",
					   "[[[]],{}]",
					   "{\"\":\"\"}",
					   "{\"a\":1,\"a\":2}",
					   NULL};
	static const char *const bad[] = {"",
					  " ",
					  "{",
					  "[",
					  "}",
					  "]",
					  "[1",
					  "[1,",
					  "[1,]",
					  "[,1]",
					  "[1 2]",
					  "{\"a\"}",
					  "{\"a\":}",
					  "{\"a\":1,}",
					  "{,}",
					  "{1:2}",
					  "{\"a\" 1}",
					  "[1}",
					  "{\"a\":1]",
					  "[]]",
					  "[] []",
					  "{}x",
					  "[1,,2]",
					  "{\"a\"::1}",
					  "{:1}",
					  "[:]",
					  "[\"a\":1]",
					  ",",
					  ":",
					  "[]//",
					  "\xef\xbb\xbf[]",
					  "[\f]",
					  "[\v1]",
					  "{\"a\":1 \"b\":2}",
					  "'a'",
					  "{a:1}",
					  NULL};

	accept_all(good);
	refuse_all(bad);
}
END_TEST

START_TEST(rfc8259_s3_literals)
{
	static const char *const good[] = {"true", "false", "null", " null ", "[true,false,null]",
					   NULL};
	static const char *const bad[] = {"True",      "tru",         "truee", "nul",
					  "[nulll]",   "falsE",       "NaN",   "[Infinity]",
					  "undefined", "[truefalse]", "[t]",   NULL};

	accept_all(good);
	refuse_all(bad);
}
END_TEST

START_TEST(rfc8259_s6_numbers)
{
	static const char *const good[] = {"0",
					   "-0",
					   "1",
					   "-1",
					   "10",
					   "1.5",
					   "-0.0",
					   "1e3",
					   "1E+3",
					   "1e-3",
					   "0e0",
					   "[0,1]",
					   "0.1e00",
					   "18446744073709551615",
					   "123456789012345678901234567890",
					   NULL};
	static const char *const bad[] = {"01",    "-01",  "00",           "+1",   ".5",    "1.",
					  "1.e3",  "1e",   "1e+",          "-",    "--1",   "1-2",
					  "1.2.3", "0x10", "[-]",          "[1e]", "1e5.5", "[01]",
					  "1e1e1", "[-a]", "\xef\xbc\x91", NULL};

	accept_all(good);
	refuse_all(bad);
}
END_TEST

START_TEST(rfc8259_s7_strings)
{
	static const char *const good[] = {"\"\"",
					   "\"a\"",
					   "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
					   "\"\\u0041\\u00e9\\u20ac\"",
					   "\"\\ud834\\udd1e\"",
					   "\"\\u0000\"",
					   "\"\x7f\"",
					   "\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\"",
					   "\"\\uABCDef\"",
					   "\"\xef\xbf\xbf\"",
					   NULL};
	static const char *const bad[] = {
		"\"",          "\"a",          "\"\\\"",        "\"\\a\"",
		"\"\\u12\"",   "\"\\u12g4\"",  "\"\\ud800\"",   "\"\\ud800\\u0041\"",
		"\"\\udc00\"", "\"\\ud800x\"", "\"\\ud834\\\"", "\"\x01\"",
		"\"\n\"",      "\"\t\"",       "\"\\\n\"",      "\"\\U0041\"",
		"\"\\x41\"",   "\"\\",         "\"\\u",         NULL};

	accept_all(good);
	refuse_all(bad);
	ck_assert_int_eq(outcome("\"\0\"", 3), MANRS_ESYNTAX);
	ck_assert_int_eq(outcome("[]\0", 3), MANRS_ESYNTAX);
	ck_assert_int_eq(outcome("\"\\\0\"", 4), MANRS_ESYNTAX);
}
END_TEST

START_TEST(rfc3629_s4_only_shortest_forms)
{
	static const char *const bad[] = {"\"\x80\"",
					  "\"\xc0\x80\"",
					  "\"\xc1\xbf\"",
					  "\"\xc3\"",
					  "\"\xe0\x9f\xbf\"",
					  "\"\xed\xa0\x80\"",
					  "\"\xf0\x8f\xbf\xbf\"",
					  "\"\xf4\x90\x80\x80\"",
					  "\"\xf5\x80\x80\x80\"",
					  "\"\xe2\x82\"",
					  "\"\xff\"",
					  "\"\xe2\x28\xa1\"",
					  NULL};

	refuse_all(bad);
}
END_TEST

START_TEST(tokens_of_a_typed_text)
{
	static const char text[] = "{\n \"a\\u0062\": [1, -2.50,\n\"\\\\x\"],\"t\":true}";
	static const char want[] = "2@0:1 0=0 \n"
				   "6@3:2 0=0 ab\n"
				   "4@14:2 0=0 \n"
				   "8@15:2 1=1 1\n"
				   "8@18:2 0=0 -2.50\n"
				   "7@25:3 0=0 \\x\n"
				   "5@30:3 0=0 \n"
				   "6@32:3 0=0 t\n"
				   "9@36:3 0=0 \n"
				   "3@40:3 0=0 \n"
				   "1 0 at 0 line 0 ";
	struct dump d = {0};

	ck_assert_int_eq(outcome(text, sizeof text - 1), MANRS_OK);
	scan(&d, text, sizeof text - 1, 7, NULL);
	put(&d, "", 1);
	ck_assert_str_eq(d.at, want);
	free(d.at);
}
END_TEST

START_TEST(faults_have_their_place)
{
	static const struct {
		const char *text;
		uint64_t at;
		uint32_t line;
	} cases[] = {{"[1,\n2,\n x]", 8, 3}, {"{\"a\":\"b\\q\"}", 7, 1},
		     {"[\"ab\xff\"]", 4, 1}, {"[\n\"a\x01\"]", 4, 2},
		     {"[1,01]", 3, 1},       {"[1,\n", 4, 2},
		     {"{} x", 3, 1},         {"[tru]", 4, 1}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		manrs_alloc mem = mem_of(NULL);
		struct js j;
		struct dump d = {0};

		js_init(&j, &mem);
		js_feed(&j, cases[i].text, strlen(cases[i].text));
		drain(&j, &d);
		js_eof(&j);
		ck_assert_int_eq(drain(&j, &d), JS_BAD);
		ck_assert_msg(j.fault.at == cases[i].at && j.fault.line == cases[i].line,
			      "%s: at %llu line %u", cases[i].text, (unsigned long long)j.fault.at,
			      j.fault.line);
		js_free(&j);
		free(d.at);
	}
}
END_TEST

START_TEST(nesting_is_bounded)
{
	char text[2 * (JS_DEPTH + 1)];
	static struct dump d;

	memset(text, '[', JS_DEPTH);
	memset(text + JS_DEPTH, ']', JS_DEPTH);
	ck_assert_int_eq(outcome(text, 2 * JS_DEPTH), MANRS_OK);
	memset(text, '[', JS_DEPTH + 1);
	ck_assert_int_eq(scan(&d, text, JS_DEPTH + 1, 5, NULL), MANRS_ELIMIT);
}
END_TEST

/* A token of n bytes between two brackets: "aaa..." or 111... */
static char *long_token(size_t n, char c, size_t *size)
{
	char *text = malloc(n + 4);
	size_t quote = c == 'a';

	text[0] = '[';
	text[1] = '"';
	memset(text + 1 + quote, c, n);
	text[1 + quote + n] = '"';
	text[1 + 2 * quote + n] = ']';
	*size = n + 2 + 2 * quote;
	return text;
}

START_TEST(tokens_are_bounded)
{
	static struct dump whole, cut_one;

	for (int over = 0; over < 4; over++) {
		for (int kind = 0; kind < 2; kind++) {
			size_t n, want = JS_TOKEN - 1 + (size_t)over;
			char *text = long_token(want, kind ? 'a' : '1', &n);
			size_t cuts[] = {
				1,     2,     3,    1000, JS_TOKEN - 1, JS_TOKEN, JS_TOKEN + 1,
				n - 2, n - 1, n + 1};

			ck_assert_int_eq(scan(&whole, text, n, n, NULL),
					 over < 2 ? MANRS_OK : MANRS_ELIMIT);
			for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
				scan(&cut_one, text, n, cuts[i], NULL);
				ck_assert_msg(cut_one.n == whole.n &&
						      !memcmp(cut_one.at, whole.at, whole.n),
					      "%zu of %c cut at %zu", want, kind ? 'a' : '1',
					      cuts[i]);
			}
			free(text);
		}
	}
}
END_TEST

START_TEST(memory_refused_is_a_fault)
{
	static const char text[] = "{\"a\\n\":\"x\\u00e9y\",\"b\":[12345,\"long enough to move the "
				   "buffer \\\\ once or twice\"]}";
	static struct dump whole, d;

	scan(&whole, text, sizeof text - 1, sizeof text - 1, NULL);
	for (size_t cut = 0; cut <= sizeof text; cut++) {
		for (size_t k = 1;; k++) {
			struct test_alloc a = {.fail_at = k};
			manrs_alloc mem = test_alloc_of(&a);
			int rc = scan(&d, text, sizeof text - 1, cut, &mem);

			ck_assert_uint_eq(a.live, 0);
			if (rc == MANRS_OK)
				break;
			ck_assert_int_eq(rc, MANRS_ENOMEM);
		}
		ck_assert(d.n == whole.n && !memcmp(d.at, whole.at, d.n));
	}
}
END_TEST

/* ---- jansson ---- */

/* A value from our tokens, by recursion as deep as the texts made here. */
static json_t *build(struct js *j, int kind, const struct js_token *t)
{
	struct js_token next;
	json_t *value;
	char text[512];

	switch (kind) {
	case JS_TRUE:
		return json_true();
	case JS_FALSE:
		return json_false();
	case JS_NULL:
		return json_null();
	case JS_STRING:
		return json_stringn(t->text, t->n);
	case JS_NUMBER:
		ck_assert_uint_lt(t->n, sizeof text);
		memcpy(text, t->text, t->n);
		text[t->n] = '\0';
		if (strpbrk(text, ".eE"))
			return json_real(strtod(text, NULL));
		if (t->integer)
			ck_assert_uint_eq(t->number, strtoull(text, NULL, 10));
		return json_integer(strtoll(text, NULL, 10));
	case JS_ARRAY:
		value = json_array();
		while ((kind = js_next(j, &next)) != JS_ARRAY_END)
			json_array_append_new(value, build(j, kind, &next));
		return value;
	default:
		ck_assert_int_eq(kind, JS_OBJECT);
		value = json_object();
		while (js_next(j, &next) != JS_OBJECT_END) {
			memcpy(text, next.text, next.n);
			text[next.n] = '\0';
			kind = js_next(j, &next);
			json_object_set_new(value, text, build(j, kind, &next));
		}
		return value;
	}
}

static json_t *build_all(const char *text, size_t n)
{
	manrs_alloc mem = mem_of(NULL);
	struct js_token t;
	struct js j;
	json_t *value;
	int kind;

	js_init(&j, &mem);
	js_feed(&j, text, n);
	js_eof(&j);
	kind = js_next(&j, &t);
	value = build(&j, kind, &t);
	ck_assert_int_eq(js_next(&j, &t), JS_END);
	js_free(&j);
	return value;
}

static void make_blanks(struct dump *d, uint64_t *seed)
{
	for (uint64_t i = test_random(seed) % 8; i > 5; i--)
		put(d, &" \t\r\n"[test_random(seed) % 4], 1);
}

static void make_string(struct dump *d, uint64_t *seed)
{
	static const char *const parts[] = {"a",
					    "prefix",
					    "192.0.2.0/24",
					    "\\n",
					    "\\u0041",
					    "\\ud834\\udd1e",
					    "\xc3\xa9",
					    "\xe2\x82\xac",
					    "\xf0\x9d\x84\x9e",
					    "\\\\",
					    "\\\"",
					    "/",
					    " ",
					    "0123456789abcdef"};

	put(d, "\"", 1);
	for (uint64_t i = test_random(seed) % 5; i > 0; i--) {
		const char *part = parts[test_random(seed) % (sizeof parts / sizeof *parts)];

		put(d, part, strlen(part));
	}
	put(d, "\"", 1);
}

static void make_number(struct dump *d, uint64_t *seed)
{
	static const char *const form[] = {"%u",   "-%u",   "%u.25",     "%ue2",
					   "0.%u", "%uE-1", "%u00000000"};
	const char *as = form[test_random(seed) % 7];
	uint64_t number = test_random(seed);
	char text[64];
	int n;

	number >>= 32 + test_random(seed) % 32;
	n = snprintf(text, sizeof text, as, (unsigned)number);
	put(d, text, (size_t)n);
}

static void make_value(struct dump *d, uint64_t *seed, unsigned depth)
{
	static const char *const literals[] = {"true", "false", "null"};
	uint64_t what = test_random(seed) % (depth < 5 ? 8 : 4);

	make_blanks(d, seed);
	if (what < 2) {
		make_string(d, seed);
	} else if (what == 2) {
		make_number(d, seed);
	} else if (what == 3) {
		const char *literal = literals[test_random(seed) % 3];

		put(d, literal, strlen(literal));
	} else {
		put(d, what < 6 ? "[" : "{", 1);
		for (uint64_t i = 0, n = test_random(seed) % 4; i < n; i++) {
			if (i)
				put(d, ",", 1);
			if (what >= 6) {
				make_blanks(d, seed);
				make_string(d, seed);
				make_blanks(d, seed);
				put(d, ":", 1);
			}
			make_value(d, seed, depth + 1);
		}
		make_blanks(d, seed);
		put(d, what < 6 ? "]" : "}", 1);
	}
	make_blanks(d, seed);
}

static void mutate(struct dump *d, uint64_t *seed)
{
	static const char bytes[] = "\"\\{}[]:,0123456789+-.eEtrufalsn \n\x01\x80\xc3\xff/";
	size_t at = test_below(seed, d->n);
	char c = bytes[test_random(seed) % (sizeof bytes - 1)];

	switch (test_random(seed) % 4) {
	case 0:
		d->at[at] = c;
		break;
	case 1:
		memmove(d->at + at, d->at + at + 1, --d->n - at);
		break;
	case 2:
		put(d, " ", 1);
		memmove(d->at + at + 1, d->at + at, d->n - 1 - at);
		d->at[at] = c;
		break;
	default:
		d->n = at + 1;
		break;
	}
}

/* jansson refuses what RFC 8259 allows: numbers that its types cannot hold, NUL in a name. */
static bool beyond_jansson(const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);

	return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

START_TEST(jansson_agrees_on_random_texts)
{
	uint64_t seed = 8259;
	struct dump text = {0}, whole = {0}, cut_one = {0};
	unsigned good = 0, refused = 0;

	for (unsigned i = 0; i < test_rounds(60000); i++) {
		json_error_t error;
		json_t *theirs, *ours;
		int rc;

		text.n = 0;
		make_value(&text, &seed, 0);
		for (uint64_t m = test_random(&seed) % 4; m > 1 && text.n; m--)
			mutate(&text, &seed);
		theirs = json_loadb(text.n ? text.at : "", text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL,
				    &error);
		rc = scan(&whole, text.at, text.n, text.n, NULL);
		if (!theirs && beyond_jansson(&error))
			continue;
		ck_assert_msg((theirs != NULL) == (rc == MANRS_OK), "jansson %s, we %s: %.*s",
			      theirs ? "accepts" : error.text, rc ? "refuse" : "accept",
			      (int)text.n, text.at);
		same_at_cut(&cut_one, &whole, text.at, text.n, text.n + 1);
		same_at_cut(&cut_one, &whole, text.at, text.n, test_below(&seed, text.n + 1));
		good += theirs != NULL;
		refused += theirs == NULL;
		if (!theirs)
			continue;
		ours = build_all(text.at, text.n);
		ck_assert_msg(json_equal(ours, theirs), "another value: %.*s", (int)text.n,
			      text.at);
		json_decref(ours);
		json_decref(theirs);
	}
	ck_assert_uint_gt(good, test_rounds(20000));
	ck_assert_uint_gt(refused, test_rounds(10000));
	free(text.at);
	free(whole.at);
	free(cut_one.at);
}
END_TEST

Suite *json_suite(void)
{
	Suite *s = suite_create("json");

	ADD_TEST(s, rfc8259_s2_structure, 5);
	ADD_TEST(s, rfc8259_s3_literals, 5);
	ADD_TEST(s, rfc8259_s6_numbers, 5);
	ADD_TEST(s, rfc8259_s7_strings, 5);
	ADD_TEST(s, rfc3629_s4_only_shortest_forms, 5);
	ADD_TEST(s, tokens_of_a_typed_text, 5);
	ADD_TEST(s, faults_have_their_place, 5);
	ADD_TEST(s, nesting_is_bounded, 5);
	ADD_TEST(s, tokens_are_bounded, 5);
	ADD_TEST(s, memory_refused_is_a_fault, 5);
	ADD_TEST(s, jansson_agrees_on_random_texts, 10);
	return s;
}
