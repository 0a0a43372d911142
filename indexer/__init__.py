"""Records, their catalog, and the index made from it."""

from indexer.catalog import Catalog
from indexer.encoder import Encoder
from indexer.index import Index
from indexer.records import Record

__all__ = ["Catalog", "Encoder", "Index", "Record"]
