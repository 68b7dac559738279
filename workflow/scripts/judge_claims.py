"""Rule judge_claims: the paper's claims against this study."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.report.claim_rules import ClaimInputs
    from xstilts.report.claims import judge
    from xstilts.report.frames import test_items, write_tsv
    from xstilts.report.input_files import read_table
    from xstilts.report.names import titled
    from xstilts.report.provenance import read_runs

    files = snakemake.input
    tables = ("gains", "best", "errors", "learning", "index")
    claims = pd.read_csv(files.claims, sep="\t", dtype=str, keep_default_na=False)
    evidence = ClaimInputs(
        **{name: read_table(Path(files[name])) for name in tables},
        run_learning=read_runs(Path(files.runs))["run_learning"],
        items=test_items(read_table(Path(files.scores))),
        encoder=snakemake.params.encoder,
        stages=snakemake.params.stages,
        data=snakemake.params.data,
        stated=json.loads(snakemake.params.run_sd),
    )
    with titled(json.loads(snakemake.params.titles)):
        write_tsv(judge(claims, evidence), Path(snakemake.output.claims))


run_script(main, snakemake)
