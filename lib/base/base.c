/* SPDX-License-Identifier: BSD-2-Clause */
/* The version, the errors' phrases, and the sizes of the public structs. */

#include <manrs/manrs.h>
#include <string.h>

const char *manrs_version(void)
{
	return MANRS_VERSION;
}

int manrs_version_number(void)
{
	return MANRS_VERSION_NUMBER;
}

const char *manrs_strerror(int error)
{
	switch (error) {
	case MANRS_OK:
		return "no error";
	case MANRS_EINVAL:
		return "invalid argument or record";
	case MANRS_ENOMEM:
		return "out of memory";
	case MANRS_ENOENT:
		return "no such entry";
	case MANRS_ESYNTAX:
		return "syntax error";
	case MANRS_ERANGE:
		return "number out of range";
	case MANRS_ELIMIT:
		return "limit exceeded";
	case MANRS_EBUSY:
		return "still in use";
	case MANRS_ESTATE:
		return "call does not fit the object's state";
	case MANRS_EUNSUP:
		return "not supported";
	}
	return "unknown error";
}

/* Every public struct, for bindings to check their layout. One line each; tests/abi keeps the list whole. */
#define SIZE(type)                  \
	{                           \
#type, sizeof(type) \
	}
static const struct {
	const char *name;
	size_t size;
} sizes[] = {
	SIZE(manrs_fault),
	SIZE(manrs_alloc),
	SIZE(manrs_prefix),
	SIZE(manrs_route),
	SIZE(manrs_path),
	SIZE(manrs_aspa),
	SIZE(manrs_aspa_pair),
	SIZE(manrs_router_key),
	SIZE(manrs_db_config),
	SIZE(manrs_counts),
	SIZE(manrs_cursor),
	SIZE(manrs_slurm_filter),
	SIZE(manrs_slurm),
	SIZE(manrs_db_stats),
	SIZE(manrs_change),
	SIZE(manrs_load_note),
	SIZE(manrs_load_issue),
	SIZE(manrs_load_stats),
	SIZE(manrs_lpm_config),
	SIZE(manrs_paths),
	SIZE(manrs_path_rules),
	SIZE(manrs_path_report),
	SIZE(manrs_aspa_hop),
	SIZE(manrs_aspa_ramps),
	SIZE(manrs_bogon_entry),
	SIZE(manrs_as_rel),
	SIZE(manrs_leak),
	SIZE(manrs_peerlock),
	SIZE(manrs_announcement),
	SIZE(manrs_policy),
	SIZE(manrs_verdict),
	SIZE(manrs_finding),
	SIZE(manrs_urpf_line),
	SIZE(manrs_urpf_config),
	SIZE(manrs_urpf_iface),
	SIZE(manrs_urpf_entry),
	SIZE(manrs_urpf_stats),
	SIZE(manrs_urpf_explanation),
	SIZE(manrs_rtr_config),
	SIZE(manrs_rtr_delta),
	SIZE(manrs_rtr_run),
	SIZE(manrs_rtr_status),
	SIZE(manrs_db_source_stats),
	SIZE(manrs_delta),
	SIZE(manrs_rtrd_config),
	SIZE(manrs_slice),
	SIZE(manrs_rtrd_status),
	SIZE(manrs_rtrd_client_status),
	SIZE(manrs_update_line),
	SIZE(manrs_bgp_session),
	SIZE(manrs_bgp_attrs),
	SIZE(manrs_bgp_more),
	SIZE(manrs_bgp_store_config),
	SIZE(manrs_bgp_store_stats),
	SIZE(manrs_bgp_message),
	SIZE(manrs_bgp_open),
	SIZE(manrs_bgp_update),
	SIZE(manrs_mrt_config),
	SIZE(manrs_mrt_record),
	SIZE(manrs_mrt_note),
	SIZE(manrs_mrt_peer),
	SIZE(manrs_mrt_stats),
	SIZE(manrs_bmp_config),
	SIZE(manrs_bmp_event),
	SIZE(manrs_bmp_tlv),
	SIZE(manrs_bmp_peer),
	SIZE(manrs_rib_config),
	SIZE(manrs_rib_session),
	SIZE(manrs_rib_change),
	SIZE(manrs_rib_route),
	SIZE(manrs_rib_stats),
};

/* A record never changes: who changes the size of one is told here. _64: it has pointers, or numbers of 64 bits. */
#define FROZEN(type, size) _Static_assert(sizeof(type) == (size), "a record is frozen")
#define FROZEN_64(type, size) \
	_Static_assert(sizeof(void *) != 8 || sizeof(type) == (size), "a record is frozen")

FROZEN(manrs_prefix, 20);
FROZEN(manrs_route, 24);
FROZEN(manrs_aspa_pair, 8);
FROZEN(manrs_router_key, 256);
FROZEN(manrs_counts, 40);
FROZEN(manrs_slurm_filter, 48);
FROZEN(manrs_cursor, 64);
FROZEN(manrs_change, 32);
FROZEN(manrs_load_note, 16);
FROZEN(manrs_path_report, 72);
FROZEN(manrs_aspa_hop, 20);
FROZEN(manrs_aspa_ramps, 24);
FROZEN(manrs_as_rel, 12);
FROZEN(manrs_leak, 20);
FROZEN(manrs_peerlock, 8);
FROZEN(manrs_announcement, 128);
FROZEN(manrs_verdict, 24);
FROZEN(manrs_finding, 64);
FROZEN(manrs_urpf_entry, 36);
FROZEN_64(manrs_fault, 24);
FROZEN_64(manrs_alloc, 16);
FROZEN_64(manrs_aspa, 16);
FROZEN(manrs_rtr_delta, 32);
FROZEN_64(manrs_rtr_run, 40);
FROZEN_64(manrs_slice, 16);
FROZEN_64(manrs_delta, 56);
FROZEN_64(manrs_load_issue, 96);
FROZEN_64(manrs_path, 24);
FROZEN_64(manrs_paths, 32);
FROZEN_64(manrs_bogon_entry, 40);
FROZEN_64(manrs_urpf_line, 72);
FROZEN_64(manrs_update_line, 200);
FROZEN(manrs_bgp_session, 32);
FROZEN(manrs_bgp_open, 32);
FROZEN_64(manrs_bgp_message, 88);
FROZEN_64(manrs_bgp_update, 168);
FROZEN(manrs_mrt_note, 32);
FROZEN(manrs_mrt_peer, 32);
FROZEN_64(manrs_bmp_tlv, 32);
FROZEN(manrs_rib_change, 112);
FROZEN_64(manrs_rib_route, 168);

size_t manrs_sizeof(const char *name)
{
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (!strcmp(name, sizes[i].name))
			return sizes[i].size;
	return 0;
}
