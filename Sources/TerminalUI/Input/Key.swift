/// A key as the person means it, whatever bytes this terminal sends for it.
public enum Key: Hashable, Sendable {
  case character(Character)
  case enter, escape, tab, backTab, backspace, delete, insert
  case up, down, left, right, home, end, pageUp, pageDown
  /// F1 is `function(1)`.
  case function(Int)
  /// A letter (lower case) or sign typed with Control. Keys that terminals cannot tell from others come as those:
  /// Control-I as `tab`, Control-M and -J as `enter`, Control-H as `backspace`, Control-[ as `escape`.
  case control(Character)
}
