"""Charts: values in, SVG text out. matplotlib draws a chart's frame, `Plot` what moves in it."""

from backprop_lab.picture.plots.plot import (
    COLOURS,
    Plot,
    area,
    bands,
    blank,
    chart,
    contour,
    decades,
    line,
    words,
)

__all__ = [
    "COLOURS",
    "Plot",
    "area",
    "bands",
    "blank",
    "chart",
    "contour",
    "decades",
    "line",
    "words",
]
