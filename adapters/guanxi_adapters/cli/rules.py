"""``rules``: the rule sets in force, as known when; what differs between versions; and publishing a further one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import colon, say, spoken
from guanxi_adapters.cli.opening import open_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from rich.text import Text

    from guanxi import Ledger, Publication, RuleSet
    from guanxi.kernel.rules import Parameter, Published, RuleBook
    from guanxi_adapters.cli.wording import Wording

group = typer.Typer(
    no_args_is_help=True, help="See the rule sets in force, compare versions, and publish a further one."
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The rule set, such as retail.points.", show_default=False)
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="T", help="In force at that moment; now if left out. A date means its end."),
]
Known = Annotated[
    str | None,
    typer.Option(
        "--as-known",
        metavar="T",
        help="Leave out what was learned later: a date, a moment, or a position of the log.",
    ),
]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who drafted it.", show_default=False)]
ApprovedBy = Annotated[
    str,
    typer.Option("--approved-by", metavar="WHO", help="Who approved it; somebody else.", show_default=False),
]


# ---------------------------------------------------------------- looking


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the rule sets: which version is in force, since when, and which comes next."""
    with open_ledger() as ledger:
        found = [_Standing(ledger, cls) for cls in _classes(ledger).values()]
        if as_json:
            screen.show_json([s.plain() for s in found])
            return
        headings = [
            say("Rule set"),
            say("Plugin"),
            say("In force"),
            say("Since"),
            say("Versions"),
            say("Next"),
        ]
        screen.show(screen.columns(headings, [s.row() for s in found], numbers=(4,)))


@group.command()
def show(name: Name, at: At = None, as_known: Known = None, as_json: AsJson = False) -> None:
    """Show a rule set's parameters: value, unit, bounds, default; and who published them, when and why."""
    with open_ledger() as ledger:
        view = _View(ledger, _class(ledger, name), at, as_known)
        if as_json:
            screen.show_json(view.plain())
            return
        view.show()


@group.command()
def diff(
    name: Name,
    first: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A version's number (0: default values), a moment, or a TOML file.",
            show_default=False,
        ),
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="The same.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Show which parameters differ between two versions, moments or files."""
    with open_ledger() as ledger:
        cls = _class(ledger, name)
        sides = [_side(ledger, cls, text) for text in (first, second)]
        if as_json:
            screen.show_json(
                {
                    "rule_set": name,
                    "first": sides[0][0],
                    "second": sides[1][0],
                    "changes": _plain_changes(sides[0][1], sides[1][1]),
                }
            )
            return
        _show_title(cls)
        _show_changes(ledger, sides[0], sides[1])


@group.command()
def template(name: Name, at: At = None) -> None:
    """Print the values in force as a TOML file, to be changed and published.

    Each parameter has its label, unit, bounds and default beside it. A file need give only
    what is to change.
    """
    from guanxi_adapters.files.rule_files import as_toml

    with open_ledger() as ledger:
        cls = _class(ledger, name)
        view = _View(ledger, cls, at, None)
        comments = {p.name: _about(view.wording, p) for p in view.parameters}
        head = "\n".join(
            [
                f"{cls.title(spoken())}: {view.version_words}",
                say("Leave out what is to stay. Mappings and lists are given whole."),
            ]
        )
        typer.echo(as_toml(view.value, comments, head), nl=False)


# ---------------------------------------------------------------- publishing


@group.command()
def publish(
    name: Name,
    file: Annotated[
        Path,
        typer.Option(
            "--from-file",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="The values, as TOML; what it leaves out stays as it is.",
            show_default=False,
        ),
    ],
    effective: Annotated[
        str,
        typer.Option(
            "--effective",
            metavar="T",
            help="From when they are in force. A date means its beginning.",
            show_default=False,
        ),
    ],
    by: By,
    approved_by: ApprovedBy,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; the change record.")
    ] = None,
    retroactive: Annotated[
        str | None,
        typer.Option("--retroactive", metavar="TEXT", help="Why they take effect in the past, if they do."),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="What the file leaves out goes back to its default.")
    ] = False,
    unchanged: Annotated[
        bool,
        typer.Option(
            "--unchanged", help="Publish although nothing changes: a review that left all values as they are."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and compare, and publish nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a version of a rule set, after showing what it changes.

    It is compared with the version in force at the moment from which it counts. One that
    counts from the same moment as an earlier one takes its place. One that changes nothing
    is refused unless --unchanged says that this is meant.
    """
    from functools import partial

    import guanxi
    from guanxi.kernel.times import read_instant, stamp
    from guanxi_adapters.files.rule_files import changed, load_parameters

    with open_ledger() as ledger:
        cls = _class(ledger, name)
        since, _ = read_instant(effective, ledger.tz)
        value, version = ledger.rule_book().find(cls, stamp(since), _now(ledger))
        after = changed(cls() if whole else value, load_parameters(file, cls, alone=True))
        publish_it = partial(
            ledger.publish,
            after,
            effective_from=since,
            by=by,
            approved_by=approved_by,
            reason=reason,
            retroactive=retroactive,
        )
        number = publish_it(dry=True)
        if after == value and not unchanged:
            raise guanxi.Invalid(
                "nothing_changed",
                f"{file} changes nothing in {cls.stored_name}: {_version_name(version)} is the same",
                zh=f"{file} 未改变 {cls.stored_name}：与{_version_name(version)}相同",
                rule="CORE-73",
                accepts=say("other values; or --unchanged for a review that changes nothing"),
            )
        if not as_json:
            _show_title(cls)
            _show_changes(ledger, (_version_name(version), value), (_version_name(number), after))
        if not dry_run:
            with _waiting():
                number = publish_it()
        if as_json:
            body = {"rule_set": name, "version": number, "effective_from": since.isoformat()}
            compared = {"compared_with": version, "changes": _plain_changes(value, after)}
            screen.show_json({**body, **compared, "published": not dry_run})
            return
        moment = _wording(ledger).moment(since)
        said = (
            say(
                "Nothing was published; it would be version {version}, in force from {moment}.",
                version=number,
                moment=moment,
            )
            if dry_run
            else say("Published as version {version}, in force from {moment}.", version=number, moment=moment)
        )
        screen.show("", screen.styled((said, screen.NOTICE if dry_run else screen.GOOD)))


@group.command()
def withdraw(
    name: Name,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Its number.", show_default=False)],
    by: By,
    approved_by: ApprovedBy,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take back a published version before it comes into force; it stays readable."""
    with open_ledger() as ledger:
        ledger.withdraw_rules(name, version, by=by, approved_by=approved_by, reason=reason)
        if as_json:
            screen.show_json({"rule_set": name, "version": version, "withdrawn": True})
            return
        screen.show(screen.styled((say("Version {version} is withdrawn.", version=version), screen.GOOD)))


# ---------------------------------------------------------------- what is there


def _classes(ledger: Ledger) -> dict[str, type[RuleSet]]:
    return dict(sorted(ledger.rule_book().classes.items()))


def _class(ledger: Ledger, name: str) -> type[RuleSet]:
    from difflib import get_close_matches

    import guanxi
    from guanxi.kernel.absence import absence

    there = _classes(ledger)
    if name in there:
        return there[name]
    ends = [n for n in there if n.endswith("." + name)]
    if len(ends) == 1:
        return there[ends[0]]
    near = get_close_matches(name, list(there), 1, 0.6)
    listed, note = ", ".join(there), absence(ledger.installed, name)
    raise guanxi.Unknown(
        "unknown_rule_set",
        f"there is no rule set {name}{note.en}",
        zh=f"没有规则集 {name}{note.zh}",
        accepts=f"{say('perhaps {names}', names=near[0])}; {listed}" if near else listed,
    )


def _now(ledger: Ledger) -> str:
    from guanxi.kernel.times import stamp

    return max(stamp(ledger.clock()), ledger.rule_book().latest)


def _cut(ledger: Ledger, at: str | None, as_known: str | None) -> tuple[str, str, RuleBook]:
    """Return a moment, what is known, and the book to look it up in."""
    from guanxi.kernel.timeline import cut

    known = int(as_known) if as_known is not None and as_known.isdigit() else as_known
    asked, book, now = cut(at, known, ledger.tz), ledger.rule_book(), _now(ledger)
    if asked.position is not None:
        book = book.up_to(asked.position)
    return asked.as_of or now, asked.as_known or now, book


def _wording(ledger: Ledger) -> Wording:
    from guanxi_adapters.cli.wording import Wording

    return Wording.of(ledger)


def _version_name(version: int) -> str:
    return say("version {version}", version=version) if version > 0 else say("default values")


def _waiting() -> Any:
    """Show that publishing goes on: with many customers, reckoning anew what falls due takes a while."""
    return screen.progress(say("reckoning anew what falls due"))


class _Standing:
    """Where a rule set stands now."""

    def __init__(self, ledger: Ledger, cls: type[RuleSet]) -> None:
        from guanxi.kernel.rules import schedule

        self.cls, self.ledger = cls, ledger
        now, book = _now(ledger), ledger.rule_book()
        self.versions = book.versions(cls.stored_name)
        standing = [p for p, _ in schedule(self.versions, now)]
        _, self.number = book.find(cls, now, now)
        self.in_force = next((p for p in standing if p.version == self.number), None)
        self.next: Published | None = next((p for p in standing if p.effective_from > now), None)
        self.plugin = _owner(ledger, cls)

    def row(self) -> list[str | Text]:
        """Return it as a row."""
        return [
            screen.styled(self.cls.stored_name, ("\n" + self.cls.title(spoken()), screen.QUIET)),
            self.plugin,
            f"v{self.number}" if self.number > 0 else say("default values"),
            self._moment(self.in_force) if self.in_force else "–",
            str(len(self.versions)),
            f"v{self.next.version} {self._moment(self.next)}" if self.next else "–",
        ]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "rule_set": self.cls.stored_name,
            "title": {"en": self.cls.title.en, "zh": self.cls.title.zh},
            "plugin": self.plugin,
            "version": self.number,
            "since": self._iso(self.in_force),
            "versions": len(self.versions),
            "next": None
            if self.next is None
            else {"version": self.next.version, "since": self._iso(self.next)},
        }

    def _moment(self, p: Published) -> str:
        from guanxi.kernel.times import instant

        at = instant(p.effective_from, self.ledger.tz)
        return f"{at:%Y-%m-%d %H:%M}" if at.hour or at.minute else f"{at:%Y-%m-%d}"

    def _iso(self, p: Published | None) -> str | None:
        from guanxi.kernel.times import instant

        return None if p is None else instant(p.effective_from, self.ledger.tz).isoformat()


def _owner(ledger: Ledger, cls: type[RuleSet]) -> str:
    return next((p.name for p in ledger.parts if cls in p.rule_sets), "core")


class _View:
    """One version of a rule set, found at a moment."""

    def __init__(self, ledger: Ledger, cls: type[RuleSet], at: str | None, as_known: str | None) -> None:
        from guanxi.kernel.rules import declared

        self.ledger, self.cls, self.wording = ledger, cls, _wording(ledger)
        moment, known, book = _cut(ledger, at, as_known)
        self.value, self.number = book.find(cls, moment, known)
        self.parameters = declared(cls)
        self.told: tuple[Publication, ...] = ledger.publications(cls.stored_name)
        seen = {p.version for p in book.versions(cls.stored_name) if p.recorded_at <= known}
        self.known = [p for p in self.told if p.version in seen]
        self.gone = {p.version for p in book.versions(cls.stored_name) if not p.counts(known)}
        self.publication = next((p for p in self.told if p.version == self.number), None)

    @property
    def version_words(self) -> str:
        """Which version this is, since when."""
        p = self.publication
        if p is None:
            return _version_name(self.number)
        since = say("in force from {moment}", moment=self.wording.moment(p.effective_from))
        return screen.BETWEEN.join([_version_name(self.number), since])

    def show(self) -> None:
        """Show title, signatures, parameters and the other versions."""
        from guanxi_adapters.cli.parameters import signed_words, value_words

        _show_title(self.cls)
        screen.show(screen.styled(self.version_words))
        if (p := self.publication) is not None:
            told = say("published {moment}", moment=self.wording.moment(p.recorded_at))
            screen.show(screen.styled((f"{told}{screen.BETWEEN}{signed_words(p)}", screen.QUIET)))
        screen.show("")
        rows = [
            [
                p.name,
                value_words(self.wording, getattr(self.value, p.name), p.unit(spoken())),
                _about(self.wording, p, unit=False),
            ]
            for p in self.parameters
        ]
        screen.show(screen.columns([say("Parameter"), say("Value"), say("What it is")], rows))
        if self.known:
            screen.show("", screen.styled((say("Versions"), screen.HEADING)), "")
            screen.show(screen.pairs([(f"v{p.version}", self._history(p)) for p in self.known], indent=2))

    def _history(self, p: Publication) -> str:
        from guanxi_adapters.cli.parameters import signed_words
        from guanxi_adapters.cli.wording import clean

        parts = [
            say("in force from {moment}", moment=self.wording.moment(p.effective_from)),
            say("published {moment}", moment=self.wording.moment(p.recorded_at)),
            signed_words(p),
        ]
        later = [
            o.version for o in self.known if o.effective_from == p.effective_from and o.version > p.version
        ]
        if p.version in self.gone and p.withdrawn is not None:
            gone = p.withdrawn
            said = say(
                "withdrawn {moment} by {by}, approved by {approver}",
                moment=self.wording.moment(gone.recorded_at),
                by=clean(gone.by),
                approver=clean(gone.approved_by),
            )
            parts.append(f"{said}{colon()}{clean(gone.reason)}" if gone.reason else said)
        elif standing := [v for v in later if v not in self.gone]:
            parts.append(say("its place was taken by version {version}", version=standing[-1]))
        return screen.BETWEEN.join(parts)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        from guanxi_adapters.cli.grounds import plain_publication

        return {
            "rule_set": self.cls.stored_name,
            "title": {"en": self.cls.title.en, "zh": self.cls.title.zh},
            "plugin": _owner(self.ledger, self.cls),
            "version": self.number,
            "publication": None if self.publication is None else plain_publication(self.publication),
            "parameters": [_plain_parameter(p, getattr(self.value, p.name)) for p in self.parameters],
            "versions": [plain_publication(p) for p in self.known],
        }


def _side(ledger: Ledger, cls: type[RuleSet], text: str) -> tuple[str, RuleSet]:
    """Return what stands on one side of a comparison, and what it is called.

    Raises:
        Unknown: ``unknown_version``.
    """
    import guanxi

    book = ledger.rule_book()
    if text.isdigit():
        number = int(text)
        found = book.get(cls.stored_name, number)
        if found is None and number:
            raise guanxi.Unknown(
                "unknown_version",
                f"{cls.stored_name} has no version {number}",
                zh=f"{cls.stored_name} 没有版本 {number}",
                accepts=", ".join(["0", *(str(p.version) for p in book.versions(cls.stored_name))]),
            )
        return _version_name(number), cls() if found is None else found.value
    if text.endswith(".toml") or Path(text).is_file():
        from guanxi_adapters.files.rule_files import changed, load_parameters

        now = _now(ledger)
        value, _ = book.find(cls, now, now)
        return Path(text).name, changed(value, load_parameters(Path(text), cls, alone=True))
    moment, known, _ = _cut(ledger, text, None)
    value, version = book.find(cls, moment, known)
    return f"{text} ({_version_name(version)})", value


# ---------------------------------------------------------------- words


def _show_title(cls: type[RuleSet]) -> None:
    screen.show(
        screen.styled((cls.title(spoken()), screen.HEADING), (f"  {cls.stored_name}", screen.QUIET)), ""
    )


def _about(wording: Wording, p: Parameter, *, unit: bool = True) -> str:
    """Return what a parameter is called, counted in, bounded by, and what it is by default."""
    from guanxi_adapters.cli.parameters import value_words

    language = spoken()
    parts = [p.label(language)]
    if unit and p.unit(language):
        parts.append(say("in {unit}", unit=p.unit(language)))
    if p.bounds:
        parts.append(p.bounds.say(language))
    default = value_words(wording, p.default)
    ours = (
        say("default {value} (ours)", value=default)
        if p.ours
        else say("default {value} (from its source)", value=default)
    )
    return screen.BETWEEN.join([*parts, ours])


def _show_changes(ledger: Ledger, first: tuple[str, RuleSet], second: tuple[str, RuleSet]) -> None:
    from guanxi.kernel.rules import declared
    from guanxi_adapters.cli.parameters import value_words
    from guanxi_adapters.cli.wording import differing

    wording = _wording(ledger)
    rows: list[list[str]] = []
    for p in declared(type(first[1])):
        before, after = (getattr(value, p.name) for _, value in (first, second))
        for path, old, new in differing(before, after):
            place = screen.BETWEEN.join([p.label(spoken()), *map(str, path)])
            told = [value_words(wording, x, p.unit(spoken())) for x in (old, new)]
            rows.append([place, *told, p.name])
    if not rows:
        screen.show(
            say("No parameter differs between {first} and {second}.", first=first[0], second=second[0])
        )
        return
    screen.show(screen.columns([say("Parameter"), first[0], second[0], ""], rows))


def _plain_changes(before: RuleSet, after: RuleSet) -> list[dict[str, Any]]:
    from guanxi.kernel.explaining import changes_of
    from guanxi_adapters.cli.wording import portable

    return [
        {"parameter": c.field, "before": portable(c.before), "after": portable(c.after)}
        for c in changes_of(before, after)
    ]


def _plain_parameter(p: Parameter, value: Any) -> dict[str, Any]:
    from guanxi_adapters.cli.wording import portable

    bounds = {
        k: portable(v)
        for k in ("minimum", "maximum", "above", "below")
        if (v := getattr(p.bounds, k)) is not None
    }
    if p.bounds.choices:
        bounds["choices"] = portable(p.bounds.choices)
    return {
        "name": p.name,
        "label": {"en": p.label.en, "zh": p.label.zh},
        "unit": {"en": p.unit.en, "zh": p.unit.zh},
        "value": portable(value),
        "default": portable(p.default),
        "ours": p.ours,
        "bounds": bounds,
    }
