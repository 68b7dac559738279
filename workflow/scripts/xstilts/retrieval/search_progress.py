"""Word of a long search, which can be told to end."""

import time
from collections.abc import Callable

from xstilts.core import termination

SECONDS = 30


def print_progress(what: str) -> Callable[[int, int], None]:
    """A `Progress` that prints how far `what` is every half minute, and heeds SIGTERM."""
    begun = last = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        termination.raise_if_requested()
        if (now := time.monotonic()) - last >= SECONDS:
            last = now
            left = (now - begun) * (total - done) / done
            print(f"{what}: {done} of {total} blocks, about {left:.0f} s left", flush=True)

    return progress
