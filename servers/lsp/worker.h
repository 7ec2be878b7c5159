// One thread for what takes time: requests in their order, and background work when nothing waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace dsqlint::lsp {

/// Without a thread everything is done at once, by the caller: tests want to know what comes next.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Worker(bool threaded);
  /// Stops what is running; what waits is dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Work that somebody waits for. Background work that is running gives way to it.
  void request(std::function<void()> work);
  /// Work of the background, after `delay`. It takes the place of what waits under the same key,
  /// and stops it where it is running.
  void background(std::string key, std::chrono::milliseconds delay,
                  std::function<void(std::stop_token)> work);
  /// Drops, or stops, what is under the key.
  void drop(const std::string& key);

 private:
  struct Background {
    Clock::time_point due;
    std::function<void(std::stop_token)> work;
  };

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> requests_;
  std::map<std::string, Background> background_;
  std::string running_;  ///< the key of the background work that is running
  std::stop_source stop_;
  bool gives_way_ = false;  ///< the running one was stopped for a request, and is done again
  bool ended_ = false;
  std::thread thread_;  ///< last: it uses the others
};

}  // namespace dsqlint::lsp
