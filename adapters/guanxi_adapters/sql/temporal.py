"""Temporal read models in one database: the table of row versions, what a page does to it, and which versions a cut shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from guanxi.kernel.read_models import INTERVALS, STREAM, TENANT, ReadModel, Sealer
from guanxi.kernel.temporal import FOREVER, Follower, Place, Step, Strip, Version
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import LATEST
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.model_tables import ModelTable

_STREAMS_AT_ONCE = 5_000

_INDEX = "__now"

Held = dict[str, list[Version]]


def shown_at(table: sa.Table, cut: Cut) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which a version of a row is shown at a cut; without bounds, those that hold now.

    Args:
        table: a temporal table.
        cut: as of and as known at which stamps.
    """
    valid, known = (table.c.valid_from, table.c.valid_until), (table.c.known_from, table.c.known_until)
    out: list[sa.ColumnElement[bool]] = []
    for stamp, (begins, ends) in ((cut.as_of, valid), (cut.as_known, known)):
        if stamp is None or stamp >= LATEST:
            out.append(ends == sa.literal_column(f"'{FOREVER}'"))  # spelt out, as the index spells it
        else:
            out += [begins <= stamp, ends > stamp]
    return out


class TemporalTable(ModelTable):
    """The row versions of one temporal model, live or being built, of one tenant.

    Args:
        model: whose rows.
        database: where.
        tenant: whose.
        suffix: what the table's name ends with while it is being built.
    """

    def __init__(self, model: ReadModel[Any], database: Database, tenant: str, suffix: str = "") -> None:
        super().__init__(model, database, tenant, suffix)
        self._live = not suffix
        table, b = self.table, sa.bindparam
        mine = table.c[TENANT] == b("tenant")
        cells = [table.c[c.name] for c in model.cells]
        reached = (table.c.valid_until >= b("valid"), table.c.known_until >= b("known"))
        self._held = database.compile(
            sa.select(table.c[STREAM], *[table.c[n] for n in INTERVALS], *cells).where(
                mine, database.among(table.c[STREAM]), *reached
            )
        )

    def held(self, cursor: Any, streams: Sequence[str], valid: str, known: str) -> Held:
        """Return the versions of the named streams' rows that reach two stamps, by stream.

        Args:
            cursor: of the database.
            streams: whose.
            valid: stamp that their valid time reaches, or the empty text for all.
            known: stamp that the time of knowing them reaches.
        """
        found: Held = {}
        for start in range(0, len(streams), _STREAMS_AT_ONCE):
            names = self.database.list_of(streams[start : start + _STREAMS_AT_ONCE])
            values = self._held(tenant=self.tenant, names=names, valid=valid, known=known)
            cursor.execute(self._held.sql, values)
            for row in cursor.fetchall():
                cells = tuple(row[5:])
                version = Version._make((self.key_of(cells), *row[1:5], cells))
                found.setdefault(row[0], []).append(version)
        return found

    def drop_versions(self, cursor: Any, places: Iterable[tuple[str, Place]]) -> None:
        """Delete single versions, given as stream and place."""
        for stream, (key, valid_from, known_from) in places:
            values = (key,) if len(self._keys) == 1 else key
            stored = {c.name: c.encode(v) for (_, c), v in zip(self._keys, values, strict=True)}
            drop = self._texts.drop(
                tenant=self.tenant, stream=stream, valid_from=valid_from, known_from=known_from, **stored
            )
            cursor.execute(self._texts.drop.sql, drop)

    def make(self, cursor: Any) -> None:
        """Make the table if it is absent; one that is being built gets its index when it takes its place."""
        super().make(cursor)
        if self._live:
            self._make_index(cursor)

    def replace(self, cursor: Any, live: ModelTable, *, rows: int, shared: bool) -> None:
        """Put this table's rows in the live one's place; see ``ModelTable.replace``."""
        super().replace(cursor, live, rows=rows, shared=shared)
        assert isinstance(live, TemporalTable)
        live._make_index(cursor)

    def rename(self, cursor: Any, other: ModelTable) -> None:
        """Give this table the name of another one; its index, which bears the old name, goes."""
        cursor.execute(f"DROP INDEX IF EXISTS {self._quoted(self.name + _INDEX)}")
        super().rename(cursor, other)
        assert isinstance(other, TemporalTable)
        if other._live:
            other._make_index(cursor)

    def _make_index(self, cursor: Any) -> None:
        """Make the index that finds the rows of now."""
        name, on = self._quoted(self.name + _INDEX), self._quoted(self.name)
        columns = ", ".join(self._quoted(n) for n in (TENANT, STREAM, *self.model.keys))
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON {on} ({columns})"
            f" WHERE valid_until = '{FOREVER}' AND known_until = '{FOREVER}'"
        )


class TemporalChanges:
    """What one page does to one temporal model's rows.

    Args:
        table: where the versions stand.
        sealer: seals personal cells.
    """

    def __init__(self, table: TemporalTable, sealer: Sealer | None) -> None:
        self._table, self._sealer = table, sealer
        self.rows: list[tuple[Any, ...]] = []
        self.gone: list[tuple[str, Place]] = []

    def follow(self, stream: str, steps: Sequence[Step], held: Sequence[Version]) -> None:
        """Take in a stream's states of knowledge.

        Args:
            stream: whose.
            steps: the states, in order.
            held: the versions on record that they may touch.
        """
        model, sealer, tenant = self._table.model, self._sealer, self._table.tenant
        strip = Strip(held)
        Follower(
            model,
            stream,
            strip,
            lambda row: model.to_db(stream, row, sealer),
            lambda cells: model.from_db(stream, cells, sealer),
        ).follow(steps)
        gone, put = strip.difference()
        self.gone += [(stream, place) for place in gone]
        self.rows += [(tenant, stream, *v.cells, *v[1:5]) for v in put]

    def apply(self, cursor: Any) -> None:
        """Write what came of it."""
        self._table.drop_versions(cursor, self.gone)
        self._table.write(cursor, self.rows)


def reach_of(steps: Mapping[str, Sequence[Step]]) -> list[tuple[list[str], str, str]]:
    """Return which versions have to be at hand to take in these steps: streams, and the stamps that the versions must reach.

    Streams whose timelines are gone through again need all that was known last; others only what their first change touches.
    """
    whole = [s for s, t in steps.items() if any(step.whole for step in t)]
    extended = [s for s in steps if s not in set(whole)]
    out = []
    if whole:
        out.append((whole, "", min(steps[s][0].known for s in whole)))
    if extended:
        first = min(c.effective for s in extended for step in steps[s] for c in step.changes)
        out.append((extended, first, min(steps[s][0].known for s in extended)))
    return out


def wanted_by(model: ReadModel[Any], steps: Mapping[str, Sequence[Step]]) -> dict[str, list[Step]]:
    """Return the steps that say something to a model, with only the events it handles."""
    handlers, found = model.handlers, dict[str, list[Step]]()
    for stream, all_ in steps.items():
        mine = []
        for step in all_:
            changes = [c for c in step.changes if type(c.event) in handlers]
            if changes or step.whole:
                mine.append(step._replace(changes=changes))
        if mine:
            found[stream] = mine
    return found
