"""Rule render_encoders: the page over all encoders, and what to take for each target."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.table_contract import TableContract
    from xstilts.core.tsv import rows_of, write_tsv
    from xstilts.report.encoders_page import Chosen, EncodersInputs, render_encoders
    from xstilts.report.input_files import read_inputs, read_joint, read_table

    shared = json.loads(snakemake.params.shared)
    files = snakemake.input
    encoders = {
        name: read_inputs(own["files"], **own["settings"])
        for name, own in shared["encoders"].items()
    }
    joint = read_joint(dict(files.items()), encoders, **shared["joint"])
    inputs = EncodersInputs(
        joint=joint,
        encoders=encoders,
        tables={Path(path).stem: read_table(Path(path)) for path in files.tables},
        contracts=[TableContract(**contract) for contract in shared["contracts"]],
    )
    chosen = Chosen.of(inputs)
    write_tsv(Path(snakemake.output.best), *rows_of(chosen.table()), numbers=".10g")
    page = render_encoders(inputs, chosen)
    Path(snakemake.output.page).write_text(page, encoding="utf-8")


run_script(main, snakemake)
