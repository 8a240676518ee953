"""The size of a document as it is written: nothing of the schema is known yet, and the document may be invalid.

Fragments count where they are spread. Each is measured once, so that nesting them costs no time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True)
class Shape:
    """Sums of a selection set, or of a whole document."""

    depth: int = 0
    """Levels of nested fields."""
    root_fields: int = 0
    """Fields on the top level."""
    fields: int = 0
    """Fields on all levels."""
    aliases: int = 0
    directives: int = 0

    @staticmethod
    def together(shapes: Iterable["Shape"]) -> "Shape":
        """The shape of selections that stand side by side."""
        depth = root_fields = fields = aliases = directives = 0
        for one in shapes:
            depth = max(depth, one.depth)
            root_fields += one.root_fields
            fields += one.fields
            aliases += one.aliases
            directives += one.directives
        return Shape(depth, root_fields, fields, aliases, directives)


def shape_of(document: DocumentNode) -> Shape:
    """The shape of all operations of a document together."""
    measure = _Measure(document)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return Shape.together(measure.set(one.selection_set, len(one.directives or ())) for one in operations)


class _Measure:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._measured: dict[str, Shape] = {}

    def set(self, selections: SelectionSetNode | None, directives: int = 0) -> Shape:
        inner = [self._selection(one) for one in selections.selections] if selections else []
        return Shape.together([*inner, Shape(directives=directives)])

    def _selection(self, selection: SelectionNode) -> Shape:
        if isinstance(selection, FieldNode):
            inner = self.set(selection.selection_set, len(selection.directives or ()))
            alias = inner.aliases + (selection.alias is not None)
            return Shape(inner.depth + 1, 1, inner.fields + 1, alias, inner.directives)
        if isinstance(selection, FragmentSpreadNode):
            return Shape.together(
                [self._fragment(selection.name.value), Shape(directives=len(selection.directives or ()))]
            )
        return self.set(selection.selection_set, len(selection.directives or ()))  # type: ignore[attr-defined]

    def _fragment(self, name: str) -> Shape:
        if name not in self._measured:
            self._measured[name] = Shape()  # for a fragment that spreads itself, which validation refuses
            if name in self._fragments:
                fragment = self._fragments[name]
                self._measured[name] = self.set(fragment.selection_set, len(fragment.directives or ()))
        return self._measured[name]
