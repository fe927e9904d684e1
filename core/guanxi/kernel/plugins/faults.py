"""What is wrong with a message or rule-set class by itself, whoever hands it over."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import lru_cache
from types import UnionType
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import msgspec

from guanxi.kernel.messages import (
    SUBJECT,
    Decision,
    Event,
    LateEffect,
    Message,
    fields_of,
    personal_of,
)
from guanxi.kernel.privacy import Erased


@attrs.frozen
class Fault:
    """What a refusal will say, but for whose class it is."""

    code: str
    en: str
    zh: str
    accepts: str
    rule: str = ""


_known_faults: WeakKeyDictionary[type[Any], tuple[Fault, ...]] = WeakKeyDictionary()


def faults_of(cls: type[Any]) -> tuple[Fault, ...]:
    """Return what is wrong with a message or rule-set class; looked at once, since a class does not change."""
    found = _known_faults.get(cls)
    if found is None:
        found = _known_faults[cls] = tuple(_class_faults(cls))
    return found


def _class_faults(cls: type[Any]) -> Iterator[Fault]:
    what = f"{cls.stored_name} ({cls.__module__}.{cls.__qualname__})"
    if issubclass(cls, Decision):
        yield from _late_faults(cls, what)
    if issubclass(cls, Event):
        yield from _strict(cls, what)
    if issubclass(cls, Message):
        yield from _personal_faults(cls, what)
    try:
        hints = typing.get_type_hints(cls)
    except NameError as error:
        yield Fault(
            "unreadable_field",
            f"{what}: an annotation cannot be evaluated: {error}",
            f"{what}：注解无法求值：{error}",
            "names imported at run time, not only under TYPE_CHECKING",
        )
        return
    for a in fields_of(cls):
        for bad in bad_types(hints.get(a.name, Any)):
            exact = bad in ("float", "complex")
            yield Fault(
                "inexact_field" if exact else "unreadable_field",
                f"the field {a.name!r} of {what} has the type {bad}",
                f"{what} 的字段 {a.name!r} 类型为 {bad}",
                "Decimal, Money or int: sums have to be exact"
                if exact
                else "texts, numbers, dates, enums, Money, and lists, dicts and attrs classes of these",
            )


def _late_faults(cls: type[Decision], what: str) -> Iterator[Fault]:
    told: dict[str, object] = {"late": cls.late_effect, "retroactive": cls.retroactive_effect}
    accepts = "class X(Decision, late=..., retroactive=...) with REVISE, FROM_NOW, WOULD_DIFFER, revise_when(...) or dated(...)"
    if None in told.values():
        yield Fault(
            "late_effect_missing",
            f"{what} does not declare what late entries do to it",
            f"{what} 没有声明迟到记录对它的影响",
            accepts,
            "CORE-93",
        )
    for name, effect in told.items():
        if effect is not None and not isinstance(effect, LateEffect):
            yield Fault(
                "late_effect_wrong",
                f"{what} declares {name}={effect!r}, which is no late effect",
                f"{what} 声明了 {name}={effect!r}，这不是迟到处理方式",
                accepts,
                "CORE-93",
            )


def _strict(cls: type[Event], what: str) -> Iterator[Fault]:
    checked = [a.name for a in fields_of(cls) if a.validator is not None]
    if hasattr(cls, "__attrs_post_init__"):
        checked.append("__attrs_post_init__")
    if checked:
        yield Fault(
            "event_validates",
            f"{what} validates {', '.join(checked)}; history must stay readable, whatever it holds",
            f"{what} 校验了 {'、'.join(checked)}；历史必须始终可读",
            "validators on the command, none on the event",
        )


def _personal_faults(cls: type[Any], what: str) -> Iterator[Fault]:
    fields = {a.name: a for a in fields_of(cls)}
    for name, a in fields.items():
        family = personal_of(a)
        if family is None:
            continue
        if not family.strip():
            yield Fault(
                "family_missing",
                f"the personal field {name!r} of {what} names no retention family",
                f"{what} 的个人信息字段 {name!r} 没有保留类别",
                'personal("identity") or another family',
            )
        subject = a.metadata.get(SUBJECT)
        if subject is not None and subject not in fields:
            yield Fault(
                "subject_unknown",
                f"the personal field {name!r} of {what} names the field {subject!r} for whom it is about, which is not there",
                f"{what} 的个人信息字段 {name!r} 所指的主体字段 {subject!r} 不存在",
                ", ".join(n for n in fields if n != name),
            )


def bad_types(hint: Any) -> tuple[str, ...]:
    """Return the types within a hint that cannot be stored exactly, or not be read back."""
    try:
        return _known_bad(hint)
    except TypeError:  # a hint without a hash
        return tuple(_bad_types(hint))


@lru_cache(maxsize=2048)
def _known_bad(hint: Any) -> tuple[str, ...]:
    return tuple(_bad_types(hint))


def _bad_types(hint: Any) -> Iterator[str]:
    stored = hint
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        members = [t for t in typing.get_args(hint) if t is not Erased]
        stored = typing.Union[tuple(members)]  # noqa: UP007
    try:
        info = msgspec.inspect.type_info(stored)
    except TypeError:
        yield str(hint)
        return
    yield from dict.fromkeys(_walk(info, set()))


def _walk(info: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(info, msgspec.inspect.FloatType):
        yield "float"
    elif isinstance(info, msgspec.inspect.CustomType):
        yield getattr(info.cls, "__qualname__", str(info.cls))
    elif isinstance(info, list | tuple):
        for each in info:
            yield from _walk(each, seen)
    elif isinstance(info, msgspec.Struct):
        cls = getattr(info, "cls", None)
        if cls is not None:
            if id(cls) in seen:
                return
            seen.add(id(cls))
        for name in info.__struct_fields__:
            if name not in ("cls", "default", "default_factory"):
                yield from _walk(getattr(info, name), seen)
