/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exact sums of address space.
 *
 * A set is an array of prefixes. Before it is asked it is put in order, and what an earlier one covers is left out: in
 * manrs_prefix_cmp order a prefix stands before all that it covers, so one look at the last one kept is enough. What is left
 * is disjoint, and its size is
 *
 *     sum over lengths l of   (how many have length l) * 2^(bits - l)
 *
 * so that there are at most 129 big numbers to add, however many prefixes. libtommath does them: 2^128 itself and sums of
 * several sets do not fit any integer of C.
 */

#include "base/sort.h"
#include "net/bits.h"
#include <assert.h>
#include <manrs/space.h>
#include <string.h>
#include <tommath.h>

#define RATIO_DIGITS 60u

struct manrs_space {
	manrs_alloc mem;
	struct vec prefix; /* manrs_prefix */
	size_t clean;      /* the first so many are in order and disjoint */
};

/* ---- the set ---- */

int manrs_space_new(manrs_space **space, const manrs_alloc *alloc)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_space *s = mem_zalloc(&mem, sizeof *s);

	if (!s)
		return MANRS_ENOMEM;
	s->mem = mem;
	*space = s;
	return MANRS_OK;
}

void manrs_space_free(manrs_space *s)
{
	if (s) {
		vec_free(&s->mem, &s->prefix, sizeof(manrs_prefix));
		mem_free(&s->mem, s, sizeof *s);
	}
}

/* stride: bytes from one prefix to the next, since a route starts with its prefix. */
static int add(manrs_space *s, const void *first, size_t stride, size_t n, manrs_fault *fault)
{
	manrs_prefix *to;

	if (n == 0)
		return MANRS_OK;
	for (size_t i = 0; i < n; i++) {
		manrs_prefix p;

		memcpy(&p, (const char *)first + i * stride, sizeof p);
		if (!prefix_ok(&p))
			return fault_set(fault, MANRS_EINVAL, i, "malformed prefix");
	}
	if (!vec_reserve(&s->mem, &s->prefix, n, sizeof *to))
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	to = (manrs_prefix *)s->prefix.at + s->prefix.n;
	for (size_t i = 0; i < n; i++)
		memcpy(&to[i], (const char *)first + i * stride, sizeof *to);
	s->prefix.n += n;
	return MANRS_OK;
}

int manrs_space_add(manrs_space *space, const manrs_prefix *prefixes, size_t n, manrs_fault *fault)
{
	return add(space, prefixes, sizeof *prefixes, n, fault);
}

int manrs_space_add_routes(manrs_space *space, const manrs_route *routes, size_t n,
			   manrs_fault *fault)
{
	return add(space, routes, sizeof *routes, n, fault);
}

static int by_prefix(const void *arg, uint64_t a, uint64_t b)
{
	const manrs_prefix *p = arg;

	return manrs_prefix_cmp(&p[a], &p[b]);
}

/* The family, then the first bits of the address. */
static uint64_t key_of(const manrs_prefix *p)
{
	return get64(p->addr) >> 1 | (uint64_t)(p->family == 6) << 63;
}

static bool tidy(manrs_space *s)
{
	size_t n = s->prefix.n, left = 0;
	struct vec items = {0}, sorted = {0};
	const manrs_prefix *p = s->prefix.at;
	struct sort_item *item;
	manrs_prefix *out;

	if (s->clean == n)
		return true;
	if (n > SIZE_MAX / 2 || !vec_reserve(&s->mem, &items, 2 * n, sizeof *item))
		return false;
	if (!vec_reserve(&s->mem, &sorted, n, sizeof *out)) {
		vec_free(&s->mem, &items, sizeof *item);
		return false;
	}
	item = items.at;
	out = sorted.at;
	for (size_t i = 0; i < n; i++)
		item[i] = (struct sort_item){key_of(&p[i]), i};
	sort_items(item, item + n, n, by_prefix, p);
	for (size_t i = 0; i < n; i++)
		if (!left || !manrs_prefix_covers(&out[left - 1], &p[item[i].at]))
			out[left++] = p[item[i].at];
	vec_free(&s->mem, &items, sizeof *item);
	vec_free(&s->mem, &s->prefix, sizeof *out);
	assert(left > 0 && left <= n);
	sorted.n = s->clean = left;
	s->prefix = sorted;
	return true;
}

/* ---- numbers ---- */

static int error_of(mp_err err)
{
	return err == MP_OKAY ? MANRS_OK : err == MP_MEM ? MANRS_ENOMEM : MANRS_EINVAL;
}

/* Digits alone, and not too many of them. */
static int read_number(mp_int *n, const char *text)
{
	size_t len = 0;

	while (text[len] >= '0' && text[len] <= '9' && len <= MANRS_NUMBER_DIGITS)
		len++;
	if (!len || len > MANRS_NUMBER_DIGITS || text[len])
		return MANRS_ESYNTAX;
	return error_of(mp_read_radix(n, text, 10));
}

/* The number's text, with at least `least` digits. */
static int write_digits(const mp_int *n, size_t least, char *digits, size_t cap)
{
	size_t len;
	int rc = error_of(mp_to_radix(n, digits, cap, &len, 10));

	if (rc != MANRS_OK)
		return rc;
	assert(len > 0 && len <= cap && least < cap);
	len--;
	if (len < least) {
		memmove(digits + least - len, digits, len + 1);
		memset(digits, '0', least - len);
	}
	return MANRS_OK;
}

static int put(const char *from, char *text, size_t cap)
{
	size_t len = strlen(from);

	if (len >= cap)
		return MANRS_ELIMIT;
	memcpy(text, from, len + 1);
	return (int)len;
}

static int write_number(const mp_int *n, char *text, size_t cap)
{
	char digits[MANRS_NUMBER_DIGITS + 8];
	int rc = write_digits(n, 1, digits, sizeof digits);

	return rc == MANRS_OK ? put(digits, text, cap) : rc;
}

/* sum += count * 2^shift */
static mp_err add_power(mp_int *sum, mp_int *tmp, uint64_t count, unsigned shift)
{
	mp_err err;

	mp_set_u64(tmp, count);
	err = mp_mul_2d(tmp, (int)shift, tmp);
	return err == MP_OKAY ? mp_add(sum, tmp, sum) : err;
}

/* The sum over lengths, as text. */
static int write_sum(const uint64_t *count, unsigned bits, char *text, size_t cap)
{
	mp_int sum, tmp;
	mp_err err = mp_init_multi(&sum, &tmp, NULL);
	int rc;

	if (err != MP_OKAY)
		return error_of(err);
	for (unsigned len = 0; len <= bits && err == MP_OKAY; len++)
		if (count[len])
			err = add_power(&sum, &tmp, count[len], bits - len);
	rc = err == MP_OKAY ? write_number(&sum, text, cap) : error_of(err);
	mp_clear_multi(&sum, &tmp, NULL);
	return rc;
}

int manrs_space_count(manrs_space *s, int family, char *text, size_t cap)
{
	const manrs_prefix *p;
	uint64_t count[129] = {0};

	if (family != 4 && family != 6)
		return MANRS_EINVAL;
	if (!tidy(s))
		return MANRS_ENOMEM;
	p = s->prefix.at;
	for (size_t i = 0; i < s->prefix.n; i++)
		count[p[i].len] += p[i].family == family;
	return write_sum(count, family_bits((unsigned)family), text, cap);
}

int manrs_space_common(manrs_space *a, manrs_space *b, int family, char *text, size_t cap)
{
	const manrs_prefix *p, *q;
	uint64_t count[129] = {0};

	if (family != 4 && family != 6)
		return MANRS_EINVAL;
	if (!tidy(a) || !tidy(b))
		return MANRS_ENOMEM;
	p = a->prefix.at;
	q = b->prefix.at;
	/* Both are disjoint and in order: of two prefixes one covers the other, or the lower one is done with. */
	for (size_t i = 0, j = 0; i < a->prefix.n && j < b->prefix.n;) {
		bool outer = manrs_prefix_covers(&p[i], &q[j]),
		     inner = manrs_prefix_covers(&q[j], &p[i]);

		assert(i == 0 || manrs_prefix_cmp(&p[i - 1], &p[i]) < 0);
		assert(j == 0 || manrs_prefix_cmp(&q[j - 1], &q[j]) < 0);
		if (outer && q[j].family == family)
			count[q[j].len]++;
		else if (inner && p[i].family == family)
			count[p[i].len]++;
		if (outer || (!inner && manrs_prefix_cmp(&q[j], &p[i]) < 0))
			j++;
		else
			i++;
	}
	return write_sum(count, family_bits((unsigned)family), text, cap);
}

int manrs_number_sum(const char *a, const char *b, char *text, size_t cap)
{
	mp_int x, y;
	mp_err err = mp_init_multi(&x, &y, NULL);
	int rc;

	if (err != MP_OKAY)
		return error_of(err);
	rc = read_number(&x, a);
	rc = rc == MANRS_OK ? read_number(&y, b) : rc;
	rc = rc == MANRS_OK ? error_of(mp_add(&x, &y, &x)) : rc;
	rc = rc == MANRS_OK ? write_number(&x, text, cap) : rc;
	mp_clear_multi(&x, &y, NULL);
	return rc;
}

int manrs_number_cmp(const char *a, const char *b, int *order)
{
	mp_int x, y;
	mp_err err = mp_init_multi(&x, &y, NULL);
	int rc;

	if (err != MP_OKAY)
		return error_of(err);
	rc = read_number(&x, a);
	rc = rc == MANRS_OK ? read_number(&y, b) : rc;
	if (rc == MANRS_OK)
		*order = (int)mp_cmp(&x, &y);
	mp_clear_multi(&x, &y, NULL);
	return rc;
}

/* x = floor(x * 10^digits / y) */
static int divide(mp_int *x, const mp_int *y, unsigned digits)
{
	mp_err err = MP_OKAY;

	if (mp_iszero(y))
		return MANRS_ERANGE;
	for (unsigned i = 0; i < digits && err == MP_OKAY; i++)
		err = mp_mul_d(x, 10, x);
	return error_of(err == MP_OKAY ? mp_div(x, y, x, NULL) : err);
}

static int write_ratio(const mp_int *x, unsigned digits, char *text, size_t cap)
{
	char all[MANRS_NUMBER_DIGITS + RATIO_DIGITS + 8];
	size_t len;
	int rc = write_digits(x, digits + 1, all, sizeof all - 1);

	if (rc != MANRS_OK)
		return rc;
	if (digits) {
		len = strlen(all);
		assert(len > digits);
		memmove(all + len - digits + 1, all + len - digits, digits + 1);
		all[len - digits] = '.';
	}
	return put(all, text, cap);
}

int manrs_number_ratio(const char *part, const char *whole, unsigned digits, char *text, size_t cap)
{
	mp_int x, y;
	mp_err err;
	int rc;

	if (digits > RATIO_DIGITS)
		return MANRS_ERANGE;
	err = mp_init_multi(&x, &y, NULL);
	if (err != MP_OKAY)
		return error_of(err);
	rc = read_number(&x, part);
	rc = rc == MANRS_OK ? read_number(&y, whole) : rc;
	rc = rc == MANRS_OK ? divide(&x, &y, digits) : rc;
	rc = rc == MANRS_OK ? write_ratio(&x, digits, text, cap) : rc;
	mp_clear_multi(&x, &y, NULL);
	return rc;
}
