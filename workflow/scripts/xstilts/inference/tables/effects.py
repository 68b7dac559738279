"""Effects of similarity on the gain, by method."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xstilts.core.table_contract import COUNT, PROBABILITY
from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """The headline, the model of all rows, and what the language's pretraining text changes."""
    from xstilts.inference.analyses.effects import attempt, headline_effects

    if not analysis.testable:
        return ()
    dyads, problems = analysis.dyads, analysis.problems
    headline = attempt(
        lambda: headline_effects(dyads, analysis.tests), "The headline test", problems
    )
    rows = attempt(lambda: _row_model(analysis), "The model of all rows", problems)
    return [*headline, *rows, *_low_resource(analysis)]


def _row_model(analysis: "Analysis") -> Iterator[dict[str, object]]:
    from xstilts.inference.analyses.crossed import fit_rows, second_opinion
    from xstilts.inference.analyses.effects import row_effects

    fitted = fit_rows(analysis.by_language)
    yield from row_effects(analysis.by_language, fitted, analysis.tests)
    other = second_opinion(analysis.by_language, fitted)
    analysis.fit |= {
        "loglik_profile": other.profile_loglik,
        "loglik_statsmodels": other.statsmodels_loglik,
        "engines_agree": None if other.accepted is None else float(other.accepted),
    }
    if not other.accepted:
        analysis.problems.append(f"The model of all rows: {other.note}")


def _low_resource(analysis: "Analysis") -> list[dict[str, object]]:
    from xstilts.inference.analyses.effects import attempt, low_resource_effects
    from xstilts.inference.analyses.low_resource import too_few_languages, with_languages

    known = with_languages(analysis.by_language, analysis.inputs.languages)
    few = too_few_languages(known)
    if few:
        analysis.problems.append(few)
        return []
    unseen = sorted(set(analysis.by_language["language"]) - set(known["language"]))
    return attempt(
        lambda: low_resource_effects(known, analysis.dyads, analysis.tests_without(unseen)),
        "The low-resource analysis",
        analysis.problems,
    )


TABLE = InferenceTable(
    name="effects",
    order=20,
    caption="Effects of similarity, by method. 'naive' takes rows as independent, which "
    "rejects a true null in more than half of all data sets: shown as a warning.",
    beside="effects",
    columns={
        "analysis": "",
        "subset": "",
        "scale": "",
        "method": "",
        "term": "",
        "estimate": "of the scale",
        "standard_error": "of the scale",
        "df": "degrees of freedom",
        "low": "of the scale",
        "high": "of the scale",
        "p": PROBABILITY,
        "n": COUNT,
        "note": "",
    },
    make=make,
)
