import Synchronization

/// Names the stream of a record type as a Ruby application does: `OrderLine` streams to `order_lines`.
///
/// It is ActiveSupport's `name.pluralize.underscore`. A type inside of another is a class inside of a Ruby module:
/// `API.Token` is `API::Token`, and streams to `api/tokens`.
public enum StreamNaming {
    /// The stream of a type, from its name without its module.
    ///
    /// ```swift
    /// let stream = StreamNaming.streamName(of: OrderLine.self)  // "order_lines"
    /// ```
    ///
    /// Generic arguments, and the function that a local type stands in, do not count.
    public static func streamName(of type: Any.Type) -> String {
        names.withLock { names in
            if let name = names[ObjectIdentifier(type)] { return name }
            let name = streamName(ofTypeNamed: rubyName(of: String(reflecting: type)))
            names[ObjectIdentifier(type)] = name
            return name
        }
    }

    /// The stream of a type with that name, in Ruby's spelling: `OrderLine`, `API::V1::Token`.
    public static func streamName(ofTypeNamed name: String) -> String {
        underscored(Pluralization.plural(of: name))
    }

    /// To spell out a type's name costs more than to write its message.
    private static let names = Mutex<[ObjectIdentifier: String]>([:])

    /// The name of a type as Ruby would spell it, from what Swift says of it: `Shop.API.Box<Swift.Int>` is `API::Box`.
    static func rubyName(of reflectedName: String) -> String {
        var parts = [""]
        var depth = 0
        for character in reflectedName {
            switch character {
            case "<", "(", "[": depth += 1
            case ">", ")", "]": depth -= 1
            case "." where depth == 0: parts.append("")
            default: if depth == 0 { parts[parts.count - 1].append(character) }
            }
        }
        // The first part is the module. A part in brackets, now empty, stands for a scope without a name.
        return parts.dropFirst().filter { !$0.isEmpty }.joined(separator: "::")
    }

    /// Ruby's `underscore`: `HTTPServer` is `http_server`, `API::Token` is `api/token`.
    static func underscored(_ name: String) -> String {
        var scalars: [Unicode.Scalar] = []
        for scalar in name.unicodeScalars {
            if scalar == ":", scalars.last == ":" {
                scalars[scalars.count - 1] = "/"
            } else {
                scalars.append(scalar)
            }
        }
        guard scalars.contains(where: { isUpper($0) || $0 == "-" || $0 == "/" }) else { return name }
        var result = ""
        for (place, scalar) in scalars.enumerated() {
            if isUpper(scalar), place > 0 {
                let before = scalars[place - 1]
                let startsWord = place + 1 < scalars.count && isLower(scalars[place + 1])
                // Where lower case ends, and where the last capital of several begins a word.
                if isLower(before) || isDigit(before) || isUpper(before) && startsWord { result.append("_") }
            }
            result.unicodeScalars.append(scalar == "-" ? "_" : scalar)
        }
        return result.lowercased()
    }

    private static func isUpper(_ scalar: Unicode.Scalar) -> Bool { ("A"..."Z").contains(scalar) }
    private static func isLower(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
