"""``guanxi plugins check``: what a plugin lacks is named, with the entry that shows it; what is exempt is told with its reason."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from guanxi import GuanxiError, Label
from guanxi.testing import PROPERTIES
from guanxi_adapters.cli import projects
from guanxi_adapters.cli.quality import LEVELS, PASSED, RULES, Examinee, Standing, assess, reached
from guanxi_adapters.cli.scaffolding import make
from tests.adapters.cli.conftest import Ran

RETAIL = Path(__file__).resolve().parents[3] / "plugins" / "retail"
BY_NAME = {rule.name: rule for rule in RULES}


def edit(folder: Path, file: str, *pairs: tuple[str, str]) -> None:
    """Put something in place of something else in one of a plugin's files."""
    path = next(p for p in (folder / file, folder / "src" / "guanxi_renting" / file) if p.is_file())
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, (file, old)
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def remove(folder: Path, file: str) -> None:
    """Take one of a plugin's files away."""
    path = next(p for p in (folder / file, folder / "src" / "guanxi_renting" / file) if p.is_file())
    path.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make("renting", tmp_path)


@pytest.fixture
def asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Standing]]:
    """Ask one rule of the plugin in this process, as the check's own process does."""

    def forget() -> None:
        for name in [
            n for n in sys.modules if n.partition(".")[0] in ("guanxi_renting", "checked_test_conformance")
        ]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def ask(name: str) -> Standing:
        forget()
        project = projects.find(str(folder))
        with projects.environment(project) as variables:
            for path in reversed(variables["PYTHONPATH"].split(":")[:2]):
                monkeypatch.syspath_prepend(path)
            monkeypatch.setenv("PYTHONPATH", variables["PYTHONPATH"])
            (standing,) = assess(Examinee(project, examples=3, tests=False), (BY_NAME[name],))
        return standing

    yield ask
    forget()


def test_retail_is_at_the_top_of_the_scale() -> None:
    """Its own tests, the kit among them, and its README run in this suite anyway."""
    run_elsewhere = {"tests_pass", "readme_runs", *PROPERTIES}
    examinee = Examinee(projects.find(str(RETAIL)), examples=1, tests=False)
    rules = [rule for rule in RULES if rule.name not in run_elsewhere]
    standings = list(assess(examinee, rules))
    assert [(s.rule, s.detail) for s in standings if s.status not in PASSED] == []
    assert reached(standings) == "exemplary"
    assert {"every_event_came_up", "golden_complete", "explainable"} <= {s.rule for s in standings}


def manifest_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the plugin's manifest say what its code does."""
    from guanxi.kernel.plugins import exempt_in, manifest_of

    monkeypatch.syspath_prepend(str(folder / "src"))
    path = folder / "src" / "guanxi_renting" / "plugin.toml"
    module = importlib.import_module("guanxi_renting")
    made = attrs.evolve(manifest_of(module.plugin.guanxi_parts()), exempt=exempt_in(path))
    path.write_text(made.to_toml(), "utf-8")
    for name in [n for n in sys.modules if n.partition(".")[0] == "guanxi_renting"]:
        del sys.modules[name]


# ---------------------------------------------------------------- the whole check


@pytest.mark.slow
def test_a_failing_plugin_shows_what_failed_and_where(run: Callable[..., Ran], folder: Path) -> None:
    edit(
        folder,
        "reports.py",
        ("lent[month] - returned[month]", "lent[month]"),
        ("if opening == out", "if opening == opening"),
    )
    edit(folder, "labels.py", ('    "taken_by": Label("taken by", "领取人"),\n', ""))
    edit(
        folder, "tests/test_scenario.py", ('@pytest.mark.rule("RENTING-3", "RENTING-4")', "@pytest.mark.slow")
    )
    remove(folder, "py.typed")
    ran = run("plugins", "check", str(folder), "--no-tests", "--examples", "4", "--json")
    assert ran.code == 1
    answer = ran.json()
    assert (answer["level"], answer["asked"], answer["reached"]) == ("listed", "sound", False)
    failed = {r["rule"]: r for r in answer["rules"] if r["status"] == "failed"}
    assert set(failed) == {"labelled", "reports_foot", "readme_runs", "typed"}
    assert "renting.item_lent field taken_by has no label" in failed["labelled"]["detail"]
    assert "renting.item_lent: ItemLent(" in failed["labelled"]["entry"]
    assert "opening, lent and returned do not make the closing" in failed["reports_foot"]["detail"]
    assert "the least history that shows it" in failed["reports_foot"]["detail"]
    assert "renting.item_returned" in failed["reports_foot"]["entry"]
    assert failed["typed"]["detail"] == "guanxi_renting has no py.typed"


@pytest.mark.slow
def test_the_scale_is_shown_level_by_level_in_both_languages(run: Callable[..., Ran], folder: Path) -> None:
    edit(folder, "__init__.py", ('name="renting"', 'name="rentals"'))
    english = run("plugins", "check", str(folder), "--no-tests", "--level", "listed")
    assert english.code == 1
    lines = english.out.splitlines()
    assert lines[0] == "renting  guanxi-renting 0.1.0"
    assert "listed: it is what it says it is, and can be let in" in lines
    assert "  met       Its manifest is well-formed  manifest_valid" in lines
    assert "  FAILED    The strict loader lets it in  loads" in lines
    assert "  not seen  The manifest is true to the code  manifest_true" in lines
    assert "rentals" in english.out
    assert lines[-1] == "Level reached: none. Asked for: listed."
    chinese = run("plugins", "check", str(folder), "--no-tests", "--level", "listed", "--lang", "zh")
    assert "  不符    严格加载通过  loads" in chinese.out
    assert chinese.out.splitlines()[-1] == "达到等级：无。 要求等级：在册。"


def test_a_level_that_there_is_not_is_wrong_usage(run: Callable[..., Ran], folder: Path) -> None:
    ran = run("plugins", "check", str(folder), "--level", "perfect")
    assert ran.code == 2
    assert "listed | sound | proven | exemplary" in ran.err


def test_a_target_that_there_is_not_is_refused_naming_what_there_is(run: Callable[..., Ran]) -> None:
    ran = run("plugins", "check", "lendng")
    assert ran.code == 1
    assert (
        "no_such_plugin: lendng is neither a folder with a pyproject.toml nor an installed plugin" in ran.err
    )
    assert "retail" in ran.err


# ---------------------------------------------------------------- what is looked at


def test_an_editable_plugin_is_found_by_its_name_with_its_source() -> None:
    project = projects.find("retail")
    assert project.source is not None
    assert (project.source / "pyproject.toml").is_file()
    assert (project.name, project.distribution) == ("retail", "guanxi-retail")


def test_a_project_without_an_entry_point_is_refused(folder: Path) -> None:
    edit(
        folder,
        "pyproject.toml",
        ('[project.entry-points."guanxi.plugins"]', '[project.entry-points."other"]'),
    )
    with pytest.raises(GuanxiError, match=r"no_entry_point: .*pyproject\.toml names no plugin"):
        projects.find(str(folder))


def test_a_project_with_two_plugins_is_refused(folder: Path) -> None:
    edit(folder, "pyproject.toml", ('renting = "', 'more = "guanxi_renting:more"\nrenting = "'))
    with pytest.raises(GuanxiError, match=r"several_entry_points: .*names 2 plugins\. .*more, renting"):
        projects.find(str(folder))


def test_a_project_that_is_none_is_refused(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project\n", "utf-8")
    with pytest.raises(GuanxiError, match="project_unreadable"):
        projects.find(str(folder))


# ---------------------------------------------------------------- rules, one by one


@pytest.mark.parametrize(
    ("rule", "file", "old", "new", "told"),
    [
        ("manifest_valid", "plugin.toml", 'version = "0.1.0"', "", "plugin.version is missing"),
        ("loads", "events.py", ", late=REVISE, retroactive=REVISE", "", "does not declare what late entries do to it"),
        (
            "public_surface",
            "rules.py",
            "from guanxi import Label",
            "import guanxi.kernel.times\nfrom guanxi import Label",
            "rules.py, line 5 imports guanxi.kernel.times",
        ),
        (
            "public_surface",
            "rules.py",
            "from guanxi import Label",
            "import guanxi_retail\nfrom guanxi import Label",
            "rules.py, line 5 imports guanxi_retail",
        ),
        ("dependency_bounded", "pyproject.toml", "guanxi>=0.1,<0.2", "guanxi>=0.1", "guanxi>=0.1 has no upper end"),
        ("dependency_bounded", "pyproject.toml", '"guanxi>=0.1,<0.2"', "", "does not depend on guanxi"),
        ("rules_tested", "loans.py", '("RENTING-3")', '("RENTING-33")', "no test names RENTING-33 (of renting.loans)"),
        ("documented", "events.py", '    """An item came back."""\n\n', "", "guanxi_renting.events.ItemReturned has no docstring"),
        ("readme_runs", "README.md", 'ReturnItem(loan="L-1")', 'ReturnItem(loan="L-2")', "the README's Python fails: "),
        ("readme_runs", "README.md", "```python", "```py", "the README has no example"),
        ("changelog", "CHANGELOG.md", "## 0.1.0", "## 0.1.00", "CHANGELOG.md says nothing of 0.1.0"),
        ("bounded", "rules.py", '("items", "件"),\n        minimum=1,', '("items", "件"),', "renting.lending.at_most takes any number"),
        ("explainable", "events.py", "item: str = given()\n    days: int = limit()", "item: str\n    days: int", "renting.loan_overdue keeps no input"),
        ("personal_declared", "read_models.py", '    item: str = ""', '    item: str = ""\n    contact_name: str = ""', "renting.loan_rows.contact_name looks personal"),
        ("reports_add_up", "plugin.toml", '"reports_add_up:renting.overdue" = "a list; nothing in it adds up"', "", "renting.overdue proves nothing of what it shows"),
        ("exemptions_right", "plugin.toml", '"reports_add_up:renting.overdue"', '"reports_add_up:renting.movement"', "renting.movement is not in breach of reports_add_up"),
        ("exemptions_right", "plugin.toml", '"reports_add_up:renting.overdue"', '"beautiful"', "there is no rule beautiful to be exempt from"),
        ("exemptions_right", "plugin.toml", '"reports_add_up:renting.overdue"', '"loads"', "nobody is exempt from loads"),
    ],
)  # fmt: skip
def test_a_breach_of_a_rule_is_named(
    folder: Path, asked: Callable[[str], Standing], rule: str, file: str, old: str, new: str, told: str
) -> None:
    edit(folder, file, (old, new))
    standing = asked(rule)
    assert standing.status == "failed", standing
    assert told in standing.detail


def test_an_event_that_never_comes_up_is_named(
    folder: Path, asked: Callable[[str], Standing], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, "loans.py", ("    if d.loan in s.out:", "    if d.loan in s.unlent:"))
    manifest_anew(folder, monkeypatch)
    for golden in (folder / "tests" / "golden").iterdir():
        golden.unlink()
    standing = asked("every_event_came_up")
    assert (standing.status, standing.detail) == (
        "failed",
        "renting.loan_overdue came up in none of the made-up histories, nor in a golden one",
    )


def test_an_older_form_without_a_golden_entry_is_named(
    folder: Path, asked: Callable[[str], Standing], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(
        folder, "events.py", ('@event("renting.item_returned")', '@event("renting.item_returned", version=2)')
    )
    edit(
        folder,
        "__init__.py",
        ("Parts, hookimpl", "Parts, Upcaster, hookimpl"),
        ("commands=", 'upcasters=(Upcaster("renting.item_returned", 1, dict),), commands='),
    )
    manifest_anew(folder, monkeypatch)
    standing = asked("golden_complete")
    assert (standing.status, standing.detail) == (
        "failed",
        "no golden history shows renting.item_returned v2",
    )


def test_what_no_test_inherits_is_told(folder: Path, asked: Callable[[str], Standing]) -> None:
    (folder / "tests" / "test_conformance.py").unlink()
    standing = asked("conformance_inherited")
    assert standing.detail == "no test class inherits guanxi.testing.Conformance for it"


def test_an_exemption_is_shown_with_its_reason(folder: Path, asked: Callable[[str], Standing]) -> None:
    edit(
        folder,
        "plugin.toml",
        ("[quality.exempt]", '[quality.exempt]\nchangelog = "kept in the shop\'s wiki"'),
    )
    (folder / "CHANGELOG.md").unlink()
    assert (asked("changelog").status, asked("changelog").detail) == ("exempt", "kept in the shop's wiki")
    partly = asked("reports_add_up")
    assert (partly.status, partly.detail) == ("exempt", "renting.overdue: a list; nothing in it adds up")


def test_tests_that_are_left_out_are_not_seen(asked: Callable[[str], Standing]) -> None:
    standing = asked("tests_pass")
    assert (standing.status, standing.detail) == ("unseen", "left out by --no-tests")


def test_tests_that_fail_are_named(folder: Path, asked: Callable[[str], Standing]) -> None:
    for file in (folder / "tests").glob("test_*.py"):
        file.unlink()
    (folder / "tests" / "test_it.py").write_text("def test_it():\n    assert 1 == 2\n", "utf-8")
    project = projects.find(str(folder))
    (standing,) = assess(Examinee(project), (BY_NAME["tests_pass"],))
    assert standing.status == "failed"
    assert "test_it.py::test_it" in standing.detail
    assert "1 failed" in standing.detail


# ---------------------------------------------------------------- the scale itself


def standings(**status: Any) -> list[Standing]:
    return [
        Standing(level, level, Label(level, level), status.get(level, "met"))  # type: ignore[arg-type]
        for level in LEVELS
    ]


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ({}, "exemplary"),
        ({"exemplary": "failed"}, "proven"),
        ({"exemplary": "exempt", "sound": "not_applicable"}, "exemplary"),
        ({"proven": "unseen"}, "sound"),
        ({"sound": "failed", "proven": "failed"}, "listed"),
        ({"listed": "failed"}, None),
    ],
)
def test_a_level_is_reached_when_it_and_all_below_are_passed(
    status: dict[str, Any], level: str | None
) -> None:
    assert reached(standings(**status)) == level


def test_every_property_of_the_kit_is_on_the_scale() -> None:
    from guanxi.testing import PROPERTIES

    assert set(PROPERTIES) <= {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)
