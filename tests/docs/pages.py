"""The pages of the documentation, as tests read them: headings, links and fenced blocks, each with the line it stands on."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^(#+) +(.*?)\s*$")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@attrs.frozen
class Block:
    """A fenced block.

    Args:
        language: the first word behind the marks.
        words: what else stands there, such as ``file=purchases.csv``.
        text: what is inside.
        line: number of its first line inside.
    """

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """Return the name of the file that the block shows, if it says one."""
        return next((w.removeprefix("file=") for w in self.words if w.startswith("file=")), None)


@attrs.frozen
class Page:
    """One page, taken apart."""

    path: Path
    blocks: tuple[Block, ...]
    headings: tuple[tuple[int, str], ...]
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        """The page's path from the repository's root."""
        return self.path.relative_to(ROOT).as_posix()


def read(path: Path) -> Page:
    """Return a page taken apart."""
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    links: list[str] = []
    marks, inside, words, begun = "", [""], [""], 0
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if marks:
            if fence and fence["marks"] == marks and not fence["info"].strip():
                blocks.append(Block(words[0], tuple(words[1:]), "\n".join(inside) + "\n", begun))
                marks = ""
            else:
                inside.append(line)
        elif fence:
            marks, inside, begun = fence["marks"], [], number + 1
            words = fence["info"].split() or [""]
        else:
            if heading := _HEADING.match(line):
                headings.append((len(heading[1]), heading[2]))
            links += _LINK.findall(line)
    assert not marks, f"{path}: the block of line {begun} is never closed"
    return Page(path, tuple(blocks), tuple(headings), tuple(links))


def every() -> list[Page]:
    """Return all pages for readers of this repository, in order of name."""
    found = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("README*.md"),
        *ROOT.glob("plugins/*/README*.md"),
        *ROOT.glob("examples/**/README*.md"),
    ]
    return [read(path) for path in sorted(found)]


def anchors(page: Page) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    found: set[str] = set()
    for _, text in page.headings:
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", text).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        name, n = anchor, 0
        while name in found:
            n += 1
            name = f"{anchor}-{n}"
        found.add(name)
    return found
