"""What a job does. Rows are the truth: a step is claimed under a lease, written once, and swept up when it is lost.

`sending` and `steps` are light; `running` imports synthesis and mastering, so only workers import that.
"""
