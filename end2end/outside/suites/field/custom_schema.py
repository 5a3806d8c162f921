"""PATCH and filters of a custom schema. The server under test has CUSTOM_SCHEMA."""

import random

from suites.field.scim import CLIENT, CUSTOM, MUST, OPTIONAL, RUN, USER, Scim, expect, op, report


@report(
    "https://learn.microsoft.com/en-us/answers/questions/1693075/why-is-entra-id-sending-add-operations-instead-of",
    CLIENT,
    "as shown in the report",
)
def custom_list_as_objects(scim: Scim) -> None:
    """Entra sends values of a multi-valued text attribute as [{"value": "1"}]."""
    user = scim.user()
    after = scim.patch_and_read(user, op("Add", f"{CUSTOM}:skills", [{"value": "1"}]))
    expect(after.get(CUSTOM, {}).get("skills") == ["1"], '["1"]', after.get(CUSTOM))


@report(
    "https://learn.microsoft.com/en-us/answers/questions/1693075/why-is-entra-id-sending-add-operations-instead-of",
    CLIENT,
    "the form of every multi-valued attribute",
)
def custom_list_removed_as_objects(scim: Scim) -> None:
    """Entra removes values of a multi-valued text attribute as [{"value": "1"}]."""
    user = scim.user(**{CUSTOM: {"skills": ["a", "b", "c"], "floors": [1, 2]}})
    after = scim.patch_and_read(user, op("Remove", f"{CUSTOM}:skills", [{"value": "b"}]))
    expect(after[CUSTOM]["skills"] == ["a", "c"], "a and c", after[CUSTOM])


@report("https://github.com/keycloak/keycloak/issues/51525", MUST, "RFC 7644 §3.5.2.2")
def custom_list_filtered(scim: Scim) -> None:
    """A filtered remove on a multi-valued extension attribute removes every value."""
    user = scim.user(**{CUSTOM: {"skills": ["x", "y", "z"], "floors": [1, 2, 3]}})
    after = scim.patch_and_read(
        user, op("remove", f'{CUSTOM}:skills[value eq "x"]'), op("remove", f"{CUSTOM}:floors[value eq 2]")
    )
    expect(after[CUSTOM]["skills"] == ["y", "z"] and after[CUSTOM]["floors"] == [1, 3], "only that one", after[CUSTOM])
    after = scim.patch_and_read(user, op("remove", f"{CUSTOM}:skills", ["y"]))
    expect(after[CUSTOM]["skills"] == ["z"], "as a plain list", after[CUSTOM])
    scim.expect_found("Users", f'{CUSTOM}:skills eq "z" and id eq "{user["id"]}"', [user], [user])
    scim.expect_found("Users", f'{CUSTOM}:floors gt 2 and id eq "{user["id"]}"', [user], [user])
    scim.expect_found("Users", f'{CUSTOM}:skills[value sw "z"] and id eq "{user["id"]}"', [user], [user])


@report("https://github.com/wso2/product-is/issues/11678", MUST, "RFC 7644 §3.5.2.1")
def custom_list_added(scim: Scim) -> None:
    """Add to a simple multi-valued attribute replaces it."""
    user = scim.user(**{CUSTOM: {"skills": ["D1", "D2"]}})
    after = scim.patch_and_read(
        user,
        op("add", f"{CUSTOM}:skills", ["D2", "D3"]),
        op("add", f"{CUSTOM}:skills", "D4"),
        op("add", None, {CUSTOM: {"skills": ["D5"]}}),
    )
    expect(after[CUSTOM]["skills"] == ["D1", "D2", "D3", "D4", "D5"], "appended, each once", after[CUSTOM])


@report("https://coderapp.vercel.app/answer/77655790", OPTIONAL, "nothing is added; Microsoft calls it unsupported")
def custom_list_empty_object(scim: Scim) -> None:
    """Entra sends {} for an empty multi-valued attribute."""
    user = scim.user(**{CUSTOM: {"skills": ["a"]}})
    answer = scim.patch(user, op("add", f"{CUSTOM}:skills", {}), op("replace", "title", "T"))
    expect(answer.status == 200, "200, and the rest of the person is updated", answer)
    expect(scim.read(user)[CUSTOM]["skills"] == ["a"], "unchanged", scim.read(user))


@report(
    "https://github.com/pingidentity/scim/issues/13",
    CLIENT,
    "Entra: use SCIM to provision users; customize application attributes",
)
def custom_integer_matched_by_text(scim: Scim) -> None:
    """A number is compared with quoted text, as Entra quotes every matching value."""
    n = random.randrange(10**8, 10**9)
    user = scim.user(**{CUSTOM: {"badge": str(n)}})
    expect(user[CUSTOM]["badge"] == n, "the number", user[CUSTOM])
    scim.expect_found("Users", f"{CUSTOM}:badge eq {n}", [user])
    scim.expect_found("Users", f'{CUSTOM}:badge eq "{n}"', [user])


@report("https://github.com/simpleidserver/SimpleIdServer/issues/244", CLIENT, "docs/clients.md")
def custom_numbers_removed_by_list(scim: Scim) -> None:
    """Remove with a list of numbers is refused."""
    user = scim.user(**{CUSTOM: {"floors": [1, 2, 3]}})
    after = scim.patch_and_read(user, op("remove", f"{CUSTOM}:floors", [3]))
    expect(after[CUSTOM]["floors"] == [1, 2], "1 and 2", after[CUSTOM])
    after = scim.patch_and_read(user, op("Remove", f"{CUSTOM}:floors", [{"value": 2}]))
    expect(after[CUSTOM]["floors"] == [1], "1", after[CUSTOM])


@report(
    "https://github.com/simpleidserver/SimpleIdServer/issues/295",
    CLIENT,
    'docs/entra.md: "" clears every attribute but active',
)
def custom_boolean_emptied(scim: Scim) -> None:
    """Empty text for a boolean or number that is cleared, without the flag."""
    user = scim.user(**{CUSTOM: {"vip": True, "badge": random.randrange(10**8, 10**9), "code": "e" + RUN}})
    after = scim.patch_and_read(user, op("Replace", f"{CUSTOM}:badge", ""), op("Replace", f"{CUSTOM}:code", ""))
    expect(after[CUSTOM] == {"vip": True}, "number and text cleared", after[CUSTOM])
    after = scim.patch_and_read(user, op("Replace", f"{CUSTOM}:vip", ""), op("Replace", "title", "T"))
    expect(CUSTOM not in after and after["title"] == "T", "the boolean cleared", after)


@report("https://github.com/jelhub/scimgateway/issues/124", MUST, "RFC 7643 §3.3")
def custom_extension_is_whole(scim: Scim) -> None:
    """The extension is returned split at the dot of 2.0, so Entra sends it again in every cycle."""
    user = scim.user(**{CUSTOM: {"code": "c" + RUN}})
    r = scim.read(user)
    expect(
        CUSTOM in r["schemas"]
        and r[CUSTOM] == {"code": "c" + RUN}
        and not any(k.startswith("urn") and k != CUSTOM for k in r),
        "under its URN",
        r,
    )
    scim.expect_error(
        scim.post("Users", {"schemas": [USER, CUSTOM], "userName": scim.name(), CUSTOM: {"code": "c" + RUN}}),
        409,
        "uniqueness",
    )
