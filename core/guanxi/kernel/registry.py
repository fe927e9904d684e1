"""The closed registry of event names: which class a stored name is read with, and the upcasters that lead old forms to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from guanxi.kernel.errors import PluginError
from guanxi.kernel.messages import Decision, Event

Fields = dict[str, Any]


@attrs.frozen
class Upcaster:
    """Turns the stored fields of one schema version into those of the next.

    Args:
        name: the event's stored name.
        version: the schema version it reads; it yields version + 1.
        upcast: pure function from fields to fields.
    """

    name: str
    version: int
    upcast: Callable[[Fields], Fields]


class Registry:
    """Every event class this process can read, by stored name.

    Raises:
        PluginError: ``event_name_taken``, ``upcaster_missing``, ``upcaster_unknown``, ``late_effect_missing``.
    """

    def __init__(self, events: Iterable[type[Event]], upcasters: Iterable[Upcaster] = ()) -> None:
        self.classes: dict[str, type[Event]] = {}
        for cls in events:
            if not cls.stored_name:
                raise PluginError(
                    "event_unnamed",
                    f"{cls.__qualname__} has no stored name",
                    zh=f"{cls.__qualname__} 没有存储名称",
                    accepts='a class decorated with @event("prefix.name")',
                )
            other = self.classes.setdefault(cls.stored_name, cls)
            if other is not cls:
                raise PluginError(
                    "event_name_taken",
                    f"{cls.stored_name} is claimed by {other.__module__}.{other.__qualname__} and {cls.__module__}.{cls.__qualname__}",
                    zh=f"{cls.stored_name} 被 {other.__module__}.{other.__qualname__} 与 {cls.__module__}.{cls.__qualname__} 同时占用",
                )
            if issubclass(cls, Decision) and (cls.late_effect is None or cls.retroactive_effect is None):
                raise PluginError(
                    "late_effect_missing",
                    f"{cls.__qualname__} does not declare what late entries do to it",
                    zh=f"{cls.__qualname__} 没有声明迟到记录对它的影响",
                    rule="CORE-93",
                    accepts="class X(Decision, late=..., retroactive=...) with REVISE, FROM_NOW, WOULD_DIFFER or dated(...)",
                )
        self._upcasters: dict[tuple[str, int], Callable[[Fields], Fields]] = {}
        for u in upcasters:
            if u.name not in self.classes:
                raise PluginError(
                    "upcaster_unknown",
                    f"an upcaster for {u.name} v{u.version}, which no event class is named",
                    zh=f"有 {u.name} v{u.version} 的升级函数，却没有这个事件",
                )
            if (u.name, u.version) in self._upcasters:
                raise PluginError(
                    "upcaster_twice",
                    f"two upcasters read {u.name} v{u.version}",
                    zh=f"有两个升级函数读取 {u.name} v{u.version}",
                )
            self._upcasters[u.name, u.version] = u.upcast
        for name, cls in self.classes.items():
            missing = [v for v in range(1, cls.schema_version) if (name, v) not in self._upcasters]
            if missing:
                raise PluginError(
                    "upcaster_missing",
                    f"{name} is at v{cls.schema_version} but nothing reads v{', v'.join(map(str, missing))}",
                    zh=f"{name} 为 v{cls.schema_version}，但没有函数读取 v{'、v'.join(map(str, missing))}",
                    accepts="one upcaster for every earlier version",
                )

    def find(self, name: str) -> type[Event] | None:
        """Return the class of a stored name, or None for an absent plugin's."""
        return self.classes.get(name)

    def upcast(self, name: str, version: int, fields: Fields) -> Fields:
        """Return fields in the present schema."""
        target = self.classes[name].schema_version
        while version < target:
            fields = self._upcasters[name, version](fields)
            version += 1
        return fields

    def upcasters_from(self, name: str, version: int) -> list[Callable[[Fields], Fields]]:
        """Return the upcasters that lead a schema version to the present one, in order."""
        return [self._upcasters[name, v] for v in range(version, self.classes[name].schema_version)]

    @property
    def names(self) -> Mapping[str, type[Event]]:
        """All names with their classes."""
        return self.classes
