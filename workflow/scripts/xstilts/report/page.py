"""The page: one HTML file that needs no script and no network."""

import json
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xstilts.report import drawing, dyads, figures, formats, gaps, language_figure, markup, tables
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import written
from xstilts.report.summary import summary_sentences

BANNERS = {
    "demo": "demonstration: real model, real training, generated text; "
    "its numbers are no evidence about the real tasks",
    "folder": "samples: real text from a local folder, perhaps only a part of each data set; "
    "intervals are as wide as the test sets are small",
    "hub": "",
}


def render(inputs: ReportInputs) -> str:
    """The page as HTML. The same inputs give the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html.jinja")
    return template.render(
        study=inputs.study,
        description=inputs.description,
        banner=BANNERS[inputs.data],
        written=written,
        count=formats.count,
        intermediates=[name for name in inputs.intermediates if name != "none"],
        targets=inputs.targets,
        problems=[
            *gaps.gap_sentences(
                inputs.index, inputs.scores, inputs.gains, inputs.intermediates, inputs.targets
            ),
            *inputs.problems,
        ],
        versions=dict(inputs.versions),
        config=_yaml(inputs.config),
        **_gains(inputs),
        **_scores(inputs),
        **_learning(inputs),
        **_cost(inputs),
    )


def _gains(inputs: ReportInputs) -> dict:
    summary = dyads.summarise(inputs.gains)
    table = tables.gain_table(summary, inputs.intermediates, inputs.targets)
    status = gaps.dyad_status(inputs.index)
    empty = {"heat_map": None, "gains": None, "rule": dyads.RULE, "summary": []}
    if table.empty:
        return empty
    figure = figures.heat_map(table, inputs.intermediates, inputs.targets, status)
    label = (
        "Heat map of gains, intermediate tasks in rows, target tasks in columns. "
        "The table below the figure has the same numbers."
    )
    image = drawing.inline_svg(figure, "gains", label, figures.cell_titles(table))
    return empty | {
        "heat_map": Markup(image),
        "gains": markup.gains(table, "Gains with their intervals, in points."),
        "summary": summary_sentences(table),
    }


def _scores(inputs: ReportInputs) -> dict:
    if inputs.scores.empty:
        return {"scores": None, "language_figure": None, "languages": {}}
    table = tables.score_table(inputs.scores, inputs.intermediates, inputs.targets)
    by_language = {
        target: tables.language_table(inputs.scores, target, inputs.intermediates)
        for target in inputs.targets
    }
    figure = language_figure.scores_by_language(inputs.scores, inputs.intermediates, inputs.targets)
    label = "Scores by language, a panel per target. The tables below have the same numbers."
    primary = inputs.scores[inputs.scores["primary"].astype(bool)]
    metric = primary.groupby("target")["metric"].first()
    return {
        "scores": markup.wide(table, "Scores of all tasks: mean over languages and seeds."),
        "language_figure": Markup(drawing.inline_svg(figure, "by-language", label)),
        "languages": {
            target: markup.wide(
                frame, f"{written(target)}, {metric[target]} by language: mean over seeds.", str
            )
            for target, frame in by_language.items()
            if not frame.empty
        },
    }


def _learning(inputs: ReportInputs) -> dict:
    if inputs.learning.empty:
        return {"learning": None, "not_learned": []}
    order = [*inputs.intermediates, *inputs.targets]
    table = tables.learning_table(inputs.learning, order)
    return {
        "learning": markup.learning(
            table, "Each task in English against chance; dev score ± one standard error."
        ),
        "not_learned": [written(task) for task in tables.not_learned(table)],
    }


def _cost(inputs: ReportInputs) -> dict:
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
    }


def _yaml(config: object) -> str:
    # Through JSON, because a config may hold tuples, paths or Snakemake's own mapping types.
    plain = json.loads(json.dumps(config, default=str))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100) if plain else ""
