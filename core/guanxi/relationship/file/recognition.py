"""Who calls: the mobile number is the card (CORE-15). And which file stands for a party whose file was merged (CORE-13).

A look-up is one question for a keyed token and the rows of the one stream that holds it; no table is gone through, and
nothing is brought level meanwhile. It asks at the door before anything is read, and again for each file that it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs
import phonenumbers

from guanxi.kernel.access import allows, ask, let_in
from guanxi.kernel.cadences import DueRow
from guanxi.kernel.desk import unknown_customer
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader
from guanxi.kernel.timeline import Cut, cut
from guanxi.kernel.times import stamp
from guanxi.relationship.file.callers import (
    COMPLAINT,
    PROMISE,
    RESERVATION,
    CallerItemRow,
    CallerRow,
    caller_items,
    callers,
)
from guanxi.relationship.file.contacts import contact_claim
from guanxi.relationship.file.identifiers import MOBILE, claim_kind
from guanxi.relationship.file.read_models import absorbed_files, contact_points
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.file.spans import within
from guanxi.relationship.file.telephone import e164

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

_FEW = 200
"""So many entries are looked through for the caller's; where tables lie further behind, his file is read itself."""

_SHORT = 400
"""A file of so many entries is sooner read itself than its rows in the tables, which may lag behind it."""

_READS = (callers, contact_points, caller_items, absorbed_files)


@attrs.frozen
class Match:
    """A file whose party may be calling: enough to choose by, and nothing else.

    Args:
        stream: the relationship's opaque id; empty where the agent may not read it.
        account: its account number; None where the agent may not read it.
        name: whose it is; None where the agent may not read it.
        section: the business unit it is in; of a file that the agent may not read this alone is told.
        readable: whether the agent may read it.
        until: until when the number led there, for a former holder.
    """

    stream: str
    account: str | None
    name: str | Erased | None
    section: str | None
    readable: bool = True
    until: datetime | None = None


@attrs.frozen
class PopUp:
    """What the agent sees of the one party that is calling.

    Args:
        telephone: the number, in E.164.
        match: whose file it is.
        member_type: the party's class.
        reservations: visits planned with it, the latest first.
        complaints: those that are open.
        promises: those that are open.
        due_items: gives what is open or overdue with it, when it is asked for.
    """

    telephone: str
    match: Match
    member_type: str | None
    reservations: tuple[CallerItemRow, ...]
    complaints: tuple[CallerItemRow, ...]
    promises: tuple[CallerItemRow, ...]
    due_items: Callable[[], tuple[DueRow, ...]] = attrs.field(eq=False, repr=False)


@attrs.frozen
class Recognition:
    """What a number says of who calls.

    Args:
        telephone: the number, in E.164.
        pop_up: what is shown where one party holds it, whose file the agent may read.
        matches: all that hold it; several are to be chosen from.
        former: who held it, where nobody does any more.
        new_lead: whether a new lead is offered.
        script: what the agent says.
    """

    telephone: str
    pop_up: PopUp | None
    matches: tuple[Match, ...]
    former: tuple[Match, ...]
    new_lead: bool
    script: str


def recognise(
    ledger: Ledger,
    number: str,
    *,
    at: datetime | str | None = None,
    sections: Collection[str] | None = None,
) -> Recognition:
    """Return who calls from a number. Recognising takes no further authentication; changing data or money does.

    Where access rules are in force, the ledger's view has to allow it: ``as_actor(..., channel="call")`` for a customer who is on
    the line. Every file that is shown is asked about, and put on record as seen (CORE-69); of one that the agent may not read
    the section alone is told.

    Args:
        ledger: the ledger, or the agent's view of it.
        number: as the exchange gives it; one without country code is of the programme's region.
        at: when the call came in; now if not given. A bare date means that day's end.
        sections: business units that the agent may read; all that the door lets him if None.

    Returns:
        Who it is, or may be, and what is open with him.

    Raises:
        Incomplete: ``actor_missing`` where access rules are in force and nobody says who asks (CORE-67).
        NotPermitted: ``not_authorised``, ``lookup_not_approved`` or ``section_closed``; the attempt is kept (CORE-69).
        Invalid: ``invalid_phone`` (CORE-15).
    """
    ask(ledger, "recognise")
    with let_in():
        telephone, script, holders, former = _known(ledger, number, at)
    shown = holders or former
    whose = {stream: _match(ledger, stream, who, sections) for stream, who in shown.items()}
    matches = tuple(sorted((whose[s] for s in holders), key=lambda m: (m.account or "", m.section or "")))
    pop_up = None
    if len(holders) == 1:
        ((stream, who),) = holders.items()
        if whose[stream].readable:
            pop_up = _pop_up(ledger, telephone, whose[stream], who.row, who.items)
    past = () if holders else tuple(sorted(whose.values(), key=lambda m: str(m.until), reverse=True))
    return Recognition(telephone, pop_up, matches, past, not holders, script)


@attrs.frozen
class _Known:
    """What is on file of one party that holds a number, or held it."""

    row: CallerRow
    items: tuple[CallerItemRow, ...] = ()
    until: datetime | None = None


def _known(
    ledger: Ledger, number: str, at: datetime | str | None
) -> tuple[str, str, dict[str, _Known], dict[str, _Known]]:
    """Return the number in one form, what the agent says, who holds it, and who held it, by stream."""
    asked = cut(at, None, ledger.tz)
    now = stamp(ledger.clock())
    moment = datetime.fromisoformat(asked.as_of or now)
    rules, _ = ledger.rule_book().find(TelephoneRules, stamp(moment), now)
    telephone = e164(number, rules.default_region)
    holders: dict[str, _Known] = {}
    former: dict[str, _Known] = {}
    candidates = list(_candidates(ledger, telephone))
    with _reading(ledger, asked, now, [stream for stream, _ in candidates]) as reader:
        for stream, by_identifier in candidates:
            row = _caller(reader, stream)
            if row is None:
                continue
            held, until = (
                (True, None) if by_identifier and row.mobile else _held(reader, stream, telephone, moment)
            )
            if not held and until is None:
                continue
            items = reader.rows_of(caller_items, stream)
            while (top := _survivor(reader, stream, moment)) is not None:
                stream, row = top, _caller(reader, top) or row
                if (retired := _retired(reader, top, telephone, moment)) is not None:
                    held, until = False, retired
                items = [*reader.rows_of(caller_items, stream), *items]
            if held:
                open_ones = [i for i in items if i.settled_at is None or i.settled_at > moment]
                kept = tuple(i for i in items if i.kind == RESERVATION or i in open_ones)
                holders[stream] = _Known(row, kept, until)
            else:
                former[stream] = _Known(row, until=until)
    situation = "none" if not holders else "one" if len(holders) == 1 else "several"
    return telephone, rules.scripts.get(situation, ""), holders, former


@contextmanager
def _reading(ledger: Ledger, asked: Cut, now: str, streams: Sequence[str]) -> Generator[Reader]:
    """Yield what reads the rows of single streams: the tables for long ones of now, else the streams themselves, folded in memory."""
    reader: Reader | None = None
    if asked == Cut() and any(head.version > _SHORT for head in ledger.store.heads(streams).values()):
        reader = _level(ledger, streams)
    if reader is None:
        yield ledger.reporting.of_stream(_READS, streams[0] if streams else "", asked, now)
        return
    with closing(cast(Any, reader)):
        yield reader


def _level(ledger: Ledger, streams: Sequence[str]) -> Reader | None:
    """Return what reads tables that show everything recorded by now of some streams; None where they don't."""
    reader: Reader = ledger.reporting.projector.reader(models=_READS)
    unseen = ledger.store.page(reader.position, _FEW)
    if len(unseen) < _FEW and not any(e.stream in streams for e in unseen):
        return reader
    # Whoever waits on the telephone does not wait until every table is level.
    cast(Any, reader).close()
    return None


def _caller(reader: Reader, stream: str) -> CallerRow | None:
    return next(iter(reader.rows_of(callers, stream)), None)


def _candidates(ledger: Ledger, telephone: str) -> Iterator[tuple[str, bool]]:
    """Yield the streams that have or had the number, and whether as an identifier."""
    national = str(phonenumbers.parse(telephone).national_number)
    contact = contact_claim("mobile")
    kinds = [(contact, telephone)]
    kinds += [(claim_kind(MOBILE), value) for value in (telephone, telephone[1:], national)]
    tokens = [(kind, ledger.sealing.token(kind, value)) for kind, value in kinds]
    found = ledger.store.sharers(tokens)
    seen: set[str] = set()
    for token in tokens:
        for stream in found.get(token, ()):
            if stream not in seen:
                seen.add(stream)
                yield stream, token[0] != contact


def _held(reader: Reader, stream: str, telephone: str, moment: datetime) -> tuple[bool, datetime | None]:
    """Return whether a file holds the number at a moment; and until when it did, where it no longer does."""
    until: datetime | None = None
    for point in reader.rows_of(contact_points, stream):
        if point.type != "mobile" or point.value != telephone or point.since is None or point.since > moment:
            continue
        if point.until is None or point.until > moment:
            return True, None
        until = point.until if until is None else max(until, point.until)
    return False, until


def _retired(reader: Reader, stream: str, telephone: str, moment: datetime) -> datetime | None:
    """Return when a survivor retired the number of a file that it absorbed, if it did."""
    rows = reader.rows_of(contact_points, stream)
    ends = [r.until for r in rows if r.since is None and r.value == telephone and r.until is not None]
    return max((until for until in ends if until <= moment), default=None)


def _survivor(reader: Reader, stream: str, moment: datetime) -> str | None:
    """Return the file that stands for this one at a moment; None where it stands for itself."""
    rows = reader.rows_of(absorbed_files, stream)
    return next((row.survivor for row in rows if within(row.spans, moment)), None)


def _match(ledger: Ledger, stream: str, known: _Known, sections: Collection[str] | None) -> Match:
    """Return what is told of a file: all, and that it was looked at is on record; or its section alone."""
    row = known.row
    told = sections is None or row.section is None or row.section in sections
    if not told or not allows(ledger, "recognise", subject=stream, parameters={"section": row.section}):
        return Match("", None, None, row.section, readable=False, until=known.until)
    return Match(stream, row.account, row.name, row.section, until=known.until)


def _pop_up(
    ledger: Ledger, telephone: str, match: Match, row: CallerRow, items: Sequence[CallerItemRow]
) -> PopUp:
    def of_kind(kind: str) -> list[CallerItemRow]:
        return [i for i in items if i.kind == kind]

    reservations = sorted(of_kind(RESERVATION), key=lambda i: (str(i.on), i.number), reverse=True)
    return PopUp(
        telephone,
        match,
        row.member_type,
        tuple(reservations),
        tuple(of_kind(COMPLAINT)),
        tuple(of_kind(PROMISE)),
        partial(ledger.due_items, customer=match.stream, states=("open", "overdue")),
    )


@attrs.frozen
class Found:
    """The file that stands for a party.

    Args:
        stream: its opaque id.
        account: its account number.
        merged_from: the account number that was asked for, where that file is absorbed.
        note: what to tell who asked; None where there is nothing to tell.
    """

    stream: str
    account: str
    merged_from: str | None = None
    note: Label | None = None


def look_up(ledger: Ledger, subject: str, *, at: datetime | str | None = None) -> Found:
    """Return the file that stands for a party: after a merge the survivor, with a note (CORE-13).

    Args:
        ledger: the ledger, or somebody's view of it; where access rules are in force it has to allow both files.
        subject: account number or stream id.
        at: when; now if not given. A bare date means that day's end.

    Returns:
        The file, with a note where it is another than the one that was asked for.

    Raises:
        Incomplete: ``actor_missing`` where access rules are in force and nobody says who asks (CORE-67).
        NotPermitted: ``not_authorised``, ``lookup_not_approved`` or ``section_closed``; the attempt is kept (CORE-69).
        Unknown: there is no such file.
    """
    ask(ledger, "look_up", subject=subject)
    with let_in():
        first, found = _standing(ledger, subject, at)
    if found.stream != first:
        ask(ledger, "look_up", subject=found.stream)
    return found


def _standing(ledger: Ledger, subject: str, at: datetime | str | None) -> tuple[str, Found]:
    """Return the stream that was asked for, and the file that stands for it."""
    stream = ledger.find(subject)
    if stream is None:
        raise unknown_customer(subject)
    first = stream
    asked, now = cut(at, None, ledger.tz), stamp(ledger.clock())
    moment = datetime.fromisoformat(asked.as_of or now)
    with _reading(ledger, asked, now, [stream]) as reader:
        row = _caller(reader, stream)
        account = subject if row is None else row.account
        while (top := _survivor(reader, stream, moment)) is not None:
            stream = top
        row = _caller(reader, stream)
        standing = subject if row is None else row.account
    if standing == account:
        return first, Found(stream, account)
    note = Label(f"{account} is merged into {standing}", f"{account} 已并入 {standing}")
    return first, Found(stream, standing, account, note)
