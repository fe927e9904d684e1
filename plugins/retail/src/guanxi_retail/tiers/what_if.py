"""What another ladder would have made of a true history: the migration matrix as it is and as supposed (RET-28)."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi import Column, Invalid, Label, Ledger, ReportResult
from guanxi_retail.tiers.labels import LABELS
from guanxi_retail.tiers.reports._standing import SANKEY
from guanxi_retail.tiers.reports.migration import migration
from guanxi_retail.tiers.rules import TierRules

_SUPPOSED = attrs.evolve(
    SANKEY, title=Label("Migration between tiers under the supposed rules", "会员等级迁移（假设规则）")
)
_DIFFERENCE = Label("Difference", "差异")


@attrs.frozen
class TierWhatIf:
    """The migration between two days under the rules as they are and under supposed ones, each ready to be drawn.

    Args:
        before: a row for each cell of the matrix as it is.
        after: the same under the supposed rules.
        members: how many members' tier decisions would come out otherwise.
    """

    before: ReportResult
    after: ReportResult
    members: int

    def compared(self) -> ReportResult:
        """Return both side by side: from, to, members as it is, members as supposed, difference."""
        counts = [{row[:2]: row[2] for row in side.rows} for side in (self.before, self.after)]
        cells = dict.fromkeys((*counts[0], *counts[1]))
        both = ((cell, *(one.get(cell, 0) for one in counts)) for cell in cells)
        rows = tuple((*cell, was, then, then - was) for cell, was, then in both if was or then)
        as_it_is, supposed = Label("As it is", "现行"), Label("Supposed", "假设")
        return attrs.evolve(
            self.before,
            report=attrs.evolve(self.before.report, picture=None),
            columns=(
                *self.before.columns[:2],
                Column("as_it_is", as_it_is, "integer"),
                Column("supposed", supposed, "integer"),
                Column("difference", _DIFFERENCE, "integer"),
            ),
            rows=rows,
            manifest=self.after.manifest,
        )


def tier_what_if(
    ledger: Ledger, rules: TierRules, *, since: date, as_of: date | datetime | str | None = None
) -> TierWhatIf:
    """Say how members would have moved between tiers, had other rules been in force all along; nothing is written.

    Args:
        ledger: whose history.
        rules: the rules supposed.
        since: the opening day.
        as_of: the closing day; now if not given.

    Raises:
        Invalid: what keeps the report from an answer, with its code.
    """
    closing = as_of.isoformat() if isinstance(as_of, date) and not isinstance(as_of, datetime) else as_of
    found = ledger.what_if(
        rules,
        report=migration.name,
        parameters={"since": since, "view": "long", "picture": "sankey"},
        as_of=closing,
    )
    change = found.report
    assert change is not None
    if change.manifests is None:
        refusal = next(one for one in change.refusals if one is not None)
        raise Invalid(refusal.code, refusal.en, zh=refusal.zh, rule="RET-28")
    before, after = (
        ReportResult(
            attrs.evolve(migration, picture=picture), table.columns, table.rows, (), manifest, labels=LABELS
        )
        for picture, table, manifest in zip(
            (SANKEY, _SUPPOSED), (change.before, change.after), change.manifests, strict=True
        )
    )
    return TierWhatIf(before, after, len({one.stream for one in found.changes}))
