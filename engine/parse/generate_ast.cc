// Build-time program: writes, all from the descriptors of pg_query.proto,
//   node_cases.inc  message type → number in Node
//   walk_tables.inc  the children of each type
//   tree_fill.inc  for each type, how protobuf-c's struct fills the C++ message

#include <google/protobuf/descriptor.h>

#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "pg_query.pb.h"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string cpp_name(const std::string& field) {
  std::string lower = field;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static const std::set<std::string> kKeywords = {"bool", "default",  "double", "float",
                                                  "int",  "operator", "union"};
  return kKeywords.count(lower) != 0 ? lower + "_" : lower;
}

/// As protobuf-c names its struct: A_Const → PgQuery__AConst.
std::string c_type(const std::string& message) {
  std::string name = "PgQuery__";
  for (const char c : message) {
    if (c != '_') name += c;
  }
  return name;
}

/// The messages that a tree can hold, each once, the outer ones first.
std::vector<const Descriptor*> reachable(const Descriptor* root) {
  std::vector<const Descriptor*> found = {root};
  std::set<const Descriptor*> known = {root};
  for (size_t i = 0; i < found.size(); ++i) {
    const Descriptor* message = found[i];
    for (int k = 0; k < message->field_count(); ++k) {
      const Descriptor* child = message->field(k)->message_type();
      if (child != nullptr && known.insert(child).second) found.push_back(child);
    }
  }
  return found;
}

/// `from.name` into `to`; what is zero or empty is not there, as protobuf-c judges it for proto3.
void write_field(std::ostream& out, const FieldDescriptor& field) {
  const std::string name = cpp_name(field.name());
  const std::string from = "from." + name;
  if (field.is_repeated()) {
    const bool message = field.message_type() != nullptr;
    out << "  to.mutable_" << name << "()->Reserve(static_cast<int>(from.n_" << name << "));\n"
        << "  for (size_t i = 0; i < from.n_" << name << "; ++i) "
        << (message ? "add(" + from + "[i], to.add_" + name + "(), pending);\n"
                    : "to.add_" + name + "(" + from + "[i]);\n");
    return;
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      out << "  if (" << from << " != nullptr) add(" << from << ", to.mutable_" << name
          << "(), pending);\n";
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      // From a separate string, because the setter copies anything else twice.
      out << "  if (" << from << " != nullptr && *" << from << " != 0) to.set_" << name
          << "(std::string(" << from << "));\n";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      out << "  to.set_" << name << "(static_cast<pg::" << field.enum_type()->name() << ">(" << from
          << "));\n";
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out << "  to.set_" << name << "(" << from << " != 0);\n";
      return;
    default:
      out << "  to.set_" << name << "(" << from << ");\n";
  }
}

void write_fill(std::ostream& out, const Descriptor& message) {
  out << "bool fill([[maybe_unused]] const " << c_type(message.name())
      << "& from, [[maybe_unused]] pg::" << message.name()
      << "& to, [[maybe_unused]] Pending& pending) {\n";
  for (int i = 0; i < message.oneof_decl_count(); ++i) {
    const auto& oneof = *message.oneof_decl(i);
    out << "  switch (static_cast<int>(from." << oneof.name() << "_case)) {\n"
        << "    case 0:\n      break;\n";
    for (int k = 0; k < oneof.field_count(); ++k) {
      const std::string name = cpp_name(oneof.field(k)->name());
      out << "    case " << oneof.field(k)->number() << ":\n      add(from." << name
          << ", to.mutable_" << name << "(), pending);\n      break;\n";
    }
    out << "    default:\n      return false;\n  }\n";
  }
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->containing_oneof() == nullptr) write_field(out, *message.field(i));
  }
  out << "  return true;\n}\n\n";
}

void write_tree_fill(std::ostream& out) {
  const std::vector<const Descriptor*> messages = reachable(pg_query::ParseResult::descriptor());
  for (const Descriptor* message : messages) {
    out << "bool fill(const " << c_type(message->name()) << "& from, pg::" << message->name()
        << "& to, Pending& pending);\n";
  }
  out << "\n";
  for (const Descriptor* message : messages) write_fill(out, *message);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: generate_ast node_cases.inc walk_tables.inc tree_fill.inc\n";
    return 2;
  }
  const Descriptor* node = pg_query::Node::descriptor();

  std::ofstream cases(argv[1]);
  std::ofstream walk(argv[2]);
  walk
      << "AstRef unwrap(const pg::Node& node) {\n  switch (static_cast<int>(node.node_case())) {\n";
  for (int i = 0; i < node->field_count(); ++i) {
    const FieldDescriptor* field = node->field(i);
    const std::string& type = field->message_type()->name();
    cases << "template <>\nstruct NodeCaseOf<pg_query::" << type
          << "> {\n  static constexpr int value = " << field->number() << ";\n};\n";
    if (field->number() >= 300) {
      std::cerr << "kNodeKinds in walk.h is too small\n";
      return 1;
    }
    walk << "    case " << field->number() << ":\n      return {" << field->number() << ", &node."
         << cpp_name(field->name()) << "()};\n";
  }
  walk << "    default:\n      return {};\n  }\n}\n\n"
       << "void append_children(AstRef ref, std::vector<AstRef>& out) {\n  switch (ref.kind) {\n";
  for (int i = 0; i < node->field_count(); ++i) {
    const Descriptor* type = node->field(i)->message_type();
    bool any = false;
    for (int k = 0; k < type->field_count(); ++k) {
      any = any || type->field(k)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    }
    if (!any) continue;
    walk << "    case " << node->field(i)->number()
         << ": {\n      const auto& m = static_cast<const pg_query::" << type->name()
         << "&>(*ref.message);\n";
    for (int k = 0; k < type->field_count(); ++k) {
      const FieldDescriptor* field = type->field(k);
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      const std::string name = cpp_name(field->name());
      const bool is_node = field->message_type() == node;
      const std::string& child = field->message_type()->name();
      if (field->is_repeated()) {
        walk << "      for (const auto& child : m." << name << "()) ";
        walk << (is_node
                     ? "append(child, out);\n"
                     : "out.push_back({NodeCaseOf<pg_query::" + child + ">::value, &child});\n");
      } else {
        walk << "      if (m.has_" << name << "()) ";
        walk << (is_node ? "append(m." + name + "(), out);\n"
                         : "out.push_back({NodeCaseOf<pg_query::" + child + ">::value, &m." + name +
                               "()});\n");
      }
    }
    walk << "      break;\n    }\n";
  }
  walk << "    default:\n      break;\n  }\n}\n";

  std::ofstream fill(argv[3]);
  write_tree_fill(fill);
  return cases.good() && walk.good() && fill.good() ? 0 : 1;
}
