"""Plugins: the one typed hook through which a distribution hands over its parts, and the loader that finds, checks and orders them."""

from guanxi.kernel.plugins.checks import Party, check, shape
from guanxi.kernel.plugins.deprecations import (
    DEPRECATIONS,
    GROUP,
    Deprecation,
    GuanxiDeprecationWarning,
    deprecated,
)
from guanxi.kernel.plugins.finding import Listed, entry_points, find_manifest, folder_of, manifests, origin_of
from guanxi.kernel.plugins.loading import (
    Assembled,
    Block,
    Installed,
    PluginRefused,
    assemble,
    discover,
    loaded,
    parts_of,
    warn_of,
)
from guanxi.kernel.plugins.manifest import (
    Manifest,
    OwnedEvent,
    OwnedFacet,
    OwnedReadModel,
    OwnedReport,
    differences,
    manifest_of,
)
from guanxi.kernel.plugins.parts import API, CORE, HOOK, PROJECT, Parts, PluginSpec, hookimpl, hookspec
from guanxi.kernel.plugins.reading import FILE, exempt_in, missing, read_manifest

__all__ = [
    "API",
    "CORE",
    "DEPRECATIONS",
    "FILE",
    "GROUP",
    "HOOK",
    "PROJECT",
    "Assembled",
    "Block",
    "Deprecation",
    "GuanxiDeprecationWarning",
    "Installed",
    "Listed",
    "Manifest",
    "OwnedEvent",
    "OwnedFacet",
    "OwnedReadModel",
    "OwnedReport",
    "Parts",
    "Party",
    "PluginRefused",
    "PluginSpec",
    "assemble",
    "check",
    "deprecated",
    "differences",
    "discover",
    "entry_points",
    "exempt_in",
    "find_manifest",
    "folder_of",
    "hookimpl",
    "hookspec",
    "loaded",
    "manifest_of",
    "manifests",
    "missing",
    "origin_of",
    "parts_of",
    "read_manifest",
    "shape",
    "warn_of",
]
