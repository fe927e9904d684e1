"""Takes in many tellings at once, as one moment of knowledge in one transaction, with a verdict for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from guanxi.kernel.appending import Appending
from guanxi.kernel.claims import (
    Claims,
    Found,
    Wanted,
    exclusive,
    note_sharers,
    settled,
    sharings,
    told_of,
)
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.desk import CUSTOMER, SYSTEM, Desk, unknown_customer
from guanxi.kernel.errors import Conflict, Incomplete, Refusal
from guanxi.kernel.finding import Finding
from guanxi.kernel.intake import Intaking, differs_on_record
from guanxi.kernel.judging import Judgement
from guanxi.kernel.messages import Event
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.ports import ClaimChange, CommandRecord, VersionConflict
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import BreachFlagged, BreachRecorded
from guanxi.kernel.telling import Telling, Verdict
from guanxi.kernel.times import instant, stamp
from guanxi.kernel.walk import Draft, Spoilt


@attrs.frozen
class _Told:
    """One telling of many, with its place among them and the key under which it is taken in once."""

    index: int
    telling: Telling
    key: str | None


@attrs.define
class _Intakes:
    """What one transaction of many tellings comes to, stream by stream."""

    book: RuleBook
    recorded: str
    verdicts: list[Verdict | None]
    plans: dict[str, Plan] = attrs.field(factory=dict)
    claims: list[ClaimChange] = attrs.field(factory=list)
    commands: list[CommandRecord] = attrs.field(factory=list)
    opened: list[str] = attrs.field(factory=list)


@attrs.define(eq=False, slots=False)
class BulkIntaking:
    """Takes many tellings at once into one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        claims: collects claims.
        appending: writes what was judged.
        finding: finds streams.
        intaking: takes in single commands.
        after_opening: told which accounts were opened.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _claims: Claims
    _appending: Appending
    _finding: Finding
    _intaking: Intaking
    _after_opening: Callable[[Sequence[str]], None]

    def take_in(
        self,
        tellings: Sequence[Telling],
        recorded_at: str | None,
        dry: bool,
        ask: Callable[[Telling], None] | None = None,
    ) -> list[Verdict]:
        """Take in many reports, again where another writer was met; see ``Ledger.take_in``.

        Args:
            tellings: what is reported.
            recorded_at: stamp of the batch's moment of knowledge.
            dry: judge only.
            ask: refuses what its teller may not tell; nobody is asked if None.
        """
        barred = {} if ask is None else _barred(tellings, ask)
        verdicts, opened = self._desk.repeated(lambda: self._take_in(tellings, recorded_at, dry, barred))
        if opened and not dry:
            self._after_opening(opened)
        if not dry:
            for n, verdict in enumerate(verdicts):
                if verdict.refusal is not None and verdict.refusal.kept and n not in barred:
                    self._intaking.keep(verdict.refusal, tellings[n])
        return verdicts

    def _take_in(
        self,
        tellings: Sequence[Telling],
        recorded_at: str | None,
        dry: bool,
        barred: Mapping[int, Refusal],
    ) -> tuple[list[Verdict], list[str]]:
        now = self._desk.now() if recorded_at is None else instant(recorded_at, self._desk.tz)
        recorded, book = stamp(now), self._rules.book()
        work = _Intakes(book, recorded, [None] * len(tellings))
        for n, refusal in barred.items():
            work.verdicts[n] = Verdict("refused", refusal=refusal)
        echoes: dict[int, int] = {}
        with collector_paused():
            self._take_fresh(self._fresh(tellings, now, work, echoes), work)
            if not dry and work.plans:
                self._appending.append_many(list(work.plans.values()), work.claims, work.commands)
        for n, first in echoes.items():
            verdict = work.verdicts[first]
            work.verdicts[n] = (
                Verdict("known", entry=verdict.entry) if verdict and verdict.status == "accepted" else verdict
            )
        return [v for v in work.verdicts if v is not None], work.opened

    def _fresh(
        self, tellings: Sequence[Telling], now: datetime, work: _Intakes, echoes: dict[int, int]
    ) -> dict[tuple[str, str], list[_Told]]:
        """Return what is not on record yet, by kind and name of its subject; give the rest its verdict.

        A telling that repeats an earlier one of the same call is put among ``echoes``, with the index of that one.
        """
        clocks, _ = work.book.find(ClockRules, work.recorded, work.recorded)
        fresh: dict[tuple[str, str], list[_Told]] = {}
        prepared: list[tuple[str, _Told]] = []
        for n, telling in enumerate(tellings):
            if work.verdicts[n] is not None:
                continue
            try:
                ready = self._intaking.prepared(telling, now, clocks)
                prepared.append(
                    (
                        self._finding.subject_kind(ready.command),
                        _Told(n, ready, self._intaking.command_key(ready)),
                    )
                )
            except Refusal as refusal:
                work.verdicts[n] = Verdict("refused", refusal=refusal)
        seen = self._desk.store.commands([t.key for _, t in prepared if t.key is not None])
        firsts: dict[str, _Told] = {}
        for kind, told in prepared:
            record = seen.get(told.key or "")
            if record is None:
                first = told if told.key is None else firsts.setdefault(told.key, told)
                if first is told:
                    fresh.setdefault((kind, told.telling.subject), []).append(told)
                elif self._intaking.digest(first.telling) == self._intaking.digest(told.telling):
                    echoes[told.index] = first.index
                else:
                    work.verdicts[told.index] = Verdict(
                        "refused",
                        refusal=differs_on_record(told.telling, f"line {first.index + 1} of this call"),
                    )
            elif record.digest == self._intaking.digest(told.telling):
                work.verdicts[told.index] = Verdict("known", entry=f"{record.stream}/{record.first_version}")
            else:
                first_entry = f"{record.stream}/{record.first_version}"
                work.verdicts[told.index] = Verdict(
                    "refused", refusal=differs_on_record(told.telling, first_entry)
                )
        self._keep_whole(tellings, fresh, work)
        return fresh

    def _keep_whole(
        self, tellings: Sequence[Telling], fresh: Mapping[tuple[str, str], list[_Told]], work: _Intakes
    ) -> None:
        """Refuse new lines of a whole of which another line was refused already; one that conflicts is on record, so nothing is missing."""
        broken = {
            (t.subject, t.whole)
            for t, v in zip(tellings, work.verdicts, strict=True)
            if t.whole and v is not None and v.refusal is not None and not isinstance(v.refusal, Conflict)
        }
        if broken:
            for told in fresh.values():
                for t in told:
                    if (t.telling.subject, t.telling.whole) in broken:
                        work.verdicts[t.index] = Verdict("refused", refusal=_not_whole(t.telling))
                told[:] = [t for t in told if work.verdicts[t.index] is None]

    def _take_fresh(self, fresh: Mapping[tuple[str, str], Sequence[_Told]], work: _Intakes) -> None:
        known = self._finding.find_all([name for kind, name in fresh if kind == CUSTOMER])
        streams = {(kind, name): known.get(name) if kind == CUSTOMER else name for kind, name in fresh}
        existing = [s for s in streams.values() if s is not None]
        heads, rows = self._desk.store.heads(existing), self._desk.store.fold_rows_of(existing)
        judged: list[tuple[Plan, list[_Told], list[Wanted]]] = []
        for (kind, name), told in fresh.items():
            told, stream = list(told), streams[kind, name]
            if stream is not None and kind == CUSTOMER:
                self._refuse_second_opening(told, work)
            if stream is None:
                if not any(type(t.telling.command).opens_file for t in told):
                    for t in told:
                        work.verdicts[t.index] = Verdict("waiting", refusal=unknown_customer(name))
                    continue
                stream = self._desk.backend.new_id()
                work.opened.append(name)
            if not told:
                continue
            head = heads.get(stream)
            if head is not None and (not rows.get(stream) or rows[stream][-1].version != head.version):
                raise VersionConflict(stream)
            at = max(work.recorded, head.recorded_at if head else "", work.book.latest)
            own = rows.get(stream, [])
            plan = Plan(
                stream,
                kind,
                head,
                own,
                [],
                head.next_due if head else None,
                at,
                linked=self._plans.linked(stream, own),
            )
            come = self._judge_told(plan, told, work)
            wanted = self._claims.wanted(stream, self._desk.house.room(kind), come) if told else []
            judged.append((plan, told, wanted))
        self._settle_claims(judged, work)
        for plan, told, _ in judged:
            self._accept(plan, told, work)
        for plan, told, _ in judged:
            for to in plan.outbox:
                other = attrs.evolve(
                    told[0].telling,
                    subject=to.subject,
                    command=to.command,
                    source=None,
                    command_id=None,
                    whole=None,
                )
                self._intaking.judge_one(
                    other, to.subject, to.command, work.recorded, work.book, work.plans, work.claims, None
                )

    def _refuse_second_opening(self, told: list[_Told], work: _Intakes) -> None:
        for t in told:
            if type(t.telling.command).opens_file:
                work.verdicts[t.index] = Verdict("refused", refusal=_taken(t.telling.subject))
        told[:] = [t for t in told if work.verdicts[t.index] is None]

    def _judge_told(
        self,
        plan: Plan,
        told: list[_Told],
        work: _Intakes,
        denied: Sequence[tuple[str, Any]] = (),
        shared: Sequence[tuple[str, tuple[str, ...], Any]] = (),
    ) -> Judgement:
        """Judge what is told of one stream; what is refused leaves ``told``, and takes with it the whole it is part of."""
        room = self._desk.house.room(plan.subject)
        plan.drafts = []

        def refuse(index: int) -> Callable[[Refusal], None]:
            def note(refusal: Refusal) -> None:
                work.verdicts[index] = Verdict("refused", refusal=refusal)

            return note

        while True:
            intakes = []
            for t in told:
                found = Found(
                    [kind for kind, tag in denied if tag is t.telling],
                    [(kind, others) for kind, others, tag in shared if tag is t.telling],
                )
                intake = self._intaking.intake(room, t.telling.command, t.telling, t.telling, found)
                intake.refused = refuse(t.index)
                intakes.append(intake)
            try:
                judged = self._plans.run(
                    plan, intakes, work.book, told[0].telling.actor if told else SYSTEM, deeds=False
                )
            except Spoilt:
                told[:] = [t for t in told if work.verdicts[t.index] is None]
                continue
            left = [t for t in told if work.verdicts[t.index] is None]
            broken = {t.telling.whole for t in told if t.telling.whole and work.verdicts[t.index] is not None}
            torn = [t for t in left if t.telling.whole in broken]
            for t in torn:
                work.verdicts[t.index] = Verdict("refused", refusal=_not_whole(t.telling))
            told[:] = [t for t in left if work.verdicts[t.index] is None]
            if not torn:
                break
        plan.drafts, plan.next_due, plan.outbox = (
            (judged.drafts, judged.next_due, judged.outbox) if told else ([], None, [])
        )
        return judged

    def _settle_claims(
        self, judged: Sequence[tuple[Plan, list[_Told], list[Wanted]]], work: _Intakes
    ) -> None:
        """Look all claims up at once; what others hold too, or hold alone, is judged again with that on it."""
        wanted = {key for *_, claims in judged for key in exclusive(claims)}
        holders = self._desk.store.holders(sorted(wanted)) if wanted else {}
        sharing = {key for *_, claims in judged for key in told_of(claims)}
        sharers = self._desk.store.sharers(sorted(sharing)) if sharing else {}
        for plan, told, claims in judged:
            met = {holders[key] for key in exclusive(claims) if key in holders}
            met.update(s for key in told_of(claims) for s in sharers.get(key, ()))
            kin = self._claims.kin(plan, met, None)
            denied = settled(
                claims,
                holders,
                work.claims,
                happened=True,
                opening=plan.head is None and plan.subject == CUSTOMER,
                kin=kin,
            )
            shared = sharings(claims, sharers, kin)
            if denied or shared:
                self._judge_told(plan, told, work, denied, shared)
            holders.update({key: plan.stream for key in exclusive(claims) if key not in holders})
            note_sharers(claims, sharers)

    def _accept(self, plan: Plan, told: Sequence[_Told], work: _Intakes) -> None:
        """Note what was taken in under which key, and which of it is kept although it broke a rule."""
        if not plan.drafts:
            for t in told:
                work.verdicts[t.index] = Verdict("known")
            return
        work.plans[plan.stream] = plan
        own: dict[int, list[Draft]] = {}
        flags: dict[int, list[str]] = {}
        teller: dict[str, int] = {}
        for d in plan.drafts:
            if isinstance(d.tag, Telling):
                own.setdefault(id(d.tag), []).append(d)
                teller[d.id] = id(d.tag)
            code = _breach(d.event, teller)
            if code is not None:
                flags.setdefault(teller.get(getattr(d.event, "entry", d.id), 0), []).append(code)
        for t in told:
            mine = own.get(id(t.telling))
            if mine is None:
                work.verdicts[t.index] = Verdict("known")
                continue
            if t.key is not None:
                work.commands.append(
                    CommandRecord(
                        t.key,
                        self._intaking.digest(t.telling),
                        plan.stream,
                        mine[0].version,
                        mine[-1].version,
                    )
                )
            work.verdicts[t.index] = Verdict(
                "accepted", entry=mine[0].id, flags=tuple(flags.get(id(t.telling), ()))
            )


def _barred(tellings: Sequence[Telling], ask: Callable[[Telling], None]) -> dict[int, Refusal]:
    """Return why tellings may not be told by those who tell them, by their index."""
    found: dict[int, Refusal] = {}
    for n, telling in enumerate(tellings):
        try:
            ask(telling)
        except Refusal as refusal:
            found[n] = refusal
    return found


def _taken(subject: str) -> Conflict:
    return Conflict(
        "identifier_taken",
        f"the account number {subject} names a file already",
        zh=f"户号 {subject} 已有档案",
        rule="CORE-95",
        accepts="another account number; an account number names one file for ever",
    )


def _not_whole(telling: Telling) -> Incomplete:
    return Incomplete(
        "receipt_incomplete",
        f"another line of {telling.whole} was refused, and it enters whole or not at all",
        zh=f"{telling.whole} 的另一行被拒收，须整单收录或整单拒收",
        rule="RET-59",
        accepts="all of its lines in order",
    )


def _breach(event: Event, teller: Mapping[str, int]) -> str | None:
    """Return the code of the breach that an event notes on what is being taken in now."""
    if isinstance(event, BreachRecorded) or (isinstance(event, BreachFlagged) and event.entry in teller):
        return event.code
    return None
