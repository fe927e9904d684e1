"""A fresh interpreter: tells the same stories under another hash seed, or tells half of one and dies.

Run as ``python -m guanxi.testing.fresh`` by the kit itself; what it is to do comes in pickled on standard input.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from guanxi.kernel.plugins import Parts
from guanxi.relationship import parts as core_parts
from guanxi.testing.telling import Told, told_whole
from guanxi.testing.watching import picture

SECONDS = 120
"""After which a fresh interpreter is given up."""


class Unreachable(Exception):
    """The plugin cannot be imported by another interpreter, or its stories cannot be handed over."""


def reference_of(plugin: Any, parts: Parts) -> tuple[str, str]:
    """Return module and name under which another interpreter finds a plugin, or its parts.

    Raises:
        Unreachable: there is no such place.
    """
    if parts is core_parts:
        return "guanxi.relationship", "parts"
    kinds = (*parts.events, *parts.commands, *parts.rule_sets, type(plugin))
    tops = {getattr(k, "__module__", "").partition(".")[0] for k in kinds} - {"guanxi", "builtins", ""}
    for name in sorted(sys.modules):
        module = sys.modules[name]
        if name.partition(".")[0] not in tops or getattr(module, "__spec__", None) is None:
            continue
        for attribute, value in list(vars(module).items()):
            if value is plugin or value is parts:
                return name, attribute
    for name in sorted(sys.modules):
        module = sys.modules[name]
        if name.partition(".")[0] in tops and getattr(module, "__spec__", None) is not None:
            for attribute, value in list(vars(module).items()):
                hook = getattr(value, "guanxi_parts", None)
                if hook is not None and not isinstance(value, type) and hook().name == parts.name:
                    return name, attribute
    raise Unreachable("no module that can be imported holds the plugin")


def in_fresh_interpreters(x: Any, stories: Any, seeds: Sequence[str]) -> list[list[list[str]]]:
    """Return what further interpreters, at work side by side, make of some stories, in lines: by seed, then by story.

    Args:
        x: the examination.
        stories: what is told.
        seeds: their hash seeds.

    Raises:
        Unreachable: it could not.
    """
    task = {"do": "tell", "stories": _pickled(stories)}
    with ThreadPoolExecutor(len(seeds)) as crew:
        return [json.loads(answer) for answer in crew.map(lambda seed: _call(x, task, seed), seeds)]


def tell_and_die(x: Any, story: Any, url: str, steps: int) -> None:
    """Have another process tell a story's first steps to a database, and be killed while it keeps read models level.

    Raises:
        Unreachable: it could not.
    """
    _call(x, {"do": "die", "stories": _pickled([story]), "url": url, "steps": steps}, "0", dies=True)


def _pickled(stories: Any) -> bytes:
    try:
        return pickle.dumps(stories)
    except Exception as error:
        raise Unreachable(f"its histories cannot be handed over: {error}") from error


def _call(x: Any, task: dict[str, Any], seed: str, *, dies: bool = False) -> str:
    if not x.fresh:
        raise Unreachable("none was asked for")
    task = {**task, "plugin": reference_of(x.plugin, x.parts), "path": list(sys.path), "actor": x.actor}
    done = subprocess.run(
        [sys.executable, "-m", "guanxi.testing.fresh"],
        input=pickle.dumps(task),
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=SECONDS,
        check=False,
    )
    if dies and done.returncode == -signal.SIGKILL:
        return ""
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()
        raise Unreachable(last[-1] if last else f"exit code {done.returncode}")
    return done.stdout.decode()


def lines_of(told: Told) -> list[str]:
    """Return all that a told story left, a line for each entry and row, without ids that are drawn by lot."""
    out = []
    for stream in told.streams():
        for row in told.rows(stream):
            out.append(_line(told, stream, row))
    if told.parts.read_models:
        for name, rows in told.tables().items():
            out += [f"{name}: {who} {picture(row)!r}" for who, row in rows]
    return out


def _line(told: Told, stream: str, row: Any) -> str:
    event = told.event(stream, row)
    name = told.name_of(stream)
    place = (row.place or "").replace(stream, name)
    shown = repr(picture(event)).replace(stream, name)
    return f"{told.head(stream, row)}: {shown} {place}".rstrip()


def main() -> None:
    """Do what standard input says."""
    task: dict[str, Any] = pickle.load(sys.stdin.buffer)
    sys.path[:] = task["path"]
    module, name = task["plugin"]
    plugin = getattr(importlib.import_module(module), name)
    parts = plugin if isinstance(plugin, Parts) else plugin.guanxi_parts()
    stories = pickle.loads(task["stories"])
    if task["do"] == "tell":
        answer = []
        for story in stories:
            told = told_whole(parts, story, actor=task["actor"])
            answer.append(lines_of(told))
            told.close()
        sys.stdout.write(json.dumps(answer))
        return
    told = Told(parts, stories[0], url=task["url"], actor=task["actor"])
    told.begin()
    told.tell(last=task["steps"], after=lambda n: told.ledger.reporting.project() if n % 2 else None)
    projector: Any = told.ledger.reporting.projector
    projector.page = 1

    def die(position: int, last: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    projector.catch_up(die)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
