# Stage 2: fine-tune on the target's English training set and predict in every language, in one
# job; or, for BUCC and Tatoeba, search with the encoder as it is.


rule finetune_target:
    input:
        parents_of("target"),
    output:
        predictions="results/runs/target/{run}/predictions.parquet",
        receipt="results/runs/target/{run}/receipt.json",
    log:
        "logs/target/{run}.log",
    wildcard_constraints:
        run=retrievals(False),
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=MEASURED.memory("target", 3000),
        runtime=MEASURED.runtime("target", 720),
        gpu=GPUS,
    params:
        job=job_of("target"),
    message:
        "Fine-tune and predict {wildcards.run}"
    script:
        "../scripts/finetune_target.py"


rule retrieve_target:
    input:
        parents_of("target"),
    output:
        predictions="results/runs/target/{run}/predictions.parquet",
        receipt="results/runs/target/{run}/receipt.json",
    log:
        "logs/target/{run}.log",
    wildcard_constraints:
        run=retrievals(True),
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=MEASURED.memory("target", 3000),
        runtime=MEASURED.runtime("target", 120),
        gpu=GPUS,
    params:
        job=job_of("target"),
    message:
        "Find translations {wildcards.run}"
    script:
        "../scripts/retrieve_target.py"
