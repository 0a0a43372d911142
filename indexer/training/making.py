"""From a corpus to the files that ship: the lexicon, the contextual encoder, the static one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from indexer.encoder import CONTEXTUAL, STATIC, unit_rows
from indexer.encoders.bundled import load_folder
from indexer.progress import Progress
from indexer.training.corpus import Corpus
from indexer.training.export import export_contextual, export_static
from indexer.training.lessons import Lessons, prepare
from indexer.training.teacher import teach, teacher_folder
from indexer.training.transplant import first_vectors, without_transplant
from indexer.training.vocabulary import Vocabulary, build_tokenizer, build_vocabulary

if TYPE_CHECKING:
    from indexer.training.fitting import Course
    from indexer.training.student import ContextualStudent

FloatArray = npt.NDArray[np.float32]

DIMENSION = 256
LAYERS = (0, 5)  # of the teacher's six: what the student begins with
STEPS, STATIC_STEPS = 1_700, 1_200

_RATES = (2e-3, 6e-4, 3e-4)  # added pieces, inherited pieces, layers
_STATIC_RATES = (1e-3, 1e-3, 0.0)
_SAMPLES = 1_024  # texts that show what flows through the layers
_RARE = 1e-3  # share of all pieces above which a piece counts half as much (SIF, Arora et al. 2017)
_PROJECTED = 20_000  # of the teacher's rows that the main directions are found on
_SEED = 20261122


@dataclass(frozen=True)
class Making:
    """What every part of the work needs; `work` is a folder for what can be gone on from."""

    corpus: Corpus
    work: Path
    progress: Progress

    @cached_property
    def teacher(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(teacher_folder() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def vocabulary(self) -> Vocabulary:
        self.progress("vocabulary", 0, 0)
        return build_vocabulary(self.teacher, self.corpus.english(), self.corpus.vietnamese())

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return build_tokenizer(self.vocabulary)

    @cached_property
    def lessons(self) -> Lessons:
        self.progress("lessons", 0, 0)
        return prepare(self.corpus, self.tokenizer)

    @cached_property
    def taught(self) -> FloatArray:
        """The teacher's rows of `Corpus.english`, shape (n, 384)."""
        return teach(self.corpus.english(), self.work / "teacher.npz", self.progress)

    @cached_property
    def projection(self) -> FloatArray:
        """The teacher's main directions, most telling first, shape (DIMENSION, 384)."""
        step = max(len(self.taught) // _PROJECTED, 1)
        _, _, directions = np.linalg.svd(
            self.taught[::step].astype(np.float64), full_matrices=False
        )
        return np.asarray(directions[:DIMENSION], dtype=np.float32)

    def kept(self, name: str) -> Path:
        """Where in the work folder something made of this corpus is; another has its own."""
        return self.work / f"{self.corpus.fingerprint}-{name}"

    def first(self) -> FloatArray:
        """First vectors of the pieces, from the work folder or new."""
        kept = self.kept("first.npy")
        if kept.exists():
            return np.asarray(np.load(kept), dtype=np.float32)
        table = load_file(teacher_folder() / "model.safetensors")[
            "embeddings.word_embeddings.weight"
        ]
        rows = first_vectors(self.vocabulary, self.teacher, table, self.corpus.pairs, self.progress)
        np.save(kept, rows)
        return rows

    def course(
        self,
        steps: int,
        layers: Sequence[int] = LAYERS,
        *,
        without: Collection[str] = (),
        transplanted: bool = True,
    ) -> tuple["ContextualStudent", "Course"]:
        """The contextual student and its course, before the first step.

        `without` names INGREDIENTS; not `transplanted`, Vietnamese pieces begin at random.
        """
        import torch  # noqa: PLC0415

        from indexer.training.fitting import Course  # noqa: PLC0415
        from indexer.training.student import ContextualStudent  # noqa: PLC0415

        taught = unit_rows(self.taught @ self.projection.T)
        first, inherited = self.first(), self.vocabulary.inherited
        if not transplanted:
            first = without_transplant(first, inherited)
        torch.manual_seed(_SEED)
        student = ContextualStudent(first, inherited, self.projection, teacher_folder(), layers).to(
            "cuda" if torch.cuda.is_available() else "cpu"
        )
        return student, Course(student, self.lessons, taught, _RATES, steps, without)

    def contextual(self, folder: Path, steps: int = STEPS, layers: Sequence[int] = LAYERS) -> None:
        """Trains the contextual encoder and writes its folder."""
        student, course = self.course(steps, layers)
        course.run(self.kept("contextual.pt"), self.progress)
        self.progress("export", 0, 0)
        export_contextual(student.bert(), self.tokenizer, self._samples(), folder)

    def static(self, folder: Path, contextual: Path, steps: int = STATIC_STEPS) -> None:
        """Trains the static encoder, begun from the rows of single pieces (Model2Vec)."""
        import torch  # noqa: PLC0415

        from indexer.training.fitting import Course  # noqa: PLC0415
        from indexer.training.student import Student  # noqa: PLC0415

        taught = unit_rows(self.taught @ self.projection.T)
        torch.manual_seed(_SEED)
        first = self._single(contextual) * self._rarity()[:, None]
        student = Student(first, self.vocabulary.inherited, None).to(
            "cuda" if torch.cuda.is_available() else "cpu"
        )
        course = Course(student, self.lessons, taught, _STATIC_RATES, steps)
        course.run(self.kept("static.pt"), self.progress)
        self.progress("export", 0, 0)
        rows = student.table().detach().cpu().numpy()
        export_static(rows, self.tokenizer, folder)

    def _single(self, contextual: Path) -> FloatArray:
        encoder = load_folder(contextual, CONTEXTUAL)
        words = [piece.removeprefix("##") for piece in self.vocabulary.pieces]
        rows: FloatArray = encoder.encode(words)
        return rows

    def _rarity(self) -> FloatArray:
        """The weight of each piece by its share of the training text, shape (pieces,)."""
        counts = np.zeros(len(self.vocabulary.pieces))
        for texts in (self.lessons.english, self.lessons.vietnamese):
            counts += np.bincount(
                np.concatenate(list(map(np.asarray, texts))), minlength=len(counts)
            )
        share = counts / counts.sum()
        return np.asarray(_RARE / (_RARE + share), dtype=np.float32)

    def _samples(self) -> list[str]:
        pairs = self.corpus.pairs
        texts = [*pairs.english, *pairs.vietnamese, *(q.offer_vi for q in self.corpus.quads)]
        random = np.random.default_rng(_SEED)
        return [
            texts[i] for i in random.choice(len(texts), min(_SAMPLES, len(texts)), replace=False)
        ]


NAMES = ("lexicon", CONTEXTUAL, STATIC)
