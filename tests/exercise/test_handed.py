"""What a lecturer reads of the files that were handed in."""

import json
import subprocess
import sys

import pytest

from backprop_lab.exercise import handed

SIGN = "The size is right, the sign is not."


def entry(*met, exercise="the factors"):
    told = [
        {"at": at, "typed": typed, "right": right, "said": said} for at, typed, right, said in met
    ]
    return {"exercise": exercise, "time": "2026-01-01T00:00:00.000Z", "state": "", "met": told}


def file(name, **exercises):
    found = {
        "format": handed.FORMAT,
        "version": 1,
        "name": name,
        "time": "",
        "notebooks": {"07": exercises},
    }
    return json.dumps(found)


ADA = file(
    "Ada",
    a=entry(("z", "1", False, SIGN), ("z", "-1", True, "Right."), ("w", "2", False, SIGN)),
    b=entry(("z", "-1", True, "Right."), exercise="another"),
)
BOB = file("Bob", a=entry(("z", "1", False, SIGN), ("z", "3", False, "You added.")))


def test_who_and_which_slip(tmp_path):
    (tmp_path / "2.json").write_text(ADA, "utf-8")
    (tmp_path / "1.json").write_text(BOB, "utf-8")
    (tmp_path / "notes.txt").write_text("mine")
    found, left = handed.read_folder(tmp_path)
    assert left == []
    assert [(one.name, len(one.begun), one.right, len(one.slips)) for one in found] == [
        ("Ada", 2, 2, 2),
        ("Bob", 1, 0, 2),
    ]
    lines = list(handed.report(found, left))
    assert lines[1].split() == ["Ada", "2", "2", "2"]
    assert lines[5].split() == [*SIGN.split(), "3", "2"]
    assert lines[6].split() == ["You", "added.", "1", "1"]


BAD = {
    "cut": ADA[:200],
    "deep": "[" * 100_000,
    "empty": "",
    "foreign": '{"format": "mine"}',
    "a list": "[1]",
    "version": ADA.replace('"version": 1', '"version": 2'),
    "no name": ADA.replace('"name": "Ada"', '"name": 3'),
    "no entry": ADA.replace('"met": [', '"mat": ['),
    "no answer": ADA.replace('"said": ', '"sad": '),
    "a number": ADA.replace(f'"{SIGN}"', "7"),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path, text):
    with pytest.raises(ValueError, match=r"^it "):
        handed.read(text)
    (tmp_path / "bad.json").write_text(text, "utf-8")
    (tmp_path / "good.json").write_text(BOB, "utf-8")
    (tmp_path / "worse.json").write_bytes(b"\xff\xfe{}")
    (tmp_path / "folder.json").mkdir()
    found, left = handed.read_folder(tmp_path)
    assert [one.name for one in found] == ["Bob"]
    assert [line.split(":")[0] for line in left] == ["bad.json", "worse.json"]


def test_nothing_printed_moves_a_terminal(tmp_path):
    evil = "\x1b[2J\u202eEve\nnext\x00\u2028"
    (tmp_path / "e.json").write_text(file(evil, a=entry(("z", "1", False, evil * 100))), "utf-8")
    lines = list(handed.report(*handed.read_folder(tmp_path)))
    for line in lines:
        assert line.isprintable(), repr(line)
        assert len(line) < 200
    assert "[2J Eve next" in lines[1]


def run(*arguments):
    command = [sys.executable, "-m", "backprop_lab.exercise.handed", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def test_the_command(tmp_path):
    (tmp_path / "a.json").write_text(ADA, "utf-8")
    (tmp_path / "b.json").write_text("{", "utf-8")
    code, printed, complained = run(tmp_path)
    assert (code, complained) == (0, "")
    assert "Ada" in printed
    assert SIGN in printed
    assert "not read: b.json: it is cut or damaged" in printed
    assert run()[0] == 2
    code, _, complained = run(tmp_path / "nowhere")
    assert (code, complained.count("\n")) == (1, 1)
    assert "nowhere" in complained
