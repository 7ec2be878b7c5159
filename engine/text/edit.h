// Changes of text as values.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint {

/// Replaces `range` by `text`; an empty range inserts, an empty text deletes.
struct Edit {
  Range range;
  std::string text;
  /// Order among insertions at one place: what lengthens the element before (0) comes before what
  /// begins a new element (1) or a new statement (2).
  uint8_t rank = 0;

  friend bool operator==(const Edit&, const Edit&) = default;
};

/// How far to trust a fix. Ordered: `fix.safety >= wanted` selects. On the wire: `unfixable`,
/// `fixed_with_warning`, `fixed`.
enum class Safety : uint8_t {
  Manual,  ///< shown, never applied
  Review,  ///< applied on request; accepted by the target, but behaviour changes
  Exact,   ///< same meaning, comments kept
};

/// Edits that stand or fall together: sorted by place, disjoint.
struct Fix {
  Safety safety = Safety::Review;
  std::string title;  ///< imperative: "replace the type by `bigint`"
  std::vector<Edit> edits;
};

/// Sorts and merges what a rule has put together: equal edits become one, and an edit inside a
/// deletion disappears. False if two edits contradict each other.
bool normalize(std::vector<Edit>& edits);

struct EditOrder {
  bool operator()(const Edit& a, const Edit& b) const;
};

/// A set of edits without conflicts, to be applied at once.
class EditSet {
 public:
  /// Takes all edits of a fix or none. Insertions at the same place are all taken, in the order of
  /// rank and then of arrival. A fix whose edits have been applied already by another one is not
  /// taken again.
  bool add(std::span<const Edit> edits);
  /// Are all of these among them already?
  bool holds(std::span<const Edit> edits) const;
  bool empty() const { return edits_.empty(); }
  const std::multiset<Edit, EditOrder>& edits() const { return edits_; }

 private:
  std::multiset<Edit, EditOrder> edits_;
};

/// What the edits make of a text.
std::string edited(std::string_view text, const EditSet& edits);

/// How the positions of a text that edits have changed map back to the original.
class EditedText {
 public:
  /// `size` is that of the original.
  EditedText(uint32_t size, const EditSet& edits);
  /// Where the byte at `offset` of the changed text comes from; inside inserted text, the place of
  /// the insertion.
  uint32_t original(uint32_t offset) const;

  /// Bytes that no edit has touched.
  struct Stretch {
    Range range;            ///< in the changed text
    uint32_t original = 0;  ///< where they begin in the other one
  };
  /// The stretch that holds the byte at `offset` of the changed text; none inside inserted text.
  std::optional<Stretch> stretch(uint32_t offset) const;
  /// Where a range of the original text stands now; none when an edit has touched it.
  std::optional<Range> changed(Range original) const;

 private:
  struct Segment {
    uint32_t changed;   ///< first byte of the inserted text
    uint32_t inserted;  ///< its length
    uint32_t original;  ///< begin of the replaced range
    uint32_t replaced;  ///< its length
  };
  /// What follows the segment before `next`, up to that one.
  Stretch stretch_before(std::vector<Segment>::const_iterator next) const;

  uint32_t size_ = 0;  ///< of the changed text
  std::vector<Segment> segments_;
};

}  // namespace dsqlint
