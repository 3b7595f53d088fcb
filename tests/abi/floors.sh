# SPDX-License-Identifier: BSD-2-Clause
# Which floors a floor of the library stands on: for layers_test.sh, by what it includes, and calls_test.sh, by what it calls.
# Verdicts are the public calls of ROV and ASPA: BAR-SAV asks whether a route is Valid, and RFC 6811 and ASPA are told once, so
# uRPF asks by the public call; the inside of the check floor it does not know.

allowed() { # the floors that a floor may include
	case $1 in
	base) echo "base" ;;
	net) echo "base net" ;;
	table) echo "base net table" ;;
	text) echo "base net text" ;;
	wire) echo "base net wire" ;;
	data) echo "base net table data" ;;
	check) echo "base net table data verdicts check" ;;
	urpf) echo "base net table data verdicts urpf" ;;
	rib) echo "base net table data verdicts check rib" ;;
	audit) echo "base net table text wire data verdicts check urpf rib audit" ;;
	esac
}
