"""Likelihood-ratio tests of nested models, as R's anova() makes them."""

from dataclasses import dataclass

from scipy.special import chdtrc

from .errors import ModelError
from .fit import ProfileFit


@dataclass(frozen=True)
class LikelihoodRatio:
    """Twice the difference of the log-likelihoods, and its p by chi-squared.

    For a variance, whose null is at the edge of what it can be, p is too large (up to twice).
    """

    statistic: float
    df: int
    p: float


def likelihood_ratio(smaller: ProfileFit, larger: ProfileFit) -> LikelihoodRatio:
    """Tests the smaller model within the larger one.

    Raises ModelError for restricted likelihoods, which cannot be compared between designs, and
    where the larger model has no more parameters or other rows.
    """
    if (smaller.reml or larger.reml) and len(smaller.beta) != len(larger.beta):
        raise ModelError("likelihoods of different fixed effects need fits by maximum likelihood")
    df = larger.parameters - smaller.parameters
    if df < 1 or smaller.n != larger.n or smaller.reml != larger.reml:
        raise ModelError("the models are not nested: fit both to the same rows in the same way")
    statistic = max(0.0, 2 * (larger.loglik - smaller.loglik))
    return LikelihoodRatio(statistic, df, float(chdtrc(df, statistic)))
