"""Reports foot: they add up at every cut, come out the same twice, and can be shown in both languages."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from guanxi.kernel.errors import GuanxiError, PluginError, Refusal
from guanxi.kernel.reports import check_picture
from guanxi.testing.examining import Broken, Examination, NotApplicable
from guanxi.testing.findings import Finding
from guanxi.testing.telling import Told


def reports_foot(x: Examination) -> Finding:
    """Every report adds up on every history at several cuts, has one order, and can be shown in every form."""
    if not x.parts.reports:
        raise NotApplicable("it has no reports")
    closely = [*x.some()]

    # Most histories are only asked whether their reports add up now; it is the long ones that past cuts tell apart.
    def check(told: Told) -> Broken | None:
        other = told not in x.told()
        # Pages take long to make, and differ little from one history to the next.
        return _reported(told, told.story in closely or other, told.story is closely[0] or other)

    return x.each("reports_foot", check)


def _reported(told: Told, closely: bool, paged: bool) -> Broken | None:
    for report in told.parts.reports:
        for cut in told.cuts() if closely else [{}]:
            at = ", ".join(f"{k} {str(v)[:16]}" for k, v in cut.items()) or "now"
            try:
                result = told.report(report.name, **cut)
                again = told.report(report.name) if closely and not cut else result
                text = _shown(result, paged=paged and not cut) if closely else None
            except (
                Refusal
            ) as refusal:  # a report may refuse for want of data; only that it does not foot is a fault
                if refusal.code == "does_not_foot":
                    return Broken(f"{report.name} {at}: {refusal.describe()}", _last(told, report))
                continue
            except GuanxiError as error:
                return Broken(f"{report.name} {at}: {error.describe()}", _last(told, report))
            except Exception as error:  # noqa: BLE001 - whatever a report's code raises is what is asked
                return Broken(f"{report.name} {at}: {type(error).__name__}: {error}", _last(told, report))
            if text is not None:
                return Broken(f"{report.name} {at}: {text}", _last(told, report))
            if again.manifest.digest != result.manifest.digest:
                return Broken(f"{report.name} {at}: two runs gave two tables", _last(told, report))
    return None


def _shown(result: Any, *, paged: bool) -> str | None:
    """Return what is wrong with how a result is shown, if anything is."""
    for lang in ("en", "zh"):
        result.as_table(lang, 100)
        check_picture(result)
        if paged:
            _page(result, lang)
        lines = list(csv.reader(io.StringIO(result.as_csv(lang).lstrip("\ufeff"))))
        if len(lines[0]) != len(result.columns):
            return f"its CSV has {len(lines[0])} columns, not {len(result.columns)}"
    json.loads(result.as_json())
    for row in result.rows:
        if len(row) != len(result.columns):
            return f"a row has {len(row)} cells for {len(result.columns)} columns"
    return None


def _page(result: Any, lang: str) -> None:
    """Make the HTML page, with its picture, where what makes pages is installed."""
    try:
        result.as_html(lang)
    except PluginError as error:
        if error.code != "renderer_missing":
            raise


def _last(told: Told, report: Any) -> str | None:
    """Say which is the last entry that the report's read models fold."""
    names = {k.stored_name for m in report.reads for k in m.handlers}
    last = None
    for stream in told.streams():
        for row in told.rows(stream):
            if row.name in names and (last is None or row.recorded_at >= last[1].recorded_at):
                last = (stream, row)
    return None if last is None else told.entry(*last)
