/// Session, transport, task (`reference/xapi.md` §6.1).
extension ErrorCatalogue {
  static let session = [
    ErrorEntry(
      "SESSION_AUTHENTICATION_FAILED", "The user name or password was not accepted{0| for %|}",
      "Try again; a wrong password is answered after five seconds"),
    ErrorEntry(
      "SESSION_AUTHORIZATION_FAILED", "{0|Account %|This account} has no role in this pool",
      "Log in as root, or ask the pool's administrator for a role"),
    ErrorEntry("SESSION_INVALID", "The session with XAPI has ended", "Log in again"),
    ErrorEntry(
      "HOST_IS_SLAVE", "This host is a member of a pool{0|; its coordinator is %|}",
      "Connect to {0|%|the coordinator} instead"),
    ErrorEntry("HOST_STILL_BOOTING", "XAPI is still starting", "Wait a moment; the console tries again by itself"),
    ErrorEntry(
      "HOST_IN_EMERGENCY_MODE", "This host is in emergency mode: it is cut off from its pool",
      "Check the network, then whether the coordinator runs"),
    ErrorEntry(
      "HOST_HAS_NO_MANAGEMENT_IP", "The management interface has no IP address",
      "Check cable and DHCP server, or give it an address with the emergency network reset"),
    ErrorEntry(
      "HOST_MASTER_CANNOT_TALK_BACK", "The coordinator cannot reach this host{0| at %|}",
      "Check routes and firewalls between the two hosts"),
    ErrorEntry(
      "HOST_UNKNOWN_TO_MASTER", "The coordinator does not know this host{0| (%)|}",
      "Check that this host points to the right coordinator"),
    ErrorEntry(
      "HOST_ITS_OWN_SLAVE", "This host is set up as a member of a pool whose coordinator is itself",
      "Make it a coordinator, or point it to another host"),
    ErrorEntry(
      "HOST_BROKEN", "This host's role in its pool cannot be read", "Repair the file /etc/xensource/pool.conf"),
    ErrorEntry(
      "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", "This host runs a newer XAPI{0| (%)|} than its coordinator",
      "Update the coordinator first"),
    ErrorEntry("HOST_OFFLINE", "{0|Host %|The host} cannot be reached", "Bring it online first"),
    ErrorEntry(
      "CANNOT_CONTACT_HOST", "Contact with {0|%|the host} was lost in the middle of the operation",
      "Look at what is there now before trying again: the change may have been made"),
    ErrorEntry("HANDLE_INVALID", "{0:class|The %|The object} no longer exists", "Refresh and choose again"),
    ErrorEntry(
      "UUID_INVALID", "There is no {0:class|%|object}{1| with the uuid %|of this uuid}", "Refresh and choose again"),
    ErrorEntry(
      "RBAC_PERMISSION_DENIED", "This account's role does not allow that{0| (%)|}", "Log in with another account"),
    ErrorEntry(
      "MESSAGE_METHOD_UNKNOWN", "This version of XAPI does not know the function{0| %|}", "Update the host to use it"),
    ErrorEntry("MESSAGE_REMOVED", "This version of XAPI no longer has the function"),
    ErrorEntry(
      "MESSAGE_PARAMETER_COUNT_MISMATCH",
      "This version of XAPI wants other parameters for {0|%|the function}{1|: % expected|}{2|, % sent|}",
      "Report this as an error of the console, with the version of XAPI"),
    ErrorEntry(
      "INTERNAL_ERROR", "XAPI failed inside{0|: %|}", "See /var/log/xensource.log; if it stays, restart the toolstack"),
    ErrorEntry(
      "OTHER_OPERATION_IN_PROGRESS", "Another operation{2| (%)|} is running on {1|%|this object}",
      "Wait until it has finished"),
    ErrorEntry("OPERATION_NOT_ALLOWED", "Not allowed now{0|: %|}"),
    ErrorEntry(
      "OPERATION_BLOCKED", "The administrator has blocked this operation on {0|%|this object}{1|: %|}",
      "Remove the block (blocked_operations) first"),
    ErrorEntry("TASK_CANCELLED", "The operation was cancelled"),
    ErrorEntry("TOO_MANY_PENDING_TASKS", "XAPI has too much to do", "Try again later"),
    ErrorEntry(
      "LICENCE_RESTRICTION", "The licence does not include {0|the feature %|this}", "Change the licence or edition"),
    ErrorEntry("EVENT_FROM_TOKEN_PARSE_FAILURE", "The live updates lost their place", "Refresh"),
    ErrorEntry("EVENTS_LOST", "Some live updates were lost", "Refresh"),
    ErrorEntry("NOT_IN_EMERGENCY_MODE", "That is possible in emergency mode only", "Use the normal function"),
    ErrorEntry("INVALID_VALUE", "{1|\"%\"|The value} is not valid for {0:field|%|this field}", "Correct it"),
    ErrorEntry(
      "VALUE_NOT_SUPPORTED", "{1|\"%\"|The value} is not supported for {0:field|%|this field}{2|: %|}",
      "Choose another value"),
    ErrorEntry(
      "MAP_DUPLICATE_KEY", "The key {3|\"%\"|that was given} exists already{1:field| in %|}",
      "Remove the old value first"),
  ]
}
