/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS by OpenSSL, where the build found it (libraries.sh). Bytes go through a BIO of our own: send with MSG_NOSIGNAL, so that
 * a connection that ended raises no SIGPIPE in a program that wants it for its stdout.
 *
 * RFC 8210 section 9.2: both sides show a certificate. The cache's is checked for the host name that the router was told, as
 * a dNSName, never by its common name; the router's must have the address that the connection comes from as an iPAddress.
 */

#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_SSL

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Before 3.0 it was an error of the socket. */
#ifndef SSL_R_UNEXPECTED_EOF_WHILE_READING
#define SSL_R_UNEXPECTED_EOF_WHILE_READING (-1)
#endif

struct tls_context {
	SSL_CTX *ctx;
	BIO_METHOD *bio;
};

struct tls {
	SSL *ssl;
	bool refused;
	char why[TLS_WHY];
};

const char *tls_library(void)
{
	static char name[32]; /* "OpenSSL 3.0.19 27 Jan 2026" without its date */
	const char *full = OpenSSL_version(OPENSSL_VERSION);
	const char *blank = strchr(full, ' '), *end = blank ? strchr(blank + 1, ' ') : NULL;

	snprintf(name, sizeof name, "%.*s", end ? (int)(end - full) : (int)strlen(full), full);
	return name;
}

/* ---- the socket ---- */

static int fd_of(BIO *bio)
{
	return (int)(intptr_t)BIO_get_data(bio);
}

static int socket_write(BIO *bio, const char *bytes, int n)
{
	ssize_t sent = send(fd_of(bio), bytes, (size_t)n, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)sent;
}

static int socket_read(BIO *bio, char *bytes, int n)
{
	ssize_t got = recv(fd_of(bio), bytes, (size_t)n, 0);

	BIO_clear_retry_flags(bio);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)got;
}

static long socket_control(BIO *bio, int what, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *socket_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (m) {
		BIO_meth_set_write(m, socket_write);
		BIO_meth_set_read(m, socket_read);
		BIO_meth_set_ctrl(m, socket_control);
	}
	return m;
}

/* ---- contexts ---- */

/* The first thing that OpenSSL has to say. */
static const char *reason(void)
{
	unsigned long e = ERR_get_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	return text ? text : "it cannot be used";
}

/* A key that asks for a password is none: nobody may be there to type it. */
static int no_password(char *text, int cap, int writing, void *arg)
{
	(void)text;
	(void)cap;
	(void)writing;
	(void)arg;
	return 0;
}

static bool bad_file(char *why, const char *file)
{
	snprintf(why, TLS_WHY, "%s: %s", file, reason());
	return false;
}

static bool use_files(SSL_CTX *ctx, const struct tls_files *f, char *why)
{
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	if (f->cert && SSL_CTX_use_certificate_chain_file(ctx, f->cert) != 1)
		return bad_file(why, f->cert);
	if (f->key && (SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM) != 1 ||
		       SSL_CTX_check_private_key(ctx) != 1))
		return bad_file(why, f->key);
	if (f->ca && SSL_CTX_load_verify_locations(ctx, f->ca, NULL) != 1)
		return bad_file(why, f->ca);
	if (!f->ca && SSL_CTX_set_default_verify_paths(ctx) != 1)
		return bad_file(why, "the system's certificates");
	if (f->server)
		SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(f->ca));
	return true;
}

static void use_rules(SSL_CTX *ctx, bool server)
{
	X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(ctx);

	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
			    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	/* A resumed session would bring an address or a name that was checked for another connection. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			   NULL);
	X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
						       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
}

struct tls_context *tls_context_new(const struct tls_files *f, char why[TLS_WHY])
{
	struct tls_context *context = calloc(1, sizeof *context);

	ERR_clear_error();
	snprintf(why, TLS_WHY, "%s", strerror(ENOMEM));
	if (!context)
		return NULL;
	context->bio = socket_method();
	context->ctx = SSL_CTX_new(f->server ? TLS_server_method() : TLS_client_method());
	if (!context->bio || !context->ctx) {
		tls_context_free(context);
		return NULL;
	}
	use_rules(context->ctx, f->server);
	if (!f->cert != !f->key || (f->server && (!f->cert || !f->ca))) {
		snprintf(why, TLS_WHY, "%s",
			 f->server ? "a certificate, its key and the CA of the routers are needed"
				   : "a certificate goes with its key");
	} else if (use_files(context->ctx, f, why)) {
		*why = '\0';
		return context;
	}
	tls_context_free(context);
	return NULL;
}

void tls_context_free(struct tls_context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ctx);
	BIO_meth_free(context->bio);
	free(context);
}

/* ---- connections ---- */

static struct tls *connection(struct tls_context *context, int fd)
{
	struct tls *tls = calloc(1, sizeof *tls);
	BIO *bio = BIO_new(context->bio);

	if (tls)
		tls->ssl = SSL_new(context->ctx);
	if (!bio || !tls || !tls->ssl) {
		BIO_free(bio);
		tls_free(tls);
		return NULL;
	}
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio);
	return tls;
}

/* An IP address that the other side's certificate must have. An IPv4 peer of an IPv6 socket is one of IPv4. */
static bool expect_address(struct tls *tls, const struct sockaddr *peer)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	X509_VERIFY_PARAM *rules = SSL_get0_param(tls->ssl);
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;
	const uint8_t *bytes;

	if (peer->sa_family == AF_INET)
		return X509_VERIFY_PARAM_set1_ip(rules, (const uint8_t *)&v4->sin_addr, 4) == 1;
	if (peer->sa_family != AF_INET6)
		return false;
	bytes = v6->sin6_addr.s6_addr;
	if (!memcmp(bytes, mapped, sizeof mapped))
		return X509_VERIFY_PARAM_set1_ip(rules, bytes + 12, 4) == 1;
	return X509_VERIFY_PARAM_set1_ip(rules, bytes, 16) == 1;
}

static bool expect_name(struct tls *tls, const char *name)
{
	struct in6_addr address;

	if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), name) == 1;
	return SSL_set1_host(tls->ssl, name) == 1 && SSL_set_tlsext_host_name(tls->ssl, name) == 1;
}

struct tls *tls_client(struct tls_context *context, int fd, const char *name)
{
	struct tls *tls = connection(context, fd);

	if (tls && !expect_name(tls, name)) {
		tls_free(tls);
		return NULL;
	}
	if (tls)
		SSL_set_connect_state(tls->ssl);
	return tls;
}

struct tls *tls_server(struct tls_context *context, int fd, const struct sockaddr *peer)
{
	struct tls *tls = connection(context, fd);

	if (tls && !expect_address(tls, peer)) {
		tls_free(tls);
		return NULL;
	}
	if (tls)
		SSL_set_accept_state(tls->ssl);
	return tls;
}

/* What a call's outcome asks for; errno is the call's. */
static int result(struct tls *tls, int rc)
{
	int error = errno;
	long verified;

	switch (SSL_get_error(tls->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		snprintf(tls->why, sizeof tls->why, "%s",
			 rc < 0 && error ? strerror(error) : "the connection was cut");
		return TLS_FAILED;
	default:
		tls->refused =
			ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
		verified = SSL_get_verify_result(tls->ssl);
		snprintf(tls->why, sizeof tls->why, "%s%s%s", reason(),
			 verified != X509_V_OK ? ": " : "",
			 verified != X509_V_OK ? X509_verify_cert_error_string(verified) : "");
		return TLS_FAILED;
	}
}

int tls_handshake(struct tls *tls)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(tls->ssl);
	return rc == 1 ? 1 : result(tls, rc);
}

ptrdiff_t tls_read(struct tls *tls, void *bytes, size_t n)
{
	size_t got = 0;
	int rc;

	ERR_clear_error();
	rc = SSL_read_ex(tls->ssl, bytes, n, &got);
	return rc == 1 ? (ptrdiff_t)got : result(tls, rc);
}

ptrdiff_t tls_write(struct tls *tls, const void *bytes, size_t n)
{
	size_t sent = 0;
	int rc;

	ERR_clear_error();
	rc = SSL_write_ex(tls->ssl, bytes, n, &sent);
	return rc == 1 ? (ptrdiff_t)sent : result(tls, rc);
}

void tls_end(struct tls *tls)
{
	ERR_clear_error();
	if (SSL_is_init_finished(tls->ssl))
		SSL_shutdown(tls->ssl);
}

const char *tls_why(const struct tls *tls)
{
	return tls->why;
}

bool tls_refused(const struct tls *tls)
{
	return tls->refused;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

#else

const char *tls_library(void)
{
	return NULL;
}

struct tls_context *tls_context_new(const struct tls_files *f, char why[TLS_WHY])
{
	(void)f;
	snprintf(why, TLS_WHY, "TLS is not built into this command");
	return NULL;
}

void tls_context_free(struct tls_context *context)
{
	(void)context;
}

/* Without a context none of these is called. */

struct tls *tls_client(struct tls_context *context, int fd, const char *name)
{
	(void)context;
	(void)fd;
	(void)name;
	return NULL;
}

struct tls *tls_server(struct tls_context *context, int fd, const struct sockaddr *peer)
{
	(void)context;
	(void)fd;
	(void)peer;
	return NULL;
}

int tls_handshake(struct tls *tls)
{
	(void)tls;
	return TLS_FAILED;
}

ptrdiff_t tls_read(struct tls *tls, void *bytes, size_t n)
{
	(void)tls;
	(void)bytes;
	(void)n;
	return TLS_FAILED;
}

ptrdiff_t tls_write(struct tls *tls, const void *bytes, size_t n)
{
	(void)tls;
	(void)bytes;
	(void)n;
	return TLS_FAILED;
}

void tls_end(struct tls *tls)
{
	(void)tls;
}

const char *tls_why(const struct tls *tls)
{
	(void)tls;
	return "TLS is not built into this command";
}

bool tls_refused(const struct tls *tls)
{
	(void)tls;
	return false;
}

void tls_free(struct tls *tls)
{
	(void)tls;
}

#endif
