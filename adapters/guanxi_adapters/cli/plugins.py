"""``plugins``: which industry plugins are here, what their manifests say, and whether those are true to the code."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.opening import FAILED, installed_plugins, which_plugins
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from guanxi import GuanxiError, Installed, Parts
    from guanxi.kernel.plugins import Listed, Manifest

CORE = "core"

group = typer.Typer(
    invoke_without_command=True,
    help="See which plugins are installed and what they bring, and check what they say of themselves.\n\n"
    "Without a command, this lists them.",
)

Static = Annotated[bool, typer.Option("--static", help="Go by the manifests, and import no plugin.")]


@group.callback()
def _bare(context: typer.Context, static: Static = False, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is None:
        list_(static, as_json)


# ---------------------------------------------------------------- listing


@group.command("list")
def list_(static: Static = False, as_json: AsJson = False) -> None:
    """List the plugins found here: what they bring, and what is wrong with them.

    Each is imported, asked for its parts, and compared with its manifest and the others;
    with --static its manifest is read and nothing else. Ends with exit code 1 when one of
    them cannot be used.
    """
    if static:
        _list_static(as_json)
        return
    found = installed_plugins()
    if as_json:
        screen.show_json([_plain(p) for p in found])
    else:
        _show_each([_of_installed(p) for p in found])
    if any(p.error and p.blocked is None for p in found):
        raise typer.Exit(FAILED)


def _list_static(as_json: bool) -> None:
    from guanxi.kernel.plugins import manifests

    found = _let_in(manifests())
    if as_json:
        screen.show_json([_plain_listed(p) for p in found])
    else:
        _show_each([_of_listed(p) for p in found])
    if any(p.refusal and p.refusal.code != "plugin_blocked" for p in found):
        raise typer.Exit(FAILED)


def _let_in(listed: list[Listed]) -> list[Listed]:
    """Return the plugins that the environment lets in, those that it blocks with the reason instead of their manifest."""
    import attrs

    from guanxi import PluginError

    chosen = which_plugins()
    allow, blocks = chosen.get("allow"), chosen.get("block", ())
    found = []
    for one in listed:
        version = one.distribution.rpartition(" ")[2]
        block = next((b for b in blocks if b.name == one.name and b.covers(version)), None)
        if block is not None:
            blocked = PluginError(
                "plugin_blocked",
                f"this host blocks {one.name}: {block.reason}",
                zh=f"本系统禁用 {one.name}：{block.reason}",
            )
            found.append(attrs.evolve(one, manifest=None, refusal=blocked))
        elif allow is None or one.name in allow:
            found.append(one)
    return found


_Shown = tuple[str, str, str, "Manifest | None", bool]
"""Name, distribution, why it was refused, what it brings, and whether its manifest was found true to its code."""


def _of_installed(plugin: Installed) -> _Shown:
    from guanxi.kernel.plugins import manifest_of

    brings = manifest_of(plugin.parts) if plugin.parts is not None else None
    return plugin.name, plugin.distribution, plugin.why(spoken()), brings, plugin.manifest is not None


def _of_listed(plugin: Listed) -> _Shown:
    why = plugin.refusal.describe(spoken()) if plugin.refusal is not None else ""
    return plugin.name, plugin.distribution, why, plugin.manifest, False


def _show_each(found: list[_Shown]) -> None:
    if not found:
        screen.show(say("No plugin is installed; the customer relationship itself needs none."))
    for i, (name, distribution, why, brings, is_true) in enumerate(found):
        if i:
            screen.show("")
        if brings is None:
            screen.show(screen.styled((name, screen.HEADING), f"  {distribution}"))
            screen.show(screen.pairs([(say("refused"), screen.styled((why, screen.BAD)))], indent=2))
            continue
        title = f"{name}  {brings.title(spoken())}"
        true = (f"  {say('manifest ok')}", screen.GOOD) if is_true else ("", screen.GOOD)
        screen.show(screen.styled((title, screen.HEADING), (f"  {distribution}", screen.QUIET), true))
        rows = [(heading, ", ".join(names)) for heading, names in _brought(brings) if names]
        screen.show(screen.pairs(rows, indent=2))


def _brought(manifest: Manifest) -> Iterator[tuple[str, list[str]]]:
    yield say("subjects"), list(manifest.facets)
    yield say("commands"), list(manifest.commands)
    yield say("rule sets"), list(manifest.rule_sets)
    yield say("read models"), list(manifest.read_models)
    yield say("reports"), list(manifest.reports)
    yield say("runs"), list(manifest.runs)
    yield say("due items"), list(manifest.cadences)
    yield say("events"), list(manifest.events)


def _plain(plugin: Installed) -> dict[str, Any]:
    import attrs

    body = {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "status": "ok" if plugin.parts is not None else "refused" if plugin.blocked is None else "blocked",
        "error": plugin.error,
    }
    parts = plugin.parts
    if parts is None:
        return body
    return {
        **body,
        "manifest_ok": plugin.manifest is not None,
        "version": parts.version,
        "api": parts.api,
        "title": attrs.asdict(parts.title),
        "subjects": [f.name for f in parts.facets],
        "commands": [c.stored_name for c in parts.commands],
        "rule_sets": [r.stored_name for r in parts.rule_sets],
        "read_models": [m.name for m in parts.read_models],
        "reports": [r.name for r in parts.reports],
        "runs": [r.name for r in parts.runs],
        "cadences": [c.name for c in parts.cadences],
        "events": [e.stored_name for e in parts.events],
    }


def _plain_listed(plugin: Listed) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "path": str(plugin.path) if plugin.path is not None else None,
        "error": plugin.refusal.describe() if plugin.refusal is not None else None,
        "manifest": _data(plugin.manifest) if plugin.manifest is not None else None,
    }


def _data(manifest: Manifest) -> dict[str, Any]:
    import attrs

    return attrs.asdict(manifest)


# ---------------------------------------------------------------- showing


@group.command()
def show(
    name: Annotated[
        str, typer.Argument(help="The plugin's name, or core.", metavar="NAME", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Show what a plugin's manifest says, in both languages, without importing it."""
    listed = _listed(name)
    if listed.manifest is None:
        raise _unusable(listed)
    if as_json:
        screen.show_json(_plain_listed(listed))
        return
    manifest = listed.manifest
    screen.show(
        screen.styled(
            (f"{manifest.id}  {manifest.title.en}  {manifest.title.zh}", screen.HEADING),
            (f"  {listed.distribution}", screen.QUIET),
        )
    )
    facts = [(say("version"), manifest.version), (say("surface"), manifest.api)]
    screen.show(screen.pairs([*facts, (say("manifest"), str(listed.path))], indent=2))
    for heading, table in _tables(manifest):
        screen.show("", screen.styled((heading, screen.HEADING)), table)


def _tables(m: Manifest) -> Iterator[tuple[str, RenderableType]]:
    name, english, chinese = say("name"), "English", "中文"
    if m.facets:
        rows = [(n, f.subject, str(f.version), ", ".join(f.reads)) for n, f in m.facets.items()]
        yield (
            say("subjects"),
            screen.columns((name, say("stream of"), say("version"), say("reads")), rows, numbers=(2,)),
        )
    if m.events:
        rows = [(n, e.kind, str(e.schema), _families(e.personal)) for n, e in m.events.items()]
        yield (
            say("events"),
            screen.columns((name, say("kind"), say("form"), say("personal fields")), rows, numbers=(2,)),
        )
    if m.commands:
        yield say("commands"), screen.columns((name,), [(n,) for n in m.commands])
    if m.rule_sets:
        titles = [(n, t.en, t.zh) for n, t in m.rule_sets.items()]
        yield say("rule sets"), screen.columns((name, english, chinese), titles)
    if m.read_models:
        rows = [
            (n, str(r.version), say("yes") if r.temporal else say("no"), _families(r.personal))
            for n, r in m.read_models.items()
        ]
        headings = (name, say("version"), say("temporal"), say("personal fields"))
        yield say("read models"), screen.columns(headings, rows, numbers=(1,))
    if m.reports:
        rows = [(n, r.title.en, r.title.zh, ", ".join(r.reads)) for n, r in m.reports.items()]
        yield say("reports"), screen.columns((name, english, chinese, say("reads")), rows)
    if m.runs:
        titles = [(n, t.en, t.zh) for n, t in m.runs.items()]
        yield say("runs"), screen.columns((name, english, chinese), titles)
    if m.cadences:
        due = [(n, c.rule, c.title.en, c.title.zh, ", ".join(c.reads)) for n, c in m.cadences.items()]
        above = (name, say("rule"), english, chinese, say("reads"))
        yield say("due items"), screen.columns(above, due)
    if m.exempt:
        yield say("exempt"), screen.columns((name, say("reason")), list(m.exempt.items()))


def _families(personal: Any) -> str:
    return ", ".join(f"{field}: {family}" for field, family in personal.items())


def _listed(name: str) -> Listed:
    """Return the plugin of that name by its manifest; the core's too."""
    from guanxi.kernel.plugins import Listed, manifests, read_manifest

    if name == CORE:
        path = _core_folder() / "plugin.toml"
        return Listed(CORE, f"guanxi {metadata.version('guanxi')}", path, read_manifest(path))
    found = [p for p in manifests() if p.name == name]
    if not found:
        raise _unknown(name)
    return found[0]


def _core_folder() -> Path:
    import guanxi.relationship

    return Path(str(guanxi.relationship.__file__)).parent


def _unknown(name: str) -> GuanxiError:
    from guanxi import Unknown
    from guanxi.kernel.plugins import manifests

    return Unknown(
        "unknown_plugin",
        f"no plugin called {name} is installed",
        zh=f"没有安装名为 {name} 的插件",
        accepts=", ".join([CORE, *dict.fromkeys(p.name for p in manifests())]),
    )


def _unusable(listed: Listed) -> GuanxiError:
    assert listed.refusal is not None
    return listed.refusal


# ---------------------------------------------------------------- making and checking


@group.command()
def manifest(
    target: Annotated[
        str,
        typer.Argument(
            help="An installed plugin's name, or where its object is: package.module:object.",
            metavar="TARGET",
            show_default=False,
        ),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Write it into the plugin's package instead of showing it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a plugin's manifest (plugin.toml) from its code.

    What the manifest there says to be exempt, and why, is kept.
    """
    import attrs

    from guanxi.kernel.plugins import exempt_in, manifest_of

    parts, path = _made_from(target)
    made = attrs.evolve(manifest_of(parts), exempt=exempt_in(path))
    if write:
        path.write_text(made.to_toml(), "utf-8")
    if as_json:
        screen.show_json({"path": str(path), "written": write, "manifest": _data(made)})
    elif write:
        screen.show(screen.styled((say("Written to {file}.", file=path), screen.GOOD)))
    else:
        typer.echo(made.to_toml(), nl=False)


def _made_from(target: str) -> tuple[Parts, Path]:
    """Return a plugin's parts, which may lack a true manifest yet, and where its manifest belongs."""
    from guanxi.kernel.plugins import GROUP, Party, entry_points, folder_of, loaded, origin_of, shape

    if target == CORE:
        import guanxi.relationship

        return guanxi.relationship.parts, _core_folder() / "plugin.toml"
    if ":" in target:
        if (here := str(Path.cwd())) not in sys.path:
            sys.path.insert(0, here)
        point = metadata.EntryPoint(target, target, GROUP)
    else:
        found = [p for p in entry_points() if p.name == target]
        if not found:
            raise _unknown(target)
        point = found[0]
    parts = loaded(point)
    for error in shape(Party(parts, origin_of(point))):
        raise error
    return parts, folder_of(point) / "plugin.toml"


@group.command()
def validate(
    path: Annotated[
        Path,
        typer.Argument(
            help="A plugin.toml, or the folder of a package or project that has one.",
            metavar="PATH",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check a manifest by itself, without importing the plugin.

    Whether it is true to the code is what 'guanxi plugins list' and the plugin's own tests
    say. Ends with exit code 1 when something in it is wrong.
    """
    from guanxi import GuanxiError
    from guanxi.kernel.plugins import read_manifest

    try:
        file = _manifest_in(path)
        read = read_manifest(file)
    except GuanxiError as error:
        if not as_json:
            raise
        screen.show_json({"path": str(path), "valid": False, "error": error.describe()})
        raise typer.Exit(FAILED) from error
    if as_json:
        screen.show_json({"path": str(file), "valid": True, "manifest": _data(read)})
        return
    told = say(
        "{file}: the manifest of {name} {version} is well-formed.",
        file=file,
        name=read.id,
        version=read.version,
    )
    screen.show(screen.styled((told, screen.GOOD)))


def _manifest_in(path: Path) -> Path:
    """Return the manifest a path stands for: itself, or the only one in a package or project.

    Raises:
        PluginError: ``manifest_missing``, or ``several_manifests``.
    """
    from guanxi import PluginError
    from guanxi.kernel.plugins import FILE, missing

    if not path.is_dir() or (path / FILE).is_file():
        return path / FILE if path.is_dir() else path
    found = sorted({*path.glob(f"*/{FILE}"), *path.glob(f"src/*/{FILE}"), *path.glob(f"src/*/*/{FILE}")})
    if not found:
        raise missing(str(path))
    if len(found) > 1:
        raise PluginError(
            "several_manifests",
            f"{path} holds {len(found)} manifests",
            zh=f"{path} 中有 {len(found)} 个清单",
            accepts=", ".join(map(str, found)),
        )
    return found[0]
