"""The page of guarantees is true to the repository: each proof is a test that can be run where it is said to, each planted fault a patch."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from tests.docs import collecting
from tests.docs.pages import ROOT
from tests.mutants import run as mutants

PAGES = {"en": ROOT / "docs" / "guarantees.md", "zh": ROOT / "docs" / "guarantees.zh.md"}
_ON = {
    "all": {"sqlite", "postgres", "portable"},
    "全部": {"sqlite", "postgres", "portable"},
    "SQLite": {"sqlite"},
    "PostgreSQL": {"postgres"},
    "portable": {"portable"},
    "可移植方式": {"portable"},
}
_HEADING = re.compile(r"^### (?P<id>[A-Z]\d+) · (?P<title>.+)$", re.MULTILINE)
_TEST = re.compile(r"^  - `(?P<test>tests/[\w/]+\.py::\w+)`$", re.MULTILINE)


@attrs.frozen
class Guarantee:
    """One guarantee as a page tells it."""

    id: str
    databases: frozenset[str]
    proofs: tuple[str, ...]
    faults: tuple[str, ...]


def told(path: Path) -> dict[str, Guarantee]:
    """Return the guarantees of a page, by id."""
    text = path.read_text("utf-8")
    found: dict[str, Guarantee] = {}
    headings = list(_HEADING.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        part = text[heading.end() : following.start() if following else len(text)].partition("\n## ")[0]
        on = re.search(r"^- (?:On: |适用：)(.+)$", part, re.MULTILINE)
        faults = re.search(r"^- (?:Planted fault: |植入的错误：)(.+)$", part, re.MULTILINE)
        assert on is not None, f"{path.name} {heading['id']} names no database"
        assert heading["id"] not in found, f"{path.name} has {heading['id']} twice"
        found[heading["id"]] = Guarantee(
            heading["id"],
            frozenset(each for name in re.split(r", |、", on[1]) for each in _ON[name]),
            tuple(_TEST.findall(part)),
            tuple(re.findall(r"`([\w-]+)`", faults[1])) if faults else (),
        )
    return found


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The tests of every file that the page names, each with the databases it runs on."""
    files = sorted({proof.partition("::")[0] for g in told(PAGES["en"]).values() for proof in g.proofs})
    missing = [name for name in files if not (ROOT / name).is_file()]
    assert not missing, f"there are no such files: {missing}"
    target = tmp_path_factory.mktemp("collected") / "tests.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"),
            *("-p", collecting.__name__, *files),
        ],
        cwd=ROOT,
        env={**os.environ, collecting.MARK: str(target)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, list[str]] = json.loads(target.read_text("utf-8"))
    return found


def test_each_proof_is_a_test_that_there_is(collected: dict[str, list[str]]) -> None:
    missing = [f"{g.id}: {p}" for g in told(PAGES["en"]).values() for p in g.proofs if p not in collected]
    assert not missing, "\n".join(missing)


def test_each_guarantee_has_a_proof_on_every_database_it_names(collected: dict[str, list[str]]) -> None:
    for g in told(PAGES["en"]).values():
        shown = {database for proof in g.proofs for database in collected.get(proof, ())}
        assert g.proofs, f"{g.id} has no proof"
        assert g.databases <= shown, f"{g.id} is not shown on {sorted(g.databases - shown)}"


def test_each_planted_fault_is_a_patch_that_the_proofs_are_run_against() -> None:
    wrong = []
    for g in told(PAGES["en"]).values():
        files = {proof.partition("::")[0] for proof in g.proofs}
        for name in g.faults:
            patch = ROOT / "tests" / "mutants" / f"{name}.patch"
            if not patch.is_file():
                wrong.append(f"{g.id} names {name}, and there is no such patch")
                continue
            named = {test.partition("::")[0] for test in mutants.header(patch)[1]}
            if not any(f == n or f.startswith(f"{n}/") for f in files for n in named):
                wrong.append(f"{g.id}: {name} is noticed by {sorted(named)}, where none of the proofs are")
    assert not wrong, "\n".join(wrong)


def test_both_languages_tell_the_same_guarantees() -> None:
    assert list(told(PAGES["zh"])) == list(told(PAGES["en"]))
    assert told(PAGES["zh"]) == told(PAGES["en"])
    headings = [re.findall(r"^(#+) ", page.read_text("utf-8"), re.MULTILINE) for page in PAGES.values()]
    assert headings[0] == headings[1]
    points = [page.read_text("utf-8").count("\n- ") for page in PAGES.values()]
    assert points[0] == points[1]


def test_most_guarantees_have_a_planted_fault() -> None:
    without = [g.id for g in told(PAGES["en"]).values() if not g.faults]
    assert len(without) * 5 <= len(told(PAGES["en"])), without
