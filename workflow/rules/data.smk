# Tasks: read, checked, sampled down to the study's limits and tokenised.


rule prepare_task:
    input:
        parents_of("data"),
        fetched=fetched_splits("data"),
        tokenizer=parents_of("data", "tokenizer.json", kind="encoder"),
    output:
        train="results/data/{run}/train.arrow",
        dev="results/data/{run}/dev.arrow",
        test="results/data/{run}/test.arrow",
        receipt="results/data/{run}/receipt.json",
    log:
        "logs/data/{run}.log",
    wildcard_constraints:
        run=names("data"),
    # Before any training, so that a broken file is known early.
    priority: 90
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(60),
    params:
        recipe=recipe("data"),
    message:
        "Prepare {wildcards.run}"
    script:
        "../scripts/prepare_task.py"


rule compare_texts:
    input:
        receipts=own(compared),
    output:
        table=f"{TABLES}/contamination.tsv",
    log:
        f"{LOGS}/compare_texts.log",
    # As early as the data are there: what it says may change what one wants to train on.
    priority: 85
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(2),
    params:
        folders=own_json(
            lambda part: {
                role: {task: run.folder.as_posix() for task, run in runs.items()}
                for role, runs in part.compared_texts().items()
            }
        ),
        source=STUDY.config["source"],
        code=code_of("contamination"),
    message:
        "Compare the texts of training sets and test sets"
    script:
        "../scripts/compare_texts.py"
