"""The database's own refusal to rewrite the register, for whoever goes past the models."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TABLE = "rights_ownershipentry"
_MESSAGE = "lines of the ownership register are never changed or deleted"

_CREATE = {
    # SQLite has no TRUNCATE: Django empties test databases by DELETE, which therefore stays allowed there.
    "sqlite": [
        f"CREATE TRIGGER ownership_append_only BEFORE UPDATE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_ownership_rewrite() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER ownership_append_only BEFORE UPDATE OR DELETE ON {_TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_ownership_rewrite()",
    ],
}
_DROP = {
    "sqlite": ["DROP TRIGGER ownership_append_only"],
    "postgresql": [f"DROP TRIGGER ownership_append_only ON {_TABLE}", "DROP FUNCTION refuse_ownership_rewrite()"],
}


def create_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)
