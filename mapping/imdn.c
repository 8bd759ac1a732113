/* SPDX-License-Identifier: MIT */
#include "mapping/imdn.h"
#include "mapping/address.h"
#include "mapping/document.h"
#include "mapping/timestamp.h"

/* RFC 5438 7.2: the kind of notification, the status inside it. */
static const struct {
	struct str notification, status;
	enum map_imdn_status is;
} rows[] = {
	{ STR_INIT("delivery-notification"), STR_INIT("delivered"), MAP_IMDN_DELIVERED },
	{ STR_INIT("delivery-notification"), STR_INIT("failed"), MAP_IMDN_FAILED },
	{ STR_INIT("delivery-notification"), STR_INIT("forbidden"), MAP_IMDN_FORBIDDEN },
	{ STR_INIT("delivery-notification"), STR_INIT("error"), MAP_IMDN_ERROR },
	{ STR_INIT("display-notification"), STR_INIT("displayed"), MAP_IMDN_DISPLAYED },
	{ STR_INIT("display-notification"), STR_INIT("forbidden"), MAP_IMDN_FORBIDDEN },
	{ STR_INIT("display-notification"), STR_INIT("error"), MAP_IMDN_ERROR },
};

static enum map_imdn_status status_of(const struct map_element *root)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct map_element *notification = map_document_child(root, rows[i].notification);
		const struct map_element *status =
			notification ? map_document_child(notification, STR("status")) : NULL;

		if (status && map_document_child(status, rows[i].status))
			return rows[i].is;
	}
	return MAP_IMDN_NONE;
}

void map_imdn_read(struct arena *a, struct str bytes, struct map_imdn *out)
{
	const struct map_element *root = map_document_read(a, bytes);
	const struct map_element *id = root ? map_document_child(root, STR("message-id")) : NULL;

	*out = (struct map_imdn){ .status = MAP_IMDN_NONE };
	if (!id || !str_eq(root->name, STR("imdn")))
		return;
	out->id = str_trim(id->text);
	out->status = status_of(root);
}

struct str map_imdn_write(struct arena *a, const struct map_imdn *imdn, const struct s_uri *recipient, int64_t unix_ms)
{
	const char *kind = imdn->status == MAP_IMDN_DISPLAYED ? "display" : "delivery";
	const char *status = imdn->status == MAP_IMDN_DISPLAYED ? "displayed" : "delivered";
	struct str uri = map_uri_print(a, recipient);
	struct buf b = { 0 };

	buf_lit(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<imdn "
		    "xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>");
	map_document_escape(&b, imdn->id);
	buf_printf(&b, "</message-id><datetime>" STR_FMT "</datetime><recipient-uri>",
		STR_ARG(map_timestamp_print(a, unix_ms)));
	map_document_escape(&b, uri);
	buf_lit(&b, "</recipient-uri><original-recipient-uri>");
	map_document_escape(&b, uri);
	buf_printf(&b, "</original-recipient-uri><%s-notification><status><%s/></status></%s-notification></imdn>",
		kind, status, kind);
	struct str made = arena_str(a, buf_str(&b));

	buf_finish(&b);
	return made;
}

void map_imdn_read_wish(struct str value, struct map_imdn_wish *wish)
{
	while (value.n) {
		struct str word = str_next(&value, ',');

		word = str_trim(str_next(&word, ';'));
		if (str_eq_nocase(word, STR("positive-delivery")))
			wish->delivery = true;
		else if (str_eq_nocase(word, STR("negative-delivery")))
			wish->failure = true;
		else if (str_eq_nocase(word, STR("display")))
			wish->display = true;
	}
}
