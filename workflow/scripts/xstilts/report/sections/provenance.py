"""Cost, runs, versions and config."""

import json

import yaml

from xstilts.report import markup
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
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


SECTION = Section(
    name="provenance",
    title="Cost and provenance",
    order=100,
    reads=("stages", "index", "versions", "config", "runs"),
    context=context,
)
