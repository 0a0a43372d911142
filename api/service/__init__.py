"""The work behind the routes: functions over a connection or a catalog, without HTTP."""
