"""A document as it is drawn: text and lines on pages, and where each value came to stand.

Coordinates are points from the top left; `y` of a text is its baseline.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = {
    "Roboto": ("font_roboto", "Roboto-Regular.ttf"),
    "Roboto-Bold": ("font_roboto", "Roboto-Bold.ttf"),
    "Caladea": ("font_caladea", "Caladea-Regular.ttf"),
    "Caladea-Bold": ("font_caladea", "Caladea-Bold.ttf"),
    "SourceSans": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "SourceSans-Bold": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "Hand": ("font_intuitive", "Intuitive.ttf"),
}
BOLD = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold", "Courier": "Courier-Bold"}


@cache
def font_named(name: str) -> str:
    """The font, registered if it is one of ours."""
    if name in FONTS:
        package, file = FONTS[name]
        folder = Path(find_spec(package).origin).parent / "files"
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    return name


def width_of(text: str, font: str, size: float) -> float:
    return pdfmetrics.stringWidth(text, font_named(font), size)


@dataclass(frozen=True)
class Box:
    """A place on a page, in points."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""


@dataclass(frozen=True)
class Drawn:
    """A text that was drawn, for the text layer of a scan."""

    page: int
    x: float
    y: float
    text: str
    font: str
    size: float


class Sheet:
    """The pages of one document."""

    def __init__(self, title: str, size: tuple[float, float] = A4, font: str = "Helvetica", points: float = 10) -> None:
        self.width, self.height = size
        self.base, self.points, self.title = font, points, title
        self.bold = BOLD.get(font, f"{font}-Bold")
        self.page = 1
        self.boxes: dict[str, list[Box]] = {}
        self.drawn: list[Drawn] = []
        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, pagesize=size, invariant=1, pageCompression=1)
        self.canvas.setTitle(title)

    def text(self, x, y, text, at=None, *, bold=False, size=None, color="#222222", align="left", font=None) -> float:
        """Draws one line; answers where it ends. `at` names the values it shows, by JSON Pointer."""
        size = size or self.points
        font = font_named(font or (self.bold if bold else self.base))
        width = width_of(text, font, size)
        left = {"left": x, "right": x - width, "center": x - width / 2}[align]
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(HexColor(color))
        self.canvas.drawString(left, self.height - y, text)
        self.drawn.append(Drawn(self.page, left, y, text, font, size))
        for pointer in [at] if isinstance(at, str) else at or []:
            self.mark(pointer, left, y - 0.76 * size, left + width, y + 0.24 * size, text)
        return left + width

    def mark(self, pointer, left, top, right, bottom, text="") -> None:
        self.boxes.setdefault(pointer, []).append(Box(self.page, left, top, right, bottom, text))

    def runs(self, x, y, parts, **how) -> float:
        """Draws texts beside each other: each a text, or a text and what it shows."""
        for part in parts:
            text, at = part if isinstance(part, tuple) else (part, None)
            x = self.text(x, y, text, at, **how)
        return x

    def lines(self, x, y, parts, leading=None, **how) -> float:
        """Draws texts below each other; answers the next baseline."""
        for part in parts:
            self.runs(x, y, part if isinstance(part, list) else [part], **how)
            y += leading or (how.get("size") or self.points) * 1.4
        return y

    def wrap(self, x, y, width, text, at=None, leading=None, **how) -> float:
        """Draws a paragraph; answers the next baseline. Its place is one box over all its lines."""
        size = how.get("size") or self.points
        font = how.get("font") or (self.bold if how.get("bold") else self.base)
        rows, row = [], ""
        for word in text.split(" "):
            longer = f"{row} {word}" if row else word
            if row and width_of(longer, font, size) > width:
                rows.append(row)
                row = word
            else:
                row = longer
        rows.append(row)
        top, right = y - 0.76 * size, x
        for row in rows:
            right = max(right, self.text(x, y, row, **how))
            y += leading or size * 1.4
        if at:
            self.mark(at, x, top, right, y - (leading or size * 1.4) + 0.24 * size, text)
        return y

    def rule(self, x1, y1, x2, y2=None, color="#999999", width=0.6, dash=None) -> None:
        self.canvas.setStrokeColor(HexColor(color))
        self.canvas.setLineWidth(width)
        self.canvas.setDash(*(dash or ()))
        self.canvas.line(x1, self.height - y1, x2, self.height - (y1 if y2 is None else y2))

    def fill(self, left, top, right, bottom, color="#eef1f4", radius=0) -> None:
        self.canvas.setFillColor(HexColor(color))
        self.canvas.roundRect(left, self.height - bottom, right - left, bottom - top, radius, stroke=0, fill=1)

    def frame(self, left, top, right, bottom, color="#666666", width=0.7) -> None:
        self.canvas.setStrokeColor(HexColor(color))
        self.canvas.setLineWidth(width)
        self.canvas.setDash()
        self.canvas.rect(left, self.height - bottom, right - left, bottom - top, stroke=1, fill=0)

    def check(self, x, y, label, ticked, at=None) -> float:
        """Draws a box to tick, ticked or not, and its label."""
        self.frame(x, y - 8, x + 9, y + 1, "#333333", 0.8)
        if ticked:
            self.rule(x + 1, y - 7, x + 8, y, "#1b3a8a", 1.5)
            self.rule(x + 8, y - 7, x + 1, y, "#1b3a8a", 1.5)
            if at:
                self.mark(at, x - 1, y - 9, x + 10 + 4 + width_of(label, self.base, self.points), y + 3)
        return self.text(x + 14, y, label) + 16

    def picture(self, image, left, top, right, bottom) -> None:
        self.canvas.drawImage(image, left, self.height - bottom, right - left, bottom - top)

    def table(self, y, columns, head, rows, leading=18, size=None, band=None, head_color="#222222") -> float:
        """Draws a table. A column is its x and its alignment; a cell a text, or a text and what it shows."""
        size = size or self.points
        if band:
            left, right, color = band
            self.fill(left, y - size * 1.25, right, y + size * 0.75, color)
        for (x, align), text in zip(columns, head):
            self.text(x, y, text, bold=True, size=size, align=align, color=head_color)
        y += leading * 1.25
        for row in rows:
            for (x, align), cell in zip(columns, row):
                text, at = cell if isinstance(cell, tuple) else (cell, None)
                if text:
                    self.text(x, y, text, at, size=size, align=align)
            y += leading
        return y

    def next_page(self) -> None:
        self.canvas.showPage()
        self.page += 1

    def pdf(self) -> bytes:
        """The finished PDF."""
        if not self.file.getvalue():
            self.canvas.save()
        return self.file.getvalue()
