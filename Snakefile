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
include: "workflow/rules/encoders.smk"
include: "workflow/rules/commands.smk"


rule all:
    default_target: True
    input:
        tables_of_all(f"{TABLES}/report.html"),
        f"{JOINT}/report.html" if SEVERAL else [],
        tables_of_all(rules.draw_figures.output),
        tables_of_all(rules.write_tables.output),
        tables_of_all(f"{TABLES}/scores.parquet"),
        tables_of_all(f"{TABLES}/gains.parquet"),
        tables_of_all(f"{TABLES}/similarity.parquet"),
        tables_of_all(f"{TABLES}/task_map.tsv"),
        tables_of_all(f"{TABLES}/inference.json"),
        tables_of_all(f"{TABLES}/prediction/expected.tsv"),
        tables_of_all(f"{TABLES}/index.tsv"),
        tables_of_all(f"{TABLES}/learning.tsv"),
    localrule: True


onsuccess:
    if (STUDY.tables / "report.html").exists():
        print(f"Report: {STUDY.tables / 'report.html'}")
