/// Fields that XAPI keeps in step: a single ref in one class, and the set of refs that it computes at the other end.
struct Relation: Sendable {
  let many: String
  let field: String
  let one: String
  let set: String

  /// From XAPI's data model. The set's end is never written directly.
  static let all: [Relation] = [
    Relation(many: "PIF", field: "network", one: "network", set: "PIFs"),
    Relation(many: "PIF", field: "host", one: "host", set: "PIFs"),
    Relation(many: "PIF", field: "bond_slave_of", one: "Bond", set: "slaves"),
    Relation(many: "Bond", field: "master", one: "PIF", set: "bond_master_of"),
    Relation(many: "VLAN", field: "tagged_PIF", one: "PIF", set: "VLAN_slave_of"),
    Relation(many: "tunnel", field: "access_PIF", one: "PIF", set: "tunnel_access_PIF_of"),
    Relation(many: "tunnel", field: "transport_PIF", one: "PIF", set: "tunnel_transport_PIF_of"),
    Relation(many: "network_sriov", field: "physical_PIF", one: "PIF", set: "sriov_physical_PIF_of"),
    Relation(many: "network_sriov", field: "logical_PIF", one: "PIF", set: "sriov_logical_PIF_of"),
    Relation(many: "VIF", field: "VM", one: "VM", set: "VIFs"),
    Relation(many: "VIF", field: "network", one: "network", set: "VIFs"),
    Relation(many: "VM", field: "resident_on", one: "host", set: "resident_VMs"),
    Relation(many: "VM", field: "snapshot_of", one: "VM", set: "snapshots"),
    Relation(many: "PCI", field: "host", one: "host", set: "PCIs"),
    Relation(many: "host_cpu", field: "host", one: "host", set: "host_CPUs"),
    Relation(many: "console", field: "VM", one: "VM", set: "consoles"),
    Relation(many: "PBD", field: "host", one: "host", set: "PBDs"),
    Relation(many: "PBD", field: "SR", one: "SR", set: "PBDs"),
    Relation(many: "Feature", field: "host", one: "host", set: "features"),
    Relation(many: "Certificate", field: "host", one: "host", set: "certificates"),
    Relation(many: "Cluster_host", field: "cluster", one: "Cluster", set: "cluster_hosts"),
    Relation(many: "task", field: "subtask_of", one: "task", set: "subtasks"),
  ]
}

/// A relation with its classes and fields as numbers.
struct ResolvedRelation: Sendable {
  let field: Int
  let oneTable: Int
  let set: Int

  /// Per class: the relations whose single ref it holds.
  static func perClass(_ schema: Schema) -> [[ResolvedRelation]] {
    var found = [[ResolvedRelation]](repeating: [], count: schema.classes.count)
    for relation in Relation.all {
      guard let many = schema.index(relation.many), let one = schema.index(relation.one),
        let field = schema.classes[many].indexes[relation.field], let set = schema.classes[one].indexes[relation.set]
      else { continue }
      found[many].append(ResolvedRelation(field: field, oneTable: one, set: set))
    }
    return found
  }
}
