"""The properties that every plugin must have, and what an examination found about each."""

from __future__ import annotations

from typing import Literal

import attrs

from guanxi.kernel.labels import Label

Status = Literal["met", "failed", "exempt", "not_applicable"]

TITLES = {
    "pure": Label("Handlers are pure", "处理函数无副作用"),
    "deterministic": Label("Judging twice gives the same", "重复判定结果一致"),
    "hindsight": Label("The law of hindsight holds", "事后重判法则成立"),
    "reenactable": Label("Every transaction can be re-enacted", "每笔事务可重演"),
    "rebuildable": Label("Rebuilt read models equal those kept", "重建读模型与增量一致"),
    "idempotent": Label("Telling twice adds nothing", "重复输入不添加记录"),
    "batch_insensitive": Label("Batch size and interleaving do not matter", "批量与交错不影响结果"),
    "resumable": Label("A crash loses and doubles nothing", "崩溃后可续且不重不漏"),
    "clock_free": Label("No clock, no chance", "不读时钟与随机数"),
    "serialisable": Label("All that is stored reads back exactly", "存取精确往返"),
    "upcast_complete": Label("Every older form is read", "旧版格式均可读取"),
    "erasure_tolerant": Label("Lives with erased values", "个人信息删除后可用"),
    "labelled": Label("Labelled in both languages", "中英文标签齐全"),
    "manifest_true": Label("The manifest is true to the code", "清单与代码一致"),
    "reports_foot": Label("Reports foot and can be shown", "报表勾稽平衡且可呈现"),
}
"""What each property is called, in the order in which they are examined."""

PROPERTIES: tuple[str, ...] = tuple(TITLES)
"""The properties' names, in the order in which they are examined."""


@attrs.frozen
class Finding:
    """What was found about one property.

    Args:
        property: one of ``PROPERTIES``.
        title: what people call it.
        status: ``met``, ``failed``, ``exempt`` or ``not_applicable``.
        entry: the entry that broke it, where one did: its place in the history, its moment and its event.
        detail: how it was broken, with the least history that breaks it; or why it is exempt or not applicable.
    """

    property: str
    title: Label
    status: Status
    entry: str | None = None
    detail: str = ""

    def describe(self, lang: str = "en") -> str:
        """Return the finding as text.

        Args:
            lang: ``"en"`` or ``"zh"``.
        """
        first = f"{self.property}: {self.status} ({self.title(lang)})"
        broken = f"\n  by {self.entry}" if self.entry else ""
        return first + broken + (f"\n  {self.detail}" if self.detail else "")


def found(name: str, status: Status, detail: str = "", entry: str | None = None) -> Finding:
    """Return a finding about a property."""
    return Finding(name, TITLES[name], status, entry, detail)
