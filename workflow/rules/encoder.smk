# The pretrained encoder, as ordinary transformers files, and what its frozen layers give.


rule build_encoder:
    input:
        fetched_encoder,
    output:
        config="results/runs/encoder/{run}/config.json",
        tokenizer="results/runs/encoder/{run}/tokenizer.json",
        receipt="results/runs/encoder/{run}/receipt.json",
    log:
        "logs/encoder/{run}.log",
    wildcard_constraints:
        run=names("encoder"),
    priority: 100
    # On a cluster: on the login node, where files come from.
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(20),
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
        mem_mb=grows(3000),
        runtime=grows(60),
    params:
        recipe=recipe("activations"),
        folders=folders_of("activations"),
    message:
        "Run the frozen layers over {wildcards.run}"
    script:
        "../scripts/compute_activations.py"
