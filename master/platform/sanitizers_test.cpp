// What the sanitizers shall not report, because it is not in our code.

extern "C" const char* __tsan_default_suppressions();

// Debian's libzookeeper is built without instrumentation; its handles share an unguarded global.
extern "C" const char* __tsan_default_suppressions() { return "race:libzookeeper_mt\n"; }
