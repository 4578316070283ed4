import HostNetworking
import TerminalUI

/// What is said to somebody who leaves the console while a change is not settled.
enum Farewell {
  static func question(_ change: PendingChange) -> Dialog {
    Dialog.confirm("Leave the console?", lines(change), yes: "leave", no: "stay")
  }

  private static func lines(_ change: PendingChange) -> [String] {
    let what = "\"\(change.title)\""
    return switch change.state {
    case .applying: ["\(what) is being made at this moment.", "", "Until somebody keeps it, it is put back by itself."]
    case .waiting:
      [
        "\(what) is not kept yet. Leaving changes nothing about that: it is put back by itself when its time is up.", "",
        "From any other login: xcpconsole pending --keep, or --revert.",
      ]
    case .reverting: ["\(what) is being put back. That goes on without the console."]
    case .revertedInFiles: ["\(what) was put back on the host; XAPI learns it as soon as it answers, without the console."]
    case .stuck: ["\(what) could not be put back wholly. That is tried again without the console."]
    }
  }
}
