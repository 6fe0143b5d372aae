"""Computation graphs as SVG: nodes are quantities, arrows say what is computed from what.

The scalar graph of a network has a node for each pre-activation and each activation, and, as
leaves, the weights and the bias of each unit. Source: CSC311, computation graph and reviews of the
chain rule.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from backprop_lab.core.keys import Key, input_of
from backprop_lab.core.rounding import snap
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.picture.diagram import Scene
from backprop_lab.picture.elements import Content, Element, el, svg, text_at
from backprop_lab.picture.labels import plain_label, svg_label

_ACROSS, _DOWN, _R = 112, 82, 24  # between columns and rows; the radius of a node
_LEAF = 40  # a leaf's place, up and left of its node
LEAVES = "leaves"
"""The kind of key of a unit's weights and bias, as one leaf: Key("leaves", layer, j)."""


@dataclass(frozen=True)
class Node:
    """A quantity: its label in LaTeX, its column and row (rows count from the middle)."""

    label: str
    column: float
    row: float
    leaf: bool = False

    @property
    def place(self) -> tuple[float, float]:
        """Its middle, in the picture."""
        x, y = 40 + _ACROSS * self.column, _DOWN * self.row
        return (x - _LEAF, y - _LEAF) if self.leaf else (x, y)


@dataclass(frozen=True)
class Graph:
    """Nodes by key, and arrows.

    edges: from, to, and the key by which the arrow lights up; alternative: the graph in words;
    heads: a text above each column, from the left.
    """

    nodes: Mapping[Key, Node]
    edges: Sequence[tuple[Key, Key, Key]]
    alternative: str
    heads: Sequence[str] = ()

    def picture(self, lit: Collection[Key] = (), chosen: Key | None = None) -> Element:
        """The graph as SVG. lit: keys of a path, as `path` gives them; chosen: the key of an arrow
        that is marked, a weight from which the path leads."""
        places = [node.place for node in self.nodes.values()]
        left, right = (f(x for x, _ in places) for f in (min, max))
        top, bottom = (f(y for _, y in places) for f in (min, max))
        above, beside = (58, 56) if self.heads else (32, 40)
        box = (left - beside, top - above, right - left + 2 * beside, bottom - top + above + 32)
        scene = Scene(lit=frozenset(key.name for key in lit))
        lines = (
            _arrow(
                self.nodes[a],
                self.nodes[b],
                scene.place(key, "edge", " chosen" * (key == chosen)) | {"data_weight": key.name},
            )
            for a, b, key in self.edges
        )
        shapes = (_shape(node, scene.place(key, "box")) for key, node in self.nodes.items())
        columns = sorted({x for x, _ in places}) if self.heads else ()
        titles = (
            text_at(f"{x:g}", f"{top - 38:g}", head, css="faint", text_anchor="middle")
            for x, head in zip(columns, self.heads, strict=True)
        )
        # No larger than its text is made for: a small graph keeps its size.
        size = f"max-width: {box[2]:g}px"
        box = " ".join(f"{v:g}" for v in box)
        return svg(box, self.alternative, *lines, *shapes, *titles, style=size)


def _arrow(start: Node, end: Node, attributes: Mapping[str, str]) -> Element:
    (x0, y0), (x1, y1) = start.place, end.place
    length = math.hypot(x1 - x0, y1 - y0)
    u, v = snap((x1 - x0) / length), snap((y1 - y0) / length)
    x0, y0 = x0 + u * (8 if start.leaf else _R), y0 + v * (8 if start.leaf else _R)
    x1, y1 = x1 - u * (14 if end.leaf else _R + 1), y1 - v * (14 if end.leaf else _R + 1)
    barbs = "".join(
        f"M{x1 - 9 * (u * 0.9 + s * v * 0.45):.1f} {y1 - 9 * (v * 0.9 - s * u * 0.45):.1f}"
        f"L{x1:.1f} {y1:.1f}"
        for s in (1, -1)
    )
    return el("path", **attributes, d=f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}{barbs}")


def _shape(node: Node, attributes: Mapping[str, str]) -> Content:
    x, y = node.place
    if node.leaf:
        width, height, rx, top, below, small = 60, 20, 4, 11, 4, {"font_size": 12}
    else:
        width, height, rx, top, below, small = 2 * _R, 2 * _R - 8, 18, _R - 4, 5, {}
    size = {"width": width, "height": height, "rx": rx}
    box = el("rect", **attributes, x=f"{x - width / 2:g}", y=f"{y - top:g}", **size)
    text = svg_label(node.label)
    return box, text_at(f"{x:g}", f"{y + below:g}", text, text_anchor="middle", **small)


def scalar(widths: Sequence[int], notation: str = "CSC311") -> Graph:
    """The scalar computation graph of a network; a unit's weights and bias are one leaf."""
    nodes, edges = {}, []

    def add(key, column, row):
        nodes[key] = Node(NOTATIONS[notation].label(key, widths), column, row)

    for i, row in _rows(widths[0]):
        add(Key("x", i), 0, row)
    for layer, (inputs, units) in enumerate(itertools.pairwise(widths)):
        for j, row in _rows(units):
            z, a, leaf = (Key(kind, layer, j) for kind in ("z_in", "z_out", LEAVES))
            add(z, 2 * layer + 1, row)
            add(a, 2 * layer + 2, row)
            number = rf"_{{{j + 1}}}" if units > 1 else ""
            nodes[leaf] = Node(f"W{number}, b{number}", 2 * layer + 1, row, leaf=True)
            edges += [(input_of(layer, i), z, Key("W", layer, i, j)) for i in range(inputs)]
            edges += [(leaf, z, leaf), (z, a, a)]
    loss, depth = Key("loss"), len(widths) - 1
    add(loss, 2 * depth + 1, 0)
    edges += [(input_of(depth, j), loss, loss) for j in range(widths[-1])]
    return Graph(nodes, edges, f"Computation graph: {len(nodes) - 1} nodes lead to the loss")


def network(widths: Sequence[int], notation: str = "CSC311") -> Graph:
    """The same network with a node for each unit; its weights are the arrows."""
    label, last = NOTATIONS[notation].label, len(widths) - 1
    keys = [[input_of(m, j) for j in range(width)] for m, width in enumerate(widths)]
    nodes = {
        key: Node(label(key, widths), 1.6 * m, row)
        for m, units in enumerate(keys)
        for key, (_, row) in zip(units, _rows(len(units)), strict=True)
    }
    edges = [
        (start, end, Key("W", m, start.unit, end.unit))
        for m, (before, after) in enumerate(itertools.pairwise(keys))
        for end in after
        for start in before
    ]
    hidden = [f"hidden layer {m}" for m in range(1, last)]
    heads = ("input layer", *hidden, "output layer")
    return Graph(nodes, edges, f"Network of widths {', '.join(map(str, widths))}", heads)


def path(widths: Sequence[int], key: Key) -> tuple[Key, ...]:
    """What lies on the paths from a weight or bias to the loss in the scalar graph."""
    places, units = [Key(LEAVES, key.layer, key.unit)], [key.unit]
    for m in range(key.layer, len(widths) - 1):
        places += [Key(kind, m, j) for j in units for kind in ("z_in", "z_out")]
        if m + 2 < len(widths):
            later = range(widths[m + 2])
            places += [Key("W", m + 1, i, j) for i in units for j in later]
            units = later
    return (*places, Key("loss"))


def layers(depth: int) -> Graph:
    """The same graph with a node for each layer's whole vector. Source: CSC311, reuse."""
    last, loss = Key("x"), Key("loss")
    nodes, edges = {last: Node("a^{(0)}", 0, 0)}, []
    for m in range(1, depth + 1):
        z, a, leaf = Key("z", m), Key("a", m), Key(LEAVES, m)
        nodes[z], nodes[a] = Node(f"z^{{({m})}}", 2 * m - 1, 0), Node(f"a^{{({m})}}", 2 * m, 0)
        nodes[leaf] = Node(f"W^{{({m})}}, b^{{({m})}}", 2 * m - 1, 0, leaf=True)
        edges += [(last, z, z), (leaf, z, leaf), (z, a, a)]
        last = a
    nodes[loss] = Node("C", 2 * depth + 1, 0)
    edges.append((last, loss, loss))
    return Graph(nodes, edges, f"Computation graph of {depth} layers, a node for each vector")


def row_of(
    labels: Sequence[str],
    leaves: Mapping[int, str],
    copies: int = 1,
    total: str = "",
    backward: bool = False,
) -> Graph:
    """Nodes in a row, each computed from the one before. leaves: by place, what else a node is
    computed from; copies: so many rows, with their number for {r} in the labels; total: what their
    ends add up to; backward: arrows the other way. Source: CSE463, Figures 5.8 and 5.9."""
    nodes, edges, end = {}, [], Key("total")
    for r, row in _rows(copies):
        keys = [Key("node", r, k) for k in range(len(labels))]
        for k, key in enumerate(keys):
            nodes[key] = Node(_numbered(labels[k], r), k, 1.3 * row)
            if k in leaves:
                leaf = Key(LEAVES, r, k)
                nodes[leaf] = Node(_numbered(leaves[k], r), k, 1.3 * row, leaf=True)
                edges.append((leaf, key, leaf))
        edges += [(a, b, b) for a, b in itertools.pairwise(keys)]
        edges += [(keys[-1], end, keys[-1])] if total else []
    if total:
        nodes[end] = Node(total, len(labels), 0)
    said = ", ".join(plain_label(node.label) for node in nodes.values())
    if backward:
        return Graph(nodes, [(b, a, key) for a, b, key in edges], f"Backward, to {said}")
    return Graph(nodes, edges, f"Forward, from the left: {said}")


def _numbered(label: str, r: int) -> str:
    return label.replace("{r}", f"{{{r + 1}}}")


def chain_rule() -> tuple[Graph, Graph]:
    """The graphs of the two chain rules: one path, and two. Source: CSC311, reviews."""
    x, y, z = map(Key, "xyz")
    one = {key: Node(key.kind, k, 0) for k, key in enumerate((x, y, z))}
    both, cost = [Key("y", k) for k in (1, 2)], Key("C")
    two = {x: Node("x", 0, 0), cost: Node("C", 2, 0)}
    two |= {key: Node(f"y_{{{key.unit}}}", 1, key.unit - 1.5) for key in both}
    between = [(x, key) for key in both] + [(key, cost) for key in both]
    return (
        Graph(one, [(x, y, y), (y, z, z)], "x leads to y, y to z"),
        Graph(two, [(a, b, b) for a, b in between], "x leads to y1 and y2, both lead to C"),
    )


def three_layers() -> Element:
    """Three successive layers, and what a unit of the middle one feeds. Source: LMU-8, LMU-2."""
    letters = "jkm"
    nodes = {
        Key(letter, row): Node("k̃" if (letter, row) == ("k", 0) else letter, 1.5 * column, row)
        for column, letter in enumerate(letters)
        for row in (-1, 0, 1)
    }
    edges = [
        (Key(a, i), Key(b, j), Key(a, i, j))
        for a, b in itertools.pairwise(letters)
        for i, j in itertools.product((-1, 0, 1), repeat=2)
    ]
    lit = [Key("k", 0), *(Key(*key, j) for key in (("k", 0), ("m",)) for j in (-1, 0, 1))]
    heads = ("layer i−1", "layer i", "layer i+1")
    alternative = "Three layers; the unit k̃ of the middle one feeds all units m"
    return Graph(nodes, edges, alternative, heads).picture(lit)


def _rows(width: int) -> list[tuple[int, float]]:
    return [(k, k - (width - 1) / 2) for k in range(width)]
