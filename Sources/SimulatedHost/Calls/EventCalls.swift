import JSON

/// The event calls that answer at once. `event.from` and `event.next` wait, see `EventStream`.
enum EventCalls {
  static let handlers: [String: CallHandler] = [
    "event.inject": inject, "event.get_current_id": { _, _, _ in 0 }, "event.register": register,
    "event.unregister": unregister,
  ]

  /// The class must be spelled as in the data model here, unlike in subscriptions.
  private static let inject: CallHandler = { world, _, arguments throws(APIError) in
    let (name, ref) = (arguments.string(0), arguments.string(1))
    try world.require(name, ref)
    world.database.bump(name, ref)
    return .string(EventToken(database: world.database.generation).text)
  }

  private static let register: CallHandler = { world, context, arguments in
    let known = world.registrations[context.session]
    world.registrations[context.session] = Registration(
      classes: (known?.classes ?? []) + arguments.strings(0), since: known?.since ?? world.database.generation)
    return .nothing
  }

  private static let unregister: CallHandler = { world, context, arguments in
    let gone = Set(arguments.strings(0).map { $0.lowercased() })
    world.registrations[context.session]?.classes.removeAll { gone.contains($0.lowercased()) }
    return .nothing
  }
}
