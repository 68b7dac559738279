# Does similarity predict gain? Everything that is said of the study as a whole.

INFERENCE_TABLES = inference_tables()


# Facts on languages, with what the study's encoder was pretrained on.
rule write_languages:
    input:
        facts=LANGUAGES.as_posix(),
        pretraining=[PRETRAINING.as_posix()] if PRETRAINING else [],
    output:
        languages=f"{TABLES}/languages.tsv",
        problems=f"{TABLES}/languages.problems.txt",
    log:
        f"logs/studies/{STUDY.config['study']}/write_languages.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(1),
    params:
        codes=sorted({code for codes in STUDY.languages.values() for code in codes}),
        facts=file_sha256(LANGUAGES),
        pretraining=file_sha256(PRETRAINING) if PRETRAINING else None,
        code=code_of("languages"),
    message:
        "Say what is known of the languages"
    script:
        "../scripts/write_languages.py"


rule infer_effects:
    input:
        gains=f"{TABLES}/gains.parquet",
        similarity=f"{TABLES}/similarity.parquet",
        languages=f"{TABLES}/languages.tsv",
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
        cells=CELLS,
        settings=canonical(
            STUDY.config["inference"] | {"primary_measure": STUDY.config["similarity"]["primary"]}
        ),
        tasks=STUDY.intermediate_tasks,
        # Targets that nothing is trained for.
        retrieval=[name for name in STUDY.target_tasks if not STUDY.sheets[name]["training_set"]],
        # Families of tasks: which kinds there are, and which targets share a fine-tune.
        kinds={
            name: STUDY.sheets[name]["kind"]
            for name in [*STUDY.intermediate_tasks, *STUDY.target_tasks]
        },
        training_sets=STUDY.training_sets,
        code=code_of("inference"),
    message:
        "Test whether similarity predicts gain"
    script:
        "../scripts/infer_effects.py"
