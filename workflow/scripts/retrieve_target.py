"""Rule retrieve_target: find translations with an encoder."""

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.retrieval.job import retrieve_target
    from xstilts.training.fine_tune import set_threads
    from xstilts.training.job import Job

    set_threads(snakemake.threads)
    # What no number depends on comes from the config and not by params, which would make it count.
    retrieve_target(Job.from_json(snakemake.params.job, snakemake.config))


run_script(main, snakemake, imports_libraries=True)
