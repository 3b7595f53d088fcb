/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTR_CODE_H
#define MANRS_RTR_CODE_H

/* PROVISIONAL. What both sides of RPKI-to-Router call things. */

/* Error codes on the wire (8210bis section 12); v0 knows 0-7, v1 0-8. */
enum manrs_rtr_code {
	MANRS_RTR_CORRUPT_DATA = 0, /* a PDU that breaks its rules, or a session */
	MANRS_RTR_INTERNAL = 1,     /* the sender lacks memory or room */
	MANRS_RTR_NO_DATA = 2, /* nothing to serve yet, or nothing fresh: ask again after Retry */
	MANRS_RTR_INVALID_REQUEST = 3,       /* a PDU that the other side does not send */
	MANRS_RTR_UNSUPPORTED_VERSION = 4,   /* asked in a version that the sender does not speak */
	MANRS_RTR_UNSUPPORTED_PDU = 5,       /* a type that is not of this version */
	MANRS_RTR_WITHDRAWAL_OF_UNKNOWN = 6, /* a record withdrawn that is not there */
	MANRS_RTR_DUPLICATE = 7,             /* a record announced that is there */
	MANRS_RTR_UNEXPECTED_VERSION = 8,    /* another version than was agreed on */
	MANRS_RTR_ASPA_PROVIDERS = 9,        /* no providers, or AS0 among them */
	MANRS_RTR_TRANSPORT = 10,            /* a response that stalls */
	MANRS_RTR_ORDERING = 11,             /* records out of order */
	MANRS_RTR_CACHE_RESTART = 12,        /* the cache comes back: keep its data */
	MANRS_RTR_CACHE_SHUTDOWN = 13,       /* the cache does not come back: flush its data */
};

#endif
