"""List the rules and examples of docs/rules/ that no test names, and ids named by tests that no page knows.

A test counts when it is collected and carries `@pytest.mark.rule("ID")`, unless it is marked to be
skipped or to fail. Exit status 1: a test names an unknown id, or some test file could not be collected.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.rules import catalogue


class Listing(TypedDict):
    """What `--json` prints."""

    rules: int
    rules_untested: list[str]
    examples: int
    examples_untested: list[str]
    tests: dict[str, list[str]]
    unknown: dict[str, list[str]]
    unreadable: list[str]


@dataclass(eq=False)
class Markers:
    """A pytest plugin that notes which test names which id."""

    named: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[str] = field(default_factory=list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the markers of everything collected."""
        for item in session.items:
            if any(item.iter_markers("skip")) or any(item.iter_markers("xfail")):
                continue
            for id in rule_ids(item):
                self.named[id].append(item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected."""
        if report.failed:
            self.unreadable.append(report.nodeid)


def rule_ids(item: pytest.Item) -> list[str]:
    """The ids that the markers of one test name."""
    return [str(id) for marker in item.iter_markers("rule") for id in marker.args]


def collect(paths: list[str]) -> Markers:
    """Have pytest collect, without running anything, and without a word on the terminal."""
    markers = Markers()
    os.chdir(catalogue.ROOT)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", *paths],
            [markers],
        )
    if status == pytest.ExitCode.INTERNAL_ERROR:
        raise RuntimeError("pytest broke down while collecting; nothing can be said")
    return markers


def report(rules: dict[str, catalogue.Rule], markers: Markers) -> Listing:
    """What is tested, what is not, and what is wrong, ready for JSON."""
    known = catalogue.ids(rules)
    examples = [e for rule in rules.values() for e in rule.examples]
    untested_rules = [
        r.id for r in rules.values() if not ({r.id, *(e.id for e in r.examples)} & markers.named.keys())
    ]
    untested = [e.id for e in examples if e.id not in markers.named]
    return {
        "rules": len(rules),
        "rules_untested": untested_rules,
        "examples": len(examples),
        "examples_untested": untested,
        "tests": {id: sorted(tests) for id, tests in sorted(markers.named.items()) if id in known},
        "unknown": {id: sorted(tests) for id, tests in sorted(markers.named.items()) if id not in known},
        "unreadable": sorted(markers.unreadable),
    }


def show(rules: dict[str, catalogue.Rule], facts: Listing) -> None:
    """The same for a reader."""
    untested = set(facts["examples_untested"])
    nothing = set(facts["rules_untested"])
    for page in dict.fromkeys(rule.page for rule in rules.values()):
        on_page = [rule for rule in rules.values() if rule.page == page]
        examples = [e.id for rule in on_page for e in rule.examples]
        open_ = [id for id in examples if id in untested]
        print(f"{page}: {len(open_)} of {len(examples)} examples without a test")
        for rule in on_page:
            missing = [e.id.removeprefix(rule.id) for e in rule.examples if e.id in untested]
            if missing or rule.id in nothing:
                letters = " ".join(missing) if missing else "-"
                print(
                    f"  {rule.id:8} {letters:36} {rule.title}{'  [no test at all]' if rule.id in nothing else ''}"
                )
        print()
    print(
        f"Without a test: {len(untested)} of {facts['examples']} examples; "
        f"{len(nothing)} of {facts['rules']} rules have none at all."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("paths", nargs="*", help="collect only these files or folders")
    options = parser.parse_args(arguments)
    rules = catalogue.read()
    facts = report(rules, collect(options.paths))
    if options.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        show(rules, facts)
    for id, tests in facts["unknown"].items():
        print(f"error: no page knows {id}, named by {', '.join(tests)}", file=sys.stderr)
    for node in facts["unreadable"]:
        print(f"error: {node} could not be collected, so its markers are not counted", file=sys.stderr)
    return 1 if facts["unknown"] or facts["unreadable"] else 0


if __name__ == "__main__":
    sys.exit(main())
