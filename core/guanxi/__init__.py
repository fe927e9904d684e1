"""guanxi (关系): customer relationships as event-sourced aggregates.

``open`` a ledger, ``execute`` commands on it, ask ``history`` and ``report``. Industry plugins add subjects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from importlib import metadata
from typing import Any

from guanxi.kernel.access import Access, Actor, Attempt
from guanxi.kernel.before_import import known_since, still_due
from guanxi.kernel.cadences import Cadence, DueFigures, DueItem, DueRow, DueState
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import (
    Conflict,
    GuanxiError,
    Held,
    Incomplete,
    Invalid,
    NotPermitted,
    Parked,
    PluginError,
    Refusal,
    RuleNotMet,
    SchemaTooNew,
    StoreError,
    Unavailable,
    Unknown,
)
from guanxi.kernel.facets import ADVISORY, FOR_EVER, WHILE_ACTIVE, Claim, Facet, Now, To
from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.history import Change, Explanation, History, Line, Step
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Backend, Ledger
from guanxi.kernel.lines import DueMoment, RulesUsed, Superseded, Trigger
from guanxi.kernel.messages import (
    FROM_NOW,
    MERGED,
    REVISE,
    WOULD_DIFFER,
    Act,
    Command,
    Decision,
    Deed,
    Due,
    Event,
    Fact,
    command,
    dated,
    due,
    event,
    field,
    given,
    key,
    limit,
    personal,
    revise_when,
)
from guanxi.kernel.overview import Code, Look, Overview, Section, WholeView
from guanxi.kernel.plugins import (
    Block,
    GuanxiDeprecationWarning,
    Installed,
    Parts,
    PluginRefused,
    deprecated,
    discover,
    hookimpl,
    joined,
)
from guanxi.kernel.plugins.loading import warn_of
from guanxi.kernel.privacy import ERASED, Erased
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.registry import Upcaster
from guanxi.kernel.reports import (
    Asked,
    CellType,
    Column,
    Content,
    Drawing,
    Picture,
    PictureKind,
    Report,
    ReportResult,
)
from guanxi.kernel.rule_books import Publication
from guanxi.kernel.rules import RuleSet, parameter, rule_set
from guanxi.kernel.runs import (
    InForce,
    LineDifference,
    Population,
    Run,
    RunRow,
    RunStep,
    RunView,
    run_register,
)
from guanxi.kernel.standard import (
    BreachRecorded,
    RuleSetPublished,
    RuleSetWithdrawn,
    StreamLinked,
    StreamUnlinked,
)
from guanxi.kernel.telling import ACCOUNT, Outcome, Source, Telling, Verdict
from guanxi.kernel.times import (
    DAY,
    INSTANT,
    TICK,
    add_months,
    end_of,
    instant,
    midnight,
    midnight_after,
    stamp,
    zone,
)
from guanxi.kernel.values import MINOR_UNITS, Money, exact
from guanxi.kernel.verifying import Fault, Verification, verify
from guanxi.relationship import (
    CloseRelationship,
    CustomerFile,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    ReopenRelationship,
)
from guanxi.relationship import plugin as _core
from guanxi.relationship.calendars import FESTIVALS, CalendarRules, Term
from guanxi.relationship.counting_as import LapseFound, SaleAtOnce

__version__ = "0.1.0"

STORES = "guanxi.stores"


def open(  # noqa: A001 - `guanxi.open(url)` reads as what it does
    url: str,
    *,
    plugins: Sequence[Installed | Parts | object] | None = None,
    strict: bool = False,
    allow: Collection[str] | None = None,
    block: Block | Iterable[Block] = (),
    tenant: str = "main",
    **options: Any,
) -> Ledger:
    """Open the ledger of a database, making its tables where there are none.

    Args:
        url: ``sqlite:///customers.db``, ``sqlite://`` (in memory), or ``postgresql+psycopg://…``.
        plugins: plugin objects or parts to use; those installed in this environment if None.
        strict: raise when an installed plugin cannot be used, instead of going on without it with a ``PluginRefused``
            warning; ``ledger.installed`` says why.
        allow: names of the installed plugins that may be used; all if None.
        block: installed plugins never to use, each with a reason and, if need be, a range of versions.
        tenant: whose relationships these are.
        **options: for the store's adapter, such as ``zone`` (IANA name, when the ledger is made), ``keys`` (where the
            keyring lives), ``create``, ``read_only``, ``upgrade`` (bring an older program's
            tables to this one's form first);
            on PostgreSQL also ``statement_timeout``, ``pool_size``, and for a new ledger ``portable`` and ``partitions``.

    Raises:
        StoreError: the database cannot be used; the error says why and what would help.
        PluginError: what was handed over in ``plugins`` is wrong or clashes; with ``strict``, what is installed.
    """
    if not isinstance(url, str):
        raise Invalid(
            "bad_url",
            f"{url!r} is not a database URL",
            zh=f"{url!r} 不是数据库 URL",
            accepts='text such as "sqlite:///customers.db"',
        )
    dialect = url.partition(":")[0].partition("+")[0]
    points = [p for p in metadata.entry_points(group=STORES) if p.name == dialect]
    if not points:
        raise Unavailable(
            "no_adapter",
            f"nothing installed opens {dialect!r} databases",
            zh=f"没有安装可打开 {dialect!r} 的适配器",
            accepts="sqlite:///file.db or postgresql+psycopg://…",
        )
    backend: Backend = points[0].load()(url, tenant=tenant, **options)
    try:
        found = discover(strict=strict, allow=allow, block=block) if plugins is None else plugins
        ledger = Ledger(backend, found, core=(_core,), strict=strict)
    except BaseException:
        backend.store.close()
        backend.keyring.close()
        raise
    if plugins is None:
        warn_of(ledger.installed)
    return ledger


__all__ = [
    "ACCOUNT",
    "ADVISORY",
    "DAY",
    "ERASED",
    "FESTIVALS",
    "FOR_EVER",
    "FROM_NOW",
    "INSTANT",
    "MERGED",
    "MINOR_UNITS",
    "RETENTION_FAMILIES",
    "REVISE",
    "TICK",
    "WHILE_ACTIVE",
    "WOULD_DIFFER",
    "Access",
    "Act",
    "Actor",
    "Asked",
    "Attempt",
    "Backend",
    "Block",
    "BreachRecorded",
    "Cadence",
    "CalendarRules",
    "CellType",
    "Change",
    "Claim",
    "ClockRules",
    "CloseRelationship",
    "Code",
    "Column",
    "Command",
    "Conflict",
    "Content",
    "CustomerFile",
    "Decision",
    "Deed",
    "Drawing",
    "Due",
    "DueFigures",
    "DueItem",
    "DueMoment",
    "DueRow",
    "DueState",
    "Entry",
    "Erased",
    "Event",
    "Explanation",
    "Facet",
    "Fact",
    "Fault",
    "GuanxiDeprecationWarning",
    "GuanxiError",
    "Held",
    "History",
    "InForce",
    "Incomplete",
    "Installed",
    "Invalid",
    "Label",
    "LapseFound",
    "Ledger",
    "Line",
    "LineDifference",
    "Look",
    "Money",
    "NotPermitted",
    "Now",
    "OpenFile",
    "Outcome",
    "Overview",
    "Parked",
    "Parts",
    "Picture",
    "PictureKind",
    "PluginError",
    "PluginRefused",
    "Population",
    "Publication",
    "ReadModel",
    "Reader",
    "RecordIdentifier",
    "RecordProfileFact",
    "Refusal",
    "ReopenRelationship",
    "Report",
    "ReportResult",
    "Rows",
    "RuleNotMet",
    "RuleSet",
    "RuleSetPublished",
    "RuleSetWithdrawn",
    "RulesUsed",
    "Run",
    "RunRow",
    "RunStep",
    "RunView",
    "SaleAtOnce",
    "SchemaTooNew",
    "Section",
    "Source",
    "Step",
    "StoreError",
    "StreamLinked",
    "StreamUnlinked",
    "Superseded",
    "Telling",
    "Term",
    "To",
    "Trigger",
    "Unavailable",
    "Unknown",
    "Upcaster",
    "Verdict",
    "Verification",
    "WholeView",
    "add_months",
    "column",
    "command",
    "dated",
    "deprecated",
    "discover",
    "due",
    "end_of",
    "event",
    "exact",
    "field",
    "given",
    "hookimpl",
    "instant",
    "joined",
    "key",
    "known_since",
    "limit",
    "midnight",
    "midnight_after",
    "open",
    "parameter",
    "personal",
    "revise_when",
    "rule_set",
    "run_register",
    "stamp",
    "still_due",
    "verify",
    "zone",
]
