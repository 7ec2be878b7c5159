// Build-time program: writes node_cases.inc (message type → number in Node) and walk_tables.inc
// (the children of each type), both from the descriptors of pg_query.proto.

#include <google/protobuf/descriptor.h>

#include <fstream>
#include <iostream>
#include <set>
#include <string>

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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: generate_walk node_cases.inc walk_tables.inc\n";
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
  return cases.good() && walk.good() ? 0 : 1;
}
