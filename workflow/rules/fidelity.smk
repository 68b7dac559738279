# Cheap cells beside full ones: gains over a baseline as cheap, and what they told of the full ones.


rule score_cheap_cells:
    input:
        predictions=own(cheap_predictions),
        receipts=own(cheap_receipts),
    output:
        index=f"{TABLES}/fidelity/index.tsv",
        scores=f"{TABLES}/fidelity/scores.parquet",
        gains=f"{TABLES}/fidelity/gains.parquet",
        problems=f"{TABLES}/fidelity/problems.txt",
    log:
        f"{LOGS}/score_cheap_cells.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(5),
    params:
        cells=own_json(lambda part: part.table_of_cells(part.cheap_cells)),
        intervals=canonical(STUDY.config["intervals"]),
        numerics=STUDY.config["numerics"],
        scores_code=code_of("scores"),
        code=code_of("gains"),
    message:
        "Score the cheap cells, and subtract their baseline"
    script:
        "../scripts/score_cheap_cells.py"


rule compare_fidelities:
    input:
        gains=f"{TABLES}/gains.parquet",
        cheap=f"{TABLES}/fidelity/gains.parquet",
    output:
        table=f"{TABLES}/fidelity.tsv",
    log:
        f"{LOGS}/compare_fidelities.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(1),
    params:
        without_languages=STUDY.config["inference"]["without_languages"],
        code=code_of("fidelity"),
    message:
        "Compare cheap cells with full ones"
    script:
        "../scripts/compare_fidelities.py"
