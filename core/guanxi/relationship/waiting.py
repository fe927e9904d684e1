"""What waits for a customer file: kept sealed under a keyed token, taken in once the file is open (CORE-98)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import attrs
import msgspec

from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Command, Fact, command, event, field, personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.telling import ACCOUNT, Source, Telling, Verdict
from guanxi.kernel.times import DAY, instant

SUBJECT = "waiting"
_AT_ONCE = 500
_DAY = timedelta(days=1)


def waiting_stream(ledger: Ledger, account: str) -> str:
    """Return the id of the stream that keeps what waits for an account number; the number cannot be told from it."""
    return f"waiting-{ledger.sealing.token(ACCOUNT, account)}"


def keep_waiting(
    ledger: Ledger, tellings: Sequence[Telling], *, recorded_at: str | None = None
) -> list[Verdict]:
    """Keep tellings whose customer file is not open yet, each under its own source reference.

    Args:
        ledger: where they are kept.
        tellings: each with ``source`` and ``occurred_at``.
        recorded_at: stamp of the moment of knowledge; now if not given.

    Returns:
        One verdict per telling: ``waiting`` the first time, ``known`` from then on.
    """
    kept = [_kept(ledger, t) for t in tellings]
    verdicts = ledger.take_in(kept, recorded_at=recorded_at)
    return [attrs.evolve(v, status="waiting") if v.status == "accepted" else v for v in verdicts]


def release_waiting(ledger: Ledger, accounts: Iterable[str]) -> int:
    """Take in what waits for these account numbers, as far as their files are open; return how many inputs that were.

    Interrupted between taking in and marking, it does no harm to call again: every input has its own reference.
    """
    names = list(dict.fromkeys(accounts))
    streams = {waiting_stream(ledger, a): a for a in names}
    held = list(ledger.store.heads(streams))
    opened = ledger.find_all([streams[s] for s in held]) if held else {}
    return sum(_release(ledger, s, streams[s]) for s in held if streams[s] in opened)


def release_all_waiting(ledger: Ledger) -> int:
    """Take in everything that waits for a file which is open by now; return how many inputs that were."""
    done, after = 0, ""
    while heads := ledger.store.streams(SUBJECT, after, _AT_ONCE):
        after = heads[-1].stream
        rows = ledger.store.fold_rows_of([h.stream for h in heads])
        accounts = []
        for stream, own in rows.items():
            came = sum(r.name == InputWaiting.stored_name for r in own)
            if came > sum(r.name == InputReleased.stored_name for r in own):
                first = own[0]
                fields = ledger.codec.fields(
                    first.name, first.schema_version, first.payload, stream, first.version
                )
                if isinstance(fields["account"], str):
                    accounts.append(fields["account"])
        done += release_waiting(ledger, accounts)
    return done


def _kept(ledger: Ledger, telling: Telling) -> Telling:
    if telling.source is None:
        raise Invalid(
            "source_missing",
            "what waits needs a source reference",
            zh="待处理的输入须有来源编号",
            rule="CORE-03",
            accepts="source=...",
        )
    keeping = KeepWaiting(
        reference=_reference(ledger, telling.source),
        account=telling.subject,
        command=type(telling.command).stored_name,
        fields=msgspec.to_builtins(telling.command),
        happened=telling.happened,
    )
    return attrs.evolve(
        telling, subject=waiting_stream(ledger, telling.subject), command=keeping, happened=True
    )


def _reference(ledger: Ledger, source: Source) -> str:
    return ledger.sealing.token(
        SUBJECT, "\x1f".join((source.system, source.document or "", source.line or ""))
    )


def _release(ledger: Ledger, stream: str, account: str) -> int:
    judged = ledger.relationship(stream)
    state: Waiting = judged.states[judged.room.index[waiting.name]]
    if not state.pending:
        return 0
    entries = {
        _reference(ledger, s): e for e in ledger.store.entries(stream) if (s := _source(e)) is not None
    }
    told = {r: _told(ledger, account, held, entries[r]) for r, held in state.pending.items() if r in entries}
    ready = {r: t for r, t in told.items() if t is not None}
    if not ready:
        return 0
    verdicts = dict(zip(ready, ledger.take_in(list(ready.values())), strict=True))
    refused = {
        r: v.refusal.code for r, v in verdicts.items() if v.status == "refused" and v.refusal is not None
    }
    taken = tuple(r for r, v in verdicts.items() if v.status in ("accepted", "known"))
    ledger.execute(stream, ReleaseWaiting(taken=taken, refused=refused), actor="system")
    return len(taken)


def _source(entry: Entry) -> Source | None:
    if entry.name != InputWaiting.stored_name or entry.source_system is None:
        return None
    return Source(entry.source_system, entry.source_document, entry.source_line)


def _told(ledger: Ledger, account: str, held: Held, entry: Entry) -> Telling | None:
    """Return the telling as it came; None where its plugin is gone or its words are erased."""
    cls = ledger.commands.get(held.command)
    if cls is None or isinstance(held.fields, Erased):
        return None
    return Telling(
        subject=account,
        command=msgspec.convert(held.fields, cls),
        actor=entry.actor,
        occurred_at=_as_told(entry.occurred_at, entry.precision, ledger),
        effective_from=_as_told(entry.effective_from, entry.precision, ledger),
        precision=entry.precision,
        happened=held.happened,
        source=_source(entry),
        on_behalf_of=entry.on_behalf_of,
        channel=entry.channel,
        section=entry.section,
        batch=entry.batch,
    )


def _as_told(text: str, precision: str, ledger: Ledger) -> datetime:
    """Return a stored moment; a day as the midnight that it was told as, which need not be one in the ledger's zone."""
    at = instant(text, ledger.tz)
    if precision != DAY or at.time() == time.min:
        return at
    utc = at.astimezone(UTC)
    since_midnight = utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = _DAY - since_midnight if since_midnight > _DAY / 2 else -since_midnight
    return utc.astimezone(timezone(ahead))


# What was told


@event("core.input_waiting")
class InputWaiting(Fact):
    """An input arrived before its customer file; its envelope holds when it happened and its source reference."""

    reference: str
    account: str | Erased = personal("dealings")
    command: str
    fields: dict[str, Any] | Erased = personal("dealings")
    happened: bool = field(default=True)


@event("core.input_released")
class InputReleased(Fact):
    """A waiting input was taken in, or refused with a code, when its file was opened."""

    reference: str
    code: str | None = field(default=None)


@command("core.keep_waiting")
class KeepWaiting(Command):
    """Keep an input until its customer file is open.

    Args:
        reference: keyed token of its source reference.
        account: the account number it is for.
        command: stored name of its command.
        fields: the command's fields.
        happened: whether it tells what already happened.
    """

    reference: str
    account: str
    command: str
    fields: dict[str, Any]
    happened: bool = field(default=True)


@command("core.release_waiting")
class ReleaseWaiting(Command):
    """Note what became of waiting inputs.

    Args:
        taken: references of those taken in.
        refused: codes of those refused, by reference; the same input may be brought again.
    """

    taken: tuple[str, ...] = field(default=())
    refused: dict[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Held:
    """One input that waits."""

    command: str
    fields: dict[str, Any] | Erased
    happened: bool


@attrs.define
class Waiting:
    """What waits for one account number, by reference."""

    pending: dict[str, Held] = attrs.field(factory=dict)


waiting = Facet("core.waiting", Waiting, subject=SUBJECT, title=Label("Waiting inputs", "待处理输入"))


@waiting.evolve
def _arrived(s: Waiting, e: InputWaiting) -> None:
    s.pending[e.reference] = Held(e.command, e.fields, e.happened)


@waiting.evolve
def _went(s: Waiting, e: InputReleased) -> None:
    s.pending.pop(e.reference, None)


@waiting.decide
def _keep(s: Waiting, c: KeepWaiting, now: Now) -> Iterator[Fact]:
    yield InputWaiting(
        reference=c.reference, account=c.account, command=c.command, fields=c.fields, happened=c.happened
    )


@waiting.decide
def _mark(s: Waiting, c: ReleaseWaiting, now: Now) -> Iterator[Fact]:
    for reference in c.taken:
        if reference in s.pending:
            yield InputReleased(reference=reference)
    for reference, code in c.refused.items():
        if reference in s.pending:
            yield InputReleased(reference=reference, code=code)
