"""Groups and their members."""

from urllib.parse import quote

from suites.field.scim import (
    CLIENT,
    ENTERPRISE,
    GROUP,
    MUST,
    OPTIONAL,
    RUN,
    USER,
    Scim,
    Skip,
    expect,
    op,
    report,
    short,
    values,
)


@report("https://github.com/langwatch/langwatch/issues/7131", MUST, "RFC 7644 §3.5.2.3")
def rename_keeps_members(scim: Scim) -> None:
    """A replace of another attribute empties the group."""
    user, other = scim.user(), scim.user()
    for o in (
        op("replace", None, {"displayName": "N" + RUN}),
        op("Replace", "displayName", "M" + RUN),
        op("replace", "externalId", RUN + "q"),
        op("replace", None, {"externalId": RUN + "r"}),
        op("add", None, {"displayName": "O" + RUN}),
        op("replace", None, {"nonsense": 1}),
    ):
        group = scim.group([user, other])
        scim.patch_and_read(group, o)
        expect(
            values(scim.read(group), "members") == sorted([user["id"], other["id"]]),
            f"both after {short(o)}",
            scim.read(group),
        )


@report("https://github.com/imulab/go-scim/issues/57", CLIENT, "developer.okta.com: group PATCH")
def okta_rename(scim: Scim) -> None:
    """Okta renames a group with the group's id in the value."""
    user = scim.user()
    group = scim.group([user])
    scim.patch_and_read(group, op("replace", None, {"id": group["id"], "displayName": "K" + RUN}))
    expect(
        scim.read(group)["displayName"] == "K" + RUN and len(scim.read(group)["members"]) == 1,
        "renamed",
        scim.read(group),
    )
    scim.expect_error(scim.patch(group, op("replace", None, {"id": "other", "displayName": "L"})), 400, "mutability")


@report("https://github.com/AzureAD/SCIMReferenceCode/issues/20", CLIENT, "Microsoft's Postman collection")
def member_with_display_name(scim: Scim) -> None:
    """Microsoft's collection adds members with displayName instead of display."""
    user = scim.user()
    group = scim.group()
    scim.patch_and_read(
        group, {"name": "addMember", **op("add", "members", [{"displayName": "new User", "value": user["id"]}])}
    )
    expect(values(scim.read(group), "members") == [user["id"]], "one member", scim.read(group))


@report("https://github.com/AzureAD/SCIMReferenceCode/issues/10", MUST, "RFC 7644 §3.5.2.1, §3.5.2.2")
def members_once(scim: Scim) -> None:
    """The same member is stored twice, and removing one removes all."""
    user, other, w = scim.user(), scim.user(), scim.user()
    group = scim.group([user, user])
    scim.patch_and_read(
        group,
        op("add", "members", [{"value": user["id"]}, {"value": other["id"]}, {"value": other["id"]}]),
        op("Add", "members", [{"value": w["id"], "$ref": None}]),
        op("add", None, {"members": [{"value": user["id"]}]}),
    )
    expect(
        values(scim.read(group), "members") == sorted(x["id"] for x in (user, other, w)),
        "three members, each once",
        scim.read(group),
    )
    scim.patch_and_read(group, op("remove", f'members[value eq "{user["id"]}"]'))
    expect(values(scim.read(group), "members") == sorted(x["id"] for x in (other, w)), "two left", scim.read(group))
    scim.patch_and_read(group, op("remove", f'members[value eq "{user["id"]}"]'))
    expect(len(scim.read(group)["members"]) == 2, "no change when it is repeated", scim.read(group))


@report("https://github.com/scimmyjs/scimmy/issues/34", CLIENT, "Entra: SCIM compatibility")
def members_removed_by_list(scim: Scim) -> None:
    """Entra removes members by [{"$ref":null,"value":…}]."""
    users = [scim.user() for _ in range(4)]
    group = scim.group(users)
    scim.patch_and_read(group, op("Remove", "members", [{"$ref": None, "value": users[0]["id"]}]))
    expect(len(scim.read(group)["members"]) == 3, "one less", scim.read(group))
    scim.patch_and_read(
        group,
        op(
            "remove",
            "members",
            [{"value": users[1]["id"], "display": "who", "type": "User"}, {"value": users[1]["id"]}],
        ),
    )
    expect(len(scim.read(group)["members"]) == 2, "one less", scim.read(group))
    scim.patch_and_read(group, op("remove", "members", {"value": users[2]["id"]}))
    expect(
        values(scim.read(group), "members") == [users[3]["id"]],
        "one left after an object instead of a list",
        scim.read(group),
    )
    scim.patch_and_read(group, op("remove", "members", []))
    expect(len(scim.read(group)["members"]) == 1, "an empty list to remove nobody", scim.read(group))
    scim.patch_and_read(group, op("remove", "members", [{"value": "no-such-id"}]))
    expect(len(scim.read(group)["members"]) == 1, "an unknown member to remove nobody", scim.read(group))
    scim.patch_and_read(group, op("remove", "members"))
    expect(not scim.read(group).get("members"), "all removed without a value", scim.read(group))


@report(
    "https://github.com/goauthentik/authentik/issues/23005",
    CLIENT,
    "Entra: use SCIM to provision users, reference checks; AWS and JumpCloud",
)
def membership_lookup(scim: Scim) -> None:
    """Membership filters: id and members, groups.value, manager."""
    user, other = scim.user(), scim.user(**{ENTERPRISE: {"manager": {"value": "boss-1"}}})
    group = scim.group([user])
    scim.expect_found("Groups", f'id eq "{group["id"]}" and members eq "{user["id"]}"', [group])
    scim.expect_found("Groups", f'id eq "{group["id"]}" and members eq "{other["id"]}"', [])
    scim.expect_found("Groups", f'members[value eq "{user["id"]}"]', [group])
    scim.expect_found("Groups", f'members.value eq "{other["id"]}"', [])
    scim.expect_found("Users", f'groups.value eq "{group["id"]}"', [user])
    scim.expect_found("Users", f'groups[display eq "{group["displayName"]}"]', [user])
    scim.expect_found("Users", f'id eq "{other["id"]}" and {ENTERPRISE}:manager eq "boss-1"', [other])
    answer = scim.get(
        "/Groups?filter=" + quote(f'id eq "{group["id"]}" and members eq "{user["id"]}"') + "&attributes=id"
    )
    expect(set(answer.json["Resources"][0]) == {"schemas", "id"}, "id only", answer)


@report("https://github.com/windmill-labs/windmill/pull/7495", CLIENT, "RFC 7644 §3.5.2.2")
def jumpcloud_members(scim: Scim) -> None:
    """JumpCloud selects members in the path, with and without the URN."""
    user, other = scim.user(), scim.user()
    group = scim.group([user, other])
    scim.patch_and_read(
        group,
        op("remove", f'{GROUP}:members[value eq "{user["id"]}"]'),
        op("add", "members", [{"value": other["id"], "type": "User"}]),
    )
    expect(values(scim.read(group), "members") == [other["id"]], "the other member only", scim.read(group))
    answer = scim.raw(
        "PUT",
        f"/Users/{other['id']}",
        {
            "schemas": [USER],
            "id": other["id"],
            "userName": other["userName"],
            "name": {"givenName": "J", "familyName": "C"},
            "emails": [{"value": "j@example.com", "type": "work", "primary": True}],
            "active": False,
        },
    )
    expect(answer.status == 200 and answer.json["active"] is False, "active false", answer)


@report(
    "https://github.com/kortix-ai/suna/pull/7298",
    OPTIONAL,
    "RFC 7643 §8.7.1 has no uniqueness for displayName; a server may declare it in /Schemas",
)
def group_names(scim: Scim) -> None:
    """Two groups of one name; a rename to a name in use."""
    group, h = scim.group(), scim.group()
    declared = next(a for a in scim.get(f"/Schemas/{GROUP}").json["attributes"] if a["name"] == "displayName")[
        "uniqueness"
    ]
    a = scim.post("Groups", {"schemas": [GROUP], "displayName": group["displayName"].upper()})
    b = scim.patch(h, op("Replace", "displayName", group["displayName"]))
    expect(
        (a.status, b.status) == ((409, 409) if declared == "server" else (201, b.status)),
        f"as /Schemas declares: {declared}",
        (a.status, b.status),
    )
    scim.patch_and_read(group, op("Replace", "displayName", group["displayName"].upper()))


@report("https://github.com/FusionAuth/fusionauth-issues/issues/2834", MUST, "RFC 7644 §3.5.2.2")
def several_removes(scim: Scim) -> None:
    """Several removes in one request remove the wrong members."""
    users = [scim.user() for _ in range(5)]
    group = scim.group(users)
    scim.patch_and_read(group, *[op("remove", f'members[value eq "{users[i]["id"]}"]') for i in (0, 2, 4)])
    expect(
        values(scim.read(group), "members") == sorted([users[1]["id"], users[3]["id"]]),
        "1 and 3 left",
        scim.read(group),
    )
    scim.patch_and_read(group, op("remove", f'members[value eq "{users[1]["id"]}" or value eq "{users[3]["id"]}"]'))
    expect(not scim.read(group).get("members"), "none left by a filter with or", scim.read(group))


@report("https://github.com/wso2/product-is/issues/7040", MUST, "RFC 7644 §3.5.2.2")
def members_by_display(scim: Scim) -> None:
    """Members are selected by display and value."""
    user, other = scim.user(displayName="Kim " + RUN), scim.user(displayName="Kim " + RUN)
    group = scim.group([user, other])
    m = scim.read(group)["members"]
    if not all(x.get("display") for x in m):
        raise Skip("no display")
    scim.patch_and_read(group, op("remove", f'members[display eq "{m[0]["display"]}" and value eq "{user["id"]}"]'))
    expect(values(scim.read(group), "members") == [other["id"]], "one", scim.read(group))


@report("https://github.com/wso2/product-is/issues/5333", MUST, "RFC 7644 §3.5.2.1")
def add_again(scim: Scim) -> None:
    """Adding an existing member doubles it in the response."""
    user = scim.user()
    group = scim.group([user])
    before = scim.read(group)
    answer = scim.patch(
        group,
        op(
            "add",
            None,
            {
                "members": [
                    {
                        "display": "PRIMARY/x",
                        "value": user["id"],
                        "$ref": "https://elsewhere.example/Users/" + user["id"],
                    }
                ]
            },
        ),
        query="?attributes=members",
    )
    expect(answer.status == 200 and values(answer.json, "members") == [user["id"]], "once", answer)
    expect(
        scim.read(group)["meta"]["version"] == before["meta"]["version"]
        and scim.read(group)["members"] == before["members"],
        "the same version and members",
        scim.read(group),
    )


@report("https://github.com/grokability/snipe-it/issues/19096", MUST, "RFC 7644 §3.5.2.3: that one, and no other")
def members_replaced(scim: Scim) -> None:
    """Replace of members leaves the old ones."""
    user, other = scim.user(), scim.user()
    group = scim.group([user])
    scim.patch_and_read(group, op("replace", "members", [{"value": other["id"]}]))
    expect(values(scim.read(group), "members") == [other["id"]], "the other member only", scim.read(group))
    scim.patch_and_read(group, op("replace", "members", []))
    expect(not scim.read(group).get("members"), "no members", scim.read(group))
