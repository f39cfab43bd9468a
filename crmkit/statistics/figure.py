"""The figure every plot is drawn on: one look, and an alternative text for those who cannot see it."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from typing import Any

from matplotlib import pyplot, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CLASS_COLOURS = {"VIP": "#08306b", "A": "#2171b5", "B": "#6baed6", "C": "#bdbdbd", "D": "#d95f0e"}
"""Colours of the classes: told apart in grey and by colour-blind readers."""

INK, ACCENT, SECOND, PALE = "#252525", "#08519c", "#d95f0e", "#bdbdbd"

STYLE: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "font.family": "DejaVu Sans",
    "figure.dpi": 100,
    "svg.hashsalt": "crmkit",
}


class Picture(Figure):
    """A figure that carries its alternative text into notebooks and reports."""

    alt_text: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        from base64 import b64encode

        stream = io.BytesIO()
        # No software or date in the file: same figure, same bytes.
        self.savefig(stream, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
        image = b64encode(stream.getvalue()).decode("ascii")
        return {"image/png": image, "text/plain": self.alt_text}, {"image/png": {"alt": self.alt_text}}

    def _ipython_display_(self, **_: Any) -> None:
        """Show the bundle itself: the inline backend would draw again, and sign the file."""
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)


class PictureAxes(Axes):
    """Axes that show their picture as the result of a notebook's cell, not a line about themselves."""

    def _ipython_display_(self, **_: Any) -> None:
        # While pyplot knows the picture, the notebook shows it by itself at the end of the cell.
        if isinstance(self.figure, Picture) and not pyplot.fignum_exists(self.figure.number):
            self.figure._ipython_display_()


def new_axes(width: float = 8.0, height: float = 4.5) -> Axes:
    """Axes on a new picture in crmkit's style; width and height in inches."""
    # Before the style: a first figure chooses the backend, and leaving the style would undo half of that.
    figure = pyplot.figure(FigureClass=Picture, figsize=(width, height), layout="constrained")
    with style():
        return figure.add_subplot(axes_class=PictureAxes)


def style() -> AbstractContextManager[None]:
    """Within it, whatever is drawn is in crmkit's style."""
    return rc_context(STYLE)  # type: ignore[arg-type]
