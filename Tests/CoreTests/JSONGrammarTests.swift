import Core
import Testing

@Suite struct JSONGrammarTests {
    @Test(arguments: [
        "{}", "[]", "null", " [1 , -0.5e+10,\t\"a\\u00e9\\n/\" ]\n", #"{"a":{"b":[{},[]]},"a":true}"#, "\u{FEFF}0",
        String(repeating: "[", count: 512) + String(repeating: "]", count: 512), "1e400", #""\ud800""#,
    ])
    func documents(_ text: String) { #expect(JSONGrammar.accepts(Array(text.utf8))) }

    @Test(arguments: [
        "", " ", "[1,]", "{\"a\":1,}", "[,1]", "[1 2]", "{\"a\" 1}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "NaN",
        "nul", "truex", "[}", "{]", "[", "{\"a\":", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\u{1}\"", "[] []", "/**/1",
        "'a'",
        String(repeating: "[", count: 513) + String(repeating: "]", count: 513), "\u{0}",
        String(repeating: "{\"a\":", count: 100_000),
    ])
    func others(_ text: String) { #expect(!JSONGrammar.accepts(Array(text.utf8))) }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF, 0xFE, 0x31, 0x00],
    ])
    func brokenCharacters(_ bytes: [UInt8]) { #expect(!JSONGrammar.accepts(bytes)) }
}
