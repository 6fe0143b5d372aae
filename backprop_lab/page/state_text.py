"""An app's state as a short text, for a link and for a call in a cell: `W_11=0.3&at=4&hide=1`.

It names only what differs from the start: numbers, choices, switches and texts of the controls,
`at`, the step that is shown, and where the state of the app alone decides what it shows, what was
pressed and typed since, in order. Values are percent-encoded, as in any link. What a text may say
is what a reader may do: numbers keep to their range, and a press must be one that the app offers.

`table` says which controls an app has and how their values are written; `written` and `understood`
are one definition of the format, which the page runs translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote

from backprop_lab.core.keys import Key
from backprop_lab.page.typed import reading

STEP = "at"
MOST = 8000
"""So many characters are read; links of more do not travel well."""


def table(numbers, rows, flags, texts, state, replayed: bool) -> dict[str, Mapping]:
    """What the format must know of an app.

    numbers, flags, texts, state: what `Live` is given; rows: of each list, the chosen one and all.
    Of the result, words: by trait, its name in the text; options: by list, its rows' names there;
    start: by trait, what it begins with; replayed: whether presses belong to the state.
    """
    given = [*rows, *flags, *texts]
    short = {name: _word(number["label"]) for name, number in numbers.items()}
    taken = [*short.values(), *given, *numbers, STEP]
    words = {n: w if w and taken.count(w) == 1 + (n == w) else n for n, w in short.items()}
    return {
        "words": words | {name: name for name in given},
        "options": {name: _options(name, all_, words) for name, (_, all_) in rows.items()},
        "start": {name: at for name, (at, _) in rows.items()} | {**flags} | {**texts},
        "state": {**state},
        "replayed": replayed,
    }


def _word(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.+-]+", "_", text).strip("_")


def _options(name: str, rows: Sequence[Mapping], words: Mapping[str, str]) -> list[str]:
    """The rows of a list by what they set, where that tells them apart, else by number."""
    told = [row.get(name) for row in rows]
    said = [one.name if isinstance(one, Key) else str(one) for one in told]
    found = [words.get(text) or _word(text) for text in said]
    plain = len({*found}) == len(found) and all(found)
    return found if plain else [str(k) for k in range(len(rows))]


def values_of(held: Mapping, data: Mapping) -> dict[str, object]:
    """What the program and its scene are given. held: what each trait of `Live` holds."""
    found = held["state"] | {"at": held["at"], "revealed": []}
    for name in [*list(data["numbers"]), *data["texts"], *data["flags"]]:
        found[name] = held[name]
    for name, rows in data["tables"].items():
        if held[name] is not None:
            found |= rows[held[name]]
    return found


def begun(data: Mapping, chosen: Mapping, scene: Callable) -> dict[str, object]:
    """What the traits hold at the start, these rows chosen, which may move numbers."""
    start = {name: number["value"] for name, number in data["numbers"].items()}
    held = start | data["start"] | {"at": 0, "state": data["state"], "acts": []} | chosen
    return held | scene(values_of(held, data)).get("moved", {})


def written(held: Mapping, data: Mapping, scene: Callable) -> str:
    """The text of a state. held: what each trait holds."""
    words, options, start, pairs = data["words"], data["options"], data["start"], []
    chosen = {
        name: held[name]
        for name in list(options)
        if held[name] is not None and held[name] != start[name]
    }
    base = begun(data, chosen, scene)
    for name, row in chosen.items():
        pairs.append((words[name], options[name][row]))
    for name in list(data["numbers"]):
        number, before = f"{held[name]:z.12g}", f"{base[name]:z.12g}"
        if number != before:
            pairs.append((words[name], number))
    for name in data["flags"]:
        if held[name] != start[name]:
            pairs.append((words[name], "1" if held[name] else "0"))
    for name in data["texts"]:
        if held[name] != start[name]:
            pairs.append((words[name], held[name]))
    if held["at"]:
        pairs.append((STEP, str(held["at"])))
    if data["replayed"]:
        pairs += held["acts"]
    return "&".join([f"{quoted(name)}={quoted(value)}" for name, value in pairs])


def understood(
    text: str,
    data: Mapping,
    scene: Callable,
    changed: Callable,
    compute: Callable,
    known: Callable | None = None,
    most: float = MOST,
) -> dict[str, object]:
    """What a text makes of each trait, all that it does not name as at the start. Raises ValueError
    for a text that is none of this app's, naming what was got and what is expected. known: whether
    a press may be one of the app's (`Kept`), if its views do not say so; most: see `MOST`."""
    traits = {word: name for name, word in data["words"].items()}
    acts, given = [], {}
    for name, value in pairs_of(text, most):
        if name in traits or name == STEP:
            if name in given:
                raise ValueError(f"{name}: got “{given[name]}” and “{value}”; expected one of them")
            given[name] = value
        elif data["replayed"]:
            acts.append((name, value))
        else:
            raise ValueError(f"got “{name}”; expected one of {', '.join([*list(traits), STEP])}")
    found, chosen = {}, {}
    for word, value in given.items():
        name = traits.get(word, STEP)
        if name in data["options"]:
            chosen[name] = row_of(word, value, data["options"][name])
        elif name in data["numbers"]:
            found[name] = number_of(word, value, data["numbers"][name])
        elif name in data["flags"]:
            found[name] = row_of(word, value, ["0", "1"]) == 1
        elif name in data["texts"]:
            found[name] = value
    held = begun(data, chosen, scene) | found
    held["at"] = step_of(given.get(STEP, "0"), scene(values_of(held, data)).get("last", 0))
    for name, value in acts:
        if known is not None:
            if not known(name, value):
                raise ValueError(f"got “{name}={value}”; expected what this app offers")
            held["state"] = changed(held["state"], name, value)
            continue
        views = compute(values_of(held, data)).values()
        offered = offers([view for view in views if getattr(view, "tag", None) is not None])
        if not any(act[0] == name and act[1] in (None, value) for act in offered):
            raise ValueError(f"got “{name}={value}”; expected {', '.join(said_of(offered))}")
        held["state"] = changed(held["state"], name, value)
    held["acts"] = acts
    return held


def pairs_of(text: str, most: float) -> list[tuple[str, str]]:
    """The names and values in a text."""
    if len(text) > most:
        raise ValueError(f"got {len(text)} characters; expected at most {most}")
    found = []
    for part in text.split("&") if text else []:
        pair = [unquoted(half) for half in part.split("=")]
        if len(pair) != 2 or None in pair or not pair[0]:
            raise ValueError(f"got “{part}”; expected name=value, joined by &, as in W_11=0.3&at=4")
        found.append((pair[0], pair[1]))
    return found


def row_of(word: str, value: str, options: Sequence[str]) -> int:
    """The place of what was chosen among the options."""
    if value not in options:
        raise ValueError(f"{word}: got “{value}”; expected one of {', '.join(options)}")
    return options.index(value)


def number_of(word: str, value: str, number: Mapping) -> float:
    """A number within its range, which is whole where only whole ones are."""
    found, refusal = reading(value, number["whole"])
    low, high = number["low"], number["high"]
    if refusal:
        raise ValueError(f"{word}: {refusal}")
    if not low <= found <= high:
        kind = "a whole number" if number["whole"] else "a number"
        raise ValueError(f"{word}: got {value}; expected {kind} from {low:.12g} to {high:.12g}")
    return found


def step_of(value: str, last: int) -> int:
    """The step that is shown."""
    at, refusal = reading(value, True)
    if refusal or not 0 <= at <= last:
        raise ValueError(f"{STEP}: got “{value}”; expected a whole number from 0 to {last}")
    return int(at)


def offers(content) -> list:
    """What can be pressed or typed in elements: name and value, which is None where any text is."""
    if getattr(content, "replace", None) is not None:  # a text has it, in Python as in a page
        return []
    tag = getattr(content, "tag", None)
    if tag is None:
        return [act for part in content for act in offers(part)]
    attributes = content.attributes
    act, off = attributes.get("data-act"), attributes.get("disabled")
    value = attributes.get("value") if tag == "button" else None
    own = [] if act is None or off else [(act, value)]
    return own + offers(content.children)


def said_of(offered: Sequence) -> list[str]:
    """Offers in words, each once."""
    texts = [f"{name}={'…' if value is None else value}" for name, value in offered]
    return [text for k, text in enumerate(texts) if text not in texts[:k]]


def quoted(text: str) -> str:
    """A text as it may stand in a link: what is no ASCII letter, digit, _ . - or ~ is encoded."""
    return quote(text, safe="")


def unquoted(text: str) -> str | None:
    """The text that was encoded, or None if this is no encoding of one."""
    try:
        return None if re.search("%(?![0-9a-fA-F]{2})", text) else unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None
