"""One process of a round: ``python -m tests.soak.worker ROLE NAME SETTINGS``."""

from __future__ import annotations

import sys
import traceback

from tests.soak.following import project, tail
from tests.soak.journal import Journal
from tests.soak.settings import decode
from tests.soak.writing import Writer


def main(role: str, name: str, text: str) -> int:
    """Play a role until told to stop; an error that nothing here expects is noted as a surprise."""
    settings = decode(text)
    try:
        if role == "writer":
            Writer(settings, name).run()
        elif role == "reader":
            tail(settings, name)
        else:
            project(settings, name)
    except Exception as error:  # noqa: BLE001 - whatever it is, the round must hear of it
        journal = Journal(settings.journal(f"{name}-surprise"))
        said = traceback.format_exception_only(error)[-1].splitlines()[0]
        journal.note({"what": "surprise", "error": said, "trace": traceback.format_exc()})
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
