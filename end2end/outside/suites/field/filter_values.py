"""Filters: comparison of values, and filters as clients send them."""

import json
import random
import unicodedata
from urllib.parse import quote

from suites.field.scim import CLIENT, ENTERPRISE, MUST, OPTIONAL, RUN, SEARCH, USER, Scim, expect, report


@report("https://github.com/GluuFederation/SCIM-Client/issues/57", OPTIONAL, "RFC 7643 §2.5: null is unassigned")
def eq_null(scim: Scim) -> None:
    """emails.value eq null and emails[value eq null] are internal errors."""
    a, b = scim.user(nickName=RUN + "0"), scim.user(nickName=RUN + "0", title="x", emails=[{"value": "b@example.com"}])
    scim.expect_found("Users", f'title eq null and nickName eq "{RUN}0"', [a], [a, b])
    scim.expect_found("Users", f'emails.value eq null and nickName eq "{RUN}0"', [a], [a, b])
    scim.expect_found("Users", f'title ne null and nickName eq "{RUN}0"', [b], [a, b])
    scim.expect_found("Users", f'not (title pr) and nickName eq "{RUN}0"', [a], [a, b])


@report("https://github.com/scimmyjs/scimmy/issues/7", MUST, "RFC 7643 §2.1: attribute names are case insensitive")
def names_in_any_case(scim: Scim) -> None:
    """Username in lower case matches nothing."""
    user = scim.user()
    for f in (
        f'username eq "{user["userName"]}"',
        f'USERNAME EQ "{user["userName"].upper()}"',
        f'{USER.lower()}:username eq "{user["userName"]}"',
        f'META.RESOURCETYPE eq "User" and Id Eq "{user["id"]}"',
    ):
        scim.expect_found("Users", f, [user], [user])


@report("https://github.com/simpleidserver/SimpleIdServer/issues/489", MUST, "RFC 7643 §4.1.1, §8.7.1: caseExact false")
def values_in_any_case(scim: Scim) -> None:
    """userName and a group's displayName are compared case-sensitively."""
    user, group = scim.user(userName=RUN + "Mixed.Case"), scim.group(displayName="Sales " + RUN)
    scim.expect_found("Users", f'userName eq "{RUN.upper()}mIXED.cASE"', [user])
    scim.expect_found("Users", f'userName sw "{RUN}mixed"', [user])
    scim.expect_found("Groups", f'displayName eq "sALES {RUN}"', [group])
    answer = scim.post("Users", {"schemas": [USER], "userName": RUN + "MIXED.CASE"})
    scim.expect_error(answer, 409, "uniqueness")


@report("https://github.com/simpleidserver/SimpleIdServer/issues/12", MUST, "RFC 7644 §3.4.2.2")
def bracketed_boolean(scim: Scim) -> None:
    """(active eq true) in parentheses is parsed as something else."""
    a, b = scim.user(active=True), scim.user(active=False)
    scim.expect_found("Users", "(active eq true)", [a], [a, b])
    scim.expect_found("Users", "((active eq false))", [b], [a, b])
    scim.expect_found("Users", 'active eq "True"', [a], [a, b])
    scim.expect_found("Users", "active ne true", [b], [a, b])


@report("https://github.com/wso2/product-is/issues/5086", MUST, "RFC 7644 §3.4.2.2")
def one_letter(scim: Scim) -> None:
    """co with a value of one letter fails."""
    user = scim.user(displayName="s" + RUN)
    scim.expect_found("Users", f'displayName co "s" and displayName ew "{RUN}"', [user], [user])


@report("https://github.com/apache/directory-scimple/issues/981", MUST, "RFC 7644 §3.4.2.2, RFC 8259")
def accents(scim: Scim) -> None:
    """Accents in a filter value make the search fail."""
    group = scim.group(displayName=f"José's Team {RUN} 😀")
    scim.expect_found("Groups", f'displayName eq "José\'s Team {RUN} 😀"', [group])
    scim.expect_found("Groups", f'displayName eq "Jos\\u00e9\'s Team {RUN} \\ud83d\\ude00"', [group])
    answer = scim.raw(
        "POST",
        "/Groups/.search",
        {"schemas": [SEARCH], "filter": f'displayName eq "José\'s Team {RUN} 😀"', "startIndex": 1, "count": 10},
    )
    expect(
        answer.status == 200 and [r["id"] for r in answer.json["Resources"]] == [group["id"]],
        "found by .search",
        answer,
    )


@report(
    "https://github.com/apache/directory-scimple/issues/981",
    OPTIONAL,
    "RFC 7644 §5 has PRECIS for userName only; a group that is not found by its name is created twice",
)
def accents_in_two_forms(scim: Scim) -> None:
    """The same name in composed and decomposed form (Windows and macOS) is two names."""
    nfd, nfc = (unicodedata.normalize(form, f"Équipe{RUN}") for form in ("NFD", "NFC"))
    user = scim.user(userName=nfd)
    scim.expect_found("Users", f'userName eq "{nfc}"', [user])
    scim.expect_error(scim.post("Users", {"schemas": [USER], "userName": nfc}), 409, "uniqueness")
    group = scim.group(displayName=nfd)
    scim.expect_found("Groups", f'displayName eq "{nfc}"', [group])


@report("https://github.com/wso2/product-is/issues/6919", MUST, "RFC 7643 §4.1.1")
def apostrophe(scim: Scim) -> None:
    """One user with an apostrophe in userName breaks every list."""
    user = scim.user(userName=f"o'{RUN}@ex.org", name={"familyName": "O'Brien"})
    scim.expect_found("Users", f'userName eq "o\'{RUN}@ex.org"', [user])
    scim.expect_found("Users", f'name.familyName eq "O\'Brien" and userName co "{RUN}"', [user])
    expect(scim.get("/Users?count=5").status == 200, "200 for the list", "")


@report("https://github.com/goauthentik/authentik/issues/16455", MUST, "RFC 7644 §3.4.2.2: 400 invalidFilter")
def unquoted(scim: Scim) -> None:
    """A client sends userName eq kim without quotes."""
    scim.expect_error(scim.get("/Users?filter=userName+eq+kim"), 400, "invalidFilter")
    scim.expect_error(scim.get("/Users?filter=" + quote("userName eq 'kim'")), 400, "invalidFilter")
    scim.expect_error(scim.get("/Users?filter=userName+eq+kim@example.com"), 400, "invalidFilter")


@report("https://github.com/NorthlandPositronics/Cogtrix/issues/124", MUST, "RFC 7644 §3.4.2.2: 400 invalidFilter")
def nothing_is_dropped(scim: Scim) -> None:
    """The second half of a compound filter is dropped, or a filter that cannot be parsed returns every user."""
    user = scim.user(active=False)
    scim.expect_found("Users", f'userName eq "{user["userName"]}" and active eq true', [])
    for f in (
        f'userName eq "{user["userName"]}" and',
        f'userName eq "{user["userName"]}" xor active pr',
        f'userName eq "{user["userName"]}" active pr',
        "userName",
        "userName eq",
        'userName like "a"',
        "(",
        ")",
        'userName eq "a" or or userName pr',
        'userName eq "a"]',
        "emails[",
        'emails[type eq "a"',
        "and",
        "not userName pr",
    ):
        scim.expect_error(scim.get("/Users?filter=" + quote(f)), 400, "invalidFilter")


@report("https://github.com/audriga/scim-server-php/issues/1", CLIENT, "Entra: use SCIM to provision users")
def entra_group_lookup(scim: Scim) -> None:
    """Entra's lookup of a group whose name has spaces: + for space, excludedAttributes first."""
    user = scim.user()
    group = scim.group([user], displayName=f"EDU All {RUN}")
    answer = scim.get(f"/Groups?excludedAttributes=members&filter=displayName+eq+%22EDU+All+{RUN}%22")
    expect(answer.status == 200 and [r["id"] for r in answer.json["Resources"]] == [group["id"]], "the group", answer)
    expect("members" not in answer.json["Resources"][0], "no members", answer)


@report(
    "https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/1339",
    MUST,
    "RFC 7644 §3.4.2.1: percent-encoded; %2B is a plus",
)
def plus_sign(scim: Scim) -> None:
    """A + in a filter value becomes a space."""
    scim.user(userName=f"k+{RUN}@ex.org", emails=[{"value": f"k+{RUN}@example.org", "type": "work"}])
    answer = scim.get(f"/Users?filter=userName%20eq%20%22k%2B{RUN}@ex.org%22")
    expect(answer.status == 200 and answer.json["totalResults"] == 1, "1 by %2B", answer)
    answer = scim.get(f"/Users?filter=emails.value+eq+%22k%2B{RUN}%40example.org%22")
    expect(answer.status == 200 and answer.json["totalResults"] == 1, "1 by %2B with + for spaces", answer)
    answer = scim.get(f"/Users?filter=userName%20eq%20%22R%26D{RUN}%22&startIndex=1&count=100")
    expect(answer.status == 200 and answer.json["totalResults"] == 0, "200 with %26 in the value", answer)


@report("https://github.com/FusionAuth/fusionauth-issues/issues/3195", MUST, "RFC 7644 §3.4.2.2")
def value_path_with_co(scim: Scim) -> None:
    """emails[value co "@…"] matches nothing."""
    user = scim.user(emails=[{"value": f"x@{RUN}.example.com", "type": "work"}])
    scim.expect_found("Users", f'emails[value co "@{RUN}.example.com"]', [user])
    scim.expect_found("Users", f'emails[value ew "{RUN}.example.com"]', [user])
    scim.expect_found("Users", f'emails co "@{RUN}"', [user])
    scim.expect_found("Users", f'emails.value ew "@{RUN}.EXAMPLE.com"', [user])


@report("https://github.com/thunder-id/thunderid/pull/4185", MUST, "RFC 7644 §3.10")
def urn_paths_in_filters(scim: Scim) -> None:
    """Sub-attributes of an extension cannot be named, because of the dot in the URN's 2.0."""
    boss = scim.user()
    user = scim.user(**{ENTERPRISE: {"manager": {"value": boss["id"]}, "employeeNumber": "E" + RUN}})
    for f in (
        f'{ENTERPRISE}:manager.value eq "{boss["id"]}"',
        f'{ENTERPRISE}:manager eq "{boss["id"]}"',
        f'{ENTERPRISE}:employeeNumber eq "E{RUN}"',
        f'{ENTERPRISE.upper()}:EMPLOYEENUMBER eq "e{RUN}"',
        f'{ENTERPRISE}:employeeNumber pr and {ENTERPRISE}:manager pr and id eq "{user["id"]}"',
    ):
        scim.expect_found("Users", f, [user], [user])


@report("https://github.com/scim2/filter-parser/issues/5", MUST, "RFC 7644 §3.4.2.2")
def version_in_filter(scim: Scim) -> None:
    """meta.version, whose value contains quotes, cannot be filtered."""
    user = scim.user()
    scim.expect_found(
        "Users", f'meta.version eq {json.dumps(user["meta"]["version"])} and id eq "{user["id"]}"', [user], [user]
    )


@report("https://github.com/wso2/product-is/issues/3075", OPTIONAL, "RFC 7643 §2.3.1: 400, or stored as text")
def numbers_for_texts(scim: Scim) -> None:
    """A number where text is expected: in a filter, and as a phone number."""
    answer = scim.post(
        "Users", {"schemas": [USER], "userName": scim.name(), "phoneNumbers": [{"value": 123456, "type": "home"}]}
    )
    if answer.status != 201:
        scim.expect_error(answer, 400, "invalidValue")
    else:
        expect(answer.json["phoneNumbers"][0]["value"] == "123456", "text, or 400 invalidValue", answer)
    answer = scim.get("/Users?filter=" + quote("externalId eq 12345"))
    expect(answer.status == 200 or answer.json.get("scimType") == "invalidFilter", "200 or invalidFilter", answer)


@report(
    "https://github.com/goauthentik/authentik/issues/16455",
    OPTIONAL,
    "RFC 7644 §3.12: invalidFilter; an empty 200 makes the client create a second user",
)
def unquoted_digits(scim: Scim) -> None:
    """A userName of digits is sent without quotes."""
    user = scim.user(userName="77" + str(random.randrange(10**9, 10**10)))
    answer = scim.get(f"/Users?filter=userName+eq+{user['userName']}")
    if answer.status != 200:
        scim.expect_error(answer, 400, "invalidFilter")
    else:
        expect(answer.json["totalResults"] == 1, "that user, or 400 invalidFilter", answer)
