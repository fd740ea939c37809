# Run by TlrStage: links each entry of SOURCE into PACKAGE, and drops links whose
# source is gone. Built libraries in PACKAGE stay.

file(GLOB links LIST_DIRECTORIES true "${PACKAGE}/*")
foreach(link IN LISTS links)
  if(IS_SYMLINK "${link}" AND NOT EXISTS "${link}")
    file(REMOVE "${link}")
  endif()
endforeach()

file(GLOB entries LIST_DIRECTORIES true RELATIVE "${SOURCE}" "${SOURCE}/*")
foreach(entry IN LISTS entries)
  if(NOT entry MATCHES "^(__pycache__|_ops|.*\\.so)$")
    file(CREATE_LINK "${SOURCE}/${entry}" "${PACKAGE}/${entry}" SYMBOLIC)
  endif()
endforeach()
