"""Plugins are found in order, judged one by one and together, and whoever fails is refused alone, with name and distribution."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import pytest

import guanxi
from guanxi import Block, GuanxiError, Installed, Label, Parts, PluginError, PluginRefused, Unknown, discover
from guanxi.kernel.plugins import assemble, manifest_of, parts_of
from tests.kernel import shop
from tests.kernel.plugins.installing import Site, bare, code

CORE = guanxi.relationship.plugin


def found(**options: Any) -> dict[str, Installed]:
    return {p.name: p for p in discover(**options)}


def parts(name: str, **more: Any) -> Parts:
    return Parts(name=name, version="1.0", title=Label(name, "某"), **more)


# finding


def test_plugins_are_found_in_order_of_name_whatever_order_they_were_installed_in(site: Site) -> None:
    for name in ("zebra", "apple", "mango"):
        site.add(name)
    assert [p.name for p in discover(allow=("mango", "zebra", "apple"))] == ["apple", "mango", "zebra"]
    assert [p.distribution for p in discover(allow=("apple",))] == ["guanxi-apple 1.0"]


def test_an_installed_plugin_is_loaded_with_its_manifest(site: Site) -> None:
    site.add("apple")
    one = found()["apple"]
    assert one.error is None
    assert one.parts is not None
    assert one.manifest == manifest_of(one.parts)
    assert one.why() == ""


def test_only_what_is_allowed_is_loaded_and_nothing_else_imported(site: Site) -> None:
    site.add("apple")
    site.add("mango")
    assert list(found(allow=("mango",))) == ["mango"]
    assert "guanxi_mango" in sys.modules
    assert "guanxi_apple" not in sys.modules


def test_a_blocked_plugin_is_told_with_version_and_reason_and_not_imported(site: Site) -> None:
    site.add("apple", version="1.3")
    one = found(block=[Block("apple", "loses receipts", ">=1.2,<1.4")])["apple"]
    assert one.parts is None
    assert one.error == (
        "plugin_blocked: apple (guanxi-apple 1.3): this host blocks versions >=1.2,<1.4: loses receipts"
    )
    assert "loses receipts" in one.why("zh")
    assert "禁用" in one.why("zh")
    assert "guanxi_apple" not in sys.modules


@pytest.mark.parametrize(
    ("version", "blocked"),
    [("1.1", False), ("1.2", True), ("1.3.dev1", True), ("1.4", False), ("no version", True)],
)
def test_a_block_counts_for_its_range_of_versions(version: str, blocked: bool) -> None:
    assert Block("apple", "why", ">=1.2,<1.4").covers(version) is blocked
    assert Block("apple", "why").covers(version)


def test_a_block_with_no_range_of_versions_is_refused() -> None:
    with pytest.raises(PluginError, match=r"bad_block: 'one' is no range of versions"):
        Block("apple", "why", "one")


def test_lists_that_would_mean_something_else_are_refused() -> None:
    with pytest.raises(PluginError, match="bad_allow: allow is the text 'retail'"):
        discover(allow="retail")
    with pytest.raises(PluginError, match="bad_block: 'retail' in the list of blocks is no Block"):
        discover(block=["retail"])  # type: ignore[list-item]


def test_a_blocked_plugin_is_no_error_even_where_errors_are_raised(site: Site) -> None:
    site.add("apple")
    one = found(strict=True, block=[Block("apple", "why")])["apple"]
    assert "plugin_blocked" in (one.error or "")


def test_a_block_without_a_reason_is_refused() -> None:
    for reason in ("", "  "):
        with pytest.raises(PluginError, match="bad_block: a block gives no reason"):
            Block("apple", reason)


def test_a_single_block_is_a_list_of_one(site: Site) -> None:
    site.add("apple")
    assert found(block=Block("apple", "not ripe"))["apple"].blocked == "not ripe"


@pytest.mark.parametrize("options", [{"allow": ["aple"]}, {"block": [Block("aple", "why")]}], ids=str)
def test_a_name_in_a_list_that_nobody_has_is_told_and_raised_where_errors_are(
    site: Site, options: dict[str, Any]
) -> None:
    site.add("apple")
    one = found(**options)["aple"]
    (which,) = options
    assert (one.distribution, one.parts, one.blocked) == ("not installed", None, None)
    assert f"{which} names aple, and no plugin of that name is installed" in (one.error or "")
    assert "apple? There are: apple" in (one.error or "")
    assert f"{which} 列有 aple" in one.why("zh")
    with pytest.raises(PluginError, match="plugin_not_installed"):
        discover(strict=True, **options)
    with pytest.warns(PluginRefused, match="aple"):
        guanxi.open("sqlite://", **options).close()


def test_a_blocked_plugin_gives_no_warning_and_its_reason_to_whoever_misses_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ledger = guanxi.open("sqlite://", block=Block("retail", "under audit"))
    from guanxi_retail import PointsRules, RecordPurchase

    ledger.execute("C-1", guanxi.OpenFile(name="Li"), actor="me")
    missing = (
        ("unknown_report", lambda: ledger.report("retail.rfm")),
        ("unknown_run", lambda: ledger.run("retail.abc", actor="me")),
        ("unknown_read_model", lambda: ledger.reporting.rebuild("retail.customers")),
        ("unknown_read_model", lambda: ledger.reporting.check(["retail.customers"])),
        ("unknown_read_model", lambda: ledger.reporting.retry("retail.customers")),
        ("unknown_rule_set", lambda: ledger.what_if([PointsRules()])),
        (
            "unknown_rule_set",
            lambda: ledger.publish(PointsRules(), effective_from=ledger.clock(), by="me", approved_by="you"),
        ),
        (
            "unknown_command",
            lambda: ledger.execute(
                "C-1", RecordPurchase(receipt="A", paid=guanxi.Money("1", "CNY")), actor="me"
            ),
        ),
    )
    for said, ask in missing:
        with pytest.raises(Unknown) as refused:
            ask()
        assert refused.value.code == said
        assert refused.value.message.endswith(" (plugin retail is blocked: under audit)")
        assert refused.value.zh.endswith("（插件 retail 已被禁用：under audit）")
    with pytest.raises(Unknown, match=r"there is no report core\.none\. "):
        ledger.report("core.none")
    ledger.close()


def test_why_a_plugin_failed_is_told_to_whoever_misses_it(site: Site) -> None:
    site.add("bad", "1 / 0", manifest=bare("bad"))
    with pytest.warns(PluginRefused):
        ledger = guanxi.open("sqlite://", allow=["bad"])
    with pytest.raises(
        Unknown, match=r"no report bad\.list \(plugin bad is refused: bad .*ZeroDivisionError"
    ):
        ledger.report("bad.list")
    ledger.close()


def test_one_read_model_may_be_named_by_a_text_alone() -> None:
    ledger = guanxi.open("sqlite://", allow=["retail"])
    assert ledger.reporting.rebuild("core.files").swapped == ("core.files",)
    assert [c.model for c in ledger.reporting.check("core.files")] == ["core.files"]
    with pytest.raises(Unknown, match="there is no read model nope"):
        ledger.reporting.rebuild("nope")
    ledger.close()


# failing alone

FAILING = {
    "an import error": ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
    "a syntax error": ("def plugin(:", "SyntaxError"),
    "an exit": ("raise SystemExit(3)", "SystemExit: 3"),
    "any exception": ("1 / 0", "ZeroDivisionError: division by zero"),
    "nothing by that name": ("", "AttributeError: module 'guanxi_bad' has no attribute 'plugin'"),
}


@pytest.mark.parametrize(("source", "told"), FAILING.values(), ids=FAILING)
def test_a_plugin_that_cannot_be_imported_is_told_and_the_others_go_on(
    site: Site, source: str, told: str
) -> None:
    site.add("bad", source, version="0.7", manifest=bare("bad"))
    site.add("good")
    both = found()
    assert both["good"].error is None
    assert both["bad"].parts is None
    assert (both["bad"].error or "").startswith("plugin_failed: bad (guanxi-bad 0.7): ")
    assert told in (both["bad"].error or "")
    assert "可接受" in both["bad"].why("zh")


@pytest.mark.parametrize("source", [s for s, _ in FAILING.values()], ids=list(FAILING))
def test_the_same_is_raised_where_the_host_wants_it(site: Site, source: str) -> None:
    site.add("bad", source, version="0.7", manifest=bare("bad"))
    with pytest.raises(PluginError, match=r"plugin_failed: bad \(guanxi-bad 0\.7\): "):
        discover(strict=True)


def test_where_it_failed_is_said(site: Site) -> None:
    site.add("bad", "x = 1\nx / 0\n", manifest=bare("bad"))
    assert "guanxi_bad/__init__.py, line 2)" in (found()["bad"].error or "")


def test_a_refusal_of_the_kernel_during_import_names_the_plugin(site: Site) -> None:
    body = """
    @attrs.define
    class State: pass
    @command("bad.tell")
    class Tell(Command): pass
    facet = Facet("bad.facet", State)
    @facet.evolve
    def wrong(s: State, c: Tell) -> None: ...
    """
    site.add("bad", code("bad", body), manifest=bare("bad"))
    error = found()["bad"].error or ""
    assert "bad_signature: bad (guanxi-bad 1.0): bad.facet: wrong takes Tell" in error
    assert "wrong 的参数类型为 Tell" in found()["bad"].why("zh")


def test_a_hook_that_raises_names_the_plugin(site: Site) -> None:
    hook = "class Plugin:\n    @hookimpl\n    def guanxi_parts(self):\n        raise KeyError('x')\n"
    site.add("bad", code("bad", hook=hook), manifest=bare("bad"))
    assert "hook_failed: bad (guanxi-bad 1.0): KeyError: 'x'" in (found()["bad"].error or "")


# names


def test_two_claimants_of_a_name_are_both_refused_and_both_named(site: Site) -> None:
    site.add("apple", distribution="first-apples", package="first")
    site.add("apple", distribution="second-apples", version="2.0", package="second")
    site.add("mango")
    both = [p for p in discover() if p.name == "apple"]
    assert [p.parts for p in both] == [None, None]
    for one in both:
        assert "plugin_name_taken" in (one.error or "")
        assert "first-apples 1.0 (first:plugin) and second-apples 2.0 (second:plugin)" in (one.error or "")
        assert "同时占用" in one.why("zh")
    assert found()["mango"].error is None
    assert "first" not in sys.modules
    with pytest.raises(PluginError, match="plugin_name_taken"):
        discover(strict=True)


def test_one_distribution_that_claims_a_name_twice_is_refused_too(site: Site) -> None:
    site.add("apple", points="apple = guanxi_apple:plugin\napple = guanxi_apple:other")
    assert all("plugin_name_taken" in (p.error or "") for p in discover() if p.name == "apple")


def test_an_entry_point_named_otherwise_than_its_plugin_is_refused(site: Site) -> None:
    site.add("apple", points="pear = guanxi_apple:plugin")
    assert "name_mismatch: the entry point pear (guanxi-apple 1.0) leads to the manifest of apple" in (
        found()["pear"].error or ""
    )


# the surface's version


@pytest.mark.parametrize("api", [">=2", "<1", "==0.9"])
def test_a_plugin_for_another_surface_is_refused_before_it_is_imported(site: Site, api: str) -> None:
    text = bare("old").replace('">=1,<2"', f'"{api}"')
    site.add("old", "raise RuntimeError('never')", manifest=text)
    assert (found()["old"].error or "").startswith(
        f"api_mismatch: old (guanxi-old 1.0): it was written for surface {api}, and this is surface 1.0"
    )
    assert "guanxi_old" not in sys.modules
    assert "接口版本" in found()["old"].why("zh")


# manifests


def test_a_plugin_without_a_manifest_is_refused_and_told_how_to_make_one(site: Site) -> None:
    site.add("apple", manifest=None)
    error = found()["apple"].error or ""
    assert "manifest_missing: apple (guanxi-apple 1.0), guanxi_apple: there is no plugin.toml" in error
    assert "guanxi plugins manifest" in error
    assert "guanxi_apple" not in sys.modules


def test_a_plugin_whose_manifest_cannot_be_read_is_refused_with_the_line(site: Site) -> None:
    site.add("apple", manifest="manifest = 1\n[plugin\n")
    error = found()["apple"].error or ""
    assert "manifest_unreadable: apple (guanxi-apple 1.0): " in error
    assert "line 2" in error


def test_a_plugin_whose_manifest_differs_from_its_code_is_refused_with_the_difference(site: Site) -> None:
    body = '@event("apple.picked")\nclass Picked(Fact):\n    tree: str\n'
    site.add("apple", code("apple", body, "events=(Picked,)"), manifest=bare("apple"))
    error = found()["apple"].error or ""
    assert "manifest_differs: apple (guanxi-apple 1.0): " in error
    assert 'events."apple.picked" is in the code but not in the manifest' in error


def test_a_plugin_in_a_module_of_its_package_has_the_package_s_manifest(site: Site) -> None:
    site.add("apple", module="inner")
    assert found()["apple"].error is None


# putting together


def test_a_plugin_object_may_be_handed_to_open(site: Site) -> None:
    site.add("apple")
    import guanxi_apple  # type: ignore[import-not-found]

    ledger = guanxi.open("sqlite://", plugins=[guanxi_apple.plugin])
    assert [p.name for p in ledger.parts] == ["core", "apple"]
    assert [p.distribution for p in ledger.installed] == ["handed over by the host"]
    ledger.close()


@pytest.mark.parametrize("thing", [object(), 7, None, shop], ids=["object", "number", "none", "module"])
def test_what_is_no_plugin_is_refused_as_one_and_not_by_an_attribute_error(thing: object) -> None:
    with pytest.raises(PluginError, match=r"hook_missing: .*: it has no guanxi_parts"):
        guanxi.open("sqlite://", plugins=[thing])


def test_open_uses_what_is_allowed_leaves_out_what_is_blocked_and_says_so(site: Site) -> None:
    site.add("apple")
    site.add("mango")
    ledger = guanxi.open(
        "sqlite://", allow=("apple", "mango"), block=[Block("mango", "not ripe")], strict=True
    )
    assert [p.name for p in ledger.parts] == ["core", "apple"]
    assert ["not ripe" in (p.error or "") for p in ledger.installed] == [False, True]
    ledger.close()


def test_open_goes_on_without_a_broken_plugin_unless_strict(site: Site) -> None:
    site.add("bad", "1 / 0", manifest=bare("bad"))
    site.add("good")
    with pytest.warns(
        PluginRefused, match=r"without the plugin bad \(guanxi-bad 1\.0\): plugin_failed"
    ) as told:
        ledger = guanxi.open("sqlite://", allow=("bad", "good"))
    assert len(told) == 1
    assert told[0].filename == __file__
    assert [p.name for p in ledger.parts] == ["core", "good"]
    assert [p.error is None for p in ledger.installed] == [False, True]
    ledger.close()
    with pytest.raises(PluginError, match="plugin_failed"):
        guanxi.open("sqlite://", allow=("bad", "good"), strict=True)


def test_the_same_parts_handed_over_twice_are_refused() -> None:
    with pytest.raises(PluginError, match="handed_over_twice: the same parts are handed over twice: shop"):
        guanxi.open("sqlite://", plugins=[shop.parts, shop.parts])


def test_a_plugin_handed_over_beside_its_installed_self_is_refused_naming_both(site: Site) -> None:
    site.add("apple")
    installed = discover(allow=("apple",))
    assert installed[0].parts is not None
    with pytest.raises(PluginError) as caught:
        guanxi.open("sqlite://", plugins=[*installed, installed[0].parts])
    assert caught.value.code == "handed_over_twice"
    assert "apple (guanxi-apple 1.0) and apple (handed over by the host)" in caught.value.message
    with pytest.raises(PluginError, match="prefix_taken: two plugins are called apple"):
        guanxi.open("sqlite://", plugins=[*installed, parts("apple")])


def test_nobody_is_called_like_the_core() -> None:
    with pytest.raises(
        PluginError, match=r"prefix_taken: two plugins are called core: core \(guanxi\) and core"
    ):
        guanxi.open("sqlite://", plugins=[parts("core")])


def test_the_core_hands_its_parts_over_through_the_same_hook() -> None:
    assert parts_of(CORE) is guanxi.relationship.parts
    assert [p.name for p in assemble((), (CORE,)).parts] == ["core"]


def test_what_falls_with_a_refused_plugin_falls_too_and_the_rest_stands(site: Site) -> None:
    apple = """
    @attrs.define
    class Tree: pass
    tree = Facet("apple.tree", Tree)
    """
    pear = """
    from guanxi_apple import tree
    @attrs.define
    class Twig: pass
    twig = Facet("pear.twig", Twig, reads=(tree,))
    """
    points = "apple = guanxi_apple:plugin\npear = guanxi_apple.pear:plugin"
    folder = site.add("apple", code("apple", apple, "facets=(tree,)"), points=points)
    (folder / "pear.py").write_text(code("pear", pear, "facets=(twig,)"), "utf-8")
    site.forget()
    both = found()
    assert "name_mismatch" in (both["pear"].error or "")
    inner = folder / "pear"
    (folder / "pear.py").unlink()
    inner.mkdir()
    (inner / "__init__.py").write_text(code("pear", pear, "facets=(twig,)"), "utf-8")
    (inner / "plugin.toml").write_text(
        bare("pear") + '\n[facets."pear.twig"]\nsubject = "customer"\nversion = 1\nreads = ["apple.tree"]\n',
        "utf-8",
    )
    site.forget()
    assert found()["pear"].error is None
    text = (folder / "plugin.toml").read_text("utf-8")
    (folder / "plugin.toml").write_text(text.replace("version = 1\n", "version = 2\n", 1), "utf-8")
    site.forget()
    both = found()
    assert "manifest_differs" in (both["apple"].error or "")
    assert (
        "reads_unknown: pear (guanxi-apple 1.0): pear.twig reads apple.tree, of apple (guanxi-apple 1.0)"
        in (both["pear"].error or "")
    )


def test_every_refusal_is_said_in_both_languages(site: Site) -> None:
    site.add("bad", "1 / 0", manifest=bare("bad"))
    refusal = found()["bad"].refusal
    assert isinstance(refusal, GuanxiError)
    assert refusal.zh != refusal.message
