"""What people who run or integrate SCIM services reported in public, replayed: each case names the report.

A case creates what it needs, expects what the RFCs or a client in use require, and deletes what it created. Where the
RFCs leave a choice, every legal response passes.
"""

from suites import Result
from suites.field import (  # noqa: F401 (a module registers its cases)
    custom_schema,
    filter_values,
    filters,
    group_members,
    groups,
    http,
    lists,
    resources,
    roles,
    user_patch,
    user_patch_values,
)
from suites.field.scim import CASES, CUSTOM_SCHEMA, Case, Scim, Skip, Unexpected

IS_PACKAGE = False
SCHEMAS = [CUSTOM_SCHEMA]
LEFT_OUT = {
    "members_by_display": "members have no display here: RFC 7643 §4.2 has value, $ref and type",
    "replace_selected_whole": "RFC 7644 §3.5.2.3: the values that match the filter are replaced as a whole",
    "roles_as_json_text": "the value is stored as it was sent; RFC 7643 §4.1.2 gives roles no JSON form",
    "single_object_in_post": "RFC 7643 §2.4: an array; 400 invalidValue names the attribute",
    "unquoted_digits": "a number is compared with text, and no user matches (RFC 7644 §3.4.2.2)",
}


def run(url: str, token: str) -> list[Result]:
    scim = Scim(url, token)
    return [judged(case, scim) for case in CASES]


def judged(case: Case, scim: Scim) -> Result:
    detail = ""
    try:
        case.run(scim)
        scim.delete_created()
    except Unexpected as failure:
        detail = f"{failure}\n  {case.basis} ({case.level})\n  {case.source}"
    except Skip as reason:
        detail = f"skipped: {reason}"
    except (KeyError, IndexError, TypeError, AttributeError, OSError) as error:
        # A response without what the case reads from it.
        detail = f"{type(error).__name__}: {error}\n  {case.source}"
    scim.created.clear()
    outcome = "PASS" if not detail else "SKIP" if case.name in LEFT_OUT else "FAIL"
    print(f"{outcome} {case.name}")
    return Result(case.name, not detail, detail)
