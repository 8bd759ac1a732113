/* SPDX-License-Identifier: MIT */
/* Flat writing of XML into a buffer. Whatever bytes it is given, what it writes is well-formed: one stanza that is not
 * would end the stream for everybody. */
#ifndef TOMBOLO_XML_WRITER_H
#define TOMBOLO_XML_WRITER_H

#include "mapping/base/str.h"

/* Character data; bytes that are no UTF-8 and characters XML forbids become U+FFFD. */
void xmppside_write_text(struct buf *out, struct str text);
/* The same for the inside of a quoted attribute value: line ends and tabs survive. */
void xmppside_write_value(struct buf *out, struct str value);
/* " name='value'" */
void xmppside_write_attr(struct buf *out, struct str name, struct str value);
/* "<name>text</name>" */
void xmppside_write_leaf(struct buf *out, struct str name, struct str text);

#endif
