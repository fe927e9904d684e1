"""Rule sets: dated, versioned parameter values, and the book that answers which version was in force, as known when."""

from __future__ import annotations

import typing
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, wraps
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, dataclass_transform

import attrs
import msgspec

from guanxi.kernel.errors import GuanxiError, Invalid, PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import fields_of, named, refusing
from guanxi.kernel.times import LATEST

R = TypeVar("R", bound="RuleSet")

_reading: ContextVar[bool] = ContextVar("guanxi_reading_rules", default=False)
"""Whether stored values are being read: bounds speak when something is published, never against what was."""


class RuleSet:
    """Base of rule-set classes: parameters with defaults, units, bounds and labels."""

    __slots__ = ()
    stored_name: ClassVar[str] = ""
    title: ClassVar[Label] = Label("", "")

    @classmethod
    def upcast(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return parameters as they were published in the form this class has now.

        A plugin overrides it when it renames or retires a parameter; published versions keep the names they had.

        Args:
            parameters: JSON-able values by name, a copy to be changed at will.
        """
        return parameters


# ---------------------------------------------------------------- declaring


@attrs.frozen
class Bounds:
    """What a parameter's value, or each value of a collection, may be. None bounds nothing.

    Args:
        minimum: the least value.
        maximum: the greatest value.
        above: it has to be greater than this.
        below: it has to be less than this.
        choices: the only values, where there are but a few.
    """

    minimum: Any = None
    maximum: Any = None
    above: Any = None
    below: Any = None
    choices: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return self != _NONE

    def admit(self, value: Any) -> bool:
        """Return whether a single value lies within; one that cannot be compared does not."""
        if self.choices:
            return value in self.choices
        try:
            return (
                (self.minimum is None or value >= self.minimum)
                and (self.maximum is None or value <= self.maximum)
                and (self.above is None or value > self.above)
                and (self.below is None or value < self.below)
            )
        except (TypeError, ArithmeticError):
            return False

    def say(self, lang: str = "en") -> str:
        """Return them in words, empty where there are none.

        Args:
            lang: ``"en"`` or ``"zh"``.
        """
        zh = lang == "zh"
        if self.choices:
            return (
                "、".join(map(str, self.choices)) + " 之一"
                if zh
                else "one of " + ", ".join(map(str, self.choices))
            )
        words = (
            (self.minimum, "at least", "不小于"),
            (self.above, "above", "大于"),
            (self.maximum, "at most", "不大于"),
            (self.below, "below", "小于"),
        )
        said = [
            f"{chinese if zh else english} {_plain(bound)}"
            for bound, english, chinese in words
            if bound is not None
        ]
        return ("，" if zh else ", ").join(said)


_NONE = Bounds()


@attrs.frozen
class Parameter:
    """One parameter of a rule set, as it was declared.

    Args:
        name: its name.
        label: what people call it.
        unit: what it is counted in; empty for a bare number or a code.
        default: its default value.
        ours: whether the default is this product's own rather than a source's.
        bounds: what it may be.
        optional: whether it may be none.
    """

    name: str
    label: Label
    unit: Label
    default: Any
    ours: bool
    bounds: Bounds
    optional: bool


def parameter(
    default: Any = attrs.NOTHING,
    *,
    label: Label | None = None,
    unit: str | Label = "",
    minimum: Any = None,
    maximum: Any = None,
    above: Any = None,
    below: Any = None,
    choices: Iterable[Any] = (),
    validator: Any = None,
    factory: Any = None,
    ours: bool = False,
) -> Any:
    """Declare one parameter of a rule set.

    Bounds hold for the value, or for each value of a tuple or mapping; none, where the type allows it, lies outside them.
    Those of a ``Literal`` need not be listed as choices.

    Args:
        default: its default value.
        label: what people call it.
        unit: what it is counted in.
        minimum: the least value.
        maximum: the greatest value.
        above: it has to be greater than this.
        below: it has to be less than this.
        choices: the only values.
        validator: what bounds cannot say, as an attrs validator.
        factory: makes the default instead.
        ours: whether the default is this product's own rather than a source's.
    """
    bounds = Bounds(minimum, maximum, above, below, tuple(choices))
    metadata = {"label": label, "unit": unit, "ours": ours, "bounds": bounds}
    further = validator if isinstance(validator, list | tuple) else () if validator is None else (validator,)
    checks = [_check_bounds, *further]
    if factory is not None:
        return attrs.field(factory=factory, validator=checks, metadata=metadata)
    return attrs.field(default=default, validator=checks, metadata=metadata)


def _check_bounds(instance: RuleSet, attribute: attrs.Attribute[Any], value: Any) -> None:
    if _reading.get():
        return
    cls = type(instance)
    bounds = _bounds_of(cls, attribute)
    for single in _singles(value):
        if single is not None and (not bounds.admit(single) or _endless(single)):
            raise _out_of_bounds(cls, attribute, single, bounds)


def _out_of_bounds(
    cls: type[RuleSet], attribute: attrs.Attribute[Any], value: Any, bounds: Bounds
) -> Invalid:
    label = attribute.metadata.get("label") or Label(attribute.name, attribute.name)
    en, zh = (bounds.say(lang) or _FINITE(lang) for lang in ("en", "zh"))
    return Invalid(
        "out_of_scale",
        f"{cls.stored_name}.{attribute.name} ({label.en}) is {_plain(value)}, and it is to be {en}",
        zh=f"{cls.stored_name}.{attribute.name}（{label.zh}）为 {_plain(value)}，应为：{zh}",
        accepts=en,
    )


_FINITE = Label("a finite number", "有限数")


def _singles(value: Any) -> Iterator[Any]:
    """Yield the values of a collection, or the one value."""
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, tuple | list | frozenset | set):
        yield from value
    else:
        yield value


def _endless(value: Any) -> bool:
    return isinstance(value, Decimal) and not value.is_finite()


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)


def _bounds_of(cls: type[RuleSet], attribute: attrs.Attribute[Any]) -> Bounds:
    bounds: Bounds = attribute.metadata.get("bounds", _NONE)
    return bounds if bounds else Bounds(choices=_literals(cast(Any, cls)).get(attribute.name, ()))


# ---------------------------------------------------------------- types


_WORDS: dict[Any, Label] = {
    int: Label("a whole number", "整数"),
    Decimal: Label('an exact number such as Decimal("1.5")', '精确数，如 Decimal("1.5")'),
    float: Label("a number", "数"),
    str: Label("text", "文本"),
    bool: Label("true or false", "真或假"),
    date: Label("a date", "日期"),
    datetime: Label("a moment", "时刻"),
    type(None): Label("none", "无"),
}


def _said(hint: Any) -> Label:
    """Return what a declared type takes, in words."""
    if hint in _WORDS:
        return _WORDS[hint]
    origin, inner = typing.get_origin(hint), [a for a in typing.get_args(hint) if a is not Ellipsis]
    if origin is typing.Literal:
        listed = [repr(a) for a in inner]
        return Label("one of " + ", ".join(listed), "、".join(listed) + " 之一")
    words = [_said(a) for a in inner]
    if origin in (UnionType, typing.Union):
        return Label(" or ".join(w.en for w in words), "或".join(w.zh for w in words))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Label(f"a mapping to {words[-1].en}", f"映射，值为{words[-1].zh}")
    if isinstance(origin, type) and issubclass(origin, tuple | list | Set):
        of_en, of_zh = ", ".join(w.en for w in words), "、".join(w.zh for w in words)
        return Label(f"a {origin.__name__} of {of_en}", f"{origin.__name__}，每项为{of_zh}")
    name = getattr(hint, "__name__", str(hint))
    return Label(name, name)


def _fits(value: Any, hint: Any) -> bool:
    """Return whether a value is of a declared type; a type that cannot be looked up takes any."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return any(value == a and type(value) is type(a) for a in inner)
    if origin in (UnionType, typing.Union):
        return any(_fits(value, a) for a in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        each = (inner[0],) * len(value) if inner[-1:] == (Ellipsis,) else inner
        return len(each) == len(value) and all(map(_fits, value, each))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items()
        )
    if isinstance(origin, type) and issubclass(origin, list | Set):
        return isinstance(value, origin) and all(_fits(v, inner[0]) for v in value)
    if hint is None:
        return value is None
    if not isinstance(hint, type):
        return True
    if isinstance(value, bool):
        return hint in (bool, object)
    wider = {Decimal: (Decimal, int), float: (float, int)}.get(hint, hint)
    return isinstance(value, wider)


def _inexact(value: Any) -> bool:
    """Return whether there is a float in a value."""
    if isinstance(value, Mapping | tuple | list | frozenset | set):
        return any(map(_inexact, _singles(value)))
    return isinstance(value, float)


def _takes_float(hint: Any) -> bool:
    return hint in (float, Any) or any(map(_takes_float, typing.get_args(hint)))


def _wrong_type(cls: type[RuleSet], attribute: attrs.Attribute[Any], value: Any, hint: Any) -> Invalid:
    label = attribute.metadata.get("label") or Label(attribute.name, attribute.name)
    words = _said(hint)
    shown = "None" if value is None else f"{_shown(value)} ({type(value).__name__})"
    return Invalid(
        "out_of_scale",
        f"{cls.stored_name}.{attribute.name} ({label.en}) is {shown}, and it is to be {words.en}",
        zh=f"{cls.stored_name}.{attribute.name}（{label.zh}）为 {shown}，应为：{words.zh}",
        accepts=words.en,
    )


def _shown(value: Any) -> str:
    return _plain(value) if isinstance(value, Decimal) else repr(value)


def _no_parameter(cls: type[RuleSet], name: str, unknown: Iterable[str]) -> Invalid:
    """Return the refusal of names that no parameter of a rule set has, with the one that is nearly the same."""
    there, wrong = [a.name for a in fields_of(cls)], list(unknown)
    near, listed = get_close_matches(wrong[0], there, 1, 0.6), ", ".join(there)
    return Invalid(
        "unknown_field",
        f"{name} has no parameter {', '.join(wrong)}",
        zh=f"规则集 {name} 没有参数 {'、'.join(wrong)}",
        accepts=f"{near[0]}? There are: {listed}" if near else listed,
    )


def _checking(cls: type[R], name: str) -> type[R]:
    """Have a rule-set class refuse names it does not have and values of other types, before bounds are looked at."""
    build = cls.__init__

    @wraps(build)
    def build_checked(self: R, *values: Any, **named: Any) -> None:
        mine = type(self)
        known = {a.alias: a for a in fields_of(mine)}
        if unknown := [n for n in named if n not in known]:
            raise _no_parameter(mine, name, unknown)
        hints = _hints(cast(Any, mine))
        for given, value in named.items():
            attribute = known[given]
            hint = hints.get(attribute.name)
            # A converter makes of a value what it is to be, and a Literal's choices are bounds.
            checked = attribute.converter is None and typing.get_origin(hint) is not typing.Literal
            if checked and hint is not None and not _reading.get() and not _fits(value, hint):
                raise _wrong_type(mine, attribute, value, hint)
        build(self, *values, **named)

    setattr(cls, "__init__", build_checked)  # noqa: B010 - mypy takes no assignment to a method
    return cls


@cache
def _hints(cls: type[RuleSet]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls)
    except (
        NameError
    ):  # a class made within a function: its types cannot be looked up, and say no more than they do
        return {a.name: a.type for a in fields_of(cls)}


@cache
def _literals(cls: type[RuleSet]) -> dict[str, tuple[Any, ...]]:
    return {
        name: typing.get_args(hint)
        for name, hint in _hints(cast(Any, cls)).items()
        if typing.get_origin(hint) is typing.Literal
    }


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, parameter))
def rule_set(name: str, title: Label | None = None) -> Callable[[type[R]], type[R]]:
    """Make an attrs class a rule set with a stable name; every parameter needs a default within its bounds.

    Raises:
        PluginError: ``default_missing``, or ``default_out_of_bounds``.
    """

    def wrap(cls: type[R]) -> type[R]:
        made = _checking(refusing(attrs.frozen(kw_only=True)(cls), name), name)
        made.stored_name, made.title = name, title or Label(name, name)
        fields = fields_of(made)
        for a in fields:
            if a.default is attrs.NOTHING:
                raise PluginError(
                    "default_missing", f"{name}.{a.name} has no default", accepts="parameter(default, ...)"
                )
        try:
            made()
        except Invalid as refused:
            raise PluginError(
                "default_out_of_bounds",
                f"the defaults of {name} are refused: {refused.message}",
                zh=f"{name} 的默认值被拒绝：{refused.zh}",
                accepts=refused.accepts,
            ) from refused
        return made

    return wrap


if not TYPE_CHECKING:  # type checkers know what the decorator makes only from its own definition
    rule_set = named('@rule_set("prefix.name", Label("Name", "名称"))')(rule_set)


def declared(cls: type[RuleSet]) -> tuple[Parameter, ...]:
    """Return the parameters of a rule set as they were declared, in order."""
    defaults = cls()
    return tuple(
        Parameter(
            name=a.name,
            label=a.metadata.get("label") or Label(a.name.replace("_", " "), a.name.replace("_", " ")),
            unit=_as_label(a.metadata.get("unit", "")),
            default=getattr(defaults, a.name),
            ours=bool(a.metadata.get("ours")),
            bounds=_bounds_of(cls, a),
            optional=_optional(_hints(cast(Any, cls)).get(a.name)),
        )
        for a in fields_of(cls)
    )


def _as_label(text: str | Label) -> Label:
    return text if isinstance(text, Label) else Label(text, text)


def _optional(hint: Any) -> bool:
    union = isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union
    return union and type(None) in typing.get_args(hint)


# ---------------------------------------------------------------- versions


@attrs.frozen
class Published:
    """One published version, as the book keeps it. Times are stamps.

    Args:
        rule_set: its stored name.
        version: its number; numbers are never given twice.
        effective_from: from when it is in force.
        recorded_at: when it was published.
        value: the values.
        retroactive: why it takes effect in the past, where it does.
        entry: id of the entry that published it.
        position: place of that entry in the log.
        withdrawn_at: when it was withdrawn, before it came into force; None for most.
        withdrawal: id of the entry that withdrew it.
        withdrawn_position: place of that entry in the log.
    """

    rule_set: str
    version: int
    effective_from: str
    recorded_at: str
    value: RuleSet
    retroactive: str | None
    entry: str
    position: int = 0
    withdrawn_at: str | None = None
    withdrawal: str | None = None
    withdrawn_position: int | None = None

    def counts(self, known: str) -> bool:
        """Return whether it was published, and not withdrawn, as known at a moment."""
        return self.recorded_at <= known and not self.withdrawn_by(known)

    def withdrawn_by(self, known: str) -> bool:
        """Return whether it was withdrawn, as known at a moment."""
        return self.withdrawn_at is not None and self.withdrawn_at <= known

    def precedes(self, other: Published) -> bool:
        """Return whether it is the one of two that count which is in force."""
        return (self.effective_from, self.version) >= (other.effective_from, other.version)


@attrs.frozen
class Pin:
    """Under which rules a stored decision stays where rules published since do not reach it.

    Args:
        versions: the version numbers that it names, by rule set.
        first: when it was drawn first.
        last: when it was drawn last.
    """

    versions: Mapping[str, int]
    first: str
    last: str


@attrs.frozen
class Supposed:
    """Parameters supposed in every version of a rule set, which keeps its own values of the others.

    Args:
        rule_set: its class.
        parameters: JSON-able values by name.
    """

    rule_set: type[RuleSet]
    parameters: Mapping[str, Any]

    @property
    def stored_name(self) -> str:
        """The rule set's name."""
        return self.rule_set.stored_name

    def applied(self, value: RuleSet) -> RuleSet:
        """Return a version with these parameters; bounds speak for these alone, never against what was published.

        Raises:
            Invalid: ``unknown_field`` or ``out_of_scale`` when a name or value does not fit.
        """
        with _read():
            new = rule_set_from(self.rule_set, {**parameters_of(value), **self.parameters})
        for a in fields_of(self.rule_set):
            if a.name in self.parameters:
                _check_bounds(new, a, getattr(new, a.name))
        return new


_DEFAULTS: dict[type[RuleSet], RuleSet] = {}


def _default_of(cls: type[RuleSet]) -> RuleSet:
    """Return a rule set as it stands before anything is published; a rule set does not change, so that one serves all."""
    found = _DEFAULTS.get(cls)
    if found is None:
        found = _DEFAULTS[cls] = cls()
    return found


class RuleBook:
    """All versions published up to a place in the log."""

    def __init__(
        self,
        classes: Iterable[type[RuleSet]],
        published: Iterable[Published] = (),
        overrides: Iterable[RuleSet] = (),
    ) -> None:
        self.classes = {c.stored_name: c for c in classes}
        self._defaults: dict[str, RuleSet] = {name: _default_of(c) for name, c in self.classes.items()}
        self._versions: dict[str, list[Published]] = {}
        for p in published:
            self._versions.setdefault(p.rule_set, []).append(p)
        self._overrides = {o.stored_name: o for o in overrides}
        self.latest = max(
            (at for p in self._all() for at in (p.recorded_at, p.withdrawn_at) if at is not None), default=""
        )
        """When the last version was published or withdrawn; whatever is entered after that is recorded no earlier."""
        self.retroactive = sorted(
            (p for p in self._all() if p.retroactive), key=lambda p: (p.recorded_at, p.entry)
        )
        self.taken_back = sorted(
            (p.effective_from, p.withdrawn_at)
            for p in self._all()
            if p.withdrawn_at is not None and p.effective_from < p.withdrawn_at
        )
        """From when each version counted that was withdrawn when it had begun to, and the stamp at which it was."""

    def _all(self) -> Iterator[Published]:
        return (p for ps in self._versions.values() for p in ps)

    def reach(self, known: str) -> str | None:
        """Return the earliest moment to which anything reaches that was published or withdrawn later than a stamp; None for nothing."""
        reaches = [p.effective_from for p in self._all() if p.recorded_at > known]
        reaches += [since for since, at in self.taken_back if at > known]
        return min(reaches, default=None)

    def find(self, cls: type[R], at: str, known: str) -> tuple[R, int]:
        """Return the version in force at ``at`` as known at ``known``, and its number; 0 is the default, -1 an override.

        Raises:
            PluginError: ``rule_set_unknown`` for a class no plugin handed over.
        """
        name = cls.stored_name
        if name in self._overrides:
            return cast(R, self._overrides[name]), -1
        best: Published | None = None
        for p in self._versions.get(name, ()):
            if p.effective_from <= at and p.counts(known) and (best is None or p.precedes(best)):
                best = p
        if best is not None:
            return cast(R, best.value), best.version
        if name not in self._defaults:
            raise PluginError("rule_set_unknown", f"{name} was handed over by no plugin")
        return cast(R, self._defaults[name]), 0

    def pinned(self, cls: type[R], pin: Pin, at: str) -> tuple[R, int]:
        """Return what a pinned decision takes for a moment, and its number.

        That is the version it names, as long as that is the one for this moment; where the moment has been moved, another
        one that the decision could have been drawn under. Whatever was published later is not looked at.

        Args:
            cls: a rule set of which the pin names a version.
            pin: which versions, and as known when.
            at: the moment looked up.
        """
        number = pin.versions[cls.stored_name]
        if number < 0:
            return self.version(cls, number)
        best: Published | None = None
        for p in self._versions.get(cls.stored_name, ()):
            could = p.version == number or (
                (p.version < number or p.recorded_at <= pin.first) and not p.withdrawn_by(pin.last)
            )
            if could and p.effective_from <= at and (best is None or p.precedes(best)):
                best = p
        return self.version(cls, 0 if best is None else best.version)

    def version(self, cls: type[R], number: int) -> tuple[R, int]:
        """Return one version by its number, as a stored decision names it."""
        for p in self._versions.get(cls.stored_name, ()):
            if p.version == number:
                return cast(R, p.value), number
        return cast(R, self._overrides.get(cls.stored_name) or self._defaults[cls.stored_name]), number

    def versions(self, name: str) -> list[Published]:
        """Return the published versions of a rule set, in order of publication."""
        return list(self._versions.get(name, ()))

    def get(self, name: str, number: int) -> Published | None:
        """Return a published version by its number; None for the default, or one that was never published."""
        return next((p for p in self._versions.get(name, ()) if p.version == number), None)

    def overridden(self, *values: RuleSet) -> RuleBook:
        """Return a book in which these values are in force always: for what-if questions."""
        return RuleBook(self.classes.values(), self._all(), values)

    def supposing(self, given: Iterable[Supposed], since: str | None = None) -> RuleBook:
        """Return a book in which parameters have other values in every version, each keeping its own of the others.

        Args:
            given: which parameters.
            since: stamp from which; always, if None.
        """
        changes: dict[str, list[Supposed]] = {}
        for each in given:
            changes.setdefault(each.stored_name, []).append(each)

        def changed(name: str, value: RuleSet) -> RuleSet:
            for each in changes.get(name, ()):
                value = each.applied(value)
            return value

        versions = [
            attrs.evolve(p, value=changed(p.rule_set, p.value))
            if since is None or p.effective_from >= since
            else p
            for p in self._all()
        ]
        if since is not None:
            for name in changes:
                number = max((p.version for p in self._versions.get(name, ())), default=0) + 1
                value, _ = self.find(self.classes[name], since, LATEST)
                if not any(p.rule_set == name and p.effective_from == since for p in versions):
                    versions.append(Published(name, number, since, since, changed(name, value), None, ""))
        book = RuleBook(self.classes.values(), versions, self._overrides.values())
        if since is None:
            book._defaults = {name: changed(name, value) for name, value in self._defaults.items()}
        return book

    def up_to(self, position: int) -> RuleBook:
        """Return the book as it was at a position of the log."""
        return RuleBook(
            self.classes.values(),
            (
                p
                if p.withdrawn_position is None or p.withdrawn_position <= position
                else attrs.evolve(p, withdrawn_at=None, withdrawal=None, withdrawn_position=None)
                for p in self._all()
                if p.position <= position
            ),
            self._overrides.values(),
        )


def schedule(versions: Iterable[Published], known: str) -> list[tuple[Published, str | None]]:
    """Return the versions of one rule set that count as known at a moment, in order of effect, each with the version's end.

    A version ends where the next one begins; one that a later publication takes the place of from its first day is left out.
    """
    standing: dict[str, Published] = {}
    for p in sorted((p for p in versions if p.counts(known)), key=lambda p: (p.effective_from, p.version)):
        standing[p.effective_from] = p
    ordered = list(standing.values())
    ends = [*(p.effective_from for p in ordered[1:]), None]
    return list(zip(ordered, ends, strict=False))


def parameters_of(value: RuleSet) -> dict[str, Any]:
    """Return a rule set's values as JSON-able data, from which the same rule set can be had again.

    Raises:
        Invalid: ``out_of_scale`` for a value that is not of its parameter's type, or no exact number.
    """
    parameters = cast(dict[str, Any], msgspec.to_builtins(value))
    if rule_set_from(type(value), parameters) != value:
        raise Invalid(
            "out_of_scale",
            f"{value!r} is not of the declared types",
            zh=f"{value!r} 与声明的类型不符",
            accepts="values of the declared types",
        )
    return parameters


def rule_set_from(cls: type[R], parameters: Mapping[str, Any]) -> R:
    """Return a rule set from JSON-able data.

    Raises:
        Invalid: ``unknown_field`` or ``out_of_scale`` when a name or value does not fit.
    """
    names = {a.name for a in fields_of(cls)}
    if extra := sorted(set(parameters) - names):
        raise _no_parameter(cls, cls.stored_name, extra)
    for a in fields_of(cls):
        # A choice is refused in our own words before the decoder refuses it in its.
        bounds, given = _bounds_of(cls, a), parameters.get(a.name)
        if bounds.choices and isinstance(given, str) and not bounds.admit(given) and not _reading.get():
            raise _out_of_bounds(cls, a, given, bounds)
        if a.name in parameters:
            _check_readable(cls, a, given)
    try:
        return msgspec.convert(dict(parameters), cls)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise Invalid(
            "out_of_scale",
            f"{cls.stored_name}: {error}",
            zh=f"规则集 {cls.stored_name}：{error}",
            accepts="values of the declared types",
        ) from error


def _check_readable(cls: type[RuleSet], attribute: attrs.Attribute[Any], given: Any) -> None:
    """Refuse data of which no value of the declared type can be made."""
    hint = _hints(cast(Any, cls)).get(attribute.name)
    if hint is None or isinstance(hint, str):
        return
    if _inexact(given) and not _takes_float(hint) and not _reading.get():
        raise _wrong_type(cls, attribute, given, hint)
    try:
        msgspec.convert(given, hint)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise _wrong_type(cls, attribute, given, hint) from error


def stored_rule_set(cls: type[R], parameters: Mapping[str, Any], entry: str) -> R:
    """Return a rule set as an entry published it, whatever bounds hold today.

    Raises:
        PluginError: ``rule_set_unreadable`` when the installed plugin can make nothing of it.
    """
    try:
        with _read():
            return rule_set_from(cls, cls.upcast(dict(parameters)))
    except GuanxiError as error:
        raise PluginError(
            "rule_set_unreadable",
            f"{entry} published {cls.stored_name} in a form the installed plugin cannot read: {error.message}",
            zh=f"{entry} 所发布的规则集 {cls.stored_name} 无法由已安装的插件读取：{error.zh}",
            accepts=f"a plugin whose {cls.__name__}.upcast reads it",
        ) from error


@contextmanager
def _read() -> Generator[None]:
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)
