"""Rule score_evidence: LogME of the targets' labels given an intermediate run's encoder."""

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.receipts import publish
    from xstilts.similarity.evidence import score_evidence
    from xstilts.training.fine_tune import set_threads
    from xstilts.training.job import Job, making

    set_threads(snakemake.threads)
    # What no number depends on comes from the config and not by params, which would make it count.
    job = Job.from_json(snakemake.params.job, snakemake.config)
    with making(job) as must_run:
        if must_run:
            publish(job.folder, score_evidence(job))


run_script(main, snakemake, imports_libraries=True)
