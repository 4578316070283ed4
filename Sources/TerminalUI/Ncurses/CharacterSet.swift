import CNcurses
import Glibc

/// The character set that text is sent in.
enum CharacterSet {
  /// Makes a locale's character set the program's, as ncurses goes by it.
  ///
  /// An SSH client passes on the name of its user's locale, which this host may not have; that it is a UTF-8 one is all
  /// that matters here, so any other with UTF-8 will do.
  ///
  /// - Parameter locale: As for setlocale(3); "" is what the environment says.
  /// - Returns: Whether it is UTF-8.
  static func adopt(_ locale: String) -> Bool {
    if setlocale(LC_CTYPE, locale) == nil {
      let wished = locale.isEmpty ? environmentLocale : locale
      let isUTF8 = wished.uppercased().hasSuffix("UTF-8") || wished.uppercased().hasSuffix("UTF8")
      let others = isUTF8 ? ["C.UTF-8", "en_US.UTF-8"] : []
      if !others.contains(where: { setlocale(LC_CTYPE, $0) != nil }) { setlocale(LC_CTYPE, "C") }
    }
    return xc_locale_is_utf8()
  }

  /// The first of the variables that setlocale(3) goes by.
  private static var environmentLocale: String {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = getenv(name), value.pointee != 0 { return String(cString: value) }
    }
    return ""
  }
}
