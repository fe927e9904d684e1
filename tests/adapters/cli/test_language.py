"""Both languages: which is chosen, and that nothing is left unsaid in Chinese."""

from __future__ import annotations

import ast
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import guanxi_adapters.cli as cli
from guanxi_adapters.cli import language
from guanxi_adapters.cli.app import app
from guanxi_adapters.cli.chinese import HELP, TEXTS
from tests.adapters.cli.conftest import Ran


def said() -> Iterator[str]:
    """Yield every text that the code says."""
    for file in Path(cli.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("say", "count")
            ):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value


def commands() -> Iterator[tuple[str, Any]]:
    def walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield path, command
        for name, each in getattr(command, "commands", {}).items():
            yield from walk(f"{path} {name}".strip(), each)

    yield from walk("", typer.main.get_command(app))


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_everything_that_is_said_has_its_chinese() -> None:
    assert [t for t in said() if t not in TEXTS] == []


def test_every_command_and_option_has_its_chinese_help() -> None:
    found = list(commands())
    assert [path for path, _ in found if path not in HELP] == []
    lacking = [(path, p.name) for path, c in found for p in c.params if p.help and p.help not in TEXTS]
    assert lacking == []
    assert set(HELP) == {path for path, _ in found}


def test_a_translation_has_the_same_blanks() -> None:
    assert {en: zh for en, zh in TEXTS.items() if blanks(en) != blanks(zh)} == {}


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ([], {"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        (["--lang", "zh", "verify"], {"LANG": "en_US"}, "zh"),
        (["verify", "--lang=en"], {"LANG": "zh_CN"}, "en"),
        (["verify", "--", "--lang", "zh"], {}, "en"),
        (["--lang", "fr"], {"LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_language_is_the_option_s_or_the_locale_s(
    arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    assert language.choose(arguments, environment) == expected


def test_the_locale_decides_for_the_whole_command(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, db: str
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "截至当前" in run("history", "C-2", "--db", db).out
    assert "录入" in run("--help").out


def test_help_is_in_the_language_asked_for(run: Callable[..., Ran]) -> None:
    assert "Which read models; all if none is named." in run("project", "rebuild", "--help").out
    assert "哪些读模型" in run("project", "rebuild", "--help", "--lang", "zh").out


def test_wrong_usage_is_explained_in_chinese(run: Callable[..., Ran]) -> None:
    assert "用法：没有命令 histo" in run("histo", "--lang", "zh").err
    assert "缺少 CUSTOMER" in run("history", "--lang", "zh").err
    assert "没有选项 --foo" in run("history", "C-1", "--foo", "--lang", "zh").err


def test_an_unknown_language_is_wrong_usage(run: Callable[..., Ran]) -> None:
    assert run("reports", "--lang", "fr").code == 2
