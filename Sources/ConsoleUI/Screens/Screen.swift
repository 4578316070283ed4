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

  /// What is to be found out when the screen opens.
  var errand: Errand? { get }

  /// What is kept an eye on as long as the screen is open, be it covered by others or not. What comes of it is received like
  /// what comes of an errand.
  var watches: Set<Watch> { get }

  /// Takes in what came of an errand. Every screen that is open gets every report; those of others are passed over.
  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction

  /// Takes in what was chosen on the screen that lay above.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction

  /// When the screen changes by time alone.
  func nextWake(_ context: Context) -> ContinuousClock.Instant?

  /// Called when that moment has come, and perhaps at others.
  mutating func tick(_ context: Context) -> Reaction

  /// Why the console cannot be left right now; nil when it can.
  var holds: String? { get }
}

extension Screen {
  mutating func settle(_ context: Context, room: Size) {}
  var errand: Errand? { nil }
  var watches: Set<Watch> { [] }
  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction { .pass }
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { .done }
  func nextWake(_ context: Context) -> ContinuousClock.Instant? { nil }
  mutating func tick(_ context: Context) -> Reaction { .pass }
  var holds: String? { nil }
}

/// What a screen asks of the console after a key.
enum Reaction {
  /// The key was taken in.
  case done
  /// The key means nothing here; the console may know it.
  case pass
  case open(any Screen)
  /// Opens a screen in this one's place.
  case replace(any Screen)
  /// Sets something in motion; what comes of it is received later.
  case ask(Errand)
  case beep
  /// Leaves this screen, for what lies below.
  case back
  /// The same, and tells the screen below what was chosen.
  case backWith(Choice)
  /// Leaves everything above the main menu and goes to a place.
  case go(Place)
  case quit
}

/// What a screen that was opened to choose something brings back.
enum Choice: Hashable, Sendable {
  case matched(NICMapping)
  /// A change was made: what is shown of the host has to be looked up anew.
  case changed
  /// A name for a NIC, by its MAC.
  case named(String, String)
  /// A form was left: what its fields held, by their ids.
  case filledIn([String: String])
}

/// Where one can go.
enum Place: Hashable, Sendable {
  /// The main menu.
  case top
  case menu(Int)
  /// The list of everything about management; with an item's number that item, opened.
  case management(Int?)
  case status
  case interface(InterfaceID)
  case network(NetworkID)
}

extension Reaction {
  /// To a key that a form has no use for: a letter meant for a field must not become a command. Help does no harm; a field that
  /// takes text takes its key as well.
  static func unused(_ key: Key) -> Reaction {
    if case .character(let letter) = key, letter != "?" { return .done }
    return .pass
  }
}
