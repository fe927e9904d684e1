"""The page on the quality scale lists the rules that there are, in their levels."""

from __future__ import annotations

import re

from guanxi_adapters.cli.quality import LEVELS, RULES
from tests.docs import pages

PAGE = pages.ROOT / "docs" / "plugin-authors" / "quality.md"
_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| .+ \|$")


def test_the_page_lists_every_rule_under_its_level_with_its_title() -> None:
    titles = {label.en: level for level, label in LEVELS.items()}
    level, told = "", []
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            level = titles.get(line[3:].partition("（")[0].lower(), "")
        if level and (row := _ROW.match(line)):
            told.append((level, row[1], row[2]))
    assert told == [(rule.level, rule.name, rule.title.en) for rule in RULES]


def test_the_page_names_the_rules_that_nobody_is_exempt_from() -> None:
    text = PAGE.read_text("utf-8").replace("\n", " ")
    *some, last = [f"`{rule.name}`" for rule in RULES if not rule.exemptable]
    assert f"Nobody is exempt from {', '.join(some)} and {last}" in text
