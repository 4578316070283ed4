/// What an error of XAPI means to a person at the console.
public struct Explanation: Hashable, Sendable {
  /// XAPI's code, for example `PIF_IS_MANAGEMENT_INTERFACE`.
  public let code: String
  /// What is wrong, in one plain sentence without a full stop.
  public let text: String
  /// What to do about it, without a full stop; nil when there is nothing to do.
  public let remedy: String?

  /// The text with XAPI's code in brackets, for logs and for people who search for it.
  public var sentence: String { code.isEmpty || text.contains(code) ? text : "\(text) [\(code)]" }
}

extension XenFailure {
  /// Puts the error into words.
  ///
  /// - Parameter names: what an object is called, by its reference (`XenDatabase.names` has one). An object without a
  /// name   becomes "this interface" and the like.
  /// - Returns: an explanation for every code; one that this program does not know is shown as it came.
  public func explained(by names: (String) -> String? = { _ in nil }) -> Explanation {
    let values = ErrorParameters(parameters, names)
    guard let entry = ErrorCatalogue.entries[code] else { return unknown(values) }
    return Explanation(
      code: code, text: entry.text.filled(with: values), remedy: entry.remedy?.filled(with: values))
  }

  private func unknown(_ values: ErrorParameters) -> Explanation {
    let name = ErrorParameters.oneLine(code)
    let all = values.shown.joined(separator: ", ")
    return Explanation(
      code: code,
      text: "XAPI answered \(name.isEmpty ? "an error without a code" : name)" + (all.isEmpty ? "" : ": \(all)"),
      remedy: "Look for this code in /var/log/xensource.log")
  }
}

extension XenFailure: CustomStringConvertible {
  /// One plain sentence without a full stop, with XAPI's code in brackets. Objects have no names here: where a database
  /// is at hand, `explained(by:)` says it better.
  public var description: String { explained().sentence }
}

/// One code's words.
struct ErrorEntry: Sendable {
  let code: String
  let text: ErrorTemplate
  let remedy: ErrorTemplate?

  init(_ code: String, _ text: ErrorTemplate, _ remedy: ErrorTemplate? = nil) {
    self.code = code
    self.text = text
    self.remedy = remedy
  }
}

/// The errors of XAPI that a network console meets (`reference/xapi.md` §6), in our words.
enum ErrorCatalogue {
  static let entries: [String: ErrorEntry] = {
    let areas = [session, interfaces, networks, poolAndHosts, poolJoin]
    return Dictionary(areas.joined().map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
  }()
}
