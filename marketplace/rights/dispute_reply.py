"""The words of a dispute pack: a reply to a content claim that only wants its gaps filled, and what lies beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

_WHAT = {
    "certificate.pdf": "the certificate of exclusive rights, for people (certificate.json is attached inside it)",
    "certificate.json": "the same, signed, for programs",
    "digests.sha256": "SHA-256 of every file of the work; beside the files: sha256sum --check digests.sha256",
    "register-lines.json": "the work's lines of the ownership register, each chained to the one before it",
    "originality.json": "what the work has in common with what was trained on, and with what was listed or sold",
    "recipe.json": "what the music was made from, signed: brief, seed, networks, human contribution. Confidential",
    "generation-log.txt": "when each step of the composition ran, and what it used",
    "keys.json": "the public keys of the site that signed this",
    "verify_offline.py": "checks certificate.json and recipe.json without that site",
}


def write_reply(document: Mapping[str, Any], *, names: Sequence[str], at: datetime) -> str:
    """A letter about the certified work, dated. Gaps stand in square brackets."""
    music = document["music"]
    papers = ", ".join(name for name in names if name != "recipe.json" and not name.startswith("training/"))
    log = "The generation log is attached." if "generation-log.txt" in names else "It was made note by note."
    report = document.get("originality")
    sentence = f"It was compared before it was listed. {report['sentence']}" if report else ""
    compared = "".join(f"   {line}\n" for line in wrap(sentence, 112))
    instruments = ", ".join(music["instruments"]) or "the instruments named in the certificate"
    return f"""\
{at:%d %B %Y}

To: [the platform, or the claimant that it names]
About: claim [number of the claim] against [address of the video or advertisement]
Work: "{document["title"]}", copyright ID {document["copyright_id"]}

We dispute this claim. The music in our [video] is the work named above, and we hold the exclusive rights in it.

1. Origin. The work was composed and recorded by machine to a brief and registered under the copyright ID
   {document["copyright_id"]}. It is a piece of {music["seconds"]} seconds in {music["key"]}, {music["metre"]}, at \
{music["tempo"]} bpm, for {instruments}.
   It was not put together from loops or from recordings of other works. {log}
{compared}
2. Rights. {document["owner"]} acquired the exclusive rights on {document["sold_at"][:10]} under the terms
   "{document["terms"]["title"]}", version {document["terms"]["version"]}. The certificate is number \
{document["certificate"]};
   it stands at line {document["register"]["position"]} of the ownership register, and is signed.

3. Nobody else can hold rights in it. The site sells each work once, together with every version that is too close to
   it. No licence was granted to anybody before the sale, and none was or will be granted after it. In particular the
   work was never given to a music library, an aggregator or a fingerprint database by anybody entitled to do so.

4. Please verify this yourself, without relying on our word:
   {document["verify_url"]}
   Or offline: python verify_offline.py keys.json certificate.json

We ask you to release the claim. If you uphold it, please name the work on which it rests, its owner, and the passage
(from and to, in our recording and in the claimed one), so that the two can be compared note by note.

I believe in good faith that this claim is mistaken, and that what is stated here is accurate.

[name, position, address, e-mail]
for {document["owner"]}

Attached: {papers}
"""


def write_readme(document: Mapping[str, Any], *, names: Sequence[str], at: datetime) -> str:
    what = _WHAT | {name: _describe(name) for name in names if name not in _WHAT}
    lines = "\n".join(f"  {name:28} {what[name]}" for name in names)
    return f"""\
Dispute pack for "{document["title"]}", {document["copyright_id"]}, put together {at:%Y-%m-%d %H:%M} UTC.

  {"reply.txt":28} a reply to a content claim: fill the gaps in square brackets, read it, sign it
{lines}

Before you send anything: read the reply and make sure that every sentence is true of your case. Leave recipe.json and
training/ out unless you are asked for them: who has the recipe can compose the work again. This is no legal advice.

To check what is signed here:

  pip install cryptography
  python verify_offline.py keys.json certificate.json
  python verify_offline.py keys.json recipe.json

keys.json in this pack comes from the site itself. Compare it with the copy that you kept from the day you bought.
"""


def _describe(name: str) -> str:
    if name.startswith("training/"):
        return "every file that this network learned from, with digest and licence"
    return "the invoice" if name.startswith("invoice") else "see the file"
