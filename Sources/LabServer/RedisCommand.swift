import ArgumentParser
import World

struct RedisLines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis",
        abstract: "Prints the platform's job queues as lines for redis-cli. They empty the database first.")
    @OptionGroup var source: EstateOptions
    func run() { print(source.estate.redisCommands(), terminator: "") }
}
