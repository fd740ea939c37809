"""Prints the digests of the values that keys begin with, made in another order."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from first_values import KEYS, digests

print(json.dumps(digests(KEYS[::-1])))
