/// Why a text is not an address, in words that go after its name: "an IPv4 address has four numbers, this has 3".
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
  public let reason: String

  public init(_ reason: String) { self.reason = reason }

  public var description: String { reason }
}
