#!/bin/sh
# A program that only uses the trie, linked statically with -Wl,--gc-sections, holds code of floors 0 to 2 alone (lib/base,
# lib/net, lib/table) and needs no other library than libc. Its size is printed.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

good() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "$1"
}

cat >"$out/trie.c" <<'C'
#include <manrs/trie.h>
#include <string.h>

int main(void)
{
	manrs_trie *trie;
	manrs_prefix key, found;
	uint64_t value = 0;
	const char *text = "192.0.2.0/24", *address = "192.0.2.77";

	if (manrs_trie_new(&trie, NULL) || manrs_prefix_parse(&key, text, strlen(text), NULL) ||
	    manrs_trie_set(trie, &key, 7) != 1 || manrs_address_parse(&key, address, strlen(address), NULL) ||
	    manrs_trie_match(trie, &key, &found, &value))
		return 1;
	manrs_trie_free(trie);
	return value == 7 && found.len == 24 ? 0 : 2;
}
C

# shellcheck disable=SC2086
if $CC -std=c11 -Os $CFLAGS -ffunction-sections -fdata-sections -Iinclude -o "$out/trie" "$out/trie.c" "$B/libmanrs.a" \
	-Wl,--gc-sections -Wl,-Map="$out/map" >"$out/log" 2>&1; then
	good
else
	bad "the program does not link without other libraries: $(cat "$out/log")"
fi
if "$out/trie"; then good; else bad "the program fails"; fi

# Members of the archive with any code or data that was kept.
awk '
	/^Linker script and memory map/ { on = 1 }
	on && /^ \.(text|rodata|data|bss)/ {
		line = $0
		if (NF == 1) { getline more; line = line more }
		n = split(line, f, " ")
		if (f[n] ~ /libmanrs\.a\(/ && f[n - 1] != "0x0" && f[n - 2] !~ /^0x0+$/) {
			member = f[n]
			sub(/.*\(/, "", member)
			sub(/\)$/, "", member)
			print member
		}
	}
' "$out/map" | sort -u >"$out/members"
[ -s "$out/members" ] && good || bad "nothing of the library in the map"

floors=
while read -r member; do
	source=$(ls lib/*/"${member%.o}.c" 2>/dev/null)
	if ! echo "$source" | grep -q '^lib/\(base\|net\|table\)/'; then
		bad "the trie pulls in $member ($source)"
	fi
	floors="$floors $source"
done <"$out/members"
if [ "$failed" = 0 ]; then good; fi
echo "a program with the trie:$floors"
size "$out/trie" | awk 'NR == 2 { print "its size: " $1 " bytes of code, " $2 + $3 " of data" }'
if nm "$out/trie" | grep -q ' [TtRr] manrs_\(db\|edit\|rov\|aspa\|check\|load\|urpf\)_'; then
	bad "upper floors are in the program: $(nm "$out/trie" | grep ' [TtRr] manrs_' | tr '\n' ' ')"
else
	good
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
