/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys for TCP's MD5 option. The kernel checks them: a segment without the right signature is dropped before a connection is
 * there. It takes the key of the longest prefix; who is in none connects without (--allow keeps him out).
 */

#include "listen_md5.h"

#include "input.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { FILE_MAX_BYTES = 1 << 20 };

/* PREFIX, blanks, KEY: what stands between the blanks and the end of the line. returns: what is wrong; NULL: nothing. */
static const char *line_read(struct md5_key *key, const char *text, size_t n)
{
	size_t at = 0, gap;

	while (at < n && text[at] != ' ' && text[at] != '\t')
		at++;
	if (manrs_address_parse(&key->prefix, text, at, NULL) < 0 &&
	    manrs_prefix_parse(&key->prefix, text, at, NULL) < 0)
		return "no prefix in front: PREFIX KEY";
	for (gap = at; gap < n && (text[gap] == ' ' || text[gap] == '\t');)
		gap++;
	if (gap == n)
		return "no key behind the prefix: PREFIX KEY";
	if (n - gap > MD5_KEY_MAX)
		return "a key above 80 bytes";
	key->n = (uint16_t)(n - gap);
	memcpy(key->key, text + gap, key->n);
	return NULL;
}

/* Of two keys for one prefix the kernel would take the last, and the router that has the first gets no answer at all. */
static bool is_known(const struct md5_keys *keys, const manrs_prefix *prefix)
{
	for (size_t i = 0; i < keys->n; i++) {
		const manrs_prefix *p = &keys->at[i].prefix;

		if (p->family == prefix->family && p->len == prefix->len &&
		    !memcmp(p->addr, prefix->addr, sizeof p->addr))
			return true;
	}
	return false;
}

static bool lines_read(struct md5_keys *keys, const char *bytes, size_t n)
{
	uint64_t line = 1;
	size_t before = keys->n;

	for (size_t at = 0; at < n; line++) {
		const char *text = bytes + at, *end = memchr(text, '\n', n - at);
		size_t len = end ? (size_t)(end - text) : n - at;
		const char *wrong;

		at += len + 1;
		while (len && strchr(" \t\r", text[len - 1]))
			len--;
		if (!len || *text == '#')
			continue;
		keys->at = must_room(keys->at, keys->n, &keys->cap, sizeof *keys->at);
		wrong = line_read(&keys->at[keys->n], text, len);
		if (!wrong && is_known(keys, &keys->at[keys->n].prefix))
			wrong = "a second key for the prefix";
		if (wrong) {
			/* The line is not shown: a key may stand in it. */
			complain_at(keys->file, line, "%s", wrong);
			return false;
		}
		keys->n++;
	}
	if (keys->n == before)
		complain_at(keys->file, 0, "no key");
	return keys->n > before;
}

bool md5_read(struct md5_keys *keys, const char *file)
{
	struct input *in = input_open(file);
	struct stat st;
	char *bytes = NULL;
	size_t n = 0;
	bool good;

	keys->file = file;
	if (!in)
		return false;
	good = input_whole(in, FILE_MAX_BYTES, "more than 1 MiB of keys", &bytes, &n);
	input_close(in);
	if (good && stat(file, &st) == 0 && st.st_mode & S_IROTH)
		complain("warning: %s: keys that everybody on this machine can read", file);
	good = good && lines_read(keys, bytes, n);
	if (bytes)
		explicit_bzero(bytes, n);
	free(bytes);
	return good;
}

/* The address as the socket's family has it. returns: false: none of that family can connect to it. */
static bool address_as_socket(struct sockaddr_storage *address, const manrs_prefix *prefix, int fd)
{
	struct sockaddr_storage own = {0};
	struct sockaddr_in *in4 = (void *)address;
	struct sockaddr_in6 *in6 = (void *)address;
	socklen_t n = sizeof own, m = sizeof(int);
	int v6only = 0;

	if (getsockname(fd, (struct sockaddr *)&own, &n) < 0)
		return false;
	address->ss_family = own.ss_family;
	if (own.ss_family == AF_INET && prefix->family == 4)
		memcpy(&in4->sin_addr, prefix->addr, 4);
	if (own.ss_family == AF_INET)
		return prefix->family == 4;
	if (own.ss_family == AF_INET6 && prefix->family == 6) {
		memcpy(&in6->sin6_addr, prefix->addr, 16);
		return true;
	}
	/* A socket for both, as a service manager may hand over: IPv4 as ::ffff:0:0/96, with the length of IPv4. */
	if (own.ss_family != AF_INET6 ||
	    getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &m) < 0 || v6only)
		return false;
	in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6->sin6_addr.s6_addr + 12, prefix->addr, 4);
	return true;
}

bool md5_apply(const struct md5_keys *keys, int fd)
{
	for (size_t i = 0; keys && i < keys->n; i++) {
		const struct md5_key *key = &keys->at[i];
		struct tcp_md5sig sig = {.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
					 .tcpm_prefixlen = key->prefix.len,
					 .tcpm_keylen = key->n};
		int rc;

		if (!address_as_socket(&sig.tcpm_addr, &key->prefix, fd))
			continue;
		memcpy(sig.tcpm_key, key->key, key->n);
		rc = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig, sizeof sig);
		explicit_bzero(&sig, sizeof sig);
		if (rc < 0) {
			complain_at(keys->file, 0, "the system does not take TCP MD5 keys: %s",
				    strerror(errno));
			return false;
		}
	}
	return true;
}

void md5_free(struct md5_keys *keys)
{
	if (keys->at)
		explicit_bzero(keys->at, keys->cap * sizeof *keys->at);
	free(keys->at);
	*keys = (struct md5_keys){0};
}
