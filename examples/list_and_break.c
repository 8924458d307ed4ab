/* Lists the locks below a place, and breaks those that no time ends. */
#include <stdio.h>
#include <vfslock/vfslock.h>

int main(int argc, char **argv) {
  vfslock_list *list = NULL;
  vfslock_report *report = NULL;
  if (argc != 2 || vfslock_list_new(NULL, argv[1], &list, NULL) != VFSLOCK_OK) return 70;
  while (vfslock_list_next(list, VFSLOCK_OWN_BOUND, NULL, &report, NULL) == VFSLOCK_OK && report) {
    const vfslock_record *record = vfslock_report_record(report);
    const int for_ever = record && vfslock_record_expires_unix_ms(record) < 0;
    printf("%s: %s\n", vfslock_report_uri(report), vfslock_report_reason(report));
    /* The id names exactly what was looked at: who came meanwhile is not touched. */
    if (for_ever && vfslock_break_lock(NULL, vfslock_report_uri(report), vfslock_report_id(report), VFSLOCK_OWN_BOUND, NULL,
                                       NULL) == VFSLOCK_OK)
      printf("%s: broken\n", vfslock_report_uri(report));
    vfslock_report_free(report);
    report = NULL;
  }
  vfslock_list_free(list);
  return 0;
}
