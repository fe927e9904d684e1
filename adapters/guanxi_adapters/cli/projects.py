"""What ``plugins check`` is pointed at: a plugin's project folder, installed or not, or an installed plugin."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

import attrs

from guanxi import GuanxiError, PluginError, Unknown

GROUP = "guanxi.plugins"
PROJECT = "pyproject.toml"


@attrs.frozen
class Project:
    """A plugin to be looked at.

    Args:
        name: its entry point's name.
        value: what the entry point names, as ``package.module:object``.
        distribution: the distribution that ships it.
        version: that distribution's version.
        requires: what that distribution requires.
        readme: its README's text; None when it has none.
        source: the folder it is developed in; None when only an installation is here.
        code: the folder that its package lies in, where it is not installed from there.
    """

    name: str
    value: str
    distribution: str
    version: str
    requires: tuple[str, ...] = ()
    readme: str | None = None
    source: Path | None = None
    code: Path | None = None


def find(target: str) -> Project:
    """Return what a target stands for: a folder with a ``pyproject.toml``, else an installed plugin by its name.

    Args:
        target: path or name.

    Raises:
        PluginError: ``no_entry_point`` or ``several_entry_points``, ``project_unreadable``.
        Unknown: ``no_such_plugin``.
    """
    folder = Path(target)
    if (folder / PROJECT).is_file():
        return _of_folder(folder.resolve())
    for point in metadata.entry_points(group=GROUP):
        if point.name == target and point.dist is not None:
            return _of_installed(point, point.dist)
    names = sorted({p.name for p in metadata.entry_points(group=GROUP)})
    raise Unknown(
        "no_such_plugin",
        f"{target} is neither a folder with a {PROJECT} nor an installed plugin",
        zh=f"{target} 既不是含 {PROJECT} 的文件夹，也不是已安装的插件",
        accepts=", ".join([*names, "a plugin's folder"]),
    )


def _of_folder(folder: Path) -> Project:
    try:
        body: dict[str, Any] = tomllib.loads((folder / PROJECT).read_text("utf-8"))["project"]
        points: dict[str, str] = body.get("entry-points", {}).get(GROUP, {})
        name = str(body["name"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise PluginError(
            "project_unreadable",
            f"{folder / PROJECT}: {type(error).__name__}: {error}",
            zh=f"{folder / PROJECT}：{type(error).__name__}：{error}",
            accepts="a project with a name",
        ) from error
    if len(points) != 1:
        raise _entry_points(folder, sorted(points))
    ((plugin, value),) = points.items()
    code = next(
        (
            folder / d
            for d in ("src", ".")
            if (folder / d / value.partition(":")[0].partition(".")[0]).is_dir()
        ),
        folder,
    )
    readme = body.get("readme", "README.md")
    path = folder / str(readme.get("file", "") if isinstance(readme, dict) else readme)
    return Project(
        plugin,
        value,
        name,
        str(body.get("version", "0")),
        tuple(map(str, body.get("dependencies", ()))),
        path.read_text("utf-8") if path.is_file() else None,
        folder,
        code.resolve(),
    )


def _entry_points(folder: Path, names: list[str]) -> GuanxiError:
    if not names:
        return PluginError(
            "no_entry_point",
            f"{folder / PROJECT} names no plugin",
            zh=f"{folder / PROJECT} 没有声明插件",
            accepts=f'[project.entry-points."{GROUP}"] with a line such as lending = "guanxi_lending:plugin"',
        )
    return PluginError(
        "several_entry_points",
        f"{folder / PROJECT} names {len(names)} plugins",
        zh=f"{folder / PROJECT} 声明了 {len(names)} 个插件",
        accepts=f"one of them by its name, once installed: {', '.join(names)}",
    )


def _of_installed(point: metadata.EntryPoint, shipped: metadata.Distribution) -> Project:
    folder = _developed_in(shipped)
    if folder is not None and (folder / PROJECT).is_file():
        return _of_folder(folder)
    described = shipped.metadata.json.get("description")
    return Project(
        point.name,
        point.value,
        shipped.name,
        shipped.version,
        tuple(shipped.requires or ()),
        str(described) if described else None,
    )


def _developed_in(shipped: metadata.Distribution) -> Path | None:
    """Return the folder that an editable installation points to."""
    try:
        told = json.loads(shipped.read_text("direct_url.json") or "{}")
    except json.JSONDecodeError:
        return None
    if not told.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(unquote(urlparse(told["url"]).path)))


@contextmanager
def environment(project: Project) -> Generator[dict[str, str]]:
    """Give environment variables under which a Python finds a plugin as if it were installed from its folder.

    Args:
        project: the plugin; an installed one is found as it is.
    """
    variables = dict(os.environ)
    if project.code is None:
        yield variables
        return
    with tempfile.TemporaryDirectory(prefix="guanxi-check-") as site:
        info = Path(site) / f"{project.distribution.replace('-', '_')}-{project.version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project.distribution}\nVersion: {project.version}\n", "utf-8"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{project.name} = {project.value}\n", "utf-8")
        paths = [site, str(project.code), *filter(None, [variables.get("PYTHONPATH")])]
        yield {**variables, "PYTHONPATH": os.pathsep.join(paths)}
