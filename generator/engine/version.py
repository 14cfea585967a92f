"""The engine's version, stored with every track: raise it whenever the same brief and seed may give other notes."""

ENGINE_VERSION = "0.7.0"
