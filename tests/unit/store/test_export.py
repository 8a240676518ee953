"""Every table that names a person is in the export, or has a reason not to be."""

from sqlalchemy import Table

from subgraphs.kit.database.repository import table_of
from subgraphs.store.audit.tables import TABLES
from subgraphs.store.export.sections import NOT_EXPORTED, SECTIONS, Section

NAMES_OF_PEOPLE = {"user_id", "publisher_id", "created_by"}


def tables(*sections: Section) -> set[str]:
    return {table_of(one.model).name for one in sections} | {
        name for one in sections if one.parts for name in tables(*one.parts)
    }


def names_a_person(table: Table) -> bool:
    return bool(NAMES_OF_PEOPLE & set(table.c.keys()))


def test_no_table_is_forgotten() -> None:
    for subgraph, models in TABLES.items():
        named = {table.name for table in models.Base.metadata.sorted_tables if names_a_person(table)}
        assert named <= tables(*SECTIONS[subgraph]) | NOT_EXPORTED.keys(), subgraph


def test_all_subgraphs_are_covered() -> None:
    assert SECTIONS.keys() == TABLES.keys()
