"""``plugins check``: where a plugin stands on the quality scale; what is met, what failed and where, what is exempt and why."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAILED
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType

    from guanxi_adapters.cli.projects import Project
    from guanxi_adapters.cli.quality import Level, Standing

WORKER = "guanxi_adapters.cli.quality"
_STYLES = {"met": screen.GOOD, "failed": screen.BAD, "exempt": screen.NOTICE}


def check(
    target: Annotated[
        str,
        typer.Argument(
            help="A plugin's project folder, or an installed plugin's name.",
            metavar="TARGET",
            show_default=False,
        ),
    ],
    level: Annotated[
        str,
        typer.Option(
            "--level", metavar="LEVEL", help="What is asked for: listed, sound, proven or exemplary."
        ),
    ] = "sound",
    examples: Annotated[
        int, typer.Option("--examples", metavar="N", min=1, help="How many histories are made up.")
    ] = 25,
    tests: Annotated[bool, typer.Option("--tests/--no-tests", help="Run the plugin's own tests too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Examine a plugin, and show where it stands on the quality scale.

    Its manifest is validated, it is loaded strictly, told made-up histories, and asked for
    every property a plugin must have. Each rule is met, failed (with the entry that broke
    it), exempt (with the reason its plugin.toml gives), or had nothing to look at.

    Ends with exit code 1 when the level asked for is not reached.
    """
    from guanxi_adapters.cli.projects import find
    from guanxi_adapters.cli.quality import LEVELS, reached

    if level not in LEVELS:
        raise typer.BadParameter(f"{level}: {' | '.join(LEVELS)}", param_hint="--level")
    project = find(target)
    standings = list(_examined(project, examples, tests=tests))
    best = reached(standings)
    enough = best is not None and list(LEVELS).index(best) >= list(LEVELS).index(level)
    if as_json:
        screen.show_json(_plain(project, best, level, standings, enough=enough))
    else:
        screen.show(*_shown(project, best, level, standings, enough=enough))
    if not enough:
        raise typer.Exit(FAILED)


def _examined(project: Project, examples: int, *, tests: bool) -> Iterator[Standing]:
    """Yield what a plugin comes to under each rule, found by a process that has only it to look at."""
    import attrs
    import msgspec

    from guanxi import PluginError
    from guanxi_adapters.cli.projects import environment
    from guanxi_adapters.cli.quality import RULES, Question, Standing

    question = msgspec.json.encode(attrs.asdict(Question(project, examples, tests)), enc_hook=str)
    with (
        environment(project) as variables,
        screen.progress(say("Examining")) as move,
        tempfile.TemporaryFile() as complaints,
    ):
        worker = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
        )  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(question)
        worker.stdin.close()
        found = 0
        for line in worker.stdout:
            found += 1
            if move is not None:
                move(found, len(RULES))
            yield msgspec.json.decode(line, type=Standing)
        code = worker.wait()
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
        if code != 0 or found != len(RULES):
            raise PluginError(
                "check_failed",
                f"examining {project.name} ended after {found} of {len(RULES)} rules: {said[-600:]}",
                zh=f"对 {project.name} 的检验在第 {found} 条规则后中止：{said[-600:]}",
            )


def _plain(
    project: Project, best: Level | None, level: str, standings: list[Standing], *, enough: bool
) -> dict[str, Any]:
    import attrs

    return {
        "plugin": project.name,
        "distribution": project.distribution,
        "version": project.version,
        "source": str(project.source) if project.source is not None else None,
        "level": best,
        "asked": level,
        "reached": enough,
        "rules": [attrs.asdict(s) for s in standings],
    }


# ---------------------------------------------------------------- on the screen


def _shown(
    project: Project, best: Level | None, level: str, standings: list[Standing], *, enough: bool
) -> Iterator[RenderableType]:
    from guanxi_adapters.cli.quality import LEVELS, MEANINGS

    names: dict[str, Any] = {str(level): label for level, label in LEVELS.items()}
    yield screen.styled(
        (project.name, screen.HEADING), (f"  {project.distribution} {project.version}", screen.QUIET)
    )
    for each, title in LEVELS.items():
        of_level = [s for s in standings if s.level == each]
        yield ""
        yield screen.styled((title(spoken()), screen.HEADING), f": {MEANINGS[each](spoken())}")
        yield screen.pairs([(_word(s), _line(s)) for s in of_level], indent=2)
    yield ""
    reached = names[best](spoken()) if best is not None else say("none")
    exempt = sum(s.status == "exempt" for s in standings)
    told = say("Level reached: {level}.", level=reached)
    if exempt:
        told += " " + count(exempt, "One rule is exempt.", "{count} rules are exempt.")
    if not enough:
        told += " " + say("Asked for: {level}.", level=names[level](spoken()))
    yield screen.styled((told, screen.GOOD if enough else screen.BAD))


def _word(standing: Standing) -> str:
    return {
        "met": say("met"),
        "failed": say("FAILED"),
        "exempt": say("exempt"),
        "not_applicable": say("nothing to ask"),
        "unseen": say("not seen"),
    }[standing.status]


def _line(standing: Standing) -> RenderableType:
    style = _STYLES.get(standing.status, screen.QUIET)
    pieces: list[Any] = [(standing.title(spoken()), "" if standing.status == "met" else style)]
    pieces.append((f"  {standing.rule}", screen.QUIET))
    if standing.entry:
        pieces.append("\n" + say("by {entry}", entry=standing.entry))
    if standing.detail and standing.status != "met":
        pieces.append(f"\n{standing.detail}")
    return screen.styled(*pieces)
