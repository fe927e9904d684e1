"""The tutorial is followed word by word: its commands are run, its changes made, in an environment that has only the wheels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.running import matches

PAGE = pages.ROOT / "docs" / "plugin-authors" / "tutorial.md"
MARK = "=== block "
ENDED = "\n=== the end\n"


def wheel(folder: Path) -> None:
    """Build guanxi's wheel as it is now."""
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(pages.ROOT),
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr


def script(blocks: tuple[pages.Block, ...]) -> str:
    """Return one shell session: commands as they stand, changes applied as somebody would who types them."""
    parts = ["set -e"]
    for n, block in enumerate(blocks):
        if block.language == "sh":
            parts += [f'echo "{MARK}{n}"', block.text]
        elif block.language == "diff":
            parts += [f'echo "{MARK}{n}"', f"git apply --recount <<'CHANGE'\n{block.text}CHANGE"]
    return "\n".join([*parts, f"printf '{ENDED}'".replace("\n", "\\n")])


def environment(dist: Path) -> dict[str, str]:
    """Return what the shell has: the index as it is set up here, guanxi from its wheel, nothing of this repository."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("PYTHON", "GUANXI_", "PYTEST_", "LC_", "VIRTUAL_ENV"))
    }
    links = " ".join(filter(None, [kept.get("PIP_FIND_LINKS"), str(dist)]))
    python = shutil.which("python3", path=os.defpath) or sys.executable
    return {
        **kept,
        "PATH": os.pathsep.join([str(dist / "bin"), str(Path(python).parent), kept.get("PATH", "")]),
        "PIP_FIND_LINKS": links,
        "PIP_CONSTRAINT": str(pages.ROOT / "constraints.txt"),
        "PIP_QUIET": "2",
        "GIT_CEILING_DIRECTORIES": str(dist.parent),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "GUANXI_ACTOR": "clerk",
    }


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_tutorial_does_what_it_says_from_nothing_to_an_installed_wheel(tmp_path: Path) -> None:
    page = pages.read(PAGE)
    dist, work = tmp_path / "dist", tmp_path / "work"
    (dist / "bin").mkdir(parents=True)
    work.mkdir()
    wheel(dist)
    (dist / "bin" / "python").symlink_to(sys.executable)
    ran = subprocess.run(
        ["bash", "-c", script(page.blocks)],
        cwd=work,
        env=environment(dist),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1400,
    )
    assert ran.stdout.endswith(ENDED), ran.stdout[-4000:]
    printed = {}
    for part in ran.stdout.removesuffix(ENDED).split(MARK)[1:]:
        number, _, text = part.partition("\n")
        printed[int(number)] = text
    wrong = [
        f"{page.name}:{block.line}: the page says\n{block.text}\nand it is\n{printed[n - 1]}"
        for n, block in enumerate(page.blocks)
        if block.language == "output" and not matches(block.text, printed[n - 1])
    ]
    assert not wrong, "\n\n".join(wrong)


def test_every_block_of_the_tutorial_is_run_or_compared() -> None:
    page = pages.read(PAGE)
    assert {b.language for b in page.blocks} == {"sh", "diff", "output"}
    before = [None, *page.blocks]
    for block, last in zip(page.blocks, before, strict=False):
        assert block.language != "output" or (last is not None and last.language == "sh"), block.line
