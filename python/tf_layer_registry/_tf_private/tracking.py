"""What objects depend on in checkpoints and SavedModels."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tf_layer_registry._tf_private.names import (
    Trackable,
    TrackableDataStructure,
    VersionedTypeRegistration,
    register_revived_versions,
)


def initialize_trackable(trackable: Any) -> None:
    """Makes what TensorFlow notes of an object's dependencies, where it is not there yet."""
    trackable._maybe_initialize_trackable()


def depend(trackable: Any, name: str, dependency: Any) -> None:
    """Makes `dependency` one of an object's, in checkpoints and SavedModels."""
    trackable._track_trackable(dependency, name)


def dependencies_of(trackable: Any) -> dict[str, Any]:
    """What an object depends on in checkpoints, by name."""
    dependencies: dict[str, Any] = trackable._trackable_children()
    return dependencies


def is_waited_for(trackable: Any, name: str) -> bool:
    """Whether a checkpoint read earlier holds something for a dependency that is not there yet."""
    return name in trackable._deferred_dependencies


def restore_dependency(trackable: Any, name: str, dependency: Any) -> None:
    """Gives a new dependency what a checkpoint read earlier holds for it, if anything.

    Raises:
      Exception: what TensorFlow raises where it does not fit; it is not offered again.
    """
    trackable._handle_deferred_dependencies(name=name, trackable=dependency)


def track_instead(own: Callable[[Any], Any]) -> None:
    """Lets objects, and containers in their attributes, track `own(value)` of what they hold."""
    track, track_in_container = Trackable._track_trackable, TrackableDataStructure._track_value

    @functools.wraps(track)
    def track_own(self: Any, trackable: Any, *args: Any, **kwargs: Any) -> Any:
        track(self, own(trackable), *args, **kwargs)
        return trackable

    @functools.wraps(track_in_container)
    def track_own_in_container(self: Any, value: Any, name: str) -> Any:
        tracked = own(value)
        wrapped = track_in_container(self, tracked, name)
        return wrapped if tracked is value else value

    Trackable._track_trackable = track_own
    TrackableDataStructure._track_value = track_own_in_container


def register_revived_type(
    identifier: str, is_of_type: Callable[[Any], bool], make: Callable[[], Any]
) -> None:
    """Says what is made in place of an object when a SavedModel is loaded.

    Where this was not called, loading makes a plain object.

    Args:
      identifier: what the SavedModel calls the type.
      is_of_type: whether an object that is being saved is of the type.
      make: makes an object to set the loaded children on.
    """
    version = VersionedTypeRegistration(
        object_factory=lambda proto: make(),  # noqa: ARG005  # TensorFlow gives it.
        version=1,
        min_producer_version=1,
        min_consumer_version=1,
    )
    register_revived_versions(identifier, is_of_type, versions=[version])
