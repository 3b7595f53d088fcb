/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTRD_STATUS_H
#define MANRS_RTRD_STATUS_H

/* PROVISIONAL. How a cache for routers (rtrd.h) and each of its clients stand: for logs and metrics. */

#include <manrs/rtrd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows at its end; set size before the call. */
typedef struct manrs_rtrd_status {
	size_t size;
	uint64_t vrps4, vrps6, aspas, keys; /* of the newest set */
	uint64_t publishes;                 /* serials of this run; 0: no data yet */
	/* the newest set; when the data was last known to be right */
	uint64_t published_ms, fresh_ms;
	/* now; by_version: of those that have asked */
	uint64_t clients, clients_sending, clients_by_version[3];
	/* so far: connections; answers: whole sets, differences, Cache Resets, No Data Available */
	uint64_t opened, resets, deltas, cache_resets, no_data;
	uint64_t notifies, errors_in, errors_out, bytes_in, bytes_out; /* so far */
	/* so far: clients closed by hello_s, stall_s, max_old_bytes */
	uint64_t timeouts;
	/* memory: blocks of the newest set; differences and answers made of them; what only slow routers hold; clients */
	uint64_t bytes_sets, bytes_deltas, bytes_old, bytes_clients;
	/* a Serial Query of oldest_serial to serial is answered with a difference */
	uint32_t serial, oldest_serial;
} manrs_rtrd_status;
/* returns: MANRS_OK; MANRS_EINVAL when status->size is too small */
MANRS_API int manrs_rtrd_status_get(const manrs_rtrd *rtrd, manrs_rtrd_status *status);

/* Grows at its end; set size before the call. */
typedef struct manrs_rtrd_client_status {
	size_t size;
	/* what it is closing for; static; NULL: it is not, or the router sent an Error Report */
	const char *why;
	/* query_ms: of the last query; 0: none yet */
	uint64_t opened_ms, query_ms;
	uint64_t bytes_in, bytes_out;
	uint32_t serial; /* of the last End of Data that was written whole */
	int8_t version;  /* -1: not yet negotiated */
	int8_t code;     /* of the last Error Report either way; -1: none */
	uint8_t sending;
	uint8_t has_serial;
	char text[128]; /* the router's last Error Report, made printable */
} manrs_rtrd_client_status;
/* returns: MANRS_OK; MANRS_EINVAL when status->size is too small */
MANRS_API int manrs_rtrd_client_get(const manrs_rtrd_client *client,
				    manrs_rtrd_client_status *status);

#ifdef __cplusplus
}
#endif

#endif
