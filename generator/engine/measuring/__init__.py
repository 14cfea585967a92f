"""What benchmarks share: options, results and their pages, environment, the comparisons (human, reference, n-gram)."""
