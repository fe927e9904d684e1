"""Finding the plugins of this environment, taking over their parts, and putting those together; whoever fails is refused alone."""

from __future__ import annotations

import difflib
import inspect
import traceback
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

import attrs
import pluggy
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from guanxi.kernel.errors import GuanxiError, PluginError
from guanxi.kernel.plugins.checks import HOST, Party, alone, api_refusals, check, shape, whose
from guanxi.kernel.plugins.clashes import together, undecided
from guanxi.kernel.plugins.finding import entry_points, find_manifest, manifest_at, origin_of, owners_of
from guanxi.kernel.plugins.manifest import Manifest, differences
from guanxi.kernel.plugins.parts import HOOK, PROJECT, Parts, PluginSpec

_MARKED = f"one method {HOOK}(self) marked with guanxi.hookimpl"


@attrs.frozen
class Installed:
    """A plugin as the loader found it.

    Args:
        name: its entry point's name.
        distribution: the distribution that ships it, and its version.
        parts: what it handed over; None when it was refused.
        error: why it was refused, in English.
        manifest: what its ``plugin.toml`` says; None when there is none that can be read.
        refusal: the error itself.
        blocked: the host's reason, where the host blocks it; a blocked plugin has not failed.
    """

    name: str
    distribution: str
    parts: Parts | None
    error: str | None = None
    manifest: Manifest | None = attrs.field(default=None, eq=False, repr=False)
    refusal: GuanxiError | None = attrs.field(default=None, eq=False, repr=False)
    blocked: str | None = None

    def why(self, lang: str = "en") -> str:
        """Return why it was refused, in ``"en"`` or ``"zh"``; empty when it was not."""
        return self.refusal.describe(lang) if self.refusal is not None else self.error or ""


class PluginRefused(UserWarning):
    """Warns that a ledger was opened without an installed plugin, which could not be used, and says why."""


def warn_of(installed: Iterable[Installed], stacklevel: int = 2) -> None:
    """Warn of each plugin that could not be used; those that the host blocks are as it wants them."""
    for one in installed:
        if one.error is not None and one.blocked is None:
            text = f"opened without the plugin {one.name} ({one.distribution}): {one.error}"
            warnings.warn(text, PluginRefused, stacklevel=stacklevel + 1)


def _reason(value: str) -> str:
    if not (reason := str(value or "").strip()):
        raise PluginError(
            "bad_block",
            "a block gives no reason",
            zh="禁用未说明原因",
            accepts='Block("name", "reason"), the reason being shown to whoever misses the plugin',
        )
    return reason


def _versions(value: str) -> str:
    try:
        SpecifierSet(value)
    except InvalidSpecifier:
        raise PluginError(
            "bad_block",
            f"{value!r} is no range of versions",
            zh=f"{value!r} 不是版本范围",
            accepts='a PEP 440 range such as ">=1.2,<1.4", or nothing for all',
        ) from None
    return value


@attrs.frozen
class Block:
    """A plugin that a host does not let in.

    Args:
        name: its entry point's name.
        reason: why; shown to whoever misses it.
        versions: versions of its distribution that are blocked, as a PEP 440 range; all if empty.

    Raises:
        PluginError: ``bad_block`` when the range is none, or no reason is given.
    """

    name: str
    reason: str = attrs.field(converter=_reason)
    versions: str = attrs.field(default="", converter=_versions)

    def covers(self, version: str) -> bool:
        """Return whether a distribution's version is blocked; one that is no PEP 440 version is."""
        if not self.versions:
            return True
        try:
            return SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return True


# ---------------------------------------------------------------- finding


def discover(
    *, strict: bool = False, allow: Collection[str] | None = None, block: Block | Iterable[Block] = ()
) -> list[Installed]:
    """Find the plugins of this environment, in order of name.

    Each is judged by its manifest first, then imported, asked for its parts, and compared with the others. Whatever goes wrong
    with one is told with it, and the others go on; two that clash are both refused.

    Args:
        strict: raise the first error instead of telling it with the plugin. A blocked plugin is no error.
        allow: names of the plugins that may be loaded; all if None. Others are left out, and nothing of them is imported.
        block: plugins never to load; they are told with the reason.

    A name in either list that no installed plugin has is told as not installed.

    Raises:
        PluginError: ``bad_allow`` or ``bad_block``; with ``strict``, what is wrong with a plugin, naming it and its distribution.
    """
    everything = entry_points()
    owners = owners_of(everything)
    blocks = _lists(allow, block)
    points = [p for p in everything if allow is None or p.name in allow]
    found: list[_Found] = []
    for point in points:
        rivals = [p for p in points if p.name == point.name]
        one = _Found(point.name, origin_of(point))
        try:
            _take_in(one, point, rivals, blocks, owners)
        except _Blocked as blocked:
            one.refuse(blocked.error)
            one.blocked = blocked.reason
        except PluginError as error:
            if strict:
                raise
            one.refuse(error)
        found.append(one)
    found += _unheard_of(everything, allow, blocks, strict=strict)
    found.sort(key=lambda one: one.name)
    _settle(found, (), strict=strict, owners=owners)
    return [one.installed() for one in found]


def _unheard_of(
    points: Sequence[metadata.EntryPoint],
    allow: Collection[str] | None,
    blocks: Sequence[Block],
    *,
    strict: bool,
) -> Iterator[_Found]:
    """Yield, as plugins that are not there, the names that the host lets in or keeps out and nobody has."""
    there = {p.name: None for p in points}
    lists = {**dict.fromkeys((b.name for b in blocks), "block"), **dict.fromkeys(allow or (), "allow")}
    for name, which in lists.items():
        if name in there:
            continue
        near = difflib.get_close_matches(name, there, 1, 0.6)
        listed = ", ".join(there) or "none is installed"
        error = PluginError(
            "plugin_not_installed",
            f"{which} names {name}, and no plugin of that name is installed",
            zh=f"{which} 列有 {name}，但没有安装此名称的插件",
            accepts=f"{near[0]}? There are: {listed}" if near else listed,
        )
        if strict:
            raise error
        one = _Found(name, "not installed")
        one.refuse(error)
        yield one


def _lists(allow: object, block: object) -> list[Block]:
    """Return the blocks, refusing a list that would let in or keep out others than the host means."""
    if isinstance(allow, str):
        raise PluginError(
            "bad_allow",
            f"allow is the text {allow!r}",
            zh=f"allow 是文本 {allow!r}",
            accepts=f"names, such as [{allow!r}]",
        )
    blocks = []
    for one in [block] if isinstance(block, Block | str) or not isinstance(block, Iterable) else block:
        if not isinstance(one, Block):
            raise PluginError(
                "bad_block",
                f"{one!r} in the list of blocks is no Block",
                zh=f"禁用列表中的 {one!r} 不是 Block",
                accepts='Block("name", "reason", ">=1.2,<1.4")',
            )
        blocks.append(one)
    return blocks


class _Blocked(Exception):
    """Carries the refusal of a plugin that the host blocks."""

    def __init__(self, error: PluginError, reason: str) -> None:
        self.error, self.reason = error, reason
        super().__init__(str(error))


@attrs.define(eq=False)
class _Found:
    """A plugin while it is being judged."""

    name: str
    distribution: str
    manifest: Manifest | None = None
    party: Party | None = None
    refusal: GuanxiError | None = None
    error: str | None = None
    blocked: str | None = None

    def refuse(self, error: GuanxiError) -> None:
        self.party = None
        if self.refusal is None:
            self.refusal, self.error = error, error.describe()

    def installed(self) -> Installed:
        parts = self.party.parts if self.party is not None else None
        return Installed(
            self.name, self.distribution, parts, self.error, self.manifest, self.refusal, self.blocked
        )


def _take_in(
    one: _Found,
    point: metadata.EntryPoint,
    rivals: Sequence[metadata.EntryPoint],
    blocks: Sequence[Block],
    owners: Mapping[str, str],
) -> None:
    """Judge a plugin's manifest, import it, and take its parts over."""
    _refuse_blocked(point, blocks)
    if len(rivals) > 1:
        claimants = [f"{origin_of(p)} ({p.value})" for p in rivals]
        raise PluginError(
            "plugin_name_taken",
            f"the plugin name {point.name} is claimed by {' and '.join(claimants)}; all of them are refused",
            zh=f"插件名 {point.name} 被 {'、'.join(claimants)} 同时占用；全部拒绝",
            accepts="one plugin for one name",
        )
    one.manifest = manifest = manifest_at(point, find_manifest(point), owners)
    who, who_zh = whose(one.name, one.distribution), whose(one.name, one.distribution, "zh")
    for error in api_refusals(who, who_zh, manifest.api):
        raise error
    parts = loaded(point)
    wrong = next(shape(Party(parts, one.distribution)), None)
    if wrong is not None:
        raise wrong
    one.party = Party(parts, one.distribution)


def _refuse_blocked(point: metadata.EntryPoint, blocks: Sequence[Block]) -> None:
    version = point.dist.version if point.dist else ""
    for block in blocks:
        if block.name == point.name and block.covers(version):
            versions = f"versions {block.versions}" if block.versions else "every version"
            versions_zh = f"版本 {block.versions}" if block.versions else "所有版本"
            raise _Blocked(
                PluginError(
                    "plugin_blocked",
                    f"{whose(point.name, origin_of(point))}: this host blocks {versions}: {block.reason}",
                    zh=f"{whose(point.name, origin_of(point), 'zh')}：本系统禁用其{versions_zh}：{block.reason}",
                ),
                block.reason,
            )


def loaded(point: metadata.EntryPoint) -> Parts:
    """Import an installed plugin and return its parts, unjudged but for the hook.

    Args:
        point: its entry point.

    Raises:
        PluginError: ``plugin_failed`` when it cannot be imported, or what is wrong with its hook, naming its distribution.
    """
    origin = origin_of(point)
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # a plugin may fail in any way; the host goes on
        raise _failure("plugin_failed", point.name, origin, error, "a plugin that can be imported") from error
    return hand_over(plugin, point.name, origin)


def _failure(code: str, name: str, origin: str, error: BaseException, accepts: str) -> PluginError:
    """Return the refusal of a plugin in whose own code something was raised."""
    who, who_zh = whose(name, origin), whose(name, origin, "zh")
    if isinstance(error, GuanxiError):
        facts: Mapping[str, Any] = error.facts
        return PluginError(
            error.code,
            f"{who}: {error.message}",
            zh=f"{who_zh}：{error.zh}",
            rule=error.rule,
            accepts=error.accepts,
            **facts,
        )
    what = f"{type(error).__name__}: {error}{_where(error)}"
    return PluginError(code, f"{who}: {what}", zh=f"{who_zh}：{what}", accepts=accepts)


def _where(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return ""  # its own text says where
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if f.filename != __file__ and "importlib" not in f.filename and not f.filename.startswith("<")
    ]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""


# ---------------------------------------------------------------- the hook


def parts_of(plugin: object, name: str = "", distribution: str = HOST) -> Parts:
    """Return the parts a plugin object hands over through the hook, if nothing is wrong with them alone.

    Args:
        plugin: an object or module with a method ``guanxi_parts`` marked with ``hookimpl``.
        name: what to call it in messages; where it is defined if empty.
        distribution: where it comes from, for messages.

    Raises:
        PluginError: what is wrong with the hook or the parts.
    """
    parts = hand_over(plugin, name, distribution)
    check(parts, distribution)
    return parts


def hand_over(plugin: object, name: str = "", distribution: str = HOST) -> Parts:
    """Return the parts a plugin object hands over, unjudged.

    Raises:
        PluginError: ``hook_missing``, ``hook_unmarked``, ``hook_marker``, ``hook_misspelt``, ``hook_signature``, ``hook_failed`` or
            ``parts_missing``.
    """
    name = name or _described(plugin)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(PluginSpec)
    for code, en, zh in _hook_faults(plugin, manager):
        raise PluginError(
            code,
            f"{whose(name, distribution)}: {en}",
            zh=f"{whose(name, distribution, 'zh')}：{zh}",
            accepts=_MARKED,
        )
    try:
        manager.register(plugin, name=name)
        manager.check_pending()
        results: list[Any] = manager.hook.guanxi_parts()
    except pluggy.PluginValidationError as error:
        raise _failure("hook_signature", name, distribution, error, _MARKED) from error
    except (Exception, SystemExit) as error:  # the plugin's own code runs here
        raise _failure(
            "hook_failed", name, distribution, error, "a hook that returns guanxi.Parts(...)"
        ) from error
    if len(results) != 1 or not isinstance(results[0], Parts):
        handed = results[0] if len(results) == 1 else results or None
        raise PluginError(
            "parts_missing",
            f"{whose(name, distribution)}: {HOOK} returned {handed!r}",
            zh=f"{whose(name, distribution, 'zh')}：{HOOK} 返回了 {handed!r}",
            accepts="guanxi.Parts(...)",
        )
    parts: Parts = results[0]
    return parts


def _described(plugin: object) -> str:
    if inspect.ismodule(plugin):
        return plugin.__name__
    cls = plugin if isinstance(plugin, type) else type(plugin)
    return f"{cls.__module__}.{cls.__qualname__}"


def _hook_faults(plugin: object, manager: pluggy.PluginManager) -> Iterator[tuple[str, str, str]]:
    marked = {n: o for n in dir(plugin) if (o := manager.parse_hookimpl_opts(plugin, n)) is not None}
    hooks = [n for n, o in marked.items() if (o.get("specname") or n) == HOOK]
    for name in marked:
        if name not in hooks:
            yield (
                "hook_misspelt",
                f"{name} is marked as a hook, but guanxi has no hook of that name; did you mean {HOOK}?",
                f"{name} 被标为钩子，但 guanxi 没有这个钩子；是否应为 {HOOK}？",
            )
    if not hooks:
        yield _without_hook(plugin)
    for name in hooks:
        yield from _signature_faults(plugin, name)


def _without_hook(plugin: object) -> tuple[str, str, str]:
    method = getattr(plugin, HOOK, None)
    if method is None:
        close = difflib.get_close_matches(HOOK, [n for n in dir(plugin) if not n.startswith("__")], 1, 0.75)
        if close:
            return (
                "hook_misspelt",
                f"it has no {HOOK}, but {close[0]}; did you mean {HOOK}?",
                f"没有 {HOOK}，但有 {close[0]}；是否应为 {HOOK}？",
            )
        return "hook_missing", f"it has no {HOOK}", f"没有 {HOOK}"
    if not callable(method):
        return "hook_signature", f"{HOOK} is no method but {method!r}", f"{HOOK} 不是方法，而是 {method!r}"
    marks = [
        n for n in dir(method) if n.endswith(("_impl", "_spec")) and isinstance(getattr(method, n), dict)
    ]
    if f"{PROJECT}_spec" in marks:
        return (
            "hook_marker",
            f"{HOOK} is marked as a specification (hookspec), not as an implementation",
            f"{HOOK} 被标为规范（hookspec），而非实现",
        )
    if marks:
        others = ", ".join(n.rpartition("_")[0] for n in marks)
        return (
            "hook_marker",
            f"{HOOK} is marked with the marker of {others}, not with guanxi's",
            f"{HOOK} 带的是 {others} 的标记，而非 guanxi 的",
        )
    return "hook_unmarked", f"{HOOK} is not marked with guanxi.hookimpl", f"{HOOK} 没有 guanxi.hookimpl 标记"


def _signature_faults(plugin: object, name: str) -> Iterator[tuple[str, str, str]]:
    method = getattr(plugin, name)
    asked = _missing_arguments(method)
    if asked:
        note = " (is the class handed over instead of an object of it?)" if isinstance(plugin, type) else ""
        yield (
            "hook_signature",
            f"{name} asks for {', '.join(asked)}, and the hook gives it nothing{note}",
            f"{name} 要求参数 {'、'.join(asked)}，而钩子不提供任何参数",
        )
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        yield "hook_signature", f"{name} is asynchronous", f"{name} 是异步函数"
    elif inspect.isgeneratorfunction(method):
        yield "hook_signature", f"{name} yields instead of returning", f"{name} 是生成器，而非返回值"


# ---------------------------------------------------------------- putting together


def _untrue(one: _Found) -> Iterator[PluginError]:
    """Yield that a plugin's manifest differs from its code; what the host hands over needs no manifest."""
    if one.manifest is None or one.party is None:
        return
    if faults := differences(one.manifest, one.party.parts):
        yield PluginError(
            "manifest_differs",
            f"{one.party}: its manifest is not true to its code: {'; '.join(faults)}",
            zh=f"{one.party.zh}：清单与代码不符：{'；'.join(faults)}",
            accepts=f"the manifest that `guanxi plugins manifest {one.name} --write` makes",
        )


@attrs.frozen
class Assembled:
    """What a ledger is made of: the plugins with what became of each, and the parts that stand, the core's first."""

    installed: tuple[Installed, ...]
    parts: tuple[Parts, ...]


def assemble(found: Iterable[object], core: Iterable[object] = (), *, strict: bool = False) -> Assembled:
    """Put parts together.

    Installed plugins that clash are both refused, and the others go on. What the host hands over itself is never left out: if
    it is wrong, or clashes with anything, that is raised.

    Args:
        found: what ``discover`` found, plugin objects with the hook, or parts.
        core: the parts that are always there, or objects that hand them over.
        strict: raise instead of refusing.

    Raises:
        PluginError: what is wrong, naming the plugins and their distributions.
    """
    always = [Party(_parts(c), "guanxi") for c in core]
    plugins = [_found(p) for p in found]
    _settle(plugins, always, strict=strict)
    return Assembled(
        tuple(p.installed() for p in plugins),
        (*(p.parts for p in always), *(p.party.parts for p in plugins if p.party is not None)),
    )


def _parts(handed: object) -> Parts:
    return handed if isinstance(handed, Parts) else hand_over(handed)


def _found(handed: object) -> _Found:
    if isinstance(handed, Installed):
        party = Party(handed.parts, handed.distribution) if handed.parts is not None else None
        return _Found(
            handed.name,
            handed.distribution,
            handed.manifest,
            party,
            handed.refusal,
            handed.error,
            handed.blocked,
        )
    parts = _parts(handed)
    return _Found(parts.name, HOST, None, Party(parts, HOST))


def _settle(
    found: Sequence[_Found],
    core: Sequence[Party],
    *,
    strict: bool,
    owners: Mapping[str, str] | None = None,
) -> None:
    """Refuse plugins until those that stand go together."""
    by_party = {one.party: one for one in found if one.party is not None}

    def refuse(error: PluginError, refused: Iterable[Party]) -> None:
        for party in refused:
            one = by_party.get(party)
            if strict or one is None or party.given:
                raise error
        for party in refused:
            by_party[party].refuse(error)

    stages: tuple[Callable[[Sequence[Party]], list[tuple[PluginError, tuple[Party, ...]]]], ...] = (
        lambda ps: [(e, (p,)) for p in ps for e in shape(p)],
        lambda ps: [(t.error, t.refused) for t in together(ps, owners)],
        lambda ps: [(e, (p,)) for p in ps for e in alone(p)],
        lambda ps: [(t.error, t.refused) for t in undecided(ps)],
        lambda ps: [(e, (p,)) for p in ps if p in by_party for e in _untrue(by_party[p])],
    )
    stage = 0
    while stage < len(stages):
        standing = [*core, *(one.party for one in found if one.party is not None)]
        looked_at = _look(standing, owners) if stage < _LAST else None
        if looked_at in _sound:
            stage = _LAST
            continue
        troubles = stages[stage](standing)
        for error, refused in troubles:
            refuse(error, refused)
        # A plugin that is gone may leave another without what it reads.
        stage = 0 if troubles else stage + 1
        if looked_at is not None and stage == _LAST:
            _sound[looked_at] = None
            while len(_sound) > _REMEMBERED:
                _sound.pop(next(iter(_sound)), None)


_LAST = 4
"""The stage that looks at files, and so is never left out."""
_REMEMBERED = 64
_sound: dict[Any, None] = {}
"""What went together when it was last looked at: a process opens many ledgers of the same parts."""


def _look(parties: Sequence[Party], owners: Mapping[str, str] | None) -> Any:
    """Return what tells the same parts from others; None for parts of a form that has to be looked at first."""
    try:
        seen = tuple((p.parts, p.distribution, p.parts.extent) for p in parties)
    except Exception:  # noqa: BLE001 - a stranger's parts, which may hold anything
        return None
    return seen, tuple(sorted((owners or {}).items()))


def _missing_arguments(function: Callable[..., Any]) -> list[str]:
    """Return the arguments that a function cannot be called without."""
    return [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
