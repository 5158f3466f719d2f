// Documents of others, their values, and the line that each value has to be found on.
//
// `on` is a pattern of that line's whole text, from the left to the right; `nth` counts the equal values on it, from the left.
// What a package says of its own samples is read from it; the other values were read off the pages.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const text = (path, label, value, on, more = {}) => ({ path, label, kind: "text", value, on, ...more });
const number = (path, label, value, on, more = {}) => ({ path, label, kind: "number", value, on, ...more });
const date = (path, label, value, on, more = {}) => ({ path, label, kind: "date", value, on, ...more });
const json = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
const escaped = (value) => new RegExp(String(value).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
const given = (fields) => fields.filter(({ value }) => value !== undefined && value !== null && value !== "");

/** Sixteen invoices of the package `belegradar`, German and English, with its own table of values. */
function belegradar(folder) {
  const names = [
    "01_de_simple", "02_de_7pct", "03_de_mixed_rates", "04_de_discount", "05_de_kleinunternehmer", "06_de_gutschrift", "07_de_no_iban", "08_at_20pct",
    "09_en_nl_vat", "10_en_uk", "11_en_usd_novat", "12_de_thousands", "13_de_freelancer", "14_en_fractions", "15_de_utility", "16_en_mixed",
  ];
  return names.map((name) => {
    const truth = json(folder, "samples", `${name}.json`);
    const rates = truth.vat_breakdown ?? [];
    return {
      maker: "belegradar", tuned: true, file: join(folder, "samples", `${name}.pdf`),
      fields: given([
        text("/vendor_name", "Vendor name", truth.vendor_name, escaped(truth.vendor_name)),
        text("/vendor_vat_id", "Vendor VAT ID", truth.vendor_vat_id, /ust|vat|uid/i),
        text("/invoice_number", "Invoice number", truth.invoice_number, /invoice n|nummer|nr|number/i),
        date("/invoice_date", "Invoice date", truth.invoice_date, /invoice date|datum/i),
        text("/iban", "IBAN", truth.iban, /IBAN/),
        number("/net_total", "Net total", truth.net_total, /netto|net|subtotal|summe|betrag|total/i),
        number("/gross_total", "Gross total", truth.gross_total, /betrag|total|brutto|gesamt|summe/i),
        text("/currency", "Currency", truth.currency, escaped(truth.currency === "EUR" ? "EUR" : truth.currency)),
        ...rates.flatMap(({ rate, base, amount }, at) => given([
          number(`/vat_breakdown/${at}/rate`, "Rate", rate, new RegExp(`${rate}\\s?%`)),
          number(`/vat_breakdown/${at}/base`, "Base", base, /ust|vat|mwst/i),
          number(`/vat_breakdown/${at}/amount`, "Amount", amount, /ust|vat|mwst/i),
        ])),
      ]),
    };
  });
}

/** The example of the npm package `microinvoice`. */
const microinvoice = (folder) => [{
  maker: "microinvoice", tuned: true, file: join(folder, "examples", "example.pdf"),
  fields: [
    date("/date", "Date", "2021-10-22", /22\/10\/21/),
    text("/status", "Status", "Paid", /^Paid$/),
    text("/customer/name", "Name", "John Doe", /John Doe/),
    text("/customer/email", "Email", "john.doe@gmail.com", /john\.doe/),
    text("/customer/street", "Street", "522 Main Street, New York", /522 Main/),
    text("/customer/tax_id", "Tax ID", "352352342333", /^352352342333$/),
    text("/seller/name", "Name", "Big Corp", /Big Corp/),
    text("/seller/street", "Street", "2 Flowers Streets, London", /Flowers/),
    text("/seller/phone", "Phone", "+44245345435345", /\+44/),
    text("/seller/tax_id", "Tax ID", "5345345345435345345", /5345345345435345345/),
    text("/items/0/description", "Description", "Nike Air Max", /Nike/),
    number("/items/0/quantity", "Quantity", 1, /Nike/),
    number("/items/0/subtotal", "Subtotal", 53, /Nike/),
    text("/items/1/description", "Description", "Discount", /Discount/),
    number("/items/1/quantity", "Quantity", 1, /Discount/),
    number("/items/1/subtotal", "Subtotal", -10, /Discount/),
    number("/total_without_vat", "Total without VAT", 43, /without VAT/),
    number("/vat_rate", "VAT rate", 20, /VAT Rate/),
    number("/vat_amount", "VAT amount", 8.6, /VAT Paid/),
    number("/total", "Total", 51.6, /Total paid/),
    text("/currency", "Currency", "EUR", /EUR/),
  ],
}];

/** Real invoices and receipts that `invoice2data` was tested with: a cloud (US), a hotel and a shop (India), France, Germany. */
function invoice2data(folder) {
  const file = (name) => join(folder, "tests", "compare", `${name}.pdf`);
  const lines = json(folder, "tests", "compare", "QualityHosting.json")[0].lines;
  const aws = [["AWS Data Transfer", 0.01], ["Amazon Elastic Compute Cloud", 1.87], ["Amazon Glacier", 2.22], ["Amazon Simple Storage Service", 0.01]];
  return [
    {
      maker: "Amazon Web Services (US)", file: file("AmazonWebServices"),
      fields: [
        text("/invoice_number", "Invoice number", "42183017", /Invoice Number/),
        date("/invoice_date", "Invoice date", "2014-08-03", /Invoice Date/),
        date("/due_date", "Due date", "2014-08-03", /TOTAL AMOUNT DUE/),
        number("/total_amount", "Total amount", 4.11, /TOTAL AMOUNT DUE|Total for this/),
        text("/account_number", "Account number", "296664039561", /296664039561/),
        text("/bill_to/name", "Name", "iViveLabs Limited", /iViveLabs/),
        text("/bill_to/address", "Address", "93B Sai Yu Chung, Yuen Long, N.T., 0000, HK", /93B Sai/),
        text("/issuer/name", "Name", "Amazon Web Services, Inc.", /Web Services, Inc/),
        text("/issuer/postcode", "Postcode", "98109-5210", /98109/),
        text("/issuer/street", "Street", "410 Terry Ave North", /410 Terry/),
        ...aws.flatMap(([name, amount], at) => [
          text(`/lines/${at}/description`, "Description", name, new RegExp(`^${name} \\$`)),
          number(`/lines/${at}/amount`, "Amount", amount, new RegExp(`^${name} \\$`)),
        ]),
      ],
    },
    {
      maker: "OYO (India)", file: file("oyo"),
      fields: [
        text("/booking_id", "Booking ID", "IBZY2087", /IBZY2087/),
        date("/date", "Date", "2017-12-31", /Date:/),
        date("/check_in", "Check in", "2017-12-31", /^31\/12\/2017 01|OYO.*31\/12/),
        date("/check_out", "Check out", "2018-01-01", /01\/01\/2018/),
        number("/rooms", "Rooms", 1, /01\/01\/2018 1/),
        number("/grand_total", "Grand total", 1939, /Grand Total/),
        number("/balance", "Balance", 0, /Balance/),
        text("/guest_name", "Guest name", "Sanjay", /Sanjay/),
        text("/hotel", "Hotel", "OYO 4189 Resort Nanganallur", /OYO 4189/),
        text("/payment_mode", "Payment mode", "Cash at Hotel", /IBZY2087/),
        text("/bank/account_number", "Account number", "00030340067212", /00030340067212/),
        text("/bank/name", "Bank name", "HDFC Bank", /HDFC Bank/),
        text("/bank/ifsc", "IFSC code", "HDFC0000003", /HDFC0000003/),
        text("/gstin", "GSTIN", "06AABCO6063D1ZQ", /06AABCO6063D1ZQ/),
        text("/cin", "CIN", "U63090DL2012PTC231770", /U63090DL2012PTC231770/),
        text("/items/0/description", "Description", "Room Charges", /Room Charges/),
        number("/items/0/amount", "Amount", 1939, /Room Charges/, { nth: -1 }),
        number("/items/0/rate", "Rate", 1939, /Room Charges/, { nth: 0 }),
      ],
    },
    {
      maker: "Flipkart (India)", file: file("FlipkartInvoice"),
      fields: [
        text("/order_id", "Order ID", "OD304175096047380001", /Order ID/),
        date("/order_date", "Order date", "2015-10-15", /Order Date/),
        date("/invoice_date", "Invoice date", "2015-10-20", /Invoice Date/),
        text("/invoice_number", "Invoice number", "BLR_WFLD20151000982590", /Invoice No/),
        text("/seller/name", "Name", "WS Retail Services Pvt. Ltd.", /Sold By/),
        text("/seller/tin", "TIN", "29670869006", /TIN/),
        text("/billing_address/name", "Name", "Anushrut Singh", /Anushrut/, { nth: 0 }),
        text("/shipping_address/name", "Name", "Anushrut Singh", /Anushrut/, { nth: 1 }),
        text("/billing_address/phone", "Phone", "8756390642", /Phone/, { nth: 0 }),
        text("/shipping_address/phone", "Phone", "8756390642", /Phone/, { nth: 1 }),
        text("/items/0/product", "Product", "Memory cards", /Memory cards/),
        text("/items/0/title", "Title", "SanDisk Ultra 16 GB MicroSDHC Class 10 48 MB/s Memory Card", /SanDisk/),
        number("/items/0/quantity", "Qty", 1, /SanDisk/),
        number("/items/0/price", "Price", 278.61, /SanDisk/),
        number("/items/0/tax_rate", "Tax %", 14.5, /SanDisk/),
        number("/items/0/tax", "Tax", 40.39, /SanDisk/),
        number("/total", "Total", 319, /Grand Total/),
      ],
    },
    {
      maker: "Free (France)", file: file("free_fiber"),
      fields: [
        text("/numero_facture", "Numéro de facture", "562044387", /^Facture n/),
        date("/date_facture", "Date de facture", "2015-07-02", /^Facture n/),
        date("/date_limite", "Date limite de paiement", "2015-07-05", /Date limite/),
        number("/total_ttc", "Total TTC", 29.99, /Total facture|Somme à payer|limite/),
        number("/total_ht", "Total HT", 24.99, /Total facture/),
        number("/tva", "Montant TVA", 5, /Total facture|TVA 20/),
        number("/taux_tva", "Taux TVA", 20, /TVA 20/),
        text("/client_id", "Id. client", "10577874", /10577874/),
        text("/numero_ligne", "Numéro de ligne", "FO10479674", /FO10479674/),
        text("/client/nom", "Nom", "de Lattre Alexis", /Lattre/),
        text("/client/adresse", "Adresse", "35 RUE du logiciel libre 69100 VILLEURBANNE", /35 RUE/),
        text("/client/email", "Email", "alexis@via.ecp.fr", /alexis/),
        text("/vat", "VAT number", "FR60421938861", /intra/),
        text("/siren", "SIREN", "421938861", /RCS/),
      ],
    },
    {
      maker: "QualityHosting (Germany)", file: file("QualityHosting"),
      fields: [
        text("/rechnungsnummer", "Rechnungsnummer", "30064443", /Rechnungsnr/),
        text("/kundennummer", "Kundennummer", "47774", /Kundennr/),
        date("/datum", "Datum", "2014-05-07", /Rechnungsdatum/),
        number("/gesamtbetrag", "Gesamtbetrag", 34.73, /Total EUR/),
        text("/waehrung", "Währung", "EUR", /EUR/),
        text("/iban", "IBAN", "DE30507500940000048567", /IBAN/),
        text("/bic", "BIC", "HELADEF1GEL", /SWIFT/),
        text("/ust_id", "USt-IdNr.", "DE232446240", /UStId/),
        text("/steuernummer", "Steuernummer", "044 241 601 03", /Steuer/),
        text("/verkaeufer/telefon", "Telefon", "+49 6051 916 44 10", /Tel/),
        text("/verkaeufer/email", "E-Mail", "info@qualityhosting.de", /eMail/),
        text("/kunde/name", "Name", "iViveLabs Ltd.", /iVive/),
        ...lines.flatMap(({ pos, qty, price, desc }, at) => {
          const line = new RegExp(`^${pos} 1 Small Business ${desc.split("\n")[0].split(" ")[2]}`);
          return [
            text(`/positionen/${at}/beschreibung`, "Beschreibung", desc, line),
            number(`/positionen/${at}/menge`, "Menge", qty, line, { nth: Number(pos) === 1 ? 1 : 0 }),
            number(`/positionen/${at}/preis`, "VK-Preis", price, line, { nth: 0 }),
            number(`/positionen/${at}/betrag`, "Zeilenbetrag", price, line, { nth: 1 }),
          ];
        }),
      ],
    },
  ];
}

/** The French invoice of the package `factur-x`: dense, three lines, two parties and a delivery. */
const facturx = (folder) => [{
  maker: "factur-x (France)", file: join(folder, "tests", "fixtures", "pdf", "invoice_EN16931.pdf"),
  fields: [
    text("/seller/name", "Name", "LE FOURNISSEUR", /^(LOGO )?LE FOURNISSEUR/),
    text("/seller/siret", "SIRET", "12345678200077", /12345678200077/),
    text("/seller/vat_number", "VAT number", "FR11123456782", /FR 11 123/),
    text("/seller/postcode", "Postcode", "75018", /^75018 PARIS.*/),
    text("/buyer/name", "Name", "LE CLIENT", /LE CLIENT/),
    text("/buyer/city", "City", "MA VILLE", /06000 MA VILLE/),
    text("/buyer/siret", "SIRET", "98765432100029", /98765432100029/),
    text("/buyer/vat_number", "VAT number", "FR 05 987 654 321", /N° TVA : FR 05/),
    date("/delivery/date", "Delivery date", "2026-01-28", /DATE DE LIVRAISON/),
    text("/delivery/city", "City", "NICE", /06000 NICE/),
    text("/order_number", "Order number", "PO201925478", /BON DE COMMANDE/),
    text("/contract_number", "Contract number", "CT2018120802", /CONTRAT/),
    date("/period_start", "Period start", "2026-01-01", /DEBUT DE PRESTATION/),
    date("/period_end", "Period end", "2026-12-31", /FIN DE PRESTATION/),
    date("/due_date", "Due date", "2026-03-02", /échéance/),
    number("/subtotal", "Total HT", 100, /^(?!.*(REMISE|CHARGE)).*100,00/),
    text("/iban", "IBAN", "FR2012542547256985425874698", /IBAN/),
    text("/lines/0/description", "Description", "PRESTATION SUPPORT", /PRESTATION SUPPORT/),
    text("/lines/1/description", "Description", "FOURNITURES PAPIER", /FOURNITURES/),
    number("/lines/0/net_price", "Net price", 60, /60,00/),
    number("/lines/1/net_price", "Net price", 30, /30,00/),
    number("/lines/2/net_price", "Net price", 7, /\(Net\): 7,00/),
  ],
}];

/** What generators of other makers draw of data of ours (generate.py): Czech in English, US, German, Argentine. */
function generated(folder) {
  const file = (name) => join(folder, `${name}.pdf`);
  return [
    {
      maker: "InvoiceGenerator (Czech, English)", file: file("invoice-generator"),
      fields: [
        text("/invoice_number", "Invoice number", "STF-20417", /invoice num/),
        date("/invoice_date", "Invoice date", "2026-05-11", /exposure/),
        date("/due_date", "Due date", "2026-06-10", /Due date/),
        date("/tax_point", "Tax point", "2026-05-08", /Taxable date/),
        text("/reference", "Reference", "20417", /Variable/),
        text("/seller/name", "Name", "Severn Timber Frames", /Severn/),
        text("/seller/street", "Street", "8 Quay Street", /8 Quay/),
        text("/seller/postcode", "Postcode", "GL1 2JG", /GL1/),
        text("/seller/phone", "Phone", "01452555018", /01452/),
        text("/seller/vat_number", "VAT number", "GB417209358", /GB 417/),
        text("/seller/account", "Account number", "2600420569", /Account/),
        text("/buyer/name", "Name", "Calder Vale Clinics LLP", /Calder/),
        text("/buyer/address", "Address", "41 Station Parade, HX7 6JE Hebden Bridge", /41 Station/),
        text("/buyer/vat_number", "VAT number", "GB881204417", /GB 881/),
        ...[["Oak post 150 mm", 32, 600, 21, 19200, 23232], ["Brace, chamfered", 60, 50, 21, 3000, 3630], ["Peg, seasoned", 50, 60, 15, 3000, 3450], ["Crane, half day", 5, 600, 21, 3000, 3630]]
          .flatMap(([name, count, price, tax, net, gross], at) => [
            text(`/items/${at}/description`, "Description", name, new RegExp(`^${name}`)),
            number(`/items/${at}/units`, "Units", count, new RegExp(`^${name}`)),
            number(`/items/${at}/unit_price`, "Unit price", price, new RegExp(`^${name}`)),
            number(`/items/${at}/tax_rate`, "Tax %", tax, new RegExp(`^${name}`)),
            number(`/items/${at}/net`, "Net", net, new RegExp(`^${name}`)),
            number(`/items/${at}/gross`, "Gross", gross, new RegExp(`^${name}`)),
          ]),
        ...[[21, 5292, 25200, 30492], [15, 450, 3000, 3450]].flatMap(([rate, tax, net, gross], at) => [
          number(`/vat/${at}/rate`, "VAT rate", rate, new RegExp(`^${rate}.00%`)),
          number(`/vat/${at}/tax`, "Tax", tax, new RegExp(`^${rate}.00%`)),
          number(`/vat/${at}/net`, "Without VAT", net, new RegExp(`^${rate}.00%`)),
          number(`/vat/${at}/gross`, "With VAT", gross, new RegExp(`^${rate}.00%`)),
        ]),
        number("/total", "Total", 33942, /Total with tax:/),
      ],
    },
    {
      maker: "PyInvoice (US)", file: file("pyinvoice"),
      fields: [
        text("/invoice_id", "Invoice ID", "10237", /Invoice id/),
        date("/invoice_date", "Invoice date", "2026-05-11", /Invoice date/),
        date("/due_date", "Due date", "2026-06-10", /due date/),
        text("/provider/name", "Name", "Blue Mesa Analytics", /Blue Mesa/),
        text("/provider/state", "State", "CO", /State/),
        text("/provider/post_code", "Post code", "80304", /Post code/),
        text("/provider/country", "Country", "USA", /Country/, { nth: 0 }),
        text("/client/country", "Country", "USA", /Country/, { nth: 1 }),
        text("/provider/tax_number", "Tax number", "84-1234567", /84-/),
        text("/client/name", "Name", "Harborview Dental", /Harborview/),
        text("/client/state", "State", "ME", /State/),
        text("/client/post_code", "Post code", "04101", /Post code/),
        text("/client/email", "Email", "accounts@harborview.example", /Email/),
        text("/client/id", "Client ID", "C-4471", /Client id/),
        ...[["Survey", "Patient survey, spring", 3, 1249.9, 3749.7], ["Licence", "Dashboard, one year", 12, 48, 576], ["Training", "On site, half a day", 1, 1875, 1875]].flatMap(([name, description, units, price, amount], at) => [
          text(`/items/${at}/name`, "Name", name, new RegExp(`^${name}`)),
          text(`/items/${at}/description`, "Description", description, new RegExp(`^${description.slice(0, 7)}`)),
          number(`/items/${at}/units`, "Units", units, new RegExp(`^${name}`)),
          number(`/items/${at}/unit_price`, "Unit price", price, new RegExp(`^${name}`), name === "Training" ? { nth: 0 } : {}),
          number(`/items/${at}/amount`, "Amount", amount, new RegExp(`^${name}`), name === "Training" ? { nth: 1 } : {}),
        ]),
        number("/subtotal", "Subtotal", 6200.7, /Subtotal/),
        number("/tax_rate", "Tax rate", 20, /Vat\/Tax/),
        number("/tax", "Tax", 1240.14, /Vat\/Tax/),
        number("/total", "Total", 7440.84, /^Total/),
        text("/transactions/0/id", "ID", "8XJ20913", /8XJ/),
        date("/transactions/0/date", "Date", "2026-05-12", /8XJ/),
        number("/transactions/0/amount", "Amount", 1500, /8XJ/),
      ],
    },
    {
      maker: "erechnung (Germany)", file: file("erechnung"),
      fields: [
        text("/invoice_number", "Rechnungsnummer", "RE-2026-0418", /Rechnungsnr|Rechnung Nr/),
        date("/issue_date", "Rechnungsdatum", "2026-05-11", /Datum:/),
        date("/service_date", "Leistungsdatum", "2026-05-08", /Leistungsdatum/),
        date("/due_date", "Fällig am", "2026-06-10", /Fällig/),
        text("/seller/name", "Name", "Holzwerk Lindner GmbH & Co. KG", /Holzwerk/),
        text("/seller/street", "Straße", "Am Sägewerk 14", /Sägewerk/),
        text("/seller/phone", "Telefon", "0761 555 0187", /Tel/),
        text("/seller/vat_id", "USt-IdNr.", "DE123456788", /USt-IdNr/),
        text("/seller/tax_number", "Steuernummer", "12/345/67890", /Steuernr/),
        text("/seller/iban", "IBAN", "DE89 3704 0044 0532 0130 00", /IBAN/),
        text("/buyer/name", "Name", "Gasthaus zur Krone", /Krone/),
        text("/buyer/street", "Straße", "Marktplatz 3", /Marktplatz/),
        text("/buyer/postcode", "PLZ", "70173", /70173/),
        text("/buyer/city", "Ort", "Stuttgart", /Stuttgart/),
        ...[["Eichentisch, geölt", 2, 1249.9, 2499.8], ["Stuhl, gepolstert", 12, 189.5, 2274], ["Lieferung und Aufbau", 1, 260, 260], ["Abholung der alten Möbel", 2.5, 48, 120]].flatMap(([name, count, price, total], at) => [
          number(`/items/${at}/position`, "Pos.", at + 1, new RegExp(name), at === 2 ? {} : { nth: 0 }),
          text(`/items/${at}/description`, "Beschreibung", name, new RegExp(name)),
          number(`/items/${at}/quantity`, "Menge", count, new RegExp(name)),
          number(`/items/${at}/unit_price`, "Einzelpreis", price, new RegExp(name), at === 2 ? { nth: 0 } : {}),
          number(`/items/${at}/vat_rate`, "Steuersatz", 19, new RegExp(name)),
          number(`/items/${at}/total`, "Gesamtpreis", total, new RegExp(name), at === 2 ? { nth: 1 } : {}),
        ]),
        number("/net", "Netto", 5153.8, /Netto/),
        number("/vat", "Umsatzsteuer", 979.22, /Umsatzsteuer/),
        number("/gross", "Brutto", 6133.02, /Brutto|Zahlbetrag/),
      ],
    },
    ...["productos", "larga"].map((kind) => {
      const { detail, result } = json(folder, `arca-${kind}.json`);
      return {
        maker: "arca-factura-pdf (Argentina, Spanish)", file: file(`arca-${kind}`),
        fields: [
          date("/fecha", "Fecha de emisión", detail.date, /Emisión/),
          text("/cliente", "Razón social", detail.customer_name, /Razón Social/),
          text("/cae", "CAE", String(result.cae), /CAE N/),
          number("/total", "Importe total", detail.total, /Importe Total:/),
          ...detail.line_items.flatMap(({ name, quantity, rate, item_total: total }, at) => {
            const line = new RegExp(`^${name}( |$)`);
            const same = rate === total;
            return [
              text(`/items/${at}/producto`, "Producto", name, line),
              number(`/items/${at}/cantidad`, "Cantidad", quantity, line),
              number(`/items/${at}/precio`, "Precio unitario", rate, line, same ? { nth: 0 } : {}),
              number(`/items/${at}/subtotal`, "Subtotal", total, line, same ? { nth: 1 } : {}),
            ];
          }),
        ],
      };
    }),
  ];
}

/** Two more makers, added after the search was finished: a generator of npm, and a Swiss invoice with its payment part. */
function latest(folder) {
  const file = (name) => join(folder, `${name}.pdf`);
  const items = [["Objective lens 40x", 3, 1249.9, 3749.7], ["Stage clip, pair", 12, 18.5, 222], ["Calibration on site", 1, 1875, 1875]];
  const swiss = [["Consulting - Strategy", 12.5, 200, 2500], ["Engineering - Data pipeline", 3.25, 180, 585], ["Workshop - Team enablement", 8, 250, 2000]];
  return [
    ...["pdf-invoice-us", "pdf-invoice-de"].map((name) => ({
      maker: "pdf-invoice (US, German amounts)", file: file(name),
      fields: [
        text("/invoice_number", "Invoice number", "RO-20655", /Ref no/),
        date("/invoice_date", "Invoice date", "2026-05-11", / Date: 05/),
        date("/due_date", "Due date", "2026-06-10", /Due Date/),
        text("/status", "Status", "Open", /Status/),
        text("/seller/name", "Name", "Ridgeline Optics", /Ridgeline Optics/),
        text("/seller/address", "Address", "410 Cedar Street, Duluth, MN 55802", /410 Cedar/),
        text("/seller/phone", "Phone", "218-555-0142", /218 555/),
        text("/seller/tax_id", "Tax ID", "41-7788123", /Tax ID/),
        text("/buyer/company", "Company", "Northfield Labs", /Northfield Labs/),
        text("/buyer/contact", "Contact", "Maria Okafor", /Maria/),
        text("/buyer/zip", "ZIP", "55057", /12 College/),
        text("/buyer/email", "Email", "lab@northfield.example", /lab@/),
        ...items.flatMap(([item, quantity, price, total], at) => [
          text(`/items/${at}/name`, "Item", item, new RegExp(`^${item}`)),
          number(`/items/${at}/quantity`, "Qty", quantity, new RegExp(`^${item}`)),
          number(`/items/${at}/price`, "Price", price, new RegExp(`^${item}`), at === 2 ? { nth: 0 } : {}),
          number(`/items/${at}/total`, "Total", total, new RegExp(`^${item}`), at === 2 ? { nth: 1 } : {}),
        ]),
        number("/subtotal", "Subtotal", 5846.7, /Subtotal/),
        number("/total_tax", "Total tax", 0, /Total Tax/),
        number("/grand_total", "Grand total", 5846.7, /Grand Total/),
      ],
    })),
    {
      maker: "billwright (Switzerland)", file: file("billwright"),
      fields: [
        text("/rechnungsnummer", "Rechnungsnummer", "RE-26001", /Rechnungsnummer/),
        date("/datum", "Datum", "2026-01-01", /Datum/),
        text("/absender/name", "Name", "Dr. Alex Muster", /Dr\. Alex Muster/),
        text("/absender/strasse", "Strasse", "Musterstrasse 1", /Musterstrasse/),
        text("/absender/ort", "Ort", "Zürich", /8001 Z/),
        text("/kunde/name", "Name", "Example Institute", /Example Institute/),
        text("/kunde/kontakt", "Kontakt", "Prof. Dr. Robin Muster", /Robin Muster/),
        text("/kunde/strasse", "Strasse", "Beispielweg 12", /Beispielweg/),
        text("/kunde/plz", "PLZ", "8006", /8006/),
        text("/iban", "IBAN", "CH9300762011623852957", /CH93/),
        ...swiss.flatMap(([name, quantity, price, total], at) => [
          text(`/positionen/${at}/bezeichnung`, "Bezeichnung", name, new RegExp(name)),
          number(`/positionen/${at}/anzahl`, "Anzahl", quantity, new RegExp(name)),
          text(`/positionen/${at}/einheit`, "Einheit", "Stunden", new RegExp(name)),
          number(`/positionen/${at}/einzelpreis`, "Einzelpreis", price, new RegExp(name)),
          number(`/positionen/${at}/gesamtpreis`, "Gesamtpreis", total, new RegExp(name)),
        ]),
        number("/netto", "Nettopreis", 5085, /Nettopreis/),
        number("/rechnungsbetrag", "Rechnungsbetrag", 5085, /Rechnungsbetrag 5/),
        text("/waehrung", "Währung", "CHF", /CHF/),
      ],
    },
  ];
}

/** All documents below a folder with one folder for each package. */
export const documents = (root) => [
  ...belegradar(join(root, "belegradar")), ...microinvoice(join(root, "microinvoice")), ...invoice2data(join(root, "invoice2data")), ...facturx(join(root, "factur-x")),
  ...generated(join(root, "generated")), ...latest(join(root, "generated")),
];
