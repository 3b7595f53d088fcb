/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A station of BMP against any router: bytes as a stream, read whole and by a twin that gets them one by one.
 *
 * What holds, whatever comes:
 *   - both say the same of every message, and end at the same byte with the same error;
 *   - what an event lends lies in its message; its fault is in it;
 *   - the table holds one peer a key, only those of messages that could be read, as many as were allowed;
 *   - names are printable UTF-8 and closed; memory is bounded.
 */

#include "base/utf8.h"

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEERS   16
#define MESSAGE 8192
#define STORE   (2 << 20)

static void fail(int line)
{
	fprintf(stderr, "line %d does not hold\n", line);
	abort();
}
#define must(truth) ((truth) ? (void)0 : fail(__LINE__))

struct heap {
	size_t live, peak;
};

static void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct heap *heap = arg;

	heap->live += new_size - old_size;
	if (heap->live > heap->peak)
		heap->peak = heap->live;
	if (!new_size) {
		free(ptr);
		return NULL;
	}
	ptr = realloc(ptr, new_size);
	must(ptr);
	return ptr;
}

static manrs_bmp *reader(struct heap *heap)
{
	manrs_alloc alloc = {resize, heap};
	manrs_bmp_config config;
	manrs_bmp *bmp;

	must(manrs_bmp_config_init(&config, sizeof config) == MANRS_OK);
	config.alloc = &alloc;
	config.max_peers = PEERS;
	config.max_message = MESSAGE;
	config.max_store = STORE;
	must(manrs_bmp_new(&bmp, &config) == MANRS_OK);
	return bmp;
}

/* ---- what must hold of an event ---- */

static bool within(const void *part, size_t n, const uint8_t *message, size_t size)
{
	const uint8_t *p = part;

	return !n || (p >= message && p + n <= message + size);
}

static void check_name(const char *name, size_t cap)
{
	size_t n = strlen(name);

	must(n < cap);
	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_len(name + i, n - i);
		must(len && (unsigned char)name[i] >= ' ' && name[i] != 0x7f);
		must(len != 2 || (unsigned char)name[i] != 0xc2 ||
		     (unsigned char)name[i + 1] >= 0xa0);
	}
}

static manrs_bmp_peer peer_at(const manrs_bmp *bmp, uint32_t i)
{
	manrs_bmp_peer p = {.size = sizeof p};

	must(manrs_bmp_peer_get(bmp, i, &p) == MANRS_OK);
	return p;
}

static void check_table(const manrs_bmp *bmp)
{
	uint32_t n = manrs_bmp_peers(bmp);

	must(n <= PEERS);
	for (uint32_t i = 0; i < n; i++) {
		manrs_bmp_peer p = peer_at(bmp, i);

		must(p.up <= 1 && p.local_role >= -1 && p.remote_role >= -1);
		must((p.address.family == 0) == (p.type == 3));
		check_name(p.name, sizeof p.name);
		for (uint32_t k = 0; k < i; k++) {
			manrs_bmp_peer other = peer_at(bmp, k);

			must(p.type != other.type || p.distinguisher != other.distinguisher ||
			     memcmp(&p.address, &other.address, sizeof p.address));
		}
	}
}

static void check_event(const manrs_bmp *bmp, const manrs_bmp_event *e, const uint8_t *message)
{
	must(within(e->message.body, e->message.n_body, message, e->n));
	must(within(e->sent.body, e->sent.n_body, message, e->n));
	must(within(e->received.body, e->received.n_body, message, e->n));
	must(within(e->tlvs, e->n_tlvs, message, e->n));
	must((e->kind == MANRS_BMP_BAD) <= (e->fault.code != 0));
	must(!e->fault.code || (e->fault.at >= e->at && e->fault.at <= e->at + e->n));
	must(e->peer == UINT32_MAX || e->peer < manrs_bmp_peers(bmp));
	must(e->kind == MANRS_BMP_OTHER || e->kind == MANRS_BMP_BAD || e->peer != UINT32_MAX ||
	     e->type == 4 || e->type == 5);
	if (e->kind == MANRS_BMP_PEER_UP || e->kind == MANRS_BMP_PEER_DOWN)
		must(peer_at(bmp, e->peer).up == (e->kind == MANRS_BMP_PEER_UP));
	must((e->kind == MANRS_BMP_END_OF_RIB) == (e->type == 0 && e->update.end_of_rib));
	check_name(manrs_bmp_system(bmp, 1), 512);
	check_name(manrs_bmp_system(bmp, 2), 256);
	check_table(bmp);
}

/* ---- the twins ---- */

/* Two readers' routes, one of them pulled one by one. */
static void same_routes(manrs_bmp *a, manrs_bmp *b)
{
	manrs_announcement many[7], one;
	manrs_prefix withdrawn[7], prefix;
	uint32_t ids[7], id;
	size_t n;

	while ((n = manrs_bmp_announced(a, many, ids, 7)))
		for (size_t i = 0; i < n; i++) {
			must(manrs_bmp_announced(b, &one, &id, 1) == 1);
			must(!memcmp(&one.prefix, &many[i].prefix, sizeof one.prefix) &&
			     id == ids[i] && one.flags == many[i].flags &&
			     one.path.n == many[i].path.n);
			must(!one.path.n || !memcmp(one.path.asn, many[i].path.asn,
						    one.path.n * sizeof(uint32_t)));
		}
	must(manrs_bmp_announced(b, &one, &id, 1) == 0);
	while ((n = manrs_bmp_withdrawn(a, withdrawn, ids, 7)))
		for (size_t i = 0; i < n; i++)
			must(manrs_bmp_withdrawn(b, &prefix, &id, 1) == 1 && id == ids[i] &&
			     !memcmp(&prefix, &withdrawn[i], sizeof prefix));
	must(manrs_bmp_withdrawn(b, &prefix, &id, 1) == 0);
}

static void same_event(const manrs_bmp_event *a, const manrs_bmp_event *b)
{
	must(a->at == b->at && a->kind == b->kind && a->type == b->type && a->n == b->n &&
	     a->view == b->view && a->peer == b->peer && a->reason == b->reason &&
	     a->fsm_event == b->fsm_event && a->lost == b->lost && a->n_tlvs == b->n_tlvs &&
	     a->update.action == b->update.action && a->update.notes == b->update.notes &&
	     a->fault.code == b->fault.code && a->fault.at == b->fault.at);
}

/* Byte by byte up to the end of the message, in a block that ends there. */
static int slowly(manrs_bmp *bmp, const manrs_bmp_event **e, const uint8_t *bytes, size_t n,
		  uint8_t **block)
{
	manrs_fault fault;
	size_t need = 0;
	int used = 0;

	for (size_t have = 0; !used && have <= n; have = have < 6 ? have + 1 : need) {
		free(*block);
		*block = malloc(have ? have : 1);
		memcpy(*block, bytes, have);
		used = manrs_bmp_decode(bmp, e, *block, have, &need, &fault);
		must(used || need > have);
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heap heaps[2] = {{0, 0}, {0, 0}};
	manrs_bmp *a = reader(&heaps[0]), *b = reader(&heaps[1]);
	const manrs_bmp_event *e, *twin;
	uint8_t *block = NULL;
	manrs_fault fault;
	size_t at = 0, need;
	int used = 1;

	while (used > 0) {
		used = manrs_bmp_decode(a, &e, data + at, size - at, &need, &fault);
		must(used == slowly(b, &twin, data + at, size - at, &block));
		if (used < 0)
			must(used == fault.code && fault.what && fault.at >= at);
		if (used > 0) {
			check_event(a, e, data + at);
			same_event(e, twin);
			same_routes(a, b);
			at += (size_t)used;
		}
	}
	manrs_bmp_free(a);
	manrs_bmp_free(b);
	free(block);
	must(!heaps[0].live && !heaps[1].live);
	must(heaps[0].peak < STORE + 64 * 1024);
	return 0;
}
