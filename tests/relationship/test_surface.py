"""The core's own subjects are written with what every plugin can import."""

from __future__ import annotations

import ast
from pathlib import Path

import guanxi
from guanxi import relationship

ROOM = Path(relationship.__file__).parent


def test_every_subject_of_the_core_uses_only_names_that_a_plugin_can_import_too():
    hidden = {
        f"{file.name}: {node.module}.{alias.name}"
        for file in sorted(ROOM.glob("*.py"))
        if file.name != "__init__.py"  # it gathers the mechanism's own events as well
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("guanxi.kernel")
        for alias in node.names
        if alias.name not in guanxi.__all__
    }
    assert hidden == set()


def test_what_the_core_hands_over_comes_through_the_hook_that_plugins_implement():
    from guanxi.kernel.plugins import parts_of

    assert parts_of(relationship.plugin).name == "core"
