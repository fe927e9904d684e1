"""The tree as it is shipped: what may lie in it, what its metadata promise, and who may import whom beyond what import-linter sees."""

import ast
import hashlib
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))
DISTRIBUTIONS = [ROOT, *PLUGINS]
OURS = {"guanxi", *(f"guanxi-{p.name}" for p in PLUGINS)}
BINARY = {".png", ".ttf", ".otf", ".woff2", ".xlsx", ".pdf", ".gz", ".db"}


@cache
def tree() -> tuple[Path, ...]:
    """All files of the repository: those in git and those about to be; what git ignores is nobody's business."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return tuple(p for name in listing.stdout.decode().split("\0") if name and (p := ROOT / name).is_file())


@cache
def texts() -> dict[str, str]:
    """What stands in every text file, by its path."""
    return {
        p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8")
        for p in tree()
        if p.suffix not in BINARY
    }


def project(folder: Path) -> dict[str, Any]:
    """A distribution's pyproject.toml."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, list[Requirement]]:
    """constraints.txt by package; a package may be pinned differently for different Pythons."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def named(ids: list[Path]) -> list[str]:
    return [p.name if p != ROOT else "root" for p in ids]


# What lies in the tree


def test_the_tree_holds_nothing_that_was_generated() -> None:
    generated = re.compile(
        r"(^|/)(__pycache__|\.venv|dist|build|[^/]+\.egg-info|\.(mypy|pytest|ruff)_cache|\.hypothesis|\.DS_Store|uv\.lock)(/|$)"
        r"|\.(pyc|pyo|so|whl|orig|rej|swp|db-wal|db-shm|sqlite3)$|~$"
    )
    assert [n for p in tree() if generated.search(n := p.relative_to(ROOT).as_posix())] == []


def test_every_text_file_is_utf8_with_unix_line_ends_and_a_last_newline() -> None:
    kept = re.compile(r"examples/cdnow/.*\.(txt|csv)$|\.golden$")
    wrong = [
        n
        for n, text in texts().items()
        if not kept.search(n) and ("\r" in text or (text and text[-1] != "\n"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("what", "pattern", "files"),
    [
        # The patterns are put together here, so that this file passes its own test.
        ("the address of a package index", "|".join([r"pypi\." + "org", "python" + "hosted", r"npm" + r"js\.", r"deb\." + "debian", "index" + "-url *[=:]"]), ""),
        ("a path of one machine", r"(?<![\w.])/(" + "|".join(["work/", "root/", r"home/\w", r"Users/\w", "opt/" + "pypi", r"tmp/\w"]) + ")", ""),
        ("how the work was organised", r"\b(this|earlier|previous|last|next|another) " + r"session\b", ""),
        ("how the work was organised", r"(?<!`)\b" + r"sessions?\b", r"\.md$"),
        ("a reference to a tracker", r"\b(issue|ticket|PR) " + r"?#\d", ""),
        ("an unfinished merge", "^(<<<<" + "<<<|>>>>" + ">>>)", ""),
    ],
    ids=["an index", "a machine", "a work stretch", "a work stretch in prose", "a tracker", "a merge"],
)  # fmt: skip
def test_no_file_names(what: str, pattern: str, files: str) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, m.start()) + 1}: {m[0]}"
        for name, text in texts().items()
        if re.search(files, name)
        for m in re.finditer(pattern, text, re.MULTILINE)
    ]
    assert found == [], f"{what} has no place in the tree"


# Real data, byte for byte

DIGESTS = {
    "CDNOW_master.txt": "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
    "CDNOW_sample.txt": "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a",
    "cdnow_customers_summary.csv": "09d92ca80daaabe8be0f997d4c539f9c9606106baa5b199081fe01cbce5fa9f6",
    "cdnow_customers_summary_with_transactions.csv": "7ddd11b55be3227edfc1d58675154e96971b0de3ad37ddd9280d1dba154b8b2f",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_cdnow_files_are_the_ones_that_were_published(name: str) -> None:
    data = ROOT / "examples" / "cdnow" / name
    assert hashlib.sha256(data.read_bytes()).hexdigest() == DIGESTS[name]
    assert DIGESTS[name] in (data.parent / "README.md").read_text(encoding="utf-8")


def test_git_leaves_the_bytes_of_the_cdnow_files_alone() -> None:
    tree()
    files = [f"examples/cdnow/{name}" for name in DIGESTS]
    shown = subprocess.run(
        ["git", "check-attr", "text", "--", *files], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.rsplit(": ", 1)[1] for line in shown.stdout.splitlines()] == ["unset"] * len(files)


# Distributions


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=named(DISTRIBUTIONS))
def test_every_package_is_typed_and_every_distribution_licensed(folder: Path) -> None:
    config = project(folder)
    for package in config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (folder / package / "py.typed").is_file()
    assert config["project"]["license"].startswith("Apache-2.0")
    assert config["project"]["license-files"][0] == "LICENSE"
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert config["project"]["requires-python"] == ">=3.11"
    assert "only-include" in config["tool"]["hatch"]["build"]["targets"]["sdist"]


@pytest.mark.parametrize("folder", PLUGINS, ids=named(PLUGINS))
def test_a_plugin_and_the_root_name_each_other_in_versions_that_fit(folder: Path) -> None:
    root, plugin = project(ROOT)["project"], project(folder)["project"]
    (needs,) = [r for line in plugin["dependencies"] if (r := Requirement(line)).name == "guanxi"]
    assert Version(root["version"]) in needs.specifier
    (extra,) = map(Requirement, root["optional-dependencies"][folder.name])
    assert extra.name == plugin["name"]
    assert Version(plugin["version"]) in extra.specifier
    assert folder.name in plugin["entry-points"]["guanxi.plugins"]
    others = {Requirement(line).name for line in plugin["dependencies"]} - {"guanxi"}
    assert others <= {Requirement(line).name for line in root["dependencies"]}, (
        "else plugins clash: make it an extra"
    )


def test_installed_metadata_is_that_of_the_tree() -> None:
    for folder in DISTRIBUTIONS:
        config = project(folder)["project"]
        assert metadata.version(config["name"]) == config["version"], "run `make setup`"
        for group, points in config.get("entry-points", {}).items():
            installed = {p.name: p.value for p in metadata.entry_points(group=group)}
            assert points.items() <= installed.items()


# Pins


def test_every_requirement_has_a_pin_within_its_range() -> None:
    pinned = pins()
    wanted: list[Requirement] = []
    for folder in DISTRIBUTIONS:
        config = project(folder)
        lines = [*config["project"]["dependencies"], *config["build-system"]["requires"]]
        for more in config["project"].get("optional-dependencies", {}).values():
            lines += more
        for group in config.get("dependency-groups", {}).values():
            lines += [line for line in group if isinstance(line, str)]
        wanted += map(Requirement, lines)
    missing = [str(r) for r in wanted if r.name not in OURS and canonicalize_name(r.name) not in pinned]
    assert missing == [], "run `make pins`"
    outside = [
        f"{r} is pinned as {pin}"
        for r in wanted
        for pin in pinned.get(canonicalize_name(r.name), [])
        for version in pin.specifier
        if Version(version.version) not in r.specifier
    ]
    assert outside == []


def test_pins_are_a_name_and_a_version_and_nothing_else() -> None:
    for name, found in pins().items():
        for pin in found:
            assert pin.url is None
            assert [s.operator for s in pin.specifier] == ["=="], name
            assert not pin.extras


def test_every_distribution_is_installed_editable_by_make_setup() -> None:
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    editable = [re.sub(r"\[.*", "", line.removeprefix("-e ")) for line in lines if line.startswith("-e ")]
    assert editable == [".", *(p.relative_to(ROOT).as_posix() for p in PLUGINS)]
    assert [line for line in lines if line and not line.startswith(("#", "-e "))] == []


# The way in


def test_make_alone_says_what_can_be_made() -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    page = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(targets) > 10
    assert [t for t in targets if not re.search(rf"^ +make {t} ", page, re.MULTILINE)] == []


# Who may import what


def imports(folder: str) -> Iterator[tuple[str, str]]:
    """Every name imported below a folder, with where: `sqlalchemy.create_engine` for both ways of importing it."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        if {".venv", "__pycache__"} & set(path.parts):
            continue
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((where, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield from ((where, f"{node.module}.{alias.name}") for alias in node.names)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.attr == "create_engine"
            ):
                yield where, f"{node.value.id}.create_engine"


@pytest.mark.parametrize("folder", ["core/guanxi", "adapters/guanxi_adapters", "plugins"])
def test_nobody_uses_the_orm(folder: str) -> None:
    assert [(w, n) for w, n in imports(folder) if n.startswith("sqlalchemy.orm")] == []


@pytest.mark.parametrize(
    "folder", ["core/guanxi", "adapters/guanxi_adapters", *(f"plugins/{p.name}/src" for p in PLUGINS)]
)
def test_only_the_sql_adapter_opens_an_engine(folder: str) -> None:
    engine = {
        (w, n)
        for w, n in imports(folder)
        if n.endswith("create_engine") or n.startswith("sqlalchemy.engine.create")
    }
    assert [(w, n) for w, n in engine if not w.startswith("adapters/guanxi_adapters/sql")] == []


@pytest.mark.parametrize(
    ("folder", "room"),
    [
        ("core/guanxi", ("guanxi_",)),
        ("adapters/guanxi_adapters", ("guanxi.",)),
        *((f"plugins/{p.name}/src", ("guanxi.", "guanxi_adapters.")) for p in PLUGINS),
    ],
)
def test_nobody_imports_a_private_name_of_another_room(folder: str, room: tuple[str, ...]) -> None:
    private = re.compile(r"\._(?!_)")
    assert [(w, n) for w, n in imports(folder) if n.startswith(room) and private.search(n)] == []
