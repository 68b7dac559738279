# `snakemake --profile profiles/slurm sbatch_preview`: what SLURM will be told, rule by rule.

from xstilts.commands.sbatch_preview import preview

# Answered while the Snakefile is read, as nothing has to exist for it.
if workflow.is_main_process and "sbatch_preview" in sys.argv:
    try:
        print(preview(*submissions()), flush=True)
    except StudyError as error:
        raise WorkflowError(str(error)) from None
    sys.exit(0)


rule sbatch_preview:
    localrule: True
