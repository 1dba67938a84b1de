import Glibc

/// Who runs the program, by the operating system.
enum OperatingSystemUser {
    /// The login name; `uid` and the number for a user without one.
    static var name: String {
        guard let entry = getpwuid(getuid()) else { return "uid \(getuid())" }
        return String(cString: entry.pointee.pw_name)
    }
}
