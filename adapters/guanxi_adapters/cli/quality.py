"""The quality scale of plugins: its levels and rules, and what a plugin comes to. Runs in a process of its own.

``python -m guanxi_adapters.cli.quality`` takes a question as JSON on standard input and answers with one line of JSON for each
rule, as it is found.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import attrs
import msgspec
from packaging.requirements import InvalidRequirement, Requirement

import guanxi
from guanxi import Decision, GuanxiError, Installed, Label, Parts, discover
from guanxi.kernel.messages import ROLE, fields_of, personal_of
from guanxi.kernel.plugins import entry_points, find_manifest, read_manifest
from guanxi.kernel.rules import declared
from guanxi_adapters.cli.projects import Project

Status = Literal["met", "failed", "exempt", "not_applicable", "unseen"]
Level = Literal["listed", "sound", "proven", "exemplary"]

LEVELS: dict[Level, Label] = {
    "listed": Label("listed", "在册"),
    "sound": Label("sound", "可靠"),
    "proven": Label("proven", "有证"),
    "exemplary": Label("exemplary", "典范"),
}
MEANINGS: dict[Level, Label] = {
    "listed": Label("it is what it says it is, and can be let in", "与自述相符，可以接入"),
    "sound": Label("it keeps its promises over any history", "对任何历史都守约"),
    "proven": Label("its own tests show it, yesterday's entries included", "自带测试加以证明，含旧记录"),
    "exemplary": Label("it is good to live with", "便于长期使用和维护"),
}
PASSED: tuple[Status, ...] = ("met", "exempt", "not_applicable")
SHOWN = 6
"""How many faults a finding names."""

TESTS_TIMEOUT = 1800
_FOREIGN = ("guanxi.kernel", "guanxi_adapters", "eventsourcing", "sqlite3", "psycopg")
_PERSON = re.compile(
    r"(^|_)(phone|mobile|email|wechat|address|birthday|birth_date|passport|surname|id_card|id_number)($|_)"
    r"|^((full|customer|holder|contact|first|last|family|given)_)?name$"
)
_EXAMPLE = re.compile(r"^ *```(python|console)\s*$(.*?)^ *```", re.MULTILINE | re.DOTALL)


@attrs.frozen
class Fault:
    """What a rule finds wrong.

    Args:
        subject: what it is about, so that it can be exempted alone.
        text: what is wrong.
        entry: the entry that shows it, where one does.
    """

    subject: str
    text: str
    entry: str | None = None


@attrs.frozen
class Standing:
    """What a plugin comes to under one rule.

    Args:
        rule: the rule's name.
        level: the level it belongs to.
        title: what people call it.
        status: ``met``, ``failed``, ``exempt``, ``not_applicable``, or ``unseen`` where it could not be looked at.
        detail: what was seen, how it failed, or why it is exempt.
        entry: the entry that broke it, where one did.
    """

    rule: str
    level: Level
    title: Label
    status: Status
    detail: str = ""
    entry: str | None = None


class Unseen(Exception):
    """What a rule would look at is not here."""


class NotApplicable(Exception):
    """A plugin has nothing that a rule could be asked of."""


@attrs.frozen
class Rule:
    """One rule of the scale.

    Args:
        name: its name, as ``[quality.exempt]`` names it.
        level: the level it belongs to.
        title: what people call it.
        ask: yields what is wrong; raises ``Unseen`` or ``NotApplicable``. A text it returns says what was seen.
        exemptable: whether a plugin may be exempt from it.
    """

    name: str
    level: Level
    title: Label
    ask: Callable[[Examinee], Iterator[Fault] | Iterable[Fault]]
    exemptable: bool = True


def reached(standings: Iterable[Standing]) -> Level | None:
    """Return the highest level of which, and below which, every rule is passed; None for none."""
    failing = {s.level for s in standings if s.status not in PASSED}
    best: Level | None = None
    for level in LEVELS:
        if level in failing:
            break
        best = level
    return best


# ---------------------------------------------------------------- the plugin


class Examinee:
    """A plugin, and what rules look at of it; each thing is looked up once.

    Args:
        project: where it is.
        examples: how many histories are made up.
        tests: whether its own tests are run.
    """

    def __init__(self, project: Project, examples: int = 25, *, tests: bool = True) -> None:
        self.project, self.examples, self.tests = project, examples, tests

    @cached_property
    def manifest_path(self) -> Path | None:
        """Where its manifest is; None when it has none."""
        point = next((p for p in entry_points() if p.name == self.project.name), None)
        return None if point is None else find_manifest(point)

    @cached_property
    def exempt(self) -> Mapping[str, str]:
        """Reasons by rule, or by rule and subject with a colon between."""
        try:
            return read_manifest(self.manifest_path).exempt if self.manifest_path is not None else {}
        except GuanxiError:
            return {}

    @cached_property
    def installed(self) -> Installed:
        """What the loader finds."""
        return next(p for p in discover(allow=[self.project.name]) if p.name == self.project.name)

    @property
    def parts(self) -> Parts:
        """What it hands over."""
        parts = self.installed.parts
        if parts is None:
            raise Unseen("the plugin is refused, see loads")
        return parts

    @cached_property
    def package(self) -> Path:
        """The folder of its package."""
        if self.manifest_path is not None:
            return self.manifest_path.parent
        spec = importlib.util.find_spec(self.project.value.partition(":")[0].partition(".")[0])
        places = spec.submodule_search_locations if spec is not None else None
        if not places:
            raise Unseen("it is no package")
        return Path(next(iter(places)))

    @property
    def source(self) -> Path:
        """The folder it is developed in."""
        if self.project.source is None:
            raise Unseen("only an installation is here; point at the plugin's project folder")
        return self.project.source

    @cached_property
    def test_files(self) -> list[Path]:
        """The Python files of its tests."""
        return sorted(self.source.glob("tests/**/*.py"))

    @cached_property
    def conformance(self) -> type[Any] | str:
        """The test class that inherits the kit for this plugin, or why there is none."""
        try:
            files = [f for f in self.test_files if "Conformance" in f.read_text("utf-8")]
        except Unseen as unseen:
            return str(unseen)
        for file in files:
            try:
                module = _module(file)
            except Exception as error:  # noqa: BLE001 - a test file may fail in any way
                return f"{file.name} cannot be imported: {type(error).__name__}: {error}"
            if (found := _inherits(module, self.project.name)) is not None:
                return found
        return "no test class inherits guanxi.testing.Conformance for it"

    @cached_property
    def examination(self) -> Any:
        """The kit's examination, with the strategies and golden histories that the plugin's own tests name."""
        from guanxi.testing import PROPERTIES, Golden
        from guanxi.testing.examining import Examination

        parts = self.parts
        own = self.conformance if isinstance(self.conformance, type) else None
        golden: Any = getattr(own, "golden", ())
        if isinstance(golden, str | Path):
            golden = Golden.load_all(golden)
        if not golden and self.project.source is not None:
            golden = Golden.load_all(self.project.source / "tests" / "golden")
        made = Examination(
            parts,
            manifest=self.manifest_path,
            golden=golden,
            facts=getattr(own, "facts", None),
            commands=getattr(own, "commands", None),
            rules=getattr(own, "rules", None),
            exempt={name: reason for name, reason in self.exempt.items() if name in PROPERTIES},
            examples=self.examples,
        )
        if parts.facets or parts.read_models or parts.reports:
            # What fails here fails under every property too, and is told there.
            with contextlib.suppress(GuanxiError):
                made.cover()
        return made


def _module(file: Path) -> ModuleType:
    for folder in (str(file.parent), str(file.parents[1])):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(f"checked_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _inherits(module: ModuleType, name: str) -> type[Any] | None:
    from guanxi.testing import Conformance

    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, Conformance) and thing.plugin is not None:
            parts = thing.plugin if isinstance(thing.plugin, Parts) else thing.plugin.guanxi_parts()
            if parts.name == name:
                return thing
    return None


# ---------------------------------------------------------------- listed


def _manifest_valid(x: Examinee) -> Iterator[Fault]:
    if x.manifest_path is None:
        yield Fault(
            "", "there is no plugin.toml in its package; 'guanxi plugins manifest NAME --write' makes it"
        )
        return
    try:
        read_manifest(x.manifest_path)
    except GuanxiError as error:
        yield Fault("", error.describe())


def _loads(x: Examinee) -> Iterator[Fault]:
    if x.installed.parts is None:
        yield Fault("", x.installed.why())
        return
    try:
        guanxi.open("sqlite://", plugins=[x.installed], strict=True).close()
    except GuanxiError as error:
        yield Fault("", error.describe())


def _public_surface(x: Examinee) -> Iterator[Fault]:
    for file in sorted(x.package.rglob("*.py")):
        for module, line in _imports(file):
            top = module.partition(".")[0]
            foreign = module.startswith(tuple(f"{f}." for f in _FOREIGN)) or module in _FOREIGN
            other = (
                top.startswith("guanxi_")
                and top != x.package.name
                and top != x.project.value.partition(":")[0].partition(".")[0]
            )
            private = top == "guanxi" and any(part.startswith("_") for part in module.split("."))
            if foreign or other or private:
                yield Fault(module, f"{file.relative_to(x.package)}, line {line} imports {module}")


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module, node.lineno
            if node.module == "guanxi":
                yield from ((f"guanxi.{alias.name}", node.lineno) for alias in node.names)


def _dependency_bounded(x: Examinee) -> Iterator[Fault]:
    wanted = []
    for text in x.project.requires:
        with contextlib.suppress(InvalidRequirement):
            wanted.append(Requirement(text))
    own = [r for r in wanted if r.name.lower() == "guanxi" and r.marker is None]
    if not own:
        yield Fault("", "its distribution does not depend on guanxi")
    for requirement in own:
        if not any(s.operator in ("<", "<=", "~=", "==") for s in requirement.specifier):
            yield Fault("", f"{requirement} has no upper end")


# ---------------------------------------------------------------- sound


def _property(name: str) -> Callable[[Examinee], Iterator[Fault]]:
    def ask(x: Examinee) -> Iterator[Fault]:
        finding = x.examination.find(name)
        if finding.status == "not_applicable":
            raise NotApplicable(finding.detail)
        if finding.status == "failed":
            yield Fault("", finding.detail, finding.entry)

    return ask


def _every_event_came_up(x: Examinee) -> Iterator[Fault]:
    if not x.parts.events:
        raise NotApplicable("it has no events")
    seen = x.examination.recorded().union(*(told.names() for told in x.examination.told()))
    for event in x.parts.events:
        if event.stored_name not in seen:
            yield Fault(
                event.stored_name,
                f"{event.stored_name} came up in none of the made-up histories, nor in a golden one",
            )


# ---------------------------------------------------------------- proven


def _tests_pass(x: Examinee) -> Iterator[Fault]:
    folder = x.source / "tests"
    if not x.tests:
        raise Unseen("left out by --no-tests")
    if not any(f.name.startswith("test_") for f in x.test_files):
        yield Fault("", "there are no tests in tests/")
        return
    if importlib.util.find_spec("pytest") is None:
        raise Unseen("pytest is not installed")
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", str(folder)]
    try:
        ran = subprocess.run(
            command, cwd=x.source, capture_output=True, text=True, timeout=TESTS_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        yield Fault("", f"its tests took more than {TESTS_TIMEOUT} s")
        return
    if ran.returncode != 0:
        lines = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        yield Fault("", "\n".join([*lines[:SHOWN], *(ran.stdout + ran.stderr).strip().splitlines()[-1:]]))


def _conformance_inherited(x: Examinee) -> Iterator[Fault]:
    _ = x.source
    if isinstance(x.conformance, str):
        yield Fault("", x.conformance)


def rules_of(parts: Parts) -> dict[str, str]:
    """Return the rule ids that a plugin's handlers and reports answer to, with one that does."""
    found: dict[str, str] = {}
    for facet in parts.facets:
        for judges in (facet.reactions, facet.effects):
            for pairs in judges.values():
                for rule, _ in pairs:
                    found.setdefault(rule, facet.name)
        for guards in facet.guards.values():
            for rule, _, _ in guards:
                found.setdefault(rule, facet.name)
    for report in parts.reports:
        for rule in report.rules:
            found.setdefault(rule, report.name)
    return found


def _rules_tested(x: Examinee) -> Iterator[Fault]:
    rules = rules_of(x.parts)
    texts = "\n".join(f.read_text("utf-8") for f in x.test_files)
    if not rules:
        raise NotApplicable("its handlers name no rules")
    for rule, owner in sorted(rules.items()):
        if not re.search(rf"(?<![\w-]){re.escape(rule)}[a-z]?(?![\w-])", texts):
            yield Fault(rule, f"no test names {rule} (of {owner})")


def _golden_complete(x: Examinee) -> Iterator[Fault]:
    _ = x.source
    shown = {(entry.name, entry.schema) for golden in x.examination.golden for entry in golden}
    if not x.parts.events:
        raise NotApplicable("it has no events")
    for event in x.parts.events:
        for form in range(1, event.schema_version + 1):
            if (event.stored_name, form) not in shown:
                yield Fault(event.stored_name, f"no golden history shows {event.stored_name} v{form}")


# ---------------------------------------------------------------- exemplary


def _typed(x: Examinee) -> Iterator[Fault]:
    if not (x.package / "py.typed").is_file():
        yield Fault("", f"{x.package.name} has no py.typed")


def _documented(x: Examinee) -> Iterator[Fault]:
    kinds = (*x.parts.events, *x.parts.commands, *x.parts.rule_sets)
    states = [f.state for f in x.parts.facets if isinstance(f.state, type)]
    for cls in (*kinds, *states):
        if not (cls.__dict__.get("__doc__") or "").strip():
            yield Fault(cls.__name__, f"{cls.__module__}.{cls.__qualname__} has no docstring")


def _readme_runs(x: Examinee) -> Iterator[Fault]:
    if x.project.readme is None:
        yield Fault("", "there is no README")
        return
    blocks = [(kind, inspect.cleandoc(text)) for kind, text in _EXAMPLE.findall(x.project.readme)]
    code = "\n\n".join(text for kind, text in blocks if kind == "python")
    if "guanxi" not in code and not any("guanxi " in text for _, text in blocks):
        yield Fault("", "the README has no example: a fenced block marked python or console that uses it")
        return
    with tempfile.TemporaryDirectory(prefix="guanxi-readme-") as folder:
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )  # fmt: skip
    if ran.returncode != 0:
        yield Fault("", f"the README's Python fails: {ran.stderr.strip().splitlines()[-1]}")


def _changelog(x: Examinee) -> Iterator[Fault]:
    files = [f for f in sorted(x.source.glob("CHANGELOG*")) if f.is_file()]
    if not files:
        yield Fault("", "there is no CHANGELOG")
    elif not re.search(rf"(?<![\w.]){re.escape(x.project.version)}(?![\w.])", files[0].read_text("utf-8")):
        yield Fault("", f"{files[0].name} says nothing of {x.project.version}")


def _bounded(x: Examinee) -> Iterator[Fault]:
    if not x.parts.rule_sets:
        raise NotApplicable("it has no rule sets")
    for cls in x.parts.rule_sets:
        checked = {a.name: a.validator for a in fields_of(cls)}
        for one in declared(cls):
            number = isinstance(one.default, int | Decimal) and not isinstance(one.default, bool)
            further = getattr(checked[one.name], "_validators", ())
            if number and not one.bounds and len(further) < 2:
                yield Fault(f"{cls.stored_name}.{one.name}", f"{cls.stored_name}.{one.name} takes any number")


def _explainable(x: Examinee) -> Iterator[Fault]:
    decisions = [e for e in x.parts.events if issubclass(e, Decision)]
    if not decisions:
        raise NotApplicable("it draws no decisions")
    for cls in decisions:
        if not any(a.metadata.get(ROLE) in ("given", "limit") for a in fields_of(cls)):
            yield Fault(cls.stored_name, f"{cls.stored_name} keeps no input: neither given() nor limit()")


def _personal_declared(x: Examinee) -> Iterator[Fault]:
    owners: list[tuple[str, type[Any]]] = [(e.stored_name, e) for e in x.parts.events]
    owners += [(m.name, m.row) for m in x.parts.models]
    for name, cls in owners:
        for a in fields_of(cls):
            if _PERSON.search(a.name) and personal_of(a) is None:
                yield Fault(f"{name}.{a.name}", f"{name}.{a.name} looks personal and is stored in the clear")


def _reports_add_up(x: Examinee) -> Iterator[Fault]:
    if not x.parts.reports:
        raise NotApplicable("it has no reports")
    for report in x.parts.reports:
        if report.foots is None and "trouble" not in _source(report.over or report.build):
            yield Fault(
                report.name, f"{report.name} proves nothing of what it shows: neither foots nor trouble"
            )


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def _exemptions_right(x: Examinee) -> Iterator[Fault]:
    rules = {rule.name: rule for rule in RULES}
    for key in x.exempt:
        name, _, subject = key.partition(":")
        if name not in rules:
            yield Fault(key, f"there is no rule {name} to be exempt from")
        elif not rules[name].exemptable:
            yield Fault(key, f"nobody is exempt from {name}")
        elif subject and all(f.subject != subject for f in _faults(rules[name], x)):
            yield Fault(key, f"{subject} is not in breach of {name}: the exemption is not needed")


def _faults(rule: Rule, x: Examinee) -> list[Fault]:
    try:
        return list(rule.ask(x))
    except (Unseen, NotApplicable):
        return []


# ---------------------------------------------------------------- the scale


def _kit(name: str, level: Level, *, exemptable: bool = True) -> Rule:
    from guanxi.testing.findings import TITLES

    return Rule(name, level, TITLES[name], _property(name), exemptable)


RULES: tuple[Rule, ...] = (
    Rule("manifest_valid", "listed", Label("Its manifest is well-formed", "清单存在且格式正确"), _manifest_valid, exemptable=False),
    Rule("loads", "listed", Label("The strict loader lets it in", "严格加载通过"), _loads, exemptable=False),
    _kit("manifest_true", "listed", exemptable=False),
    Rule("public_surface", "listed", Label("It imports nothing but the public surface", "只导入公开接口"), _public_surface),
    Rule("dependency_bounded", "listed", Label("It says which guanxi it works with", "声明适用的 guanxi 版本范围"), _dependency_bounded),
    *(
        _kit(name, "sound")
        for name in (
            "pure", "deterministic", "clock_free", "hindsight", "reenactable", "rebuildable", "idempotent",
            "batch_insensitive", "resumable", "serialisable", "upcast_complete", "erasure_tolerant", "labelled", "reports_foot",
        )
    ),
    Rule("every_event_came_up", "sound", Label("Every event came up in what was examined", "检验覆盖每种事件"), _every_event_came_up),
    Rule("tests_pass", "proven", Label("Its own tests pass", "自带测试通过"), _tests_pass),
    Rule("conformance_inherited", "proven", Label("Its tests include the conformance kit", "测试包含一致性检验"), _conformance_inherited),
    Rule("rules_tested", "proven", Label("A test names each of its rules", "每条规则都有测试"), _rules_tested),
    Rule("golden_complete", "proven", Label("Golden histories show each form of each event", "样本含每种事件的每个版本"), _golden_complete),
    Rule("typed", "exemplary", Label("Its types are published", "发布类型信息"), _typed),
    Rule("documented", "exemplary", Label("What it hands over has docstrings", "各部分均有说明"), _documented),
    Rule("readme_runs", "exemplary", Label("The README has an example that runs", "README 示例可运行"), _readme_runs),
    Rule("changelog", "exemplary", Label("The changelog tells of this version", "更新日志含本版本"), _changelog),
    Rule("bounded", "exemplary", Label("Numbers in rule sets have bounds", "规则集数值均有界限"), _bounded),
    Rule("explainable", "exemplary", Label("Decisions keep what they were drawn from", "判定保留其依据"), _explainable),
    Rule("personal_declared", "exemplary", Label("What looks personal is declared so", "疑似个人信息均已声明"), _personal_declared),
    Rule("reports_add_up", "exemplary", Label("Reports prove their own sums", "报表自证勾稽"), _reports_add_up),
    Rule("exemptions_right", "exemplary", Label("Exemptions are needed", "豁免均有必要"), _exemptions_right, exemptable=False),
)  # fmt: skip
"""The scale: every rule, level by level, in the order in which they are asked."""


def assess(x: Examinee, rules: Sequence[Rule] = RULES) -> Iterator[Standing]:
    """Yield what a plugin comes to under each rule."""
    for rule in rules:
        yield _standing(rule, x)


def _standing(rule: Rule, x: Examinee) -> Standing:
    def told(status: Status, detail: str = "", entry: str | None = None) -> Standing:
        return Standing(rule.name, rule.level, rule.title, status, detail, entry)

    if rule.exemptable and (reason := x.exempt.get(rule.name)) is not None:
        return told("exempt", reason)
    try:
        faults = list(rule.ask(x))
    except Unseen as unseen:
        return told("unseen", str(unseen))
    except NotApplicable as reason:
        return told("not_applicable", str(reason))
    except Exception as error:  # noqa: BLE001 - a plugin's code may fail in any way, and the other rules go on
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}, line {frame.lineno}"
        return told("failed", f"{type(error).__name__}: {error} ({place})")
    excused = {
        f.subject: x.exempt.get(f"{rule.name}:{f.subject}") for f in faults if f.subject and rule.exemptable
    }
    standing = [f for f in faults if not excused.get(f.subject)]
    if standing:
        more = f"\nand {len(standing) - SHOWN} more" if len(standing) > SHOWN else ""
        return told("failed", "\n".join(f.text for f in standing[:SHOWN]) + more, standing[0].entry)
    if faults:
        return told("exempt", "\n".join(f"{subject}: {reason}" for subject, reason in excused.items()))
    return told("met")


# ---------------------------------------------------------------- the process


@attrs.frozen
class Question:
    """What the process is asked."""

    project: Project
    examples: int
    tests: bool


def _answer(question: Question, out: io.TextIOBase) -> None:
    x = Examinee(question.project, question.examples, tests=question.tests)
    for standing in assess(x):
        out.write(msgspec.json.encode(attrs.asdict(standing)).decode() + "\n")
        out.flush()


def main() -> None:
    """Answer the question on standard input; whatever a plugin prints goes to standard error."""
    question = msgspec.json.decode(
        sys.stdin.buffer.read(), type=Question, dec_hook=lambda kind, text: kind(text)
    )
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        _answer(question, out)


if __name__ == "__main__":
    main()
