# What man.awk and numbers.awk both need to make manual pages of public headers. `-v version=0.2.0 -v date=2026-11-27`.

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

# From the line that opens a comment to the one that closes it: its text, without the stars.
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

function title(page) {
	printf ".TH %s 3 \"%s\" \"libmanrs %s\" \"libmanrs\"\n", toupper(page), date, version
}
