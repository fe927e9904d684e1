"""The recorder cases that the ``eventsourcing`` library ships, importable without the encryption package it asks for.

None of the cases used here encrypts anything.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

if importlib.util.find_spec("Crypto") is None and "eventsourcing.cipher" not in sys.modules:
    stand_in = ModuleType("eventsourcing.cipher")
    stand_in.AESCipher = object  # type: ignore[attr-defined]
    sys.modules["eventsourcing.cipher"] = stand_in
    try:
        from eventsourcing.tests import persistence as persistence
    finally:
        del sys.modules["eventsourcing.cipher"]
else:
    from eventsourcing.tests import persistence as persistence

__all__ = ["persistence"]
