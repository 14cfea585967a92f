"""What a track costs in each currency in which it can be bought."""

from django.conf import settings

from marketplace.catalog.models import Track


def list_prices(track: Track) -> dict[str, int]:
    """Minor units by currency, the track's own first.

    The house's prices in other currencies hold for tracks at the house's price; a track with a price of its own has
    only that one, because nobody but the administrator who set it knows what it should be elsewhere.
    """
    own = {track.price_currency.lower(): track.price_amount}
    is_at_house_price = own == {settings.DEFAULT_CURRENCY.lower(): settings.DEFAULT_PRICE}
    return own | settings.OTHER_PRICES if is_at_house_price else own
