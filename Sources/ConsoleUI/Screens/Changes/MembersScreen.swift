import HostNetworking
import TerminalUI

/// What the members of a pool need once their coordinator has another address.
struct MembersScreen: Screen {
  private let hosts: Int

  /// True when other hosts may look for this one at an address that it does not have any more.
  static func isNeeded(after change: PendingChange, _ context: Context) -> Bool {
    guard case .coordinator(_, let hosts) = context.host?.role, hosts > 1, let wanted = change.expectation else { return false }
    // What would have undone it tells what was before.
    return change.steps.flatMap(\.undo).contains { action in
      switch action {
      case .manage: true
      case .setIPv4(_, let before): !wanted.isIPv6 && before.address != wanted.address ?? ""
      case .setIPv6(_, let before): wanted.isIPv6 && before.address.prefix { $0 != "/" } != wanted.address ?? ""
      default: false
      }
    }
  }

  init(_ context: Context) {
    if case .coordinator(_, let hosts) = context.host?.role { self.hosts = hosts } else { hosts = 0 }
  }

  let title = "What the members need"

  let help = [
    "Each member of a pool keeps the coordinator's address in a file of its own. When the coordinator's address changes, they have to "
      + "be told.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("y", "tell them now"), ("Enter", "go on"), ("?", "help")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .character("y"), .function(8): .open(ChangeReviewScreen(.recoverMembers))
    case .enter, .escape, .left, .character("h"): .backWith(.changed)
    default: .pass
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    if case .changed = choice { .backWith(.changed) } else { .done }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
  }

  private var facts: [Fact] {
    let others = hosts == 2 ? "the other host" : "the other \(hosts - 1) hosts"
    return [
      Fact("", "This host is the coordinator: \(others) of the pool look for it at the address they know.", style: .strong), Fact("", ""),
      Fact("", "They are told the new one from here, with y or by hand:"), Fact("", "xe pool-recover-slaves", style: .accent, mark: "  "), Fact("", ""),
      Fact("", "A member that cannot be reached from here any more is told at its own console:"),
      Fact("", "xe pool-emergency-reset-master master-address=...", style: .accent, mark: "  "),
    ]
  }
}
