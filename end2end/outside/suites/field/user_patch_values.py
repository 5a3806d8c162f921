"""PATCH of users: forms of values, removal, what nothing changes."""

import json
from urllib.parse import quote

from suites.field.scim import (
    CLIENT,
    ENTERPRISE,
    GROUP,
    MUST,
    OPTIONAL,
    PATCH_OP,
    RUN,
    SHOULD,
    USER,
    Scim,
    expect,
    op,
    report,
    values,
)


@report("https://github.com/simpleidserver/SimpleIdServer/issues/421", MUST, "RFC 7644 §3.5.2.2")
def remove_parts(scim: Scim) -> None:
    """Remove of a sub-attribute fails without a value."""
    user = scim.user(
        name={"givenName": "A", "familyName": "B"},
        title="T",
        emails=[{"value": "a@example.com", "type": "work", "display": "x"}],
    )
    after = scim.patch_and_read(
        user, op("remove", "name.givenName"), op("remove", "title"), op("remove", 'emails[type eq "work"].display')
    )
    expect(
        after["name"] == {"familyName": "B"}
        and "title" not in after
        and after["emails"] == [{"value": "a@example.com", "type": "work"}],
        "each removed",
        after,
    )
    after = scim.patch_and_read(user, op("remove", "name"), op("remove", "emails"), op("remove", "nickName"))
    expect("name" not in after and "emails" not in after, "whole attributes removed", after)


@report(
    "https://github.com/better-auth/better-auth/issues/10421", MUST, "RFC 7644 §3.5.2.2: 400 noTarget; §3.5.2: atomic"
)
def remove_without_path(scim: Scim) -> None:
    """Remove without path is ignored and answered 204."""
    user = scim.user(title="T")
    scim.expect_error(scim.patch(user, op("replace", "title", "X"), op("remove")), 400, "noTarget")
    scim.expect_error(
        scim.patch(user, op("replace", "title", "X"), op("remove", None, {"title": "T"})), 400, "noTarget"
    )
    expect(scim.read(user)["title"] == "T", "no change", scim.read(user))
    scim.expect_error(scim.patch(user, op("remove", "userName")), 400, "mutability", "invalidValue")


@report("https://github.com/AzureAD/SCIMReferenceCode/pull/87", MUST, "RFC 7644 §3.5.2.2")
def remove_with_other_value(scim: Scim) -> None:
    """Remove of emails[type eq "work"].value with another value writes that value."""
    user = scim.user(emails=[{"type": "work", "primary": True, "value": "orig@example.org"}])
    answer = scim.patch(user, op("Remove", 'emails[type eq "work"].value', "updated@example.org"))
    expect(
        "updated@example.org" not in values(scim.read(user), "emails"), "never written", scim.read(user).get("emails")
    )
    expect(answer.status in (200, 204, 400), "200 or 400", answer)


@report("https://github.com/simpleidserver/SimpleIdServer/issues/377", MUST, "RFC 7644 §3.5.2.3")
def external_id_beside_others(scim: Scim) -> None:
    """With externalId among the keys, the other keys are ignored."""
    user, group = scim.user(), scim.group()
    after = scim.patch_and_read(user, op("replace", None, {"displayName": "n", "externalId": RUN + "e", "title": "t"}))
    expect(
        (after["displayName"], after["externalId"], after["title"]) == ("n", RUN + "e", "t"),
        "all three attributes",
        after,
    )
    expect(
        scim.patch_and_read(user, op("replace", None, {"externalId": RUN + "f"}))["externalId"] == RUN + "f",
        "externalId",
        "",
    )
    after = scim.patch_and_read(group, op("replace", None, {"displayName": RUN + "gg", "externalId": RUN + "ge"}))
    expect((after["displayName"], after["externalId"]) == (RUN + "gg", RUN + "ge"), "the same for groups", after)


@report("https://github.com/simpleidserver/SimpleIdServer/issues/73", MUST, "RFC 7644 §3.5.2, §3.12: 400 invalidSyntax")
def unknown_op(scim: Scim) -> None:
    """An unknown op is answered 500."""
    user = scim.user(title="T")
    for o in (
        {"op": "invalid-op", "path": "title", "value": "x"},
        {"path": "title", "value": "x"},
        {"op": None, "path": "title", "value": "x"},
        {"op": ["add"], "path": "title", "value": "x"},
        "add",
        None,
        {"op": "move", "from": "title", "path": "nickName"},
    ):
        scim.expect_error(scim.patch(user, o), 400, "invalidSyntax", "invalidValue")
    scim.expect_error(
        scim.raw("PATCH", f"/Users/{user['id']}", {"schemas": [PATCH_OP], "Operations": op("replace", "title", "x")}),
        400,
        "invalidSyntax",
        "invalidValue",
    )


@report("https://github.com/scimmyjs/scimmy/issues/80", MUST, "RFC 7644 §3.5.2.3: the value MUST be there")
def replace_without_value(scim: Scim) -> None:
    """Replace without a value is accepted."""
    user = scim.user(title="T")
    scim.expect_error(scim.patch(user, op("replace", "title")), 400, "invalidValue", "invalidSyntax")
    scim.expect_error(scim.patch(user, op("add", "title")), 400, "invalidValue", "invalidSyntax")
    scim.expect_error(scim.patch(user, op("replace")), 400, "invalidValue", "invalidSyntax")
    expect(scim.read(user)["title"] == "T", "unchanged", scim.read(user))


@report(
    "https://github.com/better-auth/better-auth/issues/8549",
    MUST,
    "RFC 7644 §3.5.2.1: success, and the version remains",
)
def nothing_changes(scim: Scim) -> None:
    """A PATCH that changes nothing is answered 400."""
    user = scim.user(
        title="T", emails=[{"value": "a@example.com", "type": "work"}], **{ENTERPRISE: {"department": "D"}}
    )
    answer = scim.patch(
        user,
        op("Replace", "title", "T"),
        op("add", "emails", [{"value": "a@example.com", "type": "work"}]),
        op("replace", f"{ENTERPRISE}:department", "D"),
    )
    expect(answer.status in (200, 204), "success", answer)
    expect(
        scim.read(user)["emails"] == user["emails"] and scim.read(user)["meta"] == user["meta"],
        "no second e-mail, the same version",
        scim.read(user),
    )


@report(
    "https://github.com/better-auth/better-auth/pull/10422",
    MUST,
    "RFC 7644 §3.5.2: 200 with the body when attributes is given",
)
def attributes_on_patch(scim: Scim) -> None:
    """?attributes is ignored on PATCH."""
    user, group = scim.user(title="T"), scim.group()
    answer = scim.patch(user, op("replace", "title", "X"), query="?attributes=title")
    expect(answer.status == 200 and set(answer.json) == {"schemas", "id", "title"}, "200 with title", answer)
    answer = scim.patch(group, op("replace", "displayName", "X" + RUN), query="?attributes=displayName")
    expect(answer.status == 200 and answer.json.get("displayName") == "X" + RUN, "200 with displayName", answer)
    answer = scim.raw(
        "PUT",
        f"/Users/{user['id']}?excludedAttributes=title,meta",
        {"schemas": [USER], "userName": user["userName"], "title": "Z"},
    )
    expect(
        answer.status == 200 and "title" not in answer.json and "meta" not in answer.json, "the same for PUT", answer
    )
    answer = scim.post("Users?attributes=userName", {"schemas": [USER], "userName": scim.name(), "title": "Z"})
    expect(answer.status == 201 and set(answer.json) == {"schemas", "id", "userName"}, "the same for POST", answer)


@report(
    "https://github.com/thomaspoignant/scim-patch/pull/39",
    SHOULD,
    "RFC 7643 §2.4: the same (type, value) at most once; RFC 7644 §3.5.2.1: adding an existing value changes nothing",
)
def same_value_added_again(scim: Scim) -> None:
    """Add appends an e-mail that differs from an existing one in primary or display only."""
    for first, again in (
        ({"primary": True}, {}),
        ({}, {"primary": True}),
        ({}, {"display": "A"}),
        ({}, {"primary": False}),
    ):
        user = scim.user(emails=[{"value": "a@example.com", "type": "work", **first}])
        after = scim.patch_and_read(user, op("add", "emails", [{"value": "a@example.com", "type": "work", **again}]))
        pairs = [(e.get("type"), e["value"]) for e in after["emails"]]
        expect(len(pairs) == len(set(pairs)), f"one value after {first} and {again}", after["emails"])


@report("https://github.com/simpleidserver/SimpleIdServer/issues/376", CLIENT, "as shown in the report")
def email_in_pieces(scim: Scim) -> None:
    """Adds of primary and type before value create an incomplete e-mail."""
    user = scim.user()
    scim.patch_and_read(
        user, op("Add", 'emails[type eq "work"].primary', "true"), op("Add", 'emails[type eq "work"].type', "work")
    )
    after = scim.patch_and_read(
        user,
        op("Add", 'emails[type eq "work"].value', "t@example.com"),
        op("Add", 'emails[type eq "work"].primary', "true"),
        op("Add", 'emails[type eq "work"].type', "work"),
    )
    expect(
        after["emails"] == [{"value": "t@example.com", "type": "work", "primary": True}], "one e-mail", after["emails"]
    )


@report("https://github.com/thomaspoignant/scim-patch/issues/176", CLIENT, "Entra: use SCIM to provision users")
def second_address(scim: Scim) -> None:
    """An add for the work address of a user with a home address."""
    user = scim.user(addresses=[{"type": "home", "formatted": "H"}])
    after = scim.patch_and_read(user, op("Add", 'addresses[type eq "work"].formatted', "123 fake st."))
    expect(
        after["addresses"] == [{"formatted": "H", "type": "home"}, {"formatted": "123 fake st.", "type": "work"}],
        "both values",
        after["addresses"],
    )


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/968", CLIENT, "the SCIM-SDK client up to 1.33")
def list_of_one_text(scim: Scim) -> None:
    """A client sends single values as arrays: "value": ["de"]."""
    user = scim.user()
    after = scim.patch_and_read(
        user, op("replace", "preferredLanguage", ["de"]), op("add", f"{ENTERPRISE}:department", ["D"])
    )
    expect(after.get("preferredLanguage") == "de" and after[ENTERPRISE]["department"] == "D", "de", after)


@report(
    "https://github.com/MicrosoftDocs/azure-docs/issues/42220",
    OPTIONAL,
    "Entra until 2018, and Microsoft's reference library",
)
def list_of_one_object(scim: Scim) -> None:
    """Single values are sent as [{"$ref":null,"value":"…"}]."""
    user = scim.user()
    after = scim.patch_and_read(user, op("Replace", "displayName", [{"$ref": None, "value": "User X"}]))
    expect(after.get("displayName") == "User X", "User X", after)


@report("https://github.com/scimmyjs/scimmy/issues/81", MUST, "RFC 7643 §2.5")
def no_nulls(scim: Scim) -> None:
    """Sub-attributes that were not sent are returned as null."""
    user = scim.user(emails=[{"value": "b@example.com"}])
    after = scim.patch_and_read(
        user,
        op("replace", "title", "x"),
        op("add", "phoneNumbers", [{"value": "1", "display": None, "type": None, "primary": None}]),
    )
    expect("null" not in json.dumps(after) and after["emails"] == [{"value": "b@example.com"}], "no null", after)


@report("https://github.com/kortix-ai/suna/pull/7302", CLIENT, "Entra: use SCIM to provision users: default mappings")
def entra_defaults(scim: Scim) -> None:
    """One unknown attribute among Entra's default mappings makes the whole user fail."""
    user = scim.user()
    paths = {
        "displayName": "D",
        "title": "T",
        'emails[type eq "work"].value': "w@example.com",
        "preferredLanguage": "en",
        "name.givenName": "G",
        "name.familyName": "F",
        "name.formatted": "G F",
        'addresses[type eq "work"].formatted': "F",
        'addresses[type eq "work"].streetAddress': "S",
        'addresses[type eq "work"].locality': "L",
        'addresses[type eq "work"].region': "R",
        'addresses[type eq "work"].postalCode': "P",
        'addresses[type eq "work"].country': "C",
        'phoneNumbers[type eq "work"].value': "1",
        'phoneNumbers[type eq "mobile"].value': "2",
        'phoneNumbers[type eq "fax"].value': "3",
        "externalId": RUN + "d",
        f"{ENTERPRISE}:employeeNumber": "7",
        f"{ENTERPRISE}:department": "D",
        f"{ENTERPRISE}:manager": "M",
    }
    after = scim.patch_and_read(user, *[op("Add", p, v) for p, v in paths.items()])
    expect(
        values(after, "phoneNumbers") == ["1", "2", "3"]
        and len(after["addresses"]) == 1
        and after[ENTERPRISE]["manager"]["value"] == "M"
        and after["name"]["formatted"] == "G F",
        "all stored",
        after,
    )
    after = scim.patch_and_read(
        user, *[op("Remove", p) for p in paths if p != f"{ENTERPRISE}:manager"], op("Remove", f"{ENTERPRISE}:manager")
    )
    expect(
        not set(after) & {"displayName", "title", "preferredLanguage", "name", "externalId", ENTERPRISE},
        "all removed",
        after,
    )
    expect(
        not any(e.get("value") for k in ("emails", "phoneNumbers") for e in after.get(k, [])), "no values left", after
    )


@report("https://github.com/wso2/charon/issues/311", MUST, "RFC 7644 §3.5.2.3")
def one_part_of_address(scim: Scim) -> None:
    """Replacing one sub-attribute of an address deletes the others."""
    user = scim.user(addresses=[{"postalCode": "55555", "locality": "New York", "region": "NY", "type": "work"}])
    after = scim.patch_and_read(user, op("replace", 'addresses[type eq "work"].postalCode', "44444"))
    expect(
        after["addresses"] == [{"locality": "New York", "region": "NY", "postalCode": "44444", "type": "work"}],
        "one part",
        after["addresses"],
    )


@report("https://github.com/simpleidserver/SimpleIdServer/issues/418", OPTIONAL, "RFC 7643 §2.5: 400, or removed")
def name_emptied(scim: Scim) -> None:
    """Replace of name with empty text."""
    user = scim.user(name={"givenName": "A"})
    answer = scim.patch(user, op("replace", "name", ""))
    expect(answer.status == 400 or "name" not in scim.read(user), "400, or no name", scim.read(user))


@report(
    "https://github.com/PowerDMS/Owin.Scim/issues/3",
    MUST,
    "RFC 7644 §3.5.2: later operations assume the changed schemas",
)
def schemas_patched(scim: Scim) -> None:
    """schemas cannot be changed with PATCH."""
    user = scim.user()
    answer = scim.patch(user, op("add", "schemas", [ENTERPRISE]), op("add", f"{ENTERPRISE}:department", "D"))
    expect(
        answer.status == 200
        and ENTERPRISE in scim.read(user)["schemas"]
        and scim.read(user)[ENTERPRISE] == {"department": "D"},
        "200 with the department",
        answer,
    )
    answer = scim.patch(user, op("replace", "schemas", [USER, ENTERPRISE]), op("replace", "title", "T"))
    expect(answer.status == 200 and scim.read(user)["title"] == "T", "200", answer)


@report("https://github.com/elimity-com/scim/issues/204", CLIENT, "as shown in the report")
def everything_at_once(scim: Scim) -> None:
    """A replace without path: nested extensions, one of them unknown, and two work e-mails."""
    user = scim.user(emails=[{"value": "old@example.com", "type": "work", "primary": True}])
    after = scim.patch_and_read(
        user,
        op(
            "replace",
            None,
            {
                "schemas": [USER, ENTERPRISE],
                "id": user["id"],
                "meta": user["meta"],
                "name": {"givenName": "F", "familyName": "B", "formatted": "F B"},
                "active": False,
                "title": "E",
                "externalId": "uid=test,ou=people,dc=example,dc=com",
                "addresses": [{"streetAddress": "Dreamland 1", "country": "DE"}],
                "emails": [
                    {"primary": False, "type": "work", "value": "s@example.com"},
                    {"primary": True, "type": "work", "value": "p@example.com"},
                ],
                ENTERPRISE: {"organization": "O"},
                "urn:example:unknown:1.0:User": {"x": 1},
            },
        ),
    )
    expect(
        values(after, "emails") == ["p@example.com", "s@example.com"]
        and after[ENTERPRISE] == {"organization": "O"}
        and after["active"] is False
        and after["externalId"].startswith("uid=test,")
        and after["addresses"] == [{"streetAddress": "Dreamland 1", "country": "DE"}],
        "every known attribute",
        after,
    )


@report(
    "https://github.com/better-auth/better-auth/pull/11169",
    OPTIONAL,
    "RFC 7643 §2.5: null is unassigned, which must not grant access",
)
def active_null(scim: Scim) -> None:
    """active: null enables a disabled user."""
    for give in (
        lambda u: scim.raw("PUT", f"/Users/{u['id']}", {"schemas": [USER], "userName": u["userName"], "active": None}),
        lambda u: scim.patch(u, op("replace", "active", None)),
        lambda u: scim.patch(u, op("replace", None, {"active": None, "title": "T"})),
    ):
        u = scim.user(active=False)
        answer = give(u)
        expect(scim.read(u).get("active") is False or answer.status == 400, "still false, or 400", answer)


@report("https://github.com/langwatch/langwatch/issues/7140", MUST, "RFC 7643 §2.1")
def paths_in_any_case(scim: Scim) -> None:
    """Paths in capitals are ignored."""
    user, other = scim.user(), scim.user()
    group = scim.group()
    scim.patch_and_read(group, op("Replace", "Members", [{"Value": user["id"]}]))
    expect(values(scim.read(group), "members") == [user["id"]], "Members", scim.read(group))
    scim.patch_and_read(group, op("add", f"{GROUP.upper()}:MEMBERS", [{"value": other["id"]}]))
    expect(values(scim.read(group), "members") == sorted([user["id"], other["id"]]), "by URN", scim.read(group))
    scim.patch_and_read(group, op("remove", f'MEMBERS[VALUE EQ "{user["id"]}"]'))
    expect(values(scim.read(group), "members") == [other["id"]], "removed", scim.read(group))
    expect(
        scim.patch_and_read(user, op("replace", "NAME.GivenName", "x"))["name"] == {"givenName": "x"},
        "the same for users",
        "",
    )


@report("https://github.com/scim2/filter-parser/issues/25", MUST, "RFC 7644 §3.10; not defined here: 400 invalidPath")
def urn_with_dashes(scim: Scim) -> None:
    """A URN with dashes cannot be parsed as a path."""
    user = scim.user()
    scim.expect_error(
        scim.patch(user, op("Add", "urn:tom:scim:schemas:extension:a-b-c-d:1.0:User:customAttribute", "x")),
        400,
        "invalidPath",
        "noTarget",
    )
    answer = scim.get("/Users?filter=" + quote('urn:tom:scim:schemas:extension:a-b-c-d:1.0:User:custom eq "x"'))
    expect(answer.status == 200 and answer.json["totalResults"] == 0 or answer.status == 400, "none, or 400", answer)


@report(
    "https://github.com/apache/directory-scimple/issues/704", OPTIONAL, "Entra before 2018; 400 invalidPath is right"
)
def dot_before_extension_attribute(scim: Scim) -> None:
    """A dot instead of the colon after an extension's URN."""
    user = scim.user()
    answer = scim.patch(user, op("replace", f"{ENTERPRISE}.employeeNumber", "56789"))
    if answer.status >= 400:
        scim.expect_error(answer, 400, "invalidPath", "noTarget")
    else:
        expect(scim.read(user)[ENTERPRISE]["employeeNumber"] == "56789", "written, or 400", scim.read(user))
