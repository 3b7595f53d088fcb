/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LISTEN_MD5_H
#define CLI_LISTEN_MD5_H

/* TCP MD5 signatures (RFC 2385, RFC 8210 section 9.3): keys by the router's prefix, from a file of PREFIX KEY lines. */

#include "cli.h"

enum { MD5_KEY_MAX = 80 }; /* TCP_MD5SIG_MAXKEYLEN */

struct md5_key {
	manrs_prefix prefix;
	uint16_t n;
	char key[MD5_KEY_MAX];
};
struct md5_keys {
	struct md5_key *at;
	size_t n, cap;
	const char *file;
};

/* The keys of one more file; one that others may read draws a warning. returns: false: said why. */
bool md5_read(struct md5_keys *keys, const char *file);
/*
 * The keys onto a listening socket, and so onto all that connect to it from these prefixes: they must sign. keys may be NULL.
 * returns: false: said which and why, errno tells it too
 */
bool md5_apply(const struct md5_keys *keys, int fd);
/* Keys are wiped. */
void md5_free(struct md5_keys *keys);

#endif
