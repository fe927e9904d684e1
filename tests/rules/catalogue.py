"""The rule catalogue as data: what the pages in docs/rules/ promise, rule by rule and example by example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "rules"

OUTCOMES = frozenset(
    {
        "invalid", "unknown", "conflict", "rule not met", "not permitted", "incomplete", "duplicate", "held",
        "waiting", "parked", "flagged",
    }
)  # fmt: skip

_HEADING = re.compile(r"### (?P<id>[A-Z]+-(?:\d+|IN)) (?P<title>.+)")
_TABLE = ["id", "given", "expected"]
_EXAMPLE_ID = re.compile(r"(?:(?P<rule>[A-Z]+-\d+)|(?P<list>[A-Z]+-IN)-)[a-z]+")


class CatalogueError(Exception):
    """A page that cannot be read as a catalogue: the message names page and line."""


@dataclass(frozen=True)
class Example:
    """One row of a rule's table."""

    id: str
    rule: str
    given: str
    expected: str
    page: str
    line: int


@dataclass(frozen=True)
class Rule:
    """One rule: its heading, everything said below it, and its examples."""

    id: str
    title: str
    text: str
    examples: tuple[Example, ...]
    page: str
    line: int


def read(pages: Path = PAGES) -> dict[str, Rule]:
    """All rules of all pages, by id, in the order of the pages."""
    rules: dict[str, Rule] = {}
    for page in sorted(pages.glob("*.md")):
        if page.name == "README.md":
            continue
        for rule in read_page(page.read_text(encoding="utf-8"), page.name):
            if rule.id in rules:
                raise CatalogueError(
                    f"{page.name}:{rule.line}: {rule.id} is already on {rules[rule.id].page}"
                )
            rules[rule.id] = rule
    return rules


def read_page(text: str, page: str = "page") -> list[Rule]:
    """The rules of one page."""
    rules: list[Rule] = []
    seen: dict[str, int] = {}
    lines = text.splitlines()
    starts = [(n, m) for n, line in enumerate(lines) if (m := _HEADING.fullmatch(line))]
    for n, line in enumerate(lines):
        if line.startswith("### ") and not _HEADING.fullmatch(line):
            raise CatalogueError(f"{page}:{n + 1}: a heading of this level is a rule: '### ID Title'")
    for start, heading in starts:
        end = next((n for n in range(start + 1, len(lines)) if re.match(r"##?#? ", lines[n])), len(lines))
        body = lines[start + 1 : end]
        examples = tuple(_examples(body, start + 2, heading["id"], page))
        for example in examples:
            if example.id in seen:
                raise CatalogueError(
                    f"{page}:{example.line}: {example.id} is already on line {seen[example.id]}"
                )
            seen[example.id] = example.line
        prose = "\n".join(line for line in body if not line.startswith("|")).strip()
        rules.append(Rule(heading["id"], heading["title"], prose, examples, page, start + 1))
    return rules


def ids(rules: dict[str, Rule]) -> frozenset[str]:
    """Every id that a test may name."""
    return frozenset(rules) | {example.id for rule in rules.values() for example in rule.examples}


def _examples(body: list[str], first: int, rule: str, page: str) -> list[Example]:
    found: list[Example] = []
    inside = False
    for number, line in enumerate(body, first):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if cells == _TABLE:
            inside = True
        elif inside and not set("".join(cells)) <= set("-: "):
            if len(cells) != len(_TABLE) or not all(cells):
                raise CatalogueError(f"{page}:{number}: an example has three filled cells: {line}")
            match = _EXAMPLE_ID.fullmatch(cells[0])
            if match is None or (match["rule"] or match["list"]) != rule:
                raise CatalogueError(f"{page}:{number}: {cells[0]!r} is no example of {rule}")
            found.append(Example(cells[0], rule, cells[1], cells[2], page, number))
    return found
