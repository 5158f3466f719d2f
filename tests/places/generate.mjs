// Documents from a generator of npm, filled with data of ours: generate.mjs FOLDER (with the package installed) OUT.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, out] = process.argv.slice(2);
const { PDFInvoice } = createRequire(join(folder, "package.json"))("@h1dd3nsn1p3r/pdf-invoice");
for (const [name, locale, currency] of [["pdf-invoice-us", "en-US", "USD"], ["pdf-invoice-de", "de-DE", "EUR"]]) {
  const payload = {
    company: { name: "Ridgeline Optics", address: "410 Cedar Street, Duluth, MN 55802", phone: "Tel: 218 555 0142", email: "Mail: billing@ridgeline.example", taxId: "Tax ID: 41-7788123" },
    customer: { name: "Maria Okafor", company: "Northfield Labs", address: "12 College Way, Northfield, MN 55057", phone: "Tel: 507 555 0110", email: "Mail: lab@northfield.example" },
    invoice: { number: "RO-20655", date: "05/11/2026", dueDate: "06/10/2026", status: "Open", locale, currency, path: join(out, `${name}.pdf`) },
    items: [
      { name: "Objective lens 40x", quantity: 3, price: 1249.9, discount: 0, tax: 0 },
      { name: "Stage clip, pair", quantity: 12, price: 18.5, discount: 0, tax: 0 },
      { name: "Calibration on site", quantity: 1, price: 1875, discount: 0, tax: 0 },
    ],
    note: { text: "Payable within 30 days." },
  };
  await new PDFInvoice(payload).create();
}
