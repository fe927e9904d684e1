"""``guanxi plugins``: listed with or without importing, shown, their manifests made and checked; each in JSON and in Chinese."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import guanxi
from guanxi.kernel.plugins import read_manifest
from tests.adapters.cli.conftest import Ran
from tests.kernel.plugins.installing import Site, bare, code

Run = Callable[..., Ran]

PICKED = '@event("apple.picked")\nclass Picked(Fact):\n    picker: str | Erased = personal("identity")\n'
ORCHARD = code("apple", PICKED, "events=(Picked,)")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site(tmp_path / "site", monkeypatch)
    yield made
    made.forget()


@pytest.mark.parametrize("arguments", [("plugins",), ("plugins", "list")], ids=" ".join)
def test_the_list_says_what_each_brings_and_what_is_wrong(
    run: Run, site: Site, arguments: tuple[str, ...]
) -> None:
    site.add("apple", ORCHARD)
    ran = run(*arguments)
    assert ran.code == 0
    assert "apple  apple  guanxi-apple 1.0  manifest ok" in ran.out
    assert "events  apple.picked" in ran.out
    site.add("bad", "1 / 0", manifest=bare("bad"))
    ran = run(*arguments)
    assert ran.code == 1
    assert "bad  guanxi-bad 1.0" in ran.out
    assert "plugin_failed: bad (guanxi-bad 1.0): ZeroDivisionError" in " ".join(ran.out.split())


def test_the_list_in_json_gives_the_status_of_each(run: Run, site: Site) -> None:
    site.add("apple", ORCHARD)
    site.add("bad", "1 / 0", manifest=bare("bad"))
    ran = run("plugins", "list", "--json")
    assert ran.code == 1
    told = {p["name"]: p for p in ran.json()}
    assert (told["apple"]["status"], told["apple"]["error"]) == ("ok", None)
    assert told["apple"]["events"] == ["apple.picked"]
    assert told["bad"]["status"] == "refused"
    assert told["bad"]["error"].startswith("plugin_failed: bad (guanxi-bad 1.0)")


def test_the_environment_says_which_plugins_run(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("apple", ORCHARD)
    site.add("mango")
    monkeypatch.setenv("GUANXI_PLUGINS", "apple, mango")
    monkeypatch.setenv("GUANXI_BLOCK", "apple[>=1,<2]: loses fruit, and seeds; mango[>=3]: sour")
    ran = run("plugins", "--json")
    assert ran.code == 0
    assert {p["name"]: p["status"] for p in ran.json()} == {"apple": "blocked", "mango": "ok"}
    assert "loses fruit, and seeds" in run("plugins").out
    static = run("plugins", "--static")
    assert static.code == 0
    assert "loses fruit, and seeds" in static.out
    assert "retail" not in static.out
    assert run("init").code == 0
    ran = run("report", "apple.list")
    assert "(plugin apple is blocked: loses fruit, and seeds)" in ran.err
    assert "(plugin apple is blocked: loses fruit, and seeds)" in run("execute", "C-1", "apple.pick").err
    assert "(plugin apple is blocked" in run("rules", "show", "apple.rules").err
    assert run("project", "rebuild", "--workers", "2").code == 0
    assert "guanxi_apple" not in sys.modules
    assert "PluginRefused" not in ran.err


def test_a_block_in_the_environment_that_says_no_reason_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_BLOCK", "retail")
    ran = run("plugins")
    assert ran.code == 1
    assert "GUANXI_BLOCK: 'retail' does not say which plugin and why" in ran.err
    assert "name: reason; other[>=1.2,<1.4]: reason" in ran.err


def test_a_plugin_that_fails_is_told_in_one_line_and_not_as_a_warning_of_python(
    run: Run, site: Site, recwarn: pytest.WarningsRecorder
) -> None:
    site.add("bad", "1 / 0", manifest=bare("bad"))
    assert run("init").code == 0
    ran = run("reports", "--db", "sqlite:///guanxi.db")
    assert run("project", "status").err.count("without the plugin bad") == 1
    assert ran.code == 0
    assert not [w for w in recwarn if issubclass(w.category, guanxi.PluginRefused)]


def test_the_list_speaks_chinese(run: Run, site: Site) -> None:
    site.add("bad", "1 / 0", manifest=None)
    ran = run("plugins", "--lang", "zh")
    assert "主题" in ran.out
    assert "已拒绝" in ran.out
    assert "缺少plugin.toml" in "".join(ran.out.split())


@pytest.mark.parametrize(
    "arguments", [("plugins", "--static"), ("plugins", "list", "--static")], ids=" ".join
)
def test_the_static_list_imports_nothing(run: Run, site: Site, arguments: tuple[str, ...]) -> None:
    site.add("apple", ORCHARD)
    (site.folder / "guanxi_apple" / "__init__.py").write_text("raise RuntimeError", "utf-8")
    ran = run(*arguments)
    assert ran.code == 0
    assert "apple.picked" in ran.out
    assert "guanxi_apple" not in sys.modules


def test_the_static_list_tells_what_is_wrong_with_a_manifest(run: Run, site: Site) -> None:
    site.add("apple", ORCHARD, manifest="manifest = 7")
    ran = run("plugins", "list", "--static")
    assert ran.code == 1
    assert "manifest_invalid" in ran.out
    (told,) = [p for p in run("plugins", "list", "--static", "--json").json() if p["name"] == "apple"]
    assert told["manifest"] is None
    assert "plugin is missing" in told["error"]
    assert told["path"].endswith("guanxi_apple/plugin.toml")


def test_show_gives_a_manifest_in_both_languages_without_importing(run: Run, site: Site) -> None:
    site.add("apple", ORCHARD)
    ran = run("plugins", "show", "apple")
    assert ran.code == 0
    assert "apple  apple  某  guanxi-apple 1.0" in ran.out
    assert "picker: identity" in ran.out
    assert "guanxi_apple" not in sys.modules
    assert run("plugins", "show", "apple", "--json").json()["manifest"]["events"] == {
        "apple.picked": {"kind": "fact", "schema": 1, "personal": {"picker": "identity"}}
    }


def test_show_gives_every_table_of_the_core_and_of_retail(run: Run) -> None:
    core = run("plugins", "show", "core")
    assert core.code == 0
    assert "Customer relationship  客户关系" in core.out
    retail = run("plugins", "show", "retail", "--lang", "zh").out
    for heading in ("主题", "事件", "命令", "规则集", "读模型", "报表"):
        assert f"\n{heading}\n" in retail
    assert "Points movement" in retail
    assert "积分变动表" in retail


def test_show_of_an_unknown_plugin_names_those_there_are(run: Run) -> None:
    ran = run("plugins", "show", "nowhere")
    assert ran.code == 1
    assert "unknown_plugin: no plugin called nowhere is installed. Accepted: core, retail" in ran.err


def test_show_of_a_broken_manifest_says_what_is_wrong(run: Run, site: Site) -> None:
    site.add("apple", ORCHARD, manifest=None)
    ran = run("plugins", "show", "apple")
    assert ran.code == 1
    assert "manifest_missing: apple (guanxi-apple 1.0)" in ran.err


def test_a_manifest_is_made_from_the_code(run: Run, site: Site) -> None:
    folder = site.add("apple", ORCHARD, manifest=None)
    ran = run("plugins", "manifest", "apple")
    assert ran.code == 0
    assert read_manifest(ran.out).events["apple.picked"].personal == {"picker": "identity"}
    assert not (folder / "plugin.toml").exists()
    assert run("plugins", "manifest", "guanxi_apple:plugin").out == ran.out
    assert run("plugins", "manifest", "apple", "--json").json()["manifest"]["id"] == "apple"


def test_a_manifest_is_written_into_the_package_and_makes_the_plugin_whole(run: Run, site: Site) -> None:
    folder = site.add("apple", ORCHARD, manifest=None)
    assert run("plugins").code == 1
    ran = run("plugins", "manifest", "apple", "--write")
    assert ran.code == 0
    assert "".join(ran.out.split()) == f"Writtento{folder}/plugin.toml."
    assert run("plugins").code == 0


def test_what_is_exempt_stays_when_a_manifest_is_written_anew(run: Run, site: Site) -> None:
    exempt = '\n[quality.exempt]\npure = "asks a dictionary"\n'
    folder = site.add("apple", ORCHARD, manifest=bare("pear") + exempt)
    assert run("plugins", "manifest", "apple", "--write").code == 0
    assert read_manifest(folder / "plugin.toml").exempt == {"pure": "asks a dictionary"}


def test_a_manifest_of_something_in_this_folder_needs_no_installation(run: Run, tmp_path: Path) -> None:
    package = tmp_path / "guanxi_t_here"
    package.mkdir()
    (package / "__init__.py").write_text(code("here"), "utf-8")
    try:
        ran = run("plugins", "manifest", "guanxi_t_here:plugin", "--write")
        assert ran.code == 0
        assert read_manifest(package / "plugin.toml").id == "here"
    finally:
        sys.modules.pop("guanxi_t_here", None)
        sys.path[:] = [p for p in sys.path if p != str(tmp_path)]


def test_the_core_s_manifest_can_be_made_too(run: Run) -> None:
    assert read_manifest(run("plugins", "manifest", "core").out).id == "core"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("nowhere", "unknown_plugin"),
        ("guanxi_nowhere:plugin", "plugin_failed: guanxi_nowhere:plugin (not installed)"),
        ("json:loads", "hook_missing"),
    ],
)
def test_no_manifest_is_made_of_what_is_no_plugin(run: Run, target: str, told: str) -> None:
    ran = run("plugins", "manifest", target)
    assert ran.code == 1
    assert told in ran.err


@pytest.mark.parametrize("place", ["", "plugin.toml", ".."])
def test_a_manifest_is_validated_by_file_package_or_project(run: Run, site: Site, place: str) -> None:
    folder = site.add("apple", ORCHARD)
    ran = run("plugins", "validate", str(folder / place))
    assert ran.code == 0
    assert "the manifest of apple 1.0 is well-formed." in " ".join(ran.out.split())
    told = run("plugins", "validate", str(folder / place), "--json").json()
    assert (told["valid"], told["manifest"]["id"]) == (True, "apple")
    assert "格式正确" in run("plugins", "validate", str(folder / place), "--lang", "zh").out.replace("\n", "")


def test_a_wrong_manifest_is_refused_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plugin.toml"
    file.write_text(bare("apple").replace('version = "1.0"', "version = 1"), "utf-8")
    ran = run("plugins", "validate", str(file))
    assert ran.code == 1
    assert "line 5: plugin.version is 1" in ran.err
    told = run("plugins", "validate", str(file), "--json")
    assert told.code == 1
    assert told.json()["valid"] is False
    assert "plugin.version is 1" in told.json()["error"]


def test_a_folder_with_no_manifest_or_with_several_is_refused(run: Run, site: Site, tmp_path: Path) -> None:
    assert "manifest_missing" in run("plugins", "validate", str(tmp_path)).err
    site.add("apple")
    site.add("pear")
    ran = run("plugins", "validate", str(site.folder))
    assert ran.code == 1
    assert "several_manifests" in ran.err
