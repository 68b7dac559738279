# Does similarity predict gain? Everything that is said of the study as a whole.

INFERENCE_TABLES = inference_tables()
INFERENCE_SETTINGS = canonical(
    STUDY.config["inference"] | {"primary_measure": STUDY.config["similarity"]["primary"]}
)


# Facts on languages, with what the study's encoder was pretrained on.
rule write_languages:
    input:
        facts=LANGUAGES.as_posix(),
        pretraining=own(lambda part: [part.pretraining.as_posix()] if part.pretraining else []),
    output:
        languages=f"{TABLES}/languages.tsv",
        problems=f"{TABLES}/languages.problems.txt",
    log:
        f"{LOGS}/write_languages.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(1),
    params:
        codes=own(
            lambda part: sorted({code for codes in part.languages.values() for code in codes})
        ),
        facts=file_sha256(LANGUAGES),
        pretraining=own(lambda part: file_sha256(part.pretraining) if part.pretraining else None),
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
        receipts=own(
            lambda part: [part.data(task).receipt.as_posix() for task in part.intermediate_tasks]
        ),
    output:
        summary=f"{TABLES}/inference.json",
        tables=[f"{TABLES}/inference/{table.name}.tsv" for table in INFERENCE_TABLES],
    log:
        f"{LOGS}/infer_effects.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        cells=own(lambda part: part.text_of_cells),
        settings=INFERENCE_SETTINGS,
        tasks=own(lambda part: part.intermediate_tasks),
        # Targets that nothing is trained for.
        retrieval=own(targets_without_training),
        # Families of tasks: which kinds there are, and which targets share a fine-tune.
        kinds=own(kinds_of_tasks),
        training_sets=own(lambda part: part.training_sets),
        code=code_of("inference"),
    message:
        "Test whether similarity predicts gain"
    script:
        "../scripts/infer_effects.py"
