"""The store of a workspace, where the setting `store` names one outside it."""

from indexer.catalog import Catalog
from indexer.encoder import DEFAULT_ENCODER, LSA, Hardware, encoder_asked
from indexer.encoders.cache import CachedEncoder
from indexer.encoders.loading import load_encoder
from indexer.errors import RequestError
from indexer.live.following import quick
from indexer.stores.connection import Address, Connection
from indexer.stores.following import foreign
from indexer.stores.ledger import Ledger
from indexer.stores.milvus import MilvusStore
from indexer.workspace import Workspace


def store_address(workspace: Workspace) -> Address:
    """Where the store of a workspace is that has one outside it.

    Raises RequestError for a setting that is no address.
    """
    return Address.read(workspace.settings.store, workspace.path)


def open_store(
    workspace: Workspace, address: Address, encoder: str | None = None, *, full: bool = False
) -> MilvusStore:
    """The store at `address`, with the encoder asked for: `encoder`, that of the settings, the one
    the store was made with, the default. With `full`, emptied first.

    Raises RequestError: as `Connection` does; the store was made with another encoder; the encoder
    is fitted to a catalog, and is kept by the index in the workspace alone.
    """
    connection = Connection(address)
    try:
        made = _made_with(connection, any_version=full)
        name = encoder or encoder_asked(workspace.settings) or made or DEFAULT_ENCODER
        if name == LSA:
            raise RequestError(
                vi="Bộ mã hoá lsa được tính từ danh mục và chỉ dùng với chỉ mục trong thư mục làm "
                "việc. Hãy chọn bộ khác, ví dụ: cungcau index --encoder contextual",
                en="The encoder lsa is fitted to the catalog and works with the index in the "
                "workspace only. Choose another, such as: cungcau index --encoder contextual",
            )
        settings = workspace.settings
        hardware = Hardware(device=settings.encoder_device, batch=settings.encoder_batch)
        loaded = load_encoder(name, hardware=hardware)
        cached = loaded if quick(loaded) else CachedEncoder(loaded, workspace.cache_path)
        if full:
            MilvusStore.emptied(connection)
        return MilvusStore(connection, cached)
    except BaseException:
        connection.close()
        raise


def _made_with(connection: Connection, *, any_version: bool) -> str | None:
    """The encoder of what is there; None where nothing is, or what this program cannot read."""
    try:
        state = Ledger(connection).state()
    except RequestError:
        if not any_version:
            raise
        return None
    return state.pairing.encoder if state else None


def check_pairing(store: MilvusStore, address: Address, catalog: Catalog) -> bool:
    """Whether the store has all of the catalog.

    Raises RequestError: it is empty, or holds the records of another catalog.
    """
    pairing = store.pairing()
    if pairing is None:
        raise RequestError(
            vi=f"Kho {address.name} còn trống. Hãy nạp: cungcau index",
            en=f"The store {address.name} is empty. Fill it: cungcau index",
        )
    if pairing.catalog != catalog.identity or pairing.version > catalog.version:
        raise foreign(address.name)
    return pairing.whole and pairing.version == catalog.version
