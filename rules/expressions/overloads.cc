#include "rules/expressions/overloads.h"

#include <algorithm>
#include <array>
#include <vector>

namespace dsqlint {
namespace {

using enum PgType;

using Types = std::vector<PgType>;

/// One candidate, with as many arguments as are given.
struct Form {
  Types arguments;
  PgType result;
  char volatility;
};

char category(PgType type) { return row_of(type).category; }

bool is_polymorphic(PgType type) {
  switch (type) {
    case kAnyarray:
    case kAnycompatible:
    case kAnycompatiblearray:
    case kAnycompatiblemultirange:
    case kAnycompatiblenonarray:
    case kAnycompatiblerange:
    case kAnyelement:
    case kAnyenum:
    case kAnymultirange:
    case kAnynonarray:
    case kAnyrange:
      return true;
    default:
      return false;
  }
}

bool is_range(PgType type) { return category(type) == 'R' && category(row_of(type).part) != 'R'; }

bool is_multirange(PgType type) {
  return category(type) == 'R' && category(row_of(type).part) == 'R';
}

/// One family of polymorphic types: `anyelement` and its like, or `anycompatible` and its.
struct Bound {
  PgType element = kNone;
  PgType array = kNone;
  PgType range = kNone;
  PgType multirange = kNone;
  bool non_array = false;
  bool is_enum = false;

  static bool set(PgType& to, PgType type) {
    if (to != kNone && to != type) return false;
    to = type;
    return true;
  }

  /// Makes the element known by what is made of it, or the other way round.
  bool complete() {
    if (multirange != kNone) {
      if (!is_multirange(multirange) || !set(range, row_of(multirange).part)) return false;
    }
    if (range != kNone && (!is_range(range) || !set(element, row_of(range).part))) return false;
    if (array != kNone && (!is_array(array) || !set(element, row_of(array).part))) return false;
    if (element == kNone) return true;
    if ((non_array && is_array(element)) || is_enum) return false;
    array = array_of(element);
    return true;
  }

  PgType of(PgType declared) const {
    switch (declared) {
      case kAnyarray:
      case kAnycompatiblearray:
        return array;
      case kAnyrange:
      case kAnycompatiblerange:
        return range;
      case kAnymultirange:
      case kAnycompatiblemultirange:
        return multirange == kNone && range != kNone ? range_over(range) : multirange;
      default:
        return element;
    }
  }
};

bool is_compatible_family(PgType type) {
  switch (type) {
    case kAnycompatible:
    case kAnycompatiblearray:
    case kAnycompatiblemultirange:
    case kAnycompatiblenonarray:
    case kAnycompatiblerange:
      return true;
    default:
      return false;
  }
}

/// Puts actual types in the place of polymorphic ones; false where the arguments do not go
/// together. What the arguments leave open becomes kNone.
bool bind(std::span<const PgType> actual, Types& declared, PgType& result) {
  Bound same;
  Bound compatible;
  Types elements;  // of what is to be compatible
  bool generic = is_polymorphic(result);
  for (size_t i = 0; i < declared.size(); ++i) {
    if (!is_polymorphic(declared[i])) continue;
    generic = true;
    same.non_array |= declared[i] == kAnynonarray;
    same.is_enum |= declared[i] == kAnyenum;
    compatible.non_array |= declared[i] == kAnycompatiblenonarray;
    const PgType type = actual[i];
    if (type == kNone || type == kUnknown) continue;
    bool fits = true;
    switch (declared[i]) {
      case kAnyarray:
        fits = Bound::set(same.array, type);
        break;
      case kAnyrange:
        fits = Bound::set(same.range, type);
        break;
      case kAnymultirange:
        fits = Bound::set(same.multirange, type);
        break;
      case kAnycompatiblearray:
        fits = is_array(type);
        elements.push_back(row_of(type).part);
        break;
      case kAnycompatiblerange:
        fits = Bound::set(compatible.range, type);
        break;
      case kAnycompatiblemultirange:
        fits = Bound::set(compatible.multirange, type);
        break;
      case kAnycompatible:
      case kAnycompatiblenonarray:
        elements.push_back(type);
        break;
      default:
        fits = Bound::set(same.element, type);
        break;
    }
    if (!fits) return false;
  }
  if (!generic) return true;
  if (!elements.empty()) {
    compatible.element = common_type(elements);
    const bool all = std::all_of(elements.begin(), elements.end(), [&](PgType type) {
      return find_coercion(type, compatible.element, CastContext::Implicit).has_value();
    });
    if (compatible.element == kNone || !all) return false;
  }
  if (!same.complete() || !compatible.complete()) return false;
  // Untyped literals alone are text, where they need not be of one type.
  const bool untyped =
      std::all_of(actual.begin(), actual.end(), [](PgType type) { return type == kUnknown; });
  if (compatible.element == kNone && untyped) {
    compatible.element = kText;
    compatible.array = kTextArray;
  }
  const auto resolve = [&](PgType& type) {
    if (is_polymorphic(type)) type = (is_compatible_family(type) ? compatible : same).of(type);
  };
  std::for_each(declared.begin(), declared.end(), resolve);
  resolve(result);
  return true;
}

bool fits(const Form& form, std::span<const PgType> actual) {
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] != kNone && !find_coercion(actual[i], form.arguments[i], CastContext::Implicit)) {
      return false;
    }
  }
  Types declared = form.arguments;
  PgType result = form.result;
  return bind(actual, declared, result);
}

/// Keeps the forms that score best.
template <typename Score>
void keep_best(std::vector<const Form*>& forms, Score&& score) {
  std::vector<const Form*> best;
  size_t most = 0;
  for (const Form* form : forms) {
    const size_t points = score(*form);
    if (points < most) continue;
    if (points > most) best.clear();
    most = points;
    best.push_back(form);
  }
  forms = std::move(best);
}

/// What the forms say of an untyped literal's place: text where one takes text, else the category
/// of all; ' ' where they differ.
char literal_category(const std::vector<const Form*>& forms, size_t argument) {
  char found = ' ';
  bool differs = false;
  for (const Form* form : forms) {
    const char category = row_of(form->arguments[argument]).category;
    if (category == 'S') return 'S';
    differs |= found != ' ' && found != category;
    found = category;
  }
  return differs ? ' ' : found;
}

/// func_select_candidate: the form to be taken among several that fit; null where it is ambiguous.
const Form* select(std::vector<const Form*> forms, std::span<const PgType> actual) {
  const size_t n = actual.size();
  keep_best(forms, [&](const Form& form) {
    size_t matches = 0;
    for (size_t i = 0; i < n; ++i) {
      matches += actual[i] != kUnknown && form.arguments[i] == actual[i] ? 1 : 0;
    }
    return matches;
  });
  if (forms.size() == 1) return forms[0];
  keep_best(forms, [&](const Form& form) {
    size_t matches = 0;
    for (size_t i = 0; i < n; ++i) {
      const PgTypeRow& row = row_of(form.arguments[i]);
      const bool preferred = row.preferred && row.category == category(actual[i]);
      matches += actual[i] != kUnknown && (form.arguments[i] == actual[i] || preferred) ? 1 : 0;
    }
    return matches;
  });
  if (forms.size() == 1) return forms[0];
  const auto is_untyped = [](PgType type) { return type == kUnknown; };
  const auto untyped = std::count_if(actual.begin(), actual.end(), is_untyped);
  if (untyped == 0) return nullptr;
  std::vector<char> categories(n, ' ');
  bool resolved = true;
  for (size_t i = 0; i < n && resolved; ++i) {
    if (actual[i] != kUnknown) continue;
    categories[i] = literal_category(forms, i);
    resolved = categories[i] != ' ';
  }
  if (resolved) {
    const auto is_preferred = [&](const Form* form, size_t i) {
      const PgTypeRow& row = row_of(form->arguments[i]);
      return row.category == categories[i] && row.preferred;
    };
    std::vector<bool> preferred(n);
    for (size_t i = 0; i < n; ++i) {
      preferred[i] = std::any_of(forms.begin(), forms.end(),
                                 [&](const Form* form) { return is_preferred(form, i); });
    }
    std::vector<const Form*> kept;
    for (const Form* form : forms) {
      bool keep = true;
      for (size_t i = 0; i < n && keep; ++i) {
        if (actual[i] != kUnknown) continue;
        keep = category(form->arguments[i]) == categories[i] &&
               (!preferred[i] || is_preferred(form, i));
      }
      if (keep) kept.push_back(form);
    }
    if (!kept.empty()) forms = std::move(kept);
    if (forms.size() == 1) return forms[0];
  }
  // Where all typed arguments have one type, the literals may have it too.
  PgType one = kUnknown;
  for (const PgType type : actual) {
    if (type == kUnknown || type == one) continue;
    if (one != kUnknown) return nullptr;
    one = type;
  }
  if (one == kUnknown) return nullptr;
  const Types all(n, one);
  const Form* last = nullptr;
  for (const Form* form : forms) {
    if (!fits(*form, all)) continue;
    if (last != nullptr) return nullptr;
    last = form;
  }
  return last;
}

Choice finish(const Form& form, std::span<const PgType> actual) {
  Choice choice{.known = true, .result = form.result, .volatility = form.volatility};
  Types declared = form.arguments;
  bind(actual, declared, choice.result);
  if (!declared.empty()) choice.first = declared[0];
  if (form.volatility == 'o') choice.volatility = 'i';
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == kNone) continue;
    const char output = row_of(actual[i]).output;
    if (form.volatility == 'o' && is_polymorphic(form.arguments[i]) && output != 'i') {
      choice.written = actual[i];
      choice.volatility = std::max(choice.volatility, output);
    }
    if (declared[i] == kNone) continue;
    const auto coercion = find_coercion(actual[i], declared[i], CastContext::Implicit);
    if (coercion) choice.volatility = std::max(choice.volatility, coercion->volatility);
  }
  return choice;
}

/// What all forms that may be meant agree on.
Choice agree(const std::vector<const Form*>& forms, std::span<const PgType> actual) {
  Choice choice = finish(*forms[0], actual);
  for (size_t i = 1; i < forms.size(); ++i) {
    const Choice other = finish(*forms[i], actual);
    choice.volatility = std::min(choice.volatility, other.volatility);
    if (choice.first != other.first) choice.first = kNone;
    if (choice.result == other.result) continue;
    const auto is_json = [](PgType type) { return type == kJson || type == kJsonb; };
    const bool json = is_json(choice.result) && is_json(other.result);
    choice.certain = false;
    choice.result = json ? kJsonb : kNone;
  }
  return choice;
}

/// Of forms that all have as many arguments as there are.
Choice choose(const std::vector<Form>& forms, std::span<const PgType> actual) {
  Choice choice{.known = true};
  std::vector<const Form*> fitting;
  for (const Form& form : forms) {
    if (fits(form, actual)) fitting.push_back(&form);
  }
  if (fitting.empty()) {
    choice.refused = true;
    return choice;
  }
  if (std::find(actual.begin(), actual.end(), kNone) != actual.end()) return agree(fitting, actual);
  const Form* form = fitting.size() == 1 ? fitting[0] : select(fitting, actual);
  return form == nullptr ? choice : finish(*form, actual);
}

const Form* exact_form(const std::vector<Form>& forms, std::span<const PgType> actual) {
  const auto form = std::find_if(forms.begin(), forms.end(), [&](const Form& candidate) {
    return std::equal(actual.begin(), actual.end(), candidate.arguments.begin());
  });
  return form == forms.end() ? nullptr : &*form;
}

bool is_mutable_form(const Form& form) { return form.volatility == 's' || form.volatility == 'v'; }

/// The forms of a function that take so many arguments.
std::vector<Form> function_forms(std::string_view name, size_t n, bool variadic) {
  std::vector<Form> forms;
  for (const PgFunctionRow& row : functions_named(name)) {
    const size_t size = row.size();
    Form form{{}, row.result, row.volatility};
    form.arguments.assign(row.arguments.begin(), row.arguments.begin() + static_cast<long>(size));
    if (row.variadic != kNone && !variadic && n >= size) {
      form.arguments.back() = row.variadic;
      form.arguments.resize(n, row.variadic);
    } else if (n > size || n + row.defaults < size) {
      continue;
    }
    form.arguments.resize(n);
    // Of two that come to the same the one without VARIADIC is taken.
    const auto twin = std::find_if(forms.begin(), forms.end(), [&](const Form& other) {
      return other.arguments == form.arguments;
    });
    if (twin == forms.end()) {
      forms.push_back(std::move(form));
    } else if (row.variadic == kNone) {
      *twin = std::move(form);
    }
  }
  return forms;
}

}  // namespace

std::optional<Coercion> find_coercion(PgType from, PgType to, CastContext context) {
  // The cast of a literal is worked out once, when the statement runs.
  if (from == to || from == kUnknown || to == kAny || is_polymorphic(to)) {
    return Coercion{'b', 'i'};
  }
  if (const PgCastRow* cast = find_cast(from, to)) {
    const CastContext needed = cast->context == 'i'   ? CastContext::Implicit
                               : cast->context == 'a' ? CastContext::Assignment
                                                      : CastContext::Explicit;
    if (context < needed) return std::nullopt;
    return Coercion{cast->method, cast->method == 'i'
                                      ? std::max(row_of(from).output, row_of(to).input)
                                      : cast->volatility};
  }
  if (is_array(from) && is_array(to)) {
    // The elements are no arrays.
    const auto element = find_coercion(row_of(from).part, row_of(to).part, context);
    return element ? std::optional(Coercion{'a', element->volatility}) : std::nullopt;
  }
  const bool to_text = context >= CastContext::Assignment && category(to) == 'S';
  const bool from_text = context == CastContext::Explicit && category(from) == 'S';
  if (!to_text && !from_text) return std::nullopt;
  return Coercion{'i', std::max(row_of(from).output, row_of(to).input)};
}

PgType common_type(std::span<const PgType> types) {
  if (types.empty()) return kNone;
  PgType common = types[0];
  for (const PgType type : types.subspan(1)) {
    if (common == kNone || type == kNone) return kNone;
    if (type == kUnknown || type == common) continue;
    if (common == kUnknown) {
      common = type;
      continue;
    }
    if (category(type) != category(common)) return kNone;
    const auto becomes = [](PgType from, PgType to) {
      return find_coercion(from, to, CastContext::Implicit).has_value();
    };
    if (!row_of(common).preferred && becomes(common, type) && !becomes(type, common)) {
      common = type;
    }
  }
  return common;
}

Choice choose_function(std::string_view name, std::span<const PgType> arguments, bool variadic,
                       bool named) {
  if (!named) {
    // Mostly the very types are there, of an immutable function.
    for (const PgFunctionRow& row : functions_named(name)) {
      if (row.volatility == 'i' && row.size() == arguments.size() &&
          std::equal(arguments.begin(), arguments.end(), row.arguments.begin())) {
        return {.known = true, .result = row.result, .first = row.arguments[0]};
      }
    }
  }
  const std::vector<Form> forms = function_forms(name, arguments.size(), variadic);
  if (named) {
    // Which argument is whose is not known; most such functions have one form.
    std::vector<Form> all;
    for (const PgFunctionRow& row : functions_named(name)) {
      all.push_back({Types(arguments.size(), kAny), row.result, row.volatility});
    }
    const Types none(arguments.size(), kNone);
    Choice choice = all.empty() ? Choice{} : choose(all, none);
    choice.every_form = !all.empty() && std::all_of(all.begin(), all.end(), is_mutable_form);
    return choice;
  }
  Choice choice;
  const Form* exact = exact_form(forms, arguments);
  if (exact == nullptr && arguments.size() == 1 && arguments[0] != kNone) {
    // A cast that is written as a call.
    const PgType target = find_pg_type(name);
    const auto cast =
        target == kNone ? std::nullopt : find_coercion(arguments[0], target, CastContext::Explicit);
    if (cast && (cast->method == 'b' || cast->method == 'i')) {
      return {.known = true, .result = target, .volatility = cast->volatility};
    }
  }
  if (forms.empty()) return choice;
  choice = exact != nullptr ? finish(*exact, arguments) : choose(forms, arguments);
  choice.every_form = std::all_of(forms.begin(), forms.end(), is_mutable_form);
  return choice;
}

Choice choose_operator(std::string_view name, std::optional<PgType> left, PgType right) {
  const std::span<const PgOperatorRow> rows = operators_named(name);
  const PgType given = left.value_or(kNone);
  // A literal beside a typed operand is first taken for the same.
  const PgType first = left && given == kUnknown ? right : given;
  const PgType second = left && right == kUnknown ? given : right;
  for (const PgOperatorRow& row : rows) {
    const bool prefix = row.left == kNone;
    if (prefix == left.has_value() || row.left != first || row.right != second) continue;
    return {.known = true,
            .result = row.result,
            .first = left ? row.left : row.right,
            .volatility = row.volatility};
  }
  Types arguments;
  if (left) arguments.push_back(given);
  arguments.push_back(right);
  std::vector<Form> forms;
  for (const PgOperatorRow& row : rows) {
    if ((row.left != kNone) != left.has_value()) continue;
    Form& form = forms.emplace_back(Form{{}, row.result, row.volatility});
    if (left) form.arguments.push_back(row.left);
    form.arguments.push_back(row.right);
  }
  return forms.empty() ? Choice{} : choose(forms, arguments);
}

}  // namespace dsqlint
