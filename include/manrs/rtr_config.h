/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTR_CONFIG_H
#define MANRS_RTR_CONFIG_H

/* PROVISIONAL. What the router's side of RPKI-to-Router (rtr.h) is told about one cache. */

#include <manrs/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * manrs_rtr_config.flags. In order are, of each family, announcements that descend by address, then max length, then length,
 * and after them withdrawals that ascend so (8210bis section 11.2); checking it is a MAY.
 */
#define MANRS_RTR_HOST_BITS_OK 1u /* v0, v1: clear host bits, do not refuse them; v2 refuses */
#define MANRS_RTR_CHECK_ORDER  2u /* v2: answer a wrong order of prefixes with error 11 */

/* Grows at its end: size is set by manrs_rtr_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_rtr_config {
	size_t size;
	const manrs_alloc *alloc;
	uint32_t source;                  /* the db's, 0..63; comes back with each delta */
	uint32_t preference;              /* of several caches: less is better; init: 0 */
	uint8_t min_version, max_version; /* init: 0 and 2 */
	uint8_t guard_percent; /* hold a response that takes away more than this share; 0: never; init: 50 */
	uint8_t zero;
	uint32_t flags;       /* MANRS_RTR_* above */
	uint32_t guard_floor; /* ... of at least so many records; init: 1000 */
	/* for v0, and until the first End of Data; init: 3600, 600, 7200 */
	uint32_t refresh_s, retry_s, expire_s;
	/* data older than this goes, whatever the cache says; init: 172800 */
	uint32_t max_expire_s;
	uint32_t frozen_s; /* say so when the serial stands still so long; 0: never; init: 21600 */
	/*
	 * From a query to its End of Data, however the bytes come; 0: without end. init: 3600, the refresh of the RFC and half
	 * its expire, so that another try fits in before the data goes: a table of 20 megabytes at 45 kbit/s.
	 */
	uint32_t response_s;
	/*
	 * Of one response; past them error 1. init: 4000000, 500000, 100000. Providers of an ASPA have no limit but that of
	 * a PDU, 16380: over MANRS_PROVIDERS_MAX it is the edit that holds and does not judge it, and one customer's list
	 * ends no session.
	 */
	uint32_t max_vrps, max_aspas, max_keys;
	uint64_t max_bytes; /* of one response on the wire; init: 512 MiB */
	uint64_t seed;      /* spreads the retries of many routers; any number */
} manrs_rtr_config;

/* Set size, and every member to its default. */
MANRS_API int manrs_rtr_config_init(manrs_rtr_config *config, size_t size);

#ifdef __cplusplus
}
#endif

#endif
