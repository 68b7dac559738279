"""How a training step is made on a GPU: what the config's key `gpu_step` may say."""

PLAIN, LEAN, PACKED, GRAPHS = "plain", "lean", "packed", "graphs"
