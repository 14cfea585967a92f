"""Content Credentials (C2PA 2): a signed manifest inside a finished file says that a trained model made it, and is
bound to every byte around it. Works offline: no time stamp, no remote manifest, no look-up of revocations.

Only WAV and MP3 carry one. The library puts a FLAC file's into an ID3 tag before the marker with which RFC 9639 has
every stream begin, and OGG has no place for it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO

from c2pa import Builder, C2paError, C2paSignerInfo, Context, Reader, Signer
from cryptography.x509 import BasicConstraints, load_pem_x509_certificates

from generator.engine.audio.tags import DIGITAL_SOURCE_TYPE, TOOL, Tags
from generator.engine.errors import CredentialError
from generator.engine.version import ENGINE_VERSION

CREDENTIAL_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
METADATA = "cawg.metadata"
"""CAWG's assertion for what a signer says about the work: C2PA's own metadata assertion has technical fields alone."""
ACTIONS = "c2pa.actions.v2"
_MPEG_STARTS = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
_PURPOSES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.4.1.62558.2.1\n"
"""What a signer's certificate may be for: e-mail, documents, or C2PA claims, which the library leaves out by itself."""
_UNTRUSTED = "signingCredential.untrusted"
_OFFLINE: Mapping[str, Any] = {
    "version": 1,
    "core": {"decode_identity_assertions": False, "allowed_network_hosts": []},
    "verify": {"verify_after_sign": False, "verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    "trust": {"trust_config": _PURPOSES},
    "builder": {"thumbnail": {"enabled": False}},
}

FileSigner = Callable[[bytes, str, Tags], bytes]
"""Takes a finished file, its suffix and its tags, and returns it with a credential."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What signs: nothing of it is in a file but the certificates."""

    certificates: str
    """PEM, the signer's own first, then each that issued the one before it."""
    key: str = field(repr=False)
    """PEM (PKCS #8), without a password."""
    algorithm: str
    """As C2PA names it: ed25519, es256, es384, es512 or ps256."""


@dataclass(frozen=True, slots=True)
class CredentialFinding:
    """What a file's credential says, and whether that may be believed."""

    signer: str
    """The organisation and the name in the signer's certificate; empty where it cannot be read."""
    faults: tuple[str, ...]
    """C2PA's codes for what does not fit, such as assertion.dataHash.mismatch; empty for an intact credential."""
    is_known: bool
    """Its signer is among the given certificates, under a CA that is among them too."""
    title: str = ""
    copyright_id: str = ""
    is_ai_generated: bool = False

    @property
    def is_intact(self) -> bool:
        return not self.faults


def sign_audio(data: bytes, *, suffix: str, tags: Tags, credential: Credential) -> bytes:
    """The file with a credential; its sound and its tags stay.

    CredentialError for a certificate that C2PA refuses: outdated, for another purpose, of another key or algorithm.
    """
    info = C2paSignerInfo(credential.algorithm, credential.certificates.encode(), credential.key.encode(), None)
    signed = BytesIO()
    try:
        with Context.from_dict(dict(_OFFLINE)) as context, Signer.from_info(info) as signer:
            Builder(_describe(tags), context=context).sign(signer, CREDENTIAL_TYPES[suffix], BytesIO(data), signed)
    except C2paError as error:
        raise CredentialError(f"C2PA refuses to sign with this certificate and key: {error}") from error
    return signed.getvalue()


def _describe(tags: Tags) -> dict[str, Any]:
    tool = {"name": TOOL, "version": ENGINE_VERSION}
    created = {"action": "c2pa.created", "digitalSourceType": DIGITAL_SOURCE_TYPE, "softwareAgent": tool}
    said = {"dc:identifier": tags.copyright_id, "dc:rights": tags.licence, "xmpRights:WebStatement": tags.licence_url}
    names = {"dc": "http://purl.org/dc/elements/1.1/", "xmpRights": "http://ns.adobe.com/xap/1.0/rights/"}
    metadata = {"@context": names, **{name: value for name, value in said.items() if value}}
    return {
        "claim_generator_info": [tool],
        "title": tags.title,
        "assertions": [
            {"label": ACTIONS, "data": {"actions": [created]}},
            {"label": METADATA, "kind": "Json", "data": metadata},
        ],
    }


def read_credential(file: BinaryIO, *, known: str = "") -> CredentialFinding | None:
    """The credential in a file of any kind; None where there is none, or no WAV or MP3.

    `known` is PEM: each signer that is known, and the CA that issued it. What has `faults` is not to be believed.
    """
    file.seek(0)
    start = file.read(4)
    if start != b"RIFF" and not start.startswith(_MPEG_STARTS):
        return None
    kind = CREDENTIAL_TYPES[".wav" if start == b"RIFF" else ".mp3"]
    anchors = {"user_anchors": known} if known else {}
    settings = {**_OFFLINE, "trust": {**_OFFLINE["trust"], **anchors}}
    try:
        with Context.from_dict(settings) as context, Reader(kind, file, context=context) as reader:
            return _read_report(json.loads(reader.json()), serials=_list_signers(known))
    except (
        C2paError.ManifestNotFound,
        C2paError.Io,
        C2paError.Other,
    ):  # none, or a damaged file that has no place for one
        return None
    except C2paError as error:
        return CredentialFinding(signer="", faults=(f"unreadable ({error})",), is_known=False)


def _list_signers(known: str) -> set[int]:
    """Serial numbers. Its CA vouches for a signer, but not for it alone: a public one has other customers."""
    certificates = load_pem_x509_certificates(known.encode()) if known else []
    basics = [(each.serial_number, each.extensions.get_extension_for_class(BasicConstraints)) for each in certificates]
    return {serial for serial, basic in basics if not basic.value.ca}


def _read_report(report: dict[str, Any], *, serials: set[int]) -> CredentialFinding:
    manifest = report["manifests"][report["active_manifest"]]
    statuses = report.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    faults = tuple(dict.fromkeys(status["code"] for status in statuses if status["code"] != _UNTRUSTED))
    state = report["validation_state"]
    if state not in ("Valid", "Trusted") and not faults:
        faults = (f"validation state {state}",)
    assertions = {each["label"]: each["data"] for each in manifest.get("assertions", [])}
    actions = assertions.get(ACTIONS, {}).get("actions", [])
    signature = manifest.get("signature_info", {})
    names = (signature.get("issuer", ""), signature.get("common_name", ""))
    return CredentialFinding(
        signer=", ".join(name for name in names if name),
        faults=faults,
        is_known=state == "Trusted" and int(signature.get("cert_serial_number", -1)) in serials,
        title=str(manifest.get("title", "")),
        copyright_id=str(assertions.get(METADATA, {}).get("dc:identifier", "")),
        is_ai_generated=any(action.get("digitalSourceType") == DIGITAL_SOURCE_TYPE for action in actions),
    )
