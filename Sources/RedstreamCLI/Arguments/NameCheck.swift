import ArgumentParser

/// Checks of names that all commands share.
enum NameCheck {
    /// Refuses an empty stream or consumer name: its key would be another one's.
    static func notEmpty(_ name: String?, option: String) throws {
        guard name?.isEmpty != true else { throw ValidationError("\(option) is empty: name one") }
    }

    /// Refuses a blank command: /bin/sh would succeed at it, and nothing would be done.
    static func notBlank(_ command: String?, option: String) throws {
        guard command?.trimmingBlanks.isEmpty != true else {
            throw ValidationError("\(option) is empty: name a command")
        }
    }
}
