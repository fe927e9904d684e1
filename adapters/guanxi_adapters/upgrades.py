"""Checking a version of a plugin against a ledger before it is let in: in a process of its own, reading and never writing.

Run as ``python -m guanxi_adapters.upgrades``, it takes one request as JSON and answers with one line of JSON for each stream.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs
import msgspec

import guanxi
from guanxi import GuanxiError, Invalid, Ledger, Parts, PluginError, Unavailable, Unknown
from guanxi.kernel.rederiving import (
    AFTER,
    BEFORE,
    DIFFERS,
    Cause,
    Comparison,
    DecisionChange,
    Rederiving,
    StreamSnapshot,
    Unreadable,
)
from guanxi.kernel.report_changes import Refusal, ReportChange, Table, refused_change, table_change
from guanxi.kernel.reports import Column, ReportResult, canonical

_MODULE = "guanxi_adapters.upgrades"


@attrs.frozen
class Remark:
    """What a version should say of itself and does not, or says wrongly.

    Args:
        code: ``event_gone``, ``schema_lowered``, ``read_model_version``, ``facet_version`` or ``report_gone``.
        en: in English.
        zh: in Chinese.
    """

    code: str
    en: str
    zh: str


@attrs.frozen
class Side:
    """Which version of a plugin one side is.

    Args:
        version: its version; empty for what is stored.
        events: schema versions of its events.
        facets: versions of its facets.
        read_models: versions of its read models.
        reports: its reports.
    """

    version: str
    events: Mapping[str, int] = attrs.field(factory=dict)
    facets: Mapping[str, int] = attrs.field(factory=dict)
    read_models: Mapping[str, int] = attrs.field(factory=dict)
    reports: tuple[str, ...] = ()


@attrs.frozen
class UpgradeCheck:
    """What letting in a version of a plugin would come to.

    Args:
        plugin: its name.
        before: the installed version, or what is stored.
        after: the version checked.
        compared: decisions, reports and entries.
        remarks: what its manifest should say otherwise.
    """

    plugin: str
    before: Side
    after: Side
    compared: Comparison
    remarks: tuple[Remark, ...] = ()

    @property
    def same(self) -> bool:
        """Whether everything can be read and nothing comes out otherwise."""
        return self.compared.same and not self.remarks


# ---------------------------------------------------------------- the version installed


def check_installed(
    ledger: Ledger,
    plugin: str,
    *,
    reports: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> UpgradeCheck:
    """Compare what is stored with what the installed version of a plugin makes of it.

    Args:
        ledger: where it is stored.
        plugin: the plugin's name.
        reports: names of reports to compare; all of the plugin's if None.
        subjects: account numbers or stream ids; all if None.
        progress: called with (entries done, entries in all).

    Raises:
        Unknown: the plugin is not installed.
    """
    parts = _parts(ledger, plugin)
    side = _side(parts)
    names = list(side.reports) if reports is None else list(reports)
    compared = ledger.rederive(reports=names, subjects=subjects, progress=progress)
    remarks: list[Remark] = []
    if silent := _unannounced(ledger, compared.changes):
        remarks.append(silent)
    return UpgradeCheck(plugin, Side(""), side, compared, tuple(remarks))


def _unannounced(ledger: Ledger, changes: Sequence[DecisionChange]) -> Remark | None:
    """Return that decisions differ although the facets that judged them last say they are the same."""
    heads = ledger.store.heads(sorted({c.stream for c in changes}))
    if any(h.judged_by == ledger.house.room(h.subject).digest for h in heads.values()):
        return _FACET_VERSION
    return None


_FACET_VERSION = Remark(
    "facet_version",
    "decisions come out otherwise and no facet has a raised version: what is stored would stand as it is",
    "判定结果不同，但没有主题提升版本：已存判定将原样保留",
)


def _parts(ledger: Ledger, plugin: str) -> Parts:
    for parts in ledger.parts:
        if parts.name == plugin:
            return parts
    failed = next((p for p in ledger.installed if p.name == plugin and p.error), None)
    if failed is not None:
        raise PluginError("plugin_refused", failed.error or "", zh=failed.error or "")
    raise Unknown(
        "unknown_plugin",
        f"no plugin {plugin} is installed",
        zh=f"没有安装插件 {plugin}",
        accepts=", ".join(p.name for p in ledger.parts),
    )


def _side(parts: Parts) -> Side:
    return Side(
        parts.version,
        {e.stored_name: e.schema_version for e in parts.events},
        {f.name: f.version for f in parts.facets},
        {m.name: m.version for m in parts.read_models},
        tuple(r.name for r in parts.reports),
    )


# ---------------------------------------------------------------- a version on disk


def check_candidate(
    url: str,
    options: Mapping[str, Any],
    plugin: str,
    candidate: Path,
    *,
    reports: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> UpgradeCheck:
    """Compare what a version of a plugin on disk makes of a ledger with what the installed one does, or with what is stored.

    Each version runs in a process of its own, which opens the ledger and its keys read-only.

    Args:
        url: the ledger's database; a file or a server.
        options: as for ``guanxi.open``: ``tenant``, ``keys``.
        plugin: the plugin's name.
        candidate: a wheel, a project with ``src/``, or a folder that the distribution is installed in.
        reports: names of reports to compare; all of the plugin's if None.
        subjects: account numbers or stream ids; all if None.
        progress: called with (streams compared, streams in all).

    Raises:
        Unavailable: the ledger cannot be opened by another process.
        PluginError: the candidate cannot be used.
    """
    if url.rstrip("/") in ("sqlite:", "sqlite"):
        raise Unavailable(
            "ledger_in_memory",
            "a ledger in memory cannot be read by another process",
            zh="内存中的账本无法由其他进程读取",
            accepts="a database file or server",
        )
    request = {
        "url": url,
        "options": {
            **options,
            **({"block": [attrs.asdict(b) for b in options["block"]]} if "block" in options else {}),
        },
        "plugin": plugin,
        "reports": None if reports is None else list(reports),
        "subjects": None if subjects is None else list(subjects),
    }
    with ExitStack() as stack:
        paths = stack.enter_context(unpacked(candidate))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanxi-check-")))
        if not _is_installed(plugin, options):
            told = _Answer(_ask({**request, "mode": "stored"}, paths, folder / "candidate"))
            return _from_stored(plugin, told.tail)
        installed = _Answer(_ask({**request, "mode": "snapshot"}, [], folder / "installed"))
        other = _Answer(_ask({**request, "mode": "snapshot"}, paths, folder / "candidate"))
        return _compared(plugin, installed, other, progress)


def _is_installed(plugin: str, options: Mapping[str, Any]) -> bool:
    from guanxi import discover

    chosen = {name: options[name] for name in ("allow", "block") if name in options}
    return any(p.name == plugin and p.parts is not None for p in discover(**chosen))


@contextmanager
def unpacked(candidate: Path) -> Generator[list[Path]]:
    """Yield the folders that make a distribution importable when they are put in front of the path.

    Raises:
        Invalid: ``not_a_distribution``.
    """
    if candidate.is_file() and zipfile.is_zipfile(candidate):
        with tempfile.TemporaryDirectory(prefix="guanxi-wheel-") as folder:
            _extract(candidate, Path(folder))
            yield [Path(folder)]
    elif candidate.is_dir() and any(candidate.glob("*.dist-info")):
        yield [candidate]
    elif (candidate / "pyproject.toml").is_file():
        source = candidate / "src" if (candidate / "src").is_dir() else candidate
        with tempfile.TemporaryDirectory(prefix="guanxi-project-") as folder:
            _describe_project(candidate, Path(folder))
            yield [Path(folder), source]
    else:
        raise Invalid(
            "not_a_distribution",
            f"{candidate} is no wheel, project or installed distribution",
            zh=f"{candidate} 不是 wheel、项目或已安装的分发包",
            accepts="a .whl, a folder with pyproject.toml, or one with a .dist-info",
        )


def _extract(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            target = (folder / member.filename).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise Invalid(
                    "not_a_distribution",
                    f"{wheel}: {member.filename} points outside",
                    zh=f"{wheel}：{member.filename} 指向包外",
                    accepts="a wheel as a build tool makes it",
                )
        archive.extractall(folder)


def _describe_project(project: Path, folder: Path) -> None:
    """Write what an installer would: the distribution's name, version and entry points."""
    try:
        about = tomllib.loads((project / "pyproject.toml").read_text("utf-8")).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            "not_a_distribution",
            f"{project}/pyproject.toml: {error}",
            zh=f"{project}/pyproject.toml：{error}",
        ) from error
    name, version = str(about.get("name", project.name)), str(about.get("version", "0"))
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    lines: list[str] = []
    for group, points in about.get("entry-points", {}).items():
        lines += [f"[{group}]", *(f"{k} = {v}" for k, v in points.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")


def _ask(request: Mapping[str, Any], front: Sequence[Path], answer: Path) -> Path:
    """Run the request in a process of its own and return the file with its answer."""
    paths = [*(str(p.resolve()) for p in front), *(p for p in sys.path if p)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    with answer.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE],
            input=json.dumps(request).encode(),
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    if done.returncode:
        _raise(answer, done.stderr.decode(errors="replace"))
    return answer


def _raise(answer: Path, complaint: str) -> None:
    last = answer.read_bytes().splitlines()[-1:] or [b"{}"]
    try:
        told = json.loads(last[0]).get("error")
    except ValueError:
        told = None
    if told is None:
        line = complaint.strip().splitlines()[-1:] or ["it ended without a word"]
        told = {"code": "plugin_failed", "message": line[0], "zh": line[0], "accepts": ""}
    raise PluginError(told["code"], told["message"], zh=told["zh"], accepts=told["accepts"])


class _Answer:
    """What a process said: its streams, found by name, and its last line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.places: dict[str, int] = {}
        self.tail: dict[str, Any] = {}
        with path.open("rb") as lines:
            at = 0
            for line in lines:
                if line.startswith(b'{"stream":'):
                    self.places[json.loads(line[: line.index(b",")] + b"}")["stream"]] = at
                else:
                    self.tail = json.loads(line)
                at += len(line)

    def stream(self, name: str) -> StreamSnapshot | None:
        """Return a stream's decisions."""
        at = self.places.get(name)
        if at is None:
            return None
        with self._path.open("rb") as lines:
            lines.seek(at)
            return msgspec.convert(msgspec.json.decode(lines.readline())["told"], StreamSnapshot)


# ---------------------------------------------------------------- comparing


def _compared(
    plugin: str, installed: _Answer, other: _Answer, progress: Callable[[int, int], None] | None
) -> UpgradeCheck:
    before, after = (msgspec.convert(a.tail["side"], Side) for a in (installed, other))
    changes: list[DecisionChange] = []
    names = list(dict.fromkeys([*installed.places, *other.places]))
    for n, name in enumerate(names):
        one, two = installed.stream(name), other.stream(name)
        if one is not None and two is not None and one != two:
            changes += _stream_changes(plugin, one, two, before, after)
        if progress is not None and n % 500 == 0:
            progress(n, len(names))
    remarks = [*_manifest_remarks(plugin, before, after)]
    reports: list[ReportChange] = []
    for report, told in other.tail["reports"].items():
        was = installed.tail["reports"].get(report)
        if was is None:
            continue
        reports.append(_report_change(report, was, told))
    models, old = other.tail["models"], installed.tail["models"]
    if not changes:
        for model in sorted(models.keys() & old.keys()):
            if models[model] != old[model] and after.read_models[model] <= before.read_models[model]:
                remarks.append(
                    Remark(
                        "read_model_version",
                        f"{model} has other rows and still version {after.read_models[model]}: they would not be made anew",
                        f"{model} 的行不同，但版本仍为 {after.read_models[model]}：不会重建",
                    )
                )
    if changes and not any(v > before.facets.get(f, 0) for f, v in after.facets.items()):
        remarks.append(_FACET_VERSION)
    told = other.tail["comparison"]
    compared = Comparison(
        told["streams"],
        told["transactions"],
        told["decisions"],
        told["position"],
        told["as_of"],
        told["as_known"],
        tuple(changes),
        tuple(reports),
        tuple(Unreadable(**u) for u in told["unreadable"]),
        told["opaque"],
    )
    return UpgradeCheck(plugin, before, after, compared, tuple(remarks))


def _stream_changes(
    plugin: str, one: StreamSnapshot, two: StreamSnapshot, before: Side, after: Side
) -> Iterator[DecisionChange]:
    groups: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {}
    for n, snapshot in enumerate((one, two)):
        for d in snapshot.decisions:
            ident = (d.name, json.dumps(dict(d.key), sort_keys=True))
            groups.setdefault(ident, ([], []))[n].append(d)
    found: list[DecisionChange] = []
    for mine, theirs in groups.values():
        left = [d for d in mine if d not in theirs]
        right = [d for d in theirs if d not in mine]
        for n in range(max(len(left), len(right))):
            a = left[n] if n < len(left) else None
            b = right[n] if n < len(right) else None
            if (
                a is not None
                and b is not None
                and (a.fields, a.effective_from) == (b.fields, b.effective_from)
            ):
                continue
            found.append(_change(plugin, one.account or two.account, one.stream, a, b, before, after))
    yield from sorted(found, key=lambda c: min(t for t in (c.before_from, c.after_from) if t))


def _change(
    plugin: str, account: str | None, stream: str, a: Any, b: Any, before: Side, after: Side
) -> DecisionChange:
    shown = b if b is not None else a
    facets = [
        (f, before.facets.get(f, 0), v) for f, v in after.facets.items() if v != before.facets.get(f, 0)
    ]
    text = ", ".join(f"{f} v{was} → v{now}" for f, was, now in facets)
    en = f"{plugin} {before.version} → {after.version}" + (f": {text}" if text else "")
    zh = f"{plugin} {before.version} → {after.version}" + (f"：{text}" if text else "")
    label = guanxi.Label(en, zh)
    return DecisionChange(
        stream=stream,
        account=account,
        name=shown.name,
        key=shown.key,
        status=DIFFERS if a is not None and b is not None else (AFTER if a is None else BEFORE),
        before=None if a is None else a.fields,
        after=None if b is None else b.fields,
        before_from=None if a is None else a.effective_from,
        after_from=None if b is None else b.effective_from,
        rule=shown.rule,
        entry=None,
        recorded_at=None,
        plugin=plugin,
        plugin_version=after.version,
        moment=shown.moment,
        entries=shown.entries,
        causes=(Cause("plugin_version", label, {"before": before.version, "after": after.version}),),
    )


def _manifest_remarks(plugin: str, before: Side, after: Side) -> Iterator[Remark]:
    for name, version in sorted(before.events.items()):
        now = after.events.get(name)
        if now is None:
            yield Remark(
                "event_gone",
                f"{plugin} {after.version} has no event {name}: its entries would be opaque",
                f"{plugin} {after.version} 没有事件 {name}：其记录将无法读取",
            )
        elif now < version:
            yield Remark(
                "schema_lowered",
                f"{name} goes back from form {version} to {now}: entries of the later form could not be read",
                f"{name} 由版本 {version} 退回 {now}：较新版本的记录将无法读取",
            )
    for name, version in sorted(before.read_models.items()):
        if after.read_models.get(name, version) < version:
            yield Remark(
                "read_model_version",
                f"{name} goes back from version {version} to {after.read_models[name]}",
                f"{name} 由版本 {version} 退回 {after.read_models[name]}",
            )
    for name in before.reports:
        if name not in after.reports:
            yield Remark("report_gone", f"there is no report {name} any more", f"不再有报表 {name}")


def _report_change(report: str, was: Mapping[str, Any], told: Mapping[str, Any]) -> ReportChange:
    before, after = (
        msgspec.convert(a["refused"], Refusal) if "refused" in a else _read_table(report, a)
        for a in (was, told)
    )
    if isinstance(before, Refusal) or isinstance(after, Refusal):
        return refused_change(report, (), before, after)
    return table_change(before, after)


def _read_table(report: str, told: Mapping[str, Any]) -> Table:
    columns = tuple(msgspec.convert(c, Column) for c in told["columns"])
    return Table(report, columns, tuple(tuple(r) for r in told["rows"]), told["digest"])


def _from_stored(plugin: str, tail: Mapping[str, Any]) -> UpgradeCheck:
    told = tail["comparison"]
    changes = tuple(msgspec.convert(c, DecisionChange) for c in told["changes"])
    reports = tuple(_report_change(name, t["before"], t["after"]) for name, t in tail["reports"].items())
    compared = Comparison(
        told["streams"],
        told["transactions"],
        told["decisions"],
        told["position"],
        told["as_of"],
        told["as_known"],
        changes,
        reports,
        tuple(Unreadable(**u) for u in told["unreadable"]),
        told["opaque"],
    )
    remarks = tuple(msgspec.convert(r, Remark) for r in tail["remarks"])
    return UpgradeCheck(plugin, Side(""), msgspec.convert(tail["side"], Side), compared, remarks)


# ---------------------------------------------------------------- in the child


def _answer(request: Mapping[str, Any]) -> None:
    options = dict(request["options"])
    if "block" in options:
        options["block"] = [guanxi.Block(**b) for b in options["block"]]
    ledger = guanxi.open(request["url"], create=False, read_only=True, **options)
    try:
        plugin, subjects = request["plugin"], request["subjects"]
        side = _side(_parts(ledger, plugin))
        names = list(side.reports if request["reports"] is None else request["reports"])
        tail: dict[str, Any] = {"side": side}
        if request["mode"] == "stored":
            check = check_installed(ledger, plugin, reports=names, subjects=subjects)
            compared = check.compared
            gone = [
                Remark(
                    "event_gone",
                    f"{plugin} {side.version} does not read {name}: {count} entries would stay opaque",
                    f"{plugin} {side.version} 无法读取 {name}：{count} 条记录将保持不可读",
                )
                for name, count in compared.opaque.items()
                if name.partition(".")[0] == plugin
            ]
            tail |= {
                "comparison": _plain_comparison(compared),
                "reports": {
                    r.report: {
                        side: _table(table) if refusal is None else {"refused": refusal}
                        for side, table, refusal in zip(
                            ("before", "after"), (r.before, r.after), r.refusals, strict=True
                        )
                    }
                    for r in compared.reports
                },
                "remarks": [*gone, *check.remarks],
            }
        else:
            known = [n for n in names if n in ledger.reporting.reports]
            compared, answers, reader = Rederiving(ledger).snapshot(known, subjects, _say_stream)
            tail |= {
                "comparison": _plain_comparison(compared),
                "reports": {n: _told(a) for n, a in answers.items()},
                "models": {
                    m.name: _rows_digest(reader.rows(m))
                    for p in ledger.parts
                    if p.name == plugin
                    for m in p.read_models
                },
            }
        _say(tail)
    finally:
        ledger.close()


def _plain_comparison(c: Comparison) -> dict[str, Any]:
    return {k: v for k, v in attrs.asdict(c, recurse=False).items() if k != "reports"}


def _told(answer: ReportResult | GuanxiError) -> dict[str, Any]:
    if isinstance(answer, GuanxiError):
        return {"refused": Refusal.of(answer)}
    return _table(Table(answer.report.name, answer.columns, answer.rows, answer.manifest.digest))


def _table(table: Table) -> dict[str, Any]:
    rows = [[canonical(v) for v in row] for row in table.rows]
    return {"columns": table.columns, "rows": rows, "digest": table.digest}


def _rows_digest(rows: Iterator[tuple[str, Any]]) -> str:
    found = hashlib.sha256()
    for stream, row in rows:
        found.update(repr((stream, attrs.astuple(row))).encode())
    return found.hexdigest()


def _say(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value, enc_hook=str) + b"\n")


def _say_stream(snapshot: StreamSnapshot) -> None:
    _say({"stream": snapshot.stream, "told": snapshot})


def main() -> int:
    """Answer the request on standard input; the last line says what went wrong, if anything did."""
    try:
        _answer(json.loads(sys.stdin.buffer.read()))
    except GuanxiError as error:
        facts = {"code": error.code, "message": error.message, "zh": error.zh, "accepts": error.accepts}
        _say({"error": facts})
        return 1
    finally:
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
