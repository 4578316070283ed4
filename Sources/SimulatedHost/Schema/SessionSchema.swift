extension SchemaText {
  static let session = SchemaText(
    name: "session",
    text: """
    RO uuid: string
    RO auth_user_name: string
    RO auth_user_sid: string
    RO client_certificate: bool
    RO is_local_superuser: bool
    RO last_active: datetime
    RO originator: string
    RW other_config: (string -> string) map
    C parent: session ref
    RO pool: bool
    C rbac_permissions: string set
    RO subject: subject ref
    RO tasks: task ref set
    RO this_host: host ref
    RO this_user: user ref
    RO validation_time: datetime
    no get_all
    no get_all_records
    call change_password(old_pwd: string, new_pwd: string)
    call create_from_db_file(filename: string) -> session ref
    call get_all_subject_identifiers() -> string set
    call local_logout()
    open login_with_password(uname: string, pwd: string, version?: string, originator?: string) -> session ref
    call logout()
    call logout_subject_identifier(subject_identifier: string)
    open slave_local_login_with_password(uname: string, pwd: string) -> session ref
    """)
}
