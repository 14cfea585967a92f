"""The spot kit: a track arranged anew for the lengths and uses that an edit suite asks for."""
