"""The command as a whole: its subcommands, the options they share, and how it ends."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer

from guanxi_adapters.cli import (
    care,
    catalogue,
    checking,
    due,
    entering,
    explanations,
    histories,
    imports,
    integrity,
    ledgers,
    plugins,
    projections,
    rederiving,
    reports,
    rules,
    runs,
    scaffolding,
    searching,
    tenants,
    viewing,
)
from guanxi_adapters.cli.chinese import HELP, USAGE
from guanxi_adapters.cli.language import LANGUAGES, say, speak, spoken
from guanxi_adapters.cli.opening import FAILED, INTERRUPTED, MISUSED, OK, settings

ASK, ENTER, KEEP = "Ask", "Enter", "Keep"
_SHARED = "Which ledger, which language"

app = typer.Typer(name="guanxi", no_args_is_help=True, add_completion=False, rich_markup_mode="rich")

app.command(rich_help_panel=ASK)(histories.history)
app.command(rich_help_panel=ASK)(explanations.explain)
app.command(rich_help_panel=ASK)(viewing.view)
app.command(rich_help_panel=ASK)(searching.search)
app.command(rich_help_panel=ASK)(due.due)
app.command(rich_help_panel=ASK)(reports.report)
app.command(rich_help_panel=ASK)(reports.reports)
app.command("import", rich_help_panel=ENTER)(imports.import_)
app.command(rich_help_panel=ENTER)(entering.execute)
app.command(rich_help_panel=ENTER)(entering.correct)
app.command(rich_help_panel=ENTER)(entering.void)
app.command(rich_help_panel=ENTER)(catalogue.commands)
app.command(rich_help_panel=KEEP)(ledgers.init)
app.command(rich_help_panel=KEEP)(integrity.verify)
app.command(rich_help_panel=KEEP)(entering.advance)
app.command(rich_help_panel=KEEP)(care.backup)
app.command(rich_help_panel=KEEP)(care.restore)
app.command(rich_help_panel=KEEP)(care.copy)
app.command(rich_help_panel=KEEP)(care.upgrade)
plugins.group.command()(scaffolding.new)
plugins.group.command()(checking.check)
app.command(rich_help_panel=ASK)(rederiving.whatif)
app.add_typer(rederiving.group, name="check", rich_help_panel=KEEP)
rederiving.register(plugins.group)
app.add_typer(plugins.group, name="plugins", rich_help_panel=KEEP)
app.add_typer(runs.group, name="runs", rich_help_panel=KEEP)
app.add_typer(rules.group, name="rules", rich_help_panel=KEEP)
app.add_typer(projections.group, name="project", rich_help_panel=KEEP)
app.add_typer(tenants.group, name="tenants", rich_help_panel=KEEP)


def run(arguments: Sequence[str]) -> int:
    """Carry out one invocation and return its exit code."""
    settings.forget()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = _run(list(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(say("Interrupted."), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read along has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _run(arguments: list[str]) -> int:
    command = prepared(typer.main.get_command(app))
    try:
        result = command.main(arguments, prog_name="guanxi", standalone_mode=False)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED
    except Exception as error:
        if settings.debug:
            raise
        return _told(error)
    return result if isinstance(result, int) else OK


def _told(error: Exception) -> int:
    """Say in one line what went wrong, and return the exit code."""
    library = sys.modules.get("guanxi")
    if library is not None and isinstance(error, library.GuanxiError):
        refusal: Any = error
        _complain(say("error: "), _as_options(refusal.describe(spoken())))
        return FAILED
    if hasattr(error, "format_message"):
        return _misused(error)
    if isinstance(error, OSError) and error.filename is not None:
        _complain(say("error: "), f"{error.filename}: {error.strerror}")
        return FAILED
    kind = type(error).__name__
    _complain(say("error: "), say("unexpected {kind}: {text} (--debug shows where)", kind=kind, text=error))
    return FAILED


_OPTIONS = (
    ("reason=...", "--reason TEXT"),
    ("actor=...", "--actor NAME"),
    ("approved_by=...", "--approved-by WHO"),
    ("retroactive=<reason>", "--retroactive TEXT"),
    ("with_keys=False", "--without-keys"),
    (" keys=...", " --keys URL"),
)


def _as_options(text: str) -> str:
    """Name what the library calls its arguments as the options they are here."""
    for argument, option in _OPTIONS:
        text = text.replace(argument, option)
    return text


def _misused(error: Any) -> int:
    """Say how the command is used instead; help that was asked for by giving nothing is no error."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return OK
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "guanxi"
    text = error.format_message()
    if spoken() == "zh":
        for pattern, chinese in USAGE:
            text = re.sub(pattern, chinese, text)
    _complain(say("usage: "), f"{text} " + say("'{command} --help' says more.", command=path))
    return MISUSED


def _complain(lead: str, text: str) -> None:
    from guanxi_adapters.cli import screen

    screen.complain(screen.styled((lead, screen.BAD), " ".join(text.split())))


# Options that all commands share


def _remembering(name: str) -> Callable[[Any], Any]:
    """Return a callback that keeps an option's value, wherever on the line it stands."""

    def remember(value: Any) -> Any:
        if value:
            setattr(settings, name, value)
        return value

    return remember


def _language(value: str | None) -> str | None:
    if value is not None:
        if value not in LANGUAGES:
            raise typer.BadParameter(f"{value}: en | zh")
        speak(value)
    return value


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"guanxi {version('guanxi')}")
        raise typer.Exit


def _shared(name: str, keep: Callable[[Any], Any], text: str, metavar: str | None = None) -> Any:
    return typer.Option(
        name,
        help=text,
        callback=keep,
        metavar=metavar,
        expose_value=False,
        show_default=False,
        rich_help_panel=_SHARED,
    )


_DB = _shared(
    "--db", _remembering("db"), "The ledger; GUANXI_DB or sqlite:///guanxi.db if left out.", metavar="URL"
)
_KEYS = _shared(
    "--keys",
    _remembering("keys"),
    "Where its keys are; GUANXI_KEYS or beside the log if left out.",
    metavar="URL",
)
_TENANT = _shared(
    "--tenant",
    _remembering("tenant"),
    "Whose relationships; GUANXI_TENANT or main if left out.",
    metavar="NAME",
)
_LANG = _shared("--lang", _language, "Language; the locale's if left out.", metavar="en|zh")
_DEBUG = _shared("--debug", _remembering("debug"), "Show where an error arose.")
_VERSION = typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)


@app.callback(context_settings={"help_option_names": ["-h", "--help"]})
def _guanxi(
    db: Annotated[str | None, _DB] = None,
    keys: Annotated[str | None, _KEYS] = None,
    tenant: Annotated[str | None, _TENANT] = None,
    lang: Annotated[str | None, _LANG] = None,
    debug: Annotated[bool, _DEBUG] = False,
    version: Annotated[bool, _VERSION] = False,
) -> None:
    """Customer relationships (关系) as histories that only grow.

    Ask a ledger what happened, why a value is what it is, and what was known when;
    enter and correct; check that nothing was tampered with.

    Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 an import refused some
    lines; 4 verification found faults.
    """


def prepared(command: Any) -> Any:
    """Give every command the shared options, and say its help in the language in use."""
    shared = [p for p in command.params if p.rich_help_panel == _SHARED]
    for path, each in _all(command):
        if path and (not getattr(each, "commands", None) or each.invoke_without_command):
            each.params.extend(shared)
        if spoken() == "zh":
            _translate(path, each)
    if spoken() == "zh":
        _translate_frames()
    return command


def _all(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from _all(each, f"{path} {name}".strip())


def _translate(path: str, command: Any) -> None:
    command.help = HELP.get(path, command.help)
    command.rich_help_panel = (
        say(command.rich_help_panel) if getattr(command, "rich_help_panel", None) else None
    )
    context = typer.Context(command, info_name=path, help_option_names=["-h", "--help"])
    for parameter in command.get_params(context):
        if parameter.help:
            parameter.help = say(parameter.help)
        if getattr(parameter, "rich_help_panel", None):
            parameter.rich_help_panel = say(parameter.rich_help_panel)


def _translate_frames() -> None:
    """Name the frames of Typer's help pages, which it keeps in a module."""
    from typer import rich_utils

    names = {
        "ARGUMENTS_PANEL_TITLE": "Arguments",
        "OPTIONS_PANEL_TITLE": "Options",
        "COMMANDS_PANEL_TITLE": "Commands",
        "REQUIRED_LONG_STRING": "[required]",
    }
    for name, title in names.items():
        if hasattr(rich_utils, name):
            setattr(rich_utils, name, say(title))


__all__ = ["app", "prepared", "run"]
