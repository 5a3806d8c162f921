"""Tests that other people wrote, each brought to one form."""

from dataclasses import dataclass


@dataclass
class Result:
    """What a check of a suite came to."""

    check: str
    passed: bool
    detail: str = ""
