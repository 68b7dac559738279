"""How much longer than their processor time jobs take here, from the last lines of their logs.

A machine that others use too, or a slow disk, gives a job less than a core.
"""

import re
import statistics
from pathlib import Path

TOOK = re.compile(r"^took ([0-9.]+) s, ([0-9.]+) s of a core$", re.MULTILINE)
# Shorter jobs say more of the rounding than of the machine.
SHORTEST = 0.5
ALONE = (1.0, 1.0, 1.2)


def took(log: Path) -> tuple[float, float] | None:
    """Seconds of wall time and of a core in the last line of a log that says so."""
    try:
        times = TOOK.findall(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    if not times:
        return None
    wall, core = times[-1]
    return float(wall), float(core)


def slowdown() -> tuple[float, float, float]:
    """Wall time per processor time of the jobs that ran in this folder: middle, low, high.

    Low is that of a job that has a core for itself; high leaves out one job in twenty.
    """
    times = [took(log) for log in Path("logs").glob("**/*.log")]
    ratios = sorted(max(1.0, wall / core) for wall, core in filter(None, times) if core >= SHORTEST)
    if not ratios:
        return ALONE
    high = ratios[min(len(ratios) - 1, int(0.95 * len(ratios)))]
    return statistics.median(ratios), 1.0, max(high, ALONE[2])
