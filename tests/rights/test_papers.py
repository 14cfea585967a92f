"""The dispute pack and the recipe: whole, checkable, and the owner's alone."""

import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from generator.engine.conductor.network import load_network
from marketplace.catalog.models import Track
from marketplace.catalog.services import freeze_family, retire_family
from marketplace.rights.certificates import find_certificate
from marketplace.rights.dispute_reply import write_reply
from marketplace.rights.models import Download
from marketplace.rights.queries import is_sealed, was_downloaded
from marketplace.rights.services import revoke_ownership
from marketplace.rights.signing import check_envelope
from marketplace.rights.training_bill import summarise_training, training_of
from tests.rights.conftest import WAV

pytestmark = pytest.mark.any_database


def pack_of(sale, client_for) -> dict[str, bytes]:
    response = client_for(sale.owner).get(f"/tracks/{sale.track.pk}/dispute-pack.zip")
    assert response["Content-Disposition"] == f'attachment; filename="dispute-pack-{sale.track.copyright_id}.zip"'
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def test_pack_holds_everything_that_answers_a_claim(sale, client_for) -> None:
    pack = pack_of(sale, client_for)
    assert list(pack) == [
        "reply.txt", "certificate.pdf", "certificate.json", "digests.sha256", "register-lines.json", "recipe.json",
        "keys.json", "verify_offline.py", "README.txt",
    ]  # fmt: skip
    assert f"{sha256(WAV).hexdigest()}  track.wav\n" in pack["digests.sha256"].decode()
    assert [line["content"]["kind"] for line in json.loads(pack["register-lines.json"])] == ["registration", "transfer"]
    assert check_envelope(json.loads(pack["recipe.json"]))["recipe"] == {"engine": "1"}
    for name in set(pack) - {"README.txt"}:
        assert name in pack["README.txt"].decode()


def test_reply_names_work_owner_certificate_and_how_to_verify_it(sale, client_for) -> None:
    reply = pack_of(sale, client_for)["reply.txt"].decode()
    certificate = find_certificate(sale.track)
    for words in (
        sale.track.title, sale.track.copyright_id, sale.company.name, certificate.content["certificate"],
        f"http://testserver/verify/?id={sale.track.copyright_id}", "[number of the claim]", "version 1",
    ):  # fmt: skip
        assert words in reply
    assert "recipe.json" not in reply


def test_reply_says_what_the_work_was_compared_with_where_that_is_certified(sale) -> None:
    document = find_certificate(sale.track).content | {"originality": {"sentence": "Of the 900 works none is like it."}}
    reply = write_reply(document, names=["generation-log.txt"], at=timezone.now())
    assert "It was compared before it was listed. Of the 900 works none is like it." in reply
    assert "The generation log is attached." in reply
    without = write_reply(document | {"originality": None}, names=[], at=timezone.now())
    assert "compared before" not in without
    assert "generation log" not in without


def test_pack_is_checked_with_what_it_brings_along(sale, client_for, tmp_path) -> None:
    for name, content in pack_of(sale, client_for).items():
        (tmp_path / name).write_bytes(content)
    for name in ("certificate.json", "certificate.pdf", "recipe.json"):
        command = [sys.executable, "verify_offline.py", "keys.json", name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, "genuine" in done.stdout) == (0, True), done.stderr


def test_program_gets_the_same_pack(sale, api_for) -> None:
    response = api_for(sale.teammate).get(f"/api/v1/tracks/{sale.track.pk}/dispute-pack/")
    assert response["Content-Type"] == "application/zip"
    assert zipfile.is_zipfile(BytesIO(response.content))


@pytest.mark.parametrize("name", ["dispute-pack.zip", "recipe.json"])
def test_who_has_the_recipe_has_the_music_so_a_refund_retires_the_track(sale, client_for, name: str) -> None:
    assert not was_downloaded(sale.track.family)
    client_for(sale.teammate).get(f"/tracks/{sale.track.pk}/{name}")
    assert was_downloaded(sale.track.family)
    assert (Download.objects.get().user, Download.objects.get().file_name) == (sale.teammate, name)


def test_certificate_alone_gives_no_music_away(sale, client_for) -> None:
    client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.pdf")
    assert not was_downloaded(sale.track.family)


def test_while_the_payment_is_disputed_recipe_and_pack_rest_and_the_certificate_does_not(sale, client_for) -> None:
    freeze_family(family=sale.track.family)
    browser = client_for(sale.owner)
    for name in ("dispute-pack.zip", "recipe.json"):
        assert browser.get(f"/tracks/{sale.track.pk}/{name}").status_code == 403
        assert name not in browser.get(f"/tracks/{sale.track.pk}/rights/").content.decode()
    assert browser.get(f"/tracks/{sale.track.pk}/certificate.pdf").status_code == 200
    assert Download.objects.count() == 0


def test_after_the_sale_recipe_and_seed_are_the_owners_alone(sale) -> None:
    maker = sale.maker.memberships.get().company
    track = Track.objects.select_related("family").get(pk=sale.track.pk)
    assert is_sealed(track, company=maker)
    assert is_sealed(track, company=None)
    assert not is_sealed(track, company=sale.company)
    revoke_ownership(track=track, reference="refund")
    retire_family(family=track.family)
    assert is_sealed(track, company=sale.company)


def test_draft_is_not_sealed_to_its_maker(make_track, make_user) -> None:
    company = make_user().memberships.get().company
    assert not is_sealed(make_track(company=company, draft=True), company=company)


def test_administrator_does_not_see_the_recipe_of_what_was_sold(sale, make_track, admin_client) -> None:
    on_sale = make_track(recipe={"brief": {"seed": 4711}}, seed=4711)
    assert "4711" in admin_client.get(f"/admin/catalog/track/{on_sale.pk}/change/").content.decode()
    Track.objects.filter(pk=sale.track.pk).update(seed=815, recipe={"brief": {"seed": 815}})
    text = admin_client.get(f"/admin/catalog/track/{sale.track.pk}/change/").content.decode()
    assert "Recipe" not in text
    assert "815" not in text


def test_training_is_frozen_in_the_recipe_and_outlives_what_is_shipped() -> None:
    frozen = [{"instrument": "guitar", "checkpoint": "f" * 64, "works": [{"licences": {"Public domain": 3}}]}]
    assert training_of({"checkpoints": {"guitar": "0" * 64}, "training": frozen}) == frozen
    assert training_of({"checkpoints": {"guitar": "0" * 64}}) == [{"instrument": "guitar", "checkpoint": "0" * 64}]


def test_pack_lists_every_work_that_the_networks_learned_from(sale, client_for) -> None:
    digest = load_network().digest
    recipe = {"training": summarise_training({"conductor": digest})}
    Track.objects.filter(pk=sale.track.pk).update(recipe=recipe)
    pack = pack_of(sale, client_for)
    works = recipe["training"][0]["works"][0]
    assert sha256(pack["training/conductor.txt"]).hexdigest() == works["sha256"]
    assert pack["training/conductor.txt"].count(b"\n") == sum(works["files"].values())


def test_pack_is_made_for_a_work_without_a_recipe_and_with_a_name_in_any_script(
    make_user, make_track, sell, client_for
):
    from types import SimpleNamespace

    owner = make_user()
    company = owner.memberships.get().company
    company.name = "株式会社 Łódź <b>"
    company.save()
    track = make_track(title="Größe ♥")
    sell(track=track, owner=company)
    pack = pack_of(SimpleNamespace(owner=owner, track=track), client_for)
    assert "株式会社 Łódź <b>" in pack["reply.txt"].decode()


def test_reproduce_names_a_conductor_that_has_changed() -> None:
    from generator.management.commands.reproduce import list_changes

    recipe = {"brief": {}, "engine": "1", "checkpoints": {}, "conductor": "0" * 64}
    assert any(change.startswith("The conductor's network is") for change in list_changes(recipe))
    assert call_command  # the command itself is tested with the generator
