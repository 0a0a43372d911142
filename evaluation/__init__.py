"""How good matching is: judged collections in, figures of named systems out.

>>> from evaluation import evaluate, load_collection
"""

from evaluation.collections import Collection, load_collection
from evaluation.run import Result, evaluate

__all__ = ["Collection", "Result", "evaluate", "load_collection"]
