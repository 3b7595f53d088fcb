// SPDX-License-Identifier: BSD-2-Clause
/*
 * A BGP speaker for tests: announces the routes of files, a million of them if it must, answers route refreshes with all of
 * them again, counts and writes down what it hears. Comes back by itself when its session is lost, and announces all again.
 *
 *   speaker --from ADDR --to ADDR --as N [--role provider|rs|rs-client|customer|peer] [--heard FILE] [--next-hop6 ADDR]
 *           [--port N] [--no-refresh] [--no-enhanced] [--add-path] [--extended-next-hop] [--safi 2|4|128] [--local-pref N]
 *
 * stdin     announce FILE | withdraw FILE | refresh 4|6 | counts | drop (a reset) | cease (a NOTIFICATION) | quit
 * stdout    up | down WHY | sent (all that was queued is written) | eor 4|6 | refresh 4|6 SUBTYPE | counts {...}
 * FILE      a line a route: PREFIX|PATH|COMMUNITIES|OTC, `10.0.0.0/8|64500 {64501,64502}|64500:1 64500:1:2 0x4300...|64500`;
 *           what is missing at the end is empty. PREFIX#N has path identifier N, for --add-path; a path may have confederation
 *           segments as routers write them, (64512 64513) and [64512,64513]
 * heard     A|PREFIX|PATH|COMMUNITIES|OTC and W|PREFIX in the order in which they came, an extended community as hex
 *
 * What it sends may be of another SAFI, multicast, labelled (label 16) or VPN (route distinguisher 0:1:1, label 16); it hears
 * unicast alone.
 *
 * RFC 4271, 4760 (IPv4 and IPv6 unicast), 7911, 8950, 8277, 4364, 6793 (4-octet AS alone), 2918 and 7313, 9234. Restart time 0
 * in RFC 4724's capability is there for the End-of-RIB that it brings. It shares no code with the library: it stands on the
 * other side of what is tested.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPEN = 1, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH };
enum {
	ORIGIN = 1,
	AS_PATH,
	NEXT_HOP,
	COMMUNITY = 8,
	MP_REACH = 14,
	MP_UNREACH,
	EXTENDED,
	LARGE = 32,
	OTC = 35
};
enum { HOLD = 180, LONGEST = 4096, HEADER = 19, QUEUE = 1 << 18, AGAIN_MS = 200, REST_MS = 500 };

struct bytes {
	uint8_t *at;
	size_t n, room;
};

struct route {
	uint8_t addr[16];
	uint8_t len, family, live;
	uint32_t id;    /* of its path */
	uint32_t attrs; /* where in `pool`: two bytes of length, then they */
};

/* ALL: every route of a family that is live. */
enum work { LIST, GONE, ALL, FIRST };
struct job {
	enum work work;
	uint8_t family;
	uint32_t *list;
	size_t n, next;
};

static struct {
	const char *from, *to, *port, *heard, *next_hop6;
	uint32_t as;
	int role, refresh, enhanced, add_path, extended_next_hop, local_pref;
	unsigned safi;
} config = {.port = "179",
	    .next_hop6 = "2001:db8:ffff::1",
	    .role = -1,
	    .refresh = 1,
	    .enhanced = 1,
	    .local_pref = -1,
	    .safi = 1};
static struct route *routes;
static size_t n_routes, room_routes, live;
static uint32_t *table; /* of routes by prefix: their number + 1 */
static size_t table_size;
static struct bytes pool, in, out;
static struct job jobs[256];
static size_t n_jobs;
static int fd = -1, up, enhanced, quit;
static FILE *heard;
static struct {
	uint64_t updates, announced, withdrawn, refresh4, refresh6, sent, sent_routes, ups, downs;
} count;
static time_t last_sent;
static uint8_t own4[4], own6[16];
static int path_ids[7]; /* by family: what is heard has path identifiers */

static void die(const char *why)
{
	fprintf(stderr, "speaker: %s\n", why);
	exit(2);
}

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static void *grown(void *at, size_t bytes)
{
	void *more = realloc(at, bytes);

	if (!more)
		die("no memory");
	return more;
}

static uint8_t *room(struct bytes *b, size_t n)
{
	if (b->n + n > b->room) {
		b->room = (b->n + n) * 2;
		b->at = grown(b->at, b->room);
	}
	return b->at + b->n;
}

static void put(struct bytes *b, const void *from, size_t n)
{
	memcpy(room(b, n), from, n);
	b->n += n;
}

static void put_int(struct bytes *b, uint64_t value, unsigned n)
{
	uint8_t *at = room(b, n);

	for (unsigned i = 0; i < n; i++)
		at[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
	b->n += n;
}

static uint32_t get_int(const uint8_t *at, unsigned n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | *at++;
	return value;
}

/* ---- routes ---- */

static size_t prefix_bytes(unsigned len)
{
	return (len + 7) / 8;
}

static size_t slot_of(const struct route *r)
{
	uint64_t hash =
		14695981039346656037u ^ r->len ^ (uint64_t)r->family << 8 ^ (uint64_t)r->id << 16;

	for (unsigned i = 0; i < 16; i++)
		hash = (hash ^ r->addr[i]) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32) & (table_size - 1);
}

/* The slot of its prefix, or the empty one where it would be. */
static uint32_t *slot(const struct route *r)
{
	for (size_t at = slot_of(r);; at = (at + 1) & (table_size - 1)) {
		const struct route *other = table[at] ? &routes[table[at] - 1] : NULL;

		if (!other || (other->len == r->len && other->family == r->family &&
			       other->id == r->id && memcmp(other->addr, r->addr, 16) == 0))
			return &table[at];
	}
}

static void more_routes(void)
{
	room_routes = room_routes ? room_routes * 2 : 1024;
	routes = grown(routes, room_routes * sizeof *routes);
	table_size = room_routes * 2;
	free(table);
	table = calloc(table_size, sizeof *table);
	if (!table)
		die("no memory");
	for (size_t i = 0; i < n_routes; i++)
		*slot(&routes[i]) = (uint32_t)i + 1;
}

static void parse_prefix(char *text, struct route *r)
{
	char *slash = strchr(text, '/'), *id = strchr(text, '#');

	memset(r, 0, sizeof *r);
	if (id)
		r->id = (uint32_t)strtoul(id + 1, NULL, 10);
	if (slash)
		*slash = 0;
	r->family = strchr(text, ':') ? 6 : 4;
	if (!slash || inet_pton(r->family == 6 ? AF_INET6 : AF_INET, text, r->addr) != 1)
		die(text);
	r->len = (uint8_t)atoi(slash + 1);
}

static void put_attr(struct bytes *b, unsigned flags, unsigned type, const struct bytes *value)
{
	put_int(b, value->n > 255 ? flags | 0x10 : flags, 1);
	put_int(b, type, 1);
	put_int(b, value->n, value->n > 255 ? 2 : 1);
	put(b, value->at, value->n);
}

/* `64500 64501 {64502,64503}`, `(64512 64513)`, `[64514]`: segments of at most 255. */
static void put_path(struct bytes *b, const char *text)
{
	static struct bytes path;
	static const char marks[] = "{(["; /* AS_SET 1, AS_CONFED_SEQUENCE 3, AS_CONFED_SET 4 */
	size_t head = 0;
	int next = 2, kind = 0;

	path.n = 0;
	while (*text) {
		if (strchr("{}()[]", *text)) {
			const char *mark = strchr(marks, *text++);

			next = mark ? "\1\3\4"[mark - marks] : 2;
			kind = 0;
		} else if (*text == ' ' || *text == ',') {
			text++;
		} else {
			char *end;
			unsigned long as = strtoul(text, &end, 10);

			if (end == text)
				die(text);
			if (!kind || path.at[head + 1] == 255) {
				kind = next;
				head = path.n;
				put_int(&path, (uint64_t)kind << 8, 2);
			}
			path.at[head + 1]++;
			put_int(&path, as, 4);
			text = end;
		}
	}
	put_attr(b, 0x40, AS_PATH, &path);
}

static void put_communities(struct bytes *b, char *text)
{
	static struct bytes plain, extended, large;
	char *save;

	plain.n = extended.n = large.n = 0;
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		unsigned long part[3];
		int parts = sscanf(word, "%lu:%lu:%lu", &part[0], &part[1], &part[2]);

		if (strncmp(word, "0x", 2) == 0)
			put_int(&extended, strtoull(word, NULL, 16), 8);
		else if (parts == 3)
			for (int i = 0; i < 3; i++)
				put_int(&large, part[i], 4);
		else if (parts == 2)
			put_int(&plain, part[0] << 16 | part[1], 4);
		else
			die(word);
	}
	if (plain.n)
		put_attr(b, 0xc0, COMMUNITY, &plain);
	if (extended.n)
		put_attr(b, 0xc0, EXTENDED, &extended);
	if (large.n)
		put_attr(b, 0xc0, LARGE, &large);
}

/* Whether a family's prefixes are in MP_REACH, with their next hop. */
static int is_mp(unsigned family)
{
	return family == 6 || config.safi != 1 || config.extended_next_hop;
}

/* All attributes but MP_REACH. */
static uint32_t put_attrs(unsigned family, char *path, char *communities, const char *otc)
{
	uint32_t at = (uint32_t)pool.n;

	put_int(&pool, 0, 2);
	put(&pool, "\x40\x01\x01", 4); /* and its 0: IGP */
	put_path(&pool, path);
	if (!is_mp(family)) {
		put(&pool, "\x40\x03\x04", 3);
		put(&pool, own4, 4);
	}
	if (config.local_pref >= 0) {
		put(&pool, "\x40\x05\x04", 3);
		put_int(&pool, (uint64_t)config.local_pref, 4);
	}
	put_communities(&pool, communities);
	if (*otc) {
		put(&pool, "\xc0\x23\x04", 3);
		put_int(&pool, strtoul(otc, NULL, 10), 4);
	}
	pool.at[at] = (uint8_t)((pool.n - at - 2) >> 8);
	pool.at[at + 1] = (uint8_t)(pool.n - at - 2);
	return at;
}

static char *field(char **at)
{
	char *from = *at, *end = strchr(from, '|');

	if (end)
		*end = 0;
	*at = end ? end + 1 : from + strlen(from);
	return from;
}

/* The number of the line's route, made or changed; its attributes are those of the line before if their text is. */
static uint32_t announced(char *line)
{
	static char before[1 << 16];
	static uint32_t attrs;
	static unsigned family;
	struct route r;
	uint32_t *at;

	parse_prefix(field(&line), &r);
	if (r.family != family || strcmp(before, line) != 0) {
		family = r.family;
		snprintf(before, sizeof before, "%s", line);
		char *path = field(&line), *communities = field(&line);
		attrs = put_attrs(family, path, communities, field(&line));
	}
	if (n_routes == room_routes)
		more_routes();
	at = slot(&r);
	if (!*at) {
		routes[n_routes] = r;
		*at = (uint32_t)++n_routes;
	}
	struct route *held = &routes[*at - 1];
	live += !held->live;
	held->live = 1;
	held->attrs = attrs;
	return *at - 1;
}

/* UINT32_MAX if it has none of that prefix. */
static uint32_t withdrawn(char *line)
{
	struct route r;
	uint32_t number = 0;

	parse_prefix(field(&line), &r);
	if (table_size)
		number = *slot(&r);
	if (!number || !routes[number - 1].live)
		return UINT32_MAX;
	live--;
	routes[number - 1].live = 0;
	return number - 1;
}

/* ---- what is to be sent ---- */

static void add_job(enum work work, unsigned family, uint32_t *list, size_t n)
{
	if (n_jobs == sizeof jobs / sizeof *jobs)
		die("too much to do");
	jobs[n_jobs++] = (struct job){work, (uint8_t)family, list, n, 0};
}

static void end_job(void)
{
	free(jobs[0].list);
	memmove(jobs, jobs + 1, --n_jobs * sizeof *jobs);
}

static void read_routes(const char *path, enum work work)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, n = 0, space = 0;
	uint32_t *list = NULL;

	if (!file)
		die(path);
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!*line)
			continue;
		uint32_t number = work == LIST ? announced(line) : withdrawn(line);
		if (n == space)
			list = grown(list, (space = space ? space * 2 : 1024) * sizeof *list);
		if (number != UINT32_MAX)
			list[n++] = number;
	}
	free(line);
	fclose(file);
	if (up)
		add_job(work, 0, list, n);
	else
		free(list);
}

static size_t begin(unsigned type)
{
	size_t at = out.n;

	memset(room(&out, 16), 0xff, 16);
	out.n += 16;
	put_int(&out, 0, 2);
	put_int(&out, type, 1);
	return at;
}

static void finish(size_t at)
{
	out.at[at + 16] = (uint8_t)((out.n - at) >> 8);
	out.at[at + 17] = (uint8_t)(out.n - at);
}

static void put_nlri(struct bytes *b, const struct route *r)
{
	unsigned label = config.safi == 4 || config.safi == 128 ? 24 : 0,
		 rd = config.safi == 128 ? 64 : 0;

	if (config.add_path)
		put_int(b, r->id, 4);
	put_int(b, r->len + label + rd, 1);
	if (label)
		put_int(b, 16 << 4 | 1, 3);
	if (rd)
		put_int(b, (uint64_t)1 << 32 | 1, 8);
	put(b, r->addr, prefix_bytes(r->len));
}

static unsigned afi(unsigned family)
{
	return family == 6 ? 2 : 1;
}

static void send_refresh(unsigned family, unsigned subtype)
{
	size_t at = begin(REFRESH);

	put_int(&out, afi(family), 2);
	put_int(&out, subtype, 1);
	put_int(&out, config.safi, 1);
	finish(at);
}

static void send_end_of_rib(unsigned family)
{
	size_t at = begin(UPDATE);

	if (family == 4 && config.safi == 1) {
		put_int(&out, 0, 4);
	} else {
		put(&out, "\0\0\0\x06\x80\x0f\x03\0", 8);
		put_int(&out, afi(family), 1);
		put_int(&out, config.safi, 1);
	}
	finish(at);
}

static void put_next_hop(struct bytes *b, unsigned family)
{
	unsigned n = family == 6 || config.extended_next_hop ? 16 : 4,
		 rd = config.safi == 128 ? 8 : 0;

	put_int(b, rd + n, 1);
	put_int(b, 0, rd);
	put(b, n == 16 ? own6 : own4, n);
}

/* Prefixes of one family, all withdrawn or all with the same attributes, as many as fit into one message. */
static void send_update(const struct bytes *nlri, unsigned family, const uint8_t *attrs)
{
	size_t at = begin(UPDATE), n = attrs ? get_int(attrs, 2) : 0;
	static struct bytes mp;

	put_int(&out, !is_mp(family) && !attrs ? nlri->n : 0, 2);
	if (!is_mp(family) && !attrs)
		put(&out, nlri->at, nlri->n);
	mp.n = 0;
	if (is_mp(family)) {
		static struct bytes value;

		value.n = 0;
		put_int(&value, afi(family), 2);
		put_int(&value, config.safi, 1);
		if (attrs) {
			put_next_hop(&value, family);
			put_int(&value, 0, 1);
		}
		put(&value, nlri->at, nlri->n);
		put_attr(&mp, 0x80, attrs ? MP_REACH : MP_UNREACH, &value);
	}
	put_int(&out, n + mp.n, 2);
	put(&out, mp.at, mp.n);
	if (attrs)
		put(&out, attrs + 2, n);
	if (!is_mp(family) && attrs)
		put(&out, nlri->at, nlri->n);
	finish(at);
	count.sent++;
}

/* The next route of the job, NULL if there is none; it stays the next until it is taken. */
static const struct route *next_of(struct job *job)
{
	int every = job->work == ALL || job->work == FIRST;

	for (; job->next < (every ? n_routes : job->n); job->next++) {
		const struct route *r = &routes[every ? job->next : job->list[job->next]];

		if (every ? r->live && r->family == job->family : r->live == (job->work == LIST))
			return r;
	}
	return NULL;
}

static void send_some(struct job *job)
{
	static struct bytes nlri;
	const struct route *first = next_of(job), *r = first;
	int gone = job->work == GONE;

	if (job->next == 0 && job->work == ALL && enhanced)
		send_refresh(job->family, 1);
	if (!first) {
		if (job->work == ALL && enhanced)
			send_refresh(job->family, 2);
		if (job->work == FIRST)
			send_end_of_rib(job->family);
		end_job();
		return;
	}
	size_t attrs = gone ? 0 : get_int(pool.at + first->attrs, 2);
	nlri.n = 0;
	while (r && r->family == first->family && (gone || r->attrs == first->attrs) &&
	       HEADER + 4 + 36 + attrs + nlri.n + 32 <= LONGEST) {
		put_nlri(&nlri, r);
		count.sent_routes++;
		job->next++;
		r = next_of(job);
	}
	if (!nlri.n)
		die("attributes too long for a message");
	send_update(&nlri, first->family, gone ? NULL : pool.at + first->attrs);
}

/* ---- the session ---- */

static void put_capability(struct bytes *b, unsigned code, const void *value, unsigned n)
{
	put_int(b, code, 1);
	put_int(b, n, 1);
	put(b, value, n);
}

static void send_open(void)
{
	static struct bytes caps;
	size_t at = begin(OPEN);
	uint32_t as = htonl(config.as);
	uint8_t role = (uint8_t)config.role;

	caps.n = 0;
	for (unsigned family = 1; family <= 2; family++) {
		uint8_t one[4] = {0, (uint8_t)family, 0, (uint8_t)config.safi};

		put_capability(&caps, 1, one, 4);
	}
	if (config.extended_next_hop)
		put_capability(&caps, 5, "\0\x01\0\x01\0\x02", 6);
	if (config.add_path)
		put_capability(&caps, 69, "\0\x01\x01\x03\0\x02\x01\x03", 8);
	if (config.refresh)
		put_capability(&caps, 2, "", 0);
	if (config.refresh && config.enhanced)
		put_capability(&caps, 70, "", 0);
	put_capability(&caps, 64, "\0\0", 2);
	put_capability(&caps, 65, &as, 4);
	if (config.role >= 0)
		put_capability(&caps, 9, &role, 1);
	put_int(&out, 4, 1);
	put_int(&out, config.as > 65535 ? 23456 : config.as, 2);
	put_int(&out, HOLD, 2);
	put(&out, own4, 4);
	put_int(&out, caps.n + 2, 1);
	put_int(&out, 2, 1);
	put_int(&out, caps.n, 1);
	put(&out, caps.at, caps.n);
	finish(at);
}

static void down(const char *why)
{
	close(fd);
	fd = -1;
	in.n = out.n = 0;
	while (n_jobs)
		end_job();
	if (heard)
		fflush(heard);
	if (up) {
		count.downs++;
		say("down %s", why);
	}
	up = enhanced = path_ids[4] = path_ids[6] = 0;
}

static void connect_now(void)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM},
			*to = NULL, *from = NULL;
	struct timeval second = {1, 0};

	if (getaddrinfo(config.to, config.port, &hints, &to) ||
	    getaddrinfo(config.from, "0", &hints, &from))
		die("no such address");
	fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
	if (bind(fd, from->ai_addr, from->ai_addrlen) || connect(fd, to->ai_addr, to->ai_addrlen)) {
		close(fd);
		fd = -1;
	} else {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		send_open();
	}
	freeaddrinfo(to);
	freeaddrinfo(from);
}

static void send_keepalive(void)
{
	finish(begin(KEEPALIVE));
}

static void established(void)
{
	up = 1;
	count.ups++;
	say("up");
	add_job(FIRST, 4, NULL, 0);
	add_job(FIRST, 6, NULL, 0);
}

/* RFC 7911 section 4: AFI, SAFI, 1 to receive, 2 to send, 3 both. */
static void got_add_path(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 4)
		if (at[i + 2] == 1)
			path_ids[at[i + 1] == 2 ? 6 : 4] = at[i + 3] & 2;
}

static void got_open(const uint8_t *at, size_t n)
{
	const uint8_t *end = at + n;

	for (at += 10; at + 2 <= end; at += 2 + at[1])
		if (at[0] == 2)
			for (const uint8_t *c = at + 2; c + 2 <= at + 2 + at[1]; c += 2 + c[1]) {
				enhanced |= c[0] == 70;
				if (c[0] == 69 && config.add_path)
					got_add_path(c + 2, c[1]);
			}
	enhanced = enhanced && config.refresh && config.enhanced;
	send_keepalive();
}

/* ---- what is heard ---- */

struct attrs {
	const uint8_t *path, *plain, *extended, *large, *reach, *unreach;
	size_t path_n, plain_n, extended_n, large_n, reach_n, unreach_n;
	int has_otc;
	uint32_t otc;
};

static void read_attrs(const uint8_t *at, const uint8_t *end, struct attrs *a)
{
	memset(a, 0, sizeof *a);
	while (at + 3 <= end) {
		unsigned flags = at[0], type = at[1], wide = flags & 0x10 ? 2 : 1;
		size_t n = get_int(at + 2, wide);
		const uint8_t *value = at + 2 + wide;

		if (value + n > end)
			die("an attribute too long");
		switch (type) {
		case AS_PATH:
			a->path = value, a->path_n = n;
			break;
		case COMMUNITY:
			a->plain = value, a->plain_n = n;
			break;
		case EXTENDED:
			a->extended = value, a->extended_n = n;
			break;
		case LARGE:
			a->large = value, a->large_n = n;
			break;
		case MP_REACH:
			a->reach = value, a->reach_n = n;
			break;
		case MP_UNREACH:
			a->unreach = value, a->unreach_n = n;
			break;
		case OTC:
			a->has_otc = 1, a->otc = get_int(value, 4);
			break;
		}
		at = value + n;
	}
}

static void write_path(const struct attrs *a)
{
	const uint8_t *at = a->path, *end = at + a->path_n;

	for (const char *between = ""; at + 2 <= end; between = " ") {
		unsigned kind = at[0], n = at[1];

		fprintf(heard, "%s%s", between,
			kind == 1   ? "{"
			: kind == 3 ? "("
			: kind == 4 ? "["
				    : "");
		at += 2;
		for (unsigned i = 0; i < n && at + 4 <= end; i++, at += 4)
			fprintf(heard, "%s%u",
				i == 0                   ? ""
				: kind == 1 || kind == 4 ? ","
							 : " ",
				get_int(at, 4));
		fputs(kind == 1 ? "}" : kind == 3 ? ")" : kind == 4 ? "]" : "", heard);
	}
}

static void write_communities(const struct attrs *a)
{
	const char *between = "";

	for (size_t i = 0; i + 4 <= a->plain_n; i += 4, between = " ")
		fprintf(heard, "%s%u:%u", between, get_int(a->plain + i, 2),
			get_int(a->plain + i + 2, 2));
	for (size_t i = 0; i + 8 <= a->extended_n; i += 8, between = " ")
		fprintf(heard, "%s0x%08x%08x", between, get_int(a->extended + i, 4),
			get_int(a->extended + i + 4, 4));
	for (size_t i = 0; i + 12 <= a->large_n; i += 12, between = " ")
		fprintf(heard, "%s%u:%u:%u", between, get_int(a->large + i, 4),
			get_int(a->large + i + 4, 4), get_int(a->large + i + 8, 4));
}

static void write_route(const uint8_t *nlri, unsigned family, const uint8_t *id,
			const struct attrs *a)
{
	uint8_t addr[16] = {0};
	char text[INET6_ADDRSTRLEN];

	memcpy(addr, nlri + 1, prefix_bytes(nlri[0]));
	inet_ntop(family == 6 ? AF_INET6 : AF_INET, addr, text, sizeof text);
	fprintf(heard, "%c|%s/%u", a ? 'A' : 'W', text, nlri[0]);
	if (id)
		fprintf(heard, "#%u", get_int(id, 4));
	if (a) {
		putc('|', heard);
		write_path(a);
		putc('|', heard);
		write_communities(a);
		putc('|', heard);
		if (a->has_otc)
			fprintf(heard, "%u", a->otc);
	}
	putc('\n', heard);
}

static void heard_prefixes(const uint8_t *at, const uint8_t *end, unsigned family,
			   const struct attrs *a)
{
	for (; at < end; at += 1 + prefix_bytes(at[0])) {
		const uint8_t *id = path_ids[family] ? at : NULL;

		at += id ? 4 : 0;
		if (at >= end || at[0] > (family == 6 ? 128 : 32) ||
		    at + 1 + prefix_bytes(at[0]) > end)
			die("a prefix too long");
		*(a ? &count.announced : &count.withdrawn) += 1;
		if (heard)
			write_route(at, family, id, a);
	}
}

static void got_update(const uint8_t *at, size_t n)
{
	const uint8_t *end = at + n, *gone = at + 2, *attrs = gone + get_int(at, 2) + 2, *nlri;
	struct attrs a;

	if (attrs > end || (nlri = attrs + get_int(attrs - 2, 2)) > end)
		die("an UPDATE that does not fit");
	count.updates++;
	read_attrs(attrs, nlri, &a);
	if (n == 4 || (n == 10 && a.unreach && a.unreach_n == 3)) {
		if (heard)
			fflush(heard);
		say("eor %d", n == 4 ? 4 : 6);
		return;
	}
	heard_prefixes(gone, attrs - 2, 4, NULL);
	if (a.unreach && a.unreach[2] == 1)
		heard_prefixes(a.unreach + 3, a.unreach + a.unreach_n, a.unreach[1] == 2 ? 6 : 4,
			       NULL);
	if (a.reach && a.reach[2] == 1)
		heard_prefixes(a.reach + 5 + a.reach[3], a.reach + a.reach_n,
			       a.reach[1] == 2 ? 6 : 4, &a);
	heard_prefixes(nlri, end, 4, &a);
}

static void got_refresh(const uint8_t *at)
{
	unsigned family = at[1] == 2 ? 6 : 4;

	if (at[2] == 0) {
		*(family == 6 ? &count.refresh6 : &count.refresh4) += 1;
		add_job(ALL, family, NULL, 0);
	}
	say("refresh %u %u", family, at[2]);
}

static void got(unsigned type, const uint8_t *at, size_t n)
{
	static char why[40];

	switch (type) {
	case OPEN:
		got_open(at, n);
		break;
	case UPDATE:
		got_update(at, n);
		break;
	case NOTIFICATION:
		snprintf(why, sizeof why, "notification %u/%u", at[0], at[1]);
		if (!up)
			say("refused %u/%u", at[0], at[1]);
		down(why);
		break;
	case KEEPALIVE:
		if (!up)
			established();
		break;
	case REFRESH:
		got_refresh(at);
		break;
	default:
		die("a message of no type");
	}
}

static void read_some(void)
{
	ssize_t n = recv(fd, room(&in, 1 << 16), 1 << 16, 0);
	size_t at = 0;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			down(n == 0 ? "closed" : strerror(errno));
		return;
	}
	in.n += (size_t)n;
	while (in.n - at >= HEADER) {
		size_t length = get_int(in.at + at + 16, 2);

		if (in.n - at < length)
			break;
		got(in.at[at + 18], in.at + at + HEADER, length - HEADER);
		if (fd < 0)
			return;
		at += length;
	}
	memmove(in.at, in.at + at, in.n -= at);
}

static void write_some(void)
{
	int busy = n_jobs > 0 && up;

	while (up && n_jobs && out.n < QUEUE)
		send_some(&jobs[0]);
	ssize_t n = out.n ? send(fd, out.at, out.n, MSG_NOSIGNAL) : 0;
	if (n < 0 && errno != EAGAIN) {
		down(strerror(errno));
		return;
	}
	if (n > 0) {
		memmove(out.at, out.at + n, out.n -= (size_t)n);
		last_sent = time(NULL);
	}
	static int told = 1;
	if (busy)
		told = 0;
	if (!told && !n_jobs && !out.n) {
		told = 1;
		say("sent");
	}
}

/* ---- commands ---- */

static void tell_counts(void)
{
	if (heard)
		fflush(heard);
	say("counts {\"up\": %d, \"ups\": %lu, \"downs\": %lu, \"held\": %zu, \"updates\": %lu, \"announced\": %lu, "
	    "\"withdrawn\": %lu, \"refresh4\": %lu, \"refresh6\": %lu, \"sent\": %lu, \"sent_routes\": %lu}",
	    up, (unsigned long)count.ups, (unsigned long)count.downs, live,
	    (unsigned long)count.updates, (unsigned long)count.announced,
	    (unsigned long)count.withdrawn, (unsigned long)count.refresh4,
	    (unsigned long)count.refresh6, (unsigned long)count.sent,
	    (unsigned long)count.sent_routes);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* It does not call again at once, as no router does: FRR takes a dynamic neighbour away with its routes, those of the next
 * session too if that is there already. */
static int64_t rest_until;

static void drop(int politely)
{
	struct linger now = {1, 0};

	if (fd < 0)
		return;
	if (politely) {
		size_t at = begin(NOTIFICATION);

		put_int(&out, 6 << 8 | 2, 2); /* Cease, Administrative Shutdown */
		finish(at);
		send(fd, out.at, out.n, MSG_NOSIGNAL);
	} else {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	}
	down("here");
	rest_until = now_ms() + REST_MS;
}

static void command(char *line)
{
	char *argument = strchr(line, ' ');

	if (argument)
		*argument++ = 0;
	else
		argument = line + strlen(line);
	if (strcmp(line, "announce") == 0)
		read_routes(argument, LIST);
	else if (strcmp(line, "withdraw") == 0)
		read_routes(argument, GONE);
	else if (strcmp(line, "refresh") == 0 && up)
		send_refresh((unsigned)atoi(argument), 0);
	else if (strcmp(line, "counts") == 0)
		tell_counts();
	else if (strcmp(line, "drop") == 0 || strcmp(line, "cease") == 0)
		drop(*line == 'c');
	else if (strcmp(line, "quit") == 0)
		quit = 1;
	else
		die(line);
}

static void read_commands(void)
{
	static char lines[1 << 13];
	static size_t n;
	ssize_t more = read(0, lines + n, sizeof lines - 1 - n);

	if (more <= 0)
		quit = 1; /* whom it works for is gone */
	n += more > 0 ? (size_t)more : 0;
	for (char *end; (end = memchr(lines, '\n', n));) {
		*end++ = 0;
		command(lines);
		n -= (size_t)(end - lines);
		memmove(lines, end, n);
	}
}

static void options(int argc, char **argv)
{
	static const char *const roles[] = {"provider", "rs", "rs-client", "customer", "peer"};

	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];

		if (strcmp(name, "--no-refresh") == 0) {
			config.refresh = 0;
			continue;
		}
		if (strcmp(name, "--no-enhanced") == 0) {
			config.enhanced = 0;
			continue;
		}
		if (strcmp(name, "--add-path") == 0) {
			config.add_path = 1;
			continue;
		}
		if (strcmp(name, "--extended-next-hop") == 0) {
			config.extended_next_hop = 1;
			continue;
		}
		const char *value = ++i < argc ? argv[i] : "";
		if (strcmp(name, "--from") == 0)
			config.from = value;
		else if (strcmp(name, "--to") == 0)
			config.to = value;
		else if (strcmp(name, "--port") == 0)
			config.port = value;
		else if (strcmp(name, "--as") == 0)
			config.as = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(name, "--heard") == 0)
			config.heard = value;
		else if (strcmp(name, "--next-hop6") == 0)
			config.next_hop6 = value;
		else if (strcmp(name, "--safi") == 0)
			config.safi = (unsigned)atoi(value);
		else if (strcmp(name, "--local-pref") == 0)
			config.local_pref = atoi(value);
		else if (strcmp(name, "--role") == 0)
			for (int r = 0; r < 5; r++)
				config.role = strcmp(roles[r], value) == 0 ? r : config.role;
		else
			die(name);
	}
	if (!config.from || !config.to || !config.as)
		die("--from, --to and --as are needed");
}

int main(int argc, char **argv)
{
	options(argc, argv);
	if (inet_pton(AF_INET, config.from, own4) != 1)
		put_int(&(struct bytes){own4, 0, 4}, 0x0a000000 | (config.as & 0xffffff), 4);
	if (inet_pton(AF_INET6, config.next_hop6, own6) != 1)
		die(config.next_hop6);
	if (config.heard && !(heard = fopen(config.heard, "w")))
		die(config.heard);
	while (!quit) {
		if (fd < 0 && now_ms() >= rest_until)
			connect_now();
		struct pollfd wait[2] = {
			{0, POLLIN, 0}, {fd, (short)(POLLIN | (out.n || n_jobs ? POLLOUT : 0)), 0}};
		int ready = poll(wait, fd < 0 ? 1 : 2, fd < 0 ? AGAIN_MS : 1000);

		if (ready == 0 && heard)
			fflush(heard);
		if (wait[0].revents)
			read_commands();
		if (fd >= 0 && wait[1].revents & (POLLIN | POLLERR | POLLHUP))
			read_some();
		if (up && time(NULL) - last_sent >= HOLD / 4 && !out.n)
			send_keepalive();
		if (fd >= 0)
			write_some();
	}
	drop(1);
	return 0;
}
