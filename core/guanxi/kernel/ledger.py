"""The ledger: the public face of one tenant's log. Each method hands its work to the part whose subject it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

from eventsourcing.application import Application

from guanxi.kernel.access import Actor, Door, let_in
from guanxi.kernel.advancing import Advancing, Progress
from guanxi.kernel.appending import Appending
from guanxi.kernel.bulk import BulkIntaking
from guanxi.kernel.cadences import DueRow, DueState
from guanxi.kernel.claims import Claims
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.codec import Codec
from guanxi.kernel.desk import ATTEMPTS, CUSTOMER, RULES_STREAM, Backend, Desk, unknown_customer
from guanxi.kernel.due_list import DueList, Narrowed
from guanxi.kernel.entries import FoldRow, Head
from guanxi.kernel.errors import Refusal, StoreError
from guanxi.kernel.facets import To
from guanxi.kernel.finding import Finding
from guanxi.kernel.following import FollowState
from guanxi.kernel.history import History
from guanxi.kernel.house import check_endings, house_of
from guanxi.kernel.intake import Intaking
from guanxi.kernel.judging import Judge, Judgement, Linked
from guanxi.kernel.labels import Label
from guanxi.kernel.linking import Linking
from guanxi.kernel.marking import Marking
from guanxi.kernel.messages import Command, Decision
from guanxi.kernel.overview import WholeView, view_of
from guanxi.kernel.plans import Plans
from guanxi.kernel.plugins import Installed, Parts, assemble, texts_of
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.projection import ProjectionSource, Undrawn
from guanxi.kernel.publishing import Publishing
from guanxi.kernel.recording import EntryMapper, Recorded, RelationshipRepository
from guanxi.kernel.rederiving import Comparison, Rederiving, WhatIf
from guanxi.kernel.registry import Registry
from guanxi.kernel.reporting import Reporting
from guanxi.kernel.rule_books import Publication, RuleBooks
from guanxi.kernel.rules import RuleBook, RuleSet, Supposed
from guanxi.kernel.runs.running import Running, RunView
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.subscribing import Subscription
from guanxi.kernel.telling import Outcome, Source, Telling, Verdict
from guanxi.kernel.timeline import Cut, Timelines, cut
from guanxi.kernel.times import DAY, DEFAULT_ZONE, INSTANT, stamp, zone
from guanxi.kernel.touching import Touching

if TYPE_CHECKING:
    from eventsourcing.persistence import ApplicationRecorder, Mapper

    from guanxi.kernel.acting import Acting
    from guanxi.kernel.reports import ReportResult


_FAR = "9999-12-31T23:59:59.999999Z"


class Ledger(Application[str]):
    """Customer relationships of one tenant, kept as an append-only log.

    Made by ``guanxi.open``. Safe to share between threads.

    Args:
        backend: store, keyring, clock and ids.
        plugins: what ``discover`` found, or plugin objects or parts that the host hands over itself.
        core: the plugin objects, or parts, that are always there.
        strict: raise when installed plugins clash, instead of going on without them.

    Raises:
        PluginError: something the host hands over is wrong or clashes; with ``strict``, something installed.
    """

    name = "guanxi"
    acting: Actor | None = None
    """In whose name calls are made, where this is somebody's view; see ``as_actor``."""

    def __init__(
        self,
        backend: Backend,
        plugins: Sequence[Installed | Parts | object] = (),
        *,
        core: Sequence[Parts | object] = (),
        strict: bool = False,
    ) -> None:
        self.backend, self.store, self.clock = backend, backend.store, backend.clock
        assembled = assemble(plugins, core, strict=strict)
        self.installed: tuple[Installed, ...] = assembled.installed
        self.parts: tuple[Parts, ...] = assembled.parts
        meta = self.store.meta()
        self.zone_name = meta.get("zone", DEFAULT_ZONE)
        self.tz = zone(self.zone_name)
        self.sealing = Sealing(self.store.tenant, backend.keyring)
        events = [*MECHANISM, *(e for p in self.parts for e in p.events)]
        self.registry = Registry(dict.fromkeys(events), [u for p in self.parts for u in p.upcasters])
        self.house = house_of((f for p in self.parts for f in p.facets), self.registry.classes.values())
        check_endings(self.house, [c for c in self.registry.classes.values() if issubclass(c, Decision)])
        self.codec = Codec(self.registry, self.sealing)
        ranks = {name: rank for room in self.house.rooms.values() for name, rank in room.due_rank.items()}
        self.timelines = Timelines(self.codec, self.tz, ranks)
        self.owners = {e.stored_name: (p.name, p.version) for p in self.parts for e in p.events}
        self.labels: Mapping[str, Label] = texts_of(tuple(self.parts))
        self.commands: dict[str, type[Command]] = {c.stored_name: c for p in self.parts for c in p.commands}
        self.after_opening = tuple(p.after_opening for p in self.parts if p.after_opening is not None)
        desk = Desk(
            keeper=self,
            backend=backend,
            sealing=self.sealing,
            codec=self.codec,
            registry=self.registry,
            house=self.house,
            timelines=self.timelines,
            tz=self.tz,
            owners=self.owners,
        )
        self._rules = RuleBooks(
            desk, tuple(dict.fromkeys((ClockRules, *(r for p in self.parts for r in p.rule_sets))))
        )
        self._finding, claims = Finding(desk), Claims(desk)
        self._door = Door(
            [p.access for p in self.parts if p.access is not None],
            self._keep,
            self._rules.book,
            lambda: stamp(self.clock()),
        )
        self._plans = Plans(desk, self._rules)
        appending = Appending(desk, Touching(desk, self._rules, self._plans))
        self._intaking = Intaking(
            desk, self._rules, self._plans, claims, appending, self._finding, self._after_opening
        )
        self._bulk = BulkIntaking(
            desk,
            self._rules,
            self._plans,
            claims,
            appending,
            self._finding,
            self._intaking,
            self._after_opening,
        )
        self._due_list = DueList(self)
        self._marking = Marking(desk, self._rules, self._plans, appending)
        self._linking = Linking(desk, self._rules, self._plans, appending, self._finding, self._intaking)
        self._advancing = Advancing(desk, self._rules, self._plans, appending)
        self._publishing = Publishing(desk, self._rules, self._plans, appending, self._advancing)
        self.reporting = Reporting(self)
        self.runs = Running(self)
        super().__init__()

    # ------------------------------------------------------------ the eventsourcing library's hooks

    def construct_recorder(self) -> ApplicationRecorder:
        """Return this ledger's log as a recorder."""
        return self.store.recorder()

    def construct_mapper(self) -> Mapper[str]:
        """Return the mapper between stored events and entries."""
        return EntryMapper(self.codec, self.tz)

    def construct_repository(self) -> RelationshipRepository:
        """Return a repository whose aggregates are relationships as of now."""
        return RelationshipRepository(self.events, self.relationship)

    def relationship(self, stream: str) -> Judgement:
        """Return the states of a stream as of now."""
        self._door.ask(self, "relationship", subject=stream)
        head = self.store.heads([stream]).get(stream)
        if head is None:
            raise unknown_customer(stream)
        rows = self.store.fold_rows(stream)
        return self.judge().state(
            head.subject, stream, rows, Cut(), stamp(self.clock()), self.linked(stream, rows)
        )

    def close(self) -> None:
        """Release every connection."""
        super().close()
        self.store.close()
        self.backend.keyring.close()

    # ------------------------------------------------------------ who may

    def as_actor(
        self,
        name: str,
        *,
        on_behalf_of: str | None = None,
        section: str | None = None,
        channel: str | None = None,
    ) -> Acting:
        """Return this ledger as somebody has it: every call is in his name.

        Where access rules are published, each of its calls asks whether he may before anything is read for it, and calls of the
        ledger itself that name no actor are refused. Where none are, nothing is.

        Args:
            name: who calls.
            on_behalf_of: for whom he acts.
            section: business unit he acts for.
            channel: where it comes in.
        """
        from guanxi.kernel.acting import Acting

        return Acting(self, Actor(name, on_behalf_of, section, channel))

    def _keep(self, refusal: Refusal, actor: Actor) -> None:
        """Put on record what a refusal at the door leaves behind."""
        with let_in():
            for to in refusal.kept:
                self._intaking.execute(
                    Telling(
                        subject=to.subject,
                        command=to.command,
                        actor=actor.name,
                        on_behalf_of=actor.on_behalf_of,
                        section=actor.section,
                        channel=actor.channel,
                    ),
                    None,
                )

    # ------------------------------------------------------------ taking in

    def execute(
        self,
        subject: str,
        command: Command,
        *,
        actor: str,
        reason: str | None = None,
        occurred_at: datetime | None = None,
        effective_from: datetime | None = None,
        precision: str = INSTANT,
        happened: bool = False,
        source: Source | None = None,
        on_behalf_of: str | None = None,
        channel: str | None = None,
        section: str | None = None,
        command_id: str | None = None,
        correlation: str | None = None,
        ground: str | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Carry out a command, or take in the report of something that already happened.

        Args:
            subject: the customer's account number, or the opaque id of a stream.
            command: what is ordered or told.
            actor: who enters it.
            reason: why, in free text; sealed, since it may be personal.
            occurred_at: when it happened; now if not given.
            effective_from: from when it counts; ``occurred_at`` if not given.
            precision: ``"instant"`` or ``"day"``.
            happened: whether it already happened outside, so that a broken rule flags it instead of refusing it.
            source: reference in the system it came from; the same reference is taken in once (CORE-03).
            on_behalf_of: for whom the actor acts.
            channel: where it came in.
            section: business unit it belongs to.
            command_id: id under which a retry is recognised.
            correlation: id that links entries of one business transaction.
            ground: id of the decision on whose ground it is done; should that fall away, the entry stays and says so (CORE-05).
            connection: the host's own SQLAlchemy connection; the append is provisional until the host commits.

        Returns:
            What was appended; the first outcome again for a command id or source reference seen before.

        Raises:
            Refusal: the input was not accepted; nothing was recorded.
        """
        telling = Telling(
            subject=subject,
            command=command,
            actor=actor,
            reason=reason,
            occurred_at=occurred_at,
            effective_from=effective_from,
            precision=precision,
            happened=happened,
            source=source,
            on_behalf_of=on_behalf_of,
            channel=channel,
            section=section,
            command_id=command_id,
            correlation=correlation,
            ground=ground,
        )
        book = self._rules.book()
        self._ask_for(telling, "execute", book)
        self._due_list.check(telling, connection)
        return self._intaking.execute(telling, connection, book)

    def _ask_for(
        self, telling: Telling, operation: Literal["execute", "take_in"], book: RuleBook | None = None
    ) -> None:
        self._door.ask(
            self,
            operation,
            Actor(telling.actor, telling.on_behalf_of, telling.section, telling.channel),
            book=book,
            subject=telling.subject,
            command=telling.command,
            happened=telling.happened,
        )

    def take_in(
        self, tellings: Sequence[Telling], *, recorded_at: str | None = None, dry: bool = False
    ) -> list[Verdict]:
        """Take in many reports of what happened, as one moment of knowledge, in one transaction (CORE-98).

        Each telling needs ``source`` (or ``command_id``), ``occurred_at`` and ``batch``. Lines of one customer go by their own days,
        interleaved with what time brings between them. Lines that name the same ``whole`` enter together or not at all.

        Args:
            tellings: what is reported; any order.
            recorded_at: stamp of the batch's moment of knowledge; now if not given. A stream that knows of something later
                takes its own last moment instead.
            dry: judge only, and record nothing.

        Returns:
            One verdict per telling, in the order given.
        """
        if self.acting is None and not self._door.guarded():
            return self._bulk.take_in(tellings, recorded_at, dry)
        return self._bulk.take_in(
            tellings, recorded_at, dry, lambda telling: self._ask_for(telling, "take_in")
        )

    def _after_opening(self, accounts: Sequence[str]) -> None:
        """Let what waited for these files in. It is recorded as waiting already, so a busy store only puts this off."""
        for handler in self.after_opening:
            with suppress(StoreError), let_in():
                handler(self, accounts)

    # ------------------------------------------------------------ corrections

    def correct(
        self,
        entry: str,
        fields: Mapping[str, Any] | None = None,
        *,
        actor: str,
        reason: str,
        effective_from: datetime | None = None,
        days: tuple[str, str] | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Set a wrong entry right; it stays readable, and what followed from it is judged again (CORE-01).

        Args:
            entry: id of the entry, or of an earlier correction of it.
            fields: the fields that were wrong, with their right values.
            actor: who corrects.
            reason: why.
            effective_from: the right moment, if that was wrong.
            days: first and last day, for a value that stands over days and was wrong on some of them.
            connection: the host's own connection.

        Raises:
            Unknown: there is no such entry.
            RuleNotMet: it is a decision, which only later knowledge replaces.
            Invalid: a field does not exist or a value does not fit.
        """
        self._door.ask(self, "correct", Actor(actor), entry=entry)
        return self._marking.correct(
            entry,
            fields,
            actor=actor,
            reason=reason,
            effective_from=effective_from,
            days=days,
            connection=connection,
        )

    def void(
        self, entry: str, *, actor: str, reason: str, belongs_to: str | None = None, connection: Any = None
    ) -> Outcome:
        """Declare that an entry counts as never having happened; voiding a correction brings back what stood before it (CORE-01).

        Args:
            entry: id of the entry.
            actor: who voids.
            reason: why.
            belongs_to: id of the entry in the right file, where this one was entered in the wrong one.
            connection: the host's own connection.

        Raises:
            Conflict: it is voided already.
            Unknown, RuleNotMet: as for ``correct``.
        """
        self._door.ask(self, "void", Actor(actor), entry=entry)
        return self._marking.void(
            entry, actor=actor, reason=reason, belongs_to=belongs_to, connection=connection
        )

    # ------------------------------------------------------------ dated links

    def link(
        self,
        subject: str,
        other: str,
        *,
        mode: Literal["whole", "days"],
        link_type: str,
        actor: str,
        reason: str,
        effective_from: datetime | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Show another stream's entries in a relationship from a day on; nothing is moved, and what is entered there is judged in both.

        Args:
            subject: the relationship that is to show them.
            other: account number or stream id of the other.
            mode: ``"whole"`` brings its whole past while the link lasts; ``"days"`` only what counts within the linked days,
                with standing values carried in.
            link_type: what sort of link, such as ``merge``, ``member``, ``account``.
            actor: who links.
            reason: why.
            effective_from: from when; now if not given.
            connection: the host's own connection.

        Raises:
            Unknown: one of them does not exist.
            Invalid: ``link_to_itself``.
            Conflict: ``already_linked`` at that moment.
        """
        self._door.ask(self, "link", Actor(actor), subject=subject, parameters={"other": other})
        return self._linking.link(
            subject,
            other,
            mode=mode,
            link_type=link_type,
            actor=actor,
            reason=reason,
            effective_from=effective_from,
            connection=connection,
        )

    def unlink(
        self,
        subject: str,
        other: str,
        *,
        actor: str,
        reason: str,
        effective_from: datetime | None = None,
        connection: Any = None,
    ) -> Outcome:
        """End a link from a day on: each entry shows again only where it was entered; the linked days stay as they were.

        Args:
            subject: the relationship that shows the other.
            other: account number or stream id of the other.
            actor: who ends it.
            reason: why.
            effective_from: from when; now if not given.
            connection: the host's own connection.

        Raises:
            Unknown: ``not_linked`` at that moment, or one of them does not exist.
        """
        self._door.ask(self, "unlink", Actor(actor), subject=subject, parameters={"other": other})
        return self._linking.unlink(
            subject,
            other,
            actor=actor,
            reason=reason,
            effective_from=effective_from,
            connection=connection,
        )

    def linked(self, stream: str, rows: Sequence[FoldRow], connection: Any = None) -> Linked | None:
        """Return the rows of every stream that one ever linked; None for most, which linked none.

        Args:
            stream: whose links.
            rows: its own rows.
            connection: the host's own connection.
        """
        return self._plans.linked(stream, rows, connection)

    # ------------------------------------------------------------ time and rule sets

    def advance(self, until: datetime | None = None, *, progress: Progress | None = None) -> int:
        """Write down what fell due; only catching up, since every answer derives it anyway. Return how many entries that took.

        Args:
            until: moment up to which; now if not given, and never beyond now.
            progress: called with (streams done, streams found so far).
        """
        return self._advancing.advance(until, progress)

    def rule_book(self, connection: Any = None) -> RuleBook:
        """Return the rule sets published so far."""
        return self._rules.book(connection)

    def publish(
        self,
        rules: RuleSet,
        *,
        effective_from: datetime,
        by: str,
        approved_by: str,
        reason: str | None = None,
        retroactive: str | None = None,
        dry: bool = False,
    ) -> int:
        """Publish a version of a rule set; open due moments follow it, decided ones only where it is retroactive (CORE-73, CORE-93).

        Args:
            rules: the values.
            effective_from: from when they are in force.
            by: who drafted them.
            approved_by: who approved them; somebody else.
            reason: the change record.
            retroactive: why they take effect in the past, where they do.
            dry: refuse what would be refused, and publish nothing.

        Returns:
            The version's number.

        Raises:
            RuleNotMet: ``retroactive_rule`` for an effect in the past without that mark.
            NotPermitted: drafter and approver are the same.
        """
        self._door.ask(self, "publish", Actor(by), name=rules.stored_name)
        return self._publishing.publish(
            rules,
            effective_from=effective_from,
            by=by,
            approved_by=approved_by,
            reason=reason,
            retroactive=retroactive,
            dry=dry,
        )

    def withdraw_rules(self, name: str, version: int, *, by: str, approved_by: str, reason: str) -> None:
        """Take back a published version before it comes into force; it stays readable, and due moments follow (CORE-73).

        Args:
            name: the rule set's stored name.
            version: which.
            by: who withdraws it.
            approved_by: who approved that; somebody else.
            reason: why.

        Raises:
            RuleNotMet: ``rules_in_force`` for a version that has begun to count.
            Conflict: ``already_withdrawn``.
            Unknown: there is no such rule set or version.
            NotPermitted: both are the same person.
        """
        self._door.ask(self, "withdraw_rules", Actor(by), name=name)
        self._publishing.withdraw(name, version, by=by, approved_by=approved_by, reason=reason)

    def publications(self, name: str) -> tuple[Publication, ...]:
        """Return the published versions of a rule set, each with who drafted and approved it, when and why.

        Args:
            name: the rule set's stored name.
        """
        return self._rules.publications(name)

    # ------------------------------------------------------------ asking

    def find(self, subject: str, connection: Any = None) -> str | None:
        """Return the stream of an account number (or of a stream's own id), or None.

        Args:
            subject: account number or stream id.
            connection: the host's own connection, to see what it has not committed yet.
        """
        return self._finding.find(subject, connection)

    def find_all(self, subjects: Sequence[str], connection: Any = None) -> dict[str, str]:
        """Return the streams of those account numbers (or streams' own ids) that there are, in few round trips.

        Args:
            subjects: account numbers or stream ids.
            connection: the host's own connection, to see what it has not committed yet.
        """
        return self._finding.find_all(subjects, connection)

    def find_by(self, scheme: str, value: str) -> list[str]:
        """Return the streams that hold an external id.

        Args:
            scheme: the claim's kind, such as ``core.identifier.till``.
            value: its normalised value.
        """
        self._door.ask(self, "find_by", name=scheme)
        return self._finding.find_by(scheme, value)

    def search(
        self,
        *,
        name: str | None = None,
        actor: str | None = None,
        section: str | None = None,
        batch: str | None = None,
        occurred_from: datetime | None = None,
        occurred_before: datetime | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Recorded]:
        """Return entries of all streams that hold all the given values, in order of position.

        Args:
            name: the event's stored name.
            actor: who entered them.
            section: business unit they belong to.
            batch: the import batch that brought them.
            occurred_from: the first moment at which they may have happened.
            occurred_before: the moment before which they happened.
            after: the position behind which to begin; the last one's, to go on.
            limit: how many at most.

        Returns:
            Each with its event, None where no installed plugin reads it.
        """
        given = {"name": name, "actor": actor, "section": section, "batch": batch}
        self._door.ask(self, "search", name=name, parameters=given)
        between: dict[str, tuple[str, str]] = {}
        if occurred_from is not None or occurred_before is not None:
            first = "" if occurred_from is None else stamp(occurred_from)
            between["occurred_at"] = first, _FAR if occurred_before is None else stamp(occurred_before)
        wanted = {field: value for field, value in given.items() if value is not None}
        found = self.store.search(wanted=wanted, between=between, after=after, limit=limit)
        return list(map(EntryMapper(self.codec, self.tz).recorded, found))

    def history(self, subject: str) -> History:
        """Return a customer's history, or that of another subject's stream, to be asked at any cut.

        Args:
            subject: account number, or a stream's own id, such as a campaign's.

        Raises:
            Unknown: there is no such customer file.
        """
        self._door.ask(self, "history", subject=subject)
        stream = self.find(subject)
        if stream is None and subject in self.store.heads([subject]):
            stream = subject
        if stream is None:
            raise unknown_customer(subject)
        return History(self, stream)

    def report(
        self,
        name: str,
        *,
        as_of: datetime | str | None = None,
        as_known: datetime | str | int | None = None,
        **parameters: Any,
    ) -> ReportResult:
        """Return a report at a cut; now, as known now, if none is given.

        Args:
            name: the report's name.
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later: a moment, or a position of the log.
            **parameters: the report's own parameters.

        Raises:
            Unknown: there is no such report.
            Invalid: a parameter does not exist or does not fit.
        """
        self._door.ask(self, "report", name=name, parameters=parameters)
        return self.reporting.run(name, cut(as_of, as_known, self.tz), parameters)

    def whole_view(
        self,
        account: str,
        *,
        as_of: datetime | str | None = None,
        as_known: datetime | str | int | None = None,
    ) -> WholeView:
        """Return everything that is known of one relationship at a cut, section by section, with what is due (CORE-77).

        What the reader may not see is counted, not shown.

        Args:
            account: account number, or the stream's own id.
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later: a moment, or a position of the log.

        Raises:
            Unknown: there is no such customer file.
        """
        self._door.ask(self, "whole_view", subject=account)
        with let_in():
            history = self.history(account)
            if as_of is not None:
                history = history.as_of(as_of)
            if as_known is not None:
                history = history.as_known(as_known)
        return view_of(self, account, history, as_of, as_known, self._door)

    def due_items(
        self,
        *,
        as_of: datetime | str | None = None,
        as_known: datetime | str | int | None = None,
        customer: str | None = None,
        person: str | None = None,
        section: str | None = None,
        cadence: str | None = None,
        rule: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        states: Collection[DueState] = (),
        progress: Progress | None = None,
    ) -> tuple[DueRow, ...]:
        """Return what is to be done, and whether it was, at a cut; computed, never stored (CORE-99).

        Args:
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later: a moment, or a position of the log.
            customer: account number or stream id; only that one stream is folded then.
            person: who is to do it.
            section: business unit of the relationship.
            cadence: name of a cadence.
            rule: id of a rule.
            since: last days from this moment on.
            until: last days before this moment; without a last day, what began before it.
            states: only these states; all if there are none.
            progress: called with (cadences done, cadences in all).

        Returns:
            Rows in order of last day, cadence, stream and key; those without a last day at the end.

        Raises:
            Unknown: there is no such customer, cadence or rule.
        """
        narrowed = {"person": person, "section": section, "cadence": cadence, "rule": rule}
        for moment in (since, until):
            if moment is not None:
                stamp(moment)  # a moment, with its zone, or refused
        self._door.ask(self, "due_items", subject=customer, parameters=narrowed)
        wanted = Narrowed(
            person=person,
            section=section,
            cadence=cadence,
            rule=rule,
            since=since,
            until=until,
            states=states,
        )
        return self._due_list.rows(cut(as_of, as_known, self.tz), wanted, customer, progress)

    def run(
        self,
        name: str,
        *,
        actor: str,
        as_of: datetime | None = None,
        reason: str | None = None,
        supersedes: str | None = None,
        progress: Progress | None = None,
        **parameters: Any,
    ) -> RunView:
        """Carry out a decision over the whole population; one that broke off is gone on with, at its own cut (CORE-94).

        Args:
            name: the run's name, such as ``retail.abc``.
            actor: who carries it out.
            as_of: what counts from later is left out; now if not given.
            reason: why.
            supersedes: record of a closed run whose place it takes, from when that one's lines counted.
            progress: called with (lines done, lines in all).
            **parameters: the run's own parameters.

        Returns:
            The closed run.

        Raises:
            Unknown: there is no such run.
            RuleNotMet: ``population_mismatch`` or ``control_sum_mismatch``; it stays open, and nothing of it counts.
            Conflict: ``run_open`` at another cut, or ``run_differs`` from what was recorded before it broke off.
        """
        self._door.ask(self, "run", Actor(actor), name=name, parameters=parameters)
        with let_in():
            return self.runs.carry_out(
                name,
                actor=actor,
                as_of=as_of,
                reason=reason,
                supersedes=supersedes,
                parameters=parameters,
                progress=progress,
            )

    def run_each(
        self,
        name: str,
        each: Sequence[Mapping[str, Any]],
        *,
        actor: str,
        as_of: datetime | None = None,
        reason: str | None = None,
        progress: Progress | None = None,
    ) -> list[RunView]:
        """Carry out a run with each of several parameters, such as the sections of a house, all over one look at the log.

        All of them begin at the same two cuts, then one after the other is recorded and closed; each counts from its own
        closing. What broke off is gone on with, by the same call or by ``run``.

        Args:
            name: the run's name, such as ``core.return_visit_selection``.
            each: the parameters of each; no two are the same.
            actor: who carries them out.
            as_of: what counts from later is left out; now if not given.
            reason: why.
            progress: called with (runs done, runs in all), first when all have begun.

        Returns:
            The closed runs, in the order of their parameters.

        Raises:
            Unknown: there is no such run.
            Invalid: ``parameters_twice``.
            RuleNotMet: ``population_mismatch`` or ``control_sum_mismatch``; that run stays open, and nothing of it counts.
            Conflict: ``run_open`` at another cut, or ``run_differs`` from what was recorded before it broke off.
        """
        for parameters in each:
            self._door.ask(self, "run", Actor(actor), name=name, parameters=parameters)
        with let_in():
            return self.runs.carry_out_each(
                name, each, actor=actor, as_of=as_of, reason=reason, progress=progress
            )

    # ------------------------------------------------------------ following

    def subscribe(self, after: int = 0, names: str | Sequence[str] = (), *, page: int = 500) -> Subscription:
        """Return what is recorded behind a position, in order and without end: an iterator that waits for what comes.

        ``with ledger.subscribe(after=last) as events: for recorded in events: …``. Keep ``recorded.entry.position`` together
        with what you do, and go on behind it another time.

        Args:
            after: position of the log behind which to begin.
            names: give only entries of these event names; all, if there are none.
            page: entries read, and held, at once.

        Raises:
            Invalid: ``out_of_scale`` for a page without entries, or a position below 0; ``no_such_position`` for one that
                the log has not reached, as when the database was restored from an older state.
        """
        self._door.ask(self, "subscribe", parameters={"names": names})
        entries = self.store.subscribe(after, (names,) if isinstance(names, str) else names, page=page)
        return Subscription(entries, EntryMapper(self.codec, self.tz).recorded)

    def follow(
        self, stop: Event | None = None, on_change: Callable[[FollowState], None] | None = None
    ) -> None:
        """Keep all read models level until told to stop; of the processes that do so for a tenant one leads, the others stand by.

        When the leading one leaves, another takes over at once; when it dies, within three seconds.

        Args:
            stop: set by any thread to end it; without it, it goes on until the process ends.
            on_change: called with every new state, in this thread.

        Raises:
            StoreError: the database refused for good. One that is away is waited for.
        """
        self.reporting.projector.follow(Event() if stop is None else stop, on_change)

    # ------------------------------------------------------------ deriving again

    def check_determinism(
        self, subjects: Sequence[str] | None = None, progress: Progress | None = None
    ) -> Comparison:
        """Derive every stored decision again, twice: each transaction with what was known then, and all from the facts alone.

        Both must yield what is stored; nothing is written. Entries of absent plugins are counted, not judged.

        Args:
            subjects: account numbers or stream ids; all streams if None. Streams linked with them are gone through too.
            progress: called with (entries done, entries in all).
        """
        self._door.ask(self, "check_determinism")
        return Rederiving(self).check(subjects, progress)

    def rederive(
        self,
        *,
        reports: Sequence[str] = (),
        subjects: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> Comparison:
        """Derive every decision afresh with the code now installed, and compare with what is stored; nothing is written.

        Args:
            reports: names of reports to compare, over what is stored and over what is derived.
            subjects: account numbers or stream ids to derive; all if None. The others stand as they are.
            progress: called with (entries done, entries in all).

        Raises:
            Unknown: there is no such report or customer.
        """
        self._door.ask(self, "rederive")
        return Rederiving(self).rederive(subjects, reports, progress)

    def what_if(
        self,
        rules: RuleSet | Supposed | Sequence[RuleSet | Supposed],
        *,
        effective_from: datetime | None = None,
        report: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        as_of: datetime | str | None = None,
        as_known: datetime | str | int | None = None,
        subjects: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> WhatIf:
        """Say which decisions, and which rows of a report, would come out otherwise under other rule sets; nothing is written.

        Args:
            rules: the values supposed: a whole rule set, or with ``Supposed`` some parameters of every version of it.
            effective_from: as if they had been published to be in force from then; always, if None.
            report: name of a report to compare.
            parameters: the report's own parameters.
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later: a moment, or a position of the log.
            subjects: account numbers or stream ids to derive; all if None. The others stand as they are.
            progress: called with (entries done, entries in all).

        Raises:
            Unknown: there is no such rule set, report or customer.
            Invalid: a parameter does not exist or does not fit.
        """
        self._door.ask(self, "what_if", name=report)
        return Rederiving(self).what_if(
            (rules,) if isinstance(rules, RuleSet | Supposed) else tuple(rules),
            effective_from=effective_from,
            report=report,
            parameters=parameters or {},
            cut=cut(as_of, as_known, self.tz),
            subjects=subjects,
            progress=progress,
        )

    def source(self) -> ProjectionSource:
        """Return what projectors read events with."""
        return ProjectionSource(self.codec, self.timelines, self.sealing, Undrawn(self), self.installed)

    def stale(self, head: Head, at: Cut) -> bool:
        """Return whether other facets than today's judged a stream last, so that an answer of now has to judge it anew.

        Args:
            head: the stream's head.
            at: the cut that is asked for; what was known at a past moment was known to the facets of that moment.
        """
        return (
            at.as_known is None
            and at.position is None
            and head.judged_by != self.house.room(head.subject).digest
        )

    def judge(self) -> Judge:
        """Return a judge under the rule sets published so far."""
        return self._plans.judge()

    @contextmanager
    def seen_from(self, connection: Any) -> Generator[_Hosted]:
        """Yield this ledger bound to the host's own connection, so that appends join its transaction."""
        yield _Hosted(self, connection)


class _Hosted:
    """A ledger whose appends are provisional until the host commits."""

    def __init__(self, ledger: Ledger, connection: Any) -> None:
        self._ledger, self._connection = ledger, connection

    def execute(self, subject: str, command: Command, **keywords: Any) -> Outcome:
        """Carry out a command within the host's transaction; see ``Ledger.execute``."""
        return self._ledger.execute(subject, command, connection=self._connection, **keywords)


__all__ = ["ATTEMPTS", "CUSTOMER", "DAY", "RULES_STREAM", "Backend", "Ledger", "To"]
