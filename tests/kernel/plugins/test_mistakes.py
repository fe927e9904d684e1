"""The mistakes of a plugin's author are told in the author's words: they name the handler, the plugin and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import (
    REVISE,
    Asked,
    Column,
    Command,
    Content,
    Decision,
    Due,
    Event,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    Picture,
    PluginError,
    Reader,
    ReadModel,
    Report,
    Rows,
    RuleSet,
    Upcaster,
    column,
    command,
    due,
    event,
    parameter,
    rule_set,
)
from guanxi.kernel.plugins import check
from guanxi.kernel.reports import check_picture
from guanxi.testing import Scenario, examine
from tests.kernel.plugins.installing import Site, bare, code


@event("mis.called")
class Called(Fact):
    n: int = 0


@event("mis.counted")
class Counted(Fact):
    n: int = 0


@event("mis.judged")
class Judged(Decision, late=REVISE, retroactive=REVISE):
    n: int = 0


@command("mis.call")
class Call(Command):
    n: int = 0


@due("mis.ring")
class Ring(Due):
    pass


@rule_set("mis.rules", Label("Rules", "规则"))
class Rules(RuleSet):
    days: int = parameter(3, label=Label("days", "天数"))


@attrs.define
class State:
    n: int = 0


@attrs.define
class Other:
    n: int = 0


def parts(*facets: Facet[Any], **more: Any) -> Parts:
    commands = (Call,) if any(Call in facet.deciders for facet in facets) else ()
    told: dict[str, Any] = {"events": (Called, Judged), "commands": commands, **more}
    return Parts(name="mis", version="1.0", title=Label("mis", "误"), facets=facets, **told)


def deciding(decider: Callable[..., Any], **more: Any) -> Parts:
    facet: Facet[Any] = Facet("mis.calls", State)
    decider.__annotations__["c"] = Call
    facet.decide(decider)
    return parts(facet, **more)


def refused(handed: Parts, code: str, *told: str) -> PluginError:
    """Give the one order, and assert how it is refused."""
    with pytest.raises(PluginError) as caught:
        Scenario(handed).when("2025-03-01", Call())
    assert caught.value.code == code, caught.value
    for text in told:
        assert text in caught.value.message
    assert not caught.value.zh.isascii()
    return caught.value


# ---------------------------------------------------------------- what is not handed over, or not declared


def test_a_late_effect_that_is_a_text_is_refused_for_that_plugin_alone(site: Site) -> None:
    body = '@event("bad.judged")\nclass Judged(Decision, late="revise", retroactive=REVISE):\n    n: int\n'
    site.add("bad", code("bad", body, "events=(Judged,)"), manifest=bare("bad"))
    site.add("good")
    both = {p.name: p for p in guanxi.discover()}
    assert "late_effect_wrong: bad (guanxi-bad 1.0): bad.judged" in (both["bad"].error or "")
    assert "declares late='revise'" in (both["bad"].error or "")
    assert both["good"].error is None


def test_a_check_that_fails_over_strange_parts_refuses_that_plugin_alone(site: Site) -> None:
    body = 'class Odd(Report):\n    @property\n    def columns(self):\n        raise OSError("gone")\n'
    odd = "reports=(Odd.__new__(Odd),)"
    site.add("bad", code("bad", body, odd), manifest=bare("bad"))
    site.add("good")
    both = {p.name: p for p in guanxi.discover()}
    assert "check_failed: bad (guanxi-bad 1.0): its parts cannot be looked at" in (both["bad"].error or "")
    assert both["good"].error is None


def tells_uncounted(s: State, c: Call, now: Now) -> Iterator[Event]:
    yield Counted()


def test_an_event_that_only_running_shows_to_be_missing_names_plugin_handler_and_event() -> None:
    handed = deciding(tells_uncounted)
    refused(
        handed, "event_not_handed_over", "mis: ", "test_mistakes.tells_uncounted of mis.calls", "mis.counted"
    )
    failed = [f for f in examine(handed, examples=3, fresh=False) if f.status == "failed"]
    assert failed
    assert any("tells_uncounted of mis.calls yielded mis.counted" in f.detail for f in failed)


def test_an_event_that_an_annotation_names_is_missed_at_start() -> None:
    def tells(s: State, c: Call, now: Now) -> Iterator[Called | Counted]:
        yield Called()

    with pytest.raises(PluginError, match=r"event_not_handed_over: mis .* mis\.counted"):
        check(deciding(tells))


def asks_rules(s: State, c: Call, now: Now) -> Iterator[Event]:
    yield Called(n=now.rules(Rules).days)


def asks_no_rules(s: State, c: Call, now: Now) -> Iterator[Event]:
    yield Called(n=now.rules(State).n)  # type: ignore[type-var]


@pytest.mark.parametrize(("decider", "what"), [(asks_rules, "mis.rules"), (asks_no_rules, "State")])
def test_rules_that_nobody_handed_over_name_who_asks_and_the_remedy(decider: Any, what: str) -> None:
    error = refused(
        deciding(decider), "rule_set_unknown", f"test_mistakes.{decider.__name__} asks for the rules {what}"
    )
    assert "Parts.rule_sets" in error.accepts


def asks_other(s: State, c: Call, now: Now) -> Iterator[Event]:
    yield Called(n=now.of(Other).n)


def test_a_state_that_is_not_declared_to_be_read_is_refused_naming_both_facets() -> None:
    facet: Facet[Any] = Facet("mis.calls", State)
    facet.decide(asks_other)
    other: Facet[Any] = Facet("mis.others", Other)
    refused(parts(facet, other), "reads_undeclared", "test_mistakes.asks_other of mis.calls", "of mis.others")
    failed = [f for f in examine(parts(facet, other), examples=3, fresh=False) if f.status == "failed"]
    assert any("reads_undeclared" in f.detail for f in failed)
    reading: Facet[Any] = Facet("mis.calls", State, reads=(other,))
    reading.decide(asks_other)
    Scenario(parts(reading, other)).when("2025-03-01", Call()).then(Called())


@attrs.define
class Row:
    n: int = 0


@attrs.define
class Keyed:
    k: str = column(key=True)
    n: int = 0


rows_a, rows_b = ReadModel("mis.a", Row), ReadModel("mis.b", Row)
COLUMNS = (Column("n", Label("n", "数"), "integer"),)


def reads_both(reader: Reader, parameters: None, asked: Asked) -> Content:
    return Content([(r.n,) for m in (rows_a, rows_b) for _, r in reader.rows(m)])


def test_a_report_that_reads_what_it_does_not_declare_is_refused_at_every_cut() -> None:
    report = Report("mis.r", Label("r", "表"), (rows_a,), COLUMNS, reads_both)
    s = Scenario(parts(read_models=(rows_a, rows_b), reports=(report,)))
    for cut in ({}, {"as_of": "2025-01-01"}):
        with pytest.raises(PluginError, match=r"read_undeclared: the report mis\.r reads mis\.b"):
            s.ledger.report("mis.r", **cut)


def test_a_picture_of_columns_that_are_not_there_is_refused_naming_report_axis_and_column() -> None:
    def build(reader: Reader, parameters: None, asked: Asked) -> Content:
        return Content([])

    wrong = Picture("bars", x="n", y="m", title=Label("t", "题"))
    report = Report("mis.r", Label("r", "表"), (rows_a,), COLUMNS, build, picture=wrong)
    handed = parts(read_models=(rows_a,), reports=(report,))
    result = Scenario(handed).ledger.report("mis.r")
    for ask in (lambda: check_picture(result), result.as_html):
        with pytest.raises(
            PluginError, match=r"picture_column_unknown: .*mis\.r takes y from the column 'm'"
        ):
            ask()
    (foots,) = [f for f in examine(handed, examples=3, fresh=False) if f.property == "reports_foot"]
    assert foots.status == "failed"
    assert "picture_column_unknown" in foots.detail


def test_a_due_moment_with_a_foreign_prefix_is_refused() -> None:
    @due("sim.ring")
    class Rings(Due):
        pass

    def rings(s: State, d: Any, now: Now) -> Iterator[Event]:
        yield Judged()

    facet: Facet[Any] = Facet("mis.calls", State)
    rings.__annotations__["d"] = Rings
    facet.react("MIS-1")(rings)
    with pytest.raises(PluginError, match=r"foreign_prefix: mis .* hands over 'sim\.ring'"):
        check(parts(facet))


# ---------------------------------------------------------------- decoration


def _two(s: State, e: Called) -> None: ...


def _three(s: State, e: Called, now: Now) -> None: ...


def _four(s: State, e: Called, now: Now, more: object) -> None: ...


_calls: Any = Facet("mis.calls", State)
DECORATED: dict[str, tuple[Callable[[], object], str]] = {
    "due('R')": (lambda: _calls.due("R"), "@due was given 'R' in place of a handler"),
    "evolve()": (lambda: _calls.evolve(), "@evolve: missing a required argument"),
    "holds without code": (lambda: _calls.holds("R"), "@holds: missing a required argument: 'code'"),
    "holds bare": (lambda: _calls.holds(_two), "@holds: missing a required argument: 'code'"),
    "event bare": (lambda: event(State), "@event was given State in place of a stored name"),  # type: ignore[arg-type]
    "event()": (lambda: event(), "@event was given nothing"),  # type: ignore[call-arg]
    "command bare": (lambda: command(State), "@command was given State"),  # type: ignore[arg-type]
    "due bare": (lambda: due(State), "@due was given State"),  # type: ignore[arg-type]
    "rule_set bare": (lambda: rule_set(State), "@rule_set was given State"),  # type: ignore[arg-type]
    "reads=('x',)": (lambda: Facet("mis.x", State, reads=("x",)), "reads=('x',)"),  # type: ignore[arg-type]
    "reads=facet": (lambda: Facet("mis.x", State, reads=_calls), "reads=<facet mis.calls>"),
    "react with two": (lambda: _calls.react("R")(_two), "_two takes (s, e)"),
    "holds with four": (lambda: _calls.holds("R", "c")(_four), "_four takes (s, e, now, more)"),
    "on with two": (lambda: ReadModel("mis.c", Row).on(_two), "_two takes (s, e)"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("decorate", "told"), DECORATED.values(), ids=DECORATED)
def test_a_decorator_that_is_used_wrongly_says_how_it_is_meant(
    decorate: Callable[[], object], told: str
) -> None:
    with pytest.raises(PluginError) as caught:
        decorate()
    assert told in caught.value.message
    assert caught.value.accepts
    assert not caught.value.zh.isascii()


# ---------------------------------------------------------------- what fails while it runs


def gives_one(s: State, c: Call, now: Now) -> Any:
    return Called()


def gives_none(s: State, c: Call, now: Now) -> Any:
    return None


@pytest.mark.parametrize("decider", [gives_one, gives_none])
def test_a_decider_that_yields_nothing_is_named_and_not_the_kernel(decider: Any) -> None:
    refused(deciding(decider), "handler_failed", f"test_mistakes.{decider.__name__} failed on ")


def tells_called(s: State, c: Call, now: Now) -> Iterator[Event]:
    yield Called()


def no_pair(s: State, e: Called, now: Now) -> Iterator[Any]:
    yield now.at


def naive(s: State, e: Called, now: Now) -> Iterator[Any]:
    yield datetime(2025, 4, 1), Ring()  # noqa: DTZ001


def a_day(s: State, e: Called, now: Now) -> Iterator[Any]:
    yield date(2025, 4, 1), Ring()


@pytest.mark.parametrize(
    ("waiter", "code", "told"),
    [
        (no_pair, "handler_failed", "no_pair failed on "),
        (naive, "bad_due_moment", "naive named datetime"),
        (a_day, "bad_due_moment", "a_day named datetime.date"),
    ],
)
def test_a_due_handler_that_names_no_moment_is_named(waiter: Any, code: str, told: str) -> None:
    facet: Facet[Any] = Facet("mis.calls", State)
    facet.decide(tells_called)
    facet.due(waiter)
    refused(parts(facet), code, f"test_mistakes.{told}")


def forgets(fields: dict[str, Any]) -> dict[str, Any]:
    return {}


def test_an_upcaster_that_forgets_a_field_is_named_with_event_and_version() -> None:
    @event("mis.old", version=2)
    class Old(Fact):
        n: int

    old = parts(events=(Old,), upcasters=(Upcaster("mis.old", 1, forgets),), commands=())
    codec = Scenario(old).ledger.codec
    with pytest.raises(PluginError, match=r"upcaster_failed: .*mis\.old v1, .* as v2 through .*\.forgets: "):
        codec.decode("mis.old", 1, '{"m":1}', "s", 1)


def test_rows_by_a_key_that_no_field_declares_name_model_and_handler() -> None:
    model = ReadModel("mis.a", Row)

    def fold(rows: Rows[Row], e: Any, at: datetime) -> None:
        rows[e.n].n += 1

    fold.__annotations__["e"] = Called
    model.on(fold)
    rows: Rows[Row] = Rows(model.make, lambda key: None, "s")
    with pytest.raises(
        PluginError, match=r"row_key_wrong: .*fold asks mis\.a for rows\[7\], and Row declares no key"
    ):
        model.fold(rows, [(Called(n=7), datetime(2025, 1, 1))])  # noqa: DTZ001
    keyed = ReadModel("mis.b", Keyed)
    assert keyed.make("x") == Keyed(k="x")


def test_a_row_field_that_no_column_keeps_names_model_and_row_class() -> None:
    @attrs.define
    class Tagged:
        tags: list[str] = attrs.field(factory=list)

    with pytest.raises(PluginError, match=r"row_type_unknown: the row field 'tags' of mis\.t \(.*Tagged\)"):
        ReadModel("mis.t", Tagged)
