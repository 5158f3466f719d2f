"""The maintenance contract: six pages of clauses, signed by one side without a date."""

from __future__ import annotations

from .review import File, Review, Wrong, existing
from .sheet import Sheet

CLAUSES = [
    ("1", "Definitions", [
        ("1.1", "In this Agreement, Commencement Date means 1 June 2026; Contract Year means each period of twelve months that begins on the Commencement "
         "Date or on an anniversary of it; Meter means a water meter listed in Schedule 1; Visit means one attendance at one Meter."),
        ("1.2", "Headings are for convenience and do not affect how this Agreement is read. Words in the singular include the plural."),
    ]),
    ("2", "Services", [("2.1", None), ("2.2", "The Provider shall use fitters who hold a current water hygiene card and shall show it on request."),
                       ("2.3", "The Provider shall enter the result of each Visit in the Client's register within two working days, with a photograph of the Meter "
                        "and the reading before and after the work.")]),
    ("3", "Duties of the Client", [
        ("3.1", "The Client shall give the Provider the addresses, keys and access codes that it needs for the Visits at least ten working days ahead."),
        ("3.2", "Where a customer refuses access twice, the Visit counts as made, and the Client shall arrange for access by other means."),
    ]),
    ("4", "Fees and payment", [
        ("4.1", "The fees cover all labour, travel and tools. They are fixed for the first Contract Year and rise afterwards on each anniversary by the change "
         "of the Consumer Prices Index over the twelve months to the preceding March, but by no more than 4 per cent."), ("4.2", None),
        ("4.3", "Over the Initial Term the fixed fees amount to 102,000.00 pounds sterling. Interest on late payment is 4 per cent a year above base rate."),
    ]),
    ("5", "Standards", [
        ("5.1", "At least 95 per cent of the Visits due in a month shall be made in that month. For each percentage point below, the fee of the month is reduced by "
         "one per cent, and by no more than ten."),
        ("5.2", "A fault reported by the Client as urgent shall be attended to within four hours between 07:00 and 19:00, and within eight hours otherwise."),
    ]),
    ("6", "Term", [("6.1", "This Agreement begins on the Commencement Date and continues until 31 May 2028 (the Initial Term, 24 months). It is then renewed by "
                    "successive periods of 12 months unless either party has given notice under clause 7.")]),
    ("7", "Termination", [("7.1", None),
                          ("7.2", "Either party may end this Agreement at once by notice in writing if the other commits a material breach and, where the breach can be "
                           "remedied, has not remedied it within twenty working days of being asked to."),
                          ("7.3", "At the end of this Agreement the Provider shall return all keys and all Meters in its stores within ten working days.")]),
    ("8", "Insurance", [("8.1", "The Provider shall hold public liability insurance of no less than five million pounds, and employer's liability insurance of no "
                         "less than ten million pounds, for each event, and shall produce evidence of both each year.")]),
    ("9", "Liability", [("9.1", "Nothing in this Agreement limits a liability that cannot be limited by law."),
                        ("9.2", "Neither party is liable for loss of profit or of business, or for loss that could not reasonably be foreseen."), ("9.3", None)]),
    ("10", "Change and dispute", [
        ("10.1", "A change to this Agreement is effective only in writing and signed by both parties."),
        ("10.2", "The parties shall first try to settle a dispute between the Head of Procurement and the Managing Director, within fifteen working days, and then by "
         "mediation, before either goes to court."),
    ]),
    ("11", "Confidence and personal data", [
        ("11.1", "Each party shall keep the other's confidential information secret for five years beyond the end of this Agreement."),
        ("11.2", "The Provider is a processor on the Client's behalf. Schedule 2 describes the processing."),
        ("11.3", "The Provider shall tell the Client of a breach of personal data without delay and within 24 hours at the latest."), ("11.4", None),
    ]),
    ("12", "General", [
        ("12.1", "This Agreement is the whole agreement of the parties on its subject. No one but the parties has rights under it."),
        ("12.2", "This Agreement is governed by the law of England and Wales, and the courts of England and Wales have exclusive jurisdiction."),
    ]),
]
VISITS = [("Derby North", "412", "26"), ("Derby South", "388", "25"), ("Belper", "204", "13"), ("Ripley", "311", "20"), ("Ilkeston", "486", "31"),
          ("Long Eaton", "352", "22"), ("Matlock", "178", "11"), ("Ashbourne", "146", "9"), ("Alfreton", "362", "23")]


def review() -> Review:
    _, truth = existing("contract-extract", [])
    texts = {clause["number"]: (index, clause["text"]) for index, clause in enumerate(truth["clauses"])}
    sheet = Sheet(truth["title"], font="Times-Roman", points=11)
    cover(sheet, truth)
    sheet.next_page()
    y = 84
    for number, heading, clauses in CLAUSES:
        if y > 690:
            y = turn(sheet, truth)
        at = [f"/clauses/{texts[n][0]}/heading" for n, _ in clauses if n in texts and texts[n][1] and truth["clauses"][texts[n][0]]["heading"] == heading]
        sheet.runs(70, y, [f"{number}.  ", (heading, at)], bold=True, size=12)
        y += 22
        for n, text in clauses:
            index, text = texts[n] if text is None else (None, text)
            if y > 720:
                y = turn(sheet, truth)
            sheet.text(70, y, n, f"/clauses/{index}/number" if index is not None else places(n))
            y = sheet.wrap(106, y, 419, text, f"/clauses/{index}/text" if index is not None else None, leading=16.5) + 9
        y += 10
    foot(sheet, truth)
    sheet.next_page()
    signatures(sheet, truth)
    foot(sheet, truth)
    sheet.next_page()
    schedule(sheet)
    foot(sheet, truth)
    file = File("contract", "KWU-SVC-2026-019.pdf", "application/pdf", sheet.pdf(), sheet)
    return Review(
        "contract-extract", "contract", truth, [file], places="sources", unplaced=("/clauses/2", "/clauses/3", "/remarks"),
        wrong=[Wrong("/term/notice_days", 60, 0.55, 90, "told", "90: clause 7.1, which prevails over the summary on the cover")],
        unsure={"/signatures/1/signed_on": 0.49, "/term/notice_days": 0.55, "/signatures/0/signed_on": 0.86},
    )


def places(number: str) -> list[str]:
    return {"12.2": ["/governing_law", "/jurisdiction"], "4.3": ["/fees/term_total"]}.get(number, [])


def foot(sheet: Sheet, truth: dict) -> None:
    sheet.rule(70, 790, 525, color="#bbbbbb")
    sheet.text(70, 804, truth["reference"], size=9, color="#777777")
    sheet.text(525, 804, f"Page {sheet.page} of 6", size=9, color="#777777", align="right")


def turn(sheet: Sheet, truth: dict) -> float:
    foot(sheet, truth)
    sheet.next_page()
    return 84


def cover(sheet: Sheet, truth: dict) -> None:
    provider, client = truth["parties"]
    sheet.frame(54, 54, 541, 788, "#37474f", 1.2)
    sheet.runs(297 - 66, 120, ["Reference ", (truth["reference"], "/reference")])
    sheet.text(297, 190, truth["title"], "/title", bold=True, size=21, align="center")
    sheet.text(297, 236, "between", size=12, align="center")
    for y, party, index in ((262, provider, 0), (372, client, 1)):
        at = f"/parties/{index}"
        sheet.text(297, y, party["name"], f"{at}/name", bold=True, size=14, align="center")
        sheet.text(297, y + 18, party["address"], f"{at}/address", align="center")
        sheet.runs(225, y + 34, ["Company number ", (party["registration_number"], f"{at}/registration_number")])
        sheet.text(297, y + 52, f"(the {'Provider' if index == 0 else 'Client'})", f"{at}/role", align="center")
    sheet.text(297, 342, "and", size=12, align="center")
    sheet.text(120, 470, "Summary of terms", bold=True, size=12)
    for index, (label, parts) in enumerate((
        ("Commencement", [("1 June 2026", "/term/starts_on")]), ("End of initial term", [("31 May 2028", "/term/ends_on"), " (", ("24 months", "/term/months"), ")"]),
        ("Renewal", [("automatic, 12 months", "/term/renewal")]), ("Notice", [("60 days", "/term/notice_days")]),
        ("Monthly fee", [("GBP", "/fees/currency"), " ", ("4,250.00", "/fees/monthly")]), ("Payment", [("30 days", "/fees/payment_days")]),
    )):
        y = 496 + index * 24
        sheet.text(120, y, label)
        sheet.runs(280, y, parts)
        sheet.rule(120, y + 7, 475, color="#cfd8dc")
    sheet.text(297, 760, "This summary is not part of the Agreement. If it differs from a clause, the clause prevails.", size=9.5, align="center", color="#777777")


def signatures(sheet: Sheet, truth: dict) -> None:
    sheet.text(70, 84, "Signed by the parties", bold=True, size=13)
    for index, (y, hand, dated) in enumerate(((130, "O. Hartley", "6 May 2026"), (330, "P. Lindqvist", None))):
        signed, at = truth["signatures"][index], f"/signatures/{index}"
        sheet.frame(70, y, 525, y + 160, "#90a4ae")
        sheet.runs(86, y + 26, ["For the ", ("Provider" if index == 0 else "Client", f"{at}/party"), f", {truth['parties'][index]['name']}"], bold=True)
        sheet.text(86, y + 72, "Signature")
        sheet.text(170, y + 70, hand, font="Hand", size=24, color="#1b3a8a")
        sheet.runs(86, y + 104, ["Name        ", (signed["name"], f"{at}/name")])
        sheet.runs(86, y + 124, ["Position    ", (signed["title"], f"{at}/title")])
        sheet.text(86, y + 146, "Date")
        sheet.rule(140, y + 149, 300)
        if dated:
            sheet.text(146, y + 145, dated, f"{at}/signed_on", font="Hand", size=15, color="#1b3a8a")


def schedule(sheet: Sheet) -> None:
    sheet.text(70, 84, "Schedule 1: Meters and visits", bold=True, size=13)
    rows = [list(row) for row in VISITS]
    y = sheet.table(120, [(76, "left"), (330, "right"), (500, "right")], ["District", "Meters", "Visits each month, at least"], rows, 24, band=(70, 525, "#eceff1"))
    sheet.rule(70, y - 12, 525)
    sheet.text(76, y + 6, "Together", bold=True)
    sheet.text(330, y + 6, f"{sum(int(row[1]) for row in VISITS):,}", bold=True, align="right")
    sheet.text(500, y + 6, str(sum(int(row[2]) for row in VISITS)), bold=True, align="right")
    sheet.text(70, y + 60, "Schedule 2: Processing of personal data", bold=True, size=13)
    sheet.wrap(70, y + 86, 455, "Subject: the Visits. Duration: the term of the Agreement. Kinds of data: names, addresses, telephone numbers and meter readings of the "
               "Client's customers. Processors engaged by the Provider: none. Measures: access by role, encryption at rest and in transit, deletion as clause 11.4 says.",
               leading=16.5)
