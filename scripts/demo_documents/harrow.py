"""The invoice of Harrow & Pike: a British supplier of furniture for practices, two pages."""

from __future__ import annotations

from decimal import Decimal

from .review import File, Review, Wrong, existing
from .sheet import Sheet
from .write import amount, day, quantity

TERMS = [
    ("Delivery", "Delivered and assembled on 6 May 2026 by our own crew between 08:10 and 12:45. All cartons were taken back."),
    ("Title", "Goods remain the property of Harrow & Pike Workplace Ltd until this invoice has been paid in full."),
    ("Warranty", "Five years on frames and mechanisms, two years on upholstery and castors. The electric drive of the treatment "
     "couches is covered for three years; please keep the test record that is fixed below the seat."),
    ("Returns", "Unused items can be returned within 28 days of delivery in their own packaging. Items made to order, among them "
     "the reception desk RD-L-OAK, are excluded."),
    ("Late payment", "We may charge statutory interest of 8 % above the Bank of England base rate, and the fixed sums set out in "
     "the Late Payment of Commercial Debts Regulations."),
    ("Questions", "Accounts: Moira Tennant, 0113 496 0172, accounts@harrowpike.example. Please quote the invoice number."),
]


def review() -> Review:
    wrong = [
        Wrong("/seller/address/postcode", document="LS11 502", likelihood=0.58),
        Wrong("/line_items/1/unit_price", document=Decimal("1875.00"), likelihood=0.97),
    ]
    _, truth = existing("invoice-extract", wrong)
    sheet = Sheet("Invoice HPW-2026-0418")
    first_page(sheet, truth)
    footer(sheet, 1)
    sheet.next_page()
    second_page(sheet)
    footer(sheet, 2)
    file = File("invoice", "HPW-2026-0418.pdf", "application/pdf", sheet.pdf(), sheet)
    # The due date's place is left for the search to find.
    return Review(
        "invoice-extract", "invoice", truth, [file], wrong=wrong, unsure={"/due_date": 0.83}, places="sources",
        unplaced=("/due_date", "/document", "/low_confidence", "/line_items/3", "/payment"),
    )


def first_page(sheet: Sheet, truth: dict) -> None:
    seller, buyer = truth["seller"], truth["buyer"]
    sheet.fill(48, 44, 82, 78, "#274a78", 6)
    sheet.text(65, 67, "H&P", bold=True, size=12, color="#ffffff", align="center")
    sheet.text(92, 60, seller["name"], "/seller/name", bold=True, size=13)
    sheet.text(92, 75, seller["address"]["street"], "/seller/address/street", color="#555555")
    sheet.runs(92, 90, [(seller["address"]["city"], "/seller/address/city"), " ",
                        (seller["address"]["postcode"], "/seller/address/postcode")], color="#555555")
    sheet.runs(92, 105, ["VAT ", (seller["vat_number"], "/seller/vat_number")], color="#555555")
    sheet.text(420, 62, "INVOICE", bold=True, size=20)
    for y, label, shown, at in (
        (82, "No. ", truth["invoice_number"], "/invoice_number"),
        (97, "Date ", day(truth["issue_date"], "%-d %B %Y"), "/issue_date"),
        (112, "Due ", day(truth["due_date"], "%-d %B %Y"), "/due_date"),
        (127, "Order ", truth["purchase_order"], "/purchase_order"),
    ):
        sheet.runs(420, y, [label, (shown, at)])
    sheet.text(48, 160, "Bill to", color="#777777")
    sheet.text(48, 175, buyer["name"], "/buyer/name", bold=True)
    address = buyer["address"]
    sheet.runs(48, 190, [(address["street"], "/buyer/address/street"), ", ", (address["city"], "/buyer/address/city"), " ",
                         (address["postcode"], "/buyer/address/postcode")])
    columns = [(54, "left"), (128, "left"), (368, "right"), (452, "right"), (541, "right")]
    rows = []
    for index, item in enumerate(truth["line_items"]):
        at = f"/line_items/{index}"
        rows.append([
            (item["sku"] or "", f"{at}/sku"), (item["description"], f"{at}/description"),
            (quantity(item["quantity"]), f"{at}/quantity"), (amount(item["unit_price"]), f"{at}/unit_price"),
            (amount(item["amount"]), f"{at}/amount"),
        ])
    y = sheet.table(234, columns, ["Code", "Item", "Qty", "Unit", "Amount"], rows, 22, band=(48, 547, "#eef1f4"))
    sheet.rule(330, y + 2, 547)
    for offset, label, shown, at in ((20, "Subtotal", truth["subtotal"], "/subtotal"), (38, "VAT 20 %", truth["tax"]["amount"], "/tax/amount")):
        sheet.text(400, y + offset, label)
        sheet.text(541, y + offset, amount(shown), at, align="right")
    sheet.text(400, y + 60, "Total GBP", bold=True, size=12)
    sheet.text(541, y + 60, amount(truth["total_amount"]), "/total_amount", bold=True, size=12, align="right")
    payment = truth["payment"]
    sheet.runs(48, y + 108, [
        "Payment within 30 days. Sort code ", (payment["sort_code"], "/payment/sort_code"), ", account ",
        (payment["account_number"], "/payment/account_number"), ", reference ", (payment["reference"], "/payment/reference"), ".",
    ], color="#555555")


def second_page(sheet: Sheet) -> None:
    sheet.text(48, 62, "Notes to invoice HPW-2026-0418", bold=True, size=13)
    y = 96
    for heading, text in TERMS:
        sheet.text(48, y, heading, bold=True)
        y = sheet.wrap(140, y, 400, text, leading=14) + 10


def footer(sheet: Sheet, page: int) -> None:
    sheet.rule(48, 790, 547, color="#cccccc")
    sheet.text(48, 804, "Harrow & Pike Workplace Ltd. Registered in England and Wales, no. 00000418.", size=8, color="#777777")
    sheet.text(547, 804, f"Page {page} of 2", size=8, color="#777777", align="right")
