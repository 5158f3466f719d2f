"""Stands for a model that reads invoices: says what it read, and how sure it is of each value."""


def handler(event, _context):
    return {
        "output": {
            "invoice_number": event.get("invoice_number", "2026-0117"),
            "vendor": "Northwind Traders",
            "total": event.get("total", 1204.5),
            "currency": "EUR",
        },
        "likelihoods": {
            "invoice_number": 0.99,
            "vendor": 0.98,
            "total": event.get("confidence", 0.72),
            "currency": 0.97,
        },
    }
