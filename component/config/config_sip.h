/* SPDX-License-Identifier: MIT */
/* The configuration as the SIP side wants it; `serve` and `check` say the same. */
#ifndef TOMBOLO_CONFIG_SIP_H
#define TOMBOLO_CONFIG_SIP_H

#include "component/config/config.h"
#include "mapping/base/arena.h"

/* Borrows c's strings and arrays; the rest lies in the arena. installation and start are the caller's to fill. */
struct sipside_config config_sip(struct arena *a, const struct config *c);

#endif
