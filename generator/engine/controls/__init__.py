"""What a brief may settle about the music itself: how its energy runs, where it strikes, what its tune begins with."""
