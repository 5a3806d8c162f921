"""scim-sanity: its probe of a server, strict."""

from scim_sanity.probe.runner import run_probe_api

from suites import Result

IS_PACKAGE = True
SCHEMAS: list[dict] = []

NO_BODY = (
    "it wants 200 with the group; RFC 7644 §3.5.2 lets a server answer 204, which ours does for groups: they may have a "
    "hundred thousand members. tests/it reads the changes back"
)
DRAFT = "draft-abbey-scim-agent-extension is a draft; types that are not built are not advertised"
LEFT_OUT = {
    "Group: PATCH /Groups/{id}": NO_BODY,
    "Group: PATCH /Groups/{id} remove members": NO_BODY,
    "Group: PATCH /Groups/{id} add member": (
        "it adds a member that does not exist and wants 200; RFC 7643 §4.2 has members that are users and groups of "
        "the service, so ours answers 400 invalidValue and says which id it does not know"
    ),
    "Agent: Agent CRUD Lifecycle": DRAFT,
    "AgenticApplication: AgenticApplication CRUD Lifecycle": DRAFT,
    "Agent: Agent Rapid Lifecycle": DRAFT,
}


def run(url: str, token: str) -> list[Result]:
    return [judged(result) for result in run_probe_api(url, token=token, strict=True)["results"]]


def judged(result: dict) -> Result:
    # "Phase 3 — Group CRUD Lifecycle" → "Group"
    subject = result["phase"].partition(" — ")[2].split(" ")[0]
    name = f"{subject}: {result['name']}" if subject else result["name"]
    return Result(name, result["status"].lower() == "pass", f"{result['status']}: {result.get('message')}")
