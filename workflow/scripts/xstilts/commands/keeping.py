"""`xstilts keep K`: the encoders worth keeping, and what is lost without the others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from xstilts.core.errors import StudyError, nearest
from xstilts.core.layout import aligned, listed
from xstilts.plan.budgets.keep import NONE, Kept, Use, keep

Gains = Mapping[tuple[str, str], Mapping[str, float]]


def kept_text(
    gains: Gains, count: int, targets: Sequence[str] = (), languages: Sequence[str] = ()
) -> str:
    """What to keep, and a line by target of what it takes and loses.

    Raises:
        StudyError: there are no gains, or a target or language is in none of them.
    """
    uses = {Use(*use): own for use, own in gains.items()}
    for kind, words, known in (
        ("--target", targets, {use.target for use in uses}),
        ("--language", languages, {use.language for use in uses}),
    ):
        for word in words:
            if word not in known:
                raise StudyError(f"{kind}: no gain is of '{word}'; {nearest(word, known)}")
    chosen = {
        use: own
        for use, own in uses.items()
        if (not targets or use.target in targets) and (not languages or use.language in languages)
    }
    if not chosen:
        raise StudyError("no gain is of these targets in these languages: name others.")
    kept = keep(chosen, count)
    encoders = {name for own in chosen.values() for name in own}
    lost = sum(kept.lost.values()) / len(kept.lost)
    names = ", ".join(kept.names) or "none of them (no gain is positive)"
    fewer = " More would serve nothing." if len(kept.names) < min(count, len(encoders)) else ""
    return "\n".join(
        [
            f"Keep, of {len(encoders)} encoders: {names}.{fewer}",
            f"The choice is {kept.certificate}. Against keeping all, {lost:.2f} points are lost on "
            f"average over {len(chosen)} targets and languages.",
            aligned(_rows(kept), numbers=(1, 3, 4)),
        ]
    )


def _rows(kept: Kept) -> list[list[str]]:
    by_target: dict[str, list[Use]] = defaultdict(list)
    for use in kept.serves:
        by_target[use.target].append(use)
    rows = [["target", "languages", "takes", "points lost", "at most"]]
    for target, uses in by_target.items():
        takes = sorted({kept.serves[use] for use in uses}, key=lambda name: (name == NONE, name))
        lost = [kept.lost[use] for use in uses]
        mean = sum(lost) / len(lost)
        rows.append([target, str(len(uses)), listed(takes), f"{mean:.2f}", f"{max(lost):.2f}"])
    return rows
