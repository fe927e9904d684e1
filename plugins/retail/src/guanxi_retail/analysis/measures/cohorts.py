"""Cohort retention (同期群留存): who of the customers won in a month buys again in the months after (RET-45)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import attrs

from guanxi_retail.analysis.measures.occasions import CustomerOccasions


@attrs.frozen
class Cohort:
    """The customers whose first occasion fell in one calendar month.

    Args:
        month: first day of that month.
        size: number of customers.
        active: at k, the customers with an occasion in the k-th month after; None after the data end.
    """

    month: date
    size: int
    active: tuple[int | None, ...]

    def retention(self, k: int) -> Fraction | None:
        """Exact share of the cohort active in the k-th month after; None after the data end.

        Raises:
            ValueError: k is negative.
        """
        if k < 0:
            raise ValueError("months are counted forward from the cohort's own")
        active = self.active[k] if k < len(self.active) else None
        return None if active is None else Fraction(active, self.size)


@attrs.frozen
class CohortTable:
    """All cohorts up to a data end.

    Args:
        data_end: last day observed; its month counts as far as it goes.
        cohorts: oldest first, all with equally many columns; months in which nobody came are left out.
    """

    data_end: date
    cohorts: tuple[Cohort, ...]

    def cohort(self, month: date) -> Cohort:
        """The cohort of the month that `month` lies in.

        Raises:
            KeyError: nobody's first occasion fell in that month.
        """
        for cohort in self.cohorts:
            if cohort.month == month.replace(day=1):
                return cohort
        raise KeyError(month)


def cohort_retention(histories: Iterable[CustomerOccasions], data_end: date) -> CohortTable:
    """Count who of each monthly cohort came back in which month after.

    Args:
        histories: occasions per customer; those after the data end are not counted.
        data_end: last day observed, included.

    Returns:
        Cohorts with counts at k = 0, 1, …; k = 0 is the size, months after the data end are None, not 0.

    Source: RET-45.
    """
    sizes: Counter[int] = Counter()
    active: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for history in histories:
        if history.first > data_end:
            continue
        start = _month_number(history.first)
        sizes[start] += 1
        active[start].update({_month_number(day) - start for day in history.days if day <= data_end})
    end = _month_number(data_end)
    columns = range(end - min(sizes, default=end) + 1)
    return CohortTable(
        data_end,
        tuple(
            Cohort(
                date(start // 12, start % 12 + 1, 1),
                sizes[start],
                tuple(active[start][k] if start + k <= end else None for k in columns),
            )
            for start in sorted(sizes)
        ),
    )


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1
