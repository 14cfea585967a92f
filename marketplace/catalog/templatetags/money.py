"""Prices in templates: {{ track.price_amount|money:track.price_currency }} -> €249.00."""

from django import template

from marketplace.catalog.money import format_money

register = template.Library()
register.filter("money", format_money)
