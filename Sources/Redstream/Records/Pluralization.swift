/// Forms English plurals as ActiveSupport 6.1 does, its mistakes included.
///
/// A Ruby application names the stream of a type by this plural, so a better plural would be another stream. The
/// rules are tried in order, and the first that fits is applied; upper and lower case are alike to them, but what they
/// append is in lower case.
enum Pluralization {
    /// The plural of a name such as `OrderLine`.
    static func plural(of name: String) -> String {
        var scalars = Array(name.unicodeScalars)
        guard !scalars.isEmpty, !isUncountable(scalars) else { return name }
        guard let rule = rules.first(where: { $0.fits(scalars) }) else { return name }
        scalars.removeLast(rule.dropped)
        scalars += rule.appended.unicodeScalars
        var plural = ""
        plural.unicodeScalars.append(contentsOf: scalars)
        return plural
    }

    /// One rule: names that end so lose that many characters and gain others.
    private struct Rule {
        let ending: [Unicode.Scalar]
        let dropped: Int
        let appended: String
        /// True if the ending has to be the whole name.
        var isWholeName = false
        /// The text that must not stand before the ending; nil where the ending may be the whole name.
        var notAfter: String?

        func fits(_ name: [Unicode.Scalar]) -> Bool {
            guard name.count >= ending.count, isWholeName ? name.count == ending.count : true else { return false }
            guard zip(name.suffix(ending.count), ending).allSatisfy({ lowercase($0) == $1 }) else { return false }
            guard let notAfter else { return true }
            guard let before = name.dropLast(ending.count).last.map(lowercase) else { return false }
            return !notAfter.unicodeScalars.contains(before)
        }
    }

    private static let rules: [Rule] =
        // A plural stays as it is, so each pair is two rules.
        irregular("zombie", "zombies") + irregular("move", "moves") + irregular("sex", "sexes")
        + irregular("child", "children") + irregular("man", "men") + irregular("person", "people")
        + [
            rule("quiz", "zes"),
            whole("oxen", ""), whole("ox", "en"),
            whole("mice", drop: 3, "ice"), whole("lice", drop: 3, "ice"),
            whole("mouse", drop: 4, "ice"), whole("louse", drop: 4, "ice"),
        ]
        + ["matr", "vert", "ind"].flatMap { [rule($0 + "ix", drop: 2, "ices"), rule($0 + "ex", drop: 2, "ices")] }
        + ["x", "ch", "ss", "sh"].map { rule($0, "es") }
        + [
            rule("quy", drop: 1, "ies"), rule("y", drop: 1, "ies", notAfter: "aeiouy"),
            rule("hive", "s"),
            rule("fe", drop: 2, "ves", notAfter: "f"), rule("lf", drop: 1, "ves"), rule("rf", drop: 1, "ves"),
            rule("sis", drop: 3, "ses"),
            rule("ta", drop: 1, "a"), rule("ia", drop: 1, "a"), rule("tum", drop: 2, "a"), rule("ium", drop: 2, "a"),
            rule("buffalo", drop: 1, "oes"), rule("tomato", drop: 1, "oes"),
            rule("bus", drop: 1, "ses"),
            rule("alias", "es"), rule("status", "es"),
            rule("octopi", drop: 1, "i"), rule("viri", drop: 1, "i"),
            rule("octopus", drop: 2, "i"), rule("virus", drop: 2, "i"),
            whole("axis", drop: 2, "es"), whole("testis", drop: 2, "es"),
            rule("s", drop: 1, "s"), rule("", "s"),
        ]

    private static func rule(_ ending: String, drop: Int = 0, _ appended: String, notAfter: String? = nil) -> Rule {
        Rule(ending: Array(ending.unicodeScalars), dropped: drop, appended: appended, notAfter: notAfter)
    }

    private static func whole(_ name: String, drop: Int = 0, _ appended: String) -> Rule {
        Rule(ending: Array(name.unicodeScalars), dropped: drop, appended: appended, isWholeName: true)
    }

    /// Keeps the first letter, whose case is the name's own.
    private static func irregular(_ singular: String, _ plural: String) -> [Rule] {
        [plural, singular].map { rule($0, drop: $0.count - 1, String(plural.dropFirst())) }
    }

    private static let uncountable = [
        "equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police",
    ].map { Array($0.unicodeScalars) }

    /// Returns whether a name ends in a word without a plural, which has to be a word of its own: `API::Equipment` and
    /// not `OfficeEquipment`.
    private static func isUncountable(_ name: [Unicode.Scalar]) -> Bool {
        uncountable.contains { word in
            guard name.count >= word.count else { return false }
            guard zip(name.suffix(word.count), word).allSatisfy({ lowercase($0) == $1 }) else { return false }
            guard let before = name.dropLast(word.count).last else { return true }
            return !(before.properties.isAlphabetic || before.properties.numericType != nil || before == "_")
        }
    }
}

/// The lower case of a letter of ASCII; anything else as it is.
private func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard ("A"..."Z").contains(scalar) else { return scalar }
    return Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20)
}
