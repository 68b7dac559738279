"""Rule finetune_intermediate: fine-tune the encoder on intermediate tasks."""

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.training.fine_tune import set_threads
    from xstilts.training.intermediate import finetune_intermediate
    from xstilts.training.job import Job

    set_threads(snakemake.threads)
    # What no number depends on comes from the config and not by params, which would make it count.
    finetune_intermediate(Job.from_json(snakemake.params.job, snakemake.config))


run_script(main, snakemake, imports_libraries=True)
