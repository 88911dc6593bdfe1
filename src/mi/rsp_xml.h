/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The documents gdb asks for with qXfer: target description (gdb manual,
 * appendix G), thread list, library list (appendix E). Names in them come from
 * the dump and are made harmless.
 */
#ifndef KD_MI_RSP_XML_H
#define KD_MI_RSP_XML_H

#include "mi/rsp_packet.h"
#include "mi/rsp_target.h"

/* Longest document, in bytes. A list that would be longer ends early, well-formed. */
#define RSP_DOCUMENT_MAX ((size_t)64 << 20)

/* Append a document to B; it turns failed when out of memory. */
void rsp_xml_features(struct rsp_buf *b, const struct rsp_target *t);
void rsp_xml_threads(struct rsp_buf *b, const struct rsp_target *t);
void rsp_xml_libraries(struct rsp_buf *b, const struct rsp_target *t);

/* Append TEXT with markup escaped; what is not printable ASCII becomes '?'. */
void rsp_xml_text(struct rsp_buf *b, const char *text);

#endif
