/// One field of a form.
public struct FormField: Sendable {
  /// What a field holds and how it is edited.
  public enum Kind: Sendable {
    case text(TextField)
    /// One of several; left, right and Space change it.
    case choice(options: [String], selected: Int)
    /// Space turns it on and off.
    case checkbox(Bool)
    case ipv4(TextField)
    case ipv6(TextField)
    /// An IPv4 or IPv6 address with the length of its prefix.
    case cidr(TextField)
  }

  public let id: String
  public var label: String
  public var kind: Kind
  /// Whether an empty field is an error.
  public var isRequired: Bool
  /// Shown in an empty field.
  public var placeholder: String
  /// A field that does not apply is not drawn and not checked.
  public var isHidden = false
  /// What is wrong beyond the field's own rules ("this VLAN exists"); nil when nothing is.
  public var check: (@Sendable (String) -> String?)?
  /// Whether the field was left once: only then is what is still missing an error.
  var wasLeft = false

  public init(
    id: String, label: String, _ kind: Kind, required: Bool = false, placeholder: String = "",
    check: (@Sendable (String) -> String?)? = nil
  ) {
    self.id = id
    self.label = label
    self.kind = kind
    isRequired = required
    self.placeholder = placeholder
    self.check = check
  }

  public static func text(
    id: String, label: String, _ text: String = "", limit: Int? = nil, secret: Bool = false, required: Bool = false,
    placeholder: String = "", check: (@Sendable (String) -> String?)? = nil
  ) -> FormField {
    FormField(
      id: id, label: label, .text(TextField(text, limit: limit, secret: secret)), required: required,
      placeholder: placeholder, check: check)
  }

  public static func choice(id: String, label: String, _ options: [String], selected: Int = 0) -> FormField {
    FormField(
      id: id, label: label, .choice(options: options, selected: min(max(0, selected), max(0, options.count - 1))))
  }

  public static func checkbox(id: String, label: String, _ isOn: Bool = false) -> FormField {
    FormField(id: id, label: label, .checkbox(isOn))
  }

  public static func ipv4(
    id: String, label: String, _ text: String = "", required: Bool = false, placeholder: String = "",
    check: (@Sendable (String) -> String?)? = nil
  ) -> FormField {
    FormField(
      id: id, label: label, .ipv4(TextField(text, limit: 15)), required: required, placeholder: placeholder,
      check: check)
  }

  public static func ipv6(
    id: String, label: String, _ text: String = "", required: Bool = false, placeholder: String = "",
    check: (@Sendable (String) -> String?)? = nil
  ) -> FormField {
    FormField(
      id: id, label: label, .ipv6(TextField(text, limit: 45)), required: required, placeholder: placeholder,
      check: check)
  }

  public static func cidr(
    id: String, label: String, _ text: String = "", required: Bool = false, placeholder: String = "",
    check: (@Sendable (String) -> String?)? = nil
  ) -> FormField {
    FormField(
      id: id, label: label, .cidr(TextField(text, limit: 49)), required: required, placeholder: placeholder,
      check: check)
  }

  /// The field's value as text: what is typed without spaces around it, the chosen option, "true" or "false".
  public var value: String {
    switch kind {
    case .text(let field) where field.isSecret: field.text
    case .text(let field), .ipv4(let field), .ipv6(let field), .cidr(let field): field.text.trimmed
    case .choice(let options, let selected): options.indices.contains(selected) ? options[selected] : ""
    case .checkbox(let isOn): isOn ? "true" : "false"
    }
  }

  /// Why the value cannot be taken; nil when it can.
  public var problem: String? {
    if isHidden { return nil }
    if value.isEmpty { return isRequired ? "this is needed" : check?("") }
    return addressCheck.reason ?? check?(value)
  }

  /// The problem to be shown now: what is merely unfinished is not held against somebody who is still typing.
  var shownProblem: String? {
    if wasLeft { return problem }
    if case .incomplete = addressCheck { return nil }
    return value.isEmpty ? nil : problem
  }

  private var addressCheck: InputCheck {
    switch kind {
    case .ipv4: AddressCheck.ipv4(value)
    case .ipv6: AddressCheck.ipv6(value)
    case .cidr: AddressCheck.cidr(value)
    case .text, .choice, .checkbox: .valid
    }
  }

  /// The text being edited; nil for what is not typed.
  var textField: TextField? {
    get {
      switch kind {
      case .text(let field), .ipv4(let field), .ipv6(let field), .cidr(let field): field
      case .choice, .checkbox: nil
      }
    }
    set {
      guard let newValue else { return }
      switch kind {
      case .text: kind = .text(newValue)
      case .ipv4: kind = .ipv4(newValue)
      case .ipv6: kind = .ipv6(newValue)
      case .cidr: kind = .cidr(newValue)
      case .choice, .checkbox: break
      }
    }
  }

  mutating func handle(_ key: Key) -> Bool {
    switch kind {
    case .choice(let options, let selected):
      guard !options.isEmpty else { return false }
      switch key {
      case .right, .character(" "), .character("l"): kind = .choice(options: options, selected: (selected + 1) % options.count)
      case .left, .character("h"):
        kind = .choice(options: options, selected: (selected + options.count - 1) % options.count)
      default: return false
      }
      return true
    case .checkbox(let isOn):
      guard key == .character(" ") else { return false }
      kind = .checkbox(!isOn)
      return true
    case .text, .ipv4, .ipv6, .cidr:
      return textField?.handle(key) ?? false
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
