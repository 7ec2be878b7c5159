#include "servers/lsp/worker.h"

#include <algorithm>
#include <utility>

namespace dsqlint::lsp {

Worker::Worker(bool threaded) {
  if (threaded) thread_ = std::thread([this] { run(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    stop_.request_stop();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::request(std::function<void()> work) {
  if (!thread_.joinable()) return work();
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(work));
    if (!running_.empty()) {
      gives_way_ = true;
      stop_.request_stop();
    }
  }
  changed_.notify_all();
}

void Worker::background(std::string key, std::chrono::milliseconds delay,
                        std::function<void(std::stop_token)> work) {
  if (!thread_.joinable()) return work({});
  {
    const std::lock_guard lock(mutex_);
    if (running_ == key) {
      gives_way_ = false;
      stop_.request_stop();
    }
    background_[std::move(key)] = {Clock::now() + delay, std::move(work)};
  }
  changed_.notify_all();
}

void Worker::drop(const std::string& key) {
  const std::lock_guard lock(mutex_);
  background_.erase(key);
  if (running_ == key) {
    gives_way_ = false;
    stop_.request_stop();
  }
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!requests_.empty()) {
      const std::function<void()> work = std::move(requests_.front());
      requests_.pop_front();
      lock.unlock();
      work();
      lock.lock();
      continue;
    }
    const auto next =
        std::min_element(background_.begin(), background_.end(),
                         [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    if (next == background_.end()) {
      changed_.wait(lock);
      continue;
    }
    if (next->second.due > Clock::now()) {
      changed_.wait_until(lock, Clock::time_point(next->second.due));
      continue;
    }
    running_ = next->first;
    const Background background = std::move(next->second);
    background_.erase(next);
    stop_ = std::stop_source();
    gives_way_ = false;
    const std::stop_token stop = stop_.get_token();
    lock.unlock();
    background.work(stop);
    lock.lock();
    // Nobody asks for it a second time.
    if (gives_way_) background_.try_emplace(running_, background);
    running_.clear();
  }
}

}  // namespace dsqlint::lsp
