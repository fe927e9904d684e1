"""The manifest says what a plugin is, is found and read without importing it, and is held true to the code."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guanxi
import guanxi_retail
from guanxi import Label, Parts, PluginError
from guanxi.kernel.plugins import (
    GROUP,
    Manifest,
    OwnedEvent,
    OwnedFacet,
    OwnedReadModel,
    OwnedReport,
    differences,
    find_manifest,
    manifest_of,
    manifests,
    read_manifest,
)
from tests.kernel.plugins.installing import Site, bare, code
from tests.laws import club

FULL = """manifest = 1

[plugin]
id = "apple"
version = "1.2"
api = ">=1,<2"
title = { en = "Apples", zh = "苹果" }

[events."apple.picked"]
kind = "fact"
schema = 2

[events."apple.picked".personal]
picker = "identity"

[commands]
names = ["apple.pick"]

[facets."apple.tree"]
subject = "customer"
version = 1
reads = ["core.file"]

[rule_sets."apple.rules"]
title = { en = "Rules", zh = "规则" }

[read_models."apple.rows"]
version = 3
temporal = true

[read_models."apple.rows".personal]
name = "identity"

[reports."apple.harvest"]
title = { en = "Harvest", zh = "收成" }
reads = ["core.files", "apple.rows"]

[runs."apple.sorted"]
title = { en = "Sorted", zh = "分级" }

[quality.exempt]
temporal_read_models = "nobody asks for the past"
"""


def test_a_manifest_reads_as_it_is_written() -> None:
    read = read_manifest(FULL)
    assert read == Manifest(
        id="apple",
        version="1.2",
        api=">=1,<2",
        title=Label("Apples", "苹果"),
        events={"apple.picked": OwnedEvent("fact", 2, {"picker": "identity"})},
        commands=("apple.pick",),
        facets={"apple.tree": OwnedFacet("customer", 1, ("core.file",))},
        rule_sets={"apple.rules": Label("Rules", "规则")},
        read_models={"apple.rows": OwnedReadModel(3, True, {"name": "identity"})},
        reports={"apple.harvest": OwnedReport(Label("Harvest", "收成"), ("core.files", "apple.rows"))},
        runs={"apple.sorted": Label("Sorted", "分级")},
        exempt={"temporal_read_models": "nobody asks for the past"},
    )
    assert read.to_toml() == FULL


def test_a_manifest_is_read_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "plugin.toml").write_text(FULL, "utf-8")
    assert read_manifest(tmp_path / "plugin.toml") == read_manifest(FULL)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1).filter(str.strip)
words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
labels = st.builds(Label, texts, texts)


@settings(max_examples=25)
@given(
    version=texts,
    title=labels,
    personal=st.dictionaries(words, texts, max_size=3),
    names=st.lists(words, unique=True, max_size=7),
    titles=st.dictionaries(words, labels, max_size=3),
    exempt=st.dictionaries(words, texts, max_size=2),
)
def test_whatever_a_manifest_says_comes_back(
    version: str,
    title: Label,
    personal: dict[str, str],
    names: list[str],
    titles: dict[str, Label],
    exempt: dict[str, str],
) -> None:
    own = [f"apple.{n}" for n in names]
    told = Manifest(
        id="apple",
        version=version,
        api=">=1,<2",
        title=title,
        events={n: OwnedEvent("deed", 3, personal) for n in own},
        commands=tuple(own),
        facets={n: OwnedFacet("card", 2, tuple(own)) for n in own},
        rule_sets={f"apple.{n}": t for n, t in titles.items()},
        read_models={n: OwnedReadModel(1, True, personal) for n in own},
        reports={f"apple.{n}": OwnedReport(t, tuple(own)) for n, t in titles.items()},
        runs={f"apple.{n}": t for n, t in titles.items()},
        exempt=exempt,
    )
    text = told.to_toml()
    tomllib.loads(text)
    read = read_manifest(text)
    assert attrs.evolve(read, commands=tuple(sorted(read.commands))) == attrs.evolve(
        told, commands=tuple(sorted(own))
    )
    assert list(read.facets) == own
    assert read.to_toml() == text


def test_the_text_does_not_depend_on_the_order_of_declaration() -> None:
    parts = club.parts
    turned = attrs.evolve(parts, events=parts.events[::-1], commands=parts.commands[::-1])
    assert manifest_of(turned).to_toml() == manifest_of(parts).to_toml()


# refused by itself

WRONG: dict[str, tuple[str, str, str]] = {
    "no form": ("manifest = 1\n", "", "line None: manifest is missing"),
    "another form": ("manifest = 1", "manifest = 2", "line 1: manifest is 2"),
    "an unknown table": ("[commands]", "[orders]\n[commands]", "line 16: orders is not known here"),
    "an unknown key": ("schema = 2", "scheme = 2", 'line 11: events."apple.picked".scheme is not known here'),
    "a missing key": ('kind = "fact"\n', "", 'line 9: events."apple.picked".kind is missing'),
    "an unknown kind": (
        'kind = "fact"',
        'kind = "guess"',
        "line 10: events.\"apple.picked\".kind is 'guess'",
    ),
    "a version below one": ("version = 3", "version = 0", 'read_models."apple.rows".version is 0'),
    "a version that is none": ("schema = 2", "schema = true", 'events."apple.picked".schema is True'),
    "no truth value": ("temporal = true", "temporal = 1", 'read_models."apple.rows".temporal is 1'),
    "no range": ('api = ">=1,<2"', 'api = "one"', "line 6: plugin.api 'one' is no range of versions"),
    "no prefix": ('id = "apple"', 'id = "Apple"', "line 4: plugin.id 'Apple' cannot be a prefix"),
    "an empty family": (
        'picker = "identity"',
        'picker = ""',
        "line 14: events.\"apple.picked\".personal.picker is ''",
    ),
    "half a title": (', zh = "规则"', "", 'rule_sets."apple.rules".title.zh is missing'),
    "a title that is a text": (
        '{ en = "Rules", zh = "规则" }',
        '"Rules"',
        "rule_sets.\"apple.rules\".title is 'Rules'",
    ),
    "names that are none": (
        'names = ["apple.pick"]',
        'names = "apple.pick"',
        "commands.names is 'apple.pick'",
    ),
    "a name twice": (
        '["apple.pick"]',
        '["apple.pick", "apple.pick"]',
        "commands.names names something twice",
    ),
    "another's read model": (', "apple.rows"]', ', "pear.rows"]', "reads names 'pear.rows'"),
    "an exemption without a reason": (
        '"nobody asks for the past"',
        '" "',
        "quality.exempt.temporal_read_models is ' '",
    ),
    "a part that is no table": ("[commands]\nnames", "[quality.more]\n[x]\nnames", "x is not known here"),
}


@pytest.mark.parametrize(("old", "new", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_manifest_is_told_with_line_and_key(old: str, new: str, told: str) -> None:
    assert old in FULL
    with pytest.raises(PluginError) as caught:
        read_manifest(FULL.replace(old, new, 1))
    assert caught.value.code == "manifest_invalid"
    assert told.replace("line None: ", "") in caught.value.message
    assert not caught.value.zh.isascii()


@pytest.mark.parametrize("kind", ["events", "facets", "rule_sets", "read_models", "reports", "runs"])
def test_a_name_outside_the_prefix_is_told_in_every_table(kind: str) -> None:
    text = FULL.replace(f'[{kind}."apple.', f'[{kind}."pear.')
    with pytest.raises(
        PluginError, match=r"foreign_prefix: plugin\.toml, line \d+: .*'pear\.\w+' lies outside"
    ):
        read_manifest(text)


def test_a_command_outside_the_prefix_is_told() -> None:
    with pytest.raises(PluginError, match=r"foreign_prefix: .*line 17: commands\.names 'pear\.pick'"):
        read_manifest(FULL.replace('"apple.pick"', '"pear.pick"'))


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plugin.toml"
    file.write_text("manifest = 1\n[plugin\n", "utf-8")
    with pytest.raises(PluginError, match=rf"manifest_unreadable: {file}: .*line 2"):
        read_manifest(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(PluginError, match="manifest_unreadable"):
        read_manifest(file)
    with pytest.raises(PluginError, match="manifest_missing"):
        read_manifest(tmp_path / "none.toml")


# true to the code


@pytest.mark.parametrize("module", [guanxi.relationship, guanxi_retail], ids=lambda m: m.__name__)
def test_the_manifests_in_this_repository_are_what_the_code_makes(module: Any) -> None:
    parts: Parts = module.plugin.guanxi_parts()
    file = Path(module.__file__).parent / "plugin.toml"
    read = read_manifest(file)
    assert differences(read, parts) == []
    made = attrs.evolve(manifest_of(parts), exempt=read.exempt)
    assert file.read_text("utf-8") == made.to_toml(), f"guanxi plugins manifest {parts.name} --write"


def test_the_core_owns_its_personal_fields_with_their_families() -> None:
    core = manifest_of(guanxi.relationship.parts)
    assert core.events["core.file_opened"].personal == {"name": "identity"}
    assert core.events["core.input_waiting"].personal == {"account": "dealings", "fields": "dealings"}
    assert core.read_models["core.files"].personal == {"name": "identity"}


def test_facets_name_what_they_read_in_the_order_of_what_is_simultaneous() -> None:
    retail = manifest_of(guanxi_retail.plugin.guanxi_parts())
    facets = list(retail.facets)
    assert facets.index("retail.purchases") < facets.index("retail.tiers") < facets.index("retail.points")
    assert retail.facets["retail.points"].reads[0] == "retail.purchases"


def changed(**more: Any) -> list[str]:
    return differences(attrs.evolve(manifest_of(club.parts), **more), club.parts)


def test_every_difference_is_a_line_of_its_own() -> None:
    made = manifest_of(club.parts)
    name, event = next(iter(made.events.items()))
    facet = next(iter(made.facets))
    assert changed() == []
    assert changed(version="9") == [f'version is "9" in the manifest and "{club.parts.version}" in the code']
    assert changed(events={**made.events, name: attrs.evolve(event, schema=7)}) == [
        f'events."{name}".schema is 7 in the manifest and {event.schema} in the code'
    ]
    assert changed(events={n: e for n, e in made.events.items() if n != name}) == [
        f'events."{name}" is in the code but not in the manifest'
    ]
    assert changed(events={**made.events, "club.more": event}) == [
        'events."club.more" is in the manifest but not in the code'
    ]
    assert changed(facets={facet: attrs.evolve(made.facets[facet], reads=("core.file",))}) == [
        f'facets."{facet}".reads is ["core.file"] in the manifest and [] in the code'
    ]
    assert changed(commands=(*made.commands, "club.more")) == [
        'commands."club.more" is in the manifest but not in the code'
    ]
    assert changed(title=Label("X", made.title.zh)) == [
        f'title.en is "X" in the manifest and "{made.title.en}" in the code'
    ]
    assert changed(exempt={"pure": "on purpose"}) == []


def test_another_order_of_facets_is_a_difference() -> None:
    parts = guanxi_retail.plugin.guanxi_parts()
    made = manifest_of(parts)
    turned = attrs.evolve(made, facets=dict(reversed(list(made.facets.items()))))
    (line,) = differences(turned, parts)
    assert line.startswith("facets: the manifest orders them")


# found without importing

LISTING = """
import json, sys
from guanxi.kernel.plugins import manifests
found = manifests()
mine = [p for p in found if p.name.startswith("t_")]
print(json.dumps({
    "names": [p.name for p in found],
    "mine": [[p.name, p.distribution, str(p.path), p.manifest and p.manifest.version] for p in mine],
    "why": [p.refusal.describe() if p.refusal else None for p in mine],
    "imported": sorted(m for m in sys.modules if m.partition(".")[0].startswith(("guanxi_t_", "guanxi_retail"))),
}))
"""


def test_installed_plugins_are_listed_without_importing_anything_of_them(site: Site) -> None:
    trap = "raise RuntimeError('imported')"
    site.add("t_pear", trap, version="2.0", manifest=bare("t_pear"))
    site.add("t_apple", trap, manifest=bare("t_apple"), module="deep")
    site.add("t_plum", trap, manifest=None)
    site.add("t_fig", trap, manifest=bare("t_other"))
    for folder in site.folder.glob("guanxi_t_*"):
        (folder / "__init__.py").write_text(trap, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(site.folder)!r})\n{LISTING}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(ran.stdout)
    assert told["imported"] == []
    assert told["names"] == sorted(told["names"])
    assert "retail" in told["names"]
    assert told["mine"] == [
        ["t_apple", "guanxi-t_apple 1.0", str(site.folder / "guanxi_t_apple" / "plugin.toml"), "1.0"],
        ["t_fig", "guanxi-t_fig 1.0", str(site.folder / "guanxi_t_fig" / "plugin.toml"), None],
        ["t_pear", "guanxi-t_pear 2.0", str(site.folder / "guanxi_t_pear" / "plugin.toml"), "1.0"],
        ["t_plum", "guanxi-t_plum 1.0", "None", None],
    ]
    assert told["why"][0] is told["why"][2] is None
    assert (
        "name_mismatch: the entry point t_fig (guanxi-t_fig 1.0) leads to the manifest of t_other"
        in told["why"][1]
    )
    assert "manifest_missing: t_plum (guanxi-t_plum 1.0)" in told["why"][3]


def point(name: str, value: str) -> metadata.EntryPoint:
    return metadata.EntryPoint(name, value, GROUP)


def test_the_manifest_of_the_innermost_package_counts(site: Site) -> None:
    folder = site.add("apple", manifest=bare("apple"))
    (folder / "pear").mkdir()
    assert find_manifest(point("pear", "guanxi_apple.pear.plugin:plugin")) == folder / "plugin.toml"
    (folder / "pear" / "plugin.toml").write_text(bare("pear"), "utf-8")
    assert find_manifest(point("pear", "guanxi_apple.pear.plugin:plugin")) == folder / "pear" / "plugin.toml"
    assert find_manifest(point("pear", "guanxi_apple.pear:plugin")) == folder / "pear" / "plugin.toml"
    assert find_manifest(point("apple", "guanxi_apple:plugin")) == folder / "plugin.toml"


def test_a_manifest_within_a_namespace_package_is_found(site: Site) -> None:
    inner = site.folder / "acme_trees" / "apple"
    inner.mkdir(parents=True)
    (inner / "__init__.py").write_text(code("apple"), "utf-8")
    (inner / "plugin.toml").write_text(bare("apple"), "utf-8")
    assert find_manifest(point("apple", "acme_trees.apple:plugin")) == inner / "plugin.toml"


def test_what_is_no_package_or_not_there_has_no_manifest(site: Site) -> None:
    (site.folder / "guanxi_lonely.py").write_text(code("lonely"), "utf-8")
    assert find_manifest(point("lonely", "guanxi_lonely:plugin")) is None
    assert find_manifest(point("gone", "guanxi_gone:plugin")) is None


def test_what_this_environment_has_is_listed_too() -> None:
    (retail,) = [p for p in manifests() if p.name == "retail"]
    assert retail.distribution.startswith("guanxi-retail ")
    assert retail.manifest is not None
    assert retail.manifest.title == Label("Retail", "零售")
