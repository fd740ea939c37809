// The frame of a decorated call, a tuple that Python makes and the bindings read.
#ifndef TLR_PYTHON_FRAME_H_
#define TLR_PYTHON_FRAME_H_

namespace tlr::python {

// In the order of the tuple: the call's store, the thread's variables of TensorFlow's scope store, the layers by scope
// and name, and the door that get_variable talks to.
enum FrameItem { kStore, kScopeState, kLayers, kDoor, kFrameSize };

}  // namespace tlr::python

#endif  // TLR_PYTHON_FRAME_H_
