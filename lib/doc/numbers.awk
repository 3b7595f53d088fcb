# Makes manrs_numbers(3) from the public headers (with text.awk): first every header is read, then manrs_numbers.3.in, which
# says in which order the constants come:
#
#     @enum manrs_rov@          the constants of this enum, under a heading of its own
#     @enum manrs_code text@    the same, with the text that each has: its name in small letters
#     @MANRS_ASPA_CONFED@       the block of #define lines that holds this one
#     @enums@ @defines@         what no line above has named, so that a new header needs no line here
#
# A constant's meaning is the comment on its line.

# Start a set of constants: an enum, or lines of #define that follow each other.
function open_set(name, about) {
	sets++
	set_name[sets] = name
	set_about[sets] = about
	set_page[sets] = page_of(FILENAME)
	set_first[sets] = constants + 1
}

# Keep "NAME = 1, /* why */" or "NAME 1 /* why */"; the comment may go on below.
function keep(line,    name, meaning) {
	match(line, /MANRS_[A-Z0-9_]+(\([a-z]+\))?/)
	name = substr(line, RSTART, RLENGTH)
	line = substr(line, RSTART + RLENGTH)
	sub(/^[ \t=]+/, "", line)
	meaning = ""
	if ((at = index(line, "/*")) > 0) {
		meaning = substr(line, at + 2)
		line = substr(line, 1, at - 1)
		while (meaning !~ /\*\// && (getline more) > 0) {
			sub(/^[ \t]*\*?/, "", more)
			meaning = meaning more
		}
		sub(/[ \t]*\*\/.*/, "", meaning)
		sub(/^[ \t]+/, "", meaning)
	}
	sub(/,?[ \t]*$/, "", line)
	constants++
	const_name[constants] = name
	const_value[constants] = value(line)
	const_meaning[constants] = meaning
	set_last[sets] = constants
	number[name] = const_value[constants]
	set_of[name] = sets
}

# A number as C writes it, a text, or all bits below a number that is known.
function value(text,    n, i, digit) {
	if (text ~ /^-?[0-9]+[uUlL]*$/) {
		sub(/[uUlL]+$/, "", text)
	} else if (text ~ /^0x[0-9a-f]+[uUlL]*$/) {
		sub(/[uUlL]+$/, "", text)
		for (i = 3; i <= length(text); i++)
			n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		text = n
	} else if (match(text, /1\) << MANRS_[A-Z]+\) - 1\)$/)) {
		text = 2 ^ number[substr(text, RSTART + 6, RLENGTH - 12)] - 1
	}
	return text
}

# In small letters, without what all the names of the set begin with.
function text_of(name, set,    first, n, i) {
	first = const_name[set_first[set]]
	for (n = length(first); n > 0; n--) {
		for (i = set_first[set]; i <= set_last[set]; i++)
			if (substr(const_name[i], 1, n) != substr(first, 1, n))
				break
		if (i > set_last[set] && substr(first, n, 1) == "_")
			break
	}
	name = tolower(substr(name, n + 1))
	gsub(/_/, "-", name)
	return name
}

function table(set, with_text,    i, text) {
	print ".TS\nl r lx."
	for (i = set_first[set]; i <= set_last[set]; i++) {
		text = with_text ? "\\fB" escape(text_of(const_name[i], set)) "\\fP: " : ""
		print const_name[i] "\t" escape(const_value[i]) "\tT{\n" text escape(const_meaning[i]) "\nT}"
	}
	print ".TE"
	shown[set] = 1
}

function enumeration(set, with_text) {
	print ".SS " set_name[set]
	if (set_about[set] != "")
		print escape(set_about[set]) "."
	print "See\n.BR " set_page[set] " (3).\n.PP"
	table(set, with_text)
}

FILENAME ~ /\.in$/ {
	if (FNR == 1) {
		print "'\\\" t"
		title("manrs_numbers")
		print ".ad l"
	}
	if ($0 !~ /^@.*@$/) {
		print
		next
	}
	gsub(/@/, "")
	if ($0 == "enums" || $0 == "defines") {
		for (set = 1; set <= sets; set++)
			if (!shown[set] && ($0 == "enums") == (set_name[set] ~ /^enum/)) {
				if ($0 == "enums")
					enumeration(set, 0)
				else
					table(set, 0)
			}
		next
	}
	found = 0
	if (/^enum/) {
		for (set = 1; set <= sets; set++)
			if (set_name[set] == "enum " $2) {
				enumeration(set, $3 == "text")
				found = 1
			}
	} else if ($1 in set_of) {
		print "See\n.BR " set_page[set_of[$1]] " (3).\n.PP"
		table(set_of[$1], 0)
		found = 1
	}
	if (!found) {
		print "numbers.awk: no header has " $0 >"/dev/stderr"
		exit 1
	}
	next
}

FNR == 1 { about = ""; inside = 0; block = 0 }

/^\/\*/ { about = sentence(read_comment()); block = 0; next }
/^enum/ { open_set("enum " $2, about); inside = 1; block = 0; next }
inside && /^};/ { inside = 0; about = ""; next }
inside && /MANRS_[A-Z0-9_]+ = / { keep($0); next }

/^#define MANRS_[A-Z0-9_]+(\([a-z]+\))?[ \t]/ && !/^#define MANRS_(API|VERSION)/ {
	if (!block)
		open_set("", about)
	block = 1
	sub(/^#define /, "")
	keep($0)
	next
}
{ block = 0 }
/^$/ { about = "" }
