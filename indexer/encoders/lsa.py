"""The first default encoder: TF-IDF of words, compounds and character n-grams, then SVD.

Latent semantic analysis (Deerwester et al. 1990), fitted on the catalog and kept with its
index. Every feature has one vector, and a text is the weighted sum of its features' vectors, so
that encoding is one sparse product and the n-grams of a word are looked up once.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, read_lines, write_array, write_lines
from indexer.encoder import LSA, FloatArray, unit_rows
from indexer.encoders.lsafeatures import Features, fit_features
from indexer.manifest import damaged
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import TokenTable

DIMENSION = 256
SAMPLE = 4000  # texts the decomposition is fitted on
SEED = 20250101
# Below this many texts the decomposition keeps every text whole and would call any shared
# letter a perfect match; a random projection of what it left out keeps the measure honest.
_RESIDUAL = 64
BLOCK = 16_384  # texts encoded at a time
LSA_FILES = ("lsa.json", "lsa.features.txt", "lsa.vectors.npy")


@dataclass(frozen=True, eq=False)
class LsaEncoder:
    """A fitted encoder: `features` and one row of `vectors` (float16) for each of them."""

    features: Features
    vectors: npt.NDArray[np.float16]
    fitted_on: int

    @property
    def name(self) -> str:
        return LSA

    @property
    def dimension(self) -> int:
        return DIMENSION

    @cached_property
    def fingerprint(self) -> str:
        digest = hashlib.sha256("\n".join(self.features.names).encode())
        digest.update(np.ascontiguousarray(self.vectors).tobytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`; questions and answers are encoded alike."""
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            rows[start : start + len(block)] = self.encode_table(TokenTable.of(block))
        return rows

    def encode_table(self, table: TokenTable) -> FloatArray:
        """As `encode`, of texts whose tokens are counted already."""
        total = np.zeros((len(table), DIMENSION), dtype=np.float32)
        for counts, to_features in self.features.factors(table):
            used = np.unique(to_features.indices)
            if len(used):
                known = self.vectors[used].astype(np.float32)
                total += counts @ (to_features[:, used] @ known)
        return unit_rows(total)

    def save(self, folder: Path) -> tuple[str, ...]:
        """Writes the encoder into an existing folder; returns the names of its files."""
        about = {"fitted_on": self.fitted_on, "fingerprint": self.fingerprint}
        about |= {"words": self.features.words, "compounds": self.features.compounds}
        (folder / LSA_FILES[0]).write_bytes(json.dumps(about, indent=1).encode())
        write_lines(folder / LSA_FILES[1], self.features.names)
        write_array(folder / LSA_FILES[2], self.vectors)
        return LSA_FILES

    @classmethod
    def load(cls, folder: Path, files: Mapping[str, Body] | None = None) -> "LsaEncoder":
        """The encoder saved in the folder, or in `files` where they have been read already.

        Raises DamagedError naming the file that does not hold.
        """
        name = ""
        try:
            bodies = []
            for name in LSA_FILES:
                bodies.append(files[name] if files is not None else (folder / name).read_bytes())
            name = LSA_FILES[0]
            about = json.loads(bytes(bodies[0]))
            counts = int(about["words"]), int(about["compounds"])
            fitted_on, fingerprint = int(about["fitted_on"]), str(about["fingerprint"])
            name = LSA_FILES[1]
            features = Features(read_lines(bodies[1]), *counts)
            name = LSA_FILES[2]
            vectors = read_array(bodies[2])
            if vectors.shape != (len(features.names), DIMENSION):
                raise ValueError("shape")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise damaged(folder / name, vi="thiếu hoặc hỏng", en="is missing or broken") from error
        encoder = cls(features, vectors, fitted_on)
        # Known already: hashing the vectors again would take as long as reading them.
        encoder.__dict__["fingerprint"] = fingerprint
        return encoder


def fit_lsa(texts: Sequence[str]) -> LsaEncoder:
    """The encoder fitted on these texts."""
    digests = [hashlib.sha256(text.encode(errors="replace")).digest() for text in texts]
    return _fitted(TokenTable.of([texts[at] for at in _sample(digests)]), len(texts))


def fit_table(table: TokenTable, digests: Sequence[bytes]) -> LsaEncoder:
    """The encoder fitted on texts by their tokens and digests, which tell equal ones."""
    return _fitted(table.taken(_sample(digests)), len(digests))


def _sample(digests: Sequence[bytes]) -> list[int]:
    """SAMPLE of many texts, those with the lowest digest, so that the same texts in any order give
    the same encoder."""
    at = {digest: row for row, digest in enumerate(digests)}
    return [at[digest] for digest in sorted(at)[:SAMPLE]]


def _fitted(table: TokenTable, count: int) -> LsaEncoder:
    """The encoder fitted on the texts of the table, taken from so many."""
    features, idf = fit_features(table)
    counts = csr_matrix((len(table), len(features.names)), dtype=np.float32)
    for part, to_features in features.factors(table):
        counts = counts + part @ to_features
    weighted = counts.multiply(idf[None, :]).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scale = 1 / np.where(lengths > 0, lengths, 1)
    weighted = weighted.multiply(scale[:, None]).tocsr().astype(np.float32)
    basis = _basis(weighted) * idf[:, None]
    largest = float(np.abs(basis).max(initial=0.0)) or 1.0
    return LsaEncoder(features, (basis / largest).astype(np.float16), count)


def _basis(weighted: csr_matrix) -> FloatArray:
    """Orthonormal directions of the features, shape (features, DIMENSION)."""
    texts, features = weighted.shape
    basis = np.zeros((features, DIMENSION), dtype=np.float32)
    kept = min(texts, features, DIMENSION)
    if not kept or not weighted.nnz:
        return basis
    # Slow to import, and needed only to fit.
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    with threadpool_limits(1):  # the same sums in the same order, however many cores there are
        _, strengths, directions = randomized_svd(
            weighted, kept, n_iter=1, power_iteration_normalizer="QR", random_state=SEED
        )
    # What repeats another text has no direction of its own, only rounding noise.
    directions = directions[strengths > 1e-4 * strengths[0]].T
    basis[:, : directions.shape[1]] = directions
    if texts <= DIMENSION - _RESIDUAL:
        left = DIMENSION - directions.shape[1]
        noise = np.random.default_rng(SEED).standard_normal((features, left), dtype=np.float32)
        noise /= np.float32(np.sqrt(left))
        basis[:, directions.shape[1] :] = noise - directions @ (directions.T @ noise)
    return basis
