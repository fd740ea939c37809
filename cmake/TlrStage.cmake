# Links the Python sources beside the built libraries, so that
#   PYTHONPATH=build/<preset>/package python
# imports the package without installing it, with Python edits seen at once.

add_custom_target(tlr_stage ALL
  COMMAND "${CMAKE_COMMAND}"
          -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}/python/tf_layer_registry
          -DPACKAGE=${TLR_PACKAGE_DIR}
          -P "${CMAKE_CURRENT_LIST_DIR}/link_sources.cmake"
  COMMENT "Linking Python sources into ${TLR_PACKAGE_DIR}"
  VERBATIM)
