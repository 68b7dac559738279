# What several encoders of one study say together. A study of one encoder asks for none of this.

# Beside the encoders' own folders; of one encoder a folder that nothing asks for.
JOINT = STUDY.tables.as_posix() if SEVERAL else f"{TABLES}/encoders"
FIRST = next(iter(STUDY.by_encoder.values()))
JOINT_TABLES = [f"{JOINT}/tables/{table.name}.tsv" for table in ENCODER_TABLES]


rule join_encoders:
    input:
        gains=tables_of_all(f"{TABLES}/gains.parquet"),
        similarity=tables_of_all(f"{TABLES}/similarity.parquet"),
        languages=tables_of_all(f"{TABLES}/languages.tsv"),
        summaries=tables_of_all(f"{TABLES}/inference.json"),
        receipts=[FIRST.data(task).receipt.as_posix() for task in FIRST.intermediate_tasks],
    output:
        gains=f"{JOINT}/gains.parquet",
        replicates=f"{JOINT}/replicates.parquet",
        similarity=f"{JOINT}/similarity.parquet",
        languages=f"{JOINT}/languages.tsv",
        summary=f"{JOINT}/inference.json",
        inference=[f"{JOINT}/inference/{table.name}.tsv" for table in INFERENCE_TABLES],
        tables=JOINT_TABLES,
    log:
        f"{ALL_LOGS}/join_encoders.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        encoders=list(STUDY.by_encoder),
        settings=INFERENCE_SETTINGS,
        tasks=FIRST.intermediate_tasks,
        retrieval=targets_without_training(FIRST),
        kinds=kinds_of_tasks(FIRST),
        training_sets=FIRST.training_sets,
        code=code_of("joined"),
    message:
        "Ask of all encoders together whether similarity predicts gain"
    script:
        "../scripts/join_encoders.py"


rule render_encoders:
    input:
        replicates=f"{JOINT}/replicates.parquet",
        similarity=f"{JOINT}/similarity.parquet",
        languages=f"{JOINT}/languages.tsv",
        answer=f"{JOINT}/inference.json",
        inference=[f"{JOINT}/inference/{table.name}.tsv" for table in INFERENCE_TABLES],
        tables=JOINT_TABLES,
        own=[path for name in STUDY.by_encoder for path in flat(files_of(name).values())],
        pages=tables_of_all(f"{TABLES}/report.html"),
    output:
        page=report(
            f"{JOINT}/report.html",
            caption="../report/page.rst",
            category="Report",
            labels={"page": "over all encoders", "format": "HTML"},
        ),
        best=f"{JOINT}/tables/best.tsv",
    log:
        f"{ALL_LOGS}/render_encoders.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(4),
    params:
        shared=lambda wildcards: canonical(
            {
                "encoders": {
                    name: {"files": files_of(name), "settings": report_settings(part)}
                    for name, part in STUDY.by_encoder.items()
                },
                "joint": {
                    "study": STUDY.config["study"],
                    "rows": STUDY.rows,
                    "targets": STUDY.target_tasks,
                    "problems": STUDY.problems,
                    "contracts": CONTRACTS,
                    "captions": REPORT_CAPTIONS,
                },
                "contracts": [table.contract() for table in ENCODER_TABLES],
            }
        ),
        reading=code_of("report_inputs"),
        code=code_of("encoders_page"),
    message:
        "Write {output.page}"
    script:
        "../scripts/render_encoders.py"
