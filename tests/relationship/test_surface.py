"""The core's own subjects are written with what every plugin can import."""

from __future__ import annotations

import ast
from pathlib import Path

import guanxi
from guanxi import relationship

ROOM = Path(relationship.__file__).parent

WITH_THE_MECHANISM = {
    "__init__.py": "gathers the mechanism's own events as well",
    "assembly.py": "puts the rooms together",
    "access/calls.py": "shows a call pop-up and keeps the view on record",
    "access/deeds.py": "is asked at the door of the ledger",
    "access/door.py": "is the door of the ledger",
    "campaigns/read_models.py": "recognises the end of a decision",
    "care/reports.py": "shows part of the list of due items",
    "dealings/warnings.py": "answers to the end of a decision",
    "due_items/notes.py": "tells the list of due items whose they are",
    "file/duplicates.py": "hears what the claims tell",
    "file/merges.py": "begins and ends links of whole files",
    "file/recognition.py": "reads one stream's rows at a cut",
    "governance/erasing.py": "destroys keys",
    "import_batches.py": "is told by the importer",
    "care/age_bands.py": "reads its own tables to note what is used for the first time",
    "reports_across/customer_timeline.py": "puts two cuts of one relationship side by side",
    "reports_across/history_quality.py": "goes through the log itself",
    "reports_across/over_ledger.py": "answers as the ledger answers a report",
    "reports_across/read_models.py": "counts the mechanism's breaches",
    "reports_across/runs_judged_again.py": "has runs judged again",
    "together/watching.py": "is a door of its own, for collaborators and for the customer himself",
    "waiting.py": "is told by the importer",
}
"""What may use more of the kernel, and why; nothing of an industry is among it."""


def test_every_subject_of_the_core_uses_only_names_that_a_plugin_can_import_too() -> None:
    hidden = {
        f"{place}: {node.module}.{alias.name}"
        for file in sorted(ROOM.rglob("*.py"))
        if (place := file.relative_to(ROOM).as_posix()) not in WITH_THE_MECHANISM and file.name != "parts.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("guanxi.kernel")
        for alias in node.names
        if alias.name not in guanxi.__all__
    }
    assert hidden == set()


def test_what_is_excepted_is_there() -> None:
    assert [place for place in WITH_THE_MECHANISM if not (ROOM / place).is_file()] == []


def test_what_the_core_hands_over_comes_through_the_hook_that_plugins_implement():
    from guanxi.kernel.plugins import parts_of

    assert parts_of(relationship.plugin).name == "core"
