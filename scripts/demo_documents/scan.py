"""What a scanner, a fax or a telephone makes of a sheet: pictures that are a little turned and a little dirty."""

from __future__ import annotations

import io
import math
import random

import pypdfium2
from PIL import Image, ImageChops, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from .sheet import Box, Sheet, font_named


def pages(sheet: Sheet, dpi: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(sheet.pdf())
    return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def turn(sheet: Sheet, degrees: float):
    """Where a point of the sheet comes to lie when the picture is turned about its middle."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = sheet.width / 2, sheet.height / 2
    return lambda x, y: (cx + (x - cx) * cos + (y - cy) * sin, cy - (x - cx) * sin + (y - cy) * cos)


def turn_boxes(sheet: Sheet, degrees: float) -> None:
    """Turns what the sheet knows of its places."""
    to = turn(sheet, degrees)
    for boxes in sheet.boxes.values():
        for index, box in enumerate(boxes):
            corners = [to(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
            xs, ys = zip(*corners)
            boxes[index] = Box(box.page, min(xs), min(ys), max(xs), max(ys), box.text)


def dirty(image: Image.Image, degrees: float, seed: int, noise: float = 0.02, paper: int = 246) -> Image.Image:
    """Turned, on paper that is not quite white, with noise and a few specks."""
    chance = random.Random(seed)
    image = image.point(lambda v: round(38 + v * (paper - 38) / 255))
    image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper - 14).filter(ImageFilter.GaussianBlur(0.5))
    grain = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
    grain = grain.filter(ImageFilter.GaussianBlur(0.8)).point(lambda v: round(128 + (v - 128) * noise * 4))
    image = ImageChops.add(image, grain, 1, -128)
    for _ in range(40):
        x, y, r = chance.randrange(image.width), chance.randrange(image.height), chance.choice([1, 1, 2])
        image.paste(chance.randrange(90, 190), (x, y, x + r, y + r))
    return image


def jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def scanned_pdf(sheet: Sheet, degrees: float, seed: int, dpi=120, quality=38, black_and_white=False, text_layer=None) -> bytes:
    """A PDF of pictures. `text_layer` says what the scanner's own reading made of a text; None: it has no text."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(sheet.width, sheet.height), invariant=1)
    canvas.setTitle(sheet.title)
    for number, image in enumerate(pages(sheet, dpi), 1):
        image = dirty(image, degrees, seed + number)
        if black_and_white:
            reader = ImageReader(image.point(lambda v: 255 if v > 165 else 0).convert("1"))
        else:
            reader = ImageReader(io.BytesIO(jpeg(image, quality)))
        canvas.drawImage(reader, 0, 0, sheet.width, sheet.height)
        if text_layer:
            hidden_text(canvas, sheet, number, degrees, text_layer)
        canvas.showPage()
    canvas.save()
    turn_boxes(sheet, degrees)
    return file.getvalue()


def hidden_text(canvas: Canvas, sheet: Sheet, number: int, degrees: float, text_layer) -> None:
    """Invisible text over the picture, as scanners write it."""
    to = turn(sheet, degrees)
    for drawn in sheet.drawn:
        if drawn.page != number:
            continue
        x, y = to(drawn.x, drawn.y)
        canvas.saveState()
        canvas.translate(x, sheet.height - y)
        canvas.rotate(degrees)
        out = canvas.beginText(0, 0)
        out.setFont(font_named(drawn.font), drawn.size)
        out.setTextRenderMode(3)
        out.textOut(text_layer(drawn.text))
        canvas.drawText(out)
        canvas.restoreState()


def fax(sheet: Sheet, degrees: float, seed: int, dpi: int = 200) -> bytes:
    """A TIFF of black and white pages, Group 4."""
    out = io.BytesIO()
    chance = random.Random(seed)
    faxed = []
    for image in pages(sheet, dpi):
        image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255).point(lambda v: 255 if v > 150 else 0)
        for _ in range(120):
            x, y = chance.randrange(image.width), chance.randrange(image.height)
            image.paste(0, (x, y, x + chance.choice([1, 2]), y + 1))
        faxed.append(image.convert("1"))
    faxed[0].save(out, "TIFF", compression="group4", dpi=(dpi, dpi), save_all=True, append_images=faxed[1:])
    turn_boxes(sheet, degrees)
    return out.getvalue()


def photo(sheet: Sheet, degrees: float, seed: int, dpi=150, quality=45) -> bytes:
    """A JPEG of one page as a telephone takes it: turned, with a shadow across it."""
    image = dirty(pages(sheet, dpi)[0], degrees, seed, 0.02, 238)
    across, down = Image.linear_gradient("L").rotate(90).resize(image.size), Image.linear_gradient("L").resize(image.size)
    shadow = ImageChops.add(across, down, 2).point(lambda v: 255 - round(v * 0.22))
    turn_boxes(sheet, degrees)
    return jpeg(ImageChops.multiply(image, shadow), quality)
