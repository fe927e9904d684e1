"""Makes entries of what was judged, and writes them with their claims and commands in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import CUSTOMER, SYSTEM, Desk, told_stamp
from guanxi.kernel.entries import ALGORITHMS, Entry, Head, seal_chain, shows_apart
from guanxi.kernel.messages import Event
from guanxi.kernel.plans import GUARDED, Plan
from guanxi.kernel.ports import Append, ClaimChange, CommandRecord, StreamAppend
from guanxi.kernel.telling import Telling
from guanxi.kernel.times import INSTANT
from guanxi.kernel.touching import Touching
from guanxi.kernel.walk import Draft


@attrs.define(eq=False, slots=False)
class Appending:
    """Writes what the streams of one ledger gain.

    Args:
        desk: what the ledger works with.
        touching: judges along what shows the entries of other streams.
    """

    _desk: Desk
    _touching: Touching
    _of_class: dict[type[Event], tuple[str, str, int, str, str]] = attrs.field(factory=dict, init=False)

    def append(
        self,
        plans: Sequence[Plan],
        telling: Telling | None,
        claims: Sequence[ClaimChange],
        commands: Sequence[tuple[str, str, str]],
        connection: Any,
    ) -> list[Entry]:
        """Write plans with the commands that led to them; return the entries, each with its position."""
        streams: list[StreamAppend] = []
        records: list[CommandRecord] = []
        plans = self._touching.with_linked(plans, connection)
        for plan in sorted(plans, key=lambda p: p.stream):
            streams.append(self._stream_append(plan, telling))
        for key, digest, stream in commands:
            plan = next(p for p in plans if p.stream == stream)
            first = (plan.rows[-1].version if plan.rows else 0) + 1
            records.append(CommandRecord(key, digest, stream, first, first + len(plan.drafts) - 1))
        batch = Append(self._desk.store.tenant, tuple(streams), tuple(claims), tuple(records))
        positions = iter(self._desk.store.append(batch, connection))
        return [e._replace(position=next(positions)) for s in streams for e in s.entries]

    def append_many(
        self, plans: Sequence[Plan], claims: Sequence[ClaimChange], commands: Sequence[CommandRecord]
    ) -> None:
        """Write the plans of many tellings, with all their keys made at once."""
        pairs = {
            (p.stream, family)
            for p in plans
            for d in p.drafts
            for family in self._desk.codec.families(d.event)
        }
        if pairs:
            self._desk.backend.keyring.keys_for(sorted(pairs))
        plans = self._touching.with_linked(plans, None)
        streams = tuple(self._stream_append(p, _first_told(p)) for p in sorted(plans, key=lambda p: p.stream))
        self._desk.store.append(Append(self._desk.store.tenant, streams, tuple(claims), tuple(commands)))

    def _stream_append(self, plan: Plan, telling: Telling | None) -> StreamAppend:
        previous = plan.head.hash if plan.head else ""
        expected = plan.head.version if plan.head else 0
        entries: list[Entry] = []
        correlation = (telling.correlation if telling else None) or (
            plan.drafts[0].id if plan.drafts else None
        )
        latest = max((row.effective_from for row in plan.rows), default="")
        for d in plan.drafts:
            # Also behind what counts from a day to come, which nobody judges yet: rows are folded in order of effect.
            d.late = d.late or d.effective < latest
            latest = max(latest, d.effective)
            entry = seal_chain(
                self._entry(plan, d, d.tag if isinstance(d.tag, Telling) else telling, correlation), previous
            )
            previous = entry.hash
            entries.append(entry)
        head = Head(
            plan.stream,
            plan.subject,
            expected + len(entries),
            previous,
            plan.known if entries else (plan.head.recorded_at if plan.head else plan.known),
            plan.next_due,
            self._desk.house.room(plan.subject).digest,
            _apart_since(plan, entries),
            _rules_known(plan),
        )
        if not entries and plan.linked is GUARDED and plan.head is not None:
            head = plan.head
        return StreamAppend(plan.stream, plan.subject, expected, tuple(entries), head)

    def _entry(self, plan: Plan, d: Draft, telling: Telling | None, correlation: str | None) -> Entry:
        event, told = d.event, telling if isinstance(d.tag, Telling) else None
        payload, subject = self._desk.codec.encode(event, plan.stream, d.version)
        of_class = self._of_class.get(type(event)) or self._learn_class(type(event))
        kind, name, schema_version, plugin, plugin_version = of_class
        source = told.source if told else None
        # In the order of the columns, since naming thirty-six of them for each entry of an import takes its time.
        return Entry(
            self._desk.store.tenant,
            plan.stream,
            d.version,
            kind,
            name,
            schema_version,
            told_stamp(told.occurred_at) if told and told.occurred_at else d.effective,
            told.precision if told else INSTANT,
            d.effective,
            plan.known,
            told.actor if told else SYSTEM,
            told.on_behalf_of if told else None,
            self._reason(plan, d.version, told) if told else None,
            told.channel if told else None,
            told.section if told else None,
            source.system if source else None,
            source.document if source else None,
            source.line if source else None,
            telling.batch if telling else None,
            correlation,
            d.causation or (told.ground if told else None),
            told.command_id if told else None,
            d.place,
            int(d.late),
            plugin,
            plugin_version,
            d.rule,
            d.rule_sets_text(),
            d.target,
            d.replaces,
            d.succeeds,
            subject,
            payload,
            ALGORITHMS,
            "",
        )

    def _learn_class(self, cls: type[Event]) -> tuple[str, str, int, str, str]:
        owner = self._desk.owners.get(cls.stored_name, ("core", "0"))
        self._of_class[cls] = cls.entry_kind.value, cls.stored_name, cls.schema_version, *owner
        return self._of_class[cls]

    def _reason(self, plan: Plan, version: int, told: Telling | None) -> str | None:
        if told is None or told.reason is None or told.batch is not None:
            return None
        if plan.subject != CUSTOMER:
            return told.reason
        return self._desk.sealing.seal(
            plan.stream, "dealings", f"{plan.stream}/{version}#@reason", told.reason
        )


def _apart_since(plan: Plan, entries: Sequence[Entry]) -> str | None:
    if plan.head is not None and plan.head.apart_since is not None:
        return plan.head.apart_since
    apart = plan.apart or any(shows_apart(e.name, e.succeeds) for e in entries)
    return plan.known if apart else None


def _rules_known(plan: Plan) -> str:
    if plan.rules_known is not None:
        return plan.rules_known
    return plan.head.rules_known if plan.head else ""


def _first_told(plan: Plan) -> Telling | None:
    return next((d.tag for d in plan.drafts if isinstance(d.tag, Telling)), None)
