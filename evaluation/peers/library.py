"""Importing what a peer needs, or saying how to get it."""

import os
import sys
from importlib import import_module
from typing import Any

from indexer.errors import RequestError


def library(system: str, module: str, extra: str = "peers") -> Any:  # noqa: ANN401 - any library
    """The module, with the network out of its reach.

    Raises RequestError, with what to install, where it is missing.
    """
    # Read by huggingface_hub when it is imported, as most of these libraries do.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        found = import_module(module)
        if "transformers" in sys.modules:  # its own bars would cross ours
            import_module("transformers.utils.logging").disable_progress_bar()
        return found
    except ImportError as error:
        raise RequestError(
            vi=f"Hệ thống “{system}” cần thư viện {module}. "
            f"Hãy cài: pip install 'cungcau[{extra}]'",
            en=f"The system “{system}” needs the library {module}. "
            f"Install it: pip install 'cungcau[{extra}]'",
        ) from error
