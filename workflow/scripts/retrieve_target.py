"""Rule retrieve_target: find translations with an encoder."""

from xstilts.study.jobs.scripting import run_script


def main(snakemake):
    from xstilts.training.fitting import set_threads
    from xstilts.training.retrieval import retrieve_target
    from xstilts.training.stage import Job

    set_threads(snakemake.threads)
    # What no number depends on comes from the config and not by params, which would make it count.
    retrieve_target(Job.from_json(snakemake.params.job, snakemake.config))


run_script(main, snakemake)
