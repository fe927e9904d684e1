"""Messages: facts, acts, decisions, deeds, commands and due moments as frozen attrs classes with stable names."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, dataclass_transform

import attrs

from guanxi.kernel.entries import Kind
from guanxi.kernel.errors import GuanxiError, Invalid, PluginError

T = TypeVar("T")
E = TypeVar("E", bound="Event")
C = TypeVar("C", bound="Command")
D = TypeVar("D", bound="Due")

MERGED: Literal["merged"] = "merged"
"""Carried by merges alone: what says of the party itself what it is."""

ROLE, FAMILY, SUBJECT, FAMILY_FROM = "guanxi_role", "guanxi_family", "guanxi_subject", "guanxi_family_from"


# ---------------------------------------------------------------- late effects


@attrs.frozen
class LateEffect:
    """What a late entry does to a stored decision of a type (CORE-93).

    Args:
        name: ``revise``, ``from_now``, ``would_differ`` or ``dated``.
        date: ``date(stored, derived, own, known)`` returns from when the derived outcome counts: at or before its
            own moment to take the stored one's place, later to succeed it then, ``None`` to leave the stored one
            standing. ``stored`` or ``derived`` is ``None`` when there is none.
    """

    name: str
    date: Callable[[Any, Any, datetime, datetime], datetime | None]


REVISE = LateEffect("revise", lambda stored, derived, own, known: own)
"""Late effect: the new outcome counts from its own moment, and takes the stored one's place."""
FROM_NOW = LateEffect("from_now", lambda stored, derived, own, known: known)
"""Late effect: the stored decision ends, and the new outcome begins, when the late entry was recorded."""
WOULD_DIFFER = LateEffect("would_differ", lambda stored, derived, own, known: None)
"""Late effect: the stored decision stands, and is listed as one that would differ."""


def revise_when(test: Callable[[Any, Any], bool]) -> LateEffect:
    """Return the late effect that revises where ``test(stored, derived)`` holds, and otherwise leaves the stored decision standing.

    ``stored`` or ``derived`` is ``None`` when there is none.
    """
    return LateEffect(
        "revise_when", lambda stored, derived, own, known: own if test(stored, derived) else None
    )


def dated(date: Callable[[Any, Any, datetime, datetime], datetime | None]) -> LateEffect:
    """Return the late effect whose date the plugin's own rule gives (see ``LateEffect``)."""
    return LateEffect("dated", date)


# ---------------------------------------------------------------- bases


class Message:
    """Root of everything handlers receive."""

    __slots__ = ()


class Event(Message):
    """Something recorded. Its class is found by its stored name, never by its place in the code."""

    __slots__ = ()
    stored_name: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1
    key_fields: ClassVar[tuple[str, ...]] = ()
    is_standing: ClassVar[bool] = False
    number_fields: ClassVar[tuple[str, ...]] = ()
    is_carried: ClassVar[bool] = True
    is_merged: ClassVar[bool] = True
    entry_kind: ClassVar[Kind] = Kind.FACT


class Fact(Event):
    """What happened in the world, as it was told; kept word for word."""

    __slots__ = ()


class Act(Fact):
    """Somebody's ruling with effect: an approval, an override, a release. Kept word for word."""

    __slots__ = ()
    entry_kind = Kind.ACT


class Deed(Fact):
    """Something that the software itself brought about, once, dated when done. Never re-done or undone by hindsight."""

    __slots__ = ()
    entry_kind = Kind.DEED


class Decision(Event):
    """What the rules drew from facts: keyed, explained, and replaced when later knowledge shows otherwise.

    Subclasses say what late knowledge does to them: ``class X(Decision, late=REVISE, retroactive=REVISE)``.
    """

    __slots__ = ()
    entry_kind = Kind.DECISION
    late_effect: ClassVar[LateEffect | None] = None
    retroactive_effect: ClassVar[LateEffect | None] = None

    def __init_subclass__(
        cls, *, late: LateEffect | None = None, retroactive: LateEffect | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if late is not None:
            cls.late_effect = late
        if retroactive is not None:
            cls.retroactive_effect = retroactive


class Command(Message):
    """An order, or the report of something that already happened, not yet decided. Its fields may carry validators."""

    __slots__ = ()
    stored_name: ClassVar[str] = ""
    opens_file: ClassVar[bool] = False
    after_closing: ClassVar[bool] = False
    names_other: ClassVar[str] = ""


class Due(Message):
    """A moment that arrives. Handled like an event, never stored."""

    __slots__ = ()
    stored_name: ClassVar[str] = ""


# ---------------------------------------------------------------- fields


def field(*, default: Any = attrs.NOTHING, validator: Any = None, converter: Any = None) -> Any:
    """Declare a plain field; only needed for a default, a converter or (on commands) a validator."""
    return attrs.field(default=default, validator=validator, converter=converter)


def key(*, default: Any = attrs.NOTHING) -> Any:
    """Declare a field of a decision's identity; every replay finds the same decision by it."""
    return attrs.field(default=default, metadata={ROLE: "key"})


def given(*, default: Any = attrs.NOTHING) -> Any:
    """Declare an input of a decision, kept for its explanation."""
    return attrs.field(default=default, metadata={ROLE: "given"})


def limit(*, default: Any = attrs.NOTHING) -> Any:
    """Declare a threshold that a decision compared its inputs with."""
    return attrs.field(default=default, metadata={ROLE: "limit"})


def personal(
    family: str,
    *,
    subject: str | None = None,
    family_from: str | None = None,
    default: Any = attrs.NOTHING,
    validator: Any = None,
    converter: Any = None,
) -> Any:
    """Declare a personal field: sealed in the log and in read models from the first entry on (CORE-96).

    Args:
        family: retention family, such as ``identity`` or ``contact``; kept and erased together.
        subject: name of the sibling field that holds the data subject's id; the stream's own party if not given.
        family_from: name of the sibling field that holds another retention family, where it holds one.
        default: value when not stated.
        validator: for commands.
        converter: for commands.
    """
    return attrs.field(
        default=default,
        validator=validator,
        converter=converter,
        metadata={FAMILY: family, SUBJECT: subject, FAMILY_FROM: family_from},
    )


def refusing(cls: type[T], name: str) -> type[T]:
    """Have a class refuse what its validators and signature refuse as every other input is refused."""
    build = cls.__init__

    @wraps(build)
    def build_or_refuse(self: T, *values: Any, **named: Any) -> None:
        try:
            build(self, *values, **named)
        except GuanxiError:
            raise
        except (AttributeError, TypeError, ValueError) as error:
            raise Invalid(
                "out_of_scale",
                f"{name}: {error}",
                zh=f"{name}：{error}",
                accepts=", ".join(f"{a.name}: {getattr(a.type, '__name__', a.type)}" for a in fields_of(cls)),
            ) from error

    setattr(cls, "__init__", build_or_refuse)  # noqa: B010 - mypy takes no assignment to a method
    return cls


def fields_of(cls: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a message, rule-set or row class."""
    return tuple(attrs.fields(cls))


def personal_of(attribute: attrs.Attribute[Any]) -> str | None:
    """Return the retention family of a personal field, or None."""
    family = attribute.metadata.get(FAMILY)
    return family if isinstance(family, str) else None


@attrs.frozen
class Sealed:
    """Whose a personal field is, and with what it is kept and erased.

    Args:
        family: its retention family, unless the sibling says another.
        subject_from: the sibling field that holds the data subject's id, if not the stream's own party.
        family_from: the sibling field that may hold another family.
    """

    family: str
    subject_from: str | None = None
    family_from: str | None = None

    @property
    def fixed(self) -> bool:
        """Whether no sibling has a say."""
        return self.subject_from is None and self.family_from is None

    def of(self, look: Callable[[str], Any], stream: str) -> tuple[str, str]:
        """Return the data subject and the family of a field.

        Args:
            look: gives a sibling field's value by name.
            stream: the stream it stands in.
        """
        whose = look(self.subject_from) if self.subject_from else None
        family = look(self.family_from) if self.family_from else None
        return whose or stream, family or self.family


def sealed_of(attribute: attrs.Attribute[Any]) -> Sealed | None:
    """Return how a personal field is sealed, or None for one that is not personal."""
    family = personal_of(attribute)
    if family is None:
        return None
    return Sealed(family, attribute.metadata.get(SUBJECT), attribute.metadata.get(FAMILY_FROM))


_RESERVED = frozenset(
    (
        "stored_name",
        "schema_version",
        "key_fields",
        "is_standing",
        "number_fields",
        "is_carried",
        "is_merged",
        "entry_kind",
        "late_effect",
        "retroactive_effect",
        "opens_file",
        "names_other",
        "after_closing",
    )
)


def _made(cls: type[T]) -> type[T]:
    """Make a message class frozen and slotted; refuse fields that would hide what the kernel keeps on the class."""
    if taken := sorted(_RESERVED & set(inspect.get_annotations(cls))):
        raise PluginError(
            "reserved_name",
            f"{cls.__qualname__} has a field {', '.join(taken)}",
            zh=f"{cls.__qualname__} 的字段 {'、'.join(taken)} 是保留名",
            accepts="another field name",
        )
    return attrs.frozen(kw_only=True)(cls)


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(attrs.field, field, key, given, limit, personal),
)
def event(
    name: str,
    *,
    version: int = 1,
    standing: bool = False,
    carried: bool | Literal["merged"] = True,
    number: str | tuple[str, ...] = (),
) -> Callable[[type[E]], type[E]]:
    """Make an attrs class an event with a stable stored name.

    Args:
        name: ``prefix.snake_case``; never changes once stored.
        version: schema version; raised when fields change, with an upcaster for the older form.
        standing: whether it states a value that holds until the next one of the same keys, so that a dated link
            carries it in and a correction may be limited to days.
        carried: whether a dated link shows it in the relationship that links its stream; what says whose file it is, is not.
            ``MERGED`` for what only a merge shows, since only there both are of one party.
        number: the field, or fields and properties, with the number under which the thing begins that it tells of, such as an
            order's. Two files that both have one of that number cannot be merged, since nobody could tell the two apart; while
            they are, a command with a field of that name is entered in the file in which the thing of that number began.
    """

    def wrap(cls: type[E]) -> type[E]:
        made = _made(cls)
        made.stored_name, made.schema_version, made.is_standing = name, version, standing
        made.is_carried, made.is_merged = carried is True, carried in (True, MERGED)
        made.number_fields = (number,) if isinstance(number, str) and number else tuple(number)
        made.key_fields = tuple(a.name for a in fields_of(made) if a.metadata.get(ROLE) == "key")
        return made

    return wrap


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(attrs.field, field, key, given, limit, personal),
)
def command(
    name: str, *, opens: bool = False, names: str = "", after_closing: bool = False
) -> Callable[[type[C]], type[C]]:
    """Make an attrs class a command.

    Args:
        name: stable name, such as ``retail.record_purchase``; mapping files and ``--json`` use it.
        opens: whether it may be given to a subject that does not exist yet.
        names: the field that names another customer file, whose stream its decider finds as ``now.other``.
        after_closing: whether it may be given to a customer file that is closed, since it is not about doing business.
    """

    def wrap(cls: type[C]) -> type[C]:
        made = refusing(_made(cls), name)
        made.stored_name, made.opens_file, made.names_other = name, opens, names
        made.after_closing = after_closing
        return made

    return wrap


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, field))
def due(name: str) -> Callable[[type[D]], type[D]]:
    """Make an attrs class a due moment with a stable name."""

    def wrap(cls: type[D]) -> type[D]:
        made = _made(cls)
        made.stored_name = name
        return made

    return wrap


def named(example: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what has a decorator refuse to be used without a name, or without parentheses.

    Args:
        example: how it is meant to be used.
    """

    def wrap(decorator: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(decorator)
        def checked(*given: Any, **more: Any) -> Any:
            name = given[0] if given else more.get("name")
            if not isinstance(name, str) or not name:
                what = "nothing" if name is None else getattr(name, "__qualname__", repr(name))
                what_zh = "空值" if name is None else what
                raise PluginError(
                    "name_missing",
                    f"@{decorator.__name__} was given {what} in place of a stored name",
                    zh=f"@{decorator.__name__} 得到 {what_zh}，而非存储名称",
                    accepts=example,
                )
            return decorator(*given, **more)

        return checked

    return wrap


if not TYPE_CHECKING:  # type checkers know what the decorators make only from their own definitions
    event = named('@event("prefix.thing_done")')(event)
    command = named('@command("prefix.do_thing")')(command)
    due = named('@due("prefix.moment_comes")')(due)


def require_arity(handler: Callable[..., Any], decorator: str, *shapes: str) -> None:
    """Refuse a handler that cannot be called as the kernel will call it.

    Args:
        handler: what was decorated.
        decorator: by what, for the message.
        *shapes: the parameters it may take, such as ``state, event``.

    Raises:
        PluginError: ``bad_decorator`` for what is no function, ``bad_signature`` for another number of parameters.
    """
    accepts = " or ".join(f"handler({shape})" for shape in shapes)
    if not callable(handler):
        raise PluginError(
            "bad_decorator",
            f"@{decorator} was given {handler!r} in place of a handler",
            zh=f"@{decorator} 得到 {handler!r}，而非处理函数",
            accepts=f"@{decorator} without parentheses above {accepts}",
        )
    signature = inspect.signature(handler)
    for shape in shapes:
        try:
            signature.bind(*shape.split(", "))
        except TypeError:
            continue
        return
    where = f"{handler.__module__}.{handler.__qualname__}"
    raise PluginError(
        "bad_signature",
        f"{where} takes ({', '.join(signature.parameters)})",
        zh=f"{where} 的参数为（{'、'.join(signature.parameters)}）",
        accepts=accepts,
    )


def handled_types(handler: Callable[..., Any], index: int = 1) -> tuple[type[Any], ...]:
    """Return the message types that a handler's parameter names, a union's members one by one.

    Raises:
        PluginError: ``bad_signature`` when the parameter is missing or its annotation names no message class.
    """
    where = f"{handler.__module__}.{handler.__qualname__}"
    parameters = list(inspect.signature(handler).parameters)
    if len(parameters) <= index:
        raise PluginError(
            "bad_signature",
            f"{where} takes {len(parameters)} parameters",
            zh=f"{where} 只有 {len(parameters)} 个参数",
            accepts=f"at least {index + 1}",
        )
    try:
        hint = typing.get_type_hints(handler).get(parameters[index])
    except NameError as error:
        raise PluginError(
            "bad_signature",
            f"{where}: the annotation of {parameters[index]!r} cannot be evaluated: {error}",
            zh=f"{where}：参数 {parameters[index]!r} 的注解无法求值：{error}",
            accepts="names imported at run time, not only under TYPE_CHECKING",
        ) from error
    parts = (
        typing.get_args(hint)
        if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union
        else (hint,)
    )
    kinds: list[type[Any]] = []
    for part in parts:
        if not (isinstance(part, type) and issubclass(part, Message)):
            raise PluginError(
                "bad_signature",
                f"{where}: {parameters[index]!r} is annotated {part!r}",
                zh=f"{where}：参数 {parameters[index]!r} 的注解为 {part!r}",
                accepts="an event, command or due class, or a union",
            )
        kinds.append(part)
    return tuple(kinds)
