"""``project follow``: keeps the read models level while it runs; and what ``project status`` says of those that do."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.opening import open_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from types import FrameType

    from guanxi import Ledger
    from guanxi.kernel.following import Follower, FollowState
    from guanxi.kernel.ports import InFlight

_BETWEEN_NUMBERS = 1.0
"""Seconds between two lines in a pipe between which only numbers changed."""

Tell = Callable[["FollowState"], None]


def follow(as_json: AsJson = False) -> None:
    """Keep the read models level for as long as it runs.

    Run it as often as you like, on one machine or on several: of all that run for a tenant one does
    the work, and the others stand by. When it leaves, another takes over at once; when it dies,
    within three seconds. A database that is away is waited for. What falls due is left to
    'guanxi advance'. Ends with exit code 0 on Ctrl-C or SIGTERM.
    """
    with _signals() as stop, _opened_once_there(stop) as ledger:
        if ledger is not None:
            with _told(ledger, as_json=as_json) as tell:
                ledger.follow(stop, tell)


@contextmanager
def _opened_once_there(stop: threading.Event) -> Generator[Ledger | None]:
    """Open the ledger, waiting for a database that is away; None if it was to end before."""
    from guanxi import Unavailable
    from guanxi_adapters.sql.subscriptions import PASSING, Backoff

    backoff, told = Backoff(), False
    while not stop.is_set():
        with ExitStack() as opened:
            try:
                ledger = opened.enter_context(open_ledger())
            except Unavailable as error:
                if error.code not in PASSING:
                    raise
                if not told:
                    screen.complain(screen.styled((error.describe(spoken()), screen.NOTICE)))
                told = True
                stop.wait(backoff.next())
                continue
            yield ledger
            return
    yield None


@contextmanager
def _signals() -> Generator[threading.Event]:
    """Give what is set when the process is asked to end; who asks twice doesn't have to wait."""
    stop = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _told(ledger: Ledger, *, as_json: bool) -> Generator[Tell]:
    """Give what tells the states: JSON lines, one line that stays on a terminal, or plain lines in a pipe."""
    if as_json:
        yield _Lines(lambda state: screen.show_json_line(plain(state)))
    elif screen.watched():
        with screen.one_line() as show:
            yield lambda state: show(_line(ledger, state))
    else:
        yield _Lines(lambda state: _write(f"{_now(ledger)}  {_line(ledger, state).plain}"))


class _Lines:
    """Tells what changed at once, but mere numbers at most every second; what was left out is told with what comes next."""

    def __init__(self, write: Tell) -> None:
        self._write = write
        self._last: FollowState | None = None
        self._at = 0.0

    def __call__(self, state: FollowState) -> None:
        last = self._last
        same = last is not None and _what(last) == _what(state)
        if same and (last is None or last.position == state.position or time.monotonic() < self._at):
            return
        self._last, self._at = state, time.monotonic() + _BETWEEN_NUMBERS
        self._write(state)


def _what(state: FollowState) -> tuple[Any, ...]:
    """Return what of a state is more than a number."""
    return state.role, state.leader, state.parked, state.since, state.lag == 0


def _line(ledger: Ledger, state: FollowState) -> Any:
    position = say("position {position}", position=f"{state.position:,}")
    if state.role == "waiting":
        because = state.trouble.describe(spoken()) if state.trouble is not None else ""
        told = say("waiting for the database since {moment}", moment=_moment(ledger, state.since))
        parts = [(told, screen.NOTICE), (position, ""), (because, screen.QUIET)]
    else:
        level = say("level") if not state.lag else say("{count} behind", count=f"{state.lag:,}")
        parts = [_role(state), (position, ""), (level, screen.NOTICE if state.lag else "")]
        if state.rate:
            parts.append((say("{rate} entries/s", rate=f"{state.rate:,.0f}"), screen.QUIET))
        if state.parked:
            names = ", ".join(name for name, _ in state.parked)
            parts.append((say("parked: {names}", names=names), screen.BAD))
    pieces: list[tuple[str, str]] = []
    for part in parts:
        pieces += [(screen.BETWEEN, screen.QUIET), part] if pieces else [part]
    return screen.styled(*pieces)


def _role(state: FollowState) -> tuple[str, str]:
    if state.role == "leading":
        return say("leading"), screen.GOOD
    if state.leader is None:
        return say("standing by; nobody leads"), screen.NOTICE
    return say("standing by; {who} leads", who=state.leader), screen.QUIET


def plain(state: FollowState) -> dict[str, Any]:
    """Return a state as JSON data."""
    return {
        "at": datetime.now(UTC),
        "role": state.role,
        "leader": state.leader,
        "position": state.position,
        "last": state.last,
        "lag": state.lag,
        "rate": state.rate,
        "parked": [{"name": name, "position": position} for name, position in state.parked],
        "waiting_since": state.since,
        "trouble": None if state.trouble is None else state.trouble.describe(spoken()),
    }


# What ``project status`` adds


def show_waits(ledger: Ledger, found: Sequence[InFlight]) -> None:
    """Say which appends readers wait for, since they were begun and have not ended."""
    for each in found:
        told = say(
            "Readers wait at position {position} for an append that began {moment}: {who}, process {pid}.",
            position=f"{each.position:,}",
            moment=_moment(ledger, each.since),
            who=each.who or "?",
            pid=each.pid or "?",
        )
        screen.show("", screen.styled((told, screen.NOTICE)))


def show_followers(ledger: Ledger, found: Sequence[Follower]) -> None:
    """Say who keeps the read models level, and who stands by."""
    if not found:
        return
    roles = {True: say("leading"), False: say("standing by")}
    several = len({f.group for f in found}) > 1
    headings = ["Kept level by", "Role", "Since", *(["Read models"] if several else [])]
    rows = [[f.who, roles[f.leads], _moment(ledger, f.since), *([f.group] if several else [])] for f in found]
    screen.show("", screen.columns(map(say, headings), rows))


def _moment(ledger: Ledger, stamp: str | None) -> str:
    return (
        "?" if stamp is None else f"{datetime.fromisoformat(stamp).astimezone(ledger.tz):%Y-%m-%d %H:%M:%S}"
    )


def _now(ledger: Ledger) -> str:
    return f"{datetime.now(ledger.tz):%Y-%m-%d %H:%M:%S}"


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
