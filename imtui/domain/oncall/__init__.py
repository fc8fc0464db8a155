"""On-call schedules: who is on call when. One function computes shifts, for the pager, the preview, the calendar, the
export, the warnings and the rehearsal alike, so that they cannot disagree.

Inside, instants are whole seconds since 1970 in UTC and days are ordinals, as `datetime.date.toordinal` counts them."""
