"""Runs scim2-tester, a SCIM client that other people wrote, against the real program with an empty data folder.

Any error fails. So does a check that was skipped, or a deviation from a recommendation, for which LEFT_OUT gives no
reason. Started by `make test`; with the tools at hand also as `scripts/with sh -c '$ROLLCALL_OUTSIDE_PYTHON
end2end/outside/run.py'`.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ROLLCALL_E2E_PROGRAM", str(ROOT / "scripts" / "rollcall"))

# (check, resource type) -> why it may be skipped or may deviate
SEARCH = "POST /.search is not built yet and answers 501, as RFC 7644 §3.12 says; GET with a filter finds the same"
LEFT_OUT: dict[tuple[str, str | None], str] = {
    ("search_with_attributes", "User"): SEARCH,
    ("search_with_attributes", "Group"): SEARCH,
}

FAILURES = {Status.ERROR, Status.CRITICAL}
NEEDS_A_REASON = {Status.SKIPPED, Status.DEVIATION}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="rollcall-outside-") as folder, serving(Path(folder)) as (url, token):
        headers = {"Authorization": f"Bearer {token}"}
        with Client(base_url=url, headers=headers, timeout=30) as http:
            results = check_server(SyncSCIMClient(http))
    return judge(results)


def judge(results) -> int:
    passed = failed = skipped = 0
    by_check: dict[tuple[str | None, str | None], Counter] = {}
    for result in results:
        key = (result.title, result.resource_type)
        by_check.setdefault(key, Counter())[result.status.name.lower()] += 1
        name = f"{result.title} ({result.resource_type})" if result.resource_type else result.title
        if result.status in FAILURES or (result.status in NEEDS_A_REASON and key not in LEFT_OUT):
            failed += 1
            print(f"FAILED {name}: {result.status.name}: {result.reason}\n  {result.data!r:.2000}")
        elif result.status in NEEDS_A_REASON:
            skipped += 1
            print(f"left out {name}: {LEFT_OUT[key]}")
        else:
            passed += 1
    for (title, resource_type), counts in by_check.items():
        summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        print(f"  {resource_type or '':7} {title}: {summary}")
    if not any(resource_type == "User" for _, resource_type in by_check):
        failed += 1
        print("FAILED: the users were not checked at all")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


@contextmanager
def serving(folder: Path):
    """The program, serving a company whose provisioning is on; gives the Tenant URL and a token."""
    address = f"127.0.0.1:{free_port()}"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", "LEPTOS_"))}
    env |= {
        "ROLLCALL_ADDR": address,
        "ROLLCALL_DATA_DIR": str(folder / "data"),
        "ROLLCALL_ADMIN_PASSWORD": "correct horse battery staple",
        "ROLLCALL_LOG": "warn",
    }

    def run(*verb: str) -> str:
        done = subprocess.run([PROGRAM, *verb], env=env, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"rollcall {' '.join(verb)} failed:\n{done.stderr}")
        return done.stdout.strip()

    run("admin", "create", "--email", "ada@contoso.example", "--company", "Contoso")
    # Its userNames have 36 characters.
    run("settings", "--provisioning", "on", "--user-name-limit", "0")
    token = run("token", "create", "--name", "scim2-tester")
    server = subprocess.Popen([PROGRAM, "serve"], env=env, cwd=folder)
    try:
        wait_until_healthy(f"http://{address}/healthz", server)
        yield f"http://{address}/v2/scim", token
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=30)
    if code:
        raise SystemExit(f"the server did not stop cleanly: exit code {code}")


def wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit(f"the server ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server did not answer in 30 seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
