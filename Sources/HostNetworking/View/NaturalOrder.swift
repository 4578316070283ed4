/// Orders names as people do: `eth2` before `eth10`.
public func comesBefore(_ left: String, _ right: String) -> Bool {
  var (left, right) = (left[...], right[...])
  while let a = left.first, let b = right.first {
    if a.isASCIIDigit, b.isASCIIDigit {
      let (x, y) = (left.prefix(while: \.isASCIIDigit), right.prefix(while: \.isASCIIDigit))
      let (p, q) = (x.drop { $0 == "0" }, y.drop { $0 == "0" })
      if p.count != q.count { return p.count < q.count }
      if p != q { return p < q }
      left = left.dropFirst(x.count)
      right = right.dropFirst(y.count)
    } else {
      if a != b { return a < b }
      left.removeFirst()
      right.removeFirst()
    }
  }
  return left.isEmpty && !right.isEmpty
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
