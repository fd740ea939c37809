"""What a registry holds, in files: checkpoints, and files by name."""

from tf_layer_registry._kept.by_name import load_by_name, save_by_name
from tf_layer_registry._kept.keyed_entries import KeyedEntries, keyed_entries_of
from tf_layer_registry._kept.restored_registry import RestoredRegistry
from tf_layer_registry._kept.saved_model import add_saved_entries

__all__ = [
    "KeyedEntries",
    "RestoredRegistry",
    "add_saved_entries",
    "keyed_entries_of",
    "load_by_name",
    "save_by_name",
]
