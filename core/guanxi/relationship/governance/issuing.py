"""Issues reports, and makes issued ones again: the same manifest gives the same digest, or the difference is said (CORE-76)."""

from __future__ import annotations

from typing import Any

import attrs
import msgspec

from guanxi.kernel.errors import Unknown
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.reports import ReportResult
from guanxi.kernel.times import instant
from guanxi.relationship.governance.commands import NoteReportIssued
from guanxi.relationship.governance.events import ReportIssued
from guanxi.relationship.governance.house import HOUSE, House


@attrs.frozen
class Reissue:
    """An issued report made again.

    Args:
        result: what it comes to now, at the issue's own cut.
        issued: what was issued.
        differences: what is not as it was: the code that made it, or what was erased since; empty where all is.
    """

    result: ReportResult
    issued: ReportIssued
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether it came out the same, to the digest."""
        return self.result.manifest.digest == self.issued.digest


def issue(ledger: Ledger, number: str, report: str, *, actor: str, **asked: Any) -> ReportResult:
    """Make a report and note that it left the house, with all it takes to make it again.

    Args:
        ledger: where it is made.
        number: of this issue.
        report: the report's name.
        actor: who issues it.
        **asked: cut and parameters, as for ``Ledger.report``.

    Raises:
        Conflict: ``identifier_taken`` for a number that was given.
    """
    result = ledger.report(report, **asked)
    manifest = attrs.asdict(result.manifest)
    ledger.execute(HOUSE, NoteReportIssued(issue=number, manifest=msgspec.to_builtins(manifest)), actor=actor)
    return result


def reissue(ledger: Ledger, number: str) -> Reissue:
    """Make an issued report again at its own cut, and say where it differs.

    Args:
        ledger: where it was issued.
        number: of the issue.

    Raises:
        Unknown: ``unknown_code`` for a number that was never given.
    """
    house: House = ledger.history(HOUSE).state(House)
    issued = house.issued.get(number)
    if issued is None:
        raise Unknown(
            "unknown_code",
            f"there is no issue {number}",
            zh=f"没有签发号 {number}",
            rule="CORE-76",
            accepts=", ".join(sorted(house.issued)) or "none was issued yet",
        )
    tz = ledger.tz
    result = ledger.report(
        issued.report,
        as_of=instant(issued.as_of, tz),
        as_known=issued.position,
        **issued.parameters,
    )
    return Reissue(result, issued, tuple(_differences(result, issued)))


def _differences(result: ReportResult, issued: ReportIssued) -> list[str]:
    made = result.manifest
    told: list[str] = []
    if (made.plugin, made.plugin_version) != (issued.plugin, issued.plugin_version):
        told.append(
            f"made by {made.plugin} {made.plugin_version}, issued by {issued.plugin} {issued.plugin_version}"
        )
    if made.rows != issued.rows:
        told.append(f"{made.rows} rows, {issued.rows} when it was issued")
    if made.digest != issued.digest:
        told.append(
            f"digest {made.digest}, {issued.digest} when it was issued: something was erased since, or the code differs"
        )
    return told
