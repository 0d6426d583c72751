import Core
import Testing

@testable import Curl
@testable import Platform

/// What `doctor` reads out of answers that are about something else: times and workers.
@Suite struct ServiceClocksTests {
    @Test func readsTheOneFormOfADate() throws {
        #expect(DateHeader.read("Sun, 06 Nov 1994 08:49:37 GMT") == Timestamp(rfc3339: "1994-11-06T08:49:37Z"))
        #expect(DateHeader.read("Thu, 31 Dec 2026 23:59:59 GMT") == Timestamp(rfc3339: "2026-12-31T23:59:59Z"))
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT", "1994-11-06T08:49:37Z",
        ] { #expect(DateHeader.read(text) == nil, "\(text)") }
    }

    /// The service has said a whole second, and any moment between question and answer.
    @Test(arguments: [
        ("12:00:00", Int64(0)), ("12:00:01", 0), ("12:00:02", 0), ("11:59:59", 0), ("12:00:12", 10), ("11:59:49", -10),
        ("13:00:02", 3600),
    ])
    func givesTheServiceWhatIsLeftOpen(time: String, skew: Int64) throws {
        let asked = try #require(Timestamp(rfc3339: "2026-03-01T12:00:00Z"))
        let clocks = ServiceClocks { asked + .seconds(2) }
        var headers = HTTPHeaders()
        headers.append("date", "Sun, 01 Mar 2026 \(time) GMT")
        clocks.note(
            HTTPResponse(status: 401, headers: headers), to: "https://pve1:8006/api2/json/version", asked: asked)
        #expect(clocks.skews == ["https://pve1:8006": .seconds(skew)])
    }

    @Test func keepsTheLargestOfEachServiceAndNothingWithoutADate() throws {
        let asked = try #require(Timestamp(rfc3339: "2026-03-01T12:00:00Z"))
        let clocks = ServiceClocks { asked }
        func note(_ time: String?, _ url: String) {
            var headers = HTTPHeaders()
            if let time { headers.append("Date", "Sun, 01 Mar 2026 \(time) GMT") }
            clocks.note(HTTPResponse(status: 200, headers: headers), to: url, asked: asked)
        }
        note(nil, "http://a:1/x")
        note("soon", "http://a:1/x")
        #expect(clocks.skews.isEmpty)
        note("12:00:05", "http://a:1/x")
        note("12:00:00", "http://a:1/y")
        note("11:59:39", "http://b:1")
        #expect(clocks.skews == ["http://a:1": .seconds(5), "http://b:1": .seconds(-20)])
    }

    @Test(
        arguments: [
            ("bull:cmVwYWly", "bull", "repair"), ("bull:repair", "bull", "repair"),
            ("bull:enBhY2stcmVwYWly:w:one", "bull", "zpack-repair"), ("bull:edge-repair:w:w1", "bull", "edge-repair"),
            ("bull:heal", "bull", "heal"), ("other:cmVwYWly", "other", "repair"), ("{b:c}:cmVwYWly", "{b:c}", "repair"),
            ("bull:cmVwYWly:qe", nil, nil), ("bull:", nil, nil), (":cmVwYWly", nil, nil), ("redis-cli", nil, nil),
            ("", nil, nil), (":w:", nil, nil), ("bull:cmVwYWly:w:a:w:b", "bull", "repair"),
        ] as [(String, String?, String?)])
    func namesPrefixAndQueueOfAWorker(client: String, prefix: String?, queue: String?) {
        let worker = QueueKeys.worker(client)
        #expect(worker?.prefix == prefix && worker?.queue == queue)
    }

    @Test func base64ComesBack() {
        for text in ["a", "ab", "abc", "abcd", "zpack-provision", "billing_enforcement"] {
            #expect(Base64.decode(Base64.encode(text)) == Array(text.utf8))
        }
        for text in ["", "a", "abc", "ab=c", "a===", "ab\u{e9}d"] { #expect(Base64.decode(text) == nil) }
    }
}
