"""What shows a bank that a sale was real: as papers for Stripe, and as a ZIP to keep."""
