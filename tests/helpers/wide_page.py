"""What the page of a wide study is made from: twenty rows, fourteen targets, 120 languages."""

import dataclasses
from pathlib import Path

import pandas as pd
from wide_study import Shape, page_inputs, write_study

from helpers.simulated_inference import ANSWER, simulate_inference
from xstilts.report.dyad_gains import summarise
from xstilts.report.report_inputs import ReportInputs

WIDE = Shape(20, 14, 120, 3)


def wide(folder: Path) -> ReportInputs:
    """Its tables, written into `folder` and read; the inference's by formula, as long as they are.

    `benchmarks/planning.py` makes the same page with an inference that was computed.
    """
    inputs = page_inputs(WIDE, write_study(WIDE, folder))
    inference = simulate_inference(summarise(inputs.gains), inputs.similarity)
    facts = inputs.languages
    inference["language_slopes"] = facts.assign(
        family=facts["family_glottolog"], pretraining_gib=facts["pretraining_GiB"],
        in_pretraining=1, slope=0.2, low=-0.2, high=0.6, gain=0.5, rows=280,
    )[inference["language_slopes"].columns]  # fmt: skip
    left_out = pd.DataFrame({"kind": "language", "left_out": facts["language"], "estimate": 0.2,
                             "low": -0.2, "high": 0.6, "p": 0.3})  # fmt: skip
    inference["influence"] = pd.concat([inference["influence"], left_out], ignore_index=True)
    return dataclasses.replace(inputs, inference=inference, answer=ANSWER)
