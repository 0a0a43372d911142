"""Training a student, step by step; every step can be gone on from."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from indexer.progress import Progress
from indexer.training.lessons import Ids, Lessons, Numbers, Random
from indexer.training.losses import contrast, distance, likeness, nested_contrast
from indexer.training.student import Student

FloatArray = npt.NDArray[np.float32]

_BATCH = 128  # pairs
_QUADS, _TITLED = 0.22, 0.10  # of the steps
# Share of Vietnamese texts given without accents.
_BARE_PAIRS, _BARE_NEEDS, _BARE_OFFERS, _BARE_TITLES = 0.15, 0.3, 0.1, 0.15
_WARM = 100  # steps until the full rate
_LEAST = 0.01  # of the rate, at the end
_SAVED = 200  # steps between two savings
_SEED = 20261122

# What a course can do without, to see what it is worth (`evaluation.benchmarks.ablation`).
INGREDIENTS = ("teacher", "translations", "needs", "titles", "unaccented")


class Course:
    """One training: a student, its lessons and what its teacher said of the English texts."""

    def __init__(
        self,
        student: Student,
        lessons: Lessons,
        taught: FloatArray,
        rates: tuple[float, float, float],
        steps: int,
        without: Collection[str] = (),
    ) -> None:
        """`rates` are those of added pieces, inherited pieces and everything else.

        `taught` has shape (English texts, dimension), unit rows; `without` names INGREDIENTS.
        """
        self.student, self.lessons, self.steps = student, lessons, steps
        self.without = frozenset(without)
        self.device = student.inherited.device
        self.taught = torch.from_numpy(taught).to(self.device)
        own = {id(student.added), id(student.inherited)}
        self.others = [p for p in student.parameters() if id(p) not in own]
        groups = [[student.added], [student.inherited], self.others]
        self.rates = [rate for rate, group in zip(rates, groups, strict=True) if group]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": group, "lr": rate}
                for rate, group in zip(rates, groups, strict=True)
                if group
            ],
            betas=(0.9, 0.98),
            weight_decay=0.0,
        )

    def run(self, kept: Path, progress: Progress) -> None:
        """All steps, or those that are left where the file `kept` tells of some."""
        done = self._resume(kept)
        self.student.train()
        for step in range(done, self.steps):
            random = np.random.default_rng([_SEED, step])
            share = min(1.0, (step + 1) / _WARM) * max(1 - step / self.steps, _LEAST)
            for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate * share
            loss = self._loss(random)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self.others:
                torch.nn.utils.clip_grad_norm_(self.others, 1.0)
            self.optimizer.step()
            if (step + 1) % _SAVED == 0 or step + 1 == self.steps:
                self._save(kept, step + 1)
            progress("student", step + 1, self.steps)
        self.student.eval()

    def _loss(self, random: Random) -> Tensor:
        kind = random.random()
        if self.lessons.quads["need_vi"] and kind < _QUADS and "needs" not in self.without:
            return self._quads(random)
        titled = self.lessons.titled and "titles" not in self.without
        if titled and _QUADS <= kind < _QUADS + _TITLED:
            return self._titled(random)
        return self._pairs(random)

    def _pairs(self, random: Random) -> Tensor:
        """Both languages say what the teacher says of the English, and find one another."""
        chosen = self.lessons.pairs(random, _BATCH)
        own = self._some(random, chosen, self.lessons.vietnamese, self.lessons.bare, _BARE_PAIRS)
        english = self.student.read([self.lessons.english[i] for i in chosen])
        vietnamese = self.student.read(own)
        taught = self._taught(self.lessons.taught[chosen])
        near = distance(english, taught) + distance(vietnamese, taught)
        alike = likeness(english, english, taught) + likeness(vietnamese, english, taught)
        loss = torch.zeros((), device=self.device)
        if "teacher" not in self.without:
            loss = loss + 2 * near + 0.5 * alike + 0.5 * contrast(vietnamese, taught)
        if "translations" not in self.without:
            loss = loss + 0.5 * nested_contrast(vietnamese, english)
        return loss

    def _quads(self, random: Random) -> Tensor:
        """A need finds the offer that answers it, whatever the languages."""
        quads = self.lessons.quads
        count = len(quads["need_vi"])
        chosen = random.choice(count, min(_BATCH // 2, count), replace=False)
        needs = self._some(random, chosen, quads["need_vi"], quads["need_vi_bare"], _BARE_NEEDS)
        offers = self._some(random, chosen, quads["offer_vi"], quads["offer_vi_bare"], _BARE_OFFERS)
        need_vi, offer_vi = self.student.read(needs), self.student.read(offers)
        need_en = self.student.read([quads["need_en"][i] for i in chosen])
        offer_en = self.student.read([quads["offer_en"][i] for i in chosen])
        loss = nested_contrast(need_vi, offer_en) + nested_contrast(need_en, offer_vi)
        loss = loss + nested_contrast(need_vi, offer_vi) + nested_contrast(need_en, offer_en)
        loss = loss + 0.5 * (contrast(need_vi, need_en) + contrast(offer_vi, offer_en))
        if "teacher" in self.without:
            return 0.5 * loss
        need = self._taught(self.lessons.quads_taught["need_en"][chosen])
        offer = self._taught(self.lessons.quads_taught["offer_en"][chosen])
        loss = loss + distance(need_en, need) + distance(need_vi, need)
        loss = loss + distance(offer_en, offer) + distance(offer_vi, offer)
        return 0.5 * loss

    def _titled(self, random: Random) -> Tensor:
        """A title finds the text it stands over."""
        language = sorted(self.lessons.titled)[int(random.integers(len(self.lessons.titled)))]
        titles, bodies, bare = self.lessons.titled[language]
        chosen = random.choice(len(titles), min(_BATCH // 2, len(titles)), replace=False)
        asked = self._some(random, chosen, titles, bare, _BARE_TITLES if language == "vi" else 0.0)
        found = self.student.read([bodies[i] for i in chosen])
        return 0.5 * nested_contrast(self.student.read(asked), found)

    def _some(self, random: Random, chosen: Numbers, texts: Ids, bare: Ids, share: float) -> Ids:
        """These texts, a share of them without accents."""
        plain = random.random(len(chosen)) < (0.0 if "unaccented" in self.without else share)
        return [bare[i] if is_bare else texts[i] for i, is_bare in zip(chosen, plain, strict=True)]

    def _taught(self, rows: Numbers) -> Tensor:
        return self.taught[torch.from_numpy(rows).to(self.device)]

    def _save(self, kept: Path, step: int) -> None:
        draft = kept.with_suffix(".draft")
        state = {"model": self.student.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state | {"step": step, "steps": self.steps}, draft)
        draft.replace(kept)

    def _resume(self, kept: Path) -> int:
        if not kept.exists():
            return 0
        state = torch.load(kept, map_location=self.device, weights_only=True)
        if state["steps"] != self.steps:
            return 0
        self.student.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])
