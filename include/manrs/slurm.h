/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_SLURM_H
#define MANRS_SLURM_H

/*
 * Local exceptions as a file (SLURM): version 1 (RFC 8416) and version 2 with ASPAs (draft-ietf-sidrops-aspa-slurm).
 *
 *     manrs_slurm_read(&doc, bytes, n, ...)     once the file is in memory
 *       manrs_slurm_issues(doc, ...)            what was left out of it
 *       manrs_edit_slurm(edit, manrs_slurm_of(doc), ...)
 *     manrs_slurm_free(doc)
 *
 * RFC 8416 section 3 calls every deviation an error. What is wrong with the document refuses all of it: no JSON, a
 * member that is missing, twice, of the wrong type or of a name that its version does not have. What is wrong with one
 * entry of a list leaves that entry out and is an issue. A host that wants the letter of the RFC refuses a file with
 * any issue.
 *
 * A member of unknown name inside a filter leaves the filter out, for it may have meant less than what would be read.
 * Inside an assertion it is passed over (registries add such remarks to every one of theirs), and the first of them in
 * the file is an issue with the code MANRS_EUNSUP.
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_slurm_doc manrs_slurm_doc;

/*
 * Read a whole file.
 * in:      bytes[n]
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ELIMIT (nested too deep, a token or a list too long), MANRS_EUNSUP (another
 *          version), MANRS_ENOMEM; fault->at = offset, fault->line
 * owns:    the caller frees *doc with manrs_slurm_free
 * threads: any
 * source:  RFC 8416 section 3, draft-ietf-sidrops-aspa-slurm
 */
MANRS_API int manrs_slurm_read(manrs_slurm_doc **doc, const void *bytes, size_t n, const manrs_alloc *alloc,
                               manrs_fault *fault);
MANRS_API void manrs_slurm_free(manrs_slurm_doc *doc); /* NULL is allowed */

/*
 * The exceptions, as manrs_edit_slurm takes them. An assertion without maxPrefixLength has maxlen = len; providers are
 * brought into order, and an AS0 beside others is left out of them.
 * owns:    valid until manrs_slurm_free
 */
MANRS_API const manrs_slurm *manrs_slurm_of(const manrs_slurm_doc *doc);

/*
 * The entries left out, the first thousand of them: at, line, what, code.
 * out:     *issues is set; *all (may be NULL) counts those that were not kept, too
 * returns: how many there are at *issues
 * owns:    valid until manrs_slurm_free
 */
MANRS_API size_t manrs_slurm_issues(const manrs_slurm_doc *doc, const manrs_fault **issues, uint64_t *all);

#ifdef __cplusplus
}
#endif

#endif
