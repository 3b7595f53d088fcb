/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_SLURM_H
#define MANRS_SLURM_H

/*
 * Local exceptions as a file (SLURM): version 1 (RFC 8416) and version 2 with ASPAs (draft-ietf-sidrops-aspa-slurm).
 *
 *     manrs_slurm_file_read(&file, bytes, n, ...)     once it is in memory
 *       manrs_slurm_file_issues(file, ...)            what was passed over in it
 *       manrs_edit_slurm(edit, manrs_slurm_file_slurm(file), ...)
 *     manrs_slurm_file_free(file)
 *
 * RFC 8416 section 3.1 has every deviation be an error, so one refuses the whole file: a filter that was left out or an
 * assertion that was read shorter than it was meant would change what is valid in silence. Errors are, among others: a
 * member that is missing, twice, or of the wrong type (numbers in quotes too); an unknown member; a known one in other
 * spelling (`ASN`, `maxLength`: the fault says which may be meant); null in a required
 * member; a filter that is empty, or that nulls leave empty, for it would drop everything; a length outside its prefix.
 *
 * Two departures, each an issue and no error:
 *
 *     null in an optional member (comment, maxPrefixLength, asn of a filter with a prefix) means that it is absent;
 *     attributes of a registry's own objects (source, mnt-by, remarks, descr...) in an entry change nothing.
 *
 * A byte order mark is passed over.
 *
 * threads: a document is only read once it is made, by any thread
 */

#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_slurm_file manrs_slurm_file;

/*
 * Read a whole file.
 * in:      bytes[n]
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL (an entry that contradicts itself, host bits),
 *          MANRS_ELIMIT (nested too deep, a token or a list too long), MANRS_EUNSUP (another version), MANRS_ENOMEM;
 *          fault->at = offset, fault->line; manrs_fault_text shows the member and its value
 * owns:    the caller frees *file with manrs_slurm_file_free
 * source:  RFC 8416 section 3, draft-ietf-sidrops-aspa-slurm
 */
MANRS_API int manrs_slurm_file_read(manrs_slurm_file **file, const void *bytes, size_t n,
				    const manrs_alloc *alloc, manrs_fault *fault);
MANRS_API void manrs_slurm_file_free(manrs_slurm_file *file); /* NULL is allowed */

/*
 * The exceptions, as manrs_edit_slurm takes them. An assertion without maxPrefixLength has maxlen = len; providers are
 * brought into order, and an AS0 beside others is left out of them.
 * owns:    valid until manrs_slurm_file_free. Its size is the library's: of an older library it may end before members that the
 *          host's headers have
 */
MANRS_API const manrs_slurm *manrs_slurm_file_slurm(const manrs_slurm_file *file);

/*
 * What was passed over, the first of each kind: at, line, what; code MANRS_OK for a null, MANRS_EUNSUP for a member that
 * RFC 8416 does not have.
 * out:     *issues is set; *all (may be NULL) counts every one
 * returns: how many there are at *issues
 * owns:    valid until manrs_slurm_file_free
 */
MANRS_API size_t manrs_slurm_file_issues(const manrs_slurm_file *file, const manrs_fault **issues,
					 uint64_t *all);

#ifdef __cplusplus
}
#endif

#endif
