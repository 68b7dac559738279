# What comes from the Hugging Face Hub. Everything lands under the name of its commit, so that a file
# that is there is the right one; nothing is fetched before `snakemake pin` has written the commits.

from xstilts.commands.inventory import inventory


rule fetch_split:
    output:
        "results/downloads/{owner}__{name}@{revision}/{config}/{split}.parquet",
    log:
        "logs/downloads/{owner}__{name}@{revision}/{config}/{split}.log",
    wildcard_constraints:
        owner="[^/_][^/]*?",
        name="[^/@]+",
        revision="[^/@]+",
        config="[^/]+",
        split="[^/]+",
    priority: 95
    # On a cluster: on the login node, which has a network.
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(60),
    message:
        "Fetch {wildcards.owner}/{wildcards.name} {wildcards.config} {wildcards.split}"
    script:
        "../scripts/fetch_split.py"


rule fetch_encoder:
    output:
        manifest="results/downloads/models/{owner}__{name}@{revision}/fetched.json",
    log:
        "logs/downloads/models/{owner}__{name}@{revision}.log",
    wildcard_constraints:
        owner="[^/_][^/]*?",
        name="[^/@]+",
        revision="[^/@]+",
    priority: 100
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(120),
    message:
        "Fetch the encoder {wildcards.owner}/{wildcards.name}"
    script:
        "../scripts/fetch_encoder.py"


# The newest commits of all that this study takes from the Hub, into config/revisions.lock.yaml.
rule pin:
    log:
        "logs/pin.log",
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        wanted=lambda wildcards: canonical(STUDY.repositories),
    message:
        "Ask the Hub for the newest commits"
    script:
        "../scripts/pin.py"


# What of each task and language is there, from where, under which licence, and what is missing.
rule data_report:
    log:
        f"{ALL_LOGS}/data_report.log",
    localrule: True
    conda:
        "../../envs/train.yaml"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        parts=lambda wildcards: canonical(inventory(STUDY)),
        sizes=f"{REPOSITORY}/resources/data_sizes.tsv",
        table=(STUDY.tables / "data_report.tsv").as_posix(),
    message:
        "Look which data are there"
    script:
        "../scripts/data_report.py"
