"""Invoices and credit notes: what they say, how they are numbered, how they look on paper."""
