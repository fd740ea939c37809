// An executor of functions that a Python initializer calls.
//
// An initializer in Python runs on the thread that made the reservation, inside its creation scope. A tf.function that
// it calls runs on TensorFlow's threads, which know nothing of that: an op there that asks for the key being made would
// wait for the initializer, which waits for the function. So Python has such functions run by this executor. It is
// TensorFlow's own, started with a runner that carries the caller's scope.
//
// Thread safety: as TensorFlow's executor; nothing is kept between runs.
#include <memory>
#include <utility>

#include "core/creation_scope.h"
#include "tensorflow/core/common_runtime/executor.h"
#include "tensorflow/core/common_runtime/executor_factory.h"
#include "tf/scoped_runner.h"

namespace tlr {
namespace {

using ::tensorflow::Executor;
using ::tensorflow::ExecutorFactory;

// What python/tf_layer_registry/_function_calls.py names in function call options.
constexpr char kExecutorType[] = "LAYER_REGISTRY_SCOPED_EXECUTOR";

class ScopedExecutor : public Executor {
 public:
  explicit ScopedExecutor(std::unique_ptr<Executor> base) : base_(std::move(base)) {}

 private:
  void RunAsyncInternal(const Args& args, DoneCallback done) override {
    auto scope = core::CreationScope::Current();
    if (scope == nullptr) {
      base_->RunAsync(args, std::move(done));
      return;
    }
    Args scoped = args;
    scoped.runner = ScopedRunner(args.runner, std::move(scope));
    base_->RunAsync(scoped, std::move(done));
  }

  const std::unique_ptr<Executor> base_;
};

class ScopedExecutorFactory : public ExecutorFactory {
 public:
  absl::Status NewExecutor(const tensorflow::LocalExecutorParams& params, const tensorflow::Graph& graph,
                           std::unique_ptr<Executor>* executor) override {
    ExecutorFactory* factory = nullptr;
    TF_RETURN_IF_ERROR(ExecutorFactory::GetFactory("DEFAULT", &factory));
    std::unique_ptr<Executor> base;
    TF_RETURN_IF_ERROR(factory->NewExecutor(params, graph, &base));
    *executor = std::make_unique<ScopedExecutor>(std::move(base));
    return absl::OkStatus();
  }
};

// TensorFlow keeps the pointer for the life of the process.
const bool registered = [] {
  ExecutorFactory::Register(kExecutorType, new ScopedExecutorFactory);
  return true;
}();

}  // namespace
}  // namespace tlr
