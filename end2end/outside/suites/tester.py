"""scim2-tester: a SCIM client's view, check by check. A check that it skips, or that deviates, did not pass."""

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from suites import Result

IS_PACKAGE = True
SCHEMAS: list[dict] = []
LEFT_OUT = {
    "check_remove_attribute active (User)": "every user is active or not: a client that means to disable one must not enable "
    "it by removing `active` (docs/decisions.md); RFC 7643 §4.1.1 leaves its meaning to the service provider",
}
PASSED = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


def run(url: str, token: str) -> list[Result]:
    with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
        results = check_server(SyncSCIMClient(http))
    if not any(result.resource_type == "User" for result in results):
        return [Result("users", False, "they were not checked at all")]
    return [judged(result) for result in results]


def judged(result) -> Result:
    attribute = result.data.get("urn") if isinstance(result.data, dict) else None
    title = f"{result.title} {attribute}" if attribute else result.title
    name = f"{title} ({result.resource_type})" if result.resource_type else title
    return Result(name, result.status in PASSED, f"{result.status.name}: {result.reason}\n  {result.data!r:.2000}")
