"""The scanned post of one household claim: 23 pages that are to be split."""

from __future__ import annotations

import io
import random
from decimal import Decimal

from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader

from . import scan
from .mailroom import choice, field
from .review import File, Review, Wrong, existing
from .sheet import Sheet

D = Decimal
REPORT = [
    ("Report on a burst pipe", "I attended 4 Weir Terrace, Todmorden, on 29 April 2026 at 07:40, called by Ms Okafor, who had turned the water off at the stop valve. "
     "I was met by her and had access to all rooms on the ground floor. The outside temperature in the night had been minus three degrees."),
    ("What I found", "The cold feed to the kitchen tap, 15 mm copper, had split over 22 mm behind the base unit, 60 mm above the floor. The split runs along the pipe and its "
     "edges are bent outwards. The pipe is not lagged there and lies against the outside wall. I found no sign of work done to it since it was laid."),
    ("Cause", "In my opinion water froze in the pipe during the night and the pipe gave way when it thawed. Corrosion can be ruled out: the wall of the pipe is 0.7 mm all round. "
     "A leak that had been there for long would have left lime and green copper salts, and there were none."),
    ("Damage", "About 140 litres ran out before the valve was turned. The chipboard floor of the kitchen is swollen over 9 square metres, the plinths of four base units have "
     "come apart, and the plaster of the outside wall is wet to a height of 45 cm. The hall carpet is wet over two metres."),
    ("Work done", "I cut out 400 mm of pipe, fitted a new length with two compression joints, tested at 6 bar for 30 minutes, and lagged the run behind the units. "
     "Parts 31.20, labour two hours at 58.00, in all 147.20 plus VAT."),
    ("What should follow", "The floor must be opened and dried before it is closed again. I measured 28 per cent moisture in the joists; it should be below 18. "
     "I recommend a drying firm within the week. Sample of the pipe kept for the insurer, bag 4418."),
]
DRYING = [("Survey and moisture map", "1", "95.00"), ("Condensation dryer, days", "12", "18.50"), ("Turbine for floor cavity, days", "12", "22.00"),
          ("Core holes, 50 mm", "6", "14.00"), ("Lifting of chipboard floor, m²", "9", "21.50"), ("Disposal, bags", "14", "4.75"),
          ("Visits to empty and measure", "4", "48.00"), ("Electricity metered, kWh", "212", "0.31"), ("Antifungal treatment, m²", "11", "9.80"),
          ("Final measurement and record", "1", "60.00")]


def review() -> Review:
    _, truth = existing("split", [])
    sheet = Sheet("claim_2026-04471_post", font="Times-Roman", points=11)
    letter(sheet)
    form(sheet)
    for number, (heading, text) in enumerate(REPORT, 1):
        report(sheet, number, heading, text)
    drying(sheet)
    photographs(sheet)
    sheet.text(0, 0, " ")
    sheet.next_page()
    file = File("post", "claim_2026-04471_post.pdf", "application/pdf", sheet.pdf(), sheet)
    parts = truth["documents"]
    sure = [
        {"name": percent(part["confidence_percent"]), "pages": [percent(part["confidence_percent"])] * part["page_count"]} for part in parts
    ]
    return Review(
        "split", "mailroom-split", truth, [file],
        wrong=[Wrong("/documents/3/pages/last", 15, 0.71, 16, "told"),
               Wrong("/documents/4", "a document of its own: page 16", 0.55, "page 16 is page 3 of invoice 5530", "told")],
        likelihoods={"likelihoods": sure},
    )


def percent(value: int) -> Decimal:
    return D(value) / 100


def turn(sheet: Sheet) -> None:
    sheet.next_page()


def letter(sheet: Sheet) -> None:
    sheet.lines(360, 84, ["Adaeze Okafor", "4 Weir Terrace", "Todmorden OL14 9ZZ", "", "8 May 2026"], 16)
    sheet.lines(70, 180, ["Pennine Shield Insurance", "Household Claims", "PO Box 4471", "Leeds LS1 9ZZ"], 16)
    sheet.text(70, 272, "Policy HH-772015: burst pipe on 29 April 2026", bold=True)
    y = sheet.wrap(70, 302, 455, "Dear Sir or Madam, please find enclosed my claim form, the plumber's report, the invoice for drying the floor, and six photographs. "
                   "I reported the damage by telephone on 29 April and was given the number 2026-04471.", leading=17)
    y = sheet.wrap(70, y + 10, 455, "The water came from the cold feed behind the kitchen units. I turned it off as soon as I came down, at about seven in the morning, but the "
                   "floor was under water by then. The plumber came within the hour. His report says that the pipe had frozen.", leading=17)
    y = sheet.wrap(70, y + 10, 455, "The drying firm has finished. The kitchen floor is still open, and I have had two estimates for a new one, which I will send when I have "
                   "chosen. Until then I cook at my neighbour's, so I would be glad of a quick answer.", leading=17)
    sheet.text(500, 780, "please turn over", size=9, color="#777777", align="right")
    turn(sheet)
    y = sheet.wrap(70, 90, 455, "The carpet in the hall has been cleaned and I make no claim for it. If you would like to see the pipe, the plumber has kept a piece of it.", leading=17)
    sheet.text(70, y + 20, "Yours faithfully")
    sheet.text(70, y + 62, "Adaeze Okafor", font="Hand", size=24, color="#1b3a8a")
    sheet.lines(70, y + 92, ["Adaeze Okafor", "07700 900771"], 16)
    sheet.text(70, y + 150, "Enclosures: claim form (5 pages), plumber's report (6), invoice (3), photographs (6)", size=10)
    turn(sheet)


FORM = [
    ("1  You and your policy", [("Policy number", "HH-772015"), ("Claim number, if you have one", "2026-04471"), ("Name", "Adaeze Okafor"),
                                ("Address", "4 Weir Terrace, Todmorden OL14 9ZZ"), ("Telephone", "07700 900771")],
     [("Is this your only home?", True), ("Is the home let to others?", False)]),
    ("2  The damage", [("Date", "29 / 4 / 2026"), ("Time, if known", "before 7 am"), ("Room", "Kitchen, hall"), ("Cause", "Frozen pipe, burst")],
     [("Was the home occupied?", True), ("Was the heating on?", True), ("Has the water been turned off?", True), ("Was anybody injured?", False)]),
    ("3  What is damaged", [("Floor", "Chipboard, 9 sq m"), ("Furniture", "4 base units"), ("Walls", "Plaster, outside wall"), ("Other", "Carpet, cleaned, no claim")],
     [("Have you kept damaged items?", True), ("Are repairs urgent?", True)]),
    ("4  What it costs", [("Plumber", "176.64"), ("Drying", "see invoice 5530"), ("New floor", "estimate follows"), ("Base units", "estimate follows")],
     [("Are you registered for VAT?", False), ("Is another insurer involved?", False)]),
    ("5  Declaration", [("Account holder", "A. Okafor"), ("Sort code and account", "00-00-41   00771204"), ("Date", "8 May 2026")],
     [("May we speak to your plumber?", True), ("May we write by email?", True)]),
]


def form(sheet: Sheet) -> None:
    for number, (heading, fields, questions) in enumerate(FORM, 1):
        sheet.fill(0, 0, 595, 50, "#01579b")
        sheet.text(50, 32, "Pennine Shield Insurance", bold=True, size=16, color="#ffffff", font="Helvetica-Bold")
        sheet.text(545, 32, "Household claim form", size=12, color="#b3e5fc", align="right", font="Helvetica")
        sheet.text(50, 90, heading, size=13, color="#01579b", font="Helvetica-Bold")
        y = 130
        for label, value in fields:
            field(sheet, 50, y, 495, label, value)
            y += 46
        for question, yes in questions:
            choice(sheet, y + 6, question, yes, "")
            y += 26
        if number == 5:
            sheet.text(50, y + 60, "Signature")
            sheet.text(130, y + 62, "Adaeze Okafor", font="Hand", size=24, color="#1b3a8a")
        sheet.text(545, 810, f"Page {number} of 5    PSI-H2 (01/26)", size=8, color="#777777", align="right", font="Helvetica")
        turn(sheet)


def report(sheet: Sheet, number: int, heading: str, text: str) -> None:
    if number == 1:
        sheet.text(70, 70, "Joss Redfearn, Plumbing & Heating", size=15, font="Helvetica-Bold")
        sheet.text(70, 86, "22 Calder Bank, Todmorden. Registered fitter 990418", size=9.5, color="#666666", font="Helvetica")
    sheet.text(70, 124, f"{number}.  {heading}", size=13, font="Helvetica-Bold")
    y = sheet.wrap(70, 152, 455, text, leading=18, font="Helvetica", size=10.5)
    if number == 2:
        sheet.rule(120, y + 60, 470, color="#b87333", width=14)
        sheet.rule(260, y + 54, 284, color="#222222", width=1.5)
        sheet.rule(260, y + 34, 284, color="#222222")
        sheet.text(272, y + 28, "22 mm", size=10, align="center", font="Helvetica")
        sheet.text(295, y + 92, "The split, seen from the room", size=9.5, align="center", color="#666666", font="Helvetica")
    if number == 4:
        sheet.table(y + 30, [(70, "left"), (330, "right"), (470, "right")], ["Measured at", "Moisture %", "Should be below"],
                    [["Joist under sink", "28", "18"], ["Joist, middle of room", "24", "18"], ["Chipboard", "31", "14"], ["Plaster, 20 cm", "9", "2"]], 20)
    if number == 6:
        sheet.text(70, y + 40, "J. Redfearn", font="Hand", size=24, color="#1b3a8a")
        sheet.text(70, y + 64, "Todmorden, 2 May 2026", font="Helvetica", size=10.5)
    sheet.text(525, 800, f"{number} / 6", size=9, align="right", color="#777777", font="Helvetica")
    turn(sheet)


def drying(sheet: Sheet) -> None:
    """Three pages; the third has no heading and goes on with line 9."""
    columns = [(70, "left"), (100, "left"), (380, "right"), (455, "right"), (525, "right")]
    head = ["", "Work", "Quantity", "Rate", "Amount"]
    rows = [[str(n), text, count, rate, f"{D(count) * D(rate):,.2f}"] for n, (text, count, rate) in enumerate(DRYING, 1)]
    sheet.text(70, 84, "Dunmore Drying Services", bold=True, size=18)
    sheet.text(70, 102, "Unit 3, Cragg Sidings, Mytholmroyd HX7 9ZZ", size=10, color="#666666")
    sheet.lines(380, 84, [["Invoice ", "5530"], ["Date 7 May 2026"], ["Claim 2026-04471"]], 15)
    sheet.lines(70, 150, ["Ms A. Okafor", "4 Weir Terrace", "Todmorden OL14 9ZZ"], 15)
    y = sheet.table(230, columns, head, rows[:4], 24)
    sheet.wrap(70, y + 20, 455, "Work was done between 30 April and 6 May 2026. Dryers were emptied every day by the customer; the record of the measurements is enclosed "
               "with the last page. Amounts are net; value added tax is added at the end.", size=10)
    sheet.text(525, 800, "1", align="right", size=9)
    turn(sheet)
    sheet.text(70, 84, "Dunmore Drying Services, invoice 5530, continued", bold=True)
    sheet.table(124, columns, head, rows[4:8], 24)
    sheet.text(525, 800, "2", align="right", size=9)
    turn(sheet)
    y = 84
    for row in rows[8:]:
        for (x, align), cell in zip(columns, row):
            sheet.text(x, y, cell, align=align)
        y += 24
    net = sum(D(count) * D(rate) for _, count, rate in DRYING)
    vat = (net * D("0.2")).quantize(D("0.01"))
    sheet.rule(300, y - 10, 525)
    for label, value in (("Net", net), ("VAT 20 %", vat), ("Total", net + vat)):
        sheet.text(380, y + 10, label, bold=label == "Total", align="right")
        sheet.text(525, y + 10, f"{value:,.2f}", bold=label == "Total", align="right")
        y += 20
    sheet.text(70, y + 40, "Payable within 14 days, or by the insurer directly if you sign the assignment below.")
    sheet.text(70, y + 90, "A. Okafor", font="Hand", size=20, color="#1b3a8a")
    turn(sheet)


def photographs(sheet: Sheet) -> None:
    titles = ["Floor by the sink", "Swollen joint", "Base unit, plinth off", "Wet plaster, outside wall", "Floor opened, joists", "Dryer in place"]
    for number, title in enumerate(titles):
        out = io.BytesIO(scan.jpeg(kitchen(number), 30))
        sheet.picture(ImageReader(out), 90, 140, 505, 452)
        sheet.text(90, 480, f"{number + 1}. {title}", size=12, font="Helvetica")
        sheet.text(90, 498, "A. Okafor, 29 April 2026", size=9.5, color="#666666", font="Helvetica")
        turn(sheet)


def kitchen(number: int) -> Image.Image:
    """Something like a photograph, taken in a hurry, of a tiled floor with water on it."""
    chance = random.Random(4471 + number)
    image = Image.new("RGB", (420, 316), (142, 131, 116))
    draw = ImageDraw.Draw(image)
    horizon = chance.randrange(70, 130)
    draw.rectangle((0, 0, 420, horizon), (196 - number * 5, 192 - number * 4, 181))
    for column in range(-8, 20):
        draw.line((210 + (column - 6) * 16, horizon, 210 + (column - 6) * 92, 316), (116, 105, 92), 2)
    y, step = float(horizon), 6.0
    while y < 316:
        draw.line((0, round(y), 420, round(y)), (116, 105, 92), 2)
        y, step = y + step, step * 1.35
    left = chance.randrange(0, 250)
    if number in (0, 2, 5):
        draw.rectangle((left, 20, left + 150, horizon + 40), (222, 218, 210), (150, 146, 138), 2)
        for door in (10, 80):
            draw.rectangle((left + door, 32, left + door + 60, horizon + 24), (214, 209, 200), (170, 165, 156))
    if number == 4:
        for beam in range(4):
            draw.polygon(((90 + beam * 70, horizon + 30), (108 + beam * 70, horizon + 30), (70 + beam * 110, 316), (30 + beam * 110, 316)), (104, 78, 52))
    # Water: darker, with soft edges, and the light of a window in it.
    wet, light = Image.new("L", image.size, 0), Image.new("L", image.size, 0)
    for _ in range(9):
        x, y, wide = chance.randrange(40, 280), chance.randrange(horizon + 30, 250), chance.randrange(40, 130)
        ImageDraw.Draw(wet).ellipse((x, y, x + wide, y + wide // 3), 150)
    for _ in range(3):
        x, y = chance.randrange(60, 300), chance.randrange(horizon + 40, 260)
        ImageDraw.Draw(light).ellipse((x, y, x + 46, y + 9), 170)
    image.paste((74, 74, 72), (0, 0), wet.filter(ImageFilter.GaussianBlur(7)))
    image.paste((214, 219, 220), (0, 0), light.filter(ImageFilter.GaussianBlur(4)))
    dark = Image.radial_gradient("L").resize(image.size).point(lambda v: round(v * 0.55))
    image.paste((28, 26, 24), (0, 0), dark)
    return image.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC).crop((16, 16, 404, 300)).filter(ImageFilter.GaussianBlur(1.6))
