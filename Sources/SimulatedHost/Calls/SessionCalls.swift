import JSON

enum SessionCalls {
  static let handlers: [String: CallHandler] = [
    "session.login_with_password": login,
    "session.logout": logout,
    "session.slave_local_login_with_password": localLogin,
    "session.local_logout": localLogout,
    "session.get_all_subject_identifiers": { _, _, _ in .array([]) },
  ]

  /// Who may log in over TCP. On the unix socket anybody is root, as the socket's folder is open to root alone.
  private static let passwords = ["root": "xenroot"]

  private static let login: CallHandler = { world, context, arguments throws(APIError) in
    let user = arguments.string(0)
    if context.overTCP {
      guard world.isCoordinator else {
        throw APIError("HOST_IS_SLAVE", world.database.string("host", world.coordinator, "address"))
      }
      guard let password = passwords[user] else {
        throw APIError(
          "SESSION_AUTHENTICATION_FAILED", user, "User not known to the underlying authentication module")
      }
      guard password == arguments.string(1) else {
        throw APIError("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
      }
    }
    let now = JSONValue.string(world.clock().datetime)
    return .string(
      world.create(
        "session",
        [
          "this_host": .string(world.thisHost), "this_user": .string(Wire.nullRef), "is_local_superuser": true,
          "auth_user_name": .string(user), "originator": .string(arguments.string(3)), "last_active": now,
          "validation_time": now,
        ]))
  }

  private static let logout: CallHandler = { world, context, _ in
    world.database.remove("session", context.session)
    world.registrations[context.session] = nil
    return .nothing
  }

  private static let localLogin: CallHandler = { world, _, _ in
    let ref = world.newRef()
    world.localSessions.insert(ref)
    return .string(ref)
  }

  private static let localLogout: CallHandler = { world, context, _ in
    world.localSessions.remove(context.session)
    return .nothing
  }
}
