"""POST and PUT of users, and what is read-only."""

from suites.field.scim import CLIENT, ENTERPRISE, MUST, OPTIONAL, PATCH_OP, RUN, USER, Scim, expect, op, report, values


@report("https://github.com/simpleidserver/SimpleIdServer/issues/319", MUST, "RFC 7643 §2.1")
def body_names_in_any_case(scim: Scim) -> None:
    """POST with UserName, Active and Primary: required attributes are reported as missing."""
    n = scim.name()
    answer = scim.post(
        "Users",
        {
            "UserName": n,
            "Active": "true",
            "DISPLAYNAME": "Bob",
            "schemas": [USER],
            "Name": {"FamilyName": "L", "givenname": "R"},
            "Emails": [{"Primary": True, "Type": "work", "VALUE": "w@example.com"}],
            ENTERPRISE.upper(): {"Department": "D"},
        },
    )
    expect(
        answer.status == 201
        and answer.json["userName"] == n
        and answer.json["name"] == {"familyName": "L", "givenName": "R"}
        and answer.json["active"] is True
        and answer.json["emails"] == [{"value": "w@example.com", "type": "work", "primary": True}]
        and answer.json[ENTERPRISE] == {"department": "D"},
        "the names as defined",
        answer,
    )


@report(
    "https://github.com/limosa-io/laravel-scim-server/issues/23",
    OPTIONAL,
    "RFC 7643 §2.4 has an array: 400 invalidValue is right; PATCH accepts the object",
)
def single_object_in_post(scim: Scim) -> None:
    """One e-mail is sent as an object instead of an array."""
    answer = scim.post(
        "Users",
        {
            "schemas": [USER],
            "userName": scim.name(),
            "emails": {"value": "o@example.com", "type": "other", "primary": True},
        },
    )
    expect(answer.status == 201 and values(answer.json, "emails") == ["o@example.com"], "a list of one", answer)


@report("https://github.com/goauthentik/authentik/issues/7460", MUST, "RFC 7643 §3: schemas is REQUIRED and not empty")
def no_schemas(scim: Scim) -> None:
    """Bodies without schemas."""
    for schemas in ({}, {"schemas": []}, {"schemas": None}):
        answer = scim.post("Users", {**schemas, "userName": scim.name()})
        scim.expect_error(answer, 400, "invalidSyntax", "invalidValue")
    user = scim.user(title="T")
    scim.expect_error(
        scim.raw("PUT", f"/Users/{user['id']}", {"userName": user["userName"]}), 400, "invalidSyntax", "invalidValue"
    )
    scim.expect_error(
        scim.raw("PATCH", f"/Users/{user['id']}", {"Operations": [op("replace", "title", "X")]}),
        400,
        "invalidSyntax",
        "invalidValue",
    )
    scim.expect_error(
        scim.raw("PATCH", f"/Users/{user['id']}", {"schemas": [USER], "Operations": [op("replace", "title", "X")]}),
        400,
        "invalidSyntax",
        "invalidValue",
    )
    expect(scim.read(user)["title"] == "T", "no change", scim.read(user))


@report(
    "https://github.com/goauthentik/authentik/issues/12244",
    CLIENT,
    "Entra: use SCIM to provision users; RFC 7644 §3.3: readOnly is ignored",
)
def microsoft_sample(scim: Scim) -> None:
    """Microsoft's sample body: id, meta, an undefined extension in schemas, addresses that are null."""
    body = {
        "schemas": [USER, ENTERPRISE, "urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User"],
        "userName": scim.name(),
        "id": "48af03ac28ad4fb88478",
        "externalId": "bj",
        "name": {"formatted": "Ms. B J", "familyName": "J", "givenName": "B"},
        "roles": [],
        "emails": [{"primary": True, "type": "work", "value": "b@example.com"}],
        ENTERPRISE: {"Department": "bob", "Manager": {"Value": "boss-7"}},
        "urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User": {"CustomAttribute": "701984"},
        "meta": {"resourceType": "User", "created": "1999-01-01T00:00:00Z"},
        "addresses": None,
    }
    answer = scim.post("Users", body)
    expect(answer.status == 201, "201", answer)
    expect(
        answer.json["id"] != body["id"] and not answer.json["meta"]["created"].startswith("1999"),
        "the server's own id and meta",
        answer,
    )
    expect(
        answer.json[ENTERPRISE].get("department") == "bob" and answer.json[ENTERPRISE]["manager"]["value"] == "boss-7",
        "the extension kept",
        answer,
    )
    expect("roles" not in answer.json and "addresses" not in answer.json, "no empty attributes", answer)
    answer = scim.post("Users", {**body, "userName": scim.name()})
    expect(answer.status == 201, "the same id again makes another user", answer)


@report(
    "https://github.com/apache/directory-scimple/issues/1242",
    CLIENT,
    "Entra sends it (learn.microsoft.com/answers/questions/188003)",
)
def manager_as_text_in_post(scim: Scim) -> None:
    """Manager as text in a POST is answered 500."""
    user = scim.user(**{ENTERPRISE: {"manager": "myboss"}})
    expect(scim.read(user)[ENTERPRISE]["manager"].get("value") == "myboss", "value: myboss", user)


@report(
    "https://github.com/grokability/snipe-it/issues/19005",
    CLIENT,
    "Entra: how provisioning works; references are sent later, in any order",
)
def unknown_manager(scim: Scim) -> None:
    """A manager that does not exist makes the whole user fail."""
    user = scim.user(**{ENTERPRISE: {"manager": {"value": "no-such-id"}, "department": ""}})
    expect(
        scim.read(user)[ENTERPRISE] == {"manager": {"value": "no-such-id"}}
        or scim.read(user)[ENTERPRISE]["manager"]["value"] == "no-such-id",
        "the manager as sent",
        user,
    )


@report("https://github.com/wso2/product-is/issues/10033", MUST, "RFC 7643 §2.4: true MUST appear no more than once")
def two_primaries(scim: Scim) -> None:
    """Two primary e-mails are accepted."""
    two = [
        {"primary": True, "value": "a@example.com", "type": "home"},
        {"primary": True, "value": "b@example.com", "type": "work"},
    ]
    answer = scim.post("Users", {"schemas": [USER], "userName": scim.name(), "emails": two})
    if answer.status == 201:
        expect([e.get("primary") for e in answer.json["emails"]].count(True) <= 1, "one primary at most", answer)
    else:
        scim.expect_error(answer, 400, "invalidValue")
    user = scim.user(emails=[two[0]])
    answer = scim.patch(user, op("replace", "emails", two))
    if answer.status == 400:
        scim.expect_error(answer, 400, "invalidValue")
    expect(
        [e.get("primary") for e in scim.read(user)["emails"]].count(True) == 1,
        "one primary after PATCH",
        scim.read(user)["emails"],
    )
    answer = scim.patch(user, op("add", 'emails[type eq "home"].primary', True), op("add", "emails", [two[1]]))
    expect(
        [e.get("primary") for e in scim.read(user)["emails"]].count(True) == 1,
        "one primary after add",
        scim.read(user)["emails"],
    )


@report(
    "https://github.com/15five/django-scim2/issues/83", MUST, "RFC 7644 §3.6: a deleted resource causes no conflict"
)
def recreated(scim: Scim) -> None:
    """A deleted user cannot be created again."""
    n = scim.name("@ex.org")
    first = scim.user(userName=n, externalId=RUN + "x")
    expect(scim.raw("DELETE", f"/Users/{first['id']}").status == 204, "204", "")
    for m, b in (
        ("GET", None),
        ("DELETE", None),
        ("PUT", {"schemas": [USER], "userName": n}),
        ("PATCH", {"schemas": [PATCH_OP], "Operations": [op("replace", "title", "x")]}),
    ):
        scim.expect_error(scim.raw(m, f"/Users/{first['id']}", b), 404)
    scim.expect_found("Users", f'userName eq "{n}"', [])
    second = scim.user(userName=n.upper(), externalId=RUN + "x")
    expect(second["id"] != first["id"], "a new id", second["id"])


@report("https://github.com/jelhub/scimgateway/issues/137", MUST, "RFC 7644 §3.4.2.2")
def renamed(scim: Scim) -> None:
    """After a change of userName, the old one still finds the user, or the new one does not."""
    user = scim.user(externalId=RUN + "ren")
    new = scim.name("New")
    scim.patch_and_read(user, op("Replace", "userName", new))
    scim.expect_found("Users", f'userName eq "{user["userName"]}"', [])
    scim.expect_found("Users", f'userName eq "{new}"', [user])
    scim.expect_found("Users", f'externalId eq "{RUN}ren"', [user])
    scim.patch_and_read(user, op("replace", "userName", new.upper()))
    expect(
        scim.read(user)["userName"] == new.upper(),
        "only the letter case changed, no conflict with itself",
        scim.read(user)["userName"],
    )
    other = scim.user(userName=user["userName"])
    scim.expect_error(scim.patch(other, op("replace", "userName", new)), 409, "uniqueness")
    scim.expect_error(scim.raw("PUT", f"/Users/{other['id']}", {"schemas": [USER], "userName": new}), 409, "uniqueness")


@report("https://github.com/kirodotdev/Kiro/issues/10711", MUST, "RFC 7643 §3.1: externalId is readWrite, caseExact")
def external_id_changes(scim: Scim) -> None:
    """A wrong externalId cannot be corrected."""
    user = scim.user(externalId=RUN + ".wrong")
    scim.patch_and_read(user, op("replace", "externalId", RUN + "-Right"))
    scim.expect_found("Users", f'externalId eq "{RUN}-Right"', [user])
    scim.expect_found("Users", f'externalId eq "{RUN}-right"', [])


@report(
    "https://github.com/mendix/docs/pull/9082",
    OPTIONAL,
    "RFC 7644 §3.5.1 leaves it to the server; it must not grant access",
)
def put_without_active(scim: Scim) -> None:
    """A PUT without active enables a disabled user."""
    user = scim.user(active=False)
    answer = scim.raw("PUT", f"/Users/{user['id']}", {"schemas": [USER], "userName": user["userName"]})
    expect(answer.status == 200 and answer.json.get("active") is not True, "active not true", answer)
    answer = scim.raw(
        "PUT",
        f"/Users/{user['id']}",
        {
            "schemas": [USER],
            "id": user["id"],
            "userName": user["userName"],
            "active": True,
            "groups": [],
            "meta": {"resourceType": "User"},
        },
    )
    expect(answer.status == 200 and answer.json.get("active") is True, "active true when sent", answer)


@report("https://github.com/grokability/snipe-it/issues/13855", MUST, "RFC 7643 §2.5: false is a value")
def active_false_is_shown(scim: Scim) -> None:
    """Active is missing from the response once it is false."""
    user = scim.user()
    for v in (False, "False", "false", "FALSE"):
        scim.patch_and_read(user, op("replace", "active", True))
        after = scim.patch_and_read(user, op("Replace", "active", v))
        expect(after.get("active") is False, f"false after {v!r}", after)


@report("https://github.com/davidiamyou/go-scim/issues/7", MUST, "RFC 7643 §4.1.2, §2.3.6")
def certificates(scim: Scim) -> None:
    """x509Certificates are lost or come back as numbers."""
    pem = "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"
    user = scim.user(x509Certificates=[{"value": pem}])
    expect(scim.read(user)["x509Certificates"] == [{"value": pem}], "the same text", scim.read(user))


@report(
    "https://github.com/pingidentity/scim2/issues/116", MUST, "RFC 7643 §4.1.2: readOnly; RFC 7644 §3.5.2: mutability"
)
def groups_are_read_only(scim: Scim) -> None:
    """A user's groups can be written."""
    user, group = scim.user(), scim.group()
    scim.expect_error(scim.patch(user, op("add", "groups", [{"value": group["id"]}])), 400, "mutability")
    scim.expect_error(scim.patch(user, op("remove", "groups")), 400, "mutability")
    answer = scim.raw(
        "PUT",
        f"/Users/{user['id']}",
        {"schemas": [USER], "userName": user["userName"], "groups": [{"value": group["id"]}]},
    )
    expect(answer.status == 200 and not scim.read(group).get("members"), "ignored in PUT", answer)


@report("https://github.com/keycloak/keycloak/issues/51155", MUST, "RFC 7644 §3.5.2: 400 mutability")
def meta_is_read_only(scim: Scim) -> None:
    """PATCH does not enforce mutability: meta.created, id."""
    user, group = scim.user(), scim.group()
    for r in (user, group):
        for path, value in (
            ("meta.created", "2001-01-01T00:00:00Z"),
            ("meta", {"created": "2001-01-01T00:00:00Z"}),
            ("id", "x"),
            ("META.Version", 'W/"9"'),
        ):
            scim.expect_error(scim.patch(r, op("replace", path, value)), 400, "mutability")
        scim.expect_error(scim.patch(r, op("remove", "meta")), 400, "mutability")
        expect(scim.read(r)["meta"] == r["meta"], "unchanged", scim.read(r))
