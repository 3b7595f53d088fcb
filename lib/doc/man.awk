# Makes a manual page of section 3 from a public header: its opening comment is the description, then every declaration
# with the comment above it. `-v version=0.1.0 -v date=2026-11-23`. For libmanrs.3.in it copies the text and puts the list of pages, with
# the first sentence of each header named in index_of, at the line "@PAGES@".

function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	if (text ~ /^[.']/)
		text = "\\&" text
	return text
}

function page_of(file) {
	sub(/.*\//, "", file)
	sub(/\.h$/, "", file)
	return "manrs_" file
}

# The first sentence of a comment, on one line.
function sentence(text,    at) {
	gsub(/\n */, " ", text)
	sub(/^ */, "", text)
	at = match(text, /[.;]( |$)/)
	if (at)
		text = substr(text, 1, at - 1)
	return text
}

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

function read_comment(    line, text) {
	line = $0
	sub(/^\/\*+ */, "", line)
	text = ""
	for (;;) {
		if (line ~ /\*\//) {
			sub(/ *\*\/.*/, "", line)
			sub(/^ \* ?/, "", line)
			return text (line == "" ? "" : (text == "" ? "" : "\n") line)
		}
		sub(/^ \* ?/, "", line)
		if (line != "" || text != "")
			text = text (text == "" ? "" : "\n") line
		if ((getline line) <= 0)
			return text
		if (line ~ /^ \*\/$/)
			return text
	}
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

function title(page) {
	printf ".TH %s 3 \"%s\" \"libmanrs %s\" \"libmanrs\"\n", toupper(page), date, version
}

FILENAME ~ /\.in$/ {
	if (FNR == 1)
		title("libmanrs")
	if ($0 == "@PAGES@") {
		n = split(index_of, headers, " ")
		for (i = 1; i <= n; i++)
			if (headers[i] !~ /\/manrs\.h$/)
				print ".TP\n.BR " page_of(headers[i]) " (3)\n" escape(first_comment(headers[i]))
	} else {
		print
	}
	next
}

/^\/\* SPDX/ { next }
/^#ifdef __cplusplus/ { skipping = 1; next }
skipping { if (/^#endif/) skipping = 0; next }

/^\/\*/ {
	comment = read_comment()
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

/^#define MANRS_[A-Z0-9_]+ / && !/MANRS_API/ {
	if (!opened)
		next
	code($0)
	if (comment != "")
		show(comment)
	comment = ""
	next
}

/^(MANRS_API|typedef|enum|struct)/ {
	text = read_declaration()
	gsub(/MANRS_API /, "", text)
	code(text)
	if (comment != "")
		show(comment)
	comment = ""
	next
}

/^$/ { comment = "" }

END {
	if (FILENAME !~ /\.in$/)
		print ".SH SEE ALSO\n.BR libmanrs (3),\n.BR manrs (1)"
}
