/* SPDX-License-Identifier: MIT */
#include "mapping/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct {
	struct str html, text;
} rows[] = {
	/* lines */
	{ STR_INIT("<div>one</div><div>two</div>"), STR_INIT("one\ntwo") },
	{ STR_INIT("<div>one</div><div><br></div><div>two</div>"), STR_INIT("one\n\ntwo") },
	{ STR_INIT("a<br/><br><br /><br><br><br>b"), STR_INIT("a\n\n\nb") },
	{ STR_INIT("<pre>if x:\n    y\n</pre>done"), STR_INIT("if x:\n    y\ndone") },
	{ STR_INIT("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>"), STR_INIT("a b\nc") },
	/* lists */
	{ STR_INIT("Buy:<ul><li>milk</li><li>tea</li></ul>now"), STR_INIT("Buy:\n- milk\n- tea\nnow") },
	/* references */
	{ STR_INIT("&lt;b&gt; &amp;amp; &copy;&eacute;&hellip;&#8364;&#x1F600; &nosuch; &amp"),
		STR_INIT("<b> &amp; \xc2\xa9\xc3\xa9\xe2\x80\xa6\xe2\x82\xac\xf0\x9f\x98\x80 &nosuch; &amp") },
	/* links: the address is shown where the text does not say it */
	{ STR_INIT("see <a href=\"http://a.example/x?a=1&amp;b=2\">this page</a>!"),
		STR_INIT("see this page <http://a.example/x?a=1&b=2>!") },
	{ STR_INIT("<a href='https://a.example/'>a.example</a>"), STR_INIT("a.example") },
	{ STR_INIT("<a href=mailto:bob@a.example>bob@a.example</a>"), STR_INIT("bob@a.example") },
	{ STR_INIT("<A HREF=\"http://a.example/?a=1&amp;amp;b=2\">http://a.example/?a=1&amp;b=2</A>"),
		STR_INIT("http://a.example/?a=1&b=2") },
	{ STR_INIT("<a href=\"http://evil.example/\">http://bank.example/</a>"),
		STR_INIT("http://bank.example/ <http://evil.example/>") },
	{ STR_INIT("<a href=\"javascript:x()\">click</a>"), STR_INIT("click") },
	{ STR_INIT("<a name=top>here</a>"), STR_INIT("here") },
	{ STR_INIT("<a href=http://a.example/>never closed"), STR_INIT("never closed <http://a.example/>") },
	/* pictures */
	{ STR_INIT("<img src=x.gif alt=\"(smile)\"> <img src='data:image/png;base64,AA=='>"),
		STR_INIT("(smile) [picture]") },
	/* a > inside of quotes ends no tag, a quote that is never closed is none */
	{ STR_INIT("<span title=\"a > b\">x</span>"), STR_INIT("x") },
	{ STR_INIT("<span title=\"a>x</span> 'y"), STR_INIT("x 'y") },
	/* what Communicator sends */
	{ STR_INIT("<span style=\"font-family:'Segoe UI';color:#000000;font-size:10pt\">Lunch?</span>"),
		STR_INIT("Lunch?") },
};

static void a_document_is_what_people_would_read(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text = map_html_to_text(&a, rows[i].html);

		if (!str_eq(text, rows[i].text))
			fail_msg("row %zu: \"" STR_FMT "\"", i, STR_ARG(text));
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_document_is_what_people_would_read) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
