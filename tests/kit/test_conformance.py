"""The conformance kit finds what is broken, says which entry broke which property, and finds nothing where nothing is."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import strategies as st

from guanxi import Column, Content, Fact, Label, Population, Report, Run, Unknown, event
from guanxi.kernel.plugins import manifest_of
from guanxi.relationship import parts as core_parts
from guanxi.testing import PROPERTIES, Conformance, Finding, Golden, Scenario, examine
from guanxi.testing.conformance import CHECKS
from guanxi.testing.examining import Examination
from guanxi.testing.watching import Watch, watched
from tests.docs import pages
from tests.kit.broken import sound
from tests.kit.broken.sound import Count, Counted

COUNTED = r"C-[12] #\d+, 20\d\d-\d\d-\d\d \d\d:\d\d, tally\.counted: Counted\("
WEIGHED = r"C-[12] #\d+, 20\d\d-\d\d-\d\d \d\d:\d\d, tally\.weighed: Weighed\("


@attrs.frozen
class Fault:
    """What a broken plugin must be found out by.

    Args:
        entry: pattern of the entry that is named.
        detail: pattern of what is said.
        also: properties that it cannot help but break too.
    """

    entry: str | None
    detail: str
    also: tuple[str, ...] = ()


FAULTS = {
    "pure": Fault(COUNTED, r"broken\.pure\.fill: it changes the state"),
    "deterministic": Fault(
        WEIGHED, r"another interpreter, with hash seed \d, has .* where this one has", also=()
    ),
    "hindsight": Fault(WEIGHED, "the same facts in the order in which they count does not draw it"),
    "reenactable": Fault(WEIGHED, "re-enacted", also=("hindsight",)),
    "rebuildable": Fault(
        COUNTED, "tally.items: kept entry by entry .* made anew", also=("batch_insensitive",)
    ),
    "idempotent": Fault(
        COUNTED, "opening a file again under the same command id adds it", also=("resumable",)
    ),
    "batch_insensitive": Fault(
        COUNTED,
        r"tally.items: in pages of 1 C-\d has ItemRow.*, in pages of \d+ C-\d has",
        also=("rebuildable",),
    ),
    "resumable": Fault(
        COUNTED, "without an interruption .* after the process was killed", also=("deterministic",)
    ),
    "clock_free": Fault(None, r"tally\.tally: .*clock_free\.weigh: _this_year reaches for datetime\.now"),
    "serialisable": Fault(
        r"C-\d #\d+, .*tally\.priced: Priced\(", r"price=Decimal\(.* reads back as Priced\(.*price='"
    ),
    "upcast_complete": Fault(
        r"emptied\.jsonl line 2, 2024-05-01 02:00, tally\.emptied v1", "it cannot be read: KeyError: 'hours'"
    ),
    "erasure_tolerant": Fault(
        COUNTED, "fails once personal values are erased: .*'Erased' object has no attribute 'upper'"
    ),
    "labelled": Fault(COUNTED, "tally.counted has no Chinese text: 'counted'"),
    "manifest_true": Fault(None, r"tally\.weighed"),
    "reports_foot": Fault(COUNTED, "tally.items now: does_not_foot: tally.items: . was counted 2 times"),
}

FRESH = ("deterministic", "resumable")
"""Properties that need a further interpreter to be seen broken."""


def failures(findings: list[Finding]) -> dict[str, Finding]:
    return {f.property: f for f in findings if f.status == "failed"}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROPERTIES)
def test_a_plugin_that_breaks_a_property_is_found_out_and_its_entry_named(name: str) -> None:
    module: Any = import_module(f"tests.kit.broken.{name}")
    fault = FAULTS[name]
    findings = failures(
        examine(
            module.parts,
            manifest=getattr(module, "manifest", None),
            golden=[module.golden] if hasattr(module, "golden") else (),
            examples=6,
            fresh=name in FRESH,
        )
    )
    shown = "\n".join(f.describe() for f in findings.values())
    assert set(findings) == {name, *fault.also}, shown
    assert re.search(fault.detail, findings[name].detail, re.DOTALL), shown
    if fault.entry is not None:
        assert findings[name].entry is not None, shown
        assert re.search(fault.entry, findings[name].entry or ""), shown


def test_every_property_has_a_check_and_a_broken_plugin() -> None:
    assert tuple(CHECKS) == PROPERTIES
    assert set(FAULTS) == set(PROPERTIES)


def test_a_field_that_is_a_float_is_found_although_no_ledger_takes_it() -> None:
    @event("tally.rated")
    class Rated(Fact):
        rate: float

    labels = {**sound.LABELS, "tally.rated": Label("rated", "评级"), "rate": Label("rate", "比率")}
    rated = attrs.evolve(sound.parts, events=(*sound.parts.events, Rated), labels=labels)
    found = failures(examine(rated, examples=2, fresh=False))
    assert list(found) == ["serialisable"]
    assert (found["serialisable"].entry, found["serialisable"].detail) == (
        "tally.rated",
        "tally.rated.rate is a float, which is not exact",
    )


# Where nothing is broken

INTERNAL = [c for f in core_parts.facets if f.subject != "customer" for c in f.deciders]
"""What the core orders itself to do; nobody gives these at random."""


class TestSound(Conformance):
    plugin = sound.parts
    manifest = manifest_of(sound.parts)
    examples = 12


class TestCore(Conformance):
    plugin = core_parts
    commands: ClassVar[dict[type[Any], Any]] = {c: st.nothing() for c in INTERNAL}
    examples = 12


def from_page(name: str, wanted: str) -> Any:
    """Return the plugin that a page for authors builds, as it builds it."""
    page = pages.read(pages.ROOT / "docs" / "plugin-authors" / name)
    module = ModuleType(f"page_{name.partition('.')[0]}")
    sys.modules[module.__name__] = module
    for block in page.blocks:
        if block.language == "python":
            exec(compile(block.text, "page", "exec"), module.__dict__)
        if wanted in module.__dict__:
            break
    return module.__dict__[wanted]


class TestRepairShop(Conformance):
    plugin = from_page("index.md", "plugin")
    manifest = manifest_of(plugin.guanxi_parts())
    examples = 12


class TestFilterService(Conformance):
    plugin = from_page("relationship.md", "parts")
    manifest = manifest_of(plugin)
    examples = 12


# What is watched still answers


def test_cadences_reports_and_overviews_of_a_watched_plugin_answer_as_the_plugin_does() -> None:
    filters = TestFilterService.plugin
    change = filters.commands[0]
    count = Report(
        name="filters.count",
        title=Label("Changes", "更换次数"),
        reads=filters.read_models,
        columns=(Column("count", Label("Count", "次数"), "integer"),),
        build=lambda reader, parameters, asked: Content([(len(list(reader.rows(filters.read_models[0]))),)]),
    )
    run: Run[Changes] = Run(
        "filters.changes_counted",
        Changes,
        reads=filters.read_models,
        population=lambda reader, parameters, asked: Population(
            {s for s, _ in reader.rows(filters.read_models[0])}
        ),
        judge=lambda reader, parameters, asked: (
            (s, Changes(len(reader.rows_of(filters.read_models[0], s))))
            for s in {s for s, _ in reader.rows(filters.read_models[0])}
        ),
    )
    # A cadence may read the lines of its own plugin's run.
    lines = attrs.evolve(
        filters.cadences[0], name="filters.of_lines", reads=(*filters.read_models, run.lines)
    )
    whole = attrs.evolve(filters, reports=(count,), runs=(run,), cadences=(*filters.cadences, lines))
    answers = []
    for one in (whole, watched(whole, Watch())):
        with Scenario(one) as s:
            s.when("2025-03-04 06:00", change(unit="cellar")).until("2025-03-05")
            due = [
                (r.cadence, r.key, r.until) for r in s.ledger.due_items() if r.cadence.startswith("filters.")
            ]
            rows = s.ledger.report("filters.count").rows
            ran = s.ledger.run("filters.changes_counted", actor="clerk", reason="monthly")
            lines_told = [line for _, line in s.ledger.runs.lines(ran.id)]
            view = s.ledger.whole_view("C-1").section("filters.view_filters").rows
        answers.append((due, rows, lines_told, view))
    assert answers[0] == answers[1]
    assert answers[0][1:3] == (((1,),), [Changes(1)])
    assert answers[0][0] == [
        (name, "cellar/2025-03-04", datetime(2025, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai")))
        for name in ("filters.filter_change", "filters.of_lines")
    ]


@attrs.frozen
class Changes:
    count: int


# Who tells


def test_a_plugin_that_refuses_the_usual_actor_is_examined_as_somebody_whom_it_lets_in() -> None:
    assert "inspectors_only" in Examination(sound.guarded, examples=2).find("pure").detail
    findings = examine(sound.guarded, examples=4, fresh=False, actor="inspector")
    assert {f.status for f in findings} <= {"met", "not_applicable"}, failures(findings)


def test_a_test_class_says_who_tells_also_in_another_interpreter() -> None:
    class Guarded(Conformance):
        plugin = sound.guarded
        actor = "inspector"
        examples = 2

    assert "in three interpreters" in Guarded.finding("deterministic").detail
    Guarded().test_deterministic()
    Guarded().test_resumable()
    Guarded().test_reports_foot()
    Guarded().test_erasure_tolerant()


# Every gap


def test_all_that_lacks_words_is_named() -> None:
    bare = attrs.evolve(sound.parts, labels={})
    finding = Examination(bare, examples=2).find("labelled")
    gaps = finding.detail.split("; ")
    assert len(gaps) > 8
    assert all(gap.endswith("has no label") for gap in gaps), gaps


# What a finding says


def test_a_failure_shows_the_least_history_that_breaks_the_property() -> None:
    parts = import_module("tests.kit.broken.reports_foot").parts
    finding = Examination(parts, examples=6).find("reports_foot")
    history = finding.detail.partition("the least history that shows it:")[2].strip().splitlines()
    assert len(history) == 2
    assert all("Count(item='" in line for line in history)


def test_findings_come_in_the_order_of_the_properties_with_a_title_in_both_languages() -> None:
    findings = examine(
        attrs.evolve(sound.parts, facets=(), read_models=(), reports=(), commands=()), fresh=False
    )
    assert tuple(f.property for f in findings) == PROPERTIES
    assert all(f.title.zh and f.title.en for f in findings)
    assert {f.status for f in findings} <= {"met", "not_applicable"}


def test_an_exemption_is_shown_with_its_reason() -> None:
    findings = examine(
        import_module("tests.kit.broken.labelled").parts,
        exempt={"labelled": "one country"},
        examples=3,
        fresh=False,
    )
    (finding,) = [f for f in findings if f.property == "labelled"]
    assert (finding.status, finding.detail) == ("exempt", "one country")


def test_an_exemption_from_no_property_is_refused() -> None:
    with pytest.raises(Unknown, match="there is no property labeled"):
        examine(sound.parts, exempt={"labeled": "misspelt"})


def test_a_test_of_a_broken_plugin_fails_with_the_finding() -> None:
    class Broken(Conformance):
        plugin = import_module("tests.kit.broken.labelled").parts
        examples = 3

    with pytest.raises(AssertionError, match=r"labelled: failed \(Labelled in both languages\)\n  by C-"):
        Broken().test_labelled()


def test_a_test_of_an_exempt_property_is_skipped_with_the_reason() -> None:
    class Exempt(Conformance):
        plugin = sound.parts
        exempt: ClassVar[dict[str, str]] = {"pure": "for the test"}

    with pytest.raises(pytest.skip.Exception, match="exempt: for the test"):
        Exempt().test_pure()


def test_parts_that_no_ledger_takes_are_said_to_be_refused() -> None:
    broken = attrs.evolve(sound.parts, events=(Counted,))
    assert "the parts are refused" in Examination(broken, examples=2).find("pure").detail


# More that clocks and chance are found by


def test_a_clock_behind_a_helper_of_another_package_is_seen_by_what_handlers_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stranger = ModuleType("stranger")
    exec("import time\ndef tick():\n    return int(time.time()) * 0", stranger.__dict__)
    monkeypatch.setitem(sys.modules, "stranger", stranger)
    tick = stranger.__dict__["tick"]

    def weigh(s: sound.Tally, d: sound.WeekOver, now: Any) -> Any:
        yield sound.Weighed(item=d.item, total=tick())

    finding = Examination(sound.tally(weigh=weigh), examples=4).find("clock_free")
    assert "it asks time.time()" in finding.detail
    assert finding.entry is not None
    assert "WeekOver(item=" in finding.entry


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import uuid\ndef f(): return uuid.uuid4()", "uuid.uuid4"),
        ("from random import choice\ndef f(): return choice([1])", "random.choice"),
        ("def f():\n    import time\n    return time.monotonic()", "time.monotonic"),
        ("def f():\n    from datetime import date\n    return date.today()", "date.today"),
        ("import os\ndef f(): return os.environ['A']", "os.environ"),
        ("from datetime import datetime as d\ndef f(): return [d.now() for _ in 'a']", "datetime.now"),
        (
            "import secrets\nclass C:\n    def g(self): return secrets.token_hex()\ndef f(): return C().g()",
            "secrets.token_hex",
        ),
    ],
)
def test_code_that_reaches_for_a_clock_or_chance_is_read_out(code: str, reached: str) -> None:
    from guanxi.testing.scanning import Scan

    module = ModuleType("plugin_under_test")
    exec(code, module.__dict__)
    found = list(Scan("plugin_under_test").reached(module.__dict__["f"]))
    assert any(text.endswith(f"reaches for {reached}") for text in found), found


def test_code_that_only_counts_days_is_not() -> None:
    from guanxi.testing.scanning import Scan

    assert list(Scan("tests").reached(sound.wait)) == []


def test_a_handler_that_opens_a_file_is_not_pure(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"

    def weigh(s: sound.Tally, d: sound.WeekOver, now: Any) -> Any:
        notes.write_text("weighed")
        yield sound.Weighed(item=d.item, total=0)

    finding = Examination(sound.tally(weigh=weigh), examples=4).find("pure")
    assert f"it reaches outside: open {notes}" in finding.detail


# Golden histories


def test_a_golden_history_is_recorded_loaded_and_read(tmp_path: Path) -> None:
    s = Scenario(sound.parts)
    s.when("2025-01-05", Count(item="A", n=25))
    path = tmp_path / "counted.jsonl"
    written = Golden.record(s.ledger, "C-1", path)
    assert Golden.load(path) == written
    assert Golden.load_all(tmp_path) == (written,)
    (told,) = [e for e in written if e.name == Counted.stored_name]
    assert told.fields == {"item": "A", "n": 25, "by": "tester"}
    finding = Examination(sound.parts, golden=[written], examples=2).find("upcast_complete")
    assert finding.status == "met"
    assert "3 golden entries" in finding.detail


def test_a_golden_file_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"name": "a.b"}\n', "utf-8")
    with pytest.raises(Exception, match="line 1"):
        Golden.load(path)


def test_an_event_that_was_renamed_is_missed_by_its_golden_entries() -> None:
    gone = Golden("old.jsonl", (attrs.evolve(next(iter(_golden())), name="tally.numbered"),))
    finding = Examination(sound.parts, golden=[gone], examples=2).find("upcast_complete")
    assert "no class reads it any more" in finding.detail


def _golden() -> Golden:
    module: Any = import_module("tests.kit.broken.upcast_complete")
    golden: Golden = module.golden
    return golden


def test_labels_of_both_languages_are_told_apart() -> None:
    from guanxi.testing.conformance.texts import fault_of

    assert fault_of(Label("points", "积分")) is None
    assert fault_of(Label("RFM", "RFM")) is None
    assert fault_of(Label("alpha", "α")) is None
    assert fault_of(None) == "has no label"
    assert fault_of(Label("积分", "积分")) == "has an English text with Chinese in it: '积分'"
