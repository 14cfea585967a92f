"""What makes two pieces the same music, and what is borrowed from the training corpora."""
