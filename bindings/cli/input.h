/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

/* Bytes of a file or of stdin ("-"), compressed or not. */

#include "cli.h"

struct input;
/* What the dictionary or window of one compressed input may take, in MiB: a small file can ask for gigabytes. */
#define INPUT_MEMORY 256
extern uint64_t input_memory;
struct input *input_open(const char *path); /* NULL: said why */
/* The next bytes, valid until the next call. returns: how many, 0 at the end, -1: said why. */
ptrdiff_t input_read(struct input *in, const char **bytes);
/* Whether it is an MRT archive, by its first bytes, which are read for it. Who does not ask is told that it is no text. */
bool input_is_mrt(struct input *in);
/* Before a read that may wait for others `idle` is called: what is known so far can go out. NULL: nothing is. */
void input_idle(struct input *in, void (*idle)(void *arg), void *arg);
/* Before it is said what is wrong `before` is called: who works on the bytes so far comes to its end. */
void input_before_fault(struct input *in, void (*before)(void *arg), void *arg);
/* All there is, at most `limit` bytes, else too_long is said. bytes: to be freed in any case. returns: false: said why. */
bool input_whole(struct input *in, size_t limit, const char *too_long, char **bytes, size_t *n);
const char *input_name(const struct input *in);
/* The names of the compressions that this build reads, NULL at the end. */
const char *const *input_codecs(void);
void input_close(struct input *in);
/* What is said of an input of routes without a byte: a failed download, or a pipe whose writer failed, leaves it. */
#define INPUT_NOTHING "warning: nothing in it"

#endif
