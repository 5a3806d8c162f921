"""Filters: syntax, quoting and precedence."""

import json
import re
from datetime import datetime, timedelta
from urllib.parse import quote

from suites.field.scim import CLIENT, ENTERPRISE, MUST, OPTIONAL, RUN, USER, Scim, expect, op, report, values

PUNCTUATION = "T-!@#$%^&*()_+=-{}][\":;'/.,?\\1"


@report(
    "https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/913", MUST, "RFC 7644 §3.4.2.2: compValue is a JSON string"
)
def odd_name_is_found(scim: Scim) -> None:
    """A group name made of all punctuation marks is stored but cannot be found."""
    group = scim.group(displayName=RUN + PUNCTUATION)
    scim.expect_found("Groups", "displayName eq " + json.dumps(RUN + PUNCTUATION), [group])
    scim.expect_found("Groups", "displayName ew " + json.dumps(PUNCTUATION), [group], [group])
    scim.expect_found("Groups", "displayName sw " + json.dumps(RUN + PUNCTUATION[:20]), [group])


@report("https://github.com/kanidm/kanidm/pull/3673", MUST, "RFC 7644 §3.4.2.2")
def escaped_quotes(scim: Scim) -> None:
    """Quoted values with spaces or escaped quotes are not parsed."""
    user = scim.user(displayName=f'{RUN} say "hello" world')
    scim.expect_found("Users", f'displayName eq "{RUN} say \\"hello\\" world"', [user])
    scim.expect_found("Users", f'displayName eq "{RUN} say \\u0022hello\\u0022 world"', [user])


@report(
    "https://github.com/thomaspoignant/scim2-parse-filter/pull/110",
    MUST,
    "RFC 7644 §3.4.2.2, RFC 8259 §7: a backslash is doubled; a lone one is not JSON",
)
def backslash_in_filter(scim: Scim) -> None:
    """DOMAIN\\user in a filter makes the server crash."""
    user = scim.user(userName=f"{RUN}\\kim.lee")
    scim.expect_found("Users", f'userName eq "{RUN}\\\\kim.lee"', [user])
    scim.expect_error(scim.get("/Users?filter=" + quote(f'userName eq "{RUN}\\kim.lee"')), 400, "invalidFilter")


@report("https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/309", MUST, "RFC 7644 §3.4.2.2")
def bracket_in_value(scim: Scim) -> None:
    """A closing bracket inside the quoted value ends the filter."""
    user = scim.user(displayName=RUN + " test)")
    other = scim.user(displayName=RUN + " a]b")
    scim.expect_found("Users", f'displayName eq "{RUN} test)"', [user])
    scim.expect_found("Users", f'(displayName eq "{RUN} test)")', [user])
    scim.expect_found("Users", f'displayName eq "{RUN} a]b" or (displayName eq "{RUN} test)")', [user, other])


@report("https://github.com/wso2/product-is/issues/12759", MUST, "RFC 7644 §3.4.2.2")
def keywords_as_values(scim: Scim) -> None:
    """People whose family name is OR or AND cannot be found."""
    users = [scim.user(name={"familyName": w}, nickName=RUN) for w in ("OR", "AND", "not", "pr")]
    for u in users:
        w = u["name"]["familyName"]
        scim.expect_found("Users", f'name.familyName eq "{w}" and nickName eq "{RUN}"', [u], users)
    scim.expect_found(
        "Users", f'nickName eq "{RUN}" and (name.familyName eq "OR" or name.familyName eq "AND")', users[:2], users
    )


@report("https://github.com/pond/scimitar/issues/114", MUST, "RFC 7644 §3.4.2.2: ATTRNAME")
def names_like_operators(scim: Scim) -> None:
    """Attributes whose names begin like an operator (pr…, co…, not…, or…) are not understood."""
    user = scim.user(
        preferredLanguage="de-" + RUN,
        profileUrl="https://x.example/" + RUN,
        **{ENTERPRISE: {"organization": "O" + RUN, "costCenter": "C" + RUN}},
    )
    for f in (
        f'preferredLanguage eq "de-{RUN}"',
        f'profileUrl co "{RUN}"',
        f'organization eq "O{RUN}"',
        f'costCenter eq "c{RUN}"',
        f'userName pr and preferredLanguage eq "de-{RUN}"',
        f'not (preferredLanguage ne "de-{RUN}")',
        f'{ENTERPRISE}:organization eq "O{RUN}"',
    ):
        scim.expect_found("Users", f, [user], [user])


@report("https://github.com/simpleidserver/SimpleIdServer/issues/912", MUST, "RFC 7644 §3.4.2.2: precedence")
def precedence(scim: Scim) -> None:
    """Parentheses after "and" are ignored."""
    a, b, c = (scim.user(nickName=RUN + "p", title=t) for t in "abc")
    users = [a, b, c]
    mine = f'nickName eq "{RUN}p"'
    scim.expect_found("Users", f'({mine}) and ((title eq "a") or (title eq "b"))', [a, b], users)
    scim.expect_found("Users", f'{mine} and (title eq "a" or title eq "b")', [a, b], users)
    scim.expect_found("Users", f'title eq "a" and title eq "zz" or {mine} and title eq "c"', [c], users)
    scim.expect_found("Users", 'title eq "c" or title eq "b" and title eq "zz"', [c], users)


@report(
    "https://github.com/thomaspoignant/scim2-parse-filter/issues/55",
    MUST,
    "RFC 7644 §3.4.2.2: not before and before or",
)
def not_before_and(scim: Scim) -> None:
    """not (…) before "and" negates too much."""
    a = scim.user(nickName=RUN + "n", userType="Employee", emails=[{"value": "a@example.com"}])
    b = scim.user(nickName=RUN + "n", userType="Intern", emails=[{"value": "b@example.org"}])
    c = scim.user(nickName=RUN + "n", userType="Intern", emails=[{"value": "c@example.net"}])
    users = [a, b, c]
    t = 'not (emails co "example.com" or emails co "example.org")'
    scim.expect_found("Users", f'{t} and userType ne "Employee"', [c], users)
    scim.expect_found("Users", f'userType ne "Employee" and {t}', [c], users)
    scim.expect_found("Users", f'NOT(userType eq "Intern") and nickName eq "{RUN}n"', [a], users)
    scim.expect_found("Users", f'nickName eq "{RUN}n" and not (not (userType eq "Intern"))', [b, c], users)


@report("https://github.com/15five/scim2-filter-parser/issues/17", MUST, "RFC 7644 §3.4.2.2")
def many_terms(scim: Scim) -> None:
    """Three or more terms joined by the same operator fail."""
    user = scim.user(displayName=RUN + "foo", nickName=RUN + "bar", title=RUN + "baz")
    scim.expect_found(
        "Users",
        f'displayName co "{RUN}x" or nickName co "{RUN}y" or title co "{RUN}baz" or userName eq "-"',
        [user],
        [user],
    )
    scim.expect_found(
        "Users",
        f'displayName co "{RUN}f" and nickName co "{RUN}b" and title co "{RUN}b" and active eq true',
        [user],
        [user],
    )


@report(
    "https://github.com/tmilos/scim-filter-parser/issues/10",
    CLIENT,
    "Microsoft's SCIM validator; Entra: use SCIM to provision users",
)
def value_path_then_part(scim: Scim) -> None:
    """The filter emails[type eq "work"].value eq "…" of Microsoft's validator is an error."""
    user = scim.user(
        emails=[{"value": RUN + "w@example.com", "type": "work"}, {"value": RUN + "h@example.com", "type": "home"}]
    )
    scim.expect_found("Users", f'emails[type eq "work"].value eq "{RUN}w@example.com"', [user])
    scim.expect_found("Users", f'emails[type eq "work"].value eq "{RUN}h@example.com"', [])
    scim.expect_found("Users", f'emails[type eq "work" and value co "{RUN}w"]', [user])
    scim.expect_found("Users", f'emails[type eq "work" and value co "{RUN}h"]', [])


@report(
    "https://github.com/MicrosoftDocs/azure-docs/issues/83855",
    OPTIONAL,
    "RFC 7644 §3.4.2.2 does not have it: 400 invalidFilter, or the user",
)
def value_path_without_part(scim: Scim) -> None:
    """Published documentation showed emails[type eq "work"] eq "…"."""
    user = scim.user(emails=[{"value": RUN + "q@example.com", "type": "work"}])
    answer = scim.get("/Users?filter=" + quote(f'emails[type eq "work"] eq "{RUN}q@example.com"'))
    if answer.status != 200:
        scim.expect_error(answer, 400, "invalidFilter")
    else:
        expect({r["id"] for r in answer.json["Resources"]} == {user["id"]}, "that user, or 400 invalidFilter", answer)


@report("https://github.com/pingidentity/scim2/issues/22", MUST, "RFC 7643 §2.1 nameChar has $; RFC 7644 §3.4.2.2")
def dollar_ref(scim: Scim) -> None:
    """$ref cannot be named in a filter."""
    user = scim.user()
    group = scim.group([user])
    ref = scim.read(group)["members"][0].get("$ref")
    for f in (
        "members[$ref pr]",
        "members.$ref pr",
        f'members[$ref ew "{user["id"]}"]',
        f'members[$ref eq "{ref}"]',
        f'members.$ref eq "{ref}"',
    ):
        scim.expect_found("Groups", f'{f} and id eq "{group["id"]}"', [group], [group])


@report("https://github.com/simpleidserver/SimpleIdServer/issues/164", MUST, "RFC 7644 §3.5.2.2")
def member_removed_by_ref(scim: Scim) -> None:
    """Removing a member by the $ref that the server returned is answered 204, but the member remains."""
    user, other = scim.user(), scim.user()
    group = scim.group([user, other])
    ref = next(m["$ref"] for m in scim.read(group)["members"] if m["value"] == user["id"])
    answer = scim.patch(group, op("remove", f'members[$ref eq "{ref}"]'))
    expect(
        values(scim.read(group), "members") == [other["id"]] or answer.status >= 400,
        "the member to be removed",
        f"{answer.status}, members {len(scim.read(group)['members'])}",
    )


@report("https://github.com/wso2/product-is/issues/5139", MUST, "RFC 7644 §3.4.2.2, figure 2")
def filter_on_schemas(scim: Scim) -> None:
    """schemas eq "urn…", an example of the RFC, is refused."""
    a, b = scim.user(**{ENTERPRISE: {"department": "x"}}), scim.user()
    scim.expect_found("Users", f'schemas eq "{USER}"', [a, b], [a, b])
    scim.expect_found("Users", f'schemas eq "{ENTERPRISE}" and id eq "{a["id"]}"', [a], [a, b])


@report(
    "https://github.com/thomaspoignant/scim2-parse-filter/issues/170",
    MUST,
    "RFC 7644 §3.4.2.2 gt on dateTime, RFC 7643 §2.3.5",
)
def created_gt(scim: Scim) -> None:
    """meta.Created gt with seven fractional digits and an offset matches nothing."""
    user = scim.user()
    scim.expect_found("Users", 'meta.Created gt "2015-10-10T14:38:21.8617979-07:00"', [user], [user])
    scim.expect_found("Users", 'meta.created gt "2015-10-10T00:00:00"', [user], [user])
    scim.expect_found("Users", 'meta.lastModified lt "2015-10-10T00:00:00Z"', [], [user])


@report("https://github.com/cloudfoundry/uaa/issues/3699", MUST, "RFC 7643 §2.3.5")
def zones(scim: Scim) -> None:
    """The time zone of a dateTime in a filter is ignored."""
    user = scim.user()
    t = user["meta"]["lastModified"]
    expect(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", t), "a zone in meta.lastModified", t
    )
    day, clock = t.rstrip("Z").split("T")
    fmt = "%Y-%m-%dT%H:%M:%S.%f" if "." in clock else "%Y-%m-%dT%H:%M:%S"
    when = datetime.strptime(f"{day}T{clock}", fmt)
    for hours in (5, -8):
        there = (when + timedelta(hours=hours)).strftime(fmt)[: len(t) - 1]
        z = f"{'+' if hours > 0 else '-'}{abs(hours):02}:00"
        scim.expect_found("Users", f'meta.lastModified eq "{there}{z}"', [user], [user])
        scim.expect_found("Users", f'meta.lastModified gt "{there}{z}"', [], [user])
        scim.expect_found("Users", f'meta.lastModified ge "{there}{z}"', [user], [user])


@report(
    "https://github.com/GluuFederation/SCIM-Client/issues/57",
    MUST,
    "RFC 7643 §2.4: primary that is not specified is assumed to be false",
)
def primary_absent_is_false(scim: Scim) -> None:
    """emails[primary eq false] does not match values without primary."""
    user = scim.user(nickName=RUN + "f", emails=[{"value": RUN + "1@example.com", "type": "work"}])
    scim.expect_found("Users", f'emails[primary eq false] and nickName eq "{RUN}f"', [user], [user])
