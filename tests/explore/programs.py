"""What the page knows of an app: the program's names, and the data beside it."""

from itertools import product

import ipywidgets as widgets

from tests.markup import inside


def data_of(app):
    return app.page.data


def scenes_of(app):
    """All that the app's scene can be: every choice and switch, every step, and with a number that
    was moved."""
    data, scene = app.page.data, app.page.computes.scene
    moved = {name: number["value"] + 0.5 for name, number in list(data["numbers"].items())[:1]}
    for rows in product(*data["tables"].values()):
        chosen = {name: value for row in rows for name, value in row.items()}
        for switches in product([False, True], repeat=len(data["flags"])):
            values = app.page.values() | chosen | dict(zip(data["flags"], switches, strict=True))
            for given in (values, values | moved):
                last = scene(given | {"at": 0}).get("last", 0)
                yield from (scene(given | {"at": at}) for at in range(last + 1))


def names_of(app):
    program = app.page.computes
    return set(program.inputs), set(program(app.page.values()))


def markup_of(app):
    shown = [w.value for w in inside(app) if isinstance(w, widgets.HTML | widgets.HTMLMath)]
    return "".join(value for value in shown if "<style>" not in value)
