"""What the tables of a study of several encoders are."""

from xstilts.core.table_contract import COUNT, PROBABILITY, SHARE, TableContract

CORRELATION = "correlation"
AGREEMENT = TableContract(
    name="encoder_agreement",
    caption="How far the gains of the same pairs of tasks agree between two encoders.",
    columns={
        "encoder_a": "",
        "encoder_b": "",
        "pairs": COUNT,
        "gains": CORRELATION,
        "match": CORRELATION,
        "match_low": CORRELATION,
        "match_high": CORRELATION,
    },
)
VARIANCE = TableContract(
    name="encoder_variance",
    caption="Where the variance of gains lies: what is common to the encoders, and what is not.",
    columns={"component": "", "variance": "standard deviations squared", "share": SHARE},
)
SLOPES = TableContract(
    name="encoder_slopes",
    caption="The slope of similarity with each encoder alone, and over all of them.",
    columns={
        "encoder": "",
        "slope": "standard deviations",
        "low": "standard deviations",
        "high": "standard deviations",
        "p": PROBABILITY,
        "match": "standard deviations",
        "match_p": PROBABILITY,
        "pairs": COUNT,
    },
)
ENCODER_TABLES = (AGREEMENT, VARIANCE, SLOPES)
# The row of `encoder_slopes` that is no encoder's.
OVER_ALL = "over all encoders"
