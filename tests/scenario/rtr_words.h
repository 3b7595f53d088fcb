/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCENARIO_RTR_WORDS_H
#define TESTS_SCENARIO_RTR_WORDS_H

/*
 * RTR's PDUs in words, for scenarios: a telling of RFC 8210 section 5 and of 8210bis section 5 that shares nothing with the
 * library's, so that neither can lead the other astray.
 *
 *     serial notify 0x1234 5                      session, serial
 *     serial query 0x1234 5
 *     reset query
 *     cache response 0x1234
 *     ipv4 + 10.0.0.0/24-24 AS64500               + announce, - withdraw, or the byte of flags: 0x81
 *     ipv6 - 2001:db8::/32-48 AS64500
 *     end of data 0x1234 serial 5                 timers 3600 600 7200, or: end of data 0x1234 serial 5 timers 1 2 600
 *     cache reset
 *     key + AS64500 ski 01 spki 0203              one byte of SKI fills it
 *     aspa + AS64500 AS64501 AS64502..AS64510     a run of providers
 *     error 2 pdu 0102000000000008 text none      the PDU in hex; both may be left out
 *     raw 0104000000
 *
 * In front of one: v0, v1, v2 (else the version that is given); behind it: length 4 (what the head says, not what is sent).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTR_WORDS_MAX 70000 /* bytes of a PDU: more than may be in one */

/* The PDU that a line says, at most RTR_WORDS_MAX bytes. returns: its bytes; 0: the words are wrong, *why says how */
size_t rtr_words(uint8_t *out, unsigned version, const char *line, const char **why);

/* A record, as an announcement of version 2: "10.0.0.0/24-24 AS64500", "aspa AS1 AS2", "key AS1 ski 01 spki 02". */
size_t rtr_words_record(uint8_t *out, const char *line, const char **why);

/* The next word of a line, up to cap - 1 bytes of it. returns: whether there was one */
bool rtr_word(const char **line, char *word, size_t cap);
/* Whether the next word is this one; then it is passed over. */
bool rtr_word_is(const char **line, const char *word);
/* The next word as a number: 12, 0x1f, AS12. */
bool rtr_word_number(const char **line, uint64_t *number);

#endif
