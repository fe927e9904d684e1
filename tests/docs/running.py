"""Carries out the blocks of one page in order: Python in one namespace, commands in a shell, SQL, all in a folder of the page's own."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import ROOT, Block, Page
from tests.docs.staging import STAGES

PYTHON, OUTPUT, CONSOLE, SQL = "python", "output", "console", "sql"
ANYTHING = "…"
_COMMAND = re.compile(r"^\$ ?(.*)$")
_RUN = ("guanxi", "export")
"""Programs whose commands are carried out; any other command on a page is only shown."""


class Broken(AssertionError):
    """A block of a page does not do what the page says."""


class Running:
    """A page while its blocks are carried out."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.module = ModuleType("page")
        self.module.__dict__["pytest"] = pytest  # pages that show tests need not import it each time
        self.printed = ""
        self.stage = STAGES.get(page.name)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GUANXI_", "LC_", "PYTEST_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "PYTHONIOENCODING": "utf-8",
            "GUANXI_EXAMPLES": str(ROOT / "examples"),
        }

    def run(self) -> None:
        """Carry out every block that can be.

        Raises:
            Broken: one of them fails, or gives another output.
        """
        before = None
        if self.stage is not None:
            self.stage.build(self.folder)
        for block in self.page.blocks:
            if block.file is not None:
                (self.folder / block.file).write_text(block.text, "utf-8")
            if block.language == PYTHON and "not-run" not in block.words:
                self._python(block)
            elif block.language == OUTPUT:
                if before is None or before.language != PYTHON:
                    raise Broken(f"{self._place(block)}: an output follows no Python block")
                self._compare(block, block.text, self.printed)
            elif block.language == CONSOLE:
                self._console(block)
            elif block.language == SQL:
                self._sql(block)
            before = block

    def _place(self, block: Block, line: int = 0) -> str:
        return f"{self.page.name}:{block.line + line}"

    def _python(self, block: Block) -> None:
        source = "\n" * (block.line - 1) + block.text
        out = io.StringIO()
        before = set(self.module.__dict__)
        sys.modules["page"] = self.module
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(source, self.page.name, "exec"), self.module.__dict__)
                for name, thing in list(self.module.__dict__.items()):
                    if name.startswith("test_") and name not in before and not thing.__code__.co_argcount:
                        thing()
        except Exception as error:
            frame = next(
                (
                    f
                    for f in reversed(traceback.extract_tb(error.__traceback__))
                    if f.filename == self.page.name
                ),
                None,
            )
            raise Broken(
                f"{self.page.name}:{frame.lineno if frame else block.line}: {type(error).__name__}: {error}"
            ) from error
        self.printed = out.getvalue()

    def _sql(self, block: Block) -> None:
        """Ask the page's only database, the one that is not a key file or a copy made to be tampered with."""
        found = [
            p for p in self.folder.glob("*.db") if not p.name.endswith(".keys.db") and p.name != "tampered.db"
        ]
        if len(found) != 1:
            raise Broken(f"{self._place(block)}: {len(found)} databases could be asked")
        with contextlib.closing(sqlite3.connect(f"file:{found[0]}?mode=ro", uri=True)) as database:
            try:
                database.execute(block.text).fetchall()
            except sqlite3.Error as error:
                raise Broken(f"{self._place(block)}: {error}") from error

    def _console(self, block: Block) -> None:
        for line, command, expected in commands(block.text):
            program = command.split(maxsplit=1)[0] if command else ""
            if program not in _RUN:
                continue
            if program == "export":
                name, _, value = command.removeprefix("export").strip().partition("=")
                self.environment[name] = value.strip("\"'")
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            self._compare(
                block,
                expected,
                done.stdout + done.stderr,
                line,
                f"$ {command}  (exit code {done.returncode})\n",
            )

    def _compare(self, block: Block, expected: str, got: str, line: int = 0, title: str = "") -> None:
        moving = self.stage.moving if self.stage is not None else ()
        if not matches(expected, got, moving):
            raise Broken(f"{self._place(block, line)}: {title}the page says\n{expected}\nand it is\n{got}")

    @property
    def namespace(self) -> dict[str, Any]:
        """What the page's Python has defined."""
        return self.module.__dict__


def commands(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, command, expected output) for each command of a console block; a backslash carries one on."""
    number, command, output, open_ = 0, "", list[str](), False
    for n, line in enumerate(text.splitlines()):
        found = _COMMAND.match(line)
        if open_:
            command, open_ = command + "\n" + line, line.endswith("\\")
        elif found:
            if command:
                yield number, command, "\n".join(output)
            number, command, output, open_ = n, found[1], [], found[1].endswith("\\")
        else:
            output.append(line)
    if command:
        yield number, command, "\n".join(output)


def matches(expected: str, got: str, moving: Sequence[str] = ()) -> bool:
    """Return whether an output is the one a page shows: blanks count as one, ``…`` stands for anything, alone for any lines.

    A page that shows nothing below a command expects nothing in particular; one that begins with a blank line leaves out the head.

    Args:
        expected: what the page shows.
        got: what came.
        moving: patterns of what differs each time.
    """
    wanted = _lines(expected, moving)
    if not wanted:
        return True
    pattern = "" if expected.strip(" ")[:1] != "\n" else r"(?:.*\n)*?"
    for line in wanted:
        if line == ANYTHING:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split(ANYTHING)) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in _lines(got, moving))) is not None


def _lines(text: str, moving: Sequence[str]) -> list[str]:
    for pattern in moving:
        text = re.sub(pattern, "*", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if line]
