// Runs a SavedModel whose layers go by a string, with no Python in the process.
//
//   serve OP_LIBRARY SAVED_MODEL OUTPUT KEY...
//
// OP_LIBRARY is the file that tf_layer_registry.op_library_path() names, of the TensorFlow that this program is linked
// with. SAVED_MODEL is a folder with a signature of two inputs: `key`, a scalar string, and `inputs`, floats of shape
// [1, N]. OUTPUT is the op of the graph that computes the signature's output, `StatefulPartitionedCall` as a rule;
// `saved_model_cli show --all --dir SAVED_MODEL` tells. For each KEY the program feeds 1, 2, .. N, and prints the
// outputs in a line. A key that the model does not know yet gets its layer by being asked for.
//
// Exit status: 0 where all went well; 1 with a message where TensorFlow refused something; 2 for wrong arguments.
#include <cstdint>
#include <iostream>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tensorflow/c/c_api.h"

namespace {

template <auto kDelete>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kDelete(object);
  }
};
using Status = std::unique_ptr<TF_Status, Deleter<TF_DeleteStatus>>;
using Tensor = std::unique_ptr<TF_Tensor, Deleter<TF_DeleteTensor>>;
using Graph = std::unique_ptr<TF_Graph, Deleter<TF_DeleteGraph>>;
using SessionOptions = std::unique_ptr<TF_SessionOptions, Deleter<TF_DeleteSessionOptions>>;
using Library = std::unique_ptr<TF_Library, Deleter<TF_DeleteLibraryHandle>>;

void Check(const Status& status, std::string_view what) {
  if (TF_GetCode(status.get()) != TF_OK) {
    throw std::runtime_error(std::string(what) + ": " + TF_Message(status.get()));
  }
}

// A session over a SavedModel; closed and deleted with it.
class Model {
 public:
  explicit Model(const char* folder) : graph_(TF_NewGraph()) {
    const SessionOptions options(TF_NewSessionOptions());
    const Status status(TF_NewStatus());
    const char* const tag = "serve";
    session_ =
        TF_LoadSessionFromSavedModel(options.get(), nullptr, folder, &tag, 1, graph_.get(), nullptr, status.get());
    Check(status, std::string("Loading ") + folder);
  }
  ~Model() {
    const Status status(TF_NewStatus());
    TF_CloseSession(session_, status.get());
    TF_DeleteSession(session_, status.get());
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  TF_Output Output(const std::string& op) const {
    TF_Operation* const found = TF_GraphOperationByName(graph_.get(), op.c_str());
    if (found == nullptr) {
      throw std::runtime_error("The graph has no op " + op + "; saved_model_cli show --all names those it has.");
    }
    return {found, 0};
  }

  // How many elements the last dimension of an output has.
  int64_t Width(TF_Output output) const {
    const Status status(TF_NewStatus());
    const int rank = TF_GraphGetTensorNumDims(graph_.get(), output, status.get());
    Check(status, "Asking for a shape");
    std::vector<int64_t> shape(rank < 0 ? 0 : rank);
    TF_GraphGetTensorShape(graph_.get(), output, shape.data(), rank, status.get());
    Check(status, "Asking for a shape");
    if (shape.size() != 2 || shape[1] < 0) {
      throw std::runtime_error("The signature's `inputs` must have the shape [None, N], with N known.");
    }
    return shape[1];
  }

  Tensor Run(const std::vector<TF_Output>& inputs, const std::vector<TF_Tensor*>& values, TF_Output output) const {
    const Status status(TF_NewStatus());
    TF_Tensor* result = nullptr;
    TF_SessionRun(session_, nullptr, inputs.data(), values.data(), static_cast<int>(inputs.size()), &output, &result, 1,
                  nullptr, 0, nullptr, status.get());
    Check(status, "Running the signature");
    return Tensor(result);
  }

 private:
  const Graph graph_;
  TF_Session* session_ = nullptr;
};

// A scalar string.
class StringTensor {
 public:
  explicit StringTensor(const std::string& value)
      : tensor_(TF_AllocateTensor(TF_STRING, nullptr, 0, sizeof(TF_TString))) {
    TF_StringInit(element());
    TF_StringCopy(element(), value.data(), value.size());
  }
  ~StringTensor() { TF_StringDealloc(element()); }
  StringTensor(const StringTensor&) = delete;
  StringTensor& operator=(const StringTensor&) = delete;

  TF_Tensor* get() const { return tensor_.get(); }

 private:
  TF_TString* element() const { return static_cast<TF_TString*>(TF_TensorData(tensor_.get())); }

  const Tensor tensor_;
};

Tensor CountingTensor(int64_t width) {
  const int64_t shape[] = {1, width};
  Tensor tensor(TF_AllocateTensor(TF_FLOAT, shape, 2, width * sizeof(float)));
  auto* const first = static_cast<float*>(TF_TensorData(tensor.get()));
  std::iota(first, first + width, 1.0F);
  return tensor;
}

void Print(const std::string& key, const Tensor& outputs) {
  std::cout << key << ":";
  const auto* const first = static_cast<const float*>(TF_TensorData(outputs.get()));
  for (int64_t i = 0; i < TF_TensorElementCount(outputs.get()); ++i) {
    std::cout << ' ' << first[i];
  }
  std::cout << std::endl;
}

void Serve(const char* op_library, const char* folder, const std::string& output_op,
           const std::vector<std::string>& keys) {
  const Status status(TF_NewStatus());
  const Library library(TF_LoadLibrary(op_library, status.get()));
  Check(status, std::string("Loading ") + op_library);
  const Model model(folder);
  const TF_Output key_input = model.Output("serving_default_key");
  const TF_Output inputs = model.Output("serving_default_inputs");
  const TF_Output output = model.Output(output_op);
  const Tensor counting = CountingTensor(model.Width(inputs));
  for (const std::string& key : keys) {
    const StringTensor name(key);
    Print(key, model.Run({key_input, inputs}, {name.get(), counting.get()}, output));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: serve OP_LIBRARY SAVED_MODEL OUTPUT KEY...\n";
    return 2;
  }
  try {
    std::cout.precision(9);
    Serve(argv[1], argv[2], argv[3], std::vector<std::string>(argv + 4, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
