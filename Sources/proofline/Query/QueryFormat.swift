import ArgumentParser

/// How rows and groups are printed.
enum QueryFormat: String, ExpressibleByArgument {
    case text, jsonl, csv
}
