"""``check determinism``, ``whatif`` and ``plugins upgrade-check``: decisions derived again, and whose come out otherwise, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAULTY, open_ledger, settings
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf

if TYPE_CHECKING:
    from guanxi import Label, Ledger, RuleSet
    from guanxi.kernel.rederiving import Cause, Comparison, DecisionChange, WhatIf
    from guanxi.kernel.report_changes import ReportChange, RowChange
    from guanxi_adapters.cli.wording import Wording
    from guanxi_adapters.upgrades import Side, UpgradeCheck

SHOWN = 50
"""How many customers, and rows of a report, are shown."""

group = typer.Typer(help="Check that what a ledger holds comes out of it again.", no_args_is_help=True)

Subjects = Annotated[
    list[str] | None,
    typer.Option("--subject", metavar="CUSTOMER", help="Only this customer; may be given again."),
]
Limit = Annotated[
    int, typer.Option("--limit", metavar="N", min=0, help="Customers and rows shown; 0 shows all.")
]


# ---------------------------------------------------------------- commands


@group.command()
def determinism(subjects: Subjects = None, limit: Limit = SHOWN, as_json: AsJson = False) -> None:
    """Derive every stored decision again, and say which come out otherwise.

    Each transaction is re-enacted with what was known then, and all is replayed from the
    facts alone; both must yield what is stored. Nothing is written. Ends with exit code 4
    when something differs.
    """
    with open_ledger() as ledger:
        with screen.progress(say("deriving again")) as move:
            found = ledger.check_determinism(subjects or None, move)
        if as_json:
            screen.show_json(_plain(found))
        else:
            _show_counts(found)
            _show_changes(_words(ledger), found, limit, ("stored", "derived"))
            if found.same:
                told = say("Every decision comes out as it is stored.")
                screen.show(screen.styled((told, screen.GOOD)))
    if not found.same:
        raise typer.Exit(FAULTY)


def whatif(
    rules: Annotated[
        list[Path],
        typer.Option(
            "--rules",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Rule sets supposed, as TOML; what it leaves out stays as it is. May be given again.",
            show_default=False,
        ),
    ],
    effective: Annotated[
        str | None,
        typer.Option("--effective", metavar="T", help="As if in force from then; always, if left out."),
    ] = None,
    report: Annotated[
        str | None, typer.Option("--report", metavar="NAME", help="A report to compare, row by row.")
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="A parameter of the report; may be given again."),
    ] = None,
    as_of: AsOf = None,
    as_known: AsKnown = None,
    subjects: Subjects = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
) -> None:
    """Say what other rules would have decided, for whom, and what a report would show.

    The file has one table for each rule set, as 'guanxi rules template' prints it. Nothing is
    written or published.
    """
    from guanxi.kernel.times import read_instant
    from guanxi_adapters.cli.given import split, typed

    with open_ledger() as ledger:
        since = None if effective is None else read_instant(effective, ledger.tz)[0]
        supposed = [r for file in rules for r in _supposed(ledger, file, since)]
        given: dict[str, Any] = {}
        if report is not None:
            asked = ledger.reporting.find(report)
            values = split(parameters or [])
            given = typed(values, asked.parameters) if asked.parameters is not None else dict(values)
        with screen.progress(say("deriving again")) as move:
            found = ledger.what_if(
                supposed,
                effective_from=since,
                report=report,
                parameters=given,
                as_of=as_of,
                as_known=int(as_known) if as_known is not None and as_known.isdigit() else as_known,
                subjects=subjects or None,
                progress=move,
            )
        if as_json:
            screen.show_json({**_plain(found), "rules": _plain_rules(found)})
            return
        wording = _words(ledger)
        _show_supposed(ledger, wording, found)
        _show_counts(found)
        _show_changes(wording, found, limit, ("as it is", "supposed"))
        for each in found.reports:
            _show_report(ledger, wording, each, limit)


def upgrade_check(
    name: Annotated[str, typer.Argument(metavar="PLUGIN", help="The plugin's name.", show_default=False)],
    candidate: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="PATH",
            exists=True,
            help="The version to check: a wheel, a project, or an installed folder. "
            "The installed version against what is stored, if left out.",
        ),
    ] = None,
    reports: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="NAME", help="Only this report of it; may be given again."),
    ] = None,
    subjects: Subjects = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
) -> None:
    """Say whether a version of a plugin reads every stored entry, decides and reports the same.

    With --with, each version runs in a process of its own that opens the ledger read-only;
    a plugin that is not installed is compared with what is stored. Nothing is written. Ends
    with exit code 4 when something differs.
    """
    from guanxi_adapters.upgrades import check_candidate, check_installed

    with open_ledger() as ledger:
        with screen.progress(say("deriving again")) as move:
            if candidate is None:
                found = check_installed(
                    ledger, name, reports=reports or None, subjects=subjects or None, progress=move
                )
            else:
                found = check_candidate(
                    settings.url,
                    settings.options(),
                    name,
                    candidate,
                    reports=reports or None,
                    subjects=subjects or None,
                    progress=move,
                )
        if as_json:
            screen.show_json(_plain_upgrade(found))
        else:
            _show_upgrade(ledger, found, limit)
    if not found.same:
        raise typer.Exit(FAULTY)


def _supposed(ledger: Ledger, file: Path, since: datetime | None) -> Iterator[RuleSet]:
    """Yield the rule sets a file gives, what it leaves out being as in force then."""
    from guanxi.kernel.times import stamp
    from guanxi_adapters.files.rule_files import changed, load_parameters, load_rule_sets

    book = ledger.rule_book()
    now = stamp(ledger.clock())
    for name in load_rule_sets(file, book.classes.values()):
        cls = book.classes[name]
        value, _ = book.find(cls, now if since is None else stamp(since), now)
        yield changed(value, load_parameters(file, cls))


# ---------------------------------------------------------------- showing


def _words(ledger: Ledger) -> Wording:
    from guanxi_adapters.cli.wording import Wording

    return Wording.of(ledger)


def _show_counts(found: Comparison) -> None:
    told = say(
        "{decisions} decisions of {transactions} transactions in {streams} streams derived again, up to position {position}.",
        decisions=f"{found.decisions:,}",
        transactions=f"{found.transactions:,}",
        streams=f"{found.streams:,}",
        position=f"{found.position:,}",
    )
    screen.show(told)
    if found.opaque:
        many = sum(found.opaque.values())
        screen.show(
            count(
                many,
                "1 entry of an absent plugin was kept out of it.",
                "{count} entries of absent plugins were kept out of it.",
            )
        )
    for each in found.unreadable[:SHOWN]:
        name = f"{each.name} v{each.schema_version}" if each.name else ""
        screen.show(
            screen.styled((say("unreadable"), screen.BAD), f"  {each.entry}  {name}"), f"  {each.why}"
        )


def _show_changes(wording: Wording, found: Comparison, limit: int, sides: tuple[str, str]) -> None:
    if not found.changes:
        return
    customers = found.by_customer()
    told = count(len(found.changes), "1 decision comes out otherwise", "{count} decisions come out otherwise")
    whose = count(len(customers), ", for 1 customer.", ", for {count} customers.")
    screen.show("", screen.styled((told + whose, screen.NOTICE)))
    for n, (customer, changes) in enumerate(customers.items()):
        if limit and n >= limit:
            left = len(customers) - limit
            screen.show("", say("{count} more customers; --limit 0 shows all.", count=f"{left:,}"))
            break
        screen.show("", screen.styled((customer, screen.HEADING)))
        for change in changes:
            _show_change(wording, change, sides)


def _show_change(wording: Wording, change: DecisionChange, sides: tuple[str, str]) -> None:
    key = screen.BETWEEN.join(str(v) for v in change.key.values())
    at = change.after_from if change.before_from is None else change.before_from
    head = f"  {wording.label(change.name)} {key}".rstrip()
    tail = screen.BETWEEN.join(p for p in (_moment(wording, at), change.rule) if p)
    screen.show(screen.styled((head, ""), (f"  {tail}", screen.QUIET)))
    rows: list[tuple[str, str]] = []
    if change.before is None or change.after is None:
        rows.append(
            (
                say(sides[0]),
                say("not drawn") if change.before is None else _values(wording, change.before, change.key),
            )
        )
        rows.append(
            (
                say(sides[1]),
                say("not drawn") if change.after is None else _values(wording, change.after, change.key),
            )
        )
    else:
        if change.before_from != change.after_from:
            rows.append(
                (
                    say("counts from"),
                    f"{_moment(wording, change.before_from)} → {_moment(wording, change.after_from)}",
                )
            )
        for field in dict.fromkeys([*change.before, *change.after]):
            a, b = change.before.get(field), change.after.get(field)
            if a != b:
                rows.append((wording.label(field), f"{_cell(wording, a)} → {_cell(wording, b)}"))
    rows.append((say("because"), "; ".join(c.label(spoken()) for c in change.causes)))
    if change.moment:
        rows.append((say("at the moment"), change.moment))
    grounds = [*([change.entry] if change.entry else []), *change.entries]
    if grounds:
        rows.append((say("entries"), ", ".join(grounds)))
    screen.show(screen.pairs(rows, indent=4))


def _values(wording: Wording, fields: Mapping[str, Any], key: Mapping[str, Any]) -> str:
    return screen.BETWEEN.join(
        f"{wording.label(k)} {_cell(wording, v)}" for k, v in fields.items() if k not in key and v is not None
    )


def _cell(wording: Wording, value: Any) -> str:
    return "–" if value is None else wording.value(value)


def _moment(wording: Wording, at: str | None) -> str:
    return "" if at is None else wording.moment(datetime.fromisoformat(at))


def _show_supposed(ledger: Ledger, wording: Wording, found: WhatIf) -> None:
    from guanxi.kernel.times import stamp

    book, now = ledger.rule_book(), stamp(ledger.clock())
    since = found.effective_from
    head = (
        say("Supposed to be in force always")
        if since is None
        else say("Supposed to be in force from {moment}", moment=wording.moment(since))
    )
    screen.show(screen.styled((head, screen.HEADING)))
    for value in found.rules:
        was, _ = book.find(type(value), now if since is None else stamp(since), now)
        changes = [f"{name} {_text(a)} → {_text(b)}" for name, (a, b) in _parameters(was, value).items()] or [
            say("as it is")
        ]
        screen.show(f"  {value.stored_name}  {'; '.join(changes)}")
    screen.show("")


def _parameters(was: RuleSet, value: RuleSet) -> dict[str, tuple[Any, Any]]:
    from guanxi.kernel.rules import parameters_of

    before, after = parameters_of(was), parameters_of(value)
    return {k: (before[k], after[k]) for k in after if before[k] != after[k]}


def _text(value: Any) -> str:
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _show_report(ledger: Ledger | None, wording: Wording, change: ReportChange, limit: int) -> None:
    title = _title(ledger, change.report)
    screen.show("", screen.styled((change.report, screen.HEADING), f"  {title}".rstrip()))
    screen.show(
        screen.styled(
            (f"{say('digest')} {change.before.digest[:12]} → {change.after.digest[:12]}", screen.QUIET)
        )
    )
    for names, text in ((change.columns_gone, "columns gone"), (change.columns_new, "columns new")):
        if names:
            screen.show(f"{say(text)}: {', '.join(names)}")
    if change.same:
        screen.show(say("No row differs."))
        return
    labels = {c.name: c.label(spoken()) for c in (*change.before.columns, *change.after.columns)}
    told = count(len(change.rows), "1 row differs", "{count} rows differ")
    whole = f"{len(change.before.rows):,} → {len(change.after.rows):,}"
    screen.show(screen.styled((told, screen.NOTICE), say(" of {rows}.", rows=whole)), "")
    rows = change.rows if not limit else change.rows[:limit]
    if change.key:
        headings = [
            *(labels[k] for k in change.key),
            say("Column"),
            say("Before"),
            say("After"),
            say("Change"),
        ]
        lines = [line for row in rows for line in _row_lines(labels, row)]
        wide = len(change.key)
        screen.show(screen.columns(headings, lines, numbers=(wide + 1, wide + 2, wide + 3)))
    else:
        for row in rows:
            sign, style = ("-", screen.BAD) if row.after is None else ("+", screen.GOOD)
            screen.show(screen.styled((sign, style), "  " + screen.BETWEEN.join(map(_shown, row.key))))
    if grounds := [r for r in rows if r.entries]:
        screen.show("")
        screen.show(screen.pairs([(str(r.key[0]), _entries(r.entries)) for r in grounds]))
    if len(rows) < len(change.rows):
        left = len(change.rows) - len(rows)
        screen.show("", say("{count} more rows; --limit 0 shows all.", count=f"{left:,}"))


def _entries(ids: Sequence[str]) -> str:
    stream = ids[0].rpartition("/")[0]
    return f"{stream}/" + ", ".join(i.removeprefix(f"{stream}/") for i in ids)


def _row_lines(labels: Mapping[str, str], row: RowChange) -> Iterator[list[str]]:
    key = [_shown(v) for v in row.key]
    if row.before is None or row.after is None:
        yield [
            *key,
            say("whole row"),
            "–" if row.before is None else "✓",
            "–" if row.after is None else "✓",
            "",
        ]
        return
    for n, (name, (a, b)) in enumerate(row.cells.items()):
        yield [*(key if n == 0 else [""] * len(key)), labels[name], _shown(a), _shown(b), _difference(a, b)]


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _difference(a: Any, b: Any) -> str:
    try:
        numbers = [Decimal(v) if isinstance(v, str) else v for v in (a, b)]
    except InvalidOperation:
        return ""
    if all(isinstance(v, int | Decimal) and not isinstance(v, bool) for v in numbers):
        return f"{numbers[1] - numbers[0]:+,}"
    return ""


def _title(ledger: Ledger | None, report: str) -> str:
    found = ledger.reporting.reports.get(report) if ledger is not None else None
    label: Label | None = found.title if found is not None else None
    return label(spoken()) if label is not None else ""


def _show_upgrade(ledger: Ledger, found: UpgradeCheck, limit: int) -> None:
    before = found.before.version or say("what is stored")
    screen.show(screen.styled((f"{found.plugin}  {before} → {found.after.version}", screen.HEADING)))
    _show_counts(found.compared)
    for remark in found.remarks:
        text = remark.zh if spoken() == "zh" else remark.en
        screen.show(screen.styled((remark.code, screen.NOTICE), f"  {text}"))
    wording = _words(ledger)
    _show_changes(wording, found.compared, limit, (before, found.after.version))
    for each in found.compared.reports:
        if not each.same:
            _show_report(ledger, wording, each, limit)
    if found.same:
        told = say("It reads every entry, and decides and reports the same.")
        screen.show(screen.styled((told, screen.GOOD)))


# ---------------------------------------------------------------- plain


def _plain(found: Comparison) -> dict[str, Any]:
    import attrs

    return {
        "same": found.same,
        "streams": found.streams,
        "transactions": found.transactions,
        "decisions": found.decisions,
        "position": found.position,
        "as_of": found.as_of,
        "as_known": found.as_known,
        "changes": [
            {**attrs.asdict(c, recurse=False), "causes": [_plain_cause(x) for x in c.causes]}
            for c in found.changes
        ],
        "reports": [_plain_report(r) for r in found.reports],
        "unreadable": [attrs.asdict(u) for u in found.unreadable],
        "opaque": dict(found.opaque),
    }


def _plain_cause(cause: Cause) -> dict[str, Any]:
    return {"code": cause.code, "en": cause.label.en, "zh": cause.label.zh, **cause.facts}


def _plain_report(change: ReportChange) -> dict[str, Any]:
    import attrs

    manifests = change.manifests
    return {
        "report": change.report,
        "same": change.same,
        "key": list(change.key),
        "digests": [change.before.digest, change.after.digest],
        "columns_gone": list(change.columns_gone),
        "columns_new": list(change.columns_new),
        "rows": [
            {
                "key": list(r.key),
                "before": None if r.before is None else list(r.before),
                "after": None if r.after is None else list(r.after),
                "cells": {k: list(v) for k, v in r.cells.items()},
                "entries": list(r.entries),
            }
            for r in change.rows
        ],
        "manifests": None if manifests is None else [attrs.asdict(m, recurse=False) for m in manifests],
    }


def _plain_rules(found: WhatIf) -> list[dict[str, Any]]:
    from guanxi.kernel.rules import parameters_of

    since = None if found.effective_from is None else found.effective_from.isoformat()
    return [
        {"rule_set": r.stored_name, "effective_from": since, "parameters": parameters_of(r)}
        for r in found.rules
    ]


def _plain_upgrade(found: UpgradeCheck) -> dict[str, Any]:
    import attrs

    def side(each: Side) -> dict[str, Any]:
        return attrs.asdict(each)

    return {
        "plugin": found.plugin,
        **_plain(found.compared),
        "same": found.same,
        "before": side(found.before),
        "after": side(found.after),
        "remarks": [attrs.asdict(r) for r in found.remarks],
    }


def register(plugins: typer.Typer) -> None:
    """Add ``upgrade-check`` to the group of plugin commands."""
    add: Callable[..., Any] = plugins.command("upgrade-check")
    add(upgrade_check)
