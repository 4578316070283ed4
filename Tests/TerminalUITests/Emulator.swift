@testable import TerminalUI

/// As much of a VT100 (and VT220) as ncurses uses: what the terminal shows after the bytes it was sent.
struct Emulator {
  /// Sequences it does not know.
  private(set) var unknown: [String] = []
  private let columns: Int
  private let rows: Int
  private var cells: [[String]]
  private var column = 0
  private var row = 0
  private var top = 0
  private var bottom: Int
  private var isAlternate = false
  private var isPending = false
  private var input: [Unicode.Scalar] = []
  private var partial: [UInt8] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    bottom = rows - 1
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  var lines: [String] {
    cells.map { row in
      var text = row.joined()
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  mutating func feed(_ bytes: [UInt8]) {
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { take(scalar) }
  }

  private mutating func take(_ scalar: Unicode.Scalar) {
    if !input.isEmpty {
      input.append(scalar)
      sequence()
      return
    }
    switch scalar {
    case "\u{1B}": input = [scalar]
    case "\u{0E}": isAlternate = true
    case "\u{0F}": isAlternate = false
    case "\r": move(column: 0, row: row)
    case "\u{08}": move(column: column - 1, row: row)
    case "\t": move(column: (column / 8 + 1) * 8, row: row)
    case "\n": index()
    case "\u{0}", "\u{07}": break
    default: print(scalar)
    }
  }

  private mutating func move(column: Int, row: Int) {
    self.column = min(max(0, column), columns - 1)
    self.row = min(max(0, row), rows - 1)
    isPending = false
  }

  private mutating func index() {
    if row == bottom {
      cells.remove(at: top)
      cells.insert(Array(repeating: " ", count: columns), at: bottom)
    } else {
      move(column: column, row: row + 1)
    }
    isPending = false
  }

  private mutating func print(_ scalar: Unicode.Scalar) {
    let width = TextWidth.columns(of: scalar)
    if width == 0 {
      let place = isPending ? column : column - 1
      let base = place > 0 && cells[row][place].isEmpty ? place - 1 : place
      cells[row][base].unicodeScalars.append(scalar)
      return
    }
    if isPending {
      move(column: 0, row: row)
      index()
    }
    clean(column)
    if width == 2 { clean(column + 1) }
    cells[row][column] = isAlternate ? Self.line(scalar) : String(scalar)
    if width == 2 { cells[row][column + 1] = "" }
    isPending = column + width >= columns
    column = min(column + width, columns - 1)
  }

  /// What is left of a wide character that is written over.
  private mutating func clean(_ column: Int) {
    if cells[row][column].isEmpty && column > 0 { cells[row][column - 1] = " " }
    if column + 1 < columns && cells[row][column + 1].isEmpty { cells[row][column + 1] = " " }
    cells[row][column] = " "
  }

  private static func line(_ scalar: Unicode.Scalar) -> String {
    let lines: [Unicode.Scalar: String] = [
      "q": "─", "x": "│", "l": "┌", "k": "┐", "m": "└", "j": "┘", "t": "├", "u": "┤", "w": "┬", "v": "┴", "n": "┼",
    ]
    return lines[scalar] ?? String(scalar)
  }

  private mutating func sequence() {
    let text = String(String.UnicodeScalarView(input))
    let body = text.dropFirst()
    guard let kind = body.first else { return }
    switch kind {
    case "[":
      guard let final = body.dropFirst().last, final.isLetter || final == "@" else { return }
      control(String(body.dropFirst().dropLast()), final)
    case "(", ")":
      guard body.count == 2 else { return }
      if kind == "(" { isAlternate = body.last == "0" }
    case "M":
      if row == top {
        cells.remove(at: bottom)
        cells.insert(Array(repeating: " ", count: columns), at: top)
      } else {
        move(column: column, row: row - 1)
      }
    case "D": index()
    case "=", ">", "7", "8", "H": break
    default: unknown.append(text)
    }
    input = []
  }

  private mutating func control(_ parameters: String, _ final: Character) {
    if parameters.hasPrefix("?") || final == "m" { return }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let first = max(1, numbers.first ?? 1)
    switch final {
    case "H": move(column: max(1, numbers.count > 1 ? numbers[1] : 1) - 1, row: first - 1)
    case "A": move(column: column, row: row - first)
    case "B": move(column: column, row: row + first)
    case "C": move(column: column + first, row: row)
    case "D": move(column: column - first, row: row)
    case "J": erase(numbers.first ?? 0)
    case "K": eraseInLine(numbers.first ?? 0)
    case "X": for place in column..<min(columns, column + first) { clean(place) }
    case "P":
      for _ in 0..<min(first, columns - column) {
        cells[row].remove(at: column)
        cells[row].append(" ")
      }
    case "@":
      for _ in 0..<min(first, columns - column) {
        cells[row].insert(" ", at: column)
        cells[row].removeLast()
      }
    case "r":
      top = first - 1
      bottom = (numbers.count > 1 && numbers[1] > 0 ? numbers[1] : rows) - 1
      move(column: 0, row: 0)
    case "l", "h": break
    default: unknown.append(parameters + String(final))
    }
  }

  private mutating func erase(_ what: Int) {
    if what == 0 { eraseInLine(0) }
    if what == 1 { eraseInLine(1) }
    for place in 0..<rows where what == 2 || (what == 0 && place > row) || (what == 1 && place < row) {
      cells[place] = Array(repeating: " ", count: columns)
    }
  }

  private mutating func eraseInLine(_ what: Int) {
    let range = what == 0 ? column..<columns : what == 1 ? 0..<column + 1 : 0..<columns
    for place in range { clean(place) }
  }
}
