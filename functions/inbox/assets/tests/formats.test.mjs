// Real formats: a value, how a document prints it, and whether that is the value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findDates } from "../desk/dates.js";
import { decimal, readNumber } from "../desk/numbers.js";
import { WordIndex, findPlaces } from "../desk/places.js";
import { laidOut } from "./laid_out.mjs";

const NUMBER = { kind: "number", label: "Amount", path: "/amount" };
const RATE = { kind: "number", label: "VAT rate", path: "/vat_rate" };
const DATE = { kind: "date", label: "Date", path: "/date" };
const TEXT = { kind: "text", label: "Reference", path: "/reference" };
const FLAG = { kind: "yesno", label: "Reverse charge", path: "/reverse_charge" };

// What is found is given as it is printed; `null`: it must not be found.
const FORMATS = [
  [NUMBER, 1249.9, "Amount 1,249.90", "1,249.90"],
  [NUMBER, 1249.9, "Betrag 1.249,90", "1.249,90"],
  [NUMBER, 1249.9, "Montant 1 249,90", "1 249,90"],
  [NUMBER, 1249.9, "Montant 1\u00a0249,90", "1\u00a0249,90"],
  [NUMBER, 1249.9, "Montant 1\u202f249,90\u202f€", "1\u202f249,90\u202f€"],
  [NUMBER, 1249.9, "Betrag 1'249.90", "1'249.90"],
  [NUMBER, 1249.9, "Betrag 1’249.90", "1’249.90"],
  [NUMBER, 1249.9, "Amount €1,249.90", "€1,249.90"],
  [NUMBER, 1249.9, "Amount € 1,249.90", "1,249.90"],
  [NUMBER, 1249.9, "Betrag 1.249,90€", "1.249,90€"],
  [NUMBER, 1249.9, "Betrag EUR1.249,90", "EUR1.249,90"],
  [NUMBER, 1249.9, "Betrag 1249,90 EUR", "1249,90"],
  [NUMBER, 1249.9, "Amount: US$1,249.90", "US$1,249.90"],
  [NUMBER, 1249.9, "Amount:1,249.90", "Amount:1,249.90"],
  [NUMBER, 1249.9, "Amount 1249.9", "1249.9"],
  [NUMBER, "1249.90", "Amount 1,249.90", "1,249.90"],
  [TEXT, "1249.90", "Reference 1,249.90", "1,249.90"],
  [NUMBER, 1249.9, "Amount 124,990", null],
  [NUMBER, 1249.9, "Amount 1,249.09", null],
  [NUMBER, 1249.9, "Amount 11,249.90", null],
  [NUMBER, 1249.9, "Amount 1,249.901", null],
  [NUMBER, 1249.9, "Amount 1,249", null],
  [NUMBER, 249.9, "Amount 1,249.90", null],
  [NUMBER, 1249000, "Amount 1,249,000", "1,249,000"],
  [NUMBER, 1249000, "Amount 1.249.000", "1.249.000"],
  [NUMBER, 123456, "Amount ₹1,23,456.00", "₹1,23,456.00"],
  [NUMBER, 1249, "Amount 1,249", "1,249"],
  [NUMBER, 1.249, "Menge 1,249 Summe 2,50 Netto 3,10 Rest 4,20", "1,249"],
  [NUMBER, 1249, "Menge 1,249 Summe 2,50 Netto 3,10 Rest 4,20", null],
  [NUMBER, 1.249, "Amount 1,249 Sum 2.50 Net 3.10 Left 4.20", null],
  [NUMBER, -120, "Amount (120.00)", "(120.00)"],
  [NUMBER, -120, "Amount -120.00", "-120.00"],
  [NUMBER, -120, "Betrag 120,00-", "120,00-"],
  [NUMBER, -120, "Amount −$120.00", "−$120.00"],
  [NUMBER, -120, "Amount - 120.00", "120.00"],
  [NUMBER, 12, "Amount 12,-", "12,-"],
  [NUMBER, 19, "Amount 19 %", "19"],
  [RATE, 0.19, "Rate 19,00%", "19,00%"],
  [RATE, 0.19, "Rate 19 %", "19"],
  [NUMBER, 0.19, "Amount 19,00%", null],
  [NUMBER, 0.19, "Amount 19,00", null],
  [NUMBER, 5.5, "Amount 5,5%", "5,5%"],
  [NUMBER, 12, "Amount 2012", null],
  [NUMBER, 12, "Amount HPW-12", null],
  [NUMBER, 12, "Amount 12.05.2026", null],
  [NUMBER, 12, "Amount 12:30", null],
  [NUMBER, 12, "Amount 1/12", null],
  [NUMBER, 12, "nothing before it 12 12 12", null],
  [NUMBER, 2.5, "Amount 2,5h", "2,5h"],
  [NUMBER, 6, "Amount 6x", "6x"],
  [NUMBER, 7, "Amount 007", null],
  [NUMBER, 0.5, "Amount .50", ".50"],
  [NUMBER, 61720945, "Amount 61720945", "61720945"],
  [NUMBER, 1720945, "Amount 61720945", null],
  [NUMBER, 249.9, "Montant 1 249,90", "249,90"],
  [DATE, "2026-05-11", "Date 11 May 2026", "11 May 2026"],
  [DATE, "2026-05-11", "Datum 11.05.26", "11.05.26"],
  [DATE, "2026-05-11", "Datum 11.5.2026", "11.5.2026"],
  [DATE, "2026-05-11", "Datum: 11. Mai 2026", "11. Mai 2026"],
  [DATE, "2026-03-11", "Datum: 11. März 2026", "11. März 2026"],
  [DATE, "2026-05-11", "Date 05/11/2026", "05/11/2026"],
  [DATE, "2026-05-11", "Date 11/05/2026", "11/05/2026"],
  [DATE, "2026-05-11", "Date : 11 mai 2026", "11 mai 2026"],
  [DATE, "2026-08-01", "Date : 1er août 2026", "1er août 2026"],
  [DATE, "2026-05-11", "Date May 11, 2026", "May 11, 2026"],
  [DATE, "2026-05-11", "Date 11th of May, 2026", "11th of May, 2026"],
  [DATE, "2026-05-11", "Date 11-May-26", "11-May-26"],
  [DATE, "2026-05-11", "Date May 11 , 2026", "May 11 , 2026"],
  [DATE, "2026-05-11", "Fecha 11 de mayo de 2026", "11 de mayo de 2026"],
  [DATE, "2026-05-11", "Datum 11 mei 2026", "11 mei 2026"],
  [DATE, "2026-05-11", "Data 11 maggio 2026", "11 maggio 2026"],
  [DATE, "2026-05-11", "Date 2026-05-11T10:15:00Z", "2026-05-11T10:15:00Z"],
  [DATE, "2026-05-11T10:15:00Z", "Date 11.05.2026 10:15", "11.05.2026"],
  [DATE, "2026-05-11", "Date:11/05/2026", "Date:11/05/2026"],
  [DATE, "2026-06-10", "Period 11.05.2026-10.06.2026", "11.05.2026-10.06.2026"],
  [DATE, "2026-05-11", "Date 20260511", "20260511"],
  [DATE, "2026-05-11", "日付 2026年5月11日", "2026年5月11日"],
  [DATE, "2026-05-11", "VAT 58 Date 11 May 2026", "11 May 2026"],
  [DATE, "2026-05-11", "Date 11 May", "11 May"],
  [DATE, "2026-05-11", "Datum 11.05.", "11.05."],
  [DATE, "2026-05-11", "elsewhere 11 May", null],
  [DATE, "2026-06-20", "Date June 2026", null],
  [DATE, "2026-05-11", "Date 12 May 2026", null],
  [DATE, "2026-05-11", "Date 11 May 2025", null],
  [DATE, "2026-05-11", "Date 11.05", null],
  [DATE, "2026-05-11", "Datum 05.11.2026", null],
  [DATE, "2026-05-11", "Account 40718820260511077", null],
  [DATE, "2026-05-11", "HPW-2026-05-11", null],
  [TEXT, "11 May 2026", "Reference 2026-05-11", "2026-05-11"],
  [TEXT, "HPW-2026-0418", "Reference hpw-2026-0418", "hpw-2026-0418"],
  [TEXT, "HPW-2026-0418", "Reference HPW 2026 0418", "HPW 2026 0418"],
  [TEXT, "HPW-2026-0418", "Reference No.HPW-2026-0418", "No.HPW-2026-0418"],
  [TEXT, "HPW-2026-0418", "Reference HPW-2026-04180", null],
  [TEXT, "10000", "Reference 100,00", null],
  [TEXT, "2600420569", "Reference 2600420569/2010", "2600420569/2010"],
  [TEXT, "Gasthaus zur Krone", "Gasthaus zur Linde", null],
  [TEXT, "2026", "Reference HPW-2026-0418", null],
  [TEXT, "0418", "Reference HPW-2026-0418", null],
  [TEXT, "GB 417 2093 58", "VAT GB417209358", "GB417209358"],
  [TEXT, "GB417209358", "VAT GB 417 2093 58", "GB 417 2093 58"],
  [TEXT, "DE89370400440532013000", "IBAN DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"],
  [TEXT, "12", "Lines 1 2", null],
  [TEXT, "0418", "Reference 04 18", null],
  [TEXT, "Müller & Söhne GmbH", "Firma MULLER & SOHNE GMBH", "MULLER & SOHNE GMBH"],
  [TEXT, "Grosse Strasse 5", "Große Straße 5", "Große Straße 5"],
  [TEXT, "Office fixtures", "Oﬃce ﬁxtures", "Oﬃce ﬁxtures"],
  [TEXT, "Société Générale", "Socie\u0301te\u0301 Ge\u0301ne\u0301rale", "Socie\u0301te\u0301 Ge\u0301ne\u0301rale"],
  [TEXT, "Unit 6, Dye Works Lane", "Unit 6\nDye Works Lane", "Unit 6 Dye Works Lane"],
  [TEXT, "Rechnungsempfänger", "Rechnungs-\nempfänger", "Rechnungs- empfänger"],
  [TEXT, "Removal of old furniture", "1  Removal of    48.00\n   old furniture", "Removal of old furniture"],
  [TEXT, "Dye Works Lane Leeds", "Dye Works Lane      INVOICE\nLeeds               No. 5", "Dye Works Lane Leeds"],
  [TEXT, "Berlin", "10115 Berlin, Germany", "Berlin,"],
  [TEXT, "Lane", "Lanes and planes", null],
  [TEXT, "LS11 5O2", "Leeds LS11 502", "LS11 502"],
  [TEXT, "DE", "DE is a code de la poste", null],
  [TEXT, "東京都", "東京都千代田区", "東京都千代田区"],
  [FLAG, true, "Reverse charge: yes", "yes"],
  [FLAG, true, "Reverse charge ☒", "☒"],
  [FLAG, false, "Reverse charge: nein", "nein"],
  [FLAG, true, "Reverse charge: no", null],
  [FLAG, true, "yes we can", null],
  [TEXT, null, "Reference null", null],
  [TEXT, "", "Reference", null],
  [TEXT, "—", "Reference — —", null],
];

function found(field, value, text) {
  const index = new WordIndex();
  index.add(laidOut(text));
  return findPlaces(index, [{ ...field, value }]).get(field.path).filter(({ match }) => match !== "expected");
}

for (const [field, value, printed, expected] of FORMATS) {
  test(`${JSON.stringify(value)} ${expected === null ? "is not in" : "is found in"} ${JSON.stringify(printed)}`, () => {
    const places = found(field, value, printed);
    assert.equal(places[0]?.text ?? null, expected);
  });
}

test("decimals are compared as they are written, whatever their size", () => {
  assert.equal(decimal("1249.90"), "1249.9");
  assert.equal(decimal("1.2499e3"), "1249.9");
  assert.equal(decimal("-0.0"), "0");
  assert.equal(decimal("123456789012345678901234.5"), "123456789012345678901234.5");
  assert.equal(decimal("1e-3"), "0.001");
  for (const text of ["", "1,5", "0x10", "Infinity", "1e9999"]) assert.equal(decimal(text), null, text);
});

test("a text that could be two numbers is read as both", () => {
  const numbers = (text) => readNumber(text).readings.map(({ number }) => number).sort();
  assert.deepEqual(numbers("1,249"), ["1.249", "1249"]);
  assert.deepEqual(numbers("1.249,90"), ["1249.9"]);
});

test("a date that could be two is read as both, one with a month's name is not", () => {
  const dates = (text) => findDates(text)[0].readings.map(({ date }) => date).sort();
  assert.deepEqual(dates("05/11/2026"), ["2026-05-11", "2026-11-05"]);
  assert.deepEqual(dates("25/11/2026"), ["2026-11-25"]);
  assert.deepEqual(dates("5 Nov 2026"), ["2026-11-05"]);
});
