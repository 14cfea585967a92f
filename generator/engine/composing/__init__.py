"""Composing: roles, then a part at a time from its network, the best of many candidates, then one piece."""
