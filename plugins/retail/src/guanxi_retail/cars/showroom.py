"""The showroom: models that were introduced, and test drives (RET-49)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi import Erased, Facet, Fact, Label, Now
from guanxi_retail.cars.commands import IntroduceVehicle, TakeTestDrive
from guanxi_retail.cars.events import TestDriveTaken, VehicleIntroduced

RULE, DRIVER = "RET-49", "driver"


@attrs.define
class Showroom:
    """Which models the customer got to know, and when first."""

    introduced: dict[str, date] = attrs.field(factory=dict)
    drives: int = 0


showroom = Facet("retail.showroom", Showroom, title=Label("Showroom", "展厅"))


@showroom.evolve
def _introduced(s: Showroom, e: VehicleIntroduced, at: datetime) -> None:
    s.introduced.setdefault(e.model, at.date())


@showroom.evolve
def _drove(s: Showroom, e: TestDriveTaken) -> None:
    s.drives += 1


@showroom.decide
def _introduce(s: Showroom, c: IntroduceVehicle, now: Now) -> Iterator[Fact]:
    yield VehicleIntroduced(model=c.model, consultant=c.consultant or now.actor)


@showroom.decide
def _drive(s: Showroom, c: TakeTestDrive, now: Now) -> Iterator[Fact]:
    day = now.at.date()
    if not now.happened:
        now.require(
            _has_licence(c.role, c.licence_no),
            "licence_missing",
            RULE,
            "driving needs a licence",
            zh="试驾须持有驾驶证",
            accepts="the licence's number, or riding along",
        )
        now.require(
            _is_valid(c.role, c.licence_valid_to, day),
            "licence_expired",
            RULE,
            f"the licence ended on {c.licence_valid_to}",
            zh=f"驾驶证已于 {c.licence_valid_to} 到期",
            accepts="a licence that is valid on the day, or riding along",
        )
    yield TestDriveTaken(
        model=c.model,
        role=c.role,
        licence_no=c.licence_no,
        licence_valid_to=c.licence_valid_to,
        consultant=c.consultant or now.actor,
    )


@showroom.holds(RULE, "licence_missing")
def _licensed(s: Showroom, e: TestDriveTaken) -> bool:
    return _has_licence(e.role, e.licence_no)


@showroom.holds(RULE, "licence_expired")
def _licensed_on_the_day(s: Showroom, e: TestDriveTaken, now: Now) -> bool:
    return _is_valid(e.role, e.licence_valid_to, now.at.date())


def _has_licence(role: str, number: str | Erased | None) -> bool:
    return role != DRIVER or isinstance(number, Erased) or bool(number and number.strip())


def _is_valid(role: str, until: date | Erased | None, day: date) -> bool:
    """Whether a licence holds on a day; one without end does, and of one that was erased nothing can be said."""
    return role != DRIVER or until is None or isinstance(until, Erased) or day <= until
