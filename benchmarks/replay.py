"""Plans for the best intermediate task, replayed on published grids of transfer.

What `xstilts plan --gains` does, on

- Taskonomy (Zamir et al. 2018): vision tasks, at three training sizes, and the middle one with the
  smallest as its cheap measurement; the logarithm of the published affinity, larger is better;
- prompt transfer (Su et al. 2022): soft prompts of one task used on another, three models;
- model recycling (Choshen et al. 2022): published models as starting points, forty drawn at random.
  Rows whose scores correlate less than 0.9 with those of the untuned base model are left out: their
  columns are in another order.

Similarity is what was published without looking at the grid: the kind of task for the first two
(visual 2D, visual 3D, semantic, geometric; sentiment, inference, ...), the score of a linear probe
on MNLI for the third, which says the same for every target.

    python benchmarks/replay.py --tables FOLDER

takes half an hour of one core, and writes the section "replay" of benchmarks/README.md and the
picture docs/replay.png. FOLDER holds taskonomy/, prompt_transferability/ and model_recycling/.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from readme import put_section
from readme import table as markdown

from xstilts.commands.replaying import next_cells
from xstilts.inference.prediction.replay import Grid, grid_of, replay
from xstilts.report.charts import theme
from xstilts.report.drawing import save

PICTURE = ROOT / "docs" / "replay.png"
STEPS = 20
MODELS_DRAWN, ALIKE = 40, 0.9
# The kinds of Zamir et al. (2018), figure 13, and of Su et al. (2022), table 1.
VISION = {
    "2D": "autoencoder denoise edge2d inpainting_whole impainting_whole keypoint2d segment2d "
          "colorization jigsaw",
    "3D": "curvature edge3d keypoint3d reshade rgb2depth rgb2mist rgb2sfnorm segment25d",
    "geometry": "ego_motion fix_pose non_fixated_pose point_match vanishing_point "
                "vanishing_point_well_defined room_layout",
    "semantics": "class_1000 class_places class_selected segmentsemantic segmentsemantic_rb",
}  # fmt: skip
LANGUAGE = {
    "sentiment": "IMDB SST2 laptop restaurant movierationales tweetevalsentiment",
    "inference": "MNLI QNLI snli",
    "ethics": "ethicsdeontology ethicsjustice",
    "paraphrase": "MRPC QQP",
    "questions": "squad nq_open",
    "summaries": "multi_news samsum",
    "other": "recastner",
}
SIZES = {"1k": "all_affinities_1k_first_order", "16k": "all_affinities_16k_first_order",
         "all": "all_affinities_first_order"}  # fmt: skip


def taskonomy(folder: Path, size: str) -> pd.DataFrame:
    """intermediate, target, gain at one training size."""
    found = pd.read_csv(folder / "taskonomy" / f"{SIZES[size]}.csv")
    found = found[(found["source"] != found["target"]) & ~found["source"].isin(["random", "self"])]
    found = found.assign(gain=np.log(found["affinity"]))
    return found.rename(columns={"source": "intermediate"})


def prompts(folder: Path, model: str) -> pd.DataFrame:
    """intermediate, target, gain of one model's prompts."""
    found = pd.read_csv(folder / "prompt_transferability" / "prompt_transfer.csv")
    found = found[
        (found["setting"] == "main") & (found["model"] == model) & (found["kind"] == "cross_task")
    ]
    found = found[found["source"] != found["target"]].assign(gain=100 * found["score"])
    return found.rename(columns={"source": "intermediate"})


def recycling(folder: Path, encoder: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gains of models drawn at random over their base, and their score on MNLI as similarity."""
    found = pd.read_csv(folder / "model_recycling" / f"{encoder}_table.csv")
    found = found.drop(columns=["Unnamed: 0", "avg"]).drop_duplicates("model_name")
    found = found.set_index("model_name")
    probe, scores = found.pop("mnli_lp"), found.astype(float)
    base = scores.iloc[0]
    scores = scores.iloc[1:].dropna()
    alike = scores.apply(lambda row: float(np.corrcoef(row, base)[0, 1]), axis=1)
    gains = (scores[alike > ALIKE] - base).sample(MODELS_DRAWN, random_state=seed)
    long = gains.reset_index().melt("model_name", var_name="target", value_name="gain")
    long = long.rename(columns={"model_name": "intermediate"})
    return long, long.assign(similarity=long["intermediate"].map(probe))


def of_one_kind(pairs: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Similarity: whether both tasks of a pair are of one kind."""
    of = {task: kind for kind, tasks in kinds.items() for task in tasks.split()}
    sides = [pairs[name].map(of) for name in ("intermediate", "target")]
    missing = set(pairs["intermediate"][sides[0].isna()]) | set(pairs["target"][sides[1].isna()])
    if missing:
        raise SystemExit(f"no kind is known of {', '.join(sorted(missing))}")
    return pairs.assign(similarity=(sides[0] == sides[1]).astype(float))


def grids(folder: Path) -> Iterator[tuple[str, str, Grid]]:
    """Family of grids, name, grid."""
    cheap = taskonomy(folder, "1k")
    for size in SIZES:
        pairs = taskonomy(folder, size)
        yield "Taskonomy", f"{size} images", grid_of(pairs, of_one_kind(pairs, VISION), None)
    pairs = taskonomy(folder, "16k")
    yield (
        "Taskonomy",
        "16k images, 1k first",
        grid_of(pairs, of_one_kind(pairs, VISION), cheap, cheap_price=1 / 16),
    )
    for model in ("Roberta", "T5", "T5Small"):
        pairs = prompts(folder, model)
        yield "prompt transfer", model, grid_of(pairs, of_one_kind(pairs, LANGUAGE), None)
    for encoder in ("roberta-base", "bert-base-uncased"):
        yield "model recycling", encoder, grid_of(*recycling(folder, encoder, 1), None)


def measure(folder: Path, seeds: int) -> pd.DataFrame:
    """Regret by grid, strategy and share of the cost, the mean over seeds of the plan."""
    found = []
    for family, name, grid in grids(folder):
        for seed in range(1, seeds + 1):
            own = replay(grid, next_cells, STEPS, seed)
            found.append(own.assign(family=family, grid=name, rows=len(grid.rows),
                                    columns=len(grid.columns), seed=seed))  # fmt: skip
            print(family, name, seed, flush=True)
    keys = ["family", "grid", "rows", "columns", "strategy", "share"]
    return pd.concat(found).groupby(keys, sort=False)["regret"].mean().reset_index()


def section(found: pd.DataFrame, seeds: int) -> str:
    """Regret of every strategy at a quarter and at half of the cost."""
    order = ["plan", "similarity", "most popular", "random rows", "random cells"]
    rows, behind = [], []
    for (family, name, sources, targets), own in found.groupby(
        ["family", "grid", "rows", "columns"], sort=False
    ):
        at = {share: own[np.isclose(own["share"], share)].set_index("strategy")["regret"]
              for share in (0.25, 0.5)}  # fmt: skip
        half = at[0.5][order]
        behind += [f"{family}, {name}: {rival} ({half[rival]:.3f} against {half['plan']:.3f})"
                   for rival in order[1:] if half[rival] <= half["plan"]]  # fmt: skip
        rows.append([f"{family}, {name}", f"{sources} x {targets}",
                     *(f"{at[0.25][key]:.3f}" for key in order[:2]),
                     *(f"{value:.3f}" for value in half)])  # fmt: skip
    header = ["grid", "size", "25 %: plan", "similarity", "50 %: plan", *order[1:]]
    verdict = (
        f"The plan does not beat, at half of the cost, {'; '.join(behind)}."
        if behind
        else "At half of the cost the plan beats every rival on every grid."
    )
    return f"""## Plans replayed on published grids

What is lost against each target's best source, as a share of what a source drawn at random loses
(mean over targets; 0 is full search), when a quarter or half of the whole grid's cost may be spent.
An encoder costs as much as a cell. *Similarity* runs the most similar source of each target first;
what is published of each grid beforehand is a rough measure: the kind of both tasks, or one score
of a model. *Most popular* runs first the source that is best for all other targets in the whole
grid, and so knows more than any plan can. Random: mean of 200 draws. Plan: mean of {seeds} seeds.

{markdown(header, rows)}

{verdict}

Made by `python benchmarks/replay.py --tables FOLDER`; `docs/replay.png` is the same against every
share of the cost.
"""


def picture(found: pd.DataFrame) -> dict:
    """Regret against share of the cost, a panel for each grid."""
    shown = {"plan": theme.BLUE, "similarity": theme.ORANGE, "most popular": "#8a6fb0",
             "random rows": theme.GREY}  # fmt: skip
    kept = found[found["strategy"].isin(list(shown))]
    kept = kept.assign(panel=kept["family"] + ": " + kept["grid"])
    kept = kept.assign(share=100 * kept["share"])
    panels = list(dict.fromkeys(kept["panel"]))
    lines = alt.Chart(theme.table(kept[["panel", "strategy", "share", "regret"]])).mark_line(
        strokeWidth=2
    )
    chart = lines.encode(
        x=alt.X("share:Q", title="share of the grid's cost, %"),
        y=alt.Y("regret:Q", title="regret (1: at random)", scale=alt.Scale(domain=[0, 1],
                clamp=True)),
        color=alt.Color("strategy:N", title=None, sort=list(shown), scale=alt.Scale(
            domain=list(shown), range=list(shown.values())),
            legend=alt.Legend(orient="top")),
        strokeDash=alt.StrokeDash("strategy:N", sort=list(shown), legend=None),
        facet=alt.Facet("panel:N", columns=3, sort=panels, title=None),
    ).properties(width=210, height=140)  # fmt: skip
    return theme.finished(chart)


def main() -> None:
    """Replay, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--found", type=Path, help="keep the regrets here, or take them from here")
    parser.add_argument("--show", action="store_true", help="print instead of writing")
    chosen = parser.parse_args()
    if chosen.found and chosen.found.exists():
        found = pd.read_csv(chosen.found, sep="\t")
    else:
        found = measure(chosen.tables, chosen.seeds)
        if chosen.found:
            found.to_csv(chosen.found, sep="\t", index=False)
    text = section(found, chosen.seeds)
    print(text)
    if not chosen.show:
        put_section("replay", text)
        black = {**picture(found)}
        save(black, Path("/dev/null"), PICTURE)


if __name__ == "__main__":
    main()
