# Makes a manual page of section 3 from a public header (with text.awk): its opening comment is the description, then every
# declaration with the comment above it; SEE ALSO names the headers that it includes and those that its comments name, of
# those in index_of. For libmanrs.3.in it copies the text and puts the list of pages, with the first sentence of each header
# in index_of, at the line "@PAGES@".

# A paragraph starts before the next line, but not right after a heading.
function paragraph() {
	waiting = 1
}

function put(line) {
	if (waiting && !fresh && line !~ /^\.SH/)
		print ".PP"
	waiting = 0
	fresh = line ~ /^\.SH/
	print line
}

function drawing(on) {
	if (on && !drawn) {
		paragraph()
		put(".nf")
	}
	if (!on && drawn)
		print ".fi"
	drawn = on
}

# A comment: paragraphs, "key: text" items, and indented lines, which are kept as drawn.
function show(text,    lines, n, i, line, key, in_item) {
	n = split(text, lines, "\n")
	paragraph()
	for (i = 1; i <= n; i++) {
		line = lines[i]
		if (line ~ /^ *$/) {
			drawing(0)
			in_item = 0
			if (i < n && i > 1)
				paragraph()
		} else if (line ~ /^[a-z]+: +[^ ]/) {
			drawing(0)
			key = line
			sub(/:.*/, "", key)
			sub(/^[a-z]+: */, "", line)
			waiting = 0
			put(".TP\n.B " key "\n" escape(line))
			in_item = 1
		} else if (line ~ /^ / && !in_item) {
			drawing(1)
			put(escape(line))
		} else {
			drawing(0)
			sub(/^ +/, "", line)
			put(escape(line))
		}
	}
	drawing(0)
	paragraph()
}

function code(text,    lines, n, i) {
	n = split(text, lines, "\n")
	paragraph()
	put(".nf")
	for (i = 1; i <= n; i++)
		print escape(lines[i])
	print ".fi"
}

# From the first line of a declaration to its end: a semicolon outside braces.
function read_declaration(    text, depth, line) {
	text = ""
	depth = 0
	for (;;) {
		line = $0
		text = text (text == "" ? "" : "\n") line
		gsub(/\/\*.*\*\//, "", line)
		depth += gsub(/{/, "{", line) - gsub(/}/, "}", line)
		if (depth == 0 && line ~ /; *$/)
			return text
		if ((getline) <= 0)
			return text
	}
}

function first_comment(file,    line, text, on) {
	while ((getline line < file) > 0) {
		if (line ~ /SPDX/)
			continue
		if (line ~ /^\/\*/)
			on = 1
		if (!on)
			continue
		text = text " " line
		if (line ~ /\*\//)
			break
	}
	close(file)
	gsub(/\/\*|\*\/| \* ?/, " ", text)
	gsub(/  +/, " ", text)
	return sentence(text)
}

FILENAME ~ /\.in$/ {
	if (FNR == 1)
		title("libmanrs")
	if ($0 == "@PAGES@") {
		for (i = 1; i <= n_headers; i++)
			if (headers[i] !~ /\/manrs\.h$/)
				print ".TP\n.BR " page_of(headers[i]) " (3)\n" escape(first_comment(headers[i]))
	} else {
		print
	}
	next
}

BEGIN {
	n_headers = split(index_of, headers, " ")
	for (i = 1; i <= n_headers; i++) {
		name = headers[i]
		sub(/.*\//, "", name)
		public[name] = 1
	}
}

# Every public header that a line names is another page to see.
function see(line,    name) {
	while (match(line, /[a-z_]+\.h/)) {
		name = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if ((name in public) && !(name in seen) && name != "manrs.h" && FILENAME !~ ("/" name "$")) {
			seen[name] = 1
			also_page[++also] = page_of(name)
		}
	}
}

# Declarations that follow each other are shown together, and then the comment above them.
function flush() {
	if (group == "")
		return
	code(group)
	if (about != "")
		show(about)
	group = ""
}
function add(text) {
	if (comment != "")
		flush()
	if (group == "")
		about = comment
	comment = ""
	group = group (group == "" ? "" : "\n") text
}
unclosed { group = group "\n" $0; unclosed = !/\*\//; next }
/^#define MANRS_[A-Z0-9_]+(\([a-z]+\))?[ \t]/ && !/MANRS_API/ {
	if (!opened)
		next
	numbers = 1
	add($0)
	unclosed = /\/\*/ && !/\*\//
	next
}
!/^MANRS_API/ { flush() }

/^\/\* SPDX/ { next }
/^#include <manrs/ { see($0) }
/^#ifdef __cplusplus/ { skipping = 1; next }
skipping { if (/^#endif/) skipping = 0; next }

/^\/\*/ {
	comment = read_comment()
	see(comment)
	if (!opened) {
		opened = 1
		title(page_of(FILENAME))
		print ".SH NAME\n" page_of(FILENAME) " \\- " escape(sentence(comment))
		file = FILENAME
		sub(/.*include\//, "", file)
		print ".SH SYNOPSIS\n.nf\n#include <" file ">\n.fi\n.PP\nLink with \\fB\\-lmanrs\\fP."
		put(".SH DESCRIPTION")
		show(comment)
		comment = ""
	} else if (comment ~ /^-+ .* -+$/) {
		gsub(/^-+ | -+$/, "", comment)
		put(".SH " toupper(escape(comment)))
		comment = ""
	}
	next
}

/^(MANRS_API|typedef|enum|struct)/ {
	text = read_declaration()
	see(text)
	if (text ~ /(^|\n)enum/)
		numbers = 1
	gsub(/MANRS_API /, "", text)
	add(text)
	next
}

/^$/ { comment = "" }

END {
	if (FILENAME !~ /\.in$/) {
		print ".SH SEE ALSO"
		for (i = 1; i <= also; i++)
			print ".BR " also_page[i] " (3),"
		print (numbers ? ".BR manrs_numbers (3),\n" : "") ".BR libmanrs (3),\n.BR manrs (1)"
	}
}
