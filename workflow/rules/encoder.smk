# The pretrained encoder, as ordinary transformers files, and what its frozen layers give.


rule build_encoder:
    output:
        config="results/runs/encoder/{run}/config.json",
        weights="results/runs/encoder/{run}/model.safetensors",
        tokenizer="results/runs/encoder/{run}/tokenizer.json",
        receipt="results/runs/encoder/{run}/receipt.json",
    log:
        "logs/encoder/{run}.log",
    wildcard_constraints:
        run=names("encoder"),
    priority: 100
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        recipe=recipe("encoder"),
    message:
        "Build the encoder {wildcards.run}"
    script:
        "../scripts/build_encoder.py"


rule compute_activations:
    input:
        parents_of("activations"),
    output:
        receipt="results/activations/{run}/receipt.json",
    log:
        "logs/activations/{run}.log",
    wildcard_constraints:
        run=names("activations"),
    priority: 80
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        recipe=recipe("activations"),
        folders=folders_of("activations"),
    message:
        "Run the frozen layers over {wildcards.run}"
    script:
        "../scripts/compute_activations.py"
