"""Reading a manifest: all that can be judged of ``plugin.toml`` by itself is judged, each refusal with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from guanxi.kernel.errors import PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.plugins.manifest import (
    FORMAT,
    Manifest,
    OwnedCadence,
    OwnedEvent,
    OwnedFacet,
    OwnedReadModel,
    OwnedReport,
    key_text,
)
from guanxi.kernel.plugins.parts import CORE

FILE = "plugin.toml"
KINDS = ("fact", "act", "decision", "deed", "run")

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")


def read_manifest(source: Path | str) -> Manifest:
    """Return the manifest in a file or a text, refused where anything in it is not as it has to be.

    Everything that can be judged without the code is judged: the form of every key, names outside the plugin's prefix, ranges that
    are none, reports that read what neither the plugin nor the core owns.

    Args:
        source: path of a ``plugin.toml``, or the text of one.

    Raises:
        PluginError: ``manifest_missing``, ``manifest_unreadable`` (no TOML), ``manifest_invalid`` or ``foreign_prefix``, naming
            file, line and key.
    """
    if isinstance(source, Path):
        try:
            text = source.read_text("utf-8")
        except FileNotFoundError as error:
            raise missing(str(source)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(str(source), str(error)) from error
        return _Reading(text, str(source)).manifest()
    return _Reading(source, FILE).manifest()


def missing(where: str) -> PluginError:
    """Return the refusal of a plugin without a manifest."""
    return PluginError(
        "manifest_missing",
        f"{where}: there is no {FILE}",
        zh=f"{where}：缺少 {FILE}",
        accepts=f"a {FILE} inside the plugin's package; `guanxi plugins manifest NAME --write` makes it",
    )


def _unreadable(where: str, why: str) -> PluginError:
    return PluginError(
        "manifest_unreadable",
        f"{where}: {why}",
        zh=f"{where}：无法读取：{why}",
        accepts="a TOML file in UTF-8",
    )


class _Reading:
    """One manifest while it is read; every refusal names where it stands."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        try:
            self.root: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _unreadable(where, str(error)) from error

    def manifest(self) -> Manifest:
        root = self.root
        self._keys(
            root,
            (),
            ("manifest", "plugin"),
            (
                "events",
                "commands",
                "facets",
                "rule_sets",
                "read_models",
                "reports",
                "runs",
                "cadences",
                "quality",
            ),
        )
        if root["manifest"] != FORMAT or isinstance(root["manifest"], bool):
            raise self.refused(
                ("manifest",),
                f"is {root['manifest']!r}",
                f"为 {root['manifest']!r}",
                f"{FORMAT}, the form this guanxi reads",
            )
        plugin = self._dict(root, ("plugin",))
        self._keys(plugin, ("plugin",), ("id", "version", "api", "title"))
        self.id = self._text(plugin, ("plugin", "id"))
        if not _ID.match(self.id):
            raise self.refused(
                ("plugin", "id"),
                f"{self.id!r} cannot be a prefix",
                f"{self.id!r} 不能作前缀",
                "lower-case letters, digits and underscores, beginning with a letter",
            )
        return Manifest(
            id=self.id,
            version=self._text(plugin, ("plugin", "version")),
            api=self._range(plugin, ("plugin", "api")),
            title=self._label(plugin, ("plugin", "title")),
            events=self._owned("events", self._event),
            commands=self._commands(),
            facets=self._owned("facets", self._facet),
            rule_sets=self._owned("rule_sets", self._titled),
            read_models=self._owned("read_models", self._read_model),
            reports=self._owned("reports", self._report),
            runs=self._owned("runs", self._titled),
            cadences=self._owned("cadences", self._cadence),
            exempt=self._exempt(),
        )

    # the parts

    def _event(self, body: dict[str, Any], at: tuple[str, ...]) -> OwnedEvent:
        self._keys(body, at, ("kind", "schema"), ("personal",))
        kind = self._text(body, (*at, "kind"))
        if kind not in KINDS:
            raise self.refused((*at, "kind"), f"is {kind!r}", f"为 {kind!r}", " | ".join(KINDS))
        return OwnedEvent(kind, self._count(body, (*at, "schema")), self._texts(body, (*at, "personal")))

    def _facet(self, body: dict[str, Any], at: tuple[str, ...]) -> OwnedFacet:
        self._keys(body, at, ("subject", "version", "reads"))
        return OwnedFacet(
            self._text(body, (*at, "subject")),
            self._count(body, (*at, "version")),
            self._names(body, (*at, "reads")),
        )

    def _read_model(self, body: dict[str, Any], at: tuple[str, ...]) -> OwnedReadModel:
        self._keys(body, at, ("version", "temporal"), ("personal",))
        temporal = body["temporal"]
        if not isinstance(temporal, bool):
            raise self.refused((*at, "temporal"), f"is {temporal!r}", f"为 {temporal!r}", "true | false")
        return OwnedReadModel(
            self._count(body, (*at, "version")), temporal, self._texts(body, (*at, "personal"))
        )

    def _report(self, body: dict[str, Any], at: tuple[str, ...]) -> OwnedReport:
        self._keys(body, at, ("title", "reads"))
        return OwnedReport(self._label(body, (*at, "title")), self._readable(body, at))

    def _cadence(self, body: dict[str, Any], at: tuple[str, ...]) -> OwnedCadence:
        self._keys(body, at, ("title", "rule", "reads"))
        rule = self._text(body, (*at, "rule"))
        return OwnedCadence(self._label(body, (*at, "title")), rule, self._readable(body, at))

    def _readable(self, body: dict[str, Any], at: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of read models that something may read: the plugin's own and the core's."""
        reads = self._names(body, (*at, "reads"))
        for name in reads:
            if not name.startswith((self.id + ".", CORE + ".")):
                raise self.refused(
                    (*at, "reads"),
                    f"names {name!r}",
                    f"引用了 {name!r}",
                    f"read models of {self.id} itself or of the core",
                )
        return reads

    def _titled(self, body: dict[str, Any], at: tuple[str, ...]) -> Label:
        self._keys(body, at, ("title",))
        return self._label(body, (*at, "title"))

    def _commands(self) -> tuple[str, ...]:
        if "commands" not in self.root:
            return ()
        body = self._dict(self.root, ("commands",))
        self._keys(body, ("commands",), ("names",))
        names = self._names(body, ("commands", "names"))
        for name in names:
            self._own(name, ("commands", "names"))
        return names

    def _exempt(self) -> dict[str, str]:
        if "quality" not in self.root:
            return {}
        body = self._dict(self.root, ("quality",))
        self._keys(body, ("quality",), (), ("exempt",))
        exempt = self._texts(body, ("quality", "exempt"))
        for name, reason in exempt.items():
            if not reason.strip():
                raise self.refused(("quality", "exempt", name), "gives no reason", "没有说明理由", "a reason")
        return exempt

    def _owned(self, kind: str, read: Callable[[dict[str, Any], tuple[str, ...]], Any]) -> dict[str, Any]:
        if kind not in self.root:
            return {}
        table = self._dict(self.root, (kind,))
        found = {}
        for name in table:
            at = (kind, name)
            self._own(name, at)
            found[name] = read(self._dict(table, at), at)
        return found

    # values

    def _own(self, name: str, at: tuple[str, ...]) -> None:
        if not name.startswith(self.id + "."):
            raise self.refused(
                at,
                f"{name!r} lies outside the prefix of {self.id}",
                f"{name!r} 不在 {self.id} 的前缀之下",
                f"names that begin with {self.id}.",
                code="foreign_prefix",
                prefix=name.partition(".")[0],
            )

    def _keys(
        self, body: dict[str, Any], at: tuple[str, ...], needed: Sequence[str], allowed: Sequence[str] = ()
    ) -> None:
        for key in body:
            if key not in needed and key not in allowed:
                raise self.refused(
                    (*at, key), "is not known here", "此处没有这个键", ", ".join((*needed, *allowed))
                )
        for key in needed:
            if key not in body:
                raise self.refused((*at, key), "is missing", "缺失", f"a value for {key}")

    def _dict(self, body: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
        value = body[at[-1]]
        if not isinstance(value, dict):
            raise self.refused(at, f"is {value!r}", f"为 {value!r}", "a table")
        return cast(dict[str, Any], value)

    def _text(self, body: Mapping[str, Any], at: tuple[str, ...]) -> str:
        value = body[at[-1]]
        if not isinstance(value, str) or not value.strip():
            raise self.refused(at, f"is {value!r}", f"为 {value!r}", "a text that is not empty")
        return value

    def _count(self, body: Mapping[str, Any], at: tuple[str, ...]) -> int:
        value = body[at[-1]]
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.refused(at, f"is {value!r}", f"为 {value!r}", "a whole number from 1 on")
        return value

    def _names(self, body: Mapping[str, Any], at: tuple[str, ...]) -> tuple[str, ...]:
        value = body[at[-1]]
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.refused(at, f"is {value!r}", f"为 {value!r}", "a list of names")
        if len(set(value)) != len(value):
            raise self.refused(at, "names something twice", "有重复的名称", "each name once")
        return tuple(value)

    def _texts(self, body: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, str]:
        if at[-1] not in body:
            return {}
        table = self._dict(body, at)
        return {key: self._text(table, (*at, key)) for key in table}

    def _label(self, body: Mapping[str, Any], at: tuple[str, ...]) -> Label:
        value = self._dict(body, at)
        self._keys(value, at, ("en", "zh"))
        for lang in ("en", "zh"):
            if not isinstance(value[lang], str):
                raise self.refused((*at, lang), f"is {value[lang]!r}", f"为 {value[lang]!r}", "a text")
        return Label(value["en"], value["zh"])

    def _range(self, body: Mapping[str, Any], at: tuple[str, ...]) -> str:
        text = self._text(body, at)
        try:
            SpecifierSet(text)
        except InvalidSpecifier:
            raise self.refused(
                at, f"{text!r} is no range of versions", f"{text!r} 不是版本范围", 'such as ">=1,<2"'
            ) from None
        return text

    def refused(
        self,
        at: tuple[str, ...],
        en: str,
        zh: str,
        accepts: str,
        *,
        code: str = "manifest_invalid",
        prefix: str = "",
    ) -> PluginError:
        """Return the refusal of what stands at a key."""
        line = line_of(self.text, at)
        place = self.where + (f", line {line}" if line else "") + f": {'.'.join(map(key_text, at))}"
        facts = {"prefix": prefix} if prefix else {}
        return PluginError(code, f"{place} {en}", zh=f"{place} {zh}", accepts=accepts, **facts)


def line_of(text: str, at: tuple[str, ...]) -> int | None:
    """Return the line on which a key of a TOML text stands, or the table it belongs in; None when neither is there."""
    best, depth = None, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            body: Any = tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
        if not body:
            continue
        path, header = table if not line.lstrip().startswith("[") else (), line.lstrip().startswith("[")
        while isinstance(body, dict) and len(body) == 1 and (header or path != at):
            key = next(iter(body))
            path, body = (*path, key), body[key]
        if header:
            table = path
        shared = 0
        while shared < min(len(path), len(at)) and path[shared] == at[shared]:
            shared += 1
        if shared > depth and shared == min(len(path), len(at)):
            best, depth = number, shared
    return best


def exempt_in(path: Path) -> dict[str, str]:
    """Return what a manifest says to be exempt, also when something else in it is wrong; empty when there is none.

    Raises:
        PluginError: ``manifest_unreadable`` when it is no TOML.
    """
    if not path.is_file():
        return {}
    try:
        exempt = tomllib.loads(path.read_text("utf-8")).get("quality", {}).get("exempt", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise _unreadable(str(path), str(error)) from error
    return {str(k): str(v) for k, v in exempt.items()} if isinstance(exempt, dict) else {}
