# Does similarity predict gain? Everything that is said of the study as a whole.

INFERENCE_TABLES = inference_tables()


rule infer_effects:
    input:
        gains=f"{TABLES}/gains.parquet",
        similarity=f"{TABLES}/similarity.parquet",
        languages=LANGUAGES.as_posix(),
        # How many training examples each intermediate task has, a rival of similarity.
        receipts=[STUDY.data(task).receipt.as_posix() for task in STUDY.intermediate_tasks],
    output:
        summary=f"{TABLES}/inference.json",
        tables=[f"{TABLES}/inference/{table.name}.tsv" for table in INFERENCE_TABLES],
    log:
        f"logs/studies/{STUDY.config['study']}/infer_effects.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(10),
    params:
        cells=canonical(STUDY.table_of_cells()),
        settings=canonical(
            STUDY.config["inference"] | {"primary_measure": STUDY.config["similarity"]["primary"]}
        ),
        tasks=STUDY.intermediate_tasks,
        retrieval=[name for name in STUDY.target_tasks if STUDY.sheets[name]["kind"] == "retrieval"],
        # Families of tasks: which kinds there are, and which targets share a fine-tune.
        kinds={
            name: STUDY.sheets[name]["kind"]
            for name in [*STUDY.intermediate_tasks, *STUDY.target_tasks]
        },
        training_sets=STUDY.training_sets,
        languages=file_sha256(LANGUAGES),
        code=code_of("inference"),
    message:
        "Test whether similarity predicts gain"
    script:
        "../scripts/infer_effects.py"
