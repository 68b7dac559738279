"""Rule join_encoders: what several encoders' studies say together."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.core.receipts import read_receipt
    from xstilts.core.tsv import rows_of, write_tsv
    from xstilts.inference.analyses.families import of_kinds
    from xstilts.inference.encoders import OfEncoder, join
    from xstilts.inference.languages import languages_table
    from xstilts.inference.table_files import write_summary, write_tables

    files, params = snakemake.input, snakemake.params
    of_encoders = zip(files.gains, files.similarity, files.languages, files.summaries, strict=True)
    encoders = {
        name: OfEncoder(
            pd.read_parquet(gains),
            pd.read_parquet(similarity),
            languages_table(Path(languages)),
            json.loads(Path(summary).read_text(encoding="utf-8")),
        )
        for name, (gains, similarity, languages, summary) in zip(
            params.encoders, of_encoders, strict=True
        )
    }
    settings = json.loads(params.settings)
    receipts = [read_receipt(Path(path).parent) for path in files.receipts]
    sizes = [sum(receipt["rows"]["train"].values()) for receipt in receipts]
    joint = join(
        encoders,
        settings,
        training_sizes=dict(zip(params.tasks, sizes, strict=True)),
        retrieval=tuple(params.retrieval),
        families=of_kinds(params.kinds, params.training_sets, settings["families"]),
    )
    made = snakemake.output
    joint.gains.to_parquet(made.gains, index=False)
    joint.replicates.to_parquet(made.replicates, index=False)
    joint.similarity.to_parquet(made.similarity, index=False)
    write_tsv(Path(made.languages), *rows_of(joint.languages), numbers=".10g")
    summary = joint.inference.summary
    write_summary(summary, Path(made.summary))
    write_tables(joint.inference.tables, Path(made.summary).parent / "inference")
    write_tables(joint.tables, Path(made.summary).parent / "tables")
    print(summary["answer"], summary["limits"], *summary["problems"], sep="\n")


run_script(main, snakemake)
