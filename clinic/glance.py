"""Whether a table has anything to do: what each tick asks, most often in vain.

To build such a query takes the ORM several times as long as the database to answer it.
"""

from collections.abc import Sequence

from django.db import connection, models

from clinic import bulk


def is_any(model: type[models.Model], condition: str, values: Sequence[object]) -> bool:
    """Whether a row meets a condition in SQL, in which a value stands as %s."""
    table = connection.ops.quote_name(model._meta.db_table)
    # Our own words only; every value is a parameter.
    statement = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {condition})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [bulk.stored(value) for value in values])
        return bool(cursor.fetchone()[0])
