/* SPDX-License-Identifier: BSD-2-Clause */
/* URLs of caches. A host has only letters, digits and .:-_%, so that it can stand in a command line. */

#include "rtr_url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define HOST_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

/* The length of "rtr://" or "rtrs://" at the start. */
static size_t scheme(const char *text)
{
	return !strncmp(text, "rtr://", 6) ? 6 : !strncmp(text, "rtrs://", 7) ? 7 : 0;
}

bool rtr_url_is(const char *text)
{
	return scheme(text) != 0;
}

static bool wrong(manrs_fault *fault, size_t at, const char *what)
{
	*fault = (manrs_fault){.at = at, .what = what};
	return false;
}

static bool take_host(struct rtr_url *url, const char *text, const char *host, size_t n,
		      manrs_fault *fault)
{
	if (!n)
		return wrong(fault, (size_t)(host - text), "a host is missing");
	if (n >= sizeof url->host)
		return wrong(fault, (size_t)(host - text), "too long for a host");
	memcpy(url->host, host, n);
	url->host[n] = '\0';
	return true;
}

/* Behind the host: nothing, or :PORT. */
static bool take_port(struct rtr_url *url, const char *text, const char *at, manrs_fault *fault)
{
	unsigned port = 0;
	size_t n;

	memcpy(url->port, url->tls ? "324" : "323", 4);
	if (!*at)
		return true;
	if (*at++ != ':')
		return wrong(fault, (size_t)(at - 1 - text), "not of a host");
	n = strspn(at, "0123456789");
	for (size_t i = 0; i < n && port <= 65535; i++)
		port = 10 * port + (unsigned)(at[i] - '0');
	if (!n || n > 5 || at[n] || !port || port > 65535)
		return wrong(fault, (size_t)(at - text), "a port is a number from 1 to 65535");
	snprintf(url->port, sizeof url->port, "%u", port);
	return true;
}

static bool take_address(struct rtr_url *url, const char *text, const char *at, size_t n,
			 manrs_fault *fault)
{
	struct in6_addr address;
	char *zone;
	bool good;

	if (!take_host(url, text, at, n, fault))
		return false;
	zone = strchr(url->host, '%');
	if (zone)
		*zone = '\0';
	good = inet_pton(AF_INET6, url->host, &address) == 1 &&
	       (!zone || (zone[1] && !zone[1 + strspn(zone + 1, HOST_LETTERS)]));
	if (zone)
		*zone = '%';
	return good || wrong(fault, (size_t)(at - text), "not an IPv6 address");
}

static bool take_bare_address(struct rtr_url *url, const char *text, const char *at,
			      manrs_fault *fault)
{
	if (!take_address(url, text, at, strlen(at), fault) || !take_port(url, text, "", fault))
		return false;
	snprintf(url->text, sizeof url->text, "rtr%s://[%s]", url->tls ? "s" : "", url->host);
	return true;
}

bool rtr_url_parse(struct rtr_url *url, const char *text, bool bare, manrs_fault *fault)
{
	const char *at = text + scheme(text), *end;
	size_t n = strcspn(at, "]");

	*url = (struct rtr_url){.tls = scheme(text) == 7};
	snprintf(url->text, sizeof url->text, "%s%s", bare && at == text ? "rtr://" : "", text);
	if (at == text && !bare)
		return wrong(fault, 0, "not rtr://HOST[:PORT] or rtrs://HOST[:PORT]");
	if (*at == '[') {
		if (!at[n])
			return wrong(fault, (size_t)(at - text), "a bracket without its end");
		return take_address(url, text, at + 1, n - 1, fault) &&
		       take_port(url, text, at + n + 1, fault);
	}
	end = strchr(at, ':');
	if (end && strchr(end + 1, ':'))
		return bare ? take_bare_address(url, text, at, fault)
			    : wrong(fault, (size_t)(at - text),
				    "an IPv6 address stands in brackets");
	n = strspn(at, HOST_LETTERS);
	if (*at == '-')
		return wrong(fault, (size_t)(at - text), "not of a host");
	return take_host(url, text, at, n, fault) && take_port(url, text, at + n, fault);
}
