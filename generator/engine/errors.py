"""Errors of the engine. Each is permanent (the same input fails again) unless `transient` says otherwise."""

from collections.abc import Iterable


class EngineError(Exception):
    """Something the engine refuses or cannot do. `code` is stable and greppable, `str(error)` is for people."""

    code = "engine_error"
    transient = False


class InvalidBriefError(EngineError):
    """A brief asks for something that does not exist. Names the field, the value and what is allowed."""

    code = "invalid_brief"

    def __init__(self, *, field: str, value: object, remedy: str, allowed: Iterable[str] = ()) -> None:
        self.field = field
        self.value = value
        self.remedy = remedy
        self.allowed = tuple(allowed)
        super().__init__(f"{field}: {value!r} is not possible. {remedy}")


class CorpusError(EngineError):
    """A training file or folder that is refused: not on the allow-list, unreadable, hostile or empty."""

    code = "corpus_refused"


class ModelError(EngineError):
    """A checkpoint that is missing, altered (its digest differs) or made for another vocabulary."""

    code = "model_refused"


class RenderError(EngineError):
    """Sound that may not be shipped: a missing preset, silence, clipping, a note that cannot be played."""

    code = "render_refused"


class WriteError(RenderError):
    """A file that could not be written: a full disk, a folder that may not be written to. Later it may go well."""

    code = "write_refused"
    transient = True


class NotationError(EngineError):
    """A score that cannot be put on paper."""

    code = "notation_refused"


class PackError(EngineError):
    """A delivery pack that may not be delivered, or a file that is none."""

    code = "pack_refused"


class CredentialError(EngineError):
    """A Content Credential that cannot be made with the certificate and the key at hand."""

    code = "credential_refused"


class UnreadableSoundError(EngineError):
    """A file from outside that holds no sound we can read."""

    code = "unreadable_sound"
