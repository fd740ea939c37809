// Marks what libtlr_core.so offers to the op library and to the bindings. Everything else in it is hidden.
#ifndef TLR_CORE_EXPORT_H_
#define TLR_CORE_EXPORT_H_

#define TLR_CORE_EXPORT __attribute__((visibility("default")))

#endif  // TLR_CORE_EXPORT_H_
