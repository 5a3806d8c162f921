"""Members of groups: listed, nested, many, and changed at the same time."""

from concurrent.futures import ThreadPoolExecutor

from suites.field.scim import CLIENT, GROUP, MUST, RUN, USER, Scim, expect, op, report, values


@report("https://github.com/jelhub/scimgateway/issues/95", CLIENT, "as logged in the report")
def okta_group_put(scim: Scim) -> None:
    """Okta's PUT of a group has members with display null."""
    user, other, w = scim.user(), scim.user(), scim.user()
    group = scim.group([user, other])
    answer = scim.raw(
        "PUT",
        f"/Groups/{group['id']}",
        {
            "schemas": [GROUP],
            "id": group["id"],
            "displayName": "Put " + RUN,
            "members": [{"value": other["id"], "display": None}, {"value": w["id"], "display": None}],
        },
    )
    expect(answer.status in (200, 204), "200", answer)
    expect(
        values(scim.read(group), "members") == sorted([other["id"], w["id"]])
        and scim.read(group)["displayName"] == "Put " + RUN,
        "the two listed members",
        scim.read(group),
    )
    answer = scim.raw(
        "PUT",
        f"/Groups/{group['id']}",
        {
            "schemas": [GROUP],
            "displayName": "Put " + RUN,
            "members": [{"value": w["id"], "display": "another display"}],
        },
    )
    expect(
        answer.status in (200, 204) and values(scim.read(group), "members") == [w["id"]],
        "one member, whatever its display",
        answer,
    )


@report(
    "https://github.com/simpleidserver/SimpleIdServer/issues/844", MUST, "RFC 7643 §4.2: values may be added or removed"
)
def members_are_read_write(scim: Scim) -> None:
    """members.value is immutable, so that members cannot be replaced."""
    user, other = scim.user(), scim.user()
    group = scim.group([user])
    answer = scim.raw(
        "PUT",
        f"/Groups/{group['id']}",
        {"schemas": [GROUP], "displayName": group["displayName"], "members": [{"value": other["id"], "type": "User"}]},
    )
    expect(answer.status in (200, 204) and values(scim.read(group), "members") == [other["id"]], "replaced", answer)
    scim.expect_error(
        scim.patch(group, op("replace", f'members[value eq "{other["id"]}"].value', user["id"])), 400, "mutability"
    )


@report("https://github.com/fleetdm/fleet/issues/52501", MUST, "RFC 7643 §4.2")
def nested_groups(scim: Scim) -> None:
    """The list of groups omits nested groups."""
    user = scim.user()
    child = scim.group([user])
    parent = scim.group([child])
    one = scim.read(parent)
    many = scim.matching("Groups", f'id eq "{parent["id"]}"')["Resources"][0]
    expect(
        one["members"] == many["members"]
        and one["members"][0].get("type") == "Group"
        and "/Groups/" in one["members"][0].get("$ref", ""),
        "the same in both, type Group",
        one,
    )
    expect(
        {(g["value"], g.get("type")) for g in scim.read(user)["groups"]}
        == {(child["id"], "direct"), (parent["id"], "indirect")},
        "direct and indirect",
        scim.read(user).get("groups"),
    )
    answer = scim.patch(child, op("add", "members", [{"value": child["id"]}]))
    expect(answer.status in (200, 204, 400, 409), "a group in itself to be refused or stored", answer)
    answer = scim.patch(child, op("add", "members", [{"value": parent["id"]}]))
    expect(answer.status in (200, 204, 400, 409), "a circle to be refused or stored", answer)
    expect(scim.get(f"/Users/{user['id']}").status == 200, "200 in spite of the circle", "")


@report("https://github.com/goauthentik/authentik/issues/20410", MUST, "no limit in RFC 7644 §3.5.2")
def many_members(scim: Scim) -> None:
    """More than 100 members in a request."""
    users = [scim.user() for _ in range(130)]
    group = scim.group(users[:120])
    expect(len(scim.read(group)["members"]) == 120, "120", len(scim.read(group).get("members", [])))
    scim.patch_and_read(
        group,
        op("replace", None, {"displayName": group["displayName"], "members": [{"value": u["id"]} for u in users]}),
    )
    expect(len(scim.read(group)["members"]) == 130, "130", len(scim.read(group).get("members", [])))
    scim.patch_and_read(group, op("Remove", "members", [{"value": u["id"]} for u in users[:129]]))
    expect(values(scim.read(group), "members") == [users[129]["id"]], "one", scim.read(group))
    answer = scim.get(f"/Groups/{group['id']}?excludedAttributes=members").json
    expect("members" not in answer, "no members", answer)


@report("https://github.com/wso2/product-is/issues/16933", MUST, "RFC 7644 §3.5.2: 400 invalidPath")
def typing_error(scim: Scim) -> None:
    """A misspelled path in a PATCH of a group is answered 500."""
    user, group = scim.user(), scim.group()
    scim.expect_error(
        scim.patch(group, op("add", "memebers", [{"display": "n", "value": user["id"]}])),
        400,
        "invalidPath",
        "noTarget",
    )
    scim.expect_error(scim.patch(group, op("add", "members", [{"value": "no-such-id"}])), 400, "invalidValue")
    expect(not scim.read(group).get("members"), "no members", scim.read(group))


@report("https://github.com/Metatavu/keycloak-scim-server/pull/101", MUST, "RFC 7644 §3.5.2: atomic")
def members_atomic(scim: Scim) -> None:
    """With one unknown member, some members are added and some are not."""
    user, group = scim.user(), scim.group()
    answer = scim.patch(group, op("add", None, {"members": [{"value": user["id"]}, {"value": "no-such-id"}]}))
    scim.expect_error(answer, 400, "invalidValue")
    expect(not scim.read(group).get("members"), "no members", scim.read(group))
    answer = scim.patch(group, op("add", "members", [{"value": user["id"]}]), op("replace", "displayName", ""))
    expect(answer.status == 400 and not scim.read(group).get("members"), "no members", answer)


@report("https://github.com/simpleidserver/SimpleIdServer/issues/343", MUST, "RFC 7643 §4.1.2, §4.2")
def deleted_members(scim: Scim) -> None:
    """A deleted user is still a member; a deleted group is still among a user's groups."""
    user, other = scim.user(), scim.user()
    group = scim.group([user, other])
    scim.raw("DELETE", f"/Users/{user['id']}")
    expect(values(scim.read(group), "members") == [other["id"]], "the other member only", scim.read(group))
    scim.raw("DELETE", f"/Groups/{group['id']}")
    expect(not scim.read(other).get("groups"), "no groups", scim.read(other))


@report("https://github.com/fleetdm/fleet/issues/50724", MUST, "RFC 7644 §3.5.2: atomic; no write is lost")
def parallel_members(scim: Scim) -> None:
    """Simultaneous PATCHes of a group lose members."""
    users, group = [scim.user() for _ in range(16)], scim.group()

    def send(operation: dict) -> int:
        return scim.patch(group, operation).status

    with ThreadPoolExecutor(8) as pool:
        done = set(pool.map(send, [op("add", "members", [{"value": u["id"]}]) for u in users]))
    expect(
        done <= {200, 204} and len(scim.read(group)["members"]) == 16,
        "16",
        f"{done}, {len(scim.read(group).get('members', []))}",
    )
    with ThreadPoolExecutor(8) as pool:
        done = set(pool.map(send, [op("remove", f'members[value eq "{u["id"]}"]') for u in users[:12]]))
    expect(
        done <= {200, 204} and len(scim.read(group)["members"]) == 4,
        "4",
        f"{done}, {len(scim.read(group).get('members', []))}",
    )


@report("https://github.com/lightdash/lightdash/issues/22402", MUST, "RFC 7644 §3.3: 409 uniqueness")
def parallel_creates(scim: Scim) -> None:
    """Simultaneous requests create the same user several times."""
    n = scim.name()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: scim.post("Users", {"schemas": [USER], "userName": n}), range(8))
        statuses = sorted(answer.status for answer in answers)
    expect(statuses == [201] + [409] * 7, "one 201, and seven 409", statuses)


@report(
    "https://github.com/kortix-ai/suna/pull/7298", CLIENT, "Entra: use SCIM to provision users, soft delete and restore"
)
def groups_survive(scim: Scim) -> None:
    """A disabled user loses the groups and does not get them back."""
    user = scim.user()
    group = scim.group([user])
    scim.patch_and_read(user, op("Replace", "active", "False"))
    expect(
        len(scim.read(user).get("groups", [])) == 1 and values(scim.read(group), "members") == [user["id"]],
        "the membership while disabled",
        scim.read(user),
    )
    scim.patch_and_read(user, op("Replace", "active", "True"))
    expect(values(scim.read(group), "members") == [user["id"]], "the membership when enabled again", scim.read(group))
