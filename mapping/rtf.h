/* SPDX-License-Identifier: MIT */
/* What a Rich Text document says in plain text (RTF 1.9 as RichEdit and Communicator write it). */
#ifndef TOMBOLO_RTF_H
#define TOMBOLO_RTF_H

#include "mapping/base/arena.h"

/* Paragraphs, line breaks, tabs, special characters, \u and \' in the document's and its fonts' code pages; a picture is
 * "[picture]". What is not text (font and colour tables, field instructions, unknown \* destinations) is dropped. Bytes of a
 * double-byte code page become U+FFFD: who writes those writes \u beside them. Any rubbish gives some text; linear time.
 * False: it does not begin as RTF does. */
bool map_rtf_to_text(struct arena *a, struct str rtf, struct str *out);

#endif
