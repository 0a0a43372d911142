"""How good matching is: judged collections in, figures of named systems out.

>>> from evaluation import compare, evaluate, load_collections
"""

from evaluation.collections import Collection
from evaluation.comparison import Comparison, compare
from evaluation.loading import load_collection, load_collections
from evaluation.run import Result, evaluate

__all__ = [
    "Collection",
    "Comparison",
    "Result",
    "compare",
    "evaluate",
    "load_collection",
    "load_collections",
]
