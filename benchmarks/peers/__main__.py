"""A peer in a process of its own: it reads orders on its standard input, a line each, and answers with what it measured itself."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from benchmarks.peers import Peer, opened
from benchmarks.peers.lanes import Span


def main() -> int:
    """Open the peer that the first line names, then do what each further line says, until there is none."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand between answers
    peer: Peer | None = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if peer is None:
                peer = opened(**order)
                answer: Any = None
            else:
                done = getattr(peer, order.pop("do"))(**order)
                answer = asdict(done) if isinstance(done, Span) else done
            said = {"answer": answer}
        except Exception as error:  # noqa: BLE001 - whatever it is, the run says so and goes on
            said = {"error": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(said) + "\n")
        answers.flush()
    if peer is not None:
        peer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
