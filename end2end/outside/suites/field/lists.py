"""Paging, sorting, and which attributes are returned."""

from urllib.parse import quote

from suites.field.scim import CLIENT, ENTERPRISE, MUST, OPTIONAL, RUN, SEARCH, USER, Scim, Skip, expect, report


@report("https://github.com/simpleidserver/SimpleIdServer/issues/185", MUST, "RFC 7644 §3.4.2.4: less than 1 is 1")
def start_index(scim: Scim) -> None:
    """startIndex 0, 1 and 2 start at the same user."""
    users = [scim.user(nickName=RUN + "i") for _ in range(4)]
    f = "/Users?filter=" + quote(f'nickName eq "{RUN}i"')
    firsts = [scim.get(f"{f}&startIndex={i}&count=1").json for i in ("0", "-5", "1", "2", "4", "5", "99")]
    got = [(p["totalResults"], p["itemsPerPage"], [r["id"] for r in p.get("Resources", [])]) for p in firsts]
    expect(got[0] == got[1] == got[2], "0 and negative values as 1", got)
    expect(got[3][2] != got[2][2] and got[3][1] == 1, "startIndex 2 to return the next user", got)
    expect(got[5] == (4, 0, []) and got[6] == (4, 0, []), "past the end: none, totalResults 4", got)
    expect(all(p["startIndex"] >= 1 for p in firsts), "startIndex from 1", firsts)
    expect({r for g in got for r in g[2]} <= {u["id"] for u in users}, "the users of this case", got)


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/131", MUST, "RFC 7644 §3.4.2.4")
def start_beyond_count(scim: Scim) -> None:
    """A startIndex larger than count returns an empty page although there are more resources."""
    for i in range(13):
        scim.user(externalId=f"{RUN}{i:02}")
    answer = scim.get("/Users?startIndex=11&count=10&filter=" + quote(f'externalId sw "{RUN}"')).json
    expect(
        answer["totalResults"] == 13
        and len(answer["Resources"]) == 3
        and answer["itemsPerPage"] == 3
        and answer["startIndex"] == 11,
        "3 of 13",
        {k: answer[k] for k in ("totalResults", "itemsPerPage", "startIndex")},
    )


@report(
    "https://github.com/wso2/product-is/issues/5362", MUST, "RFC 7644 §3.4.2.4: 0 means no resources, only totalResults"
)
def count_zero(scim: Scim) -> None:
    """Count=0 returns every resource, by GET and by .search."""
    scim.user(nickName=RUN + "z")
    f = f'nickName eq "{RUN}z"'
    answer = scim.get("/Users?count=0&filter=" + quote(f)).json
    expect(answer["totalResults"] == 1 and not answer.get("Resources"), "1 and none", answer)
    answer = scim.raw("POST", "/Users/.search", {"schemas": [SEARCH], "filter": f, "startIndex": 1, "count": 0}).json
    expect(answer["totalResults"] == 1 and not answer.get("Resources"), "1 and none by .search", answer)
    answer = scim.get("/Users?count=-3&filter=" + quote(f)).json
    expect(answer["totalResults"] == 1 and not answer.get("Resources"), "negative as 0", answer)


@report("https://github.com/wso2/product-is/issues/12813", MUST, "RFC 7644 §3.4.2")
def total_results(scim: Scim) -> None:
    """With a filter, totalResults is the size of the page."""
    for _ in range(5):
        scim.user(nickName=RUN + "t")
    answer = scim.get(
        "/Users?startIndex=2&count=2&filter=" + quote(f'nickName eq "{RUN}t" and meta.resourceType eq "User"')
    ).json
    expect(
        (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"], len(answer["Resources"]))
        == (5, 2, 2, 2),
        "5, 2, 2, 2",
        answer,
    )


@report("https://github.com/okta/okta-developer-docs/pull/251", CLIENT, "developer.okta.com: SCIM 2.0 reference")
def okta_lookup(scim: Scim) -> None:
    """Okta's import: filter, startIndex=1 and count=100; the counts must be numbers."""
    user = scim.user()
    answer = scim.get(
        f"/Users?filter=userName%20eq%20%22{user['userName']}%22&startIndex=1&count=100",
        headers={
            "User-Agent": "Okta SCIM Client 1.0.0",
            "Accept-Charset": "utf-8",
            "Content-Type": "application/scim+json; charset=utf-8",
        },
    ).json
    expect(
        answer["totalResults"] == 1 and answer["startIndex"] == 1 and isinstance(answer["itemsPerPage"], int),
        "1 from 1",
        answer,
    )
    answer = scim.get("/Users?startIndex=1&count=2").json
    expect(len(answer["Resources"]) <= 2, "2 at most", answer)


@report(
    "https://github.com/scimmyjs/scimmy/pull/67", MUST, "RFC 7644 §3.4.2.3: by the primary value, otherwise the first"
)
def sort_by_multi(scim: Scim) -> None:
    """sortBy with a multi-valued attribute does not sort."""
    a = scim.user(nickName=RUN + "s", emails=[{"value": "a@example.com"}, {"value": "z@example.com"}])
    b = scim.user(nickName=RUN + "s", emails=[{"value": "y@example.com"}, {"value": "b@example.com", "primary": True}])
    c = scim.user(nickName=RUN + "s", emails=[{"value": "c@example.com"}])
    d = scim.user(nickName=RUN + "s")
    for by in ("emails.value", "emails"):
        r = [
            x["id"] for x in scim.get(f"/Users?sortBy={by}&filter=" + quote(f'nickName eq "{RUN}s"')).json["Resources"]
        ]
        expect(r == [a["id"], b["id"], c["id"], d["id"]], f"{by}: a, b (primary), c, none", r)
        r = [
            x["id"]
            for x in scim.get(f"/Users?sortBy={by}&sortOrder=descending&filter=" + quote(f'nickName eq "{RUN}s"')).json[
                "Resources"
            ]
        ]
        expect(r == [d["id"], c["id"], b["id"], a["id"]], f"{by} descending", r)


@report(
    "https://github.com/keycloak/keycloak/issues/50561",
    MUST,
    "RFC 7644 §3.4.2.3: last when ascending, first when descending",
)
def sort_without_values(scim: Scim) -> None:
    """The position of users without a value is undefined."""
    a, b, c = (
        scim.user(nickName=RUN + "o", title="Alpha"),
        scim.user(nickName=RUN + "o", title="beta"),
        scim.user(nickName=RUN + "o"),
    )
    f = quote(f'nickName eq "{RUN}o"')
    r = [x["id"] for x in scim.get("/Users?sortBy=title&filter=" + f).json["Resources"]]
    expect(r == [a["id"], b["id"], c["id"]], "Alpha, beta, none", r)
    r = [x["id"] for x in scim.get("/Users?sortBy=TITLE&sortOrder=Descending&filter=" + f).json["Resources"]]
    expect(r == [c["id"], b["id"], a["id"]], "none, beta, Alpha", r)


@report("https://github.com/wso2/product-is/issues/7413", MUST, "RFC 7643 §2.1, RFC 7644 §3.9")
def attributes_in_any_case(scim: Scim) -> None:
    """Attributes=displayname in lower case returns nothing."""
    group = scim.group()
    answer = scim.get(f"/Groups/{group['id']}?attributes=DISPLAYNAME").json
    expect(
        answer.get("displayName") == group["displayName"] and set(answer) == {"schemas", "id", "displayName"},
        "id and displayName",
        answer,
    )


@report("https://github.com/wso2/product-is/issues/11092", MUST, "RFC 7644 §3.10")
def attributes_with_urn(scim: Scim) -> None:
    """Attributes with an extension's URN and a sub-attribute."""
    boss = scim.user()
    user = scim.user(
        name={"givenName": "A", "familyName": "B"},
        **{ENTERPRISE: {"department": "D", "manager": {"value": boss["id"]}}},
    )
    answer = scim.get(f"/Users/{user['id']}?attributes={ENTERPRISE}:manager.value,{USER}:name.givenName").json
    expect(
        answer.get(ENTERPRISE) == {"manager": {"value": boss["id"]}}
        and answer.get("name") == {"givenName": "A"}
        and "userName" not in answer,
        "the two attributes only",
        answer,
    )
    answer = scim.get(f"/Users/{user['id']}?excludedAttributes={ENTERPRISE}:department,name.familyName,emails").json
    expect(
        "department" not in answer[ENTERPRISE] and answer["name"] == {"givenName": "A"} and "userName" in answer,
        "all but the excluded",
        answer,
    )
    answer = scim.get(f"/Users?attributes={ENTERPRISE}&filter=" + quote(f'id eq "{user["id"]}"')).json["Resources"][0]
    expect(set(answer) == {"schemas", "id", ENTERPRISE}, "the whole extension", answer)


@report(
    "https://github.com/scimmyjs/scimmy/issues/55",
    OPTIONAL,
    "RFC 7644 §3.10 has no such name: the e-mails or 400, but not their absence",
)
def attributes_with_filter(scim: Scim) -> None:
    """Microsoft's collection asks for attributes=emails[type eq "work"]."""
    user = scim.user(emails=[{"value": "w@example.com", "type": "work"}, {"value": "h@example.com", "type": "home"}])
    answer = scim.get(f"/Users/{user['id']}?attributes=" + quote('emails[type eq "work"]'))
    expect(
        answer.status == 400 or [e["type"] for e in answer.json.get("emails", [])][:1] == ["work"],
        "the work e-mail (or 400)",
        answer,
    )


@report("https://github.com/wso2/product-is/issues/5090", MUST, "RFC 7644 §3.4.2")
def attributes_and_filter(scim: Scim) -> None:
    """Attributes together with filter: the filter is ignored."""
    user = scim.user(emails=[{"value": "e@example.com", "type": "work", "primary": True}])
    scim.user()
    answer = scim.get(
        "/Users?attributes=emails.value,emails.type&filter=" + quote(f'userName eq "{user["userName"]}"')
    ).json
    expect(
        [r["id"] for r in answer["Resources"]] == [user["id"]]
        and answer["Resources"][0]["emails"] == [{"value": "e@example.com", "type": "work"}],
        "one user, two sub-attributes",
        answer,
    )


@report("https://github.com/GluuFederation/SCIM-Client/issues/45", MUST, "RFC 7644 §3.4.3")
def root_search(scim: Scim) -> None:
    """/.search at the base URL covers users and groups."""
    user, group = scim.user(displayName=RUN + "rs"), scim.group(displayName=RUN + "rs")
    answer = scim.raw(
        "POST",
        "/.search",
        {"schemas": [SEARCH], "filter": f'displayName eq "{RUN}rs"', "attributes": ["displayName", "userName"]},
    )
    if answer.status in (404, 501):
        raise Skip("no /.search")
    expect(
        answer.status == 200 and {r["id"] for r in answer.json["Resources"]} == {user["id"], group["id"]},
        "both values",
        answer,
    )
    answer = scim.raw("POST", "/.search", {"schemas": [SEARCH], "filter": f'userName eq "{user["userName"]}"'})
    expect({r["id"] for r in answer.json["Resources"]} == {user["id"]}, "only the user", answer)
