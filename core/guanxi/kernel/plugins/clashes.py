"""What stands between plugins: clashes, reads across them, circles. Every refusal names both parties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from guanxi.kernel.cadences import Cadence
from guanxi.kernel.errors import PluginError
from guanxi.kernel.facets import Facet
from guanxi.kernel.messages import (
    REVISE,
    Decision,
    LateEffect,
)
from guanxi.kernel.plugins.checks import NAMED, Party, due_classes, prefixes, refusal, whose
from guanxi.kernel.plugins.parts import CORE, Parts, name_of
from guanxi.kernel.read_models import ReadModel
from guanxi.kernel.reports import Report
from guanxi.kernel.runs.definition import Run


@attrs.frozen
class Trouble:
    """What stands between parties: the error, and who is refused for it."""

    error: PluginError
    refused: tuple[Party, ...]


def together(parties: Sequence[Party], owners: Mapping[str, str] | None = None) -> Iterator[Trouble]:
    """Yield what stands between plugins: clashes refuse both, except that the core stays.

    Args:
        parties: all of them, right in form; the core is the one named so, and may be left out.
        owners: distributions of the prefixes known here, also of plugins that are not among the parties.
    """
    owners = {**(owners or {}), **{p.parts.name: p.distribution for p in parties}}
    yield from _same_prefix(parties)
    yield from _same_names(parties)
    yield from _same_tables(parties)
    yield from _same_decider(parties)
    for party in parties:
        yield from (Trouble(e, (party,)) for e in prefixes(party, owners))
    yield from _reads(parties, owners)
    yield from _reports(parties, owners)
    yield from _endings(parties)


def _is_core(party: Party) -> bool:
    return party.parts.name == CORE


def _clash(code: str, a: Party, b: Party, en: str, zh: str, accepts: str) -> Trouble:
    error = PluginError(code, en, zh=zh, accepts=accepts)
    return Trouble(error, tuple(p for p in (a, b) if not (_is_core(p) and not (_is_core(a) and _is_core(b)))))


def _same_prefix(parties: Sequence[Party]) -> Iterator[Trouble]:
    seen: dict[str, Party] = {}
    for party in parties:
        other = seen.setdefault(party.parts.name, party)
        if other is party:
            continue
        if other.parts is party.parts:
            en, zh, code = "the same parts are handed over twice", "同一插件被交入两次", "handed_over_twice"
        else:
            en, zh, code = (
                f"two plugins are called {party.parts.name}",
                f"两个插件都叫 {party.parts.name}",
                "prefix_taken",
            )
        refused = (party,) if _is_core(party) else (other, party)
        error = PluginError(
            code,
            f"{en}: {other} and {party}",
            zh=f"{zh}：{other.zh} 与 {party.zh}",
            accepts="one plugin for one prefix",
        )
        yield Trouble(error, refused)


def _claims(
    parties: Sequence[Party], names: Callable[[Parts], Iterable[tuple[str, Any]]]
) -> Iterator[tuple[str, Party, Party]]:
    """Yield the names that two parties claim for different things, with both."""
    seen: dict[str, tuple[Party, Any]] = {}
    for party in parties:
        for name, thing in names(party.parts):
            other, held = seen.setdefault(name, (party, thing))
            if other is not party and held is not thing and other.parts.name != party.parts.name:
                yield name, other, party


def _same_names(parties: Sequence[Party]) -> Iterator[Trouble]:
    kinds: dict[str, Callable[[Parts], Iterable[tuple[str, Any]]]] = {
        kind.replace("_", " "): lambda parts, kind=kind: (  # type: ignore[misc]
            (name_of(t), t) for t in getattr(parts, kind) if name_of(t)
        )
        for kind in NAMED
    }
    kinds["due moments"] = _due_names
    for kind, names in kinds.items():
        for name, a, b in _claims(parties, names):
            yield _clash(
                "name_clash",
                a,
                b,
                f"{name} (of the {kind}) is claimed by {a} and {b}",
                f"{name} 被 {a.zh} 与 {b.zh} 同时占用",
                "names that begin with the plugin's own prefix",
            )


def _due_names(parts: Parts) -> Iterator[tuple[str, Any]]:
    for kind in due_classes(parts):
        yield kind.stored_name, kind


def _same_tables(parties: Sequence[Party]) -> Iterator[Trouble]:
    seen: dict[str, tuple[Party, ReadModel[Any]]] = {}
    for party in parties:
        for model in party.parts.models:
            other, held = seen.setdefault(model.table_name, (party, model))
            if held is model or held.name == model.name:
                continue
            yield _clash(
                "table_clash",
                other,
                party,
                f"the read models {held.name} of {other} and {model.name} of {party} would both be kept in the table "
                f"{model.table_name}",
                f"{other.zh} 的读模型 {held.name} 与 {party.zh} 的 {model.name} 会落入同一张表 {model.table_name}",
                "names that differ in more than dots and underscores",
            )


def _same_decider(parties: Sequence[Party]) -> Iterator[Trouble]:
    seen: dict[type[Any], tuple[Party, Facet[Any]]] = {}
    for party in parties:
        for facet in party.parts.facets:
            for kind in facet.deciders:
                other, held = seen.setdefault(kind, (party, facet))
                if held is facet:
                    continue
                yield _clash(
                    "two_deciders",
                    other,
                    party,
                    f"{held.name} of {other} and {facet.name} of {party} both decide {kind.stored_name}",
                    f"{other.zh} 的 {held.name} 与 {party.zh} 的 {facet.name} 都裁决 {kind.stored_name}",
                    "one facet that decides a command",
                )


def undecided(parties: Sequence[Party]) -> Iterator[Trouble]:
    """Yield the commands that nobody decides, so that everybody who gives one would be refused.

    Asked for after all else: where a command or a facet is itself wrong, that is what has to be said.

    Args:
        parties: all of them, right by themselves.
    """
    decided = {kind for p in parties for facet in p.parts.facets for kind in facet.deciders}
    for party in parties:
        for kind in party.parts.commands:
            if kind not in decided:
                yield Trouble(
                    refusal(
                        "command_undecided",
                        party,
                        f"it hands over the command {kind.stored_name}, which no facet decides",
                        f"交出了命令 {kind.stored_name}，但没有主题裁决它",
                        "a handler registered with @facet.decide, in a facet that is handed over too",
                    ),
                    (party,),
                )


def _reads(parties: Sequence[Party], owners: Mapping[str, str]) -> Iterator[Trouble]:
    home = {facet: party for party in parties for facet in party.parts.facets}
    for party in parties:
        for facet in party.parts.facets:
            for read in facet.reads:
                error = _unreadable(party, facet, read, home.get(read), owners, parties)
                if error is not None:
                    yield Trouble(error, (party,))
    yield from _cycles(home)


def _unreadable(
    party: Party,
    facet: Facet[Any],
    read: Facet[Any],
    owner: Party | None,
    owners: Mapping[str, str],
    parties: Sequence[Party],
) -> PluginError | None:
    accepts = "facets of its own distribution or of the core"
    prefix = read.name.partition(".")[0]
    if owner is None:
        if prefix == CORE and not any(map(_is_core, parties)):
            return None
        known = (
            f", of {whose(prefix, owners[prefix])}" if prefix in owners and prefix != party.parts.name else ""
        )
        known_zh = (
            f"（属于 {whose(prefix, owners[prefix], 'zh')}）"
            if prefix in owners and prefix != party.parts.name
            else ""
        )
        return refusal(
            "reads_unknown",
            party,
            f"{facet.name} reads {read.name}{known}, which is not handed over",
            f"{facet.name} 读取未交出的 {read.name}{known_zh}",
            accepts,
        )
    if owner is party or _is_core(owner) or owner.distribution == party.distribution:
        return None
    return refusal(
        "reads_foreign",
        party,
        f"{facet.name} reads {read.name} of {owner}",
        f"{facet.name} 读取 {owner.zh} 的 {read.name}",
        accepts,
    )


def _cycles(home: Mapping[Facet[Any], Party]) -> Iterator[Trouble]:
    done: set[Facet[Any]] = set()
    for start in home:
        path: list[Facet[Any]] = []
        cycle = _cycle_from(start, path, done)
        if cycle is None:
            continue
        parties = tuple(dict.fromkeys(home[f] for f in cycle if f in home))
        chain = " → ".join(f.name for f in cycle)
        names = " and ".join(map(str, parties))
        error = PluginError(
            "reads_cycle",
            f"these facets read each other: {chain}; they are of {names}",
            zh=f"以下主题互相读取：{chain}；属于 {'、'.join(p.zh for p in parties)}",
            accepts="reads without a cycle",
        )
        yield Trouble(error, tuple(p for p in parties if not _is_core(p)) or parties)


def _cycle_from(facet: Facet[Any], path: list[Facet[Any]], done: set[Facet[Any]]) -> list[Facet[Any]] | None:
    if facet in done:
        return None
    if facet in path:
        return [*path[path.index(facet) :], facet]
    path.append(facet)
    for other in facet.reads:
        found = _cycle_from(other, path, done)
        if found is not None:
            done.update(path)
            return found
    path.pop()
    done.add(facet)
    return None


def _reports(parties: Sequence[Party], owners: Mapping[str, str]) -> Iterator[Trouble]:
    home = {model: party for party in parties for model in party.parts.models}
    with_core = any(map(_is_core, parties))
    for party in parties:
        askers: Sequence[Report | Run[Any] | Cadence] = (
            *party.parts.reports,
            *party.parts.runs,
            *party.parts.cadences,
        )
        for report in askers:
            for model in report.reads:
                owner = home.get(model)
                core_apart = model.name.startswith(CORE + ".") and not with_core
                if (owner is not None and (owner is party or _is_core(owner))) or (
                    owner is None and core_apart
                ):
                    continue
                prefix = model.name.partition(".")[0]
                origin = owner.distribution if owner is not None else owners.get(prefix, "")
                known = f" of {whose(prefix, origin)}" if origin and prefix != party.parts.name else ""
                known_zh = f"（{whose(prefix, origin, 'zh')}）" if known else ""
                yield Trouble(
                    refusal(
                        "report_reads_foreign",
                        party,
                        f"{report.name} reads {model.name}{known}, which is neither among its parts nor the core's",
                        f"{report.name} 读取 {model.name}{known_zh}，它既不在其插件内也不属于核心",
                        "read models of its own plugin or of the core",
                    ),
                    (party,),
                )


def _endings(parties: Sequence[Party]) -> Iterator[Trouble]:
    ended = {kind for p in parties for facet in p.parts.facets for kind in facet.endings}
    for party in parties:
        for cls in party.parts.events:
            if not issubclass(cls, Decision) or cls in ended:
                continue
            effects = {cls.late_effect, cls.retroactive_effect} - {REVISE, None}
            if any(isinstance(e, LateEffect) and e.name in ("from_now", "dated") for e in effects):
                yield Trouble(
                    refusal(
                        "ending_missing",
                        party,
                        f"{cls.__qualname__} may end from a later day on, but no facet says what that does to its state",
                        f"{cls.__qualname__} 可能自某日起终止，但没有主题说明其状态如何变化",
                        "a handler registered with @facet.ended",
                        rule="CORE-93",
                    ),
                    (party,),
                )
