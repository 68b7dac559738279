# How alike are intermediate and target tasks? Nothing here waits for training but LogME.


rule embed_task:
    input:
        parents_of("embeddings"),
    output:
        receipt="results/similarity/embeddings/{run}/receipt.json",
    log:
        "logs/embeddings/{run}.log",
    wildcard_constraints:
        run=names("embeddings"),
    priority: 40
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(60),
        gpu=GPUS,
    params:
        recipe=recipe("embeddings"),
        folders=folders_of("embeddings"),
    message:
        "Embed {wildcards.run}"
    script:
        "../scripts/embed_task.py"


rule score_evidence:
    input:
        parents_of("evidence"),
    output:
        receipt="results/similarity/evidence/{run}/receipt.json",
    log:
        "logs/evidence/{run}.log",
    wildcard_constraints:
        run=names("evidence"),
    priority: 40
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(60),
        gpu=GPUS,
    params:
        job=job_of("evidence"),
    message:
        "Score the targets' labels on the encoder of {wildcards.run}"
    script:
        "../scripts/score_evidence.py"


rule compare_tasks:
    input:
        receipts=own(lambda part: [run.receipt.as_posix() for run in part.embeddings.runs]),
    output:
        similarity=f"{TABLES}/similarity.parquet",
        map=f"{TABLES}/task_map.tsv",
        problems=f"{TABLES}/similarity.problems.txt",
    log:
        f"{LOGS}/compare_tasks.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(5),
    params:
        plan=own_json(lambda part: part.embeddings.plan()),
        code=code_of("similarity"),
    message:
        "Compare every intermediate with every target task"
    script:
        "../scripts/compare_tasks.py"


# Only where it is asked for: what `xstilts plan` chooses rows by, before anything is trained.
rule compare_candidates:
    input:
        receipts=own(
            lambda part: [run.receipt.as_posix() for run in part.embeddings.embedded.values()]
        ),
    output:
        similarity=f"{TABLES}/candidates/similarity.parquet",
        map=f"{TABLES}/candidates/task_map.tsv",
        problems=f"{TABLES}/candidates/problems.txt",
    log:
        f"{LOGS}/compare_candidates.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(5),
    params:
        plan=own_json(lambda part: part.embeddings.untrained_plan()),
        code=code_of("similarity"),
    message:
        "Compare all candidates with every target task, before anything is trained"
    script:
        "../scripts/compare_candidates.py"
