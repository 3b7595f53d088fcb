/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files and stdin, one after the other, read by a thread of their own, for a read of them may wait for others, and an archive
 * may have to be uncompressed. What it has goes to the loop a block at a time; the next one waits until that is used up:
 *
 *     thread:  input -> whole lines, or an archive's bytes -> block
 *     loop:    block -> some lines, some bytes a turn -> announcements and withdrawals -> sessions
 *
 * An archive is told by its first bytes, and a line's form by its content.
 */

#include "watch_mrt.h"

#include <manrs/update_line.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = 256 << 10,
	BYTES = 4 << 10, /* used up a turn */
	ROUTES = 64,     /* pulled at a time */
	TOLD = 20,       /* bad lines that are told one by one */
};

enum block_kind { BLOCK_LINES, BLOCK_MRT, BLOCK_END };

/* A line in a block: this, then its text. */
struct line_head {
	uint64_t number;
	size_t n;
};

struct block {
	enum block_kind kind;
	const char *file;
	char *bytes;
	size_t n, at, cap;
};

struct watch_input {
	struct watch *w;
	pthread_t thread;
	bool started;
	struct loop_wake wake;

	pthread_mutex_t lock; /* of these: */
	pthread_cond_t taken;
	struct block given; /* n 0 and kind BLOCK_LINES: there is none */
	bool waits;         /* it is there */
	bool ended, stop;
	uint64_t bad; /* inputs that could not be read to the end, lines that are too long */

	struct block filling; /* the thread's */

	/* the loop's: */
	struct block block;
	bool at_hand;
	struct watch_mrt mrt;
	uint64_t told;
	uint32_t *asn;
	uint8_t *kind;
	size_t cap; /* hops */
};

/* ---- the thread ---- */

static bool stops(struct watch_input *in)
{
	bool stop;

	pthread_mutex_lock(&in->lock);
	stop = in->stop;
	pthread_mutex_unlock(&in->lock);
	return stop;
}

/* Hand over what was gathered, as soon as the loop has used up what it had. returns: false: it is to stop */
static bool give(struct watch_input *in)
{
	bool stop;

	if (!in->filling.n && in->filling.kind != BLOCK_END)
		return !stops(in);
	pthread_mutex_lock(&in->lock);
	while (in->waits && !in->stop)
		pthread_cond_wait(&in->taken, &in->lock);
	stop = in->stop;
	if (!stop) {
		struct block empty = in->given;

		in->given = in->filling;
		in->waits = true;
		in->filling = empty;
	}
	pthread_mutex_unlock(&in->lock);
	in->filling.n = in->filling.at = 0;
	loop_wake(&in->wake);
	return !stop;
}

static void give_idle(void *arg)
{
	give(arg);
}

static char *room(struct block *b, size_t n)
{
	if (b->cap - b->n < n) {
		b->cap = b->n + n > BLOCK ? b->n + n : BLOCK;
		b->bytes = must_resize(b->bytes, b->cap, 1);
	}
	return b->bytes + b->n;
}

static void start_block(struct watch_input *in, enum block_kind kind, const char *file)
{
	in->filling.kind = kind;
	in->filling.file = file;
}

static enum line_kind take_line(void *arg, const struct line *line, manrs_fault *fault)
{
	struct watch_input *in = arg;
	const struct line_head head = {.number = line->number, .n = line->n};
	char *to;

	(void)fault;
	if (in->filling.n + sizeof head + line->n > BLOCK && !give(in))
		return LINE_NOTHING;
	start_block(in, BLOCK_LINES, line->file);
	to = room(&in->filling, sizeof head + line->n);
	memcpy(to, &head, sizeof head);
	memcpy(to + sizeof head, line->text, line->n);
	in->filling.n += sizeof head + line->n;
	return LINE_TAKEN;
}

/* returns: false: a fault of the input, said why */
static bool read_mrt(struct watch_input *in, struct input *input)
{
	const char *file = input_name(input), *bytes;
	ptrdiff_t n;

	while ((n = input_read(input, &bytes)) > 0) {
		start_block(in, BLOCK_MRT, file);
		memcpy(room(&in->filling, (size_t)n), bytes, (size_t)n);
		in->filling.n += (size_t)n;
		if (!give(in))
			break;
	}
	input_close(input);
	return n >= 0;
}

static void read_input(struct watch_input *in, const char *path)
{
	struct lines lines = {.rule = take_line, .arg = in};
	struct input *input = input_open(path);
	bool good;

	if (input)
		input_idle(input, give_idle, in);
	if (input && input_is_mrt(input))
		good = read_mrt(in, input);
	else
		good = lines_each(&lines, input);
	give(in);
	start_block(in, BLOCK_END, path);
	give(in);
	pthread_mutex_lock(&in->lock);
	in->bad += lines.bad + !good;
	pthread_mutex_unlock(&in->lock);
}

static void *reading(void *arg)
{
	struct watch_input *in = arg;
	const struct words *inputs = &in->w->options->inputs;

	for (size_t i = 0; i < inputs->n && !stops(in); i++)
		read_input(in, inputs->at[i]);
	pthread_mutex_lock(&in->lock);
	in->ended = true;
	pthread_mutex_unlock(&in->lock);
	loop_wake(&in->wake);
	return NULL;
}

/* ---- lines ---- */

void input_time(struct watch *w, uint64_t time_us)
{
	if (time_us == w->time_us)
		return;
	rows_changes(w, true);
	w->time_us = time_us;
}

static void take_routes(struct watch *w, struct watch_session *s, const manrs_update_line *line)
{
	manrs_cursor withdrawn = {0}, announced = {0};
	manrs_announcement a[ROUTES];
	manrs_prefix prefixes[ROUTES];
	uint32_t path_ids[ROUTES];
	size_t n;

	do {
		n = manrs_update_line_withdrawn(line, &withdrawn, prefixes, path_ids, ROUTES);
		session_withdraw(w, s, prefixes, path_ids, n);
	} while (n == ROUTES);
	do {
		n = manrs_update_line_announced(line, &announced, a, path_ids, ROUTES);
		session_announce(w, s, a, path_ids, n);
	} while (n == ROUTES);
}

static void take_update(struct watch *w, const manrs_update_line *line)
{
	const manrs_announcement *a = &line->announcement;
	struct watch_session *s = session_of_peer(w, &a->neighbour_address, a->neighbour_asn);

	input_time(w, line->time_us);
	switch (line->what) {
	case MANRS_UPDATE_ROUTES:
		take_routes(w, s, line);
		break;
	case MANRS_UPDATE_UP:
		s->up = true;
		break;
	case MANRS_UPDATE_DOWN:
		s->up = false;
		session_down(w, s);
		break;
	default:
		break;
	}
	if (line->end_of_rib)
		session_end_of_rib(w, s, (int)line->end_of_rib);
}

/* returns: how much of the block it was */
static size_t use_line(struct watch_input *in, const struct block *b)
{
	struct line_head head;
	const char *text = b->bytes + b->at + sizeof head;
	manrs_update_line line;
	manrs_fault fault = {0};
	int rc;

	memcpy(&head, b->bytes + b->at, sizeof head);
	if (in->cap < (head.n + 1) / 2) {
		in->cap = head.n;
		in->asn = must_resize(in->asn, in->cap, sizeof *in->asn);
		in->kind = must_resize(in->kind, in->cap, 1);
	}
	rc = manrs_update_line_parse(&line, in->asn, in->kind, in->cap, text, head.n, &fault);
	in->w->lines++;
	if (rc > 0)
		take_update(in->w, &line);
	if (rc < 0 && in->told++ < TOLD)
		complain_text(b->file, head.number, &fault, text, head.n);
	in->w->bad += rc < 0;
	return sizeof head + head.n;
}

static size_t use_mrt(struct watch_input *in, const struct block *b)
{
	size_t n = b->n - b->at < BYTES ? b->n - b->at : BYTES;

	mrt_take(in->w, &in->mrt, b->file, b->bytes + b->at, n);
	return n;
}

/* ---- in the loop ---- */

static bool take_block(struct watch_input *in)
{
	pthread_mutex_lock(&in->lock);
	in->at_hand = in->waits;
	if (in->waits) {
		struct block used = in->block;

		in->block = in->given;
		in->given = used;
		in->given.n = in->given.at = 0;
		in->waits = false;
		pthread_cond_signal(&in->taken);
	}
	pthread_mutex_unlock(&in->lock);
	return in->at_hand;
}

bool input_go_on(struct watch *w)
{
	struct watch_input *in = w->input;
	struct block *b = &in->block;
	size_t until;

	if (!in->at_hand && !take_block(in))
		return false;
	until = b->at + BYTES;
	while (b->at < b->n && b->at < until)
		b->at += b->kind == BLOCK_MRT ? use_mrt(in, b) : use_line(in, b);
	if (b->kind == BLOCK_END)
		mrt_end(w, &in->mrt);
	in->at_hand = b->at < b->n;
	rows_changes(w, true); /* with the time of what they are of */
	w->time_us = 0;
	return true;
}

bool input_ended(const struct watch *w)
{
	struct watch_input *in = w->input;
	bool ended;

	pthread_mutex_lock(&in->lock);
	ended = in->ended && !in->waits && !in->at_hand;
	pthread_mutex_unlock(&in->lock);
	return ended;
}

static void woken(struct loop_wake *wake)
{
	(void)wake; /* the loop's next turn takes it */
}

bool input_start(struct watch *w)
{
	struct watch_input *in = must_resize(NULL, 1, sizeof *in);
	int rc;

	*in = (struct watch_input){.w = w, .wake = {.woken = woken}};
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->taken, NULL);
	w->input = in;
	if (!loop_wake_open(&w->loop, &in->wake))
		return false;
	rc = pthread_create(&in->thread, NULL, reading, in);
	in->started = rc == 0;
	if (rc)
		complain("thread: %s", strerror(rc));
	return in->started;
}

bool input_close_all(struct watch *w)
{
	struct watch_input *in = w->input;
	bool ended;

	if (!in)
		return true;
	pthread_mutex_lock(&in->lock);
	ended = in->ended || !in->started;
	in->stop = true;
	pthread_cond_signal(&in->taken);
	pthread_mutex_unlock(&in->lock);
	w->bad += in->bad;
	if (!ended)
		return false;
	if (in->started)
		pthread_join(in->thread, NULL);
	mrt_end(w, &in->mrt);
	loop_wake_close(&w->loop, &in->wake);
	free(in->given.bytes);
	free(in->filling.bytes);
	free(in->block.bytes);
	free(in->asn);
	free(in->kind);
	pthread_mutex_destroy(&in->lock);
	pthread_cond_destroy(&in->taken);
	free(in);
	w->input = NULL;
	return true;
}
