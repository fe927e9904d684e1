"""Marks entries: corrections and voids, checked, judged, and written with the claims that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import attrs
import msgspec

from guanxi.kernel.appending import Appending
from guanxi.kernel.claims import Wanted, exclusive, settled
from guanxi.kernel.desk import RULES_SUBJECT, Desk
from guanxi.kernel.entries import FoldRow, Kind
from guanxi.kernel.errors import Conflict, Incomplete, Invalid, PluginError, RuleNotMet, Unknown
from guanxi.kernel.facets import Claim
from guanxi.kernel.house import Room
from guanxi.kernel.intake import check_envelope
from guanxi.kernel.judging import Mark
from guanxi.kernel.messages import Event, fields_of
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.ports import ClaimChange
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.standard import (
    CLAIM_DENIED,
    BreachFlagged,
    BreachRecorded,
    EntryCorrected,
    EntryVoided,
)
from guanxi.kernel.telling import Outcome, Telling
from guanxi.kernel.timeline import Item
from guanxi.kernel.times import read_instant, stamp
from guanxi.kernel.walk import Draft


@attrs.define(eq=False, slots=False)
class Marking:
    """Corrects and voids entries of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        appending: writes what was judged.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _appending: Appending

    def correct(
        self,
        entry: str,
        fields: Mapping[str, Any] | None,
        *,
        actor: str,
        reason: str,
        effective_from: datetime | None,
        days: tuple[str, str] | None,
        connection: Any,
    ) -> Outcome:
        """Set a wrong entry right; see ``Ledger.correct``."""
        patch = {k: msgspec.to_builtins(v) for k, v in (fields or {}).items()}

        def event(name: str) -> EntryCorrected:
            return EntryCorrected(
                target_name=name,
                fields=patch,
                effective_from=None if effective_from is None else stamp(effective_from),
                days_from=days[0] if days else None,
                days_until=days[1] if days else None,
            )

        return self._mark(entry, event, patch, actor, reason, connection)

    def void(
        self, entry: str, *, actor: str, reason: str, belongs_to: str | None, connection: Any
    ) -> Outcome:
        """Declare that an entry counts as never having happened; see ``Ledger.void``."""
        return self._mark(
            entry,
            lambda name: EntryVoided(target_name=name, belongs_to=belongs_to),
            None,
            actor,
            reason,
            connection,
        )

    def _mark(
        self,
        entry: str,
        event: Callable[[str], Any],
        patch: Mapping[str, Any] | None,
        actor: str,
        reason: str,
        connection: Any,
    ) -> Outcome:
        check_envelope(Telling(subject="-", command=None, actor=actor))
        if not reason or not reason.strip():
            raise Incomplete(
                "reason_missing",
                "a correction needs a reason",
                zh="更正需要说明原因",
                rule="CORE-01",
                accepts="reason=...",
            )
        return self._desk.repeated(lambda: self._mark_once(entry, event, patch, actor, reason, connection))

    def _mark_once(
        self,
        entry: str,
        event: Callable[[str], Any],
        patch: Mapping[str, Any] | None,
        actor: str,
        reason: str,
        connection: Any,
    ) -> Outcome:
        stream, _, text = entry.rpartition("/")
        now = self._desk.now()
        head = self._desk.store.heads([stream], connection).get(stream)
        if head is None or not text.isdigit() or not 0 < int(text) <= head.version:
            raise Unknown(
                "unknown_entry",
                f"there is no entry {entry}",
                zh=f"没有记录 {entry}",
                accepts="an id as history shows it",
            )
        plan = self._plans.load(stream, head.subject, stamp(now), connection)
        target = plan.rows[int(text) - 1]
        self._check_mark(plan, target, entry, patch, event)
        telling = Telling(
            subject=stream, command=None, actor=actor, reason=reason, occurred_at=now, effective_from=now
        )
        base = plan.rows[self._base_of(plan, target) - 1]
        row = FoldRow(
            0, 0, "act", "", 1, stamp(now), plan.known, None, entry, None, None, None, None, None, ""
        )
        made = event(base.name)
        if isinstance(made, EntryCorrected):
            made = attrs.evolve(cast(Any, made), sealed_as=self._sealed_as(plan.stream, base, made.fields))
        mark = Mark(made, row, telling)
        book = self._rules.book(connection)
        judged = self._plans.run(plan, (), book, actor, marks=(mark,))
        if lifted := self._lifted(plan, f"{stream}/{base.version}", judged.drafts, connection):
            more = [
                Mark(EntryVoided(target_name=i.event.stored_name), row._replace(target=i.id), telling)
                for i in lifted
            ]
            judged = self._plans.run(plan, (), book, actor, marks=(mark, *more))
        plan.drafts, plan.next_due = judged.drafts, judged.next_due
        _refuse_broken(f"{stream}/{base.version}", judged.drafts)
        claims = self._claims_after(plan, connection)
        appended = self._appending.append([plan], telling, claims, (), connection)
        return Outcome(stream, tuple(appended), (), False, self._desk.codec)

    def _sealed_as(self, stream: str, base: FoldRow, patch: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        codec = self._desk.codec
        told = codec.fields(base.name, base.schema_version, base.payload, stream, base.version)
        return codec.sealed_as(base.name, {**told, **patch}, patch, stream)

    def _check_mark(
        self,
        plan: Plan,
        target: FoldRow,
        entry: str,
        patch: Mapping[str, Any] | None,
        event: Callable[[str], Any],
    ) -> None:
        if target.kind == "decision":
            raise RuleNotMet(
                "decision_not_correctable",
                f"{entry} is a decision",
                zh=f"{entry} 是判定，不能更正",
                rule="CORE-01",
                accepts="a correction of the fact it was drawn from",
            )
        if plan.subject == RULES_SUBJECT:
            raise RuleNotMet(
                "published_not_correctable",
                f"{entry} is a published rule set",
                zh=f"{entry} 是已发布的规则集",
                rule="CORE-73",
                accepts="a further version, or withdraw_rules for one that is not in force yet",
            )
        if target.kind == Kind.RUN:
            raise RuleNotMet(
                "run_not_correctable",
                f"{entry} is part of the run {plan.stream}",
                zh=f"{entry} 属于判定 {plan.stream}，不能更正或作废",
                rule="CORE-94",
                accepts="abandoning the run while it is open, or a further run that supersedes it",
            )
        root = f"{plan.stream}/{self._base_of(plan, target)}"
        if target.name == EntryVoided.stored_name or any(
            r.name == EntryVoided.stored_name and r.target in (entry, root) for r in plan.rows
        ):
            raise Conflict(
                "already_voided",
                f"{entry} is voided, or is a void",
                zh=f"{entry} 已作废",
                rule="CORE-01",
                accepts="the fact entered anew",
            )
        if patch is None:
            return
        base = plan.rows[self._base_of(plan, target) - 1]
        cls = self._desk.registry.find(base.name)
        _check_correction(event(base.name), cls, base.name, self._desk.tz)
        if cls is None:
            raise PluginError(
                "plugin_absent",
                f"{base.name} belongs to a plugin that is not installed",
                zh=f"{base.name} 所属插件未安装",
                accepts="a correction once the plugin is back",
            )
        fields = fields_of(cls)
        names = {a.name for a in fields}
        if extra := sorted(set(patch) - names):
            raise Invalid(
                "unknown_field",
                f"{base.name} has no field {', '.join(extra)}",
                zh=f"{base.name} 没有字段 {', '.join(extra)}",
                accepts=", ".join(sorted(names)),
            )
        whole = self._desk.codec.fields(
            base.name, base.schema_version, base.payload, plan.stream, base.version
        )
        try:
            self._desk.codec.build(base.name, {**whole, **patch})
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise Invalid(
                "out_of_scale",
                f"{base.name}: {error}",
                zh=f"{base.name}：{error}",
                accepts="a value of the field's own type, whole: money with its currency",
            ) from error

    def _base_of(self, plan: Plan, row: FoldRow) -> int:
        while row.target is not None:
            row = plan.rows[int(row.target.rpartition("/")[2]) - 1]
        return row.version

    def _claims_after(self, plan: Plan, connection: Any) -> list[ClaimChange]:
        """Return which claims a correction or void gives back or takes, so that they follow what counts."""
        room = self._desk.house.room(plan.subject)
        if not room.claimers:
            return []
        judge = self._plans.judge()
        rows = [*plan.rows, *(judge.row_of(plan.stream, d, plan.known) for d in plan.drafts)]
        before = self._held(plan.stream, room, self._desk.timelines.build(plan.stream, plan.rows))
        after = self._held(plan.stream, room, self._desk.timelines.build(plan.stream, rows))
        changes = [attrs.evolve(c, release=True) for key, c in before.items() if key not in after]
        wanted = [
            Wanted(c, None, Claim(c.kind, "", c.policy)) for key, c in after.items() if key not in before
        ]
        taken = exclusive(wanted)
        settled(
            wanted,
            self._desk.store.holders(sorted(taken), connection) if taken else {},
            changes,
            happened=False,
            opening=False,
        )
        return changes

    def _lifted(self, plan: Plan, fact: str, drafts: Sequence[Draft], connection: Any) -> list[Item]:
        """Return the noted breaches of a fact that takes no claim any more which another holds (CORE-95)."""
        before = self._desk.timelines.build(plan.stream, plan.rows)
        denied = [
            i
            for i in before
            if isinstance(i.event, BreachRecorded)
            and i.event.code == CLAIM_DENIED
            and i.row.causation == fact
        ]
        if not denied:
            return []
        judge, room = self._plans.judge(), self._desk.house.room(plan.subject)
        rows = [*plan.rows, *(judge.row_of(plan.stream, d, plan.known) for d in drafts)]
        after = [i for i in self._desk.timelines.build(plan.stream, rows) if i.id == fact]
        wanted = self._held(plan.stream, room, [i for i in before if i.id == fact])
        holders = self._desk.store.holders(sorted(wanted), connection)
        others = {key for key in wanted if holders.get(key) != plan.stream}
        return denied if after and not others & self._held(plan.stream, room, after).keys() else []

    def _held(self, stream: str, room: Room, items: Sequence[Item]) -> dict[tuple[str, str], ClaimChange]:
        held: dict[tuple[str, str], ClaimChange] = {}
        for item in items:
            for handler in room.claimers.get(type(item.event), ()):
                for c in handler(item.event):
                    change = ClaimChange(c.kind, self._desk.sealing.token(c.kind, c.value), stream, c.policy)
                    if c.release:
                        held.pop((change.kind, change.token), None)
                    else:
                        held[change.kind, change.token] = change
        return held


def _check_correction(event: EntryCorrected, cls: type[Event] | None, name: str, tz: ZoneInfo) -> None:
    """Refuse a correction that changes nothing, or whose days make no sense."""
    if not event.fields and event.effective_from is None:
        raise Incomplete(
            "nothing_corrected",
            "a correction names what was wrong",
            zh="更正需要指明有误的内容",
            rule="CORE-01",
            accepts="fields with their right values, or effective_from",
        )
    if event.days_from is None and event.days_until is None:
        return
    first, last = (read_instant(text or "", tz)[0] for text in (event.days_from, event.days_until))
    if cls is None or not cls.is_standing:
        raise Invalid(
            "does_not_stand",
            f"{name} is an act of one moment, not a value that stands over days",
            zh=f"{name} 不是延续若干天的值",
            rule="CORE-01",
            accepts="a correction without days",
        )
    if last < first:
        raise Invalid(
            "invalid_date",
            f"{event.days_until} lies before {event.days_from}",
            zh=f"{event.days_until} 早于 {event.days_from}",
            accepts="a first day and a last day, in that order",
        )


def _refuse_broken(entry: str, drafts: Sequence[Draft]) -> None:
    """Refuse a correction that would itself break a rule; what it does to later entries is flagged there."""
    for d in drafts:
        if isinstance(d.event, BreachFlagged) and d.event.entry == entry:
            raise RuleNotMet(d.event.code, rule=d.event.rule, entry=entry)
