"""Encoders by the names that people ask for."""

from pathlib import Path

from indexer.encoder import BUNDLED, LSA, Encoder, Hardware, check_encoder_name, parts
from indexer.errors import RequestError


def load_encoder(
    name: str, folder: Path | None = None, hardware: Hardware | None = None
) -> Encoder:
    """The encoder called `name`.

    `contextual` and `static` ship with the package; `lsa` is read from `folder`, where it was
    saved with its index. Any other name is a folder, or a model hub's name of a
    sentence-transformers model, which must be on this machine already unless HF_HUB_OFFLINE=0
    asks for a download. "name@128" cuts the rows of an encoder of ours to 128 numbers.

    Raises RequestError: the name is unknown, the model is not there, the library or the device
    is missing; DamagedError: a model of ours is not whole.
    """
    name = check_encoder_name(name)
    if name == LSA:
        if folder is None:
            raise ValueError("the lsa encoder is fitted on a catalog: give its folder")
        from indexer.encoders.lsa import LsaEncoder  # noqa: PLC0415 - only the encoder asked for

        return LsaEncoder.load(folder)
    from indexer.encoders.bundled import MODELS, load_folder  # noqa: PLC0415
    from indexer.encoders.modelfolder import is_model_folder  # noqa: PLC0415

    model, dimension = parts(name)
    if model in BUNDLED:
        return load_folder(MODELS / model, name, dimension)
    if is_model_folder(Path(model)):
        return load_folder(Path(model), name, dimension)
    if dimension is not None and not Path(name).is_dir():
        raise RequestError(
            vi=f"“@{dimension}” chỉ dùng được với bộ mã hoá do cungcau huấn luyện; “{model}” là "
            "mô hình sentence-transformers: hãy bỏ phần đó.",
            en=f"“@{dimension}” works with encoders trained by cungcau only; “{model}” is a "
            "sentence-transformers model: leave it off.",
        )
    from indexer.encoders.transformer import load_transformer  # noqa: PLC0415

    return load_transformer(name, hardware or Hardware())
