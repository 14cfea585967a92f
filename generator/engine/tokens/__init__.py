"""Notes as symbols: the vocabulary, the events written in it, the context that networks see beside them."""
