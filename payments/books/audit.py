"""All checks in turn, and the alarm."""

import logging
from datetime import timedelta

from django.utils import timezone

from payments.books.findings import Check, Finding
from payments.books.invoices import check_coverage, check_documents, check_numbers
from payments.books.orders import check_disputes, check_histories, check_lines, check_refunds, check_waiting
from payments.books.ownership import check_families, check_ownerships, check_sales
from payments.books.provider import check_returns, check_sessions
from payments.books.record import record_findings

alerts = logging.getLogger("payments.alerts")

DAYS_AT_STRIPE = 30

OUR_BOOKS: tuple[Check, ...] = (
    check_sales,
    check_ownerships,
    check_families,
    check_histories,
    check_lines,
    check_refunds,
    check_disputes,
    check_waiting,
    check_numbers,
    check_documents,
    check_coverage,
)


def check_books(*, days: int = DAYS_AT_STRIPE) -> list[Finding]:
    """What does not agree; each finding alarms the administrators once.

    `days` is how far back Stripe is asked; 0 asks it nothing.

    Orders move while they are read. Only what is found twice is a finding: one look may fall between two steps.
    """
    findings = _look(days)
    if findings:
        findings &= _look(days)
    for finding in record_findings(findings=findings, is_full=days > 0, now=timezone.now()):
        alerts.error("The books do not agree. %s", finding)
    return sorted(findings)


def _look(days: int) -> set[Finding]:
    found = {finding for check in OUR_BOOKS for finding in check()}
    if days:
        since = timezone.now() - timedelta(days=days)
        found.update(check_sessions(since), check_returns(since))
    return found
