"""Stores: where records are searched, one protocol over the embedded index and Milvus."""
