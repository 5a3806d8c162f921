"""Runs tests that other people wrote against the real program: each suite whole, on a server of its own.

A check that does not pass fails the run, unless its suite's LEFT_OUT says why it cannot; and an entry there that is not
needed fails as well. Started by `make test`; with the tools at hand also as `scripts/with sh -c
'$ROLLCALL_OUTSIDE_PYTHON end2end/outside/run.py [suite]'`, and with another build of the program named in
ROLLCALL_E2E_PROGRAM.
"""

import sys
import time
from collections import Counter
from importlib.metadata import version

from serving import serving
from suites import Result, openapi, sanity, tester

SUITES = {suite.PACKAGE: suite for suite in (tester, sanity, openapi)}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - SUITES.keys():
        raise SystemExit(f"there are the suites {', '.join(SUITES)}, not {', '.join(unknown)}")
    total: Counter[str] = Counter()
    for name, suite in SUITES.items():
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        with serving() as (url, token):
            results = suite.run(url, token)
        counts = judge(name, results, suite.LEFT_OUT)
        print(f"{name} {version(name)}: {told(counts)} in {time.monotonic() - began:.0f} s\n")
        total += counts
    # scripts/test adds up lines of this form.
    print(told(total))
    return 1 if total["failed"] else 0


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


def told(counts: Counter[str]) -> str:
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
