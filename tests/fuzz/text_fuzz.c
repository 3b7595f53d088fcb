/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefix, address, AS number and route as text: what is read comes back from its canonical text. */

#include <manrs/prefix.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static void fault_in(int rc, const manrs_fault *fault, size_t n)
{
	must(rc == MANRS_OK || (fault->code == rc && fault->what && fault->at <= n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = (const char *)data;
	char text[MANRS_ROUTE_TEXT];
	manrs_route route = {0}, again = {0};
	manrs_fault fault = {0};
	int rc = manrs_prefix_parse(&route.prefix, in, size, &fault), n;

	fault_in(rc, &fault, size);
	if (rc == MANRS_OK) {
		must(manrs_prefix_check(&route.prefix) == MANRS_OK);
		n = manrs_prefix_format(&route.prefix, text, MANRS_PREFIX_TEXT);
		must(n > 0 && manrs_prefix_parse(&again.prefix, text, (size_t)n, NULL) == MANRS_OK);
		must(!memcmp(&route, &again, sizeof route));
	}
	rc = manrs_address_parse(&route.prefix, in, size, &fault);
	fault_in(rc, &fault, size);
	must(rc != MANRS_OK || manrs_prefix_check(&route.prefix) == MANRS_OK);
	rc = manrs_asn_parse(&route.asn, in, size, &fault);
	fault_in(rc, &fault, size);
	if (rc == MANRS_OK) {
		n = manrs_asn_format(route.asn, text, MANRS_ASN_TEXT);
		must(n > 0 && manrs_asn_parse(&again.asn, text, (size_t)n, NULL) == MANRS_OK);
		must(route.asn == again.asn);
	}
	rc = manrs_route_parse(&route, in, size, &fault);
	fault_in(rc, &fault, size);
	if (rc == MANRS_OK) {
		n = manrs_route_format(&route, text, sizeof text);
		must(n > 0 && manrs_route_parse(&again, text, (size_t)n, NULL) == MANRS_OK);
		must(!memcmp(&route, &again, sizeof route));
	}
	return 0;
}
