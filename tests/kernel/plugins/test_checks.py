"""What can be known at start is refused at start, and the refusal names the culprit, and both parties where there are two."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pluggy
import pytest

import guanxi
from guanxi import (
    FROM_NOW,
    REVISE,
    Asked,
    Column,
    Command,
    Content,
    Decision,
    Due,
    Erased,
    Event,
    Facet,
    Fact,
    Installed,
    Label,
    Look,
    Now,
    Overview,
    Parts,
    PluginError,
    Population,
    Reader,
    ReadModel,
    Report,
    Rows,
    RuleSet,
    Run,
    Upcaster,
    column,
    command,
    discover,
    event,
    field,
    hookimpl,
    parameter,
    personal,
    rule_set,
)
from guanxi import due as due_moment
from guanxi.kernel.plugins import Manifest, OwnedReport, check, hookspec, parts_of
from tests.kernel.plugins.installing import Site, bare, code

HOST = "handed over by the host"


def parts(name: str = "x", **more: Any) -> Parts:
    return Parts(name=name, version="1.0", title=Label(name, "某"), **more)


def refused(code: str, handed: Any, *told: str) -> PluginError:
    """Assert that a plugin object or parts are refused in both languages, with texts in the message."""
    with pytest.raises(PluginError) as caught:
        guanxi.open("sqlite://", plugins=[handed]).close()
    error = caught.value
    assert error.code == code, error
    for text in told:
        assert text in error.message
    assert not error.zh.isascii()
    return error


# ---------------------------------------------------------------- installed, each with its distribution


def found(**options: Any) -> dict[str, Installed]:
    return {p.name: p for p in discover(**options)}


HOOKS = {
    "a marker of another project": (
        (
            "import pluggy\nother = pluggy.HookimplMarker('pytest')\n"
            "class Plugin:\n    @other\n    def guanxi_parts(self):\n        return None\n"
        ),
        "hook_marker: bad (guanxi-bad 1.0): guanxi_parts is marked with the marker of pytest, not with guanxi's",
    ),
    "no marker": (
        "class Plugin:\n    def guanxi_parts(self):\n        return None\n",
        "hook_unmarked: bad (guanxi-bad 1.0): guanxi_parts is not marked with guanxi.hookimpl",
    ),
    "a marked method of another name": (
        "class Plugin:\n    @hookimpl\n    def guanxi_part(self):\n        return None\n",
        "hook_misspelt: bad (guanxi-bad 1.0): guanxi_part is marked as a hook, but guanxi has no hook of that name",
    ),
    "an unmarked method of nearly the name": (
        "class Plugin:\n    def guanxi_prats(self):\n        return None\n",
        "hook_misspelt: bad (guanxi-bad 1.0): it has no guanxi_parts, but guanxi_prats",
    ),
    "no hook at all": ("class Plugin: pass\n", "hook_missing: bad (guanxi-bad 1.0): it has no guanxi_parts"),
    "an argument nobody gives": (
        "class Plugin:\n    @hookimpl\n    def guanxi_parts(self, ledger):\n        return None\n",
        "hook_signature: bad (guanxi-bad 1.0): guanxi_parts asks for ledger, and the hook gives it nothing",
    ),
    "the class instead of an object": (
        "class _P:\n    @hookimpl\n    def guanxi_parts(self):\n        return None\ndef Plugin(): return _P\n",
        "guanxi_parts asks for self, and the hook gives it nothing (is the class handed over instead of an object of it?)",
    ),
    "a coroutine": (
        "class Plugin:\n    @hookimpl\n    async def guanxi_parts(self):\n        return None\n",
        "hook_signature: bad (guanxi-bad 1.0): guanxi_parts is asynchronous",
    ),
    "a generator": (
        "class Plugin:\n    @hookimpl\n    def guanxi_parts(self):\n        yield None\n",
        "hook_signature: bad (guanxi-bad 1.0): guanxi_parts yields instead of returning",
    ),
    "an attribute": (
        "class Plugin:\n    guanxi_parts = 7\n",
        "hook_signature: bad (guanxi-bad 1.0): guanxi_parts is no method but 7",
    ),
    "something else than parts": (
        "class Plugin:\n    @hookimpl\n    def guanxi_parts(self):\n        return {'name': 'bad'}\n",
        "parts_missing: bad (guanxi-bad 1.0): guanxi_parts returned {'name': 'bad'}",
    ),
    "nothing": (
        "class Plugin:\n    @hookimpl\n    def guanxi_parts(self):\n        return None\n",
        "parts_missing: bad (guanxi-bad 1.0): guanxi_parts returned None",
    ),
}


@pytest.mark.parametrize(("hook", "told"), HOOKS.values(), ids=HOOKS)
def test_a_hook_that_is_none_is_refused_with_plugin_and_distribution(
    site: Site, hook: str, told: str
) -> None:
    site.add("bad", code("bad", hook=hook), manifest=bare("bad"))
    site.add("good")
    both = found(allow=("bad", "good"))
    assert told in (both["bad"].error or "")
    assert not both["bad"].why("zh").isascii()
    assert both["good"].error is None
    site.forget()
    with pytest.raises(PluginError) as caught:
        discover(strict=True, allow=("bad", "good"))
    assert told in str(caught.value)


def test_a_hook_marked_as_a_specification_is_told_apart() -> None:
    class Specified:
        @hookspec
        def guanxi_parts(self) -> Parts:
            return parts()

    refused("hook_marker", Specified(), "marked as a specification (hookspec)", HOST)


def test_a_module_and_a_static_method_are_hooks_as_good_as_any() -> None:
    class Static:
        @staticmethod
        @hookimpl
        def guanxi_parts() -> Parts:
            return parts()

    assert parts_of(Static).name == "x"
    assert parts_of(Static()).name == "x"


PICKED = '@event("{name}")\nclass Picked(Fact):\n    tree: str\n'


def test_a_foreign_prefix_is_refused_naming_the_plugin_and_whose_prefix_it_is(site: Site) -> None:
    site.add("apple", version="2.0")
    site.add(
        "pear", code("pear", PICKED.format(name="apple.picked"), "events=(Picked,)"), manifest=bare("pear")
    )
    both = found()
    assert both["pear"].error == (
        "foreign_prefix: pear (guanxi-pear 1.0): it hands over 'apple.picked', whose prefix belongs to "
        "apple (guanxi-apple 2.0). Accepted: names that begin with pear."
    )
    assert both["apple"].error is None


def test_a_foreign_prefix_is_found_in_the_manifest_before_anything_is_imported(site: Site) -> None:
    site.add("apple", version="2.0")
    text = bare("pear") + '\n[events."apple.picked"]\nkind = "fact"\nschema = 1\n'
    site.add("pear", "raise RuntimeError('never')", manifest=text)
    error = found()["pear"].error or ""
    assert "foreign_prefix: pear (guanxi-pear 1.0): " in error
    assert "lies outside the prefix of pear and belongs to apple (guanxi-apple 2.0)" in error


@pytest.mark.parametrize("prefix", ["core", "pears", "pear_tree"])
def test_names_that_only_look_like_the_own_prefix_are_foreign(prefix: str) -> None:
    @event(f"{prefix}.picked")
    class Picked(Fact):
        pass

    with pytest.raises(
        PluginError, match=rf"foreign_prefix: pear \({HOST}\): it hands over '{prefix}\.picked'"
    ):
        check(parts("pear", events=(Picked,)))


CLASHES = {
    "event": (PICKED, "events=(Picked,)", "apple.picked (of the events)"),
    "command": (
        '@command("{name}")\nclass Pick(Command): pass\n',
        "commands=(Pick,)",
        "apple.picked (of the commands)",
    ),
    "rule set": (
        (
            '@rule_set("{name}", Label("a", "甲"))\nclass Rules(RuleSet):\n'
            '    least: int = parameter(1, label=Label("a", "甲"))\n'
        ),
        "rule_sets=(Rules,)",
        "apple.picked (of the rule sets)",
    ),
    "read model": (
        "@attrs.define\nclass Row:\n    tree: str = ''\nrows = ReadModel('{name}', Row)\n",
        "read_models=(rows,)",
        "apple.picked (of the read models)",
    ),
    "report": (
        "report = Report(name='{name}', title=Label('a', '甲'), reads=(), columns=(), build=lambda *_: Content(()))\n",
        "reports=(report,)",
        "apple.picked (of the reports)",
    ),
    "facet": (
        "@attrs.define\nclass Tree: pass\nfacet = Facet('{name}', Tree)\n",
        "facets=(facet,)",
        "apple.picked (of the facets)",
    ),
}


@pytest.mark.parametrize(("body", "given", "told"), CLASHES.values(), ids=CLASHES)
def test_a_name_claimed_by_two_plugins_refuses_both_and_names_both(
    site: Site, body: str, given: str, told: str
) -> None:
    site.add("apple", code("apple", body.format(name="apple.picked"), given), version="2.0")
    site.add("pear", code("pear", body.format(name="apple.picked"), given), manifest=bare("pear"))
    site.add("plum")
    all_three = found()
    for name in ("apple", "pear"):
        assert all_three[name].parts is None
        assert (all_three[name].error or "").startswith(
            f"name_clash: {told} is claimed by apple (guanxi-apple 2.0) and pear (guanxi-pear 1.0)"
        )
        assert "同时占用" in all_three[name].why("zh")
    assert all_three["plum"].error is None
    site.forget()
    with pytest.raises(PluginError, match="name_clash"):
        discover(strict=True)


def test_two_plugins_that_hand_over_one_prefix_are_both_refused_and_both_named(site: Site) -> None:
    site.add("pear", code("fruit"), manifest=bare("pear"))
    site.add("plum", code("fruit"), manifest=bare("plum"))
    both = found()
    for name in ("pear", "plum"):
        assert both[name].error == (
            "prefix_taken: two plugins are called fruit: fruit (guanxi-pear 1.0) and fruit (guanxi-plum 1.0). "
            "Accepted: one plugin for one prefix"
        )


def test_read_models_of_two_plugins_that_would_share_a_table_are_refused(site: Site) -> None:
    row = "@attrs.define\nclass Row:\n    tree: str = ''\nrows = ReadModel('{name}', Row)\n"
    site.add("a", code("a", row.format(name="a.b_c"), "read_models=(rows,)"))
    site.add("a_b", code("a_b", row.format(name="a_b.c"), "read_models=(rows,)"))
    both = found()
    for name in ("a", "a_b"):
        assert (
            "table_clash: the read models a.b_c of a (guanxi-a 1.0) and a_b.c of a_b (guanxi-a_b 1.0) "
            "would both be kept in the table a_b_c" in (both[name].error or "")
        )


TREE = """
@attrs.define
class Tree: pass
tree = Facet("apple.tree", Tree)
"""


def test_a_facet_that_reads_another_plugin_s_is_refused_naming_both(site: Site) -> None:
    site.add("apple", code("apple", TREE, "facets=(tree,)"))
    reader = """
    from guanxi_apple import tree
    @attrs.define
    class Pie: pass
    pie = Facet("pear.pie", Pie, reads=(tree,))
    """
    site.add("pear", code("pear", reader, "facets=(pie,)"))
    both = found()
    assert both["apple"].error is None
    assert both["pear"].error == (
        "reads_foreign: pear (guanxi-pear 1.0): pear.pie reads apple.tree of apple (guanxi-apple 1.0). "
        "Accepted: facets of its own distribution or of the core"
    )


def test_facets_of_two_plugins_that_read_each_other_are_refused_and_both_named(site: Site) -> None:
    reader = """
    from guanxi_apple import tree
    @attrs.define
    class Pie: pass
    pie = Facet("pear.pie", Pie, reads=(tree,))
    tree.reads = (pie,)
    """
    told = '\n[facets."{}"]\nsubject = "customer"\nversion = 1\nreads = ["{}"]\n'
    folder = site.add(
        "apple",
        code("apple", TREE, "facets=(tree,)"),
        manifest=bare("apple") + told.format("apple.tree", "pear.pie"),
        points="apple = guanxi_apple:plugin\npear = guanxi_apple.pear:plugin",
    )
    (folder / "pear").mkdir()
    (folder / "pear" / "__init__.py").write_text(code("pear", reader, "facets=(pie,)"), "utf-8")
    (folder / "pear" / "plugin.toml").write_text(
        bare("pear") + told.format("pear.pie", "apple.tree"), "utf-8"
    )
    both = found()
    for name in ("apple", "pear"):
        assert both[name].error == (
            "reads_cycle: these facets read each other: apple.tree → pear.pie → apple.tree; they are of "
            "apple (guanxi-apple 1.0) and pear (guanxi-apple 1.0). Accepted: reads without a cycle"
        )


def test_a_cycle_is_told_with_every_facet_and_both_plugins() -> None:
    a, b = Facet("x.a", dict), Facet("y.b", dict)
    a.reads, b.reads = (b,), (a,)
    with pytest.raises(PluginError) as caught:
        guanxi.open("sqlite://", plugins=[parts("x", facets=(a,)), parts("y", facets=(b,))])
    assert caught.value.message == (
        f"these facets read each other: x.a → y.b → x.a; they are of x ({HOST}) and y ({HOST})"
    )
    assert "互相读取" in caught.value.zh


def test_a_facet_that_reads_itself_is_a_cycle() -> None:
    a = Facet("x.a", dict)
    a.reads = (a,)
    refused("reads_cycle", parts(facets=(a,)), "x.a → x.a")


def test_a_facet_that_reads_what_nobody_handed_over_is_refused() -> None:
    refused(
        "reads_unknown", parts(facets=(Facet("x.a", dict, reads=(Facet("y.b", dict),)),)), "x.a reads y.b"
    )


def test_two_plugins_that_decide_one_command_are_refused_and_both_named() -> None:
    @command("x.pick")
    class Pick(Command):
        pass

    def deciding(name: str) -> Facet[Any]:
        facet = Facet(name, dict)

        @facet.decide
        def _pick(s: Any, c: Pick, now: Now) -> Iterator[Fact]:
            yield from ()

        return facet

    x = parts("x", commands=(Pick,), facets=(deciding("x.a"),))
    with pytest.raises(PluginError) as caught:
        guanxi.open("sqlite://", plugins=[x, parts("y", facets=(deciding("y.a"),))])
    assert caught.value.code == "two_deciders"
    assert f"x.a of x ({HOST}) and y.a of y ({HOST}) both decide x.pick" in caught.value.message


def test_two_due_moments_of_one_name_are_refused_and_both_plugins_named() -> None:
    def waiting(plugin: str) -> Parts:
        noon = due_moment("x.noon")(type("Noon", (Due,), {"__module__": __name__, "__annotations__": {}}))

        def strike(s: State, e: Any, now: Now) -> Iterator[Decision]: ...  # type: ignore[empty-body]

        strike.__annotations__["e"] = noon
        facet = Facet(f"{plugin}.clock", State)
        facet.react("X-1")(strike)
        return parts(plugin, facets=(facet,))

    with pytest.raises(PluginError, match=r"x\.noon \(of the due moments\) is claimed by x \(.*\) and y \("):
        guanxi.open("sqlite://", plugins=[waiting("x"), waiting("y")])


def test_no_plugin_decides_a_command_of_the_core() -> None:
    facet = Facet("x.a", dict)

    @facet.decide
    def _open(s: Any, c: guanxi.OpenFile, now: Now) -> Iterator[Fact]:
        yield from ()

    refused(
        "two_deciders", parts(facets=(facet,)), "core.file of core (guanxi) and x.a of x", "core.open_file"
    )


def test_a_report_that_reads_another_plugin_s_read_model_is_refused_naming_both(site: Site) -> None:
    rows = "@attrs.define\nclass Row:\n    tree: str = ''\nrows = ReadModel('apple.rows', Row)\n"
    site.add("apple", code("apple", rows, "read_models=(rows,)"))
    body = """
    from guanxi_apple import rows
    report = Report(name="pear.trees", title=Label("a", "甲"), reads=(rows,), columns=(), build=lambda *_: Content(()))
    """
    site.add("pear", code("pear", body, "reports=(report,)"), manifest=bare("pear"))
    error = found()["pear"].error or ""
    assert (
        "report_reads_foreign: pear (guanxi-pear 1.0): pear.trees reads apple.rows of apple (guanxi-apple 1.0)"
        in error
    )


def test_the_same_is_found_in_the_manifest_alone() -> None:
    told = Manifest(
        id="pear",
        version="1",
        api=">=1",
        title=Label("a", "甲"),
        reports={"pear.trees": OwnedReport(Label("a", "甲"), ("apple.rows",))},
    )
    with pytest.raises(PluginError, match=r"line \d+: reports\.\"pear\.trees\"\.reads names 'apple\.rows'"):
        guanxi.kernel.plugins.read_manifest(told.to_toml())


# ---------------------------------------------------------------- one plugin's parts


@attrs.define
class State:
    seen: int = 0


@event("x.picked")
class Picked(Fact):
    tree: str = ""


@command("x.pick")
class Pick(Command):
    tree: str = ""


@attrs.define
class Row:
    tree: str = column(key=True, default="")


def rows_named(name: str) -> ReadModel[Row]:
    return ReadModel(name, Row)


def report(name: str = "x.report", **more: Any) -> Report:
    def build(reader: Reader, parameters: Any, asked: Asked) -> Content:
        return Content(())

    given = {"title": Label("r", "表"), "reads": (), "columns": (), "build": build, **more}
    return Report(name=name, **given)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"events": (Pick,)}, "Parts.events holds <class"),
        ({"commands": (Picked,)}, "Parts.commands holds <class"),
        ({"facets": (State,)}, "Parts.facets holds <class"),
        ({"read_models": (Row,)}, "Parts.read_models holds <class"),
        ({"reports": (rows_named("x.rows"),)}, "Parts.reports holds <read model x.rows"),
        ({"rule_sets": (Picked,)}, "Parts.rule_sets holds <class"),
        ({"upcasters": (Picked,)}, "Parts.upcasters holds <class"),
        ({"runs": (Picked,)}, "Parts.runs holds <class"),
        ({"events": Picked}, "Parts.events holds <class"),
        ({"labels": {"x.picked": "picked"}}, "Parts.labels holds 'picked'"),
        ({"after_opening": 7}, "Parts.after_opening holds 7"),
    ],
)
def test_what_stands_in_the_wrong_place_is_refused(more: dict[str, Any], told: str) -> None:
    refused("wrong_part", parts(**more), told, f"x ({HOST})")


def test_a_title_that_is_no_label_is_refused() -> None:
    refused("wrong_part", Parts(name="x", version="1", title="X"), "Parts.title holds 'X'")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["X", "1x", "x-y", "", "x.y", "某"])
def test_a_prefix_that_is_none_is_refused(name: str) -> None:
    refused("bad_name", parts(name))


@pytest.mark.parametrize("name", ["x.Picked", "x.", "x.picked now", "x.1", "x..y"])
def test_a_name_of_no_form_is_refused(name: str) -> None:
    refused("bad_name", parts(facets=(Facet(name, State),)), repr(name))


def test_a_plugin_without_a_version_is_refused() -> None:
    refused("bad_version", Parts(name="x", version="", title=Label("x", "某")))


@pytest.mark.parametrize("api", [">=2", "nonsense", ""])
def test_parts_for_another_surface_are_refused(api: str) -> None:
    refused("api_mismatch", parts(api=api), "this is surface 1.0")


def test_an_event_that_only_inherits_its_name_is_refused() -> None:
    class Inherited(Picked):
        pass

    refused("event_unnamed", parts(events=(Inherited,)), "Inherited has no stored name")


def test_a_command_without_a_name_is_refused() -> None:
    class Nameless(Command):
        pass

    refused("part_unnamed", parts(commands=(Nameless,)), "Nameless has no stored name")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"reports": (report(), report())}, "x.report names two reports"),
        ({"read_models": (rows_named("x.rows"), rows_named("x.rows"))}, "x.rows names two read models"),
    ],
)
def test_one_name_for_two_things_is_refused(more: dict[str, Any], told: str) -> None:
    refused("name_twice", parts(**more), told)


def test_two_read_models_of_one_plugin_that_would_share_a_table_are_refused() -> None:
    models = (rows_named("x.a_b"), rows_named("x.a.b"))
    refused("table_clash", parts(read_models=models), "x.a_b of x", "x.a.b of x", "the table x_a_b")


def test_a_read_model_whose_table_no_database_can_name_is_refused() -> None:
    refused("name_too_long", parts(read_models=(rows_named("x." + "a" * 50),)), "52 characters")


def test_a_decision_without_declared_late_effects_is_refused() -> None:
    @event("x.drawn")
    class Drawn(Decision):
        pass

    refused("late_effect_missing", parts(events=(Drawn,)), f"x ({HOST})", "x.drawn", "Drawn")


def test_a_decision_that_may_end_without_a_handler_for_it_is_refused() -> None:
    @event("x.drawn")
    class Drawn(Decision, late=FROM_NOW, retroactive=REVISE):
        pass

    refused("ending_missing", parts(events=(Drawn,)), f"x ({HOST})", "Drawn may end")


def not_negative(*_: Any) -> None: ...


def test_an_event_that_validates_is_refused_since_history_must_stay_readable() -> None:
    @event("x.checked")
    class Checked(Fact):
        tree: str = field(validator=not_negative)

    refused("event_validates", parts(events=(Checked,)), "validates tree; history must stay readable")


def test_an_event_that_validates_after_it_is_built_is_refused_too() -> None:
    @event("x.checked")
    class Checked(Fact):
        tree: str = ""

        def __attrs_post_init__(self) -> None:
            raise ValueError

    refused("event_validates", parts(events=(Checked,)), "__attrs_post_init__")


def test_a_command_may_validate() -> None:
    @command("x.check")
    class Check(Command):
        tree: str = field(default="", validator=not_negative)

    def decide(s: State, c: Check, now: Now) -> Iterator[Fact]:
        yield from ()

    facet: Facet[Any] = Facet("x.trees", State)
    decide.__annotations__["c"] = Check
    facet.decide(decide)
    guanxi.open("sqlite://", plugins=[parts(commands=(Check,), facets=(facet,))]).close()


@attrs.frozen
class Weight:
    grams: float = 0.0


class Opaque:
    pass


@pytest.mark.parametrize(
    "kind", [float, float | None, list[float], dict[str, float], Weight, tuple[Weight, ...]], ids=str
)
def test_a_float_anywhere_in_an_event_a_command_or_a_rule_set_is_refused(kind: Any) -> None:
    made_event = event("x.weighed")(
        type("Weighed", (Fact,), {"__annotations__": {"much": kind}, "__module__": __name__})
    )
    made_command = command("x.weigh")(
        type("Weigh", (Command,), {"__annotations__": {"much": kind}, "__module__": __name__})
    )
    refused("inexact_field", parts(events=(made_event,)), "the field 'much' of x.weighed", "the type float")
    refused("inexact_field", parts(commands=(made_command,)), "the field 'much' of x.weigh", "the type float")


def test_a_float_in_a_rule_set_is_refused() -> None:
    @rule_set("x.rules", Label("r", "规"))
    class Rules(RuleSet):
        share: Any = parameter(Decimal(1), label=Label("s", "份"))

    Rules.__annotations__["share"] = float
    refused("inexact_field", parts(rule_sets=(Rules,)), "the field 'share' of x.rules")


def test_a_personal_float_in_a_row_is_refused() -> None:
    @attrs.define
    class Weighed:
        much: float | Erased | None = personal("health", default=None)  # noqa: RUF009 - an attrs field, not a default

    refused(
        "inexact_field",
        parts(read_models=(ReadModel("x.weights", Weighed),)),
        "the field 'much' of the rows of x.weights",
    )


def test_a_field_that_could_not_be_read_back_is_refused() -> None:
    made = event("x.kept")(
        type("Kept", (Fact,), {"__annotations__": {"what": Opaque}, "__module__": __name__})
    )
    refused("unreadable_field", parts(events=(made,)), "the field 'what' of x.kept", "the type Opaque")
    mixed = event("x.kept")(
        type("Kept", (Fact,), {"__annotations__": {"what": str | bytes}, "__module__": __name__})
    )
    refused("unreadable_field", parts(events=(mixed,)), "str | bytes")
    unknown = event("x.kept")(
        type("Kept", (Fact,), {"__annotations__": {"what": "Nowhere"}, "__module__": __name__})
    )
    refused("unreadable_field", parts(events=(unknown,)), "cannot be evaluated", "Nowhere")


def test_a_personal_field_without_a_family_would_not_be_sealed_and_is_refused() -> None:
    @event("x.met")
    class Met(Fact):
        name: str | Erased = personal("")

    refused("family_missing", parts(events=(Met,)), "the personal field 'name' of x.met")

    @attrs.define
    class Person:
        name: str | Erased | None = personal("", default=None)  # noqa: RUF009 - an attrs field, not a default

    refused("family_missing", parts(read_models=(ReadModel("x.people", Person),)), "of the rows of x.people")


def test_a_personal_field_about_nobody_is_refused() -> None:
    @event("x.met")
    class Met(Fact):
        name: str | Erased = personal("identity", subject="whom")

    refused("subject_unknown", parts(events=(Met,)), "names the field 'whom'")


def same(fields: dict[str, Any]) -> dict[str, Any]:
    return fields


@pytest.mark.parametrize(
    ("upcasters", "code", "told"),
    [
        ((), "upcaster_missing", "x.moved is at v3 but nothing reads v1, v2"),
        ((Upcaster("x.moved", 1, same),), "upcaster_missing", "nothing reads v2"),
        ((Upcaster("x.moved", 1, same),) * 2, "upcaster_twice", "two upcasters read x.moved v1"),
        ((Upcaster("x.gone", 1, same),), "upcaster_unknown", "an upcaster for x.gone v1"),
        ((Upcaster("x.moved", 3, same),), "upcaster_beyond", "reads x.moved v3, and the event is at v3"),
    ],
)
def test_a_broken_chain_of_forms_is_refused_naming_the_plugin(
    upcasters: tuple[Upcaster, ...], code: str, told: str
) -> None:
    @event("x.moved", version=3)
    class Moved(Fact):
        pass

    refused(code, parts(events=(Moved,), upcasters=upcasters), told, f"x ({HOST})")


# handlers


def with_handler(kind: str, handler: Callable[..., Any]) -> Facet[State]:
    facet = Facet("x.tree", State)
    registrar = getattr(facet, kind)
    (registrar("X-1") if kind in ("react", "effect") else registrar)(handler)
    return facet


def evolve(s: State, e: Picked) -> None: ...
def due(s: State, e: Picked, now: Now) -> Iterator[Any]: ...  # type: ignore[empty-body]
def react(s: State, e: Picked, now: Now) -> Iterator[Decision]: ...  # type: ignore[empty-body]
def claim(e: Picked) -> Iterator[Any]: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    ("kind", "handler"),
    [("evolve", evolve), ("due", due), ("react", react), ("effect", react), ("claim", claim)],
)
def test_an_event_that_a_handler_takes_and_the_plugin_does_not_hand_over_is_refused(
    kind: str, handler: Callable[..., Any]
) -> None:
    refused(
        "event_not_handed_over",
        parts(facets=(with_handler(kind, handler),)),
        "x.tree handles x.picked",
        "Picked), which is not among Parts.events",
    )


@pytest.mark.parametrize(
    ("kind", "handler"),
    [("evolve", evolve), ("due", due), ("react", react), ("effect", react), ("claim", claim)],
)
def test_a_handler_that_parts_get_after_they_were_opened_with_is_looked_at_too(
    kind: str, handler: Callable[..., Any]
) -> None:
    facet = Facet("x.tree", State)
    same = parts(facets=(facet,))
    for _ in range(2):
        guanxi.open("sqlite://", plugins=[same]).close()
    registrar = getattr(facet, kind)
    (registrar("X-1") if kind in ("react", "effect") else registrar)(handler)
    with pytest.raises(PluginError, match="event_not_handed_over"):
        guanxi.open("sqlite://", plugins=[same])


def test_an_event_that_a_handler_says_it_yields_has_to_be_handed_over() -> None:
    def pick(s: State, c: Pick, now: Now) -> Iterator[Picked]: ...  # type: ignore[empty-body]

    refused(
        "event_not_handed_over", parts(commands=(Pick,), facets=(with_handler("decide", pick),)), "x.picked"
    )


def test_a_command_that_is_decided_has_to_be_handed_over() -> None:
    def pick(s: State, c: Pick, now: Now) -> Iterator[Fact]: ...  # type: ignore[empty-body]

    refused(
        "command_not_handed_over", parts(facets=(with_handler("decide", pick),)), "x.pick", "Parts.commands"
    )


def test_an_event_that_a_read_model_takes_has_to_be_handed_over() -> None:
    model = rows_named("x.rows")

    @model.on
    def _picked(rows: Rows[Row], e: Picked, at: Any) -> None: ...

    refused("event_not_handed_over", parts(read_models=(model,)), "x.rows handles x.picked")


def test_a_handler_of_another_plugin_s_event_needs_nothing_of_it() -> None:
    facet = with_handler("evolve", evolve)
    facet.name = "y.tree"
    guanxi.open("sqlite://", plugins=[parts(events=(Picked,)), parts("y", facets=(facet,))]).close()


# reports


def test_a_column_of_no_known_type_is_refused() -> None:
    bad = Column("much", Label("m", "量"), "float")  # type: ignore[arg-type]
    refused(
        "column_type_unknown",
        parts(reports=(report(columns=(bad,)),)),
        "the column 'much' of the report x.report has the type 'float'",
    )


def test_two_columns_of_one_name_are_refused() -> None:
    one = Column("much", Label("m", "量"))
    refused("column_twice", parts(reports=(report(columns=(one, one)),)), "two columns 'much'")


def test_a_report_that_reads_a_read_model_nobody_handed_over_is_refused() -> None:
    refused("report_reads_foreign", parts(reports=(report(reads=(rows_named("x.rows"),)),)), "reads x.rows")


def test_a_parameter_without_a_default_is_refused() -> None:
    @attrs.frozen
    class Asking:
        least: int

    refused("default_missing", parts(reports=(report(parameters=Asking),)), "'least' of the report x.report")


def test_a_report_whose_parameters_are_no_attrs_class_is_refused() -> None:
    refused("wrong_part", parts(reports=(report(parameters=dict),)), "Parts.reports holds <class 'dict'>")


def test_versions_count_from_one() -> None:
    refused("bad_version", parts(read_models=(ReadModel("x.rows", Row, version=0),)), "x.rows has version 0")


def test_a_right_plugin_is_refused_nothing() -> None:
    model = rows_named("x.rows")
    check(
        parts(
            events=(Picked,),
            commands=(Pick,),
            facets=(with_handler("evolve", evolve),),
            read_models=(model,),
            reports=(report(reads=(model,)),),
        )
    )


def test_pluggy_markers_are_told_apart_by_their_project() -> None:
    other = pluggy.HookimplMarker("tox")

    class Foreign:
        @other
        def guanxi_parts(self) -> Parts:
            return parts()

    refused("hook_marker", Foreign(), "the marker of tox")


def test_events_are_checked_by_class_once_and_refused_each_time() -> None:
    @event("x.checked")
    class Checked(Event):
        tree: str = field(validator=not_negative)

    for _ in range(2):
        refused("event_validates", parts(events=(Checked,)))


def test_the_page_for_authors_names_every_refusal_there_is() -> None:
    kernel = Path(guanxi.kernel.plugins.__file__).parent
    page = (Path(__file__).parents[3] / "docs" / "plugin-authors" / "manifest.md").read_text("utf-8")
    codes: set[str] = set()
    for file in [*kernel.glob("*.py"), kernel.parent / "registry.py", kernel.parent / "facets.py"]:
        codes |= set(
            re.findall(r'(?:PluginError|refusal|Fault|_clash|_failure)\(\s*"(\w+)"', file.read_text("utf-8"))
        )
        codes |= set(
            re.findall(
                r'"(hook_\w+|bad_version|command_not_handed_over|part_unnamed)"', file.read_text("utf-8")
            )
        )
    assert len(codes) > 40
    assert sorted(c for c in codes if f"`{c}`" not in page) == []


def test_a_run_and_a_read_model_of_one_name_would_share_a_table_and_are_refused() -> None:
    @attrs.frozen
    class Line:
        grade: str

    def population(reader: Reader, parameters: Any, asked: Asked) -> Population:
        return Population(())

    def judge(reader: Reader, parameters: Any, asked: Asked) -> Iterator[tuple[str, Line]]:
        yield from ()

    run = Run("x.grades", Line, reads=(), population=population, judge=judge, title=Label("g", "级"))
    refused(
        "name_twice",
        parts(runs=(run,), read_models=(rows_named("x.grades"),)),
        "x.grades names two read models",
    )


@pytest.mark.parametrize("decorator", ["react", "effect", "holds"])
def test_a_decorator_without_its_rule_id_is_refused_instead_of_registering_nothing(decorator):
    facet = Facet("t_shop.subject", dict)
    arguments = ("broken",) if decorator == "holds" else ()
    with pytest.raises(
        PluginError, match=rf"rule_missing: t_shop\.subject: @{decorator} was given .*handler"
    ) as refused:
        getattr(facet, decorator)(_handler, *arguments)
    shown = '"RULE-1", "refusal_code"' if decorator == "holds" else '"RULE-1"'
    assert f"@facet.{decorator}({shown})" in refused.value.describe()


def _handler(s: object, e: object) -> bool:
    return True


# ---------------------------------------------------------------- commands, overviews and access


def test_a_command_that_no_facet_decides_is_refused_at_start_and_not_when_somebody_gives_it() -> None:
    @command("x.pour")
    class Pour(Command):
        pass

    refused("command_undecided", parts(commands=(Pour,)), "x (handed over by the host)", "x.pour")


def rows(look: Look) -> Iterator[tuple[Any, ...]]:
    yield from ()


trees: Facet[Any] = Facet("x.trees", dict)
plots: Facet[Any] = Facet("x.plots", list, subject="plot")
view = Overview("x.view", Label("View", "视图"), (trees,), (Column("n", Label("n", "数"), "integer"),), rows)


def with_view(**changes: Any) -> Parts:
    return parts(facets=(trees, plots), overviews=(attrs.evolve(view, **changes),))


def test_a_sound_overview_is_accepted() -> None:
    check(with_view())
    check(with_view(facets=(plots,)))


def test_an_overview_of_facets_of_different_subjects_is_refused_and_both_are_named() -> None:
    refused(
        "overview_subjects",
        with_view(facets=(trees, plots)),
        "x.view",
        "x.trees (customer)",
        "x.plots (plot)",
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"columns": (Column("n", Label("n", "数"), "money"),)}, "column_type_unknown"),  # type: ignore[arg-type]
        ({"columns": (Column("n", Label("n", "数")), Column("n", Label("m", "数")))}, "column_twice"),
        ({"columns": ("n",)}, "wrong_part"),
        ({"facets": trees}, "wrong_part"),
        ({"facets": ("x.trees",)}, "wrong_part"),
        ({"title": "View"}, "wrong_part"),
        ({"rows": lambda: iter(())}, "bad_signature"),
        ({"rows": None}, "bad_decorator"),
    ],
)
def test_an_unsound_overview_is_refused_with_its_name(changes: dict[str, Any], code: str) -> None:
    error = refused(code, with_view(**changes), "x (handed over by the host)")
    assert error.accepts


def test_what_is_no_overview_is_refused() -> None:
    refused("wrong_part", parts(overviews=("x.view",)), "Parts.overviews")


class Sound:
    """Has a say, and lets everybody in."""

    def in_force(self, book: Any, at: str) -> bool:
        return True

    def admit(self, ledger: Any, attempt: Any) -> None:
        return None


class WithoutAdmit:
    def in_force(self, book: Any, at: str) -> bool:
        return True


class WithoutInForce:
    def admit(self, ledger: Any, attempt: Any) -> None:
        return None


class OfOtherArity(Sound):
    def admit(self, attempt: Any) -> None:  # type: ignore[override]
        return None


class Later(Sound):
    async def admit(self, ledger: Any, attempt: Any) -> None:  # type: ignore[override]
        return None


class Yielding(Sound):
    def admit(self, ledger: Any, attempt: Any) -> Iterator[None]:  # type: ignore[override]
        yield


def test_somebody_who_can_be_asked_who_may_is_accepted() -> None:
    check(parts(access=Sound()))


@pytest.mark.parametrize(
    ("access", "code", "told"),
    [
        (WithoutAdmit(), "wrong_part", "no method admit"),
        (WithoutInForce(), "wrong_part", "no method in_force"),
        ("everybody", "wrong_part", "no method in_force"),
        (OfOtherArity(), "bad_signature", "OfOtherArity.admit"),
        (Sound, "bad_signature", "Sound.in_force"),
        (Later(), "bad_signature", "admit"),
        (Yielding(), "bad_signature", "admit"),
    ],
)
def test_access_that_cannot_be_asked_is_refused_when_the_ledger_is_opened(
    access: Any, code: str, told: str
) -> None:
    error = refused(code, parts(access=access), "x (handed over by the host)", told)
    assert "ledger, attempt" in error.accepts or "book, at" in error.accepts
