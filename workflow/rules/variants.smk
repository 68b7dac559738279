# What rows `<task>+translated` train on, where nobody has published it: the task's own examples,
# translated by a sequence-to-sequence model.


rule fetch_translator:
    output:
        manifest="results/downloads/translators/{owner}__{name}@{revision}/fetched.json",
    log:
        "logs/downloads/translators/{owner}__{name}@{revision}.log",
    wildcard_constraints:
        owner="[^/_][^/]*?",
        name="[^/@]+",
        revision="[^/@]+",
    priority: 100
    # On a cluster: on the login node, which has a network.
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(120),
    message:
        "Fetch the translation model {wildcards.owner}/{wildcards.name}"
    script:
        "../scripts/fetch_translator.py"


rule translate_task:
    input:
        fetched_translator,
        fetched=fetched_splits("translation"),
    output:
        examples="results/translations/{run}/train.parquet",
        receipt="results/translations/{run}/receipt.json",
    log:
        "logs/translations/{run}.log",
    wildcard_constraints:
        run=names("translation"),
    priority: 95
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(6000),
        runtime=grows(1440),
        gpu=GPUS,
    params:
        recipe=recipe("translation"),
    message:
        "Translate {wildcards.run}"
    script:
        "../scripts/translate_task.py"
