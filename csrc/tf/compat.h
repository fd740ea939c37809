// Everything that differs between the TensorFlow versions this project builds against: the only place with a version
// check. The build passes the version of the headers it found.
#ifndef TLR_TF_COMPAT_H_
#define TLR_TF_COMPAT_H_

#if TLR_TF_MAJOR_VERSION != 2 || TLR_TF_MINOR_VERSION < 16 || TLR_TF_MINOR_VERSION > 21
#error "tf-layer-registry builds against TensorFlow 2.16 to 2.21"
#endif

#endif  // TLR_TF_COMPAT_H_
