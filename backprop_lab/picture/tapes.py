"""The graph of a value on a tape: each value with its gradient, each arrow with its derivative."""

from __future__ import annotations

from backprop_lab.core.rounding import snap
from backprop_lab.core.tape import Value
from backprop_lab.picture.elements import Element, el, svg, text_at

_ACROSS, _DOWN, _WIDE, _HIGH = 148, 76, 78, 40
MOST = 60
"""More values than that are no picture."""


def graph(end: Value) -> Element:
    """The graph of all that `end` is computed from, after `end.backward()`. Forward, from the left:
    name or operation and value; backward: before each arrow's head the derivative by where it comes
    from, below each value the derivative of `end`. Raises ValueError or TypeError naming the
    argument."""
    if not isinstance(end, Value):
        raise TypeError(f"end: got {end!r}; expected a Value")
    values = end.tape()
    if len(values) > MOST:
        raise ValueError(f"end: got {len(values)} values; expected at most {MOST} for a picture")
    columns = _columns(values)
    ways = [
        (id(parent), id(value), k, len(value.parents), _text(slope))
        for value in values
        for k, (parent, slope) in enumerate(value.parents)
    ]
    places = _places([id(v) for v in values], columns, ways)
    arrows = [_arrow(way, columns, places) for way in ways]
    right, low, high = max(columns.values()) * _ACROSS, *(f(places.values()) for f in (min, max))
    numbers = (f"{v.name or 'number'} {_text(v.data)}, gradient {_text(v.grad)}" for v in values)
    return svg(
        f"-44 {low - 26:g} {right + 88:g} {high - low + 70:g}",
        f"A graph of {len(values)} values: {'; '.join(numbers)}",
        [line for line, _ in arrows],
        [_node(v, columns[id(v)] * _ACROSS, places[id(v)]) for v in values],
        [label for _, label in arrows],
        style=f"max-width: {right + 88:g}px",
    )


def _text(value: float) -> str:
    return f"{snap(value) + 0.0:.4g}"  # -0 becomes 0


def _columns(values: list[Value]) -> dict[int, int]:
    """By the longest way from a leaf; a leaf stands one column before its first use."""
    found: dict[int, int] = {}
    for value in values:
        found[id(value)] = max((found[id(p)] + 1 for p, _ in value.parents), default=0)
    first: dict[int, int] = {}
    for value in values:
        for parent, _ in value.parents:
            first[id(parent)] = min(first.get(id(parent), len(values)), found[id(value)] - 1)
    return found | {id(v): first[id(v)] for v in values if not v.parents and id(v) in first}


def _places(nodes, columns, ways) -> dict:
    """The height of each value, and of each way in the columns that it only passes."""
    before = {node: [way[0] for way in ways if way[1] == node] for node in nodes}
    standing: dict[int, list] = {}
    for node in nodes:
        standing.setdefault(columns[node], []).append(node)
    for way in ways:
        for k in range(columns[way[0]] + 1, columns[way[1]]):
            standing.setdefault(k, []).append((*way[:3], k))
            before[(*way[:3], k)] = [way[0]]
    found: dict = {}
    for k in sorted(standing):
        wished = {}
        for one in standing[k]:
            known = [found[other] for other in before[one] if other in found]
            wished[one] = sum(known) / len(known) if known else 0.0
        lowest = None
        for one in sorted(standing[k], key=wished.get):
            lowest = wished[one] if lowest is None else max(lowest + _DOWN, wished[one])
            found[one] = lowest
    return found


def _node(value: Value, x: float, y: float) -> tuple[Element, ...]:
    size = {"x": f"{x - _WIDE / 2:g}", "y": f"{y - _HIGH / 2:g}", "width": _WIDE, "height": _HIGH}
    middle = {"text_anchor": "middle"}
    return (
        el("rect", class_="box", rx=10, **size),
        text_at(f"{x:g}", f"{y - 4:g}", value.name or "number", css="chosen", **middle),
        text_at(f"{x:g}", f"{y + 13:g}", _text(value.data), css="forward", **middle),
        text_at(f"{x:g}", f"{y + 34:g}", _text(value.grad), css="backward", **middle),
    )


def _arrow(way, columns, places) -> tuple[Element, tuple[Element, ...]]:
    """A line, past what it passes, and its number before its head."""
    start, end, which, count, said = way
    x, y = columns[start] * _ACROSS + _WIDE / 2, places[start]
    d = f"M{x:g} {y:g}"
    for k in range(columns[start] + 1, columns[end] + 1):
        arrives = k == columns[end]
        to = k * _ACROSS - _WIDE / 2
        down = places[end] + 24 * (which - (count - 1) / 2) if arrives else places[(*way[:3], k)]
        bend = (x + to) / 2 - 16 * arrives
        d += f"C{bend:g} {y:g} {bend:g} {down:g} {to - 34 * arrives:g} {down:g}"
        d += "h34m-8 -4l8 4l-8 4" if arrives else f"h{_WIDE}"
        x, y = to + _WIDE, down
    width = 7 * len(said) + 4
    left = columns[end] * _ACROSS - _WIDE / 2 - 10 - width
    plate = {"x": f"{left:g}", "y": f"{y - 9:g}", "width": width, "height": 17}
    at = f"{left + width / 2:g}", f"{y + 4:g}"
    text = text_at(*at, said, css="backward", font_size=12, text_anchor="middle")
    return el("path", class_="edge", d=d), (el("rect", class_="plate", **plate), text)
