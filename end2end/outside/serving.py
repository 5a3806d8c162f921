"""The real program with an empty data folder, serving a company whose provisioning is on."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Another build of it can be tried by naming it here.
PROGRAM = os.environ.get("ROLLCALL_E2E_PROGRAM", str(ROOT / "scripts" / "rollcall"))


@contextmanager
def serving(schemas: list[dict]) -> Iterator[tuple[str, str]]:
    """Gives the Tenant URL and a token. A server that does not stop cleanly is a failure."""
    with tempfile.TemporaryDirectory(prefix="rollcall-outside-") as folder:
        address = f"127.0.0.1:{free_port()}"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", "LEPTOS_"))}
        env |= {
            "ROLLCALL_ADDR": address,
            "ROLLCALL_DATA_DIR": str(Path(folder) / "data"),
            "ROLLCALL_ADMIN_PASSWORD": "correct horse battery staple",
            "ROLLCALL_LOG": "warn",
            # The suites ask as fast as they can.
            "ROLLCALL_RATE_LIMIT": "0",
        }

        def run(*verb: str, stdin: str = "") -> str:
            done = subprocess.run([PROGRAM, *verb], env=env, cwd=folder, input=stdin, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"rollcall {' '.join(verb)} failed:\n{done.stderr}")
            return done.stdout.strip()

        run("admin", "create", "--email", "ada@contoso.example", "--company", "Contoso")
        # Their userNames have up to 36 characters.
        run("settings", "--provisioning", "on", "--user-name-limit", "0")
        for schema in schemas:
            run("schema", "set", "-", stdin=json.dumps(schema))
        token = run("token", "create", "--name", "outside")
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
