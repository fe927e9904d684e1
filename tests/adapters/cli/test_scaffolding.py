"""``guanxi plugins new``: what it makes stands on its own, and what it refuses leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from guanxi import GuanxiError
from guanxi.kernel.plugins import read_manifest
from guanxi_adapters.cli.scaffolding import make
from tests.adapters.cli.conftest import Ran

EXPECTED = """
CHANGELOG.md LICENSE README.md pyproject.toml
src/guanxi_demo_fleet/__init__.py src/guanxi_demo_fleet/events.py src/guanxi_demo_fleet/labels.py
src/guanxi_demo_fleet/loans.py src/guanxi_demo_fleet/plugin.toml src/guanxi_demo_fleet/py.typed
src/guanxi_demo_fleet/read_models.py src/guanxi_demo_fleet/reports.py src/guanxi_demo_fleet/rules.py
tests/golden/0.1.0.jsonl tests/test_conformance.py tests/test_scenario.py
"""


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python that has the package on its path, as its developer's has."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def test_a_new_plugin_is_a_whole_package_with_its_name_put_in(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("plugins", "new", "demo_fleet", "--title-en", "Demo fleet", "--title-zh", "样机借用", "--json")
    assert ran.code == 0, ran.err
    folder = tmp_path / "guanxi-demo-fleet"
    assert ran.json() == {
        "name": "demo_fleet",
        "path": "guanxi-demo-fleet",
        "files": sorted(EXPECTED.split()),
    }
    assert files(folder) == sorted(EXPECTED.split())
    for file in files(folder):
        assert not re.search(r"@[a-z_]+@", (folder / file).read_text("utf-8")), file
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    assert project["build-system"]["build-backend"] == "hatchling.build"
    assert project["project"]["name"] == "guanxi-demo-fleet"
    assert project["project"]["dependencies"] == ["guanxi>=0.1,<0.2"]
    assert project["project"]["optional-dependencies"] == {"test": ["guanxi[testing]"]}
    assert project["project"]["entry-points"]["guanxi.plugins"] == {"demo_fleet": "guanxi_demo_fleet:plugin"}
    manifest = read_manifest(folder / "src" / "guanxi_demo_fleet" / "plugin.toml")
    assert (manifest.id, manifest.title.en, manifest.title.zh) == ("demo_fleet", "Demo fleet", "样机借用")
    assert all(name.startswith("demo_fleet.") for name in (*manifest.events, *manifest.reports))


def test_the_titles_may_be_left_to_the_name(tmp_path: Path) -> None:
    folder = make("demo_fleet", tmp_path)
    title = read_manifest(folder / "src" / "guanxi_demo_fleet" / "plugin.toml").title
    assert (title.en, title.zh) == ("Demo fleet", "Demo fleet插件")


@pytest.mark.slow
def test_the_tests_of_a_new_plugin_pass_as_they_are_made(tmp_path: Path) -> None:
    folder = make("demo_fleet", tmp_path)
    ran = python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_scenario.py")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "8 passed" in ran.stdout


@pytest.mark.slow
def test_the_check_of_a_new_plugin_is_green_and_its_one_exemption_is_told(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    make("demo_fleet", tmp_path)
    ran = run("plugins", "check", "guanxi-demo-fleet", "--level", "exemplary", "--json", "--examples", "12")
    assert ran.code == 0, ran.out + ran.err
    answer = ran.json()
    assert (answer["plugin"], answer["level"], answer["reached"]) == ("demo_fleet", "exemplary", True)
    others = {(r["rule"], r["detail"]) for r in answer["rules"] if r["status"] != "met"}
    assert others == {("reports_add_up", "demo_fleet.overdue: a list; nothing in it adds up")}


def test_the_code_of_a_new_plugin_is_in_shape(tmp_path: Path) -> None:
    folder = make("demo_fleet", tmp_path)
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    assert ruff is not None
    ran = subprocess.run(
        [ruff, "check", "--isolated", "--select", "E,F,W,I,B,UP", "--line-length", "120", "--config",
         'lint.isort.known-first-party = ["guanxi", "guanxi_demo_fleet"]', "."],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    "name", ["", "Lending", "1lending", "lending-desk", "lending__desk", "a" * 29, "样机", "a.b", "../a"]
)
def test_a_name_that_cannot_be_a_prefix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        GuanxiError, match=r"bad_name: .* cannot be a plugin's name\. Accepted: lower-case letters"
    ):
        make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("retail", r"the plugin retail \(guanxi-retail 0\.1\.0\)"),
        ("core", "guanxi"),
        ("adapters", "guanxi"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_its_holder_named(name: str, holder: str, tmp_path: Path) -> None:
    with pytest.raises(
        GuanxiError, match=rf"name_taken: the name {name} belongs to {holder}\. Accepted: another name"
    ):
        make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_as_it_is(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "guanxi-lending").mkdir()
    (tmp_path / "guanxi-lending" / "mine.txt").write_text("mine", "utf-8")
    ran = run("plugins", "new", "lending")
    assert ran.code == 1
    assert ran.err.startswith("error: folder_exists: guanxi-lending is there already; nothing was changed.")
    assert files(tmp_path) == ["guanxi-lending/mine.txt"]


def test_a_folder_to_make_it_in_has_to_be_there(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("plugins", "new", "lending", "--into", "nowhere")
    assert ran.code == 1
    assert "no_such_folder: there is no folder nowhere" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "title"),
    [
        ("--title-en", "样机"),
        ("--title-zh", "Demo"),
        ("--title-en", 'a "b"'),
        ("--title-zh", " "),
        ("--title-en", "a\nb"),
    ],
)
def test_titles_are_lines_of_their_languages(
    run: Callable[..., Ran], tmp_path: Path, option: str, title: str
) -> None:
    ran = run("plugins", "new", "lending", option, title)
    assert ran.code == 1
    assert "bad_title" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Path.write_text
    count = []

    def full(self: Path, text: str, encoding: str | None = None) -> int:
        count.append(self)
        if len(count) == 4:
            raise OSError(28, "No space left on device", str(self))
        return written(self, text, encoding)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        make("lending", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_next_steps_are_told_in_both_languages(run: Callable[..., Ran]) -> None:
    assert "guanxi plugins check ." in run("plugins", "new", "lending").out
    assert "已建立 guanxi-renting，共 16 个文件。" in run("plugins", "new", "renting", "--lang", "zh").out
