"""Rule finetune_target: fine-tune on a target's training set and predict."""

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.training.fine_tune import set_threads
    from xstilts.training.job import Job
    from xstilts.training.target import finetune_target

    set_threads(snakemake.threads)
    # What no number depends on comes from the config and not by params, which would make it count.
    finetune_target(Job.from_json(snakemake.params.job, snakemake.config))


run_script(main, snakemake, imports_libraries=True)
