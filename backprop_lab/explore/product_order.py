"""A chain of Jacobians, multiplied in the order of one's choice: what each order costs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from backprop_lab.core.arguments import as_widths, named
from backprop_lab.core.counter import uniform
from backprop_lab.formulas import order
from backprop_lab.page.cell import of_cell
from backprop_lab.page.controls import App, computing, grid, message_line, toggles, whole
from backprop_lab.page.program import Program
from backprop_lab.picture import elements, shapes

LARGEST, MOST_EXAMPLES = 10_000, 1_000
ENDS = {"row": "a row in front: v J", "none": "the Jacobian alone: J", "column": "a column: J u"}
TIMED = 20_000_000
"""A page times chains of at most so many multiplications: a few tenths of a second."""


def chain(values: Mapping) -> tuple[list[str], list[int]]:
    """The matrices' names, and the sizes of the chain."""
    names, sizes = ["J₃", "J₂", "J₁"], [int(values[f"n_{k}"]) for k in (3, 2, 1, 0)]
    if values["ends"] == "row":
        return ["v", *names], [1, *sizes]
    if values["ends"] == "column":
        return [*names, "u"], [*sizes, 1]
    return names, sizes


def picture(values: Mapping) -> elements.Element:
    """The chain after so many products, the next two marked, and what it costs so far."""
    names, sizes = chain(values)
    places, batch = order.places(sizes, values["way"]), int(values["batch"])
    costs = order.multiplications(sizes, places)
    at = min(int(values["made"]), len(places))
    for place in places[:at]:
        merged = f"({names[place]}{names[place + 1]})" if at < len(places) else "the product"
        names = [*names[:place], merged, *names[place + 2 :]]
        sizes = order.without(sizes, place)
    going = at < len(places)
    marked = [places[at], places[at] + 1] if going else []
    boxes = [
        shapes.Box(
            name, sizes[k], sizes[k + 1], "next" if k in marked else "", "lit" * (k in marked)
        )
        for k, name in enumerate(names)
    ]
    said = "All products are made."
    if going:
        one = [f"{size:,}" for size in sizes[places[at] : places[at] + 3]]
        said = f"Next: {' × '.join(one)}: {costs[at]:,} multiplications for one example."
    so_far = elements.quantity("so_far", f"{batch * sum(costs[:at]):,}", css="chosen")
    whole_cost = elements.quantity("whole", f"{batch * sum(costs):,}")
    lines = ["So far: ", so_far, " of ", whole_cost, ". "]
    return elements.el("", shapes.product(boxes), elements.el("p", *lines, said))


def table(values: Mapping) -> elements.Element:
    """The three ways beside each other, and a button that times them in this page."""
    _, sizes = chain(values)
    batch, key = int(values["batch"]), ",".join([str(size) for size in sizes])
    orders = [order.places(sizes, way) for way in order.WAYS]
    counts = [order.total(sizes, places) for places in orders]
    known = values["milliseconds"].get(key, [])
    rows = [
        elements.row(
            elements.words(way),
            elements.quantity(way.replace(" ", "_"), f"{batch * counts[k]:,}", "td"),
            f"{counts[k] / counts[2]:,.1f}",
            f"{batch * order.largest(sizes, orders[k]):,}",
            f"{known[k]:.3f}" if known else "…",
        )
        for k, way in enumerate(order.WAYS)
    ]
    titles = ("order", "multiplications", "times the best", "numbers in the largest product")
    heads = elements.heads(*titles, "milliseconds, one example")
    slow = max(counts) > TIMED
    press = elements.button("Time it", "time", key, disabled=slow)
    hint = (
        " Too many multiplications to be timed here." if slow else " In this page, without NumPy."
    )
    out, into = batch * sizes[0], batch * sizes[-1]
    note = (
        f"For all {batch:,} examples. As one matrix, {out:,} × {into:,}, they have "
        f"{out * sizes[-1]:,} numbers that may differ from zero, of {out * into:,}."
    )
    parts = [elements.table(heads, *rows), elements.el("p", press, hint)]
    parts += [elements.el("p", note)] if batch > 1 else []
    return elements.el("", parts)


def order_view(values: Mapping) -> dict[str, elements.Element]:
    """What `product_order` shows of the widths n_0 (inputs) to n_3, the batch, what stands at the
    ends of the chain, the way, and how many products are made."""
    return {"picture": picture(values), "table": table(values)}


def timed(state: Mapping, what: str, value: str) -> Mapping:
    """The state with the milliseconds of the three ways for these sizes."""
    sizes = [int(size) for size in value.split(",")]
    known = [milliseconds(sizes, order.places(sizes, way)) for way in order.WAYS]
    return state | {"milliseconds": state["milliseconds"] | {value: known}}


def milliseconds(sizes: Sequence[int], places: Sequence[int]) -> float:
    """How long the products take, in this order; the best of three runs."""
    best = 1e9
    for _ in range(3):
        matrices = [uniform(k, (sizes[k], sizes[k + 1])) for k in range(len(sizes) - 1)]
        start = time.perf_counter()
        for place in places:
            product = matrices[place] @ matrices[place + 1]
            matrices = [*matrices[:place], product, *matrices[place + 2 :]]
        best = min(best, 1e3 * (time.perf_counter() - start))
    return best


@of_cell
def product_order(
    widths: Sequence[int] = (4, 8, 8, 3), ends: str = "row", way: str = "from the left"
) -> App:
    """Multiply the Jacobians of three layers, n_0 inputs to n_3 outputs, in any order.

    widths: of the layers, inputs first, four whole numbers up to 10,000; ends: one of `ENDS`; way:
    one of `order.WAYS`. Raises ValueError or TypeError naming the argument.
    """
    widths = as_widths(widths)
    if len(widths) != 4 or max(widths) > LARGEST:
        raise ValueError(f"widths: got {widths}; expected four, each at most {LARGEST}")
    named(ENDS, ends, "ends")
    named({each: each for each in order.WAYS}, way, "way")
    numbers = {f"n_{k}": whole(f"n_{{{k}}}", n, 1, LARGEST) for k, n in enumerate(widths)} | {
        "batch": whole("examples", 1, 1, MOST_EXAMPLES),
        "made": whole("products made", 0, 0, 3),
    }
    options = {"ends": [(said, end) for end, said in ENDS.items()], "way": list(order.WAYS)}
    chosen = {
        "ends": toggles(options["ends"], ends, "What stands at the ends of the chain"),
        "way": toggles(options["way"], way, "The order of multiplication"),
    }
    controls = numbers | chosen
    program = Program((*controls, "milliseconds"), order_view, timed)
    page = computing(program, controls, state={"milliseconds": {}})
    views, message = {name: page.view(name) for name in ("picture", "table")}, message_line()
    children = [*chosen.values(), grid(*numbers.values()), message, *views.values()]
    return App("a chain of Jacobians", controls, views, None, children, message, page)
