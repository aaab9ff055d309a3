extension RedisConfiguration {
    /// The certificates of an encrypted connection.
    ///
    /// The server's certificate has to be valid, signed by a trusted authority, and for the host that was connected to.
    public struct TLS: Sendable, Hashable {
        /// A PEM file of the authorities that are trusted; nil for those of the system.
        public var authoritiesFile: String?
        /// A PEM file with this client's certificate, and those between it and its authority; nil for none.
        public var certificateFile: String?
        /// A PEM file with the key of this client's certificate.
        public var keyFile: String?

        /// Creates settings; without any, the system's authorities are trusted.
        public init(authoritiesFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.authoritiesFile = authoritiesFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }
}
