"""Whom an invoice is made out to, and which tax it carries."""
