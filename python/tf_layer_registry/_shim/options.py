"""What `track_tf1_style_variables` can be asked for beyond its defaults."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """How the calls of a decorated method treat variables; the fields are the decorator's options.

    Attributes:
      strict_reuse: whether `reuse=False` refuses a name that the same call had before.
      autocast: whether variables are read in the compute dtype of a Keras layer.
    """

    strict_reuse: bool = False
    autocast: bool = False


DEFAULT = Options()
