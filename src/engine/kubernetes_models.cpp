#include "kubernetes_models.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "by_name.hpp"
#include "kubernetes_models_table.hpp"
#include "kubernetes_values.hpp"
#include "python_writer.hpp"

namespace liminal::engine {

namespace {

using document::Value;

using Field = KubernetesField;
using Fields = std::span<const Field>;

const Fields* fields_of(std::string_view type) {
  const KubernetesModel* model = find_by_name(kubernetes_model_table, type);
  return model == nullptr ? nullptr : &model->fields;
}

// What a list or a map holds: "V1Volume" of "list[V1Volume]".
std::string_view item_type(std::string_view type, std::string_view container) {
  if (!type.starts_with(container) || !type.ends_with(']')) return {};
  return type.substr(container.size(), type.size() - container.size() - 1);
}

class Reader {
 public:
  explicit Reader(std::vector<ValueFault>& faults) : faults_(faults) {}

  Json read(const Value& value, std::string_view type) {
    if (value.is_null()) return nullptr;
    if (const std::string_view item = item_type(type, "list["); !item.empty()) return list(value, item);
    if (const std::string_view item = item_type(type, "dict[str, "); !item.empty()) return map(value, item);
    if (const Fields* fields = fields_of(type)) return object(value, type, *fields);
    if (type == "dict" && !value.is_mapping()) return mismatch(value, "a map");
    if (type == "dict" || type == "object") return value.json();
    return scalar(value, type);
  }

 private:
  Json mismatch(const Value& value, std::string_view wanted) {
    const std::string text = value.kind == document::Kind::scalar ? value.scalar : "";
    faults_.push_back({value.origin, text, fmt::format("this has to be {}", wanted), {}});
    return nullptr;
  }

  Json list(const Value& value, std::string_view item) {
    if (!value.is_sequence()) return mismatch(value, "a list");
    Json result = Json::array();
    for (const Value& one : value.items) {
      if (one.is_null()) faults_.push_back({one.origin, {}, "an item of the list is empty", "remove it"});
      result.push_back(read(one, item));
    }
    check_kubernetes_list(item, value, result, faults_);
    return result;
  }

  Json map(const Value& value, std::string_view item) {
    if (!value.is_mapping()) return mismatch(value, "a map");
    Json result = Json::object();
    for (const Value::Member& member : value.members) result[member.key] = read(member.value, item);
    return result;
  }

  Json object(const Value& value, std::string_view type, Fields fields) {
    if (!value.is_mapping()) return mismatch(value, fmt::format("a map with the fields of {}", type));
    Json result = Json::object();
    for (const Value::Member& member : value.members) {
      const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& candidate) {
        return candidate.python == member.key || candidate.json == member.key;
      });
      if (field == fields.end()) {
        unknown(member, type, fields);
      } else {
        result[std::string(field->json)] = read(member.value, field->type);
        check_kubernetes_member(type, field->json, member.value, faults_);
      }
    }
    for (const Field& field : fields) {
      if (field.required && !result.contains(field.json)) lacks(value, type, field);
    }
    check_kubernetes_object(type, value, result, faults_);
    return result;
  }

  void lacks(const Value& value, std::string_view type, const Field& field) {
    faults_.push_back(
        {value.origin, std::string(field.json), fmt::format("{} has to have `{}`", type, field.json), "add it"});
  }

  void unknown(const Value::Member& member, std::string_view type, Fields fields) {
    // The spelling of the rest of a file of Kubernetes is the one to name.
    std::vector<std::string_view> names;
    names.reserve(fields.size());
    for (const Field& field : fields) names.push_back(field.json);
    const auto likely = nearest(member.key, names);
    faults_.push_back({member.key_origin.node != nullptr ? member.key_origin : member.value.origin, member.key,
                       fmt::format("`{}` is no field of {}", member.key, type),
                       likely ? fmt::format("did you mean `{}`?", *likely)
                              : fmt::format("its fields are {}", fmt::join(names, ", "))});
  }

  Json scalar(const Value& value, std::string_view type) {
    if (value.kind != document::Kind::scalar) return mismatch(value, type == "str" ? "a text" : "a number");
    if (type == "bool") {
      if (const auto flag = value.boolean()) return *flag;
      return mismatch(value, "true or false");
    }
    if (type == "int") {
      if (const auto number = value.integer()) return *number;
      return mismatch(value, "a whole number");
    }
    if (type == "float") {
      if (const auto number = value.number()) return *number;
      return mismatch(value, "a number");
    }
    // As it is written: a label `true` is no `True` of Python's.
    return value.scalar;
  }

  std::vector<ValueFault>& faults_;
};

}  // namespace

Json kubernetes_json(const Value& value, std::string_view type, std::vector<ValueFault>& faults) {
  return Reader(faults).read(value, type);
}

std::string kubernetes_python(const Json& value, std::string_view type) {
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : value) items.push_back(kubernetes_python(item, item_type(type, "list[")));
    return python::list(items);
  }
  const Fields* fields = fields_of(type);
  if (fields == nullptr || !value.is_object()) return python::json_literal(value);
  python::Arguments arguments;
  for (const auto& [key, member] : value.items()) {
    for (const Field& field : *fields) {
      if (field.json == key) arguments.emplace_back(field.python, kubernetes_python(member, field.type));
    }
  }
  return python::call(fmt::format("k8s.{}", type), arguments);
}

}  // namespace liminal::engine
