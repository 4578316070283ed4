import Dom0
import Glibc
import HostNetworking
import JSON
import XenAPI

extension LayoutCommand.Save {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let client = try host.client()
    let layout: NetworkLayout = try LayoutFailure.told {
      try waiting { [why] in
        let source = LayoutSource(client: client, system: system)
        let taken: Result<NetworkLayout, LayoutError>
        do throws(LayoutError) {
          taken = .success(try await source.take(at: Int64(time(nil)), why: why))
        } catch {
          taken = .failure(error)
        }
        await client.logout()
        return try taken.get()
      }
    }
    let path = try LayoutFailure.told { try LayoutStore(system).save(layout) }
    if json {
      let answer: JSONValue = [
        "saved": .string(path), "from": .string(layout.taken.from.rawValue),
        "missing": .array(layout.taken.missing.map { .string($0) }),
      ]
      standard.say(answer.description)
    } else {
      standard.say("Saved \(path), from \(layout.taken.from.rawValue): \(layout.contents)")
      for text in layout.taken.missing { standard.say("! \(text)") }
    }
    return 0
  }
}

extension LayoutCommand.List {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let entries = try LayoutFailure.told { try LayoutStore(system).list() }
    if json {
      standard.say(JSONValue.array(entries.map(\.json)).description)
    } else if entries.isEmpty {
      standard.say("No layout is saved in \(LayoutStore.folder)")
    } else {
      for entry in entries { standard.say(entry.line) }
    }
    return 0
  }
}

extension LayoutCommand.Show {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let (_, layout) = try LayoutFile.read(file, of: try host.checked())
    if json {
      standard.say(String(decoding: layout.encoded.dropLast(), as: UTF8.self))
    } else {
      for line in layout.text { standard.say(line) }
    }
    return 0
  }
}

/// A layout that the user named.
enum LayoutFile {
  /// A name is looked for among the saved ones first, then, when the host is this machine, beside the user.
  static func read(_ name: String, of system: HostSystem) throws -> (path: String, layout: NetworkLayout) {
    try LayoutFailure.told {
      if system.isThisMachine, !name.hasPrefix("/"), let beside = beside(name) {
        do {
          return try LayoutStore(system).read(name)
        } catch LayoutError.unknown {
          return try LayoutStore(system).read(beside)
        }
      }
      return try LayoutStore(system).read(name)
    }
  }

  /// The absolute path of a file in the current folder; nil when there is none.
  private static func beside(_ name: String) -> String? {
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    let path = String(cString: folder) + "/" + name
    return HostSystem().exists(path) ? path : nil
  }
}

/// Errors of layouts as failures of the program.
enum LayoutFailure {
  static func told<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch let error as LayoutError {
      // What is wrong with the command line is a matter of usage.
      if case .mapping = error { throw Failure(text: "\(error)", code: 2) }
      throw Failure(text: "\(error)")
    }
  }
}

extension NetworkLayout {
  /// `4 NICs, 1 bond, 12 VLANs`
  var contents: String {
    let counts = [
      (nics.count, "NIC"), (bonds.count, "bond"), (vlans.count, "VLAN"), (tunnels.count, "tunnel"),
      (sriovs.count, "SR-IOV network"), (networks.count, "network"),
    ]
    return counts.filter { $0.0 > 0 }.map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: ", ")
  }
}

extension LayoutStore.Entry {
  fileprivate var line: String {
    switch layout {
    case .success(let layout):
      let why = layout.taken.why.isEmpty ? "" : " (\(layout.taken.why))"
      return "\(name)  \(layout.host.name), from \(layout.taken.from.rawValue): \(layout.contents)\(why)"
    case .failure(let error): return "\(name)  cannot be used: \(error)"
    }
  }

  fileprivate var json: JSONValue {
    var object = JSONObject([("name", .string(name)), ("path", .string(path))])
    switch layout {
    case .success(let layout):
      object.append("taken", layout.json["taken"] ?? .null)
      object.append("host", layout.json["host"] ?? .null)
      object.append("contents", .string(layout.contents))
    case .failure(let error): object.append("error", .string("\(error)"))
    }
    return .object(object)
  }
}
