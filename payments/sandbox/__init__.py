"""A Stripe of our own on the loopback interface, for the keyless local run and for tests.

It speaks the part of Stripe's API that `payments.gateway` uses, over HTTP, so the real `stripe` client and the real
webhook view run unchanged. It holds requests against the installed library's own parameter types, and knows no money.
"""
