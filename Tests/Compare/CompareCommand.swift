import ArgumentParser

@main
struct CompareCommand: ParsableCommand {
    func run() throws {}
}
