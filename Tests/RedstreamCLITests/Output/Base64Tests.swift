import Testing

@testable import RedstreamCLI

/// Base64 against the vectors of RFC 4648, and its strictness.
struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func followsTheVectorsOfTheStandard(text: String, base64: String) {
        var encoded: [UInt8] = []
        Base64.append(Array(text.utf8)[...], to: &encoded)
        #expect(String(decoding: encoded, as: UTF8.self) == base64)
        #expect(Base64.decode(Array(base64.utf8)[...]) == Array(text.utf8))
    }

    @Test func restoresEveryByte() {
        let bytes = (0...255).map { UInt8($0) }
        for start in 0..<4 {
            var encoded: [UInt8] = []
            Base64.append(bytes[start...], to: &encoded)
            #expect(Base64.decode(encoded[...]) == Array(bytes[start...]))
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zm8=Zm8=", "Zh==", "Zm9=", "Zm9 ", "Zm-_", "Z\u{0}==",
    ])
    func refusesWhatNoBytesEncodeTo(text: String) {
        #expect(Base64.decode(Array(text.utf8)[...]) == nil)
    }
}
