from django import template

from patients.models import Complaint
from patients.triage import ledger_lines
from patients.triage.ledger_lines import Line

register = template.Library()


@register.filter(name="ledger_lines")
def lines(complaint: Complaint) -> list[Line]:
    """{% for line in complaint|ledger_lines %}"""
    return ledger_lines.of(complaint)
