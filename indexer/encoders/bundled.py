"""The encoders that ship with the package, and others of their kind in a folder."""

from pathlib import Path

from indexer.encoder import Encoder
from indexer.encoders.modelfolder import ModelFolder
from indexer.errors import RequestError

MODELS = Path(__file__).parents[1] / "models"

SMALLEST = 32  # numbers that still say something of a text


def load_folder(path: Path, name: str, dimension: int | None = None) -> Encoder:
    """The encoder of ours in a folder, under this name, its rows cut to `dimension` numbers.

    Training puts what matters most first (Kusupati et al. 2022, Matryoshka representation
    learning), so that a row cut short and scaled to length 1 is still a good one.

    Raises DamagedError for a folder that is not whole, RequestError for a dimension the encoder
    does not have.
    """
    folder = ModelFolder.read(path)
    longest = folder.card.dimension
    if dimension is not None and not SMALLEST <= dimension <= longest:
        raise RequestError(
            vi=f"Bộ mã hoá “{name}” không có {dimension} chiều; chọn từ {SMALLEST} đến {longest}.",
            en=f"The encoder “{name}” has no {dimension} dimensions; "
            f"choose {SMALLEST} to {longest}.",
        )
    if folder.card.kind == "static":
        from indexer.encoders.static import StaticEncoder  # noqa: PLC0415 - only the encoder asked for

        return StaticEncoder(folder, name, dimension or longest)
    from indexer.encoders.contextual import ContextualEncoder  # noqa: PLC0415

    return ContextualEncoder(folder, name, dimension or longest)
