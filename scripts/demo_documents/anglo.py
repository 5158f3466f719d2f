"""Invoices in English: from the United States, and two that came through a scanner."""

from __future__ import annotations

from decimal import Decimal

from reportlab.lib.pagesizes import A4, LETTER

from . import scan
from .bills import cells, cents, invoice, opening, party, sums
from .review import File, Review, Wrong, existing
from .sheet import Sheet
from .write import amount, day, iban, quantity

CLINICS = party("Calder Vale Clinics LLP", None, "41 Station Parade", "Hebden Bridge", "HX7 6JE", "GB")


def dollars(value) -> str:
    return f"${amount(value)}"


def cascade() -> Review:
    seller = party("Cascade Trail Supply Co.", None, "1180 Larkspur Ave, Suite 4", "Bend", "97701", "US", "OR")
    buyer = party("Mesa Verde Outfitters Inc.", None, "620 Canyon Rd", "Durango", "81301", "US", "CO")
    truth = invoice(
        {"invoice_number": "CTS-100482", "issue_date": "2026-06-05", "due_date": "2026-07-05", "purchase_order": "MVO-7719", "currency": "USD"},
        seller, buyer,
        [("TP-120", "Trekking poles, carbon, pair", "24", "58.00"),
         ("DB-20L", "Dry bag, 20 L, orange", "60", "14.25"),
         ("HL-400", "Headlamp, 400 lm, rechargeable", "36", "31.90"),
         ("FRT", "Freight, LTL, liftgate", "1", "186.40")],
        ("Sales tax", "0.0"),
        {"terms": "Net 30", "iban": None, "bic": None, "sort_code": None, "account_number": "000418447", "reference": "CTS-100482"},
    )
    sheet = Sheet("Invoice CTS-100482", LETTER, "Helvetica", 9.5)
    sheet.fill(40, 40, 572, 84, "#1f3d2b")
    sheet.text(54, 69, "CASCADE TRAIL SUPPLY", bold=True, size=18, color="#ffffff")
    sheet.text(558, 69, "INVOICE", bold=True, size=18, color="#c8e6c9", align="right")
    sheet.lines(54, 108, [("Cascade Trail Supply Co.", "/seller/name"), ("1180 Larkspur Ave, Suite 4", "/seller/address/street"),
                          [("Bend", "/seller/address/city"), ", ", ("OR", "/seller/address/state"), " ", ("97701", "/seller/address/postcode")],
                          "(541) 555-0139"], 13)
    sheet.fill(40, 176, 290, 190, "#dfe8e1")
    sheet.text(54, 186, "BILL TO", bold=True, size=8.5)
    sheet.lines(54, 206, [("Mesa Verde Outfitters Inc.", "/buyer/name"), "Accounts Payable", ("620 Canyon Rd", "/buyer/address/street"),
                          [("Durango", "/buyer/address/city"), ", ", ("CO", "/buyer/address/state"), " ", ("81301", "/buyer/address/postcode")]], 13)
    for index, (label, shown, at) in enumerate((
        ("Invoice #", "CTS-100482", "/invoice_number"), ("Invoice date", day("2026-06-05", "%m/%d/%Y"), "/issue_date"),
        ("Terms", "Net 30", "/payment/terms"), ("Due date", day("2026-07-05", "%m/%d/%Y"), "/due_date"),
        ("Customer PO", "MVO-7719", "/purchase_order"), ("Ship date", "06/03/2026", None), ("Sales rep", "K. Ostrowski", None),
    )):
        top = 104 + index * 18
        sheet.frame(330, top, 440, top + 18, "#b7c4ba")
        sheet.frame(440, top, 572, top + 18, "#b7c4ba")
        sheet.text(336, top + 12.5, label, bold=True, size=8.5)
        sheet.text(566, top + 12.5, shown, at, align="right")
    columns = [(54, "left"), (116, "left"), (398, "right"), (480, "right"), (562, "right")]
    y = sheet.table(296, columns, ["ITEM", "DESCRIPTION", "QTY", "UNIT PRICE", "AMOUNT"],
                    cells(truth, "sdqua", dollars, quantity), 20, band=(40, 572, "#dfe8e1"))
    sheet.rule(40, y - 8, 572, color="#1f3d2b")
    y = sums(sheet, 420, 562, y + 12, [
        ("Subtotal", dollars(truth["subtotal"]), "/subtotal"), ("Sales tax (resale, exempt)", dollars(0), "/tax/amount"),
        ("AMOUNT DUE", dollars(truth["total_amount"]), "/total_amount"),
    ])
    sheet.lines(54, y + 30, ["Remit to: High Desert Community Bank, routing 000000518,",
                             ["account ", ("000418447", "/payment/account_number"), ". Please quote CTS-100482."],
                             "Past due balances are subject to a service charge of 1.5% per month."], 13)
    sheet.text(306, 750, "Thank you for your business!", size=11, color="#1f3d2b", align="center", bold=True)
    return Review(
        "invoice-cascade", "invoice", truth, [File("invoice", "CTS-100482.pdf", "application/pdf", sheet.pdf(), sheet)],
        opening("run_us0482", {"kind": "confidence_below", "field": "invoice_number", "threshold": 0.9, "observed": 0.66}, 3),
        [Wrong("/invoice_number", "CTS-10O482", 0.66), Wrong("/issue_date", "2026-05-06", 0.95)],
        places="evidence", unplaced=("/line_items/2", "/line_items/3", "/buyer"),
    )


def trellis() -> Review:
    """The invoice behind the branch of the approval."""
    _, truth = existing("conditional", [])
    sheet = Sheet("Invoice TRL-20931", LETTER, "Times-Roman", 11)
    sheet.text(306, 70, "TRELLIS RIVER LABS", bold=True, size=20, align="center", color="#3e2723")
    sheet.text(306, 88, "2400 Quarry Loop · Asheville, NC 28801 · (828) 555-0176", size=10, align="center", color="#6d4c41")
    sheet.rule(72, 100, 540, color="#3e2723", width=1.2)
    sheet.runs(72, 134, ["Invoice ", ("TRL-20931", "/inputs/invoice_number")], bold=True, size=14)
    sheet.lines(72, 156, ["Date: April 28, 2026", "Terms: Net 30, due May 28, 2026", "Customer: CVC Group, Utrecht"], 16)
    items = [("Coating analysis, 40 samples", 40, "185.00"), ("Salt spray chamber, 240 hours", 1, "2,400.00"), ("Report, two languages", 1, "1,140.00")]
    rows = [[text, str(count), price, amount(Decimal(price.replace(",", "")) * count)] for text, count, price in items]
    y = sheet.table(236, [(72, "left"), (372, "right"), (450, "right"), (540, "right")], ["Description", "Qty", "Rate", "Amount"], rows, 22)
    sheet.rule(72, y - 10, 540)
    sheet.text(400, y + 12, "Total due", bold=True)
    sheet.runs(472, y + 12, [("USD", "/inputs/currency"), " "], bold=True)
    sheet.text(540, y + 12, amount(truth["inputs"]["total_amount"]), "/inputs/total_amount", bold=True, align="right")
    sheet.wrap(72, y + 60, 468, "Please pay in US dollars by wire to First Appalachian Trust, account 0418447, quoting the invoice number. "
               "Samples are kept for 90 days after the report and are then disposed of.", size=10, color="#6d4c41")
    return Review(
        "conditional", "approval-branch", truth, [File("invoice", "TRL-20931.pdf", "application/pdf", sheet.pdf(), sheet)],
        likelihoods=None, places="evidence",
    )


def garrick() -> Review:
    """Typed by a small firm, and scanned without a text layer."""
    seller = party("Garrick & Daughter Plumbing Ltd", "GB 999 0041 88", "12 Tanner's Row", "Halifax", "HX1 4QT", "GB")
    truth = invoice(
        {"invoice_number": "0887", "issue_date": "2026-05-05", "due_date": "2026-05-19", "purchase_order": None, "currency": "GBP"},
        seller, CLINICS,
        [(None, "Replace mixer valve, room 3", "1", "212.00"), (None, "Labour, two fitters (hours)", "9", "62.00"),
         (None, "Copper pipe 15 mm (metres)", "14", "4.50"), (None, "Power flush, heating circuit", "1", "239.00")],
        ("VAT", "0.20"),
        {"terms": "14 days", "iban": None, "bic": None, "sort_code": "00-00-41", "account_number": "00418447", "reference": None},
    )
    sheet = Sheet("Scan of invoice 0887", A4, "Courier", 11)
    sheet.lines(70, 84, [("Garrick & Daughter Plumbing Ltd", "/seller/name")], bold=True, size=13)
    sheet.lines(70, 102, [[("12 Tanner's Row", "/seller/address/street"), ", ", ("Halifax", "/seller/address/city"), " ",
                           ("HX1 4QT", "/seller/address/postcode")], ["VAT Reg ", ("GB 999 0041 88", "/seller/vat_number")],
                          "Tel 01422 496 0114"], 15)
    sheet.rule(70, 146, 525, color="#222222", width=1)
    sheet.lines(70, 180, [["INVOICE No ", ("0887", "/invoice_number")], ["Date       ", (day("2026-05-05", "%-d/%-m/%Y"), "/issue_date")],
                          ["Pay by     ", (day("2026-05-19", "%-d/%-m/%Y"), "/due_date")]], 17)
    sheet.lines(330, 180, [("Calder Vale Clinics LLP", "/buyer/name"), ("41 Station Parade", "/buyer/address/street"),
                           [("Hebden Bridge", "/buyer/address/city"), " ", ("HX7 6JE", "/buyer/address/postcode")]], 17)
    columns = [(70, "left"), (345, "right"), (430, "right"), (525, "right")]
    y = sheet.table(276, columns, ["Work done", "Qty", "Each", "Amount"], cells(truth, "dqua", amount, quantity), 22)
    sheet.rule(70, y - 8, 525, color="#222222", width=1)
    y = sums(sheet, 330, 525, y + 16, [
        ("Net", amount(truth["subtotal"]), "/subtotal"), ("VAT 20%", amount(truth["tax"]["amount"]), "/tax/amount"),
        ("TO PAY", f"£{amount(truth['total_amount'])}", "/total_amount"),
    ], 20)
    sheet.lines(70, y + 36, [["Bank: sort code ", ("00-00-41", "/payment/sort_code"), "  account ", ("00418447", "/payment/account_number")],
                             "With thanks. Boiler service is due again in November."], 17)
    sheet.text(330, y + 104, "Received 8/5", font="Hand", size=17, color="#1b3a8a")
    sheet.text(352, y + 126, "ok to pay, M.", font="Hand", size=17, color="#1b3a8a")
    total = truth["total_amount"]
    digits = str(total)
    swapped = Decimal(digits[0] + digits[2] + digits[1] + digits[3:])
    content = scan.scanned_pdf(sheet, 0.8, 887, dpi=130, quality=30)
    return Review(
        "invoice-garrick", "invoice", truth, [File("scan", "scan_0887.pdf", "application/pdf", content, sheet)],
        opening("run_gp0887", {"kind": "confidence_below", "field": "total_amount", "threshold": 0.9, "observed": 0.69}, 4),
        [Wrong("/total_amount", swapped, 0.69), Wrong("/currency", "EUR", 0.52)],
        {"/seller/address/street": 0.86}, "evidence", ("/buyer", "/line_items/1", "/line_items/2", "/payment"), sureness=(90, 97),
    )


def lough() -> Review:
    """Scanned, with the text that the scanner's own reading laid over it."""
    seller = party("Lough Derg Catering Ltd", "IE9900041K", "The Old Creamery, Quay Road", "Killaloe", "V94 X0X0", "IE")
    buyer = party("Shannon Reach Conferences DAC", None, "Riverside House", "Limerick", "V94 X1X1", "IE")
    account = iban("IE", "LDCB99990004184471")
    truth = invoice(
        {"invoice_number": "LDC/2026/0093", "issue_date": "2026-05-09", "due_date": "2026-06-08", "purchase_order": "SRC-2231", "currency": "EUR"},
        seller, buyer,
        [("L-04", "Buffet lunch, per guest", "64", "18.50"), ("C-01", "Coffee and scones, per guest", "64", "4.75"),
         ("V-02", "Vegetarian supplement", "11", "2.50"), ("S-03", "Serving staff (hours)", "15", "21.00")],
        ("VAT", "0.135"),
        {"terms": "30 days", "iban": account, "bic": "LDCBIE99XXX", "sort_code": None, "account_number": None, "reference": "LDC/2026/0093"},
    )
    euro = lambda v: f"€{amount(v)}"  # noqa: E731
    sheet = Sheet("Scan of invoice LDC/2026/0093", A4, "Helvetica", 10.5)
    sheet.text(297, 78, "LOUGH DERG CATERING", bold=True, size=21, align="center")
    sheet.text(297, 96, "weddings · conferences · boats", size=11, align="center")
    sheet.rule(60, 108, 535, color="#222222", width=1.5)
    sheet.lines(60, 132, [("Lough Derg Catering Ltd", "/seller/name"), ("The Old Creamery, Quay Road", "/seller/address/street"),
                          [("Killaloe", "/seller/address/city"), " ", ("V94 X0X0", "/seller/address/postcode")],
                          ["VAT No. ", ("IE9900041K", "/seller/vat_number")]], 15)
    sheet.lines(340, 132, [["Invoice ", ("LDC/2026/0093", "/invoice_number")], ["Date ", (day("2026-05-09", "%-d May %Y"), "/issue_date")],
                           ["Due ", (day("2026-06-08", "%-d June %Y"), "/due_date")], ["Your order ", ("SRC-2231", "/purchase_order")]], 15)
    sheet.lines(60, 222, [("Shannon Reach Conferences DAC", "/buyer/name"), ("Riverside House", "/buyer/address/street"),
                          [("Limerick", "/buyer/address/city"), " ", ("V94 X1X1", "/buyer/address/postcode")]], 15)
    columns = [(60, "left"), (105, "left"), (368, "right"), (445, "right"), (535, "right")]
    y = sheet.table(300, columns, ["Code", "Description", "Qty", "Price", "Total"], cells(truth, "sdqua", euro, quantity), 22)
    sheet.rule(60, y - 8, 535, color="#222222", width=1)
    y = sums(sheet, 350, 535, y + 16, [
        ("Subtotal", euro(truth["subtotal"]), "/subtotal"), ("VAT 13.5%", euro(truth["tax"]["amount"]), "/tax/amount"),
        ("Total due", euro(truth["total_amount"]), "/total_amount"),
    ], 20)
    sheet.lines(60, y + 30, [["Please pay within ", ("30 days", "/payment/terms"), "."], ["IBAN ", (account, "/payment/iban")],
                             ["BIC ", ("LDCBIE99XXX", "/payment/bic")]], 17)
    sheet.frame(392, 700, 522, 752, "#444444", 2)
    sheet.text(457, 722, "RECEIVED", bold=True, size=14, align="center", color="#444444")
    sheet.text(457, 741, "14 MAY 2026", size=12, align="center", color="#444444")

    def misread(text: str) -> str:
        """What scanners make of small print: a few letters for others, as in life."""
        for right, read in (("Creamery", "Crearnery"), ("scones", "sc0nes"), ("IE9900041K", "IE99OO041K"), ("weddings", "vveddings")):
            text = text.replace(right, read)
        return text

    content = scan.scanned_pdf(sheet, -0.6, 93, dpi=125, quality=30, text_layer=misread)
    return Review(
        "invoice-lough-derg", "invoice", truth, [File("invoice", "LDC-2026-0093_scan.pdf", "application/pdf", content, sheet)],
        opening("run_ie0093", {"kind": "confidence_below", "field": "seller.vat_number", "threshold": 0.9, "observed": 0.72}),
        unsure={"/seller/vat_number": 0.72, "/seller/address/street": 0.85}, sureness=(91, 98),
    )
