"""Key customer book 店长领班顾客维护本: receptions of key customers, and by whom (RET-36)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.reporting import account_of
from guanxi_retail.store.read_models import KeySpellRow, key_spells, visits
from guanxi_retail.store.reports._period import MONTH_NOTE, StoreMonthParameters, asked_month, month_of
from guanxi_retail.store.rules import StoreRules

RECEIVED_BY_OTHER = "received_by_other"


def _build(reader: Reader, parameters: StoreMonthParameters, asked: Asked) -> Content:
    first, last = asked_month(parameters, asked)
    account = account_of(reader)
    spells: defaultdict[str, list[KeySpellRow]] = defaultdict(list)
    for stream, spell in reader.rows(key_spells):
        spells[stream].append(spell)
    rows: list[tuple[Any, ...]] = []
    for stream, row in reader.rows(visits):
        if row.at is None or parameters.outlet not in (None, row.outlet):
            continue
        day = asked.day_of(row.at)
        if not first <= day <= last or not _key(spells[stream], day):
            continue
        roles = asked.rules_at(StoreRules, asked.local(row.at)).key_customer_roles
        flag = None if row.role in roles else RECEIVED_BY_OTHER
        matter = None if row.matter is None else str(row.matter)
        rows.append((day, account(stream), row.outlet, row.received_by, row.role, matter, flag))
    rows.sort(key=lambda row: (row[0], row[1], row[3]))
    return Content(rows, [(MONTH_NOTE, month_of(first))])


def _key(spells: list[KeySpellRow], day: date) -> bool:
    """Return whether the designation that holds last of those begun by a day reaches it."""
    begun = [spell for spell in spells if spell.since <= day]
    if not begun:
        return False
    until = max(begun, key=lambda spell: spell.since).until
    return until is None or day <= until


key_customer_book = Report(
    name="retail.key_customer_book",
    title=Label("Key customer book", "店长领班顾客维护本"),
    reads=(files, key_spells, visits),
    columns=(
        Column("day", Label("Day", "日期"), "date"),
        Column("account", Label("Account no.", "户号")),
        Column("outlet", Label("Store", "门店")),
        Column("received_by", Label("Received by", "接待人")),
        Column("role", Label("Role", "岗位"), "code"),
        Column("matter", Label("Matter", "事项")),
        Column("flag", Label("Flag", "标记"), "code"),
    ),
    build=_build,
    parameters=StoreMonthParameters,
    picture=Picture("timeline", x="day", y="account", title=Label("Receptions", "接待记录")),
    rules=("RET-36",),
)
