/* SPDX-License-Identifier: BSD-2-Clause */
/* Special-purpose sources: IANA registries of 18 July 2026, column Source; multicast. */

#include "urpf/urpf_work.h"

static const struct {
	manrs_prefix prefix;
	enum urpf_martian what;
} martians[] = {
	{{4, 32, 32, 0, {0}}, MARTIAN_UNSPECIFIED},            /* 0.0.0.0/32 */
	{{4, 8, 8, 0, {127}}, MARTIAN_DENY},                   /* 127.0.0.0/8 */
	{{4, 16, 16, 0, {169, 254}}, MARTIAN_LINK_LOCAL},      /* 169.254.0.0/16 */
	{{4, 24, 24, 0, {192}}, MARTIAN_DENY},                 /* 192.0.0.0/24 */
	{{4, 29, 29, 0, {192}}, MARTIAN_CLEAR},                /* 192.0.0.0/29 */
	{{4, 32, 32, 0, {192, 0, 0, 8}}, MARTIAN_UNSPECIFIED}, /* 192.0.0.8/32 */
	{{4, 32, 32, 0, {192, 0, 0, 9}}, MARTIAN_CLEAR},       /* 192.0.0.9/32 */
	{{4, 32, 32, 0, {192, 0, 0, 10}}, MARTIAN_CLEAR},      /* 192.0.0.10/32 */
	{{4, 31, 31, 0, {192, 0, 0, 170}}, MARTIAN_DENY},      /* 192.0.0.170/31 */
	{{4, 24, 24, 0, {192, 0, 2}}, MARTIAN_DENY},           /* 192.0.2.0/24 */
	{{4, 24, 24, 0, {198, 51, 100}}, MARTIAN_DENY},        /* 198.51.100.0/24 */
	{{4, 24, 24, 0, {203, 0, 113}}, MARTIAN_DENY},         /* 203.0.113.0/24 */
	{{4, 4, 4, 0, {224}}, MARTIAN_DENY},                   /* 224.0.0.0/4 */
	{{4, 4, 4, 0, {240}}, MARTIAN_DENY},                   /* 240.0.0.0/4 */
	{{6, 128, 128, 0, {0}}, MARTIAN_UNSPECIFIED},          /* ::/128 */
	{{6,
	  128,
	  128,
	  0,
	  {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	   0x01}},
	 MARTIAN_DENY}, /* ::1/128 */
	{{6, 96, 96, 0, {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff}},
	 MARTIAN_DENY}, /* ::ffff:0.0.0.0/96 */
	{{6, 64, 64, 0, {0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}},
	 MARTIAN_UNSPECIFIED},                         /* 100:0:0:1::/64 */
	{{6, 23, 23, 0, {0x20, 0x01}}, MARTIAN_DENY},  /* 2001::/23 */
	{{6, 32, 32, 0, {0x20, 0x01}}, MARTIAN_CLEAR}, /* 2001::/32 */
	{{6,
	  128,
	  128,
	  0,
	  {0x20, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	   0x01}},
	 MARTIAN_CLEAR}, /* 2001:1::1/128 */
	{{6,
	  128,
	  128,
	  0,
	  {0x20, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	   0x02}},
	 MARTIAN_CLEAR}, /* 2001:1::2/128 */
	{{6,
	  128,
	  128,
	  0,
	  {0x20, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	   0x03}},
	 MARTIAN_CLEAR},                                                       /* 2001:1::3/128 */
	{{6, 48, 48, 0, {0x20, 0x01, 0x00, 0x02}}, MARTIAN_CLEAR},             /* 2001:2::/48 */
	{{6, 32, 32, 0, {0x20, 0x01, 0x00, 0x03}}, MARTIAN_CLEAR},             /* 2001:3::/32 */
	{{6, 48, 48, 0, {0x20, 0x01, 0x00, 0x04, 0x01, 0x12}}, MARTIAN_CLEAR}, /* 2001:4:112::/48 */
	{{6, 28, 28, 0, {0x20, 0x01, 0x00, 0x20}}, MARTIAN_CLEAR},             /* 2001:20::/28 */
	{{6, 28, 28, 0, {0x20, 0x01, 0x00, 0x30}}, MARTIAN_CLEAR},             /* 2001:30::/28 */
	{{6, 32, 32, 0, {0x20, 0x01, 0x0d, 0xb8}}, MARTIAN_DENY},              /* 2001:db8::/32 */
	{{6, 20, 20, 0, {0x3f, 0xff}}, MARTIAN_DENY},                          /* 3fff::/20 */
	{{6, 10, 10, 0, {0xfe, 0x80}}, MARTIAN_LINK_LOCAL},                    /* fe80::/10 */
	{{6, 8, 8, 0, {0xff}}, MARTIAN_DENY},                                  /* ff00::/8 */
};

const manrs_prefix *urpf_martian_at(size_t i)
{
	return i < sizeof martians / sizeof *martians ? &martians[i].prefix : NULL;
}

enum urpf_martian urpf_martian_of(const manrs_prefix *p)
{
	for (size_t i = 0; i < sizeof martians / sizeof *martians; i++)
		if (martians[i].prefix.len == p->len &&
		    manrs_prefix_cmp(p, &martians[i].prefix) == 0)
			return martians[i].what;
	return MARTIAN_INHERIT;
}
