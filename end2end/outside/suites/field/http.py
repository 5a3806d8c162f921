"""HTTP: methods, headers, authentication, discovery and bulk."""

import json
from urllib.parse import quote

from suites.field.scim import (
    BULK,
    CLIENT,
    ERROR,
    GROUP,
    LIST,
    MUST,
    OPTIONAL,
    PATCH_OP,
    RUN,
    USER,
    Scim,
    Skip,
    expect,
    op,
    report,
    values,
)


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/746", MUST, "RFC 7644 §3.14, RFC 9110 §13.1.1")
def right_etag(scim: Scim) -> None:
    """A PATCH with the right ETag is answered 412."""
    user = scim.user()
    tag = scim.get(f"/Users/{user['id']}").headers["ETag"]
    expect(tag == user["meta"]["version"], "ETag is meta.version", (tag, user["meta"]["version"]))
    answer = scim.patch(user, op("replace", "title", "1"), headers={"If-Match": tag})
    expect(answer.status == 200 and answer.headers["ETag"] != tag, "200, a new tag", answer)
    scim.expect_error(scim.patch(user, op("replace", "title", "2"), headers={"If-Match": tag}), 412)
    new = answer.headers["ETag"]
    for form in ('"x", {}', "*", "{}", '{} , "y"'):
        answer = scim.patch(user, op("replace", "title", form), headers={"If-Match": form.format(new)})
        expect(answer.status == 200, f"If-Match: {form.format(new)}", answer)
        new = answer.headers["ETag"]
    scim.expect_error(scim.raw("DELETE", f"/Users/{user['id']}", headers={"If-Match": tag}), 412)
    scim.expect_error(
        scim.raw(
            "PUT", f"/Users/{user['id']}", {"schemas": [USER], "userName": user["userName"]}, headers={"If-Match": tag}
        ),
        412,
    )
    expect(scim.get(f"/Users/{user['id']}", headers={"If-None-Match": new}).status == 304, "304", "")


@report(
    "https://github.com/ansible-collections/community.general/pull/3268",
    OPTIONAL,
    "RFC 9110 §8.8.3: not an entity-tag; 412, or accepted",
)
def stripped_etag(scim: Scim) -> None:
    """A client strips W/ or the quotes from the ETag."""
    user = scim.user()
    tag = user["meta"]["version"]
    answer = scim.patch(user, op("replace", "title", "1"), headers={"If-Match": tag.replace("W/", "")})
    expect(answer.status in (200, 412), "200 or 412", answer)
    tag = scim.read(user)["meta"]["version"]
    answer = scim.patch(user, op("replace", "title", "2"), headers={"If-Match": tag.replace("W/", "").strip('"')})
    expect(answer.status in (200, 400, 412), "200, 400 or 412", answer)


@report("https://github.com/limosa-io/laravel-scim-server/pull/8", CLIENT, "Entra's Content-Type")
def media_types(scim: Scim) -> None:
    """Application/scim+json; charset=utf-8 is refused."""
    for t in (
        "application/scim+json; charset=utf-8",
        "application/scim+json;charset=UTF-8",
        "application/json",
        "application/json; charset=utf-8",
        "Application/SCIM+JSON",
        'application/json; charset="utf-8"',
        None,
    ):
        answer = scim.post("Users", {"schemas": [USER], "userName": scim.name()}, headers={"Content-Type": t})
        expect(answer.status == 201, f"201 with {t}", answer)
        expect(
            answer.headers["Content-Type"].split(";")[0] == "application/scim+json",
            "application/scim+json back",
            answer.headers["Content-Type"],
        )
    for t in ("text/xml", "application/x-www-form-urlencoded", "application/json+scim"):
        scim.expect_error(
            scim.raw("POST", "/Users", {"schemas": [USER], "userName": scim.name()}, headers={"Content-Type": t}), 415
        )
    for t in ("application/json", "*/*", "application/scim+json, application/json", "text/html", ""):
        expect(scim.get("/Users?count=1", headers={"Accept": t}).status == 200, f"Accept: {t}", "")


@report("https://github.com/thunder-id/thunderid/pull/5110", MUST, "RFC 6750 §3, RFC 9110 §15.5.2")
def unauthorised(scim: Scim) -> None:
    """401 without WWW-Authenticate."""
    for h in (
        {"Authorization": None},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
        {"Authorization": ""},
    ):
        answer = scim.get("/Users", headers=h)
        scim.expect_error(answer, 401)
        expect(
            "bearer" in (answer.headers["WWW-Authenticate"] or "").lower(),
            "WWW-Authenticate: Bearer",
            str(answer.headers),
        )


@report(
    "https://github.com/ToolJet/ToolJet/issues/16217",
    OPTIONAL,
    "RFC 6750 §2.1: 401 for another token; surrounding spaces may be ignored",
)
def pasted_tokens(scim: Scim) -> None:
    """Tokens as pasted: with spaces, quotes or the scheme twice; an empty token is accepted."""
    t = scim.token
    for h, ok in (
        (f"bearer {t}", (200,)),
        (f"BEARER {t}", (200,)),
        (f"Bearer   {t}", (200, 401)),
        (f"Bearer {t} ", (200,)),
        (f"Bearer Bearer {t}", (401, 200)),
        (f'Bearer "{t}"', (401, 200)),
        (t, (401,)),
        (f"Bearer {t},", (401,)),
        (f"Token {t}", (401,)),
    ):
        answer = scim.get("/Users?count=1", headers={"Authorization": h})
        expect(answer.status in ok, f"{ok} for {h.replace(t, 'TOKEN')!r}", answer)
    expect(
        scim.get("/Users?count=1&access_token=" + t, auth=False).status == 401, "401 with the token in the address", ""
    )


@report("https://github.com/infrahq/infra/issues/3558", OPTIONAL, "RFC 6750 §2.1: 401; the detail may name the mistake")
def bearer_forms(scim: Scim) -> None:
    """Okta's header field holds the token without Bearer, or Bearer twice; the 401 does not say so."""
    for h in (f"Bearer Bearer {scim.token}", scim.token):
        answer = scim.get("/Users?count=0", headers={"Authorization": h})
        plain = scim.get("/Users?count=0", headers={"Authorization": "Bearer wrong"})
        expect(
            answer.status == 200 or answer.json["detail"] != plain.json["detail"],
            f"a hint for {h.replace(scim.token, 'TOKEN')}",
            answer,
        )


@report("https://github.com/imulab/go-scim/issues/68", CLIENT, "clients do not follow RFC 3986 here")
def bare_brackets(scim: Scim) -> None:
    """[ and ] in a filter are not percent-encoded, as by .NET's Uri."""
    user = scim.user(emails=[{"value": RUN + "br@example.com", "type": "work"}])
    answer = scim.get(f"/Users?filter=emails[type+eq+%22work%22].value+eq+%22{RUN}br@example.com%22")
    expect(answer.status == 200 and answer.json["totalResults"] == 1, "1", answer)
    answer = scim.get(
        f"/Users?filter=(emails[type%20eq%20%22work%22]%20and%20userName%20eq%20%22{user['userName']}%22)"
    )
    expect(answer.status == 200 and answer.json["totalResults"] == 1, "1 with ( )", answer)


@report("https://github.com/wso2/product-is/issues/6290", OPTIONAL, "RFC 7643 §4.1.1: non-empty; RFC 8265 §3.3")
def blank_user_name(scim: Scim) -> None:
    """A userName of spaces."""
    for n in ("   ", "\t", "\n"):
        answer = scim.post("Users", {"schemas": [USER], "userName": n})
        expect(answer.status == 400, "400", answer)


@report(
    "https://github.com/limosa-io/laravel-scim-server/issues/23", OPTIONAL, "RFC 7643 §3.3 has only extensions there"
)
def core_container_in_post(scim: Scim) -> None:
    """Core attributes under the core URN work in PATCH, but POST and PUT ignore them."""
    answer = scim.post("Users", {"schemas": [USER], "userName": scim.name(), USER: {"title": "T"}})
    expect(answer.status == 400 or answer.json.get("title") == "T", "title T (or 400)", answer)


@report("https://github.com/imulab/go-scim/issues/14", MUST, "RFC 7644 §4: ListResponse")
def discovery(scim: Scim) -> None:
    """/ResourceTypes returns a bare array."""
    for p in ("/ResourceTypes", "/Schemas"):
        answer = scim.get(p)
        expect(
            answer.status == 200
            and LIST in answer.json["schemas"]
            and answer.json["totalResults"] == len(answer.json["Resources"]),
            "a ListResponse",
            answer,
        )
        for r in answer.json["Resources"]:
            loc = r["meta"]["location"]
            expect(loc.endswith(f"{scim.prefix}{p}/{r['id']}"), "its own location", loc)
            expect(scim.get(f"{p}/{r['id']}").json == r, "the same when it is read alone", r["id"])
            expect(scim.get(f"{p}/{quote(r['id'], safe='')}").status == 200, "percent-encoded", r["id"])
        scim.expect_error(scim.get(p + "/nope"), 404)
        scim.expect_error(scim.get(p + "?filter=id%20eq%20%22User%22"), 403)
    t = {r["id"]: r for r in scim.get("/ResourceTypes").json["Resources"]}
    expect(t["User"]["endpoint"] == "/Users" and t["Group"]["endpoint"] == "/Groups", "/Users and /Groups", t)
    answer = scim.get("/ServiceProviderConfig").json
    expect(
        "Resources" not in answer
        and answer["filter"]["maxResults"] > 0
        and answer["patch"]["supported"] is True
        and answer["authenticationSchemes"],
        "one object, with filter.maxResults and patch",
        answer,
    )


@report("https://github.com/scimmyjs/scimmy/issues/44", MUST, "RFC 7643 §2.3.6, §7")
def schema_characteristics(scim: Scim) -> None:
    """Binary attributes are declared with caseExact false; attributes have unknown types."""
    types = {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}

    def walk(a, where):
        w = f"{where}.{a['name']}"
        expect(a["type"] in types, f"a type of §7 at {w}", a)
        if a["type"] == "binary":
            expect(a.get("caseExact") is True, f"caseExact at {w}", a)
        if a["type"] == "reference":
            expect(a.get("referenceTypes"), f"referenceTypes at {w}", a)
        expect(
            a["mutability"] in ("readOnly", "readWrite", "immutable", "writeOnly")
            and a["returned"] in ("always", "never", "default", "request"),
            f"characteristics at {w}",
            a,
        )
        for part in a.get("subAttributes", []):
            walk(part, w)

    for r in scim.get("/Schemas").json["Resources"]:
        for a in r["attributes"]:
            walk(a, r["id"])


@report(
    "https://github.com/BerriAI/litellm/pull/20301",
    OPTIONAL,
    "RFC 7644 §3.2; administrators open the Tenant URL in a browser",
)
def base_address(scim: Scim) -> None:
    """GET of the base URL is 404."""
    answer = scim.get("")
    expect(
        answer.status == 404 and ERROR in answer.json["schemas"] or answer.status in (200, 501), "a SCIM answer", answer
    )


@report(
    "https://github.com/Flagsmith/flagsmith/pull/7139",
    OPTIONAL,
    "RFC 3986: other URLs; clients build them from a Tenant URL that ends with a slash",
)
def slashes(scim: Scim) -> None:
    """Trailing slashes."""
    user = scim.user()
    expect(scim.get("/Users/?count=1").status == 200, "/Users/", scim.get("/Users/?count=1"))
    expect(scim.get(f"/Users/{user['id']}/").status == 200, "/Users/id/", "")
    expect(scim.get("/ServiceProviderConfig/").status == 200, "/ServiceProviderConfig/", "")
    answer = scim.post("Users/", {"schemas": [USER], "userName": scim.name()})
    expect(answer.status == 201, "POST /Users/", answer)


@report(
    "https://github.com/imulab/go-scim/issues/64",
    OPTIONAL,
    "RFC 3986: another URL; with 404, Entra's Test Connection fails",
)
def two_slashes(scim: Scim) -> None:
    """//Users, from a Tenant URL that ends with a slash."""
    answer = scim.get("//Users?count=1")
    expect(answer.status == 200, "200 at //Users", answer)


@report(
    "https://github.com/goauthentik/authentik/issues/12244",
    MUST,
    "RFC 9110 §9.3.2, §15.5.6: HEAD as GET; 405 with Allow",
)
def methods(scim: Scim) -> None:
    """HEAD, OPTIONS and unknown methods."""
    user = scim.user()
    answer = scim.raw("HEAD", f"/Users/{user['id']}")
    expect(answer.status == 200 and answer.text == "" and answer.headers["ETag"], "HEAD as GET", answer)
    expect(
        scim.raw("HEAD", "/Users").status == 200 and scim.raw("HEAD", "/Users/nope").status == 404,
        "HEAD: 200 for the list, 404 for an unknown id",
        "",
    )
    for m, p in (
        ("PUT", "/Users"),
        ("PATCH", "/Users"),
        ("DELETE", "/Users"),
        ("POST", f"/Users/{user['id']}"),
        ("PUT", "/Schemas"),
        ("POST", "/ServiceProviderConfig"),
        ("TRACE", "/Users"),
        ("DELETE", "/Bulk"),
        ("GET", "/Bulk"),
        ("GET", "/Users/.search"),
    ):
        answer = scim.raw(m, p, {"schemas": [USER], "userName": "x"} if m in ("PUT", "PATCH", "POST") else None)
        expect(
            answer.status in (404, 405, 501) and (answer.status != 405 or answer.headers["Allow"]),
            f"405 with Allow for {m} {p}",
            answer,
        )
    answer = scim.raw("OPTIONS", "/Users")
    expect(answer.status in (200, 204, 405), "OPTIONS", answer)


@report("https://github.com/NorthlandPositronics/Cogtrix/pull/358", MUST, "RFC 7643 §3.1: the resource's own address")
def forged_host(scim: Scim) -> None:
    """meta.location follows a forged Host."""
    user = scim.user()
    answer = scim.get(f"/Users/{user['id']}", headers={"Host": "evil.example"})
    expect(
        answer.status >= 400 or answer.json["meta"]["location"] == user["meta"]["location"], "its own location", answer
    )
    expect(
        user["meta"]["location"].endswith(f"/Users/{user['id']}") and user["meta"]["location"].startswith("http"),
        "absolute",
        user["meta"],
    )


@report("https://github.com/wso2/product-is/issues/3275", MUST, "RFC 7644 §3.7")
def bulk_deletes(scim: Scim) -> None:
    """A bulk request that deletes several users deletes only the first."""
    users = [scim.user() for _ in range(3)]
    group = scim.group(users)
    ops = [{"method": "DELETE", "path": f"/Users/{u['id']}"} for u in users] + [
        {"method": "delete", "path": f"/Groups/{group['id']}"}
    ]
    answer = scim.raw("POST", "/Bulk", {"schemas": [BULK], "failOnErrors": 1, "Operations": ops[:3]})
    if answer.status in (404, 501):
        raise Skip("no bulk")
    expect(
        answer.status == 200 and [str(o["status"]) for o in answer.json["Operations"]] == ["204"] * 3,
        "three times 204",
        answer,
    )
    for u in users:
        expect(scim.get(f"/Users/{u['id']}").status == 404, "404 after the delete", u["id"])
    expect(not scim.read(group).get("members"), "no members", scim.read(group))


@report("https://github.com/wso2/product-is/issues/16110", MUST, "RFC 7644 §3.7.3: status and response of each")
def bulk_errors(scim: Scim) -> None:
    """A bulk response has the same general sentence for every failure."""
    user = scim.user()
    ops = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"schemas": [USER], "userName": user["userName"]}},
        {
            "method": "PATCH",
            "path": f"/Users/{user['id']}",
            "data": {"schemas": [PATCH_OP], "Operations": [op("add", "memebers", "x")]},
        },
        {"method": "PUT", "path": "/Users/nope", "data": {"schemas": [USER], "userName": "x"}},
        {
            "method": "PATCH",
            "path": f"/Users/{user['id']}",
            "data": {"Operations": [op("Replace", "active", "False")], "schemas": [PATCH_OP]},
        },
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"schemas": [USER], "userName": scim.name()}},
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": "c",
            "data": {"schemas": [GROUP], "displayName": "B " + RUN, "members": [{"value": "bulkId:b"}]},
        },
    ]
    answer = scim.raw("POST", "/Bulk", {"schemas": [BULK], "Operations": ops})
    if answer.status in (404, 501):
        raise Skip("no bulk")
    r = answer.json["Operations"]
    expect(
        [str(o["status"]) for o in r] == ["409", "400", "404", "200", "201", "201"],
        "409 400 404 200 201 201",
        [o["status"] for o in r],
    )
    expect(
        [o.get("response", {}).get("scimType") for o in r[:2]] == ["uniqueness", "invalidPath"]
        and all(o["response"].get("detail") for o in r[:3]),
        "a scimType and detail for each",
        r[:3],
    )
    expect(scim.read(user)["active"] is False, "Entra's dialect in a bulk", scim.read(user))
    new, grp = (r[i]["location"].rsplit("/", 1)[1] for i in (4, 5))
    scim.created += [f"/Users/{new}", f"/Groups/{grp}"]
    expect(values(scim.get(f"/Groups/{grp}").json, "members") == [new], "bulkId resolved", "")


@report("https://github.com/MicrosoftDocs/azure-docs/issues/11784", CLIENT, "Entra: use SCIM to provision users")
def lookup_by_external_id(scim: Scim) -> None:
    """Matching by externalId finds nothing, and the create that follows is a 409."""
    user = scim.user(externalId=f"{RUN}.kim.lee")
    answer = scim.get(f"/Users?filter=externalId+eq+%22{RUN}.kim.lee%22")
    expect(
        answer.status == 200 and answer.json["totalResults"] == 1 and answer.json["Resources"][0]["id"] == user["id"],
        "1",
        answer,
    )
    answer = scim.get(f"/Users?aadOptscim062020&filter=externalId%20eq%20%22{RUN}.kim.lee%22")
    expect(answer.json["totalResults"] == 1, "1 with the flag in the query", answer)


@report("https://github.com/wso2/product-is/issues/4883", MUST, "RFC 7643 §4.1.1")
def odd_user_names(scim: Scim) -> None:
    """Slashes and other signs in userName."""
    for n in (
        f"{RUN}a//ferd",
        f"{RUN}CORP\\kim",
        f"{RUN}#ext#@x",
        f"{RUN} with blank",
        f"{RUN}%41",
        f"{RUN}ñ@ex.org",
        f"{RUN}名前",
        f"{RUN}&=?",
        f'{RUN}"q"',
    ):
        user = scim.user(userName=n)
        expect(scim.read(user)["userName"] == n, "the userName as sent", scim.read(user)["userName"])
        scim.expect_found("Users", "userName eq " + json.dumps(n), [user])
        scim.expect_found("Users", "userName eq " + json.dumps(n, ensure_ascii=False), [user])
