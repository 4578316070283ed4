import HostNetworking
import TerminalUI

/// All about one interface or one network.
struct DetailScreen: Screen {
  enum Subject: Hashable, Sendable {
    case interface(InterfaceID)
    case network(NetworkID)
  }

  let subject: Subject
  /// As it was called when the screen opened: shown when it is gone.
  let name: String
  private var page = FactsPage()

  init(_ subject: Subject, name: String) {
    self.subject = subject
    self.name = name
  }

  var title: String { name }

  var help: [String] {
    switch subject {
    case .interface: ["All that is known of one interface. Enter on the network's line goes to the network."]
    case .network: ["All that is known of one network. Enter on the interface's line goes to the interface."]
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let there = if case .interface = subject { "network" } else { "interface" }
    let isThere = facts(context).contains { $0.place != nil }
    return (isThere ? [("Enter", "go to \(there)")] : [])
      + [("a", "actions"), ("Esc", "back"), ("Up/Down", isThere ? "choose, scroll" : "scroll"), ("?", "help")]
  }

  private func facts(_ context: Context) -> [Fact] {
    let facts: [Fact]? =
      switch subject {
      case .interface(let id): context.host?.interfaces.first { $0.id == id }.map { InterfaceFacts($0).full }
      case .network(let id): context.host?.networks.first { $0.id == id }.map { NetworkFacts($0, context.host?.pool?.network($0.ref)).full }
      }
    let who = context.host?.heard == nil ? "this host no longer has it" : "XAPI no longer knows it"
    return facts ?? [Fact("", "\(name) is gone: \(who).", style: .warning)]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    case .character("a"): .open(actions)
    default: page.handle(key, facts(context), room: FactsPage.room(room))
    }
  }

  private var actions: any Screen {
    switch subject {
    case .interface(let id): InterfaceMenu(id)
    case .network(let id): NetworkMenu(id)
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts(context), room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: name, facts(context))
  }
}
