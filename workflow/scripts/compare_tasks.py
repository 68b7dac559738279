"""Rule compare_tasks: similarity of every intermediate and target task, and a map of tasks."""

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.similarity.compare_job import compare

    files = snakemake.output
    inputs = snakemake.input.receipts, snakemake.params.plan
    compare(*inputs, files.similarity, files.map, files.problems)


run_script(main, snakemake)
