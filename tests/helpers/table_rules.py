"""Rules that make the tables, figures and page of a study, each once."""

TABLES = (
    "write_index",
    "write_languages",
    "compare_texts",
    "score_cells",
    "compute_gains",
    "summarise_learning",
    "summarise_runs",
    "summarise_scores",
    "choose_intermediates",
    "compare_tasks",
    "infer_effects",
    "predict_gains",
    "judge_claims",
    "draw_figures",
    "write_tables",
    "render_report",
)
