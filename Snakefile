# Which English intermediate task helps which target task, in which language?
#
# config -> recipes -> prepared data -> intermediate encoders -> target predictions -> scores
# -> gains -> report. Runs land in results/runs/<stage>/<name>-<digest of the recipe>/, a study's
# tables and report in results/studies/<study>/. See README.md and config/README.md.

from snakemake.utils import min_version

min_version("9.20")


report: "workflow/report/workflow.rst"


# One GPU job at a time on a workstation, yet as many as the cluster has on SLURM.
resource_scopes:
    gpu="local",


include: "workflow/rules/common.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/encoder.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/intermediate.smk"
include: "workflow/rules/target.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/fidelity.smk"
include: "workflow/rules/similarity.smk"
include: "workflow/rules/inference.smk"
include: "workflow/rules/prediction.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/commands.smk"


rule all:
    default_target: True
    input:
        f"{TABLES}/report.html",
        rules.draw_figures.output,
        rules.write_tables.output,
        f"{TABLES}/scores.parquet",
        f"{TABLES}/gains.parquet",
        f"{TABLES}/similarity.parquet",
        f"{TABLES}/task_map.tsv",
        f"{TABLES}/inference.json",
        f"{TABLES}/prediction/expected.tsv",
        f"{TABLES}/index.tsv",
        f"{TABLES}/learning.tsv",
    localrule: True


onsuccess:
    if Path(f"{TABLES}/report.html").exists():
        print(f"Report: {TABLES}/report.html")
