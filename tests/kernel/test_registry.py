"""What plugins hand over is checked at start: names, forms, declarations, signatures, order; and old forms are read as today's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import (
    FROM_NOW,
    REVISE,
    Act,
    Command,
    Decision,
    Deed,
    Due,
    Event,
    Facet,
    Fact,
    Label,
    Ledger,
    Now,
    Parts,
    PluginError,
    Upcaster,
    command,
    due,
    event,
    field,
    key,
    personal,
    verify,
)
from guanxi.kernel.plugins import check
from guanxi.kernel.registry import Registry
from tests.kernel import shop
from tests.kernel.desks import Desk


def parts(name: str = "x", **more: Any) -> Parts:
    return Parts(name=name, version="1", title=Label(name, name), **more)


def opened(*plugins: Parts) -> Ledger:
    return guanxi.open("sqlite://", plugins=list(plugins))


def refused(code: str, *plugins: Parts) -> PluginError:
    with pytest.raises(PluginError) as caught:
        opened(*plugins).close()
    assert caught.value.code == code
    return caught.value


# names


def happened(name: str, version: int = 1) -> type[Fact]:
    @event(name, version=version)
    class Happened(Fact):
        pass

    return Happened


def test_two_classes_of_one_stored_name_are_refused() -> None:
    refused("event_name_taken", parts(events=(happened("x.thing"), happened("x.thing"))))


def test_a_name_claimed_by_two_plugins_is_refused_and_both_are_named() -> None:
    error = refused(
        "name_clash", parts("x", events=(happened("x.thing"),)), parts("y", events=(happened("x.thing"),))
    )
    assert "x (handed over by the host) and y (handed over by the host)" in error.message


def test_no_plugin_takes_a_name_of_the_core() -> None:
    refused("name_clash", parts("x", events=(happened("core.file_opened"),)))


def test_an_event_without_a_stored_name_is_refused() -> None:
    class Nameless(Fact):
        pass

    refused("event_unnamed", parts(events=(Nameless,)))


@pytest.mark.parametrize(
    ("handed", "code"),
    [
        (parts("x", events=(happened("y.thing"),)), "foreign_prefix"),
        (parts("X-1"), "bad_name"),
        (parts("x", api=">=2"), "api_mismatch"),
    ],
)
def test_names_outside_the_plugins_prefix_are_refused(handed: Parts, code: str) -> None:
    with pytest.raises(PluginError) as caught:
        check(handed)
    assert caught.value.code == code


def test_names_outside_the_prefix_are_refused_also_when_parts_are_handed_over_directly() -> None:
    refused("foreign_prefix", parts("x", events=(happened("y.thing"),)))


def test_two_facets_of_one_name_are_refused() -> None:
    refused("facet_name_taken", parts(facets=(Facet("x.a", shop.Shop), Facet("x.a", shop.Shop))))


# decisions


@pytest.mark.rule("CORE-93e")
@pytest.mark.parametrize(
    "declared",
    [{}, {"late": REVISE}, {"retroactive": REVISE}],
    ids=["nothing", "late only", "retroactive only"],
)
def test_a_decision_that_does_not_say_what_late_entries_do_to_it_is_refused(declared: dict[str, Any]) -> None:
    @event("x.drawn")
    class Drawn(Decision, **declared):
        pass

    error = refused("late_effect_missing", parts(events=(Drawn,)))
    assert error.rule == "CORE-93"
    assert not error.zh.isascii()


def test_a_decision_that_may_end_later_needs_somebody_who_knows_what_ending_means() -> None:
    @event("x.drawn")
    class Drawn(Decision, late=FROM_NOW, retroactive=REVISE):
        pass

    refused("ending_missing", parts(events=(Drawn,)))


# handlers


@attrs.define
class State:
    seen: list[str] = attrs.field(factory=list)


@event("x.happened")
class Happened(Fact):
    what: str = ""


@event("x.drawn")
class Drawn(Decision, late=REVISE, retroactive=REVISE):
    what: str = key(default="")


@event("x.done")
class Done(Deed):
    what: str = key(default="")


@command("x.tell")
class Tell(Command):
    what: str = ""


@due("x.noon")
class Noon(Due):
    pass


def no_second(s: State) -> None: ...
def unannotated(s: State, e) -> None: ...  # type: ignore[no-untyped-def]
def of_text(s: State, e: str) -> None: ...
def of_command(s: State, e: Tell) -> None: ...
def of_fact(s: State, e: Happened, now: Now) -> Iterator[Fact]: ...  # type: ignore[empty-body]
def of_moment(s: State, e: Noon) -> None: ...
def of_union(s: State, e: Happened | Tell) -> None: ...
def unknown_name(s: State, e: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821


BAD: list[tuple[Callable[..., Any], str]] = [
    (no_second, "evolve"),
    (unannotated, "evolve"),
    (of_text, "evolve"),
    (of_command, "evolve"),
    (of_moment, "evolve"),
    (of_union, "evolve"),
    (unknown_name, "evolve"),
    (of_fact, "decide"),
    (of_command, "due"),
    (of_fact, "ended"),
    (of_fact, "gate"),
]


@pytest.mark.parametrize(
    ("handler", "kind"), BAD, ids=[f"{kind} {handler.__name__}" for handler, kind in BAD]
)
def test_a_handler_of_the_wrong_thing_is_refused_when_it_registers(
    handler: Callable[..., Any], kind: str
) -> None:
    with pytest.raises(PluginError, match="bad_signature"):
        getattr(Facet("x.facet", State), kind)(handler)


def test_reactions_take_events_and_moments_only() -> None:
    with pytest.raises(PluginError, match="bad_signature"):
        Facet("x.facet", State).react("X-1")(of_command)


def test_two_handlers_of_one_facet_for_one_message_are_refused() -> None:
    facet = Facet("x.facet", State)

    @facet.evolve
    def _first(s: State, e: Happened) -> None: ...

    with pytest.raises(PluginError, match="two_handlers"):

        @facet.evolve
        def _second(s: State, e: Happened) -> None: ...


def decider(name: str, yields: Callable[[], Iterator[Any]] | None = None) -> Facet[State]:
    facet = Facet(name, type(name.replace(".", "_"), (State,), {}))

    @facet.decide
    def _tell(s: State, c: Tell, now: Now) -> Iterator[Any]:
        yield from (Happened(what=c.what),) if yields is None else yields()

    return facet


def test_two_facets_that_decide_one_command_are_refused() -> None:
    refused("two_deciders", parts(commands=(Tell,), facets=(decider("x.a"), decider("x.b"))))


def test_facets_that_read_each_other_are_refused_and_named() -> None:
    a, b, c = Facet("x.a", State), Facet("x.b", State), Facet("x.c", State)
    a.reads, b.reads, c.reads = (b,), (c,), (a,)
    assert "x.a → x.b → x.c → x.a" in refused("reads_cycle", parts(facets=(a, b, c))).message


def test_a_facet_that_reads_one_that_is_not_there_is_refused() -> None:
    refused("reads_unknown", parts(facets=(Facet("x.a", State, reads=(Facet("x.b", State),)),)))


@pytest.mark.parametrize(
    "name", ["stored_name", "schema_version", "key_fields", "is_standing", "entry_kind", "late_effect"]
)
def test_a_field_that_would_hide_what_the_class_is_called_is_refused(name: str) -> None:
    with pytest.raises(PluginError, match="reserved_name"):
        event("x.hiding")(type("Hiding", (Fact,), {"__annotations__": {name: str}, "__module__": __name__}))


# what handlers yield


def telling(
    yields: Callable[[], Iterator[Any]],
    reaction: Callable[[], Iterator[Any]] | None = None,
    effect: Callable[[], Iterator[Any]] | None = None,
) -> Parts:
    facet = decider("x.facet", yields)
    if reaction is not None:

        @facet.react("X-1")
        def _react(s: State, e: Happened, now: Now) -> Iterator[Any]:
            yield from reaction()

    if effect is not None:

        @facet.effect("X-2")
        def _act(s: State, e: Happened, now: Now) -> Iterator[Any]:
            yield from effect()

    return parts(events=(Happened, Drawn, Done), commands=(Tell,), facets=(facet,))


@pytest.mark.parametrize(
    ("handed", "code"),
    [
        (telling(lambda: iter([Drawn()])), "not_a_fact"),
        (telling(lambda: iter(["happened"])), "not_a_fact"),
        (telling(lambda: iter([Happened()]), lambda: iter([Happened()])), "not_a_decision"),
        (telling(lambda: iter([Happened()]), lambda: iter([Done()])), "not_a_decision"),
        (telling(lambda: iter([Happened()]), effect=lambda: iter([Happened()])), "not_a_deed"),
    ],
    ids=["a decider decides", "a decider talks", "a reaction tells", "a reaction does", "an effect tells"],
)
def test_whoever_yields_what_is_not_his_is_stopped_and_nothing_is_recorded(handed: Parts, code: str) -> None:
    with Desk(plugins=[handed]).open() as desk:
        before = desk.count()
        with pytest.raises(PluginError) as caught:
            desk.tell(Tell())
        assert caught.value.code == code
        assert desk.count() == before


def test_reactions_that_never_come_to_rest_are_stopped() -> None:
    facet = decider("x.facet")

    @facet.react("X-1")
    def _again(s: State, e: Happened | Drawn, now: Now) -> Iterator[Decision]:
        yield Drawn(what="again")

    with Desk(plugins=[parts(events=(Happened, Drawn), commands=(Tell,), facets=(facet,))]).open() as desk:
        before = desk.count()
        with pytest.raises(PluginError, match="no_rest"):
            desk.tell(Tell())
        assert desk.count() == before


# forms


@event("x.moved")
class MovedV1(Fact):
    to: str
    flat: str = personal("contact", default="")


@event("x.moved", version=3)
class MovedV3(Act):
    street: str
    town: str
    flat: str = personal("contact", default="")
    by: str = field(default="unknown")


@command("x.move")
class Move(Command):
    to: str
    flat: str = ""


@attrs.define
class Address:
    lines: list[str] = attrs.field(factory=list)


def moving(cls: type[Event], *upcasters: Upcaster) -> Parts:
    facet = Facet("x.address", Address)

    @facet.decide
    def _move(s: Address, c: Move, now: Now) -> Iterator[Fact]:
        if cls is MovedV1:
            yield MovedV1(to=c.to, flat=c.flat)
        else:
            street, _, town = c.to.partition(", ")
            yield MovedV3(street=street, town=town, flat=c.flat, by=now.actor)

    def _lives(s: Address, e: Any) -> None:
        s.lines.append(e.to if isinstance(e, MovedV1) else f"{e.street} | {e.town} | {e.flat} | {e.by}")

    _lives.__annotations__["e"] = cls
    facet.evolve(_lives)
    return parts(events=(cls,), upcasters=upcasters, commands=(Move,), facets=(facet,))


def split(fields: dict[str, Any]) -> dict[str, Any]:
    street, _, town = fields.pop("to").partition(", ")
    return {**fields, "street": street, "city": town}


def rename(fields: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in fields.items() if k != "city"}, "town": fields["city"]}


UPCASTERS = (Upcaster("x.moved", 1, split), Upcaster("x.moved", 2, rename))


@pytest.mark.parametrize(
    ("upcasters", "code"),
    [
        ((), "upcaster_missing"),
        (UPCASTERS[:1], "upcaster_missing"),
        (UPCASTERS[1:], "upcaster_missing"),
        ((*UPCASTERS, UPCASTERS[0]), "upcaster_twice"),
        ((*UPCASTERS, Upcaster("x.nothing", 1, rename)), "upcaster_unknown"),
    ],
)
def test_a_chain_of_forms_with_a_gap_is_refused_at_start(upcasters: tuple[Upcaster, ...], code: str) -> None:
    refused(code, moving(MovedV3, *upcasters))


def test_an_old_form_is_read_as_todays_wherever_it_is_read(sqlite_url: str) -> None:
    with Desk(sqlite_url, plugins=[moving(MovedV1)]).open() as desk:
        desk.tell(Move(to="1 Long Lane, Beijing", flat="7b"))
        entry = desk.ledger.store.entries(desk.stream())[-1]
    with Desk(sqlite_url, plugins=[moving(MovedV3, *UPCASTERS)]) as desk:
        desk.tell(Move(to="2 Short Lane, Tianjin", flat="8c"))
        history = desk.ledger.history("C-1")
        assert history.state(Address).lines == [
            "1 Long Lane | Beijing | 7b | unknown",
            "2 Short Lane | Tianjin | 8c | clerk",
        ]
        first, second = (line for line in history.lines() if line.name == "x.moved")
        assert first.fields == {"street": "1 Long Lane", "town": "Beijing", "flat": "7b"}
        assert isinstance(first.event, MovedV3)
        assert (
            (first.entry.schema_version, second.entry.schema_version) == (1, 3)
            if first.entry and second.entry
            else False
        )
        assert desk.ledger.store.entries(desk.stream())[1] == entry
        desk.ledger.correct(first.id, {"town": "Peking"}, actor="clerk", reason="older spelling")
        assert desk.ledger.history("C-1").state(Address).lines[0] == "1 Long Lane | Peking | 7b | unknown"
        assert verify(desk.ledger.store).clean


def test_a_name_that_nobody_knows_any_more_is_opaque(sqlite_url: str) -> None:
    with Desk(sqlite_url, plugins=[moving(MovedV1)]).open() as desk:
        desk.tell(Move(to="1 Long Lane, Beijing"))
    with Desk(sqlite_url, plugins=[parts()]) as desk:
        last = desk.ledger.history("C-1").lines()[-1]
        assert (last.name, last.status, last.fields, last.event) == ("x.moved", "opaque", None, None)


def test_a_form_newer_than_this_program_is_opaque(sqlite_url: str) -> None:
    with Desk(sqlite_url, plugins=[moving(MovedV3, *UPCASTERS)]).open() as desk:
        desk.tell(Move(to="1 Long Lane, Beijing"))
    with Desk(sqlite_url, plugins=[moving(MovedV1)]) as desk:
        assert desk.ledger.history("C-1").lines()[-1].status == "opaque"


def test_the_registry_is_closed_and_finds_by_name_alone() -> None:
    registry = Registry([Happened, MovedV3], UPCASTERS)
    assert registry.find("x.happened") is Happened
    assert registry.find("x.moved") is MovedV3
    assert registry.find("tests.kernel.test_registry.Happened") is None
    assert registry.find("x.unheard_of") is None


def test_messages_cannot_be_changed_once_made() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Happened(what="x").what = "y"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Happened("x")  # type: ignore[misc]


def test_moments_are_handled_like_events_and_never_stored() -> None:
    with Desk(plugins=[shop.parts], now="2025-06-01").open() as desk:
        desk.tell(shop.Promise(promise="p", last_day=datetime(2025, 6, 3).date()))  # noqa: DTZ001
        desk.on("2025-06-10").ledger.advance()
        assert [e.name for e in desk.ledger.store.entries(desk.stream())] == [
            "core.file_opened",
            "shop.promised",
            "shop.broken",
        ]
