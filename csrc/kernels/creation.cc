#include "kernels/creation.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/key.h"
#include "tensorflow/core/framework/device.h"
#include "tensorflow/core/framework/types.h"
#include "tensorflow/core/platform/env.h"
#include "tf/status.h"
#include "tf/variable.h"

namespace tlr {
namespace {

using ::tensorflow::CancellationManager;
using ::tensorflow::FunctionLibraryRuntime;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;

using Closure = std::function<void()>;
using Runner = std::function<void(Closure)>;

// A runner that enters `scope` around each closure (see core/creation_scope.h).
Runner ScopedRunner(Runner base, std::shared_ptr<core::CreationScope> scope) {
  return [base = std::move(base), scope = std::move(scope)](Closure closure) {
    base([scope, closure = std::move(closure)] {
      const core::EnterCreationScope enter(scope);
      closure();
    });
  };
}

bool OnHost(OpKernelContext* context, int index) {
  return context->device()->attributes().device_type() == tensorflow::DEVICE_CPU ||
         context->input_alloc_attr(index).on_host();
}

}  // namespace

Creation::Creation(const CreationSpec* spec, std::shared_ptr<core::Table> table, std::string key,
                   OpKernelContext* context, Emit emit, tensorflow::AsyncOpKernel::DoneCallback done)
    : spec_(spec),
      table_(std::move(table)),
      key_(std::move(key)),
      context_(context),
      emit_(std::move(emit)),
      done_(std::move(done)),
      asker_(core::CreationScope::Current()) {}

void Creation::Start() {
  const auto self = shared_from_this();
  CancellationManager* manager = context_->cancellation_manager();
  if (manager != nullptr) {
    const auto token = manager->get_cancellation_token();
    if (!manager->RegisterCallback(token, [self] { self->OnCancelled(); })) {
      Finish(absl::CancelledError(absl::StrCat("Step cancelled before key ", core::Quote(key_), " was looked up")));
      return;
    }
    token_ = token;
  }

  // The table calls back before GetOrReserve returns, on this thread; or later, on a thread that is another step's.
  const std::thread::id starter = std::this_thread::get_id();
  auto returned = std::make_shared<bool>(false);  // read and written by the starting thread only
  const Runner runner = *context_->runner();
  const uint64_t wait =
      table_->GetOrReserve(key_, spec_->wanted, asker_, [self, starter, returned, runner](core::Outcome outcome) {
        if (std::this_thread::get_id() == starter && !*returned) {
          self->OnOutcome(std::move(outcome));
          return;
        }
        // Closures must be copyable, an outcome is not.
        auto shared = std::make_shared<core::Outcome>(std::move(outcome));
        const Closure resume = [self, shared, runner] {
          runner([self, shared] {
            const core::EnterCreationScope enter(self->asker_);
            self->OnOutcome(std::move(*shared));
          });
        };
        if (std::holds_alternative<core::Reservation>(*shared)) {
          tensorflow::Env::Default()->SchedClosure(resume);
        } else {
          resume();
        }
      });
  *returned = true;
  if (wait == 0) return;

  // The context may be gone by now; the table and this object are not.
  bool cancelled = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wait_ = wait;
    cancelled = cancelled_;
  }
  if (cancelled) table_->CancelWait(key_, wait);
}

void Creation::OnCancelled() {
  uint64_t wait = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    wait = wait_;
  }
  if (wait != 0) table_->CancelWait(key_, wait);
}

void Creation::OnOutcome(core::Outcome outcome) {
  if (auto* entry = std::get_if<core::EntryPtr>(&outcome)) {
    FinishWith(std::move(*entry), /*created=*/false);
  } else if (auto* error = std::get_if<core::Error>(&outcome)) {
    Finish(ToStatus(*error));
  } else {
    RunInitializer(std::get<core::Reservation>(std::move(outcome)));
  }
}

void Creation::RunInitializer(core::Reservation reservation) {
  FunctionLibraryRuntime* library = context_->function_library();
  std::vector<Tensor> arguments;
  FunctionLibraryRuntime::Handle function;
  absl::Status ready = absl::OkStatus();
  if (library == nullptr) {
    ready = absl::InternalError("The op has no function library to run its initializer from.");
  }
  if (ready.ok()) ready = CollectArguments(&arguments);
  if (ready.ok()) {
    // With the default executor, not the caller's: that of eager ops blocks a thread for each function that an
    // initializer calls, and a small pool runs out of them.
    ready =
        library->Instantiate(spec_->initializer.name(), tensorflow::AttrSlice(&spec_->initializer.attr()), &function);
  }
  if (!ready.ok()) {
    reservation.Abandon();
    Finish(ready);
    return;
  }

  // What the run needs until its callback; the callback owns it.
  struct Run {
    core::Reservation reservation;
    Runner runner;
    std::vector<Tensor> values;
  };
  const auto scope = reservation.scope();
  auto run = std::make_shared<Run>(Run{std::move(reservation), ScopedRunner(*context_->runner(), scope), {}});

  FunctionLibraryRuntime::Options options;
  options.cancellation_manager = context_->cancellation_manager();
  options.collective_executor = context_->collective_executor();
  options.create_rendezvous = true;
  options.runner = &run->runner;
  options.run_all_kernels_inline = context_->run_all_kernels_inline();
  options.stats_collector = context_->stats_collector();
  options.step_container = context_->step_container();

  const core::EnterCreationScope enter(scope);
  library->Run(options, function, arguments, &run->values,
               [self = shared_from_this(), run](const absl::Status& status) {
                 const core::EnterCreationScope leave(self->asker_);
                 self->OnInitialized(std::move(run->reservation), status, run->values);
               });
}

absl::Status Creation::CollectArguments(std::vector<Tensor>* arguments) const {
  // Input 0 is the registry; the initializer takes the rest, from the key on.
  for (int i = 1; i < context_->num_inputs(); ++i) {
    const Tensor& input = context_->input(i);
    // A function takes int32 arguments in host memory on every device, an op's list of inputs does not.
    if (input.dtype() == tensorflow::DT_INT32 && !OnHost(context_, i)) {
      Tensor on_host(input.dtype(), input.shape());
      TF_RETURN_IF_ERROR(context_->op_device_context()->CopyDeviceTensorToCPUSync(
          &input, "captured", static_cast<tensorflow::Device*>(context_->device()), &on_host));
      arguments->push_back(on_host);
    } else {
      arguments->push_back(input);
    }
  }
  return absl::OkStatus();
}

absl::Status Creation::MakeVariables(const std::vector<Tensor>& values, core::Weights* weights,
                                     core::PayloadPtr* payload) const {
  const core::Weights& wanted = spec_->weights;
  if (values.size() != wanted.size()) {
    return absl::InvalidArgumentError(absl::StrCat("it returned ", values.size(), " tensors, wanted ", wanted.size()));
  }
  std::vector<Tensor> handles(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const core::Shape shape = ToShape(values[i].shape());
    if (values[i].dtype() != wanted[i].dtype || !wanted[i].shape.IsCompatibleWith(shape)) {
      return absl::InvalidArgumentError(
          absl::StrCat("it returned ", core::DataTypeName(values[i].dtype()), " ", shape.ToString(),
                       wanted[i].name.empty() ? "" : absl::StrCat(" for weight ", core::Quote(wanted[i].name)),
                       ", wanted ", core::DataTypeName(wanted[i].dtype), " ", wanted[i].shape.ToString()));
    }
    TF_RETURN_IF_ERROR(MakeVariable(context_, values[i], &handles[i]));
  }
  *payload = HandlesPayload::Make(std::move(handles));
  *weights = wanted;
  if (!spec_->exact) {
    std::vector<core::Weight> exact(wanted.begin(), wanted.end());
    for (size_t i = 0; i < values.size(); ++i) exact[i].shape = ToShape(values[i].shape());
    *weights = std::move(exact);
  }
  return absl::OkStatus();
}

void Creation::OnInitialized(core::Reservation reservation, const absl::Status& status,
                             const std::vector<Tensor>& values) {
  core::Weights weights;
  core::PayloadPtr payload;
  const absl::Status made = status.ok() ? MakeVariables(values, &weights, &payload) : status;
  if (!made.ok()) {
    reservation.Abandon();
    Finish(absl::Status(made.code(), absl::StrCat("The initializer of key ", core::Quote(key_), " in registry ",
                                                  core::Quote(table_->name()), " failed: ", made.message())));
    return;
  }
  core::Result<core::EntryPtr> entry = reservation.Commit(spec_->wanted.kind, std::move(weights), std::move(payload));
  if (!entry.ok()) {
    Finish(ToStatus(entry.error()));
    return;
  }
  FinishWith(std::move(entry).value(), /*created=*/true);
}

void Creation::FinishWith(core::EntryPtr entry, bool created) {
  const absl::Status status = emit_(*entry, created);
  // Before what follows runs: to have the entry is to use it.
  entry.reset();
  Finish(status);
}

void Creation::Finish(const absl::Status& status) {
  if (token_ != CancellationManager::kInvalidToken) {
    // Not the waiting form: this may run inside the cancellation callback itself.
    context_->cancellation_manager()->TryDeregisterCallback(token_);
  }
  if (!status.ok()) context_->SetStatus(status);
  done_();
}

}  // namespace tlr
