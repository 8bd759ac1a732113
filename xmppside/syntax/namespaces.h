/* SPDX-License-Identifier: MIT */
/* The XML namespaces this side reads and writes. */
#ifndef TOMBOLO_NAMESPACES_H
#define TOMBOLO_NAMESPACES_H

#define NS_COMPONENT "jabber:component:accept" /* XEP-0114; as good as jabber:client */
#define NS_CLIENT "jabber:client"
#define NS_STREAM "http://etherx.jabber.org/streams"
#define NS_STREAM_ERROR "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZA_ERROR "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_XML "http://www.w3.org/XML/1998/namespace"
#define NS_CHATSTATES "http://jabber.org/protocol/chatstates" /* XEP-0085 */
#define NS_RECEIPTS "urn:xmpp:receipts" /* XEP-0184 */
#define NS_MARKERS "urn:xmpp:chat-markers:0" /* XEP-0333 */
#define NS_HINTS "urn:xmpp:hints" /* XEP-0334 */
#define NS_MUC_USER "http://jabber.org/protocol/muc#user" /* XEP-0045 */
#define NS_CONFERENCE "jabber:x:conference" /* XEP-0249 */
#define NS_CORRECT "urn:xmpp:message-correct:0" /* XEP-0308 */
#define NS_REACTIONS "urn:xmpp:reactions:0" /* XEP-0444 */
#define NS_SID "urn:xmpp:sid:0" /* XEP-0359 */
#define NS_DELAY "urn:xmpp:delay" /* XEP-0203 */
#define NS_IDLE "urn:xmpp:idle:1" /* XEP-0319 */
#define NS_NICK "http://jabber.org/protocol/nick" /* XEP-0172 */
#define NS_CARBONS "urn:xmpp:carbons:2" /* XEP-0280 */
#define NS_FORWARD "urn:xmpp:forward:0" /* XEP-0297 */
#define NS_MAM_PREFIX "urn:xmpp:mam:" /* XEP-0313, any version */
#define NS_DISCO_INFO "http://jabber.org/protocol/disco#info" /* XEP-0030 */
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_VERSION "jabber:iq:version" /* XEP-0092 */
#define NS_PING "urn:xmpp:ping" /* XEP-0199 */
#define NS_BRIDGE "urn:tombolo:0" /* our own: Max-Forwards carried across */

#endif
