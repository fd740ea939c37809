"""What a key is, for tests that try every form of one."""

from __future__ import annotations


def is_key(key: bytes) -> bool:
    """The rule for keys, said once more."""
    try:
        text = key.decode("utf-8")
    except UnicodeDecodeError:
        return False
    control = any(ord(letter) < 0x20 or 0x7F <= ord(letter) <= 0x9F for letter in text)
    return 1 <= len(key) <= 1024 and all(text.split("/")) and not control
