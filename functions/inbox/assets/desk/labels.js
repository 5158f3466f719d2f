// What documents call the things that fields hold, in five languages. Knows nothing of pages.

import { tokensOf } from "./words.js";

// A concept, the keys of fields that mean it, and what documents print before or above its value.
// `key` phrases are compared with the words of a field's label and key; the longest one counts.
const CONCEPTS = [
  ["invoice_number", "invoice number;invoice no;invoice id;invoice nr;document number;doc number;bill number;receipt number;number;reference number",
    "invoice number;invoice no;invoice nr;invoice #;invoice id;invoice num;invoice;no;number;document no;document number;receipt number;receipt no;receipt;bill no;rechnungsnummer;rechnung nr;rechnungs nr;rechnungsnr;re nr;rechnung;belegnummer;belegnr;beleg nr;bon nr;gutschrift nr;facture n;facture no;facture numero;numero de facture;n de facture;no de facture;num facture;n facture;facture;factuurnummer;factuur nr;factuurnr;factuur;numero de factura;factura n;factura no;n factura;factura;numero fattura;fattura n;fattura"],
  ["order_number", "order number;order no;order id;order;po number;purchase order;purchase order number;po;order reference;bestellnummer",
    "order number;order no;order id;order #;order;po number;po no;po;purchase order;your order;customer po;bestellnummer;bestell nr;bestellnr;bestellung;auftragsnummer;auftrags nr;auftragsnr;auftrag;ihre bestellung;commande;n de commande;numero de commande;no commande;bestelnummer;ordernummer;bestelling;pedido;numero de pedido;n pedido"],
  ["customer_number", "customer number;customer no;customer id;client number;client id;account number;kundennummer;customer reference",
    "customer number;customer no;customer id;customer #;client no;client id;account number;account no;kundennummer;kunden nr;kundennr;kd nr;kunde;n client;numero client;no client;code client;reference client;klantnummer;klant nr;debiteurnummer;numero de cliente;n cliente;codigo cliente"],
  ["issue_date", "issue date;invoice date;date;document date;issued;issued on;date of issue;bill date;receipt date;date issued;rechnungsdatum",
    "issue date;invoice date;date of issue;date issued;issued;issued on;bill date;date;dated;document date;receipt date;rechnungsdatum;datum;belegdatum;ausgestellt am;vom;date de facture;date de la facture;date facture;date facturation;date de facturation;date d emission;emise le;le;factuurdatum;fecha;fecha de factura;fecha factura;fecha de emision;data;data fattura"],
  ["due_date", "due date;payment due;due;due on;payment date;date due;pay by;faellig;fallig;due date payment",
    "due date;payment due;due;due on;due by;date due;pay by;payable by;payment due date;payment date;falligkeit;falligkeitsdatum;fallig am;fallig bis;fallig;faelligkeit;faelligkeitsdatum;faellig am;faellig bis;faellig;zahlbar bis;zahlbar bis zum;zahlungsziel;bis zum;bis;echeance;date d echeance;date echeance;a payer avant le;a regler avant le;date limite de paiement;vervaldatum;vervaldag;betalen voor;te betalen voor;uiterste betaaldatum;vencimiento;fecha de vencimiento;fecha vencimiento;scadenza"],
  ["delivery_date", "delivery date;service date;shipping date;ship date;date of supply;supply date;delivered",
    "delivery date;date of supply;supply date;service date;ship date;shipped;delivered;lieferdatum;leistungsdatum;lieferung;date de livraison;livraison;livre le;leverdatum;fecha de entrega;entrega"],
  ["period_start", "period start;billing period start;service period start;start date;from date;statement start", "period;billing period;service period;from;start date;start;beginn;debut;date de debut;leistungszeitraum;abrechnungszeitraum;zeitraum;von;vom;periode;du;van;periodo;desde"],
  ["period_end", "period end;billing period end;service period end;end date;to date;statement end", "period;billing period;service period;to;end date;end;ende;fin;date de fin;leistungszeitraum;abrechnungszeitraum;zeitraum;bis;periode;au;tot;periodo;hasta"],
  ["total", "total;total amount;grand total;amount;amount due;total due;invoice total;gross total;gross amount;total gross;total incl tax;total with tax;amount total;balance due;to pay;gesamtbetrag;rechnungsbetrag;bruttobetrag;total amount due;payable amount;due payable;total ttc",
    "total;grand total;total due;total amount;amount due;balance due;invoice total;total to pay;amount payable;to pay;total payable;total incl;total including;total incl vat;gross;gross amount;total gross;amount paid;total paid;gesamt;gesamtbetrag;gesamtsumme;summe;endbetrag;rechnungsbetrag;rechnungssumme;brutto;bruttobetrag;gesamt brutto;summe brutto;zahlbetrag;zu zahlen;zu zahlender betrag;rechnungsbetrag brutto;total ttc;montant ttc;montant total;net a payer;total a payer;a payer;montant du;montant a payer;totaal;totaal incl;totaalbedrag;te betalen;totaal te betalen;importe total;total a pagar;total factura;importe;totale"],
  ["subtotal", "subtotal;sub total;net amount;net total;net;total net;amount untaxed;untaxed amount;total excl tax;tax basis;taxable amount;nettobetrag;total without tax;line total;total ht;tax exclusive amount;amount net",
    "subtotal;sub total;net;net amount;net total;total net;amount excl;total excl;total excl vat;total before tax;taxable amount;tax base;items total;zwischensumme;netto;nettobetrag;summe netto;gesamt netto;gesamtbetrag netto;warenwert;nettosumme;summe der positionen;total ht;montant ht;sous total;base ht;total hors taxe;total net ht;subtotaal;totaal excl;netto bedrag;base imponible;imponible"],
  ["tax_amount", "tax;tax amount;vat;vat amount;sales tax;total tax;tax total;amount tax;mwst;mwst betrag;ust;vat total;total vat;tva;btw",
    "tax;vat;sales tax;tax amount;vat amount;total tax;total vat;tax total;gst;hst;mwst;mwst betrag;mehrwertsteuer;ust;umsatzsteuer;steuer;steuerbetrag;zzgl mwst;zzgl ust;enthaltene mwst;inkl mwst;tva;montant tva;total tva;dont tva;btw;btw bedrag;totaal btw;iva;cuota iva;importe iva"],
  ["tax_rate", "tax rate;vat rate;tax percent;vat percent;tax percentage;mwst satz;rate;tax pct;vat pct", "tax rate;vat rate;rate;tax;vat;vat %;tax %;mwst satz;steuersatz;mwst;ust;mwst %;ust %;taux tva;taux;tva;btw;btw %;btw tarief;iva;iva %;tipo iva"],
  ["shipping", "shipping;shipping cost;freight;delivery charge;postage;shipping amount;versand;versandkosten;handling", "shipping;freight;delivery;postage;shipping and handling;shipping handling;p p;carriage;versand;versandkosten;porto;fracht;frais de port;port;livraison;verzendkosten;gastos de envio;envio"],
  ["discount", "discount;discount amount;rebate;rabatt", "discount;rebate;rabatt;nachlass;skonto;remise;rabais;escompte;korting;descuento;dto"],
  ["paid", "amount paid;paid;deposit;prepaid;paid amount", "amount paid;paid;deposit;payment received;bezahlt;anzahlung;bereits gezahlt;gegeben;acompte;deja paye;aanbetaling;pagado;anticipo"],
  ["currency", "currency;currency code;wahrung;waehrung", "currency;all amounts in;amounts in;wahrung;waehrung;devise;valuta;munt;moneda;divisa;total;amount"],
  ["vat_number", "vat number;vat id;vat no;tax id;tax number;vat registration number;tax registration;vat reg no;ust id;ust idnr;tax identifier;vat;siret;siren;ein;tin",
    "vat number;vat no;vat id;vat reg no;vat registration;vat registration number;vat;tax id;tax number;tax no;ein;tin;abn;gst no;gstin;ust id;ust id nr;ust idnr;ustid;ustidnr;umsatzsteuer id;umsatzsteuer identifikationsnummer;uid;uid nr;steuernummer;steuer nr;steuernr;st nr;n tva;tva;numero tva;no tva;tva intracommunautaire;n tva intracommunautaire;tva intra;siret;siren;rcs;btw nummer;btw nr;btw;kvk;nif;cif;n i f;p iva;partita iva"],
  ["iban", "iban;bank account;account iban;account number", "iban;account;account no;account number;bank account;konto;kontonummer;konto nr;bankverbindung;compte;rekening;rekeningnummer;cuenta"],
  ["bic", "bic;swift;swift code;bic swift", "bic;swift;swift code;bic swift;swift bic"],
  ["sort_code", "sort code;bank code;blz;routing number", "sort code;bank code;blz;bankleitzahl;routing number;routing;aba"],
  ["bank", "bank;bank name", "bank;banque;banco;bankverbindung;bank details"],
  ["phone", "phone;telephone;tel;phone number;mobile;telefon", "phone;telephone;tel;mobile;cell;telefon;fon;mobil;telephone;tel;portable;telefoon;telefono;movil"],
  ["fax", "fax;fax number", "fax;telefax;telecopie"],
  ["email", "email;e mail;mail;email address", "email;e mail;mail;courriel;correo"],
  ["website", "website;web;url;homepage", "website;web;internet;www;site;homepage"],
  ["postcode", "postcode;postal code;zip;zip code;plz", "postcode;postal code;zip;zip code;plz;postleitzahl;code postal;cp;codigo postal"],
  ["city", "city;town;ort;ville;stadt", "city;town;ort;stadt;ville;plaats;ciudad;localidad"],
  ["street", "street;address;address line;street address;line1;strasse", "street;address;strasse;anschrift;adresse;rue;straat;adres;direccion;calle;domicilio"],
  ["country", "country;country code;land;pays", "country;land;pays;pais"],
  ["state", "state;province;region", "state;province;bundesland;provincia"],
  ["quantity", "quantity;qty;count;amount of items;units;menge;pieces", "quantity;qty;qnty;count;units;hours;hrs;pcs;menge;anzahl;anz;stk;std;qte;quantite;aantal;cantidad;cant;uds"],
  ["unit", "unit;unit of measure;uom;einheit", "unit;uom;einheit;einh;me;unite;eenheid;unidad"],
  ["unit_price", "unit price;price;price each;rate;unit cost;price per unit;einzelpreis;net price;unit amount",
    "unit price;price;price each;each;rate;unit cost;unit;cost;price unit;einzelpreis;einzel;e preis;ep;preis;stuckpreis;einzelpreis netto;prix unitaire;prix unit;pu;pu ht;p u;p u ht;prix;stukprijs;prijs;eenheidsprijs;precio;precio unitario;p unitario"],
  ["line_total", "line total;amount;line amount;total price;total;net amount;total amount;line net amount;sum;price total;extended price;gesamtpreis;betrag",
    "amount;total;line total;line amount;total price;net amount;ext price;extended;sum;value;betrag;gesamt;gesamtpreis;summe;gp;g preis;gesamtbetrag;netto;montant;montant ht;total ht;prix total;bedrag;totaal;importe;total linea"],
  ["description", "description;item;item name;product;name;article;service;item description;details;bezeichnung;text;title;product name",
    "description;item;product;service;details;article;item description;particulars;beschreibung;bezeichnung;artikel;leistung;position;artikelbezeichnung;designation;libelle;description;produit;omschrijving;artikel;product;descripcion;concepto;articulo"],
  ["sku", "sku;item number;item code;product code;article number;part number;code;artikelnummer;product id;ref;reference;seller assigned id",
    "sku;item no;item number;item code;item #;product code;code;part no;part number;article no;ref;reference;artikelnummer;artikel nr;art nr;artnr;code article;reference;artikelnummer;art nr;codigo;referencia"],
  ["position", "position;pos;line number;line no;no;line;line id", "pos;position;no;nr;line;#;item;lfd nr;n;ligne;regel;linea"],
  ["payment_terms", "payment terms;terms;payment conditions", "payment terms;terms;terms of payment;zahlungsbedingungen;zahlungsziel;zahlbar;conditions de paiement;conditions de reglement;betalingstermijn;betalingsvoorwaarden;condiciones de pago;forma de pago"],
  ["payment_method", "payment method;paid by;method of payment;zahlungsart", "payment method;paid by;paid with;method;payment;zahlungsart;zahlart;zahlung;mode de paiement;mode de reglement;reglement;betaalwijze;betaalmethode;metodo de pago;forma de pago"],
  ["reference", "reference;payment reference;your reference;ref;our reference;remittance;buyer reference", "reference;payment reference;your reference;your ref;our ref;ref;verwendungszweck;referenz;ihr zeichen;unser zeichen;zeichen;reference;referentie;kenmerk;referencia"],
  ["birth_date", "birth date;date of birth;dob;birthday;geburtsdatum", "date of birth;birth date;dob;born;geburtsdatum;geboren am;geb;date de naissance;ne le;nee le;geboortedatum;fecha de nacimiento"],
  ["first_name", "first name;given name;forename;vorname", "first name;given name;forename;vorname;prenom;voornaam;nombre"],
  ["last_name", "last name;surname;family name;nachname", "last name;surname;family name;nachname;name;nom;achternaam;apellidos"],
];

// Parties of a document: what their fields' parents are called, and the headings above them.
const PARTIES = [
  ["seller", "seller;vendor;supplier;from;issuer;merchant;biller;sender;lieferant;verkaufer;creditor;store;seller name;company",
    "from;seller;vendor;supplier;sold by;issued by;issuer;remit to;lieferant;verkaufer;verkaeufer;rechnungssteller;absender;fournisseur;vendeur;emetteur;leverancier;verkoper;vendedor;proveedor;emisor"],
  ["buyer", "buyer;customer;client;bill to;billed to;recipient;to;kunde;debtor;purchaser;billing;billing address",
    "bill to;billed to;invoice to;invoiced to;sold to;customer;client;buyer;to;billing address;attn;attention;rechnungsempfanger;rechnungsempfaenger;rechnung an;kunde;kaufer;an;rechnungsadresse;rechnungsanschrift;facture a;client;adresse de facturation;acheteur;destinataire;klant;factuuradres;aan;koper;cliente;facturar a;comprador;destinatario"],
  ["delivery", "ship to;delivery;shipping address;delivery address;ship to address;consignee;deliver to",
    "ship to;deliver to;delivery address;shipping address;shipped to;consignee;lieferadresse;lieferanschrift;warenempfanger;adresse de livraison;livre a;afleveradres;verzendadres;direccion de envio;direccion de entrega"],
  ["payee", "bank;payment;bank details;payee;payment details;bank account", "bank details;payment details;bank;payment;pay to;bankverbindung;zahlung;coordonnees bancaires;rib;bankgegevens;datos bancarios"],
];

const split = (phrases) => [...new Set(phrases.split(";").map((phrase) => tokensOf(phrase).join(" ")))].filter(Boolean);
const table = (rows) => rows.map(([name, keys, printed]) => ({ name, keys: split(keys), printed: split(printed) }));
const concepts = table(CONCEPTS);
const parties = table(PARTIES);

/** All phrases that mean something, each with the concepts that it may mean. */
export const PHRASES = new Map();
for (const { name, printed } of [...concepts, ...parties]) {
  for (const phrase of printed) PHRASES.set(phrase, [...(PHRASES.get(phrase) ?? []), name]);
}

/** The words of a key: `unitPrice`, `unit_price` and `Unit price` are the same. */
export const wordsOfKey = (key) => tokensOf(key.slice(0, 200).replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2").replace(/_/g, " "));

/**
 * What a field may be called: `{phrases: Map(phrase → weight), party, isSum}`. `path` is a JSON Pointer; `label` what the desk shows.
 * A phrase of the field's own label weighs most, then what its concept is called, then the words of its key.
 */
export function namesOf({ path, label }) {
  const keys = path.split("/").slice(1).map((key) => key.replace(/~1/g, "/").replace(/~0/g, "~"));
  const named = keys.filter((key) => !/^\d+$/.test(key));
  const own = named.at(-1) ?? "";
  const isOfRow = keys.some((key) => /^\d+$/.test(key));
  const parents = named.slice(0, -1).map((key) => wordsOfKey(key).join(" "));
  const phrases = new Map();
  const weigh = (phrase, weight) => phrase && phrases.set(phrase, Math.max(weight, phrases.get(phrase) ?? 0));
  const said = [tokensOf((label ?? "").slice(0, 200)).join(" "), wordsOfKey(own).join(" ")];
  const full = parents.length > 0 ? `${parents.at(-1)} ${said[1]}` : "";
  for (const text of said) weigh(text, 1);
  const meant = conceptsOf([...said, full], isOfRow);
  for (const { name, weight } of meant) {
    const { printed } = concepts.find((concept) => concept.name === name);
    // What is named first is the more usual one, and longer names say more.
    for (const phrase of printed) weigh(phrase, weight * (phrase.includes(" ") || phrase.length > 5 ? 0.95 : 0.8));
  }
  for (const word of new Set(said.flatMap((text) => text.split(" ")))) if (word.length > 3) weigh(word, 0.5);
  const party = parties.find(({ keys: known }) => [...parents, ...said].some((text) => known.some((key) => text === key || text.startsWith(`${key} `))));
  const isSum = meant.some(({ name }) => ["total", "subtotal", "tax_amount"].includes(name));
  return { phrases, isSum, party: party && (parents.length > 0 || party.name !== "payee") ? party : null };
}

function conceptsOf(texts, isOfRow) {
  let best = [];
  for (const { name, keys } of concepts) {
    if (isOfRow && ["total", "subtotal"].includes(name)) continue;
    if (!isOfRow && name === "line_total") continue;
    for (const key of keys) {
      for (const text of texts) {
        const isWhole = text === key;
        if (!isWhole && !` ${text} `.includes(` ${key} `)) continue;
        best.push({ name, weight: isWhole ? 1 : 0.85, length: key.length + (isWhole ? 100 : 0) });
      }
    }
  }
  best = best.sort((one, other) => other.length - one.length);
  return best.filter(({ length }) => length === best[0].length || length >= 100).slice(0, 3);
}

/** The headings of the parties, those of `party` being the right ones. */
export const PARTY_NAMES = new Set(parties.map(({ name }) => name));
