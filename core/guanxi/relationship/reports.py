"""Reports of the customer relationship."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.relationship.read_models import files


def _register(reader: Reader, parameters: None, asked: Asked) -> Content:
    rows = [
        (
            r.account,
            r.party,
            None if r.name is None else str(r.name),
            r.source_channel,
            r.opened_on,
            r.closed_on,
            r.exit_reason,
        )
        for _, r in reader.rows(files)
    ]
    return Content(sorted(rows, key=lambda r: r[0]))


register = Report(
    name="core.files",
    title=Label("Customer files", "客户档案登记"),
    reads=(files,),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("party", Label("Kind", "类型")),
        Column("name", Label("Name", "名称")),
        Column("source_channel", Label("Source channel", "来源渠道")),
        Column("opened_on", Label("Opened on", "建档日期"), "date"),
        Column("closed_on", Label("Closed on", "关闭日期"), "date"),
        Column("exit_reason", Label("Exit reason", "退出原因")),
    ),
    build=_register,
    rules=("CORE-08", "CORE-61"),
)
