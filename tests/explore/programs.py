"""What the page knows of an app: the program's names, and the data beside it."""

import ipywidgets as widgets

from tests.markup import inside


def data_of(app):
    return app.page.data


def names_of(app):
    program = app.page.computes
    return set(program.inputs), set(program(dict.fromkeys(program.inputs, 0.5)))


def markup_of(app):
    shown = [w.value for w in inside(app) if isinstance(w, widgets.HTML | widgets.HTMLMath)]
    return "".join(value for value in shown if "<style>" not in value)
