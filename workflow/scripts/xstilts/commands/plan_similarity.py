"""Similarity of the candidates of a study, before anything is trained."""

from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.plan.encoders import AnyStudy

Pair = tuple[str, str]


def similarity_files(study: AnyStudy) -> list[Path]:
    """The tables of the candidates' similarity, or those of the study's, one for each encoder.

    None where an encoder has neither.
    """
    tables = []
    for own in study.by_encoder.values():
        known = [
            own.tables / "candidates" / "similarity.parquet",
            own.tables / "similarity.parquet",
        ]
        tables.append(next((path for path in known if path.is_file()), None))
    return [path for path in tables if path] if all(tables) else []


def known_similarity(study: AnyStudy) -> tuple[dict[Pair, float], list[str]]:
    """Similarity by the study's primary measure, the mean over encoders, and sentences on it.

    Raises:
        StudyError: it is not known yet; the sentence says how to make it.
    """
    from xstilts.inference.prediction.study_tables import similarity_of_tasks

    measure = study.config["similarity"]["primary"]
    paths = similarity_files(study)
    if not paths:
        wanted = " ".join(
            (own.tables / "candidates" / "similarity.parquet").as_posix()
            for own in study.by_encoder.values()
        )
        raise StudyError(
            f"the similarity of the tasks is not known yet, and needs no training: run `snakemake "
            f"--cores all {wanted}` with the study's --configfile first."
        )
    tables = [similarity_of_tasks(path, measure) for path in paths]
    pairs = [pair for pair in tables[0] if all(pair in table for table in tables)]
    means = {pair: sum(table[pair] for table in tables) / len(tables) for pair in pairs}
    several = ", the mean over the encoders" if len(paths) > 1 else ""
    return means, [f"Similarity is {measure}{several}, from {', '.join(map(str, paths))}."]
