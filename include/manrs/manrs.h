/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_MANRS_H
#define MANRS_MANRS_H

/* All of libmanrs. */

#include <manrs/base.h>
#include <manrs/prefix.h>
#include <manrs/record.h>
#include <manrs/trie.h>
#include <manrs/lpm.h>
#include <manrs/db.h>
#include <manrs/db_source.h>
#include <manrs/db_delta.h>
#include <manrs/rov.h>
#include <manrs/load.h>
#include <manrs/slurm.h>
#include <manrs/path.h>
#include <manrs/role.h>
#include <manrs/aspa.h>
#include <manrs/bogon.h>
#include <manrs/otc.h>
#include <manrs/irr.h>
#include <manrs/leak.h>
#include <manrs/announce.h>
#include <manrs/code.h>
#include <manrs/policy.h>
#include <manrs/policy_file.h>
#include <manrs/check.h>
#include <manrs/explain.h>
#include <manrs/iface.h>
#include <manrs/urpf.h>
#include <manrs/packet_explain.h>
#include <manrs/rpf_list.h>
#include <manrs/rib_line.h>
#include <manrs/update_line.h>
#include <manrs/cell.h>
#include <manrs/space.h>
#include <manrs/rtr_code.h>
#include <manrs/rtr_config.h>
#include <manrs/rtr.h>
#include <manrs/rtr_plan.h>
#include <manrs/rtrd.h>
#include <manrs/rtrd_status.h>
#include <manrs/bgp_attrs.h>
#include <manrs/bgp.h>
#include <manrs/mrt.h>
#include <manrs/bmp.h>
#include <manrs/rib.h>

#endif
