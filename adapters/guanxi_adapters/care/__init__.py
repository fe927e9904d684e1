"""Online care of a ledger: backing it up while others write, restoring, copying between databases, upgrading its tables."""

from __future__ import annotations

from guanxi_adapters.care.arrivals import Arrived, copy, restore
from guanxi_adapters.care.backups import BackedUp, backup
from guanxi_adapters.care.places import Progress
from guanxi_adapters.care.upgrades import Upgraded, planned, upgrade

__all__ = ["Arrived", "BackedUp", "Progress", "Upgraded", "backup", "copy", "planned", "restore", "upgrade"]
