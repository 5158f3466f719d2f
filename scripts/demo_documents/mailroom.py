"""What the post brings: two letters to classify, and a claim for motor damage with boxes to tick."""

from __future__ import annotations

from decimal import Decimal

from reportlab.lib.pagesizes import A4

from . import scan
from .bills import opening
from .review import File, Review, Wrong, existing
from .sheet import Sheet

D = Decimal


def credit_note() -> Review:
    _, truth = existing("classification", [])
    sheet = Sheet("scan_20260512_0931", A4, "Helvetica", 10.5)
    sheet.text(60, 84, "Brightwater Paper & Office Ltd", bold=True, size=16)
    sheet.lines(60, 102, ["Mill Lane Works, Kendal LA9 4XX", "VAT GB 999 0077 67"], 15)
    sheet.text(535, 84, "INVOICE No. BWP-88213", "/evidence/0/text", bold=True, size=13, align="right")
    sheet.text(535, 102, "12 May 2026", align="right")
    sheet.text(535, 117, "Account CVC-0031", align="right")
    sheet.lines(60, 172, ["Calder Vale Clinics LLP", "41 Station Parade", "Hebden Bridge HX7 6JE"], 15)
    columns = [(60, "left"), (400, "right"), (468, "right"), (535, "right")]
    y = sheet.table(258, columns, ["Description", "Qty", "Price", "Amount"], [], 24)
    sheet.rule(60, 266, 535, color="#222222", width=1)
    sheet.text(60, y, "Credit for 14 damaged reams, delivery of 28 April", "/evidence/1/text")
    for x, text in ((400, "-14"), (468, "5.75"), (535, "-80.50")):
        sheet.text(x, y, text, align="right")
    for index, (label, shown) in enumerate((("Goods", "-80.50"), ("VAT 20 %", "-16.10"), ("Total", "-96.60"))):
        sheet.text(400, y + 50 + index * 18, label, bold=index == 2)
        sheet.text(535, y + 50 + index * 18, shown, bold=index == 2, align="right")
    sheet.text(60, y + 128, "Balance in your favour: 96.60", "/evidence/2/text", bold=True)
    sheet.lines(60, y + 154, ["The amount will be set off against your next order. No payment is needed.", "Please destroy the damaged reams; "
                              "we do not need them back."], 16)
    sheet.text(297, 790, "Brightwater Paper & Office Ltd. Registered in England, no. 00000077.", size=8.5, align="center")
    content = scan.scanned_pdf(sheet, -1.1, 931, dpi=130, black_and_white=True)
    return Review(
        "classification", "mail-label", truth, [File("scan", "scan_20260512_0931.pdf", "application/pdf", content, sheet)],
        wrong=[Wrong("/label", "supplier_invoice", 0.46, "credit_note", "told")], places="evidence",
        likelihoods={"likelihood": D("0.46")},
    )


def reminder() -> Review:
    truth = {
        "document": {"file_name": "ridings_energy_letter.pdf", "pages": 1, "received_from": "noreply@ridings-energy.example"},
        "label": "payment_reminder",
        "scores": [{"label": "payment_reminder", "score": D("0.62")}, {"label": "statement_of_account", "score": D("0.31")},
                   {"label": "supplier_invoice", "score": D("0.05")}, {"label": "credit_note", "score": D("0.01")}, {"label": "other", "score": D("0.01")}],
        "evidence": [{"page": 1, "text": "now 21 days overdue", "supports": "payment_reminder"},
                     {"page": 1, "text": "Items open on your account", "supports": "statement_of_account"}],
        "reasoning": "It lists open items as a statement does, but asks for payment by a day and names a fee.",
    }
    sheet = Sheet("Ridings Energy, letter", A4, "Helvetica", 11)
    sheet.fill(0, 0, 595, 66, "#ef6c00")
    sheet.text(60, 42, "Ridings Energy", bold=True, size=22, color="#ffffff")
    sheet.lines(60, 112, ["Calder Vale Clinics LLP", "Accounts", "41 Station Parade", "Hebden Bridge HX7 6JE"], 16)
    sheet.lines(380, 112, ["13 May 2026", "Account 771204", "Supply 41 Station Parade"], 16)
    sheet.text(60, 222, "Your account needs your attention", bold=True, size=15)
    x = sheet.text(60, 250, "Dear customer, our invoice of 22 March is ")
    x = sheet.text(x, 250, "now 21 days overdue", "/evidence/0/text", bold=True)
    sheet.text(x, 250, ". If you have paid in the last")
    y = 267
    y = sheet.wrap(60, y, 475, "three days, please ignore this letter and accept our thanks.", leading=17)
    sheet.text(60, y + 20, "Items open on your account", "/evidence/1/text", bold=True)
    rows = [["22 Mar 2026", "RE-0331877, electricity February", "22 Apr 2026", "1,204.15"], ["24 Apr 2026", "RE-0334102, electricity March", "24 May 2026", "1,118.40"]]
    y = sheet.table(y + 48, [(60, "left"), (150, "left"), (390, "left"), (535, "right")], ["Date", "Invoice", "Due", "Amount £"], rows, 21,
                    band=(52, 543, "#fff3e0"))
    sheet.text(390, y + 8, "Overdue", bold=True)
    sheet.text(535, y + 8, "1,204.15", bold=True, align="right")
    sheet.wrap(60, y + 56, 475, "Please pay £1,204.15 by 22 May 2026. From that day we may add a fee of £40.00 and charge statutory interest. If you cannot pay at once, "
               "call us on 0113 496 0155 and we will find an arrangement that suits you.", leading=17)
    sheet.text(60, y + 150, "Yours faithfully")
    sheet.text(60, y + 184, "Harriet Osei", font="Hand", size=20, color="#1b3a8a")
    sheet.text(60, y + 206, "Harriet Osei, Credit Control")
    return Review(
        "classification-reminder", "mail-label", truth,
        [File("letter", "ridings_energy_letter.pdf", "application/pdf", sheet.pdf(), sheet)],
        opening("run_cl7712", {"kind": "margin_below", "first": "payment_reminder", "second": "statement_of_account", "threshold": D("0.4"), "observed": D("0.31")},
                0, "wf_mailroom", 31, "block_classify", "classifier", ("model_classify-2", "Classify 2")),
        places="evidence", likelihoods={"likelihood": D("0.62")},
    )


def field(sheet: Sheet, x: float, y: float, width: float, label: str, value: str | None, at: str | None = None) -> None:
    """A field of a form, filled in by hand."""
    sheet.text(x, y - 17, label, size=8, color="#555555")
    sheet.frame(x, y - 13, x + width, y + 7, "#8a9aa5", 0.6)
    if value:
        sheet.text(x + 6, y + 1, value, at, font="Hand", size=13, color="#1b3a8a")


def choice(sheet: Sheet, y: float, question: str, yes: bool, at: str) -> None:
    sheet.text(50, y, question)
    x = sheet.check(420, y, "Yes", yes, at)
    sheet.check(x, y, "No", not yes, at)


def claim() -> Review:
    truth = {
        "policy_number": "MV-418-20447", "claim_number": None,
        "claimant": {"name": "Ines Marlowe", "date_of_birth": "1988-07-04", "address": "17 Tenter Croft, Huddersfield HD1 9ZZ", "phone": "07700 900418",
                     "email": "ines.marlowe@example.com"},
        "vehicle": {"registration": "YX19 ZZA", "make_and_model": "Corvane Estate 1.5", "mileage": 61240},
        "occurred_on": "2026-05-06", "occurred_at": "08:20", "place": "Leeds Road, at the junction with Spa Lane, Huddersfield", "cause": "collision",
        "description": "I stood at the red light. The white van behind me did not stop and ran into the rear of my car. Boot and bumper are pushed in, "
        "the left lamp is broken. Driver admitted fault.",
        "police_informed": True, "crime_reference": "WY-26-118204", "injuries": False, "vehicle_drivable": True,
        "other_driver": {"name": "Colm Fairweather", "registration": "FD21 ZZB", "insurer": "Lantern Mutual"}, "estimated_cost": D("1860.00"),
        "signed": True, "signed_on": "2026-05-08",
    }
    sheet = Sheet("Motor claim form", A4, "Helvetica", 10)
    sheet.fill(0, 0, 595, 60, "#01579b")
    sheet.text(50, 37, "Pennine Shield Insurance", bold=True, size=18, color="#ffffff")
    sheet.text(545, 37, "Motor claim form", size=14, color="#b3e5fc", align="right")
    sheet.text(50, 80, "Please fill in with a pen, in capitals or clear writing. Tick one box in each row.", size=9, color="#555555")
    field(sheet, 50, 118, 235, "Policy number", "MV-418-20447", "/policy_number")
    field(sheet, 300, 118, 245, "Claim number (leave empty)", None)
    sheet.text(50, 152, "1  You", bold=True, size=12, color="#01579b")
    person = truth["claimant"]
    field(sheet, 50, 186, 235, "Name", person["name"], "/claimant/name")
    field(sheet, 300, 186, 245, "Date of birth (day / month / year)", "4 / 7 / 1988", "/claimant/date_of_birth")
    field(sheet, 50, 226, 495, "Address", person["address"], "/claimant/address")
    field(sheet, 50, 266, 235, "Telephone", person["phone"], "/claimant/phone")
    field(sheet, 300, 266, 245, "Email", person["email"], "/claimant/email")
    sheet.text(50, 302, "2  Your vehicle", bold=True, size=12, color="#01579b")
    field(sheet, 50, 336, 130, "Registration", "YX19 ZZA", "/vehicle/registration")
    field(sheet, 195, 336, 200, "Make and model", "Corvane Estate 1.5", "/vehicle/make_and_model")
    field(sheet, 410, 336, 135, "Mileage", "61 240", "/vehicle/mileage")
    sheet.text(50, 372, "3  What happened", bold=True, size=12, color="#01579b")
    field(sheet, 50, 406, 130, "Date", "6 / 5 / 2026", "/occurred_on")
    field(sheet, 195, 406, 90, "Time", "8.20 am", "/occurred_at")
    field(sheet, 300, 406, 245, "Place", "Leeds Rd / Spa Lane, Huddersfield", "/place")
    sheet.text(50, 436, "Cause")
    x = 100
    for cause in ("Collision", "Theft", "Fire", "Hail", "Vandalism", "Glass"):
        x = sheet.check(x, 436, cause, cause == "Collision", "/cause")
    sheet.text(50, 462, "In your own words", size=8, color="#555555")
    sheet.frame(50, 467, 545, 560, "#8a9aa5", 0.6)
    sheet.wrap(58, 487, 478, truth["description"], "/description", font="Hand", size=13, color="#1b3a8a", leading=21)
    choice(sheet, 588, "Have the police been informed?", True, "/police_informed")
    choice(sheet, 610, "Was anybody injured?", False, "/injuries")
    choice(sheet, 632, "Can the vehicle be driven?", True, "/vehicle_drivable")
    field(sheet, 50, 676, 235, "Police reference, if any", "WY-26-118204", "/crime_reference")
    field(sheet, 300, 676, 245, "Estimated cost of repair, £", "1,860", "/estimated_cost")
    sheet.text(545, 810, "Page 1 of 2    PSI-M4 (01/26)", size=8, color="#777777", align="right")
    sheet.next_page()
    sheet.text(50, 60, "4  The other driver", bold=True, size=12, color="#01579b")
    field(sheet, 50, 96, 235, "Name", "Colm Fairweather", "/other_driver/name")
    field(sheet, 300, 96, 110, "Registration", "FD21 ZZB", "/other_driver/registration")
    field(sheet, 425, 96, 120, "Insurer", "Lantern Mutual", "/other_driver/insurer")
    sheet.text(50, 138, "5  Sketch", bold=True, size=12, color="#01579b")
    sketch(sheet)
    sheet.text(50, 520, "6  Declaration", bold=True, size=12, color="#01579b")
    sheet.wrap(50, 542, 495, "What I have written is true to the best of my knowledge. I know that the insurer may share it with other insurers to prevent fraud.")
    field(sheet, 50, 600, 300, "Signature", None)
    sheet.text(70, 604, "I. Marlowe", "/signed", font="Hand", size=24, color="#1b3a8a")
    field(sheet, 380, 600, 165, "Date", "8 May 2026", "/signed_on")
    sheet.text(545, 810, "Page 2 of 2    PSI-M4 (01/26)", size=8, color="#777777", align="right")
    return Review(
        "motor-claim", "motor-claim", truth, [File("form", "claim_MV-418-20447.pdf", "application/pdf", sheet.pdf(), sheet)],
        opening("run_mc0447", {"kind": "confidence_below", "field": "claimant.date_of_birth", "threshold": 0.9, "observed": 0.77}, 4, "wf_claims", 9,
                "block_extract_claim"),
        [Wrong("/claimant/date_of_birth", "1988-04-07", 0.77), Wrong("/police_informed", False, 0.93, says="Yes is ticked"),
         Wrong("/vehicle/registration", "YX19 2ZA", 0.84)],
        {"/occurred_at": 0.89}, "evidence", ("/other_driver", "/estimated_cost"), sureness=(91, 98),
    )


def sketch(sheet: Sheet) -> None:
    """Two cars at a junction, as people draw them."""
    sheet.frame(50, 152, 545, 480, "#8a9aa5", 0.6)
    for x in (250, 350):
        sheet.rule(x, 160, x, 270, color="#666666", width=1.2)
        sheet.rule(x, 360, x, 472, color="#666666", width=1.2)
    for y in (270, 360):
        sheet.rule(60, y, 250, color="#666666", width=1.2)
        sheet.rule(350, y, 535, color="#666666", width=1.2)
    for x, label in ((196, "me"), (118, "van")):
        sheet.frame(x, 283, x + 48, 309, "#1b3a8a", 1.6)
        sheet.text(x + 24, 301, label, font="Hand", size=13, color="#1b3a8a", align="center")
    sheet.rule(100, 296, 114, color="#1b3a8a", width=1.6)
    sheet.rule(244, 246, 244, 264, color="#c62828", width=2)
    sheet.text(186, 258, "red light", font="Hand", size=13, color="#c62828")
    sheet.text(70, 382, "Leeds Rd", font="Hand", size=14, color="#1b3a8a")
    sheet.text(360, 186, "Spa Lane", font="Hand", size=14, color="#1b3a8a")
