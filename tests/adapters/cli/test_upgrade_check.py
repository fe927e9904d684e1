"""A version of a plugin is checked against true history before it is let in: real distributions on disk, each in its own process."""

from __future__ import annotations

import hashlib
import shutil
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi import OpenFile
from tests.adapters.cli.conftest import Ran

CODE = """
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import (
    REVISE, Column, Command, Content, Decision, Facet, Fact, Label, Now, Parts, ReadModel, Report, Upcaster, column,
    command, event, hookimpl, key,
)


@event("tea.cup_poured"{form})
class CupPoured(Fact):
    {field}: int


@event("tea.stamp_given")
class StampGiven(Decision, late=REVISE, retroactive=REVISE):
    cup: int = key()
    stamps: int


@command("tea.pour")
class Pour(Command):
    {field}: int


@attrs.define
class Card:
    cups: int = 0
    stamps: int = 0


card = Facet("tea.card", Card{version})


@card.evolve
def _keep(s: Card, e: CupPoured | StampGiven) -> None:
    if isinstance(e, CupPoured):
        s.cups += 1
    else:
        s.stamps += e.stamps


@card.decide
def _pour(s: Card, c: Pour, now: Now) -> Iterator[Fact]:
    yield CupPoured({field}=c.{field})


@card.react("TEA-1")
def _stamp(s: Card, e: CupPoured, now: Now) -> Iterator[Decision]:
    yield StampGiven(cup=s.cups, stamps={stamps})


@attrs.define
class Stamps:
    given: int = 0


stamps = ReadModel("tea.stamps", Stamps{model})


@stamps.on
def _given(rows, e: StampGiven, at: datetime) -> None:
    rows[()].given += e.stamps


def _rows(reader, parameters, asked) -> Content:
    {rows}
    return Content([(n, row.given) for n, (_, row) in enumerate(reader.rows(stamps), 1)])


given = Report(
    "tea.given", Label("Stamps", "集点"), (stamps,),
    (Column("no", Label("No.", "序号"), "integer"), Column("given", Label("stamps", "点数"), "integer")), _rows,
)

UPCASTERS = {upcasters}


class Plugin:
    @hookimpl
    def guanxi_parts(self) -> Parts:
        return Parts(
            name="tea", version="{release}", title=Label("Tea", "茶"), events=(CupPoured, StampGiven), commands=(Pour,),
            facets=(card,), read_models=(stamps,), reports=(given,), upcasters=UPCASTERS,
        )


plugin = Plugin()
"""

FIRST = {
    "form": "",
    "field": "millilitres",
    "version": "",
    "stamps": "1",
    "model": "",
    "upcasters": "()",
    "rows": "pass",
    "release": "1.0",
}
SECOND = {
    **FIRST,
    "form": ", version=2",
    "field": "ml",
    "stamps": "2 if e.ml >= 300 else 1",
    "upcasters": '(Upcaster("tea.cup_poured", 1, lambda old: {"ml": old["millilitres"]}),)',
    "release": "2.0",
}


def distribution(folder: Path, **values: str) -> Path:
    """Lay out an installed distribution of the plugin."""
    from guanxi.kernel.plugins import manifest_of

    package = folder / "guanxi_tea"
    package.mkdir(parents=True)
    code = CODE
    for name, value in values.items():
        code = code.replace("{" + name + "}", value)
    (package / "__init__.py").write_text(code, "utf-8")
    info = folder / f"guanxi_tea-{values['release']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: guanxi-tea\nVersion: {values['release']}\n")
    (info / "entry_points.txt").write_text("[guanxi.plugins]\ntea = guanxi_tea:plugin\n")
    space: dict[str, Any] = {"__name__": f"guanxi_tea_{values['release']}"}
    module = type(sys)(space["__name__"])
    sys.modules[module.__name__] = module
    try:
        exec(compile(code, "guanxi_tea", "exec"), module.__dict__)
        parts = module.plugin.guanxi_parts()
    finally:
        del sys.modules[module.__name__]
    (package / "plugin.toml").write_text(manifest_of(parts).to_toml(), "utf-8")
    return folder


def wheel(folder: Path) -> Path:
    """Pack an installed distribution as a wheel is packed."""
    path = folder.parent / f"guanxi_tea-{folder.name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(folder))
    return path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path, Path]:
    """A ledger told with version 1 of the plugin, which is gone from the path again; its URL, both versions."""
    first, second = distribution(tmp_path / "v1", **FIRST), distribution(tmp_path / "v2", **SECOND)
    url = f"sqlite:///{tmp_path / 'tea.db'}"
    monkeypatch.syspath_prepend(str(first))
    sys.modules.pop("guanxi_tea", None)
    ledger = guanxi.open(url, zone="Asia/Shanghai")
    at = datetime(2025, 5, 1, tzinfo=UTC)
    ledger.clock = lambda: at
    assert [p.error for p in ledger.installed if p.name == "tea"] == [None]
    pour: Any = ledger.commands["tea.pour"]
    for name, cups in (("C-1", (200, 350)), ("C-2", (200,))):
        ledger.execute(name, OpenFile(), actor="host")
        for ml in cups:
            ledger.execute(name, pour(millilitres=ml), actor="host")
    ledger.close()
    sys.modules.pop("guanxi_tea", None)
    monkeypatch.undo()
    for name in ("LC_ALL", "COLUMNS"):
        monkeypatch.setenv(name, {"LC_ALL": "C.UTF-8", "COLUMNS": "80"}[name])
    return url, first, second


def _digest(url: str) -> dict[str, str]:
    folder = Path(url.removeprefix("sqlite:///")).parent
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.glob("*.db")}


def test_a_version_brought_back_names_exactly_the_decisions_and_rows_that_differ_from_what_is_stored(
    shop: tuple[str, Path, Path], run: Callable[..., Ran]
) -> None:
    url, _, second = shop
    before = _digest(url)
    ran = run("plugins", "upgrade-check", "tea", "--with", str(wheel(second)), "--json", "--db", url)
    assert ran.code == 4, ran.err
    told = ran.json()
    assert [(c["account"], c["name"], c["key"], c["before"], c["after"]) for c in told["changes"]] == [
        ("C-1", "tea.stamp_given", {"cup": 2}, {"cup": 2, "stamps": 1}, {"cup": 2, "stamps": 2})
    ]
    change = told["changes"][0]
    assert change["entry"] is not None
    assert change["causes"][0]["en"] == "drawn by tea 1.0; 2.0 is installed"
    assert len(change["entries"]) == 1
    assert [r["cells"] for r in told["reports"][0]["rows"]] == [{"given": [2, 3]}]
    assert (told["unreadable"], told["opaque"]) == ([], {})
    assert _digest(url) == before


def test_against_the_installed_version_each_runs_on_its_own_and_an_unraised_facet_is_said(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, first, second = shop
    before = _digest(url)
    monkeypatch.syspath_prepend(str(first))
    ran = run("plugins", "upgrade-check", "tea", "--with", str(second), "--json", "--db", url)
    assert ran.code == 4, ran.err
    told = ran.json()
    assert [
        (c["account"], c["key"], c["before"]["stamps"], c["after"]["stamps"]) for c in told["changes"]
    ] == [("C-1", {"cup": 2}, 1, 2)]
    assert told["changes"][0]["causes"][0]["en"] == "tea 1.0 → 2.0"
    assert [r["key"] for r in told["reports"][0]["rows"]] == [[1]]
    assert [r["code"] for r in told["remarks"]] == ["facet_version"]
    assert _digest(url) == before
    sys.modules.pop("guanxi_tea", None)


def test_the_same_version_reads_decides_and_reports_the_same(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, first, _ = shop
    ran = run("plugins", "upgrade-check", "tea", "--with", str(first), "--db", url)
    assert ran.code == 0, ran.out + ran.err
    assert "It reads every entry, and decides and reports the same." in ran.out
    monkeypatch.syspath_prepend(str(first))
    sys.modules.pop("guanxi_tea", None)
    ran = run("plugins", "upgrade-check", "tea", "--db", url)
    assert ran.code == 0, ran.out + ran.err
    sys.modules.pop("guanxi_tea", None)


def test_a_report_that_refuses_is_told_and_only_a_difference_where_one_side_alone_does(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, first, _ = shop
    refusing = {**FIRST, "rows": 'from guanxi import Invalid; raise Invalid("no_fit", "too few", zh="太少")'}
    strict = distribution(tmp_path / "strict", **refusing)
    ran = run("plugins", "upgrade-check", "tea", "--with", str(strict), "--db", url)
    assert ran.code == 0, ran.out + ran.err
    assert "tea.given" in ran.out
    assert "It refuses before and after, the same: no_fit" in ran.out
    monkeypatch.syspath_prepend(str(first))
    sys.modules.pop("guanxi_tea", None)
    ran = run("plugins", "upgrade-check", "tea", "--with", str(strict), "--db", url)
    assert ran.code == 4, ran.out + ran.err
    assert "tea.given" in ran.out
    assert "no_fit: too few" in ran.out
    told = run("plugins", "upgrade-check", "tea", "--with", str(strict), "--json", "--db", url).json()
    assert [r and r["code"] for r in told["reports"][0]["refusals"]] == [None, "no_fit"]
    sys.modules.pop("guanxi_tea", None)


def test_a_version_without_the_upcaster_names_each_entry_it_cannot_read(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], tmp_path: Path
) -> None:
    url, _, _ = shop
    broken = distribution(
        tmp_path / "v3",
        **{
            **SECOND,
            "release": "3.0",
            "upcasters": '(Upcaster("tea.cup_poured", 1, lambda old: {"ml": old["litres"]}),)',
        },
    )
    ran = run("plugins", "upgrade-check", "tea", "--with", str(broken), "--json", "--db", url)
    assert ran.code == 4, ran.err
    told = ran.json()
    assert len(told["unreadable"]) == 3
    assert {(u["name"], u["schema_version"]) for u in told["unreadable"]} == {("tea.cup_poured", 1)}
    assert all("litres" in u["why"] for u in told["unreadable"])


def test_what_is_no_distribution_or_no_such_plugin_is_refused(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], tmp_path: Path
) -> None:
    url, first, _ = shop
    (tmp_path / "empty").mkdir()
    ran = run("plugins", "upgrade-check", "tea", "--with", str(tmp_path / "empty"), "--db", url)
    assert ran.code == 1
    assert "is no wheel, project or installed distribution" in ran.err
    ran = run("plugins", "upgrade-check", "coffee", "--with", str(first), "--db", url)
    assert ran.code == 1
    assert "no plugin coffee is installed" in ran.err
    ran = run("plugins", "upgrade-check", "tea", "--db", url)
    assert ran.code == 1
    assert "no plugin tea is installed" in ran.err


def test_a_project_with_sources_is_taken_as_an_installer_would_see_it(
    shop: tuple[str, Path, Path], run: Callable[..., Ran], tmp_path: Path
) -> None:
    url, _, second = shop
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    shutil.copytree(second / "guanxi_tea", project / "src" / "guanxi_tea")
    (project / "pyproject.toml").write_text(
        '[project]\nname = "guanxi-tea"\nversion = "2.0"\n\n'
        '[project.entry-points."guanxi.plugins"]\ntea = "guanxi_tea:plugin"\n'
    )
    ran = run("plugins", "upgrade-check", "tea", "--with", str(project), "--db", url)
    assert ran.code == 4, ran.err
    assert "drawn by tea 1.0; 2.0 is installed" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
