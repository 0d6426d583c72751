import Core
import Testing

@testable import Lab

@Suite struct HTTPDateTests {
    @Test(arguments: [
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("2028-02-29T23:59:59.999Z", "Tue, 29 Feb 2028 23:59:59 GMT"),
        ("2026-12-31T12:00:00Z", "Thu, 31 Dec 2026 12:00:00 GMT"),
    ])
    func datesAreAsHTTPWritesThem(moment: String, text: String) throws {
        #expect(HTTPDate.text(try #require(Timestamp(rfc3339: moment))) == text)
    }
}
