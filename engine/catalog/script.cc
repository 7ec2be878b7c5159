#include "engine/catalog/script.h"

#include <functional>
#include <queue>
#include <utility>

namespace dsqlint::catalog {

size_t Script::add(Rank rank, std::vector<std::string> statements) {
  items_.push_back({rank, std::move(statements)});
  return items_.size() - 1;
}

void Script::after(size_t item, size_t other) {
  if (item == other) return;
  items_[other].waited_for_by.push_back(item);
  ++items_[item].waits_for;
}

std::vector<size_t> Script::order() const {
  using Place = std::pair<Rank, size_t>;
  using Queue = std::priority_queue<Place, std::vector<Place>, std::greater<>>;
  Queue ready;
  Queue waiting;
  std::vector<size_t> waits_for;
  std::vector<bool> done(items_.size(), false);
  for (size_t i = 0; i < items_.size(); ++i) {
    waits_for.push_back(items_[i].waits_for);
    (waits_for[i] == 0 ? ready : waiting).push({items_[i].rank, i});
  }
  std::vector<size_t> order;
  while (!ready.empty() || !waiting.empty()) {
    Queue& queue = ready.empty() ? waiting : ready;
    const size_t i = queue.top().second;
    queue.pop();
    if (done[i]) continue;
    done[i] = true;
    order.push_back(i);
    for (const size_t other : items_[i].waited_for_by) {
      if (--waits_for[other] == 0) ready.push({items_[other].rank, other});
    }
  }
  return order;
}

std::vector<std::string> Script::in_order() const {
  std::vector<std::string> statements;
  for (const size_t i : order()) {
    for (const std::string& statement : items_[i].statements) {
      if (!statement.empty()) statements.push_back(statement);
    }
  }
  return statements;
}

}  // namespace dsqlint::catalog
