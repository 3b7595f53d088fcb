/* SPDX-License-Identifier: BSD-2-Clause */
/* Words to PDUs, from the pictures in RFC 8210 section 5 and 8210bis section 5. Nothing of lib/wire is called. */

#include "rtr_words.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct pdu {
	uint8_t *bytes;
	size_t n;
	const char *why;
};

static void byte(struct pdu *p, uint64_t v)
{
	if (p->n < RTR_WORDS_MAX)
		p->bytes[p->n++] = (uint8_t)v;
	else
		p->why = "more than fits";
}

static void word16(struct pdu *p, uint64_t v)
{
	byte(p, v >> 8);
	byte(p, v);
}

static void word32(struct pdu *p, uint64_t v)
{
	word16(p, v >> 16);
	word16(p, v);
}

static void bytes(struct pdu *p, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		byte(p, ((const uint8_t *)from)[i]);
}

bool rtr_word(const char **line, char *word, size_t cap)
{
	const char *from = *line + strspn(*line, " \t");
	size_t n = strcspn(from, " \t");

	if (!n || n >= cap)
		return false;
	memcpy(word, from, n);
	word[n] = 0;
	*line = from + n;
	return true;
}

bool rtr_word_is(const char **line, const char *word)
{
	const char *rest = *line;
	char next[64];

	if (!rtr_word(&rest, next, sizeof next) || strcmp(next, word))
		return false;
	*line = rest;
	return true;
}

static bool number_of(const char *word, uint64_t *number)
{
	char *end;

	if (!strncmp(word, "AS", 2))
		word += 2;
	if (*word < '0' || *word > '9')
		return false;
	*number = strtoull(word, &end, 0);
	return !*end;
}

bool rtr_word_number(const char **line, uint64_t *number)
{
	const char *rest = *line;
	char word[32];

	if (!rtr_word(&rest, word, sizeof word) || !number_of(word, number))
		return false;
	*line = rest;
	return true;
}

static uint64_t number(struct pdu *p, const char **line)
{
	uint64_t v = 0;

	if (!rtr_word_number(line, &v))
		p->why = "a number is missing";
	return v;
}

static void hex(struct pdu *p, const char **line)
{
	const char *s = *line + strspn(*line, " \t");
	unsigned v[2] = {0};

	for (size_t i = 0; *s && *s != ' ' && *s != '\t'; i++, s++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, *s);

		if (!at) {
			p->why = "no hex digit";
			return;
		}
		v[i & 1] = (unsigned)(at - digits);
		if (i & 1)
			byte(p, v[0] << 4 | v[1]);
	}
	*line = s;
}

/* +, - or a number: the flags. */
static uint64_t flags(struct pdu *p, const char **line)
{
	if (rtr_word_is(line, "+"))
		return 1;
	if (rtr_word_is(line, "-"))
		return 0;
	return number(p, line);
}

static void head(struct pdu *p, unsigned version, unsigned type, uint64_t session)
{
	byte(p, version);
	byte(p, type);
	word16(p, session);
	word32(p, 0); /* set when all is there */
}

/* flags, then "10.0.0.0/24-24 AS64500"; each number as it is written, good or not. */
static void prefix(struct pdu *p, const char **line, unsigned version, bool six, uint64_t flag)
{
	char word[64], *len, *maxlen;
	uint8_t addr[16];

	head(p, version, six ? 6 : 4, 0);
	if (!rtr_word(line, word, sizeof word) || !(len = strchr(word, '/')) ||
	    !(maxlen = strchr(len, '-'))) {
		p->why = "PREFIX/LENGTH-MAXLENGTH is missing";
		return;
	}
	*len++ = *maxlen++ = 0;
	if (inet_pton(six ? AF_INET6 : AF_INET, word, addr) != 1)
		p->why = "no address";
	byte(p, flag);
	byte(p, strtoul(len, NULL, 10));
	byte(p, strtoul(maxlen, NULL, 10));
	byte(p, 0);
	bytes(p, addr, six ? 16 : 4);
	word32(p, number(p, line));
}

static void end_of_data(struct pdu *p, const char **line, unsigned version)
{
	uint64_t timers[3] = {3600, 600, 7200};

	head(p, version, 7, number(p, line));
	if (!rtr_word_is(line, "serial"))
		p->why = "serial is missing";
	word32(p, number(p, line));
	if (rtr_word_is(line, "timers"))
		for (int i = 0; i < 3; i++)
			timers[i] = number(p, line);
	for (int i = 0; i < 3 && version; i++)
		word32(p, timers[i]);
}

static void key(struct pdu *p, const char **line, unsigned version, uint64_t flag)
{
	uint64_t asn = number(p, line);
	size_t from;

	head(p, version, 9, flag << 8);
	from = p->n;
	if (!rtr_word_is(line, "ski"))
		p->why = "ski is missing";
	hex(p, line);
	while (!p->why && p->n > from && p->n < from + 20)
		byte(p, p->bytes[from]);
	word32(p, asn);
	if (rtr_word_is(line, "spki"))
		hex(p, line);
}

static void aspa(struct pdu *p, const char **line, unsigned version, uint64_t flag)
{
	char word[64], *to;
	const char *rest = *line;
	uint64_t first, last;

	head(p, version, 11, flag << 8);
	word32(p, number(p, line));
	for (rest = *line; rtr_word(&rest, word, sizeof word) && !p->why; *line = rest) {
		to = strstr(word, "..");
		if (to)
			*to = 0;
		if (!number_of(word, &first))
			break;
		last = first;
		if (to && !number_of(to + 2, &last))
			p->why = "no AS behind ..";
		for (; first <= last && !p->why; first++)
			word32(p, first);
	}
}

static void error(struct pdu *p, const char **line, unsigned version)
{
	size_t from, n;

	head(p, version, 10, number(p, line));
	from = p->n;
	word32(p, 0);
	if (rtr_word_is(line, "pdu"))
		hex(p, line);
	n = p->n - from - 4;
	p->bytes[from + 2] = (uint8_t)(n >> 8);
	p->bytes[from + 3] = (uint8_t)n;
	if (!rtr_word_is(line, "text")) {
		word32(p, 0);
		return;
	}
	*line += strspn(*line, " ");
	word32(p, strlen(*line));
	bytes(p, *line, strlen(*line));
	*line += strlen(*line);
}

static bool both(const char **line, const char *one, const char *two)
{
	const char *rest = *line;

	if (!rtr_word_is(&rest, one) || !rtr_word_is(&rest, two))
		return false;
	*line = rest;
	return true;
}

static void serial(struct pdu *p, const char **line, unsigned version, unsigned type)
{
	head(p, version, type, number(p, line));
	word32(p, number(p, line));
}

static void any(struct pdu *p, const char **line, unsigned version)
{
	if (both(line, "serial", "notify")) {
		serial(p, line, version, 0);
	} else if (both(line, "serial", "query")) {
		serial(p, line, version, 1);
	} else if (both(line, "reset", "query")) {
		head(p, version, 2, 0);
	} else if (both(line, "cache", "response")) {
		head(p, version, 3, number(p, line));
	} else if (rtr_word_is(line, "ipv4")) {
		prefix(p, line, version, false, flags(p, line));
	} else if (rtr_word_is(line, "ipv6")) {
		prefix(p, line, version, true, flags(p, line));
	} else if (both(line, "end", "of")) {
		if (!rtr_word_is(line, "data"))
			p->why = "data is missing";
		end_of_data(p, line, version);
	} else if (both(line, "cache", "reset")) {
		head(p, version, 8, 0);
	} else if (rtr_word_is(line, "key")) {
		key(p, line, version, flags(p, line));
	} else if (rtr_word_is(line, "error")) {
		error(p, line, version);
	} else if (rtr_word_is(line, "aspa")) {
		aspa(p, line, version, flags(p, line));
	} else {
		p->why = "no PDU of this name";
	}
}

static void set_length(struct pdu *p, uint64_t n)
{
	for (int i = 0; i < 4; i++)
		p->bytes[4 + i] = (uint8_t)(n >> (24 - 8 * i));
}

/* What is left of the line: the length that the head is to have; nothing else. */
static size_t finish(struct pdu *p, const char *line, const char **why)
{
	if (!p->why && rtr_word_is(&line, "length"))
		set_length(p, number(p, &line));
	if (!p->why && line[strspn(line, " \t")])
		p->why = "more words than the PDU has";
	*why = p->why;
	return p->why ? 0 : p->n;
}

size_t rtr_words(uint8_t *out, unsigned version, const char *line, const char **why)
{
	struct pdu p = {.bytes = out};

	for (unsigned v = 0; v < 3; v++)
		if (rtr_word_is(&line, (const char *[]){"v0", "v1", "v2"}[v]))
			version = v;
	if (rtr_word_is(&line, "raw")) {
		hex(&p, &line);
	} else {
		any(&p, &line, version);
		if (p.n >= 8)
			set_length(&p, p.n);
	}
	return finish(&p, line, why);
}

size_t rtr_words_record(uint8_t *out, const char *line, const char **why)
{
	struct pdu p = {.bytes = out};

	if (rtr_word_is(&line, "aspa"))
		aspa(&p, &line, 2, 1);
	else if (rtr_word_is(&line, "key"))
		key(&p, &line, 2, 1);
	else
		prefix(&p, &line, 2, strchr(line, ':') != NULL, 1);
	if (p.n >= 8)
		set_length(&p, p.n);
	return finish(&p, line, why);
}
