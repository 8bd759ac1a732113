# SPDX-License-Identifier: MIT
"""Who does not exist on the other side is named as such, once, with the sender's own id."""

from e2e_case import case


@case()
async def unknown_xmpp_user_is_480(world):
    status = await world.bob.chat(world.uri("who@xmpp.example"), "hello?")
    assert status == 480, status


@case()
async def unknown_sip_user_is_item_not_found(world):
    ann = await world.log_in()
    ident = ann.chat("nobody@sip.xmpp.example", "hello?")
    condition, text = await ann.expect_error(ident)
    assert condition == "item-not-found", condition
    assert text, "no words for the person"


@case()
async def a_refused_text_names_the_reason(world):
    ann, bob = await world.log_in(), world.bob
    for status, expected in ((403, "forbidden"), (486, "recipient-unavailable"), (603, "recipient-unavailable")):
        bob.refuse = {"MESSAGE": status, "INVITE": status}
        condition, _ = await ann.expect_error(ann.chat(world.jid(bob), f"expect {status}"))
        assert condition == expected, f"{status} became {condition}"
    bob.refuse = {}
    ann.chat(world.jid(bob), "and now?")
    await bob.expect_text("and now?")


@case()
async def unknown_domain_is_refused_not_relayed(world):
    status = await world.bob.page("sip:ann@elsewhere.example", "relay this")
    assert status in (403, 404), status


@case()
async def watching_an_unknown_sip_user_ends(world):
    ann = await world.log_in()
    ann.presence(kind="subscribe", to="nobody@sip.xmpp.example")
    await ann.inbox.expect(lambda s: s.name == "presence" and s.xml.get("type") in ("unsubscribed", "error") and
                           s["from"].bare == "nobody@sip.xmpp.example", "a refusal")
