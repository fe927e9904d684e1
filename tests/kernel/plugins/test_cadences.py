"""Cadences among a plugin's parts: their names, what they read, and their place in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from guanxi import Label, Parts, PluginError
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.plugins import Manifest, OwnedCadence, check, differences, manifest_of, read_manifest
from guanxi.kernel.plugins.checks import Party
from guanxi.kernel.plugins.clashes import together
from guanxi.kernel.read_models import Reader, ReadModel, column
from guanxi.kernel.reports import Asked


@attrs.define
class Row:
    """A row of nothing much."""

    number: str = column(key=True)


lent = ReadModel("lend.lent", Row)
foreign = ReadModel("other.rows", Row)


def _items(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    yield from ()


back = Cadence("lend.back", Label("Bring back", "归还"), "LEND-1", (lent,), _items)
lend = Parts(name="lend", version="1", title=Label("Lending", "借阅"), read_models=(lent,), cadences=(back,))


def parts(**changes: Any) -> Parts:
    return attrs.evolve(lend, cadences=(attrs.evolve(back, **changes),))


def test_sound_cadences_are_accepted() -> None:
    check(lend)
    assert list(together([Party(lend)])) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "other.back"}, "foreign_prefix"),
        ({"name": "lend.Bring back"}, "bad_name"),
        ({"rule": " "}, "rule_missing"),
        ({"title": "Bring back"}, "wrong_part"),
        ({"reads": ("lend.lent",)}, "wrong_part"),
        ({"items": lambda reader: iter(())}, "bad_signature"),
        ({"items": None}, "bad_decorator"),
    ],
)
def test_an_unsound_cadence_is_refused_with_its_plugins_name(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(PluginError, match="lend") as refused:
        check(parts(**changes))
    assert refused.value.code == code


def test_what_is_no_cadence_is_refused() -> None:
    with pytest.raises(PluginError, match="wrong_part"):
        check(attrs.evolve(lend, cadences=("lend.back",)))


def test_two_cadences_of_one_name_are_refused() -> None:
    with pytest.raises(PluginError, match="name_twice"):
        check(attrs.evolve(lend, cadences=(back, attrs.evolve(back, rule="LEND-2"))))


def test_a_cadence_reads_its_own_plugins_and_the_cores_tables_alone() -> None:
    other = Parts(name="other", version="1", title=Label("Other", "其他"), read_models=(foreign,))
    found = list(together([Party(parts(reads=(lent, foreign))), Party(other)]))
    assert [t.error.code for t in found] == ["report_reads_foreign"]
    assert "lend.back" in str(found[0].error)


def test_the_manifest_lists_cadences_and_is_read_back_the_same() -> None:
    manifest = manifest_of(lend)
    assert manifest.cadences == {"lend.back": OwnedCadence(back.title, "LEND-1", ("lend.lent",))}
    assert read_manifest(manifest.to_toml()) == manifest
    assert differences(manifest, lend) == []
    assert differences(manifest, attrs.evolve(lend, cadences=())) != []


def test_a_manifest_from_before_there_were_cadences_is_read() -> None:
    text = attrs.evolve(manifest_of(lend), cadences={}).to_toml()
    assert "cadences" not in text
    old: Manifest = read_manifest(text)
    assert old.cadences == {}
    assert differences(old, attrs.evolve(lend, cadences=())) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('reads = ["other.rows"]', "manifest_invalid"),
        ('reads = []\nwindow = "3 days"', "manifest_invalid"),
    ],
)
def test_what_a_manifest_may_not_say_of_a_cadence_is_refused_with_its_line(line: str, code: str) -> None:
    text = manifest_of(parts()).to_toml().replace('reads = ["lend.lent"]', line)
    with pytest.raises(PluginError, match="line") as refused:
        read_manifest(text)
    assert refused.value.code == code
