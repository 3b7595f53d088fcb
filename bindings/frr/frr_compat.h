/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FRR 8.4 and 10.x call differently, and all that the module includes of FRR. */
#ifndef MANRS_FRR_COMPAT_H
#define MANRS_FRR_COMPAT_H

#include <zebra.h>

#include <sys/stat.h>

#include "command.h"
#include "hash.h"
#include "hook.h"
#include "jhash.h"
#include "lib/json.h"
#include "lib/version.h"
#include "libfrr.h"
#include "linklist.h"
#include "log.h"
#include "memory.h"
#include "module.h"
#include "monotime.h"
#include "network.h"
#include "northbound_cli.h"
#include "prefix.h"
#include "routemap.h"
#include "sockopt.h"
#include "sockunion.h"
#include "vty.h"

/* bgpd's headers stand on each other in this order */
#include "bgpd/bgpd.h"
/* */
#include "bgpd/bgp_addpath.h"
#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_debug.h"
#include "bgpd/bgp_label.h"
#include "bgpd/bgp_packet.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_rpki.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_updgrp.h"
#include "bgpd/bgp_vty.h"
#include "bgpd/bgp_zebra.h"

#if __has_include("lib/frrevent.h") /* FRR 9 and later */
#include "lib/frrevent.h"
typedef struct event frr_task;
typedef struct event_loop frr_loop;
#define TASK_ARG(task)                       EVENT_ARG(task)
#define TASK_OFF(task)                       event_cancel(&(task))
#define TASK_READ(loop, run, arg, fd, task)  event_add_read(loop, run, arg, fd, task)
#define TASK_WRITE(loop, run, arg, fd, task) event_add_write(loop, run, arg, fd, task)
#define TASK_LATER(loop, run, arg, ms, task) event_add_timer_msec(loop, run, arg, ms, task)
#define TASK_NOW(loop, run, arg, task)       event_add_event(loop, run, arg, 0, task)
#define PEER_SU(peer)                        (&(peer)->connection->su)
#define PEER_SU_LOCAL(peer)                  ((peer)->connection->su_local)
#define PEER_UP(peer)                        peer_established((peer)->connection)
#define NETWORKS_OF(bgp)                     ((bgp)->static_routes)
#define PATH_FROM(path)                      ((path)->from)
#define PATH_GOES(dest, path)                bgp_path_info_mark_for_delete(dest, path)
#define PEER_STATUS(peer)                    ((peer)->connection->status)
#define PEER_REFRESHES(peer)                 CHECK_FLAG((peer)->cap, PEER_CAP_REFRESH_RCV)
#define SEND_REFRESH(peer, afi, safi) \
	bgp_route_refresh_send((peer)->connection, afi, safi, 0, 0, 0, BGP_ROUTE_REFRESH_NORMAL)
#define PROCESS(bgp, dest, path, afi, safi) bgp_process(bgp, dest, path, afi, safi)
#define ATTR_OTC(attr)                      bgp_attr_get_otc(attr)
#define FIRST_BGP_LABEL(path)               (BGP_PATH_INFO_NUM_LABELS(path) ? (path)->extra->labels->label : NULL)
#define BGP_LABELS(path)                    BGP_PATH_INFO_NUM_LABELS(path)
#define HASH_DROP(hash, drop)               hash_clean_and_free(&(hash), drop)
#else
#include "thread.h"
typedef struct thread frr_task;
typedef struct thread_master frr_loop;
#define TASK_ARG(task)                       THREAD_ARG(task)
#define TASK_OFF(task)                       thread_cancel(&(task))
#define TASK_READ(loop, run, arg, fd, task)  thread_add_read(loop, run, arg, fd, task)
#define TASK_WRITE(loop, run, arg, fd, task) thread_add_write(loop, run, arg, fd, task)
#define TASK_LATER(loop, run, arg, ms, task) thread_add_timer_msec(loop, run, arg, ms, task)
#define TASK_NOW(loop, run, arg, task)       thread_add_event(loop, run, arg, 0, task)
#define PEER_SU(peer)                        (&(peer)->su)
#define PEER_SU_LOCAL(peer)                  ((peer)->su_local)
#define PEER_UP(peer)                        peer_established(peer)
#define NETWORKS_OF(bgp)                     ((bgp)->route)
#define PATH_FROM(path)                      ((struct peer *)NULL)
#define PATH_GOES(dest, path)                bgp_path_info_delete(dest, path)
#define PEER_STATUS(peer)                    ((peer)->status)
#define PEER_REFRESHES(peer) \
	CHECK_FLAG((peer)->cap, PEER_CAP_REFRESH_OLD_RCV | PEER_CAP_REFRESH_NEW_RCV)
#define SEND_REFRESH(peer, afi, safi) \
	bgp_route_refresh_send(peer, afi, safi, 0, 0, 0, BGP_ROUTE_REFRESH_NORMAL)
#define PROCESS(bgp, dest, path, afi, safi) bgp_process(bgp, dest, afi, safi)
#define ATTR_OTC(attr)                      (CHECK_FLAG((attr)->flag, ATTR_FLAG_BIT(BGP_ATTR_OTC)) ? (attr)->otc : 0)
#define FIRST_BGP_LABEL(path)               ((path)->extra ? (path)->extra->label : NULL)
#define BGP_LABELS(path)                    ((path)->extra ? (path)->extra->num_labels : 0)
#define HASH_DROP(hash, drop)           \
	do {                            \
		hash_clean(hash, drop); \
		hash_free(hash);        \
	} while (0)
#endif

#endif
