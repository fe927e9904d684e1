"""The pages hang together: links lead somewhere, and a page in two languages says the same in both."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from guanxi.relationship import parts as core_parts
from tests.docs import pages
from tests.docs.running import commands

PAGES = pages.every()
BY_PATH = {p.path: p for p in PAGES}
TWINS = [
    (p, p.path.with_name(p.path.stem + ".zh.md"))
    for p in PAGES
    if p.path.parent.name in ("hosts", "auditors") and not p.path.stem.endswith(".zh")
]
CODE = ("python", "sql", "toml", "csv", "json", "sh")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_within_the_repository_leads_somewhere(page: pages.Page) -> None:
    for link in page.links:
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), f"{page.name} links to {link}"
        assert path.is_relative_to(pages.ROOT), f"{page.name} links out of the repository: {link}"
        if anchor:
            assert anchor in pages.anchors(BY_PATH.get(path) or pages.read(path)), (
                f"{page.name} links to {link}"
            )


def test_pages_for_hosts_and_auditors_are_there_in_both_languages() -> None:
    assert {p.path.parent.name for p, _ in TWINS} == {"hosts", "auditors"}
    missing = [twin.name for _, twin in TWINS if not twin.exists()]
    assert not missing


@pytest.mark.parametrize(("page", "twin"), TWINS, ids=lambda p: p.name)
def test_the_chinese_twin_has_the_same_headings_and_the_same_code(page: pages.Page, twin: Path) -> None:
    other = pages.read(twin)
    assert [level for level, _ in other.headings] == [level for level, _ in page.headings]
    assert _code(other) == _code(page)


def _code(page: pages.Page) -> list[tuple[str, str]]:
    """Return what a reader would copy: code as it stands, and commands in either language, without what they print."""
    out = []
    for block in page.blocks:
        if block.language in CODE:
            out.append((block.language, block.text))
        elif block.language == "console":
            out += [("console", command.replace(" --lang zh", "")) for _, command, _ in commands(block.text)]
    return out


# Names of the core that a page for plugin authors gives

CORE_SUBJECTS = pages.ROOT / "docs" / "plugin-authors" / "relationship.md"
_ROOM = re.compile(r"^\| `(\w+)` \| (`\w+\.\w+`: `\w+`.*) \|$", re.MULTILINE)
_FACET = re.compile(r"`(\w+)\.(\w+)`: `(\w+)`")


def test_the_page_for_authors_names_every_facet_of_a_customer_and_where_it_is() -> None:
    told = {}
    for room, facets in _ROOM.findall(CORE_SUBJECTS.read_text("utf-8")):
        for module, name, state in _FACET.findall(facets):
            facet = getattr(import_module(f"guanxi.relationship.{room}.{module}"), name)
            told[facet.name] = state
    there = {f.name: type(f.state()).__name__ for f in core_parts.facets if f.subject == "customer"}
    assert told == there


def test_the_page_for_authors_names_events_of_the_core_that_there_are() -> None:
    events = {e.stored_name for e in core_parts.events} | {c.stored_name for c in core_parts.commands}
    section = CORE_SUBJECTS.read_text("utf-8").partition("## Subjects of the core")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(core\.\w+)`", section))
    assert named <= events, named - events
