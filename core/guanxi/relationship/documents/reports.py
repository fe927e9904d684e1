"""Reports on papers: the contents list, filing rates, loans, retention and destruction (reports 39 and 40)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.documents.cadences import Kept, kept_papers
from guanxi.relationship.documents.filing import Filing, filings
from guanxi.relationship.documents.read_models import (
    WHOLE_FILE,
    DocumentRow,
    bars,
    documents,
    expectations,
    issued,
    loans,
    rejections,
)
from guanxi.relationship.documents.rules import PERMANENT, WHOLE, FilingRules
from guanxi.relationship.grading.members import members

ACCOUNT = Column("account", Label("Account no.", "户号"))
TOTAL = "Σ"
"""In place of an account number: all files together."""


def _option(en: str, zh: str) -> Any:
    return attrs.field(default="", metadata={"help": Label(en, zh)})


@attrs.frozen
class CatalogueParameters:
    """Whose contents list, and which issue of it."""

    account: str = _option("account number; all files if empty", "户号；留空为全部档案")
    catalogue: str = _option(
        "number of an issued list; as it stands if empty", "已签发目录编号；留空为当前目录"
    )


@attrs.frozen
class FileParameters:
    """Whose papers."""

    account: str = _option("account number; all files if empty", "户号；留空为全部档案")


def _accounts(reader: Reader) -> Callable[[str], str]:
    found = {stream: row.account for stream, row in reader.rows(members)}
    return lambda stream: found.get(stream) or stream


# ---------------------------------------------------------------- 39 catalogue


def _catalogue(reader: Reader, parameters: CatalogueParameters, asked: Asked) -> Content:
    account = _accounts(reader)
    papers: dict[str, list[DocumentRow]] = {}
    for stream, row in reader.rows(documents):
        if row.document != WHOLE_FILE and row.accepted_at is not None:
            papers.setdefault(stream, []).append(row)
    pages = _issued_pages(reader, parameters.catalogue) if parameters.catalogue else _pages(papers)
    rows: list[tuple[Any, ...]] = []
    for stream in sorted(papers, key=account):
        if parameters.account not in ("", account(stream)):
            continue
        after = {p.supersedes: p.document for p in papers[stream] if p.supersedes is not None}
        listed = [p for p in papers[stream] if (stream, p.document) in pages]
        for paper in sorted(listed, key=lambda p: pages[stream, p.document]):
            first, last = pages[stream, paper.document]
            rows.append((account(stream), *_line(paper, first, last, after.get(paper.document), asked)))
    return Content(rows)


def _pages(papers: dict[str, list[DocumentRow]]) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for stream, own in papers.items():
        page = 1
        for paper in sorted(own, key=lambda p: (p.formed_on, p.number)):
            found[stream, paper.document] = (page, page + paper.pages - 1)
            page += paper.pages
    return found


def _issued_pages(reader: Reader, catalogue: str) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (stream, row.document): (row.first_page, row.last_page)
        for stream, row in reader.rows(issued)
        if row.catalogue == catalogue
    }


def _day(at: datetime | None, asked: Asked) -> date | None:
    """Return a moment's day in the programme's zone."""
    return None if at is None else asked.day_of(at)


def _line(paper: DocumentRow, first: int, last: int, newer: str | None, asked: Asked) -> tuple[Any, ...]:
    return (
        paper.document,
        paper.document_type,
        None if paper.title is None else str(paper.title),
        paper.formed_on,
        paper.pages,
        first,
        last,
        _day(paper.accepted_at, asked),
        paper.supersedes,
        newer,
        "made_later" if paper.made_later else "",
        paper.slot,
        paper.destroyed_on,
        paper.executor,
        paper.list_no,
    )


def _pages_follow(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    before: dict[str, int] = {}
    for row in rows:
        account, document, pages, first, last = row[0], row[1], row[5], row[6], row[7]
        if first != before.get(account, 0) + 1 or last - first + 1 != pages:
            yield f"pages {first} to {last} of {document} in {account} do not follow"
        before[account] = last


catalogue = Report(
    name="core.catalogue",
    title=Label("Contents list", "卷内目录"),
    reads=(members, documents, issued),
    parameters=CatalogueParameters,
    columns=(
        ACCOUNT,
        Column("document", Label("Paper", "材料编号")),
        Column("document_type", Label("Type", "种类"), "code"),
        Column("title", Label("Title", "题名")),
        Column("formed_on", Label("Formed on", "形成日期"), "date"),
        Column("pages", Label("Pages", "页数"), "integer"),
        Column("first_page", Label("First page", "起页"), "integer"),
        Column("last_page", Label("Last page", "止页"), "integer"),
        Column("accepted_on", Label("Accepted on", "接收日期"), "date"),
        Column("supersedes", Label("Newer version of", "替补对象")),
        Column("superseded_by", Label("Newer version", "新版材料")),
        Column("flag", Label("Flag", "标记"), "code"),
        Column("slot", Label("Slot", "柜位")),
        Column("destroyed_on", Label("Destroyed on", "销毁日期"), "date"),
        Column("destroyed_by", Label("Destroyed by", "销毁人")),
        Column("list_no", Label("List no.", "销毁清单号")),
    ),
    build=_catalogue,
    foots=_pages_follow,
    rules=("CORE-62", "CORE-66"),
)


# ---------------------------------------------------------------- 39 filing


@attrs.define
class _Filed:
    due: int = 0
    accepted: int = 0
    late: int = 0
    rejected: int = 0

    @property
    def missing(self) -> int:
        return self.due - self.accepted

    def row(self, account: str, rules: FilingRules) -> tuple[Any, ...]:
        meets = rules.meets(self.accepted, self.due)
        return (
            account,
            self.due,
            self.accepted,
            self.late,
            self.missing,
            self.rejected,
            rate(self.accepted, self.due),
            None if self.due == 0 else ("yes" if self.missing == 0 else "no"),
            None if meets is None else ("yes" if meets else "no"),
        )


def rate(part: int, total: int) -> Decimal | None:
    """Return a part in per cent of a total, None where nothing was due.

    Args:
        part: how many are there.
        total: how many were due.
    """
    return None if total == 0 else Decimal(part) * WHOLE / total


def _filing(reader: Reader, parameters: FileParameters, asked: Asked) -> Content:
    account, rules = _accounts(reader), asked.rules(FilingRules)
    files: dict[str, _Filed] = {}
    for stream, row in reader.rows(members):
        if row.opened_on is not None and parameters.account in ("", row.account):
            files[stream] = _Filed()
    for f in filings(reader, asked):
        own = files.get(f.stream)
        if own is not None and f.due_on <= asked.day:
            _count(own, f)
    for stream, _ in reader.rows(rejections):
        if stream in files:
            files[stream].rejected += 1
    total, checked, complete = _Filed(), 0, 0
    for own in files.values():
        total.due, total.accepted = total.due + own.due, total.accepted + own.accepted
        total.late, total.rejected = total.late + own.late, total.rejected + own.rejected
        checked += own.due > 0
        complete += own.due > 0 and own.missing == 0
    rows = [files[stream].row(account(stream), rules) for stream in sorted(files, key=account)]
    notes = [
        _note("Filing rate", "归档率", total.accepted, total.due, rules),
        _note("Completeness rate", "完整率", complete, checked, rules),
    ]
    return Content([*rows, total.row(TOTAL, rules)], notes=notes)


def _count(own: _Filed, f: Filing) -> None:
    own.due += 1
    if f.accepted_at is not None:
        own.accepted += 1
        own.late += f.accepted_at.date() > f.due_on


def _note(en: str, zh: str, part: int, total: int, rules: FilingRules) -> tuple[Label, str]:
    share, meets = rate(part, total), rules.meets(part, total)
    if share is None:
        return Label(en, zh), "–"
    sign = "≥" if meets else "<"
    return Label(en, zh), f"{part} / {total} = {share:.2f} % {sign} {rules.target} %"


def _all_there(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    for account, due, accepted, _, missing, *_ in rows:
        if due != accepted + missing:
            yield f"{account}: {due} due, {accepted} accepted and {missing} missing"
    *files, total = rows
    for n in range(1, 6):
        if sum(row[n] for row in files) != total[n]:
            yield f"column {n} does not sum to {total[n]}"


filing = Report(
    name="core.filing",
    title=Label("Filing", "归档率"),
    reads=(members, expectations, documents, rejections),
    parameters=FileParameters,
    columns=(
        ACCOUNT,
        Column("due", Label("Due", "应归档"), "integer"),
        Column("accepted", Label("Accepted", "已接收"), "integer"),
        Column("late", Label("Of these late", "其中逾期"), "integer"),
        Column("missing", Label("Missing", "缺少"), "integer"),
        Column("rejected", Label("Rejected hand-ins", "退回次数"), "integer"),
        Column("rate", Label("Filing rate", "归档率"), "percent"),
        Column("complete", Label("Complete", "齐全"), "code"),
        Column("meets", Label("Meets the target", "达标"), "code"),
    ),
    build=_filing,
    foots=_all_there,
    picture=Picture("bars", "account", "missing", Label("Papers missing by file", "各档案缺少材料数")),
    rules=("CORE-63", "CORE-64"),
)


# ---------------------------------------------------------------- 40 loans


def _loans(reader: Reader, parameters: FileParameters, asked: Asked) -> Content:
    account = _accounts(reader)
    rows: list[tuple[Any, ...]] = []
    for stream, row in reader.rows(loans):
        if row.lent_at is None or parameters.account not in ("", account(stream)):
            continue
        days = max(0, (asked.day - row.due_on).days) if row.returned_at is None else 0
        state = "returned" if row.returned_at is not None else ("overdue" if days else "open")
        rows.append(
            (
                account(stream),
                row.loan,
                row.document,
                "original" if row.original else "copy",
                row.borrower,
                None if row.purpose is None else str(row.purpose),
                _day(row.lent_at, asked),
                row.due_on,
                _day(row.returned_at, asked),
                None if row.condition is None else str(row.condition),
                state,
                days,
            )
        )
    rows.sort(key=lambda r: (r[0], r[6], r[1]))
    lent, back = len(rows), sum(r[10] == "returned" for r in rows)
    overdue = sum(r[10] == "overdue" for r in rows)
    text = f"{lent} = {back} + {lent - back}; {overdue}"
    return Content(rows, notes=[(Label("Lent = returned + open; overdue", "借出 = 已还 + 未还；逾期"), text)])


def _returned_or_open(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    for row in rows:
        if (row[8] is None) == (row[10] == "returned"):
            yield f"loan {row[1]} is neither returned nor open"


loan_list = Report(
    name="core.loans",
    title=Label("Loans of papers", "借阅台帐"),
    reads=(members, loans),
    parameters=FileParameters,
    columns=(
        ACCOUNT,
        Column("loan", Label("Loan", "借阅编号")),
        Column("document", Label("Paper", "材料编号")),
        Column("original", Label("Original or copy", "原件或复印件"), "code"),
        Column("borrower", Label("Borrower", "借阅人")),
        Column("purpose", Label("Purpose", "用途")),
        Column("lent_on", Label("Lent on", "借出日期"), "date"),
        Column("due_on", Label("Due on", "应还日期"), "date"),
        Column("returned_on", Label("Returned on", "归还日期"), "date"),
        Column("condition", Label("Condition", "归还状况")),
        Column("state", Label("State", "状态"), "code"),
        Column("days_overdue", Label("Days overdue", "逾期天数"), "integer"),
    ),
    build=_loans,
    foots=_returned_or_open,
    picture=Picture("timeline", "lent_on", "loan", Label("Loans", "借阅"), "state"),
    rules=("CORE-65",),
)


# ---------------------------------------------------------------- 40 retention and destruction


def _retention(reader: Reader, parameters: FileParameters, asked: Asked) -> Content:
    account = _accounts(reader)
    found = [k for k in kept_papers(reader, asked) if parameters.account in ("", account(k.stream))]
    found.sort(key=lambda k: (account(k.stream), k.paper.document))
    return Content([(account(k.stream), *_kept(k, asked.day)) for k in found])


def _kept(kept: Kept, day: date) -> tuple[Any, ...]:
    paper = kept.paper
    return (
        paper.document,
        paper.document_type,
        kept.years,
        kept.closed_on,
        kept.free_from,
        _state(kept, day),
        ", ".join(bar.number for bar in kept.holds),
        ", ".join(bar.number for bar in kept.lists),
        paper.destroyed_on,
        paper.executor,
        paper.supervisor,
        paper.slot,
    )


def _state(kept: Kept, day: date) -> str:
    if kept.paper.destroyed_on is not None:
        return "destroyed"
    if kept.closed_on is None:
        return "file_open"
    if kept.holds:
        return "legal_hold"
    if kept.years is None:
        return "retention_class_missing"
    if kept.years == PERMANENT or kept.free_from is None:
        return "permanent"
    return "expired" if kept.free_from <= day else "retention_running"


retention = Report(
    name="core.retention",
    title=Label("Retention and destruction", "保管与销毁台帐"),
    reads=(members, documents, bars),
    parameters=FileParameters,
    columns=(
        ACCOUNT,
        Column("document", Label("Paper", "材料编号")),
        Column("document_type", Label("Type", "种类"), "code"),
        Column("years", Label("Years kept (0 = for ever)", "保管年限（0 为永久）"), "integer"),
        Column("closed_on", Label("File closed on", "档案关闭日期"), "date"),
        Column("free_from", Label("Earliest destruction", "最早销毁日期"), "date"),
        Column("state", Label("State", "状态"), "code"),
        Column("holds", Label("Legal holds", "法律保全")),
        Column("lists", Label("Approved lists", "已批准清单")),
        Column("destroyed_on", Label("Destroyed on", "销毁日期"), "date"),
        Column("executor", Label("Destroyed by", "销毁人")),
        Column("supervisor", Label("Supervised by", "监销人")),
        Column("slot", Label("Slot", "柜位")),
    ),
    build=_retention,
    rules=("CORE-66",),
)

REPORTS = (catalogue, filing, loan_list, retention)
