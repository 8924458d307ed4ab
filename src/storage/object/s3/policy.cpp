#include "storage/object/s3/policy.hpp"

#include "base/json.hpp"

namespace vfslock::impl::s3 {
namespace {

json::Value strings(std::initializer_list<const char *> texts) {
  json::Value out = json::Value::array();
  for (const char *text : texts) out.items.push_back(json::Value::of(text));
  return out;
}

json::Value statement(const char *id, const char *effect, json::Value actions, const std::string &resource) {
  json::Value out = json::Value::object();
  out.add("Sid", json::Value::of(id));
  out.add("Effect", json::Value::of(effect));
  out.add("Action", std::move(actions));
  out.add("Resource", json::Value::of(resource));
  return out;
}

// {"operator": {"s3:name": value}}
json::Value condition(const char *op, const char *name, json::Value value) {
  json::Value inner = json::Value::object(), out = json::Value::object();
  inner.add(name, std::move(value));
  out.add(op, std::move(inner));
  return out;
}

}  // namespace

std::string policy(const std::string &bucket, const std::string &key, bool conditional_remove) {
  const std::string arn = "arn:aws:s3:::" + bucket, folder = key.substr(0, key.rfind('/') + 1);
  const std::size_t dot = key.rfind('.');
  const std::string locks =
      arn + "/" + folder + "*" + (dot == std::string::npos || dot < folder.size() ? "" : key.substr(dot));
  json::Value statements = json::Value::array();
  statements.items.push_back(statement("Locks", "Allow", strings({"s3:GetObject", "s3:PutObject"}), locks));
  if (conditional_remove) {
    json::Value remove = statement("ReleaseByConditionalDelete", "Allow", strings({"s3:DeleteObject"}), locks);
    remove.add("Condition", condition("Null", "s3:if-match", json::Value::of("false")));
    statements.items.push_back(std::move(remove));
  }
  json::Value list = statement("TellAbsentFromDenied", "Allow", strings({"s3:ListBucket"}), arn);
  list.add("Condition", condition("StringLike", "s3:prefix", json::Value::of(folder + "*")));
  statements.items.push_back(std::move(list));
  json::Value out = json::Value::object();
  out.add("Version", json::Value::of("2012-10-17"));
  out.add("Statement", std::move(statements));
  return json::write_pretty(out);
}

}  // namespace vfslock::impl::s3
