"""What stands behind a value, on the screen: each entry with its chain of causes, its rule set's values, and why it was replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from guanxi import DueMoment, Explanation, Ledger, Line, RuleSet, RulesUsed, Step, Superseded, Trigger
from guanxi_adapters.cli import screen
from guanxi_adapters.cli.entries import STANDING, EntryBlocks, plain_line
from guanxi_adapters.cli.language import say
from guanxi_adapters.cli.parameters import change_words, parameter_words, signed_words
from guanxi_adapters.cli.screen import BETWEEN
from guanxi_adapters.cli.wording import Wording, clean, portable

LEADS_TO = "← "
MANY = 3
"""More late lines of one import than this are told as that import."""


class Grounds:
    """Shows the steps of an explanation, and what no longer counts.

    Args:
        ledger: where the entries are kept.
        blocks: shows entries with all they hold.
        brief: shows entries without what a step tells apart.
        facet: name of the facet whose values they lead to.
    """

    def __init__(self, ledger: Ledger, blocks: EntryBlocks, brief: EntryBlocks, facet: str) -> None:
        self._ledger, self._blocks, self._brief, self._facet = ledger, blocks, brief, facet
        self._wording: Wording = blocks.wording
        self._told: set[str] = set()
        self._marks: dict[str, list[Line]] = {}
        for line in blocks.by_id.values():
            if line.entry is not None and line.entry.target is not None:
                self._marks.setdefault(line.entry.target, []).append(line)
        self._classes: dict[str, type[RuleSet]] = ledger.rule_book().classes

    # Steps

    def steps(self, steps: Sequence[Step]) -> Table:
        """Return the entries that changed a value, each with what it changed and everything behind it."""
        return self._table([(s.line, self._step(s)) for s in steps])

    def _step(self, step: Step) -> list[RenderableType]:
        brief = self._brief
        return [
            brief.title(step.line),
            Text(screen.unbroken(brief.holds(step.line))),
            Text(screen.unbroken(self._changed(step)), style=screen.GOOD),
            *self._drawn(step),
            *self._rules(step.rules, step.line),
            *self._instead(step),
            Text(screen.unbroken(brief.behind(step.line)), style=screen.QUIET),
            *self._chain(step),
        ]

    def _changed(self, step: Step) -> str:
        return BETWEEN.join(
            " ".join([*place, f"{old} → {new}"])
            for place, old, new in self._wording.owned(self._facet).differences(step.before, step.after)
        )

    def _drawn(self, step: Step) -> list[Text]:
        out, words = [], self._wording.owned(step.line.name)
        if step.inputs:
            out.append(Text(say("drawn from {inputs}", inputs=words.values(step.inputs))))
        if step.thresholds:
            out.append(Text(say("compared with {limits}", limits=words.values(step.thresholds))))
        return out

    def _rules(self, rules: Iterable[RulesUsed], line: Line) -> list[Text]:
        """Say under which values of its rule sets a decision was drawn."""
        return [Text(self._under(used)) for used in rules if used.entry == line.id and used.parameters]

    def _under(self, used: RulesUsed) -> str:
        values = parameter_words(self._wording, self._classes.get(used.name), used.parameters)
        return say(
            "under {rules}: {values}", rules=self._blocks.rule_set(used.name, used.version), values=values
        )

    def _instead(self, step: Step) -> list[Text]:
        """Say whose place a decision takes, or whom it follows from a later day."""
        entry = step.line.entry
        gone = (step.line.replaces or "").split() or ([entry.succeeds] if entry and entry.succeeds else [])
        if not gone:
            return []
        names = ", ".join(map(self._wording.entry, gone))
        lead = (
            say("in place of {entries}", entries=names)
            if step.line.replaces
            else say("after {entries}", entries=names)
        )
        causes = [self._cause(t) for t in step.triggers[:MANY]]
        if not causes:
            return [Text(lead)]
        if all(t.certain for t in step.triggers):
            return [Text(say("{lead}, because of {cause}", lead=lead, cause="; ".join(causes)))]
        return [Text(say("{lead}, learned together with {cause}", lead=lead, cause="; ".join(causes)))]

    # What stands behind

    def _chain(self, ground: Step | Superseded) -> list[RenderableType]:
        """Return the causes of an entry down to the first fact, one below the other; what was told before in few words."""
        line, because = ground.line, ground.because
        self._told.add(line.id)
        links = Table.grid(padding=0)
        links.add_column(no_wrap=True, style=screen.QUIET)
        links.add_column(overflow="fold", style=screen.QUIET)
        if line.due is not None:
            links.add_row(LEADS_TO, Text(screen.unbroken(self._moment(line.due))))
        for n, cause in enumerate(because):
            if cause.id in self._told:
                rest = (f"{self._wording.entry(c.id)} {self._wording.label(c.name)}" for c in because[n:])
                links.add_row(LEADS_TO, Text(f" {LEADS_TO}".join(rest)))
                break
            self._told.add(cause.id)
            links.add_row(LEADS_TO, Text(screen.unbroken(self._named(cause))))
            for said in self._rules(ground.rules, cause):
                links.add_row("  ", said)
            for mark in self._marks.get(cause.id, ()):
                links.add_row("  ", Text(screen.unbroken(LEADS_TO + self._named(mark))))
            if cause.due is not None:
                links.add_row(LEADS_TO, Text(screen.unbroken(self._moment(cause.due))))
        return [links] if links.row_count else []

    def _moment(self, due: DueMoment) -> str:
        about = self._wording.owned(due.name).values(due.fields)
        said = f"{self._wording.moment(due.at)} {self._wording.label(due.name)}"
        return f"{said}{BETWEEN}{about}" if about else said

    def _named(self, line: Line) -> str:
        """Return an entry in one line: when, what, by whom or which rule, and what became of it."""
        blocks = self._blocks
        said = [f"{self._wording.entry(line.id)} {self._wording.label(line.name)}, {blocks.when(line)}"]
        if line.entry is not None and line.entry.target is not None:
            said.append(blocks.holds(line))
        if line.kind == "decision":
            said += [line.rule or "", *(blocks.rule_set(n, v) for n, v in (line.rule_sets or {}).items())]
        else:
            said += [blocks.person(line), self._came(line)]
        if line.status != STANDING:
            said.append(blocks.status(line))
        return BETWEEN.join(x for x in said if x)

    def _came(self, line: Line) -> str:
        """Return by which channel and from which document an entry came."""
        entry = line.entry
        if entry is None:
            return ""
        system = [entry.source_system, entry.source_document, entry.source_line]
        parts = [clean(entry.channel or ""), " ".join(clean(x) for x in system if x)]
        return BETWEEN.join(p for p in parts if p)

    # What no longer counts

    def superseded(self, gone: Sequence[Superseded]) -> Table:
        """Return what no longer counts, each with what took its place, what was learned, and what stood behind it."""
        return self._table([(x.line, self._gone(x)) for x in gone])

    def _gone(self, x: Superseded) -> list[RenderableType]:
        line, blocks = x.line, self._blocks
        return [
            blocks.title(line),
            Text(screen.unbroken(blocks.holds(line))),
            *(Text(screen.unbroken(said)) for said in self._why_gone(x)),
            Text(screen.unbroken(blocks.behind(line)), style=screen.QUIET),
            *self._chain(x),
        ]

    def _why_gone(self, x: Superseded) -> list[str]:
        by = x.replaced_by
        if by is None:
            return []
        batch = by.entry.batch if by.entry is not None else None
        said: list[str] = []
        if batch is not None and len(x.triggers) > MANY:
            lead = say("because of {cause}", cause=say("an import"))
            said.append(self._because(lead, by.recorded_at, self._blocks.batch(by)))
        else:
            for n, t in enumerate(x.triggers):
                at = by.recorded_at if t.line is None else t.line.recorded_at
                said.append(self._because(self._lead(t), at, self._person(t)))
                if n < MANY and (what := self._learned(t)):
                    said.append(what)
        if by.kind == "decision" and x.line.status == "replaced":
            holds = self._blocks.holds(by)
            said.append(say("now {entry}: {holds}", entry=self._wording.entry(by.id), holds=holds))
        return said

    def _lead(self, trigger: Trigger) -> str:
        """Name what was learned: as the cause, or beside others where nobody can tell which it was."""
        cause = self._cause(trigger)
        if trigger.certain:
            return say("because of {cause}", cause=cause)
        return say("learned together with {cause}", cause=cause)

    def _because(self, lead: str, at: datetime | None, who: str) -> str:
        told = say("recorded {moment}", moment=self._wording.moment(at)) if at is not None else ""
        return BETWEEN.join(p for p in (lead, told, who) if p)

    def _cause(self, trigger: Trigger) -> str:
        line = trigger.line
        if line is None:
            before, after = trigger.versions or ("", "")
            if before != after:
                return say("another plugin version: {before} → {after}", before=before, after=after)
            return say("other facets than before, which judged again")
        named = f"{self._wording.entry(line.id)} {self._wording.label(line.name)}"
        if trigger.kind == "rules" and line.fields is not None:
            rules = self._blocks.rule_set(str(line.fields["rule_set"]), int(line.fields["version"]))
            since = self._wording.moment(line.effective_from)
            return say("{rules}, published with effect from {moment}", rules=rules, moment=since)
        return named

    def _person(self, trigger: Trigger) -> str:
        line = trigger.line
        if line is None:
            return ""
        used = self._announced(trigger)
        if used is not None and used.publication is not None:
            return signed_words(used.publication)
        return self._blocks.person(line)

    def _announced(self, trigger: Trigger) -> RulesUsed | None:
        """Return the version of a rule set that a publication brought, None for what is none."""
        line = trigger.line
        if trigger.kind != "rules" or line is None or line.fields is None:
            return None
        name, version = str(line.fields["rule_set"]), int(line.fields["version"])
        found = (p for p in self._ledger.publications(name) if p.version == version)
        return RulesUsed(name, version, {}, next(found, None))

    def _learned(self, trigger: Trigger) -> str:
        """Say what a publication or a correction changed."""
        line = trigger.line
        if line is None:
            return ""
        if trigger.kind == "correction" and line.id in self._told:
            return ""
        if trigger.changes:
            cls = self._classes.get(str((line.fields or {}).get("rule_set")))
            changes = {c.field: (c.before, c.after) for c in trigger.changes}
            return say("it changed {changes}", changes=change_words(self._wording, cls, changes))
        if trigger.kind != "correction":
            return ""
        self._told.add(line.id)
        return self._blocks.holds(line)

    # Rule sets

    def rule_sets(self, explanation: Explanation) -> Table | None:
        """Return who stands behind each rule-set version that was named, None where none was."""
        grounds: list[Step | Superseded] = [*explanation.steps, *explanation.superseded]
        used = {(r.name, r.version): r for each in grounds for r in each.rules}
        announced = (self._announced(t) for each in grounds for t in each.triggers)
        used = {(r.name, r.version): r for r in announced if r is not None} | used
        if not used:
            return None
        rows = [
            (self._blocks.rule_set(r.name, r.version), self._publication(r)) for _, r in sorted(used.items())
        ]
        return screen.pairs(rows, indent=2)

    def _publication(self, used: RulesUsed) -> str:
        p = used.publication
        if p is None:
            owner = next(
                (x for x in self._ledger.parts if any(c.stored_name == used.name for c in x.rule_sets)), None
            )
            said = f"{owner.name} {owner.version}" if owner else "guanxi"
            return say("as they came with {plugin}; nobody had published others", plugin=said)
        moments = say(
            "in force from {since} · published {moment}",
            since=self._wording.moment(p.effective_from),
            moment=self._wording.moment(p.recorded_at),
        )
        return f"{moments}{BETWEEN}{signed_words(p)}"

    # The frame

    def _table(self, rows: Sequence[tuple[Line, Sequence[RenderableType]]]) -> Table:
        table = Table.grid(padding=(0, screen.GAP, 0, 0))
        table.add_column(justify="right", style=screen.QUIET, no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold", ratio=1)
        before = None
        for line, parts in rows:
            if before not in (None, line.effective_from):
                table.add_row()
            before = line.effective_from
            block = [p for p in parts if not isinstance(p, Text) or p.plain]
            table.add_row(self._wording.number(line.id), self._blocks.when(line), Group(*block))
        return table


def plain_explanation(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON data, with everything in it."""
    return {
        "field": explanation.field,
        "value": portable(explanation.value),
        "steps": [
            {
                "entry": plain_ground(s.line),
                "before": portable(s.before),
                "after": portable(s.after),
                "inputs": portable(s.inputs),
                "thresholds": portable(s.thresholds),
                "rules": _plain_rules(s.rules),
                "because": [plain_ground(line) for line in s.because],
                "triggers": [_plain_trigger(t) for t in s.triggers],
            }
            for s in explanation.steps
        ],
        "superseded": [
            {
                **plain_ground(x.line),
                "by": None if x.replaced_by is None else plain_ground(x.replaced_by),
                "rules": _plain_rules(x.rules),
                "because": [plain_ground(line) for line in x.because],
                "triggers": [_plain_trigger(t) for t in x.triggers],
            }
            for x in explanation.superseded
        ],
    }


def plain_ground(line: Line) -> dict[str, Any]:
    """Return a line as JSON data, with where it came in and the moment that brought it."""
    e, due = line.entry, line.due
    return {
        **plain_line(line),
        "channel": e.channel if e else None,
        "section": e.section if e else None,
        "correlation": e.correlation if e else None,
        "plugin": f"{e.plugin} {e.plugin_version}" if e else None,
        "succeeds": e.succeeds if e else None,
        "replaces": line.replaces,
        "due": None
        if due is None
        else {"name": due.name, "fields": portable(due.fields), "at": due.at.isoformat()},
    }


def plain_publication(p: Any) -> dict[str, Any]:
    """Return a published version as JSON data."""
    gone = p.withdrawn
    return {
        "rule_set": p.rule_set,
        "version": p.version,
        "effective_from": p.effective_from.isoformat(),
        "recorded_at": p.recorded_at.isoformat(),
        "by": p.by,
        "approved_by": p.approved_by,
        "reason": p.reason,
        "retroactive": p.retroactive,
        "entry": p.entry,
        "withdrawn": None
        if gone is None
        else {
            "recorded_at": gone.recorded_at.isoformat(),
            "by": gone.by,
            "approved_by": gone.approved_by,
            "reason": gone.reason,
            "entry": gone.entry,
        },
    }


def _plain_rules(rules: Iterable[RulesUsed]) -> list[dict[str, Any]]:
    return [
        {
            "name": r.name,
            "version": r.version,
            "parameters": portable(r.parameters),
            "publication": None if r.publication is None else plain_publication(r.publication),
        }
        for r in rules
    ]


def _plain_trigger(t: Trigger) -> dict[str, Any]:
    return {
        "kind": t.kind,
        "entry": None if t.line is None else plain_ground(t.line),
        "changes": [
            {"parameter": c.field, "before": portable(c.before), "after": portable(c.after)}
            for c in t.changes
        ],
        "versions": t.versions,
        "certain": t.certain,
    }
