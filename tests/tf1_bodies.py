"""What TF1 code does with `get_variable` and `variable_scope`, to run in TF1 and elsewhere."""

from __future__ import annotations

import tf1_refused_bodies
import tf1_scope_bodies
import tf1_variable_bodies

_PARTS = [tf1_scope_bodies.BODIES, tf1_variable_bodies.BODIES, tf1_refused_bodies.BODIES]
BODIES = {name: body for part in _PARTS for name, body in part.items()}
assert len(BODIES) == sum(map(len, _PARTS)), "two bodies have one name"
