"""A German purchase order, a faxed delivery note, and a bank statement."""

from __future__ import annotations

from decimal import Decimal

from . import scan
from .bills import opening
from .review import File, Review, Wrong, existing
from .sheet import Sheet
from .write import amount, day, german, iban

D = Decimal


def order() -> Review:
    wrong = [Wrong("/vat_number", document="DE999000620", likelihood=0.39)]
    _, truth = existing("purchase-order-extract", wrong)
    customer, supplier = truth["customer"], truth["supplier"]
    sheet = Sheet("Bestellung 4500031877", font="Helvetica", points=9.5)
    sheet.text(57, 60, "MÜLLER & SÖHNE", bold=True, size=17, color="#b71c1c")
    sheet.text(57, 74, "Präzisionstechnik", size=11, color="#b71c1c")
    sheet.text(545, 60, "Bestellung", bold=True, size=17, align="right")
    sheet.lines(57, 128, ["An", (supplier["name"], "/supplier/name"), (supplier["address"]["street"], "/supplier/address/street"),
                          [(supplier["address"]["postcode"], "/supplier/address/postcode"), " ", (supplier["address"]["city"], "/supplier/address/city")]], 14)
    for index, (label, shown, at) in enumerate((
        ("Bestellnummer", truth["order_number"], "/order_number"), ("Datum", day(truth["order_date"], "%d.%m.%Y"), "/order_date"),
        ("Ihre Lieferantennummer", supplier["supplier_number"], "/supplier/supplier_number"),
        ("Ansprechpartner", customer["contact"], "/customer/contact"), ("Liefertermin", "15.06.2026 (KW 24)", ["/delivery/date", "/delivery/calendar_week"]),
        ("Lieferbedingung", "frei Haus", "/delivery/terms"),
    )):
        sheet.text(345, 128 + index * 15, label, color="#666666")
        sheet.text(545, 128 + index * 15, shown, at, align="right")
    sheet.text(57, 250, "Wir bestellen zu unseren Ihnen bekannten Einkaufsbedingungen:")
    columns = [(62, "left"), (96, "left"), (180, "left"), (402, "right"), (412, "left"), (486, "right"), (545, "right")]
    rows = []
    for index, line in enumerate(truth["lines"]):
        at = f"/lines/{index}"
        places = 4 if line["unit_price"] < 2 else 2
        rows.append([
            (str(line["position"]), f"{at}/position"), (line["material"], f"{at}/material"), (line["description"], f"{at}/description"),
            (german(line["quantity"], 0), f"{at}/quantity"), (line["unit"], f"{at}/unit"), (german(line["unit_price"], places), f"{at}/unit_price"),
            (german(line["amount"]), f"{at}/amount"),
        ])
    y = sheet.table(280, columns, ["Pos.", "Material", "Bezeichnung", "Menge", "ME", "Preis", "Wert EUR"], rows, 21, band=(52, 552, "#fbe9e7"))
    sheet.rule(345, y - 6, 552)
    for index, (label, shown, at) in enumerate((
        ("Nettowert", german(truth["net_amount"]), "/net_amount"), ("MwSt. 19 %", german(truth["tax"]["amount"]), "/tax/amount"),
        ("Bestellwert", german(truth["total_amount"]), "/total_amount"),
    )):
        sheet.text(345, y + 10 + index * 17, label, bold=index == 2)
        sheet.text(545, y + 10 + index * 17, shown, at, bold=index == 2, align="right")
    sheet.wrap(57, y + 90, 488, "Bitte bestätigen Sie die Bestellung innerhalb von drei Arbeitstagen. Auf Lieferschein und Rechnung sind Bestell- und "
               "Materialnummer anzugeben. Warenannahme Montag bis Freitag von 7:00 bis 14:30 Uhr, Tor 2.")
    sheet.text(57, y + 150, "i. A. J. Weißhaupt", font="Hand", size=15, color="#1b3a8a")
    sheet.rule(57, 764, 545, color="#b71c1c")
    small = {"size": 7.5, "color": "#555555"}
    sheet.lines(57, 777, [(customer["name"], "/customer/name"), [(customer["address"]["street"], "/customer/address/street"), " · ",
                          (customer["address"]["postcode"], "/customer/address/postcode"), " ", (customer["address"]["city"], "/customer/address/city")]], 11, **small)
    sheet.lines(300, 777, ["Amtsgericht Göttingen HRB 000877", "Geschäftsführer: Anselm Müller"], 11, **small)
    sheet.lines(445, 777, ["Steuernummer 99/418/00447", ["USt-IdNr.: ", (truth["vat_number"], "/vat_number")]], 11, **small)
    return Review(
        "purchase-order-extract", "purchase-order", truth,
        [File("order", "Bestellung_4500031877.pdf", "application/pdf", sheet.pdf(), sheet)], wrong=wrong, places="evidence",
        unplaced=("/document", "/lines/1", "/lines/2", "/lines/3", "/remarks"),
    )


def delivery() -> Review:
    lines = [("AK-1180", "Archive box, grey, 25 pcs", 40, 40, "L2604-A"), ("PB-0420", "Printer paper A4, 80 g, box", 60, 12, "L2603-C"),
             ("EN-C5", "Envelopes C5, white, 500 pcs", 24, 24, None), ("TN-77B", "Toner 77B, black", 18, 18, "L2605-F"),
             ("LB-9950", "Labels 99 × 50 mm, 1000 pcs", 30, 30, "L2604-B"), ("TR-A3", "Paper tray A3", 4, 4, None)]
    truth = {
        "delivery_note_number": "DN-50933", "delivery_date": "2026-05-12", "order_number": "PO-118820",
        "supplier": "Brightwater Paper & Office Ltd", "ship_to": "Kestrel Water Utilities plc, Weir House, 1 Riverside, Derby DE1 2QT",
        "carrier": "Penrose Haulage",
        "lines": [{"line": index, "article": article, "description": text, "ordered": ordered, "delivered": got, "batch": batch}
                  for index, (article, text, ordered, got, batch) in enumerate(lines, 1)],
        "packages": 3, "gross_weight_kg": D("412.5"), "damaged": True, "received_by": "T. Abara",
    }
    sheet = Sheet("Delivery note DN-50933", points=10.5)
    sheet.text(60, 76, "Brightwater Paper & Office Ltd", "/supplier", bold=True, size=15)
    sheet.text(60, 92, "Mill Lane Works, Kendal LA9 4XX   Tel 01539 496 0188")
    sheet.rule(60, 102, 535, color="#000000", width=1.4)
    sheet.text(60, 136, "DELIVERY NOTE", bold=True, size=20)
    sheet.lines(350, 126, [["Number: ", ("DN-50933", "/delivery_note_number")], ["Date: ", ("12 May 2026", "/delivery_date")],
                           ["Your order: ", ("PO-118820", "/order_number")], ["Carrier: ", ("Penrose Haulage", "/carrier")]], 16)
    sheet.text(60, 172, "Deliver to", bold=True)
    end = sheet.lines(60, 188, ["Kestrel Water Utilities plc", "Weir House, 1 Riverside", "Derby DE1 2QT"], 15)
    sheet.mark("/ship_to", 60, 179, 220, end - 12)
    columns = [(64, "left"), (92, "left"), (152, "left"), (372, "right"), (440, "right"), (468, "left")]
    rows = [[(str(line["line"]), f"/lines/{i}/line"), (line["article"], f"/lines/{i}/article"), (line["description"], f"/lines/{i}/description"),
             (str(line["ordered"]), f"/lines/{i}/ordered"), "" if i == 1 else (str(line["delivered"]), f"/lines/{i}/delivered"),
             (line["batch"] or "", f"/lines/{i}/batch")] for i, line in enumerate(truth["lines"])]
    y = sheet.table(270, columns, ["#", "Article", "Description", "Ordered", "Delivered", "Batch"], rows, 24)
    for line in (257, 280, y - 12):
        sheet.rule(60, line, 535, color="#000000", width=0.9)
    row = 270 + 24 * 2.25
    sheet.text(440, row, "60", align="right")
    sheet.rule(424, row - 4, 444, color="#000000", width=1.4)
    sheet.text(420, row + 1, "12", "/lines/1/delivered", font="Hand", size=17, color="#000000", align="right")
    sheet.runs(60, y + 16, ["Pallets: ", ("3", "/packages"), "      Gross weight: ", ("412.5 kg", "/gross_weight_kg")])
    sheet.text(60, y + 34, "48 boxes of PB-0420 follow with the next delivery on 19 May 2026.")
    sheet.frame(60, y + 60, 535, y + 170, "#000000", 1)
    sheet.text(70, y + 78, "Remarks of the receiver", bold=True)
    sheet.text(80, y + 104, "1 carton EN-C5 wet, corner torn. Photo sent.", "/damaged", font="Hand", size=16, color="#000000")
    sheet.text(70, y + 152, "Received by")
    sheet.text(150, y + 150, "T. Abara", "/received_by", font="Hand", size=18, color="#000000")
    sheet.text(350, y + 152, "Date and time")
    sheet.text(430, y + 150, "12/5  10.40", font="Hand", size=16, color="#000000")
    sheet.text(60, 790, "Claims for visible damage within two working days. Goods remain ours until paid.", size=9)
    sheet.next_page()
    sheet.text(60, 76, "DN-50933, packing list", bold=True, size=15)
    packing = [("1", "AK-1180", "40", "148.0"), ("2", "PB-0420", "12", "156.0"), ("2", "EN-C5", "24", "40.5"), ("3", "TN-77B", "18", "22.0"),
               ("3", "LB-9950", "30", "27.0"), ("3", "TR-A3", "4", "19.0")]
    y = sheet.table(118, [(64, "left"), (160, "left"), (330, "right"), (450, "right")], ["Pallet", "Article", "Pieces", "Weight kg"],
                    [list(row) for row in packing], 22)
    sheet.rule(60, y - 10, 460, color="#000000")
    sheet.text(330, y + 10, "Gross weight", bold=True, align="right")
    sheet.text(450, y + 10, "412.5", bold=True, align="right")
    content = scan.fax(sheet, 0.5, 50933, 150)
    return Review(
        "delivery-note", "delivery-note", truth, [File("note", "DN-50933.tiff", "image/tiff", content, sheet)],
        opening("run_dn50933", {"kind": "confidence_below", "field": "lines.1.delivered", "threshold": 0.9, "observed": 0.55}, 2,
                "wf_goods_in", 6, "block_extract_note"),
        [Wrong("/lines/1/delivered", 72, 0.55, says="12, by hand; 60 is struck out"), Wrong("/damaged", False, 0.94, says="yes: \"1 carton EN-C5 wet\", by hand")],
        {"/received_by": 0.78}, "evidence", ("/lines/2", "/lines/3", "/lines/4", "/lines/5"),
    )


ONCE = [
    (1, "Standing order, rent Foundry Yard", "STO 0091", "-1240.00"), (1, "Direct debit, Vanloop Leasing, 4 vans", "DD 771102", "-1196.80"),
    (3, "Faster payment, Kestrel Water Utilities", "KWU-SVC-018", "4250.00"), (7, "VAT payment, quarter to March", "99900418", "-6077.16"),
    (8, "Direct debit, Tarn Telecom", "DD 771388", "-184.30"), (9, "Supplier, Nordwerk Elektrotechnik", "RE-2026-1102", "-2210.35"),
    (14, "Direct debit, Ridings Energy", "DD 771204", "-318.44"), (15, "Direct debit, Moorgate Fleet Insurance", "DD 771590", "-702.15"),
    (16, "Faster payment, Calder Vale Clinics LLP", "HX-2209", "1860.00"), (20, "Direct debit, Penrose Haulage", "DD 771641", "-642.00"),
    (22, "PAYE and national insurance, March", "418/TE00447", "-4118.27"), (27, "Refund, Marlow Fasteners", "CN 3318", "64.20"),
    (28, "Payroll, 6 employees", "BACS 04", "-11482.90"), (29, "Transfer to reserve account", "RES 2", "-2000.00"),
    (30, "Bank charges, April", "FEE", "-12.50"), (30, "Interest", "INT", "3.91"),
]
OFTEN = [
    # Text, reference, least amount, spread; in turn, over the month.
    ("Card purchase, Aire Fuels", "CARD 4417", -58, -41), ("Faster payment, Dale Parish Council", "INV 22{:02}", 240, 380),
    ("Card purchase, Tollbar Services", "CARD 2093", -49, -52), ("Supplier, Hollis Pipe & Meter", "HPM-7{:02}", -310, -590),
    ("Faster payment, Ferncliffe Housing Association", "INV 22{:02}", 890, 1400), ("Card purchase, Canal Road Parking", "CARD 4417", -4, -9),
    ("Faster payment, Holme Mills Estates", "INV 22{:02}", 610, 950), ("Card purchase, Marlow Fasteners", "CARD 2093", -17, -88),
    ("Faster payment, Wharfe Brewery Ltd", "INV 22{:02}", 380, 720), ("Card purchase, Copper Kettle Cafe", "CARD 2093", -6, -13),
    ("Cheque paid in, Otter Bank Farm", "CHQ 1004{:02}", 120, 260),
]


def statement_truth() -> dict:
    balance = D("18204.37")
    moves = [(when, text, reference, D(value)) for when, text, reference, value in ONCE]
    for index in range(50):
        text, reference, least, spread = OFTEN[(index * 4) % len(OFTEN)]
        value = D(least) + D(spread) * D((index * 37) % 100) / 100
        when = 1 + (index * 29) // 50
        moves.append((when, text, reference.format(40 + index), value.quantize(D("0.01")) + D((index * 13) % 7) / 100))
    transactions = []
    for when, text, reference, value in sorted(moves, key=lambda it: it[0]):
        balance += value
        transactions.append({"date": f"2026-04-{when:02}", "description": text, "reference": reference, "amount": value, "balance": balance})
    moved = [it["amount"] for it in transactions]
    return {
        "bank": "Airedale Mutual Bank", "account_holder": "Tessel Field Services Ltd", "iban": iban("GB", "AIRD99004100418447"),
        "statement_number": "2026/004", "period_start": "2026-04-01", "period_end": "2026-04-30", "currency": "GBP",
        "opening_balance": D("18204.37"), "closing_balance": balance, "total_in": sum(v for v in moved if v > 0),
        "total_out": sum(v for v in moved if v < 0), "transactions": transactions,
    }


def statement() -> Review:
    truth = statement_truth()
    sheet = Sheet("Statement 2026/004", font="Times-Roman", points=9.5)
    columns = [(50, "left"), (106, "left"), (300, "left"), (462, "right"), (545, "right")]
    head = ["Date", "Details", "Reference", "Amount", "Balance"]
    rows = []
    for index, it in enumerate(truth["transactions"]):
        at = f"/transactions/{index}"
        rows.append([(day(it["date"], "%-d %B").replace("April", "Apr"), f"{at}/date"), (it["description"], f"{at}/description"),
                     (it["reference"], f"{at}/reference"), (amount(it["amount"]), f"{at}/amount"), (amount(it["balance"]), f"{at}/balance")])
    sheet.fill(0, 0, 595, 54, "#4a148c")
    sheet.text(50, 35, "Airedale Mutual Bank", "/bank", bold=True, size=19, color="#ffffff")
    sheet.text(545, 35, "Statement of account", size=12, color="#e1bee7", align="right")
    sheet.lines(50, 86, [("Tessel Field Services Ltd", "/account_holder"), "8 Foundry Yard", "Sheffield S3 8GG"], 14, size=11)
    sheet.lines(330, 86, [["Statement no. ", ("2026/004", "/statement_number")],
                          ["Period ", ("1 April 2026", "/period_start"), " to ", ("30 April 2026", "/period_end")],
                          ["IBAN ", (truth["iban"], "/iban")], ["Currency ", ("GBP", "/currency")]], 14)
    sheet.fill(50, 150, 545, 194, "#f3e5f5")
    for x, label, at in ((64, "Opening balance", "opening_balance"), (186, "Money in", "total_in"), (308, "Money out", "total_out"),
                         (430, "Closing balance", "closing_balance")):
        sheet.text(x, 167, label, size=9, color="#6a1b9a")
        sheet.text(x, 184, amount(truth[at]), f"/{at}", bold=True, size=12)
    y = 222
    for first, last in ((0, 21), (21, 47), (47, 66)):
        y = sheet.table(y, columns, head, rows[first:last], 25, head_color="#4a148c")
        sheet.rule(50, y - 14, 545, color="#4a148c")
        if last < 66:
            sheet.text(545, y, "Continued overleaf", align="right", color="#777777")
        else:
            sheet.text(300, y + 4, "Closing balance on 30 April 2026", bold=True)
            sheet.text(545, y + 4, amount(truth["closing_balance"]), bold=True, align="right")
            sheet.wrap(50, y + 60, 495, "Please check this statement. Tell us within 60 days if something on it is not yours. Eligible deposits are protected "
                       "up to the limit of the deposit guarantee scheme. Airedale Mutual Bank is an invented bank.", size=8.5, color="#777777")
        sheet.text(50, 822, "Airedale Mutual Bank, 99 Exchange Row, Leeds", size=8, color="#777777")
        sheet.text(545, 822, f"Page {sheet.page} of 3", size=8, color="#777777", align="right")
        if last < 66:
            sheet.next_page()
            sheet.text(50, 46, "Airedale Mutual Bank", bold=True, size=12, color="#4a148c")
            sheet.text(545, 46, "Tessel Field Services Ltd, statement 2026/004", align="right", color="#777777")
            y = 78
    rent = next(i for i, it in enumerate(truth["transactions"]) if "rent" in it["description"])
    return Review(
        "bank-statement", "bank-statement", truth, [File("statement", "statement_2026-004.pdf", "application/pdf", sheet.pdf(), sheet)],
        opening("run_bk2604", {"kind": "validation_failed", "message": "transactions do not add up to closing_balance"}, 3,
                "wf_reconciliation", 3, "block_extract_statement"),
        [Wrong(f"/transactions/{rent}/amount", -truth["transactions"][rent]["amount"], 0.74), Wrong("/transactions/29", kind="missing"),
         Wrong("/iban", truth["iban"].replace("4184 47", "4814 47"), 0.88)],
        places="sources", unplaced=tuple(f"/transactions/{n}/" for n in range(21, 66)),
    )
