/* The table, the version, the status names, the keys: what a program asks before it locks. */
#include "abi.h"

#include <dlfcn.h>
#include <string.h>

static void one_table_for_one_abi(void **state) {
  (void)state;
  assert_true(api->size_bytes >= (int64_t)sizeof(vfslock_api));
  assert_ptr_equal(api->get_api(VFSLOCK_ABI), api);
  assert_null(api->get_api(0));
  assert_null(api->get_api(VFSLOCK_ABI + 1));
  assert_null(api->get_api(-1));
}

static void a_member_is_there_if_the_table_is_long_enough(void **state) {
  vfslock_api old = *api;
  (void)state;
  assert_true(VFSLOCK_HAS(api, client_new));
  assert_true(VFSLOCK_HAS(api, get_api));
  old.size_bytes = (int64_t)((const char *)&old.get_api - (const char *)&old);
  assert_false(VFSLOCK_HAS(&old, get_api));
  assert_true(VFSLOCK_HAS(&old, status_group));
}

static void every_member_is_the_exported_function(void **state) {
  void *function;
  (void)state;
#define FUNCTION(returned, name, parameters)                    \
  function = dlsym(library, "vfslock_" #name);                  \
  assert_non_null(function);                                    \
  assert_memory_equal(&function, &api->name, sizeof function);
#include "functions.def"
#undef FUNCTION
}

static void the_version_is_the_headers(void **state) {
  (void)state;
  assert_int_equal(api->version_number(), VFSLOCK_VERSION_NUMBER);
  assert_string_equal(api->version_string(), VFSLOCK_VERSION_STRING);
}

static void statuses_have_names_messages_and_groups(void **state) {
  (void)state;
  assert_string_equal(api->status_name(VFSLOCK_OK), "OK");
  assert_string_equal(api->status_name(VFSLOCK_HELD), "HELD");
  assert_string_equal(api->status_name(-99999), "UNKNOWN");
  assert_true(strlen(api->status_message(VFSLOCK_LOST)) > 10);
  assert_non_null(api->status_message(-99999));
  assert_int_equal(api->status_group(VFSLOCK_OK), 0);
  assert_int_equal(api->status_group(VFSLOCK_HELD), api->status_group(VFSLOCK_TIMEOUT));
  assert_int_equal(api->status_group(VFSLOCK_INTERNAL), -9);
}

static void schemes_are_listed(void **state) {
  int32_t count = 0, file = 0, mem = 0;
  (void)state;
  for (; api->scheme_at(count); count++) {
    file += strcmp(api->scheme_at(count), "file") == 0;
    mem += strcmp(api->scheme_at(count), "mem") == 0;
  }
  assert_int_equal(file, 1);
  assert_int_equal(mem, 1);
  assert_null(api->scheme_at(-1));
  assert_null(api->scheme_at(INT32_MAX));
}

static void keys_tell_all_about_themselves(void **state) {
  static const char *const fields[] = {"scope", "type", "default", "range", "text", "environment"};
  const vfslock_key *key;
  int found = 0;
  (void)state;
  for (key = api->key_next(NULL); key; key = api->key_next(key)) {
    size_t i;
    assert_true(strlen(api->key_name(key)) > 0);
    for (i = 0; i < sizeof fields / sizeof *fields; i++) assert_non_null(api->key_text(key, fields[i]));
    assert_null(api->key_text(key, "colour"));
    if (strcmp(api->key_name(key), "lock.name") == 0) {
      found++;
      assert_string_equal(api->key_text(key, "scope"), "client");
      assert_string_equal(api->key_text(key, "default"), "{name}.lock");
      assert_string_equal(api->key_text(key, "environment"), "VFSLOCK_LOCK_NAME");
    }
    if (strcmp(api->key_name(key), "steal") == 0) {
      found++;
      assert_string_equal(api->key_text(key, "scope"), "options");
      assert_string_equal(api->key_text(key, "environment"), "");
    }
  }
  assert_int_equal(found, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_table_for_one_abi),
      cmocka_unit_test(a_member_is_there_if_the_table_is_long_enough),
      cmocka_unit_test(every_member_is_the_exported_function),
      cmocka_unit_test(the_version_is_the_headers),
      cmocka_unit_test(statuses_have_names_messages_and_groups),
      cmocka_unit_test(schemes_are_listed),
      cmocka_unit_test(keys_tell_all_about_themselves),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
