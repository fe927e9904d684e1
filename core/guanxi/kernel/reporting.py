"""Answering reports: from the live tables now, from scratch tables at any past cut; every answer with its manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from guanxi.kernel.errors import GuanxiError, Invalid, Unknown, handler_failed
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import fields_of
from guanxi.kernel.plugins import Parts
from guanxi.kernel.ports import ModelStatus, Projector
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked, Manifest, Report, ReportResult, canonical, digest_of
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import LATEST, instant, stamp

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

RULE_SET = Label("rule set", "规则集")
"""Heads the note that names a rule set's version; 0 is the default."""


class Reporting:
    """Read models and reports of one ledger.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owner: dict[str, Parts] = {r.name: p for p in ledger.parts for r in p.reports}
        self.reports: dict[str, Report] = {r.name: r for p in ledger.parts for r in p.reports}
        self.models: tuple[ReadModel[Any], ...] = tuple(m for p in ledger.parts for m in p.read_models)
        self._projector: Projector | None = None
        self._lock = RLock()

    @property
    def projector(self) -> Projector:
        """The projector of all installed read models."""
        with self._lock:
            if self._projector is None:
                self._projector = self._ledger.store.projector(self.models, self._ledger.source())
            return self._projector

    def project(self, progress: Any = None) -> int:
        """Bring every read model level with the log and return the position."""
        return self.projector.catch_up(progress)

    def rebuild(self, names: Sequence[str] | None = None, progress: Any = None) -> int:
        """Make read models anew from the log."""
        known = {m.name for m in self.models}
        for name in names or ():
            if name not in known:
                raise Unknown(
                    "unknown_read_model",
                    f"there is no read model {name}",
                    zh=f"没有读模型 {name}",
                    accepts=", ".join(sorted(known)),
                )
        return self.projector.rebuild(names, progress)

    def status(self) -> list[ModelStatus]:
        """Return where each read model stands."""
        return self.projector.status()

    def wait_for(self, position: int, timeout: float = 5.0) -> None:
        """Return when every read model shows what was appended up to a position."""
        self.projector.wait_for(position, timeout)

    def find(self, name: str) -> Report:
        """Return a report by name.

        Raises:
            Unknown: there is none.
        """
        report = self.reports.get(name)
        if report is None:
            raise Unknown(
                "unknown_report",
                f"there is no report {name}",
                zh=f"没有报表 {name}",
                accepts=", ".join(sorted(self.reports)) or "none installed",
            )
        return report

    def run(self, name: str, cut: Cut, given: Mapping[str, Any]) -> ReportResult:
        """Return a report at a cut; see ``Ledger.report``."""
        ledger, report = self._ledger, self.find(name)
        parameters = _parameters(report, given)
        now = stamp(ledger.clock())
        if cut == Cut():
            ledger.advance()
            self.project()
            reader = self.projector.reader()
        else:
            reader = self.scratch(report.reads, cut, now)
        as_of, as_known = min(cut.as_of or now, LATEST), cut.as_known or now
        book, used = ledger.rule_book(), dict[str, int]()

        def find(rule_set: type[RuleSet]) -> RuleSet:
            value, used[rule_set.stored_name] = book.find(rule_set, as_of, as_known)
            return value

        asked = Asked(instant(as_of, ledger.tz), instant(as_known, ledger.tz), ledger.zone_name, find)
        try:
            content = report.build(reader, parameters, asked)
        except GuanxiError:
            raise
        except Exception as error:  # as with handlers: a host catches one kind of error
            raise handler_failed(error, name) from error
        columns = tuple(content.columns or report.columns)
        rows = tuple(tuple(r) for r in content.rows)
        notes = [*content.notes, *((RULE_SET, f"{key} v{number}") for key, number in sorted(used.items()))]
        if trouble := [*content.trouble, *(report.foots(rows) if report.foots is not None else ())]:
            raise Invalid(
                "does_not_foot", f"{name}: {'; '.join(trouble)}", zh=f"{name} 勾稽不平：{'；'.join(trouble)}"
            )
        parts = self._owner[name]
        manifest = Manifest(
            report=name,
            plugin=parts.name,
            plugin_version=parts.version,
            parameters=_plain(parameters),
            as_of=as_of,
            as_known=as_known,
            position=reader.position if cut == Cut() else self._place(cut),
            zone=ledger.zone_name,
            rows=len(rows),
            digest=digest_of(name, columns, rows, ledger.zone_name),
        )
        if content.drawing is not None:
            report = attrs.evolve(report, picture=None)  # its own would not fit these rows
        return ReportResult(report, columns, rows, tuple(notes), manifest, content.drawing)

    def _place(self, cut: Cut) -> int:
        """Return the place in the log that a past cut's knowledge is fixed to."""
        store = self._ledger.store
        if cut.position is not None:
            return cut.position
        return store.last_position() if cut.as_known is None else store.position_known_at(cut.as_known)

    def scratch(self, models: Sequence[ReadModel[Any]], cut: Cut, now: str) -> Reader:
        """Return a reader over throw-away tables at a past cut, folded from only the streams there are."""
        return self.projector.scratch(models, self._histories(models, cut, now))

    def _histories(
        self, models: Sequence[ReadModel[Any]], cut: Cut, now: str
    ) -> Iterator[tuple[str, list[Any]]]:
        ledger = self._ledger
        judge, tz = ledger.judge(), ledger.tz
        after = ""
        while heads := ledger.store.streams(None, after, 500):
            after = heads[-1].stream
            rows = ledger.store.fold_rows_of([h.stream for h in heads])
            for head in heads:
                mine = rows.get(head.stream)
                if mine:
                    judged = judge.state(
                        head.subject,
                        head.stream,
                        mine,
                        cut,
                        now,
                        ledger.linked(head.stream, mine),
                        facets_changed=ledger.stale(head, cut),
                    )
                    items = [i for i in judged.items if i.origin.stream == head.stream]
                    yield head.stream, [(i.event, i.at(tz)) for i in items]


def _parameters(report: Report, given: Mapping[str, Any]) -> Any:
    cls = report.parameters
    if cls is None:
        if given:
            raise Invalid(
                "unknown_field",
                f"{report.name} takes no parameters",
                zh=f"{report.name} 没有参数",
                accepts="none",
            )
        return None
    fields = fields_of(cls)
    names = [a.name for a in fields]
    if extra := sorted(set(given) - set(names)):
        raise Invalid(
            "unknown_field",
            f"{report.name} has no parameter {', '.join(extra)}",
            zh=f"{report.name} 没有参数 {', '.join(extra)}",
            accepts=", ".join(names),
        )
    plain = {k: canonical(v) for k, v in given.items()}
    try:
        return msgspec.convert(plain, cls, strict=False)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise Invalid("out_of_scale", f"{report.name}: {error}", zh=f"{report.name}：{error}") from error


def _plain(parameters: Any) -> dict[str, Any]:
    return {} if parameters is None else dict(msgspec.to_builtins(parameters))


__all__ = ["Reporting", "datetime"]
