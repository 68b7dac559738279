"""Rule infer_effects: does similarity predict gain, and what else could?"""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.receipts import read_receipt
    from xstilts.inference.analyses.families import of_kinds
    from xstilts.inference.run import Inputs, infer
    from xstilts.inference.table_files import write_summary, write_tables

    files, params = snakemake.input, snakemake.params
    receipts = [read_receipt(Path(path).parent) for path in files.receipts]
    sizes = [sum(receipt["rows"]["train"].values()) for receipt in receipts]
    settings = json.loads(params.settings)
    inputs = Inputs.read(
        Path(files.gains),
        Path(files.similarity),
        Path(files.languages),
        training_sizes=dict(zip(params.tasks, sizes, strict=True)),
        retrieval=tuple(params.retrieval),
        families=of_kinds(params.kinds, params.training_sets, settings["families"]),
    )
    inferred = infer(inputs, settings)
    # Of which runs the answer is: `full`, or the name of a cheaper grid's fidelity.
    inferred.summary["fidelity"] = json.loads(params.cells)[0]["fidelity"]
    summary = Path(snakemake.output.summary)
    write_tables(inferred.tables, summary.parent / "inference")
    write_summary(inferred.summary, summary)
    print(
        inferred.summary["answer"],
        inferred.summary["limits"],
        *inferred.summary["problems"],
        sep="\n",
    )


run_script(main, snakemake)
