/// What a reset was doing, written to disk before it begins and after each step, so that a power cut in its midst is not
/// the end of it.
public struct ResetJournal: Hashable, Sendable {
  public static let folder = "/var/lib/xcpconsole/reset"
  public static let path = folder + "/journal.json"
}
