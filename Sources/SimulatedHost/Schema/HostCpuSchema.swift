extension SchemaText {
  static let hostCPU = SchemaText(
    name: "host_cpu",
    text: """
    RO uuid: string
    RO host: host ref
    RO number: int
    RO vendor: string
    RO speed: int
    RO modelname: string
    RO family: int
    RO model: int
    RO stepping: string
    RO flags: string
    RO features: string
    RO utilisation: float
    RW other_config: (string -> string) map
    """)
}
