"""The records of a shop that belong to no customer: one for each store, and one for each store and day."""

from __future__ import annotations

from datetime import date

from guanxi import Unknown

STORE = "store"
"""Kind of the record that a store has of its own: who was chosen, what standard it is checked against."""
STORE_DAY = "store_day"
"""Kind of the record of one day in a store: receipts of people who are no member, visits, footfall."""
_STORE, _DAY = "store/", "store-day/"


def store_stream(outlet: str) -> str:
    """Return the id of a store's record.

    Args:
        outlet: the store.
    """
    return _STORE + outlet


def store_of(stream: str) -> str:
    """Return which store a store's record is of."""
    return stream.removeprefix(_STORE)


def day_stream(outlet: str, day: date) -> str:
    """Return the id of the record of a day in a store; short streams, since shops have many receipts.

    Args:
        outlet: the store.
        day: the day.
    """
    return f"{_DAY}{outlet}/{day.isoformat()}"


def outlet_of(stream: str) -> str:
    """Return which store the record of a day is of."""
    return stream.removeprefix(_DAY).rpartition("/")[0]


def require_day_of(stream: str, day: date) -> str:
    """Return which store the record of a day is of; refuse any other record than that of a store's day (RET-34).

    Args:
        stream: what was told to.
        day: the day that it happened on.

    Raises:
        Unknown: ``unknown_code``; it is not the record of that day in a store.
    """
    outlet = outlet_of(stream) if stream.startswith(_DAY) else ""
    if outlet and stream == day_stream(outlet, day):
        return outlet
    like = outlet or "S1"
    raise Unknown(
        "unknown_code",
        f"{stream!r} is not the record of {day} in a store",
        zh=f"{stream!r} 不是门店 {day} 的日记录",
        rule="RET-34",
        accepts=f'day_stream("{like}", date({day.year}, {day.month}, {day.day})): {day_stream(like, day)}',
    )


def require_store(stream: str) -> str:
    """Return which store a record is of; refuse any other record than a store's (RET-35).

    Args:
        stream: what was told to.

    Raises:
        Unknown: ``unknown_code``; it is not a store's record.
    """
    if (outlet := store_of(stream)) and stream == store_stream(outlet):
        return outlet
    raise Unknown(
        "unknown_code",
        f"{stream!r} is not the record of a store",
        zh=f"{stream!r} 不是门店记录",
        rule="RET-35",
        accepts=f'store_stream("S1"): {store_stream("S1")}',
    )
