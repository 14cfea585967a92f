"""The LSTM that plays an instrument: its architecture, its store, its compiled sampling loop.

TensorFlow and Keras are imported only inside `build`, `loop` and the functions that need them.
"""
