"""Tables and cards of numbers."""

import re
from collections import Counter

import backprop_lab as bl
from backprop_lab.core.keys import parameters
from backprop_lab.core.network import quantities
from backprop_lab.picture import diagram, elements
from backprop_lab.picture.labels import plain_label
from backprop_lab.picture.tables import Card, cards, fold, nudge_table, printed_table, update_table
from tests.picture.pictures import LECTURE, WIDTHS, cells, classes, names, number, off, tree

# --- tables ---------------------------------------------------------------------------------------


def test_printed_table_shows_all_21_numbers_with_their_verdicts():
    table = printed_table(LECTURE.printed)
    head, *rows = cells(table)
    assert head == []
    assert len(rows) == 21
    for row, n in zip(rows, LECTURE.printed, strict=True):
        label, text, exact, recomputed, verdict = row
        assert label == re.sub("[_^]", "", plain_label(n.name))
        assert (text, exact, recomputed) == (n.text, f"{n.exact:.6f}", f"{n.recomputed:.6f}")
        assert verdict == diagram.VERDICTS[n.verdict]
    said = Counter(row[-1].split()[-1] for row in rows)
    assert said == {"agrees": 7, "inherited": 12, "wrong": 2}
    assert len(set(names(table))) == len(names(table)) == 42


def test_verdicts_differ_by_sign_and_word():
    signs, words = zip(*(shown.split() for shown in diagram.VERDICTS.values()), strict=True)
    assert words == tuple(diagram.VERDICTS)
    assert len(set(signs)) == 3


def test_update_table_is_the_step():
    net = LECTURE.network
    f = bl.forward(net, LECTURE.x)
    g = bl.backward(net, f, LECTURE.y)
    new = bl.step(net, g, 0.5)
    f_new = bl.forward(new, LECTURE.x)
    now, after = quantities(g), quantities(bl.backward(new, f_new, LECTURE.y))
    table = f"<p>{update_table(WIDTHS, now, after)}</p>"
    assert "printed" not in table
    assert len(names(table)) == len(set(names(table))) == 3 * 9 + 4
    for key in parameters(WIDTHS):
        kind, *index = key
        slope = now["d" + kind, *index]
        assert number(table, key.name) == f"{now[key]:.4f}"
        assert number(table, "d" + key.name) == f"{slope:z.4f}"
        assert number(table, "new_" + key.name) == f"{now[key] - 0.5 * slope:.4f}"
    assert number(table, "loss") == "0.0299"
    assert number(table, "new_loss") == "0.0282"
    assert number(table, "new_z_out_1_0") == "0.7624"


def test_update_table_has_the_printed_numbers_below_the_new_ones():
    now = quantities(LECTURE.run())
    printed = {"new_W_0_0_1": LECTURE.printed[3], "new_loss": LECTURE.printed[4]}
    for held in (set(), {"printed"}):
        scene = diagram.Scene(frozenset(held), printed=printed)
        table = f"<p>{update_table(WIDTHS, now, now, scene=scene)}</p>"
        assert set(off(table)) == {"printed"} - held
        row = cells(table)[-1]
        assert row == ["", diagram.said(LECTURE.printed[3]), *[""] * 7]
        (after,) = (e for e in tree(table).iter("span") if "printed" in classes(e))
        assert after.text == diagram.said(LECTURE.printed[4])


# --- cards ----------------------------------------------------------------------------------------


def test_cards_show_each_line_and_their_product():
    lines = [Card("a = b", "x_0", 0.5), Card("c = d", "x_1", -0.25)]
    total = Card("e = ac", "loss", -0.125)
    scene = diagram.Scene(frozenset({"mine"}), printed={"x_1": LECTURE.printed[0]})
    markup = cards("mine", lines, "backward", scene, total)
    root = tree(markup)
    assert (classes(root), root.get("data-when")) == ({"cards"}, "mine")
    assert [e.get("data-card") for e in root] == ["x_0", "x_1", "loss"]
    *each, product = root
    assert each[0].text == "$a = b$"
    assert [c.get("data-q") for c in each[0].iter() if c.get("data-q")] == ["x_0"]
    assert "".join(product.itertext()).split("$")[2] == " = 0.5000 × -0.2500 ≈ -0.1250"
    assert "product" in classes(product)
    assert [e.text for e in root.iter() if "printed" in classes(e)] == [
        diagram.said(LECTURE.printed[0])
    ]
    assert len(tree(cards("mine", lines, "forward", scene))) == 2, "no product of values"
    assert "off" in classes(tree(cards("other", lines, "forward", scene)))


def test_nudge_table_shows_both_numbers_and_their_difference():
    rows = [(r"\frac{\partial L}{\partial u_{1}}", "dW_1_0_0", 0.25, 0.2), ("b", "db", -1.0, -1.0)]
    for prefix in ("", "u_"):
        table = nudge_table(rows, prefix)
        assert number(table, f"{prefix}nudged_dW_1_0_0") == "0.250000"
        assert number(table, f"{prefix}difference_dW_1_0_0") == "0.050000"
        assert number(table, f"{prefix}difference_db") == "0.000000"
        assert [row[2] for row in cells(table)[1:]] == ["0.200000", "-1.000000"]
        assert len(names(table)) == 4


def test_number_in_html():
    assert str(elements.number("loss", -1e-9)) == (
        '<span class="n " data-q="loss" data-digits="4">0.0000</span>'
    )
    assert number(elements.number("loss", 0.12345, 2, "td", "forward"), "loss") == "0.12"


def test_fold_and_page():
    folded = tree(fold("a < b", elements.el("p", "c")))
    assert folded.get("class") == "bl"
    assert folded.find("details/summary").text == "a < b"
    assert folded.find("details/p").text == "c"
    assert folded.find("details").get("open") is None
