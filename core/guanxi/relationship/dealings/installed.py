"""Installed products: what stands at the customer, with its parts and its warranty (CORE-87)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import WHILE_ACTIVE, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.dealings.commands import InstallProduct, RemoveProduct, ReplacePart
from guanxi.relationship.dealings.events import PartReplaced, ProductInstalled, ProductRemoved
from guanxi.relationship.dealings.refusing import unknown
from guanxi.relationship.dealings.rules import InstalledRules

SERIAL = "core.serial"
"""Kind of the claim on a serial number."""


@attrs.define
class Installed:
    """A product that stands at the customer, or stood there."""

    product: str
    site: str | Erased | None
    on: date
    parts: list[str]
    warranty_until: date | None
    removed_on: date | None = None

    def under_warranty(self, day: date) -> bool:
        """Return whether a fault on that day is under warranty; the last day is."""
        return self.warranty_until is not None and self.on <= day <= self.warranty_until


@attrs.define
class InstalledProducts:
    """What was installed at the customer, by serial number."""

    products: dict[str, Installed] = attrs.field(factory=dict)

    def standing(self, serial: str) -> Installed | None:
        """Return the product of that serial number if it stands there now."""
        found = self.products.get(serial)
        return found if found is not None and found.removed_on is None else None


installed_products = Facet(
    "core.installed_products", InstalledProducts, title=Label("Installed products", "装机档案")
)


@installed_products.evolve
def _installed(s: InstalledProducts, e: ProductInstalled, at: datetime) -> None:
    if s.standing(e.serial) is None:
        s.products[e.serial] = Installed(e.product, e.site, at.date(), list(e.parts), e.warranty_until)


@installed_products.evolve
def _replaced(s: InstalledProducts, e: PartReplaced) -> None:
    if (product := s.products.get(e.serial)) is not None:
        if e.old_part in product.parts:
            product.parts[product.parts.index(e.old_part)] = e.new_part
        else:
            product.parts.append(e.new_part)


@installed_products.evolve
def _removed(s: InstalledProducts, e: ProductRemoved, at: datetime) -> None:
    if (product := s.products.get(e.serial)) is not None:
        product.removed_on = at.date()


@installed_products.claim
def _serial(e: ProductInstalled | ProductRemoved) -> Iterator[Claim]:
    yield Claim(SERIAL, e.serial, WHILE_ACTIVE, release=isinstance(e, ProductRemoved))


@installed_products.decide
def _install(s: InstalledProducts, c: InstallProduct, now: Now) -> Iterator[Fact]:
    if s.standing(c.serial) is not None:
        if not now.happened:
            raise Conflict(
                "identifier_taken",
                f"{c.serial} stands at this customer already",
                zh=f"序列号 {c.serial} 已在该客户处装机",
                rule="CORE-87",
                accepts="its removal there first",
            )
        now.require(False, "claim_denied", "CORE-87")
    yield ProductInstalled(
        serial=c.serial,
        product=c.product,
        site=c.site,
        parts=c.parts,
        warranty_until=c.warranty_until or _warranty(c.product, now),
        order=c.order,
        line=c.line,
    )


def _warranty(product: str, now: Now) -> date | None:
    months = now.rules(InstalledRules).months(product)
    return None if months is None else now.rules(CalendarRules).months(now.at.date(), months).last_day


@installed_products.decide
def _replace(s: InstalledProducts, c: ReplacePart, now: Now) -> Iterator[Fact]:
    product = s.standing(c.serial)
    if product is None:
        raise unknown("installed product", "装机产品", c.serial, "CORE-87")
    if c.old_part not in product.parts:
        raise unknown("part", "部件", c.old_part, "CORE-87")
    yield PartReplaced(serial=c.serial, old_part=c.old_part, new_part=c.new_part)


@installed_products.decide
def _remove(s: InstalledProducts, c: RemoveProduct, now: Now) -> Iterator[Fact]:
    if s.standing(c.serial) is None:
        raise unknown("installed product", "装机产品", c.serial, "CORE-87")
    yield ProductRemoved(serial=c.serial, reason=c.reason)
