"""Inference without the analyses that refit many times, for tests of everything else."""

import pytest


def leave_out_refits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No influence, and power of one simulated study."""
    monkeypatch.setattr("xstilts.inference.analyses.influence.influence", lambda *_: [])
    monkeypatch.setattr("xstilts.inference.analyses.power.REPLICATES", 1)
    monkeypatch.setattr("xstilts.inference.analyses.power.LARGER", ())
    monkeypatch.setattr("xstilts.inference.analyses.power.STUDIES", 1)
