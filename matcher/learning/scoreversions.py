"""The weights a workspace scores by: the shipped ones, or a version it learned; one step back at
any time.

`models/score-N.json` in the workspace holds version N in the format of the shipped file, and
beside the weights what it was learned from. `models/CURRENT` names the one in use; without it,
or where it says 0, the shipped ones are. No version is ever written over or removed.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indexer.errors import DamagedError, RequestError
from matcher.export.atomic import replacing
from matcher.score import SHIPPED, ScoreModel

_POINTER = "CURRENT"
_NAME = re.compile(r"score-([1-9][0-9]{0,8})\.json")


class ScoreVersions:
    """The versions in one folder, which need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def current(self) -> int:
        """The number of the version in use, 0 for the shipped weights.

        Raises DamagedError where the folder does not say, or names a version that is gone.
        """
        pointer = self._folder / _POINTER
        try:
            number = int(pointer.read_text("utf-8"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise self._damaged(pointer) from error
        if number < 0 or (number and not self._file(number).is_file()):
            raise self._damaged(pointer)
        return number

    @property
    def path(self) -> Path:
        """The file of the weights in use."""
        number = self.current
        return self._file(number) if number else SHIPPED

    def load(self, encoder: str) -> ScoreModel:
        """The weights in use with an index of this encoder.

        Raises DamagedError where they are not whole.
        """
        path = self.path
        if path == SHIPPED:
            return ScoreModel.load(encoder)
        try:
            return ScoreModel.load(encoder, path)
        except DamagedError as error:
            raise self._damaged(path) from error

    def learned_from(self) -> Mapping[str, Any]:
        """What is noted of the version in use; empty for the shipped weights."""
        number = self.current
        return self._body(number).get("learned", {}) if number else {}

    def save(self, encoder: str, model: ScoreModel, learned: Mapping[str, Any]) -> int:
        """Writes a new version and puts it in use; returns its number.

        The weights for other encoders are the shipped ones. Raises RequestError where it cannot
        be written; then the one in use stays.
        """
        before = self.current
        numbers = [int(found[1]) for path in self._files() if (found := _NAME.fullmatch(path))]
        number = max(numbers, default=0) + 1
        shipped = json.loads(SHIPPED.read_text("utf-8"))
        body = {
            "version": shipped["version"],
            "learned": {**learned, "before": before},
            "models": {**shipped["models"], encoder.partition("@")[0]: model.to_json()},
        }
        self._write(self._file(number), json.dumps(body, ensure_ascii=False, indent=1))
        self._use(number)
        return number

    def undo(self) -> tuple[int, int]:
        """Goes back to what was in use before; returns (left, now in use).

        Raises RequestError where nothing was learned.
        """
        number = self.current
        if not number:
            raise RequestError(
                vi="Chưa học lần nào: đang dùng trọng số gốc, không có gì để hoàn tác.",
                en="Nothing was learned: the shipped weights are in use, there is nothing to undo.",
            )
        before = self._body(number).get("learned", {}).get("before", 0)
        if not isinstance(before, int) or (before and not self._file(before).is_file()):
            raise self._damaged(self._file(number))
        self._use(before)
        return number, before

    def _use(self, number: int) -> None:
        self._write(self._folder / _POINTER, f"{number}\n")

    def _write(self, path: Path, text: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as draft:
                draft.write_text(text, "utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise RequestError(
                vi=f"Không ghi được {path}: {reason}. Trọng số đang dùng không đổi.",
                en=f"{path} cannot be written: {reason}. The weights in use stay.",
            ) from error

    def _body(self, number: int) -> dict[str, Any]:
        path = self._file(number)
        try:
            body = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise self._damaged(path) from error
        if not isinstance(body, dict) or not isinstance(body.get("learned"), dict):
            raise self._damaged(path)
        return body

    def _files(self) -> list[str]:
        return [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []

    def _file(self, number: int) -> Path:
        return self._folder / f"score-{number}.json"

    def _damaged(self, path: Path) -> DamagedError:
        return DamagedError(
            vi=f"{path} bị hỏng hoặc chỉ tới bản đã mất. Xóa {self._folder / _POINTER} để dùng "
            "lại trọng số gốc, rồi chạy `cungcau learn`.",
            en=f"{path} is damaged or names a version that is gone. Remove "
            f"{self._folder / _POINTER} to score by the shipped weights again, then run "
            "`cungcau learn`.",
        )
