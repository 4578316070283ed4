import Testing

/// ncurses keeps its state in globals: the tests that run it come one after the other.
@Suite(.serialized) struct NcursesTests {}
