/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_LEAK_KIND_H
#define LIB_CHECK_LEAK_KIND_H

#include <manrs/leak.h>

/* The type of RFC 7908 by what the giver and the taker are to the AS between them; NONE: in order, or not known. */
int leak_type(int from_is, int to_is);

#endif
