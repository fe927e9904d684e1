"""Values, fields and differences in words: what stands in an entry or a state, as a person reads it."""

from __future__ import annotations

import re
import typing
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from guanxi import Decision, Erased, Event, Label, Ledger, Line, Money
from guanxi.kernel.access import let_in
from guanxi.kernel.labels import label_of
from guanxi.kernel.messages import ROLE
from guanxi.kernel.values import MINOR_UNITS
from guanxi.relationship.file.events import FileOpened
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.screen import BETWEEN

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NOTHING = "–"
ROLES = ("", "key", "given", "limit")
"""The roles that fields may have, plain ones first."""

_STREAM = re.compile(r"[0-9a-f]{32}\Z")
_CODE = re.compile(r"[a-z]+([_.][a-z]+)+\Z")
_DECLARED: dict[type[Any], Mapping[str, Set[str]]] = {}
"""The codes of classes that were asked for before."""


class Wording:
    """Says what a ledger's entries and states hold.

    Args:
        labels: texts by dotted name.
        tz: the programme's zone.
        stream: the relationship spoken of, whose entries are called by their number alone.
        names: event names of its entries by id, so that an entry is called by what it is too.
        account: returns another stream's account number, None where it has none.
        unwritten: ids of what is not written down yet, whose number another entry may have in the end.
    """

    def __init__(
        self,
        labels: Mapping[str, Label],
        tz: ZoneInfo,
        stream: str = "",
        names: Mapping[str, str] | None = None,
        *,
        account: Callable[[str], str | None] | None = None,
        unwritten: Set[str] = frozenset(),
    ) -> None:
        self.labels, self.tz, self._stream, self._names = labels, tz, stream, names or {}
        self._account, self._accounts, self._unwritten = account, dict[str, str | None](), unwritten
        self._of = ""

    @classmethod
    def of(cls, ledger: Ledger, stream: str = "", lines: Iterable[Line] = ()) -> Wording:
        """Return the wording of a ledger's plugins, for one stream and its lines."""
        lines = list(lines)
        return cls(
            ledger.labels,
            ledger.tz,
            stream,
            {line.id: line.name for line in lines},
            account=lambda other: _account(ledger, other),
            unwritten={line.id for line in lines if line.status == "pending"},
        )

    def owned(self, of: str) -> Wording:
        """Return the wording of what one owner says: an event, a facet, a report, to which a word may mean something of its own.

        Args:
            of: the owner's stored name.
        """
        own = copy(self)
        own._of = of
        return own

    # Names

    def label(self, name: str, of: str = "") -> str:
        """Return what people call an event, a field or a code; its own name where nobody said.

        Args:
            name: which.
            of: stored name of the event, facet or other owner that uses the word; that of this wording if not given.
        """
        label = label_of(self.labels, name, of or self._of)
        if label is not None:
            return label(spoken())
        return name if "." in name else name.replace("_", " ")

    def entry(self, entry_id: str) -> str:
        """Return how an entry is called on this page: by its number, and its account where it is another stream's."""
        if entry_id in self._unwritten:
            return say("(due)")
        stream, _, number = entry_id.rpartition("/")
        if stream == self._stream:
            return f"#{number}"
        account = self.account(stream)
        return entry_id if account is None else f"{account} #{number}"

    def number(self, entry_id: str) -> str:
        """Return how an entry is called at the head of its own block; what is not written down yet has no number."""
        return "" if entry_id in self._unwritten else self.entry(entry_id)

    def account(self, stream: str) -> str | None:
        """Return a stream's account number, None where it has none."""
        if self._account is None or not _STREAM.match(stream):
            return None
        if stream not in self._accounts:
            found = self._account(stream)
            self._accounts[stream] = None if found is None else clean(found)
        return self._accounts[stream]

    def codes(self, text: str) -> str:
        """Return a code, or several with commas between, each with what it is about after a blank, by their labels.

        Args:
            text: as it stands in a cell of codes; see ``guanxi.kernel.reports.Column``.
        """
        from guanxi.kernel.reports import CODES

        def said(found: re.Match[str]) -> str:
            label = label_of(self.labels, found[0], self._of)
            return found[0] if label is None else label(spoken())

        text = CODES.sub(said, clean(text))
        return text.replace(", ", "、") if spoken() == "zh" else text

    # Values

    def value(self, value: Any) -> str:
        """Return a value of any kind in one line."""
        if value is None or value == "":
            return NOTHING
        if isinstance(value, bool):
            return say("yes") if value else say("no")
        if isinstance(value, int | Decimal):
            return f"{value:,}" if isinstance(value, int) else f"{value:,f}"
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Money):
            return money(value)
        if isinstance(value, Erased):
            return say("(erased)")
        if not _plain(value):
            return self._many(value)
        return self.text(str(value.value if isinstance(value, Enum) else value))

    def moment(self, at: datetime) -> str:
        """Return an instant in the programme's zone, to the minute."""
        return f"{at.astimezone(self.tz) if at.tzinfo else at:%Y-%m-%d %H:%M}"

    def text(self, text: str) -> str:
        """Return a text: entries by number and title, codes by their label, anything else as it stands."""
        stream, _, number = text.rpartition("/")
        if not stream and (account := self.account(text)) is not None:
            return account
        if (self._stream and stream == self._stream) or (
            number.isdigit() and self.account(stream) is not None
        ):
            return (
                f"{self.entry(text)} {self.label(self._names[text])}"
                if text in self._names
                else self.entry(text)
            )
        if _CODE.match(text) and text in self.labels:
            return self.label(text)
        return clean(text)

    def _many(self, value: Any) -> str:
        inner = members(value)
        if inner is not None:
            # An explanation's steps hold objects as mappings; those by key have keys that nobody gave a label.
            is_object = attrs.has(type(value)) or any(k in self.labels for k in inner)
            return (
                self._phrase(inner, codes_of(type(value))) if is_object else self._mapping(inner)
            ) or NOTHING
        if all(_pair(v) for v in value):
            return ", ".join(f"{self.value(k)}: {self.value(v)}" for k, v in value) or NOTHING
        return ", ".join(self.value(v) for v in value) or NOTHING

    def _mapping(self, value: Mapping[Any, Any]) -> str:
        return "; ".join(f"{clean(str(k))}: {self.value(v)}" for k, v in value.items())

    def _phrase(self, parts: Mapping[str, Any], codes: Mapping[str, Set[str]]) -> str:
        """Say what an object holds, counts first, leaving out what is nothing: ``60 usable, last day 2012-06-30``."""
        stated = [(k, v) for k, v in parts.items() if not empty(v) and k != "key"]
        counts_first = sorted(stated, key=lambda pair: not isinstance(pair[1], int))
        said = [self._named(k, v, codes.get(k, frozenset())) for k, v in counts_first]
        return ("，" if spoken() == "zh" else ", ").join(said)

    def _named(self, name: str, value: Any, codes: Set[str]) -> str:
        """Return a field's label and value as one phrase: ``60 usable``, ``last day 2012-06-30``."""
        label, text = self.label(name), self.coded(value, codes)
        counted = isinstance(value, int) and not isinstance(value, bool) and spoken() == "en"
        return f"{text} {label}" if counted else f"{label} {text}"

    # Events

    def fields(self, event: Event, roles: Sequence[str] = ROLES) -> str:
        """Return an event's fields in words, leaving out what it does not state.

        Args:
            event: which.
            roles: fields of which roles to show; plain ones have the role ``""``.
        """
        cls: Any = type(event)
        declared: Any = attrs.fields(cls)
        shown = {a.name: getattr(event, a.name) for a in declared if a.metadata.get(ROLE, "") in roles}
        zeros = isinstance(event, Decision)
        return self.owned(cls.stored_name).values(
            {k: v for k, v in shown.items() if not (empty(v) if zeros else v in (None, "", ()))},
            codes_of(cls),
        )

    def values(self, values: Mapping[str, Any], codes: Mapping[str, Set[str]] = MappingProxyType({})) -> str:
        """Return named values in one line: ``lot A · points 100``.

        Args:
            values: by name.
            codes: the words that are codes, by field.
        """
        return BETWEEN.join(
            f"{self.label(k)} {self.coded(v, codes.get(k, frozenset()))}" for k, v in values.items()
        )

    def coded(self, value: Any, codes: Set[str]) -> str:
        """Return a value, by its label where it is one of a field's codes, or several of them.

        Args:
            value: of any kind.
            codes: the words that are codes there; see ``codes_of``.
        """
        if isinstance(value, str) and value in codes:
            return self.label(value)
        if codes and isinstance(value, tuple | list) and all(isinstance(v, str) for v in value):
            return ", ".join(self.coded(v, codes) for v in value) or NOTHING
        return self.value(value)

    # Differences

    def differences(self, before: Any, after: Any) -> list[tuple[list[str], str, str]]:
        """Return where two values differ, in words, as (place, before, after); single values have no place."""
        codes, none = codes_of(type(after)), frozenset[str]()
        found: list[tuple[list[str], str, str]] = []
        for path, old, new in differing(before, after):
            words = codes.get(str(path[-1]), none) if path else none
            place = [self.label(str(p)) for p in path]
            found.append((place, self.coded(old, words), self.coded(new, words)))
        return found


def codes_of(cls: type[Any]) -> Mapping[str, Set[str]]:
    """Return the words that a class's fields declare as their codes, by field."""
    found = _DECLARED.get(cls)
    if found is None:
        found = _DECLARED[cls] = _declared(cls)
    return found


def _declared(cls: type[Any]) -> Mapping[str, Set[str]]:
    try:
        hints = typing.get_type_hints(cls)
    except NameError:  # a state's types may be known to a type checker alone
        return {}
    codes = {name: frozenset(_codes(hint)) for name, hint in hints.items()}
    return {name: words for name, words in codes.items() if words}


def _codes(hint: Any) -> Iterator[str]:
    if typing.get_origin(hint) is typing.Literal:
        yield from (v for v in typing.get_args(hint) if isinstance(v, str))
    else:
        for inner in typing.get_args(hint):
            yield from _codes(inner)


def differing(
    before: Any, after: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield (path, before, after) for the smallest parts in which two values differ."""
    old, new = members(before), members(after)
    if old is None or new is None:
        if before != after:
            yield path, before, after
        return
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new:
            yield (*path, name), old.get(name), new.get(name)
        else:
            yield from differing(old[name], new[name], (*path, name))


def members(value: Any) -> Mapping[Any, Any] | None:
    """Return the named parts of a mapping or an object, None for what has none."""
    if isinstance(value, Mapping):
        return value
    if attrs.has(type(value)) and not isinstance(value, Money):
        return {
            a.name: getattr(value, a.name) for a in attrs.fields(type(value)) if not a.name.startswith("_")
        }
    return None


def portable(value: Any) -> Any:
    """Return a value as JSON holds it: objects as their members, decimals and dates as text."""
    inner = members(value)
    if inner is not None:
        return {str(k): portable(v) for k, v in inner.items()}
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, list | tuple | Set):
        return [portable(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def money(value: Money) -> str:
    """Return an amount with its currency's decimals and thousands apart."""
    places = MINOR_UNITS.get(value.currency, 2)
    return f"{value.amount:,.{places}f} {value.currency}"


def clean(text: str) -> str:
    """Replace what would move the cursor or colour the screen, and line ends with blanks."""
    text = " ".join(text.splitlines()).replace("\t", " ")
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" else c for c in text)


def empty(value: Any) -> bool:
    """Return whether a value is nothing: none, zero, or without members."""
    if isinstance(value, Iterable):
        return not (value if isinstance(value, str) else list(value))
    return value is None or value == 0


def _account(ledger: Ledger, stream: str) -> str | None:
    """Return the account number under which a stream's file was opened."""
    with let_in():  # it names a file that what is shown speaks of, and shows nothing of that file
        for row in ledger.store.fold_rows(stream):
            if row.name == FileOpened.stored_name:
                event = ledger.codec.decode(row.name, row.schema_version, row.payload, stream, row.version)
                return event.account if isinstance(event, FileOpened) else None
    return None


def _plain(value: Any) -> bool:
    return isinstance(value, str | Enum) or not (isinstance(value, Iterable) or attrs.has(type(value)))


def _pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], str)
