"""The ladder that the rules page gives as an example."""

from __future__ import annotations

from decimal import Decimal

LADDER = {"Basic": Decimal(0), "Silver": Decimal(1_000), "Gold": Decimal(5_000)}
SAMPLE = {"Basic": Decimal(0), "Silver": Decimal(100), "Gold": Decimal(500)}
