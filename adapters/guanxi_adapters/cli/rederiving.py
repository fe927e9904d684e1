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
from guanxi_adapters.cli.opening import FAULTY, ask_ledger, settings
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf

if TYPE_CHECKING:
    from guanxi import Label, Ledger
    from guanxi.kernel.rederiving import Cause, Comparison, DecisionChange, WhatIf
    from guanxi.kernel.report_changes import ReportChange, RowChange
    from guanxi.kernel.rules import Supposed
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

    Each transaction is re-enacted with what was known then, all is replayed from the facts
    alone, and closed runs are judged again at their own cuts; all must yield what is stored.
    Hashes are looked at first. Ends with exit code 4 when something differs.
    """
    with ask_ledger() as ledger:
        with screen.progress(say("deriving again")) as move:
            found = ledger.check_determinism(subjects or None, move)
        if as_json:
            screen.show_json(_plain(found))
        else:
            wording = _words(ledger)
            _show_counts(wording, found)
            _show_changes(wording, found, limit, ("stored", "derived"))
            _show_runs(wording, found, limit)
            _show_underivable(wording, found, limit)
            if found.same and not found.underivable:
                told = say("Every decision comes out as it is stored.")
                screen.show(screen.styled((told, screen.GOOD)))
            elif found.same:
                told = say("All the others come out as they are stored.")
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
    import attrs

    from guanxi.kernel.times import read_instant
    from guanxi_adapters.cli.given import split, typed

    with ask_ledger() as ledger:
        since = None if effective is None else read_instant(effective, ledger.tz)[0]
        supposed = [r for file in rules for r in _supposed(ledger, file)]
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
            published = None if found.publishing is None else attrs.asdict(found.publishing)
            screen.show_json({**_plain(found), "rules": _plain_rules(ledger, found), "publishing": published})
            return
        wording = _words(ledger)
        _show_supposed(ledger, wording, found)
        _show_counts(wording, found)
        _show_changes(wording, found, limit, ("as it is", "supposed"))
        _show_publishing(found)
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

    with ask_ledger() as ledger:
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


def _supposed(ledger: Ledger, file: Path) -> Iterator[Supposed]:
    """Yield what a file supposes; what it leaves out stays in each version as it was published."""
    from guanxi.kernel.rules import Supposed
    from guanxi_adapters.files.rule_files import load_parameters, load_rule_sets

    classes = ledger.rule_book().classes
    for name in load_rule_sets(file, classes.values()):
        yield Supposed(classes[name], load_parameters(file, classes[name]))


# ---------------------------------------------------------------- showing


def _words(ledger: Ledger) -> Wording:
    from guanxi_adapters.cli.wording import Wording

    return Wording.of(ledger)


def _show_counts(wording: Wording, found: Comparison) -> None:
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
    if found.runs_judged:
        screen.show(
            count(
                found.runs_judged,
                "1 closed run judged again at its own cuts.",
                "{count} closed runs judged again at their own cuts.",
            )
        )
    for fault in found.faults[:SHOWN]:
        text = fault.zh if spoken() == "zh" else fault.message
        screen.show(
            screen.styled((say("altered"), screen.BAD), f"  {wording.entry(fault.entry)}"),
            say("  {text}; see guanxi verify", text=text),
        )
    faulty = {f.entry for f in found.faults}
    for each in [u for u in found.unreadable if u.entry not in faulty][:SHOWN]:
        name = f"{each.name} v{each.schema_version}" if each.name else ""
        screen.show(
            screen.styled((say("unreadable"), screen.BAD), f"  {wording.entry(each.entry)}  {name}"),
            f"  {each.why}",
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


def _show_underivable(wording: Wording, found: Comparison, limit: int) -> None:
    """Name what stands and cannot be derived any more; nothing is shown of what it came out as without the erased values."""
    lost = found.underivable
    if not lost:
        return
    told = count(
        len(lost),
        "1 decision is not derivable: what it was drawn from was erased.",
        "{count} decisions are not derivable: what they were drawn from was erased.",
    )
    screen.show("", screen.styled((told, screen.NOTICE)))
    for change in lost[: limit or None]:
        key = screen.BETWEEN.join(str(v) for v in change.key.values())
        own = wording.owned(change.name)
        screen.show(
            f"  {change.account or change.stream}  {own.label(change.name)} {key}".rstrip()
            + f"  {change.rule}"
        )
    if limit and len(lost) > limit:
        screen.show(say("{count} more; --limit 0 shows all.", count=f"{len(lost) - limit:,}"))


def _show_change(wording: Wording, change: DecisionChange, sides: tuple[str, str]) -> None:
    key = screen.BETWEEN.join(
        wording.entry(str(v)) if k == "entry" else str(v) for k, v in change.key.items()
    )
    at = change.after_from if change.before_from is None else change.before_from
    wording = wording.owned(change.name)
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
        rows.append((say("at the moment"), _due(wording, change.moment)))
    grounds = [*([change.entry] if change.entry else []), *change.entries]
    if grounds:
        rows.append((say("entries"), ", ".join(map(wording.entry, grounds))))
    screen.show(screen.pairs(rows, indent=4))


def _values(wording: Wording, fields: Mapping[str, Any], key: Mapping[str, Any]) -> str:
    return screen.BETWEEN.join(
        f"{wording.label(k)} {_cell(wording, v)}" for k, v in fields.items() if k not in key and v is not None
    )


def _cell(wording: Wording, value: Any) -> str:
    return "–" if value is None else wording.value(value)


def _moment(wording: Wording, at: str | None) -> str:
    return "" if at is None else wording.moment(datetime.fromisoformat(at))


def _due(wording: Wording, moment: str) -> str:
    """Return a due moment in words: what falls due, and for what."""
    import json

    name, _, fields = moment.partition(" ")
    words = wording.owned(name)
    about = [f"{words.label(k)} {_cell(words, v)}" for k, v in json.loads(fields or "{}").items()]
    return screen.BETWEEN.join([wording.label(name), *about])


def _show_runs(wording: Wording, found: Comparison, limit: int) -> None:
    for change in found.runs:
        many = count(len(change.lines), "1 line comes out otherwise", "{count} lines come out otherwise")
        screen.show("", screen.styled((change.id, screen.HEADING), f"  {many}"))
        lines = change.lines[:limit] if limit else change.lines
        screen.show(
            screen.pairs(
                [
                    (
                        wording.account(d.member) or d.member,
                        f"{_line(wording, d.stored)} → {_line(wording, d.derived)}",
                    )
                    for d in lines
                ],
                indent=2,
            )
        )


def _line(wording: Wording, line: Any) -> str:
    import attrs

    if line is None:
        return say("not drawn")
    if not attrs.has(type(line)):
        return _cell(wording, line)
    values = attrs.asdict(line, recurse=False)
    return screen.BETWEEN.join(f"{wording.label(k)} {_cell(wording, v)}" for k, v in values.items())


def _show_publishing(found: WhatIf) -> None:
    told = say("This is what would have come out had these rules been in force then.")
    if found.publishing is not None and found.changes:
        told += say(
            " Published now with effect in the past, they would change {changed} of these decisions; "
            "{kept} would stand, by the effects they declare.",
            changed=f"{found.publishing.changed:,}",
            kept=f"{found.publishing.kept:,}",
        )
    screen.show("", told)


def _show_supposed(ledger: Ledger, wording: Wording, found: WhatIf) -> None:
    from guanxi import RuleSet

    since = found.effective_from
    head = (
        say("Supposed to be in force always")
        if since is None
        else say("Supposed to be in force from {moment}", moment=wording.moment(since))
    )
    screen.show(screen.styled((head, screen.HEADING)))
    for value in found.rules:
        if isinstance(value, RuleSet):
            continue
        changes = [
            f"{name} {', '.join(dict.fromkeys(map(_text, before)))} → {_text(after)}"
            for name, (before, after) in _parameters(ledger, value, since).items()
        ] or [say("as it is")]
        screen.show(f"  {value.stored_name}  {'; '.join(changes)}")
    screen.show("")


def _parameters(ledger: Ledger, value: Supposed, since: datetime | None) -> dict[str, tuple[list[Any], Any]]:
    """Return the parameters supposed, each with its other values in the versions concerned, and the one supposed."""
    from guanxi.kernel.rules import parameters_of
    from guanxi.kernel.times import LATEST, stamp

    book, cls = ledger.rule_book(), value.rule_set
    start = "" if since is None else stamp(since)
    versions = [book.find(cls, start, LATEST)[0]]
    versions += [p.value for p in book.versions(cls.stored_name) if p.effective_from > start]
    pairs = [(parameters_of(v), parameters_of(value.applied(v))) for v in versions]
    found: dict[str, tuple[list[Any], Any]] = {}
    for name in value.parameters:
        before = [a[name] for a, b in pairs if a[name] != b[name]]
        if before:
            found[name] = ([v for n, v in enumerate(before) if v not in before[:n]], pairs[-1][1][name])
    return found


def _text(value: Any) -> str:
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _show_report(ledger: Ledger | None, wording: Wording, change: ReportChange, limit: int) -> None:
    title = _title(ledger, change.report)
    screen.show("", screen.styled((change.report, screen.HEADING), f"  {title}".rstrip()))
    if any(change.refusals):
        _show_refusals(change)
        return
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


def _show_refusals(change: ReportChange) -> None:
    before, after = change.refusals
    said = [None if r is None else f"{r.code}: {r.zh if spoken() == 'zh' else r.en}" for r in (before, after)]
    if change.same and before is not None:
        screen.show(say("It refuses before and after, the same: {code}", code=before.code))
        return
    rows = [
        (say(side), text or say("it answers")) for side, text in zip(("Before", "After"), said, strict=True)
    ]
    screen.show(screen.pairs(rows, indent=2))


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
    wording = _words(ledger)
    _show_counts(wording, found.compared)
    for remark in found.remarks:
        text = remark.zh if spoken() == "zh" else remark.en
        screen.show(screen.styled((remark.code, screen.NOTICE), f"  {text}"))
    _show_changes(wording, found.compared, limit, (before, found.after.version))
    for each in found.compared.reports:
        if not each.same or any(each.refusals):
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
        "underivable": [
            {
                "stream": c.stream,
                "account": c.account,
                "name": c.name,
                "key": dict(c.key),
                "rule": c.rule,
                "entry": c.entry,
                "causes": [_plain_cause(x) for x in c.causes],
            }
            for c in found.underivable
        ],
        "reports": [_plain_report(r) for r in found.reports],
        "unreadable": [attrs.asdict(u) for u in found.unreadable],
        "faults": [attrs.asdict(f) for f in found.faults],
        "runs": [
            {
                "id": r.id,
                "run": r.run,
                "lines": [
                    {"member": d.member, "stored": _plain_line(d.stored), "derived": _plain_line(d.derived)}
                    for d in r.lines
                ],
            }
            for r in found.runs
        ],
        "runs_judged": found.runs_judged,
        "opaque": dict(found.opaque),
    }


def _plain_line(line: Any) -> Any:
    import attrs

    return attrs.asdict(line) if line is not None and attrs.has(type(line)) else line


def _plain_cause(cause: Cause) -> dict[str, Any]:
    return {"code": cause.code, "en": cause.label.en, "zh": cause.label.zh, **cause.facts}


def _plain_report(change: ReportChange) -> dict[str, Any]:
    import attrs

    manifests = change.manifests
    return {
        "report": change.report,
        "same": change.same,
        "refusals": [None if r is None else attrs.asdict(r) for r in change.refusals],
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


def _plain_rules(ledger: Ledger, found: WhatIf) -> list[dict[str, Any]]:
    from guanxi import RuleSet

    since = None if found.effective_from is None else found.effective_from.isoformat()
    return [
        {
            "rule_set": r.stored_name,
            "effective_from": since,
            "parameters": {
                k: {"instead_of": before, "supposed": after}
                for k, (before, after) in _parameters(ledger, r, found.effective_from).items()
            },
        }
        for r in found.rules
        if not isinstance(r, RuleSet)
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
