#!/bin/sh
# Two copies of the library in one process, loaded with dlopen: this build, and one of another version under another SONAME
# and version node, opened in either order and each way; neither answers for the other.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

cat >"$out/host.c" <<'C'
#include <dlfcn.h>
#include <manrs/manrs.h>
#include <stdio.h>
#include <string.h>

struct copy {
	void *handle;
	const char *(*version)(void);
	int (*parse)(manrs_prefix *, const char *, size_t, manrs_fault *);
	int (*trie_new)(manrs_trie **, const manrs_alloc *);
	int (*set)(manrs_trie *, const manrs_prefix *, uint64_t);
	int (*match)(const manrs_trie *, const manrs_prefix *, manrs_prefix *, uint64_t *);
	void (*trie_free)(manrs_trie *);
	int (*owner_new)(manrs_db_owner **, const manrs_db_config *);
	int (*begin)(manrs_edit **, manrs_db_owner *, const manrs_db *);
	int (*vrps)(manrs_edit *, uint32_t, int, const manrs_route *, size_t, manrs_counts *, manrs_fault *);
	int (*commit)(manrs_edit *, manrs_db **);
	int (*rov)(const manrs_db *, const manrs_route *);
	void (*unref)(const manrs_db *);
	int (*owner_free)(manrs_db_owner *);
	manrs_trie *trie;
	manrs_db_owner *owner;
	manrs_db *db;
};

static int find(struct copy *c, const char *name, void *place)
{
	void *symbol = dlsym(c->handle, name);
	memcpy(place, &symbol, sizeof symbol);
	return symbol != NULL;
}

static int open_copy(struct copy *c, const char *path, int flags)
{
	c->handle = dlopen(path, flags);
	if (!c->handle) {
		printf("%s\n", dlerror());
		return 0;
	}
	return find(c, "manrs_version", &c->version) && find(c, "manrs_prefix_parse", &c->parse) &&
	       find(c, "manrs_trie_new", &c->trie_new) && find(c, "manrs_trie_set", &c->set) &&
	       find(c, "manrs_trie_match", &c->match) && find(c, "manrs_trie_free", &c->trie_free) &&
	       find(c, "manrs_db_owner_new", &c->owner_new) && find(c, "manrs_edit_begin", &c->begin) &&
	       find(c, "manrs_edit_vrps", &c->vrps) && find(c, "manrs_edit_commit", &c->commit) &&
	       find(c, "manrs_rov_check", &c->rov) && find(c, "manrs_db_unref", &c->unref) &&
	       find(c, "manrs_db_owner_free", &c->owner_free);
}

static int fill(struct copy *c, uint32_t asn)
{
	manrs_route route = {.asn = asn};
	manrs_edit *edit;

	if (c->parse(&route.prefix, "192.0.2.0/24", 12, NULL) || c->trie_new(&c->trie, NULL) ||
	    c->set(c->trie, &route.prefix, asn) != 1)
		return 0;
	return !c->owner_new(&c->owner, NULL) && !c->begin(&edit, c->owner, NULL) &&
	       !c->vrps(edit, 0, MANRS_ADD, &route, 1, NULL, NULL) && !c->commit(edit, &c->db);
}

static int holds(struct copy *c, uint32_t asn, uint32_t other)
{
	manrs_route route = {.asn = asn};
	uint64_t value = 0;

	c->parse(&route.prefix, "192.0.2.0/24", 12, NULL);
	if (c->match(c->trie, &route.prefix, NULL, &value) || value != asn || c->rov(c->db, &route) != MANRS_ROV_VALID)
		return 0;
	route.asn = other;
	return c->rov(c->db, &route) == MANRS_ROV_INVALID;
}

static int end(struct copy *c)
{
	c->trie_free(c->trie);
	c->unref(c->db);
	return !c->owner_free(c->owner) && !dlclose(c->handle);
}

int main(int argc, char **argv)
{
	int flags = RTLD_NOW | (argc > 3 && !strcmp(argv[3], "global") ? RTLD_GLOBAL : RTLD_LOCAL);
	struct copy a = {0}, b = {0};

	if (argc < 3 || !open_copy(&a, argv[1], flags) || !open_copy(&b, argv[2], flags))
		return 1;
	if (a.rov == b.rov || !strcmp(a.version(), b.version())) {
		printf("both are version %s\n", a.version());
		return 2;
	}
	if (!fill(&a, 64496) || !fill(&b, 64497) || !holds(&a, 64496, 64497) || !holds(&b, 64497, 64496))
		return 3;
	if (!end(&a) || !holds(&b, 64497, 64496) || !end(&b))
		return 4;
	return 0;
}
C

case_() { # what, command...
	what=$1
	shift
	if "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		echo "$what: exit $?: $(cat "$out/log")"
		failed=$((failed + 1))
	fi
}

# Another version: the same objects but the one that holds the version.
mkdir "$out/next"
cp -r include "$out/next/include"
sed -i 's/^#define MANRS_VERSION_MAJOR .*/#define MANRS_VERSION_MAJOR 9/' "$out/next/include/manrs/base.h"
sed 's/^MANRS_[0-9.]* {/MANRS_9.0 {/; s/^} MANRS_[0-9.]*;/};/' lib/manrs.map >"$out/next/map"
# shellcheck disable=SC2046,SC2086
case_ "another version builds" $CC -std=c11 -O1 -fPIC -fvisibility=hidden $CFLAGS -shared -I"$out/next/include" -Ilib \
	-Wl,-soname,libmanrs.so.9 -Wl,--version-script="$out/next/map" -o "$out/next/libmanrs.so.9" lib/base/base.c \
	$(for source in lib/*/*.c; do
		object=$B/${source%.c}.o
		[ "$source" != lib/base/base.c ] && [ -f "$object" ] && echo "$object"
	done) -ltommath
# shellcheck disable=SC2086
case_ "the host builds" $CC -std=c11 $CFLAGS -Iinclude -o "$out/host" "$out/host.c" -ldl
here=$(cd "$B" && pwd)/libmanrs.so
for way in local global; do
	case_ "this, then the other, $way" "$out/host" "$here" "$out/next/libmanrs.so.9" $way
	case_ "the other, then this, $way" "$out/host" "$out/next/libmanrs.so.9" "$here" $way
done
if "$out/host" "$here" "$here" >/dev/null 2>&1; then
	echo "one library opened twice was taken for two versions"
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
