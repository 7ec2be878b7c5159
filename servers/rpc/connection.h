// JSON-RPC 2.0: messages, and the ledger that holds every request to one answer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace dsqlint::rpc {

using Json = nlohmann::json;

/// Those of JSON-RPC, and those that LSP adds.
enum class ErrorCode : int {
  ParseError = -32700,
  InvalidRequest = -32600,
  MethodNotFound = -32601,
  InvalidParams = -32602,
  InternalError = -32603,
  ServerNotInitialized = -32002,
  RequestFailed = -32803,
  ContentModified = -32801,   ///< an edit has overtaken the request
  RequestCancelled = -32800,  ///< the client has taken it back
};

struct ResponseError {
  ErrorCode code = ErrorCode::InternalError;
  std::string message;
};

using Answer = tl::expected<Json, ResponseError>;

inline tl::unexpected<ResponseError> refuse(ErrorCode code, std::string message) {
  return tl::unexpected(ResponseError{code, std::move(message)});
}

/// What has come in.
struct Incoming {
  enum class Kind : uint8_t { Request, Notification, Response, Invalid } kind = Kind::Invalid;
  Json id = nullptr;
  std::string method = {};
  Json params = nullptr;
  Answer answer = Json();      ///< of a response
  ResponseError problem = {};  ///< of what is invalid
};
Incoming read_message(std::string_view body);

/// One client. Safe to use from several threads.
class Connection {
 public:
  /// `write` gets one whole message after another, never two at a time.
  explicit Connection(std::function<void(std::string_view body)> write)
      : write_(std::move(write)) {}

  /// A request has come; false when one of this id is waiting already, which then is refused.
  /// `about`: the document whose edits overtake it; empty: none do.
  bool begin(const Json& id, std::string about, std::stop_source stop);
  /// Answers it, unless it has been answered.
  void answer(const Json& id, const Answer& answer);
  /// The client does not want it any more.
  void cancel(const Json& id);
  /// The document has changed: what waits about it speaks of a text that is gone.
  void overtake(std::string_view about);
  /// Of all that wait.
  void cancel_all(ErrorCode code, const std::string& why);
  size_t waiting() const;

  /// To what has no id of its own.
  void answer_nobody(const ResponseError& error);
  void notify(std::string_view method, Json params);
  /// `then` is called by `settle`.
  void request(std::string_view method, Json params, std::function<void(const Answer&)> then = {});
  /// The client has answered a request of ours.
  void settle(const Json& id, const Answer& answer);

 private:
  struct Waiting {
    std::string about;
    std::stop_source stop;
  };

  /// With the lock held.
  void send(const Json& message);
  void send_answer(const Json& id, const Answer& answer);

  std::function<void(std::string_view)> write_;
  mutable std::mutex mutex_;
  std::map<Json, Waiting> waiting_;
  std::map<int64_t, std::function<void(const Answer&)>> asked_;
  int64_t next_id_ = 1;
};

}  // namespace dsqlint::rpc
