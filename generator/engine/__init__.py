"""The music engine: a brief in, a score and its sound out. Plain Python: no Django, Celery or Stripe in here."""
