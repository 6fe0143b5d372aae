"""Pictures: pure functions from structure and values to elements and markup.

What a picture is (`Picture`, drawn once from the structure) is kept apart from what changes in it:
fields, each named by a quantity's canonical key. The field's element carries the same name in
`data-q`. Colours come from the notebook's theme; forward, backward and the chosen weight have one
colour each, and each a second mark (a sign, a line's width), so that nothing is said by colour
alone. Here is what apps and exercises use, under one name.
"""

from backprop_lab.picture.charts import (
    CURVE_POINTS,
    LARGEST_CHANGE,
    Axes,
    changes,
    loss_bars,
    loss_curve,
)
from backprop_lab.picture.diagram import VERDICTS, Scene, network, said
from backprop_lab.picture.elements import (
    ROUNDED,
    STYLE,
    Content,
    Element,
    Markup,
    Picture,
    caption,
    el,
    field,
    heads,
    joined,
    matrix,
    number,
    page,
    quantity,
    row,
    svg,
    table,
    text,
    text_at,
    when,
    words,
)
from backprop_lab.picture.labels import html_label, plain_label, plain_text, shifted, svg_label
from backprop_lab.picture.names import name, named_values
from backprop_lab.picture.tables import (
    Card,
    cards,
    fold,
    layers_table,
    nudge_table,
    printed_table,
    update_table,
)

__all__ = [
    "CURVE_POINTS",
    "LARGEST_CHANGE",
    "ROUNDED",
    "STYLE",
    "VERDICTS",
    "Axes",
    "Card",
    "Content",
    "Element",
    "Markup",
    "Picture",
    "Scene",
    "caption",
    "cards",
    "changes",
    "el",
    "field",
    "fold",
    "heads",
    "html_label",
    "joined",
    "layers_table",
    "loss_bars",
    "loss_curve",
    "matrix",
    "name",
    "named_values",
    "network",
    "nudge_table",
    "number",
    "page",
    "plain_label",
    "plain_text",
    "printed_table",
    "quantity",
    "row",
    "said",
    "shifted",
    "svg",
    "svg_label",
    "table",
    "text",
    "text_at",
    "update_table",
    "when",
    "words",
]
