"""Rule sets: dated, versioned parameter values, and the book that answers which version was in force, as known when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

import attrs
import msgspec

from guanxi.kernel.errors import Invalid, PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import fields_of, refusing

R = TypeVar("R", bound="RuleSet")


class RuleSet:
    """Base of rule-set classes: parameters with defaults, bounds as validators, and labels."""

    __slots__ = ()
    stored_name: ClassVar[str] = ""
    title: ClassVar[Label] = Label("", "")


def parameter(
    default: Any = attrs.NOTHING,
    *,
    label: Label | None = None,
    unit: str = "",
    validator: Any = None,
    factory: Any = None,
    ours: bool = False,
) -> Any:
    """Declare one parameter of a rule set.

    Args:
        default: its default value.
        label: what people call it.
        unit: what it is counted in.
        validator: its bounds, as an attrs validator.
        factory: makes the default instead.
        ours: whether the default is this product's own rather than a source's.
    """
    metadata = {"label": label, "unit": unit, "ours": ours}
    if factory is not None:
        return attrs.field(factory=factory, validator=validator, metadata=metadata)
    return attrs.field(default=default, validator=validator, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, parameter))
def rule_set(name: str, title: Label | None = None) -> Callable[[type[R]], type[R]]:
    """Make an attrs class a rule set with a stable name; every parameter needs a default."""

    def wrap(cls: type[R]) -> type[R]:
        made = refusing(attrs.frozen(kw_only=True)(cls), name)
        made.stored_name, made.title = name, title or Label(name, name)
        fields = fields_of(made)
        for a in fields:
            if a.default is attrs.NOTHING:
                raise PluginError(
                    "default_missing", f"{name}.{a.name} has no default", accepts="parameter(default, ...)"
                )
        return made

    return wrap


@attrs.frozen
class Published:
    """One published version, as the book keeps it. Times are stamps."""

    rule_set: str
    version: int
    effective_from: str
    recorded_at: str
    value: RuleSet
    retroactive: str | None
    entry: str


class RuleBook:
    """All versions published up to a place in the log."""

    def __init__(
        self,
        classes: Iterable[type[RuleSet]],
        published: Iterable[Published] = (),
        overrides: Iterable[RuleSet] = (),
    ) -> None:
        self.classes = {c.stored_name: c for c in classes}
        self._defaults: dict[str, RuleSet] = {name: c() for name, c in self.classes.items()}
        self._versions: dict[str, list[Published]] = {}
        for p in published:
            self._versions.setdefault(p.rule_set, []).append(p)
        self._overrides = {o.stored_name: o for o in overrides}
        self.latest = max((p.recorded_at for ps in self._versions.values() for p in ps), default="")
        """When the last version was published; whatever is entered after that is recorded no earlier."""
        self.retroactive = sorted(
            (p for ps in self._versions.values() for p in ps if p.retroactive),
            key=lambda p: (p.recorded_at, p.entry),
        )

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
            if (
                p.recorded_at <= known
                and p.effective_from <= at
                and (best is None or (p.effective_from, p.version) >= (best.effective_from, best.version))
            ):
                best = p
        if best is not None:
            return cast(R, best.value), best.version
        if name not in self._defaults:
            raise PluginError("rule_set_unknown", f"{name} was handed over by no plugin")
        return cast(R, self._defaults[name]), 0

    def version(self, cls: type[R], number: int) -> tuple[R, int]:
        """Return one version by its number, as a stored decision names it."""
        for p in self._versions.get(cls.stored_name, ()):
            if p.version == number:
                return cast(R, p.value), number
        return cast(R, self._overrides.get(cls.stored_name) or self._defaults[cls.stored_name]), number

    def versions(self, name: str) -> list[Published]:
        """Return the published versions of a rule set, in order of publication."""
        return list(self._versions.get(name, ()))

    def overridden(self, *values: RuleSet) -> RuleBook:
        """Return a book in which these values are in force always: for what-if questions."""
        return RuleBook(self.classes.values(), (p for ps in self._versions.values() for p in ps), values)


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


def rule_set_from(cls: type[R], parameters: dict[str, Any]) -> R:
    """Return a rule set from JSON-able data.

    Raises:
        Invalid: ``unknown_field`` or ``out_of_scale`` when a name or value does not fit.
    """
    fields = fields_of(cls)
    names = {a.name for a in fields}
    if extra := sorted(set(parameters) - names):
        raise Invalid(
            "unknown_field",
            f"{cls.stored_name} has no parameter {', '.join(extra)}",
            accepts=", ".join(sorted(names)),
        )
    try:
        return msgspec.convert(parameters, cls)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise Invalid(
            "out_of_scale",
            f"{cls.stored_name}: {error}",
            zh=f"规则集 {cls.stored_name}：{error}",
            accepts="values of the declared types",
        ) from error
