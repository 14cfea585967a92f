"""Files that hold a secret."""

import os
import tempfile
from pathlib import Path


def write_private_file(path: Path, content: bytes, *, replace: bool) -> None:
    """Whole or not at all, readable by its owner alone. Without `replace` the first of two writers wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if replace:
            os.replace(name, path)
        else:
            os.link(name, path)
    except FileExistsError:
        return
    finally:
        Path(name).unlink(missing_ok=True)
