"""What keeping read models tells: where each stands, what a rebuild did, how two sets of rows compare, what was cleaned."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label


@attrs.frozen
class Building:
    """A table that is being filled beside the live one.

    Args:
        version: of the read model.
        position: of the log, up to which its rows are.
        private: whether one process keeps it to itself, to fill it by several workers or to compare it; any other is
            carried on by whoever catches up next.
        since: stamp of when it was begun.
    """

    version: int
    position: int
    private: bool = False
    since: str | None = None


@attrs.frozen
class ModelStatus:
    """Where one read model stands in the log.

    Args:
        name: the read model.
        version: the version that the installed plugin brings; of an absent plugin, the one its rows are of.
        position: up to which entry readers see it.
        lag: entries behind it.
        lag_seconds: seconds since the first of them was recorded.
        rebuilt_at: stamp of the last swap.
        parked_at: position of the entry that it cannot fold.
        error: why not.
        live_version: the version that readers see; None while there is none.
        building: the table that is to take the live one's place.
        absent: whether no installed plugin brings it, so that nothing keeps its rows level.
        checksum: digest of its rows now, if it was asked for.
        rebuilt_checksum: digest of its rows when they were last swapped in.
        rebuilt_position: where they stood then.
    """

    name: str
    version: int
    position: int
    lag: int
    lag_seconds: float
    rebuilt_at: str | None
    parked_at: int | None
    error: str | None
    live_version: int | None = None
    building: Building | None = None
    absent: bool = False
    checksum: str | None = None
    rebuilt_checksum: str | None = None
    rebuilt_position: int | None = None


@attrs.frozen
class CellDifference:
    """A cell that two rows hold differently, as stored; of a personal one neither value is shown."""

    name: str
    live: Any
    new: Any
    personal: bool = False


@attrs.frozen
class RowDifference:
    """A row that only one of two tables holds, or that they hold differently.

    Args:
        stream: whose row.
        key: its key cells within the stream, as stored.
        found: which table holds it, or ``different``.
        cells: what differs, where both hold it.
    """

    stream: str
    key: tuple[Any, ...]
    found: Literal["only_live", "only_new", "different"]
    cells: tuple[CellDifference, ...] = ()


@attrs.frozen
class Comparison:
    """How the rows of a live table compare with those folded anew from the log, both at one position.

    Args:
        model: the read model.
        position: of the log.
        equal: rows that are the same.
        only_live: rows that the log does not yield.
        only_new: rows that are missing from the live table.
        different: rows whose cells differ.
        examples: the first of those that are not equal, in order of stream and key.
        why_not: why there was nothing to compare.
        checksum: digest of the new rows.
    """

    model: str
    position: int
    equal: int = 0
    only_live: int = 0
    only_new: int = 0
    different: int = 0
    examples: tuple[RowDifference, ...] = ()
    why_not: Label | None = None
    checksum: str | None = None

    @property
    def faulty(self) -> bool:
        """Whether rows were compared and differ."""
        return bool(self.only_live or self.only_new or self.different)

    @property
    def same(self) -> bool:
        """Whether rows were compared and none differs."""
        return self.why_not is None and not self.faulty


@attrs.frozen
class Rebuilt:
    """What a rebuild did.

    Args:
        position: up to where all read models stand that are not parked.
        workers: processes that folded.
        alone: why one process folded, where more were wanted.
        swapped: read models whose new rows are live now.
        kept: read models whose live rows were left as they were, because the new ones differ or none were wanted.
        comparisons: how live and new rows compare, if asked for.
    """

    position: int
    workers: int = 1
    alone: Label | None = None
    swapped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


@attrs.frozen
class Cleaned:
    """A table whose rows were removed.

    Args:
        model: the read model.
        version: its version; 0 where nothing says.
        table: the table.
        why: ``superseded`` by another version, ``abandoned`` while it was built, or ``absent``: its plugin is gone.
    """

    model: str
    version: int
    table: str
    why: Literal["superseded", "abandoned", "absent"]
