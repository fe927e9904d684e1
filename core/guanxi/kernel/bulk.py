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
from guanxi.kernel.desk import CUSTOMER, Desk, unknown_customer
from guanxi.kernel.entries import FoldRow, Head
from guanxi.kernel.errors import Conflict, Incomplete, Parked, PluginError, Refusal
from guanxi.kernel.finding import Finding
from guanxi.kernel.house import Room
from guanxi.kernel.intake import Intaking, differs_on_record
from guanxi.kernel.judging import Judgement
from guanxi.kernel.links import ever_merged
from guanxi.kernel.messages import Event
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.ports import ClaimChange, CommandRecord, VersionConflict
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import BreachFlagged, BreachRecorded, StreamLinked
from guanxi.kernel.telling import Status, Telling, Verdict
from guanxi.kernel.times import instant, stamp
from guanxi.kernel.walk import Draft, Intake, Spoilt

ROUNDS = 1_000
"""How many commands may follow one another from file to file before they are taken not to come to rest."""


@attrs.frozen
class _Told:
    """One telling of many, or what it tells another file.

    Args:
        index: place of the telling among them.
        telling: what is told.
        key: under which it is taken in once.
        turns: the way by which it came to another file: which of the commands for others it was at each step.
    """

    index: int
    telling: Telling
    key: str | None
    turns: tuple[int, ...] = ()


@attrs.define
class _Work:
    """What one stream is told at once.

    Args:
        plan: what it is to gain.
        told: what is told of it, without what was refused.
        given: what was told of it.
        heard: what other streams tell it.
        sent: what it tells others.
        claims: what it wants to hold alone, or is to be told of.
        denied: kinds of claims that others hold, each with the telling that wants it.
        shared: claims that others hold too, each with the telling that takes it.
    """

    plan: Plan
    told: list[_Told]
    given: Sequence[_Told] = ()
    heard: list[_Told] = attrs.field(factory=list)
    sent: list[_Told] = attrs.field(factory=list)
    claims: list[Wanted] = attrs.field(factory=list)
    denied: Sequence[tuple[str, Any]] = ()
    shared: Sequence[tuple[str, tuple[str, ...], Any]] = ()

    def everything(self) -> list[_Told]:
        """Return what is told of it by anybody, in the order of the tellings."""
        return sorted([*self.told, *self.heard], key=lambda t: (t.index, t.turns))


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

    def _at_home(
        self,
        fresh: Mapping[tuple[str, str], Sequence[_Told]],
        streams: Mapping[tuple[str, str], str | None],
        rows: Mapping[str, list[FoldRow]],
    ) -> dict[tuple[str, str], list[_Told]] | None:
        """Return what is told, by the streams in which the things began that it is told of; None where none belongs elsewhere."""
        names = {stream: key for key, stream in streams.items()}
        moved: dict[tuple[str, str], list[_Told]] = {}
        anything = False
        for key, told in fresh.items():
            stream = streams[key]
            if stream is None or key[0] != CUSTOMER or not ever_merged(rows.get(stream, ())):
                moved.setdefault(key, []).extend(told)
                continue
            for t in told:
                place = self._intaking.placing.place(stream, rows[stream], t.telling, t.telling.command, None)
                home = stream if place is None else place.home
                moved.setdefault(names.get(home, (CUSTOMER, home)), []).append(t)
                anything = anything or home != stream
        return {k: sorted(told, key=lambda t: t.index) for k, told in moved.items()} if anything else None

    def _take_fresh(
        self, fresh: Mapping[tuple[str, str], Sequence[_Told]], work: _Intakes, *, placed: bool = False
    ) -> None:
        known = self._finding.find_all([name for kind, name in fresh if kind == CUSTOMER])
        streams = {(kind, name): known.get(name) if kind == CUSTOMER else name for kind, name in fresh}
        existing = [s for s in streams.values() if s is not None]
        heads, rows = self._desk.store.heads(existing), self._desk.store.fold_rows_of(existing)
        if not placed:
            moved = self._at_home(fresh, streams, rows)
            if moved is not None:
                self._take_fresh(moved, work, placed=True)
                return
        names: dict[tuple[str, str], str] = {}
        works: dict[str, _Work] = {}
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
            names[kind, name] = stream
            if stream in works:
                works[stream].told = sorted([*works[stream].told, *told], key=lambda t: t.index)
            elif told:
                head = heads.get(stream)
                if head is not None and (not rows.get(stream) or rows[stream][-1].version != head.version):
                    raise VersionConflict(stream)
                works[stream] = _Work(self._plan(stream, kind, head, rows.get(stream, []), work), told)
        for w in works.values():
            w.given = tuple(w.told)
            self._judge_told(w, work)
        self._pass_on(works, names, work)
        while True:
            work.claims.clear()
            self._settle_claims(list(works.values()), work)
            if not self._pass_on(works, names, work):
                break
        for w in works.values():
            self._accept(w, work)

    def _plan(self, stream: str, kind: str, head: Head | None, own: list[FoldRow], work: _Intakes) -> Plan:
        at = max(work.recorded, head.recorded_at if head else "", work.book.latest)
        due = head.next_due if head else None
        plan = Plan(stream, kind, head, own, [], due, at, linked=self._plans.linked(stream, own))
        if plan.linked is not None:
            self._plans.catch_up_linked(plan, None)
        return plan

    def _pass_on(self, works: dict[str, _Work], names: dict[tuple[str, str], str], work: _Intakes) -> bool:
        """Have streams judged with all that others tell them, until none is told anything else; return whether any was judged.

        What is known of a stream at once is judged at once, whoever tells it: so its order is that of its days, as it is when
        the transaction is re-enacted. A command that is refused there takes with it the telling that gave it.
        """
        for turn in range(ROUNDS):
            heard: dict[str, list[_Told]] = {}
            for t in [t for w in works.values() for t in w.sent]:
                if work.verdicts[t.index] is None and (stream := self._told_for(t, works, names, work)):
                    heard.setdefault(stream, []).append(t)
            changed = False
            for stream, w in works.items():
                mine = sorted(
                    (t for t in heard.get(stream, ()) if work.verdicts[t.index] is None),
                    key=lambda t: (t.index, t.turns),
                )
                if mine != w.heard or any(work.verdicts[t.index] is not None for t in w.told):
                    w.heard, changed = mine, True
                    self._judge_told(w, work)
            if not changed:
                return turn > 0
        raise PluginError(
            "no_rest",
            f"more than {ROUNDS} commands follow one another from file to file: deciders do not come to rest",
            zh=f"命令在档案之间接连传递超过 {ROUNDS} 次：处理程序无法停止",
            accepts="deciders of which one stops telling others",
        )

    def _told_for(
        self, t: _Told, works: dict[str, _Work], names: dict[tuple[str, str], str], work: _Intakes
    ) -> str | None:
        """Return the stream in which a command for another file is entered; None for none, and its telling is refused then."""
        command, name = t.telling.command, t.telling.subject
        try:
            kind = self._finding.subject_kind(command)
            stream = names.get((kind, name))
            if stream is None:
                held = kind == CUSTOMER and name in works
                stream = name if held else self._finding.stream_of(name, command, kind, None)
                names[kind, name] = stream
            if stream not in works:
                works[stream] = _Work(self._plans.load(stream, kind, work.recorded, None), [])
            w = works[stream]
            if kind == CUSTOMER and w.plan.head is None:
                opening = any(type(x.telling.command).opens_file for x in w.told)
                if not opening and not type(command).opens_file:
                    raise unknown_customer(name)
            place = self._intaking.placing.place(stream, w.plan.rows, t.telling, command, None)
            if place is not None and place.home not in works:
                works[place.home] = _Work(self._plans.load(place.home, kind, work.recorded, None), [])
        except Refusal as refusal:
            work.verdicts[t.index] = _verdict(refusal)
            return None
        return stream if place is None else place.home

    def _refuse_second_opening(self, told: list[_Told], work: _Intakes) -> None:
        for t in told:
            if type(t.telling.command).opens_file:
                work.verdicts[t.index] = Verdict("refused", refusal=_taken(t.telling.subject))
        told[:] = [t for t in told if work.verdicts[t.index] is None]

    def _judge_told(self, w: _Work, work: _Intakes) -> None:
        """Judge what is told of one stream; what is refused is told no longer, and takes with it the whole it is part of."""
        room = self._desk.house.room(w.plan.subject)
        while True:
            self._refuse_torn(w, work)
            w.told = [t for t in w.told if work.verdicts[t.index] is None]
            w.heard = [t for t in w.heard if work.verdicts[t.index] is None]
            told = w.everything()
            w.plan.drafts, w.plan.next_due, w.sent, w.claims = [], None, [], []
            if not told:
                return
            refused: set[tuple[int, tuple[int, ...]]] = set()
            intakes = [self._intake(room, t, w, work, refused) for t in told]
            try:
                judged = self._run(w.plan, intakes, told, work)
            except Spoilt:
                continue
            self._refuse_torn(w, work)
            if all(work.verdicts[t.index] is None or (t.index, t.turns) in refused for t in told):
                break
        w.told = [t for t in w.told if work.verdicts[t.index] is None]
        w.heard = [t for t in w.heard if work.verdicts[t.index] is None]
        if not w.everything():
            return  # time that has passed alone is not for a batch to write
        w.plan.drafts, w.plan.next_due = judged.drafts, judged.next_due
        w.claims = self._claims.wanted(w.plan.stream, room, judged)
        w.sent = _sent(judged, told)

    def _intake(
        self, room: Room, t: _Told, w: _Work, work: _Intakes, refused: set[tuple[int, tuple[int, ...]]]
    ) -> Intake:
        """Return what a judge takes in for a telling; its refusal is noted among ``refused``."""
        found = Found(
            [kind for kind, tag in w.denied if tag is t.telling],
            [(kind, others) for kind, others, tag in w.shared if tag is t.telling],
        )
        intake = self._intaking.intake(room, t.telling.command, t.telling, t.telling, found)

        def refuse(refusal: Refusal) -> None:
            refused.add((t.index, t.turns))
            work.verdicts[t.index] = _verdict(refusal)

        intake.refused = refuse
        return intake

    def _run(self, plan: Plan, intakes: Sequence[Intake], told: Sequence[_Told], work: _Intakes) -> Judgement:
        """Judge a stream with what is told of it, and with the streams that this links.

        Raises:
            Spoilt: a telling links a stream that may not be shown here.
        """
        actor = told[min(range(len(told)), key=lambda n: intakes[n].effective)].telling.actor
        judged = self._plans.run(plan, intakes, work.book, actor, deeds=False)
        links = [d for d in judged.drafts if isinstance(d.event, StreamLinked)]
        if not links:
            return judged
        try:
            linked = self._intaking.link(plan, judged, None)
        except Refusal as refusal:
            for t in told:
                if any(d.tag is t.telling for d in links):
                    work.verdicts[t.index] = _verdict(refusal)
            raise Spoilt from refusal
        return self._plans.run(plan, intakes, work.book, actor, deeds=False) if linked else judged

    def _refuse_torn(self, w: _Work, work: _Intakes) -> None:
        """Refuse what is part of a whole of which another line was refused."""
        broken = {t.telling.whole for t in w.given if t.telling.whole and work.verdicts[t.index] is not None}
        for t in w.told:
            if t.telling.whole in broken and work.verdicts[t.index] is None:
                work.verdicts[t.index] = Verdict("refused", refusal=_not_whole(t.telling))

    def _settle_claims(self, works: Sequence[_Work], work: _Intakes) -> None:
        """Look all claims up at once; what others hold too, or hold alone, is judged again with that on it."""
        wanted = {key for w in works for key in exclusive(w.claims)}
        holders = self._desk.store.holders(sorted(wanted)) if wanted else {}
        sharing = {key for w in works for key in told_of(w.claims)}
        sharers = self._desk.store.sharers(sorted(sharing)) if sharing else {}
        for w in works:
            plan, claims = w.plan, w.claims
            met = {holders[key] for key in exclusive(claims) if key in holders}
            met.update(s for key in told_of(claims) for s in sharers.get(key, ()))
            kin = self._claims.kin(plan, met, None)
            w.denied = settled(
                claims,
                holders,
                work.claims,
                happened=True,
                opening=plan.head is None and plan.subject == CUSTOMER,
                kin=kin,
            )
            w.shared = sharings(claims, sharers, kin)
            if w.denied or w.shared:
                self._judge_told(w, work)
            holders.update({key: plan.stream for key in exclusive(claims) if key not in holders})
            note_sharers(claims, sharers)

    def _accept(self, w: _Work, work: _Intakes) -> None:
        """Note what was taken in under which key, and which of it is kept although it broke a rule."""
        plan, told = w.plan, w.told
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


def _sent(judged: Judgement, told: Sequence[_Told]) -> list[_Told]:
    """Return what a judgement tells other streams, each with the telling that it follows from."""
    tellers = {id(t.telling): t for t in told}
    counts: dict[int, int] = {}
    out: list[_Told] = []
    for sent in judged.outbox:
        teller = tellers[id(sent.tag)]
        turn = counts[id(sent.tag)] = counts.get(id(sent.tag), 0) + 1
        telling = attrs.evolve(
            teller.telling,
            subject=sent.to.subject,
            command=sent.to.command,
            source=None,
            command_id=None,
            whole=None,
        )
        out.append(_Told(teller.index, telling, None, (*teller.turns, turn)))
    return out


def _verdict(refusal: Refusal) -> Verdict:
    status: Status = "waiting" if isinstance(refusal, Parked) else "refused"
    return Verdict(status, refusal=refusal)


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
