/* SPDX-License-Identifier: MIT */
#include "mapping/typing.h"
#include "mapping/document.h"

static enum map_typing word(struct str said, struct str active)
{
	said = str_trim(said);
	if (str_eq_nocase(said, active))
		return MAP_TYPING_ACTIVE;
	return str_eq_nocase(said, STR("idle")) ? MAP_TYPING_IDLE : MAP_TYPING_NONE;
}

/* RFC 3994 3.3: the receiver waits as long as the sender says. Longer than an hour is no indication any more. */
static unsigned read_refresh(const struct map_element *root)
{
	const struct map_element *refresh = map_document_child(root, STR("refresh"));
	uint64_t seconds = 0;

	if (refresh)
		str_number(str_trim(refresh->text), 3600, &seconds);
	return (unsigned)seconds;
}

enum map_typing map_typing_read(struct arena *a, const struct s_body *body, unsigned *refresh_s)
{
	const struct map_element *root = map_document_read(a, body->bytes);

	*refresh_s = 0;
	if (root && str_eq_nocase(root->name, STR("KeyboardActivity"))) {
		const struct map_element *status = map_document_child(root, STR("status"));

		return status ? word(map_document_attribute(status, STR("status")), STR("type")) : MAP_TYPING_NONE;
	}
	if (root && str_eq_nocase(root->name, STR("isComposing"))) {
		const struct map_element *state = map_document_child(root, STR("state"));

		*refresh_s = read_refresh(root);
		return state ? word(state->text, STR("active")) : MAP_TYPING_NONE;
	}
	return MAP_TYPING_NONE;
}

static struct s_body keyboard_activity(bool active)
{
	static const struct str type = STR_INIT("application/xml"),
				active_bytes = STR_INIT("<?xml version=\"1.0\"?><KeyboardActivity>"
							"<status status=\"type\" /></KeyboardActivity>"),
				idle_bytes = STR_INIT("<?xml version=\"1.0\"?><KeyboardActivity>"
						      "<status status=\"idle\" /></KeyboardActivity>");

	return (struct s_body){ .type = type, .bytes = active ? active_bytes : idle_bytes };
}

/* The stated refresh is when the receiver gives up, so it is our expiry, not our interval: one lost repeat is borne. */
static struct s_body is_composing(struct arena *a, bool active, const struct map_profile *profile)
{
	struct str refresh =
		active ? arena_printf(a, "<refresh>%u</refresh>", profile->typing_expiry_ms / 1000) : STR_NONE;

	return (struct s_body){
		.type = STR("application/im-iscomposing+xml"),
		.bytes = arena_printf(a,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
			"<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>%s</state>"
			"<contenttype>text/plain</contenttype>" STR_FMT "</isComposing>",
			active ? "active" : "idle", STR_ARG(refresh)),
	};
}

struct s_body map_typing_write(struct arena *a, enum map_typing typing, const struct map_profile *profile)
{
	bool active = typing == MAP_TYPING_ACTIVE;

	return profile->keyboard_activity ? keyboard_activity(active) : is_composing(a, active, profile);
}

enum map_typing map_typing_x2s(enum x_chat chat)
{
	static const enum map_typing table[X_CHATS] = {
		[X_CHAT_NONE] = MAP_TYPING_NONE,
		[X_CHAT_ACTIVE] = MAP_TYPING_IDLE,
		[X_CHAT_COMPOSING] = MAP_TYPING_ACTIVE,
		[X_CHAT_PAUSED] = MAP_TYPING_IDLE,
		[X_CHAT_INACTIVE] = MAP_TYPING_IDLE,
		[X_CHAT_GONE] = MAP_TYPING_NONE,
	};

	return table[chat];
}

enum x_chat map_typing_s2x(enum map_typing typing)
{
	static const enum x_chat table[] = {
		[MAP_TYPING_NONE] = X_CHAT_NONE,
		[MAP_TYPING_ACTIVE] = X_CHAT_COMPOSING,
		[MAP_TYPING_IDLE] = X_CHAT_ACTIVE, /* RFC 7573 6 */
	};

	return table[typing];
}
