"""An invoice on paper: A4, from its content alone. The same content gives the same bytes."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from generator.engine.pdf_text import BOLD, REGULAR, mark_up, register_fonts
from marketplace.catalog.money import format_money
from payments.billing.countries import COUNTRIES

register_fonts()
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=13)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7, leading=10, textColor=colors.HexColor("#555555"))
_SMALL_RIGHT = ParagraphStyle("small-right", parent=_SMALL, alignment=2)
_RIGHT = ParagraphStyle("right", parent=_BODY, alignment=2)
_TOTAL = ParagraphStyle("total", parent=_RIGHT, fontName=BOLD, fontSize=11)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName=BOLD, fontSize=20, leading=25)
_TITLES = {"invoice": "Invoice", "credit_note": "Credit note"}
_LINES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, colors.black),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
)
_BLOCK = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])


def draw_invoice(content: dict[str, Any]) -> bytes:
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=f"{_TITLES[content['kind']]} {content['number']}",
        author=content["seller"].get("name", ""),
        subject=f"order {content['order']}",
        invariant=1,
    )
    page.build([*_draw_head(content), *_draw_lines(content), *_draw_totals(content), *_draw_notes(content)])
    return out.getvalue()


def _draw_head(content: dict[str, Any]) -> list[Flowable]:
    seller, buyer = content["seller"], content["buyer"]
    from_whom = [_embolden(seller.get('name', '')), *map(mark_up, seller.get("address", [])),
                 mark_up(COUNTRIES.get(seller.get("country", ""), "")), _name_vat(seller)]  # fmt: skip
    town = f"{buyer.get('postal_code', '')} {buyer.get('city', '')}".strip()
    town += f", {buyer['state']}" if buyer.get("state") else ""
    to_whom = [_embolden(buyer.get('legal_name', '')), *map(mark_up, (
        buyer.get("line1", ""), buyer.get("line2", ""), town, COUNTRIES.get(buyer.get("country", ""), ""))),
        _name_vat(buyer), *_name_tax_ids(buyer),
        "" if buyer.get("line1") else mark_up(buyer.get("email", ""))]  # fmt: skip
    facts = [("Number", content["number"]), ("Date", content["issued_on"])]
    if content["kind"] == "invoice":
        facts.append(("Supplied on", content["issued_on"]))
    else:
        facts.append(("Corrects", f"{content['corrects']['number']} of {content['corrects']['issued_on']}"))
    if buyer.get("reference"):
        facts.append(("Your reference", buyer["reference"]))
    written = [f"{name}: {_embolden(value)}" for name, value in facts]
    parties = Table([[_block("To", to_whom), _block("From", from_whom)]], colWidths=[81 * mm, 80 * mm], style=_BLOCK)
    return [
        Paragraph(_TITLES[content["kind"]], _TITLE),
        Spacer(1, 3 * mm),
        Paragraph("<br/>".join(written), _BODY),
        Spacer(1, 8 * mm),
        parties,
        Spacer(1, 10 * mm),
    ]


def _block(name: str, lines: list[str]) -> Paragraph:
    kept = "<br/>".join(line for line in lines if line)
    return Paragraph(f'<font size="7" color="#555555">{name}</font><br/>{kept}', _BODY)


def _name_vat(party: dict[str, Any]) -> str:
    return f"VAT number {mark_up(party['vat_number'])}" if party.get("vat_number") else ""


def _name_tax_ids(party: dict[str, Any]) -> list[str]:
    """Numbers that are no VAT numbers, by the name of their kind: US EIN, AU ABN."""
    return [mark_up(f"{each['type'].replace('_', ' ').upper()} {each['value']}") for each in party.get("tax_ids", [])]


def _draw_lines(content: dict[str, Any]) -> list[Flowable]:
    currency, sign = content["currency"], _sign(content)
    names = [("What", _SMALL), *((name, _SMALL_RIGHT) for name in ("Net", "Tax", "Total"))]
    rows = [[Paragraph(name, style) for name, style in names]]
    for line in content["lines"]:
        amounts = (sign + format_money(line[name], currency) for name in ("net", "tax", "total"))
        rows.append(
            [Paragraph(mark_up(line["description"]), _BODY), *(Paragraph(mark_up(each), _RIGHT) for each in amounts)]
        )
    return [Table(rows, colWidths=[77 * mm, 28 * mm, 28 * mm, 28 * mm], style=_LINES), Spacer(1, 5 * mm)]


def _draw_totals(content: dict[str, Any]) -> list[Flowable]:
    currency, sign = content["currency"], _sign(content)
    rows = [[Paragraph("Net", _RIGHT), _draw_amount(sign, content["net"], currency, _RIGHT)]]
    for tax in content["taxes"]:
        percent = f" {Decimal(tax['percent']).normalize():f} %" if Decimal(tax["percent"]) else ""
        rows.append([Paragraph(f"{mark_up(tax['label'])}{percent}", _RIGHT),
                     _draw_amount(sign, tax["tax"], currency, _RIGHT)])  # fmt: skip
    label = "Total" if content["kind"] == "invoice" else "Total credited"
    rows.append([Paragraph(label, _TOTAL), _draw_amount(sign, content["total"], currency, _TOTAL)])
    return [
        Table(rows, colWidths=[119 * mm, 42 * mm], style=TableStyle([("RIGHTPADDING", (-1, 0), (-1, -1), 0)])),
        Spacer(1, 8 * mm),
    ]


def _draw_notes(content: dict[str, Any]) -> list[Flowable]:
    lines = list(content["notes"])
    if content.get("reason"):
        lines.append(f"Reason: {content['reason']}")
    if content.get("paid"):
        lines.append(f"Paid by card on {content['issued_on']}: nothing is due any more.")
    else:
        lines.append("The amount goes back to the card that paid.")
    small = f"Order {content['order']}" + (f", payment {content['payment']}" if content["payment"] else "")
    return [*(Paragraph(mark_up(line), _BODY) for line in lines), Spacer(1, 4 * mm), Paragraph(mark_up(small), _SMALL)]


def _sign(content: dict[str, Any]) -> str:
    return "−" if content["kind"] == "credit_note" else ""


def _embolden(text: str) -> str:
    return f'<font name="{BOLD}">{mark_up(text, font=BOLD)}</font>'


def _draw_amount(sign: str, amount: int, currency: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(mark_up(sign + format_money(amount, currency), font=style.fontName), style)
