/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The roles of a neighbour and their names. RFC 9234 tells what the speaker itself is; the checks ask what the
 * neighbour is, the other end of the same pair (section 4.2): Provider-Customer, RS-RS-Client, Peer-Peer.
 */

#include <manrs/role.h>
#include <string.h>

static const char *const names[] = {"", "customer", "peer", "provider", "rs", "rs-client"};

#define NAMES (sizeof names / sizeof *names)

int manrs_role_from_rfc9234(int local)
{
	static const uint8_t other_end[] = {MANRS_ROLE_CUSTOMER, MANRS_ROLE_RS_CLIENT,
					    MANRS_ROLE_RS, MANRS_ROLE_PROVIDER, MANRS_ROLE_PEER};

	return local >= 0 && local < (int)sizeof other_end ? other_end[local] : MANRS_ROLE_NONE;
}

int manrs_role_parse(const char *text, size_t n)
{
	for (int role = 1; role < (int)NAMES; role++)
		if (strlen(names[role]) == n && !memcmp(names[role], text, n))
			return role;
	return MANRS_ESYNTAX;
}

const char *manrs_role_text(int role)
{
	return role > 0 && role < (int)NAMES ? names[role] : "";
}
