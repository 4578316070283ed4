extension [InterfaceView] {
  /// NICs, bonds and the rest by name, each followed by what stands on top of it, and no identity twice.
  func arranged() -> [InterfaceView] {
    var unique = Unique<InterfaceID>()
    var interfaces = self
    for index in interfaces.indices {
      interfaces[index].id = unique.claim(interfaces[index].id, else: .other(interfaces[index].uuid))
    }
    return interfaces.sorted { left, right in
      let (a, b) = (left.rank, right.rank)
      if a.base != b.base { return comesBefore(a.base, b.base) }
      return a.level != b.level ? a.level < b.level : a.tag < b.tag
    }
  }
}

extension InterfaceView {
  fileprivate var rank: (base: String, level: Int, tag: Int) {
    switch kind {
    case .nic, .bond: (device, 0, 0)
    case .sriov(let base): (base, 1, 0)
    case .vlan(let tag, let base): (base, 2, tag)
    case .tunnel: (device, 3, 0)
    }
  }
}

extension InterfaceView.Kind {
  /// A NIC or a bond: others stand on these.
  var isBase: Bool {
    switch self {
    case .nic, .bond: true
    case .vlan, .tunnel, .sriov: false
    }
  }

  /// The identity of an interface of this kind.
  func id(device: String) -> InterfaceID {
    switch self {
    case .nic, .bond, .tunnel: .device(device)
    case .vlan(let tag, let base): .vlan(tag, on: base)
    case .sriov(let base): .sriov(on: base)
    }
  }
}
