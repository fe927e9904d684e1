"""Every example on every page works: its Python runs, its commands are carried out, and both print what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.running import Broken, Running, commands, matches

RUNNABLE = [p for p in pages.every() if any(b.language in ("python", "console") for b in p.blocks)]


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda p: p.name)
def test_the_examples_of_a_page_do_what_the_page_says(
    page: pages.Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Running(page, tmp_path).run()


# The machinery itself


def _page(tmp_path: Path, text: str) -> Running:
    path = pages.ROOT / "docs" / "made-up.md"
    written = tmp_path / "page.md"
    written.write_text(text, "utf-8")
    page = pages.read(written)
    return Running(pages.Page(path, page.blocks, page.headings, page.links), tmp_path)


def test_a_failing_example_names_its_page_and_line(tmp_path: Path) -> None:
    with pytest.raises(Broken, match=r"docs/made-up\.md:4: ZeroDivisionError"):
        _page(tmp_path, "# T\n\n```python\n1 / 0\n```\n").run()


def test_another_output_than_shown_is_found(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="the page says"):
        _page(tmp_path, "```python\nprint(1)\n```\n\n```output\n2\n```\n").run()


def test_blocks_of_a_page_share_their_names_and_its_tests_are_called(tmp_path: Path) -> None:
    running = _page(
        tmp_path, "```python\nseen = []\n```\n\n```python\ndef test_it():\n    seen.append(1)\n```\n"
    )
    running.run()
    assert running.namespace["seen"] == [1]


def test_a_command_that_fails_to_say_what_is_shown_is_found(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="exit code"):
        _page(tmp_path, "```console\n$ guanxi --help\nnothing of the kind\n```\n").run()


def test_commands_are_told_from_their_output() -> None:
    assert list(commands("$ a \\\n  b\nout\n\n$ c\n")) == [(0, "a \\\n  b", "out\n"), (4, "c", "")]


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("a  b\n", "a b  \n", True),
        ("a\n…\nc\n", "a\nb\nb\nc\n", True),
        ("a\n…\nc\n", "a\nc\n", True),
        ("a … c\n", "a b c\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n…\nd\n", "a\nc\n", False),
        ("", "anything\n", True),
    ],
)
def test_outputs_are_compared_loosely_but_not_too_loosely(expected: str, got: str, same: bool) -> None:
    assert matches(expected, got) is same
