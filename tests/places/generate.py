"""Documents from the generators of other makers, filled with data of ours: generate.py FOLDER."""
import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

FOLDER = Path(sys.argv[1])
FOLDER.mkdir(parents=True, exist_ok=True)


def invoice_generator():
    os.environ["INVOICE_LANG"] = "en"
    from InvoiceGenerator.api import Address, Client, Creator, Invoice, Item, Provider
    from InvoiceGenerator.pdf import SimpleInvoice

    client = Client("Calder Vale Clinics LLP", address="41 Station Parade", city="Hebden Bridge", zip_code="HX7 6JE", vat_id="GB 881 2044 17")
    provider = Provider("Severn Timber Frames", address="8 Quay Street", city="Gloucester", zip_code="GL1 2JG",
                        vat_id="GB 417 2093 58", bank_account="2600420569", bank_code="2010", phone="01452 555 018")
    invoice = Invoice(client, provider, Creator("Nia Bowen"))
    invoice.number = "STF-20417"
    invoice.variable_symbol = "20417"
    invoice.date = date(2026, 5, 11)
    invoice.payback = date(2026, 6, 10)
    invoice.taxable_date = date(2026, 5, 8)
    invoice.use_tax = True
    invoice.currency = "GBP"
    invoice.currency_locale = "en_GB.UTF-8"
    for count, price, text, tax in [(32, 600, "Oak post 150 mm", 21), (60, 50, "Brace, chamfered", 21), (50, 60, "Peg, seasoned", 15), (5, 600, "Crane, half day", 21)]:
        invoice.add_item(Item(count, price, description=text, tax=tax))
    SimpleInvoice(invoice).gen(str(FOLDER / "invoice-generator.pdf"))


def py_invoice():
    from pyinvoice.models import ClientInfo, InvoiceInfo, Item, ServiceProviderInfo, Transaction
    from pyinvoice.templates import SimpleInvoice

    doc = SimpleInvoice(str(FOLDER / "pyinvoice.pdf"))
    doc.invoice_info = InvoiceInfo(10237, date(2026, 5, 11), date(2026, 6, 10))
    doc.service_provider_info = ServiceProviderInfo(name="Blue Mesa Analytics", street="1200 Juniper Ave", city="Boulder", state="CO",
                                                    country="USA", post_code="80304", vat_tax_number="84-1234567")
    doc.client_info = ClientInfo(name="Harborview Dental", street="77 Pier Road", city="Portland", state="ME", country="USA",
                                 post_code="04101", email="accounts@harborview.example", client_id="C-4471")
    doc.add_item(Item("Survey", "Patient survey, spring", 3, "1249.90"))
    doc.add_item(Item("Licence", "Dashboard, one year", 12, "48.00"))
    doc.add_item(Item("Training", "On site, half a day", 1, "1875.00"))
    doc.set_item_tax_rate(20)
    doc.add_transaction(Transaction("Paypal", "8XJ20913", date(2026, 5, 12), 1500))
    doc.finish()


def erechnung():
    from erechnung import Customer, CustomerType, Invoice, LineItem, Seller

    invoice = Invoice(
        seller=Seller("Holzwerk Lindner GmbH & Co. KG", "Am Sägewerk", "14", "79098", "Freiburg", tax_number="12/345/67890", vat_id="DE123456788",
                      iban="DE89370400440532013000", bic="COBADEFFXXX", phone="0761 555 0187", email="info@lindner.example"),
        customer=Customer(company="Gasthaus zur Krone", street="Marktplatz", house_number="3", postal_code="70173", city="Stuttgart",
                          customer_type=CustomerType.B2B),
        line_items=[LineItem("Eichentisch, geölt", Decimal("2"), Decimal("1249.90")), LineItem("Stuhl, gepolstert", Decimal("12"), Decimal("189.50")),
                    LineItem("Lieferung und Aufbau", Decimal("1"), Decimal("260.00")), LineItem("Abholung der alten Möbel", Decimal("2.5"), Decimal("48.00"))],
        invoice_number="RE-2026-0418", issue_date=date(2026, 5, 11), service_date=date(2026, 5, 8),
    )
    (FOLDER / "erechnung.pdf").write_bytes(invoice.pdf_bytes())


def arca():
    from factura_pdf import generate_invoice_pdf, sample_invoice

    for kind in ("productos", "larga"):
        detail, data, result, cuit = sample_invoice(kind)
        (FOLDER / f"arca-{kind}.pdf").write_bytes(generate_invoice_pdf(detail, data, result, cuit))
        import json
        (FOLDER / f"arca-{kind}.json").write_text(json.dumps({"detail": detail, "data": data, "result": result, "cuit": cuit}, default=str))


for make in (invoice_generator, py_invoice, erechnung, arca):
    try:
        make()
    except Exception as error:  # a generator that does not work here is left out, and said so
        print(f"{make.__name__}: {error!r}", file=sys.stderr)
