"""Training: corpora to arrays, arrays to networks, networks measured against n-grams. Runs on any Keras backend."""
