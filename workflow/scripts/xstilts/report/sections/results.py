"""What the page's sections say of gains, scores, claims, learning and cost."""

import json
from typing import Any

import yaml

from xstilts.report import dyad_gains, frames, gaps, markup, scores_table
from xstilts.report.claim_rules import INTERVAL_RULE
from xstilts.report.claims import DEMONSTRATION
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import written
from xstilts.report.sections.summary import summary_sentences

Context = dict[str, Any]

CHOICE = "Each target's intermediate task; no choice saw the sentences that it is scored on."


def gains(inputs: ReportInputs) -> Context:
    """Gains with intervals."""
    table = frames.gain_table(
        dyad_gains.summarise(inputs.gains), inputs.intermediates, inputs.targets
    )
    return {
        "gains": None
        if table.empty
        else markup.gains(table, "Gains with their intervals, in points."),
        "rule": dyad_gains.RULE,
        "summary": summary_sentences(table, inputs.inference["dyads"]),
    }


def scores(inputs: ReportInputs) -> Context:
    """The paper's table, and a table by language for each target."""
    if inputs.scores.empty:
        return {"scores": None, "published": [], "languages": {}, "bold_rule": ""}
    rows, targets = inputs.scores, inputs.targets
    table = scores_table.paper_table(rows, inputs.xtreme, inputs.intermediates, targets)
    bold = scores_table.best_rows(rows, dyad_gains.summarise(inputs.gains))
    metrics = scores_table.metric_names(rows, targets)
    caption = "Scores of all tasks: mean over languages and seeds."
    rivals = scores_table.published_table(inputs.published, targets)
    by_language = {
        target: frames.language_table(rows, target, inputs.intermediates) for target in targets
    }
    return {
        "scores": markup.paper(table, metrics, bold, caption),
        # Published figures beside generated text would only mislead.
        "published": [] if inputs.data == "demo" else markup.published(rivals),
        "bold_rule": scores_table.BOLD_RULE,
        "languages": {
            target: markup.by_language(
                frame, f"{written(target)}, {metrics[target]} by language: mean over seeds."
            )
            for target, frame in by_language.items()
            if not frame.empty
        },
    }


def choice(inputs: ReportInputs) -> Context:
    """The best intermediate task of each target, chosen before the test, and its rivals."""
    best = frames.by_target(inputs.best, inputs.targets)
    rivals = frames.by_target(inputs.rivals, inputs.targets)
    return {
        "best": None if best.empty else markup.best(best, CHOICE),
        "rivals": None
        if rivals.empty
        else markup.rivals(rivals, "Every row of each target, the best on test first."),
    }


def claims(inputs: ReportInputs) -> Context:
    """The paper's claims with verdicts, and the rules behind them."""
    if inputs.claims.empty:
        return {"claims": None, "verdict_rules": [], "demonstration": ""}
    return {
        "claims": markup.claims(inputs.claims, "The paper's claims against this study."),
        "verdict_rules": [*dict.fromkeys(inputs.claims["rule"]), INTERVAL_RULE],
        "demonstration": DEMONSTRATION if inputs.data == "demo" else "",
    }


def learning(inputs: ReportInputs) -> Context:
    """Whether each task was learned at all."""
    if inputs.learning.empty:
        return {"learning": None, "not_learned": []}
    order = [*inputs.intermediates, *inputs.targets]
    table = frames.learning_table(inputs.learning, order)
    return {
        "learning": markup.learning(
            table, "Each task in English against chance; dev score ± one standard error."
        ),
        "not_learned": [written(task) for task in frames.not_learned(table)],
    }


def missing(inputs: ReportInputs) -> Context:
    """Everything a reader might look for and will not find."""
    found = gaps.gap_sentences(
        inputs.index, inputs.scores, inputs.gains, inputs.intermediates, inputs.targets
    )
    inferred = list(inputs.answer.get("problems", []))
    if not inputs.answer:
        inferred = ["No inference: the similarity section is empty."]
    return {"problems": list(dict.fromkeys([*found, *inferred, *inputs.problems]))}


def provenance(inputs: ReportInputs) -> Context:
    """Cost, runs, versions and config."""
    index = inputs.index
    return {
        "stages": None
        if inputs.stages.empty
        else markup.stages(inputs.stages, "Cost by stage, summed over its runs."),
        "runs": None
        if index.empty
        else markup.runs(index, "Each cell and the receipt of its run.", inputs.runs),
        "run_count": index["run"].dropna().nunique(),
        "cell_count": len(index),
        "versions": dict(inputs.versions),
        "config": _yaml(inputs.config),
    }


def _yaml(config: object) -> str:
    # Through JSON, because a config may hold tuples, paths or Snakemake's own mapping types.
    plain = json.loads(json.dumps(config, default=str))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100) if plain else ""
