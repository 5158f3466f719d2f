"""What the machine was asked for: the schema of each workflow's output is what pydantic writes of these models."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, Literal, Optional, Union

from pydantic import BaseModel, Field


class Currency(str, Enum):
    """ISO 4217 code."""

    GBP = "GBP"
    EUR = "EUR"
    USD = "USD"
    CHF = "CHF"


class Address(BaseModel):
    """A postal address."""

    street: str = Field(description="Street and number, as written")
    city: str
    state: Optional[str] = Field(default=None, description="Only where addresses have one")
    postcode: str = Field(max_length=10, description="Postcode or ZIP code")
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters")


class Party(BaseModel):
    """A company as it appears on the document."""

    name: str = Field(description="Legal name, with its legal form")
    vat_number: Optional[str] = Field(title="VAT number", description="As written, with its country code; null if the document shows none")
    address: Address


class LineItem(BaseModel):
    """One line of an invoice."""

    line: int = Field(ge=1, title="#", description="Number of the line, from 1")
    sku: Optional[str] = Field(title="SKU", description="The seller's article number")
    description: str
    quantity: float = Field(title="Qty", description="Pieces, hours, kilograms, ...")
    unit_price: float = Field(title="Unit", description="Price of one, before tax")
    amount: float = Field(description="Quantity times unit price, before tax")


class Tax(BaseModel):
    """A tax and its amount."""

    name: str
    rate: float = Field(ge=0, le=1, description="0.2 is 20 %")
    amount: float


class Payment(BaseModel):
    """How it is to be paid."""

    terms: Optional[str] = Field(default=None, description="As written")
    iban: Optional[str] = Field(default=None, title="IBAN")
    bic: Optional[str] = Field(default=None, title="BIC")
    sort_code: Optional[str] = Field(default=None, description="United Kingdom only")
    account_number: Optional[str] = None
    reference: Optional[str] = Field(default=None, description="What the payer is asked to quote")


class SourceDocument(BaseModel):
    """The file that was read."""

    file_name: str
    pages: int = Field(ge=1)
    language: Optional[str] = None


class LowConfidence(BaseModel):
    """A value that the model was not sure of."""

    field: str
    value: str
    confidence: float = Field(ge=0, le=1)
    alternative: Optional[str] = None


class Invoice(BaseModel):
    """An invoice from a supplier."""

    document: Optional[SourceDocument] = None
    invoice_number: str
    issue_date: date = Field(description="Date of the invoice")
    due_date: Optional[date] = Field(description="Latest day of payment; null if none is named and none follows from the terms")
    purchase_order: Optional[str] = Field(default=None, description="Our order number")
    currency: Currency
    seller: Party
    buyer: Party
    line_items: list[LineItem] = Field(min_length=1)
    subtotal: float = Field(description="Sum of the lines, before tax")
    tax: Tax
    withholding: Optional[Tax] = Field(default=None, description="Tax that the buyer keeps back, as a positive amount")
    total_amount: float = Field(description="What is to be paid")
    payment: Optional[Payment] = None
    low_confidence: Optional[list[LowConfidence]] = None


class ShopAddress(BaseModel):
    """Where the shop or restaurant is."""

    street: str
    city: str
    state: Optional[str] = None
    zip: Optional[str] = Field(default=None, title="ZIP or postcode")


class Merchant(BaseModel):
    """Who issued the receipt."""

    name: str
    phone: Optional[str] = None
    vat_number: Optional[str] = Field(default=None, title="VAT number")
    address: ShopAddress


class ReceiptItem(BaseModel):
    """One line of a receipt."""

    description: str
    quantity: float = Field(title="Qty")
    unit_price: float
    amount: float


class Tip(BaseModel):
    """What was added for the staff."""

    amount: float
    handwritten: bool = Field(description="Whether it was written by hand")


class CardPayment(BaseModel):
    """How it was paid."""

    method: Literal["card", "cash", "voucher"]
    network: Optional[str] = None
    last_four: Optional[str] = Field(default=None, pattern="^[0-9]{4}$", description="Last four digits of the card")
    approval_code: Optional[str] = None


class Expense(BaseModel):
    """Where the expense belongs."""

    employee_id: Optional[str] = None
    category: Literal["meals", "travel", "lodging", "supplies", "other"]
    project: Optional[str] = None


class Receipt(BaseModel):
    """A receipt handed in with an expense report."""

    merchant: Merchant
    receipt_number: Optional[str] = None
    purchased_at: str = Field(description="Local date and time, like 2026-05-09T19:42")
    server: Optional[str] = None
    table: Optional[str] = None
    guests: Optional[int] = None
    currency: Currency
    items: list[ReceiptItem]
    subtotal: float
    tax: Tax
    total_before_tip: Optional[float] = None
    tip: Optional[Tip] = None
    total_amount: float = Field(description="What was paid, tip included")
    payment: CardPayment
    expense: Expense
    low_confidence: Optional[list[LowConfidence]] = None


class OrderAddress(BaseModel):
    """A postal address."""

    street: str
    postcode: str
    city: str
    country: str = Field(pattern="^[A-Z]{2}$")


class Customer(BaseModel):
    """Who orders."""

    name: str
    address: OrderAddress
    contact: Optional[str] = None


class Supplier(BaseModel):
    """Who is to deliver."""

    name: str
    supplier_number: Optional[str] = None
    address: OrderAddress


class OrderLine(BaseModel):
    """One position of an order."""

    position: int
    material: str = Field(description="The customer's material number")
    description: str
    quantity: float
    unit: str
    unit_price: float
    amount: float


class Delivery(BaseModel):
    """When and how it is to arrive."""

    date: Optional[date]
    calendar_week: Optional[str]
    terms: Optional[str]
    address: Optional[OrderAddress] = Field(description="Only if it differs from the customer's")


class Remark(BaseModel):
    """Something that the model noticed."""

    field: str
    message: str


class PurchaseOrder(BaseModel):
    """An order from a customer."""

    document: SourceDocument
    order_number: str
    order_date: date
    currency: Currency
    customer: Customer
    supplier: Supplier
    vat_number: Optional[str] = Field(title="VAT number", description="The customer's, with its country code")
    lines: list[OrderLine]
    discounts: list[Any] = Field(description="Discounts on the whole order")
    net_amount: float
    tax: Tax
    total_amount: float
    delivery: Delivery
    framework_contract: Optional[str] = Field(description="Number of the framework contract, if the order names one")
    remarks: list[Remark]


class DeliveryLine(BaseModel):
    """One line of a delivery note."""

    line: int = Field(title="#")
    article: str
    description: str
    ordered: int
    delivered: int
    batch: Optional[str] = Field(description="Batch or lot number")


class DeliveryNote(BaseModel):
    """What a carrier handed over."""

    delivery_note_number: str
    delivery_date: date
    order_number: Optional[str]
    supplier: str
    ship_to: str
    carrier: Optional[str]
    lines: list[DeliveryLine]
    packages: int = Field(description="Number of pallets or parcels")
    gross_weight_kg: float = Field(title="Gross weight, kg")
    damaged: bool = Field(description="Whether the receiver noted damage")
    received_by: Optional[str]


class Transaction(BaseModel):
    """One booking."""

    date: date
    description: str
    reference: Optional[str]
    amount: float = Field(description="Positive: money in. Negative: money out")
    balance: float = Field(description="Balance after it")


class BankStatement(BaseModel):
    """A statement of one account for one month."""

    bank: str
    account_holder: str
    iban: str = Field(title="IBAN")
    statement_number: str
    period_start: date
    period_end: date
    currency: Currency
    opening_balance: float
    closing_balance: float
    total_in: float
    total_out: float
    transactions: list[Transaction]


class ClaimCause(str, Enum):
    """What caused the damage."""

    collision = "collision"
    theft = "theft"
    fire = "fire"
    hail = "hail"
    vandalism = "vandalism"
    glass = "glass"


class Vehicle(BaseModel):
    """A vehicle."""

    registration: str
    make_and_model: str
    mileage: Optional[int] = None


class OtherDriver(BaseModel):
    """The other driver, if there was one."""

    name: str
    registration: str
    insurer: Optional[str]


class Claimant(BaseModel):
    """Who claims."""

    name: str
    date_of_birth: date
    address: str
    phone: Optional[str]
    email: Optional[str] = Field(json_schema_extra={"format": "email"})


class MotorClaim(BaseModel):
    """A motor insurance claim form."""

    policy_number: str
    claim_number: Optional[str] = Field(description="Filled in by the insurer")
    claimant: Claimant
    vehicle: Vehicle
    occurred_on: date
    occurred_at: Optional[str] = Field(description="Time of day, HH:MM")
    place: str
    cause: ClaimCause
    description: str
    police_informed: bool
    crime_reference: Optional[str]
    injuries: bool
    vehicle_drivable: bool
    other_driver: Optional[OtherDriver]
    estimated_cost: Optional[float] = Field(description="In pounds")
    signed: bool
    signed_on: Optional[date]


class ContractParty(BaseModel):
    """A party to the contract."""

    role: Literal["provider", "client"]
    name: str
    registration_number: Optional[str]
    address: str


class Term(BaseModel):
    """How long it runs."""

    starts_on: date
    ends_on: Optional[date]
    months: Optional[int]
    renewal: Optional[str]
    notice_days: Optional[int] = Field(description="As the clause on termination says")


class Fees(BaseModel):
    """What is paid."""

    currency: Currency
    monthly: float
    term_total: Optional[float]
    payment_days: Optional[int]


class Clause(BaseModel):
    """A clause that lawyers want to see."""

    number: str
    heading: str
    text: str


class Signature(BaseModel):
    """Who signed, and when."""

    party: Literal["provider", "client"]
    name: str
    title: Optional[str]
    signed_on: Optional[date]


class Contract(BaseModel):
    """A service contract."""

    title: str
    reference: Optional[str]
    parties: list[ContractParty] = Field(min_length=2)
    term: Term
    fees: Fees
    clauses: list[Clause]
    governing_law: str
    jurisdiction: Literal["exclusive", "non-exclusive"]
    signatures: list[Signature]
    remarks: list[Remark]


class MailType(str, Enum):
    """Kinds of what comes with the post."""

    cover_letter = "cover_letter"
    claim_form = "claim_form"
    expert_report = "expert_report"
    invoice = "invoice"
    photographs = "photographs"
    other = "other"


class PageRange(BaseModel):
    """Pages of the whole file, from 1."""

    first: int = Field(ge=1)
    last: int = Field(ge=1)


class Part(BaseModel):
    """One document of the file."""

    index: int
    type: MailType
    title: str
    pages: PageRange
    page_count: int
    confidence_percent: int = Field(ge=0, le=100)


class UnassignedPage(BaseModel):
    """A page that belongs to no document."""

    page: int
    reason: str


class BoundaryToCheck(BaseModel):
    """A place where one document may end and the next begin."""

    after_page: int
    question: str


class ScannedFile(BaseModel):
    """The file that was split."""

    file_name: str
    pages: int
    scanned_at: str = Field(json_schema_extra={"format": "date-time"})


class MailroomSplit(BaseModel):
    """The documents in one scanned file."""

    document: ScannedFile
    documents: list[Part]
    unassigned_pages: list[UnassignedPage]
    boundaries_to_check: list[BoundaryToCheck]


class MailLabel(str, Enum):
    """Kinds of what suppliers send."""

    supplier_invoice = "supplier_invoice"
    credit_note = "credit_note"
    statement_of_account = "statement_of_account"
    payment_reminder = "payment_reminder"
    other = "other"


class ClassifiedFile(BaseModel):
    """The file that was classified."""

    file_name: str
    pages: int
    received_from: Optional[str]


class Score(BaseModel):
    """How much speaks for a label."""

    label: MailLabel
    score: float = Field(ge=0, le=1)


class LabelEvidence(BaseModel):
    """What on the page speaks for a label."""

    page: int
    text: str
    supports: MailLabel


class Classification(BaseModel):
    """What kind of document it is."""

    document: ClassifiedFile
    label: MailLabel
    scores: list[Score]
    evidence: list[LabelEvidence]
    reasoning: str


class Condition(BaseModel):
    """The condition of the branch."""

    name: str
    expression: str


class ApprovalInputs(BaseModel):
    """What the condition was computed from."""

    invoice_number: str
    supplier_id: str
    supplier_is_new: bool
    total_amount: float
    currency: Currency
    exchange_rate: float
    exchange_rate_date: date
    total_eur: float
    approval_limit_eur: float


class EvaluatedClause(BaseModel):
    """One clause, with its numbers."""

    clause: str
    left: Union[float, bool, None]
    right: Union[float, bool, None]
    result: bool


class ApprovalBranch(BaseModel):
    """Which way the workflow goes on."""

    condition: Condition
    inputs: ApprovalInputs
    evaluation: list[EvaluatedClause]
    result: bool
    branch: str
    other_branches: list[str]
    remarks: list[str]


SCHEMAS: dict[str, type[BaseModel]] = {
    "invoice": Invoice,
    "receipt": Receipt,
    "purchase-order": PurchaseOrder,
    "delivery-note": DeliveryNote,
    "bank-statement": BankStatement,
    "motor-claim": MotorClaim,
    "contract": Contract,
    "mailroom-split": MailroomSplit,
    "mail-label": Classification,
    "approval-branch": ApprovalBranch,
}
