"""What the page knows of an app: the program's names, and the data beside it."""

import json
import re

import ipywidgets as widgets

from tests.markup import inside


def data_of(app):
    return json.loads(re.search(r"^const data = (.*);$", app.page._esm, re.M)[1])


def names_of(app):
    (given,) = re.findall(r"const \{(.*)\} = values;", app.page._esm)
    _, results = app.page._esm.split("\n  return {\n", 1)
    computed = re.findall(r"^    (\w+): ", results.partition("\n  };\n")[0], re.M)
    return set(given.split(", ")), set(computed)


def markup_of(app):
    shown = [w.value for w in inside(app) if isinstance(w, widgets.HTML | widgets.HTMLMath)]
    markup = "".join(value for value in shown if "<style>" not in value)
    return markup.replace(" disabled ", ' disabled="" ')  # HTML, as XML has it
