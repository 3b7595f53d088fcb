/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_PAGES_H
#define CLI_RTRD_PAGES_H

/*
 * What a cache says over HTTP:
 *
 *     /metrics                             for Prometheus: rtrd_metrics
 *     /health                              200: what is served is current; 503: why it is not
 *     /json                                what is served, as rpki-client's JSON: rtrd_json
 *     /api/v1/validity/ASN/PREFIX          Routinator's; 400: no ASN, no prefix; 503: nothing is served
 *     /validity?asn=ASN&prefix=PREFIX      the same
 */

#include "http.h"
#include "rtrd.h"

/* arg: the struct rtrd */
http_answer pages_answer;

#endif
