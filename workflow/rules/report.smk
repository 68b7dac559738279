# Figures and the page that a reader opens.


rule render_report:
    input:
        index=f"{TABLES}/index.tsv",
        scores=f"{TABLES}/scores.parquet",
        gains=f"{TABLES}/gains.parquet",
        learning=f"{TABLES}/learning.tsv",
        problems=f"{TABLES}/gains.problems.txt",
        receipts=ALL_RECEIPTS,
    output:
        page=report(
            f"{TABLES}/report.html",
            caption="../report/page.rst",
            category="Report",
        ),
        heatmap=report(
            f"{TABLES}/figures/gains.svg",
            caption="../report/heatmap.rst",
            category="Gains",
            labels={"figure": "gain of each intermediate task", "format": "SVG"},
        ),
        picture=f"{TABLES}/figures/gains.png",
        table=report(
            f"{TABLES}/tables/scores.tsv",
            caption="../report/scores.rst",
            category="Scores",
            labels={"table": "mean over languages", "format": "TSV"},
        ),
    log:
        f"logs/studies/{STUDY.config['study']}/render_report.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(20),
    params:
        config=canonical(STUDY.config),
        rows=STUDY.rows,
        targets=STUDY.target_tasks,
        problems=STUDY.problems,
        code=code_of("report"),
    message:
        "Write {output.page}"
    script:
        "../scripts/render_report.py"
