"""Real little distributions on disk, found by the interpreter as any installed one is: a package, its metadata, its entry points."""

from __future__ import annotations

import shutil
import sys
import textwrap
from importlib import metadata
from pathlib import Path

import pytest

from guanxi import Label
from guanxi.kernel.plugins import GROUP, Manifest, loaded, manifest_of


def code(name: str, body: str = "", parts: str = "", *, hook: str = "") -> str:
    """Return the source of a plugin's package.

    Args:
        name: its prefix.
        body: what it defines.
        parts: further arguments of its ``Parts``.
        hook: the whole plugin class instead of a right one.
    """
    right = f"""
class Plugin:
    @hookimpl
    def guanxi_parts(self):
        return Parts(name={name!r}, version="1.0", title=Label({name!r}, "某"), {parts})
"""
    head = "from collections.abc import Iterator\nfrom decimal import Decimal\nimport attrs\nfrom guanxi import *\n"
    return head + textwrap.dedent(body) + textwrap.dedent(hook or right) + "\nplugin = Plugin()\n"


def bare(name: str) -> str:
    """Return the manifest of a plugin that owns nothing."""
    return Manifest(id=name, version="1.0", api=">=1,<2", title=Label(name, "某")).to_toml()


class Site:
    """A folder on ``sys.path`` that distributions are installed in."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        self._packages: set[str] = set()
        self._patch = patch
        patch.syspath_prepend(str(folder))

    def add(
        self,
        name: str,
        source: str | None = None,
        *,
        distribution: str = "",
        version: str = "1.0",
        manifest: str | None = "",
        package: str = "",
        points: str = "",
        module: str = "",
    ) -> Path:
        """Install a distribution with a plugin, and return its package's folder.

        Args:
            name: the plugin's name.
            source: the package's code; a plugin without anything if None.
            distribution: its name; ``guanxi-`` and the plugin's if empty.
            version: its version.
            manifest: text of its plugin.toml; made from the code if empty, none if None.
            package: its package; ``guanxi_`` and the plugin's name if empty.
            points: its entry points, if others than the plugin's own.
            module: module within the package that the source is, instead of the package itself.
        """
        distribution = distribution or f"guanxi-{name}"
        package = package or f"guanxi_{name}"
        folder = self.folder / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        file = folder / (f"{module}.py" if module else "__init__.py")
        file.write_text(code(name) if source is None else source, "utf-8")
        value = f"{package}.{module}:plugin" if module else f"{package}:plugin"
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", "utf-8"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points or f'{name} = {value}'}\n", "utf-8")
        self._packages.add(package)
        if manifest == "":
            manifest = manifest_of(loaded(metadata.EntryPoint(name, value, GROUP))).to_toml()
            self.forget()
        if manifest is not None:
            (folder / "plugin.toml").write_text(manifest, "utf-8")
        return folder

    def forget(self) -> None:
        """Let nothing that lies here count as imported."""
        for name in [n for n in sys.modules if n.partition(".")[0] in self._packages]:
            del sys.modules[name]
        for folder in self.folder.rglob("__pycache__"):
            shutil.rmtree(folder)
