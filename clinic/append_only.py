"""Tables whose rows can be added but never changed or deleted, by the database."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
# The condition of a trigger may not look into another table; that of a function may.
_POSTGRESQL_FUNCTION_WHEN = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {when} THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
_POSTGRESQL = {
    "kept": """
CREATE TRIGGER {name} BEFORE {update} OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {function}()
""",
    "kept_truncate": """
CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""",
}
_SQLITE = {
    "kept_UPDATE": """
CREATE TRIGGER {name} BEFORE {update} ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
""",
    "kept_DELETE": """
CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
""",
    # INSERT OR REPLACE deletes what is in its way without asking the one above.
    "kept_INSERT": """
CREATE TRIGGER {name} BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} AS old WHERE ({same}) AND {when})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
""",
}


def models_of(connection: BaseDatabaseWrapper) -> list[type[Model]]:
    """The models that call themselves append-only and whose tables exist already."""
    present = set(connection.introspection.table_names())
    marked = [m for m in apps.get_models() if getattr(m, "is_append_only", False)]
    return [model for model in marked if model._meta.db_table in present]


def install(connection: BaseDatabaseWrapper) -> None:
    """Anew each time: a column that was added since is kept as well."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL_FUNCTION)
    for model in models_of(connection):
        # Table by table, so that no lock is held on two of them.
        with transaction.atomic(using=connection.alias):
            _remove_from(model, connection)
            _install_on(model, connection)


def _install_on(model: type[Model], connection: BaseDatabaseWrapper) -> None:
    table, update = model._meta.db_table, _update(connection, model)
    when = getattr(model, "kept_when", "")
    function = f"refuse_change_of_{table}" if when else "refuse_change"
    with connection.cursor() as cursor:
        if when and connection.vendor == "postgresql":
            cursor.execute(
                _POSTGRESQL_FUNCTION_WHEN.format(function=function, when=when)
            )
        for name, text in _triggers(connection).items():
            statement = text.format(
                table=table,
                name=f"{table}_{name}",
                update=update,
                same=_same(model),
                when=when or "1",
                function=function,
            )
            cursor.execute(statement)


def _triggers(connection: BaseDatabaseWrapper) -> Mapping[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE


def _update(connection: BaseDatabaseWrapper, model: type[Model]) -> str:
    """Of all columns, or of all but those that the model lets change."""
    changing = getattr(model, "columns_that_change", ())
    if not changing:
        return "UPDATE"
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(
            cursor, model._meta.db_table
        )
    kept = [column.name for column in found if column.name not in changing]
    return f"UPDATE OF {', '.join(kept)}"


def _same(model: type[Model]) -> str:
    """Whether a row to be inserted takes the place of one that is kept."""
    fields = model._meta.local_concrete_fields
    columns_of = {field.name: field.column for field in fields}
    once = [[field.column] for field in fields if field.unique]
    once += [
        [columns_of[name] for name in constraint.fields]
        for constraint in model._meta.total_unique_constraints
    ]
    return " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")"
        for columns in once
    )


def remove(connection: BaseDatabaseWrapper) -> None:
    """For tests that must empty the tables; nothing in the product calls it."""
    for model in models_of(connection):
        _remove_from(model, connection)


def _remove_from(model: type[Model], connection: BaseDatabaseWrapper) -> None:
    table = model._meta.db_table
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")


def reinstall(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    install(connections[using])
