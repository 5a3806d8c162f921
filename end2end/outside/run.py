"""Runs suites from outside against the real program, each on a server of its own: tests that other people wrote, and the
replayed reports of suites/field.

A check that does not pass fails the run, unless its suite's LEFT_OUT says why it cannot; and an entry there that is not
needed fails as well. Started by `make test`; with the tools at hand also as `scripts/with sh -c
'$ROLLCALL_OUTSIDE_PYTHON end2end/outside/run.py [suite]'`, and with another build of the program named in
ROLLCALL_E2E_PROGRAM.
"""

import sys
import time
from collections import Counter
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

from serving import serving
from suites import Result

SUITES = {"scim2-tester": "tester", "scim-sanity": "sanity", "schemathesis": "openapi", "field": "field"}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - SUITES.keys():
        raise SystemExit(f"unknown: {', '.join(unknown)}; the suites are {', '.join(SUITES)}")
    total: Counter[str] = Counter()
    for name in wanted or SUITES:
        # Imported here, as the field suite needs no package.
        suite = import_module(f"suites.{SUITES[name]}")
        began = time.monotonic()
        with serving(suite.SCHEMAS) as (url, token):
            results = suite.run(url, token)
        counts = judge(name, results, suite.LEFT_OUT)
        print(f"{title(name, suite)}: {summary(counts)} in {time.monotonic() - began:.0f} s\n")
        total += counts
    # scripts/test adds up lines of this form.
    print(summary(total))
    return 1 if total["failed"] else 0


def title(name: str, suite: ModuleType) -> str:
    return f"{name} {version(name)}" if suite.IS_PACKAGE else name


def judge(suite: str, results: list[Result], left_out: dict[str, str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    needed = set()
    for result in results:
        if result.passed:
            counts["passed"] += 1
        elif result.check in left_out:
            counts["skipped"] += 1
            needed.add(result.check)
            print(f"{suite}: left out: {result.check}: {left_out[result.check]}")
        else:
            counts["failed"] += 1
            print(f"{suite}: FAILED: {result.check}: {result.detail}")
    for check in left_out.keys() - needed:
        counts["failed"] += 1
        print(f"{suite}: FAILED: {check} need not be left out")
    return counts


def summary(counts: Counter[str]) -> str:
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
