/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sentence of each code, a template in which %x stands for
 *
 *     %P the prefix announced   %p the entry of the finding   %b its name   %0 %1 %2 the finding's ASes
 *     %h its hop, from 1        %l its bound                  %c the class of %0
 *     %t the path               %N the neighbour              %R its role   %L our AS
 *     %x the next hop           %y the neighbour's address    %T the type of RFC 7908
 *     %v the covering VRPs      %r the covering route objects %w the hops of the path by ASPA
 *     %e why there is no origin %f whom it was learned from   %o whose Only-to-Customer is added
 */

#include "check/look.h"

/* clang-format off */
const char *const check_sentences[MANRS_CODES] = {
	[MANRS_CODE_MALFORMED] = "The announcement of %P is malformed, so it fails every test",
	[MANRS_CODE_NO_LIST] = "There is nothing to hold %P against in this test: the policy has no list for it, or no such data was loaded",

	[MANRS_CODE_ROV_VALID] = "%P with origin %0 is Valid: %v",
	[MANRS_CODE_ROV_NOT_FOUND] = "%P with origin %0 is NotFound: no VRP covers it",
	[MANRS_CODE_ROV_INVALID_AS] = "%P with origin %0 is Invalid: no covering VRP has this origin; %v",
	[MANRS_CODE_ROV_INVALID_LENGTH] = "%P with origin %0 is Invalid: it is longer than the VRPs of this origin allow; %v",
	[MANRS_CODE_ROV_INVALID_NO_ORIGIN] = "%P is Invalid: it has no origin, as %e, and it is covered; %v",

	[MANRS_CODE_ASPA_VALID] = "The path %t from the %R %N is Valid: every hop that must be is attested",
	[MANRS_CODE_ASPA_UNKNOWN] = "The path %t from the %R %N is Unknown: %w",
	[MANRS_CODE_ASPA_INVALID_HOPS] = "The path %t from the %R %N is Invalid: %w",
	[MANRS_CODE_ASPA_INVALID_EMPTY] = "The path %t from the %R %N is Invalid: it is empty, or so without the segments of our confederation",
	[MANRS_CODE_ASPA_INVALID_NEIGHBOUR] = "The path %t is Invalid: its first AS is not the neighbour %N",
	[MANRS_CODE_ASPA_INVALID_SET] = "The path %t is Invalid: it holds an AS_SET or AS_CONFED_SET",
	[MANRS_CODE_ASPA_INVALID_CONFED] = "The path %t is Invalid: it holds a confederation segment from outside the confederation",
	[MANRS_CODE_ASPA_SAME_AS] = "The path %t is not verified: the %R %N has our own AS number, as in an AS migration",

	[MANRS_CODE_IRR_REGISTERED] = "%P with origin %0 is registered: %r",
	[MANRS_CODE_IRR_BY_ROA] = "%P with origin %0 counts as registered: it is Valid; %v",
	[MANRS_CODE_IRR_NOT_FOUND] = "%P with origin %0 is not registered: no route object covers it",
	[MANRS_CODE_IRR_MISMATCH_AS] = "%P with origin %0 is not registered: the route objects name other origins: %r",
	[MANRS_CODE_IRR_MISMATCH_LENGTH] = "%P with origin %0 is not registered: only a covering prefix is: %r",

	[MANRS_CODE_BOGON_PREFIX_NONE] = "%P is not in a special-purpose block nor on a list of bogons",
	[MANRS_CODE_BOGON_PREFIX_SPECIAL] = "%P is a bogon: it lies in %p (%b), which is not globally reachable",
	[MANRS_CODE_BOGON_PREFIX_MULTICAST] = "%P is a bogon: it lies in %p (%b)",
	[MANRS_CODE_BOGON_PREFIX_FORMER] = "%P is a bogon: it lies in %p (%b), which was given back",
	[MANRS_CODE_BOGON_PREFIX_OUTSIDE] = "%P is a bogon: it lies outside global unicast, %p",
	[MANRS_CODE_BOGON_PREFIX_LISTED] = "%P is a bogon: it lies in %p of the full-bogon list",

	[MANRS_CODE_BOGON_ASN_NONE] = "Every AS number of the path %t is public",
	[MANRS_CODE_BOGON_ASN_FOUND] = "%0, hop %h of the path %t, is no public AS number: %c",

	[MANRS_CODE_PREFIX_LEN_OK] = "The length of %P is in order",
	[MANRS_CODE_PREFIX_LEN_LONG] = "%P is longer than the /%l that the policy allows",
	[MANRS_CODE_PREFIX_LEN_SHORT] = "%P is shorter than the /%l that the policy allows",

	[MANRS_CODE_PATH_LOOP_NONE] = "No AS comes again in the path %t",
	[MANRS_CODE_PATH_LOOP_AGAIN] = "%0 comes again, after another AS, at hop %h of the path %t",
	[MANRS_CODE_PATH_LOOP_LOCAL] = "%0, hop %h of the path %t, is our own AS",

	[MANRS_CODE_PATH_SET_NONE] = "The path %t holds no AS_SET and no confederation segment",
	[MANRS_CODE_PATH_SET_AS_SET] = "The path %t holds an AS_SET at hop %h: treat-as-withdraw",
	[MANRS_CODE_PATH_SET_CONFED_SET] = "The path %t holds an AS_CONFED_SET at hop %h: treat-as-withdraw",
	[MANRS_CODE_PATH_SET_CONFED_SEQUENCE] = "The path %t holds a confederation segment at hop %h from outside the confederation",

	[MANRS_CODE_PATH_LEN_OK] = "The length of the path %t is in order",
	[MANRS_CODE_PATH_LEN_EMPTY] = "The path is empty",
	[MANRS_CODE_PATH_LEN_LONG] = "The path %t is longer than the %l ASes that the policy allows",
	[MANRS_CODE_PATH_LEN_PREPENDS] = "%0 stands more than %l times in a row in the path %t",

	[MANRS_CODE_PATH_RESERVED_NONE] = "The path %t holds no AS number that may never be there",
	[MANRS_CODE_PATH_RESERVED_ZERO] = "AS0 is at hop %h of the path %t: treat-as-withdraw",
	[MANRS_CODE_PATH_RESERVED_TRANS] = "AS_TRANS (AS23456) is at hop %h of the path %t, among 4-octet AS numbers",
	[MANRS_CODE_PATH_RESERVED_FOUND] = "%0, hop %h of the path %t, is reserved",

	[MANRS_CODE_FIRST_AS_OK] = "The path %t begins with %1",
	[MANRS_CODE_FIRST_AS_WAIVED] = "A route server does not put itself on the path, so the first AS is not asked about",
	[MANRS_CODE_FIRST_AS_UNKNOWN] = "Who sent the path %t is not known",
	[MANRS_CODE_FIRST_AS_OTHER] = "The path %t does not begin with %1",
	[MANRS_CODE_FIRST_AS_SAME_AS] = "The path %t may or may not begin with %1: the %R has our own AS number, as in an AS migration",

	[MANRS_CODE_NEXT_HOP_OK] = "The next hop %x is in order",
	[MANRS_CODE_NEXT_HOP_UNKNOWN] = "The next hop, or what it must be, is not known",
	[MANRS_CODE_NEXT_HOP_OWN] = "The next hop %x is the receiver's own address",
	[MANRS_CODE_NEXT_HOP_OTHER] = "The next hop %x is not the neighbour's address %y",
	[MANRS_CODE_NEXT_HOP_BOGON] = "The next hop %x is a bogon: it lies in %p (%b)",

	[MANRS_CODE_OTC_OK] = "Only-to-Customer is in order for the %R %N",
	[MANRS_CODE_OTC_ADD] = "The route has no Only-to-Customer attribute: for the %R %N it gets one of %o",
	[MANRS_CODE_OTC_UNKNOWN] = "The route carries Only-to-Customer of %0: a leak unless the %R %N is that AS",
	[MANRS_CODE_OTC_LEAK] = "The route carries Only-to-Customer of %0, which the %R %N may not send or get: a leak",

	[MANRS_CODE_LEAK_NONE] = "The path %t is no leak: it is valley-free by the evidence at hand",
	[MANRS_CODE_LEAK_UNKNOWN] = "Nothing proves the path %t a leak, and nothing proves that it is none",
	[MANRS_CODE_LEAK_BY_OTC] = "%P is a leak: its Only-to-Customer attribute may not be there for the %R %N",
	[MANRS_CODE_LEAK_BY_ROLE] = "%P would be a leak (%T): learned from %f, it may not go from %1 to %2",
	[MANRS_CODE_LEAK_BY_RELATIONSHIP] = "The path %t is a leak (%T) by %1: it took the route from %0 and gave it to %2",
	[MANRS_CODE_LEAK_BY_ASPA] = "The path %t is a leak or forged: by ASPA it is Invalid from the %R %N; %w",
	[MANRS_CODE_LEAK_BY_TRANSIT_FREE] = "The path %t is a leak: the transit-free %0 is at hop %h of what the %R %N sends",
	[MANRS_CODE_LEAK_BY_PEERLOCK] = "The path %t is a leak: %0 at hop %h is not to be heard from %1",
	[MANRS_CODE_LEAK_MAYBE_REORIGINATION] = "%P may be re-originated (RFC 7908 type 5) or hijacked by %0; one announcement cannot tell; %v",
	[MANRS_CODE_LEAK_MAYBE_INTERNAL] = "%P may be an internal more-specific of %0 let out (RFC 7908 type 6); %v",

	[MANRS_CODE_PEERLOCK_OK] = "No AS of the path %t is locked to other neighbours",
	[MANRS_CODE_PEERLOCK_UNKNOWN] = "%0, hop %h of the path %t, is to be heard from some alone, and who sent it is not known",
	[MANRS_CODE_PEERLOCK_BROKEN] = "%0, hop %h of the path %t, is not to be heard from %1",

	[MANRS_CODE_TRANSIT_FREE_NONE] = "No transit-free AS is behind the first of the path %t",
	[MANRS_CODE_TRANSIT_FREE_FOUND] = "The transit-free %0 is at hop %h of the path %t, behind the first AS, on a session with a %R",

	[MANRS_CODE_NEVER_VIA_RS_NONE] = "No AS of the path %t keeps away from route servers",
	[MANRS_CODE_NEVER_VIA_RS_FOUND] = "%0, hop %h of the path %t, never goes by a route server",

	[MANRS_CODE_ORIGIN_SET_IN] = "The origin %0 is in the AS-SET of the session",
	[MANRS_CODE_ORIGIN_SET_OUT] = "The origin %0 of %P is not in the AS-SET of the session",

	[MANRS_CODE_PREFIX_LIST_IN] = "%P is allowed by %p of the prefix list",
	[MANRS_CODE_PREFIX_LIST_OUT] = "%P is not allowed by the prefix list",

	[MANRS_CODE_DENY_LIST_OUT] = "%P is on no list of refused prefixes",
	[MANRS_CODE_DENY_LIST_IN] = "%P is refused by %p of the deny list",

	[MANRS_CODE_FAMILY_OK] = "The session carries the address family of %P",
	[MANRS_CODE_FAMILY_OTHER] = "The session does not carry the address family of %P",
};
/* clang-format on */
