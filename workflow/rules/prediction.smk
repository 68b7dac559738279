# What the study leads one to expect of targets and languages that it has not run.


rule predict_gains:
    input:
        gains=f"{TABLES}/gains.parquet",
        similarity=f"{TABLES}/similarity.parquet",
        languages=f"{TABLES}/languages.tsv",
    output:
        expected=f"{TABLES}/prediction/expected.tsv",
        coverage=f"{TABLES}/prediction/coverage.tsv",
        candidates=f"{TABLES}/prediction/candidates.tsv",
        problems=f"{TABLES}/prediction/problems.txt",
    log:
        f"{LOGS}/predict_gains.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(4),
    params:
        prediction=canonical(STUDY.config["prediction"]),
        measure=STUDY.config["similarity"]["primary"],
        without_languages=STUDY.config["inference"].get("without_languages", ["en"]),
        code=code_of("prediction"),
    message:
        "Predict gains for what the study has not run"
    script:
        "../scripts/predict_gains.py"
