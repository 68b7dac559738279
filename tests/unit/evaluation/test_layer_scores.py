"""The table of layers out of receipts."""

from xstilts.evaluation.layer_scores import LAYERS, layers_table


def test_a_row_per_layer_and_pooling_of_the_cells_that_search():
    receipt = {
        "views": [{"layer": 2, "pooling": "mean", "chosen_by": "dev"}],
        "compared": {
            "on": "dev",
            "views": [
                {"layer": 1, "pooling": "mean", "mean": 40.0, "languages": {"de": 40.0}},
                {"layer": 2, "pooling": "mean", "mean": 55.0, "languages": {"de": 55.0}},
            ],
        },
    }
    cell = {"intermediate": "mnli", "target": "bucc", "seed": 2}
    found = layers_table([cell | {"receipt": receipt}, cell | {"receipt": {"dev": {}}}])
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("bucc", "mnli", 2, 1, "mean", "dev", 40.0, False, None),
        ("bucc", "mnli", 2, 2, "mean", "dev", 55.0, True, "dev"),
    ]
    assert found.schema == LAYERS
