"""Toll material: the customer's own, worked by us; neither our stock nor owed to us (CORE-80)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.dealings.commands import MoveTollMaterial
from guanxi.relationship.dealings.events import TollMaterialMoved
from guanxi.relationship.dealings.values import NOTHING


@attrs.define
class Material:
    """One material of the customer's at our works."""

    unit: str
    received: Decimal = NOTHING
    used: Decimal = NOTHING
    returned: Decimal = NOTHING

    @property
    def on_hand(self) -> Decimal:
        """What is left of it here."""
        return self.received - self.used - self.returned


@attrs.define
class TollMaterials:
    """The customer's materials at our works, by name."""

    materials: dict[str, Material] = attrs.field(factory=dict)


toll_materials = Facet("core.toll_materials", TollMaterials, title=Label("Toll material", "来料"))


@toll_materials.evolve
def _moved(s: TollMaterials, e: TollMaterialMoved) -> None:
    material = s.materials.get(e.toll_material)
    if material is None:
        material = s.materials[e.toll_material] = Material(e.unit)
    match e.movement:
        case "received":
            material.received += e.quantity
        case "used":
            material.used += e.quantity
        case "returned":
            material.returned += e.quantity


@toll_materials.decide
def _move(s: TollMaterials, c: MoveTollMaterial, now: Now) -> Iterator[Fact]:
    known = s.materials.get(c.toll_material)
    if known is not None and known.unit != c.unit:
        raise Invalid(
            "unit_mismatch",
            f"{c.toll_material} is counted in {known.unit}",
            zh=f"{c.toll_material} 以 {known.unit} 计",
            rule="CORE-80",
            accepts=f"a quantity in {known.unit}",
        )
    yield TollMaterialMoved(
        toll_material=c.toll_material,
        movement=c.movement,
        quantity=c.quantity,
        unit=c.unit,
        document=c.document,
    )


@toll_materials.holds("CORE-80", "quantity_exceeded")
def _not_more_than_came(s: TollMaterials, e: TollMaterialMoved) -> bool:
    return s.materials[e.toll_material].on_hand >= 0
