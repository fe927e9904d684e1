"""Finding the plugins of this environment and their manifests, without importing any of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import attrs

from guanxi.kernel.errors import GuanxiError, PluginError
from guanxi.kernel.plugins.deprecations import GROUP
from guanxi.kernel.plugins.manifest import Manifest
from guanxi.kernel.plugins.parts import CORE
from guanxi.kernel.plugins.reading import FILE, missing, read_manifest


def find_manifest(point: metadata.EntryPoint) -> Path | None:
    """Return where the manifest of an entry point's plugin is, without importing anything of it; None when there is none.

    It lies in the package that the entry point names, or in one around it; the innermost counts.

    Args:
        point: an entry point of the group ``guanxi.plugins``.
    """
    top, *inner = point.module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.submodule_search_locations is None:
        return None
    found: Path | None = None
    folders = [Path(p) for p in spec.submodule_search_locations]
    for name in (*inner, ""):
        for folder in folders:
            if (folder / FILE).is_file():
                found = folder / FILE
                break
        folders = [folder / name for folder in folders]
    return found


def folder_of(point: metadata.EntryPoint) -> Path:
    """Return the folder a plugin's manifest belongs in: where one is, else its top-level package.

    Raises:
        PluginError: ``manifest_missing`` when the plugin is no package, so that it has no place for one.
    """
    found = find_manifest(point)
    if found is not None:
        return found.parent
    spec = importlib.util.find_spec(point.module.partition(".")[0])
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise missing(point.module)
    return Path(next(iter(places)))


@attrs.frozen
class Listed:
    """An installed plugin as far as it can be known without importing it.

    Args:
        name: its entry point's name.
        distribution: the distribution that ships it, and its version.
        path: where its manifest is; None when it has none.
        manifest: what that says; None when it was refused.
        refusal: why it was refused.
    """

    name: str
    distribution: str
    path: Path | None
    manifest: Manifest | None
    refusal: GuanxiError | None = attrs.field(default=None, eq=False)


def manifests() -> list[Listed]:
    """List every installed plugin by its manifest, in order of name, without importing any of them."""
    points = entry_points()
    owners = owners_of(points)
    return [_listed(point, owners) for point in points]


def _listed(point: metadata.EntryPoint, owners: Mapping[str, str]) -> Listed:
    path = find_manifest(point)
    try:
        return Listed(point.name, origin_of(point), path, manifest_at(point, path, owners))
    except PluginError as error:
        return Listed(point.name, origin_of(point), path, None, error)


def manifest_at(point: metadata.EntryPoint, path: Path | None, owners: Mapping[str, str]) -> Manifest:
    """Return the manifest of an entry point's plugin.

    Args:
        point: the entry point.
        path: where its manifest is.
        owners: distributions by the names of all plugins, for messages.

    Raises:
        PluginError: ``manifest_missing``, ``manifest_unreadable``, ``manifest_invalid``, ``foreign_prefix``, or ``name_mismatch``
            when its id is not the entry point's name.
    """
    whose = f"{point.name} ({origin_of(point)})"
    if path is None:
        raise missing(f"{whose}, {point.module}")
    try:
        manifest = read_manifest(path)
    except PluginError as error:
        prefix = str(error.facts.get("prefix", ""))
        owner = {CORE: "guanxi", **owners}.get(prefix)
        of, of_zh = (
            (f" and belongs to {prefix} ({owner})", f"，属于 {prefix}（{owner}）") if owner else ("", "")
        )
        raise PluginError(
            error.code,
            f"{whose}: {error.message}{of}",
            zh=f"{whose}：{error.zh}{of_zh}",
            accepts=error.accepts,
        ) from error
    if manifest.id != point.name:
        raise PluginError(
            "name_mismatch",
            f"the entry point {whose} leads to the manifest of {manifest.id} at {path}",
            zh=f"入口点 {whose} 指向 {manifest.id} 的清单（{path}）",
            accepts="an entry point named like the plugin",
        )
    return manifest


def entry_points() -> list[metadata.EntryPoint]:
    """Return the entry points of all installed plugins, in order of name and distribution."""
    return sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.name, origin_of(p), p.value))


def origin_of(point: metadata.EntryPoint) -> str:
    """Return the name and version of the distribution that ships an entry point."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else "not installed"


def owners_of(points: Iterable[metadata.EntryPoint]) -> dict[str, str]:
    """Return the distributions by the names that entry points claim."""
    return {p.name: origin_of(p) for p in points}
