"""A simulated study of two encoders, joined as the rules join it."""

import dataclasses

import numpy as np
import pandas as pd

from helpers.simulated_inference import language_facts, with_inference
from helpers.simulated_study import make_inputs
from xstilts.core.table_contract import TableContract
from xstilts.inference.any_table import SETTINGS
from xstilts.inference.encoder_tables import ENCODER_TABLES
from xstilts.inference.encoders import Joint, OfEncoder, join
from xstilts.report.encoders_page import EncodersInputs
from xstilts.report.report_inputs import ReportInputs

NAMES = ["small-encoder", "large-encoder"]


def own_inputs() -> dict[str, ReportInputs]:
    """The inputs of each encoder's page: half of what the second gains is its own."""
    first = with_inference(make_inputs())
    random = np.random.default_rng(21)
    gains = first.gains.copy()
    pairs = gains[["intermediate", "target"]].drop_duplicates()
    pairs["own"] = random.normal(0, 1.5, len(pairs))
    gains = gains.merge(pairs, on=["intermediate", "target"])
    gains["gain"] = 0.7 * gains["gain"] + gains["own"]
    gains = gains.assign(low=gains["gain"] - 2, high=gains["gain"] + 2).drop(columns="own")
    gains["score"] = gains["baseline"] + gains["gain"]
    return {NAMES[0]: first, NAMES[1]: dataclasses.replace(first, gains=gains)}


def joined(own: dict[str, ReportInputs]) -> Joint:
    """What the rule `join_encoders` makes of them."""
    facts = language_facts()
    found = {
        name: OfEncoder(
            one.gains, one.similarity.assign(low=np.nan, high=np.nan, reliability=0.9), facts,
            dict(one.answer) | {"match": None, "problems": []},
        )
        for name, one in own.items()
    }  # fmt: skip
    config = SETTINGS | {"primary_measure": "text_embedding", "without_languages": ["en"]}
    return join(found, config | {"permutations": 199, "bootstrap": 50})


def encoders_inputs() -> EncodersInputs:
    """What the page over both encoders is made from."""
    own = own_inputs()
    joint, first = joined(own), own[NAMES[0]]
    errors = pd.concat([one.errors for one in own.values()])
    inputs = dataclasses.replace(
        first,
        gains=joint.replicates,
        errors=errors.groupby(["target", "first", "second"], as_index=False)["error"].mean(),
        similarity=joint.similarity,
        languages=joint.languages,
        inference=joint.inference.tables,
        answer=joint.inference.summary,
        problems=[],
        index=None, scores=None, learning=None, best=None, rivals=None, claims=None, xtreme=None,
        coverage=None, curves=None, run_learning=None, published=None,
    )  # fmt: skip
    contracts = [TableContract(**table.contract()) for table in ENCODER_TABLES]
    return EncodersInputs(inputs, own, joint.tables, contracts)
