"""Rule render_report: figures, tables and the page."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.report import drawing, dyads, figures, gaps, page, provenance, tables
    from xstilts.report.inputs import ReportInputs
    from xstilts.study.receipts import read_receipt

    config = json.loads(snakemake.params.config)
    receipts = [read_receipt(Path(path).parent) for path in snakemake.input.receipts]
    inputs = ReportInputs(
        study=config["study"],
        description=config["description"],
        data=config["source"],
        intermediates=snakemake.params.rows,
        targets=snakemake.params.targets,
        index=pd.read_csv(snakemake.input.index, sep="\t"),
        scores=pd.read_parquet(snakemake.input.scores),
        gains=pd.read_parquet(snakemake.input.gains),
        learning=pd.read_csv(snakemake.input.learning, sep="\t"),
        stages=provenance.stages(receipts),
        problems=[
            *snakemake.params.problems,
            *provenance.data_problems(receipts),
            *Path(snakemake.input.problems).read_text().splitlines(),
        ],
        versions=provenance.versions(receipts),
        config=config,
    )
    summary = dyads.summarise(inputs.gains)
    status = gaps.dyad_status(inputs.index)
    figure = figures.heat_map(summary, inputs.intermediates, inputs.targets, status)
    drawing.save(figure, Path(snakemake.output.heatmap), Path(snakemake.output.picture))
    scores = tables.score_table(inputs.scores, inputs.intermediates, inputs.targets)
    tables.write_tsv(scores, Path(snakemake.output.table))
    Path(snakemake.output.page).write_text(page.render(inputs), encoding="utf-8")


run_script(main, snakemake)
