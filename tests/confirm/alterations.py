"""Every way in which a stored notebook can be altered, and which alterations are not found."""

import base64
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from io import BytesIO

import nbformat
from nbformat import NotebookNode
from PIL import Image

from tests.confirm.store import REFERENCE, STATE, VIEW, canonical, code_cells, models
from tests.confirm.strict import differences

STREAM, ERROR = "stream stdout", "error"


def altered(nb: NotebookNode, change: Callable[[NotebookNode], None]) -> NotebookNode:
    copy = deepcopy(nb)
    change(copy)
    assert json.dumps(copy, sort_keys=True) != json.dumps(nb, sort_keys=True), "nothing altered"
    return copy


def digit(text: str) -> str:
    """`text` with its last digit changed."""
    at = max((found.start() for found in re.finditer(r"\d", text)), default=None)
    return text + "1" if at is None else text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def pixel(picture: str) -> str:
    """A PNG in base64 with one colour of one pixel off by one."""
    with Image.open(BytesIO(base64.b64decode(picture))) as image:
        image = image.convert("RGBA")
    red, *rest = image.getpixel((3, 3))
    image.putpixel((3, 3), (red ^ 1, *rest))
    return packed(image)


def packed(image: Image.Image, **options) -> str:
    buffer = BytesIO()
    image.save(buffer, "PNG", **options)
    return base64.b64encode(buffer.getvalue()).decode()


def another_model(nb: NotebookNode, key: str) -> str:
    """The id of a model of another class."""
    known = models(nb)
    return next(k for k in known if known[k]["model_name"] != known[key]["model_name"])


def other(nb: NotebookNode, value):
    """Another value of the same type; for a reference, one to another model."""
    if isinstance(value, str) and value.startswith(REFERENCE):
        return REFERENCE + another_model(nb, value.removeprefix(REFERENCE))
    if isinstance(value, str):
        return digit(value)
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return 0 if value else 1
    if isinstance(value, list):
        return [other(nb, value[0]), *value[1:]] if value else ["1"]
    return {**value, "1": 1} if not value else {k: other(nb, v) for k, v in value.items()}


def pieces(nb: NotebookNode) -> Iterator[tuple[str, int, int]]:
    """Every output by kind, number of the code cell, place in the cell."""
    for number, cell in enumerate(code_cells(nb)):
        for at, output in enumerate(cell.outputs):
            if output.output_type == "stream":
                yield f"stream {output.name}", number, at
            elif output.output_type == "error":
                yield ERROR, number, at
            for mime in output.get("data", {}):
                yield mime, number, at


def alter(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    output = code_cells(nb)[number].outputs[at]
    if kind.startswith("stream"):
        output.text = digit(output.text)
    elif kind == ERROR:
        output.evalue = digit(output.evalue)
    elif kind == "image/png":
        output.data[kind] = pixel(output.data[kind])
    elif kind == VIEW:
        output.data[kind]["model_id"] = another_model(nb, output.data[kind]["model_id"])
    else:
        output.data[kind] = other(nb, output.data[kind])


def clear(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """As JupyterLab's "Clear Cell Output" leaves it."""
    code_cells(nb)[number].update(outputs=[], execution_count=None)


def empty(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    code_cells(nb)[number].outputs = []


def renumber(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """As a cell that was run again out of turn."""
    code_cells(nb)[number].execution_count = 17


def drop(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    del code_cells(nb)[number].outputs[at]


def add(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    outputs = code_cells(nb)[number].outputs
    outputs.insert(at, deepcopy(outputs[at]))


def reorder(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    code_cells(nb)[number].outputs.reverse()


def drop_type(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    del code_cells(nb)[number].outputs[at].data[kind]


def retype(nb: NotebookNode, kind: str, number: int, at: int) -> None:
    """A result made a display: it loses its Out[n]."""
    output = code_cells(nb)[number].outputs[at]
    output.output_type = "display_data"
    del output["execution_count"]


def possible(nb: NotebookNode, number: int, at: int) -> list[Callable]:
    """The changes that can be made to an output."""
    outputs = code_cells(nb)[number].outputs
    changes = [alter, clear, empty, renumber, drop, add]
    changes += [reorder] * (outputs != outputs[::-1])
    changes += [drop_type] * ("data" in outputs[at])
    changes += [retype] * (outputs[at].output_type == "execute_result")
    return changes


def output_alterations(nb: NotebookNode, every: bool) -> Iterator[tuple[str, int, NotebookNode]]:
    """Changes to one output of each kind: name, code cell, altered copy.

    Every change there is, or else the two that happen: another value, a cleared cell.
    """
    for kind, (number, at) in {kind: place for kind, *place in pieces(nb)}.items():
        for change in possible(nb, number, at) if every else [alter, clear]:
            change_it = partial(change, kind=kind, number=number, at=at)
            yield f"{change.__name__} {kind} in Cell {number}", number, altered(nb, change_it)


def state_alterations(nb: NotebookNode, every: bool) -> Iterator[tuple[str, NotebookNode]]:
    """Changes to the widget state, to one model of each class: name, altered copy.

    Every change there is, or else those of what a model is there for: its value, its ends.
    """

    def set_value(copy, key, name):
        models(copy)[key]["state"][name] = other(copy, models(copy)[key]["state"][name])

    def drop_value(copy, key, name):
        del models(copy)[key]["state"][name]

    def set_attribute(copy, key, end):
        models(copy)[key]["state"][end][1] += "1"

    def set_buffer(copy, key):
        buffer = models(copy)[key]["buffers"][0]
        buffer["data"] = base64.b64encode(b"87654321").decode()

    def remove(copy, key):
        del models(copy)[key]

    def duplicate(copy, key):
        models(copy)[uuid.uuid4().hex] = deepcopy(models(copy)[key])

    def clear_state(copy):
        del copy.metadata["widgets"]

    if not models(nb):
        return
    yield "clear all state", altered(nb, clear_state)
    for name, key in {model["model_name"]: key for key, model in models(nb).items()}.items():
        model = models(nb)[key]
        if every:
            yield f"remove {name}", altered(nb, partial(remove, key=key))
            yield f"duplicate {name}", altered(nb, partial(duplicate, key=key))
        if model.get("buffers"):
            yield f"set buffer of {name}", altered(nb, partial(set_buffer, key=key))
        for end in {"source", "target"} & model["state"].keys():
            yield f"rename {end} of {name}", altered(nb, partial(set_attribute, key=key, end=end))
        values = model["state"].keys()
        if not every:
            values &= {"value", "children", "source", "target", "index", "outputs"}
        for value in values:
            yield f"set {value} of {name}", altered(nb, partial(set_value, key=key, name=value))
            if every:
                drop_it = partial(drop_value, key=key, name=value)
                yield f"drop {value} of {name}", altered(nb, drop_it)


def missed(nb: NotebookNode, every: bool = False) -> list[str]:
    """The alterations of a canonical notebook that are not found where they were made."""
    names = []
    for name, number, copy in output_alterations(nb, every):
        found = differences(canonical(copy), nb)
        # To which of its models a view points shows in the state only.
        if number not in found and not (name.startswith(f"alter {VIEW}") and None in found):
            names.append(name)
    for name, copy in state_alterations(nb, every):
        if None not in differences(canonical(copy), nb):
            names.append(name)
    return names


def shuffled(nb: NotebookNode, seed: int = 0) -> NotebookNode:
    """A copy with its models in random order."""
    copy = deepcopy(nb)
    items = list(models(copy).items())
    random.Random(seed).shuffle(items)
    if items:
        copy.metadata.widgets[STATE]["state"] = NotebookNode(items)
    return copy


def same(one: NotebookNode, two: NotebookNode) -> bool:
    return nbformat.writes(one) == nbformat.writes(two)
