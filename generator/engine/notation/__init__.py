"""The score on paper: MusicXML of a piece, engraved pages, piano rolls."""
