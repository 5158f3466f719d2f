"""Invoices from Germany, France, the Netherlands and Spain."""

from __future__ import annotations

from .bills import cells, invoice, opening, party, sums
from .review import File, Review, Wrong
from .sheet import Sheet
from .write import amount, day, french, german, iban, quantity

CALDER = party("Calder Vale Instruments BV", "NL999000512B01", "Keizersveer 114", "Utrecht", "3542 AD", "NL")
LUMEN = party("Lumen Optik GmbH", "DE999000775", "Steinweg 8", "Jena", "07743", "DE")


def comma(value) -> str:
    return quantity(value, ",")


def pdf(id: str, sheet: Sheet, filename: str) -> File:
    return File(id, filename, "application/pdf", sheet.pdf(), sheet)


def nordwerk() -> Review:
    seller = party("Nordwerk Elektrotechnik GmbH", "DE999000412", "Hafenstraße 21", "Bremen", "28217", "DE")
    account = iban("DE", "999999990004184471")
    truth = invoice(
        {"invoice_number": "RE-2026-1187", "issue_date": "2026-05-11", "due_date": "2026-06-10", "purchase_order": "B-40217",
         "currency": "EUR"},
        seller, LUMEN,
        [("NW-3310", "Schaltschrank 800 × 600 × 250, verdrahtet", "1", "1249.90"),
         ("NW-0442", "Frequenzumrichter 2,2 kW", "3", "318.50"),
         ("NW-9001", "Montage vor Ort (Stunden)", "2.5", "86.00"),
         ("NW-1174", "Steuerleitung 7 × 1,5 mm², je Meter", "85", "2.35"),
         ("NW-9100", "Anfahrt, Zone 2", "1", "48.00")],
        ("USt.", "0.19"),
        {"terms": "zahlbar innerhalb von 30 Tagen ohne Abzug", "iban": account, "bic": "NOWKDE99XXX", "sort_code": None,
         "account_number": None, "reference": "RE-2026-1187"},
    )
    sheet = Sheet("Rechnung RE-2026-1187", font="Roboto", points=9.5)
    sheet.fill(0, 0, 595, 10, "#00695c")
    sheet.text(545, 52, "NORDWERK", bold=True, size=22, color="#00695c", align="right")
    sheet.text(545, 67, "Elektrotechnik seit 1974", size=8.5, color="#666666", align="right")
    sheet.text(57, 128, "Nordwerk Elektrotechnik GmbH · Hafenstraße 21 · 28217 Bremen", size=7, color="#666666")
    sheet.rule(57, 131, 262, color="#bbbbbb")
    sheet.lines(57, 148, [
        (LUMEN["name"], "/buyer/name"), "Einkauf", (LUMEN["address"]["street"], "/buyer/address/street"),
        [(LUMEN["address"]["postcode"], "/buyer/address/postcode"), " ", (LUMEN["address"]["city"], "/buyer/address/city")],
    ], 14)
    for y, label, shown, at in (
        (148, "Rechnungsnummer", truth["invoice_number"], "/invoice_number"),
        (162, "Rechnungsdatum", day("2026-05-11", "%d.%m.%Y"), "/issue_date"),
        (176, "Ihre Bestellung", truth["purchase_order"], "/purchase_order"),
        (190, "Kundennummer", "20 418", None), (204, "Leistungsdatum", "07.05.2026", None),
    ):
        sheet.text(370, y, label, color="#666666")
        sheet.text(545, y, shown, at, align="right")
    sheet.text(57, 262, "Rechnung", bold=True, size=16)
    sheet.text(57, 284, "Sehr geehrte Damen und Herren, für unsere Lieferungen und Leistungen berechnen wir Ihnen:")
    columns = [(57, "left"), (84, "left"), (150, "left"), (398, "right"), (470, "right"), (545, "right")]
    y = sheet.table(316, columns, ["Pos.", "Artikel", "Bezeichnung", "Menge", "Einzelpreis", "Betrag €"],
                    cells(truth, "#sdqua", german, comma), 19, band=(50, 552, "#e0f2f1"))
    y = sums(sheet, 370, 545, y + 14, [
        ("Nettobetrag", german(truth["subtotal"]), "/subtotal"), ("zzgl. 19 % USt.", german(truth["tax"]["amount"]), "/tax/amount"),
        ("Gesamtbetrag EUR", german(truth["total_amount"]), "/total_amount"),
    ])
    sheet.runs(57, y + 22, ["Der Betrag ist ", ("zahlbar innerhalb von 30 Tagen ohne Abzug", "/payment/terms"), ", spätestens am ",
                            (day("2026-06-10", "%d.%m.%Y"), "/due_date"), "."])
    sheet.text(57, y + 38, "Bitte geben Sie bei der Überweisung die Rechnungsnummer an.")
    sheet.text(57, y + 68, "Mit freundlichen Grüßen")
    sheet.text(57, y + 84, "Nordwerk Elektrotechnik GmbH")
    sheet.rule(57, 752, 545, color="#00695c")
    small = {"size": 7.5, "color": "#555555"}
    sheet.lines(57, 765, [("Nordwerk Elektrotechnik GmbH", "/seller/name"), ("Hafenstraße 21", "/seller/address/street"),
                          [("28217", "/seller/address/postcode"), " ", ("Bremen", "/seller/address/city")]], 11, **small)
    sheet.lines(215, 765, ["Amtsgericht Bremen, HRB 000418", "Geschäftsführerin: Dr. Wiebke Harms",
                           ["USt-IdNr. ", ("DE999000412", "/seller/vat_number")]], 11, **small)
    sheet.lines(385, 765, ["Bankhaus Hollerwind", ["IBAN ", (account, "/payment/iban")], ["BIC ", ("NOWKDE99XXX", "/payment/bic")]], 11, **small)
    return Review(
        "invoice-nordwerk", "invoice", truth, [pdf("invoice", sheet, "RE-2026-1187.pdf")],
        opening("run_nw1187", {"kind": "field_missing", "field": "seller.vat_number"}, 2),
        [Wrong("/seller/vat_number", None, 0.44), Wrong("/line_items/2/quantity", 25, 0.71)],
        places="evidence", unplaced=("/line_items",),
    )


def atelier() -> Review:
    seller = party("Atelier Brunelle SARL", "FR23999000417", "14, rue des Teinturiers", "Avignon", "84000", "FR")
    buyer = party("Maison Verdelet SAS", "FR29999000516", "3, place du Vieux-Marché", "Rouen", "76000", "FR")
    account = iban("FR", "99999000010004184471000")
    truth = invoice(
        {"invoice_number": "FA-2026-0532", "issue_date": "2026-05-11", "due_date": "2026-06-05", "purchase_order": None,
         "currency": "EUR"},
        seller, buyer,
        [(None, "Création de la charte graphique", "1", "2400.00"),
         (None, "Mise en page du catalogue, 48 pages", "48", "35.00"),
         (None, "Retouche de photographies", "26", "18.50"),
         (None, "Suivi d’impression (demi-journées)", "3", "290.00")],
        ("TVA", "0.20"),
        {"terms": "Paiement par virement à 25 jours", "iban": account, "bic": "CRLOFR99XXX", "sort_code": None,
         "account_number": None, "reference": None},
    )
    sheet = Sheet("Facture FA-2026-0532", font="Times-Roman", points=11)
    sheet.text(60, 74, "Atelier Brunelle", font="Times-Italic", size=26, color="#7b1f3a")
    sheet.text(60, 92, "graphisme · édition · signalétique", size=10, color="#888888")
    sheet.lines(60, 122, [("Atelier Brunelle SARL", "/seller/name"), ("14, rue des Teinturiers", "/seller/address/street"),
                          [("84000", "/seller/address/postcode"), " ", ("Avignon", "/seller/address/city")],
                          "SIRET 999 000 417 00017", ["TVA intracom. ", ("FR 23 999000417", "/seller/vat_number")]], 14)
    sheet.lines(340, 170, [("Maison Verdelet SAS", "/buyer/name"), ("3, place du Vieux-Marché", "/buyer/address/street"),
                           [("76000", "/buyer/address/postcode"), " ", ("Rouen", "/buyer/address/city")],
                           ["N° TVA ", ("FR 29 999000516", "/buyer/vat_number")]], 14)
    sheet.runs(60, 268, ["Facture n° ", ("FA-2026-0532", "/invoice_number")], bold=True, size=15)
    sheet.runs(60, 288, ["Avignon, le ", (day("2026-05-11", "fr:%-d %B %Y"), "/issue_date")])
    columns = [(60, "left"), (352, "right"), (440, "right"), (535, "right")]
    sheet.rule(60, 306, 535, color="#7b1f3a", width=1.2)
    y = sheet.table(321, columns, ["Désignation", "Quantité", "Prix unitaire HT", "Montant HT"],
                    cells(truth, "dqua", lambda v: f"{french(v)} €", comma), 22)
    sheet.rule(60, y - 12, 535, color="#7b1f3a", width=1.2)
    y = sums(sheet, 352, 535, y + 12, [
        ("Total HT", f"{french(truth['subtotal'])} €", "/subtotal"), ("TVA 20 %", f"{french(truth['tax']['amount'])} €", "/tax/amount"),
        ("Net à payer", f"{french(truth['total_amount'])} €", "/total_amount"),
    ], 19)
    y = sheet.lines(60, y + 30, [[("Paiement par virement à 25 jours", "/payment/terms"), ", échéance le ",
                                  (day("2026-06-05", "%d/%m/%Y"), "/due_date"), "."],
                                 ["IBAN ", (account, "/payment/iban"), "   BIC ", ("CRLOFR99XXX", "/payment/bic")]], 16)
    sheet.wrap(60, y + 20, 475, "En cas de retard de paiement, une pénalité de trois fois le taux d’intérêt légal sera exigible, ainsi "
               "qu’une indemnité forfaitaire de 40\u00a0€ pour frais de recouvrement. Pas d’escompte pour paiement anticipé.",
               size=9, color="#666666")
    sheet.text(297, 800, "SARL au capital de 8 000 € · RCS Avignon 999 000 417 · APE 7410Z", size=8.5, color="#888888", align="center")
    review = Review(
        "invoice-brunelle", "invoice", truth, [pdf("facture", sheet, "FA-2026-0532.pdf")],
        opening("run_fa0532", {"kind": "confidence_below", "field": "due_date", "threshold": 0.9, "observed": 0.79}),
        unsure={"/due_date": 0.79, "/seller/address/street": 0.88}, places="sources", unplaced=("/buyer",),
    )
    truth["seller"]["vat_number"], truth["buyer"]["vat_number"] = "FR 23 999000417", "FR 29 999000516"
    return review


def polder() -> Review:
    seller = party("Polderlicht Techniek BV", "NL999000421B01", "Zaagmolenkade 52", "Zaandam", "1506 GC", "NL")
    account = iban("NL", "POLD0004184471")
    truth = invoice(
        {"invoice_number": "20260311", "issue_date": "2026-05-11", "due_date": "2026-05-25", "purchase_order": "CVI-8841",
         "currency": "EUR"},
        seller, CALDER,
        [("PL-220", "Noodverlichting armatuur LED, IP65", "14", "64.75"),
         ("PL-318", "Accupakket 3,6 V", "14", "12.40"),
         ("PL-UUR", "Installatie en keuring (uren)", "6.5", "72.00")],
        ("BTW", "0.21"),
        {"terms": "14 dagen netto", "iban": account, "bic": None, "sort_code": None, "account_number": None, "reference": "20260311"},
    )
    euro = lambda v: f"€ {german(v)}"  # noqa: E731
    sheet = Sheet("Factuur 20260311", font="Caladea", points=10.5)
    sheet.fill(0, 0, 165, 842, "#fff4d6")
    sheet.fill(0, 0, 165, 6, "#e69500")
    sheet.text(24, 60, "Polderlicht", bold=True, size=20, color="#a35c00")
    sheet.text(24, 78, "Techniek", size=14, color="#a35c00")
    sheet.lines(24, 130, [("Polderlicht Techniek BV", "/seller/name"), ("Zaagmolenkade 52", "/seller/address/street"),
                          [("1506 GC", "/seller/address/postcode"), " ", ("Zaandam", "/seller/address/city")]], 14, size=9.5)
    sheet.lines(24, 196, ["KvK 99000418", "BTW-nummer", ("NL999000421B01", "/seller/vat_number")], 14, size=9.5)
    sheet.lines(24, 262, ["IBAN", (account, "/payment/iban")], 14, size=9.5)
    sheet.lines(24, 316, ["075 555 0148", "facturen@polderlicht.example"], 14, size=9.5)
    sheet.text(195, 64, "FACTUUR", bold=True, size=24)
    for y, label, shown, at in (
        (98, "Factuurnummer", "20260311", "/invoice_number"), (114, "Factuurdatum", day("2026-05-11", "%d-%m-%Y"), "/issue_date"),
        (130, "Vervaldatum", day("2026-05-25", "%d-%m-%Y"), "/due_date"), (146, "Uw referentie", "CVI-8841", "/purchase_order"),
    ):
        sheet.text(195, y, label, color="#777777")
        sheet.text(300, y, shown, at)
    sheet.lines(195, 190, [("Calder Vale Instruments BV", "/buyer/name"), ("Keizersveer 114", "/buyer/address/street"),
                           [("3542 AD", "/buyer/address/postcode"), " ", ("Utrecht", "/buyer/address/city")],
                           ["BTW ", ("NL999000512B01", "/buyer/vat_number")]], 15)
    columns = [(195, "left"), (240, "left"), (428, "right"), (492, "right"), (565, "right")]
    y = sheet.table(290, columns, ["Artikel", "Omschrijving", "Aantal", "Prijs", "Bedrag"], cells(truth, "sdqua", euro, comma), 21, size=10)
    sheet.rule(195, y - 8, 565, color="#e69500")
    y = sums(sheet, 400, 565, y + 14, [
        ("Subtotaal", euro(truth["subtotal"]), "/subtotal"), ("BTW 21%", euro(truth["tax"]["amount"]), "/tax/amount"),
        ("Te betalen", euro(truth["total_amount"]), "/total_amount"),
    ], 19)
    sheet.runs(195, y + 30, ["Betaling: ", ("14 dagen netto", "/payment/terms"), ", onder vermelding van ",
                             ("20260311", "/payment/reference"), "."])
    sheet.text(195, y + 46, "Op al onze leveringen zijn onze algemene voorwaarden van toepassing.", size=8.5, color="#777777")
    return Review(
        "invoice-polderlicht", "invoice", truth, [pdf("factuur", sheet, "factuur-20260311.pdf")],
        opening("run_nl0311", {"kind": "sample", "percent": 5}), unsure={"/payment/reference": 0.87},
    )


def olmedo() -> Review:
    seller = party("Olmedo y Ferrán Traducciones, S.L.", "ESB99900417", "Calle de los Olivos, 27, 2.º B", "Valladolid", "47001", "ES")
    buyer = party("Cerámicas Talarrubia, S.A.", "ESA99900425", "Polígono El Alfar, parcela 9", "Toledo", "45007", "ES")
    account = iban("ES", "99990418470004184471")
    truth = invoice(
        {"invoice_number": "2026/214", "issue_date": "2026-05-11", "due_date": "2026-06-15", "purchase_order": None, "currency": "EUR"},
        seller, buyer,
        [("TR-DE", "Traducción al alemán, manual de hornos (palabras)", "8420", "0.11"),
         ("TR-FR", "Traducción al francés, manual de hornos (palabras)", "8420", "0.10"),
         ("RV-2", "Revisión por segundo traductor (horas)", "12.5", "42.00"),
         ("MQ", "Maquetación de catálogo (páginas)", "64", "7.50")],
        ("IVA", "0.21"),
        {"terms": "Transferencia a 35 días", "iban": account, "bic": None, "sort_code": None, "account_number": None, "reference": None},
        ("IRPF", "0.15"),
    )
    sheet = Sheet("Factura 2026/214", font="SourceSans", points=10.5)
    sheet.fill(40, 36, 555, 96, "#263238")
    sheet.text(56, 62, "Olmedo y Ferrán", bold=True, size=19, color="#ffffff")
    sheet.text(56, 82, "traducciones técnicas", size=11, color="#b0bec5")
    sheet.text(540, 74, "FACTURA", bold=True, size=20, color="#ffffff", align="right")
    sheet.text(56, 126, "Emisor", bold=True, color="#607d8b")
    sheet.lines(56, 142, [("Olmedo y Ferrán Traducciones, S.L.", "/seller/name"), ("Calle de los Olivos, 27, 2.º B", "/seller/address/street"),
                          [("47001", "/seller/address/postcode"), " ", ("Valladolid", "/seller/address/city")],
                          ["NIF-IVA ", ("ESB99900417", "/seller/vat_number")]], 15)
    sheet.text(310, 126, "Cliente", bold=True, color="#607d8b")
    sheet.lines(310, 142, [("Cerámicas Talarrubia, S.A.", "/buyer/name"), ("Polígono El Alfar, parcela 9", "/buyer/address/street"),
                           [("45007", "/buyer/address/postcode"), " ", ("Toledo", "/buyer/address/city")],
                           ["NIF-IVA ", ("ESA99900425", "/buyer/vat_number")]], 15)
    sheet.rule(56, 216, 540, color="#b0bec5")
    for x, label, shown, at in (
        (56, "Número", "2026/214", "/invoice_number"), (190, "Fecha", day("2026-05-11", "es:%-d de %B de %Y"), "/issue_date"),
        (380, "Vencimiento", day("2026-06-15", "es:%-d de %B de %Y"), "/due_date"),
    ):
        sheet.text(x, 234, label, color="#607d8b", size=9)
        sheet.text(x, 249, shown, at, bold=True)
    sheet.rule(56, 260, 540, color="#b0bec5")
    columns = [(56, "left"), (105, "left"), (392, "right"), (458, "right"), (540, "right")]
    y = sheet.table(288, columns, ["Ref.", "Concepto", "Cantidad", "Precio", "Importe"],
                    cells(truth, "sdqua", german, lambda v: german(v, 1 if v == 12.5 else 0)), 20)
    y = sums(sheet, 380, 540, y + 16, [
        ("Base imponible", f"{german(truth['subtotal'])} €", "/subtotal"), ("IVA 21 %", f"{german(truth['tax']['amount'])} €", "/tax/amount"),
        ("Retención IRPF 15 %", f"–{german(truth['withholding']['amount'])} €", "/withholding/amount"),
        ("Total a pagar", f"{german(truth['total_amount'])} €", "/total_amount"),
    ], 18)
    sheet.lines(56, y + 24, [("Transferencia a 35 días", "/payment/terms"), ["IBAN ", (account, "/payment/iban")]], 16)
    sheet.text(56, 800, "Inscrita en el Registro Mercantil de Valladolid, tomo 999, folio 41, hoja VA-00418.", size=8, color="#607d8b")
    return Review(
        "invoice-olmedo", "invoice", truth, [pdf("factura", sheet, "factura-2026-214.pdf")],
        opening("run_es0214", {"kind": "validation_failed", "message": "line_items do not add up to subtotal"}, 3),
        [Wrong("/line_items/2", kind="twice", likelihood=0.81), Wrong("/due_date", "2026-05-15", 0.76), Wrong("/currency", "€", 0.57)],
    )
