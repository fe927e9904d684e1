"""The catalogue reads as data, and tests name only what is in it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules import catalogue

RULES = catalogue.read()
PAGE = """# Page

### TST-01 A title (标题)

A statement.

| decision | key |
|---|---|
| this table | is no example |

**Parameters:** none.

| id | given | expected |
|---|---|---|
| TST-01a | one / two | 1 / 2 |
| TST-01b | a \\| b | `no` (invalid) |

#### More

| id | given | expected |
|---|---|---|
| TST-01c | further down | still TST-01 |

### TST-02 Without examples

Nothing.
"""


def test_a_page_reads_as_rules_with_their_examples() -> None:
    first, second = catalogue.read_page(PAGE)
    assert (first.id, first.title, first.line) == ("TST-01", "A title (标题)", 3)
    assert "A statement." in first.text
    assert "**Parameters:** none." in first.text
    assert "|" not in first.text
    assert [e.id for e in first.examples] == ["TST-01a", "TST-01b", "TST-01c"]
    assert first.examples[0].given == "one / two"
    assert first.examples[1].given == "a | b"
    assert (second.id, second.examples) == ("TST-02", ())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("| TST-01b |", "| TST-01a |", "TST-01a is already on line"),
        ("| TST-01b |", "| TST-02a |", "'TST-02a' is no example of TST-01"),
        ("| TST-01b |", "| b |", "'b' is no example of TST-01"),
        ("| 1 / 2 |", "| 1 | 2 |", "three filled cells"),
        ("| 1 / 2 |", "| |", "three filled cells"),
        ("### TST-02 Without", "### Without", "a heading of this level is a rule"),
    ],
)
def test_a_page_that_is_no_catalogue_is_refused_with_its_line(old: str, new: str, complaint: str) -> None:
    assert old in PAGE
    with pytest.raises(catalogue.CatalogueError, match=re.escape(complaint)) as refusal:
        catalogue.read_page(PAGE.replace(old, new), "some.md")
    assert re.match(r"some\.md:\d+: ", str(refusal.value))


def test_a_rule_on_two_pages_is_refused(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    with pytest.raises(catalogue.CatalogueError, match=r"b\.md:3: TST-01 is already on a\.md"):
        catalogue.read(tmp_path)


def test_the_parser_finds_all_that_stands_on_the_pages() -> None:
    headings, rows = set(), []
    for page in catalogue.PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        headings |= set(re.findall(r"^#+ ([A-Z]{3,4}-(?:\d+|IN)) ", text, re.MULTILINE))
        rows += re.findall(r"^\| *([A-Z]{3,4}-(?:\d+|IN-)[a-z]+) *\|", text, re.MULTILINE)
    assert headings == set(RULES)
    assert sorted(rows) == sorted(e.id for rule in RULES.values() for e in rule.examples)
    assert len(rows) == len(set(rows))
    assert len(rows) > 100


def test_every_rule_says_something_and_has_examples() -> None:
    for rule in RULES.values():
        assert rule.text, rule.id
        assert rule.examples, rule.id


def test_every_code_comes_with_an_outcome_of_the_vocabulary() -> None:
    for rule in RULES.values():
        for example in rule.examples:
            for code, outcome in re.findall(r"`([a-z_]+)` \(([^)]*)\)", example.expected):
                assert outcome in catalogue.OUTCOMES, f"{example.id}: {code} ({outcome})"


def test_the_vocabulary_is_the_one_on_the_front_page() -> None:
    table = (
        (catalogue.PAGES / "README.md").read_text(encoding="utf-8").split("## What happens to an input")[1]
    )
    shown = {row.split(" (")[0] for row in re.findall(r"^\| ([a-z][^|]*?) \|", table, re.MULTILINE)} - {
        "outcome"
    }
    assert shown | {"parked"} == catalogue.OUTCOMES


def test_every_marker_of_this_run_names_ids_of_the_catalogue(request: pytest.FixtureRequest) -> None:
    known = catalogue.ids(RULES)
    wrong = []
    for item in request.session.items:
        for marker in item.iter_markers("rule"):
            if not marker.args or marker.kwargs or not set(marker.args) <= known:
                wrong.append(f"{item.nodeid}: {marker.args}")
    assert wrong == []


def test_the_listing_counts_what_tests_name(tmp_path: Path) -> None:
    test = tmp_path / "test_some.py"
    test.write_text(
        "import pytest\n"
        "@pytest.mark.rule('RET-17a', 'CORE-01')\ndef test_one(): pass\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.rule('RET-18b'))])\n"
        "def test_two(x): pass\n"
        "@pytest.mark.skip(reason='later')\n@pytest.mark.rule('RET-17b')\ndef test_skipped(): pass\n"
    )
    run = _list_untested("--json", str(test))
    facts = json.loads(run.stdout)
    assert run.returncode == 0
    assert set(facts["tests"]) == {"RET-17a", "CORE-01", "RET-18b"}
    assert {"RET-17b", "CORE-01a"} <= set(facts["examples_untested"])
    assert not {"RET-17", "RET-18", "CORE-01"} & set(facts["rules_untested"])
    assert facts["unknown"] == {}


def test_the_listing_rejects_ids_that_no_page_knows_and_files_that_do_not_import(tmp_path: Path) -> None:
    unknown, broken = tmp_path / "test_unknown.py", tmp_path / "test_broken.py"
    unknown.write_text("import pytest\n@pytest.mark.rule('RET-99z')\ndef test_one(): pass\n")
    broken.write_text("import no_such_module\n")
    run = _list_untested(str(unknown), str(broken))
    assert run.returncode == 1
    assert "no page knows RET-99z" in run.stderr
    assert "test_broken.py could not be collected" in run.stderr


def _list_untested(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, since pytest is not made to run inside pytest."""
    script = [sys.executable, str(catalogue.ROOT / "tests" / "rules" / "list_untested.py"), *arguments]
    return subprocess.run(script, capture_output=True, text=True, check=False)
