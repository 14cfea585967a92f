"""For models that are only read in the admin: their services write them."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyMixin:
    model: type[Model]
    can_delete = False
    extra = 0
    shown: tuple[str, ...] = ()
    """Empty: every field."""

    def get_fields(self, _request: HttpRequest, _obj: Model | None = None) -> Any:
        return self.shown or [field.name for field in self.model._meta.fields]

    def get_readonly_fields(self, _request: HttpRequest, _obj: Model | None = None) -> Any:
        return self.shown or [field.name for field in self.model._meta.fields]

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False
