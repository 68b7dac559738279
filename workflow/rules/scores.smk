# From predictions to the study's tables.


rule write_index:
    input:
        receipts=own(receipts),
        predictions=own(predictions_lost),
    output:
        index=f"{TABLES}/index.tsv",
        code=f"{TABLES}/code.json",
    log:
        f"{LOGS}/write_index.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        cells=own(lambda part: part.text_of_cells),
        code=lambda wildcards: CODE[part_name(wildcards)],
    message:
        "List the cells of the study"
    script:
        "../scripts/write_index.py"


rule score_cells:
    input:
        lost=own(lost_since),
        index=f"{TABLES}/index.tsv",
    output:
        scores=f"{TABLES}/scores.parquet",
    log:
        f"{LOGS}/score_cells.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=own(lambda part: part.text_of_cells),
        code=code_of("scores"),
    message:
        "Score every cell in every language"
    script:
        "../scripts/score_cells.py"


rule compute_gains:
    input:
        lost=own(lost_since),
        index=f"{TABLES}/index.tsv",
        scores=f"{TABLES}/scores.parquet",
    output:
        gains=f"{TABLES}/gains.parquet",
        problems=f"{TABLES}/gains.problems.txt",
        errors=f"{TABLES}/item_errors.parquet",
    log:
        f"{LOGS}/compute_gains.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        cells=own(lambda part: part.text_of_cells),
        intervals=canonical(STUDY.config["intervals"]),
        numerics=STUDY.config["numerics"],
        code=code_of("gains"),
        errors_code=code_of("item_errors"),
    message:
        "Subtract the baseline, with paired bootstrap intervals"
    script:
        "../scripts/compute_gains.py"


rule summarise_learning:
    input:
        receipts=own(
            lambda part: sorted(
                {
                    f"{folder}/receipt.json"
                    for task in part.trained_tasks()
                    for folder in task["folders"]
                }
            )
        ),
        scores=f"{TABLES}/scores.parquet",
    output:
        learning=f"{TABLES}/learning.tsv",
    log:
        f"{LOGS}/summarise_learning.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(1),
    params:
        trained=own_json(lambda part: part.trained_tasks()),
        code=code_of("learning"),
    message:
        "Compare English dev scores with chance"
    script:
        "../scripts/summarise_learning.py"


# What all receipts say together, for who would else read thousands of them again.
rule summarise_runs:
    input:
        receipts=own(all_receipts),
    output:
        runs=f"{TABLES}/runs.json",
    log:
        f"{LOGS}/summarise_runs.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(1),
    params:
        # A row that goes takes its runs along, though none is made.
        runs=own(lambda part: digest(all_receipts(part))),
        code=code_of("runs"),
    message:
        "Sum up cost, learning and faults of all runs"
    script:
        "../scripts/summarise_runs.py"


rule summarise_scores:
    input:
        scores=f"{TABLES}/scores.parquet",
    output:
        xtreme=f"{TABLES}/tables/xtreme.tsv",
    log:
        f"{LOGS}/summarise_scores.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        cells=own(lambda part: part.text_of_cells),
        code=code_of("summary"),
    message:
        "Average over targets as XTREME does"
    script:
        "../scripts/summarise_scores.py"


rule choose_intermediates:
    input:
        lost=own(lost_since),
        index=f"{TABLES}/index.tsv",
        gains=f"{TABLES}/gains.parquet",
        errors=f"{TABLES}/item_errors.parquet",
    output:
        best=f"{TABLES}/tables/best.tsv",
        rivals=f"{TABLES}/tables/rivals.tsv",
        layers=f"{TABLES}/tables/layers.tsv",
    log:
        f"{LOGS}/choose_intermediates.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=own(lambda part: part.text_of_cells),
        choose_on=STUDY.config["choose_on"],
        intervals=STUDY.config["intervals"],
        run_sd=canonical(STUDY.config["inference"]["run_sd"]),
        code=code_of("choice"),
        ties_code=code_of("ties"),
        layers_code=code_of("layers"),
    message:
        "Choose the best intermediate task of each target, and score it on test"
    script:
        "../scripts/choose_intermediates.py"


# Only where it is asked for: snakemake write_submission
# Of all encoders in one job, so that it can be asked for by its name.
rule write_submission:
    input:
        lost=lambda wildcards: flat(map(lost_since, STUDY.by_encoder.values())),
        index=expand(f"{TABLES}/index.tsv", encoder=STUDY.by_encoder),
        best=expand(f"{TABLES}/tables/best.tsv", encoder=STUDY.by_encoder),
    output:
        folders=directory(expand(f"{TABLES}/submission", encoder=STUDY.by_encoder)),
        notes=expand(f"{TABLES}/submission.txt", encoder=STUDY.by_encoder),
    log:
        f"{ALL_LOGS}/write_submission.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=lambda wildcards: [part.text_of_cells for part in STUDY.by_encoder.values()],
        code=code_of("submission"),
    message:
        "Write the chosen rows' predictions, and the baseline's, in XTREME's format"
    script:
        "../scripts/write_submission.py"
