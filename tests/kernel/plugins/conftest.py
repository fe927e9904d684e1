"""A folder for distributions that tests install."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.plugins.installing import Site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty folder on ``sys.path``."""
    made = Site(tmp_path / "site", monkeypatch)
    yield made
    made.forget()
