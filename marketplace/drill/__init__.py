"""The failure drill: a whole site in a temporary folder, a storm of purchases, and everything killed in turn.

`manage.py drill` starts the processes with `marketplace.drill.settings`, which no other process uses.
"""
