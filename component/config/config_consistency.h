/* SPDX-License-Identifier: MIT */
/* What must hold between keys: inheritance, defaults that depend on others, contradictions. */
#ifndef TOMBOLO_CONFIG_CONSISTENCY_H
#define TOMBOLO_CONFIG_CONSISTENCY_H

#include "component/config/config_value.h"

/* Fills what a domain inherits from xmpp {} and its own name; a mode = federated names the component by itself. */
void config_inherit(struct config_reading *r, const struct config *c, struct config_domain *d);
/* The whole, after every section was read. */
void config_judge(struct config_reading *r, const struct config *c);

#endif
