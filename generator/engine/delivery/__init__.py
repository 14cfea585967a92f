"""What a buyer gets: sound at every loudness in use, stems, scores, a report and a manifest, in one file."""
