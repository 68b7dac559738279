# From predictions to the study's tables.


rule write_index:
    input:
        receipts=RECEIPTS,
    output:
        index=f"{TABLES}/index.tsv",
        code=f"{TABLES}/code.json",
    log:
        f"logs/studies/{STUDY.config['study']}/write_index.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        cells=canonical(STUDY.table_of_cells()),
        code=canonical(STUDY.code.digests),
    message:
        "List the cells of the study"
    script:
        "../scripts/write_index.py"


rule score_cells:
    input:
        predictions=PREDICTIONS,
        receipts=RECEIPTS,
        index=f"{TABLES}/index.tsv",
    output:
        scores=f"{TABLES}/scores.parquet",
    log:
        f"logs/studies/{STUDY.config['study']}/score_cells.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=canonical(STUDY.table_of_cells()),
        code=code_of("scores"),
    message:
        "Score every cell in every language"
    script:
        "../scripts/score_cells.py"


rule compute_gains:
    input:
        predictions=PREDICTIONS,
        receipts=RECEIPTS,
        index=f"{TABLES}/index.tsv",
        scores=f"{TABLES}/scores.parquet",
    output:
        gains=f"{TABLES}/gains.parquet",
        problems=f"{TABLES}/gains.problems.txt",
        errors=f"{TABLES}/item_errors.parquet",
    log:
        f"logs/studies/{STUDY.config['study']}/compute_gains.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        cells=canonical(STUDY.table_of_cells()),
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
        receipts=TRAINED_RECEIPTS,
        scores=f"{TABLES}/scores.parquet",
    output:
        learning=f"{TABLES}/learning.tsv",
    log:
        f"logs/studies/{STUDY.config['study']}/summarise_learning.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        trained=canonical(STUDY.trained_tasks()),
        code=code_of("learning"),
    message:
        "Compare English dev scores with chance"
    script:
        "../scripts/summarise_learning.py"


rule summarise_scores:
    input:
        scores=f"{TABLES}/scores.parquet",
    output:
        xtreme=f"{TABLES}/tables/xtreme.tsv",
    log:
        f"logs/studies/{STUDY.config['study']}/summarise_scores.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        cells=canonical(STUDY.table_of_cells()),
        code=code_of("summary"),
    message:
        "Average over targets as XTREME does"
    script:
        "../scripts/summarise_scores.py"


rule choose_intermediates:
    input:
        predictions=PREDICTIONS,
        index=f"{TABLES}/index.tsv",
    output:
        best=f"{TABLES}/tables/best.tsv",
        rivals=f"{TABLES}/tables/rivals.tsv",
        layers=f"{TABLES}/tables/layers.tsv",
    log:
        f"logs/studies/{STUDY.config['study']}/choose_intermediates.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=canonical(STUDY.table_of_cells()),
        choose_on=STUDY.config["choose_on"],
        intervals=STUDY.config["intervals"],
        run_sd=canonical(STUDY.config["inference"]["run_sd"]),
        code=code_of("choice"),
        layers_code=code_of("layers"),
    message:
        "Choose the best intermediate task of each target, and score it on test"
    script:
        "../scripts/choose_intermediates.py"


# Only where it is asked for: snakemake write_submission
rule write_submission:
    input:
        predictions=PREDICTIONS,
        index=f"{TABLES}/index.tsv",
        best=f"{TABLES}/tables/best.tsv",
    output:
        folder=directory(f"{TABLES}/submission"),
        notes=f"{TABLES}/submission.txt",
    log:
        f"logs/studies/{STUDY.config['study']}/write_submission.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=canonical(STUDY.table_of_cells()),
        code=code_of("submission"),
    message:
        "Write the chosen rows' predictions, and the baseline's, in XTREME's format"
    script:
        "../scripts/write_submission.py"
