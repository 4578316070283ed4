import HostNetworking
import TerminalUI

/// One screen of the console, a value: what it shows follows from it and the context alone.
protocol Screen: Sendable {
  var title: String { get }

  /// The keys that work now, the most useful first.
  func keys(_ context: Context) -> [(key: String, does: String)]

  /// Lines for the help page: what this screen shows, and what its keys do.
  var help: [String] { get }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction

  /// Called when the context or the room has changed, so that choices stay within what there is.
  mutating func settle(_ context: Context, room: Size)

  func draw(into frame: inout Frame, in area: Rect, _ context: Context)
}

extension Screen {
  mutating func settle(_ context: Context, room: Size) {}
}

/// What a screen asks of the console after a key.
enum Reaction {
  /// The key was taken in.
  case done
  /// The key means nothing here; the console may know it.
  case pass
  case open(any Screen)
  /// Leaves this screen, for what lies below.
  case back
  /// Leaves everything above the main menu and goes to a place.
  case go(Place)
  case quit
}

/// Where one can go.
enum Place: Hashable, Sendable {
  case menu(Int)
  case status
  case interface(InterfaceID)
  case network(NetworkID)
}
