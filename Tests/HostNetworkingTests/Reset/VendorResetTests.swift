import Foundation
import HostNetworking
import JSON
import Testing

/// The files of the vendor's program and ours, for the same answers on the same host.
@Suite struct VendorResetTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var files: [String: String]
    var arguments: [String]
    /// By path; nil for a file that is gone.
    var changed: [String: String?]
    var testDescription: String { name }
  }

  static let cases: [Case] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("VendorReset/vendor-reset.json")
    guard let data = try? Data(contentsOf: path), let json = try? JSONValue(parsing: Array(data)) else { return [] }
    func texts(_ json: JSONValue?) -> [String: String?] {
      Dictionary((json?.object ?? [:]).map { ($0, $1.string) }, uniquingKeysWith: { _, last in last })
    }
    return (json["cases"]?.array ?? []).map { row in
      var changed = texts(row["changed"])
      for (path, difference) in row["differs"]?.object ?? [:] { changed[path] = difference["ours"]?.string }
      return Case(
        name: row["name"]?.string ?? "", files: texts(json["hosts"]?[row["host"]?.string ?? ""]).compactMapValues { $0 },
        arguments: (row["arguments"]?.array ?? []).compactMap(\.string), changed: changed)
    }
  }()

  @Test func thereAreEnough() { #expect(Self.cases.count >= 60) }

  @Test(arguments: cases)
  func leavesTheSameFiles(_ vendor: Case) async throws {
    let tree = try ResetTree(vendor.files)
    try tree.write("/etc/sysconfig/network-scripts/interface-rename.py", "")
    let before = tree.files
    let facts = await ResetLook(tree.system, client: nil).facts()
    let check = try Self.answers(vendor, tree).checked(against: facts)
    let request = try #require(check.request, "\(check.problems)")
    _ = try await ResetRun(try ResetPlan.make(request, on: tree.system), on: tree.system).apply()
    var expected = before
    for (path, text) in vendor.changed { expected[path] = text.map { Array($0.utf8) } }
    let after = tree.files
    #expect(Set(after.keys) == Set(expected.keys))
    for (path, bytes) in expected {
      #expect(after[path].map { String(decoding: $0, as: UTF8.self) } == String(decoding: bytes, as: UTF8.self), "\(path)")
    }
  }

  /// The vendor's options as answers, with its defaults from management.conf.
  private static func answers(_ vendor: Case, _ tree: ResetTree) throws -> ResetAnswers {
    var options: [String: String] = [:]
    var words = vendor.arguments[...]
    while let word = words.popFirst() {
      if word == "-m" {
        options["--master"] = words.popFirst()
      } else {
        let parts = word.split(separator: "=", maxSplits: 1).map { String($0) }
        options[parts[0]] = parts.count == 2 ? parts[1] : ""
      }
    }
    let conf = tree.text("/etc/firstboot.d/data/management.conf") ?? ""
    func installed(_ key: String) -> String? {
      conf.split(separator: "\n").first { $0.hasPrefix(key + "=") }?.dropFirst(key.count + 1)
        .trimmingCharacters(in: ["'"])
    }
    var answers = ResetAnswers()
    answers.device = options["--device"] ?? installed("LABEL") ?? ""
    answers.vlan = options["--vlan"] ?? (options["--novlan"] == nil ? installed("VLAN") : nil) ?? ""
    answers.mode = try #require(ResetAnswers.Mode(rawValue: (options["--mode"] ?? "dhcp").lowercased()))
    answers.modeV6 = try #require(ResetAnswers.ModeV6(rawValue: options["--mode-v6"] ?? "none"))
    for (field, option) in [
      (ResetAnswers.Field.ip, "--ip"), (.netmask, "--netmask"), (.gateway, "--gateway"), (.ipv6, "--ipv6"),
      (.gatewayV6, "--gateway-v6"), (.dns, "--dns"), (.coordinator, "--master"),
    ] {
      answers[field] = options[option] ?? ""
    }
    answers.keepsInterfaceNames = options["--keep-interface-name-rules"] != nil
    return answers
  }
}
