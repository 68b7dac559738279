# Claims, figures, tables, and the page that a reader opens.

CAPTIONS = REPOSITORY / "workflow" / "report"
RESOURCES = REPOSITORY / "resources"

# What page, figures and tables are made from.
REPORT_FILES = {
    "index": f"{TABLES}/index.tsv",
    "scores": f"{TABLES}/scores.parquet",
    "gains": f"{TABLES}/gains.parquet",
    "errors": f"{TABLES}/item_errors.parquet",
    "learning": f"{TABLES}/learning.tsv",
    "xtreme": f"{TABLES}/tables/xtreme.tsv",
    "best": f"{TABLES}/tables/best.tsv",
    "rivals": f"{TABLES}/tables/rivals.tsv",
    "claims": f"{TABLES}/claims.tsv",
    "published": str(RESOURCES / "published.tsv"),
    "similarity": f"{TABLES}/similarity.parquet",
    "answer": f"{TABLES}/inference.json",
    "inference": [f"{TABLES}/inference/{table.name}.tsv" for table in INFERENCE_TABLES],
    "coverage": f"{TABLES}/prediction/coverage.tsv",
    "contamination": f"{TABLES}/contamination.tsv",
    "problems": [
        f"{TABLES}/gains.problems.txt",
        f"{TABLES}/languages.problems.txt",
        f"{TABLES}/similarity.problems.txt",
        f"{TABLES}/prediction/problems.txt",
    ],
    "runs": f"{TABLES}/runs.json",
    "languages": f"{TABLES}/languages.tsv",
}
if STUDY.cheap_cells:
    REPORT_FILES["fidelity"] = f"{TABLES}/fidelity.tsv"
    REPORT_FILES["problems"].append(f"{TABLES}/fidelity/problems.txt")
if STUDY.selection:
    REPORT_FILES["plan"] = STUDY.selection.path.as_posix()
CONTRACTS = [table.contract() for table in INFERENCE_TABLES]
REPORT_CAPTIONS = {path.stem: path.read_text() for path in sorted(CAPTIONS.glob("*.rst"))}
# Snakemake's own report tells the pages of several encoders apart by this label.
ENCODER_LABEL = {"encoder": "{encoder}"} if SEVERAL else {}


REPORT_RESOURCES = canonical(
    {path.name: file_sha256(path) for path in [RESOURCES / "published.tsv"]}
)


rule judge_claims:
    input:
        claims=str(RESOURCES / "claims.tsv"),
        gains=f"{TABLES}/gains.parquet",
        best=f"{TABLES}/tables/best.tsv",
        errors=f"{TABLES}/item_errors.parquet",
        learning=f"{TABLES}/learning.tsv",
        index=f"{TABLES}/index.tsv",
        scores=f"{TABLES}/scores.parquet",
        runs=f"{TABLES}/runs.json",
    output:
        claims=f"{TABLES}/claims.tsv",
    log:
        f"{LOGS}/judge_claims.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(1),
    params:
        encoder=lambda wildcards: part_name(wildcards),
        stages=own(lambda part: [stage for stage, runs in part.runs.items() if runs]),
        data=STUDY.config["source"],
        run_sd=canonical(STUDY.config["inference"]["run_sd"]),
        titles=own_json(titles),
        claims=file_sha256(RESOURCES / "claims.tsv"),
        reading=code_of("report_inputs"),
        code=code_of("claims"),
    message:
        "Hold the paper's claims against the study"
    script:
        "../scripts/judge_claims.py"


rule draw_figures:
    input:
        **REPORT_FILES,
    output:
        vector=[
            report(
                f"{TABLES}/figures/{name}.svg",
                caption=f"../report/{name}.rst",
                category=figure.category,
                labels={"figure": name.replace("_", " "), "format": "SVG", **ENCODER_LABEL},
            )
            for name, figure in FIGURES.items()
        ],
        picture=[
            report(
                f"{TABLES}/figures/{name}.png",
                caption=f"../report/{name}.rst",
                category=figure.category,
                labels={"figure": name.replace("_", " "), "format": "PNG", **ENCODER_LABEL},
            )
            for name, figure in FIGURES.items()
        ],
    log:
        f"{LOGS}/draw_figures.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(4),
    params:
        shared=own_json(report_settings),
        resources=REPORT_RESOURCES,
        reading=code_of("report_inputs"),
        drawing=code_of("drawing"),
        code=code_of("figures"),
    message:
        "Draw the figures as SVG and PNG"
    script:
        "../scripts/draw_figures.py"


rule write_tables:
    input:
        **REPORT_FILES,
    output:
        tsv=[
            report(
                f"{TABLES}/tables/{name}.tsv",
                caption=f"../report/{name}.rst",
                category=table.category,
                labels={"table": name.replace("_", " "), "format": "TSV", **ENCODER_LABEL},
            )
            for name, table in PAPER_TABLES.items()
        ],
        latex=[
            report(
                f"{TABLES}/tables/{name}.tex",
                caption=f"../report/{name}.rst",
                category=table.category,
                labels={"table": name.replace("_", " "), "format": "LaTeX", **ENCODER_LABEL},
            )
            for name, table in PAPER_TABLES.items()
        ],
    log:
        f"{LOGS}/write_tables.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(2),
    params:
        shared=own_json(report_settings),
        resources=REPORT_RESOURCES,
        reading=code_of("report_inputs"),
        code=code_of("tables"),
    message:
        "Write the tables as TSV and LaTeX"
    script:
        "../scripts/write_tables.py"


rule render_report:
    input:
        **REPORT_FILES,
    output:
        page=report(
            f"{TABLES}/report.html",
            caption="../report/page.rst",
            category="Report",
            labels={"page": "the whole study", "format": "HTML", **ENCODER_LABEL},
        ),
    log:
        f"{LOGS}/render_report.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(4),
    params:
        shared=own_json(report_settings),
        resources=REPORT_RESOURCES,
        reading=code_of("report_inputs"),
        code=code_of("report"),
    message:
        "Write {output.page}"
    script:
        "../scripts/render_report.py"


# For the README, when asked for: snakemake take_screenshots
rule take_screenshots:
    input:
        page=(STUDY.tables / "report.html").as_posix(),
    output:
        answer="docs/answer.png",
        gains="docs/gains.png",
        scores="docs/scores.png",
        phone="docs/phone.png",
    log:
        f"{ALL_LOGS}/take_screenshots.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(2),
    params:
        code=code_of("screenshots"),
    message:
        "Take pictures of {input.page}"
    script:
        "../scripts/take_screenshots.py"
