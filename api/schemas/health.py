"""Whether the service can answer, as it goes out."""

from pydantic import BaseModel, ConfigDict

from indexer.records import Side


class Health(BaseModel):
    """A service that can answer; `index_version` is the catalog version the index was made from."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "version": "0.1.0",
                "catalog_version": 4,
                "index_version": 4,
                "records": {"supply": 160, "demand": 110},
            }
        }
    )
    status: str
    version: str
    catalog_version: int
    index_version: int
    records: dict[Side, int]


class Readiness(BaseModel):
    """A service that takes requests; `index_version` is the catalog version that can be searched,
    a moment behind `catalog_version` while something is being written."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"status": "ready", "catalog_version": 4, "index_version": 4}}
    )
    status: str
    catalog_version: int
    index_version: int
