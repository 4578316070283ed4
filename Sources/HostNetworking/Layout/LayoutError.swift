import Dom0

/// Why a layout could not be read, taken or put back.
public enum LayoutError: Error, Hashable, Sendable {
  case file(HostFileError)
  /// `reason` has the place in the file.
  case notJSON(name: String, reason: String)
  /// JSON, but of something else.
  case otherFormat(name: String)
  case newer(name: String, version: Int64)
  /// `place` is the member, `bonds[0].mode`; `rule` what it should be.
  case damaged(name: String, place: String, rule: String)
  /// Nothing of that name among the saved layouts.
  case unknown(name: String)
  /// A word of the mapping of NICs; `rule` tells what is wrong with it.
  case mapping(text: String, rule: String)
  /// XAPI's database has no such host.
  case noHost(uuid: String)
  /// XAPI is needed and does not answer.
  case silent(reason: String)
  /// Neither XAPI nor the host's files told anything.
  case nothingToSave(reasons: [String])
}

extension LayoutError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .notJSON(let name, let reason): "\(name) is damaged: \(reason)"
    case .otherFormat(let name): "\(name) is not a saved network layout"
    case .newer(let name, let version):
      "\(name) was written by a newer xcpconsole (format \(version), this one reads up to \(NetworkLayout.version))"
    case .damaged(let name, let place, let rule): "\(name) is damaged: \(place): \(rule)"
    case .unknown(let name): "there is no saved layout called \(name)"
    case .mapping(let text, let rule): "--map \(text): \(rule)"
    case .noHost(let uuid): "XAPI does not know this host\(uuid.isEmpty ? "" : " (\(uuid))")"
    case .silent(let reason): "XAPI does not answer, and without it nothing can be compared or put back: \(reason)"
    case .nothingToSave(let reasons):
      "there is no layout to save: " + (reasons.isEmpty ? "nothing is known" : reasons.joined(separator: "; "))
    }
  }
}
