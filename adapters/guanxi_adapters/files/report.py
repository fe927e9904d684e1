"""What became of a file's lines, for people in two languages and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Refusal

SHOWN = 20
"""Refused and flagged lines that the text shows; the rest is in the JSON."""


@attrs.frozen
class RefusedLine:
    """A line that was not accepted.

    Args:
        line: its number in the file, from 1, heading included.
        code: machine-readable reason.
        text: what was refused, why, and what would have been accepted.
        zh: the same in Chinese.
    """

    line: int
    code: str
    text: str
    zh: str


@attrs.frozen
class ImportReport:
    """What became of a file's lines.

    Args:
        batch: the batch's id; None where nothing was recorded.
        source: the source's name.
        kind: how its lines are told apart: ``numbered``, ``unnumbered`` or ``delta``.
        moment: the batch's moment of knowledge; None where nothing was recorded.
        file: path of the file.
        continued: whether an earlier run had left the batch open.
        lines: lines read, without heading and blank lines.
        accepted: lines that are new.
        known: lines on record already.
        refused: lines not accepted, the first ten thousand of them.
        refused_count: how many there are.
        waiting: new lines that wait for their customer's file, or for what they are about, such as a refund's purchase.
        released: inputs that had waited and were let in.
        vanished: lines of earlier readings that this file lacks.
        vanished_entries: their entries, the first ten thousand of them.
        opened: customer files opened.
        flagged: new lines kept although they broke a rule.
        flagged_lines: their numbers, each with the codes of the rules.
        value: money on the new lines, added up by currency.
        seconds: how long it took.
    """

    batch: str | None
    source: str
    kind: str
    moment: str | None
    file: str
    continued: bool
    lines: int
    accepted: int
    known: int
    refused: tuple[RefusedLine, ...]
    refused_count: int
    waiting: int
    released: int
    vanished: int
    vanished_entries: tuple[str, ...]
    opened: int
    flagged: int
    flagged_lines: tuple[tuple[int, tuple[str, ...]], ...]
    value: Mapping[str, Decimal]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether no line was refused."""
        return self.refused_count == 0

    def as_text(self, lang: str = "en") -> str:
        """Return the report as text.

        Args:
            lang: ``"en"`` or ``"zh"``.
        """
        zh = lang == "zh"
        head = self.batch or ("未记录任何内容" if zh else "nothing was recorded")
        if self.continued:
            head += "（续前次中断的批次）" if zh else " (continued)"
        rows = [
            ("批次" if zh else "batch", head),
            ("来源" if zh else "source", f"{self.source} ({self.kind})"),
            ("文件" if zh else "file", self.file),
        ]
        if self.moment is not None:
            rows.append(("入账时刻" if zh else "moment", self.moment))
        rows += [(cn if zh else en, f"{getattr(self, name):,}") for name, en, cn in _COUNTS]
        rows += [
            ("新增金额" if zh else "value of the new", f"{v:,} {currency}")
            for currency, v in self.value.items()
        ]
        rows.append(("用时" if zh else "seconds", f"{self.seconds:.1f}"))
        mark = "：" if zh else ": "
        text = [f"{name}{mark}{value}" for name, value in rows]
        text += self._named(zh)
        return "\n".join(text)

    def _named(self, zh: bool) -> list[str]:
        line = "第 {} 行：{}" if zh else "line {}: {}"
        shown = [line.format(r.line, r.zh if zh else r.text) for r in self.refused[:SHOWN]]
        shown += _more(self.refused_count, zh)
        kept = "收录但违规：" if zh else "kept with breach: "
        shown += [line.format(n, kept + ", ".join(codes)) for n, codes in self.flagged_lines[:SHOWN]]
        return shown + _more(self.flagged, zh)

    def as_json(self) -> dict[str, Any]:
        """Return the report as values that JSON can hold; amounts as text."""
        data = attrs.asdict(self, recurse=False)
        data["ok"] = self.ok
        data["refused"] = [attrs.asdict(r) for r in self.refused]
        data["flagged_lines"] = [{"line": n, "codes": list(codes)} for n, codes in self.flagged_lines]
        data["vanished_entries"] = list(self.vanished_entries)
        data["value"] = {currency: str(v) for currency, v in self.value.items()}
        return data


_COUNTS = (
    ("lines", "lines read", "读取行数"),
    ("accepted", "accepted", "收录"),
    ("known", "known already", "已知"),
    ("refused_count", "refused", "拒收"),
    ("waiting", "parked", "待处理"),
    ("released", "released from waiting", "待处理放行"),
    ("vanished", "vanished since earlier readings", "较前次读取消失"),
    ("opened", "customer files opened", "新建档案"),
    ("flagged", "kept with a breach", "违规收录"),
)


def _more(count: int, zh: bool) -> list[str]:
    if count <= SHOWN:
        return []
    return [f"……另有 {count - SHOWN:,} 行" if zh else f"… and {count - SHOWN:,} more"]


def refused_line(number: int, refusal: Refusal) -> RefusedLine:
    """Return the report's entry for a refusal."""
    return RefusedLine(number, refusal.code, refusal.describe("en"), refusal.describe("zh"))
