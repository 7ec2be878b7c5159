#include "servers/rpc/connection.h"

#include <utility>

namespace dsqlint::rpc {
namespace {

/// Nobody writes messages that are nested deeper; those that are would cost stack to print.
constexpr int kDeepest = 200;

bool is_id(const Json& id) { return id.is_string() || id.is_number_integer(); }

Incoming invalid(ErrorCode code, std::string message, Json id = nullptr) {
  return {.id = std::move(id), .problem = {code, std::move(message)}};
}

Answer answer_of(const Json& message) {
  const auto error = message.find("error");
  if (error == message.end()) return message.value("result", Json());
  ResponseError problem;
  if (error->is_object()) {
    const auto code = error->find("code");
    const auto text = error->find("message");
    if (code != error->end() && code->is_number_integer()) {
      problem.code = static_cast<ErrorCode>(code->get<int>());
    }
    if (text != error->end() && text->is_string()) problem.message = text->get<std::string>();
  }
  return tl::unexpected(problem);
}

}  // namespace

Incoming read_message(std::string_view body) {
  bool too_deep = false;
  const Json::parser_callback_t shallow = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json message = Json::parse(body, shallow, false);
  if (too_deep || message.is_discarded()) {
    return invalid(ErrorCode::ParseError,
                   too_deep ? "the message is nested too deeply" : "the message is not JSON");
  }
  if (!message.is_object()) {
    return invalid(ErrorCode::InvalidRequest, "the message is not an object");
  }
  const auto id = message.find("id");
  Json known_id = id != message.end() && is_id(*id) ? *id : Json();
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") {
    return invalid(ErrorCode::InvalidRequest, "the message is not of JSON-RPC 2.0",
                   std::move(known_id));
  }
  const auto method = message.find("method");
  if (method == message.end()) {
    if (id == message.end() || (!message.contains("result") && !message.contains("error"))) {
      return invalid(ErrorCode::InvalidRequest, "the message has neither a method nor a result",
                     std::move(known_id));
    }
    return {
        .kind = Incoming::Kind::Response, .id = std::move(known_id), .answer = answer_of(message)};
  }
  if (!method->is_string()) {
    return invalid(ErrorCode::InvalidRequest, "`method` is not a string", std::move(known_id));
  }
  if (id != message.end() && known_id.is_null()) {
    return invalid(ErrorCode::InvalidRequest, "`id` is neither a number nor a string");
  }
  Incoming incoming{
      .kind = id == message.end() ? Incoming::Kind::Notification : Incoming::Kind::Request,
      .id = std::move(known_id),
      .method = method->get<std::string>()};
  if (const auto params = message.find("params"); params != message.end()) {
    incoming.params = std::move(*params);
  }
  if (!incoming.params.is_structured() && !incoming.params.is_null()) {
    return invalid(ErrorCode::InvalidRequest, "`params` is neither an object nor an array",
                   std::move(incoming.id));
  }
  return incoming;
}

bool Connection::begin(const Json& id, std::string about, std::stop_source stop) {
  const std::lock_guard lock(mutex_);
  const bool fresh = waiting_.try_emplace(id, Waiting{std::move(about), std::move(stop)}).second;
  // Its own answer would be taken for that of the other one.
  if (!fresh) {
    send_answer(nullptr, refuse(ErrorCode::InvalidRequest,
                                "a request with the id " + id.dump() + " is being answered"));
  }
  return fresh;
}

void Connection::answer(const Json& id, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  if (waiting_.erase(id) != 0) send_answer(id, answer);
}

void Connection::cancel(const Json& id) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  found->second.stop.request_stop();
  waiting_.erase(found);
  send_answer(id, refuse(ErrorCode::RequestCancelled, "the request was cancelled"));
}

void Connection::overtake(std::string_view about) {
  const std::lock_guard lock(mutex_);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (it->second.about != about || about.empty()) {
      ++it;
      continue;
    }
    it->second.stop.request_stop();
    send_answer(it->first, refuse(ErrorCode::ContentModified, "the document has changed"));
    it = waiting_.erase(it);
  }
}

void Connection::cancel_all(ErrorCode code, const std::string& why) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, waiting] : waiting_) {
    waiting.stop.request_stop();
    send_answer(id, refuse(code, why));
  }
  waiting_.clear();
}

size_t Connection::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Connection::answer_nobody(const ResponseError& error) {
  const std::lock_guard lock(mutex_);
  send_answer(nullptr, tl::unexpected(error));
}

void Connection::notify(std::string_view method, Json params) {
  const std::lock_guard lock(mutex_);
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Connection::request(std::string_view method, Json params,
                         std::function<void(const Answer&)> then) {
  const std::lock_guard lock(mutex_);
  const int64_t id = next_id_++;
  asked_.emplace(id, std::move(then));
  Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = std::move(params);
  send(message);
}

void Connection::settle(const Json& id, const Answer& answer) {
  std::function<void(const Answer&)> then;
  {
    const std::lock_guard lock(mutex_);
    const auto asked = id.is_number_integer() ? asked_.find(id.get<int64_t>()) : asked_.end();
    if (asked == asked_.end()) return;
    then = std::move(asked->second);
    asked_.erase(asked);
  }
  if (then) then(answer);
}

void Connection::send(const Json& message) {
  // Names of files may have bytes that are no UTF-8.
  write_(message.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Connection::send_answer(const Json& id, const Answer& answer) {
  Json message = {{"jsonrpc", "2.0"}, {"id", id}};
  if (answer) {
    message["result"] = *answer;
  } else {
    message["error"] = {{"code", static_cast<int>(answer.error().code)},
                        {"message", answer.error().message}};
  }
  send(message);
}

}  // namespace dsqlint::rpc
