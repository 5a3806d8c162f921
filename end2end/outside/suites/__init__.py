"""Each suite has the same form: `run` returns a result for every check."""

from dataclasses import dataclass


@dataclass
class Result:
    """The outcome of a check."""

    check: str
    passed: bool
    detail: str = ""
