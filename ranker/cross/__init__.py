"""What does a model say that reads query and passage together?

A cross-encoder gives each pair of texts one logit. It sees what two vectors cannot, and must read every pair anew: tens of
milliseconds a passage on a CPU, so only the best documents are read (`ranker.stages.reading`).

bert                   a folder with a BERT classifier, on ONNX Runtime: no torch
sentence_transformers  any other, or on a GPU, through the extra `torch`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncoderError
from ranker.errors import CalibrationError
from ranker.relevance import CROSS, Calibration

CALIBRATION = "stepwell.json"
"""File beside the weights: what a logit of theirs is worth, fitted by `ranker calibrate --cross-encoder`."""


class CrossEncoder(Protocol):
    """Reads a query and a text together; equal fingerprints mean equal logits, up to rounding."""

    @property
    def name(self) -> str:
        """Of the model, as answers carry it."""

    @property
    def fingerprint(self) -> str:
        """Hash over everything that a logit depends on."""

    def read(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """(len(texts),) logits, in input order."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A cross-encoder and what its logits are worth."""

    encoder: CrossEncoder
    calibration: Calibration
    """Its features are CROSS."""

    @classmethod
    def open(cls, folder: Path, device: str = "cpu") -> Reader:
        """The model in a folder with the calibration beside it. Raises EncoderError or CalibrationError, with the way out."""
        encoder = load_cross_encoder(folder, device)
        path = folder / CALIBRATION
        if not path.is_file():
            raise CalibrationError(
                f"{folder} has no {CALIBRATION}: nobody knows what its logits are worth; make it with "
                f"`ranker calibrate COLLECTION... --cross-encoder {folder}`"
            )
        calibration = Calibration.load(path)
        if calibration.features != CROSS or calibration.cross_fingerprint != encoder.fingerprint:
            raise CalibrationError(f"{path} was fitted for other weights; fit it again with `ranker calibrate --cross-encoder`")
        return cls(encoder, calibration)


def load_cross_encoder(folder: Path, device: str = "cpu") -> CrossEncoder:
    """The model in a folder: on ONNX Runtime where it is a BERT classifier for the CPU, else through sentence-transformers.

    Nothing is downloaded. Raises EncoderError where the folder holds no such model or a package is missing.
    """
    from ranker.cross import bert

    if not (folder / "config.json").is_file():
        raise EncoderError(f"{folder} is not the folder of a model (no config.json); name that of a downloaded cross-encoder")
    light = device == "cpu" and bert.fits(folder)
    try:
        if light:
            return bert.load(folder)
        from ranker.cross import sentence_transformers

        return sentence_transformers.load(folder, device)
    except ModuleNotFoundError as error:
        extra = "cpu" if light else "torch"
        raise EncoderError(f"cross-encoder {folder} needs the package {error.name}: pip install 'stepwell[{extra}]'") from error
