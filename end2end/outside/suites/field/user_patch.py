"""PATCH of users: operations, paths, managers, e-mails and addresses."""

from suites.field.scim import (
    CLIENT,
    ENTERPRISE,
    GROUP,
    MUST,
    OPTIONAL,
    PATCH_OP,
    RUN,
    USER,
    Scim,
    expect,
    op,
    report,
    short,
    values,
)


@report("https://github.com/Metatavu/keycloak-scim-server/issues/95", CLIENT, "developer.okta.com; RFC 7644 §3.5.2.3")
def okta_deactivates(scim: Scim) -> None:
    """Okta's deactivation, a replace without path, fails."""
    user = scim.user(title="T", name={"givenName": "A"})
    answer = scim.patch(user, op("replace", None, {"active": False}))
    expect(answer.status == 200 and answer.json["active"] is False, "200 with the user", answer)
    expect(
        scim.read(user)["title"] == "T" and scim.read(user)["name"] == {"givenName": "A"},
        "other attributes unchanged",
        scim.read(user),
    )
    expect(
        scim.patch_and_read(user, op("replace", None, {"active": "True"}))["active"] is True, "active true again", ""
    )


@report("https://github.com/tuist/tuist/pull/13238", CLIENT, "Entra: SCIM compatibility")
def entra_deactivates(scim: Scim) -> None:
    """Active as the text "False" is answered 200 and changes nothing."""
    user = scim.user()
    expect(scim.patch_and_read(user, op("Replace", "active", "False"))["active"] is False, "false", scim.read(user))
    expect(
        scim.patch_and_read(user, op("Add", f"{USER}:active", "True"))["active"] is True, "true by URN", scim.read(user)
    )
    scim.expect_error(scim.patch(user, op("Replace", "active", "maybe")), 400, "invalidValue")


@report(
    "https://github.com/wso2/product-is/issues/19409",
    MUST,
    "RFC 7643 §2.1 for names; Entra: use SCIM to provision users, for op",
)
def operations_in_any_case(scim: Scim) -> None:
    """Operation names in lower case or capitals are answered 500."""
    user = scim.user()
    answer = scim.raw(
        "PATCH",
        f"/Users/{user['id']}",
        {"Schemas": [PATCH_OP], "operations": [{"OP": "REPLACE", "Path": "TITLE", "Value": "x"}]},
    )
    expect(answer.status == 200 and answer.json["title"] == "x", "the new title", answer)


@report("https://github.com/scimmyjs/scimmy/issues/90", MUST, 'RFC 7644 §3.5.2: "one or more": 400')
def no_operations(scim: Scim) -> None:
    """Microsoft's validator sends an empty list of operations."""
    user = scim.user()
    scim.expect_error(scim.patch(user), 400, "invalidSyntax", "invalidValue")


@report("https://github.com/pingidentity/scim2/issues/224", CLIENT, "Entra: SCIM compatibility, with the flag")
def dotted_keys(scim: Scim) -> None:
    """name.familyName as a key of a value without path becomes an attribute of that name."""
    user = scim.user(name={"givenName": "A", "familyName": "B", "middleName": "M"}, displayName="old")
    after = scim.patch_and_read(
        user,
        op(
            "replace",
            None,
            {
                "displayName": "new",
                "name.familyName": "C",
                "name.formatted": "A C",
                f"{ENTERPRISE}:department": "D",
                f"{ENTERPRISE}:employeeNumber": "4711",
                f"{USER}:title": "T",
                f"{ENTERPRISE}:manager": "boss",
            },
        ),
    )
    expect(
        after["name"] == {"givenName": "A", "familyName": "C", "middleName": "M", "formatted": "A C"},
        "the name merged",
        after,
    )
    expect(
        after[ENTERPRISE]["department"] == "D"
        and after[ENTERPRISE]["employeeNumber"] == "4711"
        and after[ENTERPRISE]["manager"]["value"] == "boss"
        and after["title"] == "T"
        and after["displayName"] == "new",
        "every value at its path",
        after,
    )
    expect(not any("." in k and not k.startswith("urn") for k in after), "no dotted names", after)


@report("https://github.com/pond/scimitar/issues/123", CLIENT, "Entra: SCIM compatibility")
def dotted_keys_with_add(scim: Scim) -> None:
    """The same with add, beside the nested object."""
    user = scim.user()
    after = scim.patch_and_read(
        user,
        op(
            "add",
            None,
            {
                "name": {"givenName": "A"},
                "name.familyName": "B",
                ENTERPRISE: {"division": "V"},
                f"{ENTERPRISE}:department": "D",
            },
        ),
    )
    expect(
        after["name"] == {"givenName": "A", "familyName": "B"}
        and after[ENTERPRISE] == {"division": "V", "department": "D"},
        "merged",
        after,
    )


@report("https://github.com/sourcegraph/sourcegraph-public-snapshot/pull/49119", OPTIONAL, "no RFC has them")
def value_path_as_key(scim: Scim) -> None:
    """Value paths as keys of a value without path."""
    user = scim.user(emails=[{"value": "a@example.com", "type": "work"}])
    after = scim.patch_and_read(
        user, op("replace", None, {'emails[type eq "work"].value': "b@example.com", "title": "T"})
    )
    expect(values(after, "emails") == ["b@example.com"] and after["title"] == "T", "both values", after)


@report(
    "https://github.com/pingidentity/scim2/issues/104", CLIENT, "RFC 7644 §3.10; Entra: use SCIM to provision users"
)
def urn_path(scim: Scim) -> None:
    """A path into the enterprise extension creates an object named "2"."""
    user = scim.user()
    after = scim.patch_and_read(
        user,
        op("Add", f"{ENTERPRISE}:department", "Retail"),
        op("Replace", f"{ENTERPRISE.lower()}:EmployeeNumber", "7"),
        op("add", f"{ENTERPRISE}:costCenter", "CC"),
    )
    expect(
        after[ENTERPRISE] == {"department": "Retail", "employeeNumber": "7", "costCenter": "CC"},
        "three attributes",
        after,
    )
    expect(ENTERPRISE in after["schemas"], "named in schemas", after)
    expect([k for k in after if k.startswith("urn")] == [ENTERPRISE], "one extension", list(after))
    after = scim.patch_and_read(
        user, op("Remove", f"{ENTERPRISE}:department"), op("remove", f"{ENTERPRISE}:costCenter")
    )
    expect(after[ENTERPRISE] == {"employeeNumber": "7"}, "one left", after)
    after = scim.patch_and_read(user, op("replace", ENTERPRISE, {"division": "X"}))
    expect(after[ENTERPRISE] == {"employeeNumber": "7", "division": "X"}, "merged by the schema as path", after)


@report("https://github.com/zulip/zulip/issues/39773", MUST, "RFC 7644 §3.10")
def core_urn_path(scim: Scim) -> None:
    """A path with the URN of the core schema is answered 501."""
    user = scim.user(emails=[{"value": "a@example.com", "type": "work"}])
    after = scim.patch_and_read(
        user,
        op("Replace", f"{USER}:userType", "Admin"),
        op("replace", f"{USER}:name.givenName", "G"),
        op("replace", f'{USER}:emails[type eq "work"].value', "b@example.com"),
    )
    expect(
        after["userType"] == "Admin"
        and after["name"]["givenName"] == "G"
        and values(after, "emails") == ["b@example.com"],
        "all three",
        after,
    )
    group = scim.group([user])
    scim.patch_and_read(
        group,
        op("replace", f"{GROUP}:displayName", "N " + RUN),
        op("remove", f'{GROUP}:members[value eq "{user["id"]}"]'),
    )
    expect(
        scim.read(group)["displayName"] == "N " + RUN and not scim.read(group).get("members"),
        "the same for groups",
        scim.read(group),
    )


@report(
    "https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/541",
    CLIENT,
    "Entra: use SCIM to provision users, without the flag",
)
def manager_as_text(scim: Scim) -> None:
    """Manager as a bare id is refused."""
    user = scim.user()

    def manager_after(operation: dict) -> str | None:
        return scim.patch_and_read(user, operation).get(ENTERPRISE, {}).get("manager", {}).get("value")

    expect(manager_after(op("Add", f"{ENTERPRISE}:manager", "271")) == "271", "added", scim.read(user))
    expect(
        manager_after(op("Replace", f"{ENTERPRISE}:manager", "272")) == "272",
        "replaced",
        scim.read(user),
    )
    expect(
        manager_after(op("add", f"{ENTERPRISE}:manager", {"value": "273"})) == "273",
        "as an object",
        scim.read(user),
    )
    expect(
        manager_after(op("add", f"{ENTERPRISE}:manager", [{"value": "274", "$ref": None}])) == "274",
        "as a list of one",
        scim.read(user),
    )
    expect(
        manager_after(op("add", f"{ENTERPRISE}:manager.value", "275")) == "275",
        "by sub-attribute",
        scim.read(user),
    )


@report(
    "https://github.com/Captain-P-Goldfish/SCIM-SDK/pull/653",
    CLIENT,
    'Entra: use SCIM to provision users, with the flag: replace with ""',
)
def manager_emptied(scim: Scim) -> None:
    """An empty manager is an internal error."""
    for o in (
        op("replace", f"{ENTERPRISE}:manager", ""),
        op("replace", "manager", ""),
        op("Remove", f"{ENTERPRISE}:manager"),
        op("replace", f"{ENTERPRISE}:manager", None),
        op("replace", f"{ENTERPRISE}:manager", {"value": ""}),
        op("replace", f"{ENTERPRISE}:manager.value", ""),
        op("replace", None, {f"{ENTERPRISE}:manager": ""}),
        op("replace", None, {ENTERPRISE: {"manager": None}}),
        op("remove", f"{ENTERPRISE}:manager.value"),
        op("replace", f"{ENTERPRISE}:manager", []),
        op("replace", f"{ENTERPRISE}:manager", {"value": None}),
    ):
        user = scim.user(**{ENTERPRISE: {"manager": {"value": "1"}, "department": "D"}})
        after = scim.patch_and_read(user, o)
        expect(after[ENTERPRISE] == {"department": "D"}, f"no manager after {short(o)}", after.get(ENTERPRISE))


@report(
    "https://github.com/thomaspoignant/scim-patch/issues/453",
    OPTIONAL,
    "manager is single-valued: 400 invalidPath, or the manager is removed",
)
def manager_with_filter(scim: Scim) -> None:
    """Remove of manager[value eq "…"]."""
    user = scim.user(**{ENTERPRISE: {"manager": {"value": "m1"}}})
    answer = scim.patch(user, op("remove", f'{ENTERPRISE}:manager[value eq "m1"]'))
    if answer.status >= 400:
        scim.expect_error(answer, 400, "invalidPath", "noTarget", "invalidFilter")
    else:
        expect("manager" not in scim.read(user).get(ENTERPRISE, {}), "no manager", scim.read(user))


@report(
    "https://github.com/Captain-P-Goldfish/scim-for-keycloak/issues/73",
    OPTIONAL,
    "RFC 7644 §3.5.2.3 has noTarget; a server that serves Entra creates the value",
)
def replace_missing_email(scim: Scim) -> None:
    """Entra replaces emails[type eq "work"].value of a user without one: noTarget in every cycle."""
    user = scim.user()
    answer = scim.patch(user, op("Replace", 'emails[type eq "work"].value', "n@example.com"))
    expect(
        answer.status == 200 and values(scim.read(user), "emails") == ["n@example.com"],
        "the e-mail to be created",
        answer,
    )


@report("https://github.com/simpleidserver/SimpleIdServer/issues/58", MUST, "RFC 7644 §3.5.2.3: 400 noTarget")
def no_target(scim: Scim) -> None:
    """Replace with a filter that matches nothing adds a value."""
    user = scim.user(emails=[{"value": "h@example.com", "type": "home"}])
    answer = scim.patch(user, op("replace", 'emails[value eq "bogus"]', {"display": "x"}))
    scim.expect_error(answer, 400, "noTarget")
    scim.expect_error(scim.patch(user, op("replace", 'emails[type ne "home"].value', "x@example.com")), 400, "noTarget")
    answer = scim.patch(user, op("remove", 'emails[type eq "work"]'))
    if answer.status != 200:
        scim.expect_error(answer, 400, "noTarget")
    expect(scim.read(user)["emails"] == [{"value": "h@example.com", "type": "home"}], "no change", scim.read(user))


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/680", CLIENT, "Entra: use SCIM to provision users")
def adds_make_one_address(scim: Scim) -> None:
    """Several adds to addresses[type eq "work"].… create several addresses."""
    user = scim.user()
    after = scim.patch_and_read(
        user,
        *[
            op("Add", f'addresses[type eq "work"].{p}', v)
            for p, v in (
                ("formatted", "F"),
                ("locality", "L"),
                ("region", "R"),
                ("streetAddress", "7070 Phoebe Hollow"),
                ("postalCode", "1"),
                ("country", "Belize"),
            )
        ],
    )
    expect(
        after["addresses"]
        == [
            {
                "formatted": "F",
                "streetAddress": "7070 Phoebe Hollow",
                "locality": "L",
                "region": "R",
                "postalCode": "1",
                "country": "Belize",
                "type": "work",
            }
        ],
        "one address",
        after["addresses"],
    )
    after = scim.patch_and_read(user, op("Replace", 'addresses[type eq "work"].streetAddress', "910 Broadway, Floor 2"))
    expect(
        after["addresses"][0]["streetAddress"] == "910 Broadway, Floor 2" and len(after["addresses"][0]) == 7,
        "one part changed, whole text kept",
        after["addresses"],
    )


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/668", MUST, "RFC 7644 §3.5.2.3")
def others_stay(scim: Scim) -> None:
    """Replacing the work e-mail removes the home e-mail."""
    user = scim.user(
        emails=[
            {"type": "work", "primary": True, "value": "j@work.example"},
            {"type": "home", "primary": False, "value": "j@home.example"},
        ]
    )
    after = scim.patch_and_read(user, op("replace", 'emails[type eq "work"].value', "k@work.example"))
    expect(
        after["emails"][0] == {"value": "k@work.example", "type": "work", "primary": True}
        and after["emails"][1]["value"] == "j@home.example",
        "one value changed",
        after["emails"],
    )


@report(
    "https://github.com/simpleidserver/SimpleIdServer/issues/59",
    OPTIONAL,
    "RFC 7644 §3.5.2.3: sub-attributes that are not specified are left unchanged",
)
def replace_selected_whole(scim: Scim) -> None:
    """Replacing one sub-attribute of roles[value eq …] loses the others."""
    user = scim.user(roles=[{"value": "Member", "display": "Member", "type": "T"}])
    after = scim.patch_and_read(user, op("Replace", 'roles[value eq "Member"]', {"display": "Team Member"}))
    expect(
        after.get("roles") == [{"value": "Member", "display": "Team Member", "type": "T"}],
        "the other sub-attributes unchanged",
        after.get("roles"),
    )


@report(
    "https://github.com/sourcegraph/sourcegraph-public-snapshot/issues/49210",
    MUST,
    "RFC 7644 §3.5.2: primary of the other values becomes false",
)
def new_primary(scim: Scim) -> None:
    """After a new primary is set, the old one is still primary."""
    two = [{"type": "work", "primary": True, "value": "a@example.com"}, {"type": "home", "value": "b@example.com"}]
    for o in (
        op("replace", 'emails[type eq "home"].primary', True),
        op("add", 'emails[type eq "home"].primary', "True"),
        op("add", "emails", [{"value": "c@example.com", "primary": True}]),
        op("add", None, {"emails": [{"value": "c@example.com", "primary": "true"}]}),
        op("replace", 'emails[type eq "home"]', {"value": "d@example.com", "primary": True}),
        op("add", 'emails[type eq "other" and primary eq true].value', "e@example.com"),
    ):
        user = scim.user(emails=two)
        after = scim.patch_and_read(user, o)
        expect(
            [e["value"] for e in after["emails"] if e.get("primary") is True and e["value"] != "a@example.com"]
            and [e.get("primary") for e in after["emails"]].count(True) == 1,
            f"the new one alone after {short(o)}",
            after["emails"],
        )


@report("https://github.com/sourcegraph/sourcegraph-public-snapshot/pull/49119", CLIENT, "as captured in the report")
def validator_mix(scim: Scim) -> None:
    """The PATCH of Microsoft's validator with nine operations on three e-mails."""
    user = scim.user(emails=[{"type": "work", "primary": True, "value": "o@example.com"}])
    ops = [
        op("replace", 'emails[type eq "work"].value', "w@example.com"),
        op("add", 'emails[type eq "home"].value', "h@example.com"),
        op("add", 'emails[type eq "other"].value', "x@example.com"),
    ]
    ops += [op("replace", f'emails[type eq "{t}"].display', "D" + t) for t in ("work", "home", "other")]
    ops += [
        op("add", 'emails[type eq "work"].primary', False),
        op("replace", 'emails[type eq "home"].primary', True),
        op("replace", 'emails[type eq "other"].primary', False),
    ]
    after = scim.patch_and_read(user, *ops)
    expect(
        sorted((e["type"], e["value"], e["display"], e.get("primary", False)) for e in after["emails"])
        == [
            ("home", "h@example.com", "Dhome", True),
            ("other", "x@example.com", "Dother", False),
            ("work", "w@example.com", "Dwork", False),
        ],
        "the three e-mails with their changes",
        after["emails"],
    )
