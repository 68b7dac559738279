"""How far a training job is: a line of its log, and a file that `xstilts watch` reads.

No number depends on it. Each line but the first goes back over the one before (a carriage return),
so that a terminal that follows the log (`tail -f`) shows one line that changes.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from xstilts.core.layout import duration
from xstilts.core.paths import RESULTS

FILE = "progress.json"
# Often enough for a person who looks, seldom enough to cost nothing (a write takes 0.1 ms).
EVERY_SECONDS = 5.0
# Evaluations write nothing meanwhile; a job that was killed is silent for ever.
SILENT_SECONDS = 600.0


@dataclass(frozen=True)
class Standing:
    """Where a training job stands.

    Attributes:
        run: its name.
        step, steps: steps made and planned.
        loss: that of the last step.
        dev_score: the last one (0-100), None before the first.
        tokens_per_second: since the job began.
        seconds_left: of training, at the pace so far; None before it is known.
        process: its number on its machine.
        machine: the name of the machine.
        written: when, in seconds since 1970.
    """

    run: str
    step: int
    steps: int
    loss: float | None
    dev_score: float | None
    tokens_per_second: float
    seconds_left: float | None
    process: int
    machine: str
    written: float

    def line(self) -> str:
        """As the log shows it."""
        loss = "" if self.loss is None else f", loss {self.loss:.3f}"
        score = "" if self.dev_score is None else f", dev score {self.dev_score:.1f}"
        left = "" if self.seconds_left is None else f", {duration(self.seconds_left)} left"
        pace = f", {self.tokens_per_second:,.0f} tokens/s"
        return f"step {self.step} of {self.steps}{loss}{score}{pace}{left}"


class Teller:
    """Tells from time to time how far a run is."""

    def __init__(self, scratch: Path, steps: int) -> None:
        """`scratch` is the run's folder in results/scratch, `steps` are those planned."""
        self.scratch, self.steps = scratch, steps
        self.begun: tuple[float, int, int] | None = None
        self.told = time.monotonic()
        # What goes before the line; nothing until there is one to go back over.
        self.back = ""

    def tell(self, step: int, tokens: int, losses: list[float], score: float | None) -> None:
        """Say it, unless it was said a moment ago; a full disk ends no training.

        Args:
            step: steps made, those before an interruption too.
            tokens: read so far, likewise.
            losses: of the steps so far.
            score: the last dev score.
        """
        now = time.monotonic()
        if self.begun is None:
            self.begun = now, step, tokens
        if now - self.told < EVERY_SECONDS:
            return
        self.told = now
        begun, first_step, first_token = self.begun
        seconds, done = now - begun, step - first_step
        standing = Standing(
            run=self.scratch.name,
            step=step,
            steps=self.steps,
            loss=losses[-1] if losses else None,
            dev_score=score,
            tokens_per_second=(tokens - first_token) / seconds if seconds else 0.0,
            seconds_left=(self.steps - step) * seconds / done if done else None,
            process=os.getpid(),
            machine=os.uname().nodename,
            written=time.time(),
        )
        with suppress(OSError):
            print(f"{self.back}{standing.line()}", end="", flush=True, file=sys.stdout)
            self.back = "\r"
            # In one step, as somebody may read it; not to outlast a power loss.
            part = self.scratch / f".{FILE}.part"
            part.write_text(json.dumps(asdict(standing)))
            part.replace(self.scratch / FILE)

    def end(self) -> None:
        """The line is not rewritten any more."""
        with suppress(OSError):
            if self.back:
                print(flush=True)
        (self.scratch / FILE).unlink(missing_ok=True)


def standings(now: float | None = None) -> Iterator[Standing]:
    """Where the training jobs of this folder stand, by name; the long silent ones are left out."""
    now = time.time() if now is None else now
    for path in sorted((RESULTS / "scratch").glob(f"*/{FILE}")):
        with suppress(OSError, ValueError, TypeError):
            standing = Standing(**json.loads(path.read_text()))
            if now - standing.written < SILENT_SECONDS:
                yield standing
