"""``plugins new``: a complete plugin package, small but real, that passes its tests and its check as it is made."""

from __future__ import annotations

import importlib.util
import json
import re
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say
from guanxi_adapters.cli.options import AsJson

TEMPLATE, SUFFIX, PACKAGE = "template", ".tmpl", "package"
LONGEST = 28
"""What a plugin's name may be called at most here, so that its read model's table fits every database."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_UNQUOTED = re.compile(r'["\\\x00-\x1f\x7f]')
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PLACE = re.compile(r"@([a-z_]+)@")
_RESERVED = ("core", "adapters", "testing")


def new(
    name: Annotated[
        str,
        typer.Argument(
            help="The plugin's name, which all of its stored names begin with; for example lending.",
            metavar="NAME",
            show_default=False,
        ),
    ],
    into: Annotated[
        Path,
        typer.Option("--into", metavar="DIR", help="The folder to make it in; the present one if left out."),
    ] = Path(),
    title_en: Annotated[
        str | None,
        typer.Option(
            "--title-en",
            metavar="TEXT",
            help="What people call it in English; made from the name if left out.",
        ),
    ] = None,
    title_zh: Annotated[
        str | None,
        typer.Option(
            "--title-zh",
            metavar="TEXT",
            help="What people call it in Chinese; made from the name if left out.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a new plugin: the folder guanxi-NAME, with code, manifest, tests and papers.

    It keeps track of what was lent to customers, a small example to be turned into what you
    need; its tests and 'guanxi plugins check' pass as it stands. Nothing that is there
    already is touched.
    """
    folder = make(name, into, title_en, title_zh)
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    if as_json:
        screen.show_json({"name": name, "path": str(folder), "files": files})
        return
    screen.show(
        screen.styled(
            (say("Made {folder}, with {count} files.", folder=folder, count=len(files)), screen.GOOD)
        )
    )
    steps = (
        (f"cd {folder}", ""),
        ("pip install -e '.[test]'", say("install it, so that changes count at once")),
        ("pytest", say("run its tests")),
        ("guanxi plugins check .", say("see how good it is, and what is missing")),
    )
    screen.show("", screen.pairs(steps, indent=2))


def make(name: str, into: Path, title_en: str | None = None, title_zh: str | None = None) -> Path:
    """Make a plugin's package and return its folder.

    Args:
        name: the plugin's name.
        into: the folder to make ``guanxi-NAME`` in.
        title_en: what people call it in English.
        title_zh: what people call it in Chinese.

    Raises:
        Invalid: ``bad_name`` or ``bad_title``.
        Conflict: ``name_taken`` by an installed plugin or package, or ``folder_exists``.
        Unavailable: ``no_such_folder``.
    """
    _refuse_name(name)
    titles = _titles(name, title_en, title_zh)
    folder = into / f"guanxi-{name.replace('_', '-')}"
    _refuse_place(into, folder)
    values = {
        "name": name,
        "package": f"guanxi_{name}",
        "distribution": folder.name,
        "rule": name.upper().replace("_", "-"),
        "title_en": titles[0],
        "title_en_literal": json.dumps(titles[0], ensure_ascii=False),
        "title_zh_literal": json.dumps(titles[1], ensure_ascii=False),
    }
    # Made beside its place and moved there whole, so that a failure leaves nothing half-made.
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=into) as beside:
        made = Path(beside) / folder.name
        for path, text in filled(values):
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        made.rename(folder)
    return folder


def filled(values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the template's files with a plugin's values put in: path and text of each.

    Args:
        values: what stands for each place marked ``@like_this@``.
    """
    for path, source in _files(resources.files("guanxi_adapters.cli") / TEMPLATE):
        text = _PLACE.sub(lambda found: values[found[1]], source.read_text("utf-8"))
        parts = [values["package"] if part == PACKAGE else part for part in path.split("/")]
        yield "/".join(parts).removesuffix(SUFFIX), text


def _files(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda e: e.name):
        inner = f"{path}{each.name}"
        if each.is_dir():
            yield from _files(each, inner + "/")
        elif each.name.endswith(SUFFIX):
            yield inner, each


# ---------------------------------------------------------------- refusals


def _refuse_name(name: str) -> None:
    from guanxi import Conflict, Invalid
    from guanxi.kernel.plugins import entry_points, origin_of

    if not _NAME.match(name) or len(name) > LONGEST:
        raise Invalid(
            "bad_name",
            f"{name!r} cannot be a plugin's name",
            zh=f"{name!r} 不能作插件名",
            accepts=f"lower-case letters and digits from a letter on, single underscores between them, at most {LONGEST} characters",
        )
    holders = [f"the plugin {name} ({origin_of(p)})" for p in entry_points() if p.name == name]
    if name in _RESERVED:
        holders.append("guanxi")
    elif not holders and importlib.util.find_spec(f"guanxi_{name}") is not None:
        holders.append(f"the installed package guanxi_{name}")
    if holders:
        raise Conflict(
            "name_taken",
            f"the name {name} belongs to {holders[0]}",
            zh=f"名称 {name} 已归 {holders[0]} 所有",
            accepts="another name",
        )


def _titles(name: str, title_en: str | None, title_zh: str | None) -> tuple[str, str]:
    from guanxi import Invalid

    english = title_en if title_en is not None else name.replace("_", " ").capitalize()
    chinese = title_zh if title_zh is not None else f"{english}插件"
    for text, accepts in (
        (english, "a line of English without double quotes, backslashes or Chinese"),
        (chinese, "a line of Chinese without double quotes or backslashes"),
    ):
        right = text.strip() and not _UNQUOTED.search(text)
        if not right or bool(_CHINESE.search(text)) != (text is chinese):
            raise Invalid(
                "bad_title", f"{text!r} cannot be the title", zh=f"{text!r} 不能作标题", accepts=accepts
            )
    return english, chinese


def _refuse_place(into: Path, folder: Path) -> None:
    from guanxi import Conflict, Unavailable

    if not into.is_dir():
        raise Unavailable(
            "no_such_folder",
            f"there is no folder {into}",
            zh=f"没有文件夹 {into}",
            accepts="a folder that is there",
        )
    if folder.exists() or folder.is_symlink():
        raise Conflict(
            "folder_exists",
            f"{folder} is there already; nothing was changed",
            zh=f"{folder} 已存在；未作任何改动",
            accepts="another name, or another folder by --into",
        )
