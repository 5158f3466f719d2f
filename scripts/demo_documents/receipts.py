"""Receipts: two that were photographed, and one that came as a file."""

from __future__ import annotations

from decimal import Decimal

from . import scan
from .bills import cents, opening
from .review import File, Review, Wrong, existing
from .sheet import Sheet
from .write import amount, german

D = Decimal


def smokehouse() -> Review:
    wrong = [
        Wrong("/tip/amount", document=D("17.00"), likelihood=0.64),
        Wrong("/total_amount", document=D("79.46"), likelihood=0.71),
    ]
    _, truth = existing("receipt-extract", wrong)
    sheet = Sheet("Receipt", (260, 520), "Courier", 10)
    merchant, address = truth["merchant"], truth["merchant"]["address"]
    sheet.text(130, 40, merchant["name"], "/merchant/name", bold=True, size=12, align="center")
    sheet.text(130, 56, address["street"], "/merchant/address/street", align="center")
    sheet.runs(70, 70, [(address["city"], "/merchant/address/city"), ", ", (address["state"], "/merchant/address/state"), " ",
                        (address["zip"], "/merchant/address/zip")])
    sheet.text(130, 84, merchant["phone"], "/merchant/phone", align="center")
    sheet.lines(26, 108, [["Check ", (truth["receipt_number"], "/receipt_number")], [("05/09/2026  7:42 PM", "/purchased_at")],
                          ["Server: ", (truth["server"], "/server"), "   Table ", (truth["table"], "/table")], ["Guests: ", (str(truth["guests"]), "/guests")]], 14)
    sheet.rule(26, 160, 234, color="#444444", dash=(3, 2))
    y = 178
    for index, item in enumerate(truth["items"]):
        at = f"/items/{index}"
        sheet.runs(26, y, [(str(item["quantity"]), f"{at}/quantity"), " ", (item["description"], f"{at}/description")])
        sheet.text(234, y, amount(item["amount"]), f"{at}/amount", align="right")
        y += 15
    sheet.rule(26, y - 4, 234, color="#444444", dash=(3, 2))
    for label, shown, at in (("Subtotal", truth["subtotal"], "/subtotal"), ("Sales tax 8.25%", truth["tax"]["amount"], "/tax/amount"),
                             ("Amount due", truth["total_before_tip"], "/total_before_tip")):
        y += 15
        sheet.text(26, y, label)
        sheet.text(234, y, amount(shown), at, align="right")
    payment = truth["payment"]
    sheet.runs(26, y + 26, [(payment["network"].upper(), "/payment/network"), " ************", (payment["last_four"], "/payment/last_four")])
    sheet.runs(26, y + 40, ["Approval ", (payment["approval_code"], "/payment/approval_code")])
    for offset, label, shown, at in ((76, "Tip", "17.00", "/tip/amount"), (108, "Total", "79.46", "/total_amount")):
        sheet.text(26, y + offset, label, bold=True, size=12)
        sheet.rule(90, y + offset + 3, 234, color="#333333")
        sheet.text(222, y + offset, shown, at, font="Hand", size=20, color="#1b2f6b", align="right")
    sheet.rule(26, y + 158, 234, color="#333333")
    sheet.text(60, y + 152, "E. Lindgren", font="Hand", size=19, color="#1b2f6b")
    sheet.text(130, y + 174, "Customer copy. Y'all come back!", size=9, align="center")
    content = scan.photo(sheet, 2.2, 57, dpi=130, quality=42)
    return Review(
        "receipt-extract", "receipt", truth, [File("receipt", "receipt_0057.jpg", "image/jpeg", content, sheet)],
        wrong=wrong, places="sources", unplaced=("/low_confidence", "/expense"),
    )


def ferry() -> Review:
    """A receipt that came as a PDF, all of it read rightly."""
    truth = {
        "merchant": {"name": "Solent Lines Ferries", "phone": "023 8018 0148", "vat_number": "GB 999 0077 67",
                     "address": {"street": "Berth 4, Town Quay", "city": "Southampton", "state": None, "zip": "SO14 2ZZ"}},
        "receipt_number": "SL-7741-0926", "purchased_at": "2026-05-12T06:55", "currency": "GBP",
        "items": [{"description": "Car and driver, return", "quantity": 1, "unit_price": D("68.40"), "amount": D("68.40")},
                  {"description": "Adult passenger", "quantity": 2, "unit_price": D("12.60"), "amount": D("25.20")},
                  {"description": "Breakfast roll", "quantity": 3, "unit_price": D("4.80"), "amount": D("14.40")}],
        "subtotal": D("108.00"), "tax": {"name": "VAT", "rate": D("0.20"), "amount": D("2.40")}, "tip": None, "total_amount": D("108.00"),
        "payment": {"method": "card", "network": "Mastercard", "last_four": "2093", "approval_code": "418447"},
        "expense": {"employee_id": "emp_1184", "category": "travel", "project": "prj_isle"},
    }
    sheet = Sheet("Receipt SL-7741-0926", (240, 430), "Helvetica", 9)
    sheet.fill(0, 0, 240, 46, "#0d47a1")
    sheet.text(120, 29, "Solent Lines Ferries", "/merchant/name", bold=True, size=14, color="#ffffff", align="center")
    sheet.text(120, 64, "Berth 4, Town Quay", "/merchant/address/street", align="center")
    sheet.runs(72, 77, [("Southampton", "/merchant/address/city"), " ", ("SO14 2ZZ", "/merchant/address/zip")])
    sheet.runs(52, 90, [("023 8018 0148", "/merchant/phone"), "  VAT ", ("GB 999 0077 67", "/merchant/vat_number")], size=8)
    sheet.lines(22, 116, [["Receipt ", ("SL-7741-0926", "/receipt_number")], [("12 May 2026, 06:55", "/purchased_at")]], 13)
    sheet.rule(22, 138, 218)
    y = 154
    for index, item in enumerate(truth["items"]):
        at = f"/items/{index}"
        sheet.runs(22, y, [(str(item["quantity"]), f"{at}/quantity"), " × ", (item["description"], f"{at}/description"), " @ ",
                           (amount(item["unit_price"]), f"{at}/unit_price")])
        sheet.text(218, y, amount(item["amount"]), f"{at}/amount", align="right")
        y += 15
    sheet.rule(22, y - 4, 218)
    sheet.text(22, y + 14, "Total", bold=True, size=12)
    sheet.text(218, y + 14, "£108.00", "/total_amount", bold=True, size=12, align="right")
    sheet.text(22, y + 30, "Includes VAT 20% on food")
    sheet.text(218, y + 30, "2.40", "/tax/amount", align="right")
    sheet.lines(22, y + 56, [[("Mastercard", "/payment/network"), " ending ", ("2093", "/payment/last_four")],
                             ["Auth code ", ("418447", "/payment/approval_code")], "Contactless. Not a ticket."], 13)
    for index in range(46):
        if "1101001011001110101101001101010011011010010111"[index] == "1":
            sheet.fill(28 + index * 4, 330, 30.6 + index * 4, 370, "#111111")
    sheet.text(120, 384, "7741 0926 0418 4471", size=8, align="center")
    sheet.text(120, 408, "Keep this receipt with your booking.", size=8, color="#666666", align="center")
    return Review(
        "receipt-ferry", "receipt", truth, [File("receipt", "SL-7741-0926.pdf", "application/pdf", sheet.pdf(), sheet)],
        opening("run_rf0926", {"kind": "sample", "percent": 5}, 0, "wf_expenses", 12, "block_extract_receipt"), places="evidence",
        unplaced=("/items",),
    )


def gasthaus() -> Review:
    """A German restaurant's receipt, photographed."""
    items = [("Tagesgericht Rinderroulade", 2, "17.90"), ("Kässpätzle", 1, "13.50"), ("Gemischter Salat", 1, "6.80"),
             ("Apfelschorle 0,4", 3, "4.20"), ("Espresso", 2, "2.60")]
    lines = [{"description": text, "quantity": count, "unit_price": D(price), "amount": D(price) * count} for text, count, price in items]
    total = sum(line["amount"] for line in lines)
    tax = cents(total - total / D("1.19"))
    truth = {
        "merchant": {"name": "Gasthaus zum Anker", "phone": "07541 555 0148", "vat_number": "DE999000189",
                     "address": {"street": "Uferstraße 3", "city": "Friedrichshafen", "state": None, "zip": "88045"}},
        "receipt_number": "4471", "purchased_at": "2026-05-07T13:26", "server": "Frau Bäumler", "table": "8", "guests": 3, "currency": "EUR",
        "items": lines, "subtotal": total - tax, "tax": {"name": "MwSt.", "rate": D("0.19"), "amount": tax}, "total_before_tip": total,
        "tip": {"amount": D("5.00"), "handwritten": True}, "total_amount": total + 5,
        "payment": {"method": "cash", "network": None, "last_four": None, "approval_code": None},
        "expense": {"employee_id": "emp_0417", "category": "meals", "project": "prj_anker"},
    }
    sheet = Sheet("Bewirtungsbeleg", (270, 500), "Courier", 9.5)
    sheet.text(135, 38, "Gasthaus zum Anker", "/merchant/name", bold=True, size=15, align="center")
    sheet.text(135, 54, "Uferstraße 3", "/merchant/address/street", align="center")
    sheet.runs(72, 67, [("88045", "/merchant/address/zip"), " ", ("Friedrichshafen", "/merchant/address/city")])
    sheet.runs(84, 80, ["Tel. ", ("07541 555 0148", "/merchant/phone")], size=8.5)
    sheet.runs(80, 92, ["USt-IdNr. ", ("DE999000189", "/merchant/vat_number")], size=8.5)
    sheet.runs(24, 116, ["Rechnung Nr. ", ("4471", "/receipt_number"), "     Tisch ", ("8", "/table")])
    sheet.text(24, 129, "07.05.2026  13:26", "/purchased_at")
    sheet.runs(24, 142, ["Es bediente Sie ", ("Frau Bäumler", "/server")])
    sheet.rule(24, 150, 246, color="#444444", dash=(2, 2))
    y = 166
    for index, item in enumerate(lines):
        at = f"/items/{index}"
        sheet.runs(24, y, [(str(item["quantity"]), f"{at}/quantity"), "x ", (item["description"], f"{at}/description")])
        sheet.text(246, y, german(item["amount"]), f"{at}/amount", align="right")
        y += 14
    sheet.rule(24, y - 3, 246, color="#444444", dash=(2, 2))
    sheet.text(24, y + 14, "Summe EUR", bold=True, size=12)
    sheet.text(246, y + 14, german(total), "/total_before_tip", bold=True, size=12, align="right")
    sheet.text(24, y + 32, "enth. MwSt. 19 %")
    sheet.text(246, y + 32, german(tax), "/tax/amount", align="right")
    sheet.text(24, y + 46, "Netto")
    sheet.text(246, y + 46, german(total - tax), "/subtotal", align="right")
    sheet.text(24, y + 60, "Bar bezahlt")
    sheet.text(24, y + 94, "Trinkgeld")
    sheet.text(240, y + 92, "5,00", "/tip/amount", font="Hand", size=18, color="#1b3a8a", align="right")
    sheet.text(24, y + 120, "Gesamt")
    sheet.text(240, y + 118, german(total + 5), "/total_amount", font="Hand", size=18, color="#1b3a8a", align="right")
    sheet.text(24, y + 150, "Bewirtete Personen: 3", "/guests")
    sheet.text(24, y + 174, "Fr. Okoro, Hr. Vance, Ausbau Steg", font="Hand", size=13, color="#1b3a8a")
    content = scan.photo(sheet, -1.8, 4471, dpi=130, quality=40)
    return Review(
        "receipt-gasthaus", "receipt", truth, [File("beleg", "beleg_4471.jpg", "image/jpeg", content, sheet)],
        opening("run_rg4471", {"kind": "confidence_below", "field": "total_before_tip", "threshold": 0.9, "observed": 0.31}, 0,
                "wf_expenses", 12, "block_extract_receipt"),
        [Wrong("/total_before_tip", int(total * 100), 0.31), Wrong("/merchant/address/zip", "88O45", 0.74)],
        {"/tip/amount": 0.83}, "evidence", sureness=(91, 98),
    )
