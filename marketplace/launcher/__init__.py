"""`make run`: everything a local Onetake needs, started together and stopped together. No root, Docker or keys."""
