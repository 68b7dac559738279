"""What to run for a given cost: integer programs over the cells of a grid."""
