/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LISTEN_TLS_H
#define CLI_LISTEN_TLS_H

/* A router's connection over TLS, as the wire of an accepted socket. */

#include "listen.h"
#include "tls.h"

/* The handshake comes with the first reads. returns: false: said why, the socket stays the caller's. */
bool tls_wire_open(struct wire *wire, struct tls_context *context, int fd);

#endif
