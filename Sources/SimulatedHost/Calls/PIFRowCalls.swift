import JSON

/// Rows of PIFs, for repairs (XAPI notes §3.1).
enum PIFRowCalls {
  static let handlers: [String: CallHandler] = ["PIF.db_forget": forget]

  /// The row alone: nothing is checked, and its metrics stay.
  private static let forget: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    world.database.remove("PIF", pif)
    return .nothing
  }
}
