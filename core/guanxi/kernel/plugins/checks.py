"""What is refused in the parts of one plugin, by themselves. Every refusal names whose parts they are."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from guanxi.kernel.cadences import Cadence
from guanxi.kernel.errors import PluginError
from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import (
    Command,
    Due,
    Event,
    fields_of,
    require_arity,
)
from guanxi.kernel.overview import Overview
from guanxi.kernel.plugins.faults import bad_types, faults_of
from guanxi.kernel.plugins.parts import API, CORE, Parts, name_of
from guanxi.kernel.read_models import ReadModel
from guanxi.kernel.registry import Upcaster
from guanxi.kernel.reports import CellType, Column, Report
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.runs.definition import Run

HOST, HOST_ZH = "handed over by the host", "由宿主程序交入"
LONGEST_TABLE = 40
"""What a read model's table may be called at most, so that the name with its suffixes fits every database."""

_PREFIX = re.compile(r"[a-z][a-z0-9_]*\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_CELL_TYPES: tuple[str, ...] = typing.get_args(CellType)


@attrs.frozen(eq=False)
class Party:
    """A plugin's parts, and where they come from.

    Args:
        parts: what it hands over.
        distribution: the distribution that ships it, and its version.
    """

    parts: Parts
    distribution: str = HOST

    def __str__(self) -> str:
        return whose(self.parts.name, self.distribution)

    @property
    def zh(self) -> str:
        """Its name and origin in Chinese."""
        return whose(self.parts.name, self.distribution, "zh")

    @property
    def given(self) -> bool:
        """Whether the host handed it over itself."""
        return self.distribution == HOST


def whose(name: str, distribution: str, lang: str = "en") -> str:
    """Return a plugin's name with the distribution it comes from, as messages say it."""
    if lang == "zh":
        return f"{name}（{HOST_ZH if distribution == HOST else distribution}）"
    return f"{name} ({distribution})"


def check(parts: Parts, distribution: str = HOST) -> None:
    """Refuse parts for what can be known of them alone.

    Args:
        parts: what a plugin hands over.
        distribution: where it comes from, for the message.

    Raises:
        PluginError: the first thing that is wrong; ``docs/plugin-authors/manifest.md`` lists the codes.
    """
    party = Party(parts, distribution)
    for errors in (shape, prefixes, alone):
        for error in errors(party):
            raise error


def refusal(code: str, party: Party, en: str, zh: str, accepts: str = "", *, rule: str = "") -> PluginError:
    """Return the refusal of something of a plugin's, in both languages, beginning with whose it is."""
    return PluginError(code, f"{party}: {en}", zh=f"{party.zh}：{zh}", accepts=accepts, rule=rule)


def isolated(look: Callable[..., Iterator[PluginError]]) -> Callable[..., Iterator[PluginError]]:
    """Return a check of one party that, where it fails itself, refuses that party alone: its parts are a stranger's."""

    @wraps(look)
    def looking(party: Party, *more: Any) -> Iterator[PluginError]:
        try:
            yield from look(party, *more)
        except Exception as error:  # noqa: BLE001 - whatever the parts hold, the other plugins go on
            what = f"{type(error).__name__}: {error}"
            yield refusal(
                "check_failed",
                party,
                f"its parts cannot be looked at: {what}",
                f"无法检查其部件：{what}",
                "parts of the documented types",
            )

    return looking


# ---------------------------------------------------------------- form


_KINDS: dict[str, Callable[[Any], bool]] = {
    "events": lambda x: isinstance(x, type) and issubclass(x, Event),
    "upcasters": lambda x: isinstance(x, Upcaster),
    "commands": lambda x: isinstance(x, type) and issubclass(x, Command),
    "facets": lambda x: isinstance(x, Facet),
    "rule_sets": lambda x: isinstance(x, type) and issubclass(x, RuleSet),
    "read_models": lambda x: isinstance(x, ReadModel),
    "reports": lambda x: isinstance(x, Report),
    "runs": lambda x: isinstance(x, Run),
    "cadences": lambda x: isinstance(x, Cadence),
    "overviews": lambda x: isinstance(x, Overview),
}
NAMED = ("events", "commands", "facets", "rule_sets", "read_models", "reports", "runs", "cadences")


def named_kinds(parts: Parts) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the kinds of parts that have stored names, with the parts."""
    for kind in NAMED:
        yield kind, getattr(parts, kind)


@isolated
def shape(party: Party) -> Iterator[PluginError]:
    """Yield what is wrong with the form of parts, before anything in them is looked at."""
    parts: Any = party.parts  # a stranger's: nothing says that its types hold
    if not (isinstance(parts.name, str) and _PREFIX.match(parts.name)):
        yield refusal(
            "bad_name",
            party,
            f"{parts.name!r} cannot be a prefix",
            f"{parts.name!r} 不能作前缀",
            "lower-case letters, digits and underscores, beginning with a letter",
        )
    if not (isinstance(parts.version, str) and parts.version):
        yield refusal(
            "bad_version",
            party,
            f"its version is {parts.version!r}",
            f"版本为 {parts.version!r}",
            'a text such as "1.2.0"',
        )
    if not isinstance(parts.title, Label):
        yield _wrong(party, "title", parts.title, "a Label")
    yield from api_refusals(str(party), party.zh, parts.api)
    for kind, fits in _KINDS.items():
        things = getattr(parts, kind)
        if not isinstance(things, tuple | list):
            yield _wrong(party, kind, things, "a tuple")
            continue
        for thing in things:
            if not fits(thing):
                yield _wrong(party, kind, thing, f"what belongs in Parts.{kind}")
            elif kind in NAMED:
                name_of(thing)  # what cannot even say its name is refused here, before plugins are compared
    labels = parts.labels.values() if isinstance(parts.labels, dict) else [parts.labels]
    for label in labels:
        if not isinstance(label, Label):
            yield _wrong(party, "labels", label, "Labels by dotted name")
    if parts.after_opening is not None and not callable(parts.after_opening):
        yield _wrong(party, "after_opening", parts.after_opening, "a function of ledger and account numbers")
    if parts.access is not None:
        yield from _access(party, parts.access)


_SAYS = {"in_force": "book, at", "admit": "ledger, attempt"}


def _access(party: Party, access: Any) -> Iterator[PluginError]:
    """Yield why something cannot be asked who may do what, before the first call would have to be refused for it."""
    accepts = "an object with the methods " + " and ".join(
        f"{name}({given})" for name, given in _SAYS.items()
    )
    for name, given in _SAYS.items():
        method = getattr(access, name, None)
        if not callable(method):
            yield refusal(
                "wrong_part",
                party,
                f"Parts.access holds {access!r}, which has no method {name}",
                f"Parts.access 中的 {access!r} 没有方法 {name}",
                accepts,
            )
            continue
        try:
            require_arity(method, f"Parts.access.{name}", given)
        except PluginError as error:
            yield refusal(error.code, party, error.message, error.zh, f"{name}({given}) of an object")
            continue
        if (
            inspect.iscoroutinefunction(method)
            or inspect.isgeneratorfunction(method)
            or inspect.isasyncgenfunction(method)
        ):
            yield refusal(
                "bad_signature",
                party,
                f"the method {name} of Parts.access is asynchronous or yields, so that nothing of it would run",
                f"Parts.access 的方法 {name} 是异步函数或生成器，不会被执行",
                f"a plain {name}({given})",
            )


def _wrong(party: Party, place: str, thing: object, accepts: str) -> PluginError:
    return refusal(
        "wrong_part", party, f"Parts.{place} holds {thing!r}", f"Parts.{place} 中有 {thing!r}", accepts
    )


def api_refusals(who: str, who_zh: str, wanted: object) -> Iterator[PluginError]:
    """Yield why a range of surface versions cannot be served.

    Args:
        who: whose range it is.
        who_zh: the same in Chinese.
        wanted: a PEP 440 range.
    """
    accepts = f"a range of versions that includes {API}, such as >=1,<2"
    try:
        met = SpecifierSet(wanted if isinstance(wanted, str) else "").contains(API, prereleases=True)
    except InvalidSpecifier:
        met = False
    if not (met and wanted):
        yield PluginError(
            "api_mismatch",
            f"{who}: it was written for surface {wanted}, and this is surface {API}",
            zh=f"{who_zh}：为接口版本 {wanted} 编写，而此处为 {API}",
            accepts=accepts,
        )


# ---------------------------------------------------------------- names


@isolated
def prefixes(party: Party, owners: Mapping[str, str] | None = None) -> Iterator[PluginError]:
    """Yield names that lie outside the plugin's own prefix, or have no form that a name may have.

    Args:
        party: whose.
        owners: distributions of the other prefixes known here.
    """
    own = party.parts.name
    for kind, things in (*named_kinds(party.parts), ("due moments", due_classes(party.parts))):
        for thing in things:
            name = name_of(thing)
            if isinstance(thing, type) and not thing.__dict__.get("stored_name"):
                what = f"{thing.__module__}.{thing.__qualname__}"
                yield refusal(
                    "event_unnamed" if kind == "events" else "part_unnamed",
                    party,
                    f"{what} has no stored name",
                    f"{what} 没有存储名称",
                    f'a class decorated with a name, such as "{own}.name"',
                )
            elif not name.startswith(own + "."):
                prefix = name.partition(".")[0]
                holder = (owners or {}).get(prefix, "guanxi" if prefix == CORE else "")
                is_of = f", whose prefix belongs to {whose(prefix, holder)}" if holder else ""
                is_of_zh = f"，其前缀属于 {whose(prefix, holder, 'zh')}" if holder else ""
                yield refusal(
                    "foreign_prefix",
                    party,
                    f"it hands over {name!r}{is_of}",
                    f"交出了 {name!r}{is_of_zh}",
                    f"names that begin with {own}.",
                )
            elif not _NAME.match(name):
                yield refusal(
                    "bad_name",
                    party,
                    f"{name!r} is no name",
                    f"{name!r} 不是合格的名称",
                    f"snake_case words with dots between them, such as {own}.thing_done",
                )


def _twice(party: Party) -> Iterator[PluginError]:
    codes = {"events": "event_name_taken", "facets": "facet_name_taken"}
    for kind, things in named_kinds(party.parts):
        seen: dict[str, Any] = {}
        # A run's lines are kept as a read model of the run's name.
        for thing in party.parts.models if kind == "read_models" else things:
            other = seen.setdefault(name_of(thing), thing)
            if other is not thing:
                both = f"{place_of(other)} and {place_of(thing)}"
                yield refusal(
                    codes.get(kind, "name_twice"),
                    party,
                    f"{name_of(thing)} names two {kind.replace('_', ' ')}: {both}",
                    f"{name_of(thing)} 重名：{both}",
                    "one name for one thing",
                )


def place_of(thing: Any) -> str:
    """Return where a part is defined, or what it is called."""
    if isinstance(thing, type):
        return f"{thing.__module__}.{thing.__qualname__}"
    return repr(thing) if isinstance(thing, Facet | ReadModel) else name_of(thing)


# ---------------------------------------------------------------- one plugin


@isolated
def alone(party: Party) -> Iterator[PluginError]:
    """Yield what is wrong within one plugin's parts, whose form and names are right."""
    yield from _twice(party)
    for kind in ("events", "commands", "rule_sets"):
        for cls in getattr(party.parts, kind):
            for fault in faults_of(cls):
                yield refusal(fault.code, party, fault.en, fault.zh, fault.accepts, rule=fault.rule)
    yield from _upcasters(party)
    yield from _missing_messages(party)
    for model in party.parts.read_models:
        yield from _row(party, model)
    for report in party.parts.reports:
        yield from _report(party, report)
    for cadence in party.parts.cadences:
        yield from _cadence(party, cadence)
    for overview in party.parts.overviews:
        yield from _overview(party, overview)
    yield from _numbered(party)


def _upcasters(party: Party) -> Iterator[PluginError]:
    classes = {e.stored_name: e for e in party.parts.events}
    seen: set[tuple[str, int]] = set()
    for u in party.parts.upcasters:
        cls = classes.get(u.name)
        if cls is None:
            yield refusal(
                "upcaster_unknown",
                party,
                f"it hands over an upcaster for {u.name} v{u.version}, but no event of that name",
                f"交出了 {u.name} v{u.version} 的升级函数，却没有这个事件",
                "upcasters for the plugin's own events",
            )
        elif not 1 <= u.version < cls.schema_version:
            yield refusal(
                "upcaster_beyond",
                party,
                f"an upcaster reads {u.name} v{u.version}, and the event is at v{cls.schema_version}",
                f"升级函数读取 {u.name} v{u.version}，而事件为 v{cls.schema_version}",
                f"versions from 1 to {cls.schema_version - 1}",
            )
        if (u.name, u.version) in seen:
            yield refusal(
                "upcaster_twice",
                party,
                f"two upcasters read {u.name} v{u.version}",
                f"有两个升级函数读取 {u.name} v{u.version}",
                "one upcaster for every earlier version",
            )
        seen.add((u.name, u.version))
    for name, cls in classes.items():
        gaps = [str(v) for v in range(1, cls.schema_version) if (name, v) not in seen]
        if gaps:
            yield refusal(
                "upcaster_missing",
                party,
                f"{name} is at v{cls.schema_version} but nothing reads v{', v'.join(gaps)}",
                f"{name} 为 v{cls.schema_version}，但没有函数读取 v{'、v'.join(gaps)}",
                "one upcaster for every earlier version",
            )


def _missing_messages(party: Party) -> Iterator[PluginError]:
    """Yield the plugin's own events and commands that its handlers name and its parts do not hold."""
    own = party.parts.name + "."
    there = {*party.parts.events, *party.parts.commands}
    told: set[type[Any]] = set()
    for owner, kind in _handled(party.parts):
        if kind in there or kind in told or not kind.stored_name.startswith(own):
            continue
        if issubclass(kind, Due):
            continue
        told.add(kind)
        place = "commands" if issubclass(kind, Command) else "events"
        yield refusal(
            "command_not_handed_over" if place == "commands" else "event_not_handed_over",
            party,
            f"{owner} handles {kind.stored_name} ({place_of(kind)}), which is not among Parts.{place}",
            f"{owner} 处理 {kind.stored_name}（{place_of(kind)}），但它不在 Parts.{place} 中",
            f"the class in Parts.{place}",
        )


def _handled(parts: Parts) -> Iterator[tuple[str, type[Any]]]:
    """Yield the message classes that handlers take, and those they say they yield, with the name of whose handler it is."""
    for facet in parts.facets:
        for table in (
            facet.evolvers,
            facet.deciders,
            facet.reactions,
            facet.effects,
            facet.dues,
            facet.guards,
            facet.claimers,
            facet.endings,
        ):
            yield from ((facet.name, kind) for kind in table)
        for handler in _yielding(facet):
            yield from ((facet.name, kind) for kind in _yielded(handler))
    for model in parts.read_models:
        yield from ((model.name, kind) for kind in model.handlers)


def due_classes(parts: Parts) -> tuple[type[Due], ...]:
    """Return the due moments that a plugin's handlers take, or say they set running."""
    found: dict[type[Due], None] = {}
    for facet in parts.facets:
        for kind in (*facet.reactions, *facet.effects):
            if issubclass(kind, Due):
                found[kind] = None
        for handler in (h for hs in facet.dues.values() for h in hs):
            found.update((kind, None) for kind in _yielded(handler) if issubclass(kind, Due))
    return tuple(found)


def _yielding(facet: Facet[Any]) -> Iterator[Callable[..., Any]]:
    yield from facet.deciders.values()
    for judges in (facet.reactions, facet.effects):
        for pairs in judges.values():
            yield from (handler for _, handler in pairs)


_known_yields: WeakKeyDictionary[Callable[..., Any], tuple[type[Any], ...]] = WeakKeyDictionary()


def _yielded(handler: Callable[..., Any]) -> tuple[type[Any], ...]:
    """Return the stored message classes that a handler's return annotation names."""
    try:
        found = _known_yields.get(handler)
    except TypeError:  # a callable that no weak reference takes
        return ()
    if found is None:
        try:
            hint = typing.get_type_hints(handler).get("return")
        except (NameError, TypeError):
            hint = None
        found = _known_yields[handler] = tuple(_messages_in(hint))
    return found


def _messages_in(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and issubclass(hint, Event | Command | Due) and hint.stored_name:
        yield hint
    for inner in typing.get_args(hint):
        yield from _messages_in(inner)


def _row(party: Party, model: ReadModel[Any]) -> Iterator[PluginError]:
    if len(model.table_name) > LONGEST_TABLE:
        yield refusal(
            "name_too_long",
            party,
            f"the read model {model.name} has a name of {len(model.table_name)} characters",
            f"读模型 {model.name} 的名称有 {len(model.table_name)} 个字符",
            f"at most {LONGEST_TABLE}, so that every database can call a table so",
        )
    for cell in model.cells:
        for bad in bad_types(cell.type):
            exact = bad in ("float", "complex")
            yield refusal(
                "inexact_field" if exact else "unreadable_field",
                party,
                f"the field {cell.name!r} of the rows of {model.name} has the type {bad}",
                f"读模型 {model.name} 的字段 {cell.name!r} 类型为 {bad}",
                "Decimal or int: sums have to be exact" if exact else "a type that a column can keep",
            )
        if cell.family is not None and not cell.family.strip():
            yield refusal(
                "family_missing",
                party,
                f"the personal field {cell.name!r} of the rows of {model.name} names no retention family",
                f"读模型 {model.name} 的个人信息字段 {cell.name!r} 没有保留类别",
                'personal("identity") or another family',
            )


def _columns(party: Party, columns: Sequence[Column], what: str, what_zh: str) -> Iterator[PluginError]:
    seen: set[str] = set()
    for column in columns:
        if column.type not in _CELL_TYPES:
            yield refusal(
                "column_type_unknown",
                party,
                f"the column {column.name!r} of {what} has the type {column.type!r}",
                f"{what_zh} 的列 {column.name!r} 类型为 {column.type!r}",
                ", ".join(_CELL_TYPES),
            )
        if column.name in seen:
            yield refusal(
                "column_twice",
                party,
                f"{what} has two columns {column.name!r}",
                f"{what_zh} 有两列 {column.name!r}",
                "one name for one column",
            )
        seen.add(column.name)


def _report(party: Party, report: Report) -> Iterator[PluginError]:
    yield from _columns(party, report.columns, f"the report {report.name}", f"报表 {report.name}")
    if report.parameters is not None and not attrs.has(report.parameters):
        yield _wrong(
            party, "reports", report.parameters, f"an attrs class as the parameters of {report.name}"
        )
    elif report.parameters is not None:
        for a in fields_of(report.parameters):
            if a.default is attrs.NOTHING:
                yield refusal(
                    "default_missing",
                    party,
                    f"the parameter {a.name!r} of the report {report.name} has no default",
                    f"报表 {report.name} 的参数 {a.name!r} 没有默认值",
                    "a default for every parameter",
                )


def _cadence(party: Party, cadence: Any) -> Iterator[PluginError]:
    if not isinstance(cadence.title, Label):
        yield _wrong(party, "cadences", cadence.title, f"a Label as the title of {cadence.name}")
    if not isinstance(cadence.rule, str) or not cadence.rule.strip():
        yield refusal(
            "rule_missing",
            party,
            f"the cadence {cadence.name} names no rule",
            f"待办类别 {cadence.name} 没有规则编号",
            "the id of the rule by which things fall due",
        )
    if not all(isinstance(m, ReadModel) for m in cadence.reads):
        yield _wrong(party, "cadences", cadence.reads, f"read models that {cadence.name} reads")
    try:
        require_arity(cadence.items, f"cadence {cadence.name}", "reader, asked")
    except PluginError as error:
        yield refusal(error.code, party, error.message, error.zh, error.accepts)


def _overview(party: Party, overview: Any) -> Iterator[PluginError]:
    name, facets = overview.name, overview.facets
    if not isinstance(overview.title, Label):
        yield _wrong(party, "overviews", overview.title, f"a Label as the title of {name}")
    if not isinstance(facets, tuple | list) or not all(isinstance(f, Facet) for f in facets):
        yield _wrong(party, "overviews", facets, f"a tuple of the facets whose states {name} reads")
        return
    if not all(isinstance(c, Column) for c in overview.columns):
        yield _wrong(party, "overviews", overview.columns, f"the columns of {name}")
        return
    if len({f.subject for f in facets}) > 1:
        told = ", ".join(f"{f.name} ({f.subject})" for f in facets)
        yield refusal(
            "overview_subjects",
            party,
            f"the overview {name} reads facets of different subjects: {told}; no stream has the states of all of them",
            f"客户全貌栏目 {name} 读取不同主体的主题：{told}；没有任何流同时具有这些状态",
            "facets of one subject, and an overview for each",
        )
    yield from _columns(party, overview.columns, f"the overview {name}", f"客户全貌栏目 {name}")
    try:
        require_arity(overview.rows, f"overview {name}", "look")
    except PluginError as error:
        yield refusal(error.code, party, error.message, error.zh, error.accepts)


def _numbered(party: Party) -> Iterator[PluginError]:
    counted: list[tuple[str, object]] = [
        *((f"the event {e.stored_name}", e.schema_version) for e in party.parts.events),
        *((f"the facet {f.name}", f.version) for f in party.parts.facets),
        *((f"the read model {m.name}", m.version) for m in party.parts.read_models),
    ]
    for what, version in counted:
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            yield refusal(
                "bad_version",
                party,
                f"{what} has version {version!r}",
                f"{what} 的版本为 {version!r}",
                "1, 2, 3 …",
            )
