// Where libpg_query's trees leave it. A thread that wants one gets it as it is (see TakeTrees);
// what is left is packed, faster than protobuf-c does it: that asks each Node for each of its ~270
// alternatives, twice, and measures subtrees again at every level. This goes straight to the
// alternative that is set and writes the message backwards, so that every length is known when its
// prefix is due: one pass, linear, without recursion. The bytes are the same.
//
// Put in place by the linker (--wrap), which works because libpg_query is linked statically. Leave
// it out with -DDSQLINT_FAST_PACK=OFF.

#include "engine/parse/node_packer.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace {

/// A buffer that grows towards its front.
class BackwardBuffer {
 public:
  size_t size() const { return size_; }
  const uint8_t* data() const { return bytes_.get() + capacity_ - size_; }
  void clear() { size_ = 0; }
  void shrink(size_t limit) {
    if (capacity_ <= limit) return;
    bytes_.reset();
    capacity_ = size_ = 0;
  }

  void byte(uint8_t value) { *claim(1) = value; }
  void bytes(const void* from, size_t count) {
    if (count != 0) std::memcpy(claim(count), from, count);
  }
  void varint(uint64_t value) {
    uint8_t encoded[10];
    size_t count = 0;
    while (value >= 0x80) {
      encoded[count++] = static_cast<uint8_t>(value) | 0x80;
      value >>= 7;
    }
    encoded[count++] = static_cast<uint8_t>(value);
    std::memcpy(claim(count), encoded, count);
  }

 private:
  uint8_t* claim(size_t count) {
    if (capacity_ - size_ < count) grow(count);
    size_ += count;
    return bytes_.get() + capacity_ - size_;
  }
  void grow(size_t count) {
    size_t capacity = capacity_ == 0 ? 4096 : capacity_ * 2;
    while (capacity - size_ < count) capacity *= 2;
    std::unique_ptr<uint8_t[]> bytes(new uint8_t[capacity]);
    if (size_ != 0) std::memcpy(bytes.get() + capacity - size_, data(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> bytes_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthPrefixed = 2 };

class Packer {
 public:
  /// False when the message has something this packer does not know; then that of protobuf-c is
  /// used.
  bool pack(const ProtobufCMessage* root) {
    buffer_.clear();
    frames_.clear();
    if (!enter(root, 0)) return false;
    while (!frames_.empty()) {
      const Step step = advance();
      if (step == Step::Unknown) return false;
      if (step == Step::Done) leave();
    }
    return true;
  }
  const BackwardBuffer& buffer() const { return buffer_; }
  void release() { buffer_.shrink(size_t{4} << 20); }

 private:
  struct Frame {
    const ProtobufCMessage* message;
    size_t start;      // bytes written before this message
    uint32_t tag;      // its field number in the parent; 0 for the root
    unsigned field;    // fields above this index are written
    size_t remaining;  // elements of the repeated field `field` not written yet
    bool in_repeated;
  };
  enum class Step : uint8_t { Entered, Done, Unknown };

  bool enter(const ProtobufCMessage* message, uint32_t tag) {
    if (message->n_unknown_fields != 0) return false;
    frames_.push_back({message, buffer_.size(), tag, message->descriptor->n_fields, 0, false});
    return true;
  }

  void leave() {
    const Frame& frame = frames_.back();
    if (frame.tag != 0) {
      buffer_.varint(buffer_.size() - frame.start);
      tag(frame.tag, kLengthPrefixed);
    }
    frames_.pop_back();
  }

  void tag(uint32_t number, WireType type) { buffer_.varint(uint64_t{number} << 3 | type); }

  static const void* member(const ProtobufCMessage* message, unsigned offset) {
    return reinterpret_cast<const char*>(message) + offset;
  }
  template <typename T>
  static T value(const ProtobufCMessage* message, unsigned offset) {
    T result;
    std::memcpy(&result, member(message, offset), sizeof result);
    return result;
  }

  /// Is the whole message one oneof, as Node is? Then only one field can be set.
  static const ProtobufCFieldDescriptor* chosen(const ProtobufCMessage* message) {
    const ProtobufCMessageDescriptor& descriptor = *message->descriptor;
    const ProtobufCFieldDescriptor& first = descriptor.fields[0];
    const ProtobufCFieldDescriptor& last = descriptor.fields[descriptor.n_fields - 1];
    if ((first.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
        (last.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
        first.quantifier_offset != last.quantifier_offset || first.id != 1 ||
        last.id != descriptor.n_fields) {
      return nullptr;
    }
    const auto which = value<uint32_t>(message, first.quantifier_offset);
    return which == 0 ? nullptr : &descriptor.fields[which - 1];
  }

  /// Writes fields from the last to the first until a submessage has to be entered.
  Step advance() {
    Frame* frame = &frames_.back();
    const ProtobufCMessage* message = frame->message;
    const ProtobufCMessageDescriptor& descriptor = *message->descriptor;
    if (frame->in_repeated) return next_element();
    if (frame->field == descriptor.n_fields && descriptor.n_fields > 8) {
      if (const ProtobufCFieldDescriptor* only = chosen(message)) {
        frame->field = static_cast<unsigned>(only - descriptor.fields) + 1;
        const Step step = write_field(descriptor.fields[--frame->field]);
        frames_[frames_.size() - (step == Step::Entered ? 2 : 1)].field = 0;
        return step;
      }
    }
    while (frame->field > 0) {
      const Step step = write_field(descriptor.fields[--frame->field]);
      if (step != Step::Done) return step;
    }
    return Step::Done;
  }

  Step next_element() {
    Frame& frame = frames_.back();
    if (frame.remaining == 0) {
      frame.in_repeated = false;
      return advance();
    }
    const ProtobufCFieldDescriptor& field = frame.message->descriptor->fields[frame.field];
    const auto* elements = value<ProtobufCMessage* const*>(frame.message, field.offset);
    --frame.remaining;
    return enter(elements[frame.remaining], field.id) ? Step::Entered : Step::Unknown;
  }

  /// Done: written, or nothing to write. Presence as protobuf-c judges it for proto3.
  Step write_field(const ProtobufCFieldDescriptor& field) {
    Frame& frame = frames_.back();
    const ProtobufCMessage* message = frame.message;
    if (field.label == PROTOBUF_C_LABEL_REPEATED) {
      const auto count = value<size_t>(message, field.quantifier_offset);
      if (count == 0) return Step::Done;
      if (field.type != PROTOBUF_C_TYPE_MESSAGE) return Step::Unknown;
      frame.in_repeated = true;
      frame.remaining = count;
      return next_element();
    }
    if (field.label != PROTOBUF_C_LABEL_NONE && field.label != PROTOBUF_C_LABEL_OPTIONAL) {
      return Step::Unknown;
    }
    const bool oneof = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    if (oneof && value<uint32_t>(message, field.quantifier_offset) != field.id) return Step::Done;
    if (!oneof && field.label == PROTOBUF_C_LABEL_OPTIONAL &&
        field.type != PROTOBUF_C_TYPE_MESSAGE) {
      return Step::Unknown;
    }
    switch (field.type) {
      case PROTOBUF_C_TYPE_INT32:
      case PROTOBUF_C_TYPE_ENUM:
        // Negative numbers take ten bytes, as if they had 64 bits.
        return write_number(field, oneof,
                            static_cast<uint64_t>(int64_t{value<int32_t>(message, field.offset)}));
      case PROTOBUF_C_TYPE_UINT32:
        return write_number(field, oneof, value<uint32_t>(message, field.offset));
      case PROTOBUF_C_TYPE_INT64:
      case PROTOBUF_C_TYPE_UINT64:
        return write_number(field, oneof, value<uint64_t>(message, field.offset));
      case PROTOBUF_C_TYPE_BOOL:
        return write_number(field, oneof,
                            value<protobuf_c_boolean>(message, field.offset) != 0 ? 1 : 0);
      case PROTOBUF_C_TYPE_DOUBLE: {
        const auto number = value<double>(message, field.offset);
        if (!oneof && number == 0) return Step::Done;
        buffer_.bytes(&number, sizeof number);
        tag(field.id, kFixed64);
        return Step::Done;
      }
      case PROTOBUF_C_TYPE_STRING: {
        const auto* text = value<const char*>(message, field.offset);
        if (text == nullptr || (!oneof && *text == '\0') ||
            (oneof && text == field.default_value)) {
          return Step::Done;
        }
        const size_t length = std::strlen(text);
        buffer_.bytes(text, length);
        buffer_.varint(length);
        tag(field.id, kLengthPrefixed);
        return Step::Done;
      }
      case PROTOBUF_C_TYPE_MESSAGE: {
        const auto* child = value<const ProtobufCMessage*>(message, field.offset);
        if (child == nullptr || (oneof && child == field.default_value)) return Step::Done;
        return enter(child, field.id) ? Step::Entered : Step::Unknown;
      }
      default:
        return Step::Unknown;
    }
  }

  Step write_number(const ProtobufCFieldDescriptor& field, bool oneof, uint64_t number) {
    if (!oneof && number == 0) return Step::Done;
    buffer_.varint(number);
    tag(field.id, kVarint);
    return Step::Done;
  }

  BackwardBuffer buffer_;
  std::vector<Frame> frames_;
};

/// libpg_query asks for the size first and packs the same message right afterwards; the work is
/// done at the first call and kept for the second.
struct Kept {
  Packer packer;
  const ProtobufCMessage* message = nullptr;
  dsqlint::TreeTaker take = nullptr;
  void* state = nullptr;
  const ProtobufCMessage* taken = nullptr;
};
// libpg_query passes nothing of ours on to protobuf-c.
thread_local Kept kept;

}  // namespace

namespace dsqlint {

TakeTrees::TakeTrees(TreeTaker take, void* state) {
  kept.take = take;
  kept.state = state;
}

TakeTrees::~TakeTrees() {
  kept.take = nullptr;
  kept.taken = nullptr;
}

}  // namespace dsqlint

extern "C" {

// The names are the linker's.
// NOLINTBEGIN
size_t __real_protobuf_c_message_get_packed_size(const ProtobufCMessage* message);
size_t __real_protobuf_c_message_pack(const ProtobufCMessage* message, uint8_t* out);
size_t __wrap_protobuf_c_message_get_packed_size(const ProtobufCMessage* message);
size_t __wrap_protobuf_c_message_pack(const ProtobufCMessage* message, uint8_t* out);

size_t __wrap_protobuf_c_message_get_packed_size(const ProtobufCMessage* message) {
  if (kept.take != nullptr && kept.take(*message, kept.state)) {
    kept.taken = message;
    return 0;
  }
  if (!kept.packer.pack(message)) {
    kept.message = nullptr;
    return __real_protobuf_c_message_get_packed_size(message);
  }
  kept.message = message;
  return kept.packer.buffer().size();
}

size_t __wrap_protobuf_c_message_pack(const ProtobufCMessage* message, uint8_t* out) {
  if (message == kept.taken) return 0;
  if (kept.message != message && !kept.packer.pack(message)) {
    return __real_protobuf_c_message_pack(message, out);
  }
  kept.message = nullptr;
  const size_t size = kept.packer.buffer().size();
  if (size != 0) std::memcpy(out, kept.packer.buffer().data(), size);
  kept.packer.release();
  return size;
}
// NOLINTEND
}
