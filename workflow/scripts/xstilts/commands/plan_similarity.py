"""Similarity of the candidates of a study, before anything is trained."""

from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.plan.grid import Study

Pair = tuple[str, str]


def similarity_file(study: Study) -> Path | None:
    """The table of the candidates' similarity, or that of the study's; None without either."""
    candidates = [
        study.tables / "candidates" / "similarity.parquet",
        study.tables / "similarity.parquet",
    ]
    return next((path for path in candidates if path.is_file()), None)


def known_similarity(study: Study) -> tuple[dict[Pair, float], list[str]]:
    """Similarity by the study's primary measure, and sentences on it.

    Raises:
        StudyError: it is not known yet; the sentence says how to make it.
    """
    from xstilts.inference.prediction.study_tables import similarity_of_tasks

    measure = study.config["similarity"]["primary"]
    path = similarity_file(study)
    wanted = (study.tables / "candidates" / "similarity.parquet").as_posix()
    if path is None:
        raise StudyError(
            f"the similarity of the tasks is not known yet, and needs no training: run `snakemake "
            f"--cores all {wanted}` with the study's --configfile first."
        )
    return similarity_of_tasks(path, measure), [f"Similarity is {measure}, from {path}."]
