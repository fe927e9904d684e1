"""Brings a data file into a ledger as one batch: spooled whole, then told customer by customer, day by day."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
import msgspec

from guanxi import Conflict, Incomplete, Ledger, Money, OpenFile, Refusal, Source, Telling, Verdict
from guanxi.kernel.times import instant
from guanxi.relationship import InputWaiting, close_batch, keep_waiting, open_batch, release_all_waiting
from guanxi_adapters.files.converting import PENDING, Converter, Kind, Line
from guanxi_adapters.files.joining import joined, of_several
from guanxi_adapters.files.mapping import DELTA, NUMBERED, UNNUMBERED, Mapping
from guanxi_adapters.files.reading import opened
from guanxi_adapters.files.report import ImportReport, RefusedLine, refused_line
from guanxi_adapters.files.spool import Spool, Spooled

NAMED_AT_MOST = 10_000
"""Refused, flagged and vanished lines that a report names one by one; the others are counted."""

LINES_AT_ONCE = 5_000
"""Lines of one transaction, once this many have come together; a customer with more is split."""

_TRY_OUT = "try-out"
_TOKEN_PREFIX = 16
Progress = Callable[[int, int], None]
_encode = msgspec.json.encode


def import_file(
    ledger: Ledger,
    path: str | Path,
    mapping: Mapping,
    *,
    actor: str,
    reason: str,
    progress: Progress | None = None,
    batch_size: int = 500,
    all_or_nothing: bool | None = None,
    file_number: str | int | None = None,
) -> ImportReport:
    """Bring a data file in, as one moment of knowledge (CORE-98); the same file again adds nothing (RET-06).

    A line that is not accepted is named in the report, with the reason; the others are recorded. A run that was
    interrupted is completed by the same call: it continues the batch.

    Args:
        ledger: where it is recorded.
        path: the data file.
        mapping: what its lines mean; see ``load_mapping``.
        actor: who imports.
        reason: why; it stands for all lines.
        progress: called with (lines told, lines to tell).
        batch_size: customers of one transaction.
        all_or_nothing: whether one refused line keeps the whole file out; as the mapping says if not given.
        file_number: number of a delta file, if the mapping does not give it.

    Returns:
        What became of the lines.

    Raises:
        Incomplete: ``reason_missing``, ``actor_missing``, or ``file_number_missing`` for a delta file.
        Unknown, Invalid: the file cannot be read, or does not fit the mapping; nothing was recorded.
        StoreError: the store failed; what was told up to then is recorded, and the same call completes it.
    """
    _check_envelope(actor, reason)
    number = _file_number(mapping, file_number)
    whole = mapping.source.all_or_nothing if all_or_nothing is None else all_or_nothing
    with closing(Spool()) as spool:
        run = _Run(ledger, mapping, spool, actor, number, max(batch_size, 1), progress)
        run.read(path)
        if whole and not run.refused_count:
            run.try_out()
        if not (whole and run.refused_count):
            run.record(reason)
        return run.report(path)


def _check_envelope(actor: str, reason: str) -> None:
    if not reason or not reason.strip():
        raise Incomplete(
            "reason_missing",
            "an import needs a reason, which all of its lines carry",
            zh="导入须说明原因，批次内各行共用",
            rule="CORE-98",
            accepts="reason=...",
        )
    if not actor or not actor.strip():
        raise Incomplete(
            "actor_missing", "an import needs somebody who imports", zh="缺少经办人", accepts="actor=..."
        )


def _file_number(mapping: Mapping, given: str | int | None) -> str | None:
    if mapping.source.kind != DELTA:
        return None
    number = mapping.source.file_number if given is None else str(given).strip()
    if not number:
        raise Incomplete(
            "file_number_missing",
            f"each file of {mapping.source.name} holds only what is new, and is told apart by its number",
            zh=f"{mapping.source.name} 的每个文件只含新增内容，须以文件编号区分",
            rule="RET-06",
            accepts="file_number=...",
        )
    return number


class _Run:
    """One import: what it was given, and what has become of the lines so far."""

    def __init__(
        self,
        ledger: Ledger,
        mapping: Mapping,
        spool: Spool,
        actor: str,
        file_number: str | None,
        batch_size: int,
        progress: Progress | None,
    ) -> None:
        self.ledger, self.mapping, self.spool, self.actor = ledger, mapping, spool, actor
        self.file_number, self.batch_size, self.progress = file_number, batch_size, progress
        self.began = time.monotonic()
        self.kinds: tuple[Kind, ...] = ()
        self.batch: str | None = None
        self.continued = False
        self.recorded_at: str | None = None
        self.lines = self.accepted = self.known = self.waiting = self.opened = self.released = 0
        self.refused_count = self.flagged_count = 0
        self.refused: list[RefusedLine] = []
        self.flagged: list[tuple[int, tuple[str, ...]]] = []
        self.vanished: list[str] = []
        self.value: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.at = lru_cache(maxsize=10_000)(self._at)

    def _at(self, text: str) -> datetime:
        return instant(text, self.mapping.source.zone)

    def refuse(self, number: int, refusal: Refusal, rows: int = 1) -> None:
        self.refused_count += rows
        if len(self.refused) < NAMED_AT_MOST:
            self.refused.append(refused_line(number, refusal))

    # Reading

    def read(self, path: str | Path) -> None:
        """Read the whole file into the spool; name the lines that say nothing acceptable."""
        with opened(path, self.mapping.source) as file:
            converter = Converter(self.mapping, self.ledger, file.columns)
            self.kinds = converter.kinds
            self.spool.add(self._good(file.rows, converter))
        self._refuse_torn()
        self._join_documents()

    def _join_documents(self) -> None:
        """Put the lines of a document together where they become one command."""
        each = [n for n, kind in enumerate(self.kinds) if kind.each is not None]
        if not each:
            return
        ready: list[tuple[list[int], bytes, str]] = []
        told: set[int] = set()
        for document, number, customers in self.spool.divided(each):
            self.refuse(number, of_several(document, number))
            told.add(number)
            for customer in customers:
                self.spool.tear(customer, document)
        self._refuse_torn(told)
        torn: list[tuple[str, str]] = []
        for customer, document, n, lines in self.spool.documents(each):
            try:
                command = joined(self.kinds[n], document, lines)
            except Refusal as refusal:
                self.refuse(lines[0][0], refusal)
                told.add(lines[0][0])
                torn.append((customer, document))
                continue
            content = _encode([self.mapping.source.name, customer, document, lines[0][1]]) + command
            ready.append(
                ([line[0] for line in lines], command, self.ledger.sealing.token("line", content.decode()))
            )
        self.spool.join(ready)
        for customer, document in torn:
            self.spool.tear(customer, document)
        self._refuse_torn(told)

    def _refuse_torn(self, told: Collection[int] = ()) -> None:
        """Refuse the other lines of documents that lost one; those that were refused for themselves are told already."""
        for number, document in self.spool.take_torn():
            if number not in told:
                self.refuse(number, _torn(document))

    def _good(self, rows: Iterable[Any], converter: Converter) -> Iterator[tuple[int, Line, str]]:
        token = self.ledger.sealing.token
        torn: list[tuple[str, str]] = []
        for row in rows:
            self.lines += 1
            try:
                if row.refusal is not None:
                    raise row.refusal
                line = converter.line(row.fields)
            except Refusal as refusal:
                self.refuse(row.number, refusal)
                reference = None if row.refusal is not None else converter.reference(row.fields)
                if reference is not None:
                    torn.append(reference)
                continue
            yield row.number, line, token("line", line.content.decode())
        for customer, document in torn:
            self.spool.tear(customer, document)

    # Telling

    def try_out(self) -> None:
        """Judge everything and record nothing, so that a line which the ledger refuses is known before."""
        for chunk in self._chunks():
            self._tell(chunk, dry=True)

    def record(self, reason: str) -> None:
        """Tell the lines as one batch, let in what waited, and close the batch."""
        source = self.mapping.source.name
        batch = open_batch(self.ledger, source, reason=reason, actor=self.actor)
        self.batch, self.recorded_at, self.continued = batch.id, batch.recorded_at, batch.continued
        done, total = 0, self.spool.count()
        for chunk in self._chunks():
            self._tell(chunk, dry=False)
            done += sum(line.rows for lines in chunk for line in lines)
            if self.progress is not None:
                self.progress(done, total)
        self.released = release_all_waiting(self.ledger)
        if self.mapping.source.kind == UNNUMBERED:
            self._note_vanished()
        accepted, known, waiting = (
            self._in_batch() if batch.continued else (self.accepted, self.known, self.waiting)
        )
        close_batch(
            self.ledger,
            source,
            batch.id,
            actor=self.actor,
            accepted=accepted,
            known=known,
            refused=self.refused_count,
            waiting=waiting,
        )

    def _in_batch(self) -> tuple[int, int, int]:
        """Count what the whole batch brought, interrupted runs included."""
        waiting: set[tuple[str, str]] = set()
        taken: set[tuple[str, str]] = set()
        for r in self.ledger.store.source_references(self.mapping.source.name, self.batch):
            (waiting if r.name == InputWaiting.stored_name else taken).add((r.document, r.line))
        waiting -= taken
        many = self.spool.many()
        came, held = (sum(many.get(one, 1) for one in some) for some in (taken, waiting))
        return came, max(0, self.lines - self.refused_count - came - held), held

    def _note_vanished(self) -> None:
        logged = self.ledger.store.source_references(self.mapping.source.name)
        self.vanished = self.spool.vanished((r.document, r.line, r.entry) for r in logged)

    def _chunks(self) -> Iterator[list[list[Spooled]]]:
        """Yield some customers' lines at a time; only a customer with more than fit into a transaction is split."""
        chunk: list[list[Spooled]] = []
        count = 0
        for lines in self.spool.customers():
            for start in range(0, len(lines), LINES_AT_ONCE):
                part = lines[start : start + LINES_AT_ONCE]
                chunk.append(part)
                count += len(part)
                if len(chunk) >= self.batch_size or count >= LINES_AT_ONCE:
                    yield chunk
                    chunk, count = [], 0
        if chunk:
            yield chunk

    def _tell(self, chunk: list[list[Spooled]], *, dry: bool) -> None:
        files = self.mapping.files
        open_already = self.ledger.find_all([lines[0].customer for lines in chunk]) if files.opens else {}
        tellings: list[Telling] = []
        origin: list[Spooled | None] = []
        for lines in chunk:
            if files.opens and lines[0].customer not in open_already:
                tellings.append(self._opening(lines))
                origin.append(None)
            tellings += map(self._telling, lines)
            origin += lines
        verdicts = self.ledger.take_in(tellings, recorded_at=self.recorded_at, dry=dry)
        held: list[Telling] = []
        rows: list[int] = []
        for telling, verdict, line in zip(tellings, verdicts, origin, strict=True):
            if line is None:
                self._note_opening(verdict, dry)
            elif verdict.status == "waiting":
                held.append(telling)
                rows.append(line.rows)
            else:
                self._note(line, telling, verdict, dry)
        if held and not dry:
            kept = keep_waiting(self.ledger, held, recorded_at=self.recorded_at)
            for verdict, many in zip(kept, rows, strict=True):
                self.waiting += many * (verdict.status == "waiting")
                self.known += many * (verdict.status == "known")

    def _note_opening(self, verdict: Verdict, dry: bool) -> None:
        if verdict.refusal is not None and not isinstance(verdict.refusal, Conflict):
            raise verdict.refusal
        if verdict.status == "accepted" and not dry:
            self.opened += 1

    def _note(self, line: Spooled, telling: Telling, verdict: Verdict, dry: bool) -> None:
        if verdict.refusal is not None:
            self.refuse(line.number, verdict.refusal, line.rows)
        elif dry:
            return
        elif verdict.status == "known":
            self.known += line.rows
        else:
            self.accepted += line.rows
            self._add_up(telling.command, self.kinds[line.kind])
            if verdict.flags:
                self.flagged_count += 1
                if len(self.flagged) < NAMED_AT_MOST:
                    self.flagged.append((line.number, verdict.flags))

    def _add_up(self, command: Any, kind: Kind) -> None:
        for name, _ in kind.fields:
            value = getattr(command, name)
            if isinstance(value, Money):
                self.value[value.currency] += value.amount

    # Making tellings

    def _opening(self, lines: list[Spooled]) -> Telling:
        first, files = lines[0], self.mapping.files
        name = next((x.name for x in lines if x.name), None)
        at = self.at(first.at)
        return Telling(
            subject=first.customer,
            command=OpenFile(party=files.party, name=name, source_channel=files.source_channel),  # type: ignore[arg-type]
            actor=self.actor,
            occurred_at=at,
            effective_from=at,
            precision=self.mapping.source.precision,
            happened=True,
            batch=self.batch or _TRY_OUT,
        )

    def _telling(self, line: Spooled) -> Telling:
        source, kind, at = self._source(line), self.kinds[line.kind], self.at(line.at)
        command = kind.decode(line.command)
        if kind.generated:
            own = self._own_number(line, source)
            command = attrs.evolve(
                command, **{n: own for n in kind.generated if getattr(command, n) == PENDING}
            )
        return Telling(
            subject=line.customer,
            command=command,
            actor=self.actor,
            occurred_at=at,
            effective_from=at,
            precision=self.mapping.source.precision,
            happened=True,
            source=source,
            batch=self.batch or _TRY_OUT,
            whole=line.document,
        )

    def _source(self, line: Spooled) -> Source:
        name, kind = self.mapping.source.name, self.mapping.source.kind
        if kind == NUMBERED:
            return Source(name, line.document, line.line or "1")
        document = line.token if self.file_number is None else f"{self.file_number}:{line.token}"
        return Source(name, document, str(line.nth))

    def _own_number(self, line: Spooled, source: Source) -> str:
        """Return a number for a line whose source gives it none: the same whenever and wherever the line is read."""
        if line.document is not None:
            return f"{line.document}/{source.line}"
        prefix = "" if self.file_number is None else f"{self.file_number}:"
        return f"{prefix}{line.token[:_TOKEN_PREFIX]}-{line.nth}"

    def _moment(self) -> str | None:
        if self.recorded_at is None:
            return None
        return instant(self.recorded_at, self.ledger.tz).isoformat(timespec="seconds")

    def report(self, path: str | Path) -> ImportReport:
        return ImportReport(
            batch=self.batch,
            source=self.mapping.source.name,
            kind=self.mapping.source.kind,
            moment=self._moment(),
            file=str(path),
            continued=self.continued,
            lines=self.lines,
            accepted=self.accepted,
            known=self.known,
            refused=tuple(sorted(self.refused, key=lambda r: r.line)),
            refused_count=self.refused_count,
            waiting=self.waiting,
            released=self.released,
            vanished=len(self.vanished),
            vanished_entries=tuple(self.vanished[:NAMED_AT_MOST]),
            opened=self.opened,
            flagged=self.flagged_count,
            flagged_lines=tuple(sorted(self.flagged)),
            value=dict(sorted(self.value.items())),
            seconds=round(time.monotonic() - self.began, 3),
        )


def _torn(document: str) -> Incomplete:
    return Incomplete(
        "receipt_incomplete",
        f"another line of {document} was refused, and it enters whole or not at all",
        zh=f"{document} 的另一行被拒收，须整单收录或整单拒收",
        rule="RET-59",
        accepts="all of its lines in order",
    )
