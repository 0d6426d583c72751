import Postgres
import Testing

@Suite struct TargetTests {
    @Test func readsHostPortAndDatabase() throws {
        let target = try PostgresTarget(url: "postgres://zlh_run@127.0.0.1:5433/zlh?sslmode=require")
        #expect(target.place == "zlh_run@127.0.0.1:5433/zlh")
        #expect(target.options == ["sslmode": "require"])
        #expect(try PostgresTarget(url: "postgresql://a%40b@[::1]/d").place == "a@b@::1:5432/d")
        #expect(try PostgresTarget(url: "postgres://u@/d?host=/run/pg&port=6000").place == "u@/run/pg:6000/d")
    }

    @Test(arguments: [
        "mysql://u@h/d", "postgres://h/d", "postgres://u@h", "postgres://u@h/", "postgres://u@/d", "postgres://u@h:x/d",
        "postgres://u@h:0/d", "postgres://u@h:65536/d", "postgres://u@h/d?ssl=1", "postgres://u@h/d?host=",
        "postgres://u%zz@h/d", "postgres://u@[::1/d", "postgres://u:hunter2@h/d",
    ])
    func refuses(_ url: String) throws {
        let error = #expect(throws: PostgresError.self) { try PostgresTarget(url: url) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("hunter2") == false)
    }
}
