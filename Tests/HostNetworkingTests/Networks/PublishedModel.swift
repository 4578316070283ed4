import Foundation
import JSON

/// XAPI's published data model. It is not ours to ship: where it is not, tests that need it are skipped and say so.
enum PublishedModel {
  static let whole: JSONValue? = {
    var folder = URL(filePath: #filePath)
    for _ in 0..<5 { folder.deleteLastPathComponent() }
    return FileManager.default.contents(atPath: folder.appending(path: "shared/xapi/datamodel.json").path)
      .flatMap { try? JSONValue(parsing: [UInt8]($0)) }
  }()
}
