"""From TF1's names to a registry's keys."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from tf_layer_registry import _native

# What begins the keys of names that are no keys. Such a beginning no name keeps.
_ESCAPED = "escaped:"
_DIGEST = "digest:"
_LONGEST = 1024


def registry_key(name: str) -> str:
    """The key that a name's variable or layer has in a registry; no two names have one key.

    It is the name itself wherever that is a key. TF1 has other names too: `variable_scope("a/")`
    makes "a//w", and nothing bounds their length.
    """
    encoded = name.encode("utf-8", "surrogatepass")
    if not name.startswith((_ESCAPED, _DIGEST)) and _is_key(encoded):
        return name
    escaped = _ESCAPED + quote(encoded, safe="")
    if len(escaped) <= _LONGEST:
        return escaped
    return _DIGEST + hashlib.sha256(encoded).hexdigest()


def is_asked_as_it_is(name: str) -> bool:
    """Whether a registry can be asked for `name` itself first: no other name has it as its key."""
    return name.isascii() and not name.startswith((_ESCAPED, _DIGEST))


def _is_key(name: bytes) -> bool:
    try:
        _native.check_key(name)
    except _native.RegistryError:
        return False
    return True
