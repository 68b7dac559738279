# Stage 1: one encoder per intermediate task and seed, and one over several tasks at once.


rule finetune_intermediate:
    input:
        parents_of("intermediate"),
    output:
        receipt="results/runs/intermediate/{run}/receipt.json",
    log:
        "logs/intermediate/{run}.log",
    wildcard_constraints:
        run=names("intermediate"),
    priority: 50
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=MEASURED.memory("intermediate", 3000),
        runtime=MEASURED.runtime("intermediate", 720),
        gpu=GPUS,
    params:
        job=job_of("intermediate"),
    message:
        "Fine-tune on the intermediate task of {wildcards.run}"
    script:
        "../scripts/finetune_intermediate.py"
