"""Rule finetune_intermediate: fine-tune the encoder on intermediate tasks."""

from xstilts.study.scripting import run_script


def main(snakemake):
    from xstilts.training.fitting import set_threads
    from xstilts.training.intermediate import finetune_intermediate
    from xstilts.training.stage import Job

    set_threads(snakemake.threads)
    config = snakemake.config
    # What no number depends on comes from the config and not by params.
    finetune_intermediate(
        Job.from_json(
            snakemake.params.job,
            accelerator=config.get("accelerator", "cpu"),
            checkpoint_seconds=config.get("checkpoint_seconds", 120),
        )
    )


run_script(main, snakemake)
