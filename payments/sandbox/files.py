"""Uploaded files, which are evidence for disputes. They come as `multipart/form-data`, in the library's writing."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import urlencode

from payments.sandbox.account import Account
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Document, make_id

LARGEST_BYTES = 5 * 1024 * 1024
LIFE_SECONDS = 274 * 24 * 60 * 60
"""Nine months."""
_NAMES = re.compile(r'\b(name|filename)="([^"]*)"')
_KINDS = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


def read_multipart(body: bytes, content_type: str) -> tuple[str, dict[str, bytes]]:
    """The form in which a file stands as `digest/name`, and the contents by that."""
    fields, contents = [], {}
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(_NAMES.findall(head.decode("utf-8", "replace")))
        text = content.decode("utf-8", "replace")
        if "filename" in names:
            text = f"{hashlib.sha256(content).hexdigest()}/{names['filename']}"
            contents[text] = content
        fields.append((names.get("name", ""), text))
    return urlencode(fields), contents


def create_file(account: Account, parameters: dict[str, Any]) -> Document:
    if parameters["purpose"] != "dispute_evidence":
        raise ApiError("The sandbox takes evidence for disputes alone.", param="purpose")
    content = account.uploads.pop(parameters["file"], None)
    if content is None:
        raise ApiError("Invalid file: it has to be uploaded as multipart/form-data.", param="file")
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise ApiError("Unsupported file type: evidence is PDF, JPEG or PNG.", param="file")
    if len(content) > LARGEST_BYTES:
        raise ApiError(f"The file has more than {LARGEST_BYTES} bytes.", param="file")
    return account.store.put(
        {
            "id": make_id("file"),
            "object": "file",
            "created": account.clock.now(),
            "expires_at": account.clock.now() + LIFE_SECONDS,
            "filename": parameters["file"].partition("/")[2],
            "links": None,
            "purpose": parameters["purpose"],
            "size": len(content),
            "title": None,
            "type": kind,
            "url": None,
            "_content": base64.b64encode(content).decode(),
        }
    )
