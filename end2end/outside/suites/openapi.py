"""schemathesis: requests made from `/openapi.json`, right and wrong ones, and every answer held against it.

Each operation is a check here, and so are the chains of operations that follow links. Seed and bounds are fixed, so a run
finds what the run before it found. What is not asked, and why, stands in schemathesis.toml.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from suites import Result

IS_PACKAGE = True
SCHEMAS: list[dict] = []
LEFT_OUT: dict[str, str] = {}
CONFIG = Path(__file__).resolve().parents[1] / "schemathesis.toml"
# Fewer would mean that the description lost its routes.
LEAST = 25


def run(url: str, token: str) -> list[Result]:
    command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(CONFIG), "run"]
    with tempfile.TemporaryDirectory(prefix="rollcall-schemathesis-") as folder:
        report = Path(folder) / "junit.xml"
        options = ["--no-color", "--header", f"Authorization: Bearer {token}", "--report-junit-path", str(report)]
        done = subprocess.run(
            [*command, f"{url}/openapi.json", *options], cwd=folder, capture_output=True, text=True, timeout=300
        )
        if not report.exists():
            return [Result("run", False, done.stdout + done.stderr)]
        results = [judged(case) for case in ElementTree.parse(report).iter("testcase")]
    print("\n".join(line for line in done.stdout.splitlines() if "generated," in line or line.startswith("Seed")))
    if len(results) < LEAST:
        results.append(Result("operations", False, f"only {len(results)} were tested\n{done.stdout}"))
    if done.returncode and all(result.passed for result in results):
        results.append(Result("run", False, done.stdout + done.stderr))
    return results


def judged(case: ElementTree.Element) -> Result:
    faults = [child for child in case if child.tag in ("failure", "error", "skipped")]
    detail = "\n".join(f"{fault.tag}: {fault.get('message')}\n{fault.text}" for fault in faults)
    return Result(case.get("name", "?"), not faults, detail)
