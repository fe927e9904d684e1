"""Events to stored payloads and back: readable JSON, personal fields sealed, unknown names left opaque."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Any, TypeVar

import attrs
import msgspec

from guanxi.kernel.errors import GuanxiError, Invalid, PluginError, name_of_handler
from guanxi.kernel.messages import Event, Message, Sealed, fields_of, sealed_of
from guanxi.kernel.privacy import ERASED, Erased, Sealing, is_sealed
from guanxi.kernel.registry import Registry
from guanxi.kernel.standard import EntryCorrected

M = TypeVar("M", bound=Message)

_encode = msgspec.json.Encoder().encode
_NUL, _LARGE = "\\u0000", re.compile(r"[:,\[]-?[0-9]{16}")
"""What not every database can store, as a payload shows it; looked for before anything is taken apart."""

MOST = 10**15
"""Whole numbers stay below this, so that sums of them fit a database's whole numbers."""
LONGEST_TEXT = 100_000
"""Characters that one text has at most; what is longer is refused, and never cut."""


def _without_erased(hint: Any) -> Any:
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        kept = tuple(t for t in typing.get_args(hint) if t is not Erased)
        return typing.Union[kept]  # noqa: UP007
    return hint


class _Shape:
    """How one event class is read: its decoder, or a dictionary of typed values where personal fields may be erased."""

    def __init__(self, cls: type[Event]) -> None:
        self.cls = cls
        fields = fields_of(cls)
        self.personal: dict[str, Sealed] = {a.name: how for a in fields if (how := sealed_of(a))}
        self.sealed = bool(self.personal) or cls is EntryCorrected
        self.hints: dict[str, Any] = {}
        self.decode: Callable[[bytes | str], Any] | None = None
        self.around: Callable[[str], dict[str, Any]] | None = None
        if not self.sealed:
            self.decode = msgspec.json.Decoder(cls).decode
            return
        hints = typing.get_type_hints(cls)
        self.hints = {a.name: _without_erased(hints[a.name]) for a in fields}
        self._values = _values_of(cls, self.hints)
        if self.personal:
            open_hints = {name: Any if name in self.personal else hint for name, hint in self.hints.items()}
            self.around = msgspec.json.Decoder(_values_of(cls, open_hints)).decode

    def build(self, fields: dict[str, Any]) -> Event:
        if not self.sealed:
            return msgspec.convert(fields, self.cls)
        kept = fields if ERASED not in fields.values() else _without(fields, ERASED)
        values = msgspec.convert(kept, self._values)
        if kept is not fields:
            values.update((name, ERASED) for name, value in fields.items() if value is ERASED)
        return self.cls(**values)

    def open(self, payload: str, place: str, sealing: Sealing) -> Event:
        """Return the event of a present-day payload, its personal fields unsealed."""
        assert self.around is not None
        values = self.around(payload)
        for name in self.personal:
            value = values.get(name)
            if value is None:
                continue
            if is_sealed(value):
                value = sealing.unseal(place + name, value)
            if value is not ERASED:
                value = msgspec.convert(value, self.hints[name])
            values[name] = value
        return self.cls(**values)


def _shape_of(cls: type[Event]) -> _Shape:
    """Return the shape of an event class, made once and kept with the class."""
    shape = cls.__dict__.get(_KEPT)
    if shape is None:
        shape = _Shape(cls)
        setattr(cls, _KEPT, shape)
    found: _Shape = shape
    return found


_KEPT = "_guanxi_shape"


def _values_of(cls: type[Event], hints: Mapping[str, Any]) -> Any:
    """Return the type of a dictionary of an event's values, so that all of them are read at one stroke."""
    return typing.TypedDict(cls.__name__, dict(hints), total=False)  # type: ignore[operator]


def _without(fields: dict[str, Any], one: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not one}


class Codec:
    """Encodes and decodes the payloads of one tenant's entries."""

    def __init__(self, registry: Registry, sealing: Sealing) -> None:
        self.registry, self.sealing = registry, sealing
        self._shapes: dict[str, _Shape] = {name: _shape_of(cls) for name, cls in registry.names.items()}
        self.readers: dict[tuple[str, int], Callable[[str], Any]] = {
            (name, shape.cls.schema_version): shape.decode
            for name, shape in self._shapes.items()
            if shape.decode is not None
        }
        """Decoders of present-day payloads without personal fields, by name and schema version: what hot paths call straight."""

    def encode(self, event: Event, stream: str, version: int) -> tuple[str, str | None]:
        """Return the payload's JSON text and the data subject whose personal fields it seals, if any."""
        shape = self._shapes.get(event.stored_name)
        if shape is None:
            raise PluginError(
                "event_not_handed_over",
                f"{event.stored_name or type(event).__qualname__} is among no plugin's Parts.events",
                zh=f"{event.stored_name or type(event).__qualname__} 不在任何插件的 Parts.events 中",
                accepts="the class in Parts.events",
            )
        if shape.decode is not None:
            payload = _text_of(event)
            try:
                shape.decode(payload)
            except msgspec.ValidationError as error:
                raise _misfit(event, error) from error
            return payload, None
        subject: str | None = None
        values: dict[str, Any] = {}
        for name in shape.hints:
            value = getattr(event, name)
            how = shape.personal.get(name)
            plain = value if value is ERASED else msgspec.to_builtins(value)
            if plain is not ERASED:
                try:
                    msgspec.convert(plain, shape.hints[name])
                except msgspec.ValidationError as error:
                    raise _misfit(event, error) from error
            if how is not None and plain is not None:
                whose, family = how.of(event.__getattribute__, stream)
                subject = subject or whose
                plain = self.sealing.seal(whose, family, f"{stream}/{version}#{name}", plain)
            values[name] = plain
        if isinstance(event, EntryCorrected):
            values["fields"], subject = self._seal_patch(event, stream, version)
        return _text_of(values), subject

    def check(self, message: M) -> M:
        """Refuse a message whose values could not be read back, or not be stored by every database.

        Returns:
            The message, with values of the types that it declares: a date that was given as ISO text is a date.

        Raises:
            Invalid: ``out_of_scale``, ``text_too_long`` or ``unstorable_value``.
        """
        plain = msgspec.to_builtins(message)
        try:
            typed = msgspec.convert(plain, type(message))
        except msgspec.ValidationError as error:
            raise _misfit(message, error) from error
        if len(_text_of(plain)) > LONGEST_TEXT:
            check_length("", plain)
        if typed == message:
            return message
        names = [a.name for a in fields_of(type(message))]
        read = {n: getattr(typed, n) for n in names if isinstance(getattr(message, n), str)}
        changed: Any = message
        typed = attrs.evolve(changed, **{n: v for n, v in read.items() if not isinstance(v, str)})
        return typed

    def _seal_patch(
        self, event: EntryCorrected, stream: str, version: int
    ) -> tuple[dict[str, Any], str | None]:
        target = self._shapes.get(event.target_name)
        patch = dict(event.fields)
        subject = None
        for name, how in (target.personal if target else {}).items():
            if patch.get(name) is not None:
                whose, family = event.sealed_as.get(name) or (stream, how.family)
                subject = subject or whose
                patch[name] = self.sealing.seal(
                    whose, family, f"{stream}/{version}#fields.{name}", msgspec.to_builtins(patch[name])
                )
        return patch, subject

    def sealed_as(
        self, name: str, values: Mapping[str, Any], patch: Iterable[str], stream: str
    ) -> dict[str, tuple[str, str]]:
        """Return data subject and family of those corrected fields for which a sibling field names them.

        Args:
            name: the event's stored name.
            values: all of its fields as corrected.
            patch: the corrected ones.
            stream: the stream it stands in.
        """
        personal = self._shapes[name].personal
        return {
            f: personal[f].of(values.get, stream) for f in patch if f in personal and not personal[f].fixed
        }

    def families(self, event: Event) -> set[str]:
        """Return the retention families of the stream's own party that an event's personal fields need keys for."""
        shape = self._shapes[event.stored_name]
        told = [
            how.of(event.__getattribute__, "")
            for name, how in shape.personal.items()
            if getattr(event, name) is not None
        ]
        return {family for whose, family in told if not whose}

    def reads(self, name: str, schema_version: int) -> bool:
        """Return whether this process has a class of that name, of that form or a newer one."""
        shape = self._shapes.get(name)
        return shape is not None and schema_version <= shape.cls.schema_version

    def decode(self, name: str, schema_version: int, payload: str, stream: str, version: int) -> Event | None:
        """Return the event behind a stored payload, or None where no class in this process reads that name and form."""
        shape = self._shapes.get(name)
        if shape is None or schema_version > shape.cls.schema_version:
            return None
        if shape.decode is not None and schema_version == shape.cls.schema_version:
            return typing.cast(Event, shape.decode(payload))
        if shape.around is not None and schema_version == shape.cls.schema_version:
            return shape.open(payload, f"{stream}/{version}#", self.sealing)
        try:
            return shape.build(self.fields(name, schema_version, payload, stream, version))
        except GuanxiError:
            raise
        except Exception as error:  # an upcaster may fail in any way, and leave out anything
            if schema_version == shape.cls.schema_version:
                raise
            raise self._upcast_failed(error, name, schema_version, f"{stream}/{version}") from error

    def _upcast_failed(self, error: Exception, name: str, version: int, entry: str) -> PluginError:
        now = self.registry.classes[name].schema_version
        by = ", ".join(name_of_handler(u) for u in self.registry.upcasters_from(name, version))
        what = f"{type(error).__name__}: {error}"
        return PluginError(
            "upcaster_failed",
            f"{entry}, {name} v{version}, cannot be read as v{now} through {by}: {what}",
            zh=f"{entry}（{name} v{version}）经 {by} 无法读作 v{now}：{what}",
            accepts=f"upcasters that give every field that {name} v{now} has no default for",
        )

    def fields(
        self, name: str, schema_version: int, payload: str, stream: str, version: int
    ) -> dict[str, Any]:
        """Return a stored payload as plain values in the present schema, unsealed where its keys still exist."""
        raw: dict[str, Any] = msgspec.json.decode(payload)
        raw = self._unseal(raw, f"{stream}/{version}#", name, schema_version)
        if name == EntryCorrected.stored_name:
            raw["fields"] = self._unseal(raw["fields"], f"{stream}/{version}#fields.", raw["target_name"])
        return self.registry.upcast(name, schema_version, raw) if name in self._shapes else raw

    def _unseal(
        self, values: dict[str, Any], place: str, name: str, schema_version: int | None = None
    ) -> dict[str, Any]:
        """Unseal personal fields; a text elsewhere that only looks sealed is what somebody wrote."""
        shape = self._shapes.get(name)
        if shape is not None and schema_version in (None, shape.cls.schema_version):
            for field in shape.personal:
                text = values.get(field)
                if is_sealed(text):
                    values[field] = self.sealing.unseal(place + field, text)
            return values
        return {k: self.sealing.unseal(place + k, v) if is_sealed(v) else v for k, v in values.items()}

    def build(self, name: str, fields: dict[str, Any]) -> Event:
        """Return an event of a known name from plain values in the present schema.

        Raises:
            msgspec.ValidationError: the values do not fit the class.
        """
        return self._shapes[name].build(fields)


def check_length(name: str, value: Any) -> None:
    """Refuse a text that is too long, however deep it lies.

    Args:
        name: of the field.
        value: what was told.

    Raises:
        Invalid: ``text_too_long``.
    """
    if isinstance(value, dict):
        for part, one in value.items():
            check_length(f"{name}.{part}" if name else str(part), one)
    elif isinstance(value, list | tuple):
        for one in value:
            check_length(name, one)
    elif isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise Invalid(
            "text_too_long",
            f"{name} has {len(value)} characters",
            zh=f"{name} 有 {len(value)} 个字符",
            accepts=f"at most {LONGEST_TEXT} characters; what is longer goes into the file as a paper",
        )


def _text_of(value: Any) -> str:
    """Return a value as JSON text.

    Raises:
        Invalid: ``unstorable_value`` for text that is no Unicode or holds NUL; ``out_of_scale`` for a number without bounds.
    """
    try:
        text = _encode(value).decode()
    except UnicodeEncodeError as error:
        raise _unstorable("half of a character pair") from error
    if _NUL in text or _LARGE.search(text):
        _check_storable(msgspec.json.decode(text))
    return text


def _check_storable(value: Any) -> None:
    if isinstance(value, dict):
        for k, v in value.items():
            _check_storable(k)
            _check_storable(v)
    elif isinstance(value, list):
        for v in value:
            _check_storable(v)
    elif isinstance(value, str) and "\0" in value:
        raise _unstorable("a NUL character")
    elif isinstance(value, int) and abs(value) >= MOST:
        raise Invalid(
            "out_of_scale",
            f"{value} is too large",
            zh=f"{value} 超出范围",
            accepts=f"whole numbers below {MOST}",
        )


def _unstorable(what: str) -> Invalid:
    return Invalid(
        "unstorable_value",
        f"a text holds {what}",
        zh="文本含有无法存储的字符",
        accepts="Unicode text without NUL",
    )


def _misfit(message: Message, error: Exception) -> Invalid:
    name, text = type(message).__name__, str(error)
    place = re.search(r"`\$\.([^`]*)`", text)
    field = place.group(1) if place else ""
    wanted = _declared(type(message), field)
    en, zh = (f"{name}.{field}", f"{name}.{field} ") if field else (name, name)
    said = text.partition(" - at `")[0]
    return Invalid(
        "out_of_scale",
        f"{en}: {said[:1].lower()}{said[1:]}",
        zh=f"{zh}的值与声明的类型不符",
        accepts=f"{field}: {wanted}" if wanted else "values of the declared types",
    )


def _declared(cls: type[Any], field: str) -> str:
    """Return the declared type of the field that a path begins with, as a person reads it."""
    name = re.split(r"[.\[]", field)[0]
    hint = next((a.type for a in fields_of(cls) if a.name == name), None)
    return "" if hint is None else getattr(hint, "__name__", None) or str(hint)
