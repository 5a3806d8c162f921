"""The parts of a case: requests, the resources that it creates, and what it expects of the responses."""

import http.client
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:ietf:params:scim:schemas:extension:field:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# What `rollcall schema set` reads.
CUSTOM_SCHEMA = {
    "id": CUSTOM,
    "name": "Field",
    "attributes": [
        {"name": "badge", "type": "integer", "uniqueness": "server"},
        {"name": "code", "uniqueness": "server", "caseExact": True},
        {"name": "skills", "multiValued": True},
        {"name": "floors", "type": "integer", "multiValued": True},
        {"name": "vip", "type": "boolean"},
        {"name": "weight", "type": "decimal"},
        {"name": "joined", "type": "dateTime"},
    ],
}
# In the names of all resources, so that filters do not match those of another run.
RUN = "".join(random.choices(string.ascii_lowercase + string.digits, k=5))

MUST = "the RFCs leave no choice"
SHOULD = "the RFCs recommend it"
CLIENT = "a client in use sends exactly this"
OPTIONAL = "the RFCs leave it to the server"


@dataclass
class Case:
    name: str
    source: str
    level: str
    basis: str
    run: Callable[["Scim"], None]


CASES: list[Case] = []


def report(source: str, level: str, basis: str):
    """Marks a case: the public report, how binding the expected response is, and why."""

    def register(run):
        CASES.append(Case(run.__name__, source, level, basis, run))
        return run

    return register


class Unexpected(Exception):
    pass


class Skip(Exception):
    """The server does not have the optional feature that the case is about."""


def expect(holds, expected: str, actual) -> None:
    if not holds:
        raise Unexpected(f"expected {expected}; got {short(actual)}")


def short(value) -> str:
    text = str(value) if isinstance(value, str | Answer) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 260 else text[:260] + "…"


def op(name: str, path: str | None = None, *value) -> dict:
    """An operation of a PATCH. Without `value` it has none; None is a null."""
    operation = {"op": name}
    if path is not None:
        operation["path"] = path
    if value:
        operation["value"] = value[0]
    return operation


def values(resource: dict, name: str) -> list[str]:
    return sorted(str(element.get("value")) for element in resource.get(name, []))


class Answer:
    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.text = status, headers, body.decode("utf-8", "replace")
        try:
            self.json = json.loads(body) if body else None
        except ValueError:
            self.json = None

    def __str__(self):
        return f"{self.status} {self.text}"


class Scim:
    def __init__(self, base: str, token: str):
        url = urlsplit(base)
        self.host, self.port, self.prefix = url.hostname, url.port, url.path
        self.base, self.token = base, token
        self.created: list[str] = []
        self.names = 0

    def raw(self, method: str, target: str, body=None, headers=None, auth=True) -> Answer:
        """Sends a request; `target` follows the base path as it is. A header that is None is left out."""
        sent = {"Accept": "application/scim+json"}
        if auth:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = "application/scim+json"
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        for name, value in (headers or {}).items():
            if value is None:
                sent.pop(name, None)
            else:
                sent[name] = value
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.request(method, self.prefix + target, body=body, headers=sent)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        expect(answer.status < 500 or answer.status == 501, "no internal error", answer)
        return answer

    def get(self, target: str, **options) -> Answer:
        return self.raw("GET", target, **options)

    def post(self, endpoint: str, body: dict, **options) -> Answer:
        answer = self.raw("POST", f"/{endpoint}", body, **options)
        if answer.status == 201 and answer.json and "id" in answer.json:
            self.created.append(f"/{endpoint.partition('?')[0].strip('/')}/{answer.json['id']}")
        return answer

    def name(self, end: str = "") -> str:
        self.names += 1
        return f"{RUN}{self.names}{end}"

    def user(self, **attributes) -> dict:
        body = {"schemas": [USER, ENTERPRISE], "userName": self.name(), "active": True} | attributes
        if CUSTOM in body:
            body["schemas"] = [USER, ENTERPRISE, CUSTOM]
        answer = self.post("Users", body)
        expect(answer.status == 201, "201 for a user", answer)
        return answer.json

    def group(self, members=(), **attributes) -> dict:
        listed = [{"value": member["id"]} for member in members]
        body = {"schemas": [GROUP], "displayName": f"G {self.name()}", "members": listed} | attributes
        answer = self.post("Groups", body)
        expect(answer.status == 201, "201 for a group", answer)
        return answer.json

    def read(self, resource: dict) -> dict:
        answer = self.get(path_of(resource))
        expect(answer.status == 200, "200 when it is read", answer)
        return answer.json

    def patch(self, resource: dict, *operations: dict, query: str = "", **options) -> Answer:
        body = {"schemas": [PATCH_OP], "Operations": operations}
        return self.raw("PATCH", path_of(resource) + query, body, **options)

    def patch_and_read(self, resource: dict, *operations: dict) -> dict:
        answer = self.patch(resource, *operations)
        expect(answer.status in (200, 204), "200 or 204 for this PATCH", answer)
        return self.read(resource)

    def expect_error(self, answer: Answer, status: int, *scim_types: str) -> None:
        """With several types, each is a right one."""
        expect(answer.status == status, f"{status} {' or '.join(scim_types)}", answer)
        expect(answer.json and ERROR in answer.json.get("schemas", []), "a SCIM error", answer)
        expect(answer.json.get("status") == str(status), "the status as text in the body", answer)
        if scim_types:
            expect(answer.json.get("scimType") in scim_types, f"scimType {' or '.join(scim_types)}", answer)

    def matching(self, endpoint: str, filter: str) -> dict:
        answer = self.get(f"/{endpoint}?count=200&filter={quote(filter, safe='')}")
        expect(answer.status == 200 and answer.json, f"200 for the filter {filter}", answer)
        return answer.json

    def expect_found(self, endpoint: str, filter: str, expected: list[dict], among: list[dict] | None = None) -> None:
        """Of the resources `among`, or else of all, the filter matches the expected ones."""
        found = {resource["id"] for resource in self.matching(endpoint, filter).get("Resources", [])}
        if among is not None:
            found &= {resource["id"] for resource in among}
        ids = {resource["id"] for resource in expected}
        expect(found == ids, f"{filter} to match {sorted(ids)}", sorted(found))

    def delete_created(self) -> None:
        for target in reversed(self.created):
            self.raw("DELETE", target)
        self.created.clear()


def path_of(resource: dict) -> str:
    endpoint = "Groups" if GROUP in resource["schemas"] else "Users"
    return f"/{endpoint}/{resource['id']}"
