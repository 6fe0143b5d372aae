"""What a lecture would have to correct: its wrong numbers, and those that they take with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backprop_lab.core.rounding import printed_like


@dataclass(frozen=True, repr=False)
class Erratum:
    """A page to print: of each number that does not agree, what it should be and why.

    credit: the lecture; printed: its `Printed` numbers, in order. Shown as Markdown.
    """

    credit: str
    printed: Sequence

    def of(self, verdict: str) -> list:
        """The printed numbers with this verdict."""
        return [number for number in self.printed if number.verdict == verdict]

    def __repr__(self):
        counts = ", ".join(f"{len(self.of(v))} {v}" for v in ("wrong", "inherited", "agrees"))
        return f"<erratum: {counts}>"

    def _repr_markdown_(self):
        wrong, inherited = self.of("wrong"), self.of("inherited")
        agree = len(self.of("agrees"))
        lines = [f"### Erratum: {self.credit}", "", _counted(len(wrong), agree, len(self.printed))]
        if wrong:
            lines += ["", "| printed | its own line gives | correct |", "|:--|:--|--:|"]
            lines += [
                f"| ${n.name} = {n.text}$ | ${n.latex.rsplit(' = ', 1)[0]} = "
                f"{printed_like(n.recomputed, n.text)}$ | ${printed_like(n.exact, n.text)}$ |"
                for n in wrong
            ]
        if inherited:
            lines += ["", "Right from what was printed before, and to be changed with it:", ""]
            lines += ["| printed | correct |", "|:--|--:|"]
            lines += [
                f"| ${n.name} = {n.text}$ | ${printed_like(n.exact, n.text)}$ |" for n in inherited
            ]
        return "\n".join(lines)


def _counted(wrong: int, agree: int, count: int) -> str:
    said = f"{agree} of {count} printed numbers are right."
    return said if not wrong else f"{said} {wrong} {'is' if wrong == 1 else 'are'} wrong."
