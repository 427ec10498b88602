"""要綱取り込み: a pasted policy becomes a policy file: its clauses as a tree, everything unmapped, its defects pointed out.

Deterministic and offline: the same text gives the same file. What the text does not say is left open, never filled in; what a rule could
be stands in comments only.
"""

from daemon.rulebook.pasted.defects import Defect, defects
from daemon.rulebook.pasted.reading import Unreadable, text_of
from daemon.rulebook.pasted.tree import Leaf, Tree, tree_of
from daemon.rulebook.pasted.writing import policy_file

__all__ = ["Defect", "Leaf", "Tree", "Unreadable", "defects", "policy_file", "text_of", "tree_of"]
