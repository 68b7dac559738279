"""The colours of gains, and whether text on them can be read."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap, Normalize, to_rgb

# Red to blue through white: told apart in all common kinds of colour blindness. The ends of the
# map are left off, because both are nearly black. An odd number of steps has one for zero; up to
# 50 steps the colour bar is drawn as shapes, not as a bitmap inside the SVG.
COLOURS = ListedColormap(mpl.colormaps["RdBu"](np.linspace(0.1, 0.9, 45)))


def symmetric(gains: pd.Series) -> Normalize:
    """A scale with zero in the middle that ends at the 95th percentile of the absolute gains."""
    sizes = gains.abs().to_numpy(dtype=float)
    limit = max(float(np.percentile(sizes, 95)), 1.0) if sizes.size else 1.0
    return Normalize(-limit, limit, clip=True)


def contrast(first: str | tuple, second: str | tuple) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lights = []
    for colour in (first, second):
        channels = np.array(to_rgb(colour))
        curve = ((channels + 0.055) / 1.055) ** 2.4
        linear = np.where(channels <= 0.04045, channels / 12.92, curve)
        lights.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(lights) / min(lights)
